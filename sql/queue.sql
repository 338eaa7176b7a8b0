--
-- The queue: who works on what
--
SET client_min_messages = warning;
DO $$
BEGIN
    CREATE ROLE regress_warehouse;
EXCEPTION WHEN duplicate_object THEN
    NULL;
END
$$;
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO regress_warehouse', current_database());
END
$$;
DROP EXTENSION IF EXISTS tdp CASCADE;
CREATE ROLE regress_mia;
CREATE ROLE regress_ann;
CREATE ROLE regress_vera;
CREATE ROLE regress_stranger;
SET SESSION AUTHORIZATION regress_warehouse;
CREATE EXTENSION tdp;
CREATE SCHEMA regress_queue;
SET search_path = regress_queue;
RESET client_min_messages;

-- ann has a database role of her own; for bob and cid, who have none, the
-- manager mia asks. No one has any right on the table.
CREATE TABLE ticket (id int PRIMARY KEY, body text);
INSERT INTO ticket SELECT n, 'text ' || n FROM generate_series(1, 4) n;
SELECT tdp.create_project('tickets', 'ticket', '{"mood": {"choice": ["good","bad"]}}', overlap => 2);
SELECT tdp.add_member('tickets', 'mia', 'manager', 'regress_mia');
SELECT tdp.add_member('tickets', 'ann', login => 'regress_ann');
SELECT tdp.add_member('tickets', 'vera', 'viewer', 'regress_vera');
SELECT tdp.add_member('tickets', 'bob');
SELECT tdp.add_member('tickets', 'cid');
SELECT tdp.add_member('tickets', 'robot', 'machine');

-- Tasks are given out in the rows' order. Asking again first returns what one
-- holds: who reloads the page loses nothing.
SET SESSION AUTHORIZATION regress_ann;
SELECT task_id, project, item, annotator, data, prediction, draft, priority,
    leased_at < expires_at AS leased, expires_at - leased_at BETWEEN '29 min' AND '31 min' AS half_an_hour
FROM tdp.next_tasks('tickets', 2);
SELECT task_id, item FROM tdp.next_tasks('tickets', 2);
SELECT task_id, item FROM tdp.next_tasks('tickets');
SELECT task_id, item FROM tdp.next_tasks('tickets', 3);
SELECT task_id, item, annotator FROM tdp.tasks;

-- Nobody gets an item twice, and none is given out more often than its overlap.
SET SESSION AUTHORIZATION regress_mia;
SELECT item, annotator FROM tdp.next_tasks('tickets', 2, 'bob');
SELECT item, annotator FROM tdp.next_tasks('tickets', 9, 'cid');
SELECT item, annotator FROM tdp.next_tasks('tickets', 9);
SELECT item, annotator FROM tdp.next_tasks('tickets', 9, annotator => 'mia');
SELECT item, overlap, leased, answers, state FROM tdp.items ORDER BY item;
SELECT item, string_agg(annotator, ' ' ORDER BY annotator) FROM tdp.tasks GROUP BY 1 ORDER BY 1;
SET SESSION AUTHORIZATION regress_ann;
SELECT item FROM tdp.next_tasks('tickets', 9);
SELECT item, leased FROM tdp.items ORDER BY item;

-- An item is completed when its slots are answered.
SELECT tdp.submit(1, '{"mood": "good"}') AS annotation_id;
SET SESSION AUTHORIZATION regress_mia;
SELECT tdp.submit(task_id, '{"mood": "bad"}', annotator => 'bob') AS annotation_id
FROM tdp.tasks WHERE annotator = 'bob' AND item = '1';
SELECT item, overlap, leased, answers, state FROM tdp.items ORDER BY item;
SELECT open, leased, completed, answers FROM tdp.project_status;

-- An empty queue gives nothing, and a new row is there at once.
SELECT count(*) FROM tdp.next_tasks('tickets', 9, 'robot');
SET SESSION AUTHORIZATION regress_ann;
SELECT count(*) FROM tdp.next_tasks('tickets', 9) WHERE item NOT IN ('2', '3', '4');
SET SESSION AUTHORIZATION regress_warehouse;
INSERT INTO ticket VALUES (5, 'text 5');
SET SESSION AUTHORIZATION regress_ann;
SELECT count(*) FROM tdp.next_tasks('tickets', 9) WHERE item = '5';
SELECT tdp.release(task_id) FROM tdp.tasks WHERE item = '5';

