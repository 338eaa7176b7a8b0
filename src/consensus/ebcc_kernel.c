/*-------------------------------------------------------------------------
 *
 * ebcc_kernel.c
 *	  Truth inference where annotators' errors agree: sub-types of classes.
 *
 * To the algorithm a sub-type is a class of its own ("state"): class k has
 * the states k * subtypes to (k + 1) * subtypes - 1.  As in Dawid and
 * Skene's model each round is one pass over the answers, an item's states
 * being counted as soon as they are known; the state runs fastest, so that
 * an answer adds one short row of neighbours.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"

#include <math.h>
#include <string.h>

#include "consensus/em_kernel.h"
#include "consensus/gamma_kernel.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* Of the Dirichlet priors of the classes' shares, and of a class's types. */
#define PRIOR_SHARE 1.0
#define PRIOR_TYPES 0.1

/* A cell's prior is no smaller: its expected logarithm is -1 / prior. */
#define LEAST_PRIOR 1e-3

/* Rounds of a start before the best is chosen. */
#define TRIAL 20

typedef struct Ebcc
{
	const ConsensusData *data;
	ConsensusFit *fit;
	size_t		nstates;
	double	   *log_rates;		/* fit->type_confusion, while it runs */
	double	   *counts;			/* nannotators x nclasses x nstates */
	double	   *sums;			/* nstates: weight of the items */
	double	   *log_states;		/* nstates */
	double	   *totals;			/* nstates: of an annotator's columns */
	double		divergence;		/* of all parameters from their priors */
	double		evidence;		/* log-probability of the answers under what
								 * is expected of the parameters' logarithms */
	double		change;			/* largest one of a class's probability */
	double		smoothing;		/* of the fit, but no less than LEAST_PRIOR */
} Ebcc;


size_t
consensus_ebcc_memory(const ConsensusData *data, int32_t subtypes)
{
	size_t		nstates = (size_t) data->nclasses * (size_t) subtypes;

	return ((size_t) data->nannotators * (size_t) data->nclasses + 3) *
		nstates * sizeof(double);
}


/* ---- the parameters ----------------------------------------------------- */

/*
 * A posterior Dirichlet distribution's part of its divergence from the prior,
 * for one component: "count" besides what the prior has; *expected gets the
 * component's expected logarithm but for the total's share.
 */
static ALWAYS_INLINE double
weigh_component(double count, double prior, LogGamma of_prior,
				double *expected)
{
	LogGamma	of_all;

	if (count == 0.0)
	{
		*expected = of_prior.derivative;
		return 0.0;
	}
	of_all = log_gamma(prior + count);
	*expected = of_all.derivative;
	return of_prior.value - of_all.value + count * of_all.derivative;
}


/* One annotator's matrix: expected logarithms, and the divergence. */
static double
weigh_annotator(const Ebcc *em, size_t annotator)
{
	size_t		nclasses = (size_t) em->data->nclasses;
	size_t		nstates = em->nstates;
	size_t		subtypes = (size_t) em->fit->subtypes;
	double		smoothing = em->smoothing;
	double		right = smoothing + em->fit->diagonal;
	double		prior_total = smoothing * (double) nclasses + em->fit->diagonal;
	LogGamma	of_smoothing = log_gamma(smoothing);
	LogGamma	of_right = log_gamma(right);
	LogGamma	of_total = log_gamma(prior_total);
	double	   *counts = em->counts + annotator * nclasses * nstates;
	double	   *rates = em->log_rates + annotator * nclasses * nstates;
	double		divergence = 0.0;

	memset(em->totals, 0, nstates * sizeof(double));
	for (size_t l = 0; l < nclasses; l++)
		for (size_t s = 0; s < nstates; s++)
		{
			bool		is_right = s / subtypes == l;
			double		count = counts[l * nstates + s];

			em->totals[s] += count;
			divergence += weigh_component(count, is_right ? right : smoothing,
										  is_right ? of_right : of_smoothing,
										  &rates[l * nstates + s]);
		}
	for (size_t s = 0; s < nstates; s++)
	{
		double		expected;

		divergence -= weigh_component(em->totals[s], prior_total, of_total,
									  &expected);
		em->totals[s] = expected;
	}
	for (size_t l = 0; l < nclasses; l++)
		for (size_t s = 0; s < nstates; s++)
			rates[l * nstates + s] -= em->totals[s];
	return divergence;
}


