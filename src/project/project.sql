-- ---------------------------------------------------------------------------
-- project: make, change and drop projects; who takes part
-- ---------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION tdp.my_projects()
RETURNS TABLE (project_id integer, member_id integer, role text, member text)
AS 'MODULE_PATHNAME', 'tdp_my_projects'
LANGUAGE C STABLE ROWS 10;
COMMENT ON FUNCTION tdp.my_projects() IS
'Projects in which the calling role has a part, and which: the views show each caller theirs by it. A role with the rights of a project''s owner counts as owner; member_id is NULL for one that is no member.';

CREATE OR REPLACE FUNCTION tdp.create_project(name text, source regclass,
	label_schema tdp.label_schema, key text[] DEFAULT NULL,
	columns text[] DEFAULT NULL, filter text DEFAULT NULL,
	overlap integer DEFAULT 1, max_overlap integer DEFAULT NULL,
	target_confidence double precision DEFAULT NULL,
	lease interval DEFAULT '30 min', instructions text DEFAULT NULL,
	settings jsonb DEFAULT '{}', if_not_exists boolean DEFAULT false)
RETURNS text
AS 'MODULE_PATHNAME', 'tdp_create_project'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.create_project(text, regclass, tdp.label_schema, text[], text[], text, integer, integer, double precision, interval, text, jsonb, boolean) IS
'Makes a labeling project on a table that the caller owns, in constant time whatever its size: from then on every row inserted queues itself in the same transaction, and the rows there are follow as people reach for them. Returns the name.
source: an ordinary or partitioned table. label_schema: what may be said about a row. key: columns of a unique key (NULL: the primary key). columns: those that annotators see (NULL: all). filter: an SQL condition that rows must meet. overlap: answers wanted for each row; max_overlap: answers at most. target_confidence: 0 to 1, NULL for none. lease: how long a task is kept for an annotator. settings: show, intake, prefill, visibility, views_schema. if_not_exists: a NOTICE instead of an error when the name is taken.
Also makes the views <name>_labels and <name>_answers in views_schema. The caller becomes the first member, as owner.';

CREATE OR REPLACE FUNCTION tdp.alter_project(project text, settings jsonb)
RETURNS void
AS 'MODULE_PATHNAME', 'tdp_alter_project'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.alter_project(text, jsonb) IS
'Changes what the keys of settings name: create_project''s arguments (but not its key) and the keys of its settings; also owner, by which an administrator adopts a project. JSON null resets to the default. A label_schema is given in its array form and becomes a new version; answers keep theirs. What is run with the owner''s rights or decides what others see of the source (name, source, owner, columns, filter, show, views_schema) only the owner may change, the rest managers too.';

CREATE OR REPLACE FUNCTION tdp.project_settings(project text)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'tdp_project_settings'
LANGUAGE C STABLE;
COMMENT ON FUNCTION tdp.project_settings(text) IS
'The arguments that would make the project again, keyed by name, fit to be fed back to tdp.alter_project. For members.';

CREATE OR REPLACE FUNCTION tdp.drop_project(project text)
RETURNS void
AS 'MODULE_PATHNAME', 'tdp_drop_project'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.drop_project(text) IS
'Drops a project with its queue, its answers, its labels, its views and its triggers; the source stays as it is. For its owner.';

CREATE OR REPLACE FUNCTION tdp.add_member(project text, member text,
	role text DEFAULT 'annotator', login regrole DEFAULT NULL,
	settings jsonb DEFAULT '{}')
RETURNS void
AS 'MODULE_PATHNAME', 'tdp_add_member'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.add_member(text, text, text, regrole, jsonb) IS
'Adds a member, or changes the one of that name. role: owner, manager, reviewer, annotator, viewer or machine (a model that answers as a member and takes no slot). login: the database role that acts as this member; NULL: only managers act for them, by name. settings: none so far. For managers; owners are made by owners.';

CREATE OR REPLACE FUNCTION tdp.remove_member(project text, member text)
RETURNS void
AS 'MODULE_PATHNAME', 'tdp_remove_member'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.remove_member(text, text) IS
'Takes a member out: their answers stay, what they hold goes back to the queue. For managers.';

