/*-------------------------------------------------------------------------
 *
 * text_kernel.h
 *	  Memory, growing text, messages and UTF-8 for the kernels of this room.
 *
 * All text in the kernels is NUL-terminated UTF-8, whatever the database's
 * encoding: the glue converts on the way in and out.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SCHEMA_TEXT_KERNEL_H
#define TDP_SCHEMA_TEXT_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where a kernel's memory comes from.  alloc never returns NULL: it raises
 * an error or ends the program.  Nothing is freed one by one; the caller
 * drops the whole arena.
 */
typedef struct SchemaArena
{
	void	   *(*alloc) (void *state, size_t size);
	void	   *state;
} SchemaArena;

extern void *schema_alloc(SchemaArena *arena, size_t size);

/* The same, all zero. */
extern void *schema_zalloc(SchemaArena *arena, size_t size);

/* A NUL-terminated copy of "length" bytes. */
extern char *schema_copy(SchemaArena *arena, const char *bytes, size_t length);

/* Text that grows; data is NUL-terminated once anything was added. */
typedef struct SchemaText
{
	SchemaArena *arena;
	char	   *data;
	size_t		length;
	size_t		capacity;
} SchemaText;

extern void schema_text_init(SchemaText *text, SchemaArena *arena);
extern void schema_text_bytes(SchemaText *text, const char *bytes,
							  size_t length);
extern void schema_text_add(SchemaText *text, const char *string);
extern void schema_text_int(SchemaText *text, int64_t number);

/* Adds an item to a list: after ", " unless it is the first. */
extern void schema_text_item(SchemaText *text, const char *item);

/* Cuts the text back to "length" bytes. */
extern void schema_text_cut(SchemaText *text, size_t length);

/* Adds "string" as a JSON string, quoted and escaped as jsonb prints it. */
extern void schema_text_json(SchemaText *text, const char *string);

/*
 * Adds "name" in double quotes for a message to a person: clipped after
 * SCHEMA_SHOWN bytes, control characters shown as spaces.
 */
extern void schema_text_quoted(SchemaText *text, const char *name);

#define SCHEMA_SHOWN 64

typedef enum SchemaErrorCode
{
	SCHEMA_OK = 0,
	SCHEMA_SYNTAX,				/* not JSON */
	SCHEMA_LIMIT,				/* larger than a stated limit */
	SCHEMA_INVALID				/* JSON, but not a label schema */
} SchemaErrorCode;

/* What is wrong; the strings live in the arena, detail and hint may be NULL. */
typedef struct SchemaError
{
	SchemaErrorCode code;
	const char *message;		/* no capital, no full stop */
	const char *detail;			/* a sentence */
	const char *hint;			/* a sentence */
} SchemaError;

/*
 * schema_fail fills "error" unless an earlier error is there already, and
 * returns false, so that a reader can end with it.
 */
extern bool schema_fail(SchemaError *error, SchemaErrorCode code,
						const char *message, const char *hint);

/*
 * schema_format makes a string of "format", which knows %s (string), %q
 * (string as schema_text_quoted shows it), %d (int) and %%.
 */
extern char *schema_format(SchemaArena *arena, const char *format,...);

/* Bytes of the UTF-8 character at "bytes"; 0 when it is invalid. */
extern int	schema_utf8_length(const unsigned char *bytes, size_t left);

/* Characters of a valid NUL-terminated UTF-8 string. */
extern size_t schema_utf8_count(const char *string);

/* A pointer to character number "count" of a string, or to its end. */
extern const char *schema_utf8_skip(const char *string, size_t count);

#endif							/* TDP_SCHEMA_TEXT_KERNEL_H */
