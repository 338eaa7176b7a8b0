/*-------------------------------------------------------------------------
 *
 * read_kernel.c
 *	  Make a label schema of JSON.
 *
 * A field's members come in any order (jsonb sorts them), so its kind is
 * found first, then all keys are checked, then the options are read in the
 * order of a table; what names other fields is looked up last.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/read_kernel.h"

#include <string.h>

#include "schema/decimal_kernel.h"

bool
schema_refuse(SchemaReader *reader, SchemaErrorCode code, const char *problem,
			  const char *hint)
{
	SchemaText text;

	schema_text_init(&text, reader->arena);
	if (reader->field)
	{
		schema_text_add(&text, "field ");
		schema_text_quoted(&text, reader->field);
	}
	if (reader->owner)
	{
		schema_text_add(&text, reader->field ? " of the objects of field " :
						"objects of field ");
		schema_text_quoted(&text, reader->owner->name);
	}
	if (reader->label)
	{
		schema_text_add(&text, ", label ");
		schema_text_quoted(&text, reader->label);
	}
	if (text.length > 0)
		schema_text_add(&text, ": ");
	schema_text_add(&text, problem);
	return schema_fail(reader->error, code, text.data, hint);
}

bool
schema_read_string(SchemaReader *reader, const JsonNode *node,
				   const char *what, size_t limit, const char **result)
{
	if (node->type != JSON_STRING)
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena,
										   "%s must be a string, not %s",
										   what, schema_json_article(node)),
							 NULL);
	if (node->string[0] == '\0')
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena,
										   "%s must not be empty", what),
							 NULL);
	if (strlen(node->string) > limit)
		return schema_refuse(reader, SCHEMA_LIMIT,
							 schema_format(reader->arena,
										   "%s %q is longer than %d bytes",
										   what, node->string, (int) limit),
							 NULL);
	*result = node->string;
	return true;
}

bool
schema_read_name(SchemaReader *reader, const JsonNode *node,
				 const char *what, size_t limit, const char **result)
{
	if (!schema_read_string(reader, node, what, limit, result))
		return false;
	for (const char *at = *result; *at; at++)
		if ((unsigned char) *at < 0x20 || *at == 0x7F)
			return schema_refuse(reader, SCHEMA_INVALID,
								 schema_format(reader->arena,
											   "%s %q has a control"
											   " character", what, *result),
								 NULL);
	return true;
}

bool
schema_read_bool(SchemaReader *reader, const JsonNode *node,
				 const char *what, bool *result)
{
	if (node->type != JSON_BOOLEAN)
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena,
										   "%s must be true or false, not %s",
										   what, schema_json_article(node)),
							 NULL);
	*result = node->boolean;
	return true;
}

bool
schema_read_int(SchemaReader *reader, const JsonNode *node,
				const char *what, int64_t low, int64_t high, int64_t *result)
{
	SchemaDecimal number;

	if (node->type == JSON_NUMBER)
	{
		number = schema_decimal_read(reader->arena, node->string);
		if (schema_decimal_int64(&number, result) &&
			*result >= low && *result <= high)
			return true;
	}
	return schema_refuse(reader, SCHEMA_INVALID,
						 schema_format(reader->arena,
									   "%s must be a whole number from %d"
									   " to %d", what, (int) low, (int) high),
						 NULL);
}

static const char *
known_name(const void *names, int i)
{
	return ((const char *const *) names)[i];
}

bool
schema_read_keys(SchemaReader *reader, const JsonNode *object,
				 const char *what, const char *const *known)
{
	for (const JsonNode *node = object->first; node; node = node->next)
	{
		const char *const *name = known;
		const char *nearest;
		SchemaText	names;

		while (*name && strcmp(*name, node->key) != 0)
			name++;
		if (*name)
			continue;
		schema_text_init(&names, reader->arena);
		for (name = known; *name; name++)
			schema_text_item(&names, *name);
		nearest = schema_nearest(node->key, (int) (name - known), known_name,
								 known);
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena,
										   "unknown option %q", node->key),
							 schema_format(reader->arena, "%s%s has: %s.",
										   nearest ?
										   schema_format(reader->arena,
														 "Did you mean %q? ",
														 nearest) : "",
										   what, names.data));
	}
	return true;
}

static const char *
kind_name(const void *names, int i)
{
	(void) names;
	return schema_kind_name((SchemaKind) i);
}

/* No kind is given, or it is misspelled. */
static void
refuse_kind(SchemaReader *reader, const JsonNode *node)
{
	const char *nearest = NULL;
	SchemaText	kinds;

	for (node = node->first; node && nearest == NULL; node = node->next)
		nearest = schema_nearest(node->key, SCHEMA_KINDS, kind_name, NULL);
	schema_text_init(&kinds, reader->arena);
	for (int kind = 0; kind < SCHEMA_KINDS; kind++)
		schema_text_item(&kinds, schema_kind_name((SchemaKind) kind));
	schema_refuse(reader, SCHEMA_INVALID, "has no kind",
				  schema_format(reader->arena, "%sThe kinds are: %s.",
								nearest ?
								schema_format(reader->arena,
											  "Did you mean %q? ", nearest) :
								"", kinds.data));
}

