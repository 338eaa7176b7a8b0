/*-------------------------------------------------------------------------
 *
 * resolve.h
 *	  What the files that resolve a project share.
 *
 * consensus_project.c is the door: it walks the fields of a project.  Each
 * field is resolved by the function that resolvers.c has for its kind; the
 * labels and skills that come of it are written by resolve_store.c alone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_CONSENSUS_RESOLVE_H
#define TDP_CONSENSUS_RESOLVE_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

#include "project/project.h"
#include "schema/schema.h"

/* A run of tdp.resolve on one field: what it is asked, and what came of it. */
typedef struct Resolution
{
	const Project *project;
	const struct SchemaField *field;
	const char *name;			/* of the field */
	const char *type;			/* JSON type of its values */
	const char *given;			/* the method asked for; NULL: the default */
	bool		full;			/* look at all answers anew */
	ArrayType  *touched;		/* bigint[]: items with answers that no run
								 * has looked at */

	/* set by the resolver */
	const char *method;			/* the one that was used */
	const char *why;			/* and why that one */
	Jsonb	   *evidence;		/* what the choice rests on; NULL: nothing */
	int64		items;			/* that got a label in this run */
	int32		annotators;		/* whose answers counted */
	int64		annotations;	/* answers that counted */
	bool		partial;		/* only touched items were looked at */
} Resolution;

/*
 * A resolver infers the labels of one field and stores them.  It is called
 * within a storage section, in a memory context of its own, and sets the
 * second half of the run (strings and evidence in any context that lasts as
 * long as the current one).
 */
typedef void (*Resolver) (Resolution *run);

/* The resolver for a kind of field; see resolvers.c. */
extern Resolver resolver_for(SchemaKind kind);

/* Is a field of this kind resolved to one label out of few? */
extern bool resolves_few_labels(SchemaKind kind);

/* resolve_methods.c: one label out of few, by a method of tdp.consensus. */
extern void resolve_few_labels(Resolution *run);

/* The same where only equal answers agree: text and whatever has no other. */
extern void resolve_equal(Resolution *run);

/* A number: the middle one of the answers. */
extern void resolve_median(Resolution *run);

/* resolve_numbers.c: a number, or a rating, by tdp.consensus_numeric. */
extern void resolve_number(Resolution *run);
extern void resolve_rating(Resolution *run);

/* resolve_texts.c: a text, by tdp.consensus_text. */
extern void resolve_text(Resolution *run);

/* resolve_choices.c: several labels, each by itself. */
extern void resolve_choices(Resolution *run);

/*
 * The text of a query (item, annotator, label) that gives a field's answers
 * as they stand, of people and machines, and what to bind to it.  Answers of
 * another JSON type are left out: they are from before the field was changed.
 */
extern const char resolve_answers_query[];
extern ArrayType *resolve_answers_args(const Resolution *run);

/*
 * The labels that the field can have today (text[]), or NULL where its kind
 * has no list of them.  Nothing else is published.
 */
extern ArrayType *resolve_labels_allowed(const struct SchemaField *field);


/* ---- resolve_store.c ---------------------------------------------------- */

/* A label that a run found for an item. */
typedef struct ResolvedLabel
{
	int64		item_id;
	const char *label;			/* as schema_field_label_text */
	Jsonb	   *value;			/* NULL: made of the label (of a string the
								 * string, else what its text reads as) */
	double		confidence;		/* NaN: not known */
	Jsonb	   *probabilities;	/* label to raw probability; NULL: unknown */
	int32		answers;		/* that it rests on */
} ResolvedLabel;

typedef struct LabelWriter LabelWriter;

/*
 * labels_begin opens a writer of the run's labels, which go out in batches;
 * run->method must be set.  labels_put copies what it is given, and counts it
 * in run->items; labels_end writes the rest.
 */
extern LabelWriter *labels_begin(Resolution *run);
extern void labels_put(LabelWriter *writer, const ResolvedLabel *label);
extern void labels_end(LabelWriter *writer);

/* skill_put stores an annotator's accuracy (NaN: not known) in the field. */
extern void skill_put(const Resolution *run, int32 member_id, double accuracy,
					  int64 answers);

/* {label: probability} of those above zero, in the order given. */
extern Jsonb *probabilities_json(int count, const char *const *labels,
								 const double *probabilities);

/*
 * resolution_finish forgets labels that the field cannot have any more and
 * logs the run.
 */
extern void resolution_finish(const Resolution *run);



/* ---- resolve_model.c: what the last full run learned -------------------- */

/* The model of a field as it is stored, without the annotators' part. */
typedef struct StoredModel
{
	char	   *method;
	char	   *why;
	Jsonb	   *evidence;
	int64		fitted_annotations;
	int64		annotations;
	int64		chosen_annotations; /* 0: it was asked for */
	int32		schema_version;
	int			nlabels;		/* 0: cannot be brought up to date */
	char	  **labels;
	double	   *classes;
} StoredModel;

/* The model of the run's field; NULL when there is none. */
extern StoredModel *model_load(const Resolution *run);

/* Replaces it, and forgets the annotators' part unless the run is partial. */
extern void model_store(const Resolution *run, const StoredModel *model);

/* The annotators' part: counts of nlabels x nlabels. */
extern void model_store_annotator(const Resolution *run, int32 member_id,
								  const double *counts, int nlabels,
								  int64 answers);

/* Fills the counts of these annotators, zeros where there are none. */
extern void model_load_annotators(const Resolution *run, int nannotators,
								  const int32 *members, int nlabels,
								  double *counts, int64 *answers);

/* Does a model of the method tell how to add items to it? */
extern bool model_can_grow(const char *method);

/*
 * resolve_update.c: brings the labels of touched items and the model up to
 * date; false, with *due in words, when a full run is due.
 */
extern bool resolve_update(Resolution *run, StoredModel *model,
						   const char **due);

#endif							/* TDP_CONSENSUS_RESOLVE_H */
