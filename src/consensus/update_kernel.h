/*-------------------------------------------------------------------------
 *
 * update_kernel.h
 *	  Bring a fitted model of Dawid and Skene up to date with a few items.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_CONSENSUS_UPDATE_KERNEL_H
#define TDP_CONSENSUS_UPDATE_KERNEL_H

#include "consensus/consensus_kernel.h"

/* A model as sums over the items, of the annotators that the data has. */
typedef struct ConsensusModel
{
	double	   *counts;			/* of the shape of fit->confusion: expected
								 * answers (label given, true label) */
	double	   *classes;		/* nclasses: expected items */
} ConsensusModel;

/*
 * consensus_update works out the posterior of the data's items, which are
 * part of all that the model is of.  "known" is the model as it was, "others"
 * what is left of it without these items' old answers.  The first posterior
 * comes from "known"; then the items are counted into "others" and looked at
 * again, up to fit->max_iter times or until no probability changes by more
 * than fit->tolerance: expectation maximisation with all other items' classes
 * held as they were.  "others" ends up as the new model.
 *
 * Takes fit->smoothing and diagonal as consensus_dawid_skene does; needs a
 * posterior of all classes and confusion, and as much work again as the model
 * has (cells + 2 x nclasses doubles).
 */
extern ConsensusStatus consensus_update(const ConsensusData *data,
										const ConsensusModel *known,
										ConsensusModel *others,
										ConsensusFit *fit);

/* Adds "sign" times the expected answers and classes of some items. */
extern void consensus_model_add(const ConsensusData *data,
								const double *posterior, double sign,
								ConsensusModel *model);

#endif							/* TDP_CONSENSUS_UPDATE_KERNEL_H */
