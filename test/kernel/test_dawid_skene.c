/*-------------------------------------------------------------------------
 *
 * test_dawid_skene.c
 *	  Dawid and Skene's model: against a plain implementation of the formulas,
 *	  against the paper's own numbers, and by what must not change.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_bench.h"


/* ---- Dawid and Skene against their formulas ----------------------------- */

/* The model by the book: dense arrays, plain products of probabilities. */
typedef struct Plain
{
	int32_t		items;
	int32_t		annotators;
	int32_t		classes;
	long double n[64][12][12];	/* weight: item, annotator, label */
	long double z[64][12];
	long double share[12];
	long double rate[12][12][12];	/* annotator, truth, label */
	long double log_likelihood;
	long double prior;
} Plain;

static void
plain_parameters(Plain *plain, const double *priors, long double smoothing,
				 long double diagonal)
{
	plain->prior = 0;
	for (int32_t k = 0; k < plain->classes; k++)
	{
		plain->share[k] = priors != NULL ? priors[k] : 0;
		for (int32_t i = 0; priors == NULL && i < plain->items; i++)
			plain->share[k] += plain->z[i][k] / plain->items;
		for (int32_t j = 0; j < plain->annotators; j++)
		{
			long double total = 0;

			for (int32_t l = 0; l < plain->classes; l++)
			{
				plain->rate[j][k][l] = smoothing + (l == k ? diagonal : 0);
				for (int32_t i = 0; i < plain->items; i++)
					plain->rate[j][k][l] += plain->z[i][k] * plain->n[i][j][l];
				total += plain->rate[j][k][l];
			}
			for (int32_t l = 0; l < plain->classes; l++)
			{
				plain->rate[j][k][l] = total > 0 ? plain->rate[j][k][l] / total
					: 1.0L / plain->classes;
				if (smoothing > 0)
					plain->prior += (smoothing + (l == k ? diagonal : 0)) *
						logl(plain->rate[j][k][l]);
			}
		}
	}
}


static void
plain_classes(Plain *plain, const int32_t *gold, const double *priors)
{
	plain->log_likelihood = 0;
	for (int32_t i = 0; i < plain->items; i++)
	{
		long double sum = 0;

		for (int32_t k = 0; k < plain->classes; k++)
		{
			long double p = plain->share[k];

			if (gold != NULL && gold[i] >= 0)
				p = gold[i] != k ? 0 : priors != NULL ? 1 : plain->share[k];
			for (int32_t j = 0; j < plain->annotators; j++)
				for (int32_t l = 0; l < plain->classes; l++)
					if (plain->n[i][j][l] > 0)
						p *= powl(plain->rate[j][k][l], plain->n[i][j][l]);
			plain->z[i][k] = p;
			sum += p;
		}
		for (int32_t k = 0; k < plain->classes; k++)
			plain->z[i][k] /= sum;
		plain->log_likelihood += logl(sum);
	}
}


/* From the rows themselves; no row may repeat another's item and annotator. */
static Plain *
plain_fit(const Bench *bench, double smoothing, int32_t iterations)
{
	Plain	   *plain = calloc(1, sizeof(Plain));
	const int32_t *gold = bench->data.gold;

	assert_non_null(plain);
	plain->items = bench->data.nitems;
	plain->annotators = bench->data.nannotators;
	plain->classes = bench->data.nclasses;
	for (int64_t r = 0; r < bench->nrows; r++)
		plain->n[bench->rows[r].item][bench->rows[r].annotator]
			[bench->rows[r].label] += bench->rows[r].weight;
	for (int32_t i = 0; i < plain->items; i++)
	{
		long double total = 0;

		for (int32_t j = 0; j < plain->annotators; j++)
			for (int32_t l = 0; l < plain->classes; l++)
			{
				plain->z[i][l] += plain->n[i][j][l];
				total += plain->n[i][j][l];
			}
		for (int32_t k = 0; k < plain->classes; k++)
			plain->z[i][k] = gold != NULL && gold[i] >= 0 ? gold[i] == k
				: plain->z[i][k] / total;
	}
	for (int32_t t = 0; t < iterations; t++)
	{
		plain_parameters(plain, bench->data.priors, smoothing,
						 bench->diagonal);
		plain_classes(plain, gold, bench->data.priors);
	}
	return plain;
}


