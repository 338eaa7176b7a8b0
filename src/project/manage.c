/*-------------------------------------------------------------------------
 *
 * manage.c
 *	  Make, change and drop projects, and say who takes part in them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "base/errors.h"
#include "base/keytext.h"
#include "base/options.h"
#include "project/project.h"
#include "project/spec.h"
#include "schema/schema.h"

PG_FUNCTION_INFO_V1(tdp_create_project);
PG_FUNCTION_INFO_V1(tdp_alter_project);
PG_FUNCTION_INFO_V1(tdp_project_settings);
PG_FUNCTION_INFO_V1(tdp_drop_project);
PG_FUNCTION_INFO_V1(tdp_add_member);
PG_FUNCTION_INFO_V1(tdp_remove_member);


/* The key's columns as text[]. */
static ArrayType *
keys_array(const Project *project)
{
	Datum	   *names = palloc_array(Datum, project->nkeys);

	for (int i = 0; i < project->nkeys; i++)
		names[i] = CStringGetTextDatum(project->keys[i]);
	return construct_array(names, project->nkeys, TEXTOID, -1, false,
						   TYPALIGN_INT);
}


/* The type tdp.label_schema. */
static Oid
label_schema_type(void)
{
	return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
						   CStringGetDatum("label_schema"),
						   ObjectIdGetDatum(get_namespace_oid("tdp", false)));
}


/*
 * There is a project of this name: an error, or a NOTICE for those who said
 * that they do not mind.  Only to its members it says what it is about.
 */
static void
report_exists(const char *name, bool mind)
{
	Project    *other = project_find(name);

	if (!mind)
		ereport(NOTICE,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("project \"%s\" exists already, skipping", name)));
	else
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("project \"%s\" exists already", name),
				 other != NULL && project_me(other) != NULL
				 ? errdetail("It labels %s.", project_source_name(other)) : 0,
				 errhint("Choose another name, or change that one with tdp.alter_project.")));
}


/* False when somebody else has just made a project of that name. */
static bool
insert_project(Project *project)
{
	StorageSection section;
	const double *target = project->target_confidence > 0
		? &project->target_confidence : NULL;
	char	   *creator = role_name(caller_role());
	Rows		rows;

	storage_begin(&section, false);
	rows = storage_exec("INSERT INTO tdp.project (name, owner, source_schema, "
						"source_name, key_columns, columns, filter, watched, "
						"show_schema, show_name, search_path, schema_version, "
						"overlap, max_overlap, target_confidence, lease, "
						"instructions, intake, prefill, visibility, views_schema) "
						"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, "
						"$12, $13, $14, $15, $16, $17, $18, $19, $20) "
						"ON CONFLICT (name) DO NOTHING RETURNING project_id",
						"ttttTTtTtttiiDvttttt",
						project->name, project->owner, project->source_schema,
						project->source_name, keys_array(project),
						project->columns, project->filter, project->watched,
						project->show_schema, project->show_name,
						project->search_path, project->overlap,
						project->max_overlap, target, project->lease,
						project->instructions, project->intake,
						project->prefill, project->visibility,
						project->views_schema);
	if (rows.count == 0)
	{
		section_end(&section);
		return false;
	}
	project->id = row_int32(rows, 0, 1);
	project->schema_version = 1;

	/*
	 * by text, not by a kept plan: the type's Oid is another after DROP
	 * EXTENSION
	 */
	storage_exec_text("INSERT INTO tdp.schema_version (project_id, version, label_schema) "
					  "VALUES ($1, 1, $2)", "iV",
					  project->id, label_schema_type(),
					  DatumGetPointer(project->label_schema));
	storage_exec("INSERT INTO tdp.member (project_id, name, role, login) "
				 "VALUES ($1, $2, 'owner', $2)", "it", project->id, creator);
	section_end(&section);
	return true;
}


