/*-------------------------------------------------------------------------
 *
 * project.c
 *	  Find a project, and find out what its caller may do.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "base/errors.h"
#include "project/project.h"

PG_FUNCTION_INFO_V1(tdp_my_projects);

#define MAX_LISTENERS 8

static ProjectListener listeners[MAX_LISTENERS];
static int	nlisteners = 0;

static const struct
{
	ProjectRole role;
	const char *word;
}			role_words[] = {
	{ROLE_OWNER, "owner"},
	{ROLE_MANAGER, "manager"},
	{ROLE_REVIEWER, "reviewer"},
	{ROLE_ANNOTATOR, "annotator"},
	{ROLE_VIEWER, "viewer"},
	{ROLE_MACHINE, "machine"}
};

#define PROJECT_COLUMNS \
	"p.project_id, p.name, p.owner, p.source_schema, p.source_name, " \
	"p.key_columns, p.columns, p.filter, p.watched, p.show_schema, " \
	"p.show_name, p.search_path, p.schema_version, v.label_schema, " \
	"p.overlap, p.max_overlap, p.target_confidence, p.lease, " \
	"p.instructions, p.intake, p.prefill, p.visibility, p.views_schema " \
	"FROM tdp.project p JOIN tdp.schema_version v " \
	"ON v.project_id = p.project_id AND v.version = p.schema_version "


void
project_listen(ProjectListener listener)
{
	if (nlisteners == MAX_LISTENERS)
		elog(ERROR, "too many listeners to projects");
	listeners[nlisteners++] = listener;
}


void
project_notify(ProjectEvent event, const Project *project,
			   const Project *before)
{
	/* what is built on top goes first when a project goes */
	for (int i = 0; i < nlisteners; i++)
		listeners[event == PROJECT_DROPPED ? nlisteners - 1 - i : i] (event, project, before);
}


/* A text[] without NULLs as C strings. */
static char **
strings_of(ArrayType *array, int *count)
{
	Datum	   *datums;
	char	  **strings;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
					  &datums, NULL, count);
	strings = palloc_array(char *, *count);
	for (int i = 0; i < *count; i++)
		strings[i] = TextDatumGetCString(datums[i]);
	return strings;
}


static Project *
project_of(Rows rows)
{
	Project    *project = palloc0_object(Project);
	ArrayType  *keys = row_array(rows, 0, 6);

	project->id = row_int32(rows, 0, 1);
	project->name = row_text(rows, 0, 2);
	project->owner = row_text(rows, 0, 3);
	project->source_schema = row_text(rows, 0, 4);
	project->source_name = row_text(rows, 0, 5);
	project->columns = row_array(rows, 0, 7);
	project->filter = row_text(rows, 0, 8);
	project->watched = row_array(rows, 0, 9);
	project->show_schema = row_text(rows, 0, 10);
	project->show_name = row_text(rows, 0, 11);
	project->search_path = row_text(rows, 0, 12);
	project->schema_version = row_int32(rows, 0, 13);
	project->label_schema = PointerGetDatum(row_bytea(rows, 0, 14));
	project->overlap = row_int32(rows, 0, 15);
	project->max_overlap = row_int32(rows, 0, 16);
	project->target_confidence = row_float8(rows, 0, 17);
	project->lease = row_interval(rows, 0, 18);
	project->instructions = row_text(rows, 0, 19);
	project->intake = row_text(rows, 0, 20);
	project->prefill = row_text(rows, 0, 21);
	project->visibility = row_text(rows, 0, 22);
	project->views_schema = row_text(rows, 0, 23);
	project->keys = strings_of(keys, &project->nkeys);
	return project;
}


/* Moves what project_of made inside a section to the caller's context. */
static Project *
load(Rows rows, StorageSection *section, MemoryContext context)
{
	Project    *project = NULL;

	if (rows.count > 0)
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		project = project_of(rows);
		MemoryContextSwitchTo(old);
	}
	section_end(section);
	return project;
}


Project *
project_find(const char *name)
{
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;

	storage_begin(&section, true);
	return load(storage_exec("SELECT " PROJECT_COLUMNS "WHERE p.name = $1",
							 "t", name), &section, context);
}


