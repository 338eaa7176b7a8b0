/*-------------------------------------------------------------------------
 *
 * m_msr_kernel.c
 *	  Truth inference by annotators' skills, found from how they agree.
 *
 * How often two annotators agree, less what chance makes of it, is the product
 * of their skills where the wrong labels are all alike.  So each neighbour has
 * an opinion of an annotator's skill; of these the extreme ones are passed
 * over, so that a minority can say what it likes.
 *
 * The step goes half the way, on the scale of logarithms: the product is all
 * that is known, and skills that are all twice too large would be half of it
 * next, and so on for ever.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* No skill is taken to be less than this where it is divided by. */
#define LEAST_SKILL 0.01

/* One in so many opinions is passed over on each side. */
#define TRIMMED 10

/* Somebody an annotator shares items with; known answers are one, too. */
typedef struct Neighbour
{
	double		common;			/* weight of the pairs of answers */
	double		product;		/* of the two skills, as it looks */
	int32_t		annotator;		/* -1: known answers */
} Neighbour;

typedef struct Opinion
{
	double		skill;
	double		precision;
} Opinion;

typedef struct Msr
{
	const ConsensusData *data;
	ConsensusFit *fit;
	Neighbour  *neighbours;
	Opinion    *opinions;		/* nannotators + 1 */
	double	   *common;			/* nannotators + 1: the last is gold's */
	double	   *equal;
	double	   *skill;			/* nannotators each */
	double	   *next;
	int64_t    *first;			/* nannotators + 1: of the neighbours */
	int64_t    *mine;			/* nannotators + 1: of "items" */
	int32_t    *items;			/* nanswers: item of each, by annotator */
	int32_t    *met;			/* nannotators + 1 */
} Msr;


/* So many neighbours at most: of all, or of those who share items. */
static double
count_neighbours(const ConsensusData *data)
{
	double		all = (double) data->nannotators * data->nannotators;
	double		sharing = data->nannotators;

	for (int32_t i = 0; i < data->nitems; i++)
	{
		double		n = (double) (data->start[i + 1] - data->start[i]);

		sharing += n * n;
	}
	return sharing < all ? sharing : all;
}


size_t
consensus_m_msr_memory(const ConsensusData *data)
{
	size_t		people = (size_t) data->nannotators + 1;
	double		bytes = count_neighbours(data) * sizeof(Neighbour) +
		people * (sizeof(Opinion) + 4 * sizeof(double) + 2 * sizeof(int64_t) +
			  sizeof(int32_t)) +
		(double) data->nanswers * sizeof(int32_t);

	return bytes < (double) (SIZE_MAX / 4) ? (size_t) bytes : SIZE_MAX / 4;
}


static void
place(Msr *msr, void *work)
{
	size_t		people = (size_t) msr->data->nannotators + 1;

	msr->neighbours = work;
	msr->opinions = (Opinion *) (msr->neighbours +
								 (size_t) count_neighbours(msr->data));
	msr->common = (double *) (msr->opinions + people);
	msr->equal = msr->common + people;
	msr->skill = msr->equal + people;
	msr->next = msr->skill + people;
	msr->first = (int64_t *) (msr->next + people);
	msr->mine = msr->first + people;
	msr->items = (int32_t *) (msr->mine + people);
	msr->met = msr->items + msr->data->nanswers;
}


/* Whose items are which. */
static void
list_items(Msr *msr)
{
	const ConsensusData *data = msr->data;
	int64_t    *mine = msr->mine;

	memset(mine, 0, ((size_t) data->nannotators + 1) * sizeof(int64_t));
	for (int64_t a = 0; a < data->nanswers; a++)
		mine[data->answers[a].annotator + 1]++;
	for (int32_t j = 0; j < data->nannotators; j++)
		mine[j + 1] += mine[j];
	for (int32_t i = 0; i < data->nitems; i++)
		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
			msr->items[mine[data->answers[a].annotator]++] = i;
	for (int32_t j = data->nannotators; j > 0; j--)
		mine[j] = mine[j - 1];
	mine[0] = 0;
}


static void
meet(Msr *msr, int32_t *nmet, int32_t other, double weight, bool same)
{
	if (!(weight > 0.0))
		return;
	if (msr->common[other] == 0.0)
		msr->met[(*nmet)++] = other;
	msr->common[other] += weight;
	msr->equal[other] += same ? weight : 0.0;
}


