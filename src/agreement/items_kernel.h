/*-------------------------------------------------------------------------
 *
 * items_kernel.h
 *	  Coefficients and their intervals from what each item says, whatever the
 *	  distance between labels.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_ITEMS_KERNEL_H
#define TDP_ITEMS_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

/* One item's answers, with distances d of labels (0: alike) summed up. */
typedef struct ItemSums
{
	double		answers;		/* r_i */
	double		pairs;			/* sum of d over ordered pairs of its answers */
	double		expected;		/* sum of d from its answers to all shared
								 * ones: those to items with two or more */
	double		share;			/* sum_k (r_ik / r_i) pi_k, for AC1 alone */
} ItemSums;

typedef struct ItemsValue
{
	bool		defined;
	double		value;
	bool		bounded;		/* there is an interval */
	double		lower;			/* 95 %; not below "least", not above 1 */
	double		upper;
} ItemsValue;

/*
 * items_mean is the mean of n values with the t-interval of n - 1 degrees of
 * freedom; without one where n < 2.
 */
extern void items_mean(const double *values, size_t n, double least,
					   ItemsValue *result);

/*
 * items_similarity is the mean over items with two answers or more of the
 * mean of 1 - d over their pairs; percent agreement where d is 0 or 1.  Its
 * variance is Gwet's over all items, those with one answer at 0 and the
 * others at n / n' of theirs, as agreement_report has it.
 */
extern void items_similarity(const ItemSums *items, size_t n,
							 ItemsValue *result);

/*
 * items_alpha is Krippendorff's alpha, with the variance that Gwet derived
 * by linearisation (Handbook of Inter-Rater Reliability, 4th ed. 2014) in
 * terms of distances: it is the same for d and any multiple of d.  "total" is
 * the sum of d over all ordered pairs of shared answers.
 */
extern void items_alpha(const ItemSums *items, size_t n, double total,
						ItemsValue *result);

/* items_ac1 is Gwet's AC1 over q labels, d being 0 or 1, with his variance. */
extern void items_ac1(const ItemSums *items, size_t n, int q,
					  ItemsValue *result);

#endif							/* TDP_ITEMS_KERNEL_H */
