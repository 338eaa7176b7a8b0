/*-------------------------------------------------------------------------
 *
 * seeds.c
 *	  Read what is known: seeds, and the classes' priors.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "base/compat.h"
#include "base/query.h"
#include "propagate/glue.h"

#define FIRST_CAPACITY 64		/* rows */

/* What the probabilities of one item may exceed 1 by: rounding. */
#define PROBABILITY_SLACK 1e-4

typedef struct SeedReader
{
	PropagateSeedList *list;
	const char *argument;		/* where the items come from */
	InternTable *items;
	int32		known;			/* items that there are */
	Size		capacity;
} SeedReader;

/* Places of the columns. */
enum
{
	SEED_ITEM,
	SEED_LABEL,
	SEED_WEIGHT,
	SEED_PROBABILITY
};


/* ---- seeds -------------------------------------------------------------- */

static double
seed_weight(SeedReader *reader, const QueryValue *values)
{
	bool		likely = !values[SEED_PROBABILITY].isnull;
	double		weight = likely ? values[SEED_PROBABILITY].number
		: values[SEED_WEIGHT].isnull ? 1.0 : values[SEED_WEIGHT].number;

	if (!values[SEED_WEIGHT].isnull && likely)
		ereport(ERROR,
				(errcode(ERRCODE_AMBIGUOUS_COLUMN),
				 errmsg("the query given as \"seeds\" has a column \"weight\" and a column \"probability\""),
				 errhint("Give it one of them.")));
	if (!(weight >= 0.0) || isinf(weight) || (likely && weight > 1.0))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the seed of item \"%s\" has %s %g",
						intern_text(reader->items, values[SEED_ITEM].code),
						likely ? "probability" : "weight", weight),
				 likely ? errhint("Probabilities must lie between 0 and 1.")
				 : errhint("Weights must be zero or more, and finite.")));
	return weight;
}


static void
add_seed(void *state, const QueryValue *values)
{
	SeedReader *reader = state;
	PropagateSeedList *list = reader->list;
	double		weight;

	if (values[SEED_ITEM].code >= reader->known)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("item \"%s\" of the query given as \"seeds\" is not in \"%s\"",
						intern_text(reader->items, values[SEED_ITEM].code),
						reader->argument),
				 errhint("Leave it out, or give it a row in \"%s\".",
						 reader->argument)));
	weight = seed_weight(reader, values);
	if (list->count == reader->capacity)
	{
		reader->capacity *= 2;
		list->seeds = repalloc_huge(list->seeds,
									sizeof(PropagateSeed) * reader->capacity);
	}
	list->seeds[list->count].point = values[SEED_ITEM].code;
	list->seeds[list->count].label = values[SEED_LABEL].code;
	list->seeds[list->count].weight = weight;
	list->count++;
}


static int
compare_points(const void *a, const void *b)
{
	const PropagateSeed *left = a;
	const PropagateSeed *right = b;

	if (left->point != right->point)
		return left->point < right->point ? -1 : 1;
	return (left->label > right->label) - (left->label < right->label);
}


/*
 * Plain labels are one seed an item, shared by its rows; probabilities may
 * not exceed 1; weights stand as they are.
 */
static void
weigh_items(PropagateSeedList *list, InternTable *items,
			const QueryColumn *columns)
{
	bool		likely = columns[SEED_PROBABILITY].present;
	bool		plain = !likely && !columns[SEED_WEIGHT].present;
	Size		end;

	qsort(list->seeds, list->count, sizeof(PropagateSeed), compare_points);
	for (Size first = 0; first < list->count; first = end)
	{
		double		total = 0.0;

		for (end = first; end < list->count &&
			 list->seeds[end].point == list->seeds[first].point; end++)
			total += list->seeds[end].weight;
		if (likely && total > 1.0 + PROBABILITY_SLACK)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("the probabilities of item \"%s\" in \"seeds\" have the sum %g",
							intern_text(items, list->seeds[first].point),
							total),
					 errhint("They must not exceed 1; plain weights go into a column \"weight\".")));
		for (Size s = first; plain && s < end; s++)
			list->seeds[s].weight /= total;
	}
}


