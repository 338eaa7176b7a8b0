/*-------------------------------------------------------------------------
 *
 * scales.c
 *	  The words by which callers name metrics and weights.
 *
 * "ordinal" means two things: as a metric of alpha it is Krippendorff's, by
 * the ranks of all answers, as a weight Gwet's, by the ranks of the labels.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/float.h"

#include "agreement/own_metric.h"
#include "agreement/scales.h"
#include "base/compat.h"

typedef struct Word
{
	const char *word;
	AgreementScaleKind kind;
} Word;

static const Word metrics[] = {
	{"nominal", AGREEMENT_SCALE_IDENTITY},
	{"ordinal", AGREEMENT_SCALE_MIDRANK},
	{"interval", AGREEMENT_SCALE_QUADRATIC},
	{"ratio", AGREEMENT_SCALE_RATIO},
	{"circular", AGREEMENT_SCALE_CIRCULAR},
	{"bipolar", AGREEMENT_SCALE_BIPOLAR},
	{NULL, 0}
};

/* "identity" is Gwet's word for the first. */
static const Word weights[] = {
	{"unweighted", AGREEMENT_SCALE_IDENTITY},
	{"linear", AGREEMENT_SCALE_LINEAR},
	{"quadratic", AGREEMENT_SCALE_QUADRATIC},
	{"radical", AGREEMENT_SCALE_RADICAL},
	{"ordinal", AGREEMENT_SCALE_ORDINAL},
	{"ratio", AGREEMENT_SCALE_RATIO},
	{"circular", AGREEMENT_SCALE_CIRCULAR},
	{"bipolar", AGREEMENT_SCALE_BIPOLAR},
	{"identity", AGREEMENT_SCALE_IDENTITY},
	{NULL, 0}
};


static void
unknown_word(const char *name, bool metric, bool own, const char *given)
{
	const Word *words = metric ? metrics : weights;
	StringInfoData known;

	initStringInfo(&known);
	for (int i = 0; words[i].word != NULL; i++)
		appendStringInfo(&known, "%s%s",
						 i == 0 ? "" : words[i + 1].word == NULL ? " or "
						 : ", ", words[i].word);
	ereport(ERROR,
			(errcode(given == NULL ? ERRCODE_NULL_VALUE_NOT_ALLOWED
					 : ERRCODE_INVALID_PARAMETER_VALUE),
			 given == NULL ? errmsg("argument \"%s\" is NULL", name)
			 : errmsg("argument \"%s\" is \"%s\", which is not known",
					  name, given),
			 errhint("It can be %s; circular may name its period, as in circular(24).%s",
					 known.data, own
					 ? " It can also be jaccard or masi for sets, or the name of a function of two labels that returns double precision."
					 : "")));
}


/* The number in "circular(24)"; 0 for any other word. */
static double
read_period(const char *name, const char *word)
{
	static const char start[] = "circular(";
	char	   *end;
	double		period;

	if (strncmp(word, start, sizeof(start) - 1) != 0)
		return 0;
	period = strtod(word + sizeof(start) - 1, &end);
	if (strcmp(end, ")") != 0 || !(period > 0) || isinf(period))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" is \"%s\", whose period is not a finite number above 0",
						name, word),
				 errhint("The period is after how much the circle is closed: circular(24) for hours of the day.")));
	return period;
}


ScaleWord
scale_parse(const char *name, bool metric, const char *word, Oid type)
{
	ScaleWord	own;
	const Word *words = metric ? metrics : weights;
	double		period = read_period(name, word);

	if (period > 0)
		return (ScaleWord) {.kind = AGREEMENT_SCALE_CIRCULAR, .period = period};
	for (; words->word != NULL; words++)
		if (strcmp(words->word, word) == 0)
			return (ScaleWord) {.kind = words->kind};
	if (metric && own_parse(word, type, &own))
		return own;
	unknown_word(name, metric, metric && OidIsValid(type), word);
	pg_unreachable();
}


ScaleWord
scale_read(ScaleArgument *scale, FunctionCallInfo fcinfo, int argument)
{
	text	   *given;
	const char *bytes;
	int			length;

	if (PG_ARGISNULL(argument))
		unknown_word(scale->name, scale->metric, scale->metric, NULL);
	given = PG_GETARG_TEXT_PP(argument);
	bytes = VARDATA_ANY(given);
	length = VARSIZE_ANY_EXHDR(given);
	if (length > 0 && length == scale->last_length &&
		memcmp(bytes, scale->last, length) == 0)
		return scale->scale;
	scale->scale = scale_parse(scale->name, scale->metric,
							   text_to_cstring(given), scale->type);
	scale->last_length = length <= (int) sizeof(scale->last) ? length : 0;
	memcpy(scale->last, bytes, scale->last_length);
	return scale->scale;
}


const char *
scale_word(ScaleWord scale, bool metric)
{
	const Word *words = metric ? metrics : weights;

	if (scale.own != OWN_NONE)
		return own_word(scale);
	if (scale.period > 0)
		return psprintf("circular(%s)", float8out_internal(scale.period));
	while (words->word != NULL && words->kind != scale.kind)
		words++;
	return words->word != NULL ? words->word : "custom";
}


void
scale_differs(const char *name, bool metric, ScaleWord one, ScaleWord other)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("argument \"%s\" is \"%s\" in one row and \"%s\" in another of the same group",
					name, scale_word(one, metric), scale_word(other, metric)),
			 errhint("Give a constant.")));
}


bool
scale_same(ScaleWord one, ScaleWord other)
{
	return one.kind == other.kind && one.period == other.period &&
		one.own == other.own && one.function == other.function;
}


bool
scale_takes_numbers(ScaleWord scale)
{
	return scale.kind != AGREEMENT_SCALE_IDENTITY &&
		scale.kind != AGREEMENT_SCALE_CUSTOM;
}


bool
scale_takes_infinite(ScaleWord scale)
{
	return scale.kind == AGREEMENT_SCALE_ORDINAL ||
		scale.kind == AGREEMENT_SCALE_MIDRANK;
}


bool
scale_takes_negative(ScaleWord scale)
{
	return scale.kind != AGREEMENT_SCALE_RATIO;
}
