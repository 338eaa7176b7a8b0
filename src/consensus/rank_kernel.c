/*-------------------------------------------------------------------------
 *
 * rank_kernel.c
 *	  Bradley and Terry's model, with and without guessing annotators; Elo.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/rank_kernel.h"

#include <math.h>
#include <string.h>

/* Steps of a solution by conjugate gradients, and its relative error. */
#define MOST_GRADIENTS 500
#define GRADIENT_ERROR 1e-10

#define HALVINGS 30

/* No score moves by more in one step of Newton's. */
#define LONGEST_STEP 4.0

/* Answers compared and thrown that each annotator is taken to have given. */
#define PRIOR_COMPARED 4.0
#define PRIOR_THROWN 1.0

#define ELO_START 1500.0
#define ELO_SCALE 400.0

typedef struct Solver
{
	const RankData *data;
	RankFit    *fit;
	double	   *weight;			/* npairs: that count, in this iteration */
	double	   *curve;			/* npairs: second derivatives */
	double	   *own;			/* nitems: from the smoothing */
	double	   *gradient;		/* nitems */
	double	   *step;
	double	   *rest;
	double	   *direction;
	double	   *image;
	double	   *diagonal;
	double	   *next;
	double	   *matrix;			/* nitems x nitems where errors are exact */
	int64_t		work;
} Solver;


size_t
rank_memory(const RankData *data, const RankFit *fit)
{
	size_t		nitems = (size_t) data->nitems;
	size_t		cells = data->nitems <= fit->most_exact
		? nitems * nitems : 0;

	return sizeof(double) * (2 * (size_t) data->npairs + 8 * nitems + cells +
							 2 * (size_t) data->nannotators);
}


static Solver
make_solver(const RankData *data, RankFit *fit)
{
	size_t		npairs = (size_t) data->npairs;
	size_t		nitems = (size_t) data->nitems;
	Solver		of = {.data = data, .fit = fit};

	of.weight = fit->work;
	of.curve = of.weight + npairs;
	of.own = of.curve + npairs;
	of.gradient = of.own + nitems;
	of.step = of.gradient + nitems;
	of.rest = of.step + nitems;
	of.direction = of.rest + nitems;
	of.image = of.direction + nitems;
	of.diagonal = of.image + nitems;
	of.next = of.diagonal + nitems;
	of.matrix = of.next + nitems;
	return of;
}


static bool
go_on(Solver *of, int64_t more)
{
	of->work += more;
	if (of->work < CONSENSUS_STEP)
		return true;
	of->work = 0;
	return of->fit->progress == NULL ||
		of->fit->progress(of->fit->progress_state,
						  of->fit->iterations / (double) of->fit->max_iter);
}


/* ln(1 / (1 + exp(-x))) */
static double
log_chance(double x)
{
	return x < 0.0 ? x - log1p(exp(x)) : -log1p(exp(-x));
}


static double
chance(double x)
{
	return exp(log_chance(x));
}


/* What the scores are worth: log-likelihood with the smoothing. */
static double
worth(const Solver *of, const double *score)
{
	double		sum = 0.0;

	for (int64_t p = 0; p < of->data->npairs; p++)
	{
		const RankPair *pair = &of->data->pairs[p];

		sum += of->weight[p] * log_chance(score[pair->winner] -
										  score[pair->loser]);
	}
	for (int32_t i = 0; i < of->data->nitems; i++)
		sum += of->fit->smoothing * (log_chance(score[i]) +
									 log_chance(-score[i]));
	return sum;
}


/* First and second derivatives at the present scores. */
static void
derive(Solver *of)
{
	const double *score = of->fit->score;

	for (int32_t i = 0; i < of->data->nitems; i++)
	{
		double		p = chance(score[i]);

		of->gradient[i] = of->fit->smoothing * (1.0 - 2.0 * p);
		of->own[i] = 2.0 * of->fit->smoothing * p * (1.0 - p);
		of->diagonal[i] = of->own[i];
	}
	for (int64_t p = 0; p < of->data->npairs; p++)
	{
		const RankPair *pair = &of->data->pairs[p];
		double		lost = chance(score[pair->loser] - score[pair->winner]);

		of->curve[p] = of->weight[p] * lost * (1.0 - lost);
		of->gradient[pair->winner] += of->weight[p] * lost;
		of->gradient[pair->loser] -= of->weight[p] * lost;
		of->diagonal[pair->winner] += of->curve[p];
		of->diagonal[pair->loser] += of->curve[p];
	}
}


