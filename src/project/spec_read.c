/*-------------------------------------------------------------------------
 *
 * spec_read.c
 *	  Read what create_project and alter_project are told.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"

#include "base/compat.h"
#include "base/options.h"
#include "project/spec.h"


/* Names the setting whose value is being read. */
static void
setting_error_callback(void *setting)
{
	errcontext("setting \"%s\"", (char *) setting);
}


/* The relation of that name, which a setting gives. */
static Oid
relation_of(const char *setting, const char *name)
{
	ErrorContextCallback callback;
	Oid			relation;

	callback.callback = setting_error_callback;
	callback.arg = unconstify(char *, setting);
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	relation = RangeVarGetRelid(makeRangeVarFromNameList(qualified_name_list(name)),
								NoLock, false);
	error_context_stack = callback.previous;
	return relation;
}


/* Takes over "show", a relation's name, as two names; NULL: none. */
static void
set_show(Project *project, const char *show)
{
	Oid			shown;

	project->show_schema = project->show_name = NULL;
	if (show == NULL)
		return;
	shown = relation_of("show", show);
	project->show_schema = get_namespace_name(get_rel_namespace(shown));
	project->show_name = get_rel_name(shown);
}


/* The keys of "settings", which alter_project also takes by themselves. */
static void
read_settings(Project *project, const char *argument, Jsonb *settings)
{
	char	   *show = NULL;
	Option		options[] = {
		{"show", OPTION_TEXT, &show, false, false},
		{"intake", OPTION_TEXT, &project->intake, false, false},
		{"prefill", OPTION_TEXT, &project->prefill, false, false},
		{"visibility", OPTION_TEXT, &project->visibility, false, false},
		{"views_schema", OPTION_TEXT, &project->views_schema, false, false}
	};

	options_read(argument, settings, options, lengthof(options));
	if (options[0].given)
		set_show(project, show);
	if (options[1].is_null)
		project->intake = "all";
	if (options[2].is_null)
		project->prefill = "all";
	if (options[3].is_null)
		project->visibility = "blind";
	if (options[4].is_null)
		project->views_schema = NULL;
}


void
spec_read_settings(Project *project, Jsonb *settings)
{
	project->intake = "all";
	project->prefill = "all";
	project->visibility = "blind";
	read_settings(project, "settings", settings);
}


/* An argument of create_project and what it is when it is not given. */
typedef enum ChangeKey
{
	CHANGE_NAME,
	CHANGE_SOURCE,
	CHANGE_LABEL_SCHEMA,
	CHANGE_KEY,
	CHANGE_COLUMNS,
	CHANGE_FILTER,
	CHANGE_OVERLAP,
	CHANGE_MAX_OVERLAP,
	CHANGE_TARGET,
	CHANGE_LEASE,
	CHANGE_INSTRUCTIONS,
	CHANGE_OWNER,
	CHANGE_SETTINGS,
	CHANGE_KEYS
} ChangeKey;


static void
refuse_null(const Option *options, int key)
{
	if (options[key].is_null)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("a project's \"%s\" has no default to be reset to",
						options[key].name)));
}


static Interval *
lease_of(const char *text)
{
	ErrorContextCallback callback;
	Datum		interval;

	callback.callback = setting_error_callback;
	callback.arg = "lease";
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	interval = DirectFunctionCall3(interval_in, CStringGetDatum(text),
								   ObjectIdGetDatum(InvalidOid),
								   Int32GetDatum(-1));
	error_context_stack = callback.previous;
	return DatumGetIntervalP(interval);
}


/* jsonb's own cast to the type makes it, as for every other caller. */
static Datum
label_schema_of(Jsonb *json)
{
	StorageSection section;
	Datum		schema;

	storage_begin(&section, false);
	schema = PointerGetDatum(row_bytea(storage_exec("SELECT $1::tdp.label_schema",
													"j", json), 0, 1));
	section_end(&section);
	return schema;
}


/* A project's key is its items' identity: it may be repeated, not changed. */
static void
refuse_other_key(const Project *project, ArrayType *key)
{
	Datum	   *names;
	int			count;
	bool		same;

	deconstruct_array(key, TEXTOID, -1, false, TYPALIGN_INT,
					  &names, NULL, &count);
	same = count == project->nkeys;
	for (int i = 0; same && i < count; i++)
		same = strcmp(TextDatumGetCString(names[i]), project->keys[i]) == 0;
	if (!same)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the key of project \"%s\" cannot be changed",
						project->name),
				 errdetail("Its items are known by it."),
				 errhint("Make a new project and take the answers over: tdp.import_annotations.")));
}


