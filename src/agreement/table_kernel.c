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

#include "agreement/report_work_kernel.h"

typedef struct Table
{
	const ReportData *data;
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
	if (parts && table->distance->kind == AGREEMENT_SCALE_CUSTOM)
	{
		/* as published; with symmetric weights it is their mean */
		double		published = table->agreement -
			2 * (1 - value->value) * expected;

		sum = fmax(0, sum + (mean - published) * (mean + published));
	}
	value->error = sqrt(table->factor * sum / table->n) / (1 - expected);
}


/* Each label's mean weight with a draw from the given shares. */
static AgreementStatus
mean_weights(const Table *table, const double *columns, const double *rows)
{
	AgreementStatus status;

	status = agreement_distance_rows(table->distance, false, NULL,
									 table->labels, columns, table->host,
									 table->row);
	if (status == AGREEMENT_OK)
		status = agreement_distance_rows(table->distance, true, NULL,
										 table->labels, rows, table->host,
										 table->column);
	for (uint32_t k = 0; k < table->labels; k++)
	{
		table->row[k] = 1 - table->row[k];
		table->column[k] = 1 - table->column[k];
	}
	return status;
}


static double
mean_row(const Table *table, const double *shares)
{
	double		sum = 0;

	for (uint32_t k = 0; k < table->labels; k++)
		sum += shares[k] * table->row[k];
	return sum;
}


/* Alpha, when it has a metric of its own. */
static AgreementStatus
fill_alpha(Table *table, uint64_t *counts, ReportValue *value)
{
	AgreementScale scale = *table->data->metric;
	AgreementDistance own;
	const AgreementDistance *distance = table->distance;
	double		agreement = table->agreement;
	AgreementStatus status;

	for (uint32_t k = 0; k < table->labels; k++)
		counts[k] = report_count(table->first[k]);
	scale.counts = counts;
	status = agreement_distance_start(&own, &scale, table->data->label_keys,
									  table->labels, table->host);
	table->distance = &own;
	if (status == AGREEMENT_OK)
		status = mean_weights(table, table->first, table->first);
	if (status == AGREEMENT_OK)
	{
		table->agreement = 0;
		for (size_t i = 0; i < table->count; i++)
			table->agreement += table->pairs[i].count / table->n *
				weight(table, table->pairs[i].a, table->pairs[i].b);
		finish(table, (1 - 1 / (2 * table->n)) * table->agreement +
			   1 / (2 * table->n), mean_row(table, table->first), true, value);
	}
	agreement_distance_end(&own, table->host);
	table->distance = distance;
	table->agreement = agreement;
	return status;
}


static AgreementStatus
fill_values(Table *table, uint64_t *counts, ReportValue *values)
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
	if (status != AGREEMENT_OK)
		return status;
	total = q * q - distances;
	finish(table, table->agreement, total / (q * q), false,
		   &values[REPORT_BRENNAN_PREDIGER]);
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
	if (table->data->metric == NULL)
		finish(table, (1 - 1 / (2 * table->n)) * table->agreement +
			   1 / (2 * table->n), expected, true, &values[REPORT_ALPHA]);
	else
		status = fill_alpha(table, counts, &values[REPORT_ALPHA]);

	expected = 0;
	for (uint32_t k = 0; k < table->labels; k++)
	{
		table->row[k] = table->column[k] = total / (q * (q - 1)) *
			(1 - table->first[k]);
		expected += table->first[k] * table->row[k];
	}
	finish(table, table->agreement, expected, true, &values[REPORT_GWET]);
	return status;
}


AgreementStatus
report_table(const ReportData *data, const ReportPair *pairs, size_t count,
			 uint64_t items, ReportValue *values)
{
	size_t		labels = data->labels;
	const AgreementHost *host = data->host;
	Table		table = {.data = data, .pairs = pairs, .count = count,
		.n = (double) items, .labels = data->labels,
		.distance = data->distance, .factor = data->population_factor,
	.host = host};
	double	   *vectors;
	uint64_t   *counts;
	AgreementStatus status = AGREEMENT_NO_MEMORY;

	memset(values, 0, sizeof(ReportValue) * REPORT_MEASURES);
	if (count == 0)
		return AGREEMENT_OK;
	vectors = host->allocate(host->context, sizeof(double) * 4 * labels);
	counts = host->allocate(host->context, sizeof(uint64_t) * labels);
	if (vectors != NULL && counts != NULL)
	{
		table.first = vectors;
		table.second = vectors + labels;
		table.row = vectors + 2 * labels;
		table.column = vectors + 3 * labels;
		for (size_t i = 0; i < count; i++)
		{
			double		share = pairs[i].count / table.n;

			table.first[pairs[i].a] += share;
			table.second[pairs[i].b] += share;
			table.agreement += share * weight(&table, pairs[i].a, pairs[i].b);
		}
		status = fill_values(&table, counts, values);
	}
	if (vectors != NULL)
		host->release(host->context, vectors);
	if (counts != NULL)
		host->release(host->context, counts);
	return status;
}
