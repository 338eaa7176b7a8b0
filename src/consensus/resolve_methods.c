/*-------------------------------------------------------------------------
 *
 * resolve_methods.c
 *	  Resolve a field by a method of tdp.consensus, or by the median.
 *
 * The methods are those that any query may use, fitted once to the project's
 * own answers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "base/compat.h"
#include "base/storage.h"
#include "consensus/glue.h"
#include "consensus/resolve.h"

const char	resolve_answers_query[] =
"SELECT item_id AS item, member_id AS annotator, label FROM tdp.answer "
"WHERE project_id = $1::integer AND field = $2 AND jsonb_typeof(value) = $3 "
"AND ($4::text[] IS NULL OR label = ANY ($4::text[]))";

/* The choice of a method is made anew when the answers have grown so much. */
#define CHOICE_GROWTH 1.5

/* A model of more counts than this is not kept. */
#define MOST_CELLS 10000000

/* A field's answers, and what a method made of them. */
typedef struct Resolved
{
	ConsensusInput input;
	ConsensusFit fit;
	ConsensusCalibration calibration;
} Resolved;


ArrayType *
resolve_labels_allowed(const struct SchemaField *field)
{
	SchemaKind	kind = schema_field_kind(field);
	int			count = schema_field_label_count(field);
	Datum	   *labels;
	double		min;
	double		max;

	if (kind == SCHEMA_RATING && schema_field_range(field, &min, &max) &&
		max - min < 1000)
	{
		labels = palloc_array(Datum, (int) (max - min) + 1);
		for (count = 0; min + count <= max; count++)
			labels[count] = CStringGetTextDatum(psprintf("%d",
														 (int) min + count));
	}
	else if (kind == SCHEMA_CHOICE || kind == SCHEMA_PREFERENCE)
	{
		labels = palloc_array(Datum, count + 1);
		for (int i = 0; i < count; i++)
			labels[i] = CStringGetTextDatum(schema_field_label(field, i));
		if (kind == SCHEMA_PREFERENCE)
			labels[count++] = CStringGetTextDatum("tie");
	}
	else
		return NULL;
	return construct_array(labels, count, TEXTOID, -1, false, TYPALIGN_INT);
}


ArrayType *
resolve_answers_args(const Resolution *run)
{
	ArrayType  *allowed = resolve_labels_allowed(run->field);
	int			dims[1] = {4};
	int			lower[1] = {1};
	bool		nulls[4] = {false, false, false, allowed == NULL};
	Datum		args[4] = {0};

	args[0] = CStringGetTextDatum(psprintf("%d", run->project->id));
	args[1] = CStringGetTextDatum(run->name);
	args[2] = CStringGetTextDatum(run->type);
	if (allowed != NULL)
		args[3] = CStringGetTextDatum(OidOutputFunctionCall(F_ARRAY_OUT,
															PointerGetDatum(allowed)));
	return construct_md_array(args, nulls, 1, dims, lower, TEXTOID, -1, false,
							  TYPALIGN_INT);
}


static const char *
label_text(Resolved *resolved, int32 label)
{
	return intern_text(resolved->input.labels,
					   resolved->input.label_codes[label]);
}


/* {label: probability} of an item. */
static Jsonb *
probabilities_of(Resolved *resolved, int32 item)
{
	ConsensusCandidates all = consensus_candidates(&resolved->input.data,
												   &resolved->fit.posterior,
												   item);
	const char **labels = palloc_array(const char *, all.count);

	for (int32 c = 0; c < all.count; c++)
		labels[c] = label_text(resolved, consensus_candidate_label(&all, c));
	return probabilities_json(all.count, labels, all.probability);
}


