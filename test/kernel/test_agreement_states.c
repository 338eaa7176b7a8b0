/*-------------------------------------------------------------------------
 *
 * test_agreement_states.c
 *	  What agreement is made of: codes, exact sums, sorting, counting,
 *	  packing.
 *
 *-------------------------------------------------------------------------
 */
#include "agreement_bench.h"

#include "agreement/exact_kernel.h"

/* ---- values as 64 bits -------------------------------------------------- */

static void
test_hash(void **state)
{
	const char *sentence = "Nobody inspects the spammish repetition";
	uint8_t		bytes[100];

	(void) state;
	for (int i = 0; i < 100; i++)
		bytes[i] = (uint8_t) i;
	/* as the reference implementation of XXH64 has them */
	assert_true(agreement_hash("", 0, 0) == UINT64_C(0xEF46DB3751D8E999));
	assert_true(agreement_hash("abc", 3, 0) == UINT64_C(0x44BC2CF5AD770999));
	assert_true(agreement_hash(sentence, strlen(sentence), 0) ==
				UINT64_C(0xFBCEA83C8A378BF1));
	assert_true(agreement_hash("", 0, 2654435761u) ==
				UINT64_C(0xAC75FDA2929B17EF));
	assert_true(agreement_hash("a", 1, 1) == UINT64_C(0xDEC2BC81C3CD46C6));
	assert_true(agreement_hash("abcdefgh", 8, 7) == UINT64_C(0x1561B8F75328FE71));
	assert_true(agreement_hash(bytes, 100, 42) == UINT64_C(0x819D2B726001D507));
	assert_true(agreement_hash_next(1, 2) != agreement_hash_next(2, 1));
}


static void
test_number_keys(void **state)
{
	const double numbers[] = {
		-INFINITY, -1.7e308, -2, -1, -5e-324, 0, 5e-324, 1e-300, 1, 2, 1.7e308,
		INFINITY
	};
	const size_t count = sizeof(numbers) / sizeof(numbers[0]);

	(void) state;
	for (size_t i = 0; i < count; i++)
	{
		uint64_t	key = agreement_number_key(numbers[i]);

		assert_true(agreement_key_number(key) == numbers[i]);
		if (i > 0)
			assert_true(agreement_number_key(numbers[i - 1]) < key);
		assert_true(key < agreement_number_key(NAN));
	}
	assert_true(agreement_number_key(-0.0) == agreement_number_key(0.0));
	assert_true(agreement_integer_key(-1) < agreement_integer_key(0));
	assert_true(agreement_integer_key(INT64_MIN) == 0);
}

/* ---- sums --------------------------------------------------------------- */

static void
test_exact_sums(void **state)
{
	double		numbers[1000];
	ExactSum	forwards = {0, 0};
	ExactSum	backwards = {0, 0};
	ExactSum	product = exact_product(UINT64_MAX, UINT64_MAX);
	ExactSum	third;

	(void) state;
	for (int i = 0; i < 1000; i++)
		numbers[i] = ldexp((double) draw(1 << 30), (int) draw(60) - 70);
	for (int i = 0; i < 1000; i++)
	{
		exact_add(&forwards, exact_fraction(numbers[i]));
		exact_add(&backwards, exact_fraction(numbers[999 - i]));
	}
	assert_memory_equal(&forwards, &backwards, sizeof(ExactSum));

	assert_true(exact_value(exact_fraction(0)) == 0);
	assert_true(exact_value(exact_fraction(1)) == 1);
	assert_true(exact_value(exact_fraction(0.1)) == 0.1);
	assert_true(exact_value(exact_fraction(281474976710655.5)) == 281474976710655.5);
	assert_true(exact_value(exact_fraction(ldexp(1, -80))) == ldexp(1, -80));
	assert_true(exact_value(exact_fraction(ldexp(1, -81))) == ldexp(1, -80));
	assert_true(exact_value(exact_fraction(ldexp(1, -82))) == 0);
	assert_true(exact_value(exact_fraction(5e-324)) == 0);

	third = exact_minus(exact_whole(1), exact_fraction(2.0 / 3));
	assert_true(fabs(exact_value(third) - 1.0 / 3) < 1e-16);
	/* (2^64 - 1)^2 = 2^128 - 2^65 + 1 */
	assert_true(product.high == UINT64_MAX - 1 && product.low == 1);
	assert_true(exact_integer_value(exact_product(3, 5)) == 15);
}

