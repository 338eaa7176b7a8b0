/*-------------------------------------------------------------------------
 *
 * report.c
 *	  What SQL calls: agreement_report, pairwise_agreement, label_agreement,
 *	  item_disagreement, leave_one_out.
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
#include "base/settings.h"

PG_FUNCTION_INFO_V1(tdp_agreement_report);
PG_FUNCTION_INFO_V1(tdp_pairwise_agreement);
PG_FUNCTION_INFO_V1(tdp_label_agreement);
PG_FUNCTION_INFO_V1(tdp_item_disagreement);
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
resample(Report *report, double **samples, int *counts)
{
	uint32		items = report->data.items;
	int			resamples = report->settings.bootstrap;
	uint64		state = (uint64) (int64) report->settings.seed;
	uint32	   *times;

	settings_check_memory(sizeof(double) * REPORT_MEASURES * (Size) resamples +
						  sizeof(uint32) * (Size) items,
						  "so many resamples");
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
		agreement_check(report_estimate(&report->data, times, values));
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


static size_t
item_end(const Report *report, size_t start)
{
	size_t		end = start + 1;

	while (end < report->count &&
		   report->answers[end].item == report->answers[start].item)
		end++;
	return end;
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
		end = item_end(report, start);
		most += (double) (end - start) * (double) (end - start - 1) / 2;
	}
	settings_check_memory((Size) Min(most * sizeof(PairRow), (double) (SIZE_MAX / 2)),
						  "agreement of so many pairs of annotators");
	rows = MemoryContextAllocHuge(CurrentMemoryContext,
								  sizeof(PairRow) * ((Size) most + 1));
	*count = 0;
	for (size_t start = 0; start < report->count; start = end)
	{
		end = item_end(report, start);
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
	agreement_check(report_table(pairs, used, (uint64) rint(items),
								 report->data.labels, &report->distance,
								 report->data.population_factor,
								 &report->host, values));
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
		end = item_end(report, start);
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
	ReportValue estimates[REPORT_MEASURES];
	double	   *samples[REPORT_MEASURES] = {NULL};
	int			counts[REPORT_MEASURES] = {0};
	int64		annotators;
	int64		annotations;

	report_begin(fcinfo, &report);
	if (report.count == 0)
		return report_end(&report);
	agreement_check(report_estimate(&report.data, NULL, estimates));
	shared_counts(&report, &annotators, &annotations);
	if (report.settings.bootstrap > 0)
		resample(&report, samples, counts);
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
	agreement_check(report_estimate(&report.data, NULL, all));
	settings_check_memory(sizeof(ReportAnswer) * report.count,
						  "leaving out one annotator of so many annotations");
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

/* ---- labels and items --------------------------------------------------- */

typedef struct LabelSums
{
	double		alike;			/* pairs of answers that are both this label */
	double		given;
	double		squares[3];		/* of alike, alike * given, given, by item */
	int64		items;
} LabelSums;


/* Adds one shared item to the sums of the labels that it got. */
static void
add_labels(const ReportAnswer *answers, size_t count, double *seen,
		   double *own, LabelSums *sums)
{
	double		annotators = 0;

	for (size_t i = 0; i < count; i++)
	{
		annotators += i == 0 || answers[i].annotator != answers[i - 1].annotator;
		seen[answers[i].label] += answers[i].share;
		own[answers[i].label] += answers[i].share * answers[i].share;
	}
	for (size_t i = 0; i < count && annotators > 1; i++)
	{
		uint32		k = answers[i].label;
		double		alike = (seen[k] * seen[k] - own[k]) / (annotators - 1);

		if (seen[k] == 0)
			continue;
		sums[k].alike += alike;
		sums[k].given += seen[k];
		sums[k].squares[0] += alike * alike;
		sums[k].squares[1] += alike * seen[k];
		sums[k].squares[2] += seen[k] * seen[k];
		sums[k].items++;
		seen[k] = 0;
	}
	for (size_t i = 0; i < count; i++)
		seen[answers[i].label] = own[answers[i].label] = 0;
}


