-- ---------------------------------------------------------------------------
-- answer: what people and models said
-- ---------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION tdp.submit(task_id bigint, value jsonb,
	seconds double precision DEFAULT NULL, annotator text DEFAULT NULL)
RETURNS bigint
AS 'MODULE_PATHNAME', 'tdp_submit'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.submit(bigint, jsonb, double precision, text) IS
'Answers a task; returns the annotation''s number. value: an object keyed by field that fits the label schema. seconds: working time, if the client measured it. The same answer again returns the same number. A late answer is taken while its place is free.
Errors: TD001 no such task or its row is gone, TD002 another''s, TD003 expired and its place taken, TD004 finished otherwise, TD010 does not fit (the detail is a JSON array of path and problem).';

CREATE OR REPLACE FUNCTION tdp.annotate(project text, item text, value jsonb,
	annotator text DEFAULT NULL, submitted_at timestamptz DEFAULT NULL,
	seconds double precision DEFAULT NULL)
RETURNS bigint
AS 'MODULE_PATHNAME', 'tdp_annotate'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.annotate(text, text, jsonb, text, timestamptz, double precision) IS
'Gives an answer without a lease; returns the annotation''s number. On an item whose slots are full it is kept as an extra answer. item: its key as tdp.item_key prints it. submitted_at: NULL for now.
Errors: TD004 answered otherwise, TD006 no such item, TD010 does not fit, TD020 no such project, TD021 no member.';

CREATE OR REPLACE FUNCTION tdp.import_annotations(project text,
	annotations text, on_error text DEFAULT 'stop')
RETURNS TABLE (item text, problem text)
AS 'MODULE_PATHNAME', 'tdp_import_annotations'
LANGUAGE C VOLATILE ROWS 10;
COMMENT ON FUNCTION tdp.import_annotations(text, text, text) IS
'Takes over answers from elsewhere. annotations: a query (or relation) with columns item, value, annotator and, if known, submitted_at and seconds, run with the caller''s rights. on_error: stop at the first answer that cannot be taken, or skip such and return them. Annotators must be members. For managers.';

CREATE OR REPLACE FUNCTION tdp.add_predictions(project text,
	predictions text, model text)
RETURNS bigint
AS 'MODULE_PATHNAME', 'tdp_add_predictions'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.add_predictions(text, text, text) IS
'Stores answers made elsewhere by a model, a language model or a rule; returns their number. predictions: a query (or relation) with columns item, value and, if known, confidence (0 to 1), run with the caller''s rights. A newer prediction of the same model replaces the older. Annotators see them as pre-filled answers, and they are the label of items that have no better one. For managers and machines.';

CREATE OR REPLACE FUNCTION tdp.field_values(value jsonb,
	label_schema tdp.label_schema)
RETURNS TABLE (field text, label text, field_value jsonb)
AS 'MODULE_PATHNAME', 'tdp_field_values'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 2;
COMMENT ON FUNCTION tdp.field_values(jsonb, tdp.label_schema) IS
'Takes an answer apart: a row per field that it has, with the value and the same as a label''s text (equal for answers that mean the same).';

CREATE OR REPLACE FUNCTION tdp.require_member(project text) RETURNS boolean
AS 'MODULE_PATHNAME', 'tdp_require_member'
LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION tdp.require_member(text) IS
'True for a member of the project, error TD021 for anybody else: the view <project>_answers asks it, so that a stranger does not take an empty result for the truth.';

CREATE OR REPLACE FUNCTION tdp.verify(project text)
RETURNS TABLE (rule text, item text, detail text)
AS 'MODULE_PATHNAME', 'tdp_verify'
LANGUAGE C VOLATILE ROWS 1;
COMMENT ON FUNCTION tdp.verify(text) IS
'Every broken invariant of a project''s queue and answers; no row is the normal answer. For managers.';

CREATE OR REPLACE FUNCTION tdp.project_restored() RETURNS trigger
AS 'MODULE_PATHNAME', 'tdp_project_restored'
LANGUAGE C;
COMMENT ON FUNCTION tdp.project_restored() IS
'Function of the trigger on tdp.project that makes the typed views readable again when a superuser restores another''s dump.';

CREATE OR REPLACE TRIGGER project_restored AFTER INSERT ON tdp.project
	FOR EACH STATEMENT EXECUTE FUNCTION tdp.project_restored();
