/*-------------------------------------------------------------------------
 *
 * method.c
 *	  The methods there are, and how one is fitted.
 *
 * A method is a kernel function and a line of the table below.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "base/compat.h"
#include "base/options.h"
#include "base/settings.h"
#include "consensus/glue.h"

struct ConsensusMethodEntry
{
	const char *name;
	const char *short_name;		/* the literature's; NULL */
	ConsensusMethod fit;		/* NULL: another one is chosen by the data */
	size_t		(*memory) (const ConsensusData *data);	/* its work; NULL */
	bool		all_classes;	/* needs a posterior of all classes */
	bool		confusion;		/* needs, and gives, confusion matrices */

	/* of a method with sub-types, its work */
	size_t		(*typed_memory) (const ConsensusData *data, int32 subtypes);
	int			max_iter;		/* by default; 0: 100 */
	bool		needs_two;		/* is for two labels only */
	bool		needs_gold;		/* is nothing without known answers */
	int			restarts;		/* by default; 0: 1 */

	/* answers that each annotator is taken to have given beforehand */
	double		right;			/* right ones, for each true label */
	double		spread;			/* spread evenly over the labels */
	double		each;			/* so many of each label */
};

static const ConsensusMethodEntry methods[] = {
	{.name = "auto"},
	{.name = "majority", .short_name = "mv", .fit = consensus_majority},
	{.name = "dawid_skene", .short_name = "ds", .fit = consensus_dawid_skene,
		.memory = consensus_dawid_skene_memory,
		.all_classes = true, .confusion = true,
	.right = 0.25, .spread = 0.75},
	{.name = "weighted_majority", .short_name = "wmv",
		.fit = consensus_weighted_majority,
		.memory = consensus_skilled_votes_memory,
	.each = 1.0, .needs_gold = true},
	{.name = "wawa", .fit = consensus_wawa,
	.memory = consensus_skilled_votes_memory},
	{.name = "zbs", .fit = consensus_zbs,
	.memory = consensus_skilled_votes_memory},
	{.name = "one_coin", .short_name = "hds", .fit = consensus_one_coin,
		.memory = consensus_one_coin_memory, .all_classes = true,
	.right = 3.0, .each = 1.0},
	{.name = "fast_dawid_skene", .short_name = "fds",
		.fit = consensus_fast_dawid_skene,
		.memory = consensus_dawid_skene_memory,
		.all_classes = true, .confusion = true,
	.right = 0.25, .spread = 0.75},
	{.name = "bayes_dawid_skene", .short_name = "ibcc",
		.fit = consensus_bayes_dawid_skene,
		.memory = consensus_bayes_dawid_skene_memory,
		.all_classes = true, .confusion = true, .max_iter = 500,
	.right = 3.0, .each = 1.0},
	{.name = "kos", .fit = consensus_kos, .memory = consensus_kos_memory,
	.all_classes = true, .needs_two = true},
	{.name = "m_msr", .short_name = "mmsr", .fit = consensus_m_msr,
	.memory = consensus_m_msr_memory, .all_classes = true},
	{.name = "bwa", .fit = consensus_bwa, .memory = consensus_bwa_memory,
	.all_classes = true, .max_iter = 500, .each = 15.0},
	{.name = "ebcc", .fit = consensus_ebcc,
		.typed_memory = consensus_ebcc_memory,
		.all_classes = true, .confusion = true,
		.max_iter = 500, .restarts = 4,
	.right = 3.0, .each = 1.0},
	{.name = "glad", .fit = consensus_glad, .memory = consensus_glad_memory,
	.all_classes = true},
	{.name = "mace", .fit = consensus_mace, .memory = consensus_mace_memory,
	.all_classes = true, .restarts = 10, .each = 0.5}
};

#define MAX_ITER 100
#define SUBTYPES 3


/* ---- memory and interrupts ---------------------------------------------- */

bool
consensus_progress(void *state, double done)
{
	CHECK_FOR_INTERRUPTS();
	return true;
}


void *
consensus_alloc(Size count, Size size)
{
	if (count > MaxAllocHugeSize / size)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("array of %zu elements is too large", count)));
	return MemoryContextAllocHuge(CurrentMemoryContext, Max(count * size, 1));
}


void
consensus_check_memory(MemoryContext context, double bytes, const char *what)
{
	double		total = bytes + MemoryContextMemAllocated(context, true);

	settings_check_memory(total < MaxAllocHugeSize ? (Size) total
						  : MaxAllocHugeSize, what);
}


/* ---- settings ----------------------------------------------------------- */

static void
report_range(const char *key, const char *range)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" in argument \"settings\" must be %s", key, range)));
}


