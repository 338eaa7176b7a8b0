/*-------------------------------------------------------------------------
 *
 * resolve_update.c
 *	  Resolve what new answers touch, from the model of the last full run.
 *
 * An item's answers carry numbers that ascend in the order in which they were
 * committed, because whoever answers holds the item.  So those that a label
 * rests on are the first so many of them, and what they added to the model
 * can be taken out of it before all of them are added again.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "base/compat.h"
#include "base/storage.h"
#include "consensus/glue.h"
#include "consensus/resolve.h"
#include "consensus/update_kernel.h"

/* A full run is due when so much of all is new. */
#define MOST_TOUCHED 0.02
#define MOST_GROWTH 1.02

/* Rounds over the touched items. */
#define MAX_ROUNDS 20
#define TOLERANCE 1e-6

/* The touched items, their answers, and the part of the model they meet. */
typedef struct Update
{
	Resolution *run;
	StoredModel *model;
	ConsensusData data;			/* all answers of the items */
	ConsensusData old;			/* those that the model knows */
	int64	   *items;
	int32	   *members;
	int64	   *answers;		/* of each member, known to the model */
	double	   *before;			/* posterior of the old answers */
} Update;


/* Why the model will not do at all; NULL when it may. */
static const char *
unfit(const Resolution *run, const StoredModel *model)
{
	int64		touched = ArrayGetNItems(ARR_NDIM(run->touched),
										 ARR_DIMS(run->touched));
	double		items = 0.0;

	for (int k = 0; k < model->nlabels; k++)
		items += model->classes[k];
	if (model->schema_version != run->project->schema_version)
		return "the label schema is another";
	if (run->given != NULL && strcmp(run->given, model->method) != 0 &&
		consensus_method_find(run->given) != consensus_method_find(model->method))
		return "the method is another";
	if (run->given == NULL && model->chosen_annotations == 0 &&
		resolves_few_labels(schema_field_kind(run->field)))
		return "the method is another";
	if (model->nlabels == 0)
		return psprintf("%s cannot be brought up to date", model->method);
	if (touched > MOST_TOUCHED * items)
		return "more than a fiftieth of the items have new answers";
	return NULL;
}


static int
find_label(const StoredModel *model, const char *label)
{
	for (int k = 0; k < model->nlabels; k++)
		if (strcmp(model->labels[k], label) == 0)
			return k;
	return -1;
}


static int
compare_members(const void *a, const void *b)
{
	int32		left = *(const int32 *) a;
	int32		right = *(const int32 *) b;

	return left < right ? -1 : left > right;
}


/* Numbers the members of the rows; their numbers go to the answers. */
static void
number_members(Update *update, Rows rows)
{
	int32	   *members = palloc_array(int32, rows.count);
	int			count = 0;

	for (uint64 r = 0; r < rows.count; r++)
		members[r] = row_int32(rows, r, 2);
	qsort(members, rows.count, sizeof(int32), compare_members);
	for (uint64 r = 0; r < rows.count; r++)
		if (r == 0 || members[r] != members[count - 1])
			members[count++] = members[r];
	update->members = members;
	update->data.nannotators = update->old.nannotators = count;
}


static int32
member_number(const Update *update, int32 member_id)
{
	const int32 *found = bsearch(&member_id, update->members,
								 update->data.nannotators, sizeof(int32),
								 compare_members);

	return found - update->members;
}


static void
add_answer(ConsensusData *data, int32 annotator, int32 label)
{
	ConsensusAnswer *answer = &data->answers[data->nanswers++];

	answer->annotator = annotator;
	answer->label = label;
	answer->weight = 1.0;
	data->start[data->nitems] = data->nanswers;
}


static void
room_for(ConsensusData *data, int64 rows, int nclasses)
{
	data->nclasses = nclasses;
	data->start = palloc0_array(int64, rows + 1);
	data->answers = palloc_array(ConsensusAnswer, rows);
}


