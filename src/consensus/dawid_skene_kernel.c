/*-------------------------------------------------------------------------
 *
 * dawid_skene_kernel.c
 *	  Truth inference by Dawid and Skene's model.
 *
 * Each iteration is one pass over the answers: an item's class probabilities
 * are worked out from the confusion matrices and at once counted into those
 * of the next iteration.  A matrix is kept as logarithms and with the true
 * label running fastest, so that an answer adds one short row of neighbours.
 * The small numbers of classes get loops of their own, which the compiler
 * unrolls.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"

#include <math.h>
#include <string.h>

#define ALWAYS_INLINE inline __attribute__((always_inline))

typedef struct Em
{
	const ConsensusData *data;
	ConsensusFit *fit;
	double	   *log_confusion;	/* fit->confusion, while it runs */
	double	   *log_shares;		/* nclasses */
	double	   *counts;			/* of the next confusion matrices */
	double		prior;			/* log-density of the smoothing's prior */
	double		log_likelihood;
} Em;


size_t
consensus_dawid_skene_memory(const ConsensusData *data)
{
	return (consensus_cells(data) + (size_t) data->nclasses) * sizeof(double);
}


/* Makes the confusion matrices logarithms, and adds up the prior's. */
static bool
take_logarithms(Em *em)
{
	const ConsensusFit *fit = em->fit;
	size_t		cells = consensus_cells(em->data);
	size_t		nclasses = (size_t) em->data->nclasses;
	double		all = 0.0;
	double		right = 0.0;
	int64_t		work = 0;

	for (size_t row = 0; row < cells; row += nclasses)
	{
		size_t		label = row / nclasses % nclasses;

		if (!consensus_go_on(fit, &work, 10 * (int64_t) nclasses,
							 (double) row / (double) cells))
			return false;
		for (size_t k = 0; k < nclasses; k++)
		{
			em->log_confusion[row + k] = log(em->log_confusion[row + k]);
			all += em->log_confusion[row + k];
		}
		right += em->log_confusion[row + label];
	}
	em->prior = fit->smoothing * all + fit->diagonal * right;
	return true;
}


/* The next parameters, from the counts and the posterior. */
static bool
maximise(Em *em)
{
	const ConsensusData *data = em->data;

	if (consensus_rate_confusion(data, em->fit, em->counts,
								 em->log_confusion) != CONSENSUS_DONE ||
		!take_logarithms(em))
		return false;
	consensus_sum_shares(data, &em->fit->posterior, em->fit->shares);
	for (int32_t k = 0; k < data->nclasses; k++)
		em->log_shares[k] = log(em->fit->shares[k]);
	return true;
}


/* What the answers say of an item: log-probabilities of answers and class. */
static ALWAYS_INLINE void
weigh_classes(const Em *em, int32_t item, int32_t nclasses,
			  double *restrict z)
{
	const ConsensusData *data = em->data;

	for (int32_t k = 0; k < nclasses; k++)
		z[k] = em->log_shares[k];
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];
		const double *row = em->log_confusion +
			consensus_row_of(answer, (size_t) nclasses);

		for (int32_t k = 0; k < nclasses; k++)
			z[k] += answer->weight * row[k];
	}
}


/* Makes log-probabilities probabilities; returns the log of their sum. */
static ALWAYS_INLINE double
normalise(int32_t nclasses, double *restrict z)
{
	double		most = z[0];
	double		sum = 0.0;

	for (int32_t k = 1; k < nclasses; k++)
		most = z[k] > most ? z[k] : most;
	for (int32_t k = 0; k < nclasses; k++)
	{
		z[k] = exp(z[k] - most);
		sum += z[k];
	}
	for (int32_t k = 0; k < nclasses; k++)
		z[k] /= sum;
	return most + log(sum);
}


/*
 * A known class is certain; returns the log-probability of its answers, and
 * of its share where that is estimated.
 */
static double
fix_class(const Em *em, int32_t item, int32_t gold, double *z)
{
	const ConsensusData *data = em->data;
	double		sum = data->priors == NULL ? em->log_shares[gold] : 0.0;

	for (int32_t k = 0; k < data->nclasses; k++)
		z[k] = k == gold;
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];

		sum += answer->weight *
			em->log_confusion[consensus_row_of(answer,
											   (size_t) data->nclasses) +
							  (size_t) gold];
	}
	return sum;
}


