/*-------------------------------------------------------------------------
 *
 * json_kernel.h
 *	  A small JSON reader that loses nothing: key order and the digits of
 *	  numbers are kept, duplicate keys and malformed text are refused.
 *
 * jsonb cannot stand in for it, as it sorts keys and drops duplicates.  All
 * text here is UTF-8, whatever the database's encoding.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SCHEMA_JSON_KERNEL_H
#define TDP_SCHEMA_JSON_KERNEL_H

#include "schema/text_kernel.h"

typedef enum JsonType
{
	JSON_NULL,
	JSON_BOOLEAN,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
} JsonType;

/* One value, chained to its next sibling.  "type" says which members count. */
typedef struct JsonNode
{
	JsonType	type;
	bool		boolean;
	bool		unordered;		/* an object from jsonb: its key order is not
								 * the writer's */
	size_t		count;			/* members or elements */
	const char *key;			/* in an object: its key, NUL-terminated */
	const char *string;			/* string, or the digits of a number */
	struct JsonNode *first;
	struct JsonNode *next;
} JsonNode;

/*
 * schema_json_parse reads "length" bytes as one JSON value.  Nesting deeper
 * than "max_depth", invalid UTF-8, \u0000, lone surrogates, duplicate keys
 * and trailing garbage are errors that say at which character.  Returns
 * NULL and fills "error" then.
 */
extern JsonNode *schema_json_parse(SchemaArena *arena, const char *bytes,
								   size_t length, int max_depth,
								   SchemaError *error);

/* The member "key" of an object; NULL when there is none. */
extern const JsonNode *schema_json_member(const JsonNode *object,
										  const char *key);

/* "an array", "a number", ... for messages. */
extern const char *schema_json_article(const JsonNode *node);

#endif							/* TDP_SCHEMA_JSON_KERNEL_H */
