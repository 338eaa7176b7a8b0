/*-------------------------------------------------------------------------
 *
 * text_kernel.c
 *	  Memory, growing text, messages and UTF-8 for the kernels of this room.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/text_kernel.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void *
schema_alloc(SchemaArena *arena, size_t size)
{
	return arena->alloc(arena->state, size > 0 ? size : 1);
}

void *
schema_zalloc(SchemaArena *arena, size_t size)
{
	return memset(schema_alloc(arena, size), 0, size);
}

char *
schema_copy(SchemaArena *arena, const char *bytes, size_t length)
{
	char	   *copy = schema_alloc(arena, length + 1);

	memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

void
schema_text_init(SchemaText *text, SchemaArena *arena)
{
	text	  ->arena = arena;
	text	  ->length = 0;
	text	  ->capacity = 256;
	text	  ->data = schema_alloc(arena, text->capacity);
	text	  ->data[0] = '\0';
}

void
schema_text_bytes(SchemaText *text, const char *bytes, size_t length)
{
	if (text->length + length + 1 > text->capacity)
	{
		size_t		capacity = text->capacity;
		char	   *data;

		while (text->length + length + 1 > capacity)
			capacity *= 2;
		data = schema_alloc(text->arena, capacity);
		memcpy(data, text->data, text->length);
		text	  ->data = data;
		text	  ->capacity = capacity;
	}
	memcpy(text->data + text->length, bytes, length);
	text	  ->length += length;
	text	  ->data[text->length] = '\0';
}

void
schema_text_add(SchemaText *text, const char *string)
{
	schema_text_bytes(text, string, strlen(string));
}

void
schema_text_int(SchemaText *text, int64_t number)
{
	char		digits[32];

	snprintf(digits, sizeof(digits), "%lld", (long long) number);
	schema_text_add(text, digits);
}

void
schema_text_item(SchemaText *text, const char *item)
{
	if (text->length > 0)
		schema_text_add(text, ", ");
	schema_text_add(text, item);
}

void
schema_text_cut(SchemaText *text, size_t length)
{
	text	  ->length = length;
	text	  ->data[length] = '\0';
}

void
schema_text_json(SchemaText *text, const char *string)
{
	static const char from[] = "\"\\\b\f\n\r\t";
	static const char to[] = "\"\\bfnrt";

	schema_text_bytes(text, "\"", 1);
	while (*string)
	{
		const char *plain = string;
		const char *known;

		while ((unsigned char) *string >= 0x20 &&
			   *string != '"' && *string != '\\')
			string++;
		schema_text_bytes(text, plain, (size_t) (string - plain));
		if (*string == '\0')
			break;
		known = strchr(from, *string);
		if (known)
		{
			char		escape[2] = {'\\', to[known - from]};

			schema_text_bytes(text, escape, 2);
		}
		else
		{
			char		escape[8];

			snprintf(escape, sizeof(escape), "\\u%04x", *string);
			schema_text_add(text, escape);
		}
		string++;
	}
	schema_text_bytes(text, "\"", 1);
}

void
schema_text_quoted(SchemaText *text, const char *name)
{
	size_t		length = strlen(name);
	bool		clipped = length > SCHEMA_SHOWN;

	if (clipped)
	{
		length = SCHEMA_SHOWN;
		while (length > 0 && (name[length] & 0xC0) == 0x80)
			length--;
	}
	schema_text_bytes(text, "\"", 1);
	for (size_t i = 0; i < length; i++)
		schema_text_bytes(text, (unsigned char) name[i] < 0x20 ?
						  " " : name + i, 1);
	schema_text_add(text, clipped ? "...\"" : "\"");
}

char *
schema_format(SchemaArena *arena, const char *format,...)
{
	SchemaText text;
	va_list		args;

	schema_text_init(&text, arena);
	va_start(args, format);
	for (const char *at = format; *at; at++)
	{
		if (*at != '%')
		{
			schema_text_bytes(&text, at, 1);
			continue;
		}
		switch (*++at)
		{
			case 's':
				schema_text_add(&text, va_arg(args, const char *));
				break;
			case 'q':
				schema_text_quoted(&text, va_arg(args, const char *));
				break;
			case 'd':
				schema_text_int(&text, va_arg(args, int));
				break;
			default:
				schema_text_bytes(&text, at, 1);
				break;
		}
	}
	va_end(args);
	return text.data;
}

bool
schema_fail(SchemaError *error, SchemaErrorCode code, const char *message,
			const char *hint)
{
	if (error->code == SCHEMA_OK)
	{
		error->code = code;
		error->message = message;
		error->detail = NULL;
		error->hint = hint;
	}
	return false;
}

static bool
continues(const unsigned char *bytes, int from, int to)
{
	for (int i = from; i < to; i++)
		if ((bytes[i] & 0xC0) != 0x80)
			return false;
	return true;
}

int
schema_utf8_length(const unsigned char *bytes, size_t left)
{
	unsigned char c = bytes[0];
	int			length;

	if (c < 0x80)
		return 1;
	length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
	if (c < 0xC2 || c > 0xF4 || left < (size_t) length ||
		!continues(bytes, 1, length))
		return 0;
	/* overlong forms, surrogates, and what lies past U+10FFFF */
	if ((c == 0xE0 && bytes[1] < 0xA0) || (c == 0xED && bytes[1] > 0x9F) ||
		(c == 0xF0 && bytes[1] < 0x90) || (c == 0xF4 && bytes[1] > 0x8F))
		return 0;
	return length;
}

size_t
schema_utf8_count(const char *string)
{
	size_t		count = 0;

	for (; *string; string++)
		count += (*string & 0xC0) != 0x80;
	return count;
}

const char *
schema_utf8_skip(const char *string, size_t count)
{
	for (; *string; string++)
		if ((*string & 0xC0) != 0x80 && count-- == 0)
			break;
	return string;
}