void
consensus_read_settings(Jsonb *settings, ConsensusSettings *to)
{
	Option		options[] = {
		{.name = "max_iter", .type = OPTION_INT, .value = &to->max_iter},
		{.name = "tolerance", .type = OPTION_FLOAT8, .value = &to->tolerance},
		{.name = "smoothing", .type = OPTION_FLOAT8, .value = &to->smoothing},
		{.name = "priors", .type = OPTION_JSONB, .value = &to->priors},
		{.name = "seed", .type = OPTION_INT, .value = &to->seed},
		{.name = "calibrate", .type = OPTION_BOOL, .value = &to->calibrate},
		{.name = "restarts", .type = OPTION_INT, .value = &to->restarts},
		{.name = "subtypes", .type = OPTION_INT, .value = &to->subtypes}
	};

	to->max_iter = MAX_ITER;
	to->tolerance = 0.001;
	to->smoothing = 0.0;
	to->priors = NULL;
	to->seed = 0;
	to->calibrate = true;
	to->restarts = 0;
	to->subtypes = SUBTYPES;
	options_read("settings", settings, options, lengthof(options));
	if (to->max_iter < 1)
		report_range("max_iter", "at least 1");
	if (to->restarts < (options[6].given && !options[6].is_null) ||
		to->restarts > 1000)
		report_range("restarts", "from 1 to 1000");
	if (to->subtypes < 1 || to->subtypes > 100)
		report_range("subtypes", "from 1 to 100");
	if (!(to->tolerance >= 0.0 && isfinite(to->tolerance)))
		report_range("tolerance", "zero or more");
	if (!(to->smoothing >= 0.0 && to->smoothing <= 1e9))
		report_range("smoothing", "from 0 to 1e9");
	if (!options[2].given || options[2].is_null)
		to->smoothing = -1.0;
	if (!options[0].given || options[0].is_null)
		to->max_iter = 0;
	if (to->priors != NULL &&
		(!JB_ROOT_IS_OBJECT(to->priors) || JB_ROOT_IS_SCALAR(to->priors)))
		report_range("priors", "an object of labels and their shares");
}


/* The share of one label; "priors" must have it. */
static double
prior_share(Jsonb *priors, const char *label)
{
	JsonbValue	value;
	double		share = -1.0;

	if (getKeyJsonValueFromContainer(&priors->root, label, strlen(label),
									 &value) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"priors\" in argument \"settings\" has no share for the label \"%s\"",
						label),
				 errhint("Give every label its share; 0 keeps it from being given.")));
	if (value.type == jbvNumeric)
		share = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
												   NumericGetDatum(value.val.numeric)));
	if (!(share >= 0.0 && share <= 1e100))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the share of label \"%s\" in \"priors\" must be a number, zero or more",
						label)));
	return share;
}


/* Labels that nobody gave are passed over: they are not among the classes. */
static double *
read_priors(Jsonb *priors, const ConsensusInput *input)
{
	int32		nclasses = input->data.nclasses;
	double	   *shares = palloc_array(double, nclasses);
	double		total = 0.0;

	for (int32 k = 0; k < nclasses; k++)
		total += shares[k] = prior_share(priors,
										 intern_text(input->labels,
													 input->label_codes[k]));
	if (!(total > 0.0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the shares in \"priors\" must have a sum above zero")));
	for (int32 k = 0; k < nclasses; k++)
		shares[k] /= total;
	return shares;
}


/* ---- the table ---------------------------------------------------------- */

const ConsensusMethodEntry *
consensus_method_find(const char *name)
{
	for (int i = 0; i < lengthof(methods); i++)
		if (strcmp(methods[i].name, name) == 0 ||
			(methods[i].short_name != NULL &&
			 strcmp(methods[i].short_name, name) == 0))
			return &methods[i];
	return NULL;
}


const ConsensusMethodEntry *
consensus_method_named(const char *name)
{
	const ConsensusMethodEntry *method = consensus_method_find(name);
	StringInfoData names;

	if (method != NULL)
		return method;
	initStringInfo(&names);
	for (int i = 0; i < lengthof(methods); i++)
	{
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", methods[i].name);
		if (methods[i].short_name != NULL)
			appendStringInfo(&names, " (%s)", methods[i].short_name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown method \"%s\"", name),
			 errhint("There are: %s.", names.data)));
	return NULL;
}


const char *
consensus_method_name(const ConsensusMethodEntry *method)
{
	return method->name;
}


/* ---- fitting ------------------------------------------------------------ */

/* Bytes of the method's work. */
static size_t
work_memory(const ConsensusMethodEntry *method, const ConsensusData *data,
			const ConsensusSettings *settings)
{
	if (method->typed_memory != NULL)
		return method->typed_memory(data, settings->subtypes);
	return method->memory != NULL ? method->memory(data) : 0;
}


/* Bytes of everything that is allocated for a fit. */
static double
fit_memory(const ConsensusMethodEntry *method, const ConsensusData *data,
		   const ConsensusSettings *settings, bool confusion)
{
	double		cells = (double) data->nannotators * data->nclasses *
		data->nclasses;
	double		bytes = 8.0 * ((double) data->nannotators + data->nclasses);

	if (method->all_classes)
		bytes += 8.0 * data->nitems * (double) data->nclasses;
	else
		bytes += 8.0 * data->nitems + 12.0 * data->nanswers;
	if (method->confusion || confusion)
		bytes += 8.0 * cells;
	if (method->typed_memory != NULL)
		bytes += 8.0 * settings->subtypes *
			((double) data->nitems * data->nclasses + cells);
	if (bytes < MaxAllocHugeSize)
		bytes += (double) work_memory(method, data, settings);
	return bytes;
}


