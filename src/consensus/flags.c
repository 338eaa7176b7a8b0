/*-------------------------------------------------------------------------
 *
 * flags.c
 *	  Annotators to be looked at: what SQL calls.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "base/query.h"
#include "consensus/glue.h"

PG_FUNCTION_INFO_V1(tdp_annotator_flags);

/* Fewer items than this accuse nobody. */
#define FEWEST_ITEMS 10

/* The share of flags that may be by chance (Benjamini and Hochberg 1995). */
#define FALSE_DISCOVERY 0.05

/* One suspicion. */
typedef struct Flag
{
	int32		annotator;
	int32		other;			/* -1: none */
	int64		items;
	double		observed;
	double		expected;
	double		p_value;
} Flag;

/* The suspicions of one kind; those that cannot remain are only counted. */
typedef struct FlagList
{
	const char *name;
	Flag	   *flags;
	int64		nflags;
	int64		capacity;
	int64		tests;
} FlagList;

typedef struct TimeReader
{
	ConsensusInput *input;
	int32	   *item_numbers;	/* of a code */
	int32		ncodes;
	ConsensusTime *times;
	int64		ntimes;
	int64		capacity;
} TimeReader;


/* ---- lists -------------------------------------------------------------- */

static void
test_flag(FlagList *list, const Flag *flag)
{
	list->tests++;
	if (flag->p_value > FALSE_DISCOVERY)
		return;
	if (list->nflags == list->capacity)
	{
		list->capacity = Max(2 * list->capacity, 64);
		list->flags = list->flags == NULL
			? consensus_alloc(list->capacity, sizeof(Flag))
			: repalloc_huge(list->flags, list->capacity * sizeof(Flag));
	}
	list->flags[list->nflags++] = *flag;
}


static int
compare_flags(const void *a, const void *b)
{
	const Flag *left = a;
	const Flag *right = b;

	if (left->p_value != right->p_value)
		return left->p_value < right->p_value ? -1 : 1;
	if (left->annotator != right->annotator)
		return left->annotator < right->annotator ? -1 : 1;
	return (left->other > right->other) - (left->other < right->other);
}


/* Puts out those whose q-value is low enough, the least likely first. */
static void
put_flags(ReturnSetInfo *rsinfo, ConsensusInput *input, FlagList *list)
{
	double	   *q = consensus_alloc(list->nflags, sizeof(double));
	double		least = 1.0;

	if (list->nflags > 0)
		qsort(list->flags, list->nflags, sizeof(Flag), compare_flags);
	for (int64 f = list->nflags - 1; f >= 0; f--)
	{
		least = Min(least, list->flags[f].p_value * (double) list->tests /
					(double) (f + 1));
		q[f] = least;
	}
	for (int64 f = 0; f < list->nflags && q[f] <= FALSE_DISCOVERY; f++)
	{
		const Flag *flag = &list->flags[f];
		Datum		values[8] = {0};
		bool		nulls[8] = {false};

		CHECK_FOR_INTERRUPTS();
		values[0] = CStringGetTextDatum(intern_text(input->annotators,
													flag->annotator));
		values[1] = CStringGetTextDatum(list->name);
		nulls[2] = flag->other < 0;
		if (flag->other >= 0)
			values[2] = CStringGetTextDatum(intern_text(input->annotators,
														flag->other));
		values[3] = Int32GetDatum((int32) flag->items);
		values[4] = Float8GetDatum(flag->observed);
		values[5] = Float8GetDatum(flag->expected);
		values[6] = Float8GetDatum(flag->p_value);
		values[7] = Float8GetDatum(q[f]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values,
							 nulls);
	}
}


/* ---- the three kinds ---------------------------------------------------- */

static void
find_habits(const ConsensusData *data, const ConsensusFit *fit,
			const double *confusion, FlagList *list)
{
	Size		cells = (Size) data->nannotators * data->nclasses;
	int64	   *counts = consensus_alloc(cells, sizeof(int64));
	double	   *expected = consensus_alloc(cells, sizeof(double));
	ConsensusHabit *habits = consensus_alloc(data->nannotators,
											 sizeof(ConsensusHabit));

	consensus_find_habits(data, fit, confusion, counts, expected, habits);
	for (int32 j = 0; j < data->nannotators; j++)
	{
		Flag		flag = {j, -1, habits[j].items, habits[j].given,
		habits[j].expected, habits[j].p_value};

		if (habits[j].items >= FEWEST_ITEMS)
			test_flag(list, &flag);
	}
}


static void
add_time(void *state, const QueryValue *values)
{
	TimeReader *reader = state;
	int32		item = values[0].code;
	int32		annotator = values[1].code;

	if (values[2].isnull || isnan(values[2].number) ||
		item >= reader->ncodes || reader->item_numbers[item] < 0 ||
		annotator >= reader->input->data.nannotators)
		return;
	if (reader->ntimes == reader->capacity)
	{
		consensus_check_memory(reader->input->context, (double)
							   sizeof(ConsensusTime) * reader->capacity,
							   "reading what annotations took");
		reader->capacity *= 2;
		reader->times = repalloc_huge(reader->times, sizeof(ConsensusTime) *
									  reader->capacity);
	}
	reader->times[reader->ntimes].item = reader->item_numbers[item];
	reader->times[reader->ntimes].annotator = annotator;
	reader->times[reader->ntimes++].seconds = values[2].number;
}


