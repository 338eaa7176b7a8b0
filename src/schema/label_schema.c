/*-------------------------------------------------------------------------
 *
 * label_schema.c
 *	  The type tdp.label_schema: input and output, casts, comparison, "||".
 *
 * A value is kept as a version byte and its canonical text in UTF-8, so that
 * equality and hashing are those of bytes, and a dump and restore gives the
 * identical value.  What a query needs of it is parsed on demand.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/glue.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "schema/pattern.h"
#include "schema/succeed_kernel.h"

#define LABEL_SCHEMA_VERSION 1

PG_FUNCTION_INFO_V1(tdp_label_schema_in);
PG_FUNCTION_INFO_V1(tdp_label_schema_out);
PG_FUNCTION_INFO_V1(tdp_label_schema_recv);
PG_FUNCTION_INFO_V1(tdp_label_schema_send);
PG_FUNCTION_INFO_V1(tdp_label_schema_from_jsonb);
PG_FUNCTION_INFO_V1(tdp_label_schema_to_jsonb);
PG_FUNCTION_INFO_V1(tdp_label_schema_concat);
PG_FUNCTION_INFO_V1(tdp_label_schema_eq);
PG_FUNCTION_INFO_V1(tdp_label_schema_ne);
PG_FUNCTION_INFO_V1(tdp_label_schema_lt);
PG_FUNCTION_INFO_V1(tdp_label_schema_le);
PG_FUNCTION_INFO_V1(tdp_label_schema_gt);
PG_FUNCTION_INFO_V1(tdp_label_schema_ge);
PG_FUNCTION_INFO_V1(tdp_label_schema_cmp);
PG_FUNCTION_INFO_V1(tdp_label_schema_hash);
PG_FUNCTION_INFO_V1(tdp_label_schema_hash_extended);

/* The varlena: its first byte is the version, the rest the text. */
static Datum
make_datum(const char *text)
{
	size_t		length = strlen(text);
	char	   *result = palloc(VARHDRSZ + 1 + length);

	SET_VARSIZE(result, VARHDRSZ + 1 + length);
	VARDATA(result)[0] = LABEL_SCHEMA_VERSION;
	memcpy(VARDATA(result) + 1, text, length);
	return PointerGetDatum(result);
}

const char *
schema_datum_text(Datum datum, size_t *length)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);
	int			size = VARSIZE_ANY_EXHDR(value);

	if (size < 1 || VARDATA_ANY(value)[0] != LABEL_SCHEMA_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("label schema has an unknown format version"),
				 errhint("It may have been written by a newer version of tdp.")));
	*length = size - 1;
	return VARDATA_ANY(value) + 1;
}

/* Is it what SQLSTATE 54000 is for? */
static int
error_code(const SchemaError *error, int otherwise)
{
	return error->code == SCHEMA_LIMIT ? ERRCODE_PROGRAM_LIMIT_EXCEEDED :
		otherwise;
}

/*
 * The datum of a schema that has been read.  NULL fields stand for an error
 * that is in "error" already.  In an input function "escontext" may ask for
 * a soft error; 0 is returned then.
 */
static Datum
finish(SchemaArena *arena, const SchemaFields *fields, SchemaError *error,
	   int code, Node *escontext)
{
	const char *text = NULL;

	if (fields && pattern_check_all(fields, error))
		text = schema_canonical(arena, fields, error);

	if (text == NULL)
		ereturn(escontext, (Datum) 0,
				(errcode(error_code(error, code)),
				 errmsg("%s", schema_to_server(error->message)),
				 error->detail ?
				 errdetail("%s", schema_to_server(error->detail)) : 0,
				 error->hint ?
				 errhint("%s", schema_to_server(error->hint)) : 0));
	(void) schema_to_server(text);	/* raises what cannot be printed later */
	return make_datum(text);
}

static Datum
from_text(const char *string, int length, int code, Node *escontext)
{
	SchemaArena arena = schema_palloc_arena();
	SchemaError error;
	const SchemaFields *fields;
	const char *text = schema_to_utf8(string, length);

	fields = schema_parse_text(&arena, text, text == string ?
							   (size_t) length : strlen(text), &error);
	return finish(&arena, fields, &error, code, escontext);
}

Datum
tdp_label_schema_in(PG_FUNCTION_ARGS)
{
	char	   *string = PG_GETARG_CSTRING(0);

	return from_text(string, strlen(string),
					 ERRCODE_INVALID_TEXT_REPRESENTATION, fcinfo->context);
}

Datum
tdp_label_schema_out(PG_FUNCTION_ARGS)
{
	size_t		length;
	const char *text = schema_datum_text(PG_GETARG_DATUM(0), &length);

	PG_RETURN_CSTRING(unconstify(char *,
								 schema_to_server(pnstrdup(text, length))));
}

