/*-------------------------------------------------------------------------
 *
 * intern.h
 *	  Any value of any hashable type as a dense integer code, and back.
 *
 * Equality is the type's own (numeric 1.0 = 1.00, citext ignores case), by
 * its default hash operator class, or its btree class where it has no hash.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_BASE_INTERN_H
#define TDP_BASE_INTERN_H

#include "postgres.h"

typedef struct InternTable InternTable;

/*
 * intern_create makes an empty table in "context".  Its type is that of the
 * first column (or intern_set_type call) that uses it.
 */
extern InternTable *intern_create(MemoryContext context);

/*
 * intern_set_type fixes the type of a new table, or checks that values of
 * "type" can be brought to the type it has: integers of all widths are
 * alike, and text is parsed as (or made from) any other type.  An error
 * names "column" and both types.  Returns the type that intern_value will
 * be given, i.e. "type" itself.
 */
extern void intern_set_type(InternTable *table, Oid type, Oid collation,
							const char *column);

/*
 * intern_value returns the code of a non-null value of "type" (one that
 * intern_set_type has accepted), giving it the next one (0, 1, ...) when it
 * is new.  The value is copied; of equal ones that look different (1.0, 1.00)
 * the table keeps one that does not depend on their order.
 */
extern int32 intern_value(InternTable *table, Oid type, Datum value);

/* intern_find is intern_value, but returns -1 when the value is unknown. */
extern int32 intern_find(InternTable *table, Oid type, Datum value);

extern int32 intern_count(const InternTable *table);

/* The type of the values kept; InvalidOid before the first. */
extern Oid	intern_type(const InternTable *table);

/*
 * intern_text returns the text form of a code's value, the same in every
 * session (see keytext.h), palloc'd once and kept with the table.
 */
extern const char *intern_text(InternTable *table, int32 code);

/* intern_datum returns a code's value; it lives as long as the table. */
extern Datum intern_datum(const InternTable *table, int32 code);

/*
 * intern_sort renumbers the codes in the order of the type's default btree
 * operator class (of the text form, bytewise, where it has none), so that
 * results do not depend on the order in which rows came.  Returns an array
 * (palloc'd) that maps each old code to its new one; the caller translates
 * the codes it holds.
 */
extern int32 *intern_sort(InternTable *table);

#endif							/* TDP_BASE_INTERN_H */
