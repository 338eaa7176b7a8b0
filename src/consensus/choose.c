/*-------------------------------------------------------------------------
 *
 * choose.c
 *	  Which method suits the data: what "auto" stands for.
 *
 * Candidates are fitted to the answers without a part of them and compared by
 * how likely they find that part.  Dawid and Skene's model keeps its place
 * until another one is better by more than chance explains: a small gain in
 * likelihood says little about the labels, and the model is the best of them
 * on the average.
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

PG_FUNCTION_INFO_V1(tdp_choose_method);

/* Fewer annotators than this cannot be told apart without known answers. */
#define FEWEST_SHARING 3

/* A class of fewer answers than this has no confusions to be learned. */
#define FEWEST_ANSWERS 10

/* So much of the answers is hidden, so often, */
#define HIDDEN_SHARE 0.15
#define SPLITS 4

/* but no more than about so many answers are fitted in all. */
#define MOST_FITTED 400000.0

/* Fewer hidden answers than this, over all splits, tell nothing. */
#define FEWEST_HIDDEN 100

/* Standard errors by which another method must be better than the first. */
#define STANDARD_ERRORS 2.0

/* The first one is kept where nothing is clearly better. */
static const char *const candidates[] = {"dawid_skene", "bwa", "ebcc"};

/* The work space of a choice. */
typedef struct Trial
{
	ConsensusInput *input;
	const ConsensusSettings *settings;
	ConsensusData kept;
	int32	   *gold;
	ConsensusHidden *hidden;
	double	   *reference;		/* of the first candidate */
	double	   *foretold;
	double	   *scratch;
	ConsensusComparison sums[CONSENSUS_MOST_CANDIDATES];
} Trial;


/* Why there is nothing to compare; NULL when there is. */
static const char *
nothing_to_learn(const ConsensusData *data)
{
	bool	   *seen;
	int32		sharing;

	if (data->nclasses < 2)
		return "there is one label only";
	if (data->nanswers / data->nclasses < FEWEST_ANSWERS)
		return psprintf("a label has fewer than %d answers on the average",
						FEWEST_ANSWERS);
	if (data->gold != NULL)
		return NULL;
	seen = consensus_alloc(data->nannotators, sizeof(bool));
	sharing = consensus_count_sharing(data, seen);
	pfree(seen);
	if (sharing < FEWEST_SHARING)
		return psprintf("fewer than %d annotators share items, so that nobody's errors can be told apart",
						FEWEST_SHARING);
	return NULL;
}


static void
begin_trial(Trial *trial, const ConsensusData *data)
{
	double		bytes = (double) data->nanswers *
		(sizeof(ConsensusAnswer) + sizeof(ConsensusHidden) +
	 2 * sizeof(double)) + (double) data->nitems *
		(sizeof(int64) + sizeof(int32));

	consensus_check_memory(trial->input->context, bytes,
						   "comparing methods by hidden annotations");
	trial->kept.start = consensus_alloc((Size) data->nitems + 1,
										sizeof(int64));
	trial->kept.answers = consensus_alloc(data->nanswers,
										  sizeof(ConsensusAnswer));
	trial->gold = consensus_alloc(data->nitems, sizeof(int32));
	trial->hidden = consensus_alloc(data->nanswers, sizeof(ConsensusHidden));
	trial->reference = consensus_alloc(data->nanswers, sizeof(double));
	trial->foretold = consensus_alloc(data->nanswers, sizeof(double));
	trial->scratch = consensus_alloc(data->nclasses, sizeof(double));
}


/* One candidate's fit to what was kept, compared with the first one's. */
static void
try_candidate(Trial *trial, ConsensusPick *pick, int c, int64 nhidden)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "tdp consensus trial",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(context);
	double	   *foretold = c == 0 ? trial->reference : trial->foretold;
	ConsensusFit fit;

	consensus_fit(pick->candidates[c].method, trial->input->context,
				  &trial->kept, trial->settings, true, &fit);
	consensus_foretell(&trial->kept, &fit, trial->hidden, nhidden, foretold);
	consensus_compare(trial->hidden, nhidden, foretold, trial->reference,
					  &trial->sums[c]);
	consensus_mix(&trial->kept, &fit, trial->hidden, nhidden, trial->scratch,
				  &pick->candidates[c].mixing);
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(context);
}


/* Fits all candidates of the pick to what is kept in each split. */
static void
split_and_try(Trial *trial, ConsensusPick *pick)
{
	const ConsensusData *data = &trial->input->data;
	double		splits = floor(MOST_FITTED / (double) data->nanswers);
	ConsensusHiding how = {.share = HIDDEN_SHARE};

	splits = Max(1.0, Min(splits, SPLITS));
	how.items = Min(1.0, MOST_FITTED / (double) data->nanswers);
	begin_trial(trial, data);
	for (how.seed = 1; how.seed <= (uint64_t) splits; how.seed++)
	{
		int64		nhidden = consensus_hide(data, &how, &trial->kept,
											 trial->gold, trial->hidden);

		pick->hidden += nhidden;
		for (int c = 0; nhidden > 0 && c < pick->ncandidates; c++)
			try_candidate(trial, pick, c, nhidden);
	}
}


