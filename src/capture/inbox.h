/*-------------------------------------------------------------------------
 *
 * inbox.h
 *	  The keys that wait to be reconciled.
 *
 * Private to the room.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_CAPTURE_INBOX_H
#define TDP_CAPTURE_INBOX_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "project/project.h"

/* Kinds of chunks, in the order in which they are drawn. */
#define INBOX_TOUCHED '1'
#define INBOX_FRESH '2'
#define INBOX_SCAN '3'

/* Adds a chunk of keys (see chunk_kernel.h). */
extern void inbox_add(int32 project_id, char kind, int64 keys,
					  bytea *payload);

/* Adds keys (C strings) that are to be looked at again. */
extern void inbox_add_again(int32 project_id, List *keys);

/* Adds a scan of all items and of the whole source, from the start. */
extern void inbox_add_scan(const Project *project);

/*
 * inbox_take removes the oldest chunk of a kind that nobody holds and sets
 * its keys (C strings).  False when there is none; *busy says whether others
 * hold some.
 */
extern bool inbox_take(const Project *project, char kind, List **keys,
					   bool *busy);

/* Does the inbox hold chunks of this kind, be it in others' hands? */
extern bool inbox_holds(const Project *project, char kind);

/*
 * inbox_wait waits, so long at most, for whoever holds a chunk of fresh keys
 * or a scan, or changes the project; false when it took longer.
 */
extern bool inbox_wait(const Project *project, int milliseconds);

/* The number of keys that wait in chunks of a kind, counting a thousand chunks. */
extern int64 inbox_keys(const Project *project, char kind);

/* Where a scan stands. */
typedef struct InboxScan
{
	int64		chunk_id;
	char		phase;			/* 'i': the items, then 's': the source */
	char	   *place;			/* the last key seen; NULL: none yet */
	int64		ahead;			/* an estimate of the rows to come */
} InboxScan;

/*
 * inbox_take_scan locks the oldest scan, with "wait" also one that another
 * holds; inbox_move_scan says how far it is.
 */
extern bool inbox_take_scan(const Project *project, bool wait,
							InboxScan *scan, bool *busy);
extern void inbox_move_scan(const Project *project, const InboxScan *scan);
extern void inbox_end_scan(const Project *project, const InboxScan *scan);

/* Forgets all chunks and scans of a project. */
extern void inbox_clear(const Project *project);

#endif							/* TDP_CAPTURE_INBOX_H */
