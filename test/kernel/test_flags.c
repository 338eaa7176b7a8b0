/*-------------------------------------------------------------------------
 *
 * test_flags.c
 *	  Annotators to be looked at: tails against tables, honest crowds that
 *	  nobody accuses, and those who were planted.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_bench.h"

enum
{
	ITEMS = 200, ANNOTATORS = 12, CLASSES = 3, CELLS = ANNOTATORS * CLASSES
};


static void
test_tails(void **state)
{
	(void) state;
	/* 10 heads of 10, 8 or more of 10; and 1 - exp(-2), 1 - 3 exp(-2) */
	assert_float_equal(consensus_binomial_tail(10, 0.5, 10), 1.0 / 1024, 1e-15);
	assert_float_equal(consensus_binomial_tail(10, 0.5, 8), 56.0 / 1024, 1e-12);
	assert_float_equal(consensus_binomial_tail(10, 0.5, 4), 1.0, 0);
	assert_float_equal(consensus_binomial_tail(10, 0.0, 1), 0.0, 0);
	assert_float_equal(consensus_poisson_tail(0.5, 1), 1 - exp(-0.5), 1e-14);
	assert_float_equal(consensus_poisson_tail(1.0, 2), 1 - 2 * exp(-1.0), 1e-14);
	assert_float_equal(consensus_poisson_tail(0.0, 1), 0.0, 0);
	assert_float_equal(consensus_poisson_tail(0.0, 0), 1.0, 0);
	assert_float_equal(consensus_poisson_tail(2.0, 2), 1.0, 0);
}


/*
 * Twelve people of different skill, six an item.  Number "idle" always says
 * 0, and "copyist" says what number 0 does; -1 for none.
 */
static Bench *
crowd(int32_t idle, int32_t copyist)
{
	Bench	   *bench = begin(ITEMS, ANNOTATORS, CLASSES);

	for (int32_t i = 0; i < ITEMS; i++)
	{
		int32_t		first = 0;

		for (int32_t j = 0; j < ANNOTATORS; j++)
		{
			double		skill = 0.6 + 0.3 * j / ANNOTATORS;
			int32_t		label = random_number() < skill ? i % CLASSES
				: random_below(CLASSES);

			if (j == idle)
				label = 0;
			if (j == copyist && random_number() < 0.9)
				label = first;
			if (j == 0)
				first = label;
			if ((i + j) % 2 == 0)
				add_row(bench, i, j, label, 1.0);
		}
	}
	arrange(bench);
	fit_dawid_skene(bench, 0.25, 0.001, 100);
	return bench;
}


static void
find_habits(Bench *bench, ConsensusHabit *habits)
{
	double		confusion[CLASSES * CLASSES];
	int64_t		counts[CELLS];
	double		expected[CELLS];

	consensus_pool_confusion(&bench->data, &bench->fit, confusion);
	assert_int_equal(consensus_find_habits(&bench->data, &bench->fit,
										   confusion, counts, expected,
										   habits), CONSENSUS_DONE);
}


static void
compare_first(Bench *bench, int32_t annotator, ConsensusPair *pairs)
{
	double		confusion[CLASSES * CLASSES];
	int32_t		items[ITEMS];
	int64_t		n = 0;

	for (int32_t i = 0; i < ITEMS; i++)
		if ((i + annotator) % 2 == 0)
			items[n++] = i;
	consensus_pool_confusion(&bench->data, &bench->fit, confusion);
	consensus_compare_annotator(&bench->data, &bench->fit, confusion,
								annotator, items, n, pairs);
}


static double
pair_p(const ConsensusPair *pair)
{
	return consensus_poisson_tail(pair->expected,
								  floor(pair->agreeing + 1e-6));
}


/* Of honest people's p-values, no more than a twentieth is below that. */
static void
test_honest(void **state)
{
	int			habits_low = 0;
	int			pairs_low = 0;
	int			npairs = 0;

	(void) state;
	for (int round = 0; round < 40; round++)
	{
		Bench	   *bench = crowd(-1, -1);
		ConsensusHabit habits[ANNOTATORS];
		ConsensusPair pairs[ANNOTATORS];

		find_habits(bench, habits);
		for (int32_t j = 0; j < ANNOTATORS; j++)
		{
			habits_low += habits[j].p_value <= 0.05;
			compare_first(bench, j, pairs);
			for (int32_t other = j + 1; other < ANNOTATORS; other++)
				if (pairs[other].items > 0)
				{
					assert_int_equal(pairs[other].items, ITEMS / 2);
					npairs++;
					pairs_low += pair_p(&pairs[other]) <= 0.05;
				}
		}
		end(bench);
	}
	assert_int_equal(npairs, 40 * 2 * 15);
	assert_true(habits_low <= 0.05 * 40 * ANNOTATORS);
	assert_true(pairs_low <= 0.06 * npairs);
}


static void
test_planted(void **state)
{
	int			found = 0;

	(void) state;
	for (int round = 0; round < 10; round++)
	{
		Bench	   *bench = crowd(3, 4);
		ConsensusHabit habits[ANNOTATORS];
		ConsensusPair pairs[ANNOTATORS];

		find_habits(bench, habits);
		assert_int_equal(habits[3].label, 0);
		assert_int_equal(habits[3].given, ITEMS / 2);
		assert_true(habits[3].p_value < 1e-9);
		compare_first(bench, 0, pairs);
		found += pair_p(&pairs[4]) < 0.001;
		end(bench);
	}
	assert_true(found >= 8);
}


static void
test_too_fast(void **state)
{
	ConsensusTime times[7 * 20];
	ConsensusHaste haste[7];
	int64_t		n = 0;

	(void) state;
	for (int32_t i = 0; i < 20; i++)
		for (int32_t j = 0; j < 6; j++)
			times[n++] = (ConsensusTime) {i, j, j == 5 ? 4 : 10 + j};
	times[n++] = (ConsensusTime) {20, 6, 1}; /* alone with an item */
	consensus_count_fast(times, n, 7, haste);
	for (int32_t j = 0; j < 5; j++)
	{
		assert_int_equal(haste[j].items, 20);
		assert_int_equal(haste[j].fast, 0);
	}
	assert_int_equal(haste[5].fast, 20);
	assert_int_equal(haste[6].items, 0);

	/*
	 * the median is that of the others: against 10, half of which is 5, 4 is
	 * fast
	 */
	times[0] = (ConsensusTime) {0, 0, 10};
	times[1] = (ConsensusTime) {0, 1, 4};
	consensus_count_fast(times, 2, 7, haste);
	assert_int_equal(haste[1].fast, 1);
	assert_int_equal(haste[0].fast, 0);
	consensus_count_fast(times, 0, 7, haste);
	assert_int_equal(haste[1].items, 0);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tails),
		cmocka_unit_test(test_honest),
		cmocka_unit_test(test_planted),
		cmocka_unit_test(test_too_fast)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
