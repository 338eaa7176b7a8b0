/*-------------------------------------------------------------------------
 *
 * glue.c
 *	  What the agreement aggregates have in common.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/primnodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "agreement/glue.h"
#include "base/compat.h"
#include "base/settings.h"


static void *
host_allocate(void *context, size_t size)
{
	settings_check_memory(size, "agreement on so many different labels");
	return MemoryContextAllocExtended(context, size,
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}


static void
host_release(void *context, void *memory)
{
	pfree(memory);
}


static bool
host_proceed(void *context)
{
	CHECK_FOR_INTERRUPTS();
	return true;
}


AgreementHost
agreement_host(MemoryContext context)
{
	return (AgreementHost) {host_allocate, host_release, host_proceed, context};
}


void
agreement_check(AgreementStatus status)
{
	if (status == AGREEMENT_CORRUPT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("agreement state is corrupt")));
	if (status != AGREEMENT_OK)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory for agreement")));
}


MemoryContext
agreement_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "agreement state function called outside an aggregate");
	return context;
}


Oid
agreement_argument_type(FunctionCallInfo fcinfo, int argument)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, argument);

	if (!OidIsValid(type))
		elog(ERROR, "could not determine the type of argument %d", argument);
	return type;
}


Oid
agreement_argument_collation(FunctionCallInfo fcinfo, int argument)
{
	Aggref	   *aggregate = AggGetAggref(fcinfo);
	TargetEntry *entry;

	if (aggregate == NULL)
		return PG_GET_COLLATION();
	/* the first argument of the state function is the state */
	entry = list_nth_node(TargetEntry, aggregate->args, argument - 1);
	return exprCollation((Node *) entry->expr);
}


uint64
agreement_ordered_key(double number, const char *argument, const char *metric,
					  bool infinite_ok, bool negative_ok)
{
	if (isnan(number))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("argument \"%s\" is NaN, which has no place on the %s scale",
						argument, metric),
				 errhint("NULL is what says that an item is not annotated: NULLIF(%s, 'NaN').",
						 argument)));
	if (isinf(number) && !infinite_ok)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("argument \"%s\" is infinite or too large for a double, which has no distance on the %s scale",
						argument, metric),
				 errhint("Make it NULL if it says that an item is not annotated, or a finite number.")));
	if (number < 0 && !negative_ok)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("argument \"%s\" is negative (%g), but the %s scale starts at zero",
						argument, number, metric),
				 errhint("Use the interval scale where zero is no natural least value.")));
	return agreement_number_key(number);
}


void
agreement_not_a_number(const char *argument, Oid type, const char *word,
					   const char *value)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("argument \"%s\" has type %s, but %s \"%s\" takes numbers and enums",
					argument,
					format_type_be(type == UNKNOWNOID ? TEXTOID : type),
					word, value),
			 errhint("Cast it to a number, to an enum whose labels stand in their order, or use array_position(ARRAY['low', 'high'], %s).",
					 argument)));
}


bytea *
agreement_state_bytes(StringInfo header, Size size, uint8 **bytes)
{
	bytea	   *state;

	if (size > MaxAllocSize - VARHDRSZ - header->len)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("an agreement state of %zu MB is too large to be sent between processes",
						size >> 20),
				 errhint("SET max_parallel_workers_per_gather = 0, or use more groups.")));
	state = palloc(VARHDRSZ + header->len + size);
	SET_VARSIZE(state, VARHDRSZ + header->len + size);
	memcpy(VARDATA(state), header->data, header->len);
	*bytes = (uint8 *) VARDATA(state) + header->len;
	return state;
}


void
agreement_read_version(StringInfo message)
{
	int			version = pq_getmsgbyte(message);

	if (version != AGREEMENT_STATE_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("agreement state has version %d, but this library reads version %d",
						version, AGREEMENT_STATE_VERSION)));
}
