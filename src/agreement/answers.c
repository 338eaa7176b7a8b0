/*-------------------------------------------------------------------------
 *
 * answers.c
 *	  The aggregates over (item, label): krippendorff_alpha, fleiss_kappa,
 *	  gwet_ac1, percent_agreement.
 *
 * A group's state is an array to which 16 bytes are appended for each answer;
 * whoever needs it in order (a final or serialise function) sorts it in
 * place.  That changes nothing that a later append, combine or final function
 * can see, so all four nominal coefficients of the same arguments share one
 * state, and one sort.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/memutils.h"

#include "agreement/agreement_kernel.h"
#include "agreement/coder.h"
#include "agreement/glue.h"
#include "agreement/numbers.h"
#include "agreement/texts.h"
#include "base/compat.h"
#include "base/settings.h"

PG_FUNCTION_INFO_V1(tdp_agreement_add);
PG_FUNCTION_INFO_V1(tdp_agreement_add_metric);
PG_FUNCTION_INFO_V1(tdp_agreement_combine);
PG_FUNCTION_INFO_V1(tdp_agreement_serialize);
PG_FUNCTION_INFO_V1(tdp_agreement_deserialize);
PG_FUNCTION_INFO_V1(tdp_percent_agreement_final);
PG_FUNCTION_INFO_V1(tdp_fleiss_kappa_final);
PG_FUNCTION_INFO_V1(tdp_gwet_ac1_final);
PG_FUNCTION_INFO_V1(tdp_krippendorff_alpha_final);

#define FIRST_CAPACITY 8		/* answers: most groups may be small */

/* Arguments of the aggregates, and of their state function. */
#define ITEM 1
#define LABEL 2
#define METRIC 3

static const char *const metric_words[] = {
	"nominal", "ordinal", "interval", "ratio", NULL
};

typedef struct AnswerState
{
	AgreementAnswer *answers;
	uint32		used;
	uint32		capacity;
	AgreementMetric metric;
	bool		sorted;
	TextSet    *items;			/* of types coded by text; else NULL */
	TextSet    *labels;
} AnswerState;

/* What stays the same for all rows of a query: fn_extra. */
typedef struct AnswerSite
{
	ValueCoder *item;
	ValueCoder *label;			/* nominal; made when first used */
	NumberCoder *number;		/* other metrics; likewise */
	WordArgument metric;
} AnswerSite;


static AnswerSite *
answer_site(FunctionCallInfo fcinfo)
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
	site->metric.name = "metric";
	site->metric.words = metric_words;
	site->metric.value = -1;
	fcinfo->flinfo->fn_extra = site;
	return site;
}


static AnswerState *
new_state(MemoryContext context, AgreementMetric metric)
{
	AnswerState *state = MemoryContextAllocZero(context, sizeof(AnswerState));

	state->capacity = FIRST_CAPACITY;
	state->answers = MemoryContextAlloc(context,
										sizeof(AgreementAnswer) * FIRST_CAPACITY);
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
number_key(FunctionCallInfo fcinfo, AnswerSite *site, AgreementMetric metric)
{
	const char *word = metric_words[metric];

	if (site->number == NULL)
	{
		Oid			type = agreement_argument_type(fcinfo, LABEL);

		site->number = agreement_number_coder(fcinfo->flinfo->fn_mcxt, type);
		if (site->number == NULL)
			agreement_not_a_number("label", type, "metric", word);
	}
	return agreement_ordered_key(agreement_number(site->number,
												  PG_GETARG_DATUM(LABEL)),
								 "label", word,
								 metric == AGREEMENT_ORDINAL,
								 metric != AGREEMENT_RATIO);
}


static uint64
label_code(FunctionCallInfo fcinfo, AnswerSite *site, AnswerState *state)
{
	if (site->label == NULL)
		site->label = agreement_coder(fcinfo->flinfo->fn_mcxt,
									  agreement_argument_type(fcinfo, LABEL),
									  agreement_argument_collation(fcinfo, LABEL),
									  "label");
	return code_of(fcinfo, site->label, PG_GETARG_DATUM(LABEL),
				   &state->labels);
}


/* Adds the row's answer; without item or label it is none. */
static Datum
add_answer(FunctionCallInfo fcinfo, AnswerSite *site, AgreementMetric metric)
{
	AnswerState *state = PG_ARGISNULL(0) ? NULL
		: (AnswerState *) PG_GETARG_POINTER(0);
	AgreementAnswer *answer;

	if (PG_ARGISNULL(ITEM) || PG_ARGISNULL(LABEL))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
		state = new_state(agreement_context(fcinfo), metric);
	else if (state->metric != metric)
		agreement_word_differs(&site->metric, state->metric, metric);
	if (state->used == state->capacity)
		reserve(state, 1);
	answer = &state->answers[state->used];
	answer->item = code_of(fcinfo, site->item, PG_GETARG_DATUM(ITEM),
						   &state->items);
	answer->label = metric == AGREEMENT_NOMINAL
		? label_code(fcinfo, site, state)
		: number_key(fcinfo, site, metric);
	state->used++;
	state->sorted = false;
	PG_RETURN_POINTER(state);
}


/* agreement_add(state internal, item "any", label "any") */
Datum
tdp_agreement_add(PG_FUNCTION_ARGS)
{
	return add_answer(fcinfo, answer_site(fcinfo), AGREEMENT_NOMINAL);
}


/* agreement_add_metric(state internal, item "any", label "any", metric text) */
Datum
tdp_agreement_add_metric(PG_FUNCTION_ARGS)
{
	AnswerSite *site = answer_site(fcinfo);

	return add_answer(fcinfo, site,
					  agreement_read_word(&site->metric, fcinfo, METRIC));
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
		state = new_state(context, other->metric);
	if (state->metric != other->metric)
	{
		WordArgument metric = {.name = "metric", .words = metric_words};

		agreement_word_differs(&metric, state->metric, other->metric);
	}
	reserve(state, other->used);
	memcpy(state->answers + state->used, other->answers,
		   sizeof(AgreementAnswer) * other->used);
	state->sorted = (state->used == 0 && other->sorted);
	state->used += other->used;
	merge_texts(&state->items, other->items, context);
	merge_texts(&state->labels, other->labels, context);
	PG_RETURN_POINTER(state);
}


static void
sort_state(AnswerState *state)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);

	if (!state->sorted)
		agreement_check(agreement_sort(state->answers, state->used, &host));
	state->sorted = true;
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
	sort_state(state);
	initStringInfo(&header);
	pq_sendbyte(&header, AGREEMENT_STATE_VERSION);
	pq_sendbyte(&header, state->metric);
	pq_sendbyte(&header, (state->items != NULL ? 1 : 0) |
				(state->labels != NULL ? 2 : 0));
	if (state->items != NULL)
		agreement_texts_write(&header, state->items);
	if (state->labels != NULL)
		agreement_texts_write(&header, state->labels);
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
	int			metric;
	int			texts;
	const uint8 *bytes;
	size_t		size;
	size_t		count;

	(void) agreement_context(fcinfo);
	message.data = VARDATA_ANY(serialized);
	message.len = message.maxlen = VARSIZE_ANY_EXHDR(serialized);
	message.cursor = 0;
	agreement_read_version(&message);
	metric = pq_getmsgbyte(&message);
	texts = pq_getmsgbyte(&message);
	if (metric > AGREEMENT_RATIO || texts > 3)
		agreement_check(AGREEMENT_CORRUPT);
	state = new_state(CurrentMemoryContext, metric);
	if (texts & 1)
		state->items = agreement_texts_read(&message);
	if (texts & 2)
		state->labels = agreement_texts_read(&message);

	size = message.len - message.cursor;
	bytes = (const uint8 *) pq_getmsgbytes(&message, size);
	agreement_check(agreement_packed_count(bytes, size, &count));
	reserve(state, count);
	agreement_check(agreement_unpack(bytes, size, &host, state->answers));
	state->used = count;
	PG_RETURN_POINTER(state);
}


