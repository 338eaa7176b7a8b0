/*-------------------------------------------------------------------------
 *
 * reconcile.c
 *	  Bring items in line with the source, key by key.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "capture/attach.h"
#include "capture/inbox.h"
#include "capture/source.h"

/* Keys that one step of a scan goes through. */
#define SCAN_STEP 1000

/* An item as it was before. */
typedef struct KnownItem
{
	int64		item_id;
	int64		fingerprint;
	char		state;
	bool		stale;
	bool		answered;
	bool		leased;			/* somebody has the row before their eyes */
} KnownItem;


static int
compare_keys(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}


/* Sorted and each once, so that sessions lock in the same order. */
static List *
sorted_keys(List *keys)
{
	List	   *sorted = NIL;
	ListCell   *cell;

	keys = list_copy(keys);
	list_sort(keys, compare_keys);
	foreach(cell, keys)
	{
		if (sorted == NIL || strcmp(llast(sorted), lfirst(cell)) != 0)
			sorted = lappend(sorted, lfirst(cell));
	}
	return sorted;
}


static ArrayType *
texts_of(List *strings)
{
	Datum	   *texts = palloc_array(Datum, Max(list_length(strings), 1));
	ListCell   *cell;
	int			i = 0;

	foreach(cell, strings)
		texts[i++] = CStringGetTextDatum(lfirst(cell));
	return construct_array(texts, i, TEXTOID, -1, false, TYPALIGN_INT);
}


static void
insert_items(const Project *project, List *found, Reconciled *sum)
{
	Datum	   *keys = palloc_array(Datum, list_length(found));
	Datum	   *prints = palloc_array(Datum, list_length(found));
	ListCell   *cell;
	int			i = 0;

	foreach(cell, found)
	{
		SourceRow  *row = lfirst(cell);

		keys[i] = CStringGetTextDatum(row->key);
		prints[i] = Int64GetDatum(row->fingerprint);
		i++;
	}

	/*
	 * Those there are already are left out first: ON CONFLICT alone would
	 * wait for whoever changes one of them.
	 */
	sum->added += storage_exec("INSERT INTO tdp.item (project_id, key, fingerprint, slots, free) "
							   "SELECT $1, k.key, k.fingerprint, $4, $4 "
							   "FROM unnest($2, $3) WITH ORDINALITY AS k (key, fingerprint, n) "
							   "WHERE NOT EXISTS (SELECT FROM tdp.item i "
							   "WHERE i.project_id = $1 AND i.key = k.key) "
							   "ORDER BY k.n ON CONFLICT (project_id, key) DO NOTHING",
							   "iTLs", project->id,
							   construct_array(keys, i, TEXTOID, -1, false, TYPALIGN_INT),
							   construct_array(prints, i, INT8OID, 8, true, TYPALIGN_DOUBLE),
							   project->overlap).count;
}


static bool
is_answered(int64 item_id)
{
	return storage_exec("SELECT 1 FROM tdp.annotation WHERE item_id = $1 "
						"LIMIT 1", "l", item_id).count > 0;
}


static void
set_fingerprint(int64 item_id, int64 fingerprint)
{
	storage_exec("UPDATE tdp.item SET fingerprint = $2, stale = false "
				 "WHERE item_id = $1", "ll", item_id, fingerprint);
}


void
capture_item_shown(int64 item_id, int64 fingerprint)
{
	/* whoever holds it answers it, and compares then */
	if (storage_exec("SELECT 1 FROM tdp.item WHERE item_id = $1 "
					 "FOR NO KEY UPDATE SKIP LOCKED", "l", item_id).count > 0 &&
		!is_answered(item_id))
		set_fingerprint(item_id, fingerprint);
}


void
capture_item_judged(int64 item_id, int64 fingerprint)
{
	storage_exec("UPDATE tdp.item SET stale = fingerprint <> $2 WHERE item_id = $1 "
				 "AND fingerprint <> 0 AND stale <> (fingerprint <> $2)",
				 "ll", item_id, fingerprint);
}


/*
 * Locks an item and reads it as it is now; false when it has gone or, where
 * we do not wait, when another transaction holds it.
 */