CREATE OR REPLACE VIEW tdp.projects WITH (security_barrier) AS
SELECT p.name AS project,
	pg_catalog.format('%I.%I', p.source_schema, p.source_name) AS source,
	v.label_schema, p.owner, me.role AS my_role, p.key_columns AS key,
	p.columns, p.filter, p.overlap, p.max_overlap, p.target_confidence,
	p.lease, p.instructions, p.intake, p.prefill, p.visibility,
	p.views_schema, p.schema_version, p.created_at
FROM tdp.my_projects() me
	JOIN tdp.project p ON p.project_id = me.project_id
	JOIN tdp.schema_version v ON v.project_id = p.project_id
		AND v.version = p.schema_version;
GRANT SELECT ON tdp.projects TO PUBLIC;
COMMENT ON VIEW tdp.projects IS
'Projects in which the caller has a part.';
COMMENT ON COLUMN tdp.projects.project IS 'Name of the project.';
COMMENT ON COLUMN tdp.projects.source IS 'The table whose rows are labeled.';
COMMENT ON COLUMN tdp.projects.label_schema IS 'What may be said about a row, as of now.';
COMMENT ON COLUMN tdp.projects.owner IS 'Role whose rights read the source.';
COMMENT ON COLUMN tdp.projects.my_role IS 'The caller''s role in it.';
COMMENT ON COLUMN tdp.projects.key IS 'Columns that tell the source''s rows apart.';
COMMENT ON COLUMN tdp.projects.columns IS 'Columns that annotators see; NULL: all.';
COMMENT ON COLUMN tdp.projects.filter IS 'Condition that rows must meet; NULL: none.';
COMMENT ON COLUMN tdp.projects.overlap IS 'Answers wanted for each item.';
COMMENT ON COLUMN tdp.projects.max_overlap IS 'Answers that an item gets at most.';
COMMENT ON COLUMN tdp.projects.target_confidence IS 'Confidence to reach; NULL: none.';
COMMENT ON COLUMN tdp.projects.lease IS 'How long a task is kept for an annotator.';
COMMENT ON COLUMN tdp.projects.instructions IS 'What annotators should read first.';
COMMENT ON COLUMN tdp.projects.intake IS 'all: people see every row; batch: only rows of batches.';
COMMENT ON COLUMN tdp.projects.prefill IS 'Which tasks show a prediction: all, none or half.';
COMMENT ON COLUMN tdp.projects.visibility IS 'What annotators see of others: blind, after_own or open.';
COMMENT ON COLUMN tdp.projects.views_schema IS 'Schema of the two typed views.';
COMMENT ON COLUMN tdp.projects.schema_version IS 'Version of the label schema.';
COMMENT ON COLUMN tdp.projects.created_at IS 'When it was made.';

CREATE OR REPLACE VIEW tdp.members WITH (security_barrier) AS
SELECT p.name AS project, m.name AS member, m.role, m.login, m.active,
	m.settings, m.created_at
FROM tdp.my_projects() me
	JOIN tdp.project p ON p.project_id = me.project_id
	JOIN tdp.member m ON m.project_id = me.project_id
WHERE me.role = ANY (ARRAY['owner', 'manager', 'reviewer', 'viewer'])
	OR p.visibility = 'open'
	OR m.member_id = me.member_id;
GRANT SELECT ON tdp.members TO PUBLIC;
COMMENT ON VIEW tdp.members IS
'Members of the caller''s projects; annotators see themselves alone unless the project is open.';
COMMENT ON COLUMN tdp.members.project IS 'Name of the project.';
COMMENT ON COLUMN tdp.members.member IS 'Name of the member in it.';
COMMENT ON COLUMN tdp.members.role IS 'owner, manager, reviewer, annotator, viewer or machine.';
COMMENT ON COLUMN tdp.members.login IS 'Database role that acts as this member; NULL: only managers act for them.';
COMMENT ON COLUMN tdp.members.active IS 'False once removed.';
COMMENT ON COLUMN tdp.members.settings IS 'What concerns this member alone.';
COMMENT ON COLUMN tdp.members.created_at IS 'When they joined.';

