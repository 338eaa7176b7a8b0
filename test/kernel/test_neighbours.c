/*-------------------------------------------------------------------------
 *
 * test_neighbours.c
 *	  The graph of nearest neighbours, against brute force and by hand.
 *
 *-------------------------------------------------------------------------
 */
#include "propagate_bench.h"

#include "propagate/knn_kernel.h"


/* ---- nearest neighbours ------------------------------------------------- */

static double
plain_distance(PropagateMetric metric, const float *x, const float *y, int dim)
{
	long double product = 0.0L;
	long double difference = 0.0L;
	long double xx = 0.0L;
	long double yy = 0.0L;

	for (int d = 0; d < dim; d++)
	{
		product += (long double) x[d] * y[d];
		difference += ((long double) x[d] - y[d]) * ((long double) x[d] - y[d]);
		xx += (long double) x[d] * x[d];
		yy += (long double) y[d] * y[d];
	}
	if (metric == PROPAGATE_L2)
		return (double) sqrtl(difference);
	if (metric == PROPAGATE_COSINE)
		return (double) (1.0L - product / (sqrtl(xx) * sqrtl(yy)));
	return (double) -product;
}


static PropagateKnn
search(const float *features, int n, int dim, int k, PropagateMetric metric)
{
	PropagateKnn knn = {0};

	knn.n = n;
	knn.dim = dim;
	knn.k = k;
	knn.metric = metric;
	knn.features = features;
	knn.neighbours = give((size_t) n * (size_t) k, sizeof(int32_t));
	knn.distances = give((size_t) n * (size_t) k, sizeof(double));
	knn.work = give_and_spoil(propagate_knn_memory(n, dim));
	knn.progress = go_on;
	assert_int_equal(propagate_knn(&knn), PROPAGATE_DONE);
	return knn;
}


static void
end_search(PropagateKnn *knn)
{
	free(knn->neighbours);
	free(knn->distances);
	free(knn->work);
}


/*
 * Is each point's list the k nearest?  "slack" is how far distances may be
 * off, relative to "unit".
 */
static void
check_search(const float *features, int n, int dim, int k,
			 PropagateMetric metric, double slack)
{
	PropagateKnn knn = search(features, n, dim, k, metric);

	for (int i = 0; i < n; i++)
	{
		const float *x = features + (size_t) i * (size_t) dim;
		int			nearer = 0;
		double		last = knn.distances[i * k + k - 1];

		for (int e = i * k; e < (i + 1) * k; e++)
		{
			int			j = knn.neighbours[e];
			double		true_distance = plain_distance(metric, x,
													   features + (size_t) j * (size_t) dim,
													   dim);

			assert_true(j >= 0 && j < n && j != i);
			assert_true(fabs(knn.distances[e] - true_distance) <= slack);
			assert_true(e == i * k ||
						knn.distances[e] >= knn.distances[e - 1] - slack);
			for (int other = i * k; other < e; other++)
				assert_int_not_equal(knn.neighbours[other], j);
		}
		for (int j = 0; j < n; j++)
			nearer += j != i &&
				plain_distance(metric, x, features + (size_t) j * (size_t) dim,
							   dim) < last - slack;
		assert_true(nearer < k);
	}
	end_search(&knn);
}


static void
test_knn_is_brute_force(void **state)
{
	static const int sizes[] = {2, 3, 7, 8, 9, 17, 64, 131};
	static const int dims[] = {1, 2, 5, 64, 257, 700};

	(void) state;
	random_state = 1;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++)
		for (size_t d = 0; d < sizeof(dims) / sizeof(*dims); d++)
			for (int metric = PROPAGATE_COSINE;
				 metric <= PROPAGATE_INNER_PRODUCT; metric++)
			{
				int			n = sizes[s];
				int			dim = dims[d];
				int			k = n > 10 ? 10 : n - 1;
				float	   *features = give((size_t) n * (size_t) dim,
											sizeof(float));

				for (int f = 0; f < n * dim; f++)
					features[f] = (float) (random_number() - 0.5);
				check_search(features, n, dim, k, metric, 1e-12 * dim);
				free(features);
			}
}


/* Far from the origin, single precision alone would see no difference. */
static void
test_knn_far_from_origin(void **state)
{
	float		features[200][3];

	(void) state;
	random_state = 2;
	for (int i = 0; i < 200; i++)
		for (int d = 0; d < 3; d++)
			features[i][d] = 1e6f + (float) (int) (random_number() * 64);
	check_search(features[0], 200, 3, 12, PROPAGATE_L2, 1e-9);
	check_search(features[0], 200, 3, 12, PROPAGATE_COSINE, 1e-14);
}


