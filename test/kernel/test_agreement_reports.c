/*-------------------------------------------------------------------------
 *
 * test_agreement_reports.c
 *	  Coefficients with standard errors: published values, edges, and what
 *	  must not matter.
 *
 *-------------------------------------------------------------------------
 */
#include "agreement_bench.h"

#include "agreement/report_kernel.h"

#define MAX_PAIRS 64

/* ---- two annotators ----------------------------------------------------- */

typedef struct Two
{
	ReportPair	pairs[MAX_PAIRS];
	size_t		count;
	uint64_t	items;
} Two;


/* A square table of counts, by rows. */
static Two
two_of(const double *cells, uint32_t labels)
{
	Two			two = {.count = 0};

	for (uint32_t a = 0; a < labels; a++)
		for (uint32_t b = 0; b < labels; b++)
		{
			double		count = cells[a * labels + b];

			if (count > 0)
				two.pairs[two.count++] = (ReportPair) {a, b, count};
			two.items += (uint64_t) count;
		}
	return two;
}


/* Labels are the numbers 0, 1, 2, ... */
static AgreementStatus
start_scale(AgreementDistance *distance, AgreementScaleKind kind,
			const double *weights, uint32_t labels, const AgreementHost *host)
{
	AgreementScale scale = {.kind = kind, .weights = weights};
	uint64_t	keys[MAX_ANSWERS];

	for (uint32_t k = 0; k < labels; k++)
		keys[k] = agreement_number_key(k);
	return agreement_distance_start(distance, &scale, keys, labels, host);
}


static void
table_of(const double *cells, uint32_t labels, AgreementScaleKind kind,
		 const double *weights, double factor, ReportValue *values)
{
	AgreementHost host = generous();
	AgreementDistance distance;
	Two			two = two_of(cells, labels);
	ReportData	data = {.labels = labels, .population_factor = factor, .host = &host};

	assert_int_equal(start_scale(&distance, kind, weights, labels, &host),
					 AGREEMENT_OK);
	data.distance = &distance;
	assert_int_equal(report_table(&data, two.pairs, two.count, two.items,
								  values), AGREEMENT_OK);
	agreement_distance_end(&distance, &host);
}


static void
assert_near(const char *what, double value, double expected, double within)
{
	if (!(fabs(value - expected) <= within))
		fail_msg("%s: %.9g, not %.9g", what, value, expected);
}


/* SAS's documentation of PROC FREQ: kappa, weighted kappa, and their ASE. */
static void
test_sas(void **state)
{
	static const double cells[] = {0, 4, 1, 0, 8, 0, 0, 1, 5};
	ReportValue values[REPORT_MEASURES];

	(void) state;
	table_of(cells, 3, AGREEMENT_SCALE_IDENTITY, NULL, 1, values);
	assert_near("kappa", values[REPORT_COHEN].value, 0.4842, 5e-5);
	assert_near("ASE", values[REPORT_COHEN].error, 0.1380, 5e-5);
	assert_int_equal(values[REPORT_COHEN].items, 19);
	table_of(cells, 3, AGREEMENT_SCALE_LINEAR, NULL, 1, values);
	assert_near("weighted", values[REPORT_COHEN].value, 0.4701, 5e-5);
	assert_near("ASE", values[REPORT_COHEN].error, 0.1457, 5e-5);
}


/* Artstein and Poesio 2008, as the Python package nltk has it. */
static void
test_artstein_poesio(void **state)
{
	static const double cells[] = {46, 6, 0, 0, 32, 0, 0, 6, 10};
	ReportValue values[REPORT_MEASURES];

	(void) state;
	table_of(cells, 3, AGREEMENT_SCALE_IDENTITY, NULL, 1, values);
	assert_near("Ao", values[REPORT_PERCENT].value, 0.88, 1e-12);
	assert_near("S", values[REPORT_BRENNAN_PREDIGER].value, 0.82, 1e-12);
	assert_near("pi", values[REPORT_SCOTT].value, 0.79953, 5e-6);
	/* (.88 - .396) / (1 - .396), chance .52 .46 + .32 .44 + .16 .10 */
	assert_near("kappa", values[REPORT_COHEN].value, 0.484 / 0.604, 1e-12);
	/* 1 - (n - 1 / 2) / n times what pi lacks of 1; n = 100 */
	assert_near("alpha", values[REPORT_ALPHA].value,
				1 - 0.995 * 0.12 / 0.5986, 1e-12);
}