/* ---- sorting ------------------------------------------------------------ */

static int
compare_answers(const void *left, const void *right)
{
	const AgreementAnswer *a = left;
	const AgreementAnswer *b = right;

	if (a->item != b->item)
		return a->item < b->item ? -1 : 1;
	return (a->label > b->label) - (a->label < b->label);
}


static void
check_sort(AgreementAnswer *answers, size_t count)
{
	AgreementAnswer *expected = malloc(sizeof(AgreementAnswer) * (count + 1));
	AgreementHost host = generous();

	memcpy(expected, answers, sizeof(AgreementAnswer) * count);
	qsort(expected, count, sizeof(AgreementAnswer), compare_answers);
	assert_int_equal(agreement_sort(answers, count, &host), AGREEMENT_OK);
	if (count > 0)
		assert_memory_equal(answers, expected, sizeof(AgreementAnswer) * count);
	free(expected);
}


/* What an item's code is in each of the shapes that are tried. */
static uint64_t
shaped_item(int shape, size_t i)
{
	switch (shape)
	{
		case 0:
			return agreement_hash(&i, sizeof(i), 0);
		case 1:
			return draw(1000);
		case 2:
			return 7;
		case 3:
			return i / 5;
		case 4:
			return UINT64_C(1) << draw(64);
		case 5:
			return draw(100) == 0 ? UINT64_MAX - draw(3) : draw(4);
		default:
			return draw(2) * (UINT64_MAX / 2) + draw(10);
	}
}


static void
test_sort(void **state)
{
	const size_t sizes[] = {0, 1, 2, 24, 25, 100, 1000, 20000, 200000};
	AgreementAnswer *answers = malloc(sizeof(AgreementAnswer) * 200000);

	(void) state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
		for (int shape = 0; shape < 7; shape++)
		{
			for (size_t i = 0; i < sizes[s]; i++)
			{
				answers[i].item = shaped_item(shape, i);
				answers[i].label = draw(3) == 0 ? UINT64_MAX - draw(9) : draw(5);
			}
			check_sort(answers, sizes[s]);
			check_sort(answers, sizes[s]);	/* what is sorted stays so */
			for (size_t i = 0; i < sizes[s] / 2; i++)
			{
				AgreementAnswer answer = answers[i];

				answers[i] = answers[sizes[s] - 1 - i];
				answers[sizes[s] - 1 - i] = answer;
			}
			check_sort(answers, sizes[s]);
		}
	free(answers);
}

/* ---- tallies ------------------------------------------------------------ */

static void
test_tally(void **state)
{
	AgreementTally tally;
	AgreementHost host = generous();
	uint32_t	index;

	(void) state;
	assert_int_equal(agreement_tally_start(&tally, &host), AGREEMENT_OK);
	for (uint64_t round = 0; round < 3; round++)
		for (uint64_t i = 0; i < 40000; i++)
		{
			assert_int_equal(agreement_tally_add(&tally, &host, 40000 - i,
												 i % 3, round, &index),
							 AGREEMENT_OK);
			assert_int_equal(index, i);
		}
	assert_int_equal(tally.used, 40000);
	assert_int_equal(agreement_tally_sort(&tally, &host), AGREEMENT_OK);
	for (uint32_t i = 0; i < 40000; i++)
	{
		assert_true(tally.entries[i].a == i + 1);
		assert_true(tally.entries[i].count == 3);
		assert_int_equal(agreement_tally_find(&tally, tally.entries[i].a,
											  tally.entries[i].b), i);
	}
	assert_int_equal(agreement_tally_add(&tally, &host, 1, 0, 1, &index),
					 AGREEMENT_OK);
	agreement_tally_end(&tally, &host);
}

/* ---- packing ------------------------------------------------------------ */

static uint8_t *
pack(const AgreementAnswer *answers, size_t count, size_t *size)
{
	AgreementHost host = generous();
	uint8_t    *bytes;
	size_t		written;

	assert_int_equal(agreement_pack(answers, count, &host, NULL, size),
					 AGREEMENT_OK);
	bytes = malloc(*size);
	assert_int_equal(agreement_pack(answers, count, &host, bytes, &written),
					 AGREEMENT_OK);
	assert_int_equal(written, *size);
	return bytes;
}


