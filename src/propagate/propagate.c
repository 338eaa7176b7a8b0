/*-------------------------------------------------------------------------
 *
 * propagate.c
 *	  From a few labeled points to all: the kernels in their order, with
 *	  memory for them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "storage/shmem.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "base/options.h"
#include "base/settings.h"
#include "propagate/glue.h"
#include "propagate/score_kernel.h"

/* A word of an argument and what it stands for. */
typedef struct Word
{
	const char *word;
	int			value;
} Word;

static const Word metric_words[] = {
	{"cosine", PROPAGATE_COSINE},
	{"l2", PROPAGATE_L2},
	{"inner_product", PROPAGATE_INNER_PRODUCT},
	{NULL, 0}
};

static const Word kernel_words[] = {
	{"self_tuning", PROPAGATE_SELF_TUNING},
	{"gaussian", PROPAGATE_GAUSSIAN},
	{"uniform", PROPAGATE_UNIFORM},
	{NULL, 0}
};

/* "auto" is what did best with few labels; see docs/propagation.md. */
static const Word method_words[] = {
	{"auto", PROPAGATE_SPREADING},
	{"spreading", PROPAGATE_SPREADING},
	{"poisson", PROPAGATE_POISSON},
	{NULL, 0}
};

/* Residuals at which further steps change no label worth the name. */
#define SPREADING_TOLERANCE 1e-10
#define POISSON_TOLERANCE 1e-8


/* ---- options ------------------------------------------------------------ */

static int
find_word(const char *argument, const char *word, const Word *words)
{
	StringInfoData known;

	for (const Word *w = words; w->word != NULL; w++)
		if (strcmp(w->word, word) == 0)
			return w->value;

	initStringInfo(&known);
	for (const Word *w = words; w->word != NULL; w++)
		appendStringInfo(&known, "%s%s", w > words ? ", " : "", w->word);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown %s \"%s\"", argument, word),
			 errhint("There are: %s.", known.data)));
	return 0;
}


PropagateMetric
propagate_metric(const char *word)
{
	return find_word("metric", word, metric_words);
}


PropagateWeighting
propagate_weighting(const char *word)
{
	return find_word("kernel", word, kernel_words);
}


PropagateMethod
propagate_method(const char *word)
{
	return find_word("method", word, method_words);
}


void
propagate_default_options(PropagateOptions *options)
{
	options->method = "auto";
	options->k = 10;
	options->metric = "cosine";
	options->kernel = "self_tuning";
	options->alpha = 0.99;
	options->tolerance = 0.0;
	options->max_iter = 1000;
	options->priors = NULL;
}


void
propagate_read_settings(Jsonb *settings, PropagateOptions *options)
{
	Option		known[] = {
		{.name = "alpha", .type = OPTION_FLOAT8, .value = &options->alpha},
		{.name = "max_iter", .type = OPTION_INT, .value = &options->max_iter},
		{.name = "tolerance", .type = OPTION_FLOAT8, .value = &options->tolerance}
	};

	options_read("settings", settings, known, lengthof(known));
	if (!(options->alpha > 0.0 && options->alpha < 1.0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"alpha\" in argument \"settings\" must lie between 0 and 1")));
	if (known[2].given && !known[2].is_null &&
		!(options->tolerance > 0.0 && options->tolerance < 1.0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"tolerance\" in argument \"settings\" must lie between 0 and 1")));
	if (options->max_iter < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"max_iter\" in argument \"settings\" must be at least 1")));
	if (known[0].given && !known[0].is_null &&
		propagate_method(options->method) != PROPAGATE_SPREADING)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"alpha\" in argument \"settings\" is of method spreading only")));
}


/* ---- memory and interrupts ---------------------------------------------- */

bool
propagate_progress(void *state, double done)
{
	CHECK_FOR_INTERRUPTS();
	return true;
}


void *
propagate_alloc(Size count, Size size)
{
	return MemoryContextAllocHuge(CurrentMemoryContext,
								  Max(mul_size(count, size), 1));
}


static Size
graph_memory(Size n, Size edges)
{
	return add_size(mul_size(n + 1, sizeof(size_t)),
					mul_size(edges, 2 * sizeof(PropagateLink)));
}


static Size
features_memory(const PropagatePoints *points)
{
	return mul_size(mul_size(points->n, points->dim), sizeof(float));
}


/*
 * What is there when the graph is made of the neighbours found: more than
 * the search itself takes.
 */
static Size
neighbour_graph_memory(const PropagatePoints *points, Size k)
{
	Size		entries = mul_size(points->n, k);
	Size		bytes = features_memory(points);

	bytes = add_size(bytes, propagate_knn_memory(points->n, points->dim));
	bytes = add_size(bytes, mul_size(entries,
									 sizeof(int32) + 2 * sizeof(double)));
	return add_size(bytes, graph_memory(points->n, entries));
}


/* Scores, the solver's scratch memory, parts, results. */
static Size
solve_memory(int32 n, int32 nclasses)
{
	Size		bytes = mul_size(mul_size(n, nclasses), sizeof(double));

	bytes = add_size(bytes, propagate_solve_memory(n, n, nclasses));
	return add_size(bytes, mul_size(n, 3 * sizeof(int32) + sizeof(double)));
}


