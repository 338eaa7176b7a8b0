/*-------------------------------------------------------------------------
 *
 * solve_kernel.c
 *	  What seeds say about every point of a graph: label spreading and
 *	  Poisson learning.
 *
 * Both are one linear system for each class with the same matrix,
 * I - a S with S = D^-1/2 W D^-1/2: a = alpha for spreading, a = 1 for the
 * Laplacian of Poisson learning, scaled on both sides.  It is symmetric and
 * positive (semi)definite, so conjugate gradients solve it: at alpha = 0.99
 * in a tenth of the steps that the fixed-point iteration takes.  Eight
 * classes are solved side by side, so that a link of the graph is read once
 * for the eight, and a point's eight values are one cache line.
 *
 *-------------------------------------------------------------------------
 */
#include "propagate/solve_kernel.h"

#include <math.h>
#include <string.h>

/* Classes that are solved side by side. */
#define WIDTH 8

/*
 * Spreading scores that are smaller than this many tolerances against their
 * class's largest are taken for the solver's error.
 */
#define ERROR_TOLERANCES 1e3
#define MOST_ERROR 1e-3

typedef double Lane[WIDTH];

/* The scratch memory, laid out. */
typedef struct Scratch
{
	Lane	   *x;				/* n: the solution */
	Lane	   *residual;		/* n */
	Lane	   *direction;		/* n */
	Lane	   *image;			/* n: the matrix times direction */
	double	   *root;			/* n: 1 / sqrt(degree), 0 without links */
	double	   *part_sum;		/* nparts */
	double	   *part_total;		/* nparts */
	double	   *largest;		/* nclasses */
	int32_t    *part_mark;		/* nparts */
} Scratch;


static Scratch
lay_out(const PropagateSystem *system)
{
	size_t		n = (size_t) system->graph->n;
	Scratch		scratch;

	scratch.x = system->work;
	scratch.residual = scratch.x + n;
	scratch.direction = scratch.residual + n;
	scratch.image = scratch.direction + n;
	scratch.root = (double *) (scratch.image + n);
	scratch.part_sum = scratch.root + n;
	scratch.part_total = scratch.part_sum + system->nparts;
	scratch.largest = scratch.part_total + system->nparts;
	scratch.part_mark = (int32_t *) (scratch.largest + system->nclasses);
	return scratch;
}


size_t
propagate_solve_memory(int32_t n, int32_t nparts, int32_t nclasses)
{
	return (size_t) n * (4 * sizeof(Lane) + sizeof(double)) +
		(size_t) nparts * (2 * sizeof(double) + sizeof(int32_t)) +
		(size_t) nclasses * sizeof(double);
}


static double
degree(const PropagateGraph *graph, int32_t i)
{
	double		sum = 0.0;

	for (size_t l = graph->start[i]; l < graph->start[i + 1]; l++)
		sum += graph->links[l].weight;
	return sum;
}


/* ---- the right-hand sides ----------------------------------------------- */

static void
spreading_source(const PropagateSystem *system, Scratch *scratch,
				 int32_t first)
{
	const PropagateSeeds *seeds = system->seeds;

	memset(scratch->residual, 0, sizeof(Lane) * (size_t) system->graph->n);
	for (size_t s = 0; s < seeds->count; s++)
	{
		int32_t		lane = seeds->label[s] - first;

		if (lane >= 0 && lane < WIDTH)
			scratch->residual[seeds->point[s]][lane] += seeds->weight[s];
	}
}


/* A class's share of the seeds' weight, in each part that has seeds. */
static void
class_shares(const PropagateSystem *system, Scratch *scratch, int32_t label)
{
	const PropagateSeeds *seeds = system->seeds;

	memset(scratch->part_sum, 0, sizeof(double) * (size_t) system->nparts);
	memset(scratch->part_total, 0, sizeof(double) * (size_t) system->nparts);
	for (size_t s = 0; s < seeds->count; s++)
	{
		int32_t		part = system->part[seeds->point[s]];

		scratch->part_total[part] += seeds->weight[s];
		if (seeds->label[s] == label)
			scratch->part_sum[part] += seeds->weight[s];
	}
	for (int32_t part = 0; part < system->nparts; part++)
		if (scratch->part_total[part] > 0.0)
			scratch->part_sum[part] /= scratch->part_total[part];
}


