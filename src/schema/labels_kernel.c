/*-------------------------------------------------------------------------
 *
 * labels_kernel.c
 *	  Lists of labels: names, ids, parents; finding one, or the nearest.
 *
 * A field may have a hundred thousand labels, so duplicates are found by
 * sorting and names by binary search.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/read_kernel.h"

#include <stdlib.h>
#include <string.h>

typedef struct NamedIndex
{
	const char *name;
	int			index;
} NamedIndex;

static int
compare_named(const void *a, const void *b)
{
	const NamedIndex *x = a;
	const NamedIndex *y = b;
	int			order = strcmp(x->name, y->name);

	return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

/* Sorts the names; the first name that comes twice is an error. */
static bool
sort_labels(SchemaReader *reader, const char *what, SchemaLabels *labels)
{
	NamedIndex *named = schema_alloc(reader->arena,
									 labels->count * sizeof(NamedIndex));

	labels->sorted = schema_alloc(reader->arena, labels->count * sizeof(int));
	for (int i = 0; i < labels->count; i++)
		named[i] = (NamedIndex) {labels->items[i].name, i};
	qsort(named, labels->count, sizeof(NamedIndex), compare_named);
	for (int i = 0; i < labels->count; i++)
	{
		if (i > 0 && strcmp(named[i - 1].name, named[i].name) == 0)
			return schema_refuse(reader, SCHEMA_INVALID,
								 schema_format(reader->arena,
											   "%s has %q twice", what,
											   named[i].name), NULL);
		labels->sorted[i] = named[i].index;
	}
	return true;
}

