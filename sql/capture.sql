--
-- Capture: rows queue themselves
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
CREATE ROLE regress_loader;
SET SESSION AUTHORIZATION regress_warehouse;
CREATE EXTENSION tdp;
CREATE SCHEMA regress_capture;
GRANT USAGE ON SCHEMA regress_capture TO regress_loader;
SET search_path = regress_capture;
RESET client_min_messages;

-- The owner of a project sees what waits: a chunk of keys for each statement.
-- Whoever asks for work has it looked at.
CREATE TABLE ticket (id int PRIMARY KEY, body text, note text, lang text DEFAULT 'en');
GRANT INSERT ON ticket TO regress_loader;
SELECT tdp.create_project('tickets', 'ticket', '{"mood": {"choice": ["good","bad"]}}',
    columns => '{body}', filter => 'lang = ''en''');
CREATE FUNCTION waiting(OUT kind text, OUT keys bigint) RETURNS SETOF record LANGUAGE sql AS $$
    SELECT CASE kind WHEN '1' THEN 'touched' WHEN '2' THEN 'fresh' ELSE 'scan' END, keys
    FROM tdp.inbox ORDER BY inbox.kind, chunk_id
$$;
CREATE FUNCTION items(project text DEFAULT 'tickets') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(item || CASE WHEN state <> 'open' THEN ' ' || state ELSE '' END
        || CASE WHEN stale THEN ' stale' ELSE '' END, ', ' ORDER BY length(item), item)
    FROM tdp.items WHERE items.project = $1
$$;
CREATE FUNCTION work(project text DEFAULT 'tickets') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(item || ' ' || (data ->> 'body'), ', ' ORDER BY length(item), item)
    FROM tdp.next_tasks($1, 100)
$$;
SELECT * FROM waiting();
SELECT work();
SELECT * FROM waiting();

-- ---- each statement ----------------------------------------------------------------

INSERT INTO ticket (id, body, lang) VALUES (1, 'one', 'en'), (2, 'two', 'en'), (3, 'drei', 'de');
SELECT * FROM waiting();
SELECT waiting FROM tdp.project_status;
SELECT work(), items();
SELECT * FROM waiting();

-- COPY, by a role that has no other right than to insert.
SET SESSION AUTHORIZATION regress_loader;
COPY ticket (id, body) FROM stdin;
4	four
5	five
\.
SET SESSION AUTHORIZATION regress_warehouse;
SELECT * FROM waiting();
SELECT work();

-- INSERT ... ON CONFLICT touches what it changes and what it adds.
INSERT INTO ticket VALUES (5, 'FIVE'), (6, 'six') ON CONFLICT (id) DO UPDATE SET body = excluded.body;
INSERT INTO ticket VALUES (6, 'SIX') ON CONFLICT DO NOTHING;
SELECT * FROM waiting();
SELECT work();

-- MERGE does all three.
MERGE INTO ticket USING (VALUES (5, 'gone'), (6, 'SIX'), (7, 'seven')) AS v (id, body) ON v.id = ticket.id
    WHEN MATCHED AND v.body = 'gone' THEN DELETE
    WHEN MATCHED THEN UPDATE SET body = v.body
    WHEN NOT MATCHED THEN INSERT VALUES (v.id, v.body);
SELECT * FROM waiting();
SELECT work();
SELECT * FROM waiting();
SELECT items();

-- A statement that touches no row records nothing, and none when what it changed
-- is neither shown nor filtered by.
INSERT INTO ticket SELECT * FROM ticket WHERE false;
UPDATE ticket SET body = 'x' WHERE false;
DELETE FROM ticket WHERE false;
UPDATE ticket SET note = 'changed';
UPDATE ticket SET body = body;
SELECT * FROM waiting();
UPDATE ticket SET note = 'again', body = upper(body) WHERE id = 4;
SELECT * FROM waiting();
SELECT work();

