/*-------------------------------------------------------------------------
 *
 * weights_kernel.c
 *	  How unlike two labels are.
 *
 * Each scale gives a label a place, in one dimension or on a circle, so that
 * a distance costs a few operations: chance compares all labels with all,
 * unless the scale lets one walk along the labels add up the same.
 * Halves are taken so that no sum or difference of finite numbers overflows.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "agreement/matrix_kernel.h"

#define PROCEED_EVERY 1048576	/* pairs of labels */
#define PI 3.14159265358979323846


static inline double
half(const uint64_t *labels, uint32_t k)
{
	return agreement_key_number(labels[k]) / 2;
}


/* The least and the greatest label: of those that have a count. */
static void
find_ends(const AgreementScale *scale, const uint64_t *labels, uint32_t count,
		  double *low, double *high)
{
	uint32_t	first = 0;
	uint32_t	last = count - 1;

	if (scale->counts != NULL)
	{
		while (first < last && scale->counts[first] == 0)
			first++;
		while (last > first && scale->counts[last] == 0)
			last--;
	}
	*low = half(labels, first);
	*high = half(labels, last);
}


/* Linear, quadratic, radical and bipolar: 0 for the least, 1 for the greatest. */
static void
place_on_line(AgreementDistance *distance, const uint64_t *labels,
			  double low, double high)
{
	double		origin = low;
	double		range = high - low;

	for (uint32_t k = 0; k < distance->labels; k++)
		distance->x[k] = range > 0 ? (half(labels, k) - origin) / range : 0;
}


static void
place_ratio(AgreementDistance *distance, const uint64_t *labels,
			double low, double high)
{
	for (uint32_t k = 0; k < distance->labels; k++)
		distance->x[k] = half(labels, k);
	if (high > low)
		distance->greatest = (high - low) / (high + low) *
			((high - low) / (high + low));
}


/* sin^2(a - b) = (sin a cos b - cos a sin b)^2 */
static void
place_on_circle(AgreementDistance *distance, const uint64_t *labels,
				double low, double high, double period)
{
	double		half_period = period > 0 ? period / 2 : high - low + 0.5;

	for (uint32_t k = 0; k < distance->labels; k++)
	{
		double		turn = fmod(half(labels, k) - low, half_period) /
			half_period;

		distance->x[k] = sin(PI * turn);
		distance->y[k] = cos(PI * turn);
	}
}


/* Mid-ranks in shares of all answers. */
static void
place_by_rank(AgreementDistance *distance, const uint64_t *counts)
{
	double		all = 0;
	double		below = 0;

	for (uint32_t k = 0; k < distance->labels; k++)
		all += (double) counts[k];
	for (uint32_t k = 0; k < distance->labels; k++)
	{
		distance->x[k] = all > 0
			? (below + (double) counts[k] / 2) / all : 0;
		below += (double) counts[k];
	}
}


/* Two labels that are not the same, before "greatest" is divided by. */
static inline double
raw_distance(const AgreementDistance *distance, uint32_t k, uint32_t l)
{
	double		a = distance->x[k];
	double		b = distance->x[l];
	double		apart;

	switch (distance->kind)
	{
		case AGREEMENT_SCALE_LINEAR:
			return fabs(a - b);
		case AGREEMENT_SCALE_QUADRATIC:
		case AGREEMENT_SCALE_MIDRANK:
			return (a - b) * (a - b);
		case AGREEMENT_SCALE_RADICAL:
			return sqrt(fabs(a - b));
		case AGREEMENT_SCALE_ORDINAL:
			apart = fabs(a - b);
			return apart * (apart + 1) / 2;
		case AGREEMENT_SCALE_RATIO:
			apart = a + b > 0 ? (a - b) / (a + b) : 0;
			return apart * apart;
		case AGREEMENT_SCALE_CIRCULAR:
			apart = a * distance->y[l] - distance->y[k] * b;
			return apart * apart;
		case AGREEMENT_SCALE_BIPOLAR:
			return (a - b) * (a - b) / ((a + b) * (2 - a - b));
		case AGREEMENT_SCALE_IDENTITY:
		case AGREEMENT_SCALE_CUSTOM:
			break;
	}
	return 1;
}


