-- ---------------------------------------------------------------------------
-- answer: what people and models said
-- ---------------------------------------------------------------------------

CREATE SEQUENCE tdp.annotation_id_seq;
COMMENT ON SEQUENCE tdp.annotation_id_seq IS 'Numbers of annotations.';

CREATE TABLE tdp.annotation (
	annotation_id bigint PRIMARY KEY
		DEFAULT pg_catalog.nextval('tdp.annotation_id_seq'),
	item_id bigint NOT NULL,
	task_id bigint NOT NULL,
	prediction_id bigint,
	submitted_at timestamptz NOT NULL,
	project_id integer NOT NULL,
	member_id integer NOT NULL,
	schema_version integer NOT NULL,
	seconds real,
	lease_seconds real,
	revision smallint NOT NULL DEFAULT 1,
	origin "char" NOT NULL CHECK (origin IN ('t', 'd', 'i')),
	value jsonb NOT NULL,
	UNIQUE (task_id, revision)
);
CREATE INDEX annotation_item ON tdp.annotation (item_id);
CREATE INDEX annotation_project ON tdp.annotation (project_id, annotation_id);
COMMENT ON TABLE tdp.annotation IS
'Storage of answers and their revisions, only ever appended to; read tdp.annotations.';
COMMENT ON COLUMN tdp.annotation.annotation_id IS 'Number of the annotation.';
COMMENT ON COLUMN tdp.annotation.item_id IS 'Its item.';
COMMENT ON COLUMN tdp.annotation.task_id IS 'The task that it answers.';
COMMENT ON COLUMN tdp.annotation.prediction_id IS
'The foremost prediction that was shown to the annotator; NULL: none.';
COMMENT ON COLUMN tdp.annotation.submitted_at IS 'When it was given.';
COMMENT ON COLUMN tdp.annotation.project_id IS 'Its project.';
COMMENT ON COLUMN tdp.annotation.member_id IS 'Whose it is.';
COMMENT ON COLUMN tdp.annotation.schema_version IS
'Version of the label schema that it was made under.';
COMMENT ON COLUMN tdp.annotation.seconds IS
'Working time as the client reported it; NULL: not reported.';
COMMENT ON COLUMN tdp.annotation.lease_seconds IS
'Time from lease to submission; NULL: given without a lease.';
COMMENT ON COLUMN tdp.annotation.revision IS 'Counts from 1 for each task.';
COMMENT ON COLUMN tdp.annotation.origin IS
't: submitted on a lease; d: given directly; i: imported.';
COMMENT ON COLUMN tdp.annotation.value IS 'The answer: an object keyed by field.';

CREATE SEQUENCE tdp.prediction_id_seq;
COMMENT ON SEQUENCE tdp.prediction_id_seq IS 'Numbers of predictions.';

CREATE TABLE tdp.prediction (
	prediction_id bigint PRIMARY KEY
		DEFAULT pg_catalog.nextval('tdp.prediction_id_seq'),
	item_id bigint NOT NULL,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	confidence double precision CHECK (confidence BETWEEN 0 AND 1),
	project_id integer NOT NULL,
	schema_version integer NOT NULL,
	source "char" NOT NULL CHECK (source IN ('p', 'm')),
	current boolean NOT NULL DEFAULT true,
	model text COLLATE "C" NOT NULL
		CHECK (pg_catalog.octet_length(model) BETWEEN 1 AND 200),
	value jsonb NOT NULL
);
CREATE UNIQUE INDEX prediction_current ON tdp.prediction (item_id, model)
	WHERE current;
CREATE INDEX prediction_project ON tdp.prediction (project_id, model)
	WHERE current;
COMMENT ON TABLE tdp.prediction IS
'Storage of answers that no person gave; read tdp.predictions.';
COMMENT ON COLUMN tdp.prediction.prediction_id IS 'Number of the prediction.';
COMMENT ON COLUMN tdp.prediction.item_id IS 'Its item.';
COMMENT ON COLUMN tdp.prediction.created_at IS 'When it was written.';
COMMENT ON COLUMN tdp.prediction.confidence IS
'Probability (0 to 1) that it is right, as its maker says; NULL: unknown.';
COMMENT ON COLUMN tdp.prediction.project_id IS 'Its project.';
COMMENT ON COLUMN tdp.prediction.schema_version IS
'Version of the label schema that it was made under.';
COMMENT ON COLUMN tdp.prediction.source IS
'p: propagated from labels by tdp itself; m: loaded from a model outside.';
COMMENT ON COLUMN tdp.prediction.current IS
'False once a newer one of the same model has replaced it.';
COMMENT ON COLUMN tdp.prediction.model IS 'Who or what made it.';
COMMENT ON COLUMN tdp.prediction.value IS 'The answer: an object keyed by field.';

