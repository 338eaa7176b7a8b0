/*-------------------------------------------------------------------------
 *
 * report_read.c
 *	  Read the annotations of a user's query, for the reports on agreement.
 *
 * Exact repeats of a row count once; of several labels of one annotator for
 * one item each counts as a part, so that nobody is counted twice.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "agreement/distribution_kernel.h"
#include "agreement/glue.h"
#include "agreement/numbers.h"
#include "agreement/report.h"
#include "base/arguments.h"
#include "base/compat.h"
#include "base/options.h"
#include "base/query.h"
#include "base/settings.h"

#define FIRST_CAPACITY 1024

typedef struct Reader
{
	Report	   *report;
	size_t		capacity;
} Reader;

enum
{
	COLUMN_ITEM,
	COLUMN_ANNOTATOR,
	COLUMN_LABEL
};

/* ---- settings ----------------------------------------------------------- */

static void
bad_setting(const char *name, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("setting \"%s\" of argument \"settings\" is out of range",
					name),
			 errhint("%s", hint)));
}


/* A jsonb array of n arrays of n numbers of 0 to 1, 1 on the diagonal. */
static void
read_matrix(Jsonb *given, ReportSettings *settings)
{
	static const char *const hint = "It is a word such as \"linear\", or a square matrix of weights from 0 to 1 as an array of its rows, 1 on the diagonal.";
	JsonbIterator *iterator = JsonbIteratorInit(&given->root);
	JsonbValue	value;
	JsonbIteratorToken token;
	int			n = JB_ROOT_COUNT(given);
	int			used = 0;
	int			rows = 0;

	if (n < 2 || n > 4096)
		bad_setting("weights", hint);
	settings->matrix = palloc(sizeof(double) * n * n);
	settings->matrix_size = n;
	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		if (token == WJB_BEGIN_ARRAY && value.val.array.nElems != n)
			bad_setting("weights", hint);
		if (token == WJB_BEGIN_ARRAY)
			rows++;
		if (token == WJB_ELEM)
		{
			double		weight;

			if (value.type != jbvNumeric || used >= n * n)
				bad_setting("weights", hint);
			weight = DatumGetFloat8(DirectFunctionCall1(numeric_float8,
														NumericGetDatum(value.val.numeric)));
			if (!(weight >= 0 && weight <= 1) ||
				(used % (n + 1) == 0 && weight != 1))
				bad_setting("weights", hint);
			settings->matrix[used++] = weight;
		}
	}
	if (used != n * n || rows != n + 1)
		bad_setting("weights", hint);
	settings->scale = (ScaleWord) {.kind = AGREEMENT_SCALE_CUSTOM};
}


static void
read_weights(Jsonb *given, ReportSettings *settings)
{
	JsonbValue	value;

	if (given == NULL)
		return;
	if (JB_ROOT_IS_SCALAR(given) &&
		JsonbExtractScalar(&given->root, &value) && value.type == jbvString)
		settings->scale = scale_parse("weights", false,
									  pnstrdup(value.val.string.val,
											   value.val.string.len),
									  InvalidOid);
	else if (JB_ROOT_IS_ARRAY(given) && !JB_ROOT_IS_SCALAR(given))
		read_matrix(given, settings);
	else
		bad_setting("weights", "It is a word such as \"linear\", or a square matrix of weights.");
}


static void
read_metric(const char *given, ReportSettings *settings)
{
	settings->has_metric = given != NULL;
	if (given != NULL)
		settings->metric = scale_parse("metric", true, given, InvalidOid);
}


