/*-------------------------------------------------------------------------
 *
 * ordered_kernel.c
 *	  Krippendorff's alpha on labels that are numbers or ranks.
 *
 * The ordinal metric, (sum of n_g for g = v .. v' less (n_v + n_v') / 2)^2, is
 * the square of the distance of the values' mid-ranks, so ordinal is interval
 * on mid-ranks; and squared distances over all pairs are a variance, so
 * neither walks pairs.  The ratio metric has no such form.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "agreement/agreement_kernel.h"
#include "agreement/exact_kernel.h"

#define PROCEED_EVERY 65536		/* items, or pairs of labels */

typedef struct Alpha
{
	const AgreementAnswer *answers;
	size_t		count;
	AgreementMetric metric;
	const AgreementHost *host;
	uint64_t	shared_answers; /* to items that have two or more */
	uint64_t	low;			/* least and greatest key among those */
	uint64_t	high;
	AgreementTally labels;		/* of those, sorted; not for interval */
	double	   *places;			/* ordinal: mid-rank of each label; ratio:
								 * half of its number */
	double	   *counts;			/* ratio: of each label */
	double		origin;			/* interval: half of the least number */
	double		scale;			/* interval: power of two that brings the
								 * range to below 1 */
	uint64_t	work;			/* steps since the last proceed() */
} Alpha;


static AgreementStatus
proceed(Alpha *alpha, uint64_t steps)
{
	alpha->work += steps;
	if (alpha->work < PROCEED_EVERY)
		return AGREEMENT_OK;
	alpha->work = 0;
	return alpha->host->proceed(alpha->host->context) ? AGREEMENT_OK
		: AGREEMENT_STOPPED;
}


/*
 * Moves to the next item with two answers or more: answers from *start to
 * *end - 1.  Starts with *end = 0.
 */
static bool
next_item(const Alpha *alpha, size_t *start, size_t *end)
{
	do
	{
		*start = *end;
		if (*start >= alpha->count)
			return false;
		for (*end = *start + 1; *end < alpha->count; (*end)++)
			if (alpha->answers[*end].item != alpha->answers[*start].item)
				break;
	} while (*end - *start < 2);
	return true;
}


/* Counts answers to shared items, and for ordinal and ratio their labels. */
static AgreementStatus
take_labels(Alpha *alpha)
{
	size_t		start,
				end = 0;
	AgreementStatus status = agreement_tally_start(&alpha->labels,
												   alpha->host);

	alpha->low = UINT64_MAX;
	while (status == AGREEMENT_OK && next_item(alpha, &start, &end))
	{
		if (alpha->answers[start].label < alpha->low)
			alpha->low = alpha->answers[start].label;
		if (alpha->answers[end - 1].label > alpha->high)
			alpha->high = alpha->answers[end - 1].label;
		alpha->shared_answers += end - start;
		status = proceed(alpha, end - start);
		if (alpha->metric == AGREEMENT_INTERVAL)
			continue;
		for (size_t i = start; i < end && status == AGREEMENT_OK; i++)
			status = agreement_tally_add(&alpha->labels, alpha->host,
										 alpha->answers[i].label, 0, 1, NULL);
	}
	if (status == AGREEMENT_OK)
		status = agreement_tally_sort(&alpha->labels, alpha->host);
	return status;
}


/*
 * Mid-ranks in units that make them integers, scaled by the power of two that
 * brings the greatest just below 1: so they stay exact, and what is made of
 * them keeps as many digits as an exact sum has.
 */
static AgreementStatus
take_midranks(Alpha *alpha)
{
	uint64_t	below = 0;
	int			exponent;

	(void) frexp((double) (2 * alpha->shared_answers), &exponent);
	alpha->places = alpha->host->allocate(alpha->host->context,
										  sizeof(double) * alpha->labels.used);
	if (alpha->places == NULL)
		return AGREEMENT_NO_MEMORY;
	for (uint32_t i = 0; i < alpha->labels.used; i++)
	{
		uint64_t	same = alpha->labels.entries[i].count;

		alpha->places[i] = ldexp((double) (2 * below + same), -exponent);
		below += same;
	}
	return AGREEMENT_OK;
}