/* create_project(name, source, label_schema, ...): see project.sql. */
Datum
tdp_create_project(PG_FUNCTION_ARGS)
{
	Project    *project = palloc0_object(Project);
	Oid			source;
	bool		mind = PG_ARGISNULL(12) || !PG_GETARG_BOOL(12);

	project->name = argument_required_text(fcinfo, 0, "name");
	argument_refuse_null(fcinfo, 1, "source");
	source = PG_GETARG_OID(1);
	argument_refuse_null(fcinfo, 2, "label_schema");
	project->label_schema = PointerGetDatum(PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(2)));
	argument_refuse_null(fcinfo, 6, "overlap");
	argument_refuse_null(fcinfo, 9, "lease");
	if (project_find(project->name) != NULL)
	{
		report_exists(project->name, mind);
		PG_RETURN_TEXT_P(cstring_to_text(project->name));
	}

	if (!PG_ARGISNULL(3))
	{
		ArrayType  *key = PG_GETARG_ARRAYTYPE_P(3);
		Datum	   *names;
		bool	   *nulls;

		deconstruct_array(key, TEXTOID, -1, false, TYPALIGN_INT,
						  &names, &nulls, &project->nkeys);
		if (project->nkeys == 0 || ARR_HASNULL(key))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("argument \"key\" must name columns"),
					 errhint("Leave it out to use the primary key.")));
		project->keys = palloc_array(char *, project->nkeys);
		for (int i = 0; i < project->nkeys; i++)
			project->keys[i] = TextDatumGetCString(names[i]);
	}
	project->columns = PG_ARGISNULL(4) ? NULL : PG_GETARG_ARRAYTYPE_P(4);
	project->filter = argument_text(fcinfo, 5);
	project->overlap = PG_GETARG_INT32(6);
	project->max_overlap = PG_ARGISNULL(7) ? project->overlap
		: PG_GETARG_INT32(7);
	if (!PG_ARGISNULL(8))
		project->target_confidence = PG_GETARG_FLOAT8(8) == 0 ? -1
			: PG_GETARG_FLOAT8(8);
	project->lease = PG_GETARG_INTERVAL_P(9);
	project->instructions = argument_text(fcinfo, 10);
	project->search_path = pstrdup(GetConfigOption("search_path", false, false));
	spec_read_settings(project, PG_ARGISNULL(11) ? NULL : PG_GETARG_JSONB_P(11));
	spec_check(project, source, true);

	if (insert_project(project))
	{
		CommandCounterIncrement();
		project_notify(PROJECT_CREATED, project, NULL);
	}
	else
		report_exists(project->name, mind);
	PG_RETURN_TEXT_P(cstring_to_text(project->name));
}


static void
update_project(const Project *project, bool new_schema)
{
	StorageSection section;
	const double *target = project->target_confidence > 0
		? &project->target_confidence : NULL;

	storage_begin(&section, false);
	if (new_schema)
		storage_exec_text("INSERT INTO tdp.schema_version (project_id, version, label_schema) "
						  "VALUES ($1, $2, $3)", "iiV", project->id,
						  project->schema_version, label_schema_type(),
						  DatumGetPointer(project->label_schema));
	storage_exec("UPDATE tdp.project SET name = $2, owner = $3, "
				 "source_schema = $4, source_name = $5, columns = $6, "
				 "filter = $7, watched = $8, show_schema = $9, show_name = $10, "
				 "search_path = $11, schema_version = $12, overlap = $13, "
				 "max_overlap = $14, target_confidence = $15, lease = $16, "
				 "instructions = $17, intake = $18, prefill = $19, "
				 "visibility = $20, views_schema = $21 WHERE project_id = $1",
				 "itttt" "TtTtttiiiDvttttt",
				 project->id, project->name, project->owner,
				 project->source_schema, project->source_name,
				 project->columns, project->filter, project->watched,
				 project->show_schema, project->show_name,
				 project->search_path, project->schema_version,
				 project->overlap, project->max_overlap, target,
				 project->lease, project->instructions, project->intake,
				 project->prefill, project->visibility, project->views_schema);
	section_end(&section);
}


