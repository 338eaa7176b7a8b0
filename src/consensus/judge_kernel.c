/*-------------------------------------------------------------------------
 *
 * judge_kernel.c
 *	  What follows from the probabilities of an item's labels: which one it
 *	  gets, how good each annotator is, who takes what for what.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"

#include <math.h>
#include <string.h>

/* Probabilities of a label, given the truth, are no smaller. */
#define LEAST_PROBABILITY 1e-10

/* Shares that differ by less, relatively, are equal: rounding of sums. */
#define SAME_SHARE 1e-10

/* Of the normal distribution, for 95 % within. */
#define NORMAL_95 1.959963984540054


ConsensusChoice
consensus_choose(const ConsensusData *data, const ConsensusFit *fit,
				 int32_t item)
{
	ConsensusCandidates all = consensus_candidates(data, &fit->posterior, item);
	ConsensusChoice choice = {0};
	double		most = 0.0;
	double		largest = 0.0;
	int32_t		tied = 0;

	for (int32_t c = 0; c < all.count; c++)
		most = fmax(most, all.probability[c]);
	for (int32_t c = 0; c < all.count; c++)
		if (all.probability[c] >= most - CONSENSUS_TIE)
		{
			tied++;
			largest = fmax(largest,
						   fit->shares[consensus_candidate_label(&all, c)]);
		}
	for (int32_t c = 0; c < all.count; c++)
	{
		choice.label = consensus_candidate_label(&all, c);
		choice.confidence = all.probability[c];
		if (choice.confidence >= most - CONSENSUS_TIE &&
			fit->shares[choice.label] >= largest * (1.0 - SAME_SHARE))
			break;
	}
	choice.tie = tied > 1;

	choice.annotations = (int32_t) (data->start[item + 1] - data->start[item]);
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
		choice.votes += data->answers[a].label == choice.label;
	return choice;
}


/* ---- annotators --------------------------------------------------------- */

/* Adds an item's answers, which stand by annotator. */
static void
judge_item(const ConsensusData *data, const ConsensusFit *fit, int32_t item,
		   ConsensusQuality *quality)
{
	ConsensusCandidates all = consensus_candidates(data, &fit->posterior, item);
	int64_t		a = data->start[item];
	int64_t		end = data->start[item + 1];

	while (a < end)
	{
		ConsensusQuality *of = &quality[data->answers[a].annotator];
		int32_t		annotator = data->answers[a].annotator;
		double		weight = 0.0;

		for (; a < end && data->answers[a].annotator == annotator; a++)
		{
			const ConsensusAnswer *answer = &data->answers[a];
			int32_t		place = consensus_find_candidate(&all, answer->label);

			of->annotations++;
			weight += answer->weight;
			of->chance += answer->weight * fit->shares[answer->label];
			if (place >= 0)
				of->right += answer->weight * all.probability[place];
		}
		of->total += weight;
		of->trials += weight * weight;
	}
}


/* Wilson's interval of a share of 1 out of "trials", which need not be whole. */
static void
rate_quality(ConsensusQuality *of)
{
	double		p;
	double		n;
	double		centre;
	double		half;

	if (!(of->total > 0.0))
	{
		of->trials = 0.0;
		of->accuracy = of->lower = of->upper = NAN;
		of->chance = of->informedness = NAN;
		return;
	}
	of->trials = of->total / of->trials * of->total;
	n = of->trials;
	p = fmin(of->right / of->total, 1.0);
	centre = p + NORMAL_95 * NORMAL_95 / (2.0 * n);
	half = NORMAL_95 * sqrt(p * (1.0 - p) / n +
							NORMAL_95 * NORMAL_95 / (4.0 * n * n));
	of->accuracy = p;
	of->chance = fmin(of->chance / of->total, 1.0);
	of->informedness = of->chance < 1.0 - 1e-9
		? (p - of->chance) / (1.0 - of->chance) : NAN;
	of->lower = (centre - half) / (1.0 + NORMAL_95 * NORMAL_95 / n);
	of->upper = (centre + half) / (1.0 + NORMAL_95 * NORMAL_95 / n);
	if (p == 0.0 || of->lower < 0.0)
		of->lower = 0.0;
	if (p == 1.0 || of->upper > 1.0)
		of->upper = 1.0;
}


