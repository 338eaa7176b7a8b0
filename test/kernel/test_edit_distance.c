/*-------------------------------------------------------------------------
 *
 * test_edit_distance.c
 *	  Levenshtein's distance against its definition, and known pairs.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/edit_distance_kernel.h"

#define MOST 400

static size_t
distance_of(const uint32_t *a, size_t m, const uint32_t *b, size_t n)
{
	void	   *memory = malloc(edit_distance_memory(m, n));
	size_t		distance;

	assert_true(edit_distance(a, m, b, n, memory, NULL, NULL, &distance));
	free(memory);
	return distance;
}


static size_t
of_words(const char *one, const char *other)
{
	uint32_t	a[MOST];
	uint32_t	b[MOST];
	size_t		m = strlen(one);
	size_t		n = strlen(other);

	for (size_t i = 0; i < m; i++)
		a[i] = (unsigned char) one[i];
	for (size_t i = 0; i < n; i++)
		b[i] = (unsigned char) other[i];
	return distance_of(a, m, b, n);
}


static void
test_known(void **state)
{
	(void) state;
	assert_int_equal(of_words("", ""), 0);
	assert_int_equal(of_words("", "abc"), 3);
	assert_int_equal(of_words("abc", ""), 3);
	assert_int_equal(of_words("abc", "abc"), 0);
	assert_int_equal(of_words("a", "b"), 1);
	assert_int_equal(of_words("kitten", "sitting"), 3);
	assert_int_equal(of_words("Saturday", "Sunday"), 3);
	assert_int_equal(of_words("intention", "execution"), 5);
	assert_int_equal(of_words("gumbo", "gambol"), 2);
	assert_true(fabs(edit_similarity(3, 6, 7) - 4.0 / 7) < 1e-15);
	assert_true(edit_similarity(0, 0, 0) == 1);
	assert_true(edit_similarity(3, 0, 3) == 0);
}


/* The definition: row after row of the table. */
static size_t
by_definition(const uint32_t *a, size_t m, const uint32_t *b, size_t n)
{
	size_t		row[MOST + 1];

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; i <= m; i++)
	{
		size_t		diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++)
		{
			size_t		best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[n];
}


static uint32_t
random_below(uint64_t *seed, uint32_t limit)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t) (*seed >> 33) % limit;
}


/* Lengths about the strip's, few symbols and many, copies with errors. */
static void
test_definition(void **state)
{
	static const size_t lengths[] = {0, 1, 2, 7, 63, 64, 65, 127, 128, 129, 200, 397};
	uint64_t	seed = 1;
	uint32_t	a[MOST];
	uint32_t	b[MOST];

	(void) state;
	for (int round = 0; round < 4000; round++)
	{
		size_t		m = lengths[random_below(&seed, 12)];
		size_t		n = lengths[random_below(&seed, 12)];
		uint32_t	symbols = round % 3 == 0 ? 2 : round % 3 == 1 ? 26 : 0x10ffff;

		for (size_t i = 0; i < m; i++)
			a[i] = random_below(&seed, symbols);
		for (size_t i = 0; i < n; i++)
			b[i] = i < m && random_below(&seed, 10) > 0 ? a[i]
				: random_below(&seed, symbols);
		assert_int_equal(distance_of(a, m, b, n), by_definition(a, m, b, n));
	}
}


static bool
stop_at_once(void *context)
{
	(void) context;
	return false;
}


static void
test_stop(void **state)
{
	uint32_t	a[] = {1, 2, 3};
	uint32_t	b[] = {4, 2};
	void	   *memory = malloc(edit_distance_memory(3, 2));
	size_t		distance = 77;

	(void) state;
	assert_false(edit_distance(a, 3, b, 2, memory, stop_at_once, NULL, &distance));
	assert_int_equal(distance, 77);
	free(memory);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_definition),
		cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
