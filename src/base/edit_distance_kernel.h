/*-------------------------------------------------------------------------
 *
 * edit_distance_kernel.h
 *	  How many symbols to insert, delete or replace to make one sequence of
 *	  another (Levenshtein's distance).
 *
 * A symbol is any 32 bits: a Unicode character, or the number of a word.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_EDIT_DISTANCE_KERNEL_H
#define TDP_EDIT_DISTANCE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longer sequences are not taken: the distance fits 32 bits. */
#define EDIT_DISTANCE_MAX_LENGTH ((size_t) INT32_MAX)

/* Called every few milliseconds; returns false to stop.  NULL: never. */
typedef bool (*EditProceed) (void *context);

/*
 * Bytes of scratch memory, aligned as malloc's, that edit_distance needs for
 * sequences of these lengths, or shorter ones.
 */
extern size_t edit_distance_memory(size_t length_a, size_t length_b);

/*
 * edit_distance sets *distance to the Levenshtein distance of a and b, from 0
 * to the length of the longer; false, and nothing set, when proceed() said
 * stop.  Takes O(length_a * length_b / 64): Myers' bit vectors (JACM 46, 1999)
 * in the form of Hyyro (2003), a strip of 64 symbols of the shorter sequence
 * after the other, what both begin and end with left out.
 */
extern bool edit_distance(const uint32_t *a, size_t length_a,
						  const uint32_t *b, size_t length_b, void *memory,
						  EditProceed proceed, void *context,
						  size_t *distance);

/*
 * edit_similarity is 1 - distance / length of the longer: 1 for equal
 * sequences, also for two empty ones, 0 where nothing of one is in the other.
 */
extern double edit_similarity(size_t distance, size_t length_a,
							  size_t length_b);

#endif							/* TDP_EDIT_DISTANCE_KERNEL_H */
