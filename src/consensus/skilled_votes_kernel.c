/*-------------------------------------------------------------------------
 *
 * skilled_votes_kernel.c
 *	  Truth inference by votes that count as much as their annotators' skill.
 *
 * The methods differ in what the skill is measured against: known answers,
 * the majority, or what comes of the votes themselves.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"

#include <math.h>
#include <string.h>

/* Zero-based skills begin so much above chance. */
#define ABOVE_CHANCE 1e-5

/* After so many iterations they change by half as much. */
#define SLOWER_AFTER 20

typedef struct Skills
{
	double	   *skill;			/* nannotators each */
	double	   *right;
	double	   *total;
} Skills;


size_t
consensus_skilled_votes_memory(const ConsensusData *data)
{
	return 3 * (size_t) data->nannotators * sizeof(double);
}


static Skills
place_skills(const ConsensusData *data, const ConsensusFit *fit)
{
	Skills		skills;

	skills.skill = fit->work;
	skills.right = skills.skill + data->nannotators;
	skills.total = skills.right + data->nannotators;
	return skills;
}


/*
 * Weighs each annotator's answers, and those that are right: by the known
 * answers alone, or by the label that each item has now.
 */
static bool
count_right(const ConsensusData *data, const ConsensusFit *fit,
			bool known_only, Skills *skills)
{
	size_t		size = (size_t) data->nannotators * sizeof(double);
	int64_t		work = 0;

	memset(skills->right, 0, size);
	memset(skills->total, 0, size);
	for (int32_t i = 0; i < data->nitems; i++)
	{
		int32_t		label = consensus_gold(data, i);

		if (!consensus_go_on(fit, &work, 4 * (data->start[i + 1] -
											  data->start[i]) + 10,
							 (double) i / (double) data->nitems))
			return false;
		if (label < 0 && known_only)
			continue;
		if (label < 0)
			label = consensus_choose(data, fit, i).label;
		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
		{
			const ConsensusAnswer *answer = &data->answers[a];

			skills->total[answer->annotator] += answer->weight;
			if (answer->label == label)
				skills->right[answer->annotator] += answer->weight;
		}
	}
	return true;
}


static ConsensusStatus
finish(const ConsensusData *data, ConsensusFit *fit, const double *skill)
{
	fit->log_likelihood = fit->objective = 0.0;
	for (int32_t j = 0; fit->weights != NULL && j < data->nannotators; j++)
		fit->weights[j] = skill[j];
	return consensus_vote(data, fit, skill);
}


ConsensusStatus
consensus_weighted_majority(const ConsensusData *data, ConsensusFit *fit)
{
	Skills		skills = place_skills(data, fit);

	fit->iterations = 1;
	fit->converged = true;
	if (!count_right(data, fit, true, &skills))
		return CONSENSUS_STOPPED;
	for (int32_t j = 0; j < data->nannotators; j++)
	{
		double		all = skills.total[j] + 2.0 * fit->smoothing;

		skills.skill[j] = all > 0.0 ? (skills.right[j] + fit->smoothing) / all
			: 0.5;
	}
	return finish(data, fit, skills.skill);
}


ConsensusStatus
consensus_wawa(const ConsensusData *data, ConsensusFit *fit)
{
	Skills		skills = place_skills(data, fit);

	fit->iterations = 1;
	fit->converged = true;
	if (consensus_vote(data, fit, NULL) != CONSENSUS_DONE ||
		!count_right(data, fit, false, &skills))
		return CONSENSUS_STOPPED;
	for (int32_t j = 0; j < data->nannotators; j++)
		skills.skill[j] = skills.total[j] > 0.0 ?
			skills.right[j] / skills.total[j] : 0.0;
	return finish(data, fit, skills.skill);
}


ConsensusStatus
consensus_zbs(const ConsensusData *data, ConsensusFit *fit)
{
	Skills		skills = place_skills(data, fit);
	double		rate = 1.0;

	for (int32_t j = 0; j < data->nannotators; j++)
		skills.skill[j] = 1.0 / data->nclasses + ABOVE_CHANCE;
	fit->converged = false;
	for (fit->iterations = 0; fit->iterations < fit->max_iter &&
		 !fit->converged;)
	{
		double		change = 0.0;

		if (fit->progress != NULL &&
			!fit->progress(fit->progress_state,
						   fit->iterations / (double) fit->max_iter))
			return CONSENSUS_STOPPED;
		if (consensus_vote(data, fit, skills.skill) != CONSENSUS_DONE ||
			!count_right(data, fit, false, &skills))
			return CONSENSUS_STOPPED;
		fit->iterations++;
		for (int32_t j = 0; j < data->nannotators; j++)
		{
			double		by = skills.total[j] > 0.0 ? rate *
				(skills.right[j] / skills.total[j] - skills.skill[j]) : 0.0;

			skills.skill[j] += by;
			change = fmax(change, fabs(by));
		}
		if (fit->iterations % SLOWER_AFTER == 0)
			rate *= 0.5;
		fit->converged = change <= fit->tolerance * rate;
	}
	return finish(data, fit, skills.skill);
}
