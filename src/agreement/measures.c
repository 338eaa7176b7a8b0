/*-------------------------------------------------------------------------
 *
 * measures.c
 *	  The aggregates over (item, label): krippendorff_alpha, fleiss_kappa,
 *	  gwet_ac1, gwet_ac2, brennan_prediger, percent_agreement, conger_kappa.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/memutils.h"

#include "agreement/answers.h"
#include "agreement/glue.h"
#include "agreement/matrix_kernel.h"
#include "agreement/own_metric.h"
#include "base/compat.h"

PG_FUNCTION_INFO_V1(tdp_percent_agreement_final);
PG_FUNCTION_INFO_V1(tdp_brennan_prediger_final);
PG_FUNCTION_INFO_V1(tdp_fleiss_kappa_final);
PG_FUNCTION_INFO_V1(tdp_gwet_ac1_final);
PG_FUNCTION_INFO_V1(tdp_conger_kappa_final);
PG_FUNCTION_INFO_V1(tdp_krippendorff_alpha_final);

/* Arguments of the aggregates. */
#define ITEM 1
#define LABEL 2
#define ANNOTATOR 2				/* Conger's */
#define CONGER_LABEL 3


/*
 * The sorted answers; where codes stand for texts, a copy in which values
 * that are equal have one code.
 */
static const AgreementAnswer *
final_answers(FunctionCallInfo fcinfo, AnswerState *state, int label)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementAnswer *answers;

	if (state->items == NULL && state->labels == NULL)
	{
		answers_sort(state);
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
	if (state->labels != NULL && state->scale.own == OWN_NONE)
	{
		agreement_texts_classify(state->labels,
								 agreement_argument_type(fcinfo, label));
		for (uint32 i = 0; i < state->used; i++)
			answers[i].label = agreement_texts_class(state->labels,
													 answers[i].label);
	}
	agreement_check(agreement_sort(answers, state->used, &host));
	return answers;
}


/* Walks the answers once; enough for labels without order. */
static bool
nominal_measure(const AgreementAnswer *answers, size_t count,
				AgreementMeasure measure, double *value)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementNominal sums;

	agreement_check(agreement_nominal(answers, count,
									  measure == AGREEMENT_MEASURE_FLEISS ||
									  measure == AGREEMENT_MEASURE_GWET,
									  &host, &sums));
	switch (measure)
	{
		case AGREEMENT_MEASURE_PERCENT:
			return agreement_percent(&sums, value);
		case AGREEMENT_MEASURE_BRENNAN_PREDIGER:
			return agreement_brennan_prediger(&sums, value);
		case AGREEMENT_MEASURE_FLEISS:
			return agreement_fleiss_kappa(&sums, value);
		case AGREEMENT_MEASURE_GWET:
			return agreement_gwet_ac1(&sums, value);
		case AGREEMENT_MEASURE_ALPHA:
			return agreement_alpha_nominal(&sums, value);
	}
	return false;
}


/* Makes the scale of a state ready for the labels of its matrix. */
static void
start_distance(const AnswerState *state, const AgreementMatrix *matrix,
			   bool alpha, AgreementDistance *distance)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementScale scale = {
		.kind = state->scale.kind,
		.period = state->scale.period,
		.counts = alpha ? matrix->shared : NULL
	};

	agreement_check(agreement_distance_start(distance, &scale,
											 matrix->labels, matrix->nlabels,
											 &host));
}


static bool
weighted_measure(const AnswerState *state, const AgreementAnswer *answers,
				 AgreementMeasure measure, double *value)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementMatrix matrix;
	AgreementDistance distance;
	bool		defined;

	agreement_check(agreement_matrix(answers, state->used, &host, &matrix));
	start_distance(state, &matrix, measure == AGREEMENT_MEASURE_ALPHA,
				   &distance);
	agreement_check(agreement_measure(&matrix, &distance, measure, &host,
									  &defined, value));
	agreement_distance_end(&distance, &host);
	agreement_matrix_end(&matrix, &host);
	return defined;
}


