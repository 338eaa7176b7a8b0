/*-------------------------------------------------------------------------
 *
 * test_items.c
 *	  Agreement from item sums, and F1 of spans, against published values.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agreement/items_kernel.h"
#include "agreement/span_kernel.h"

#define SPAN(start, end, label) {start, end, label, 0, false}

/* 1, 2, 3: mean 2, standard error 1 / sqrt 3, t of 2 degrees of freedom. */
static void
test_mean(void **state)
{
	double		values[] = {1, 2, 3};
	ItemsValue	result;

	(void) state;
	items_mean(values, 3, -9, &result);
	assert_true(result.defined && result.value == 2);
	assert_true(fabs(result.lower - (2 - 4.3026527297 / sqrt(3))) < 1e-9);
	assert_true(result.upper == 1);
	items_mean(values, 1, 0, &result);
	assert_true(result.defined && !result.bounded);
	items_mean(values, 0, 0, &result);
	assert_false(result.defined);
}


static void
test_undefined(void **state)
{
	ItemSums	single[] = {{1, 0, 0, 1}, {1, 0, 0, 1}};
	ItemSums	alike[] = {{2, 0, 0, 1}, {2, 0, 0, 1}};
	ItemsValue	result;

	(void) state;
	items_alpha(single, 2, 0, &result);
	assert_false(result.defined);
	items_alpha(alike, 2, 0, &result);
	assert_false(result.defined);
	items_ac1(single, 2, 2, &result);
	assert_false(result.defined);
	items_ac1(alike, 2, 1, &result);
	assert_false(result.defined);
	items_similarity(single, 2, &result);
	assert_false(result.defined);
	items_similarity(alike, 2, &result);
	assert_true(result.value == 1 && result.lower == 1);
}


static double
f1(Span *a, size_t na, Span *b, size_t nb, bool overlap)
{
	SpanSet		one = {a, na};
	SpanSet		other = {b, nb};

	span_sort(a, na);
	span_sort(b, nb);
	return span_f1(&one, &other, overlap);
}


static void
test_spans(void **state)
{
	Span		a[] = {SPAN(0, 5, 0), SPAN(10, 15, 1), SPAN(20, 25, 0)};
	Span		b[] = {SPAN(0, 5, 0), SPAN(11, 14, 1), SPAN(21, 30, 1), SPAN(40, 41, 0)};
	Span		one[] = {SPAN(0, 10, 0)};
	Span		parts[] = {SPAN(0, 3, 0), SPAN(4, 10, 0)};
	Span		nested[] = {SPAN(0, 100, 0), SPAN(10, 20, 0)};
	Span		inside[] = {SPAN(12, 14, 0), SPAN(50, 60, 0)};

	(void) state;
	/* one of 3 and 4 is equal; two overlap under one label */
	assert_true(fabs(f1(a, 3, b, 4, false) - 2.0 / 7) < 1e-15);
	assert_true(fabs(f1(a, 3, b, 4, true) - 4.0 / 7) < 1e-15);
	/* a span matches once only */
	assert_true(fabs(f1(one, 1, parts, 2, true) - 2.0 / 3) < 1e-15);
	/* the long span is left to the one that nothing else overlaps */
	assert_true(f1(nested, 2, inside, 2, true) == 1);
	assert_true(f1(inside, 2, nested, 2, true) == 1);
	assert_true(f1(NULL, 0, NULL, 0, true) == 1);
	assert_true(f1(a, 3, NULL, 0, true) == 0);
}


/* As many as can be matched, by trying out. */
static int
most_matches(const Span *a, int na, const Span *b, int nb, unsigned taken)
{
	int			best = 0;

	if (na == 0)
		return 0;
	best = most_matches(a + 1, na - 1, b, nb, taken);
	for (int j = 0; j < nb; j++)
		if (!(taken & 1u << j) && a->label == b[j].label &&
			a->start < b[j].end && b[j].start < a->end)
		{
			int			found = 1 + most_matches(a + 1, na - 1, b, nb,
												 taken | 1u << j);

			best = found > best ? found : best;
		}
	return best;
}


/* As many matches as trying them all out finds. */
static void
test_most_matches(void **state)
{
	uint32_t	seed = 7;

	(void) state;
	for (int round = 0; round < 20000; round++)
	{
		Span		sets[2][5];
		int			counts[2];

		for (int s = 0; s < 2; s++)
		{
			seed = seed * 1664525 + 1013904223;
			counts[s] = (int) (seed >> 16) % 6;
			for (int i = 0; i < counts[s]; i++)
			{
				Span	   *span = &sets[s][i];

				seed = seed * 1664525 + 1013904223;
				span->start = (int) (seed >> 16) % 20;
				span->end = span->start + 1 + (int) (seed >> 8) % 12;
				span->label = (int) (seed >> 28) % 2;
			}
		}
		if (counts[0] + counts[1] > 0)
			assert_true(fabs(f1(sets[0], counts[0], sets[1], counts[1], true) -
							 2.0 * most_matches(sets[0], counts[0], sets[1],
												counts[1], 0) /
							 (counts[0] + counts[1])) < 1e-15);
	}
}


/*
 * Three items of 10, 8 and 5 characters, by 3, 2 and 2 annotators:
 * AAAAA.BB.. AAAA..BB.. AAAAA.....; ..AAXXBB ..AAAXXX (X: A and B);
 * ..... .....  The values are those of Python's krippendorff on the
 * characters written out, and of it with an item left out.
 */
