/*-------------------------------------------------------------------------
 *
 * ordinal_kernel.c
 *	  Levels of a scale, from annotators with a bias and a precision.
 *
 * An annotator who looks at an item of level t sees t + bias + e, e normal,
 * and says the level nearest to it.  Expectation maximisation: the items'
 * probabilities of each level, counts of each annotator's answers by level,
 * and from these, by Fisher's scoring, the annotator's two parameters.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/numeric_kernel.h"

#include <math.h>
#include <string.h>

/* One answer in so many is any of the levels. */
#define SLIPS 0.01

/* Prior of an annotator, in units of the distance of two levels out of five. */
#define BIAS_SPREAD 0.5
#define ERROR_MIDDLE 0.7
#define LOG_ERROR_SPREAD 0.5

/* Steps of scoring an iteration, and halvings of one that leads down. */
#define SCORING_STEPS 2
#define HALVINGS 8

/* What decides between the middle two levels: rounding must not. */
#define HALF (0.5 - 1e-9)

/* Width of the normal density's 1 / sqrt(2 pi). */
#define INV_SQRT_2PI 0.39894228040143267794

typedef struct Ordinal
{
	const NumericData *data;
	NumericFit *fit;
	size_t		nlevels;
	double		unit;			/* mean distance of two levels, or of five
								 * over the same range where there are more */
	double	   *level;			/* nlevels, in units */
	double	   *shares;			/* nlevels */
	double	   *log_error;		/* nannotators: of the error's deviation */
	double	   *bias;			/* nannotators, in units */
	double	   *z;				/* nitems x nlevels */
	double	   *chance;			/* nannotators x nlevels (said) x nlevels
								 * (true): log-probabilities, then counts */
	double	   *counts;			/* the same shape */
} Ordinal;

/* What one annotator's answers say of the two parameters. */
typedef struct Score
{
	double		value;
	double		bias;			/* derivatives */
	double		log_error;
	double		bias2;			/* expected information */
	double		cross;
	double		log_error2;
} Score;


size_t
numeric_ordinal_memory(const NumericData *data)
{
	size_t		nlevels = (size_t) data->answers.nclasses;
	size_t		nannotators = (size_t) data->answers.nannotators;

	return sizeof(double) * (2 * nlevels + 2 * nannotators +
							 (size_t) data->answers.nitems * nlevels +
							 2 * nannotators * nlevels * nlevels);
}


static void
set_up(Ordinal *all)
{
	size_t		nannotators = (size_t) all->data->answers.nannotators;
	const double *number = all->data->number;
	size_t		n = all->nlevels;

	all->level = all->fit->work;
	all->shares = all->level + n;
	all->log_error = all->shares + n;
	all->bias = all->log_error + nannotators;
	all->z = all->bias + nannotators;
	all->chance = all->z + (size_t) all->data->answers.nitems * n;
	all->counts = all->chance + nannotators * n * n;
	all->unit = n > 1 ? (number[n - 1] - number[0]) /
		(double) (n > 5 ? 4 : n - 1) : 1.0;
	for (size_t k = 0; k < n; k++)
		all->level[k] = (number[k] - number[0]) / all->unit;
	for (size_t j = 0; j < nannotators; j++)
	{
		all->bias[j] = 0.0;
		all->log_error[j] = log(ERROR_MIDDLE);
	}
}


/* Where the seen position is cut off above (or below) a level, in errors. */
static double
cut(const Ordinal *all, size_t upper, double seen, double error)
{
	if (upper == 0)
		return -INFINITY;
	if (upper == all->nlevels)
		return INFINITY;
	return (0.5 * (all->level[upper - 1] + all->level[upper]) - seen) / error;
}


static double
density(double u)
{
	return isfinite(u) ? INV_SQRT_2PI * exp(-0.5 * u * u) : 0.0;
}


