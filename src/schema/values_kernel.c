/*-------------------------------------------------------------------------
 *
 * values_kernel.c
 *	  Does a value fit its field?  The kinds that are not sets of objects.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/check_kernel.h"

#include <string.h>

#include "schema/decimal_kernel.h"

/* Up to six labels, for a hint. */
static const char *
list_labels(SchemaCheck *check, const SchemaLabels *labels, const char *extra)
{
	SchemaText text;
	int			shown = labels->count <= 6 ? labels->count : 5;

	schema_text_init(&text, check->arena);
	for (int i = 0; i < shown; i++)
	{
		schema_text_item(&text, "");
		schema_text_quoted(&text, labels->items[i].name);
	}
	if (extra)
		schema_text_item(&text, extra);
	if (shown < labels->count)
		schema_text_add(&text, schema_format(check->arena,
											 " and %d others",
											 labels->count - shown));
	return text.data;
}

static bool
got(SchemaCheck *check, const JsonNode *value, const char *expected,
	const char *hint)
{
	return schema_violation(check,
							schema_format(check->arena,
										  "got %s; %s is expected",
										  schema_json_article(value),
										  expected), hint);
}

bool
schema_check_label(SchemaCheck *check, const SchemaLabels *labels,
				   const JsonNode *value)
{
	const char *nearest;

	if (value->type != JSON_STRING)
		return got(check, value, "a label", NULL);
	if (schema_find_label(labels, value->string) >= 0)
		return true;
	nearest = schema_nearest_label(labels, value->string);
	return schema_violation(check,
							schema_format(check->arena,
										  "%q is not one of the labels",
										  value->string),
							nearest ?
							schema_format(check->arena, "Did you mean %q?",
										  nearest) :
							schema_format(check->arena, "The labels are %s.",
										  list_labels(check, labels, NULL)));
}

static void
check_choice(SchemaCheck *check, const SchemaField *field,
			 const JsonNode *value)
{
	if (value->type == JSON_ARRAY)
		got(check, value, "one label",
			"Did you mean choices? A choice takes one label.");
	else
		schema_check_label(check, &field->labels, value);
}

/*
 * An array of labels, each at most once.  Counts the distinct ones in
 * "chosen" and marks them.
 */
static bool
check_label_array(SchemaCheck *check, const SchemaField *field,
				  const JsonNode *value, char *seen)
{
	int			i = 0;
	int			before = check->count;

	if (value->type != JSON_ARRAY)
		return got(check, value, "an array of labels",
				   value->type != JSON_STRING ? NULL :
				   schema_format(check->arena, "Write [%q].", value->string));
	for (value = value->first; value && check->count < check->limit;
		 value = value->next, i++)
	{
		size_t		mark = schema_path_index(check, i);

		if (schema_check_label(check, &field->labels, value))
		{
			int			label = schema_find_label(&field->labels,
												  value->string);

			if (seen[label])
				schema_violation(check, schema_format(check->arena,
													  "%q is there twice",
													  value->string), NULL);
			seen[label] = 1;
		}
		schema_text_cut(&check->path, mark);
	}
	return check->count == before;
}

static void
check_ranking(SchemaCheck *check, const SchemaField *field,
			  const JsonNode *value)
{
	char	   *seen = schema_zalloc(check->arena, field->labels.count);

	if (!check_label_array(check, field, value, seen))
		return;
	for (int i = 0; i < field->labels.count; i++)
		if (!seen[i])
		{
			schema_violation(check,
							 schema_format(check->arena,
										   "%q is not ranked",
										   field->labels.items[i].name),
							 "A ranking lists every one, best first.");
			return;
		}
}

static void
check_boolean(SchemaCheck *check, const JsonNode *value)
{
	if (value->type == JSON_BOOLEAN)
		return;
	got(check, value, "true or false",
		value->type != JSON_STRING ? NULL :
		strcmp(value->string, "true") == 0 ||
		strcmp(value->string, "false") == 0 ? "Write it without quotes." :
		NULL);
}

static void
check_rating(SchemaCheck *check, const SchemaField *field,
			 const JsonNode *value)
{
	int64_t		rating;

	schema_check_int(check, value, field->rating_min, field->rating_max,
					 &rating);
}

/* A value outside a bound: "700 is more than 600". */
static bool
check_bound(SchemaCheck *check, const SchemaDecimal *number,
			const char *shown, const char *bound, int direction)
{
	SchemaDecimal limit;

	if (bound == NULL)
		return true;
	limit = schema_decimal_read(check->arena, bound);
	if (schema_decimal_compare(number, &limit) != direction)
		return true;
	return schema_violation(check,
							schema_format(check->arena, direction < 0 ?
										  "%s is less than %s" :
										  "%s is more than %s", shown, bound),
							NULL);
}