int
schema_find_label(const SchemaLabels *labels, const char *name)
{
	int			low = 0;
	int			high = labels->count - 1;

	while (low <= high)
	{
		int			middle = low + (high - low) / 2;
		int			index = labels->sorted[middle];
		int			order = strcmp(labels->items[index].name, name);

		if (order == 0)
			return index;
		if (order < 0)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return -1;
}

/* "#" and 3, 4, 6 or 8 hexadecimal digits, or a colour's name. */
static bool
is_color(const char *color)
{
	size_t		length = strlen(color);

	if (color[0] == '#')
		return strspn(color +1, "0123456789abcdefABCDEF") == length - 1 &&
			(length == 4 || length == 5 || length == 7 || length == 9);
	return strspn(color, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == length;
}

/* Everything of a label object but its name; the parent is looked up later. */
static bool
read_label_options(SchemaReader *reader, const JsonNode *node,
				   SchemaLabel *label)
{
	static const char *const known[] = {
		"name", "id", "title", "parent", "color", "hotkey", "help", NULL
	};
	const JsonNode *option;
	int64_t		id;

	if (!schema_read_keys(reader, node, "A label", known))
		return false;
	if ((option = schema_json_member(node, "id")) != NULL)
	{
		if (!schema_read_int(reader, option, "id", 0, INT32_MAX, &id))
			return false;
		label->id = (int32_t) id;
	}
	if ((option = schema_json_member(node, "title")) != NULL &&
		!schema_read_string(reader, option, "title", SCHEMA_MAX_TITLE,
							&label->title))
		return false;
	if ((option = schema_json_member(node, "hotkey")) != NULL &&
		!schema_read_name(reader, option, "hotkey", SCHEMA_MAX_HOTKEY,
						  &label->hotkey))
		return false;
	if ((option = schema_json_member(node, "help")) != NULL &&
		!schema_read_string(reader, option, "help", SCHEMA_MAX_HELP,
							&label->help))
		return false;
	if ((option = schema_json_member(node, "color")) != NULL)
	{
		if (!schema_read_name(reader, option, "color", SCHEMA_MAX_COLOR,
							  &label->color))
			return false;
		if (!is_color(label->color))
			return schema_refuse(reader, SCHEMA_INVALID,
								 schema_format(reader->arena,
											   "%q is not a color",
											   label->color),
								 "Write #rrggbb or a color's name.");
	}
	return true;
}

static bool
read_label(SchemaReader *reader, const JsonNode *node, const char *what,
		   bool plain, size_t limit, SchemaLabel *label)
{
	const JsonNode *name = node;

	label->id = -1;
	label->parent = -1;
	if (!plain && node->type == JSON_OBJECT)
	{
		name = schema_json_member(node, "name");
		if (name == NULL)
			return schema_refuse(reader, SCHEMA_INVALID,
								 "a label has no \"name\"", NULL);
	}
	if (!schema_read_name(reader, name, what, limit, &label->name))
		return false;
	if (name == node)
		return true;
	reader->label = label->name;
	if (!read_label_options(reader, node, label))
		return false;
	reader->label = NULL;
	return true;
}

static int
compare_ids(const void *a, const void *b)
{
	int32_t		x = *(const int32_t *) a;
	int32_t		y = *(const int32_t *) b;

	return (x > y) - (x < y);
}

/* The ids that are given, ascending; two equal ones are an error. */
static bool
collect_ids(SchemaReader *reader, const SchemaLabels *labels, int32_t *ids,
			int *count)
{
	*count = 0;
	for (int i = 0; i < labels->count; i++)
		if (labels->items[i].id >= 0)
			ids[(*count)++] = labels->items[i].id;
	qsort(ids, *count, sizeof(int32_t), compare_ids);
	for (int i = 1; i < *count; i++)
		if (ids[i] == ids[i - 1])
			return schema_refuse(reader, SCHEMA_INVALID,
								 schema_format(reader->arena,
											   "two labels have the id %d",
											   (int) ids[i]), NULL);
	return true;
}

/*
 * A label without an id gets its position, counted from 1; if another label
 * has that id by declaration, the first free number past the labels' count.
 */
static bool
number_labels(SchemaReader *reader, SchemaLabels *labels)
{
	int32_t    *ids = schema_alloc(reader->arena,
								   labels->count * sizeof(int32_t));
	int32_t		spare = labels->count + 1;
	int			count;

	if (!collect_ids(reader, labels, ids, &count))
		return false;
	for (int i = 0; i < labels->count; i++)
	{
		int32_t		position = i + 1;

		if (labels->items[i].id >= 0)
			continue;
		if (count > 0 && bsearch(&position, ids, count, sizeof(int32_t),
								 compare_ids))
		{
			while (bsearch(&spare, ids, count, sizeof(int32_t), compare_ids))
				spare++;
			position = spare++;
		}
		labels->items[i].id = position;
	}
	return true;
}

/* No label may be its own ancestor: walk up from each, once per label. */
static bool
check_ancestors(SchemaReader *reader, const SchemaLabels *labels)
{
	int		   *seen = schema_zalloc(reader->arena,
									 labels->count * sizeof(int));

	for (int i = 0; i < labels->count; i++)
	{
		int			at = i;

		while (at >= 0 && seen[at] == 0)
		{
			seen[at] = i + 1;
			at = labels->items[at].parent;
		}
		if (at >= 0 && seen[at] == i + 1)
			return schema_refuse(reader, SCHEMA_INVALID,
								 schema_format(reader->arena,
											   "label %q is its own ancestor",
											   labels->items[at].name), NULL);
	}
	return true;
}

static bool
read_parents(SchemaReader *reader, const JsonNode *list, SchemaLabels *labels)
{
	int			i = 0;
	bool		any = false;

	for (const JsonNode *node = list->first; node; node = node->next, i++)
	{
		const JsonNode *parent = schema_json_member(node, "parent");
		SchemaLabel *label = &labels->items[i];
		const char *name;

		if (parent == NULL)
			continue;
		any = true;
		reader->label = label->name;
		if (!schema_read_name(reader, parent, "parent", SCHEMA_MAX_LABEL_NAME,
							  &name))
			return false;
		label->parent = schema_find_label(labels, name);
		if (label->parent < 0)
			return schema_refuse(reader, SCHEMA_INVALID,
								 schema_format(reader->arena,
											   "there is no parent %q", name),
								 "A parent is a label of the same field.");
		reader->label = NULL;
	}
	return !any || check_ancestors(reader, labels);
}

/* A key must choose one label. */
static bool
check_hotkeys(SchemaReader *reader, const SchemaLabels *labels)
{
	NamedIndex *keys = schema_alloc(reader->arena,
									labels->count * sizeof(NamedIndex));
	int			count = 0;

	for (int i = 0; i < labels->count; i++)
		if (labels->items[i].hotkey)
			keys[count++] = (NamedIndex) {labels->items[i].hotkey, i};
	qsort(keys, count, sizeof(NamedIndex), compare_named);
	for (int i = 1; i < count; i++)
		if (strcmp(keys[i - 1].name, keys[i].name) == 0)
			return schema_refuse(reader, SCHEMA_INVALID,
								 schema_format(reader->arena,
											   "labels %q and %q have the"
											   " same hotkey %q",
											   labels->items[keys[i - 1].index].name,
											   labels->items[keys[i].index].name,
											   keys[i].name), NULL);
	return true;
}

bool
schema_read_labels(SchemaReader *reader, const JsonNode *node,
				   const char *what, bool plain, size_t limit, int max_count,
				   SchemaLabels *labels)
{
	SchemaLabel *label;

	if (node->type != JSON_ARRAY)
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena,
										   "\"%s\" must be an array of names,"
										   " not %s", what,
										   schema_json_article(node)), NULL);
	if (node->count == 0)
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena, "\"%s\" is empty",
										   what), NULL);
	if (node->count > (size_t) max_count)
		return schema_refuse(reader, SCHEMA_LIMIT,
							 schema_format(reader->arena,
										   "\"%s\" has more than %d names",
										   what, max_count), NULL);
	labels->count = (int) node->count;
	label = labels->items = schema_zalloc(reader->arena,
										  node->count * sizeof(SchemaLabel));
	for (const JsonNode *item = node->first; item; item = item->next)
		if (!read_label(reader, item, plain ? what : "a label", plain, limit,
						label++))
			return false;
	return sort_labels(reader, what, labels) &&
		number_labels(reader, labels) &&
		read_parents(reader, node, labels) &&
		check_hotkeys(reader, labels);
}
