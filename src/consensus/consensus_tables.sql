-- ---------------------------------------------------------------------------
-- consensus: what a project's answers taught, for what comes after
-- ---------------------------------------------------------------------------

CREATE TABLE tdp.consensus_model (
	project_id integer NOT NULL,
	field text COLLATE "C" NOT NULL,
	fitted_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	fitted_annotations bigint NOT NULL,
	annotations bigint NOT NULL,
	chosen_annotations bigint,
	schema_version integer NOT NULL,
	method text NOT NULL,
	why text NOT NULL,
	evidence jsonb,
	labels text[],
	classes double precision[],
	PRIMARY KEY (project_id, field)
);
COMMENT ON TABLE tdp.consensus_model IS
'Storage of the model that the last full run of tdp.resolve fitted to a field, brought up to date by the runs since.';
COMMENT ON COLUMN tdp.consensus_model.project_id IS 'The project.';
COMMENT ON COLUMN tdp.consensus_model.field IS 'The field.';
COMMENT ON COLUMN tdp.consensus_model.fitted_at IS 'When it was fitted to all answers.';
COMMENT ON COLUMN tdp.consensus_model.fitted_annotations IS 'Answers that there were then.';
COMMENT ON COLUMN tdp.consensus_model.annotations IS 'Answers that it knows now.';
COMMENT ON COLUMN tdp.consensus_model.chosen_annotations IS
'Answers that there were when auto chose the method; NULL: it was asked for.';
COMMENT ON COLUMN tdp.consensus_model.schema_version IS
'Version of the label schema that it was fitted under.';
COMMENT ON COLUMN tdp.consensus_model.method IS 'The method.';
COMMENT ON COLUMN tdp.consensus_model.why IS 'Why that one.';
COMMENT ON COLUMN tdp.consensus_model.evidence IS
'What the choice rests on, as in tdp.resolutions; NULL: it was asked for.';
COMMENT ON COLUMN tdp.consensus_model.labels IS
'The labels in the order of the counts; NULL: the method cannot be brought up to date.';
COMMENT ON COLUMN tdp.consensus_model.classes IS
'Expected number of items of each label.';

CREATE TABLE tdp.consensus_skill (
	project_id integer NOT NULL,
	member_id integer NOT NULL,
	answers bigint NOT NULL,
	field text COLLATE "C" NOT NULL,
	counts double precision[] NOT NULL,
	PRIMARY KEY (project_id, field, member_id)
);
COMMENT ON TABLE tdp.consensus_skill IS
'Storage of what an annotator''s answers add to a field''s model.';
COMMENT ON COLUMN tdp.consensus_skill.project_id IS 'The project.';
COMMENT ON COLUMN tdp.consensus_skill.member_id IS 'The annotator.';
COMMENT ON COLUMN tdp.consensus_skill.answers IS 'Answers that it rests on.';
COMMENT ON COLUMN tdp.consensus_skill.field IS 'The field.';
COMMENT ON COLUMN tdp.consensus_skill.counts IS
'Expected number of answers for each label given and, running fastest, each true label.';

SELECT pg_catalog.pg_extension_config_dump('tdp.consensus_model', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.consensus_skill', '');

