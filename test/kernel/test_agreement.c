/*-------------------------------------------------------------------------
 *
 * test_agreement.c
 *	  Coefficients of agreement: published values, definitions taken
 *	  literally, and what must not depend on how the answers came.
 *
 *-------------------------------------------------------------------------
 */
#include "agreement_bench.h"

/* ---- coefficients ------------------------------------------------------- */

static bool
alpha_of(AgreementAnswer *answers, size_t count, AgreementMetric metric,
		 double *value)
{
	AgreementHost host = generous();
	AgreementNominal sums;
	bool		defined;

	assert_int_equal(agreement_sort(answers, count, &host), AGREEMENT_OK);
	if (metric != AGREEMENT_NOMINAL)
	{
		assert_int_equal(agreement_alpha(answers, count, metric, &host,
										 &defined, value), AGREEMENT_OK);
		return defined;
	}
	assert_int_equal(agreement_nominal(answers, count, false, &host, &sums),
					 AGREEMENT_OK);
	return agreement_alpha_nominal(&sums, value);
}


/* Krippendorff's example: four coders, twelve units. */
static void
test_krippendorff(void **state)
{
	const char *const coders[] = {
		"12332141" "2...", "12332241" "25.3", ".3332342" "251.",
		"12332441" "251."
	};
	AgreementAnswer answers[48];
	size_t		count = 0;
	double		value;

	(void) state;
	for (int coder = 0; coder < 4; coder++)
		for (int unit = 0; unit < 12; unit++)
			if (coders[coder][unit] != '.')
				answers[count++] = answer_of((uint64_t) unit, coders[coder][unit] - '0');
	assert_int_equal(count, 41);
	assert_true(alpha_of(answers, count, AGREEMENT_NOMINAL, &value));
	assert_true(fabs(value - 0.743421052632) < 1e-12);
	assert_true(alpha_of(answers, count, AGREEMENT_ORDINAL, &value));
	assert_true(fabs(value - 0.815388) < 5e-7);
	assert_true(alpha_of(answers, count, AGREEMENT_INTERVAL, &value));
	assert_true(fabs(value - 0.849107) < 5e-7);
	assert_true(alpha_of(answers, count, AGREEMENT_RATIO, &value));
	assert_true(fabs(value - 0.797403) < 5e-7);
}


/* r[item][label], from answers whose labels are small integers. */
static int
count_table(const AgreementAnswer *answers, size_t count,
			double r[][MAX_LABELS])
{
	int			items = 0;

	for (size_t i = 0; i < count; i++)
	{
		if (i == 0 || answers[i].item != answers[i - 1].item)
			memset(r[items++], 0, sizeof(double) * MAX_LABELS);
		r[items - 1][(int) agreement_key_number(answers[i].label)]++;
	}
	return items;
}


/* The metrics as they are defined, n[] being the pairable labels' counts. */
static double
literal_distance(AgreementMetric metric, int v, int w, const double *n)
{
	double		sum = 0;

	switch (metric)
	{
		case AGREEMENT_NOMINAL:
			return v != w;
		case AGREEMENT_ORDINAL:
			for (int g = v < w ? v : w; g <= (v < w ? w : v); g++)
				sum += n[g];
			sum -= (n[v] + n[w]) / 2;
			return sum * sum;
		case AGREEMENT_INTERVAL:
			return (double) (v - w) * (v - w);
		default:
			return v + w == 0 ? 0 : pow((double) (v - w) / (v + w), 2);
	}
}


/* Alpha through the matrix of coincidences. */
static bool
literal_alpha(double r[][MAX_LABELS], int items, AgreementMetric metric,
			  double *value)
{
	double		o[MAX_LABELS][MAX_LABELS] = {{0}};
	double		n[MAX_LABELS] = {0};
	double		all = 0;
	double		observed = 0;
	double		expected = 0;

	for (int i = 0; i < items; i++)
	{
		double		m = 0;

		for (int v = 0; v < MAX_LABELS; v++)
			m += r[i][v];
		for (int v = 0; v < MAX_LABELS && m > 1; v++)
			for (int w = 0; w < MAX_LABELS; w++)
				o[v][w] += r[i][v] * (r[i][w] - (v == w)) / (m - 1);
	}
	for (int v = 0; v < MAX_LABELS; v++)
		for (int w = 0; w < MAX_LABELS; w++)
			n[v] += o[v][w];
	for (int v = 0; v < MAX_LABELS; v++)
		all += n[v];
	for (int v = 0; v < MAX_LABELS; v++)
		for (int w = 0; w < MAX_LABELS; w++)
		{
			double		d = literal_distance(metric, v, w, n);

			observed += o[v][w] * d;
			expected += n[v] * (n[w] - (v == w)) / (all - 1) * d;
		}
	if (!(expected > 1e-9))
		return false;
	*value = 1 - observed / expected;
	return true;
}


