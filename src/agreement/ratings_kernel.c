/*-------------------------------------------------------------------------
 *
 * ratings_kernel.c
 *	  The full table of ratings, and the intraclass correlations of it.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "agreement/distribution_kernel.h"
#include "agreement/exact_kernel.h"
#include "agreement/ratings_kernel.h"

#define PROCEED_EVERY 65536		/* ratings */


static bool
proceed(const AgreementHost *host, uint64_t step)
{
	return step % PROCEED_EVERY != 0 || host->proceed(host->context);
}


/*
 * Ratings as answers: item and annotator, each numbered as it first came,
 * are the item, the value is the label.
 */
static AgreementStatus
number_ratings(const AgreementRating *ratings, size_t count,
			   AgreementTally *items, AgreementTally *annotators,
			   AgreementAnswer *answers, const AgreementHost *host)
{
	AgreementStatus status = agreement_tally_start(items, host);

	if (status == AGREEMENT_OK)
		status = agreement_tally_start(annotators, host);
	for (size_t i = 0; i < count && status == AGREEMENT_OK; i++)
	{
		uint32_t	item;
		uint32_t	annotator;

		status = agreement_tally_add(items, host, ratings[i].item, 0, 1,
									 &item);
		if (status == AGREEMENT_OK)
			status = agreement_tally_add(annotators, host,
										 ratings[i].annotator, 0, 1,
										 &annotator);
		if (status != AGREEMENT_OK)
			break;
		answers[i].item = (uint64_t) item << 32 | annotator;
		answers[i].label = ratings[i].value;
		if (!proceed(host, i + 1))
			status = AGREEMENT_STOPPED;
	}
	return status == AGREEMENT_OK ? agreement_sort(answers, count, host)
		: status;
}


/* The mean of the different values from *at on; moves past all of them. */
static double
one_value(const AgreementAnswer *answers, size_t count, size_t *at)
{
	uint64_t	who = answers[*at].item;
	uint64_t	last = answers[*at].label;
	double		sum = agreement_key_number(last);
	double		values = 1;

	for ((*at)++; *at < count && answers[*at].item == who; (*at)++)
		if (answers[*at].label != last)
		{
			last = answers[*at].label;
			values++;
			sum += (agreement_key_number(last) - sum) / values;
		}
	return sum;
}


/* Keeps the items that have a value of each annotator. */
static AgreementStatus
fill_table(const AgreementAnswer *answers, size_t count,
		   const AgreementHost *host, AgreementRatings *table)
{
	uint64_t	used = 0;
	uint64_t	has = 0;
	size_t		next = 0;

	for (uint64_t step = 1; next < count; step++)
	{
		uint64_t	item = answers[next].item >> 32;

		table->values[used + has++] = one_value(answers, count, &next);
		if (next == count || answers[next].item >> 32 != item)
		{
			if (has == table->annotators)
			{
				used += has;
				table->items++;
			}
			has = 0;
		}
		if (!proceed(host, step))
			return AGREEMENT_STOPPED;
	}
	return AGREEMENT_OK;
}


AgreementStatus
agreement_ratings(const AgreementRating *ratings, size_t count,
				  const AgreementHost *host, AgreementRatings *table)
{
	AgreementTally items = {NULL, NULL, 0, 0};
	AgreementTally annotators = {NULL, NULL, 0, 0};
	AgreementAnswer *answers;
	AgreementStatus status;

	memset(table, 0, sizeof(*table));
	if (count == 0)
		return AGREEMENT_OK;
	answers = host->allocate(host->context, sizeof(AgreementAnswer) * count);
	table->values = host->allocate(host->context, sizeof(double) * count);
	status = (answers == NULL || table->values == NULL) ? AGREEMENT_NO_MEMORY
		: number_ratings(ratings, count, &items, &annotators, answers, host);
	table->annotators = annotators.used;
	if (status == AGREEMENT_OK)
		status = fill_table(answers, count, host, table);
	if (answers != NULL)
		host->release(host->context, answers);
	agreement_tally_end(&items, host);
	agreement_tally_end(&annotators, host);
	return status;
}


void
agreement_ratings_end(AgreementRatings *table, const AgreementHost *host)
{
	if (table->values != NULL)
		host->release(host->context, table->values);
	memset(table, 0, sizeof(*table));
}


/* ---- analysis of variance ----------------------------------------------- */

