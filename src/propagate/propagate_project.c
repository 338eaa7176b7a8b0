/*-------------------------------------------------------------------------
 *
 * propagate_project.c
 *	  Spread a project's labels to the rows that nobody has looked at.
 *
 * A thin layer: the method is propagate_points, which any query may use,
 * called on the source's features and the project's own labels.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "answer/answer.h"
#include "base/arguments.h"
#include "base/compat.h"
#include "base/options.h"
#include "capture/capture.h"
#include "propagate/propagate.h"
#include "schema/schema.h"

PG_FUNCTION_INFO_V1(tdp_auto_annotate);
PG_FUNCTION_INFO_V1(tdp_set_automation);
PG_FUNCTION_INFO_V1(tdp_iterate);

/* What is to be annotated, and how. */
typedef struct Automation
{
	const Project *project;
	const struct SchemaField *field;
	char	   *features;		/* a column, or a query */
	double		target_accuracy;
	Jsonb	   *settings;
	char	   *method;
	int			k;
	char	   *metric;
	char	   *kernel;
	Jsonb	   *priors;
} Automation;

/* What was done. */
typedef struct Outcome
{
	int64		seeds;
	int64		predicted;
	int64		kept;
	double		threshold;
	double		expected;
} Outcome;


static bool
can_annotate(const struct SchemaField *field)
{
	SchemaKind	kind = schema_field_kind(field);

	return kind == SCHEMA_CHOICE || kind == SCHEMA_BOOLEAN ||
		kind == SCHEMA_RATING || kind == SCHEMA_PREFERENCE;
}


/* The field of that name, or the only one that can be annotated. */
static const struct SchemaField *
find_field(const Project *project, const char *name)
{
	const Schema *schema = schema_from_datum(project->label_schema);
	const struct SchemaField *found = NULL;

	if (name != NULL)
	{
		found = schema_field_named(schema, name);
		if (found == NULL || !can_annotate(found))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("project \"%s\" has no field \"%s\" of few labels",
							project->name, name),
					 errhint("Fields of kind choice, boolean, rating and preference can be annotated automatically.")));
		return found;
	}
	for (int i = 0; i < schema_field_count(schema); i++)
	{
		const struct SchemaField *field = schema_field_at(schema, i);

		if (!can_annotate(field))
			continue;
		if (found != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("project \"%s\" has several fields of few labels",
							project->name),
					 errhint("Name one: field => %s or %s, say.",
							 quote_literal_cstr(schema_field_name(found)),
							 quote_literal_cstr(schema_field_name(field)))));
		found = field;
	}
	if (found == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("project \"%s\" has no field of kind choice, boolean, rating or preference",
						project->name)));
	return found;
}


static void
read_settings(Automation *automation, Jsonb *settings)
{
	Option		options[] = {
		{"method", OPTION_TEXT, &automation->method, false, false},
		{"k", OPTION_INT, &automation->k, false, false},
		{"metric", OPTION_TEXT, &automation->metric, false, false},
		{"kernel", OPTION_TEXT, &automation->kernel, false, false},
		{"priors", OPTION_JSONB, &automation->priors, false, false}
	};

	automation->settings = settings;
	automation->method = "auto";
	automation->k = 10;
	automation->metric = "cosine";
	automation->kernel = "self_tuning";
	options_read("settings", settings, options, lengthof(options));
	if (!(automation->target_accuracy > 0 && automation->target_accuracy <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"target_accuracy\" must lie above 0 and be at most 1")));
}


static bool
is_column(const Project *project, const char *features)
{
	Oid			source = project_source(project);

	return OidIsValid(source) &&
		get_attnum(source, features) > 0;
}


/* What set_automation was told of the field; false: nothing. */
static bool
stored_automation(Automation *automation)
{
	StorageSection section;
	Rows		rows;
	bool		found;

	storage_begin(&section, true);
	rows = storage_exec("SELECT features, target_accuracy, settings FROM tdp.automation "
						"WHERE project_id = $1 AND field = $2", "it",
						automation->project->id,
						schema_field_name(automation->field));
	found = rows.count > 0;
	if (found)
	{
		automation->features = row_text(rows, 0, 1);
		automation->target_accuracy = row_float8(rows, 0, 2);
		automation->settings = row_jsonb(rows, 0, 3);
	}
	section_end(&section);
	if (found)
		read_settings(automation, automation->settings);
	return found;
}


