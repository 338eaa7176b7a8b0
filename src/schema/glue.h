/*-------------------------------------------------------------------------
 *
 * glue.h
 *	  What the PostgreSQL side of this room shares: memory for the kernels,
 *	  strings and jsonb to and from UTF-8.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SCHEMA_GLUE_H
#define TDP_SCHEMA_GLUE_H

#include "base/compat.h"

#include "schema/model_kernel.h"
#include "schema/schema.h"

struct Schema
{
	const SchemaFields *fields;
};

/* A kernel arena that allocates in the current memory context. */
extern SchemaArena schema_palloc_arena(void);

/* Database encoding to UTF-8 and back; the string itself where they agree. */
extern char *schema_to_utf8(const char *string, int length);
extern const char *schema_to_server(const char *string);

/*
 * schema_jsonb_node copies a jsonb value to a kernel's tree; NULL if it is
 * nested deeper than "max_depth".
 */
extern JsonNode *schema_jsonb_node(SchemaArena *arena, Jsonb *jsonb,
								   int max_depth);

/*
 * schema_jsonb_scalar copies the member "key" (in UTF-8) of a jsonb object;
 * NULL when there is none, or it is no scalar.
 */
extern JsonNode *schema_jsonb_scalar(SchemaArena *arena, Jsonb *object,
									 const char *key);

/* jsonb of JSON text in UTF-8. */
extern Datum schema_text_jsonb(const char *json);

/* A tdp.label_schema as the kernels have it, and its text, in UTF-8. */
extern SchemaFields *schema_datum_fields(Datum datum);
extern const char *schema_datum_text(Datum datum, size_t *length);

#endif							/* TDP_SCHEMA_GLUE_H */
