/*-------------------------------------------------------------------------
 *
 * state_in.c
 *	  The text of a tdp.agreement_state read back.
 *
 * What is read is packed and then unpacked: one place knows what a state
 * must be.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "agreement/glue.h"
#include "agreement/state.h"
#include "base/compat.h"

PG_FUNCTION_INFO_V1(tdp_agreement_state_in);


static void
bad_text(const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid text of an agreement state: %s", problem),
			 errhint("It is what tdp.agreement_state_agg makes, unchanged.")));
}


static JsonbValue *
member(JsonbContainer *object, const char *key, enum jbvType type)
{
	JsonbValue *value = JsonContainerIsObject(object)
		? getKeyJsonValueFromContainer(object, key, strlen(key), NULL) : NULL;

	if (value == NULL || value->type != type)
		bad_text(psprintf("\"%s\" is missing or of another type", key));
	return value;
}


static JsonbContainer *
list(JsonbContainer *object, const char *key)
{
	JsonbContainer *container = member(object, key, jbvBinary)->val.binary.data;

	if (!JsonContainerIsArray(container))
		bad_text(psprintf("\"%s\" is no array", key));
	return container;
}


static uint64
whole(const JsonbValue *value)
{
	int64		number;

	if (value == NULL || value->type != jbvNumeric)
		bad_text("a count is no number");
	number = DatumGetInt64(DirectFunctionCall1(numeric_int8,
											   NumericGetDatum(value->val.numeric)));
	if (number < 0)
		bad_text("a count is negative");
	return number;
}


/* Hexadecimal digits, as many as there are. */
static uint64
hexadecimal(const char *digits, int count)
{
	uint64		number = 0;

	for (int i = 0; i < count; i++)
	{
		const char *all = "0123456789abcdef";
		const char *digit = digits[i] != '\0' ? strchr(all, digits[i]) : NULL;

		if (digit == NULL)
			bad_text("a sum is not hexadecimal");
		number = number << 4 | (digit - all);
	}
	return number;
}


/* "1f.00000000000000000000" */
static ExactSum
sum(const JsonbValue *value)
{
	ExactSum	result;
	int			digits;

	if (value == NULL || value->type != jbvString)
		bad_text("a sum is no string");
	digits = value->val.string.len - 21;
	if (digits < 1 || digits > 12 || value->val.string.val[digits] != '.')
		bad_text("a sum has not twenty digits after its point");
	result.high = hexadecimal(value->val.string.val, digits) << 16 |
		hexadecimal(value->val.string.val + digits + 1, 4);
	result.low = hexadecimal(value->val.string.val + digits + 5, 16);
	return result;
}


static void
read_label(JsonbContainer *object, AgreementState *state, uint32 k)
{
	AgreementLabel *label = &state->labels[k];
	JsonbValue *text = member(object, "label", jbvString);
	JsonbValue *number = getKeyJsonValueFromContainer(object, "number", 6,
													  NULL);

	label->text = text->val.string.val;
	label->length = text->val.string.len;

	label->numbered = (number != NULL);
	if (number != NULL)
	{
		char	   *digits;

		if (number->type != jbvString)
			bad_text("a label's number is no string");
		digits = pnstrdup(number->val.string.val, number->val.string.len);
		label->key = agreement_number_key(DatumGetFloat8(DirectFunctionCall1(float8in,
																			 CStringGetDatum(digits))));
	}
	state->matrix.labels[k] = label->key;
	state->matrix.shared[k] = whole(member(object, "answers", jbvNumeric));
	state->matrix.shares[k] = sum(member(object, "share", jbvString));
}


static void
read_labels(JsonbContainer *all, AgreementState *state)
{
	AgreementMatrix *matrix = &state->matrix;
	uint32		count = JsonContainerSize(all);

	matrix->nlabels = count;
	state->labels = palloc0(sizeof(AgreementLabel) * (count + 1));
	matrix->labels = palloc0(sizeof(uint64) * (count + 1));
	matrix->shared = palloc0(sizeof(uint64) * (count + 1));
	matrix->shares = palloc0(sizeof(ExactSum) * (count + 1));
	for (uint32 k = 0; k < count; k++)
	{
		JsonbValue *label = getIthJsonbValueFromContainer(all, k);

		if (label->type != jbvBinary)
			bad_text("a label is no object");
		read_label(label->val.binary.data, state, k);
	}
}


static void
read_pairs(JsonbContainer *all, AgreementMatrix *matrix)
{
	uint32		count = JsonContainerSize(all);

	matrix->ncells = count;
	matrix->cells = MemoryContextAllocHuge(CurrentMemoryContext,
										   sizeof(AgreementCell) * ((Size) count + 1));
	for (uint32 i = 0; i < count; i++)
	{
		JsonbValue *pair = getIthJsonbValueFromContainer(all, i);
		JsonbContainer *parts = pair->type == jbvBinary
			? pair->val.binary.data : NULL;
		uint64		k;
		uint64		l;

		if (parts == NULL || !JsonContainerIsArray(parts) ||
			JsonContainerSize(parts) != 4)
			bad_text("a pair is not two labels and two sums");
		k = whole(getIthJsonbValueFromContainer(parts, 0));
		l = whole(getIthJsonbValueFromContainer(parts, 1));
		if (k >= matrix->nlabels || l >= matrix->nlabels)
			bad_text("a pair names a label that is not there");
		matrix->cells[i].k = k;
		matrix->cells[i].l = l;
		matrix->cells[i].agreement = sum(getIthJsonbValueFromContainer(parts, 2));
		matrix->cells[i].alpha = sum(getIthJsonbValueFromContainer(parts, 3));
	}
}


static void
read_sketch(const JsonbValue *hashes, AgreementState *state)
{
	state->nsketch = hashes->val.string.len / 16;
	if (hashes->val.string.len % 16 != 0 || state->nsketch > AGREEMENT_SKETCH)
		bad_text("the sketch has a wrong length");
	for (uint32 i = 0; i < state->nsketch; i++)
		state->sketch[i] = hexadecimal(hashes->val.string.val + 16 * i, 16);
}


/* agreement_state_in(cstring) */
Datum
tdp_agreement_state_in(PG_FUNCTION_ARGS)
{
	Jsonb	   *json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
														  PG_GETARG_DATUM(0)));
	JsonbContainer *root = &json->root;
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementState state = {.nsketch = 0};
	AgreementState again;
	JsonbValue *type;
	bytea	   *value;

	if (whole(member(root, "version", jbvNumeric)) != AGREEMENT_FORM_VERSION)
		bad_text(psprintf("its version is not %d", AGREEMENT_FORM_VERSION));
	type = member(root, "type", jbvString);
	state.type = type->val.string.val;
	state.type_length = type->val.string.len;
	state.matrix.items = whole(member(root, "items", jbvNumeric));
	state.matrix.answers = whole(member(root, "answers", jbvNumeric));
	state.matrix.shared_items = whole(member(root, "shared_items",
											 jbvNumeric));
	state.matrix.shared_answers = whole(member(root, "shared_answers",
											   jbvNumeric));
	read_labels(list(root, "labels"), &state);
	read_pairs(list(root, "pairs"), &state.matrix);
	read_sketch(member(root, "sketch", jbvString), &state);
	value = agreement_state_value(&state);
	if (agreement_state_unpack((uint8 *) VARDATA(value),
							   VARSIZE(value) - VARHDRSZ, &host,
							   &again) != AGREEMENT_OK)
		bad_text("its numbers do not fit together");
	PG_RETURN_BYTEA_P(value);
}
