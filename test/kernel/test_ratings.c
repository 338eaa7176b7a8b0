/*-------------------------------------------------------------------------
 *
 * test_ratings.c
 *	  Numbers of named annotators, sets, and states that are merged.
 *
 *-------------------------------------------------------------------------
 */
#include "agreement_bench.h"

#include "agreement/ratings_kernel.h"
#include "agreement/sets_kernel.h"
#include "agreement/state_kernel.h"

static Ration rich = {-1, -1};
static const AgreementHost host = {
	ration_allocate, ration_release, ration_proceed, &rich
};

/* Shrout and Fleiss 1979, table 2: a row for each judge. */
static const double judges[4][6] = {
	{9, 6, 8, 7, 10, 6}, {2, 1, 4, 1, 5, 2}, {5, 3, 6, 2, 6, 4},
	{8, 2, 8, 6, 9, 7}
};


static size_t
shrout_fleiss(AgreementRating *ratings)
{
	size_t		count = 0;

	for (uint64_t j = 0; j < 4; j++)
		for (uint64_t i = 0; i < 6; i++)
			ratings[count++] = (AgreementRating)
		{
			i		   *1000,
						j + 7,
						agreement_number_key(judges[j][i])
		};
	return count;
}


static void
test_icc(void **state)
{
	const double expected[] = {.165742, .289764, .714841, .442797, .620051,
	.909316};
	AgreementRating ratings[30];
	size_t		count = shrout_fleiss(ratings);
	AgreementRatings table;
	AgreementVariance variance;
	AgreementRanking ranking;

	(void) state;
	/* an item that lacks ratings is nothing to it */
	ratings[count++] = (AgreementRating) {42, 7, agreement_number_key(3)};
	assert_int_equal(agreement_ratings(ratings, count, &host, &table),
					 AGREEMENT_OK);
	assert_int_equal(table.items, 6);
	assert_int_equal(table.annotators, 4);
	assert_int_equal(agreement_variance(&table, &host, &variance),
					 AGREEMENT_OK);
	for (int form = 0; form < AGREEMENT_ICC_FORMS; form++)
		assert_true(fabs(agreement_icc(&variance, form, 0.95).value -
						 expected[form]) < 5e-7);
	assert_int_equal(agreement_ranking(&table, &host, &ranking), AGREEMENT_OK);
	assert_true(fabs(ranking.w - 0.8870370) < 5e-8);
	agreement_ratings_end(&table, &host);
}


static void
test_icc_undefined(void **state)
{
	AgreementRating rating = {1, 1, agreement_number_key(1)};
	AgreementRatings table;
	AgreementVariance variance;
	AgreementRanking ranking;

	(void) state;
	for (size_t count = 0; count < 2; count++)
	{
		assert_int_equal(agreement_ratings(&rating, count, &host, &table),
						 AGREEMENT_OK);
		assert_int_equal(agreement_variance(&table, &host, &variance),
						 AGREEMENT_OK);
		assert_true(isnan(agreement_icc(&variance, AGREEMENT_ICC1, 0.9).value));
		assert_int_equal(agreement_ranking(&table, &host, &ranking),
						 AGREEMENT_OK);
		assert_true(isnan(ranking.w) && isnan(ranking.spearman));
		agreement_ratings_end(&table, &host);
	}
}


/* However few allocations succeed, nothing leaks. */
static void
test_icc_no_memory(void **state)
{
	AgreementRating ratings[30];
	size_t		count = shrout_fleiss(ratings);

	(void) state;
	for (int few = 0; few < 40; few++)
	{
		Ration		poor = {few, -1};
		AgreementHost poor_host = {
			ration_allocate, ration_release, ration_proceed, &poor
		};
		AgreementRatings table;
		AgreementVariance variance;
		AgreementRanking ranking;
		AgreementStatus status = agreement_ratings(ratings, count, &poor_host,
												   &table);

		if (status == AGREEMENT_OK)
			status = agreement_variance(&table, &poor_host, &variance);
		if (status == AGREEMENT_OK)
			status = agreement_ranking(&table, &poor_host, &ranking);
		assert_true(status == AGREEMENT_OK || status == AGREEMENT_NO_MEMORY);
		agreement_ratings_end(&table, &poor_host);
	}
}


/* nltk's examples, by exact thirds. */
static void
test_set_distances(void **state)
{
	const uint64_t elements[] = {1, 2, 3, 4, 5};
	AgreementSet two = {elements, 2};
	AgreementSet four = {elements, 4};
	AgreementSet last = {elements + 2, 3};
	AgreementSet five = {elements + 4, 1};
	AgreementSet none = {elements, 0};

	(void) state;
	assert_true(fabs(agreement_masi(two, four) - 2.0 / 3) < 1e-15);
	assert_true(fabs(agreement_masi(four, two) - 2.0 / 3) < 1e-15);
	assert_true(fabs(agreement_masi(four, last) - 13.0 / 15) < 1e-15);
	assert_true(fabs(agreement_jaccard(four, last) - 0.6) < 1e-15);
	assert_true(agreement_masi(two, five) == 1);
	assert_true(agreement_jaccard(two, five) == 1);
	assert_true(agreement_jaccard(none, none) == 0);
	assert_true(agreement_masi(none, none) == 0);
	assert_true(agreement_jaccard(none, two) == 1);
	assert_true(agreement_masi(none, two) == 1);
	assert_true(agreement_masi(four, four) == 0);
}


