/*-------------------------------------------------------------------------
 *
 * propagate.h
 *	  From a few labeled points to all: what other files use of propagation.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_PROPAGATE_PROPAGATE_H
#define TDP_PROPAGATE_PROPAGATE_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

#include "base/intern.h"

/* Registers this room's listener to projects. */
extern void propagate_init(void);

/* How to do it; the words are those of the SQL functions' arguments. */
typedef struct PropagateOptions
{
	const char *method;			/* auto, spreading, poisson */
	int			k;				/* neighbours of each point, at least 1 */
	const char *metric;			/* cosine, l2, inner_product */
	const char *kernel;			/* self_tuning, gaussian, uniform */
	double		alpha;			/* spreading: how far labels reach, 0 to 1 */
	double		tolerance;		/* 0: the method's own */
	int			max_iter;
	const double *priors;		/* each class's share, any sum above 0; NULL:
								 * not known */
} PropagateOptions;

/* propagate_default_options sets what the SQL functions have as defaults. */
extern void propagate_default_options(PropagateOptions *options);

/*
 * propagate_read_settings sets alpha, tolerance and max_iter from a settings
 * argument (NULL: nothing to set); unknown keys and values out of range are
 * errors.
 */
extern void propagate_read_settings(Jsonb *settings,
									PropagateOptions *options);

/* Points with features, and the items that they are. */
typedef struct PropagatePoints
{
	InternTable *items;			/* the code of an item is its point's number */
	int32		n;
	int32		dim;			/* features of each; 0 without points */
	float	   *features;		/* n x dim, row by row; finite */
} PropagatePoints;

/*
 * propagate_read_points reads a query of (item, features) that came in
 * "argument".  Points are in the order of the item type, whatever the order
 * of the rows.  An item that comes twice, features of unequal length or none,
 * NaN and infinity are errors that name the item.
 */
extern void propagate_read_points(const char *argument, const char *sql,
								  ArrayType *args, PropagatePoints *points);

/* What is known of a point: one class, or several rows with their weights. */
typedef struct PropagateSeed
{
	int32		point;
	int32		label;			/* 0 to nclasses - 1 */
	double		weight;			/* above 0, finite; 1 for a plain label */
} PropagateSeed;

typedef struct PropagateResult
{
	int32	   *labels;			/* a class a point; -1 where no seed reaches */
	double	   *confidences;	/* above 0, at most 1; 0 with label -1 */
} PropagateResult;

/*
 * propagate_from_points labels n points from seeds: the graph of nearest
 * neighbours, the solver, class-mass normalisation, see docs/propagation.md.
 * The seeds' own points get a label as any other, which may differ from what
 * they were given.  "seeds" is sorted in place.  "items" gives the names of
 * points for errors; its codes are the points' numbers.
 *
 * Results are palloc'd in the current context.  An error before the work
 * starts if it needs more than tdp.solver_memory; a warning if max_iter is
 * not enough.  Interrupts are served all the time.
 */
extern void propagate_from_points(const PropagatePoints *points,
								  PropagateSeed *seeds, Size nseeds,
								  int32 nclasses,
								  const PropagateOptions *options,
								  PropagateResult *result);

#endif							/* TDP_PROPAGATE_PROPAGATE_H */