/* Seeds pull towards their class as much as the part's seeds do on average. */
static void
poisson_source(const PropagateSystem *system, Scratch *scratch, int32_t first)
{
	const PropagateSeeds *seeds = system->seeds;

	memset(scratch->residual, 0, sizeof(Lane) * (size_t) system->graph->n);
	for (int32_t lane = 0; lane < WIDTH; lane++)
	{
		int32_t		label = first + lane;

		if (label >= system->nclasses)
			break;
		class_shares(system, scratch, label);
		for (size_t s = 0; s < seeds->count; s++)
		{
			int32_t		i = seeds->point[s];
			double		share = scratch->part_sum[system->part[i]];
			double		own = seeds->label[s] == label ? 1.0 : 0.0;

			scratch->residual[i][lane] += scratch->root[i] *
				seeds->weight[s] * (own - share);
		}
	}
}


/* ---- conjugate gradients ------------------------------------------------ */

/* image = (I - a S) direction; along = direction . image */
static void
apply_matrix(const PropagateGraph *graph, Scratch *scratch, double a,
			 double *restrict along)
{
	const double *root = scratch->root;

	memset(along, 0, sizeof(Lane));
	for (int32_t i = 0; i < graph->n; i++)
	{
		const double *own = scratch->direction[i];
		double	   *image = scratch->image[i];
		Lane		sum = {0};

		for (size_t l = graph->start[i]; l < graph->start[i + 1]; l++)
		{
			const PropagateLink *link = &graph->links[l];
			const double *other = scratch->direction[link->target];
			double		weight = link->weight * root[link->target];

			for (int c = 0; c < WIDTH; c++)
				sum[c] += weight * other[c];
		}
		for (int c = 0; c < WIDTH; c++)
		{
			image[c] = own[c] - a * root[i] * sum[c];
			along[c] += own[c] * image[c];
		}
	}
}


/* x += step direction, residual -= step image; square = |residual|^2 */
static void
take_step(int32_t n, Scratch *scratch, const double *restrict step,
		  double *restrict square)
{
	memset(square, 0, sizeof(Lane));
	for (int32_t i = 0; i < n; i++)
	{
		double	   *x = scratch->x[i];
		double	   *residual = scratch->residual[i];
		const double *direction = scratch->direction[i];
		const double *image = scratch->image[i];

		for (int c = 0; c < WIDTH; c++)
		{
			x[c] += step[c] * direction[c];
			residual[c] -= step[c] * image[c];
			square[c] += residual[c] * residual[c];
		}
	}
}


/* direction = residual + turn direction */
static void
turn(int32_t n, Scratch *scratch, const double *restrict turn)
{
	for (int32_t i = 0; i < n; i++)
	{
		double	   *direction = scratch->direction[i];
		const double *residual = scratch->residual[i];

		for (int c = 0; c < WIDTH; c++)
			direction[c] = residual[c] + turn[c] * direction[c];
	}
}


/*
 * Where a class stands.  Returns whether it has further to go, and notes in
 * the system how far it got.
 */
static bool
unfinished(PropagateSystem *system, double square, double first_square,
		   double *worst)
{
	double		residual = first_square > 0.0 ? sqrt(square / first_square)
		: 0.0;

	if (residual > *worst)
		*worst = residual;
	return residual > system->tolerance;
}


