/*-------------------------------------------------------------------------
 *
 * scales.h
 *	  The words by which callers name metrics and weights.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_AGREEMENT_SCALES_H
#define TDP_AGREEMENT_SCALES_H

#include "postgres.h"

#include "fmgr.h"

#include "agreement/matrix_kernel.h"

/* Metrics of alpha that look at the labels themselves (own_metric.h). */
typedef enum OwnMetric
{
	OWN_NONE,
	OWN_JACCARD,
	OWN_MASI,
	OWN_FUNCTION
} OwnMetric;

/* A scale, as a word says it: 'linear', 'circular', 'circular(24)'. */
typedef struct ScaleWord
{
	AgreementScaleKind kind;
	double		period;			/* of circular; 0: from the labels */
	OwnMetric	own;			/* with AGREEMENT_SCALE_CUSTOM */
	Oid			function;		/* of OWN_FUNCTION */
} ScaleWord;

/*
 * An argument that is such a word; the one read last is remembered, as it
 * hardly ever changes.  "metric": the words are those of alpha.
 */
typedef struct ScaleArgument
{
	const char *name;
	bool		metric;
	char		last[32];
	int			last_length;	/* 0: none */
	Oid			type;			/* of labels that a function may take */
	ScaleWord	scale;
} ScaleArgument;

/*
 * The scale of a word; an error names the argument and the words there are.
 * A metric may name a function of two labels of "type" (InvalidOid: not).
 */
extern ScaleWord scale_parse(const char *name, bool metric, const char *word,
							 Oid type);

/* The scale that an argument of a call names. */
extern ScaleWord scale_read(ScaleArgument *scale, FunctionCallInfo fcinfo,
							int argument);

/* The word, for errors. */
extern const char *scale_word(ScaleWord scale, bool metric);

/* Error: the argument is given as two different words in one group. */
extern void scale_differs(const char *name, bool metric, ScaleWord one,
						  ScaleWord other);

/* Are they the same? */
extern bool scale_same(ScaleWord one, ScaleWord other);

/* Do labels need a number, may it be infinite, or negative? */
extern bool scale_takes_numbers(ScaleWord scale);
extern bool scale_takes_infinite(ScaleWord scale);
extern bool scale_takes_negative(ScaleWord scale);

#endif							/* TDP_AGREEMENT_SCALES_H */
