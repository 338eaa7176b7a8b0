/*-------------------------------------------------------------------------
 *
 * import.c
 *	  Take over answers that were given elsewhere.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "answer/check.h"
#include "answer/store.h"
#include "base/arguments.h"
#include "base/compat.h"
#include "base/errors.h"
#include "base/query.h"
#include "capture/capture.h"

PG_FUNCTION_INFO_V1(tdp_import_annotations);

/* Answers whose rows are read at once. */
#define BATCH 1000

typedef struct ImportedAnswer
{
	char	   *item;
	Jsonb	   *value;
	char	   *annotator;
	double		seconds;		/* NaN: not known */
	bool		has_time;
	TimestampTz submitted_at;
} ImportedAnswer;

typedef struct Import
{
	const Project *project;
	bool		stop;
	List	   *answers;		/* ImportedAnswer */
	ReturnSetInfo *result;
	Member	   *member;			/* the last one looked up in this batch */
} Import;

enum
{
	IMPORT_ITEM,
	IMPORT_VALUE,
	IMPORT_ANNOTATOR,
	IMPORT_TIME,
	IMPORT_SECONDS,
	IMPORT_COLUMNS
};


static void
take_row(void *state, const QueryValue *values)
{
	Import	   *import = state;
	ImportedAnswer *answer = palloc_object(ImportedAnswer);

	answer->item = pstrdup(DatumGetCString(values[IMPORT_ITEM].datum));
	answer->value = (Jsonb *) PG_DETOAST_DATUM_COPY(values[IMPORT_VALUE].datum);
	answer->annotator = pstrdup(DatumGetCString(values[IMPORT_ANNOTATOR].datum));
	answer->has_time = !values[IMPORT_TIME].isnull;
	answer->submitted_at = answer->has_time
		? DatumGetTimestampTz(values[IMPORT_TIME].datum) : 0;
	answer->seconds = values[IMPORT_SECONDS].isnull ? NAN
		: isnan(values[IMPORT_SECONDS].number) ? -1
		: values[IMPORT_SECONDS].number;
	import->answers = lappend(import->answers, answer);
}


/* Says what is wrong with an answer: an error, or a row of the result. */
static void
put_problem(Import *import, const ImportedAnswer *answer, int sqlerrcode,
			const char *problem, const char *detail)
{
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (import->stop)
		ereport(ERROR,
				(errcode(sqlerrcode),
				 errmsg("the answer of \"%s\" for item \"%s\" cannot be imported: %s",
						answer->annotator, answer->item, problem),
				 detail ? errdetail_internal("%s", detail) : 0,
				 errhint("on_error => 'skip' leaves such answers out and returns them.")));
	values[0] = CStringGetTextDatum(answer->item);
	values[1] = CStringGetTextDatum(psprintf("%s: %s", answer->annotator,
											 problem));
	tuplestore_putvalues(import->result->setResult, import->result->setDesc,
						 values, nulls);
}


static Member *
find_annotator(Import *import, const char *name)
{
	if (import->member == NULL || strcmp(import->member->name, name) != 0)
		import->member = project_member(import->project, name);
	return import->member;
}


