/*-------------------------------------------------------------------------
 *
 * pairs_kernel.c
 *	  Agreement of two annotators.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "agreement/agreement_kernel.h"
#include "agreement/exact_kernel.h"

/* How often each label was given by the first and by the second. */
typedef struct Margins
{
	AgreementTally labels;		/* count: unused */
	uint64_t   *a;
	uint64_t   *b;
	double	   *places;			/* with weights: scaled to below 1 */
	uint64_t	total;			/* pairs */
} Margins;


static void
release_margins(Margins *margins, const AgreementHost *host)
{
	if (margins->a != NULL)
		host->release(host->context, margins->a);
	if (margins->b != NULL)
		host->release(host->context, margins->b);
	if (margins->places != NULL)
		host->release(host->context, margins->places);
	agreement_tally_end(&margins->labels, host);
}


/* Labels in the order of their 64 bits, with their counts. */
static AgreementStatus
take_margins(const AgreementTally *pairs, Margins *margins,
			 const AgreementHost *host)
{
	AgreementTally *labels = &margins->labels;
	AgreementStatus status;

	memset(margins, 0, sizeof(*margins));
	status = agreement_tally_start(labels, host);
	for (uint32_t i = 0; i < pairs->used && status == AGREEMENT_OK; i++)
	{
		status = agreement_tally_add(labels, host, pairs->entries[i].a, 0, 0,
									 NULL);
		if (status == AGREEMENT_OK)
			status = agreement_tally_add(labels, host, pairs->entries[i].b, 0,
										 0, NULL);
	}
	if (status == AGREEMENT_OK)
		status = agreement_tally_sort(labels, host);
	if (status != AGREEMENT_OK || labels->used == 0)
		return status;
	margins->a = host->allocate(host->context, sizeof(uint64_t) * labels->used);
	margins->b = host->allocate(host->context, sizeof(uint64_t) * labels->used);
	if (margins->a == NULL || margins->b == NULL)
		return AGREEMENT_NO_MEMORY;
	for (uint32_t i = 0; i < pairs->used; i++)
	{
		const AgreementCount *pair = &pairs->entries[i];

		margins->a[agreement_tally_find(labels, pair->a, 0)] += pair->count;
		margins->b[agreement_tally_find(labels, pair->b, 0)] += pair->count;
		margins->total += pair->count;
	}
	return AGREEMENT_OK;
}


/* The labels' numbers, shifted and scaled by a power of two. */
static AgreementStatus
take_places(Margins *margins, const AgreementHost *host)
{
	const AgreementTally *labels = &margins->labels;
	double		origin;
	int			exponent;

	margins->places = host->allocate(host->context,
									 sizeof(double) * labels->used);
	if (margins->places == NULL)
		return AGREEMENT_NO_MEMORY;
	origin = agreement_key_number(labels->entries[0].a) / 2;
	(void) frexp(agreement_key_number(labels->entries[labels->used - 1].a) / 2 -
				 origin, &exponent);
	for (uint32_t i = 0; i < labels->used; i++)
		margins->places[i] = ldexp(agreement_key_number(labels->entries[i].a) / 2 -
								   origin, -exponent);
	return AGREEMENT_OK;
}


/* The share of pairs that are unlike. */
static double
observed_unlike(const AgreementTally *pairs)
{
	uint64_t	unlike = 0;
	uint64_t	total = 0;

	for (uint32_t i = 0; i < pairs->used; i++)
	{
		if (pairs->entries[i].a != pairs->entries[i].b)
			unlike += pairs->entries[i].count;
		total += pairs->entries[i].count;
	}
	return (double) unlike / (double) total;
}


/* The share that would be if both drew from their own labels by chance. */
static double
expected_unlike(const Margins *margins)
{
	double		total = (double) margins->total;
	ExactSum	sum = {0, 0};

	for (uint32_t i = 0; i < margins->labels.used; i++)
		exact_add(&sum, exact_product(margins->a[i],
									  margins->total - margins->b[i]));
	return exact_integer_value(sum) / total / total;
}


