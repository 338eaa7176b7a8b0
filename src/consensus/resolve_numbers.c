/*-------------------------------------------------------------------------
 *
 * resolve_numbers.c
 *	  Resolve a field of numbers, or a rating as a scale.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "consensus/numeric.h"
#include "consensus/resolve.h"

/* Decimals of a value below its standard error's first digit. */
#define MORE_DECIMALS 1

/* More decimals than a double precision number has. */
#define MOST_DECIMALS 17


/* A number without trailing zeros, within the field's bounds. */
static char *
number_text(const Resolution *run, double value, double error)
{
	bool		whole = strcmp(schema_field_sql_type(run->field),
							   "double precision") != 0;
	double		min = -INFINITY;
	double		max = INFINITY;
	int			decimals = whole ? 0 : 15;
	char	   *written;
	size_t		length;

	(void) schema_field_range(run->field, &min, &max);
	if (!whole && error > 0.0)
		decimals = (int) fmax(0.0, fmin(MOST_DECIMALS, MORE_DECIMALS -
										floor(log10(error))));
	value = whole ? rint(value) : value;
	if (whole && value < min)
		value = ceil(min);
	else if (whole && value > max)
		value = floor(max);
	written = psprintf("%.*f", decimals, fmax(min, fmin(max, value)));
	if (!whole && (strtod(written, NULL) < min || strtod(written, NULL) > max ||
				   error == 0.0 || isnan(error)))
		written = psprintf("%.15g", fmax(min, fmin(max, value)));
	length = strlen(written);
	if (strchr(written, '.') != NULL && strchr(written, 'e') == NULL)
	{
		while (written[length - 1] == '0')
			length--;
		if (written[length - 1] == '.')
			length--;
		written[length] = '\0';
	}
	return strcmp(written, "-0") == 0 ? pstrdup("0") : written;
}


static void
store_numbers(Resolution *run, NumericInput *input, const NumericFit *fit)
{
	const ConsensusData *data = &input->data.answers;
	LabelWriter *writer = labels_begin(run);

	for (int32 i = 0; i < data->nitems; i++)
	{
		char	   *written = number_text(run,
										  numeric_unscale(input, fit->value[i]),
										  numeric_unscale(input, fit->error[i]));
		ResolvedLabel label = {
			.item_id = DatumGetInt64(intern_datum(input->items, i)),
			.label = written,
			.confidence = NAN,
			.answers = (int32) (data->start[i + 1] - data->start[i])
		};

		labels_put(writer, &label);
		pfree(written);
	}
	labels_end(writer);
}


static void
resolve_by_numbers(Resolution *run)
{
	const NumericMethodEntry *method = numeric_method_named(run->method);
	NumericSettings settings;
	NumericInput input;
	NumericFit	fit;

	numeric_read_settings(NULL, &settings);
	numeric_read(resolve_answers_query, NULL, resolve_answers_args(run),
				 &input);
	run->annotators = input.data.answers.nannotators;
	run->annotations = input.data.answers.nanswers;
	if (input.data.answers.nanswers == 0)
		return;
	numeric_solve(method, &input, &settings, &fit);
	store_numbers(run, &input, &fit);
}


void
resolve_number(Resolution *run)
{
	const char *given = run->given;

	if (given != NULL && (strcmp(given, "median") == 0 ||
						  !numeric_method_exists(given)))
	{
		resolve_median(run);
		return;
	}
	run->method = given != NULL ? given : NUMERIC_DEFAULT;
	run->why = given != NULL ? "asked for" : "the default for a number";
	resolve_by_numbers(run);
}


void
resolve_rating(Resolution *run)
{
	if (run->given == NULL || !numeric_method_exists(run->given))
		resolve_few_labels(run);
	else
		resolve_number(run);
}
