/*-------------------------------------------------------------------------
 *
 * state_measures.c
 *	  Coefficients of a tdp.agreement_state.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "agreement/glue.h"
#include "agreement/scales.h"
#include "agreement/state.h"
#include "base/compat.h"

PG_FUNCTION_INFO_V1(tdp_agreement_of);
PG_FUNCTION_INFO_V1(tdp_agreement_measures);

typedef struct Measure
{
	const char *name;
	AgreementMeasure measure;
} Measure;

/* Those of tdp.agreement_measures, and then other names. */
static const Measure measures[] = {
	{"percent_agreement", AGREEMENT_MEASURE_PERCENT},
	{"brennan_prediger", AGREEMENT_MEASURE_BRENNAN_PREDIGER},
	{"fleiss_kappa", AGREEMENT_MEASURE_FLEISS},
	{"gwet_ac1", AGREEMENT_MEASURE_GWET},
	{"krippendorff_alpha", AGREEMENT_MEASURE_ALPHA},
	{"gwet_ac2", AGREEMENT_MEASURE_GWET},
};

#define LISTED_MEASURES 5


static AgreementMeasure
parse_measure(const char *name)
{
	for (int i = 0; i < (int) lengthof(measures); i++)
		if (strcmp(measures[i].name, name) == 0)
			return measures[i].measure;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("argument \"measure\" is \"%s\", which is not known", name),
			 errhint("It can be percent_agreement, brennan_prediger, fleiss_kappa, gwet_ac1, gwet_ac2 or krippendorff_alpha.")));
	pg_unreachable();
}


/*
 * Alpha takes the words of its metrics, all others those of weights; each
 * takes the other's word for no order.
 */
static ScaleWord
parse_scale(const char *word, bool alpha)
{
	if (alpha && (strcmp(word, "identity") == 0 ||
				  strcmp(word, "unweighted") == 0))
		word = "nominal";
	else if (!alpha && strcmp(word, "nominal") == 0)
		word = "identity";
	else if (!alpha && strcmp(word, "interval") == 0)
		word = "quadratic";
	else if (alpha && (strcmp(word, "linear") == 0 ||
					   strcmp(word, "radical") == 0 ||
					   strcmp(word, "quadratic") == 0))
		return scale_parse("scale", false, word, InvalidOid);
	else if (strcmp(word, "jaccard") == 0 || strcmp(word, "masi") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("an agreement state knows no sets, which scale \"%s\" takes",
						word),
				 errhint("Use tdp.krippendorff_alpha(item, label, '%s') over the answers.",
						 word)));
	return scale_parse("scale", alpha, word, InvalidOid);
}


/* Have all labels a place on the scale? */
static void
check_labels(const AgreementState *state, ScaleWord scale, bool alpha)
{
	if (!scale_takes_numbers(scale))
		return;
	for (uint32 k = 0; k < state->matrix.nlabels; k++)
	{
		const AgreementLabel *label = &state->labels[k];
		double		number = agreement_key_number(label->key);

		if (!label->numbered)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("label \"%s\" of an agreement state of type %s has no place on the %s scale",
							pnstrdup(label->text, label->length),
							pnstrdup(state->type, state->type_length),
							scale_word(scale, alpha)),
					 errhint("Make the state of numbers, or of an enum whose labels stand in their order.")));
		(void) agreement_ordered_key(number, "label", scale_word(scale, alpha),
									 scale_takes_infinite(scale),
									 scale_takes_negative(scale));
	}
}


static bool
measure_state(const AgreementState *state, AgreementMeasure measure,
			  const char *word, double *value)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	bool		alpha = (measure == AGREEMENT_MEASURE_ALPHA);
	ScaleWord	word_scale = parse_scale(word, alpha);
	AgreementScale scale = {
		.kind = word_scale.kind,
		.period = word_scale.period,
		.counts = alpha ? state->matrix.shared : NULL
	};
	AgreementDistance distance;
	bool		defined;

	check_labels(state, word_scale, alpha);
	agreement_check(agreement_distance_start(&distance, &scale,
											 state->matrix.labels,
											 state->matrix.nlabels, &host));
	agreement_check(agreement_measure(&state->matrix, &distance, measure,
									  &host, &defined, value));
	agreement_distance_end(&distance, &host);
	return defined;
}


static void
read_state(FunctionCallInfo fcinfo, AgreementState *state)
{
	bytea	   *value = PG_GETARG_BYTEA_PP(0);
	AgreementHost host = agreement_host(CurrentMemoryContext);

	agreement_check(agreement_state_unpack((uint8 *) VARDATA_ANY(value),
										   VARSIZE_ANY_EXHDR(value), &host,
										   state));
}


/* agreement_of(state, measure text, scale text) */
Datum
tdp_agreement_of(PG_FUNCTION_ARGS)
{
	AgreementState state;
	double		value;

	read_state(fcinfo, &state);
	if (!measure_state(&state,
					   parse_measure(text_to_cstring(PG_GETARG_TEXT_PP(1))),
					   text_to_cstring(PG_GETARG_TEXT_PP(2)), &value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}


/* agreement_measures(state, scale text) */
Datum
tdp_agreement_measures(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *word = text_to_cstring(PG_GETARG_TEXT_PP(1));
	AgreementState state;

	read_state(fcinfo, &state);
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < LISTED_MEASURES; i++)
	{
		double		value = 0;
		Datum		values[5];
		bool		nulls[5] = {false};

		nulls[1] = !measure_state(&state, measures[i].measure, word, &value);
		values[0] = CStringGetTextDatum(measures[i].name);
		values[1] = Float8GetDatum(value);
		values[2] = Int64GetDatum(state.matrix.items);
		values[3] = Int64GetDatum(state.matrix.answers);
		values[4] = Int64GetDatum(state.matrix.nlabels);
		tuplestore_putvalues(result->setResult, result->setDesc, values,
							 nulls);
	}
	return (Datum) 0;
}
