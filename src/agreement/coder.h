/*-------------------------------------------------------------------------
 *
 * coder.h
 *	  Values of any type as 64 bits that are equal where the values are.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_AGREEMENT_CODER_H
#define TDP_AGREEMENT_CODER_H

#include "postgres.h"

typedef struct ValueCoder ValueCoder;

/*
 * agreement_coder makes, in "context", what turns values of "type" into codes
 * by the type's own equality under "collation" (InvalidOid: the type's).  A
 * type with neither a hash nor a btree operator class is an error that names
 * "argument".
 *
 * Integers, dates, times and floats are their own code, in their order; all
 * else is hashed.  Codes contain no OID and, but for types that bring a hash
 * function of their own, are the same on every machine.
 */
extern ValueCoder *agreement_coder(MemoryContext context, Oid type,
								   Oid collation, const char *argument);

/*
 * Is the type one that has a btree operator class only?  Then a code stands
 * for a value's text, texts must be kept (texts.h), and values that are equal
 * are brought together at the end.
 */
extern bool agreement_coder_by_text(const ValueCoder *coder);

/* The code of a non-null value, unless the type is coded by text. */
extern uint64 agreement_code(ValueCoder *coder, Datum value);

/* The palloc'd text of a value whose type is coded by text. */
extern char *agreement_code_text(ValueCoder *coder, Datum value);

/* Can codes of the two types be compared?  Equal types, all integers, texts. */
extern bool agreement_types_match(Oid left, Oid right);

#endif							/* TDP_AGREEMENT_CODER_H */