static void
assert_as_plain(Bench *bench, double smoothing, int32_t iterations)
{
	Plain	   *plain = plain_fit(bench, smoothing, iterations);

	fit_dawid_skene(bench, smoothing, -INFINITY, iterations);
	assert_int_equal(bench->fit.iterations, iterations);
	assert_float_equal(bench->fit.log_likelihood,
					   (double) plain->log_likelihood, 1e-7);
	assert_float_equal(bench->fit.objective,
					   (double) (plain->log_likelihood + plain->prior), 1e-6);
	for (int32_t k = 0; k < plain->classes; k++)
	{
		assert_float_equal(bench->fit.shares[k], (double) plain->share[k],
						   1e-8);
		for (int32_t i = 0; i < plain->items; i++)
			assert_float_equal(probability(bench, i, k),
							   (double) plain->z[i][k], 1e-8);
		for (int32_t j = 0; j < plain->annotators; j++)
			for (int32_t l = 0; l < plain->classes; l++)
				assert_float_equal(error_rate(bench, j, k, l),
								   (double) plain->rate[j][k][l], 1e-8);
	}
	free(plain);
}


static void
test_against_the_formulas(void **state)
{
	(void) state;
	for (int32_t nclasses = 1; nclasses <= 10; nclasses++)
		for (int weighted = 0; weighted < 2; weighted++)
		{
			Bench	   *bench = random_bench(50, 8, nclasses, 5, weighted);
			double		priors[12];

			assert_as_plain(bench, 1.0 / nclasses, 1);
			assert_as_plain(bench, 0.3, 8);

			bench->gold = give(50, sizeof(int32_t));
			for (int32_t i = 0; i < 50; i++)
				bench->gold[i] = i % 4 == 0 ? random_below(nclasses) : -1;
			bench->data.gold = bench->gold;
			assert_as_plain(bench, 0.3, 8);

			for (int32_t k = 0; k < nclasses; k++)
				priors[k] = 2.0 * (k + 1) / (nclasses * (nclasses + 1));
			bench->data.priors = priors;
			assert_as_plain(bench, 0.1, 8);

			bench->diagonal = 0.25;
			assert_as_plain(bench, 0.75 / nclasses, 8);
			bench->data.gold = NULL;
			bench->data.priors = NULL;
			assert_as_plain(bench, 0.75 / nclasses, 8);
			end(bench);
		}
}


/* What EM climbs never falls; without smoothing it is the likelihood. */
static void
test_never_falls(void **state)
{
	const double smoothings[] = {0.0, 0.01, 0.5};

	(void) state;
	for (int set = 0; set < 6; set++)
		for (int s = 0; s < 3; s++)
		{
			Bench	   *bench = random_bench(120, 11, 2 + set, 3 + set % 3,
											 set % 2 == 1);
			double		last = -INFINITY;

			bench->diagonal = s == 1 ? 0.25 : 0.0;
			for (int32_t t = 1; t <= 80; t++)
			{
				fit_dawid_skene(bench, smoothings[s], -INFINITY, t);
				assert_true(bench->fit.objective >=
							last - 1e-9 * fabs(bench->fit.objective));
				last = bench->fit.objective;
				if (s == 0)
					assert_float_equal(bench->fit.objective,
									   bench->fit.log_likelihood, 0);
			}
			end(bench);
		}
}


