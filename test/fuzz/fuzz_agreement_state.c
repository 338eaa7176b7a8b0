/*-------------------------------------------------------------------------
 *
 * fuzz_agreement_state.c
 *	  Bytes that claim to be a state of agreement: reading stays inside its
 *	  input, and what is taken has one form, merges, and gives no coefficient
 *	  that is NaN or above 1.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agreement/state_kernel.h"

#define MAX_ANSWERS 200

static uint64_t random_state;


static uint64_t
draw(uint64_t below)
{
	random_state = random_state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (random_state >> 33) % below;
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
	fprintf(stderr, "fuzz_agreement_state: %s\n", what);
	abort();
}


static void
measure(const AgreementState *state)
{
	AgreementScale scale = {.kind = AGREEMENT_SCALE_IDENTITY};
	AgreementDistance distance;

	if (agreement_distance_start(&distance, &scale, state->matrix.labels,
								 state->matrix.nlabels, &host) != AGREEMENT_OK)
		fail("distance");
	for (int m = AGREEMENT_MEASURE_PERCENT; m <= AGREEMENT_MEASURE_ALPHA; m++)
	{
		bool		defined;
		double		value = 0;

		if (agreement_measure(&state->matrix, &distance, m, &host, &defined,
							  &value) != AGREEMENT_OK)
			fail("measure");
		if (defined && !(value <= 1 + 1e-6))
			fail("a coefficient is NaN or above 1");
	}
	agreement_distance_end(&distance, &host);
}


/* Packs a state; the caller frees the bytes. */
static uint8_t *
pack(const AgreementState *state, size_t *size)
{
	uint8_t    *bytes;

	*size = agreement_state_pack(state, NULL);
	bytes = malloc(*size);
	agreement_state_pack(state, bytes);
	return bytes;
}


/* A state of random answers, some labels with numbers. */
static uint8_t *
draw_state(size_t *size)
{
	static char texts[8][2];
	AgreementAnswer answers[MAX_ANSWERS];
	AgreementLabel labels[8];
	AgreementState state = {.type = "text", .type_length = 4};
	AgreementState *parts[1] = {&state};
	AgreementState made;
	AgreementMerge merge;
	AgreementLabel label;
	size_t		count = draw(MAX_ANSWERS);
	uint64_t	kinds = 1 + draw(7);
	bool		numbered = draw(2);
	uint8_t    *bytes;

	for (size_t i = 0; i < count; i++)
		answers[i] = (AgreementAnswer)
	{
		draw(60), draw(kinds)
	};
	if (agreement_sort(answers, count, &host) != AGREEMENT_OK ||
		agreement_matrix(answers, count, &host, &state.matrix) != AGREEMENT_OK)
		fail("matrix");
	for (uint32_t k = 0; k < state.matrix.nlabels; k++)
	{
		texts[k][0] = (char) ('h' - state.matrix.labels[k]);
		labels[k] = (AgreementLabel)
		{
			texts[k], 1, numbered, numbered
				? agreement_number_key((double) state.matrix.labels[k]) : 0
		};
	}
	state.labels = labels;
	for (size_t i = 0; i < count; i++)
		agreement_state_item(&state, answers[i].item);
	if (agreement_state_merge(parts, 1, &host, &made, &merge,
							  &label) != AGREEMENT_OK ||
		merge != AGREEMENT_MERGED)
		fail("merging one state");
	bytes = pack(&made, size);
	agreement_state_end(&made, &host);
	agreement_matrix_end(&state.matrix, &host);
	return bytes;
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
try_merge(AgreementState *one, AgreementState *other)
{
	AgreementState *parts[2] = {one, other};
	AgreementState merged;
	AgreementMerge merge;
	AgreementLabel label;

	if (agreement_state_merge(parts, 2, &host, &merged, &merge,
							  &label) != AGREEMENT_OK)
		fail("merging two states");
	if (merge == AGREEMENT_MERGED)
		measure(&merged);
	agreement_state_end(&merged, &host);
}


static void
one_round(void)
{
	size_t		size;
	size_t		other_size;
	uint8_t    *bytes = draw_state(&size);
	uint8_t    *other = draw_state(&other_size);
	AgreementState state;
	AgreementState sound;

	if (agreement_state_unpack(other, other_size, &host,
							   &sound) != AGREEMENT_OK)
		fail("a sound state is refused");
	size = mutate(bytes, size);
	if (agreement_state_unpack(bytes, size, &host, &state) == AGREEMENT_OK)
	{
		size_t		again_size;
		uint8_t    *again = pack(&state, &again_size);

		if (again_size != size || memcmp(again, bytes, size) != 0)
			fail("a state has two forms");
		free(again);
		measure(&state);
		try_merge(&state, &sound);
	}
	agreement_state_end(&state, &host);
	agreement_state_end(&sound, &host);
	free(bytes);
	free(other);
}


int
main(int argc, char **argv)
{
	long		rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 1000;

	random_state = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	for (long round = 0; round < rounds; round++)
		one_round();
	return 0;
}
