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


/* Completed items that are less sure than wanted get one more slot. */
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
						"ORDER BY i.key", "iitf", project->id,
						project->max_overlap, schema_field_name(field), target);
	for (uint64 i = 0; i < rows.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		item_add_slot(row_int64(rows, i, 1), project->max_overlap);
	}
}


/* Returns the number of labels. */
static int64
resolve_field(const Project *project, const struct SchemaField *field,
			  const char *given, bool full)
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
		.full = full
	};

	resolver_for(kind) (&run);
	resolution_finish(&run);
	if (resolves_few_labels(kind))
		ask_again(project, field);
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
	int64		labels = 0;

	project = project_load(argument_required_text(fcinfo, 0, "project"));
	project_require(project, ROLES_MANAGE, "resolve its answers");
	schema = schema_from_datum(project->label_schema);
	check_methods(project, schema, methods);

	capture_draw_all_touched(project);
	storage_begin(&section, false);
	for (int i = 0; i < schema_field_count(schema); i++)
	{
		const struct SchemaField *field = schema_field_at(schema, i);

		labels += resolve_field(project, field,
								method_given(methods, schema_field_name(field)),
								full);
	}
	section_end(&section);
	PG_RETURN_INT64(labels);
}
