/*-------------------------------------------------------------------------
 *
 * solve_kernel.h
 *	  What seeds say about every point of a graph: label spreading and
 *	  Poisson learning.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_PROPAGATE_SOLVE_KERNEL_H
#define TDP_PROPAGATE_SOLVE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "propagate/graph_kernel.h"
#include "propagate/status_kernel.h"

typedef enum PropagateMethod
{
	/*
	 * Zhou, Bousquet, Lal, Weston, Schoelkopf 2004: F with F = alpha S F + Y,
	 * S = D^-1/2 W D^-1/2.
	 */
	PROPAGATE_SPREADING,

	/*
	 * Calder, Cook, Thorpe, Slepcev 2020: U with (D - W) U = Y - mean of Y
	 * over the seeds, and sum of d_i U_i zero; in each connected part.
	 */
	PROPAGATE_POISSON
} PropagateMethod;

/* What is known: one class of one point in each row, each pair once. */
typedef struct PropagateSeeds
{
	size_t		count;
	const int32_t *point;
	const int32_t *label;		/* 0 to nclasses - 1; each has a seed */
	const double *weight;		/* above 0, finite */
} PropagateSeeds;

typedef struct PropagateSystem
{
	const PropagateGraph *graph;
	const int32_t *part;		/* n, of propagate_find_parts */
	int32_t		nparts;
	const PropagateSeeds *seeds;
	int32_t		nclasses;
	PropagateMethod method;
	double		alpha;			/* spreading: above 0, below 1 */
	double		tolerance;		/* residual against right-hand side, in the
								 * 2-norm, of each class */
	int32_t		max_iter;

	/*
	 * n x nclasses.  Spreading: 0 or more.  Poisson: of either sign, rows sum
	 * to 0.  Both: -INFINITY for a class without a seed in the point's part.
	 */
	double	   *scores;

	/* set by propagate_solve */
	int32_t		iterations;		/* the most that a class took */
	double		residual;		/* the largest that was left */

	void	   *work;			/* propagate_solve_memory() bytes */
	PropagateProgress progress;
	void	   *progress_state;
} PropagateSystem;

/* Bytes of scratch memory that propagate_solve needs. */
extern size_t propagate_solve_memory(int32_t n, int32_t nparts,
									 int32_t nclasses);

/*
 * propagate_solve computes the scores by conjugate gradients.  When max_iter
 * is not enough, residual is above tolerance and the scores are as good as
 * they got.  Points so far from any seed that their spreading scores are lost
 * in the solver's error take the mean of their neighbours nearer to one.
 */
extern PropagateStatus propagate_solve(PropagateSystem *system);

#endif							/* TDP_PROPAGATE_SOLVE_KERNEL_H */
