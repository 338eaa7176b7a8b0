-- ---------------------------------------------------------------------------
-- project: what is labeled, under which rules, by whom
-- ---------------------------------------------------------------------------

CREATE SEQUENCE tdp.project_id_seq AS integer;
COMMENT ON SEQUENCE tdp.project_id_seq IS 'Numbers of projects.';

CREATE TABLE tdp.project (
	project_id integer PRIMARY KEY
		DEFAULT pg_catalog.nextval('tdp.project_id_seq'),
	name text COLLATE "C" NOT NULL UNIQUE
		CHECK (pg_catalog.octet_length(name) BETWEEN 1 AND 200),
	owner text COLLATE "C" NOT NULL,
	source_schema text COLLATE "C" NOT NULL,
	source_name text COLLATE "C" NOT NULL,
	key_columns text[] COLLATE "C" NOT NULL,
	columns text[] COLLATE "C",
	filter text,
	watched text[] COLLATE "C",
	show_schema text COLLATE "C",
	show_name text COLLATE "C",
	search_path text NOT NULL,
	schema_version integer NOT NULL,
	overlap integer NOT NULL,
	max_overlap integer NOT NULL,
	target_confidence double precision
		CHECK (target_confidence > 0 AND target_confidence < 1),
	lease interval NOT NULL CHECK (lease > '0'),
	instructions text,
	intake text COLLATE "C" NOT NULL CHECK (intake IN ('all', 'batch')),
	prefill text COLLATE "C" NOT NULL CHECK (prefill IN ('all', 'none', 'half')),
	visibility text COLLATE "C" NOT NULL
		CHECK (visibility IN ('blind', 'after_own', 'open')),
	views_schema text COLLATE "C" NOT NULL,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	CHECK (overlap BETWEEN 1 AND max_overlap),
	CHECK (max_overlap <= 1000)
);
COMMENT ON TABLE tdp.project IS
'Storage of projects; read tdp.projects.';
COMMENT ON COLUMN tdp.project.project_id IS 'Number of the project.';
COMMENT ON COLUMN tdp.project.name IS 'Name by which every function knows it.';
COMMENT ON COLUMN tdp.project.owner IS
'Role whose rights read the source. By name, so that a restore without the role leaves a project to adopt.';
COMMENT ON COLUMN tdp.project.source_schema IS 'Schema of the source table.';
COMMENT ON COLUMN tdp.project.source_name IS
'Source table, by name: tools that rebuild a table by rename keep its project.';
COMMENT ON COLUMN tdp.project.key_columns IS
'Columns of the source that tell its rows apart, in the key''s order.';
COMMENT ON COLUMN tdp.project.columns IS
'Columns that annotators are shown; NULL: all, as of each request.';
COMMENT ON COLUMN tdp.project.filter IS
'SQL condition on the source''s columns that rows must meet; NULL: none.';
COMMENT ON COLUMN tdp.project.watched IS
'Columns whose change makes a label stale: those shown and those the filter reads; NULL: all.';
COMMENT ON COLUMN tdp.project.show_schema IS
'Schema of the relation whose row is shown instead of the source''s.';
COMMENT ON COLUMN tdp.project.show_name IS
'Relation with the key''s columns whose row is shown instead of the source''s; NULL: the source.';
COMMENT ON COLUMN tdp.project.search_path IS
'search_path under which the filter is read: the creator''s.';
COMMENT ON COLUMN tdp.project.schema_version IS
'Version of the label schema that new answers are made under.';
COMMENT ON COLUMN tdp.project.overlap IS 'Answers wanted for each item.';
COMMENT ON COLUMN tdp.project.max_overlap IS
'Answers that an item may get at most when its confidence stays below the target.';
COMMENT ON COLUMN tdp.project.target_confidence IS
'Confidence to reach for fields that set none of their own; NULL: the overlap alone counts.';
COMMENT ON COLUMN tdp.project.lease IS
'How long a task is kept for an annotator.';
COMMENT ON COLUMN tdp.project.instructions IS 'What annotators should read first.';
COMMENT ON COLUMN tdp.project.intake IS
'all: people see every row; batch: only rows of batches.';
COMMENT ON COLUMN tdp.project.prefill IS
'Which tasks show a prediction as a pre-filled answer: all, none, or half (every other item).';
COMMENT ON COLUMN tdp.project.visibility IS
'What annotators see of others'' answers: nothing (blind), those on items they have answered (after_own), all (open).';
COMMENT ON COLUMN tdp.project.views_schema IS
'Schema of the two typed views.';
COMMENT ON COLUMN tdp.project.created_at IS 'When the project was made.';

-- No foreign keys, here or elsewhere: pg_restore -j brings tables in any order.

CREATE TABLE tdp.schema_version (
	project_id integer NOT NULL,
	version integer NOT NULL,
	label_schema tdp.label_schema NOT NULL,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	PRIMARY KEY (project_id, version)
);
COMMENT ON TABLE tdp.schema_version IS
'Every version of every project''s label schema; an annotation names the one it was made under.';
COMMENT ON COLUMN tdp.schema_version.project_id IS 'Its project.';
COMMENT ON COLUMN tdp.schema_version.version IS 'Counts from 1 in each project.';
COMMENT ON COLUMN tdp.schema_version.label_schema IS 'What may be said about a row.';
COMMENT ON COLUMN tdp.schema_version.created_at IS 'When it came into force.';

CREATE SEQUENCE tdp.member_id_seq AS integer;
COMMENT ON SEQUENCE tdp.member_id_seq IS 'Numbers of members.';

CREATE TABLE tdp.member (
	member_id integer PRIMARY KEY
		DEFAULT pg_catalog.nextval('tdp.member_id_seq'),
	project_id integer NOT NULL,
	name text COLLATE "C" NOT NULL
		CHECK (pg_catalog.octet_length(name) BETWEEN 1 AND 200),
	role text COLLATE "C" NOT NULL CHECK (role IN
		('owner', 'manager', 'reviewer', 'annotator', 'viewer', 'machine')),
	login text COLLATE "C",
	settings jsonb NOT NULL DEFAULT '{}',
	active boolean NOT NULL DEFAULT true,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	UNIQUE (project_id, name)
);
CREATE UNIQUE INDEX member_login ON tdp.member (login, project_id)
	WHERE login IS NOT NULL AND active;
COMMENT ON TABLE tdp.member IS
'Storage of the people (and models) of each project; read tdp.members.';
COMMENT ON COLUMN tdp.member.member_id IS 'Number of the member: one per project and person.';
COMMENT ON COLUMN tdp.member.project_id IS 'Their project.';
COMMENT ON COLUMN tdp.member.name IS
'Name in this project; never confused with a database role of the same name.';
COMMENT ON COLUMN tdp.member.role IS
'owner, manager, reviewer, annotator, viewer, or machine (a model that answers as a member).';
COMMENT ON COLUMN tdp.member.login IS
'Database role that acts as this member; NULL: only managers act for them, by name.';
COMMENT ON COLUMN tdp.member.settings IS 'What concerns this member alone.';
COMMENT ON COLUMN tdp.member.active IS
'False once removed: the answers stay, no new ones are taken.';
COMMENT ON COLUMN tdp.member.created_at IS 'When they joined.';

SELECT pg_catalog.pg_extension_config_dump('tdp.project', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.project_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.schema_version', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.member', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.member_id_seq', '');

