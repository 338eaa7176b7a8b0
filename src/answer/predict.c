/*-------------------------------------------------------------------------
 *
 * predict.c
 *	  Answers that no person gave: store them, and show them as pre-fills.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "answer/answer.h"
#include "answer/check.h"
#include "answer/predict.h"
#include "answer/store.h"
#include "base/arguments.h"
#include "base/compat.h"
#include "base/query.h"
#include "capture/capture.h"

PG_FUNCTION_INFO_V1(tdp_add_predictions);

/* Predictions written by one statement. */
#define BATCH 1000

/* Kind of advisory lock; the SQL functions take 1 and 2. */
#define LOCK_MODEL 3

enum
{
	PREDICTION_ITEM,
	PREDICTION_VALUE,
	PREDICTION_CONFIDENCE,
	PREDICTION_COLUMNS
};


static void
take_row(void *state, const QueryValue *values)
{
	List	  **predictions = state;
	Prediction *prediction = palloc_object(Prediction);

	prediction->item = pstrdup(DatumGetCString(values[PREDICTION_ITEM].datum));
	prediction->value = (Jsonb *) PG_DETOAST_DATUM_COPY(values[PREDICTION_VALUE].datum);
	prediction->confidence = values[PREDICTION_CONFIDENCE].isnull ? NAN
		: values[PREDICTION_CONFIDENCE].number;
	prediction->keep = true;
	if (!values[PREDICTION_CONFIDENCE].isnull &&
		!(prediction->confidence >= 0 && prediction->confidence <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the confidence of item \"%s\" must be from 0 to 1, not %g",
						prediction->item, prediction->confidence)));
	*predictions = lappend(*predictions, prediction);
}


static int
compare_predictions(const ListCell *a, const ListCell *b)
{
	return strcmp(((const Prediction *) lfirst(a))->item,
				  ((const Prediction *) lfirst(b))->item);
}


static void
refuse_repeats(List *predictions)
{
	const char *previous = NULL;
	ListCell   *cell;

	foreach(cell, predictions)
	{
		Prediction *prediction = lfirst(cell);

		if (previous != NULL && strcmp(previous, prediction->item) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_CARDINALITY_VIOLATION),
					 errmsg("item \"%s\" has more than one prediction",
							prediction->item),
					 errhint("Give each item once, or each model a name of its own.")));
		previous = prediction->item;
	}
}


/* Arrays of one batch, as the statements below take them. */
typedef struct Batch
{
	ArrayType  *items;
	ArrayType  *values;
	ArrayType  *confidences;	/* NULL for not known */
	ArrayType  *keep;
	List	   *keys;
} Batch;


static void
fill_batch(Batch *batch, List *predictions, int from, int to)
{
	int			count = to - from;
	Datum	   *items = palloc_array(Datum, count);
	Datum	   *values = palloc_array(Datum, count);
	Datum	   *confidences = palloc_array(Datum, count);
	bool	   *unknown = palloc_array(bool, count);
	Datum	   *keep = palloc_array(Datum, count);
	int			lower = 1;

	batch->keys = NIL;
	for (int i = 0; i < count; i++)
	{
		Prediction *prediction = list_nth(predictions, from + i);

		items[i] = CStringGetTextDatum(prediction->item);
		values[i] = JsonbPGetDatum(prediction->value);
		confidences[i] = Float8GetDatum(prediction->confidence);
		unknown[i] = isnan(prediction->confidence);
		keep[i] = Int32GetDatum(prediction->keep);
		batch->keys = lappend(batch->keys, prediction->item);
	}
	batch->items = construct_array(items, count, TEXTOID, -1, false,
								   TYPALIGN_INT);
	batch->values = construct_array(values, count, JSONBOID, -1, false,
									TYPALIGN_INT);
	batch->confidences = construct_md_array(confidences, unknown, 1, &count,
											&lower, FLOAT8OID, 8, FLOAT8PASSBYVAL,
											TYPALIGN_DOUBLE);
	batch->keep = construct_array(keep, count, INT4OID, 4, true, TYPALIGN_INT);
}


