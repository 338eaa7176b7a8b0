/*-------------------------------------------------------------------------
 *
 * rank_kernel.h
 *	  Scores of items from comparisons of two.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_RANK_KERNEL_H
#define TDP_RANK_KERNEL_H

#include "consensus/consensus_kernel.h"

/* A comparison; of a tie there are two, half the weight each way. */
typedef struct RankPair
{
	int32_t		winner;
	int32_t		loser;
	int32_t		annotator;
	double		weight;
	bool		tie;			/* the first of a tie's two */
} RankPair;

typedef struct RankData
{
	int32_t		nitems;
	int32_t		nannotators;
	int64_t		npairs;
	const RankPair *pairs;
} RankData;

typedef struct RankFit
{
	/* how */
	double		smoothing;		/* wins, and losses, of each item against one
								 * of score 0 */
	double		tolerance;		/* no score moves by more at the end */
	int32_t		max_iter;
	int32_t		most_exact;		/* items: more get approximate errors */
	ConsensusProgress progress;
	void	   *progress_state;
	void	   *work;			/* rank_memory bytes */

	/* what comes of it: the caller gives the memory */
	double	   *score;			/* nitems: log-strength, 0 in the mean */
	double	   *error;			/* nitems: standard error; NaN: not defined */
	double	   *reliability;	/* nannotators: share of answers that are not
								 * guessed (1 in rank_bradley_terry) */
	int32_t		iterations;
	bool		converged;
	double		objective;		/* log-likelihood with the prior's density */
} RankFit;

extern size_t rank_memory(const RankData *data, const RankFit *fit);

/*
 * Are all items, by chains of wins, above and below each other?  Only then
 * are scores finite without smoothing.  Uses fit->work.
 */
extern bool rank_connected(const RankData *data, RankFit *fit);

/*
 * rank_bradley_terry: i beats j with probability 1 / (1 + exp(s(j) - s(i)))
 * (Bradley and Terry, Biometrika 39, 1952).  Newton's steps, each solved by
 * conjugate gradients.  Errors are of the centred scores: from the inverse of
 * the information for at most "most_exact" items, else of its diagonal alone,
 * which leaves out that opponents' scores are not known either.
 */
extern ConsensusStatus rank_bradley_terry(const RankData *data, RankFit *fit);

/*
 * rank_noisy_bradley_terry: an annotator compares so with probability
 * "reliability", and throws a coin else; expectation maximisation, with four
 * answers compared and one thrown added to each annotator's.
 */
extern ConsensusStatus rank_noisy_bradley_terry(const RankData *data,
												RankFit *fit);

/*
 * rank_elo: pairs in the order in which they stand; a win against an opponent
 * of the same score moves both by step / 2, on the scale where 400 points are
 * odds of ten to one (Elo, The rating of chessplayers, 1978).  Scores start at
 * 1500.
 */
extern ConsensusStatus rank_elo(const RankData *data, RankFit *fit,
								double step);

#endif							/* TDP_RANK_KERNEL_H */
