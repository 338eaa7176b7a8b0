/*-------------------------------------------------------------------------
 *
 * one_coin_kernel.c
 *	  Truth inference where each annotator has one number: how often right.
 *
 * The wrong labels are all alike, so that an answer adds the log-odds of its
 * annotator to its own label, and the same to all.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"

#include <math.h>
#include <string.h>

/* Annotators are never taken to be surer than this, nor more wrong. */
#define LEAST_PROBABILITY 1e-10

typedef struct Coin
{
	const ConsensusData *data;
	ConsensusFit *fit;
	double	   *log_right;		/* nannotators each */
	double	   *log_wrong;		/* of one wrong label */
	double	   *right;
	double	   *total;
	double		prior;			/* log-density of the Beta prior */
	double		log_likelihood;
} Coin;


size_t
consensus_one_coin_memory(const ConsensusData *data)
{
	return 4 * (size_t) data->nannotators * sizeof(double);
}


/* Shares are known, or all alike. */
static double
share_of(const ConsensusData *data, int32_t label)
{
	return data->priors != NULL ? data->priors[label]
		: 1.0 / (double) data->nclasses;
}


static bool
go_on(const Coin *coin, int64_t *work, int32_t item)
{
	const ConsensusData *data = coin->data;

	return consensus_go_on(coin->fit, work, 3 * (data->start[item + 1] -
												 data->start[item]) +
						   10 * data->nclasses,
						   fmin(1.0, (coin->fit->iterations + (double) item /
									  (double) data->nitems) /
								coin->fit->max_iter));
}


/* How often each is right, and the logarithms of it. */
static bool
toss(Coin *coin)
{
	const ConsensusData *data = coin->data;
	const ConsensusFit *fit = coin->fit;
	size_t		size = (size_t) data->nannotators * sizeof(double);
	double		others = data->nclasses > 1 ? data->nclasses - 1.0 : 1.0;
	int64_t		work = 0;

	memset(coin->right, 0, size);
	memset(coin->total, 0, size);
	for (int32_t i = 0; i < data->nitems; i++)
	{
		const double *z = fit->posterior.probability +
			(size_t) i * (size_t) data->nclasses;

		if (!go_on(coin, &work, i))
			return false;
		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
		{
			const ConsensusAnswer *answer = &data->answers[a];

			coin->right[answer->annotator] += answer->weight * z[answer->label];
			coin->total[answer->annotator] += answer->weight;
		}
	}
	coin->prior = 0.0;
	for (int32_t j = 0; j < data->nannotators; j++)
	{
		double		of_right = fit->smoothing + fit->diagonal;
		double		all = coin->total[j] + of_right + fit->smoothing;
		double		q = all > 0.0 ? (coin->right[j] + of_right) / all : 0.5;

		q = fmin(fmax(q, LEAST_PROBABILITY), 1.0 - LEAST_PROBABILITY);
		coin->log_right[j] = log(q);
		coin->log_wrong[j] = log((1.0 - q) / others);
		coin->prior += of_right * log(q) + fit->smoothing * log(1.0 - q);
	}
	return true;
}


/* The classes of one item; returns the log-probability of its answers. */
static double
weigh_item(const Coin *coin, int32_t item, double *z)
{
	const ConsensusData *data = coin->data;
	int32_t		nclasses = data->nclasses;
	int32_t		gold = consensus_gold(data, item);
	double		all = 0.0;
	double		most = -INFINITY;
	double		sum = 0.0;

	for (int32_t k = 0; k < nclasses; k++)
		z[k] = gold >= 0 ? 0.0 : log(share_of(data, k));
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];

		all += answer->weight * coin->log_wrong[answer->annotator];
		z[answer->label] += answer->weight *
			(coin->log_right[answer->annotator] -
			 coin->log_wrong[answer->annotator]);
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


static bool
weigh_items(Coin *coin)
{
	const ConsensusData *data = coin->data;
	int64_t		work = 0;

	coin->log_likelihood = 0.0;
	for (int32_t i = 0; i < data->nitems; i++)
	{
		if (!go_on(coin, &work, i))
			return false;
		coin->log_likelihood += weigh_item(coin, i,
										   coin->fit->posterior.probability +
										   (size_t) i *
										   (size_t) data->nclasses);
	}
	return true;
}


ConsensusStatus
consensus_one_coin(const ConsensusData *data, ConsensusFit *fit)
{
	Coin		coin = {.data = data, .fit = fit};
	double		last = -INFINITY;

	coin.log_right = fit->work;
	coin.log_wrong = coin.log_right + data->nannotators;
	coin.right = coin.log_wrong + data->nannotators;
	coin.total = coin.right + data->nannotators;
	if (consensus_majority(data, fit) != CONSENSUS_DONE)
		return CONSENSUS_STOPPED;
	fit->iterations = 0;
	fit->converged = false;
	while (fit->iterations < fit->max_iter && !fit->converged)
	{
		if (!toss(&coin) || !weigh_items(&coin))
			return CONSENSUS_STOPPED;
		fit->iterations++;
		fit->log_likelihood = coin.log_likelihood;
		fit->objective = coin.log_likelihood + coin.prior;
		fit->converged = fit->objective - last <= fit->tolerance *
			data->nannotators;
		last = fit->objective;
	}
	consensus_sum_shares(data, &fit->posterior, fit->shares);
	for (int32_t j = 0; fit->weights != NULL && j < data->nannotators; j++)
		fit->weights[j] = data->nclasses < 2 ? 0.0
			: coin.log_right[j] - coin.log_wrong[j];
	return CONSENSUS_DONE;
}
