/*-------------------------------------------------------------------------
 *
 * pattern.h
 *	  The regular expressions of text fields.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_SCHEMA_PATTERN_H
#define TDP_SCHEMA_PATTERN_H

#include "schema/model_kernel.h"

/* Does every pattern of the fields compile?  Else fills "error". */
extern bool pattern_check_all(const SchemaFields *fields, SchemaError *error);

/* Does the pattern match somewhere in the string?  Both in UTF-8. */
extern bool pattern_matches(const char *pattern, const char *string);

#endif							/* TDP_SCHEMA_PATTERN_H */
