/*-------------------------------------------------------------------------
 *
 * arguments.c
 *	  Arguments of SQL functions that are not strict.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/arguments.h"


void
argument_refuse_null(FunctionCallInfo fcinfo, int number,
					 const char *argument)
{
	if (PG_ARGISNULL(number))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be NULL", argument)));
}


char *
argument_text(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL
		: text_to_cstring(PG_GETARG_TEXT_PP(number));
}


char *
argument_required_text(FunctionCallInfo fcinfo, int number,
					   const char *argument)
{
	argument_refuse_null(fcinfo, number, argument);
	return argument_text(fcinfo, number);
}