static ALWAYS_INLINE void
count_answers(const Em *em, int32_t item, int32_t nclasses,
			  const double *restrict z)
{
	const ConsensusData *data = em->data;

	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];
		double	   *restrict row = em->counts +
			consensus_row_of(answer, (size_t) nclasses);

		for (int32_t k = 0; k < nclasses; k++)
			row[k] += answer->weight * z[k];
	}
}


/* One iteration's pass over the items; false when it is to stop. */
static ALWAYS_INLINE bool
pass_over(Em *em, int32_t nclasses)
{
	const ConsensusData *data = em->data;
	ConsensusFit *fit = em->fit;
	int64_t		work = 0;

	em->log_likelihood = 0.0;
	memset(em->counts, 0, consensus_cells(data) * sizeof(double));
	for (int32_t i = 0; i < data->nitems; i++)
	{
		double	   *z = fit->posterior.probability +
			(size_t) i * (size_t) nclasses;
		int32_t		gold = consensus_gold(data, i);

		if (!consensus_go_on(fit, &work, (data->start[i + 1] -
										  data->start[i] + 10) * nclasses,
							 (fit->iterations +
							  (double) i / (double) data->nitems) /
							 (double) fit->max_iter))
			return false;
		if (gold >= 0)
			em->log_likelihood += fix_class(em, i, gold, z);
		else
		{
			weigh_classes(em, i, nclasses, z);
			em->log_likelihood += normalise(nclasses, z);
		}
		count_answers(em, i, nclasses, z);
	}
	return true;
}


static bool
estimate(Em *em)
{
	switch (em->data->nclasses)
	{
		case 2:
			return pass_over(em, 2);
		case 3:
			return pass_over(em, 3);
		case 4:
			return pass_over(em, 4);
		case 5:
			return pass_over(em, 5);
		case 6:
			return pass_over(em, 6);
		case 7:
			return pass_over(em, 7);
		case 8:
			return pass_over(em, 8);
		default:
			return pass_over(em, em->data->nclasses);
	}
}


/* Back from logarithms, and what they make of each annotator. */
static void
finish(const Em *em)
{
	const ConsensusData *data = em->data;
	ConsensusFit *fit = em->fit;
	size_t		nclasses = (size_t) data->nclasses;
	size_t		cells = consensus_cells(data);

	for (size_t i = 0; i < cells; i++)
		fit->confusion[i] = exp(fit->confusion[i]);
	if (fit->weights == NULL)
		return;
	for (size_t j = 0; j < (size_t) data->nannotators; j++)
	{
		const double *confusion = fit->confusion + j * nclasses * nclasses;
		double		right = 0.0;
		double		wrong = 0.0;

		for (size_t l = 0; l < nclasses; l++)
			for (size_t k = 0; k < nclasses; k++)
				*(k == l ? &right : &wrong) += confusion[l * nclasses + k];
		fit->weights[j] = nclasses < 2 ? 0.0
			: log(right / wrong * (double) (nclasses - 1));
	}
}


ConsensusStatus
consensus_dawid_skene(const ConsensusData *data, ConsensusFit *fit)
{
	double		parameters = (double) data->nannotators *
		(double) data->nclasses * (double) (data->nclasses - 1);
	double		last = -INFINITY;
	Em			em = {.data = data, .fit = fit};

	em.log_confusion = fit->confusion;
	em.counts = fit->work;
	em.log_shares = em.counts + consensus_cells(data);

	if (consensus_majority(data, fit) != CONSENSUS_DONE ||
		consensus_count_confusion(data, fit, em.counts) != CONSENSUS_DONE)
		return CONSENSUS_STOPPED;
	fit->converged = false;
	for (fit->iterations = 0; fit->iterations < fit->max_iter &&
		 !fit->converged;)
	{
		if (fit->progress != NULL &&
			!fit->progress(fit->progress_state,
						   fit->iterations / (double) fit->max_iter))
			return CONSENSUS_STOPPED;
		if (!maximise(&em) || !estimate(&em))
			return CONSENSUS_STOPPED;
		fit->iterations++;
		fit->log_likelihood = em.log_likelihood;
		fit->objective = em.log_likelihood + em.prior;
		fit->converged = fit->objective - last <= fit->tolerance * parameters;
		last = fit->objective;
	}
	finish(&em);
	return CONSENSUS_DONE;
}