-- A thousand keys make a chunk.
BEGIN;
INSERT INTO ticket (id, body) SELECT n, 'many' FROM generate_series(1001, 3500) n;
SELECT * FROM waiting();
SELECT count(*) FROM tdp.next_tasks('tickets', 1000);
SELECT kind, sum(keys) FROM waiting() GROUP BY 1;
ROLLBACK;

-- Nothing is left of what is rolled back: no key, no item, no task.
BEGIN;
INSERT INTO ticket VALUES (8, 'eight');
SAVEPOINT before;
INSERT INTO ticket VALUES (9, 'nine');
SELECT work();
ROLLBACK TO before;
SELECT work();
ROLLBACK;
SELECT work(), items();
SELECT * FROM waiting();

-- The same row is never queued twice, however often it comes.
INSERT INTO ticket VALUES (8, 'eight');
DELETE FROM ticket WHERE id = 8;
INSERT INTO ticket VALUES (8, 'EIGHT');
UPDATE ticket SET body = 'Eight' WHERE id = 8;
SELECT * FROM waiting();
SELECT work();
SELECT * FROM tdp.sync('tickets');
SELECT * FROM tdp.sync('tickets');
SELECT count(*), count(DISTINCT item) FROM tdp.items;
SELECT * FROM tdp.verify('tickets');

-- ---- rows that go -----------------------------------------------------------------

-- Once a row is deleted no request shows it; answers to it stay.
SELECT task_id AS one FROM tdp.tasks WHERE item = '1' \gset
SELECT task_id AS two FROM tdp.tasks WHERE item = '2' \gset
SELECT tdp.submit(:one, '{"mood": "good"}') > 0 AS submitted;
DELETE FROM ticket WHERE id IN (1, 2);
SELECT tdp.submit(:two, '{"mood": "bad"}');
SELECT data FROM tdp.tasks WHERE item = '2';
SELECT work(), items();
SELECT item, value FROM tdp.annotations;
SELECT open, completed, withdrawn, answers FROM tdp.project_status;
SELECT tdp.annotate('tickets', '2', '{"mood": "bad"}');

-- So does one that no longer passes the filter, until it does again.
UPDATE ticket SET lang = 'de' WHERE id = 4;
SELECT work(), items();
UPDATE ticket SET lang = 'en';
SELECT work(), items();

-- A row that comes back is the item that it was, with its answers.
INSERT INTO ticket VALUES (1, 'one');
SELECT work(), items();
SELECT * FROM tdp.verify('tickets');

-- Another key is another row.
UPDATE ticket SET id = 10 WHERE id = 4;
SELECT work(), items();

-- TRUNCATE takes all of them.
BEGIN;
TRUNCATE ticket;
SELECT * FROM waiting();
SELECT work(), items();
SELECT withdrawn FROM tdp.project_status;
ROLLBACK;
SELECT items();

-- ---- rows that change --------------------------------------------------------------

-- A label is stale when its row was changed, in what is shown or filtered by,
-- since it was given: at the next request, or as soon as somebody looks.
UPDATE ticket SET note = 'not shown' WHERE id = 1;
SELECT work() IS NOT NULL AS asked, items();
UPDATE ticket SET body = 'ONE' WHERE id = 1;
SELECT work() IS NOT NULL AS asked, items();
SELECT stale FROM tdp.project_status;
SELECT id, tdp_state FROM tickets_labels WHERE id = 1;
UPDATE ticket SET body = 'one' WHERE id = 1;
SELECT work() IS NOT NULL AS asked, items();

-- It was changed between lease and answer: the answer is about another row.
SELECT task_id AS ten FROM tdp.tasks WHERE item = '10' \gset
UPDATE ticket SET body = 'changed' WHERE id = 10;
SELECT tdp.sync('tickets');
SELECT items();
SELECT tdp.submit(:ten, '{"mood": "good"}') > 0 AS submitted;
SELECT items();

