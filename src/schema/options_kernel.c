/*-------------------------------------------------------------------------
 *
 * options_kernel.c
 *	  Read what a field of a label schema says: its kind and its options.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/read_kernel.h"

#include "schema/decimal_kernel.h"

typedef bool (*OptionReader) (SchemaReader *reader, SchemaField *field,
							  const JsonNode *node);

typedef struct Option
{
	const char *name;
	bool		in_each;		/* allowed inside "each" */
	bool		(*fits) (SchemaKind kind);	/* NULL: all kinds */
	OptionReader read;			/* NULL: read by schema_read_references */
} Option;

/* A number of a plain size, as its canonical text. */
static bool
read_decimal(SchemaReader *reader, const JsonNode *node, const char *what,
			 const char **result)
{
	SchemaDecimal number;
	SchemaText text;

	if (node->type != JSON_NUMBER)
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena,
										   "%s must be a number, not %s", what,
										   schema_json_article(node)), NULL);
	number = schema_decimal_read(reader->arena, node->string);
	if (!schema_decimal_is_plain(&number))
		return schema_refuse(reader, SCHEMA_LIMIT,
							 schema_format(reader->arena,
										   "%s has more than %d digits before"
										   " or after the point", what,
										   SCHEMA_PLAIN_DIGITS), NULL);
	schema_text_init(&text, reader->arena);
	schema_decimal_print(&text, &number);
	*result = text.data;

	return true;
}

/* --- the kinds ------------------------------------------------------- */

static bool
read_true(SchemaReader *reader, const SchemaField *field, const JsonNode *node)
{
	if (node->type == JSON_BOOLEAN && node->boolean)
		return true;
	return schema_refuse(reader, SCHEMA_INVALID,
						 schema_format(reader->arena,
									   field->kind == SCHEMA_NUMBER ||
									   field->kind == SCHEMA_TEXT ?
									   "\"%s\" must be true or an object of"
									   " limits" : "\"%s\" must be true",
									   schema_kind_name(field->kind)), NULL);
}

static bool
read_rating(SchemaReader *reader, SchemaField *field, const JsonNode *node)
{
	static const char *const known[] = {"min", "max", NULL};
	const JsonNode *min = NULL;
	const JsonNode *max = node;
	int64_t		low = 1;
	int64_t		high = 0;

	if (node->type == JSON_OBJECT)
	{
		if (!schema_read_keys(reader, node, "\"rating\"", known))
			return false;
		min = schema_json_member(node, "min");
		max = schema_json_member(node, "max");
	}
	else if (node->type != JSON_NUMBER)
		max = NULL;
	if (max == NULL)
		return schema_refuse(reader, SCHEMA_INVALID,
							 "\"rating\" does not say how high it goes",
							 "Write 5 for 1 to 5, or {\"min\": 0, \"max\":"
							 " 10}.");
	if ((min && !schema_read_int(reader, min, "\"min\"", -SCHEMA_MAX_RATING,
								 SCHEMA_MAX_RATING, &low)) ||
		!schema_read_int(reader, max, "\"max\"", -SCHEMA_MAX_RATING,
						 SCHEMA_MAX_RATING, &high))
		return false;
	if (low >= high)
		return schema_refuse(reader, SCHEMA_INVALID,
							 "the \"max\" of a rating must be greater than"
							 " its \"min\"", NULL);
	field->rating_min = (int32_t) low;
	field->rating_max = (int32_t) high;
	return true;
}

static bool
read_number(SchemaReader *reader, SchemaField *field, const JsonNode *node)
{
	static const char *const known[] = {"min", "max", "integer", "unit", NULL};
	const JsonNode *option;

	if (node->type != JSON_OBJECT)
		return read_true(reader, field, node);
	if (!schema_read_keys(reader, node, "\"number\"", known))
		return false;
	if ((option = schema_json_member(node, "min")) != NULL &&
		!read_decimal(reader, option, "\"min\"", &field->min))
		return false;
	if ((option = schema_json_member(node, "max")) != NULL &&
		!read_decimal(reader, option, "\"max\"", &field->max))
		return false;
	if ((option = schema_json_member(node, "integer")) != NULL &&
		!schema_read_bool(reader, option, "\"integer\"", &field->integer))
		return false;
	if ((option = schema_json_member(node, "unit")) != NULL &&
		!schema_read_name(reader, option, "\"unit\"", SCHEMA_MAX_UNIT,
						  &field->unit))
		return false;
	if (field->min && field->max)
	{
		SchemaDecimal min = schema_decimal_read(reader->arena, field->min);
		SchemaDecimal max = schema_decimal_read(reader->arena, field->max);

		if (schema_decimal_compare(&min, &max) > 0)
			return schema_refuse(reader, SCHEMA_INVALID,
								 "\"min\" is greater than \"max\"", NULL);
	}
	return true;
}

