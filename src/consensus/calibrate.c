/*-------------------------------------------------------------------------
 *
 * calibrate.c
 *	  From a label's probability to a confidence.
 *
 * Known answers teach the curve from items whose own known answer the fit did
 * not see; without enough of them the support stands as it is, mixed as
 * hidden answers ask for.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "base/compat.h"
#include "consensus/glue.h"


/* Matrices of more cells than this are not worth having for so few answers. */
#define FEW_CELLS 1e6
#define CELLS_AN_ANSWER 8.0


static int64
count_gold(const ConsensusData *data)
{
	int64		count = 0;

	for (int32 i = 0; i < data->nitems; i++)
		count += consensus_gold(data, i) >= 0;
	return count;
}


/* The support of the known items of one fold, and whether they came right. */
static int64
ask_fold(const ConsensusMethodEntry *method, const ConsensusInput *input,
		 const ConsensusSettings *settings, int fold,
		 const ConsensusCalibration *calibration, double *support, bool *right)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "tdp consensus fold",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(context);
	ConsensusData data = input->data;
	int32	   *gold = consensus_alloc(data.nitems, sizeof(int32));
	ConsensusFit fit;
	int64		n = 0;

	consensus_hide_gold(data.gold, data.nitems, fold, gold);
	data.gold = gold;
	consensus_fit(method, input->context, &data, settings,
				  consensus_confidence_needs_confusion(method, &data,
													   settings),
				  &fit);
	for (int32 i = 0; i < data.nitems; i++)
		if (input->data.gold[i] >= 0 && gold[i] < 0)
		{
			ConsensusChoice choice = consensus_choose(&data, &fit, i);

			support[n] = consensus_support(&data, &fit, i, &choice,
										   calibration->model_share,
										   calibration->scratch);
			right[n++] = choice.label == input->data.gold[i];
		}
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(context);
	return n;
}


bool
consensus_confidence_needs_confusion(const ConsensusMethodEntry *method,
									 const ConsensusData *data,
									 const ConsensusSettings *settings)
{
	return settings->calibrate &&
		method != consensus_method_named("majority") &&
		(double) data->nannotators * data->nclasses * data->nclasses <=
		FEW_CELLS + CELLS_AN_ANSWER * (double) data->nanswers;
}


void
consensus_calibrate(const ConsensusPick *pick, ConsensusInput *input,
					const ConsensusSettings *settings,
					ConsensusCalibration *calibration)
{
	int64		known = count_gold(&input->data);
	ConsensusMixing mixing;
	double	   *support;
	bool	   *right;
	int64		n = 0;

	memset(calibration, 0, sizeof(ConsensusCalibration));
	calibration->wanted = settings->calibrate;
	if (!settings->calibrate)
		return;
	calibration->scratch = consensus_alloc(input->data.nclasses,
										   sizeof(double));
	if (consensus_confidence_needs_confusion(pick->method, &input->data,
											 settings))
	{
		consensus_find_mixing(input, settings, pick, &mixing);
		calibration->model_share = consensus_model_share(&mixing);
	}
	if (known < CONSENSUS_FEWEST_GOLD)
		return;
	support = consensus_alloc(known, sizeof(double));
	right = consensus_alloc(known, sizeof(bool));
	for (int fold = 0; fold < CONSENSUS_FOLDS; fold++)
		n += ask_fold(pick->method, input, settings, fold, calibration,
					  support + n, right + n);
	consensus_fit_curve(support, right, n, &calibration->curve);
	calibration->gold = n;
	pfree(support);
	pfree(right);
}


double
consensus_confidence(const ConsensusCalibration *calibration,
					 const ConsensusInput *input, const ConsensusFit *fit,
					 int32 item, const ConsensusChoice *choice)
{
	double		support;

	if (!calibration->wanted || consensus_gold(&input->data, item) >= 0)
		return choice->confidence;
	support = consensus_support(&input->data, fit, item, choice,
								calibration->model_share,
								calibration->scratch);
	return calibration->gold == 0 ? support
		: consensus_follow_curve(&calibration->curve, support);
}
