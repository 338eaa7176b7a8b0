/*-------------------------------------------------------------------------
 *
 * intern.c
 *	  Any value of any hashable type as a dense integer code, and back.
 *
 * Open addressing over an array of values; a slot keeps the hash beside the
 * code so that a probe seldom calls the type's equality function.  Integers
 * of all widths are kept as int8 and compared without a function call.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "base/compat.h"
#include "base/intern.h"
#include "base/keytext.h"

typedef struct InternSlot
{
	uint32		hash;
	int32		code;			/* -1: empty */
} InternSlot;

struct InternTable
{
	MemoryContext context;
	Oid			type;			/* of the values kept */
	Oid			given_type;		/* of the value that came last, and what */
	Oid			given_base;		/* getBaseType() says of it */
	int64		last_number;	/* of INT8OID: the value that came last */
	int32		last_code;		/* its code; -1: none */
	Oid			collation;
	int16		length;
	bool		by_value;
	bool		many_forms;		/* equal values may look different */
	TypeCacheEntry *cache;
	FmgrInfo   *hash_function;	/* NULL: none, all values share one hash */
	FmgrInfo   *equal_function;
	FmgrInfo	parse;			/* text to the type */
	Oid			parse_param;
	InternSlot *slots;
	uint32		mask;			/* number of slots - 1 */
	Datum	   *values;
	char	  **texts;			/* made on demand */
	int32		count;
	int32		capacity;
};


InternTable *
intern_create(MemoryContext context)
{
	InternTable *table = MemoryContextAllocZero(context, sizeof(InternTable));

	table->context = context;
	table->last_code = -1;
	return table;
}


static bool
is_integer(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}


static bool
is_text(Oid type)
{
	return type == TEXTOID || type == VARCHAROID || type == NAMEOID ||
		type == UNKNOWNOID;
}


/* The type in which values of "type" are kept. */
static Oid
kept_type(Oid type)
{
	type = getBaseType(type);
	if (is_integer(type))
		return INT8OID;
	if (is_text(type))
		return TEXTOID;
	return type;
}


static void
start_table(InternTable *table, Oid type, Oid collation, const char *column)
{
	MemoryContext old = MemoryContextSwitchTo(table->context);
	Oid			input;

	table->cache = lookup_type_cache(type, TYPECACHE_HASH_PROC_FINFO |
									 TYPECACHE_EQ_OPR_FINFO |
									 TYPECACHE_CMP_PROC_FINFO);
	if (!OidIsValid(table->cache->eq_opr_finfo.fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("column \"%s\" has type %s, whose values cannot be compared",
						column, format_type_be(type)),
				 errhint("Cast it to text.")));
	table->equal_function = &table->cache->eq_opr_finfo;
	if (OidIsValid(table->cache->hash_proc_finfo.fn_oid))
		table->hash_function = &table->cache->hash_proc_finfo;
	table->type = type;
	table->collation = OidIsValid(collation) ? collation
		: get_typcollation(type);
	table->many_forms = type != INT8OID &&
		!(type == TEXTOID && get_collation_isdeterministic(table->collation));
	get_typlenbyval(type, &table->length, &table->by_value);
	getTypeInputInfo(type, &input, &table->parse_param);
	fmgr_info_cxt(input, &table->parse, table->context);

	table->mask = 1023;
	table->slots = palloc_array(InternSlot, table->mask + 1);
	for (uint32 i = 0; i <= table->mask; i++)
		table->slots[i].code = -1;
	table->capacity = 512;
	table->values = palloc_array(Datum, table->capacity);
	MemoryContextSwitchTo(old);
}


void
intern_set_type(InternTable *table, Oid type, Oid collation,
				const char *column)
{
	Oid			kept = kept_type(type);

	if (!OidIsValid(table->type))
		start_table(table, kept, collation, column);
	else if (kept != table->type && kept != TEXTOID && table->type != TEXTOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" has type %s, but must be %s, as in the other query",
						column, format_type_be(type),
						format_type_be(table->type)),
				 errhint("Cast one of them to the other's type, or both to text.")));
}


/* Asking the catalog for each value would take longer than all the rest. */
static Oid
base_of(InternTable *table, Oid type)
{
	if (type != table->given_type)
	{
		table->given_base = getBaseType(type);
		table->given_type = type;
	}
	return table->given_base;
}


static int64
integer_of(Oid base, Datum value)
{
	return base == INT2OID ? DatumGetInt16(value)
		: base == INT4OID ? DatumGetInt32(value) : DatumGetInt64(value);
}


