/*-------------------------------------------------------------------------
 *
 * report.h
 *	  What the reports on a query's annotations have in common.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_AGREEMENT_REPORT_H
#define TDP_AGREEMENT_REPORT_H

#include "postgres.h"

#include "fmgr.h"
#include "nodes/execnodes.h"
#include "utils/array.h"
#include "utils/jsonb.h"

#include "agreement/report_kernel.h"
#include "agreement/scales.h"
#include "base/intern.h"

/* The "settings" argument. */
typedef struct ReportSettings
{
	ScaleWord	scale;
	ScaleWord	metric;			/* of alpha; has_metric: it is given */
	bool		has_metric;
	double	   *matrix;			/* custom weights, by rows; else NULL */
	int			matrix_size;
	double		level;
	int			bootstrap;		/* resamples; 0: none */
	int			seed;
	double		population;		/* items in all; 0: endless */
	ArrayType  *categories;		/* NULL: the labels in use */
} ReportSettings;

typedef struct Report
{
	ReturnSetInfo *rsinfo;
	MemoryContext outside;
	MemoryContext context;
	ReportSettings settings;
	AgreementHost host;
	InternTable *items;			/* codes are in the types' order */
	InternTable *annotators;
	InternTable *labels;
	int32	   *item_codes;		/* by number */
	int32	   *annotator_codes;
	int32	   *label_codes;
	ReportAnswer *answers;
	size_t		count;			/* of answers; rows may have been more */
	size_t		annotations;	/* different ones of item and annotator */
	AgreementDistance distance;
	AgreementScale metric;
	ReportData	data;
} Report;

/* Reads arguments (annotations, settings, args) and the query's rows. */
extern void report_begin(FunctionCallInfo fcinfo, Report *report);
extern void report_put(Report *report, Datum *values, bool *nulls);
extern Datum report_end(Report *report);

/* Error when the answers and so much more pass tdp.solver_memory. */
extern void report_check_memory(const Report *report, Size more,
								const char *what);

/* Where the answers to the item end that start there. */
extern size_t report_item_end(const Report *report, size_t start);

extern Datum report_item(Report *report, uint32 item);
extern Datum report_annotator(Report *report, uint32 annotator);
extern Datum report_label(Report *report, uint32 label);

/* Fills value, stderr, lower and upper of a row, from "at" on. */
extern void report_interval(const Report *report, const ReportValue *value,
							Datum *values, bool *nulls, int at);

#endif							/* TDP_AGREEMENT_REPORT_H */
