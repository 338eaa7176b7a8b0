/*-------------------------------------------------------------------------
 *
 * nearest_kernel.c
 *	  Which name was meant: "did you mean ...?"
 *
 *-------------------------------------------------------------------------
 */
#include "schema/model_kernel.h"

/* Longer names are compared for equality only. */
#define MAX_COMPARED 48

/* Past so many names, only those that differ in case are found. */
#define MAX_CANDIDATES 10000

static int
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char) c;
}

static bool
same_but_case(const char *a, const char *b)
{
	while (*a && fold(*a) == fold(*b))
		a++, b++;
	return *a == '\0' && *b == '\0';
}

/* The length of a name, or MAX_COMPARED + 1. */
static int
clipped_length(const char *name)
{
	int			length = 0;

	while (length <= MAX_COMPARED && name[length])
		length++;
	return length;
}

static int
smaller(int a, int b)
{
	return a < b ? a : b;
}

/*
 * Edits (insert, delete, replace, swap two neighbours) from a to b, ignoring
 * case: the optimal string alignment distance over bytes.  Some number above
 * "limit" when it is above.
 */
static int
edits(const char *a, int alength, const char *b, int blength, int limit)
{
	int			least = 0;		/* of the row above */

	int			rows[3][MAX_COMPARED + 1];

	for (int j = 0; j <= blength; j++)
		rows[0][j] = j;
	for (int i = 1; i <= alength; i++)
	{
		int		   *row = rows[i % 3];
		const int  *above = rows[(i + 2) % 3];
		const int  *above2 = rows[(i + 1) % 3];

		int			above_least = least;

		row[0] = least = i;
		for (int j = 1; j <= blength; j++)
		{
			int			same = fold(a[i - 1]) == fold(b[j - 1]);

			row[j] = smaller(above[j - 1] + !same,
							 smaller(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
				fold(a[i - 2]) == fold(b[j - 1]))
				row[j] = smaller(row[j], above2[j - 2] + 1);
			least = smaller(least, row[j]);
		}

		/* Only a swap reaches over a row. */
		if (least > limit && above_least > limit)
			return least;
	}
	return rows[alength % 3][blength];
}

const char *
schema_nearest(const char *wanted, int count,
			   const char *(*name) (const void *names, int i),
			   const void *names)
{
	const char *best = NULL;
	int			length = clipped_length(wanted);
	int			best_edits = length < 3 ? 1 : 1 + length / 4;

	for (int i = 0; i < count; i++)
		if (same_but_case(wanted, name(names, i)))
			return name(names, i);
	if (count > MAX_CANDIDATES || length > MAX_COMPARED || length < 2)
		return NULL;
	for (int i = 0; i < count; i++)
	{
		const char *candidate = name(names, i);
		int			other = clipped_length(candidate);
		int			distance;

		if (other > MAX_COMPARED || other < length - best_edits ||
			other > length + best_edits)
			continue;
		distance = edits(wanted, length, candidate, other,
						 best_edits);
		if (distance < best_edits || (best == NULL && distance == best_edits))
		{
			best = candidate;
			best_edits = distance;
		}
	}
	return best;
}

static const char *
label_name(const void *names, int i)
{
	return ((const SchemaLabels *) names)->items[i].name;
}

static const char *
field_name(const void *names, int i)
{
	return ((const SchemaFields *) names)->items[i].name;
}

const char *
schema_nearest_label(const SchemaLabels *labels, const char *wanted)
{
	return schema_nearest(wanted, labels->count, label_name, labels);
}

const char *
schema_nearest_field(const SchemaFields *fields, const char *wanted)
{
	return schema_nearest(wanted, fields->count, field_name, fields);
}
