/*-------------------------------------------------------------------------
 *
 * score_kernel.h
 *	  From a solver's scores to labels and confidences: class-mass
 *	  normalisation and class priors.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_PROPAGATE_SCORE_KERNEL_H
#define TDP_PROPAGATE_SCORE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "propagate/solve_kernel.h"
#include "propagate/status_kernel.h"

typedef struct PropagateScoring
{
	int32_t		n;
	int32_t		nclasses;
	PropagateMethod method;

	/* n x nclasses, as propagate_solve leaves them; overwritten */
	double	   *scores;

	const double *seed_shares;	/* nclasses, sum 1: decide ties */
	const double *priors;		/* nclasses, sum 1; NULL: not known */

	int32_t    *labels;			/* n: the class, -1 where no seed reaches */
	double	   *confidences;	/* n: above 0, at most 1; 0 with label -1 */

	void	   *work;			/* propagate_score_memory() bytes */
	PropagateProgress progress;
	void	   *progress_state;
} PropagateScoring;

extern size_t propagate_score_memory(int32_t n, int32_t nclasses);

/*
 * propagate_score labels every point.
 *
 * Scores are divided by their class's sum over all points, so that a class
 * that is cheap to reach does not swallow the others; spreading scores are
 * then squared.  Poisson scores are divided by the sum of the class's
 * positive ones, and taken as logarithms in the unit of a quarter of the
 * median lead of a point's best class over its second.  A point's scores
 * divided by their sum are its class probabilities, the largest of them its
 * confidence.  With priors, the classes are multiplied by factors such that
 * the mean probabilities over all points reached are the priors.
 *
 * Between classes as good as equal, the larger prior (else seed share) wins,
 * then the smaller number.
 */
extern PropagateStatus propagate_score(PropagateScoring *scoring);

#endif							/* TDP_PROPAGATE_SCORE_KERNEL_H */
