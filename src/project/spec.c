/*-------------------------------------------------------------------------
 *
 * spec.c
 *	  What a project is told to be, checked before it is stored.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/options.h"
#include "project/filter.h"
#include "project/spec.h"

#define MAX_OVERLAP 1000
#define MAX_KEYS 32

/* "tdp_<name>_truncate", a trigger, is the longest name made of it. */
#define MAX_NAME (NAMEDATALEN - 1 - (int) strlen("tdp__truncate"))


static void
check_name(const char *name)
{
	if (name[0] == '\0' || strlen(name) > MAX_NAME)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("a project's name must have 1 to %d bytes, but this one has %zu",
						MAX_NAME, strlen(name)),
				 errdetail("Its views and triggers are named after it.")));
}


static void
check_relation(Relation source, bool owner_only)
{
	const char *name = RelationGetRelationName(source);

	if (source->rd_rel->relkind != RELKIND_RELATION &&
		source->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a table", name),
				 errdetail("A project needs an ordinary or partitioned table, whose inserts it can see."),
				 errhint("Make the project on the table behind it, and name what annotators are to see in the setting \"show\".")));
	if (source->rd_rel->relpersistence == RELPERSISTENCE_TEMP)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is a temporary table, which no annotator's session can see",
						name)));
	if (IsCatalogRelationOid(RelationGetRelid(source)) ||
		RelationGetNamespace(source) == get_namespace_oid("tdp", true))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("a project cannot label \"%s\"", name),
				 errdetail("It belongs to the system or to tdp itself.")));
	if (owner_only &&
		!table_owner_rights(RelationGetRelid(source), GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, name);
	if (owner_only && source->rd_rel->relispartition)
		ereport(NOTICE,
				(errmsg("table \"%s\" is a partition of table \"%s\"", name,
						get_rel_name(llast_oid(get_partition_ancestors(RelationGetRelid(source))))),
				 errdetail("Rows that statements on that table put into it are not noticed."),
				 errhint("Make the project on that table, or run tdp.sync whenever it should be.")));
}


/* The attribute number of a live column, or an error naming "argument". */
static AttrNumber
column_number(Relation source, const char *column, const char *argument)
{
	AttrNumber	number = get_attnum(RelationGetRelid(source), column);

	if (number == InvalidAttrNumber || number < 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table \"%s\" has no column \"%s\"",
						RelationGetRelationName(source), column),
				 errdetail("The argument \"%s\" names it.", argument)));
	return number;
}


/* Does this index keep rows with the same "keys" (in any order) apart? */
static bool
index_tells_apart(Relation index, const AttrNumber *keys, int nkeys)
{
	Form_pg_index form = index->rd_index;

	if (!form->indisunique || !form->indisvalid || !form->indimmediate ||
		form->indnkeyatts != nkeys ||
		RelationGetIndexPredicate(index) != NIL ||
		RelationGetIndexExpressions(index) != NIL)
		return false;
	for (int i = 0; i < nkeys; i++)
	{
		bool		found = false;

		for (int j = 0; j < nkeys; j++)
			found = found || form->indkey.values[j] == keys[i];
		if (!found)
			return false;
	}
	return true;
}


static void
check_given_key(Relation source, const Project *project)
{
	AttrNumber	numbers[MAX_KEYS];
	bool		unique = false;
	ListCell   *cell;

	for (int i = 0; i < project->nkeys; i++)
	{
		Form_pg_attribute attribute;

		numbers[i] = column_number(source, project->keys[i], "key");
		attribute = TupleDescAttr(RelationGetDescr(source), numbers[i] - 1);
		if (!attribute->attnotnull)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" of the key may be NULL",
							project->keys[i]),
					 errhint("ALTER TABLE %s ALTER %s SET NOT NULL.",
							 RelationGetRelationName(source),
							 quote_identifier(project->keys[i]))));
		if (attribute_is_virtual(attribute))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" of the key is a virtual generated column",
							project->keys[i])));
	}
	foreach(cell, RelationGetIndexList(source))
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		unique = unique || index_tells_apart(index, numbers, project->nkeys);
		index_close(index, AccessShareLock);
	}
	if (!unique)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the key does not tell the rows of table \"%s\" apart",
						RelationGetRelationName(source)),
				 errdetail("There is no unique index on exactly these columns that is neither partial nor deferrable."),
				 errhint("Add a UNIQUE constraint on them, or leave \"key\" out to use the primary key.")));
}


static void
use_primary_key(Relation source, Project *project)
{
	Oid			index_oid;
	Relation	index;

	(void) RelationGetIndexList(source);
	index_oid = relation_primary_key(source);
	if (!OidIsValid(index_oid))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("table \"%s\" has no primary key",
						RelationGetRelationName(source)),
				 errhint("Add one, or name the columns of a unique key: key => ARRAY['...'].")));
	index = index_open(index_oid, AccessShareLock);
	project->nkeys = index->rd_index->indnkeyatts;
	project->keys = palloc_array(char *, project->nkeys);
	for (int i = 0; i < project->nkeys; i++)
		project->keys[i] = get_attname(RelationGetRelid(source),
									   index->rd_index->indkey.values[i],
									   false);
	index_close(index, AccessShareLock);
}


