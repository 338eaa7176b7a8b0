/*-------------------------------------------------------------------------
 *
 * check_kernel.c
 *	  Does an answer fit a label schema?  The answer as a whole.
 *
 * Problems are worded for the person who answered.  Rules may only ever be
 * loosened: answers that were kept under a CHECK must still fit after a
 * dump and restore into a newer version.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/check_kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/decimal_kernel.h"

bool
schema_violation(SchemaCheck *check, const char *problem, const char *hint)
{
	if (check->count < check->limit)
		check->report(check->state, check->path.data, problem, hint);
	check->count++;
	return false;
}

size_t
schema_path_key(SchemaCheck *check, const char *key)
{
	size_t		mark = check->path.length;

	if (mark > 0)
		schema_text_add(&check->path, ".");
	if (strpbrk(key, ".[]\" ") || strlen(key) > SCHEMA_MAX_COLUMN_NAME ||
		key[0] == '\0')
		schema_text_quoted(&check->path, key);
	else
		schema_text_add(&check->path, key);
	return mark;
}

size_t
schema_path_index(SchemaCheck *check, int index)
{
	size_t		mark = check->path.length;

	schema_text_add(&check->path, "[");
	schema_text_int(&check->path, index);
	schema_text_add(&check->path, "]");
	return mark;
}

bool
schema_violation_at(SchemaCheck *check, const char *key, const char *problem,
					const char *hint)
{
	size_t		mark = schema_path_key(check, key);

	schema_violation(check, problem, hint);
	schema_text_cut(&check->path, mark);
	return false;
}

bool
schema_node_double(const JsonNode *node, double *result)
{
	*result = strtod(node->string, NULL);
	return isfinite(*result);
}

const char *
schema_shown_number(const JsonNode *number)
{
	return strlen(number->string) <= SCHEMA_PLAIN_DIGITS ? number->string :
		"the number";
}

bool
schema_check_int(SchemaCheck *check, const JsonNode *node, int64_t low,
				 int64_t high, int64_t *result)
{
	SchemaText	limits;

	if (node->type == JSON_NUMBER)
	{
		SchemaDecimal number = schema_decimal_read(check->arena, node->string);

		if (schema_decimal_int64(&number, result) &&
			*result >= low && *result <= high)
			return true;
	}
	schema_text_init(&limits, check->arena);
	schema_text_int(&limits, low);
	schema_text_add(&limits, " to ");
	schema_text_int(&limits, high);
	return schema_violation(check, node->type == JSON_NUMBER ?
							schema_format(check->arena,
										  "%s is not a whole number from %s",
										  schema_shown_number(node),
										  limits.data) :
							schema_format(check->arena,
										  "got %s; a whole number from %s is"
										  " expected",
										  schema_json_article(node),
										  limits.data), NULL);
}

/* --- conditions ------------------------------------------------------ */

