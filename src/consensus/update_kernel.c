/*-------------------------------------------------------------------------
 *
 * update_kernel.c
 *	  Bring a fitted model of Dawid and Skene up to date with a few items.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "consensus/update_kernel.h"

/* As in the full fit: no probability is quite nothing. */
#define LEAST 1e-10


void
consensus_model_add(const ConsensusData *data, const double *posterior,
					double sign, ConsensusModel *model)
{
	size_t		nclasses = (size_t) data->nclasses;

	for (int32_t i = 0; i < data->nitems; i++)
	{
		const double *z = posterior + (size_t) i * nclasses;

		for (size_t k = 0; k < nclasses; k++)
			model->classes[k] = fmax(model->classes[k] + sign * z[k], 0.0);
		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
		{
			const ConsensusAnswer *answer = &data->answers[a];
			double	   *row = model->counts + consensus_row_of(answer, nclasses);

			for (size_t k = 0; k < nclasses; k++)
				row[k] = fmax(row[k] + sign * answer->weight * z[k], 0.0);
		}
	}
}


/* Logarithms of the model's rates and shares, in fit. */
static ConsensusStatus
rate_model(const ConsensusData *data, const ConsensusModel *model,
		   ConsensusFit *fit)
{
	size_t		cells = consensus_cells(data);
	double		total = 0.0;

	if (consensus_rate_confusion(data, fit, model->counts,
								 fit->confusion) != CONSENSUS_DONE)
		return CONSENSUS_STOPPED;
	for (size_t c = 0; c < cells; c++)
		fit->confusion[c] = log(fmax(fit->confusion[c], LEAST));
	for (int32_t k = 0; k < data->nclasses; k++)
		total += model->classes[k];
	for (int32_t k = 0; k < data->nclasses; k++)
		fit->shares[k] = log(fmax(total > 0.0 ? model->classes[k] / total
								  : 1.0 / data->nclasses, LEAST));
	return CONSENSUS_DONE;
}


/* The posterior of an item; returns its largest change. */
static double
infer_item(const ConsensusData *data, ConsensusFit *fit, int32_t i,
		   double *next)
{
	size_t		nclasses = (size_t) data->nclasses;
	double	   *z = fit->posterior.probability + (size_t) i * nclasses;
	double		best = -INFINITY;
	double		total = 0.0;
	double		change = 0.0;

	memcpy(next, fit->shares, sizeof(double) * nclasses);
	for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];
		const double *row = fit->confusion + consensus_row_of(answer, nclasses);

		for (size_t k = 0; k < nclasses; k++)
			next[k] += answer->weight * row[k];
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
consensus_update(const ConsensusData *data, const ConsensusModel *known,
				 ConsensusModel *others, ConsensusFit *fit)
{
	size_t		cells = consensus_cells(data);
	size_t		nclasses = (size_t) data->nclasses;
	double	   *work = fit->work;
	ConsensusModel now = {work, work + cells};
	double	   *next = work + cells + nclasses;
	double		change = INFINITY;

	memcpy(now.counts, known->counts, sizeof(double) * cells);
	memcpy(now.classes, known->classes, sizeof(double) * nclasses);
	memset(fit->posterior.probability, 0,
		   sizeof(double) * (size_t) data->nitems * nclasses);
	for (fit->iterations = 0;
		 fit->iterations < fit->max_iter && change > fit->tolerance;
		 fit->iterations++)
	{
		if (rate_model(data, &now, fit) != CONSENSUS_DONE ||
			(fit->progress != NULL &&
			 !fit->progress(fit->progress_state,
							fit->iterations / (double) fit->max_iter)))
			return CONSENSUS_STOPPED;
		change = 0.0;
		for (int32_t i = 0; i < data->nitems; i++)
			change = fmax(change, infer_item(data, fit, i, next));
		memcpy(now.counts, others->counts, sizeof(double) * cells);
		memcpy(now.classes, others->classes, sizeof(double) * nclasses);
		consensus_model_add(data, fit->posterior.probability, 1.0, &now);
	}
	fit->converged = change <= fit->tolerance;
	memcpy(others->counts, now.counts, sizeof(double) * cells);
	memcpy(others->classes, now.classes, sizeof(double) * nclasses);
	for (size_t k = 0; k < nclasses; k++)
		fit->shares[k] = exp(fit->shares[k]);
	return CONSENSUS_DONE;
}
