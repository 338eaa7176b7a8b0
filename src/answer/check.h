/*-------------------------------------------------------------------------
 *
 * check.h
 *	  Does an answer fit its project's label schema?
 *
 * Private to the room.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_ANSWER_CHECK_H
#define TDP_ANSWER_CHECK_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "project/project.h"

/* The first violation in words, or NULL when the value fits. */
extern char *answer_problem(const Project *project, Jsonb *value,
							Jsonb *data, bool is_prediction, char **detail,
							char **hint);

/* Raises TD010 when the value does not fit; item may be NULL. */
extern void answer_check(const Project *project, const char *item,
						 Jsonb *value, Jsonb *data, bool is_prediction);

/* A year: nobody works longer on one answer. */
#define MOST_SECONDS (366.0 * 24 * 60 * 60)

/* An error when it is negative, NaN or more than MOST_SECONDS. */
extern void answer_check_seconds(double seconds);

/* Are two jsonb values equal? */
extern bool same_value(Jsonb *a, Jsonb *b);

#endif							/* TDP_ANSWER_CHECK_H */
