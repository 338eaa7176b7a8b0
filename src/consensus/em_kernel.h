/*-------------------------------------------------------------------------
 *
 * em_kernel.h
 *	  The pass over the answers that the methods with confusion matrices share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_EM_KERNEL_H
#define TDP_EM_KERNEL_H

#include "consensus/consensus_kernel.h"

/*
 * Confusion matrices are kept as logarithms and with the true label running
 * fastest, so that an answer adds one short row of neighbours.
 */
typedef struct ConsensusEm
{
	const ConsensusData *data;
	ConsensusFit *fit;
	double	   *log_confusion;	/* fit->confusion, while it runs */
	double	   *log_shares;		/* nclasses */
	bool		compare;		/* find "change"; with "hard", "changed" */
	bool		hard;			/* count an item's best class alone; goes with
								 * "compare" */
	bool		weighted;		/* some answer's weight is not 1 */

	/* what a pass makes */
	double	   *counts;			/* of the next confusion matrices */
	double	   *classes;		/* nclasses: of the next shares */
	double	   *scratch;		/* nclasses */
	double		log_likelihood;
	double		change;			/* of any probability, the most, but for a
								 * 1e-5th part of it */
	int64_t		changed;		/* items whose best class is another now */
} ConsensusEm;

/*
 * consensus_em_begin sets "em" up, but for "compare" and "hard", which are
 * false, on fit->work, which has consensus_em_memory bytes, and counts the
 * majority's answers; false when it is to stop.
 */
extern bool consensus_em_begin(ConsensusEm *em, const ConsensusData *data,
							   ConsensusFit *fit);
extern size_t consensus_em_memory(const ConsensusData *data);

/*
 * consensus_em_pass works out each item's class probabilities, from the
 * logarithms of confusions and shares, and counts them at once for the next
 * iteration; false when it is to stop.  Gold items keep their class.
 */
extern bool consensus_em_pass(ConsensusEm *em);

/*
 * consensus_em_maximise makes the counts the logarithms of smoothed rates and
 * shares; *prior gets the log-density of the smoothing's prior, but for a
 * constant.
 */
extern bool consensus_em_maximise(ConsensusEm *em, double *prior);

/* Back from logarithms to fit->confusion, fit->shares and fit->weights. */
extern void consensus_em_finish(const ConsensusEm *em);

/* fit->weights from fit->confusion: see consensus_dawid_skene. */
extern void consensus_em_weigh(const ConsensusData *data, ConsensusFit *fit);

/* So many items are worked on together; */
#define CONSENSUS_EM_BLOCK 16

/* where old probabilities matter, with so many classes at most. */
#define CONSENSUS_EM_FEW 8

/* May the next iteration begin? */
static inline bool
consensus_em_next(const ConsensusFit *fit)
{
	return fit->progress == NULL ||
		fit->progress(fit->progress_state,
					  fit->iterations / (double) fit->max_iter);
}

#endif							/* TDP_EM_KERNEL_H */
