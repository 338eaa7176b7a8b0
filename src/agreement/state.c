/*-------------------------------------------------------------------------
 *
 * state.c
 *	  The type tdp.agreement_state: reading, writing, merging, comparing.
 *
 * A value is the bytes of state_form_kernel.c behind a varlena header, on
 * disk as on the wire.  It has one form, so equal states are equal bytes.
 * As text it is JSON; sums are hexadecimal numbers with twenty digits after
 * the point, which is all that they have.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "agreement/glue.h"
#include "agreement/state.h"
#include "base/compat.h"

PG_FUNCTION_INFO_V1(tdp_agreement_state_out);
PG_FUNCTION_INFO_V1(tdp_agreement_state_recv);
PG_FUNCTION_INFO_V1(tdp_agreement_state_send);
PG_FUNCTION_INFO_V1(tdp_agreement_state_merge);
PG_FUNCTION_INFO_V1(tdp_agreement_state_cmp);
PG_FUNCTION_INFO_V1(tdp_agreement_state_eq);
PG_FUNCTION_INFO_V1(tdp_agreement_state_ne);
PG_FUNCTION_INFO_V1(tdp_agreement_state_lt);
PG_FUNCTION_INFO_V1(tdp_agreement_state_le);
PG_FUNCTION_INFO_V1(tdp_agreement_state_gt);
PG_FUNCTION_INFO_V1(tdp_agreement_state_ge);
PG_FUNCTION_INFO_V1(tdp_agreement_state_hash);
PG_FUNCTION_INFO_V1(tdp_agreement_state_hash_extended);


bytea *
agreement_state_value(const AgreementState *state)
{
	Size		size = agreement_state_pack(state, NULL);
	bytea	   *value;

	if (size > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("an agreement state of %zu MB is too large to be kept",
						size >> 20),
				 errdetail("It has %u labels that met in " UINT64_FORMAT " pairs.",
						   state->matrix.nlabels, state->matrix.ncells),
				 errhint("Use the aggregates over the answers themselves, or fewer labels.")));
	value = palloc(VARHDRSZ + size);
	SET_VARSIZE(value, VARHDRSZ + size);
	agreement_state_pack(state, (uint8 *) VARDATA(value));
	return value;
}


static void
other_type(AgreementState *const *parts, int nparts)
{
	const AgreementState *one = parts[0];
	const AgreementState *other = parts[nparts - 1];

	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("agreement states of labels of different types cannot be merged: %s and %s",
					pnstrdup(one->type, one->type_length),
					pnstrdup(other->type, other->type_length)),
			 errhint("Cast the labels to one type where the states are made.")));
}


bytea *
agreement_state_merged(AgreementState *const *parts, int nparts)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementState state;
	AgreementMerge merge;
	AgreementLabel label;
	bytea	   *value;

	agreement_check(agreement_state_merge(parts, nparts, &host, &state,
										  &merge, &label));
	switch (merge)
	{
		case AGREEMENT_MERGED:
			break;
		case AGREEMENT_OTHER_TYPE:
			other_type(parts, nparts);
			break;
		case AGREEMENT_STRADDLES:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("agreement states have an item in common"),
					 errdetail("How often its answers in one state met those in the other is not known to either; or a state was given twice."),
					 errhint("Make states that an item is in one of, whole: group by a property of the item, such as the day it was made, not of its answers.")));
			break;
		case AGREEMENT_RENUMBERED:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("label \"%s\" has one number in one agreement state and another in the other",
							pnstrdup(label.text, label.length)),
					 errhint("An enum was changed, or real and double precision are mixed: make the older state anew.")));
			break;
		case AGREEMENT_TOO_MANY:
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many answers in an agreement state")));
	}
	value = agreement_state_value(&state);
	agreement_state_end(&state, &host);
	return value;
}


/* ---- text and bytes ----------------------------------------------------- */

static void
append_text(StringInfo json, const char *text, size_t length)
{
	escape_json(json, pnstrdup(text, length));
}


static void
append_sum(StringInfo json, ExactSum sum)
{
	appendStringInfo(json, "\"%llx.%04llx%016llx\"",
					 (unsigned long long) (sum.high >> 16),
					 (unsigned long long) (sum.high & 0xffff),
					 (unsigned long long) sum.low);
}


static void
append_labels(StringInfo json, const AgreementState *state)
{
	for (uint32 k = 0; k < state->matrix.nlabels; k++)
	{
		const AgreementLabel *label = &state->labels[k];

		appendStringInfoString(json, k > 0 ? ", {\"label\": "
							   : "{\"label\": ");
		append_text(json, label->text, label->length);
		if (label->numbered)
			appendStringInfo(json, ", \"number\": \"%s\"",
							 float8out_internal(agreement_key_number(label->key)));
		appendStringInfo(json, ", \"answers\": " UINT64_FORMAT ", \"share\": ",
						 state->matrix.shared[k]);
		append_sum(json, state->matrix.shares[k]);
		appendStringInfoChar(json, '}');
	}
}


