/*-------------------------------------------------------------------------
 *
 * resolve_choices.c
 *	  Resolve a field of several labels an item: each label by itself.
 *
 * Whether an item has a label is a question with two answers, which every
 * annotator of the item has given.  The item gets the labels that are more
 * likely than not.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "consensus/glue.h"
#include "consensus/resolve.h"

/* Fewer annotators than this cannot be told apart. */
#define FEWEST_SHARING 3

/* A field's answers, and what is made of them. */
typedef struct Choices
{
	Resolution *run;
	ConsensusInput input;		/* its labels are sets */
	ConsensusData data;			/* the same answers to one question: 0 no, 1
								 * yes */
	ConsensusSettings settings;
	const ConsensusMethodEntry *method;
	Jsonb	  **sets;			/* of a class */
	int			nlabels;		/* of the field */
	float8	   *probability;	/* items x labels */
	double	   *accuracy;		/* of an annotator: sum over the labels */
	int			nasked;			/* labels that some say and some do not */
} Choices;


static void
read_choices(Choices *choices)
{
	ConsensusInput *input = &choices->input;
	const ConsensusData *data = &input->data;

	consensus_read_settings(NULL, &choices->settings);
	consensus_read(resolve_answers_query, NULL,
				   resolve_answers_args(choices->run), input);
	choices->nlabels = schema_field_label_count(choices->run->field);
	choices->sets = palloc_array(Jsonb *, Max(data->nclasses, 1));
	for (int32 k = 0; k < data->nclasses; k++)
		choices->sets[k] = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
															  CStringGetDatum(intern_text(input->labels,
																						  input->label_codes[k]))));
	consensus_check_memory(input->context, 8.0 * data->nitems *
						   choices->nlabels + 16.0 * data->nanswers,
						   psprintf("%d labels of %d items", choices->nlabels,
									data->nitems));
	choices->probability = consensus_alloc((Size) data->nitems *
										   choices->nlabels, sizeof(float8));
	choices->accuracy = palloc0_array(double, Max(data->nannotators, 1));
	choices->data = *data;
	choices->data.nclasses = 2;
	choices->data.answers = consensus_alloc(data->nanswers,
											sizeof(ConsensusAnswer));
}


static bool
has_label(Jsonb *set, const char *label)
{
	JsonbValue	value;

	value.type = jbvString;
	value.val.string.val = unconstify(char *, label);
	value.val.string.len = strlen(label);
	return findJsonbValueFromContainer(&set->root, JB_FARRAY, &value) != NULL;
}


/* Makes the answers those to one label's question; how many say yes? */
static int64
ask(Choices *choices, int label)
{
	const ConsensusData *from = &choices->input.data;
	const char *name = schema_field_label(choices->run->field, label);
	int32	   *has = palloc_array(int32, from->nclasses);
	int64		yes = 0;

	for (int32 k = 0; k < from->nclasses; k++)
		has[k] = has_label(choices->sets[k], name);
	for (int64 a = 0; a < from->nanswers; a++)
	{
		choices->data.answers[a] = from->answers[a];
		choices->data.answers[a].label = has[from->answers[a].label];
		yes += choices->data.answers[a].label;
	}
	pfree(has);
	return yes;
}


static double
probability_of_yes(const Choices *choices, const ConsensusFit *fit, int32 item)
{
	ConsensusCandidates all = consensus_candidates(&choices->data,
												   &fit->posterior, item);
	int32		place = consensus_find_candidate(&all, 1);

	return place < 0 ? 0.0 : all.probability[place];
}


static void
infer_label(Choices *choices, int label)
{
	const ConsensusData *data = &choices->data;
	int64		yes = ask(choices, label);
	ConsensusQuality *quality;
	ConsensusFit fit;

	if (yes == 0 || yes == data->nanswers)
	{
		for (int32 i = 0; i < data->nitems; i++)
			choices->probability[(Size) i * choices->nlabels + label] = yes > 0;
		return;
	}
	consensus_fit(choices->method, choices->input.context, data,
				  &choices->settings, false, &fit);
	for (int32 i = 0; i < data->nitems; i++)
		choices->probability[(Size) i * choices->nlabels + label] =
			probability_of_yes(choices, &fit, i);
	quality = consensus_alloc(data->nannotators, sizeof(ConsensusQuality));
	consensus_judge_annotators(data, &fit, quality);
	for (int32 j = 0; j < data->nannotators; j++)
		choices->accuracy[j] += quality[j].accuracy;
	choices->nasked++;
}


