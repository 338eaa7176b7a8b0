/*-------------------------------------------------------------------------
 *
 * numeric.h
 *	  Consensus of numbers, for the files of this room.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_CONSENSUS_NUMERIC_H
#define TDP_CONSENSUS_NUMERIC_H

#include "consensus/glue.h"
#include "consensus/numeric_kernel.h"

/* What is taken when no method is named. */
#define NUMERIC_DEFAULT "lfc"

/* What the user's queries gave; items and annotators in their types' order. */
typedef struct NumericInput
{
	MemoryContext context;		/* holds all of it */
	InternTable *items;			/* a code is a number; what is more comes from
								 * gold */
	InternTable *annotators;
	NumericData data;			/* scaled */
	int			exponent;		/* a number is this power of 2 times as large */
} NumericInput;

typedef struct NumericMethodEntry NumericMethodEntry;

/* The "settings" argument. */
typedef struct NumericSettings
{
	double		smoothing;		/* negative: the method's own */
	double		tolerance;
	int			max_iter;
	bool		biased;
	bool		biased_given;	/* else where there is gold */
	bool		shrink;
} NumericSettings;

extern void numeric_read_settings(Jsonb *settings, NumericSettings *to);

/* The method of that name; an error lists those there are. */
extern const NumericMethodEntry *numeric_method_named(const char *name);

extern bool numeric_method_exists(const char *name);

/*
 * numeric_read runs the queries given as "annotations" and "gold" (NULL:
 * none) in the current memory context, the call's own.
 */
extern void numeric_read(const char *annotations, const char *gold,
						 ArrayType *args, NumericInput *input);

/* Fits the method to an input that has a row; returns the method's name. */
extern const char *numeric_solve(const NumericMethodEntry *method,
								 NumericInput *input,
								 const NumericSettings *settings,
								 NumericFit *fit);

/* A number of the kernel's in the user's own size. */
extern double numeric_unscale(const NumericInput *input, double number);

#endif							/* TDP_CONSENSUS_NUMERIC_H */
