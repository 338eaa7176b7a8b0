/*-------------------------------------------------------------------------
 *
 * span_kernel.c
 *	  How far annotators marked the same spans.
 *
 *-------------------------------------------------------------------------
 */
#include "agreement/span_kernel.h"

#include <math.h>
#include <stdlib.h>

#include "agreement/distribution_kernel.h"


static int
compare_spans(const void *a, const void *b)
{
	const Span *one = a;
	const Span *other = b;

	if (one->label != other->label)
		return one->label < other->label ? -1 : 1;
	if (one->end != other->end)
		return one->end < other->end ? -1 : 1;
	return (one->start > other->start) - (one->start < other->start);
}


void
span_sort(Span *spans, size_t count)
{
	if (count > 1)
		qsort(spans, count, sizeof(Span), compare_spans);
}

/* ---- F1 ----------------------------------------------------------------- */

static size_t
equal_spans(const SpanSet *a, const SpanSet *b)
{
	size_t		i = 0;
	size_t		j = 0;
	size_t		matches = 0;

	while (i < a->count && j < b->count)
	{
		int			order = compare_spans(&a->spans[i], &b->spans[j]);

		matches += order == 0;
		i += order <= 0;
		j += order >= 0;
	}
	return matches;
}


/* "least": where the first of this and the later spans of its label starts. */
static void
prepare(const SpanSet *set)
{
	for (size_t i = set->count; i-- > 0;)
	{
		Span	   *span = &set->spans[i];

		span->taken = false;
		span->least = span->start;
		if (i + 1 < set->count && span[1].label == span->label &&
			span[1].least < span->least)
			span->least = span[1].least;
	}
}


/* Takes the span of "set", from "i" on, that ends first among those that overlap. */
static bool
take_first(const Span *span, const SpanSet *set, size_t i)
{
	for (; i < set->count; i++)
	{
		Span	   *other = &set->spans[i];

		if (other->label != span->label || other->least >= span->end)
			return false;
		if (other->taken || other->start >= span->end ||
			other->end <= span->start)
			continue;
		other->taken = true;
		return true;
	}
	return false;
}


/*
 * Spans in the order of their ends, those of both sets together: each takes
 * the one of the other set that ends first.  No other choice gives more
 * matches: what overlaps the span at hand, and is not yet taken, ends later
 * and so contains its last character; of two such spans, the one that ends
 * later can be matched with all that the other could be.
 */
static size_t
overlapping_spans(const SpanSet *a, const SpanSet *b)
{
	size_t		i = 0;
	size_t		j = 0;
	size_t		matches = 0;

	prepare(a);
	prepare(b);
	while (i < a->count && j < b->count)
	{
		if (compare_spans(&a->spans[i], &b->spans[j]) <= 0)
		{
			if (!a->spans[i].taken)
				matches += take_first(&a->spans[i], b, j);
			i++;
		}
		else
		{
			if (!b->spans[j].taken)
				matches += take_first(&b->spans[j], a, i);
			j++;
		}
	}
	return matches;
}


double
span_f1(const SpanSet *a, const SpanSet *b, bool overlap)
{
	size_t		matches;

	if (a->count + b->count == 0)
		return 1;
	matches = overlap ? overlapping_spans(a, b) : equal_spans(a, b);
	return 2 * (double) matches / (double) (a->count + b->count);
}

/* ---- alpha of characters ------------------------------------------------ */

/* A label's part of the number of a set, which is their sum (splitmix64). */
static uint64_t
label_number(int32_t label)
{
	uint64_t	x = ((uint64_t) (uint32_t) label + 1) * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}


static int
compare_events(const void *a, const void *b)
{
	const SpanEvent *one = a;
	const SpanEvent *other = b;

	if (one->at != other->at)
		return one->at < other->at ? -1 : 1;
	return (one->annotator > other->annotator) -
		(one->annotator < other->annotator);
}


/* Where one label begins and ends; overlapping spans of it are one. */
static size_t
add_events(const SpanSet *set, int32_t annotator, SpanEvent *events)
{
	size_t		count = 0;

	for (size_t i = set->count; i-- > 0;)
	{
		const Span *span = &set->spans[i];
		uint64_t	number = label_number(span->label);
		int32_t		start = span->start;
		int32_t		end = span->end;

		while (i > 0 && span[-1].label == span->label && span[-1].end >= start)
		{
			span--;
			i--;
			start = span->start < start ? span->start : start;
		}
		events[count++] = (SpanEvent) {start, annotator, number};
		events[count++] = (SpanEvent) {end, annotator, -number};
	}
	return count;
}