-- ---- giving back -----------------------------------------------------------------

-- Skipped, a task goes to others and does not come back; released, it may.
SELECT tdp.skip(2, 'It''s "illegible"');
SELECT tdp.release(3);
SELECT task_id, item FROM tdp.next_tasks('tickets', 9);
SELECT item, annotator, reason, skipped_at IS NOT NULL AS skipped FROM tdp.skips;
SELECT tdp.extend(3, '1 h') - now() > '89 min' AS extended;
SELECT expires_at - now() BETWEEN '89 min' AND '91 min' AS extended FROM tdp.tasks WHERE task_id = 3;
SET SESSION AUTHORIZATION regress_mia;
SELECT item, annotator FROM tdp.next_tasks('tickets', 9, 'cid');
SELECT item, annotator FROM tdp.next_tasks('tickets', 9, 'bob');
SELECT item, annotator, reason FROM tdp.skips;
SELECT item, overlap, leased, answers, state FROM tdp.items ORDER BY item;
SELECT skipped FROM tdp.project_status;
SELECT * FROM tdp.verify('tickets');

-- ---- what cannot be done -----------------------------------------------------------

-- TD001: there is no such task, or none that is the caller's to know of.
SELECT tdp.skip(1000);
\echo :SQLSTATE
SELECT tdp.release(-1);
\echo :SQLSTATE
SELECT tdp.extend(9223372036854775807, '1 h');
\echo :SQLSTATE
SET SESSION AUTHORIZATION regress_stranger;
SELECT tdp.skip(3);
\echo :SQLSTATE
SELECT tdp.release(3, 'ann');
\echo :SQLSTATE

-- TD002: another's.
SET SESSION AUTHORIZATION regress_ann;
SELECT item, annotator FROM tdp.tasks WHERE annotator <> 'ann';
SELECT tdp.skip(5);
\echo :SQLSTATE
SELECT tdp.release(5);
\echo :SQLSTATE
SELECT tdp.extend(5, '1 h');
\echo :SQLSTATE
SET SESSION AUTHORIZATION regress_mia;
SELECT tdp.skip(5);
\echo :SQLSTATE
SELECT tdp.skip(5, annotator => 'cid');
\echo :SQLSTATE

-- TD004: finished.
SET SESSION AUTHORIZATION regress_ann;
SELECT tdp.skip(1);
\echo :SQLSTATE
SELECT tdp.release(1);
\echo :SQLSTATE
SELECT tdp.extend(1, '1 h');
\echo :SQLSTATE
SELECT tdp.skip(2);
\echo :SQLSTATE
SELECT tdp.release(2);
\echo :SQLSTATE
SELECT tdp.release(3);
SELECT tdp.release(3);
\echo :SQLSTATE
SELECT tdp.extend(3, '1 h');
\echo :SQLSTATE

-- TD020: no such project.  TD021: no member.
SELECT * FROM tdp.next_tasks('no such project');
\echo :SQLSTATE
SELECT * FROM tdp.next_tasks('');
\echo :SQLSTATE
SET SESSION AUTHORIZATION regress_stranger;
SELECT * FROM tdp.next_tasks('tickets');
\echo :SQLSTATE
SET SESSION AUTHORIZATION regress_mia;
SELECT * FROM tdp.next_tasks('tickets', 1, 'nobody');
\echo :SQLSTATE
SELECT * FROM tdp.next_tasks('tickets', 1, '');
\echo :SQLSTATE

-- A role of the name of a member is not that member.
SELECT tdp.add_member('tickets', 'regress_stranger');
SET SESSION AUTHORIZATION regress_stranger;
SELECT * FROM tdp.next_tasks('tickets');
SELECT count(*) FROM tdp.tasks;
SET SESSION AUTHORIZATION regress_mia;
SELECT tdp.remove_member('tickets', 'regress_stranger');