static void
check_number(SchemaCheck *check, const SchemaField *field,
			 const JsonNode *value)
{
	SchemaDecimal number;
	double		approximate;
	int64_t		integer;

	if (value->type != JSON_NUMBER)
	{
		got(check, value, "a number", value->type == JSON_STRING ?
			"Write it without quotes." : NULL);
		return;
	}
	number = schema_decimal_read(check->arena, value->string);

	/* A typed view shows it as double precision or bigint. */
	if (!schema_node_double(value, &approximate) ||
		(field->integer && number.count <= number.exponent &&
		 !schema_decimal_int64(&number, &integer)))
		schema_violation(check, "the number is too large", NULL);
	else if (field->integer && !schema_decimal_int64(&number, &integer))
		schema_violation(check, schema_format(check->arena,
											  "%s is not a whole number",
											  schema_shown_number(value)),
						 NULL);
	else if (check_bound(check, &number, schema_shown_number(value),
						 field->min, -1))
		check_bound(check, &number, schema_shown_number(value), field->max,
					1);
}

static void
check_text(SchemaCheck *check, const SchemaField *field,
		   const JsonNode *value)
{
	size_t		limit = field->max_length > 0 ? field->max_length :
		SCHEMA_MAX_LENGTH;
	size_t		length;

	if (value->type != JSON_STRING)
	{
		got(check, value, "a text", NULL);
		return;
	}
	length = schema_utf8_count(value->string);
	if (length > limit)
		schema_violation(check,
						 schema_format(check->arena,
									   "has %d characters; at most %d are"
									   " allowed", (int) length, (int) limit),
						 NULL);
	else if (field->pattern && !check->matches(field->pattern, value->string))
		schema_violation(check,
						 schema_format(check->arena,
									   "does not match the pattern %q",
									   field->pattern), NULL);
}

static int
two_digits(const char *at)
{
	return (at[0] - '0') * 10 + (at[1] - '0');
}

/* YYYY-MM-DD, a day that the (proleptic Gregorian) calendar has. */
static bool
is_date(const char *date)
{
	static const int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	static const char shape[] = "dddd-dd-dd";
	int			year;
	int			month;
	int			day;
	bool		leap;

	for (int i = 0; i < 11; i++)
		if (shape[i] == 'd' ? (date[i] < '0' || date[i] > '9') :
			date[i] != shape[i])
			return false;
	year = two_digits(date) * 100 + two_digits(date + 2);
	month = two_digits(date + 5);
	day = two_digits(date + 8);
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return year >= 1 && month >= 1 && month <= 12 && day >= 1 &&
		day <= days[month - 1] + (month == 2 && leap);
}

static void
check_date(SchemaCheck *check, const JsonNode *value)
{
	if (value->type != JSON_STRING)
		got(check, value, "a date", "Write \"YYYY-MM-DD\".");
	else if (!is_date(value->string))
		schema_violation(check, schema_format(check->arena, "%q is no date",
											  value->string),
						 "Write \"YYYY-MM-DD\".");
}

static void
check_preference(SchemaCheck *check, const SchemaField *field,
				 const JsonNode *value)
{
	if (value->type != JSON_STRING)
		got(check, value, "the name of a column", NULL);
	else if (schema_find_label(&field->labels, value->string) < 0 &&
			 !(field->ties && strcmp(value->string, "tie") == 0))
		schema_violation(check,
						 schema_format(check->arena,
									   "%q is not one of the columns to"
									   " choose from", value->string),
						 schema_format(check->arena, "Choose one of %s.",
									   list_labels(check, &field->labels,
												   field->ties ?
												   "\"tie\"" : NULL)));
}

void
schema_check_value(SchemaCheck *check, const SchemaField *field,
				   const JsonNode *value)
{
	if (value->type == JSON_NULL)
	{
		schema_violation(check, "is null",
						 field->optional ? "Leave the field out instead." :
						 NULL);
		return;
	}
	switch (field->kind)
	{
		case SCHEMA_CHOICE:
			check_choice(check, field, value);
			break;
		case SCHEMA_CHOICES:
			check_label_array(check, field, value,
							  schema_zalloc(check->arena,
											field->labels.count));
			break;
		case SCHEMA_BOOLEAN:
			check_boolean(check, value);
			break;
		case SCHEMA_DATE:
			check_date(check, value);
			break;
		case SCHEMA_RATING:
			check_rating(check, field, value);
			break;
		case SCHEMA_NUMBER:
			check_number(check, field, value);
			break;
		case SCHEMA_TEXT:
			check_text(check, field, value);
			break;
		case SCHEMA_PREFERENCE:
			check_preference(check, field, value);
			break;
		case SCHEMA_RANKING:
			check_ranking(check, field, value);
			break;
		default:
			schema_check_objects(check, field, value);
			break;
	}
}
