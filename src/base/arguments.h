/*-------------------------------------------------------------------------
 *
 * arguments.h
 *	  Arguments of SQL functions that are not strict.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_BASE_ARGUMENTS_H
#define TDP_BASE_ARGUMENTS_H

#include "postgres.h"

#include "fmgr.h"

/* argument_refuse_null raises an error naming the argument if it is NULL. */
extern void argument_refuse_null(FunctionCallInfo fcinfo, int number,
								 const char *argument);

/* A text argument as a C string: NULL for NULL, or an error naming it. */
extern char *argument_text(FunctionCallInfo fcinfo, int number);
extern char *argument_required_text(FunctionCallInfo fcinfo, int number,
									const char *argument);

#endif							/* TDP_BASE_ARGUMENTS_H */