Project *
project_load(const char *name)
{
	Project    *project = project_find(name);

	if (project == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_TDP_NO_SUCH_PROJECT),
				 errmsg("project \"%s\" does not exist", name),
				 errhint("SELECT project FROM tdp.projects lists yours; tdp.create_project makes one.")));
	return project;
}


Project *
project_load_by_id(int32 id)
{
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;
	Project    *project;

	storage_begin(&section, true);
	project = load(storage_exec("SELECT " PROJECT_COLUMNS
								"WHERE p.project_id = $1", "i", id),
				   &section, context);
	if (project == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_TDP_NO_SUCH_PROJECT),
				 errmsg("project %d does not exist", id)));
	return project;
}


/* Reads a project anew that a statement has locked a row of, or not. */
static Project *
load_locked(const Project *project, bool locked)
{
	if (!locked)
		ereport(ERROR,
				(errcode(ERRCODE_TDP_NO_SUCH_PROJECT),
				 errmsg("project \"%s\" does not exist any more",
						project->name)));
	return project_load_by_id(project->id);
}


Project *
project_hold(const Project *project, bool wait)
{
	StorageSection section;
	bool		locked;

	storage_begin(&section, true);
	if (wait)
		locked = storage_exec("SELECT 1 FROM tdp.project WHERE project_id = $1 "
							  "FOR SHARE", "i", project->id).count > 0;
	else
		locked = storage_exec("SELECT 1 FROM tdp.project WHERE project_id = $1 "
							  "FOR SHARE SKIP LOCKED", "i", project->id).count > 0;
	section_end(&section);
	return locked || wait ? load_locked(project, locked) : NULL;
}


Project *
project_lock(const Project *project)
{
	StorageSection section;
	bool		locked;

	storage_begin(&section, true);
	locked = storage_exec("SELECT 1 FROM tdp.project WHERE project_id = $1 "
						  "FOR UPDATE", "i", project->id).count > 0;
	section_end(&section);
	return load_locked(project, locked);
}


const char *
role_word(ProjectRole role)
{
	for (int i = 0; i < lengthof(role_words); i++)
		if (role_words[i].role == role)
			return role_words[i].word;
	return "";
}


ProjectRole
role_from_word(const char *word)
{
	for (int i = 0; i < lengthof(role_words); i++)
		if (strcmp(role_words[i].word, word) == 0)
			return role_words[i].role;
	return 0;
}


/* Does the caller have the rights of the project's owner? */
static bool
has_owners_rights(Oid caller, const char *owner)
{
	Oid			role = get_role_oid(owner, true);

	/* an owner who is gone leaves the project to the superuser */
	return OidIsValid(role) ? has_privs_of_role(caller, role)
		: superuser_arg(caller);
}


static Member *
member_of(Rows rows, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	Member	   *member = palloc_object(Member);

	member->id = row_int32(rows, 0, 1);
	member->name = row_text(rows, 0, 2);
	member->role = role_from_word(row_text(rows, 0, 3));
	member->has_login = row_bool(rows, 0, 4);
	member->active = row_bool(rows, 0, 5);
	MemoryContextSwitchTo(old);
	return member;
}


Member *
project_me(const Project *project)
{
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;
	Oid			caller = caller_role();
	char	   *login = role_name(caller);
	Member	   *me = NULL;
	Rows		rows;

	storage_begin(&section, true);
	rows = storage_exec("SELECT member_id, name, role, login IS NOT NULL, "
						"active FROM tdp.member "
						"WHERE login = $1 AND project_id = $2 AND active",
						"ti", login, project->id);
	if (rows.count > 0)
		me = member_of(rows, context);
	section_end(&section);

	if (has_owners_rights(caller, project->owner))
	{
		if (me == NULL)
		{
			me = palloc0_object(Member);
			me->name = login;
		}
		me->role = ROLE_OWNER;
	}
	return me;
}


static void
report_stranger(const Project *project, const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_TDP_NO_SUCH_MEMBER),
			 errmsg("\"%s\" is not a member of project \"%s\"",
					name, project->name),
			 errhint("A manager can add a member: SELECT tdp.add_member(%s, ...).",
					 quote_literal_cstr(project->name))));
}


