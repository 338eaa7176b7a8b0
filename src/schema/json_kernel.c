/*-------------------------------------------------------------------------
 *
 * json_kernel.c
 *	  A small JSON reader that loses nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/json_kernel.h"

#include <stdlib.h>
#include <string.h>


typedef struct Reader
{
	SchemaArena *arena;
	const char *start;
	const char *at;
	const char *end;
	int			depth;			/* levels that may still be opened */
	SchemaError *error;
} Reader;

static bool read_value(Reader *reader, JsonNode *node);

/* Remember the first error, with the place where it was found. */
static bool
fail(Reader *reader, const char *problem)
{
	size_t		characters = 1;

	if (reader->error->code != SCHEMA_OK)
		return false;
	for (const char *at = reader->start; at < reader->at; at++)
		characters += (*at & 0xC0) != 0x80;
	reader->error->code = SCHEMA_SYNTAX;
	reader->error->message = "label schema is not valid JSON";
	reader->error->detail = schema_format(reader->arena,
										  "At character %d: %s.",
										  (int) characters, problem);
	reader->error->hint = NULL;
	return false;
}

static void
skip_space(Reader *reader)
{
	while (reader->at < reader->end &&
		   (*reader->at == ' ' || *reader->at == '\t' ||
			*reader->at == '\n' || *reader->at == '\r'))
		reader->at++;
}

static int
peek(Reader *reader)
{
	skip_space(reader);
	return reader->at < reader->end ? (unsigned char) *reader->at : -1;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The four digits after \u; reader->at is on the first.  -1 on an error. */
static int
read_hex4(Reader *reader)
{
	int			code = 0;

	if (reader->end - reader->at < 4)
		return -1;
	for (int i = 0; i < 4; i++)
	{
		int			digit = hex_value(reader->at[i]);

		if (digit < 0)
			return -1;
		code = code * 16 + digit;
	}
	reader->at += 4;
	return code;
}

static char *
put_utf8(char *out, unsigned code)
{
	if (code < 0x80)
		*out++ = (char) code;
	else if (code < 0x800)
	{
		*out++ = (char) (0xC0 | (code >> 6));
		*out++ = (char) (0x80 | (code & 0x3F));
	}
	else if (code < 0x10000)
	{
		*out++ = (char) (0xE0 | (code >> 12));
		*out++ = (char) (0x80 | ((code >> 6) & 0x3F));
		*out++ = (char) (0x80 | (code & 0x3F));
	}
	else
	{
		*out++ = (char) (0xF0 | (code >> 18));
		*out++ = (char) (0x80 | ((code >> 12) & 0x3F));
		*out++ = (char) (0x80 | ((code >> 6) & 0x3F));
		*out++ = (char) (0x80 | (code & 0x3F));
	}
	return out;
}

/* \uXXXX, or a pair of them; reader->at is after the "u". */
static bool
read_unicode(Reader *reader, char **out)
{
	int			code = read_hex4(reader);

	if (code < 0)
		return fail(reader, "\\u must be followed by four hexadecimal digits");
	if (code == 0)
		return fail(reader, "\\u0000 cannot be kept in text");
	if (code >= 0xDC00 && code <= 0xDFFF)
		return fail(reader, "a low surrogate does not follow a high one");
	if (code >= 0xD800 && code <= 0xDBFF)
	{
		int			low = -1;

		if (reader->end - reader->at >= 2 &&
			reader->at[0] == '\\' && reader->at[1] == 'u')
		{
			reader->at += 2;
			low = read_hex4(reader);
		}
		if (low < 0xDC00 || low > 0xDFFF)
			return fail(reader,
						"a high surrogate is not followed by a low one");
		code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
	}
	*out = put_utf8(*out, (unsigned) code);
	return true;
}

/* One escape; reader->at is after the backslash. */
static bool
read_escape(Reader *reader, char **out)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	const char *known;

	if (reader->at >= reader->end)
		return fail(reader, "the string does not end");
	if (*reader->at == 'u')
	{
		reader->at++;
		return read_unicode(reader, out);
	}
	known = *reader->at ? strchr(from, *reader->at) : NULL;
	if (known == NULL)
		return fail(reader, "unknown escape in a string");
	*(*out)++ = to[known - from];
	reader->at++;
	return true;
}

/* Bytes up to the closing quote; an escape never gets longer by unescaping. */
static size_t
string_room(const Reader *reader)
{
	const char *at = reader->at;

	while (at < reader->end && *at != '"')
		at += (*at == '\\' && at + 1 < reader->end) ? 2 : 1;
	return (size_t) (at - reader->at);
}

static char *
read_string(Reader *reader)
{
	char	   *result;
	char	   *out;

	reader->at++;				/* the opening quote */
	out = result = schema_alloc(reader->arena, string_room(reader) + 1);
	for (;;)
	{
		unsigned char c;
		int			length;

		if (reader->at >= reader->end)
		{
			fail(reader, "the string does not end");
			return NULL;
		}
		c = (unsigned char) *reader->at;
		if (c == '"')
			break;
		if (c == '\\')
		{
			reader->at++;
			if (!read_escape(reader, &out))
				return NULL;
			continue;
		}
		if (c < 0x20)
		{
			fail(reader, "a control character in a string must be escaped");
			return NULL;
		}
		length = schema_utf8_length((const unsigned char *) reader->at,
									(size_t) (reader->end - reader->at));
		if (length == 0)
		{
			fail(reader, "invalid UTF-8");
			return NULL;
		}
		memcpy(out, reader->at, (size_t) length);
		out += length;
		reader->at += length;
	}
	reader->at++;
	*out = '\0';
	return result;
}

static const char *
skip_digits(const char *at, const char *end)
{
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at;
}

