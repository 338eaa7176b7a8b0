/*-------------------------------------------------------------------------
 *
 * rank.c
 *	  rank_pairs: an order of items from comparisons of two.
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
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "base/options.h"
#include "base/query.h"
#include "consensus/glue.h"
#include "consensus/rank_kernel.h"

PG_FUNCTION_INFO_V1(tdp_rank_pairs);

#define FIRST_CAPACITY 1024		/* comparisons */

/* More items than this get approximate standard errors. */
#define MOST_EXACT 1000

/* Scores that differ by no more share a rank. */
#define SAME_SCORE 1e-9

/* Places of the columns. */
enum
{
	PAIR_WINNER,
	PAIR_LOSER,
	PAIR_A,
	PAIR_B,
	PAIR_CHOICE,
	PAIR_ANNOTATOR,
	PAIR_WEIGHT,
	PAIR_TIME,
	PAIR_COLUMNS
};

/* A comparison as it was read. */
typedef struct Comparison
{
	TimestampTz time;
	int32		winner;
	int32		loser;
	int32		annotator;
	bool		tie;
	double		weight;
} Comparison;

typedef struct PairReader
{
	MemoryContext context;
	QueryColumn *columns;
	InternTable *items;
	InternTable *annotators;
	Comparison *rows;
	int64		count;
	int64		capacity;
} PairReader;

typedef struct RankSettings
{
	char	   *method;
	double		smoothing;
	double		tolerance;
	int			max_iter;
	double		step;
} RankSettings;

/* A call: what it read, what came of it. */
typedef struct Ranking
{
	PairReader	reader;
	RankData	data;
	RankFit		fit;
	double	   *wins;
	double	   *losses;
	int32	   *order;			/* of the items, best first */
} Ranking;


/* ---- reading ------------------------------------------------------------ */

static void
require_column(const PairReader *reader, int column)
{
	if (!reader->columns[column].present)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("the query given as \"comparisons\" has no column \"%s\"",
						reader->columns[column].name),
				 errhint("Give it winner and loser, or a, b and choice (the one of the two that was chosen, or \"tie\").")));
}


static bool
has_choices(const PairReader *reader)
{
	return reader->columns[PAIR_CHOICE].present;
}


static void
check_columns(const PairReader *reader)
{
	if (has_choices(reader))
	{
		require_column(reader, PAIR_A);
		require_column(reader, PAIR_B);
		return;
	}
	require_column(reader, PAIR_WINNER);
	require_column(reader, PAIR_LOSER);
}


static void
set_outcome(PairReader *reader, const QueryValue *values, Comparison *to)
{
	bool		choices = has_choices(reader);
	const QueryValue *a = &values[choices ? PAIR_A : PAIR_WINNER];
	const QueryValue *b = &values[choices ? PAIR_B : PAIR_LOSER];
	const char *choice;
	bool		second;

	to->winner = a->code;
	to->loser = b->code;
	to->tie = false;
	if (to->winner == to->loser)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the query given as \"comparisons\" compares item \"%s\" with itself",
						intern_text(reader->items, to->winner))));
	if (!choices)
		return;
	choice = DatumGetCString(values[PAIR_CHOICE].datum);
	if (strcmp(choice, intern_text(reader->items, a->code)) == 0)
		return;
	second = strcmp(choice, intern_text(reader->items, b->code)) == 0;
	if (!second && strcmp(choice, "a") == 0)
		return;
	to->tie = !second && strcmp(choice, "tie") == 0;
	if (!second && !to->tie && strcmp(choice, "b") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"choice\" of the query given as \"comparisons\" is \"%s\" for \"%s\" and \"%s\"",
						choice, intern_text(reader->items, a->code),
						intern_text(reader->items, b->code)),
				 errhint("It must be one of the two, a, b or tie.")));
	if (!to->tie || to->loser < to->winner)
	{
		to->winner = b->code;
		to->loser = a->code;
	}
}


