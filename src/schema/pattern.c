/*-------------------------------------------------------------------------
 *
 * pattern.c
 *	  The regular expressions of text fields: PostgreSQL's own, as with "~".
 *
 * They are used under the C collation, so that what \w or [[:alpha:]] mean
 * does not depend on the database's locale: a value that fits must still fit
 * after a restore elsewhere.
 *
 *-------------------------------------------------------------------------
 */
#include "base/compat.h"

#include "catalog/pg_collation.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "regex/regex.h"
#include "utils/builtins.h"

#include "schema/glue.h"
#include "schema/pattern.h"

static bool
check(const SchemaField *field, SchemaError *error)
{
	SchemaArena arena = schema_palloc_arena();
	const char *pattern = schema_to_server(field->pattern);
	int			length = strlen(pattern);
	pg_wchar   *wide = palloc_array(pg_wchar, length + 1);
	regex_t		compiled;
	int			result;
	char		reason[100];

	length = pg_mb2wchar_with_len(pattern, wide, length);
	result = pg_regcomp(&compiled, wide, length, REG_ADVANCED,
						C_COLLATION_OID);
	pfree(wide);
	if (result == REG_OKAY)
	{
		pg_regfree(&compiled);
		return true;
	}
	CHECK_FOR_INTERRUPTS();		/* a cancel is reported as a bad pattern */
	pg_regerror(result, &compiled, reason, sizeof(reason));
	return schema_fail(error, SCHEMA_INVALID,
					   schema_format(&arena,
									 "field %q: the pattern %q is not a regular"
									 " expression: %s",
									 field->name, field->pattern, reason),
					   NULL);
}

bool
pattern_check_all(const SchemaFields *fields, SchemaError *error)
{
	for (int i = 0; i < fields->count; i++)
	{
		const SchemaField *field = &fields->items[i];

		if ((field->pattern && !check(field, error)) ||
			(field->each && !pattern_check_all(field->each, error)))
			return false;
	}
	return true;
}

bool
pattern_matches(const char *pattern, const char *string)
{
	const char *here = schema_to_server(string);

	return RE_compile_and_execute(cstring_to_text(schema_to_server(pattern)),
								  unconstify(char *, here), strlen(here),
								  REG_ADVANCED, C_COLLATION_OID, 0, NULL);
}
