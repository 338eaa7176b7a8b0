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


/* Those of the keys that are not in another list; both may be in any order. */
static List *
keys_without(List *keys, List *others)
{
	List	   *rest = NIL;
	ListCell   *cell;

	if (list_length(keys) == list_length(others))
		return NIL;
	others = sorted_keys(others);
	foreach(cell, sorted_keys(keys))
	{
		if (others != NIL && strcmp(lfirst(cell), linitial(others)) == 0)
			others = list_delete_first(others);
		else
			rest = lappend(rest, lfirst(cell));
	}
	return rest;
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


/* A key and where it stands among those to be reconciled. */
typedef struct PlacedKey
{
	const char *key;
	int32		place;
} PlacedKey;


static int
compare_placed(const void *a, const void *b)
{
	return strcmp(((const PlacedKey *) a)->key, ((const PlacedKey *) b)->key);
}


static PlacedKey *
placed_keys(List *keys)
{
	PlacedKey  *placed = palloc_array(PlacedKey, Max(list_length(keys), 1));
	ListCell   *cell;
	int			i = 0;

	foreach(cell, keys)
	{
		placed[i].key = lfirst(cell);
		placed[i].place = i;
		i++;
	}
	qsort(placed, i, sizeof(PlacedKey), compare_placed);
	return placed;
}


/*
 * New items come in the order of their keys' bytes, in which everybody locks
 * more than one, but take their places in the queue in the order in which the
 * keys came: "asked".
 */
static void
insert_items(const Project *project, List *asked, List *found,
			 Reconciled *sum)
{
	PlacedKey  *placed = placed_keys(asked);
	Datum	   *keys = palloc_array(Datum, list_length(found));
	Datum	   *prints = palloc_array(Datum, list_length(found));
	Datum	   *places = palloc_array(Datum, list_length(found));
	ListCell   *cell;
	int			i = 0;

	foreach(cell, found)
	{
		SourceRow  *row = lfirst(cell);
		PlacedKey	sought = {row->key, 0};
		PlacedKey  *at = bsearch(&sought, placed, list_length(asked),
								 sizeof(PlacedKey), compare_placed);

		keys[i] = CStringGetTextDatum(row->key);
		prints[i] = Int64GetDatum(row->fingerprint);
		places[i] = Int32GetDatum(at ? at->place : PG_INT32_MAX);
		i++;
	}

	/*
	 * Those there are already are left out first: ON CONFLICT alone would
	 * wait for whoever changes one of them.
	 */
	sum->added += storage_exec("INSERT INTO tdp.item (project_id, key, fingerprint, slots, free, seq) "
							   "SELECT $1, q.key, q.fingerprint, $4, $4, q.seq FROM ("
							   "SELECT k.key, k.fingerprint, nextval('tdp.item_seq') AS seq FROM ("
							   "SELECT u.key, u.fingerprint FROM unnest($2, $3, $5) AS u (key, fingerprint, place) "
							   "WHERE NOT EXISTS (SELECT FROM tdp.item i "
							   "WHERE i.project_id = $1 AND i.key = u.key) "
							   "ORDER BY u.place OFFSET 0) k OFFSET 0) q "
							   "ORDER BY q.key COLLATE \"C\" ON CONFLICT (project_id, key) DO NOTHING",
							   "iTLsI", project->id,
							   construct_array(keys, i, TEXTOID, -1, false, TYPALIGN_INT),
							   construct_array(prints, i, INT8OID, 8, true, TYPALIGN_DOUBLE),
							   project->overlap,
							   construct_array(places, i, INT4OID, 4, true, TYPALIGN_INT)).count;
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
 * Reads a locked item as it is now.  Whether it is answered is asked after it
 * was locked: an older snapshot may not see the answer of whom we waited for.
 */
static void
read_item(int64 item_id, KnownItem *item)
{
	Rows		rows = storage_exec("SELECT fingerprint, state, stale FROM tdp.item "
									"WHERE item_id = $1", "l", item_id);

	item->item_id = item_id;
	item->fingerprint = row_int64(rows, 0, 1);
	item->state = row_char(rows, 0, 2);
	item->stale = row_bool(rows, 0, 3);
	item->answered = is_answered(item_id);
	item->leased = !item->answered &&
		storage_exec("SELECT 1 FROM tdp.task WHERE item_id = $1 "
					 "AND state = 'l' LIMIT 1", "l", item_id).count > 0;
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


/* Changes one locked item whose row is there. */
static void
refresh_item(int64 item_id, int64 fingerprint, Reconciled *sum)
{
	KnownItem	item;

	read_item(item_id, &item);
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
}


/* Locks items by their keys, in whose order everybody locks several. */
static Rows
lock_items(const Project *project, List *keys, int how)
{
	if (how & RECONCILE_PUT_BACK)
		return storage_exec("SELECT item_id, key, fingerprint, state, stale "
							"FROM tdp.item WHERE project_id = $1 AND key = ANY ($2) "
							"FOR NO KEY UPDATE SKIP LOCKED",
							"iT", project->id, texts_of(keys));
	return storage_exec("SELECT item_id, key, fingerprint, state, stale "
						"FROM tdp.item WHERE project_id = $1 AND key = ANY ($2) "
						"FOR NO KEY UPDATE",
						"iT", project->id, texts_of(keys));
}


/* Is the item of this row of lock_items not as the source's row has it? */
static bool
item_differs(Rows rows, uint64 i, const SourceRow *row)
{
	bool		withdrawn = row_char(rows, i, 4) == 'w';

	return row == NULL ? !withdrawn
		: withdrawn || row_bool(rows, i, 5) ||
		row_int64(rows, i, 3) != row->fingerprint;
}


/* Withdraws locked items whose rows are gone. */
static void
withdraw_items(ArrayType *item_ids, Reconciled *sum)
{
	storage_exec("DELETE FROM tdp.lease WHERE task_id = ANY (ARRAY(SELECT task_id "
				 "FROM tdp.task WHERE item_id = ANY ($1) AND state = 'l'))",
				 "L", item_ids);
	storage_exec("UPDATE tdp.task SET state = 'x', slot = NULL, "
				 "ended_at = clock_timestamp() WHERE item_id = ANY ($1) AND state = 'l'",
				 "L", item_ids);
	sum->withdrawn += storage_exec("UPDATE tdp.item SET state = 'w', free = 0 "
								   "WHERE item_id = ANY ($1)", "L", item_ids).count;
}


/*
 * Notes how the rows of locked items are now, unless somebody has answered
 * them or has them before their eyes.
 */
static void
set_fingerprints(ArrayType *item_ids, ArrayType *fingerprints)
{
	storage_exec("UPDATE tdp.item i SET fingerprint = k.fingerprint, stale = false "
				 "FROM unnest($1, $2) AS k (item_id, fingerprint) "
				 "WHERE i.item_id = k.item_id AND i.state <> 'w' "
				 "AND NOT EXISTS (SELECT FROM tdp.annotation a WHERE a.item_id = k.item_id) "
				 "AND NOT EXISTS (SELECT FROM tdp.task t WHERE t.item_id = k.item_id AND t.state = 'l')",
				 "LL", item_ids, fingerprints);
}


static ArrayType *
numbers_of(Datum *numbers, int count)
{
	return construct_array(numbers, count, INT8OID, 8, FLOAT8PASSBYVAL,
						   TYPALIGN_DOUBLE);
}


/* Changes locked items: all at once what can be, then one by one. */
static void
refresh_locked(Rows rows, List *found, Reconciled *sum)
{
	Datum	   *gone = palloc_array(Datum, rows.count);
	Datum	   *changed = palloc_array(Datum, rows.count);
	Datum	   *prints = palloc_array(Datum, rows.count);
	int			ngone = 0;
	int			nchanged = 0;

	for (uint64 i = 0; i < rows.count; i++)
	{
		SourceRow  *row = source_row_named(found, row_text(rows, i, 2));

		if (!item_differs(rows, i, row))
			continue;
		if (row == NULL)
			gone[ngone++] = Int64GetDatum(row_int64(rows, i, 1));
		else
		{
			prints[nchanged] = Int64GetDatum(row->fingerprint);
			changed[nchanged++] = Int64GetDatum(row_int64(rows, i, 1));
		}
	}
	if (ngone > 0)
		withdraw_items(numbers_of(gone, ngone), sum);
	if (nchanged > 0)
	{
		set_fingerprints(numbers_of(changed, nchanged),
						 numbers_of(prints, nchanged));
		rows = storage_exec("SELECT k.item_id, k.fingerprint FROM unnest($1, $2) AS k (item_id, fingerprint) "
							"JOIN tdp.item i ON i.item_id = k.item_id "
							"WHERE i.fingerprint <> k.fingerprint OR i.stale OR i.state = 'w'",
							"LL", numbers_of(changed, nchanged),
							numbers_of(prints, nchanged));
		for (uint64 i = 0; i < rows.count; i++)
			refresh_item(row_int64(rows, i, 1), row_int64(rows, i, 2), sum);
	}
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
	List	   *differing = NIL;
	List	   *locked = NIL;
	Rows		rows = storage_exec("SELECT item_id, key, fingerprint, state, stale "
									"FROM tdp.item WHERE project_id = $1 AND key = ANY ($2)",
									"iT", project->id, texts_of(keys));

	for (uint64 i = 0; i < rows.count; i++)
	{
		char	   *key = row_text(rows, i, 2);

		if (item_differs(rows, i, source_row_named(found, key)))
			differing = lappend(differing, key);
	}
	if (differing == NIL)
		return NIL;
	rows = lock_items(project, differing, how);
	for (uint64 i = 0; i < rows.count; i++)
		locked = lappend(locked, row_text(rows, i, 2));
	refresh_locked(rows, found, sum);
	return keys_without(differing, locked);
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
	List	   *asked = keys;
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
			insert_items(project, asked, found, sum);
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