static const int anxiety[3][20] = {
	{3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3},
	{3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4},
	{2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2}
};


/* Two rows of anxiety as a table over the labels in use. */
static uint32_t
anxiety_table(int one, int other, double *cells)
{
	int			place[7];
	bool		used[7] = {false};
	uint32_t	labels = 0;

	for (int i = 0; i < 20; i++)
		used[anxiety[one][i]] = used[anxiety[other][i]] = true;
	for (int label = 1; label < 7; label++)
		if (used[label])
			place[label] = (int) labels++;
	memset(cells, 0, sizeof(double) * labels * labels);
	for (int i = 0; i < 20; i++)
		cells[place[anxiety[one][i]] * (int) labels +
			  place[anxiety[other][i]]]++;
	return labels;
}


/* Weights by the steps between labels: 1 - step[|k - l|] / the last step. */
static void
step_weights(const double *steps, uint32_t labels, double *weights)
{
	for (int k = 0; k < (int) labels; k++)
		for (int l = 0; l < (int) labels; l++)
			weights[k * (int) labels + l] =
				1 - steps[abs(k - l)] / steps[labels - 1];
}


/* kappa2 of the R package irr, on its set "anxiety". */
static void
test_anxiety(void **state)
{
	static const double five[] = {0, 0, 1, 1, 2};
	static const double six[][6] = {{0, 0, 0, 1, 1, 1}, {0, 0, 1, 1, 2, 2}};
	static const double published[] = {0.1891892, 0.2820513};
	double		cells[36];
	double		weights[36];
	ReportValue values[REPORT_MEASURES];

	(void) state;
	assert_int_equal(anxiety_table(1, 2, cells), 5);
	table_of(cells, 5, AGREEMENT_SCALE_IDENTITY, NULL, 1, values);
	assert_near("unweighted", values[REPORT_COHEN].value, -0.006289308, 5e-10);
	table_of(cells, 5, AGREEMENT_SCALE_LINEAR, NULL, 1, values);
	assert_near("equal", values[REPORT_COHEN].value, 0.1459075, 5e-8);
	table_of(cells, 5, AGREEMENT_SCALE_QUADRATIC, NULL, 1, values);
	assert_near("squared", values[REPORT_COHEN].value, 0.2520325, 5e-8);
	step_weights(five, 5, weights);
	table_of(cells, 5, AGREEMENT_SCALE_CUSTOM, weights, 1, values);
	assert_near("0 0 1 1 2", values[REPORT_COHEN].value, 0.2391304, 5e-8);
	assert_int_equal(anxiety_table(0, 1, cells), 6);
	for (int i = 0; i < 2; i++)
	{
		step_weights(six[i], 6, weights);
		table_of(cells, 6, AGREEMENT_SCALE_CUSTOM, weights, 1, values);
		assert_near("six steps", values[REPORT_COHEN].value, published[i], 5e-8);
	}
}


/* A finite population takes its share of the variance, of all measures. */
static void
test_population(void **state)
{
	static const double cells[] = {40, 4, 4, 17, 6, 25, 2, 13, 4, 1, 21, 12, 15, 5, 9, 45};
	ReportValue endless[REPORT_MEASURES];
	ReportValue half[REPORT_MEASURES];
	ReportValue whole[REPORT_MEASURES];

	(void) state;
	table_of(cells, 4, AGREEMENT_SCALE_LINEAR, NULL, 1, endless);
	table_of(cells, 4, AGREEMENT_SCALE_LINEAR, NULL, 0.5, half);
	table_of(cells, 4, AGREEMENT_SCALE_LINEAR, NULL, 0, whole);
	for (int m = 0; m < REPORT_MEASURES; m++)
	{
		assert_true(endless[m].error > 0);
		assert_near("half", half[m].error, endless[m].error * sqrt(0.5), 1e-15);
		assert_true(whole[m].error == 0);
		assert_true(whole[m].value == endless[m].value);
	}
}