/* One item of an annotator: with whom do they agree? */
static void
meet_others(Msr *msr, int32_t annotator, int32_t item, int32_t *nmet)
{
	const ConsensusData *data = msr->data;
	int32_t		gold = consensus_gold(data, item);

	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
	{
		const ConsensusAnswer *own = &data->answers[a];

		if (own->annotator != annotator)
			continue;
		if (gold >= 0)
			meet(msr, nmet, data->nannotators, own->weight,
				 own->label == gold);
		for (int64_t b = data->start[item]; b < data->start[item + 1]; b++)
		{
			const ConsensusAnswer *other = &data->answers[b];

			if (other->annotator != annotator)
				meet(msr, nmet, other->annotator,
					 own->weight * other->weight,
					 own->label == other->label);
		}
	}
}


static bool
find_neighbours(Msr *msr)
{
	const ConsensusData *data = msr->data;
	double		others = data->nclasses - 1.0;
	int64_t		n = 0;
	int64_t		work = 0;

	memset(msr->common, 0, 2 * ((size_t) data->nannotators + 1) *
		   sizeof(double));
	for (int32_t j = 0; j < data->nannotators; j++)
	{
		int32_t		last = -1;
		int32_t		nmet = 0;

		msr->first[j] = n;
		for (int64_t m = msr->mine[j]; m < msr->mine[j + 1]; m++)
		{
			int32_t		i = msr->items[m];

			if (!consensus_go_on(msr->fit, &work, 4 * (data->start[i + 1] -
													   data->start[i]),
								 (double) j / data->nannotators))
				return false;
			if (i != last)
				meet_others(msr, j, i, &nmet);
			last = i;
		}
		for (int32_t m = 0; m < nmet; m++)
		{
			int32_t		other = msr->met[m];
			Neighbour  *to = &msr->neighbours[n++];

			to->annotator = other < data->nannotators ? other : -1;
			to->common = msr->common[other];
			to->product = (data->nclasses * msr->equal[other] / to->common -
						   1.0) / others;
			msr->common[other] = msr->equal[other] = 0.0;
		}
	}
	msr->first[data->nannotators] = n;
	return true;
}


static int
compare_opinions(const void *a, const void *b)
{
	const Opinion *left = a;
	const Opinion *right = b;

	if (left->skill != right->skill)
		return left->skill < right->skill ? -1 : 1;
	return (left->precision > right->precision) -
		(left->precision < right->precision);
}


/*
 * What the neighbours think of an annotator, without the extremes: those
 * beyond the present skill, and of them the outermost.
 */
static double
ask_neighbours(const Msr *msr, int32_t annotator)
{
	const Neighbour *from = msr->neighbours + msr->first[annotator];
	int64_t		n = msr->first[annotator + 1] - msr->first[annotator];
	int64_t		trim = n / TRIMMED;
	double		most = 0.0;
	double		sum = 0.0;
	double		all = 0.0;
	int64_t		begin = 0;
	int64_t		end = n;

	for (int64_t i = 0; i < n; i++)
		most = fmax(most, from[i].common);
	for (int64_t i = 0; i < n; i++)
	{
		double		by = from[i].annotator < 0 ? 1.0
			: msr->skill[from[i].annotator];

		if (fabs(by) < LEAST_SKILL)
			by = by < 0.0 ? -LEAST_SKILL : LEAST_SKILL;
		msr->opinions[i].skill = from[i].product / by;
		msr->opinions[i].precision = from[i].common / most * by * by;
	}
	qsort(msr->opinions, (size_t) n, sizeof(Opinion), compare_opinions);
	while (begin < trim && msr->opinions[begin].skill < msr->skill[annotator])
		begin++;
	while (n - end < trim &&
		   msr->opinions[end - 1].skill > msr->skill[annotator])
		end--;
	for (int64_t i = begin; i < end; i++)
	{
		sum += msr->opinions[i].precision * msr->opinions[i].skill;
		all += msr->opinions[i].precision;
	}
	return all > 0.0 ? sum / all : 0.0;
}


/* Skills are between chance's opposite and 1. */
static double
bound(const ConsensusData *data, double skill)
{
	return fmin(fmax(skill, -1.0 / (data->nclasses - 1.0)), 1.0);
}