/* Puts the classes into their type's order; leaves out what has no weight. */
static void
order_labels(PropagateSeedList *list)
{
	int32	   *place = intern_sort(list->labels);
	Size		kept = 0;

	for (Size s = 0; s < list->count; s++)
	{
		PropagateSeed seed = list->seeds[s];

		seed.label = place[seed.label];
		if (seed.weight > 0.0)
			list->seeds[kept++] = seed;
	}
	list->count = kept;
	pfree(place);
}


void
propagate_read_seeds(const char *sql, ArrayType *args,
					 const char *argument, InternTable *items,
					 PropagateSeedList *list)
{
	SeedReader	reader = {list, argument, items, intern_count(items), FIRST_CAPACITY};
	QueryColumn columns[] = {
		{.name = "item", .kind = QUERY_CODE, .aliases = "id, key, point, task"},
		{.name = "label", .kind = QUERY_CODE, .aliases = "class, value, truth"},
		{.name = "weight", .kind = QUERY_FLOAT8, .optional = true},
		{.name = "probability", .kind = QUERY_FLOAT8, .optional = true}
	};

	list->labels = intern_create(CurrentMemoryContext);
	list->count = 0;
	list->seeds = propagate_alloc(reader.capacity, sizeof(PropagateSeed));
	columns[SEED_ITEM].interned = items;
	columns[SEED_LABEL].interned = list->labels;
	query_read("seeds", sql, args, columns, lengthof(columns), add_seed, &reader);
	weigh_items(list, items, columns);
	order_labels(list);
	list->nclasses = intern_count(list->labels);
}


/* ---- priors ------------------------------------------------------------- */

static int32
find_label(const PropagateSeedList *seeds, const JsonbValue *key)
{
	for (int32 c = 0; c < seeds->nclasses; c++)
	{
		const char *label = intern_text(seeds->labels, c);

		if (strlen(label) == (size_t) key->val.string.len &&
			memcmp(label, key->val.string.val, key->val.string.len) == 0)
			return c;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"priors\" names the label \"%s\", of which there is no seed",
					pnstrdup(key->val.string.val, key->val.string.len)),
			 errhint("A label without a seed cannot be given to any item.")));
	return -1;
}


static double
share_of(const PropagateSeedList *seeds, int32 label, const JsonbValue *value)
{
	double		share = -1.0;

	if (value->type == jbvNumeric)
		share = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
												   NumericGetDatum(value->val.numeric)));
	if (!(share >= 0.0) || isinf(share))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the share of label \"%s\" in \"priors\" must be a number, zero or more",
						intern_text(seeds->labels, label))));
	return share;
}


double *
propagate_read_priors(Jsonb *priors, const PropagateSeedList *seeds)
{
	double	   *shares;
	double		total = 0.0;
	int32		label = -1;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;

	if (priors == NULL)
		return NULL;
	if (!JB_ROOT_IS_OBJECT(priors))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"priors\" must be a JSON object of labels and their shares")));
	if (seeds->count == 0)
		return NULL;

	shares = palloc_array(double, seeds->nclasses);
	for (int32 c = 0; c < seeds->nclasses; c++)
		shares[c] = -1.0;
	iterator = JsonbIteratorInit(&priors->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			label = find_label(seeds, &value);
		else if (token == WJB_VALUE)
			total += shares[label] = share_of(seeds, label, &value);
	}
	for (int32 c = 0; c < seeds->nclasses; c++)
		if (shares[c] < 0.0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"priors\" has no share for the label \"%s\"",
							intern_text(seeds->labels, c)),
					 errhint("Give every label that has seeds its share; 0 keeps it from being given.")));
	if (!(total > 0.0) || isinf(total))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the shares in \"priors\" must have a sum above zero")));
	return shares;
}
