/*-------------------------------------------------------------------------
 *
 * report_conger_kernel.c
 *	  Conger's kappa with its standard error.
 *
 * Chance is two different annotators drawing each from the labels of their
 * own: Conger 1980, in Gwet's form for missing answers.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "agreement/report_work_kernel.h"


/* How often each annotator gave each label. */
static AgreementStatus
take_cells(ReportWork *work)
{
	const ReportData *data = work->data;
	AgreementStatus status = agreement_tally_start(&work->cells, data->host);

	for (size_t a = 0; a < data->count && status == AGREEMENT_OK; a++)
		status = agreement_tally_add(&work->cells, data->host,
									 data->answers[a].annotator,
									 data->answers[a].label, 1, NULL);
	return status == AGREEMENT_OK
		? agreement_tally_sort(&work->cells, data->host) : status;
}


AgreementStatus
report_conger_prepare(ReportWork *work)
{
	const ReportData *data = work->data;
	AgreementStatus status = take_cells(work);
	size_t		cells = work->cells.used;

	if (status != AGREEMENT_OK)
		return status;
	work->cell = report_vector(data, data->count, sizeof(uint32_t));
	work->given = report_vector(data, cells, sizeof(double));
	work->cell_label = report_vector(data, cells, sizeof(uint32_t));
	work->cell_chance = report_vector(data, cells, sizeof(double));
	work->rated = report_vector(data, data->annotators, sizeof(double));
	work->own_chance = report_vector(data, data->annotators, sizeof(double));
	work->means = report_vector(data, data->labels, sizeof(double));
	work->far = report_vector(data, data->labels, sizeof(double));
	if (work->cell == NULL || work->given == NULL ||
		work->cell_label == NULL || work->cell_chance == NULL ||
		work->rated == NULL || work->own_chance == NULL ||
		work->means == NULL || work->far == NULL)
		return AGREEMENT_NO_MEMORY;
	for (size_t a = 0; a < data->count; a++)
		work->cell[a] = agreement_tally_find(&work->cells,
											 data->answers[a].annotator,
											 data->answers[a].label);
	for (size_t c = 0; c < cells; c++)
		work->cell_label[c] = (uint32_t) work->cells.entries[c].b;
	return AGREEMENT_OK;
}


void
report_conger_end(ReportWork *work, const AgreementHost *host)
{
	void	   *parts[] = {
		work->cell, work->given, work->cell_label, work->cell_chance,
		work->rated, work->own_chance, work->means, work->far
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i] != NULL)
			host->release(host->context, parts[i]);
	agreement_tally_end(&work->cells, host);
}


/* Shares of the labels with each annotator; returns how many answered. */
static double
fill_cells(ReportWork *work)
{
	const ReportData *data = work->data;
	double		r = 0;

	memset(work->given, 0, sizeof(double) * work->cells.used);
	memset(work->rated, 0, sizeof(double) * data->annotators);
	memset(work->means, 0, sizeof(double) * data->labels);
	for (uint32_t i = 0; i < data->items; i++)
		for (size_t a = work->items[i].start; a < work->items[i + 1].start; a++)
		{
			double		share = report_times(work, i) * data->answers[a].share;

			work->given[work->cell[a]] += share;
			work->rated[data->answers[a].annotator] += share;
		}
	for (uint32_t g = 0; g < data->annotators; g++)
		r += work->rated[g] > 0;
	for (uint32_t c = 0; c < work->cells.used; c++)
	{
		double		rated = work->rated[work->cells.entries[c].a];

		if (rated > 0)
			work->given[c] /= rated;
		work->means[work->cell_label[c]] += work->given[c] / r;
	}
	return r;
}


/* "rows": by label, of a distance from a draw; both ways of custom weights. */
static AgreementStatus
mean_rows(const ReportWork *work, const uint32_t *places, uint32_t count,
		  const double *right, double *rows, double *scratch)
{
	const ReportData *data = work->data;
	AgreementStatus status;

	status = agreement_distance_rows(data->distance, false, places, count,
									 right, data->host, rows);
	if (status != AGREEMENT_OK ||
		data->distance->kind != AGREEMENT_SCALE_CUSTOM)
		return status;
	status = agreement_distance_rows(data->distance, true, places, count,
									 right, data->host, scratch);
	for (uint32_t k = 0; k < count; k++)
		rows[k] = (rows[k] + scratch[k]) / 2;
	return status;
}


/*
 * u_gk, the distance of label k from a draw of each of the others, and s_g,
 * its mean over g's own labels.
 */
static AgreementStatus
take_chance(ReportWork *work, double r, double *scratch)
{
	const ReportData *data = work->data;
	uint32_t	end;
	AgreementStatus status = mean_rows(work, NULL, data->labels, work->means,
									   work->far, scratch);

	work->everybody = 0;
	for (uint32_t start = 0; start < work->cells.used &&
		 status == AGREEMENT_OK; start = end)
	{
		uint32_t	g = (uint32_t) work->cells.entries[start].a;
		double		own = 0;

		for (end = start; end < work->cells.used &&
			 work->cells.entries[end].a == g; end++)
			continue;
		status = mean_rows(work, work->cell_label + start, end - start,
						   work->given + start, work->cell_chance + start,
						   scratch);
		for (uint32_t c = start; c < end; c++)
		{
			work->cell_chance[c] = r * work->far[work->cell_label[c]] -
				work->cell_chance[c];
			own += work->given[c] * work->cell_chance[c];
		}
		for (uint32_t c = start; c < end; c++)
			work->cell_chance[c] -= own;
		work->own_chance[g] = own;
		work->everybody += own;
		if (status == AGREEMENT_OK && g % 256 == 255 &&
			!data->host->proceed(data->host->context))
			status = AGREEMENT_STOPPED;
	}
	return status;
}


static double
item_chance(const ReportWork *work, uint32_t i)
{
	const ReportData *data = work->data;
	double		r = data->annotators;
	double		sum = 0;

	for (size_t a = work->items[i].start; a < work->items[i + 1].start; a++)
		sum += data->answers[a].share * work->n /
			work->rated[data->answers[a].annotator] *
			work->cell_chance[work->cell[a]];
	return (sum + work->everybody) / (r * (r - 1));
}


AgreementStatus
report_conger(ReportWork *work, ReportValue *value)
{
	const ReportData *data = work->data;
	double		r = fill_cells(work);
	double	   *scratch;
	AgreementStatus status;

	if (r < 2)
		return AGREEMENT_OK;
	scratch = report_vector(data, data->labels, sizeof(double));
	if (scratch == NULL)
		return AGREEMENT_NO_MEMORY;
	status = take_chance(work, r, scratch);
	if (status == AGREEMENT_OK)
		report_finish(work, work->everybody / (r * (r - 1)), item_chance,
					  value);
	data->host->release(data->host->context, scratch);
	return status;
}
