/*-------------------------------------------------------------------------
 *
 * resolvers.c
 *	  How fields are resolved, by their kind.
 *
 * A resolver is a function of resolve.h and a line of the table below.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "consensus/resolve.h"

/* Kinds that are not named are resolved by the majority of equal answers. */
static const Resolver resolvers[SCHEMA_KINDS] = {
	[SCHEMA_CHOICE] = resolve_few_labels,
	[SCHEMA_BOOLEAN] = resolve_few_labels,
	[SCHEMA_RATING] = resolve_rating,
	[SCHEMA_PREFERENCE] = resolve_few_labels,
	[SCHEMA_NUMBER] = resolve_number,
	[SCHEMA_CHOICES] = resolve_choices,
	[SCHEMA_TEXT] = resolve_text
};


Resolver
resolver_for(SchemaKind kind)
{
	return resolvers[kind] != NULL ? resolvers[kind] : resolve_equal;
}


bool
resolves_few_labels(SchemaKind kind)
{
	return resolvers[kind] == resolve_few_labels ||
		resolvers[kind] == resolve_rating;
}
