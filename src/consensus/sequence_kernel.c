/*-------------------------------------------------------------------------
 *
 * sequence_kernel.c
 *	  The medoid by edit distance, and ROVER's votes on aligned words.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/sequence_kernel.h"

#include <string.h>

#define TIE 1e-9

/*
 * The cost of an edit.  Of alignments of as many edits, that with the fewest
 * symbols replaced by others is taken, i.e. with the most in common.
 */
#define EDIT ((uint64_t) 1 << 32)

/* A slot has no symbol of this sequence. */
#define NOTHING UINT32_MAX

/* How an alignment came to a place. */
enum
{
	BOTH,						/* a slot takes a symbol */
	SLOT,						/* a slot takes none */
	SYMBOL						/* a symbol gets a slot of its own */
};

/* Sequences side by side: row t has sequence t's symbol in each slot. */
typedef struct Network
{
	const Sequence *sequences;
	int			n;
	size_t		most;			/* slots that there is room for */
	size_t		slots;
	uint32_t   *cells;			/* n x most */
	uint32_t   *next;			/* the same, to be filled */
	uint64_t   *cost;			/* 2 x (longest + 1) */
	char	   *came;			/* (most + 1) x (longest + 1) */
	char	   *path;			/* most + longest */
	int		   *placed;			/* sequences that are in */
	int			nplaced;
} Network;


bool
sequence_medoid(const Sequence *sequences, int n, double *distance,
				void *work, EditProceed proceed, void *context,
				int *medoid, double *similarity)
{
	double		total = 0.0;

	for (int a = 0; a < n; a++)
	{
		distance[a] = 0.0;
		total += sequences[a].weight;
	}
	for (int a = 0; a < n; a++)
		for (int b = a + 1; b < n; b++)
		{
			const Sequence *x = &sequences[a];
			const Sequence *y = &sequences[b];
			size_t		edits;
			double		far;

			if (!edit_distance(x->symbols, x->length, y->symbols, y->length,
							   work, proceed, context, &edits))
				return false;
			far = 1.0 - edit_similarity(edits, x->length, y->length);
			distance[a] += far * (total > 0.0 ? y->weight : 1.0);
			distance[b] += far * (total > 0.0 ? x->weight : 1.0);
		}
	*medoid = 0;
	for (int a = 1; a < n; a++)
		if (distance[a] < distance[*medoid] - TIE)
			*medoid = a;
	*similarity = 1.0 - distance[*medoid] / (total > 0.0 ? total : n);
	return true;
}


/* ---- ROVER -------------------------------------------------------------- */

static void
measure(const Sequence *sequences, int n, size_t *all, size_t *longest)
{
	*all = *longest = 0;
	for (int t = 0; t < n; t++)
	{
		*all += sequences[t].length;
		if (sequences[t].length > *longest)
			*longest = sequences[t].length;
	}
}


size_t
sequence_rover_memory(const Sequence *sequences, int n)
{
	size_t		all;
	size_t		longest;
	double		bytes;

	measure(sequences, n, &all, &longest);
	bytes = 8.0 * n * (double) all + 4.0 * n + 16.0 * ((double) longest + 1) +
		((double) all + 1) * ((double) longest + 1) +
		(double) (all + longest) + 64.0;
	return bytes < 9e15 ? (size_t) bytes : SIZE_MAX;
}


static bool
slot_has(const Network *of, size_t slot, uint32_t symbol)
{
	for (int p = 0; p < of->nplaced; p++)
		if (of->cells[(size_t) of->placed[p] * of->most + slot] == symbol)
			return true;
	return false;
}


/* Fills of->came for one more sequence; false when it is to stop. */
static bool
align(Network *of, const Sequence *sequence, EditProceed proceed,
	  void *context)
{
	size_t		width = sequence->length + 1;
	uint64_t   *last = of->cost;
	uint64_t   *now = of->cost + width;

	for (size_t w = 0; w < width; w++)
	{
		last[w] = w * EDIT;
		of->came[w] = SYMBOL;
	}
	for (size_t s = 1; s <= of->slots; s++)
	{
		char	   *came = of->came + s * width;
		uint64_t   *swap;

		if (proceed != NULL && !proceed(context))
			return false;
		now[0] = s * EDIT;
		came[0] = SLOT;
		for (size_t w = 1; w < width; w++)
		{
			uint64_t	both = last[w - 1] +
				(slot_has(of, s - 1, sequence->symbols[w - 1])
			 ? 0 : EDIT + 1);

			now[w] = both;
			came[w] = BOTH;
			if (last[w] + EDIT < now[w])
			{
				now[w] = last[w] + EDIT;
				came[w] = SLOT;
			}
			if (now[w - 1] + EDIT < now[w])
			{
				now[w] = now[w - 1] + EDIT;
				came[w] = SYMBOL;
			}
		}
		swap = last;
		last = now;
		now = swap;
	}
	return true;
}