/* The first key of the batch that is no item; NULL when all are. */
static char *
unknown_item(const Project *project, const Batch *batch)
{
	StorageSection section;
	char	   *key = NULL;
	Rows		rows;

	storage_begin(&section, true);
	rows = storage_exec("SELECT k FROM unnest($2) AS k WHERE NOT EXISTS (SELECT FROM tdp.item i "
						"WHERE i.project_id = $1 AND i.key = k AND i.state <> 'w') LIMIT 1",
						"iT", project->id, batch->items);
	if (rows.count > 0)
		key = row_text(rows, 0, 1);
	section_end(&section);
	return key;
}


static void
write_batch(const Project *project, const char *model, char source,
			const Batch *batch)
{
	StorageSection section;

	storage_begin(&section, true);
	storage_exec("UPDATE tdp.prediction SET current = false "
				 "WHERE current AND model = $3 AND item_id = ANY (ARRAY(SELECT i.item_id "
				 "FROM unnest($2) AS k JOIN tdp.item i ON i.project_id = $1 AND i.key = k))",
				 "iTt", project->id, batch->items, model);
	storage_exec("INSERT INTO tdp.prediction (item_id, project_id, schema_version, source, model, value, confidence) "
				 "SELECT i.item_id, $1, $5, $6, $7, k.value, k.confidence "
				 "FROM unnest($2, $3, $4) AS k (key, value, confidence) "
				 "JOIN tdp.item i ON i.project_id = $1 AND i.key = k.key",
				 "iTJFict", project->id, batch->items, batch->values,
				 batch->confidences, project->schema_version, source, model);
	storage_exec("INSERT INTO tdp.label AS l (item_id, project_id, field, label, value, confidence, "
				 "source, method, schema_version) "
				 "SELECT i.item_id, $1, f.field, f.label, f.field_value, k.confidence, $6, $7, $5 "
				 "FROM unnest($2, $3, $4, $8) AS k (key, value, confidence, keep) "
				 "JOIN tdp.item i ON i.project_id = $1 AND i.key = k.key "
				 "JOIN tdp.schema_version v ON v.project_id = $1 AND v.version = $5, "
				 "LATERAL tdp.field_values(k.value, v.label_schema) f WHERE k.keep = 1 "
				 "ON CONFLICT (item_id, field) DO UPDATE SET label = excluded.label, "
				 "value = excluded.value, confidence = excluded.confidence, "
				 "probabilities = NULL, answers = 0, source = excluded.source, "
				 "method = excluded.method, schema_version = excluded.schema_version, "
				 "labeled_at = excluded.labeled_at "
				 "WHERE l.source = 'm' OR l.source = excluded.source",
				 "iTJFictI", project->id, batch->items, batch->values,
				 batch->confidences, project->schema_version, source, model,
				 batch->keep);

	/* what the same method no longer vouches for is not kept as a label */
	storage_exec("DELETE FROM tdp.label l USING unnest($2, $3) AS k (key, keep), tdp.item i "
				 "WHERE i.project_id = $1 AND i.key = k.key AND k.keep = 0 "
				 "AND l.item_id = i.item_id AND l.source = $4 AND l.method = $5",
				 "iTIct", project->id, batch->items, batch->keep, source, model);
	section_end(&section);
}


/*
 * Until the end of the transaction nobody else writes predictions of this
 * model: of two that replaced the same ones, the second would find what the
 * first has just written in its way.
 */
static void
lock_model(const Project *project, const char *model)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, project->id,
						 hash_bytes((const unsigned char *) model, strlen(model)),
						 LOCK_MODEL);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
}


