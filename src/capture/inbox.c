/*-------------------------------------------------------------------------
 *
 * inbox.c
 *	  The keys that wait to be reconciled.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "optimizer/plancat.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "capture/chunk_kernel.h"
#include "capture/inbox.h"
#include "capture/source.h"

/* First byte of a scan's payload: its format. */
#define SCAN_FORMAT 3

/* The rows of a table up to this size are counted rather than guessed. */
#define PAGES_TO_COUNT 128


void
inbox_add(int32 project_id, char kind, int64 keys, bytea *payload)
{
	StorageSection section;

	storage_begin(&section, true);
	storage_exec("INSERT INTO tdp.inbox (project_id, kind, keys, payload) "
				 "VALUES ($1, $2, $3, $4)", "icly",
				 project_id, kind, keys, payload);
	section_end(&section);
}


void
inbox_add_again(int32 project_id, List *keys)
{
	ChunkWriter writer = {0};
	Size		room = VARHDRSZ + 1;
	bytea	   *payload;
	ListCell   *cell;

	foreach(cell, keys)
		room += CHUNK_TEXT_ROOM(strlen(lfirst(cell)));
	payload = palloc(room);
	chunk_start(&writer, (uint8_t *) VARDATA(payload), CHUNK_TEXTS);
	foreach(cell, keys)
		chunk_add_text(&writer, lfirst(cell), strlen(lfirst(cell)));
	SET_VARSIZE(payload, VARHDRSZ + writer.used);
	inbox_add(project_id, INBOX_TOUCHED, list_length(keys), payload);
}


static bytea *
scan_payload(char phase, const char *place)
{
	Size		length = place ? strlen(place) : 0;
	bytea	   *payload = palloc(VARHDRSZ + 3 + length);
	char	   *bytes = VARDATA(payload);

	SET_VARSIZE(payload, VARHDRSZ + 3 + length);
	bytes[0] = SCAN_FORMAT;
	bytes[1] = phase;
	bytes[2] = place != NULL;
	if (place != NULL)
		memcpy(bytes + 3, place, length);
	return payload;
}


static int64
counted_rows(const Project *project)
{
	StorageSection section;
	StringInfoData sql;
	int64		count;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT pg_catalog.count(*)");
	source_append_from(&sql, project, project_source(project));
	owner_begin(&section, project->owner, project->search_path);
	count = row_int64(storage_exec_text(sql.data, ""), 0, 1);
	section_end(&section);
	return count;
}


/*
 * The rows of the source, its partitions included: counted when they are
 * few, else the planner's guess, so that it takes no time either way.
 */
static int64
estimated_rows(const Project *project)
{
	Oid			source = project_source(project);
	double		sum = 0;
	BlockNumber all_pages = 0;
	ListCell   *cell;

	if (!OidIsValid(source))
		return 0;
	foreach(cell, get_rel_relkind(source) == RELKIND_PARTITIONED_TABLE
			? find_all_inheritors(source, AccessShareLock, NULL)
			: list_make1_oid(source))
	{
		Relation	relation = relation_open(lfirst_oid(cell), AccessShareLock);
		BlockNumber pages;
		double		rows;
		double		all_visible;

		if (relation->rd_rel->relkind == RELKIND_RELATION)
		{
			estimate_rel_size(relation, NULL, &pages, &rows, &all_visible);
			sum += rows;
			all_pages += RelationGetNumberOfBlocks(relation);
		}
		relation_close(relation, AccessShareLock);
	}
	if (all_pages == 0)
		return 0;
	return all_pages <= PAGES_TO_COUNT ? counted_rows(project) : (int64) sum;
}


void
inbox_add_scan(const Project *project)
{
	inbox_add(project->id, INBOX_SCAN, estimated_rows(project),
			  scan_payload('i', NULL));
}


static List *
decode(bytea *payload)
{
	ChunkReader reader;
	const char *key;
	size_t		length;
	int			result;
	List	   *keys = NIL;

	chunk_open(&reader, (const uint8_t *) VARDATA_ANY(payload),
			   VARSIZE_ANY_EXHDR(payload));
	while ((result = chunk_next(&reader, &key, &length)) > 0)
		keys = lappend(keys, pnstrdup(key, length));
	if (result < 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("a chunk of tdp.inbox is damaged"),
				 errhint("Run tdp.sync on the project, which starts it anew.")));
	return keys;
}


static bool
holds_any(const Project *project, char kind)
{
	return storage_exec("SELECT 1 FROM tdp.inbox WHERE project_id = $1 "
						"AND kind = $2 LIMIT 1", "ic", project->id, kind).count > 0;
}


bool
inbox_holds(const Project *project, char kind)
{
	StorageSection section;
	bool		holds;

	storage_begin(&section, true);
	holds = holds_any(project, kind);
	section_end(&section);
	return holds;
}


