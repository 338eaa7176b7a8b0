/*-------------------------------------------------------------------------
 *
 * report_labels.c
 *	  What SQL calls: label_agreement and item_disagreement.
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

PG_FUNCTION_INFO_V1(tdp_label_agreement);
PG_FUNCTION_INFO_V1(tdp_item_disagreement);

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
		end = report_item_end(&report, start);
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
	report_check_memory(&report, report_memory(&report.data) +
						(sizeof(double) + sizeof(ItemPlace)) *
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
		end = report_item_end(&report, start);
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
