/*-------------------------------------------------------------------------
 *
 * spec.c
 *	  What a project is told to be, checked before it is stored.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relation.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "project/filter.h"
#include "project/spec.h"
#include "schema/schema.h"

#define MAX_OVERLAP 1000
#define MAX_KEYS 32
#define MAX_LEASE_YEARS 100

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
	if (owner_only && source->rd_rel->relkind == RELKIND_RELATION &&
		has_subclass(RelationGetRelid(source)))
		ereport(NOTICE,
				(errmsg("table \"%s\" has tables that inherit from it", name),
				 errdetail("Their rows are not labeled: no key tells them apart.")));
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


static bool
has_unique_index(Relation source, const AttrNumber *keys, int nkeys)
{
	bool		unique = false;
	ListCell   *cell;

	foreach(cell, RelationGetIndexList(source))
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		unique = unique || index_tells_apart(index, keys, nkeys);
		index_close(index, AccessShareLock);
	}
	return unique;
}


bool
project_key_is_unique(const Project *project)
{
	Relation	source = relation_open(project_source(project), AccessShareLock);
	AttrNumber	numbers[MAX_KEYS] = {0};
	bool		unique;

	for (int i = 0; i < project->nkeys; i++)
		numbers[i] = get_attnum(RelationGetRelid(source), project->keys[i]);
	unique = has_unique_index(source, numbers, project->nkeys);
	relation_close(source, AccessShareLock);
	return unique;
}


static void
check_given_key(Relation source, const Project *project)
{
	AttrNumber	numbers[MAX_KEYS] = {0};

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
		if (OidIsValid(get_base_element_type(attribute->atttypid)))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" of the key is an array",
							project->keys[i]),
					 errhint("Name another unique key: key => ARRAY['...'].")));
		if (attribute_is_virtual(attribute))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" of the key is a virtual generated column",
							project->keys[i])));
	}
	if (!has_unique_index(source, numbers, project->nkeys))
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

	if (project->columns == NULL)
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
		if (project->show_name == NULL)
			(void) column_number(source, TextDatumGetCString(names[i]),
								 "columns");
	}
}


/*
 * The relation whose row is shown must have the key's columns and those to be
 * shown, and the owner must be able to read it from any session.
 */
static void
check_shown(const Project *project, Oid owner)
{
	Oid			shown;
	Datum	   *names = NULL;
	int			count = 0;

	if (project->show_name == NULL)
		return;
	shown = get_relname_relid(project->show_name,
							  get_namespace_oid(project->show_schema, false));
	if (!OidIsValid(shown))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation %s does not exist",
						project_shown_name(project)),
				 errdetail("The setting \"show\" names it.")));
	if (get_rel_persistence(shown) == RELPERSISTENCE_TEMP)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("relation \"%s\" is temporary, which no annotator's session can see",
						project->show_name),
				 errdetail("The setting \"show\" names it.")));
	if (pg_class_aclcheck(shown, owner, ACL_SELECT) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\" may not read relation %s",
						project->owner, project_shown_name(project)),
				 errdetail("The setting \"show\" names it, and it is read with the rights of the source's owner.")));
	for (int i = 0; i < project->nkeys; i++)
		if (get_attnum(shown, project->keys[i]) == InvalidAttrNumber)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("relation %s has no column \"%s\"",
							project_shown_name(project), project->keys[i]),
					 errdetail("What the setting \"show\" names must have the key's columns.")));
	if (project->columns != NULL)
		deconstruct_array(project->columns, TEXTOID, -1, false, TYPALIGN_INT,
						  &names, NULL, &count);
	for (int i = 0; i < count; i++)
		if (get_attnum(shown, TextDatumGetCString(names[i])) == InvalidAttrNumber)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("relation %s has no column \"%s\"",
							project_shown_name(project),
							TextDatumGetCString(names[i])),
					 errdetail("The argument \"columns\" names it, and the setting \"show\" the relation.")));
}


/* Is the column among those that annotators see? */
static bool
is_shown(const Project *project, Oid shown, const char *column)
{
	Datum	   *names;
	int			count;

	if (get_attnum(shown, column) <= 0)
		return false;
	if (project->columns == NULL || project->show_name != NULL)
		return true;
	deconstruct_array(project->columns, TEXTOID, -1, false, TYPALIGN_INT,
					  &names, NULL, &count);
	for (int i = 0; i < count; i++)
		if (strcmp(TextDatumGetCString(names[i]), column) == 0)
			return true;
	return false;
}


static void
require_shown(const Project *project, Oid shown, const char *field,
			  const char *column)
{
	if (column == NULL || is_shown(project, shown, column))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("field \"%s\" of the label schema is about column \"%s\", which annotators of project \"%s\" are not shown",
					field, column, project->name),
			 errhint("Name a column of %s%s.", project_shown_name(project),
					 project->columns ? " that is among \"columns\"" : "")));
}


/* The columns that the label schema speaks of must be shown. */
static void
check_schema_columns(const Project *project)
{
	const Schema *schema = schema_from_datum(project->label_schema);
	Oid			shown = project->show_name == NULL ? project_source(project)
		: get_relname_relid(project->show_name,
						get_namespace_oid(project->show_schema, false));

	for (int i = 0; i < schema_field_count(schema); i++)
	{
		const struct SchemaField *field = schema_field_at(schema, i);
		const char *name = schema_field_name(field);

		require_shown(project, shown, name, schema_field_of(field));
		for (int j = 0; schema_field_kind(field) == SCHEMA_PREFERENCE &&
			 j < schema_field_label_count(field); j++)
			require_shown(project, shown, name, schema_field_label(field, j));
	}
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


static int
compare_intervals(Interval *a, Interval *b)
{
	return DatumGetInt32(DirectFunctionCall2(interval_cmp,
											 IntervalPGetDatum(a),
											 IntervalPGetDatum(b)));
}


static void
check_numbers(const Project *project)
{
	static const char *const intakes[] = {"all", "batch", NULL};
	static const char *const prefills[] = {"all", "none", "half", NULL};
	static const char *const visibilities[] = {"blind", "after_own", "open", NULL};
	Interval	zero = {0};
	Interval	longest = {.month = MAX_LEASE_YEARS * MONTHS_PER_YEAR};

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
	if (compare_intervals(project->lease, &zero) <= 0 ||
		compare_intervals(project->lease, &longest) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lease must be longer than nothing and at most %d years",
						MAX_LEASE_YEARS)));
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
	source = try_relation_open(source_oid, AccessShareLock);
	if (source == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("there is no table with OID %u", source_oid),
				 errdetail("The argument \"source\" names it.")));
	check_relation(source, owner_only);
	if (project->owner != NULL &&
		get_role_oid(project->owner, true) != source->rd_rel->relowner)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("role \"%s\" does not own table \"%s\"",
						project->owner, RelationGetRelationName(source)),
				 errdetail("A project's owner is the owner of its source."),
				 errhint("To make it that: SELECT tdp.alter_project(%s, '{\"owner\": \"%s\"}').",
						 quote_literal_cstr(project->name),
						 role_name(source->rd_rel->relowner))));
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
	check_shown(project, source->rd_rel->relowner);
	check_numbers(project);
	check_views_schema(project, source->rd_rel->relowner);
	check_schema_columns(project);
	project->watched = filter_check(project, source);
	relation_close(source, NoLock);
}
