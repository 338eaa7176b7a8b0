/*-------------------------------------------------------------------------
 *
 * keytext.c
 *	  The text form of a value that is the same in every session.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "base/keytext.h"

PG_FUNCTION_INFO_V1(tdp_item_key);

/* What pg_dump sets for the same reason. */
static const char *const fixed_settings[][2] = {
	{"DateStyle", "ISO, YMD"},
	{"IntervalStyle", "postgres"},
	{"TimeZone", "UTC"},
	{"extra_float_digits", "1"},
	{"bytea_output", "hex"},
	{"xmlbinary", "base64"},
	{"lc_monetary", "C"},
	{"quote_all_identifiers", "off"},
};


int
keytext_begin(void)
{
	int			level = NewGUCNestLevel();

	for (int i = 0; i < lengthof(fixed_settings); i++)
		(void) set_config_option(fixed_settings[i][0], fixed_settings[i][1],
								 PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	return level;
}


void
keytext_end(int level)
{
	AtEOXact_GUC(true, level);
}


bool
keytext_is_plain(Oid type)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case OIDOID:
		case BOOLOID:
		case CHAROID:
		case NAMEOID:
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case UUIDOID:
		case NUMERICOID:
			return true;
		default:
			return false;
	}
}


/* Equal numbers have one text: 1.0 is 1, and minus nought is nought. */
static Datum
one_of_equals(Oid type, Datum value)
{
	switch (type)
	{
		case NUMERICOID:
			return DirectFunctionCall1(numeric_trim_scale, value);
		case FLOAT8OID:
			return DatumGetFloat8(value) == 0 ? Float8GetDatum(0) : value;
		case FLOAT4OID:
			return DatumGetFloat4(value) == 0 ? Float4GetDatum(0) : value;
		default:
			return value;
	}
}


char *
keytext_of(Oid type, Datum value)
{
	Oid			output;
	bool		is_varlena;

	getTypeOutputInfo(type, &output, &is_varlena);
	return OidOutputFunctionCall(output, one_of_equals(getBaseType(type), value));
}


/* A JSON array of the texts of a composite key, as jsonb prints it. */
static char *
composite_key(int nargs, const Oid *types, const Datum *values)
{
	JsonbParseState *state = NULL;
	JsonbValue *array;

	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < nargs; i++)
	{
		JsonbValue	element;

		element.type = jbvString;
		element.val.string.val = keytext_of(types[i], values[i]);
		element.val.string.len = strlen(element.val.string.val);
		pushJsonbValue(&state, WJB_ELEM, &element);
	}
	array = pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	return JsonbToCString(NULL, &JsonbValueToJsonb(array)->root, 0);
}


char *
keytext_of_columns(int ncolumns, const Oid *types, const Datum *values)
{
	return ncolumns == 1 ? keytext_of(types[0], values[0])
		: composite_key(ncolumns, types, values);
}


/*
 * item_key(VARIADIC "any") is the name under which a project knows the row
 * whose key columns have these values: the text of a single one, a JSON array
 * of texts for several.  NULL when one of them is NULL.
 */
Datum
tdp_item_key(PG_FUNCTION_ARGS)
{
	int			nargs = PG_NARGS();
	Oid		   *types = palloc_array(Oid, nargs);
	Datum	   *values = palloc_array(Datum, nargs);
	bool		plain = true;
	int			level = 0;
	char	   *key;

	if (get_fn_expr_variadic(fcinfo->flinfo))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("item_key takes the key's columns, not an array of them")));
	for (int i = 0; i < nargs; i++)
	{
		if (PG_ARGISNULL(i))
			PG_RETURN_NULL();
		types[i] = get_fn_expr_argtype(fcinfo->flinfo, i);
		values[i] = PG_GETARG_DATUM(i);
		if (types[i] == UNKNOWNOID)
		{
			types[i] = TEXTOID;
			values[i] = CStringGetTextDatum(DatumGetCString(values[i]));
		}
		plain = plain && keytext_is_plain(types[i]);
	}

	if (!plain)
		level = keytext_begin();
	key = keytext_of_columns(nargs, types, values);
	if (!plain)
		keytext_end(level);
	PG_RETURN_TEXT_P(cstring_to_text(key));
}