COMMENT ON TRIGGER project_restored ON tdp.project IS
'Makes the typed views readable again when a superuser restores another''s dump.';

-- The long form of all answers, for the project's own statements.

CREATE OR REPLACE VIEW tdp.answer AS
SELECT a.project_id, a.item_id, i.key AS item, f.field, a.member_id,
	m.name AS annotator, m.role, f.label, f.field_value AS value,
	a.annotation_id, a.submitted_at, a.schema_version
FROM tdp.annotation a
	JOIN tdp.item i ON i.item_id = a.item_id
	JOIN tdp.member m ON m.member_id = a.member_id
	JOIN tdp.schema_version v ON v.project_id = a.project_id
		AND v.version = a.schema_version
	CROSS JOIN LATERAL tdp.field_values(a.value, v.label_schema) f
WHERE NOT EXISTS (SELECT FROM tdp.annotation newer
	WHERE newer.task_id = a.task_id AND newer.revision > a.revision);
COMMENT ON VIEW tdp.answer IS
'Storage view of answers in long form; read tdp.answers.';
COMMENT ON COLUMN tdp.answer.project_id IS 'The project.';
COMMENT ON COLUMN tdp.answer.item_id IS 'Number of the item.';
COMMENT ON COLUMN tdp.answer.item IS 'Key of the item.';
COMMENT ON COLUMN tdp.answer.field IS 'The field.';
COMMENT ON COLUMN tdp.answer.member_id IS 'Number of the annotator.';
COMMENT ON COLUMN tdp.answer.annotator IS 'Name of the annotator.';
COMMENT ON COLUMN tdp.answer.role IS 'Role of the annotator.';
COMMENT ON COLUMN tdp.answer.label IS 'The value as a label''s text.';
COMMENT ON COLUMN tdp.answer.value IS 'The value.';
COMMENT ON COLUMN tdp.answer.annotation_id IS 'The annotation it is part of.';
COMMENT ON COLUMN tdp.answer.submitted_at IS 'When it was given.';
COMMENT ON COLUMN tdp.answer.schema_version IS 'Version of the label schema it was made under.';

-- What a caller may see of others' answers: all of it, for those roles; in an
-- open project too; after_own, what was said about items they have answered.

CREATE OR REPLACE VIEW tdp.annotations WITH (security_barrier) AS
SELECT a.annotation_id, p.name AS project, i.key AS item,
	m.name AS annotator, a.value, 'submitted'::text AS status,
	a.revision::integer, t.state = 'e' AS extra,
	a.seconds::double precision, a.lease_seconds::double precision,
	a.prediction_id, a.schema_version, a.submitted_at
FROM tdp.my_projects() me
	JOIN tdp.project p ON p.project_id = me.project_id
	JOIN tdp.annotation a ON a.project_id = me.project_id
	JOIN tdp.item i ON i.item_id = a.item_id
	JOIN tdp.member m ON m.member_id = a.member_id
	JOIN tdp.task t ON t.task_id = a.task_id
WHERE NOT EXISTS (SELECT FROM tdp.annotation newer
		WHERE newer.task_id = a.task_id AND newer.revision > a.revision)
	AND (me.role IN ('owner', 'manager', 'reviewer', 'viewer')
		OR a.member_id = me.member_id
		OR p.visibility = 'open'
		OR p.visibility = 'after_own' AND EXISTS (
			SELECT FROM tdp.task own WHERE own.item_id = a.item_id
				AND own.member_id = me.member_id AND own.state IN ('s', 'e')));
GRANT SELECT ON tdp.annotations TO PUBLIC;
COMMENT ON VIEW tdp.annotations IS
'Answers as they stand, a row each: one''s own, and others'' as far as role and the project''s visibility allow.';
COMMENT ON COLUMN tdp.annotations.annotation_id IS 'Number of the annotation.';
COMMENT ON COLUMN tdp.annotations.project IS 'Name of the project.';
COMMENT ON COLUMN tdp.annotations.item IS 'Key of the row.';
COMMENT ON COLUMN tdp.annotations.annotator IS 'Who answered.';
COMMENT ON COLUMN tdp.annotations.value IS 'The answer: an object keyed by field.';
COMMENT ON COLUMN tdp.annotations.status IS 'submitted.';
COMMENT ON COLUMN tdp.annotations.revision IS 'Counts from 1.';
COMMENT ON COLUMN tdp.annotations.extra IS 'Beyond the overlap: it took no slot.';
COMMENT ON COLUMN tdp.annotations.seconds IS 'Working time as the client reported it.';
COMMENT ON COLUMN tdp.annotations.lease_seconds IS 'Time from lease to submission.';
COMMENT ON COLUMN tdp.annotations.prediction_id IS 'The foremost prediction that was shown; NULL: none.';
COMMENT ON COLUMN tdp.annotations.schema_version IS 'Version of the label schema it was made under.';
COMMENT ON COLUMN tdp.annotations.submitted_at IS 'When it was given.';

