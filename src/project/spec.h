/*-------------------------------------------------------------------------
 *
 * spec.h
 *	  What a project is told to be, checked before it is stored.
 *
 * Private to the room: create_project and alter_project fill the same form,
 * and one function checks it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_PROJECT_SPEC_H
#define TDP_PROJECT_SPEC_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "project/project.h"

/*
 * spec_check checks and completes a project that is about to be stored: the
 * source and its key, columns, filter, numbers and words.  "source" is the
 * table; with "owner_only" the caller must have the rights of its owner.
 * Fills owner, source_schema, source_name, keys (when nkeys is 0: the primary
 * key), views_schema and watched.
 */
extern void spec_check(Project *project, Oid source, bool owner_only);

/*
 * spec_read_settings takes over the keys of create_project's "settings":
 * show, intake, prefill, visibility, views_schema.
 */
extern void spec_read_settings(Project *project, Jsonb *settings);

/*
 * spec_read_changes takes over alter_project's keys, which are
 * create_project's arguments and the keys of its settings; a JSON null
 * resets one to its default.  "source" is changed when one is named.
 */
extern void spec_read_changes(Project *project, Jsonb *changes, Oid *source);

#endif							/* TDP_PROJECT_SPEC_H */
