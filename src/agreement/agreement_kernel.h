/*-------------------------------------------------------------------------
 *
 * agreement_kernel.h
 *	  From answers to coefficients of agreement, without PostgreSQL.
 *
 * An answer is an item and a label, each as 64 bits that are equal exactly
 * when the values are (as far as 64 bits can tell).  Answers are appended to
 * an array and sorted at the end: 16 bytes each, no hash table for a group,
 * and nothing depends on the order in which they came.
 *
 * Sums over items are kept as fixed-point integers (exact_kernel.h) and
 * counts as integers, so that a coefficient comes out with the same bits
 * however the rows were ordered or split, and whatever the items, and for
 * nominal measures the labels, are called.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_AGREEMENT_KERNEL_H
#define TDP_AGREEMENT_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum AgreementStatus
{
	AGREEMENT_OK,
	AGREEMENT_NO_MEMORY,
	AGREEMENT_STOPPED,			/* proceed() said so */
	AGREEMENT_CORRUPT			/* packed bytes are not what pack made */
} AgreementStatus;

/*
 * What a kernel asks of its caller.  "allocate" returns memory that is
 * zeroed, or NULL; "release" takes it back; "proceed" is called at least
 * every few milliseconds and returns false to stop.
 */
typedef struct AgreementHost
{
	void	   *(*allocate) (void *context, size_t size);
	void		(*release) (void *context, void *memory);
	bool		(*proceed) (void *context);
	void	   *context;
} AgreementHost;

/* One annotator's label for one item. */
typedef struct AgreementAnswer
{
	uint64_t	item;
	uint64_t	label;			/* ordered metrics: agreement_number_key() */
} AgreementAnswer;

/* More answers than this are not taken: products of counts fit 64 bits. */
#define AGREEMENT_MAX_ANSWERS UINT32_MAX

/* ---- values as 64 bits (code_kernel.c) ---------------------------------- */

/*
 * The XXH64 hash of bytes: the same on every machine.  Of k different values
 * some two share a hash with probability below k * k / 2^65: 3 in a million
 * for ten million values.
 */
extern uint64_t agreement_hash(const void *bytes, size_t length, uint64_t seed);

/* The hash of a sequence, one element (itself 64 bits) at a time. */
extern uint64_t agreement_hash_next(uint64_t hash, uint64_t element);

/*
 * A number as 64 bits in the number's order (NaN last), and back.  0 and -0
 * are one.
 */
extern uint64_t agreement_number_key(double number);
extern double agreement_key_number(uint64_t key);

/* An integer as 64 bits in the integer's order. */
static inline uint64_t
agreement_integer_key(int64_t integer)
{
	return (uint64_t) integer ^ UINT64_C(0x8000000000000000);
}

/* ---- answers (sort_kernel.c, pack_kernel.c) ----------------------------- */

/*
 * agreement_sort sorts by item, then label, in place, in O(n) for keys that
 * are spread and O(128 n) for any.
 */
extern AgreementStatus agreement_sort(AgreementAnswer *answers, size_t count,
									  const AgreementHost *host);

/*
 * agreement_pack writes sorted answers compactly, the same bytes for the same
 * answers on every machine.  With "bytes" NULL it only computes "size".
 */
extern AgreementStatus agreement_pack(const AgreementAnswer *answers,
									  size_t count, const AgreementHost *host,
									  uint8_t *bytes, size_t *size);

/*
 * agreement_packed_count reads how many answers packed bytes hold;
 * agreement_unpack then writes that many.  Bytes that agreement_pack cannot
 * have written are AGREEMENT_CORRUPT, whatever they are.
 */
extern AgreementStatus agreement_packed_count(const uint8_t *bytes,
											  size_t size, size_t *count);
extern AgreementStatus agreement_unpack(const uint8_t *bytes, size_t size,
										const AgreementHost *host,
										AgreementAnswer *answers);

/* ---- counts of labels or of pairs (tally_kernel.c) ---------------------- */

typedef struct AgreementCount
{
	uint64_t	a;
	uint64_t	b;				/* 0 where labels, not pairs, are counted */
	uint64_t	count;
} AgreementCount;

/* A hash table whose entries lie in the order in which they first came. */
typedef struct AgreementTally
{
	AgreementCount *entries;
	uint32_t   *slots;			/* index of an entry + 1; 0: empty */
	uint32_t	used;
	uint32_t	capacity;		/* of entries; there are twice as many slots */
} AgreementTally;

/* Makes an empty tally with room for a few entries. */
extern AgreementStatus agreement_tally_start(AgreementTally *tally,
											 const AgreementHost *host);

/* Adds "count" to an entry, making it if need be; "index" may be NULL. */
extern AgreementStatus agreement_tally_add(AgreementTally *tally,
										   const AgreementHost *host,
										   uint64_t a, uint64_t b,
										   uint64_t count, uint32_t *index);