/* Brings a value of a type that intern_set_type accepted to the kept type. */
static Datum
to_kept(InternTable *table, Oid base, Datum value)
{
	if (base == table->type)
		return value;
	if (is_integer(base))
	{
		int64		number = integer_of(base, value);

		if (table->type == INT8OID)
			return Int64GetDatum(number);
		return CStringGetTextDatum(psprintf(INT64_FORMAT, number));
	}
	if (is_text(base))
	{
		char	   *string = (base == NAMEOID) ? NameStr(*DatumGetName(value))
			: (base == UNKNOWNOID) ? DatumGetCString(value)
			: TextDatumGetCString(value);

		if (table->type == TEXTOID)
			return CStringGetTextDatum(string);
		return InputFunctionCall(&table->parse, string, table->parse_param, -1);
	}
	else
	{
		int			level = keytext_is_plain(base) ? -1 : keytext_begin();
		char	   *string = keytext_of(base, value);

		if (level >= 0)
			keytext_end(level);
		return CStringGetTextDatum(string);
	}
}


/* The finalizer of MurmurHash3: each bit of the number stirs all others. */
static uint32
hash_integer(int64 number)
{
	uint64		hash = (uint64) number;

	hash ^= hash >> 33;
	hash *= UINT64CONST(0xff51afd7ed558ccd);
	hash ^= hash >> 33;
	hash *= UINT64CONST(0xc4ceb9fe1a85ec53);
	return (uint32) (hash >> 32);
}


static uint32
hash_of(InternTable *table, Datum value)
{
	if (table->type == INT8OID)
		return hash_integer(DatumGetInt64(value));
	if (table->hash_function == NULL)
		return 0;
	return murmurhash32(DatumGetUInt32(FunctionCall1Coll(table->hash_function,
														 table->collation,
														 value)));
}


static bool
same_value(InternTable *table, Datum a, Datum b)
{
	if (table->type == INT8OID)
		return DatumGetInt64(a) == DatumGetInt64(b);
	return DatumGetBool(FunctionCall2Coll(table->equal_function,
										  table->collation, a, b));
}


/* The slot where a value is, or where it belongs. */
static InternSlot *
find_slot(InternTable *table, uint32 hash, Datum value)
{
	for (uint32 i = hash & table->mask;; i = (i + 1) & table->mask)
	{
		InternSlot *slot = &table->slots[i];

		if (slot->code < 0 ||
			(slot->hash == hash &&
			 same_value(table, table->values[slot->code], value)))
			return slot;
	}
}


static void
double_slots(InternTable *table)
{
	InternSlot *old = table->slots;
	uint32		nold = table->mask + 1;

	table->mask = nold * 2 - 1;
	table->slots = MemoryContextAllocHuge(table->context,
										  sizeof(InternSlot) * ((Size) table->mask + 1));
	for (Size i = 0; i <= table->mask; i++)
		table->slots[i].code = -1;
	for (uint32 i = 0; i < nold; i++)
	{
		uint32		j;

		if (old[i].code < 0)
			continue;
		for (j = old[i].hash & table->mask; table->slots[j].code >= 0;)
			j = (j + 1) & table->mask;
		table->slots[j] = old[i];
	}
	pfree(old);
}


/* A copy of a value that lives as long as the table. */
static Datum
copy_value(InternTable *table, Datum value)
{
	MemoryContext old = MemoryContextSwitchTo(table->context);
	Datum		copy = (table->length == -1)
		? PointerGetDatum(PG_DETOAST_DATUM_COPY(value))
		: datumCopy(value, table->by_value, table->length);

	MemoryContextSwitchTo(old);
	return copy;
}


