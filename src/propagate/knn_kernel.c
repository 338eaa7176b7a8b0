/*-------------------------------------------------------------------------
 *
 * knn_kernel.c
 *	  Exact k nearest neighbours of every point of a set.
 *
 * All pairs are compared, each once.  Inner products in single precision, of
 * 8 x 8 points at a time so that the sums stay in registers, give a lower
 * bound of every distance; only pairs that may be among the k nearest of one
 * of their ends are then measured in double precision.  The bound holds in
 * the worst case of rounding, so the result is exact, and cheap to get: some
 * k ln(n/k) pairs a point are measured.
 *
 * With half the squared distance h(x, y) = |x|^2/2 + |y|^2/2 - x.y (cosine:
 * of the unit vectors; inner product: h = -x.y) the error of the single
 * precision sum is at most g (|x|^2 + |y|^2), so that
 * (1/2 - g)|x|^2 + (1/2 - g)|y|^2 - x.y bounds h from below and is the sum
 * of a term a point and the inner product.
 *
 *-------------------------------------------------------------------------
 */
#include "propagate/knn_kernel.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Points that are compared at a time, and features summed at a time. */
#define PANEL 8
#define DEPTH 256

/* Bytes of panels that should stay in the second-level cache. */
#define CACHE_BYTES (128 * 1024)

/* Cosine distances below this are rounding of the features themselves. */
#define COSINE_ZERO 1e-14

/* The scratch memory, laid out. */
typedef struct Scratch
{
	double	   *inverse_norm;	/* n: cosine, 1 / |x|; else unused */
	double	   *centre;			/* dim: l2, the mean point */
	float	   *panels;			/* points in panels: [panel][feature][8] */
	float	   *bound;			/* padded n: a point's term of the bound */
	float	   *limit;			/* padded n: h of its k-th neighbour so far */
	double		scale2;			/* of h against features as given */
} Scratch;


static size_t
padded(int32_t n)
{
	return ((size_t) n + PANEL - 1) / PANEL * PANEL;
}


static Scratch
lay_out(const PropagateKnn *knn)
{
	Scratch		scratch;

	scratch.inverse_norm = knn->work;
	scratch.centre = scratch.inverse_norm + knn->n;
	scratch.panels = (float *) (scratch.centre + knn->dim);
	scratch.bound = scratch.panels + padded(knn->n) * (size_t) knn->dim;
	scratch.limit = scratch.bound + padded(knn->n);
	scratch.scale2 = 1.0;
	return scratch;
}


size_t
propagate_knn_memory(int32_t n, int32_t dim)
{
	return sizeof(double) * ((size_t) n + (size_t) dim) +
		sizeof(float) * padded(n) * ((size_t) dim + 2);
}


/* ---- distances in double precision -------------------------------------- */

static double
squared_difference(const float *x, const float *y, int32_t dim)
{
	double		sum[4] = {0, 0, 0, 0};
	int32_t		d = 0;

	for (; d + 4 <= dim; d += 4)
		for (int l = 0; l < 4; l++)
		{
			double		difference = (double) x[d + l] - (double) y[d + l];

			sum[l] += difference * difference;
		}
	for (; d < dim; d++)
	{
		double		difference = (double) x[d] - (double) y[d];

		sum[0] += difference * difference;
	}
	return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}


static double
unit_difference(const float *x, double x_scale, const float *y, double y_scale,
				int32_t dim)
{
	double		sum[4] = {0, 0, 0, 0};
	int32_t		d = 0;

	for (; d + 4 <= dim; d += 4)
		for (int l = 0; l < 4; l++)
		{
			double		difference = x[d + l] * x_scale - y[d + l] * y_scale;

			sum[l] += difference * difference;
		}
	for (; d < dim; d++)
	{
		double		difference = x[d] * x_scale - y[d] * y_scale;

		sum[0] += difference * difference;
	}
	return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}


static double
inner_product(const float *x, const float *y, int32_t dim)
{
	double		sum[4] = {0, 0, 0, 0};
	int32_t		d = 0;

	for (; d + 4 <= dim; d += 4)
		for (int l = 0; l < 4; l++)
			sum[l] += (double) x[d + l] * (double) y[d + l];
	for (; d < dim; d++)
		sum[0] += (double) x[d] * (double) y[d];
	return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}


/* h, the quantity by which neighbours are ordered. */
static double
half_squared(const PropagateKnn *knn, const Scratch *scratch,
			 int32_t i, int32_t j)
{
	const float *x = knn->features + (size_t) i * (size_t) knn->dim;
	const float *y = knn->features + (size_t) j * (size_t) knn->dim;
	double		h;

	switch (knn->metric)
	{
		case PROPAGATE_L2:
			return 0.5 * squared_difference(x, y, knn->dim);
		case PROPAGATE_COSINE:
			h = 0.5 * unit_difference(x, scratch->inverse_norm[i],
									  y, scratch->inverse_norm[j], knn->dim);
			return h < COSINE_ZERO ? 0.0 : h;
		case PROPAGATE_INNER_PRODUCT:
			break;
	}
	return -inner_product(x, y, knn->dim);
}


