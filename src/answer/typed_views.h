/*-------------------------------------------------------------------------
 *
 * typed_views.h
 *	  The two views that each project gives to BI tools.
 *
 * Private to the room.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_ANSWER_TYPED_VIEWS_H
#define TDP_ANSWER_TYPED_VIEWS_H

#include "postgres.h"

#include "project/project.h"

/*
 * typed_views_make makes them, or makes them anew; it may be repeated.  When
 * they "are_new", something else of their names is an error; with "tell" a
 * NOTICE names fields that are called otherwise in them.
 */
extern void typed_views_make(const Project *project, bool are_new, bool tell);

/* typed_views_give hands them over to another owner, by the caller's rights. */
extern void typed_views_give(const Project *project, const char *owner);

/* typed_views_drop drops those there are. */
extern void typed_views_drop(const Project *project);

/* Drops also what they stand on, which the owner may read. */
extern void typed_views_drop_base(const Project *project);

#endif							/* TDP_ANSWER_TYPED_VIEWS_H */
