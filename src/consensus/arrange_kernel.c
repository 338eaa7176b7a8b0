/*-------------------------------------------------------------------------
 *
 * arrange_kernel.c
 *	  Bring what annotators said into the order in which it is worked on.
 *
 * One counting sort by item, then each item's few answers by themselves.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/consensus_kernel.h"

#include <stdlib.h>

/* Rows between two calls of the progress callback. */
#define ROWS_A_STEP 65536

/* Fewer answers than this are sorted in place by insertion. */
#define FEW 16

/* Less than this is nothing: its square would not be a number any more. */
#define LEAST_WEIGHT 1e-100


static int
compare_answers(const void *a, const void *b)
{
	const ConsensusAnswer *left = a;
	const ConsensusAnswer *right = b;

	if (left->annotator != right->annotator)
		return left->annotator < right->annotator ? -1 : 1;
	if (left->label != right->label)
		return left->label < right->label ? -1 : 1;
	return (left->weight > right->weight) - (left->weight < right->weight);
}


static int
compare_labels(const void *a, const void *b)
{
	int32_t		left = *(const int32_t *) a;
	int32_t		right = *(const int32_t *) b;

	return (left > right) - (left < right);
}


static void
sort_answers(ConsensusAnswer *answers, int64_t n)
{
	if (n > FEW)
	{
		qsort(answers, (size_t) n, sizeof(ConsensusAnswer), compare_answers);
		return;
	}
	for (int64_t i = 1; i < n; i++)
	{
		ConsensusAnswer moved = answers[i];
		int64_t		j = i;

		for (; j > 0 && compare_answers(&answers[j - 1], &moved) > 0; j--)
			answers[j] = answers[j - 1];
		answers[j] = moved;
	}
}


/*
 * Merges an item's sorted answers [first, end) and writes them from "out" on,
 * which lies at "first" or before it.  Returns the end of what was written.
 */
static int64_t
merge_answers(ConsensusAnswer *answers, int64_t first, int64_t end, int64_t out)
{
	while (first < end)
	{
		int32_t		annotator = answers[first].annotator;
		int64_t		labels = out;	/* this annotator's */

		while (first < end && answers[first].annotator == annotator)
		{
			ConsensusAnswer merged = answers[first];
			double		last = merged.weight;
			int64_t		different = 1;

			for (first++; first < end &&
				 answers[first].annotator == annotator &&
				 answers[first].label == merged.label; first++)
			{
				if (answers[first].weight == last)
					continue;
				last = answers[first].weight;
				merged.weight += last;
				different++;
			}
			merged.weight /= (double) different;
			answers[out++] = merged;
		}
		if (out - labels > 1)
			for (int64_t i = labels; i < out; i++)
				answers[i].weight /= (double) (out - labels);
	}
	return out;
}


/* Puts the rows under their items: counts, places, then start as it was. */
static bool
sort_by_item(const ConsensusRow *rows, int64_t nrows, ConsensusData *data,
			 ConsensusProgress progress, void *progress_state)
{
	int64_t    *start = data->start;

	for (int32_t i = 0; i <= data->nitems; i++)
		start[i] = 0;
	for (int64_t r = 0; r < nrows; r++)
		start[rows[r].item + 1]++;
	for (int32_t i = 0; i < data->nitems; i++)
		start[i + 1] += start[i];
	for (int64_t r = 0; r < nrows; r++)
	{
		ConsensusAnswer *answer = &data->answers[start[rows[r].item]++];

		if (r % ROWS_A_STEP == 0 && progress != NULL &&
			!progress(progress_state, 0.5 * (double) r / (double) nrows))
			return false;
		answer->annotator = rows[r].annotator;
		answer->label = rows[r].label;
		answer->weight = rows[r].weight < LEAST_WEIGHT ? 0.0 : rows[r].weight;
	}
	for (int32_t i = data->nitems; i > 0; i--)
		start[i] = start[i - 1];
	start[0] = 0;
	return true;
}


ConsensusStatus
consensus_arrange(const ConsensusRow *rows, int64_t nrows,
				  ConsensusData *data, ConsensusProgress progress,
				  void *progress_state)
{
	int64_t		out = 0;
	int64_t		seen = 0;

	if (!sort_by_item(rows, nrows, data, progress, progress_state))
		return CONSENSUS_STOPPED;
	for (int32_t i = 0; i < data->nitems; i++)
	{
		int64_t		first = data->start[i];
		int64_t		end = data->start[i + 1];

		if (end - seen > ROWS_A_STEP)
		{
			seen = end;
			if (progress != NULL &&
				!progress(progress_state,
						  0.5 + 0.5 * (double) first / (double) nrows))
				return CONSENSUS_STOPPED;
		}
		sort_answers(data->answers + first, end - first);
		data->start[i] = out;
		out = merge_answers(data->answers, first, end, out);
	}
	data->start[data->nitems] = out;
	data->nanswers = out;
	return CONSENSUS_DONE;
}


/* Sorts labels and leaves each once; returns how many are left. */
static int64_t
sort_labels(int32_t *label, int64_t n)
{
	int64_t		kept = 0;

	if (n > FEW)
		qsort(label, (size_t) n, sizeof(int32_t), compare_labels);
	else
		for (int64_t i = 1; i < n; i++)
		{
			int32_t		moved = label[i];
			int64_t		j = i;

			for (; j > 0 && label[j - 1] > moved; j--)
				label[j] = label[j - 1];
			label[j] = moved;
		}
	for (int64_t i = 0; i < n; i++)
		if (i == 0 || label[i] != label[kept - 1])
			label[kept++] = label[i];
	return kept;
}


int64_t
consensus_list_candidates(const ConsensusData *data, int64_t *start,
						  int32_t *label)
{
	int64_t		n = 0;

	for (int32_t i = 0; i < data->nitems; i++)
	{
		int64_t		count = data->start[i + 1] - data->start[i];
		const ConsensusAnswer *answers = data->answers + data->start[i];

		start[i] = n;
		if (consensus_gold(data, i) >= 0)
			label[n++] = data->gold[i];
		else
		{
			for (int64_t a = 0; a < count; a++)
				label[n + a] = answers[a].label;
			n += sort_labels(label + n, count);
		}
	}
	start[data->nitems] = n;
	return n;
}


int32_t
consensus_count_sharing(const ConsensusData *data, bool *seen)
{
	int32_t		sharing = 0;

	for (int32_t j = 0; j < data->nannotators; j++)
		seen[j] = false;
	for (int32_t i = 0; i < data->nitems; i++)
	{
		const ConsensusAnswer *first = data->answers + data->start[i];
		const ConsensusAnswer *end = data->answers + data->start[i + 1];

		/* sorted by annotator: who differs from the first is another one */
		if (first == end || first->annotator == end[-1].annotator)
			continue;
		for (; first < end; first++)
			if (!seen[first->annotator])
			{
				seen[first->annotator] = true;
				sharing++;
			}
	}
	return sharing;
}
