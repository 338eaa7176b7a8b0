/*-------------------------------------------------------------------------
 *
 * answers.c
 *	  The state of the aggregates over (item, label).
 *
 * A group's state is an array to which 16 bytes are appended for each answer;
 * whoever needs it in order (a final or serialise function) sorts it in
 * place.  That changes nothing that a later append, combine or final function
 * can see, so all nominal coefficients of the same arguments share one state, and one
 * sort; so do all that are weighted alike.
 *
 * Conger's kappa needs to know, besides, how often each annotator gave each
 * label: a count per annotator and label goes with the answers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "agreement/answers.h"
#include "agreement/coder.h"
#include "agreement/glue.h"
#include "agreement/numbers.h"
#include "agreement/own_metric.h"
#include "base/compat.h"
#include "base/settings.h"

PG_FUNCTION_INFO_V1(tdp_agreement_add);
PG_FUNCTION_INFO_V1(tdp_agreement_add_metric);
PG_FUNCTION_INFO_V1(tdp_agreement_add_weights);
PG_FUNCTION_INFO_V1(tdp_conger_add);
PG_FUNCTION_INFO_V1(tdp_conger_add_weights);
PG_FUNCTION_INFO_V1(tdp_agreement_combine);
PG_FUNCTION_INFO_V1(tdp_agreement_serialize);
PG_FUNCTION_INFO_V1(tdp_agreement_deserialize);

#define FIRST_CAPACITY 8		/* answers: most groups may be small */

/* Arguments of the aggregates, and of their state function. */
#define ITEM 1
#define LABEL 2
#define SCALE 3
#define ANNOTATOR 2				/* Conger's */
#define CONGER_LABEL 3

/* What stays the same for all rows of a query: fn_extra. */
typedef struct AnswerSite
{
	ValueCoder *item;
	ValueCoder *annotator;		/* Conger's; made when first used */
	ValueCoder *label;			/* nominal; likewise */
	NumberCoder *number;		/* other scales; likewise */
	int			label_argument;
	ScaleArgument scale;
	Oid			checked;		/* a type of labels that the metric takes */
} AnswerSite;

static const ScaleWord nominal = {.kind = AGREEMENT_SCALE_IDENTITY};


static AnswerSite *
answer_site(FunctionCallInfo fcinfo, int label, bool metric)
{
	AnswerSite *site = fcinfo->flinfo->fn_extra;
	MemoryContext context = fcinfo->flinfo->fn_mcxt;

	if (site != NULL)
		return site;
	site = MemoryContextAllocZero(context, sizeof(AnswerSite));
	site->item = agreement_coder(context,
								 agreement_argument_type(fcinfo, ITEM),
								 agreement_argument_collation(fcinfo, ITEM),
								 "item");
	site->label_argument = label;
	site->scale.name = metric ? "metric" : "weights";
	site->scale.metric = metric;
	site->scale.type = metric ? agreement_argument_type(fcinfo, label)
		: InvalidOid;
	fcinfo->flinfo->fn_extra = site;
	return site;
}


static AnswerState *
new_state(MemoryContext context, ScaleWord scale, bool metric)
{
	AnswerState *state = MemoryContextAllocZero(context, sizeof(AnswerState));

	state->capacity = FIRST_CAPACITY;
	state->answers = MemoryContextAlloc(context,
										sizeof(AgreementAnswer) * FIRST_CAPACITY);
	state->scale = scale;
	state->metric = metric;
	return state;
}


/* Makes room for "extra" more answers. */
static void
reserve(AnswerState *state, uint32 extra)
{
	uint64		needed = (uint64) state->used + extra;
	uint64		capacity = state->capacity;

	if (needed <= capacity)
		return;
	if (needed > AGREEMENT_MAX_ANSWERS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %u answers in one group",
						AGREEMENT_MAX_ANSWERS)));
	while (capacity < needed)
		capacity *= 2;
	capacity = Min(capacity, AGREEMENT_MAX_ANSWERS);
	settings_check_memory(sizeof(AgreementAnswer) * capacity,
						  "agreement on a group of so many answers");
	state->answers = repalloc_huge(state->answers,
								   sizeof(AgreementAnswer) * capacity);
	state->capacity = capacity;
}


/* The code of a value; its text is kept where the type is coded by text. */
static inline uint64
code_of(FunctionCallInfo fcinfo, ValueCoder *coder, Datum value,
		TextSet **texts)
{
	if (likely(!agreement_coder_by_text(coder)))
		return agreement_code(coder, value);
	if (*texts == NULL)
		*texts = agreement_texts(agreement_context(fcinfo));
	return agreement_texts_add(*texts, agreement_code_text(coder, value));
}