/* Gwet's p_a, and p_e of Fleiss' kappa and of AC1. */
static bool
literal_kappas(double r[][MAX_LABELS], int items, double *pa, double *fleiss,
			   double *ac1)
{
	double		pi[MAX_LABELS] = {0};
	double		sum = 0;
	double		shared = 0;
	double		pe = 0;
	int			labels = 0;

	for (int i = 0; i < items; i++)
	{
		double		m = 0;

		for (int k = 0; k < MAX_LABELS; k++)
			m += r[i][k];
		shared += m > 1;
		for (int k = 0; k < MAX_LABELS; k++)
		{
			pi[k] += r[i][k] / m / items;
			if (m > 1)
				sum += r[i][k] * (r[i][k] - 1) / (m * (m - 1));
		}
	}
	for (int k = 0; k < MAX_LABELS; k++)
	{
		labels += pi[k] > 0;
		pe += pi[k] * pi[k];
	}
	*pa = sum / shared;
	*fleiss = (*pa - pe) / (1 - pe);
	pe = (1 - pe) / (labels - 1);
	*ac1 = (*pa - pe) / (1 - pe);
	return shared > 0 && labels > 1;
}


static void
test_definitions(void **state)
{
	AgreementAnswer answers[MAX_ANSWERS];
	double		r[50][MAX_LABELS];
	AgreementHost host = generous();
	int			defined_rounds = 0;

	(void) state;
	for (int round = 0; round < 2000; round++)
	{
		size_t		count = draw_answers(answers);
		AgreementNominal sums;
		double		value;
		double		expected;
		double		kappas[3];
		double		got[3];
		int			items;

		assert_int_equal(agreement_sort(answers, count, &host), AGREEMENT_OK);
		items = count_table(answers, count, r);
		for (int metric = AGREEMENT_NOMINAL; metric <= AGREEMENT_RATIO; metric++)
		{
			bool		defined = literal_alpha(r, items, metric, &expected);

			assert_int_equal(alpha_of(answers, count, metric, &value), defined);
			if (defined)
				assert_true(fabs(value - expected) < 1e-11);
		}
		assert_int_equal(agreement_nominal(answers, count, true, &host, &sums),
						 AGREEMENT_OK);
		if (!literal_kappas(r, items, &kappas[0], &kappas[1], &kappas[2]))
		{
			assert_false(agreement_fleiss_kappa(&sums, &got[1]));
			assert_false(agreement_gwet_ac1(&sums, &got[2]));
			continue;
		}
		assert_true(agreement_percent(&sums, &got[0]));
		assert_true(agreement_fleiss_kappa(&sums, &got[1]));
		assert_true(agreement_gwet_ac1(&sums, &got[2]));
		for (int i = 0; i < 3; i++)
			assert_true(fabs(got[i] - kappas[i]) < 1e-12);
		defined_rounds++;
	}
	assert_true(defined_rounds > 1000);
}


