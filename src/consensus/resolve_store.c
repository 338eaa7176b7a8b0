/*-------------------------------------------------------------------------
 *
 * resolve_store.c
 *	  Write what a run of tdp.resolve found: labels, skills, the log.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "base/compat.h"
#include "base/storage.h"
#include "consensus/resolve.h"

/* Labels that one statement writes. */
#define BATCH 1000

/* A column of a batch, as an array of the statement. */
typedef struct BatchColumn
{
	Datum		values[BATCH];
	bool		nulls[BATCH];
} BatchColumn;

enum
{
	BATCH_ITEM,
	BATCH_LABEL,
	BATCH_VALUE,
	BATCH_CONFIDENCE,
	BATCH_PROBABILITIES,
	BATCH_ANSWERS,
	BATCH_COLUMNS
};

static const Oid batch_types[BATCH_COLUMNS] = {
	INT8OID, TEXTOID, JSONBOID, FLOAT8OID, JSONBOID, INT4OID
};

struct LabelWriter
{
	Resolution *run;
	MemoryContext context;		/* of the batch's values */
	int			count;
	BatchColumn columns[BATCH_COLUMNS];
};


LabelWriter *
labels_begin(Resolution *run)
{
	LabelWriter *writer = palloc_object(LabelWriter);

	writer->run = run;
	writer->count = 0;
	writer->context = AllocSetContextCreate(CurrentMemoryContext,
											"tdp labels",
											ALLOCSET_DEFAULT_SIZES);
	return writer;
}


static ArrayType *
column_array(const LabelWriter *writer, int column)
{
	int			dims[1];
	int			lower[1] = {1};
	int16		length;
	bool		by_value;
	char		align;

	dims[0] = writer->count;
	get_typlenbyvalalign(batch_types[column], &length, &by_value, &align);
	return construct_md_array((Datum *) writer->columns[column].values,
							  (bool *) writer->columns[column].nulls, 1, dims,
							  lower, batch_types[column], length, by_value,
							  align);
}


static void
write_batch(LabelWriter *writer)
{
	const Resolution *run = writer->run;

	storage_exec("INSERT INTO tdp.label AS l (item_id, project_id, field, label, value, "
				 "confidence, probabilities, answers, source, method, schema_version) "
				 "SELECT r.item_id, $1, $2, r.label, CASE WHEN r.value IS NOT NULL THEN r.value "
				 "WHEN $4 THEN to_jsonb(r.label) ELSE r.label::jsonb END, "
				 "r.confidence, r.probabilities, r.answers, 'c', $3, $5 "
				 "FROM unnest($6, $7, $8, $9, $10, $11) "
				 "AS r (item_id, label, value, confidence, probabilities, answers) "
				 "ON CONFLICT (item_id, field) DO UPDATE SET label = excluded.label, "
				 "value = excluded.value, confidence = excluded.confidence, "
				 "probabilities = excluded.probabilities, answers = excluded.answers, "
				 "source = 'c', method = excluded.method, "
				 "schema_version = excluded.schema_version, "
				 "labeled_at = CASE WHEN l.label = excluded.label AND l.source = 'c' "
				 "THEN l.labeled_at ELSE excluded.labeled_at END",
				 "ittbiLTJFJI", run->project->id, run->name, run->method,
				 strcmp(run->type, "string") == 0,
				 run->project->schema_version,
				 column_array(writer, BATCH_ITEM),
				 column_array(writer, BATCH_LABEL),
				 column_array(writer, BATCH_VALUE),
				 column_array(writer, BATCH_CONFIDENCE),
				 column_array(writer, BATCH_PROBABILITIES),
				 column_array(writer, BATCH_ANSWERS));
	writer->count = 0;
}


static void
put_value(LabelWriter *writer, int column, Datum value, bool isnull)
{
	writer->columns[column].values[writer->count] = value;
	writer->columns[column].nulls[writer->count] = isnull;
}


static Datum
copy_jsonb(Jsonb *value)
{
	return value == NULL ? (Datum) 0
		: datumCopy(JsonbPGetDatum(value), false, -1);
}


void
labels_put(LabelWriter *writer, const ResolvedLabel *label)
{
	MemoryContext outer = MemoryContextSwitchTo(writer->context);

	CHECK_FOR_INTERRUPTS();
	put_value(writer, BATCH_ITEM, Int64GetDatum(label->item_id), false);
	put_value(writer, BATCH_LABEL, CStringGetTextDatum(label->label), false);
	put_value(writer, BATCH_VALUE, copy_jsonb(label->value),
			  label->value == NULL);
	put_value(writer, BATCH_CONFIDENCE, Float8GetDatum(label->confidence),
			  isnan(label->confidence));
	put_value(writer, BATCH_PROBABILITIES, copy_jsonb(label->probabilities),
			  label->probabilities == NULL);
	put_value(writer, BATCH_ANSWERS, Int32GetDatum(label->answers), false);
	writer->run->items++;
	if (++writer->count == BATCH)
	{
		write_batch(writer);
		MemoryContextReset(writer->context);
	}
	MemoryContextSwitchTo(outer);
}


void
labels_end(LabelWriter *writer)
{
	MemoryContext outer = MemoryContextSwitchTo(writer->context);

	if (writer->count > 0)
		write_batch(writer);
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(writer->context);
	pfree(writer);
}


Jsonb *
probabilities_json(int count, const char *const *labels,
				   const double *probabilities)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int c = 0; c < count; c++)
	{
		JsonbValue	value;

		if (probabilities[c] == 0.0)
			continue;
		value.type = jbvString;
		value.val.string.val = pstrdup(labels[c]);
		value.val.string.len = strlen(labels[c]);
		pushJsonbValue(&state, WJB_KEY, &value);
		value.type = jbvNumeric;
		value.val.numeric = DatumGetNumeric(DirectFunctionCall1(float8_numeric,
																Float8GetDatum(probabilities[c])));
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}


void
skill_put(const Resolution *run, int32 member_id, double accuracy,
		  int64 answers)
{
	storage_exec("INSERT INTO tdp.annotator_skill (member_id, field, accuracy, answers) "
				 "VALUES ($1, $2, $3, $4) ON CONFLICT (member_id, field) "
				 "DO UPDATE SET accuracy = excluded.accuracy, "
				 "answers = excluded.answers, resolved_at = excluded.resolved_at",
				 "itDl", member_id, run->name,
				 isnan(accuracy) ? NULL : &accuracy, answers);
}


/*
 * A label from when the field was of another kind, or had other labels, says
 * nothing of today's.
 */
static void
forget_impossible(const Resolution *run)
{
	storage_exec("DELETE FROM tdp.label WHERE project_id = $1 AND field = $2 "
				 "AND source = 'c' AND (jsonb_typeof(value) <> $3 OR label <> ALL ($4))",
				 "ittT", run->project->id, run->name, run->type,
				 resolve_labels_allowed(run->field));
}


void
resolution_finish(const Resolution *run)
{
	if (!run->partial)
		forget_impossible(run);
	storage_exec("INSERT INTO tdp.resolution (project_id, field, method, why, items, annotators, annotations, evidence) "
				 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", "itttlilj",
				 run->project->id, run->name, run->method, run->why, run->items,
				 run->annotators, run->annotations, run->evidence);
}
