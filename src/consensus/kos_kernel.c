/*-------------------------------------------------------------------------
 *
 * kos_kernel.c
 *	  Truth inference between two labels by passing messages.
 *
 * A label is +1 or -1.  An item tells each of its annotators what the others
 * say of it, an annotator tells each of their items how far the other items
 * bear them out.  Messages are scaled so that the loudest is 1: their size
 * would grow without end, and means nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"

#include <math.h>
#include <string.h>

typedef struct Kos
{
	const ConsensusData *data;
	ConsensusFit *fit;
	double	   *to_annotator;	/* of each answer */
	double	   *to_item;
	double	   *sums;			/* nannotators */
	double		change;
} Kos;


size_t
consensus_kos_memory(const ConsensusData *data)
{
	return (2 * (size_t) data->nanswers + (size_t) data->nannotators) *
		sizeof(double);
}


/* The next random number between 0 and 1, neither included (splitmix64). */
static double
next_random(uint64_t *state)
{
	uint64_t	z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return ((double) (z >> 11) + 0.5) / 9007199254740992.0;
}


/* Messages to begin with: normal, about 1 with variance 1. */
static void
speak_at_random(Kos *kos)
{
	uint64_t	state = kos->fit->seed;

	for (int64_t a = 0; a < kos->data->nanswers; a++)
	{
		double		radius = sqrt(-2.0 * log(next_random(&state)));

		kos->to_item[a] = 1.0 + radius *
			cos(6.283185307179586 * next_random(&state));
	}
}


static double
signed_weight(const ConsensusAnswer *answer)
{
	return answer->label == 1 ? answer->weight : -answer->weight;
}


static void
scale(double *messages, int64_t n)
{
	double		most = 0.0;

	for (int64_t a = 0; a < n; a++)
		most = fmax(most, fabs(messages[a]));
	for (int64_t a = 0; a < n && most > 0.0; a++)
		messages[a] /= most;
}


static bool
look(const Kos *kos, int64_t *work, int32_t item)
{
	const ConsensusData *data = kos->data;

	return consensus_go_on(kos->fit, work, 10 * (data->start[item + 1] -
												 data->start[item]),
						   fmin(1.0, (kos->fit->iterations + (double) item /
									  (double) data->nitems) /
								kos->fit->max_iter));
}


/* A known item speaks as loudly as the loudest. */
static bool
items_speak(Kos *kos)
{
	const ConsensusData *data = kos->data;
	int64_t		work = 0;

	for (int32_t i = 0; i < data->nitems; i++)
	{
		double		sum = 0.0;

		if (!look(kos, &work, i))
			return false;
		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
			sum += signed_weight(&data->answers[a]) * kos->to_item[a];
		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
			kos->to_annotator[a] = consensus_gold(data, i) >= 0 ? 0.0
				: sum - signed_weight(&data->answers[a]) * kos->to_item[a];
	}
	scale(kos->to_annotator, data->nanswers);
	for (int32_t i = 0; i < data->nitems; i++)
		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
			if (consensus_gold(data, i) >= 0)
				kos->to_annotator[a] = data->gold[i] == 1 ? 1.0 : -1.0;
	return true;
}


static bool
annotators_speak(Kos *kos)
{
	const ConsensusData *data = kos->data;
	double		most = 0.0;
	int64_t		work = 0;

	memset(kos->sums, 0, (size_t) data->nannotators * sizeof(double));
	for (int64_t a = 0; a < data->nanswers; a++)
		kos->sums[data->answers[a].annotator] +=
			signed_weight(&data->answers[a]) * kos->to_annotator[a];
	for (int64_t a = 0; a < data->nanswers; a++)
		most = fmax(most, fabs(kos->sums[data->answers[a].annotator] -
							   signed_weight(&data->answers[a]) *
							   kos->to_annotator[a]));
	kos->change = 0.0;
	for (int32_t i = 0; i < data->nitems; i++)
	{
		if (!look(kos, &work, i))
			return false;
		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
		{
			double		message = kos->sums[data->answers[a].annotator] -
				signed_weight(&data->answers[a]) * kos->to_annotator[a];

			message = most > 0.0 ? message / most : 0.0;
			kos->change = fmax(kos->change, fabs(message - kos->to_item[a]));
			kos->to_item[a] = message;
		}
	}
	return true;
}


/* Where nobody has a say, the votes stand. */
static void
finish(Kos *kos)
{
	const ConsensusData *data = kos->data;
	ConsensusFit *fit = kos->fit;
	double		mean = 0.0;

	for (int32_t i = 0; i < data->nitems; i++)
	{
		double	   *z = fit->posterior.probability + 2 * (size_t) i;
		double		sum = 0.0;
		double		all = 0.0;

		for (int64_t a = data->start[i]; a < data->start[i + 1]; a++)
		{
			double		said = signed_weight(&data->answers[a]) *
				kos->to_item[a];

			sum += said;
			all += fabs(said);
		}
		if (consensus_gold(data, i) >= 0 || !(all > 0.0))
			continue;
		z[1] = fmin(fmax(0.5 + 0.5 * (sum / all), 0.0), 1.0);
		z[0] = 1.0 - z[1];
	}
	consensus_sum_shares(data, &fit->posterior, fit->shares);
	for (int32_t j = 0; j < data->nannotators; j++)
		mean += fabs(kos->sums[j]) / data->nannotators;
	for (int32_t j = 0; fit->weights != NULL && j < data->nannotators; j++)
		fit->weights[j] = mean > 0.0 ? kos->sums[j] / mean : 0.0;
}


ConsensusStatus
consensus_kos(const ConsensusData *data, ConsensusFit *fit)
{
	Kos			kos = {.data = data, .fit = fit};

	kos.to_annotator = fit->work;
	kos.to_item = kos.to_annotator + data->nanswers;
	kos.sums = kos.to_item + data->nanswers;
	if (consensus_majority(data, fit) != CONSENSUS_DONE)
		return CONSENSUS_STOPPED;
	if (data->nclasses != 2)
		return CONSENSUS_DONE;
	speak_at_random(&kos);
	fit->converged = false;
	for (fit->iterations = 0; fit->iterations < fit->max_iter &&
		 !fit->converged;)
	{
		if (!items_speak(&kos) || !annotators_speak(&kos))
			return CONSENSUS_STOPPED;
		fit->iterations++;
		fit->converged = kos.change <= fit->tolerance;
	}
	finish(&kos);
	return CONSENSUS_DONE;
}