static void
find_haste(const char *sql, ArrayType *args, ConsensusInput *input,
		   FlagList *list)
{
	TimeReader	reader = {.input = input, .capacity = 1024};
	int32		nannotators = input->data.nannotators;
	ConsensusHaste *haste = consensus_alloc(nannotators,
											sizeof(ConsensusHaste));
	QueryColumn columns[] = {
		{.name = "item", .kind = QUERY_CODE, .interned = input->items},
		{.name = "annotator", .kind = QUERY_CODE,
		.interned = input->annotators},
		{.name = "seconds", .kind = QUERY_FLOAT8, .optional = true,
		.null_ok = true}
	};

	reader.ncodes = intern_count(input->items);
	reader.item_numbers = consensus_alloc(reader.ncodes, sizeof(int32));
	for (int32 code = 0; code < reader.ncodes; code++)
		reader.item_numbers[code] = -1;
	for (int32 i = 0; i < input->data.nitems; i++)
		reader.item_numbers[input->item_codes[i]] = i;
	reader.times = consensus_alloc(reader.capacity, sizeof(ConsensusTime));
	query_read("annotations", sql, args, columns, lengthof(columns), add_time,
			   &reader);
	consensus_count_fast(reader.times, reader.ntimes, nannotators, haste);
	for (int32 j = 0; j < nannotators; j++)
	{
		Flag		flag = {j, -1, haste[j].items, haste[j].fast,
		haste[j].items / 2.0, 1.0};

		flag.p_value = consensus_binomial_tail(haste[j].items, 0.5,
											   haste[j].fast);
		if (haste[j].items >= FEWEST_ITEMS)
			test_flag(list, &flag);
	}
}


/* The items of each annotator, once each; "start" has one more. */
static int32 *
list_items(const ConsensusData *data, int64 *start)
{
	int32	   *items = consensus_alloc(data->nanswers, sizeof(int32));

	memset(start, 0, ((Size) data->nannotators + 2) * sizeof(int64));
	for (int64 a = 0; a < data->nanswers; a++)
		start[data->answers[a].annotator + 2]++;
	for (int32 j = 0; j < data->nannotators; j++)
		start[j + 2] += start[j + 1];
	for (int32 i = 0; i < data->nitems; i++)
		for (int64 a = data->start[i]; a < data->start[i + 1]; a++)
			items[start[data->answers[a].annotator + 1]++] = i;
	return items;
}


static void
find_copies(const ConsensusData *data, const ConsensusFit *fit,
			const double *confusion, FlagList *list)
{
	int64	   *start = consensus_alloc((Size) data->nannotators + 2,
										sizeof(int64));
	int32	   *items = list_items(data, start);
	ConsensusPair *pairs = consensus_alloc(data->nannotators,
										   sizeof(ConsensusPair));

	for (int32 j = 0; j < data->nannotators; j++)
	{
		CHECK_FOR_INTERRUPTS();
		consensus_compare_annotator(data, fit, confusion, j, items + start[j],
									start[j + 1] - start[j], pairs);
		for (int32 other = j + 1; other < data->nannotators; other++)
		{
			const ConsensusPair *pair = &pairs[other];
			Flag		flag = {j, other, pair->items, pair->agreeing,
			pair->expected, 1.0};

			flag.p_value = consensus_poisson_tail(pair->expected,
												  floor(pair->agreeing + 1e-6));
			if (pair->items >= FEWEST_ITEMS)
				test_flag(list, &flag);
		}
	}
}


/* annotator_flags(annotations, method, gold, settings, args) */
Datum
tdp_annotator_flags(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *annotations = argument_required_text(fcinfo, 0, "annotations");
	char	   *name = argument_text(fcinfo, 1);
	char	   *gold = argument_text(fcinfo, 2);
	ArrayType  *args = PG_ARGISNULL(4) ? NULL : PG_GETARG_ARRAYTYPE_P(4);
	FlagList	lists[] = {{.name = "same_label"}, {.name = "too_fast"},
	{.name = "copies"}};
	MemoryContext context;
	MemoryContext outer;
	ConsensusSettings settings;
	ConsensusInput input;
	ConsensusFit fit;

	consensus_read_settings(PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3),
							&settings);
	InitMaterializedSRF(fcinfo, 0);
	context = AllocSetContextCreate(CurrentMemoryContext, "tdp flags",
									ALLOCSET_DEFAULT_SIZES);
	outer = MemoryContextSwitchTo(context);
	consensus_read(annotations, gold, args, &input);
	if (input.data.nanswers > 0)
	{
		const ConsensusData *data = &input.data;
		double	   *confusion;

		consensus_solve(consensus_method_named(name != NULL ? name : "auto"),
						&input, &settings, true, &fit);
		consensus_check_memory(context, 8.0 * data->nclasses * data->nclasses +
							   16.0 * data->nannotators * data->nclasses +
							   4.0 * data->nanswers +
							   (sizeof(ConsensusPair) + 48.0) *
							   data->nannotators, "flags of annotators");
		confusion = consensus_alloc((Size) data->nclasses * data->nclasses,
									sizeof(double));
		consensus_pool_confusion(data, &fit, confusion);
		find_habits(data, &fit, confusion, &lists[0]);
		find_haste(annotations, args, &input, &lists[1]);
		find_copies(data, &fit, confusion, &lists[2]);
		for (int i = 0; i < lengthof(lists); i++)
			put_flags(rsinfo, &input, &lists[i]);
	}
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(context);
	return (Datum) 0;
}
