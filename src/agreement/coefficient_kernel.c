/*-------------------------------------------------------------------------
 *
 * coefficient_kernel.c
 *	  Weighted coefficients of agreement, from the matrices of a set.
 *
 * All are 1 - observed / expected disagreement; what differs is how chance is
 * thought to work.  Gwet, Handbook of Inter-Rater Reliability, 4th ed. 2014;
 * Krippendorff, Content Analysis, 4th ed. 2018, ch. 12.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "agreement/matrix_kernel.h"

#define PROCEED_EVERY 65536		/* cells */


/* Sum over ordered pairs of labels of distance times a matrix's cell. */
static AgreementStatus
observed(const AgreementMatrix *matrix, const AgreementDistance *distance,
		 bool alpha, const AgreementHost *host, double *value)
{
	ExactSum	unlike = {0, 0};
	double		sum = 0;

	for (uint64_t i = 0; i < matrix->ncells; i++)
	{
		const AgreementCell *cell = &matrix->cells[i];
		ExactSum	met = alpha ? cell->alpha : cell->agreement;

		if (distance->kind == AGREEMENT_SCALE_IDENTITY)
		{
			if (cell->k != cell->l)
				exact_add(&unlike, met);
		}
		else if (cell->k == cell->l)
			sum += exact_value(met) *
				agreement_distance_of(distance, cell->k, cell->k);
		else
			sum += exact_value(met) *
				(agreement_distance_of(distance, cell->k, cell->l) +
				 agreement_distance_of(distance, cell->l, cell->k));
		if (i % PROCEED_EVERY == PROCEED_EVERY - 1 &&
			!host->proceed(host->context))
			return AGREEMENT_STOPPED;
	}
	*value = distance->kind == AGREEMENT_SCALE_IDENTITY
		? 2 * exact_value(unlike) : sum;
	return AGREEMENT_OK;
}


/* pi_k, the mean over all items of r_ik / r_i. */
static void
mean_shares(const AgreementMatrix *matrix, double *shares)
{
	for (uint32_t k = 0; k < matrix->nlabels; k++)
		shares[k] = fmin(1, exact_value(matrix->shares[k]) /
						 (double) matrix->items);
}


/* 1 - T_w / (q (q - 1)) sum_k pi_k (1 - pi_k), T_w the sum of all weights */
static double
gwet_expected(const double *shares, uint32_t labels, double distances)
{
	double		q = labels;
	ExactSum	sum = {0, 0};

	for (uint32_t k = 0; k < labels; k++)
		exact_add(&sum, exact_fraction(shares[k] * (1 - shares[k])));
	return 1 - (q * q - distances) / (q * (q - 1)) * exact_value(sum);
}


/* The disagreement that chance would make. */
static AgreementStatus
expected(const AgreementMatrix *matrix, const AgreementDistance *distance,
		 AgreementMeasure measure, const AgreementHost *host, double *value)
{
	double		q = matrix->nlabels;
	double	   *shares;
	AgreementStatus status;

	if (measure == AGREEMENT_MEASURE_BRENNAN_PREDIGER)
	{
		status = agreement_distance_sum(distance, NULL, NULL, host, value);
		*value /= q * q;
		return status;
	}
	shares = host->allocate(host->context, sizeof(double) * matrix->nlabels);
	if (shares == NULL)
		return AGREEMENT_NO_MEMORY;
	if (measure == AGREEMENT_MEASURE_ALPHA)
		for (uint32_t k = 0; k < matrix->nlabels; k++)
			shares[k] = (double) matrix->shared[k] /
				(double) matrix->shared_answers;
	else
		mean_shares(matrix, shares);
	if (measure == AGREEMENT_MEASURE_GWET)
	{
		status = agreement_distance_sum(distance, NULL, NULL, host, value);
		*value = gwet_expected(shares, matrix->nlabels, *value);
	}
	else
		status = agreement_distance_sum(distance, shares, shares, host, value);
	host->release(host->context, shares);
	return status;
}


AgreementStatus
agreement_measure(const AgreementMatrix *matrix,
				  const AgreementDistance *distance, AgreementMeasure measure,
				  const AgreementHost *host, bool *defined, double *value)
{
	bool		alpha = (measure == AGREEMENT_MEASURE_ALPHA);
	double		seen = 0;
	double		chance = 1;
	AgreementStatus status;

	*defined = false;
	if (matrix->shared_items == 0 ||
		(matrix->nlabels < 2 && measure != AGREEMENT_MEASURE_PERCENT))
		return AGREEMENT_OK;
	status = observed(matrix, distance, alpha, host, &seen);
	if (status == AGREEMENT_OK && measure != AGREEMENT_MEASURE_PERCENT)
		status = expected(matrix, distance, measure, host, &chance);
	if (status != AGREEMENT_OK)
		return status;
	if (alpha)
	{
		/* n_k n_l / (n - 1), where the matrix sums to n */
		seen /= (double) matrix->shared_answers;
		chance *= (double) matrix->shared_answers /
			(double) (matrix->shared_answers - 1);
	}
	else
		seen /= (double) matrix->shared_items;
	*defined = chance > 0;
	if (*defined)
		*value = 1 - seen / chance;
	return AGREEMENT_OK;
}
