/*-------------------------------------------------------------------------
 *
 * project_structures.c
 *	  What is measured of rankings and of spans: a number for each item, whose
 *	  mean is the measure.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "agreement/project_measures.h"
#include "agreement/span_kernel.h"
#include "base/compat.h"

/* One annotator's spans of one item. */
typedef struct SpanSet
{
	Span	   *spans;
	int			count;
} SpanSet;


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


static SpanSet
read_spans(const struct SchemaField *field, Jsonb *value)
{
	SpanSet		set = {NULL, 0};

	if (value == NULL || !JB_ROOT_IS_ARRAY(value))
		return set;
	set.spans = palloc_array(Span, Max(JB_ROOT_COUNT(value), 1));
	for (uint32 i = 0; i < JB_ROOT_COUNT(value); i++)
	{
		JsonbValue *object = getIthJsonbValueFromContainer(&value->root, i);
		Span	   *span = &set.spans[set.count];

		if (object->type != jbvBinary)
			continue;
		span->start = place_of(object->val.binary.data, "start");
		span->end = place_of(object->val.binary.data, "end");
		span->label = label_index(field,
								  member_of(object->val.binary.data, "label"));
		set.count++;
	}
	span_sort(set.spans, set.count);
	return set;
}


/* The mean over pairs of annotators. */
static double
mean_f1(const SpanSet *sets, int count, bool overlap)
{
	double		sum = 0;

	for (int k = 0; k < count; k++)
		for (int l = 0; l < k; l++)
			sum += span_f1(sets[k].spans, sets[k].count, sets[l].spans,
						   sets[l].count, overlap);
	return sum / ((double) count * (count - 1) / 2);
}


void
measure_spans(const FieldSlice *slice, TakeMeasure take, void *state)
{
	double	   *exact = palloc_array(double, Max(slice->nitems, 1));
	double	   *overlapping = palloc_array(double, Max(slice->nitems, 1));
	int			count = 0;
	ItemsValue	value;

	for (int i = 0; i < slice->nitems; i++)
	{
		const FieldItem *item = &slice->items[i];
		SpanSet    *sets = palloc_array(SpanSet, item->count);

		CHECK_FOR_INTERRUPTS();
		if (item->count < 2)
			continue;
		for (int k = 0; k < item->count; k++)
			sets[k] = read_spans(slice->field, item->answers[k].value);
		exact[count] = mean_f1(sets, item->count, false);
		overlapping[count] = mean_f1(sets, item->count, true);
		count++;
	}
	items_mean(exact, count, 0, &value);
	take(state, "f1_exact", &value);
	items_mean(overlapping, count, 0, &value);
	take(state, "f1_overlap", &value);
}
