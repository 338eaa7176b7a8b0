/*-------------------------------------------------------------------------
 *
 * succeed_kernel.c
 *	  Export ids over the versions of a label schema.
 *
 * A model or a file that knows a label by its number must not take another
 * one for it when a label is removed or inserted.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/succeed_kernel.h"

#include <stdlib.h>
#include <string.h>

/* A label of some version. */
typedef struct Known
{
	const char *name;
	int32_t		id;
	int			version;
} Known;

/* All that a field ever had. */
typedef struct History
{
	int			count;
	Known	   *by_name;		/* one of each name, the oldest */
	Known	   *by_id;
} History;

static int
compare_names(const void *a, const void *b)
{
	const Known *x = a;
	const Known *y = b;
	int			order = strcmp(x->name, y->name);

	return order != 0 ? order : (x->version > y->version) -
		(x->version < y->version);
}

static int
compare_ids(const void *a, const void *b)
{
	int32_t		x = ((const Known *) a)->id;
	int32_t		y = ((const Known *) b)->id;

	return (x > y) - (x < y);
}

static int
compare_name(const void *key, const void *element)
{
	return strcmp(key, ((const Known *) element)->name);
}

static int
compare_id(const void *key, const void *element)
{
	int32_t		id = *(const int32_t *) key;
	int32_t		other = ((const Known *) element)->id;

	return (id > other) - (id < other);
}

static const Known *
find_name(const History *history, const char *name)
{
	return history->count == 0 ? NULL :
		bsearch(name, history->by_name, history->count, sizeof(Known),
				compare_name);
}

static const Known *
find_id(const History *history, int32_t id)
{
	return history->count == 0 ? NULL :
		bsearch(&id, history->by_id, history->count, sizeof(Known),
				compare_id);
}

/* The labels of field "name" in all versions. */
static History
collect(SchemaArena *arena, const char *name,
		const SchemaFields *const *older, int nolder)
{
	History		history = {0, NULL, NULL};
	int			total = 0;
	int			kept = 0;

	for (int pass = 0; pass < 2; pass++)
	{
		for (int v = 0; v < nolder; v++)
		{
			int			i = older[v] ? schema_find_field(older[v], name) : -1;
			const SchemaLabels *labels;

			if (i < 0)
				continue;
			labels = &older[v]->items[i].labels;
			for (int j = 0; pass == 1 && j < labels->count; j++)
				history.by_name[history.count++] =
					(Known) {labels->items[j].name, labels->items[j].id, v};
			total += pass == 0 ? labels->count : 0;
		}
		if (pass == 0)
			history.by_name = schema_alloc(arena, total * sizeof(Known));
	}
	qsort(history.by_name, history.count, sizeof(Known), compare_names);
	for (int i = 0; i < history.count; i++)
		if (i == 0 || strcmp(history.by_name[i].name,
							 history.by_name[kept - 1].name) != 0)
			history.by_name[kept++] = history.by_name[i];
	history.count = kept;
	history.by_id = schema_alloc(arena, kept * sizeof(Known));
	memcpy(history.by_id, history.by_name, kept * sizeof(Known));
	qsort(history.by_id, kept, sizeof(Known), compare_ids);
	return history;
}

/* Two labels with one id, now that ids were inherited? */
static bool
check_unique(SchemaArena *arena, const SchemaField *field, SchemaError *error)
{
	int			count = field->labels.count;
	Known	   *known = schema_alloc(arena, count * sizeof(Known));

	for (int i = 0; i < count; i++)
		known[i] = (Known)
	{
		field->labels.items[i].name,
			field->labels.items[i].id, 0
	};
	qsort(known, count, sizeof(Known), compare_ids);
	for (int i = 1; i < count; i++)
		if (known[i].id == known[i - 1].id)
			return schema_fail(error, SCHEMA_INVALID,
							   schema_format(arena,
											 "field %q: the id %d of label %q"
											 " is or was that of another",
											 field->name, (int) known[i].id,
											 known[i].name),
							   "An id is never used for another label.");
	return true;
}

/* New labels get ids that no label ever had. */
static bool
number_new(const History *history, SchemaField *field, const bool *is_new)
{
	SchemaLabels *labels = &field->labels;
	int32_t		largest = labels->count;

	for (int i = 0; i < labels->count; i++)
		if (labels->items[i].id > largest)
			largest = labels->items[i].id;
	if (history->count > 0 && history->by_id[history->count - 1].id > largest)
		largest = history->by_id[history->count - 1].id;
	for (int i = 0; i < labels->count; i++)
	{
		if (!is_new[i] || find_id(history, labels->items[i].id) == NULL)
			continue;
		if (largest == INT32_MAX)
			return false;
		labels->items[i].id = ++largest;
	}
	return true;
}

static bool
inherit(SchemaArena *arena, SchemaField *field, const History *history,
		SchemaError *error)
{
	SchemaLabels *labels = &field->labels;
	bool	   *is_new = schema_zalloc(arena, labels->count * sizeof(bool));

	for (int i = 0; i < labels->count; i++)
	{
		SchemaLabel *label = &labels->items[i];
		const Known *before = find_name(history, label->name);
		const Known *taken = find_id(history, label->id);

		if (label->id == i + 1 && before)
			label->id = before->id;
		else if (label->id == i + 1)
			is_new[i] = true;
		else if (taken && strcmp(taken->name, label->name) != 0)
			return schema_fail(error, SCHEMA_INVALID,
							   schema_format(arena,
											 "field %q, label %q: the id %d"
											 " was that of label %q",
											 field->name, label->name,
											 (int) label->id, taken->name),
							   "An id is never used for another label.");
	}
	if (!number_new(history, field, is_new))
		return schema_fail(error, SCHEMA_LIMIT,
						   schema_format(arena, "field %q: no label ids are"
										 " left", field->name), NULL);
	return check_unique(arena, field, error);
}

/* The "each" of field "name" in every version, NULL where it has none. */
static const SchemaFields **
older_each(SchemaArena *arena, const char *name,
		   const SchemaFields *const *older, int nolder)
{
	const SchemaFields **each = schema_zalloc(arena, nolder *
											  sizeof(const SchemaFields *));

	for (int v = 0; v < nolder; v++)
	{
		int			i = older[v] ? schema_find_field(older[v], name) : -1;

		each[v] = i < 0 ? NULL : older[v]->items[i].each;
	}
	return each;
}

static bool
inherit_fields(SchemaArena *arena, SchemaFields *fields,
			   const SchemaFields *const *older, int nolder,
			   SchemaError *error)
{
	for (int i = 0; i < fields->count; i++)
	{
		SchemaField *field = &fields->items[i];
		History		history = collect(arena, field->name, older, nolder);

		if (!inherit(arena, field, &history, error))
			return false;
		if (field->each &&
			!inherit_fields(arena, field->each,
							older_each(arena, field->name, older, nolder),
							nolder, error))
			return false;
	}
	return true;
}

bool
schema_inherit_ids(SchemaArena *arena, SchemaFields *fields,
				   const SchemaFields *const *older, int nolder,
				   SchemaError *error)
{
	memset(error, 0, sizeof(*error));
	return inherit_fields(arena, fields, older, nolder, error);
}
