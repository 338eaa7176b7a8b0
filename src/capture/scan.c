/*-------------------------------------------------------------------------
 *
 * scan.c
 *	  Draw keys from the inbox, and walk through all there are.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "capture/attach.h"
#include "capture/inbox.h"
#include "capture/source.h"

/* Keys that one step of a scan goes through. */
#define SCAN_STEP 1000


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
	if (place == NULL)
		rows = storage_exec("SELECT key FROM tdp.item WHERE project_id = $1 "
							"ORDER BY key LIMIT 1000", "i", project->id);
	else
		rows = storage_exec("SELECT key FROM tdp.item WHERE project_id = $1 "
							"AND key > $2 COLLATE \"C\" "
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

	owner_begin(&section, project->owner,
				source_key_search_path(project, source));
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
capture_draw_fresh(const Project *project, int wanted)
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

	/*
	 * What is drawn is not there for others until we commit, so leave them
	 * most of a little.
	 */
	wanted = Max(wanted, Min(SCAN_STEP, inbox_keys(project, INBOX_FRESH) / 4));
	while (list_length(drawn) < wanted &&
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
reconcile_first(const Project *project)
{
	Reconciled	sum = {0};
	InboxScan	scan;
	bool		busy;

	/* the first step of the source's, after those of the items: none yet */
	while (inbox_take_scan(project, false, &scan, &busy))
	{
		if (!scan_step(project, &scan, RECONCILE_RECORD_ERRORS, &sum))
		{
			inbox_end_scan(project, &scan);
			return;
		}
		inbox_move_scan(project, &scan);
		if (scan.phase == 's')
			return;
	}
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
