/*-------------------------------------------------------------------------
 *
 * typed_views.c
 *	  The two views that each project gives to BI tools.
 *
 * <project>_labels is a row per row of the source with the best that is known
 * about it; whoever may read the view sees all of it.  <project>_answers is a
 * row per item and annotator, and shows what its reader may see.  Both belong
 * to the project's owner.
 *
 * What the first reads of our tables it reads through two views in the schema
 * tdp that hold this project's rows alone and that the owner may read: so
 * that PostgreSQL's own rules for views decide, also for views on top of it,
 * and the planner sees plain tables.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "answer/typed_views.h"
#include "base/compat.h"
#include "schema/schema.h"

/* Columns that a view has got so far. */
typedef struct ViewColumns
{
	StringInfoData list;		/* SQL behind SELECT */
	List	   *names;
	bool		tell;			/* of fields that get another name? */
} ViewColumns;


static bool
has_name(const ViewColumns *columns, const char *name)
{
	ListCell   *cell;

	foreach(cell, columns->names)
	{
		if (strcmp(lfirst(cell), name) == 0)
			return true;
	}
	return false;
}


static void
add_column(ViewColumns *columns, const char *expression, const char *name)
{
	appendStringInfo(&columns->list, "%s%s AS %s",
					 columns->names == NIL ? "" : ", ", expression,
					 quote_identifier(name));
	columns->names = lappend(columns->names, pstrdup(name));
}


/*
 * The name <stem><suffix>, or label_<stem><suffix> where the source has a
 * column of that name: the source keeps its names.
 */
static char *
free_name(const ViewColumns *columns, const char *stem, const char *suffix)
{
	int			room = NAMEDATALEN - 1 - strlen(suffix);
	char	   *name = psprintf("%.*s%s", pg_mbcliplen(stem, strlen(stem), room),
								stem, suffix);

	if (!has_name(columns, name))
		return name;
	name = psprintf("label_%.*s%s",
					pg_mbcliplen(stem, strlen(stem), room - 6), stem, suffix);
	for (int i = 2; has_name(columns, name); i++)
		name = psprintf("label_%.*s_%d%s",
						pg_mbcliplen(stem, strlen(stem), room - 12), stem, i,
						suffix);
	return name;
}


static void
add_source_columns(ViewColumns *columns, Oid source)
{
	Relation	relation = table_open(source, AccessShareLock);
	TupleDesc	rowtype = RelationGetDescr(relation);

	for (int i = 0; i < rowtype->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(rowtype, i);

		if (!attribute->attisdropped)
			add_column(columns,
					   psprintf("tdp_source.%s",
								quote_identifier(NameStr(attribute->attname))),
					   NameStr(attribute->attname));
	}
	table_close(relation, NoLock);
}


/* What one field adds to <project>_labels; its labels' alias is f<i>. */
static void
add_label_columns(ViewColumns *columns, const Project *project,
				  const struct SchemaField *field, int i)
{
	const char *name = schema_field_name(field);
	char	   *column = free_name(columns, name, "");

	if (columns->tell && strcmp(column, name) != 0 &&
		strncmp(column, "label_", 6) == 0)
		ereport(NOTICE,
				(errmsg("field \"%s\" of project \"%s\" becomes column \"%s\"",
						name, project->name, column),
				 errdetail("The source has a column of the field's name.")));
	add_column(columns,
			   schema_field_sql_expression(field, psprintf("f%d.value", i)),
			   column);
	add_column(columns, psprintf("f%d.confidence", i),
			   free_name(columns, name, "_confidence"));
	add_column(columns, psprintf("f%d.source", i),
			   free_name(columns, name, "_source"));
	add_column(columns, psprintf("f%d.answers", i),
			   free_name(columns, name, "_answers"));
}


static char *
base_view(const Project *project, const char *what)
{
	return psprintf("tdp.project_%d_%s", project->id, what);
}


