/*-------------------------------------------------------------------------
 *
 * dawid_skene_kernel.c
 *	  Truth inference by Dawid and Skene's model, and its fast kind.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/em_kernel.h"

#include <math.h>


size_t
consensus_dawid_skene_memory(const ConsensusData *data)
{
	return consensus_em_memory(data);
}


ConsensusStatus
consensus_dawid_skene(const ConsensusData *data, ConsensusFit *fit)
{
	double		parameters = (double) data->nannotators *
		(double) data->nclasses * (double) (data->nclasses - 1);
	double		last = -INFINITY;
	double		prior;
	ConsensusEm em;

	if (!consensus_em_begin(&em, data, fit))
		return CONSENSUS_STOPPED;
	while (fit->iterations < fit->max_iter && !fit->converged)
	{
		if (!consensus_em_next(fit) || !consensus_em_maximise(&em, &prior) ||
			!consensus_em_pass(&em))
			return CONSENSUS_STOPPED;
		fit->iterations++;
		fit->log_likelihood = em.log_likelihood;
		fit->objective = em.log_likelihood + prior;
		fit->converged = fit->objective - last <= fit->tolerance * parameters;
		last = fit->objective;
	}
	consensus_em_finish(&em);
	return CONSENSUS_DONE;
}


ConsensusStatus
consensus_fast_dawid_skene(const ConsensusData *data, ConsensusFit *fit)
{
	double		prior;
	ConsensusEm em;

	if (!consensus_em_begin(&em, data, fit))
		return CONSENSUS_STOPPED;
	em.compare = em.hard = true;
	while (fit->iterations < fit->max_iter && !fit->converged)
	{
		if (!consensus_em_next(fit) || !consensus_em_maximise(&em, &prior) ||
			!consensus_em_pass(&em))
			return CONSENSUS_STOPPED;
		fit->iterations++;
		fit->log_likelihood = em.log_likelihood;
		fit->objective = em.log_likelihood + prior;
		fit->converged = em.changed == 0;
	}
	consensus_em_finish(&em);
	return CONSENSUS_DONE;
}