/* Finds the one key that is a kind. */
static const JsonNode *
find_kind(SchemaReader *reader, const JsonNode *node, SchemaField *field)
{
	const JsonNode *found = NULL;

	for (const JsonNode *member = node->first; member; member = member->next)
	{
		int			kind = schema_kind_find(member->key);

		if (kind < 0)
			continue;
		if (found)
		{
			schema_refuse(reader, SCHEMA_INVALID,
						  schema_format(reader->arena,
										"has two kinds, \"%s\" and \"%s\"",
										found->key, member->key), NULL);
			return NULL;
		}
		found = member;
		field->kind = (SchemaKind) kind;
	}
	if (found == NULL)
		refuse_kind(reader, node);
	return found;
}

/* A field in "each" stands beside what the objects have of their own. */
static bool
check_reserved(SchemaReader *reader, const char *name)
{
	const char *const *member;

	if (reader->owner == NULL)
		return true;
	for (member = schema_kind_members(reader->owner->kind, NULL); *member;
		 member++)
		if (strcmp(*member, name) == 0)
			return schema_refuse(reader, SCHEMA_INVALID,
								 schema_format(reader->arena,
											   "a field in \"each\" cannot be"
											   " named %q", name),
								 schema_format(reader->arena,
											   "Objects of the kind %s have a"
											   " member of that name already.",
											   schema_kind_name(reader->owner->kind)));
	return true;
}

static bool
read_field(SchemaReader *reader, const JsonNode *node, bool has_name,
		   SchemaField *field)
{
	const JsonNode *kind;

	reader->field = field->name;
	if (node->type != JSON_OBJECT)
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena,
										   "expected an object with a kind,"
										   " found %s",
										   schema_json_article(node)),
							 "Write for example {\"choice\": [\"yes\","
							 " \"no\"]}.");
	kind = find_kind(reader, node, field);
	if (kind == NULL || !schema_check_options(reader, node, field, has_name))
		return false;
	if (reader->owner && field->kind > SCHEMA_TEXT)
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena,
										   "\"%s\" cannot stand inside"
										   " \"each\"",
										   schema_kind_name(field->kind)),
							 "An object's own fields are choice, choices,"
							 " boolean, date, rating, number or text.");
	if (!schema_read_kind(reader, field, kind) ||
		!schema_read_options(reader, field, node))
		return false;
	reader->field = NULL;
	return true;
}

/* Is this list of fields one at all? */
static bool
check_fields(SchemaReader *reader, const JsonNode *json, const char *what)
{
	if (json->type != JSON_OBJECT && json->type != JSON_ARRAY)
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena,
										   "%s is an object of fields, not %s",
										   what, schema_json_article(json)),
							 "Write for example {\"sentiment\": {\"choice\":"
							 " [\"negative\", \"positive\"]}}.");
	if (json->count == 0)
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena, "%s has no fields",
										   what), NULL);
	if (json->count > SCHEMA_MAX_FIELDS)
		return schema_refuse(reader, SCHEMA_LIMIT,
							 schema_format(reader->arena,
										   "%s has more than %d fields", what,
										   SCHEMA_MAX_FIELDS), NULL);
	if (json->unordered && json->count > 1)
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena,
										   "%s is a jsonb object, which does"
										   " not keep the order of the fields",
										   what),
							 "Give an array, [{\"name\": \"sentiment\","
							 " \"choice\": [...]}, ...], or cast from text.");
	return true;
}

/* The name of a field: its key, or "name" in the array form. */
static bool
read_field_name(SchemaReader *reader, const JsonNode *node, bool has_name,
				const char **name)
{
	JsonNode	key = {.type = JSON_STRING, .string = node->key};
	const JsonNode *given = &key;

	if (has_name)
	{
		given = schema_json_member(node, "name");
		if (given == NULL)
			return schema_refuse(reader, SCHEMA_INVALID,
								 "a field has no \"name\"",
								 "In the array form each field is an object"
								 " like {\"name\": \"sentiment\", \"choice\":"
								 " [...]}.");
	}
	return schema_read_name(reader, given, "the name of a field",
							SCHEMA_MAX_FIELD_NAME, name) &&
		check_reserved(reader, *name);
}

