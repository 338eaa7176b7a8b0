/*-------------------------------------------------------------------------
 *
 * fuzz_agreement.c
 *	  Bytes that claim to be packed answers or pairs, and answers of any
 *	  shape: reading stays inside its input, and no coefficient is NaN or
 *	  above 1.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agreement/agreement_kernel.h"

#define MAX_ANSWERS 400
#define MAX_BYTES 8192
#define MAX_UNPACKED 1000000

static uint64_t state;


static uint64_t
draw(uint64_t below)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (state >> 33) % below;
}


static void *
allocate(void *context, size_t size)
{
	(void) context;
	return calloc(1, size);
}


static void
release(void *context, void *memory)
{
	(void) context;
	free(memory);
}


static bool
proceed(void *context)
{
	(void) context;
	return true;
}


static const AgreementHost host = {allocate, release, proceed, NULL};


static void
fail(const char *what)
{
	fprintf(stderr, "fuzz_agreement: %s\n", what);
	abort();
}


static void
check_value(bool defined, double value)
{
	if (defined && !(value <= 1))
		fail("a coefficient is NaN or above 1");
}


/* Items few or many, labels finite and not negative, of all magnitudes. */
static size_t
draw_answers(AgreementAnswer *answers)
{
	size_t		count = draw(MAX_ANSWERS);
	uint64_t	items = 1 + draw(count + 2);
	int			kind = (int) draw(4);

	for (size_t i = 0; i < count; i++)
	{
		double		number = (double) draw(5);

		if (kind == 1)
			number = ldexp((double) draw(1000), (int) draw(2000) - 1050);
		else if (kind == 2)
			number += 1e15;
		else if (kind == 3)
			number = draw(50) == 0 ? 1.7e308 : number * 5e-324;
		answers[i].item = draw(items) * (UINT64_MAX / items);
		answers[i].label = agreement_number_key(number);
	}
	return count;
}


static void
try_coefficients(AgreementAnswer *answers, size_t count)
{
	AgreementNominal sums;
	double		value = 0;
	bool		defined;

	if (agreement_sort(answers, count, &host) != AGREEMENT_OK ||
		agreement_nominal(answers, count, true, &host, &sums) != AGREEMENT_OK)
		fail("nominal sums");
	defined = agreement_percent(&sums, &value);
	check_value(defined, value);
	defined = agreement_fleiss_kappa(&sums, &value);
	check_value(defined, value);
	defined = agreement_gwet_ac1(&sums, &value);
	check_value(defined, value);
	defined = agreement_alpha_nominal(&sums, &value);
	check_value(defined, value);
	for (int metric = AGREEMENT_ORDINAL; metric <= AGREEMENT_RATIO; metric++)
	{
		if (agreement_alpha(answers, count, metric, &host, &defined,
							&value) != AGREEMENT_OK)
			fail("alpha");
		check_value(defined, value);
	}
}


static void
try_kappas(const AgreementTally *pairs)
{
	double		value = 0;
	bool		defined;

	for (int weights = AGREEMENT_UNWEIGHTED; weights <= AGREEMENT_QUADRATIC; weights++)
	{
		if (agreement_cohen(pairs, weights, &host, &defined, &value) != AGREEMENT_OK)
			fail("Cohen's kappa");
		check_value(defined, value);
	}
	if (agreement_scott(pairs, &host, &defined, &value) != AGREEMENT_OK)
		fail("Scott's pi");
	check_value(defined, value);
}


/* Changes a few bytes, or the length, or nothing. */
static size_t
mutate(uint8_t *bytes, size_t size)
{
	for (uint64_t n = draw(4); n > 0 && size > 0; n--)
		switch (draw(4))
		{
			case 0:
				bytes[draw(size)] = (uint8_t) draw(256);
				break;
			case 1:
				bytes[draw(size)] ^= (uint8_t) (1 << draw(8));
				break;
			case 2:
				bytes[draw(size)] = draw(2) ? 0xff : 0x80;
				break;
			default:
				size = draw(size + 1);
		}
	return size;
}


static void
try_unpack(const uint8_t *bytes, size_t size)
{
	AgreementAnswer *answers;
	size_t		count;

	if (agreement_packed_count(bytes, size, &count) != AGREEMENT_OK ||
		count > MAX_UNPACKED)
		return;
	answers = malloc(sizeof(AgreementAnswer) * (count + 1));
	if (agreement_unpack(bytes, size, &host, answers) == AGREEMENT_OK)
	{
		AgreementNominal sums;

		if (agreement_nominal(answers, count, true, &host, &sums) != AGREEMENT_OK)
			fail("nominal sums of what was unpacked");
	}
	free(answers);
}


static void
try_unpack_pairs(const uint8_t *bytes, size_t size)
{
	AgreementTally pairs;

	(void) agreement_unpack_pairs(bytes, size, &host, &pairs);
	agreement_tally_end(&pairs, &host);
}


static void
one_round(void)
{
	static AgreementAnswer answers[MAX_ANSWERS];
	static uint8_t bytes[MAX_BYTES];
	size_t		count = draw_answers(answers);
	AgreementTally pairs;
	size_t		size;

	try_coefficients(answers, count);
	if (agreement_pack(answers, count, &host, NULL, &size) != AGREEMENT_OK ||
		size > MAX_BYTES ||
		agreement_pack(answers, count, &host, bytes, &size) != AGREEMENT_OK)
		fail("packing");
	try_unpack(bytes, mutate(bytes, size));

	if (agreement_tally_start(&pairs, &host) != AGREEMENT_OK)
		fail("starting a tally");
	for (size_t i = 1; i < count; i++)
		if (agreement_tally_add(&pairs, &host, answers[i - 1].label,
								answers[i].label, 1 + draw(1000),
								NULL) != AGREEMENT_OK)
			fail("adding to a tally");
	try_kappas(&pairs);
	if (agreement_tally_sort(&pairs, &host) != AGREEMENT_OK)
		fail("sorting a tally");
	size = agreement_pack_pairs(&pairs, NULL);
	if (size <= MAX_BYTES)
	{
		agreement_pack_pairs(&pairs, bytes);
		try_unpack_pairs(bytes, mutate(bytes, size));
	}
	agreement_tally_end(&pairs, &host);
}


int
main(int argc, char **argv)
{
	long		rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 1000;

	state = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	for (long round = 0; round < rounds; round++)
		one_round();
	return 0;
}