static bool
read_number(Reader *reader, JsonNode *node)
{
	const char *at = reader->at;
	const char *digits;

	if (*at == '-')
		at++;
	digits = at;
	at = skip_digits(at, reader->end);
	if (at == digits || (*digits == '0' && at - digits > 1))
		return fail(reader, "malformed number");
	if (at < reader->end && *at == '.')
	{
		digits = ++at;
		at = skip_digits(at, reader->end);
		if (at == digits)
			return fail(reader, "malformed number");
	}
	if (at < reader->end && (*at == 'e' || *at == 'E'))
	{
		at++;
		if (at < reader->end && (*at == '+' || *at == '-'))
			at++;
		digits = at;
		at = skip_digits(at, reader->end);
		if (at == digits)
			return fail(reader, "malformed number");
	}
	node->type = JSON_NUMBER;
	node->string = schema_copy(reader->arena, reader->at,
							   (size_t) (at - reader->at));
	reader->at = at;
	return true;
}

static bool
read_word(Reader *reader, JsonNode *node)
{
	static const struct
	{
		const char *word;
		JsonType	type;
		bool		boolean;
	}			words[] = {
		{"true", JSON_BOOLEAN, true},
		{"false", JSON_BOOLEAN, false},
		{"null", JSON_NULL, false}
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
	{
		size_t		length = strlen(words[i].word);

		if ((size_t) (reader->end - reader->at) >= length &&
			memcmp(reader->at, words[i].word, length) == 0)
		{
			reader->at += length;
			node->type = words[i].type;
			node->boolean = words[i].boolean;
			return true;
		}
	}
	return fail(reader, "expected a JSON value");
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp((*(const JsonNode *const *) a)->key,
				  (*(const JsonNode *const *) b)->key);
}

/* Does any key come twice?  By sorting, so that no input is quadratic. */
static bool
check_keys(Reader *reader, const JsonNode *object)
{
	const JsonNode **members;
	size_t		n = 0;

	if (object->count < 2)
		return true;
	members = schema_alloc(reader->arena,
						   object->count * sizeof(const JsonNode *));
	for (const JsonNode *node = object->first; node; node = node->next)
		members[n++] = node;
	qsort(members, n, sizeof(members[0]), compare_keys);
	for (size_t i = 1; i < n; i++)
		if (strcmp(members[i - 1]->key, members[i]->key) == 0)
			return fail(reader,
						schema_format(reader->arena,
									  "the key %q comes twice in the object"
									  " that ends here", members[i]->key));
	return true;
}

/* The rest of an array or object after its opening bracket. */
static bool
read_members(Reader *reader, JsonNode *node)
{
	int			close = node->type == JSON_OBJECT ? '}' : ']';
	JsonNode  **tail = &node->first;

	reader->at++;
	if (peek(reader) == close)
	{
		reader->at++;
		return true;
	}
	for (;;)
	{
		JsonNode   *child = schema_alloc(reader->arena, sizeof(JsonNode));
		int			c;

		memset(child, 0, sizeof(*child));
		if (node->type == JSON_OBJECT)
		{
			if (peek(reader) != '"')
				return fail(reader, "expected a key in double quotes");
			child->key = read_string(reader);
			if (child->key == NULL)
				return false;
			if (peek(reader) != ':')
				return fail(reader, "expected \":\" after the key");
			reader->at++;
		}
		if (!read_value(reader, child))
			return false;
		*tail = child;
		tail = &child->next;
		node->count++;
		c = peek(reader);
		if (c == close)
			break;
		if (c != ',')
			return fail(reader, node->type == JSON_OBJECT ?
						"expected \",\" or \"}\"" : "expected \",\" or \"]\"");
		reader->at++;
	}
	if (node->type == JSON_OBJECT && !check_keys(reader, node))
		return false;
	reader->at++;
	return true;
}

static bool
read_value(Reader *reader, JsonNode *node)
{
	int			c = peek(reader);
	bool		good;

	if (c == '"')
	{
		node->type = JSON_STRING;
		node->string = read_string(reader);
		return node->string != NULL;
	}
	if (c == '-' || (c >= '0' && c <= '9'))
		return read_number(reader, node);
	if (c != '{' && c != '[')
		return read_word(reader, node);

	if (reader->depth == 0)
		return fail(reader, "too deeply nested");
	node->type = c == '{' ? JSON_OBJECT : JSON_ARRAY;
	reader->depth--;
	good = read_members(reader, node);
	reader->depth++;
	return good;
}

JsonNode *
schema_json_parse(SchemaArena *arena, const char *bytes, size_t length,
				  int max_depth, SchemaError *error)
{
	Reader		reader = {arena, bytes, bytes, bytes + length, max_depth, error};
	JsonNode   *root = schema_alloc(arena, sizeof(JsonNode));

	memset(error, 0, sizeof(*error));
	memset(root, 0, sizeof(*root));
	if (!read_value(&reader, root))
		return NULL;
	if (peek(&reader) != -1)
	{
		fail(&reader, "nothing may follow the closing bracket");
		return NULL;
	}
	return root;
}

const JsonNode *
schema_json_member(const JsonNode *object, const char *key)
{
	if (object->type != JSON_OBJECT)
		return NULL;
	for (const JsonNode *node = object->first; node; node = node->next)
		if (strcmp(node->key, key) == 0)
			return node;
	return NULL;
}

const char *
schema_json_article(const JsonNode *node)
{
	switch (node->type)
	{
		case JSON_NULL:
			return "null";
		case JSON_BOOLEAN:
			return node->boolean ? "true" : "false";
		case JSON_NUMBER:
			return "a number";
		case JSON_STRING:
			return "a string";
		case JSON_ARRAY:
			return "an array";
		case JSON_OBJECT:
			return "an object";
	}
	return "something else";
}
