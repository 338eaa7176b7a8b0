/*-------------------------------------------------------------------------
 *
 * source.c
 *	  Read rows of a source table as the project's owner.
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

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "base/compat.h"
#include "base/errors.h"
#include "capture/capture.h"
#include "capture/source.h"


static void
append_alias_column(StringInfo sql, const char *alias, const char *column)
{
	appendStringInfo(sql, "%s.%s", alias, quote_identifier(column));
}


/* "alias.a, alias.b" of a text[]. */
static void
append_columns(StringInfo sql, const char *alias, ArrayType *columns)
{
	Datum	   *names;
	int			count;

	deconstruct_array(columns, TEXTOID, -1, false, TYPALIGN_INT,
					  &names, NULL, &count);
	for (int i = 0; i < count; i++)
	{
		if (i > 0)
			appendStringInfoString(sql, ", ");
		append_alias_column(sql, alias, TextDatumGetCString(names[i]));
	}
}


/* The row that annotators see, as jsonb. */
static void
append_data(StringInfo sql, const Project *project)
{
	const char *alias = project->show_name ? "tdp_shown" : "tdp_source";

	appendStringInfoString(sql, ", (SELECT pg_catalog.to_jsonb(tdp_row) FROM ");
	if (project->show_name != NULL)
		appendStringInfo(sql, "%s AS tdp_shown, LATERAL ",
						 project_shown_name(project));
	appendStringInfoString(sql, "(SELECT ");
	if (project->columns != NULL)
		append_columns(sql, alias, project->columns);
	else
		appendStringInfo(sql, "%s.*", alias);
	appendStringInfoString(sql, ") AS tdp_row");
	for (int i = 0; project->show_name != NULL && i < project->nkeys; i++)
	{
		appendStringInfoString(sql, i == 0 ? " WHERE " : " AND ");
		append_alias_column(sql, "tdp_shown", project->keys[i]);
		appendStringInfoString(sql, " = ");
		append_alias_column(sql, "tdp_source", project->keys[i]);
	}
	appendStringInfoString(sql, project->show_name ? " LIMIT 1)" : ")");
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
		append_alias_column(sql, "tdp_source", project->keys[i]);
	}
	appendStringInfoChar(sql, ')');
}


