/*-------------------------------------------------------------------------
 *
 * score_kernel.c
 *	  From a solver's scores to labels and confidences: class-mass
 *	  normalisation and class priors.
 *
 * Class-mass normalisation is that of Zhu, Ghahramani and Lafferty 2003, with
 * equal masses where no priors are given: then no class can be swallowed by
 * another, however few its seeds.  Spreading scores are squared because as
 * they are they undersell: with alpha near 1 a seed's influence falls off
 * slowly, and where 97 points in 100 were right the mean ratio was 0.8.
 * docs/propagation.md has the figures behind these choices.
 *
 *-------------------------------------------------------------------------
 */
#include "propagate/score_kernel.h"

#include <math.h>
#include <string.h>

#define SPREADING_POWER 2.0
#define POISSON_LEAD 4.0

/* Logarithms that differ by less are equal as far as the solver knows. */
#define EQUAL_LOGARITHMS 1e-6

/* When the priors are met, and when to give up. */
#define PRIOR_TOLERANCE 1e-6
#define PRIOR_ROUNDS 300
#define MOST_SHIFT 50.0

/* Points between two calls of the progress callback. */
#define POINTS_A_STEP 4096


size_t
propagate_score_memory(int32_t n, int32_t nclasses)
{
	return sizeof(double) * ((size_t) n + 3 * (size_t) nclasses);
}


/* Time to ask, and told to stop? */
static bool
is_stopped(const PropagateScoring *scoring, int32_t i)
{
	return i % POINTS_A_STEP == 0 &&
		!scoring->progress(scoring->progress_state, (double) i / scoring->n);
}


static double *
scores_of(const PropagateScoring *scoring, int32_t i)
{
	return scoring->scores + (size_t) i * (size_t) scoring->nclasses;
}


/* ---- class-mass normalisation ------------------------------------------- */

/* Each class's sum of positive scores. */
static void
find_masses(const PropagateScoring *scoring, double *mass)
{
	memset(mass, 0, sizeof(double) * (size_t) scoring->nclasses);
	for (int32_t i = 0; i < scoring->n; i++)
	{
		const double *scores = scores_of(scoring, i);

		for (int32_t c = 0; c < scoring->nclasses; c++)
			if (scores[c] > 0.0)
				mass[c] += scores[c];
	}
}


static bool
normalise_spreading(PropagateScoring *scoring, const double *mass)
{
	for (int32_t i = 0; i < scoring->n; i++)
	{
		double	   *scores = scores_of(scoring, i);

		if (is_stopped(scoring, i))
			return false;
		for (int32_t c = 0; c < scoring->nclasses; c++)
			scores[c] = scores[c] > 0.0
				? SPREADING_POWER * log(scores[c] / mass[c])
				: -INFINITY;
	}
	return true;
}


/* The lead of a point's best class over its second; -1 without a second. */
static double
lead_of(const double *scores, int32_t nclasses)
{
	double		best = -INFINITY;
	double		second = -INFINITY;

	for (int32_t c = 0; c < nclasses; c++)
	{
		if (scores[c] > best)
		{
			second = best;
			best = scores[c];
		}
		else if (scores[c] > second)
			second = scores[c];
	}
	return isfinite(second) ? best - second : -1.0;
}


/* The middle one of some values (the upper one of two), which get moved. */
static double
median(double *values, size_t count)
{
	size_t		low = 0;
	size_t		high = count - 1;
	size_t		middle = count / 2;

	while (low < high)
	{
		double		pivot = values[low + (high - low) / 2];
		size_t		i = low;
		size_t		j = high;

		for (;;)
		{
			double		moved;

			while (values[i] < pivot)
				i++;
			while (values[j] > pivot)
				j--;
			if (i >= j)
				break;
			moved = values[i];
			values[i++] = values[j];
			values[j--] = moved;
		}
		if (middle <= j)
			high = j;
		else
			low = j + 1;
	}
	return values[middle];
}


static void
normalise_poisson(PropagateScoring *scoring, const double *mass,
				  double *leads)
{
	size_t		count = 0;
	double		unit = 0.0;

	for (int32_t i = 0; i < scoring->n; i++)
	{
		double	   *scores = scores_of(scoring, i);
		double		lead;

		for (int32_t c = 0; c < scoring->nclasses; c++)
			if (mass[c] > 0.0)
				scores[c] /= mass[c];
		lead = lead_of(scores, scoring->nclasses);
		if (lead >= 0.0)
			leads[count++] = lead;
	}
	if (count > 0)
		unit = median(leads, count) / POISSON_LEAD;
	if (unit <= 0.0)
		unit = 1.0;
	for (size_t e = 0; e < (size_t) scoring->n * (size_t) scoring->nclasses; e++)
		scoring->scores[e] /= unit;
}


