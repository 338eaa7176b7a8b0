/*-------------------------------------------------------------------------
 *
 * print_kernel.c
 *	  The canonical text of a label schema.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/model_kernel.h"

#include <string.h>

/* Begins a member of an object. */
static void
member(SchemaText *text, bool *first, const char *key)
{
	if (!*first)
		schema_text_add(text, ", ");
	*first = false;
	schema_text_json(text, key);
	schema_text_add(text, ": ");
}

static void
string_member(SchemaText *text, bool *first, const char *key,
			  const char *value)
{
	if (value == NULL)
		return;
	member(text, first, key);
	schema_text_json(text, value);
}

static void
decimal_member(SchemaText *text, bool *first, const char *key,
			   const char *value)
{
	if (value == NULL)
		return;
	member(text, first, key);
	schema_text_add(text, value);
}

static void
true_member(SchemaText *text, bool *first, const char *key, bool value)
{
	if (!value)
		return;
	member(text, first, key);
	schema_text_add(text, "true");
}

static void
print_label(SchemaText *text, const SchemaLabels *labels, int index)
{
	const SchemaLabel *label = &labels->items[index];
	bool		first = true;

	/* An id that is the position is what a label without one would get. */
	if (label->id == index + 1 && label->parent < 0 && !label->title &&
		!label->color &&!label->hotkey && !label->help)
	{
		schema_text_json(text, label->name);
		return;
	}
	schema_text_add(text, "{");
	string_member(text, &first, "name", label->name);
	if (label->id != index + 1)
	{
		member(text, &first, "id");
		schema_text_int(text, label->id);
	}
	string_member(text, &first, "title", label->title);
	string_member(text, &first, "parent", label->parent < 0 ? NULL :
				  labels->items[label->parent].name);
	string_member(text, &first, "color", label->color);
	string_member(text, &first, "hotkey", label->hotkey);
	string_member(text, &first, "help", label->help);
	schema_text_add(text, "}");
}

static void
print_labels(SchemaText *text, const SchemaLabels *labels)
{
	schema_text_add(text, "[");
	for (int i = 0; i < labels->count; i++)
	{
		if (i > 0)
			schema_text_add(text, ", ");
		print_label(text, labels, i);
	}
	schema_text_add(text, "]");
}

static void
print_rating(SchemaText *text, const SchemaField *field)
{
	if (field->rating_min != 1)
	{
		schema_text_add(text, "{\"min\": ");
		schema_text_int(text, field->rating_min);
		schema_text_add(text, ", \"max\": ");
	}
	schema_text_int(text, field->rating_max);
	if (field->rating_min != 1)
		schema_text_add(text, "}");
}

/* The object of a number or a text; "true" when it says nothing. */
static void
print_limits(SchemaText *text, const SchemaField *field)
{
	size_t		start = text->length;
	bool		first = true;

	schema_text_add(text, "{");
	decimal_member(text, &first, "min", field->min);
	decimal_member(text, &first, "max", field->max);
	true_member(text, &first, "integer", field->integer);
	string_member(text, &first, "unit", field->unit);
	if (field->max_length > 0)
	{
		member(text, &first, "max_length");
		schema_text_int(text, field->max_length);
	}
	string_member(text, &first, "pattern", field->pattern);
	if (first)
	{
		schema_text_cut(text, start);
		schema_text_add(text, "true");
	}
	else
		schema_text_add(text, "}");
}

static void
print_kind(SchemaText *text, const SchemaField *field)
{
	switch (field->kind)
	{
		case SCHEMA_BOOLEAN:
		case SCHEMA_DATE:
			schema_text_add(text, "true");
			break;
		case SCHEMA_RATING:
			print_rating(text, field);
			break;
		case SCHEMA_NUMBER:
		case SCHEMA_TEXT:
			print_limits(text, field);
			break;
		default:
			print_labels(text, &field->labels);
			break;
	}
}

/* One value of a condition on "asked", or on the owner's labels. */
static void
print_condition_value(SchemaText *text, const SchemaField *asked,
					  const SchemaLabels *labels, int value)
{
	if (asked && asked->kind == SCHEMA_BOOLEAN)
		schema_text_add(text, value ? "true" : "false");
	else if (asked && asked->kind == SCHEMA_RATING)
		schema_text_int(text, value);
	else
		schema_text_json(text, value < labels->count ?
						 labels->items[value].name : "tie");
}