/* agreement_state_out(tdp.agreement_state) */
Datum
tdp_agreement_state_out(PG_FUNCTION_ARGS)
{
	bytea	   *value = PG_GETARG_BYTEA_PP(0);
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementState state;
	const AgreementMatrix *matrix = &state.matrix;
	StringInfoData json;

	agreement_check(agreement_state_unpack((uint8 *) VARDATA_ANY(value),
										   VARSIZE_ANY_EXHDR(value), &host,
										   &state));
	initStringInfo(&json);
	appendStringInfo(&json, "{\"version\": %d, \"type\": ",
					 AGREEMENT_FORM_VERSION);
	append_text(&json, state.type, state.type_length);
	appendStringInfo(&json, ", \"items\": " UINT64_FORMAT ", \"answers\": "
					 UINT64_FORMAT ", \"shared_items\": " UINT64_FORMAT
					 ", \"shared_answers\": " UINT64_FORMAT ", \"labels\": [",
					 matrix->items, matrix->answers, matrix->shared_items,
					 matrix->shared_answers);
	append_labels(&json, &state);
	appendStringInfoString(&json, "], \"pairs\": [");
	for (uint64 i = 0; i < matrix->ncells; i++)
	{
		appendStringInfo(&json, "%s[%u, %u, ", i > 0 ? ", " : "",
						 matrix->cells[i].k, matrix->cells[i].l);
		append_sum(&json, matrix->cells[i].agreement);
		appendStringInfoString(&json, ", ");
		append_sum(&json, matrix->cells[i].alpha);
		appendStringInfoChar(&json, ']');
	}
	appendStringInfoString(&json, "], \"sketch\": \"");
	for (uint32 i = 0; i < state.nsketch; i++)
		appendStringInfo(&json, "%016llx",
						 (unsigned long long) state.sketch[i]);
	appendStringInfoString(&json, "\"}");
	PG_RETURN_CSTRING(json.data);
}


/* agreement_state_recv(internal) */
Datum
tdp_agreement_state_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	AgreementHost host = agreement_host(CurrentMemoryContext);
	int			size = message->len - message->cursor;
	const char *bytes = pq_getmsgbytes(message, size);
	AgreementState state;
	bytea	   *value;

	agreement_check(agreement_state_unpack((const uint8 *) bytes, size, &host,
										   &state));
	pg_verifymbstr(state.type, state.type_length, false);
	for (uint32 k = 0; k < state.matrix.nlabels; k++)
		pg_verifymbstr(state.labels[k].text, state.labels[k].length, false);
	value = palloc(VARHDRSZ + size);
	SET_VARSIZE(value, VARHDRSZ + size);
	memcpy(VARDATA(value), bytes, size);
	PG_RETURN_BYTEA_P(value);
}


/* agreement_state_send(tdp.agreement_state) */
Datum
tdp_agreement_state_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(PG_GETARG_BYTEA_P_COPY(0));
}


/* agreement_state_merge(tdp.agreement_state, tdp.agreement_state) */
Datum
tdp_agreement_state_merge(PG_FUNCTION_ARGS)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementState states[2];
	AgreementState *parts[2] = {&states[0], &states[1]};
	bytea	   *merged;

	for (int i = 0; i < 2; i++)
	{
		bytea	   *value = PG_GETARG_BYTEA_PP(i);

		agreement_check(agreement_state_unpack((uint8 *) VARDATA_ANY(value),
											   VARSIZE_ANY_EXHDR(value),
											   &host, parts[i]));
	}
	merged = agreement_state_merged(parts, 2);
	agreement_state_end(parts[0], &host);
	agreement_state_end(parts[1], &host);
	PG_RETURN_BYTEA_P(merged);
}


/* ---- comparing ---------------------------------------------------------- */

static int
compare(FunctionCallInfo fcinfo)
{
	bytea	   *a = PG_GETARG_BYTEA_PP(0);
	bytea	   *b = PG_GETARG_BYTEA_PP(1);
	Size		size_a = VARSIZE_ANY_EXHDR(a);
	Size		size_b = VARSIZE_ANY_EXHDR(b);
	int			compared = memcmp(VARDATA_ANY(a), VARDATA_ANY(b),
								  Min(size_a, size_b));

	if (compared == 0)
		compared = (size_a > size_b) - (size_a < size_b);
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return compared;
}


Datum
tdp_agreement_state_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(fcinfo));
}


Datum
tdp_agreement_state_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) == 0);
}


Datum
tdp_agreement_state_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) != 0);
}


Datum
tdp_agreement_state_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) < 0);
}


Datum
tdp_agreement_state_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) <= 0);
}


Datum
tdp_agreement_state_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) > 0);
}


Datum
tdp_agreement_state_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) >= 0);
}


/* agreement_state_hash(tdp.agreement_state) */
Datum
tdp_agreement_state_hash(PG_FUNCTION_ARGS)
{
	bytea	   *value = PG_GETARG_BYTEA_PP(0);
	Datum		hash = hash_any((unsigned char *) VARDATA_ANY(value),
								VARSIZE_ANY_EXHDR(value));

	PG_FREE_IF_COPY(value, 0);
	PG_RETURN_DATUM(hash);
}


/* agreement_state_hash_extended(tdp.agreement_state, seed bigint) */
Datum
tdp_agreement_state_hash_extended(PG_FUNCTION_ARGS)
{
	bytea	   *value = PG_GETARG_BYTEA_PP(0);
	Datum		hash = hash_any_extended((unsigned char *) VARDATA_ANY(value),
										 VARSIZE_ANY_EXHDR(value),
										 PG_GETARG_INT64(1));

	PG_FREE_IF_COPY(value, 0);
	PG_RETURN_DATUM(hash);
}
