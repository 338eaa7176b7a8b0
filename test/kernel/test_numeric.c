/*-------------------------------------------------------------------------
 *
 * test_numeric.c
 *	  Truth inference over numbers.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_bench.h"

#include "consensus/numeric_kernel.h"

#define MOST_LEVELS 101

typedef struct NumericBench
{
	Bench	   *bench;
	double		number[MOST_LEVELS];
	NumericData data;
	NumericFit	fit;
} NumericBench;


static NumericBench *
begin_numeric(int32_t nitems, int32_t nannotators, int32_t nlevels)
{
	NumericBench *of = calloc(1, sizeof(NumericBench));

	assert_non_null(of);
	of->bench = begin(nitems, nannotators, nlevels);
	for (int32_t k = 0; k < nlevels; k++)
		of->number[k] = (double) k / nlevels;
	return of;
}


static void
prepare_numeric(NumericBench *of)
{
	size_t		nitems = (size_t) of->bench->data.nitems;
	size_t		nannotators = (size_t) of->bench->data.nannotators;
	size_t		memory;

	arrange(of->bench);
	of->data.answers = of->bench->data;
	of->data.number = of->number;
	memory = numeric_memory(&of->data);
	if (numeric_ordinal_memory(&of->data) > memory)
		memory = numeric_ordinal_memory(&of->data);
	of->fit.work = give(memory, 1);
	of->fit.value = give(nitems, sizeof(double));
	of->fit.error = give(nitems, sizeof(double));
	of->fit.weights = give(nannotators, sizeof(double));
	of->fit.bias = give(nannotators, sizeof(double));
	of->fit.smoothing = -1.0;
	of->fit.max_iter = 100;
	of->fit.tolerance = 0.001;
}


static void
end_numeric(NumericBench *of)
{
	free(of->fit.work);
	free(of->fit.value);
	free(of->fit.error);
	free(of->fit.weights);
	free(of->fit.bias);
	end(of->bench);
	free(of);
}


static void
test_mean_and_median(void **state)
{
	NumericBench *of = begin_numeric(2, 4, 100);

	(void) state;
	add_row(of->bench, 0, 0, 10, 1.0);
	add_row(of->bench, 0, 1, 20, 1.0);
	add_row(of->bench, 0, 2, 60, 1.0);
	add_row(of->bench, 0, 3, 70, 3.0);
	add_row(of->bench, 1, 0, 40, 1.0);
	add_row(of->bench, 1, 1, 50, 1.0);
	prepare_numeric(of);
	assert_int_equal(numeric_mean(&of->data, &of->fit), CONSENSUS_DONE);
	assert_float_equal(of->fit.value[0], 0.5, 1e-12);
	assert_float_equal(of->fit.value[1], 0.45, 1e-12);
	assert_float_equal(of->fit.error[1], 0.05, 1e-12);
	assert_int_equal(numeric_median(&of->data, &of->fit), CONSENSUS_DONE);
	assert_float_equal(of->fit.value[0], 0.65, 1e-12);
	assert_float_equal(of->fit.value[1], 0.45, 1e-12);
	/* the two hold the median with probability 1/2 */
	assert_float_equal(of->fit.error[1], 0.05 / 0.6744897501960817, 1e-9);
	end_numeric(of);
}


static double
noise(double deviation)
{
	double		sum = -6.0;

	for (int i = 0; i < 12; i++)
		sum += random_number();
	return deviation * sum;
}


/* Annotator j errs by 2 + 4 j; the last says too much by 15. */
static NumericBench *
random_numeric(int32_t nitems, bool gold)
{
	NumericBench *of = begin_numeric(nitems, 4, 101);

	if (gold)
		of->bench->gold = give((size_t) nitems, sizeof(int32_t));
	for (int32_t i = 0; i < nitems; i++)
	{
		int32_t		truth = 20 + i % 40;

		if (gold)
			of->bench->gold[i] = i % 4 == 0 ? truth : -1;
		for (int32_t j = 0; j < 4; j++)
			add_row(of->bench, i, j, (int32_t)
					fmax(0.0, fmin(100.0, truth + (j == 3 ? 15 : 0) +
								   floor(noise(2.0 + 4.0 * j) + 0.5))), 1.0);
	}
	of->bench->data.gold = of->bench->gold;
	prepare_numeric(of);
	return of;
}


