/*-------------------------------------------------------------------------
 *
 * state_kernel.c
 *	  Merge matrices of agreement whose labels have names.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "agreement/state_kernel.h"

/* Not that of labels or of other hashes of items. */
#define SKETCH_SALT UINT64_C(0x736b657463686573)

/* A label of one of the parts. */
typedef struct PartLabel
{
	AgreementLabel label;
	uint32_t	part;
	uint32_t	index;
} PartLabel;

typedef struct Merger
{
	AgreementState *const *parts;
	int			nparts;
	const AgreementHost *host;
	AgreementState *state;
	PartLabel  *labels;
	size_t		nlabels;
	uint32_t  **places;			/* by part and index */
} Merger;


void
agreement_state_item(AgreementState *state, uint64_t item)
{
	uint64_t	hash = agreement_hash_next(SKETCH_SALT, item);
	uint32_t	at = state->nsketch;

	if (at == AGREEMENT_SKETCH && hash >= state->sketch[at - 1])
		return;
	while (at > 0 && state->sketch[at - 1] > hash)
		at--;
	if (at > 0 && state->sketch[at - 1] == hash)
		return;
	if (state->nsketch < AGREEMENT_SKETCH)
		state->nsketch++;
	memmove(&state->sketch[at + 1], &state->sketch[at],
			sizeof(uint64_t) * (state->nsketch - 1 - at));
	state->sketch[at] = hash;
}


/* ---- labels ------------------------------------------------------------- */

static int
compare_texts(const AgreementLabel *a, const AgreementLabel *b)
{
	size_t		length = a->length < b->length ? a->length : b->length;
	int			compared = length > 0 ? memcmp(a->text, b->text, length) : 0;

	return compared != 0 ? compared
		: (a->length > b->length) - (a->length < b->length);
}


static int
compare_text(const void *left, const void *right)
{
	const PartLabel *a = left;
	const PartLabel *b = right;

	return compare_texts(&a->label, &b->label);
}


static int
compare_label(const void *left, const void *right)
{
	const AgreementLabel *a = &((const PartLabel *) left)->label;
	const AgreementLabel *b = &((const PartLabel *) right)->label;

	if (a->numbered != b->numbered)
		return a->numbered ? 1 : -1;
	if (a->key != b->key)
		return a->key > b->key ? 1 : -1;
	return compare_texts(a, b);
}


static AgreementStatus
collect_labels(Merger *merger)
{
	const AgreementHost *host = merger->host;
	size_t		all = 0;

	for (int p = 0; p < merger->nparts; p++)
		all += merger->parts[p]->matrix.nlabels;
	merger->labels = host->allocate(host->context,
									sizeof(PartLabel) * (all + 1));
	merger->places = host->allocate(host->context,
									sizeof(uint32_t *) * (merger->nparts + 1));
	if (merger->labels == NULL || merger->places == NULL)
		return AGREEMENT_NO_MEMORY;
	for (int p = 0; p < merger->nparts; p++)
	{
		uint32_t	count = merger->parts[p]->matrix.nlabels;

		merger->places[p] = host->allocate(host->context,
										   sizeof(uint32_t) * (count + 1));
		if (merger->places[p] == NULL)
			return AGREEMENT_NO_MEMORY;
		for (uint32_t k = 0; k < count; k++)
			merger->labels[merger->nlabels++] = (PartLabel)
		{
			merger->parts[p]->labels[k], (uint32_t) p, k
		};
	}
	return AGREEMENT_OK;
}


/* Does one text stand for two numbers? */
static bool
renumbered(Merger *merger, AgreementLabel *label)
{
	PartLabel  *labels = merger->labels;

	qsort(labels, merger->nlabels, sizeof(PartLabel), compare_text);
	for (size_t i = 1; i < merger->nlabels; i++)
		if (compare_text(&labels[i - 1], &labels[i]) == 0 &&
			compare_label(&labels[i - 1], &labels[i]) != 0)
		{
			*label = labels[i].label;
			return true;
		}
	return false;
}


