/*-------------------------------------------------------------------------
 *
 * source.c
 *	  The pieces of statements that read a source table as its owner.
 *
 * The statement is made from the source's name at each call, so that the
 * warehouse may alter, drop and rebuild its table as it likes.  It runs in
 * the owner's name in a security-restricted operation: an annotator needs no
 * right on the table, and cannot be made to run anything of the owner's with
 * rights of their own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "base/compat.h"
#include "base/errors.h"
#include "capture/capture.h"
#include "capture/source.h"


void
source_append_column(StringInfo sql, const Project *project,
					 const char *column)
{
	appendStringInfo(sql, "%s.%s", quote_identifier(project->source_name),
					 quote_identifier(column));
}


/* The project's rights are those of the table's owner. */
static void
require_owner(const Project *project, Oid source)
{
	Oid			role = get_role_oid(project->owner, true);

	if (!OidIsValid(role))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("role \"%s\", the owner of project \"%s\", does not exist",
						project->owner, project->name),
				 errhint("An administrator can hand the project over: SELECT tdp.alter_project(%s, '{\"owner\": \"...\"}').",
						 quote_literal_cstr(project->name))));
	if (!table_owner_rights(source, role))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\", the owner of project \"%s\", does not own table %s any more",
						project->owner, project->name,
						project_source_name(project)),
				 errhint("An administrator can hand the project over: SELECT tdp.alter_project(%s, '{\"owner\": \"...\"}').",
						 quote_literal_cstr(project->name))));
}


/* The columns shown, and those that the filter reads as far as we know. */
static void
require_columns(const Project *project, Oid source)
{
	Datum	   *names;
	int			count;

	if (project->watched == NULL)
		return;
	deconstruct_array(project->watched, TEXTOID, -1, false, TYPALIGN_INT,
					  &names, NULL, &count);
	for (int i = 0; i < count; i++)
	{
		char	   *name = TextDatumGetCString(names[i]);

		if (get_attnum(source, name) == InvalidAttrNumber)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("table %s has no column \"%s\", which project \"%s\" shows or filters by",
							project_source_name(project), name,
							project->name),
					 errhint("Change what it shows: SELECT tdp.alter_project(%s, '{\"columns\": [...], \"filter\": ...}').",
							 quote_literal_cstr(project->name))));
	}
}


Oid
source_require(const Project *project)
{
	Oid			source = project_source(project);

	if (!OidIsValid(source))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table %s, the source of project \"%s\", does not exist",
						project_source_name(project), project->name),
				 errhint("If it was renamed, say so: SELECT tdp.alter_project(%s, '{\"source\": \"...\"}').",
						 quote_literal_cstr(project->name))));
	for (int i = 0; i < project->nkeys; i++)
		if (get_attnum(source, project->keys[i]) == InvalidAttrNumber)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("table %s has no column \"%s\", which is in the key of project \"%s\"",
							project_source_name(project), project->keys[i],
							project->name),
					 errhint("Give the column its name back, or make a new project.")));
	require_owner(project, source);
	require_columns(project, source);
	return source;
}


void
source_append_key(StringInfo sql, const Project *project)
{
	appendStringInfoString(sql, "tdp.item_key(");
	for (int i = 0; i < project->nkeys; i++)
	{
		if (i > 0)
			appendStringInfoString(sql, ", ");
		source_append_column(sql, project, project->keys[i]);
	}
	appendStringInfoChar(sql, ')');
}


/* Rows of child tables are not the source's own; those of partitions are. */
void
source_append_from(StringInfo sql, const Project *project, Oid source)
{
	appendStringInfo(sql, " FROM %s%s",
					 get_rel_relkind(source) == RELKIND_RELATION ? "ONLY " : "",
					 project_source_name(project));
}


char *
source_key_type(Oid source, const char *column)
{
	Oid			type = get_atttype(source, get_attnum(source, column));

	/* "without a modifier" must be said: a bare "character" has length 1 */
	return format_type_extended(getBaseType(type), -1,
								FORMAT_TYPE_TYPEMOD_GIVEN |
								FORMAT_TYPE_FORCE_QUALIFY);
}


/* Name and schema of the operator; false for none. */
static bool
name_operator(Oid operator, char **name, char **schema)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));
	Form_pg_operator form;

	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_operator) GETSTRUCT(tuple);
	*name = pstrdup(NameStr(form->oprname));
	*schema = get_namespace_name(form->oprnamespace);
	ReleaseSysCache(tuple);
	return true;
}


static TypeCacheEntry *
key_type(Oid source, const char *column)
{
	return lookup_type_cache(getBaseType(get_atttype(source,
													 get_attnum(source, column))),
							 TYPECACHE_EQ_OPR | TYPECACHE_GT_OPR);
}


