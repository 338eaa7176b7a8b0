/*-------------------------------------------------------------------------
 *
 * span_kernel.c
 *	  How far two annotators marked the same spans.
 *
 *-------------------------------------------------------------------------
 */
#include "agreement/span_kernel.h"

#include <stdlib.h>


static int
compare_spans(const void *a, const void *b)
{
	const Span *one = a;
	const Span *other = b;

	if (one->label != other->label)
		return one->label < other->label ? -1 : 1;
	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	return (one->end > other->end) - (one->end < other->end);
}


void
span_sort(Span *spans, size_t count)
{
	qsort(spans, count, sizeof(Span), compare_spans);
}


/* Which of two spans that do not match lies before the other? */
static int
order_of(const Span *a, const Span *b, bool overlap)
{
	if (!overlap)
		return compare_spans(a, b);
	if (a->label != b->label)
		return a->label < b->label ? -1 : 1;
	if (a->end <= b->start)
		return -1;
	return b->end <= a->start ? 1 : 0;
}


double
span_f1(const Span *a, size_t na, const Span *b, size_t nb, bool overlap)
{
	size_t		i = 0;
	size_t		j = 0;
	size_t		matches = 0;

	if (na + nb == 0)
		return 1;
	while (i < na && j < nb)
	{
		int			order = order_of(&a[i], &b[j], overlap);

		if (order == 0)
			matches++;
		i += order <= 0;
		j += order >= 0;
	}
	return 2 * (double) matches / (double) (na + nb);
}