/* The same of "n" shares. */
static double
weigh_shares(const double *counts, size_t n, double prior, double *logs)
{
	LogGamma	of_prior = log_gamma(prior);
	double		total = 0.0;
	double		divergence = 0.0;
	double		expected;

	for (size_t i = 0; i < n; i++)
	{
		total += counts[i];
		divergence += weigh_component(counts[i], prior, of_prior, &logs[i]);
	}
	divergence -= weigh_component(total, prior * (double) n,
								  log_gamma(prior * (double) n), &expected);
	for (size_t i = 0; i < n; i++)
		logs[i] -= expected;
	return divergence;
}


/* Classes and their types, from the sums of the states. */
static double
weigh_states(const Ebcc *em)
{
	const ConsensusData *data = em->data;
	size_t		nclasses = (size_t) data->nclasses;
	size_t		subtypes = (size_t) em->fit->subtypes;
	double	   *class_sums = em->fit->shares;
	double	   *class_logs = em->totals;
	double		divergence = 0.0;

	for (size_t k = 0; k < nclasses; k++)
	{
		double		sum = 0.0;

		for (size_t m = 0; m < subtypes; m++)
			sum += em->sums[k * subtypes + m];
		class_sums[k] = sum;
		divergence += weigh_shares(em->sums + k * subtypes, subtypes,
								   PRIOR_TYPES / (double) subtypes,
								   em->log_states + k * subtypes);
	}
	if (data->priors == NULL)
		divergence += weigh_shares(class_sums, nclasses, PRIOR_SHARE,
								   class_logs);
	for (size_t s = 0; s < em->nstates; s++)
		em->log_states[s] += data->priors == NULL ? class_logs[s / subtypes]
			: log(data->priors[s / subtypes]);
	return divergence;
}


static bool
weigh_parameters(Ebcc *em)
{
	const ConsensusData *data = em->data;
	int64_t		work = 0;

	em->divergence = weigh_states(em);
	for (int32_t j = 0; j < data->nannotators; j++)
	{
		if (!consensus_go_on(em->fit, &work, 40 * (int64_t) em->nstates *
							 data->nclasses, em->fit->iterations /
							 (double) em->fit->max_iter))
			return false;
		em->divergence += weigh_annotator(em, (size_t) j);
	}
	return true;
}


/* ---- the items ---------------------------------------------------------- */

static void
clear_counts(Ebcc *em)
{
	memset(em->counts, 0, (size_t) em->data->nannotators *
		   (size_t) em->data->nclasses * em->nstates * sizeof(double));
	memset(em->sums, 0, em->nstates * sizeof(double));
}


static ALWAYS_INLINE void
count_item(const Ebcc *em, int32_t item, size_t nstates,
		   const double *restrict z)
{
	const ConsensusData *data = em->data;

	for (size_t s = 0; s < nstates; s++)
		em->sums[s] += z[s];
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];
		double	   *restrict row = em->counts +
			((size_t) answer->annotator * (size_t) data->nclasses +
		 (size_t) answer->label) * nstates;

		for (size_t s = 0; s < nstates; s++)
			row[s] += answer->weight * z[s];
	}
}


/* The log-probability of an item's answers; z gets its states'. */
static ALWAYS_INLINE double
weigh_item(const Ebcc *em, int32_t item, size_t nstates, double *restrict z)
{
	const ConsensusData *data = em->data;
	int32_t		gold = consensus_gold(data, item);
	size_t		first = 0;
	size_t		end = nstates;
	double		most;
	double		sum = 0.0;

	for (size_t s = 0; s < nstates; s++)
		z[s] = em->log_states[s];
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];
		const double *restrict row = em->log_rates +
			((size_t) answer->annotator * (size_t) data->nclasses +
		 (size_t) answer->label) * nstates;

		for (size_t s = 0; s < nstates; s++)
			z[s] += answer->weight * row[s];
	}
	if (gold >= 0)
	{
		size_t		subtypes = (size_t) em->fit->subtypes;
		double		known = data->priors == NULL ? 0.0
			: log(data->priors[gold]);

		first = (size_t) gold * subtypes;
		end = first + subtypes;
		for (size_t s = 0; s < nstates; s++)
			if (s < first || s >= end)
				z[s] = -INFINITY;
			else if (data->priors != NULL)
				z[s] = isfinite(known) ? z[s] - known : 0.0;
	}
	most = z[first];
	for (size_t s = first + 1; s < end; s++)
		most = z[s] > most ? z[s] : most;
	for (size_t s = 0; s < nstates; s++)
	{
		z[s] = exp(z[s] - most);
		sum += z[s];
	}
	for (size_t s = 0; s < nstates; s++)
		z[s] /= sum;
	return most + log(sum);
}


