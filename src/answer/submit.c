/*-------------------------------------------------------------------------
 *
 * submit.c
 *	  Take answers: on a lease, without one, and in bulk.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "answer/check.h"
#include "answer/store.h"
#include "base/arguments.h"
#include "base/compat.h"
#include "base/errors.h"
#include "capture/capture.h"
#include "queue/queue.h"

PG_FUNCTION_INFO_V1(tdp_submit);
PG_FUNCTION_INFO_V1(tdp_annotate);


/* The seconds argument; NaN for NULL. */
static double
seconds_argument(FunctionCallInfo fcinfo, int number)
{
	if (PG_ARGISNULL(number))
		return NAN;
	answer_check_seconds(PG_GETARG_FLOAT8(number));
	return PG_GETARG_FLOAT8(number);
}


/*
 * The row of a task as it is now, without which it cannot be answered; and
 * what spans and the like are checked against.
 */
static SourceRow *
row_of_task(const Project *project, const Task *task)
{
	List	   *set_aside;
	List	   *rows = source_fetch(project, list_make1(task->key), true,
									&set_aside);
	Reconciled	sum = {0};

	if (rows == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_TDP_NO_SUCH_TASK),
				 errmsg("the row of task " INT64_FORMAT " is gone", task->id),
				 errdetail("Item \"%s\" of project \"%s\" was deleted or no longer passes the filter.",
						   task->key, project->name)));
	if (task->item_state == ITEM_WITHDRAWN)
		reconcile(project, list_make1(task->key), 0, &sum);
	return linitial(rows);
}


/* The answer that a finished task has, when it is the same; else TD004. */
static int64
same_answer(const Task *task, Jsonb *value)
{
	StorageSection section;
	int64		annotation_id = 0;
	bool		same = false;
	Rows		rows;

	if (task->state == TASK_SUBMITTED || task->state == TASK_EXTRA)
	{
		storage_begin(&section, true);
		rows = storage_exec("SELECT annotation_id, value FROM tdp.annotation "
							"WHERE task_id = $1 ORDER BY revision DESC LIMIT 1",
							"l", task->id);
		if (rows.count > 0)
		{
			annotation_id = row_int64(rows, 0, 1);
			same = same_value(row_jsonb(rows, 0, 2), value);
		}
		section_end(&section);
	}
	if (same)
		return annotation_id;
	ereport(ERROR,
			(errcode(ERRCODE_TDP_FINISHED),
			 errmsg("task " INT64_FORMAT " has been %s", task->id,
					task->state == TASK_SKIPPED ? "skipped"
					: task->state == TASK_RELEASED ? "released"
					: "answered otherwise"),
			 task->state == TASK_SUBMITTED || task->state == TASK_EXTRA
			 ? errhint("A given answer is changed with tdp.revise, not submitted anew.")
			 : errhint("tdp.next_tasks gives out more.")));
	return 0;
}


static bool
is_finished(const Task *task)
{
	return task->state != TASK_LEASED && task->state != TASK_EXPIRED;
}


/* submit(task_id, value, seconds, annotator): see answer.sql. */
Datum
tdp_submit(PG_FUNCTION_ARGS)
{
	StorageSection section;
	Project    *project;
	Member	   *member;
	Task	   *task;
	SourceRow  *row;
	Jsonb	   *value;
	double		seconds;
	int64		annotation_id = 0;
	bool		finished;
	bool		held = true;

	argument_refuse_null(fcinfo, 0, "task_id");
	argument_refuse_null(fcinfo, 1, "value");
	value = PG_GETARG_JSONB_P(1);
	seconds = seconds_argument(fcinfo, 2);
	task = task_require(PG_GETARG_INT64(0), argument_text(fcinfo, 3),
						&project, &member);
	if (is_finished(task))
		PG_RETURN_INT64(same_answer(task, value));
	row = row_of_task(project, task);
	answer_check(project, NULL, value, row->data, false);

	storage_begin(&section, true);
	task_lock(task);
	finished = is_finished(task);
	if (!finished)
	{
		if (task->state == TASK_LEASED)
			task_end(task, TASK_SUBMITTED, NULL);
		else
			held = task_retake(task);
		if (held)
		{
			annotation_id = store_annotation(project, member->id, task->item_id,
											 task->id, value, seconds,
											 ORIGIN_TASK, NULL);
			capture_item_judged(task->item_id, row->fingerprint);
		}
	}
	section_end(&section);

	if (finished)
		PG_RETURN_INT64(same_answer(task, value));
	if (!held)
		ereport(ERROR,
				(errcode(ERRCODE_TDP_EXPIRED),
				 errmsg("the lease of task " INT64_FORMAT " has expired, and its place has been given to others",
						task->id),
				 errhint("To keep the answer beside theirs: tdp.annotate(%s, %s, ...).",
						 quote_literal_cstr(project->name),
						 quote_literal_cstr(task->key))));
	PG_RETURN_INT64(annotation_id);
}


int64
store_annotation(const Project *project, int32 member_id, int64 item_id,
				 int64 task_id, Jsonb *value, double seconds, char origin,
				 const TimestampTz *submitted_at)
{
	const double *known_seconds = isnan(seconds) ? NULL : &seconds;

	return row_int64(storage_exec("INSERT INTO tdp.annotation (item_id, task_id, project_id, member_id, "
								  "schema_version, value, seconds, origin, submitted_at, prediction_id, lease_seconds) "
								  "SELECT $1, $2, $3, $4, $5, $6, $7, $8, coalesce($9, clock_timestamp()), "
								  "t.prediction_id, CASE WHEN $8 = 't' THEN extract(epoch FROM clock_timestamp() - t.leased_at) END "
								  "FROM tdp.task t WHERE t.task_id = $2 RETURNING annotation_id",
								  "lliiijDcZ", item_id, task_id, project->id,
								  member_id, project->schema_version, value,
								  known_seconds, origin, submitted_at), 0, 1);
}