/* image = information x direction; returns their product. */
static double
apply(Solver *of)
{
	double		product = 0.0;

	for (int32_t i = 0; i < of->data->nitems; i++)
		of->image[i] = of->own[i] * of->direction[i];
	for (int64_t p = 0; p < of->data->npairs; p++)
	{
		const RankPair *pair = &of->data->pairs[p];
		double		flow = of->curve[p] * (of->direction[pair->winner] -
										   of->direction[pair->loser]);

		of->image[pair->winner] += flow;
		of->image[pair->loser] -= flow;
	}
	for (int32_t i = 0; i < of->data->nitems; i++)
		product += of->image[i] * of->direction[i];
	return product;
}


/* Newton's step, by conjugate gradients over the diagonal. */
static bool
solve(Solver *of)
{
	int32_t		nitems = of->data->nitems;
	double		size = 0.0;
	double		first;

	for (int32_t i = 0; i < nitems; i++)
	{
		of->step[i] = 0.0;
		of->rest[i] = of->gradient[i];
		of->direction[i] = of->diagonal[i] > 0.0
			? of->rest[i] / of->diagonal[i] : 0.0;
		size += of->rest[i] * of->direction[i];
	}
	first = size;
	for (int n = 0; n < MOST_GRADIENTS && size > GRADIENT_ERROR * GRADIENT_ERROR * first; n++)
	{
		double		product = apply(of);
		double		length = size / product;
		double		last = size;

		if (!go_on(of, 10 * (of->data->npairs + nitems)))
			return false;
		if (!(product > 0.0))
			break;
		size = 0.0;
		for (int32_t i = 0; i < nitems; i++)
		{
			of->step[i] += length * of->direction[i];
			of->rest[i] -= length * of->image[i];
			if (of->diagonal[i] > 0.0)
				size += of->rest[i] * of->rest[i] / of->diagonal[i];
		}
		for (int32_t i = 0; i < nitems; i++)
			of->direction[i] = (of->diagonal[i] > 0.0 ? of->rest[i] /
								of->diagonal[i] : 0.0) +
				size / last * of->direction[i];
	}
	return true;
}


/* One step towards the maximum; *moved is what the farthest score moved. */
static bool
step_up(Solver *of, double *moved)
{
	RankFit    *fit = of->fit;
	double		now = worth(of, fit->score);
	double		length = 1.0;

	derive(of);
	if (!go_on(of, 50 * (of->data->npairs + of->data->nitems)) || !solve(of))
		return false;
	*moved = 0.0;
	for (int32_t i = 0; i < of->data->nitems; i++)
		*moved = fmax(*moved, fabs(of->step[i]));
	if (*moved > LONGEST_STEP)
		length = LONGEST_STEP / *moved;
	for (int n = 0; n < HALVINGS; n++, length *= 0.5)
	{
		for (int32_t i = 0; i < of->data->nitems; i++)
			of->next[i] = fit->score[i] + length * of->step[i];
		if (worth(of, of->next) >= now)
			break;
	}
	*moved *= length;
	if (worth(of, of->next) >= now)
		memcpy(fit->score, of->next,
			   (size_t) of->data->nitems * sizeof(double));
	return true;
}


/* ---- errors ------------------------------------------------------------- */

/* The lower triangle of a Cholesky factor, then of its inverse, in place. */
static bool
invert(Solver *of)
{
	size_t		n = (size_t) of->data->nitems;
	double	   *m = of->matrix;

	for (size_t j = 0; j < n; j++)
	{
		if (!go_on(of, (int64_t) (j * (n - j) + n)))
			return false;
		for (size_t i = j; i < n; i++)
		{
			double		sum = m[i * n + j];

			for (size_t k = 0; k < j; k++)
				sum -= m[i * n + k] * m[j * n + k];
			m[i * n + j] = i == j ? sqrt(fmax(sum, 1e-300))
				: sum / m[j * n + j];
		}
	}
	for (size_t i = 0; i < n; i++)
	{
		if (!go_on(of, (int64_t) (i * i + n)))
			return false;
		for (size_t j = 0; j <= i; j++)
		{
			double		sum = i == j ? 1.0 : 0.0;

			for (size_t k = j; k < i; k++)
				sum -= m[i * n + k] * m[k * n + j];
			of->next[j] = sum / m[i * n + i];
		}
		memcpy(m + i * n, of->next, (i + 1) * sizeof(double));
	}
	return true;
}


