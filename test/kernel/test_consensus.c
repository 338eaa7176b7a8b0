/*-------------------------------------------------------------------------
 *
 * test_consensus.c
 *	  What annotators said, votes, and what follows from them.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_bench.h"


/* ---- the answers -------------------------------------------------------- */

static void
assert_answer(const Bench *bench, int64_t at, int32_t annotator,
			  int32_t label, double weight)
{
	assert_true(at < bench->data.nanswers);
	assert_int_equal(bench->data.answers[at].annotator, annotator);
	assert_int_equal(bench->data.answers[at].label, label);
	assert_float_equal(bench->data.answers[at].weight, weight, 1e-15);
}


static void
test_arranges_answers(void **state)
{
	Bench	   *bench = begin(3, 3, 3);

	(void) state;
	add_row(bench, 2, 1, 0, 1.0);
	add_row(bench, 0, 2, 1, 1.0);
	add_row(bench, 0, 0, 2, 1.0);
	add_row(bench, 0, 0, 2, 1.0);	/* a repeat */
	add_row(bench, 1, 1, 2, 1.0);
	add_row(bench, 1, 1, 0, 3.0);	/* two labels of one annotator */
	add_row(bench, 2, 1, 0, 4.0);	/* two weights of one answer */
	add_row(bench, 2, 1, 0, 4.0);
	add_row(bench, 2, 2, 0, 1e-200);
	arrange(bench);
	assert_int_equal(bench->data.nanswers, 6);
	assert_int_equal(bench->data.start[1], 2);
	assert_int_equal(bench->data.start[2], 4);
	assert_int_equal(bench->data.start[3], 6);
	assert_answer(bench, 0, 0, 2, 1.0);
	assert_answer(bench, 1, 2, 1, 1.0);
	assert_answer(bench, 2, 1, 0, 1.5);
	assert_answer(bench, 3, 1, 2, 0.5);
	assert_answer(bench, 4, 1, 0, 2.5);
	assert_answer(bench, 5, 2, 0, 0.0);
	end(bench);
}


/* ---- votes -------------------------------------------------------------- */

static void
assert_choice(const Bench *bench, int32_t item, int32_t label,
			  double confidence, int32_t votes, bool tie)
{
	ConsensusChoice choice = consensus_choose(&bench->data, &bench->fit, item);

	assert_int_equal(choice.label, label);
	assert_float_equal(choice.confidence, confidence, 1e-12);
	assert_int_equal(choice.votes, votes);
	assert_int_equal(choice.annotations, bench->data.start[item + 1] -
					 bench->data.start[item]);
	assert_int_equal(choice.tie, tie);
}


static void
test_majority(void **state)
{
	(void) state;
	for (int sparse = 0; sparse < 2; sparse++)
	{
		Bench	   *bench = begin(6, 3, 4);

		add_row(bench, 0, 0, 1, 1.0);	/* two to one */
		add_row(bench, 0, 1, 1, 1.0);
		add_row(bench, 0, 2, 0, 1.0);
		add_row(bench, 1, 0, 0, 1.0);	/* a tie: 1 has the larger share */
		add_row(bench, 1, 1, 1, 1.0);
		add_row(bench, 2, 0, 2, 1.0);	/* a tie of equal shares: the first */
		add_row(bench, 2, 1, 3, 1.0);
		add_row(bench, 3, 0, 0, 2.0);	/* weight decides */
		add_row(bench, 3, 1, 1, 0.5);
		add_row(bench, 3, 2, 1, 0.5);
		add_row(bench, 4, 0, 1, 0.0);	/* no weight at all */
		add_row(bench, 4, 1, 2, 0.0);
		add_row(bench, 5, 0, 1, 1.0);	/* known to be what nobody said */
		arrange(bench);
		bench->gold = give(6, sizeof(int32_t));
		for (int32_t i = 0; i < 6; i++)
			bench->gold[i] = i == 5 ? 3 : -1;

		fit_majority(bench, sparse);
		assert_choice(bench, 0, 1, 2.0 / 3, 2, false);
		assert_choice(bench, 1, 1, 0.5, 1, true);
		assert_choice(bench, 2, 2, 0.5, 1, true);
		assert_choice(bench, 3, 0, 2.0 / 3, 1, false);
		assert_choice(bench, 4, 1, 0.5, 1, true);
		assert_choice(bench, 5, 1, 1.0, 1, false);
		assert_float_equal(bench->fit.shares[3], 0.5 / 6, 1e-15);

		bench->data.gold = bench->gold;
		fit_majority(bench, sparse);
		assert_choice(bench, 5, 3, 1.0, 0, false);
		assert_choice(bench, 2, 3, 0.5, 1, true);
		end(bench);
	}
}