/* Solves for the right-hand sides in scratch->residual, into scratch->x. */
static PropagateStatus
solve_lanes(PropagateSystem *system, Scratch *scratch, double a,
			double done, double share)
{
	int32_t		n = system->graph->n;
	int32_t		iteration = 0;
	double		worst = 0.0;
	bool		going = false;
	Lane		zero = {0};
	Lane		along;
	Lane		step;
	Lane		square;
	Lane		next;
	Lane		first;

	memset(scratch->x, 0, sizeof(Lane) * (size_t) n);
	memset(scratch->image, 0, sizeof(Lane) * (size_t) n);
	memcpy(scratch->direction, scratch->residual, sizeof(Lane) * (size_t) n);
	take_step(n, scratch, zero, first);
	memcpy(square, first, sizeof(Lane));
	for (int c = 0; c < WIDTH; c++)
		going |= unfinished(system, square[c], first[c], &worst);

	for (; going && iteration < system->max_iter; iteration++)
	{
		if (!system->progress(system->progress_state,
							  done + share * iteration / system->max_iter))
			return PROPAGATE_STOPPED;
		apply_matrix(system->graph, scratch, a, along);
		for (int c = 0; c < WIDTH; c++)
			step[c] = along[c] > 0.0 &&
				square[c] > system->tolerance * system->tolerance * first[c]
				? square[c] / along[c] : 0.0;
		take_step(n, scratch, step, next);
		going = false;
		worst = 0.0;
		for (int c = 0; c < WIDTH; c++)
		{
			going |= unfinished(system, next[c], first[c], &worst);
			along[c] = step[c] > 0.0 ? next[c] / square[c] : 0.0;
		}
		memcpy(square, next, sizeof(Lane));
		turn(n, scratch, along);
	}
	if (iteration > system->iterations)
		system->iterations = iteration;
	if (worst > system->residual)
		system->residual = worst;
	return PROPAGATE_DONE;
}


/* ---- from solutions to scores ------------------------------------------- */

static void
keep_spreading(const PropagateSystem *system, const Scratch *scratch,
			   int32_t first)
{
	for (int32_t i = 0; i < system->graph->n; i++)
	{
		double	   *scores = system->scores +
			(size_t) i * (size_t) system->nclasses;

		for (int32_t c = first; c < system->nclasses && c < first + WIDTH; c++)
			scores[c] = scratch->x[i][c - first] > 0.0
				? scratch->x[i][c - first] : 0.0;
	}
}


/* Undoes the scaling and takes out each part's mean, weighted by degree. */
static void
keep_poisson(const PropagateSystem *system, Scratch *scratch, int32_t first)
{
	int32_t		n = system->graph->n;

	for (int32_t c = first; c < system->nclasses && c < first + WIDTH; c++)
	{
		memset(scratch->part_sum, 0,
			   sizeof(double) * (size_t) system->nparts);
		memset(scratch->part_total, 0,
			   sizeof(double) * (size_t) system->nparts);
		for (int32_t i = 0; i < n; i++)
		{
			double		root = scratch->root[i];

			if (root <= 0.0)
				continue;
			scratch->part_sum[system->part[i]] +=
				scratch->x[i][c - first] / root;
			scratch->part_total[system->part[i]] += 1.0 / (root * root);
		}
		for (int32_t i = 0; i < n; i++)
		{
			double		total = scratch->part_total[system->part[i]];

			system->scores[(size_t) i * (size_t) system->nclasses + (size_t) c] =
				total > 0.0 ? scratch->x[i][c - first] * scratch->root[i] -
				scratch->part_sum[system->part[i]] / total : 0.0;
		}
	}
}


/* The mean of the neighbours that lie in nearer layers, by weight. */
static void
copy_from_nearer(const PropagateSystem *system, const int32_t *layer,
				 int32_t i)
{
	const PropagateGraph *graph = system->graph;
	size_t		nclasses = (size_t) system->nclasses;
	double	   *own = system->scores + (size_t) i * nclasses;
	double		total = 0.0;

	memset(own, 0, sizeof(double) * nclasses);
	for (size_t l = graph->start[i]; l < graph->start[i + 1]; l++)
	{
		int32_t		j = graph->links[l].target;
		double		weight = graph->links[l].weight;
		const double *other = system->scores + (size_t) j * nclasses;

		if (layer[j] < 0 || layer[j] >= layer[i])
			continue;
		total += weight;
		for (size_t c = 0; c < nclasses; c++)
			own[c] += weight * other[c];
	}
	for (size_t c = 0; c < nclasses; c++)
		own[c] /= total;
}