/* False when a label is none of the model's. */
static bool
read_touched(Update *update)
{
	const Resolution *run = update->run;
	Rows		rows;

	rows = storage_exec("SELECT a.item_id, a.member_id, a.label, "
						"row_number() OVER (PARTITION BY a.item_id ORDER BY a.annotation_id) <= coalesce(l.answers, 0) "
						"FROM tdp.answer a LEFT JOIN tdp.label l ON l.item_id = a.item_id "
						"AND l.field = $2 AND l.source = 'c' "
						"WHERE a.item_id = ANY ($4) AND a.project_id = $1 AND a.field = $2 "
						"AND jsonb_typeof(a.value) = $3 AND ($5 IS NULL OR a.label = ANY ($5)) "
						"ORDER BY a.item_id, a.member_id", "ittLT",
						run->project->id, run->name, run->type, run->touched,
						resolve_labels_allowed(run->field));
	room_for(&update->data, rows.count, update->model->nlabels);
	room_for(&update->old, rows.count, update->model->nlabels);
	update->items = palloc_array(int64, rows.count);
	number_members(update, rows);
	for (uint64 r = 0; r < rows.count; r++)
	{
		int64		item_id = row_int64(rows, r, 1);
		int32		annotator = member_number(update, row_int32(rows, r, 2));
		int			label = find_label(update->model, row_text(rows, r, 3));
		int32		n = update->data.nitems;

		if (label < 0)
			return false;
		if (n == 0 || update->items[n - 1] != item_id)
		{
			update->items[n] = item_id;
			update->data.nitems = update->old.nitems = n + 1;
		}
		add_answer(&update->data, annotator, label);
		update->old.start[update->old.nitems] = update->old.nanswers;
		if (row_bool(rows, r, 4))
			add_answer(&update->old, annotator, label);
	}
	return true;
}


static double
probability_in(Jsonb *probabilities, const char *label)
{
	JsonbValue	value;

	if (getKeyJsonValueFromContainer(&probabilities->root, label,
									 strlen(label), &value) == NULL ||
		value.type != jbvNumeric)
		return 0.0;
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
											  NumericGetDatum(value.val.numeric)));
}


static int
compare_items(const void *a, const void *b)
{
	int64		left = *(const int64 *) a;
	int64		right = *(const int64 *) b;

	return left < right ? -1 : left > right;
}


/* What the model thinks of the items: zeros where it knows no answer. */
static void
read_posterior(Update *update)
{
	int			nclasses = update->data.nclasses;
	Rows		rows;

	update->before = palloc0_array(double, (Size) update->data.nitems * nclasses);
	rows = storage_exec("SELECT item_id, probabilities FROM tdp.label "
						"WHERE item_id = ANY ($1) AND field = $2 AND source = 'c' "
						"AND probabilities IS NOT NULL", "Lt",
						update->run->touched, update->run->name);
	for (uint64 r = 0; r < rows.count; r++)
	{
		int64		item_id = row_int64(rows, r, 1);
		Jsonb	   *probabilities = row_jsonb(rows, r, 2);
		const int64 *found = bsearch(&item_id, update->items,
									 update->data.nitems, sizeof(int64),
									 compare_items);

		for (int k = 0; found != NULL && k < nclasses; k++)
			update->before[(found - update->items) * nclasses + k] =
				probability_in(probabilities, update->model->labels[k]);
	}
}


/* The labels of the touched items, and what was learned of who gave them. */
static void
store_update(Update *update, ConsensusFit *fit, const double *counts)
{
	const ConsensusData *data = &update->data;
	Resolution *run = update->run;
	Size		nclasses = data->nclasses;
	LabelWriter *writer = labels_begin(run);
	double	   *scratch = palloc_array(double, nclasses);

	for (int32 i = 0; i < data->nitems; i++)
	{
		ConsensusChoice choice = consensus_choose(data, fit, i);
		ResolvedLabel label = {
			.item_id = update->items[i],
			.label = update->model->labels[choice.label],
			.confidence = consensus_support(data, fit, i, &choice,
											CONSENSUS_MODEL_SHARE,
											scratch),
			.probabilities = probabilities_json(nclasses,
												(const char *const *) update->model->labels,
												fit->posterior.probability + i * nclasses),
			.answers = choice.annotations
		};

		labels_put(writer, &label);
	}
	labels_end(writer);
	for (int32 j = 0; j < data->nannotators; j++)
	{
		const double *own = counts + j * nclasses * nclasses;
		double		right = 0.0;
		double		total = 0.0;

		for (Size c = 0; c < nclasses * nclasses; c++)
			total += own[c];
		for (Size k = 0; k < nclasses; k++)
			right += own[k * nclasses + k];
		model_store_annotator(run, update->members[j], own, nclasses,
							  update->answers[j]);
		skill_put(run, update->members[j],
				  total > 0.0 ? right / total : NAN, update->answers[j]);
	}
}