/*
 * The sorted answers; where codes stand for texts, a copy in which values
 * that are equal have one code.
 */
static const AgreementAnswer *
final_answers(FunctionCallInfo fcinfo, AnswerState *state)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementAnswer *answers;

	if (state->items == NULL && state->labels == NULL)
	{
		sort_state(state);
		return state->answers;
	}
	answers = MemoryContextAllocHuge(CurrentMemoryContext,
									 sizeof(AgreementAnswer) * state->used);
	memcpy(answers, state->answers, sizeof(AgreementAnswer) * state->used);
	if (state->items != NULL)
	{
		agreement_texts_classify(state->items,
								 agreement_argument_type(fcinfo, ITEM));
		for (uint32 i = 0; i < state->used; i++)
			answers[i].item = agreement_texts_class(state->items,
													answers[i].item);
	}
	if (state->labels != NULL)
	{
		agreement_texts_classify(state->labels,
								 agreement_argument_type(fcinfo, LABEL));
		for (uint32 i = 0; i < state->used; i++)
			answers[i].label = agreement_texts_class(state->labels,
													 answers[i].label);
	}
	agreement_check(agreement_sort(answers, state->used, &host));
	return answers;
}


typedef bool (*NominalCoefficient) (const AgreementNominal *sums,
									double *value);

static Datum
nominal_final(FunctionCallInfo fcinfo, NominalCoefficient coefficient,
			  bool with_diversity)
{
	AnswerState *state;
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementNominal sums;
	double		value;

	(void) agreement_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (AnswerState *) PG_GETARG_POINTER(0);
	agreement_check(agreement_nominal(final_answers(fcinfo, state),
									  state->used, with_diversity, &host,
									  &sums));
	if (!coefficient(&sums, &value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}


/* percent_agreement_final(state internal, item "any", label "any") */
Datum
tdp_percent_agreement_final(PG_FUNCTION_ARGS)
{
	return nominal_final(fcinfo, agreement_percent, false);
}


/* fleiss_kappa_final(state internal, item "any", label "any") */
Datum
tdp_fleiss_kappa_final(PG_FUNCTION_ARGS)
{
	return nominal_final(fcinfo, agreement_fleiss_kappa, true);
}


/* gwet_ac1_final(state internal, item "any", label "any") */
Datum
tdp_gwet_ac1_final(PG_FUNCTION_ARGS)
{
	return nominal_final(fcinfo, agreement_gwet_ac1, true);
}


/*
 * krippendorff_alpha_final(state internal, item "any", label "any"), and with
 * metric text krippendorff_alpha_metric_final: the state knows its metric.
 */
Datum
tdp_krippendorff_alpha_final(PG_FUNCTION_ARGS)
{
	AnswerState *state;
	AgreementHost host = agreement_host(CurrentMemoryContext);
	bool		defined;
	double		value;

	(void) agreement_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (AnswerState *) PG_GETARG_POINTER(0);
	if (state->metric == AGREEMENT_NOMINAL)
		return nominal_final(fcinfo, agreement_alpha_nominal, false);
	agreement_check(agreement_alpha(final_answers(fcinfo, state),
									state->used, state->metric, &host,
									&defined, &value));
	if (!defined)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}