SchemaFields *
schema_read_fields(SchemaReader *reader, const JsonNode *json, const char *what)
{
	SchemaFields *fields = schema_zalloc(reader->arena, sizeof(SchemaFields));
	const JsonNode **definitions;
	bool		has_name = json->type == JSON_ARRAY;

	if (!check_fields(reader, json, what))
		return NULL;
	fields->owner = reader->owner;
	fields->items = schema_zalloc(reader->arena,
								  json->count * sizeof(SchemaField));
	definitions = schema_alloc(reader->arena,
							   json->count * sizeof(const JsonNode *));
	for (const JsonNode *node = json->first; node; node = node->next)
	{
		SchemaField *field = &fields->items[fields->count];

		if (!read_field_name(reader, node, has_name, &field->name))
			return NULL;
		if (schema_find_field(fields, field->name) >= 0)
		{
			schema_refuse(reader, SCHEMA_INVALID,
						  schema_format(reader->arena,
										"two fields are named %q",
										field->name), NULL);
			return NULL;
		}
		if (!read_field(reader, node, has_name, field))
			return NULL;
		definitions[fields->count++] = node;
	}
	return schema_read_references(reader, fields, definitions) ? fields : NULL;
}

int
schema_find_field(const SchemaFields *fields, const char *name)
{
	for (int i = 0; i < fields->count; i++)
		if (strcmp(fields->items[i].name, name) == 0)
			return i;
	return -1;
}

SchemaFields *
schema_read(SchemaArena *arena, const JsonNode *json, SchemaError *error)
{
	SchemaReader reader = {arena, error, NULL, NULL, NULL};

	memset(error, 0, sizeof(*error));
	return schema_read_fields(&reader, json, "a label schema");
}

static bool
check_length(SchemaArena *arena, size_t length, SchemaError *error)
{
	return length <= SCHEMA_MAX_TEXT ||
		schema_fail(error, SCHEMA_LIMIT,
					schema_format(arena, "label schema is longer than %d MB",
								  SCHEMA_MAX_TEXT / (1024 * 1024)), NULL);
}

SchemaFields *
schema_parse_text(SchemaArena *arena, const char *bytes, size_t length,
				  SchemaError *error)
{
	const JsonNode *json;

	memset(error, 0, sizeof(*error));
	if (!check_length(arena, length, error))
		return NULL;
	json = schema_json_parse(arena, bytes, length, SCHEMA_MAX_DEPTH, error);
	return json ? schema_read(arena, json, error) : NULL;
}

/* Copies the fields of "from" behind those of "to". */
static void
append_fields(SchemaArena *arena, SchemaFields *to, const SchemaFields *from)
{
	int			shift = to->count;

	for (int i = 0; i < from->count; i++)
	{
		SchemaField *field = &to->items[to->count++];

		*field = from->items[i];
		field->between = schema_alloc(arena, field->nbetween * sizeof(int));
		for (int j = 0; j < field->nbetween; j++)
			field->between[j] = from->items[i].between[j] + shift;
		field->conditions = schema_alloc(arena, field->nconditions *
										 sizeof(SchemaCondition));
		for (int j = 0; j < field->nconditions; j++)
		{
			field->conditions[j] = from->items[i].conditions[j];
			field->conditions[j].field += shift;
		}
	}
}

SchemaFields *
schema_append(SchemaArena *arena, const SchemaFields *a,
			  const SchemaFields *b, SchemaError *error)
{
	SchemaFields *result = schema_zalloc(arena, sizeof(SchemaFields));

	memset(error, 0, sizeof(*error));
	for (int i = 0; i < b->count; i++)
		if (schema_find_field(a, b->items[i].name) >= 0)
		{
			schema_fail(error, SCHEMA_INVALID,
						schema_format(arena,
									  "both label schemas have a field %q",
									  b->items[i].name), NULL);
			return NULL;
		}
	if (a->count + b->count > SCHEMA_MAX_FIELDS)
	{
		schema_fail(error, SCHEMA_LIMIT,
					schema_format(arena,
								  "a label schema has more than %d fields",
								  SCHEMA_MAX_FIELDS), NULL);
		return NULL;
	}
	result->items = schema_alloc(arena, (a->count + b->count) *
								 sizeof(SchemaField));
	append_fields(arena, result, a);
	append_fields(arena, result, b);
	return result;
}

const char *
schema_canonical(SchemaArena *arena, const SchemaFields *fields,
				 SchemaError *error)
{
	SchemaText text;

	memset(error, 0, sizeof(*error));
	schema_text_init(&text, arena);
	schema_print(&text, fields, false);
	return check_length(arena, text.length, error) ? text.data : NULL;
}
