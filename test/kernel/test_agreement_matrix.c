/*-------------------------------------------------------------------------
 *
 * test_agreement_matrix.c
 *	  Weighted agreement: published values, the definitions taken literally,
 *	  and matrices made of parts.
 *
 *-------------------------------------------------------------------------
 */
#include "agreement_bench.h"

#include "agreement/matrix_kernel.h"

#define KINDS (AGREEMENT_SCALE_MIDRANK + 1)

static const double pi = 3.14159265358979323846;

/* ---- a set and what comes of it ----------------------------------------- */

static bool
measure_of(const AgreementAnswer *answers, size_t count,
		   AgreementScaleKind kind, AgreementMeasure measure, double *value)
{
	AgreementHost host = generous();
	AgreementMatrix matrix;
	AgreementScale scale = {.kind = kind};
	AgreementDistance distance;
	bool		defined;

	assert_int_equal(agreement_matrix(answers, count, &host, &matrix),
					 AGREEMENT_OK);
	if (measure == AGREEMENT_MEASURE_ALPHA || kind == AGREEMENT_SCALE_MIDRANK)
		scale.counts = matrix.shared;
	assert_int_equal(agreement_distance_start(&distance, &scale,
											  matrix.labels, matrix.nlabels,
											  &host), AGREEMENT_OK);
	assert_int_equal(agreement_measure(&matrix, &distance, measure, &host,
									   &defined, value), AGREEMENT_OK);
	agreement_distance_end(&distance, &host);
	agreement_matrix_end(&matrix, &host);
	return defined;
}


/* irrCAC (Gwet), raw_4raters, to the three digits that it prints. */
static void
test_published(void **state)
{
	static const char *const raters[] = {
		"12332141" "2...", "12332241" "25..", ".3332342" "2513",
		"12332441" "251."
	};

	/* identity, linear, quadratic, radical, ordinal, ratio, circular, bipolar */
	static const double published[][8] = {
		{0.818, 0.939, 0.975, 0.897, 0.968, 0.954, 0.902, 0.968},
		{0.773, 0.848, 0.902, 0.813, 0.886, 0.840, 0.824, 0.888},
		{0.761, 0.818, 0.865, 0.790, 0.850, 0.821, 0.807, 0.853},
		{0.775, 0.859, 0.914, 0.820, 0.899, 0.857, 0.830, 0.900},
		{0.743, 0.800, 0.849, 0.772, 0.834, 0.797, 0.790, 0.835}
	};
	AgreementAnswer answers[48];
	AgreementHost host = generous();
	size_t		count = 0;
	double		value;

	(void) state;
	for (int rater = 0; rater < 4; rater++)
		for (int item = 0; item < 12; item++)
			if (raters[rater][item] != '.')
				answers[count++] = answer_of((uint64_t) item, raters[rater][item] - '0');
	assert_int_equal(agreement_sort(answers, count, &host), AGREEMENT_OK);
	for (int measure = 0; measure < 5; measure++)
		for (int kind = 0; kind < 8; kind++)
		{
			assert_true(measure_of(answers, count, kind, measure, &value));
			if (fabs(value - published[measure][kind]) > 6e-4)
				fail_msg("measure %d, scale %d: %g", measure, kind, value);
		}
	assert_true(measure_of(answers, count, AGREEMENT_SCALE_MIDRANK,
						   AGREEMENT_MEASURE_ALPHA, &value));
	assert_true(fabs(value - 0.815388) < 5e-7);
	assert_true(measure_of(answers, count, AGREEMENT_SCALE_CIRCULAR,
						   AGREEMENT_MEASURE_ALPHA, &value));
	assert_true(fabs(value - 0.789980) < 5e-7);
	assert_true(measure_of(answers, count, AGREEMENT_SCALE_BIPOLAR,
						   AGREEMENT_MEASURE_ALPHA, &value));
	assert_true(fabs(value - 0.834991) < 5e-7);
}

/* ---- the definitions, label by label ------------------------------------ */

typedef struct Table
{
	int			items;
	int			q;
	double		number[MAX_LABELS];
	double		r[MAX_ANSWERS][MAX_LABELS];
	double		all[MAX_ANSWERS];
	double		d[MAX_LABELS][MAX_LABELS];
} Table;


static void
fill_table(Table *table, const AgreementAnswer *answers, size_t count)
{
	bool		used[MAX_LABELS] = {false};
	int			place[MAX_LABELS];

	memset(table, 0, sizeof(Table));
	for (size_t i = 0; i < count; i++)
		used[(int) agreement_key_number(answers[i].label)] = true;
	for (int label = 0; label < MAX_LABELS; label++)
		if (used[label])
		{
			place[label] = table->q;
			table->number[table->q++] = label;
		}
	for (size_t i = 0; i < count; i++)
	{
		if (i == 0 || answers[i].item != answers[i - 1].item)
			table->items++;
		table->r[table->items - 1][place[(int) agreement_key_number(answers[i].label)]]++;
		table->all[table->items - 1]++;
	}
}