static bool
lock_item(int64 item_id, int how, KnownItem *item)
{
	Rows		rows;

	if (how & RECONCILE_PUT_BACK)
		rows = storage_exec("SELECT fingerprint, state, stale FROM tdp.item "
							"WHERE item_id = $1 FOR NO KEY UPDATE SKIP LOCKED",
							"l", item_id);
	else
		rows = storage_exec("SELECT fingerprint, state, stale FROM tdp.item "
							"WHERE item_id = $1 FOR NO KEY UPDATE",
							"l", item_id);
	if (rows.count == 0)
		return false;
	item->item_id = item_id;
	item->fingerprint = row_int64(rows, 0, 1);
	item->state = row_char(rows, 0, 2);
	item->stale = row_bool(rows, 0, 3);

	/*
	 * By a statement of its own: the one above may have waited for somebody
	 * whose answer its snapshot does not see.
	 */
	item->answered = is_answered(item_id);
	item->leased = !item->answered &&
		storage_exec("SELECT 1 FROM tdp.task WHERE item_id = $1 "
					 "AND state = 'l' LIMIT 1", "l", item_id).count > 0;
	return true;
}


/* A withdrawn item's row is back: its slots are free that nobody holds. */
static void
return_item(int64 item_id)
{
	storage_exec("UPDATE tdp.item i SET free = slots - held, seq = nextval('tdp.item_seq'), "
				 "state = CASE WHEN held < slots THEN 'o' ELSE 'c' END "
				 "FROM (SELECT count(*)::smallint AS held FROM tdp.task "
				 "WHERE item_id = $1 AND slot IS NOT NULL) t WHERE item_id = $1",
				 "l", item_id);
}


static bool
refresh_item(int64 item_id, int64 fingerprint, int how, Reconciled *sum)
{
	KnownItem	item;

	if (!lock_item(item_id, how, &item))
		return false;
	if (item.state == 'w')
	{
		return_item(item_id);
		sum->returned++;
	}
	if (item.fingerprint == 0 || !(item.answered || item.leased))
	{
		/* nobody judges the row yet, or we do not know how it was then */
		if (item.fingerprint != fingerprint && !(item.answered && item.stale))
			set_fingerprint(item_id, fingerprint);
	}
	else if (item.answered && item.stale != (item.fingerprint != fingerprint))
	{
		storage_exec("UPDATE tdp.item SET stale = NOT stale WHERE item_id = $1",
					 "l", item_id);
		sum->changed++;
	}
	return true;
}


static bool
withdraw_item(int64 item_id, int how, Reconciled *sum)
{
	KnownItem	item;

	if (!lock_item(item_id, how, &item))
		return false;
	if (item.state == 'w')
		return true;
	storage_exec("DELETE FROM tdp.lease WHERE task_id IN (SELECT task_id "
				 "FROM tdp.task WHERE item_id = $1 AND state = 'l')", "l", item_id);
	storage_exec("UPDATE tdp.task SET state = 'x', slot = NULL, "
				 "ended_at = clock_timestamp() WHERE item_id = $1 AND state = 'l'",
				 "l", item_id);
	storage_exec("UPDATE tdp.item SET state = 'w', free = 0 WHERE item_id = $1",
				 "l", item_id);
	sum->withdrawn++;
	return true;
}


/*
 * Items there are of these keys: change those that are not as they should.
 * Returns the keys of those that could not be had.
 *
 * The index gives the items in the order of their keys, in which everybody
 * locks more than one; to ask for another order would have the planner walk
 * the whole table in it.
 */
static List *
refresh_items(const Project *project, List *keys, List *found, int how,
			  Reconciled *sum)
{
	List	   *held = NIL;
	Rows		rows = storage_exec("SELECT item_id, key, fingerprint, state, stale "
									"FROM tdp.item WHERE project_id = $1 AND key = ANY ($2)",
									"iT", project->id, texts_of(keys));

	for (uint64 i = 0; i < rows.count; i++)
	{
		char	   *key = row_text(rows, i, 2);
		SourceRow  *row = source_row_named(found, key);
		int64		item_id = row_int64(rows, i, 1);
		char		state = row_char(rows, i, 4);
		bool		done = true;

		if (row == NULL)
		{
			if (state != 'w')
				done = withdraw_item(item_id, how, sum);
		}
		else if (state == 'w' || row_bool(rows, i, 5) ||
				 row_int64(rows, i, 3) != row->fingerprint)
			done = refresh_item(item_id, row->fingerprint, how, sum);
		if (!done)
			held = lappend(held, key);
	}
	return held;
}


