/*-------------------------------------------------------------------------
 *
 * fields.c
 *	  What other rooms ask about the fields of a label schema.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/glue.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "schema/decimal_kernel.h"

int
schema_field_count(const Schema *schema)
{
	return schema->fields->count;
}

const SchemaField *
schema_field_at(const Schema *schema, int i)
{
	return &schema->fields->items[i];
}

const SchemaField *
schema_field_named(const Schema *schema, const char *name)
{
	int			i = schema_find_field(schema->fields,
									  schema_to_utf8(name, strlen(name)));

	return i < 0 ? NULL : &schema->fields->items[i];
}

const char *
schema_field_name(const SchemaField *field)
{
	return schema_to_server(field->name);
}

SchemaKind
schema_field_kind(const SchemaField *field)
{
	return field->kind;
}

bool
schema_field_optional(const SchemaField *field)
{
	return field->optional;
}

const char *
schema_field_json_type(const SchemaField *field)
{
	switch (field->kind)
	{
		case SCHEMA_CHOICE:
		case SCHEMA_PREFERENCE:
		case SCHEMA_TEXT:
		case SCHEMA_DATE:
			return "string";
		case SCHEMA_BOOLEAN:
			return "boolean";
		case SCHEMA_RATING:
		case SCHEMA_NUMBER:
			return "number";
		default:
			return "array";
	}
}

bool
schema_field_conditional(const SchemaField *field)
{
	return field->nconditions > 0;
}

const char *
schema_field_of(const SchemaField *field)
{
	return field->of ? schema_to_server(field->of) : NULL;
}

int
schema_field_between_count(const SchemaField *field)
{
	return field->nbetween;
}

const SchemaField *
schema_field_between(const Schema *schema, const SchemaField *field, int i)
{
	Assert(i >= 0 && i < field->nbetween);
	return &schema->fields->items[field->between[i]];
}

bool
schema_field_target_confidence(const SchemaField *field, double *target)
{
	if (field->target_confidence == NULL)
		return false;
	*target = strtod(field->target_confidence, NULL);
	return true;
}

int
schema_field_label_count(const SchemaField *field)
{
	return field->labels.count;
}

const char *
schema_field_label(const SchemaField *field, int i)
{
	return schema_to_server(field->labels.items[i].name);
}

int32
schema_field_label_id(const SchemaField *field, int i)
{
	return field->labels.items[i].id;
}

bool
schema_field_range(const SchemaField *field, double *min, double *max)
{
	if (field->kind == SCHEMA_RATING)
	{
		*min = field->rating_min;
		*max = field->rating_max;
		return true;
	}
	*min = field->min ? strtod(field->min, NULL) : -INFINITY;
	*max = field->max ? strtod(field->max, NULL) : INFINITY;
	return field->kind == SCHEMA_NUMBER;
}

Jsonb *
schema_field_value(const SchemaField *field, Jsonb *answer)
{
	const char *name = schema_field_name(field);
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(answer) ||
		getKeyJsonValueFromContainer(&answer->root, name, strlen(name),
									 &value) == NULL)
		return NULL;
	return JsonbValueToJsonb(&value);
}

static int
compare_ints(const void *a, const void *b)
{
	int			x = *(const int *) a;
	int			y = *(const int *) b;

	return (x > y) - (x < y);
}

/*
 * A set of labels in the order of the schema.  NULL if it is no such set, as
 * the value of an older schema may be.
 */
static char *
choices_text(const SchemaField *field, const JsonNode *node)
{
	SchemaArena arena = schema_palloc_arena();
	int		   *chosen = palloc_array(int, node->count + 1);
	int			count = 0;
	SchemaText text;

	if (node->type != JSON_ARRAY)
		return NULL;
	for (node = node->first; node; node = node->next)
	{
		int			label = node->type != JSON_STRING ? -1 :
			schema_find_label(&field->labels, node->string);

		if (label < 0)
			return NULL;
		chosen[count++] = label;
	}
	qsort(chosen, count, sizeof(int), compare_ints);
	schema_text_init(&text, &arena);
	for (int i = 0; i < count; i++)
	{
		schema_text_add(&text, i > 0 ? ", " : "[");
		schema_text_json(&text, field->labels.items[chosen[i]].name);
	}
	schema_text_add(&text, count > 0 ? "]" : "[]");
	return pstrdup(schema_to_server(text.data));
}

/* A number without trailing zeros. */
static char *
number_text(const JsonNode *node)
{
	SchemaArena arena = schema_palloc_arena();
	SchemaDecimal number = schema_decimal_read(&arena, node->string);
	SchemaText text;

	schema_text_init(&text, &arena);
	schema_decimal_print(&text, &number);
	return text.data;
}