/* The posterior of the touched items, and the new counts. */
static void
infer_touched(Update *update, ConsensusFit *fit, ConsensusModel *model)
{
	ConsensusData *data = &update->data;
	Size		cells = consensus_cells(data);
	ConsensusModel known;
	ConsensusSettings settings;

	known.counts = palloc_array(double, cells);
	known.classes = palloc_array(double, data->nclasses);
	memcpy(known.counts, model->counts, sizeof(double) * cells);
	memcpy(known.classes, model->classes, sizeof(double) * data->nclasses);
	consensus_model_add(&update->old, update->before, -1.0, model);
	if (strcmp(update->model->method, "majority") == 0)
	{
		consensus_majority(data, fit);
		fit->confusion = NULL;
		consensus_model_add(data, fit->posterior.probability, 1.0, model);
		return;
	}
	consensus_read_settings(NULL, &settings);
	consensus_smooth(consensus_method_named(update->model->method), &settings,
					 data->nclasses, fit);
	fit->work = consensus_alloc(cells + 2 * data->nclasses, sizeof(double));
	consensus_update(data, &known, model, fit);
	for (Size c = 0; c < cells; c++)
		fit->confusion[c] = exp(fit->confusion[c]);
}


bool
resolve_update(Resolution *run, StoredModel *stored, const char **due)
{
	Update	   *update = palloc0_object(Update);
	ConsensusFit fit = {
		.max_iter = MAX_ROUNDS,
		.tolerance = TOLERANCE,
		.progress = consensus_progress
	};
	ConsensusData *data = &update->data;
	ConsensusModel model;

	update->run = run;
	update->model = stored;
	*due = unfit(run, stored);
	if (*due == NULL && !read_touched(update))
		*due = "there are labels that the model does not know";
	if (*due == NULL &&
		stored->annotations + data->nanswers - update->old.nanswers >
		MOST_GROWTH * stored->fitted_annotations)
		*due = "the answers have grown by more than a fiftieth";
	if (*due != NULL)
		return false;

	run->partial = true;
	run->method = stored->method;
	run->evidence = stored->evidence;
	run->why = psprintf("%s; from the model of the last full run", stored->why);
	run->annotators = data->nannotators;
	run->annotations = data->nanswers;
	if (data->nitems == 0)
		return true;
	read_posterior(update);
	model.counts = consensus_alloc(consensus_cells(data), sizeof(double));
	model.classes = stored->classes;
	update->answers = palloc_array(int64, data->nannotators);
	model_load_annotators(run, data->nannotators, update->members,
						  data->nclasses, model.counts, update->answers);
	fit.posterior.probability = consensus_alloc((Size) data->nitems * data->nclasses,
												sizeof(double));
	fit.shares = palloc_array(double, data->nclasses);
	fit.weights = palloc_array(double, data->nannotators);
	fit.confusion = consensus_alloc(consensus_cells(data), sizeof(double));
	for (int k = 0; k < data->nclasses; k++)
		fit.shares[k] = stored->classes[k];
	infer_touched(update, &fit, &model);
	for (int64 a = 0; a < data->nanswers; a++)
		update->answers[data->answers[a].annotator]++;
	for (int64 a = 0; a < update->old.nanswers; a++)
		update->answers[update->old.answers[a].annotator]--;
	stored->annotations += data->nanswers - update->old.nanswers;
	store_update(update, &fit, model.counts);
	model_store(run, stored);
	return true;
}