/* SQL of <project>_labels. */
static char *
labels_query(const Project *project, const Schema *schema, Oid source,
			 bool tell)
{
	ViewColumns columns = {.tell = tell};
	StringInfoData from;
	StringInfoData labeled_at;
	int			nfields = schema_field_count(schema);

	initStringInfo(&columns.list);
	initStringInfo(&from);
	initStringInfo(&labeled_at);
	add_source_columns(&columns, source);

	appendStringInfo(&from, " FROM %s%s AS tdp_source LEFT JOIN %s AS tdp_item "
					 "ON tdp_item.item OPERATOR(pg_catalog.=) tdp.item_key(",
					 get_rel_relkind(source) == RELKIND_RELATION ? "ONLY " : "",
					 project_source_name(project), base_view(project, "items"));
	for (int i = 0; i < project->nkeys; i++)
		appendStringInfo(&from, "%stdp_source.%s", i > 0 ? ", " : "",
						 quote_identifier(project->keys[i]));
	appendStringInfoChar(&from, ')');
	for (int i = 0; i < nfields; i++)
	{
		const struct SchemaField *field = schema_field_at(schema, i);

		add_label_columns(&columns, project, field, i);
		appendStringInfo(&from, " LEFT JOIN %s AS f%d "
						 "ON f%d.item_id OPERATOR(pg_catalog.=) tdp_item.item_id "
						 "AND f%d.field OPERATOR(pg_catalog.=) %s",
						 base_view(project, "labels"), i, i, i,
						 quote_literal_cstr(schema_field_name(field)));
		appendStringInfo(&labeled_at, "%sf%d.labeled_at", i > 0 ? ", " : "", i);
	}
	add_column(&columns,
			   project->filter == NULL
			   ? "COALESCE(tdp_item.state, 'waiting'::pg_catalog.text)"
			   : "tdp_item.state",
			   free_name(&columns, "tdp_state", ""));
	add_column(&columns, psprintf("GREATEST(%s)", labeled_at.data),
			   free_name(&columns, "tdp_labeled_at", ""));
	return psprintf("SELECT %s%s", columns.list.data, from.data);
}


/* The key's columns, with their own types, of an item's text. */
static void
add_key_columns(ViewColumns *columns, const Project *project, Oid source)
{
	for (int i = 0; i < project->nkeys; i++)
	{
		AttrNumber	number = get_attnum(source, project->keys[i]);
		char	   *type = format_type_extended(get_atttype(source, number), -1,
												FORMAT_TYPE_TYPEMOD_GIVEN |
												FORMAT_TYPE_FORCE_QUALIFY);

		add_column(columns, project->nkeys == 1
				   ? psprintf("a.item::%s", type)
				   : psprintf("(a.item::pg_catalog.jsonb OPERATOR(pg_catalog.->>) %d)::%s",
							  i, type),
				   project->keys[i]);
	}
}


/* SQL of <project>_answers. */
static char *
answers_query(const Project *project, const Schema *schema, Oid source)
{
	static const char *const others[] = {
		"status", "revision", "extra", "seconds", "submitted_at"
	};
	ViewColumns columns = {0};
	int			nfields = schema_field_count(schema);

	initStringInfo(&columns.list);
	add_key_columns(&columns, project, source);
	if (!has_name(&columns, "item"))
		add_column(&columns, "a.item", "item");
	if (!has_name(&columns, "annotator"))
		add_column(&columns, "a.annotator", "annotator");
	for (int i = 0; i < nfields; i++)
	{
		const struct SchemaField *field = schema_field_at(schema, i);
		const char *name = schema_field_name(field);

		add_column(&columns,
				   schema_field_sql_expression(field,
											   psprintf("(a.value OPERATOR(pg_catalog.->) %s)",
														quote_literal_cstr(name))),
				   free_name(&columns, name, ""));

		/* so that a solver takes the view as it is */
		if (nfields == 1 && !has_name(&columns, "label"))
			add_column(&columns,
					   schema_field_sql_expression(field,
												   psprintf("(a.value OPERATOR(pg_catalog.->) %s)",
															quote_literal_cstr(name))),
					   "label");
	}
	for (int i = 0; i < lengthof(others); i++)
		add_column(&columns, psprintf("a.%s", others[i]),
				   free_name(&columns, others[i], ""));
	return psprintf("SELECT %s FROM tdp.annotations AS a "
					"WHERE a.project OPERATOR(pg_catalog.=) %s "
					"AND tdp.require_member(%s)", columns.list.data,
					quote_literal_cstr(project->name),
					quote_literal_cstr(project->name));
}


