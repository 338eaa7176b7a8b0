/*-------------------------------------------------------------------------
 *
 * query.h
 *	  Read the rows of a user's SQL text into typed columns.
 *
 * A solver says which columns it takes and gets each row by callback, while
 * the executor runs: nothing is materialised, and plans may be parallel.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_BASE_QUERY_H
#define TDP_BASE_QUERY_H

#include "postgres.h"

#include "utils/array.h"

#include "base/intern.h"

/* What a column is turned into before the callback sees it. */
typedef enum QueryColumnKind
{
	QUERY_CODE,					/* any hashable type -> dense code */
	QUERY_FLOAT8,				/* any number -> double */
	QUERY_REALS,				/* any type castable to real[] -> floats */
	QUERY_TEXT,					/* any type, in its text form -> C string */
	QUERY_JSONB,				/* jsonb or json -> Jsonb pointer */
	QUERY_TIMESTAMPTZ			/* timestamptz, timestamp or date */
} QueryColumnKind;

typedef struct QueryColumn
{
	const char *name;			/* the name that the query must give it */
	QueryColumnKind kind;
	bool		optional;		/* may be absent from the query */
	bool		null_ok;		/* else a NULL is an error naming the column */
	InternTable *interned;		/* QUERY_CODE: where its values go */
	const char *aliases;		/* for the hint, other tools' words */
	bool		text_ok;		/* QUERY_FLOAT8: text that is a number is one */
	/* filled by query_read() */
	bool		present;
} QueryColumn;

/* One column of one row.  Pointers live until the callback returns. */
typedef struct QueryValue
{
	bool		isnull;			/* also true for an absent optional column */
	int32		code;			/* QUERY_CODE */
	double		number;			/* QUERY_FLOAT8 */
	const float *reals;			/* QUERY_REALS */
	int			nreals;
	Datum		datum;			/* QUERY_TEXT (CString), QUERY_JSONB,
								 * QUERY_TIMESTAMPTZ */
} QueryValue;

typedef void (*QueryRowCallback) (void *state, const QueryValue *values);

/*
 * query_read runs "sql" with the caller's rights and hands each row to
 * "row", in the columns' order.
 *
 * "argument" is the name of the SQL function's argument that the text came
 * in; every error names it.  A bare relation name is read as SELECT * FROM
 * it.  "args" (NULL for none) is a text[] bound to $1, $2, ... by the types
 * that the query gives them; it may hold more than the query uses, since a
 * function of two queries gives it to both.  Several statements, or one that
 * returns no rows or writes, are refused before anything runs.  Returns the
 * number of rows.  The callback runs in the memory context that was current
 * when query_read was called and may allocate there.
 */
extern uint64 query_read(const char *argument, const char *sql,
						 ArrayType *args, QueryColumn *columns, int ncolumns,
						 QueryRowCallback row, void *state);

#endif							/* TDP_BASE_QUERY_H */