static void
test_quality(void **state)
{
	Bench	   *bench = begin(10, 3, 2);
	ConsensusQuality quality[3];

	(void) state;
	for (int32_t i = 0; i < 10; i++)
	{
		add_row(bench, i, 0, 0, 1.0);
		add_row(bench, i, 1, i == 9, 1.0);
	}
	add_row(bench, 0, 2, 1, 0.0);
	arrange(bench);
	bench->gold = give(10, sizeof(int32_t));
	memset(bench->gold, 0, 10 * sizeof(int32_t));
	bench->data.gold = bench->gold;
	for (int sparse = 0; sparse < 2; sparse++)
	{
		fit_majority(bench, sparse);
		assert_int_equal(consensus_judge_annotators(&bench->data, &bench->fit,
													quality), CONSENSUS_DONE);
		assert_float_equal(quality[0].accuracy, 1.0, 0);
		assert_float_equal(quality[0].lower, 0.7225, 1e-4);
		assert_float_equal(quality[0].upper, 1.0, 0);
		/* 9 of 10: the interval that textbooks give */
		assert_float_equal(quality[1].accuracy, 0.9, 1e-15);
		assert_float_equal(quality[1].lower, 0.5958, 1e-4);
		assert_float_equal(quality[1].upper, 0.9821, 1e-4);
		assert_int_equal(quality[1].annotations, 10);
		assert_true(isnan(quality[2].accuracy));
		assert_int_equal(quality[2].annotations, 1);
	}
	end(bench);
}


static bool
go_on_for_a_while(void *state, double done)
{
	int		   *left = state;

	assert_true(done >= 0.0 && done <= 1.0);
	return --* left > 0;
}


static void
test_stops_when_asked(void **state)
{
	Bench	   *bench = begin(30000, 3, 2);
	int64_t		nrows = 90000;
	ConsensusRow *rows = give((size_t) nrows, sizeof(ConsensusRow));
	int			left;

	(void) state;
	for (int64_t r = 0; r < nrows; r++)
		rows[r] = (ConsensusRow)
	{
		1.0, (int32_t) (r / 3), (int32_t) (r % 3),
			random_below(2)
	};
	bench->data.start = give(30001, sizeof(int64_t));
	bench->data.answers = give((size_t) nrows, sizeof(ConsensusAnswer));
	left = 2;
	assert_int_equal(consensus_arrange(rows, nrows, &bench->data,
									   go_on_for_a_while, &left),
					 CONSENSUS_STOPPED);
	left = 1000;
	assert_int_equal(consensus_arrange(rows, nrows, &bench->data,
									   go_on_for_a_while, &left),
					 CONSENSUS_DONE);
	prepare_fit(bench);
	bench->fit.smoothing = 0.5;
	bench->fit.max_iter = 1000000;
	bench->fit.tolerance = -INFINITY;
	bench->fit.progress = go_on_for_a_while;
	bench->fit.progress_state = &left;
	for (int times = 1; times < 5; times++)
	{
		left = times;
		assert_int_equal(consensus_dawid_skene(&bench->data, &bench->fit),
						 CONSENSUS_STOPPED);
	}
	free(rows);
	end(bench);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arranges_answers),
		cmocka_unit_test(test_majority),
		cmocka_unit_test(test_quality),
		cmocka_unit_test(test_stops_when_asked)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