static inline double
distance(AgreementWeights weights, double from, double to)
{
	return weights == AGREEMENT_LINEAR ? fabs(from - to)
		: (from - to) * (from - to);
}


static double
observed_distance(const AgreementTally *pairs, AgreementWeights weights,
				  const Margins *margins)
{
	ExactSum	sum = {0, 0};

	for (uint32_t i = 0; i < pairs->used; i++)
	{
		const AgreementCount *pair = &pairs->entries[i];
		uint32_t	a = agreement_tally_find(&margins->labels, pair->a, 0);
		uint32_t	b = agreement_tally_find(&margins->labels, pair->b, 0);

		exact_add(&sum, exact_fraction((double) pair->count *
									   distance(weights, margins->places[a],
												margins->places[b])));
	}
	return exact_value(sum) / (double) margins->total;
}


/* The integral of F_a (1 - F_b) + F_b (1 - F_a), F the labels' shares up to x. */
static double
expected_linear(const Margins *margins)
{
	double		total = (double) margins->total;
	double		below_a = 0;
	double		below_b = 0;
	double		sum = 0;

	for (uint32_t i = 0; i + 1 < margins->labels.used; i++)
	{
		below_a += (double) margins->a[i];
		below_b += (double) margins->b[i];
		sum += (margins->places[i + 1] - margins->places[i]) *
			(below_a / total * ((total - below_b) / total) +
			 below_b / total * ((total - below_a) / total));
	}
	return sum;
}


/* Both variances and the square of the distance of the means. */
static double
expected_quadratic(const Margins *margins)
{
	double		total = (double) margins->total;
	double		mean_a = 0;
	double		mean_b = 0;
	double		sum = 0;

	for (uint32_t i = 0; i < margins->labels.used; i++)
	{
		mean_a += (double) margins->a[i] / total * margins->places[i];
		mean_b += (double) margins->b[i] / total * margins->places[i];
	}
	for (uint32_t i = 0; i < margins->labels.used; i++)
	{
		double		from_a = margins->places[i] - mean_a;
		double		from_b = margins->places[i] - mean_b;

		sum += (double) margins->a[i] / total * (from_a * from_a) +
			(double) margins->b[i] / total * (from_b * from_b);
	}
	return sum + (mean_a - mean_b) * (mean_a - mean_b);
}


AgreementStatus
agreement_cohen(const AgreementTally *pairs, AgreementWeights weights,
				const AgreementHost *host, bool *defined, double *value)
{
	Margins		margins;
	double		observed = 0;
	double		expected = 0;
	AgreementStatus status = take_margins(pairs, &margins, host);

	if (status == AGREEMENT_OK && margins.labels.used > 1)
	{
		if (weights == AGREEMENT_UNWEIGHTED)
		{
			observed = observed_unlike(pairs);
			expected = expected_unlike(&margins);
		}
		else if ((status = take_places(&margins, host)) == AGREEMENT_OK)
		{
			observed = observed_distance(pairs, weights, &margins);
			expected = weights == AGREEMENT_LINEAR
				? expected_linear(&margins) : expected_quadratic(&margins);
		}
	}
	*defined = expected > 0;
	if (*defined)
		*value = 1 - observed / expected;
	release_margins(&margins, host);
	return status;
}


/* For chance, both annotators draw from the labels of the two together. */
AgreementStatus
agreement_scott(const AgreementTally *pairs, const AgreementHost *host,
				bool *defined, double *value)
{
	Margins		margins;
	double		expected = 0;
	AgreementStatus status = take_margins(pairs, &margins, host);

	if (status == AGREEMENT_OK && margins.labels.used > 1)
	{
		for (uint32_t i = 0; i < margins.labels.used; i++)
			margins.a[i] = margins.b[i] = margins.a[i] + margins.b[i];
		margins.total *= 2;
		expected = expected_unlike(&margins);
	}
	*defined = expected > 0;
	if (*defined)
		*value = 1 - observed_unlike(pairs) / expected;
	release_margins(&margins, host);
	return status;
}
