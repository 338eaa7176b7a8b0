/*-------------------------------------------------------------------------
 *
 * queue.h
 *	  Who holds what, as the rooms above see it.
 *
 * An item has slots, as many as answers are wanted.  A task is one member's
 * dealings with one item, for ever; while it is leased or answered it holds
 * one of the item's slots.  Locks are taken in the order item, task, lease.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_QUEUE_H
#define TDP_QUEUE_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "project/project.h"

/* States of a task, as stored. */
#define TASK_LEASED 'l'
#define TASK_SUBMITTED 's'
#define TASK_SKIPPED 'k'
#define TASK_EXPIRED 'x'
#define TASK_RELEASED 'r'
#define TASK_EXTRA 'e'			/* an answer that takes no slot */

/* States of an item, as stored. */
#define ITEM_OPEN 'o'
#define ITEM_COMPLETED 'c'
#define ITEM_WITHDRAWN 'w'

typedef struct Task
{
	int64		id;
	int64		item_id;
	int32		project_id;
	int32		member_id;
	char		state;
	char		item_state;
	int			free;			/* the item's free slots */
	char	   *key;			/* the item's key */
	TimestampTz leased_at;
	int64		prediction_id;	/* 0: none was shown */
} Task;

/* Registers this room's listener to projects. */
extern void queue_init(void);

/*
 * What to show with an item as a pre-filled answer (NULL: nothing), and the
 * number of the foremost prediction in it.  The room that knows predictions
 * sets it; it is called within a storage section.
 */
typedef Jsonb *(*PrefillHook) (const Project *project, int64 item_id,
							   int64 *prediction_id);
extern void queue_set_prefill(PrefillHook hook);

/*
 * task_require finds a task, its project and the member that acts on it: the
 * caller, or the one that a manager names.  TD001 when there is none or the
 * caller is a stranger to its project, TD002 when it is another member's.
 */
extern Task *task_require(int64 task_id, const char *annotator,
						  Project **project, Member **member);

/*
 * task_lock locks the task's item and reads the task as it is now; to be
 * called within a storage section, as those below.
 */
extern void task_lock(Task *task);

/* task_end takes the lease away and sets the state; reason may be NULL. */
extern void task_end(const Task *task, char state, const char *reason);

/*
 * task_retake gives the task a slot again and the state "submitted"; false
 * when its item has none free.
 */
extern bool task_retake(const Task *task);

/*
 * task_for_answer makes (or takes up again) the member's task of a locked
 * item for an answer that comes without a lease: with a slot when one is
 * free and "takes_slot", else as an extra one.  Returns its number.
 */
extern int64 task_for_answer(int64 item_id, int32 member_id,
							 bool takes_slot, bool *extra);

/*
 * item_settle counts an item's slots anew and says whether it is open or
 * completed; "again" gives it a new place in the queue, ahead of everybody;
 * "answered": there is an answer that has not been resolved.
 */
extern void item_settle(int64 item_id, bool again, bool answered);

/*
 * item_add_slot opens one more slot of a completed item that has fewer than
 * "most"; false when it cannot have one.
 */
extern bool item_add_slot(int64 item_id, int most);

#endif							/* TDP_QUEUE_H */
