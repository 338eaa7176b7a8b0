/*-------------------------------------------------------------------------
 *
 * coder.c
 *	  Values of any type as 64 bits that are equal where the values are.
 *
 * PostgreSQL's own extended hash functions are not enough: those of 8-byte
 * integers and times have only 32 bits of entropy (two halves folded into
 * one), those of enums hash an OID, and all of them depend on the machine's
 * byte order.  So the common types, and the containers of them, are coded
 * here.  Other types are coded by their hash function, with what weaknesses
 * it has: a range of 8-byte integers tells each bound by 32 bits.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/typcache.h"
#include "utils/uuid.h"

#include "agreement/agreement_kernel.h"
#include "agreement/coder.h"
#include "agreement/enums.h"
#include "base/compat.h"
#include "base/keytext.h"

typedef uint64 (*CodeFunction) (ValueCoder *coder, Datum value);

struct ValueCoder
{
	MemoryContext context;
	const char *argument;
	Oid			type;			/* no domain */
	Oid			collation;
	CodeFunction code;			/* NULL: by text */
	FmgrInfo   *hash;			/* the type's extended hash function */
	ValueCoder *element;		/* of an array */
	int16		element_length;
	bool		element_by_value;
	char		element_align;
	EnumLabels	labels;			/* of an enum */
	Oid			row_type;		/* of the record seen last */
	int32		row_typmod;
	TupleDesc	row;
	ValueCoder **columns;
};


static uint64
code_bool(ValueCoder *coder, Datum value)
{
	return agreement_integer_key(DatumGetBool(value));
}


static uint64
code_char(ValueCoder *coder, Datum value)
{
	return agreement_integer_key(DatumGetChar(value));
}


static uint64
code_int2(ValueCoder *coder, Datum value)
{
	return agreement_integer_key(DatumGetInt16(value));
}


static uint64
code_int4(ValueCoder *coder, Datum value)
{
	return agreement_integer_key(DatumGetInt32(value));
}


static uint64
code_int8(ValueCoder *coder, Datum value)
{
	return agreement_integer_key(DatumGetInt64(value));
}


static uint64
code_float4(ValueCoder *coder, Datum value)
{
	return agreement_number_key(DatumGetFloat4(value));
}


static uint64
code_float8(ValueCoder *coder, Datum value)
{
	return agreement_number_key(DatumGetFloat8(value));
}


/* 1.0 and 1.00 are both "1" */
static uint64
numeric_code(Numeric number)
{
	char	   *string = numeric_normalize(number);
	uint64		code = agreement_hash(string, strlen(string), AGREEMENT_SALT);

	pfree(string);
	return code;
}


static uint64
code_numeric(ValueCoder *coder, Datum value)
{
	return numeric_code(DatumGetNumeric(value));
}


static uint64
code_varlena(ValueCoder *coder, Datum value)
{
	struct varlena *bytes = PG_DETOAST_DATUM_PACKED(value);
	uint64		code = agreement_hash(VARDATA_ANY(bytes),
									  VARSIZE_ANY_EXHDR(bytes), AGREEMENT_SALT);

	if ((Pointer) bytes != DatumGetPointer(value))
		pfree(bytes);
	return code;
}


static uint64
code_bpchar(ValueCoder *coder, Datum value)
{
	BpChar	   *string = DatumGetBpCharPP(value);

	return agreement_hash(VARDATA_ANY(string),
						  bpchartruelen(VARDATA_ANY(string),
										VARSIZE_ANY_EXHDR(string)), AGREEMENT_SALT);
}


static uint64
code_cstring(ValueCoder *coder, Datum value)
{
	return agreement_hash(DatumGetCString(value),
						  strlen(DatumGetCString(value)), AGREEMENT_SALT);
}


static uint64
code_uuid(ValueCoder *coder, Datum value)
{
	return agreement_hash(DatumGetUUIDP(value)->data, UUID_LEN, AGREEMENT_SALT);
}


static uint64
code_hashed(ValueCoder *coder, Datum value)
{
	return DatumGetUInt64(FunctionCall2Coll(coder->hash, coder->collation,
											value, UInt64GetDatum(AGREEMENT_SALT)));
}


static uint64
code_enum(ValueCoder *coder, Datum value)
{
	return agreement_enum_label(&coder->labels, coder->type, value)->code;
}


