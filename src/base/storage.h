/*-------------------------------------------------------------------------
 *
 * storage.h
 *	  Who runs what: the extension's own statements on its own tables, and
 *	  statements on a user's table in the name of a project's owner.
 *
 * Entry points of the workflow are C functions that run as their caller.
 * They find out who that is (caller_role), check the role, and only then
 * enter one of the two sections below; between begin and end nothing but
 * statements through storage_exec() may run.  An error leaves the section
 * by the transaction's own rollback of user and settings.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_BASE_STORAGE_H
#define TDP_BASE_STORAGE_H

#include "postgres.h"

#include "executor/spi.h"
#include "utils/array.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

typedef struct StorageSection
{
	Oid			saved_user;
	int			saved_context;
	int			settings_level;
} StorageSection;

/*
 * caller_role is the role whose rights count: the current one, which follows
 * SET ROLE, SECURITY DEFINER and PostgreSQL's own restricted operations.
 */
extern Oid	caller_role(void);

/* The name of a role, or of the caller; an error if it is gone. */
extern char *role_name(Oid role);

/*
 * storage_begin opens SPI and makes the owner of the extension's tables the
 * current user, with search_path pg_catalog; a "hot" section also pins the
 * plans of its statements to index scans, so that no statistic can turn a
 * look-up by key into a scan.
 */
extern void storage_begin(StorageSection *section, bool hot);

/*
 * owner_begin opens SPI and makes "owner" (a role name) the current user in
 * a security-restricted operation with "search_path" as it was when the
 * project was made, under the settings of keytext.h: for statements that
 * read a source table.  An error with a hint if the role is gone.
 */
extern void owner_begin(StorageSection *section, const char *owner,
						const char *search_path);

/* caller_begin opens SPI with the caller's own rights and settings. */
extern void caller_begin(StorageSection *section);

/*
 * Ends the section that was begun last, closes its SPI and gives every setting
 * back its value.
 */
extern void section_end(StorageSection *section);

/* The rows that a statement gave, or the number of those it wrote. */
typedef struct Rows
{
	SPITupleTable *table;
	uint64		count;
} Rows;

/*
 * storage_exec runs one statement in the section that is open.
 *
 * "sql" must be a string literal that qualifies its tables; the plan is made
 * once a session and kept.  "types" has a letter for each parameter, in
 * order, and the values follow as:
 *	 i int32, l int64, s smallint (int), b boolean (int), c "char" (int),
 *	 f float8 (double), z timestamptz, t text (const char *), j jsonb (Jsonb *),
 *	 y bytea (bytea *), v interval (Interval *), T text[], L bigint[],
 *	 I integer[], F float8[], J jsonb[] (ArrayType *), and for numbers that
 *	 may be NULL: M integer (const int32 *), N bigint (const int64 *),
 *	 D float8 (const double *), Z timestamptz (const TimestampTz *).
 * V is a varlena of any type: its Oid, then a pointer.  A NULL pointer is
 * SQL NULL.
 */
extern Rows storage_exec(const char *sql, const char *types,...);

/*
 * The same, stopping after "limit" rows (0: none): a LIMIT whose number the
 * planner does not know makes it sort what it should walk.
 */
extern Rows storage_exec_limited(int limit, const char *sql,
								 const char *types,...);

/* The same for text that is made at run time; the plan is not kept. */
extern Rows storage_exec_text(const char *sql, const char *types,...);

/*
 * owner_exec runs a query made at run time in the section that is open.  Its
 * plan is kept for the next time, for the first few texts that come.
 */
extern Rows owner_exec(const char *sql, int count, Oid *types, Datum *values);

/*
 * storage_attempt does the work in a subtransaction, which it undoes, with the
 * locks taken, when the work returns false or raises an error; the error goes
 * on to the caller.  Returns what the work did.
 */
extern bool storage_attempt(bool (*work) (void *state), void *state);

/*
 * storage_wait runs a locking statement, in a section and a subtransaction
 * of its own, and waits for the lock that long at most: false when it was
 * not to be had, also because its holder waits for us.  The lock is not kept.
 */
extern bool storage_wait(int milliseconds, const char *sql,
						 const char *types,...);

/* Column (from 1) of a row (from 0). */
extern bool row_null(Rows rows, uint64 row, int column);
extern int32 row_int32(Rows rows, uint64 row, int column);
extern int64 row_int64(Rows rows, uint64 row, int column);
extern int	row_int16(Rows rows, uint64 row, int column);
extern bool row_bool(Rows rows, uint64 row, int column);
extern char row_char(Rows rows, uint64 row, int column);
extern double row_float8(Rows rows, uint64 row, int column);
extern TimestampTz row_timestamptz(Rows rows, uint64 row, int column);

/*
 * The same for text, jsonb and anything else by reference: NULL for NULL,
 * else a copy in the context that was current before the section began.
 */
extern char *row_text(Rows rows, uint64 row, int column);
extern Jsonb *row_jsonb(Rows rows, uint64 row, int column);
extern ArrayType *row_array(Rows rows, uint64 row, int column);
extern bytea *row_bytea(Rows rows, uint64 row, int column);
extern Interval *row_interval(Rows rows, uint64 row, int column);

#endif							/* TDP_BASE_STORAGE_H */
