/*-------------------------------------------------------------------------
 *
 * kind_kernel.h
 *	  The kinds of fields of a label schema.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SCHEMA_KIND_KERNEL_H
#define TDP_SCHEMA_KIND_KERNEL_H

#include <stdbool.h>

typedef enum SchemaKind
{
	SCHEMA_CHOICE,				/* one label */
	SCHEMA_CHOICES,				/* a set of labels */
	SCHEMA_BOOLEAN,
	SCHEMA_DATE,
	SCHEMA_RATING,				/* an integer of a range */
	SCHEMA_NUMBER,
	SCHEMA_TEXT,
	SCHEMA_PREFERENCE,			/* the better of some columns */
	SCHEMA_RANKING,				/* all labels, best first */
	SCHEMA_SPANS,				/* from here on sets of objects */
	SCHEMA_RELATIONS,
	SCHEMA_BOXES,
	SCHEMA_POLYGONS,
	SCHEMA_POLYLINES,
	SCHEMA_KEYPOINTS,
	SCHEMA_MASKS,
	SCHEMA_SEGMENTS
} SchemaKind;

#define SCHEMA_KINDS (SCHEMA_SEGMENTS + 1)

/* The kind's name in a schema: "choice", ... */
extern const char *schema_kind_name(SchemaKind kind);

/* The kind of that name; -1 when there is none. */
extern int	schema_kind_find(const char *name);

/* Has it a list of labels (columns, for a preference)? */
extern bool schema_kind_has_labels(SchemaKind kind);

/*
 * Is a value one of finitely many, so that a vote or a confusion matrix
 * makes sense: choice, boolean, rating, preference?
 */
extern bool schema_kind_is_categorical(SchemaKind kind);

/* Is a value a number: rating, number? */
extern bool schema_kind_is_numeric(SchemaKind kind);

/* Is a value a set of objects, from spans to segments? */
extern bool schema_kind_is_set(SchemaKind kind);

/* Are the objects drawn on an image? */
extern bool schema_kind_is_image(SchemaKind kind);

/*
 * The members that an object of a set has, up to NULL; the first *needed of
 * them it must have.  "needed" may be NULL.
 */
extern const char *const *schema_kind_members(SchemaKind kind, int *needed);

#endif							/* TDP_SCHEMA_KIND_KERNEL_H */
