/*-------------------------------------------------------------------------
 *
 * matrix_kernel.h
 *	  Weighted agreement, from how often labels met on the same items.
 *
 * Whatever the weights, the coefficients over (item, label) are functions of
 * two symmetric matrices over the labels and of two vectors.  Those are sums
 * over items, kept exactly (exact_kernel.h), so that a matrix made of parts
 * is the matrix of the whole as long as no item is in two parts.
 *
 * Weights here are distances, 1 - w: 0 for a label and itself, 1 for the two
 * that are furthest apart.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_MATRIX_KERNEL_H
#define TDP_MATRIX_KERNEL_H

#include "agreement/agreement_kernel.h"
#include "agreement/exact_kernel.h"

/* ---- distances (weights_kernel.c) --------------------------------------- */

/*
 * How unlike two labels are.  Gwet, Handbook of Inter-Rater Reliability, 4th
 * ed. 2014, ch. 3; Krippendorff, Content Analysis, 4th ed. 2018, ch. 12.
 * With a and b the labels' numbers, m and M the least and the greatest:
 */
typedef enum AgreementScaleKind
{
	AGREEMENT_SCALE_IDENTITY,	/* 1 */
	AGREEMENT_SCALE_LINEAR,		/* |a - b| / (M - m) */
	AGREEMENT_SCALE_QUADRATIC,	/* (a - b)^2 / (M - m)^2 */
	AGREEMENT_SCALE_RADICAL,	/* sqrt(|a - b| / (M - m)) */
	AGREEMENT_SCALE_ORDINAL,	/* pairs of ranks from a to b, of all */
	AGREEMENT_SCALE_RATIO,		/* ((a - b) / (a + b))^2 over that of m, M */
	AGREEMENT_SCALE_CIRCULAR,	/* sin^2(pi (a - b) / period) over the
								 * greatest */
	AGREEMENT_SCALE_BIPOLAR,	/* (a - b)^2 / ((a + b - 2m)(2M - a - b)) */
	AGREEMENT_SCALE_MIDRANK,	/* Krippendorff's ordinal metric: the square
								 * of the distance of mid-ranks */
	AGREEMENT_SCALE_CUSTOM		/* 1 - the given weight */
} AgreementScaleKind;

typedef struct AgreementScale
{
	AgreementScaleKind kind;
	double		period;			/* circular; 0: M - m + 1 */
	const uint64_t *counts;		/* of each label: m and M are those of labels
								 * that have one, and midrank takes its ranks
								 * from them; NULL: all labels are alike (not
								 * for midrank) */
	const double *weights;		/* custom: labels * labels of them, by rows */
} AgreementScale;

/* A scale made ready for a set of labels. */
typedef struct AgreementDistance
{
	AgreementScaleKind kind;
	uint32_t	labels;
	const double *weights;		/* custom */
	double	   *x;				/* by label: its place */
	double	   *y;				/* circular: the other coordinate */
	double		greatest;		/* by which a distance is divided */
} AgreementDistance;

/*
 * agreement_distance_start makes a scale ready for different labels in their
 * order.  But for identity and custom they are agreement_number_key()s of
 * numbers that are not NaN; but for ordinal and midrank, finite; for ratio at
 * least 0.  For alpha, scale->counts are to be matrix->shared: items with one
 * answer are nothing to it.  agreement_distance_end gives the memory back.
 */
extern AgreementStatus agreement_distance_start(AgreementDistance *distance,
												const AgreementScale *scale,
												const uint64_t *labels,
												uint32_t count,
												const AgreementHost *host);
extern void agreement_distance_end(AgreementDistance *distance,
								   const AgreementHost *host);

/* The distance of two labels, by their places in the order: 0 to 1. */
extern double agreement_distance_of(const AgreementDistance *distance,
									uint32_t k, uint32_t l);

/*
 * The sum over all ordered pairs of labels of left_k * right_l * distance_kl;
 * NULL stands for ones.  Adds up in the labels' order, but for identity, where
 * that order means nothing, exactly: 0 <= left, right <= 1 is asked for there.
 */
