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
			  bool weighted, double *restrict z)
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
			z[k] += weighted ? answer->weight * row[k] : row[k];
	}
}


/* Takes the largest off log-probabilities, and returns it. */
static ALWAYS_INLINE double
take_largest(int32_t nclasses, double *restrict z)
{
	double		most = z[0];

	for (int32_t k = 1; k < nclasses; k++)
		most = z[k] > most ? z[k] : most;
	for (int32_t k = 0; k < nclasses; k++)
		z[k] -= most;
	return most;
}


/* Makes the sum 1; returns what it was. */
static ALWAYS_INLINE double
normalise(int32_t nclasses, double *restrict z)
{
	double		sum = 0.0;
	double		part;

	for (int32_t k = 0; k < nclasses; k++)
		sum += z[k];
	part = 1.0 / sum;
	for (int32_t k = 0; k < nclasses; k++)
		z[k] *= part;
	return sum;
}


/*
 * A known class is certain, others have a log-probability of minus infinity;
 * returns that of its answers, and of its share where that is estimated.
 */
static double
fix_class(const ConsensusEm *em, int32_t item, int32_t gold, double *z)
{
	const ConsensusData *data = em->data;
	double		sum = data->priors == NULL ? em->log_shares[gold] : 0.0;

	for (int32_t k = 0; k < data->nclasses; k++)
		z[k] = k == gold ? 0.0 : -INFINITY;
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
			  bool weighted, const double *restrict z)
{
	const ConsensusData *data = em->data;

	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];
		double	   *restrict row = em->counts +
			consensus_row_of(answer, (size_t) nclasses);

		for (int32_t k = 0; k < nclasses; k++)
			row[k] += weighted ? answer->weight * z[k] : z[k];
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


/* The new probabilities of an item for the old; how much do they differ? */
static ALWAYS_INLINE double
change_to(double *restrict old, const double *restrict z, int32_t nclasses)
{
	double		change = 0.0;

	for (int32_t k = 0; k < nclasses; k++)
	{
		double		by = fabs(z[k] - old[k]) - SAME_PART * old[k];

		change = by > change ? by : change;
		old[k] = z[k];
	}
	return change;
}


/*
 * Items [first, end): class probabilities "z", counted, and their share of the
 * log-likelihood.  The exponentials of all items are one loop, and their sums
 * are multiplied to save logarithms: CONSENSUS_EM_BLOCK numbers of classes
 * stay far from overflow.
 */
static ALWAYS_INLINE double
pass_block(ConsensusEm *em, int32_t first, int32_t end, int32_t nclasses,
		   bool weighted, bool compare, double *z)
{
	const ConsensusData *data = em->data;
	size_t		cells = (size_t) (end - first) * (size_t) nclasses;
	double	   *old = em->fit->posterior.probability +
		(size_t) first * (size_t) nclasses;
	double		log_likelihood = 0.0;
	double		sums = 1.0;

	for (int32_t i = first; i < end; i++)
	{
		double	   *of_item = z + (size_t) (i - first) * (size_t) nclasses;
		int32_t		gold = consensus_gold(data, i);

		if (gold >= 0)
			log_likelihood += fix_class(em, i, gold, of_item);
		else
		{
			weigh_classes(em, i, nclasses, weighted, of_item);
			log_likelihood += take_largest(nclasses, of_item);
		}
	}
	for (size_t c = 0; c < cells; c++)
		z[c] = power(z[c]);
	for (int32_t i = first; i < end; i++)
	{
		size_t		at = (size_t) (i - first) * (size_t) nclasses;

		sums *= normalise(nclasses, z + at);
		if (compare && em->hard)
			count_best(em, i, z + at, old + at);
		else
			count_answers(em, i, nclasses, weighted, z + at);
		if (compare)
			em->change = fmax(em->change, change_to(old + at, z + at,
													nclasses));
	}
	return log_likelihood + log(sums);
}


/*
 * One iteration's pass over the items; false when it is to stop.  What is
 * constant where it is called costs nothing: not to weigh where all weights
 * are 1, not to look at what was before.
 */
static ALWAYS_INLINE bool
pass_over(ConsensusEm *em, int32_t nclasses, bool weighted, bool compare)
{
	const ConsensusData *data = em->data;
	ConsensusFit *fit = em->fit;
	double		few[CONSENSUS_EM_FEW * CONSENSUS_EM_BLOCK];
	int32_t		block = !compare || nclasses <= CONSENSUS_EM_FEW
		? CONSENSUS_EM_BLOCK : 1;
	double		log_likelihood = 0.0;
	int64_t		work = 0;

	for (int32_t i = 0; i < data->nitems; i += block)
	{
		int32_t		end = data->nitems - i < block ? data->nitems : i + block;
		double	   *z = fit->posterior.probability +
			(size_t) i * (size_t) nclasses;

		if (compare)
			z = nclasses <= CONSENSUS_EM_FEW ? few : em->scratch;
		if (!consensus_go_on(fit, &work, (data->start[end] - data->start[i] +
										  10 * block) * nclasses,
							 (fit->iterations +
							  (double) i / (double) data->nitems) /
							 (double) fit->max_iter))
			return false;
		log_likelihood += pass_block(em, i, end, nclasses, weighted, compare,
									 z);
		if (end == data->nitems)
			break;
	}
	em->log_likelihood = log_likelihood;
	return true;
}


static ALWAYS_INLINE bool
pass_kind(ConsensusEm *em, int32_t nclasses)
{
	if (em->compare)
		return pass_over(em, nclasses, true, true);
	return em->weighted ? pass_over(em, nclasses, true, false)
		: pass_over(em, nclasses, false, false);
}


bool
consensus_em_pass(ConsensusEm *em)
{
	memset(em->counts, 0, consensus_cells(em->data) * sizeof(double));
	memset(em->classes, 0, (size_t) em->data->nclasses * sizeof(double));
	em->changed = 0;
	em->change = 0.0;
	switch (em->data->nclasses)
	{
		case 2:
			return pass_kind(em, 2);
		case 3:
			return pass_kind(em, 3);
		case 4:
			return pass_kind(em, 4);
		case 5:
			return pass_kind(em, 5);
		case 6:
			return pass_kind(em, 6);
		case 7:
			return pass_kind(em, 7);
		case 8:
			return pass_kind(em, 8);
		default:
			return pass_kind(em, em->data->nclasses);
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
	em->weighted = false;
	for (int64_t a = 0; a < data->nanswers && !em->weighted; a++)
		em->weighted = data->answers[a].weight != 1.0;
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
