/*-------------------------------------------------------------------------
 *
 * consensus_kernel.h
 *	  Truth inference over (item, annotator, label): what annotators said, and
 *	  what a method makes of it.
 *
 * Items, annotators and labels are dense numbers from 0, in an order that
 * does not depend on the order of the rows; then nothing here does.  Kernels
 * own no memory and may be left by longjmp from the progress callback.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_CONSENSUS_KERNEL_H
#define TDP_CONSENSUS_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ConsensusStatus
{
	CONSENSUS_DONE,
	CONSENSUS_STOPPED			/* the progress callback asked for it */
} ConsensusStatus;

/*
 * Called many times a second with the share of the present phase that is done
 * (0 to 1); false asks the kernel to return CONSENSUS_STOPPED at once.
 */
typedef bool (*ConsensusProgress) (void *state, double done);

/* A row as it was read. */
typedef struct ConsensusRow
{
	double		weight;			/* 0 to CONSENSUS_MOST_WEIGHT */
	int32_t		item;
	int32_t		annotator;
	int32_t		label;
} ConsensusRow;

/* Sums of so many weights, and their squares, stay finite. */
#define CONSENSUS_MOST_WEIGHT 1e100

/* One label of one annotator for the item it stands under. */
typedef struct ConsensusAnswer
{
	int32_t		annotator;
	int32_t		label;
	double		weight;
} ConsensusAnswer;

/* What annotators said, by item, and what is known besides. */
typedef struct ConsensusData
{
	int32_t		nitems;			/* each has an answer */
	int32_t		nannotators;
	int32_t		nclasses;		/* different labels */
	int64_t		nanswers;
	int64_t    *start;			/* nitems + 1: an item's first answer */
	ConsensusAnswer *answers;	/* by item, annotator, label; no two alike */
	const int32_t *gold;		/* nitems: the known label, -1 for none; NULL */
	const double *priors;		/* nclasses: known shares of the labels, with
								 * the sum 1; NULL: to be estimated */
} ConsensusData;

/*
 * The probability that a label is an item's true one.  A method that gives
 * nothing to labels that nobody gave keeps only those that somebody did, so
 * that a hundred thousand different labels are no burden.
 */
typedef struct ConsensusPosterior
{
	const int64_t *start;		/* nitems + 1: an item's first candidate;
								 * NULL: all classes are, in order */
	const int32_t *label;		/* of a candidate, ascending in an item; NULL */
	double	   *probability;	/* of a candidate; 1 in sum over an item */
} ConsensusPosterior;

typedef struct ConsensusFit
{
	/* how */
	double		smoothing;		/* answers added to each cell of a confusion
								 * matrix, */
	double		diagonal;		/* and to the right ones besides */
	double		tolerance;		/* see consensus_dawid_skene */
	int32_t		max_iter;		/* at least 1 */
	int32_t		subtypes;		/* of a class; at least 1 */
	uint64_t	seed;			/* of what is random, */
	int32_t		restarts;		/* and how often that is tried */
	ConsensusProgress progress;
	void	   *progress_state;
	void	   *work;			/* as many bytes as the method asks for */

	/* what comes of it: the caller gives the memory */
	ConsensusPosterior posterior;
	double	   *shares;			/* nclasses: of the labels among the items */
	double	   *weights;		/* nannotators: what an answer of theirs
								 * counts in the method's own terms; NULL */
	double	   *confusion;		/* nannotators x nclasses (the label given) x
								 * nclasses (the true one): probability of the
								 * first, given the second; NULL unless the
								 * method needs it */
	double	   *type_posterior; /* nitems x nclasses x subtypes: probability
								 * of a class and its sub-type; NULL unless
								 * the method has sub-types */
	double	   *type_confusion; /* nannotators x nclasses (the label given) x
								 * nclasses x subtypes (the truth): as
								 * "confusion"; NULL unless the same */
	int32_t		iterations;
	bool		converged;		/* else max_iter ended it */
	double		log_likelihood; /* of the answers, at the last step */
	double		objective;		/* the same with the smoothing's share */
} ConsensusFit;

/*
 * A method: fills "what comes of it" from the answers.  It may need a
 * posterior of all classes, a confusion matrix and work memory; see each.
 */