/* The index of an entry that is there. */
extern uint32_t agreement_tally_find(const AgreementTally *tally,
									 uint64_t a, uint64_t b);

extern void agreement_tally_end(AgreementTally *tally,
								const AgreementHost *host);

/* Sorts entries by (a, b); indexes known before are then void. */
extern AgreementStatus agreement_tally_sort(AgreementTally *tally,
											const AgreementHost *host);

/* As agreement_pack and agreement_unpack, for the pairs of a sorted tally. */
extern size_t agreement_pack_pairs(const AgreementTally *tally,
								   uint8_t *bytes);
extern AgreementStatus agreement_unpack_pairs(const uint8_t *bytes,
											  size_t size,
											  const AgreementHost *host,
											  AgreementTally *tally);

/* ---- any number of annotators (nominal_kernel.c, ordered_kernel.c) ------ */

/*
 * What the coefficients over (item, label) are made of.  r_ik is the number
 * of answers that put item i into label k, r_i their sum over k.
 *
 * Gwet, Handbook of Inter-Rater Reliability, 4th ed. 2014 (percent agreement,
 * Fleiss' kappa for any number of answers per item, AC1); Krippendorff,
 * Content Analysis, 4th ed. 2018, ch. 12 (alpha).
 */
typedef struct AgreementNominal
{
	uint64_t	items;			/* with an answer */
	uint64_t	answers;
	uint64_t	labels;			/* different ones */
	uint64_t	shared_items;	/* with two answers or more */
	uint64_t	shared_answers; /* to those */

	/* mean over shared items of sum_k r_ik (r_i - r_ik) / (r_i (r_i - 1)) */
	double		disagreement;
	double		agreement;		/* 1 - disagreement */

	/* sum_k pi_k (1 - pi_k), pi_k = mean over all items of r_ik / r_i */
	double		diversity;

	/* over shared items: sum_ik r_ik (r_i - r_ik) / (r_i - 1) ... */
	double		alpha_observed;
	/* ... and sum_k n_k (n - n_k) / (n - 1), n_k = sum_i r_ik */
	double		alpha_expected;
} AgreementNominal;

/*
 * agreement_nominal computes them from sorted answers; "diversity", which
 * only Fleiss' kappa and AC1 need, takes a second walk.
 */
extern AgreementStatus agreement_nominal(const AgreementAnswer *answers,
										 size_t count, bool with_diversity,
										 const AgreementHost *host,
										 AgreementNominal *result);

/* Each returns false, and sets nothing, where the coefficient is undefined. */
extern bool agreement_percent(const AgreementNominal *sums, double *value);
extern bool agreement_fleiss_kappa(const AgreementNominal *sums,
								   double *value);
extern bool agreement_brennan_prediger(const AgreementNominal *sums,
									   double *value);
extern bool agreement_gwet_ac1(const AgreementNominal *sums, double *value);
extern bool agreement_alpha_nominal(const AgreementNominal *sums,
									double *value);

typedef enum AgreementMetric
{
	AGREEMENT_NOMINAL,
	AGREEMENT_ORDINAL,
	AGREEMENT_INTERVAL,
	AGREEMENT_RATIO
} AgreementMetric;

/*
 * agreement_alpha is Krippendorff's alpha with an ordered metric, from sorted
 * answers whose labels are agreement_number_key()s of numbers that are not
 * NaN, for interval and ratio finite, for ratio not negative.  "defined" is
 * false where no item has two answers, or all answers to such are equal.
 * Ratio takes O(different labels ^ 2), the others O(n).
 */
extern AgreementStatus agreement_alpha(const AgreementAnswer *answers,
									   size_t count, AgreementMetric metric,
									   const AgreementHost *host,
									   bool *defined, double *value);

/* ---- two annotators (pairs_kernel.c) ------------------------------------ */

typedef enum AgreementWeights
{
	AGREEMENT_UNWEIGHTED,		/* the first three of AgreementScaleKind */
	AGREEMENT_LINEAR,			/* disagreement is |a - b| */
	AGREEMENT_QUADRATIC			/* (a - b)^2 */
} AgreementWeights;

/*
 * agreement_cohen is Cohen's kappa (1960; weighted 1968) of a tally of pairs
 * (a, b); with weights, labels are agreement_number_key()s of finite numbers.
 * agreement_scott is Scott's pi (1955).  "defined" is false for no pairs, and
 * where chance alone would make no disagreement.
 */
extern AgreementStatus agreement_cohen(const AgreementTally *pairs,
									   AgreementWeights weights,
									   const AgreementHost *host,
									   bool *defined, double *value);
extern AgreementStatus agreement_scott(const AgreementTally *pairs,
									   const AgreementHost *host,
									   bool *defined, double *value);

#endif							/* TDP_AGREEMENT_KERNEL_H */
