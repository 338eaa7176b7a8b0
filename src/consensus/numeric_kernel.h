/*-------------------------------------------------------------------------
 *
 * numeric_kernel.h
 *	  Truth inference over (item, annotator, number).
 *
 * The answers are those of consensus_kernel.h; a label stands for a number,
 * in ascending order.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_NUMERIC_KERNEL_H
#define TDP_NUMERIC_KERNEL_H

#include "consensus/consensus_kernel.h"

typedef struct NumericData
{
	ConsensusData answers;		/* gold: the label of the known number */
	const double *number;		/* of a label, ascending; from -1 to 1, so
								 * that squares and sums are numbers too */
} NumericData;

typedef struct NumericFit
{
	/* how */
	double		smoothing;		/* answers that the common variance counts for
								 * in each annotator's; negative: the method's
								 * own */
	double		tolerance;		/* see each method */
	int32_t		max_iter;		/* at least 1 */
	bool		biased;			/* lfc: annotators have a bias */
	bool		shrink;			/* lfc: values are drawn from a distribution */
	ConsensusProgress progress;
	void	   *progress_state;
	void	   *work;			/* as many bytes as the method asks for */

	/* what comes of it: the caller gives the memory */
	double	   *value;			/* nitems */
	double	   *error;			/* nitems: standard error; NaN: not defined */
	double	   *weights;		/* nannotators: what an answer of theirs
								 * counts */
	double	   *bias;			/* nannotators: how much they say too much */
	int32_t		iterations;
	bool		converged;
	double		objective;		/* lfc, ordinal: what never decreases */
} NumericFit;

typedef ConsensusStatus (*NumericMethod) (const NumericData *data,
										  NumericFit *fit);

/* Bytes of work of every method but ordinal. */
extern size_t numeric_memory(const NumericData *data);

/*
 * mean: by weight.  Its error is that of a weighted mean, from the variance
 * within the item; not defined with one annotator.
 */
extern ConsensusStatus numeric_mean(const NumericData *data, NumericFit *fit);

/*
 * median: half of the weight lies on either side; of two middle numbers the
 * mean.  Its error is Price and Bonett's (Journal of Statistical Computation
 * and Simulation 68, 2001), from the width of the exact interval between two
 * order statistics; with unequal weights, for Kish's number of answers.
 */
extern ConsensusStatus numeric_median(const NumericData *data,
									  NumericFit *fit);

/*
 * weighted_median: an answer of annotator j errs by a Laplace distribution of
 * mean deviation d(j); values and deviations maximise the likelihood in turn,
 * so that a value is the median with weights 1 / d(j).  "smoothing" answers
 * of the common deviation are added to each annotator's.
 */
extern ConsensusStatus numeric_weighted_median(const NumericData *data,
											   NumericFit *fit);

/*
 * catd: the mean with weights chi2(0.025; n) / sum of squared deviations, n
 * the annotator's answers: the lower end of an interval for their precision
 * (Li et al., PVLDB 8, 2014).
 */
extern ConsensusStatus numeric_catd(const NumericData *data, NumericFit *fit);

/*
 * pm: the mean with weights -ln(d(j) / sum d), d the annotator's mean squared
 * deviation, each over the item's standard deviation (Li et al., SIGMOD 2014).
 */
extern ConsensusStatus numeric_pm(const NumericData *data, NumericFit *fit);

/*
 * lfc: an answer is the item's value, plus (if "biased") the annotator's bias,
 * plus a normal error of the annotator's own variance (Raykar et al., Journal
 * of Machine Learning Research 11, 2010, section 5; the bias is ours).  Biases
 * are normal about 0, and so are values, if "shrink", about a centre.  Without
 * gold, biases are 0 in sum over the answers.
 * Variational: the objective is the bound on the log-likelihood, with the
 * prior of the variances: "smoothing" answers of the variance within items.
 * Stops when an iteration raises it by no more than "tolerance" for each bias
 * and variance.  The error is the posterior's, with what is not known of the
 * biases.  Where nothing tells error from value (no item has two annotators,
 * and there is no gold) it is the mean, without an error.
 */
extern ConsensusStatus numeric_lfc(const NumericData *data, NumericFit *fit);

/*
 * ordinal: the numbers given are the levels of a scale.  An annotator sees the
 * item's level plus a bias and a normal error of their own, and says the level
 * nearest to it; one answer in a hundred is any of them.  Values are the
 * posterior's median, errors its standard deviation.  The objective is the
 * log-posterior.  "smoothing" has no meaning.
 */
extern ConsensusStatus numeric_ordinal(const NumericData *data,
									   NumericFit *fit);
extern size_t numeric_ordinal_memory(const NumericData *data);


/* ---- for methods -------------------------------------------------------- */

/* An item's answers. */
typedef struct NumericItem
{
	const ConsensusAnswer *first;
	const ConsensusAnswer *end;
	bool		alone;			/* all of one annotator */
} NumericItem;

static inline NumericItem
numeric_item(const NumericData *data, int32_t item)
{
	NumericItem of;

	of.first = data->answers.answers + data->answers.start[item];
	of.end = data->answers.answers + data->answers.start[item + 1];
	of.alone = of.first->annotator == of.end[-1].annotator;
	return of;
}

/* Counts work; false when the progress callback asks to stop. */
static inline bool
numeric_go_on(const NumericFit *fit, int64_t *work, int64_t more, double done)
{
	*work += more;
	if (*work < CONSENSUS_STEP)
		return true;
	*work = 0;
	return fit->progress == NULL || fit->progress(fit->progress_state, done);
}

/* What an answer counts: its own weight, and its annotator's. */
static inline double
numeric_weight_of(const NumericFit *fit, const ConsensusAnswer *answer)
{
	return answer->weight * fit->weights[answer->annotator];
}

extern double numeric_total_weight(const NumericFit *fit, NumericItem item);

/* The mean by weight; where no answer has any, all are alike. */
extern double numeric_mean_of(const NumericData *data, const NumericFit *fit,
							  NumericItem item);

/* An item's answers to be sorted, in shares of its weight. */
typedef struct NumericWeighed
{
	double		number;
	double		weight;
} NumericWeighed;

extern int64_t numeric_sort_item(const NumericData *data,
								 const NumericFit *fit, NumericItem item,
								 NumericWeighed *sorted);

/* The number below which "share" of the weight lies. */
extern double numeric_quantile(const NumericWeighed *sorted, int64_t n,
							   double share);

/* Sets all values to the median; false when it is to stop. */
extern bool numeric_find_medians(const NumericData *data, NumericFit *fit,
								 bool errors, NumericWeighed *sorted);

/* All weights 1, all biases 0. */
extern void numeric_start(const NumericData *data, NumericFit *fit);

/* A known item gets its number, for certain; false if it is not known. */
extern bool numeric_take_gold(const NumericData *data, NumericFit *fit,
							  int32_t item);

/* Variance of all answers by weight; of the numbers alike, without any. */
extern double numeric_spread(const NumericData *data);

/* The probability that a normal number is below x, and its inverse. */
extern double numeric_normal(double x);
extern double numeric_normal_quantile(double p);

#endif							/* TDP_NUMERIC_KERNEL_H */