-- Only managers act for others, and not for one who can act by herself.
SET SESSION AUTHORIZATION regress_ann;
SELECT * FROM tdp.next_tasks('tickets', 1, 'bob');
\echo :SQLSTATE
SELECT item FROM tdp.next_tasks('tickets', 1, 'ann');
SET SESSION AUTHORIZATION regress_mia;
SELECT * FROM tdp.next_tasks('tickets', 1, 'ann');
\echo :SQLSTATE
SELECT tdp.skip(task_id, annotator => 'ann') FROM tdp.tasks WHERE annotator = 'ann' LIMIT 1;
\echo :SQLSTATE

-- Viewers only read, machines lease nothing.
SET SESSION AUTHORIZATION regress_vera;
SELECT * FROM tdp.next_tasks('tickets');
\echo :SQLSTATE
SELECT count(*) FROM tdp.items;
SET SESSION AUTHORIZATION regress_mia;
SELECT * FROM tdp.next_tasks('tickets', 1, 'vera');
SELECT * FROM tdp.next_tasks('tickets', 1, 'robot');
\echo :SQLSTATE

-- A superuser manages, but is no annotator unless made one.
RESET SESSION AUTHORIZATION;
SELECT * FROM tdp.next_tasks('tickets');
\echo :SQLSTATE
SELECT item, annotator FROM tdp.next_tasks('tickets', 1, 'bob');
SELECT * FROM tdp.next_tasks('tickets', 1, 'ann');
SELECT count(*) FROM tdp.tasks;

-- Numbers and NULLs.
SET SESSION AUTHORIZATION regress_ann;
SELECT * FROM tdp.next_tasks('tickets', 0);
\echo :SQLSTATE
SELECT * FROM tdp.next_tasks('tickets', -1);
SELECT * FROM tdp.next_tasks('tickets', 1001);
SELECT count(*) FROM tdp.next_tasks('tickets', 1000);
SELECT * FROM tdp.next_tasks(NULL);
\echo :SQLSTATE
SELECT * FROM tdp.next_tasks('tickets', NULL);
SELECT tdp.skip(NULL);
SELECT tdp.release(NULL);
SELECT tdp.extend(NULL, '1 h');
SELECT tdp.extend(4, NULL);
SELECT tdp.extend(4, '0');
SELECT tdp.extend(4, '-1 h');
\echo :SQLSTATE
SELECT tdp.extend(task_id, '1000000 years') FROM tdp.tasks LIMIT 1;
SELECT tdp.task_data(NULL), tdp.task_data(1000), tdp.task_data(5);

-- Work is taken in a transaction like everything else.
SELECT tdp.release(task_id) FROM tdp.tasks;
SELECT count(*) FROM tdp.tasks;
BEGIN;
SELECT count(*) > 0 AS leased FROM tdp.next_tasks('tickets', 9);
SELECT tdp.skip(task_id) FROM tdp.tasks LIMIT 1;
ROLLBACK;
SELECT count(*) FROM tdp.tasks;
BEGIN READ ONLY;
SELECT count(*) FROM tdp.tasks;
SELECT * FROM tdp.next_tasks('tickets');
ROLLBACK;
SET SESSION AUTHORIZATION regress_warehouse;
SELECT * FROM tdp.verify('tickets');

-- ---- time ---------------------------------------------------------------------------

-- A lease that has run out is taken back by whoever asks next; no process is
-- needed for that. The item may come back to the same person.
SELECT tdp.drop_project('tickets');
DELETE FROM ticket WHERE id > 2;
SELECT tdp.create_project('tickets', 'ticket', '{"mood": {"choice": ["good","bad"]}}', lease => '0.1 s');
SELECT tdp.add_member('tickets', 'ann', login => 'regress_ann');
SELECT tdp.add_member('tickets', 'bob');
SELECT item FROM tdp.next_tasks('tickets', 9, 'bob');
SELECT pg_sleep(0.2);
SELECT count(*) FROM tdp.tasks;
SELECT leased FROM tdp.project_status;
SET SESSION AUTHORIZATION regress_ann;
SELECT task_id AS one, item FROM tdp.next_tasks('tickets', 1) \gset
SELECT :'item' AS item;
SELECT pg_sleep(0.2);
SELECT task_id = :one AS the_same, item FROM tdp.next_tasks('tickets', 9) ORDER BY item;
SELECT pg_sleep(0.2);