static bool
same_schema(const Project *a, const Project *b)
{
	StorageSection section;
	bool		same;

	storage_begin(&section, false);
	same = row_bool(storage_exec_text("SELECT $1::text = $2::text", "VV",
									  label_schema_type(),
									  DatumGetPointer(a->label_schema),
									  label_schema_type(),
									  DatumGetPointer(b->label_schema)), 0, 1);
	section_end(&section);
	return same;
}


/*
 * The ids of labels go on from all earlier versions, so that a number never
 * comes to mean another label.
 */
static void
inherit_label_ids(Project *project)
{
	MemoryContext context = CurrentMemoryContext;
	StorageSection section;
	Rows		rows;
	Datum	   *older;
	int			nolder;

	storage_begin(&section, false);
	rows = storage_exec("SELECT label_schema FROM tdp.schema_version "
						"WHERE project_id = $1 ORDER BY version", "i",
						project->id);
	nolder = rows.count;
	older = MemoryContextAlloc(context, sizeof(Datum) * (nolder + 1));
	for (int i = 0; i < nolder; i++)
		older[i] = PointerGetDatum(row_bytea(rows, i, 1));
	section_end(&section);
	project->label_schema = schema_succeed(project->label_schema, older,
										   nolder);
	pfree(older);
}


static bool
same_text(const char *a, const char *b)
{
	return (a == NULL || b == NULL) ? a == b : strcmp(a, b) == 0;
}


static bool
same_array(ArrayType *a, ArrayType *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}


/*
 * What runs as the project's owner, and what others get to see of the
 * source, is the owner's to say; a manager may change the rest.
 */
static bool
changes_what_owner_runs(const Project *project, const Project *before,
						Oid source)
{
	return source != project_source(before) ||
		!same_text(project->name, before->name) ||
		!same_text(project->owner, before->owner) ||
		!same_text(project->filter, before->filter) ||
		!same_array(project->columns, before->columns) ||
		!same_text(project->show_name, before->show_name) ||
		!same_text(project->show_schema, before->show_schema) ||
		!same_text(project->views_schema, before->views_schema);
}


/* alter_project(project, settings): see project.sql. */
Datum
tdp_alter_project(PG_FUNCTION_ARGS)
{
	Project    *before = project_load(argument_required_text(fcinfo, 0, "project"));
	Project    *project;
	Oid			source;
	bool		owners_rights;
	bool		new_schema;

	project_require(before, ROLES_MANAGE, "change a project");
	argument_refuse_null(fcinfo, 1, "settings");
	before = project_lock(before);
	project = project_load_by_id(before->id);
	source = project_source(before);
	spec_read_changes(project, PG_GETARG_JSONB_P(1), &source);
	if (!OidIsValid(source))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table %s, the source of project \"%s\", does not exist",
						project_source_name(before), before->name),
				 errhint("Name the table it is now: SELECT tdp.alter_project(%s, '{\"source\": \"...\"}').",
						 quote_literal_cstr(before->name))));
	if (!same_text(project->name, before->name) &&
		project_find(project->name) != NULL)
		report_exists(project->name, true);
	owners_rights = changes_what_owner_runs(project, before, source);
	if (owners_rights)
	{
		project_require(before, ROLE_OWNER, "change what is read as its owner");
		project->search_path = pstrdup(GetConfigOption("search_path", false, false));
	}

	/*
	 * Being the project's owner is not enough: who names a source, or what is
	 * run with its owner's rights, must have these rights.
	 */
	spec_check(project, source, owners_rights);
	new_schema = !same_schema(project, before);
	if (new_schema)
	{
		inherit_label_ids(project);
		new_schema = !same_schema(project, before);
	}
	if (new_schema)
		project->schema_version++;

	update_project(project, new_schema);
	CommandCounterIncrement();
	project_notify(PROJECT_CHANGED, project, before);
	PG_RETURN_VOID();
}


