/*-------------------------------------------------------------------------
 *
 * sets_kernel.c
 *	  Alpha by any distance, and the distances of sets.
 *
 * Krippendorff, Content Analysis, 4th ed. 2018, ch. 12: 1 less observed over
 * expected disagreement, each a mean of distances over pairs of answers.
 *
 *-------------------------------------------------------------------------
 */
#include "agreement/sets_kernel.h"

#define PROCEED_EVERY 4096		/* distances */


static uint32_t
common(AgreementSet a, AgreementSet b)
{
	uint32_t	count = 0;
	uint32_t	i = 0;
	uint32_t	j = 0;

	while (i < a.count && j < b.count)
	{
		uint64_t	x = a.elements[i];
		uint64_t	y = b.elements[j];

		count += x == y;
		i += x <= y;
		j += y <= x;
	}
	return count;
}


double
agreement_jaccard(AgreementSet a, AgreementSet b)
{
	double		both = common(a, b);
	double		all = (double) a.count + b.count - both;

	return all > 0 ? (all - both) / all : 0;
}


double
agreement_masi(AgreementSet a, AgreementSet b)
{
	uint32_t	both = common(a, b);
	double		all = (double) a.count + b.count - both;

	if (a.count == both && b.count == both)
		return 0;
	if (a.count == both || b.count == both)
		return 1 - 2 * both / (3 * all);
	return 1 - both / (3 * all);
}


AgreementStatus
agreement_alpha_by(const AgreementMatrix *matrix,
				   AgreementDistanceFunction distance, void *context,
				   const AgreementHost *host, bool *defined, double *value)
{
	double		n = (double) matrix->shared_answers;
	double		seen = 0;
	double		chance = 0;
	uint64_t	steps = 0;
	uint64_t	cell = 0;

	*defined = false;
	if (matrix->shared_items == 0)
		return AGREEMENT_OK;
	for (uint32_t k = 0; k < matrix->nlabels; k++)
	{
		double		row = 0;

		if (matrix->shared[k] == 0)
			continue;
		for (uint32_t l = k + 1; l < matrix->nlabels; l++)
		{
			double		apart;

			if (matrix->shared[l] == 0)
				continue;
			if (++steps % PROCEED_EVERY == 0 && !host->proceed(host->context))
				return AGREEMENT_STOPPED;
			apart = distance(context, k, l);
			row += apart * (double) matrix->shared[l];
			while (cell < matrix->ncells &&
				   (matrix->cells[cell].k < k ||
					(matrix->cells[cell].k == k && matrix->cells[cell].l < l)))
				cell++;
			if (cell < matrix->ncells && matrix->cells[cell].k == k &&
				matrix->cells[cell].l == l)
				seen += exact_value(matrix->cells[cell].alpha) * apart;
		}
		chance += row * (double) matrix->shared[k];
	}
	*defined = chance > 0;
	if (*defined)
		*value = 1 - seen / n * (n * (n - 1)) / chance;
	return AGREEMENT_OK;
}