/* Class probabilities from those of the states. */
static void
sum_types(Ebcc *em, int32_t item, const double *z)
{
	size_t		nclasses = (size_t) em->data->nclasses;
	size_t		subtypes = (size_t) em->fit->subtypes;
	double	   *p = em->fit->posterior.probability + (size_t) item * nclasses;

	for (size_t k = 0; k < nclasses; k++)
	{
		double		sum = 0.0;

		for (size_t m = 0; m < subtypes; m++)
			sum += z[k * subtypes + m];
		em->change = fmax(em->change, fabs(sum - p[k]));
		p[k] = sum;
	}
}


static ALWAYS_INLINE bool
pass_over(Ebcc *em, size_t nstates)
{
	const ConsensusData *data = em->data;
	int64_t		work = 0;

	em->evidence = 0.0;
	em->change = 0.0;
	clear_counts(em);
	for (int32_t i = 0; i < data->nitems; i++)
	{
		double	   *z = em->fit->type_posterior + (size_t) i * nstates;

		if (!consensus_go_on(em->fit, &work, (data->start[i + 1] -
											  data->start[i] + 10) *
							 (int64_t) nstates,
							 (em->fit->iterations +
							  (double) i / (double) data->nitems) /
							 (double) em->fit->max_iter))
			return false;
		em->evidence += weigh_item(em, i, nstates, z);
		count_item(em, i, nstates, z);
		sum_types(em, i, z);
	}
	return true;
}


static bool
estimate(Ebcc *em)
{
	switch (em->nstates)
	{
		case 4:
			return pass_over(em, 4);
		case 6:
			return pass_over(em, 6);
		case 9:
			return pass_over(em, 9);
		case 12:
			return pass_over(em, 12);
		case 15:
			return pass_over(em, 15);
		default:
			return pass_over(em, em->nstates);
	}
}


/* ---- starts ------------------------------------------------------------- */

/*
 * The votes, each item's share of a class spread at random over its types
 * (evenly over all ways to do so): types are told apart slowly, after the
 * classes.  Types that start well apart, say by how much votes agree, climb
 * as high or higher, but may put two classes into one.
 */
static bool
start(Ebcc *em, uint64_t seed)
{
	const ConsensusData *data = em->data;
	size_t		subtypes = (size_t) em->fit->subtypes;
	const double *p = em->fit->posterior.probability;

	if (consensus_majority(data, em->fit) != CONSENSUS_DONE)
		return false;
	clear_counts(em);
	for (int32_t i = 0; i < data->nitems; i++)
	{
		double	   *z = em->fit->type_posterior + (size_t) i * em->nstates;

		for (size_t first = 0; first < em->nstates; first += subtypes, p++)
		{
			double		sum = 0.0;

			for (size_t s = first; s < first + subtypes; s++)
			{
				z[s] = -log(consensus_random(&seed));
				sum += z[s];
			}
			for (size_t s = first; s < first + subtypes; s++)
				z[s] *= *p / sum;
		}
		count_item(em, i, em->nstates, z);
	}
	return true;
}


/* From the start of that number, so many rounds. */
static bool
climb(Ebcc *em, int32_t number, int32_t rounds)
{
	ConsensusFit *fit = em->fit;

	if (!start(em, fit->seed * UINT64_C(0xda942042e4dd58b5) +
			   (uint64_t) number))
		return false;
	fit->converged = false;
	for (fit->iterations = 0; fit->iterations < rounds && !fit->converged;)
	{
		if (fit->progress != NULL &&
			!fit->progress(fit->progress_state,
						   fit->iterations / (double) fit->max_iter))
			return false;
		if (!weigh_parameters(em) || !estimate(em))
			return false;
		fit->iterations++;
		fit->log_likelihood = em->evidence;
		fit->objective = em->evidence - em->divergence;
		fit->converged = em->change <= fit->tolerance;
	}
	return true;
}