/* ---- states ------------------------------------------------------------- */

static const char *const texts[] = {"ape", "bee", "cat", "doe"};


/* The state of the answers of items from "first" on, by threes. */
static void
make_state(AgreementAnswer *all, size_t count, uint64_t part, uint64_t parts,
		   AgreementState *made)
{
	AgreementAnswer *some = malloc(sizeof(AgreementAnswer) * (count + 1));
	AgreementState state;
	AgreementState *one[1] = {&state};
	AgreementMerge merge;
	AgreementLabel label;
	size_t		used = 0;

	memset(&state, 0, sizeof(state));
	for (size_t i = 0; i < count; i++)
		if (all[i].item % parts == part)
			some[used++] = all[i];
	assert_int_equal(agreement_sort(some, used, &host), AGREEMENT_OK);
	assert_int_equal(agreement_matrix(some, used, &host, &state.matrix),
					 AGREEMENT_OK);
	state.type = "text";
	state.type_length = 4;
	state.labels = calloc(state.matrix.nlabels + 1, sizeof(AgreementLabel));
	for (uint32_t k = 0; k < state.matrix.nlabels; k++)
	{
		/* codes are not in the order of texts */
		state.labels[k].text = texts[3 - state.matrix.labels[k]];
		state.labels[k].length = 3;
	}
	for (size_t i = 0; i < used; i++)
		agreement_state_item(&state, some[i].item);
	assert_int_equal(agreement_state_merge(one, 1, &host, made, &merge,
										   &label), AGREEMENT_OK);
	assert_int_equal(merge, AGREEMENT_MERGED);
	agreement_state_end(&state, &host);
	free(some);
}


static uint8_t *
packed(const AgreementState *state, size_t *size)
{
	uint8_t    *bytes;

	*size = agreement_state_pack(state, NULL);
	bytes = malloc(*size);
	assert_int_equal(agreement_state_pack(state, bytes), *size);
	return bytes;
}


static size_t
some_answers(AgreementAnswer *answers)
{
	for (size_t i = 0; i < 900; i++)
		answers[i] = (AgreementAnswer)
	{
		(i * 7919) % 400, (i * i) % 4
	};
	return 900;
}


/* A union of parts is the whole, bit for bit; of what overlaps it is none. */
static void
test_state_union(void **state)
{
	AgreementAnswer answers[900];
	size_t		count = some_answers(answers);
	AgreementState whole;
	size_t		size;
	uint8_t    *bytes;

	(void) state;
	make_state(answers, count, 0, 1, &whole);
	bytes = packed(&whole, &size);
	for (uint64_t n = 2; n < 6; n++)
	{
		AgreementState parts[6];
		AgreementState *pointers[6];
		AgreementState merged;
		AgreementMerge merge;
		AgreementLabel label;
		size_t		again_size;
		uint8_t    *again;

		for (uint64_t p = 0; p < n; p++)
		{
			make_state(answers, count, n - 1 - p, n, &parts[p]);
			pointers[p] = &parts[p];
		}
		assert_int_equal(agreement_state_merge(pointers, (int) n, &host,
											   &merged, &merge, &label),
						 AGREEMENT_OK);
		assert_int_equal(merge, AGREEMENT_MERGED);
		again = packed(&merged, &again_size);
		assert_int_equal(again_size, size);
		assert_memory_equal(again, bytes, size);
		free(again);
		agreement_state_end(&merged, &host);
		pointers[1] = &parts[0];
		assert_int_equal(agreement_state_merge(pointers, 2, &host, &merged,
											   &merge, &label), AGREEMENT_OK);
		assert_int_equal(merge, AGREEMENT_STRADDLES);
		agreement_state_end(&merged, &host);
		for (uint64_t p = 0; p < n; p++)
			agreement_state_end(&parts[p], &host);
	}
	free(bytes);
	agreement_state_end(&whole, &host);
}


/* What is cut short or changed is refused, or is another sound state. */
static void
test_state_corrupt(void **state)
{
	AgreementAnswer answers[900];
	AgreementState whole;
	size_t		size;
	uint8_t    *bytes;

	(void) state;
	make_state(answers, some_answers(answers), 0, 1, &whole);
	bytes = packed(&whole, &size);
	for (size_t cut = 0; cut < size; cut++)
	{
		AgreementState again;
		uint8_t    *part = malloc(size);

		memcpy(part, bytes, size);
		assert_int_equal(agreement_state_unpack(part, cut, &host, &again),
						 AGREEMENT_CORRUPT);
		agreement_state_end(&again, &host);
		for (int bit = 0; bit < 8; bit++)
		{
			part[cut] = bytes[cut] ^ (uint8_t) (1 << bit);
			(void) agreement_state_unpack(part, size, &host, &again);
			agreement_state_end(&again, &host);
		}
		free(part);
	}
	free(bytes);
	agreement_state_end(&whole, &host);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_icc),
		cmocka_unit_test(test_icc_undefined),
		cmocka_unit_test(test_icc_no_memory),
		cmocka_unit_test(test_set_distances),
		cmocka_unit_test(test_state_union),
		cmocka_unit_test(test_state_corrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
