/*-------------------------------------------------------------------------
 *
 * report_kernel.c
 *	  Coefficients of any number of annotators, with standard errors.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "agreement/report_work_kernel.h"


static double
apart(const AgreementDistance *distance, uint32_t k, uint32_t l)
{
	return (agreement_distance_of(distance, k, l) +
			agreement_distance_of(distance, l, k)) / 2;
}


/* Distance over ordered pairs of different annotators of one item. */
static double
item_unlike(ReportWork *work, const AgreementDistance *distance,
			size_t start, size_t end)
{
	const ReportAnswer *answers = work->data->answers;
	uint32_t	ntouched = 0;
	double		sum = 0;

	for (size_t i = start; i < end; i++)
	{
		if (work->seen[answers[i].label] == 0)
			work->touched[ntouched++] = answers[i].label;
		work->seen[answers[i].label] += answers[i].share;
		/* an annotator's several labels are not compared with each other */
		for (size_t j = i; j-- > start && answers[j].annotator == answers[i].annotator;)
			sum -= 2 * answers[i].share * answers[j].share *
				apart(distance, answers[i].label, answers[j].label);
		sum -= answers[i].share * answers[i].share *
			apart(distance, answers[i].label, answers[i].label);
	}
	for (uint32_t i = 0; i < ntouched; i++)
	{
		uint32_t	k = work->touched[i];

		if (i % 1024 == 1023 &&
			!work->data->host->proceed(work->data->host->context))
			work->stopped = true;
		if (work->stopped)
			break;
		sum += work->seen[k] * work->seen[k] * apart(distance, k, k);
		for (uint32_t j = 0; j < i; j++)
			sum += 2 * work->seen[k] * work->seen[work->touched[j]] *
				apart(distance, k, work->touched[j]);
	}
	for (uint32_t i = 0; i < ntouched; i++)
		work->seen[work->touched[i]] = 0;
	return ntouched < 2 && sum < 1e-12 ? 0 : sum;
}


static AgreementStatus
take_items(ReportWork *work)
{
	const ReportData *data = work->data;
	size_t		end;
	uint32_t	item = 0;

	for (size_t start = 0; start < data->count; start = end, item++)
	{
		double		answers = 0;

		for (end = start; end < data->count &&
			 data->answers[end].item == data->answers[start].item; end++)
			if (end == start ||
				data->answers[end].annotator != data->answers[end - 1].annotator)
				answers++;
		work->items[item] = (ReportItem)
		{
			.start = start, .answers = answers,
				.unlike = item_unlike(work, data->distance, start, end)
		};
		work->items[item].alpha_unlike = work->items[item].unlike;
		if (work->stopped)
			return AGREEMENT_STOPPED;
		if (end / 4096 != start / 4096 &&
			!data->host->proceed(data->host->context))
			return AGREEMENT_STOPPED;
	}
	work->items[item].start = data->count;
	return AGREEMENT_OK;
}


/* Shares of the labels, over all items and over shared ones. */
static void
take_shares(ReportWork *work)
{
	const ReportData *data = work->data;

	work->n = work->shared = work->shared_answers = 0;
	memset(work->pi, 0, sizeof(double) * data->labels);
	memset(work->alpha_pi, 0, sizeof(double) * data->labels);
	for (uint32_t i = 0; i < data->items; i++)
	{
		const ReportItem *item = &work->items[i];
		double		times = report_times(work, i);

		work->n += times;
		if (item->answers > 1)
		{
			work->shared += times;
			work->shared_answers += times * item->answers;
		}
		for (size_t a = item->start; a < work->items[i + 1].start; a++)
		{
			const ReportAnswer *answer = &data->answers[a];

			work->pi[answer->label] += times * answer->share / item->answers;
			if (item->answers > 1)
				work->alpha_pi[answer->label] += times * answer->share;
		}
	}
	for (uint32_t k = 0; k < data->labels; k++)
	{
		work->pi[k] /= work->n > 0 ? work->n : 1;
		work->alpha_pi[k] /= work->shared_answers > 0 ? work->shared_answers : 1;
	}
}