/* Is a point's score more than the solver's error? */
static bool
is_determined(const PropagateSystem *system, const double *largest, int32_t i)
{
	const double *own = system->scores +
		(size_t) i * (size_t) system->nclasses;
	double		error = system->tolerance * ERROR_TOLERANCES;

	if (error > MOST_ERROR)
		error = MOST_ERROR;
	for (int32_t c = 0; c < system->nclasses; c++)
		if (own[c] > error * largest[c])
			return true;
	return false;
}


/* Scores for points that no seed reaches measurably: layer by layer. */
static void
fill_outwards(const PropagateSystem *system, Scratch *scratch)
{
	const PropagateGraph *graph = system->graph;
	int32_t    *layer = (int32_t *) scratch->residual;
	int32_t    *queue = (int32_t *) scratch->direction;
	int32_t		queued = 0;
	int32_t		determined;
	double	   *largest = scratch->largest;

	for (int32_t c = 0; c < system->nclasses; c++)
		largest[c] = 0.0;
	for (int32_t i = 0; i < graph->n; i++)
		for (int32_t c = 0; c < system->nclasses; c++)
			largest[c] = fmax(largest[c],
							  system->scores[(size_t) i * (size_t) system->nclasses + (size_t) c]);

	for (int32_t i = 0; i < graph->n; i++)
	{
		layer[i] = is_determined(system, largest, i) ? 0 : -1;
		if (layer[i] == 0)
			queue[queued++] = i;
	}
	determined = queued;
	for (int32_t at = 0; at < queued; at++)
	{
		int32_t		i = queue[at];

		if (at >= determined)
			copy_from_nearer(system, layer, i);
		for (size_t l = graph->start[i]; l < graph->start[i + 1]; l++)
		{
			int32_t		j = graph->links[l].target;

			if (layer[j] >= 0)
				continue;
			layer[j] = layer[i] + 1;
			queue[queued++] = j;
		}
	}
}


/* A class cannot be told where no seed of it is connected. */
static void
mark_absent(const PropagateSystem *system, Scratch *scratch)
{
	const PropagateSeeds *seeds = system->seeds;

	for (int32_t part = 0; part < system->nparts; part++)
		scratch->part_mark[part] = -1;
	for (int32_t c = 0; c < system->nclasses; c++)
	{
		for (size_t s = 0; s < seeds->count; s++)
			if (seeds->label[s] == c)
				scratch->part_mark[system->part[seeds->point[s]]] = c;
		for (int32_t i = 0; i < system->graph->n; i++)
			if (scratch->part_mark[system->part[i]] != c)
				system->scores[(size_t) i * (size_t) system->nclasses + (size_t) c] =
					-INFINITY;
	}
}


PropagateStatus
propagate_solve(PropagateSystem *system)
{
	Scratch		scratch = lay_out(system);
	bool		spreading = system->method == PROPAGATE_SPREADING;
	double		share = (double) WIDTH / (system->nclasses + WIDTH - 1);

	system->iterations = 0;
	system->residual = 0.0;
	for (int32_t i = 0; i < system->graph->n; i++)
	{
		double		sum = degree(system->graph, i);

		scratch.root[i] = sum > 0.0 ? 1.0 / sqrt(sum) : 0.0;
	}

	for (int32_t first = 0; first < system->nclasses; first += WIDTH)
	{
		if (spreading)
			spreading_source(system, &scratch, first);
		else
			poisson_source(system, &scratch, first);
		if (solve_lanes(system, &scratch, spreading ? system->alpha : 1.0,
						share * (first / WIDTH), share) != PROPAGATE_DONE)
			return PROPAGATE_STOPPED;
		if (spreading)
			keep_spreading(system, &scratch, first);
		else
			keep_poisson(system, &scratch, first);
	}

	if (spreading)
		fill_outwards(system, &scratch);
	mark_absent(system, &scratch);
	return PROPAGATE_DONE;
}
