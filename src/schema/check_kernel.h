/*-------------------------------------------------------------------------
 *
 * check_kernel.h
 *	  Does an answer fit a label schema?
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SCHEMA_CHECK_KERNEL_H
#define TDP_SCHEMA_CHECK_KERNEL_H

#include "schema/model_kernel.h"

/* Nesting that an answer may have, and more than any that fits has. */
#define SCHEMA_MAX_ANSWER_DEPTH 16

#define SCHEMA_MAX_ID		200 /* bytes of an object's id */

/* An object's id, and where it is. */
typedef struct SchemaObjectId
{
	const char *id;
	int			field;
	int			object;			/* from 0 */
} SchemaObjectId;

typedef struct SchemaCheck
{
	/* set by the caller */
	SchemaArena *arena;
	const SchemaFields *fields;
	const JsonNode *data;		/* the item's shown columns; NULL: unknown */
	bool		prediction;		/* objects may carry a score, and fields may
								 * be left out */
	int			limit;			/* stop after so many violations */
	bool		(*matches) (const char *pattern, const char *string);
	void		(*report) (void *state, const char *path,
						   const char *problem, const char *hint);
	void	   *state;

	/* working state */
	int			count;			/* violations so far */
	SchemaText	path;			/* where the check is */
	int			nids;
	SchemaObjectId *ids;		/* sorted by id */
	const char *text;			/* of the spans being checked, or NULL */
	size_t		text_length;	/* in characters */
	const char **marks;			/* every SCHEMA_MARK-th character of text */
} SchemaCheck;

#define SCHEMA_MARK 64

/*
 * schema_check reports every way in which "answer" does not fit: a path like
 * entities[2].end ("" is the answer itself), the problem in words, and a hint
 * or NULL.  Returns whether it fits.
 */
extern bool schema_check(SchemaCheck *check, const JsonNode *answer);

/* --- shared by the files that check ---------------------------------- */

/* Reports at the path as it stands; false, so that a check can end with it. */
extern bool schema_violation(SchemaCheck *check, const char *problem,
							 const char *hint);

/* Appends .key or [index] to the path; returns the length to cut it back. */
extern size_t schema_path_key(SchemaCheck *check, const char *key);
extern size_t schema_path_index(SchemaCheck *check, int index);

/* The same, reporting at the path with .key appended. */
extern bool schema_violation_at(SchemaCheck *check, const char *key,
								const char *problem, const char *hint);

/*
 * schema_check_members checks the fields that are members of an object: of
 * the whole answer, or of one object that has the members "own" besides.
 */
extern void schema_check_members(SchemaCheck *check,
								 const SchemaFields *fields,
								 const JsonNode *object,
								 const char *const *own);

/* The value of one field, of a scalar kind and of a set of objects. */
extern void schema_check_value(SchemaCheck *check, const SchemaField *field,
							   const JsonNode *value);
extern void schema_check_objects(SchemaCheck *check,
								 const SchemaField *field,
								 const JsonNode *value);

/* A string that is one of the labels. */
extern bool schema_check_label(SchemaCheck *check, const SchemaLabels *labels,
							   const JsonNode *value);

/* What is drawn on an image; the path is at the object. */
extern void schema_check_shape(SchemaCheck *check, const SchemaField *field,
							   const JsonNode *object);

/*
 * schema_check_number takes member "key" of an object as a double; false
 * (and a violation) when it is missing, no number or not finite.
 */
extern bool schema_check_number(SchemaCheck *check, const JsonNode *object,
								const char *key, double *result);

/* A number's double; false when it is out of range. */
extern bool schema_node_double(const JsonNode *node, double *result);

/* A number as it is written, unless it is too long to show. */
extern const char *schema_shown_number(const JsonNode *number);

/* A whole number from "low" to "high"; reports at the path. */
extern bool schema_check_int(SchemaCheck *check, const JsonNode *node,
							 int64_t low, int64_t high, int64_t *result);

#endif							/* TDP_SCHEMA_CHECK_KERNEL_H */
