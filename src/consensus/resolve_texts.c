/*-------------------------------------------------------------------------
 *
 * resolve_texts.c
 *	  Resolve a field of free text: the answer that is nearest to all.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "consensus/resolve.h"
#include "consensus/texts.h"


/* {field: value} */
static Jsonb *
answer_of(const Resolution *run, const char *value)
{
	JsonbParseState *state = NULL;
	JsonbValue	string;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	string.type = jbvString;
	string.val.string.val = unconstify(char *, run->name);
	string.val.string.len = strlen(run->name);
	pushJsonbValue(&state, WJB_KEY, &string);
	string.val.string.val = unconstify(char *, value);
	string.val.string.len = strlen(value);
	pushJsonbValue(&state, WJB_VALUE, &string);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}


/* A text made of votes may be longer than the field allows: then the medoid. */
static TextChoice
choose(const Resolution *run, const ConsensusInput *input,
	   const Schema *schema, int32 item)
{
	TextChoice	choice = text_choose(input, item, run->method);

	if (strcmp(run->method, "rover") == 0 &&
		schema_violations(answer_of(run, choice.value), schema, NULL,
						  true) != NIL)
		choice = text_choose(input, item, "medoid");
	return choice;
}


void
resolve_text(Resolution *run)
{
	ConsensusInput input;
	const Schema *schema;
	LabelWriter *writer;
	MemoryContext row;
	MemoryContext outer;

	if (run->given != NULL && !text_method_exists(run->given))
	{
		resolve_equal(run);
		return;
	}
	run->method = run->given != NULL ? run->given : "medoid";
	run->why = run->given != NULL ? "asked for"
		: "the default for a text: the answer nearest to all";
	consensus_read(resolve_answers_query, NULL, resolve_answers_args(run),
				   &input);
	run->annotators = input.data.nannotators;
	run->annotations = input.data.nanswers;
	schema = schema_from_datum(run->project->label_schema);
	writer = labels_begin(run);
	row = AllocSetContextCreate(CurrentMemoryContext, "tdp resolved row",
								ALLOCSET_DEFAULT_SIZES);
	outer = MemoryContextSwitchTo(row);
	for (int32 i = 0; i < input.data.nitems; i++)
	{
		TextChoice	choice = choose(run, &input, schema, i);
		ResolvedLabel label = {
			.item_id = DatumGetInt64(intern_datum(input.items,
												  input.item_codes[i])),
			.label = choice.value,
			.confidence = choice.confidence,
			.answers = (int32) (input.data.start[i + 1] - input.data.start[i])
		};

		labels_put(writer, &label);
		MemoryContextReset(row);
	}
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(row);
	labels_end(writer);
}
