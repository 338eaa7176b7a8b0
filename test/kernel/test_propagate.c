/*-------------------------------------------------------------------------
 *
 * test_propagate.c
 *	  The solvers of propagation, against dense linear algebra and by hand.
 *
 *-------------------------------------------------------------------------
 */
#include "propagate_bench.h"


/* ---- solving ------------------------------------------------------------ */

static void
solve(Workbench *bench, PropagateMethod method, int nclasses, size_t nseeds,
	  const int32_t *point, const int32_t *label, const double *weight)
{
	int32_t		n = bench->graph.n;
	PropagateSystem *system = &bench->system;
	double		total = 0.0;

	bench->seeds = (PropagateSeeds) {nseeds, point, label, weight};
	system->graph = &bench->graph;
	system->part = bench->part;
	system->nparts = propagate_find_parts(&bench->graph, bench->part,
										  bench->queue);
	system->seeds = &bench->seeds;
	system->nclasses = nclasses;
	system->method = method;
	system->alpha = 0.99;
	system->tolerance = 1e-12;
	system->max_iter = 5000;
	system->scores = give((size_t) n * (size_t) nclasses, sizeof(double));
	system->work = give_and_spoil(propagate_solve_memory(n, system->nparts,
														 nclasses));
	system->progress = go_on;
	assert_int_equal(propagate_solve(system), PROPAGATE_DONE);
	assert_true(system->residual <= system->tolerance);

	bench->shares = give((size_t) nclasses, sizeof(double));
	for (size_t s = 0; s < nseeds; s++)
		total += weight[s];
	for (size_t s = 0; s < nseeds; s++)
		bench->shares[label[s]] += weight[s] / total;
}


static void
score(Workbench *bench, const double *priors)
{
	PropagateScoring *scoring = &bench->scoring;
	size_t		n = (size_t) bench->graph.n;

	scoring->n = bench->graph.n;
	scoring->nclasses = bench->system.nclasses;
	scoring->method = bench->system.method;
	scoring->scores = bench->system.scores;
	scoring->seed_shares = bench->shares;
	scoring->priors = priors;
	scoring->labels = give(n, sizeof(int32_t));
	scoring->confidences = give(n, sizeof(double));
	scoring->work = give_and_spoil(propagate_score_memory(scoring->n,
														  scoring->nclasses));
	scoring->progress = go_on;
	assert_int_equal(propagate_score(scoring), PROPAGATE_DONE);
}


static void
end_solve(Workbench *bench)
{
	free(bench->system.scores);
	free(bench->system.work);
	free(bench->shares);
	free(bench->scoring.labels);
	free(bench->scoring.confidences);
	free(bench->scoring.work);
	memset(&bench->scoring, 0, sizeof(PropagateScoring));
	memset(&bench->system, 0, sizeof(PropagateSystem));
}


/* Gauss-Jordan with pivoting; b becomes the solution. */
static void
solve_dense(int n, double *a, double *b, int columns)
{
	for (int p = 0; p < n; p++)
	{
		int			best = p;

		for (int r = p; r < n; r++)
			if (fabs(a[r * n + p]) > fabs(a[best * n + p]))
				best = r;
		for (int c = 0; c < n; c++)
		{
			double		held = a[p * n + c];

			a[p * n + c] = a[best * n + c];
			a[best * n + c] = held;
		}
		for (int c = 0; c < columns; c++)
		{
			double		held = b[p * columns + c];

			b[p * columns + c] = b[best * columns + c];
			b[best * columns + c] = held;
		}
		for (int r = 0; r < n; r++)
		{
			double		factor = a[r * n + p] / a[p * n + p];

			if (r == p)
				continue;
			for (int c = p; c < n; c++)
				a[r * n + c] -= factor * a[p * n + c];
			for (int c = 0; c < columns; c++)
				b[r * columns + c] -= factor * b[p * columns + c];
		}
	}
	for (int r = 0; r < n; r++)
		for (int c = 0; c < columns; c++)
			b[r * columns + c] /= a[r * n + r];
}


