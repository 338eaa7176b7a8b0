/*-------------------------------------------------------------------------
 *
 * read.c
 *	  Read what annotators said, and what is known, from the user's queries.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/memutils.h"

#include "base/compat.h"
#include "base/query.h"
#include "consensus/glue.h"

#define FIRST_CAPACITY 1024		/* rows */

typedef struct AnswerReader
{
	ConsensusInput *input;
	ConsensusRow *rows;
	int64		nrows;
	int64		capacity;
} AnswerReader;

typedef struct GoldReader
{
	ConsensusInput *input;
	int32		nitems;			/* that have answers */
	int32	   *labels;			/* code of an item's gold label, -1 */
} GoldReader;

/* Places of the columns. */
enum
{
	ANSWER_ITEM,
	ANSWER_ANNOTATOR,
	ANSWER_LABEL,
	ANSWER_WEIGHT
};

enum
{
	GOLD_ITEM,
	GOLD_LABEL
};


/* ---- rows --------------------------------------------------------------- */

static double
row_weight(AnswerReader *reader, const QueryValue *values)
{
	double		weight = values[ANSWER_WEIGHT].isnull ? 1.0 : values[ANSWER_WEIGHT].number;

	if (!(weight >= 0.0 && weight <= CONSENSUS_MOST_WEIGHT))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("column \"weight\" of the query given as \"annotations\" is %g for item \"%s\"",
						weight, intern_text(reader->input->items,
											values[ANSWER_ITEM].code)),
				 errhint("Weights must be zero or more, and finite (at most %g).",
						 CONSENSUS_MOST_WEIGHT)));
	return weight;
}


static void
add_row(void *state, const QueryValue *values)
{
	AnswerReader *reader = state;
	ConsensusRow *row;

	if (reader->nrows == reader->capacity)
	{
		consensus_check_memory(reader->input->context, (double)
							   sizeof(ConsensusRow) * reader->capacity,
							   psprintf("reading more than " INT64_FORMAT " annotations",
										reader->nrows));
		reader->capacity *= 2;
		reader->rows = repalloc_huge(reader->rows,
									 sizeof(ConsensusRow) * reader->capacity);
	}
	row = &reader->rows[reader->nrows++];
	row->weight = row_weight(reader, values);
	row->item = values[ANSWER_ITEM].code;
	row->annotator = values[ANSWER_ANNOTATOR].code;
	row->label = values[ANSWER_LABEL].code;
}


static void
read_rows(AnswerReader *reader, const char *sql, ArrayType *args)
{
	ConsensusInput *input = reader->input;
	QueryColumn columns[] = {
		{.name = "item", .kind = QUERY_CODE, .interned = input->items,
		.aliases = "task, question, object, example, unit, id, key, task_id, question_id, item_id"},
		{.name = "annotator", .kind = QUERY_CODE, .interned = input->annotators,
		.aliases = "worker, rater, labeler, coder, performer, observer, member, user_id, worker_id, rater_id, annotator_id"},
		{.name = "label", .kind = QUERY_CODE, .interned = input->labels,
		.aliases = "answer, response, judgment, annotation, choice, category, class, rating, value, vote"},
		{.name = "weight", .kind = QUERY_FLOAT8, .optional = true}
	};

	reader->capacity = FIRST_CAPACITY;
	reader->rows = consensus_alloc(reader->capacity, sizeof(ConsensusRow));
	query_read("annotations", sql, args, columns, lengthof(columns), add_row,
			   reader);
}


/* ---- gold --------------------------------------------------------------- */

static void
add_gold(void *state, const QueryValue *values)
{
	GoldReader *reader = state;
	InternTable *labels = reader->input->labels;
	int32		item = values[GOLD_ITEM].code;
	int32		label = values[GOLD_LABEL].code;

	if (item >= reader->nitems)
		return;
	if (reader->labels[item] >= 0 && reader->labels[item] != label)
		ereport(ERROR,
				(errcode(ERRCODE_CARDINALITY_VIOLATION),
				 errmsg("the query given as \"gold\" has two labels for item \"%s\"",
						intern_text(reader->input->items, item)),
				 errdetail("They are \"%s\" and \"%s\".",
						   intern_text(labels, reader->labels[item]),
						   intern_text(labels, label))));
	reader->labels[item] = label;
}


static void
read_gold(GoldReader *reader, const char *sql, ArrayType *args)
{
	ConsensusInput *input = reader->input;
	QueryColumn columns[] = {
		{.name = "item", .kind = QUERY_CODE, .interned = input->items,
		.aliases = "task, question, object, example, unit, id, key, task_id, question_id, item_id"},
		{.name = "label", .kind = QUERY_CODE, .interned = input->labels,
		.aliases = "truth, gold, answer, target, category, class, value, true_label"}
	};

	reader->nitems = intern_count(input->items);
	reader->labels = consensus_alloc(reader->nitems, sizeof(int32));
	for (int32 i = 0; i < reader->nitems; i++)
		reader->labels[i] = -1;
	query_read("gold", sql, args, columns, lengthof(columns), add_gold, reader);
}


