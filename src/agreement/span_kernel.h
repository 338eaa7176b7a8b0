/*-------------------------------------------------------------------------
 *
 * span_kernel.h
 *	  How far two annotators marked the same spans.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SPAN_KERNEL_H
#define TDP_SPAN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Span
{
	int32_t		start;			/* half-open, in characters */
	int32_t		end;
	int32_t		label;
} Span;

/* Sorts spans by label, start, end. */
extern void span_sort(Span *spans, size_t count);

/*
 * span_f1 is the F1 of two sorted sets: twice the matches over all spans of
 * both, 1 for two empty sets.  Spans match one to one, when they are equal,
 * or with "overlap" when they have a label and at least a character in
 * common: earliest end first, which gives the most matches there can be
 * unless spans of one set lie within each other.
 */
extern double span_f1(const Span *a, size_t na, const Span *b, size_t nb,
					  bool overlap);

#endif							/* TDP_SPAN_KERNEL_H */