/* Splits off the keys that belong to "settings", given by themselves. */
static Jsonb *
split_settings(Jsonb **changes)
{
	StorageSection section;
	Rows		rows;
	Jsonb	   *settings;

	storage_begin(&section, false);
	rows = storage_exec("SELECT pg_catalog.jsonb_object_agg(key, value) FILTER (WHERE inner_key), "
						"coalesce(pg_catalog.jsonb_object_agg(key, value) FILTER (WHERE NOT inner_key), '{}') "
						"FROM pg_catalog.jsonb_each($1), LATERAL (SELECT key IN "
						"('show', 'intake', 'prefill', 'visibility', 'views_schema')) AS t (inner_key)",
						"j", *changes);
	settings = row_jsonb(rows, 0, 1);
	*changes = row_jsonb(rows, 0, 2);
	section_end(&section);
	return settings;
}


void
spec_read_changes(Project *project, Jsonb *changes, Oid *source)
{
	char	   *name = NULL;
	char	   *source_name = NULL;
	char	   *lease = NULL;
	char	   *owner = NULL;
	ArrayType  *key = NULL;
	Jsonb	   *schema = NULL;
	Jsonb	   *nested = NULL;
	Jsonb	   *settings;
	Option		options[CHANGE_KEYS] = {
		[CHANGE_NAME] = {"name", OPTION_TEXT, &name, false, false},
		[CHANGE_SOURCE] = {"source", OPTION_TEXT, &source_name, false, false},
		[CHANGE_LABEL_SCHEMA] = {"label_schema", OPTION_JSONB, &schema, false, false},
		[CHANGE_KEY] = {"key", OPTION_TEXTS, &key, false, false},
		[CHANGE_COLUMNS] = {"columns", OPTION_TEXTS, &project->columns, false, false},
		[CHANGE_FILTER] = {"filter", OPTION_TEXT, &project->filter, false, false},
		[CHANGE_OVERLAP] = {"overlap", OPTION_INT, &project->overlap, false, false},
		[CHANGE_MAX_OVERLAP] = {"max_overlap", OPTION_INT, &project->max_overlap, false, false},
		[CHANGE_TARGET] = {"target_confidence", OPTION_FLOAT8, &project->target_confidence, false, false},
		[CHANGE_LEASE] = {"lease", OPTION_TEXT, &lease, false, false},
		[CHANGE_INSTRUCTIONS] = {"instructions", OPTION_TEXT, &project->instructions, false, false},
		[CHANGE_OWNER] = {"owner", OPTION_TEXT, &owner, false, false},
		[CHANGE_SETTINGS] = {"settings", OPTION_JSONB, &nested, false, false}
	};
	bool		follows = project->max_overlap == project->overlap;

	if (!JB_ROOT_IS_OBJECT(changes))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"settings\" must be a JSON object")));
	settings = split_settings(&changes);
	options_read("settings", changes, options, CHANGE_KEYS);
	refuse_null(options, CHANGE_NAME);
	refuse_null(options, CHANGE_SOURCE);
	refuse_null(options, CHANGE_LABEL_SCHEMA);
	refuse_null(options, CHANGE_KEY);
	refuse_null(options, CHANGE_OWNER);

	if (name != NULL)
		project->name = name;
	if (source_name != NULL)
		*source = relation_of("source", source_name);
	if (schema != NULL)
		project->label_schema = label_schema_of(schema);
	if (key != NULL)
		refuse_other_key(project, key);
	if (options[CHANGE_COLUMNS].is_null)
		project->columns = NULL;
	if (options[CHANGE_FILTER].is_null)
		project->filter = NULL;
	if (options[CHANGE_OVERLAP].is_null)
		project->overlap = 1;
	/* a max_overlap that was never set apart goes with the overlap */
	if (options[CHANGE_MAX_OVERLAP].is_null ||
		(follows && !options[CHANGE_MAX_OVERLAP].given))
		project->max_overlap = project->overlap;
	if (options[CHANGE_TARGET].is_null)
		project->target_confidence = 0;
	else if (options[CHANGE_TARGET].given && project->target_confidence == 0)
		project->target_confidence = -1;	/* refused by spec_check */
	if (lease != NULL || options[CHANGE_LEASE].is_null)
		project->lease = lease_of(lease != NULL ? lease : "30 minutes");
	if (options[CHANGE_INSTRUCTIONS].is_null)
		project->instructions = NULL;
	if (settings != NULL)
		read_settings(project, "settings", settings);
	if (nested != NULL)
		read_settings(project, "settings", nested);
	if (owner != NULL)
		project->owner = owner;
}