static void
run(const char *sql)
{
	int			result = SPI_execute(sql, false, 0);

	if (result < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
}


/* The views that the typed ones stand on: this project's rows alone. */
static void
make_base_views(const Project *project)
{
	StorageSection section;
	char	   *items = base_view(project, "items");
	char	   *labels = base_view(project, "labels");
	bool		has_owner = OidIsValid(get_role_oid(project->owner, true));

	storage_begin(&section, false);
	run(psprintf("CREATE OR REPLACE VIEW %s AS SELECT i.key AS item, i.item_id, "
				 "CASE WHEN i.state = 'w' THEN 'withdrawn' WHEN i.stale THEN 'stale' "
				 "WHEN i.state = 'c' THEN 'completed' ELSE 'open' END AS state "
				 "FROM tdp.item i WHERE i.project_id = %d", items, project->id));
	run(psprintf("CREATE OR REPLACE VIEW %s AS SELECT l.item_id, l.field, l.label, "
				 "l.value, l.confidence, CASE l.source WHEN 'c' THEN 'consensus' "
				 "WHEN 'p' THEN 'propagated' ELSE 'model' END AS source, l.answers, "
				 "l.labeled_at FROM tdp.label l WHERE l.project_id = %d",
				 labels, project->id));
	run(psprintf("COMMENT ON VIEW %s IS %s", items,
				 quote_literal_cstr(psprintf("Items of project \"%s\" for its typed view.",
											 project->name))));
	run(psprintf("COMMENT ON VIEW %s IS %s", labels,
				 quote_literal_cstr(psprintf("Labels of project \"%s\" for its typed view.",
											 project->name))));
	if (has_owner)
		run(psprintf("GRANT SELECT ON %s, %s TO %s", items, labels,
					 quote_identifier(project->owner)));
	section_end(&section);
}


static char *
view_name(const Project *project, const char *suffix)
{
	return quote_qualified_identifier(project->views_schema,
									  psprintf("%s_%s", project->name, suffix));
}


static bool
view_exists(const Project *project, const char *suffix)
{
	Oid			namespace = get_namespace_oid(project->views_schema, true);

	return OidIsValid(namespace) &&
		OidIsValid(get_relname_relid(psprintf("%s_%s", project->name, suffix),
									 namespace));
}


/* The number of the column of that name and type; 0 when there is none. */
static int
column_like(TupleDesc rowtype, Form_pg_attribute wanted)
{
	for (int i = 0; i < rowtype->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(rowtype, i);

		if (strcmp(NameStr(attribute->attname), NameStr(wanted->attname)) == 0 &&
			attribute->atttypid == wanted->atttypid &&
			attribute->atttypmod == wanted->atttypmod &&
			attribute->attcollation == wanted->attcollation)
			return i + 1;
	}
	return 0;
}


/*
 * The query by which the view that is there can be replaced: the columns that
 * it has first, then new ones.  So it keeps its grants and what stands on it.
 * NULL when a column has gone or changed its type.
 */
static char *
replacing_query(const Project *project, const char *suffix, const char *query)
{
	Oid			namespace = get_namespace_oid(project->views_schema, false);
	Oid			view = get_relname_relid(psprintf("%s_%s", project->name, suffix),
										 namespace);
	Relation	relation = relation_open(view, AccessShareLock);
	TupleDesc	old = RelationGetDescr(relation);
	TupleDesc	new;
	StringInfoData sql;
	Bitmapset  *kept = NULL;
	bool		same_order = true;

	if (SPI_execute(psprintf("%s LIMIT 0", query), true, 0) != SPI_OK_SELECT)
		elog(ERROR, "reading a typed view's query failed");
	new = SPI_tuptable->tupdesc;
	initStringInfo(&sql);
	for (int i = 0; i < old->natts; i++)
	{
		int			number = column_like(new, TupleDescAttr(old, i));

		if (number == 0)
			break;
		same_order = same_order && number == i + 1;
		kept = bms_add_member(kept, number);
		appendStringInfo(&sql, "%s%s", i > 0 ? ", " : "",
						 quote_identifier(NameStr(TupleDescAttr(new, number - 1)->attname)));
	}
	for (int i = 0; i < new->natts; i++)
		if (!bms_is_member(i + 1, kept))
			appendStringInfo(&sql, ", %s",
							 quote_identifier(NameStr(TupleDescAttr(new, i)->attname)));
	relation_close(relation, AccessShareLock);
	if (bms_num_members(kept) < old->natts)
		return NULL;
	return same_order ? pstrdup(query)
		: psprintf("SELECT %s FROM (%s) AS tdp_view", sql.data, query);
}


/* The statements that grant anew what is granted on a view. */
static List *
grants_on(const Project *project, const char *suffix)
{
	List	   *grants = NIL;
	char	   *view = quote_literal_cstr(view_name(project, suffix));

	if (SPI_execute(psprintf("SELECT pg_catalog.format('GRANT %%s ON %%s TO %%s%%s', a.privilege_type, %s, "
							 "CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.rolname) END, "
							 "CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' END) "
							 "FROM pg_catalog.pg_class c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a "
							 "LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee "
							 "WHERE c.oid = %s::pg_catalog.regclass AND a.grantor = c.relowner "
							 "AND a.grantee <> c.relowner", view, view),
					true, 0) != SPI_OK_SELECT)
		elog(ERROR, "reading a typed view's grants failed");
	for (uint64 i = 0; i < SPI_processed; i++)
		grants = lappend(grants, SPI_getvalue(SPI_tuptable->vals[i],
											  SPI_tuptable->tupdesc, 1));
	return grants;
}


static void
make_view(const Project *project, const char *suffix, char *query,
		  const char *comment)
{
	StorageSection section;
	char	   *view = view_name(project, suffix);
	char	   *replacing = NULL;
	List	   *grants = NIL;
	ListCell   *cell;

	owner_begin(&section, project->owner, "pg_catalog, pg_temp");
	if (view_exists(project, suffix))
	{
		replacing = replacing_query(project, suffix, query);
		if (replacing == NULL)
		{
			grants = grants_on(project, suffix);
			run(psprintf("DROP VIEW %s", view));
		}
	}
	run(psprintf("CREATE OR REPLACE VIEW %s AS %s", view,
				 replacing != NULL ? replacing : query));
	run(psprintf("COMMENT ON VIEW %s IS %s", view,
				 quote_literal_cstr(comment)));
	foreach(cell, grants)
		run(lfirst(cell));
	section_end(&section);
}


/* What has one of the views' names already is not ours. */
static void
refuse_taken_names(const Project *project)
{
	static const char *const suffixes[] = {"labels", "answers"};

	for (int i = 0; i < lengthof(suffixes); i++)
		if (view_exists(project, suffixes[i]))
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_TABLE),
					 errmsg("relation %s exists already",
							view_name(project, suffixes[i])),
					 errdetail("Project \"%s\" makes a view of that name.",
							   project->name),
					 errhint("Choose another name for the project, or another schema for its views: settings => '{\"views_schema\": \"...\"}'.")));
}


