/*-------------------------------------------------------------------------
 *
 * ranking_kernel.c
 *	  How far rankings agree: Kendall's W and the mean of Spearman's rho.
 *
 * Mean ranks are halves, so twice a rank is an integer, and W is a ratio of
 * integers.  The mean of all pairs' correlations takes no pairs: it is that
 * of each item's sum of standardised ranks.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "agreement/distribution_kernel.h"
#include "agreement/exact_kernel.h"
#include "agreement/ratings_kernel.h"

typedef struct Sums
{
	AgreementAnswer *order;		/* one annotator's values, and whose they are */
	uint64_t   *ranks;			/* by item: twice the sum of its ranks */
	ExactSum   *standard;		/* by item: the sum of standardised ranks,
								 * each plus one */
	ExactSum	ties;			/* sum of t^3 - t */
	uint64_t	varied;			/* annotators to whom items differ */
} Sums;


/* The end of a run of equal values. */
static uint64_t
run_end(const AgreementAnswer *order, uint64_t count, uint64_t start)
{
	uint64_t	end = start + 1;

	while (end < count && order[end].item == order[start].item)
		end++;
	return end;
}


/* Puts one annotator's values in their order and counts ties. */
static AgreementStatus
order_values(const AgreementRatings *table, uint64_t annotator, Sums *sums,
			 const AgreementHost *host, ExactSum *ties)
{
	AgreementStatus status;
	uint64_t	end;

	for (uint64_t i = 0; i < table->items; i++)
	{
		sums->order[i].item =
			agreement_number_key(table->values[i * table->annotators + annotator]);
		sums->order[i].label = i;
	}
	status = agreement_sort(sums->order, table->items, host);
	for (uint64_t i = 0; i < table->items && status == AGREEMENT_OK; i = end)
	{
		end = run_end(sums->order, table->items, i);
		exact_add(ties, exact_product((end - i) * (end - i) - 1, end - i));
	}
	return status;
}


static AgreementStatus
add_annotator(const AgreementRatings *table, uint64_t annotator, Sums *sums,
			  const AgreementHost *host)
{
	uint64_t	n = table->items;
	ExactSum	ties = {0, 0};
	AgreementStatus status = order_values(table, annotator, sums, host, &ties);
	double		spread;
	uint64_t	end;

	if (status != AGREEMENT_OK)
		return status;
	exact_add(&sums->ties, ties);
	/* twelve times the sum of squared ranks about their mean */
	spread = exact_integer_value(exact_minus(exact_product(n * n - 1, n),
											 ties));
	sums->varied += spread > 0;
	for (uint64_t i = 0; i < n; i = end)
	{
		uint64_t	rank;		/* twice */

		end = run_end(sums->order, n, i);
		rank = i + end + 1;
		for (uint64_t j = i; j < end; j++)
		{
			uint64_t	item = sums->order[j].label;

			sums->ranks[item] += rank;
			if (spread > 0)
				exact_add(&sums->standard[item],
						  exact_fraction(1 + ((double) rank - (double) (n + 1)) *
										 sqrt(3 / spread)));
		}
	}
	return host->proceed(host->context) ? AGREEMENT_OK : AGREEMENT_STOPPED;
}


static void
finish(const AgreementRatings *table, const Sums *sums,
	   AgreementRanking *ranking)
{
	double		n = (double) table->items;
	double		m = (double) table->annotators;
	double		varied = (double) sums->varied;
	uint64_t	mean = table->annotators * (table->items + 1);
	ExactSum	squares = {0, 0};
	ExactSum	together = {0, 0};
	double		most = m * (m * (n * n * n - n) - exact_integer_value(sums->ties));

	for (uint64_t i = 0; i < table->items; i++)
	{
		uint64_t	apart = sums->ranks[i] > mean ? sums->ranks[i] - mean
			: mean - sums->ranks[i];
		double		standard = exact_value(sums->standard[i]) - varied;

		exact_add(&squares, exact_product(apart, apart));
		exact_add(&together, exact_fraction(standard * standard));
	}
	if (most > 0)
	{
		ranking->w = fmin(1, 3 * exact_integer_value(squares) / most);
		ranking->chi_square = m * (n - 1) * ranking->w;
		ranking->df = n - 1;
		ranking->p = agreement_chi_square_tail(ranking->chi_square,
											   ranking->df);
	}
	if (sums->varied > 1)
		ranking->spearman = fmin(1, (exact_value(together) - varied) /
								 (varied * (varied - 1)));
}


AgreementStatus
agreement_ranking(const AgreementRatings *table, const AgreementHost *host,
				  AgreementRanking *ranking)
{
	Sums		sums = {NULL, NULL, NULL, {0, 0}, 0};
	AgreementStatus status = AGREEMENT_NO_MEMORY;

	*ranking = (AgreementRanking) {NAN, NAN, NAN, NAN, NAN};
	if (table->items < 2 || table->annotators < 2)
		return AGREEMENT_OK;
	sums.order = host->allocate(host->context,
								sizeof(AgreementAnswer) * table->items);
	sums.ranks = host->allocate(host->context,
								sizeof(uint64_t) * table->items);
	sums.standard = host->allocate(host->context,
								   sizeof(ExactSum) * table->items);
	if (sums.order != NULL && sums.ranks != NULL && sums.standard != NULL)
		status = AGREEMENT_OK;
	for (uint64_t j = 0; j < table->annotators && status == AGREEMENT_OK; j++)
		status = add_annotator(table, j, &sums, host);
	if (status == AGREEMENT_OK)
		finish(table, &sums, ranking);
	if (sums.order != NULL)
		host->release(host->context, sums.order);
	if (sums.ranks != NULL)
		host->release(host->context, sums.ranks);
	if (sums.standard != NULL)
		host->release(host->context, sums.standard);
	return status;
}
