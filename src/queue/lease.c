/*-------------------------------------------------------------------------
 *
 * lease.c
 *	  Hand out tasks and take them back.
 *
 * Leases end by the clock, when somebody asks: there is no worker.  Times
 * are the clock's, not the transaction's, or a long transaction would hand
 * out leases that are half spent.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "queue/lease.h"

/*
 * Where a member's walk through the queue has got to, remembered by this
 * session: only a hint, any older value is right.  What becomes available
 * again gets a new place ahead; whatever else lies behind is found by the
 * walk from the start that follows when nothing lies ahead.
 */
typedef struct PositionKey
{
	Oid			table;			/* tdp.item, which may be another tomorrow */
	int32		member_id;
} PositionKey;

typedef struct Position
{
	PositionKey key;			/* hash key */
	int			level;
	int64		seq;
} Position;

static HTAB *positions = NULL;
static PrefillHook prefill_hook = NULL;


void
queue_set_prefill(PrefillHook hook)
{
	prefill_hook = hook;
}


static Position *
position_of(int32 member_id)
{
	PositionKey key = {get_relname_relid("item", get_namespace_oid("tdp", false)), member_id};
	Position   *position;
	bool		found;

	if (positions == NULL)
	{
		HASHCTL		control = {0};

		control.keysize = sizeof(PositionKey);
		control.entrysize = sizeof(Position);
		control.hcxt = TopMemoryContext;
		positions = hash_create("tdp positions", 64, &control,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	position = hash_search(positions, &key, HASH_ENTER, &found);
	if (!found)
	{
		position->level = PG_INT16_MIN;
		position->seq = 0;
	}
	return position;
}


static void
expire_one(int64 task_id, int64 item_id)
{
	/* whoever holds the item now will see to it, or the next request */
	if (storage_exec("SELECT 1 FROM tdp.item WHERE item_id = $1 "
					 "FOR NO KEY UPDATE SKIP LOCKED", "l", item_id).count == 0)
		return;
	if (storage_exec("DELETE FROM tdp.lease WHERE task_id = $1 "
					 "AND expires_at <= clock_timestamp()", "l", task_id).count == 0)
		return;
	storage_exec("UPDATE tdp.task SET state = 'x', slot = NULL, "
				 "ended_at = clock_timestamp() WHERE task_id = $1", "l", task_id);
	item_settle(item_id, true, false);
}


void
lease_expire(const Project *project)
{
	StorageSection section;
	Rows		due;

	storage_begin(&section, true);
	due = storage_exec("SELECT task_id, item_id FROM tdp.lease WHERE project_id = $1 "
					   "AND expires_at <= clock_timestamp() "
					   "ORDER BY expires_at LIMIT 100", "i", project->id);
	for (uint64 i = 0; i < due.count; i++)
		expire_one(row_int64(due, i, 1), row_int64(due, i, 2));
	section_end(&section);
}


static LeasedTask *
leased_task(Rows rows, uint64 row, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	LeasedTask *task = palloc0_object(LeasedTask);

	task->task_id = row_int64(rows, row, 1);
	task->item_id = row_int64(rows, row, 2);
	task->key = row_text(rows, row, 3);
	task->prediction = row_jsonb(rows, row, 4);
	task->draft = row_jsonb(rows, row, 5);
	task->priority = row_int32(rows, row, 6);
	task->leased_at = row_timestamptz(rows, row, 7);
	task->expires_at = row_timestamptz(rows, row, 8);
	task->fingerprint = row_int64(rows, row, 9);
	MemoryContextSwitchTo(old);
	return task;
}


List *
lease_own(const Project *project, const Member *member, int n)
{
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;
	List	   *tasks = NIL;
	Rows		rows;

	storage_begin(&section, true);
	rows = storage_exec_limited(n, "SELECT t.task_id, t.item_id, i.key, t.prediction, "
								"t.draft, -i.level::integer, t.leased_at, l.expires_at, i.fingerprint "
								"FROM tdp.lease l JOIN tdp.task t ON t.task_id = l.task_id "
								"JOIN tdp.item i ON i.item_id = t.item_id "
								"WHERE l.member_id = $1 AND l.expires_at > clock_timestamp() "
								"ORDER BY l.task_id", "i", member->id);
	for (uint64 i = 0; i < rows.count; i++)
	{
		LeasedTask *task = leased_task(rows, i, context);
		MemoryContext old = MemoryContextSwitchTo(context);

		tasks = lappend(tasks, task);
		MemoryContextSwitchTo(old);
	}
	section_end(&section);
	return tasks;
}


/* Gives the member a slot of an item that is locked; NULL if they had it. */
static LeasedTask *
lease_item(const Project *project, const Member *member, int64 item_id,
		   MemoryContext context)
{
	int64		prediction_id = 0;
	Jsonb	   *prediction = prefill_hook
		? prefill_hook(project, item_id, &prediction_id) : NULL;
	LeasedTask *task;
	Rows		rows;

	rows = storage_exec("INSERT INTO tdp.task AS t (item_id, member_id, slot, state, leased_at, "
						"prediction, prediction_id) "
						"VALUES ($1, $2, $3, 'l', clock_timestamp(), $4, nullif($5, 0)) "
						"ON CONFLICT (item_id, member_id) DO UPDATE SET state = 'l', "
						"slot = excluded.slot, times = t.times + 1, leased_at = excluded.leased_at, "
						"ended_at = NULL, prediction = excluded.prediction, "
						"prediction_id = excluded.prediction_id "
						"WHERE t.state IN ('x', 'r') RETURNING task_id",
						"lisjl", item_id, member->id, lowest_free_slot(item_id),
						prediction, prediction_id);
	if (rows.count == 0)
		return NULL;
	storage_exec("INSERT INTO tdp.lease (task_id, item_id, project_id, member_id, expires_at) "
				 "VALUES ($1, $2, $3, $4, clock_timestamp() + $5)", "lliiv",
				 row_int64(rows, 0, 1), item_id, project->id, member->id,
				 project->lease);
	item_settle(item_id, false, false);
	rows = storage_exec("SELECT t.task_id, t.item_id, i.key, t.prediction, t.draft, "
						"-i.level::integer, t.leased_at, l.expires_at, i.fingerprint "
						"FROM tdp.task t JOIN tdp.lease l ON l.task_id = t.task_id "
						"JOIN tdp.item i ON i.item_id = t.item_id "
						"WHERE t.task_id = $1", "l", row_int64(rows, 0, 1));
	task = leased_task(rows, 0, context);
	return task;
}


/* Walks on from a position, leasing up to n items. */
static List *
walk(const Project *project, const Member *member, Position *position, int n)
{
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;
	List	   *tasks = NIL;
	Rows		rows;

	storage_begin(&section, true);

	/*
	 * The member's history is probed by key for each candidate: as a join it
	 * would be read whole.
	 */
	rows = storage_exec_limited(n, "SELECT item_id, level, seq FROM tdp.item i "
								"WHERE project_id = $1 AND free > 0 "
								"AND (level, seq) > ($3, $4) "
								"AND (SELECT true FROM tdp.task t WHERE t.item_id = i.item_id "
								"AND t.member_id = $2 AND t.state NOT IN ('x', 'r')) IS NULL "
								"ORDER BY level, seq FOR NO KEY UPDATE SKIP LOCKED",
								"iisl", project->id, member->id,
								position->level, position->seq);
	for (uint64 i = 0; i < rows.count; i++)
	{
		LeasedTask *task = lease_item(project, member, row_int64(rows, i, 1),
									  context);

		position->level = row_int16(rows, i, 2);
		position->seq = row_int64(rows, i, 3);
		if (task != NULL)
		{
			MemoryContext old = MemoryContextSwitchTo(context);

			tasks = lappend(tasks, task);
			MemoryContextSwitchTo(old);
		}
	}
	section_end(&section);
	return tasks;
}


List *
lease_more(const Project *project, const Member *member, int n)
{
	Position   *position = position_of(member->id);
	Position	again = {position->key, PG_INT16_MIN, 0};
	List	   *tasks = walk(project, member, position, n);
	List	   *passed_over;

	/* passed over because somebody held it, or committed late: look again */
	if (list_length(tasks) < n)
	{
		passed_over = walk(project, member, &again, n - list_length(tasks));
		tasks = list_concat(tasks, passed_over);
		if (passed_over != NIL)
			*position = again;
	}
	return tasks;
}


bool
lease_wait(const Project *project, const Member *member, int milliseconds)
{
	StorageSection section;
	Rows		rows;
	int64		item_id = 0;

	storage_begin(&section, true);
	rows = storage_exec_limited(1, "SELECT item_id FROM tdp.item i "
								"WHERE project_id = $1 AND free > 0 "
								"AND (SELECT true FROM tdp.task t WHERE t.item_id = i.item_id "
								"AND t.member_id = $2 AND t.state NOT IN ('x', 'r')) IS NULL "
								"ORDER BY level, seq", "ii", project->id, member->id);
	if (rows.count > 0)
		item_id = row_int64(rows, 0, 1);
	section_end(&section);
	return item_id != 0 &&
		storage_wait(milliseconds, "SELECT 1 FROM tdp.item WHERE item_id = $1 "
					 "FOR NO KEY UPDATE", "l", item_id);
}
