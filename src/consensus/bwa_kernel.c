/*-------------------------------------------------------------------------
 *
 * bwa_kernel.c
 *	  Truth inference by Bayesian weighted averages.
 *
 * Every class is a question of its own, is it this one or not, and an
 * annotator's answer to it is the truth with Gaussian noise.  The posterior
 * mean of the truth is then a weighted average of the answers, and the
 * weight is one over the noise, whose prior holds back whoever answered
 * little.  Two passes over the answers an iteration.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"

#include <math.h>
#include <string.h>

/* What the shares weigh in an item's average, in answers of weight 1. */
#define PRIOR_ITEM 1.0

typedef struct Bwa
{
	const ConsensusData *data;
	ConsensusFit *fit;
	double	   *precision;		/* nannotators x nclasses */
	double	   *noise;			/* the same: sums of squares */
	double	   *total;			/* nannotators: weight of the answers */
	double	   *expected;		/* nclasses: the prior's sum of squares */
	double	   *old;			/* nclasses: an item before this iteration */
	double	   *own;			/* nclasses: weight given to each class */
	bool		settled;
} Bwa;


size_t
consensus_bwa_memory(const ConsensusData *data)
{
	return ((2 * (size_t) data->nclasses + 1) * (size_t) data->nannotators +
			3 * (size_t) data->nclasses) * sizeof(double);
}


static bool
go_on(const Bwa *bwa, int64_t *work, int32_t item)
{
	const ConsensusData *data = bwa->data;

	return consensus_go_on(bwa->fit, work, 2 * (data->start[item + 1] -
												data->start[item] + 5) *
						   data->nclasses,
						   fmin(1.0, (bwa->fit->iterations + (double) item /
									  (double) data->nitems) /
								bwa->fit->max_iter));
}


/*
 * What is expected of an annotator of whom nothing is known: for each class,
 * the mean spread of the votes, which four times 1 - 1/K corrects for its
 * falling short where there are but two classes, and few answers an item.
 */
static bool
expect_noise(Bwa *bwa)
{
	const ConsensusData *data = bwa->data;
	int64_t		work = 0;
	double		all = 0.0;
	double		correction = 4.0 * (1.0 - 1.0 / data->nclasses);

	memset(bwa->total, 0, (size_t) data->nannotators * sizeof(double));
	memset(bwa->expected, 0, (size_t) data->nclasses * sizeof(double));
	for (int32_t i = 0; i < data->nitems; i++)
	{
		const double *z = bwa->fit->posterior.probability +
			(size_t) i * (size_t) data->nclasses;
		double		weight = 0.0;

		if (!go_on(bwa, &work, i))
			return false;
		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
		{
			weight += data->answers[a].weight;
			bwa->total[data->answers[a].annotator] += data->answers[a].weight;
		}
		all += weight;
		for (int32_t k = 0; k < data->nclasses; k++)
			bwa->expected[k] += weight * z[k] * (1.0 - z[k]);
	}
	for (int32_t k = 0; k < data->nclasses; k++)
		bwa->expected[k] = all > 0.0 ? bwa->fit->smoothing * correction *
			bwa->expected[k] / all : 0.0;
	return true;
}


/* The precision of each annotator in each class, from the items as they are. */
static bool
weigh_annotators(Bwa *bwa)
{
	const ConsensusData *data = bwa->data;
	size_t		nclasses = (size_t) data->nclasses;
	int64_t		work = 0;

	memset(bwa->noise, 0, (size_t) data->nannotators * nclasses *
		   sizeof(double));
	for (int32_t i = 0; i < data->nitems; i++)
	{
		const double *z = bwa->fit->posterior.probability +
			(size_t) i * nclasses;

		if (!go_on(bwa, &work, i))
			return false;
		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
		{
			const ConsensusAnswer *answer = &data->answers[a];
			double	   *noise = bwa->noise +
				(size_t) answer->annotator * nclasses;

			for (size_t k = 0; k < nclasses; k++)
				noise[k] += answer->weight * z[k] * z[k];
			noise[answer->label] += answer->weight *
				(1.0 - 2.0 * z[answer->label]);
		}
	}
	for (size_t j = 0; j < (size_t) data->nannotators; j++)
		for (size_t k = 0; k < nclasses; k++)
			bwa->precision[j * nclasses + k] =
				(bwa->fit->smoothing + bwa->total[j]) /
				fmax(bwa->expected[k] + bwa->noise[j * nclasses + k],
					 CONSENSUS_TIE * (bwa->fit->smoothing + bwa->total[j]) +
					 1e-300);
	return true;
}