/* Whatever bytes these are, reading them stays inside of what there is. */
static AgreementStatus
try_unpack(const uint8_t *bytes, size_t size)
{
	AgreementHost host = generous();
	AgreementAnswer *answers;
	AgreementStatus status;
	size_t		count;

	status = agreement_packed_count(bytes, size, &count);
	if (status != AGREEMENT_OK || count > 100000)
		return AGREEMENT_CORRUPT;
	answers = malloc(sizeof(AgreementAnswer) * (count + 1));
	status = agreement_unpack(bytes, size, &host, answers);
	free(answers);
	return status;
}


static void
test_pack(void **state)
{
	AgreementAnswer answers[MAX_ANSWERS];
	AgreementAnswer again[MAX_ANSWERS];
	AgreementHost host = generous();

	(void) state;
	for (int round = 0; round < 200; round++)
	{
		size_t		count = draw_answers(answers);
		size_t		size;
		size_t		read;
		uint8_t    *bytes;

		if (count > 2 && round % 5 == 0)
			answers[0].item = answers[1].label = UINT64_MAX;
		assert_int_equal(agreement_sort(answers, count, &host), AGREEMENT_OK);
		bytes = pack(answers, count, &size);
		assert_int_equal(agreement_packed_count(bytes, size, &read),
						 AGREEMENT_OK);
		assert_int_equal(read, count);
		assert_int_equal(agreement_unpack(bytes, size, &host, again),
						 AGREEMENT_OK);
		assert_memory_equal(answers, again, sizeof(AgreementAnswer) * count);
		for (size_t cut = 0; cut < size; cut++)
		{
			uint8_t    *part = malloc(cut + 1);

			memcpy(part, bytes, cut);
			assert_int_equal(try_unpack(part, cut), AGREEMENT_CORRUPT);
			part[cut] = bytes[cut] ^ (uint8_t) (1 << draw(8));
			(void) try_unpack(part, cut + 1);
			free(part);
		}
		free(bytes);
	}
}


static void
test_pack_pairs(void **state)
{
	AgreementHost host = generous();

	(void) state;
	for (int round = 0; round < 100; round++)
	{
		AgreementTally tally;
		AgreementTally again;
		uint8_t    *bytes;
		size_t		size;

		assert_int_equal(agreement_tally_start(&tally, &host), AGREEMENT_OK);
		for (uint64_t n = draw(50); n > 0; n--)
			assert_int_equal(agreement_tally_add(&tally, &host, draw(5) * (UINT64_MAX / 4),
												 draw(5), 1 + draw(1000), NULL),
							 AGREEMENT_OK);
		assert_int_equal(agreement_tally_sort(&tally, &host), AGREEMENT_OK);
		size = agreement_pack_pairs(&tally, NULL);
		bytes = malloc(size);
		assert_int_equal(agreement_pack_pairs(&tally, bytes), size);
		assert_int_equal(agreement_unpack_pairs(bytes, size, &host, &again),
						 AGREEMENT_OK);
		assert_int_equal(again.used, tally.used);
		assert_memory_equal(again.entries, tally.entries,
							sizeof(AgreementCount) * tally.used);
		agreement_tally_end(&again, &host);
		for (size_t cut = 0; cut < size; cut++)
		{
			uint8_t    *part = malloc(cut + 1);

			memcpy(part, bytes, cut);
			assert_int_equal(agreement_unpack_pairs(part, cut, &host, &again),
							 AGREEMENT_CORRUPT);
			agreement_tally_end(&again, &host);
			part[cut] = bytes[cut] ^ (uint8_t) (1 << draw(8));
			(void) agreement_unpack_pairs(part, cut + 1, &host, &again);
			agreement_tally_end(&again, &host);
			free(part);
		}
		free(bytes);
		agreement_tally_end(&tally, &host);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_number_keys),
		cmocka_unit_test(test_exact_sums),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_tally),
		cmocka_unit_test(test_pack),
		cmocka_unit_test(test_pack_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
