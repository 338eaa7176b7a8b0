/*-------------------------------------------------------------------------
 *
 * store.h
 *	  Write answers.
 *
 * Private to the room.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_ANSWER_STORE_H
#define TDP_ANSWER_STORE_H

#include "postgres.h"

#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "capture/capture.h"
#include "project/project.h"

/* How an answer came, as stored. */
#define ORIGIN_TASK 't'
#define ORIGIN_DIRECT 'd'
#define ORIGIN_IMPORT 'i'

/*
 * store_annotation adds an answer to a task whose item is locked; within a
 * storage section.  seconds is NaN, submitted_at NULL when not known.
 * Returns the annotation's number.
 */
extern int64 store_annotation(const Project *project, int32 member_id,
							  int64 item_id, int64 task_id, Jsonb *value,
							  double seconds, char origin,
							  const TimestampTz *submitted_at);

/* What became of an answer that came without a lease. */
typedef enum StoredAnswer
{
	ANSWER_STORED,
	ANSWER_SAME,				/* the member has given the same before */
	ANSWER_OTHER,				/* the member has given another one */
	ANSWER_NO_ITEM
} StoredAnswer;

/*
 * store_answer takes an answer without a lease, or on the one that the member
 * holds, about a row of the source; within a storage section.
 */
extern StoredAnswer store_answer(const Project *project,
								 const Member *member,
								 const SourceRow *row, Jsonb *value, double seconds, char origin,
								 const TimestampTz *submitted_at,
								 int64 *annotation_id);

/* Raises TD006. */
extern void report_no_item(const Project *project, const char *key);

#endif							/* TDP_ANSWER_STORE_H */
