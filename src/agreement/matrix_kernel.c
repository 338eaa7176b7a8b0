/*-------------------------------------------------------------------------
 *
 * matrix_kernel.c
 *	  How often labels met on the same items.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "agreement/matrix_kernel.h"

#define PROCEED_EVERY 65536		/* answers, or pairs of labels */

typedef struct Builder
{
	const AgreementAnswer *answers;
	size_t		count;
	const AgreementHost *host;
	AgreementMatrix *matrix;
	AgreementTally labels;
	AgreementTally pairs;		/* of places of labels */
	AgreementCell *cells;		/* by index in pairs */
	uint32_t	capacity;
	uint64_t	work;			/* steps since the last proceed() */
} Builder;


static AgreementStatus
proceed(Builder *builder, uint64_t steps)
{
	builder->work += steps;
	if (builder->work < PROCEED_EVERY)
		return AGREEMENT_OK;
	builder->work = 0;
	return builder->host->proceed(builder->host->context) ? AGREEMENT_OK
		: AGREEMENT_STOPPED;
}


static size_t
item_end(const Builder *builder, size_t start)
{
	size_t		end = start + 1;

	while (end < builder->count &&
		   builder->answers[end].item == builder->answers[start].item)
		end++;
	return end;
}


/* The end of a run of one label, within an item that ends at "end". */
static size_t
run_end(const Builder *builder, size_t start, size_t end)
{
	size_t		next = start + 1;

	while (next < end &&
		   builder->answers[next].label == builder->answers[start].label)
		next++;
	return next;
}


/* Counts items and answers, and takes the labels in their order. */
static AgreementStatus
take_labels(Builder *builder)
{
	AgreementMatrix *matrix = builder->matrix;
	size_t		end;
	AgreementStatus status = agreement_tally_start(&builder->labels,
												   builder->host);

	for (size_t start = 0; start < builder->count; start = end)
	{
		size_t		next;

		end = item_end(builder, start);
		for (size_t i = start; i < end && status == AGREEMENT_OK; i = next)
		{
			next = run_end(builder, i, end);
			status = agreement_tally_add(&builder->labels, builder->host,
										 builder->answers[i].label, 0,
										 end - start > 1 ? next - i : 0,
										 NULL);
		}
		if (status == AGREEMENT_OK)
			status = proceed(builder, end - start);
		if (status != AGREEMENT_OK)
			return status;
		matrix->items++;
		matrix->answers += end - start;
		matrix->shared_items += end - start > 1;
		matrix->shared_answers += end - start > 1 ? end - start : 0;
	}
	return status == AGREEMENT_OK
		? agreement_tally_sort(&builder->labels, builder->host) : status;
}


static AgreementStatus
make_vectors(Builder *builder)
{
	AgreementMatrix *matrix = builder->matrix;
	const AgreementHost *host = builder->host;
	size_t		count = builder->labels.used;

	matrix->labels = host->allocate(host->context, sizeof(uint64_t) * count);
	matrix->shared = host->allocate(host->context, sizeof(uint64_t) * count);
	matrix->shares = host->allocate(host->context, sizeof(ExactSum) * count);
	if (matrix->labels == NULL || matrix->shared == NULL ||
		matrix->shares == NULL)
		return AGREEMENT_NO_MEMORY;
	matrix->nlabels = (uint32_t) count;
	for (uint32_t k = 0; k < count; k++)
	{
		matrix->labels[k] = builder->labels.entries[k].a;
		matrix->shared[k] = builder->labels.entries[k].count;
	}
	return AGREEMENT_OK;
}


/* Makes room for as many cells as there may be pairs. */
static AgreementStatus
reserve_cells(Builder *builder)
{
	const AgreementHost *host = builder->host;
	AgreementCell *cells;

	if (builder->pairs.capacity <= builder->capacity)
		return AGREEMENT_OK;
	cells = host->allocate(host->context,
						   sizeof(AgreementCell) * builder->pairs.capacity);
	if (cells == NULL)
		return AGREEMENT_NO_MEMORY;
	if (builder->cells != NULL)
	{
		memcpy(cells, builder->cells,
			   sizeof(AgreementCell) * builder->capacity);
		host->release(host->context, builder->cells);
	}
	builder->cells = cells;
	builder->capacity = builder->pairs.capacity;
	return AGREEMENT_OK;
}


