/*-------------------------------------------------------------------------
 *
 * settings.h
 *	  The extension's configuration parameters (tdp.*).
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_BASE_SETTINGS_H
#define TDP_BASE_SETTINGS_H

#include "postgres.h"

/* Defines the parameters; called once, when the library is loaded. */
extern void settings_define(void);

/*
 * settings_check_memory raises an error, before the work starts, when "bytes"
 * is more than tdp.solver_memory; "what" says what needs them, e.g.
 * "a nearest-neighbour graph of 1000000 points".
 */
extern void settings_check_memory(Size bytes, const char *what);

#endif							/* TDP_BASE_SETTINGS_H */