CREATE OR REPLACE VIEW tdp.annotation_revisions WITH (security_barrier) AS
SELECT a.annotation_id, p.name AS project, i.key AS item,
	m.name AS annotator, a.revision::integer, a.value, a.schema_version,
	a.submitted_at
FROM tdp.my_projects() me
	JOIN tdp.project p ON p.project_id = me.project_id
	JOIN tdp.annotation a ON a.project_id = me.project_id
	JOIN tdp.item i ON i.item_id = a.item_id
	JOIN tdp.member m ON m.member_id = a.member_id
WHERE me.role IN ('owner', 'manager', 'reviewer', 'viewer')
	OR a.member_id = me.member_id;
GRANT SELECT ON tdp.annotation_revisions TO PUBLIC;
COMMENT ON VIEW tdp.annotation_revisions IS
'Every revision of every answer: one''s own; those who may see all of a project see all.';
COMMENT ON COLUMN tdp.annotation_revisions.annotation_id IS 'Number of the annotation.';
COMMENT ON COLUMN tdp.annotation_revisions.project IS 'Name of the project.';
COMMENT ON COLUMN tdp.annotation_revisions.item IS 'Key of the row.';
COMMENT ON COLUMN tdp.annotation_revisions.annotator IS 'Who answered.';
COMMENT ON COLUMN tdp.annotation_revisions.revision IS 'Counts from 1.';
COMMENT ON COLUMN tdp.annotation_revisions.value IS 'The answer as it was then.';
COMMENT ON COLUMN tdp.annotation_revisions.schema_version IS 'Version of the label schema it was made under.';
COMMENT ON COLUMN tdp.annotation_revisions.submitted_at IS 'When it was given.';

-- A comparison that PostgreSQL knows to be harmless it makes before it asks
-- who may see the row, and EXPLAIN ANALYZE then tells how many rows passed.
-- So texts and numbers that say what others answered hang on that question.

CREATE OR REPLACE VIEW tdp.answers WITH (security_barrier) AS
SELECT p.name AS project, a.item, a.field, a.annotator,
	CASE WHEN may.see THEN a.label END AS label, a.value
FROM tdp.my_projects() me
	JOIN tdp.project p ON p.project_id = me.project_id
	JOIN tdp.answer a ON a.project_id = me.project_id
	CROSS JOIN LATERAL (
		SELECT me.role IN ('owner', 'manager', 'reviewer', 'viewer')
			OR a.member_id = me.member_id
			OR p.visibility = 'open'
			OR p.visibility = 'after_own' AND EXISTS (
				SELECT FROM tdp.task own WHERE own.item_id = a.item_id
					AND own.member_id = me.member_id AND own.state IN ('s', 'e'))
			AS see) may
WHERE may.see;
GRANT SELECT ON tdp.answers TO PUBLIC;
COMMENT ON VIEW tdp.answers IS
'Answers in long form, a row per item, field and annotator, as every solver takes them; seen as tdp.annotations are.';
COMMENT ON COLUMN tdp.answers.project IS 'Name of the project.';
COMMENT ON COLUMN tdp.answers.item IS 'Key of the row.';
COMMENT ON COLUMN tdp.answers.field IS 'The field of the label schema.';
COMMENT ON COLUMN tdp.answers.annotator IS 'Who answered.';
COMMENT ON COLUMN tdp.answers.label IS 'The value as a label''s text.';
COMMENT ON COLUMN tdp.answers.value IS 'The value.';

CREATE OR REPLACE VIEW tdp.predictions WITH (security_barrier) AS
SELECT p.name AS project, i.key AS item, f.field,
	CASE WHEN may.see THEN f.label END AS label, f.field_value AS value,
	CASE WHEN may.see THEN r.confidence END AS confidence, r.model,
	r.created_at
