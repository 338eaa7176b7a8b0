/*-------------------------------------------------------------------------
 *
 * conger_kernel.c
 *	  Coefficients whose chance knows who answered: Conger's kappa of many
 *	  annotators, Cohen's kappa and Scott's pi of two, on any scale.
 *
 *-------------------------------------------------------------------------
 */
#include "agreement/matrix_kernel.h"


/* The place of a label among those of a matrix, in their order. */
static uint32_t
place_of(const uint64_t *labels, uint32_t count, uint64_t label)
{
	uint32_t	low = 0;

	while (count > 1)
	{
		uint32_t	middle = count / 2;

		if (labels[low + middle] <= label)
		{
			low += middle;
			count -= middle;
		}
		else
			count = middle;
	}
	return low;
}


/* Sum over pairs of one annotator's labels of share * share * distance. */
static AgreementStatus
own_distance(const AgreementMatrix *matrix, const AgreementDistance *distance,
			 const AgreementCount *given, uint32_t count, double all,
			 const AgreementHost *host, ExactSum *sum)
{
	for (uint32_t i = 0; i < count; i++)
	{
		double		share = (double) given[i].count / all;
		uint32_t	k = place_of(matrix->labels, matrix->nlabels, given[i].b);
		double		row = 0;

		if (distance->kind == AGREEMENT_SCALE_IDENTITY)
		{
			exact_add(sum, exact_fraction(share * ((all - (double) given[i].count) / all)));
			continue;
		}
		for (uint32_t j = 0; j < count; j++)
			row += (double) given[j].count / all *
				agreement_distance_of(distance, k,
									  place_of(matrix->labels,
											   matrix->nlabels, given[j].b));
		exact_add(sum, exact_fraction(share * row));
		if (count > 256 && !host->proceed(host->context))
			return AGREEMENT_STOPPED;
	}
	return AGREEMENT_OK;
}


/*
 * Disagreement of all ordered pairs of different annotators, by chance: that
 * of all pairs less that of each with oneself.
 */
static AgreementStatus
conger_expected(const AgreementMatrix *matrix,
				const AgreementDistance *distance,
				const AgreementTally *given, ExactSum *shares, double *means,
				const AgreementHost *host, double *value)
{
	ExactSum	own = {0, 0};
	double		everybody;
	double		annotators = 0;
	uint32_t	end;
	AgreementStatus status = AGREEMENT_OK;

	for (uint32_t start = 0; start < given->used; start = end)
	{
		double		all = 0;

		for (end = start; end < given->used &&
			 given->entries[end].a == given->entries[start].a; end++)
			all += (double) given->entries[end].count;
		for (uint32_t i = start; i < end; i++)
			exact_add(&shares[place_of(matrix->labels, matrix->nlabels,
									   given->entries[i].b)],
					  exact_fraction((double) given->entries[i].count / all));
		status = own_distance(matrix, distance, &given->entries[start],
							  end - start, all, host, &own);
		if (status != AGREEMENT_OK)
			return status;
		annotators++;
	}
	*value = 0;
	if (annotators < 2)
		return AGREEMENT_OK;
	for (uint32_t k = 0; k < matrix->nlabels; k++)
	{
		means[k] = exact_value(shares[k]) / annotators;
		if (means[k] > 1)
			means[k] = 1;
	}
	status = agreement_distance_sum(distance, means, means, host, &everybody);
	*value = (annotators * annotators * everybody - exact_value(own)) /
		(annotators * (annotators - 1));
	return status;
}


AgreementStatus
agreement_conger(const AgreementMatrix *matrix,
				 const AgreementDistance *distance,
				 const AgreementTally *given, const AgreementHost *host,
				 bool *defined, double *value)
{
	size_t		size = matrix->nlabels;
	ExactSum   *shares;
	double	   *means;
	double		expected = 0;
	double		percent = 0;
	AgreementStatus status = AGREEMENT_NO_MEMORY;

	*defined = false;
	if (matrix->nlabels < 2 || matrix->shared_items == 0)
		return AGREEMENT_OK;
	shares = host->allocate(host->context, sizeof(ExactSum) * size);
	means = host->allocate(host->context, sizeof(double) * size);
	if (shares != NULL && means != NULL)
		status = conger_expected(matrix, distance, given, shares, means, host,
								 &expected);
	if (status == AGREEMENT_OK)
		status = agreement_measure(matrix, distance, AGREEMENT_MEASURE_PERCENT,
								   host, defined, &percent);
	*defined = status == AGREEMENT_OK && *defined && expected > 1e-15;
	if (*defined)
		*value = 1 - (1 - percent) / expected;
	if (shares != NULL)
		host->release(host->context, shares);
	if (means != NULL)
		host->release(host->context, means);
	return status;
}