/* Answers that were made by the model teach it who is good at what. */
static void
test_beats_the_majority(void **state)
{
	enum
	{
		ITEMS = 800, ANNOTATORS = 7
	};
	const double skill[ANNOTATORS] = {0.95, 0.9, 0.9, 0.55, 0.5, 0.5, 0.1};
	Bench	   *bench = begin(ITEMS, ANNOTATORS, 2);
	int32_t		truth[ITEMS];
	int			right = 0;
	int			by_votes = 0;

	(void) state;
	for (int32_t i = 0; i < ITEMS; i++)
	{
		truth[i] = random_number() < 0.3;
		for (int32_t j = 0; j < ANNOTATORS; j++)
			add_row(bench, i, j, random_number() < skill[j] ? truth[i]
					: 1 - truth[i], 1.0);
	}
	arrange(bench);
	fit_majority(bench, false);
	for (int32_t i = 0; i < ITEMS; i++)
		by_votes += consensus_choose(&bench->data, &bench->fit, i).label ==
			truth[i];
	fit_dawid_skene(bench, 0.5, 0.001, 100);
	for (int32_t i = 0; i < ITEMS; i++)
		right += consensus_choose(&bench->data, &bench->fit, i).label ==
			truth[i];
	assert_true(by_votes < 0.93 * ITEMS);
	assert_true(right > 0.96 * ITEMS);
	for (int32_t j = 0; j < ANNOTATORS; j++)
		for (int32_t k = 0; k < 2; k++)
			assert_float_equal(error_rate(bench, j, k, k), skill[j], 0.1);
	assert_true(bench->fit.weights[0] > 2.0);
	assert_float_equal(bench->fit.weights[5], 0.0, 0.3);
	assert_true(bench->fit.weights[6] < -1.5);
	end(bench);
}


/* ---- the paper's own data ----------------------------------------------- */

/* Dawid and Skene 1979, table 1: observer 1 answered three times. */
static const char *const anaesthetists[45] = {
	"111 1 1 1 1", "333 4 3 3 4", "112 2 1 2 2", "222 3 1 2 1", "222 3 2 2 2",
	"222 3 3 2 2", "122 2 1 1 1", "333 3 4 3 3", "222 2 2 2 3", "232 2 2 2 3",
	"444 4 4 4 4", "222 3 3 4 3", "111 1 1 1 1", "222 3 2 1 2", "121 1 1 1 1",
	"111 2 1 1 1", "111 1 1 1 1", "111 1 1 1 1", "222 2 2 2 1", "222 1 3 2 2",
	"222 2 2 2 2", "222 2 2 2 1", "222 3 2 2 2", "221 2 2 2 2", "111 1 1 1 1",
	"111 1 1 1 1", "232 2 2 2 2", "111 1 1 1 1", "111 1 1 1 1", "112 1 1 2 1",
	"111 1 1 1 1", "333 3 2 3 3", "111 1 1 1 1", "222 2 2 2 2", "222 3 2 3 2",
	"433 4 3 4 3", "221 2 2 3 2", "232 3 2 3 3", "333 3 4 3 2", "111 1 1 1 1",
	"111 1 1 1 1", "121 2 1 1 1", "232 2 2 2 2", "121 1 1 1 1", "222 2 2 2 2"
};

/* The estimates as printed: observer, true class, label. */
static const double printed_rates[5][4][4] = {
	{{.89, .11, 0, 0}, {.07, .88, .05, 0}, {0, .34, .66, 0}, {0, 0, .56, .44}},
	{{.83, .17, 0, 0}, {.05, .63, .31, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}},
	{{1, 0, 0, 0}, {.11, .79, .11, 0}, {0, .40, .20, .40}, {0, 0, .67, .33}},
	{{.94, .06, 0, 0}, {.05, .84, .10, 0}, {0, 0, .80, .20}, {0, 0, .33, .67}},
	{{1, 0, 0, 0}, {.16, .73, .11, 0}, {0, .21, .79, 0}, {0, 0, .33, .67}}
};
static const double printed_shares[4] = {.40, .42, .11, .07};