FROM tdp.my_projects() me
	JOIN tdp.project p ON p.project_id = me.project_id
	JOIN tdp.prediction r ON r.project_id = me.project_id AND r.current
	JOIN tdp.item i ON i.item_id = r.item_id
	JOIN tdp.schema_version v ON v.project_id = r.project_id
		AND v.version = r.schema_version
	CROSS JOIN LATERAL tdp.field_values(r.value, v.label_schema) f
	CROSS JOIN LATERAL (
		SELECT me.role IN ('owner', 'manager', 'reviewer', 'viewer', 'machine')
			AS see) may
WHERE may.see;
GRANT SELECT ON tdp.predictions TO PUBLIC;
COMMENT ON VIEW tdp.predictions IS
'Answers that no person gave, the newest of each model, a row per item and field; for those who may see all of a project. Annotators see them in their tasks.';
COMMENT ON COLUMN tdp.predictions.project IS 'Name of the project.';
COMMENT ON COLUMN tdp.predictions.item IS 'Key of the row.';
COMMENT ON COLUMN tdp.predictions.field IS 'The field of the label schema.';
COMMENT ON COLUMN tdp.predictions.label IS 'The value as a label''s text.';
COMMENT ON COLUMN tdp.predictions.value IS 'The value.';
COMMENT ON COLUMN tdp.predictions.confidence IS 'Probability (0 to 1) that it is right, as its maker says.';
COMMENT ON COLUMN tdp.predictions.model IS 'Who or what made it.';
COMMENT ON COLUMN tdp.predictions.created_at IS 'When it was written.';

CREATE OR REPLACE VIEW tdp.labels WITH (security_barrier) AS
SELECT p.name AS project, i.key AS item, l.field,
	CASE WHEN may.see THEN l.label END AS label, l.value,
	CASE WHEN may.see THEN l.confidence END AS confidence, l.probabilities,
	l.answers,
	CASE l.source WHEN 'c' THEN 'consensus' WHEN 'p' THEN 'propagated'
		ELSE 'model' END AS source,
	l.method, l.labeled_at, l.schema_version
FROM tdp.my_projects() me
	JOIN tdp.project p ON p.project_id = me.project_id
	JOIN tdp.label l ON l.project_id = me.project_id
	JOIN tdp.item i ON i.item_id = l.item_id
	CROSS JOIN LATERAL (
		SELECT me.role IN ('owner', 'manager', 'reviewer', 'viewer')
			OR p.visibility = 'open'
			OR p.visibility = 'after_own' AND EXISTS (
				SELECT FROM tdp.task own WHERE own.item_id = l.item_id
					AND own.member_id = me.member_id AND own.state IN ('s', 'e'))
			AS see) may
WHERE may.see;
GRANT SELECT ON tdp.labels TO PUBLIC;
COMMENT ON VIEW tdp.labels IS
'The best that is known, a row per item and field: consensus of people before propagated labels before a model''s. Annotators of a blind project see none, which would tell them what others said.';
COMMENT ON COLUMN tdp.labels.project IS 'Name of the project.';
COMMENT ON COLUMN tdp.labels.item IS 'Key of the row.';
COMMENT ON COLUMN tdp.labels.field IS 'The field of the label schema.';
COMMENT ON COLUMN tdp.labels.label IS 'The value as a label''s text.';
COMMENT ON COLUMN tdp.labels.value IS 'The value.';
COMMENT ON COLUMN tdp.labels.confidence IS 'Probability (0 to 1) that it is right; NULL: not known.';
COMMENT ON COLUMN tdp.labels.probabilities IS 'Label to probability; NULL: not known.';
COMMENT ON COLUMN tdp.labels.answers IS 'Answers of people that it rests on.';
COMMENT ON COLUMN tdp.labels.source IS 'consensus, propagated or model.';
COMMENT ON COLUMN tdp.labels.method IS 'What made it.';
COMMENT ON COLUMN tdp.labels.labeled_at IS 'When this became the best known.';
COMMENT ON COLUMN tdp.labels.schema_version IS 'Version of the label schema.';

CREATE OR REPLACE VIEW tdp.resolutions WITH (security_barrier) AS
SELECT p.name AS project, r.field, r.resolved_at, r.method, r.why, r.items,
	r.annotators, r.annotations, r.evidence
FROM tdp.my_projects() me
	JOIN tdp.project p ON p.project_id = me.project_id
	JOIN tdp.resolution r ON r.project_id = me.project_id
