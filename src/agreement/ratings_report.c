/*-------------------------------------------------------------------------
 *
 * ratings_report.c
 *	  icc_report and kendall_w_report: coefficients of a query's ratings
 *	  with their tests and intervals.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "agreement/glue.h"
#include "agreement/ratings.h"
#include "base/compat.h"
#include "base/options.h"
#include "base/query.h"

PG_FUNCTION_INFO_V1(tdp_icc_report);
PG_FUNCTION_INFO_V1(tdp_kendall_w_report);

/* Places of the columns; a value may be called by other names. */
enum
{
	RATING_ITEM,
	RATING_ANNOTATOR,
	RATING_VALUE,
	RATING_RANK,
	RATING_LABEL,
	RATING_COLUMNS
};

static const char *const column_names[] = {
	"item", "annotator", "value", "rank", "label"
};

typedef struct Reader
{
	RatingArray array;
	QueryColumn columns[RATING_COLUMNS];
	bool		ranks;			/* infinity has a place among them */
} Reader;


static void
add_row(void *state, const QueryValue *values)
{
	Reader	   *reader = state;
	int			given = RATING_VALUE;
	AgreementRating rating;

	while (given < RATING_COLUMNS && !reader->columns[given].present)
		given++;
	if (given == RATING_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("the query given as \"annotations\" has no column \"%s\"",
						reader->ranks ? "rank" : "value"),
				 errhint("It needs item, annotator and a number called value, rank or label.")));
	if (values[given].isnull)
		return;
	rating.item = values[RATING_ITEM].code;
	rating.annotator = values[RATING_ANNOTATOR].code;
	rating.value = agreement_ordered_key(values[given].number,
										 reader->columns[given].name,
										 reader->ranks ? "rank" : "interval",
										 reader->ranks, true);
	agreement_rating_add(&reader->array, rating);
}


/* The full table of ratings that the call's query gives. */
static AgreementRatings
read_ratings(FunctionCallInfo fcinfo, bool ranks, const AgreementHost *host)
{
	Reader		reader = {.ranks = ranks};
	AgreementRatings table;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"annotations\" is NULL"),
				 errhint("Give a query or a relation with the columns item, annotator and value.")));
	reader.array.context = CurrentMemoryContext;
	for (int i = 0; i < RATING_COLUMNS; i++)
	{
		reader.columns[i].name = column_names[i];
		reader.columns[i].kind = i < RATING_VALUE ? QUERY_CODE : QUERY_FLOAT8;
		reader.columns[i].optional = (i >= RATING_VALUE);
		reader.columns[i].null_ok = (i >= RATING_VALUE);
		if (i < RATING_VALUE)
			reader.columns[i].interned = intern_create(CurrentMemoryContext);
	}
	reader.columns[RATING_ITEM].aliases = "task, unit";
	reader.columns[RATING_ANNOTATOR].aliases = "worker, rater";
	query_read("annotations", text_to_cstring(PG_GETARG_TEXT_PP(0)),
			   PG_ARGISNULL(2) ? NULL : PG_GETARG_ARRAYTYPE_P(2),
			   reader.columns, RATING_COLUMNS, add_row, &reader);
	agreement_check(agreement_ratings(reader.array.ratings, reader.array.used,
									  host, &table));
	return table;
}


/* What the numbers of a row are, NaN as NULL. */
static void
put_numbers(Datum *values, bool *nulls, const double *numbers, int count)
{
	for (int i = 0; i < count; i++)
	{
		nulls[i] = isnan(numbers[i]);
		values[i] = Float8GetDatum(numbers[i]);
	}
}


/* icc_report(annotations text, settings jsonb, args text[]) */
Datum
tdp_icc_report(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	AgreementHost host = agreement_host(CurrentMemoryContext);
	double		level = 0.95;
	Option		options[] = {{.name = "level", .type = OPTION_FLOAT8, .value = &level}};
	AgreementRatings table;
	AgreementVariance variance;

	options_read("settings", PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1),
				 options, lengthof(options));
	if (!(level > 0 && level < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("setting \"level\" is %g", level),
				 errhint("Give the confidence of the interval, between 0 and 1.")));
	InitMaterializedSRF(fcinfo, 0);
	table = read_ratings(fcinfo, false, &host);
	agreement_check(agreement_variance(&table, &host, &variance));
	for (int form = 0; form < AGREEMENT_ICC_FORMS; form++)
	{
		AgreementIcc icc = agreement_icc(&variance, form, level);
		double		numbers[] = {icc.value, icc.f, icc.df1, icc.df2, icc.p,
		icc.lower, icc.upper};
		Datum		values[10];
		bool		nulls[10] = {false};

		values[0] = CStringGetTextDatum(agreement_icc_words[form]);
		put_numbers(values + 1, nulls + 1, numbers, lengthof(numbers));
		values[8] = Int64GetDatum(table.items);
		values[9] = Int64GetDatum(table.annotators);
		tuplestore_putvalues(result->setResult, result->setDesc, values,
							 nulls);
	}
	return (Datum) 0;
}


/* kendall_w_report(annotations text, settings jsonb, args text[]) */
Datum
tdp_kendall_w_report(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	AgreementHost host = agreement_host(CurrentMemoryContext);
	AgreementRatings table;
	AgreementRanking ranking;
	double		numbers[5];
	Datum		values[7];
	bool		nulls[7] = {false};

	options_read("settings", PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1),
				 NULL, 0);
	InitMaterializedSRF(fcinfo, 0);
	table = read_ratings(fcinfo, true, &host);
	agreement_check(agreement_ranking(&table, &host, &ranking));
	numbers[0] = ranking.w;
	numbers[1] = ranking.chi_square;
	numbers[2] = ranking.df;
	numbers[3] = ranking.p;
	numbers[4] = ranking.spearman;
	put_numbers(values, nulls, numbers, lengthof(numbers));
	values[5] = Int64GetDatum(table.items);
	values[6] = Int64GetDatum(table.annotators);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	return (Datum) 0;
}
