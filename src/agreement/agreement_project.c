/*-------------------------------------------------------------------------
 *
 * agreement_project.c
 *	  Agreement among the annotators of a project, field by field.
 *
 * A thin layer: the coefficients are the aggregates that any query may use,
 * called on the project's own answers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "capture/capture.h"
#include "project/project.h"
#include "schema/schema.h"

PG_FUNCTION_INFO_V1(tdp_agreement);

/* $1 project, $2 field, $3 keys and $4 slices of the items (NULL: one). */
#define FROM_ANSWERS \
	"FROM tdp.answer a LEFT JOIN unnest($3, $4) AS s (item, slice) " \
	"ON s.item = a.item WHERE a.project_id = $1 AND a.field = $2 " \
	"AND a.role <> 'machine' AND ($3 IS NULL OR s.item IS NOT NULL) " \
	"GROUP BY s.slice"

#define COUNTS \
	"count(DISTINCT a.item_id), count(DISTINCT a.member_id), count(*)"

/* A measure and the statement that gives slice, value and the counts. */
typedef struct Measure
{
	const char *name;
	const char *sql;
} Measure;

static const Measure nominal[] = {
	{"percent_agreement", "SELECT s.slice, tdp.percent_agreement(a.item_id, a.label), " COUNTS " " FROM_ANSWERS},
	{"krippendorff_alpha", "SELECT s.slice, tdp.krippendorff_alpha(a.item_id, a.label), " COUNTS " " FROM_ANSWERS},
	{"gwet_ac1", "SELECT s.slice, tdp.gwet_ac1(a.item_id, a.label), " COUNTS " " FROM_ANSWERS},
	{NULL, NULL}
};

static const Measure ordinal[] = {
	{"percent_agreement", "SELECT s.slice, tdp.percent_agreement(a.item_id, a.label), " COUNTS " " FROM_ANSWERS},
	{"krippendorff_alpha_ordinal", "SELECT s.slice, tdp.krippendorff_alpha(a.item_id, a.label::numeric, 'ordinal'), " COUNTS " " FROM_ANSWERS},
	{NULL, NULL}
};

static const Measure interval[] = {
	{"krippendorff_alpha_interval", "SELECT s.slice, tdp.krippendorff_alpha(a.item_id, a.label::numeric, 'interval'), " COUNTS " " FROM_ANSWERS},
	{NULL, NULL}
};


/* What is measured of a field of this kind; NULL: nothing as yet. */
static const Measure *
measures_of(SchemaKind kind)
{
	switch (kind)
	{
		case SCHEMA_CHOICE:
		case SCHEMA_BOOLEAN:
		case SCHEMA_PREFERENCE:
			return nominal;
		case SCHEMA_RATING:
			return ordinal;
		case SCHEMA_NUMBER:
			return interval;
		default:
			return NULL;
	}
}


static void
put_measure(ReturnSetInfo *result, const Project *project, const char *field,
			const Measure *measure, ArrayType *keys, ArrayType *slices)
{
	Rows		rows = storage_exec(measure->sql, "itTT", project->id, field,
									keys, slices);

	for (uint64 i = 0; i < rows.count; i++)
	{
		Datum		values[9] = {0};
		bool		nulls[9] = {false};

		values[0] = CStringGetTextDatum(field);
		nulls[1] = row_null(rows, i, 1);
		if (!nulls[1])
			values[1] = CStringGetTextDatum(row_text(rows, i, 1));
		values[2] = CStringGetTextDatum(measure->name);
		nulls[3] = row_null(rows, i, 2);
		values[3] = Float8GetDatum(row_float8(rows, i, 2));
		nulls[4] = nulls[5] = true;
		values[6] = Int64GetDatum(row_int64(rows, i, 3));
		values[7] = Int64GetDatum(row_int64(rows, i, 4));
		values[8] = Int64GetDatum(row_int64(rows, i, 5));
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}


/* agreement(project, by): see agreement_project.sql. */
Datum
tdp_agreement(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	StorageSection section;
	Project    *project;
	const Schema *schema;
	ArrayType  *keys = NULL;
	ArrayType  *slices = NULL;

	project = project_load(argument_required_text(fcinfo, 0, "project"));
	project_require(project, ROLES_READ_ALL, "see its annotators' agreement");
	schema = schema_from_datum(project->label_schema);
	if (!PG_ARGISNULL(1))
		source_column(project, text_to_cstring(PG_GETARG_TEXT_PP(1)), "by",
					  &keys, &slices);

	InitMaterializedSRF(fcinfo, 0);
	storage_begin(&section, false);
	for (int i = 0; i < schema_field_count(schema); i++)
	{
		const struct SchemaField *field = schema_field_at(schema, i);
		const Measure *measure = measures_of(schema_field_kind(field));

		for (; measure != NULL && measure->name != NULL; measure++)
			put_measure(result, project, schema_field_name(field), measure,
						keys, slices);
	}
	section_end(&section);
	return (Datum) 0;
}