/* The greatest that there is, where no formula says it. */
static AgreementStatus
find_greatest(AgreementDistance *distance, const AgreementHost *host)
{
	double		greatest = 0;
	uint64_t	pairs = 0;

	for (uint32_t k = 0; k < distance->labels; k++)
	{
		for (uint32_t l = k + 1; l < distance->labels; l++)
			greatest = fmax(greatest, raw_distance(distance, k, l));
		pairs += distance->labels - k;
		if (pairs >= PROCEED_EVERY)
		{
			pairs = 0;
			if (!host->proceed(host->context))
				return AGREEMENT_STOPPED;
		}
	}
	if (greatest > 0)
		distance->greatest = greatest;
	return AGREEMENT_OK;
}


static void
place_labels(AgreementDistance *distance, const AgreementScale *scale,
			 const uint64_t *labels)
{
	double		low;
	double		high;

	find_ends(scale, labels, distance->labels, &low, &high);
	switch (scale->kind)
	{
		case AGREEMENT_SCALE_LINEAR:
		case AGREEMENT_SCALE_QUADRATIC:
		case AGREEMENT_SCALE_RADICAL:
		case AGREEMENT_SCALE_BIPOLAR:
			place_on_line(distance, labels, low, high);
			break;
		case AGREEMENT_SCALE_ORDINAL:
			for (uint32_t k = 0; k < distance->labels; k++)
				distance->x[k] = k;
			if (distance->labels > 1)
				distance->greatest = raw_distance(distance, 0,
												  distance->labels - 1);
			break;
		case AGREEMENT_SCALE_RATIO:
			place_ratio(distance, labels, low, high);
			break;
		case AGREEMENT_SCALE_CIRCULAR:
			place_on_circle(distance, labels, low, high, scale->period);
			break;
		case AGREEMENT_SCALE_MIDRANK:
			place_by_rank(distance, scale->counts);
			if (distance->labels > 1 &&
				raw_distance(distance, 0, distance->labels - 1) > 0)
				distance->greatest = raw_distance(distance, 0,
												  distance->labels - 1);
			break;
		case AGREEMENT_SCALE_IDENTITY:
		case AGREEMENT_SCALE_CUSTOM:
			break;
	}
}


AgreementStatus
agreement_distance_start(AgreementDistance *distance,
						 const AgreementScale *scale, const uint64_t *labels,
						 uint32_t count, const AgreementHost *host)
{
	memset(distance, 0, sizeof(*distance));
	distance->kind = scale->kind;
	distance->labels = count;
	distance->weights = scale->weights;
	distance->greatest = 1;
	if (count == 0 || scale->kind == AGREEMENT_SCALE_IDENTITY ||
		scale->kind == AGREEMENT_SCALE_CUSTOM)
		return AGREEMENT_OK;
	distance->x = host->allocate(host->context, sizeof(double) * count);
	if (distance->x == NULL)
		return AGREEMENT_NO_MEMORY;
	if (scale->kind == AGREEMENT_SCALE_CIRCULAR)
	{
		distance->y = host->allocate(host->context, sizeof(double) * count);
		if (distance->y == NULL)
			return AGREEMENT_NO_MEMORY;
	}
	place_labels(distance, scale, labels);
	return scale->kind == AGREEMENT_SCALE_CIRCULAR
		? find_greatest(distance, host) : AGREEMENT_OK;
}


void
agreement_distance_end(AgreementDistance *distance, const AgreementHost *host)
{
	if (distance->x != NULL)
		host->release(host->context, distance->x);
	if (distance->y != NULL)
		host->release(host->context, distance->y);
	memset(distance, 0, sizeof(*distance));
}


double
agreement_distance_of(const AgreementDistance *distance, uint32_t k,
					  uint32_t l)
{
	if (distance->kind == AGREEMENT_SCALE_CUSTOM)
		return 1 - distance->weights[(size_t) k * distance->labels + l];
	if (k == l)
		return 0;
	if (distance->kind == AGREEMENT_SCALE_IDENTITY)
		return 1;
	return raw_distance(distance, k, l) / distance->greatest;
}


/* Each label against all others: left_k (sum of right - right_k). */
static double
identity_sum(const double *left, const double *right, uint32_t labels)
{
	ExactSum	all = {0, 0};
	ExactSum	sum = {0, 0};

	for (uint32_t k = 0; k < labels; k++)
		exact_add(&all, exact_fraction(right != NULL ? right[k] : 1));
	for (uint32_t k = 0; k < labels; k++)
	{
		ExactSum	own = exact_fraction(right != NULL ? right[k] : 1);

		exact_add(&sum, exact_fraction((left != NULL ? left[k] : 1) *
									   exact_value(exact_minus(all, own))));
	}
	return exact_value(sum);
}


