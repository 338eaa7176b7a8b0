/*-------------------------------------------------------------------------
 *
 * mace_kernel.c
 *	  Truth inference where an annotator at times does not look.
 *
 * An answer is the item's label, or else made up: each annotator does so at
 * a rate and with favourite labels of their own.  Both are averaged over by
 * variational Bayes; what depends on the answer's label alone needs no pass
 * over the classes.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"

#include <math.h>
#include <string.h>

#include "consensus/gamma_kernel.h"

/* Of the Dirichlet prior of an annotator's favourite labels, together. */
#define PRIOR_FAVOURITES 10.0

/* Of that of the classes' shares. */
#define PRIOR_SHARE 1.0

/* Rounds of a start before the best is chosen. */
#define TRIAL 20

typedef struct Mace
{
	const ConsensusData *data;
	ConsensusFit *fit;
	double	   *made_up;		/* nannotators: answers */
	double	   *meant;
	double	   *favourites;		/* nannotators x nclasses: made-up answers */
	double	   *log_made_up;	/* expectations, of the same shape */
	double	   *log_meant;
	double	   *log_favourites;
	double	   *sums;			/* nclasses: items */
	double	   *log_shares;
	double		divergence;
	double		log_likelihood;
} Mace;


size_t
consensus_mace_memory(const ConsensusData *data)
{
	size_t		annotators = (size_t) data->nannotators;
	size_t		nclasses = (size_t) data->nclasses;

	return (4 * annotators + 2 * nclasses * (annotators + 1)) *
		sizeof(double);
}


/* ---- parameters --------------------------------------------------------- */

/* Expected logarithms of n shares, and their divergence from the prior. */
static double
expect_shares(const double *counts, int32_t n, double prior, double *logs)
{
	LogGamma	before = log_gamma(prior);
	LogGamma	all_before = log_gamma(prior * n);
	LogGamma	all;
	double		total = 0.0;
	double		divergence = 0.0;

	for (int32_t l = 0; l < n; l++)
	{
		LogGamma	after = log_gamma(prior + counts[l]);

		total += counts[l];
		logs[l] = after.derivative;
		divergence += before.value - after.value +
			counts[l] * after.derivative;
	}
	all = log_gamma(total + prior * n);
	for (int32_t l = 0; l < n; l++)
		logs[l] -= all.derivative;
	return divergence + all.value - all_before.value - total * all.derivative;
}


static void
expect_parameters(Mace *mace)
{
	const ConsensusData *data = mace->data;
	double		prior = fmax(mace->fit->smoothing, 1e-3);

	mace->divergence = 0.0;
	for (int32_t j = 0; j < data->nannotators; j++)
	{
		double		counts[2] = {mace->made_up[j], mace->meant[j]};
		double		logs[2];
		size_t		row = (size_t) j * (size_t) data->nclasses;

		mace->divergence += expect_shares(counts, 2, prior, logs);
		mace->log_made_up[j] = logs[0];
		mace->log_meant[j] = logs[1];
		mace->divergence += expect_shares(mace->favourites + row,
										  data->nclasses, PRIOR_FAVOURITES,
										  mace->log_favourites + row);
	}
	if (data->priors == NULL)
		mace->divergence += expect_shares(mace->sums, data->nclasses,
										  PRIOR_SHARE, mace->log_shares);
	else
		for (int32_t k = 0; k < data->nclasses; k++)
			mace->log_shares[k] = log(data->priors[k]);
}


/* A random start: rates and favourites as if of a few answers each. */
static void
start(Mace *mace, uint64_t seed)
{
	const ConsensusData *data = mace->data;
	size_t		cells = (size_t) data->nannotators * (size_t) data->nclasses;

	for (int32_t j = 0; j < data->nannotators; j++)
	{
		mace->made_up[j] = 1.0 + 0.5 * consensus_random(&seed);
		mace->meant[j] = 1.0 + 0.5 * consensus_random(&seed);
	}
	for (size_t c = 0; c < cells; c++)
		mace->favourites[c] = 1.0 + 0.5 * consensus_random(&seed);
	memset(mace->sums, 0, (size_t) data->nclasses * sizeof(double));
	expect_parameters(mace);
}


/* ---- items -------------------------------------------------------------- */

/* Which of an item's labels is meant; returns the log-probability. */
static double
weigh_item(const Mace *mace, int32_t item, double *z)
{
	const ConsensusData *data = mace->data;
	int32_t		nclasses = data->nclasses;
	int32_t		gold = consensus_gold(data, item);
	double		all = 0.0;
	double		most = -INFINITY;
	double		sum = 0.0;

	for (int32_t k = 0; k < nclasses; k++)
		z[k] = gold >= 0 && data->priors != NULL ? 0.0 : mace->log_shares[k];
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];
		int32_t		j = answer->annotator;
		double		made_up = mace->log_made_up[j] +
			mace->log_favourites[(size_t) j * (size_t) nclasses +
								 (size_t) answer->label];

		all += answer->weight * made_up;
		z[answer->label] += answer->weight *
			log1p(exp(fmin(mace->log_meant[j] - made_up, 700.0)));
	}
	if (gold >= 0)
	{
		all += z[gold];
		for (int32_t k = 0; k < nclasses; k++)
			z[k] = k == gold;
		return all;
	}
	for (int32_t k = 0; k < nclasses; k++)
		most = fmax(most, z[k]);
	for (int32_t k = 0; k < nclasses; k++)
		sum += z[k] = exp(z[k] - most);
	for (int32_t k = 0; k < nclasses; k++)
		z[k] /= sum;
	return all + most + log(sum);
}


