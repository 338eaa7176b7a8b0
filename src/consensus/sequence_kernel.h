/*-------------------------------------------------------------------------
 *
 * sequence_kernel.h
 *	  One sequence out of several: the one nearest to all, or a new one made
 *	  of votes on its parts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SEQUENCE_KERNEL_H
#define TDP_SEQUENCE_KERNEL_H

#include "base/edit_distance_kernel.h"

/* Characters, or the numbers of words (below UINT32_MAX). */
typedef struct Sequence
{
	const uint32_t *symbols;
	size_t		length;
	double		weight;
} Sequence;

/*
 * sequence_medoid finds the sequence whose edit distances to all others,
 * each divided by the longer's length, have the least sum by weight; of tied
 * ones (to 1e-9) the first.  *similarity is 1 less their mean, itself
 * included.  "distance" has room for n numbers, "work" for
 * edit_distance_memory of the longest two.  False when proceed said stop.
 */
extern bool sequence_medoid(const Sequence *sequences, int n, double *distance,
							void *work, EditProceed proceed, void *context,
							int *medoid, double *similarity);

/* Bytes of work of sequence_rover, aligned as malloc's; SIZE_MAX: too many. */
extern size_t sequence_rover_memory(const Sequence *sequences, int n);

/*
 * sequence_rover aligns the sequences, "first" and then the others in order,
 * in a row of slots (a symbol that the slot has costs nothing, one more,
 * another or none 1; of alike ones that with the most in common), and takes of each slot the symbol, or none, with the most
 * weight (Fiscus, A post-processing system to yield reduced word error rates,
 * ASRU 1997).  Of tied ones (to 1e-9) it is that of "first", then a symbol
 * rather than none, then the smaller.  "out" has room for the lengths' sum;
 * *share is the mean over the slots of the winner's weight.
 */
extern bool sequence_rover(const Sequence *sequences, int n, int first,
						   void *work, EditProceed proceed, void *context,
						   uint32_t *out, size_t *length, double *share);

#endif							/* TDP_SEQUENCE_KERNEL_H */
