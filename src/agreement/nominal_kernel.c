/*-------------------------------------------------------------------------
 *
 * nominal_kernel.c
 *	  Agreement of any number of annotators on labels without order.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "agreement/agreement_kernel.h"
#include "agreement/exact_kernel.h"

#define PROCEED_EVERY 65536		/* items */

/* What is summed over the items. */
typedef struct Sums
{
	AgreementTally labels;		/* counts: of answers to shared items */
	ExactSum   *shares;			/* by label's index: r_ik / r_i */
	ExactSum	disagreement;	/* sum_k r_ik (r_i - r_ik) / (r_i (r_i - 1)) */
	ExactSum	alpha_observed; /* the same without r_i below */
} Sums;


/*
 * The answers of one item lie from start to end - 1.  Adds its labels to the
 * tally, and what it says about agreement.
 */
static AgreementStatus
add_item(const AgreementAnswer *answers, size_t start, size_t end, Sums *sums,
		 AgreementNominal *result, const AgreementHost *host)
{
	uint64_t	all = end - start;
	uint64_t	unlike = 0;		/* ordered pairs of unlike answers */
	size_t		next;

	for (size_t i = start; i < end; i = next)
	{
		AgreementStatus status;
		uint64_t	same;

		for (next = i + 1; next < end; next++)
			if (answers[next].label != answers[i].label)
				break;
		same = next - i;
		unlike += same * (all - same);
		status = agreement_tally_add(&sums->labels, host, answers[i].label, 0,
									 all > 1 ? same : 0, NULL);
		if (status != AGREEMENT_OK)
			return status;
	}
	result->items++;
	if (all > 1)
	{
		result->shared_items++;
		result->shared_answers += all;
		if (unlike > 0)
		{
			exact_add(&sums->alpha_observed,
					  exact_fraction((double) unlike / (double) (all - 1)));
			exact_add(&sums->disagreement,
					  exact_fraction((double) unlike /
									 (double) (all * (all - 1))));
		}
	}
	return AGREEMENT_OK;
}


/* Adds one item's shares to those of its labels. */
static void
add_shares(const AgreementAnswer *answers, size_t start, size_t end,
		   Sums *sums)
{
	double		all = (double) (end - start);
	size_t		next;

	for (size_t i = start; i < end; i = next)
	{
		uint32_t	label = agreement_tally_find(&sums->labels,
												 answers[i].label, 0);

		for (next = i + 1; next < end; next++)
			if (answers[next].label != answers[i].label)
				break;
		exact_add(&sums->shares[label],
				  exact_fraction((double) (next - i) / all));
	}
}


/* Walks the items, first for the tally, then ("shares" made) for those. */
static AgreementStatus
walk_items(const AgreementAnswer *answers, size_t count, Sums *sums,
		   AgreementNominal *result, const AgreementHost *host)
{
	size_t		items = 0;
	size_t		end;

	for (size_t start = 0; start < count; start = end)
	{
		for (end = start + 1; end < count; end++)
			if (answers[end].item != answers[start].item)
				break;
		if (sums->shares != NULL)
			add_shares(answers, start, end, sums);
		else
		{
			AgreementStatus status = add_item(answers, start, end, sums,
											  result, host);

			if (status != AGREEMENT_OK)
				return status;
		}
		if (++items % PROCEED_EVERY == 0 && !host->proceed(host->context))
			return AGREEMENT_STOPPED;
	}
	return AGREEMENT_OK;
}


/* sum_k pi_k (1 - pi_k) */
static double
diversity(const ExactSum *shares, uint32_t labels, uint64_t items)
{
	double		total = (double) items;
	ExactSum	sum = {0, 0};

	for (uint32_t i = 0; i < labels; i++)
	{
		ExactSum	all = exact_whole(items);

		/* each item's share is rounded: their sum may pass the whole by that */
		if (exact_less(shares[i], all))
			exact_add(&sum,
					  exact_fraction(exact_value(shares[i]) / total *
									 (exact_value(exact_minus(all, shares[i])) / total)));
	}
	return exact_value(sum);
}


static void
finish(Sums *sums, AgreementNominal *result)
{
	ExactSum	unlike = {0, 0};

	result->labels = sums->labels.used;
	if (result->shared_items == 0)
		return;
	result->disagreement = exact_value(sums->disagreement) /
		(double) result->shared_items;
	result->agreement = exact_value(exact_minus(exact_whole(result->shared_items),
												sums->disagreement)) /
		(double) result->shared_items;
	for (uint32_t i = 0; i < sums->labels.used; i++)
	{
		uint64_t	same = sums->labels.entries[i].count;

		exact_add(&unlike, exact_product(same, result->shared_answers - same));
	}
	result->alpha_observed = exact_value(sums->alpha_observed);
	result->alpha_expected = exact_integer_value(unlike) /
		(double) (result->shared_answers - 1);
}


AgreementStatus
agreement_nominal(const AgreementAnswer *answers, size_t count,
				  bool with_diversity, const AgreementHost *host,
				  AgreementNominal *result)
{
	Sums		sums;
	AgreementStatus status;

	memset(result, 0, sizeof(*result));
	memset(&sums, 0, sizeof(sums));
	result->answers = count;
	status = agreement_tally_start(&sums.labels, host);
	if (status == AGREEMENT_OK)
		status = walk_items(answers, count, &sums, result, host);
	if (status == AGREEMENT_OK && with_diversity && count > 0)
	{
		sums.shares = host->allocate(host->context,
									 sizeof(ExactSum) * sums.labels.used);
		status = sums.shares == NULL ? AGREEMENT_NO_MEMORY
			: walk_items(answers, count, &sums, result, host);
		if (status == AGREEMENT_OK)
			result->diversity = diversity(sums.shares, sums.labels.used,
										  result->items);
		if (sums.shares != NULL)
			host->release(host->context, sums.shares);
	}
	if (status == AGREEMENT_OK)
		finish(&sums, result);
	agreement_tally_end(&sums.labels, host);
	return status;
}


bool
agreement_percent(const AgreementNominal *sums, double *value)
{
	if (sums->shared_items == 0)
		return false;
	*value = sums->agreement;
	return true;
}


/* (p_a - p_e) / (1 - p_e), p_e = sum_k pi_k^2 */
bool
agreement_fleiss_kappa(const AgreementNominal *sums, double *value)
{
	if (sums->shared_items == 0 || sums->labels < 2)
		return false;
	*value = 1 - sums->disagreement / sums->diversity;
	return true;
}


/*
 * p_e = sum_k pi_k (1 - pi_k) / (q - 1) with q the number of labels in use:
 * of one label nothing can be said.
 */
bool
agreement_gwet_ac1(const AgreementNominal *sums, double *value)
{
	if (sums->shared_items == 0 || sums->labels < 2)
		return false;
	*value = 1 - sums->disagreement /
		(1 - sums->diversity / (double) (sums->labels - 1));
	return true;
}


bool
agreement_alpha_nominal(const AgreementNominal *sums, double *value)
{
	if (sums->shared_items == 0 || sums->alpha_expected == 0)
		return false;
	*value = 1 - sums->alpha_observed / sums->alpha_expected;
	return true;
}


/* All labels in use are as likely: p_e = 1 / q. */
bool
agreement_brennan_prediger(const AgreementNominal *sums, double *value)
{
	double		q = (double) sums->labels;

	if (sums->shared_items == 0 || sums->labels < 2)
		return false;
	*value = 1 - sums->disagreement * q / (q - 1);
	return true;
}
