/*-------------------------------------------------------------------------
 *
 * ratings.h
 *	  Ratings of items by named annotators, as they come.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_AGREEMENT_RATINGS_H
#define TDP_AGREEMENT_RATINGS_H

#include "postgres.h"

#include "agreement/ratings_kernel.h"

/* Starts as zeros but for "context", where it is kept. */
typedef struct RatingArray
{
	MemoryContext context;
	AgreementRating *ratings;
	Size		used;
	Size		capacity;
} RatingArray;

extern void agreement_rating_add(RatingArray *array, AgreementRating rating);

/* The names of the forms of intraclass correlation, by AgreementIccForm. */
extern const char *const agreement_icc_words[];

#endif							/* TDP_AGREEMENT_RATINGS_H */
