/*-------------------------------------------------------------------------
 *
 * project_measures.c
 *	  What is measured of a field's answers that are compared as labels.
 *
 * Labels are numbered; a measure is a distance of two numbers.  How far one
 * label is from all answers together is a formula where labels are nominal
 * or lie on a line, and takes every pair of different labels elsewhere.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"

#include "agreement/glue.h"
#include "agreement/project_measures.h"
#include "agreement/ratings_kernel.h"
#include "base/compat.h"
#include "base/edit_distance_kernel.h"
#include "base/intern.h"

/* Of more different sets or texts, a sample stands for all answers. */
#define MOST_COMPARED 2000

typedef struct Labels Labels;

typedef double (*Distance) (const Labels *labels, int a, int b);

/* A sequence of numbers: a set's members, a text's characters. */
typedef struct Sequence
{
	uint32	   *elements;
	int			count;
} Sequence;

/* The different labels of a slice, and its items in terms of them. */
struct Labels
{
	const FieldSlice *slice;
	int			count;
	int		   *codes;			/* of all answers, item after item */
	Jsonb	  **values;			/* of each label */
	const char **texts;
	double	   *shared;			/* answers to items with two or more */
	double		total_shared;
	double	   *x;				/* place on the line */
	Sequence   *sequences;
	void	   *work;			/* for edit_distance */
	double	   *expected;		/* distance to all shared answers */
	ItemSums   *items;
};


static void
number_labels(Labels *labels, const FieldSlice *slice)
{
	InternTable *table = intern_create(CurrentMemoryContext);
	int			answers = 0;
	int			next = 0;

	memset(labels, 0, sizeof(*labels));
	labels->slice = slice;
	intern_set_type(table, TEXTOID, C_COLLATION_OID, "label");
	for (int i = 0; i < slice->nitems; i++)
		answers += slice->items[i].count;
	labels->codes = palloc_array(int, Max(answers, 1));
	labels->values = palloc0_array(Jsonb *, Max(answers, 1));
	labels->texts = palloc0_array(const char *, Max(answers, 1));
	labels->shared = palloc0_array(double, Max(answers, 1));
	for (int i = 0; i < slice->nitems; i++)
		for (int k = 0; k < slice->items[i].count; k++)
		{
			FieldAnswer *answer = &slice->items[i].answers[k];
			int			code = intern_value(table, TEXTOID,
											CStringGetTextDatum(answer->label));

			labels->codes[next++] = code;
			labels->values[code] = answer->value;
			labels->texts[code] = answer->label;
			if (slice->items[i].count > 1)
			{
				labels->shared[code]++;
				labels->total_shared++;
			}
		}
	labels->count = intern_count(table);
	labels->items = palloc0_array(ItemSums, Max(slice->nitems, 1));
	labels->expected = palloc0_array(double, Max(labels->count, 1));
}


/* ---- distances ---------------------------------------------------------- */

static double
nominal(const Labels *labels, int a, int b)
{
	return a != b;
}


static double
squared(const Labels *labels, int a, int b)
{
	double		difference = labels->x[a] - labels->x[b];

	return difference * difference;
}


/* Members that two ordered sets have in common. */
static int
common(const Sequence *a, const Sequence *b)
{
	int			i = 0;
	int			j = 0;
	int			both = 0;

	while (i < a->count && j < b->count)
	{
		uint32		one = a->elements[i];
		uint32		other = b->elements[j];

		both += one == other;
		i += one <= other;
		j += other <= one;
	}
	return both;
}


static double
jaccard(const Labels *labels, int a, int b)
{
	const Sequence *one = &labels->sequences[a];
	const Sequence *other = &labels->sequences[b];
	int			both = common(one, other);
	int			either = one->count + other->count - both;

	return either == 0 ? 0 : 1 - (double) both / either;
}


