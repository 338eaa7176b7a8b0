/*-------------------------------------------------------------------------
 *
 * project_structures.c
 *	  What is measured of rankings, spans and relations: a number for each
 *	  item, whose mean is the measure, and alpha of characters.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "agreement/project_measures.h"
#include "agreement/span_kernel.h"
#include "base/compat.h"
#include "base/intern.h"

/* Index of the label in the field's list; one that is not there any more: -1. */
static int
label_index(const struct SchemaField *field, const JsonbValue *value)
{
	char	   *name;

	if (value == NULL || value->type != jbvString)
		return -1;
	name = pnstrdup(value->val.string.val, value->val.string.len);
	for (int i = 0; i < schema_field_label_count(field); i++)
		if (strcmp(schema_field_label(field, i), name) == 0)
			return i;
	return -1;
}


/*
 * Adds the answer's rank of each label; false for a ranking of other labels
 * than the field has now.
 */
static bool
add_ranks(const struct SchemaField *field, Jsonb *value, double *sums)
{
	int			labels = schema_field_label_count(field);
	double	   *ranks = palloc0_array(double, labels);

	if (value == NULL || !JB_ROOT_IS_ARRAY(value) ||
		JB_ROOT_COUNT(value) != labels)
		return false;
	for (int i = 0; i < labels; i++)
	{
		int			label = label_index(field,
										getIthJsonbValueFromContainer(&value->root, i));

		if (label < 0 || ranks[label] != 0)
			return false;
		ranks[label] = i + 1;
	}
	for (int i = 0; i < labels; i++)
		sums[i] += ranks[i];
	return true;
}


void
measure_ranking(const FieldSlice *slice, TakeMeasure take, void *state)
{
	int			labels = schema_field_label_count(slice->field);
	double	   *concordance = palloc_array(double, Max(slice->nitems, 1));
	double	   *correlation = palloc_array(double, Max(slice->nitems, 1));
	int			count = 0;
	ItemsValue	value;

	for (int i = 0; i < slice->nitems && labels > 1; i++)
	{
		double	   *sums = palloc0_array(double, labels);
		double		squares = 0;
		double		m = 0;

		CHECK_FOR_INTERRUPTS();
		for (int k = 0; k < slice->items[i].count; k++)
			m += add_ranks(slice->field, slice->items[i].answers[k].value, sums);
		if (m < 2)
			continue;
		for (int k = 0; k < labels; k++)
		{
			double		excess = sums[k] - m * (labels + 1) / 2;

			squares += excess * excess;
		}
		concordance[count] = 12 * squares /
			(m * m * ((double) labels * labels * labels - labels));
		correlation[count] = (m * concordance[count] - 1) / (m - 1);
		count++;
	}
	items_mean(concordance, count, 0, &value);
	take(state, "kendall_w", &value);
	items_mean(correlation, count, -1, &value);
	take(state, "spearman", &value);
}


static JsonbValue *
member_of(JsonbContainer *object, const char *name)
{
	return getKeyJsonValueFromContainer(object, name, strlen(name), NULL);
}


static int32
place_of(JsonbContainer *object, const char *name)
{
	JsonbValue *value = member_of(object, name);

	if (value == NULL || value->type != jbvNumeric)
		return 0;
	return DatumGetInt32(DirectFunctionCall1(numeric_int4,
											 NumericGetDatum(value->val.numeric)));
}


static int32
code_of(InternTable *table, const char *text, int length)
{
	return intern_value(table, TEXTOID,
						PointerGetDatum(cstring_to_text_with_len(text, length)));
}


/* Number of the object's label, which the field need not have any more. */
static int32
label_code(InternTable *labels, JsonbContainer *object)
{
	JsonbValue *label = member_of(object, "label");

	if (label == NULL || label->type != jbvString)
		return -1;
	return code_of(labels, label->val.string.val, label->val.string.len);
}


static InternTable *
create_codes(void)
{
	InternTable *table = intern_create(CurrentMemoryContext);

	intern_set_type(table, TEXTOID, C_COLLATION_OID, "label");
	return table;
}


/* The i'th object of a set; NULL for what is none. */
static JsonbContainer *
object_at(Jsonb *value, int i)
{
	JsonbValue *object = getIthJsonbValueFromContainer(&value->root, i);

	return object->type == jbvBinary ? object->val.binary.data : NULL;
}


static int
object_count(Jsonb *value)
{
	return value != NULL && JB_ROOT_IS_ARRAY(value) ? JB_ROOT_COUNT(value) : 0;
}


static SpanSet
read_spans(InternTable *labels, Jsonb *value)
{
	int			most = object_count(value);
	SpanSet		set = {palloc_array(Span, Max(most, 1)), 0};

	for (int i = 0; i < most; i++)
	{
		JsonbContainer *object = object_at(value, i);
		Span	   *span = &set.spans[set.count];

		if (object == NULL)
			continue;
		span->start = place_of(object, "start");
		span->end = place_of(object, "end");
		span->label = label_code(labels, object);
		set.count += span->start < span->end;
	}
	span_sort(set.spans, set.count);
	return set;
}


/* The mean over pairs of annotators. */
static double
mean_f1(const SpanSet *sets, int count, bool overlap)
{
	double		sum = 0;

	CHECK_FOR_INTERRUPTS();
	for (int k = 0; k < count; k++)
		for (int l = 0; l < k; l++)
			sum += span_f1(&sets[k], &sets[l], overlap);
	return sum / ((double) count * (count - 1) / 2);
}