/* The averages of one item; are they about what they were? */
static bool
average_item(Bwa *bwa, int32_t item)
{
	const ConsensusData *data = bwa->data;
	int32_t		nclasses = data->nclasses;
	double	   *z = bwa->fit->posterior.probability +
		(size_t) item * (size_t) nclasses;
	bool		settled = true;

	memcpy(bwa->old, z, (size_t) nclasses * sizeof(double));
	for (int32_t k = 0; k < nclasses; k++)
	{
		z[k] = PRIOR_ITEM;		/* sum of the weights, */
		bwa->own[k] = PRIOR_ITEM * bwa->fit->shares[k]; /* those for it */
	}
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];
		const double *precision = bwa->precision +
			(size_t) answer->annotator * (size_t) nclasses;

		for (int32_t k = 0; k < nclasses; k++)
			z[k] += answer->weight * precision[k];
		bwa->own[answer->label] += answer->weight * precision[answer->label];
	}
	for (int32_t k = 0; k < nclasses; k++)
	{
		z[k] = bwa->own[k] / z[k];
		settled = settled && fabs(z[k] - bwa->old[k]) <=
			CONSENSUS_TIE + bwa->fit->tolerance * fabs(bwa->old[k]);
	}
	return settled;
}


static bool
average_items(Bwa *bwa)
{
	const ConsensusData *data = bwa->data;
	int64_t		work = 0;

	bwa->settled = true;
	for (int32_t i = 0; i < data->nitems; i++)
	{
		if (!go_on(bwa, &work, i))
			return false;
		if (consensus_gold(data, i) < 0 && !average_item(bwa, i))
			bwa->settled = false;
	}
	return true;
}


/* Averages become probabilities, precisions one number an annotator. */
static void
finish(Bwa *bwa)
{
	const ConsensusData *data = bwa->data;
	ConsensusFit *fit = bwa->fit;
	size_t		nclasses = (size_t) data->nclasses;
	double		mean = 0.0;

	for (int32_t i = 0; i < data->nitems; i++)
	{
		double	   *z = fit->posterior.probability + (size_t) i * nclasses;
		double		sum = 0.0;

		for (size_t k = 0; k < nclasses; k++)
			sum += z[k];
		for (size_t k = 0; k < nclasses; k++)
			z[k] /= sum;
	}
	consensus_sum_shares(data, &fit->posterior, fit->shares);
	if (fit->weights == NULL)
		return;
	for (size_t j = 0; j < (size_t) data->nannotators; j++)
	{
		fit->weights[j] = 0.0;
		for (size_t k = 0; k < nclasses; k++)
			fit->weights[j] += fit->shares[k] *
				bwa->precision[j * nclasses + k];
		mean += fit->weights[j] / (double) data->nannotators;
	}
	for (int32_t j = 0; j < data->nannotators && mean > 0.0; j++)
		fit->weights[j] /= mean;
}


ConsensusStatus
consensus_bwa(const ConsensusData *data, ConsensusFit *fit)
{
	Bwa			bwa = {.data = data, .fit = fit};
	size_t		cells = (size_t) data->nannotators * (size_t) data->nclasses;

	bwa.precision = fit->work;
	bwa.noise = bwa.precision + cells;
	bwa.total = bwa.noise + cells;
	bwa.expected = bwa.total + data->nannotators;
	bwa.old = bwa.expected + data->nclasses;
	bwa.own = bwa.old + data->nclasses;

	if (consensus_majority(data, fit) != CONSENSUS_DONE)
		return CONSENSUS_STOPPED;
	fit->iterations = 0;
	fit->converged = false;
	if (!expect_noise(&bwa))
		return CONSENSUS_STOPPED;
	while (fit->iterations < fit->max_iter && !fit->converged)
	{
		if (fit->progress != NULL &&
			!fit->progress(fit->progress_state,
						   fit->iterations / (double) fit->max_iter))
			return CONSENSUS_STOPPED;
		consensus_sum_shares(data, &fit->posterior, fit->shares);
		if (!weigh_annotators(&bwa) || !average_items(&bwa))
			return CONSENSUS_STOPPED;
		fit->iterations++;
		fit->converged = bwa.settled;
	}
	finish(&bwa);
	return CONSENSUS_DONE;
}