static bool
has_value(const SchemaCondition *condition, int value)
{
	int			low = 0;
	int			high = condition->count - 1;

	while (low <= high)
	{
		int			middle = low + (high - low) / 2;

		if (condition->values[middle] == value)
			return true;
		if (condition->values[middle] < value)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return false;
}

/* Is one of these values, of the kinds that a condition may ask for, there? */
static bool
value_matches(SchemaCheck *check, const SchemaCondition *condition,
			  const SchemaField *asked, const SchemaLabels *labels,
			  const JsonNode *value)
{
	if (value->type == JSON_BOOLEAN)
		return asked && asked->kind == SCHEMA_BOOLEAN &&
			has_value(condition, value->boolean);
	if (value->type == JSON_NUMBER)
	{
		SchemaDecimal number = schema_decimal_read(check->arena,
												   value->string);
		int64_t		rating;

		return asked && asked->kind == SCHEMA_RATING &&
			schema_decimal_int64(&number, &rating) &&
			rating >= asked->rating_min && rating <= asked->rating_max &&
			has_value(condition, (int) rating);
	}
	if (value->type == JSON_STRING)
	{
		int			label = schema_find_label(labels, value->string);

		if (label < 0 && asked && asked->ties &&
			strcmp(value->string, "tie") == 0)
			label = labels->count;
		return label >= 0 && has_value(condition, label);
	}
	if (value->type == JSON_ARRAY && asked && asked->kind == SCHEMA_CHOICES)
		for (value = value->first; value; value = value->next)
			if (value->type == JSON_STRING &&
				value_matches(check, condition, asked, labels, value))
				return true;
	return false;
}

/* The first condition of a field that does not hold; NULL if it is asked. */
static const SchemaCondition *
unmet_condition(SchemaCheck *check, const SchemaFields *fields,
				const SchemaField *field, const JsonNode *object)
{
	for (int i = 0; i < field->nconditions; i++)
	{
		const SchemaCondition *condition = &field->conditions[i];
		const SchemaField *asked = condition->field < 0 ? NULL :
			&fields->items[condition->field];
		const JsonNode *value = schema_json_member(object, asked ?
												   asked->name : "label");

		/* A prediction need not say on what it is founded. */
		if (value == NULL && check->prediction && asked)
			continue;
		if (value == NULL ||
			!value_matches(check, condition, asked, asked ? &asked->labels :
						   &fields->owner->labels, value))
			return condition;
	}
	return NULL;
}

/* "is only asked when sentiment is negative" */
static const char *
condition_text(SchemaCheck *check, const SchemaFields *fields,
			   const SchemaCondition *condition)
{
	const SchemaField *asked = condition->field < 0 ? NULL :
		&fields->items[condition->field];
	const SchemaLabels *labels = asked ? &asked->labels :
		&fields->owner->labels;
	SchemaText text;

	schema_text_init(&text, check->arena);
	schema_text_add(&text, "is only asked when ");
	schema_text_add(&text, asked ? asked->name : "label");
	schema_text_add(&text, asked && asked->kind == SCHEMA_CHOICES ?
					" has " : " is ");
	for (int i = 0; i < condition->count && i < 5; i++)
	{
		int			value = condition->values[i];

		if (i > 0)
			schema_text_add(&text, " or ");
		if (asked && asked->kind == SCHEMA_BOOLEAN)
			schema_text_add(&text, value ? "true" : "false");
		else if (asked && asked->kind == SCHEMA_RATING)
			schema_text_int(&text, value);
		else
			schema_text_quoted(&text, value < labels->count ?
							   labels->items[value].name : "tie");
	}
	if (condition->count > 5)
		schema_text_add(&text, " or one of some others");
	return text.data;
}

/* --- members --------------------------------------------------------- */

static bool
is_own(const char *const *own, const char *key)
{
	for (; own && *own; own++)
		if (strcmp(*own, key) == 0)
			return true;
	return false;
}

static const char *
did_you_mean(SchemaCheck *check, const char *nearest)
{
	return nearest ? schema_format(check->arena, "Did you mean %q?",
								   nearest) : NULL;
}

static void
check_unknown(SchemaCheck *check, const SchemaFields *fields,
			  const JsonNode *object, const char *const *own)
{
	for (const JsonNode *node = object->first;
		 node && check->count < check->limit; node = node->next)
	{
		if (is_own(own, node->key) ||
			(fields && schema_find_field(fields, node->key) >= 0))
			continue;
		schema_violation_at(check, node->key, own ?
							"objects of this kind have no such member" :
							"is not a field of the label schema",
							fields == NULL ? NULL :
							did_you_mean(check,
										 schema_nearest_field(fields,
															  node->key)));
	}
}

void
schema_check_members(SchemaCheck *check, const SchemaFields *fields,
					 const JsonNode *object, const char *const *own)
{
	for (int i = 0; fields && i < fields->count &&
		 check->count < check->limit; i++)
	{
		const SchemaField *field = &fields->items[i];
		const JsonNode *value = schema_json_member(object, field->name);
		const SchemaCondition *unmet;
		size_t		mark;

		if (value == NULL && (field->optional || check->prediction))
			continue;
		unmet = unmet_condition(check, fields, field, object);
		if (value == NULL && unmet)
			continue;
		mark = schema_path_key(check, field->name);
		if (value == NULL)
			schema_violation(check, "is missing", NULL);
		else if (unmet)
			schema_violation(check, condition_text(check, fields, unmet),
							 "Leave it out.");
		else
			schema_check_value(check, field, value);
		schema_text_cut(&check->path, mark);
	}
	check_unknown(check, fields, object, own);
}

/* --- ids ------------------------------------------------------------- */

static int
compare_ids(const void *a, const void *b)
{
	const SchemaObjectId *x = a;
	const SchemaObjectId *y = b;
	int			order = strcmp(x->id, y->id);

	if (order == 0)
		order = (x->field > y->field) - (x->field < y->field);
	return order != 0 ? order : (x->object > y->object) -
		(x->object < y->object);
}

static size_t
count_objects(const SchemaCheck *check, const JsonNode *answer)
{
	size_t		count = 0;

	for (int i = 0; i < check->fields->count; i++)
	{
		const SchemaField *field = &check->fields->items[i];
		const JsonNode *value = schema_json_member(answer, field->name);

		if (value && schema_kind_is_set(field->kind))
			count += value->count;
	}
	return count;
}

/* Every id of the answer's objects, sorted; two equal ones are reported. */
static void
collect_ids(SchemaCheck *check, const JsonNode *answer)
{
	check->nids = 0;
	check->ids = schema_alloc(check->arena, count_objects(check, answer) *
							  sizeof(SchemaObjectId));
	for (int i = 0; i < check->fields->count; i++)
	{
		const SchemaField *field = &check->fields->items[i];
		const JsonNode *value = schema_json_member(answer, field->name);
		int			object = 0;

		if (value == NULL || value->type != JSON_ARRAY ||
			!schema_kind_is_set(field->kind))
			continue;
		for (value = value->first; value; value = value->next, object++)
		{
			const JsonNode *id = schema_json_member(value, "id");

			if (id && id->type == JSON_STRING)
				check->ids[check->nids++] =
					(SchemaObjectId) {id->string, i, object};
		}
	}
	qsort(check->ids, check->nids, sizeof(SchemaObjectId), compare_ids);
	for (int i = 1; i < check->nids; i++)
		if (strcmp(check->ids[i].id, check->ids[i - 1].id) == 0)
		{
			const SchemaObjectId *id = &check->ids[i];
			size_t		mark;

			mark = schema_path_key(check,
								   check->fields->items[id->field].name);
			schema_path_index(check, id->object);
			schema_violation_at(check, "id",
								schema_format(check->arena,
											  "another object has the id %q"
											  " too", id->id), NULL);
			schema_text_cut(&check->path, mark);
		}
}

bool
schema_check(SchemaCheck *check, const JsonNode *answer)
{
	check->count = 0;
	check->text = NULL;
	schema_text_init(&check->path, check->arena);
	if (answer->type != JSON_OBJECT)
		return schema_violation(check,
								schema_format(check->arena,
											  "got %s; an answer is an object"
											  " with a member for each field",
											  schema_json_article(answer)),
								schema_format(check->arena,
											  "Write {%q: ...}.",
											  check->fields->items[0].name));
	collect_ids(check, answer);
	schema_check_members(check, check->fields, answer, NULL);
	return check->count == 0;
}
