/*-------------------------------------------------------------------------
 *
 * sort_kernel.c
 *	  Sort answers by item and label, in place.
 *
 * A most-significant-digit radix sort that swaps (McIlroy, Bostic, McIlroy,
 * Engineering Radix Sort, 1993): a copy would double the memory of the
 * largest thing there is.  Digits are taken from the highest bit that
 * differs, and are as wide as makes buckets of about eight; what is sorted
 * already, such as integer keys read in their order, is only looked at.
 *
 *-------------------------------------------------------------------------
 */
#include "agreement/agreement_kernel.h"

#define SMALL 24				/* insertion sort up to here */
#define MAX_BITS 8
#define MIN_BITS 4
#define PROCEED_AT 65536		/* answers */

typedef struct Survey
{
	bool		sorted;
	bool		items_sorted;
	uint64_t	item_bits;		/* bits in which items differ */
	uint64_t	label_bits;
} Survey;


static inline bool
is_before(AgreementAnswer a, AgreementAnswer b)
{
	return a.item < b.item || (a.item == b.item && a.label < b.label);
}


static void
insertion_sort(AgreementAnswer *answers, size_t count)
{
	for (size_t i = 1; i < count; i++)
	{
		AgreementAnswer answer = answers[i];
		size_t		j = i;

		for (; j > 0 && is_before(answer, answers[j - 1]); j--)
			answers[j] = answers[j - 1];
		answers[j] = answer;
	}
}


static Survey
survey(const AgreementAnswer *answers, size_t count)
{
	Survey		found = {true, true, 0, 0};

	for (size_t i = 1; i < count; i++)
	{
		found.item_bits |= answers[i].item ^ answers[0].item;
		found.label_bits |= answers[i].label ^ answers[0].label;
		found.items_sorted &= answers[i].item >= answers[i - 1].item;
		found.sorted &= !is_before(answers[i], answers[i - 1]);
	}
	return found;
}


static inline int
highest_bit(uint64_t bits)
{
	return 63 - __builtin_clzll(bits);
}


static inline unsigned
digit_of(AgreementAnswer answer, bool by_label, int shift, unsigned mask)
{
	return ((by_label ? answer.label : answer.item) >> shift) & mask;
}


/* Puts each answer into the bucket of its digit; "end" gets their ends. */
static void
distribute(AgreementAnswer *answers, size_t count, bool by_label, int shift,
		   unsigned mask, uint32_t *end)
{
	uint32_t	next[1 << MAX_BITS];
	uint32_t	sum = 0;

	for (unsigned digit = 0; digit <= mask; digit++)
		end[digit] = 0;
	for (size_t i = 0; i < count; i++)
		end[digit_of(answers[i], by_label, shift, mask)]++;
	for (unsigned digit = 0; digit <= mask; digit++)
	{
		next[digit] = sum;
		sum += end[digit];
		end[digit] = sum;
	}
	for (unsigned digit = 0; digit <= mask; digit++)
		while (next[digit] < end[digit])
		{
			AgreementAnswer answer = answers[next[digit]];
			unsigned	belongs;

			while ((belongs = digit_of(answer, by_label, shift, mask)) != digit)
			{
				AgreementAnswer other = answers[next[belongs]];

				answers[next[belongs]++] = answer;
				answer = other;
			}
			answers[next[digit]++] = answer;
		}
}


/* Sorts the labels of each item, where items are in order already. */
static AgreementStatus
sort_labels(AgreementAnswer *answers, size_t count, const AgreementHost *host)
{
	size_t		end;

	for (size_t start = 0; start < count; start = end)
	{
		AgreementStatus status;

		for (end = start + 1; end < count; end++)
			if (answers[end].item != answers[start].item)
				break;
		status = agreement_sort(answers + start, end - start, host);
		if (status != AGREEMENT_OK)
			return status;
	}
	return AGREEMENT_OK;
}


AgreementStatus
agreement_sort(AgreementAnswer *answers, size_t count,
			   const AgreementHost *host)
{
	Survey		found;
	bool		by_label;
	int			top;
	int			bits;
	unsigned	mask;
	uint32_t	end[1 << MAX_BITS];
	uint32_t	start = 0;

	if (count <= SMALL)
	{
		insertion_sort(answers, count);
		return AGREEMENT_OK;
	}
	if (count >= PROCEED_AT && !host->proceed(host->context))
		return AGREEMENT_STOPPED;
	found = survey(answers, count);
	if (found.sorted)
		return AGREEMENT_OK;

	if (found.items_sorted && found.item_bits != 0)
		return sort_labels(answers, count, host);

	by_label = (found.item_bits == 0);
	top = highest_bit(by_label ? found.label_bits : found.item_bits) + 1;
	bits = highest_bit(count) - 3;
	bits = bits < MIN_BITS ? MIN_BITS : bits > MAX_BITS ? MAX_BITS : bits;
	bits = bits > top ? top : bits;
	mask = (1u << bits) - 1;
	distribute(answers, count, by_label, top - bits, mask, end);
	for (unsigned digit = 0; digit <= mask; start = end[digit++])
	{
		AgreementStatus status;

		if (end[digit] - start < 2)
			continue;
		status = agreement_sort(answers + start, end[digit] - start, host);
		if (status != AGREEMENT_OK)
			return status;
	}
	return AGREEMENT_OK;
}
