/*-------------------------------------------------------------------------
 *
 * gamma_kernel.h
 *	  The logarithm of the gamma function, and its derivative.
 *
 * Variational methods want both, of the same argument, for every cell of
 * every confusion matrix; made together they share a logarithm.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_GAMMA_KERNEL_H
#define TDP_GAMMA_KERNEL_H

#include <math.h>

typedef struct LogGamma
{
	double		value;			/* ln gamma(x) */
	double		derivative;		/* digamma(x) */
} LogGamma;

/*
 * log_gamma of an x above 0 (1e-100 or more): to 1e-13, relatively or
 * absolutely, whichever is more.  Below 8 by the recurrence
 * gamma(x + 1) = x gamma(x), from there by Stirling's series (Abramowitz and
 * Stegun, 6.1.40 and 6.3.18).
 */
static inline LogGamma
log_gamma(double x)
{
	LogGamma	result;
	double		product = 1.0;
	double		inverses = 0.0;
	double		r;
	double		rr;
	double		ln;

	while (x < 8.0)
	{
		product *= x;
		inverses += 1.0 / x;
		x += 1.0;
	}
	r = 1.0 / x;
	rr = r * r;
	ln = log(x);
	result.value = (x - 0.5) * ln - x + 0.91893853320467274178 +
		r * (1.0 / 12 - rr * (1.0 / 360 - rr *
							  (1.0 / 1260 - rr * (1.0 / 1680 - rr *
												  (1.0 / 1188 - rr * 691.0 / 360360)))));
	if (product != 1.0)
		result.value -= log(product);
	result.derivative = ln - 0.5 * r - inverses -
		rr * (1.0 / 12 - rr * (1.0 / 120 - rr *
							   (1.0 / 252 - rr * (1.0 / 240 - rr *
												  (1.0 / 132 - rr * 691.0 / 32760)))));
	return result;
}

#endif							/* TDP_GAMMA_KERNEL_H */
