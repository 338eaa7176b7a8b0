/*-------------------------------------------------------------------------
 *
 * numbers.h
 *	  Values that have a place on a scale: numbers and enums.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_AGREEMENT_NUMBERS_H
#define TDP_AGREEMENT_NUMBERS_H

#include "postgres.h"

typedef struct NumberCoder NumberCoder;

/*
 * agreement_number_coder makes, in "context", what turns values of "type"
 * into numbers; NULL if the type is neither a number nor an enum.
 */
extern NumberCoder *agreement_number_coder(MemoryContext context, Oid type);

/*
 * The number that a non-null value is; for an enum, its position from 1 in
 * the type's order.  Digits beyond a double's are lost.
 */
extern double agreement_number(NumberCoder *coder, Datum value);

/* Two numbers, or two values of one enum, can be compared. */
extern bool agreement_numbers_match(const NumberCoder *left,
									const NumberCoder *right);

#endif							/* TDP_AGREEMENT_NUMBERS_H */
