/*-------------------------------------------------------------------------
 *
 * consensus_project.c
 *	  Resolve a project: from its answers to the best that is known.
 *
 * Each field is resolved by the function that its kind has; see resolve.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "capture/capture.h"
#include "consensus/resolve.h"
#include "queue/queue.h"
#include "schema/schema.h"

PG_FUNCTION_INFO_V1(tdp_resolve);


/* The method that the argument "methods" names for a field; else NULL. */
static char *
method_given(Jsonb *methods, const char *field)
{
	JsonbValue	value;

	if (methods == NULL ||
		getKeyJsonValueFromContainer(&methods->root, field, strlen(field),
									 &value) == NULL)
		return NULL;
	if (value.type != jbvString)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the method of field \"%s\" in argument \"methods\" must be a string",
						field)));
	return pnstrdup(value.val.string.val, value.val.string.len);
}


/* Every key of "methods" must be a field of the project. */
static void
check_methods(const Project *project, const Schema *schema, Jsonb *methods)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	key;

	if (methods == NULL)
		return;
	if (!JB_ROOT_IS_OBJECT(methods))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"methods\" must be a JSON object of fields and methods")));
	iterator = JsonbIteratorInit(&methods->root);
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		char	   *name;

		if (token != WJB_KEY)
			continue;
		name = pnstrdup(key.val.string.val, key.val.string.len);
		if (schema_field_named(schema, name) == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("project \"%s\" has no field \"%s\"",
							project->name, name),
					 errdetail("The argument \"methods\" names it.")));
	}
}


/*
 * Completed items that are less sure than wanted get one more slot, those
 * that are least sure first.
 */
static void
ask_again(const Project *project, const struct SchemaField *field)
{
	double		target = project->target_confidence;
	Rows		rows;

	(void) schema_field_target_confidence(field, &target);
	if (target <= 0 || project->max_overlap <= project->overlap)
		return;
	rows = storage_exec("SELECT i.item_id FROM tdp.item i JOIN tdp.label l ON l.item_id = i.item_id "
						"WHERE i.project_id = $1 AND i.state = 'c' AND i.slots < $2 "
						"AND l.field = $3 AND l.source = 'c' AND l.confidence < $4 "
						"ORDER BY l.confidence, i.key", "iitf", project->id,
						project->max_overlap, schema_field_name(field), target);
	for (uint64 i = 0; i < rows.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		item_add_slot(row_int64(rows, i, 1), project->max_overlap);
	}
}


/*
 * Items with answers that no run has looked at, and the version of each row
 * that said so.  The mark is set by the statement that takes the answer: what
 * is marked in a snapshot has its answer in all later ones, and whoever
 * answers while we work makes another version, which keeps its mark.
 */
typedef struct Touched
{
	ArrayType  *items;			/* bigint[] */
	ArrayType  *versions;		/* bigint[] */
} Touched;


static Touched
find_touched(const Project *project)
{
	Rows		rows = storage_exec("SELECT coalesce(array_agg(item_id ORDER BY item_id), '{}'), "
									"coalesce(array_agg(xmin::text::bigint ORDER BY item_id), '{}') "
									"FROM tdp.item WHERE project_id = $1 AND unresolved",
									"i", project->id);
	Touched		touched;

	touched.items = row_array(rows, 0, 1);
	touched.versions = row_array(rows, 0, 2);
	return touched;
}


/* Neither waits for those who hold an item nor takes their mark away. */
static void
clear_touched(const Touched *touched)
{
	storage_exec("UPDATE tdp.item i SET unresolved = false FROM ("
				 "SELECT k.item_id FROM unnest($1, $2) AS t (item_id, version) "
				 "JOIN tdp.item k ON k.item_id = t.item_id "
				 "WHERE k.unresolved AND k.xmin::text::bigint = t.version "
				 "ORDER BY k.item_id FOR NO KEY UPDATE OF k SKIP LOCKED) s "
				 "WHERE i.item_id = s.item_id", "LL", touched->items,
				 touched->versions);
}


/* Returns the number of labels. */
static int64
resolve_field(const Project *project, const struct SchemaField *field,
			  const char *given, bool full, ArrayType *touched)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "tdp resolve",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(context);
	SchemaKind	kind = schema_field_kind(field);
	Resolution	run = {
		.project = project,
		.field = field,
		.name = schema_field_name(field),
		.type = schema_field_json_type(field),
		.given = given,
		.full = full,
		.touched = touched
	};

	resolver_for(kind) (&run);
	resolution_finish(&run);
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(context);
	return run.items;
}


/* resolve(project, methods, full): see consensus_project.sql. */
Datum
tdp_resolve(PG_FUNCTION_ARGS)
{
	StorageSection section;
	Project    *project;
	Jsonb	   *methods = PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1);
	bool		full = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
	const Schema *schema;
	Touched		touched;
	int64		labels = 0;

	project = project_load(argument_required_text(fcinfo, 0, "project"));
	project_require(project, ROLES_MANAGE, "resolve its answers");
	schema = schema_from_datum(project->label_schema);
	check_methods(project, schema, methods);

	capture_draw_all_touched(project);
	storage_begin(&section, false);
	touched = find_touched(project);
	for (int i = 0; i < schema_field_count(schema); i++)
	{
		const struct SchemaField *field = schema_field_at(schema, i);

		labels += resolve_field(project, field,
								method_given(methods, schema_field_name(field)),
								full, touched.items);
	}
	clear_touched(&touched);
	for (int i = 0; i < schema_field_count(schema); i++)
		if (resolves_few_labels(schema_field_kind(schema_field_at(schema, i))))
			ask_again(project, schema_field_at(schema, i));
	section_end(&section);
	PG_RETURN_INT64(labels);
}
