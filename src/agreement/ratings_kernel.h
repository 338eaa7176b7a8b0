/*-------------------------------------------------------------------------
 *
 * ratings_kernel.h
 *	  Agreement of named annotators on numbers: intraclass correlation,
 *	  Kendall's W, mean Spearman correlation.
 *
 * All of them look at items that every annotator has rated: what misses one
 * rating is left out (listwise).  Several ratings of one annotator for one
 * item count as their mean, exact repeats once.
 *
 * Sums are exact (exact_kernel.h) and ranks are integers, so that nothing
 * depends on the order of ratings or on how items and annotators are called.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_RATINGS_KERNEL_H
#define TDP_RATINGS_KERNEL_H

#include "agreement/agreement_kernel.h"

typedef struct AgreementRating
{
	uint64_t	item;
	uint64_t	annotator;
	uint64_t	value;			/* agreement_number_key() of a number */
} AgreementRating;

/* A full table of ratings, an item after the other. */
typedef struct AgreementRatings
{
	uint64_t	items;			/* rated by all annotators */
	uint64_t	annotators;		/* who rated anything */
	double	   *values;			/* items * annotators */
} AgreementRatings;

/*
 * agreement_ratings makes the table; agreement_ratings_end gives its memory
 * back, also after an error.
 */
extern AgreementStatus agreement_ratings(const AgreementRating *ratings,
										 size_t count,
										 const AgreementHost *host,
										 AgreementRatings *table);
extern void agreement_ratings_end(AgreementRatings *table,
								  const AgreementHost *host);

/*
 * The six forms of Shrout and Fleiss, Psychological Bulletin 86, 1979: each
 * item has annotators of its own (1), annotators are a sample (2), they are
 * all that matter (3); of one rating or of the mean of all (k).
 */
typedef enum AgreementIccForm
{
	AGREEMENT_ICC1,
	AGREEMENT_ICC2,
	AGREEMENT_ICC3,
	AGREEMENT_ICC1K,
	AGREEMENT_ICC2K,
	AGREEMENT_ICC3K
} AgreementIccForm;

#define AGREEMENT_ICC_FORMS 6

/* Mean squares of the analysis of variance. */
typedef struct AgreementVariance
{
	uint64_t	items;
	uint64_t	annotators;
	double		between;		/* of items: MSB */
	double		within;			/* of items, one way: MSW */
	double		annotator;		/* of annotators: MSJ */
	double		error;			/* what is left: MSE */
} AgreementVariance;

/* One form; what is undefined is NaN. */
typedef struct AgreementIcc
{
	double		value;
	double		f;				/* against a true value of 0 */
	double		df1;
	double		df2;
	double		p;
	double		lower;
	double		upper;
} AgreementIcc;

/*
 * agreement_variance computes the mean squares, in units that do not matter;
 * they are NaN for fewer than two items or annotators.  Values are finite.
 */
extern AgreementStatus agreement_variance(const AgreementRatings *table,
										  const AgreementHost *host,
										  AgreementVariance *variance);

/* agreement_icc is one form, with an interval of that level, e.g. 0.95. */
extern AgreementIcc agreement_icc(const AgreementVariance *variance,
								  AgreementIccForm form, double level);

/* Concordance of rankings; what is undefined is NaN. */
typedef struct AgreementRanking
{
	double		w;				/* Kendall's, corrected for ties */
	double		chi_square;
	double		df;
	double		p;
	double		spearman;		/* mean over the pairs of annotators */
} AgreementRanking;

/*
 * agreement_ranking ranks each annotator's values (equal ones get their mean
 * rank) and compares the rankings.  Kendall and Babington Smith 1939; Siegel
 * and Castellan 1988.  An annotator to whom all items are equal has no
 * correlation with anybody and is left out of the mean of those.
 */
extern AgreementStatus agreement_ranking(const AgreementRatings *table,
										 const AgreementHost *host,
										 AgreementRanking *ranking);

#endif							/* TDP_RATINGS_KERNEL_H */
