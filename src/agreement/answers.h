/*-------------------------------------------------------------------------
 *
 * answers.h
 *	  The state of the aggregates over (item, label).
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_AGREEMENT_ANSWERS_H
#define TDP_AGREEMENT_ANSWERS_H

#include "postgres.h"

#include "agreement/agreement_kernel.h"
#include "agreement/scales.h"
#include "agreement/texts.h"

typedef struct AnswerState
{
	AgreementAnswer *answers;
	uint32		used;
	uint32		capacity;
	ScaleWord	scale;
	bool		metric;			/* the scale was named as alpha's metric */
	bool		sorted;
	TextSet    *items;			/* of types coded by text; else NULL */
	TextSet    *labels;
	TextSet    *annotators;
	AgreementTally given;		/* Conger's: (annotator, label); else empty */
} AnswerState;

/* Sorts the answers in place, unless they are. */
extern void answers_sort(AnswerState *state);

#endif							/* TDP_AGREEMENT_ANSWERS_H */