/* A query that gives the seeds: what people agreed on, with its confidence. */
static char *
seeds_query(const Automation *automation, int64 *count)
{
	StorageSection section;
	Rows		rows;
	char	   *query = NULL;

	storage_begin(&section, false);
	rows = storage_exec("SELECT count(*), format('SELECT * FROM ROWS FROM (pg_catalog.unnest(%L::pg_catalog.text[]), "
						"pg_catalog.unnest(%L::pg_catalog.text[]), pg_catalog.unnest(%L::pg_catalog.float8[])) "
						"AS s (item, label, weight)', "
						"array_agg(i.key ORDER BY i.item_id), array_agg(l.label ORDER BY i.item_id), "
						"array_agg(coalesce(l.confidence, 1) ORDER BY i.item_id)) "
						"FROM tdp.label l JOIN tdp.item i ON i.item_id = l.item_id "
						"WHERE l.project_id = $1 AND l.field = $2 AND l.source = 'c' "
						"AND i.state <> 'w' AND NOT i.stale AND coalesce(l.confidence, 1) > 0",
						"it", automation->project->id,
						schema_field_name(automation->field));
	*count = row_int64(rows, 0, 1);
	query = row_text(rows, 0, 2);
	section_end(&section);
	if (*count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("project \"%s\" has no labels of field \"%s\" to spread",
						automation->project->name,
						schema_field_name(automation->field)),
				 errhint("Let people annotate some items, then call tdp.resolve(%s).",
						 quote_literal_cstr(automation->project->name))));
	return query;
}


/* Keys of items whose label people gave: these are not predicted. */
static ArrayType *
known_items(const Automation *automation)
{
	StorageSection section;
	ArrayType  *keys;

	storage_begin(&section, false);
	keys = row_array(storage_exec("SELECT coalesce(array_agg(i.key ORDER BY i.key), '{}') "
								  "FROM tdp.label l JOIN tdp.item i ON i.item_id = l.item_id "
								  "WHERE l.project_id = $1 AND l.field = $2 AND l.source = 'c'",
								  "it", automation->project->id,
								  schema_field_name(automation->field)), 0, 1);
	section_end(&section);
	return keys;
}


/* The answer that holds just this label. */
static Jsonb *
answer_of(const struct SchemaField *field, const char *label)
{
	SchemaKind	kind = schema_field_kind(field);
	JsonbParseState *state = NULL;
	JsonbValue	value;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	value.type = jbvString;
	value.val.string.val = pstrdup(schema_field_name(field));
	value.val.string.len = strlen(value.val.string.val);
	pushJsonbValue(&state, WJB_KEY, &value);
	if (kind == SCHEMA_BOOLEAN)
	{
		value.type = jbvBool;
		value.val.boolean = strcmp(label, "true") == 0;
	}
	else if (kind == SCHEMA_RATING)
	{
		value.type = jbvNumeric;
		value.val.numeric = DatumGetNumeric(DirectFunctionCall3(numeric_in,
																CStringGetDatum(label),
																ObjectIdGetDatum(InvalidOid),
																Int32GetDatum(-1)));
	}
	else
	{
		value.val.string.val = pstrdup(label);
		value.val.string.len = strlen(label);
	}
	pushJsonbValue(&state, WJB_VALUE, &value);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}


/* Runs the method in the section that is open; what it says is a list. */
static List *
run_method(const Automation *automation, const char *points,
		   const char *seeds, ArrayType *known, MemoryContext context)
{
	List	   *predictions = NIL;
	Rows		rows;

	rows = storage_exec_text("SELECT p.item, p.label, p.confidence "
							 "FROM tdp.propagate_points($1, $2, $3, $4, $5, $6, $7) p "
							 "WHERE p.label IS NOT NULL AND p.item OPERATOR(pg_catalog.<>) ALL ($8)",
							 "tttittjT", points, seeds, automation->method,
							 automation->k, automation->metric,
							 automation->kernel, automation->priors, known);
	for (uint64 i = 0; i < rows.count; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);
		Prediction *prediction = palloc_object(Prediction);

		prediction->item = row_text(rows, i, 1);
		prediction->value = answer_of(automation->field, row_text(rows, i, 2));
		prediction->confidence = row_float8(rows, i, 3);
		predictions = lappend(predictions, prediction);
		MemoryContextSwitchTo(old);
	}
	return predictions;
}