extern AgreementStatus agreement_distance_sum(const AgreementDistance *distance,
											  const double *left,
											  const double *right,
											  const AgreementHost *host,
											  double *sum);

/*
 * For each of "count" labels the sum over all of them of right_l *
 * distance_kl ("transposed": distance_lk); "places" are theirs in the order,
 * ascending; NULL stands for all labels.  Takes time by the labels for
 * identity, linear, quadratic, ordinal and midrank, else by their square.
 */
extern AgreementStatus agreement_distance_rows(const AgreementDistance *distance,
											   bool transposed,
											   const uint32_t *places,
											   uint32_t count,
											   const double *right,
											   const AgreementHost *host,
											   double *rows);

/* ---- the matrices (matrix_kernel.c) ------------------------------------- */

/* Labels k and l met; k <= l, and each pair is there at most once. */
typedef struct AgreementCell
{
	uint32_t	k;
	uint32_t	l;
	/* sum over items of r_ik (r_il - [k = l]) over ... */
	ExactSum	agreement;		/* ... r_i (r_i - 1) */
	ExactSum	alpha;			/* ... r_i - 1 */
} AgreementCell;

typedef struct AgreementMatrix
{
	uint64_t	items;			/* with an answer */
	uint64_t	answers;
	uint64_t	shared_items;	/* with two answers or more */
	uint64_t	shared_answers; /* to those */
	uint32_t	nlabels;
	uint64_t   *labels;			/* different ones, in the order of 64 bits */
	uint64_t   *shared;			/* by label: answers to shared items */
	ExactSum   *shares;			/* by label: sum over all items of r_ik / r_i */
	uint64_t	ncells;
	AgreementCell *cells;		/* in the order of (k, l) */
} AgreementMatrix;

/*
 * agreement_matrix makes it of sorted answers.  Takes time and memory by the
 * different pairs of labels within items.  agreement_matrix_end gives the
 * memory back, also after an error.
 */
extern AgreementStatus agreement_matrix(const AgreementAnswer *answers,
										size_t count,
										const AgreementHost *host,
										AgreementMatrix *matrix);
extern void agreement_matrix_end(AgreementMatrix *matrix,
								 const AgreementHost *host);

/* ---- coefficients (coefficient_kernel.c) -------------------------------- */

typedef enum AgreementMeasure
{
	AGREEMENT_MEASURE_PERCENT,
	AGREEMENT_MEASURE_BRENNAN_PREDIGER,
	AGREEMENT_MEASURE_FLEISS,
	AGREEMENT_MEASURE_GWET,
	AGREEMENT_MEASURE_ALPHA
} AgreementMeasure;

/*
 * agreement_measure is a coefficient of a matrix under a distance that was
 * made ready for its labels.  "defined" is false where no item has two
 * answers and, but for percent agreement, where chance alone would make no
 * disagreement.
 */
extern AgreementStatus agreement_measure(const AgreementMatrix *matrix,
										 const AgreementDistance *distance,
										 AgreementMeasure measure,
										 const AgreementHost *host,
										 bool *defined, double *value);

/*
 * agreement_conger is Conger's kappa (1980), in Gwet's form for missing
 * answers: chance is two different annotators drawing each from the labels of
 * their own.  "given" counts (annotator, label), sorted.
 */
extern AgreementStatus agreement_conger(const AgreementMatrix *matrix,
										const AgreementDistance *distance,
										const AgreementTally *given,
										const AgreementHost *host,
										bool *defined, double *value);

/*
 * agreement_pairs is Cohen's kappa, or with "scott" Scott's pi, of a tally of
 * pairs (a, b), on any scale but midrank and custom.
 */
extern AgreementStatus agreement_pairs(const AgreementTally *pairs,
									   AgreementScaleKind kind,
									   double period, bool scott,
									   const AgreementHost *host,
									   bool *defined, double *value);

#endif							/* TDP_MATRIX_KERNEL_H */
