/*-------------------------------------------------------------------------
 *
 * numeric.c
 *	  Consensus of numbers: reading, the methods there are, what SQL calls.
 *
 * Numbers are made labels (the place among the different ones), so that
 * repeats, shares and gold are what they are elsewhere; and they are divided
 * by a power of two, which loses nothing, so that no square overflows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "base/options.h"
#include "base/query.h"
#include "consensus/numeric.h"

PG_FUNCTION_INFO_V1(tdp_consensus_numeric);

#define FIRST_CAPACITY 1024		/* rows */

/* More different numbers are no levels of a scale. */
#define MOST_LEVELS 100

struct NumericMethodEntry
{
	const char *name;
	NumericMethod fit;
	size_t		(*memory) (const NumericData *data);
};

static const NumericMethodEntry methods[] = {
	{"mean", numeric_mean, numeric_memory},
	{"median", numeric_median, numeric_memory},
	{"weighted_median", numeric_weighted_median, numeric_memory},
	{"catd", numeric_catd, numeric_memory},
	{"pm", numeric_pm, numeric_memory},
	{"lfc", numeric_lfc, numeric_memory},
	{"ordinal", numeric_ordinal, numeric_ordinal_memory}
};

/* Rows as they come, or the numbers that are known. */
typedef struct NumberReader
{
	NumericInput *input;
	const char *argument;
	ConsensusRow *rows;			/* without labels; gold: items only */
	double	   *numbers;
	int64		nrows;
	int64		capacity;
	int32		nitems;			/* gold: that have answers */
} NumberReader;


/* ---- methods ------------------------------------------------------------ */

bool
numeric_method_exists(const char *name)
{
	for (int i = 0; i < lengthof(methods); i++)
		if (strcmp(methods[i].name, name) == 0)
			return true;
	return false;
}


const NumericMethodEntry *
numeric_method_named(const char *name)
{
	StringInfoData names;

	for (int i = 0; i < lengthof(methods); i++)
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];

	initStringInfo(&names);
	for (int i = 0; i < lengthof(methods); i++)
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", methods[i].name);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown method \"%s\"", name),
			 errhint("There are: %s.", names.data)));
	return NULL;
}


static void
report_range(const char *key, const char *range)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" in argument \"settings\" must be %s", key, range)));
}


void
numeric_read_settings(Jsonb *settings, NumericSettings *to)
{
	Option		options[] = {
		{.name = "max_iter", .type = OPTION_INT, .value = &to->max_iter},
		{.name = "tolerance", .type = OPTION_FLOAT8, .value = &to->tolerance},
		{.name = "smoothing", .type = OPTION_FLOAT8, .value = &to->smoothing},
		{.name = "bias", .type = OPTION_BOOL, .value = &to->biased},
		{.name = "shrink", .type = OPTION_BOOL, .value = &to->shrink}
	};

	to->max_iter = 100;
	to->tolerance = 0.001;
	to->smoothing = 0.0;
	to->biased = to->shrink = false;
	options_read("settings", settings, options, lengthof(options));
	if (to->max_iter < 1)
		report_range("max_iter", "at least 1");
	if (!(to->tolerance >= 0.0 && isfinite(to->tolerance)))
		report_range("tolerance", "zero or more");
	if (!(to->smoothing >= 0.0 && to->smoothing <= 1e9))
		report_range("smoothing", "from 0 to 1e9");
	if (!options[2].given || options[2].is_null)
		to->smoothing = -1.0;
	to->biased_given = options[3].given && !options[3].is_null;
}


/* ---- reading ------------------------------------------------------------ */

static void
grow(NumberReader *reader)
{
	int64		capacity = reader->capacity * 2;

	if (reader->nrows < reader->capacity)
		return;
	consensus_check_memory(reader->input->context,
						   (double) (sizeof(ConsensusRow) + sizeof(double)) *
						   reader->capacity,
						   psprintf("reading more than " INT64_FORMAT " annotations",
									reader->nrows));
	reader->rows = repalloc_huge(reader->rows,
								 sizeof(ConsensusRow) * capacity);
	reader->numbers = repalloc_huge(reader->numbers,
									sizeof(double) * capacity);
	reader->capacity = capacity;
}


