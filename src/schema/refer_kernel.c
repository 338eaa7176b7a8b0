/*-------------------------------------------------------------------------
 *
 * refer_kernel.c
 *	  Look up what a field says about other fields: "between" and "when".
 *
 * Both are kept as indexes in ascending order, so that the printed form does
 * not depend on the order in which they were written.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/read_kernel.h"

#include <stdlib.h>
#include <string.h>

#include "schema/decimal_kernel.h"

static int
compare_ints(const void *a, const void *b)
{
	int			x = *(const int *) a;
	int			y = *(const int *) b;

	return (x > y) - (x < y);
}

static bool
refuse_unknown(SchemaReader *reader, const char *option, const char *name,
			   const char *what, const char *nearest)
{
	return schema_refuse(reader, SCHEMA_INVALID,
						 schema_format(reader->arena,
									   "\"%s\" names %q, which is no %s",
									   option, name, what),
						 nearest ? schema_format(reader->arena,
												 "Did you mean %q?", nearest) :
						 NULL);
}

/* One name of "between": a field whose objects have ids. */
static bool
read_end(SchemaReader *reader, const SchemaFields *fields,
		 const JsonNode *node, int *result)
{
	SchemaKind	kind;

	if (node->type != JSON_STRING)
		return schema_refuse(reader, SCHEMA_INVALID,
							 "\"between\" must name a field, or be an array"
							 " of names", NULL);
	*result = schema_find_field(fields, node->string);
	if (*result < 0)
		return refuse_unknown(reader, "between", node->string, "field",
							  schema_nearest_field(fields, node->string));
	kind = fields->items[*result].kind;
	if (!schema_kind_is_set(kind) || kind == SCHEMA_RELATIONS)
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena,
										   "\"between\" names %q, a %s field",
										   node->string,
										   schema_kind_name(kind)),
							 "Relations connect spans, boxes, polygons,"
							 " polylines, keypoints, masks or segments.");
	return true;
}

static bool
read_between(SchemaReader *reader, const SchemaFields *fields,
			 const JsonNode *node, SchemaField *field)
{
	int			count;

	if (node == NULL)
		return schema_refuse(reader, SCHEMA_INVALID, "\"between\" is missing",
							 "Name the field whose objects are related.");
	count = node->type == JSON_ARRAY ? (int) node->count : 1;
	if (count == 0 || count > fields->count)
		return schema_refuse(reader, SCHEMA_INVALID,
							 "\"between\" must name each field once", NULL);
	field->nbetween = count;
	field->between = schema_alloc(reader->arena, count * sizeof(int));
	if (node->type == JSON_ARRAY)
		node = node->first;
	for (int i = 0; i < count; i++, node = node->next)
		if (!read_end(reader, fields, node, &field->between[i]))
			return false;
	qsort(field->between, count, sizeof(int), compare_ints);
	for (int i = 1; i < count; i++)
		if (field->between[i] == field->between[i - 1])
			return schema_refuse(reader, SCHEMA_INVALID,
								 "\"between\" must name each field once",
								 NULL);
	return true;
}

/* One value that a condition asks for, as kept in SchemaCondition.values. */
static bool
read_condition_value(SchemaReader *reader, const char *name, SchemaKind kind,
					 const SchemaField *asked, const SchemaLabels *labels,
					 const JsonNode *node, int *result)
{
	int64_t		rating;

	if (kind == SCHEMA_BOOLEAN)
	{
		bool		value;

		if (!schema_read_bool(reader, node,
							  schema_format(reader->arena,
											"the value of %q in \"when\"",
											name), &value))
			return false;
		*result = value;
		return true;
	}
	if (kind == SCHEMA_RATING)
	{
		if (!schema_read_int(reader, node,
							 schema_format(reader->arena,
										   "the value of %q in \"when\"",
										   name),
							 asked->rating_min, asked->rating_max, &rating))
			return false;
		*result = (int) rating;
		return true;
	}
	if (node->type != JSON_STRING)
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena,
										   "the value of %q in \"when\" must"
										   " be a label, not %s", name,
										   schema_json_article(node)), NULL);
	*result = schema_find_label(labels, node->string);
	if (*result < 0 && kind == SCHEMA_PREFERENCE && asked->ties &&
		strcmp(node->string, "tie") == 0)
		*result = labels->count;
	if (*result < 0)
		return refuse_unknown(reader, "when", node->string,
							  schema_format(reader->arena, "label of %q",
											name),
							  schema_nearest_label(labels, node->string));
	return true;
}