char *
source_key_equals(Oid source, const char *column)
{
	char	   *name;
	char	   *schema;

	if (!name_operator(key_type(source, column)->eq_opr, &name, &schema))
		return "=";
	return psprintf("OPERATOR(%s.%s)", quote_identifier(schema), name);
}


char *
source_key_search_path(const Project *project, Oid source)
{
	StringInfoData path;

	initStringInfo(&path);
	appendStringInfoString(&path, "pg_catalog");
	for (int i = 0; i < project->nkeys; i++)
	{
		char	   *name;
		char	   *schema;

		if (name_operator(key_type(source, project->keys[i])->gt_opr, &name,
						  &schema))
			appendStringInfo(&path, ", %s", quote_identifier(schema));
	}
	appendStringInfoString(&path, ", pg_temp");
	return path.data;
}


void
source_append_filter(StringInfo sql, const Project *project)
{
	/*
	 * The line's end keeps a comment in the filter from swallowing the
	 * bracket.
	 */
	if (project->filter != NULL)
		appendStringInfo(sql, " AND (%s\n)", project->filter);
}


/* Splits keys into one text[] for each column of the key. */
ArrayType **
source_key_arrays(const Project *project, List *keys)
{
	int			count = list_length(keys);
	ArrayType **arrays = palloc_array(ArrayType *, project->nkeys);
	Datum	   *texts = palloc_array(Datum, Max(count, 1));

	for (int column = 0; column < project->nkeys; column++)
	{
		ListCell   *cell;
		int			i = 0;

		foreach(cell, keys)
		{
			char	   *key = lfirst(cell);

			if (project->nkeys > 1)
				key = composite_key_part(key, column, project->nkeys);
			texts[i++] = CStringGetTextDatum(key);
		}
		arrays[column] = construct_array(texts, count, TEXTOID, -1, false,
										 TYPALIGN_INT);
	}
	return arrays;
}


char *
composite_key_part(const char *key, int column, int nkeys)
{
	Jsonb	   *parts = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
														   CStringGetDatum(key)));
	JsonbValue *part;

	if (!JB_ROOT_IS_ARRAY(parts) || JB_ROOT_IS_SCALAR(parts) ||
		JB_ROOT_COUNT(parts) != nkeys)
		part = NULL;
	else
		part = getIthJsonbValueFromContainer(&parts->root, column);
	if (part == NULL || part->type != jbvString)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is not an item of a composite key", key),
				 errdetail("It must be a JSON array of %d strings, as tdp.item_key makes it.",
						   nkeys)));
	return pnstrdup(part->val.string.val, part->val.string.len);
}


/* Is the column among those that members of the project are shown? */
static bool
is_shown(const Project *project, const char *column)
{
	Datum	   *names;
	int			count;

	if (project->columns == NULL)
		return project->show_name == NULL;
	deconstruct_array(project->columns, TEXTOID, -1, false, TYPALIGN_INT,
					  &names, NULL, &count);
	for (int i = 0; i < count; i++)
		if (strcmp(TextDatumGetCString(names[i]), column) == 0)
			return project->show_name == NULL;
	return false;
}


void
source_require_column(const Project *project, const char *column,
					  const char *argument)
{
	Oid			source = source_require(project);
	AttrNumber	number = get_attnum(source, column);

	if (number <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table %s, the source of project \"%s\", has no column \"%s\"",
						project_source_name(project), project->name, column),
				 errdetail("The argument \"%s\" names it.", argument)));

	/* what the project does not show must not come out another way */
	if (!is_shown(project, column) &&
		pg_class_aclcheck(source, caller_role(), ACL_SELECT) != ACLCHECK_OK &&
		pg_attribute_aclcheck(source, number, caller_role(),
							  ACL_SELECT) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for column \"%s\" of table %s",
						column, project_source_name(project)),
				 errdetail("Project \"%s\" does not show it.", project->name)));
}


char *
source_points_query(const Project *project, const char *column)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	source_append_key(&sql, project);
	appendStringInfoString(&sql, " AS item, ");
	source_append_column(&sql, project, column);
	appendStringInfoString(&sql, " AS features");
	source_append_from(&sql, project, source_require(project));
	appendStringInfoString(&sql, " WHERE ");
	source_append_column(&sql, project, column);
	appendStringInfoString(&sql, " IS NOT NULL");
	source_append_filter(&sql, project);
	return sql.data;
}


char *
source_problem(const Project *project)
{
	Oid			source = project_source(project);

	if (!OidIsValid(source))
		return psprintf("table %s does not exist",
						project_source_name(project));
	for (int i = 0; i < project->nkeys; i++)
		if (get_attnum(source, project->keys[i]) == InvalidAttrNumber)
			return psprintf("table %s has no column \"%s\"",
							project_source_name(project), project->keys[i]);
	if (!project_key_is_unique(project))
		return psprintf("table %s has no unique index on the key any more",
						project_source_name(project));
	return NULL;
}
