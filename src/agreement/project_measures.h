/*-------------------------------------------------------------------------
 *
 * project_measures.h
 *	  What is measured of a field's answers, by the field's kind.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_AGREEMENT_PROJECT_MEASURES_H
#define TDP_AGREEMENT_PROJECT_MEASURES_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "agreement/items_kernel.h"
#include "schema/schema.h"

/* One annotator's answer to one field of one item. */
typedef struct FieldAnswer
{
	int32		member;
	const char *label;			/* schema_field_label_text */
	Jsonb	   *value;			/* NULL: the empty set */
	Jsonb	   *whole;			/* all fields; for relations only */
} FieldAnswer;

/* An item with its answers, and the slice that it is in. */
typedef struct FieldItem
{
	char	   *key;
	const char *slice;			/* NULL is a slice too */
	int			length;			/* of the text with the spans; 0: not known */
	int			count;
	FieldAnswer *answers;
} FieldItem;

/* The items of one slice. */
typedef struct FieldSlice
{
	const Schema *schema;
	const struct SchemaField *field;
	const char *project;		/* for errors */
	int			nitems;
	FieldItem  *items;
} FieldSlice;

/* Takes one measure of a slice. */
typedef void (*TakeMeasure) (void *state, const char *measure,
							 const ItemsValue *value);

/* Is anything measured of this field? */
extern bool measures_known(const Schema *schema,
						   const struct SchemaField *field);

/* Hands on every measure of a slice, in the order of the documentation. */
extern void measure_slice(const FieldSlice *slice, TakeMeasure take,
						  void *state);

/* The same for kinds whose answers are not compared as labels. */
extern void measure_ranking(const FieldSlice *slice, TakeMeasure take,
							void *state);
extern void measure_spans(const FieldSlice *slice, TakeMeasure take,
						  void *state);
extern void measure_relations(const FieldSlice *slice, TakeMeasure take,
							  void *state);

#endif							/* TDP_AGREEMENT_PROJECT_MEASURES_H */
