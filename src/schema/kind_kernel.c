/*-------------------------------------------------------------------------
 *
 * kind_kernel.c
 *	  The kinds of fields of a label schema.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/kind_kernel.h"

#include <stddef.h>
#include <string.h>

static const char *const kind_names[SCHEMA_KINDS] = {
	[SCHEMA_CHOICE] = "choice",
	[SCHEMA_CHOICES] = "choices",
	[SCHEMA_BOOLEAN] = "boolean",
	[SCHEMA_DATE] = "date",
	[SCHEMA_RATING] = "rating",
	[SCHEMA_NUMBER] = "number",
	[SCHEMA_TEXT] = "text",
	[SCHEMA_PREFERENCE] = "preference",
	[SCHEMA_RANKING] = "ranking",
	[SCHEMA_SPANS] = "spans",
	[SCHEMA_RELATIONS] = "relations",
	[SCHEMA_BOXES] = "boxes",
	[SCHEMA_POLYGONS] = "polygons",
	[SCHEMA_POLYLINES] = "polylines",
	[SCHEMA_KEYPOINTS] = "keypoints",
	[SCHEMA_MASKS] = "masks",
	[SCHEMA_SEGMENTS] = "segments"
};

const char *
schema_kind_name(SchemaKind kind)
{
	return kind_names[kind];
}

int
schema_kind_find(const char *name)
{
	for (int kind = 0; kind < SCHEMA_KINDS; kind++)
		if (strcmp(kind_names[kind], name) == 0)
			return kind;
	return -1;
}

bool
schema_kind_has_labels(SchemaKind kind)
{
	return kind == SCHEMA_CHOICE || kind == SCHEMA_CHOICES ||
		kind == SCHEMA_PREFERENCE || kind == SCHEMA_RANKING ||
		schema_kind_is_set(kind);
}

bool
schema_kind_is_categorical(SchemaKind kind)
{
	return kind == SCHEMA_CHOICE || kind == SCHEMA_BOOLEAN ||
		kind == SCHEMA_RATING || kind == SCHEMA_PREFERENCE;
}

bool
schema_kind_is_numeric(SchemaKind kind)
{
	return kind == SCHEMA_RATING || kind == SCHEMA_NUMBER;
}

bool
schema_kind_is_set(SchemaKind kind)
{
	return kind >= SCHEMA_SPANS;
}

bool
schema_kind_is_image(SchemaKind kind)
{
	return kind >= SCHEMA_BOXES && kind <= SCHEMA_MASKS;
}

const char *const *
schema_kind_members(SchemaKind kind, int *needed)
{
	static const struct
	{
		int			needed;
		const char *names[9];
	}			members[SCHEMA_KINDS] = {
		[SCHEMA_SPANS] = {3, {"start", "end", "label", "text", "id", "score"}},
		[SCHEMA_RELATIONS] = {3, {"from", "to", "label", "id", "score"}},
		[SCHEMA_BOXES] = {5, {"x", "y", "width", "height", "label",
		"rotation", "id", "score"}},
		[SCHEMA_POLYGONS] = {2, {"rings", "label", "id", "score"}},
		[SCHEMA_POLYLINES] = {2, {"points", "label", "id", "score"}},
		[SCHEMA_KEYPOINTS] = {2, {"points", "label", "id", "score"}},
		[SCHEMA_MASKS] = {3, {"size", "counts", "label", "id", "score"}},
		[SCHEMA_SEGMENTS] = {3, {"start", "end", "label", "id", "score"}}
	};

	if (needed)
		*needed = members[kind].needed;
	return members[kind].names;
}