typedef ConsensusStatus (*ConsensusMethod) (const ConsensusData *data,
											ConsensusFit *fit);


/* ---- arrange_kernel.c: what annotators said ----------------------------- */

/*
 * consensus_arrange sorts "nrows" rows in any order into data->answers (which
 * has room for as many) and data->start; nitems, nannotators and nclasses
 * are set already.  Exact repeats of a row count once.  The same answer with
 * several weights has their mean.  n labels of one annotator for one item
 * count 1/n each.  A weight below 1e-100 is 0.
 */
extern ConsensusStatus consensus_arrange(const ConsensusRow *rows,
										 int64_t nrows, ConsensusData *data,
										 ConsensusProgress progress,
										 void *progress_state);

/*
 * consensus_list_candidates fills "start" (nitems + 1) and "label" (room for
 * nanswers) of a posterior of the labels given, or of the gold label alone
 * where there is one.  Returns how many there are.
 */
extern int64_t consensus_list_candidates(const ConsensusData *data,
										 int64_t *start, int32_t *label);

/*
 * How many annotators share an item with another one; "seen" has room for
 * nannotators.
 */
extern int32_t consensus_count_sharing(const ConsensusData *data, bool *seen);


/* ---- methods ------------------------------------------------------------ */

/*
 * majority: a label's probability is its share of the item's votes, each
 * counted by its weight; of the labels given, all alike, where no vote has
 * one.  Takes a posterior of either kind.  weights are 1.
 */
extern ConsensusStatus consensus_majority(const ConsensusData *data,
										  ConsensusFit *fit);

/*
 * dawid_skene: each annotator gives label l to an item of class k with
 * probability confusion[l][k], independently of the others; classes have
 * shares.  Both are estimated by expectation maximisation from the majority's
 * start (Dawid and Skene, Applied Statistics 28, 1979, equations 2.3 to 2.5).
 *
 * An answer of weight w counts as w independent ones.  "smoothing" and
 * "diagonal" answers are added to the cells, which makes it the maximum of the
 * posterior under a Dirichlet prior for each column; then it is the objective,
 * the log-likelihood with the prior's density, that never decreases.  Cells
 * are kept at 1e-10 or above.  Gold items keep their class.
 *
 * It stops when an iteration raises the objective by no more than "tolerance"
 * for each free parameter (nannotators x nclasses x (nclasses - 1)).  What
 * comes later fits parameters to noise: it is worth no more than a small part
 * of what one parameter must gain to be worth having.
 *
 * Needs a posterior of all classes, confusion and consensus_dawid_skene_memory
 * bytes of work.  weights are ln(b (nclasses - 1) / (1 - b)), where b is the
 * mean over the classes of the probability to be right: the log-odds that an
 * answer adds to its label, 0 from who tells nothing.
 */
extern ConsensusStatus consensus_dawid_skene(const ConsensusData *data,
											 ConsensusFit *fit);
extern size_t consensus_dawid_skene_memory(const ConsensusData *data);

/*
 * bayes_dawid_skene: the same model, but an annotator's confusions are not
 * estimated but averaged over what they may be, by variational Bayes (Kim and
 * Ghahramani, Bayesian classifier combination, AISTATS 2012; the independent
 * kind, as published by Li, Rubinstein and Cohn, ICML 2019): Dirichlet priors
 * of "smoothing" for each cell (1, at least 1e-6) and "diagonal" for the right
 * ones besides (3), of 1 for the shares.  Weighted answers and gold as there.
 * The lower bound of the log-probability of the answers is both the
 * log_likelihood and the objective, and never decreases.  It stops when no
 * probability changes by more than "tolerance".  Needs and gives the same;
 * the confusion is the mean.
 */
extern ConsensusStatus consensus_bayes_dawid_skene(const ConsensusData *data,
												   ConsensusFit *fit);
extern size_t consensus_bayes_dawid_skene_memory(const ConsensusData *data);

/*
 * fast_dawid_skene: the same model; an item counts for its most probable
 * class alone, which settles in a few iterations (Sinha, Rao and
 * Balasubramanian, Fast Dawid-Skene, 2018).  It stops when no item's class
 * changes.  The posterior is that of the last iteration, not made certain.
 * Needs, gives and means the same, in consensus_dawid_skene_memory bytes.
 */
