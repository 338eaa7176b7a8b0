/*-------------------------------------------------------------------------
 *
 * diff_kernel.h
 *	  What changes from one label schema to another.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SCHEMA_DIFF_KERNEL_H
#define TDP_SCHEMA_DIFF_KERNEL_H

#include "schema/model_kernel.h"

typedef struct SchemaDiff
{
	SchemaArena *arena;

	/*
	 * Takes one change.  "field" is NULL for the schema as a whole, and
	 * "objects.sure" for a field in "each"; "label" is NULL unless a label
	 * changed.  A change is breaking when an answer that fits the old schema
	 * may not fit the new one, or would mean or be exported as something
	 * else.
	 */
	void		(*report) (void *state, const char *field, const char *label,
						   const char *change, bool breaking);
	void	   *state;
} SchemaDiff;

/*
 * schema_diff reports the changes in order: fields that went, then for each
 * field of the new schema what is new in it.  Nothing is reported for equal
 * schemas.
 */
extern void schema_diff(SchemaDiff *diff, const SchemaFields *old,
						const SchemaFields *new);

#endif							/* TDP_SCHEMA_DIFF_KERNEL_H */
