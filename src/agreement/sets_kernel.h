/*-------------------------------------------------------------------------
 *
 * sets_kernel.h
 *	  Alpha by any distance, and the distances of sets.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SETS_KERNEL_H
#define TDP_SETS_KERNEL_H

#include "agreement/matrix_kernel.h"

/* Elements in ascending order, each once. */
typedef struct AgreementSet
{
	const uint64_t *elements;
	uint32_t	count;
} AgreementSet;

/*
 * agreement_jaccard is 1 less the share of common elements (Jaccard 1901);
 * agreement_masi takes that share times 1 for equal sets, 2/3 where one holds
 * the other, 1/3 where they only overlap (Passonneau 2006).  Two empty sets
 * are equal: 0.
 */
extern double agreement_jaccard(AgreementSet a, AgreementSet b);
extern double agreement_masi(AgreementSet a, AgreementSet b);

/* The distance of labels k < l, from 0 on. */
typedef double (*AgreementDistanceFunction) (void *context, uint32_t k,
											 uint32_t l);

/*
 * agreement_alpha_by is Krippendorff's alpha by a distance that is symmetric
 * and 0 for a label and itself.  It is asked for each two labels that items
 * with two answers have.  "defined" is false where no item has two answers,
 * or chance would make no disagreement.
 */
extern AgreementStatus agreement_alpha_by(const AgreementMatrix *matrix,
										  AgreementDistanceFunction distance,
										  void *context,
										  const AgreementHost *host,
										  bool *defined, double *value);

#endif							/* TDP_SETS_KERNEL_H */
