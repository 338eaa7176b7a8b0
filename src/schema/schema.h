/*-------------------------------------------------------------------------
 *
 * schema.h
 *	  Label schemas for the other rooms: their fields, whether an answer
 *	  fits, what a field's value is as a label or as a column of a view.
 *
 * All strings are in the database's encoding and live in the memory context
 * that was current at the call, or as long as the schema.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SCHEMA_H
#define TDP_SCHEMA_H

#include "postgres.h"

#include "fmgr.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"

#include "schema/kind_kernel.h"

/* A label schema in memory, and one of its fields. */
typedef struct Schema Schema;
struct SchemaField;

/*
 * schema_from_datum reads a value of type tdp.label_schema into the current
 * memory context.
 */
extern const Schema *schema_from_datum(Datum datum);

/*
 * schema_argument gives the schema that a function was called with, kept
 * from call to call in fn_extra: the function may use fn_extra for nothing
 * else.  The argument must not be NULL.
 */
extern const Schema *schema_argument(FunctionCallInfo fcinfo, int argument);

/* The fields, in their order; NULL for a name that is none. */
extern int	schema_field_count(const Schema *schema);
extern const struct SchemaField *schema_field_at(const Schema *schema, int i);
extern const struct SchemaField *schema_field_named(const Schema *schema,
													const char *name);

extern const char *schema_field_name(const struct SchemaField *field);
extern SchemaKind schema_field_kind(const struct SchemaField *field);
extern bool schema_field_optional(const struct SchemaField *field);

/*
 * What jsonb_typeof says of the field's values: string, number, boolean or
 * array.  Answers from a time when the field was of another kind may be of
 * another.
 */
extern const char *schema_field_json_type(const struct SchemaField *field);

/* Is the field asked only when others have certain values? */
extern bool schema_field_conditional(const struct SchemaField *field);

/* The shown column that the field is about; NULL when it does not say. */
extern const char *schema_field_of(const struct SchemaField *field);

/*
 * The fields whose objects relations connect, in their order; 0 for other
 * kinds.
 */
extern int	schema_field_between_count(const struct SchemaField *field);
extern const struct SchemaField *schema_field_between(const Schema *schema,
													  const struct SchemaField *field,
													  int i);

/* False when the field has no target. */
extern bool schema_field_target_confidence(const struct SchemaField *field,
										   double *target);

/*
 * The labels (a preference's columns; "tie", where it is allowed, is not
 * among them) and their export ids, in order; 0 for kinds that have none.
 */
extern int	schema_field_label_count(const struct SchemaField *field);
extern const char *schema_field_label(const struct SchemaField *field, int i);
extern int32 schema_field_label_id(const struct SchemaField *field, int i);

/*
 * The range of a rating, or of a number: -Infinity or Infinity where it has
 * no bound.  False for other kinds.
 */
extern bool schema_field_range(const struct SchemaField *field, double *min,
							   double *max);

/*
 * schema_field_value takes a field's value out of an answer; NULL when the
 * answer has none (or is no object).
 */
extern Jsonb *schema_field_value(const struct SchemaField *field,
								 Jsonb *answer);

/*
 * schema_field_label_text is a field's value as one label, the same for
 * answers that mean the same: the label of a choice, the column (or "tie")
 * of a preference, true or false, a number without trailing zeros, a text or
 * date as it is, choices as a jsonb array in the order of the labels, and of
 * everything else the jsonb text.
 */
extern char *schema_field_label_text(const struct SchemaField *field,
									 Jsonb *value);

/*
 * schema_field_sql_type is the built-in type of the field's column in a
 * typed view: choice, preference, text: text; boolean: boolean; date: date;
 * rating: integer; number: double precision, or bigint if it is an integer;
 * choices, ranking: text[]; the others: jsonb.
 */
extern const char *schema_field_sql_type(const struct SchemaField *field);

/*
 * schema_field_sql_expression is SQL of that type made of "value", SQL that
 * gives the field's jsonb value (it is repeated, so let it be a column).  A
 * value of an older schema that is of no such type is NULL, as text its JSON.
 * It names nothing outside pg_catalog.
 */
extern char *schema_field_sql_expression(const struct SchemaField *field,
										 const char *value);

/*
 * schema_succeed is a new version of a label schema (a tdp.label_schema) with
 * the ids of its labels carried on from the "nolder" earlier versions, first
 * to last: a label keeps the id it had first, and no id is used for another
 * label again.  An error where an id that was written says otherwise.
 */
extern Datum schema_succeed(Datum schema, const Datum *older, int nolder);

/* One way in which an answer does not fit.  hint may be NULL. */
typedef struct SchemaViolation
{
	const char *path;			/* "entities[2].end"; "" is the whole answer */
	const char *problem;
	const char *hint;
} SchemaViolation;

/*
 * schema_violations lists (as SchemaViolation *) what is wrong with an
 * answer, at most a hundred things; NIL when it fits.  "data" (NULL when it
 * is not at hand) is the item's shown columns as a jsonb object, in which
 * spans and sizes are looked up.  A prediction need not say something of every
 * field, and its objects may carry a score.
 */
extern List *schema_violations(Jsonb *value, const Schema *schema,
							   Jsonb *data, bool is_prediction);

/* The errdetail of TD010: [{"path": ..., "problem": ...}, ...]. */
extern char *schema_violations_detail(List *violations);

#endif							/* TDP_SCHEMA_H */