static uint64
number_key(FunctionCallInfo fcinfo, AnswerSite *site, ScaleWord scale)
{
	int			argument = site->label_argument;
	const char *word = scale_word(scale, site->scale.metric);

	if (site->number == NULL)
	{
		Oid			type = agreement_argument_type(fcinfo, argument);

		site->number = agreement_number_coder(fcinfo->flinfo->fn_mcxt, type);
		if (site->number == NULL)
			agreement_not_a_number("label", type, site->scale.name, word);
	}
	return agreement_ordered_key(agreement_number(site->number,
												  PG_GETARG_DATUM(argument)),
								 "label", word, scale_takes_infinite(scale),
								 scale_takes_negative(scale));
}


static uint64
label_code(FunctionCallInfo fcinfo, AnswerSite *site, AnswerState *state)
{
	int			argument = site->label_argument;

	if (site->label == NULL)
		site->label = agreement_coder(fcinfo->flinfo->fn_mcxt,
									  agreement_argument_type(fcinfo, argument),
									  agreement_argument_collation(fcinfo, argument),
									  "label");
	return code_of(fcinfo, site->label, PG_GETARG_DATUM(argument),
				   &state->labels);
}


/* A metric that looks at labels needs the label itself, as its text. */
static uint64
label_text(FunctionCallInfo fcinfo, AnswerSite *site, AnswerState *state,
		   ScaleWord scale)
{
	Datum		value = PG_GETARG_DATUM(site->label_argument);
	MemoryContext context = agreement_context(fcinfo);

	if (site->scale.type != site->checked)
		own_check_type(scale, site->scale.type);
	site->checked = site->scale.type;
	if (state->labels == NULL)
		state->labels = agreement_texts(context);
	return agreement_texts_add(state->labels,
							   own_label_text(site->scale.type, value));
}


/* Adds the row's answer; without item or label it is none. */
static inline AnswerState *
add_answer(FunctionCallInfo fcinfo, AnswerSite *site, ScaleWord scale)
{
	AnswerState *state = PG_ARGISNULL(0) ? NULL
		: (AnswerState *) PG_GETARG_POINTER(0);
	AgreementAnswer *answer;

	if (PG_ARGISNULL(ITEM) || PG_ARGISNULL(site->label_argument))
		return state;
	if (state == NULL)
		state = new_state(agreement_context(fcinfo), scale,
						  site->scale.metric);
	else if (!scale_same(state->scale, scale))
		scale_differs(site->scale.name, site->scale.metric, state->scale,
					  scale);
	if (state->used == state->capacity)
		reserve(state, 1);
	answer = &state->answers[state->used];
	answer->item = code_of(fcinfo, site->item, PG_GETARG_DATUM(ITEM),
						   &state->items);
	if (likely(scale.kind == AGREEMENT_SCALE_IDENTITY))
		answer->label = label_code(fcinfo, site, state);
	else if (scale.own != OWN_NONE)
		answer->label = label_text(fcinfo, site, state, scale);
	else
		answer->label = number_key(fcinfo, site, scale);
	state->used++;
	state->sorted = false;
	return state;
}


static inline Datum
return_state(FunctionCallInfo fcinfo, AnswerState *state)
{
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}


/* agreement_add(state internal, item "any", label "any") */
Datum
tdp_agreement_add(PG_FUNCTION_ARGS)
{
	AnswerSite *site = answer_site(fcinfo, LABEL, true);

	return return_state(fcinfo, add_answer(fcinfo, site, nominal));
}


/* agreement_add_metric(state internal, item "any", label "any", metric text) */
Datum
tdp_agreement_add_metric(PG_FUNCTION_ARGS)
{
	AnswerSite *site = answer_site(fcinfo, LABEL, true);
	ScaleWord	scale = scale_read(&site->scale, fcinfo, SCALE);

	return return_state(fcinfo, add_answer(fcinfo, site, scale));
}


/* agreement_add_weights(state, item "any", label "any", weights text) */
Datum
tdp_agreement_add_weights(PG_FUNCTION_ARGS)
{
	AnswerSite *site = answer_site(fcinfo, LABEL, false);
	ScaleWord	scale = scale_read(&site->scale, fcinfo, SCALE);

	return return_state(fcinfo, add_answer(fcinfo, site, scale));
}


