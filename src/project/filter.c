/*-------------------------------------------------------------------------
 *
 * filter.c
 *	  A project's filter: is it one condition on the source's columns, and
 *	  which columns does it read?
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "optimizer/optimizer.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"

#include "base/compat.h"
#include "project/filter.h"

/* What a walk over the filter found. */
typedef struct FilterColumns
{
	int			depth;			/* levels of sub-queries that we are in */
	Bitmapset  *columns;		/* attribute numbers that it reads */
	bool		whole_row;
	bool		subquery;
} FilterColumns;


/* A place in the text is none in the statement that is being run. */
static void
expression_error_callback(void *text)
{
	int			position = geterrposition();

	if (position > 0)
	{
		errposition(0);
		internalerrposition(position);
		internalerrquery(text);
	}
}


/*
 * The text is pasted into a statement, so it must be an expression and nothing
 * more: no second clause, no comment that swallows what follows.
 */
void
project_check_expression(const char *text, const char *argument,
						 const char *what, const char *hint)
{
	ErrorContextCallback callback;
	List	   *parsed;
	SelectStmt *select;
	ResTarget  *target;

	callback.callback = expression_error_callback;
	callback.arg = unconstify(char *, text);
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	parsed = raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
	error_context_stack = callback.previous;

	select = (SelectStmt *) linitial_node(RawStmt, parsed)->stmt;
	target = list_length(select->targetList) == 1
		? linitial_node(ResTarget, select->targetList) : NULL;
	if (target == NULL || target->name != NULL || select->fromClause != NIL ||
		select->whereClause != NULL || select->groupClause != NIL ||
		select->havingClause != NULL || select->windowClause != NIL ||
		select->sortClause != NIL || select->limitCount != NULL ||
		select->limitOffset != NULL || select->lockingClause != NIL ||
		select->distinctClause != NIL || select->op != SETOP_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("argument \"%s\" must be one %s on the source's columns",
						argument, what),
				 errhint("%s", hint)));
}


static bool
collect_columns(Node *node, FilterColumns *found)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var))
	{
		Var		   *var = (Var *) node;

		if (var->varlevelsup == found->depth && var->varno == 1)
		{
			if (var->varattno <= 0)
				found->whole_row = true;
			else
				found->columns = bms_add_member(found->columns, var->varattno);
		}
		return false;
	}
	if (IsA(node, Query))
	{
		bool		stop;

		found->subquery = true;
		found->depth++;
		stop = query_tree_walker((Query *) node, collect_columns, found, 0);
		found->depth--;
		return stop;
	}
	return expression_tree_walker(node, collect_columns, found);
}


/* Parses the filter as the owner would run it; leaves its columns in found. */
static void
analyze_filter(const Project *project, FilterColumns *found)
{
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;
	MemoryContext old;
	SPIPlanPtr	plan;
	Query	   *query;

	owner_begin(&section, project->owner, project->search_path);
	plan = SPI_prepare(psprintf("SELECT 1 FROM %s WHERE (%s\n)",
								project_source_name(project),
								project->filter), 0, NULL);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s",
			 SPI_result_code_string(SPI_result));
	query = linitial_node(Query,
						  ((CachedPlanSource *) linitial(SPI_plan_get_plan_sources(plan)))->query_list);
	old = MemoryContextSwitchTo(context);
	collect_columns(query->jointree->quals, found);
	MemoryContextSwitchTo(old);
	if (found->subquery || contain_mutable_functions(query->jointree->quals))
		ereport(NOTICE,
				(errmsg("the filter of project \"%s\" depends on more than the row",
						project->name),
				 errdetail("A row that comes to pass it, or ceases to, without being changed itself is not noticed."),
				 errhint("Run tdp.sync(%s) whenever it should be.",
						 quote_literal_cstr(project->name))));
	section_end(&section);
}


/* The shown columns and those of the filter, each once. */
static ArrayType *
watched_columns(const Project *project, Relation source, Bitmapset *read)
{
	Datum	   *names;
	int			count;
	int			number = -1;
	ArrayBuildState *watched = NULL;

	deconstruct_array(project->columns, TEXTOID, -1, false, TYPALIGN_INT,
					  &names, NULL, &count);
	for (int i = 0; i < count; i++)
	{
		AttrNumber	attribute = get_attnum(RelationGetRelid(source),
										   TextDatumGetCString(names[i]));

		watched = accumArrayResult(watched, names[i], false, TEXTOID,
								   CurrentMemoryContext);
		read = bms_del_member(read, attribute);
	}
	while ((number = bms_next_member(read, number)) >= 0)
		watched = accumArrayResult(watched,
								   CStringGetTextDatum(get_attname(RelationGetRelid(source),
																   number, false)),
								   false, TEXTOID, CurrentMemoryContext);
	return DatumGetArrayTypeP(makeArrayResult(watched, CurrentMemoryContext));
}


ArrayType *
filter_check(const Project *project, Relation source)
{
	FilterColumns found = {0};

	if (project->filter != NULL)
	{
		project_check_expression(project->filter, "filter", "condition",
								 "Write what would stand behind WHERE: filter => 'lang = ''de'''.");
		analyze_filter(project, &found);
	}
	if (project->columns == NULL || project->show_name != NULL ||
		found.whole_row)
		return NULL;
	return watched_columns(project, source, found.columns);
}
