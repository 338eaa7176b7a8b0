/*-------------------------------------------------------------------------
 *
 * tally_kernel.c
 *	  Count labels, or pairs of them.
 *
 * Entries are walked in the order in which they came, never in that of their
 * hashes: to add one table to another in bucket order is quadratic.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "agreement/agreement_kernel.h"

#define FIRST_CAPACITY 8


static inline uint32_t
hash_pair(uint64_t a, uint64_t b)
{
	uint64_t	hash = a + b * UINT64_C(0x9E3779B97F4A7C15);

	hash = (hash ^ (hash >> 33)) * UINT64_C(0xFF51AFD7ED558CCD);
	hash = (hash ^ (hash >> 33)) * UINT64_C(0xC4CEB9FE1A85EC53);
	return (uint32_t) (hash >> 32);
}


/* The slot where an entry is, or where it belongs. */
static inline uint32_t *
find_slot(const AgreementTally *tally, uint64_t a, uint64_t b)
{
	uint32_t	mask = 2 * tally->capacity - 1;

	for (uint32_t i = hash_pair(a, b) & mask;; i = (i + 1) & mask)
	{
		const AgreementCount *entry;

		if (tally->slots[i] == 0)
			return &tally->slots[i];
		entry = &tally->entries[tally->slots[i] - 1];
		if (entry->a == a && entry->b == b)
			return &tally->slots[i];
	}
}


/* Enters all entries into slots that are empty. */
static void
fill_slots(AgreementTally *tally)
{
	for (uint32_t i = 0; i < tally->used; i++)
		*find_slot(tally, tally->entries[i].a, tally->entries[i].b) = i + 1;
}


static AgreementStatus
set_capacity(AgreementTally *tally, const AgreementHost *host,
			 uint32_t capacity)
{
	AgreementTally grown = {NULL, NULL, tally->used, capacity};

	grown.entries = host->allocate(host->context,
								   sizeof(AgreementCount) * capacity);
	grown.slots = host->allocate(host->context,
								 sizeof(uint32_t) * 2 * capacity);
	if (grown.entries == NULL || grown.slots == NULL)
	{
		agreement_tally_end(&grown, host);
		return AGREEMENT_NO_MEMORY;
	}
	if (tally->used > 0)
		memcpy(grown.entries, tally->entries,
			   sizeof(AgreementCount) * tally->used);
	fill_slots(&grown);
	agreement_tally_end(tally, host);
	*tally = grown;
	return AGREEMENT_OK;
}


AgreementStatus
agreement_tally_start(AgreementTally *tally, const AgreementHost *host)
{
	memset(tally, 0, sizeof(*tally));
	return set_capacity(tally, host, FIRST_CAPACITY);
}


AgreementStatus
agreement_tally_add(AgreementTally *tally, const AgreementHost *host,
					uint64_t a, uint64_t b, uint64_t count, uint32_t *index)
{
	uint32_t   *slot = find_slot(tally, a, b);

	if (*slot == 0 && tally->used == tally->capacity)
	{
		AgreementStatus status;

		if (tally->capacity > UINT32_MAX / 8)
			return AGREEMENT_NO_MEMORY;
		status = set_capacity(tally, host, tally->capacity * 2);
		if (status != AGREEMENT_OK)
			return status;
		slot = find_slot(tally, a, b);
	}
	if (*slot == 0)
	{
		tally->entries[tally->used] = (AgreementCount) {a, b, 0};
		*slot = ++tally->used;
	}
	tally->entries[*slot - 1].count += count;
	if (index != NULL)
		*index = *slot - 1;
	return AGREEMENT_OK;
}


uint32_t
agreement_tally_find(const AgreementTally *tally, uint64_t a, uint64_t b)
{
	return *find_slot(tally, a, b) - 1;
}


void
agreement_tally_end(AgreementTally *tally, const AgreementHost *host)
{
	if (tally->entries != NULL)
		host->release(host->context, tally->entries);
	if (tally->slots != NULL)
		host->release(host->context, tally->slots);
	memset(tally, 0, sizeof(*tally));
}


AgreementStatus
agreement_tally_sort(AgreementTally *tally, const AgreementHost *host)
{
	size_t		size = sizeof(AgreementCount) * tally->capacity;
	AgreementAnswer *order = host->allocate(host->context,
											sizeof(AgreementAnswer) * tally->capacity);
	AgreementCount *sorted = host->allocate(host->context, size);
	AgreementStatus status = AGREEMENT_NO_MEMORY;

	if (order != NULL && sorted != NULL)
	{
		for (uint32_t i = 0; i < tally->used; i++)
			order[i] = (AgreementAnswer) {tally->entries[i].a, tally->entries[i].b};
		status = agreement_sort(order, tally->used, host);
	}
	if (status == AGREEMENT_OK)
	{
		for (uint32_t i = 0; i < tally->used; i++)
			sorted[i] = tally->entries[agreement_tally_find(tally, order[i].item,
															order[i].label)];
		memcpy(tally->entries, sorted, size);
		memset(tally->slots, 0, sizeof(uint32_t) * 2 * tally->capacity);
		fill_slots(tally);
	}
	if (order != NULL)
		host->release(host->context, order);
	if (sorted != NULL)
		host->release(host->context, sorted);
	return status;
}