/* Locks the item of a key and returns its number; 0 when there is none. */
static int64
lock_item(const Project *project, const char *key)
{
	Rows		rows = storage_exec("SELECT item_id FROM tdp.item WHERE project_id = $1 "
									"AND key = $2 AND state <> 'w' FOR NO KEY UPDATE",
									"it", project->id, key);

	return rows.count > 0 ? row_int64(rows, 0, 1) : 0;
}


StoredAnswer
store_answer(const Project *project, const Member *member,
			 const SourceRow *row, Jsonb *value, double seconds, char origin,
			 const TimestampTz *submitted_at, int64 *annotation_id)
{
	int64		item_id = lock_item(project, row->key);
	Task		task = {0};
	bool		extra;
	Rows		rows;

	if (item_id == 0)
		return ANSWER_NO_ITEM;
	rows = storage_exec("SELECT t.task_id, t.state, a.annotation_id, a.value FROM tdp.task t "
						"LEFT JOIN LATERAL (SELECT annotation_id, value FROM tdp.annotation "
						"WHERE task_id = t.task_id ORDER BY revision DESC LIMIT 1) a ON true "
						"WHERE t.item_id = $1 AND t.member_id = $2", "li", item_id,
						member->id);
	if (rows.count > 0 && !row_null(rows, 0, 3))
	{
		*annotation_id = row_int64(rows, 0, 3);
		return same_value(row_jsonb(rows, 0, 4), value)
			? ANSWER_SAME : ANSWER_OTHER;
	}
	if (rows.count > 0 && row_char(rows, 0, 2) == TASK_LEASED)
	{
		task.id = row_int64(rows, 0, 1);
		task.item_id = item_id;
		task_end(&task, TASK_SUBMITTED, NULL);
	}
	else
	{
		capture_item_shown(item_id, row->fingerprint);
		task.id = task_for_answer(item_id, member->id,
								  member->role != ROLE_MACHINE, &extra);
	}
	*annotation_id = store_annotation(project, member->id, item_id, task.id,
									  value, seconds, origin, submitted_at);
	capture_item_judged(item_id, row->fingerprint);
	return ANSWER_STORED;
}


/* annotate(project, item, value, ...): see answer.sql. */
Datum
tdp_annotate(PG_FUNCTION_ARGS)
{
	StorageSection section;
	Project    *project;
	Member	   *member;
	char	   *key;
	Jsonb	   *value;
	double		seconds;
	TimestampTz submitted_at;
	StoredAnswer stored = ANSWER_NO_ITEM;
	int64		annotation_id = 0;
	List	   *set_aside;
	List	   *rows;
	SourceRow  *row;
	Reconciled	sum = {0};

	argument_refuse_null(fcinfo, 0, "project");
	argument_refuse_null(fcinfo, 1, "item");
	argument_refuse_null(fcinfo, 2, "value");
	project = project_load(argument_text(fcinfo, 0));
	member = project_annotator(project, argument_text(fcinfo, 3));
	key = argument_text(fcinfo, 1);
	value = PG_GETARG_JSONB_P(2);
	submitted_at = PG_ARGISNULL(4) ? 0 : PG_GETARG_TIMESTAMPTZ(4);
	if (TIMESTAMP_NOT_FINITE(submitted_at))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
				 errmsg("argument \"submitted_at\" must not be infinite")));
	seconds = seconds_argument(fcinfo, 5);

	rows = source_fetch(project, list_make1(key), true, &set_aside);
	if (rows == NIL)
		report_no_item(project, key);
	row = linitial(rows);
	key = row->key;
	answer_check(project, NULL, value, row->data, false);

	/* a row that nobody has reached for yet becomes an item now */
	for (int attempt = 0; attempt < 2 && stored == ANSWER_NO_ITEM; attempt++)
	{
		if (attempt > 0)
			reconcile(project, list_make1(key), 0, &sum);
		storage_begin(&section, true);
		stored = store_answer(project, member, row, value, seconds,
							  ORIGIN_DIRECT,
							  PG_ARGISNULL(4) ? NULL : &submitted_at,
							  &annotation_id);
		section_end(&section);
	}
	if (stored == ANSWER_NO_ITEM)
		report_no_item(project, key);
	if (stored == ANSWER_OTHER)
		ereport(ERROR,
				(errcode(ERRCODE_TDP_FINISHED),
				 errmsg("\"%s\" has answered item \"%s\" of project \"%s\" otherwise",
						member->name, key, project->name),
				 errhint("A given answer is changed with tdp.revise, not given anew.")));
	PG_RETURN_INT64(annotation_id);
}


void
report_no_item(const Project *project, const char *key)
{
	ereport(ERROR,
			(errcode(ERRCODE_TDP_NO_SUCH_ITEM),
			 errmsg("project \"%s\" has no item \"%s\"", project->name, key),
			 errdetail("No row of %s that passes the filter has this key.",
					   project_source_name(project)),
			 errhint("Items are named by their key as tdp.item_key prints it.")));
}
