/*-------------------------------------------------------------------------
 *
 * need_kernel.h
 *	  Which items deserve another answer: a variational one-coin model.
 *
 * Each annotator is right with a probability of their own, else any other
 * label is as likely.  What is known of that probability is a Beta
 * distribution, not a number, so that two agreeing answers from people whose
 * skill is hardly known do not look surer than they are.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_CONSENSUS_NEED_KERNEL_H
#define TDP_CONSENSUS_NEED_KERNEL_H

#include "consensus/consensus_kernel.h"

/*
 * What an annotator is taken to have shown before the first answer: with
 * less, ten lucky answers weigh as much as a hundred good ones.
 */
#define NEED_PRIOR_RIGHT 16.0
#define NEED_PRIOR_WRONG 4.0

/* Fewer answers than these say nothing of an item, or an annotator. */
#define NEED_FEWEST_ANSWERS 2
#define NEED_FEWEST_SCORED 5

/* What an item's answers leave open. */
typedef struct ConsensusNeed
{
	double		wrong;			/* probability that its best label is wrong */
	double		gain;			/* share of the doubt that one more answer is
								 * worth */
	double		cost;			/* of the annotator expected next */
	int32_t		answers;
	bool		settled;		/* two answers or more are by annotators with
								 * five scored ones or more */
} ConsensusNeed;

typedef struct ConsensusNeedFit
{
	int32_t		max_iter;
	double		tolerance;		/* largest change of a probability */
	ConsensusProgress progress;
	void	   *progress_state;

	/* the caller gives the memory */
	double	   *right;			/* nannotators: the Beta's two counts */
	double	   *wrong;
	double	   *posterior;		/* nitems x nclasses */
	double	   *shares;			/* nclasses */
	double	   *work;			/* 2 x nannotators + nclasses */
	int32_t		iterations;
} ConsensusNeedFit;

/*
 * consensus_fit_skills fits the model by variational Bayes: the posterior of
 * an item and the Betas of the annotators in turn, the former from the
 * expected logarithms of the latter (digamma).  The labels' shares are
 * alike, or data->priors: estimated ones make rare labels vanish.
 */
extern ConsensusStatus consensus_fit_skills(const ConsensusData *data,
											ConsensusNeedFit *fit);

/*
 * consensus_rate_needs fills an array of nitems from the fit.  "costs" are
 * the annotators' (NULL: 1 each); who is expected next is anybody who has not
 * answered the item, as often as they answer.
 *
 * The gain is the probability that the label is wrong by the model, times
 * what an answer tells: the annotators' expected accuracy above chance, of the
 * way from chance to certainty.  The probability returned is more careful:
 * the label's probability counts for 0.7, its share of the votes for 0.3, as
 * in consensus_support.
 */
extern ConsensusStatus consensus_rate_needs(const ConsensusData *data,
											ConsensusNeedFit *fit,
											const double *costs,
											ConsensusNeed *needs);

#endif							/* TDP_CONSENSUS_NEED_KERNEL_H */
