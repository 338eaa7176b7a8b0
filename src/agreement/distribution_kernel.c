/*-------------------------------------------------------------------------
 *
 * distribution_kernel.c
 *	  Tails and quantiles of the t, F and chi-square distributions.
 *
 * All rest on the incomplete beta and gamma functions.  What stands before
 * their continued fractions is a density; it is made of deviances and of
 * what Stirling's formula leaves over (Loader, Fast and Accurate Computation
 * of Binomial Probabilities, 2000), since differences of logarithms of gamma
 * functions lose all digits where their arguments are large.
 *
 *-------------------------------------------------------------------------
 */
#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "agreement/distribution_kernel.h"

#define TWO_PI 6.28318530717958647693
#define HALF_LOG_TWO_PI 0.918938533204672741780
#define TINY 1e-300
#define MAX_TERMS 1000000


/* log Gamma(z) less Stirling's (z - 1/2) log z - z + log(2 pi) / 2 */
static double
stirling_rest(double z)
{
	double		square = z * z;

	if (z < 16)
		return lgamma(z) - (z - 0.5) * log(z) + z - HALF_LOG_TWO_PI;
	return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 /
												   square) / square) / square) / square) / z;
}


/* a log(a / m) + m - a, without cancellation where a is near m */
static double
deviance(double a, double m)
{
	double		v = (a - m) / (a + m);
	double		sum = (a - m) * v;
	double		term = 2 * a * v;

	if (fabs(v) >= 0.1)
		return a * log(a / m) + m - a;
	for (int j = 3; j < 1000; j += 2)
	{
		double		before = sum;

		term *= v * v;
		sum += term / j;
		if (sum == before)
			break;
	}
	return sum;
}


/* x^a y^b / B(a, b) */
static double
beta_density(double x, double y, double a, double b)
{
	double		n = a + b;

	return sqrt(a / n * b / TWO_PI) *
		exp(stirling_rest(n) - stirling_rest(a) - stirling_rest(b) -
			deviance(a, n * x) - deviance(b, n * y));
}


static double
not_zero(double value)
{
	return fabs(value) < TINY ? TINY : value;
}


/*
 * What x^a y^b / B(a, b) is to be divided by: the continued fraction of
 * Didonato and Morris (ACM TOMS 18, 1992), by Lentz's method.  Quick for x
 * below a / (a + b), and without cancellation where x is near 1.
 */
static double
beta_fraction(double x, double y, double a, double b)
{
	double		result = a / (a + 1) * (a * y - b * x + 1);
	double		c;
	double		d = 0;

	result = c = not_zero(result);
	for (int m = 1; m < MAX_TERMS; m++)
	{
		double		a2m = a + 2.0 * m;
		double		numerator = (a + m - 1) / (a2m - 1) *
			((a + b + m - 1) / (a2m - 1)) * (m * x) * ((b - m) * x);
		double		denominator = m + m * (b - m) * x / (a2m - 1) +
			(a + m) / (a2m + 1) * (a * y - b * x + 1 + m * (1 + y));
		double		step;

		d = 1 / not_zero(denominator + numerator * d);
		c = not_zero(denominator + numerator / c);
		step = c * d;
		result *= step;
		if (fabs(step - 1) <= DBL_EPSILON)
			break;
	}
	return result;
}


double
agreement_beta(double x, double y, double a, double b)
{
	if (!(a > 0) || !(b > 0) || isnan(x) || isnan(y))
		return NAN;
	if (x <= 0)
		return 0;
	if (y <= 0)
		return 1;
	if (x * (a + b) < a)
		return fmin(1, beta_density(x, y, a, b) / beta_fraction(x, y, a, b));
	return fmax(0, 1 - beta_density(x, y, a, b) / beta_fraction(y, x, b, a));
}


double
agreement_f_tail(double f, double df1, double df2)
{
	double		odds = f * (df1 / df2);

	if (!(df1 > 0) || !(df2 > 0) || isnan(f))
		return NAN;
	if (f <= 0)
		return 1;
	if (isinf(odds))
		return 0;
	return agreement_beta(1 / (1 + odds), odds / (1 + odds), df2 / 2, df1 / 2);
}


