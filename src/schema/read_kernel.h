/*-------------------------------------------------------------------------
 *
 * read_kernel.h
 *	  What the files that read a label schema share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SCHEMA_READ_KERNEL_H
#define TDP_SCHEMA_READ_KERNEL_H

#include "schema/model_kernel.h"

/* Where the reader is; names are for messages only. */
typedef struct SchemaReader
{
	SchemaArena *arena;
	SchemaError *error;
	const SchemaField *owner;	/* inside "each": the field it belongs to */
	const char *field;			/* the field being read, or NULL */
	const char *label;			/* the label being read, or NULL */
} SchemaReader;

/* Fills the error, beginning with where it is.  Returns false. */
extern bool schema_refuse(SchemaReader *reader, SchemaErrorCode code,
						  const char *problem, const char *hint);

/*
 * schema_read_string takes a string of 1 to "limit" bytes for the option
 * "what".  A "name" may hold no control characters.
 */
extern bool schema_read_string(SchemaReader *reader, const JsonNode *node,
							   const char *what, size_t limit,
							   const char **result);
extern bool schema_read_name(SchemaReader *reader, const JsonNode *node,
							 const char *what, size_t limit,
							 const char **result);
extern bool schema_read_bool(SchemaReader *reader, const JsonNode *node,
							 const char *what, bool *result);

/* An integer from "low" to "high". */
extern bool schema_read_int(SchemaReader *reader, const JsonNode *node,
							const char *what, int64_t low, int64_t high,
							int64_t *result);

/*
 * Any member whose key is not in "known" (up to NULL) is refused; "what", with
 * a capital, has those keys.
 */
extern bool schema_read_keys(SchemaReader *reader, const JsonNode *object,
							 const char *what, const char *const *known);

/* A list of labels; with "plain" names only, of at most "limit" bytes. */
extern bool schema_read_labels(SchemaReader *reader, const JsonNode *node,
							   const char *what, bool plain, size_t limit,
							   int max_count, SchemaLabels *labels);

/* What stands under the key of the field's kind. */
extern bool schema_read_kind(SchemaReader *reader, SchemaField *field,
							 const JsonNode *node);

/*
 * schema_check_options refuses every member of a field's definition that is
 * neither its kind nor an option that goes with it, nor, with "has_name",
 * its name; schema_read_options reads the options.
 */
extern bool schema_check_options(SchemaReader *reader, const JsonNode *node,
								 const SchemaField *field, bool has_name);
extern bool schema_read_options(SchemaReader *reader, SchemaField *field,
								const JsonNode *node);

/* A list of fields; "what" it is, for messages.  NULL on an error. */
extern SchemaFields *schema_read_fields(SchemaReader *reader,
										const JsonNode *json,
										const char *what);

/*
 * schema_read_references fills in what names other fields, "between" and
 * "when", once all "fields" are read; definitions[i] is the JSON of field i.
 */
extern bool schema_read_references(SchemaReader *reader, SchemaFields *fields,
								   const JsonNode *const *definitions);

#endif							/* TDP_SCHEMA_READ_KERNEL_H */
