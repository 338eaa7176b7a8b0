/*-------------------------------------------------------------------------
 *
 * test_choose.c
 *	  Answers hidden and foretold, candidates compared, certainty calibrated.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_bench.h"

#define ITEMS 200
#define ANNOTATORS 6


static Bench *
make_answers(void)
{
	Bench	   *bench = begin(ITEMS + 1, ANNOTATORS, 2);

	for (int32_t i = 0; i < ITEMS; i++)
		for (int32_t j = 0; j < ANNOTATORS; j++)
			add_row(bench, i, j, random_number() < 0.8 ? i % 2 : 1 - i % 2, 1);
	add_row(bench, ITEMS, 0, 1, 1);
	arrange(bench);
	return bench;
}


static int64_t
hide(const Bench *bench, uint64_t seed, double share, double items,
	 ConsensusData *kept, ConsensusHidden *hidden)
{
	ConsensusHiding how = {.seed = seed, .share = share, .items = items};

	return consensus_hide(&bench->data, &how, kept, NULL, hidden);
}


static void
test_hiding(void **state)
{
	Bench	   *bench = make_answers();
	ConsensusData kept = {0};
	ConsensusHidden *hidden = give((size_t) bench->nrows, sizeof(ConsensusHidden));
	int64_t		n;

	(void) state;
	kept.start = give(ITEMS + 2, sizeof(int64_t));
	kept.answers = give((size_t) bench->nrows, sizeof(ConsensusAnswer));

	n = hide(bench, 1, 0.15, 1.0, &kept, hidden);
	assert_int_equal(kept.nitems, ITEMS + 1);
	assert_int_equal(kept.nanswers + n, bench->data.nanswers);
	assert_true(n > 120 && n < 240);
	for (int32_t i = 0; i < kept.nitems; i++)
		assert_true(kept.start[i + 1] > kept.start[i]);

	/* what would leave nothing hides nothing */
	assert_int_equal(hide(bench, 1, 1.0, 1.0, &kept, hidden), 0);
	assert_int_equal(kept.nanswers, bench->data.nanswers);
	assert_int_equal(hide(bench, 1, 0.0, 1.0, &kept, hidden), 0);

	/* a part of the items */
	(void) hide(bench, 3, 0.15, 0.5, &kept, hidden);
	assert_true(kept.nitems > 70 && kept.nitems < 130);

	free(kept.start);
	free(kept.answers);
	free(hidden);
	end(bench);
}


static void
test_foretelling(void **state)
{
	double		probability[] = {0.75, 0.25};
	double		confusion[] = {0.9, 0.2, 0.1, 0.8};
	ConsensusData kept = {.nitems = 1, .nannotators = 1, .nclasses = 2};
	ConsensusFit fit = {.confusion = confusion};
	ConsensusHidden hidden[] = {{.answer = {0, 0, 1.0}}, {.answer = {0, 1, 1.0}}};
	double		found[2];

	(void) state;
	fit.posterior.probability = probability;
	consensus_foretell(&kept, &fit, hidden, 2, found);
	assert_true(fabs(found[0] - log(0.75 * 0.9 + 0.25 * 0.2)) < 1e-14);
	assert_true(fabs(found[1] - log(0.75 * 0.1 + 0.25 * 0.8)) < 1e-14);

	/* a surprise is worth no more than 1e-10 */
	confusion[0] = confusion[1] = 0.0;
	consensus_foretell(&kept, &fit, hidden, 1, found);
	assert_true(fabs(found[0] - log(1e-10)) < 1e-12);
}


static void
test_picking(void **state)
{
	ConsensusHidden hidden[100];
	double		reference[100];
	double		better[100];
	double		noisy[100];
	ConsensusComparison sums[3] = {{0}};

	(void) state;
	for (int i = 0; i < 100; i++)
	{
		hidden[i].answer.weight = 1.0;
		reference[i] = -1.0;
		better[i] = -0.99 + (i % 2 ? 0.02 : -0.02);
		noisy[i] = -0.95 + (i % 2 ? 1.0 : -1.0);
	}
	consensus_compare(hidden, 100, reference, reference, &sums[0]);
	consensus_compare(hidden, 100, better, reference, &sums[1]);
	consensus_compare(hidden, 100, noisy, reference, &sums[2]);
	assert_true(fabs(sums[1].more - 1.0) < 1e-12);

	/* standard errors are 0.002 and 0.1 */
	assert_int_equal(consensus_pick_best(sums, 3, 0.0), 2);
	assert_int_equal(consensus_pick_best(sums, 3, 2.0), 1);
	assert_int_equal(consensus_pick_best(sums, 3, 5.1), 0);
	assert_int_equal(consensus_pick_best(sums, 1, 0.0), 0);
	memset(sums, 0, sizeof(sums));
	assert_int_equal(consensus_pick_best(sums, 3, 2.0), 0);
}


static void
test_support(void **state)
{
	Bench	   *bench = begin(1, 3, 2);
	double		shares[] = {0.5, 0.5};
	double		confusion[] = {0.8, 0.2, 0.2, 0.8, 0.8, 0.2, 0.2, 0.8,
	0.8, 0.2, 0.2, 0.8};
	ConsensusChoice choice = {.label = 1, .confidence = 0.6};
	ConsensusFit fit = {.shares = shares};
	double		scratch[2];

	(void) state;
	add_row(bench, 0, 0, 1, 1);
	add_row(bench, 0, 1, 1, 1);
	add_row(bench, 0, 2, 0, 1);
	arrange(bench);
	assert_true(consensus_support(&bench->data, &fit, 0, &choice, 0.7,
								  scratch) == 0.6);
	fit.confusion = confusion;
	assert_true(fabs(consensus_support(&bench->data, &fit, 0, &choice,
									   0.7, scratch) -
					 0.7 * 0.8 - 0.3 * 2 / 3) < 1e-14);
	end(bench);
}