static void
store_set_aside(const Project *project, List *keys, List *set_aside,
				Reconciled *sum)
{
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, keys)
		names = lappend(names, unconstify(char *, source_short_key(lfirst(cell))));
	storage_exec("DELETE FROM tdp.set_aside WHERE project_id = $1 "
				 "AND key = ANY ($2)", "iT", project->id, texts_of(names));
	foreach(cell, set_aside)
	{
		RowSetAside *row = lfirst(cell);

		storage_exec("INSERT INTO tdp.set_aside (project_id, key, sqlstate, message) "
					 "VALUES ($1, $2, $3, $4) ON CONFLICT (project_id, key) DO UPDATE "
					 "SET sqlstate = excluded.sqlstate, message = excluded.message, "
					 "at = excluded.at", "ittt", project->id,
					 source_short_key(row->key),
					 row->sqlstate, row->message);
		sum->set_aside++;
	}
}


void
reconcile(const Project *project, List *keys, int how, Reconciled *sum)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "tdp reconcile",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	StorageSection section;
	List	   *set_aside;
	List	   *found;
	List	   *held = NIL;
	ListCell   *cell;

	if (!(how & RECONCILE_PUT_BACK))
		project = project_hold(project, true);
	keys = sorted_keys(keys);

	/* a relation that is shown may raise as the filter may */
	found = source_fetch(project, keys, project->show_name != NULL, &set_aside);
	foreach(cell, found)
		keys = lappend(keys, ((SourceRow *) lfirst(cell))->key);
	keys = sorted_keys(keys);

	if (keys != NIL)
	{
		storage_begin(&section, true);
		held = refresh_items(project, keys, found, how, sum);
		if (found != NIL)
			insert_items(project, found, sum);
		if (how & RECONCILE_RECORD_ERRORS)
			store_set_aside(project, keys, set_aside, sum);
		section_end(&section);
	}
	if (held != NIL && (how & RECONCILE_PUT_BACK))
	{
		inbox_add_again(project->id, held);
		sum->put_back += list_length(held);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}


Drawn
capture_draw_touched(const Project *project)
{
	Reconciled	sum = {0};
	List	   *keys;
	bool		busy;

	if (!inbox_holds(project, INBOX_TOUCHED))
		return DRAWN_NOTHING;
	project = project_hold(project, false);
	if (project == NULL)
		return DRAWN_BUSY;
	if (!inbox_take(project, INBOX_TOUCHED, &keys, &busy))
		return busy ? DRAWN_BUSY : DRAWN_NOTHING;
	reconcile(project, keys, RECONCILE_RECORD_ERRORS | RECONCILE_PUT_BACK,
			  &sum);
	return sum.put_back < list_length(keys) ? DRAWN_KEYS : DRAWN_BUSY;
}


void
capture_draw_all_touched(const Project *project)
{
	while (capture_draw_touched(project) == DRAWN_KEYS)
		CHECK_FOR_INTERRUPTS();
}


/* The next stretch of keys of the project's items after a place. */
static List *
next_item_keys(const Project *project, const char *place)
{
	StorageSection section;
	List	   *keys = NIL;
	Rows		rows;
	MemoryContext context = CurrentMemoryContext;

	storage_begin(&section, true);
	rows = storage_exec("SELECT key FROM tdp.item WHERE project_id = $1 "
						"AND key > coalesce($2, '') COLLATE \"C\" "
						"ORDER BY key LIMIT 1000", "it", project->id, place);
	for (uint64 i = 0; i < rows.count; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		keys = lappend(keys, row_text(rows, i, 1));
		MemoryContextSwitchTo(old);
	}
	section_end(&section);
	return keys;
}


/* The next stretch of the source's keys in the key's own order. */
static List *
next_source_keys(const Project *project, const char *place)
{
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;
	Oid			source = source_require(project);
	StringInfoData sql;
	List	   *keys = NIL;
	Rows		rows;
	Datum		values[MAX_KEY_COLUMNS];
	Oid			types[MAX_KEY_COLUMNS];

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	source_append_key(&sql, project);
	source_append_from(&sql, project, source);
	for (int i = 0; place != NULL && i < project->nkeys; i++)
	{
		appendStringInfoString(&sql, i == 0 ? " WHERE (" : ", ");
		source_append_column(&sql, project, project->keys[i]);
	}
	for (int i = 0; place != NULL && i < project->nkeys; i++)
	{
		appendStringInfo(&sql, "%s$%d::%s", i == 0 ? ") > (" : ", ", i + 1,
						 source_key_type(source, project->keys[i]));
		values[i] = CStringGetTextDatum(project->nkeys == 1 ? place
										: composite_key_part(place, i, project->nkeys));
		types[i] = TEXTOID;
	}
	for (int i = 0; i < project->nkeys; i++)
	{
		appendStringInfoString(&sql, i > 0 ? ", "
							   : place != NULL ? ") ORDER BY " : " ORDER BY ");
		source_append_column(&sql, project, project->keys[i]);
	}
	appendStringInfo(&sql, " LIMIT %d", SCAN_STEP);

	owner_begin(&section, project->owner, project->search_path);
	rows = owner_exec(sql.data, place ? project->nkeys : 0, types, values);
	for (uint64 i = 0; i < rows.count; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		keys = lappend(keys, row_text(rows, i, 1));
		MemoryContextSwitchTo(old);
	}
	section_end(&section);
	return keys;
}