static void
push_string(JsonbParseState **state, JsonbIteratorToken token,
			const char *text)
{
	JsonbValue	value;

	value.type = jbvString;
	value.val.string.val = unconstify(char *, text);
	value.val.string.len = strlen(text);
	pushJsonbValue(state, token, &value);
}


/* An item's labels; *confidence is the probability of just these. */
static ResolvedLabel
choose_labels(Choices *choices, int32 item)
{
	const struct SchemaField *field = choices->run->field;
	const ConsensusData *data = &choices->data;
	JsonbParseState *labels = NULL;
	JsonbParseState *all = NULL;
	ResolvedLabel chosen = {.confidence = 1.0};

	pushJsonbValue(&labels, WJB_BEGIN_ARRAY, NULL);
	pushJsonbValue(&all, WJB_BEGIN_OBJECT, NULL);
	for (int l = 0; l < choices->nlabels; l++)
	{
		double		p = choices->probability[(Size) item * choices->nlabels + l];
		JsonbValue	value;

		chosen.confidence *= Max(p, 1.0 - p);
		if (p > 0.5)
			push_string(&labels, WJB_ELEM, schema_field_label(field, l));
		if (p == 0.0)
			continue;
		push_string(&all, WJB_KEY, schema_field_label(field, l));
		value.type = jbvNumeric;
		value.val.numeric = DatumGetNumeric(DirectFunctionCall1(float8_numeric,
																Float8GetDatum(p)));
		pushJsonbValue(&all, WJB_VALUE, &value);
	}
	chosen.item_id = DatumGetInt64(intern_datum(choices->input.items,
												choices->input.item_codes[item]));
	chosen.value = JsonbValueToJsonb(pushJsonbValue(&labels, WJB_END_ARRAY,
													NULL));
	chosen.label = schema_field_label_text(field, chosen.value);
	chosen.probabilities = JsonbValueToJsonb(pushJsonbValue(&all,
															WJB_END_OBJECT,
															NULL));
	chosen.answers = (int32) (data->start[item + 1] - data->start[item]);
	return chosen;
}


static void
store_choices(Choices *choices)
{
	LabelWriter *writer = labels_begin(choices->run);
	MemoryContext row = AllocSetContextCreate(CurrentMemoryContext,
											  "tdp resolved row",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(row);
	const ConsensusData *data = &choices->data;

	for (int32 i = 0; i < data->nitems; i++)
	{
		ResolvedLabel label = choose_labels(choices, i);

		labels_put(writer, &label);
		MemoryContextReset(row);
	}
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(row);
	labels_end(writer);
}


static void
count_annotators(Choices *choices)
{
	const ConsensusData *data = &choices->data;
	int64	   *answers = palloc0_array(int64, data->nannotators);

	for (int64 a = 0; a < data->nanswers; a++)
		answers[data->answers[a].annotator]++;
	for (int32 j = 0; j < data->nannotators; j++)
		skill_put(choices->run,
				  DatumGetInt64(intern_datum(choices->input.annotators, j)),
				  choices->nasked > 0 ? choices->accuracy[j] / choices->nasked
				  : 1.0, answers[j]);
}


/* Two annotators' errors cannot be told apart: then each label is voted on. */
static const char *
default_method(const Choices *choices)
{
	bool	   *seen = palloc_array(bool, choices->input.data.nannotators);

	return consensus_count_sharing(&choices->input.data, seen) >= FEWEST_SHARING
		? "dawid_skene" : "majority";
}


void
resolve_choices(Resolution *run)
{
	Choices    *choices = palloc0_object(Choices);
	MemoryContext label_context = AllocSetContextCreate(CurrentMemoryContext,
														"tdp resolved choice",
														ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer;
	bool		given = run->given != NULL && strcmp(run->given, "auto") != 0;

	choices->run = run;
	run->method = given ? run->given : "dawid_skene";
	run->why = given ? "asked for, for each label"
		: "the default for several labels: each by itself";
	choices->method = consensus_method_named(run->method);
	read_choices(choices);
	run->annotators = choices->data.nannotators;
	run->annotations = choices->data.nanswers;
	if (choices->data.nanswers == 0)
		return;
	if (!given)
		run->method = default_method(choices);
	choices->method = consensus_method_named(run->method);
	for (int l = 0; l < choices->nlabels; l++)
	{
		outer = MemoryContextSwitchTo(label_context);
		infer_label(choices, l);
		MemoryContextSwitchTo(outer);
		MemoryContextReset(label_context);
	}
	store_choices(choices);
	count_annotators(choices);
}