/* Arrays are equal when dimensions, lower bounds and elements are. */
static uint64
code_array(ValueCoder *coder, Datum value)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	uint64		code = agreement_hash_next(AGREEMENT_SALT, ARR_NDIM(array));

	check_stack_depth();
	for (int i = 0; i < ARR_NDIM(array); i++)
	{
		code = agreement_hash_next(code, ARR_DIMS(array)[i]);
		code = agreement_hash_next(code, (int64) ARR_LBOUND(array)[i]);
	}
	deconstruct_array(array, ARR_ELEMTYPE(array), coder->element_length,
					  coder->element_by_value, coder->element_align,
					  &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		code = agreement_hash_next(code, nulls[i]);
		if (!nulls[i])
			code = agreement_hash_next(code, agreement_code(coder->element,
															elements[i]));
	}
	return code;
}


/* Sets up the columns' coders for a row type that is not the last one's. */
static void
set_row_type(ValueCoder *coder, Oid type, int32 typmod)
{
	TupleDesc	row = lookup_rowtype_tupdesc(type, typmod);
	MemoryContext old = MemoryContextSwitchTo(coder->context);

	coder->row_type = InvalidOid;
	coder->row = CreateTupleDescCopy(row);
	coder->columns = palloc0_array(ValueCoder *, Max(row->natts, 1));
	for (int i = 0; i < row->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(row, i);

		if (column->attisdropped)
			continue;
		coder->columns[i] = agreement_coder(coder->context, column->atttypid,
											column->attcollation,
											coder->argument);
		if (agreement_coder_by_text(coder->columns[i]))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_FUNCTION),
					 errmsg("column \"%s\" of the record in argument \"%s\" has type %s, which has no default hash operator class",
							NameStr(column->attname), coder->argument,
							format_type_be(column->atttypid)),
					 errhint("Cast it to text.")));
	}
	coder->row_type = type;
	coder->row_typmod = typmod;
	MemoryContextSwitchTo(old);
	ReleaseTupleDesc(row);
}


static uint64
code_record(ValueCoder *coder, Datum value)
{
	HeapTupleHeader record = DatumGetHeapTupleHeader(value);
	Oid			type = HeapTupleHeaderGetTypeId(record);
	int32		typmod = HeapTupleHeaderGetTypMod(record);
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(record),
	.t_data = record};
	Datum	   *values;
	bool	   *nulls;
	uint64		code = AGREEMENT_SALT;

	check_stack_depth();
	if (type != coder->row_type || typmod != coder->row_typmod)
		set_row_type(coder, type, typmod);
	values = palloc_array(Datum, Max(coder->row->natts, 1));
	nulls = palloc_array(bool, Max(coder->row->natts, 1));
	heap_deform_tuple(&tuple, coder->row, values, nulls);
	for (int i = 0; i < coder->row->natts; i++)
	{
		if (coder->columns[i] == NULL)
			continue;
		code = agreement_hash_next(code, nulls[i]);
		if (!nulls[i])
			code = agreement_hash_next(code, agreement_code(coder->columns[i],
															values[i]));
	}
	return code;
}


static uint64
jsonb_scalar_code(const JsonbValue *scalar)
{
	switch (scalar->type)
	{
		case jbvString:
			return agreement_hash(scalar->val.string.val,
								  scalar->val.string.len, AGREEMENT_SALT);
		case jbvNumeric:
			return numeric_code(scalar->val.numeric);
		case jbvBool:
			return scalar->val.boolean;
		default:
			return 0;
	}
}


/* The keys of an object come in one order, whatever order they came in. */
static uint64
code_jsonb(ValueCoder *coder, Datum value)
{
	Jsonb	   *jsonb = DatumGetJsonbP(value);
	JsonbIterator *iterator = JsonbIteratorInit(&jsonb->root);
	JsonbIteratorToken token;
	JsonbValue	part;
	uint64		code = AGREEMENT_SALT;

	while ((token = JsonbIteratorNext(&iterator, &part, false)) != WJB_DONE)
	{
		code = agreement_hash_next(code, token);
		if (token == WJB_BEGIN_ARRAY)
			code = agreement_hash_next(code, part.val.array.rawScalar);
		else if (token == WJB_KEY || token == WJB_VALUE || token == WJB_ELEM)
		{
			code = agreement_hash_next(code, part.type);
			code = agreement_hash_next(code, jsonb_scalar_code(&part));
		}
	}
	return code;
}