/* The start that is highest after a few rounds; -1 when it is to stop. */
static int32_t
best_start(Ebcc *em)
{
	ConsensusFit *fit = em->fit;
	double		highest = -INFINITY;
	int32_t		best = 0;

	if (fit->subtypes == 1)
		return 0;
	for (int32_t number = 0; fit->restarts > 1 && number < fit->restarts;
		 number++)
	{
		if (!climb(em, number, fit->max_iter < TRIAL ? fit->max_iter : TRIAL))
			return -1;
		if (fit->objective > highest)
		{
			highest = fit->objective;
			best = number;
		}
	}
	return best;
}


/* ---- what comes of it --------------------------------------------------- */

/* Means of the posterior distributions, from the last counts. */
static void
rate_annotator(const Ebcc *em, size_t annotator)
{
	size_t		nclasses = (size_t) em->data->nclasses;
	size_t		subtypes = (size_t) em->fit->subtypes;
	size_t		first = annotator * nclasses * em->nstates;

	for (size_t s = 0; s < em->nstates; s++)
	{
		double		total = em->smoothing * (double) nclasses +
			em->fit->diagonal;

		for (size_t l = 0; l < nclasses; l++)
			total += em->counts[first + l * em->nstates + s];
		for (size_t l = 0; l < nclasses; l++)
		{
			size_t		cell = first + l * em->nstates + s;

			em->log_rates[cell] = (em->counts[cell] + em->smoothing +
								   (s / subtypes == l ? em->fit->diagonal
									: 0.0)) / total;
		}
	}
}


/* Of a class: the mean over its types, by their shares. */
static void
mix_types(const Ebcc *em)
{
	const ConsensusFit *fit = em->fit;
	size_t		rows = (size_t) em->data->nannotators *
		(size_t) em->data->nclasses;
	size_t		nclasses = (size_t) em->data->nclasses;
	size_t		subtypes = (size_t) fit->subtypes;
	double	   *shares = em->log_states;

	for (size_t k = 0; k < nclasses; k++)
	{
		double		total = PRIOR_TYPES;

		for (size_t m = 0; m < subtypes; m++)
			total += em->sums[k * subtypes + m];
		for (size_t m = 0; m < subtypes; m++)
			shares[k * subtypes + m] = (em->sums[k * subtypes + m] +
										PRIOR_TYPES / (double) subtypes) /
				total;
	}
	for (size_t row = 0; row < rows; row++)
		for (size_t k = 0; k < nclasses; k++)
		{
			double		rate = 0.0;

			for (size_t s = k * subtypes; s < (k + 1) * subtypes; s++)
				rate += shares[s] * em->log_rates[row * em->nstates + s];
			fit->confusion[row * nclasses + k] = rate;
		}
}


ConsensusStatus
consensus_ebcc(const ConsensusData *data, ConsensusFit *fit)
{
	int32_t		best;
	Ebcc		em = {.data = data, .fit = fit};

	em.nstates = (size_t) data->nclasses * (size_t) fit->subtypes;
	em.smoothing = fmax(fit->smoothing, LEAST_PRIOR);
	em.log_rates = fit->type_confusion;
	em.counts = fit->work;
	em.sums = em.counts + (size_t) data->nannotators *
		(size_t) data->nclasses * em.nstates;
	em.log_states = em.sums + em.nstates;
	em.totals = em.log_states + em.nstates;

	best = best_start(&em);
	if (best < 0 || !climb(&em, best, fit->max_iter))
		return CONSENSUS_STOPPED;
	for (int32_t j = 0; j < data->nannotators; j++)
		rate_annotator(&em, (size_t) j);
	mix_types(&em);
	consensus_sum_shares(data, &fit->posterior, fit->shares);
	consensus_em_weigh(data, fit);
	return CONSENSUS_DONE;
}