/*
 * project_settings(project) returns the arguments that would make it again,
 * in the form that alter_project takes.
 */
Datum
tdp_project_settings(PG_FUNCTION_ARGS)
{
	Project    *project = project_load(argument_required_text(fcinfo, 0, "project"));
	StorageSection section;
	Jsonb	   *settings;
	int			level = keytext_begin();

	project_require(project, ROLES_READ_ALL | ROLE_ANNOTATOR | ROLE_MACHINE,
					"see a project's settings");
	storage_begin(&section, true);
	settings = row_jsonb(storage_exec("SELECT jsonb_build_object('name', p.name, "
									  "'source', format('%I.%I', p.source_schema, p.source_name), "
									  "'label_schema', v.label_schema::jsonb, 'key', to_jsonb(p.key_columns), "
									  "'columns', to_jsonb(p.columns), 'filter', p.filter, "
									  "'overlap', p.overlap, 'max_overlap', p.max_overlap, "
									  "'target_confidence', p.target_confidence, 'lease', p.lease::text, "
									  "'instructions', p.instructions, 'settings', jsonb_build_object("
									  "'show', CASE WHEN p.show_name IS NOT NULL THEN format('%I.%I', p.show_schema, p.show_name) END, "
									  "'intake', p.intake, 'prefill', p.prefill, "
									  "'visibility', p.visibility, 'views_schema', p.views_schema)) "
									  "FROM tdp.project p JOIN tdp.schema_version v "
									  "ON v.project_id = p.project_id AND v.version = p.schema_version "
									  "WHERE p.project_id = $1", "i", project->id),
						 0, 1);
	section_end(&section);
	keytext_end(level);
	PG_RETURN_JSONB_P(settings);
}


/* drop_project(project): the project and all that was said in it. */
Datum
tdp_drop_project(PG_FUNCTION_ARGS)
{
	Project    *project = project_load(argument_required_text(fcinfo, 0, "project"));
	StorageSection section;

	project_require(project, ROLE_OWNER, "drop a project");
	project = project_lock(project);
	project_notify(PROJECT_DROPPED, project, NULL);
	storage_begin(&section, false);
	storage_exec("DELETE FROM tdp.member WHERE project_id = $1", "i",
				 project->id);
	storage_exec("DELETE FROM tdp.schema_version WHERE project_id = $1", "i",
				 project->id);
	storage_exec("DELETE FROM tdp.project WHERE project_id = $1", "i",
				 project->id);
	section_end(&section);
	PG_RETURN_VOID();
}


/* The name of the role that is to log in as a member; NULL: none. */
static char *
login_of(FunctionCallInfo fcinfo, int number, const Project *project,
		 const char *member)
{
	StorageSection section;
	char	   *login;
	char	   *other = NULL;
	Rows		rows;

	if (PG_ARGISNULL(number))
		return NULL;
	login = role_name(PG_GETARG_OID(number));
	storage_begin(&section, true);
	rows = storage_exec("SELECT name FROM tdp.member WHERE login = $1 "
						"AND project_id = $2 AND active AND name <> $3", "tit",
						login, project->id, member);
	if (rows.count > 0)
		other = row_text(rows, 0, 1);
	section_end(&section);
	if (other != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("role \"%s\" acts for member \"%s\" of project \"%s\" already",
						login, other, project->name)));
	return login;
}


/* A project keeps an owner among its members. */
static void
keep_an_owner(const Project *project, const Member *member)
{
	StorageSection section;
	bool		last;

	if (member == NULL || member->role != ROLE_OWNER)
		return;
	storage_begin(&section, true);
	last = storage_exec("SELECT 1 FROM tdp.member WHERE project_id = $1 "
						"AND role = 'owner' AND active AND member_id <> $2",
						"ii", project->id, member->id).count == 0;
	section_end(&section);
	if (last)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("\"%s\" is the only owner of project \"%s\"",
						member->name, project->name),
				 errhint("Make another member owner first.")));
}