/* The steps of the alignment, first to last; returns how many. */
static size_t
walk_back(Network *of, const Sequence *sequence)
{
	size_t		width = sequence->length + 1;
	size_t		s = of->slots;
	size_t		w = sequence->length;
	size_t		steps = 0;

	while (s > 0 || w > 0)
	{
		char		step = of->came[s * width + w];

		of->path[steps++] = step;
		s -= step != SYMBOL;
		w -= step != SLOT;
	}
	for (size_t i = 0; i < steps / 2; i++)
	{
		char		step = of->path[i];

		of->path[i] = of->path[steps - 1 - i];
		of->path[steps - 1 - i] = step;
	}
	return steps;
}


/* Puts a sequence into the network along the path. */
static void
place(Network *of, int t, size_t steps)
{
	const Sequence *sequence = &of->sequences[t];
	uint32_t   *swap = of->cells;
	size_t		s = 0;
	size_t		w = 0;

	for (size_t i = 0; i < steps; i++)
	{
		for (int p = 0; p < of->nplaced; p++)
		{
			size_t		row = (size_t) of->placed[p] * of->most;

			of->next[row + i] = of->path[i] == SYMBOL ? NOTHING
				: of->cells[row + s];
		}
		of->next[(size_t) t * of->most + i] = of->path[i] == SLOT ? NOTHING
			: sequence->symbols[w];
		s += of->path[i] != SYMBOL;
		w += of->path[i] != SLOT;
	}
	of->cells = of->next;
	of->next = swap;
	of->slots = steps;
	of->placed[of->nplaced++] = t;
}


static double
weight_of(const Network *of, double total, int t)
{
	return total > 0.0 ? of->sequences[t].weight / total : 1.0 / of->n;
}


/* A slot's winner and its share. */
static uint32_t
vote(const Network *of, int first, size_t slot, double total, double *share)
{
	uint32_t	best = NOTHING;
	uint32_t	own = of->cells[(size_t) first * of->most + slot];

	*share = -1.0;
	for (int t = 0; t < of->n; t++)
	{
		uint32_t symbol = of->cells[(size_t) t * of->most + slot];
		double		sum = 0.0;

		for (int u = 0; u < of->n; u++)
			if (of->cells[(size_t) u * of->most + slot] == symbol)
				sum += weight_of(of, total, u);
		/* NOTHING is the largest of all symbols */
		if (sum > *share + TIE ||
			(sum > *share - TIE && best != own &&
			 (symbol == own || symbol <best)))
		{
			best = symbol;

			*share = sum;
		}
	}
	return best;
}


bool
sequence_rover(const Sequence *sequences, int n, int first, void *work,
			   EditProceed proceed, void *context, uint32_t *out,
			   size_t *length, double *share)
{
	Network		of = {.sequences = sequences, .n = n};
	size_t		longest;
	double		total = 0.0;

	measure(sequences, n, &of.most, &longest);
	of.cells = work;
	of.next = of.cells + (size_t) n * of.most;
	of.cost = (uint64_t *) (of.next + (size_t) n * of.most);
	of.placed = (int *) (of.cost + 2 * (longest + 1));
	of.came = (char *) (of.placed + n);
	of.path = of.came + (of.most + 1) * (longest + 1);
	for (int i = 0; i < n; i++)
	{
		int			t = i == 0 ? first : i <= first ? i - 1 : i;

		total += sequences[t].weight;
		if (!align(&of, &sequences[t], proceed, context))
			return false;
		place(&of, t, walk_back(&of, &sequences[t]));
	}
	*length = 0;
	*share = of.slots > 0 ? 0.0 : 1.0;
	for (size_t s = 0; s < of.slots; s++)
	{
		double		won;
		uint32_t symbol = vote(&of, first, s, total, &won);

		if (symbol !=NOTHING)
			out[(*length)++] = symbol;

		*share += won / (double) of.slots;
	}
	return true;
}