/* ---- two annotators ----------------------------------------------------- */

/* The different labels of both, in their order. */
static AgreementStatus
pair_labels(const AgreementTally *pairs, AgreementTally *labels,
			const AgreementHost *host)
{
	AgreementStatus status = agreement_tally_start(labels, host);

	for (uint32_t i = 0; i < pairs->used && status == AGREEMENT_OK; i++)
	{
		status = agreement_tally_add(labels, host, pairs->entries[i].a, 0, 1,
									 NULL);
		if (status == AGREEMENT_OK)
			status = agreement_tally_add(labels, host, pairs->entries[i].b, 0,
										 1, NULL);
	}
	return status == AGREEMENT_OK ? agreement_tally_sort(labels, host)
		: status;
}


/* Shares of each label with the first and the second; observed distance. */
static double
pair_shares(const AgreementTally *pairs, const AgreementDistance *distance,
			const uint64_t *labels, double *first, double *second)
{
	double		total = 0;
	double		sum = 0;

	for (uint32_t i = 0; i < pairs->used; i++)
	{
		const AgreementCount *pair = &pairs->entries[i];
		uint32_t	a = place_of(labels, distance->labels, pair->a);
		uint32_t	b = place_of(labels, distance->labels, pair->b);

		first[a] += (double) pair->count;
		second[b] += (double) pair->count;
		total += (double) pair->count;
	}
	for (uint32_t i = 0; i < pairs->used; i++)
		sum += (double) pairs->entries[i].count / total *
			agreement_distance_of(distance,
								  place_of(labels, distance->labels,
										   pairs->entries[i].a),
								  place_of(labels, distance->labels,
										   pairs->entries[i].b));
	for (uint32_t k = 0; k < distance->labels; k++)
	{
		first[k] /= total;
		second[k] /= total;
	}
	return sum;
}


static AgreementStatus
measure_pairs(const AgreementTally *pairs, const AgreementScale *scale,
			  const uint64_t *labels, uint32_t nlabels, bool scott,
			  double *vectors, const AgreementHost *host, bool *defined,
			  double *value)
{
	AgreementDistance distance;
	double	   *first = vectors;
	double	   *second = vectors + nlabels;
	double		seen;
	double		chance = 0;
	AgreementStatus status = agreement_distance_start(&distance, scale,
													  labels, nlabels, host);

	if (status == AGREEMENT_OK)
	{
		seen = pair_shares(pairs, &distance, labels, first, second);
		for (uint32_t k = 0; k < nlabels && scott; k++)
			first[k] = second[k] = (first[k] + second[k]) / 2;
		status = agreement_distance_sum(&distance, first, second, host,
										&chance);
		*defined = status == AGREEMENT_OK && chance > 0;
		if (*defined)
			*value = 1 - seen / chance;
	}
	agreement_distance_end(&distance, host);
	return status;
}


AgreementStatus
agreement_pairs(const AgreementTally *pairs, AgreementScaleKind kind,
				double period, bool scott, const AgreementHost *host,
				bool *defined, double *value)
{
	AgreementScale scale = {.kind = kind, .period = period};
	AgreementTally labels;
	uint64_t   *keys = NULL;
	double	   *vectors = NULL;
	AgreementStatus status = pair_labels(pairs, &labels, host);

	*defined = false;
	if (status == AGREEMENT_OK && labels.used > 1)
	{
		keys = host->allocate(host->context, sizeof(uint64_t) * labels.used);
		vectors = host->allocate(host->context,
								 2 * sizeof(double) * labels.used);
		if (keys == NULL || vectors == NULL)
			status = AGREEMENT_NO_MEMORY;
		for (uint32_t k = 0; k < labels.used && status == AGREEMENT_OK; k++)
			keys[k] = labels.entries[k].a;
		if (status == AGREEMENT_OK)
			status = measure_pairs(pairs, &scale, keys, labels.used, scott,
								   vectors, host, defined, value);
	}
	if (keys != NULL)
		host->release(host->context, keys);
	if (vectors != NULL)
		host->release(host->context, vectors);
	agreement_tally_end(&labels, host);
	return status;
}
