/*-------------------------------------------------------------------------
 *
 * glad_kernel.c
 *	  Truth inference where an item may be hard and an annotator able.
 *
 * An answer is right with probability sigma(ability x easiness).  What is
 * expected of it has a logarithm that is concave in the ability where the
 * easiness is known, and the other way round almost so; hence each is climbed
 * by damped Newton steps of its own, the abilities first.  No matrix, no
 * line search over all parameters at once: a round costs a few passes over
 * the answers.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"

#include <math.h>
#include <string.h>

/* Steps of each kind of parameter in a round. */
#define STEPS 3

/* No step is longer, and no easiness beyond exp of this. */
#define LONGEST_STEP 1.0
#define MOST_EASINESS 10.0

typedef struct Glad
{
	const ConsensusData *data;
	ConsensusFit *fit;
	double	   *ability;		/* nannotators */
	double	   *easiness;		/* nitems: its logarithm */
	double	   *gradient;		/* nannotators */
	double	   *curvature;
	double		log_likelihood;
} Glad;


size_t
consensus_glad_memory(const ConsensusData *data)
{
	return (3 * (size_t) data->nannotators + (size_t) data->nitems) *
		sizeof(double);
}


/* ln sigma(x), without overflow. */
static double
log_sigmoid(double x)
{
	return x < 0.0 ? x - log1p(exp(x)) : -log1p(exp(-x));
}


static bool
go_on(const Glad *glad, int64_t *work, int32_t item)
{
	const ConsensusData *data = glad->data;

	return consensus_go_on(glad->fit, work,
						   30 * (data->start[item + 1] - data->start[item]) +
						   10 * data->nclasses,
						   fmin(1.0, (glad->fit->iterations + (double) item /
									  (double) data->nitems) /
								glad->fit->max_iter));
}


/* ---- classes ------------------------------------------------------------ */

/* An item's classes; returns the log-probability of its answers. */
static double
weigh_item(const Glad *glad, int32_t item, double *z)
{
	const ConsensusData *data = glad->data;
	int32_t		nclasses = data->nclasses;
	int32_t		gold = consensus_gold(data, item);
	double		others = nclasses > 1 ? log(nclasses - 1.0) : 0.0;
	double		easiness = exp(glad->easiness[item]);
	double		all = 0.0;
	double		most = -INFINITY;
	double		sum = 0.0;

	for (int32_t k = 0; k < nclasses; k++)
		z[k] = gold >= 0 ? 0.0 : log(data->priors != NULL ? data->priors[k]
									 : 1.0 / nclasses);
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];
		double		x = glad->ability[answer->annotator] * easiness;
		double		wrong = log_sigmoid(-x) - others;

		all += answer->weight * wrong;
		z[answer->label] += answer->weight * (log_sigmoid(x) - wrong);
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
weigh_items(Glad *glad)
{
	const ConsensusData *data = glad->data;
	int64_t		work = 0;

	glad->log_likelihood = 0.0;
	for (int32_t i = 0; i < data->nitems; i++)
	{
		if (!go_on(glad, &work, i))
			return false;
		glad->log_likelihood +=
			weigh_item(glad, i, glad->fit->posterior.probability +
					   (size_t) i * (size_t) data->nclasses);
	}
	return true;
}


/* ---- parameters --------------------------------------------------------- */

/* A step uphill by the gradient and the curvature (taken positive). */
static double
step(double gradient, double curvature)
{
	double		length = gradient / curvature;

	return fmax(-LONGEST_STEP, fmin(LONGEST_STEP, length));
}


/* One Newton step of all abilities: each is concave by itself. */
static bool
improve_abilities(Glad *glad)
{
	const ConsensusData *data = glad->data;
	int64_t		work = 0;

	for (int32_t j = 0; j < data->nannotators; j++)
	{
		glad->gradient[j] = 1.0 - glad->ability[j];
		glad->curvature[j] = 1.0;
	}
	for (int32_t i = 0; i < data->nitems; i++)
	{
		const double *z = glad->fit->posterior.probability +
			(size_t) i * (size_t) data->nclasses;
		double		easiness = exp(glad->easiness[i]);

		if (!go_on(glad, &work, i))
			return false;
		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
		{
			const ConsensusAnswer *answer = &data->answers[a];
			double		p = 1.0 / (1.0 + exp(-glad->ability[answer->annotator] *
											 easiness));

			glad->gradient[answer->annotator] += answer->weight *
				(z[answer->label] - p) * easiness;
			glad->curvature[answer->annotator] += answer->weight *
				p * (1.0 - p) * easiness * easiness;
		}
	}
	for (int32_t j = 0; j < data->nannotators; j++)
		glad->ability[j] += step(glad->gradient[j], glad->curvature[j]);
	return true;
}