typedef struct Means
{
	const AgreementRatings *table;
	double		origin;			/* half of the least value */
	double		scale;			/* brings half of the range below 1 */
	double	   *items;
	double	   *annotators;
	double		all;
} Means;


/* A value between 0 and 1; halves, so that no difference overflows. */
static inline double
place(const Means *means, uint64_t item, uint64_t annotator)
{
	const AgreementRatings *table = means->table;

	return (table->values[item * table->annotators + annotator] / 2 -
			means->origin) * means->scale;
}


static void
find_scale(Means *means)
{
	const AgreementRatings *table = means->table;
	double		low = table->values[0];
	double		high = low;
	int			exponent;

	for (uint64_t i = 0; i < table->items * table->annotators; i++)
	{
		low = fmin(low, table->values[i]);
		high = fmax(high, table->values[i]);
	}
	means->origin = low / 2;
	(void) frexp(high / 2 - low / 2, &exponent);
	means->scale = ldexp(1, exponent < -1000 ? 1000 : -exponent);
}


static AgreementStatus
find_means(Means *means, ExactSum *sums, const AgreementHost *host)
{
	const AgreementRatings *table = means->table;
	ExactSum	all = {0, 0};

	for (uint64_t i = 0; i < table->items; i++)
	{
		ExactSum	item = {0, 0};

		for (uint64_t j = 0; j < table->annotators; j++)
		{
			ExactSum	value = exact_fraction(place(means, i, j));

			exact_add(&item, value);
			exact_add(&sums[j], value);
			if (!proceed(host, i * table->annotators + j + 1))
				return AGREEMENT_STOPPED;
		}
		means->items[i] = exact_value(item) / (double) table->annotators;
		exact_add(&all, item);
	}
	for (uint64_t j = 0; j < table->annotators; j++)
		means->annotators[j] = exact_value(sums[j]) / (double) table->items;
	means->all = exact_value(all) / (double) table->items /
		(double) table->annotators;
	return AGREEMENT_OK;
}


static inline void
add_square(ExactSum *sum, double distance)
{
	exact_add(sum, exact_fraction(distance * distance));
}


static AgreementStatus
find_squares(const Means *means, const AgreementHost *host,
			 AgreementVariance *variance)
{
	const AgreementRatings *table = means->table;
	ExactSum	between = {0, 0};
	ExactSum	within = {0, 0};
	ExactSum	annotator = {0, 0};
	ExactSum	error = {0, 0};
	double		n = (double) table->items;
	double		k = (double) table->annotators;

	for (uint64_t j = 0; j < table->annotators; j++)
		add_square(&annotator, means->annotators[j] - means->all);
	for (uint64_t i = 0; i < table->items; i++)
	{
		double		item = means->items[i];

		add_square(&between, item - means->all);
		for (uint64_t j = 0; j < table->annotators; j++)
		{
			double		own = place(means, i, j) - item;

			add_square(&within, own);
			add_square(&error, own - (means->annotators[j] - means->all));
			if (!proceed(host, i * table->annotators + j + 1))
				return AGREEMENT_STOPPED;
		}
	}
	variance->between = exact_value(between) * k / (n - 1);
	variance->within = exact_value(within) / (n * (k - 1));
	variance->annotator = exact_value(annotator) * n / (k - 1);
	variance->error = exact_value(error) / ((n - 1) * (k - 1));
	/* what only rounding makes is nothing */
	if (variance->error < 1e-28)
		variance->error = 0;
	if (variance->within < 1e-28)
		variance->within = 0;
	if (variance->between < 1e-28)
		variance->between = 0;
	return AGREEMENT_OK;
}


AgreementStatus
agreement_variance(const AgreementRatings *table, const AgreementHost *host,
				   AgreementVariance *variance)
{
	Means		means = {.table = table};
	ExactSum   *sums;
	AgreementStatus status = AGREEMENT_NO_MEMORY;

	*variance = (AgreementVariance)
	{
		table->items, table->annotators, NAN, NAN, NAN, NAN
	};
	if (table->items < 2 || table->annotators < 2)
		return AGREEMENT_OK;
	means.items = host->allocate(host->context,
								 sizeof(double) * table->items);
	means.annotators = host->allocate(host->context,
									  sizeof(double) * table->annotators);
	sums = host->allocate(host->context, sizeof(ExactSum) * table->annotators);
	if (means.items != NULL && means.annotators != NULL && sums != NULL)
	{
		find_scale(&means);
		status = find_means(&means, sums, host);
		if (status == AGREEMENT_OK)
			status = find_squares(&means, host, variance);
	}
	if (means.items != NULL)
		host->release(host->context, means.items);
	if (means.annotators != NULL)
		host->release(host->context, means.annotators);
	if (sums != NULL)
		host->release(host->context, sums);
	return status;
}


