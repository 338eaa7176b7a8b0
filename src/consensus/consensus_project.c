/*-------------------------------------------------------------------------
 *
 * consensus_project.c
 *	  Resolve a project: from its answers to the best that is known.
 *
 * A thin layer: the methods are those that any query may use, called on the
 * project's own answers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "answer/answer.h"
#include "base/arguments.h"
#include "base/compat.h"
#include "capture/capture.h"
#include "queue/queue.h"
#include "schema/schema.h"

PG_FUNCTION_INFO_V1(tdp_resolve);

/*
 * What the methods read: $1 is the project, $2 the field, $3 the JSON type of
 * its values.  An answer from a time when the field was of another kind says
 * nothing about today's.
 */
#define ANSWERS \
	"SELECT item_id AS item, member_id AS annotator, label FROM tdp.answer " \
	"WHERE project_id = $1::integer AND field = $2 " \
	"AND pg_catalog.jsonb_typeof(value) = $3"

/* Writes labels of statement "resolved", which names its columns. */
#define STORE_LABELS \
	"INSERT INTO tdp.label AS l (item_id, project_id, field, label, value, " \
	"confidence, probabilities, answers, source, method, schema_version) " \
	"SELECT r.item_id, $1, $2, r.label, " \
	"CASE WHEN $4 THEN to_jsonb(r.label) ELSE r.label::jsonb END, " \
	"r.confidence, r.probabilities, r.answers, 'c', $3, $5 FROM resolved r " \
	"ON CONFLICT (item_id, field) DO UPDATE SET label = excluded.label, " \
	"value = excluded.value, confidence = excluded.confidence, " \
	"probabilities = excluded.probabilities, answers = excluded.answers, " \
	"source = 'c', method = excluded.method, " \
	"schema_version = excluded.schema_version, " \
	"labeled_at = CASE WHEN l.label = excluded.label AND l.source = 'c' " \
	"THEN l.labeled_at ELSE excluded.labeled_at END"


/* Does one label out of few stand for a value of this field? */
static bool
is_categorical(const struct SchemaField *field)
{
	switch (schema_field_kind(field))
	{
		case SCHEMA_CHOICE:
		case SCHEMA_BOOLEAN:
		case SCHEMA_RATING:
		case SCHEMA_PREFERENCE:
			return true;
		default:
			return false;
	}
}


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


static ArrayType *
answer_args(const Project *project, const struct SchemaField *field)
{
	Datum		args[3];

	args[0] = CStringGetTextDatum(psprintf("%d", project->id));
	args[1] = CStringGetTextDatum(schema_field_name(field));
	args[2] = CStringGetTextDatum(schema_field_json_type(field));
	return construct_array(args, 3, TEXTOID, -1, false, TYPALIGN_INT);
}


static int64
resolve_by_method(const Project *project, const struct SchemaField *field,
				  const char *method)
{
	ArrayType  *args = answer_args(project, field);
	const char *name = schema_field_name(field);
	bool		string = strcmp(schema_field_json_type(field), "string") == 0;
	int64		items;

	items = storage_exec("WITH best AS (SELECT * FROM tdp.consensus('" ANSWERS "', $3, args => $6)), "
						 "chances AS (SELECT item, jsonb_object_agg(label, probability) AS probabilities "
						 "FROM tdp.posterior('" ANSWERS "', $3, args => $6) GROUP BY item), "
						 "resolved AS (SELECT b.item::bigint AS item_id, b.label, b.confidence, "
						 "c.probabilities, b.annotations AS answers "
						 "FROM best b JOIN chances c USING (item)) " STORE_LABELS,
						 "itt" "biT", project->id, name, method, string,
						 project->schema_version, args).count;
	storage_exec("INSERT INTO tdp.annotator_skill (member_id, field, accuracy, answers) "
				 "SELECT q.annotator::integer, $1, q.accuracy, q.annotations "
				 "FROM tdp.annotator_quality('" ANSWERS "', $2, args => $3) q "
				 "ON CONFLICT (member_id, field) DO UPDATE SET accuracy = excluded.accuracy, "
				 "answers = excluded.answers, resolved_at = excluded.resolved_at",
				 "ttT", name, method, args);
	return items;
}


