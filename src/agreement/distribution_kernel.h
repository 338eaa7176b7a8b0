/*-------------------------------------------------------------------------
 *
 * distribution_kernel.h
 *	  Tails and quantiles of the t, F and chi-square distributions.
 *
 * Good to about 13 digits, also where the degrees of freedom are in the
 * millions or the tail is far out.  Degrees of freedom may be fractions;
 * they and a quantile's probability are positive, or the result is NaN.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_DISTRIBUTION_KERNEL_H
#define TDP_DISTRIBUTION_KERNEL_H

/*
 * agreement_beta is the regularised incomplete beta function I_x(a, b), with
 * y = 1 - x given apart so that neither end loses digits.  DLMF 8.17.
 */
extern double agreement_beta(double x, double y, double a, double b);

/* P(T > t), P(F > f) and P(X > x): the upper tails. */
extern double agreement_t_tail(double t, double df);
extern double agreement_f_tail(double f, double df1, double df2);
extern double agreement_chi_square_tail(double x, double df);

/* The value below which a share p of the distribution lies, 0 < p < 1. */
extern double agreement_t_quantile(double p, double df);
extern double agreement_f_quantile(double p, double df1, double df2);

#endif							/* TDP_DISTRIBUTION_KERNEL_H */