/* Halves are taken so that no sum of finite numbers overflows. */
static AgreementStatus
take_halves(Alpha *alpha)
{
	size_t		size = sizeof(double) * alpha->labels.used;

	alpha->places = alpha->host->allocate(alpha->host->context, size);
	alpha->counts = alpha->host->allocate(alpha->host->context, size);
	if (alpha->places == NULL || alpha->counts == NULL)
		return AGREEMENT_NO_MEMORY;
	for (uint32_t i = 0; i < alpha->labels.used; i++)
	{
		alpha->places[i] = agreement_key_number(alpha->labels.entries[i].a) / 2;
		alpha->counts[i] = (double) alpha->labels.entries[i].count;
	}
	return AGREEMENT_OK;
}


/* Nor does a difference. */
static void
take_scale(Alpha *alpha)
{
	int			exponent;

	alpha->origin = agreement_key_number(alpha->low) / 2;
	(void) frexp(agreement_key_number(alpha->high) / 2 - alpha->origin,
				 &exponent);
	alpha->scale = ldexp(1, exponent < -1000 ? 1000 : -exponent);
}


/* Where a label lies: distances between places are what disagreement is. */
static inline double
place(const Alpha *alpha, uint64_t label)
{
	if (alpha->metric == AGREEMENT_ORDINAL)
		return alpha->places[agreement_tally_find(&alpha->labels, label, 0)];
	return (agreement_key_number(label) / 2 - alpha->origin) * alpha->scale;
}


/* Sum of the squared distances from the mean; 0 exactly where all are equal. */
static double
item_spread(const Alpha *alpha, size_t start, size_t end)
{
	double		first = place(alpha, alpha->answers[start].label);
	double		count = (double) (end - start);
	double		mean = 0;
	double		spread = 0;

	if (alpha->answers[start].label == alpha->answers[end - 1].label)
		return 0;
	for (size_t i = start; i < end; i++)
		mean += (place(alpha, alpha->answers[i].label) - first) / count;
	for (size_t i = start; i < end; i++)
	{
		double		distance = place(alpha, alpha->answers[i].label) - first -
			mean;

		spread += distance * distance;
	}
	return spread;
}


/*
 * Observed disagreement is 2 / n times sum_u m_u / (m_u - 1) SS_u, expected
 * 2 / (n - 1) SS, where SS are sums of squared distances from the mean, of
 * an item and of all.
 */
static AgreementStatus
by_variance(Alpha *alpha, double *observed, double *expected)
{
	ExactSum	within = {0, 0};
	ExactSum	sum = {0, 0};
	ExactSum	total = {0, 0};
	double		mean;
	size_t		start,
				end = 0;
	AgreementStatus status = AGREEMENT_OK;

	while (status == AGREEMENT_OK && next_item(alpha, &start, &end))
	{
		double		count = (double) (end - start);

		exact_add(&within, exact_fraction(item_spread(alpha, start, end) *
										  (count / (count - 1))));
		for (size_t i = start; i < end; i++)
			exact_add(&sum, exact_fraction(place(alpha, alpha->answers[i].label)));
		status = proceed(alpha, end - start);
	}
	mean = exact_value(sum) / (double) alpha->shared_answers;
	end = 0;
	while (status == AGREEMENT_OK && next_item(alpha, &start, &end))
	{
		for (size_t i = start; i < end; i++)
		{
			double		distance = place(alpha, alpha->answers[i].label) - mean;

			exact_add(&total, exact_fraction(distance * distance));
		}
		status = proceed(alpha, end - start);
	}
	*observed = exact_value(within) / (double) alpha->shared_answers;
	*expected = exact_value(total) / (double) (alpha->shared_answers - 1);
	return status;
}


/* ((v - w) / (v + w))^2 for numbers of at least 0 */
static inline double
ratio_distance(uint64_t v_key, uint64_t w_key)
{
	double		v = agreement_key_number(v_key) / 2;
	double		w = agreement_key_number(w_key) / 2;
	double		distance = (v + w > 0) ? (v - w) / (v + w) : 0;

	return distance * distance;
}


