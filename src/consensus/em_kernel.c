/*-------------------------------------------------------------------------
 *
 * em_kernel.c
 *	  The pass over the answers that the methods with confusion matrices share.
 *
 * An item's class probabilities are worked out from the matrices and at once
 * counted into those of the next iteration.  The small numbers of classes get
 * loops of their own, which the compiler unrolls and makes vectors of, and
 * so has the exponential to be one that is all arithmetic.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/em_kernel.h"

#include <math.h>
#include <string.h>

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* Below this, an exponential is 0. */
#define LEAST_EXPONENT (-700.0)

/* So much of a probability is no change of it. */
#define SAME_PART 1e-5


size_t
consensus_em_memory(const ConsensusData *data)
{
	return (consensus_cells(data) + 3 * (size_t) data->nclasses) *
		sizeof(double);
}


/*
 * e to the power of x, which is 0 or less, to 3 units in the last place: 2 to
 * the nearest whole power, times the Taylor series of what is left of it.
 */
static ALWAYS_INLINE double
power(double x)
{
	const double shift = 6755399441055744.0;	/* 1.5 times 2 to the 52nd */
	double		y = x < LEAST_EXPONENT ? LEAST_EXPONENT : x;
	double		shifted = y * 1.4426950408889634 + shift;
	double		whole = shifted - shift;
	double		r = (y - whole * 0.6931471805598903) - whole * 5.497923018708371e-14;
	double		p;
	int64_t		bits;
	int64_t		exponent;

	p = 1.0 / 39916800 + r * (1.0 / 479001600);
	p = 1.0 / 3628800 + r * p;
	p = 1.0 / 362880 + r * p;
	p = 1.0 / 40320 + r * p;
	p = 1.0 / 5040 + r * p;
	p = 1.0 / 720 + r * p;
	p = 1.0 / 120 + r * p;
	p = 1.0 / 24 + r * p;
	p = 1.0 / 6 + r * p;
	p = 0.5 + r * p;
	p = 1.0 + r * (1.0 + r * p);
	memcpy(&bits, &p, sizeof(bits));
	memcpy(&exponent, &shifted, sizeof(exponent));
	bits += (int64_t) ((uint64_t) exponent << 52);
	memcpy(&p, &bits, sizeof(p));
	return x < LEAST_EXPONENT ? 0.0 : p;
}


/* ---- the pass ----------------------------------------------------------- */

/* What the answers say of an item: log-probabilities of answers and class. */
static ALWAYS_INLINE void
weigh_classes(const ConsensusEm *em, int32_t item, int32_t nclasses,
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
	double		part;

	for (int32_t k = 1; k < nclasses; k++)
		most = z[k] > most ? z[k] : most;
	for (int32_t k = 0; k < nclasses; k++)
		z[k] = power(z[k] - most);
	for (int32_t k = 0; k < nclasses; k++)
		sum += z[k];
	part = 1.0 / sum;
	for (int32_t k = 0; k < nclasses; k++)
		z[k] *= part;
	return most + log(sum);
}


/*
 * A known class is certain; returns the log-probability of its answers, and
 * of its share where that is estimated.
 */
static double
fix_class(const ConsensusEm *em, int32_t item, int32_t gold, double *z)
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
count_answers(const ConsensusEm *em, int32_t item, int32_t nclasses,
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
	for (int32_t k = 0; k < nclasses; k++)
		em->classes[k] += z[k];
}


/* The best class; of those that are tied the one of the largest share. */
static int32_t
best_class(const ConsensusEm *em, const double *z)
{
	int32_t		nclasses = em->data->nclasses;
	int32_t		best = 0;
	double		most = z[0];

	for (int32_t k = 1; k < nclasses; k++)
		most = z[k] > most ? z[k] : most;
	while (z[best] < most - CONSENSUS_TIE)
		best++;
	for (int32_t k = best + 1; k < nclasses; k++)
		if (z[k] >= most - CONSENSUS_TIE &&
			em->log_shares[k] > em->log_shares[best] + CONSENSUS_TIE)
			best = k;
	return best;
}


/* Counts for the best class what its answers weigh; was it so before? */
static void
count_best(ConsensusEm *em, int32_t item, const double *z, const double *old)
{
	const ConsensusData *data = em->data;
	int32_t		best = best_class(em, z);

	em->changed += best_class(em, old) != best;
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
		em->counts[consensus_row_of(&data->answers[a],
									(size_t) data->nclasses) +
				   (size_t) best] += data->answers[a].weight;
	em->classes[best] += 1.0;
}