/* ---- the graph ---------------------------------------------------------- */

static void
check_norms(const PropagatePoints *points)
{
	for (int32 i = 0; i < points->n; i++)
	{
		const float *x = points->features + (Size) i * points->dim;
		bool		zero = true;

		for (int32 d = 0; d < points->dim && zero; d++)
			zero = x[d] == 0.0f;
		if (zero)
			ereport(ERROR,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("the features of item \"%s\" are all zero, so that it has no cosine distance",
							intern_text(points->items, i)),
					 errhint("Leave such items out of \"points\", or use metric => 'l2'.")));
	}
}


static int32
clamped_k(const PropagatePoints *points, const PropagateOptions *options)
{
	if (options->k < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("k must be at least 1")));
	return Min(options->k, Max(points->n - 1, 0));
}


bool
propagate_search(const PropagatePoints *points,
				 const PropagateOptions *options, PropagateKnn *knn)
{
	Size		entries;

	memset(knn, 0, sizeof(PropagateKnn));
	knn->metric = propagate_metric(options->metric);
	knn->k = clamped_k(points, options);
	if (points->n < 2)
		return false;
	if (knn->metric == PROPAGATE_COSINE)
		check_norms(points);

	knn->n = points->n;
	knn->dim = points->dim;
	knn->features = points->features;
	entries = mul_size(knn->n, knn->k);
	settings_check_memory(neighbour_graph_memory(points, knn->k),
						  psprintf("the neighbour graph of %d points",
								   knn->n));
	knn->neighbours = propagate_alloc(entries, sizeof(int32));
	knn->distances = propagate_alloc(entries, sizeof(double));
	knn->work = propagate_alloc(1, propagate_knn_memory(knn->n, knn->dim));
	knn->progress = propagate_progress;
	propagate_knn(knn);
	return true;
}


static void
build_graph(int32 n, const PropagateEdges *edges, PropagateGraph *graph)
{
	graph->start = propagate_alloc((Size) n + 1, sizeof(size_t));
	graph->links = propagate_alloc(edges->count, 2 * sizeof(PropagateLink));
	propagate_build_graph(n, edges, graph, propagate_progress, NULL);
}


void
propagate_neighbour_graph(const PropagateKnn *knn,
						  PropagateWeighting weighting, PropagateGraph *graph)
{
	PropagateEdges edges = {0};
	double	   *weights;

	edges.count = mul_size(knn->n, knn->k);
	edges.fan = knn->k;
	edges.target = knn->neighbours;
	edges.weight = weights = propagate_alloc(edges.count, sizeof(double));
	propagate_neighbour_weights(knn, weighting, weights);
	build_graph(knn->n, &edges, graph);
	pfree(weights);
}


void
propagate_edge_graph(const PropagateEdgeList *list, PropagateGraph *graph)
{
	PropagateEdges edges = {0};

	edges.count = list->count;
	edges.source = list->source;
	edges.target = list->target;
	edges.weight = list->weight;
	build_graph(list->n, &edges, graph);
}


/* ---- seeds and the solver ----------------------------------------------- */

static int
compare_seeds(const void *a, const void *b)
{
	const PropagateSeed *left = a;
	const PropagateSeed *right = b;

	if (left->point != right->point)
		return left->point < right->point ? -1 : 1;
	if (left->label != right->label)
		return left->label < right->label ? -1 : 1;
	if (left->weight != right->weight)
		return left->weight < right->weight ? -1 : 1;
	return 0;
}


/* The seeds as the kernels take them: sorted, so that sums have one order. */
static void
arrange_seeds(PropagateSeed *seeds, Size nseeds, PropagateSeeds *arranged)
{
	int32	   *point = propagate_alloc(nseeds, sizeof(int32));
	int32	   *label = propagate_alloc(nseeds, sizeof(int32));
	double	   *weight = propagate_alloc(nseeds, sizeof(double));

	qsort(seeds, nseeds, sizeof(PropagateSeed), compare_seeds);
	for (Size s = 0; s < nseeds; s++)
	{
		point[s] = seeds[s].point;
		label[s] = seeds[s].label;
		weight[s] = seeds[s].weight;
	}
	arranged->count = nseeds;
	arranged->point = point;
	arranged->label = label;
	arranged->weight = weight;
}


static double *
seed_shares(const PropagateSeeds *seeds, int32 nclasses)
{
	double	   *shares = palloc0_array(double, nclasses);
	double		total = 0.0;

	for (Size s = 0; s < seeds->count; s++)
	{
		shares[seeds->label[s]] += seeds->weight[s];
		total += seeds->weight[s];
	}
	for (int32 c = 0; c < nclasses; c++)
		shares[c] /= total;
	return shares;
}


