/*-------------------------------------------------------------------------
 *
 * resolve_model.c
 *	  Keep what a full run of tdp.resolve learned about a field.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"

#include "base/compat.h"
#include "base/storage.h"
#include "consensus/consensus.h"
#include "consensus/resolve.h"


static ArrayType *
floats_array(const double *values, int count)
{
	Datum	   *elements = palloc_array(Datum, count);

	for (int i = 0; i < count; i++)
		elements[i] = Float8GetDatum(values[i]);
	return construct_array(elements, count, FLOAT8OID, 8, FLOAT8PASSBYVAL,
						   TYPALIGN_DOUBLE);
}


static ArrayType *
texts_array(char *const *values, int count)
{
	Datum	   *elements = palloc_array(Datum, count);

	for (int i = 0; i < count; i++)
		elements[i] = CStringGetTextDatum(values[i]);
	return construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT);
}


bool
model_can_grow(const char *method)
{
	return strcmp(method, "dawid_skene") == 0 ||
		strcmp(method, "majority") == 0;
}


StoredModel *
model_load(const Resolution *run)
{
	Rows		rows = storage_exec("SELECT method, why, evidence, fitted_annotations, annotations, "
									"coalesce(chosen_annotations, 0), schema_version, labels, classes "
									"FROM tdp.consensus_model WHERE project_id = $1 AND field = $2",
									"it", run->project->id, run->name);
	StoredModel *model;
	Datum	   *elements;
	bool	   *nulls;

	if (rows.count == 0)
		return NULL;
	model = palloc0_object(StoredModel);
	model->method = row_text(rows, 0, 1);
	model->why = row_text(rows, 0, 2);
	model->evidence = row_jsonb(rows, 0, 3);
	model->fitted_annotations = row_int64(rows, 0, 4);
	model->annotations = row_int64(rows, 0, 5);
	model->chosen_annotations = row_int64(rows, 0, 6);
	model->schema_version = row_int32(rows, 0, 7);
	if (row_null(rows, 0, 8))
		return model;
	deconstruct_array(row_array(rows, 0, 8), TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, &nulls, &model->nlabels);
	model->labels = palloc_array(char *, model->nlabels);
	for (int k = 0; k < model->nlabels; k++)
		model->labels[k] = TextDatumGetCString(elements[k]);
	model->classes = palloc0_array(double, model->nlabels);
	memcpy(model->classes, ARR_DATA_PTR(row_array(rows, 0, 9)),
		   sizeof(double) * model->nlabels);
	return model;
}


void
model_store(const Resolution *run, const StoredModel *model)
{
	if (!run->partial)
		storage_exec("DELETE FROM tdp.consensus_skill WHERE project_id = $1 AND field = $2",
					 "it", run->project->id, run->name);
	storage_exec("INSERT INTO tdp.consensus_model AS m (project_id, field, fitted_annotations, annotations, "
				 "chosen_annotations, schema_version, method, why, evidence, labels, classes) "
				 "VALUES ($1, $2, $3, $4, nullif($5, 0), $6, $7, $8, $9, $10, $11) "
				 "ON CONFLICT (project_id, field) DO UPDATE SET "
				 "fitted_at = CASE WHEN $12 THEN m.fitted_at ELSE excluded.fitted_at END, "
				 "fitted_annotations = excluded.fitted_annotations, "
				 "annotations = excluded.annotations, chosen_annotations = excluded.chosen_annotations, "
				 "schema_version = excluded.schema_version, method = excluded.method, "
				 "why = excluded.why, evidence = excluded.evidence, "
				 "labels = excluded.labels, classes = excluded.classes",
				 "itlllittjTFb", run->project->id, run->name,
				 model->fitted_annotations, model->annotations,
				 model->chosen_annotations, model->schema_version,
				 model->method, model->why, model->evidence,
				 model->nlabels > 0 ? texts_array(model->labels, model->nlabels) : NULL,
				 model->nlabels > 0 ? floats_array(model->classes, model->nlabels) : NULL,
				 run->partial);
}


void
model_store_annotator(const Resolution *run, int32 member_id,
					  const double *counts, int nlabels, int64 answers)
{
	storage_exec("INSERT INTO tdp.consensus_skill (project_id, field, member_id, counts, answers) "
				 "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (project_id, field, member_id) "
				 "DO UPDATE SET counts = excluded.counts, answers = excluded.answers",
				 "itiFl", run->project->id, run->name, member_id,
				 floats_array(counts, nlabels * nlabels), answers);
}


void
model_load_annotators(const Resolution *run, int nannotators,
					  const int32 *members, int nlabels, double *counts,
					  int64 *answers)
{
	Size		cells = (Size) nlabels * nlabels;

	memset(counts, 0, sizeof(double) * cells * nannotators);
	for (int j = 0; j < nannotators; j++)
	{
		Rows		rows = storage_exec("SELECT counts, answers FROM tdp.consensus_skill "
										"WHERE project_id = $1 AND field = $2 AND member_id = $3",
										"iti", run->project->id, run->name, members[j]);
		ArrayType  *array;

		answers[j] = 0;
		if (rows.count == 0)
			continue;
		array = row_array(rows, 0, 1);
		if (ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)) == cells)
			memcpy(counts + j * cells, ARR_DATA_PTR(array),
				   sizeof(double) * cells);
		answers[j] = row_int64(rows, 0, 2);
	}
}


static void
follow_project(ProjectEvent event, const Project *project,
			   const Project *before)
{
	StorageSection section;

	if (event != PROJECT_DROPPED)
		return;
	storage_begin(&section, false);
	storage_exec("DELETE FROM tdp.consensus_model WHERE project_id = $1", "i",
				 project->id);
	storage_exec("DELETE FROM tdp.consensus_skill WHERE project_id = $1", "i",
				 project->id);
	section_end(&section);
}


void
consensus_init(void)
{
	project_listen(follow_project);
}