extern ConsensusStatus consensus_fast_dawid_skene(const ConsensusData *data,
												  ConsensusFit *fit);

/*
 * Votes that count the answer's weight times the annotator's skill; where no
 * vote counts, the labels given are all alike.  All take a posterior of either
 * kind and consensus_skilled_votes_memory bytes; weights are the skills, and
 * there is no likelihood: 0.
 *
 * weighted_majority: the skill is the share of right answers to gold items,
 * with "smoothing" right and as many wrong ones added (1).
 *
 * wawa, worker agreement with aggregate: the share of the annotator's answers
 * that are the majority's label, or the known one.
 *
 * zbs, zero-based skill: begins a little above chance and moves at each
 * iteration towards the agreement with the labels that the votes then give,
 * by half as much after each 20 iterations; until no skill moves by more than
 * "tolerance" of its way, or to max_iter (100).
 */
extern ConsensusStatus consensus_weighted_majority(const ConsensusData *data,
												   ConsensusFit *fit);
extern ConsensusStatus consensus_wawa(const ConsensusData *data,
									  ConsensusFit *fit);
extern ConsensusStatus consensus_zbs(const ConsensusData *data,
									 ConsensusFit *fit);
extern size_t consensus_skilled_votes_memory(const ConsensusData *data);

/*
 * one_coin: an annotator gives the right label with a probability of their
 * own, else any of the wrong ones alike; by expectation maximisation from the
 * majority's start, with "smoothing" + "diagonal" right (4) and "smoothing"
 * wrong (1) answers added: a Beta prior.  Shares are all alike unless given:
 * estimated ones make rare labels rarer, till they are gone (ZenCrowd has them
 * alike too: Demartini, Difallah, Cudre-Mauroux, WWW 2012).  The objective
 * never decreases; it stops when an iteration raises it by no more than
 * "tolerance" an annotator.  Needs a posterior of all classes.  weights are
 * the log-odds that an answer adds to its label.
 */
extern ConsensusStatus consensus_one_coin(const ConsensusData *data,
										  ConsensusFit *fit);
extern size_t consensus_one_coin_memory(const ConsensusData *data);

/*
 * kos: two labels; messages between items and annotators, from random ones
 * that "seed" decides (Karger, Oh and Shah, Iterative learning for reliable
 * crowdsourcing systems, NIPS 2011).  An item's probability is the share of
 * its answers, each counted by its weight and what its annotator's other
 * items say of them; below 0 counts for the other label.  Where nobody has a
 * say, the votes stand; so they do unless there are two classes.  It stops
 * when no message changes by more than "tolerance" of the loudest.  Needs a
 * posterior of all classes.  weights are how far items bear the annotator
 * out, 1 on the average but for the sign.  There is no likelihood: 0.
 */
extern ConsensusStatus consensus_kos(const ConsensusData *data,
									 ConsensusFit *fit);
extern size_t consensus_kos_memory(const ConsensusData *data);

/*
 * m_msr: the agreement of two annotators over the items they share, scaled to
 * 1 for always and 0 for chance, is the product of their skills (1 for who is
 * always right), and a rank-one matrix is completed from what is known of it
 * (Ma and Olshevsky, Adversarial crowdsourcing through robust rank-one matrix
 * completion, NeurIPS 2020).  A skill is the mean of what the neighbours make
 * of it, but for those beyond the present one, a tenth of them on each side
 * at most; here by the precision that an opinion has, as the items shared and
 * the neighbour's squared skill give it, and known answers are a neighbour of
 * skill 1.  It begins with equal skills and stops when none moves by more
 * than "tolerance".  Answers add the log-odds of their annotators to their
 * labels; those are the weights, 0 for who shares no item with anyone.  Where
 * no answer counts, the votes stand.  Needs a posterior of all classes and
 * 24 bytes for each ordered pair of annotators who share items, at most.
 * There is no likelihood: 0.
 */
extern ConsensusStatus consensus_m_msr(const ConsensusData *data,
									   ConsensusFit *fit);
extern size_t consensus_m_msr_memory(const ConsensusData *data);

