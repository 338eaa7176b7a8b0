/*-------------------------------------------------------------------------
 *
 * report.c
 *	  What SQL calls: agreement_report, pairwise_agreement, leave_one_out.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "agreement/glue.h"
#include "agreement/report.h"
#include "base/compat.h"

PG_FUNCTION_INFO_V1(tdp_agreement_report);
PG_FUNCTION_INFO_V1(tdp_pairwise_agreement);
PG_FUNCTION_INFO_V1(tdp_leave_one_out);

static const char *const measure_names[] = {
	"percent_agreement", "brennan_prediger", "fleiss_kappa", "conger_kappa",
	"gwet_ac1", "krippendorff_alpha"
};

static const char *const pair_names[] = {
	"percent_agreement", "brennan_prediger", "cohen_kappa", "scott_pi",
	"gwet_ac1", "krippendorff_alpha"
};


/* With weights, Gwet's AC1 is called AC2. */
static Datum
measure_name(const Report *report, const char *const *names, int measure)
{
	return CStringGetTextDatum(measure == REPORT_GWET &&
							   report->settings.scale.kind != AGREEMENT_SCALE_IDENTITY
							   ? "gwet_ac2" : names[measure]);
}

/* ---- resampling --------------------------------------------------------- */

/* SplitMix64 (Steele, Lea, Flood 2014): the same on every machine. */
static uint64
next_random(uint64 *state)
{
	uint64		z = (*state += UINT64CONST(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64CONST(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64CONST(0x94D049BB133111EB);
	return z ^ (z >> 31);
}


static int
compare_doubles(const void *left, const void *right)
{
	double		a = *(const double *) left;
	double		b = *(const double *) right;

	return a < b ? -1 : a > b;
}


/* Between the two nearest in order. */
static double
percentile(const double *sorted, int count, double share)
{
	double		place = share * (count - 1);
	int			below = (int) place;

	if (below >= count - 1)
		return sorted[count - 1];
	return sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
}


/* Values of each measure over resamples of the items, in order. */
static void
resample(Report *report, ReportWork *work, double **samples, int *counts)
{
	uint32		items = report->data.items;
	int			resamples = report->settings.bootstrap;
	uint64		state = (uint64) (int64) report->settings.seed;
	uint32	   *times;

	times = MemoryContextAllocHuge(CurrentMemoryContext,
								   sizeof(uint32) * (Size) items);
	for (int m = 0; m < REPORT_MEASURES; m++)
		samples[m] = palloc(sizeof(double) * resamples);
	for (int b = 0; b < resamples; b++)
	{
		ReportValue values[REPORT_MEASURES];

		memset(times, 0, sizeof(uint32) * (Size) items);
		for (uint32 i = 0; i < items; i++)
			times[next_random(&state) % items]++;
		agreement_check(report_resample(work, times, values));
		for (int m = 0; m < REPORT_MEASURES; m++)
			if (values[m].defined)
				samples[m][counts[m]++] = values[m].value;
		CHECK_FOR_INTERRUPTS();
	}
	for (int m = 0; m < REPORT_MEASURES; m++)
		qsort(samples[m], counts[m], sizeof(double), compare_doubles);
}


/* The interval by percentiles, the standard error that of the resamples. */
static void
put_percentiles(const Report *report, const double *samples, int count,
				Datum *values, bool *nulls)
{
	double		tail = (1 - report->settings.level) / 2;
	double		mean = 0;
	double		spread = 0;

	nulls[2] = nulls[3] = nulls[4] = count < 2;
	if (count < 2)
		return;
	for (int i = 0; i < count; i++)
		mean += samples[i] / count;
	for (int i = 0; i < count; i++)
		spread += (samples[i] - mean) * (samples[i] - mean);
	values[2] = Float8GetDatum(sqrt(spread / (count - 1)));
	values[3] = Float8GetDatum(percentile(samples, count, tail));
	values[4] = Float8GetDatum(percentile(samples, count, 1 - tail));
}

/* ---- two annotators ----------------------------------------------------- */

typedef struct PairRow
{
	uint64		annotators;		/* first and second */
	uint64		labels;
	double		share;
} PairRow;


static int
compare_pairs(const void *left, const void *right)
{
	const PairRow *a = left;
	const PairRow *b = right;

	if (a->annotators != b->annotators)
		return a->annotators < b->annotators ? -1 : 1;
	return a->labels < b->labels ? -1 : a->labels > b->labels;
}


/* All pairs of answers of different annotators to one item, sorted. */
static PairRow *
pair_rows(Report *report, size_t *count)
{
	const ReportAnswer *answers = report->answers;
	double		most = 0;
	PairRow    *rows;
	size_t		end;

	for (size_t start = 0; start < report->count; start = end)
	{
		end = report_item_end(report, start);
		most += (double) (end - start) * (double) (end - start - 1) / 2;
	}
	report_check_memory(report,
						(Size) Min(most * sizeof(PairRow),
								   (double) (SIZE_MAX / 4)),
						"agreement of so many pairs of annotators");
	rows = MemoryContextAllocHuge(CurrentMemoryContext,
								  sizeof(PairRow) * ((Size) most + 1));
	*count = 0;
	for (size_t start = 0; start < report->count; start = end)
	{
		end = report_item_end(report, start);
		for (size_t i = start; i < end; i++)
		{
			CHECK_FOR_INTERRUPTS();
			for (size_t j = i + 1; j < end; j++)
				if (answers[i].annotator != answers[j].annotator)
					rows[(*count)++] = (PairRow)
				{
					(uint64) answers[i].annotator << 32 | answers[j].annotator,
						(uint64) answers[i].label << 32 | answers[j].label,
						answers[i].share * answers[j].share
				};
		}
	}
	qsort(rows, *count, sizeof(PairRow), compare_pairs);
	return rows;
}


/* The table of the pair whose rows start here; returns where they end. */
static size_t
pair_table(Report *report, const PairRow *rows, size_t start, size_t count,
		   ReportValue *values)
{
	ReportPair *pairs;
	size_t		end = start;
	size_t		used = 0;
	double		items = 0;

	while (end < count && rows[end].annotators == rows[start].annotators)
		end++;
	pairs = MemoryContextAllocHuge(CurrentMemoryContext,
								   sizeof(ReportPair) * (end - start));
	for (size_t i = start; i < end; i++)
	{
		if (i == start || rows[i].labels != rows[i - 1].labels)
			pairs[used++] = (ReportPair) {rows[i].labels >> 32, (uint32) rows[i].labels, 0};
		pairs[used - 1].count += rows[i].share;
		items += rows[i].share;
	}
	agreement_check(report_table(&report->data, pairs, used,
								 (uint64_t) rint(items), values));
	pfree(pairs);
	return end;
}


/* pairwise_agreement(annotations, settings, args) */
Datum
tdp_pairwise_agreement(PG_FUNCTION_ARGS)
{
	Report		report;
	PairRow    *rows;
	size_t		count;
	size_t		start = 0;

	report_begin(fcinfo, &report);
	rows = pair_rows(&report, &count);
	while (start < count)
	{
		ReportValue table[REPORT_MEASURES];
		size_t		end = pair_table(&report, rows, start, count, table);

		for (int m = 0; m < REPORT_MEASURES; m++)
		{
			Datum		values[8] = {0};
			bool		nulls[8] = {false};

			values[0] = report_annotator(&report, rows[start].annotators >> 32);
			values[1] = report_annotator(&report, (uint32) rows[start].annotators);
			values[2] = measure_name(&report, pair_names, m);
			report_interval(&report, &table[m], values, nulls, 3);
			values[7] = Int64GetDatum(table[REPORT_PERCENT].items);
			report_put(&report, values, nulls);
		}
		start = end;
	}
	return report_end(&report);
}

/* ---- the report --------------------------------------------------------- */

/* Annotators and answers of shared items: what alpha rests on. */
static void
shared_counts(Report *report, int64 *annotators, int64 *annotations)
{
	bool	   *seen = palloc0(report->data.annotators + 1);
	size_t		end;

	*annotators = *annotations = 0;
	for (size_t start = 0; start < report->count; start = end)
	{
		end = report_item_end(report, start);
		if (report->answers[start].annotator == report->answers[end - 1].annotator)
			continue;
		for (size_t i = start; i < end; i++)
		{
			uint32		annotator = report->answers[i].annotator;

			*annotations += i == start ||
				annotator != report->answers[i - 1].annotator;
			*annotators += !seen[annotator];
			seen[annotator] = true;
		}
	}
	pfree(seen);
}


/* Cohen's kappa and Scott's pi, where there are two annotators. */
static void
put_two(Report *report)
{
	size_t		count;
	PairRow    *rows = pair_rows(report, &count);
	ReportValue table[REPORT_MEASURES];

	if (count == 0)
		return;
	pair_table(report, rows, 0, count, table);
	for (int m = REPORT_COHEN; m <= REPORT_SCOTT; m++)
	{
		Datum		values[8] = {0};
		bool		nulls[8] = {false};

		values[0] = measure_name(report, pair_names, m);
		report_interval(report, &table[m], values, nulls, 1);
		values[5] = Int64GetDatum(table[m].items);
		values[6] = Int64GetDatum(2);
		values[7] = Int64GetDatum(2 * table[m].items);
		report_put(report, values, nulls);
	}
}


/* agreement_report(annotations, settings, args) */
Datum
tdp_agreement_report(PG_FUNCTION_ARGS)
{
	Report		report;
	ReportWork *work;
	ReportValue estimates[REPORT_MEASURES];
	double	   *samples[REPORT_MEASURES] = {NULL};
	int			counts[REPORT_MEASURES] = {0};
	int64		annotators;
	int64		annotations;

	report_begin(fcinfo, &report);
	if (report.count == 0)
		return report_end(&report);
	report_check_memory(&report, report_memory(&report.data) +
						(report.settings.bootstrap == 0 ? 0
						 : sizeof(uint32) * (Size) report.data.items +
						 sizeof(double) * REPORT_MEASURES *
						 (Size) report.settings.bootstrap),
						report.settings.bootstrap == 0
						? "a report on so many annotations"
						: "a report with so many resamples");
	agreement_check(report_prepare(&report.data, &work));
	agreement_check(report_resample(work, NULL, estimates));
	shared_counts(&report, &annotators, &annotations);
	if (report.settings.bootstrap > 0)
		resample(&report, work, samples, counts);
	for (int m = 0; m < REPORT_MEASURES; m++)
	{
		Datum		values[8] = {0};
		bool		nulls[8] = {false};
		bool		alpha = (m == REPORT_ALPHA);

		values[0] = measure_name(&report, measure_names, m);
		report_interval(&report, &estimates[m], values, nulls, 1);
		if (report.settings.bootstrap > 0 && estimates[m].defined)
			put_percentiles(&report, samples[m], counts[m], values, nulls);
		values[5] = Int64GetDatum(alpha ? estimates[m].items
								  : report.data.items);
		values[6] = Int64GetDatum(alpha ? annotators : report.data.annotators);
		values[7] = Int64GetDatum(alpha ? annotations
								  : (int64) report.annotations);
		report_put(&report, values, nulls);
	}
	if (report.data.annotators == 2)
		put_two(&report);
	return report_end(&report);
}


/* leave_one_out(annotations, settings, args) */
Datum
tdp_leave_one_out(PG_FUNCTION_ARGS)
{
	Report		report;
	ReportValue all[REPORT_MEASURES];
	ReportAnswer *kept;

	report_begin(fcinfo, &report);
	if (report.count == 0)
		return report_end(&report);
	report_check_memory(&report, sizeof(ReportAnswer) * report.count +
						report_memory(&report.data),
						"leaving out one annotator of so many annotations");
	agreement_check(report_estimate(&report.data, NULL, all));
	kept = MemoryContextAllocHuge(CurrentMemoryContext,
								  sizeof(ReportAnswer) * report.count);
	for (uint32 g = 0; g < report.data.annotators; g++)
	{
		ReportData	data = report.data;
		ReportValue without[REPORT_MEASURES];
		uint32		item = PG_UINT32_MAX;
		int64		own = 0;

		data.answers = kept;
		data.count = 0;
		data.items = 0;
		for (size_t i = 0; i < report.count; i++)
		{
			own += report.answers[i].annotator == g &&
				(i == 0 || report.answers[i - 1].annotator != g ||
				 report.answers[i - 1].item != report.answers[i].item);
			if (report.answers[i].annotator == g)
				continue;
			data.items += data.count == 0 || item != report.answers[i].item;
			item = report.answers[i].item;
			kept[data.count] = report.answers[i];
			kept[data.count++].annotator -= report.answers[i].annotator > g;
		}
		data.annotators--;
		agreement_check(report_estimate(&data, NULL, without));
		for (int m = 0; m < REPORT_MEASURES; m++)
		{
			Datum		values[5] = {0};
			bool		nulls[5] = {false};

			values[0] = report_annotator(&report, g);
			values[1] = measure_name(&report, measure_names, m);
			nulls[2] = !without[m].defined;
			nulls[3] = !without[m].defined || !all[m].defined;
			values[2] = Float8GetDatum(without[m].value);
			values[3] = Float8GetDatum(without[m].value - all[m].value);
			values[4] = Int64GetDatum(own);
			report_put(&report, values, nulls);
		}
	}
	return report_end(&report);
}