static void
test_table_edges(void **state)
{
	static const double none[] = {0, 0, 0, 0};
	static const double one[] = {0, 1, 0, 0};
	static const double same[] = {5, 0, 0, 0};
	static const double never[] = {0, 5, 5, 0};
	ReportValue values[REPORT_MEASURES];

	(void) state;
	table_of(none, 2, AGREEMENT_SCALE_IDENTITY, NULL, 1, values);
	for (int m = 0; m < REPORT_MEASURES; m++)
		assert_false(values[m].defined);
	table_of(one, 2, AGREEMENT_SCALE_IDENTITY, NULL, 1, values);
	assert_true(values[REPORT_PERCENT].defined);
	assert_true(values[REPORT_PERCENT].value == 0);
	for (int m = 0; m < REPORT_MEASURES; m++)
		assert_false(values[m].has_error);
	/* one label of two: chance alone agrees, but for those that count both */
	table_of(same, 2, AGREEMENT_SCALE_IDENTITY, NULL, 1, values);
	assert_false(values[REPORT_COHEN].defined);
	assert_false(values[REPORT_SCOTT].defined);
	assert_false(values[REPORT_ALPHA].defined);
	assert_true(values[REPORT_BRENNAN_PREDIGER].value == 1);
	assert_true(values[REPORT_GWET].value == 1);
	assert_true(values[REPORT_GWET].error == 0);
	table_of(same, 1, AGREEMENT_SCALE_IDENTITY, NULL, 1, values);
	assert_true(values[REPORT_PERCENT].value == 1);
	assert_false(values[REPORT_BRENNAN_PREDIGER].defined);
	assert_false(values[REPORT_GWET].defined);
	table_of(never, 2, AGREEMENT_SCALE_IDENTITY, NULL, 1, values);
	assert_near("kappa", values[REPORT_COHEN].value, -1, 1e-15);
}

/* ---- any number of annotators ------------------------------------------- */

typedef struct Set
{
	ReportAnswer answers[MAX_ANSWERS];
	ReportData	data;
} Set;


/* Counts by item and label; the annotators of an item are numbered anew. */
static void
set_of(Set *set, const int *counts, uint32_t items, uint32_t labels)
{
	memset(set, 0, sizeof(*set));
	for (uint32_t item = 0; item < items; item++)
	{
		uint32_t	annotator = 0;

		for (uint32_t label = 0; label < labels; label++)
			for (int n = counts[item * labels + label]; n > 0; n--)
				set->answers[set->data.count++] = (ReportAnswer)
			{
				item, annotator++, label, 1
			};
		if (annotator > set->data.annotators)
			set->data.annotators = annotator;
	}
	set->data.answers = set->answers;
	set->data.items = items;
	set->data.labels = labels;
	set->data.population_factor = 1;
}


static AgreementStatus
estimate(Set *set, AgreementScaleKind kind, const AgreementHost *host,
		 const uint32_t *times, ReportValue *values)
{
	AgreementDistance distance;
	AgreementStatus status = start_scale(&distance, kind, NULL,
										 set->data.labels, host);

	set->data.host = host;
	set->data.distance = &distance;
	if (status == AGREEMENT_OK)
		status = report_estimate(&set->data, times, values);
	agreement_distance_end(&distance, host);
	return status;
}


static void
estimate_well(Set *set, AgreementScaleKind kind, const uint32_t *times,
			  ReportValue *values)
{
	AgreementHost host = generous();

	assert_int_equal(estimate(set, kind, &host, times, values), AGREEMENT_OK);
}