int64
predictions_store(const Project *project, const char *model, char source,
				  List *predictions)
{
	int			count = list_length(predictions);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "tdp predictions",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old;

	project = project_hold(project, true);
	lock_model(project, model);
	old = MemoryContextSwitchTo(context);
	for (int from = 0; from < count; from += BATCH)
	{
		Batch		batch;
		char	   *unknown;

		CHECK_FOR_INTERRUPTS();
		fill_batch(&batch, predictions, from, Min(from + BATCH, count));
		if (unknown_item(project, &batch) != NULL)
		{
			Reconciled	sum = {0};

			reconcile(project, batch.keys, 0, &sum);
			unknown = unknown_item(project, &batch);
			if (unknown != NULL)
				report_no_item(project, unknown);
		}
		write_batch(project, model, source, &batch);
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return count;
}


static void
check_values(const Project *project, List *predictions)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "tdp prediction check",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	ListCell   *cell;

	foreach(cell, predictions)
	{
		Prediction *prediction = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		answer_check(project, prediction->item, prediction->value, NULL, true);
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}


/* add_predictions(project, predictions, model): see answer.sql. */
Datum
tdp_add_predictions(PG_FUNCTION_ARGS)
{
	QueryColumn columns[PREDICTION_COLUMNS] = {
		[PREDICTION_ITEM] = {"item", QUERY_TEXT, .aliases = "task, key, id"},
		[PREDICTION_VALUE] = {"value", QUERY_JSONB, .aliases = "answer, prediction, label"},
		[PREDICTION_CONFIDENCE] = {"confidence", QUERY_FLOAT8, .optional = true,
		.null_ok = true, .aliases = "score, probability"}
	};
	Project    *project = project_load(argument_required_text(fcinfo, 0, "project"));
	char	   *query = argument_required_text(fcinfo, 1, "predictions");
	char	   *model = argument_required_text(fcinfo, 2, "model");
	List	   *predictions = NIL;

	project_require(project, ROLES_MANAGE | ROLE_MACHINE, "add predictions");
	if (model[0] == '\0' || strlen(model) > 200)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("a model's name must have 1 to 200 bytes, but this one has %zu",
						strlen(model))));
	query_read("predictions", query, NULL,
			   columns, PREDICTION_COLUMNS, take_row, &predictions);
	check_values(project, predictions);
	list_sort(predictions, compare_predictions);
	refuse_repeats(predictions);
	PG_RETURN_INT64(predictions_store(project, model, SOURCE_MODEL,
									  predictions));
}


/*
 * The fields of a prediction that fit the label schema as it is now: it may
 * have been made under an older one.  NULL when there are none.
 */
static Jsonb *
fields_that_fit(const Project *project, Jsonb *value)
{
	JsonbIterator *iterator = JsonbIteratorInit(&value->root);
	JsonbIteratorToken token;
	JsonbParseState *state = NULL;
	JsonbValue	name = {0};
	JsonbValue	member;
	char	   *detail;
	char	   *hint;
	int			count = 0;

	if (answer_problem(project, value, NULL, true, &detail, &hint) == NULL)
		return value;
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	while ((token = JsonbIteratorNext(&iterator, &member, true)) != WJB_DONE)
	{
		JsonbParseState *single = NULL;

		if (token == WJB_KEY)
			name = member;
		if (token != WJB_VALUE)
			continue;
		pushJsonbValue(&single, WJB_BEGIN_OBJECT, NULL);
		pushJsonbValue(&single, WJB_KEY, &name);
		pushJsonbValue(&single, WJB_VALUE, &member);
		if (answer_problem(project, JsonbValueToJsonb(pushJsonbValue(&single, WJB_END_OBJECT, NULL)),
						   NULL, true, &detail, &hint) != NULL)
			continue;
		pushJsonbValue(&state, WJB_KEY, &name);
		pushJsonbValue(&state, WJB_VALUE, &member);
		count++;
	}
	value = JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
	return count > 0 ? value : NULL;
}


Jsonb *
prediction_prefill(const Project *project, int64 item_id,
				   int64 *prediction_id)
{
	Jsonb	   *value;
	Rows		rows;

	if (strcmp(project->prefill, "none") == 0 ||
		(strcmp(project->prefill, "half") == 0 && item_id % 2 != 0))
		return NULL;

	/* of each field the propagated one, else the newest */
	rows = storage_exec("SELECT jsonb_object_agg(f.key, f.value), max(f.prediction_id) "
						"FROM (SELECT DISTINCT ON (e.key) e.key, e.value, p.prediction_id "
						"FROM tdp.prediction p, jsonb_each(p.value) e "
						"WHERE p.item_id = $1 AND p.current "
						"ORDER BY e.key, p.source = 'p' DESC, p.prediction_id DESC) f",
						"l", item_id);
	if (row_null(rows, 0, 1))
		return NULL;
	value = fields_that_fit(project, row_jsonb(rows, 0, 1));
	if (value != NULL)
		*prediction_id = row_int64(rows, 0, 2);
	return value;
}
