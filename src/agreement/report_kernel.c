/*-------------------------------------------------------------------------
 *
 * report_kernel.c
 *	  Coefficients of any number of annotators, with standard errors.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "agreement/report_kernel.h"

#define PROCEED_EVERY 65536

/* What is known of an item. */
typedef struct Item
{
	size_t		start;			/* of its answers */
	double		answers;		/* r_i: annotators */
	double		unlike;			/* distance over ordered pairs of them */
} Item;

typedef struct Work
{
	const ReportData *data;
	const uint32_t *times;
	Item	   *items;
	double	   *seen;			/* by label: of one item, else all 0 */
	uint32_t   *touched;
	double	   *pi;				/* by label: mean of r_ik / r_i */
	double	   *chance;			/* by label: mean distance from a draw of pi */
	double	   *alpha_pi;		/* the same two over shared items' answers */
	double	   *alpha_chance;
	double		n;				/* items */
	double		shared;			/* items with two answers or more */
	double		shared_answers;
	double		distances;		/* sum over all pairs of labels */
	/* Conger's */
	AgreementTally cells;		/* (annotator, label) */
	double	   *given;			/* by cell */
	double	   *cell_chance;	/* by cell: u_gk, less s_g */
	double	   *rated;			/* by annotator: n_g */
	double	   *own;			/* by annotator: s_g */
	bool		stopped;		/* by proceed(), within an item */
	double		everybody;		/* sum of s_g */
} Work;


static void *
vector(const ReportData *data, size_t count, size_t size)
{
	return data->host->allocate(data->host->context, size * (count + 1));
}


static double
distance(const Work *work, uint32_t k, uint32_t l)
{
	const AgreementDistance *of = work->data->distance;

	return (agreement_distance_of(of, k, l) + agreement_distance_of(of, l, k)) / 2;
}


/* Distance over ordered pairs of different annotators of one item. */
static double
item_unlike(Work *work, size_t start, size_t end)
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
				distance(work, answers[i].label, answers[j].label);
		sum -= answers[i].share * answers[i].share *
			distance(work, answers[i].label, answers[i].label);
	}
	for (uint32_t i = 0; i < ntouched; i++)
	{
		uint32_t	k = work->touched[i];

		if (i % 1024 == 1023 &&
			!work->data->host->proceed(work->data->host->context))
			work->stopped = true;
		if (work->stopped)
			break;
		sum += work->seen[k] * work->seen[k] * distance(work, k, k);
		for (uint32_t j = 0; j < i; j++)
			sum += 2 * work->seen[k] * work->seen[work->touched[j]] *
				distance(work, k, work->touched[j]);
	}
	for (uint32_t i = 0; i < ntouched; i++)
		work->seen[work->touched[i]] = 0;
	return ntouched < 2 && sum < 1e-12 ? 0 : sum;
}


static AgreementStatus
take_items(Work *work)
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
		work->items[item] = (Item) {start, answers, item_unlike(work, start, end)};
		if (work->stopped)
			return AGREEMENT_STOPPED;
		if (end / 4096 != start / 4096 &&
			!data->host->proceed(data->host->context))
			return AGREEMENT_STOPPED;
	}
	work->items[item].start = data->count;
	return AGREEMENT_OK;
}


static inline double
times_of(const Work *work, uint32_t item)
{
	return work->times != NULL ? work->times[item] : 1;
}


