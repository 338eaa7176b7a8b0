/*-------------------------------------------------------------------------
 *
 * work.c
 *	  What annotators call: next_tasks, skip, release, extend.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "base/errors.h"
#include "capture/capture.h"
#include "queue/lease.h"
#include "queue/queue.h"

PG_FUNCTION_INFO_V1(tdp_next_tasks);
PG_FUNCTION_INFO_V1(tdp_task_data);
PG_FUNCTION_INFO_V1(tdp_skip);
PG_FUNCTION_INFO_V1(tdp_release);
PG_FUNCTION_INFO_V1(tdp_extend);

#define MAX_TASKS 1000
#define MAX_EXTENSION_YEARS 100

/* How long one who would go empty-handed waits for what others hold. */
#define PATIENCE_MS 2000


/* Notes rows that have changed since their items were made or shown last. */
static void
note_changes(List *changed)
{
	StorageSection section;
	ListCell   *cell;

	if (changed == NIL)
		return;
	storage_begin(&section, true);
	foreach(cell, changed)
	{
		LeasedTask *task = lfirst(cell);

		capture_item_shown(task->item_id, task->fingerprint);
	}
	section_end(&section);
}


/*
 * Reads the rows of leased tasks.  Those whose row is gone, or passes no
 * more, are withdrawn and left out: nobody is ever shown a deleted row.
 */
static List *
with_data(const Project *project, List *tasks)
{
	List	   *keys = NIL;
	List	   *gone = NIL;
	List	   *shown = NIL;
	List	   *changed = NIL;
	List	   *set_aside;
	List	   *rows;
	Reconciled	sum = {0};
	ListCell   *cell;

	foreach(cell, tasks)
		keys = lappend(keys, ((LeasedTask *) lfirst(cell))->key);
	rows = source_fetch(project, keys, true, &set_aside);
	foreach(cell, tasks)
	{
		LeasedTask *task = lfirst(cell);
		SourceRow  *row = source_row_named(rows, task->key);

		if (row == NULL)
			gone = lappend(gone, task->key);
		else
		{
			task->data = row->data;
			if (task->fingerprint != row->fingerprint)
				changed = lappend(changed, task);
			task->fingerprint = row->fingerprint;
			shown = lappend(shown, task);
		}
	}
	note_changes(changed);
	if (gone != NIL)
		reconcile(project, gone, RECONCILE_RECORD_ERRORS | RECONCILE_PUT_BACK,
				  &sum);
	return shown;
}


/*
 * Others may be busy with all that there is: rather than tell the second
 * comer that there is nothing, wait for them, but not for ever.  Their
 * transactions may be left open, or wait for us.  False when there is nobody
 * to wait for, or no more time.
 */
static bool
wait_for_others(const Project *project, const Member *member, Drawn drawn,
				TimestampTz start)
{
	int			left = PATIENCE_MS -
		(int) TimestampDifferenceMilliseconds(start, GetCurrentTimestamp());

	if (left <= 0)
		return false;
	return drawn == DRAWN_BUSY ? capture_wait(project, left)
		: lease_wait(project, member, left);
}


/* An empty answer would say that there is no work left. */
static void
report_busy(const Project *project)
{
	ereport(ERROR,
			(errcode(ERRCODE_TDP_NOTHING_FREE),
			 errmsg("nothing in project \"%s\" is free at this moment",
					project->name),
			 errdetail("All rows that wait are held by a transaction that has not ended."),
			 errhint("Ask again.")));
}


/* What lease_more is asked, and its answer. */
typedef struct Request
{
	const Project *project;
	const Member *member;
	int			n;
	List	   *tasks;
} Request;


static bool
lease_some(void *state)
{
	Request    *request = state;

	request->tasks = lease_more(request->project, request->member, request->n);
	return request->tasks != NIL;
}


/* Who leases nothing keeps no item from others, above all not while waiting. */
static List *
lease_or_leave(const Project *project, const Member *member, int n)
{
	Request		request = {project, member, n, NIL};

	(void) storage_attempt(lease_some, &request);
	return request.tasks;
}


