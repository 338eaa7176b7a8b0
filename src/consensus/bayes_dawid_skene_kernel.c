/*-------------------------------------------------------------------------
 *
 * bayes_dawid_skene_kernel.c
 *	  Truth inference by Dawid and Skene's model with a distribution for each
 *	  confusion matrix instead of one estimate: variational Bayes.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/em_kernel.h"

#include <math.h>

/* Of the Dirichlet prior of the shares. */
#define SHARE_PRIOR 1.0

/* Priors of the confusions are no smaller: their density must exist. */
#define LEAST_PRIOR 1e-6


/* The derivative of ln gamma: recurrence, then its asymptotic series. */
static double
digamma(double x)
{
	double		sum = 0.0;
	double		square;

	for (; x < 8.0; x += 1.0)
		sum -= 1.0 / x;
	square = 1.0 / (x * x);
	return sum + log(x) - 0.5 / x -
		square * (1.0 / 12 - square *
				  (1.0 / 120 - square *
				   (1.0 / 252 - square *
					(1.0 / 240 - square *
					 (1.0 / 132 - square * (691.0 / 32760))))));
}


/* What a prior of this size gives, which most cells have and no more. */
typedef struct Prior
{
	double		size;
	double		digamma;
	double		lgamma;
} Prior;


static Prior
make_prior(double size)
{
	Prior		prior;

	prior.size = size > LEAST_PRIOR ? size : LEAST_PRIOR;
	prior.digamma = digamma(prior.size);
	prior.lgamma = lgamma(prior.size);
	return prior;
}


/*
 * The expected logarithms of a column, whose cells are "step" apart; returns
 * how far its distribution is from the prior (Kullback and Leibler).
 */
static double
expect_column(const double *counts, double *logs, int32_t n, size_t step,
			  int32_t truth, const Prior *wrong, const Prior *right)
{
	double		total = 0.0;
	double		priors = 0.0;
	double		distance;
	double		of_total;

	for (int32_t l = 0; l < n; l++)
	{
		priors += l == truth ? right->size : wrong->size;
		total += counts[(size_t) l * step];
	}
	of_total = digamma(total + priors);
	distance = lgamma(total + priors) - lgamma(priors);
	for (int32_t l = 0; l < n; l++)
	{
		const Prior *prior = l == truth ? right : wrong;
		double		count = counts[(size_t) l * step];
		double		expected = prior->digamma - of_total;

		if (count > 0.0)
		{
			expected = digamma(count + prior->size) - of_total;
			distance += prior->lgamma - lgamma(count + prior->size) +
				count * expected;
		}
		logs[(size_t) l * step] = expected;
	}
	return distance;
}


/* The distributions, from the counts; *distance of all from their priors. */
static bool
expect(ConsensusEm *em, double *distance)
{
	const ConsensusData *data = em->data;
	ConsensusFit *fit = em->fit;
	size_t		nclasses = (size_t) data->nclasses;
	Prior		wrong = make_prior(fit->smoothing);
	Prior		right = make_prior(fit->smoothing + fit->diagonal);
	Prior		share = make_prior(SHARE_PRIOR);
	int64_t		work = 0;

	*distance = 0.0;
	for (size_t j = 0; j < (size_t) data->nannotators; j++)
		for (size_t k = 0; k < nclasses; k++)
		{
			size_t		column = j * nclasses * nclasses + k;

			if (!consensus_go_on(fit, &work, 100 * (int64_t) nclasses,
								 (double) j / (double) data->nannotators))
				return false;
			*distance += expect_column(em->counts + column,
									   em->log_confusion + column,
									   data->nclasses, nclasses, (int32_t) k,
									   &wrong, &right);
		}
	if (data->priors == NULL)
		*distance += expect_column(em->classes, em->log_shares,
								   data->nclasses, 1, -1, &share, &share);
	for (size_t k = 0; k < nclasses && data->priors != NULL; k++)
		em->log_shares[k] = log(data->priors[k]);
	return true;
}


size_t
consensus_bayes_dawid_skene_memory(const ConsensusData *data)
{
	return consensus_em_memory(data);
}


ConsensusStatus
consensus_bayes_dawid_skene(const ConsensusData *data, ConsensusFit *fit)
{
	double		distance;
	ConsensusEm em;

	if (!consensus_em_begin(&em, data, fit))
		return CONSENSUS_STOPPED;
	em.compare = true;
	while (fit->iterations < fit->max_iter && !fit->converged)
	{
		if (!consensus_em_next(fit) || !expect(&em, &distance) ||
			!consensus_em_pass(&em))
			return CONSENSUS_STOPPED;
		fit->iterations++;
		fit->log_likelihood = fit->objective = em.log_likelihood - distance;
		fit->converged = em.change <= fit->tolerance;
	}
	if (consensus_rate_confusion(data, fit, em.counts,
								 fit->confusion) != CONSENSUS_DONE)
		return CONSENSUS_STOPPED;
	consensus_sum_shares(data, &fit->posterior, fit->shares);
	consensus_em_weigh(data, fit);
	return CONSENSUS_DONE;
}