/* One word that is no column is rather a slip than a relation's name. */
static void
refuse_misspelt_column(const Automation *automation)
{
	const char *features = automation->features;

	if (strpbrk(features, " \t\n(.\"") == NULL &&
		!OidIsValid(RelnameGetRelid(features)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("\"%s\" is neither a column of table %s nor a query",
						features, project_source_name(automation->project)),
				 errdetail("The argument \"features\" of project \"%s\" must be one of them.",
						   automation->project->name)));
}


/*
 * The seeds whose rows are points: one without features, or that has come not
 * to pass the filter, spreads nothing, which is no reason to spread nothing.
 * In the section that is open.
 */
static const char *
seeds_among(const char *seeds, const char *points, int64 *count)
{
	char	   *query = psprintf("SELECT s.item, s.label, s.weight FROM (%s) AS s "
								 "WHERE s.item IN (SELECT p.item FROM (%s) AS p)",
								 seeds, points);

	*count = row_int64(storage_exec_text(psprintf("SELECT count(*) FROM (%s) AS s",
												  query), ""), 0, 1);
	return query;
}


static List *
predict(const Automation *automation, const char *seeds, int64 *nseeds)
{
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;
	const Project *project = automation->project;
	ArrayType  *known = known_items(automation);
	List	   *predictions;

	if (is_column(project, automation->features))
	{
		char	   *points = source_points_query(project, automation->features);

		source_require_column(project, automation->features, "features");
		owner_begin(&section, project->owner, project->search_path);
		seeds = seeds_among(seeds, points, nseeds);
		predictions = run_method(automation, points, seeds, known, context);
		section_end(&section);
	}
	else
	{
		refuse_misspelt_column(automation);
		/* the caller's own query, with the caller's own rights */
		caller_begin(&section);
		predictions = run_method(automation, automation->features, seeds,
								 known, context);
		section_end(&section);
	}
	return predictions;
}


static int
surest_first(const ListCell *a, const ListCell *b)
{
	const Prediction *left = lfirst(a);
	const Prediction *right = lfirst(b);

	if (left->confidence != right->confidence)
		return left->confidence > right->confidence ? -1 : 1;
	return strcmp(left->item, right->item);
}


/* Keeps the surest, as many as have the wanted mean confidence. */
static void
keep_surest(List *predictions, double target, Outcome *outcome)
{
	double		sum = 0;
	int			n = 0;
	ListCell   *cell;

	outcome->threshold = outcome->expected = NAN;
	list_sort(predictions, surest_first);
	foreach(cell, predictions)
	{
		Prediction *prediction = lfirst(cell);

		sum += prediction->confidence;
		n++;
		/* the mean falls as we go: the last place where it suffices counts */
		prediction->keep = sum / n >= target;
		if (!prediction->keep)
			break;
		outcome->kept = n;
		outcome->threshold = prediction->confidence;
		outcome->expected = sum / n;
	}
	while (cell != NULL && (cell = lnext(predictions, cell)) != NULL)
		((Prediction *) lfirst(cell))->keep = false;
}


static Outcome
auto_annotate(Automation *automation)
{
	Outcome		outcome = {0};
	char	   *seeds;
	List	   *predictions;
	const char *name = schema_field_name(automation->field);

	capture_draw_all_touched(automation->project);
	seeds = seeds_query(automation, &outcome.seeds);
	predictions = predict(automation, seeds, &outcome.seeds);
	keep_surest(predictions, automation->target_accuracy, &outcome);
	outcome.predicted = predictions_store(automation->project,
										  psprintf("auto_annotate(%s)", name),
										  SOURCE_PROPAGATED, predictions);
	return outcome;
}


/* The arguments that auto_annotate and set_automation share. */
static Automation
automation_argument(FunctionCallInfo fcinfo, const char *what)
{
	Automation	automation = {0};
	Project    *project;

	argument_refuse_null(fcinfo, 3, "target_accuracy");
	project = project_load(argument_required_text(fcinfo, 0, "project"));
	project_require(project, ROLES_MANAGE, what);
	automation.project = project;
	automation.field = find_field(project, argument_text(fcinfo, 1));
	automation.features = argument_text(fcinfo, 2);
	automation.target_accuracy = PG_GETARG_FLOAT8(3);
	read_settings(&automation, PG_ARGISNULL(4) ? NULL : PG_GETARG_JSONB_P(4));
	return automation;
}