/* A connected random graph of n points: a ring and some chords. */
static size_t
random_edges(int n, int32_t *source, int32_t *target, double *weight)
{
	size_t		count = 0;

	for (int i = 0; i < n; i++)
	{
		source[count] = i;
		target[count] = (i + 1) % n;
		weight[count++] = 0.1 + random_number();
		source[count] = i;
		target[count] = (int32_t) (random_number() * n);
		weight[count++] = random_number();
	}
	return count;
}


/*
 * Row i of the matrix of either method, dense: I - alpha S, or the Laplacian
 * with the condition on the weighted mean in place of the last row.
 */
static void
dense_row(const PropagateGraph *graph, const double *degree, bool spreading,
		  int i, double *row)
{
	int			n = graph->n;

	for (int j = 0; j < n; j++)
		row[j] = 0.0;
	row[i] = spreading ? 1.0 : degree[i];
	for (size_t l = graph->start[i]; l < graph->start[i + 1]; l++)
	{
		int			j = graph->links[l].target;
		double		weight = graph->links[l].weight;

		row[j] -= spreading ? 0.99 * weight / sqrt(degree[i] * degree[j])
			: weight;
	}
	if (!spreading && i == n - 1)
		for (int j = 0; j < n; j++)
			row[j] = degree[j];
}


static void
check_against_dense(PropagateMethod method, int n, int nclasses, int nseeds)
{
	Workbench	bench = {0};
	int32_t    *source = give(2 * (size_t) n, sizeof(int32_t));
	int32_t    *target = give(2 * (size_t) n, sizeof(int32_t));
	double	   *weight = give(2 * (size_t) n, sizeof(double));
	int32_t    *point = give((size_t) nseeds, sizeof(int32_t));
	int32_t    *label = give((size_t) nseeds, sizeof(int32_t));
	double	   *mass = give((size_t) nseeds, sizeof(double));
	double	   *degree = give((size_t) n, sizeof(double));
	double	   *a = give((size_t) n * (size_t) n, sizeof(double));
	double	   *b = give((size_t) n * (size_t) nclasses, sizeof(double));
	bool		spreading = method == PROPAGATE_SPREADING;

	make_graph(&bench, n, random_edges(n, source, target, weight), source,
			   target, weight);
	for (int s = 0; s < nseeds; s++)
	{
		point[s] = (int32_t) (random_number() * n);
		label[s] = s % nclasses;
		mass[s] = 0.5 + random_number();
	}
	solve(&bench, method, nclasses, (size_t) nseeds, point, label, mass);

	for (int i = 0; i < n; i++)
		for (size_t l = bench.graph.start[i]; l < bench.graph.start[i + 1]; l++)
			degree[i] += bench.graph.links[l].weight;
	for (int i = 0; i < n; i++)
		dense_row(&bench.graph, degree, spreading, i, a + i * n);
	for (int s = 0; s < nseeds; s++)
		for (int c = 0; c < nclasses; c++)
			b[point[s] * nclasses + c] += mass[s] *
				((label[s] == c ? 1.0 : 0.0) -
				 (spreading ? 0.0 : bench.shares[c]));
	for (int c = 0; c < nclasses && !spreading; c++)
		b[(n - 1) * nclasses + c] = 0.0;
	solve_dense(n, a, b, nclasses);
	for (int e = 0; e < n * nclasses; e++)
		assert_true(fabs(bench.system.scores[e] - b[e]) <
					1e-8 * (1.0 + fabs(b[e])));

	end_solve(&bench);
	end_graph(&bench);
	free(source);
	free(target);
	free(weight);
	free(point);
	free(label);
	free(mass);
	free(degree);
	free(a);
	free(b);
}


static void
test_solvers_against_dense(void **state)
{
	(void) state;
	random_state = 6;
	check_against_dense(PROPAGATE_SPREADING, 3, 2, 2);
	check_against_dense(PROPAGATE_SPREADING, 40, 3, 7);
	check_against_dense(PROPAGATE_SPREADING, 50, 19, 40);
	check_against_dense(PROPAGATE_POISSON, 3, 2, 2);
	check_against_dense(PROPAGATE_POISSON, 40, 3, 7);
	check_against_dense(PROPAGATE_POISSON, 50, 19, 40);
}


/*
 * A path a - b - c, seeds at its ends.  By hand, with s = 1/sqrt 2 and
 * q = alpha^2: F_a = (1 - q/2, q/2) / (1 - q), F_b = alpha s / (1 - q) for
 * either class.
 */