-- TD003: expired, and taken back.
SELECT tdp.extend(:one, '1 h') IS NOT NULL AS not_yet_taken_back;
SELECT tdp.release(:one);
SELECT count(*) FROM tdp.next_tasks('tickets', 9);
SELECT pg_sleep(0.2);
SET SESSION AUTHORIZATION regress_warehouse;
SELECT item FROM tdp.next_tasks('tickets', 9, 'bob') ORDER BY item;
SET SESSION AUTHORIZATION regress_ann;
\set VERBOSITY terse
SELECT tdp.extend(:one, '1 h');
\echo :SQLSTATE
SELECT tdp.release(:one);
\echo :SQLSTATE
SELECT tdp.skip(:one);
\echo :SQLSTATE
\set VERBOSITY default

-- Leases are counted from the clock, not from the transaction's start.
SET SESSION AUTHORIZATION regress_warehouse;
SELECT pg_sleep(0.2);
BEGIN;
SELECT pg_sleep(0.5);
SELECT leased_at > now() + '0.4 s' AS late, expires_at - leased_at < '0.2 s' AS short
FROM tdp.next_tasks('tickets', 1, 'bob');
ROLLBACK;
SELECT * FROM tdp.verify('tickets');
SELECT tdp.drop_project('tickets');

-- ---- the overlap, raised and lowered ---------------------------------------------------

SELECT tdp.create_project('tickets', 'ticket', '{"mood": {"choice": ["good","bad"]}}');
SELECT tdp.add_member('tickets', name) FROM unnest('{a,b,c}'::text[]) name;
CREATE FUNCTION items(OUT item text, OUT state text, OUT overlap int, OUT answers int, OUT leased int)
RETURNS SETOF record LANGUAGE sql AS $$ SELECT item, state, overlap, answers, leased FROM tdp.items ORDER BY item $$;
SELECT item FROM tdp.next_tasks('tickets', 9, 'a');
SELECT item FROM tdp.next_tasks('tickets', 9, 'b');
SELECT tdp.alter_project('tickets', '{"overlap": 3}');
SELECT item FROM tdp.next_tasks('tickets', 1, 'b');
SELECT tdp.submit(task_id, '{"mood": "good"}', annotator => annotator) > 0 AS submitted FROM tdp.tasks WHERE item = '1';
SELECT * FROM items();

-- What is held or answered is not taken away.
SELECT tdp.alter_project('tickets', '{"overlap": 1}');
SELECT * FROM items();
SELECT count(*) FROM tdp.next_tasks('tickets', 9, 'c');
SELECT tdp.alter_project('tickets', '{"overlap": 3}');
SELECT item FROM tdp.next_tasks('tickets', 9, 'c') ORDER BY item;
SELECT * FROM items();
SELECT * FROM tdp.verify('tickets');

-- One who is removed holds nothing any more.
SELECT tdp.remove_member('tickets', 'c');
SELECT count(*) FROM tdp.tasks WHERE annotator = 'c';
SELECT * FROM tdp.next_tasks('tickets', 1, 'c');
SELECT count(*) FROM tdp.next_tasks('tickets', 9, 'a');
SELECT * FROM items();
SELECT tdp.add_member('tickets', 'c');
SELECT item FROM tdp.next_tasks('tickets', 9, 'c') ORDER BY item;
SELECT * FROM tdp.verify('tickets');

-- ---- what the storage refuses, and what verify finds -----------------------------------