void
typed_views_make(const Project *project, bool are_new, bool tell)
{
	Oid			source = project_source(project);
	const Schema *schema = schema_from_datum(project->label_schema);

	if (!OidIsValid(source))
		return;
	if (are_new)
		refuse_taken_names(project);
	make_base_views(project);
	make_view(project, "labels", labels_query(project, schema, source, tell),
			  psprintf("Rows of %s with the best that project \"%s\" knows about them: of each field the value, its confidence (0 to 1), its source (consensus, propagated or model) and the number of answers it rests on.",
					   project_source_name(project), project->name));
	make_view(project, "answers", answers_query(project, schema, source),
			  psprintf("Answers of project \"%s\": a row per item and annotator that the reader may see. Members only.",
					   project->name));
}


static void
give_view(const Project *project, const char *suffix, const char *owner)
{
	if (view_exists(project, suffix))
		run(psprintf("ALTER VIEW %s OWNER TO %s", view_name(project, suffix),
					 quote_identifier(owner)));
}


void
typed_views_give(const Project *project, const char *owner)
{
	StorageSection section;
	Oid			before = get_role_oid(project->owner, true);

	/* who adopts a project has the rights to hand over what is another's */
	caller_begin(&section);
	give_view(project, "labels", owner);
	give_view(project, "answers", owner);
	section_end(&section);

	storage_begin(&section, false);
	if (OidIsValid(before) && before != GetUserId())
		run(psprintf("REVOKE ALL ON %s, %s FROM %s",
					 base_view(project, "items"), base_view(project, "labels"),
					 quote_identifier(project->owner)));
	section_end(&section);
}


static void
drop_view(const Project *project, const char *suffix)
{
	StorageSection section;

	if (!view_exists(project, suffix))
		return;
	owner_begin(&section, project->owner, "pg_catalog, pg_temp");
	run(psprintf("DROP VIEW %s", view_name(project, suffix)));
	section_end(&section);
}


void
typed_views_drop(const Project *project)
{
	drop_view(project, "labels");
	drop_view(project, "answers");
}


void
typed_views_drop_base(const Project *project)
{
	StorageSection section;

	storage_begin(&section, false);
	run(psprintf("DROP VIEW IF EXISTS %s, %s", base_view(project, "items"),
				 base_view(project, "labels")));
	section_end(&section);
}
