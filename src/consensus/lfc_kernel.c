/*-------------------------------------------------------------------------
 *
 * lfc_kernel.c
 *	  Numbers with an annotator's bias and variance.
 *
 * x(i, j) = z(i) + b(j) + e, e normal of variance s2(j).  Where it is asked
 * for, z is normal about "centre" with variance "between", else anything; and b
 * about 0 with variance "biases", else 0.  z and b
 * have a distribution each (mean and variance), all else is one number.  One
 * pass an iteration: an item's value is worked out and its answers at once
 * counted into three sums of each annotator, of which everything else follows.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/numeric_kernel.h"

#include <math.h>
#include <string.h>

/* Answers of the common variance that are added to each annotator's. */
#define OWN_SMOOTHING 4.0

/* The biases' variance is no smaller a part of the errors'. */
#define LEAST_BIASES 1e-6

/* Nor is one annotator's variance of the common one. */
#define LEAST_ERRORS 1e-9

/* Of an annotator; "off" is x - z. */
typedef struct Sums
{
	double		count;			/* weight of the answers */
	double		off;
	double		square;			/* of off squared, with z's variance */
} Sums;

typedef struct Lfc
{
	const NumericData *data;
	NumericFit *fit;
	double		smoothing;
	Sums	   *sums;			/* nannotators */
	double	   *s2;				/* nannotators: variance of errors */
	double	   *bias_variance;	/* nannotators: of what is known of b */
	double	   *variance;		/* nitems: of what is known of z */
	double		common;			/* variance within items */
	double		spread;			/* of all answers */
	double		centre;
	double		between;
	double		biases;
} Lfc;


/*
 * The variance within items, about their means or their known numbers.
 * False where no item tells.
 */
static bool
find_common_variance(Lfc *lfc)
{
	double		free = 0.0;
	double		sum = 0.0;

	for (int32_t i = 0; i < lfc->data->answers.nitems; i++)
	{
		NumericItem item = numeric_item(lfc->data, i);
		bool		known = consensus_gold(&lfc->data->answers, i) >= 0;
		double		total = 0.0;
		double		square = 0.0;

		if (item.alone && !known)
			continue;
		for (const ConsensusAnswer *answer = item.first; answer < item.end;
			 answer++)
		{
			double		off = lfc->data->number[answer->label] -
				lfc->fit->value[i];

			total += answer->weight;
			square += answer->weight * answer->weight;
			sum += answer->weight * off * off;
		}
		if (total > 0.0)
			free += known ? total : total - square / total;
	}
	lfc->common = free > 0.0 ? sum / free : 0.0;
	return free > 0.0;
}


static void
start(Lfc *lfc)
{
	int32_t		nitems = lfc->data->answers.nitems;

	lfc->spread = numeric_spread(lfc->data);
	lfc->centre = 0.0;
	for (int32_t i = 0; i < nitems; i++)
		lfc->centre += lfc->fit->value[i] / nitems;
	lfc->between = lfc->spread;
	lfc->biases = lfc->common;
	for (int32_t j = 0; j < lfc->data->answers.nannotators; j++)
	{
		lfc->fit->bias[j] = 0.0;
		lfc->bias_variance[j] = 0.0;
		lfc->s2[j] = lfc->common;
	}
}


/* What is known of an item's value. */
static void
estimate_item(Lfc *lfc, int32_t i, NumericItem item)
{
	NumericFit *fit = lfc->fit;
	double		precision = fit->shrink ? 1.0 / lfc->between : 0.0;
	double		sum = 0.0;
	double		from_biases = 0.0;

	if (consensus_gold(&lfc->data->answers, i) >= 0)
	{
		lfc->variance[i] = fit->error[i] = 0.0;
		return;
	}
	for (const ConsensusAnswer *answer = item.first; answer < item.end; answer++)
	{
		int32_t		j = answer->annotator;
		double		weight = answer->weight / lfc->s2[j];

		precision += weight;
		sum += weight * (lfc->data->number[answer->label] - fit->bias[j] -
						 lfc->centre);
		from_biases += weight * weight * lfc->bias_variance[j];
	}
	if (!(precision > 0.0))		/* no answer has weight */
	{
		lfc->variance[i] = 0.0;
		fit->error[i] = NAN;
		return;
	}
	fit->value[i] = lfc->centre + sum / precision;
	lfc->variance[i] = 1.0 / precision;
	fit->error[i] = sqrt(1.0 / precision +
						 from_biases / precision / precision);
}


