/*-------------------------------------------------------------------------
 *
 * calibrate_kernel.c
 *	  A confidence that is true: what a method's certainty is worth.
 *
 * Methods take annotators' errors for independent, and they agree; so they
 * are too sure.  The share of the votes errs the other way.  The truth lies
 * between, and known answers tell where.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"

#include <math.h>

/* What the method's part of the support is; the rest is the votes'. */
#define MODEL_SHARE 0.7

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


/* The label's probability, by the annotators' confusion matrices. */
static double
weigh_label(const ConsensusData *data, const ConsensusFit *fit, int32_t item,
			int32_t label, double *scratch)
{
	double		most = -INFINITY;
	double		sum = 0.0;

	for (int32_t k = 0; k < data->nclasses; k++)
		scratch[k] = log(fit->shares[k]);
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];
		const double *row = fit->confusion +
			consensus_row_of(answer, (size_t) data->nclasses);

		if (!(answer->weight > 0.0))
			continue;
		for (int32_t k = 0; k < data->nclasses; k++)
			scratch[k] += answer->weight * log(row[k]);
	}
	for (int32_t k = 0; k < data->nclasses; k++)
		most = fmax(most, scratch[k]);
	if (!isfinite(most))
		return 0.0;
	for (int32_t k = 0; k < data->nclasses; k++)
		sum += exp(scratch[k] - most);
	return exp(scratch[label] - most) / sum;
}


double
consensus_support(const ConsensusData *data, const ConsensusFit *fit,
				  int32_t item, const ConsensusChoice *choice,
				  double *scratch)
{
	double		votes = 0.0;
	double		all = 0.0;
	double		model;

	if (fit->confusion == NULL)
		return choice->confidence;
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		all += data->answers[a].weight;
		if (data->answers[a].label == choice->label)
			votes += data->answers[a].weight;
	}
	model = weigh_label(data, fit, item, choice->label, scratch);
	if (!(all > 0.0))
		return model;
	return MODEL_SHARE * model + (1.0 - MODEL_SHARE) * votes / all;
}


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
