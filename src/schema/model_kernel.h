/*-------------------------------------------------------------------------
 *
 * model_kernel.h
 *	  A label schema in memory: read from JSON, checked, printed.
 *
 * The printed form is canonical: schemas that mean the same and list their
 * fields and labels in the same order print alike, and reading the printed
 * form gives the same again.  What is the default is left out.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SCHEMA_MODEL_KERNEL_H
#define TDP_SCHEMA_MODEL_KERNEL_H

#include "schema/json_kernel.h"
#include "schema/kind_kernel.h"

/* Limits, in bytes of UTF-8 where nothing else is said. */
#define SCHEMA_MAX_TEXT		(16 * 1024 * 1024)	/* the whole schema */
#define SCHEMA_MAX_DEPTH	16	/* nested brackets */
#define SCHEMA_MAX_FIELDS	250 /* each has four columns of a typed view */
#define SCHEMA_MAX_LABELS	100000	/* of one field */

/* "label_<field>_confidence" must be a column's name (63 bytes). */
#define SCHEMA_MAX_FIELD_NAME 46
#define SCHEMA_MAX_COLUMN_NAME 63
#define SCHEMA_MAX_LABEL_NAME 1000
#define SCHEMA_MAX_TITLE	1000
#define SCHEMA_MAX_HELP		10000
#define SCHEMA_MAX_PATTERN	1000
#define SCHEMA_MAX_UNIT		100
#define SCHEMA_MAX_HOTKEY	32
#define SCHEMA_MAX_COLOR	32
#define SCHEMA_MAX_POINTS	1000	/* of a keypoints field */
#define SCHEMA_MAX_RATING	1000000 /* absolute value of a bound */

/* Characters of a text value, and its limit where max_length is not given. */
#define SCHEMA_MAX_LENGTH	1000000

typedef struct SchemaLabel
{
	const char *name;
	int32_t		id;				/* the export id */
	int32_t		parent;			/* index of a label; -1 for none */
	const char *title;			/* these four may be NULL */
	const char *color;
	const char *hotkey;
	const char *help;
} SchemaLabel;

/* Names in their order, and sorted for look-up. */
typedef struct SchemaLabels
{
	int			count;
	SchemaLabel *items;
	int		   *sorted;			/* indexes by name, bytewise */
} SchemaLabels;

/* The field is asked only if another one has one of these values. */
typedef struct SchemaCondition
{
	int			field;			/* index beside this field; -1: the object's
								 * own label (in "each" only) */
	int			count;
	int		   *values;			/* ascending: label indexes (count of labels
								 * for "tie"), 0 and 1, or ratings */
} SchemaCondition;

typedef struct SchemaFields SchemaFields;

typedef struct SchemaField
{
	const char *name;
	SchemaKind	kind;
	bool		optional;
	const char *title;			/* strings may be NULL */
	const char *help;
	const char *of;
	const char *target_confidence;	/* a decimal */
	SchemaLabels labels;
	int32_t		rating_min;
	int32_t		rating_max;
	const char *min;			/* bounds of a number: decimals */
	const char *max;
	bool		integer;
	const char *unit;
	int			max_length;		/* characters of a text; 0 when not given */
	const char *pattern;
	bool		ties;
	bool		shuffle;
	const char *size[2];		/* width's and height's columns */
	int			nbetween;
	int		   *between;		/* indexes of fields, ascending */
	SchemaLabels points;		/* of keypoints; only names are set */
	int			nskeleton;
	int			(*skeleton)[2]; /* pairs of points */
	SchemaFields *each;			/* fields of every object; NULL for none */
	int			nconditions;
	SchemaCondition *conditions;	/* all must hold; by field */
} SchemaField;

struct SchemaFields
{
	int			count;
	SchemaField *items;
	const SchemaField *owner;	/* of "each": the field with the objects */
};

/*
 * schema_read makes a schema of JSON in the object form or the array form.
 * Returns NULL and fills "error" when it is none.  Whether a text's pattern
 * is a regular expression is left to the caller.
 */
extern SchemaFields *schema_read(SchemaArena *arena, const JsonNode *json,
								 SchemaError *error);

/* schema_read of text. */
extern SchemaFields *schema_parse_text(SchemaArena *arena, const char *bytes,
									   size_t length, SchemaError *error);

/*
 * schema_canonical makes the canonical text, in the object form.  NULL and
 * an error when that is longer than SCHEMA_MAX_TEXT.
 */
extern const char *schema_canonical(SchemaArena *arena,
									const SchemaFields *fields,
									SchemaError *error);

/* Adds the canonical text: the object form, or the array form for jsonb. */
extern void schema_print(SchemaText *text, const SchemaFields *fields,
						 bool array_form);

/* Adds one field's definition, in the array form with its name. */
extern void schema_print_field(SchemaText *text, const SchemaFields *fields,
							   int field);

/* Adds what stands under "when" and "between" of one of the fields. */
extern void schema_print_when(SchemaText *text, const SchemaFields *fields,
							  const SchemaField *field);
extern void schema_print_between(SchemaText *text, const SchemaFields *fields,
								 const SchemaField *field);

/*
 * schema_append makes a schema of the fields of "a" and then those of "b".
 * A field that both have is an error.
 */
extern SchemaFields *schema_append(SchemaArena *arena, const SchemaFields *a,
								   const SchemaFields *b, SchemaError *error);

/* The index of a field, of a label; -1 when there is none. */
extern int	schema_find_field(const SchemaFields *fields, const char *name);
extern int	schema_find_label(const SchemaLabels *labels, const char *name);

/*
 * schema_nearest finds the one of "count" names that was probably meant:
 * the same but for case, or a few letters apart.  NULL when none is near.
 * "name" gives the i-th name.
 */
extern const char *schema_nearest(const char *wanted, int count,
								  const char *(*name) (const void *names,
													   int i),
								  const void *names);

/* The same over labels and over fields. */
extern const char *schema_nearest_label(const SchemaLabels *labels,
										const char *wanted);
extern const char *schema_nearest_field(const SchemaFields *fields,
										const char *wanted);

#endif							/* TDP_SCHEMA_MODEL_KERNEL_H */
