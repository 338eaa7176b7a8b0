/*-------------------------------------------------------------------------
 *
 * enums.h
 *	  The labels of an enum: their names' hashes and their order.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_AGREEMENT_ENUMS_H
#define TDP_AGREEMENT_ENUMS_H

#include "postgres.h"

/* The salt of all hashes of values; a state that is kept depends on it. */
#define AGREEMENT_SALT UINT64CONST(0x7464703a61677265)

typedef struct EnumLabel
{
	Oid			oid;
	float4		sort_order;
	uint64		code;			/* hash of its name */
	int			position;		/* from 1 */
} EnumLabel;

/* Read when first asked for; until then only "context" is set. */
typedef struct EnumLabels
{
	MemoryContext context;
	int			count;
	EnumLabel  *labels;			/* sorted by OID */
} EnumLabels;

/* agreement_enum_label finds a value among the labels of enum type "type". */
extern const EnumLabel *agreement_enum_label(EnumLabels *labels, Oid type, Datum value);

#endif							/* TDP_AGREEMENT_ENUMS_H */
