/*-------------------------------------------------------------------------
 *
 * slice.c
 *	  Read a column, or an expression, of the rows of given keys.
 *
 * The text comes from whoever asks, and runs with the rights of the project's
 * owner, who may be somebody else.  Those who manage the project say what
 * runs so in its filter anyway; for others an expression must not be able to
 * read anything but what they may see: no sub-query, no function but built-in
 * ones that depend on their arguments alone.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/transam.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"

#include "base/compat.h"
#include "capture/capture.h"
#include "capture/source.h"

/* Keys that one statement joins to the source. */
#define BATCH 1000

/* An error in the text says which project and argument it came with. */
typedef struct Asked
{
	const Project *project;
	const char *by;
	const char *argument;
} Asked;


static void
slice_error_callback(void *state)
{
	const Asked *asked = state;

	errcontext("argument \"%s\" (%s) for project \"%s\"", asked->argument,
			   asked->by, asked->project->name);
}


static bool
is_not_harmless(Oid function, void *context)
{
	return function >= FirstNormalObjectId ||
		func_volatile(function) != PROVOLATILE_IMMUTABLE;
}


static bool
calls_more(Node *node, void *context)
{
	if (node == NULL)
		return false;
	/* a domain's checks may call anything */
	if (IsA(node, CoerceToDomain) ||
		check_functions_in_node(node, is_not_harmless, context))
		return true;
	return expression_tree_walker(node, calls_more, context);
}


/* Is there nothing in it that its writer could not do with own rights? */
static void
require_harmless(const Asked *asked, Query *query)
{
	Bitmapset  *columns = NULL;
	int			member = -1;
	Node	   *targets = (Node *) query->targetList;

	if (query->hasSubLinks || contain_mutable_functions(targets) ||
		calls_more(targets, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("argument \"%s\" may only call immutable built-in functions",
						asked->argument),
				 errdetail("It runs with the rights of the owner of project \"%s\", which you do not manage.",
						   asked->project->name),
				 errhint("For a month of a time with time zone: date_trunc('month', created_at AT TIME ZONE 'UTC').")));
	pull_varattnos(targets, 1, &columns);
	while ((member = bms_next_member(columns, member)) >= 0)
	{
		AttrNumber	number = member + FirstLowInvalidHeapAttributeNumber;

		if (number <= 0)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("argument \"%s\" may only name columns of the source",
							asked->argument)));
		source_require_column(asked->project,
							  get_attname(project_source(asked->project), number,
										  false), asked->argument);
	}
}


static void
check_query(const Asked *asked, Query *query)
{
	if (query->hasAggs || query->hasWindowFuncs || query->hasTargetSRFs)
		ereport(ERROR,
				(errcode(ERRCODE_GROUPING_ERROR),
				 errmsg("argument \"%s\" must give one value for each row of the source",
						asked->argument),
				 errhint("Aggregates, window functions and functions that return sets do not.")));
	if (contain_volatile_functions((Node *) query->targetList))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must not be volatile",
						asked->argument),
				 errhint("A row must be in the same slice whenever it is looked at.")));
}


static Query *
parsed(const Project *project, const char *sql)
{
	SPIPlanPtr	plan = SPI_prepare(sql, 0, NULL);

	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s",
			 SPI_result_code_string(SPI_result));
	return linitial_node(Query,
						 ((CachedPlanSource *) linitial(SPI_plan_get_plan_sources(plan)))->query_list);
}


/* Is it a name, and so meant as a column's? */
static bool
is_name(const char *by)
{
	for (const char *c = by; *c != '\0'; c++)
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
			  *c == '_' || IS_HIGHBIT_SET(*c) ||
			  (c > by && *c >= '0' && *c <= '9')))
			return false;
	return *by != '\0';
}


/* SQL of the value as text; checks that the caller may ask for it. */
static char *
value_of(const Asked *asked, Oid source)
{
	const Project *project = asked->project;
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;
	StringInfoData sql;
	StringInfoData value;
	Member	   *me = project_me(project);
	Query	   *query;

	initStringInfo(&value);
	if (get_attnum(source, asked->by) > 0 || is_name(asked->by))
	{
		source_require_column(project, asked->by, asked->argument);
		source_append_column(&value, project, asked->by);
		appendStringInfoString(&value, "::pg_catalog.text");
		return value.data;
	}
	project_check_expression(asked->by, asked->argument,
							 "column or expression",
							 "Give a column's name, or say date_trunc('month', created_at).");
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT (%s\n)", asked->by);
	source_append_from(&sql, project, source);
	owner_begin(&section, project->owner, project->search_path);
	query = parsed(project, sql.data);
	check_query(asked, query);
	MemoryContextSwitchTo(context);
	query = copyObject(query);
	section_end(&section);
	MemoryContextSwitchTo(context);
	if (me == NULL || !(me->role & ROLES_MANAGE))
		require_harmless(asked, query);
	appendStringInfo(&value, "(%s\n)::pg_catalog.text", asked->by);
	return value.data;
}


static List *
read_batch(const Project *project, const char *sql, List *keys, List *found)
{
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;
	Datum		values[MAX_KEY_COLUMNS];
	Oid			types[MAX_KEY_COLUMNS];
	ArrayType **arrays = source_key_arrays(project, keys);
	Rows		rows;

	for (int i = 0; i < project->nkeys; i++)
	{
		values[i] = PointerGetDatum(arrays[i]);
		types[i] = TEXTARRAYOID;
	}
	owner_begin(&section, project->owner, project->search_path);
	rows = owner_exec(sql, project->nkeys, types, values);
	for (uint64 i = 0; i < rows.count; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);
		SourceSlice *slice = palloc_object(SourceSlice);

		slice->key = row_text(rows, i, 1);
		slice->value = row_text(rows, i, 2);
		found = lappend(found, slice);
		MemoryContextSwitchTo(old);
	}
	section_end(&section);
	MemoryContextSwitchTo(context);
	return found;
}


static int
compare_keys(const ListCell *a, const ListCell *b)
{
	return strcmp(((const SourceSlice *) lfirst(a))->key,
				  ((const SourceSlice *) lfirst(b))->key);
}


List *
source_slices(const Project *project, const char *by, const char *argument,
			  List *keys)
{
	Oid			source = source_require(project);
	Asked		asked = {project, by, argument};
	ErrorContextCallback callback;
	StringInfoData sql;
	List	   *found = NIL;
	List	   *batch = NIL;
	ListCell   *cell;

	callback.callback = slice_error_callback;
	callback.arg = &asked;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	source_append_key(&sql, project);
	appendStringInfo(&sql, ", %s", value_of(&asked, source));
	source_append_from(&sql, project, source);
	source_append_keys(&sql, project, source);
	foreach(cell, keys)
	{
		batch = lappend(batch, lfirst(cell));
		if (list_length(batch) < BATCH && lnext(keys, cell) != NULL)
			continue;
		CHECK_FOR_INTERRUPTS();
		found = read_batch(project, sql.data, batch, found);
		list_free(batch);
		batch = NIL;
	}
	error_context_stack = callback.previous;
	list_sort(found, compare_keys);
	return found;
}


SourceSlice *
source_slice_of(List *slices, const char *key)
{
	int			low = 0;
	int			high = list_length(slices);

	while (low < high)
	{
		int			middle = (low + high) / 2;
		SourceSlice *slice = list_nth(slices, middle);
		int			order = strcmp(key, slice->key);

		if (order == 0)
			return slice;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
