/*-------------------------------------------------------------------------
 *
 * flags_kernel.c
 *	  Annotators to be looked at: who always says the same, and who agrees
 *	  with another one in errors.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Expected rates of an error are no higher. */
#define MOST_RATE 0.95

/* Errors of all annotators together are no rarer than this. */
#define LEAST_RATE 1e-6


/* ---- tails -------------------------------------------------------------- */

double
consensus_poisson_tail(double mean, double count)
{
	double		term;
	double		sum = 0.0;

	count = ceil(count - 1e-9);
	if (count <= 0.0 || count <= mean)
		return 1.0;
	if (!(mean > 0.0))
		return 0.0;
	term = exp(count * log(mean) - mean - lgamma(count + 1.0));
	for (double x = count + 1.0; term > sum * 1e-16; x += 1.0)
	{
		sum += term;
		term *= mean / x;
	}
	return fmin(sum, 1.0);
}


double
consensus_binomial_tail(double n, double p, double count)
{
	double		term;
	double		sum = 0.0;

	if (count <= 0.0 || count <= n * p)
		return 1.0;
	term = exp(lgamma(n + 1.0) - lgamma(count + 1.0) -
			   lgamma(n - count + 1.0) + count * log(p) +
			   (n - count) * log1p(-p));
	for (double x = count; x <= n && term > sum * 1e-16; x += 1.0)
	{
		sum += term;
		term *= (n - x) / (x + 1.0) * p / (1.0 - p);
	}
	return fmin(sum, 1.0);
}


/* ---- always the same ---------------------------------------------------- */

static void
rate_habit(const ConsensusData *data, const int64_t *counts,
		   const double *expected, ConsensusHabit *habit)
{
	int32_t		most = 0;
	double		p;

	for (int32_t l = 1; l < data->nclasses; l++)
		if (counts[l] > counts[most])
			most = l;
	habit->label = most;
	habit->given = counts[most];
	habit->expected = expected[most];

	/* the rarer answers, those that are another label, say more */
	p = fmin(habit->expected / fmax((double) habit->items, 1.0), 1.0);
	habit->p_value = fmin(1.0, data->nclasses *
						  consensus_binomial_tail((double) habit->items, p,
												  (double) habit->given));
	if (p >= 1.0)
		habit->p_value = 1.0;
}


ConsensusStatus
consensus_find_habits(const ConsensusData *data, const ConsensusFit *fit,
					  const double *confusion, int64_t *counts,
					  double *expected, ConsensusHabit *habits)
{
	size_t		nclasses = (size_t) data->nclasses;
	size_t		cells = (size_t) data->nannotators * nclasses;
	int64_t		work = 0;

	memset(counts, 0, cells * sizeof(int64_t));
	memset(expected, 0, cells * sizeof(double));
	memset(habits, 0, (size_t) data->nannotators * sizeof(ConsensusHabit));
	for (int32_t i = 0; i < data->nitems; i++)
	{
		ConsensusCandidates all = consensus_candidates(data, &fit->posterior, i);

		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
		{
			size_t		row = (size_t) data->answers[a].annotator * nclasses;

			if (!consensus_go_on(fit, &work, all.count * data->nclasses,
								 (double) i / (double) data->nitems))
				return CONSENSUS_STOPPED;
			counts[row + (size_t) data->answers[a].label]++;
			if (a > data->start[i] &&
				data->answers[a - 1].annotator == data->answers[a].annotator)
				continue;
			habits[data->answers[a].annotator].items++;
			for (int32_t c = 0; c < all.count; c++)
			{
				size_t		k = (size_t) consensus_candidate_label(&all, c);

				for (size_t l = 0; l < nclasses; l++)
					expected[row + l] += all.probability[c] *
						confusion[l * nclasses + k];
			}
		}
	}
	for (int32_t j = 0; j < data->nannotators; j++)
		rate_habit(data, counts + (size_t) j * nclasses,
				   expected + (size_t) j * nclasses, &habits[j]);
	return CONSENSUS_DONE;
}


/* ---- copies -------------------------------------------------------------- */

/* How much more often than usual others than these two err so on an item. */
static double
hardness(const ConsensusData *data, int32_t item, int32_t one, int32_t other,
		 int32_t label, double usual)
{
	double		errors = 1.0;
	double		usually = 1.0;

	usual = fmax(usual, LEAST_RATE);
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];

		if (answer->annotator == one || answer->annotator == other)
			continue;
		usually += usual;
		errors += answer->label == label;
	}
	return fmax(errors / usually, 1.0);
}