/* Randolph's calculator of free-marginal kappa, as statsmodels tests it. */
static void
test_randolph(void **state)
{
	static const int first[] = {7, 1, 3, 5};
	static const int second[] = {6, 1, 0, 0, 7, 0};
	static const int third[] = {7, 0, 0, 7};
	static Set	set;
	ReportValue values[REPORT_MEASURES];

	(void) state;
	set_of(&set, first, 2, 2);
	estimate_well(&set, AGREEMENT_SCALE_IDENTITY, NULL, values);
	assert_near("agreement", values[REPORT_PERCENT].value, 0.607143, 5e-7);
	assert_near("fixed", values[REPORT_FLEISS].value, 0.161905, 5e-7);
	assert_near("free", values[REPORT_BRENNAN_PREDIGER].value, 0.214286, 5e-7);
	set_of(&set, second, 2, 3);
	estimate_well(&set, AGREEMENT_SCALE_IDENTITY, NULL, values);
	assert_near("fixed", values[REPORT_FLEISS].value, 0.708333, 5e-7);
	assert_near("free", values[REPORT_BRENNAN_PREDIGER].value, 0.785714, 5e-7);
	set_of(&set, third, 2, 2);
	estimate_well(&set, AGREEMENT_SCALE_IDENTITY, NULL, values);
	assert_true(values[REPORT_FLEISS].value == 1);
	assert_true(values[REPORT_BRENNAN_PREDIGER].value == 1);
}


static const int fleiss[] = {
	0, 0, 0, 0, 14, 0, 2, 6, 4, 2, 0, 0, 3, 5, 6, 0, 3, 9, 2, 0, 2, 2, 8, 1, 1,
	7, 7, 0, 0, 0, 3, 2, 6, 3, 0, 2, 5, 3, 2, 2, 6, 5, 2, 1, 0, 0, 2, 2, 3, 7
};


/* Wikipedia's example of Fleiss' kappa, with the agreement of each item. */
static void
test_fleiss(void **state)
{
	static const double agreement[] = {
		1.000, .253, .308, .440, .330, .462, .242, .176, .286, .286
	};
	static Set	set;
	AgreementHost host = generous();
	AgreementDistance distance;
	double		disagreement[10];
	ReportValue values[REPORT_MEASURES];

	(void) state;
	set_of(&set, fleiss, 10, 5);
	estimate_well(&set, AGREEMENT_SCALE_IDENTITY, NULL, values);
	assert_near("kappa", values[REPORT_FLEISS].value, 0.2099307, 5e-8);
	assert_near("alpha", values[REPORT_ALPHA].value, 0.2155741, 5e-8);
	assert_int_equal(start_scale(&distance, AGREEMENT_SCALE_IDENTITY, NULL, 5,
								 &host), AGREEMENT_OK);
	set.data.host = &host;
	set.data.distance = &distance;
	assert_int_equal(report_items(&set.data, disagreement), AGREEMENT_OK);
	for (int i = 0; i < 10; i++)
		assert_near("item", disagreement[i], 1 - agreement[i], 5e-4);
	agreement_distance_end(&distance, &host);
}


/* Two annotators give the same by tables and by items, but for Cohen. */
static void
test_two(void **state)
{
	static const double cells[] = {13, 0, 0, 0, 20, 7, 0, 4, 56};
	static Set	set;
	ReportValue table[REPORT_MEASURES];
	ReportValue values[REPORT_MEASURES];

	(void) state;
	memset(&set, 0, sizeof(set));
	for (uint32_t cell = 0; cell < 9; cell++)
		for (int n = 0; n < (int) cells[cell]; n++)
		{
			uint32_t	item = set.data.items++;

			set.answers[set.data.count++] = (ReportAnswer) {item, 0, cell / 3, 1};
			set.answers[set.data.count++] = (ReportAnswer) {item, 1, cell % 3, 1};
		}
	set.data.answers = set.answers;
	set.data.annotators = 2;
	set.data.labels = 3;
	set.data.population_factor = 1;
	for (int kind = 0; kind < AGREEMENT_SCALE_MIDRANK; kind++)
	{
		if (kind == AGREEMENT_SCALE_RATIO)
			continue;			/* 0 is infinitely far there */
		table_of(cells, 3, kind, NULL, 1, table);
		estimate_well(&set, kind, NULL, values);
		assert_near("percent", values[REPORT_PERCENT].value, table[REPORT_PERCENT].value, 1e-12);
		assert_near("pi", values[REPORT_FLEISS].value, table[REPORT_SCOTT].value, 1e-12);
		assert_near("kappa", values[REPORT_CONGER].value, table[REPORT_COHEN].value, 1e-12);
		assert_near("ac", values[REPORT_GWET].value, table[REPORT_GWET].value, 1e-12);
		assert_near("alpha", values[REPORT_ALPHA].value, table[REPORT_ALPHA].value, 1e-12);
		/* the variances differ in n - 1 for n alone */
		assert_near("error", values[REPORT_FLEISS].error * sqrt(99.0 / 100),
					table[REPORT_SCOTT].error, 1e-12);
		assert_near("error", values[REPORT_CONGER].error * sqrt(99.0 / 100),
					table[REPORT_COHEN].error, 1e-12);
	}
}


