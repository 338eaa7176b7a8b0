/*-------------------------------------------------------------------------
 *
 * agreement_project.c
 *	  Agreement among the annotators of a project, field by field.
 *
 * Only the rows of the source that have answers are looked at, a thousand
 * keys at a time, however many the source has.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "agreement/project_measures.h"
#include "base/arguments.h"
#include "base/compat.h"
#include "base/settings.h"
#include "capture/capture.h"
#include "project/project.h"
#include "schema/schema.h"

PG_FUNCTION_INFO_V1(tdp_agreement);

/*
 * $1 project, $2 field, $3 its kind, $4 whether an answer that does not
 * mention it says the empty set.  Answers from a time when the field was of
 * another kind cannot be compared with today's.
 */
#define ANSWERS \
	"SELECT i.key, a.member_id, a.value -> $2, " \
	"CASE WHEN $3 = 'relations' THEN a.value END FROM tdp.annotation a " \
	"JOIN tdp.item i ON i.item_id = a.item_id " \
	"JOIN tdp.member m ON m.member_id = a.member_id AND m.role <> 'machine' " \
	"WHERE a.project_id = $1 AND ($4 OR a.value ? $2) " \
	"AND a.schema_version = ANY (SELECT v.version FROM tdp.schema_version v, " \
	"tdp.fields(v.label_schema) f WHERE v.project_id = $1 " \
	"AND f.field = $2 AND f.kind = $3) " \
	"AND NOT EXISTS (SELECT FROM tdp.annotation newer " \
	"WHERE newer.task_id = a.task_id AND newer.revision > a.revision) " \
	"ORDER BY i.key, m.name"

/* As much as all of a project's answers take while they are compared. */
#define SIZE_OF_ANSWERS \
	"SELECT count(*), coalesce(sum(pg_column_size(a.value)), 0)::bigint " \
	"FROM tdp.annotation a WHERE a.project_id = $1"

/* Where the rows of one slice go, and what stands in all of them. */
typedef struct Output
{
	ReturnSetInfo *result;
	const FieldSlice *slice;
	int64		annotators;
	int64		annotations;
} Output;


static void
require_memory(const Project *project)
{
	StorageSection section;
	Rows		rows;
	Size		bytes;

	storage_begin(&section, false);
	rows = storage_exec(SIZE_OF_ANSWERS, "i", project->id);
	bytes = row_int64(rows, 0, 1) *
		(sizeof(FieldItem) + sizeof(FieldAnswer) + 256) +
		3 * row_int64(rows, 0, 2);
	section_end(&section);
	settings_check_memory(bytes, psprintf("agreement of project \"%s\"",
										  project->name));
}


static FieldItem *
read_answers(const Project *project, const struct SchemaField *field,
			 int *nitems)
{
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;
	SchemaKind	kind = schema_field_kind(field);
	bool		may_lack = schema_field_optional(field) &&
		!schema_field_conditional(field) &&
		(kind == SCHEMA_CHOICES || schema_kind_is_set(kind));
	FieldItem  *items;
	FieldAnswer *answers;
	Rows		rows;

	storage_begin(&section, false);
	rows = storage_exec(ANSWERS, "ittb", project->id,
						schema_field_name(field), schema_kind_name(kind),
						may_lack);
	MemoryContextSwitchTo(context);
	items = palloc0_array(FieldItem, Max(rows.count, 1));
	answers = palloc0_array(FieldAnswer, Max(rows.count, 1));
	*nitems = 0;
	for (uint64 i = 0; i < rows.count; i++)
	{
		char	   *key = row_text(rows, i, 1);
		FieldItem  *item = *nitems > 0 ? &items[*nitems - 1] : NULL;

		if (item == NULL || strcmp(item->key, key) != 0)
		{
			item = &items[(*nitems)++];
			item->key = key;
			item->answers = &answers[i];
		}
		else
			pfree(key);
		item->count++;
		answers[i].member = row_int32(rows, i, 2);
		answers[i].value = row_jsonb(rows, i, 3);
		answers[i].whole = row_jsonb(rows, i, 4);
		answers[i].label = answers[i].value == NULL ? "[]"
			: schema_field_label_text(field, answers[i].value);
	}
	section_end(&section);
	MemoryContextSwitchTo(context);
	return items;
}


static int
compare_slices(const void *a, const void *b)
{
	const FieldItem *one = a;
	const FieldItem *other = b;

	if (one->slice == NULL || other->slice == NULL)
	{
		if (one->slice != other->slice)
			return one->slice == NULL ? 1 : -1;
	}
	else if (strcmp(one->slice, other->slice) != 0)
		return strcmp(one->slice, other->slice);
	return strcmp(one->key, other->key);
}


static bool
same_slice(const FieldItem *one, const FieldItem *other)
{
	if (one->slice == NULL || other->slice == NULL)
		return one->slice == other->slice;
	return strcmp(one->slice, other->slice) == 0;
}


