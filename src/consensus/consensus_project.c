/*-------------------------------------------------------------------------
 *
 * consensus_project.c
 *	  Resolve a project: from its answers to the best that is known.
 *
 * The methods are those that any query may use, fitted once to the project's
 * own answers; what comes of it is written as labels and skills.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "answer/answer.h"
#include "base/arguments.h"
#include "base/compat.h"
#include "capture/capture.h"
#include "consensus/glue.h"
#include "queue/queue.h"
#include "schema/schema.h"

PG_FUNCTION_INFO_V1(tdp_resolve);

/*
 * What the methods read: $1 is the project, $2 the field, $3 the JSON type of
 * its values.  Answers of another type are from before the field was changed.
 */
#define ANSWERS \
	"SELECT item_id AS item, member_id AS annotator, label FROM tdp.answer " \
	"WHERE project_id = $1::integer AND field = $2 " \
	"AND jsonb_typeof(value) = $3"

/* Writes labels of statement "resolved", which names its columns. */
#define STORE_LABELS \
	"INSERT INTO tdp.label AS l (item_id, project_id, field, label, value, " \
	"confidence, probabilities, answers, source, method, schema_version) " \
	"SELECT r.item_id, $1, $2, r.label, " \
	"CASE WHEN $4 THEN to_jsonb(r.label) ELSE r.label::jsonb END, " \
	"r.confidence, r.probabilities, r.answers, 'c', $3, $5 FROM resolved r " \
	"ON CONFLICT (item_id, field) DO UPDATE SET label = excluded.label, " \
	"value = excluded.value, confidence = excluded.confidence, " \
	"probabilities = excluded.probabilities, answers = excluded.answers, " \
	"source = 'c', method = excluded.method, " \
	"schema_version = excluded.schema_version, " \
	"labeled_at = CASE WHEN l.label = excluded.label AND l.source = 'c' " \
	"THEN l.labeled_at ELSE excluded.labeled_at END"


/* Does one label out of few stand for a value of this field? */
static bool
is_categorical(const struct SchemaField *field)
{
	switch (schema_field_kind(field))
	{
		case SCHEMA_CHOICE:
		case SCHEMA_BOOLEAN:
		case SCHEMA_RATING:
		case SCHEMA_PREFERENCE:
			return true;
		default:
			return false;
	}
}


/* The method that the argument "methods" names for a field; else NULL. */
static char *
method_given(Jsonb *methods, const char *field)
{
	JsonbValue	value;

	if (methods == NULL ||
		getKeyJsonValueFromContainer(&methods->root, field, strlen(field),
									 &value) == NULL)
		return NULL;
	if (value.type != jbvString)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the method of field \"%s\" in argument \"methods\" must be a string",
						field)));
	return pnstrdup(value.val.string.val, value.val.string.len);
}


/* Every key of "methods" must be a field of the project. */
static void
check_methods(const Project *project, const Schema *schema, Jsonb *methods)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	key;

	if (methods == NULL)
		return;
	if (!JB_ROOT_IS_OBJECT(methods))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"methods\" must be a JSON object of fields and methods")));
	iterator = JsonbIteratorInit(&methods->root);
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		char	   *name;

		if (token != WJB_KEY)
			continue;
		name = pnstrdup(key.val.string.val, key.val.string.len);
		if (schema_field_named(schema, name) == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("project \"%s\" has no field \"%s\"",
							project->name, name),
					 errdetail("The argument \"methods\" names it.")));
	}
}


static ArrayType *
answer_args(const Project *project, const char *field, const char *type)
{
	Datum		args[3];

	args[0] = CStringGetTextDatum(psprintf("%d", project->id));
	args[1] = CStringGetTextDatum(field);
	args[2] = CStringGetTextDatum(type);
	return construct_array(args, 3, TEXTOID, -1, false, TYPALIGN_INT);
}


/* What a resolution rests on. */
typedef struct Basis
{
	int64		items;
	int32		annotators;
	int64		annotations;
} Basis;

/* Labels that one statement writes. */
#define BATCH 1000

/* A batch of labels as the statement takes it. */
typedef struct LabelBatch
{
	int			count;
	Datum		items[BATCH];
	Datum		labels[BATCH];
	Datum		confidences[BATCH];
	Datum		probabilities[BATCH];
	Datum		answers[BATCH];
} LabelBatch;


/* A field's answers, and what a method made of them. */
typedef struct Resolved
{
	const Project *project;
	const char *field;
	bool		string;			/* are its labels JSON strings? */
	const char *method;			/* the one that was used */
	ConsensusInput input;
	ConsensusFit fit;
} Resolved;


static const char *
label_text(Resolved *resolved, int32 label)
{
	return intern_text(resolved->input.labels,
					   resolved->input.label_codes[label]);
}


static int64
item_id(Resolved *resolved, int32 item)
{
	return DatumGetInt64(intern_datum(resolved->input.items,
									  resolved->input.item_codes[item]));
}


