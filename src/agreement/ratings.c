/*-------------------------------------------------------------------------
 *
 * ratings.c
 *	  The aggregates over (item, annotator, number): icc, kendall_w,
 *	  mean_spearman.
 *
 * A group's state is an array of ratings, 24 bytes each; the three share it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "agreement/coder.h"
#include "agreement/glue.h"
#include "agreement/numbers.h"
#include "agreement/ratings.h"
#include "base/compat.h"
#include "base/settings.h"

PG_FUNCTION_INFO_V1(tdp_ratings_add);
PG_FUNCTION_INFO_V1(tdp_ratings_add_form);
PG_FUNCTION_INFO_V1(tdp_ratings_add_rank);
PG_FUNCTION_INFO_V1(tdp_ratings_combine);
PG_FUNCTION_INFO_V1(tdp_ratings_serialize);
PG_FUNCTION_INFO_V1(tdp_ratings_deserialize);
PG_FUNCTION_INFO_V1(tdp_icc_final);
PG_FUNCTION_INFO_V1(tdp_kendall_w_final);
PG_FUNCTION_INFO_V1(tdp_mean_spearman_final);

#define FIRST_CAPACITY 8

/* Arguments of the aggregates, and of their state function. */
#define ITEM 1
#define ANNOTATOR 2
#define VALUE 3
#define FORM 4

const char *const agreement_icc_words[] = {
	"icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k", NULL
};

typedef struct RatingState
{
	RatingArray ratings;
	int			form;
} RatingState;

/* What stays the same for all rows of a query: fn_extra. */
typedef struct RatingSite
{
	ValueCoder *item;
	ValueCoder *annotator;
	NumberCoder *value;
	char		form[8];		/* the one read last */
	int			form_length;	/* 0: none */
	int			form_index;
} RatingSite;


void
agreement_rating_add(RatingArray *array, AgreementRating rating)
{
	if (array->used == array->capacity)
	{
		Size		capacity = Max(FIRST_CAPACITY, array->capacity * 2);

		if (capacity > AGREEMENT_MAX_ANSWERS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many ratings in one group")));
		settings_check_memory(sizeof(AgreementRating) * capacity,
							  "agreement on a group of so many ratings");
		array->ratings = array->ratings == NULL
			? MemoryContextAlloc(array->context,
								 sizeof(AgreementRating) * capacity)
			: repalloc_huge(array->ratings,
							sizeof(AgreementRating) * capacity);
		array->capacity = capacity;
	}
	array->ratings[array->used++] = rating;
}


/* A coder of a type that has codes by itself. */
static ValueCoder *
hashed_coder(FunctionCallInfo fcinfo, int argument, const char *name)
{
	ValueCoder *coder = agreement_coder(fcinfo->flinfo->fn_mcxt,
										agreement_argument_type(fcinfo, argument),
										agreement_argument_collation(fcinfo, argument),
										name);

	if (agreement_coder_by_text(coder))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("argument \"%s\" has a type without a default hash operator class",
						name),
				 errhint("Cast it to text.")));
	return coder;
}


static RatingSite *
rating_site(FunctionCallInfo fcinfo, const char *value)
{
	RatingSite *site = fcinfo->flinfo->fn_extra;
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	Oid			type;

	if (site != NULL)
		return site;
	site = MemoryContextAllocZero(context, sizeof(RatingSite));
	site->item = hashed_coder(fcinfo, ITEM, "item");
	site->annotator = hashed_coder(fcinfo, ANNOTATOR, "annotator");
	type = agreement_argument_type(fcinfo, VALUE);
	site->value = agreement_number_coder(context, type);
	if (site->value == NULL)
		agreement_not_a_number(value, type, "aggregate",
							   strcmp(value, "rank") == 0 ? "kendall_w" : "icc");
	fcinfo->flinfo->fn_extra = site;
	return site;
}