/* Up to n tasks that the member holds, leasing what is missing. */
static List *
hand_out(const Project *project, const Member *member, int n)
{
	TimestampTz start = GetCurrentTimestamp();
	List	   *tasks;

	(void) capture_draw_touched(project);
	lease_expire(project);
	tasks = with_data(project, lease_own(project, member, n));
	while (list_length(tasks) < n)
	{
		List	   *more;
		Drawn		drawn;

		CHECK_FOR_INTERRUPTS();
		more = lease_or_leave(project, member, n - list_length(tasks));
		if (more != NIL)
		{
			tasks = list_concat(tasks, with_data(project, more));
			continue;
		}
		drawn = capture_draw_fresh(project, n - list_length(tasks));
		if (drawn == DRAWN_KEYS || capture_draw_touched(project) == DRAWN_KEYS)
			continue;
		if (tasks != NIL)
			break;
		if (!wait_for_others(project, member, drawn, start))
		{
			if (drawn == DRAWN_BUSY)
				report_busy(project);
			break;
		}

		/* in another window the member may have taken what there was */
		tasks = with_data(project, lease_own(project, member, n));
	}
	return tasks;
}


/*
 * Tasks are given out in an order that is the same for everybody, so that
 * those who answer several in one transaction lock their items in it.
 */
static int
compare_tasks(const ListCell *a, const ListCell *b)
{
	const LeasedTask *left = lfirst(a);
	const LeasedTask *right = lfirst(b);

	if (left->priority != right->priority)
		return left->priority > right->priority ? -1 : 1;
	return left->item_id < right->item_id ? -1 : left->item_id > right->item_id;
}


/* Sets a column of a row by its name, if the row type has it. */
static void
set_column(TupleDesc rowtype, Datum *values, bool *nulls, const char *name,
		   Datum value, bool isnull)
{
	for (int i = 0; i < rowtype->natts; i++)
	{
		if (strcmp(NameStr(TupleDescAttr(rowtype, i)->attname), name) != 0)
			continue;
		values[i] = value;
		nulls[i] = isnull;
		return;
	}
}


static void
put_task(ReturnSetInfo *result, const Project *project, const Member *member,
		 const LeasedTask *task)
{
	TupleDesc	rowtype = result->setDesc;
	Datum	   *values = palloc0_array(Datum, rowtype->natts);
	bool	   *nulls = palloc_array(bool, rowtype->natts);

	memset(nulls, true, rowtype->natts);
	set_column(rowtype, values, nulls, "task_id",
			   Int64GetDatum(task->task_id), false);
	set_column(rowtype, values, nulls, "project",
			   CStringGetTextDatum(project->name), false);
	set_column(rowtype, values, nulls, "item",
			   CStringGetTextDatum(task->key), false);
	set_column(rowtype, values, nulls, "annotator",
			   CStringGetTextDatum(member->name), false);
	set_column(rowtype, values, nulls, "data",
			   PointerGetDatum(task->data), task->data == NULL);
	set_column(rowtype, values, nulls, "prediction",
			   PointerGetDatum(task->prediction), task->prediction == NULL);
	set_column(rowtype, values, nulls, "draft",
			   PointerGetDatum(task->draft), task->draft == NULL);
	set_column(rowtype, values, nulls, "priority",
			   Int32GetDatum(task->priority), false);
	set_column(rowtype, values, nulls, "leased_at",
			   TimestampTzGetDatum(task->leased_at), false);
	set_column(rowtype, values, nulls, "expires_at",
			   TimestampTzGetDatum(task->expires_at), false);
	tuplestore_putvalues(result->setResult, rowtype, values, nulls);
}


/* next_tasks(project, n, annotator): see queue.sql. */
Datum
tdp_next_tasks(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Project    *project;
	Member	   *member;
	ListCell   *cell;
	List	   *tasks;

	argument_refuse_null(fcinfo, 1, "n");
	if (PG_GETARG_INT32(1) < 1 || PG_GETARG_INT32(1) > MAX_TASKS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"n\" must be from 1 to %d, not %d",
						MAX_TASKS, PG_GETARG_INT32(1))));
	project = project_load(argument_required_text(fcinfo, 0, "project"));
	member = project_annotator(project, argument_text(fcinfo, 2));
	if (member->role == ROLE_MACHINE)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("\"%s\" is a machine, which leases no tasks",
						member->name),
				 errhint("Machines answer with tdp.annotate or tdp.import_annotations.")));

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	tasks = hand_out(project, member, PG_GETARG_INT32(1));
	list_sort(tasks, compare_tasks);
	foreach(cell, tasks)
		put_task(result, project, member, lfirst(cell));
	return (Datum) 0;
}


/*
 * task_data(task_id) is what tdp.tasks shows in "data": the row, when the
 * caller holds the live lease or manages the project, else NULL.
 */