static void
add_number(void *state, const QueryValue *values)
{
	NumberReader *reader = state;
	bool		gold = reader->nitems >= 0;
	double		number = values[1].number;
	double		weight = gold || values[3].isnull ? 1.0 : values[3].number;
	int32		item = values[0].code;

	if (!isfinite(number))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("column \"label\" of the query given as \"%s\" is %g for item \"%s\"",
						reader->argument, number,
						intern_text(reader->input->items, item)),
				 errhint("Numbers must be finite.")));
	if (!(weight >= 0.0 && weight <= CONSENSUS_MOST_WEIGHT))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("column \"weight\" of the query given as \"%s\" is %g for item \"%s\"",
						reader->argument, weight,
						intern_text(reader->input->items, item)),
				 errhint("Weights must be zero or more, and finite (at most %g).",
						 CONSENSUS_MOST_WEIGHT)));
	if (gold && item >= reader->nitems)
		return;
	grow(reader);
	reader->numbers[reader->nrows] = number == 0.0 ? 0.0 : number;
	reader->rows[reader->nrows].weight = weight;
	reader->rows[reader->nrows].item = item;
	reader->rows[reader->nrows++].annotator = gold ? 0 : values[2].code;
}


static void
begin_reading(NumberReader *reader, NumericInput *input, const char *argument,
			  int32 nitems)
{
	reader->input = input;
	reader->argument = argument;
	reader->nrows = 0;
	reader->nitems = nitems;
	reader->capacity = FIRST_CAPACITY;
	reader->rows = consensus_alloc(FIRST_CAPACITY, sizeof(ConsensusRow));
	reader->numbers = consensus_alloc(FIRST_CAPACITY, sizeof(double));
}


static void
read_numbers(NumberReader *reader, const char *sql, ArrayType *args)
{
	NumericInput *input = reader->input;
	QueryColumn columns[] = {
		{.name = "item", .kind = QUERY_CODE, .interned = input->items,
		.aliases = "task, question, object, example, unit, id, key, task_id, question_id, item_id"},
		{.name = "label", .kind = QUERY_FLOAT8, .text_ok = true,
		.aliases = "value, number, answer, response, rating, score, truth, gold, target, estimate"},
		{.name = "annotator", .kind = QUERY_CODE, .interned = input->annotators,
		.aliases = "worker, rater, labeler, coder, performer, observer, member, user_id, worker_id, rater_id, annotator_id"},
		{.name = "weight", .kind = QUERY_FLOAT8, .optional = true}
	};

	query_read(reader->argument, sql, args, columns,
			   reader->nitems >= 0 ? 2 : lengthof(columns), add_number,
			   reader);
}


static int
compare_numbers(const void *a, const void *b)
{
	double		left = *(const double *) a;
	double		right = *(const double *) b;

	return (left > right) - (left < right);
}


/* The different numbers of both readers, ascending. */
static double *
list_numbers(const NumberReader *reader, const NumberReader *gold,
			 int32 *count)
{
	int64		n = reader->nrows + gold->nrows;
	double	   *all = consensus_alloc(n, sizeof(double));
	int64		kept = 0;

	memcpy(all, reader->numbers, reader->nrows * sizeof(double));
	if (gold->nrows > 0)
		memcpy(all + reader->nrows, gold->numbers,
			   gold->nrows * sizeof(double));
	qsort(all, n, sizeof(double), compare_numbers);
	for (int64 i = 0; i < n; i++)
		if (i == 0 || all[i] != all[kept - 1])
			all[kept++] = all[i];
	if (kept > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("there are more than %d different numbers",
						PG_INT32_MAX)));
	*count = kept;
	return all;
}


