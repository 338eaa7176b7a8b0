/*-------------------------------------------------------------------------
 *
 * test_ebcc.c
 *	  Sub-types of classes: against a plain implementation of the formulas,
 *	  on errors that agree, and by what must not change.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_bench.h"

#include "consensus/gamma_kernel.h"


static void
prepare_types(Bench *bench, int32_t subtypes)
{
	ConsensusFit *fit = &bench->fit;
	size_t		types = (size_t) subtypes;

	free(bench->fit.type_posterior);
	free(bench->fit.type_confusion);
	prepare_fit(bench);
	free(fit->work);
	fit->work = give(consensus_ebcc_memory(&bench->data, subtypes), 1);
	fit->type_posterior = give((size_t) bench->data.nitems *
							   (size_t) bench->data.nclasses * types,
							   sizeof(double));
	fit->type_confusion = give(consensus_cells(&bench->data) * types,
							   sizeof(double));
	fit->subtypes = subtypes;
	fit->restarts = 1;
	fit->smoothing = 1.0;
	fit->diagonal = 3.0;
	fit->tolerance = 0.001;
	fit->max_iter = 500;
}


static void
finish(Bench *bench)
{
	free(bench->fit.type_posterior);
	free(bench->fit.type_confusion);
	end(bench);
}


static void
fit_ebcc(Bench *bench, int32_t subtypes, int32_t max_iter)
{
	prepare_types(bench, subtypes);
	bench->fit.tolerance = -1.0;
	bench->fit.max_iter = max_iter;
	assert_int_equal(consensus_ebcc(&bench->data, &bench->fit),
					 CONSENSUS_DONE);
}


/* ---- the gamma function ------------------------------------------------- */

static void
test_log_gamma(void **state)
{
	(void) state;
	for (double x = 1e-3; x < 1e6; x *= 1.07)
		assert_float_equal(log_gamma(x).value, lgamma(x),
						   1e-12 * fmax(1.0, fabs(lgamma(x))));
	/* minus Euler's constant; that less 2 ln 2; tables' value at 10 */
	assert_float_equal(log_gamma(1.0).derivative, -0.57721566490153286, 1e-13);
	assert_float_equal(log_gamma(0.5).derivative, -1.96351002602142348, 1e-13);
	assert_float_equal(log_gamma(10.0).derivative, 2.25175258906672111, 1e-13);
	assert_float_equal(log_gamma(1e-3).derivative, -1000.5755719318103, 1e-9);
	assert_true(isfinite(log_gamma(1e-100).derivative));
}


/* ---- the formulas ------------------------------------------------------- */

/* Expected logarithm of a share of that count out of the total. */
static long double
expected_log(long double count, long double total)
{
	return (long double) log_gamma((double) count).derivative -
		(long double) log_gamma((double) total).derivative;
}


/*
 * One round by the book, from the states of "before": the states that come
 * of them, for an item.
 */
static void
plain_item(const Bench *bench, const double *before, int32_t subtypes,
		   int32_t item, long double *z)
{
	const ConsensusData *data = &bench->data;
	int32_t		nclasses = data->nclasses;
	int32_t		nstates = nclasses * subtypes;
	long double sum = 0;

	for (int32_t s = 0; s < nstates; s++)
	{
		int32_t		k = s / subtypes;
		long double of_class = 0;
		long double of_state = 0;

		for (int32_t i = 0; i < data->nitems; i++)
			for (int32_t m = 0; m < subtypes; m++)
			{
				double		p = before[i * nstates + k * subtypes + m];

				of_class += p;
				of_state += m == s % subtypes ? p : 0;
			}
		z[s] = data->priors != NULL ? logl(data->priors[k])
			: expected_log(of_class + 1, data->nitems + nclasses);
		if (data->gold != NULL && data->gold[item] >= 0)
			z[s] = data->gold[item] == k ? 0 : -INFINITY;
		z[s] += expected_log(of_state + 0.1L / subtypes, of_class + 0.1L);
		for (int64_t a = data->start[item]; a < data->start[item + 1]; a++)
		{
			long double same = bench->fit.smoothing;
			long double all = bench->fit.smoothing * nclasses +
				bench->fit.diagonal;

			if (data->answers[a].label == k)
				same += bench->fit.diagonal;
			for (int32_t i = 0; i < data->nitems; i++)
				for (int64_t b = data->start[i]; b < data->start[i + 1]; b++)
					if (data->answers[b].annotator == data->answers[a].annotator)
					{
						long double p = data->answers[b].weight *
							before[i * nstates + s];

						all += p;
						same += data->answers[b].label ==
							data->answers[a].label ? p : 0;
					}
			z[s] += data->answers[a].weight * expected_log(same, all);
		}
	}
	for (int32_t s = 0; s < nstates; s++)
		sum += expl(z[s]);
	for (int32_t s = 0; s < nstates; s++)
		z[s] = expl(z[s]) / sum;
}