/* The form that the argument names; case does not matter. */
static int
read_form(FunctionCallInfo fcinfo, RatingSite *site)
{
	text	   *given = PG_ARGISNULL(FORM) ? NULL : PG_GETARG_TEXT_PP(FORM);
	int			length = given != NULL ? VARSIZE_ANY_EXHDR(given) : 0;

	if (length > 0 && length == site->form_length &&
		memcmp(VARDATA_ANY(given), site->form, length) == 0)
		return site->form_index;
	for (int i = 0; given != NULL && agreement_icc_words[i] != NULL; i++)
		if (pg_strcasecmp(text_to_cstring(given), agreement_icc_words[i]) == 0)
		{
			memcpy(site->form, VARDATA_ANY(given), length);
			site->form_length = length;
			return site->form_index = i;
		}
	ereport(ERROR,
			(errcode(given == NULL ? ERRCODE_NULL_VALUE_NOT_ALLOWED
					 : ERRCODE_INVALID_PARAMETER_VALUE),
			 given == NULL ? errmsg("argument \"form\" is NULL")
			 : errmsg("argument \"form\" is \"%s\", which is not known",
					  text_to_cstring(given)),
			 errhint("It can be icc1, icc2, icc3, icc1k, icc2k or icc3k.")));
	return -1;
}


static void
check_form(int one, int other)
{
	if (one != other)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"form\" is \"%s\" in one row and \"%s\" in another of the same group",
						agreement_icc_words[one], agreement_icc_words[other]),
				 errhint("Give a constant.")));
}


/* Adds the row's rating; a row that lacks a part is none. */
static Datum
add_rating(FunctionCallInfo fcinfo, const char *value, bool infinite_ok,
		   bool with_form)
{
	RatingSite *site = rating_site(fcinfo, value);
	RatingState *state = PG_ARGISNULL(0) ? NULL
		: (RatingState *) PG_GETARG_POINTER(0);
	int			form = with_form ? read_form(fcinfo, site)
		: AGREEMENT_ICC2;
	AgreementRating rating;

	if (PG_ARGISNULL(ITEM) || PG_ARGISNULL(ANNOTATOR) || PG_ARGISNULL(VALUE))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
	{
		MemoryContext context = agreement_context(fcinfo);

		state = MemoryContextAllocZero(context, sizeof(RatingState));
		state->ratings.context = context;
		state->form = form;
	}
	else
		check_form(state->form, form);
	rating.item = agreement_code(site->item, PG_GETARG_DATUM(ITEM));
	rating.annotator = agreement_code(site->annotator,
									  PG_GETARG_DATUM(ANNOTATOR));
	rating.value = agreement_ordered_key(agreement_number(site->value,
														  PG_GETARG_DATUM(VALUE)),
										 value, infinite_ok ? "rank" : "interval",
										 infinite_ok, true);
	agreement_rating_add(&state->ratings, rating);
	PG_RETURN_POINTER(state);
}


/* ratings_add(state internal, item "any", annotator "any", value "any") */
Datum
tdp_ratings_add(PG_FUNCTION_ARGS)
{
	return add_rating(fcinfo, "value", false, false);
}


/* ratings_add_form(state, item, annotator, value, form text) */
Datum
tdp_ratings_add_form(PG_FUNCTION_ARGS)
{
	return add_rating(fcinfo, "value", false, true);
}


/* ratings_add_rank(state internal, item "any", annotator "any", rank "any") */
Datum
tdp_ratings_add_rank(PG_FUNCTION_ARGS)
{
	return add_rating(fcinfo, "rank", true, false);
}


/* ratings_combine(state internal, other internal) */
Datum
tdp_ratings_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = agreement_context(fcinfo);
	RatingState *state = PG_ARGISNULL(0) ? NULL
		: (RatingState *) PG_GETARG_POINTER(0);
	RatingState *other = PG_ARGISNULL(1) ? NULL
		: (RatingState *) PG_GETARG_POINTER(1);

	if (other == NULL)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
	{
		state = MemoryContextAllocZero(context, sizeof(RatingState));
		state->ratings.context = context;
		state->form = other->form;
	}
	check_form(state->form, other->form);
	for (Size i = 0; i < other->ratings.used; i++)
		agreement_rating_add(&state->ratings, other->ratings.ratings[i]);
	PG_RETURN_POINTER(state);
}


static uint8 *
put_int64(uint8 *at, uint64 number)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		*at++ = (uint8) (number >> shift);
	return at;
}