/* Order of the answers, names of items, names of labels: the same bits. */
static void
test_invariance(void **state)
{
	AgreementAnswer answers[MAX_ANSWERS];
	AgreementHost host = generous();

	(void) state;
	for (int round = 0; round < 300; round++)
	{
		size_t		count = draw_answers(answers);
		double		first[4] = {0};
		AgreementNominal sums[2];

		for (int metric = AGREEMENT_ORDINAL; metric <= AGREEMENT_RATIO; metric++)
		{
			double		value = 0;

			shuffle(answers, count);
			(void) alpha_of(answers, count, metric, &first[metric]);
			for (size_t i = 0; i < count; i++)
				answers[i].item = agreement_hash_next(1, answers[i].item);
			shuffle(answers, count);
			(void) alpha_of(answers, count, metric, &value);
			assert_memory_equal(&value, &first[metric], sizeof(double));
		}
		for (int i = 0; i < 2; i++)
		{
			assert_int_equal(agreement_sort(answers, count, &host), AGREEMENT_OK);
			assert_int_equal(agreement_nominal(answers, count, true, &host,
											   &sums[i]), AGREEMENT_OK);
			for (size_t j = 0; j < count; j++)
				answers[j].label = agreement_hash_next(2, answers[j].label);
			shuffle(answers, count);
		}
		assert_memory_equal(&sums[0], &sums[1], sizeof(AgreementNominal));
	}
}


/* Numbers that are far away or far apart. */
static void
test_extremes(void **state)
{
	const double small[] = {1, 1, 2, 3, 3, 3, 4, 5, 1, 2};
	AgreementAnswer answers[10];
	double		plain;
	double		value;

	(void) state;
	for (int scale = -1000; scale <= 1000; scale += 250)
	{
		for (int i = 0; i < 10; i++)
			answers[i] = answer_of((uint64_t) i / 2, ldexp(small[i], scale));
		assert_true(alpha_of(answers, 10, AGREEMENT_INTERVAL, &value));
		if (scale == -1000)
			plain = value;
		assert_true(value == plain);
	}
	for (int i = 0; i < 10; i++)
		answers[i] = answer_of((uint64_t) i / 2, small[i] + 1e15);
	assert_true(alpha_of(answers, 10, AGREEMENT_INTERVAL, &value));
	assert_true(value == plain);
	/* one outlier: the rest still counts */
	answers[0].label = answers[1].label = agreement_number_key(-1.7e308);
	assert_true(alpha_of(answers, 10, AGREEMENT_INTERVAL, &value));
	assert_true(fabs(value - 1) < 1e-12);
	assert_true(alpha_of(answers, 10, AGREEMENT_ORDINAL, &value));
}

/* ---- two annotators ----------------------------------------------------- */

static void
tally_table(AgreementTally *tally, const int *table, int labels)
{
	AgreementHost host = generous();

	assert_int_equal(agreement_tally_start(tally, &host), AGREEMENT_OK);
	for (int a = 0; a < labels; a++)
		for (int b = 0; b < labels; b++)
			if (table[a * labels + b] > 0)
				assert_int_equal(agreement_tally_add(tally, &host,
													 agreement_number_key(a),
													 agreement_number_key(b),
													 (uint64_t) table[a * labels + b],
													 NULL), AGREEMENT_OK);
}


static double
literal_kappa(const int *table, int labels, AgreementWeights weights,
			  bool scott)
{
	double		all = 0;
	double		a[MAX_LABELS] = {0};
	double		b[MAX_LABELS] = {0};
	double		observed = 0;
	double		expected = 0;

	for (int i = 0; i < labels * labels; i++)
		all += table[i];
	for (int i = 0; i < labels * labels; i++)
	{
		a[i / labels] += table[i] / all;
		b[i % labels] += table[i] / all;
	}
	for (int i = 0; scott && i < labels; i++)
		a[i] = b[i] = (a[i] + b[i]) / 2;
	for (int i = 0; i < labels * labels; i++)
	{
		double		d = fabs((double) (i / labels - i % labels));

		d = weights == AGREEMENT_UNWEIGHTED ? d > 0
			: weights == AGREEMENT_LINEAR ? d : d * d;
		observed += table[i] / all * d;
		expected += a[i / labels] * b[i % labels] * d;
	}
	return expected > 1e-12 ? 1 - observed / expected : NAN;
}


