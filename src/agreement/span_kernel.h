/*-------------------------------------------------------------------------
 *
 * span_kernel.h
 *	  How far annotators marked the same spans.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SPAN_KERNEL_H
#define TDP_SPAN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agreement/items_kernel.h"

typedef struct Span
{
	int32_t		start;			/* half-open, in characters */
	int32_t		end;
	int32_t		label;
	int32_t		least;			/* span_f1's own */
	bool		taken;
} Span;

/* One annotator's spans of one item. */
typedef struct SpanSet
{
	Span	   *spans;
	size_t		count;
} SpanSet;

/* Sorts spans by label, end, start. */
extern void span_sort(Span *spans, size_t count);

/*
 * span_f1 is the F1 of two sorted sets: twice the matches over all spans of
 * both, 1 for two empty sets.  Spans match one to one, when they are equal,
 * or with "overlap" when they have a label and at least a character in
 * common: as many as can be matched, whatever lies within what.
 */
extern double span_f1(const SpanSet *a, const SpanSet *b, bool overlap);

/* Room that span_tokens needs: two for each span, and one per annotator. */
typedef struct SpanEvent
{
	int32_t		at;
	int32_t		annotator;
	uint64_t	change;
} SpanEvent;

typedef struct SpanState
{
	uint64_t	labels;			/* at this place; 0: none */
	int32_t		since;
} SpanState;

/* So many characters of an item got these labels. */
typedef struct SpanToken
{
	uint32_t	item;
	uint64_t	labels;
	double		count;
} SpanToken;

/* What an item says in all: zeros, but for "observed" of span_tokens. */
typedef struct SpanSums
{
	double		observed;		/* answers unlike another one, by character */
	double		answers;
	double		common;			/* sum of own times all answers of a label set */
	double		squares;		/* sum of own times own */
} SpanSums;

/*
 * span_tokens cuts an item of "length" characters, or as many as the last
 * span needs, where an annotator's set of labels changes; count >= 2 sorted
 * sets.  It writes at most two tokens for each span and one for each set, and
 * returns how many.  The order of annotators is of no account.
 */
extern size_t span_tokens(uint32_t item, const SpanSet *sets, size_t count,
						  int32_t length, SpanEvent *events,
						  SpanState *states, SpanToken *tokens,
						  double *observed);

/*
 * span_alpha is Krippendorff's nominal alpha with characters as units and the
 * set of labels that stand there, maybe none, as the label.  Characters of an
 * item depend on each other, so that the interval comes from leaving out one
 * item after the other (jackknife; t of items - 1 degrees of freedom).  Sorts
 * tokens; items are numbered from 0 to n - 1.
 */
extern void span_alpha(SpanToken *tokens, size_t count, SpanSums *items,
					   size_t n, ItemsValue *result);

#endif							/* TDP_SPAN_KERNEL_H */
