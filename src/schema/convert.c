/*-------------------------------------------------------------------------
 *
 * convert.c
 *	  Memory, strings and jsonb for the kernels of this room.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/glue.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

static void *
palloc_for_kernel(void *state, size_t size)
{
	CHECK_FOR_INTERRUPTS();
	return palloc(size);
}

SchemaArena
schema_palloc_arena(void)
{
	return (SchemaArena) {palloc_for_kernel, NULL};
}

char *
schema_to_utf8(const char *string, int length)
{
	return pg_server_to_any(string, length, PG_UTF8);
}

const char *
schema_to_server(const char *string)
{
	return pg_any_to_server(string, strlen(string), PG_UTF8);
}

/* A string of a jsonb value, which is not NUL-terminated. */
static char *
copy_string(const JsonbValue *value)
{
	return schema_to_utf8(pnstrdup(value->val.string.val,
								   value->val.string.len),
						  value->val.string.len);
}

static void
fill_scalar(JsonNode *node, const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			node->type = JSON_STRING;
			node->string = copy_string(value);
			break;
		case jbvNumeric:
			node->type = JSON_NUMBER;
			node->string = DatumGetCString(DirectFunctionCall1(numeric_out,
															   NumericGetDatum(value->val.numeric)));
			break;
		case jbvBool:
			node->type = JSON_BOOLEAN;
			node->boolean = value->val.boolean;
			break;
		default:
			node->type = JSON_NULL;
			break;
	}
}

/* The members of the array or object that the iterator has just entered. */
static bool
fill_members(SchemaArena *arena, JsonbIterator **iterator, JsonNode *parent,
			 int depth)
{
	JsonNode  **tail = &parent->first;
	JsonbIteratorToken token;
	JsonbValue	value;
	const char *key = NULL;

	if (depth == 0)
		return false;
	while ((token = JsonbIteratorNext(iterator, &value, false)) != WJB_DONE)
	{
		JsonNode   *node;

		if (token == WJB_END_ARRAY || token == WJB_END_OBJECT)
			break;
		if (token == WJB_KEY)
		{
			key = copy_string(&value);
			continue;
		}
		node = schema_zalloc(arena, sizeof(JsonNode));
		node->key = key;
		if (token == WJB_BEGIN_ARRAY || token == WJB_BEGIN_OBJECT)
		{
			node->type = token == WJB_BEGIN_ARRAY ? JSON_ARRAY : JSON_OBJECT;
			node->unordered = token == WJB_BEGIN_OBJECT;
			if (!fill_members(arena, iterator, node, depth - 1))
				return false;
		}
		else
			fill_scalar(node, &value);
		*tail = node;
		tail = &node->next;
		parent->count++;
	}
	return true;
}

JsonNode *
schema_jsonb_node(SchemaArena *arena, Jsonb *jsonb, int max_depth)
{
	JsonNode   *root = schema_zalloc(arena, sizeof(JsonNode));
	JsonbIterator *iterator = JsonbIteratorInit(&jsonb->root);
	JsonbValue	value;

	(void) JsonbIteratorNext(&iterator, &value, false);
	root->type = JB_ROOT_IS_OBJECT(jsonb) ? JSON_OBJECT : JSON_ARRAY;
	root->unordered = JB_ROOT_IS_OBJECT(jsonb);
	if (!fill_members(arena, &iterator, root, max_depth))
		return NULL;

	/* jsonb keeps a lone scalar in an array of its own */
	return JB_ROOT_IS_SCALAR(jsonb) ? root->first : root;
}

JsonNode *
schema_jsonb_scalar(SchemaArena *arena, Jsonb *object, const char *key)
{
	const char *name = schema_to_server(key);
	JsonbValue	value;
	JsonNode   *node;

	if (!JB_ROOT_IS_OBJECT(object) ||
		getKeyJsonValueFromContainer(&object->root, name, strlen(name),
									 &value) == NULL ||
		value.type == jbvBinary)
		return NULL;
	node = schema_zalloc(arena, sizeof(JsonNode));
	fill_scalar(node, &value);
	node->key = key;
	return node;
}

Datum
schema_text_jsonb(const char *json)
{
	return DirectFunctionCall1(jsonb_in,
							   CStringGetDatum(schema_to_server(json)));
}

SchemaFields *
schema_datum_fields(Datum datum)
{
	SchemaArena arena = schema_palloc_arena();
	SchemaFields *fields;
	SchemaError error;
	size_t		length;
	const char *text = schema_datum_text(datum, &length);

	fields = schema_parse_text(&arena, text, length, &error);
	if (fields == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored label schema cannot be read: %s",
						schema_to_server(error.message))));
	return fields;
}

const Schema *
schema_from_datum(Datum datum)
{
	Schema	   *schema = palloc_object(Schema);

	schema->fields = schema_datum_fields(datum);
	return schema;
}

/* What schema_argument keeps in fn_extra. */
typedef struct CachedSchema
{
	MemoryContext context;		/* of this and what hangs on it */
	const Schema *schema;
	char	   *text;
	size_t		length;
} CachedSchema;

const Schema *
schema_argument(FunctionCallInfo fcinfo, int argument)
{
	CachedSchema *cached = fcinfo->flinfo->fn_extra;
	Datum		datum = PG_GETARG_DATUM(argument);
	MemoryContext context;
	MemoryContext old;
	const char *text;
	size_t		length;

	text = schema_datum_text(datum, &length);

	if (cached && cached->length == length &&
		memcmp(cached->text, text, length) == 0)
		return cached->schema;

	if (cached)
	{
		fcinfo->flinfo->fn_extra = NULL;
		MemoryContextDelete(cached->context);
	}
	context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt,
									"tdp label schema",
									ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	cached = palloc_object(CachedSchema);
	cached->context = context;
	cached->text = pnstrdup(text, length);
	cached->length = length;
	cached->schema = schema_from_datum(datum);
	MemoryContextSwitchTo(old);
	fcinfo->flinfo->fn_extra = cached;
	return cached->schema;
}
