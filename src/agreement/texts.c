/*-------------------------------------------------------------------------
 *
 * texts.c
 *	  Values of types that can be compared but not hashed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "agreement/agreement_kernel.h"
#include "agreement/glue.h"
#include "agreement/texts.h"
#include "base/compat.h"
#include "base/keytext.h"

struct TextSet
{
	MemoryContext context;
	AgreementTally codes;		/* of the texts, in the same order */
	char	  **strings;
	uint32		capacity;
	uint64	   *classes;		/* set by agreement_texts_classify */
};

typedef struct ReadValue
{
	uint64		code;
	uint32		index;
	Datum		datum;
} ReadValue;

typedef struct ValueOrder
{
	FmgrInfo   *compare;
	Oid			collation;
} ValueOrder;


TextSet *
agreement_texts(MemoryContext context)
{
	TextSet    *set = MemoryContextAllocZero(context, sizeof(TextSet));
	AgreementHost host = agreement_host(context);

	set->context = context;
	set->capacity = 8;
	set->strings = MemoryContextAlloc(context,
									  sizeof(char *) * set->capacity);
	agreement_check(agreement_tally_start(&set->codes, &host));
	return set;
}


uint64
agreement_texts_add(TextSet *set, const char *string)
{
	AgreementHost host = agreement_host(set->context);
	uint64		code = agreement_hash(string, strlen(string), 0);
	uint32		known = set->codes.used;
	uint32		index;

	agreement_check(agreement_tally_add(&set->codes, &host, code, 0, 0,
										&index));
	if (index < known)
		return code;
	if (index == set->capacity)
	{
		set->capacity *= 2;
		set->strings = repalloc_huge(set->strings,
									 sizeof(char *) * set->capacity);
	}
	set->strings[index] = MemoryContextStrdup(set->context, string);
	return code;
}


void
agreement_texts_merge(TextSet *set, const TextSet *from)
{
	for (uint32 i = 0; i < from->codes.used; i++)
		agreement_texts_add(set, from->strings[i]);
}


void
agreement_texts_write(StringInfo message, const TextSet *set)
{
	pq_sendint32(message, set->codes.used);
	for (uint32 i = 0; i < set->codes.used; i++)
	{
		int			length = strlen(set->strings[i]);

		pq_sendint32(message, length);
		pq_sendbytes(message, set->strings[i], length);
	}
}


TextSet *
agreement_texts_read(StringInfo message)
{
	TextSet    *set = agreement_texts(CurrentMemoryContext);
	uint32		count = pq_getmsgint(message, 4);

	for (uint32 i = 0; i < count; i++)
	{
		int			length = pq_getmsgint(message, 4);
		const char *bytes = pq_getmsgbytes(message, length);

		agreement_texts_add(set, pnstrdup(bytes, length));
	}
	return set;
}


static int
compare_values(const void *left, const void *right, void *arg)
{
	const ReadValue *a = left;
	const ReadValue *b = right;
	ValueOrder *order = arg;
	int			compared;

	CHECK_FOR_INTERRUPTS();
	compared = DatumGetInt32(FunctionCall2Coll(order->compare,
											   order->collation,
											   a->datum, b->datum));
	if (compared != 0)
		return compared;
	return (a->code > b->code) - (a->code < b->code);
}


static ReadValue *
read_values(const TextSet *set, Oid type)
{
	ReadValue  *values;
	Oid			input;
	Oid			parameter;
	FmgrInfo	parse;
	int			level = keytext_begin();

	values = MemoryContextAllocHuge(CurrentMemoryContext,
									sizeof(ReadValue) *
									Max(set->codes.used, 1));
	getTypeInputInfo(type, &input, &parameter);
	fmgr_info(input, &parse);
	for (uint32 i = 0; i < set->codes.used; i++)
	{
		values[i].code = set->codes.entries[i].a;
		values[i].index = i;
		values[i].datum = InputFunctionCall(&parse, set->strings[i],
											parameter, -1);
	}
	keytext_end(level);
	return values;
}


void
agreement_texts_classify(TextSet *set, Oid type)
{
	Oid			base = getBaseType(type);
	TypeCacheEntry *cache = lookup_type_cache(base,
											  TYPECACHE_CMP_PROC_FINFO);
	ValueOrder	order = {&cache->cmp_proc_finfo, get_typcollation(base)};
	ReadValue  *values = read_values(set, base);
	uint64		class = 0;

	set->classes = MemoryContextAllocHuge(CurrentMemoryContext,
										  sizeof(uint64) *
										  Max(set->codes.used, 1));
	qsort_arg(values, set->codes.used, sizeof(ReadValue), compare_values,
			  &order);
	for (uint32 i = 0; i < set->codes.used; i++)
	{
		if (i == 0 ||
			DatumGetInt32(FunctionCall2Coll(order.compare, order.collation,
											values[i - 1].datum,
											values[i].datum)) != 0)
			class = values[i].code;
		set->classes[values[i].index] = class;
	}
}


uint64
agreement_texts_class(const TextSet *set, uint64 code)
{
	return set->classes[agreement_tally_find(&set->codes, code, 0)];
}


const char *
agreement_texts_string(const TextSet *set, uint64 code)
{
	return set->strings[agreement_tally_find(&set->codes, code, 0)];
}