-- Two holders of a slot, two tasks of a person, more free than there are.
\set VERBOSITY sqlstate
SELECT task_id AS t, item_id AS i FROM tdp.task WHERE state = 'l' ORDER BY task_id LIMIT 1 \gset
INSERT INTO tdp.task (item_id, member_id, state, slot, leased_at) SELECT item_id, -1, 's', slot, now() FROM tdp.task WHERE task_id = :t;
INSERT INTO tdp.task (item_id, member_id, state, leased_at) SELECT item_id, member_id, 'x', now() FROM tdp.task WHERE task_id = :t;
UPDATE tdp.task SET slot = NULL WHERE task_id = :t;
UPDATE tdp.item SET free = slots + 1;
UPDATE tdp.item SET free = -1;
UPDATE tdp.item SET state = 'c', free = 1;
INSERT INTO tdp.lease SELECT * FROM tdp.lease;
INSERT INTO tdp.annotation SELECT * FROM tdp.annotation;
INSERT INTO tdp.member (project_id, name, role) SELECT project_id, name, role FROM tdp.member;
UPDATE tdp.project SET overlap = max_overlap + 1;
\set VERBOSITY default

-- What it cannot refuse, verify finds.
CREATE PROCEDURE breaks(statement text) LANGUAGE plpgsql AS $$
DECLARE
    broken record;
BEGIN
    EXECUTE statement;
    FOR broken IN SELECT rule, count(*) FROM tdp.verify('tickets') GROUP BY rule ORDER BY rule LOOP
        RAISE INFO '% (%)', broken.rule, broken.count;
    END LOOP;
    ROLLBACK;
END
$$;
SELECT tdp.add_predictions('tickets', 'SELECT 1 AS item, ''{"mood": "bad"}''::jsonb AS value', 'model');
CALL breaks('UPDATE tdp.item SET free = free + 1 WHERE free < slots AND state = ''o''');
CALL breaks('UPDATE tdp.item SET slots = 1, free = 0');
CALL breaks('UPDATE tdp.item SET state = ''c'', free = 0');
CALL breaks('DELETE FROM tdp.lease');
CALL breaks('UPDATE tdp.task SET state = ''r'', slot = NULL WHERE state = ''l''');
CALL breaks('UPDATE tdp.lease SET member_id = -1');
CALL breaks('DELETE FROM tdp.annotation');
CALL breaks('UPDATE tdp.annotation SET member_id = -1');
CALL breaks('UPDATE tdp.annotation SET schema_version = 9');
CALL breaks('UPDATE tdp.item SET state = ''w'', free = 0');
CALL breaks('DELETE FROM tdp.member WHERE name = ''a''');
CALL breaks('DELETE FROM tdp.task');
CALL breaks('DELETE FROM tdp.item');
CALL breaks('UPDATE tdp.prediction SET item_id = -1');
CALL breaks('UPDATE tdp.label SET item_id = -1');
CALL breaks('SELECT setval(''tdp.task_id_seq'', 1)');
CALL breaks('SELECT 1');
SELECT setval('tdp.task_id_seq', (SELECT max(task_id) FROM tdp.task)) > 0 AS set;
SELECT rule, item, replace(detail, :'t', 'T') AS detail FROM tdp.verify('tickets');
SELECT tdp.verify(NULL);
SELECT tdp.verify('no such project');

-- A project whose source is gone, or has lost its key, hides no other's work.
CREATE TABLE note (id int PRIMARY KEY, body text);
INSERT INTO note VALUES (1, 'a note');
SELECT tdp.create_project('notes', 'note', '{"good": {"boolean": true}}');
SELECT tdp.add_member('notes', 'bob');
SELECT item FROM tdp.next_tasks('notes', 1, 'bob');
SELECT data FROM tdp.tasks WHERE project = 'notes';
ALTER TABLE note RENAME TO away;
SELECT project, data IS NULL AS gone, count(*) > 0 AS tasks
FROM tdp.tasks WHERE project IN ('notes', 'tickets') GROUP BY 1, 2 ORDER BY 1;
ALTER TABLE away RENAME TO note;
ALTER TABLE note RENAME id TO number;
SELECT project, data IS NULL AS gone, count(*) > 0 AS tasks
FROM tdp.tasks WHERE project IN ('notes', 'tickets') GROUP BY 1, 2 ORDER BY 1;
SELECT tdp.drop_project('notes'), tdp.drop_project('tickets');

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA regress_queue CASCADE;
DROP ROLE regress_mia, regress_ann, regress_vera, regress_stranger;
