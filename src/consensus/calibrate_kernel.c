/*-------------------------------------------------------------------------
 *
 * calibrate_kernel.c
 *	  A confidence that is true: what a method's certainty is worth.
 *
 * Methods take annotators' errors for independent, and they agree; so they
 * are too sure.  The share of the votes errs the other way.  The truth lies
 * between.  Where, hidden answers tell in part: those of a split are foretold
 * by the method and by the votes, and some mixture of the two does it best.
 * Known answers tell the rest.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"

#include <math.h>
#include <string.h>

/*
 * The part by which hidden answers are most likely is too large, as errors
 * that agree foretell one another: it counts so much, the rest is a half.
 */
#define TOLD 0.75
#define UNTOLD 0.5

/* How firmly it is held to what then is CONSENSUS_MODEL_SHARE: 1 / (2 variance). */
#define SHARE_PRIOR 10.0

/* An answer foretold with less counts as this: no surprise decides. */
#define LEAST_FORETOLD 1e-10

/* Log-odds are looked at within these bounds. */
#define MOST_CERTAIN 9.21024036697585	/* of 0.9999 */

/* How firmly the curve is held to "as it stands" by what is known before. */
#define SLOPE_PRIOR 5.0
#define OFFSET_PRIOR 1.0

#define MAX_STEPS 100
#define LAST_STEP 1e-10


static double
log_odds(double p)
{
	return fmax(-MOST_CERTAIN, fmin(MOST_CERTAIN, log(p) - log1p(-p)));
}


static double
logistic(double x)
{
	return 1.0 / (1.0 + exp(-x));
}


/*
 * The labels' probabilities for an item, by the annotators' confusion
 * matrices; all 0 where no label is possible.  With sub-types the matrices
 * are means over these and say less than the posterior does.
 */
static void
weigh_labels(const ConsensusData *data, const ConsensusFit *fit, int32_t item,
			 double *probability)
{
	double		most = -INFINITY;
	double		sum = 0.0;

	if (fit->type_posterior != NULL)
	{
		memcpy(probability, fit->posterior.probability +
			   (size_t) item * (size_t) data->nclasses,
			   (size_t) data->nclasses * sizeof(double));
		return;
	}
	for (int32_t k = 0; k < data->nclasses; k++)
		probability[k] = log(fit->shares[k]);
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];
		const double *row = fit->confusion +
			consensus_row_of(answer, (size_t) data->nclasses);

		if (!(answer->weight > 0.0))
			continue;
		for (int32_t k = 0; k < data->nclasses; k++)
			probability[k] += answer->weight * log(row[k]);
	}
	for (int32_t k = 0; k < data->nclasses; k++)
		most = fmax(most, probability[k]);
	for (int32_t k = 0; k < data->nclasses; k++)
	{
		probability[k] = isfinite(most) ? exp(probability[k] - most) : 0.0;
		sum += probability[k];
	}
	for (int32_t k = 0; sum > 0.0 && k < data->nclasses; k++)
		probability[k] /= sum;
}


double
consensus_support(const ConsensusData *data, const ConsensusFit *fit,
				  int32_t item, const ConsensusChoice *choice,
				  double model_share, double *scratch)
{
	double		votes = 0.0;
	double		all = 0.0;

	if (fit->confusion == NULL)
		return choice->confidence;
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		all += data->answers[a].weight;
		if (data->answers[a].label == choice->label)
			votes += data->answers[a].weight;
	}
	weigh_labels(data, fit, item, scratch);
	if (!(all > 0.0))
		return scratch[choice->label];
	return model_share * scratch[choice->label] +
		(1.0 - model_share) * votes / all;
}


/* ---- the mixture that hidden answers ask for ---------------------------- */

/* A hidden answer's probability by the model. */
static double
foretell_by_model(const ConsensusData *kept, const ConsensusFit *fit,
				  const ConsensusHidden *hidden, const double *row,
				  double *scratch)
{
	double		sum = 0.0;

	if (fit->type_posterior != NULL)
	{
		consensus_foretell(kept, fit, hidden, 1, &sum);
		return exp(sum);
	}
	weigh_labels(kept, fit, hidden->item, scratch);
	for (int32_t k = 0; k < kept->nclasses; k++)
		sum += scratch[k] * row[k];
	return sum;
}