Datum
tdp_label_schema_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			version = pq_getmsgint(buf, 1);
	char	   *string;
	int			length;

	if (version != LABEL_SCHEMA_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unsupported label schema version number %d",
						version)));
	string = pq_getmsgtext(buf, buf->len - buf->cursor, &length);
	return from_text(string, length, ERRCODE_INVALID_BINARY_REPRESENTATION,
					 NULL);
}

Datum
tdp_label_schema_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	size_t		length;
	const char *text = schema_datum_text(PG_GETARG_DATUM(0), &length);
	const char *string = schema_to_server(pnstrdup(text, length));

	pq_begintypsend(&buf);
	pq_sendint8(&buf, LABEL_SCHEMA_VERSION);
	pq_sendtext(&buf, string, strlen(string));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
tdp_label_schema_from_jsonb(PG_FUNCTION_ARGS)
{
	SchemaArena arena = schema_palloc_arena();
	SchemaError error;
	const SchemaFields *fields;
	JsonNode   *node = schema_jsonb_node(&arena, PG_GETARG_JSONB_P(0),
										 SCHEMA_MAX_DEPTH);

	if (node == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("label schema is too deeply nested")));
	fields = schema_read(&arena, node, &error);
	return finish(&arena, fields, &error, ERRCODE_INVALID_PARAMETER_VALUE,
				  NULL);
}

Datum
tdp_label_schema_to_jsonb(PG_FUNCTION_ARGS)
{
	SchemaArena arena = schema_palloc_arena();
	const Schema *schema = schema_from_datum(PG_GETARG_DATUM(0));
	SchemaText text;

	schema_text_init(&text, &arena);
	schema_print(&text, schema->fields, true);
	return schema_text_jsonb(text.data);
}

Datum
tdp_label_schema_concat(PG_FUNCTION_ARGS)
{
	SchemaArena arena = schema_palloc_arena();
	const Schema *a = schema_from_datum(PG_GETARG_DATUM(0));
	const Schema *b = schema_from_datum(PG_GETARG_DATUM(1));
	SchemaError error;
	const SchemaFields *fields = schema_append(&arena, a->fields, b->fields,
											   &error);

	return finish(&arena, fields, &error, ERRCODE_INVALID_PARAMETER_VALUE,
				  NULL);
}

Datum
schema_succeed(Datum schema, const Datum *older, int nolder)
{
	SchemaArena arena = schema_palloc_arena();
	SchemaError error;
	SchemaFields *fields = schema_datum_fields(schema);
	const SchemaFields **versions = palloc_array(const SchemaFields *,
												 nolder + 1);

	for (int i = 0; i < nolder; i++)
		versions[i] = schema_datum_fields(older[i]);
	if (!schema_inherit_ids(&arena, fields, versions, nolder, &error))
		fields = NULL;
	return finish(&arena, fields, &error, ERRCODE_INVALID_PARAMETER_VALUE,
				  NULL);
}

/* Bytewise; a prefix comes first. */
static int
compare(FunctionCallInfo fcinfo)
{
	struct varlena *a = PG_GETARG_VARLENA_PP(0);
	struct varlena *b = PG_GETARG_VARLENA_PP(1);
	int			a_size = VARSIZE_ANY_EXHDR(a);
	int			b_size = VARSIZE_ANY_EXHDR(b);
	int			order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b),
							   Min(a_size, b_size));

	if (order == 0)
		order = (a_size > b_size) - (a_size < b_size);
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

Datum
tdp_label_schema_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) == 0);
}

Datum
tdp_label_schema_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) != 0);
}

Datum
tdp_label_schema_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) < 0);
}

Datum
tdp_label_schema_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) <= 0);
}

Datum
tdp_label_schema_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) > 0);
}

Datum
tdp_label_schema_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) >= 0);
}

Datum
tdp_label_schema_cmp(PG_FUNCTION_ARGS)
{
	int			order = compare(fcinfo);

	PG_RETURN_INT32((order > 0) - (order < 0));
}

Datum
tdp_label_schema_hash(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_GETARG_VARLENA_PP(0);
	Datum		hash = hash_any((unsigned char *) VARDATA_ANY(value),
								VARSIZE_ANY_EXHDR(value));

	PG_FREE_IF_COPY(value, 0);
	return hash;
}

Datum
tdp_label_schema_hash_extended(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_GETARG_VARLENA_PP(0);
	Datum		hash = hash_any_extended((unsigned char *) VARDATA_ANY(value),
										 VARSIZE_ANY_EXHDR(value),
										 PG_GETARG_INT64(1));

	PG_FREE_IF_COPY(value, 0);
	return hash;
}
