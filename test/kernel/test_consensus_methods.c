/*-------------------------------------------------------------------------
 *
 * test_consensus_methods.c
 *	  Every method of truth inference: what must hold whatever it is.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_bench.h"

typedef struct Method
{
	const char *name;
	ConsensusMethod fit;
	size_t		(*memory) (const ConsensusData *data);
	double		smoothing;
	double		diagonal;
	bool		binary;
} Method;

static const Method methods[] = {
	{"kos", consensus_kos, consensus_kos_memory, 0.0, 0.0, true},
	{"m_msr", consensus_m_msr, consensus_m_msr_memory, 0.0, 0.0, false},
	{"wawa", consensus_wawa, consensus_skilled_votes_memory, 0.0, 0.0, false},
	{"zbs", consensus_zbs, consensus_skilled_votes_memory, 0.0, 0.0, false},
	{"one_coin", consensus_one_coin, consensus_one_coin_memory, 1.0, 3.0,
	false},
	{"dawid_skene", consensus_dawid_skene, consensus_dawid_skene_memory,
	0.25, 0.25, false},
	{"fast_dawid_skene", consensus_fast_dawid_skene,
	consensus_dawid_skene_memory, 0.25, 0.25, false},
	{"bayes_dawid_skene", consensus_bayes_dawid_skene,
	consensus_bayes_dawid_skene_memory, 1.0, 3.0, false},
	{"bwa", consensus_bwa, consensus_bwa_memory, 15.0, 0.0, false},
};

#define METHOD_M_MSR 1
#define NMETHODS ((int) (sizeof(methods) / sizeof(methods[0])))


static void
fit_method(Bench *bench, const Method *method)
{
	ConsensusFit *fit = &bench->fit;

	prepare_fit(bench);
	free(fit->work);
	fit->work = method->memory == NULL ? NULL
		: give(method->memory(&bench->data), 1);
	fit->smoothing = method->smoothing;
	fit->diagonal = method->diagonal;
	fit->tolerance = 0.001;
	fit->max_iter = 200;
	assert_int_equal(method->fit(&bench->data, fit), CONSENSUS_DONE);
}


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
		assert_float_equal(sum, 1.0, 1e-9);
		if (bench->data.gold != NULL && bench->data.gold[i] >= 0)
			assert_float_equal(probability(bench, i, bench->data.gold[i]),
							   1.0, 1e-12);
	}
	for (int32_t j = 0; j < bench->data.nannotators; j++)
		assert_true(isfinite(bench->fit.weights[j]));
	for (int32_t k = 0; k < bench->data.nclasses; k++)
		assert_true(isfinite(bench->fit.shares[k]));
	assert_true(isfinite(bench->fit.objective));
	assert_true(isfinite(bench->fit.log_likelihood));
	assert_true(bench->fit.iterations >= 1);
}


/* Fits with known answers and shares too; ends the bench. */
static void
try_all(Bench *bench, const Method *method)
{
	int32_t		nclasses = bench->data.nclasses;
	int32_t		nitems = bench->data.nitems;
	double		priors[12];

	fit_method(bench, method);
	assert_sound(bench);

	bench->gold = give((size_t) nitems, sizeof(int32_t));
	bench->data.gold = bench->gold;
	for (int32_t i = 0; i < nitems; i++)
		bench->gold[i] = i % 3 == 1 ? i % nclasses : -1;
	fit_method(bench, method);
	assert_sound(bench);
	for (int32_t i = 0; i < nitems; i++)
		bench->gold[i] = (i + 1) % nclasses;
	fit_method(bench, method);
	assert_sound(bench);

	bench->data.gold = NULL;
	bench->data.priors = priors;
	for (int32_t k = 0; k < nclasses; k++)
		priors[k] = k == 0;
	fit_method(bench, method);
	assert_sound(bench);
	end(bench);
}


