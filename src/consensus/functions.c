/*-------------------------------------------------------------------------
 *
 * functions.c
 *	  What SQL calls: consensus, posterior, annotator_quality, confusion.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "consensus/glue.h"

PG_FUNCTION_INFO_V1(tdp_consensus);
PG_FUNCTION_INFO_V1(tdp_posterior);
PG_FUNCTION_INFO_V1(tdp_annotator_quality);
PG_FUNCTION_INFO_V1(tdp_confusion);

/* One call: what it read, what came of it, and where its rows go. */
typedef struct Call
{
	ReturnSetInfo *rsinfo;
	MemoryContext outside;
	MemoryContext context;		/* of all that lives as long as the call */
	MemoryContext row;			/* emptied after each row */
	ConsensusInput input;
	ConsensusFit fit;
	ConsensusCalibration calibration;
	Datum	   *labels;			/* text of each class */
} Call;


/* ---- a call ------------------------------------------------------------- */

static void
solve_calibrated(Call *call, const ConsensusMethodEntry *method,
				 const ConsensusSettings *settings)
{
	ConsensusPick pick = {.method = method};

	if (strcmp(consensus_method_name(method), "auto") == 0)
		consensus_choose_method(&call->input, settings, &pick);
	consensus_solve(pick.method, &call->input, settings,
					consensus_confidence_needs_confusion(pick.method,
														 &call->input.data,
														 settings),
					&call->fit);
	consensus_calibrate(&pick, &call->input, settings,
						&call->calibration);
}


/*
 * Reads the arguments, which are those of all four functions, and solves.
 * Leaves the row's memory context current.
 */
static void
begin_call(FunctionCallInfo fcinfo, bool confusion, bool calibrated, Call *call)
{
	const ConsensusMethodEntry *method;
	ConsensusSettings settings;
	char	   *annotations = argument_required_text(fcinfo, 0, "annotations");
	char	   *name = argument_text(fcinfo, 1);

	memset(call, 0, sizeof(Call));
	method = consensus_method_named(name != NULL ? name : "auto");
	consensus_read_settings(PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3),
							&settings);

	InitMaterializedSRF(fcinfo, 0);
	call->rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	call->context = AllocSetContextCreate(CurrentMemoryContext,
										  "tdp consensus",
										  ALLOCSET_DEFAULT_SIZES);
	call->outside = MemoryContextSwitchTo(call->context);
	consensus_read(annotations, argument_text(fcinfo, 2),
				   PG_ARGISNULL(4) ? NULL : PG_GETARG_ARRAYTYPE_P(4),
				   &call->input);
	if (call->input.data.nanswers > 0)
	{
		if (calibrated)
			solve_calibrated(call, method, &settings);
		else
			consensus_solve(method, &call->input, &settings, confusion,
							&call->fit);
		call->labels = palloc_array(Datum, call->input.data.nclasses);
		for (int32 k = 0; k < call->input.data.nclasses; k++)
			call->labels[k] = CStringGetTextDatum(intern_text(call->input.labels,
															  call->input.label_codes[k]));
	}
	call->row = AllocSetContextCreate(call->context, "tdp consensus row",
									  ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(call->row);
}


static Datum
item_text(Call *call, int32 item)
{
	return CStringGetTextDatum(intern_text(call->input.items,
										   call->input.item_codes[item]));
}


static Datum
annotator_text(Call *call, int32 annotator)
{
	return CStringGetTextDatum(intern_text(call->input.annotators, annotator));
}


static void
put_row(Call *call, Datum *values, bool *nulls)
{
	CHECK_FOR_INTERRUPTS();
	tuplestore_putvalues(call->rsinfo->setResult, call->rsinfo->setDesc,
						 values, nulls);
	MemoryContextReset(call->row);
}


static Datum
end_call(Call *call)
{
	MemoryContextSwitchTo(call->outside);
	MemoryContextDelete(call->context);
	return (Datum) 0;
}


/* ---- functions ---------------------------------------------------------- */

