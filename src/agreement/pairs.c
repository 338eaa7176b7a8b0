/*-------------------------------------------------------------------------
 *
 * pairs.c
 *	  The aggregates over (label_a, label_b): cohen_kappa, scott_pi.
 *
 * A group's state counts the different pairs, so it is as small as the label
 * set squared.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "agreement/agreement_kernel.h"
#include "agreement/coder.h"
#include "agreement/glue.h"
#include "agreement/numbers.h"
#include "agreement/scales.h"
#include "agreement/texts.h"
#include "base/compat.h"

PG_FUNCTION_INFO_V1(tdp_label_pairs_add);
PG_FUNCTION_INFO_V1(tdp_label_pairs_add_weights);
PG_FUNCTION_INFO_V1(tdp_label_pairs_combine);
PG_FUNCTION_INFO_V1(tdp_label_pairs_serialize);
PG_FUNCTION_INFO_V1(tdp_label_pairs_deserialize);
PG_FUNCTION_INFO_V1(tdp_cohen_kappa_final);
PG_FUNCTION_INFO_V1(tdp_scott_pi_final);

/* Arguments of the aggregates, and of their state function. */
#define LABEL_A 1
#define LABEL_B 2
#define WEIGHTS 3

typedef struct PairState
{
	AgreementTally pairs;
	ScaleWord	scale;
	TextSet    *texts;			/* of a type coded by text; else NULL */
} PairState;

/* What stays the same for all rows of a query: fn_extra. */
typedef struct PairSite
{
	ValueCoder *coders[2];		/* unweighted; made when first used */
	NumberCoder *numbers[2];	/* with weights; likewise */
	ScaleArgument scale;
} PairSite;


static PairSite *
pair_site(FunctionCallInfo fcinfo)
{
	PairSite   *site = fcinfo->flinfo->fn_extra;

	if (site != NULL)
		return site;
	site = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(PairSite));
	site->scale.name = "weights";
	fcinfo->flinfo->fn_extra = site;
	return site;
}


static void
types_differ(Oid a, Oid b)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("arguments \"label_a\" and \"label_b\" have types %s and %s",
					format_type_be(a), format_type_be(b)),
			 errhint("Cast one of them to the other's type.")));
}


/* Labels are compared with each other, so both follow one collation. */
static void
set_coders(FunctionCallInfo fcinfo, PairSite *site)
{
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	Oid			a = agreement_argument_type(fcinfo, LABEL_A);
	Oid			b = agreement_argument_type(fcinfo, LABEL_B);

	if (!agreement_types_match(a, b))
		types_differ(a, b);
	site->coders[0] = agreement_coder(context, a, PG_GET_COLLATION(),
									  "label_a");
	site->coders[1] = agreement_coder(context, b, PG_GET_COLLATION(),
									  "label_b");
}


static void
set_numbers(FunctionCallInfo fcinfo, PairSite *site, ScaleWord scale)
{
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	Oid			a = agreement_argument_type(fcinfo, LABEL_A);
	Oid			b = agreement_argument_type(fcinfo, LABEL_B);
	NumberCoder *number_a = agreement_number_coder(context, a);
	NumberCoder *number_b = agreement_number_coder(context, b);

	if (number_a == NULL)
		agreement_not_a_number("label_a", a, "weights",
							   scale_word(scale, false));
	if (number_b == NULL)
		agreement_not_a_number("label_b", b, "weights",
							   scale_word(scale, false));
	if (!agreement_numbers_match(number_a, number_b))
		types_differ(a, b);
	site->numbers[0] = number_a;
	site->numbers[1] = number_b;
}


static PairState *
new_state(MemoryContext context, ScaleWord scale)
{
	PairState  *state = MemoryContextAllocZero(context, sizeof(PairState));
	AgreementHost host = agreement_host(context);

	agreement_check(agreement_tally_start(&state->pairs, &host));
	state->scale = scale;
	return state;
}


static uint64
code_of(ValueCoder *coder, Datum value, PairState *state,
		MemoryContext context)
{
	if (!agreement_coder_by_text(coder))
		return agreement_code(coder, value);
	if (state->texts == NULL)
		state->texts = agreement_texts(context);
	return agreement_texts_add(state->texts,
							   agreement_code_text(coder, value));
}