/* Log-posterior of an annotator's parameters; derivatives if asked for. */
static Score
score(const Ordinal *all, const double *counts, double bias,
	  double log_error, bool derive)
{
	double		error = exp(log_error);
	double		off = log_error - log(ERROR_MIDDLE);
	double		slip = SLIPS / (double) all->nlevels;
	size_t		n = all->nlevels;
	Score		sum = {0};

	sum.value = -0.5 * (bias * bias / (BIAS_SPREAD * BIAS_SPREAD) +
						off * off / (LOG_ERROR_SPREAD * LOG_ERROR_SPREAD));
	sum.bias = -bias / (BIAS_SPREAD * BIAS_SPREAD);
	sum.log_error = -off / (LOG_ERROR_SPREAD * LOG_ERROR_SPREAD);
	sum.bias2 = 1.0 / (BIAS_SPREAD * BIAS_SPREAD);
	sum.log_error2 = 1.0 / (LOG_ERROR_SPREAD * LOG_ERROR_SPREAD);
	for (size_t k = 0; k < n; k++)
	{
		double		seen = all->level[k] + bias;
		double		total = 0.0;

		for (size_t l = 0; l < n; l++)
			total += counts[l * n + k];
		for (size_t l = 0; total > 0.0 && l < n; l++)
		{
			double		low = cut(all, l, seen, error);
			double		high = cut(all, l + 1, seen, error);
			double		p = slip + (1.0 - SLIPS) *
				(numeric_normal(high) - numeric_normal(low));
			double		count = counts[l * n + k];
			double		by_bias;
			double		by_error;

			sum.value += count * log(p);
			if (!derive)
				continue;
			by_bias = (1.0 - SLIPS) * (density(low) - density(high)) / error;
			by_error = (1.0 - SLIPS) *
				((isfinite(low) ? low * density(low) : 0.0) -
				 (isfinite(high) ? high * density(high) : 0.0));
			sum.bias += count * by_bias / p;
			sum.log_error += count * by_error / p;
			sum.bias2 += total * by_bias * by_bias / p;
			sum.cross += total * by_bias * by_error / p;
			sum.log_error2 += total * by_error * by_error / p;
		}
	}
	return sum;
}


/* Better parameters of an annotator. */
static void
improve(Ordinal *all, size_t j)
{
	const double *counts = all->counts + j * all->nlevels * all->nlevels;

	for (int step = 0; step < SCORING_STEPS; step++)
	{
		Score		now = score(all, counts, all->bias[j], all->log_error[j],
								true);
		double		whole = now.bias2 * now.log_error2 - now.cross * now.cross;
		double		bias = (now.log_error2 * now.bias -
							now.cross * now.log_error) / whole;
		double		log_error = (now.bias2 * now.log_error -
								 now.cross * now.bias) / whole;
		int			halving = 0;

		if (!isfinite(bias) || !isfinite(log_error))
			return;
		while (halving < HALVINGS &&
			   !(score(all, counts, all->bias[j] + bias,
					   all->log_error[j] + log_error, false).value >=
				 now.value))
		{
			bias *= 0.5;
			log_error *= 0.5;
			halving++;
		}
		if (halving == HALVINGS)
			return;
		all->bias[j] += bias;
		all->log_error[j] += log_error;
	}
}


/* Log-probabilities of an annotator's answers. */
static double
set_chances(Ordinal *all, size_t j)
{
	size_t		n = all->nlevels;
	double	   *chance = all->chance + j * n * n;
	double		error = exp(all->log_error[j]);
	double		off = all->log_error[j] - log(ERROR_MIDDLE);

	for (size_t k = 0; k < n; k++)
	{
		double		seen = all->level[k] + all->bias[j];

		for (size_t l = 0; l < n; l++)
			chance[l * n + k] = log(SLIPS / (double) n + (1.0 - SLIPS) *
									(numeric_normal(cut(all, l + 1, seen, error)) -
									 numeric_normal(cut(all, l, seen, error))));
	}
	return -0.5 * (all->bias[j] * all->bias[j] /
				   (BIAS_SPREAD * BIAS_SPREAD) +
				   off * off / (LOG_ERROR_SPREAD * LOG_ERROR_SPREAD));
}


/* An item's probabilities of the levels; returns its log-likelihood. */
static double
weigh_levels(Ordinal *all, int32_t i, NumericItem item)
{
	int32_t		gold = consensus_gold(&all->data->answers, i);
	size_t		n = all->nlevels;
	double	   *z = all->z + (size_t) i * n;
	double		most = -INFINITY;
	double		sum = 0.0;

	for (size_t k = 0; k < n; k++)
	{
		z[k] = log(all->shares[k]);
		for (const ConsensusAnswer *answer = item.first; answer < item.end;
			 answer++)
			z[k] += answer->weight *
				all->chance[consensus_row_of(answer, n) + k];
		most = fmax(most, z[k]);
	}
	if (gold >= 0)
	{
		sum = z[gold];
		for (size_t k = 0; k < n; k++)
			z[k] = (int32_t) k == gold;
		return sum;
	}
	for (size_t k = 0; k < n; k++)
		sum += z[k] = exp(z[k] - most);
	for (size_t k = 0; k < n; k++)
		z[k] /= sum;
	return most + log(sum);
}


