/*-------------------------------------------------------------------------
 *
 * next_answers.c
 *	  Which items deserve another answer: next_answers_needed.
 *
 * Each field of the query is a fit of its own.
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
#include "base/options.h"
#include "base/query.h"
#include "consensus/glue.h"
#include "consensus/need_kernel.h"

PG_FUNCTION_INFO_V1(tdp_next_answers_needed);

#define MAX_ITER 100
#define TOLERANCE 1e-4


/* A row as it was read. */
typedef struct NeedAnswer
{
	ConsensusRow row;
	double		cost;
	int32		field;
} NeedAnswer;

/* All that was read. */
typedef struct NeedInput
{
	MemoryContext context;
	InternTable *items;
	InternTable *annotators;
	InternTable *labels;
	InternTable *fields;
	NeedAnswer *rows;
	int64		nrows;
	int64		capacity;
	bool		has_field;
	double		target;
	int			max_overlap;
} NeedInput;

/* A row of the result. */
typedef struct NeedRow
{
	double		wrong;
	double		gain;
	double		gain_per_cost;
	int32		item;			/* codes */
	int32		field;
} NeedRow;

/* The rows of the result, so far. */
typedef struct NeedRows
{
	NeedRow    *rows;
	int64		count;
} NeedRows;

/* Places of the columns. */
enum
{
	NEED_ITEM,
	NEED_ANNOTATOR,
	NEED_LABEL,
	NEED_FIELD,
	NEED_COST
};


/* ---- reading ------------------------------------------------------------ */

static void
add_row(void *state, const QueryValue *values)
{
	NeedInput  *input = state;
	NeedAnswer *row;

	if (input->nrows == input->capacity)
	{
		consensus_check_memory(input->context, (double) sizeof(NeedAnswer) *
							   input->capacity,
							   psprintf("reading more than " INT64_FORMAT " annotations",
										input->nrows));
		input->capacity *= 2;
		input->rows = repalloc_huge(input->rows,
									sizeof(NeedAnswer) * input->capacity);
	}
	row = &input->rows[input->nrows++];
	row->row.weight = 1.0;
	row->row.item = values[NEED_ITEM].code;
	row->row.annotator = values[NEED_ANNOTATOR].code;
	row->row.label = values[NEED_LABEL].code;
	row->field = values[NEED_FIELD].isnull ? 0 : values[NEED_FIELD].code;
	row->cost = values[NEED_COST].isnull ? 1.0 : values[NEED_COST].number;
	if (!(row->cost > 0.0 && row->cost <= 1e100))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("column \"cost\" of the query given as \"annotations\" is %g for annotator \"%s\"",
						row->cost, intern_text(input->annotators,
											   row->row.annotator)),
				 errhint("A cost must be above zero, and finite (at most 1e100).")));
}


static void
read_input(NeedInput *input, const char *sql, ArrayType *args)
{
	QueryColumn columns[] = {
		{.name = "item", .kind = QUERY_CODE, .interned = input->items,
		.aliases = "task, question, object, example, unit, id, key, task_id, question_id, item_id"},
		{.name = "annotator", .kind = QUERY_CODE, .interned = input->annotators,
		.aliases = "worker, rater, labeler, coder, performer, observer, member, user_id, worker_id, rater_id, annotator_id"},
		{.name = "label", .kind = QUERY_CODE, .interned = input->labels,
		.aliases = "answer, response, judgment, annotation, choice, category, class, rating, value, vote"},
		{.name = "field", .kind = QUERY_CODE, .optional = true,
		.interned = input->fields},
		{.name = "cost", .kind = QUERY_FLOAT8, .optional = true}
	};

	input->capacity = 1024;
	input->rows = consensus_alloc(input->capacity, sizeof(NeedAnswer));
	query_read("annotations", sql, args, columns, lengthof(columns), add_row,
			   input);
	input->has_field = columns[NEED_FIELD].present;
}


/* Codes in the order of their types, so that the rows' order is nothing. */
static void
order_codes(NeedInput *input)
{
	int32	   *item = intern_sort(input->items);
	int32	   *annotator = intern_sort(input->annotators);
	int32	   *label = intern_sort(input->labels);
	int32	   *field = input->has_field ? intern_sort(input->fields) : NULL;

	for (int64 r = 0; r < input->nrows; r++)
	{
		NeedAnswer *row = &input->rows[r];

		row->row.item = item[row->row.item];
		row->row.annotator = annotator[row->row.annotator];
		row->row.label = label[row->row.label];
		if (field != NULL)
			row->field = field[row->field];
	}
}