/* consensus(annotations, method, gold, settings, args) */
Datum
tdp_consensus(PG_FUNCTION_ARGS)
{
	Call		call;

	begin_call(fcinfo, false, true, &call);
	for (int32 i = 0; i < call.input.data.nitems; i++)
	{
		ConsensusChoice choice = consensus_choose(&call.input.data, &call.fit,
												  i);
		Datum		values[6];
		bool		nulls[6] = {false};

		values[0] = item_text(&call, i);
		values[1] = call.labels[choice.label];
		values[2] = Float8GetDatum(consensus_confidence(&call.calibration,
														&call.input, &call.fit,
														i, &choice));
		values[3] = Int32GetDatum(choice.annotations);
		values[4] = Int32GetDatum(choice.votes);
		values[5] = BoolGetDatum(choice.tie);
		put_row(&call, values, nulls);
	}
	return end_call(&call);
}


/* posterior(annotations, method, gold, settings, args) */
Datum
tdp_posterior(PG_FUNCTION_ARGS)
{
	Call		call;

	begin_call(fcinfo, false, false, &call);
	for (int32 i = 0; i < call.input.data.nitems; i++)
	{
		ConsensusCandidates all = consensus_candidates(&call.input.data,
													   &call.fit.posterior, i);

		for (int32 c = 0; c < all.count; c++)
		{
			Datum		values[3];
			bool		nulls[3] = {false};

			if (all.probability[c] == 0.0)
				continue;
			values[0] = item_text(&call, i);
			values[1] = call.labels[consensus_candidate_label(&all, c)];
			values[2] = Float8GetDatum(all.probability[c]);
			put_row(&call, values, nulls);
		}
	}
	return end_call(&call);
}


/* annotator_quality(annotations, method, gold, settings, args) */
Datum
tdp_annotator_quality(PG_FUNCTION_ARGS)
{
	Call		call;
	ConsensusQuality *quality = NULL;

	begin_call(fcinfo, false, false, &call);
	if (call.input.data.nannotators > 0)
	{
		MemoryContextSwitchTo(call.context);
		quality = consensus_alloc(call.input.data.nannotators,
								  sizeof(ConsensusQuality));
		MemoryContextSwitchTo(call.row);
		consensus_judge_annotators(&call.input.data, &call.fit, quality);
	}
	for (int32 j = 0; j < call.input.data.nannotators; j++)
	{
		Datum		values[7];
		bool		nulls[7] = {false};

		values[0] = annotator_text(&call, j);
		values[1] = Float8GetDatum(quality[j].accuracy);
		values[2] = Float8GetDatum(quality[j].lower);
		values[3] = Float8GetDatum(quality[j].upper);
		values[4] = Float8GetDatum(call.fit.weights[j]);
		values[5] = Int32GetDatum((int32) quality[j].annotations);
		values[6] = Float8GetDatum(quality[j].informedness);
		nulls[1] = nulls[2] = nulls[3] = isnan(quality[j].accuracy);
		nulls[6] = isnan(quality[j].informedness);
		put_row(&call, values, nulls);
	}
	return end_call(&call);
}


/* confusion(annotations, method, gold, settings, args) */
Datum
tdp_confusion(PG_FUNCTION_ARGS)
{
	Call		call;
	int32		nclasses;

	begin_call(fcinfo, true, false, &call);
	nclasses = call.input.data.nclasses;
	for (int32 j = 0; j < call.input.data.nannotators; j++)
		for (int32 k = 0; k < nclasses; k++)
			for (int32 l = 0; l < nclasses; l++)
			{
				ConsensusAnswer given = {.annotator = j, .label = l};
				Datum		values[4];
				bool		nulls[4] = {false};

				values[0] = annotator_text(&call, j);
				values[1] = call.labels[k];
				values[2] = call.labels[l];
				values[3] = Float8GetDatum(call.fit.confusion[consensus_row_of(&given, nclasses) + k]);
				put_row(&call, values, nulls);
			}
	return end_call(&call);
}