ConsensusStatus
consensus_judge_annotators(const ConsensusData *data, const ConsensusFit *fit,
						   ConsensusQuality *quality)
{
	int64_t		work = 0;

	memset(quality, 0, (size_t) data->nannotators * sizeof(ConsensusQuality));
	for (int32_t i = 0; i < data->nitems; i++)
	{
		if (!consensus_go_on(fit, &work, 10 * (data->start[i + 1] -
											   data->start[i]),
							 (double) i / (double) data->nitems))
			return CONSENSUS_STOPPED;
		judge_item(data, fit, i, quality);
	}
	for (int32_t j = 0; j < data->nannotators; j++)
		rate_quality(&quality[j]);
	return CONSENSUS_DONE;
}


/* ---- confusion ---------------------------------------------------------- */

ConsensusStatus
consensus_count_confusion(const ConsensusData *data, const ConsensusFit *fit,
						  double *counts)
{
	size_t		nclasses = (size_t) data->nclasses;
	int64_t		work = 0;

	memset(counts, 0, consensus_cells(data) * sizeof(double));
	for (int32_t i = 0; i < data->nitems; i++)
	{
		ConsensusCandidates all = consensus_candidates(data, &fit->posterior, i);

		if (!consensus_go_on(fit, &work, (data->start[i + 1] -
										  data->start[i]) * all.count,
							 (double) i / (double) data->nitems))
			return CONSENSUS_STOPPED;
		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
		{
			const ConsensusAnswer *answer = &data->answers[a];
			double	   *row = counts + consensus_row_of(answer, nclasses);

			for (int32_t c = 0; c < all.count; c++)
				row[consensus_candidate_label(&all, c)] +=
					answer->weight * all.probability[c];
		}
	}
	return CONSENSUS_DONE;
}


/* Labels of items of one class: a column of one annotator's matrix. */
static void
rate_column(const ConsensusFit *fit, const double *counts, double *confusion,
			size_t nclasses, size_t truth)
{
	double		total = fit->smoothing * (double) nclasses + fit->diagonal;
	double		sum = 0.0;

	for (size_t l = 0; l < nclasses; l++)
		total += counts[l * nclasses];
	for (size_t l = 0; l < nclasses; l++)
	{
		double		count = counts[l * nclasses] + fit->smoothing +
			(l == truth ? fit->diagonal : 0.0);
		double		p = total > 0.0 ? count / total : 1.0 / (double) nclasses;

		confusion[l * nclasses] = fmax(p, LEAST_PROBABILITY);
		sum += confusion[l * nclasses];
	}
	for (size_t l = 0; l < nclasses; l++)
		confusion[l * nclasses] /= sum;
}


ConsensusStatus
consensus_rate_confusion(const ConsensusData *data, const ConsensusFit *fit,
						 const double *counts, double *confusion)
{
	size_t		nclasses = (size_t) data->nclasses;
	int64_t		work = 0;

	for (size_t j = 0; j < (size_t) data->nannotators; j++)
		for (size_t k = 0; k < nclasses; k++)
		{
			size_t		column = j * nclasses * nclasses + k;

			if (!consensus_go_on(fit, &work, 10 * (int64_t) nclasses,
								 (double) j / (double) data->nannotators))
				return CONSENSUS_STOPPED;
			rate_column(fit, counts + column, confusion + column, nclasses, k);
		}
	return CONSENSUS_DONE;
}


void
consensus_sum_shares(const ConsensusData *data,
					 const ConsensusPosterior *posterior, double *shares)
{
	for (int32_t k = 0; k < data->nclasses; k++)
		shares[k] = data->priors != NULL ? data->priors[k] : 0.0;
	if (data->priors != NULL)
		return;
	for (int32_t i = 0; i < data->nitems; i++)
	{
		ConsensusCandidates all = consensus_candidates(data, posterior, i);

		for (int32_t c = 0; c < all.count; c++)
			shares[consensus_candidate_label(&all, c)] += all.probability[c];
	}
	for (int32_t k = 0; k < data->nclasses; k++)
		shares[k] /= (double) data->nitems;
}