static void
test_edges(void **state)
{
	static const int alone[] = {1, 0, 0, 1};
	static const int one_item[] = {1, 1};
	static const int one_label[] = {3, 2};
	static Set	set;
	ReportValue values[REPORT_MEASURES];

	(void) state;
	/* no item with two answers */
	set_of(&set, alone, 2, 2);
	estimate_well(&set, AGREEMENT_SCALE_IDENTITY, NULL, values);
	for (int m = 0; m < REPORT_MEASURES; m++)
		assert_false(values[m].defined);
	/* one item: values, but nothing to take a spread of */
	set_of(&set, one_item, 1, 2);
	estimate_well(&set, AGREEMENT_SCALE_IDENTITY, NULL, values);
	assert_true(values[REPORT_PERCENT].defined);
	assert_true(values[REPORT_PERCENT].value == 0);
	assert_near("pi", values[REPORT_FLEISS].value, -1, 1e-15);
	for (int m = 0; m < REPORT_MEASURES; m++)
		assert_false(values[m].has_error);
	/* one label: only agreement was possible */
	set_of(&set, one_label, 2, 1);
	estimate_well(&set, AGREEMENT_SCALE_LINEAR, NULL, values);
	assert_true(values[REPORT_PERCENT].value == 1);
	for (int m = 1; m < REPORT_MEASURES; m++)
		assert_false(values[m].defined);
}


/* To take each item once is to take it; twice, to have it twice. */
static void
test_times(void **state)
{
	static int	twice[100];
	static Set	set;
	static Set	doubled;
	uint32_t	times[10];
	ReportValue plain[REPORT_MEASURES];
	ReportValue values[REPORT_MEASURES];

	(void) state;
	memcpy(twice, fleiss, sizeof(fleiss));
	memcpy(twice + 50, fleiss, sizeof(fleiss));
	set_of(&set, fleiss, 10, 5);
	set_of(&doubled, twice, 20, 5);
	for (int round = 1; round <= 2; round++)
	{
		for (int i = 0; i < 10; i++)
			times[i] = (uint32_t) round;
		estimate_well(round == 1 ? &set : &doubled, AGREEMENT_SCALE_QUADRATIC,
					  NULL, plain);
		estimate_well(&set, AGREEMENT_SCALE_QUADRATIC, times, values);
		for (int m = 0; m < REPORT_MEASURES; m++)
		{
			assert_near("times", values[m].value, plain[m].value, 1e-13);
			assert_false(values[m].has_error);
		}
	}
}


/* Other names for labels and annotators, to other places in their order. */
static void
test_names(void **state)
{
	static const uint32_t labels[] = {3, 0, 4, 1, 2};
	static Set	set;
	static Set	renamed;
	int			counts[50];
	ReportValue plain[REPORT_MEASURES];
	ReportValue values[REPORT_MEASURES];

	(void) state;
	for (int i = 0; i < 50; i++)
		counts[i / 5 * 5 + (int) labels[i % 5]] = fleiss[i];
	set_of(&set, fleiss, 10, 5);
	set_of(&renamed, counts, 10, 5);
	/* the same person gives the same answers under another number */
	for (uint32_t item = 0; item < 10; item++)
		for (uint32_t i = 0; i < 14; i++)
		{
			renamed.answers[item * 14 + 13 - i] = set.answers[item * 14 + i];
			renamed.answers[item * 14 + 13 - i].annotator = 13 - i;
			renamed.answers[item * 14 + 13 - i].label =
				labels[set.answers[item * 14 + i].label];
		}
	estimate_well(&set, AGREEMENT_SCALE_IDENTITY, NULL, plain);
	estimate_well(&renamed, AGREEMENT_SCALE_IDENTITY, NULL, values);
	for (int m = 0; m < REPORT_MEASURES; m++)
	{
		assert_near("value", values[m].value, plain[m].value, 1e-13);
		assert_near("error", values[m].error, plain[m].error, 1e-13);
	}
}