static int32
place_of(const double *numbers, int32 count, double number)
{
	int32		low = 0;

	for (int32 high = count - 1; low < high;)
	{
		int32		middle = low + (high - low) / 2;

		if (numbers[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}


static int32 *
place_gold(const NumericInput *input, const NumberReader *gold,
		   const double *numbers)
{
	const ConsensusData *data = &input->data.answers;
	int32	   *known = consensus_alloc(data->nitems, sizeof(int32));

	for (int32 i = 0; i < data->nitems; i++)
		known[i] = -1;
	for (int64 r = 0; r < gold->nrows; r++)
	{
		int32		item = gold->rows[r].item;
		int32		label = place_of(numbers, data->nclasses,
									 gold->numbers[r]);

		if (known[item] >= 0 && known[item] != label)
			ereport(ERROR,
					(errcode(ERRCODE_CARDINALITY_VIOLATION),
					 errmsg("the query given as \"gold\" has two numbers for item \"%s\"",
							intern_text(input->items, item)),
					 errdetail("They are %g and %g.", numbers[known[item]],
							   numbers[label])));
		known[item] = label;
	}
	return known;
}


/* Divides the numbers by a power of two, so that none is beyond 1. */
static int
scale_numbers(double *numbers, int32 count)
{
	double		most = Max(fabs(numbers[0]), fabs(numbers[count - 1]));
	int			exponent = 0;

	frexp(most, &exponent);
	for (int32 k = 0; k < count; k++)
		numbers[k] = ldexp(numbers[k], -exponent);
	return exponent;
}


static void
arrange(NumericInput *input, NumberReader *reader, NumberReader *gold)
{
	ConsensusData *data = &input->data.answers;
	double	   *numbers;

	consensus_check_memory(input->context,
						   (double) (sizeof(ConsensusAnswer) +
									 sizeof(double)) * reader->nrows +
						   sizeof(int64) * ((double) data->nitems + 1),
						   psprintf("sorting " INT64_FORMAT " annotations",
									reader->nrows));
	numbers = list_numbers(reader, gold, &data->nclasses);
	for (int64 r = 0; r < reader->nrows; r++)
		reader->rows[r].label = place_of(numbers, data->nclasses,
										 reader->numbers[r]);
	pfree(reader->numbers);
	if (gold->nrows > 0)
		data->gold = place_gold(input, gold, numbers);
	data->start = consensus_alloc((Size) data->nitems + 1, sizeof(int64));
	data->answers = consensus_alloc(reader->nrows, sizeof(ConsensusAnswer));
	consensus_arrange(reader->rows, reader->nrows, data, consensus_progress,
					  NULL);
	pfree(reader->rows);
	input->exponent = scale_numbers(numbers, data->nclasses);
	input->data.number = numbers;
}


void
numeric_read(const char *annotations, const char *gold_sql, ArrayType *args,
			 NumericInput *input)
{
	ConsensusData *data = &input->data.answers;
	NumberReader reader;
	NumberReader gold = {0};
	int32	   *item;
	int32	   *annotator;

	memset(input, 0, sizeof(NumericInput));
	input->context = CurrentMemoryContext;
	input->items = intern_create(CurrentMemoryContext);
	input->annotators = intern_create(CurrentMemoryContext);
	begin_reading(&reader, input, "annotations", -1);
	read_numbers(&reader, annotations, args);

	/* gold's own items come after those that have answers */
	item = intern_sort(input->items);
	annotator = intern_sort(input->annotators);
	data->nitems = intern_count(input->items);
	data->nannotators = intern_count(input->annotators);
	for (int64 r = 0; r < reader.nrows; r++)
	{
		reader.rows[r].item = item[reader.rows[r].item];
		reader.rows[r].annotator = annotator[reader.rows[r].annotator];
	}
	if (gold_sql != NULL)
	{
		begin_reading(&gold, input, "gold", data->nitems);
		read_numbers(&gold, gold_sql, args);
	}
	if (reader.nrows > 0)
		arrange(input, &reader, &gold);
}


/* ---- fitting ------------------------------------------------------------ */

const char *
numeric_solve(const NumericMethodEntry *method, NumericInput *input,
			  const NumericSettings *settings, NumericFit *fit)
{
	const ConsensusData *data = &input->data.answers;
	char	   *words = psprintf("method %s for %d items and %d annotators",
								 method->name, data->nitems,
								 data->nannotators);
	size_t		memory;

	if (method->fit == numeric_ordinal && data->nclasses > MOST_LEVELS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("method \"ordinal\" is for scales of at most %d levels, but there are %d different numbers",
						MOST_LEVELS, data->nclasses),
				 errhint("Use lfc or weighted_median.")));
	memory = method->memory(&input->data);
	consensus_check_memory(input->context, (double) memory +
						   16.0 * ((double) data->nitems + data->nannotators),
						   words);
	memset(fit, 0, sizeof(NumericFit));
	fit->smoothing = settings->smoothing;
	fit->tolerance = settings->tolerance;
	fit->max_iter = settings->max_iter;
	fit->biased = settings->biased_given ? settings->biased
		: data->gold != NULL;
	fit->shrink = settings->shrink;
	fit->progress = consensus_progress;
	fit->work = consensus_alloc(memory, 1);
	fit->value = consensus_alloc(data->nitems, sizeof(double));
	fit->error = consensus_alloc(data->nitems, sizeof(double));
	fit->weights = consensus_alloc(data->nannotators, sizeof(double));
	fit->bias = consensus_alloc(data->nannotators, sizeof(double));
	method->fit(&input->data, fit);
	ereport(DEBUG1,
			(errmsg_internal("%s: %d iterations, %s", words, fit->iterations,
							 fit->converged ? "converged"
							 : "ended by max_iter")));
	return method->name;
}


double
numeric_unscale(const NumericInput *input, double number)
{
	return ldexp(number, input->exponent);
}


/* ---- what SQL calls ----------------------------------------------------- */

static void
put_rows(ReturnSetInfo *rsinfo, NumericInput *input, const NumericFit *fit)
{
	const ConsensusData *data = &input->data.answers;
	MemoryContext row = AllocSetContextCreate(CurrentMemoryContext,
											  "tdp consensus row",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outside = MemoryContextSwitchTo(row);

	for (int32 i = 0; i < data->nitems; i++)
	{
		Datum		values[4];
		bool		nulls[4] = {false};

		CHECK_FOR_INTERRUPTS();
		values[0] = CStringGetTextDatum(intern_text(input->items, i));
		values[1] = Float8GetDatum(numeric_unscale(input, fit->value[i]));
		values[2] = Float8GetDatum(numeric_unscale(input, fit->error[i]));
		nulls[2] = isnan(fit->error[i]);
		values[3] = Int32GetDatum((int32) (data->start[i + 1] -
										   data->start[i]));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values,
							 nulls);
		MemoryContextReset(row);
	}
	MemoryContextSwitchTo(outside);
}


/* consensus_numeric(annotations, method, gold, settings, args) */
Datum
tdp_consensus_numeric(PG_FUNCTION_ARGS)
{
	char	   *annotations = argument_required_text(fcinfo, 0, "annotations");
	char	   *name = argument_text(fcinfo, 1);
	const NumericMethodEntry *method;
	NumericSettings settings;
	MemoryContext context;
	MemoryContext outside;
	NumericInput input;
	NumericFit	fit;

	method = numeric_method_named(name != NULL ? name : NUMERIC_DEFAULT);
	numeric_read_settings(PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3),
						  &settings);
	InitMaterializedSRF(fcinfo, 0);
	context = AllocSetContextCreate(CurrentMemoryContext,
									"tdp consensus_numeric",
									ALLOCSET_DEFAULT_SIZES);
	outside = MemoryContextSwitchTo(context);
	numeric_read(annotations, argument_text(fcinfo, 2),
				 PG_ARGISNULL(4) ? NULL : PG_GETARG_ARRAYTYPE_P(4), &input);
	if (input.data.answers.nanswers > 0)
	{
		numeric_solve(method, &input, &settings, &fit);
		put_rows((ReturnSetInfo *) fcinfo->resultinfo, &input, &fit);
	}
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(context);
	return (Datum) 0;
}