static bool
pass_over(Lfc *lfc)
{
	const ConsensusData *answers = &lfc->data->answers;
	int64_t		work = 0;

	memset(lfc->sums, 0, (size_t) answers->nannotators * sizeof(Sums));
	for (int32_t i = 0; i < answers->nitems; i++)
	{
		NumericItem item = numeric_item(lfc->data, i);

		if (!numeric_go_on(lfc->fit, &work, 10 * (item.end - item.first),
						   (lfc->fit->iterations +
							(double) i / (double) answers->nitems) /
						   (double) lfc->fit->max_iter))
			return false;
		estimate_item(lfc, i, item);
		for (const ConsensusAnswer *answer = item.first; answer < item.end;
			 answer++)
		{
			Sums	   *sums = &lfc->sums[answer->annotator];
			double		off = lfc->data->number[answer->label] -
				lfc->fit->value[i];

			sums->count += answer->weight;
			sums->off += answer->weight * off;
			sums->square += answer->weight * (off * off + lfc->variance[i]);
		}
	}
	return true;
}


/* Expected sum of an annotator's squared errors. */
static double
squared_errors(const Lfc *lfc, int32_t j)
{
	const Sums *sums = &lfc->sums[j];
	double		bias = lfc->fit->bias[j];

	return fmax(sums->square - 2.0 * bias * sums->off + sums->count *
				(bias * bias + lfc->bias_variance[j]), 0.0);
}


/* The bound on the log-likelihood, constants left out. */
static double
objective(const Lfc *lfc)
{
	const ConsensusData *answers = &lfc->data->answers;
	double		sum = 0.0;

	if (lfc->fit->shrink)
		sum -= 0.5 * (log(lfc->between) + lfc->spread / lfc->between);
	for (int32_t i = 0; i < answers->nitems; i++)
	{
		double		off = lfc->fit->value[i] - lfc->centre;

		if (lfc->fit->shrink)
			sum -= 0.5 * (log(lfc->between) +
						  (off * off + lfc->variance[i]) / lfc->between);
		if (lfc->variance[i] > 0.0)
			sum += 0.5 * log(lfc->variance[i]);
	}
	for (int32_t j = 0; j < answers->nannotators; j++)
	{
		double		bias = lfc->fit->bias[j];

		sum -= 0.5 * ((lfc->sums[j].count + lfc->smoothing) *
					  log(lfc->s2[j]) + (squared_errors(lfc, j) +
										 lfc->smoothing * lfc->common) /
					  lfc->s2[j]);
		if (!lfc->fit->biased)
			continue;
		sum -= 0.5 * (log(lfc->biases) +
					  (bias * bias + lfc->bias_variance[j]) / lfc->biases);
		if (lfc->bias_variance[j] > 0.0)
			sum += 0.5 * log(lfc->bias_variance[j]);
	}
	return sum;
}


/*
 * What is known of the biases.  Without gold nothing but a convention tells a
 * bias that all have from the values: over all answers they are 0 in sum.
 */
static void
update_biases(Lfc *lfc)
{
	const ConsensusData *answers = &lfc->data->answers;
	double	   *bias = lfc->fit->bias;
	double		sum = 0.0;
	double		square = 0.0;

	for (int32_t j = 0; j < answers->nannotators; j++)
	{
		const Sums *sums = &lfc->sums[j];

		lfc->bias_variance[j] = 1.0 / (1.0 / lfc->biases +
									   sums->count / lfc->s2[j]);
		bias[j] = lfc->bias_variance[j] * sums->off / lfc->s2[j];
		sum += sums->count * bias[j];
		square += sums->count * sums->count * lfc->bias_variance[j];
	}
	if (answers->gold == NULL && square > 0.0)
		for (int32_t j = 0; j < answers->nannotators; j++)
			bias[j] -= lfc->bias_variance[j] * lfc->sums[j].count * sum /
				square;
}