/* label_agreement(annotations, settings, args) */
Datum
tdp_label_agreement(PG_FUNCTION_ARGS)
{
	Report		report;
	uint32		q;
	LabelSums  *sums;
	double	   *seen;
	double		shared = 0;
	size_t		end;

	report_begin(fcinfo, &report);
	q = report.data.labels;
	sums = palloc0(sizeof(LabelSums) * (q + 1));
	seen = palloc0(sizeof(double) * 2 * (q + 1));
	for (size_t start = 0; start < report.count; start = end)
	{
		end = item_end(&report, start);
		shared += report.answers[start].annotator !=
			report.answers[end - 1].annotator;
		add_labels(report.answers + start, end - start, seen, seen + q, sums);
		CHECK_FOR_INTERRUPTS();
	}
	for (uint32 k = 0; k < q; k++)
	{
		Datum		values[7] = {0};
		bool		nulls[7] = {false};
		ReportValue value = {.defined = sums[k].given > 0, .items = (uint64) shared};

		if (value.defined)
		{
			double		ratio = sums[k].alike / sums[k].given;
			double		spread = sums[k].squares[0] -
				2 * ratio * sums[k].squares[1] +
				ratio * ratio * sums[k].squares[2];

			value.value = ratio;
			value.has_error = shared > 1;
			value.error = sqrt(report.data.population_factor * Max(0, spread) *
							   shared / (shared - 1)) / sums[k].given;
		}
		values[0] = report_label(&report, k);
		report_interval(&report, &value, values, nulls, 1);
		values[5] = Int64GetDatum(sums[k].items);
		values[6] = Float8GetDatum(sums[k].given);
		report_put(&report, values, nulls);
	}
	return report_end(&report);
}


typedef struct ItemPlace
{
	size_t		start;
	size_t		end;
	double		disagreement;
} ItemPlace;


/* The most disputed first; of equals, that with more answers. */
static int
compare_items(const void *left, const void *right)
{
	const ItemPlace *a = left;
	const ItemPlace *b = right;

	if (a->disagreement != b->disagreement)
		return a->disagreement > b->disagreement ? -1 : 1;
	if (a->end - a->start != b->end - b->start)
		return a->end - a->start > b->end - b->start ? -1 : 1;
	return a->start < b->start ? -1 : 1;
}


/* Label -> who gave it, in the labels' order. */
static Datum
item_labels(Report *report, const ItemPlace *item)
{
	JsonbParseState *state = NULL;
	JsonbValue *object;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (size_t i = item->start; i < item->end; i++)
	{
		uint32		label = report->answers[i].label;
		size_t		before = item->start;
		JsonbValue	name;

		while (report->answers[before].label != label)
			before++;
		if (before < i)
			continue;
		name.type = jbvString;
		name.val.string.val = (char *) intern_text(report->labels,
												   report->label_codes[label]);
		name.val.string.len = strlen(name.val.string.val);
		pushJsonbValue(&state, WJB_KEY, &name);
		pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
		for (size_t j = i; j < item->end; j++)
			if (report->answers[j].label == label)
			{
				name.val.string.val = (char *) intern_text(report->annotators,
														   report->annotator_codes[report->answers[j].annotator]);
				name.val.string.len = strlen(name.val.string.val);
				pushJsonbValue(&state, WJB_ELEM, &name);
			}
		pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	}
	object = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return JsonbPGetDatum(JsonbValueToJsonb(object));
}


/* item_disagreement(annotations, settings, args) */
Datum
tdp_item_disagreement(PG_FUNCTION_ARGS)
{
	Report		report;
	double	   *disagreement;
	ItemPlace  *places;
	size_t		count = 0;
	size_t		end;

	report_begin(fcinfo, &report);
	settings_check_memory((sizeof(double) + sizeof(ItemPlace)) *
						  (Size) report.data.items,
						  "disagreement of so many items");
	disagreement = MemoryContextAllocHuge(CurrentMemoryContext,
										  sizeof(double) * ((Size) report.data.items + 1));
	places = MemoryContextAllocHuge(CurrentMemoryContext,
									sizeof(ItemPlace) * ((Size) report.data.items + 1));
	if (report.count > 0)
		agreement_check(report_items(&report.data, disagreement));
	for (size_t start = 0; start < report.count; start = end)
	{
		end = item_end(&report, start);
		if (disagreement[report.answers[start].item] >= 0)
			places[count++] = (ItemPlace)
		{
			start, end, disagreement[report.answers[start].item]
		};
	}
	qsort(places, count, sizeof(ItemPlace), compare_items);
	for (size_t i = 0; i < count; i++)
	{
		Datum		values[4] = {0};
		bool		nulls[4] = {false};
		int64		annotations = 0;

		for (size_t a = places[i].start; a < places[i].end; a++)
			annotations += a == places[i].start ||
				report.answers[a].annotator != report.answers[a - 1].annotator;
		values[0] = report_item(&report, report.answers[places[i].start].item);
		values[1] = Float8GetDatum(places[i].disagreement);
		values[2] = Int64GetDatum(annotations);
		values[3] = item_labels(&report, &places[i]);
		report_put(&report, values, nulls);
	}
	return report_end(&report);
}