static void
add_comparison(void *state, const QueryValue *values)
{
	PairReader *reader = state;
	Comparison *to;

	if (reader->count == 0)
		check_columns(reader);
	if (reader->count == reader->capacity)
	{
		consensus_check_memory(reader->context, (double)
							   sizeof(Comparison) * reader->capacity,
							   psprintf("reading more than " INT64_FORMAT " comparisons",
										reader->count));
		reader->capacity *= 2;
		reader->rows = repalloc_huge(reader->rows, sizeof(Comparison) *
									 reader->capacity);
	}
	to = &reader->rows[reader->count++];
	set_outcome(reader, values, to);
	to->annotator = values[PAIR_ANNOTATOR].isnull ? 0
		: values[PAIR_ANNOTATOR].code;
	to->time = values[PAIR_TIME].isnull ? 0
		: DatumGetTimestampTz(values[PAIR_TIME].datum);
	to->weight = values[PAIR_WEIGHT].isnull ? 1.0
		: values[PAIR_WEIGHT].number;
	if (!(to->weight >= 0.0 && to->weight <= CONSENSUS_MOST_WEIGHT))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("column \"weight\" of the query given as \"comparisons\" is %g",
						to->weight),
				 errhint("Weights must be zero or more, and finite (at most %g).",
						 CONSENSUS_MOST_WEIGHT)));
}


static int
compare_comparisons(const void *a, const void *b)
{
	const Comparison *x = a;
	const Comparison *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	if (x->winner != y->winner)
		return x->winner < y->winner ? -1 : 1;
	if (x->loser != y->loser)
		return x->loser < y->loser ? -1 : 1;
	if (x->annotator != y->annotator)
		return x->annotator < y->annotator ? -1 : 1;
	if (x->tie != y->tie)
		return x->tie ? 1 : -1;
	return (x->weight > y->weight) - (x->weight < y->weight);
}


/* In an order that does not depend on the rows'; repeats go. */
static void
sort_comparisons(PairReader *reader)
{
	int32	   *item = intern_sort(reader->items);
	int32	   *annotator = intern_sort(reader->annotators);
	int64		kept = 0;

	for (int64 r = 0; r < reader->count; r++)
	{
		Comparison *row = &reader->rows[r];
		int32		winner = item[row->winner];
		int32		loser = item[row->loser];

		row->winner = row->tie ? Min(winner, loser) : winner;
		row->loser = row->tie ? Max(winner, loser) : loser;
		if (reader->columns[PAIR_ANNOTATOR].present)
			row->annotator = annotator[row->annotator];
	}
	qsort(reader->rows, reader->count, sizeof(Comparison),
		  compare_comparisons);
	for (int64 r = 0; r < reader->count; r++)
		if (kept == 0 || !reader->columns[PAIR_ANNOTATOR].present ||
			compare_comparisons(&reader->rows[r],
								&reader->rows[kept - 1]) != 0)
			reader->rows[kept++] = reader->rows[r];
	reader->count = kept;
}


static void
read_comparisons(PairReader *reader, const char *sql, ArrayType *args)
{
	QueryColumn columns[PAIR_COLUMNS] = {
		{.name = "winner", .kind = QUERY_CODE, .optional = true},
		{.name = "loser", .kind = QUERY_CODE, .optional = true},
		{.name = "a", .kind = QUERY_CODE, .optional = true},
		{.name = "b", .kind = QUERY_CODE, .optional = true},
		{.name = "choice", .kind = QUERY_TEXT, .optional = true},
		{.name = "annotator", .kind = QUERY_CODE, .optional = true},
		{.name = "weight", .kind = QUERY_FLOAT8, .optional = true},
		{.name = "submitted_at", .kind = QUERY_TIMESTAMPTZ, .optional = true}
	};

	reader->context = CurrentMemoryContext;
	reader->items = intern_create(CurrentMemoryContext);
	reader->annotators = intern_create(CurrentMemoryContext);
	reader->columns = palloc_array(QueryColumn, PAIR_COLUMNS);
	memcpy(reader->columns, columns, sizeof(columns));
	for (int c = PAIR_WINNER; c <= PAIR_B; c++)
		reader->columns[c].interned = reader->items;
	reader->columns[PAIR_ANNOTATOR].interned = reader->annotators;
	reader->capacity = FIRST_CAPACITY;
	reader->rows = consensus_alloc(reader->capacity, sizeof(Comparison));
	query_read("comparisons", sql, args, reader->columns, PAIR_COLUMNS,
			   add_comparison, reader);
	check_columns(reader);
	sort_comparisons(reader);
}