/* Shares of the labels, over all items and over shared ones. */
static void
take_shares(Work *work)
{
	const ReportData *data = work->data;

	for (uint32_t i = 0; i < data->items; i++)
	{
		const Item *item = &work->items[i];
		double		times = times_of(work, i);

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


static AgreementStatus
take_chance(Work *work)
{
	const ReportData *data = work->data;
	uint32_t	q = data->labels;
	AgreementStatus status;

	status = agreement_distance_sum(data->distance, NULL, NULL, data->host,
									&work->distances);
	for (uint32_t k = 0; k < q && status == AGREEMENT_OK; k++)
	{
		for (uint32_t l = 0; l < q; l++)
		{
			double		d = distance(work, k, l);

			work->chance[k] += d * work->pi[l];
			work->alpha_chance[k] += d * work->alpha_pi[l];
		}
		if (q > 256 && !data->host->proceed(data->host->context))
			status = AGREEMENT_STOPPED;
	}
	return status;
}

/* ---- a coefficient and its error ---------------------------------------- */

/* One item's part of chance disagreement. */
typedef double (*ItemChance) (const Work *work, uint32_t item);

static double
fleiss_item(const Work *work, uint32_t i)
{
	double		sum = 0;

	for (size_t a = work->items[i].start; a < work->items[i + 1].start; a++)
		sum += work->data->answers[a].share *
			work->chance[work->data->answers[a].label];
	return sum / work->items[i].answers;
}


static double
gwet_item(const Work *work, uint32_t i)
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
conger_item(const Work *work, uint32_t i)
{
	const ReportData *data = work->data;
	double		r = data->annotators;
	double		sum = 0;

	for (size_t a = work->items[i].start; a < work->items[i + 1].start; a++)
	{
		const ReportAnswer *answer = &data->answers[a];
		uint32_t	cell = agreement_tally_find(&work->cells,
												answer->annotator,
												answer->label);

		sum += answer->share * work->n / work->rated[answer->annotator] *
			work->cell_chance[cell];
	}
	return (sum + work->everybody) / (r * (r - 1));
}


static double
item_disagreement(const Item *item)
{
	return item->unlike / (item->answers * (item->answers - 1));
}


/* 1 - observed / expected, and Gwet's linearised variance of it. */
static void
finish(Work *work, double expected, ItemChance chance, ReportValue *value)
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
			observed += times_of(work, i) * item_disagreement(&work->items[i]);
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


/* Percent agreement: no chance to compare with. */
static void
finish_percent(Work *work, ReportValue *value)
{
	finish(work, 1, NULL, value);
}


static void
finish_alpha(Work *work, ReportValue *value)
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
			observed += times_of(work, i) * work->items[i].unlike /
				(mean * (work->items[i].answers - 1));
	observed /= n;
	value->value = 1 - (1 - epsilon) * observed / expected;
	plain = 1 - observed / expected;
	agreement = 1 - (1 - epsilon) * observed;
	value->has_error = work->times == NULL && n > 1;
	for (uint32_t i = 0; i < data->items && value->has_error; i++)
	{
		const Item *item = &work->items[i];
		double		off = (item->answers - mean) / mean;
		double		like;
		double		chance = 0;
		double		x;

		if (item->answers < 2)
			continue;
		like = (item->answers - item->unlike / (item->answers - 1)) / mean -
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

/* ---- Conger's chance ---------------------------------------------------- */

/* How often each annotator gave each label. */
static AgreementStatus
take_cells(Work *work)
{
	const ReportData *data = work->data;
	AgreementStatus status = agreement_tally_start(&work->cells, data->host);

	for (size_t a = 0; a < data->count && status == AGREEMENT_OK; a++)
		status = agreement_tally_add(&work->cells, data->host,
									 data->answers[a].annotator,
									 data->answers[a].label, 1, NULL);
	if (status == AGREEMENT_OK)
		status = agreement_tally_sort(&work->cells, data->host);
	if (status != AGREEMENT_OK)
		return status;
	work->given = vector(data, work->cells.used, sizeof(double));
	work->cell_chance = vector(data, work->cells.used, sizeof(double));
	work->rated = vector(data, data->annotators, sizeof(double));
	work->own = vector(data, data->annotators, sizeof(double));
	return work->given == NULL || work->cell_chance == NULL ||
		work->rated == NULL || work->own == NULL
		? AGREEMENT_NO_MEMORY : AGREEMENT_OK;
}


static void
fill_cells(Work *work)
{
	const ReportData *data = work->data;

	for (uint32_t i = 0; i < data->items; i++)
		for (size_t a = work->items[i].start; a < work->items[i + 1].start; a++)
		{
			const ReportAnswer *answer = &data->answers[a];
			double		share = times_of(work, i) * answer->share;

			work->given[agreement_tally_find(&work->cells, answer->annotator,
											 answer->label)] += share;
			work->rated[answer->annotator] += share;
		}
	for (uint32_t c = 0; c < work->cells.used; c++)
		if (work->rated[work->cells.entries[c].a] > 0)
			work->given[c] /= work->rated[work->cells.entries[c].a];
}


/*
 * u_gk, the distance of label k from a draw of each of the others, and s_g,
 * its mean over g's own labels; "means" are the means of the shares, and
 * "far" gets the distance of each label from a draw of those.
 */
static AgreementStatus
conger_chance(Work *work, const double *means, double *far, double r,
			  double *expected)
{
	const ReportData *data = work->data;
	uint32_t	end;

	for (uint32_t k = 0; k < data->labels; k++)
	{
		for (uint32_t l = 0; l < data->labels; l++)
			if (means[l] > 0)
				far[k] += means[l] * distance(work, k, l);
		if (data->labels > 256 && !data->host->proceed(data->host->context))
			return AGREEMENT_STOPPED;
	}
	*expected = 0;
	for (uint32_t start = 0; start < work->cells.used; start = end)
	{
		uint32_t	g = (uint32_t) work->cells.entries[start].a;

		for (end = start; end < work->cells.used &&
			 work->cells.entries[end].a == g; end++)
			continue;
		for (uint32_t c = start; c < end; c++)
		{
			uint32_t	k = (uint32_t) work->cells.entries[c].b;
			double		own = 0;

			for (uint32_t other = start; other < end; other++)
				own += work->given[other] *
					distance(work, k, (uint32_t) work->cells.entries[other].b);
			work->cell_chance[c] = r * far[k] - own;
			work->own[g] += work->given[c] * work->cell_chance[c];
		}
		*expected += work->own[g];
		if (end - start > 256 && !data->host->proceed(data->host->context))
			return AGREEMENT_STOPPED;
	}
	for (uint32_t c = 0; c < work->cells.used; c++)
		work->cell_chance[c] -= work->own[work->cells.entries[c].a];
	work->everybody = *expected;
	*expected /= r * (r - 1);
	return AGREEMENT_OK;
}


/* "means" and "far" are zeroed, one for each label. */
static AgreementStatus
conger_value(Work *work, double *means, double *far, ReportValue *value)
{
	const ReportData *data = work->data;
	double		r = 0;
	double		expected = 0;
	AgreementStatus status = AGREEMENT_OK;

	fill_cells(work);
	for (uint32_t g = 0; g < data->annotators; g++)
		r += work->rated[g] > 0;
	for (uint32_t c = 0; c < work->cells.used; c++)
		means[work->cells.entries[c].b] += work->given[c] / r;
	if (r > 1)
	{
		status = conger_chance(work, means, far, r, &expected);
		if (status == AGREEMENT_OK)
			finish(work, expected, conger_item, value);
	}
	return status;
}


static AgreementStatus
conger(Work *work, ReportValue *value)
{
	const ReportData *data = work->data;
	double	   *means;
	double	   *far;
	AgreementStatus status = take_cells(work);

	if (status != AGREEMENT_OK)
		return status;
	means = vector(data, data->labels, sizeof(double));
	far = vector(data, data->labels, sizeof(double));
	if (means == NULL || far == NULL)
		status = AGREEMENT_NO_MEMORY;
	else
		status = conger_value(work, means, far, value);
	if (means != NULL)
		data->host->release(data->host->context, means);
	if (far != NULL)
		data->host->release(data->host->context, far);
	return status;
}

/* ---- all ---------------------------------------------------------------- */

static AgreementStatus
start_work(Work *work, const ReportData *data, const uint32_t *times)
{
	memset(work, 0, sizeof(*work));
	work->data = data;
	work->times = times;
	work->items = vector(data, data->items, sizeof(Item));
	work->seen = vector(data, data->labels, sizeof(double));
	work->touched = vector(data, data->labels, sizeof(uint32_t));
	work->pi = vector(data, data->labels, sizeof(double));
	work->chance = vector(data, data->labels, sizeof(double));
	work->alpha_pi = vector(data, data->labels, sizeof(double));
	work->alpha_chance = vector(data, data->labels, sizeof(double));
	return work->items == NULL || work->seen == NULL || work->touched == NULL ||
		work->pi == NULL || work->chance == NULL || work->alpha_pi == NULL ||
		work->alpha_chance == NULL ? AGREEMENT_NO_MEMORY : AGREEMENT_OK;
}


static void
end_work(Work *work)
{
	const AgreementHost *host = work->data->host;
	void	   *parts[] = {
		work->items, work->seen, work->touched, work->pi, work->chance,
		work->alpha_pi, work->alpha_chance, work->given, work->cell_chance,
		work->rated, work->own
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i] != NULL)
			host->release(host->context, parts[i]);
	agreement_tally_end(&work->cells, host);
}


AgreementStatus
report_estimate(const ReportData *data, const uint32_t *times,
				ReportValue *values)
{
	Work		work;
	double		q = data->labels;
	double		fleiss = 0;
	double		spread = 0;
	AgreementStatus status = start_work(&work, data, times);

	memset(values, 0, sizeof(ReportValue) * REPORT_MEASURES);
	if (status == AGREEMENT_OK)
		status = take_items(&work);
	if (status == AGREEMENT_OK)
	{
		take_shares(&work);
		status = take_chance(&work);
	}
	if (status == AGREEMENT_OK)
	{
		finish_percent(&work, &values[REPORT_PERCENT]);
		for (uint32_t k = 0; k < data->labels; k++)
		{
			fleiss += work.pi[k] * work.chance[k];
			spread += work.pi[k] * (1 - work.pi[k]);
		}
		if (q > 1)
		{
			finish(&work, work.distances / (q * q), NULL,
				   &values[REPORT_BRENNAN_PREDIGER]);
			finish(&work, fleiss, fleiss_item, &values[REPORT_FLEISS]);
			finish(&work, 1 - (q * q - work.distances) / (q * (q - 1)) * spread,
				   gwet_item, &values[REPORT_GWET]);
			finish_alpha(&work, &values[REPORT_ALPHA]);
			status = conger(&work, &values[REPORT_CONGER]);
		}
	}
	end_work(&work);
	return status;
}


AgreementStatus
report_items(const ReportData *data, double *disagreement)
{
	Work		work;
	AgreementStatus status = start_work(&work, data, NULL);

	if (status == AGREEMENT_OK)
		status = take_items(&work);
	for (uint32_t i = 0; i < data->items && status == AGREEMENT_OK; i++)
		disagreement[i] = work.items[i].answers > 1
			? item_disagreement(&work.items[i]) : -1;
	end_work(&work);
	return status;
}