/* One iteration's pass over the items; false when it is to stop. */
static ALWAYS_INLINE bool
pass_over(ConsensusEm *em, int32_t nclasses)
{
	const ConsensusData *data = em->data;
	ConsensusFit *fit = em->fit;
	double		few[CONSENSUS_EM_FEW];
	double	   *z = nclasses <= CONSENSUS_EM_FEW ? few : em->scratch;
	double		log_likelihood = 0.0;
	double		change = 0.0;
	int64_t		work = 0;

	for (int32_t i = 0; i < data->nitems; i++)
	{
		double	   *old = fit->posterior.probability +
			(size_t) i * (size_t) nclasses;
		int32_t		gold = consensus_gold(data, i);

		if (!consensus_go_on(fit, &work, (data->start[i + 1] -
										  data->start[i] + 10) * nclasses,
							 (fit->iterations +
							  (double) i / (double) data->nitems) /
							 (double) fit->max_iter))
			return false;
		if (gold >= 0)
			log_likelihood += fix_class(em, i, gold, z);
		else
		{
			weigh_classes(em, i, nclasses, z);
			log_likelihood += normalise(nclasses, z);
		}
		if (em->hard)
			count_best(em, i, z, old);
		else
			count_answers(em, i, nclasses, z);
		for (int32_t k = 0; k < nclasses; k++)
		{
			double		by = fabs(z[k] - old[k]) - SAME_PART * old[k];

			change = by > change ? by : change;
			old[k] = z[k];
		}
	}
	em->log_likelihood = log_likelihood;
	em->change = change;
	return true;
}


bool
consensus_em_pass(ConsensusEm *em)
{
	memset(em->counts, 0, consensus_cells(em->data) * sizeof(double));
	memset(em->classes, 0, (size_t) em->data->nclasses * sizeof(double));
	em->changed = 0;
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


/* ---- before and after --------------------------------------------------- */

bool
consensus_em_begin(ConsensusEm *em, const ConsensusData *data,
				   ConsensusFit *fit)
{
	memset(em, 0, sizeof(ConsensusEm));
	em->data = data;
	em->fit = fit;
	em->log_confusion = fit->confusion;
	em->counts = fit->work;
	em->log_shares = em->counts + consensus_cells(data);
	em->classes = em->log_shares + data->nclasses;
	em->scratch = em->classes + data->nclasses;
	if (consensus_majority(data, fit) != CONSENSUS_DONE ||
		consensus_count_confusion(data, fit, em->counts) != CONSENSUS_DONE)
		return false;
	for (int32_t k = 0; k < data->nclasses; k++)
		em->classes[k] = 0.0;
	for (size_t i = 0; i < (size_t) data->nitems; i++)
		for (size_t k = 0; k < (size_t) data->nclasses; k++)
			em->classes[k] += fit->posterior.probability[i *
														 (size_t) data->nclasses + k];
	fit->iterations = 0;
	fit->converged = false;
	return true;
}


/* Makes the confusion matrices logarithms, and adds up the prior's. */
static bool
take_logarithms(ConsensusEm *em, double *prior)
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
	*prior = fit->smoothing * all + fit->diagonal * right;
	return true;
}


bool
consensus_em_maximise(ConsensusEm *em, double *prior)
{
	const ConsensusData *data = em->data;
	double	   *shares = em->fit->shares;

	if (consensus_rate_confusion(data, em->fit, em->counts,
								 em->log_confusion) != CONSENSUS_DONE ||
		!take_logarithms(em, prior))
		return false;
	for (int32_t k = 0; k < data->nclasses; k++)
	{
		shares[k] = data->priors != NULL ? data->priors[k]
			: em->classes[k] / (double) data->nitems;
		em->log_shares[k] = log(shares[k]);
	}
	return true;
}


void
consensus_em_weigh(const ConsensusData *data, ConsensusFit *fit)
{
	size_t		nclasses = (size_t) data->nclasses;

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


void
consensus_em_finish(const ConsensusEm *em)
{
	size_t		cells = consensus_cells(em->data);

	for (size_t i = 0; i < cells; i++)
		em->fit->confusion[i] = exp(em->fit->confusion[i]);
	consensus_em_weigh(em->data, em->fit);
}
