/*-------------------------------------------------------------------------
 *
 * diff_kernel.c
 *	  What changes from one label schema to another.
 *
 * Fields and labels are identified by their names, which are for ever: one
 * that was renamed was removed and another one added.  (What people see can
 * be changed freely; it is the title.)
 *
 *-------------------------------------------------------------------------
 */
#include "schema/diff_kernel.h"

#include <string.h>

#include "schema/decimal_kernel.h"

/* One field in both schemas, and how to name it. */
typedef struct Pair
{
	const char *path;
	const SchemaFields *old_fields;
	const SchemaFields *new_fields;
	const SchemaField *old;
	const SchemaField *new;
} Pair;

static void diff_fields(SchemaDiff *diff, const SchemaFields *old,
						const SchemaFields *new, const char *owner);

static bool
same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static const char *
shown(SchemaDiff *diff, const char *value)
{
	return value ? schema_format(diff->arena, "%q", value) : NULL;
}

static const char *
shown_int(SchemaDiff *diff, int value)
{
	return schema_format(diff->arena, "%d", value);
}

/* "title added", "title removed", "title changed from "a" to "b"". */
static void
report_option(SchemaDiff *diff, const Pair *pair, const char *label,
			  const char *option, const char *old, const char *new,
			  bool breaking)
{
	const char *change;

	if (same(old, new))
		return;
	if (old == NULL)
		change = schema_format(diff->arena, "%s %s added", option, new);
	else if (new == NULL)
		change = schema_format(diff->arena, "%s %s removed", option, old);
	else
		change = schema_format(diff->arena, "%s changed from %s to %s",
							   option, old, new);
	diff->report(diff->state, pair->path, label, change, breaking);
}

static void
report_flag(SchemaDiff *diff, const Pair *pair, const char *option, bool old,
			bool new, bool breaking)
{
	if (old != new)
		diff->report(diff->state, pair->path, NULL,
					 schema_format(diff->arena, "%s changed from %s to %s",
								   option, old ? "true" : "false",
								   new ? "true" : "false"), breaking);
}

/* Do the names that both lists have stand in another order? */
static bool
labels_reordered(const SchemaLabels *old, const SchemaLabels *new)
{
	int			last = -1;

	for (int i = 0; i < new->count; i++)
	{
		int			before = schema_find_label(old, new->items[i].name);

		if (before < 0)
			continue;
		if (before < last)
			return true;
		last = before;
	}
	return false;
}

static const char *
parent_name(const SchemaLabels *labels, int i)
{
	int			parent = labels->items[i].parent;

	return parent < 0 ? NULL : labels->items[parent].name;
}

/* A label that both have. */
static void
diff_label(SchemaDiff *diff, const Pair *pair, const SchemaLabels *labels,
		   int old, int new)
{
	const SchemaLabels *olds = &pair->old->labels;
	const SchemaLabel *a = &olds->items[old];
	const SchemaLabel *b = &labels->items[new];

	report_option(diff, pair, b->name, "id", shown_int(diff, a->id),
				  shown_int(diff, b->id), true);
	report_option(diff, pair, b->name, "title", shown(diff, a->title),
				  shown(diff, b->title), false);
	report_option(diff, pair, b->name, "parent",
				  shown(diff, parent_name(olds, old)),
				  shown(diff, parent_name(labels, new)), false);
	report_option(diff, pair, b->name, "color", shown(diff, a->color),
				  shown(diff, b->color), false);
	report_option(diff, pair, b->name, "hotkey", shown(diff, a->hotkey),
				  shown(diff, b->hotkey), false);
	report_option(diff, pair, b->name, "help", shown(diff, a->help),
				  shown(diff, b->help), false);
}

static void
diff_labels(SchemaDiff *diff, const Pair *pair)
{
	const SchemaLabels *old = &pair->old->labels;
	const SchemaLabels *new = &pair->new->labels;

	for (int i = 0; i < old->count; i++)
		if (schema_find_label(new, old->items[i].name) < 0)
			diff->report(diff->state, pair->path, old->items[i].name,
						 "label removed", true);
	for (int i = 0; i < new->count; i++)
	{
		int			before = schema_find_label(old, new->items[i].name);

		/* A ranking must list the new one too. */
		if (before < 0)
			diff->report(diff->state, pair->path, new->items[i].name,
						 "label added", pair->new->kind == SCHEMA_RANKING);
		else
			diff_label(diff, pair, new, before, i);
	}
	if (labels_reordered(old, new))
		diff->report(diff->state, pair->path, NULL, "labels reordered",
					 false);
}