/*
 * The covariance is C = L'L, L the inverse factor; of centred scores it is
 * that of L with each row's mean taken off.
 */
static bool
exact_errors(Solver *of)
{
	size_t		n = (size_t) of->data->nitems;
	double	   *m = of->matrix;
	double		all = of->fit->smoothing > 0.0 ? 0.0 : 1.0 / (double) n;

	/* without smoothing only differences count: any level will do */
	for (size_t c = 0; c < n * n; c++)
		m[c] = all;
	for (size_t i = 0; i < n; i++)
		m[i * n + i] += of->diagonal[i];
	for (int64_t p = 0; p < of->data->npairs; p++)
	{
		const RankPair *pair = &of->data->pairs[p];

		m[(size_t) pair->winner * n + (size_t) pair->loser] -= of->curve[p];
		m[(size_t) pair->loser * n + (size_t) pair->winner] -= of->curve[p];
	}
	if (!invert(of))
		return false;
	memset(of->fit->error, 0, n * sizeof(double));
	for (size_t k = 0; k < n; k++)
	{
		double		mean = 0.0;

		for (size_t i = 0; i <= k; i++)
			mean += m[k * n + i] / (double) n;
		for (size_t i = 0; i < n; i++)
		{
			double		off = (i <= k ? m[k * n + i] : 0.0) - mean;

			of->fit->error[i] += off * off;
		}
	}
	for (size_t i = 0; i < n; i++)
		of->fit->error[i] = sqrt(of->fit->error[i]);
	return true;
}


static bool
finish(Solver *of)
{
	RankFit    *fit = of->fit;
	int32_t		nitems = of->data->nitems;
	double		mean = 0.0;

	derive(of);
	if (nitems <= fit->most_exact && !exact_errors(of))
		return false;
	for (int32_t i = 0; i < nitems; i++)
	{
		if (nitems > fit->most_exact)
			fit->error[i] = of->diagonal[i] > 0.0
				? sqrt(1.0 / of->diagonal[i]) : NAN;
		mean += fit->score[i];
	}
	mean /= nitems;
	for (int32_t i = 0; i < nitems; i++)
		fit->score[i] -= mean;
	return true;
}


/* ---- methods ------------------------------------------------------------ */

static void
start(Solver *of)
{
	memset(of->fit->score, 0, (size_t) of->data->nitems * sizeof(double));
	for (int32_t j = 0; j < of->data->nannotators; j++)
		of->fit->reliability[j] = 1.0;
	for (int64_t p = 0; p < of->data->npairs; p++)
		of->weight[p] = of->data->pairs[p].weight;
	of->fit->converged = false;
}


ConsensusStatus
rank_bradley_terry(const RankData *data, RankFit *fit)
{
	Solver		of = make_solver(data, fit);
	double		moved = INFINITY;

	start(&of);
	for (fit->iterations = 0; fit->iterations < fit->max_iter &&
		 moved > fit->tolerance; fit->iterations++)
		if (!step_up(&of, &moved))
			return CONSENSUS_STOPPED;
	fit->converged = moved <= fit->tolerance;
	fit->objective = worth(&of, fit->score);
	return finish(&of) ? CONSENSUS_DONE : CONSENSUS_STOPPED;
}


