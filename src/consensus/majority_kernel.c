/*-------------------------------------------------------------------------
 *
 * majority_kernel.c
 *	  Truth inference by counting votes.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"


/* Counts an item's votes; true when they have any weight. */
static bool
count_votes(const ConsensusData *data, int32_t item, const double *skills,
			ConsensusCandidates *all)
{
	double		total = 0.0;

	for (int32_t c = 0; c < all->count; c++)
		all->probability[c] = 0.0;
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *answer = &data->answers[a];
		int32_t		place = consensus_find_candidate(all, answer->label);
		double		weight = skills == NULL ? answer->weight
			: answer->weight * skills[answer->annotator];

		all->probability[place] += weight;
		total += weight;
	}
	if (!(total > 0.0))
		return false;
	for (int32_t c = 0; c < all->count; c++)
		all->probability[c] /= total;
	return true;
}


/* Votes without weight: the labels that were given are all alike. */
static void
share_alike(const ConsensusData *data, int32_t item, ConsensusCandidates *all)
{
	int32_t		given = 0;

	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		int32_t		place = consensus_find_candidate(all,
													 data->answers[a].label);

		given += all->probability[place] == 0.0;
		all->probability[place] = 1.0;
	}
	for (int32_t c = 0; c < all->count; c++)
		all->probability[c] /= (double) given;
}


static void
set_gold(ConsensusCandidates *all, int32_t label)
{
	for (int32_t c = 0; c < all->count; c++)
		all->probability[c] = consensus_candidate_label(all, c) == label;
}


ConsensusStatus
consensus_vote(const ConsensusData *data, ConsensusFit *fit,
			   const double *skills)
{
	int64_t		work = 0;

	for (int32_t i = 0; i < data->nitems; i++)
	{
		ConsensusCandidates all = consensus_candidates(data, &fit->posterior, i);

		if (!consensus_go_on(fit, &work, data->start[i + 1] -
							 data->start[i] + all.count,
							 (double) i / (double) data->nitems))
			return CONSENSUS_STOPPED;
		if (consensus_gold(data, i) >= 0)
			set_gold(&all, data->gold[i]);
		else if (!count_votes(data, i, skills, &all))
			share_alike(data, i, &all);
	}
	consensus_sum_shares(data, &fit->posterior, fit->shares);
	return CONSENSUS_DONE;
}


ConsensusStatus
consensus_majority(const ConsensusData *data, ConsensusFit *fit)
{
	if (consensus_vote(data, fit, NULL) != CONSENSUS_DONE)
		return CONSENSUS_STOPPED;
	for (int32_t j = 0; fit->weights != NULL && j < data->nannotators; j++)
		fit->weights[j] = 1.0;
	fit->iterations = 1;
	fit->converged = true;
	fit->log_likelihood = fit->objective = 0.0;
	return CONSENSUS_DONE;
}
