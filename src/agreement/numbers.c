/*-------------------------------------------------------------------------
 *
 * numbers.c
 *	  Values that have a place on a scale: numbers and enums.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "agreement/enums.h"
#include "agreement/numbers.h"
#include "base/compat.h"

typedef double (*NumberFunction) (Datum value);

struct NumberCoder
{
	Oid			type;			/* no domain */
	NumberFunction number;		/* NULL: an enum's position */
	EnumLabels	labels;
};


static double
number_int2(Datum value)
{
	return DatumGetInt16(value);
}


static double
number_int4(Datum value)
{
	return DatumGetInt32(value);
}


static double
number_int8(Datum value)
{
	return (double) DatumGetInt64(value);
}


static double
number_float4(Datum value)
{
	return DatumGetFloat4(value);
}


static double
number_float8(Datum value)
{
	return DatumGetFloat8(value);
}


static double
number_numeric(Datum value)
{
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
											  value));
}


static NumberFunction
number_function(Oid type)
{
	switch (type)
	{
		case INT2OID:
			return number_int2;
		case INT4OID:
			return number_int4;
		case INT8OID:
			return number_int8;
		case FLOAT4OID:
			return number_float4;
		case FLOAT8OID:
			return number_float8;
		case NUMERICOID:
			return number_numeric;
		default:
			return NULL;
	}
}


NumberCoder *
agreement_number_coder(MemoryContext context, Oid type)
{
	Oid			base = getBaseType(type);
	NumberFunction number = number_function(base);
	NumberCoder *coder;

	if (number == NULL && !type_is_enum(base))
		return NULL;
	coder = MemoryContextAllocZero(context, sizeof(NumberCoder));
	coder->type = base;
	coder->number = number;
	coder->labels.context = context;
	return coder;
}


double
agreement_number(NumberCoder *coder, Datum value)
{
	return coder->number != NULL ? coder->number(value)
		: agreement_enum_label(&coder->labels, coder->type, value)->position;
}


bool
agreement_numbers_match(const NumberCoder *left, const NumberCoder *right)
{
	return (left->number != NULL && right->number != NULL) ||
		left->type == right->type;
}