/* Is a bound tighter?  "direction" is 1 for a minimum, -1 for a maximum. */
static bool
is_tighter(SchemaDiff *diff, const char *old, const char *new, int direction)
{
	SchemaDecimal a;
	SchemaDecimal b;

	if (new == NULL || old == NULL)
		return new != NULL;
	a = schema_decimal_read(diff->arena, old);
	b = schema_decimal_read(diff->arena, new);
	return schema_decimal_compare(&b, &a) == direction;
}

static const char *
length_shown(SchemaDiff *diff, const SchemaField *field)
{
	return field->max_length > 0 ? shown_int(diff, field->max_length) : NULL;
}

static int
length_limit(const SchemaField *field)
{
	return field->max_length > 0 ? field->max_length : SCHEMA_MAX_LENGTH;
}

/* What the kind's own object says. */
static void
diff_limits(SchemaDiff *diff, const Pair *pair)
{
	const SchemaField *old = pair->old;
	const SchemaField *new = pair->new;

	if (new->kind == SCHEMA_RATING)
	{
		report_option(diff, pair, NULL, "min",
					  shown_int(diff, old->rating_min),
					  shown_int(diff, new->rating_min),
					  new->rating_min > old->rating_min);
		report_option(diff, pair, NULL, "max",
					  shown_int(diff, old->rating_max),
					  shown_int(diff, new->rating_max),
					  new->rating_max < old->rating_max);
	}
	report_option(diff, pair, NULL, "min", old->min, new->min,
				  is_tighter(diff, old->min, new->min, 1));
	report_option(diff, pair, NULL, "max", old->max, new->max,
				  is_tighter(diff, old->max, new->max, -1));
	report_flag(diff, pair, "integer", old->integer, new->integer,
				new->integer);
	report_option(diff, pair, NULL, "unit", shown(diff, old->unit),
				  shown(diff, new->unit), false);
	report_option(diff, pair, NULL, "max_length", length_shown(diff, old),
				  length_shown(diff, new),
				  length_limit(new) < length_limit(old));
	report_option(diff, pair, NULL, "pattern", shown(diff, old->pattern),
				  shown(diff, new->pattern), new->pattern != NULL);
}

static const char *
when_shown(SchemaDiff *diff, const SchemaFields *fields,
		   const SchemaField *field)
{
	SchemaText text;

	if (field->nconditions == 0)
		return NULL;
	schema_text_init(&text, diff->arena);
	schema_print_when(&text, fields, field);
	return text.data;
}

static const char *
between_shown(SchemaDiff *diff, const SchemaFields *fields,
			  const SchemaField *field)
{
	SchemaText text;

	if (field->nbetween == 0)
		return NULL;
	schema_text_init(&text, diff->arena);
	schema_print_between(&text, fields, field);
	return text.data;
}

/* May every field that relations could connect still be connected? */
static bool
keeps_between(const Pair *pair)
{
	for (int i = 0; i < pair->old->nbetween; i++)
	{
		const char *name = pair->old_fields->items[pair->old->between[i]].name;
		bool		found = false;

		for (int j = 0; j < pair->new->nbetween; j++)
			if (strcmp(name, pair->new_fields->items
					   [pair->new->between[j]].name) == 0)
				found = true;
		if (!found)
			return false;
	}
	return true;
}

static const char *
skeleton_shown(SchemaDiff *diff, const SchemaField *field)
{
	SchemaText text;

	if (field->nskeleton == 0)
		return NULL;
	schema_text_init(&text, diff->arena);
	for (int i = 0; i < field->nskeleton; i++)
		schema_text_item(&text,
						 schema_format(diff->arena, "%s-%s",
									   field->points.items[field->skeleton[i][0]].name,
									   field->points.items[field->skeleton[i][1]].name));
	return text.data;
}

static const char *
size_shown(SchemaDiff *diff, const SchemaField *field)
{
	return field->size[0] == NULL ? NULL :
		schema_format(diff->arena, "%q, %q", field->size[0], field->size[1]);
}