/* The priors of the classes that have seeds, with sum 1. */
static double *
usable_priors(const double *priors, const double *shares, int32 nclasses)
{
	double	   *usable;
	double		total = 0.0;

	if (priors == NULL)
		return NULL;
	usable = palloc0_array(double, nclasses);
	for (int32 c = 0; c < nclasses; c++)
	{
		if (shares[c] > 0.0)
			usable[c] = priors[c];
		total += usable[c];
	}
	if (!(total > 0.0) || isinf(total))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the priors of the classes that have seeds must have a sum above zero")));
	for (int32 c = 0; c < nclasses; c++)
		usable[c] /= total;
	return usable;
}


static void
solve(const PropagateGraph *graph, const PropagateSeeds *seeds,
	  int32 nclasses, const PropagateOptions *options, double *scores)
{
	PropagateSystem system = {0};
	int32	   *part = propagate_alloc(graph->n, sizeof(int32));
	int32	   *queue = propagate_alloc(graph->n, sizeof(int32));

	system.graph = graph;
	system.part = part;
	system.nparts = propagate_find_parts(graph, part, queue);
	pfree(queue);
	system.seeds = seeds;
	system.nclasses = nclasses;
	system.method = propagate_method(options->method);
	system.alpha = options->alpha;
	system.tolerance = options->tolerance > 0.0 ? options->tolerance
		: system.method == PROPAGATE_SPREADING ? SPREADING_TOLERANCE
		: POISSON_TOLERANCE;
	system.max_iter = options->max_iter;
	system.scores = scores;
	system.work = propagate_alloc(1, propagate_solve_memory(graph->n,
															system.nparts,
															nclasses));
	system.progress = propagate_progress;
	propagate_solve(&system);
	pfree(system.work);
	pfree(part);
	if (system.residual > system.tolerance)
		ereport(WARNING,
				(errmsg("propagation stopped after %d steps, before it reached its tolerance",
						system.iterations),
				 errdetail("The residual is %.2g, the tolerance %.2g.",
						   system.residual, system.tolerance),
				 errhint("Raise \"max_iter\" or \"tolerance\" in argument \"settings\".")));
}


static void
score(const PropagateSeeds *seeds, int32 n, int32 nclasses,
	  const PropagateOptions *options, double *scores,
	  PropagateResult *result)
{
	PropagateScoring scoring = {0};
	double	   *shares = seed_shares(seeds, nclasses);

	scoring.n = n;
	scoring.nclasses = nclasses;
	scoring.method = propagate_method(options->method);
	scoring.scores = scores;
	scoring.seed_shares = shares;
	scoring.priors = usable_priors(options->priors, shares, nclasses);
	scoring.labels = result->labels;
	scoring.confidences = result->confidences;
	scoring.work = propagate_alloc(1, propagate_score_memory(n, nclasses));
	scoring.progress = propagate_progress;
	propagate_score(&scoring);
	pfree(scoring.work);
}


static void
allocate_result(int32 n, PropagateResult *result)
{
	result->labels = propagate_alloc(n, sizeof(int32));
	result->confidences = propagate_alloc(n, sizeof(double));
	for (int32 i = 0; i < n; i++)
	{
		result->labels[i] = -1;
		result->confidences[i] = 0.0;
	}
}


void
propagate_from_graph(const PropagateGraph *graph, Size held,
					 PropagateSeed *seeds, Size nseeds, int32 nclasses,
					 const PropagateOptions *options, PropagateResult *result)
{
	PropagateSeeds arranged;
	double	   *scores;

	settings_check_memory(add_size(held, solve_memory(graph->n, nclasses)),
						  psprintf("propagation of %d classes over %d points",
								   nclasses, graph->n));
	allocate_result(graph->n, result);
	if (nseeds == 0)
		return;
	arrange_seeds(seeds, nseeds, &arranged);
	scores = propagate_alloc(mul_size(graph->n, nclasses), sizeof(double));
	solve(graph, &arranged, nclasses, options, scores);
	score(&arranged, graph->n, nclasses, options, scores, result);
	pfree(scores);
}


void
propagate_from_points(const PropagatePoints *points, PropagateSeed *seeds,
					  Size nseeds, int32 nclasses,
					  const PropagateOptions *options,
					  PropagateResult *result)
{
	PropagateWeighting weighting = propagate_weighting(options->kernel);
	PropagateKnn knn;
	PropagateGraph graph = {0};
	PropagateEdges none = {0};
	Size		edges = mul_size(points->n, clamped_k(points, options));
	Size		held = add_size(features_memory(points),
								graph_memory(points->n, edges));

	/* The search checks what it needs; this is known now, too. */
	propagate_method(options->method);
	settings_check_memory(add_size(held, solve_memory(points->n, nclasses)),
						  psprintf("propagation of %d classes over %d points",
								   nclasses, points->n));
	if (propagate_search(points, options, &knn))
	{
		propagate_neighbour_graph(&knn, weighting, &graph);
		pfree(knn.work);
		pfree(knn.neighbours);
		pfree(knn.distances);
	}
	else
		build_graph(points->n, &none, &graph);
	propagate_from_graph(&graph, held, seeds, nseeds, nclasses, options,
						 result);
	pfree(graph.start);
	pfree(graph.links);
}