/* Features near the ends of what real can hold. */
static void
test_knn_extreme_scales(void **state)
{
	static const float scales[] = {1e35f, 1e-30f, 1e-42f};
	float		features[90][4];

	(void) state;
	for (int s = 0; s < 3; s++)
	{
		random_state = 3;
		for (int i = 0; i < 90; i++)
			for (int d = 0; d < 4; d++)
				features[i][d] = ((float) (int) (random_number() * 512) + 1.0f) *
					scales[s];
		check_search(features[0], 90, 4, 5, PROPAGATE_L2, 1e-6 * scales[s]);
		check_search(features[0], 90, 4, 5, PROPAGATE_COSINE, 1e-6);
	}
}


static void
test_knn_ties_by_index(void **state)
{
	float		features[50][2];
	PropagateKnn knn;

	(void) state;
	for (int i = 0; i < 50; i++)
		features[i][0] = features[i][1] = (float) (i % 2) + 1.0f;

	/* all point the same way; half of them are the same */
	knn = search(features[0], 50, 2, 3, PROPAGATE_COSINE);
	for (int i = 3; i < 50; i++)
		for (int e = 0; e < 3; e++)
		{
			assert_int_equal(knn.neighbours[i * 3 + e], e);
			assert_true(knn.distances[i * 3 + e] == 0.0);
		}
	end_search(&knn);

	knn = search(features[0], 50, 2, 3, PROPAGATE_L2);
	for (int i = 6; i < 50; i++)
		for (int e = 0; e < 3; e++)
			assert_int_equal(knn.neighbours[i * 3 + e], i % 2 + 2 * e);
	end_search(&knn);
}


static void
test_knn_stops(void **state)
{
	float		features[4] = {1, 2, 3, 4};
	PropagateKnn knn = search(features, 4, 1, 1, PROPAGATE_L2);

	(void) state;
	knn.progress = stop_at_once;
	assert_int_equal(propagate_knn(&knn), PROPAGATE_STOPPED);
	end_search(&knn);
}


/* ---- weights and graphs ------------------------------------------------- */

/* Points 0, 1, 3 on a line: second neighbours at 3, 2, 3. */
static void
test_weights_by_hand(void **state)
{
	float		features[3] = {0, 1, 3};
	PropagateKnn knn = search(features, 3, 1, 2, PROPAGATE_L2);
	double		weights[6];

	(void) state;
	propagate_neighbour_weights(&knn, PROPAGATE_SELF_TUNING, weights);
	assert_true(fabs(weights[0] - exp(-4.0 * 1 / (3 * 2))) < 1e-15);
	assert_true(fabs(weights[1] - exp(-4.0)) < 1e-15);
	assert_true(fabs(weights[3] - exp(-4.0 * 4 / (2 * 3))) < 1e-15);
	propagate_neighbour_weights(&knn, PROPAGATE_GAUSSIAN, weights);
	assert_true(fabs(weights[0] - exp(-4.0 * 1 / 9)) < 1e-15);
	assert_true(fabs(weights[2] - exp(-4.0 * 1 / 4)) < 1e-15);
	propagate_neighbour_weights(&knn, PROPAGATE_UNIFORM, weights);
	assert_true(weights[5] == 1.0);
	end_search(&knn);
}


/* Of unit vectors, inner products weigh as cosines do. */
static void
test_weights_of_inner_products(void **state)
{
	float		features[20][2];
	double		cosine[60];
	double		product[60];
	PropagateKnn knn;

	(void) state;
	random_state = 4;
	for (int i = 0; i < 20; i++)
	{
		double		angle = 6.28 * random_number();

		features[i][0] = (float) cos(angle);
		features[i][1] = (float) sin(angle);
	}
	knn = search(features[0], 20, 2, 3, PROPAGATE_COSINE);
	propagate_neighbour_weights(&knn, PROPAGATE_SELF_TUNING, cosine);
	end_search(&knn);
	knn = search(features[0], 20, 2, 3, PROPAGATE_INNER_PRODUCT);
	propagate_neighbour_weights(&knn, PROPAGATE_SELF_TUNING, product);
	end_search(&knn);
	for (int e = 0; e < 60; e++)
		assert_true(fabs(cosine[e] - product[e]) < 1e-3);
}