static void
read_settings(Jsonb *given, ReportSettings *settings)
{
	Jsonb	   *weights = NULL;
	char	   *metric = NULL;
	Option		options[] = {
		{.name = "weights", .type = OPTION_JSONB, .value = &weights},
		{.name = "metric", .type = OPTION_TEXT, .value = &metric},
		{.name = "level", .type = OPTION_FLOAT8, .value = &settings->level},
		{.name = "bootstrap", .type = OPTION_INT, .value = &settings->bootstrap},
		{.name = "seed", .type = OPTION_INT, .value = &settings->seed},
		{.name = "population", .type = OPTION_FLOAT8, .value = &settings->population},
		{.name = "categories", .type = OPTION_TEXTS, .value = &settings->categories}
	};

	settings->level = 0.95;
	options_read("settings", given, options, lengthof(options));
	read_weights(weights, settings);
	read_metric(metric, settings);
	if (!(settings->level > 0 && settings->level < 1))
		bad_setting("level", "It is above 0 and below 1, as in 0.95.");
	if (settings->bootstrap < 0 || settings->bootstrap > 1000000)
		bad_setting("bootstrap", "It is the number of resamples, 0 (none) to 1000000; 1000 is usual.");
	if (!(settings->population >= 0) || isinf(settings->population))
		bad_setting("population", "It is the number of items that those at hand were drawn from.");
}

/* ---- rows --------------------------------------------------------------- */

static void
add_row(void *state, const QueryValue *values)
{
	Reader	   *reader = state;
	Report	   *report = reader->report;
	ReportAnswer *answer;

	if (values[COLUMN_LABEL].isnull)
		return;
	if (report->count == reader->capacity)
	{
		reader->capacity *= 2;
		settings_check_memory(reader->capacity * sizeof(ReportAnswer),
							  "agreement of so many annotations");
		report->answers = repalloc_huge(report->answers, reader->capacity *
										sizeof(ReportAnswer));
	}
	answer = &report->answers[report->count++];
	answer->item = values[COLUMN_ITEM].code;
	answer->annotator = values[COLUMN_ANNOTATOR].code;
	answer->label = values[COLUMN_LABEL].code;
	answer->share = 1;
}


static void
read_rows(Report *report, const char *sql, ArrayType *args)
{
	Reader		reader = {report, FIRST_CAPACITY};
	QueryColumn columns[] = {
		{.name = "item", .kind = QUERY_CODE, .interned = report->items,
		.aliases = "task, question, object, example, unit, id, key, task_id, question_id, item_id"},
		{.name = "annotator", .kind = QUERY_CODE, .interned = report->annotators,
		.aliases = "worker, rater, labeler, coder, performer, observer, member, user_id, worker_id, rater_id, annotator_id"},
		{.name = "label", .kind = QUERY_CODE, .interned = report->labels,
			.null_ok = true,
		.aliases = "answer, response, judgment, annotation, choice, category, class, rating, value, vote"}
	};

	report->answers = palloc(sizeof(ReportAnswer) * FIRST_CAPACITY);
	query_read("annotations", sql, args, columns, lengthof(columns), add_row,
			   &reader);
}


static int
compare_answers(const void *left, const void *right)
{
	const ReportAnswer *a = left;
	const ReportAnswer *b = right;

	if (a->item != b->item)
		return a->item < b->item ? -1 : 1;
	if (a->annotator != b->annotator)
		return a->annotator < b->annotator ? -1 : 1;
	return a->label < b->label ? -1 : a->label > b->label;
}


/* Drops repeats, and gives each label of a person's answer its share. */
static void
share_answers(Report *report)
{
	ReportAnswer *answers = report->answers;
	size_t		used = 0;
	size_t		end;

	qsort(answers, report->count, sizeof(ReportAnswer), compare_answers);
	for (size_t i = 0; i < report->count; i++)
		if (i == 0 || compare_answers(&answers[i], &answers[used - 1]) != 0)
			answers[used++] = answers[i];
	report->count = used;
	for (size_t start = 0; start < used; start = end)
	{
		for (end = start + 1; end < used &&
			 answers[end].item == answers[start].item &&
			 answers[end].annotator == answers[start].annotator; end++)
			continue;
		for (size_t i = start; i < end; i++)
			answers[i].share = 1.0 / (end - start);
		report->annotations++;
	}
}


