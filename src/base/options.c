/*-------------------------------------------------------------------------
 *
 * options.c
 *	  Read a settings argument (a jsonb object) into C variables.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "base/options.h"


static const char *
type_words(OptionType type)
{
	switch (type)
	{
		case OPTION_INT:
			return "a whole number";
		case OPTION_FLOAT8:
			return "a number";
		case OPTION_BOOL:
			return "true or false";
		case OPTION_TEXT:
			return "a string";
		case OPTION_TEXTS:
			return "an array of strings";
		case OPTION_JSONB:
			return "JSON";
	}
	return "";
}


static void
report_type(const char *argument, const Option *option)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" in argument \"%s\" must be %s",
					option->name, argument, type_words(option->type))));
}


static void
report_unknown(const char *argument, const char *key,
			   const Option *options, int noptions)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < noptions; i++)
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", options[i].name);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown key \"%s\" in argument \"%s\"", key, argument),
			 noptions > 0 ? errhint("Known keys are: %s.", names.data)
			 : errhint("It takes no keys.")));
}


static double
number_of(const char *argument, const Option *option, const JsonbValue *value)
{
	if (value->type != jbvNumeric)
		report_type(argument, option);
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
											  NumericGetDatum(value->val.numeric)));
}


static ArrayType *
texts_of(const char *argument, const Option *option, const JsonbValue *value)
{
	JsonbContainer *list = value->val.binary.data;
	Datum	   *texts;
	int			count;

	if (value->type != jbvBinary || !JsonContainerIsArray(list) ||
		JsonContainerIsScalar(list))
		report_type(argument, option);
	count = JsonContainerSize(list);
	texts = palloc(sizeof(Datum) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(list, i);

		if (element->type != jbvString)
			report_type(argument, option);
		texts[i] = PointerGetDatum(cstring_to_text_with_len(element->val.string.val,
															element->val.string.len));
	}
	return construct_array(texts, count, TEXTOID, -1, false, TYPALIGN_INT);
}


static void
set_option(const char *argument, Option *option, JsonbValue *value)
{
	double		number;

	option->given = true;
	option->is_null = value->type == jbvNull;
	if (option->is_null)
		return;

	switch (option->type)
	{
		case OPTION_INT:
			number = number_of(argument, option, value);
			if (number != rint(number) || fabs(number) > PG_INT32_MAX)
				report_type(argument, option);
			*(int *) option->value = (int) number;
			break;
		case OPTION_FLOAT8:
			*(double *) option->value = number_of(argument, option, value);
			break;
		case OPTION_BOOL:
			if (value->type != jbvBool)
				report_type(argument, option);
			*(bool *) option->value = value->val.boolean;
			break;
		case OPTION_TEXT:
			if (value->type != jbvString)
				report_type(argument, option);
			*(char **) option->value = pnstrdup(value->val.string.val,
												value->val.string.len);
			break;
		case OPTION_TEXTS:
			*(ArrayType **) option->value = texts_of(argument, option, value);
			break;
		case OPTION_JSONB:
			*(Jsonb **) option->value = JsonbValueToJsonb(value);
			break;
	}
}


void
options_read(const char *argument, Jsonb *settings,
			 Option *options, int noptions)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;
	Option	   *option = NULL;

	for (int i = 0; i < noptions; i++)
		options[i].given = options[i].is_null = false;
	if (settings == NULL)
		return;
	if (!JB_ROOT_IS_OBJECT(settings))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must be a JSON object", argument)));

	iterator = JsonbIteratorInit(&settings->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			char	   *key = pnstrdup(value.val.string.val,
									   value.val.string.len);

			option = NULL;
			for (int i = 0; i < noptions; i++)
				if (strcmp(options[i].name, key) == 0)
					option = &options[i];
			if (option == NULL)
				report_unknown(argument, key, options, noptions);
		}
		else if (token == WJB_VALUE)
			set_option(argument, option, &value);
	}
}


Option *
option_named(Option *options, int noptions, const char *name)
{
	for (int i = 0; i < noptions; i++)
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	elog(ERROR, "no option \"%s\"", name);
	return NULL;
}