/* Labels k and l met "pairs" times on an item with so many answers. */
static AgreementStatus
add_pairs(Builder *builder, uint32_t k, uint32_t l, double pairs,
		  double answers)
{
	uint32_t	index;
	AgreementStatus status = agreement_tally_add(&builder->pairs,
												 builder->host, k, l, 1,
												 &index);

	if (status == AGREEMENT_OK)
		status = reserve_cells(builder);
	if (status != AGREEMENT_OK)
		return status;
	builder->cells[index].k = k;
	builder->cells[index].l = l;
	exact_add(&builder->cells[index].agreement,
			  exact_fraction(pairs / (answers * (answers - 1))));
	exact_add(&builder->cells[index].alpha,
			  exact_fraction(pairs / (answers - 1)));
	return AGREEMENT_OK;
}


/* One label's run within its item, against itself and those after it. */
static AgreementStatus
add_run(Builder *builder, size_t start, size_t next, size_t first, size_t end)
{
	const AgreementAnswer *answers = builder->answers;
	uint32_t	k = agreement_tally_find(&builder->labels,
										 answers[start].label, 0);
	double		same = (double) (next - start);
	double		all = (double) (end - first);
	uint64_t	runs = 1;
	AgreementStatus status = AGREEMENT_OK;

	exact_add(&builder->matrix->shares[k], exact_fraction(same / all));
	if (same > 1)
		status = add_pairs(builder, k, k, same * (same - 1), all);
	for (size_t j = next, after; j < end && status == AGREEMENT_OK;
		 j = after, runs++)
	{
		after = run_end(builder, j, end);
		status = add_pairs(builder, k,
						   agreement_tally_find(&builder->labels,
												answers[j].label, 0),
						   same * (double) (after - j), all);
	}
	return status == AGREEMENT_OK ? proceed(builder, runs) : status;
}


static AgreementStatus
take_cells(Builder *builder)
{
	size_t		end;
	AgreementStatus status = agreement_tally_start(&builder->pairs,
												   builder->host);

	if (status == AGREEMENT_OK)
		status = reserve_cells(builder);
	for (size_t start = 0; start < builder->count; start = end)
	{
		size_t		next;

		end = item_end(builder, start);
		for (size_t i = start; i < end && status == AGREEMENT_OK; i = next)
		{
			next = run_end(builder, i, end);
			status = add_run(builder, i, next, start, end);
		}
		if (status != AGREEMENT_OK)
			return status;
	}
	return status;
}


/* Cells in the order of their labels. */
static AgreementStatus
order_cells(Builder *builder)
{
	AgreementMatrix *matrix = builder->matrix;
	const AgreementHost *host = builder->host;
	AgreementTally *pairs = &builder->pairs;
	AgreementStatus status;

	for (uint32_t i = 0; i < pairs->used; i++)
		pairs->entries[i].count = i;
	status = agreement_tally_sort(pairs, host);
	if (status != AGREEMENT_OK)
		return status;
	matrix->cells = host->allocate(host->context, sizeof(AgreementCell) *
								   (pairs->used > 0 ? pairs->used : 1));
	if (matrix->cells == NULL)
		return AGREEMENT_NO_MEMORY;
	matrix->ncells = pairs->used;
	for (uint32_t i = 0; i < pairs->used; i++)
		matrix->cells[i] = builder->cells[pairs->entries[i].count];
	return AGREEMENT_OK;
}


AgreementStatus
agreement_matrix(const AgreementAnswer *answers, size_t count,
				 const AgreementHost *host, AgreementMatrix *matrix)
{
	Builder		builder = {.answers = answers, .count = count, .host = host,
	.matrix = matrix};
	AgreementStatus status;

	memset(matrix, 0, sizeof(*matrix));
	if (count == 0)
		return AGREEMENT_OK;
	status = take_labels(&builder);
	if (status == AGREEMENT_OK)
		status = make_vectors(&builder);
	if (status == AGREEMENT_OK)
		status = take_cells(&builder);
	if (status == AGREEMENT_OK)
		status = order_cells(&builder);
	if (builder.cells != NULL)
		host->release(host->context, builder.cells);
	agreement_tally_end(&builder.labels, host);
	agreement_tally_end(&builder.pairs, host);
	return status;
}


void
agreement_matrix_end(AgreementMatrix *matrix, const AgreementHost *host)
{
	if (matrix->labels != NULL)
		host->release(host->context, matrix->labels);
	if (matrix->shared != NULL)
		host->release(host->context, matrix->shared);
	if (matrix->shares != NULL)
		host->release(host->context, matrix->shares);
	if (matrix->cells != NULL)
		host->release(host->context, matrix->cells);
	memset(matrix, 0, sizeof(*matrix));
}