static double
literal_distance(AgreementScaleKind kind, double a, double b, double m,
				 double M, int ranks)
{
	double		range = M - m;

	if (a == b)
		return 0;
	switch (kind)
	{
		case AGREEMENT_SCALE_LINEAR:
			return fabs(a - b) / range;
		case AGREEMENT_SCALE_QUADRATIC:
			return pow((a - b) / range, 2);
		case AGREEMENT_SCALE_RADICAL:
			return sqrt(fabs(a - b) / range);
		case AGREEMENT_SCALE_ORDINAL:
			return (ranks + 1) * ranks / 2.0;
		case AGREEMENT_SCALE_RATIO:
			return pow((a - b) / (a + b), 2) / pow(range / (M + m), 2);
		case AGREEMENT_SCALE_CIRCULAR:
			return pow(sin(pi * (a - b) / (range + 1)), 2);
		case AGREEMENT_SCALE_BIPOLAR:
			return pow(a - b, 2) / ((a + b - 2 * m) * (2 * M - a - b));
		default:
			return 1;
	}
}


static void
fill_distances(Table *table, AgreementScaleKind kind)
{
	double		greatest = 0;
	int			q = table->q;

	for (int k = 0; k < q; k++)
		for (int l = 0; l < q; l++)
		{
			table->d[k][l] = literal_distance(kind, table->number[k],
											  table->number[l],
											  table->number[0],
											  table->number[q - 1], abs(k - l));
			greatest = fmax(greatest, table->d[k][l]);
		}
	for (int k = 0; k < q; k++)
		for (int l = 0; l < q; l++)
			if (greatest > 0)
				table->d[k][l] /= greatest;
}


/* Gwet's formulas, with weights; NAN where undefined. */
static double
literal_measure(const Table *table, AgreementMeasure measure)
{
	int			q = table->q;
	int			shared = 0;
	double		agreement = 0;
	double		weights = 0;
	double		share[MAX_LABELS] = {0};
	double		chance = 0;
	double		spread = 0;

	for (int i = 0; i < table->items; i++)
	{
		double		r = table->all[i];

		for (int k = 0; k < q; k++)
		{
			double		like = 0;

			share[k] += table->r[i][k] / r / table->items;
			for (int l = 0; l < q; l++)
				like += (1 - table->d[k][l]) * table->r[i][l];
			if (r > 1)
				agreement += table->r[i][k] * (like - 1) / (r * (r - 1));
		}
		shared += r > 1;
	}
	agreement /= shared;
	for (int k = 0; k < q; k++)
	{
		spread += share[k] * (1 - share[k]);
		for (int l = 0; l < q; l++)
		{
			weights += 1 - table->d[k][l];
			chance += (1 - table->d[k][l]) * share[k] * share[l];
		}
	}
	if (measure == AGREEMENT_MEASURE_PERCENT)
		return agreement;
	if (measure == AGREEMENT_MEASURE_BRENNAN_PREDIGER)
		chance = weights / (q * q);
	if (measure == AGREEMENT_MEASURE_GWET)
		chance = weights / (q * (q - 1)) * spread;
	return q < 2 ? NAN : (agreement - chance) / (1 - chance);
}


static void
test_literal(void **state)
{
	AgreementHost host = generous();
	static AgreementAnswer answers[MAX_ANSWERS];
	static Table table;

	(void) state;
	for (int round = 0; round < 400; round++)
	{
		size_t		count = draw_answers(answers);

		assert_int_equal(agreement_sort(answers, count, &host), AGREEMENT_OK);
		fill_table(&table, answers, count);
		for (int kind = 0; kind < AGREEMENT_SCALE_MIDRANK; kind++)
		{
			fill_distances(&table, kind);
			for (int measure = 0; measure < AGREEMENT_MEASURE_ALPHA; measure++)
			{
				double		expected = literal_measure(&table, measure);
				double		value;

				if (measure_of(answers, count, kind, measure, &value))
					assert_true(fabs(value - expected) < 1e-9);
				else
					assert_true(isnan(expected) || isinf(expected));
			}
		}
	}
}


/* Alpha is what the walk over items makes of the same metric. */
static void
test_alpha(void **state)
{
	AgreementHost host = generous();
	static AgreementAnswer answers[MAX_ANSWERS];
	static const AgreementScaleKind kinds[] = {
		AGREEMENT_SCALE_IDENTITY, AGREEMENT_SCALE_MIDRANK,
		AGREEMENT_SCALE_QUADRATIC, AGREEMENT_SCALE_RATIO
	};

	(void) state;
	for (int round = 0; round < 400; round++)
	{
		size_t		count = draw_answers(answers);

		assert_int_equal(agreement_sort(answers, count, &host), AGREEMENT_OK);
		for (int metric = 0; metric < 4; metric++)
		{
			AgreementNominal sums;
			bool		defined;
			double		expected;
			double		value;

			if (metric == 0)
			{
				assert_int_equal(agreement_nominal(answers, count, false,
												   &host, &sums), AGREEMENT_OK);
				defined = agreement_alpha_nominal(&sums, &expected);
			}
			else
				assert_int_equal(agreement_alpha(answers, count, metric, &host,
												 &defined, &expected),
								 AGREEMENT_OK);
			assert_int_equal(defined, measure_of(answers, count, kinds[metric],
												 AGREEMENT_MEASURE_ALPHA,
												 &value));
			if (defined)
				assert_true(fabs(value - expected) < 1e-9);
		}
	}
}