static void
compare_answers(const ConsensusData *data, const ConsensusFit *fit,
				const double *confusion, int32_t item,
				const ConsensusAnswer *one, const ConsensusAnswer *other,
				ConsensusPair *pair)
{
	size_t		nclasses = (size_t) data->nclasses;
	ConsensusCandidates all = consensus_candidates(data, &fit->posterior, item);

	pair->items++;
	for (int32_t l = 0; l < data->nclasses; l++)
	{
		ConsensusAnswer first = {.annotator = one->annotator, .label = l};
		ConsensusAnswer second = {.annotator = other->annotator, .label = l};
		const double *of_first = fit->confusion +
			consensus_row_of(&first, nclasses);
		const double *of_second = fit->confusion +
			consensus_row_of(&second, nclasses);

		for (int32_t c = 0; c < all.count; c++)
		{
			int32_t		k = consensus_candidate_label(&all, c);
			double		hard;

			if (k == l || all.probability[c] < 1e-6)
				continue;
			hard = hardness(data, item, one->annotator, other->annotator, l,
							confusion[(size_t) l * nclasses + (size_t) k]);
			pair->expected += all.probability[c] *
				fmin(of_first[k] * hard, MOST_RATE) *
				fmin(of_second[k] * hard, MOST_RATE);
			if (one->label == l && other->label == l)
				pair->agreeing += all.probability[c];
		}
	}
}


void
consensus_compare_annotator(const ConsensusData *data,
							const ConsensusFit *fit, const double *confusion,
							int32_t annotator, const int32_t *items,
							int64_t nitems, ConsensusPair *pairs)
{
	memset(pairs, 0, (size_t) data->nannotators * sizeof(ConsensusPair));
	for (int64_t n = 0; n < nitems; n++)
	{
		const ConsensusAnswer *one = NULL;
		int64_t		end = data->start[items[n] + 1];

		for (int64_t a = data->start[items[n]]; a < end; a++)
		{
			const ConsensusAnswer *answer = &data->answers[a];

			if (answer->annotator == annotator)
				one = answer;
			else if (answer->annotator > annotator && one != NULL)
				compare_answers(data, fit, confusion, items[n], one, answer,
								&pairs[answer->annotator]);
		}
	}
}


/* ---- what all take for what ---------------------------------------------- */

void
consensus_pool_confusion(const ConsensusData *data, const ConsensusFit *fit,
						 double *confusion)
{
	size_t		nclasses = (size_t) data->nclasses;

	for (size_t l = 0; l < nclasses; l++)
		for (size_t k = 0; k < nclasses; k++)
			confusion[l * nclasses + k] = l == k ? 1.0 : 0.0;
	for (int32_t i = 0; i < data->nitems; i++)
	{
		ConsensusCandidates all = consensus_candidates(data, &fit->posterior, i);

		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
			for (int32_t c = 0; c < all.count; c++)
				confusion[(size_t) data->answers[a].label * nclasses +
						  (size_t) consensus_candidate_label(&all, c)] +=
					all.probability[c];
	}
	for (size_t k = 0; k < nclasses; k++)
	{
		double		sum = 0.0;

		for (size_t l = 0; l < nclasses; l++)
			sum += confusion[l * nclasses + k];
		for (size_t l = 0; l < nclasses; l++)
			confusion[l * nclasses + k] /= sum;
	}
}


/* ---- too fast ------------------------------------------------------------- */

static int
compare_times(const void *a, const void *b)
{
	const ConsensusTime *left = a;
	const ConsensusTime *right = b;

	if (left->item != right->item)
		return left->item < right->item ? -1 : 1;
	if (left->seconds != right->seconds)
		return left->seconds < right->seconds ? -1 : 1;
	return (left->annotator > right->annotator) -
		(left->annotator < right->annotator);
}


/* The median of n ascending times but the one at "without". */
static double
median_of_others(const ConsensusTime *times, int64_t n, int64_t without)
{
	int64_t		low = (n - 2) / 2;
	int64_t		high = (n - 1) / 2;

	low += low >= without;
	high += high >= without;
	return (times[low].seconds + times[high].seconds) / 2.0;
}


void
consensus_count_fast(ConsensusTime *times, int64_t ntimes,
					 int32_t nannotators, ConsensusHaste *haste)
{
	int64_t		end;

	memset(haste, 0, (size_t) nannotators * sizeof(ConsensusHaste));
	if (ntimes > 0)
		qsort(times, (size_t) ntimes, sizeof(ConsensusTime), compare_times);
	for (int64_t first = 0; first < ntimes; first = end)
	{
		for (end = first + 1; end < ntimes &&
			 times[end].item == times[first].item;)
			end++;
		for (int64_t t = first; end - first > 1 && t < end; t++)
		{
			ConsensusHaste *of = &haste[times[t].annotator];

			of->items++;
			of->fast += times[t].seconds <
				0.5 * median_of_others(times + first, end - first, t - first);
		}
	}
}