static void
test_extremes(void **state)
{
	(void) state;
	for (int m = 0; m < NMETHODS; m++)
		for (int32_t nclasses = 1; nclasses <= 10; nclasses++)
		{
			const Method *method = &methods[m];
			Bench	   *bench;

			if (method->binary && nclasses > 2)
				break;
			try_all(random_bench(80, 9, nclasses, 4, true), method);
			try_all(random_bench(60, 1, nclasses, 1, false), method);
			try_all(random_bench(1, 7, nclasses, 7, false), method);
			try_all(random_bench(1, 1, nclasses, 1, false), method);
			try_all(random_bench(40, 40, nclasses, 1, false), method);

			bench = begin(30, 4, nclasses); /* all the same; others unused */
			for (int32_t r = 0; r < 120; r++)
				add_row(bench, r / 4, r % 4, nclasses - 1, 1.0);
			arrange(bench);
			try_all(bench, method);

			bench = begin(30, 4, nclasses); /* nothing weighs anything */
			for (int32_t r = 0; r < 120; r++)
				add_row(bench, r / 4, r % 4, r % nclasses, 0.0);
			arrange(bench);
			try_all(bench, method);

			bench = begin(30, 4, nclasses); /* as much as can be, or nothing */
			for (int32_t r = 0; r < 120; r++)
				add_row(bench, r / 4, r % 4, r % 7 % nclasses, r % 3 == 0 ?
						CONSENSUS_MOST_WEIGHT : r % 3 == 1 ? 1e-100 : 1.0);
			arrange(bench);
			try_all(bench, method);
		}
}


/* A skilled few and a guessing many: none does much worse than the votes. */
static void
test_finds_the_truth(void **state)
{
	enum
	{
		ITEMS = 400, ANNOTATORS = 9
	};

	(void) state;
	for (int m = 0; m < NMETHODS; m++)
		for (int32_t nclasses = 2; nclasses <= 4; nclasses++)
		{
			Bench	   *bench = begin(ITEMS, ANNOTATORS, nclasses);
			int32_t		truth[ITEMS];
			int			votes = 0;
			int			right = 0;

			if (methods[m].binary && nclasses > 2)
			{
				end(bench);
				break;
			}
			for (int32_t i = 0; i < ITEMS; i++)
			{
				truth[i] = random_below(nclasses);
				for (int32_t j = 0; j < ANNOTATORS; j++)
					add_row(bench, i, j, random_number() < (j < 4 ? 0.85 : 0.2)
							? truth[i] : random_below(nclasses), 1.0);
			}
			arrange(bench);
			fit_majority(bench, false);
			for (int32_t i = 0; i < ITEMS; i++)
				votes += consensus_choose(&bench->data, &bench->fit,
										  i).label == truth[i];
			fit_method(bench, &methods[m]);
			for (int32_t i = 0; i < ITEMS; i++)
				right += consensus_choose(&bench->data, &bench->fit,
										  i).label == truth[i];
			if (right <= votes)
				print_message("%s: %d, votes %d\n", methods[m].name, right,
							  votes);
			assert_true(right > votes);
			for (int32_t j = 4; j < ANNOTATORS; j++)
				assert_true(bench->fit.weights[j] < bench->fit.weights[0]);
			end(bench);
		}
}


/*
 * Where agreement is exactly what skills make of it, they are found: two
 * answer as the truth is, one right in 3 of 4 (half of the way from chance to
 * certainty), one never.  Known answers say which half is right.
 */
static void
test_skills_from_agreement(void **state)
{
	Bench	   *bench = begin(64, 4, 2);

	(void) state;
	for (int32_t i = 0; i < 64; i++)
		for (int32_t j = 0; j < 4; j++)
			add_row(bench, i, j, (i + (j == 2 ? i % 8 / 2 == 3
									   : j == 3)) % 2, 1.0);
	arrange(bench);
	fit_method(bench, &methods[METHOD_M_MSR]);
	/* 1 - 1/8, the most that 64 items show: the odds are 15 to 1 */
	assert_float_equal(bench->fit.weights[0], log(15.0), 1e-9);
	assert_float_equal(bench->fit.weights[1], log(15.0), 1e-9);
	assert_float_equal(bench->fit.weights[2], log(3.0), 0.01);
	assert_float_equal(bench->fit.weights[3], -log(15.0), 1e-9);
	for (int32_t i = 0; i < 64; i++)
		assert_true(probability(bench, i, i % 2) > 0.9);
	end(bench);
}


/* Some who agree on wrong labels among themselves are found out. */
static void
test_a_minority_conspires(void **state)
{
	enum
	{
		ITEMS = 200, HONEST = 18, ALL = 20
	};
	Bench	   *bench = begin(ITEMS, ALL, 3);
	int			right = 0;

	(void) state;
	for (int32_t i = 0; i < ITEMS; i++)
		for (int32_t j = 0; j < ALL; j++)
		{
			bool		wrong = j >= HONEST || random_number() < 0.4;

			add_row(bench, i, j, wrong && j >= HONEST ? (i + 1) % 3
					: wrong ? random_below(3) : i % 3, 1.0);
		}
	arrange(bench);
	fit_method(bench, &methods[METHOD_M_MSR]);
	for (int32_t i = 0; i < ITEMS; i++)
		right += consensus_choose(&bench->data, &bench->fit, i).label == i % 3;
	assert_true(right >= ITEMS - 1);
	for (int32_t j = 0; j < ALL; j++)
		assert_true(j < HONEST ? bench->fit.weights[j] > 0.9
					: bench->fit.weights[j] < 0.0);
	end(bench);
}