/* ---- probabilities ------------------------------------------------------ */

/*
 * The class probabilities of a point, given logarithms and what is added to
 * them; false when it has none.
 */
static bool
probabilities(const double *scores, const double *shift, int32_t nclasses,
			  double *into)
{
	double		best = -INFINITY;
	double		sum = 0.0;

	for (int32_t c = 0; c < nclasses; c++)
	{
		into[c] = scores[c] + shift[c];
		if (into[c] > best)
			best = into[c];
	}
	if (best == -INFINITY)
		return false;
	for (int32_t c = 0; c < nclasses; c++)
	{
		into[c] = exp(into[c] - best);
		sum += into[c];
	}
	for (int32_t c = 0; c < nclasses; c++)
		into[c] /= sum;
	return true;
}


/* One round towards the priors; returns how far off they were. */
static double
shift_towards_priors(const PropagateScoring *scoring, double *shift,
					 double *mean, double *point, bool *stopped)
{
	double		reached = 0.0;
	double		worst = 0.0;

	memset(mean, 0, sizeof(double) * (size_t) scoring->nclasses);
	for (int32_t i = 0; i < scoring->n; i++)
	{
		if (is_stopped(scoring, i))
		{
			*stopped = true;
			return 0.0;
		}
		if (!probabilities(scores_of(scoring, i), shift, scoring->nclasses,
						   point))
			continue;
		reached += 1.0;
		for (int32_t c = 0; c < scoring->nclasses; c++)
			mean[c] += point[c];
	}
	for (int32_t c = 0; c < scoring->nclasses && reached > 0.0; c++)
	{
		double		share = mean[c] / reached;

		if (scoring->priors[c] <= 0.0)
			continue;
		worst = fmax(worst, fabs(share - scoring->priors[c]));
		if (share > 0.0)
			shift[c] += log(scoring->priors[c] / share);
		shift[c] = fmin(fmax(shift[c], -MOST_SHIFT), MOST_SHIFT);
	}
	return worst;
}


/* Leaves in shift what must be added to each class's logarithms. */
static bool
meet_priors(const PropagateScoring *scoring, double *shift, double *mean,
			double *point)
{
	bool		stopped = false;

	for (int32_t c = 0; c < scoring->nclasses; c++)
		shift[c] = scoring->priors != NULL && scoring->priors[c] <= 0.0
			? -INFINITY : 0.0;
	if (scoring->priors == NULL)
		return true;
	for (int round = 0; round < PRIOR_ROUNDS && !stopped; round++)
		if (shift_towards_priors(scoring, shift, mean, point, &stopped) <
			PRIOR_TOLERANCE)
			break;
	return !stopped;
}


/* The best class; see the header about ties. */
static int32_t
best_class(const PropagateScoring *scoring, const double *point)
{
	const double *share = scoring->priors ? scoring->priors
		: scoring->seed_shares;
	double		most = 0.0;
	int32_t		best = -1;

	for (int32_t c = 0; c < scoring->nclasses; c++)
		most = fmax(most, point[c]);
	for (int32_t c = 0; c < scoring->nclasses; c++)
		if (point[c] >= most * (1.0 - EQUAL_LOGARITHMS) &&
			(best < 0 || share[c] > share[best]))
			best = c;
	return best;
}


PropagateStatus
propagate_score(PropagateScoring *scoring)
{
	double	   *leads = scoring->work;
	double	   *shift = leads + scoring->n;
	double	   *mean = shift + scoring->nclasses;
	double	   *point = mean + scoring->nclasses;

	find_masses(scoring, mean);
	if (scoring->method == PROPAGATE_POISSON)
		normalise_poisson(scoring, mean, leads);
	else if (!normalise_spreading(scoring, mean))
		return PROPAGATE_STOPPED;
	if (!meet_priors(scoring, shift, mean, point))
		return PROPAGATE_STOPPED;

	for (int32_t i = 0; i < scoring->n; i++)
	{
		int32_t		label = -1;

		if (is_stopped(scoring, i))
			return PROPAGATE_STOPPED;
		if (probabilities(scores_of(scoring, i), shift, scoring->nclasses,
						  point))
			label = best_class(scoring, point);
		scoring->labels[i] = label;
		scoring->confidences[i] = label >= 0 ? point[label] : 0.0;
	}
	return PROPAGATE_DONE;
}