static void
store_labels(Resolution *run, Resolved *resolved)
{
	LabelWriter *writer = labels_begin(run);
	MemoryContext row = AllocSetContextCreate(CurrentMemoryContext,
											  "tdp resolved row",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(row);

	for (int32 i = 0; i < resolved->input.data.nitems; i++)
	{
		ConsensusChoice choice = consensus_choose(&resolved->input.data,
												  &resolved->fit, i);
		ResolvedLabel label = {
			.item_id = DatumGetInt64(intern_datum(resolved->input.items,
												  resolved->input.item_codes[i])),
			.label = label_text(resolved, choice.label),
			.confidence = consensus_confidence(&resolved->calibration,
											   &resolved->input,
											   &resolved->fit, i, &choice),
			.probabilities = probabilities_of(resolved, i),
			.answers = choice.annotations
		};

		labels_put(writer, &label);
		MemoryContextReset(row);
	}
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(row);
	labels_end(writer);
}


static void
store_skills(const Resolution *run, Resolved *resolved)
{
	int32		count = resolved->input.data.nannotators;
	ConsensusQuality *quality = consensus_alloc(count, sizeof(ConsensusQuality));

	consensus_judge_annotators(&resolved->input.data, &resolved->fit, quality);
	for (int32 j = 0; j < count; j++)
		skill_put(run,
				  DatumGetInt64(intern_datum(resolved->input.annotators, j)),
				  quality[j].accuracy, quality[j].annotations);
}


/* What the choice rests on, as tdp.resolutions shows it. */
static Jsonb *
pick_evidence(const ConsensusPick *pick)
{
	StringInfoData json;
	bool		first = true;

	initStringInfo(&json);
	appendStringInfo(&json, "{\"hidden\": " INT64_FORMAT ", \"held_out\": {",
					 pick->hidden);
	for (int c = 0; c < pick->ncandidates; c++)
	{
		if (isnan(pick->candidates[c].held_out))
			continue;
		appendStringInfo(&json, "%s\"%s\": %.6f", first ? "" : ", ",
						 consensus_method_name(pick->candidates[c].method),
						 pick->candidates[c].held_out);
		first = false;
	}
	appendStringInfoString(&json, "}}");
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
											  CStringGetDatum(json.data)));
}


/*
 * What "auto" stands for: the choice that was made before, unless the answers
 * have outgrown it, else one made now.
 */
static const ConsensusMethodEntry *
choose_method(Resolution *run, ConsensusInput *input,
			  const ConsensusSettings *settings, StoredModel *before,
			  StoredModel *model)
{
	ConsensusPick pick;

	if (run->given == NULL && before != NULL &&
		before->chosen_annotations > 0 &&
		before->schema_version == run->project->schema_version &&
		input->data.nanswers < CHOICE_GROWTH * before->chosen_annotations &&
		consensus_method_find(before->method) != NULL)
	{
		model->why = before->why;
		model->evidence = before->evidence;
		model->chosen_annotations = before->chosen_annotations;
		return consensus_method_find(before->method);
	}
	memset(&pick, 0, sizeof(pick));
	consensus_choose_method(input, settings, &pick);
	model->why = psprintf("chosen, as %s", pick.why);
	model->evidence = pick.ncandidates > 0 ? pick_evidence(&pick) : NULL;
	model->chosen_annotations = input->data.nanswers;
	return pick.method;
}


/* Keeps what the fit taught, for runs that look at new answers alone. */
static void
keep_model(Resolution *run, Resolved *resolved, StoredModel *model)
{
	ConsensusData *data = &resolved->input.data;
	Size		cells = (Size) data->nclasses * data->nclasses;
	double	   *counts;
	int64	   *answers;

	model->method = pstrdup(run->method);
	model->schema_version = run->project->schema_version;
	model->fitted_annotations = model->annotations = data->nanswers;
	if (model_can_grow(run->method) && consensus_cells(data) <= MOST_CELLS)
	{
		model->nlabels = data->nclasses;
		model->labels = palloc_array(char *, data->nclasses);
		model->classes = palloc0_array(double, data->nclasses);
		for (int32 k = 0; k < data->nclasses; k++)
			model->labels[k] = pstrdup(label_text(resolved, k));
		for (int32 i = 0; i < data->nitems; i++)
		{
			ConsensusCandidates all = consensus_candidates(data,
														   &resolved->fit.posterior,
														   i);

			for (int32 c = 0; c < all.count; c++)
				model->classes[consensus_candidate_label(&all, c)] += all.probability[c];
		}
	}
	model_store(run, model);
	if (model->nlabels == 0)
		return;
	counts = consensus_alloc(consensus_cells(data), sizeof(double));
	answers = palloc0_array(int64, data->nannotators);
	consensus_count_confusion(data, &resolved->fit, counts);
	for (int64 a = 0; a < data->nanswers; a++)
		answers[data->answers[a].annotator]++;
	for (int32 j = 0; j < data->nannotators; j++)
		model_store_annotator(run,
							  DatumGetInt64(intern_datum(resolved->input.annotators, j)),
							  counts + j * cells, data->nclasses, answers[j]);
}