static bool
read_text(SchemaReader *reader, SchemaField *field, const JsonNode *node)
{
	static const char *const known[] = {"max_length", "pattern", NULL};
	const JsonNode *option;
	int64_t		length;

	if (node->type != JSON_OBJECT)
		return read_true(reader, field, node);
	if (!schema_read_keys(reader, node, "\"text\"", known))
		return false;
	if ((option = schema_json_member(node, "max_length")) != NULL)
	{
		if (!schema_read_int(reader, option, "\"max_length\"", 1,
							 SCHEMA_MAX_LENGTH, &length))
			return false;
		field->max_length = (int) length;
	}
	return (option = schema_json_member(node, "pattern")) == NULL ||
		schema_read_string(reader, option, "\"pattern\"", SCHEMA_MAX_PATTERN,
						   &field->pattern);
}

bool
schema_read_kind(SchemaReader *reader, SchemaField *field,
				 const JsonNode *node)
{
	bool		columns = field->kind == SCHEMA_PREFERENCE;

	switch (field->kind)
	{
		case SCHEMA_BOOLEAN:
		case SCHEMA_DATE:
			return read_true(reader, field, node);
		case SCHEMA_RATING:
			return read_rating(reader, field, node);
		case SCHEMA_NUMBER:
			return read_number(reader, field, node);
		case SCHEMA_TEXT:
			return read_text(reader, field, node);
		default:
			break;
	}
	if (!schema_read_labels(reader, node, schema_kind_name(field->kind), false,
							columns ? SCHEMA_MAX_COLUMN_NAME :
							SCHEMA_MAX_LABEL_NAME,
							SCHEMA_MAX_LABELS, &field->labels))
		return false;
	if (field->labels.count < 2 &&
		(columns || field->kind == SCHEMA_RANKING))
		return schema_refuse(reader, SCHEMA_INVALID,
							 schema_format(reader->arena,
										   "\"%s\" needs at least two names",
										   schema_kind_name(field->kind)),
							 NULL);
	return true;
}

/* --- the options ----------------------------------------------------- */

static bool
read_optional(SchemaReader *reader, SchemaField *field, const JsonNode *node)
{
	return schema_read_bool(reader, node, "\"optional\"", &field->optional);
}

static bool
read_title(SchemaReader *reader, SchemaField *field, const JsonNode *node)
{
	return schema_read_string(reader, node, "\"title\"", SCHEMA_MAX_TITLE,
							  &field->title);
}

static bool
read_help(SchemaReader *reader, SchemaField *field, const JsonNode *node)
{
	return schema_read_string(reader, node, "\"help\"", SCHEMA_MAX_HELP,
							  &field->help);
}

static bool
read_of(SchemaReader *reader, SchemaField *field, const JsonNode *node)
{
	return schema_read_name(reader, node, "\"of\"", SCHEMA_MAX_COLUMN_NAME,
							&field->of);
}

static bool
read_target(SchemaReader *reader, SchemaField *field, const JsonNode *node)
{
	SchemaDecimal zero = schema_decimal_read(reader->arena, "0");
	SchemaDecimal one = schema_decimal_read(reader->arena, "1");
	SchemaDecimal target;

	if (!read_decimal(reader, node, "\"target_confidence\"",
					  &field->target_confidence))
		return false;
	target = schema_decimal_read(reader->arena, field->target_confidence);
	if (schema_decimal_compare(&target, &zero) <= 0 ||
		schema_decimal_compare(&target, &one) > 0)
		return schema_refuse(reader, SCHEMA_INVALID,
							 "\"target_confidence\" must be above 0 and at"
							 " most 1", NULL);
	return true;
}

static bool
read_ties(SchemaReader *reader, SchemaField *field, const JsonNode *node)
{
	if (!schema_read_bool(reader, node, "\"ties\"", &field->ties))
		return false;
	if (field->ties && schema_find_label(&field->labels, "tie") >= 0)
		return schema_refuse(reader, SCHEMA_INVALID,
							 "a column is named \"tie\", which stands for a"
							 " tie", NULL);
	return true;
}

static bool
read_shuffle(SchemaReader *reader, SchemaField *field, const JsonNode *node)
{
	return schema_read_bool(reader, node, "\"shuffle\"", &field->shuffle);
}

static bool
read_size(SchemaReader *reader, SchemaField *field, const JsonNode *node)
{
	SchemaLabels columns;

	if (node->type == JSON_ARRAY && node->count == 2)
	{
		if (!schema_read_labels(reader, node, "\"size\"", true,
								SCHEMA_MAX_COLUMN_NAME, 2, &columns))
			return false;
		field->size[0] = columns.items[0].name;
		field->size[1] = columns.items[1].name;
		return true;
	}
	return schema_refuse(reader, SCHEMA_INVALID,
						 "\"size\" must name two columns, the width's and the"
						 " height's", NULL);
}

