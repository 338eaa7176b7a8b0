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

/*
 * $1 project, $2 field, $3 keys and $4 slices of the items (NULL: one), $5 the
 * JSON type of the field's values: answers from a time when the field was of
 * another kind cannot be compared with today's.
 */
#define FROM_ANSWERS \
	"FROM tdp.answer a LEFT JOIN unnest($3, $4) AS s (item, slice) " \
	"ON s.item = a.item WHERE a.project_id = $1 AND a.field = $2 " \
	"AND a.role <> 'machine' AND ($3 IS NULL OR s.item IS NOT NULL) " \
	"AND jsonb_typeof(a.value) = $5 GROUP BY s.slice"

#define MEASURED \
	"SELECT s.slice, count(DISTINCT a.item_id), count(DISTINCT a.member_id), " \
	"count(*), "

/* What is measured of a field: one statement, so that one walk serves all. */
typedef struct Measures
{
	const char *sql;			/* slice, three counts, the measures */
	const char *names[4];		/* ended by NULL */
} Measures;

#define NOMINAL \
	MEASURED "tdp.percent_agreement(a.item_id, a.label), " \
	"tdp.krippendorff_alpha(a.item_id, a.label), " \
	"tdp.gwet_ac1(a.item_id, a.label) " FROM_ANSWERS

static const Measures of_labels = {
	NOMINAL, {"percent_agreement", "krippendorff_alpha", "gwet_ac1"}
};

static const Measures of_ratings = {
	MEASURED "tdp.percent_agreement(a.item_id, a.label), "
	"tdp.krippendorff_alpha(a.item_id, a.label::numeric, 'ordinal') " FROM_ANSWERS,
	{"percent_agreement", "krippendorff_alpha_ordinal"}
};

static const Measures of_numbers = {
	MEASURED "tdp.krippendorff_alpha(a.item_id, a.label::numeric, 'interval') " FROM_ANSWERS,
	{"krippendorff_alpha_interval"}
};


/* NULL: nothing as yet. */
static const Measures *
measures_of(SchemaKind kind)
{
	switch (kind)
	{
		case SCHEMA_CHOICE:
		case SCHEMA_PREFERENCE:
		case SCHEMA_BOOLEAN:
			return &of_labels;
		case SCHEMA_RATING:
			return &of_ratings;
		case SCHEMA_NUMBER:
			return &of_numbers;
		default:
			return NULL;
	}
}


static void
put_measures(ReturnSetInfo *result, const Project *project,
			 const struct SchemaField *field, const Measures *measures,
			 ArrayType *keys, ArrayType *slices)
{
	const char *name = schema_field_name(field);
	Rows		rows = storage_exec(measures->sql, "itTTt", project->id, name,
									keys, slices,
									schema_field_json_type(field));

	for (int m = 0; measures->names[m] != NULL; m++)
		for (uint64 i = 0; i < rows.count; i++)
		{
			Datum		values[9] = {0};
			bool		nulls[9] = {false};

			values[0] = CStringGetTextDatum(name);
			nulls[1] = row_null(rows, i, 1);
			if (!nulls[1])
				values[1] = CStringGetTextDatum(row_text(rows, i, 1));
			values[2] = CStringGetTextDatum(measures->names[m]);
			nulls[3] = row_null(rows, i, 5 + m);
			if (!nulls[3])
				values[3] = Float8GetDatum(row_float8(rows, i, 5 + m));
			nulls[4] = nulls[5] = true;
			values[6] = Int64GetDatum(row_int64(rows, i, 2));
			values[7] = Int64GetDatum(row_int64(rows, i, 3));
			values[8] = Int64GetDatum(row_int64(rows, i, 4));
			tuplestore_putvalues(result->setResult, result->setDesc, values,
								 nulls);
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
		const Measures *measures = measures_of(schema_field_kind(field));

		if (measures != NULL)
			put_measures(result, project, field, measures, keys, slices);
	}
	section_end(&section);
	return (Datum) 0;
}