/* Old codes to dense numbers of those that are used, in the types' order. */
static uint32
number_used(Report *report, InternTable *table, size_t offset, int32 **codes)
{
	int32	   *place = intern_sort(table);
	int32		n = intern_count(table);
	int32	   *number = palloc0(sizeof(int32) * (n + 1));
	uint32		used = 0;

	*codes = palloc(sizeof(int32) * (n + 1));
	for (size_t i = 0; i < report->count; i++)
	{
		uint32	   *code = (uint32 *) ((char *) &report->answers[i] + offset);

		*code = place[*code];
		number[*code] = 1;
	}
	for (int32 code = 0; code < n; code++)
		if (number[code])
		{
			(*codes)[used] = code;
			number[code] = used++;
		}
	for (size_t i = 0; i < report->count; i++)
	{
		uint32	   *code = (uint32 *) ((char *) &report->answers[i] + offset);

		*code = number[*code];
	}
	return used;
}

/* ---- labels ------------------------------------------------------------- */

/* The categories as labels, in the order given; each label must be there. */
static void
number_categories(Report *report)
{
	Datum	   *texts;
	int			ntexts;
	int32	   *number;
	int32		n;

	deconstruct_array_builtin(report->settings.categories, TEXTOID, &texts,
							  NULL, &ntexts);
	intern_set_type(report->labels, TEXTOID, DEFAULT_COLLATION_OID,
					"categories");
	report->label_codes = palloc(sizeof(int32) * (ntexts + 1));
	for (int i = 0; i < ntexts; i++)
		report->label_codes[i] = intern_value(report->labels, TEXTOID,
											  texts[i]);
	n = intern_count(report->labels);
	number = palloc(sizeof(int32) * (n + 1));
	memset(number, 0xff, sizeof(int32) * (n + 1));
	for (int i = 0; i < ntexts; i++)
	{
		if (number[report->label_codes[i]] >= 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("setting \"categories\" names \"%s\" twice",
							intern_text(report->labels, report->label_codes[i]))));
		number[report->label_codes[i]] = i;
	}
	for (size_t i = 0; i < report->count; i++)
	{
		int32		code = report->answers[i].label;

		if (number[code] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("label \"%s\" is not among the setting \"categories\"",
							intern_text(report->labels, code)),
					 errhint("List every label that may be given.")));
		report->answers[i].label = number[code];
	}
	report->data.labels = ntexts;
}


/* The numbers of the labels; of what is no number, the place in the list. */
static uint64_t *
label_keys(Report *report, uint32 q, ScaleWord scale, bool metric)
{
	uint64_t   *keys = MemoryContextAllocHuge(CurrentMemoryContext,
											  sizeof(uint64_t) * ((Size) q + 1));
	NumberCoder *numbers = agreement_number_coder(CurrentMemoryContext,
												  intern_type(report->labels));
	const char *word = scale_word(scale, metric);

	if (!scale_takes_numbers(scale))
		return keys;
	if (numbers == NULL && report->settings.categories == NULL)
		agreement_not_a_number("label", intern_type(report->labels),
							   metric ? "metric" : "weights", word);
	for (uint32 k = 0; k < q; k++)
	{
		double		number = numbers == NULL ? k + 1
			: agreement_number(numbers, intern_datum(report->labels,
												 report->label_codes[k]));

		keys[k] = agreement_ordered_key(number, "label", word,
										scale_takes_infinite(scale),
										scale_takes_negative(scale));
		if (k > 0 && keys[k] <= keys[k - 1])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("setting \"categories\" is not in the order of its numbers")));
	}
	return keys;
}


static void
start_distance(Report *report)
{
	ReportSettings *settings = &report->settings;
	AgreementScale scale = {
		.kind = settings->scale.kind,
		.period = settings->scale.period,
		.weights = settings->matrix
	};
	uint32		q = report->data.labels;

	if (settings->matrix != NULL && settings->matrix_size != (int) q)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("setting \"weights\" is a matrix of %d rows, but there are %u labels",
						settings->matrix_size, q),
				 errhint("Name all labels in the setting \"categories\", in the order of the rows.")));
	agreement_check(agreement_distance_start(&report->distance, &scale,
											 label_keys(report, q,
														settings->scale, false),
											 q, &report->host));
	if (!settings->has_metric)
		return;
	report->metric.kind = settings->metric.kind;
	report->metric.period = settings->metric.period;
	report->data.metric = &report->metric;
	report->data.label_keys = label_keys(report, q, settings->metric, true);
}


