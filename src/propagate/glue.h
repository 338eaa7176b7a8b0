/*-------------------------------------------------------------------------
 *
 * glue.h
 *	  What the files of propagation share, besides its public interface.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_PROPAGATE_GLUE_H
#define TDP_PROPAGATE_GLUE_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

#include "propagate/graph_kernel.h"
#include "propagate/knn_kernel.h"
#include "propagate/propagate.h"
#include "propagate/solve_kernel.h"

/* A pair of points of the "edges" query. */
typedef struct PropagateEdgeList
{
	InternTable *items;			/* the code of an item is its point's number */
	int32		n;
	Size		count;
	int32	   *source;
	int32	   *target;
	double	   *weight;
} PropagateEdgeList;

/* What the "seeds" query said, and in which classes. */
typedef struct PropagateSeedList
{
	InternTable *labels;
	int32		nclasses;
	Size		count;
	PropagateSeed *seeds;
} PropagateSeedList;

/* Words of arguments; an unknown one is an error that lists those known. */
extern PropagateMetric propagate_metric(const char *word);
extern PropagateWeighting propagate_weighting(const char *word);
extern PropagateMethod propagate_method(const char *word);

/* The progress callback of all kernels: serves interrupts. */
extern bool propagate_progress(void *state, double done);

/* Huge arrays, in the current context; sizes are checked for overflow. */
extern void *propagate_alloc(Size count, Size size);

/*
 * propagate_search fills "knn" with the neighbours of the points, at most all
 * the others; the caller frees neighbours, distances and work.  False, and
 * nothing is done, when there are fewer than two points.
 */
extern bool propagate_search(const PropagatePoints *points,
							 const PropagateOptions *options,
							 PropagateKnn *knn);

/* The graph of the neighbours that propagate_search found. */
extern void propagate_neighbour_graph(const PropagateKnn *knn,
									  PropagateWeighting weighting,
									  PropagateGraph *graph);

/* The graph of a list of edges. */
extern void propagate_edge_graph(const PropagateEdgeList *edges,
								 PropagateGraph *graph);

/*
 * propagate_from_graph is propagate_from_points on a graph that is there
 * already; "held" bytes are in use besides.
 */
extern void propagate_from_graph(const PropagateGraph *graph, Size held,
								 PropagateSeed *seeds, Size nseeds,
								 int32 nclasses,
								 const PropagateOptions *options,
								 PropagateResult *result);

/*
 * Read the queries of the SQL functions; see their comments.  "argument" is
 * where the seeds' items must be.
 */
extern void propagate_read_edges(const char *sql, ArrayType *args,
								 PropagateEdgeList *edges);
extern void propagate_read_seeds(const char *sql, ArrayType *args,
								 const char *argument, InternTable *items,
								 PropagateSeedList *seeds);

/* The shares that a priors argument gives the classes; NULL for NULL. */
extern double *propagate_read_priors(Jsonb *priors,
									 const PropagateSeedList *seeds);

#endif							/* TDP_PROPAGATE_GLUE_H */