CREATE TABLE tdp.label (
	item_id bigint NOT NULL,
	field text COLLATE "C" NOT NULL,
	labeled_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	confidence double precision,
	project_id integer NOT NULL,
	schema_version integer NOT NULL,
	answers integer NOT NULL DEFAULT 0,
	source "char" NOT NULL CHECK (source IN ('c', 'p', 'm')),
	label text,
	value jsonb NOT NULL,
	probabilities jsonb,
	method text NOT NULL,
	PRIMARY KEY (item_id, field)
);
CREATE INDEX label_project ON tdp.label (project_id, field);
COMMENT ON TABLE tdp.label IS
'Storage of the best that is known about each item and field; read tdp.labels.';
COMMENT ON COLUMN tdp.label.item_id IS 'The item.';
COMMENT ON COLUMN tdp.label.field IS 'The field of the label schema.';
COMMENT ON COLUMN tdp.label.labeled_at IS 'When this became the best known.';
COMMENT ON COLUMN tdp.label.confidence IS 'Probability (0 to 1) that it is right; NULL: unknown.';
COMMENT ON COLUMN tdp.label.project_id IS 'Its project.';
COMMENT ON COLUMN tdp.label.schema_version IS 'Version of the label schema.';
COMMENT ON COLUMN tdp.label.answers IS 'Answers of people that it rests on.';
COMMENT ON COLUMN tdp.label.source IS
'c: consensus of people; p: propagated; m: a model. The first of these that there is.';
COMMENT ON COLUMN tdp.label.label IS 'The value as a label''s text.';
COMMENT ON COLUMN tdp.label.value IS 'The value.';
COMMENT ON COLUMN tdp.label.probabilities IS 'Label to probability; NULL: not known.';
COMMENT ON COLUMN tdp.label.method IS 'What made it: a consensus method, a propagation method, a model.';

CREATE SEQUENCE tdp.resolution_id_seq;
COMMENT ON SEQUENCE tdp.resolution_id_seq IS 'Numbers of resolutions.';

CREATE TABLE tdp.resolution (
	resolution_id bigint PRIMARY KEY
		DEFAULT pg_catalog.nextval('tdp.resolution_id_seq'),
	project_id integer NOT NULL,
	field text COLLATE "C" NOT NULL,
	resolved_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	method text NOT NULL,
	why text NOT NULL,
	items bigint NOT NULL,
	annotators integer NOT NULL,
	annotations bigint NOT NULL,
	evidence jsonb
);
CREATE INDEX resolution_project ON tdp.resolution (project_id, resolution_id);
COMMENT ON TABLE tdp.resolution IS
'Storage of each run of tdp.resolve on a field; read tdp.resolutions.';
COMMENT ON COLUMN tdp.resolution.resolution_id IS 'Number of the run.';
COMMENT ON COLUMN tdp.resolution.project_id IS 'The project.';
COMMENT ON COLUMN tdp.resolution.field IS 'The field that was resolved.';
COMMENT ON COLUMN tdp.resolution.resolved_at IS 'When.';
COMMENT ON COLUMN tdp.resolution.method IS 'By which method.';
COMMENT ON COLUMN tdp.resolution.why IS 'Why that one.';
COMMENT ON COLUMN tdp.resolution.items IS 'Items that got a label.';
COMMENT ON COLUMN tdp.resolution.annotators IS 'Annotators whose answers counted.';
COMMENT ON COLUMN tdp.resolution.annotations IS 'Answers that counted.';
COMMENT ON COLUMN tdp.resolution.evidence IS
'What the choice of the method rests on; NULL: it was not chosen by the answers.';

CREATE TABLE tdp.annotator_skill (
	member_id integer NOT NULL,
	field text COLLATE "C" NOT NULL,
	accuracy double precision,
	answers bigint NOT NULL,
	resolved_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	PRIMARY KEY (member_id, field)
);
COMMENT ON TABLE tdp.annotator_skill IS
'Storage of each annotator''s estimated accuracy per field, as of the last tdp.resolve; read tdp.annotator_stats.';
COMMENT ON COLUMN tdp.annotator_skill.member_id IS 'The annotator.';
COMMENT ON COLUMN tdp.annotator_skill.field IS 'The field.';
COMMENT ON COLUMN tdp.annotator_skill.accuracy IS
'Expected share (0 to 1) of right answers; NULL: the method estimates none.';
COMMENT ON COLUMN tdp.annotator_skill.answers IS 'Answers that it rests on.';
COMMENT ON COLUMN tdp.annotator_skill.resolved_at IS 'When it was estimated.';

SELECT pg_catalog.pg_extension_config_dump('tdp.annotation', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.annotation_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.prediction', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.prediction_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.label', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.resolution', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.resolution_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.annotator_skill', '');

