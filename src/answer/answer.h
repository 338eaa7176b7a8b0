/*-------------------------------------------------------------------------
 *
 * answer.h
 *	  What people and models said, as the rooms above see it.
 *
 * To read answers, use the storage view tdp.answer (a row per item, field
 * and annotator) in a storage section.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_ANSWER_H
#define TDP_ANSWER_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

#include "project/project.h"

/* Registers this room's listener to projects. */
extern void answer_init(void);

/* Where a prediction or a label comes from, as stored; best first. */
#define SOURCE_CONSENSUS 'c'
#define SOURCE_PROPAGATED 'p'
#define SOURCE_MODEL 'm'

/* A prediction to be stored. */
typedef struct Prediction
{
	char	   *item;			/* key */
	Jsonb	   *value;			/* an answer: an object keyed by field */
	double		confidence;		/* NaN: not known */
	bool		keep;			/* also as a label, where none is better */
} Prediction;

/*
 * predictions_store writes predictions (a list of Prediction, each item once)
 * in the name of "model", replacing its older ones for the same items.
 * Items that are not known yet are looked up in the source; TD006 for one
 * that is not there.  Returns their number.
 */
extern int64 predictions_store(const Project *project, const char *model,
							   char source, List *predictions);

#endif							/* TDP_ANSWER_H */