/* ratings_serialize(state internal) */
Datum
tdp_ratings_serialize(PG_FUNCTION_ARGS)
{
	RatingState *state = (RatingState *) PG_GETARG_POINTER(0);
	StringInfoData header;
	uint8	   *at;
	bytea	   *result;

	(void) agreement_context(fcinfo);
	initStringInfo(&header);
	pq_sendbyte(&header, AGREEMENT_STATE_VERSION);
	pq_sendbyte(&header, state->form);
	result = agreement_state_bytes(&header, sizeof(AgreementRating) *
								   state->ratings.used, &at);
	for (Size i = 0; i < state->ratings.used; i++)
	{
		at = put_int64(at, state->ratings.ratings[i].item);
		at = put_int64(at, state->ratings.ratings[i].annotator);
		at = put_int64(at, state->ratings.ratings[i].value);
	}
	PG_RETURN_BYTEA_P(result);
}


/* ratings_deserialize(bytes bytea, internal) */
Datum
tdp_ratings_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *serialized = PG_GETARG_BYTEA_PP(0);
	RatingState *state = palloc0_object(RatingState);
	StringInfoData message;

	(void) agreement_context(fcinfo);
	message.data = VARDATA_ANY(serialized);
	message.len = message.maxlen = VARSIZE_ANY_EXHDR(serialized);
	message.cursor = 0;
	agreement_read_version(&message);
	state->ratings.context = CurrentMemoryContext;
	state->form = pq_getmsgbyte(&message);
	if (state->form >= AGREEMENT_ICC_FORMS ||
		(message.len - message.cursor) % sizeof(AgreementRating) != 0)
		agreement_check(AGREEMENT_CORRUPT);
	while (message.cursor < message.len)
	{
		AgreementRating rating;

		rating.item = pq_getmsgint64(&message);
		rating.annotator = pq_getmsgint64(&message);
		rating.value = pq_getmsgint64(&message);
		if (isnan(agreement_key_number(rating.value)))
			agreement_check(AGREEMENT_CORRUPT);
		agreement_rating_add(&state->ratings, rating);
	}
	PG_RETURN_POINTER(state);
}


/* The full table of a state, or none for a state that is NULL. */
static AgreementRatings
final_table(FunctionCallInfo fcinfo, const AgreementHost *host)
{
	AgreementRatings table = {0, 0, NULL};

	(void) agreement_context(fcinfo);
	if (!PG_ARGISNULL(0))
	{
		RatingState *state = (RatingState *) PG_GETARG_POINTER(0);

		agreement_check(agreement_ratings(state->ratings.ratings,
										  state->ratings.used, host, &table));
	}
	return table;
}


static Datum
number_or_null(FunctionCallInfo fcinfo, double value)
{
	if (isnan(value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}


/*
 * icc_final(state internal, item "any", annotator "any", value "any"), and
 * with form text icc_form_final: the state knows its form.
 */
Datum
tdp_icc_final(PG_FUNCTION_ARGS)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementRatings table = final_table(fcinfo, &host);
	AgreementVariance variance;

	agreement_check(agreement_variance(&table, &host, &variance));
	agreement_ratings_end(&table, &host);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return number_or_null(fcinfo,
						  agreement_icc(&variance,
										((RatingState *) PG_GETARG_POINTER(0))->form,
										0.95).value);
}


static AgreementRanking
final_ranking(FunctionCallInfo fcinfo)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementRatings table = final_table(fcinfo, &host);
	AgreementRanking ranking;

	agreement_check(agreement_ranking(&table, &host, &ranking));
	agreement_ratings_end(&table, &host);
	return ranking;
}


/* kendall_w_final(state internal, item "any", annotator "any", rank "any") */
Datum
tdp_kendall_w_final(PG_FUNCTION_ARGS)
{
	return number_or_null(fcinfo, final_ranking(fcinfo).w);
}


/* mean_spearman_final(state internal, item, annotator, rank "any") */
Datum
tdp_mean_spearman_final(PG_FUNCTION_ARGS)
{
	return number_or_null(fcinfo, final_ranking(fcinfo).spearman);
}
