/*-------------------------------------------------------------------------
 *
 * items_kernel.c
 *	  Coefficients and their intervals from what each item says.
 *
 *-------------------------------------------------------------------------
 */
#include "agreement/items_kernel.h"

#include <math.h>

#include "agreement/distribution_kernel.h"


static void
set_interval(ItemsValue *result, double squares, size_t n, double least)
{
	double		half;

	result->bounded = n >= 2;
	if (n < 2)
		return;
	half = agreement_t_quantile(0.975, (double) n - 1) *
		sqrt(squares / ((double) n * ((double) n - 1)));
	result->lower = fmax(result->value - half, least);
	result->upper = fmin(result->value + half, 1);
}


void
items_mean(const double *values, size_t n, double least, ItemsValue *result)
{
	double		sum = 0;
	double		squares = 0;

	*result = (ItemsValue) {0};
	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		sum += values[i];
	result->defined = true;
	result->value = sum / (double) n;
	for (size_t i = 0; i < n; i++)
		squares += (values[i] - result->value) * (values[i] - result->value);
	set_interval(result, squares, n, least);
}


/* The mean of 1 - d over the item's pairs. */
static double
similarity(const ItemSums *item)
{
	return 1 - item->pairs / (item->answers * (item->answers - 1));
}


void
items_similarity(const ItemSums *items, size_t n, ItemsValue *result)
{
	double		sum = 0;
	double		squares = 0;
	size_t		shared = 0;

	*result = (ItemsValue) {0};
	for (size_t i = 0; i < n; i++)
		if (items[i].answers >= 2)
		{
			sum += similarity(&items[i]);
			shared++;
		}
	if (shared == 0)
		return;
	result->defined = true;
	result->value = sum / (double) shared;
	for (size_t i = 0; i < n; i++)
	{
		double		x = 0;

		if (items[i].answers >= 2)
			x = (double) n / (double) shared * similarity(&items[i]);
		squares += (x - result->value) * (x - result->value);
	}
	set_interval(result, squares, n, 0);
}


void
items_alpha(const ItemSums *items, size_t n, double total,
			ItemsValue *result)
{
	double		answers = 0;
	double		observed = 0;
	double		squares = 0;
	double		mean;
	double		chance;
	double		raw;
	size_t		shared = 0;

	*result = (ItemsValue) {0};
	for (size_t i = 0; i < n; i++)
		if (items[i].answers >= 2)
		{
			shared++;
			answers += items[i].answers;
			observed += items[i].pairs / (items[i].answers - 1);
		}
	if (shared == 0 || !(total > 0))
		return;
	observed /= answers;
	chance = total / (answers * answers);
	mean = answers / (double) shared;
	raw = 1 - observed / chance;
	result->defined = true;
	result->value = 1 - (1 - 1 / answers) * observed / chance;
	for (size_t i = 0; i < n; i++)
	{
		double		r = items[i].answers;
		double		excess = (r - mean) / mean;
		double		agreed;
		double		expected;
		double		x;

		if (r < 2)
			continue;
		agreed = (r - items[i].pairs / (r - 1)) / mean - (1 - observed) * excess;
		expected = (r - items[i].expected / answers) / mean - (1 - chance) * excess;
		x = (agreed - (1 - chance) - 2 * (1 - raw) * (expected - (1 - chance))) / chance;
		squares += (x - raw) * (x - raw);
	}
	set_interval(result, squares, shared, -1);
}


void
items_ac1(const ItemSums *items, size_t n, int q, ItemsValue *result)
{
	double		agreed = 0;
	double		chance = 0;
	double		squares = 0;
	size_t		shared = 0;

	*result = (ItemsValue) {0};
	for (size_t i = 0; i < n; i++)
	{
		chance += items[i].share;
		if (items[i].answers < 2)
			continue;
		agreed += similarity(&items[i]);
		shared++;
	}
	if (shared == 0 || q < 2)
		return;
	agreed /= (double) shared;
	chance = (1 - chance / (double) n) / (q - 1);
	result->defined = true;
	result->value = (agreed - chance) / (1 - chance);
	for (size_t i = 0; i < n; i++)
	{
		double		own = (1 - items[i].share) / (q - 1);
		double		x = 0;

		if (items[i].answers >= 2)
			x = (double) n / (double) shared * (similarity(&items[i]) - chance);
		x = (x - 2 * (1 - result->value) * (own - chance)) / (1 - chance);
		squares += (x - result->value) * (x - result->value);
	}
	set_interval(result, squares, n, -1);
}