/* What is not given is not kept, so say what was lost. */
static void
note_change(const Project *project, const Member *member, ProjectRole role,
			const char *login)
{
	if (member == NULL || !member->active ||
		(member->role == role && !(member->has_login && login == NULL)))
		return;
	ereport(NOTICE,
			(errmsg("member \"%s\" of project \"%s\" was %s%s and is now %s%s",
					member->name, project->name, role_word(member->role),
					member->has_login ? " with a login" : "",
					role_word(role), login ? " with a login" : "")));
}


/* add_member(project, member, role, login, settings): see project.sql. */
Datum
tdp_add_member(PG_FUNCTION_ARGS)
{
	Project    *project = project_load(argument_required_text(fcinfo, 0, "project"));
	char	   *name = argument_required_text(fcinfo, 1, "member");
	char	   *word = argument_required_text(fcinfo, 2, "role");
	Jsonb	   *settings = PG_ARGISNULL(4) ? NULL : PG_GETARG_JSONB_P(4);
	ProjectRole role = role_from_word(word);
	Member	   *me = project_require(project, ROLES_MANAGE, "add members");
	Member	   *member = project_member(project, name);
	StorageSection section;
	char	   *login;

	if (role == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is not a role of a member", word),
				 errhint("Roles are owner, manager, reviewer, annotator, viewer and machine.")));
	if (name[0] == '\0' || strlen(name) > 200)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("a member's name must have 1 to 200 bytes, but this one has %zu",
						strlen(name))));
	if (settings != NULL)
		options_read("settings", settings, NULL, 0);
	if ((role == ROLE_OWNER || (member != NULL && member->role == ROLE_OWNER)) &&
		me->role != ROLE_OWNER)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("only an owner of project \"%s\" may make or change an owner",
						project->name)));
	project = project_hold(project, true);
	login = login_of(fcinfo, 3, project, name);
	if (role != ROLE_OWNER)
		keep_an_owner(project, member);
	note_change(project, member, role, login);

	storage_begin(&section, false);
	storage_exec("INSERT INTO tdp.member (project_id, name, role, login, settings) "
				 "VALUES ($1, $2, $3, $4, coalesce($5, '{}')) "
				 "ON CONFLICT (project_id, name) DO UPDATE SET role = excluded.role, "
				 "login = excluded.login, settings = excluded.settings, active = true",
				 "itttj", project->id, name, word, login, settings);
	section_end(&section);
	PG_RETURN_VOID();
}


/* remove_member(project, member): the answers stay, no more are taken. */
Datum
tdp_remove_member(PG_FUNCTION_ARGS)
{
	Project    *project = project_load(argument_required_text(fcinfo, 0, "project"));
	char	   *name = argument_required_text(fcinfo, 1, "member");
	Member	   *me = project_require(project, ROLES_MANAGE, "remove members");
	Member	   *member = project_member(project, name);
	StorageSection section;

	if (member == NULL || !member->active)
		ereport(ERROR,
				(errcode(ERRCODE_TDP_NO_SUCH_MEMBER),
				 errmsg("\"%s\" is not a member of project \"%s\"",
						name, project->name)));
	if (member->role == ROLE_OWNER && me->role != ROLE_OWNER)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("only an owner of project \"%s\" may remove an owner",
						project->name)));
	keep_an_owner(project, member);
	storage_begin(&section, true);
	storage_exec("UPDATE tdp.member SET active = false WHERE member_id = $1",
				 "i", member->id);
	section_end(&section);
	project_notify(PROJECT_MEMBER_REMOVED, project, NULL);
	PG_RETURN_VOID();
}