/* P(F < f), with its own digits where it is small. */
static double
f_below(double f, double df1, double df2)
{
	double		odds = f * (df1 / df2);

	return agreement_beta(odds / (1 + odds), 1 / (1 + odds), df1 / 2, df2 / 2);
}


double
agreement_t_tail(double t, double df)
{
	double		half = agreement_f_tail(t * t, 1, df) / 2;

	return t < 0 ? 1 - half : half;
}


/* The sum x^n / ((a + 1) ... (a + n)), DLMF 8.11.4. */
static double
gamma_series(double x, double a)
{
	double		term = 1;
	double		sum = 1;

	for (int n = 1; n < MAX_TERMS && term > sum * DBL_EPSILON / 4; n++)
	{
		term *= x / (a + n);
		sum += term;
	}
	return sum / a;
}


/* DLMF 8.9.2, by Lentz's method; for x of at least a + 1. */
static double
gamma_fraction(double x, double a)
{
	double		b = x + 1 - a;
	double		c = 1 / TINY;
	double		d = 1 / b;
	double		result = d;

	for (int n = 1; n < MAX_TERMS; n++)
	{
		double		numerator = n * (a - n);
		double		step;

		b += 2;
		d = 1 / not_zero(numerator * d + b);
		c = not_zero(b + numerator / c);
		step = d * c;
		result *= step;
		if (fabs(step - 1) <= DBL_EPSILON)
			break;
	}
	return result;
}


double
agreement_chi_square_tail(double x, double df)
{
	double		a = df / 2;
	double		half = x / 2;
	double		density;

	if (!(df > 0) || isnan(x))
		return NAN;
	if (x <= 0)
		return 1;
	if (isinf(x))
		return 0;
	/* x^a e^-x / Gamma(a) */
	density = sqrt(a / TWO_PI) * exp(-stirling_rest(a) - deviance(a, half));
	if (half < a + 1)
		return fmax(0, 1 - density * gamma_series(half, a));
	return density * gamma_fraction(half, a);
}


/*
 * The f whose tail, the upper or the lower one, is p.  Newton's steps on the
 * logarithms of both, kept in a bracket that halves where they would leave it.
 */
static double
f_of_tail(double p, bool upper, double df1, double df2)
{
	double		low = -700;
	double		high = 700;
	double		at = 0;

	for (int i = 0; i < 200 && high - low > DBL_EPSILON * fmax(1, fabs(at)); i++)
	{
		double		f = exp(at);
		double		odds = f * (df1 / df2);
		double		tail = upper ? agreement_f_tail(f, df1, df2)
			: f_below(f, df1, df2);
		double		density = beta_density(odds / (1 + odds), 1 / (1 + odds),
										   df1 / 2, df2 / 2);
		double		next;

		if (tail == p)
			break;
		if ((tail > p) == upper)
			low = at;
		else
			high = at;
		next = at + (upper ? 1 : -1) * (log(tail) - log(p)) * tail / density;
		if (!(next > low && next < high))
			next = (low + high) / 2;
		if (fabs(next - at) <= DBL_EPSILON / 2 * fmax(1, fabs(at)))
			break;
		at = next;
	}
	return exp(at);
}


double
agreement_f_quantile(double p, double df1, double df2)
{
	if (!(p > 0 && p < 1) || !(df1 > 0) || !(df2 > 0))
		return NAN;
	return p > 0.5 ? f_of_tail(1 - p, true, df1, df2)
		: f_of_tail(p, false, df1, df2);
}


/* The square of t has an F distribution. */
double
agreement_t_quantile(double p, double df)
{
	if (!(p > 0 && p < 1) || !(df > 0))
		return NAN;
	if (p == 0.5)
		return 0;
	return p > 0.5 ? sqrt(f_of_tail(2 * (1 - p), true, 1, df))
		: -sqrt(f_of_tail(2 * p, true, 1, df));
}