static uint64
number_key(NumberCoder *coder, Datum value, const char *argument,
		   ScaleWord scale)
{
	return agreement_ordered_key(agreement_number(coder, value), argument,
								 scale_word(scale, false),
								 scale_takes_infinite(scale),
								 scale_takes_negative(scale));
}


/* Adds the row's pair; where one label is missing there is none. */
static Datum
add_pair(FunctionCallInfo fcinfo, PairSite *site, ScaleWord scale)
{
	MemoryContext context = agreement_context(fcinfo);
	AgreementHost host = agreement_host(context);
	PairState  *state = PG_ARGISNULL(0) ? NULL
		: (PairState *) PG_GETARG_POINTER(0);
	Datum		a = PG_GETARG_DATUM(LABEL_A);
	Datum		b = PG_GETARG_DATUM(LABEL_B);
	uint64		code_a;
	uint64		code_b;

	if (PG_ARGISNULL(LABEL_A) || PG_ARGISNULL(LABEL_B))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
		state = new_state(context, scale);
	else if (!scale_same(state->scale, scale))
		scale_differs("weights", false, state->scale, scale);
	if (scale.kind == AGREEMENT_SCALE_IDENTITY)
	{
		if (site->coders[0] == NULL)
			set_coders(fcinfo, site);
		code_a = code_of(site->coders[0], a, state, context);
		code_b = code_of(site->coders[1], b, state, context);
	}
	else
	{
		if (site->numbers[0] == NULL)
			set_numbers(fcinfo, site, scale);
		code_a = number_key(site->numbers[0], a, "label_a", scale);
		code_b = number_key(site->numbers[1], b, "label_b", scale);
	}
	agreement_check(agreement_tally_add(&state->pairs, &host, code_a, code_b,
										1, NULL));
	PG_RETURN_POINTER(state);
}


/* label_pairs_add(state internal, label_a "any", label_b "any") */
Datum
tdp_label_pairs_add(PG_FUNCTION_ARGS)
{
	return add_pair(fcinfo, pair_site(fcinfo),
					(ScaleWord) {.kind = AGREEMENT_SCALE_IDENTITY});
}


/* label_pairs_add_weights(state, label_a, label_b, weights text) */
Datum
tdp_label_pairs_add_weights(PG_FUNCTION_ARGS)
{
	PairSite   *site = pair_site(fcinfo);

	return add_pair(fcinfo, site,
					scale_read(&site->scale, fcinfo, WEIGHTS));
}


/* label_pairs_combine(state internal, other internal) */
Datum
tdp_label_pairs_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = agreement_context(fcinfo);
	AgreementHost host = agreement_host(context);
	PairState  *state = PG_ARGISNULL(0) ? NULL
		: (PairState *) PG_GETARG_POINTER(0);
	PairState  *other = PG_ARGISNULL(1) ? NULL
		: (PairState *) PG_GETARG_POINTER(1);

	if (other == NULL)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
		state = new_state(context, other->scale);
	if (!scale_same(state->scale, other->scale))
		scale_differs("weights", false, state->scale, other->scale);
	for (uint32 i = 0; i < other->pairs.used; i++)
	{
		const AgreementCount *pair = &other->pairs.entries[i];

		agreement_check(agreement_tally_add(&state->pairs, &host, pair->a,
											pair->b, pair->count, NULL));
	}
	if (other->texts != NULL)
	{
		if (state->texts == NULL)
			state->texts = agreement_texts(context);
		agreement_texts_merge(state->texts, other->texts);
	}
	PG_RETURN_POINTER(state);
}