static void
test_anaesthetists(void **state)
{
	Bench	   *bench = begin(45, 5, 4);

	(void) state;
	for (int32_t i = 0; i < 45; i++)
	{
		int32_t		times[5][4] = {{0}};
		int32_t		observer = 0;

		for (const char *c = anaesthetists[i]; *c != '\0'; c++)
			if (*c == ' ')
				observer++;
			else
				times[observer][*c - '1']++;
		for (int32_t j = 0; j < 5; j++)
		{
			int32_t		labels = 0;

			for (int32_t l = 0; l < 4; l++)
				labels += times[j][l] > 0;
			/* several labels of one annotator share one vote: not so there */
			for (int32_t l = 0; l < 4; l++)
				if (times[j][l] > 0)
					add_row(bench, i, j, l, (double) times[j][l] * labels);
		}
	}
	arrange(bench);
	fit_dawid_skene(bench, 0.0, 0.0, 500);
	assert_true(bench->fit.converged);
	assert_float_equal(bench->fit.log_likelihood, -192.89088121, 1e-6);
	for (int32_t k = 0; k < 4; k++)
	{
		assert_float_equal(bench->fit.shares[k], printed_shares[k], 0.005);
		for (int32_t j = 0; j < 5; j++)
			for (int32_t l = 0; l < 4; l++)
				assert_float_equal(error_rate(bench, j, k, l),
								   printed_rates[j][k][l], 0.005);
	}
	/* the three patients that the paper leaves in doubt */
	assert_float_equal(probability(bench, 6, 0), 0.98, 0.005);
	assert_float_equal(probability(bench, 34, 1), 0.95, 0.005);
	assert_float_equal(probability(bench, 37, 2), 0.98, 0.005);
	end(bench);
}


/* ---- what must not matter ----------------------------------------------- */

static void
shuffle_rows(Bench *bench)
{
	for (int64_t r = bench->nrows - 1; r > 0; r--)
	{
		int64_t		other = random_below((int32_t) r + 1);
		ConsensusRow moved = bench->rows[r];

		bench->rows[r] = bench->rows[other];
		bench->rows[other] = moved;
	}
}


/* Whatever the order of the rows, the results are the same to the last bit. */
static void
test_order_of_rows(void **state)
{
	Bench	   *bench = random_bench(60, 9, 4, 7, true);
	size_t		size = 60 * 4 * sizeof(double);
	double	   *first = give(size, 1);

	(void) state;
	for (int i = 0; i < 100; i++)
		add_row(bench, random_below(60), random_below(9), random_below(4),
				0.25 * (1 + random_below(4)));
	arrange(bench);
	fit_dawid_skene(bench, 0.25, 0.0, 20);
	memcpy(first, bench->fit.posterior.probability, size);
	for (int round = 0; round < 5; round++)
	{
		shuffle_rows(bench);
		arrange(bench);
		fit_dawid_skene(bench, 0.25, 0.0, 20);
		assert_memory_equal(first, bench->fit.posterior.probability, size);
	}
	free(first);
	end(bench);
}


/* Names carry no meaning: renamed, the same comes out under the new names. */
static void
test_names_mean_nothing(void **state)
{
	const int32_t label[] = {2, 0, 3, 1};
	Bench	   *bench = random_bench(80, 7, 4, 5, false);
	Bench	   *other = begin(80, 7, 4);

	(void) state;
	for (int64_t r = 0; r < bench->nrows; r++)
		add_row(other, (bench->rows[r].item * 37 + 5) % 80,
				(bench->rows[r].annotator * 3 + 2) % 7,
				label[bench->rows[r].label], 1.0);
	arrange(other);
	fit_dawid_skene(bench, 0.25, 0.0, 15);
	fit_dawid_skene(other, 0.25, 0.0, 15);
	for (int32_t i = 0; i < 80; i++)
		for (int32_t k = 0; k < 4; k++)
			assert_float_equal(probability(bench, i, k),
							   probability(other, (i * 37 + 5) % 80, label[k]),
							   1e-9);
	for (int32_t j = 0; j < 7; j++)
		for (int32_t k = 0; k < 4; k++)
			for (int32_t l = 0; l < 4; l++)
				assert_float_equal(error_rate(bench, j, k, l),
								   error_rate(other, (j * 3 + 2) % 7, label[k],
											  label[l]), 1e-9);
	end(bench);
	end(other);
}


/* ---- limits ------------------------------------------------------------- */