/* Goes one stretch further with a scan; false when that was the last. */
static bool
scan_step(const Project *project, InboxScan *scan, int how, Reconciled *sum)
{
	List	   *keys;

	if (scan->phase == 'i')
	{
		keys = next_item_keys(project, scan->place);
		if (keys == NIL)
		{
			scan->phase = 's';
			scan->place = NULL;
		}
	}
	else
		keys = NIL;
	if (scan->phase == 's')
		keys = next_source_keys(project, scan->place);

	if (keys != NIL)
		reconcile(project, keys, how, sum);

	/* what is inserted from now on comes by itself */
	if (scan->phase == 's' && list_length(keys) < SCAN_STEP)
		return false;
	if (scan->place != NULL && strcmp(scan->place, llast(keys)) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the source of project \"%s\" cannot be walked by its key",
						project->name),
				 errdetail("The text \"%s\" does not read back as the key that it is of.",
						   scan->place)));
	scan->place = llast(keys);
	if (scan->phase == 's')
		scan->ahead = Max(scan->ahead - list_length(keys), 0);
	return true;
}


static void
forget_set_aside(const Project *project)
{
	StorageSection section;

	storage_begin(&section, true);
	storage_exec("DELETE FROM tdp.set_aside WHERE project_id = $1", "i",
				 project->id);
	section_end(&section);
}


Drawn
capture_draw_fresh(const Project *project)
{
	const int	how = RECONCILE_RECORD_ERRORS | RECONCILE_PUT_BACK;
	Reconciled	sum = {0};
	InboxScan	scan;
	List	   *keys;
	List	   *drawn = NIL;
	bool		chunks_busy;
	bool		scan_busy;

	if (!inbox_holds(project, INBOX_FRESH) && !inbox_holds(project, INBOX_SCAN))
		return DRAWN_NOTHING;
	project = project_hold(project, false);
	if (project == NULL)
		return DRAWN_BUSY;
	while (list_length(drawn) < SCAN_STEP &&
		   inbox_take(project, INBOX_FRESH, &keys, &chunks_busy))
		drawn = list_concat(drawn, keys);
	if (drawn != NIL)
	{
		reconcile(project, drawn, how, &sum);
		return DRAWN_KEYS;
	}
	if (inbox_take_scan(project, false, &scan, &scan_busy))
	{
		if (scan_step(project, &scan, how, &sum))
			inbox_move_scan(project, &scan);
		else
			inbox_end_scan(project, &scan);
		return DRAWN_KEYS;
	}
	return chunks_busy || scan_busy ? DRAWN_BUSY : DRAWN_NOTHING;
}


bool
capture_wait(const Project *project, int milliseconds)
{
	return inbox_wait(project, milliseconds);
}


/* How many rows are set aside: a scan may meet one twice. */
static int64
count_set_aside(const Project *project)
{
	StorageSection section;
	int64		count;

	storage_begin(&section, true);
	count = row_int64(storage_exec("SELECT count(*) FROM tdp.set_aside "
								   "WHERE project_id = $1", "i", project->id),
					  0, 1);
	section_end(&section);
	return count;
}


void
reconcile_all(const Project *project, Reconciled *sum)
{
	InboxScan	scan = {.phase = 'i'};
	MemoryContext step = AllocSetContextCreate(CurrentMemoryContext,
											   "tdp sync",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(step);
	bool		more = true;

	/*
	 * The chunks go first, then the scan looks with snapshots that are newer:
	 * the other way round would lose what was committed in between.
	 */
	inbox_clear(project);
	forget_set_aside(project);
	while (more)
	{
		CHECK_FOR_INTERRUPTS();
		more = scan_step(project, &scan, RECONCILE_RECORD_ERRORS, sum);
		if (scan.place != NULL)
			scan.place = MemoryContextStrdup(outer, scan.place);
		MemoryContextReset(step);
	}
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(step);
	sum->set_aside = count_set_aside(project);
}