/* ---- numbers in the types' order ---------------------------------------- */

/*
 * Numbers the values of a table that are used from 0, in their type's order.
 * Returns the number of each code as it was (-1: not used); "codes" gets the
 * code, as it is now, of each number.
 */
static int32 *
number_codes(InternTable *table, const bool *used, int32 **codes, int32 *count)
{
	int32	   *place = intern_sort(table);
	int32		n = intern_count(table);
	int32	   *number = consensus_alloc(n, sizeof(int32));

	*codes = consensus_alloc(n, sizeof(int32));
	for (int32 code = 0; code < n; code++)
		number[code] = -1;
	for (int32 old = 0; old < n; old++)
		if (used[old])
			number[place[old]] = 0;
	*count = 0;
	for (int32 code = 0; code < n; code++)
		if (number[code] == 0)
		{
			(*codes)[*count] = code;
			number[code] = (*count)++;
		}
	for (int32 old = 0; old < n; old++)
		place[old] = number[place[old]];
	pfree(number);
	return place;
}


/* Which labels are given, or known of an item that has answers? */
static bool *
mark_labels(const AnswerReader *reader, const GoldReader *gold)
{
	int32		n = intern_count(reader->input->labels);
	bool	   *used = consensus_alloc(n, sizeof(bool));

	memset(used, 0, n * sizeof(bool));
	for (int64 r = 0; r < reader->nrows; r++)
		used[reader->rows[r].label] = true;
	for (int32 i = 0; gold->labels != NULL && i < gold->nitems; i++)
		if (gold->labels[i] >= 0)
			used[gold->labels[i]] = true;
	return used;
}


/* What gold alone names comes after what has answers. */
static bool *
mark_items(const ConsensusInput *input, int32 nitems)
{
	int32		n = intern_count(input->items);
	bool	   *used = consensus_alloc(n, sizeof(bool));

	for (int32 i = 0; i < n; i++)
		used[i] = i < nitems;
	return used;
}


static void
number_everything(AnswerReader *reader, GoldReader *gold, int32 nitems)
{
	ConsensusInput *input = reader->input;
	ConsensusData *data = &input->data;
	bool	   *items_used = mark_items(input, nitems);
	bool	   *labels_used = mark_labels(reader, gold);
	int32	   *item = number_codes(input->items, items_used,
									&input->item_codes, &data->nitems);
	int32	   *label = number_codes(input->labels, labels_used,
									 &input->label_codes, &data->nclasses);
	int32	   *annotator = intern_sort(input->annotators);

	data->nannotators = intern_count(input->annotators);
	for (int64 r = 0; r < reader->nrows; r++)
	{
		ConsensusRow *row = &reader->rows[r];

		row->item = item[row->item];
		row->annotator = annotator[row->annotator];
		row->label = label[row->label];
	}
	if (gold->labels != NULL)
	{
		int32	   *known = consensus_alloc(data->nitems, sizeof(int32));

		for (int32 i = 0; i < nitems; i++)
			known[item[i]] = gold->labels[i] < 0 ? -1 : label[gold->labels[i]];
		data->gold = known;
		pfree(gold->labels);
	}
	pfree(items_used);
	pfree(labels_used);
	pfree(item);
	pfree(label);
	pfree(annotator);
}


void
consensus_read(const char *annotations, const char *gold_sql,
			   ArrayType *args, ConsensusInput *input)
{
	AnswerReader reader = {.input = input};
	GoldReader	gold = {.input = input};
	ConsensusData *data = &input->data;
	int32		nitems;

	memset(input, 0, sizeof(ConsensusInput));
	input->context = CurrentMemoryContext;
	input->items = intern_create(CurrentMemoryContext);
	input->annotators = intern_create(CurrentMemoryContext);
	input->labels = intern_create(CurrentMemoryContext);
	read_rows(&reader, annotations, args);
	nitems = intern_count(input->items);
	if (gold_sql != NULL)
		read_gold(&gold, gold_sql, args);
	if (reader.nrows == 0)
		return;

	number_everything(&reader, &gold, nitems);
	consensus_check_memory(input->context,
						   (double) sizeof(ConsensusAnswer) * reader.nrows +
						   sizeof(int64) * ((double) nitems + 1),
						   psprintf("sorting " INT64_FORMAT " annotations",
									reader.nrows));
	data->start = consensus_alloc((Size) data->nitems + 1, sizeof(int64));
	data->answers = consensus_alloc(reader.nrows, sizeof(ConsensusAnswer));
	consensus_arrange(reader.rows, reader.nrows, data, consensus_progress,
					  NULL);
	pfree(reader.rows);
}
