/*-------------------------------------------------------------------------
 *
 * answer.c
 *	  Follow what becomes of a project; take answers apart for the views.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "answer/answer.h"
#include "answer/predict.h"
#include "answer/typed_views.h"
#include "base/compat.h"
#include "queue/queue.h"
#include "schema/schema.h"

PG_FUNCTION_INFO_V1(tdp_field_values);
PG_FUNCTION_INFO_V1(tdp_require_member);


static void
forget_answers(const Project *project)
{
	StorageSection section;

	storage_begin(&section, false);

	/* nobody answers an item while we hold it, or once it has gone */
	storage_exec("SELECT count(*) FROM (SELECT FROM tdp.item WHERE project_id = $1 "
				 "ORDER BY key FOR UPDATE) i", "i", project->id);
	storage_exec("DELETE FROM tdp.annotation WHERE project_id = $1", "i", project->id);
	storage_exec("DELETE FROM tdp.prediction WHERE project_id = $1", "i", project->id);
	storage_exec("DELETE FROM tdp.label WHERE project_id = $1", "i", project->id);
	storage_exec("DELETE FROM tdp.resolution WHERE project_id = $1", "i", project->id);
	storage_exec("DELETE FROM tdp.annotator_skill s USING tdp.member m "
				 "WHERE m.member_id = s.member_id AND m.project_id = $1", "i", project->id);
	section_end(&section);
}


static void
follow_change(const Project *project, const Project *before)
{
	Project		there = *before;	/* the views as they are found */
	bool		moved = strcmp(project->name, before->name) != 0 ||
		strcmp(project->views_schema, before->views_schema) != 0;

	if (strcmp(project->owner, before->owner) != 0)
	{
		typed_views_give(before, project->owner);
		there.owner = project->owner;
	}
	if (moved)
		typed_views_drop(&there);
	typed_views_make(project, moved,
					 project->schema_version != before->schema_version);
}


static void
follow_project(ProjectEvent event, const Project *project,
			   const Project *before)
{
	switch (event)
	{
		case PROJECT_CREATED:
			typed_views_make(project, true, true);
			break;
		case PROJECT_CHANGED:
			follow_change(project, before);
			break;
		case PROJECT_SYNCED:
			typed_views_make(project, false, false);
			break;
		case PROJECT_DROPPED:
			typed_views_drop(project);
			typed_views_drop_base(project);
			forget_answers(project);
			break;
		case PROJECT_MEMBER_REMOVED:
			break;
	}
}


void
answer_init(void)
{
	project_listen(follow_project);
	queue_set_prefill(prediction_prefill);
}


/* field_values(value, schema): an answer's fields, see answer.sql. */
Datum
tdp_field_values(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Jsonb	   *answer = PG_GETARG_JSONB_P(0);
	const Schema *schema = schema_argument(fcinfo, 1);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < schema_field_count(schema); i++)
	{
		const struct SchemaField *field = schema_field_at(schema, i);
		Jsonb	   *value = schema_field_value(field, answer);
		Datum		values[3];
		bool		nulls[3] = {false};

		if (value == NULL)
			continue;
		values[0] = CStringGetTextDatum(schema_field_name(field));
		values[1] = CStringGetTextDatum(schema_field_label_text(field, value));
		values[2] = JsonbPGetDatum(value);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}


/* require_member(project): true for members, an error for others. */
Datum
tdp_require_member(PG_FUNCTION_ARGS)
{
	Project    *project = project_load(text_to_cstring(PG_GETARG_TEXT_PP(0)));

	(void) project_require(project, ROLES_READ_ALL | ROLES_ANNOTATE,
						   "read its answers");
	PG_RETURN_BOOL(true);
}
