/*-------------------------------------------------------------------------
 *
 * agreement_bench.h
 *	  What the tests of agreement share: a host, and answers that only look
 *	  random.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_TEST_AGREEMENT_BENCH_H
#define TDP_TEST_AGREEMENT_BENCH_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agreement/agreement_kernel.h"

#define MAX_ANSWERS 2000
#define MAX_LABELS 8

/* ---- a host that can run out of memory or of patience ------------------- */

typedef struct Ration
{
	int			allocations;	/* how many more succeed; -1: all */
	int			proceeds;		/* likewise */
} Ration;


static inline void *
ration_allocate(void *context, size_t size)
{
	Ration	   *ration = context;

	if (ration->allocations == 0)
		return NULL;
	if (ration->allocations > 0)
		ration->allocations--;
	return calloc(1, size);
}


static inline void
ration_release(void *context, void *memory)
{
	(void) context;
	free(memory);
}


static inline bool
ration_proceed(void *context)
{
	Ration	   *ration = context;

	if (ration->proceeds == 0)
		return false;
	if (ration->proceeds > 0)
		ration->proceeds--;
	return true;
}


static inline AgreementHost
rationed(Ration *ration)
{
	return (AgreementHost) {ration_allocate, ration_release, ration_proceed, ration};
}


static Ration plenty = {-1, -1};

static inline AgreementHost
generous(void)
{
	return rationed(&plenty);
}

/* ---- numbers that only look random -------------------------------------- */

static uint64_t seed = 1;

static inline uint64_t
draw(uint64_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 33) % below;
}


static inline void
shuffle(AgreementAnswer *answers, size_t count)
{
	for (size_t i = count; i > 1; i--)
	{
		size_t		j = draw(i);
		AgreementAnswer answer = answers[i - 1];

		answers[i - 1] = answers[j];
		answers[j] = answer;
	}
}


static inline AgreementAnswer
answer_of(uint64_t item, double number)
{
	AgreementAnswer answer = {item, agreement_number_key(number)};

	return answer;
}


/* Up to 40 items with up to 12 answers each, labels being small integers. */
static inline size_t
draw_answers(AgreementAnswer *answers)
{
	size_t		count = 0;
	uint64_t	items = 1 + draw(40);
	uint64_t	most = 1 + draw(12);
	uint64_t	labels = 1 + draw(MAX_LABELS - 1);

	for (uint64_t item = 0; item < items; item++)
		for (uint64_t n = draw(most + 1); n > 0; n--)
			answers[count++] = answer_of(item * UINT64_C(0x123456789), (double) draw(labels));
	return count;
}

#endif							/* TDP_TEST_AGREEMENT_BENCH_H */