static void
assert_sound(const Bench *bench)
{
	for (int32_t i = 0; i < bench->data.nitems; i++)
	{
		double		sum = 0.0;

		for (int32_t k = 0; k < bench->data.nclasses; k++)
		{
			assert_true(probability(bench, i, k) >= 0.0);
			sum += probability(bench, i, k);
		}
		assert_float_equal(sum, 1.0, 1e-12);
	}
	for (int32_t j = 0; j < bench->data.nannotators; j++)
	{
		assert_true(isfinite(bench->fit.weights[j]));
		for (int32_t k = 0; k < bench->data.nclasses; k++)
		{
			double		sum = 0.0;

			for (int32_t l = 0; l < bench->data.nclasses; l++)
				sum += error_rate(bench, j, k, l);
			assert_float_equal(sum, 1.0, 1e-12);
		}
	}
	assert_true(isfinite(bench->fit.objective));
}


static void
test_extremes(void **state)
{
	Bench	   *bench = random_bench(200, 1, 1, 1, false);
	double		priors[3] = {0.0, 1.0, 0.0};

	(void) state;
	fit_dawid_skene(bench, 1.0, 0.001, 100);	/* nothing to tell */
	assert_sound(bench);
	assert_float_equal(bench->fit.weights[0], 0.0, 0);
	end(bench);

	bench = random_bench(200, 1, 3, 1, false);
	fit_dawid_skene(bench, 0.0, 0.001, 100);	/* one annotator is right */
	assert_sound(bench);
	for (int32_t i = 0; i < 200; i++)
		assert_float_equal(probability(bench, i,
									   bench->data.answers[i].label),
						   1.0, 1e-6);
	bench->diagonal = 0.25;		/* and not to be doubted by smoothing */
	fit_dawid_skene(bench, 0.25, 0.001, 100);
	assert_sound(bench);
	for (int32_t i = 0; i < 200; i++)
		assert_true(probability(bench, i, bench->data.answers[i].label) > 0.5);
	end(bench);

	bench = begin(1, 3000, 3);	/* everybody on one item */
	for (int32_t j = 0; j < 3000; j++)
		add_row(bench, 0, j, j % 3, j % 2 == 0 ? CONSENSUS_MOST_WEIGHT : 1e-100);
	arrange(bench);
	fit_dawid_skene(bench, 1.0 / 3, 0.001, 100);
	assert_sound(bench);
	end(bench);

	bench = random_bench(40, 5, 3, 3, false);	/* known to be impossible */
	bench->gold = give(40, sizeof(int32_t));
	for (int32_t i = 0; i < 40; i++)
		bench->gold[i] = i % 3;
	bench->data.gold = bench->gold;
	bench->data.priors = priors;
	fit_dawid_skene(bench, 0.0, 0.0, 100);
	assert_sound(bench);
	end(bench);
}


static void
test_stop_rule(void **state)
{
	Bench	   *bench = random_bench(300, 10, 3, 5, false);
	double		parameters = 10 * 3 * 2;
	double		before;
	int32_t		last;

	(void) state;
	fit_dawid_skene(bench, 1.0 / 3, 0.001, 1000);
	last = bench->fit.iterations;
	assert_true(bench->fit.converged && last > 2 && last < 200);
	fit_dawid_skene(bench, 1.0 / 3, 0.001, last - 1);
	assert_false(bench->fit.converged);
	before = bench->fit.objective;
	fit_dawid_skene(bench, 1.0 / 3, 0.001, last);
	assert_true(bench->fit.objective - before <= 0.001 * parameters);
	fit_dawid_skene(bench, 1.0 / 3, 0.001, last - 2);
	assert_true(before - bench->fit.objective > 0.001 * parameters);
	end(bench);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_the_formulas),
		cmocka_unit_test(test_never_falls),
		cmocka_unit_test(test_beats_the_majority),
		cmocka_unit_test(test_anaesthetists),
		cmocka_unit_test(test_order_of_rows),
		cmocka_unit_test(test_names_mean_nothing),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_stop_rule)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