static void
assert_round_as_plain(Bench *bench, int32_t subtypes, int32_t round)
{
	size_t		nstates = (size_t) bench->data.nclasses * (size_t) subtypes;
	size_t		n = (size_t) bench->data.nitems * nstates;
	double	   *before = give(n, sizeof(double));
	long double z[64];

	fit_ebcc(bench, subtypes, round);
	memcpy(before, bench->fit.type_posterior, n * sizeof(double));
	fit_ebcc(bench, subtypes, round + 1);
	for (int32_t i = 0; i < bench->data.nitems; i++)
	{
		plain_item(bench, before, subtypes, i, z);
		for (int32_t k = 0; k < bench->data.nclasses; k++)
		{
			long double sum = 0;

			for (size_t s = (size_t) k * (size_t) subtypes;
				 s < (size_t) (k + 1) * (size_t) subtypes; s++)
			{
				assert_float_equal(bench->fit.type_posterior[(size_t) i * nstates + s],
								   (double) z[s], 1e-9);
				sum += z[s];
			}
			assert_float_equal(probability(bench, i, k), (double) sum, 1e-9);
		}
	}
	free(before);
}


static void
test_against_the_formulas(void **state)
{
	(void) state;
	for (int32_t nclasses = 1; nclasses <= 5; nclasses++)
		for (int32_t subtypes = 1; subtypes <= 4; subtypes++)
		{
			Bench	   *bench = random_bench(40, 6, nclasses, 4,
											 subtypes % 2 == 0);
			double		priors[5];

			assert_round_as_plain(bench, subtypes, 1);
			assert_round_as_plain(bench, subtypes, 6);
			bench->gold = give(40, sizeof(int32_t));
			for (int32_t i = 0; i < 40; i++)
				bench->gold[i] = i % 4 == 0 ? random_below(nclasses) : -1;
			bench->data.gold = bench->gold;
			assert_round_as_plain(bench, subtypes, 3);
			for (int32_t k = 0; k < nclasses; k++)
				priors[k] = 2.0 * (k + 1) / (nclasses * (nclasses + 1));
			bench->data.priors = priors;
			assert_round_as_plain(bench, subtypes, 3);
			finish(bench);
		}
}


/* The bound of the answers' log-probability never falls. */
static void
test_never_falls(void **state)
{
	(void) state;
	for (int set = 0; set < 6; set++)
	{
		Bench	   *bench = random_bench(120, 11, 2 + set, 3 + set % 3,
										 set % 2 == 1);
		double		last = -INFINITY;

		if (set % 3 == 2)
		{
			bench->gold = give(120, sizeof(int32_t));
			for (int32_t i = 0; i < 120; i++)
				bench->gold[i] = i % 5 == 0 ? random_below(2) : -1;
			bench->data.gold = bench->gold;
		}
		for (int32_t t = 1; t <= 60; t++)
		{
			fit_ebcc(bench, 1 + set % 4, t);
			assert_int_equal(bench->fit.iterations, t);
			assert_true(bench->fit.objective >=
						last - 1e-9 * fabs(bench->fit.objective));
			last = bench->fit.objective;
		}
		finish(bench);
	}
}


/* ---- errors that agree --------------------------------------------------- */

/* Half of ten annotators see a part of the items alike, right or wrong. */
static Bench *
deceptive_bench(double deceptive)
{
	Bench	   *bench = begin(400, 10, 2);

	for (int32_t i = 0; i < 400; i++)
	{
		bool		deceives = random_number() < deceptive;

		for (int32_t j = 0; j < 10; j++)
		{
			int32_t		seen = deceives && j < 5 ? 1 - i % 2 : i % 2;

			add_row(bench, i, j, random_number() < 0.9 ? seen : 1 - seen, 1.0);
		}
	}
	arrange(bench);
	return bench;
}


static double
evidence(Bench *bench, int32_t subtypes)
{
	prepare_types(bench, subtypes);
	bench->fit.restarts = 4;
	assert_int_equal(consensus_ebcc(&bench->data, &bench->fit),
					 CONSENSUS_DONE);
	assert_true(bench->fit.converged);
	return bench->fit.objective;
}


/* Sub-types explain errors that agree, and are not needed where none do. */
static void
test_errors_that_agree(void **state)
{
	Bench	   *bench = deceptive_bench(0.0);
	int			right = 0;

	(void) state;
	assert_true(evidence(bench, 3) < evidence(bench, 1));
	finish(bench);

	bench = deceptive_bench(0.2);
	assert_true(evidence(bench, 3) > evidence(bench, 1) + 50);
	for (int32_t i = 0; i < 400; i++)
		right += consensus_choose(&bench->data, &bench->fit, i).label ==
			i % 2;
	assert_true(right > 0.7 * 400);
	finish(bench);
}