/* Gives each label its place, and sums up what is kept by label. */
static AgreementStatus
merge_labels(Merger *merger)
{
	const AgreementHost *host = merger->host;
	AgreementState *state = merger->state;
	AgreementMatrix *matrix = &state->matrix;
	size_t		count = merger->nlabels + 1;

	qsort(merger->labels, merger->nlabels, sizeof(PartLabel), compare_label);
	state->labels = host->allocate(host->context,
								   sizeof(AgreementLabel) * count);
	matrix->labels = host->allocate(host->context, sizeof(uint64_t) * count);
	matrix->shared = host->allocate(host->context, sizeof(uint64_t) * count);
	matrix->shares = host->allocate(host->context, sizeof(ExactSum) * count);
	if (state->labels == NULL || matrix->labels == NULL ||
		matrix->shared == NULL || matrix->shares == NULL)
		return AGREEMENT_NO_MEMORY;
	for (size_t i = 0; i < merger->nlabels; i++)
	{
		const PartLabel *label = &merger->labels[i];
		const AgreementMatrix *part = &merger->parts[label->part]->matrix;
		uint32_t	place;

		if (i == 0 || compare_label(label - 1, label) != 0)
			matrix->nlabels++;
		place = matrix->nlabels - 1;
		state->labels[place] = label->label;
		matrix->labels[place] = label->label.key;
		matrix->shared[place] += part->shared[label->index];
		exact_add(&matrix->shares[place], part->shares[label->index]);
		merger->places[label->part][label->index] = place;
	}
	return AGREEMENT_OK;
}


/* ---- cells -------------------------------------------------------------- */

/* All parts' cells under their new places, in order. */
static AgreementStatus
order_cells(const Merger *merger, AgreementCell *cells,
			AgreementAnswer *order)
{
	uint64_t	used = 0;

	for (int p = 0; p < merger->nparts; p++)
	{
		const AgreementMatrix *part = &merger->parts[p]->matrix;

		for (uint64_t i = 0; i < part->ncells; i++)
		{
			AgreementCell cell = part->cells[i];
			uint32_t	k = merger->places[p][cell.k];
			uint32_t	l = merger->places[p][cell.l];

			cell.k = k < l ? k : l;
			cell.l = k < l ? l : k;
			order[used] = (AgreementAnswer)
			{
				(uint64_t) cell.k << 32 | cell.l, used
			};
			cells[used++] = cell;
		}
	}
	return agreement_sort(order, used, merger->host);
}


static AgreementStatus
merge_cells(Merger *merger)
{
	const AgreementHost *host = merger->host;
	AgreementMatrix *matrix = &merger->state->matrix;
	uint64_t	all = 0;
	AgreementCell *cells;
	AgreementAnswer *order;
	AgreementStatus status = AGREEMENT_NO_MEMORY;

	for (int p = 0; p < merger->nparts; p++)
		all += merger->parts[p]->matrix.ncells;
	cells = host->allocate(host->context, sizeof(AgreementCell) * (all + 1));
	order = host->allocate(host->context, sizeof(AgreementAnswer) * (all + 1));
	matrix->cells = host->allocate(host->context,
								   sizeof(AgreementCell) * (all + 1));
	if (cells != NULL && order != NULL && matrix->cells != NULL)
		status = order_cells(merger, cells, order);
	for (uint64_t i = 0; i < all && status == AGREEMENT_OK; i++)
	{
		const AgreementCell *cell = &cells[order[i].label];

		if (i > 0 && order[i].item == order[i - 1].item)
		{
			AgreementCell *sum = &matrix->cells[matrix->ncells - 1];

			exact_add(&sum->agreement, cell->agreement);
			exact_add(&sum->alpha, cell->alpha);
		}
		else
			matrix->cells[matrix->ncells++] = *cell;
	}
	if (cells != NULL)
		host->release(host->context, cells);
	if (order != NULL)
		host->release(host->context, order);
	return status;
}