/* The answers at one place that differ from the annotator's, twice. */
static double
unlike(const SpanState *states, size_t count, size_t annotator)
{
	size_t		others = 0;

	for (size_t k = 0; k < count; k++)
		others += states[k].labels != states[annotator].labels;
	return 2 * (double) others;
}


size_t
span_tokens(uint32_t item, const SpanSet *sets, size_t count, int32_t length,
			SpanEvent *events, SpanState *states, SpanToken *tokens,
			double *observed)
{
	size_t		nevents = 0;
	size_t		ntokens = 0;
	double		pairs = 0;
	double		sum = 0;
	int32_t		at = 0;

	for (size_t k = 0; k < count; k++)
	{
		states[k] = (SpanState) {0, 0};
		nevents += add_events(&sets[k], (int32_t) k, &events[nevents]);
	}
	if (nevents > 1)
		qsort(events, nevents, sizeof(SpanEvent), compare_events);
	if (nevents > 0 && events[nevents - 1].at > length)
		length = events[nevents - 1].at;
	for (size_t e = 0; e < nevents; e++)
	{
		SpanState  *own = &states[events[e].annotator];

		sum += pairs * (events[e].at - at);
		at = events[e].at;
		if (at > own->since)
			tokens[ntokens++] = (SpanToken) {item, own->labels, at - own->since};
		own->since = at;
		pairs -= unlike(states, count, events[e].annotator);
		own->labels += events[e].change;
		pairs += unlike(states, count, events[e].annotator);
	}
	for (size_t k = 0; k < count; k++)
		if (length > states[k].since)
			tokens[ntokens++] = (SpanToken)
		{
			item, states[k].labels,
				length - states[k].since
		};
	*observed = sum / ((double) count - 1);
	return ntokens;
}


static int
compare_tokens(const void *a, const void *b)
{
	const SpanToken *one = a;
	const SpanToken *other = b;

	if (one->labels != other->labels)
		return one->labels < other->labels ? -1 : 1;
	return (one->item > other->item) - (one->item < other->item);
}


/* Adds what is said of one set of labels, from "start" to "end". */
static double
add_labels(SpanToken *tokens, size_t start, size_t end, SpanSums *items)
{
	double		total = 0;
	size_t		next;

	for (size_t i = start; i < end; i++)
		total += tokens[i].count;
	for (size_t i = start; i < end; i = next)
	{
		SpanSums   *item = &items[tokens[i].item];
		double		own = 0;

		for (next = i; next < end && tokens[next].item == tokens[i].item; next++)
			own += tokens[next].count;
		item->answers += own;
		item->common += own * total;
		item->squares += own * own;
	}
	return total * total;
}


/* False where one set of labels is all there is. */
static bool
alpha_of(double answers, double observed, double squares, double *alpha)
{
	double		pairs = answers * answers - squares;

	if (!(answers > 1) || !(pairs > 0))
		return false;
	*alpha = 1 - (answers - 1) * observed / pairs;
	return true;
}


void
span_alpha(SpanToken *tokens, size_t count, SpanSums *items, size_t n,
		   ItemsValue *result)
{
	double		answers = 0;
	double		observed = 0;
	double		squares = 0;
	double		mean = 0;
	double		spread = 0;
	double		m = 0;
	size_t		next;

	*result = (ItemsValue) {0};
	if (count > 1)
		qsort(tokens, count, sizeof(SpanToken), compare_tokens);
	for (size_t i = 0; i < count; i = next)
	{
		for (next = i; next < count && tokens[next].labels == tokens[i].labels;)
			next++;
		squares += add_labels(tokens, i, next, items);
	}
	for (size_t i = 0; i < n; i++)
	{
		answers += items[i].answers;
		observed += items[i].observed;
	}
	result->defined = alpha_of(answers, observed, squares, &result->value);
	result->bounded = result->defined;
	for (size_t i = 0; i < n && result->bounded; i++)
	{
		double		without = 0;
		double		step;

		if (items[i].answers == 0)
			continue;
		result->bounded = alpha_of(answers - items[i].answers,
								   observed - items[i].observed,
								   squares - 2 * items[i].common + items[i].squares,
								   &without);
		step = without - mean;
		mean += step / ++m;
		spread += step * (without - mean);
	}
	result->bounded = result->bounded && m > 1;
	if (!result->bounded)
		return;
	spread = agreement_t_quantile(0.975, m - 1) * sqrt(spread * (m - 1) / m);
	result->lower = fmax(result->value - spread, -1);
	result->upper = fmin(result->value + spread, 1);
}
