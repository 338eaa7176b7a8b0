/*-------------------------------------------------------------------------
 *
 * glue.h
 *	  What the files of truth inference share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_CONSENSUS_GLUE_H
#define TDP_CONSENSUS_GLUE_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

#include "base/intern.h"
#include "consensus/consensus_kernel.h"

/* What the user's queries gave, numbered in the order of its types. */
typedef struct ConsensusInput
{
	MemoryContext context;		/* holds all of it */
	InternTable *items;
	InternTable *annotators;
	InternTable *labels;
	int32	   *item_codes;		/* of an item's number */
	int32	   *label_codes;	/* of a class's number; an annotator's is its
								 * code */
	ConsensusData data;			/* without priors */
} ConsensusInput;

/* The "settings" argument. */
typedef struct ConsensusSettings
{
	double		smoothing;		/* negative: the default */
	double		tolerance;
	int			max_iter;		/* 0: the method's default */
	int			seed;			/* where something is random; 0 */
	int			restarts;		/* the same */
	int			subtypes;
	Jsonb	   *priors;			/* NULL: estimated */
	bool		calibrate;		/* the confidence */
} ConsensusSettings;

typedef struct ConsensusMethodEntry ConsensusMethodEntry;

/*
 * consensus_read runs the queries given as "annotations" and "gold" (NULL:
 * none) in the current memory context, which should be the call's own: what
 * it holds is checked against tdp.solver_memory.
 */
extern void consensus_read(const char *annotations, const char *gold,
						   ArrayType *args, ConsensusInput *input);

extern void consensus_read_settings(Jsonb *settings, ConsensusSettings *to);

/* The method of that name; an error lists those there are. */
extern const ConsensusMethodEntry *consensus_method_named(const char *name);

/*
 * consensus_solve fits the method to the input, which has a row.  With
 * "confusion", fit->confusion is there whatever the method.  Returns the
 * name of the method, or of the one chosen for "auto".
 */
extern const char *consensus_solve(const ConsensusMethodEntry *method,
								   ConsensusInput *input,
								   const ConsensusSettings *settings,
								   bool confusion, ConsensusFit *fit);

/* The method of that name, or NULL; and the name of a method. */
extern const ConsensusMethodEntry *consensus_method_find(const char *name);
extern const char *consensus_method_name(const ConsensusMethodEntry *method);

/*
 * consensus_fit fits a method other than "auto" to the data, in the current
 * memory context; "limited" is the one whose size counts.
 */
extern void consensus_fit(const ConsensusMethodEntry *method,
						  MemoryContext limited, const ConsensusData *data,
						  const ConsensusSettings *settings, bool confusion,
						  ConsensusFit *fit);

/* Sets the fit's smoothing and diagonal. */
extern void consensus_smooth(const ConsensusMethodEntry *method,
							 const ConsensusSettings *settings,
							 int32 nclasses, ConsensusFit *fit);

/* Sets the data's priors from the setting, if it is given. */
extern void consensus_set_priors(ConsensusInput *input,
								 const ConsensusSettings *settings);

#define CONSENSUS_MOST_CANDIDATES 8

/* A method chosen, and the evidence. */
typedef struct ConsensusPick
{
	const ConsensusMethodEntry *method;
	const char *why;			/* a clause, without a full stop */
	int64		hidden;			/* answers that the candidates foretold */
	int			ncandidates;	/* 0: there was nothing to learn from */
	struct
	{
		const ConsensusMethodEntry *method;
		double		held_out;	/* mean log-likelihood of a hidden answer;
								 * NaN: not compared */
		ConsensusMixing mixing; /* of its hidden answers */
	}			candidates[CONSENSUS_MOST_CANDIDATES];
} ConsensusPick;

/*
 * consensus_choose_method finds what "auto" stands for, for an input with
 * rows.  Fit pick->method by consensus_solve to keep to the choice.
 */
extern void consensus_choose_method(ConsensusInput *input,
									const ConsensusSettings *settings,
									ConsensusPick *pick);

/*
 * What hidden answers say of the pick's certainty: as they were compared for
 * "auto"; else they are hidden for it.
 */
extern void consensus_find_mixing(ConsensusInput *input,
								  const ConsensusSettings *settings,
								  const ConsensusPick *pick,
								  ConsensusMixing *mixing);

/* Fewer known answers than this teach no calibration. */
#define CONSENSUS_FEWEST_GOLD 30

/* How a label's probability becomes its confidence. */
typedef struct ConsensusCalibration
{
	bool		wanted;			/* else it is the confidence */
	int64		gold;			/* known answers that taught the curve; 0:
								 * none */
	ConsensusCurve curve;
	double		model_share;	/* see consensus_support */
	double	   *scratch;
} ConsensusCalibration;

/*
 * consensus_calibrate learns it, for the method of the pick; a pick without
 * candidates is one by name.  The fit
 * whose labels get a consensus_confidence must have been made with "confusion"
 * where consensus_confidence_needs_confusion.  With enough gold it takes
 * CONSENSUS_FOLDS fits, and a method by name those to hidden answers.
 */
extern bool consensus_confidence_needs_confusion(const ConsensusMethodEntry *method,
												 const ConsensusData *data,
												 const ConsensusSettings *settings);
extern void consensus_calibrate(const ConsensusPick *pick,
								ConsensusInput *input,
								const ConsensusSettings *settings,
								ConsensusCalibration *calibration);
extern double consensus_confidence(const ConsensusCalibration *calibration,
								   const ConsensusInput *input,
								   const ConsensusFit *fit, int32 item,
								   const ConsensusChoice *choice);

/* The progress callback of all kernels: serves interrupts. */
extern bool consensus_progress(void *state, double done);

/* A huge array in the current context. */
extern void *consensus_alloc(Size count, Size size);

/*
 * Error, before they are asked for, when so many bytes more than "context"
 * holds are not allowed; "what" as in settings_check_memory.
 */
extern void consensus_check_memory(MemoryContext context, double bytes,
								   const char *what);

#endif							/* TDP_CONSENSUS_GLUE_H */