/* ---- fitting ------------------------------------------------------------ */

static void
read_settings(Jsonb *settings, RankSettings *to)
{
	Option		options[] = {
		{.name = "max_iter", .type = OPTION_INT, .value = &to->max_iter},
		{.name = "tolerance", .type = OPTION_FLOAT8, .value = &to->tolerance},
		{.name = "smoothing", .type = OPTION_FLOAT8, .value = &to->smoothing},
		{.name = "step", .type = OPTION_FLOAT8, .value = &to->step}
	};

	to->max_iter = 200;
	to->tolerance = 1e-9;
	to->smoothing = 0.1;
	to->step = 32.0;
	options_read("settings", settings, options, lengthof(options));
	if (to->max_iter < 1 || !(to->tolerance >= 0.0) ||
		!isfinite(to->tolerance))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"max_iter\" and \"tolerance\" in argument \"settings\" must be at least 1, and zero or more")));
	if (!(to->smoothing >= 0.0 && to->smoothing <= 1e9))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"smoothing\" in argument \"settings\" must be from 0 to 1e9")));
	if (!(to->step > 0.0 && to->step <= 1000.0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"step\" in argument \"settings\" must be above 0, and at most 1000")));
	if (strcmp(to->method, "bradley_terry") != 0 &&
		strcmp(to->method, "noisy_bradley_terry") != 0 &&
		strcmp(to->method, "elo") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown method \"%s\"", to->method),
				 errhint("There are: bradley_terry, noisy_bradley_terry, elo.")));
}


/* Pairs for the kernel; a tie is half a win each way. */
static void
make_pairs(Ranking *of)
{
	PairReader *reader = &of->reader;
	RankPair   *pairs;
	int64		n = 0;

	for (int64 r = 0; r < reader->count; r++)
		n += reader->rows[r].tie ? 2 : 1;
	of->data.nitems = intern_count(reader->items);
	of->data.nannotators = Max(intern_count(reader->annotators), 1);
	consensus_check_memory(reader->context, (double) n * sizeof(RankPair) +
						   40.0 * of->data.nitems, "sorting comparisons");
	pairs = consensus_alloc(n, sizeof(RankPair));
	of->wins = consensus_alloc(of->data.nitems, sizeof(double));
	of->losses = consensus_alloc(of->data.nitems, sizeof(double));
	memset(of->wins, 0, of->data.nitems * sizeof(double));
	memset(of->losses, 0, of->data.nitems * sizeof(double));
	n = 0;
	for (int64 r = 0; r < reader->count; r++)
	{
		const Comparison *row = &reader->rows[r];
		double		weight = row->tie ? 0.5 * row->weight : row->weight;

		pairs[n++] = (RankPair) {row->winner, row->loser, row->annotator, weight, row->tie};
		of->wins[row->winner] += weight;
		of->losses[row->loser] += weight;
		if (!row->tie)
			continue;
		pairs[n++] = (RankPair) {row->loser, row->winner, row->annotator, weight, false};
		of->wins[row->loser] += weight;
		of->losses[row->winner] += weight;
	}
	of->data.pairs = pairs;
	of->data.npairs = n;
}