char *
schema_field_label_text(const SchemaField *field, Jsonb *value)
{
	char	   *result = NULL;

	if (JB_ROOT_IS_SCALAR(value) || field->kind == SCHEMA_CHOICES)
	{
		SchemaArena arena = schema_palloc_arena();
		JsonNode   *node = schema_jsonb_node(&arena, value, SCHEMA_MAX_DEPTH);

		if (node == NULL)
			result = NULL;
		else if (node->type == JSON_STRING)
			result = pstrdup(schema_to_server(node->string));
		else if (node->type == JSON_NUMBER)
			result = number_text(node);
		else if (field->kind == SCHEMA_CHOICES)
			result = choices_text(field, node);
	}
	return result ? result : JsonbToCString(NULL, &value->root,
											VARSIZE(value));
}

const char *
schema_field_sql_type(const SchemaField *field)
{
	switch (field->kind)
	{
		case SCHEMA_CHOICE:
		case SCHEMA_PREFERENCE:
		case SCHEMA_TEXT:
			return "text";
		case SCHEMA_BOOLEAN:
			return "boolean";
		case SCHEMA_DATE:
			return "date";
		case SCHEMA_RATING:
			return "integer";
		case SCHEMA_NUMBER:
			return field->integer ? "bigint" : "double precision";
		case SCHEMA_CHOICES:
		case SCHEMA_RANKING:
			return "text[]";
		default:
			return "jsonb";
	}
}

/*
 * A number within the bounds of its type.  CASE within CASE, as AND does not
 * say what is evaluated first.
 */
static char *
number_expression(const char *value, const char *type, const char *min,
				  const char *max)
{
	return psprintf("CASE WHEN pg_catalog.jsonb_typeof(%s)"
					" OPERATOR(pg_catalog.=) 'number'::pg_catalog.text THEN"
					" CASE WHEN (%s)::pg_catalog.numeric"
					" OPERATOR(pg_catalog.>=) %s::pg_catalog.numeric"
					" AND (%s)::pg_catalog.numeric"
					" OPERATOR(pg_catalog.<=) %s::pg_catalog.numeric"
					" THEN (%s)::%s END END",
					value, value, min, value, max, value, type);
}

/* A string that is a date of the years 1 to 9999. */
static char *
date_expression(const char *value)
{
	return psprintf("CASE WHEN (%s OPERATOR(pg_catalog.#>>)"
					" '{}'::pg_catalog.text[]) OPERATOR(pg_catalog.~)"
					" '^(?!0000)(\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])"
					"|(0[469]|11)-(0[1-9]|[12]\\d|30)"
					"|02-(0[1-9]|1\\d|2[0-8]))"
					"|(\\d\\d(0[48]|[2468][048]|[13579][26])"
					"|([02468][048]|[13579][26])00)-02-29)$'"
					"::pg_catalog.text"
					" THEN (%s OPERATOR(pg_catalog.#>>)"
					" '{}'::pg_catalog.text[])::pg_catalog.date END",
					value, value);
}

char *
schema_field_sql_expression(const SchemaField *field, const char *value)
{
	switch (field->kind)
	{
		case SCHEMA_CHOICE:
		case SCHEMA_PREFERENCE:
		case SCHEMA_TEXT:
			return psprintf("(%s OPERATOR(pg_catalog.#>>)"
							" '{}'::pg_catalog.text[])", value);
		case SCHEMA_BOOLEAN:
			return psprintf("CASE WHEN pg_catalog.jsonb_typeof(%s)"
							" OPERATOR(pg_catalog.=)"
							" 'boolean'::pg_catalog.text"
							" THEN (%s)::pg_catalog.bool END", value, value);
		case SCHEMA_DATE:
			return date_expression(value);
		case SCHEMA_RATING:
			return number_expression(value, "pg_catalog.int4",
									 "'-2147483648'", "'2147483647'");
		case SCHEMA_NUMBER:
			return field->integer ?
				number_expression(value, "pg_catalog.int8",
								  "'-9223372036854775808'",
								  "'9223372036854775807'") :
				number_expression(value, "pg_catalog.float8",
								  "'-1.7976931348623157e308'",
								  "'1.7976931348623157e308'");
		case SCHEMA_CHOICES:
		case SCHEMA_RANKING:
			return psprintf("CASE WHEN pg_catalog.jsonb_typeof(%s)"
							" OPERATOR(pg_catalog.=)"
							" 'array'::pg_catalog.text"
							" THEN ARRAY(SELECT"
							" pg_catalog.jsonb_array_elements_text(%s)) END",
							value, value);
		default:
			return psprintf("(%s)", value);
	}
}