/* Passonneau 2006: Jaccard's index times 1, 2/3, 1/3 or 0. */
static double
masi(const Labels *labels, int a, int b)
{
	const Sequence *one = &labels->sequences[a];
	const Sequence *other = &labels->sequences[b];
	int			both = common(one, other);

	if (both == one->count && both == other->count)
		return 0;
	if (both == one->count || both == other->count)
		return 1 - (1 - jaccard(labels, a, b)) * 2 / 3;
	return 1 - (1 - jaccard(labels, a, b)) / 3;
}


static bool
proceed(void *context)
{
	CHECK_FOR_INTERRUPTS();
	return true;
}


static double
edited(const Labels *labels, int a, int b)
{
	const Sequence *one = &labels->sequences[a];
	const Sequence *other = &labels->sequences[b];
	size_t		distance;

	if (a == b)
		return 0;
	(void) edit_distance(one->elements, one->count, other->elements,
						 other->count, labels->work, proceed, NULL, &distance);
	return 1 - edit_similarity(distance, one->count, other->count);
}


/* ---- from labels to what a distance needs ------------------------------- */

static int
compare_elements(const void *a, const void *b)
{
	uint32		one = *(const uint32 *) a;
	uint32		other = *(const uint32 *) b;

	return (one > other) - (one < other);
}


static void
read_sets(Labels *labels)
{
	InternTable *members = intern_create(CurrentMemoryContext);

	intern_set_type(members, TEXTOID, C_COLLATION_OID, "label");
	labels->sequences = palloc0_array(Sequence, Max(labels->count, 1));
	for (int i = 0; i < labels->count; i++)
	{
		Sequence   *set = &labels->sequences[i];
		Jsonb	   *value = labels->values[i];

		if (value == NULL || !JB_ROOT_IS_ARRAY(value))
			continue;
		set->elements = palloc_array(uint32, Max(JB_ROOT_COUNT(value), 1));
		for (uint32 k = 0; k < JB_ROOT_COUNT(value); k++)
		{
			JsonbValue *member = getIthJsonbValueFromContainer(&value->root, k);

			if (member->type == jbvString)
				set->elements[set->count++] =
					intern_value(members, TEXTOID,
								 PointerGetDatum(cstring_to_text_with_len(member->val.string.val,
																		  member->val.string.len)));
		}
		qsort(set->elements, set->count, sizeof(uint32), compare_elements);
	}
}


static void
read_texts(Labels *labels)
{
	int			longest = 0;

	labels->sequences = palloc0_array(Sequence, Max(labels->count, 1));
	for (int i = 0; i < labels->count; i++)
	{
		Sequence   *text = &labels->sequences[i];
		int			length = strlen(labels->texts[i]);

		text	  ->elements = MemoryContextAllocHuge(CurrentMemoryContext,
													  sizeof(pg_wchar) * ((Size) length + 1));
		text	  ->count = pg_mb2wchar_with_len(labels->texts[i], text->elements,
												 length);

		longest = Max(longest, text->count);
	}
	labels->work = MemoryContextAllocHuge(CurrentMemoryContext,
										  edit_distance_memory(longest, longest) + 1);
}


static void
read_numbers(Labels *labels, bool dates)
{
	labels->x = palloc_array(double, Max(labels->count, 1));
	for (int i = 0; i < labels->count; i++)
	{
		char	   *end;

		if (dates)
		{
			labels->x[i] = DatumGetDateADT(DirectFunctionCall1(date_in,
															   CStringGetDatum(labels->texts[i])));
			continue;
		}
		labels->x[i] = strtod(labels->texts[i], &end);
		if (*end != '\0' || !isfinite(labels->x[i]))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("field \"%s\" of project \"%s\" has an answer that is no double precision number",
							schema_field_name(labels->slice->field),
							labels->slice->project),
					 errdetail("It is %s.", labels->texts[i])));
	}
}


static int
compare_places(const void *a, const void *b, void *x)
{
	double		one = ((double *) x)[*(const int *) a];
	double		other = ((double *) x)[*(const int *) b];

	return (one > other) - (one < other);
}


/*
 * Krippendorff's ordinal metric is the squared difference of the labels'
 * middle ranks among all shared answers.
 */