/* What only some kinds have. */
static void
diff_shapes(SchemaDiff *diff, const Pair *pair)
{
	const SchemaLabels *old = &pair->old->points;
	const SchemaLabels *new = &pair->new->points;

	for (int i = 0; i < old->count; i++)
		if (schema_find_label(new, old->items[i].name) < 0)
			diff->report(diff->state, pair->path, old->items[i].name,
						 "point removed", true);
	for (int i = 0; i < new->count; i++)
		if (schema_find_label(old, new->items[i].name) < 0)
			diff->report(diff->state, pair->path, new->items[i].name,
						 "point added", false);
	if (labels_reordered(old, new))
		diff->report(diff->state, pair->path, NULL, "points reordered",
					 false);
	report_option(diff, pair, NULL, "skeleton",
				  skeleton_shown(diff, pair->old),
				  skeleton_shown(diff, pair->new), false);
	report_option(diff, pair, NULL, "size", size_shown(diff, pair->old),
				  size_shown(diff, pair->new), false);
	report_flag(diff, pair, "ties", pair->old->ties, pair->new->ties,
				pair->old->ties);
	report_flag(diff, pair, "shuffle", pair->old->shuffle,
				pair->new->shuffle, false);
	report_option(diff, pair, NULL, "between",
				  between_shown(diff, pair->old_fields, pair->old),
				  between_shown(diff, pair->new_fields, pair->new),
				  !keeps_between(pair));
}

static void
diff_field(SchemaDiff *diff, const Pair *pair)
{
	static const SchemaFields none = {0, NULL, NULL};
	const SchemaField *old = pair->old;
	const SchemaField *new = pair->new;

	if (old->kind != new->kind)
	{
		report_option(diff, pair, NULL, "kind", schema_kind_name(old->kind),
					  schema_kind_name(new->kind), true);
		return;
	}
	diff_labels(diff, pair);
	diff_limits(diff, pair);
	report_option(diff, pair, NULL, "title", shown(diff, old->title),
				  shown(diff, new->title), false);
	report_option(diff, pair, NULL, "help", shown(diff, old->help),
				  shown(diff, new->help), false);
	report_flag(diff, pair, "optional", old->optional, new->optional,
				old->optional);
	report_option(diff, pair, NULL, "when",
				  when_shown(diff, pair->old_fields, old),
				  when_shown(diff, pair->new_fields, new),
				  new->nconditions > 0 || !new->optional);

	/* Offsets into another column mean something else. */
	report_option(diff, pair, NULL, "of", shown(diff, old->of),
				  shown(diff, new->of),
				  new->kind == SCHEMA_SPANS && old->of && new->of);
	report_option(diff, pair, NULL, "target_confidence",
				  old->target_confidence, new->target_confidence, false);
	diff_shapes(diff, pair);
	if (old->each || new->each)
		diff_fields(diff, old->each ? old->each : &none,
					new->each ? new->each : &none, pair->path);
}

static bool
fields_reordered(const SchemaFields *old, const SchemaFields *new)
{
	int			last = -1;

	for (int i = 0; i < new->count; i++)
	{
		int			before = schema_find_field(old, new->items[i].name);

		if (before < 0)
			continue;
		if (before < last)
			return true;
		last = before;
	}
	return false;
}

static void
diff_fields(SchemaDiff *diff, const SchemaFields *old,
			const SchemaFields *new, const char *owner)
{
	const char *prefix = owner ? schema_format(diff->arena, "%s.", owner) : "";

	for (int i = 0; i < old->count; i++)
		if (schema_find_field(new, old->items[i].name) < 0)
			diff->report(diff->state,
						 schema_format(diff->arena, "%s%s", prefix,
									   old->items[i].name), NULL,
						 "field removed", true);
	for (int i = 0; i < new->count; i++)
	{
		const SchemaField *field = &new->items[i];
		int			before = schema_find_field(old, field->name);
		Pair		pair = {
			schema_format(diff->arena, "%s%s", prefix, field->name),
			old, new, NULL, field
		};

		if (before < 0)
		{
			diff->report(diff->state, pair.path, NULL, "field added",
						 !field->optional);
			continue;
		}
		pair.old = &old->items[before];
		diff_field(diff, &pair);
	}
	if (fields_reordered(old, new))
		diff->report(diff->state, owner, NULL, "fields reordered", false);
}

void
schema_diff(SchemaDiff *diff, const SchemaFields *old,
			const SchemaFields *new)
{
	diff_fields(diff, old, new, NULL);
}