/*
 * bwa: each class is a question with the answers 0 and 1, an answer the truth
 * with Gaussian noise, and an item's truth the average of the classes' shares
 * (which weigh as one) and its answers, each weighted by its annotator's
 * precision in that class (Li, Rubinstein and Cohn, Truth inference at scale,
 * WWW 2019).  A precision has a Gamma prior worth "smoothing" answers (the
 * paper's 15) of the spread that the votes have; an answer of weight w
 * counts as w independent ones.  Gold items keep their class.
 *
 * It stops when no average changes by more than its "tolerance"-th part.
 * Averages are made 1 in sum over an item.  Needs a posterior of all classes.
 * weights are precisions, the mean over the classes by their shares, relative
 * to the mean over the annotators.  There is no likelihood: 0.
 */
extern ConsensusStatus consensus_bwa(const ConsensusData *data,
									 ConsensusFit *fit);
extern size_t consensus_bwa_memory(const ConsensusData *data);

/*
 * ebcc: each class has "subtypes" kinds of items, and an annotator errs in a
 * way of their own on each; so where many make the same error, it need not be
 * the truth (Li, Rubinstein and Cohn, Exploiting worker correlation for label
 * aggregation in crowdsourcing, ICML 2019).  Mean-field variational Bayes:
 * Dirichlet priors of the cells by "smoothing" (1e-3 at least) and "diagonal"
 * (the paper's 1 and 3), 1 for the classes and 0.1 / subtypes for the types.
 * An answer of weight w counts as w independent ones.  Gold items keep their
 * class, not their type.
 *
 * Types are told apart by a random start; of "restarts" starts the one with
 * the highest objective after twenty rounds is gone on with.  The objective,
 * the bound of the answers' log-probability, never decreases.  It stops when
 * no class's probability changes by more than "tolerance" in an item.
 *
 * Needs a posterior of all classes, confusion (the mean over the types),
 * type_posterior, type_confusion (both expectations) and
 * consensus_ebcc_memory bytes of work.  weights as in dawid_skene.
 */
extern ConsensusStatus consensus_ebcc(const ConsensusData *data,
									  ConsensusFit *fit);
extern size_t consensus_ebcc_memory(const ConsensusData *data,
									int32_t subtypes);

/*
 * glad: an answer is right with probability sigma(ability of the annotator x
 * easiness of the item), the wrong labels are alike (Whitehill et al., Whose
 * vote should count more, NIPS 2009).  Abilities and the logarithms of the
 * easiness have the prior N(1, 1); classes are alike unless data->priors says
 * otherwise.  An answer of weight w counts as w.  EM; it stops when a round
 * raises the objective by no more than "tolerance" for each annotator and
 * item.  Needs a posterior of all classes and consensus_glad_memory bytes of
 * work.  weights are abilities: 0 from who tells nothing.
 */
extern ConsensusStatus consensus_glad(const ConsensusData *data,
									  ConsensusFit *fit);
extern size_t consensus_glad_memory(const ConsensusData *data);

/*
 * mace: an answer is the item's label, or else made up, at a rate and with
 * favourite labels of each annotator's own (Hovy et al., Learning whom to
 * trust with MACE, NAACL 2013).  Variational Bayes: the rate has a Beta prior
 * of "smoothing" (0.5) twice, the favourites a Dirichlet prior of 10 each.
 * Other than in the paper the classes' shares are not alike but unknown, with
 * a prior of 1: where one label is rare, that is worth ten points.  An answer
 * of weight w counts as w.  Of "restarts" random starts the one with the highest
 * objective after twenty rounds is gone on with.  It stops when a round
 * raises that by no more than "tolerance" for each annotator and label.
 * Needs a posterior of all classes and consensus_mace_memory bytes of work.
 * weights are the shares of answers that are meant.
 */
extern ConsensusStatus consensus_mace(const ConsensusData *data,
									  ConsensusFit *fit);
extern size_t consensus_mace_memory(const ConsensusData *data);


/* ---- judge_kernel.c: what follows from a posterior ---------------------- */

/* Labels whose probabilities differ by no more than this are tied. */
#define CONSENSUS_TIE 1e-9

typedef struct ConsensusChoice
{
	int32_t		label;
	double		confidence;		/* its probability */
	int32_t		annotations;	/* answers that the item has */
	int32_t		votes;			/* those that gave the label */
	bool		tie;			/* another label is as likely */
} ConsensusChoice;