static void
make_posterior(const ConsensusMethodEntry *method, const ConsensusData *data,
			   ConsensusPosterior *posterior)
{
	int64		count;
	int64	   *start;
	int32	   *label;

	if (method->all_classes)
	{
		posterior->probability = consensus_alloc((Size) data->nitems *
												 data->nclasses,
												 sizeof(double));
		return;
	}
	start = consensus_alloc((Size) data->nitems + 1, sizeof(int64));
	label = consensus_alloc(data->nanswers, sizeof(int32));
	count = consensus_list_candidates(data, start, label);
	posterior->start = start;
	posterior->label = label;
	posterior->probability = consensus_alloc(count, sizeof(double));
}


static char *
fit_words(const ConsensusMethodEntry *method, const ConsensusData *data)
{
	return psprintf("method %s for %d items, %d annotators and %d labels",
					method->name, data->nitems, data->nannotators,
					data->nclasses);
}


/* Errors where the method can make nothing of such answers. */
static void
check_fitness(const ConsensusMethodEntry *method, const ConsensusData *data)
{
	if (method->needs_two && data->nclasses > 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("method %s is for two labels, and there are %d",
						method->name, data->nclasses),
				 errhint("Methods one_coin and dawid_skene take any number of labels.")));
	if (method->needs_gold && data->gold == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("method %s needs argument \"gold\"", method->name),
				 errdetail("Its votes count as much as their annotators are right on known answers."),
				 errhint("Methods wawa and zbs measure skill without them; weights of your own go into the column \"weight\" and method majority.")));
}


/* The setting, or what the method takes as given beforehand. */
void
consensus_smooth(const ConsensusMethodEntry *method,
				 const ConsensusSettings *settings, int32 nclasses,
				 ConsensusFit *fit)
{
	fit->smoothing = method->spread / nclasses + method->each;
	fit->diagonal = method->right;
	if (settings->smoothing >= 0.0)
	{
		fit->smoothing = settings->smoothing;
		fit->diagonal = 0.0;
	}
}


void
consensus_set_priors(ConsensusInput *input, const ConsensusSettings *settings)
{
	if (settings->priors != NULL && input->data.priors == NULL)
		input->data.priors = read_priors(settings->priors, input);
}


void
consensus_fit(const ConsensusMethodEntry *method, MemoryContext limited,
			  const ConsensusData *data, const ConsensusSettings *settings,
			  bool confusion, ConsensusFit *fit)
{
	check_fitness(method, data);
	consensus_check_memory(limited,
						   fit_memory(method, data, settings, confusion),
						   fit_words(method, data));

	memset(fit, 0, sizeof(ConsensusFit));
	consensus_smooth(method, settings, data->nclasses, fit);
	fit->tolerance = settings->tolerance;
	fit->seed = (uint64_t) settings->seed;
	fit->max_iter = settings->max_iter;
	if (fit->max_iter == 0)
		fit->max_iter = method->max_iter > 0 ? method->max_iter : MAX_ITER;
	fit->restarts = settings->restarts > 0 ? settings->restarts
		: Max(method->restarts, 1);
	fit->subtypes = settings->subtypes;
	fit->progress = consensus_progress;
	make_posterior(method, data, &fit->posterior);
	fit->shares = consensus_alloc(data->nclasses, sizeof(double));
	fit->weights = consensus_alloc(data->nannotators, sizeof(double));
	if (method->confusion || confusion)
		fit->confusion = consensus_alloc(consensus_cells(data),
										 sizeof(double));
	if (method->typed_memory != NULL)
	{
		fit->type_posterior = consensus_alloc((Size) data->nitems *
											  data->nclasses *
											  settings->subtypes,
											  sizeof(double));
		fit->type_confusion = consensus_alloc(consensus_cells(data) *
											  settings->subtypes,
											  sizeof(double));
	}
	fit->work = consensus_alloc(work_memory(method, data, settings), 1);

	method->fit(data, fit);
	if (confusion && !method->confusion)
	{
		consensus_smooth(consensus_method_named("dawid_skene"), settings,
						 data->nclasses, fit);
		consensus_count_confusion(data, fit, fit->confusion);
		consensus_rate_confusion(data, fit, fit->confusion, fit->confusion);
	}
	ereport(DEBUG1,
			(errmsg_internal("%s: %d iterations, log-likelihood %.6f, %s",
							 fit_words(method, data), fit->iterations,
							 fit->log_likelihood,
							 fit->converged ? "converged"
							 : "ended by max_iter")));
}


const char *
consensus_solve(const ConsensusMethodEntry *method, ConsensusInput *input,
				const ConsensusSettings *settings, bool confusion,
				ConsensusFit *fit)
{
	if (method->fit == NULL)
	{
		ConsensusPick pick;

		consensus_choose_method(input, settings, &pick);
		method = pick.method;
	}
	consensus_set_priors(input, settings);
	consensus_fit(method, input->context, &input->data, settings, confusion,
				  fit);
	return method->name;
}