bool
inbox_wait(const Project *project, int milliseconds)
{
	return storage_wait(milliseconds, "SELECT 1 FROM tdp.project WHERE project_id = $1 FOR SHARE",
						"i", project->id) &&
		storage_wait(milliseconds, "SELECT 1 FROM tdp.inbox WHERE project_id = $1 "
					 "AND kind > '1' ORDER BY kind, chunk_id LIMIT 1 FOR UPDATE",
					 "i", project->id);
}


int64
inbox_keys(const Project *project, char kind)
{
	StorageSection section;
	int64		keys;

	storage_begin(&section, true);
	keys = row_int64(storage_exec("SELECT coalesce(sum(keys), 0)::bigint FROM (SELECT keys "
								  "FROM tdp.inbox WHERE project_id = $1 AND kind = $2 "
								  "ORDER BY chunk_id LIMIT 1000) c", "ic",
								  project->id, kind), 0, 1);
	section_end(&section);
	return keys;
}


bool
inbox_take(const Project *project, char kind, List **keys, bool *busy)
{
	StorageSection section;
	Rows		rows;
	bytea	   *payload = NULL;

	*keys = NIL;
	*busy = false;
	storage_begin(&section, true);
	rows = storage_exec("DELETE FROM tdp.inbox WHERE project_id = $1 "
						"AND kind = $2 AND chunk_id = (SELECT chunk_id "
						"FROM tdp.inbox WHERE project_id = $1 AND kind = $2 "
						"ORDER BY chunk_id LIMIT 1 FOR UPDATE SKIP LOCKED) "
						"RETURNING payload", "ic", project->id, kind);
	if (rows.count > 0)
		payload = row_bytea(rows, 0, 1);
	else
		*busy = holds_any(project, kind);
	section_end(&section);
	if (payload == NULL)
		return false;
	*keys = decode(payload);
	return true;
}


bool
inbox_take_scan(const Project *project, bool wait, InboxScan *scan,
				bool *busy)
{
	StorageSection section;
	Rows		rows;
	bytea	   *payload = NULL;

	*busy = false;
	storage_begin(&section, true);
	if (wait)
		rows = storage_exec("SELECT chunk_id, keys, payload FROM tdp.inbox "
							"WHERE project_id = $1 AND kind = '3' "
							"ORDER BY chunk_id LIMIT 1 FOR UPDATE",
							"i", project->id);
	else
		rows = storage_exec("SELECT chunk_id, keys, payload FROM tdp.inbox "
							"WHERE project_id = $1 AND kind = '3' "
							"ORDER BY chunk_id LIMIT 1 FOR UPDATE SKIP LOCKED",
							"i", project->id);
	if (rows.count > 0)
	{
		scan->chunk_id = row_int64(rows, 0, 1);
		scan->ahead = row_int64(rows, 0, 2);
		payload = row_bytea(rows, 0, 3);
	}
	else
		*busy = holds_any(project, INBOX_SCAN);
	section_end(&section);
	if (payload == NULL)
		return false;

	if (VARSIZE(payload) < VARHDRSZ + 3 || VARDATA(payload)[0] != SCAN_FORMAT ||
		(VARDATA(payload)[1] != 'i' && VARDATA(payload)[1] != 's'))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("a scan in tdp.inbox is damaged"),
				 errhint("Run tdp.sync on the project, which starts it anew.")));
	scan->phase = VARDATA(payload)[1];
	scan->place = VARDATA(payload)[2] == 0 ? NULL
		: pnstrdup(VARDATA(payload) + 3, VARSIZE(payload) - VARHDRSZ - 3);
	return true;
}


void
inbox_move_scan(const Project *project, const InboxScan *scan)
{
	StorageSection section;

	storage_begin(&section, true);
	storage_exec("UPDATE tdp.inbox SET keys = $3, payload = $4 "
				 "WHERE project_id = $1 AND kind = '3' AND chunk_id = $2",
				 "illy", project->id, scan->chunk_id, scan->ahead,
				 scan_payload(scan->phase, scan->place));
	section_end(&section);
}


void
inbox_end_scan(const Project *project, const InboxScan *scan)
{
	StorageSection section;

	storage_begin(&section, true);
	storage_exec("DELETE FROM tdp.inbox WHERE project_id = $1 "
				 "AND kind = '3' AND chunk_id = $2", "il",
				 project->id, scan->chunk_id);
	section_end(&section);
}


void
inbox_clear(const Project *project)
{
	StorageSection section;

	storage_begin(&section, true);
	storage_exec("DELETE FROM tdp.inbox WHERE project_id = $1", "i",
				 project->id);
	section_end(&section);
}