Datum
tdp_task_data(PG_FUNCTION_ARGS)
{
	StorageSection section;
	Project    *project;
	Member	   *me;
	List	   *set_aside;
	List	   *rows;
	Rows		found;
	int32		project_id = 0;
	int32		member_id = 0;
	char	   *key = NULL;

	storage_begin(&section, true);
	found = storage_exec("SELECT l.project_id, l.member_id, i.key FROM tdp.lease l "
						 "JOIN tdp.item i ON i.item_id = l.item_id "
						 "WHERE l.task_id = $1 AND l.expires_at > clock_timestamp()",
						 "l", PG_GETARG_INT64(0));
	if (found.count > 0)
	{
		project_id = row_int32(found, 0, 1);
		member_id = row_int32(found, 0, 2);
		key = row_text(found, 0, 3);
	}
	section_end(&section);
	if (key == NULL)
		PG_RETURN_NULL();
	project = project_load_by_id(project_id);
	me = project_me(project);
	if (me == NULL || (me->id != member_id && !(me->role & ROLES_MANAGE)))
		PG_RETURN_NULL();

	/* a source that is gone must not hide the tasks of other projects */
	if (source_problem(project) != NULL)
		PG_RETURN_NULL();
	rows = source_fetch(project, list_make1(key), true, &set_aside);
	if (rows == NIL || ((SourceRow *) linitial(rows))->data == NULL)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(((SourceRow *) linitial(rows))->data);
}


static void
report_not_leased(const Task *task)
{
	if (task->state == TASK_EXPIRED)
		ereport(ERROR,
				(errcode(ERRCODE_TDP_EXPIRED),
				 errmsg("the lease of task " INT64_FORMAT " has expired",
						task->id),
				 errhint("tdp.next_tasks may give the item out again.")));
	ereport(ERROR,
			(errcode(ERRCODE_TDP_FINISHED),
			 errmsg("task " INT64_FORMAT " has been %s", task->id,
					task->state == TASK_SKIPPED ? "skipped"
					: task->state == TASK_RELEASED ? "released"
					: "answered")));
}


/* Ends a leased task of the caller's with a state. */
static void
give_back(FunctionCallInfo fcinfo, int annotator, char state,
		  const char *reason)
{
	StorageSection section;
	Project    *project;
	Member	   *member;
	Task	   *task;

	argument_refuse_null(fcinfo, 0, "task_id");
	task = task_require(PG_GETARG_INT64(0), argument_text(fcinfo, annotator),
						&project, &member);
	storage_begin(&section, true);
	task_lock(task);
	if (task->state != TASK_LEASED)
		report_not_leased(task);
	task_end(task, state, reason);
	section_end(&section);
}


/* skip(task_id, reason, annotator): see queue.sql. */
Datum
tdp_skip(PG_FUNCTION_ARGS)
{
	give_back(fcinfo, 2, TASK_SKIPPED, argument_text(fcinfo, 1));
	PG_RETURN_VOID();
}


/* release(task_id, annotator): see queue.sql. */
Datum
tdp_release(PG_FUNCTION_ARGS)
{
	give_back(fcinfo, 1, TASK_RELEASED, NULL);
	PG_RETURN_VOID();
}


/* extend(task_id, by, annotator): see queue.sql. */
Datum
tdp_extend(PG_FUNCTION_ARGS)
{
	StorageSection section;
	Project    *project;
	Member	   *member;
	Task	   *task;
	Interval	zero = {0};
	Interval	longest = {.month = MAX_EXTENSION_YEARS * MONTHS_PER_YEAR};
	TimestampTz expires_at;

	argument_refuse_null(fcinfo, 0, "task_id");
	argument_refuse_null(fcinfo, 1, "by");
	if (DatumGetInt32(DirectFunctionCall2(interval_cmp, PG_GETARG_DATUM(1),
										  IntervalPGetDatum(&zero))) <= 0 ||
		DatumGetInt32(DirectFunctionCall2(interval_cmp, PG_GETARG_DATUM(1),
										  IntervalPGetDatum(&longest))) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"by\" must be longer than nothing and at most %d years",
						MAX_EXTENSION_YEARS)));
	task = task_require(PG_GETARG_INT64(0), argument_text(fcinfo, 2),
						&project, &member);
	storage_begin(&section, true);
	task_lock(task);
	if (task->state != TASK_LEASED)
		report_not_leased(task);
	expires_at = row_timestamptz(storage_exec("UPDATE tdp.lease SET expires_at = "
											  "greatest(expires_at, clock_timestamp()) + $2 "
											  "WHERE task_id = $1 RETURNING expires_at", "lv",
											  task->id, PG_GETARG_INTERVAL_P(1)), 0, 1);
	section_end(&section);
	PG_RETURN_TIMESTAMPTZ(expires_at);
}
