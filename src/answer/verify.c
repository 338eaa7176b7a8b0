/*-------------------------------------------------------------------------
 *
 * verify.c
 *	  Look for what should never be: broken invariants of a project.
 *
 * No foreign keys stand on the hot path (each would lock the project's row),
 * so this is what an administrator can run any day.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "capture/capture.h"
#include "project/project.h"

PG_FUNCTION_INFO_V1(tdp_verify);

/* Each gives rule, item and detail of what breaks it in project $1. */
static const char *const rules[] = {
	"SELECT 'free slots are those that nobody holds', i.key, "
	"format('%s free of %s, %s held', i.free, i.slots, t.held) "
	"FROM tdp.item i, LATERAL (SELECT count(slot) AS held FROM tdp.task WHERE item_id = i.item_id) t "
	"WHERE i.project_id = $1 AND i.free <> CASE WHEN i.state = 'w' THEN 0 ELSE greatest(i.slots - t.held, 0) END",

	"SELECT 'no more answers and leases than slots', i.key, "
	"format('%s held of %s', t.held, i.slots) "
	"FROM tdp.item i, LATERAL (SELECT count(slot) AS held FROM tdp.task WHERE item_id = i.item_id) t "
	"WHERE i.project_id = $1 AND t.held > i.slots",

	"SELECT 'an item is completed when all its slots are answered', i.key, "
	"format('state %s, %s of %s answered', i.state, t.answered, i.slots) "
	"FROM tdp.item i, LATERAL (SELECT count(*) FILTER (WHERE state = 's') AS answered FROM tdp.task WHERE item_id = i.item_id) t "
	"WHERE i.project_id = $1 AND i.state <> 'w' AND (i.state = 'c') <> (t.answered >= i.slots)",

	"SELECT 'a leased task has a lease', i.key, format('task %s', t.task_id) "
	"FROM tdp.item i JOIN tdp.task t USING (item_id) "
	"WHERE i.project_id = $1 AND t.state = 'l' AND NOT EXISTS (SELECT FROM tdp.lease l WHERE l.task_id = t.task_id)",

	"SELECT 'a lease has a leased task', i.key, format('task %s', l.task_id) "
	"FROM tdp.lease l LEFT JOIN tdp.item i USING (item_id) LEFT JOIN tdp.task t ON t.task_id = l.task_id "
	"WHERE l.project_id = $1 AND (i.item_id IS NULL OR i.project_id <> $1 OR t.state IS DISTINCT FROM 'l' "
	"OR t.item_id <> l.item_id OR t.member_id <> l.member_id)",

	"SELECT 'an answered task has an annotation', i.key, format('task %s', t.task_id) "
	"FROM tdp.item i JOIN tdp.task t USING (item_id) "
	"WHERE i.project_id = $1 AND t.state IN ('s', 'e') AND NOT EXISTS (SELECT FROM tdp.annotation a WHERE a.task_id = t.task_id)",

	"SELECT 'an annotation answers a task of its item and member', i.key, format('annotation %s', a.annotation_id) "
	"FROM tdp.annotation a LEFT JOIN tdp.item i USING (item_id) LEFT JOIN tdp.task t ON t.task_id = a.task_id "
	"WHERE a.project_id = $1 AND (i.item_id IS NULL OR i.project_id <> $1 OR t.state IS NULL "
	"OR t.state NOT IN ('s', 'e') OR t.item_id <> a.item_id OR t.member_id <> a.member_id)",

	"SELECT 'an annotation was made under a version of the label schema', i.key, format('annotation %s', a.annotation_id) "
	"FROM tdp.annotation a LEFT JOIN tdp.item i USING (item_id) WHERE a.project_id = $1 "
	"AND NOT EXISTS (SELECT FROM tdp.schema_version v WHERE v.project_id = $1 AND v.version = a.schema_version)",

	"SELECT 'a withdrawn item is held by nobody', i.key, format('task %s', t.task_id) "
	"FROM tdp.item i JOIN tdp.task t USING (item_id) "
	"WHERE i.project_id = $1 AND i.state = 'w' AND t.state = 'l'",

	"SELECT 'a task is a member''s of the project', i.key, format('task %s', t.task_id) "
	"FROM tdp.item i JOIN tdp.task t USING (item_id) "
	"WHERE i.project_id = $1 AND NOT EXISTS (SELECT FROM tdp.member m WHERE m.member_id = t.member_id AND m.project_id = $1)",

	"SELECT 'a task is of an item', NULL, format('task %s', t.task_id) "
	"FROM tdp.member m JOIN tdp.task t USING (member_id) WHERE m.project_id = $1 "
	"AND NOT EXISTS (SELECT FROM tdp.item i WHERE i.item_id = t.item_id AND i.project_id = $1)",

	"SELECT 'a prediction is of an item', NULL, format('prediction %s', p.prediction_id) "
	"FROM tdp.prediction p WHERE p.project_id = $1 "
	"AND NOT EXISTS (SELECT FROM tdp.item i WHERE i.item_id = p.item_id AND i.project_id = $1)",

	"SELECT 'a label is of an item', NULL, format('item %s, field %s', l.item_id, l.field) "
	"FROM tdp.label l WHERE l.project_id = $1 "
	"AND NOT EXISTS (SELECT FROM tdp.item i WHERE i.item_id = l.item_id AND i.project_id = $1)",

	"SELECT 'numbers still to come are above those given', NULL, "
	"format('sequence %s is behind', s.name) FROM (VALUES "
	"('tdp.item_id_seq', (SELECT max(item_id) FROM tdp.item), (SELECT last_value FROM tdp.item_id_seq)), "
	"('tdp.item_seq', (SELECT max(seq) FROM tdp.item), (SELECT last_value FROM tdp.item_seq)), "
	"('tdp.task_id_seq', (SELECT max(task_id) FROM tdp.task), (SELECT last_value FROM tdp.task_id_seq)), "
	"('tdp.annotation_id_seq', (SELECT max(annotation_id) FROM tdp.annotation), (SELECT last_value FROM tdp.annotation_id_seq)), "
	"('tdp.prediction_id_seq', (SELECT max(prediction_id) FROM tdp.prediction), (SELECT last_value FROM tdp.prediction_id_seq))) "
	"AS s (name, given, last) WHERE s.given > s.last AND $1 > 0"
};


/* verify(project): see answer.sql. */
Datum
tdp_verify(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Project    *project = project_load(argument_required_text(fcinfo, 0, "project"));
	StorageSection section;

	project_require(project, ROLES_MANAGE, "verify a project");
	InitMaterializedSRF(fcinfo, 0);
	if (source_problem(project) != NULL)
	{
		Datum		values[3];
		bool		nulls[3] = {false, true, false};

		values[0] = CStringGetTextDatum("the source is there, with its key");
		values[1] = (Datum) 0;
		values[2] = CStringGetTextDatum(source_problem(project));
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	storage_begin(&section, false);
	for (int rule = 0; rule < lengthof(rules); rule++)
	{
		Rows		rows = storage_exec(rules[rule], "i", project->id);

		for (uint64 i = 0; i < rows.count; i++)
		{
			Datum		values[3];
			bool		nulls[3] = {false, row_null(rows, i, 2), false};

			values[0] = CStringGetTextDatum(row_text(rows, i, 1));
			values[1] = nulls[1] ? (Datum) 0
				: CStringGetTextDatum(row_text(rows, i, 2));
			values[2] = CStringGetTextDatum(row_text(rows, i, 3));
			tuplestore_putvalues(result->setResult, result->setDesc,
								 values, nulls);
		}
	}
	section_end(&section);
	return (Datum) 0;
}
