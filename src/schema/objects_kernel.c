/*-------------------------------------------------------------------------
 *
 * objects_kernel.c
 *	  Does a value fit its field?  Sets of objects: spans, relations,
 *	  segments, and what all objects have in common.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/check_kernel.h"

#include <stdlib.h>
#include <string.h>

/* What an object looks like, for hints. */
static const char *
example(SchemaKind kind)
{
	switch (kind)
	{
		case SCHEMA_SPANS:
			return "{\"start\": 0, \"end\": 5, \"label\": \"...\"}";
		case SCHEMA_RELATIONS:
			return "{\"from\": \"e1\", \"to\": \"e2\", \"label\": \"...\"}";
		case SCHEMA_BOXES:
			return "{\"x\": 10, \"y\": 20, \"width\": 30, \"height\": 40,"
				" \"label\": \"...\"}";
		case SCHEMA_POLYGONS:
			return "{\"rings\": [[0, 0, 10, 0, 10, 10]], \"label\": \"...\"}";
		case SCHEMA_POLYLINES:
			return "{\"points\": [0, 0, 10, 10], \"label\": \"...\"}";
		case SCHEMA_KEYPOINTS:
			return "{\"points\": {\"nose\": [10, 20, 2]}, \"label\": \"...\"}";
		case SCHEMA_MASKS:
			return "{\"size\": [height, width], \"counts\": \"...\","
				" \"label\": \"...\"}";
		default:
			return "{\"start\": 1.5, \"end\": 2.25, \"label\": \"...\"}";
	}
}

bool
schema_check_number(SchemaCheck *check, const JsonNode *object,
					const char *key, double *result)
{
	const JsonNode *node = schema_json_member(object, key);

	if (node == NULL)
		return false;			/* reported with what is missing */
	if (node->type != JSON_NUMBER)
		return schema_violation_at(check, key,
								   schema_format(check->arena,
												 "got %s; a number is"
												 " expected",
												 schema_json_article(node)),
								   NULL);
	if (!schema_node_double(node, result))
		return schema_violation_at(check, key, "the number is too large",
								   NULL);
	return true;
}

/* --- spans ----------------------------------------------------------- */

/* Remembers the text that the spans are of, where it is known. */
static void
find_text(SchemaCheck *check, const SchemaField *field)
{
	const JsonNode *text = field->of && check->data ?
		schema_json_member(check->data, field->of) : NULL;
	size_t		length = 0;

	check->text = NULL;
	if (field->kind != SCHEMA_SPANS || text == NULL ||
		text->type != JSON_STRING)
		return;
	check->text = text->string;

	check->text_length = schema_utf8_count(text->string);
	check->marks = schema_alloc(check->arena,
								(check->text_length / SCHEMA_MARK + 1) *
								sizeof(char *));
	check->marks[0] = text->string;

	for (const char *at = text->string; *at; at++)
	{
		if ((*at & 0xC0) == 0x80)
			continue;
		if (length % SCHEMA_MARK == 0)
			check->marks[length / SCHEMA_MARK] = at;
		length++;
	}
}

static const char *
text_at(const SchemaCheck *check, int64_t character)
{
	if ((size_t) character >= check->text_length)
		return check->text +strlen(check->text);
	return schema_utf8_skip(check->marks[character / SCHEMA_MARK],
							character % SCHEMA_MARK);
}

/* Is "text" what stands from start to end? */
static void
check_span_text(SchemaCheck *check, const char *text, int64_t start,
				int64_t end)
{
	static const char hint[] = "Offsets count Unicode characters from 0, and"
		" end is the first one after the span.";
	const char *from;
	size_t		length;

	if ((int64_t) schema_utf8_count(text) != end - start)
	{
		schema_violation_at(check, "text",
							schema_format(check->arena,
										  "%q has %d characters, but the span"
										  " has %d", text,
										  (int) schema_utf8_count(text),
										  (int) (end - start)), hint);
		return;
	}
	if (check->text == NULL)
		return;
	from = text_at(check, start);
	length = text_at(check, end) - from;
	if (length != strlen(text) || memcmp(from, text, length) != 0)
		schema_violation_at(check, "text",
							schema_format(check->arena,
										  "is %q, but there stands %q", text,
										  schema_copy(check->arena, from,
													  length)), hint);
}

/* The offset "key"; false when it is missing or no offset. */
static bool
read_offset(SchemaCheck *check, const JsonNode *object, const char *key,
			int64_t *offset)
{
	const JsonNode *node = schema_json_member(object, key);
	size_t		mark;
	bool		good;

	if (node == NULL)
		return false;
	mark = schema_path_key(check, key);
	good = schema_check_int(check, node, 0, INT32_MAX, offset);
	schema_text_cut(&check->path, mark);
	return good;
}

static void
check_span(SchemaCheck *check, const JsonNode *object)
{
	const JsonNode *text = schema_json_member(object, "text");
	int64_t		start;
	int64_t		end;
	bool		both = read_offset(check, object, "start", &start);

	both = read_offset(check, object, "end", &end) && both;
	if (text &&text->type != JSON_STRING)
	{
		schema_violation_at(check, "text",
							schema_format(check->arena,
										  "got %s; a text is expected",
										  schema_json_article(text)), NULL);
		text = NULL;
	}
	if (!both)
		return;
	if (end <= start)
		schema_violation_at(check, "end", "must be greater than start",
							"end is the first character after the span.");
	else if (check->text &&(size_t) end > check->text_length)
		schema_violation_at(check, "end",
							schema_format(check->arena,
										  "is %d, past the end of the text,"
										  " which has %d characters",
										  (int) end,
										  (int) check->text_length),
							"Offsets count Unicode characters, not bytes.");
	else if (text)
		check_span_text(check, text->string, start, end);
}