/* An answer, and one more of that label from its annotator. */
static Datum
conger_add(FunctionCallInfo fcinfo, AnswerSite *site, ScaleWord scale)
{
	MemoryContext context = agreement_context(fcinfo);
	AgreementHost host = agreement_host(context);
	AnswerState *state;
	Oid			type;
	uint64		annotator;

	if (PG_ARGISNULL(ITEM) || PG_ARGISNULL(ANNOTATOR) ||
		PG_ARGISNULL(CONGER_LABEL))
		return return_state(fcinfo, PG_ARGISNULL(0) ? NULL
							: (AnswerState *) PG_GETARG_POINTER(0));
	state = add_answer(fcinfo, site, scale);
	if (site->annotator == NULL)
	{
		type = agreement_argument_type(fcinfo, ANNOTATOR);
		site->annotator = agreement_coder(fcinfo->flinfo->fn_mcxt, type,
										  agreement_argument_collation(fcinfo, ANNOTATOR),
										  "annotator");
	}
	if (state->given.entries == NULL)
		agreement_check(agreement_tally_start(&state->given, &host));
	annotator = code_of(fcinfo, site->annotator, PG_GETARG_DATUM(ANNOTATOR),
						&state->annotators);
	agreement_check(agreement_tally_add(&state->given, &host, annotator,
										state->answers[state->used - 1].label,
										1, NULL));
	PG_RETURN_POINTER(state);
}


/* conger_add(state internal, item "any", annotator "any", label "any") */
Datum
tdp_conger_add(PG_FUNCTION_ARGS)
{
	AnswerSite *site = answer_site(fcinfo, CONGER_LABEL, false);

	return conger_add(fcinfo, site, nominal);
}


/* conger_add_weights(state, item, annotator, label, weights text) */
Datum
tdp_conger_add_weights(PG_FUNCTION_ARGS)
{
	AnswerSite *site = answer_site(fcinfo, CONGER_LABEL, false);

	return conger_add(fcinfo, site,
					  scale_read(&site->scale, fcinfo, CONGER_LABEL + 1));
}


static void
merge_texts(TextSet **to, const TextSet *from, MemoryContext context)
{
	if (from == NULL)
		return;
	if (*to == NULL)
		*to = agreement_texts(context);
	agreement_texts_merge(*to, from);
}


static void
merge_given(AnswerState *state, const AnswerState *other,
			MemoryContext context)
{
	AgreementHost host = agreement_host(context);

	if (other->given.entries == NULL)
		return;
	if (state->given.entries == NULL)
		agreement_check(agreement_tally_start(&state->given, &host));
	for (uint32 i = 0; i < other->given.used; i++)
	{
		const AgreementCount *entry = &other->given.entries[i];

		agreement_check(agreement_tally_add(&state->given, &host, entry->a,
											entry->b, entry->count, NULL));
	}
}


/* agreement_combine(state internal, other internal) */
Datum
tdp_agreement_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = agreement_context(fcinfo);
	AnswerState *state = PG_ARGISNULL(0) ? NULL
		: (AnswerState *) PG_GETARG_POINTER(0);
	AnswerState *other = PG_ARGISNULL(1) ? NULL
		: (AnswerState *) PG_GETARG_POINTER(1);

	if (other == NULL)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
		state = new_state(context, other->scale, other->metric);
	if (!scale_same(state->scale, other->scale))
		scale_differs(state->metric ? "metric" : "weights", state->metric,
					  state->scale, other->scale);
	reserve(state, other->used);
	memcpy(state->answers + state->used, other->answers,
		   sizeof(AgreementAnswer) * other->used);
	state->sorted = (state->used == 0 && other->sorted);
	state->used += other->used;
	merge_texts(&state->items, other->items, context);
	merge_texts(&state->labels, other->labels, context);
	merge_texts(&state->annotators, other->annotators, context);
	merge_given(state, other, context);
	PG_RETURN_POINTER(state);
}


void
answers_sort(AnswerState *state)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);

	if (!state->sorted)
		agreement_check(agreement_sort(state->answers, state->used, &host));
	state->sorted = true;
}


/* The counts of Conger's, with their length before them. */
static void
write_given(StringInfo header, AnswerState *state)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	size_t		size;

	agreement_check(agreement_tally_sort(&state->given, &host));
	size = agreement_pack_pairs(&state->given, NULL);
	if (size >= MaxAllocSize / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("an agreement state of %zu MB is too large to be sent between processes",
						size >> 20),
				 errhint("SET max_parallel_workers_per_gather = 0, or use more groups.")));
	pq_sendint32(header, size);
	enlargeStringInfo(header, size);
	agreement_pack_pairs(&state->given, (uint8 *) header->data + header->len);
	header->len += size;
}