/* Who shares no item with anyone has no weight, and the votes stand. */
static void
test_nobody_meets(void **state)
{
	Bench	   *bench = begin(12, 12, 3);

	(void) state;
	for (int32_t i = 0; i < 12; i++)
		add_row(bench, i, i, i % 3, 1.0);
	arrange(bench);
	fit_method(bench, &methods[METHOD_M_MSR]);
	for (int32_t i = 0; i < 12; i++)
	{
		assert_float_equal(bench->fit.weights[i], 0.0, 0.0);
		assert_float_equal(probability(bench, i, i % 3), 1.0, 0.0);
	}
	end(bench);
}


/* Neither the order of rows, to the bit, nor any name. */
static void
test_names_and_order(void **state)
{
	const int32_t label[] = {2, 0, 3, 1};

	(void) state;
	for (int m = 0; m < NMETHODS; m++)
	{
		int32_t		nclasses = methods[m].binary ? 2 : 4;
		Bench	   *bench = random_bench(80, 7, nclasses, 5, true);
		Bench	   *other = begin(80, 7, nclasses);
		size_t		size = 80 * (size_t) nclasses * sizeof(double);
		double	   *first = give(size, 1);

		fit_method(bench, &methods[m]);
		memcpy(first, bench->fit.posterior.probability, size);
		for (int64_t r = 0; r < bench->nrows; r++)
			add_row(other, (bench->rows[r].item * 37 + 5) % 80,
					(bench->rows[r].annotator * 3 + 2) % 7,
					nclasses == 2 ? 1 - bench->rows[r].label
					: label[bench->rows[r].label], bench->rows[r].weight);
		arrange(other);
		fit_method(other, &methods[m]);
		for (int32_t i = 0; i < 80; i++)
			for (int32_t k = 0; k < nclasses; k++)
				assert_float_equal(probability(bench, i, k),
								   probability(other, (i * 37 + 5) % 80,
											   nclasses == 2 ? 1 - k
											   : label[k]),
								   methods[m].binary ? 0.05 : 1e-6);

		for (int64_t r = bench->nrows - 1; r > 0; r--)
		{
			int64_t		swap = random_below((int32_t) r + 1);
			ConsensusRow moved = bench->rows[r];

			bench->rows[r] = bench->rows[swap];
			bench->rows[swap] = moved;
		}
		arrange(bench);
		fit_method(bench, &methods[m]);
		assert_memory_equal(first, bench->fit.posterior.probability, size);
		free(first);
		end(bench);
		end(other);
	}
}


/* What variational Bayes climbs never falls, with and without gold. */
static void
test_bound_never_falls(void **state)
{
	(void) state;
	for (int set = 0; set < 6; set++)
	{
		Bench	   *bench = random_bench(120, 11, 2 + set, 3 + set % 3,
										 set % 2 == 1);
		double		last = -INFINITY;

		bench->gold = give(120, sizeof(int32_t));
		for (int32_t i = 0; i < 120; i++)
			bench->gold[i] = i % 10 == 0 ? i / 10 % (2 + set) : -1;
		bench->data.gold = set >= 3 ? bench->gold : NULL;
		for (int32_t t = 1; t <= 60; t++)
		{
			prepare_fit(bench);
			bench->fit.smoothing = set == 2 ? 0.01 : 1.0;
			bench->fit.diagonal = set == 2 ? 0.0 : 3.0;
			bench->fit.tolerance = -1.0;
			bench->fit.max_iter = t;
			assert_int_equal(consensus_bayes_dawid_skene(&bench->data,
														 &bench->fit),
							 CONSENSUS_DONE);
			assert_true(bench->fit.objective >=
						last - 1e-9 * fabs(bench->fit.objective));
			last = bench->fit.objective;
		}
		end(bench);
	}
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_finds_the_truth),
		cmocka_unit_test(test_names_and_order),
		cmocka_unit_test(test_skills_from_agreement),
		cmocka_unit_test(test_a_minority_conspires),
		cmocka_unit_test(test_nobody_meets),
		cmocka_unit_test(test_bound_never_falls)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
