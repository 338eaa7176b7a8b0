/*-------------------------------------------------------------------------
 *
 * test_glad_mace.c
 *	  GLAD and MACE: what they climb never falls, skills that made the answers
 *	  are found again, and limits.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_bench.h"


static void
prepare(Bench *bench, size_t memory, int32_t max_iter, double tolerance)
{
	prepare_fit(bench);
	free(bench->fit.work);
	bench->fit.work = give(memory, 1);
	bench->fit.smoothing = 0.5;
	bench->fit.restarts = 1;
	bench->fit.max_iter = max_iter;
	bench->fit.tolerance = tolerance;
}


static void
fit_glad(Bench *bench, int32_t max_iter, double tolerance)
{
	prepare(bench, consensus_glad_memory(&bench->data), max_iter, tolerance);
	assert_int_equal(consensus_glad(&bench->data, &bench->fit),
					 CONSENSUS_DONE);
}


static void
fit_mace(Bench *bench, int32_t max_iter, double tolerance)
{
	prepare(bench, consensus_mace_memory(&bench->data), max_iter, tolerance);
	assert_int_equal(consensus_mace(&bench->data, &bench->fit),
					 CONSENSUS_DONE);
}


static void
assert_never_falls(void (*fit) (Bench *, int32_t, double))
{
	for (int set = 0; set < 4; set++)
	{
		Bench	   *bench = random_bench(100, 9, 2 + set, 3 + set % 3,
										 set % 2 == 1);
		double		last = -INFINITY;

		if (set == 3)
		{
			bench->gold = give(100, sizeof(int32_t));
			for (int32_t i = 0; i < 100; i++)
				bench->gold[i] = i % 5 == 0 ? random_below(2) : -1;
			bench->data.gold = bench->gold;
		}
		for (int32_t t = 1; t <= 50; t++)
		{
			fit(bench, t, -INFINITY);
			assert_int_equal(bench->fit.iterations, t);
			assert_true(bench->fit.objective >=
						last - 1e-9 * fabs(bench->fit.objective));
			last = bench->fit.objective;
		}
		end(bench);
	}
}


static void
test_never_falls(void **state)
{
	(void) state;
	assert_never_falls(fit_glad);
	assert_never_falls(fit_mace);
}


static int
count_right(const Bench *bench, int32_t nclasses)
{
	int			right = 0;

	for (int32_t i = 0; i < bench->data.nitems; i++)
		right += consensus_choose(&bench->data, &bench->fit, i).label ==
			i % nclasses;
	return right;
}


/* Two able annotators, two who guess, one who is mostly wrong. */
static void
test_abilities(void **state)
{
	const double skill[5] = {0.95, 0.9, 0.5, 0.5, 0.2};
	Bench	   *bench = begin(600, 5, 2);

	(void) state;
	for (int32_t i = 0; i < 600; i++)
		for (int32_t j = 0; j < 5; j++)
			add_row(bench, i, j, random_number() < skill[j] ? i % 2
					: 1 - i % 2, 1.0);
	arrange(bench);
	fit_glad(bench, 100, 1e-5);
	assert_true(bench->fit.converged);
	assert_true(count_right(bench, 2) > 0.9 * 600);
	assert_true(bench->fit.weights[0] > 0.5 && bench->fit.weights[1] > 0.5);
	assert_float_equal(bench->fit.weights[2], 0.0, 0.3);
	assert_true(bench->fit.weights[4] < -0.3);
	end(bench);
}


/* Who makes up a third, or all, of the answers is found out. */
static void
test_made_up(void **state)
{
	const double meant[5] = {0.95, 0.9, 0.66, 0.66, 0.0};
	Bench	   *bench = begin(900, 5, 3);

	(void) state;
	for (int32_t i = 0; i < 900; i++)
		for (int32_t j = 0; j < 5; j++)
			add_row(bench, i, j, random_number() < meant[j] ? i % 3
					: j % 3, 1.0);
	arrange(bench);
	fit_mace(bench, 100, 1e-5);
	assert_true(count_right(bench, 3) > 0.95 * 900);
	for (int32_t j = 0; j < 5; j++)
		assert_float_equal(bench->fit.weights[j], meant[j], 0.08);
	end(bench);
}


static void
test_extremes(void **state)
{
	(void) state;
	for (int method = 0; method < 2; method++)
	{
		void		(*fit) (Bench *, int32_t, double) =
		method == 0 ? fit_glad : fit_mace;
		Bench	   *bench = random_bench(20, 1, 1, 1, false);

		fit(bench, 50, 0.0);	/* one label */
		assert_float_equal(probability(bench, 0, 0), 1.0, 0);
		end(bench);

		bench = begin(1, 300, 3);	/* everybody on one item */
		for (int32_t j = 0; j < 300; j++)
			add_row(bench, 0, j, j % 3, j % 2 == 0 ? 1e6 : 1e-100);
		arrange(bench);
		fit(bench, 20, 0.0);
		assert_float_equal(probability(bench, 0, 0) + probability(bench, 0, 1) +
						   probability(bench, 0, 2), 1.0, 1e-12);
		for (int32_t j = 0; j < 300; j++)
			assert_true(isfinite(bench->fit.weights[j]));
		end(bench);
	}
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_never_falls),
		cmocka_unit_test(test_abilities),
		cmocka_unit_test(test_made_up),
		cmocka_unit_test(test_extremes)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
