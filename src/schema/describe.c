/*-------------------------------------------------------------------------
 *
 * describe.c
 *	  What a label schema says, and what changes to another, as rows.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/glue.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "schema/diff_kernel.h"

PG_FUNCTION_INFO_V1(tdp_fields);
PG_FUNCTION_INFO_V1(tdp_schema_diff);

#define FIELDS_COLUMNS 12

/* A row being built; what is not put is NULL. */
typedef struct Row
{
	int			next;
	Datum		values[FIELDS_COLUMNS];
	bool		nulls[FIELDS_COLUMNS];
} Row;

static void
put(Row *row, Datum value)
{
	row->nulls[row->next] = false;
	row->values[row->next++] = value;
}

static void
put_text(Row *row, const char *string)
{
	if (string == NULL)
		row->nulls[row->next++] = true;
	else
		put(row, CStringGetTextDatum(schema_to_server(string)));
}

static void
put_labels(Row *row, const SchemaField *field)
{
	int			count = field->labels.count;
	Datum	   *labels = palloc_array(Datum, count + 1);

	if (count == 0)
	{
		row->nulls[row->next++] = true;
		return;
	}
	for (int i = 0; i < count; i++)
		labels[i] = CStringGetTextDatum(schema_field_label(field, i));
	if (field->ties)
		labels[count++] = CStringGetTextDatum("tie");
	put(row, PointerGetDatum(construct_array(labels, count, TEXTOID, -1,
											 false, TYPALIGN_INT)));
}

static void
put_label_ids(Row *row, const SchemaField *field)
{
	int			count = field->labels.count;
	Datum	   *ids = palloc_array(Datum, count + 1);

	if (count == 0 || field->kind == SCHEMA_PREFERENCE)
	{
		row->nulls[row->next++] = true;
		return;
	}
	for (int i = 0; i < count; i++)
		ids[i] = Int32GetDatum(field->labels.items[i].id);
	put(row, PointerGetDatum(construct_array(ids, count, INT4OID,
											 sizeof(int32), true,
											 TYPALIGN_INT)));
}

static void
put_target(Row *row, const SchemaField *field)
{
	double		target;

	if (schema_field_target_confidence(field, &target))
		put(row, Float8GetDatum(target));
	else
		row->nulls[row->next++] = true;
}

static void
put_definition(Row *row, const SchemaFields *fields, int i)
{
	SchemaArena arena = schema_palloc_arena();
	SchemaText text;

	schema_text_init(&text, &arena);
	schema_print_field(&text, fields, i);
	put(row, schema_text_jsonb(text.data));
}

Datum
tdp_fields(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const Schema *schema = schema_argument(fcinfo, 0);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < schema->fields->count; i++)
	{
		const SchemaField *field = &schema->fields->items[i];
		Row			row = {0};

		put_text(&row, field->name);
		put_text(&row, schema_kind_name(field->kind));
		put_labels(&row, field);
		put(&row, BoolGetDatum(field->optional));
		put(&row, Int32GetDatum(i + 1));
		put_target(&row, field);
		put_text(&row, field->title);
		put_text(&row, field->help);
		put_text(&row, field->of);
		put_text(&row, schema_field_sql_type(field));
		put_label_ids(&row, field);
		put_definition(&row, schema->fields, i);
		tuplestore_putvalues(result->setResult, result->setDesc, row.values,
							 row.nulls);
	}
	return (Datum) 0;
}

static void
put_change(void *state, const char *field, const char *label,
		   const char *change, bool breaking)
{
	ReturnSetInfo *result = state;
	Row			row = {0};

	put_text(&row, field);
	put_text(&row, label);
	put_text(&row, change);
	put(&row, BoolGetDatum(breaking));
	tuplestore_putvalues(result->setResult, result->setDesc, row.values,
						 row.nulls);
}

Datum
tdp_schema_diff(PG_FUNCTION_ARGS)
{
	SchemaArena arena = schema_palloc_arena();
	SchemaDiff	diff = {&arena, put_change, fcinfo->resultinfo};
	const Schema *old = schema_from_datum(PG_GETARG_DATUM(0));
	const Schema *new = schema_from_datum(PG_GETARG_DATUM(1));

	InitMaterializedSRF(fcinfo, 0);
	schema_diff(&diff, old->fields, new->fields);
	return (Datum) 0;
}
