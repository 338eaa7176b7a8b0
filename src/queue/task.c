/*-------------------------------------------------------------------------
 *
 * task.c
 *	  Find, lock and end tasks.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/array.h"
#include "utils/builtins.h"

#include "base/compat.h"
#include "base/errors.h"
#include "queue/lease.h"
#include "queue/queue.h"


static Task *
find_task(int64 task_id)
{
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;
	Task	   *task = NULL;
	Rows		rows;

	storage_begin(&section, true);
	rows = storage_exec("SELECT t.item_id, i.project_id, t.member_id, t.state, "
						"i.state, i.free, i.key, t.leased_at, t.prediction_id "
						"FROM tdp.task t JOIN tdp.item i ON i.item_id = t.item_id "
						"WHERE t.task_id = $1", "l", task_id);
	if (rows.count > 0)
	{
		task = MemoryContextAllocZero(context, sizeof(Task));
		task->id = task_id;
		task->item_id = row_int64(rows, 0, 1);
		task->project_id = row_int32(rows, 0, 2);
		task->member_id = row_int32(rows, 0, 3);
		task->state = row_char(rows, 0, 4);
		task->item_state = row_char(rows, 0, 5);
		task->free = row_int16(rows, 0, 6);
		task->key = row_text(rows, 0, 7);
		task->leased_at = row_timestamptz(rows, 0, 8);
		task->prediction_id = row_int64(rows, 0, 9);
	}
	section_end(&section);
	return task;
}


Task *
task_require(int64 task_id, const char *annotator, Project **project,
			 Member **member)
{
	Task	   *task = find_task(task_id);

	if (task != NULL)
		*project = project_load_by_id(task->project_id);
	/* to a stranger, a task of somebody else's project does not exist */
	if (task == NULL || project_me(*project) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_TDP_NO_SUCH_TASK),
				 errmsg("task " INT64_FORMAT " does not exist", task_id),
				 errhint("tdp.next_tasks gives out tasks; SELECT * FROM tdp.tasks lists those you hold.")));
	*member = project_annotator(*project, annotator);
	if ((*member)->id != task->member_id)
		ereport(ERROR,
				(errcode(ERRCODE_TDP_NOT_YOURS),
				 errmsg("task " INT64_FORMAT " is not a task of \"%s\"",
						task_id, (*member)->name),
				 errhint("A manager may act for an annotator who has no database role: annotator => '...'.")));
	return task;
}


void
task_lock(Task *task)
{
	Rows		rows = storage_exec("SELECT state, free FROM tdp.item "
									"WHERE item_id = $1 FOR NO KEY UPDATE",
									"l", task->item_id);

	if (rows.count > 0)
	{
		task->item_state = row_char(rows, 0, 1);
		task->free = row_int16(rows, 0, 2);
		rows = storage_exec("SELECT state, leased_at, prediction_id FROM tdp.task "
							"WHERE task_id = $1 FOR NO KEY UPDATE", "l", task->id);
	}
	if (rows.count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_TDP_NO_SUCH_TASK),
				 errmsg("task " INT64_FORMAT " does not exist any more",
						task->id)));
	task->state = row_char(rows, 0, 1);
	task->leased_at = row_timestamptz(rows, 0, 2);
	task->prediction_id = row_int64(rows, 0, 3);
}


void
task_end(const Task *task, char state, const char *reason)
{
	storage_exec("DELETE FROM tdp.lease WHERE task_id = $1", "l", task->id);
	if (state == TASK_SUBMITTED)
		storage_exec("UPDATE tdp.task SET state = 's', ended_at = clock_timestamp() "
					 "WHERE task_id = $1", "l", task->id);
	else
		storage_exec("UPDATE tdp.task SET state = $2, slot = NULL, reason = $3, "
					 "ended_at = clock_timestamp() WHERE task_id = $1",
					 "lct", task->id, state, reason);
	item_settle(task->item_id, state != TASK_SUBMITTED,
				state == TASK_SUBMITTED);
}


bool
task_retake(const Task *task)
{
	if (task->free <= 0)
		return false;
	storage_exec("UPDATE tdp.task SET state = 's', slot = $2, ended_at = clock_timestamp() "
				 "WHERE task_id = $1", "ls", task->id,
				 lowest_free_slot(task->item_id));
	item_settle(task->item_id, false, true);
	return true;
}


int64
task_for_answer(int64 item_id, int32 member_id, bool takes_slot, bool *extra)
{
	Rows		rows = storage_exec("SELECT free FROM tdp.item WHERE item_id = $1",
									"l", item_id);
	int64		task_id;

	*extra = !takes_slot || row_int16(rows, 0, 1) <= 0;
	if (*extra)
		rows = storage_exec("INSERT INTO tdp.task (item_id, member_id, state, leased_at, ended_at) "
							"VALUES ($1, $2, 'e', clock_timestamp(), clock_timestamp()) "
							"ON CONFLICT (item_id, member_id) DO UPDATE SET state = 'e', "
							"slot = NULL, ended_at = clock_timestamp() RETURNING task_id",
							"li", item_id, member_id);
	else
		rows = storage_exec("INSERT INTO tdp.task (item_id, member_id, state, slot, leased_at, ended_at) "
							"VALUES ($1, $2, 's', $3, clock_timestamp(), clock_timestamp()) "
							"ON CONFLICT (item_id, member_id) DO UPDATE SET state = 's', "
							"slot = excluded.slot, ended_at = clock_timestamp() RETURNING task_id",
							"lis", item_id, member_id, lowest_free_slot(item_id));
	task_id = row_int64(rows, 0, 1);
	item_settle(item_id, false, true);
	return task_id;
}


int
lowest_free_slot(int64 item_id)
{
	Rows		rows = storage_exec("SELECT slot FROM tdp.task "
									"WHERE item_id = $1 AND slot IS NOT NULL",
									"l", item_id);
	int			slot = 0;
	bool		taken = true;

	while (taken)
	{
		slot++;
		taken = false;
		for (uint64 i = 0; i < rows.count && !taken; i++)
			taken = row_int16(rows, i, 1) == slot;
	}
	return slot;
}


void
item_settle(int64 item_id, bool again, bool answered)
{
	storage_exec("UPDATE tdp.item SET free = greatest(slots - held, 0), "
				 "state = CASE WHEN held >= slots AND leased = 0 THEN 'c'::\"char\" ELSE 'o' END, "
				 "seq = CASE WHEN $2 THEN nextval('tdp.item_seq') ELSE seq END, "
				 "unresolved = unresolved OR $3 "
				 "FROM (SELECT count(slot) AS held, count(*) FILTER (WHERE state = 'l') AS leased "
				 "FROM tdp.task WHERE item_id = $1) t "
				 "WHERE item_id = $1 AND item.state <> 'w'", "lbb", item_id, again, answered);
}


bool
item_add_slot(int64 item_id, int most)
{
	return storage_exec("UPDATE tdp.item SET slots = slots + 1, free = free + 1, "
						"state = 'o', seq = nextval('tdp.item_seq') "
						"WHERE item_id = $1 AND state = 'c' AND slots < $2",
						"li", item_id, most).count > 0;
}
