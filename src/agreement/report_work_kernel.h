/*-------------------------------------------------------------------------
 *
 * report_work_kernel.h
 *	  What the parts of a report share; nobody else's.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_REPORT_WORK_KERNEL_H
#define TDP_REPORT_WORK_KERNEL_H

#include "agreement/report_kernel.h"

/* What is known of an item. */
typedef struct ReportItem
{
	size_t		start;			/* of its answers */
	double		answers;		/* r_i: annotators */
	double		unlike;			/* distance over ordered pairs of them */
	double		alpha_unlike;	/* the same by alpha's metric */
} ReportItem;

struct ReportWork
{
	const ReportData *data;
	const uint32_t *times;
	ReportItem *items;			/* and the end of the last */
	double	   *seen;			/* by label: of one item, else all 0 */
	uint32_t   *touched;
	double	   *pi;				/* by label: mean of r_ik / r_i */
	double	   *chance;			/* by label: mean distance from a draw of pi */
	double	   *alpha_pi;		/* the same two over shared items' answers */
	double	   *alpha_chance;
	double		n;				/* items */
	double		shared;			/* items with two answers or more */
	double		shared_answers;
	double		distances;		/* sum over all pairs of labels */
	const AgreementDistance *alpha; /* the data's, or own */
	AgreementDistance own;
	uint64_t   *counts;			/* by label, for that */
	/* Conger's */
	AgreementTally cells;		/* (annotator, label), sorted */
	uint32_t   *cell;			/* by answer */
	double	   *given;			/* by cell: share of n_g */
	uint32_t   *cell_label;
	double	   *cell_chance;	/* by cell: u_gk, less s_g */
	double	   *rated;			/* by annotator: n_g */
	double	   *own_chance;		/* by annotator: s_g */
	double	   *means;			/* by label: mean of the shares */
	double	   *far;			/* by label: distance from a draw of those */
	double		everybody;		/* sum of s_g */
	bool		stopped;		/* by proceed(), within an item */
};

/* One item's part of chance disagreement. */
typedef double (*ReportItemChance) (const ReportWork *work, uint32_t item);

/* A share as a count, for ranks: as fine as a double is. */
static inline uint64_t
report_count(double share)
{
	return (uint64_t) (share * 4503599627370496.0 + 0.5);
}

static inline double
report_times(const ReportWork *work, uint32_t item)
{
	return work->times != NULL ? work->times[item] : 1;
}

/* Zeroed memory for count elements, at least one; or NULL. */
static inline void *
report_vector(const ReportData *data, size_t count, size_t size)
{
	return data->host->allocate(data->host->context, size * (count + 1));
}

/*
 * report_finish computes 1 - observed / expected, and Gwet's linearised
 * variance of it ("chance" NULL: expected is the same whatever the items).
 */
extern void report_finish(ReportWork *work, double expected,
						  ReportItemChance chance, ReportValue *value);

/* Conger's kappa: once, for each estimate, and its memory. */
extern AgreementStatus report_conger_prepare(ReportWork *work);
extern AgreementStatus report_conger(ReportWork *work, ReportValue *value);
extern void report_conger_end(ReportWork *work, const AgreementHost *host);

#endif							/* TDP_REPORT_WORK_KERNEL_H */