static void
test_spreading_by_hand(void **state)
{
	static const int32_t source[] = {0, 1};
	static const int32_t target[] = {1, 2};
	static const double weight[] = {3, 3};
	static const int32_t point[] = {0, 2};
	static const int32_t label[] = {0, 1};
	static const double mass[] = {1, 1};
	static const double priors[] = {0.4, 0.6};
	const double q = 0.99 * 0.99;
	Workbench	bench = {0};
	double		ratio;

	(void) state;
	make_graph(&bench, 3, 2, source, target, weight);
	solve(&bench, PROPAGATE_SPREADING, 2, 2, point, label, mass);
	assert_true(fabs(bench.system.scores[0] - (1 - q / 2) / (1 - q)) < 1e-8);
	assert_true(fabs(bench.system.scores[1] - q / 2 / (1 - q)) < 1e-8);
	assert_true(fabs(bench.system.scores[2] - 0.99 * sqrt(0.5) / (1 - q)) < 1e-8);

	/* masses are equal, so that a's probabilities are as the squares */
	score(&bench, NULL);
	ratio = (1 - q / 2) * (1 - q / 2) / (q * q / 4);
	assert_int_equal(bench.scoring.labels[0], 0);
	assert_int_equal(bench.scoring.labels[2], 1);
	assert_true(fabs(bench.scoring.confidences[0] - ratio / (1 + ratio)) < 1e-8);

	/* the middle is a tie: the smaller class */
	assert_int_equal(bench.scoring.labels[1], 0);
	assert_true(fabs(bench.scoring.confidences[1] - 0.5) < 1e-8);
	end_solve(&bench);

	/* the same tie with priors goes to the likelier one */
	solve(&bench, PROPAGATE_SPREADING, 2, 2, point, label, mass);
	score(&bench, priors);
	assert_int_equal(bench.scoring.labels[1], 1);
	end_solve(&bench);
	end_graph(&bench);
}


/* The same path: u = (1/4, -1/4), 0, (-1/4, 1/4) at weight 1/2 (scaled 2). */
static void
test_poisson_by_hand(void **state)
{
	static const int32_t source[] = {0, 1};
	static const int32_t target[] = {1, 2};
	static const double weight[] = {2, 2};
	static const int32_t point[] = {0, 2};
	static const int32_t label[] = {0, 1};
	static const double mass[] = {1, 1};
	Workbench	bench = {0};

	(void) state;
	make_graph(&bench, 3, 2, source, target, weight);
	assert_true(bench.graph.links[0].weight == 0.5);
	solve(&bench, PROPAGATE_POISSON, 2, 2, point, label, mass);
	assert_true(fabs(bench.system.scores[0] - 1.0) < 1e-10);
	assert_true(fabs(bench.system.scores[1] + 1.0) < 1e-10);
	assert_true(fabs(bench.system.scores[2]) < 1e-10);
	assert_true(fabs(bench.system.scores[5] - 1.0) < 1e-10);
	score(&bench, NULL);
	assert_int_equal(bench.scoring.labels[0], 0);
	assert_int_equal(bench.scoring.labels[1], 0);
	assert_int_equal(bench.scoring.labels[2], 1);
	end_solve(&bench);
	end_graph(&bench);
}


/* Two parts with seeds of different classes, one without, a lone point. */
static void
test_parts_keep_apart(void **state)
{
	static const int32_t source[] = {0, 2, 4};
	static const int32_t target[] = {1, 3, 5};
	static const double weight[] = {1, 1, 1};
	static const int32_t point[] = {0, 2, 6};
	static const int32_t label[] = {0, 1, 1};
	static const double mass[] = {1, 1, 1};
	static const int32_t expected[] = {0, 0, 1, 1, -1, -1, 1};

	(void) state;
	for (int method = PROPAGATE_SPREADING; method <= PROPAGATE_POISSON; method++)
	{
		Workbench	bench = {0};

		make_graph(&bench, 7, 3, source, target, weight);
		solve(&bench, method, 2, 3, point, label, mass);
		assert_true(bench.system.scores[1 * 2 + 1] == -INFINITY);
		score(&bench, NULL);
		for (int i = 0; i < 7; i++)
		{
			assert_int_equal(bench.scoring.labels[i], expected[i]);
			assert_true(bench.scoring.confidences[i] ==
						(expected[i] < 0 ? 0.0 : 1.0));
		}
		end_solve(&bench);
		end_graph(&bench);
	}
}