/* ---- a call ------------------------------------------------------------- */

void
report_begin(FunctionCallInfo fcinfo, Report *report)
{
	char	   *sql = argument_required_text(fcinfo, 0, "annotations");

	memset(report, 0, sizeof(Report));
	InitMaterializedSRF(fcinfo, 0);
	report->rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	report->context = AllocSetContextCreate(CurrentMemoryContext,
											"tdp agreement report",
											ALLOCSET_DEFAULT_SIZES);
	report->outside = MemoryContextSwitchTo(report->context);
	read_settings(PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1),
				  &report->settings);
	report->host = agreement_host(report->context);
	report->items = intern_create(report->context);
	report->annotators = intern_create(report->context);
	report->labels = intern_create(report->context);
	read_rows(report, sql, PG_ARGISNULL(2) ? NULL : PG_GETARG_ARRAYTYPE_P(2));
	if (report->count == 0)
		return;
	report->data.items = number_used(report, report->items,
									 offsetof(ReportAnswer, item),
									 &report->item_codes);
	report->data.annotators = number_used(report, report->annotators,
										  offsetof(ReportAnswer, annotator),
										  &report->annotator_codes);
	if (report->settings.categories != NULL)
		number_categories(report);
	else
		report->data.labels = number_used(report, report->labels,
										  offsetof(ReportAnswer, label),
										  &report->label_codes);
	share_answers(report);
	start_distance(report);
	report->data.answers = report->answers;
	report->data.count = report->count;
	report->data.distance = &report->distance;
	report->data.host = &report->host;
	report->data.population_factor = report->settings.population == 0 ? 1
		: Max(0, 1 - report->data.items / report->settings.population);
}


void
report_check_memory(const Report *report, Size more, const char *what)
{
	settings_check_memory(sizeof(ReportAnswer) * report->count + more, what);
}


size_t
report_item_end(const Report *report, size_t start)
{
	size_t		end = start + 1;

	while (end < report->count &&
		   report->answers[end].item == report->answers[start].item)
		end++;
	return end;
}


void
report_put(Report *report, Datum *values, bool *nulls)
{
	CHECK_FOR_INTERRUPTS();
	tuplestore_putvalues(report->rsinfo->setResult, report->rsinfo->setDesc,
						 values, nulls);
}


Datum
report_end(Report *report)
{
	MemoryContextSwitchTo(report->outside);
	MemoryContextDelete(report->context);
	return (Datum) 0;
}


Datum
report_item(Report *report, uint32 item)
{
	return CStringGetTextDatum(intern_text(report->items,
										   report->item_codes[item]));
}


Datum
report_annotator(Report *report, uint32 annotator)
{
	return CStringGetTextDatum(intern_text(report->annotators,
										   report->annotator_codes[annotator]));
}


Datum
report_label(Report *report, uint32 label)
{
	return CStringGetTextDatum(intern_text(report->labels,
										   report->label_codes[label]));
}


void
report_interval(const Report *report, const ReportValue *value,
				Datum *values, bool *nulls, int at)
{
	double		reach;

	nulls[at] = !value->defined;
	nulls[at + 1] = nulls[at + 2] = nulls[at + 3] =
		!value->defined || !value->has_error;
	if (nulls[at])
		return;
	values[at] = Float8GetDatum(value->value);
	if (nulls[at + 1])
		return;
	reach = value->error *
		agreement_t_quantile(0.5 + report->settings.level / 2,
							 (double) (value->items - 1));
	values[at + 1] = Float8GetDatum(value->error);
	values[at + 2] = Float8GetDatum(value->value - reach);
	values[at + 3] = Float8GetDatum(Min(1, value->value + reach));
}