/* Looks at all answers; "before": the model there was, "due": why now. */
static void
resolve_all(Resolution *run, const char *otherwise, StoredModel *before,
			const char *due)
{
	ConsensusSettings settings;
	Resolved   *resolved = palloc0_object(Resolved);
	StoredModel model = {0};
	const ConsensusMethodEntry *entry;
	ConsensusPick pick = {.ncandidates = 1};

	run->method = run->given != NULL ? run->given : otherwise;
	run->why = run->given != NULL ? "asked for"
		: "the default where only equal answers agree";
	entry = consensus_method_named(run->method);
	consensus_read_settings(NULL, &settings);
	consensus_read(resolve_answers_query, NULL, resolve_answers_args(run),
				   &resolved->input);
	run->annotators = resolved->input.data.nannotators;
	run->annotations = resolved->input.data.nanswers;
	if (resolved->input.data.nitems == 0)
	{
		run->why = "there are no answers";
		return;
	}
	model.why = unconstify(char *, run->why);
	if (strcmp(run->method, "auto") == 0)
		entry = choose_method(run, &resolved->input, &settings, before, &model);
	run->method = consensus_solve(entry, &resolved->input, &settings,
								  consensus_confidence_needs_confusion(entry, &resolved->input.data,
																	   &settings),
								  &resolved->fit);

	/* without hidden answers, as a later run of what is new has none */
	pick.method = entry;
	consensus_calibrate(&pick, &resolved->input, &settings,
						&resolved->calibration);
	run->evidence = model.evidence;
	run->why = due == NULL ? model.why
		: psprintf("%s; all answers anew, as %s", model.why, due);
	keep_model(run, resolved, &model);
	store_labels(run, resolved);
	store_skills(run, resolved);
}


/* By what is new since the last run, where that will do; else by all. */
static void
resolve_by_method(Resolution *run, const char *otherwise)
{
	StoredModel *before = model_load(run);
	const char *due = NULL;

	if (run->full || before == NULL ||
		!resolve_update(run, before, &due))
		resolve_all(run, otherwise, before, due);
}


void
resolve_few_labels(Resolution *run)
{
	if (run->given != NULL && strcmp(run->given, "median") == 0)
		resolve_median(run);
	else
		resolve_by_method(run, "auto");
}


void
resolve_equal(Resolution *run)
{
	if (run->given != NULL && strcmp(run->given, "median") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("field \"%s\" of project \"%s\" has no median",
						run->name, run->project->name),
				 errdetail("It is neither a number nor a rating.")));
	resolve_by_method(run, "majority");
}


/* The middle one of the answers, so that it is one of them. */
static void
store_medians(Resolution *run)
{
	Rows		rows = storage_exec("SELECT item_id, percentile_disc(0.5) "
									"WITHIN GROUP (ORDER BY label::numeric)::text, "
									"count(*)::integer FROM tdp.answer "
									"WHERE project_id = $1 AND field = $2 "
									"AND jsonb_typeof(value) = $3 GROUP BY item_id "
									"ORDER BY item_id", "itt",
									run->project->id, run->name, run->type);
	LabelWriter *writer = labels_begin(run);

	for (uint64 i = 0; i < rows.count; i++)
	{
		ResolvedLabel label = {
			.item_id = row_int64(rows, i, 1),
			.label = row_text(rows, i, 2),
			.confidence = NAN,
			.answers = row_int32(rows, i, 3)
		};

		labels_put(writer, &label);
	}
	labels_end(writer);
}


void
resolve_median(Resolution *run)
{
	SchemaKind	kind = schema_field_kind(run->field);
	Rows		rows;

	if (run->given != NULL && strcmp(run->given, "median") != 0)
	{
		resolve_by_method(run, run->given);
		return;
	}
	if (kind != SCHEMA_NUMBER && kind != SCHEMA_RATING)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("field \"%s\" of project \"%s\" has no median",
						run->name, run->project->name),
				 errdetail("It is neither a number nor a rating.")));
	run->method = "median";
	run->why = run->given != NULL ? "asked for" : "the default for a number";
	store_medians(run);
	rows = storage_exec("SELECT count(DISTINCT member_id)::integer, count(*) FROM tdp.answer "
						"WHERE project_id = $1 AND field = $2 "
						"AND jsonb_typeof(value) = $3", "itt",
						run->project->id, run->name, run->type);
	run->annotators = row_int32(rows, 0, 1);
	run->annotations = row_int64(rows, 0, 2);
}