/*
 * consensus_choose gives an item its most probable label; of tied ones that
 * with the largest share, and then the first.
 */
extern ConsensusChoice consensus_choose(const ConsensusData *data,
										const ConsensusFit *fit, int32_t item);

typedef struct ConsensusQuality
{
	double		right;			/* weight of the answers expected to be right */
	double		total;			/* weight of all */
	double		trials;			/* how many items of equal weight tell as much
								 * (Kish): the number of items where all weigh
								 * the same */
	int64_t		annotations;
	double		accuracy;		/* right / total; NaN where that is 0 */
	double		lower;			/* Wilson's 95 % interval, for "trials" */
	double		upper;
	double		chance;			/* accuracy of their labels on any items */
	double		informedness;	/* (accuracy - chance) / (1 - chance); NaN
								 * where chance is 1 */
} ConsensusQuality;

/* consensus_judge_annotators fills an array of nannotators. */
extern ConsensusStatus consensus_judge_annotators(const ConsensusData *data,
												  const ConsensusFit *fit,
												  ConsensusQuality *quality);

/*
 * consensus_count_confusion adds up, in an array of the shape of
 * fit->confusion, the weight of the answers (annotator, label) of each class.
 * consensus_rate_confusion makes such counts probabilities, a column (the
 * labels, given the truth) 1 in sum; without any answer and smoothing, all
 * labels are alike.
 */
extern ConsensusStatus consensus_count_confusion(const ConsensusData *data,
												 const ConsensusFit *fit,
												 double *counts);
extern ConsensusStatus consensus_rate_confusion(const ConsensusData *data,
												const ConsensusFit *fit,
												const double *counts,
												double *confusion);

/* The share of each class: what is known of it, else the posterior's mean. */
extern void consensus_sum_shares(const ConsensusData *data,
								 const ConsensusPosterior *posterior,
								 double *shares);


/* ---- choose_kernel.c: how well a fit foretells hidden answers ----------- */

typedef struct ConsensusHiding
{
	uint64_t	seed;
	double		share;			/* of the answers that are hidden, */
	double		items;			/* and of the items that are looked at */
} ConsensusHiding;

/* A hidden answer. */
typedef struct ConsensusHidden
{
	ConsensusAnswer answer;
	int32_t		item;			/* as numbered among what was kept */
} ConsensusHidden;

/* Sums over hidden answers, of a method against a reference. */
typedef struct ConsensusComparison
{
	double		weight;
	double		squared_weight;
	double		log_likelihood; /* of the method */
	double		more;			/* than the reference's */
	double		squared_more;
} ConsensusComparison;

/*
 * consensus_hide splits answers into "kept", whose arrays (start: nitems + 1,
 * answers: nanswers) the caller gives, and "hidden" (room for nanswers);
 * "kept_gold" has room for nitems where there is gold.  All answers of an
 * annotator for an item go the same way; an item that would have none left
 * keeps all.  Annotators and classes keep their numbers, items are numbered
 * anew.  Returns how many are hidden.
 */
extern int64_t consensus_hide(const ConsensusData *data,
							  const ConsensusHiding *how,
							  ConsensusData *kept, int32_t *kept_gold,
							  ConsensusHidden *hidden);

/*
 * consensus_foretell gives each hidden answer the logarithm of its
 * probability: the item's posterior times the annotator's confusion.  Needs
 * fit->confusion.
 */
extern void consensus_foretell(const ConsensusData *kept,
							   const ConsensusFit *fit,
							   const ConsensusHidden *hidden, int64_t nhidden,
							   double *log_likelihood);

/* consensus_compare adds to "sums"; an answer weighs 1 at most. */
extern void consensus_compare(const ConsensusHidden *hidden, int64_t nhidden,
							  const double *log_likelihood,
							  const double *reference,
							  ConsensusComparison *sums);

/*
 * consensus_pick_best returns the candidate that is better than the first, the
 * reference of all, by more than so many standard errors of the difference,
 * and by the most; 0 when none is.
 */
extern int	consensus_pick_best(const ConsensusComparison *sums,
								int ncandidates, double errors);


/* ---- calibrate_kernel.c: what certainty is worth ------------------------- */