Member *
project_require(const Project *project, int roles, const char *what)
{
	Member	   *me = project_me(project);
	StringInfoData words;

	if (me == NULL)
		report_stranger(project, role_name(caller_role()));
	if (me->role & roles)
		return me;

	initStringInfo(&words);
	for (int i = 0; i < lengthof(role_words); i++)
		if (roles & role_words[i].role)
			appendStringInfo(&words, "%s%s", words.len > 0 ? " or " : "",
							 role_words[i].word);
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied for project \"%s\"", project->name),
			 errdetail("One must be %s to %s; \"%s\" is %s.",
					   words.data, what, me->name, role_word(me->role))));
	return NULL;
}


Member *
project_member(const Project *project, const char *name)
{
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;
	Member	   *member = NULL;
	Rows		rows;

	storage_begin(&section, true);
	rows = storage_exec("SELECT member_id, name, role, login IS NOT NULL, "
						"active FROM tdp.member "
						"WHERE project_id = $1 AND name = $2",
						"it", project->id, name);
	if (rows.count > 0)
		member = member_of(rows, context);
	section_end(&section);
	return member;
}


Member *
project_annotator(const Project *project, const char *name)
{
	Member	   *me = project_me(project);
	Member	   *member = me;

	if (me == NULL)
		report_stranger(project, role_name(caller_role()));
	if (name != NULL && (me->id == 0 || strcmp(name, me->name) != 0))
	{
		if (!(me->role & ROLES_MANAGE))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("only managers of project \"%s\" may act for annotator \"%s\"",
							project->name, name)));
		member = project_member(project, name);
		if (member == NULL || !member->active)
			report_stranger(project, name);
		if (member->has_login)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("annotator \"%s\" of project \"%s\" has a database role, and only that may act for them",
							name, project->name)));
	}
	if (member->id == 0)
		report_stranger(project, member->name);
	if (!(member->role & ROLES_ANNOTATE))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("\"%s\" may not annotate in project \"%s\"",
						member->name, project->name),
				 errdetail("The role %s only reads.",
						   role_word(member->role))));
	return member;
}


Oid
project_source(const Project *project)
{
	Oid			namespace = get_namespace_oid(project->source_schema, true);

	return OidIsValid(namespace)
		? get_relname_relid(project->source_name, namespace) : InvalidOid;
}


char *
project_source_name(const Project *project)
{
	return quote_qualified_identifier(project->source_schema,
									  project->source_name);
}


char *
project_shown_name(const Project *project)
{
	return project->show_name == NULL ? project_source_name(project)
		: quote_qualified_identifier(project->show_schema,
									 project->show_name);
}


/*
 * my_projects() returns project_id, member_id, role and name of each project
 * in which the caller has a part; the views join it to show each their own.
 */
Datum
tdp_my_projects(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	StorageSection section;
	Oid			caller = caller_role();
	char	   *login = role_name(caller);
	Rows		rows;

	InitMaterializedSRF(fcinfo, 0);
	storage_begin(&section, false);
	rows = storage_exec("SELECT p.project_id, p.owner, m.member_id, m.role, "
						"m.name FROM tdp.project p LEFT JOIN tdp.member m "
						"ON m.project_id = p.project_id AND m.login = $1 "
						"AND m.active", "t", login);
	for (uint64 i = 0; i < rows.count; i++)
	{
		bool		owns = has_owners_rights(caller, row_text(rows, i, 2));
		bool		is_member = !row_null(rows, i, 3);
		Datum		values[4];
		bool		nulls[4] = {false};

		if (!owns && !is_member)
			continue;
		values[0] = Int32GetDatum(row_int32(rows, i, 1));
		values[1] = Int32GetDatum(row_int32(rows, i, 3));
		nulls[1] = !is_member;
		values[2] = CStringGetTextDatum(owns ? "owner" : row_text(rows, i, 4));
		values[3] = CStringGetTextDatum(is_member ? row_text(rows, i, 5) : login);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	section_end(&section);
	return (Datum) 0;
}
