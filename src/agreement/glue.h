/*-------------------------------------------------------------------------
 *
 * glue.h
 *	  What the agreement aggregates have in common.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_AGREEMENT_GLUE_H
#define TDP_AGREEMENT_GLUE_H

#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"

#include "agreement/agreement_kernel.h"

/* Form of serialised states that this library writes and reads. */
#define AGREEMENT_STATE_VERSION 1

/*
 * What kernels ask of PostgreSQL: memory in "context" (up to what
 * tdp.solver_memory allows), and the check for a cancel.
 */
extern AgreementHost agreement_host(MemoryContext context);

/* Raises the error, if it is one. */
extern void agreement_check(AgreementStatus status);

/* The context in which an aggregate's states live. */
extern MemoryContext agreement_context(FunctionCallInfo fcinfo);

/* Type of an argument of the call, e.g. of an aggregate's. */
extern Oid	agreement_argument_type(FunctionCallInfo fcinfo, int argument);

/*
 * Collation of an aggregate's argument by itself; where that is not known
 * (window functions), the one that all arguments share.
 */
extern Oid	agreement_argument_collation(FunctionCallInfo fcinfo,
										 int argument);

/*
 * agreement_ordered_key checks that "number" can be a label under
 * "metric", a word for the error, and returns its key.
 */
extern uint64 agreement_ordered_key(double number, const char *argument,
									const char *metric, bool infinite_ok,
									bool negative_ok);

/* Error: labels of this type have no place on a scale. */
extern void agreement_not_a_number(const char *argument, Oid type,
								   const char *word, const char *value);

/* Wraps up a serialised state: a header and "size" bytes to be filled in. */
extern bytea *agreement_state_bytes(StringInfo header, Size size,
									uint8 **bytes);

/* Reads the first byte of a serialised state. */
extern void agreement_read_version(StringInfo message);

#endif							/* TDP_AGREEMENT_GLUE_H */
