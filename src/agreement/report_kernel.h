/*-------------------------------------------------------------------------
 *
 * report_kernel.h
 *	  Coefficients of agreement with their standard errors.
 *
 * An annotator's answer to an item is one whole: of n different labels each
 * counts 1 / n.  Linearised variances: Gwet, Handbook of Inter-Rater
 * Reliability, 4th ed. 2014, ch. 5 and 6; tables of two annotators: Fleiss,
 * Cohen, Everitt 1969 and Gwet.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_REPORT_KERNEL_H
#define TDP_REPORT_KERNEL_H

#include "agreement/matrix_kernel.h"

typedef enum ReportMeasure
{
	REPORT_PERCENT,
	REPORT_BRENNAN_PREDIGER,
	REPORT_FLEISS,
	REPORT_CONGER,
	REPORT_GWET,
	REPORT_ALPHA,
	REPORT_MEASURES,
	/* of two annotators only */
	REPORT_COHEN = REPORT_FLEISS,
	REPORT_SCOTT = REPORT_CONGER
} ReportMeasure;

typedef struct ReportAnswer
{
	uint32_t	item;
	uint32_t	annotator;
	uint32_t	label;
	double		share;			/* 1 / labels of this annotator and item */
} ReportAnswer;

typedef struct ReportData
{
	const ReportAnswer *answers;	/* by item, annotator, label */
	size_t		count;
	uint32_t	items;			/* each has an answer */
	uint32_t	annotators;
	uint32_t	labels;
	const AgreementDistance *distance;
	const AgreementScale *metric;	/* of alpha; NULL: distance.  Counts are
									 * filled in here */
	const uint64_t *label_keys; /* for metric */
	double		population_factor;	/* 1 - items / population */
	const AgreementHost *host;
} ReportData;

typedef struct ReportValue
{
	bool		defined;
	bool		has_error;
	double		value;
	double		error;			/* standard error */
	uint64_t	items;			/* that it rests on */
} ReportValue;

/*
 * report_prepare does what needs to be done once for many estimates of the
 * same data, which must stay; report_work_end gives its memory back, also
 * after an error.  report_memory says how much that is at most, in bytes.
 *
 * report_resample computes all measures.  "times" says how often each item is
 * there (NULL: once), for resampling; then no errors are computed.
 */
typedef struct ReportWork ReportWork;

extern size_t report_memory(const ReportData *data);
extern AgreementStatus report_prepare(const ReportData *data,
									  ReportWork **work);
extern AgreementStatus report_resample(ReportWork *work,
									   const uint32_t *times,
									   ReportValue *values);
extern void report_work_end(ReportWork *work, const AgreementHost *host);

/* The three in one. */
extern AgreementStatus report_estimate(const ReportData *data,
									   const uint32_t *times,
									   ReportValue *values);

/* How much answers to one item disagree: 0 to 1; -1 where there is one. */
extern AgreementStatus report_items(const ReportData *data,
									double *disagreement);

/* A pair of labels, and how many items two annotators gave it. */
typedef struct ReportPair
{
	uint32_t	a;
	uint32_t	b;
	double		count;
} ReportPair;

/*
 * report_table computes REPORT_PERCENT, BRENNAN_PREDIGER, COHEN, SCOTT, GWET
 * and ALPHA of two annotators, who both answered so many items.  Of "data" it
 * takes the labels, distance, metric, factor and host.
 */
extern AgreementStatus report_table(const ReportData *data,
									const ReportPair *pairs, size_t count,
									uint64_t items, ReportValue *values);

#endif							/* TDP_REPORT_KERNEL_H */
