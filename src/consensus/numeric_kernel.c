/*-------------------------------------------------------------------------
 *
 * numeric_kernel.c
 *	  Numbers that several annotators gave: means and medians.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/numeric_kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Weights that differ by less, relatively, are equal: rounding of sums. */
#define SAME_WEIGHT 1e-9


static int64_t
most_answers(const NumericData *data)
{
	int64_t		most = 0;

	for (int32_t i = 0; i < data->answers.nitems; i++)
	{
		int64_t		n = data->answers.start[i + 1] - data->answers.start[i];

		most = n > most ? n : most;
	}
	return most;
}


size_t
numeric_memory(const NumericData *data)
{
	return 6 * (size_t) data->answers.nannotators * sizeof(double) +
		(size_t) data->answers.nitems * sizeof(double) +
		(size_t) most_answers(data) * sizeof(NumericWeighed);
}


double
numeric_total_weight(const NumericFit *fit, NumericItem item)
{
	double		total = 0.0;

	for (const ConsensusAnswer *answer = item.first; answer < item.end; answer++)
		total += numeric_weight_of(fit, answer);
	return total;
}


/* Where no answer has weight, all are alike. */
double
numeric_mean_of(const NumericData *data, const NumericFit *fit, NumericItem item)
{
	double		total = numeric_total_weight(fit, item);
	double		sum = 0.0;

	for (const ConsensusAnswer *answer = item.first; answer < item.end; answer++)
		sum += data->number[answer->label] *
			(total > 0.0 ? numeric_weight_of(fit, answer) : 1.0);
	return sum / (total > 0.0 ? total : (double) (item.end - item.first));
}


double
numeric_spread(const NumericData *data)
{
	int64_t		n = data->answers.nanswers;
	double		total = 0.0;
	double		mean = 0.0;
	double		sum = 0.0;

	for (int64_t a = 0; a < n; a++)
		total += data->answers.answers[a].weight;
	for (int pass = 0; pass < 2; pass++)
	{
		for (int64_t a = 0; a < n; a++)
		{
			const ConsensusAnswer *answer = &data->answers.answers[a];
			double		weight = total > 0.0 ? answer->weight : 1.0;
			double		off = data->number[answer->label] - mean;

			sum += weight * (pass == 0 ? off : off * off);
		}
		sum /= total > 0.0 ? total : (double) n;
		if (pass == 0)
		{
			mean = sum;
			sum = 0.0;
		}
	}
	return sum;
}


/* ---- the normal distribution -------------------------------------------- */

double
numeric_normal(double x)
{
	return 0.5 * erfc(-x * 0.70710678118654752440);
}


/* By bisection: it is wanted a few times an item at most. */
double
numeric_normal_quantile(double p)
{
	double		low = -40.0;
	double		high = 40.0;

	for (int i = 0; i < 64; i++)
	{
		double		middle = 0.5 * (low + high);

		if (numeric_normal(middle) < p)
			low = middle;
		else
			high = middle;
	}
	return 0.5 * (low + high);
}


/* ---- means -------------------------------------------------------------- */

/* Standard error of a weighted mean. */
static double
error_of_mean(const NumericData *data, const NumericFit *fit, NumericItem item,
			  double mean)
{
	double		total = numeric_total_weight(fit, item);
	double		square = 0.0;
	double		sum = 0.0;
	double		free;

	if (item.alone || !(total > 0.0))
		return NAN;
	for (const ConsensusAnswer *answer = item.first; answer < item.end; answer++)
	{
		double		share = numeric_weight_of(fit, answer) / total;
		double		off = data->number[answer->label] - mean;

		square += share * share;
		sum += share * off * off;
	}
	free = 1.0 - square;
	return free > SAME_WEIGHT ? sqrt(sum / free * square) : NAN;
}


void
numeric_start(const NumericData *data, NumericFit *fit)
{
	for (int32_t j = 0; j < data->answers.nannotators; j++)
	{
		fit->weights[j] = 1.0;
		fit->bias[j] = 0.0;
	}
	fit->iterations = 1;
	fit->converged = true;
	fit->objective = 0.0;
}


/* A known item has its number, for certain; false if it is not known. */
bool
numeric_take_gold(const NumericData *data, NumericFit *fit, int32_t item)
{
	int32_t		gold = consensus_gold(&data->answers, item);

	if (gold < 0)
		return false;
	fit->value[item] = data->number[gold];
	fit->error[item] = 0.0;
	return true;
}


