/*-------------------------------------------------------------------------
 *
 * state_kernel.h
 *	  A matrix of agreement with its labels' names, as bytes that can be kept
 *	  and merged.
 *
 * The bytes of a state depend on the answers alone: not on their order, on
 * how they were split into states that were then merged, or on the machine.
 * That holds as long as no item has answers in two of the states; a sketch
 * of the items (the least of their hashes) finds many of those that do.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_STATE_KERNEL_H
#define TDP_STATE_KERNEL_H

#include "agreement/matrix_kernel.h"

#define AGREEMENT_FORM_VERSION 1	/* the first of the bytes */
#define AGREEMENT_SKETCH 128

/* Products of counts and sums of many states stay in range. */
#define AGREEMENT_STATE_ANSWERS (UINT64_C(1) << 46)

/* A label by its text, and by its number where it has one. */
typedef struct AgreementLabel
{
	const char *text;			/* not ended by a zero byte */
	size_t		length;
	bool		numbered;
	uint64_t	key;			/* agreement_number_key(), else 0 */
} AgreementLabel;

/*
 * In a state that was packed or merged, labels are in the order of (key,
 * text), those without a number first, and matrix.labels are their keys.
 */
typedef struct AgreementState
{
	AgreementMatrix matrix;
	AgreementLabel *labels;		/* matrix.nlabels of them */
	const char *type;			/* what the labels are values of */
	size_t		type_length;
	uint32_t	nsketch;
	uint64_t	sketch[AGREEMENT_SKETCH];	/* ascending */
} AgreementState;

typedef enum AgreementMerge
{
	AGREEMENT_MERGED,
	AGREEMENT_OTHER_TYPE,		/* labels are of different types */
	AGREEMENT_STRADDLES,		/* an item is in two states */
	AGREEMENT_RENUMBERED,		/* one text stands for two numbers */
	AGREEMENT_TOO_MANY			/* answers */
} AgreementMerge;

/* Adds an item, by its code, to the sketch. */
extern void agreement_state_item(AgreementState *state, uint64_t item);

/*
 * agreement_state_merge makes one state of several (or brings the labels of
 * one into their order).  Texts are not copied.  "merge" says what stands in
 * the way, and for AGREEMENT_RENUMBERED "label" which text.
 */
extern AgreementStatus agreement_state_merge(AgreementState *const *parts,
											 int nparts,
											 const AgreementHost *host,
											 AgreementState *state,
											 AgreementMerge *merge,
											 AgreementLabel *label);
extern void agreement_state_end(AgreementState *state,
								const AgreementHost *host);

/*
 * agreement_state_pack writes a state; with "bytes" NULL it only returns the
 * size.  agreement_state_unpack reads it, texts staying where they are;
 * bytes that agreement_state_pack cannot have written are AGREEMENT_CORRUPT.
 */
extern size_t agreement_state_pack(const AgreementState *state,
								   uint8_t *bytes);
extern AgreementStatus agreement_state_unpack(const uint8_t *bytes,
											  size_t size,
											  const AgreementHost *host,
											  AgreementState *state);

#endif							/* TDP_STATE_KERNEL_H */