static void
compare_candidates(ConsensusInput *input, const ConsensusSettings *settings,
				   Trial *trial, ConsensusPick *pick)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "tdp choice",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(context);

	memset(trial, 0, sizeof(Trial));
	trial->input = input;
	trial->settings = settings;
	split_and_try(trial, pick);
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(context);
}


/* Whether so many answers could be hidden that they tell something. */
static bool
can_hide_enough(const ConsensusData *data)
{
	return (double) data->nanswers * HIDDEN_SHARE * SPLITS >= FEWEST_HIDDEN;
}


/* What the comparison says, in a sentence. */
static void
judge_candidates(const Trial *trial, ConsensusPick *pick)
{
	int			best = 0;

	if (pick->hidden < FEWEST_HIDDEN)
		pick->why = psprintf("only " INT64_FORMAT " annotations could be hidden, too few to compare methods",
							 pick->hidden);
	else
	{
		best = consensus_pick_best(trial->sums, pick->ncandidates,
								   STANDARD_ERRORS);
		for (int c = 0; c < pick->ncandidates; c++)
			pick->candidates[c].held_out = trial->sums[c].log_likelihood /
				trial->sums[c].weight;
		if (best == 0)
			pick->why = psprintf("no other method finds " INT64_FORMAT " hidden annotations clearly more likely",
								 pick->hidden);
		else
			pick->why = psprintf(INT64_FORMAT " hidden annotations are most likely under it: by %.4f each in the logarithm, against %s",
								 pick->hidden,
								 trial->sums[best].more / trial->sums[best].weight,
								 candidates[0]);
	}
	pick->method = pick->candidates[best].method;
}


void
consensus_choose_method(ConsensusInput *input,
						const ConsensusSettings *settings,
						ConsensusPick *pick)
{
	Trial		trial;

	memset(pick, 0, sizeof(ConsensusPick));
	consensus_set_priors(input, settings);
	pick->why = nothing_to_learn(&input->data);
	if (pick->why != NULL)
	{
		pick->method = consensus_method_named("majority");
		return;
	}
	for (int i = 0; i < lengthof(candidates); i++)
	{
		const ConsensusMethodEntry *method = consensus_method_find(candidates[i]);

		if (method == NULL)
			continue;
		pick->candidates[pick->ncandidates].method = method;
		pick->candidates[pick->ncandidates++].held_out = NAN;
	}
	if (!can_hide_enough(&input->data))
	{
		pick->method = pick->candidates[0].method;
		pick->why = "there are too few annotations to compare methods";
		return;
	}

	compare_candidates(input, settings, &trial, pick);
	judge_candidates(&trial, pick);
	ereport(DEBUG1,
			(errmsg_internal("method %s chosen: %s",
							 consensus_method_name(pick->method),
							 pick->why)));
}


void
consensus_find_mixing(ConsensusInput *input, const ConsensusSettings *settings,
					  const ConsensusPick *pick, ConsensusMixing *mixing)
{
	ConsensusPick single = {.ncandidates = 1};
	Trial		trial;

	memset(mixing, 0, sizeof(ConsensusMixing));
	for (int c = 0; c < pick->ncandidates; c++)
		if (pick->candidates[c].method == pick->method)
			*mixing = pick->candidates[c].mixing;
	if (pick->ncandidates > 0 || !can_hide_enough(&input->data))
		return;
	single.candidates[0].method = pick->method;
	compare_candidates(input, settings, &trial, &single);
	*mixing = single.candidates[0].mixing;
}


static void
put_candidate(ReturnSetInfo *rsinfo, const ConsensusPick *pick,
			  const ConsensusMethodEntry *method, double held_out)
{
	bool		chosen = method == pick->method;
	Datum		values[4] = {0};
	bool		nulls[4] = {false, isnan(held_out), false, !chosen};

	values[0] = CStringGetTextDatum(consensus_method_name(method));
	values[1] = Float8GetDatum(held_out);
	values[2] = BoolGetDatum(chosen);
	if (chosen)
		values[3] = CStringGetTextDatum(pick->why);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}


/* choose_method(annotations, gold, settings, args) */
Datum
tdp_choose_method(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *annotations = argument_required_text(fcinfo, 0, "annotations");
	MemoryContext context;
	MemoryContext outer;
	ConsensusSettings settings;
	ConsensusInput input;
	ConsensusPick pick;

	consensus_read_settings(PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2),
							&settings);
	InitMaterializedSRF(fcinfo, 0);
	context = AllocSetContextCreate(CurrentMemoryContext, "tdp consensus",
									ALLOCSET_DEFAULT_SIZES);
	outer = MemoryContextSwitchTo(context);
	consensus_read(annotations, argument_text(fcinfo, 1),
				   PG_ARGISNULL(3) ? NULL : PG_GETARG_ARRAYTYPE_P(3), &input);
	if (input.data.nanswers > 0)
	{
		consensus_choose_method(&input, &settings, &pick);
		if (pick.ncandidates == 0)
			put_candidate(rsinfo, &pick, pick.method, NAN);
		for (int c = 0; c < pick.ncandidates; c++)
			put_candidate(rsinfo, &pick, pick.candidates[c].method,
						  pick.candidates[c].held_out);
	}
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(context);
	return (Datum) 0;
}
