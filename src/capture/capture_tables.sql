-- ---------------------------------------------------------------------------
-- capture: which rows were touched, and the items they became
-- ---------------------------------------------------------------------------

CREATE SEQUENCE tdp.inbox_seq;
COMMENT ON SEQUENCE tdp.inbox_seq IS 'Numbers of the inbox''s chunks.';

CREATE TABLE tdp.inbox (
	project_id integer NOT NULL,
	kind "char" NOT NULL CHECK (kind IN ('1', '2', '3')),
	chunk_id bigint NOT NULL DEFAULT pg_catalog.nextval('tdp.inbox_seq'),
	keys bigint NOT NULL,
	payload bytea NOT NULL,
	PRIMARY KEY (project_id, kind, chunk_id)
) WITH (autovacuum_vacuum_scale_factor = 0.02, vacuum_truncate = false);
ALTER TABLE tdp.inbox ALTER payload SET STORAGE EXTERNAL;
COMMENT ON TABLE tdp.inbox IS
'Keys that statements on source tables touched, not yet reconciled: all that the triggers write.';
COMMENT ON COLUMN tdp.inbox.project_id IS 'The project whose source it was.';
COMMENT ON COLUMN tdp.inbox.kind IS
'1: keys of rows updated or deleted; 2: of rows inserted; 3: a scan of the whole source. Drawn in this order.';
COMMENT ON COLUMN tdp.inbox.chunk_id IS 'Order of arrival.';
COMMENT ON COLUMN tdp.inbox.keys IS
'Number of keys; for a scan an estimate of the rows still ahead.';
COMMENT ON COLUMN tdp.inbox.payload IS
'A format byte, then the keys (1: texts, 2: integers as deltas) or the place that the scan has reached (3).';

CREATE TABLE tdp.set_aside (
	project_id integer NOT NULL,
	key text COLLATE "C" NOT NULL,
	sqlstate text NOT NULL,
	message text NOT NULL,
	at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	PRIMARY KEY (project_id, key)
);
COMMENT ON TABLE tdp.set_aside IS
'Rows for which the project''s filter (or their key) raised an error; read tdp.rows_set_aside.';
COMMENT ON COLUMN tdp.set_aside.project_id IS 'The project.';
COMMENT ON COLUMN tdp.set_aside.key IS 'Key of the row.';
COMMENT ON COLUMN tdp.set_aside.sqlstate IS 'Code of the error.';
COMMENT ON COLUMN tdp.set_aside.message IS 'Text of the error.';
COMMENT ON COLUMN tdp.set_aside.at IS 'When it was raised last.';

CREATE SEQUENCE tdp.item_id_seq;
COMMENT ON SEQUENCE tdp.item_id_seq IS 'Numbers of items.';
CREATE SEQUENCE tdp.item_seq;
COMMENT ON SEQUENCE tdp.item_seq IS
'Places in the queue: whatever becomes available takes a new one.';

CREATE TABLE tdp.item (
	item_id bigint PRIMARY KEY
		DEFAULT pg_catalog.nextval('tdp.item_id_seq'),
	seq bigint NOT NULL DEFAULT pg_catalog.nextval('tdp.item_seq'),
	fingerprint bigint NOT NULL,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	project_id integer NOT NULL,
	level smallint NOT NULL DEFAULT 0,
	slots smallint NOT NULL CHECK (slots >= 1),
	free smallint NOT NULL,
	state "char" NOT NULL DEFAULT 'o' CHECK (state IN ('o', 'c', 'w')),
	stale boolean NOT NULL DEFAULT false,
	unresolved boolean NOT NULL DEFAULT false,
	key text COLLATE "C" NOT NULL,
	CHECK (free BETWEEN 0 AND slots),
	CHECK (free = 0 OR state = 'o'),
	UNIQUE (project_id, key)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX item_open ON tdp.item (project_id, level, seq) WHERE free > 0;
CREATE INDEX item_unresolved ON tdp.item (project_id, item_id) WHERE unresolved;
COMMENT ON TABLE tdp.item IS
'Storage of items: one per row of a source that may be labeled; read tdp.items.';
COMMENT ON COLUMN tdp.item.item_id IS 'Number of the item.';
COMMENT ON COLUMN tdp.item.seq IS
'Place in its level; a new one each time a slot comes back, so that it lies ahead of everybody.';
COMMENT ON COLUMN tdp.item.fingerprint IS
'Hash of the watched columns as they were when it was first answered (before: as last seen).';
COMMENT ON COLUMN tdp.item.created_at IS 'When the row became an item.';
COMMENT ON COLUMN tdp.item.project_id IS 'Its project.';
COMMENT ON COLUMN tdp.item.level IS 'Lower is sooner; 0 by default.';
COMMENT ON COLUMN tdp.item.slots IS 'Answers wanted: its overlap.';
COMMENT ON COLUMN tdp.item.free IS 'Slots that are neither answered nor leased.';
COMMENT ON COLUMN tdp.item.state IS
'o: open; c: completed, all its slots are answered; w: withdrawn, its row is gone or no longer passes the filter.';
COMMENT ON COLUMN tdp.item.stale IS
'The row has changed since it was answered.';
COMMENT ON COLUMN tdp.item.unresolved IS
'It has an answer that no tdp.resolve has looked at: set by the statement that takes the answer, so that it is there as soon as the answer is, and not before.';
COMMENT ON COLUMN tdp.item.key IS 'Its row''s key, as tdp.item_key prints it.';

SELECT pg_catalog.pg_extension_config_dump('tdp.inbox', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.inbox_seq', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.set_aside', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.item', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.item_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('tdp.item_seq', '');

