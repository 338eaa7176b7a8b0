/*-------------------------------------------------------------------------
 *
 * decimal_kernel.h
 *	  Exact decimal numbers: bounds are compared as they were written.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SCHEMA_DECIMAL_KERNEL_H
#define TDP_SCHEMA_DECIMAL_KERNEL_H

#include "schema/text_kernel.h"

/* The value 0.DIGITS * 10^exponent; no digits is zero. */
typedef struct SchemaDecimal
{
	bool		negative;		/* never for zero */
	const char *digits;			/* neither first nor last is "0" */
	int64_t		count;
	int64_t		exponent;		/* saturates far beyond any limit in use */
} SchemaDecimal;

/* Reads a JSON number, as it stands in JsonNode.string. */
extern SchemaDecimal schema_decimal_read(SchemaArena *arena,
										 const char *number);

/* -1, 0 or 1. */
extern int	schema_decimal_compare(const SchemaDecimal *a,
								   const SchemaDecimal *b);

/*
 * Adds the number without an exponent: one text for equal numbers.  For
 * numbers within schema_decimal_is_plain only, or the text might be huge.
 */
extern void schema_decimal_print(SchemaText *text, const SchemaDecimal *number);

#define SCHEMA_PLAIN_DIGITS 40

/* At most SCHEMA_PLAIN_DIGITS digits on either side of the point? */
extern bool schema_decimal_is_plain(const SchemaDecimal *number);

/* Is it an integer that fits?  Then *result is set. */
extern bool schema_decimal_int64(const SchemaDecimal *number, int64_t *result);

#endif							/* TDP_SCHEMA_DECIMAL_KERNEL_H */
