/*-------------------------------------------------------------------------
 *
 * consensus_bench.h
 *	  What the tests of truth inference share: data, fits, numbers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_TEST_CONSENSUS_BENCH_H
#define TDP_TEST_CONSENSUS_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "consensus/consensus_kernel.h"

#define MOST_ROWS 6000

/* A data set of a test's own, and a fit to it. */
typedef struct Bench
{
	ConsensusRow rows[MOST_ROWS];
	int64_t		nrows;
	ConsensusData data;
	ConsensusFit fit;
	int32_t    *gold;
	double		diagonal;		/* see ConsensusFit */
	int64_t    *candidate_start;
	int32_t    *candidate_label;
} Bench;

static uint64_t random_state = 1;

static inline double
random_number(void)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (double) (random_state >> 11) / 9007199254740992.0;
}


static inline int32_t
random_below(int32_t n)
{
	return (int32_t) (random_number() * n);
}


static inline void *
give(size_t count, size_t size)
{
	void	   *memory = malloc(count * size + 1);

	assert_non_null(memory);
	memset(memory, 0xee, count * size);
	return memory;
}


static inline void
add_row(Bench *bench, int32_t item, int32_t annotator, int32_t label,
		double weight)
{
	assert_true(bench->nrows < MOST_ROWS);
	bench->rows[bench->nrows++] = (ConsensusRow) {weight, item, annotator, label};
}


static inline Bench *
begin(int32_t nitems, int32_t nannotators, int32_t nclasses)
{
	Bench	   *bench = calloc(1, sizeof(Bench));

	assert_non_null(bench);
	bench->data.nitems = nitems;
	bench->data.nannotators = nannotators;
	bench->data.nclasses = nclasses;
	return bench;
}


static inline void
arrange(Bench *bench)
{
	ConsensusData *data = &bench->data;

	free(data->start);
	free(data->answers);
	data->start = give((size_t) data->nitems + 1, sizeof(int64_t));
	data->answers = give((size_t) bench->nrows, sizeof(ConsensusAnswer));
	assert_int_equal(consensus_arrange(bench->rows, bench->nrows, data, NULL,
									   NULL), CONSENSUS_DONE);
}


static inline void
free_fit(Bench *bench)
{
	free(bench->fit.work);
	free(bench->fit.posterior.probability);
	free(bench->fit.shares);
	free(bench->fit.weights);
	free(bench->fit.confusion);
	free(bench->candidate_start);
	free(bench->candidate_label);
	bench->candidate_start = NULL;
	bench->candidate_label = NULL;
	memset(&bench->fit, 0, sizeof(ConsensusFit));
}


static inline void
end(Bench *bench)
{
	free_fit(bench);
	free(bench->data.start);
	free(bench->data.answers);
	free(bench->gold);
	free(bench);
}


static inline void
prepare_fit(Bench *bench)
{
	const ConsensusData *data = &bench->data;
	ConsensusFit *fit = &bench->fit;

	free_fit(bench);
	fit->work = give(consensus_dawid_skene_memory(data), 1);
	fit->posterior.probability = give((size_t) data->nitems *
									  (size_t) data->nclasses, sizeof(double));
	fit->shares = give((size_t) data->nclasses, sizeof(double));
	fit->weights = give((size_t) data->nannotators, sizeof(double));
	fit->confusion = give(consensus_cells(data), sizeof(double));
}


static inline void
fit_dawid_skene(Bench *bench, double smoothing, double tolerance,
				int32_t max_iter)
{
	prepare_fit(bench);
	bench->fit.smoothing = smoothing;
	bench->fit.diagonal = bench->diagonal;
	bench->fit.tolerance = tolerance;
	bench->fit.max_iter = max_iter;
	assert_int_equal(consensus_dawid_skene(&bench->data, &bench->fit),
					 CONSENSUS_DONE);
}


static inline void
fit_majority(Bench *bench, bool sparse)
{
	ConsensusFit *fit = &bench->fit;

	prepare_fit(bench);
	if (sparse)
	{
		bench->candidate_start = give((size_t) bench->data.nitems + 1,
									  sizeof(int64_t));
		bench->candidate_label = give((size_t) bench->data.nanswers,
									  sizeof(int32_t));
		consensus_list_candidates(&bench->data, bench->candidate_start,
								  bench->candidate_label);
		fit->posterior.start = bench->candidate_start;
		fit->posterior.label = bench->candidate_label;
	}
	fit->max_iter = 1;
	assert_int_equal(consensus_majority(&bench->data, fit), CONSENSUS_DONE);
}


static inline double
probability(const Bench *bench, int32_t item, int32_t label)
{
	ConsensusCandidates all = consensus_candidates(&bench->data,
												   &bench->fit.posterior, item);
	int32_t		place = consensus_find_candidate(&all, label);

	return place < 0 ? 0.0 : all.probability[place];
}


/* Of an annotator who sees "truth" to say "label". */
static inline double
error_rate(const Bench *bench, int32_t annotator, int32_t truth, int32_t label)
{
	size_t		nclasses = (size_t) bench->data.nclasses;

	return bench->fit.confusion[((size_t) annotator * nclasses +
								 (size_t) label) * nclasses + (size_t) truth];
}


/* Annotators of different skill; each item gets "overlap" of them. */
static inline Bench *
random_bench(int32_t nitems, int32_t nannotators, int32_t nclasses,
			 int32_t overlap, bool weighted)
{
	Bench	   *bench = begin(nitems, nannotators, nclasses);

	for (int32_t i = 0; i < nitems; i++)
	{
		int32_t		truth = random_below(nclasses);

		for (int32_t n = 0; n < overlap; n++)
		{
			int32_t		j = (i / 3 + n) % nannotators;
			double		skill = 0.4 + 0.5 * j / nannotators;

			add_row(bench, i, j, random_number() < skill ? truth
					: random_below(nclasses),
					weighted ? 0.25 * (1 + random_below(8)) : 1.0);
		}
	}
	arrange(bench);
	return bench;
}

#endif							/* TDP_TEST_CONSENSUS_BENCH_H */