static int32
add_value(InternTable *table, InternSlot *slot, uint32 hash, Datum value)
{
	int32		code = table->count;

	if (table->count == PG_INT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d different values", table->count)));
	if (table->count == table->capacity)
	{
		table->capacity *= 2;
		table->values = repalloc_huge(table->values,
									  sizeof(Datum) * table->capacity);
	}
	table->values[code] = copy_value(table, value);
	if (table->texts != NULL)
	{
		pfree(table->texts);
		table->texts = NULL;
	}
	slot->hash = hash;
	slot->code = code;
	table->count++;
	if ((uint32) table->count > table->mask / 2)
		double_slots(table);
	return code;
}


static char *
text_of(InternTable *table, Datum value)
{
	int			level = keytext_is_plain(table->type) ? -1 : keytext_begin();
	char	   *text_form = keytext_of(table->type, value);

	if (level >= 0)
		keytext_end(level);
	return text_form;
}


/*
 * Of equal values that look different (1.0 and 1.00) the one with the shorter
 * text is kept, then the one whose text is smaller bytewise, so that it does
 * not matter which came first.
 */
static void
choose_form(InternTable *table, int32 code, Datum value)
{
	Datum		old = table->values[code];
	char	   *old_text;
	char	   *new_text;
	int			order;

	if (datum_image_eq(old, value, table->by_value, table->length))
		return;
	old_text = text_of(table, old);
	new_text = text_of(table, value);
	order = (int) strlen(new_text) - (int) strlen(old_text);
	if (order == 0)
		order = strcmp(new_text, old_text);
	if (order < 0)
	{
		table->values[code] = copy_value(table, value);
		if (!table->by_value)
			pfree(DatumGetPointer(old));
		if (table->texts != NULL)
			table->texts[code] = NULL;
	}
	pfree(old_text);
	pfree(new_text);
}


static int32
intern_kept(InternTable *table, Datum kept)
{
	uint32		hash = hash_of(table, kept);
	InternSlot *slot = find_slot(table, hash, kept);

	if (slot->code < 0)
		return add_value(table, slot, hash, kept);
	if (table->many_forms)
		choose_form(table, slot->code, kept);
	return slot->code;
}


/* Rows mostly come in the order of some column: its value is the last one. */
static int32
intern_integer(InternTable *table, int64 number)
{
	if (table->last_code < 0 || table->last_number != number)
	{
		table->last_code = intern_kept(table, Int64GetDatum(number));
		table->last_number = number;
	}
	return table->last_code;
}


int32
intern_value(InternTable *table, Oid type, Datum value)
{
	Oid			base = base_of(table, type);

	if (table->type == INT8OID && is_integer(base))
		return intern_integer(table, integer_of(base, value));
	return intern_kept(table, to_kept(table, base, value));
}


int32
intern_find(InternTable *table, Oid type, Datum value)
{
	Datum		kept = to_kept(table, base_of(table, type), value);

	return find_slot(table, hash_of(table, kept), kept)->code;
}


int32
intern_count(const InternTable *table)
{
	return table->count;
}


Oid
intern_type(const InternTable *table)
{
	return table->type;
}


const char *
intern_text(InternTable *table, int32 code)
{
	if (table->texts == NULL)
		table->texts = MemoryContextAllocExtended(table->context,
												  sizeof(char *) * Max(table->count, 1),
												  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	if (table->texts[code] == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(table->context);

		table->texts[code] = text_of(table, table->values[code]);
		MemoryContextSwitchTo(old);
	}
	return table->texts[code];
}


Datum
intern_datum(const InternTable *table, int32 code)
{
	return table->values[code];
}


static int
compare_codes(const void *a, const void *b, void *arg)
{
	InternTable *table = arg;
	int32		left = *(const int32 *) a;
	int32		right = *(const int32 *) b;

	if (OidIsValid(table->cache->cmp_proc_finfo.fn_oid))
		return DatumGetInt32(FunctionCall2Coll(&table->cache->cmp_proc_finfo,
											   table->collation,
											   table->values[left],
											   table->values[right]));
	return strcmp(intern_text(table, left), intern_text(table, right));
}


int32 *
intern_sort(InternTable *table)
{
	int32	   *order;
	int32	   *new_code;
	Datum	   *values;

	order = MemoryContextAllocHuge(CurrentMemoryContext,
								   sizeof(int32) * Max(table->count, 1));
	new_code = MemoryContextAllocHuge(CurrentMemoryContext,
									  sizeof(int32) * Max(table->count, 1));
	if (table->count == 0)
		return new_code;
	for (int32 i = 0; i < table->count; i++)
		order[i] = i;
	qsort_arg(order, table->count, sizeof(int32), compare_codes, table);

	values = MemoryContextAllocHuge(table->context,
									sizeof(Datum) * table->capacity);
	for (int32 i = 0; i < table->count; i++)
	{
		new_code[order[i]] = i;
		values[i] = table->values[order[i]];
	}
	pfree(table->values);
	table->values = values;
	if (table->texts != NULL)
		pfree(table->texts);
	table->texts = NULL;
	for (Size i = 0; i <= table->mask; i++)
		if (table->slots[i].code >= 0)
			table->slots[i].code = new_code[table->slots[i].code];
	table->last_code = -1;
	pfree(order);
	return new_code;
}