/* How likely each answer was compared, and the annotators that follow. */
static double
judge(Solver *of, double *compared, double *total)
{
	const RankData *data = of->data;
	RankFit    *fit = of->fit;
	double		sum = 0.0;

	for (int32_t j = 0; j < data->nannotators; j++)
	{
		compared[j] = PRIOR_COMPARED;
		total[j] = PRIOR_COMPARED + PRIOR_THROWN;
		sum += PRIOR_COMPARED * log(fit->reliability[j]) +
			PRIOR_THROWN * log(1.0 - fit->reliability[j]);
	}
	for (int64_t p = 0; p < data->npairs; p++)
	{
		const RankPair *pair = &data->pairs[p];
		double		reliable = fit->reliability[pair->annotator];
		double		so = reliable * chance(fit->score[pair->winner] -
										   fit->score[pair->loser]);
		double		either = so + 0.5 * (1.0 - reliable);

		sum += pair->weight * log(either);
		of->weight[p] = pair->weight * so / either;
		compared[pair->annotator] += of->weight[p];
		total[pair->annotator] += pair->weight;
	}
	for (int32_t j = 0; j < data->nannotators; j++)
		fit->reliability[j] = compared[j] / total[j];
	for (int32_t i = 0; i < data->nitems; i++)
		sum += fit->smoothing * (log_chance(fit->score[i]) +
								 log_chance(-fit->score[i]));
	return sum;
}


ConsensusStatus
rank_noisy_bradley_terry(const RankData *data, RankFit *fit)
{
	Solver		of = make_solver(data, fit);
	double	   *compared = of.matrix + (data->nitems <= fit->most_exact
										? (size_t) data->nitems *
										(size_t) data->nitems : 0);
	double	   *total = compared + data->nannotators;
	double		moved = INFINITY;

	start(&of);
	for (int32_t j = 0; j < data->nannotators; j++)
		fit->reliability[j] = PRIOR_COMPARED / (PRIOR_COMPARED + PRIOR_THROWN);
	for (fit->iterations = 0; fit->iterations < fit->max_iter &&
		 moved > fit->tolerance; fit->iterations++)
	{
		if (!step_up(&of, &moved))
			return CONSENSUS_STOPPED;
		fit->objective = judge(&of, compared, total);
	}
	fit->converged = moved <= fit->tolerance;
	return finish(&of) ? CONSENSUS_DONE : CONSENSUS_STOPPED;
}


ConsensusStatus
rank_elo(const RankData *data, RankFit *fit, double step)
{
	int64_t		work = 0;

	for (int32_t i = 0; i < data->nitems; i++)
	{
		fit->score[i] = ELO_START;
		fit->error[i] = NAN;
	}
	for (int32_t j = 0; j < data->nannotators; j++)
		fit->reliability[j] = 1.0;
	for (int64_t p = 0; p < data->npairs; p++)
	{
		const RankPair *pair = &data->pairs[p];
		double	   *winner = &fit->score[pair->winner];
		double	   *loser = &fit->score[pair->loser];
		double		expected = 1.0 /
			(1.0 + pow(10.0, (*loser - *winner) / ELO_SCALE));
		double		move = step * pair->weight *
			(pair->tie ? 1.0 - 2.0 * expected : 1.0 - expected);

		p += pair->tie;
		work += 20;
		if (work > CONSENSUS_STEP && fit->progress != NULL &&
			!fit->progress(fit->progress_state,
						   (double) p / (double) data->npairs))
			return CONSENSUS_STOPPED;
		if (work > CONSENSUS_STEP)
			work = 0;
		*winner += move;
		*loser -= move;
	}
	fit->iterations = 1;
	fit->converged = true;
	return CONSENSUS_DONE;
}


/* ---- connection --------------------------------------------------------- */

/* Marks what item 0 reaches by wins (or losses); true if that is all. */
static bool
reaches_all(const RankData *data, bool by_wins, char *reached)
{
	bool		more = true;

	memset(reached, 0, (size_t) data->nitems);
	reached[0] = 1;
	while (more)
	{
		more = false;
		for (int64_t p = 0; p < data->npairs; p++)
		{
			const RankPair *pair = &data->pairs[p];
			int32_t		from = by_wins ? pair->winner : pair->loser;
			int32_t		to = by_wins ? pair->loser : pair->winner;

			if (pair->weight > 0.0 && reached[from] && !reached[to])
			{
				reached[to] = 1;
				more = true;
			}
		}
	}
	for (int32_t i = 0; i < data->nitems; i++)
		if (!reached[i])
			return false;
	return true;
}


bool
rank_connected(const RankData *data, RankFit *fit)
{
	return reaches_all(data, true, fit->work) &&
		reaches_all(data, false, fit->work);
}
