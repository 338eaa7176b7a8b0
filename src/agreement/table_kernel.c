/*-------------------------------------------------------------------------
 *
 * table_kernel.c
 *	  Coefficients of two annotators, with standard errors.
 *
 * All have the variance (1 - f) / (n (1 - p_e)^2) times the variance of
 * w_kl - (1 - coefficient) (part_k + part_l) over the items.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "agreement/report_kernel.h"

typedef struct Table
{
	const ReportPair *pairs;
	size_t		count;
	double		n;
	uint32_t	labels;
	const AgreementDistance *distance;
	double		factor;
	const AgreementHost *host;
	double	   *first;			/* by label: share with each annotator */
	double	   *second;
	double	   *row;			/* by label: the part of an item's a */
	double	   *column;			/* and of its b */
	double		agreement;
} Table;


static double
weight(const Table *table, uint32_t k, uint32_t l)
{
	return 1 - agreement_distance_of(table->distance, k, l);
}


/* With parts given in row and column; p_e the mean of each of them. */
static void
finish(const Table *table, double agreement, double expected, bool parts,
	   ReportValue *value)
{
	double		published;
	double		sum = 0;
	double		mean = 0;

	value->items = (uint64_t) table->n;
	value->defined = 1 - expected > 1e-14;
	if (!value->defined)
		return;
	value->value = (agreement - expected) / (1 - expected);
	value->has_error = table->n > 1;
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < table->count; i++)
		{
			const ReportPair *pair = &table->pairs[i];
			double		share = pair->count / table->n;
			double		x = weight(table, pair->a, pair->b) -
				(1 - value->value) *
				(table->row[pair->a] + table->column[pair->b]);

			if (pass == 0)
				mean += share * x;
			else
				sum += share * (x - mean) * (x - mean);
		}
	/* as published; the same as their mean where weights are symmetric */
	published = table->agreement - 2 * (1 - value->value) * (parts ? expected : 0);
	sum = fmax(0, sum + mean * mean - published * published);
	value->error = sqrt(table->factor * sum / table->n) / (1 - expected);
}


/* Each label's mean weight with a draw from the given shares. */
static AgreementStatus
mean_weights(const Table *table, const double *columns, const double *rows)
{
	for (uint32_t k = 0; k < table->labels; k++)
	{
		table->row[k] = table->column[k] = 0;
		for (uint32_t l = 0; l < table->labels; l++)
		{
			table->row[k] += columns[l] * weight(table, k, l);
			table->column[k] += rows[l] * weight(table, l, k);
		}
		if (table->labels > 256 && !table->host->proceed(table->host->context))
			return AGREEMENT_STOPPED;
	}
	return AGREEMENT_OK;
}


static double
mean_row(const Table *table, const double *shares)
{
	double		sum = 0;

	for (uint32_t k = 0; k < table->labels; k++)
		sum += shares[k] * table->row[k];
	return sum;
}


static AgreementStatus
fill_values(Table *table, ReportValue *values)
{
	double		q = table->labels;
	double		distances;
	double		total;
	double		expected = 0;
	AgreementStatus status;

	finish(table, table->agreement, 0, false, &values[REPORT_PERCENT]);
	if (table->labels < 2)
		return AGREEMENT_OK;
	status = agreement_distance_sum(table->distance, NULL, NULL, table->host,
									&distances);
	total = q * q - distances;
	finish(table, table->agreement, total / (q * q), false,
		   &values[REPORT_BRENNAN_PREDIGER]);
	if (status == AGREEMENT_OK)
		status = mean_weights(table, table->second, table->first);
	if (status != AGREEMENT_OK)
		return status;
	finish(table, table->agreement, mean_row(table, table->first), true,
		   &values[REPORT_COHEN]);

	/* from here on both draw from the labels of the two together */
	for (uint32_t k = 0; k < table->labels; k++)
	{
		table->row[k] = table->column[k] = (table->row[k] + table->column[k]) / 2;
		table->first[k] = (table->first[k] + table->second[k]) / 2;
	}
	status = agreement_distance_sum(table->distance, table->first,
									table->first, table->host, &expected);
	if (status != AGREEMENT_OK)
		return status;
	expected = 1 - expected;
	finish(table, table->agreement, expected, true, &values[REPORT_SCOTT]);
	finish(table, (1 - 1 / (2 * table->n)) * table->agreement +
		   1 / (2 * table->n), expected, true, &values[REPORT_ALPHA]);

	expected = 0;
	for (uint32_t k = 0; k < table->labels; k++)
	{
		table->row[k] = table->column[k] = total / (q * (q - 1)) *
			(1 - table->first[k]);
		expected += table->first[k] * table->row[k];
	}
	finish(table, table->agreement, expected, true, &values[REPORT_GWET]);
	return AGREEMENT_OK;
}


