/*-------------------------------------------------------------------------
 *
 * source.h
 *	  The pieces of statements that read a source table.
 *
 * Private to the room.  The source stands in them under its own name, so that
 * a filter may call it by that.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_CAPTURE_SOURCE_H
#define TDP_CAPTURE_SOURCE_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "project/project.h"

#define MAX_KEY_COLUMNS 32

/*
 * The source's table, which must be there with the columns that the project
 * names, and still be its owner's.
 */
extern Oid	source_require(const Project *project);

extern void source_append_column(StringInfo sql, const Project *project,
								 const char *column);
extern void source_append_key(StringInfo sql, const Project *project);
extern void source_append_from(StringInfo sql, const Project *project,
							   Oid source);
extern void source_append_filter(StringInfo sql, const Project *project);

/*
 * Joins the source to the keys $1, $2, ... (text[], as source_key_arrays makes
 * them); a further condition may follow as AND.
 */
extern void source_append_keys(StringInfo sql, const Project *project,
							   Oid source);

/* A key column's type, schema-qualified, without its modifier. */
extern char *source_key_type(Oid source, const char *column);

/*
 * The key's types may have their operators in a schema that is not in the
 * project's search_path (citext, say), where another type's would be taken for
 * them and order the keys otherwise than their index does.  So statements name
 * a column's "=" in full; and the walk by a whole key, which needs one name
 * for the operators of all columns, runs under this search_path.
 */
extern char *source_key_equals(Oid source, const char *column);
extern char *source_key_search_path(const Project *project, Oid source);

/* Splits keys (C strings) into one text[] for each column of the key. */
extern ArrayType **source_key_arrays(const Project *project, List *keys);

/* Column "column" (from 0) of a composite key's text. */
extern char *composite_key_part(const char *key, int column, int nkeys);

/* The key, or when it is too long for an item, its start. */
extern const char *source_short_key(const char *key);

/*
 * source_check_readable raises an error when rows of the project cannot be
 * read as next_tasks will.
 */
extern void source_check_readable(const Project *project);

#endif							/* TDP_CAPTURE_SOURCE_H */