/* Sums in one walk along the labels are those of all pairs. */
static void
test_walks(void **state)
{
	static const AgreementScaleKind kinds[] = {
		AGREEMENT_SCALE_IDENTITY, AGREEMENT_SCALE_LINEAR,
		AGREEMENT_SCALE_QUADRATIC, AGREEMENT_SCALE_ORDINAL,
		AGREEMENT_SCALE_MIDRANK, AGREEMENT_SCALE_RADICAL,
		AGREEMENT_SCALE_CIRCULAR, AGREEMENT_SCALE_BIPOLAR
	};
	AgreementHost host = generous();

	(void) state;
	for (int round = 0; round < 400; round++)
	{
		uint32_t	labels = 2 + (uint32_t) draw(20);
		uint64_t	keys[22];
		uint64_t	counts[22];
		double		right[22];
		double		left[22];
		uint32_t	places[22];
		double		rows[22];
		uint32_t	used = 0;
		double		number = -30;
		double		sum;
		double		expected = 0;
		AgreementScale scale = {.kind = kinds[round % 8], .counts = counts};
		AgreementDistance distance;

		for (uint32_t k = 0; k < labels; k++)
		{
			number += 0.001 + (double) draw(1000) / (1 + (double) draw(100));
			keys[k] = agreement_number_key(number);
			counts[k] = 1 + draw(9);
			left[k] = (double) draw(100) / 2200;
			right[k] = draw(3) == 0 ? 0 : (double) draw(100) / 2200;
			if (draw(2) == 0)
				places[used++] = k;
		}
		assert_int_equal(agreement_distance_start(&distance, &scale, keys,
												  labels, &host), AGREEMENT_OK);
		for (uint32_t k = 0; k < labels; k++)
			for (uint32_t l = 0; l < labels; l++)
				expected += left[k] * right[l] *
					agreement_distance_of(&distance, k, l);
		assert_int_equal(agreement_distance_sum(&distance, left, right, &host,
												&sum), AGREEMENT_OK);
		assert_near("sum", sum, expected, 1e-13 * expected);
		assert_int_equal(agreement_distance_rows(&distance, false, places, used,
												 right, &host, rows),
						 AGREEMENT_OK);
		for (uint32_t i = 0; i < used; i++)
		{
			expected = 0;
			for (uint32_t j = 0; j < used; j++)
				expected += right[j] *
					agreement_distance_of(&distance, places[i], places[j]);
			assert_near("row", rows[i], expected, 1e-13 * expected);
		}
		agreement_distance_end(&distance, &host);
	}
}


/* Custom weights one way and the other. */
static void
test_transposed(void **state)
{
	static const double weights[] = {1, 0.5, 0.25, 1};
	static const double right[] = {2, 3};
	AgreementHost host = generous();
	AgreementDistance distance;
	double		rows[2];

	(void) state;
	assert_int_equal(start_scale(&distance, AGREEMENT_SCALE_CUSTOM, weights, 2,
								 &host), AGREEMENT_OK);
	assert_int_equal(agreement_distance_rows(&distance, false, NULL, 2, right,
											 &host, rows), AGREEMENT_OK);
	assert_true(rows[0] == 1.5 && rows[1] == 1.5);
	assert_int_equal(agreement_distance_rows(&distance, true, NULL, 2, right,
											 &host, rows), AGREEMENT_OK);
	assert_true(rows[0] == 2.25 && rows[1] == 1);
}


/*
 * Alpha with a metric of its own.  The set is Krippendorff's, the values his
 * and those of the package fast-krippendorff; the other measures stay.
 */