/* Both ways of custom weights, which may differ. */
static AgreementStatus
mean_rows(const ReportWork *work, const AgreementDistance *distance,
		  const double *shares, double *rows)
{
	const ReportData *data = work->data;
	double	   *scratch;
	AgreementStatus status;

	status = agreement_distance_rows(distance, false, NULL, data->labels,
									 shares, data->host, rows);
	if (status != AGREEMENT_OK || distance->kind != AGREEMENT_SCALE_CUSTOM)
		return status;
	scratch = report_vector(data, data->labels, sizeof(double));
	if (scratch == NULL)
		return AGREEMENT_NO_MEMORY;
	status = agreement_distance_rows(distance, true, NULL, data->labels,
									 shares, data->host, scratch);
	for (uint32_t k = 0; k < data->labels; k++)
		rows[k] = (rows[k] + scratch[k]) / 2;
	data->host->release(data->host->context, scratch);
	return status;
}


static AgreementStatus
take_chance(ReportWork *work)
{
	AgreementStatus status;

	status = mean_rows(work, work->data->distance, work->pi, work->chance);
	if (status == AGREEMENT_OK)
		status = mean_rows(work, work->alpha, work->alpha_pi,
						   work->alpha_chance);
	return status;
}


/* Alpha's own metric, and how unlike answers are by it. */
static AgreementStatus
take_metric(ReportWork *work)
{
	const ReportData *data = work->data;
	AgreementScale scale = *data->metric;
	AgreementStatus status;

	for (uint32_t k = 0; k < data->labels; k++)
		work->counts[k] = report_count(work->alpha_pi[k]);
	scale.counts = work->counts;
	agreement_distance_end(&work->own, data->host);
	status = agreement_distance_start(&work->own, &scale, data->label_keys,
									  data->labels, data->host);
	work->alpha = &work->own;
	for (uint32_t i = 0; i < data->items && status == AGREEMENT_OK; i++)
	{
		ReportItem *item = &work->items[i];

		item->alpha_unlike = item_unlike(work, work->alpha, item->start,
										 item[1].start);
		if (work->stopped ||
			(i % 4096 == 4095 && !data->host->proceed(data->host->context)))
			status = AGREEMENT_STOPPED;
	}
	return status;
}

/* ---- a coefficient and its error ---------------------------------------- */

static double
fleiss_item(const ReportWork *work, uint32_t i)
{
	double		sum = 0;

	for (size_t a = work->items[i].start; a < work->items[i + 1].start; a++)
		sum += work->data->answers[a].share *
			work->chance[work->data->answers[a].label];
	return sum / work->items[i].answers;
}


static double
gwet_item(const ReportWork *work, uint32_t i)
{
	double		q = work->data->labels;
	double		sum = 0;

	for (size_t a = work->items[i].start; a < work->items[i + 1].start; a++)
		sum += work->data->answers[a].share *
			(1 - work->pi[work->data->answers[a].label]);
	return 1 - (q * q - work->distances) / (q * (q - 1)) * sum /
		work->items[i].answers;
}


static double
item_disagreement(const ReportItem *item)
{
	return item->unlike / (item->answers * (item->answers - 1));
}