static void
rank_labels(Labels *labels)
{
	int		   *order = palloc_array(int, Max(labels->count, 1));
	double	   *ranks = palloc_array(double, Max(labels->count, 1));
	double		before = 0;

	for (int i = 0; i < labels->count; i++)
		order[i] = i;
	qsort_arg(order, labels->count, sizeof(int), compare_places, labels->x);
	for (int i = 0; i < labels->count; i++)
	{
		ranks[order[i]] = before + labels->shared[order[i]] / 2;
		before += labels->shared[order[i]];
	}
	labels->x = ranks;
}


/* ---- measures ----------------------------------------------------------- */

/* Distance from each label to all shared answers; returns their sum. */
static double
expect(Labels *labels, Distance distance)
{
	int			step = labels->count > MOST_COMPARED
		? (labels->count + MOST_COMPARED - 1) / MOST_COMPARED : 1;
	double		sampled = 0;
	double		sum = 0;
	double		middle = 0;
	double		spread = 0;
	double		total = 0;

	for (int a = 0; a < labels->count; a += step)
		sampled += labels->shared[a];
	for (int a = 0; distance == squared && a < labels->count; a++)
		sum += labels->shared[a] * labels->x[a];
	middle = labels->total_shared > 0 ? sum / labels->total_shared : 0;
	for (int a = 0; distance == squared && a < labels->count; a++)
		spread += labels->shared[a] * (labels->x[a] - middle) * (labels->x[a] - middle);
	for (int a = 0; a < labels->count; a++)
	{
		sum = 0;
		if (distance == nominal)
			sum = labels->total_shared - labels->shared[a];
		else if (distance == squared)
			sum = labels->total_shared * (labels->x[a] - middle) *
				(labels->x[a] - middle) + spread;
		else if (labels->shared[a] > 0 && sampled > 0)
		{
			CHECK_FOR_INTERRUPTS();
			for (int b = 0; b < labels->count; b += step)
				if (labels->shared[b] > 0)
					sum += labels->shared[b] * distance(labels, a, b);
			sum *= labels->total_shared / sampled;
		}
		labels->expected[a] = sum;
		total += labels->shared[a] * sum;
	}
	return total;
}


/* Sums up each item; returns the distance of all pairs of shared answers. */
static double
sum_up(Labels *labels, Distance distance)
{
	const FieldSlice *slice = labels->slice;
	double		total = expect(labels, distance);
	double	   *shares = palloc0_array(double, Max(labels->count, 1));
	const int  *codes = labels->codes;

	for (int i = 0; i < slice->nitems; codes += slice->items[i].count, i++)
		for (int k = 0; k < slice->items[i].count; k++)
			shares[codes[k]] += 1.0 / slice->items[i].count / slice->nitems;
	codes = labels->codes;
	for (int i = 0; i < slice->nitems; codes += slice->items[i].count, i++)
	{
		int			count = slice->items[i].count;
		ItemSums	item = {.answers = count};

		CHECK_FOR_INTERRUPTS();
		for (int k = 0; k < count; k++)
		{
			item.expected += labels->expected[codes[k]];
			item.share += shares[codes[k]] / count;
			for (int l = 0; l < k; l++)
				item.pairs += 2 * distance(labels, codes[k], codes[l]);
		}
		labels->items[i] = item;
	}
	return total;
}


static void
take_alpha(Labels *labels, const char *measure, Distance distance,
		   TakeMeasure take, void *state)
{
	ItemsValue	value;
	double		total = sum_up(labels, distance);

	items_alpha(labels->items, labels->slice->nitems, total, &value);
	take(state, measure, &value);
}


/* Of the sums made last. */
static void
take_similarity(Labels *labels, const char *measure, TakeMeasure take,
				void *state)
{
	ItemsValue	value;

	items_similarity(labels->items, labels->slice->nitems, &value);
	take(state, measure, &value);
}