static void
import_one(Import *import, const ImportedAnswer *answer, const SourceRow *row)
{
	StorageSection section;
	Member	   *member = find_annotator(import, answer->annotator);
	int64		annotation_id;
	char	   *problem;
	char	   *detail = NULL;
	char	   *hint = NULL;
	StoredAnswer stored;

	if (member == NULL || !member->active || !(member->role & ROLES_ANNOTATE))
	{
		put_problem(import, answer, ERRCODE_TDP_NO_SUCH_MEMBER,
					"no member of the project who annotates", NULL);
		return;
	}
	if (row == NULL)
	{
		put_problem(import, answer, ERRCODE_TDP_NO_SUCH_ITEM,
					"no such item", NULL);
		return;
	}
	if (answer->seconds < 0 || answer->seconds > MOST_SECONDS)
	{
		put_problem(import, answer, ERRCODE_INVALID_PARAMETER_VALUE,
					"its seconds are no time from zero to a year", NULL);
		return;
	}
	if (answer->has_time && TIMESTAMP_NOT_FINITE(answer->submitted_at))
	{
		put_problem(import, answer, ERRCODE_DATETIME_FIELD_OVERFLOW,
					"its submitted_at is infinite", NULL);
		return;
	}
	problem = answer_problem(import->project, answer->value, row->data, false,
							 &detail, &hint);
	if (problem != NULL)
	{
		put_problem(import, answer, ERRCODE_TDP_INVALID_VALUE, problem, detail);
		return;
	}
	storage_begin(&section, true);
	stored = store_answer(import->project, member, row, answer->value,
						  answer->seconds, ORIGIN_IMPORT,
						  answer->has_time ? &answer->submitted_at : NULL,
						  &annotation_id);
	section_end(&section);
	if (stored == ANSWER_OTHER)
		put_problem(import, answer, ERRCODE_TDP_FINISHED,
					"has answered it otherwise", NULL);
	else if (stored == ANSWER_NO_ITEM)
		put_problem(import, answer, ERRCODE_TDP_NO_SUCH_ITEM,
					"no such item", NULL);
}


/* Keys that cannot be read as the key's type are no items. */
static List *
keys_of(const Import *import, int from, int to)
{
	List	   *keys = NIL;

	for (int i = from; i < to; i++)
		keys = lappend(keys, ((ImportedAnswer *) list_nth(import->answers, i))->item);
	return keys;
}


static void
import_batch(Import *import, int from, int to)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "tdp import",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	List	   *keys = keys_of(import, from, to);
	List	   *set_aside;
	List	   *rows;
	Reconciled	sum = {0};

	import->member = NULL;
	reconcile(import->project, keys, 0, &sum);
	rows = source_fetch(import->project, keys, true, &set_aside);
	for (int i = from; i < to; i++)
	{
		ImportedAnswer *answer = list_nth(import->answers, i);

		CHECK_FOR_INTERRUPTS();
		import_one(import, answer, source_row_named(rows, answer->item));
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}


/* import_annotations(project, annotations, on_error): see answer.sql. */
Datum
tdp_import_annotations(PG_FUNCTION_ARGS)
{
	QueryColumn columns[IMPORT_COLUMNS] = {
		[IMPORT_ITEM] = {"item", QUERY_TEXT, .aliases = "task, key, id"},
		[IMPORT_VALUE] = {"value", QUERY_JSONB, .aliases = "answer, annotation, label"},
		[IMPORT_ANNOTATOR] = {"annotator", QUERY_TEXT, .aliases = "worker, labeler, member"},
		[IMPORT_TIME] = {"submitted_at", QUERY_TIMESTAMPTZ, .optional = true, .null_ok = true},
		[IMPORT_SECONDS] = {"seconds", QUERY_FLOAT8, .optional = true, .null_ok = true}
	};
	Import		import = {0};
	char	   *on_error;
	char	   *annotations;

	on_error = argument_required_text(fcinfo, 2, "on_error");
	if (strcmp(on_error, "stop") != 0 && strcmp(on_error, "skip") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"on_error\" must be stop or skip, not \"%s\"",
						on_error)));
	import.project = project_load(argument_required_text(fcinfo, 0, "project"));
	annotations = argument_required_text(fcinfo, 1, "annotations");
	import.stop = strcmp(on_error, "stop") == 0;
	import.result = (ReturnSetInfo *) fcinfo->resultinfo;
	project_require(import.project, ROLES_MANAGE, "import answers");

	InitMaterializedSRF(fcinfo, 0);
	query_read("annotations", annotations, NULL,
			   columns, IMPORT_COLUMNS, take_row, &import);
	for (int from = 0; from < list_length(import.answers); from += BATCH)
		import_batch(&import, from,
					 Min(from + BATCH, list_length(import.answers)));
	return (Datum) 0;
}