/* Alpha on a scale; squared distances need no matrix. */
static bool
alpha_measure(const AnswerState *state, const AgreementAnswer *answers,
			  double *value)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementMetric metric;
	bool		defined;

	switch (state->scale.kind)
	{
		case AGREEMENT_SCALE_MIDRANK:
			metric = AGREEMENT_ORDINAL;
			break;
		case AGREEMENT_SCALE_QUADRATIC:
			metric = AGREEMENT_INTERVAL;
			break;
		case AGREEMENT_SCALE_RATIO:
			metric = AGREEMENT_RATIO;
			break;
		default:
			return weighted_measure(state, answers, AGREEMENT_MEASURE_ALPHA,
									value);
	}
	agreement_check(agreement_alpha(answers, state->used, metric, &host,
									&defined, value));
	return defined;
}


static Datum
measure_final(FunctionCallInfo fcinfo, AgreementMeasure measure)
{
	AnswerState *state;
	const AgreementAnswer *answers;
	bool		defined;
	double		value;

	(void) agreement_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (AnswerState *) PG_GETARG_POINTER(0);
	answers = final_answers(fcinfo, state, LABEL);
	if (state->scale.kind == AGREEMENT_SCALE_IDENTITY)
		defined = nominal_measure(answers, state->used, measure, &value);
	else if (state->scale.own != OWN_NONE)
		defined = own_alpha(fcinfo, state, answers, LABEL, &value);
	else if (measure == AGREEMENT_MEASURE_ALPHA)
		defined = alpha_measure(state, answers, &value);
	else
		defined = weighted_measure(state, answers, measure, &value);
	if (!defined)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}


/*
 * Each of these also stands behind the final function of the same coefficient
 * with a scale: the state knows it.
 */

/* percent_agreement_final(state internal, item "any", label "any") */
Datum
tdp_percent_agreement_final(PG_FUNCTION_ARGS)
{
	return measure_final(fcinfo, AGREEMENT_MEASURE_PERCENT);
}


/* brennan_prediger_final(state internal, item "any", label "any") */
Datum
tdp_brennan_prediger_final(PG_FUNCTION_ARGS)
{
	return measure_final(fcinfo, AGREEMENT_MEASURE_BRENNAN_PREDIGER);
}


/* fleiss_kappa_final(state internal, item "any", label "any") */
Datum
tdp_fleiss_kappa_final(PG_FUNCTION_ARGS)
{
	return measure_final(fcinfo, AGREEMENT_MEASURE_FLEISS);
}


/* gwet_ac1_final(state internal, item "any", label "any") */
Datum
tdp_gwet_ac1_final(PG_FUNCTION_ARGS)
{
	return measure_final(fcinfo, AGREEMENT_MEASURE_GWET);
}


/* krippendorff_alpha_final(state internal, item "any", label "any") */
Datum
tdp_krippendorff_alpha_final(PG_FUNCTION_ARGS)
{
	return measure_final(fcinfo, AGREEMENT_MEASURE_ALPHA);
}


/* What each annotator gave, sorted, with one code for equal values. */
static AgreementTally
final_given(FunctionCallInfo fcinfo, AnswerState *state)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementTally given;

	if (state->annotators != NULL)
		agreement_texts_classify(state->annotators,
								 agreement_argument_type(fcinfo, ANNOTATOR));
	agreement_check(agreement_tally_start(&given, &host));
	for (uint32 i = 0; i < state->given.used; i++)
	{
		AgreementCount entry = state->given.entries[i];

		if (state->annotators != NULL)
			entry.a = agreement_texts_class(state->annotators, entry.a);
		if (state->labels != NULL)
			entry.b = agreement_texts_class(state->labels, entry.b);
		agreement_check(agreement_tally_add(&given, &host, entry.a, entry.b,
											entry.count, NULL));
	}
	agreement_check(agreement_tally_sort(&given, &host));
	return given;
}


/* conger_kappa_final(state internal, item "any", annotator "any", label "any") */
Datum
tdp_conger_kappa_final(PG_FUNCTION_ARGS)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AnswerState *state;
	AgreementMatrix matrix;
	AgreementDistance distance;
	AgreementTally given;
	bool		defined;
	double		value;

	(void) agreement_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (AnswerState *) PG_GETARG_POINTER(0);
	agreement_check(agreement_matrix(final_answers(fcinfo, state,
												   CONGER_LABEL),
									 state->used, &host, &matrix));
	given = final_given(fcinfo, state);
	start_distance(state, &matrix, false, &distance);
	agreement_check(agreement_conger(&matrix, &distance, &given, &host,
									 &defined, &value));
	if (!defined)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}