/* 1 - observed / expected, and Gwet's linearised variance of it. */
void
report_finish(ReportWork *work, double expected, ReportItemChance chance,
			  ReportValue *value)
{
	double		observed = 0;
	double		spread = 0;
	double		n = work->n;

	value->items = work->data->items;
	value->defined = work->shared > 0 && expected > 1e-14;
	if (!value->defined)
		return;
	for (uint32_t i = 0; i < work->data->items; i++)
		if (work->items[i].answers > 1)
			observed += report_times(work, i) * item_disagreement(&work->items[i]);
	observed /= work->shared;
	value->value = 1 - observed / expected;
	value->has_error = work->times == NULL && n > 1;
	for (uint32_t i = 0; i < work->data->items && value->has_error; i++)
	{
		double		x = 0;

		if (work->items[i].answers > 1)
			x = n / work->shared *
				(1 - item_disagreement(&work->items[i]) / expected);
		if (chance != NULL)
			x += 2 * (observed / expected) *
				(chance(work, i) - expected) / expected;
		spread += (x - value->value) * (x - value->value);
	}
	value->error = sqrt(work->data->population_factor * spread / (n * (n - 1)));
}


static void
finish_alpha(ReportWork *work, ReportValue *value)
{
	const ReportData *data = work->data;
	double		n = work->shared;
	double		mean = work->shared_answers / n;
	double		epsilon = 1 / work->shared_answers;
	double		observed = 0;
	double		expected = 0;
	double		spread = 0;
	double		plain;
	double		agreement;

	value->items = (uint64_t) work->shared;
	if (work->shared == 0)
		return;
	for (uint32_t k = 0; k < data->labels; k++)
		expected += work->alpha_pi[k] * work->alpha_chance[k];
	value->defined = expected > 1e-14;
	if (!value->defined)
		return;
	for (uint32_t i = 0; i < data->items; i++)
		if (work->items[i].answers > 1)
			observed += report_times(work, i) * work->items[i].alpha_unlike /
				(mean * (work->items[i].answers - 1));
	observed /= n;
	value->value = 1 - (1 - epsilon) * observed / expected;
	plain = 1 - observed / expected;
	agreement = 1 - (1 - epsilon) * observed;
	value->has_error = work->times == NULL && n > 1;
	for (uint32_t i = 0; i < data->items && value->has_error; i++)
	{
		const ReportItem *item = &work->items[i];
		double		off = (item->answers - mean) / mean;
		double		like;
		double		chance = 0;
		double		x;

		if (item->answers < 2)
			continue;
		like = (item->answers - item->alpha_unlike / (item->answers - 1)) / mean -
			agreement * off;
		for (size_t a = item->start; a < work->items[i + 1].start; a++)
			chance += data->answers[a].share *
				(1 - work->alpha_chance[data->answers[a].label]) / mean;
		chance -= (1 - expected) * off;
		x = (like - (1 - expected)) / expected -
			2 * (1 - plain) * (chance - (1 - expected)) / expected;
		spread += (x - plain) * (x - plain);
	}
	value->error = sqrt(data->population_factor * spread / (n * (n - 1)));
}

/* ---- all ---------------------------------------------------------------- */

size_t
report_memory(const ReportData *data)
{
	/* a label's vectors, a cell's with its tally while that doubles */
	return sizeof(ReportWork) +
		sizeof(ReportItem) * ((size_t) data->items + 1) +
		(9 * sizeof(double) + sizeof(uint32_t)) * ((size_t) data->labels + 1) +
		2 * sizeof(double) * ((size_t) data->annotators + 1) +
		(3 * sizeof(AgreementCount) + 2 * sizeof(double) +
		 6 * sizeof(uint32_t)) * (data->count + 1);
}


static AgreementStatus
start_work(ReportWork *work)
{
	const ReportData *data = work->data;

	work->alpha = data->distance;
	work->items = report_vector(data, data->items, sizeof(ReportItem));
	work->seen = report_vector(data, data->labels, sizeof(double));
	work->touched = report_vector(data, data->labels, sizeof(uint32_t));
	work->pi = report_vector(data, data->labels, sizeof(double));
	work->chance = report_vector(data, data->labels, sizeof(double));
	work->alpha_pi = report_vector(data, data->labels, sizeof(double));
	work->alpha_chance = report_vector(data, data->labels, sizeof(double));
	work->counts = report_vector(data, data->labels, sizeof(uint64_t));
	return work->items == NULL || work->seen == NULL ||
		work->touched == NULL || work->pi == NULL || work->chance == NULL ||
		work->alpha_pi == NULL || work->alpha_chance == NULL ||
		work->counts == NULL ? AGREEMENT_NO_MEMORY : take_items(work);
}