/* label_pairs_serialize(state internal) */
Datum
tdp_label_pairs_serialize(PG_FUNCTION_ARGS)
{
	PairState  *state = (PairState *) PG_GETARG_POINTER(0);
	AgreementHost host = agreement_host(CurrentMemoryContext);
	StringInfoData header;
	uint8	   *bytes;
	bytea	   *result;

	(void) agreement_context(fcinfo);
	agreement_check(agreement_tally_sort(&state->pairs, &host));
	initStringInfo(&header);
	pq_sendbyte(&header, AGREEMENT_STATE_VERSION);
	pq_sendbyte(&header, state->scale.kind);
	pq_sendfloat8(&header, state->scale.period);
	pq_sendbyte(&header, state->texts != NULL);
	if (state->texts != NULL)
		agreement_texts_write(&header, state->texts);
	result = agreement_state_bytes(&header,
								   agreement_pack_pairs(&state->pairs, NULL),
								   &bytes);
	agreement_pack_pairs(&state->pairs, bytes);
	PG_RETURN_BYTEA_P(result);
}


/* label_pairs_deserialize(bytes bytea, internal) */
Datum
tdp_label_pairs_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *serialized = PG_GETARG_BYTEA_PP(0);
	AgreementHost host = agreement_host(CurrentMemoryContext);
	PairState  *state = palloc0_object(PairState);
	StringInfoData message;
	int			kind;
	int			texts;
	size_t		size;

	(void) agreement_context(fcinfo);
	message.data = VARDATA_ANY(serialized);
	message.len = message.maxlen = VARSIZE_ANY_EXHDR(serialized);
	message.cursor = 0;
	agreement_read_version(&message);
	kind = pq_getmsgbyte(&message);
	state->scale.period = pq_getmsgfloat8(&message);
	texts = pq_getmsgbyte(&message);
	if (kind > AGREEMENT_SCALE_BIPOLAR || texts > 1 ||
		!(state->scale.period >= 0 &&
		  state->scale.period < get_float8_infinity()))
		agreement_check(AGREEMENT_CORRUPT);
	state->scale.kind = kind;
	if (texts)
		state->texts = agreement_texts_read(&message);
	size = message.len - message.cursor;
	agreement_check(agreement_unpack_pairs((const uint8_t *)
										   pq_getmsgbytes(&message, size),
										   size, &host, &state->pairs));
	PG_RETURN_POINTER(state);
}


/* The pairs; where codes stand for texts, with one code for equal values. */
static AgreementTally
final_pairs(FunctionCallInfo fcinfo, PairState *state)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementTally pairs;

	if (state->texts == NULL)
		return state->pairs;
	agreement_texts_classify(state->texts,
							 agreement_argument_type(fcinfo, LABEL_A));
	agreement_check(agreement_tally_start(&pairs, &host));
	for (uint32 i = 0; i < state->pairs.used; i++)
	{
		const AgreementCount *pair = &state->pairs.entries[i];

		agreement_check(agreement_tally_add(&pairs, &host,
											agreement_texts_class(state->texts, pair->a),
											agreement_texts_class(state->texts, pair->b),
											pair->count, NULL));
	}
	return pairs;
}


static Datum
pair_final(FunctionCallInfo fcinfo, bool scott)
{
	PairState  *state;
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementTally pairs;
	bool		defined;
	double		value;

	(void) agreement_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (PairState *) PG_GETARG_POINTER(0);
	pairs = final_pairs(fcinfo, state);
	if (scott && state->scale.kind == AGREEMENT_SCALE_IDENTITY)
		agreement_check(agreement_scott(&pairs, &host, &defined, &value));
	else if (!scott && state->scale.kind <= AGREEMENT_SCALE_QUADRATIC)
		agreement_check(agreement_cohen(&pairs,
										(AgreementWeights) state->scale.kind,
										&host, &defined, &value));
	else
		agreement_check(agreement_pairs(&pairs, state->scale.kind,
										state->scale.period, scott, &host,
										&defined, &value));
	if (!defined)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}


/*
 * cohen_kappa_final(state internal, label_a "any", label_b "any"), and with
 * weights text cohen_kappa_weights_final: the state knows its weights.
 */
Datum
tdp_cohen_kappa_final(PG_FUNCTION_ARGS)
{
	return pair_final(fcinfo, false);
}


/* scott_pi_final(state internal, label_a "any", label_b "any") */
Datum
tdp_scott_pi_final(PG_FUNCTION_ARGS)
{
	return pair_final(fcinfo, true);
}