/* Hidden answers for the model, for the votes, for neither, or none. */
static void
test_mixing(void **state)
{
	Bench	   *bench = begin(1, 2, 2);
	double		shares[] = {0.5, 0.5};
	double		confusion[] = {0.9, 0.1, 0.1, 0.9, 0.9, 0.1, 0.1, 0.9};
	ConsensusFit fit = {.shares = shares, .confusion = confusion};
	ConsensusHidden hidden[] = {{.answer = {1, 0, 1.0}},
	{.answer = {1, 1, 1.0}}};
	ConsensusMixing mixing = {{0}};
	const int32_t known[] = {0};
	double		scratch[2];
	double		share;

	(void) state;
	assert_true(fabs(consensus_model_share(&mixing) - 0.7) < 1e-12);

	/* one vote for 0: the model gives it 0.9, the votes 1 */
	add_row(bench, 0, 0, 0, 1);
	arrange(bench);
	consensus_mix(&bench->data, &fit, hidden, 1, scratch, &mixing);
	assert_true(fabs(mixing.log_likelihood[0] - log(0.9)) < 1e-14);
	assert_true(fabs(mixing.log_likelihood[CONSENSUS_MIXTURES] -
					 log(0.82)) < 1e-14);
	assert_true(fabs(mixing.log_likelihood[CONSENSUS_MIXTURES / 2] -
					 log(0.86)) < 1e-14);
	share = consensus_model_share(&mixing);
	assert_true(share < 0.7 && share > 0.69);
	for (int i = 0; i < 2000; i++)
		consensus_mix(&bench->data, &fit, hidden, 1, scratch, &mixing);
	assert_true(fabs(consensus_model_share(&mixing) - 0.125) < 1e-12);

	/* the more of them are against it, the more is the model's */
	for (int i = 0; i < 2000; i++)
		consensus_mix(&bench->data, &fit, hidden + 1, 1, scratch, &mixing);
	assert_true(fabs(consensus_model_share(&mixing) - 0.875) < 1e-12);

	/* an item with gold tells nothing, an answer of weight 0 neither */
	memset(&mixing, 0, sizeof(mixing));
	hidden[0].answer.weight = 0.0;
	consensus_mix(&bench->data, &fit, hidden, 1, scratch, &mixing);
	bench->data.gold = known;
	consensus_mix(&bench->data, &fit, hidden + 1, 1, scratch, &mixing);
	bench->data.gold = NULL;
	assert_true(mixing.log_likelihood[3] == 0.0);
	end(bench);
}


/* The curve's gradient is 0, it never falls, and certain items do no harm. */
static void
test_curve(void **state)
{
	double		support[1000];
	bool		right[1000];
	ConsensusCurve curve;
	double		offset_gradient;

	(void) state;
	for (int i = 0; i < 1000; i++)
	{
		support[i] = 0.5 + 0.0005 * i;
		right[i] = random_number() < 0.4 + 0.0005 * i;
	}
	consensus_fit_curve(support, right, 1000, &curve);
	offset_gradient = curve.offset;
	for (int i = 0; i < 1000; i++)
		offset_gradient += consensus_follow_curve(&curve, support[i]) - right[i];
	assert_true(fabs(offset_gradient) < 1e-6);
	assert_true(consensus_follow_curve(&curve, 0.9) < 0.9);
	for (int i = 1; i < 1000; i++)
		assert_true(consensus_follow_curve(&curve, support[i]) >=
					consensus_follow_curve(&curve, support[i - 1]));

	/* nothing known: as it stands */
	consensus_fit_curve(support, right, 0, &curve);
	assert_true(fabs(consensus_follow_curve(&curve, 0.7) - 0.7) < 1e-12);

	/* 0 and 1 are numbers, too, and what is always wrong never falls */
	for (int i = 0; i < 1000; i++)
	{
		support[i] = i % 2;
		right[i] = i % 2 == 0;
	}
	consensus_fit_curve(support, right, 1000, &curve);
	assert_true(curve.slope == 0.0);
	assert_true(isfinite(consensus_follow_curve(&curve, 1.0)));
}


static void
test_folds(void **state)
{
	int32_t		gold[500];
	int32_t		kept[500];
	int			hidden[500] = {0};

	(void) state;
	for (int i = 0; i < 500; i++)
		gold[i] = i % 3;
	for (int fold = 0; fold < CONSENSUS_FOLDS; fold++)
	{
		int			n = 0;

		consensus_hide_gold(gold, 500, fold, kept);
		for (int i = 0; i < 500; i++)
		{
			assert_true(kept[i] == gold[i] || kept[i] == -1);
			hidden[i] += kept[i] == -1;
			n += kept[i] == -1;
		}
		assert_true(n > 60 && n < 140);
	}
	for (int i = 0; i < 500; i++)
		assert_int_equal(hidden[i], 1);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hiding),
		cmocka_unit_test(test_foretelling),
		cmocka_unit_test(test_picking),
		cmocka_unit_test(test_support),
		cmocka_unit_test(test_mixing),
		cmocka_unit_test(test_curve),
		cmocka_unit_test(test_folds)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