/* Did the same annotators answer all items? */
static bool
is_complete(const FieldSlice *slice)
{
	const FieldItem *first = &slice->items[0];

	for (int i = 1; i < slice->nitems; i++)
	{
		if (slice->items[i].count != first->count)
			return false;
		for (int k = 0; k < first->count; k++)
			if (slice->items[i].answers[k].member != first->answers[k].member)
				return false;
	}
	return true;
}


/* ICC(2,1) of labels in their places, where everybody answered everything. */
static void
take_icc(const Labels *labels, TakeMeasure take, void *state)
{
	const FieldSlice *slice = labels->slice;
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementRatings table = {slice->nitems, slice->items[0].count, NULL};
	AgreementVariance variance;
	AgreementIcc icc;
	ItemsValue	value = {0};
	Size		count = (Size) table.items * table.annotators;

	if (is_complete(slice))
	{
		table.values = MemoryContextAllocHuge(CurrentMemoryContext,
											  sizeof(double) * Max(count, 1));
		for (Size i = 0; i < count; i++)
			table.values[i] = labels->x[labels->codes[i]];
		agreement_check(agreement_variance(&table, &host, &variance));
		icc = agreement_icc(&variance, AGREEMENT_ICC2, 0.95);
		value = (ItemsValue)
		{
			isfinite(icc.value), icc.value,
				isfinite(icc.lower) && isfinite(icc.upper), icc.lower, icc.upper
		};
	}
	take(state, "icc2", &value);
}


static void
measure_labels(const FieldSlice *slice, TakeMeasure take, void *state)
{
	SchemaKind	kind = schema_field_kind(slice->field);
	Labels		labels;
	ItemsValue	value;

	number_labels(&labels, slice);
	if (kind == SCHEMA_TEXT)
	{
		read_texts(&labels);
		take_alpha(&labels, "krippendorff_alpha_edit", edited, take, state);
		take_similarity(&labels, "edit_similarity", take, state);
		return;
	}
	if (kind != SCHEMA_NUMBER && kind != SCHEMA_DATE)
	{
		(void) sum_up(&labels, nominal);
		take_similarity(&labels, "percent_agreement", take, state);
	}
	if (kind == SCHEMA_CHOICES)
	{
		read_sets(&labels);
		take_alpha(&labels, "krippendorff_alpha_masi", masi, take, state);
		take_alpha(&labels, "krippendorff_alpha_jaccard", jaccard, take, state);
	}
	else if (kind == SCHEMA_RATING || kind == SCHEMA_NUMBER || kind == SCHEMA_DATE)
	{
		double	   *x;

		read_numbers(&labels, kind == SCHEMA_DATE);
		x = labels.x;
		if (kind == SCHEMA_RATING)
			rank_labels(&labels);
		take_alpha(&labels, kind == SCHEMA_RATING
				   ? "krippendorff_alpha_ordinal"
				   : "krippendorff_alpha_interval", squared, take, state);
		labels.x = x;
		if (kind != SCHEMA_DATE)
			take_icc(&labels, take, state);
	}
	else
	{
		take_alpha(&labels, "krippendorff_alpha", nominal, take, state);
		items_ac1(labels.items, slice->nitems, labels.count, &value);
		take(state, "gwet_ac1", &value);
	}
}


bool
measures_known(const Schema *schema, const struct SchemaField *field)
{
	for (int i = 0; i < schema_field_between_count(field); i++)
		if (schema_field_kind(schema_field_between(schema, field, i)) !=
			SCHEMA_SPANS)
			return false;
	return schema_field_kind(field) <= SCHEMA_SPANS ||
		schema_field_kind(field) == SCHEMA_RELATIONS;
}


void
measure_slice(const FieldSlice *slice, TakeMeasure take, void *state)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "tdp agreement",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);

	if (schema_field_kind(slice->field) == SCHEMA_RANKING)
		measure_ranking(slice, take, state);
	else if (schema_field_kind(slice->field) == SCHEMA_SPANS)
		measure_spans(slice, take, state);
	else if (schema_field_kind(slice->field) == SCHEMA_RELATIONS)
		measure_relations(slice, take, state);
	else
		measure_labels(slice, take, state);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
