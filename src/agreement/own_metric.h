/*-------------------------------------------------------------------------
 *
 * own_metric.h
 *	  Metrics of alpha that look at the labels themselves: sets, and the
 *	  caller's own functions.
 *
 * A state keeps each different label as its text (texts.h).  Distances are
 * computed in the final function, where a function of the caller runs once
 * for each two labels; that is in the leader of a parallel plan but for
 * plans that aggregate whole groups in workers, where a function that is not
 * parallel safe is refused.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_AGREEMENT_OWN_METRIC_H
#define TDP_AGREEMENT_OWN_METRIC_H

#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"

#include "agreement/answers.h"
#include "agreement/scales.h"

/*
 * own_parse finds out whether a word is such a metric: jaccard, masi, or the
 * name of a function of two labels of "type", alone or with its arguments.
 * A function that may not be used is an error; an unknown name is false.
 */
extern bool own_parse(const char *word, Oid type, ScaleWord *scale);

/* The word, for errors. */
extern const char *own_word(ScaleWord scale);

/* Error, unless the metric takes labels of the type. */
extern void own_check_type(ScaleWord scale, Oid type);

/* The palloc'd text of a label. */
extern char *own_label_text(Oid type, Datum value);

/* What a serialised state says of it; a function is named, not numbered. */
extern void own_write(StringInfo message, ScaleWord scale);
extern void own_read(StringInfo message, ScaleWord *scale);

/*
 * Alpha of the sorted answers, whose labels are codes of the state's texts;
 * false where it is undefined.
 */
extern bool own_alpha(FunctionCallInfo fcinfo, AnswerState *state,
					  const AgreementAnswer *answers, int label,
					  double *value);

#endif							/* TDP_AGREEMENT_OWN_METRIC_H */
