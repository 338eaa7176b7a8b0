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

/* Tables of Student's t. */
static void
test_quantile(void **state)
{
	(void) state;
	assert_true(fabs(items_t_quantile(0.975, 1) - 12.7062047362) < 1e-8);
	assert_true(fabs(items_t_quantile(0.975, 2) - 4.3026527297) < 1e-9);
	assert_true(fabs(items_t_quantile(0.975, 10) - 2.2281388520) < 1e-9);
	assert_true(fabs(items_t_quantile(0.975, 30) - 2.0422724563) < 1e-9);
	assert_true(fabs(items_t_quantile(0.95, 1e6) - 1.6448551) < 1e-6);
}


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
	double		work[2];
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
	items_similarity(single, 2, work, &result);
	assert_false(result.defined);
	items_similarity(alike, 2, work, &result);
	assert_true(result.value == 1 && result.lower == 1);
}


static void
test_spans(void **state)
{
	Span		a[] = {{0, 5, 0}, {10, 15, 1}, {20, 25, 0}};
	Span		b[] = {{0, 5, 0}, {11, 14, 1}, {21, 30, 1}, {40, 41, 0}};
	Span		one[] = {{0, 10, 0}};
	Span		parts[] = {{0, 3, 0}, {4, 10, 0}};

	(void) state;
	span_sort(a, 3);
	span_sort(b, 4);
	/* one of 3 and 4 is equal; two overlap under one label */
	assert_true(fabs(span_f1(a, 3, b, 4, false) - 2.0 / 7) < 1e-15);
	assert_true(fabs(span_f1(a, 3, b, 4, true) - 4.0 / 7) < 1e-15);
	/* a span matches once only */
	assert_true(fabs(span_f1(one, 1, parts, 2, true) - 2.0 / 3) < 1e-15);
	assert_true(span_f1(NULL, 0, NULL, 0, true) == 1);
	assert_true(span_f1(a, 3, NULL, 0, true) == 0);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantile),
		cmocka_unit_test(test_mean),
		cmocka_unit_test(test_undefined),
		cmocka_unit_test(test_spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