static void
end_work(ReportWork *work, const AgreementHost *host)
{
	void	   *parts[] = {
		work->items, work->seen, work->touched, work->pi, work->chance,
		work->alpha_pi, work->alpha_chance, work->counts
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i] != NULL)
			host->release(host->context, parts[i]);
	agreement_distance_end(&work->own, host);
	report_conger_end(work, host);
}


AgreementStatus
report_prepare(const ReportData *data, ReportWork **work)
{
	AgreementStatus status;

	*work = report_vector(data, 1, sizeof(ReportWork));
	if (*work == NULL)
		return AGREEMENT_NO_MEMORY;
	(*work)->data = data;
	status = start_work(*work);
	if (status == AGREEMENT_OK)
		status = report_conger_prepare(*work);
	if (status == AGREEMENT_OK)
		status = agreement_distance_sum(data->distance, NULL, NULL,
										data->host, &(*work)->distances);
	if (status == AGREEMENT_OK && data->metric != NULL)
	{
		take_shares(*work);
		status = take_metric(*work);
	}
	return status;
}


void
report_work_end(ReportWork *work, const AgreementHost *host)
{
	if (work == NULL)
		return;
	end_work(work, host);
	host->release(host->context, work);
}


AgreementStatus
report_resample(ReportWork *work, const uint32_t *times, ReportValue *values)
{
	const ReportData *data = work->data;
	double		q = data->labels;
	double		fleiss = 0;
	double		spread = 0;
	AgreementStatus status = AGREEMENT_OK;

	memset(values, 0, sizeof(ReportValue) * REPORT_MEASURES);
	work->times = times;
	take_shares(work);
	/* Krippendorff's ranks are those of the answers at hand */
	if (times != NULL && data->metric != NULL &&
		data->metric->kind == AGREEMENT_SCALE_MIDRANK)
		status = take_metric(work);
	if (status == AGREEMENT_OK)
		status = take_chance(work);
	if (status != AGREEMENT_OK)
		return status;
	report_finish(work, 1, NULL, &values[REPORT_PERCENT]);
	if (q < 2)
		return AGREEMENT_OK;
	for (uint32_t k = 0; k < data->labels; k++)
	{
		fleiss += work->pi[k] * work->chance[k];
		spread += work->pi[k] * (1 - work->pi[k]);
	}
	report_finish(work, work->distances / (q * q), NULL,
				  &values[REPORT_BRENNAN_PREDIGER]);
	report_finish(work, fleiss, fleiss_item, &values[REPORT_FLEISS]);
	report_finish(work,
				  1 - (q * q - work->distances) / (q * (q - 1)) * spread,
				  gwet_item, &values[REPORT_GWET]);
	finish_alpha(work, &values[REPORT_ALPHA]);
	return report_conger(work, &values[REPORT_CONGER]);
}


AgreementStatus
report_estimate(const ReportData *data, const uint32_t *times,
				ReportValue *values)
{
	ReportWork *work;
	AgreementStatus status = report_prepare(data, &work);

	if (status == AGREEMENT_OK)
		status = report_resample(work, times, values);
	report_work_end(work, data->host);
	return status;
}


AgreementStatus
report_items(const ReportData *data, double *disagreement)
{
	ReportWork	work = {.data = data};
	AgreementStatus status = start_work(&work);

	for (uint32_t i = 0; i < data->items && status == AGREEMENT_OK; i++)
		disagreement[i] = work.items[i].answers > 1
			? item_disagreement(&work.items[i]) : -1;
	end_work(&work, data->host);
	return status;
}