/* A chain so long that scores vanish in the middle: the nearer end wins. */
static void
test_far_from_any_seed(void **state)
{
	enum
	{
		LENGTH = 3000
	};
	static const int32_t point[] = {0, LENGTH - 1};
	static const int32_t label[] = {0, 1};
	static const double mass[] = {1, 1};
	int32_t    *source = give(LENGTH, sizeof(int32_t));
	int32_t    *target = give(LENGTH, sizeof(int32_t));
	double	   *weight = give(LENGTH, sizeof(double));

	(void) state;
	for (int i = 0; i < LENGTH - 1; i++)
	{
		source[i] = i;
		target[i] = i + 1;
		weight[i] = 1.0;
	}
	for (int method = PROPAGATE_SPREADING; method <= PROPAGATE_POISSON; method++)
	{
		Workbench	bench = {0};

		make_graph(&bench, LENGTH, LENGTH - 1, source, target, weight);
		solve(&bench, method, 2, 2, point, label, mass);
		score(&bench, NULL);
		for (int i = 0; i < LENGTH; i++)
			assert_int_equal(bench.scoring.labels[i], i >= LENGTH / 2);
		end_solve(&bench);
		end_graph(&bench);
	}
	free(source);
	free(target);
	free(weight);
}


/* With priors, the mean probabilities are the priors. */
static void
test_priors_are_met(void **state)
{
	static const double priors[] = {0.7, 0.3, 0.0};
	static const int32_t point[] = {3, 50, 90};
	static const int32_t label[] = {0, 1, 2};
	static const double mass[] = {1, 1, 1};
	int32_t		source[200];
	int32_t		target[200];
	double		weight[200];

	(void) state;
	random_state = 7;
	for (int method = PROPAGATE_SPREADING; method <= PROPAGATE_POISSON; method++)
	{
		Workbench	bench = {0};
		double		first = 0.0;

		make_graph(&bench, 100, random_edges(100, source, target, weight),
				   source, target, weight);
		solve(&bench, method, 3, 3, point, label, mass);
		score(&bench, priors);
		for (int i = 0; i < 100; i++)
		{
			double		confidence = bench.scoring.confidences[i];

			assert_int_not_equal(bench.scoring.labels[i], 2);
			first += bench.scoring.labels[i] == 0 ? confidence
				: 1.0 - confidence;
		}
		assert_true(fabs(first / 100 - 0.7) < 1e-5);
		end_solve(&bench);
		end_graph(&bench);
	}
}


static void
test_solver_limits(void **state)
{
	static const int32_t point[] = {3, 50};
	static const int32_t label[] = {0, 1};
	static const double mass[] = {1, 1};
	int32_t		source[200];
	int32_t		target[200];
	double		weight[200];
	Workbench	bench = {0};

	(void) state;
	random_state = 8;
	make_graph(&bench, 100, random_edges(100, source, target, weight),
			   source, target, weight);
	solve(&bench, PROPAGATE_SPREADING, 2, 2, point, label, mass);
	bench.system.max_iter = 2;
	assert_int_equal(propagate_solve(&bench.system), PROPAGATE_DONE);
	assert_int_equal(bench.system.iterations, 2);
	assert_true(bench.system.residual > bench.system.tolerance);
	bench.system.progress = stop_at_once;
	assert_int_equal(propagate_solve(&bench.system), PROPAGATE_STOPPED);
	score(&bench, NULL);
	bench.scoring.progress = stop_at_once;
	bench.scoring.priors = bench.shares;
	assert_int_equal(propagate_score(&bench.scoring), PROPAGATE_STOPPED);
	end_solve(&bench);
	end_graph(&bench);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_solvers_against_dense),
		cmocka_unit_test(test_spreading_by_hand),
		cmocka_unit_test(test_poisson_by_hand),
		cmocka_unit_test(test_parts_keep_apart),
		cmocka_unit_test(test_far_from_any_seed),
		cmocka_unit_test(test_priors_are_met),
		cmocka_unit_test(test_solver_limits)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
