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
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "base/compat.h"
#include "base/storage.h"
#include "consensus/glue.h"
#include "consensus/resolve.h"

const char	resolve_answers_query[] =
"SELECT item_id AS item, member_id AS annotator, label FROM tdp.answer "
"WHERE project_id = $1::integer AND field = $2 AND jsonb_typeof(value) = $3";

/* A field's answers, and what a method made of them. */
typedef struct Resolved
{
	ConsensusInput input;
	ConsensusFit fit;
} Resolved;


ArrayType *
resolve_answers_args(const Resolution *run)
{
	Datum		args[3];

	args[0] = CStringGetTextDatum(psprintf("%d", run->project->id));
	args[1] = CStringGetTextDatum(run->name);
	args[2] = CStringGetTextDatum(run->type);
	return construct_array(args, 3, TEXTOID, -1, false, TYPALIGN_INT);
}


static const char *
label_text(Resolved *resolved, int32 label)
{
	return intern_text(resolved->input.labels,
					   resolved->input.label_codes[label]);
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
			.confidence = choice.confidence,
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


static void
resolve_by_method(Resolution *run)
{
	const ConsensusMethodEntry *entry = consensus_method_named(run->method);
	ConsensusSettings settings;
	Resolved   *resolved = palloc0_object(Resolved);

	consensus_read_settings(NULL, &settings);
	consensus_read(resolve_answers_query, NULL, resolve_answers_args(run),
				   &resolved->input);
	run->annotators = resolved->input.data.nannotators;
	run->annotations = resolved->input.data.nanswers;
	if (resolved->input.data.nitems == 0)
		return;
	run->method = consensus_solve(entry, &resolved->input, &settings, false,
								  &resolved->fit);
	store_labels(run, resolved);
	store_skills(run, resolved);
}


void
resolve_few_labels(Resolution *run)
{
	if (run->given != NULL && strcmp(run->given, "median") == 0)
	{
		resolve_median(run);
		return;
	}
	run->method = run->given != NULL ? run->given : "auto";
	run->why = run->given != NULL ? "asked for"
		: "the default for a field of few labels";
	resolve_by_method(run);
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
	run->method = run->given != NULL ? run->given : "majority";
	run->why = run->given != NULL ? "asked for"
		: "the default where only equal answers agree";
	resolve_by_method(run);
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
		run->method = run->given;
		run->why = "asked for";
		resolve_by_method(run);
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