static void
test_tokens(void **state)
{
	Span		spans[7][3] = {
		{SPAN(0, 5, 0), SPAN(6, 8, 1)}, {SPAN(0, 4, 0), SPAN(6, 8, 1)}, {SPAN(0, 3, 0), SPAN(2, 5, 0)},
		{SPAN(2, 6, 0), SPAN(4, 8, 1)}, {SPAN(2, 8, 0), SPAN(5, 8, 1)}
	};
	SpanSet		sets[7];
	size_t		counts[] = {2, 2, 2, 2, 2, 0, 0};
	SpanEvent	events[20];
	SpanState	states[3];
	SpanToken	tokens[64];
	SpanSums	sums[3] = {{0}};
	ItemsValue	value;
	size_t		n = 0;

	(void) state;
	for (int k = 0; k < 7; k++)
	{
		sets[k] = (SpanSet) {spans[k], counts[k]};
		span_sort(spans[k], counts[k]);
	}
	n += span_tokens(0, &sets[0], 3, 10, events, states, &tokens[n], &sums[0].observed);
	n += span_tokens(1, &sets[3], 2, 0, events, states, &tokens[n], &sums[1].observed);
	n += span_tokens(2, &sets[5], 2, 5, events, states, &tokens[n], &sums[2].observed);
	span_alpha(tokens, n, sums, 3, &value);
	assert_true(value.defined && value.bounded);
	assert_true(fabs(value.value - 0.676153091265947) < 1e-12);
	assert_true(fabs(value.lower - 0.3694964401023762) < 1e-9);
	assert_true(fabs(value.upper - 0.9828097424295179) < 1e-9);
	assert_true(sums[0].answers == 30 && sums[1].answers == 16);
}


/*
 * Alpha written out, a character at a time: the labels of each annotator are
 * the bits of a number.
 */
static double
literal_alpha(SpanSet sets[][3], int items, int length)
{
	double		totals[8] = {0};
	double		observed = 0;
	double		answers = 0;
	double		pairs;

	for (int i = 0; i < items; i++)
		for (int at = 0; at < length; at++)
		{
			int			labels[3] = {0};

			for (int k = 0; k < 3; k++)
			{
				for (size_t s = 0; s < sets[i][k].count; s++)
					if (sets[i][k].spans[s].start <= at &&
						at < sets[i][k].spans[s].end)
						labels[k] |= 1 << sets[i][k].spans[s].label;
				totals[labels[k]]++;
				answers++;
			}
			for (int k = 0; k < 3; k++)
				for (int l = 0; l < 3; l++)
					observed += labels[k] != labels[l] ? 0.5 : 0;
		}
	pairs = answers * answers;
	for (int c = 0; c < 8; c++)
		pairs -= totals[c] * totals[c];
	return 1 - (answers - 1) * observed / pairs;
}


static void
test_random_tokens(void **state)
{
	uint32_t	seed = 11;

	(void) state;
	for (int round = 0; round < 500; round++)
	{
		Span		spans[4][3][5];
		SpanSet		sets[4][3];
		SpanEvent	events[30];
		SpanState	states[3];
		SpanToken	tokens[4 * 33];
		SpanSums	sums[4] = {{0}};
		ItemsValue	value;
		size_t		n = 0;

		for (int set = 0; set < 12; set++)
		{
			Span	   *own = spans[set / 3][set % 3];

			seed = seed * 1664525 + 1013904223;
			sets[set / 3][set % 3] = (SpanSet) {own, (seed >> 16) % 6};
			for (size_t s = 0; s < sets[set / 3][set % 3].count; s++)
			{
				seed = seed * 1664525 + 1013904223;
				own[s].start = (int) (seed >> 16) % 25;
				own[s].end = own[s].start + 1 + (int) (seed >> 8) % 15;
				own[s].label = (int) (seed >> 24) % 3;
			}
			span_sort(own, sets[set / 3][set % 3].count);
		}
		for (uint32_t i = 0; i < 4; i++)
			n += span_tokens(i, sets[i], 3, 40, events, states, &tokens[n],
							 &sums[i].observed);
		span_alpha(tokens, n, sums, 4, &value);
		assert_true(value.defined && value.bounded);
		assert_true(fabs(value.value - literal_alpha(sets, 4, 40)) < 1e-12);
	}
}


/* Nothing marked anywhere, and texts without a character. */
static void
test_no_tokens(void **state)
{
	SpanSet		sets[2] = {{NULL, 0}, {NULL, 0}};
	SpanState	states[2];
	SpanToken	tokens[2];
	SpanSums	sums[1] = {{0}};
	ItemsValue	value;

	(void) state;
	assert_int_equal(span_tokens(0, sets, 2, 0, NULL, states, tokens,
								 &sums[0].observed), 0);
	span_alpha(tokens, 0, sums, 1, &value);
	assert_false(value.defined);
	assert_int_equal(span_tokens(0, sets, 2, 9, NULL, states, tokens,
								 &sums[0].observed), 2);
	span_alpha(tokens, 2, sums, 1, &value);
	assert_false(value.defined);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mean),
		cmocka_unit_test(test_undefined),
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_most_matches),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_random_tokens),
		cmocka_unit_test(test_no_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