/* ---- what must not matter, and limits ------------------------------------ */

static void
assert_sound(const Bench *bench)
{
	const ConsensusFit *fit = &bench->fit;
	int32_t		nclasses = bench->data.nclasses;

	for (int32_t i = 0; i < bench->data.nitems; i++)
	{
		double		sum = 0.0;

		for (int32_t k = 0; k < nclasses; k++)
			sum += probability(bench, i, k);
		assert_float_equal(sum, 1.0, 1e-12);
	}
	for (int32_t j = 0; j < bench->data.nannotators; j++)
	{
		assert_true(isfinite(fit->weights[j]));
		for (int32_t k = 0; k < nclasses; k++)
		{
			double		sum = 0.0;

			for (int32_t l = 0; l < nclasses; l++)
				sum += error_rate(bench, j, k, l);
			assert_float_equal(sum, 1.0, 1e-9);
			for (int32_t m = 0; m < fit->subtypes; m++)
			{
				sum = 0.0;
				for (int32_t l = 0; l < nclasses; l++)
					sum += fit->type_confusion[((j * nclasses + l) * nclasses +
												k) * fit->subtypes + m];
				assert_float_equal(sum, 1.0, 1e-9);
			}
		}
	}
	assert_true(isfinite(fit->objective));
}


static void
test_seeds(void **state)
{
	Bench	   *bench = random_bench(200, 12, 3, 5, false);
	double	   *first = give(200 * 9, sizeof(double));
	double		single;

	(void) state;
	fit_ebcc(bench, 3, 20);
	memcpy(first, bench->fit.type_posterior, 200 * 9 * sizeof(double));
	single = bench->fit.objective;
	fit_ebcc(bench, 3, 20);
	assert_memory_equal(first, bench->fit.type_posterior,
						200 * 9 * sizeof(double));
	assert_sound(bench);

	prepare_types(bench, 3);
	bench->fit.seed = 7;
	bench->fit.max_iter = 20;
	consensus_ebcc(&bench->data, &bench->fit);
	assert_memory_not_equal(first, bench->fit.type_posterior,
							200 * 9 * sizeof(double));

	prepare_types(bench, 3);	/* the best of several is no worse than one */
	bench->fit.restarts = 5;
	bench->fit.max_iter = 20;
	bench->fit.tolerance = -1.0;
	consensus_ebcc(&bench->data, &bench->fit);
	assert_true(bench->fit.objective >= single);
	free(first);
	finish(bench);
}


static bool
stop_at_once(void *count, double done)
{
	(void) done;
	return --* (int *) count > 0;
}


static void
test_extremes(void **state)
{
	Bench	   *bench = random_bench(50, 1, 1, 1, false);
	double		priors[3] = {0.0, 1.0, 0.0};
	int			calls = 1;

	(void) state;
	fit_ebcc(bench, 3, 50);		/* nothing to tell */
	assert_sound(bench);
	finish(bench);

	bench = begin(1, 300, 3);	/* everybody on one item */
	for (int32_t j = 0; j < 300; j++)
		add_row(bench, 0, j, j % 3, j % 2 == 0 ? CONSENSUS_MOST_WEIGHT : 1e-100);
	arrange(bench);
	fit_ebcc(bench, 2, 50);
	assert_sound(bench);
	finish(bench);

	bench = random_bench(40, 5, 3, 3, false);	/* known to be impossible */
	bench->gold = give(40, sizeof(int32_t));
	for (int32_t i = 0; i < 40; i++)
		bench->gold[i] = i % 2 == 0 ? i % 3 : -1;
	bench->data.gold = bench->gold;
	bench->data.priors = priors;
	prepare_types(bench, 2);
	bench->fit.smoothing = bench->fit.diagonal = 0.0;
	assert_int_equal(consensus_ebcc(&bench->data, &bench->fit),
					 CONSENSUS_DONE);
	assert_sound(bench);
	assert_float_equal(probability(bench, 4, 1), 1.0, 0);

	prepare_types(bench, 2);
	bench->fit.progress = stop_at_once;
	bench->fit.progress_state = &calls;
	assert_int_equal(consensus_ebcc(&bench->data, &bench->fit),
					 CONSENSUS_STOPPED);
	finish(bench);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log_gamma),
		cmocka_unit_test(test_against_the_formulas),
		cmocka_unit_test(test_never_falls),
		cmocka_unit_test(test_errors_that_agree),
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_extremes)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
