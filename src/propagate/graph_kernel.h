/*-------------------------------------------------------------------------
 *
 * graph_kernel.h
 *	  Weighted undirected graphs in compressed rows: from edges or from
 *	  nearest neighbours, and their connected parts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_PROPAGATE_GRAPH_KERNEL_H
#define TDP_PROPAGATE_GRAPH_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "propagate/knn_kernel.h"
#include "propagate/status_kernel.h"

/* One end of an edge, kept in the row of the other. */
typedef struct PropagateLink
{
	double		weight;			/* above 0, the same in both ends' rows */
	int32_t		target;
} PropagateLink;

/* Row i is links[start[i]] up to links[start[i + 1]], targets ascending. */
typedef struct PropagateGraph
{
	int32_t		n;				/* points */
	size_t	   *start;			/* n + 1 */
	PropagateLink *links;		/* both directions of every edge */
	int			exponent;		/* weights are 2^-exponent of those given */
} PropagateGraph;

/* How a distance becomes a weight; d_i is the distance of i's k-th neighbour. */
typedef enum PropagateWeighting
{
	PROPAGATE_SELF_TUNING,		/* exp(-4 d^2 / (d_i d_j)) */
	PROPAGATE_GAUSSIAN,			/* exp(-4 d^2 / d_i^2), i the one that chose */
	PROPAGATE_UNIFORM			/* 1 */
} PropagateWeighting;

/*
 * Edges as they come, of either direction.  Where "source" is NULL, edge e
 * starts at point e / fan: the form of a list of neighbours.
 */
typedef struct PropagateEdges
{
	size_t		count;
	const int32_t *source;		/* or NULL */
	int32_t		fan;
	const int32_t *target;
	const double *weight;		/* 0 or more, finite */
} PropagateEdges;

/*
 * propagate_neighbour_weights gives each of the n x k neighbours that
 * propagate_knn found its weight, in weights (n x k).  A point with k
 * duplicates has d_i = 0; its neighbour's scale then stands for its own.  For
 * inner products the distance is taken from the largest squared norm, so that
 * unit vectors weigh as under the cosine metric.  No weight is below
 * PROPAGATE_LEAST_WEIGHT: what is a neighbour stays connected.
 */
extern void propagate_neighbour_weights(const PropagateKnn *knn,
										PropagateWeighting weighting,
										double *weights);

#define PROPAGATE_LEAST_WEIGHT 1e-100

/*
 * propagate_build_graph makes a graph of n points in graph->start (n + 1
 * elements) and graph->links (2 * edges->count), both given by the caller.
 * The weight of an edge is the sum of all that was given for its two ends, in
 * either direction; loops and zero weights are dropped.  So that no sum can
 * overflow, all are scaled by a power of two that brings the largest given
 * weight under 1.  The order of the edges does not matter.
 */
extern PropagateStatus propagate_build_graph(int32_t n,
											 const PropagateEdges *edges,
											 PropagateGraph *graph,
											 PropagateProgress progress,
											 void *progress_state);

/*
 * propagate_find_parts numbers the connected parts of a graph from 0, by
 * their smallest point, in part (n elements), and returns how many there are.
 * queue is scratch memory of n elements.
 */
extern int32_t propagate_find_parts(const PropagateGraph *graph,
									int32_t *part, int32_t *queue);

#endif							/* TDP_PROPAGATE_GRAPH_KERNEL_H */
