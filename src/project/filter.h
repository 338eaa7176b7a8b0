/*-------------------------------------------------------------------------
 *
 * filter.h
 *	  A project's filter: is it one condition on the source's columns, and
 *	  which columns does it read?
 *
 * Private to the room.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_PROJECT_FILTER_H
#define TDP_PROJECT_FILTER_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/rel.h"

#include "project/project.h"

/*
 * filter_check parses the project's filter (it runs nothing) and returns the
 * columns whose change matters: those shown and those the filter reads, as
 * text[]; NULL for all of them.  Says by a NOTICE when the filter depends on
 * more than the row, so that only tdp.sync can keep it true.
 */
extern ArrayType *filter_check(const Project *project, Relation source);

#endif							/* TDP_PROJECT_FILTER_H */