WHERE me.role IN ('owner', 'manager', 'reviewer', 'viewer');
GRANT SELECT ON tdp.resolutions TO PUBLIC;
COMMENT ON VIEW tdp.resolutions IS
'Runs of tdp.resolve, a row per field; for those who may see all of a project.';
COMMENT ON COLUMN tdp.resolutions.project IS 'Name of the project.';
COMMENT ON COLUMN tdp.resolutions.field IS 'The field that was resolved.';
COMMENT ON COLUMN tdp.resolutions.resolved_at IS 'When.';
COMMENT ON COLUMN tdp.resolutions.method IS 'By which method.';
COMMENT ON COLUMN tdp.resolutions.why IS 'Why that one.';
COMMENT ON COLUMN tdp.resolutions.items IS 'Items that got a label.';
COMMENT ON COLUMN tdp.resolutions.annotators IS 'Annotators whose answers counted.';
COMMENT ON COLUMN tdp.resolutions.annotations IS 'Answers that counted.';
COMMENT ON COLUMN tdp.resolutions.evidence IS
'What the choice of the method rests on: {"hidden": answers that were hidden, "held_out": {method: mean log-likelihood of a hidden answer}}; NULL where the method was asked for.';

CREATE OR REPLACE VIEW tdp.project_status WITH (security_barrier) AS
SELECT p.name AS project, inbox.waiting, item.open, lease.leased,
	item.completed, item.stale, task.skipped, item.withdrawn, aside.set_aside,
	annotation.answers, inbox.touched
FROM tdp.my_projects() me
	JOIN tdp.project p ON p.project_id = me.project_id
	CROSS JOIN LATERAL (
		SELECT coalesce(pg_catalog.sum(keys) FILTER (WHERE kind IN ('2', '3')), 0)::bigint AS waiting,
			coalesce(pg_catalog.sum(keys) FILTER (WHERE kind = '1'), 0)::bigint AS touched
		FROM tdp.inbox WHERE inbox.project_id = p.project_id) inbox
	CROSS JOIN LATERAL (
		SELECT pg_catalog.count(*) FILTER (WHERE state = 'o') AS open,
			pg_catalog.count(*) FILTER (WHERE state = 'c') AS completed,
			pg_catalog.count(*) FILTER (WHERE state = 'w') AS withdrawn,
			pg_catalog.count(*) FILTER (WHERE i.stale) AS stale
		FROM tdp.item i WHERE i.project_id = p.project_id) item
	CROSS JOIN LATERAL (
		SELECT pg_catalog.count(*) AS leased FROM tdp.lease l
		WHERE l.project_id = p.project_id
			AND l.expires_at > pg_catalog.clock_timestamp()) lease
	CROSS JOIN LATERAL (
		SELECT pg_catalog.count(*) AS skipped
		FROM tdp.task t JOIN tdp.item i ON i.item_id = t.item_id
		WHERE i.project_id = p.project_id AND t.state = 'k') task
	CROSS JOIN LATERAL (
		SELECT pg_catalog.count(*) AS set_aside FROM tdp.set_aside s
		WHERE s.project_id = p.project_id) aside
	CROSS JOIN LATERAL (
		SELECT pg_catalog.count(DISTINCT a.task_id) AS answers FROM tdp.annotation a
		WHERE a.project_id = p.project_id) annotation
WHERE me.role IN ('owner', 'manager', 'reviewer', 'viewer');
GRANT SELECT ON tdp.project_status TO PUBLIC;
COMMENT ON VIEW tdp.project_status IS
'How far each project is; for those who may see all of it. waiting is an upper bound, and open is one until touched keys are reconciled; the others are exact.';
COMMENT ON COLUMN tdp.project_status.project IS 'Name of the project.';
COMMENT ON COLUMN tdp.project_status.waiting IS
'Rows not yet looked at: those of statements are counted, those of a scan of a large table are what the planner guesses; some may be gone or not pass the filter.';
COMMENT ON COLUMN tdp.project_status.open IS 'Items that want more answers.';
COMMENT ON COLUMN tdp.project_status.leased IS 'Tasks that annotators hold now.';
COMMENT ON COLUMN tdp.project_status.completed IS 'Items with all the answers wanted.';
COMMENT ON COLUMN tdp.project_status.stale IS 'Items whose row has changed since it was answered.';
COMMENT ON COLUMN tdp.project_status.skipped IS 'Tasks that were skipped.';
COMMENT ON COLUMN tdp.project_status.withdrawn IS 'Items whose row is gone or no longer passes the filter.';
COMMENT ON COLUMN tdp.project_status.set_aside IS 'Rows that raised an error, see tdp.rows_set_aside.';
COMMENT ON COLUMN tdp.project_status.answers IS 'Answers given, extra ones too.';
COMMENT ON COLUMN tdp.project_status.touched IS 'Keys of changed or deleted rows not yet reconciled.';

