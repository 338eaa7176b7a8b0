/*-------------------------------------------------------------------------
 *
 * test_rank.c
 *	  Scores from comparisons of two.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_bench.h"

#include "consensus/rank_kernel.h"

#define ITEMS 3

typedef struct RankBench
{
	RankData	data;
	RankFit		fit;
	double		score[ITEMS];
	double		error[ITEMS];
	double		reliability[2];
} RankBench;


static RankBench *
begin_rank(const RankPair *pairs, int64_t npairs, int32_t nitems)
{
	RankBench  *of = calloc(1, sizeof(RankBench));

	assert_non_null(of);
	of->data = (RankData) {nitems, 2, npairs, pairs};
	of->fit.score = of->score;
	of->fit.error = of->error;
	of->fit.reliability = of->reliability;
	of->fit.tolerance = 1e-12;
	of->fit.max_iter = 500;
	of->fit.most_exact = 100;
	of->fit.work = give(rank_memory(&of->data, &of->fit), 1);
	return of;
}


static void
end_rank(RankBench *of)
{
	free(of->fit.work);
	free(of);
}


static void
test_two_items(void **state)
{
	static const RankPair pairs[] = {{0, 1, 0, 3.0, false}, {1, 0, 0, 1.0, false}};
	RankBench  *of = begin_rank(pairs, 2, 2);

	(void) state;
	assert_true(rank_connected(&of->data, &of->fit));
	assert_int_equal(rank_bradley_terry(&of->data, &of->fit), CONSENSUS_DONE);
	assert_true(of->fit.converged);
	assert_float_equal(of->score[0], 0.5 * log(3.0), 1e-9);
	assert_float_equal(of->score[1], -0.5 * log(3.0), 1e-9);
	assert_float_equal(of->error[0], 0.5 / sqrt(0.75), 1e-9);
	end_rank(of);
}


/* With smoothing the wins are those expected, those against 0 included. */
static void
test_smoothing(void **state)
{
	static const RankPair pairs[] = {{0, 1, 0, 1.0, false}};
	RankBench  *of = begin_rank(pairs, 1, 3);
	double		half;

	(void) state;
	assert_false(rank_connected(&of->data, &of->fit));
	of->fit.smoothing = 0.5;
	assert_int_equal(rank_bradley_terry(&of->data, &of->fit), CONSENSUS_DONE);
	half = of->score[0];
	assert_float_equal(1.5, 1.0 / (1.0 + exp(-2.0 * half)) +
					   1.0 / (1.0 + exp(-half)), 1e-9);
	assert_float_equal(of->score[2], 0.0, 1e-12);
	assert_float_equal(of->score[1], -half, 1e-12);
	end_rank(of);
}


static void
test_noise(void **state)
{
	static const RankPair pairs[] = {
		{0, 1, 0, 20.0, false}, {1, 2, 0, 20.0, false}, {0, 2, 0, 20.0, false},
		{1, 0, 1, 8.0, false}, {0, 1, 1, 8.0, false}, {2, 1, 1, 9.0, false}
	};
	RankBench  *of = begin_rank(pairs, 6, 3);
	double		last = -INFINITY;
	double		plain;

	(void) state;
	of->fit.smoothing = 0.1;
	assert_int_equal(rank_bradley_terry(&of->data, &of->fit), CONSENSUS_DONE);
	plain = of->score[0] - of->score[2];
	for (int32_t n = 2; n < 30; n++)
	{
		of->fit.max_iter = n;
		assert_int_equal(rank_noisy_bradley_terry(&of->data, &of->fit),
						 CONSENSUS_DONE);
		assert_true(of->fit.objective >= last - 1e-9);
		last = of->fit.objective;
	}
	assert_true(of->score[0] - of->score[2] > plain);
	assert_true(of->reliability[0] > 0.9 && of->reliability[1] < 0.5);
	end_rank(of);
}


static void
test_elo(void **state)
{
	static const RankPair pairs[] = {
		{0, 1, 0, 1.0, false}, {0, 1, 0, 0.5, true}, {1, 0, 0, 0.5, false}
	};
	RankBench  *of = begin_rank(pairs, 3, 2);
	double		expected = 1.0 / (1.0 + pow(10.0, -32.0 / 400.0));

	(void) state;
	assert_int_equal(rank_elo(&of->data, &of->fit, 32.0), CONSENSUS_DONE);
	assert_float_equal(of->score[0], 1516.0 + 32.0 * (0.5 - expected), 1e-9);
	assert_float_equal(of->score[0] + of->score[1], 3000.0, 1e-9);
	assert_true(isnan(of->error[0]));
	end_rank(of);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_items),
		cmocka_unit_test(test_smoothing),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_elo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