/* Counts an item's answers as meant or made up. */
static void
count_item(Mace *mace, int32_t item, const double *z)
{
	const ConsensusData *data = mace->data;

	for (int32_t k = 0; k < data->nclasses; k++)
		mace->sums[k] += z[k];
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];
		int32_t		j = answer->annotator;
		size_t		cell = (size_t) j * (size_t) data->nclasses +
			(size_t) answer->label;
		double		made_up = mace->log_made_up[j] + mace->log_favourites[cell];
		double		meant = answer->weight * z[answer->label] /
			(1.0 + exp(fmin(made_up - mace->log_meant[j], 700.0)));

		mace->meant[j] += meant;
		mace->made_up[j] += answer->weight - meant;
		mace->favourites[cell] += answer->weight - meant;
	}
}


/* One round; false when it is to stop. */
static bool
go_round(Mace *mace)
{
	const ConsensusData *data = mace->data;
	ConsensusFit *fit = mace->fit;
	size_t		annotators = (size_t) data->nannotators;
	int64_t		work = 0;

	memset(mace->made_up, 0, annotators * sizeof(double));
	memset(mace->meant, 0, annotators * sizeof(double));
	memset(mace->sums, 0, (size_t) data->nclasses * sizeof(double));
	memset(mace->favourites, 0, annotators * (size_t) data->nclasses *
		   sizeof(double));
	mace->log_likelihood = 0.0;
	for (int32_t i = 0; i < data->nitems; i++)
	{
		double	   *z = fit->posterior.probability +
			(size_t) i * (size_t) data->nclasses;

		if (!consensus_go_on(fit, &work, 50 * (data->start[i + 1] -
											   data->start[i]) +
							 10 * data->nclasses,
							 fit->iterations / (double) fit->max_iter))
			return false;
		mace->log_likelihood += weigh_item(mace, i, z);
		count_item(mace, i, z);
	}
	fit->log_likelihood = mace->log_likelihood;
	fit->objective = mace->log_likelihood - mace->divergence;
	expect_parameters(mace);
	return true;
}


/* From the start of that number, so many rounds. */
static bool
climb(Mace *mace, int32_t number, int32_t rounds)
{
	ConsensusFit *fit = mace->fit;
	double		parameters = (double) mace->data->nannotators *
		mace->data->nclasses;
	double		last = -INFINITY;

	start(mace, fit->seed * UINT64_C(0xda942042e4dd58b5) + (uint64_t) number);
	fit->converged = false;
	for (fit->iterations = 0; fit->iterations < rounds && !fit->converged;)
	{
		if (fit->progress != NULL &&
			!fit->progress(fit->progress_state,
						   fit->iterations / (double) fit->max_iter))
			return false;
		if (!go_round(mace))
			return false;
		fit->iterations++;
		fit->converged = fit->iterations > 2 &&
			fit->objective - last <= fit->tolerance * parameters;
		last = fit->objective;
	}
	return true;
}


ConsensusStatus
consensus_mace(const ConsensusData *data, ConsensusFit *fit)
{
	size_t		annotators = (size_t) data->nannotators;
	double		highest = -INFINITY;
	int32_t		best = 0;
	Mace		mace = {.data = data, .fit = fit};

	mace.made_up = fit->work;
	mace.meant = mace.made_up + annotators;
	mace.log_made_up = mace.meant + annotators;
	mace.log_meant = mace.log_made_up + annotators;
	mace.favourites = mace.log_meant + annotators;
	mace.log_favourites = mace.favourites + annotators *
		(size_t) data->nclasses;
	mace.sums = mace.log_favourites + annotators * (size_t) data->nclasses;
	mace.log_shares = mace.sums + data->nclasses;

	for (int32_t n = 0; fit->restarts > 1 && n < fit->restarts; n++)
	{
		if (!climb(&mace, n, fit->max_iter < TRIAL ? fit->max_iter : TRIAL))
			return CONSENSUS_STOPPED;
		if (fit->objective > highest)
		{
			highest = fit->objective;
			best = n;
		}
	}
	if (!climb(&mace, best, fit->max_iter))
		return CONSENSUS_STOPPED;
	consensus_sum_shares(data, &fit->posterior, fit->shares);
	for (int32_t j = 0; fit->weights != NULL && j < data->nannotators; j++)
		fit->weights[j] = (mace.meant[j] + 0.5) /
			(mace.meant[j] + mace.made_up[j] + 1.0);
	return CONSENSUS_DONE;
}