static bool
read_points(SchemaReader *reader, SchemaField *field, const JsonNode *node)
{
	return schema_read_labels(reader, node, "\"points\"", true,
							  SCHEMA_MAX_LABEL_NAME, SCHEMA_MAX_POINTS,
							  &field->points);
}

static bool
read_skeleton(SchemaReader *reader, SchemaField *field, const JsonNode *node)
{
	int			i = 0;

	if (node->type != JSON_ARRAY || node->count == 0 ||
		node->count > SCHEMA_MAX_POINTS * 10)
		return schema_refuse(reader, SCHEMA_INVALID,
							 "\"skeleton\" must be an array of pairs of"
							 " points", NULL);
	field->nskeleton = (int) node->count;
	field->skeleton = schema_alloc(reader->arena,
								   node->count * sizeof(int[2]));
	for (const JsonNode *pair = node->first; pair; pair = pair->next, i++)
	{
		const JsonNode *end = pair->first;

		if (pair->type != JSON_ARRAY || pair->count != 2)
			return schema_refuse(reader, SCHEMA_INVALID,
								 "\"skeleton\" must be an array of pairs of"
								 " points", NULL);
		for (int j = 0; j < 2; j++, end = end->next)
		{
			field->skeleton[i][j] = end->type == JSON_STRING ?
				schema_find_label(&field->points, end->string) : -1;
			if (field->skeleton[i][j] < 0)
				return schema_refuse(reader, SCHEMA_INVALID,
									 "\"skeleton\" names a point that is not"
									 " in \"points\"", NULL);
		}
	}
	return true;
}

static bool
read_each(SchemaReader *reader, SchemaField *field, const JsonNode *node)
{
	SchemaReader inner = {reader->arena, reader->error, field, NULL, NULL};

	field->each = schema_read_fields(&inner, node, "\"each\"");
	return field->each != NULL;
}

static bool
is_preference(SchemaKind kind)
{
	return kind == SCHEMA_PREFERENCE;
}

static bool
is_ordered(SchemaKind kind)
{
	return kind == SCHEMA_PREFERENCE || kind == SCHEMA_RANKING;
}

static bool
is_relations(SchemaKind kind)
{
	return kind == SCHEMA_RELATIONS;
}

static bool
is_keypoints(SchemaKind kind)
{
	return kind == SCHEMA_KEYPOINTS;
}

static const Option options[] = {
	{"title", true, NULL, read_title},
	{"help", true, NULL, read_help},
	{"optional", true, NULL, read_optional},
	{"when", true, NULL, NULL},
	{"of", false, NULL, read_of},
	{"target_confidence", false, NULL, read_target},
	{"ties", false, is_preference, read_ties},
	{"shuffle", false, is_ordered, read_shuffle},
	{"between", false, is_relations, NULL},
	{"size", false, schema_kind_is_image, read_size},
	{"points", false, is_keypoints, read_points},
	{"skeleton", false, is_keypoints, read_skeleton},
	{"each", false, schema_kind_is_set, read_each}
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

static bool
option_fits(const SchemaReader *reader, const Option *option, SchemaKind kind)
{
	return (option->in_each || reader->owner == NULL) &&
		(option->fits == NULL || option->fits(kind));
}

bool
schema_check_options(SchemaReader *reader, const JsonNode *node,
					 const SchemaField *field, bool has_name)
{
	const char *known[OPTIONS + 3];
	int			n = 0;

	known[n++] = schema_kind_name(field->kind);
	for (size_t i = 0; i < OPTIONS; i++)
		if (option_fits(reader, &options[i], field->kind))
			known[n++] = options[i].name;
	if (has_name)
		known[n++] = "name";
	known[n] = NULL;
	return schema_read_keys(reader, node,
							schema_format(reader->arena, "A %s field%s",
										  schema_kind_name(field->kind),
										  reader->owner ? " in \"each\"" : ""),
							known);
}

bool
schema_read_options(SchemaReader *reader, SchemaField *field,
					const JsonNode *node)
{
	for (size_t i = 0; i < OPTIONS; i++)
	{
		const JsonNode *option = schema_json_member(node, options[i].name);

		if (option && options[i].read &&
			!options[i].read(reader, field, option))
			return false;
	}
	if (field->kind == SCHEMA_KEYPOINTS && field->points.count == 0)
		return schema_refuse(reader, SCHEMA_INVALID,
							 "\"points\" is missing",
							 "Name the points, as in \"points\": [\"nose\","
							 " \"left_eye\"].");
	return true;
}