/* The function for a built-in type that is not a container; NULL: none. */
static CodeFunction
plain_function(Oid type)
{
	switch (type)
	{
		case BOOLOID:
			return code_bool;
		case CHAROID:
			return code_char;
		case INT2OID:
			return code_int2;
		case INT4OID:
		case DATEOID:
			return code_int4;
		case INT8OID:
		case TIMEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return code_int8;
		case FLOAT4OID:
			return code_float4;
		case FLOAT8OID:
			return code_float8;
		case NUMERICOID:
			return code_numeric;
		case BYTEAOID:
			return code_varlena;
		case UUIDOID:
			return code_uuid;
		case JSONBOID:
			return code_jsonb;
		case UNKNOWNOID:
			return code_cstring;
		default:
			return NULL;
	}
}


/* Text, where equal means equal bytes; else NULL. */
static CodeFunction
string_function(Oid type, Oid collation)
{
	if (OidIsValid(collation) && !get_collation_isdeterministic(collation))
		return NULL;
	switch (type)
	{
		case TEXTOID:
		case VARCHAROID:
			return code_varlena;
		case BPCHAROID:
			return code_bpchar;
		case NAMEOID:
			return code_cstring;
		default:
			return NULL;
	}
}


static void
set_array(ValueCoder *coder, Oid element)
{
	coder->element = agreement_coder(coder->context, element,
									 coder->collation, coder->argument);
	get_typlenbyvalalign(element, &coder->element_length,
						 &coder->element_by_value, &coder->element_align);
	coder->code = code_array;
}


/* A type that is neither built in nor text: by what its catalog says. */
static void
set_other(ValueCoder *coder)
{
	TypeCacheEntry *cache = lookup_type_cache(coder->type,
											  TYPECACHE_HASH_EXTENDED_PROC_FINFO |
											  TYPECACHE_CMP_PROC_FINFO);
	bool		hashed = OidIsValid(cache->hash_extended_proc_finfo.fn_oid);
	Oid			element = get_element_type(coder->type);

	if (coder->type == RECORDOID || (hashed && type_is_rowtype(coder->type)))
		coder->code = code_record;
	else if (hashed && cache->typtype == TYPTYPE_ENUM)
		coder->code = code_enum;
	else if (hashed && OidIsValid(element))
		set_array(coder, element);
	else if (hashed)
	{
		coder->hash = &cache->hash_extended_proc_finfo;
		coder->code = code_hashed;
	}
	else if (!OidIsValid(cache->cmp_proc_finfo.fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("argument \"%s\" has type %s, whose values cannot be compared",
						coder->argument, format_type_be(coder->type)),
				 errdetail("The type has neither a default hash nor a default btree operator class."),
				 errhint("Cast it to text, or json to jsonb.")));
}


ValueCoder *
agreement_coder(MemoryContext context, Oid type, Oid collation,
				const char *argument)
{
	ValueCoder *coder = MemoryContextAllocZero(context, sizeof(ValueCoder));

	coder->context = context;
	coder->type = getBaseType(type);
	coder->labels.context = context;
	coder->argument = argument;
	coder->collation = OidIsValid(collation) ? collation
		: get_typcollation(coder->type);
	coder->code = plain_function(coder->type);
	if (coder->code == NULL)
		coder->code = string_function(coder->type, coder->collation);
	if (coder->code == NULL)
		set_other(coder);
	return coder;
}


bool
agreement_coder_by_text(const ValueCoder *coder)
{
	return coder->code == NULL;
}


uint64
agreement_code(ValueCoder *coder, Datum value)
{
	return coder->code(coder, value);
}


char *
agreement_code_text(ValueCoder *coder, Datum value)
{
	int			level = keytext_begin();
	char	   *string = keytext_of(coder->type, value);

	keytext_end(level);
	return string;
}


/* What types code alike and compare with each other: one of them. */
static Oid
family(Oid type)
{
	type = getBaseType(type);
	switch (type)
	{
		case INT2OID:
		case INT4OID:
			return INT8OID;
		case VARCHAROID:
		case NAMEOID:
		case UNKNOWNOID:
			return TEXTOID;
		default:
			return type;
	}
}


bool
agreement_types_match(Oid left, Oid right)
{
	return family(left) == family(right);
}