/* One pass over the items; false when it is to stop. */
static bool
pass_over(Ordinal *all)
{
	const ConsensusData *answers = &all->data->answers;
	size_t		n = all->nlevels;
	int64_t		work = 0;

	memset(all->counts, 0, consensus_cells(answers) * sizeof(double));
	for (int32_t i = 0; i < answers->nitems; i++)
	{
		NumericItem item = numeric_item(all->data, i);
		const double *z = all->z + (size_t) i * n;

		if (!numeric_go_on(all->fit, &work, 2 * (int64_t) n *
						   (item.end - item.first + 10),
						   all->fit->iterations / (double) all->fit->max_iter))
			return false;
		all->fit->objective += weigh_levels(all, i, item);
		for (const ConsensusAnswer *answer = item.first; answer < item.end;
			 answer++)
		{
			double	   *row = all->counts + consensus_row_of(answer, n);

			for (size_t k = 0; k < n; k++)
				row[k] += answer->weight * z[k];
		}
	}
	return true;
}


/* The levels' shares, with one item more spread evenly over them. */
static void
sum_shares(Ordinal *all)
{
	size_t		n = all->nlevels;
	double		nitems = (double) all->data->answers.nitems;

	for (size_t k = 0; k < n; k++)
	{
		double		sum = 1.0 / (double) n;

		for (int32_t i = 0; i < all->data->answers.nitems; i++)
			sum += all->z[(size_t) i * n + k];
		all->shares[k] = sum / (nitems + 1.0);
	}
}


/* The posterior's median and standard deviation. */
static void
finish(Ordinal *all)
{
	size_t		n = all->nlevels;

	for (int32_t i = 0; i < all->data->answers.nitems; i++)
	{
		const double *z = all->z + (size_t) i * n;
		double		mean = 0.0;
		double		square = 0.0;
		double		below = 0.0;
		size_t		median = 0;

		for (; median < n - 1; median++)
			if ((below += z[median]) >= HALF)
				break;
		for (size_t k = 0; k < n; k++)
			mean += z[k] * all->level[k];
		for (size_t k = 0; k < n; k++)
			square += z[k] * (all->level[k] - mean) * (all->level[k] - mean);
		all->fit->value[i] = all->data->number[median];
		all->fit->error[i] = sqrt(square) * all->unit;
	}
	for (int32_t j = 0; j < all->data->answers.nannotators; j++)
	{
		all->fit->bias[j] = all->bias[j] * all->unit;
		all->fit->weights[j] = exp(-2.0 * all->log_error[j]);
	}
}


ConsensusStatus
numeric_ordinal(const NumericData *data, NumericFit *fit)
{
	const ConsensusData *answers = &data->answers;
	Ordinal		all = {.data = data, .fit = fit};
	double		last = -INFINITY;
	int64_t		work = 0;

	all.nlevels = (size_t) answers->nclasses;
	set_up(&all);
	for (size_t k = 0; k < all.nlevels; k++)
		all.shares[k] = 1.0 / (double) all.nlevels;
	fit->converged = false;
	for (fit->iterations = 0; fit->iterations < fit->max_iter &&
		 !fit->converged;)
	{
		fit->objective = 0.0;
		for (int32_t j = 0; j < answers->nannotators; j++)
		{
			if (!numeric_go_on(fit, &work, 400 * (int64_t)
							   (all.nlevels * all.nlevels),
							   fit->iterations / (double) fit->max_iter))
				return CONSENSUS_STOPPED;
			if (fit->iterations > 0)
				improve(&all, (size_t) j);
			fit->objective += set_chances(&all, (size_t) j);
		}
		for (size_t k = 0; k < all.nlevels; k++)
			fit->objective += log(all.shares[k]) / (double) all.nlevels;
		if (!pass_over(&all))
			return CONSENSUS_STOPPED;
		sum_shares(&all);
		fit->iterations++;
		fit->converged = fit->objective - last <=
			fit->tolerance * 2.0 * (double) answers->nannotators;
		last = fit->objective;
	}
	finish(&all);
	return CONSENSUS_DONE;
}