/* A number: the middle one of the answers, so that it is one of them. */
static int64
resolve_by_median(const Project *project, const struct SchemaField *field)
{
	return storage_exec("WITH resolved AS (SELECT item_id, "
						"percentile_disc(0.5) WITHIN GROUP (ORDER BY label::numeric)::text AS label, "
						"NULL::float8 AS confidence, NULL::jsonb AS probabilities, "
						"count(*)::integer AS answers FROM tdp.answer "
						"WHERE project_id = $1 AND field = $2 AND jsonb_typeof(value) = $6 "
						"GROUP BY item_id) " STORE_LABELS,
						"ittbit", project->id, schema_field_name(field),
						"median", false, project->schema_version,
						schema_field_json_type(field)).count;
}


static void
log_resolution(const Project *project, const struct SchemaField *field,
			   const char *method, const char *why, int64 items)
{
	storage_exec("INSERT INTO tdp.resolution (project_id, field, method, why, items, annotators, annotations) "
				 "SELECT $1, $2, $3, $4, $5, count(DISTINCT member_id), count(*) "
				 "FROM tdp.answer WHERE project_id = $1 AND field = $2 "
				 "AND jsonb_typeof(value) = $6",
				 "itttlt", project->id, schema_field_name(field), method, why,
				 items, schema_field_json_type(field));
}


/* Labels whose answers are all gone are not the consensus of anybody. */
static void
forget_unfounded(const Project *project, const struct SchemaField *field)
{
	storage_exec("DELETE FROM tdp.label l WHERE l.project_id = $1 AND l.field = $2 "
				 "AND l.source = 'c' AND NOT EXISTS (SELECT FROM tdp.answer a "
				 "WHERE a.item_id = l.item_id AND a.project_id = $1 AND a.field = $2 "
				 "AND jsonb_typeof(a.value) = $3)", "itt", project->id,
				 schema_field_name(field), schema_field_json_type(field));
}


/*
 * Completed items that are less sure than wanted get one more slot, in the
 * order in which everybody locks items.
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
						"ORDER BY i.key", "iitf", project->id,
						project->max_overlap, schema_field_name(field), target);
	for (uint64 i = 0; i < rows.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		item_add_slot(row_int64(rows, i, 1), project->max_overlap);
	}
}


static int64
resolve_field(const Project *project, const struct SchemaField *field,
			  const char *given)
{
	const char *name = schema_field_name(field);
	const char *method;
	const char *why;
	int64		items;

	if (given != NULL)
	{
		method = given;
		why = "asked for";
	}
	else if (is_categorical(field))
	{
		method = "auto";
		why = "the default for a field of few labels";
	}
	else if (schema_field_kind(field) == SCHEMA_NUMBER)
	{
		method = "median";
		why = "the default for a number";
	}
	else
	{
		method = "majority";
		why = "the default where only equal answers agree";
	}
	if (strcmp(method, "median") == 0)
	{
		if (schema_field_kind(field) != SCHEMA_NUMBER &&
			schema_field_kind(field) != SCHEMA_RATING)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("field \"%s\" of project \"%s\" has no median",
							name, project->name),
					 errdetail("It is neither a number nor a rating.")));
		items = resolve_by_median(project, field);
	}
	else
		items = resolve_by_method(project, field, method);
	forget_unfounded(project, field);
	log_resolution(project, field, method, why, items);
	if (is_categorical(field))
		ask_again(project, field);
	return items;
}


/* resolve(project, methods, full): see consensus_project.sql. */
Datum
tdp_resolve(PG_FUNCTION_ARGS)
{
	StorageSection section;
	Project    *project;
	Jsonb	   *methods = PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1);
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
								method_given(methods, schema_field_name(field)));
	}
	section_end(&section);
	PG_RETURN_INT64(labels);
}