/* Rows of child tables are not the source's own; those of partitions are. */
void
source_append_from(StringInfo sql, const Project *project, Oid source)
{
	appendStringInfo(sql, " FROM %s%s AS tdp_source",
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


/* The statement that reads the rows whose keys are $1, $2, ... (text[]). */
static char *
fetch_statement(const Project *project, Oid source, bool with_data)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	source_append_key(&sql, project);
	appendStringInfoString(&sql, ", ROW(");
	if (project->watched != NULL)
		append_columns(&sql, "tdp_source", project->watched);
	else
		appendStringInfoString(&sql, "tdp_source.*");
	appendStringInfoString(&sql, ")::pg_catalog.text");
	if (with_data)
		append_data(&sql, project);
	source_append_from(&sql, project, source);
	if (project->nkeys == 1)
	{
		appendStringInfoString(&sql, " WHERE ");
		append_alias_column(&sql, "tdp_source", project->keys[0]);
		appendStringInfo(&sql, " = ANY ($1::%s[])",
						 source_key_type(source, project->keys[0]));
	}
	else
	{
		appendStringInfoString(&sql, " JOIN ROWS FROM (");
		for (int i = 0; i < project->nkeys; i++)
			appendStringInfo(&sql, "%spg_catalog.unnest($%d::%s[])",
							 i > 0 ? ", " : "", i + 1,
							 source_key_type(source, project->keys[i]));
		appendStringInfoString(&sql, ") AS tdp_key (");
		for (int i = 0; i < project->nkeys; i++)
			appendStringInfo(&sql, "%sk%d", i > 0 ? ", " : "", i);
		appendStringInfoString(&sql, ") ON ");
		for (int i = 0; i < project->nkeys; i++)
		{
			if (i > 0)
				appendStringInfoString(&sql, " AND ");
			append_alias_column(&sql, "tdp_source", project->keys[i]);
			appendStringInfo(&sql, " = tdp_key.k%d", i);
		}
		appendStringInfoString(&sql, " WHERE true");
	}
	source_append_filter(&sql, project);
	return sql.data;
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


/* 64 bits of the row's text; 0 is kept for "not known". */
static int64
fingerprint_of(const char *row)
{
	uint64		hash = UINT64CONST(0xcbf29ce484222325);

	/* FNV-1a: the same for ever, on every machine and version */
	for (; *row != '\0'; row++)
		hash = (hash ^ (unsigned char) *row) * UINT64CONST(0x100000001b3);
	return hash == 0 ? 1 : (int64) hash;
}


static List *
read_rows(const Project *project, Oid source, List *keys, bool with_data)
{
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;
	List	   *found = NIL;
	Datum		values[MAX_KEY_COLUMNS];
	Oid			types[MAX_KEY_COLUMNS];
	ArrayType **arrays = source_key_arrays(project, keys);
	char	   *sql = fetch_statement(project, source, with_data);
	Rows		rows;

	for (int i = 0; i < project->nkeys; i++)
	{
		values[i] = PointerGetDatum(arrays[i]);
		types[i] = TEXTARRAYOID;
	}
	owner_begin(&section, project->owner, project->search_path);

	/*
	 * Not read-only: the snapshot must be newer than the one that saw the
	 * keys, or a row committed in between would be taken for gone.
	 */
	if (SPI_execute_with_args(sql, project->nkeys, types, values, NULL,
							  false, 0) != SPI_OK_SELECT)
		elog(ERROR, "reading the source failed");
	rows.table = SPI_tuptable;
	rows.count = SPI_processed;
	for (uint64 i = 0; i < rows.count; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);
		SourceRow  *row = palloc_object(SourceRow);

		row->key = row_text(rows, i, 1);
		row->fingerprint = fingerprint_of(row_text(rows, i, 2));
		row->data = with_data ? row_jsonb(rows, i, 3) : NULL;
		found = lappend(found, row);
		MemoryContextSwitchTo(old);
	}
	section_end(&section);
	return found;
}


/*
 * Is this an error that one row may cause?  All else (a cancel, a dropped
 * function, no right to read) is the whole project's and must be heard.
 */
static bool
is_rows_fault(int sqlerrcode)
{
	int			class = ERRCODE_TO_CATEGORY(sqlerrcode);

	return class == ERRCODE_TO_CATEGORY(ERRCODE_DATA_EXCEPTION) ||
		class == ERRCODE_TO_CATEGORY(ERRCODE_RAISE_EXCEPTION) ||
		class == ERRCODE_TO_CATEGORY(ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION) ||
		sqlerrcode == ERRCODE_CARDINALITY_VIOLATION;
}


/* Reads the rows; on an error that a row may cause sets *error instead. */
static List *
try_read_rows(const Project *project, Oid source, List *keys, bool with_data,
			  ErrorData **error)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	List	   *volatile found = NIL;

	*error = NULL;
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		found = read_rows(project, source, keys, with_data);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		*error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		if (!is_rows_fault((*error)->sqlerrcode))
			ReThrowError(*error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return found;
}


/* Halves the keys until those whose rows raise stand alone. */
static List *
fetch_or_bisect(const Project *project, Oid source, List *keys,
				bool with_data, List **set_aside)
{
	ErrorData  *error;
	List	   *found = try_read_rows(project, source, keys, with_data, &error);
	List	   *rest;
	int			half = list_length(keys) / 2;

	if (error == NULL)
		return found;
	if (half == 0)
	{
		RowSetAside *row = palloc_object(RowSetAside);

		row->key = linitial(keys);
		row->sqlstate = pstrdup(unpack_sql_state(error->sqlerrcode));
		row->message = error->message ? pstrdup(error->message) : "";
		*set_aside = lappend(*set_aside, row);
		return NIL;
	}
	rest = list_copy_tail(keys, half);
	keys = list_truncate(list_copy(keys), half);
	found = fetch_or_bisect(project, source, keys, with_data, set_aside);
	return list_concat(found, fetch_or_bisect(project, source, rest, with_data,
											  set_aside));
}


static int
compare_rows(const ListCell *a, const ListCell *b)
{
	return strcmp(((const SourceRow *) lfirst(a))->key,
				  ((const SourceRow *) lfirst(b))->key);
}


List *
source_fetch(const Project *project, List *keys, bool with_data,
			 List **set_aside)
{
	List	   *rows;

	*set_aside = NIL;
	if (keys == NIL)
		return NIL;
	rows = fetch_or_bisect(project, source_require(project), keys, with_data,
						   set_aside);
	list_sort(rows, compare_rows);
	return rows;
}


SourceRow *
source_row_named(List *rows, const char *key)
{
	int			low = 0;
	int			high = list_length(rows);

	while (low < high)
	{
		int			middle = (low + high) / 2;
		SourceRow  *row = list_nth(rows, middle);
		int			order = strcmp(key, row->key);

		if (order == 0)
			return row;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
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


void
source_column(const Project *project, const char *column,
			  const char *argument, ArrayType **keys, ArrayType **values)
{
	StorageSection section;
	Oid			source = source_require(project);
	StringInfoData sql;
	Rows		rows;

	source_require_column(project, column, argument);
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT pg_catalog.array_agg(");
	source_append_key(&sql, project);
	appendStringInfoString(&sql, "), pg_catalog.array_agg(");
	append_alias_column(&sql, "tdp_source", column);
	appendStringInfoString(&sql, "::pg_catalog.text)");
	source_append_from(&sql, project, source);

	owner_begin(&section, project->owner, project->search_path);
	rows = storage_exec_text(sql.data, "");
	*keys = row_array(rows, 0, 1);
	*values = row_array(rows, 0, 2);
	section_end(&section);
	if (*keys == NULL)
		*keys = *values = construct_empty_array(TEXTOID);
}


char *
source_points_query(const Project *project, const char *column)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	source_append_key(&sql, project);
	appendStringInfoString(&sql, " AS item, ");
	append_alias_column(&sql, "tdp_source", column);
	appendStringInfoString(&sql, " AS features");
	source_append_from(&sql, project, source_require(project));
	appendStringInfoString(&sql, " WHERE ");
	append_alias_column(&sql, "tdp_source", column);
	appendStringInfoString(&sql, " IS NOT NULL");
	source_append_filter(&sql, project);
	return sql.data;
}