static double
squared_error(const NumericBench *of)
{
	double		sum = 0.0;

	for (int32_t i = 0; i < of->data.answers.nitems; i++)
		sum += pow(of->fit.value[i] * 101 - (20 + i % 40), 2.0);
	return sum / of->data.answers.nitems;
}


/* Each weighing method does better than the plain mean or median. */
static void
test_finds_who_errs(void **state)
{
	static const NumericMethod methods[] = {
		numeric_weighted_median, numeric_catd, numeric_pm, numeric_lfc,
		numeric_ordinal
	};
	NumericBench *of = random_numeric(1000, false);
	double		mean;

	(void) state;
	numeric_mean(&of->data, &of->fit);
	mean = squared_error(of);
	for (int m = 0; m < 5; m++)
	{
		assert_int_equal(methods[m] (&of->data, &of->fit), CONSENSUS_DONE);
		assert_true(of->fit.iterations > 1);
		assert_true(squared_error(of) < 0.75 * mean);
		assert_true(of->fit.weights[0] > of->fit.weights[2]);
	}
	end_numeric(of);
}


static void
test_gold_teaches_bias(void **state)
{
	NumericBench *of = random_numeric(400, true);

	(void) state;
	of->fit.biased = true;
	assert_int_equal(numeric_lfc(&of->data, &of->fit), CONSENSUS_DONE);
	assert_float_equal(of->fit.bias[3] * 101, 15.0, 3.0);
	assert_float_equal(of->fit.bias[0] * 101, 0.0, 1.0);
	assert_float_equal(of->fit.error[0], 0.0, 0.0);
	assert_int_equal(numeric_ordinal(&of->data, &of->fit), CONSENSUS_DONE);
	assert_true(of->fit.bias[3] * 101 > 5.0);
	end_numeric(of);
}


/* What a fit climbs never goes down. */
static void
test_objective_rises(void **state)
{
	(void) state;
	for (int variant = 0; variant < 8; variant++)
	{
		NumericBench *of = random_numeric(200, variant % 2 == 1);
		double		last = -INFINITY;

		of->fit.biased = variant & 2;
		of->fit.shrink = variant & 4;
		of->fit.tolerance = 0.0;
		for (int n = 2; n < 25; n++)
		{
			of->fit.max_iter = n;
			numeric_lfc(&of->data, &of->fit);
			assert_true(of->fit.objective >= last - 1e-8 * fabs(last));
			last = of->fit.objective;
		}
		last = -INFINITY;
		for (int n = 1; n < 15 && variant < 2; n++)
		{
			of->fit.max_iter = n;
			numeric_ordinal(&of->data, &of->fit);
			assert_true(of->fit.objective >= last - 1e-8 * fabs(last));
			last = of->fit.objective;
		}
		end_numeric(of);
	}
}


static bool
stop_at_once(void *state, double done)
{
	(void) state;
	(void) done;
	return false;
}


static void
test_stops(void **state)
{
	NumericBench *of = random_numeric(1400, false);

	(void) state;
	of->fit.progress = stop_at_once;
	of->fit.tolerance = 0.0;
	of->fit.max_iter = 1000000;
	assert_int_equal(numeric_lfc(&of->data, &of->fit), CONSENSUS_STOPPED);
	assert_int_equal(numeric_ordinal(&of->data, &of->fit), CONSENSUS_STOPPED);
	assert_int_equal(numeric_median(&of->data, &of->fit), CONSENSUS_STOPPED);
	end_numeric(of);
}


static void
test_normal(void **state)
{
	(void) state;
	assert_float_equal(numeric_normal(1.959963984540054), 0.975, 1e-12);
	assert_float_equal(numeric_normal_quantile(0.975), 1.959963984540054, 1e-9);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mean_and_median),
		cmocka_unit_test(test_finds_who_errs),
		cmocka_unit_test(test_gold_teaches_bias),
		cmocka_unit_test(test_objective_rises),
		cmocka_unit_test(test_stops),
		cmocka_unit_test(test_normal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
