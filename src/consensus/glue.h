/*-------------------------------------------------------------------------
 *
 * glue.h
 *	  What the files of truth inference share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_CONSENSUS_GLUE_H
#define TDP_CONSENSUS_GLUE_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

#include "base/intern.h"
#include "consensus/consensus_kernel.h"

/* What the user's queries gave, numbered in the order of its types. */
typedef struct ConsensusInput
{
	MemoryContext context;		/* holds all of it */
	InternTable *items;
	InternTable *annotators;
	InternTable *labels;
	int32	   *item_codes;		/* of an item's number */
	int32	   *label_codes;	/* of a class's number; an annotator's is its
								 * code */
	ConsensusData data;			/* without priors */
} ConsensusInput;

/* The "settings" argument. */
typedef struct ConsensusSettings
{
	double		smoothing;		/* negative: the default */
	double		tolerance;
	int			max_iter;		/* 0: the method's default */
	Jsonb	   *priors;			/* NULL: estimated */
} ConsensusSettings;

typedef struct ConsensusMethodEntry ConsensusMethodEntry;

/*
 * consensus_read runs the queries given as "annotations" and "gold" (NULL:
 * none) in the current memory context, which should be the call's own: what
 * it holds is checked against tdp.solver_memory.
 */
extern void consensus_read(const char *annotations, const char *gold,
						   ArrayType *args, ConsensusInput *input);

extern void consensus_read_settings(Jsonb *settings, ConsensusSettings *to);

/* The method of that name; an error lists those there are. */
extern const ConsensusMethodEntry *consensus_method_named(const char *name);

/*
 * consensus_solve fits the method to the input, which has a row.  With
 * "confusion", fit->confusion is there whatever the method.  Returns the
 * name of the method, or of the one chosen for "auto".
 */
extern const char *consensus_solve(const ConsensusMethodEntry *method,
								   ConsensusInput *input,
								   const ConsensusSettings *settings,
								   bool confusion, ConsensusFit *fit);

/* The progress callback of all kernels: serves interrupts. */
extern bool consensus_progress(void *state, double done);

/* A huge array in the current context. */
extern void *consensus_alloc(Size count, Size size);

/*
 * Error, before they are asked for, when so many bytes more than "context"
 * holds are not allowed; "what" as in settings_check_memory.
 */
extern void consensus_check_memory(MemoryContext context, double bytes,
								   const char *what);

#endif							/* TDP_CONSENSUS_GLUE_H */
