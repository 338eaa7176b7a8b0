/*-------------------------------------------------------------------------
 *
 * answers.c
 *	  Does an answer fit a label schema?  conforms and violations.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/glue.h"

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "schema/check_kernel.h"
#include "schema/pattern.h"

/* Nobody labels so much by hand; a larger value is a mistake. */
#define MAX_ANSWER_SIZE (8 * 1024 * 1024)

/* What one answer is told at most. */
#define MAX_VIOLATIONS 100

PG_FUNCTION_INFO_V1(tdp_conforms);
PG_FUNCTION_INFO_V1(tdp_violations);

/* Where violations are collected, outside the context of the check. */
typedef struct Collector
{
	MemoryContext context;
	List	   *violations;
} Collector;

static const char *
copy_in(MemoryContext context, const char *string)
{
	return string ? MemoryContextStrdup(context, schema_to_server(string)) :
		NULL;
}

static void
collect(void *state, const char *path, const char *problem, const char *hint)
{
	Collector  *collector = state;
	MemoryContext old = MemoryContextSwitchTo(collector->context);
	SchemaViolation *violation = palloc_object(SchemaViolation);

	violation->path = copy_in(collector->context, path);
	violation->problem = copy_in(collector->context, problem);
	violation->hint = copy_in(collector->context, hint);
	collector->violations = lappend(collector->violations, violation);
	MemoryContextSwitchTo(old);
}

static void
append_member(SchemaArena *arena, JsonNode *object, Jsonb *data,
			  const char *key)
{
	JsonNode   *node = key ? schema_jsonb_scalar(arena, data, key) : NULL;

	if (node == NULL)
		return;
	node->next = object->first;
	object->first = node;
	object->count++;
}

/* Of an item's columns only those that the fields name. */
static const JsonNode *
named_columns(SchemaArena *arena, const SchemaFields *fields, Jsonb *data)
{
	JsonNode   *object;

	if (data == NULL)
		return NULL;
	object = schema_zalloc(arena, sizeof(JsonNode));
	object->type = JSON_OBJECT;
	for (int i = 0; i < fields->count; i++)
	{
		const SchemaField *field = &fields->items[i];

		if (field->kind == SCHEMA_SPANS)
			append_member(arena, object, data, field->of);
		append_member(arena, object, data, field->size[0]);
		append_member(arena, object, data, field->size[1]);
	}
	return object;
}

/* Runs the check in a context of its own; at most "limit" violations. */
static List *
check_answer(Jsonb *value, const Schema *schema, Jsonb *data,
			 bool is_prediction, int limit)
{
	Collector	collector = {CurrentMemoryContext, NIL};
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "tdp answer check",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	SchemaArena arena = schema_palloc_arena();
	SchemaCheck check = {
		.arena = &arena,
		.fields = schema->fields,
		.prediction = is_prediction,
		.limit = limit,
		.matches = pattern_matches,
		.report = collect,
		.state = &collector
	};
	JsonNode   *answer = NULL;

	if (VARSIZE(value) > MAX_ANSWER_SIZE)
		collect(&collector, "",
				schema_format(&arena, "is %d MB large; an answer has at most"
							  " %d MB",
							  (int) (VARSIZE(value) / (1024 * 1024)),
							  MAX_ANSWER_SIZE / (1024 * 1024)), NULL);
	else if ((answer = schema_jsonb_node(&arena, value,
										 SCHEMA_MAX_ANSWER_DEPTH)) == NULL)
		collect(&collector, "", "is too deeply nested", NULL);
	else
	{
		check.data = named_columns(&arena, schema->fields, data);
		schema_check(&check, answer);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return collector.violations;
}

List *
schema_violations(Jsonb *value, const Schema *schema, Jsonb *data,
				  bool is_prediction)
{
	return check_answer(value, schema, data, is_prediction, MAX_VIOLATIONS);
}

char *
schema_violations_detail(List *violations)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, violations)
	{
		SchemaViolation *violation = lfirst(cell);

		appendStringInfoString(&text, text.len > 0 ? ", " : "[");
		appendStringInfoString(&text, "{\"path\": ");
		escape_json(&text, violation->path);
		appendStringInfoString(&text, ", \"problem\": ");
		escape_json(&text, violation->problem);
		appendStringInfoChar(&text, '}');
	}
	appendStringInfoString(&text, text.len > 0 ? "]" : "[]");
	return text.data;
}

Datum
tdp_conforms(PG_FUNCTION_ARGS)
{
	Jsonb	   *value = PG_GETARG_JSONB_P(0);
	const Schema *schema = schema_argument(fcinfo, 1);

	PG_RETURN_BOOL(check_answer(value, schema, NULL, false, 1) == NIL);
}

Datum
tdp_violations(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *cell;
	List	   *violations;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	violations = schema_violations(PG_GETARG_JSONB_P(0),
								   schema_argument(fcinfo, 1),
								   PG_ARGISNULL(2) ? NULL :
								   PG_GETARG_JSONB_P(2), false);
	foreach(cell, violations)
	{
		SchemaViolation *violation = lfirst(cell);
		Datum		values[3];
		bool		nulls[3] = {false, false, violation->hint == NULL};

		values[0] = CStringGetTextDatum(violation->path);
		values[1] = CStringGetTextDatum(violation->problem);
		values[2] = violation->hint ? CStringGetTextDatum(violation->hint) :
			(Datum) 0;
		tuplestore_putvalues(result->setResult, result->setDesc, values,
							 nulls);
	}
	return (Datum) 0;
}