/* auto_annotate(project, field, features, ...): see propagate_project.sql. */
Datum
tdp_auto_annotate(PG_FUNCTION_ARGS)
{
	Automation	automation = automation_argument(fcinfo, "annotate automatically");
	Outcome		outcome;
	TupleDesc	rowtype;
	Datum		values[7];
	bool		nulls[7] = {false};

	if (get_call_result_type(fcinfo, NULL, &rowtype) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (automation.features == NULL && !stored_automation(&automation))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("project \"%s\" has not been told the features of field \"%s\"",
						automation.project->name,
						schema_field_name(automation.field)),
				 errhint("Name a column of the source: features => '...', or keep it with tdp.set_automation.")));
	outcome = auto_annotate(&automation);

	values[0] = CStringGetTextDatum(schema_field_name(automation.field));
	values[1] = CStringGetTextDatum(automation.method);
	values[2] = Int64GetDatum(outcome.seeds);
	values[3] = Int64GetDatum(outcome.predicted);
	values[4] = Int64GetDatum(outcome.kept);
	values[5] = Float8GetDatum(outcome.threshold);
	values[6] = Float8GetDatum(outcome.expected);
	nulls[5] = nulls[6] = outcome.kept == 0;
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(rowtype),
													  values, nulls)));
}


static void
follow_project(ProjectEvent event, const Project *project,
			   const Project *before)
{
	StorageSection section;

	if (event != PROJECT_DROPPED)
		return;
	storage_begin(&section, false);
	storage_exec("DELETE FROM tdp.automation WHERE project_id = $1", "i",
				 project->id);
	section_end(&section);
}


void
propagate_init(void)
{
	project_listen(follow_project);
}


/* set_automation(project, field, features, ...): see propagate_project.sql. */
Datum
tdp_set_automation(PG_FUNCTION_ARGS)
{
	Automation	automation = automation_argument(fcinfo, "automate a field");
	StorageSection section;

	if (automation.features != NULL &&
		!is_column(automation.project, automation.features))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table %s, the source of project \"%s\", has no column \"%s\"",
						project_source_name(automation.project),
						automation.project->name, automation.features),
				 errdetail("What is kept runs in whoever's name calls tdp.iterate, so it must be a column, not a query.")));
	(void) project_hold(automation.project, true);
	storage_begin(&section, true);
	storage_exec("DELETE FROM tdp.automation WHERE project_id = $1 AND field = $2",
				 "it", automation.project->id,
				 schema_field_name(automation.field));
	if (automation.features != NULL)
		storage_exec("INSERT INTO tdp.automation (project_id, field, features, target_accuracy, settings) "
					 "VALUES ($1, $2, $3, $4, coalesce($5, '{}'))", "ittfj",
					 automation.project->id,
					 schema_field_name(automation.field),
					 automation.features, automation.target_accuracy,
					 automation.settings);
	section_end(&section);
	PG_RETURN_VOID();
}


/* The fields that set_automation was told of, as field names. */
static List *
automated_fields(const Project *project)
{
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;
	List	   *fields = NIL;
	Rows		rows;

	storage_begin(&section, true);
	rows = storage_exec("SELECT field FROM tdp.automation WHERE project_id = $1 "
						"ORDER BY field", "i", project->id);
	for (uint64 i = 0; i < rows.count; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		fields = lappend(fields, row_text(rows, i, 1));
		MemoryContextSwitchTo(old);
	}
	section_end(&section);
	return fields;
}


/* iterate(project): see propagate_project.sql. */
Datum
tdp_iterate(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Project    *project = project_load(argument_required_text(fcinfo, 0, "project"));
	StorageSection section;
	int64		labels;
	ListCell   *cell;

	project_require(project, ROLES_MANAGE, "iterate on it");
	InitMaterializedSRF(fcinfo, 0);
	caller_begin(&section);
	labels = row_int64(storage_exec("SELECT tdp.resolve($1)", "t", project->name),
					   0, 1);
	section_end(&section);
	foreach(cell, automated_fields(project))
	{
		Automation	automation = {0};
		Outcome		outcome;
		Datum		values[5];
		bool		nulls[5] = {false};

		automation.project = project;
		automation.field = find_field(project, lfirst(cell));
		(void) stored_automation(&automation);
		outcome = auto_annotate(&automation);
		values[0] = CStringGetTextDatum(lfirst(cell));
		values[1] = Int64GetDatum(labels);
		values[2] = Int64GetDatum(outcome.seeds);
		values[3] = Int64GetDatum(outcome.predicted);
		values[4] = Int64GetDatum(outcome.kept);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