static double
distance_of(PropagateMetric metric, double h)
{
	return metric == PROPAGATE_L2 ? sqrt(2.0 * h) : h;
}


double
propagate_knn_distance(const PropagateKnn *knn, int32_t i, int32_t j)
{
	Scratch		scratch = lay_out(knn);

	return distance_of(knn->metric, half_squared(knn, &scratch, i, j));
}


/* ---- preparation -------------------------------------------------------- */

/* The mean point: distances do not change when it is taken away. */
static void
find_centre(const PropagateKnn *knn, double *centre)
{
	memset(centre, 0, sizeof(double) * (size_t) knn->dim);
	if (knn->metric != PROPAGATE_L2)
		return;
	for (int32_t i = 0; i < knn->n; i++)
		for (int32_t d = 0; d < knn->dim; d++)
			centre[d] += knn->features[(size_t) i * (size_t) knn->dim + (size_t) d];
	for (int32_t d = 0; d < knn->dim; d++)
		centre[d] /= knn->n;
}


/* A power of two that brings every feature into -1 to 1. */
static double
find_scale(const PropagateKnn *knn, const double *centre)
{
	double		largest = 0.0;
	int			exponent;

	if (knn->metric == PROPAGATE_COSINE)
		return 1.0;
	for (int32_t i = 0; i < knn->n; i++)
		for (int32_t d = 0; d < knn->dim; d++)
		{
			double		value = fabs(knn->features[(size_t) i * (size_t) knn->dim + (size_t) d] - centre[d]);

			if (value > largest)
				largest = value;
		}
	if (largest == 0.0)
		return 1.0;
	frexp(largest, &exponent);
	return ldexp(1.0, -exponent);
}


/* The worst relative error g of the bound; see the head of the file. */
static double
bound_error(int32_t dim)
{
	int32_t		depth = dim < DEPTH ? dim : DEPTH;

	return (depth / 2.0 + dim / (2.0 * DEPTH) + 16.0) * FLT_EPSILON;
}


static void
prepare(const PropagateKnn *knn, Scratch *scratch)
{
	double		error = bound_error(knn->dim);
	double		scale;

	find_centre(knn, scratch->centre);
	scale = find_scale(knn, scratch->centre);
	scratch->scale2 = scale * scale;

	for (size_t i = 0; i < padded(knn->n); i++)
	{
		const float *x = knn->features + i * (size_t) knn->dim;
		float	   *to = scratch->panels + i / PANEL * PANEL * (size_t) knn->dim + i % PANEL;
		double		square = 0.0;
		double		factor = scale;
		bool		exists = i < (size_t) knn->n;

		if (exists && knn->metric == PROPAGATE_COSINE)
			factor = scratch->inverse_norm[i] =
				1.0 / sqrt(inner_product(x, x, knn->dim));
		for (int32_t d = 0; d < knn->dim; d++)
		{
			float		value = exists
				? (float) ((x[d] - scratch->centre[d]) * factor) : 0.0f;

			to[(size_t) d * PANEL] = value;
			square += (double) value * value;
		}
		scratch->bound[i] = (float)
			(((knn->metric == PROPAGATE_INNER_PRODUCT ? 0.0 : 0.5) - error) *
			 square);
		scratch->limit[i] = exists ? INFINITY : -INFINITY;
	}
}


/* ---- the search --------------------------------------------------------- */

/* Inner products of the points of two panels. */
static void
multiply_panels(const float *restrict a, const float *restrict b, int32_t dim,
				float (*restrict products)[PANEL])
{
	memset(products, 0, sizeof(float) * PANEL * PANEL);
	for (int32_t from = 0; from < dim; from += DEPTH)
	{
		int32_t		depth = dim - from < DEPTH ? dim - from : DEPTH;

		/* Half a panel's rows: as many sums as there are registers for. */
		for (int half = 0; half < PANEL; half += PANEL / 2)
		{
			float		sums[PANEL / 2][PANEL] = {{0}};

			for (int32_t d = 0; d < depth; d++)
				for (int r = 0; r < PANEL / 2; r++)
					for (int c = 0; c < PANEL; c++)
						sums[r][c] += a[d * PANEL + half + r] * b[d * PANEL + c];
			for (int r = 0; r < PANEL / 2; r++)
				for (int c = 0; c < PANEL; c++)
					products[half + r][c] += sums[r][c];
		}
		a += depth * PANEL;
		b += depth * PANEL;
	}
}


