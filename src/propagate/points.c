/*-------------------------------------------------------------------------
 *
 * points.c
 *	  Read points and edges, whatever the order of their rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "storage/shmem.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "base/query.h"
#include "base/settings.h"
#include "propagate/glue.h"

#define FIRST_CAPACITY 1024		/* rows */

typedef struct PointReader
{
	const char *argument;
	PropagatePoints *points;
	Size		capacity;		/* rows that features has room for */
} PointReader;

typedef struct EdgeReader
{
	PropagateEdgeList *edges;
	Size		capacity;		/* rows that the arrays have room for */
} EdgeReader;


/* ---- points ------------------------------------------------------------- */

static void
check_features(PointReader *reader, int32 item, const QueryValue *features)
{
	PropagatePoints *points = reader->points;

	if (item < points->n)
		ereport(ERROR,
				(errcode(ERRCODE_CARDINALITY_VIOLATION),
				 errmsg("item \"%s\" comes twice in the query given as \"%s\"",
						intern_text(points->items, item), reader->argument),
				 errhint("Give each item one row: SELECT DISTINCT ON (item) ...")));
	if (features->nreals == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("item \"%s\" has no features",
						intern_text(points->items, item))));
	if (points->n > 0 && features->nreals != points->dim)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("item \"%s\" has %d features, but item \"%s\" has %d",
						intern_text(points->items, item), features->nreals,
						intern_text(points->items, 0), points->dim),
				 errhint("All items need features of the same length.")));
	for (int d = 0; d < features->nreals; d++)
	{
		if (isfinite(features->reals[d]))
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("feature %d of item \"%s\" is %s", d + 1,
						intern_text(points->items, item),
						isnan(features->reals[d]) ? "NaN" : "infinite"),
				 errhint("Leave such items out, or put a number in its place.")));
	}
}


static void
make_room(PointReader *reader)
{
	PropagatePoints *points = reader->points;
	Size		row = mul_size(points->dim, sizeof(float));

	if ((Size) points->n < reader->capacity)
		return;
	reader->capacity = reader->capacity > 0 ? reader->capacity * 2
		: FIRST_CAPACITY;

	/* Growing may copy, which needs the old array beside the new one. */
	settings_check_memory(mul_size(reader->capacity + points->n, row),
						  "reading the features");
	points->features = points->features == NULL
		? propagate_alloc(reader->capacity, row)
		: repalloc_huge(points->features, mul_size(reader->capacity, row));
}


static void
add_point(void *state, const QueryValue *values)
{
	PointReader *reader = state;
	PropagatePoints *points = reader->points;

	check_features(reader, values[0].code, &values[1]);
	points->dim = values[1].nreals;
	make_room(reader);
	memcpy(points->features + (Size) points->n * points->dim,
		   values[1].reals, sizeof(float) * points->dim);
	points->n++;
}


/* Row i of the features goes to row place[i], in place, cycle by cycle. */
static void
permute_features(PropagatePoints *points, int32 *place)
{
	Size		row = sizeof(float) * points->dim;
	float	   *held = palloc(row);
	float	   *swapped = palloc(row);

	for (int32 i = 0; i < points->n; i++)
	{
		if (place[i] == i)
			continue;
		memcpy(held, points->features + (Size) i * points->dim, row);
		for (int32 at = i; place[at] >= 0 && place[at] != at;)
		{
			int32		to = place[at];
			float	   *target = points->features + (Size) to * points->dim;

			memcpy(swapped, target, row);
			memcpy(target, held, row);
			memcpy(held, swapped, row);
			place[at] = at;
			at = to;
		}
	}
	pfree(held);
	pfree(swapped);
}


void
propagate_read_points(const char *argument, const char *sql, ArrayType *args,
					  PropagatePoints *points)
{
	PointReader reader = {argument, points, 0};
	QueryColumn columns[] = {
		{.name = "item", .kind = QUERY_CODE, .aliases = "id, key, point, task"},
		{.name = "features", .kind = QUERY_REALS, .aliases = "embedding, vector, pixels, feature"}
	};
	int32	   *place;

	points->items = intern_create(CurrentMemoryContext);
	points->n = 0;
	points->dim = 0;
	points->features = NULL;
	columns[0].interned = points->items;
	query_read(argument, sql, args, columns, lengthof(columns), add_point,
			   &reader);
	place = intern_sort(points->items);
	if (points->n > 0)
		permute_features(points, place);
	pfree(place);
}


/* ---- edges -------------------------------------------------------------- */

static void
add_edge(void *state, const QueryValue *values)
{
	EdgeReader *reader = state;
	PropagateEdgeList *edges = reader->edges;
	double		weight = values[2].isnull ? 1.0 : values[2].number;
	const Size	row = 2 * sizeof(int32) + sizeof(double);

	if (!(weight >= 0.0) || isinf(weight))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the edge from \"%s\" to \"%s\" has weight %g",
						intern_text(edges->items, values[0].code),
						intern_text(edges->items, values[1].code), weight),
				 errhint("Weights must be zero or more, and finite.")));
	if (edges->count == reader->capacity)
	{
		reader->capacity *= 2;
		settings_check_memory(mul_size(reader->capacity + edges->count, row),
							  "reading the edges");
		edges->source = repalloc_huge(edges->source,
									  reader->capacity * sizeof(int32));
		edges->target = repalloc_huge(edges->target,
									  reader->capacity * sizeof(int32));
		edges->weight = repalloc_huge(edges->weight,
									  reader->capacity * sizeof(double));
	}
	edges->source[edges->count] = values[0].code;
	edges->target[edges->count] = values[1].code;
	edges->weight[edges->count] = weight;
	edges->count++;
}


void
propagate_read_edges(const char *sql, ArrayType *args,
					 PropagateEdgeList *edges)
{
	EdgeReader	reader = {edges, FIRST_CAPACITY};
	QueryColumn columns[] = {
		{.name = "source", .kind = QUERY_CODE, .aliases = "from, src, node_a, a"},
		{.name = "target", .kind = QUERY_CODE, .aliases = "to, dst, node_b, b"},
		{.name = "weight", .kind = QUERY_FLOAT8, .optional = true}
	};
	int32	   *place;

	edges->items = intern_create(CurrentMemoryContext);
	edges->count = 0;
	edges->source = propagate_alloc(reader.capacity, sizeof(int32));
	edges->target = propagate_alloc(reader.capacity, sizeof(int32));
	edges->weight = propagate_alloc(reader.capacity, sizeof(double));
	columns[0].interned = edges->items;
	columns[1].interned = edges->items;
	query_read("edges", sql, args, columns, lengthof(columns), add_edge,
			   &reader);
	place = intern_sort(edges->items);
	for (Size e = 0; e < edges->count; e++)
	{
		edges->source[e] = place[edges->source[e]];
		edges->target[e] = place[edges->target[e]];
	}
	pfree(place);
	edges->n = intern_count(edges->items);
}
