/*-------------------------------------------------------------------------
 *
 * state.h
 *	  Values of the type tdp.agreement_state.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_AGREEMENT_STATE_H
#define TDP_AGREEMENT_STATE_H

#include "postgres.h"

#include "agreement/state_kernel.h"

/* The value that a state is. */
extern bytea *agreement_state_value(const AgreementState *state);

/*
 * Merges states into a value; what stands in the way is an error that says
 * what to do.
 */
extern bytea *agreement_state_merged(AgreementState *const *parts, int nparts);

#endif							/* TDP_AGREEMENT_STATE_H */
