/*-------------------------------------------------------------------------
 *
 * functions.c
 *	  What SQL calls: knn_graph, propagate, propagate_points.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/compat.h"
#include "base/options.h"
#include "base/settings.h"
#include "propagate/glue.h"

PG_FUNCTION_INFO_V1(tdp_knn_graph);
PG_FUNCTION_INFO_V1(tdp_propagate);
PG_FUNCTION_INFO_V1(tdp_propagate_points);

/* Rows between two looks for an interrupt. */
#define ROWS_A_STEP 4096


/* ---- arguments ---------------------------------------------------------- */

/* The text of an argument that must be given. */
static char *
required_text(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be NULL", name)));
	return text_to_cstring(PG_GETARG_TEXT_PP(argument));
}


/* NULL stands for an argument's default. */
static const char *
word_or(FunctionCallInfo fcinfo, int argument, const char *otherwise)
{
	return PG_ARGISNULL(argument) ? otherwise
		: text_to_cstring(PG_GETARG_TEXT_PP(argument));
}


static Jsonb *
jsonb_or_null(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : PG_GETARG_JSONB_P(argument);
}


static ArrayType *
args_or_null(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : PG_GETARG_ARRAYTYPE_P(argument);
}


static int
k_or_default(FunctionCallInfo fcinfo, int argument, int otherwise)
{
	int			k = PG_ARGISNULL(argument) ? otherwise : PG_GETARG_INT32(argument);

	if (k < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("k must be at least 1")));
	return k;
}


/* ---- rows --------------------------------------------------------------- */

/* One row for each item: item, label, confidence. */
static void
emit_labels(ReturnSetInfo *rsinfo, InternTable *items, int32 n,
			const PropagateSeedList *seeds, const PropagateResult *result)
{
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext,
													  "tdp propagated row",
													  ALLOCSET_DEFAULT_SIZES);
	Datum	   *labels = palloc_array(Datum, Max(seeds->nclasses, 1));

	for (int32 c = 0; c < seeds->nclasses; c++)
		labels[c] = CStringGetTextDatum(intern_text(seeds->labels, c));
	for (int32 i = 0; i < n; i++)
	{
		Datum		values[3] = {0};
		bool		nulls[3] = {false, true, true};
		MemoryContext old = MemoryContextSwitchTo(row_context);

		if (i % ROWS_A_STEP == 0)
			CHECK_FOR_INTERRUPTS();
		values[0] = CStringGetTextDatum(intern_text(items, i));
		if (result->labels[i] >= 0)
		{
			values[1] = labels[result->labels[i]];
			values[2] = Float8GetDatum(result->confidences[i]);
			nulls[1] = nulls[2] = false;
		}
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc,
							 values, nulls);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
	}
}


/* Two rows for each edge: source, target, distance, weight. */
static void
emit_edges(ReturnSetInfo *rsinfo, InternTable *items,
		   const PropagateKnn *knn, const PropagateGraph *graph)
{
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext,
													  "tdp graph row",
													  ALLOCSET_DEFAULT_SIZES);

	for (int32 i = 0; i < graph->n; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(row_context);

		CHECK_FOR_INTERRUPTS();
		for (size_t l = graph->start[i]; l < graph->start[i + 1]; l++)
		{
			const PropagateLink *link = &graph->links[l];
			double		distance = propagate_knn_distance(knn, i, link->target);
			Datum		values[4];
			bool		nulls[4] = {false};

			values[0] = CStringGetTextDatum(intern_text(items, i));
			values[1] = CStringGetTextDatum(intern_text(items, link->target));
			values[2] = Float8GetDatum(distance);
			values[3] = Float8GetDatum(ldexp(link->weight,
											 graph->exponent - 1));
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc,
								 values, nulls);
		}
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
	}
}


/* ---- functions ---------------------------------------------------------- */

/*
 * knn_graph(points, k, metric, kernel, exact, settings, args).  "exact" =
 * false permits an approximate graph and does not ask for one, so that it
 * needs no look at.
 */