/* --- relations ------------------------------------------------------- */

static int
compare_id(const void *key, const void *element)
{
	return strcmp(key, ((const SchemaObjectId *) element)->id);
}

/* Is there an object of that id in one of the fields between? */
static void
check_end(SchemaCheck *check, const SchemaField *field,
		  const JsonNode *object, const char *key)
{
	const JsonNode *node = schema_json_member(object, key);
	const SchemaObjectId *found;
	SchemaText	names;

	if (node == NULL)
		return;
	if (node->type != JSON_STRING)
	{
		schema_violation_at(check, key,
							schema_format(check->arena,
										  "got %s; the id of an object is"
										  " expected",
										  schema_json_article(node)), NULL);
		return;
	}
	found = bsearch(node->string, check->ids, check->nids,
					sizeof(SchemaObjectId), compare_id);
	for (int i = 0; found && i < field->nbetween; i++)
		if (field->between[i] == found->field)
			return;
	schema_text_init(&names, check->arena);
	for (int i = 0; i < field->nbetween; i++)
		schema_text_item(&names,
						 check->fields->items[field->between[i]].name);
	schema_violation_at(check, key,
						schema_format(check->arena,
									  "there is no object with the id %q in"
									  " %s", node->string, names.data), NULL);
}

/* --- segments -------------------------------------------------------- */

static void
check_segment(SchemaCheck *check, const JsonNode *object)
{
	double		start;
	double		end;
	bool		both = schema_check_number(check, object, "start", &start);

	both = schema_check_number(check, object, "end", &end) && both;
	if (!both)
		return;
	if (start < 0)
		schema_violation_at(check, "start", "is before the beginning",
							"Times are seconds from the beginning.");
	if (end <= start)
		schema_violation_at(check, "end", "must be greater than start", NULL);
}

/* --- all objects ----------------------------------------------------- */

static void
check_id(SchemaCheck *check, const JsonNode *id)
{
	if (id->type != JSON_STRING)
		schema_violation_at(check, "id",
							schema_format(check->arena,
										  "got %s; a string is expected",
										  schema_json_article(id)), NULL);
	else if (id->string[0] == '\0' || strlen(id->string) > SCHEMA_MAX_ID)
		schema_violation_at(check, "id",
							schema_format(check->arena,
										  "must have 1 to %d bytes",
										  SCHEMA_MAX_ID), NULL);
}

static void
check_score(SchemaCheck *check, const JsonNode *object)
{
	double		score;

	if (!check->prediction)
		schema_violation_at(check, "score", "belongs to predictions only",
							"Leave it out.");
	else if (schema_check_number(check, object, "score", &score) &&
			 (score < 0 || score > 1))
		schema_violation_at(check, "score", "must be from 0 to 1", NULL);
}

static void
check_common(SchemaCheck *check, const SchemaField *field,
			 const JsonNode *object)
{
	int			needed;
	const char *const *members = schema_kind_members(field->kind, &needed);
	const JsonNode *label = schema_json_member(object, "label");
	const JsonNode *id = schema_json_member(object, "id");

	for (int i = 0; i < needed; i++)
		if (schema_json_member(object, members[i]) == NULL)
			schema_violation_at(check, members[i], "is missing",
								schema_format(check->arena,
											  "An object is for example %s.",
											  example(field->kind)));
	if (label)
	{
		size_t		mark = schema_path_key(check, "label");

		schema_check_label(check, &field->labels, label);
		schema_text_cut(&check->path, mark);
	}
	if (id)
		check_id(check, id);
	if (schema_json_member(object, "score"))
		check_score(check, object);
	schema_check_members(check, field->each, object, members);
}

static void
check_object(SchemaCheck *check, const SchemaField *field,
			 const JsonNode *object)
{
	if (object->type != JSON_OBJECT)
	{
		schema_violation(check,
						 schema_format(check->arena,
									   "got %s; an object is expected",
									   schema_json_article(object)),
						 schema_format(check->arena, "Write %s.",
									   example(field->kind)));
		return;
	}
	check_common(check, field, object);
	switch (field->kind)
	{
		case SCHEMA_SPANS:
			check_span(check, object);
			break;
		case SCHEMA_RELATIONS:
			check_end(check, field, object, "from");
			check_end(check, field, object, "to");
			break;
		case SCHEMA_SEGMENTS:
			check_segment(check, object);
			break;
		default:
			schema_check_shape(check, field, object);
			break;
	}
}

void
schema_check_objects(SchemaCheck *check, const SchemaField *field,
					 const JsonNode *value)
{
	int			i = 0;

	if (value->type != JSON_ARRAY)
	{
		schema_violation(check,
						 schema_format(check->arena,
									   "got %s; an array of %s is expected",
									   schema_json_article(value),
									   schema_kind_name(field->kind)),
						 value->type != JSON_OBJECT ? NULL :
						 "Put it in square brackets.");
		return;
	}
	find_text(check, field);
	for (value = value->first; value && check->count < check->limit;
		 value = value->next, i++)
	{
		size_t		mark = schema_path_index(check, i);

		check_object(check, field, value);
		schema_text_cut(&check->path, mark);
	}
}