/* Gives items their slices; those whose row is gone are in none. */
static void
slice_items(const Project *project, const char *by, FieldItem *items,
			int *nitems)
{
	List	   *keys = NIL;
	List	   *rows;
	int			kept = 0;

	for (int i = 0; i < *nitems; i++)
		keys = lappend(keys, items[i].key);
	rows = source_slices(project, by, "by", keys);
	for (int i = 0; i < *nitems; i++)
	{
		SourceSlice *slice = source_slice_of(rows, items[i].key);

		if (slice == NULL)
			continue;
		items[kept] = items[i];
		items[kept++].slice = slice->value;
	}
	*nitems = kept;
	qsort(items, kept, sizeof(FieldItem), compare_slices);
}


/* How long the texts are that spans are in, as far as they are at hand. */
static void
measure_texts(const Project *project, const struct SchemaField *field,
			  FieldItem *items, int nitems)
{
	const char *of = schema_field_of(field);
	List	   *keys = NIL;
	List	   *rows;

	if (of == NULL || source_problem(project) != NULL ||
		get_attnum(project_source(project), of) == InvalidAttrNumber)
		return;
	for (int i = 0; i < nitems; i++)
		keys = lappend(keys, items[i].key);
	rows = source_slices(project, of, "of", keys);
	for (int i = 0; i < nitems; i++)
	{
		SourceSlice *text = source_slice_of(rows, items[i].key);

		if (text !=NULL && text->value != NULL)
			items[i].length = pg_mbstrlen(text->value);
	}
}


static int
compare_members(const void *a, const void *b)
{
	int32		one = *(const int32 *) a;
	int32		other = *(const int32 *) b;

	return (one > other) - (one < other);
}


static void
count_answers(Output *output)
{
	const FieldSlice *slice = output->slice;
	int32	   *members;
	int			count = 0;

	for (int i = 0; i < slice->nitems; i++)
		count += slice->items[i].count;
	members = palloc_array(int32, Max(count, 1));
	output->annotations = count;
	count = 0;
	for (int i = 0; i < slice->nitems; i++)
		for (int k = 0; k < slice->items[i].count; k++)
			members[count++] = slice->items[i].answers[k].member;
	qsort(members, count, sizeof(int32), compare_members);
	output->annotators = 0;
	for (int i = 0; i < count; i++)
		output->annotators += i == 0 || members[i] != members[i - 1];
}


static void
put_measure(void *state, const char *measure, const ItemsValue *value)
{
	Output	   *output = state;
	const FieldSlice *slice = output->slice;
	Datum		values[9] = {0};
	bool		nulls[9] = {false};

	values[0] = CStringGetTextDatum(schema_field_name(slice->field));
	nulls[1] = slice->items[0].slice == NULL;
	if (!nulls[1])
		values[1] = CStringGetTextDatum(slice->items[0].slice);
	values[2] = CStringGetTextDatum(measure);
	nulls[3] = !value->defined;
	values[3] = Float8GetDatum(value->value);
	nulls[4] = nulls[5] = !value->defined || !value->bounded;
	values[4] = Float8GetDatum(value->lower);
	values[5] = Float8GetDatum(value->upper);
	values[6] = Int64GetDatum(slice->nitems);
	values[7] = Int64GetDatum(output->annotators);
	values[8] = Int64GetDatum(output->annotations);
	tuplestore_putvalues(output->result->setResult, output->result->setDesc,
						 values, nulls);
}


static void
put_field(ReturnSetInfo *result, const Project *project,
		  const Schema *schema, const struct SchemaField *field,
		  const char *by)
{
	int			nitems;
	int			end;
	FieldItem  *items = read_answers(project, field, &nitems);

	if (schema_field_kind(field) == SCHEMA_SPANS && nitems > 0)
		measure_texts(project, field, items, nitems);
	if (by != NULL)
		slice_items(project, by, items, &nitems);
	for (int i = 0; i < nitems; i = end)
	{
		FieldSlice	slice = {schema, field, project->name, 0, &items[i]};
		Output		output = {result, &slice, 0, 0};

		end = i + 1;
		while (end < nitems && same_slice(&items[i], &items[end]))
			end++;
		slice.nitems = end - i;
		count_answers(&output);
		measure_slice(&slice, put_measure, &output);
	}
}


/* agreement(project, by): see agreement_project.sql. */
Datum
tdp_agreement(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Project    *project;
	const Schema *schema;
	char	   *by = NULL;

	project = project_load(argument_required_text(fcinfo, 0, "project"));
	project_require(project, ROLES_READ_ALL, "see its annotators' agreement");
	schema = schema_from_datum(project->label_schema);
	if (!PG_ARGISNULL(1))
	{
		by = text_to_cstring(PG_GETARG_TEXT_PP(1));
		(void) source_slices(project, by, "by", NIL);
	}

	require_memory(project);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < schema_field_count(schema); i++)
	{
		const struct SchemaField *field = schema_field_at(schema, i);
		MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
													  "tdp agreement of a field",
													  ALLOCSET_DEFAULT_SIZES);
		MemoryContext old = MemoryContextSwitchTo(context);

		if (measures_known(schema, field))
			put_field(result, project, schema, field, by);
		MemoryContextSwitchTo(old);
		MemoryContextDelete(context);
	}
	return (Datum) 0;
}