/* ---- the six forms ------------------------------------------------------ */

/* A share, or NaN where there is nothing to share. */
static double
share(double part, double whole)
{
	return whole > 0 ? part / whole : NAN;
}


static double
icc_value(const AgreementVariance *v, AgreementIccForm form)
{
	double		n = (double) v->items;
	double		k = (double) v->annotators;
	double		drift = (v->annotator - v->error) / n;

	switch (form)
	{
		case AGREEMENT_ICC1:
			return share(v->between - v->within,
						 v->between + (k - 1) * v->within);
		case AGREEMENT_ICC2:
			return share(v->between - v->error,
						 v->between + (k - 1) * v->error + k * drift);
		case AGREEMENT_ICC3:
			return share(v->between - v->error,
						 v->between + (k - 1) * v->error);
		case AGREEMENT_ICC1K:
			return share(v->between - v->within, v->between);
		case AGREEMENT_ICC2K:
			return share(v->between - v->error, v->between + drift);
		case AGREEMENT_ICC3K:
			break;
	}
	return share(v->between - v->error, v->between);
}


/* From a bound of F to one of the coefficient. */
static double
bound(double f, double k, bool of_mean)
{
	if (isinf(f))
		return 1;
	if (of_mean)
		return f > 0 ? 1 - 1 / f : NAN;
	return (f - 1) / (f + k - 1);
}


/* Forms 2: Satterthwaite's degrees of freedom, then as Shrout and Fleiss. */
static void
interval_of_two(const AgreementVariance *v, bool of_mean, double tail,
				AgreementIcc *icc)
{
	double		n = (double) v->items;
	double		k = (double) v->annotators;
	double		r = icc_value(v, AGREEMENT_ICC2);
	double		a = k * r * v->annotator;
	double		b = (n * (1 + (k - 1) * r) - k * r) * v->error;
	double		rest = k * v->annotator + (k * n - k - n) * v->error;
	double		df = (k - 1) * (n - 1) * (a + b) * (a + b) /
		((n - 1) * a * a + b * b);
	double		high = agreement_f_quantile(1 - tail, n - 1, df);
	double		low = agreement_f_quantile(1 - tail, df, n - 1);

	icc->lower = n * (v->between - high * v->error) /
		(high * rest + n * v->between);
	icc->upper = n * (low * v->between - v->error) /
		(rest + n * low * v->between);
	if (v->error == 0 && v->annotator == 0)
		icc->lower = icc->upper = 1;
	if (of_mean)
	{
		icc->lower = k * icc->lower / (1 + (k - 1) * icc->lower);
		icc->upper = k * icc->upper / (1 + (k - 1) * icc->upper);
	}
}


AgreementIcc
agreement_icc(const AgreementVariance *variance, AgreementIccForm form,
			  double level)
{
	double		n = (double) variance->items;
	double		k = (double) variance->annotators;
	double		tail = (1 - level) / 2;
	bool		of_mean = (form >= AGREEMENT_ICC1K);
	bool		one_way = (form == AGREEMENT_ICC1 || form == AGREEMENT_ICC1K);
	double		error = one_way ? variance->within : variance->error;
	AgreementIcc icc = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};

	if (isnan(variance->between))
		return icc;
	icc.value = icc_value(variance, form);
	icc.df1 = n - 1;
	icc.df2 = one_way ? n * (k - 1) : (n - 1) * (k - 1);
	if (error == 0 && variance->between == 0)
		return icc;
	icc.f = error > 0 ? variance->between / error : INFINITY;
	icc.p = agreement_f_tail(icc.f, icc.df1, icc.df2);
	if (isnan(icc.value))
		return icc;
	if (form == AGREEMENT_ICC2 || form == AGREEMENT_ICC2K)
		interval_of_two(variance, of_mean, tail, &icc);
	else
	{
		icc.lower = bound(icc.f / agreement_f_quantile(1 - tail, icc.df1,
													   icc.df2), k, of_mean);
		icc.upper = bound(icc.f * agreement_f_quantile(1 - tail, icc.df2,
													   icc.df1), k, of_mean);
	}
	return icc;
}
