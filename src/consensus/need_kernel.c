/*-------------------------------------------------------------------------
 *
 * need_kernel.c
 *	  Which items deserve another answer: a variational one-coin model.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "consensus/need_kernel.h"


/* psi(x), x > 0: recurrence up to 6, then the asymptotic series. */
static double
digamma(double x)
{
	double		sum = 0.0;
	double		square;

	while (x < 6.0)
		sum -= 1.0 / x++;
	square = 1.0 / (x * x);
	return sum + log(x) - 0.5 / x -
		square * (1.0 / 12 - square * (1.0 / 120 - square * (1.0 / 252 -
															 square * (1.0 / 240 - square / 132))));
}


static void
start_posterior(const ConsensusData *data, ConsensusNeedFit *fit)
{
	size_t		nclasses = (size_t) data->nclasses;

	memset(fit->posterior, 0, sizeof(double) * (size_t) data->nitems * nclasses);
	for (int32_t i = 0; i < data->nitems; i++)
	{
		double	   *z = fit->posterior + (size_t) i * nclasses;
		double		total = 0.0;

		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
		{
			z[data->answers[a].label] += data->answers[a].weight;
			total += data->answers[a].weight;
		}
		for (size_t k = 0; k < nclasses; k++)
			z[k] = total > 0.0 ? z[k] / total : 1.0 / nclasses;
		if (consensus_gold(data, i) >= 0)
		{
			memset(z, 0, sizeof(double) * nclasses);
			z[consensus_gold(data, i)] = 1.0;
		}
	}
}


/* The Betas, given the posterior. */
static void
count_skills(const ConsensusData *data, ConsensusNeedFit *fit)
{
	size_t		nclasses = (size_t) data->nclasses;
	double	   *hit = fit->work;
	double	   *miss = fit->work + data->nannotators;

	for (int32_t j = 0; j < data->nannotators; j++)
	{
		fit->right[j] = NEED_PRIOR_RIGHT;
		fit->wrong[j] = NEED_PRIOR_WRONG;
	}
	for (size_t k = 0; k < nclasses; k++)
		fit->shares[k] = data->priors != NULL ? data->priors[k]
			: 1.0 / nclasses;
	for (int32_t i = 0; i < data->nitems; i++)
	{
		const double *z = fit->posterior + (size_t) i * nclasses;

		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
		{
			const ConsensusAnswer *answer = &data->answers[a];

			fit->right[answer->annotator] += answer->weight * z[answer->label];
			fit->wrong[answer->annotator] += answer->weight *
				(1.0 - z[answer->label]);
		}
	}
	for (int32_t j = 0; j < data->nannotators; j++)
	{
		double		all = digamma(fit->right[j] + fit->wrong[j]);

		hit[j] = digamma(fit->right[j]) - all;
		miss[j] = digamma(fit->wrong[j]) - all -
			log(nclasses > 1 ? nclasses - 1.0 : 1.0);
	}
}


/* The posterior of an item; returns its largest change. */
static double
infer_item(const ConsensusData *data, ConsensusNeedFit *fit, int32_t i)
{
	size_t		nclasses = (size_t) data->nclasses;
	const double *hit = fit->work;
	const double *miss = fit->work + data->nannotators;
	double	   *next = fit->work + 2 * (size_t) data->nannotators;
	double	   *z = fit->posterior + (size_t) i * nclasses;
	double		best = -INFINITY;
	double		total = 0.0;
	double		change = 0.0;

	for (size_t k = 0; k < nclasses; k++)
		next[k] = log(fit->shares[k]);
	for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];

		next[answer->label] += answer->weight *
			(hit[answer->annotator] - miss[answer->annotator]);
	}
	for (size_t k = 0; k < nclasses; k++)
		best = fmax(best, next[k]);
	for (size_t k = 0; k < nclasses; k++)
		total += next[k] = exp(next[k] - best);
	for (size_t k = 0; k < nclasses; k++)
	{
		change = fmax(change, fabs(next[k] / total - z[k]));
		z[k] = next[k] / total;
	}
	return change;
}


