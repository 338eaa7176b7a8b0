/*-------------------------------------------------------------------------
 *
 * state_make.c
 *	  The aggregate agreement_state_agg(item, label).
 *
 * While rows come this is what the other aggregates over (item, label) do:
 * 16 bytes an answer, and each different label's text once.  Labels are told
 * apart by their text, as a state that is kept has nothing else: types that
 * have equal values of different texts are coded by the text.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "agreement/coder.h"
#include "agreement/glue.h"
#include "agreement/numbers.h"
#include "agreement/state.h"
#include "base/compat.h"
#include "base/keytext.h"
#include "base/settings.h"

PG_FUNCTION_INFO_V1(tdp_agreement_state_add);
PG_FUNCTION_INFO_V1(tdp_agreement_state_combine);
PG_FUNCTION_INFO_V1(tdp_agreement_state_serialize);
PG_FUNCTION_INFO_V1(tdp_agreement_state_deserialize);
PG_FUNCTION_INFO_V1(tdp_agreement_state_final);

#define FIRST_CAPACITY 8

/* Arguments of the aggregate, and of its state function. */
#define ITEM 1
#define LABEL 2

typedef struct Maker
{
	MemoryContext context;
	AgreementAnswer *answers;
	Size		used;
	Size		capacity;
	AgreementTally codes;		/* of the labels */
	AgreementLabel *labels;		/* in the same order */
	uint32		label_capacity;
	char	   *type;
} Maker;

/* What stays the same for all rows of a query: fn_extra. */
typedef struct Site
{
	ValueCoder *item;
	ValueCoder *label;			/* NULL: coded by text */
	NumberCoder *number;		/* NULL: has none */
	Oid			label_type;
	char	   *type;
} Site;


/* What a state calls the type: all numbers are alike, and all texts. */
static char *
type_word(Oid type)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
			return "number";
		case TEXTOID:
		case VARCHAROID:
		case NAMEOID:
		case UNKNOWNOID:
			return "text";
		default:
			return format_type_extended(type, -1, FORMAT_TYPE_FORCE_QUALIFY);
	}
}


/* Is a value's code equal only where its text is? */
static bool
coded_like_text(Oid type, Oid collation)
{
	switch (type)
	{
		case BOOLOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case NUMERICOID:
		case DATEOID:
		case UUIDOID:
			return true;
		case TEXTOID:
		case VARCHAROID:
			return !OidIsValid(collation) ||
				get_collation_isdeterministic(collation);
		default:
			return type_is_enum(type);
	}
}


static Site *
make_site(FunctionCallInfo fcinfo)
{
	Site	   *site = fcinfo->flinfo->fn_extra;
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	Oid			collation;

	if (site != NULL)
		return site;
	site = MemoryContextAllocZero(context, sizeof(Site));
	site->item = agreement_coder(context,
								 agreement_argument_type(fcinfo, ITEM),
								 agreement_argument_collation(fcinfo, ITEM),
								 "item");
	site->label_type = getBaseType(agreement_argument_type(fcinfo, LABEL));
	collation = agreement_argument_collation(fcinfo, LABEL);
	site->label = agreement_coder(context, site->label_type, collation,
								  "label");
	if (!coded_like_text(site->label_type, collation))
		site->label = NULL;
	site->number = agreement_number_coder(context, site->label_type);
	site->type = MemoryContextStrdup(context, type_word(site->label_type));
	fcinfo->flinfo->fn_extra = site;
	return site;
}


static Maker *
new_maker(MemoryContext context, const char *type)
{
	Maker	   *maker = MemoryContextAllocZero(context, sizeof(Maker));
	AgreementHost host = agreement_host(context);

	maker->context = context;
	maker->type = MemoryContextStrdup(context, type);
	agreement_check(agreement_tally_start(&maker->codes, &host));
	return maker;
}