/* ---- a field ------------------------------------------------------------ */

/* Numbers the codes that are used from 0; -1 for those that are not. */
static int32 *
number_used(const NeedInput *input, int32 field, int which, int32 ncodes,
			int32 **codes, int32 *count)
{
	int32	   *number = consensus_alloc(ncodes, sizeof(int32));

	for (int32 c = 0; c < ncodes; c++)
		number[c] = -1;
	for (int64 r = 0; r < input->nrows; r++)
	{
		const NeedAnswer *row = &input->rows[r];

		if (row->field == field)
			number[which == NEED_ITEM ? row->row.item
				   : which == NEED_LABEL ? row->row.label
				   : row->row.annotator] = 0;
	}
	*codes = consensus_alloc(ncodes, sizeof(int32));
	*count = 0;
	for (int32 c = 0; c < ncodes; c++)
		if (number[c] == 0)
		{
			(*codes)[*count] = c;
			number[c] = (*count)++;
		}
	return number;
}


/* The answers of a field; *items gets its items' codes, *costs the mean. */
static void
arrange_field(const NeedInput *input, int32 field, ConsensusData *data,
			  int32 **items, double **costs)
{
	int32	   *codes;
	int32	   *item = number_used(input, field, NEED_ITEM,
								   intern_count(input->items), items,
								   &data->nitems);
	int32	   *annotator = number_used(input, field, NEED_ANNOTATOR,
										intern_count(input->annotators),
										&codes, &data->nannotators);
	int32	   *label = number_used(input, field, NEED_LABEL,
									intern_count(input->labels), &codes,
									&data->nclasses);
	ConsensusRow *rows = consensus_alloc(input->nrows, sizeof(ConsensusRow));
	double	   *number = consensus_alloc(data->nannotators, sizeof(double));
	int64		nrows = 0;

	*costs = consensus_alloc(data->nannotators, sizeof(double));
	memset(number, 0, sizeof(double) * data->nannotators);
	memset(*costs, 0, sizeof(double) * data->nannotators);
	for (int64 r = 0; r < input->nrows; r++)
	{
		const NeedAnswer *row = &input->rows[r];

		if (row->field != field)
			continue;
		rows[nrows] = row->row;
		rows[nrows].item = item[row->row.item];
		rows[nrows].annotator = annotator[row->row.annotator];
		rows[nrows].label = label[row->row.label];
		(*costs)[rows[nrows].annotator] += row->cost;
		number[rows[nrows++].annotator] += 1.0;
	}
	for (int32 j = 0; j < data->nannotators; j++)
		(*costs)[j] /= number[j];
	data->start = consensus_alloc((Size) data->nitems + 1, sizeof(int64));
	data->answers = consensus_alloc(nrows, sizeof(ConsensusAnswer));
	consensus_arrange(rows, nrows, data, consensus_progress, NULL);
}


static double
fit_memory(const ConsensusData *data)
{
	return 8.0 * data->nitems * (double) data->nclasses +
		32.0 * data->nannotators + 16.0 * data->nclasses +
		(double) sizeof(ConsensusNeed) * data->nitems;
}


static ConsensusNeed *
fit_needs(const NeedInput *input, const ConsensusData *data,
		  const double *costs)
{
	ConsensusNeedFit fit = {
		.max_iter = MAX_ITER,
		.tolerance = TOLERANCE,
		.progress = consensus_progress
	};
	ConsensusNeed *needs;

	consensus_check_memory(input->context, fit_memory(data),
						   psprintf("the needs of %d items with %d labels",
									data->nitems, data->nclasses));
	needs = consensus_alloc(data->nitems, sizeof(ConsensusNeed));
	fit.posterior = consensus_alloc((Size) data->nitems * data->nclasses,
									sizeof(double));
	fit.right = consensus_alloc(data->nannotators, sizeof(double));
	fit.wrong = consensus_alloc(data->nannotators, sizeof(double));
	fit.shares = consensus_alloc(data->nclasses, sizeof(double));
	fit.work = consensus_alloc(2 * (Size) data->nannotators + data->nclasses,
							   sizeof(double));
	consensus_fit_skills(data, &fit);
	consensus_rate_needs(data, &fit, costs, needs);
	return needs;
}


