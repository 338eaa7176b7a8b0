-- ---------------------------------------------------------------------------
-- queue: who holds what
-- ---------------------------------------------------------------------------

CREATE SEQUENCE tdp.task_id_seq;
COMMENT ON SEQUENCE tdp.task_id_seq IS 'Numbers of tasks.';

CREATE TABLE tdp.task (
	task_id bigint PRIMARY KEY
		DEFAULT pg_catalog.nextval('tdp.task_id_seq'),
	item_id bigint NOT NULL,
	leased_at timestamptz NOT NULL,
	ended_at timestamptz,
	prediction_id bigint,
	member_id integer NOT NULL,
	times integer NOT NULL DEFAULT 1,
	slot smallint CHECK (slot > 0),
	state "char" NOT NULL CHECK (state IN ('l', 's', 'k', 'x', 'r', 'e')),
	prediction jsonb,
	draft jsonb,
	reason text,
	CHECK ((slot IS NOT NULL) = (state IN ('l', 's'))),
	UNIQUE (item_id, member_id)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE UNIQUE INDEX task_slot ON tdp.task (item_id, slot)
	WHERE slot IS NOT NULL;
COMMENT ON TABLE tdp.task IS
'Storage of tasks: one per item and member, for ever, so that nobody gets an item twice; read tdp.tasks.';
COMMENT ON COLUMN tdp.task.task_id IS 'Number of the task.';
COMMENT ON COLUMN tdp.task.item_id IS 'Its item.';
COMMENT ON COLUMN tdp.task.leased_at IS 'When it was taken up last.';
COMMENT ON COLUMN tdp.task.ended_at IS
'When it was answered, skipped, released or found expired.';
COMMENT ON COLUMN tdp.task.prediction_id IS
'The foremost prediction that was shown with it; NULL: none.';
COMMENT ON COLUMN tdp.task.member_id IS 'Who has it.';
COMMENT ON COLUMN tdp.task.times IS 'How often it was taken up.';
COMMENT ON COLUMN tdp.task.slot IS
'The item''s slot that it holds (1 to the overlap), unique for the item; NULL when it holds none.';
COMMENT ON COLUMN tdp.task.state IS
'l: leased; s: submitted; k: skipped; x: expired; r: released; e: an extra answer beyond the overlap, which takes no slot.';
COMMENT ON COLUMN tdp.task.prediction IS 'The pre-filled answer that was shown.';
COMMENT ON COLUMN tdp.task.draft IS 'An answer that was begun.';
COMMENT ON COLUMN tdp.task.reason IS 'Why it was skipped.';

CREATE TABLE tdp.lease (
	task_id bigint PRIMARY KEY,
	item_id bigint NOT NULL,
	expires_at timestamptz NOT NULL,
	project_id integer NOT NULL,
	member_id integer NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, vacuum_truncate = false);
CREATE INDEX lease_mine ON tdp.lease (member_id, task_id);
CREATE INDEX lease_due ON tdp.lease (project_id, expires_at);
COMMENT ON TABLE tdp.lease IS
'Live leases only, apart from their tasks so that a task''s updates stay cheap.';
COMMENT ON COLUMN tdp.lease.task_id IS 'The task that is held.';
COMMENT ON COLUMN tdp.lease.item_id IS 'Its item.';
COMMENT ON COLUMN tdp.lease.expires_at IS
'From then on anybody''s next request takes the slot back.';
COMMENT ON COLUMN tdp.lease.project_id IS 'Its project.';
COMMENT ON COLUMN tdp.lease.member_id IS 'Who holds it.';

SELECT pg_catalog.pg_extension_config_dump('tdp.task', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.task_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.lease', '');