static void
check_columns(Relation source, const Project *project)
{
	Datum	   *names;
	bool	   *nulls;
	int			count;

	if (project->columns == NULL || project->show_name != NULL)
		return;
	deconstruct_array(project->columns, TEXTOID, -1, false, TYPALIGN_INT,
					  &names, &nulls, &count);
	if (count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"columns\" is an empty list"),
				 errhint("Leave it out to show all columns.")));
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"columns\" has a NULL in it")));
		(void) column_number(source, TextDatumGetCString(names[i]), "columns");
	}
}


/* The relation whose row is shown must have the key's columns. */
static void
check_shown(const Project *project)
{
	Oid			namespace;
	Oid			shown;

	if (project->show_name == NULL)
		return;
	namespace = get_namespace_oid(project->show_schema, false);
	shown = get_relname_relid(project->show_name, namespace);
	if (!OidIsValid(shown))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation %s does not exist",
						project_shown_name(project)),
				 errdetail("The setting \"show\" names it.")));
	for (int i = 0; i < project->nkeys; i++)
		if (get_attnum(shown, project->keys[i]) == InvalidAttrNumber)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("relation %s has no column \"%s\"",
							project_shown_name(project), project->keys[i]),
					 errdetail("What the setting \"show\" names must have the key's columns.")));
}


static void
check_word(const char *argument, const char *word, const char *const *words)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; words[i] != NULL; i++)
	{
		if (strcmp(words[i], word) == 0)
			return;
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", words[i]);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" is not a value of setting \"%s\"", word, argument),
			 errhint("Its values are: %s.", list.data)));
}


static void
check_numbers(const Project *project)
{
	static const char *const intakes[] = {"all", "batch", NULL};
	static const char *const prefills[] = {"all", "none", "half", NULL};
	static const char *const visibilities[] = {"blind", "after_own", "open", NULL};
	Interval	zero = {0};

	if (project->overlap < 1 || project->overlap > MAX_OVERLAP)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("overlap must be from 1 to %d, not %d",
						MAX_OVERLAP, project->overlap)));
	if (project->max_overlap < project->overlap ||
		project->max_overlap > MAX_OVERLAP)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_overlap must be from the overlap, %d, to %d, not %d",
						project->overlap, MAX_OVERLAP, project->max_overlap)));
	if (project->target_confidence != 0 &&
		!(project->target_confidence > 0 && project->target_confidence < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("target_confidence must lie between 0 and 1, both excluded")));
	if (DatumGetInt32(DirectFunctionCall2(interval_cmp,
										  IntervalPGetDatum(project->lease),
										  IntervalPGetDatum(&zero))) <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lease must be longer than nothing")));
	check_word("intake", project->intake, intakes);
	if (strcmp(project->intake, "batch") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("intake \"batch\" is not supported yet"),
				 errhint("Use a filter to say which rows people see.")));
	check_word("prefill", project->prefill, prefills);
	check_word("visibility", project->visibility, visibilities);
}


static void
check_views_schema(Project *project, Oid owner)
{
	Oid			namespace;

	if (project->views_schema == NULL)
		project->views_schema = pstrdup(project->source_schema);
	namespace = get_namespace_oid(project->views_schema, false);
	if (!schema_create_rights(namespace, owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\" may not create views in schema \"%s\"",
						project->owner, project->views_schema),
				 errhint("Grant it CREATE there, or name another schema: settings => '{\"views_schema\": \"...\"}'.")));
}


void
spec_check(Project *project, Oid source_oid, bool owner_only)
{
	Relation	source;

	check_name(project->name);
	source = table_open(source_oid, AccessShareLock);
	check_relation(source, owner_only);
	if (project->owner != NULL &&
		get_role_oid(project->owner, false) != source->rd_rel->relowner)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("role \"%s\" does not own table \"%s\"",
						project->owner, RelationGetRelationName(source)),
				 errdetail("A project's owner is the owner of its source.")));
	project->owner = role_name(source->rd_rel->relowner);
	project->source_schema = get_namespace_name(RelationGetNamespace(source));
	project->source_name = pstrdup(RelationGetRelationName(source));
	if (project->nkeys > MAX_KEYS)
		ereport(ERROR,
				(errcode(ERRCODE_TOO_MANY_COLUMNS),
				 errmsg("a key has at most %d columns", MAX_KEYS)));
	if (project->nkeys == 0)
		use_primary_key(source, project);
	check_given_key(source, project);
	check_columns(source, project);
	check_shown(project);
	check_numbers(project);
	check_views_schema(project, source->rd_rel->relowner);
	project->watched = filter_check(project, source);
	table_close(source, NoLock);
}


/* Takes over "show", a relation's name, as two names; NULL: none. */
static void
set_show(Project *project, const char *show)
{
	Oid			shown;

	project->show_schema = project->show_name = NULL;
	if (show == NULL)
		return;
	shown = RangeVarGetRelid(makeRangeVarFromNameList(qualified_name_list(show)),
							 NoLock, false);
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
interval_of(const char *text)
{
	return DatumGetIntervalP(DirectFunctionCall3(interval_in,
												 CStringGetDatum(text),
												 ObjectIdGetDatum(InvalidOid),
												 Int32GetDatum(-1)));
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
		*source = RangeVarGetRelid(makeRangeVarFromNameList(qualified_name_list(source_name)),
								   NoLock, false);
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
		project->lease = interval_of(lease != NULL ? lease : "30 minutes");
	if (options[CHANGE_INSTRUCTIONS].is_null)
		project->instructions = NULL;
	if (settings != NULL)
		read_settings(project, "settings", settings);
	if (nested != NULL)
		read_settings(project, "settings", nested);
	if (owner != NULL)
		project->owner = owner;
}
