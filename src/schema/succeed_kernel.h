/*-------------------------------------------------------------------------
 *
 * succeed_kernel.h
 *	  Export ids over the versions of a label schema.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SCHEMA_SUCCEED_KERNEL_H
#define TDP_SCHEMA_SUCCEED_KERNEL_H

#include "schema/model_kernel.h"

/*
 * schema_inherit_ids changes the label ids of "fields" so that they go on
 * from "older", the earlier versions, first to last.
 *
 * A label that any of them had in the same field keeps the id it had first; a
 * new one keeps its position if no label ever had that id, else it gets the
 * number after the largest ever.  An id other than the position is what was
 * written, and stays; an error if it was another label's.
 */
extern bool schema_inherit_ids(SchemaArena *arena, SchemaFields *fields,
							   const SchemaFields *const *older, int nolder,
							   SchemaError *error);

#endif							/* TDP_SCHEMA_SUCCEED_KERNEL_H */