/* The sum of n_w ((v - w) / (v + w))^2 over labels w greater than v. */
static double
ratio_to_greater(const Alpha *alpha, uint32_t v)
{
	const double *places = alpha->places;
	double		sums[4] = {0, 0, 0, 0};
	uint32_t	w = v + 1;

	/* four sums at a time keep the divider busy */
	for (; w + 4 <= alpha->labels.used; w += 4)
		for (int lane = 0; lane < 4; lane++)
		{
			double		distance = (places[w + lane] - places[v]) /
				(places[w + lane] + places[v]);

			sums[lane] += alpha->counts[w + lane] * distance * distance;
		}
	for (; w < alpha->labels.used; w++)
	{
		double		distance = (places[w] - places[v]) /
			(places[w] + places[v]);

		sums[0] += alpha->counts[w] * distance * distance;
	}
	return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}


/* sum over ordered pairs of an item's answers, over r_i - 1 */
static AgreementStatus
item_ratio(Alpha *alpha, size_t start, size_t end, double *result)
{
	const AgreementAnswer *answers = alpha->answers;
	double		sum = 0;
	size_t		next;

	for (size_t i = start; i < end; i = next)
	{
		size_t		runs = 1;

		for (next = i + 1; next < end; next++)
			if (answers[next].label != answers[i].label)
				break;
		for (size_t j = next, after; j < end; j = after, runs++)
		{
			for (after = j + 1; after < end; after++)
				if (answers[after].label != answers[j].label)
					break;
			sum += (double) (next - i) * (double) (after - j) *
				ratio_distance(answers[i].label, answers[j].label);
		}
		if (proceed(alpha, runs) != AGREEMENT_OK)
			return AGREEMENT_STOPPED;
	}
	*result = 2 * sum / (double) (end - start - 1);
	return AGREEMENT_OK;
}


static AgreementStatus
by_ratio(Alpha *alpha, double *observed, double *expected)
{
	const AgreementTally *labels = &alpha->labels;
	ExactSum	within = {0, 0};
	double		between = 0;
	size_t		start,
				end = 0;

	while (next_item(alpha, &start, &end))
	{
		double		item = 0;

		if (item_ratio(alpha, start, end, &item) != AGREEMENT_OK)
			return AGREEMENT_STOPPED;
		exact_add(&within, exact_fraction(item));
	}
	for (uint32_t i = 0; i < labels->used; i++)
	{
		between += alpha->counts[i] * ratio_to_greater(alpha, i);
		if (proceed(alpha, labels->used - i) != AGREEMENT_OK)
			return AGREEMENT_STOPPED;
	}
	*observed = exact_value(within) / (double) alpha->shared_answers;
	*expected = 2 * between / (double) alpha->shared_answers /
		(double) (alpha->shared_answers - 1);
	return AGREEMENT_OK;
}


AgreementStatus
agreement_alpha(const AgreementAnswer *answers, size_t count,
				AgreementMetric metric, const AgreementHost *host,
				bool *defined, double *value)
{
	Alpha		alpha = {.answers = answers, .count = count, .metric = metric,
	.host = host};
	double		observed = 0;
	double		expected = 0;
	AgreementStatus status = take_labels(&alpha);

	if (status == AGREEMENT_OK && alpha.low < alpha.high)
	{
		if (metric == AGREEMENT_INTERVAL)
			take_scale(&alpha);
		if (metric == AGREEMENT_ORDINAL)
			status = take_midranks(&alpha);
		if (metric == AGREEMENT_RATIO)
			status = take_halves(&alpha);
		if (status == AGREEMENT_OK)
			status = (metric == AGREEMENT_RATIO)
				? by_ratio(&alpha, &observed, &expected)
				: by_variance(&alpha, &observed, &expected);
	}
	*defined = expected > 0;
	if (*defined)
		*value = 1 - observed / expected;
	if (alpha.places != NULL)
		host->release(host->context, alpha.places);
	if (alpha.counts != NULL)
		host->release(host->context, alpha.counts);
	agreement_tally_end(&alpha.labels, host);
	return status;
}
