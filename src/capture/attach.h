/*-------------------------------------------------------------------------
 *
 * attach.h
 *	  Triggers of a project on its source, and the scan that brings all in
 *	  line.
 *
 * Private to the room.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_CAPTURE_ATTACH_H
#define TDP_CAPTURE_ATTACH_H

#include "postgres.h"

#include "capture/capture.h"

/* attach_triggers makes those triggers that are missing; it may be repeated. */
extern void attach_triggers(const Project *project);

/* detach_triggers drops those there are; a source that is gone has none. */
extern void detach_triggers(const Project *project);

/*
 * reconcile_first goes the first stretch of a new project's scan, so that the
 * rows of a small table are there for everybody from the start.
 */
extern void reconcile_first(const Project *project);

/* reconcile_all goes through all items and the whole source at once. */
extern void reconcile_all(const Project *project, Reconciled *sum);

#endif							/* TDP_CAPTURE_ATTACH_H */