Datum
tdp_knn_graph(PG_FUNCTION_ARGS)
{
	PropagateOptions options;
	PropagatePoints points;
	PropagateKnn knn;
	PropagateGraph graph;
	PropagateWeighting weighting;
	char	   *sql = required_text(fcinfo, 0, "points");
	ArrayType  *args = args_or_null(fcinfo, 6);

	propagate_default_options(&options);
	options.k = k_or_default(fcinfo, 1, options.k);
	options.metric = word_or(fcinfo, 2, options.metric);
	options.kernel = word_or(fcinfo, 3, options.kernel);
	propagate_metric(options.metric);
	weighting = propagate_weighting(options.kernel);
	options_read("settings", jsonb_or_null(fcinfo, 5), NULL, 0);

	InitMaterializedSRF(fcinfo, 0);
	propagate_read_points("points", sql, args, &points);
	if (!propagate_search(&points, &options, &knn))
		return (Datum) 0;
	propagate_neighbour_graph(&knn, weighting, &graph);
	emit_edges((ReturnSetInfo *) fcinfo->resultinfo, points.items, &knn,
			   &graph);
	return (Datum) 0;
}


/* propagate(edges, seeds, method, priors, settings, args) */
Datum
tdp_propagate(PG_FUNCTION_ARGS)
{
	PropagateOptions options;
	PropagateEdgeList edges;
	PropagateSeedList seeds;
	PropagateGraph graph;
	PropagateResult result;
	char	   *edges_sql = required_text(fcinfo, 0, "edges");
	char	   *seeds_sql = required_text(fcinfo, 1, "seeds");
	ArrayType  *args = args_or_null(fcinfo, 5);
	Size		links;

	propagate_default_options(&options);
	options.method = word_or(fcinfo, 2, options.method);
	propagate_method(options.method);
	propagate_read_settings(jsonb_or_null(fcinfo, 4), &options);

	InitMaterializedSRF(fcinfo, 0);
	propagate_read_edges(edges_sql, args, &edges);
	propagate_read_seeds(seeds_sql, args, "edges", edges.items, &seeds);
	options.priors = propagate_read_priors(jsonb_or_null(fcinfo, 3), &seeds);

	links = edges.count * (2 * sizeof(PropagateLink));
	settings_check_memory(links + edges.count * (2 * sizeof(int32) +
												 sizeof(double)),
						  psprintf("a graph of %zu edges", edges.count));
	propagate_edge_graph(&edges, &graph);
	pfree(edges.source);
	pfree(edges.target);
	pfree(edges.weight);
	propagate_from_graph(&graph, links, seeds.seeds, seeds.count,
						 seeds.nclasses, &options, &result);
	emit_labels((ReturnSetInfo *) fcinfo->resultinfo, edges.items, edges.n,
				&seeds, &result);
	return (Datum) 0;
}


/*
 * propagate_points(points, seeds, method, k, metric, kernel, priors, settings,
 * args)
 */
Datum
tdp_propagate_points(PG_FUNCTION_ARGS)
{
	PropagateOptions options;
	PropagatePoints points;
	PropagateSeedList seeds;
	PropagateResult result;
	char	   *points_sql = required_text(fcinfo, 0, "points");
	char	   *seeds_sql = required_text(fcinfo, 1, "seeds");
	ArrayType  *args = args_or_null(fcinfo, 8);

	propagate_default_options(&options);
	options.method = word_or(fcinfo, 2, options.method);
	options.k = k_or_default(fcinfo, 3, options.k);
	options.metric = word_or(fcinfo, 4, options.metric);
	options.kernel = word_or(fcinfo, 5, options.kernel);
	propagate_method(options.method);
	propagate_metric(options.metric);
	propagate_weighting(options.kernel);
	propagate_read_settings(jsonb_or_null(fcinfo, 7), &options);

	InitMaterializedSRF(fcinfo, 0);
	propagate_read_points("points", points_sql, args, &points);
	propagate_read_seeds(seeds_sql, args, "points", points.items, &seeds);
	options.priors = propagate_read_priors(jsonb_or_null(fcinfo, 6), &seeds);
	propagate_from_points(&points, seeds.seeds, seeds.count, seeds.nclasses,
						  &options, &result);
	emit_labels((ReturnSetInfo *) fcinfo->resultinfo, points.items, points.n,
				&seeds, &result);
	return (Datum) 0;
}