AgreementStatus
report_table(const ReportPair *pairs, size_t count, uint64_t items,
			 uint32_t labels, const AgreementDistance *distance,
			 double population_factor, const AgreementHost *host,
			 ReportValue *values)
{
	Table		table = {.pairs = pairs, .count = count, .n = (double) items,
		.labels = labels, .distance = distance, .factor = population_factor,
	.host = host};
	double	   *vectors;
	AgreementStatus status;

	memset(values, 0, sizeof(ReportValue) * REPORT_MEASURES);
	if (count == 0)
		return AGREEMENT_OK;
	vectors = host->allocate(host->context, sizeof(double) * 4 * labels);
	if (vectors == NULL)
		return AGREEMENT_NO_MEMORY;
	table.first = vectors;
	table.second = vectors + labels;
	table.row = vectors + 2 * (size_t) labels;
	table.column = vectors + 3 * (size_t) labels;
	for (size_t i = 0; i < count; i++)
	{
		double		share = pairs[i].count / table.n;

		table.first[pairs[i].a] += share;
		table.second[pairs[i].b] += share;
		table.agreement += share * weight(&table, pairs[i].a, pairs[i].b);
	}
	status = fill_values(&table, values);
	host->release(host->context, vectors);
	return status;
}

/* ---- Student's t -------------------------------------------------------- */

/* The regularised incomplete beta function, by Lentz's continued fraction. */
static double
beta_fraction(double a, double b, double x)
{
	double		c = 1;
	double		d = 1 - (a + b) * x / (a + 1);
	double		f;

	d = 1 / (fabs(d) < 1e-300 ? 1e-300 : d);
	f = d;
	for (int m = 1; m < 1000; m++)
	{
		double		step = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double		factor;

		for (int half = 0; half < 2; half++)
		{
			if (half == 1)
				step = -(a + m) * (a + b + m) * x /
					((a + 2 * m) * (a + 2 * m + 1));
			d = 1 + step * d;
			d = 1 / (fabs(d) < 1e-300 ? 1e-300 : d);
			c = 1 + step / c;
			c = fabs(c) < 1e-300 ? 1e-300 : c;
			factor = c * d;
			f *= factor;
		}
		if (fabs(factor - 1) < 1e-15)
			break;
	}
	return f;
}


static double
incomplete_beta(double a, double b, double x)
{
	double		front;

	if (x <= 0 || x >= 1)
		return x <= 0 ? 0 : 1;
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) +
				b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}


double
report_student(double p, double freedom)
{
	double		low = 0;
	double		high = 1;

	/* the upper tail is half of I_x(v / 2, 1 / 2) at x = v / (v + t^2) */
	while (incomplete_beta(freedom / 2, 0.5, freedom / (freedom + high * high)) / 2 >
		   1 - p && high < 1e150)
		high *= 2;
	for (int i = 0; i < 200; i++)
	{
		double		t = (low + high) / 2;

		if (incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2 >
			1 - p)
			low = t;
		else
			high = t;
	}
	return (low + high) / 2;
}