/* What an item's answers and the prior say of a logarithm of its easiness. */
static double
rate_easiness(const Glad *glad, int32_t item, double log_easiness,
			  double *gradient, double *curvature)
{
	const ConsensusData *data = glad->data;
	const double *z = glad->fit->posterior.probability +
		(size_t) item * (size_t) data->nclasses;
	double		easiness = exp(log_easiness);
	double		value = -0.5 * (log_easiness - 1.0) * (log_easiness - 1.0);

	*gradient = 1.0 - log_easiness;
	*curvature = 1.0;
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];
		double		x = glad->ability[answer->annotator] * easiness;
		double		p = 1.0 / (1.0 + exp(-x));
		double		right = z[answer->label];

		value += answer->weight * (right * log_sigmoid(x) +
								   (1.0 - right) * log_sigmoid(-x));
		*gradient += answer->weight * (right - p) * x;
		*curvature += answer->weight * p * (1.0 - p) * x * x;
	}
	return value;
}


/* Steps of one item's easiness, halved until they lead uphill. */
static void
improve_easiness(Glad *glad, int32_t item)
{
	double		gradient;
	double		curvature;
	double		value = rate_easiness(glad, item, glad->easiness[item],
									  &gradient, &curvature);

	for (int s = 0; s < STEPS; s++)
	{
		double		length = step(gradient, curvature);
		double		next = value;

		for (int halves = 0; halves < 20; halves++, length *= 0.5)
		{
			double		to = glad->easiness[item] + length;
			double		g;
			double		c;

			if (fabs(to) > MOST_EASINESS)
				continue;
			next = rate_easiness(glad, item, to, &g, &c);
			if (next >= value)
			{
				glad->easiness[item] = to;
				gradient = g;
				curvature = c;
				break;
			}
		}
		if (!(next > value))
			return;
		value = next;
	}
}


static bool
maximise(Glad *glad)
{
	int64_t		work = 0;

	for (int s = 0; s < STEPS; s++)
		if (!improve_abilities(glad))
			return false;
	for (int32_t i = 0; i < glad->data->nitems; i++)
	{
		if (!go_on(glad, &work, i))
			return false;
		improve_easiness(glad, i);
	}
	return true;
}


/* The log-density of the priors. */
static double
prior(const Glad *glad)
{
	double		sum = 0.0;

	for (int32_t j = 0; j < glad->data->nannotators; j++)
		sum -= 0.5 * (glad->ability[j] - 1.0) * (glad->ability[j] - 1.0);
	for (int32_t i = 0; i < glad->data->nitems; i++)
		sum -= 0.5 * (glad->easiness[i] - 1.0) * (glad->easiness[i] - 1.0);
	return sum;
}


ConsensusStatus
consensus_glad(const ConsensusData *data, ConsensusFit *fit)
{
	double		last = -INFINITY;
	Glad		glad = {.data = data, .fit = fit};

	glad.ability = fit->work;
	glad.gradient = glad.ability + data->nannotators;
	glad.curvature = glad.gradient + data->nannotators;
	glad.easiness = glad.curvature + data->nannotators;
	for (int32_t j = 0; j < data->nannotators; j++)
		glad.ability[j] = 1.0;
	for (int32_t i = 0; i < data->nitems; i++)
		glad.easiness[i] = 1.0;

	fit->converged = false;
	for (fit->iterations = 0; fit->iterations < fit->max_iter &&
		 !fit->converged;)
	{
		if (fit->progress != NULL &&
			!fit->progress(fit->progress_state,
						   fit->iterations / (double) fit->max_iter))
			return CONSENSUS_STOPPED;
		if ((fit->iterations > 0 && !maximise(&glad)) || !weigh_items(&glad))
			return CONSENSUS_STOPPED;
		fit->iterations++;
		fit->log_likelihood = glad.log_likelihood;
		fit->objective = glad.log_likelihood + prior(&glad);
		fit->converged = fit->objective - last <=
			fit->tolerance * (data->nannotators + (double) data->nitems);
		last = fit->objective;
	}
	consensus_sum_shares(data, &fit->posterior, fit->shares);
	for (int32_t j = 0; fit->weights != NULL && j < data->nannotators; j++)
		fit->weights[j] = glad.ability[j];
	return CONSENSUS_DONE;
}
