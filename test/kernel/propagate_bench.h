/*-------------------------------------------------------------------------
 *
 * propagate_bench.h
 *	  What the tests of propagation share: memory, numbers, graphs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_TEST_PROPAGATE_BENCH_H
#define TDP_TEST_PROPAGATE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "propagate/graph_kernel.h"
#include "propagate/score_kernel.h"
#include "propagate/solve_kernel.h"

/* A graph of a test's own, with everything that solving it takes. */
typedef struct Workbench
{
	PropagateGraph graph;
	PropagateSeeds seeds;
	PropagateSystem system;
	PropagateScoring scoring;
	int32_t    *part;
	int32_t    *queue;
	double	   *shares;
} Workbench;

static uint64_t random_state;


static inline void *
give(size_t count, size_t size)
{
	void	   *memory = calloc(count + 1, size);

	assert_non_null(memory);
	return memory;
}


static inline void *
give_and_spoil(size_t bytes)
{
	void	   *memory = malloc(bytes + 1);

	assert_non_null(memory);
	return memset(memory, 0x55, bytes + 1);
}


/* Uniform between 0 and 1. */
static inline double
random_number(void)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (double) (random_state >> 11) / 9007199254740992.0;
}


static inline bool
go_on(void *state, double done)
{
	(void) state;
	assert_true(done >= 0.0 && done <= 1.0);
	return true;
}


static inline bool
stop_at_once(void *state, double done)
{
	(void) state;
	(void) done;
	return false;
}


static inline void
make_graph(Workbench *bench, int n, size_t count, const int32_t *source,
		   const int32_t *target, const double *weight)
{
	PropagateEdges edges = {count, source, 0, target, weight};

	bench->graph.start = give((size_t) n + 1, sizeof(size_t));
	bench->graph.links = give(2 * count, sizeof(PropagateLink));
	assert_int_equal(propagate_build_graph(n, &edges, &bench->graph, go_on,
										   NULL), PROPAGATE_DONE);
	bench->part = give((size_t) n, sizeof(int32_t));
	bench->queue = give((size_t) n, sizeof(int32_t));
}


static inline void
end_graph(Workbench *bench)
{
	free(bench->graph.start);
	free(bench->graph.links);
	free(bench->part);
	free(bench->queue);
	memset(bench, 0, sizeof(*bench));
}

#endif							/* TDP_TEST_PROPAGATE_BENCH_H */
