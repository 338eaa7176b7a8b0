/*-------------------------------------------------------------------------
 *
 * edit_distance_kernel.c
 *	  Levenshtein's distance by bit vectors.
 *
 * In the table of distances of all beginnings of one sequence to all of the
 * other, neighbours differ by -1, 0 or 1.  So a column of 64 of them is two
 * words of bits, and the next column takes a dozen operations on words.  The
 * table is gone through strip by strip: 64 rows (symbols of the pattern, the
 * shorter sequence), all columns (symbols of the text); a strip leaves the
 * differences along its lower edge to the next one.
 *
 *-------------------------------------------------------------------------
 */
#include "base/edit_distance_kernel.h"

#include <stdlib.h>
#include <string.h>

#define STRIP 64

/* Columns between two calls of proceed(). */
#define PROCEED_COLUMNS (1 << 18)

/* The two sequences, and what of the scratch memory is for what. */
typedef struct Table
{
	const uint32_t *pattern;
	size_t		rows;
	const uint32_t *text;
	size_t		columns;
	uint32_t   *symbols;		/* the pattern's different symbols, sorted */
	size_t		nsymbols;
	uint64_t   *where;			/* for each, its places in the strip; then 0 */
	uint32_t   *codes;			/* of the text: index into where */
	int8_t	   *edge;			/* differences along the upper edge */
} Table;


static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}


static size_t
rounded(size_t size)
{
	return (size + 7) & ~(size_t) 7;
}


size_t
edit_distance_memory(size_t length_a, size_t length_b)
{
	size_t		rows = smaller(length_a, length_b);
	size_t		columns = length_a + length_b - rows;

	return (rows + 1) * sizeof(uint64_t) +
		rounded(rows * sizeof(uint32_t)) +
		rounded(columns * sizeof(uint32_t)) + rounded(columns);
}


static void
lay_out(Table *table, char *memory)
{
	table->where = (uint64_t *) memory;
	memory += (table->rows + 1) * sizeof(uint64_t);
	table->symbols = (uint32_t *) memory;
	memory += rounded(table->rows * sizeof(uint32_t));
	table->codes = (uint32_t *) memory;
	memory += rounded(table->columns * sizeof(uint32_t));
	table->edge = (int8_t *) memory;
}


static int
compare_symbols(const void *a, const void *b)
{
	uint32_t	one = *(const uint32_t *) a;
	uint32_t	other = *(const uint32_t *) b;

	return (one > other) - (one < other);
}


/* Index of the symbol among the pattern's, or their number for none. */
static size_t
code_of(const Table *table, uint32_t symbol)
{
	size_t		low = 0;
	size_t		high = table->nsymbols;

	while (low < high)
	{
		size_t		middle = low + (high - low) / 2;

		if (table->symbols[middle] < symbol)
			low = middle + 1;
		else
			high = middle;
	}
	return low < table->nsymbols && table->symbols[low] == symbol
	?			low : table->nsymbols;
}


static void
code_symbols(Table *table)
{
	memcpy(table->symbols, table->pattern, table->rows * sizeof(uint32_t));
	qsort(table->symbols, table->rows, sizeof(uint32_t), compare_symbols);
	table->nsymbols = 0;
	for (size_t i = 0; i < table->rows; i++)
		if (i == 0 || table->symbols[i] != table->symbols[table->nsymbols - 1])
			table->symbols[table->nsymbols++] = table->symbols[i];
	memset(table->where, 0, (table->nsymbols + 1) * sizeof(uint64_t));
	for (size_t i = 0; i < table->columns; i++)
		table->codes[i] = (uint32_t) code_of(table, table->text[i]);
	memset(table->edge, 1, table->columns);
}


/*
 * Goes through columns "from" to "to" of a strip, with the differences down
 * the column in *up (+1) and *down (-1), and leaves those along its last row
 * in edge.
 */
static void
walk_strip(Table *table, size_t from, size_t to, uint64_t last,
		   uint64_t *up, uint64_t *down)
{
	uint64_t	vp = *up;
	uint64_t	vn = *down;

	for (size_t i = from; i < to; i++)
	{
		uint64_t	equal = table->where[table->codes[i]];
		uint64_t	above = table->edge[i] > 0;
		uint64_t	below = table->edge[i] < 0;
		uint64_t	xv = equal | vn;
		uint64_t	xh;
		uint64_t	hp;
		uint64_t	hn;

		equal |= below;
		xh = (((equal & vp) + vp) ^ vp) | equal;
		hp = vn | ~(xh | vp);
		hn = vp & xh;
		table->edge[i] = (int8_t) (((hp & last) != 0) - ((hn & last) != 0));
		hp = (hp << 1) | above;
		hn = (hn << 1) | below;
		vp = hn | ~(xv | hp);
		vn = hp & xv;
	}
	*up = vp;
	*down = vn;
}


static bool
fill(Table *table, EditProceed proceed, void *context)
{
	for (size_t top = 0; top < table->rows; top += STRIP)
	{
		size_t		rows = smaller(table->rows - top, STRIP);
		const uint32_t *pattern = table->pattern + top;
		uint64_t	up = UINT64_MAX;
		uint64_t	down = 0;

		for (size_t i = 0; i < rows; i++)
			table->where[code_of(table, pattern[i])] |= UINT64_C(1) << i;
		for (size_t from = 0; from < table->columns; from += PROCEED_COLUMNS)
		{
			walk_strip(table, from,
					   smaller(table->columns, from + PROCEED_COLUMNS),
					   UINT64_C(1) << (rows - 1), &up, &down);
			if (proceed != NULL && !proceed(context))
				return false;
		}
		for (size_t i = 0; i < rows; i++)
			table->where[code_of(table, pattern[i])] = 0;
	}
	return true;
}


bool
edit_distance(const uint32_t *a, size_t length_a, const uint32_t *b,
			  size_t length_b, void *memory, EditProceed proceed,
			  void *context, size_t *distance)
{
	Table		table;
	int64_t		sum;

	while (length_a > 0 && length_b > 0 && *a == *b)
		a++, b++, length_a--, length_b--;
	while (length_a > 0 && length_b > 0 &&
		   a[length_a - 1] == b[length_b - 1])
		length_a--, length_b--;
	table.pattern = length_a < length_b ? a : b;
	table.rows = smaller(length_a, length_b);
	table.text = length_a < length_b ? b : a;
	table.columns = length_a + length_b - table.rows;
	if (table.rows == 0)
	{
		*distance = table.columns;
		return true;
	}
	lay_out(&table, memory);
	code_symbols(&table);
	if (!fill(&table, proceed, context))
		return false;
	sum = (int64_t) table.rows;
	for (size_t i = 0; i < table.columns; i++)
		sum += table.edge[i];
	*distance = (size_t) sum;
	return true;
}


double
edit_similarity(size_t distance, size_t length_a, size_t length_b)
{
	size_t		longer = length_a > length_b ? length_a : length_b;

	return longer == 0 ? 1 : 1 - (double) distance / (double) longer;
}