/* One iteration; *change gets the largest step. */
static bool
improve(Msr *msr, double *change)
{
	const ConsensusData *data = msr->data;
	int64_t		work = 0;

	*change = 0.0;
	for (int32_t j = 0; j < data->nannotators; j++)
	{
		double		skill = msr->skill[j];
		double		heard;

		if (!consensus_go_on(msr->fit, &work, 50 * (msr->first[j + 1] -
													msr->first[j] + 1),
							 (msr->fit->iterations +
							  (double) j / data->nannotators) /
							 msr->fit->max_iter))
			return false;
		heard = bound(data, ask_neighbours(msr, j));
		msr->next[j] = heard * skill > 0.0
			? copysign(sqrt(heard * skill), skill) : 0.5 * (heard + skill);
		*change = fmax(*change, fabs(msr->next[j] - skill));
	}
	memcpy(msr->skill, msr->next, (size_t) data->nannotators *
		   sizeof(double));
	return true;
}


/* Begin with as much for all as explains the mean agreement. */
static void
start(Msr *msr)
{
	int64_t		n = msr->first[msr->data->nannotators];
	double		sum = 0.0;

	for (int64_t i = 0; i < n; i++)
		sum += msr->neighbours[i].product / (double) n;
	for (int32_t j = 0; j < msr->data->nannotators; j++)
		msr->skill[j] = sum > 0.0 ? fmax(sqrt(sum), 0.1) : 0.1;
}


/* The log-odds that an answer adds to its label; 0 where nobody tells. */
static void
weigh_annotators(Msr *msr)
{
	const ConsensusData *data = msr->data;
	double		nclasses = data->nclasses;
	double		margin = fmin(1.0 / sqrt(data->nitems),
							  0.5 / (nclasses - 1.0));

	for (int32_t j = 0; j < data->nannotators; j++)
	{
		double		skill = fmin(fmax(msr->skill[j], margin -
									  1.0 / (nclasses - 1.0)), 1.0 - margin);
		double		right = (skill * (nclasses - 1.0) + 1.0) / nclasses;

		msr->next[j] = msr->first[j] == msr->first[j + 1] ? 0.0
			: log((nclasses - 1.0) * right / (1.0 - right));
	}
}


/* The classes of one item; the votes stand where nobody counts. */
static void
weigh_item(const Msr *msr, int32_t item, double *z)
{
	const ConsensusData *data = msr->data;
	double		most = -INFINITY;
	double		sum = 0.0;
	bool		any = false;

	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
		any = any || data->answers[a].weight *
			fabs(msr->next[data->answers[a].annotator]) > 0.0;
	if (!any || consensus_gold(data, item) >= 0)
		return;
	for (int32_t k = 0; k < data->nclasses; k++)
		z[k] = data->priors != NULL ? log(data->priors[k]) : 0.0;
	for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
		z[data->answers[a].label] += data->answers[a].weight *
			msr->next[data->answers[a].annotator];
	for (int32_t k = 0; k < data->nclasses; k++)
		most = fmax(most, z[k]);
	for (int32_t k = 0; k < data->nclasses; k++)
		sum += z[k] = exp(z[k] - most);
	for (int32_t k = 0; k < data->nclasses; k++)
		z[k] /= sum;
}


static bool
finish(Msr *msr)
{
	const ConsensusData *data = msr->data;
	ConsensusFit *fit = msr->fit;
	int64_t		work = 0;

	weigh_annotators(msr);
	for (int32_t i = 0; i < data->nitems; i++)
	{
		if (!consensus_go_on(fit, &work, 3 * (data->start[i + 1] -
											  data->start[i]) +
							 10 * data->nclasses, 1.0))
			return false;
		weigh_item(msr, i, fit->posterior.probability +
				   (size_t) i * (size_t) data->nclasses);
	}
	consensus_sum_shares(data, &fit->posterior, fit->shares);
	for (int32_t j = 0; fit->weights != NULL && j < data->nannotators; j++)
		fit->weights[j] = msr->next[j];
	return true;
}


ConsensusStatus
consensus_m_msr(const ConsensusData *data, ConsensusFit *fit)
{
	Msr			msr = {.data = data, .fit = fit};
	double		change;

	if (consensus_majority(data, fit) != CONSENSUS_DONE)
		return CONSENSUS_STOPPED;
	if (data->nclasses < 2)
		return CONSENSUS_DONE;
	place(&msr, fit->work);
	list_items(&msr);
	if (!find_neighbours(&msr))
		return CONSENSUS_STOPPED;
	start(&msr);
	fit->converged = false;
	for (fit->iterations = 0; fit->iterations < fit->max_iter &&
		 !fit->converged;)
	{
		if (!improve(&msr, &change))
			return CONSENSUS_STOPPED;
		fit->iterations++;
		fit->converged = change <= fit->tolerance;
	}
	return finish(&msr) ? CONSENSUS_DONE : CONSENSUS_STOPPED;
}