/* Can distances be added up in one walk along the labels' order? */
static bool
walks(const AgreementDistance *distance)
{
	return distance->kind == AGREEMENT_SCALE_IDENTITY ||
		distance->kind == AGREEMENT_SCALE_LINEAR ||
		distance->kind == AGREEMENT_SCALE_QUADRATIC ||
		distance->kind == AGREEMENT_SCALE_MIDRANK ||
		distance->kind == AGREEMENT_SCALE_ORDINAL;
}


/*
 * Adds to each row the distances from what lies before it, as the walk sees
 * it, and returns the sum of the rows times "left".  Sums of distances and of
 * their squares move on by a gap without any subtraction, so that no digit is
 * lost however close the labels are.
 */
static double
walk(const AgreementDistance *distance, const uint32_t *places,
	 uint32_t count, bool back, const double *left, const double *right,
	 double *rows)
{
	double		passed = 0;
	double		linear = 0;
	double		squares = 0;
	double		before = 0;
	double		sum = 0;

	for (uint32_t step = 0; step < count; step++)
	{
		uint32_t	i = back ? count - 1 - step : step;
		double		toward = passed;

		if (distance->kind != AGREEMENT_SCALE_IDENTITY)
		{
			double		x = distance->x[places != NULL ? places[i] : i];
			double		gap = step > 0 ? fabs(x - before) : 0;

			squares += gap * (2 * linear + gap * passed);
			linear += gap * passed;
			before = x;
			toward = distance->kind == AGREEMENT_SCALE_LINEAR ? linear
				: distance->kind == AGREEMENT_SCALE_ORDINAL
				? (linear + squares) / 2 : squares;
			toward /= distance->greatest;
		}
		if (rows != NULL)
			rows[i] += toward;
		sum += toward * (left != NULL ? left[i] : 1);
		passed += right != NULL ? right[i] : 1;
	}
	return sum;
}


AgreementStatus
agreement_distance_rows(const AgreementDistance *distance, bool transposed,
						const uint32_t *places, uint32_t count,
						const double *right, const AgreementHost *host,
						double *rows)
{
	uint64_t	pairs = 0;

	memset(rows, 0, sizeof(double) * count);
	if (walks(distance))
	{
		walk(distance, places, count, false, NULL, right, rows);
		walk(distance, places, count, true, NULL, right, rows);
		return AGREEMENT_OK;
	}
	for (uint32_t j = 0; j < count; j++)
	{
		uint32_t	l = places != NULL ? places[j] : j;

		if (right[j] == 0)
			continue;
		for (uint32_t i = 0; i < count; i++)
		{
			uint32_t	k = places != NULL ? places[i] : i;

			rows[i] += right[j] * (transposed
								   ? agreement_distance_of(distance, l, k)
								   : agreement_distance_of(distance, k, l));
		}
		pairs += count;
		if (pairs >= PROCEED_EVERY)
		{
			pairs = 0;
			if (!host->proceed(host->context))
				return AGREEMENT_STOPPED;
		}
	}
	return AGREEMENT_OK;
}


AgreementStatus
agreement_distance_sum(const AgreementDistance *distance, const double *left,
					   const double *right, const AgreementHost *host,
					   double *sum)
{
	uint64_t	pairs = 0;

	*sum = 0;
	if (distance->kind == AGREEMENT_SCALE_IDENTITY)
	{
		*sum = identity_sum(left, right, distance->labels);
		return AGREEMENT_OK;
	}
	if (walks(distance))
	{
		*sum = walk(distance, NULL, distance->labels, false, left, right,
					NULL) +
			walk(distance, NULL, distance->labels, true, left, right, NULL);
		return AGREEMENT_OK;
	}
	for (uint32_t k = 0; k < distance->labels; k++)
	{
		double		row = 0;

		if (left != NULL && left[k] == 0)
			continue;
		for (uint32_t l = 0; l < distance->labels; l++)
			if (right == NULL || right[l] != 0)
				row += (right != NULL ? right[l] : 1) *
					agreement_distance_of(distance, k, l);
		*sum += (left != NULL ? left[k] : 1) * row;
		pairs += distance->labels;
		if (pairs >= PROCEED_EVERY)
		{
			pairs = 0;
			if (!host->proceed(host->context))
				return AGREEMENT_STOPPED;
		}
	}
	return AGREEMENT_OK;
}