static void
push_text(JsonbParseState **state, JsonbIteratorToken token, const char *text)
{
	JsonbValue	value;

	value.type = jbvString;
	value.val.string.val = pstrdup(text);
	value.val.string.len = strlen(text);
	pushJsonbValue(state, token, &value);
}


/* {label: probability} of an item. */
static Jsonb *
probabilities_of(Resolved *resolved, int32 item)
{
	ConsensusCandidates all = consensus_candidates(&resolved->input.data,
												   &resolved->fit.posterior,
												   item);
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int32 c = 0; c < all.count; c++)
	{
		JsonbValue	value;

		if (all.probability[c] == 0.0)
			continue;
		push_text(&state, WJB_KEY,
				  label_text(resolved, consensus_candidate_label(&all, c)));
		value.type = jbvNumeric;
		value.val.numeric = DatumGetNumeric(DirectFunctionCall1(float8_numeric,
																Float8GetDatum(all.probability[c])));
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}


static void
write_batch(const Resolved *resolved, LabelBatch *batch)
{
	storage_exec("WITH resolved AS (SELECT * FROM unnest($6, $7, $8, $9, $10) "
				 "AS r (item_id, label, confidence, probabilities, answers)) " STORE_LABELS,
				 "ittbiLTFJI", resolved->project->id, resolved->field,
				 resolved->method, resolved->string,
				 resolved->project->schema_version,
				 construct_array(batch->items, batch->count, INT8OID, 8,
								 FLOAT8PASSBYVAL, TYPALIGN_DOUBLE),
				 construct_array(batch->labels, batch->count, TEXTOID, -1,
								 false, TYPALIGN_INT),
				 construct_array(batch->confidences, batch->count, FLOAT8OID,
								 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE),
				 construct_array(batch->probabilities, batch->count, JSONBOID,
								 -1, false, TYPALIGN_INT),
				 construct_array(batch->answers, batch->count, INT4OID, 4,
								 true, TYPALIGN_INT));
	batch->count = 0;
}


static void
store_labels(Resolved *resolved)
{
	LabelBatch *batch = palloc0_object(LabelBatch);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "tdp labels",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(context);
	int32		nitems = resolved->input.data.nitems;

	for (int32 i = 0; i < nitems; i++)
	{
		ConsensusChoice choice = consensus_choose(&resolved->input.data,
												  &resolved->fit, i);
		int			n = batch->count++;

		CHECK_FOR_INTERRUPTS();
		batch->items[n] = Int64GetDatum(item_id(resolved, i));
		batch->labels[n] = CStringGetTextDatum(label_text(resolved, choice.label));
		batch->confidences[n] = Float8GetDatum(choice.confidence);
		batch->probabilities[n] = JsonbPGetDatum(probabilities_of(resolved, i));
		batch->answers[n] = Int32GetDatum(choice.annotations);
		if (batch->count == BATCH || i == nitems - 1)
		{
			write_batch(resolved, batch);
			MemoryContextReset(context);
		}
	}
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(context);
}


static void
store_skills(Resolved *resolved)
{
	int32		count = resolved->input.data.nannotators;
	ConsensusQuality *quality = consensus_alloc(count, sizeof(ConsensusQuality));

	consensus_judge_annotators(&resolved->input.data, &resolved->fit, quality);
	for (int32 j = 0; j < count; j++)
		storage_exec("INSERT INTO tdp.annotator_skill (member_id, field, accuracy, answers) "
					 "VALUES ($1, $2, $3, $4) ON CONFLICT (member_id, field) "
					 "DO UPDATE SET accuracy = excluded.accuracy, "
					 "answers = excluded.answers, resolved_at = excluded.resolved_at",
					 "itDl",
					 (int32) DatumGetInt64(intern_datum(resolved->input.annotators, j)),
					 resolved->field,
					 isnan(quality[j].accuracy) ? NULL : &quality[j].accuracy,
					 quality[j].annotations);
}


/* Sets *method to the one that was used. */
static Basis
resolve_by_method(const Project *project, const char *field,
				  const char **method, const char *type)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "tdp resolve",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(context);
	const ConsensusMethodEntry *entry = consensus_method_named(*method);
	ConsensusSettings settings;
	Resolved   *resolved = palloc0_object(Resolved);
	Basis		basis;

	resolved->project = project;
	resolved->field = field;
	resolved->string = strcmp(type, "string") == 0;
	consensus_read_settings(NULL, &settings);
	consensus_read(ANSWERS, NULL, answer_args(project, field, type),
				   &resolved->input);
	basis.items = resolved->input.data.nitems;
	basis.annotators = resolved->input.data.nannotators;
	basis.annotations = resolved->input.data.nanswers;
	if (basis.items > 0)
	{
		*method = resolved->method = consensus_solve(entry, &resolved->input,
													 &settings, false,
													 &resolved->fit);
		store_labels(resolved);
		store_skills(resolved);
	}
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(context);
	return basis;
}