/* ---- states ------------------------------------------------------------- */

/* Merges the sketch of a part; false where they have an item in common. */
static bool
merge_sketch(AgreementState *state, const AgreementState *part)
{
	uint64_t	merged[AGREEMENT_SKETCH];
	uint32_t	used = 0;
	uint32_t	i = 0;
	uint32_t	j = 0;

	while (used < AGREEMENT_SKETCH &&
		   (i < state->nsketch || j < part->nsketch))
	{
		if (i < state->nsketch && j < part->nsketch &&
			state->sketch[i] == part->sketch[j])
			return false;
		if (j == part->nsketch ||
			(i < state->nsketch && state->sketch[i] < part->sketch[j]))
			merged[used++] = state->sketch[i++];
		else
			merged[used++] = part->sketch[j++];
	}
	/* what the merged sketch has no room for is compared, too */
	while (i < state->nsketch && j < part->nsketch)
	{
		if (state->sketch[i] == part->sketch[j])
			return false;
		if (state->sketch[i] < part->sketch[j])
			i++;
		else
			j++;
	}
	memcpy(state->sketch, merged, sizeof(uint64_t) * used);
	state->nsketch = used;
	return true;
}


static AgreementMerge
merge_counts(AgreementState *state, const AgreementState *part)
{
	if (part->type_length != state->type_length ||
		memcmp(part->type, state->type, part->type_length) != 0)
		return AGREEMENT_OTHER_TYPE;
	if (!merge_sketch(state, part))
		return AGREEMENT_STRADDLES;
	state->matrix.items += part->matrix.items;
	state->matrix.answers += part->matrix.answers;
	state->matrix.shared_items += part->matrix.shared_items;
	state->matrix.shared_answers += part->matrix.shared_answers;
	return state->matrix.answers > AGREEMENT_STATE_ANSWERS ? AGREEMENT_TOO_MANY
		: AGREEMENT_MERGED;
}


static void
end_merger(Merger *merger)
{
	const AgreementHost *host = merger->host;

	for (int p = 0; merger->places != NULL && p < merger->nparts; p++)
		if (merger->places[p] != NULL)
			host->release(host->context, merger->places[p]);
	if (merger->places != NULL)
		host->release(host->context, merger->places);
	if (merger->labels != NULL)
		host->release(host->context, merger->labels);
}


AgreementStatus
agreement_state_merge(AgreementState *const *parts, int nparts,
					  const AgreementHost *host, AgreementState *state,
					  AgreementMerge *merge, AgreementLabel *label)
{
	Merger		merger = {parts, nparts, host, state, NULL, 0, NULL};
	AgreementStatus status;

	memset(state, 0, sizeof(*state));
	state->type = parts[0]->type;
	state->type_length = parts[0]->type_length;
	*merge = AGREEMENT_MERGED;
	for (int p = 0; p < nparts && *merge == AGREEMENT_MERGED; p++)
		*merge = merge_counts(state, parts[p]);
	if (*merge != AGREEMENT_MERGED)
		return AGREEMENT_OK;
	status = collect_labels(&merger);
	if (status == AGREEMENT_OK && renumbered(&merger, label))
		*merge = AGREEMENT_RENUMBERED;
	else
	{
		if (status == AGREEMENT_OK)
			status = merge_labels(&merger);
		if (status == AGREEMENT_OK)
			status = merge_cells(&merger);
	}
	end_merger(&merger);
	return status;
}


void
agreement_state_end(AgreementState *state, const AgreementHost *host)
{
	if (state->labels != NULL)
		host->release(host->context, state->labels);
	agreement_matrix_end(&state->matrix, host);
	memset(state, 0, sizeof(*state));
}