-- It was changed before, or the annotator has seen it: the answer is about the
-- new one.
UPDATE ticket SET body = 'changed' WHERE id = 6;
SELECT item, data FROM tdp.next_tasks('tickets', 100) WHERE item = '6';
SELECT tdp.submit(task_id, '{"mood": "good"}') > 0 AS submitted FROM tdp.tasks WHERE item = '6';
INSERT INTO ticket VALUES (11, 'eleven');
SELECT tdp.sync('tickets');
UPDATE ticket SET body = 'changed' WHERE id = 11;
SELECT tdp.annotate('tickets', '11', '{"mood": "bad"}') > 0 AS annotated;
SELECT tdp.sync('tickets');
SELECT items();

-- More columns to look at are no change of the rows, and no remedy; nor is a
-- table that gets a column, or has them in another order.
SELECT tdp.alter_project('tickets', '{"columns": null}');
SELECT tdp.sync('tickets');
ALTER TABLE ticket ADD extra text;
SELECT tdp.sync('tickets');
SELECT items();
UPDATE ticket SET extra = 'x' WHERE id = 6;
SELECT work() IS NOT NULL AS asked, items();
SELECT * FROM tdp.verify('tickets');
SELECT tdp.drop_project('tickets');

-- ---- filters that raise --------------------------------------------------------------

