/*-------------------------------------------------------------------------
 *
 * attach.c
 *	  Keep a project's triggers on its source, and follow what becomes of
 *	  the project.
 *
 * The triggers are ordinary objects of the source's owner: pg_dump carries
 * them, and DROP EXTENSION ... CASCADE takes them along.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "capture/attach.h"
#include "capture/inbox.h"
#include "capture/source.h"

PG_FUNCTION_INFO_V1(tdp_sync);

/* Transition tables allow one event a trigger. */
static const struct
{
	const char *event;
	const char *tables;
}			triggers[] = {
	{"insert", "REFERENCING NEW TABLE AS tdp_new"},
	{"update", "REFERENCING OLD TABLE AS tdp_old NEW TABLE AS tdp_new"},
	{"delete", "REFERENCING OLD TABLE AS tdp_old"},
	{"truncate", ""}
};


static char *
trigger_name(const Project *project, const char *event)
{
	return psprintf("tdp_%s_%s", project->name, event);
}


/* Runs a command on the source in its owner's name. */
static void
run_as_owner(const Project *project, const char *sql)
{
	StorageSection section;
	int			result;

	owner_begin(&section, project->owner, "pg_catalog, pg_temp");
	result = SPI_execute(sql, false, 0);
	if (result < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
	section_end(&section);
}


void
attach_triggers(const Project *project)
{
	Oid			source = source_require(project);

	for (int i = 0; i < lengthof(triggers); i++)
	{
		char	   *name = trigger_name(project, triggers[i].event);

		if (OidIsValid(get_trigger_oid(source, name, true)))
			continue;
		run_as_owner(project,
					 psprintf("CREATE TRIGGER %s AFTER %s ON %s %s "
							  "FOR EACH STATEMENT EXECUTE FUNCTION tdp.touch(%s)",
							  quote_identifier(name), triggers[i].event,
							  project_source_name(project), triggers[i].tables,
							  quote_literal_cstr(project->name)));
	}
}


void
detach_triggers(const Project *project)
{
	Oid			source = project_source(project);

	/* another's table that bears the source's name is not ours to touch */
	if (!OidIsValid(source) ||
		!table_owner_rights(source, get_role_oid(project->owner, false)))
		return;
	for (int i = 0; i < lengthof(triggers); i++)
	{
		char	   *name = trigger_name(project, triggers[i].event);

		if (!OidIsValid(get_trigger_oid(source, name, true)))
			continue;
		run_as_owner(project,
					 psprintf("DROP TRIGGER %s ON %s",
							  quote_identifier(name),
							  project_source_name(project)));
	}
}


static bool
same(const char *a, const char *b)
{
	return (a == NULL || b == NULL) ? a == b : strcmp(a, b) == 0;
}


/* Are the same columns watched, so that fingerprints can be compared? */
static bool
same_watch(const Project *a, const Project *b)
{
	if (a->watched == NULL || b->watched == NULL)
		return a->watched == b->watched;
	return VARSIZE(a->watched) == VARSIZE(b->watched) &&
		memcmp(a->watched, b->watched, VARSIZE(a->watched)) == 0;
}


static void
forget_fingerprints(const Project *project)
{
	StorageSection section;

	storage_begin(&section, false);
	storage_exec("UPDATE tdp.item SET fingerprint = 0 WHERE project_id = $1",
				 "i", project->id);
	section_end(&section);
}


static void
forget_items(const Project *project)
{
	StorageSection section;

	inbox_clear(project);
	storage_begin(&section, false);
	storage_exec("DELETE FROM tdp.set_aside WHERE project_id = $1",
				 "i", project->id);
	storage_exec("DELETE FROM tdp.item WHERE project_id = $1",
				 "i", project->id);
	section_end(&section);
}


static void
follow_change(const Project *project, const Project *before)
{
	Project		there = *before;	/* the triggers as they are found */
	bool		moved = !same(project->source_name, before->source_name) ||
		!same(project->source_schema, before->source_schema);

	if (!moved)
		there.owner = project->owner;
	if (moved || !same(project->name, before->name))
		detach_triggers(&there);
	source_check_readable(project);
	attach_triggers(project);
	if (!same_watch(project, before))
		forget_fingerprints(project);
	if (moved || !same(project->filter, before->filter) ||
		!same_watch(project, before))
		inbox_add_scan(project);
}


static void
follow_project(ProjectEvent event, const Project *project,
			   const Project *before)
{
	switch (event)
	{
		case PROJECT_CREATED:
			source_check_readable(project);
			attach_triggers(project);
			inbox_add_scan(project);
			reconcile_first(project);
			break;
		case PROJECT_CHANGED:
			follow_change(project, before);
			break;
		case PROJECT_DROPPED:
			detach_triggers(project);
			forget_items(project);
			break;
		case PROJECT_SYNCED:
		case PROJECT_MEMBER_REMOVED:
			break;
	}
}


void
capture_init(void)
{
	project_listen(follow_project);
}


/* sync(project): see capture.sql. */
Datum
tdp_sync(PG_FUNCTION_ARGS)
{
	Project    *project = project_load(argument_required_text(fcinfo, 0, "project"));
	Reconciled	sum = {0};
	TupleDesc	rowtype;
	Datum		values[5];
	bool		nulls[5] = {false};

	project_require(project, ROLES_MANAGE, "bring a project in line with its source");
	project = project_hold(project, true);
	if (get_call_result_type(fcinfo, NULL, &rowtype) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	attach_triggers(project);
	if (source_problem(project) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the source of project \"%s\" cannot be labeled: %s",
						project->name, source_problem(project))));
	reconcile_all(project, &sum);
	project_notify(PROJECT_SYNCED, project, project);

	values[0] = Int64GetDatum(sum.added);
	values[1] = Int64GetDatum(sum.changed);
	values[2] = Int64GetDatum(sum.withdrawn);
	values[3] = Int64GetDatum(sum.returned);
	values[4] = Int64GetDatum(sum.set_aside);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(rowtype),
													  values, nulls)));
}