static void
fit_ranking(Ranking *of, const RankSettings *settings)
{
	const RankData *data = &of->data;
	RankFit    *fit = &of->fit;
	size_t		memory;

	fit->smoothing = settings->smoothing;
	fit->tolerance = settings->tolerance;
	fit->max_iter = settings->max_iter;
	fit->most_exact = MOST_EXACT;
	fit->progress = consensus_progress;
	memory = rank_memory(data, fit);
	consensus_check_memory(of->reader.context, (double) memory,
						   psprintf("ranking %d items by " INT64_FORMAT " comparisons",
									data->nitems, of->reader.count));
	fit->work = consensus_alloc(memory, 1);
	fit->score = consensus_alloc(data->nitems, sizeof(double));
	fit->error = consensus_alloc(data->nitems, sizeof(double));
	fit->reliability = consensus_alloc(data->nannotators, sizeof(double));
	if (strcmp(settings->method, "elo") == 0)
	{
		if (!of->reader.columns[PAIR_TIME].present)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("the query given as \"comparisons\" has no column \"submitted_at\""),
					 errdetail("Elo's scores depend on the order of the comparisons."),
					 errhint("Give it one, a timestamp, or use bradley_terry.")));
		rank_elo(data, fit, settings->step);
		return;
	}
	if (settings->smoothing == 0.0 && !rank_connected(data, fit))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("without smoothing, some items have no finite score"),
				 errdetail("Not every item is, by chains of wins, above and below every other."),
				 errhint("Leave out \"smoothing\": 0.")));
	if (strcmp(settings->method, "bradley_terry") == 0)
		rank_bradley_terry(data, fit);
	else
		rank_noisy_bradley_terry(data, fit);
}


/* ---- what SQL calls ----------------------------------------------------- */

static int
compare_scores(const void *a, const void *b, void *arg)
{
	const double *score = arg;
	int32		x = *(const int32 *) a;
	int32		y = *(const int32 *) b;

	if (score[x] != score[y])
		return score[x] > score[y] ? -1 : 1;
	return x < y ? -1 : x > y;
}


static void
put_ranking(ReturnSetInfo *rsinfo, Ranking *of)
{
	int32		nitems = of->data.nitems;
	int32		rank = 0;

	of->order = consensus_alloc(nitems, sizeof(int32));
	/* what rounding alone tells apart is alike */
	for (int32 i = 0; i < nitems; i++)
	{
		of->order[i] = i;
		of->fit.score[i] = rint(of->fit.score[i] / SAME_SCORE) * SAME_SCORE +
			0.0;
	}
	qsort_arg(of->order, nitems, sizeof(int32), compare_scores,
			  of->fit.score);
	for (int32 n = 0; n < nitems; n++)
	{
		int32		i = of->order[n];
		Datum		values[6];
		bool		nulls[6] = {false};

		CHECK_FOR_INTERRUPTS();
		if (n == 0 || of->fit.score[i] != of->fit.score[of->order[n - 1]])
			rank = n + 1;
		values[0] = CStringGetTextDatum(intern_text(of->reader.items, i));
		values[1] = Float8GetDatum(of->fit.score[i]);
		values[2] = Float8GetDatum(of->fit.error[i]);
		nulls[2] = isnan(of->fit.error[i]);
		values[3] = Int32GetDatum(rank);
		values[4] = Float8GetDatum(of->wins[i]);
		values[5] = Float8GetDatum(of->losses[i]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values,
							 nulls);
	}
}


/* rank_pairs(comparisons, method, settings, args) */
Datum
tdp_rank_pairs(PG_FUNCTION_ARGS)
{
	char	   *comparisons = argument_required_text(fcinfo, 0, "comparisons");
	RankSettings settings;
	MemoryContext context;
	MemoryContext outside;
	Ranking		of = {0};

	settings.method = argument_text(fcinfo, 1);
	if (settings.method == NULL)
		settings.method = "bradley_terry";
	read_settings(PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2), &settings);
	InitMaterializedSRF(fcinfo, 0);
	context = AllocSetContextCreate(CurrentMemoryContext, "tdp rank_pairs",
									ALLOCSET_DEFAULT_SIZES);
	outside = MemoryContextSwitchTo(context);
	read_comparisons(&of.reader, comparisons,
					 PG_ARGISNULL(3) ? NULL : PG_GETARG_ARRAYTYPE_P(3));
	if (of.reader.count > 0)
	{
		make_pairs(&of);
		fit_ranking(&of, &settings);
		put_ranking((ReturnSetInfo *) fcinfo->resultinfo, &of);
	}
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(context);
	return (Datum) 0;
}
