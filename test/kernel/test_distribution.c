/*-------------------------------------------------------------------------
 *
 * test_distribution.c
 *	  Tails and quantiles against tables, closed forms and each other.
 *
 *-------------------------------------------------------------------------
 */
#include "agreement_bench.h"

#include "agreement/distribution_kernel.h"

#define PI 3.14159265358979323846

static void
assert_digits(double value, double expected, double relative)
{
	if (!(fabs(value - expected) <= relative * fabs(expected)))
		fail_msg("%.17g is not %.17g", value, expected);
}


/* As scipy has them. */
static void
test_tables(void **state)
{
	(void) state;
	assert_digits(agreement_t_quantile(0.975, 1), 12.706204736174694, 1e-14);
	assert_digits(agreement_t_quantile(0.975, 29), 2.0452296421327034, 1e-14);
	assert_digits(agreement_t_quantile(0.975, 1e9), 1.9599639869123, 1e-12);
	assert_digits(agreement_t_quantile(0.025, 2), -4.302652729749464, 1e-14);
	assert_true(agreement_t_quantile(0.5, 7) == 0);
	assert_digits(agreement_f_quantile(0.95, 5, 15), 2.9012945362361, 1e-12);
	assert_digits(agreement_f_quantile(0.975, 5, 18), 3.3819678058752, 1e-12);
	assert_digits(agreement_f_quantile(0.025, 18, 5),
				  1 / agreement_f_quantile(0.975, 5, 18), 1e-13);
	assert_digits(agreement_chi_square_tail(3.841458820694124, 1), 0.05, 1e-13);
	assert_digits(agreement_chi_square_tail(18.307038053275146, 10), 0.05, 1e-13);
	/* the tail of beta (n1 + 1, n0 + 1) beyond 0.5: Sheng et al. 2008 */
	assert_digits(agreement_beta(0.5, 0.5, 4, 3), 0.34375, 1e-14);
	assert_digits(agreement_beta(0.5, 0.5, 5, 2), 7.0 / 64, 1e-14);
	assert_digits(agreement_beta(0.5, 0.5, 6, 1), 1.0 / 64, 1e-14);
}


/* Where there is a formula. */
static void
test_closed_forms(void **state)
{
	(void) state;
	for (double t = 1e-8; t < 1e8; t *= 7)
	{
		double		root = sqrt(t * t + 2);

		assert_digits(agreement_t_tail(t, 1), atan2(1, t) / PI, 1e-13);
		assert_digits(agreement_t_tail(-t, 1), 1 - atan2(1, t) / PI, 1e-13);
		assert_digits(agreement_t_tail(t, 2), 1 / (root * (root + t)), 1e-13);
		assert_digits(agreement_f_tail(t, 2, 2e6), pow(1 + t / 1e6, -1e6),
					  t > 300 ? 1 : 1e-9);
		assert_digits(agreement_f_tail(t, 2, 6), pow(1 + t / 3, -3), 1e-13);
	}
	for (double x = 1e-6; x < 1400; x *= 3)
	{
		assert_digits(agreement_chi_square_tail(x, 2), exp(-x / 2), 1e-12);
		assert_digits(agreement_chi_square_tail(x, 4),
					  exp(-x / 2) * (1 + x / 2), 1e-12);
		assert_digits(agreement_chi_square_tail(x, 1), erfc(sqrt(x / 2)), 1e-12);
	}
}


/* A quantile's tail is what was asked for. */
static void
test_there_and_back(void **state)
{
	const double df[] = {0.5, 1, 3.7, 18, 250, 1e5, 1e9};
	const double p[] = {1e-9, 0.025, 0.3, 0.5, 0.7, 0.975, 0.9999};

	(void) state;
	for (int i = 0; i < 7; i++)
		for (int k = 0; k < 7; k++)
		{
			double		t = agreement_t_quantile(p[k], df[i]);

			assert_digits(agreement_t_tail(t, df[i]), 1 - p[k], 1e-11);
			for (int j = 0; j < 7; j++)
			{
				double		f = agreement_f_quantile(p[k], df[i], df[j]);

				assert_digits(agreement_f_tail(f, df[i], df[j]), 1 - p[k],
							  1e-6);
				if (p[k] > 0.001)
					assert_digits(f * agreement_f_quantile(1 - p[k], df[j], df[i]),
								  1, 1e-7);
			}
		}
}


static void
test_ends(void **state)
{
	(void) state;
	assert_true(agreement_f_tail(0, 3, 4) == 1);
	assert_true(agreement_f_tail(-1, 3, 4) == 1);
	assert_true(agreement_f_tail(INFINITY, 3, 4) == 0);
	assert_true(agreement_t_tail(INFINITY, 4) == 0);
	assert_true(agreement_t_tail(0, 4) == 0.5);
	assert_true(agreement_chi_square_tail(0, 4) == 1);
	assert_true(agreement_chi_square_tail(INFINITY, 4) == 0);
	assert_true(isnan(agreement_f_tail(NAN, 3, 4)));
	assert_true(isnan(agreement_f_tail(1, 0, 4)));
	assert_true(isnan(agreement_t_tail(1, -1)));
	assert_true(isnan(agreement_chi_square_tail(1, 0)));
	assert_true(isnan(agreement_t_quantile(1, 3)));
	assert_true(isnan(agreement_t_quantile(0, 3)));
	assert_true(isnan(agreement_f_quantile(0.5, NAN, 3)));
	assert_true(agreement_beta(0, 1, 2, 3) == 0);
	assert_true(agreement_beta(1, 0, 2, 3) == 1);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_closed_forms),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