/* A value to 24 bits, as far as neighbours are told apart. */
static double
to_single(double value)
{
	double		high = value * 536870913.0; /* 2^29 + 1: Veltkamp's split */

	return isfinite(high) ? high - (high - value) : value;
}


/* Takes j among i's neighbours if it is near enough. */
static void
offer(PropagateKnn *knn, Scratch *scratch, int32_t i, int32_t j, double h)
{
	int32_t    *neighbours = knn->neighbours + (size_t) i * (size_t) knn->k;
	double	   *distances = knn->distances + (size_t) i * (size_t) knn->k;
	double		key = to_single(h);
	int32_t		at = knn->k;

	while (at > 0)
	{
		double		other = to_single(distances[at - 1]);

		if (neighbours[at - 1] >= 0 &&
			(other < key || (other == key && neighbours[at - 1] < j)))
			break;
		at--;
	}
	if (at == knn->k)
		return;
	memmove(neighbours + at + 1, neighbours + at,
			sizeof(int32_t) * (size_t) (knn->k - 1 - at));
	memmove(distances + at + 1, distances + at,
			sizeof(double) * (size_t) (knn->k - 1 - at));
	neighbours[at] = j;
	distances[at] = h;
	if (neighbours[knn->k - 1] >= 0)
		scratch->limit[i] = (float)
			(distances[knn->k - 1] * scratch->scale2) + FLT_MIN;
}


/* Which pairs of two panels may be neighbours?  Measures those. */
static void
compare_panels(PropagateKnn *knn, Scratch *scratch, int32_t p, int32_t q)
{
	const size_t size = PANEL * (size_t) knn->dim;
	const float *column_bound = scratch->bound + (size_t) q * PANEL;
	const float *column_limit = scratch->limit + (size_t) q * PANEL;
	float		products[PANEL][PANEL];

	multiply_panels(scratch->panels + (size_t) p * size,
					scratch->panels + (size_t) q * size, knn->dim, products);
	for (int r = 0; r < PANEL; r++)
	{
		int32_t		i = p * PANEL + r;
		float		row_bound = scratch->bound[i];
		float		row_limit = scratch->limit[i];
		int			hits = 0;

		for (int c = 0; c < PANEL; c++)
		{
			float		bound = row_bound + column_bound[c] - products[r][c];

			hits |= (bound <= row_limit) | (bound <= column_limit[c]);
		}
		if (!hits || i >= knn->n)
			continue;
		for (int c = 0; c < PANEL; c++)
		{
			int32_t		j = q * PANEL + c;
			float		bound = row_bound + column_bound[c] - products[r][c];
			bool		for_row = bound <= scratch->limit[i];
			bool		for_column = bound <= scratch->limit[j];
			double		h;

			if ((!for_row && !for_column) || j >= knn->n || (p == q && j <= i))
				continue;
			h = half_squared(knn, scratch, i, j);
			if (for_row)
				offer(knn, scratch, i, j, h);
			if (for_column)
				offer(knn, scratch, j, i, h);
		}
	}
}


/*
 * Panel p against the panels from first to last that are not before it;
 * returns how many those were.
 */
static int32_t
compare_with_block(PropagateKnn *knn, Scratch *scratch, int32_t p,
				   int32_t first, int32_t last)
{
	if (p > first)
		first = p;
	for (int32_t q = first; q <= last; q++)
		compare_panels(knn, scratch, p, q);
	return last - first + 1;
}


PropagateStatus
propagate_knn(PropagateKnn *knn)
{
	Scratch		scratch = lay_out(knn);
	int32_t		panels = (int32_t) (padded(knn->n) / PANEL);
	size_t		panel_bytes = sizeof(float) * PANEL * (size_t) knn->dim;
	int32_t		block = (int32_t) (CACHE_BYTES / (panel_bytes + 1)) + 1;
	double		total = (double) panels * ((double) panels + 1) / 2;
	double		done = 0.0;

	prepare(knn, &scratch);
	for (size_t e = 0; e < (size_t) knn->n * (size_t) knn->k; e++)
	{
		knn->neighbours[e] = -1;
		knn->distances[e] = INFINITY;
	}

	for (int32_t first = 0; first < panels; first += block)
	{
		int32_t		last = panels - first > block ? first + block - 1
			: panels - 1;

		for (int32_t p = 0; p <= last; p++)
		{
			if (!knn->progress(knn->progress_state, done / total))
				return PROPAGATE_STOPPED;
			done += compare_with_block(knn, &scratch, p, first, last);
		}
	}

	for (size_t e = 0; e < (size_t) knn->n * (size_t) knn->k; e++)
		knn->distances[e] = distance_of(knn->metric, knn->distances[e]);
	return PROPAGATE_DONE;
}