/*
 * consensus_support is what speaks for the label chosen for an item without
 * gold, from 0 to 1: "model_share" of its probability by the annotators'
 * confusion matrices and the labels' shares, the rest of its share of the
 * votes; without fit->confusion, its probability.  "scratch" has room for
 * nclasses.
 */
extern double consensus_support(const ConsensusData *data,
								const ConsensusFit *fit, int32_t item,
								const ConsensusChoice *choice,
								double model_share, double *scratch);

/* The model's share before anything is known of it. */
#define CONSENSUS_MODEL_SHARE 0.7

#define CONSENSUS_MIXTURES 20

/* The log-likelihood of hidden answers, by the model's share. */
typedef struct ConsensusMixing
{
	double		log_likelihood[CONSENSUS_MIXTURES + 1];
} ConsensusMixing;

/*
 * consensus_mix adds what hidden answers of items without gold say: each is
 * foretold by a mixture of the label's probability by the confusion matrices
 * and of its share of the kept votes, times the annotator's confusions.
 * Needs fit->confusion; "scratch" has room for nclasses.
 */
extern void consensus_mix(const ConsensusData *kept, const ConsensusFit *fit,
						  const ConsensusHidden *hidden, int64_t nhidden,
						  double *scratch, ConsensusMixing *mixing);

/*
 * consensus_model_share is three quarters of the share under which hidden
 * answers are most likely, and an eighth; 0.7 where nothing was hidden, and
 * nearer to that the less was.
 */
extern double consensus_model_share(const ConsensusMixing *mixing);

/* The log-odds to be right, linear in those of the support. */
typedef struct ConsensusCurve
{
	double		slope;			/* not negative */
	double		offset;
} ConsensusCurve;

/*
 * consensus_fit_curve fits it (Platt, in: Advances in large margin
 * classifiers, 1999), held to slope 1 and offset 0 by normal priors with the
 * precisions 5 and 1.  consensus_follow_curve is never falling.
 */
extern void consensus_fit_curve(const double *support, const bool *right,
								int64_t n, ConsensusCurve *curve);
extern double consensus_follow_curve(const ConsensusCurve *curve,
									 double support);

/* Known answers are hidden in so many parts, by the item's number. */
#define CONSENSUS_FOLDS 5

extern int	consensus_gold_fold(int32_t item);
extern void consensus_hide_gold(const int32_t *gold, int32_t nitems, int fold,
								int32_t *kept);


/* ---- flags_kernel.c: annotators to be looked at --------------------------- */

/* The probability of "count" or more where "mean" are expected (Poisson). */
extern double consensus_poisson_tail(double mean, double count);

/* Of "count" or more out of n, each with probability p. */
extern double consensus_binomial_tail(double n, double p, double count);

/* How often an annotator gives their most frequent label. */
typedef struct ConsensusHabit
{
	int32_t		label;
	int64_t		given;			/* items that they gave it to */
	int64_t		items;
	double		expected;		/* so many, did they answer as all do */
	double		p_value;		/* of "given" or more; 1 where not above */
} ConsensusHabit;

/*
 * consensus_find_habits fills an array of nannotators.  "confusion" is what
 * all annotators together take for what: nclasses (the label given) x
 * nclasses (the truth); "counts" and "expected" have room for nannotators x
 * nclasses.  The p-value is the binomial distribution's for the items' mean
 * probability, no smaller than the exact one (Hoeffding 1956), times the
 * number of labels, as the most frequent one was chosen.
 */
extern ConsensusStatus consensus_find_habits(const ConsensusData *data,
											 const ConsensusFit *fit,
											 const double *confusion,
											 int64_t *counts, double *expected,
											 ConsensusHabit *habits);

/* Two annotators' answers to the same items. */
typedef struct ConsensusPair
{
	int32_t		items;			/* that both answered */
	double		agreeing;		/* wrong answers that are the same, as far as
								 * the posterior knows */
	double		expected;		/* from their confusions and the item */
} ConsensusPair;

/*
 * consensus_compare_annotator fills "pairs" (nannotators) for one annotator
 * with all later ones.  fit->confusion must be there; "answers_of" are the
 * items of that annotator.  How often others make the same error on the item
 * counts into what is expected, so that hard items accuse nobody.
 */