static void
reserve(Maker *maker, Size extra)
{
	Size		capacity = Max(FIRST_CAPACITY, maker->capacity);

	if (maker->used + extra <= maker->capacity)
		return;
	if (maker->used + extra > AGREEMENT_MAX_ANSWERS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many answers in one group")));
	while (capacity < maker->used + extra)
		capacity *= 2;
	settings_check_memory(sizeof(AgreementAnswer) * capacity,
						  "an agreement state of so many answers");
	maker->answers = maker->answers == NULL
		? MemoryContextAllocHuge(maker->context,
								 sizeof(AgreementAnswer) * capacity)
		: repalloc_huge(maker->answers, sizeof(AgreementAnswer) * capacity);
	maker->capacity = capacity;
}


/* Is the code a new one?  Then its label is to be set. */
static AgreementLabel *
new_label(Maker *maker, uint64 code)
{
	AgreementHost host = agreement_host(maker->context);
	uint32		known = maker->codes.used;
	uint32		index;

	agreement_check(agreement_tally_add(&maker->codes, &host, code, 0, 0,
										&index));
	if (index < known)
		return NULL;
	if (index >= maker->label_capacity)
	{
		maker->label_capacity = Max(FIRST_CAPACITY, maker->label_capacity * 2);
		maker->labels = maker->labels == NULL
			? MemoryContextAlloc(maker->context, sizeof(AgreementLabel) *
								 maker->label_capacity)
			: repalloc_huge(maker->labels, sizeof(AgreementLabel) *
							maker->label_capacity);
	}
	return &maker->labels[index];
}


static char *
text_of(Oid type, Datum value)
{
	bool		plain = keytext_is_plain(type);
	int			level = plain ? 0 : keytext_begin();
	char	   *text = keytext_of(type, value);

	if (!plain)
		keytext_end(level);
	return text;
}


static uint64
text_code(const char *text)
{
	return agreement_hash(text, strlen(text), 0);
}


static uint64
label_code(Site *site, Maker *maker, Datum value)
{
	char	   *text = site->label == NULL ? text_of(site->label_type, value)
		: NULL;
	uint64		code = text !=NULL ? text_code(text)
		: agreement_code(site->label, value);
	AgreementLabel *label = new_label(maker, code);

	if (label != NULL)
	{
		double		number = site->number != NULL
			? agreement_number(site->number, value) : NAN;

		if (text == NULL)
			text = text_of(site->label_type, value);

		label->text = MemoryContextStrdup(maker->context, text);
		label->length = strlen(text);
		label->numbered = !isnan(number);
		label->key = label->numbered ? agreement_number_key(number) : 0;
	}
	return code;
}


/* agreement_state_add(state internal, item "any", label "any") */
Datum
tdp_agreement_state_add(PG_FUNCTION_ARGS)
{
	Maker	   *maker = PG_ARGISNULL(0) ? NULL : (Maker *) PG_GETARG_POINTER(0);
	Site	   *site = make_site(fcinfo);
	AgreementAnswer answer;

	if (PG_ARGISNULL(ITEM) || PG_ARGISNULL(LABEL))
	{
		if (maker == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(maker);
	}
	if (maker == NULL)
		maker = new_maker(agreement_context(fcinfo), site->type);
	reserve(maker, 1);
	answer.item = agreement_coder_by_text(site->item)
		? text_code(agreement_code_text(site->item, PG_GETARG_DATUM(ITEM)))
		: agreement_code(site->item, PG_GETARG_DATUM(ITEM));
	answer.label = label_code(site, maker, PG_GETARG_DATUM(LABEL));
	maker->answers[maker->used++] = answer;
	PG_RETURN_POINTER(maker);
}


/* agreement_state_combine(state internal, other internal) */
Datum
tdp_agreement_state_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = agreement_context(fcinfo);
	Maker	   *maker = PG_ARGISNULL(0) ? NULL : (Maker *) PG_GETARG_POINTER(0);
	Maker	   *other = PG_ARGISNULL(1) ? NULL : (Maker *) PG_GETARG_POINTER(1);

	if (other == NULL)
	{
		if (maker == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(maker);
	}
	if (maker == NULL)
		maker = new_maker(context, other->type);
	reserve(maker, other->used);
	if (other->used > 0)
		memcpy(maker->answers + maker->used, other->answers,
			   sizeof(AgreementAnswer) * other->used);
	maker->used += other->used;
	for (uint32 i = 0; i < other->codes.used; i++)
	{
		AgreementLabel *label = new_label(maker, other->codes.entries[i].a);

		if (label == NULL)
			continue;
		*label = other->labels[i];
		label->text = MemoryContextStrdup(context, other->labels[i].text);
	}
	PG_RETURN_POINTER(maker);
}


/* agreement_state_serialize(state internal) */
Datum
tdp_agreement_state_serialize(PG_FUNCTION_ARGS)
{
	Maker	   *maker = (Maker *) PG_GETARG_POINTER(0);
	AgreementHost host = agreement_host(CurrentMemoryContext);
	StringInfoData header;
	size_t		size;
	uint8	   *bytes;
	bytea	   *result;

	(void) agreement_context(fcinfo);
	agreement_check(agreement_sort(maker->answers, maker->used, &host));
	initStringInfo(&header);
	pq_sendbyte(&header, AGREEMENT_STATE_VERSION);
	pq_sendint32(&header, strlen(maker->type));
	pq_sendbytes(&header, maker->type, strlen(maker->type));
	pq_sendint32(&header, maker->codes.used);
	for (uint32 i = 0; i < maker->codes.used; i++)
	{
		pq_sendint64(&header, maker->codes.entries[i].a);
		pq_sendbyte(&header, maker->labels[i].numbered);
		pq_sendint64(&header, maker->labels[i].key);
		pq_sendint32(&header, maker->labels[i].length);
		pq_sendbytes(&header, maker->labels[i].text, maker->labels[i].length);
	}
	agreement_check(agreement_pack(maker->answers, maker->used, &host, NULL,
								   &size));
	result = agreement_state_bytes(&header, size, &bytes);
	agreement_check(agreement_pack(maker->answers, maker->used, &host, bytes,
								   &size));
	PG_RETURN_BYTEA_P(result);
}


static char *
read_string(StringInfo message, size_t *length)
{
	int			size = pq_getmsgint(message, 4);

	*length = size;
	return pnstrdup(pq_getmsgbytes(message, size), size);
}


/* agreement_state_deserialize(bytes bytea, internal) */
Datum
tdp_agreement_state_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *serialized = PG_GETARG_BYTEA_PP(0);
	AgreementHost host = agreement_host(CurrentMemoryContext);
	StringInfoData message;
	Maker	   *maker;
	size_t		size;
	size_t		count;
	uint32		labels;
	const uint8 *bytes;

	(void) agreement_context(fcinfo);
	message.data = VARDATA_ANY(serialized);
	message.len = message.maxlen = VARSIZE_ANY_EXHDR(serialized);
	message.cursor = 0;
	agreement_read_version(&message);
	maker = new_maker(CurrentMemoryContext, read_string(&message, &size));
	labels = pq_getmsgint(&message, 4);
	for (uint32 i = 0; i < labels; i++)
	{
		AgreementLabel *label = new_label(maker, pq_getmsgint64(&message));

		if (label == NULL)
			agreement_check(AGREEMENT_CORRUPT);
		label->numbered = pq_getmsgbyte(&message) != 0;
		label->key = pq_getmsgint64(&message);
		label->text = read_string(&message, &label->length);
	}
	size = message.len - message.cursor;
	bytes = (const uint8 *) pq_getmsgbytes(&message, size);
	agreement_check(agreement_packed_count(bytes, size, &count));
	reserve(maker, count);
	agreement_check(agreement_unpack(bytes, size, &host, maker->answers));
	maker->used = count;
	PG_RETURN_POINTER(maker);
}


/* Labels of a matrix by the texts that the maker has for their codes. */
static void
name_labels(const Maker *maker, AgreementState *state)
{
	uint32		count = state->matrix.nlabels;

	state->labels = palloc_array(AgreementLabel, count + 1);
	for (uint32 k = 0; k < count; k++)
	{
		uint32		index = agreement_tally_find(&maker->codes,
												 state->matrix.labels[k], 0);

		if (index >= maker->codes.used)
			agreement_check(AGREEMENT_CORRUPT);
		state->labels[k] = maker->labels[index];
	}
}


/* agreement_state_final(state internal, item "any", label "any") */
Datum
tdp_agreement_state_final(PG_FUNCTION_ARGS)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	Maker	   *maker;
	AgreementState state = {.nsketch = 0};
	AgreementState *parts[1] = {&state};
	bytea	   *value;

	(void) agreement_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	maker = (Maker *) PG_GETARG_POINTER(0);
	agreement_check(agreement_sort(maker->answers, maker->used, &host));
	agreement_check(agreement_matrix(maker->answers, maker->used, &host,
									 &state.matrix));
	name_labels(maker, &state);
	state.type = maker->type;
	state.type_length = strlen(maker->type);
	for (Size i = 0; i < maker->used; i++)
		if (i == 0 || maker->answers[i].item != maker->answers[i - 1].item)
			agreement_state_item(&state, maker->answers[i].item);
	value = agreement_state_merged(parts, 1);
	agreement_state_end(&state, &host);
	PG_RETURN_BYTEA_P(value);
}