/* ---- what must not matter ----------------------------------------------- */

/* The bits stay whatever the order, and for identity whatever the names. */
static void
test_order(void **state)
{
	AgreementHost host = generous();
	static AgreementAnswer answers[MAX_ANSWERS];

	(void) state;
	for (int round = 0; round < 200; round++)
	{
		size_t		count = draw_answers(answers);
		double		before[KINDS][5];
		bool		defined[KINDS][5];

		for (int pass = 0; pass < 3; pass++)
		{
			if (pass == 1)
				shuffle(answers, count);
			for (size_t i = 0; i < count && pass == 2; i++)
			{
				answers[i].item = ~answers[i].item;
				answers[i].label *= UINT64_C(0x9E3779B97F4A7C15);
			}
			assert_int_equal(agreement_sort(answers, count, &host),
							 AGREEMENT_OK);
			for (int kind = 0; kind < (pass == 2 ? 1 : KINDS); kind++)
				for (int measure = 0; measure < 5; measure++)
				{
					double		value;
					bool		is = measure_of(answers, count, kind, measure,
												&value);

					if (pass > 0)
						assert_int_equal(is, defined[kind][measure]);
					if (pass > 0 && is)
						assert_memory_equal(&value, &before[kind][measure],
											sizeof(double));
					defined[kind][measure] = is;
					before[kind][measure] = is ? value : 0;
				}
		}
	}
}


/* The cells of two halves of the items add up to those of the whole. */
static void
test_parts(void **state)
{
	AgreementHost host = generous();
	static AgreementAnswer answers[MAX_ANSWERS];

	(void) state;
	for (int round = 0; round < 100; round++)
	{
		AgreementMatrix parts[3];
		size_t		count = draw_answers(answers);
		size_t		middle = count / 2;

		assert_int_equal(agreement_sort(answers, count, &host), AGREEMENT_OK);
		while (middle > 0 && middle < count &&
			   answers[middle].item == answers[middle - 1].item)
			middle++;
		assert_int_equal(agreement_matrix(answers, middle, &host, &parts[0]), AGREEMENT_OK);
		assert_int_equal(agreement_matrix(answers + middle, count - middle, &host, &parts[1]), AGREEMENT_OK);
		assert_int_equal(agreement_matrix(answers, count, &host, &parts[2]), AGREEMENT_OK);
		for (uint64_t i = 0; i < parts[2].ncells; i++)
		{
			AgreementCell *whole = &parts[2].cells[i];
			ExactSum	sum = {0, 0};

			for (int part = 0; part < 2; part++)
				for (uint64_t j = 0; j < parts[part].ncells; j++)
				{
					AgreementCell *cell = &parts[part].cells[j];

					if (parts[part].labels[cell->k] == parts[2].labels[whole->k] &&
						parts[part].labels[cell->l] == parts[2].labels[whole->l])
						exact_add(&sum, cell->agreement);
				}
			assert_memory_equal(&sum, &whole->agreement, sizeof(sum));
		}
		for (int part = 0; part < 3; part++)
			agreement_matrix_end(&parts[part], &host);
	}
}


/* Nothing leaks or is used when memory or patience end anywhere. */
static void
test_hosts(void **state)
{
	AgreementHost host = generous();
	static AgreementAnswer answers[MAX_ANSWERS];
	size_t		count = draw_answers(answers);

	(void) state;
	assert_int_equal(agreement_sort(answers, count, &host), AGREEMENT_OK);
	for (int allocations = 0; allocations < 40; allocations++)
	{
		Ration		ration = {allocations, -1};
		AgreementHost poor = rationed(&ration);
		AgreementMatrix matrix;
		AgreementScale scale = {.kind = AGREEMENT_SCALE_CIRCULAR};
		AgreementDistance distance;
		bool		defined;
		double		value;
		AgreementStatus status = agreement_matrix(answers, count, &poor,
												  &matrix);

		if (status == AGREEMENT_OK)
		{
			status = agreement_distance_start(&distance, &scale,
											  matrix.labels, matrix.nlabels,
											  &poor);
			if (status == AGREEMENT_OK)
				status = agreement_measure(&matrix, &distance,
										   AGREEMENT_MEASURE_FLEISS, &poor,
										   &defined, &value);
			agreement_distance_end(&distance, &poor);
		}
		assert_true(status == AGREEMENT_OK || status == AGREEMENT_NO_MEMORY);
		agreement_matrix_end(&matrix, &poor);
	}
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published),
		cmocka_unit_test(test_literal),
		cmocka_unit_test(test_alpha),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_hosts)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