/* The distributions that biases and values are drawn from. */
static void
update_spreads(Lfc *lfc)
{
	const ConsensusData *answers = &lfc->data->answers;
	NumericFit *fit = lfc->fit;
	double		sum = 0.0;

	for (int32_t j = 0; j < answers->nannotators; j++)
		sum += fit->bias[j] * fit->bias[j] + lfc->bias_variance[j];
	lfc->biases = fmax(sum / answers->nannotators,
					   LEAST_BIASES * lfc->common);

	sum = 0.0;
	for (int32_t i = 0; i < answers->nitems; i++)
		sum += fit->value[i] - lfc->centre;
	lfc->centre += sum / answers->nitems;
	sum = lfc->spread;
	for (int32_t i = 0; i < answers->nitems; i++)
	{
		double		off = fit->value[i] - lfc->centre;

		sum += off * off + lfc->variance[i];
	}
	lfc->between = sum / (answers->nitems + 1.0);
}


static void
update(Lfc *lfc)
{
	if (lfc->fit->biased)
		update_biases(lfc);
	for (int32_t j = 0; j < lfc->data->answers.nannotators; j++)
	{
		double		count = lfc->sums[j].count + lfc->smoothing;

		if (count > 0.0)
			lfc->s2[j] = fmax((squared_errors(lfc, j) +
							   lfc->smoothing * lfc->common) / count,
							  LEAST_ERRORS * lfc->common);
	}
	update_spreads(lfc);
}


/*
 * All answers of an item alike, in every item: no error to be seen.  Nothing
 * to tell errors by: none that is defined.
 */
static ConsensusStatus
without_errors(Lfc *lfc, bool known)
{
	for (int32_t i = 0; i < lfc->data->answers.nitems; i++)
		if (consensus_gold(&lfc->data->answers, i) < 0)
			lfc->fit->error[i] = known ? 0.0 : NAN;
	return CONSENSUS_DONE;
}


ConsensusStatus
numeric_lfc(const NumericData *data, NumericFit *fit)
{
	size_t		n = (size_t) data->answers.nannotators;
	Lfc			lfc = {.data = data, .fit = fit};
	double		last = -INFINITY;
	int64_t		work = 0;
	bool		known;

	lfc.smoothing = fit->smoothing < 0.0 ? OWN_SMOOTHING : fit->smoothing;
	lfc.sums = fit->work;
	lfc.s2 = (double *) (lfc.sums + n);
	lfc.bias_variance = lfc.s2 + n;
	lfc.variance = lfc.bias_variance + n;

	if (numeric_mean(data, fit) != CONSENSUS_DONE)
		return CONSENSUS_STOPPED;
	known = find_common_variance(&lfc);
	if (!(lfc.common > 0.0))
		return without_errors(&lfc, known);
	start(&lfc);
	fit->converged = false;
	for (fit->iterations = 0; fit->iterations < fit->max_iter &&
		 !fit->converged;)
	{
		if (!numeric_go_on(fit, &work, CONSENSUS_STEP, fit->iterations /
						   (double) fit->max_iter) ||
			!pass_over(&lfc))
			return CONSENSUS_STOPPED;
		if (fit->iterations > 0)
		{
			fit->objective = objective(&lfc);
			fit->converged = fit->objective - last <=
				fit->tolerance * 2.0 * (double) n;
			last = fit->objective;
		}
		fit->iterations++;
		update(&lfc);
	}
	for (size_t j = 0; j < n; j++)
		fit->weights[j] = lfc.common / lfc.s2[j];
	return CONSENSUS_DONE;
}