extern void consensus_compare_annotator(const ConsensusData *data,
										const ConsensusFit *fit,
										const double *confusion,
										int32_t annotator,
										const int32_t *items, int64_t nitems,
										ConsensusPair *pairs);


/* What all annotators together take for what: see consensus_find_habits. */
extern void consensus_pool_confusion(const ConsensusData *data,
									 const ConsensusFit *fit,
									 double *confusion);

/* What an answer took. */
typedef struct ConsensusTime
{
	int32_t		item;
	int32_t		annotator;
	double		seconds;
} ConsensusTime;

typedef struct ConsensusHaste
{
	int64_t		items;			/* that others answered too */
	int64_t		fast;			/* in less than half of their median */
} ConsensusHaste;

/* consensus_count_fast fills an array of nannotators, and sorts "times". */
extern void consensus_count_fast(ConsensusTime *times, int64_t ntimes,
								 int32_t nannotators, ConsensusHaste *haste);


/* ---- for methods -------------------------------------------------------- */

/* A number above 0 and below 1 that no platform changes (splitmix64). */
static inline double
consensus_random(uint64_t *state)
{
	uint64_t	z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return ((double) (z >> 11) + 0.5) / 9007199254740992.0;
}

/*
 * consensus_vote makes the posterior the shares of the votes, each counted by
 * its weight and its annotator's skill (zero or more; NULL: all 1), as
 * consensus_majority says, and sets the shares.
 */
extern ConsensusStatus consensus_vote(const ConsensusData *data,
									  ConsensusFit *fit, const double *skills);

/* The candidates of one item. */
typedef struct ConsensusCandidates
{
	int32_t		count;
	const int32_t *label;		/* NULL: 0, 1, ... */
	double	   *probability;
} ConsensusCandidates;

static inline ConsensusCandidates
consensus_candidates(const ConsensusData *data,
					 const ConsensusPosterior *posterior, int32_t item)
{
	ConsensusCandidates all;
	int64_t		first;

	if (posterior->start == NULL)
	{
		all.count = data->nclasses;
		all.label = NULL;
		all.probability = posterior->probability +
			(size_t) item * (size_t) data->nclasses;
		return all;
	}
	first = posterior->start[item];
	all.count = (int32_t) (posterior->start[item + 1] - first);
	all.label = posterior->label + first;
	all.probability = posterior->probability + first;
	return all;
}

/* The place of a label among the candidates; -1 when it is none. */
static inline int32_t
consensus_find_candidate(const ConsensusCandidates *all, int32_t label)
{
	int32_t		low = 0;
	int32_t		high = all->count;

	if (all->label == NULL)
		return label;
	while (low < high)
	{
		int32_t		middle = low + (high - low) / 2;

		if (all->label[middle] < label)
			low = middle + 1;
		else
			high = middle;
	}
	return low < all->count && all->label[low] == label ? low : -1;
}

static inline int32_t
consensus_candidate_label(const ConsensusCandidates *all, int32_t place)
{
	return all->label == NULL ? place : all->label[place];
}

/* The known label of an item, or -1. */
static inline int32_t
consensus_gold(const ConsensusData *data, int32_t item)
{
	return data->gold == NULL ? -1 : data->gold[item];
}

/* Steps of work, a nanosecond or so each, between two looks for a stop. */
#define CONSENSUS_STEP 1000000

/* Counts work; false when the progress callback asks to stop. */
static inline bool
consensus_go_on(const ConsensusFit *fit, int64_t *work, int64_t more,
				double done)
{
	*work += more;
	if (*work < CONSENSUS_STEP)
		return true;
	*work = 0;
	return fit->progress == NULL || fit->progress(fit->progress_state, done);
}

/* Where the row of an answer begins in the annotators' confusion matrices. */
static inline size_t
consensus_row_of(const ConsensusAnswer *answer, size_t nclasses)
{
	return ((size_t) answer->annotator * nclasses + (size_t) answer->label) *
		nclasses;
}

/* Cells of all confusion matrices. */
static inline size_t
consensus_cells(const ConsensusData *data)
{
	return (size_t) data->nannotators * (size_t) data->nclasses *
		(size_t) data->nclasses;
}

#endif							/* TDP_CONSENSUS_KERNEL_H */
