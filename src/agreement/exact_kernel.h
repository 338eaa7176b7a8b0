/*-------------------------------------------------------------------------
 *
 * exact_kernel.h
 *	  Sums that do not depend on the order of what is added.
 *
 * A sum is an unsigned integer of 128 bits.  Sums of fractions count in units
 * of 2^-80: each addend is rounded once, alone, and the additions are exact.
 * That leaves 48 bits for the whole part, far more than the number of answers
 * that a group may have; no addend here exceeds the answers it stands for.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_EXACT_KERNEL_H
#define TDP_EXACT_KERNEL_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define EXACT_FRACTION_BITS 80

typedef struct ExactSum
{
	uint64_t	high;
	uint64_t	low;
} ExactSum;

static inline void
exact_add(ExactSum *sum, ExactSum addend)
{
	sum->low += addend.low;
	sum->high += addend.high + (sum->low < addend.low);
}

/* a - b, where a >= b */
static inline ExactSum
exact_minus(ExactSum a, ExactSum b)
{
	return (ExactSum) {a.high - b.high - (a.low < b.low), a.low - b.low};
}

/* The product of two integers, as an integer. */
static inline ExactSum
exact_product(uint64_t a, uint64_t b)
{
	uint64_t	a1 = a >> 32;
	uint64_t	a0 = (uint32_t) a;
	uint64_t	b1 = b >> 32;
	uint64_t	b0 = (uint32_t) b;
	uint64_t	low = a0 * b0;
	uint64_t	middle = a1 * b0 + (low >> 32);
	uint64_t	other = a0 * b1 + (uint32_t) middle;
	uint64_t	high = a1 * b1 + (middle >> 32) + (other >> 32);

	return (ExactSum) {high, (other << 32) | (uint32_t) low};
}


/* A whole number, as a sum of fractions. */
static inline ExactSum
exact_whole(uint64_t number)
{
	return (ExactSum) {number << (EXACT_FRACTION_BITS - 64), 0};
}

/* A number of at least 0 and less than 2^48, as a sum of fractions. */
static inline ExactSum
exact_fraction(double number)
{
	uint64_t	bits;
	int			shift;

	/* IEEE 754: the number is bits * 2^(exponent - 1075) */
	memcpy(&bits, &number, sizeof(bits));
	shift = (int) (bits >> 52) - 1075 + EXACT_FRACTION_BITS;
	bits = (bits & UINT64_C(0xFFFFFFFFFFFFF)) | UINT64_C(0x10000000000000);
	if (shift >= 64)
		return (ExactSum) {bits << (shift - 64), 0};
	if (shift > 0)
		return (ExactSum) {bits >> (64 - shift), bits << shift};
	if (shift == 0)
		return (ExactSum) {0, bits};
	if (shift > -54)
		return (ExactSum) {0, (bits + (UINT64_C(1) << (-shift - 1))) >> -shift};
	return (ExactSum) {0, 0};
}

/* The integer that a sum is. */
static inline double
exact_integer_value(ExactSum sum)
{
	return ldexp((double) sum.high, 64) + (double) sum.low;
}

/* The number that a sum of fractions is. */
static inline double
exact_value(ExactSum sum)
{
	return ldexp(exact_integer_value(sum), -EXACT_FRACTION_BITS);
}

static inline bool
exact_less(ExactSum a, ExactSum b)
{
	return a.high < b.high || (a.high == b.high && a.low < b.low);
}

#endif							/* TDP_EXACT_KERNEL_H */