static void
test_pairs(void **state)
{
	const int	sas[] = {0, 4, 1, 0, 8, 0, 0, 1, 5};
	AgreementHost host = generous();
	AgreementTally tally;
	bool		defined;
	double		value;

	(void) state;
	tally_table(&tally, sas, 3);
	assert_int_equal(agreement_cohen(&tally, AGREEMENT_UNWEIGHTED, &host,
									 &defined, &value), AGREEMENT_OK);
	assert_true(defined && fabs(value - 0.4842) < 5e-5);
	assert_int_equal(agreement_cohen(&tally, AGREEMENT_LINEAR, &host,
									 &defined, &value), AGREEMENT_OK);
	assert_true(defined && fabs(value - 0.4701) < 5e-5);
	agreement_tally_end(&tally, &host);

	for (int round = 0; round < 2000; round++)
	{
		int			table[MAX_LABELS * MAX_LABELS];
		int			labels = 1 + (int) draw(MAX_LABELS);

		for (int i = 0; i < labels * labels; i++)
			table[i] = (int) (draw(2) * draw(20));
		tally_table(&tally, table, labels);
		for (int weights = AGREEMENT_UNWEIGHTED; weights <= AGREEMENT_QUADRATIC; weights++)
		{
			double		expected = literal_kappa(table, labels, weights, false);

			assert_int_equal(agreement_cohen(&tally, weights, &host, &defined,
											 &value), AGREEMENT_OK);
			assert_int_equal(defined, !isnan(expected));
			if (defined)
				assert_true(fabs(value - expected) < 1e-11);
		}
		assert_int_equal(agreement_scott(&tally, &host, &defined, &value),
						 AGREEMENT_OK);
		if (defined)
			assert_true(fabs(value - literal_kappa(table, labels,
												   AGREEMENT_UNWEIGHTED, true)) < 1e-11);
		agreement_tally_end(&tally, &host);
	}
}

/* ---- when the host gives out -------------------------------------------- */

/* Runs everything on what the host gives; returns the first bad status. */
static AgreementStatus
run_all(AgreementAnswer *answers, size_t count, const AgreementHost *host)
{
	AgreementStatus status;
	AgreementNominal sums;
	AgreementTally pairs;
	size_t		size;
	bool		defined;
	double		value;

	if ((status = agreement_sort(answers, count, host)) ||
		(status = agreement_nominal(answers, count, true, host, &sums)) ||
		(status = agreement_alpha(answers, count, AGREEMENT_ORDINAL, host,
								  &defined, &value)) ||
		(status = agreement_alpha(answers, count, AGREEMENT_RATIO, host,
								  &defined, &value)) ||
		(status = agreement_alpha(answers, count, AGREEMENT_INTERVAL, host,
								  &defined, &value)) ||
		(status = agreement_pack(answers, count, host, NULL, &size)))
		return status;
	if ((status = agreement_tally_start(&pairs, host)) == AGREEMENT_OK)
	{
		for (size_t i = 0; i < 100 && status == AGREEMENT_OK; i++)
			status = agreement_tally_add(&pairs, host, answers[i].label,
										 answers[i + 1].label, 1, NULL);
		if (status == AGREEMENT_OK)
			status = agreement_cohen(&pairs, AGREEMENT_LINEAR, host, &defined,
									 &value);
		if (status == AGREEMENT_OK)
			status = agreement_scott(&pairs, host, &defined, &value);
	}
	agreement_tally_end(&pairs, host);
	return status;
}


static void
test_limits(void **state)
{
	const size_t count = 300000;
	AgreementAnswer *answers = malloc(sizeof(AgreementAnswer) * count);
	AgreementStatus status = AGREEMENT_NO_MEMORY;
	int			tries = 0;

	(void) state;
	for (size_t i = 0; i < count; i++)
		answers[i] = answer_of(draw(count / 4), (double) draw(50));
	for (; status != AGREEMENT_OK; tries++)
	{
		Ration		ration = {tries, -1};
		AgreementHost host = rationed(&ration);

		status = run_all(answers, count, &host);
		assert_true(status == AGREEMENT_OK || status == AGREEMENT_NO_MEMORY);
	}
	assert_true(tries > 20);
	status = AGREEMENT_STOPPED;
	for (tries = 0; status != AGREEMENT_OK; tries++)
	{
		Ration		ration = {-1, tries};
		AgreementHost host = rationed(&ration);

		shuffle(answers, count);
		status = run_all(answers, count, &host);
		assert_true(status == AGREEMENT_OK || status == AGREEMENT_STOPPED);
	}
	assert_true(tries > 10);
	free(answers);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_krippendorff),
		cmocka_unit_test(test_definitions),
		cmocka_unit_test(test_invariance),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
