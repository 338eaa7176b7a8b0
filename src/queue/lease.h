/*-------------------------------------------------------------------------
 *
 * lease.h
 *	  Hand out tasks and take them back.
 *
 * Private to the room.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_QUEUE_LEASE_H
#define TDP_QUEUE_LEASE_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "queue/queue.h"

/* A task that is handed out. */
typedef struct LeasedTask
{
	int64		task_id;
	int64		item_id;
	char	   *key;
	int64		fingerprint;	/* of the item's row when it was judged */
	Jsonb	   *prediction;
	Jsonb	   *draft;
	int			priority;
	TimestampTz leased_at;
	TimestampTz expires_at;
	Jsonb	   *data;
} LeasedTask;

/* Takes back up to a hundred leases whose time has come. */
extern void lease_expire(const Project *project);

/* The member's live leases, at most n, oldest first (LeasedTask). */
extern List *lease_own(const Project *project, const Member *member, int n);

/* Leases up to n more items to the member. */
extern List *lease_more(const Project *project, const Member *member, int n);

/*
 * lease_wait waits, so long at most, for another transaction that holds an
 * item which the member could have; false when there is none, or it took
 * longer.
 */
extern bool lease_wait(const Project *project, const Member *member,
					   int milliseconds);

/* The lowest slot number that nobody holds on a locked item. */
extern int	lowest_free_slot(int64 item_id);

#endif							/* TDP_QUEUE_LEASE_H */