/* The same, if the truth is what the votes say; -1 where there are none. */
static double
foretell_by_votes(const ConsensusData *kept, int32_t item, const double *row)
{
	double		all = 0.0;
	double		sum = 0.0;

	for (int64_t a = kept->start[item]; a < kept->start[item + 1]; a++)
	{
		all += kept->answers[a].weight;
		sum += kept->answers[a].weight * row[kept->answers[a].label];
	}
	return all > 0.0 ? sum / all : -1.0;
}


void
consensus_mix(const ConsensusData *kept, const ConsensusFit *fit,
			  const ConsensusHidden *hidden, int64_t nhidden,
			  double *scratch, ConsensusMixing *mixing)
{
	for (int64_t h = 0; h < nhidden; h++)
	{
		const double *row = fit->confusion +
			consensus_row_of(&hidden[h].answer, (size_t) kept->nclasses);
		double		weight = fmin(hidden[h].answer.weight, 1.0);
		double		votes = foretell_by_votes(kept, hidden[h].item, row);
		double		model;

		if (votes < 0.0 || consensus_gold(kept, hidden[h].item) >= 0)
			continue;
		model = foretell_by_model(kept, fit, &hidden[h], row, scratch);
		for (int m = 0; m <= CONSENSUS_MIXTURES; m++)
		{
			double		share = (double) m / CONSENSUS_MIXTURES;

			mixing->log_likelihood[m] += weight *
				log(fmax(share * model + (1.0 - share) * votes,
						 LEAST_FORETOLD));
		}
	}
}


double
consensus_model_share(const ConsensusMixing *mixing)
{
	const double middle = (CONSENSUS_MODEL_SHARE - (1.0 - TOLD) * UNTOLD) / TOLD;
	double		value[CONSENSUS_MIXTURES + 1];
	double		place;
	int			best = 0;

	for (int m = 0; m <= CONSENSUS_MIXTURES; m++)
	{
		double		off = (double) m / CONSENSUS_MIXTURES - middle;

		value[m] = mixing->log_likelihood[m] - SHARE_PRIOR * off * off;
		if (value[m] > value[best])
			best = m;
	}
	place = best;

	/* between the points it is as good as a parabola: it is concave */
	if (best > 0 && best < CONSENSUS_MIXTURES)
		place += 0.5 * (value[best - 1] - value[best + 1]) /
			(value[best - 1] - 2.0 * value[best] + value[best + 1]);
	return TOLD * place / CONSENSUS_MIXTURES + (1.0 - TOLD) * UNTOLD;
}


/* ---- the curve that known answers ask for ------------------------------- */

void
consensus_fit_curve(const double *support, const bool *right, int64_t n,
					ConsensusCurve *curve)
{
	*curve = (ConsensusCurve) {1.0, 0.0};
	for (int step = 0; step < MAX_STEPS; step++)
	{
		double		g[2] = {SLOPE_PRIOR * (curve->slope - 1.0),
		OFFSET_PRIOR * curve->offset};
		double		h[3] = {SLOPE_PRIOR, 0.0, OFFSET_PRIOR};
		double		determinant;
		double		slope;
		double		offset;

		for (int64_t i = 0; i < n; i++)
		{
			double		x = log_odds(support[i]);
			double		p = logistic(curve->slope * x + curve->offset);
			double		w = p * (1.0 - p);
			double		off = p - (right[i] ? 1.0 : 0.0);

			g[0] += off * x;
			g[1] += off;
			h[0] += w * x * x;
			h[1] += w * x;
			h[2] += w;
		}
		determinant = h[0] * h[2] - h[1] * h[1];
		slope = (h[2] * g[0] - h[1] * g[1]) / determinant;
		offset = (h[0] * g[1] - h[1] * g[0]) / determinant;
		curve->slope -= fmax(-1.0, fmin(1.0, slope));
		curve->offset -= fmax(-1.0, fmin(1.0, offset));
		if (fabs(slope) + fabs(offset) < LAST_STEP)
			break;
	}
	curve->slope = fmax(curve->slope, 0.0);
}


double
consensus_follow_curve(const ConsensusCurve *curve, double support)
{
	return logistic(curve->slope * log_odds(support) + curve->offset);
}


void
consensus_hide_gold(const int32_t *gold, int32_t nitems, int fold,
					int32_t *kept)
{
	for (int32_t i = 0; i < nitems; i++)
		kept[i] = consensus_gold_fold(i) == fold ? -1 : gold[i];
}


int
consensus_gold_fold(int32_t item)
{
	uint64_t	x = ((uint64_t) (uint32_t) item + 1) * 0x9e3779b97f4a7c15u;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return (int) ((x ^ (x >> 31)) % CONSENSUS_FOLDS);
}