static void
read_given(StringInfo message, AnswerState *state)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	uint32		size = pq_getmsgint(message, 4);

	if (size > (uint32) (message->len - message->cursor))
		agreement_check(AGREEMENT_CORRUPT);
	agreement_check(agreement_unpack_pairs((const uint8 *)
										   pq_getmsgbytes(message, size),
										   size, &host, &state->given));
}


#define HAS_ITEMS 1
#define HAS_LABELS 2
#define HAS_ANNOTATORS 4
#define HAS_GIVEN 8
#define IS_METRIC 16

static void
write_header(StringInfo header, AnswerState *state)
{
	pq_sendbyte(header, AGREEMENT_STATE_VERSION);
	pq_sendbyte(header, state->scale.kind);
	pq_sendfloat8(header, state->scale.period);
	own_write(header, state->scale);
	pq_sendbyte(header, (state->items != NULL ? HAS_ITEMS : 0) |
				(state->labels != NULL ? HAS_LABELS : 0) |
				(state->annotators != NULL ? HAS_ANNOTATORS : 0) |
				(state->given.entries != NULL ? HAS_GIVEN : 0) |
				(state->metric ? IS_METRIC : 0));
	if (state->items != NULL)
		agreement_texts_write(header, state->items);
	if (state->labels != NULL)
		agreement_texts_write(header, state->labels);
	if (state->annotators != NULL)
		agreement_texts_write(header, state->annotators);
	if (state->given.entries != NULL)
		write_given(header, state);
}


static AnswerState *
read_header(StringInfo message)
{
	AnswerState *state;
	ScaleWord	scale;
	int			kind;
	int			parts;

	agreement_read_version(message);
	kind = pq_getmsgbyte(message);
	scale.period = pq_getmsgfloat8(message);
	own_read(message, &scale);
	parts = pq_getmsgbyte(message);
	if (kind > AGREEMENT_SCALE_CUSTOM ||
		(kind == AGREEMENT_SCALE_CUSTOM) != (scale.own != OWN_NONE) || parts > 31 ||
		!(scale.period >= 0 && scale.period < get_float8_infinity()))
		agreement_check(AGREEMENT_CORRUPT);
	scale.kind = kind;
	state = new_state(CurrentMemoryContext, scale, (parts & IS_METRIC) != 0);
	if (parts & HAS_ITEMS)
		state->items = agreement_texts_read(message);
	if (parts & HAS_LABELS)
		state->labels = agreement_texts_read(message);
	if (parts & HAS_ANNOTATORS)
		state->annotators = agreement_texts_read(message);
	if (parts & HAS_GIVEN)
		read_given(message, state);
	return state;
}


/* agreement_serialize(state internal) */
Datum
tdp_agreement_serialize(PG_FUNCTION_ARGS)
{
	AnswerState *state = (AnswerState *) PG_GETARG_POINTER(0);
	AgreementHost host = agreement_host(CurrentMemoryContext);
	StringInfoData header;
	size_t		size;
	uint8	   *bytes;
	bytea	   *result;

	(void) agreement_context(fcinfo);
	answers_sort(state);
	initStringInfo(&header);
	write_header(&header, state);
	agreement_check(agreement_pack(state->answers, state->used, &host, NULL,
								   &size));
	result = agreement_state_bytes(&header, size, &bytes);
	agreement_check(agreement_pack(state->answers, state->used, &host, bytes,
								   &size));
	PG_RETURN_BYTEA_P(result);
}


/* agreement_deserialize(bytes bytea, internal) */
Datum
tdp_agreement_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *serialized = PG_GETARG_BYTEA_PP(0);
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AnswerState *state;
	StringInfoData message;
	const uint8 *bytes;
	size_t		size;
	size_t		count;

	(void) agreement_context(fcinfo);
	message.data = VARDATA_ANY(serialized);
	message.len = message.maxlen = VARSIZE_ANY_EXHDR(serialized);
	message.cursor = 0;
	state = read_header(&message);
	size = message.len - message.cursor;
	bytes = (const uint8 *) pq_getmsgbytes(&message, size);
	agreement_check(agreement_packed_count(bytes, size, &count));
	reserve(state, count);
	agreement_check(agreement_unpack(bytes, size, &host, state->answers));
	state->used = count;
	PG_RETURN_POINTER(state);
}
