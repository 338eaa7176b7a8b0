/*-------------------------------------------------------------------------
 *
 * keytext.h
 *	  The text form of a value that is the same in every session.
 *
 * Items are named by the text of their key.  Two sessions with another
 * DateStyle or TimeZone must not make two items of one row, so text is made
 * under fixed settings, as pg_dump does.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_BASE_KEYTEXT_H
#define TDP_BASE_KEYTEXT_H

#include "postgres.h"

/*
 * keytext_begin fixes the settings that output functions read (DateStyle,
 * IntervalStyle, TimeZone, extra_float_digits, bytea_output, lc_monetary)
 * and returns the level to give to keytext_end.  On an error the
 * transaction's end undoes it.
 */
extern int	keytext_begin(void);
extern void keytext_end(int level);

/* Does the text of this type depend on no setting at all? */
extern bool keytext_is_plain(Oid type);

/*
 * keytext_of returns the palloc'd text of one non-null value, the same for
 * numbers that are equal (1.0 and 1.00 are 1); call it between
 * keytext_begin and keytext_end unless keytext_is_plain(type).
 */
extern char *keytext_of(Oid type, Datum value);

/*
 * keytext_of_columns returns the name of the item with these key columns: the
 * text of a single one, a JSON array of texts for several.
 */
extern char *keytext_of_columns(int ncolumns, const Oid *types,
								const Datum *values);

#endif							/* TDP_BASE_KEYTEXT_H */