/* The values of one condition: an array, or one alone. */
static bool
read_condition_values(SchemaReader *reader, const char *name, SchemaKind kind,
					  const SchemaField *asked, const SchemaLabels *labels,
					  const JsonNode *node, SchemaCondition *condition)
{
	const JsonNode *value = node;
	size_t		count = 1;

	if (node->type == JSON_ARRAY)
	{
		value = node->first;
		count = node->count;
	}
	if (count == 0 || count > SCHEMA_MAX_LABELS)
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena,
										   "\"when\" gives no values of %q",
										   name), NULL);
	condition->count = (int) count;
	condition->values = schema_alloc(reader->arena, count * sizeof(int));
	for (size_t i = 0; i < count; i++, value = value->next)
		if (!read_condition_value(reader, name, kind, asked, labels, value,
								  &condition->values[i]))
			return false;
	qsort(condition->values, count, sizeof(int), compare_ints);
	for (size_t i = 1; i < count; i++)
		if (condition->values[i] == condition->values[i - 1])
			return schema_refuse(reader, SCHEMA_INVALID,
								 schema_format(reader->arena,
											   "\"when\" gives a value of %q"
											   " twice", name), NULL);
	return true;
}

static bool
read_condition(SchemaReader *reader, const SchemaFields *fields, int self,
			   const JsonNode *node, SchemaCondition *condition)
{
	const SchemaField *asked;

	condition->field = schema_find_field(fields, node->key);
	if (condition->field < 0 && fields->owner &&
		strcmp(node->key, "label") == 0)
		return read_condition_values(reader, "label", SCHEMA_CHOICE, NULL,
									 &fields->owner->labels, node, condition);
	if (condition->field < 0)
		return refuse_unknown(reader, "when", node->key, "field",
							  schema_nearest_field(fields, node->key));
	if (condition->field == self)
		return schema_refuse(reader, SCHEMA_INVALID,
							 "\"when\" names the field itself", NULL);
	asked = &fields->items[condition->field];
	if (!schema_kind_is_categorical(asked->kind) &&
		asked->kind != SCHEMA_CHOICES)
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena,
										   "\"when\" names %q, a %s field",
										   asked->name,
										   schema_kind_name(asked->kind)),
							 "Conditions look at choice, choices, boolean,"
							 " rating or preference fields.");
	return read_condition_values(reader, asked->name, asked->kind, asked,
								 &asked->labels, node, condition);
}

static int
compare_conditions(const void *a, const void *b)
{
	return compare_ints(&((const SchemaCondition *) a)->field,
						&((const SchemaCondition *) b)->field);
}

static bool
read_when(SchemaReader *reader, const SchemaFields *fields, int self,
		  const JsonNode *node)
{
	SchemaField *field = &fields->items[self];
	int			i = 0;

	if (node->type != JSON_OBJECT || node->count == 0 ||
		node->count > SCHEMA_MAX_FIELDS)
		return schema_refuse(reader, SCHEMA_INVALID,
							 "\"when\" must be an object of fields and their"
							 " values",
							 "Write for example {\"sentiment\":"
							 " [\"negative\"]}.");
	field->nconditions = (int) node->count;
	field->conditions = schema_zalloc(reader->arena,
									  node->count * sizeof(SchemaCondition));
	for (node = node->first; node; node = node->next)
		if (!read_condition(reader, fields, self, node,
							&field->conditions[i++]))
			return false;
	qsort(field->conditions, field->nconditions, sizeof(SchemaCondition),
		  compare_conditions);
	return true;
}

/* Does following "when" from "field" come back to a field on the way? */
static bool
has_cycle(const SchemaFields *fields, int field, char *state)
{
	const SchemaField *at = &fields->items[field];

	if (state[field] != 0)
		return state[field] == 1;
	state[field] = 1;
	for (int i = 0; i < at->nconditions; i++)
		if (at->conditions[i].field >= 0 &&
			has_cycle(fields, at->conditions[i].field, state))
			return true;
	state[field] = 2;
	return false;
}

bool
schema_read_references(SchemaReader *reader, SchemaFields *fields,
					   const JsonNode *const *definitions)
{
	char	   *state = schema_zalloc(reader->arena, fields->count);

	for (int i = 0; i < fields->count; i++)
	{
		SchemaField *field = &fields->items[i];
		const JsonNode *when = schema_json_member(definitions[i], "when");

		reader->field = field->name;
		if (field->kind == SCHEMA_RELATIONS &&
			!read_between(reader, fields,
						  schema_json_member(definitions[i], "between"),
						  field))
			return false;
		if (when && !read_when(reader, fields, i, when))
			return false;
	}
	for (int i = 0; i < fields->count; i++)
	{
		reader->field = fields->items[i].name;
		if (has_cycle(fields, i, state))
			return schema_refuse(reader, SCHEMA_INVALID,
								 "\"when\" goes round in a circle", NULL);
	}
	reader->field = NULL;
	return true;
}
