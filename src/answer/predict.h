/*-------------------------------------------------------------------------
 *
 * predict.h
 *	  What to show with an item as a pre-filled answer.
 *
 * Private to the room.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_ANSWER_PREDICT_H
#define TDP_ANSWER_PREDICT_H

#include "postgres.h"

#include "queue/queue.h"

/* A PrefillHook: the current predictions of the item, put together. */
extern Jsonb *prediction_prefill(const Project *project, int64 item_id,
								 int64 *prediction_id);

#endif							/* TDP_ANSWER_PREDICT_H */
