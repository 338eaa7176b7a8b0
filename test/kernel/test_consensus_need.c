/*-------------------------------------------------------------------------
 *
 * test_consensus_need.c
 *	  Which items deserve another answer.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "consensus/need_kernel.h"

#define MOST 64

/* A fit of a few items, with its memory. */
typedef struct Small
{
	int64_t		start[MOST + 1];
	ConsensusAnswer answers[MOST * 4];
	double		right[MOST];
	double		wrong[MOST];
	double		posterior[MOST * 4];
	double		shares[4];
	double		work[MOST * 2 + 4];
	ConsensusData data;
	ConsensusNeedFit fit;
	ConsensusNeed needs[MOST];
} Small;


static void
set_up(Small *small, int32_t annotators, int32_t classes)
{
	memset(small, 0, sizeof(Small));
	small->data.nannotators = annotators;
	small->data.nclasses = classes;
	small->data.start = small->start;
	small->data.answers = small->answers;
	small->fit.max_iter = 100;
	small->fit.tolerance = 1e-10;
	small->fit.right = small->right;
	small->fit.wrong = small->wrong;
	small->fit.posterior = small->posterior;
	small->fit.shares = small->shares;
	small->fit.work = small->work;
}


static void
say(Small *small, int32_t annotator, int32_t label)
{
	ConsensusAnswer *answer = &small->answers[small->data.nanswers++];

	answer->annotator = annotator;
	answer->label = label;
	answer->weight = 1.0;
	small->start[small->data.nitems] = small->data.nanswers;
}


static void
next_item(Small *small)
{
	small->data.nitems++;
	small->start[small->data.nitems] = small->data.nanswers;
}


static void
rate(Small *small, const double *costs)
{
	assert_int_equal(consensus_fit_skills(&small->data, &small->fit),
					 CONSENSUS_DONE);
	assert_int_equal(consensus_rate_needs(&small->data, &small->fit, costs,
										  small->needs), CONSENSUS_DONE);
}


/* One answer of one annotator: the digammas of 16 + z and 4 + 1 - z. */
static void
test_one_answer(void **state)
{
	Small		small;
	double		z;
	double		odds = 0.0;

	(void) state;
	set_up(&small, 1, 2);
	next_item(&small);
	say(&small, 0, 1);
	rate(&small, NULL);
	z = small.posterior[1];

	/* psi(16 + z) - psi(5 - z) by the integral of its derivative */
	for (int n = 0; n < 2000000; n++)
		odds += 1.0 / (n + 5.0 - z) - 1.0 / (n + 16.0 + z);
	odds += (11.0 + 2.0 * z) / 2000000.0;
	assert_true(fabs(log(z / (1.0 - z)) - odds) < 1e-5);
	assert_false(small.needs[0].settled);
	assert_int_equal(small.needs[0].answers, 1);
	assert_true(fabs(small.needs[0].wrong - 0.7 * (1.0 - z)) < 1e-9);
}


/* Who disagrees is asked about first; sure and proven items are settled. */
static void
test_order(void **state)
{
	Small		small;
	double		costs[3] = {1.0, 1.0, 4.0};

	(void) state;
	set_up(&small, 3, 2);
	for (int i = 0; i < 10; i++)
	{
		next_item(&small);
		say(&small, 0, i % 2);
		say(&small, 1, i == 9 ? 1 - i % 2 : i % 2);
	}
	next_item(&small);
	say(&small, 2, 0);
	rate(&small, costs);
	for (int i = 0; i < 9; i++)
	{
		assert_true(small.needs[9].gain > small.needs[i].gain);
		assert_true(small.needs[10].gain > small.needs[i].gain);
		assert_true(small.needs[i].settled);
		assert_true(small.needs[i].wrong < 0.1);
		assert_true(fabs(small.needs[i].cost - 4.0) < 1e-9);
	}
	assert_false(small.needs[10].settled);
	assert_true(fabs(small.needs[10].cost - 1.0) < 1e-9);
}


/* A gold item is what it is; one class leaves no doubt; nothing is nothing. */
static void
test_edges(void **state)
{
	Small		small;
	int32_t		gold[1] = {1};

	(void) state;
	set_up(&small, 1, 2);
	next_item(&small);
	say(&small, 0, 0);
	small.data.gold = gold;
	rate(&small, NULL);
	assert_true(small.posterior[1] == 1.0);
	assert_true(small.needs[0].settled);
	assert_true(small.needs[0].wrong == 0.0);

	set_up(&small, 1, 1);
	next_item(&small);
	say(&small, 0, 0);
	rate(&small, NULL);
	assert_true(small.needs[0].wrong == 0.0);
	assert_true(small.needs[0].gain == 0.0);

	set_up(&small, 0, 2);
	rate(&small, NULL);
}


static bool
stop_at_once(void *state, double done)
{
	(void) state;
	(void) done;
	return false;
}


static void
test_stop(void **state)
{
	Small		small;

	(void) state;
	set_up(&small, 1, 2);
	next_item(&small);
	say(&small, 0, 0);
	small.fit.progress = stop_at_once;
	assert_int_equal(consensus_fit_skills(&small.data, &small.fit),
					 CONSENSUS_STOPPED);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_answer),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