-- The insert succeeds; the row is set aside with what the filter said.
CREATE FUNCTION wanted(body text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF body = 'bad' THEN
        RAISE EXCEPTION 'cannot judge "%"', body USING ERRCODE = 'AB123';
    END IF;
    RETURN 100 / length(body) > 0;
END
$$;
TRUNCATE ticket;
SELECT tdp.create_project('tickets', 'ticket', '{"mood": {"choice": ["good","bad"]}}', filter => 'wanted(body)');
INSERT INTO ticket (id, body) SELECT n, CASE n WHEN 3 THEN 'bad' WHEN 5 THEN '' ELSE 'fine' END
FROM generate_series(1, 8) n;
SELECT work();
SELECT item, sqlstate, message FROM tdp.rows_set_aside ORDER BY item;
SELECT set_aside FROM tdp.project_status;
SELECT tdp.annotate('tickets', '3', '{"mood": "good"}');

-- Once the row is right, or has gone, it is set aside no more.
UPDATE ticket SET body = 'better' WHERE id = 3;
DELETE FROM ticket WHERE id = 5;
SELECT work();
SELECT * FROM tdp.rows_set_aside;

-- One that goes wrong is withdrawn.
UPDATE ticket SET body = 'bad' WHERE id IN (1, 2);
SELECT work(), items();
SELECT * FROM tdp.sync('tickets');
SELECT item FROM tdp.rows_set_aside ORDER BY item;

-- What is wrong with all rows is no row's fault: everybody is told, but for the
-- loader.
DROP FUNCTION wanted;
INSERT INTO ticket VALUES (9, 'nine');
SELECT work();
SELECT tdp.sync('tickets');
SELECT tdp.alter_project('tickets', '{"filter": null}');
SELECT work();
SELECT * FROM tdp.rows_set_aside;
SELECT * FROM tdp.verify('tickets');

-- One that itself calls tdp, and makes nothing of what goes wrong there.
CREATE TABLE odd (id int PRIMARY KEY);
INSERT INTO odd SELECT generate_series(1, 1500);
SELECT tdp.create_project('odd', 'odd', '{"ok": {"boolean": true}}');
CREATE FUNCTION careless(id int) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    BEGIN
        PERFORM tdp.alter_project('odd', '{"label_schema": 1}');
    EXCEPTION WHEN invalid_parameter_value THEN
        NULL;
    END;
    RETURN id % 3 > 0;
END
$$;
SELECT tdp.alter_project('odd', '{"filter": "careless(id)"}');
SELECT count(*), sum(length(item)), sum((data ->> 'id')::int) FROM tdp.next_tasks('odd', 1000);
SELECT count(*), sum(length(id::text)), sum(id) FROM odd WHERE id % 3 > 0;
SELECT tdp.drop_project('odd');

-- A key whose type has an order of its own, in a schema that nobody looks into.
RESET SESSION AUTHORIZATION;
CREATE SCHEMA regress_order;
GRANT USAGE ON SCHEMA regress_order TO PUBLIC;
CREATE TYPE regress_order.backwards AS (n int);
DO $do$
DECLARE
    operator text[];
BEGIN
    FOREACH operator SLICE 1 IN ARRAY
        ARRAY[['lt', '<'], ['le', '<='], ['eq', '='], ['ge', '>='], ['gt', '>']]
    LOOP
        EXECUTE format('CREATE FUNCTION regress_order.%I(a regress_order.backwards, b regress_order.backwards) '
            'RETURNS boolean IMMUTABLE LANGUAGE sql AS $$ SELECT (b).n %s (a).n $$', operator[1], operator[2]);
        EXECUTE format('CREATE OPERATOR regress_order.%s (LEFTARG = regress_order.backwards, '
            'RIGHTARG = regress_order.backwards, FUNCTION = regress_order.%I)', operator[2], operator[1]);
    END LOOP;
END
$do$;
CREATE FUNCTION regress_order.compare(a regress_order.backwards, b regress_order.backwards)
RETURNS int IMMUTABLE LANGUAGE sql AS $$ SELECT btint4cmp((b).n, (a).n) $$;
CREATE OPERATOR CLASS regress_order.backwards_ops DEFAULT FOR TYPE regress_order.backwards USING btree AS
    OPERATOR 1 regress_order.<, OPERATOR 2 regress_order.<=, OPERATOR 3 regress_order.=,
    OPERATOR 4 regress_order.>=, OPERATOR 5 regress_order.>,
    FUNCTION 1 regress_order.compare(regress_order.backwards, regress_order.backwards);
SET SESSION AUTHORIZATION regress_warehouse;
CREATE TABLE odd_2 (id regress_order.backwards PRIMARY KEY);
INSERT INTO odd_2 SELECT row(n)::regress_order.backwards FROM generate_series(1, 2500) n;
SELECT tdp.create_project('odd', 'odd_2', '{"ok": {"boolean": true}}');
SELECT * FROM tdp.sync('odd');
SELECT tdp.drop_project('odd');
RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA regress_order CASCADE;
RESET client_min_messages;
SET SESSION AUTHORIZATION regress_warehouse;

-- The shortest key of all; nobody saw it go.
CREATE TABLE short (id text PRIMARY KEY);
INSERT INTO short VALUES (''), ('a');
SELECT tdp.create_project('short', 'short', '{"ok": {"boolean": true}}');
SELECT * FROM tdp.sync('short');
ALTER TABLE short DISABLE TRIGGER USER;
DELETE FROM short;
SELECT * FROM tdp.sync('short');
SELECT tdp.drop_project('short');

-- What a filter says does not depend on the settings of whoever asks.
CREATE TABLE path (id int PRIMARY KEY, name text);
INSERT INTO path VALUES (1, 'c:\'), (2, 'd:\'), (3, NULL);
SELECT tdp.create_project('paths', 'path', '{"ok": {"boolean": true}}',
    filter => $$ name <> 'd:\' AND (name = NULL) IS NULL $$);
SET standard_conforming_strings = off;
SET transform_null_equals = on;
SELECT item FROM tdp.next_tasks('paths', 9);
RESET standard_conforming_strings;
RESET transform_null_equals;
SELECT tdp.drop_project('paths');

-- A key that is too long for an item.
CREATE TABLE name (first text, last text, PRIMARY KEY (first, last));
SELECT tdp.create_project('names', 'name', '{"ok": {"boolean": true}}');
INSERT INTO name VALUES ('Ann', 'Lee'), (repeat('x', 3000), 'Long'), ('Bob', repeat('y', 3000));
SELECT item FROM tdp.next_tasks('names', 9);
SELECT length(item), left(item, 5) AS item, sqlstate, message FROM tdp.rows_set_aside ORDER BY item;
DELETE FROM name WHERE last = 'Long';
SELECT item FROM tdp.next_tasks('names', 9);
SELECT length(item), left(item, 5) AS item FROM tdp.rows_set_aside ORDER BY item;
SELECT tdp.drop_project('names');

-- ---- what triggers do not see -----------------------------------------------------------

TRUNCATE ticket;
SELECT tdp.sync('tickets');

-- Disabled triggers.
ALTER TABLE ticket DISABLE TRIGGER USER;
INSERT INTO ticket VALUES (21, 'unseen');
ALTER TABLE ticket ENABLE TRIGGER USER;
SELECT work();
SELECT * FROM tdp.sync('tickets');
SELECT work();

-- Rows that replication brings.
RESET SESSION AUTHORIZATION;
SET session_replication_role = replica;
INSERT INTO ticket VALUES (22, 'replicated');
UPDATE ticket SET body = 'changed' WHERE id = 21;
RESET session_replication_role;
SET SESSION AUTHORIZATION regress_warehouse;
SELECT * FROM waiting();
SELECT * FROM tdp.sync('tickets');
SELECT work();

-- Triggers that were dropped are made anew.
DROP TRIGGER tdp_tickets_insert ON ticket;
INSERT INTO ticket VALUES (23, 'no trigger');
SELECT * FROM tdp.sync('tickets');
INSERT INTO ticket VALUES (24, 'trigger');
SELECT work();

-- A table that is rebuilt by rename, as dbt does it: other columns, another
-- order, and rows that came and went meanwhile.
SELECT tdp.submit(task_id, '{"mood": "good"}') > 0 AS submitted FROM tdp.tasks WHERE item IN ('23', '24');
CREATE TABLE ticket_new (lang text, extra text, body text, note text, id int PRIMARY KEY, more int);
INSERT INTO ticket_new SELECT lang, extra, body, note, id FROM ticket WHERE id <> 21;
INSERT INTO ticket_new (id, body, lang) VALUES (25, 'rebuilt', 'en');
UPDATE ticket_new SET body = 'changed' WHERE id = 24;
ALTER TABLE ticket RENAME TO ticket_old;
ALTER TABLE ticket_new RENAME TO ticket;
SET client_min_messages = warning;
DROP TABLE ticket_old CASCADE;
RESET client_min_messages;
INSERT INTO ticket (id, body) VALUES (26, 'before sync');
SELECT work();
SELECT * FROM tdp.sync('tickets');
SELECT work(), items();
INSERT INTO ticket (id, body) VALUES (27, 'after sync');
SELECT work();
SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns
WHERE table_schema = 'regress_capture' AND table_name = 'tickets_labels' AND column_name !~ '^(mood|tdp)';
SELECT * FROM tdp.verify('tickets');
SELECT tdp.drop_project('tickets');

-- Rows put straight into a partition, and partitions that come and go.
CREATE TABLE reading (id int, at date, body text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE reading_1 PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE reading_2 PARTITION OF reading FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
SELECT tdp.create_project('readings', 'reading', '{"ok": {"boolean": true}}');
SELECT tdp.sync('readings');
INSERT INTO reading VALUES (1, '2026-01-01', 'a'), (2, '2026-02-01', 'b');
INSERT INTO reading_1 VALUES (3, '2026-01-03', 'c');
SELECT * FROM waiting();
SELECT work('readings');
SELECT * FROM tdp.sync('readings');
CREATE TABLE reading_3 (LIKE reading INCLUDING ALL);
INSERT INTO reading_3 VALUES (4, '2026-03-04', 'd');
ALTER TABLE reading ATTACH PARTITION reading_3 FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');
SELECT work('readings');
SELECT * FROM tdp.sync('readings');
SELECT work('readings');

-- A row that moves to another partition has another key here.
UPDATE reading SET at = '2026-02-28' WHERE id = 1;
SELECT work('readings'), items('readings');
ALTER TABLE reading DETACH PARTITION reading_2;
SELECT work('readings');
SELECT * FROM tdp.sync('readings');
SELECT items('readings');
SELECT * FROM tdp.verify('readings');

-- A project on one partition sees what is put straight into that.
SET client_min_messages = warning;
SELECT tdp.create_project('third', 'reading_3', '{"ok": {"boolean": true}}');
RESET client_min_messages;
SELECT tdp.sync('third');
INSERT INTO reading_3 VALUES (5, '2026-03-05', 'e');
INSERT INTO reading VALUES (6, '2026-03-06', 'f');
SELECT work('third');
SELECT * FROM tdp.sync('third');
SELECT work('third'), work('readings');
SELECT tdp.drop_project('third'), tdp.drop_project('readings');

-- Rows of children are not their parent's.
CREATE TABLE parent (id int PRIMARY KEY, body text);
CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent);
INSERT INTO child VALUES (1, 'child'), (2, 'child');
INSERT INTO parent VALUES (1, 'parent');
SELECT tdp.create_project('parents', 'parent', '{"ok": {"boolean": true}}');
UPDATE parent SET body = upper(body);
SELECT work('parents');
SELECT id, body FROM parents_labels;
SELECT * FROM tdp.sync('parents');
SELECT tdp.drop_project('parents');

-- Two projects on a table have each their own queue.
SELECT tdp.create_project('first', 'ticket', '{"ok": {"boolean": true}}', filter => 'id % 2 = 0');
SELECT tdp.create_project('second', 'ticket', '{"ok": {"boolean": true}}', filter => 'id % 2 = 1');
INSERT INTO ticket (id, body) VALUES (28, 'both'), (29, 'both');
SELECT work('first'), work('second');
SELECT tdp.drop_project('first');
INSERT INTO ticket (id, body) VALUES (31, 'one');
SELECT work('second');

-- ---- the trigger's function -----------------------------------------------------------

-- On another table than the project's source it does nothing: nobody feeds
-- another's queue.
CREATE TABLE other (id int PRIMARY KEY, body text);
CREATE TRIGGER feed AFTER INSERT ON other REFERENCING NEW TABLE AS tdp_new
    FOR EACH STATEMENT EXECUTE FUNCTION tdp.touch('second');
CREATE TRIGGER feed_nothing AFTER INSERT ON other REFERENCING NEW TABLE AS tdp_new
    FOR EACH STATEMENT EXECUTE FUNCTION tdp.touch('no such project');
INSERT INTO other VALUES (28, 'forged');
SELECT * FROM waiting();

-- It wants to be fired as create_project has it fired.
CREATE TRIGGER wrong AFTER INSERT ON other FOR EACH ROW EXECUTE FUNCTION tdp.touch('second');
INSERT INTO other VALUES (29, 'forged');
DROP TRIGGER wrong ON other;
CREATE TRIGGER wrong AFTER INSERT ON other FOR EACH STATEMENT EXECUTE FUNCTION tdp.touch();
INSERT INTO other VALUES (29, 'forged');
SELECT tdp.touch();

-- ---- a source that is altered ------------------------------------------------------------

-- A loader is never refused on our account; whoever asks for work is told what
-- is wrong and what can be done.
SELECT tdp.alter_project('second', '{"columns": ["body"], "filter": "lang <> ''de''"}');
ALTER TABLE ticket RENAME body TO text;
INSERT INTO ticket (id, text) VALUES (33, 'renamed');
UPDATE ticket SET text = 'again' WHERE id = 33;
DELETE FROM ticket WHERE id = 33;
SELECT work('second');
SELECT tdp.sync('second');
SELECT tdp.alter_project('second', '{"instructions": "x"}');
SELECT tdp.alter_project('second', '{"columns": ["text"]}');
SELECT count(*) FROM tdp.next_tasks('second', 100);

-- A column that is filtered by.
ALTER TABLE ticket DROP lang;
ALTER TABLE ticket DROP lang CASCADE;
INSERT INTO ticket (id, text) VALUES (34, 'dropped');
SELECT work('second');
SELECT tdp.alter_project('second', '{"filter": "lang <> ''en''"}');
SELECT tdp.alter_project('second', '{"columns": null, "filter": null}');
SELECT count(*) > 0 AS all FROM tdp.next_tasks('second', 100);
SELECT to_regclass('second_labels');

-- The key.
ALTER TABLE ticket RENAME id TO number;
INSERT INTO ticket (number, text) VALUES (35, 'renamed');
SELECT work('second');
SELECT * FROM tdp.sync('second');
ALTER TABLE ticket RENAME number TO id;
SELECT added, withdrawn FROM tdp.sync('second');

-- Its type: items go by its text.
SELECT count(*) FROM tdp.items WHERE state = 'open';
ALTER TABLE ticket ALTER id TYPE bigint;
SET client_min_messages = warning;
DROP VIEW second_labels, second_answers;
RESET client_min_messages;
ALTER TABLE ticket ALTER id TYPE bigint;
INSERT INTO ticket (id, text) VALUES (10000000000, 'big');
SELECT * FROM tdp.sync('second');
SELECT count(*) FROM tdp.items WHERE state = 'open';
SELECT data_type FROM information_schema.columns
WHERE table_schema = 'regress_capture' AND table_name = 'second_labels' AND column_name = 'id';

-- Its name, or its schema.
ALTER TABLE ticket RENAME TO ticket_2;
INSERT INTO ticket_2 (id, text) VALUES (41, 'renamed');
SELECT work('second');
SELECT tdp.sync('second');
SELECT tdp.alter_project('second', '{"instructions": "x"}');
SELECT tdp.alter_project('second', '{"source": "other"}');
SELECT tdp.alter_project('second', '{"source": "ticket_2"}');
SELECT item FROM tdp.next_tasks('second', 100) WHERE item = '41';

-- Gone, with its views.
DROP TABLE ticket_2;
SET client_min_messages = warning;
DROP TABLE ticket_2 CASCADE;
RESET client_min_messages;
SELECT work('second');
SELECT tdp.sync('second');
SELECT tdp.annotate('second', '41', '{"ok": true}');
SELECT open > 0 AS open FROM tdp.project_status;
SELECT * FROM tdp.verify('second');
SELECT tdp.drop_project('second');
SELECT (SELECT count(*) FROM tdp.item) + (SELECT count(*) FROM tdp.inbox)
    + (SELECT count(*) FROM tdp.set_aside) + (SELECT count(*) FROM tdp.project) AS left_over;

-- ---- an inbox that somebody damaged ---------------------------------------------------

CREATE TABLE page (id int PRIMARY KEY, body text);
SELECT tdp.create_project('pages', 'page', '{"ok": {"boolean": true}}');
INSERT INTO page VALUES (1, 'a');
UPDATE tdp.inbox SET payload = '\x02ff' WHERE kind = '2';
SELECT work('pages');
DELETE FROM tdp.inbox WHERE kind = '2';
SELECT tdp.alter_project('pages', '{"filter": "true"}');
UPDATE tdp.inbox SET payload = '\x037a00';
SELECT work('pages');
SELECT * FROM tdp.sync('pages');
SELECT work('pages');
SELECT tdp.drop_project('pages');

-- ---- errors ----------------------------------------------------------------------------

SELECT tdp.sync(NULL);
SELECT tdp.sync('nothing');
SELECT tdp.item_key();
SELECT tdp.item_key(NULL), tdp.item_key(1, NULL) IS NULL AS both;
SELECT tdp.item_key('a'), tdp.item_key('a', 1), tdp.item_key(date '2026-01-31'), tdp.item_key('x'::char(3)) || '.' AS padded;
SELECT tdp.item_key(VARIADIC ARRAY['a', 'b']);

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA regress_capture CASCADE;
DROP ROLE regress_loader;
