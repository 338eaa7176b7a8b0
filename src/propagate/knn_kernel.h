/*-------------------------------------------------------------------------
 *
 * knn_kernel.h
 *	  Exact k nearest neighbours of every point of a set.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_PROPAGATE_KNN_KERNEL_H
#define TDP_PROPAGATE_KNN_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "propagate/status_kernel.h"

typedef enum PropagateMetric
{
	PROPAGATE_COSINE,			/* 1 - cosine of the angle, 0 to 2 */
	PROPAGATE_L2,				/* Euclidean distance */
	PROPAGATE_INNER_PRODUCT		/* minus the inner product */
} PropagateMetric;

/*
 * A set of points and where its neighbours go.  The caller sets all fields;
 * k must be at least 1 and less than n, features finite, and with
 * PROPAGATE_COSINE no point all zero.
 */
typedef struct PropagateKnn
{
	int32_t		n;				/* points */
	int32_t		dim;			/* features of each */
	int32_t		k;				/* neighbours of each, itself not counted */
	PropagateMetric metric;
	const float *features;		/* n x dim, row by row */

	int32_t    *neighbours;		/* n x k: nearest first */
	double	   *distances;		/* n x k: their distances */

	void	   *work;			/* propagate_knn_memory() bytes, aligned as
								 * malloc's */
	PropagateProgress progress;
	void	   *progress_state;
} PropagateKnn;

/* Bytes of scratch memory that propagate_knn needs. */
extern size_t propagate_knn_memory(int32_t n, int32_t dim);

/*
 * propagate_knn finds every point's neighbours.  Distances that agree to the
 * 24 bits of the features' own type count as equal, and the smaller index
 * wins; so the result depends on the points and their order alone.
 */
extern PropagateStatus propagate_knn(PropagateKnn *knn);

/*
 * propagate_knn_distance is the distance of two points, computed in double
 * precision from the features; valid after propagate_knn while its work
 * memory lives.
 */
extern double propagate_knn_distance(const PropagateKnn *knn,
									 int32_t i, int32_t j);

#endif							/* TDP_PROPAGATE_KNN_KERNEL_H */