static void
test_metric(void **state)
{
	static const char *const raters[] = {
		"12332141" "2...", "12332241" "25.3", ".3332342" "251.",
		"12332441" "251."
	};
	static const AgreementScaleKind kinds[] = {
		AGREEMENT_SCALE_IDENTITY, AGREEMENT_SCALE_MIDRANK,
		AGREEMENT_SCALE_QUADRATIC, AGREEMENT_SCALE_RATIO,
		AGREEMENT_SCALE_CIRCULAR, AGREEMENT_SCALE_BIPOLAR
	};
	static const double published[] = {
		0.743421, 0.815388, 0.849107, 0.797403, 0.789980, 0.834991
	};
	static Set	set;
	uint64_t	keys[5];
	uint32_t	once[12];
	ReportValue plain[REPORT_MEASURES];
	ReportValue values[REPORT_MEASURES];

	(void) state;
	memset(&set, 0, sizeof(set));
	for (uint32_t item = 0; item < 12; item++)
	{
		once[item] = 1;
		for (uint32_t rater = 0; rater < 4; rater++)
			if (raters[rater][item] != '.')
				set.answers[set.data.count++] = (ReportAnswer)
			{
				item, rater, (uint32_t) (raters[rater][item] - '1'), 1
			};
	}
	for (uint32_t k = 0; k < 5; k++)
		keys[k] = agreement_number_key(k + 1);
	set.data.answers = set.answers;
	set.data.items = 12;
	set.data.annotators = 4;
	set.data.labels = 5;
	set.data.population_factor = 1;
	set.data.label_keys = keys;
	estimate_well(&set, AGREEMENT_SCALE_LINEAR, NULL, plain);
	for (int i = 0; i < 6; i++)
	{
		AgreementScale metric = {.kind = kinds[i]};

		set.data.metric = &metric;
		estimate_well(&set, AGREEMENT_SCALE_LINEAR, NULL, values);
		assert_near("alpha", values[REPORT_ALPHA].value, published[i], 5e-7);
		assert_true(values[REPORT_ALPHA].error > 0);
		for (int m = 0; m < REPORT_ALPHA; m++)
			assert_memory_equal(&values[m], &plain[m], sizeof(ReportValue));
		/* a resample that is the sample */
		estimate_well(&set, AGREEMENT_SCALE_LINEAR, once, values);
		assert_near("again", values[REPORT_ALPHA].value, published[i], 5e-7);
	}
	/* the same scale given as a metric changes nothing */
	{
		AgreementScale metric = {.kind = AGREEMENT_SCALE_LINEAR};

		set.data.metric = &metric;
		estimate_well(&set, AGREEMENT_SCALE_LINEAR, NULL, values);
		assert_near("error", values[REPORT_ALPHA].error,
					plain[REPORT_ALPHA].error, 1e-14);
	}
}


/* Two annotators' alpha with a metric: by the table and by the items. */
static void
test_table_metric(void **state)
{
	static const AgreementScale metric = {.kind = AGREEMENT_SCALE_MIDRANK};
	double		cells[36];
	static Set	set;
	uint64_t	keys[6];
	AgreementHost host = generous();
	AgreementDistance distance = {.kind = AGREEMENT_SCALE_IDENTITY, .labels = 6};
	Two			two;
	ReportValue table[REPORT_MEASURES];
	ReportValue values[REPORT_MEASURES];

	(void) state;
	assert_int_equal(anxiety_table(0, 1, cells), 6);
	two = two_of(cells, 6);
	for (uint32_t k = 0; k < 6; k++)
		keys[k] = agreement_number_key(k + 1);
	memset(&set, 0, sizeof(set));
	for (uint32_t item = 0; item < 20; item++)
		for (uint32_t rater = 0; rater < 2; rater++)
			set.answers[set.data.count++] = (ReportAnswer)
		{
			item, rater, (uint32_t) anxiety[rater][item] - 1, 1
		};
	set.data = (ReportData)
	{
		.answers = set.answers, .count = set.data.count, .items = 20,
			.annotators = 2, .labels = 6, .distance = &distance,
			.metric = &metric, .label_keys = keys, .population_factor = 1,
			.host = &host
	};
	assert_int_equal(report_table(&set.data, two.pairs, two.count, two.items,
								  table), AGREEMENT_OK);
	assert_int_equal(report_estimate(&set.data, NULL, values), AGREEMENT_OK);
	assert_near("alpha", table[REPORT_ALPHA].value, values[REPORT_ALPHA].value, 1e-12);
	assert_near("ac", table[REPORT_GWET].value, values[REPORT_GWET].value, 1e-12);
	assert_near("kappa", table[REPORT_COHEN].value, values[REPORT_CONGER].value, 1e-12);
}