/* The characters of all items so far. */
typedef struct Tokens
{
	SpanToken  *tokens;
	size_t		count;
	size_t		room;
	SpanSums   *items;
} Tokens;


static void
add_tokens(Tokens *all, const FieldItem *item, const SpanSet *sets, int number)
{
	size_t		spans = 0;
	SpanEvent  *events;
	SpanState  *states = palloc_array(SpanState, item->count);

	for (int k = 0; k < item->count; k++)
		spans += sets[k].count;
	events = MemoryContextAllocHuge(CurrentMemoryContext,
									sizeof(SpanEvent) * (2 * spans + 1));
	if (all->count + 2 * spans + item->count > all->room)
	{
		all->room = 2 * all->room + 2 * spans + item->count;
		all->tokens = repalloc_huge(all->tokens,
									sizeof(SpanToken) * all->room);
	}
	all->count += span_tokens(number, sets, item->count, item->length, events,
							  states, &all->tokens[all->count],
							  &all->items[number].observed);
	pfree(events);
	pfree(states);
}


void
measure_spans(const FieldSlice *slice, TakeMeasure take, void *state)
{
	double	   *exact = palloc_array(double, Max(slice->nitems, 1));
	double	   *overlapping = palloc_array(double, Max(slice->nitems, 1));
	InternTable *labels = create_codes();
	Tokens		all = {palloc_array(SpanToken, 64), 0, 64, NULL};
	int			count = 0;
	ItemsValue	value;

	all.items = palloc0_array(SpanSums, Max(slice->nitems, 1));
	for (int i = 0; i < slice->nitems; i++)
	{
		const FieldItem *item = &slice->items[i];
		SpanSet    *sets = palloc_array(SpanSet, item->count);

		if (item->count < 2)
			continue;
		for (int k = 0; k < item->count; k++)
			sets[k] = read_spans(labels, item->answers[k].value);
		exact[count] = mean_f1(sets, item->count, false);
		overlapping[count] = mean_f1(sets, item->count, true);
		add_tokens(&all, item, sets, count);
		count++;
	}
	items_mean(exact, count, 0, &value);
	take(state, "f1_exact", &value);
	items_mean(overlapping, count, 0, &value);
	take(state, "f1_overlap", &value);
	span_alpha(all.tokens, all.count, all.items, count, &value);
	take(state, "krippendorff_alpha_token", &value);
}


/* ---- relations ---------------------------------------------------------- */

/*
 * Number of the span that a relation's end names by its id: the same in all
 * answers where it has the same field, place and label.
 */
static int32
end_code(InternTable *ends, const FieldSlice *slice, const FieldAnswer *answer,
		 JsonbValue *id)
{
	if (id == NULL || id->type != jbvString)
		return -1;
	for (int b = 0; b < schema_field_between_count(slice->field); b++)
	{
		Jsonb	   *value = schema_field_value(schema_field_between(slice->schema,
																	slice->field, b),
											   answer->whole);

		for (int i = 0; i < object_count(value); i++)
		{
			JsonbContainer *object = object_at(value, i);
			JsonbValue *own = object == NULL ? NULL : member_of(object, "id");
			JsonbValue *label;
			char	   *name;

			if (own == NULL || own->type != jbvString ||
				own->val.string.len != id->val.string.len ||
				memcmp(own->val.string.val, id->val.string.val,
					   id->val.string.len) != 0)
				continue;
			label = member_of(object, "label");
			name = psprintf("%d %d %d %.*s", b, place_of(object, "start"),
							place_of(object, "end"),
							label && label->type == jbvString
							? label->val.string.len : 0,
							label && label->type == jbvString
							? label->val.string.val : "");
			return code_of(ends, name, strlen(name));
		}
	}
	return -1;
}


/* Relations as spans from one end's number to the other's. */
static SpanSet
read_relations(InternTable *ends, InternTable *labels,
			   const FieldSlice *slice, const FieldAnswer *answer)
{
	int			most = object_count(answer->value);
	SpanSet		set = {palloc_array(Span, Max(most, 1)), 0};

	for (int i = 0; i < most; i++)
	{
		JsonbContainer *object = object_at(answer->value, i);

		if (object == NULL)
			continue;
		set.spans[set.count].start = end_code(ends, slice, answer,
											  member_of(object, "from"));
		set.spans[set.count].end = end_code(ends, slice, answer,
											member_of(object, "to"));
		set.spans[set.count++].label = label_code(labels, object);
	}
	span_sort(set.spans, set.count);
	return set;
}


void
measure_relations(const FieldSlice *slice, TakeMeasure take, void *state)
{
	double	   *exact = palloc_array(double, Max(slice->nitems, 1));
	InternTable *ends = create_codes();
	InternTable *labels = create_codes();
	int			count = 0;
	ItemsValue	value;

	for (int i = 0; i < slice->nitems; i++)
	{
		const FieldItem *item = &slice->items[i];
		SpanSet    *sets = palloc_array(SpanSet, item->count);

		if (item->count < 2)
			continue;
		for (int k = 0; k < item->count; k++)
			sets[k] = read_relations(ends, labels, slice, &item->answers[k]);
		exact[count++] = mean_f1(sets, item->count, false);
	}
	items_mean(exact, count, 0, &value);
	take(state, "f1_exact", &value);
}
