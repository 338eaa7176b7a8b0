/*-------------------------------------------------------------------------
 *
 * capture.h
 *	  From rows of a source table to items, as the rooms above see it.
 *
 * Triggers only record which keys a statement touched.  One verb reconciles
 * keys with the source, whenever somebody reaches for work: it is
 * idempotent, so that a key that comes twice, a row that came and went, two
 * sessions on the same keys or a restore in the middle do no harm.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_CAPTURE_H
#define TDP_CAPTURE_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/jsonb.h"

#include "project/project.h"

/* Registers this room's listener to projects. */
extern void capture_init(void);

/* A row of the source, as its owner may read it. */
typedef struct SourceRow
{
	char	   *key;			/* as tdp.item_key prints it */
	int64		fingerprint;	/* of the watched columns; never 0 */
	Jsonb	   *data;			/* the shown row; NULL unless asked for */
} SourceRow;

/* A row for which the filter, or its key, raised an error. */
typedef struct RowSetAside
{
	char	   *key;
	char	   *sqlstate;
	char	   *message;
} RowSetAside;

/*
 * source_fetch reads the rows of these keys (C strings) that are there and
 * pass the filter, as the project's owner.  Returns a list of SourceRow in
 * the order of their keys' bytes; rows that raise an error go to *set_aside
 * (RowSetAside).
 */
extern List *source_fetch(const Project *project, List *keys, bool with_data,
						  List **set_aside);

/* The row of this key among those that source_fetch returned, or NULL. */
extern SourceRow *source_row_named(List *rows, const char *key);

/*
 * source_problem says in words why the source cannot be labeled as it is: it
 * is gone, or lost its key; NULL when all is well.
 */
extern char *source_problem(const Project *project);

/*
 * source_require_column checks that the source has the column and that the
 * caller may know its values: it is shown to members, or the caller may read
 * it in the table.  An error names "argument".
 */
extern void source_require_column(const Project *project, const char *column,
								  const char *argument);

/* What a row of the source has in a column or expression; NULL for NULL. */
typedef struct SourceSlice
{
	char	   *key;
	char	   *value;
} SourceSlice;

/*
 * source_slices reads "by", a column of the source or an expression of its
 * columns, as text, for the rows of these keys that are there, as the
 * project's owner.  Returns a list of SourceSlice in the order of their keys'
 * bytes; source_slice_of finds one, or NULL.
 *
 * An expression may not be volatile, nor aggregate.  Whoever manages the
 * project may say any other, as in its filter; all others must do with
 * built-in immutable functions and with columns that they may see (see
 * source_require_column).  Errors name "argument" and the project; they are
 * found for no keys as well.
 */
extern List *source_slices(const Project *project, const char *by,
						   const char *argument, List *keys);
extern SourceSlice *source_slice_of(List *slices, const char *key);

/*
 * source_points_query is a query, for the project's owner to run, that gives
 * "item" and "features" of each row that has a value in this column and
 * passes the filter.
 */
extern char *source_points_query(const Project *project, const char *column);

/* What reconciling changed. */
typedef struct Reconciled
{
	int64		added;			/* new items */
	int64		changed;		/* whose row changed */
	int64		withdrawn;		/* row gone or no longer passing */
	int64		returned;		/* withdrawn ones that are back */
	int64		set_aside;		/* rows that raised an error */
	int64		put_back;		/* whose item another transaction holds */
} Reconciled;

/*
 * How to reconcile, as bits.  RECONCILE_RECORD_ERRORS sets rows that raise
 * aside where managers see them: right for keys that the source gave us, not
 * for those that a user typed.  RECONCILE_PUT_BACK returns the keys of items
 * that another transaction holds to the inbox instead of waiting for it:
 * right where an annotator asks for work.
 */
#define RECONCILE_RECORD_ERRORS 1
#define RECONCILE_PUT_BACK 2

/* reconcile brings the items of these keys in line with the source. */
extern void reconcile(const Project *project, List *keys, int how,
					  Reconciled *sum);

/*
 * What an item's row was when it was judged decides whether its answers are
 * stale; both are called within a storage section.  capture_item_shown: the
 * row was shown to somebody in this state, which counts unless the item has
 * been answered already.  capture_item_judged: an answer was given while the
 * row was in this state; the item is locked.
 */
extern void capture_item_shown(int64 item_id, int64 fingerprint);
extern void capture_item_judged(int64 item_id, int64 fingerprint);

typedef enum Drawn
{
	DRAWN_NOTHING,				/* the inbox holds nothing of the kind */
	DRAWN_KEYS,					/* some keys were reconciled */
	DRAWN_BUSY					/* others hold all that there is */
} Drawn;

/*
 * capture_draw_touched reconciles one chunk of keys of rows that were
 * updated or deleted; capture_draw_fresh at least "wanted" keys of inserted
 * rows (up to a thousand, and more than a quarter of what waits only if it
 * must), or the next stretch of a scan.  Neither waits for anybody.
 */
extern Drawn capture_draw_touched(const Project *project);
extern Drawn capture_draw_fresh(const Project *project, int wanted);

/*
 * capture_wait waits, so long at most, for another session that draws fresh
 * keys; false when it took longer.
 */
extern bool capture_wait(const Project *project, int milliseconds);

/* capture_draw_all_touched reconciles all keys of changed rows there are. */
extern void capture_draw_all_touched(const Project *project);

#endif							/* TDP_CAPTURE_H */