/* Each label against all others is the definition taken literally. */
static void
test_identity(void **state)
{
	AgreementHost host = generous();
	AgreementDistance distance;
	double		left[6];
	double		right[6];

	(void) state;
	assert_int_equal(start_scale(&distance, AGREEMENT_SCALE_IDENTITY, NULL, 6,
								 &host), AGREEMENT_OK);
	for (int round = 0; round < 100; round++)
	{
		double		expected = 0;
		double		all;
		double		sum;

		for (uint32_t k = 0; k < 6; k++)
		{
			left[k] = (double) draw(1000) / 6000;
			right[k] = (double) draw(1000) / 6000;
		}
		for (uint32_t k = 0; k < 6; k++)
			for (uint32_t l = 0; l < 6; l++)
			{
				assert_true(agreement_distance_of(&distance, k, l) == (k != l));
				expected += k != l ? left[k] * right[l] : 0;
			}
		assert_int_equal(agreement_distance_sum(&distance, left, right, &host,
												&sum), AGREEMENT_OK);
		assert_int_equal(agreement_distance_sum(&distance, NULL, NULL, &host,
												&all), AGREEMENT_OK);
		assert_near("sum", sum, expected, 1e-14);
		assert_true(all == 30);
	}
	agreement_distance_end(&distance, &host);
}


/* Nothing leaks or is used when memory or patience end anywhere. */
static void
test_hosts(void **state)
{
	static const double cells[] = {0, 4, 1, 0, 8, 0, 0, 1, 5};
	static Set	set;
	static const AgreementScale metric = {.kind = AGREEMENT_SCALE_MIDRANK};
	uint64_t	keys[5];
	ReportValue values[REPORT_MEASURES];
	bool		ended = false;
	bool		refused = false;

	(void) state;
	set_of(&set, fleiss, 10, 5);
	for (uint64_t k = 0; k < 5; k++)
		keys[k] = agreement_number_key((double) k);
	set.data.metric = &metric;
	set.data.label_keys = keys;
	for (int allocations = 0; allocations < 60; allocations++)
	{
		Ration		ration = {allocations, -1};
		AgreementHost poor = rationed(&ration);
		AgreementStatus status = estimate(&set, AGREEMENT_SCALE_CIRCULAR, &poor,
										  NULL, values);

		assert_true(status == AGREEMENT_OK || status == AGREEMENT_NO_MEMORY);
		ended = ended || status == AGREEMENT_OK;
		refused = refused || status == AGREEMENT_NO_MEMORY;
	}
	assert_true(ended && refused);
	for (int allocations = 0; allocations < 4; allocations++)
	{
		Ration		ration = {allocations, -1};
		AgreementHost poor = rationed(&ration);
		AgreementDistance distance = {.kind = AGREEMENT_SCALE_IDENTITY, .labels = 3};
		Two			two = two_of(cells, 3);
		ReportData	data = {.labels = 3, .population_factor = 1, .distance = &distance, .host = &poor};
		AgreementStatus status = report_table(&data, two.pairs, two.count,
											  two.items, values);

		assert_int_equal(status, allocations < 2 ? AGREEMENT_NO_MEMORY : AGREEMENT_OK);
	}
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sas),
		cmocka_unit_test(test_artstein_poesio),
		cmocka_unit_test(test_anxiety),
		cmocka_unit_test(test_population),
		cmocka_unit_test(test_table_edges),
		cmocka_unit_test(test_randolph),
		cmocka_unit_test(test_fleiss),
		cmocka_unit_test(test_two),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_walks),
		cmocka_unit_test(test_transposed),
		cmocka_unit_test(test_metric),
		cmocka_unit_test(test_table_metric),
		cmocka_unit_test(test_hosts)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