/* Adds the items of a field that may have, and deserve, another answer. */
static void
add_field(const NeedInput *input, int32 field, NeedRows *out)
{
	MemoryContext context = AllocSetContextCreate(input->context,
												  "tdp next answers",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(context);
	ConsensusData data = {0};
	ConsensusNeed *needs;
	int32	   *items;
	double	   *costs;

	arrange_field(input, field, &data, &items, &costs);
	needs = fit_needs(input, &data, costs);
	for (int32 i = 0; i < data.nitems; i++)
	{
		NeedRow    *row = &out->rows[out->count];

		if (needs[i].answers >= input->max_overlap ||
			(needs[i].settled && 1.0 - needs[i].wrong >= input->target))
			continue;
		row->item = items[i];
		row->field = field;
		row->wrong = needs[i].wrong;
		row->gain = needs[i].gain;
		row->gain_per_cost = needs[i].gain / needs[i].cost;
		out->count++;
	}
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(context);
}


/* ---- the function ------------------------------------------------------- */

static int
compare_rows(const void *a, const void *b)
{
	const NeedRow *left = a;
	const NeedRow *right = b;

	if (left->gain_per_cost != right->gain_per_cost)
		return left->gain_per_cost > right->gain_per_cost ? -1 : 1;
	if (left->field != right->field)
		return left->field < right->field ? -1 : 1;
	return left->item < right->item ? -1 : left->item > right->item;
}


static void
put_rows(ReturnSetInfo *result, const NeedInput *input, const NeedRows *out)
{
	MemoryContext row = AllocSetContextCreate(input->context,
											  "tdp next answers row",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(row);

	for (int64 r = 0; r < out->count; r++)
	{
		const NeedRow *need = &out->rows[r];
		Datum		values[5];
		bool		nulls[5] = {false, !input->has_field};

		CHECK_FOR_INTERRUPTS();
		values[0] = CStringGetTextDatum(intern_text(input->items, need->item));
		values[1] = input->has_field
			? CStringGetTextDatum(intern_text(input->fields, need->field))
			: (Datum) 0;
		values[2] = Float8GetDatum(need->wrong);
		values[3] = Float8GetDatum(need->gain);
		values[4] = Float8GetDatum(need->gain_per_cost);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		MemoryContextReset(row);
	}
	MemoryContextSwitchTo(outer);
}


static void
read_limits(FunctionCallInfo fcinfo, NeedInput *input)
{
	argument_refuse_null(fcinfo, 1, "target_confidence");
	argument_refuse_null(fcinfo, 2, "max_overlap");
	input->target = PG_GETARG_FLOAT8(1);
	input->max_overlap = PG_GETARG_INT32(2);
	if (!(input->target > 0.0 && input->target <= 1.0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"target_confidence\" must be above 0 and at most 1, not %g",
						input->target)));
	if (input->max_overlap < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"max_overlap\" must be at least 1, not %d",
						input->max_overlap)));
	options_read("settings", PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3),
				 NULL, 0);
}


/* next_answers_needed(annotations, target_confidence, max_overlap, ...) */
Datum
tdp_next_answers_needed(PG_FUNCTION_ARGS)
{
	NeedInput	input = {0};
	NeedRows	out = {0};
	char	   *sql = argument_required_text(fcinfo, 0, "annotations");
	MemoryContext outer;
	int32		nfields;

	read_limits(fcinfo, &input);
	InitMaterializedSRF(fcinfo, 0);
	input.context = AllocSetContextCreate(CurrentMemoryContext,
										  "tdp next answers",
										  ALLOCSET_DEFAULT_SIZES);
	outer = MemoryContextSwitchTo(input.context);
	input.items = intern_create(CurrentMemoryContext);
	input.annotators = intern_create(CurrentMemoryContext);
	input.labels = intern_create(CurrentMemoryContext);
	input.fields = intern_create(CurrentMemoryContext);
	read_input(&input, sql, PG_ARGISNULL(4) ? NULL : PG_GETARG_ARRAYTYPE_P(4));
	if (input.nrows > 0)
	{
		order_codes(&input);
		out.rows = consensus_alloc(input.nrows, sizeof(NeedRow));
		nfields = input.has_field ? intern_count(input.fields) : 1;
		for (int32 f = 0; f < nfields; f++)
			add_field(&input, f, &out);
		qsort(out.rows, out.count, sizeof(NeedRow), compare_rows);
		put_rows((ReturnSetInfo *) fcinfo->resultinfo, &input, &out);
	}
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(input.context);
	return (Datum) 0;
}