/* Three twins and one who has them for neighbours: nobody is cut off. */
static void
test_weights_of_duplicates(void **state)
{
	float		features[4] = {5, 5, 5, 6};
	PropagateKnn knn = search(features, 4, 1, 2, PROPAGATE_L2);
	double		weights[8];

	(void) state;
	propagate_neighbour_weights(&knn, PROPAGATE_SELF_TUNING, weights);
	for (int e = 0; e < 6; e++)
		assert_true(weights[e] == 1.0);
	assert_true(fabs(weights[6] - exp(-4.0)) < 1e-15);
	end_search(&knn);
}


static void
test_graph_sums_and_drops(void **state)
{
	/* a loop, a zero, one edge in three rows of either direction */
	static const int32_t source[] = {0, 1, 0, 1, 0, 3};
	static const int32_t target[] = {1, 0, 1, 1, 2, 2};
	static const double weight[] = {1, 2, 4, 9, 0, 16};
	Workbench	bench = {0};
	const PropagateLink *links;

	(void) state;
	make_graph(&bench, 5, 6, source, target, weight);
	links = bench.graph.links;
	assert_int_equal(bench.graph.exponent, 5);
	assert_int_equal(bench.graph.start[1], 1);
	assert_int_equal(bench.graph.start[2], 2);
	assert_int_equal(bench.graph.start[5], 4);
	assert_int_equal(links[0].target, 1);
	assert_true(ldexp(links[0].weight, 5) == 7.0);
	assert_true(ldexp(links[1].weight, 5) == 7.0);
	assert_int_equal(links[2].target, 3);
	assert_true(ldexp(links[3].weight, 5) == 16.0);

	assert_int_equal(propagate_find_parts(&bench.graph, bench.part,
										  bench.queue), 3);
	assert_int_equal(bench.part[1], 0);
	assert_int_equal(bench.part[2], 1);
	assert_int_equal(bench.part[3], 1);
	assert_int_equal(bench.part[4], 2);
	end_graph(&bench);
}


/* Long rows, many repeats: the order of the edges does not show. */
static void
test_graph_in_any_order(void **state)
{
	enum
	{
		EDGES = 4000, POINTS = 60
	};
	int32_t    *source = give(EDGES, sizeof(int32_t));
	int32_t    *target = give(EDGES, sizeof(int32_t));
	double	   *weight = give(EDGES, sizeof(double));
	Workbench	first = {0};
	Workbench	second = {0};

	(void) state;
	random_state = 5;
	for (int e = 0; e < EDGES; e++)
	{
		source[e] = (int32_t) (random_number() * POINTS);
		target[e] = e % 3 == 0 ? 7 : (int32_t) (random_number() * POINTS);
		weight[e] = random_number();
	}
	make_graph(&first, POINTS, EDGES, source, target, weight);
	for (int e = EDGES - 1; e > 0; e--)
	{
		int			other = (int) (random_number() * (e + 1));
		int32_t		held = source[e];
		double		held_weight = weight[e];

		/* shuffled, and some turned round */
		source[e] = target[other];
		target[other] = target[e];
		target[e] = source[other];
		source[other] = held;
		weight[e] = weight[other];
		weight[other] = held_weight;
	}
	make_graph(&second, POINTS, EDGES, source, target, weight);
	for (int i = 0; i <= POINTS; i++)
		assert_int_equal(first.graph.start[i], second.graph.start[i]);
	for (size_t l = 0; l < first.graph.start[POINTS]; l++)
	{
		assert_int_equal(first.graph.links[l].target,
						 second.graph.links[l].target);
		assert_true(first.graph.links[l].weight ==
					second.graph.links[l].weight);
	}
	for (int i = 0; i < POINTS; i++)
		for (size_t l = first.graph.start[i] + 1; l < first.graph.start[i + 1]; l++)
			assert_true(first.graph.links[l - 1].target <
						first.graph.links[l].target);
	end_graph(&first);
	end_graph(&second);
	free(source);
	free(target);
	free(weight);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_knn_is_brute_force),
		cmocka_unit_test(test_knn_far_from_origin),
		cmocka_unit_test(test_knn_extreme_scales),
		cmocka_unit_test(test_knn_ties_by_index),
		cmocka_unit_test(test_knn_stops),
		cmocka_unit_test(test_weights_by_hand),
		cmocka_unit_test(test_weights_of_inner_products),
		cmocka_unit_test(test_weights_of_duplicates),
		cmocka_unit_test(test_graph_sums_and_drops),
		cmocka_unit_test(test_graph_in_any_order)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
