/*-------------------------------------------------------------------------
 *
 * choose_kernel.c
 *	  Hide some of the answers, and see how well a fit to the rest foretells
 *	  them.
 *
 * Which answers are hidden depends on the numbers of item and annotator
 * alone, so that the order of rows and the names of labels change nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"

#include <math.h>

/* A label foretold with less counts as this: one surprise decides nothing. */
#define LEAST_FORETOLD 1e-10


/* A number in [0, 1) out of three (the finaliser of splitmix64, twice). */
static double
draw(uint64_t seed, int32_t item, int32_t annotator)
{
	uint64_t	x = seed * 0x9e3779b97f4a7c15u + (uint64_t) (uint32_t) item;

	for (int round = 0; round < 2; round++)
	{
		x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
		x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
		x ^= x >> 31;
		x += (uint64_t) (uint32_t) annotator + 0x9e3779b97f4a7c15u;
	}
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	return (double) ((x ^ (x >> 31)) >> 11) / 9007199254740992.0;
}


/* Splits one item's answers; at least one annotator's are kept. */
static void
split_item(const ConsensusData *data, int32_t item, const ConsensusHiding *how,
		   ConsensusData *kept, ConsensusHidden *hidden, int64_t *nhidden)
{
	int64_t		first = kept->nanswers;
	int64_t		hid = *nhidden;
	const ConsensusAnswer *end = data->answers + data->start[item + 1];

	for (const ConsensusAnswer *a = data->answers + data->start[item];
		 a < end; a++)
	{
		if (draw(how->seed, item, a->annotator) >= how->share)
			kept->answers[kept->nanswers++] = *a;
		else
		{
			hidden[*nhidden].item = kept->nitems;
			hidden[(*nhidden)++].answer = *a;
		}
	}
	if (kept->nanswers == first)
	{
		for (const ConsensusAnswer *a = data->answers + data->start[item];
			 a < end; a++)
			kept->answers[kept->nanswers++] = *a;
		*nhidden = hid;
	}
}


int64_t
consensus_hide(const ConsensusData *data, const ConsensusHiding *how,
			   ConsensusData *kept, int32_t *kept_gold,
			   ConsensusHidden *hidden)
{
	int64_t		nhidden = 0;

	kept->nannotators = data->nannotators;
	kept->nclasses = data->nclasses;
	kept->priors = data->priors;
	kept->gold = data->gold == NULL ? NULL : kept_gold;
	kept->nitems = 0;
	kept->nanswers = 0;
	for (int32_t i = 0; i < data->nitems; i++)
	{
		if (draw(~how->seed, i, -1) >= how->items)
			continue;
		kept->start[kept->nitems] = kept->nanswers;
		if (data->gold != NULL)
			kept_gold[kept->nitems] = data->gold[i];
		split_item(data, i, how, kept, hidden, &nhidden);
		kept->nitems++;
	}
	kept->start[kept->nitems] = kept->nanswers;
	return nhidden;
}


/* The probability that a fit with sub-types gives to an answer. */
static double
foretell_by_types(const ConsensusData *kept, const ConsensusFit *fit,
				  const ConsensusHidden *hidden)
{
	size_t		nstates = (size_t) kept->nclasses * (size_t) fit->subtypes;
	const double *z = fit->type_posterior + (size_t) hidden->item * nstates;
	const double *row = fit->type_confusion +
		((size_t) hidden->answer.annotator * (size_t) kept->nclasses +
	 (size_t) hidden->answer.label) * nstates;
	double		p = 0.0;

	for (size_t s = 0; s < nstates; s++)
		p += z[s] * row[s];
	return p;
}


void
consensus_foretell(const ConsensusData *kept, const ConsensusFit *fit,
				   const ConsensusHidden *hidden, int64_t nhidden,
				   double *log_likelihood)
{
	for (int64_t h = 0; h < nhidden; h++)
	{
		ConsensusCandidates all = consensus_candidates(kept, &fit->posterior,
													   hidden[h].item);
		const double *row = fit->confusion +
			consensus_row_of(&hidden[h].answer, (size_t) kept->nclasses);
		double		p = 0.0;

		if (fit->type_posterior != NULL)
			p = foretell_by_types(kept, fit, &hidden[h]);
		else
			for (int32_t c = 0; c < all.count; c++)
				p += all.probability[c] *
					row[consensus_candidate_label(&all, c)];
		log_likelihood[h] = log(fmax(p, LEAST_FORETOLD));
	}
}


void
consensus_compare(const ConsensusHidden *hidden, int64_t nhidden,
				  const double *log_likelihood, const double *reference,
				  ConsensusComparison *sums)
{
	for (int64_t h = 0; h < nhidden; h++)
	{
		double		weight = fmin(hidden[h].answer.weight, 1.0);
		double		more = log_likelihood[h] - reference[h];

		sums->weight += weight;
		sums->squared_weight += weight * weight;
		sums->log_likelihood += weight * log_likelihood[h];
		sums->more += weight * more;
		sums->squared_more += weight * more * more;
	}
}


int
consensus_pick_best(const ConsensusComparison *sums, int ncandidates,
					double errors)
{
	int			best = 0;
	double		most = 0.0;

	for (int c = 1; c < ncandidates; c++)
	{
		double		weight = sums[c].weight;
		double		mean;
		double		variance;

		if (!(weight > 0.0))
			continue;
		mean = sums[c].more / weight;
		variance = fmax(sums[c].squared_more / weight - mean * mean, 0.0) *
			sums[c].squared_weight / (weight * weight);
		if (mean > most && mean > errors * sqrt(variance))
		{
			most = mean;
			best = c;
		}
	}
	return best;
}