void
schema_print_when(SchemaText *text, const SchemaFields *fields,
				  const SchemaField *field)
{
	bool		first = true;

	schema_text_add(text, "{");
	for (int i = 0; i < field->nconditions; i++)
	{
		const SchemaCondition *condition = &field->conditions[i];
		const SchemaField *asked = condition->field < 0 ? NULL :
			&fields->items[condition->field];

		member(text, &first, asked ? asked->name : "label");
		schema_text_add(text, "[");
		for (int j = 0; j < condition->count; j++)
		{
			if (j > 0)
				schema_text_add(text, ", ");
			print_condition_value(text, asked, asked ? &asked->labels :
								  &fields->owner->labels,
								  condition->values[j]);
		}
		schema_text_add(text, "]");
	}
	schema_text_add(text, "}");
}

/* A name, or an array of several. */
void
schema_print_between(SchemaText *text, const SchemaFields *fields,
					 const SchemaField *field)
{
	if (field->nbetween > 1)
		schema_text_add(text, "[");
	for (int i = 0; i < field->nbetween; i++)
	{
		if (i > 0)
			schema_text_add(text, ", ");
		schema_text_json(text, fields->items[field->between[i]].name);
	}
	if (field->nbetween > 1)
		schema_text_add(text, "]");
}

static void
print_pair(SchemaText *text, const char *a, const char *b)
{
	schema_text_add(text, "[");
	schema_text_json(text, a);
	schema_text_add(text, ", ");
	schema_text_json(text, b);
	schema_text_add(text, "]");
}

static void
print_keypoints(SchemaText *text, bool *first, const SchemaField *field)
{
	member(text, first, "points");
	print_labels(text, &field->points);
	if (field->nskeleton == 0)
		return;
	member(text, first, "skeleton");
	schema_text_add(text, "[");
	for (int i = 0; i < field->nskeleton; i++)
	{
		if (i > 0)
			schema_text_add(text, ", ");
		print_pair(text, field->points.items[field->skeleton[i][0]].name,
				   field->points.items[field->skeleton[i][1]].name);
	}
	schema_text_add(text, "]");
}

/* A field's object; in the array form it begins with the field's name. */
static void
print_field(SchemaText *text, const SchemaFields *fields,
			const SchemaField *field, bool array_form)
{
	bool		first = true;

	schema_text_add(text, "{");
	if (array_form)
		string_member(text, &first, "name", field->name);
	member(text, &first, schema_kind_name(field->kind));
	print_kind(text, field);
	string_member(text, &first, "title", field->title);
	string_member(text, &first, "help", field->help);
	true_member(text, &first, "optional", field->optional);
	if (field->nconditions > 0)
	{
		member(text, &first, "when");
		schema_print_when(text, fields, field);
	}
	string_member(text, &first, "of", field->of);
	decimal_member(text, &first, "target_confidence",
				   field->target_confidence);
	true_member(text, &first, "ties", field->ties);
	true_member(text, &first, "shuffle", field->shuffle);
	if (field->nbetween > 0)
	{
		member(text, &first, "between");
		schema_print_between(text, fields, field);
	}
	if (field->size[0])
	{
		member(text, &first, "size");
		print_pair(text, field->size[0], field->size[1]);
	}
	if (field->kind == SCHEMA_KEYPOINTS)
		print_keypoints(text, &first, field);
	if (field->each)
	{
		member(text, &first, "each");
		schema_print(text, field->each, array_form);
	}
	schema_text_add(text, "}");
}

void
schema_print(SchemaText *text, const SchemaFields *fields, bool array_form)
{
	bool		first = true;

	schema_text_add(text, array_form ? "[" : "{");
	for (int i = 0; i < fields->count; i++)
	{
		if (!array_form)
			member(text, &first, fields->items[i].name);
		else if (i > 0)
			schema_text_add(text, ", ");
		print_field(text, fields, &fields->items[i], array_form);
	}
	schema_text_add(text, array_form ? "]" : "}");
}

void
schema_print_field(SchemaText *text, const SchemaFields *fields, int field)
{
	print_field(text, fields, &fields->items[field], true);
}