ConsensusStatus
numeric_mean(const NumericData *data, NumericFit *fit)
{
	int64_t		work = 0;

	numeric_start(data, fit);
	for (int32_t i = 0; i < data->answers.nitems; i++)
	{
		NumericItem item = numeric_item(data, i);

		if (!numeric_go_on(fit, &work, 10 * (item.end - item.first),
						   (double) i / (double) data->answers.nitems))
			return CONSENSUS_STOPPED;
		if (numeric_take_gold(data, fit, i))
			continue;
		fit->value[i] = numeric_mean_of(data, fit, item);
		fit->error[i] = error_of_mean(data, fit, item, fit->value[i]);
	}
	return CONSENSUS_DONE;
}


/* ---- medians ------------------------------------------------------------ */

static int
compare_weighed(const void *a, const void *b)
{
	const NumericWeighed *left = a;
	const NumericWeighed *right = b;

	if (left->number != right->number)
		return left->number < right->number ? -1 : 1;
	return (left->weight > right->weight) - (left->weight < right->weight);
}


/* An item's answers in order, with their shares of the weight. */
int64_t
numeric_sort_item(const NumericData *data, const NumericFit *fit, NumericItem item,
				  NumericWeighed *sorted)
{
	double		total = numeric_total_weight(fit, item);
	int64_t		n = 0;

	for (const ConsensusAnswer *answer = item.first; answer < item.end; answer++)
	{
		NumericWeighed *to = &sorted[n];

		to->number = data->number[answer->label];
		to->weight = total > 0.0 ? numeric_weight_of(fit, answer) / total
			: 1.0 / (double) (item.end - item.first);
		n += to->weight > 0.0;
	}
	qsort(sorted, (size_t) n, sizeof(NumericWeighed), compare_weighed);
	return n;
}


/* The number below which "share" of the weight lies. */
double
numeric_quantile(const NumericWeighed *sorted, int64_t n, double share)
{
	double		below = 0.0;

	for (int64_t a = 0; a < n - 1; a++)
	{
		below += sorted[a].weight;
		if (below > share + SAME_WEIGHT)
			return sorted[a].number;
		if (below >= share - SAME_WEIGHT)
			return 0.5 * (sorted[a].number + sorted[a + 1].number);
	}
	return sorted[n - 1].number;
}


/* Price and Bonett's, for "n" answers of equal weight. */
static double
error_of_median(const NumericWeighed *sorted, int64_t count)
{
	double		square = 0.0;
	double		n;
	double		order;
	double		term;
	double		outside = 0.0;
	double		width;

	for (int64_t a = 0; a < count; a++)
		square += sorted[a].weight * sorted[a].weight;
	n = floor(1.0 / square + 0.5);
	if (n < 2.0)
		return NAN;
	order = fmax(1.0, floor((n + 1.0) / 2.0 - sqrt(n) + 0.5));
	/* the probability of fewer than "order" of n on one side, twice */
	term = (1.0 - n) * 0.69314718055994530942;
	for (double i = 0.0; i < order; i++)
	{
		outside += exp(term);
		term += log((n - i) / (i + 1.0));
	}
	width = numeric_quantile(sorted, count, 1.0 - (order - 0.5) / n) -
		numeric_quantile(sorted, count, (order - 0.5) / n);
	return width / (2.0 * numeric_normal_quantile(1.0 - 0.5 * outside));
}


bool
numeric_find_medians(const NumericData *data, NumericFit *fit, bool errors,
					 NumericWeighed *sorted)
{
	int64_t		work = 0;

	for (int32_t i = 0; i < data->answers.nitems; i++)
	{
		NumericItem item = numeric_item(data, i);
		int64_t		n;

		if (!numeric_go_on(fit, &work, 20 * (item.end - item.first) +
						   (errors ? 2000 : 0),
						   (double) i / (double) data->answers.nitems))
			return false;
		if (numeric_take_gold(data, fit, i))
			continue;
		n = numeric_sort_item(data, fit, item, sorted);
		fit->value[i] = numeric_quantile(sorted, n, 0.5);
		if (errors)
			fit->error[i] = item.alone || !(numeric_total_weight(fit, item) > 0.0)
				? NAN : error_of_median(sorted, n);
	}
	return true;
}


ConsensusStatus
numeric_median(const NumericData *data, NumericFit *fit)
{
	numeric_start(data, fit);
	return numeric_find_medians(data, fit, true, fit->work)
		? CONSENSUS_DONE : CONSENSUS_STOPPED;
}