-- Each part is reckoned for all members of a project at once: the OFFSET keeps
-- the planner from doing it for one member after the other.
CREATE OR REPLACE VIEW tdp.annotator_stats WITH (security_barrier) AS
SELECT p.name AS project, stats.annotator, stats.role, stats.answers,
	stats.seconds, stats.median_seconds, stats.accuracy, stats.agreement,
	stats.skipped, stats.last_answer_at
FROM tdp.my_projects() me
	JOIN tdp.project p ON p.project_id = me.project_id
	CROSS JOIN LATERAL (
		SELECT m.name AS annotator, m.role,
			coalesce(said.answers, 0) AS answers, said.seconds,
			said.median_seconds, skill.accuracy, agrees.agreement,
			coalesce(skips.skipped, 0) AS skipped, said.last_answer_at
		FROM tdp.member m
			LEFT JOIN (
				SELECT a.member_id, pg_catalog.count(*) AS answers,
					pg_catalog.sum(coalesce(a.seconds, a.lease_seconds))::double precision AS seconds,
					pg_catalog.percentile_cont(0.5) WITHIN GROUP (
						ORDER BY coalesce(a.seconds, a.lease_seconds)::double precision) AS median_seconds,
					pg_catalog.max(a.submitted_at) AS last_answer_at
				FROM tdp.annotation a
				WHERE a.project_id = p.project_id AND a.revision = 1
				GROUP BY a.member_id) said ON said.member_id = m.member_id
			LEFT JOIN (
				SELECT s.member_id,
					pg_catalog.sum(s.accuracy * s.answers) / nullif(pg_catalog.sum(s.answers)
						FILTER (WHERE s.accuracy IS NOT NULL), 0) AS accuracy
				FROM tdp.annotator_skill s GROUP BY s.member_id) skill
				ON skill.member_id = m.member_id
			LEFT JOIN (
				SELECT a.member_id,
					pg_catalog.avg((a.label = l.label)::integer)::double precision AS agreement
				FROM tdp.answer a JOIN tdp.label l ON l.item_id = a.item_id
					AND l.field = a.field AND l.source = 'c'
				WHERE a.project_id = p.project_id
				GROUP BY a.member_id) agrees ON agrees.member_id = m.member_id
			LEFT JOIN (
				SELECT t.member_id, pg_catalog.count(*) AS skipped
				FROM tdp.item i JOIN tdp.task t ON t.item_id = i.item_id
				WHERE i.project_id = p.project_id AND t.state = 'k'
				GROUP BY t.member_id) skips ON skips.member_id = m.member_id
		WHERE m.project_id = p.project_id
		OFFSET 0) stats
WHERE me.role IN ('owner', 'manager', 'reviewer', 'viewer');
GRANT SELECT ON tdp.annotator_stats TO PUBLIC;
COMMENT ON VIEW tdp.annotator_stats IS
'What each member did and how well; for those who may see all of a project.';
COMMENT ON COLUMN tdp.annotator_stats.project IS 'Name of the project.';
COMMENT ON COLUMN tdp.annotator_stats.annotator IS 'Name of the member.';
COMMENT ON COLUMN tdp.annotator_stats.role IS 'Role of the member.';
COMMENT ON COLUMN tdp.annotator_stats.answers IS 'Answers given.';
COMMENT ON COLUMN tdp.annotator_stats.seconds IS
'Time spent: as reported, else from lease to submission.';
COMMENT ON COLUMN tdp.annotator_stats.median_seconds IS 'Median of the same.';
COMMENT ON COLUMN tdp.annotator_stats.accuracy IS
'Expected share (0 to 1) of right answers as of the last tdp.resolve, over fields weighted by answers.';
COMMENT ON COLUMN tdp.annotator_stats.agreement IS
'Share (0 to 1) of the answers that are the consensus.';
COMMENT ON COLUMN tdp.annotator_stats.skipped IS 'Tasks skipped.';
COMMENT ON COLUMN tdp.annotator_stats.last_answer_at IS 'When they answered last.';