ConsensusStatus
consensus_fit_skills(const ConsensusData *data, ConsensusNeedFit *fit)
{
	double		change = INFINITY;

	start_posterior(data, fit);
	count_skills(data, fit);
	for (fit->iterations = 0;
		 fit->iterations < fit->max_iter && change > fit->tolerance;
		 fit->iterations++)
	{
		change = 0.0;
		for (int32_t i = 0; i < data->nitems; i++)
			if (consensus_gold(data, i) < 0)
				change = fmax(change, infer_item(data, fit, i));
		if (fit->progress != NULL && !fit->progress(fit->progress_state, 0.5))
			return CONSENSUS_STOPPED;
		count_skills(data, fit);
	}
	return CONSENSUS_DONE;
}


/* What the annotators' answers come to. */
typedef struct Crowd
{
	double		answers;
	double		cost;			/* sum over the answers */
	double		right;			/* expected number of right ones */
} Crowd;


/* Answers of each annotator on items with two or more, in fit->work. */
static void
count_scored(const ConsensusData *data, const ConsensusNeedFit *fit)
{
	double	   *scored = fit->work;

	memset(scored, 0, sizeof(double) * (size_t) data->nannotators);
	for (int32_t i = 0; i < data->nitems; i++)
		if (data->start[i + 1] - data->start[i] >= NEED_FEWEST_ANSWERS ||
			consensus_gold(data, i) >= 0)
			for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
				scored[data->answers[a].annotator] += 1.0;
}


static double
accuracy_of(const ConsensusNeedFit *fit, int32_t annotator)
{
	return fit->right[annotator] /
		(fit->right[annotator] + fit->wrong[annotator]);
}


static void
add_answers(const ConsensusNeedFit *fit, const double *costs,
			int32_t annotator, double number, Crowd *crowd)
{
	crowd->answers += number;
	crowd->cost += number * (costs != NULL ? costs[annotator] : 1.0);
	crowd->right += number * accuracy_of(fit, annotator);
}


static void
rate_item(const ConsensusData *data, const ConsensusNeedFit *fit,
		  const double *costs, const Crowd *all, int32_t i,
		  ConsensusNeed *need)
{
	size_t		nclasses = (size_t) data->nclasses;
	const double *z = fit->posterior + (size_t) i * nclasses;
	const double *scored = fit->work;
	const double *given = fit->work + data->nannotators;
	double		chance = 1.0 / nclasses;
	double		votes = 0.0;
	double		total = 0.0;
	int32_t		proven = 0;
	size_t		best = 0;
	Crowd		next = *all;

	for (size_t k = 1; k < nclasses; k++)
		if (z[k] > z[best])
			best = k;
	for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];

		total += answer->weight;
		if ((size_t) answer->label == best)
			votes += answer->weight;
		proven += scored[answer->annotator] >= NEED_FEWEST_SCORED;
		add_answers(fit, costs, answer->annotator, -given[answer->annotator],
					&next);
	}
	if (!(next.answers >= 0.5))
		next = *all;
	need->answers = (int32_t) (data->start[i + 1] - data->start[i]);
	need->settled = proven >= NEED_FEWEST_ANSWERS ||
		consensus_gold(data, i) >= 0;
	need->wrong = 1.0 - z[best];
	need->gain = nclasses < 2 ? 0.0 : need->wrong *
		fmax(all->right / all->answers - chance, 0.0) / (1.0 - chance);
	need->cost = next.cost / next.answers;
	if (total > 0.0 && consensus_gold(data, i) < 0)
		need->wrong = 1.0 - (0.7 * z[best] + 0.3 * votes / total);
}


ConsensusStatus
consensus_rate_needs(const ConsensusData *data, ConsensusNeedFit *fit,
					 const double *costs, ConsensusNeed *needs)
{
	double	   *given = fit->work + data->nannotators;
	Crowd		all = {0.0, 0.0, 0.0};
	int64_t		work = 0;

	count_scored(data, fit);
	memset(given, 0, sizeof(double) * (size_t) data->nannotators);
	for (int64_t a = 0; a < data->nanswers; a++)
		given[data->answers[a].annotator] += 1.0;
	for (int32_t j = 0; j < data->nannotators; j++)
		add_answers(fit, costs, j, given[j], &all);
	for (int32_t i = 0; i < data->nitems; i++)
	{
		work += 10 * (data->start[i + 1] - data->start[i] + data->nclasses);
		if (work > CONSENSUS_STEP)
		{
			work = 0;
			if (fit->progress != NULL &&
				!fit->progress(fit->progress_state,
							   i / (double) data->nitems))
				return CONSENSUS_STOPPED;
		}
		rate_item(data, fit, costs, &all, i, &needs[i]);
	}
	return CONSENSUS_DONE;
}