/* A number: the middle one of the answers, so that it is one of them. */
static Basis
resolve_by_median(const Project *project, const char *field, const char *type)
{
	Basis		basis;
	Rows		rows;

	basis.items = storage_exec("WITH resolved AS (SELECT item_id, "
							   "percentile_disc(0.5) WITHIN GROUP (ORDER BY label::numeric)::text AS label, "
							   "NULL::float8 AS confidence, NULL::jsonb AS probabilities, "
							   "count(*)::integer AS answers FROM tdp.answer "
							   "WHERE project_id = $1 AND field = $2 "
							   "AND jsonb_typeof(value) = $6 GROUP BY item_id) " STORE_LABELS,
							   "ittbit", project->id, field, "median", false,
							   project->schema_version, type).count;
	rows = storage_exec("SELECT count(DISTINCT member_id)::integer, count(*) FROM tdp.answer "
						"WHERE project_id = $1 AND field = $2 "
						"AND jsonb_typeof(value) = $3", "itt", project->id, field, type);
	basis.annotators = row_int32(rows, 0, 1);
	basis.annotations = row_int64(rows, 0, 2);
	return basis;
}


static void
log_resolution(const Project *project, const char *field, const char *method,
			   const char *why, const Basis *basis)
{
	storage_exec("INSERT INTO tdp.resolution (project_id, field, method, why, items, annotators, annotations) "
				 "VALUES ($1, $2, $3, $4, $5, $6, $7)", "itttlil",
				 project->id, field, method, why, basis->items,
				 basis->annotators, basis->annotations);
}


/* Labels from when the field was of another kind say nothing about today's. */
static void
forget_other_kind(const Project *project, const char *field, const char *type)
{
	storage_exec("DELETE FROM tdp.label WHERE project_id = $1 AND field = $2 "
				 "AND source = 'c' AND jsonb_typeof(value) <> $3", "itt",
				 project->id, field, type);
}


/* Completed items that are less sure than wanted get one more slot. */
static void
ask_again(const Project *project, const struct SchemaField *field)
{
	double		target = project->target_confidence;
	Rows		rows;

	(void) schema_field_target_confidence(field, &target);
	if (target <= 0 || project->max_overlap <= project->overlap)
		return;
	rows = storage_exec("SELECT i.item_id FROM tdp.item i JOIN tdp.label l ON l.item_id = i.item_id "
						"WHERE i.project_id = $1 AND i.state = 'c' AND i.slots < $2 "
						"AND l.field = $3 AND l.source = 'c' AND l.confidence < $4 "
						"ORDER BY i.key", "iitf", project->id,
						project->max_overlap, schema_field_name(field), target);
	for (uint64 i = 0; i < rows.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		item_add_slot(row_int64(rows, i, 1), project->max_overlap);
	}
}


static int64
resolve_field(const Project *project, const struct SchemaField *field,
			  const char *given)
{
	const char *name = schema_field_name(field);
	const char *method;
	const char *why;
	Basis		basis;

	if (given != NULL)
	{
		method = given;
		why = "asked for";
	}
	else if (is_categorical(field))
	{
		method = "auto";
		why = "the default for a field of few labels";
	}
	else if (schema_field_kind(field) == SCHEMA_NUMBER)
	{
		method = "median";
		why = "the default for a number";
	}
	else
	{
		method = "majority";
		why = "the default where only equal answers agree";
	}
	if (strcmp(method, "median") == 0)
	{
		if (schema_field_kind(field) != SCHEMA_NUMBER &&
			schema_field_kind(field) != SCHEMA_RATING)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("field \"%s\" of project \"%s\" has no median",
							name, project->name),
					 errdetail("It is neither a number nor a rating.")));
		basis = resolve_by_median(project, name, schema_field_json_type(field));
	}
	else
		basis = resolve_by_method(project, name, &method, schema_field_json_type(field));
	forget_other_kind(project, name, schema_field_json_type(field));
	log_resolution(project, name, method, why, &basis);
	if (is_categorical(field))
		ask_again(project, field);
	return basis.items;
}


/* resolve(project, methods, full): see consensus_project.sql. */
Datum
tdp_resolve(PG_FUNCTION_ARGS)
{
	StorageSection section;
	Project    *project;
	Jsonb	   *methods = PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1);
	const Schema *schema;
	int64		labels = 0;

	project = project_load(argument_required_text(fcinfo, 0, "project"));
	project_require(project, ROLES_MANAGE, "resolve its answers");
	schema = schema_from_datum(project->label_schema);
	check_methods(project, schema, methods);

	capture_draw_all_touched(project);
	storage_begin(&section, false);
	for (int i = 0; i < schema_field_count(schema); i++)
	{
		const struct SchemaField *field = schema_field_at(schema, i);

		labels += resolve_field(project, field,
								method_given(methods, schema_field_name(field)));
	}
	section_end(&section);
	PG_RETURN_INT64(labels);
}
