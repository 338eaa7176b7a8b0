--
-- Projects: what is labeled, under which rules, by whom
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
CREATE ROLE regress_heir;
CREATE ROLE regress_manager;
CREATE ROLE regress_ann;
GRANT regress_heir TO regress_warehouse;
SET SESSION AUTHORIZATION regress_warehouse;
CREATE EXTENSION tdp;
CREATE SCHEMA regress_project;
GRANT USAGE ON SCHEMA regress_project TO regress_manager, regress_ann;
GRANT USAGE, CREATE ON SCHEMA regress_project TO regress_heir;
SET search_path = regress_project;
RESET client_min_messages;

-- A project is made on a table, in one statement.
CREATE TABLE ticket (id int PRIMARY KEY, body text, lang text NOT NULL, paid numeric(8,2));
INSERT INTO ticket VALUES (1, 'It broke', 'en', 10), (2, 'Es geht nicht', 'de', 20),
    (3, 'Thank you', 'en', NULL);
SELECT tdp.create_project('tickets', 'ticket',
    '{"mood": {"choice": ["good","bad"]}, "stars": {"rating": 5, "optional": true}}');
SELECT project, source, label_schema, owner, my_role, key, columns, filter, overlap, max_overlap,
    target_confidence, lease, instructions, intake, prefill, visibility, views_schema, schema_version
FROM tdp.projects \gx
SELECT project, member, role, login, active FROM tdp.members;

-- Its triggers and views are ordinary objects of the table's owner.
SELECT tgname, pg_get_triggerdef(oid) AS definition FROM pg_trigger
WHERE tgrelid = 'ticket'::regclass ORDER BY tgname;
SELECT relname, relowner::regrole, obj_description(oid) FROM pg_class
WHERE relname IN ('tickets_labels', 'tickets_answers') ORDER BY relname;

-- The settings that would make it again can be fed back.
SELECT jsonb_pretty(tdp.project_settings('tickets'));
SELECT tdp.alter_project('tickets', tdp.project_settings('tickets'));
SELECT schema_version, (SELECT count(*) FROM tdp.schema_version) AS versions FROM tdp.projects;

-- ---- settings changed -----------------------------------------------------------

-- One at a time; JSON null resets to the default.
CREATE FUNCTION changed(settings jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT tdp.alter_project('tickets', settings);
    SELECT jsonb_object_agg(key, value) FROM (
        SELECT * FROM jsonb_each(tdp.project_settings('tickets') - 'settings')
        UNION ALL
        SELECT * FROM jsonb_each(tdp.project_settings('tickets') -> 'settings')) s
    WHERE settings ? key;
$$;
SELECT changed('{"overlap": 2}');
SELECT changed('{"overlap": 3, "max_overlap": 5, "target_confidence": 0.9}');
SELECT changed('{"overlap": 4}'), tdp.project_settings('tickets') -> 'max_overlap' AS max_overlap;
SELECT changed('{"max_overlap": null, "target_confidence": null}');
SELECT changed('{"overlap": null}'), tdp.project_settings('tickets') -> 'max_overlap' AS max_overlap;
SELECT changed('{"lease": "2 h"}'), changed('{"lease": null}');
SELECT changed('{"instructions": "Read twice."}'), changed('{"instructions": null}');
SELECT changed('{"prefill": "half", "visibility": "open"}'), changed('{"prefill": null, "visibility": null}');
SELECT changed('{"columns": ["body", "lang"]}');
SELECT changed('{"filter": "ticket.lang = ''en'' AND paid > 0"}');
SELECT watched FROM tdp.project;
SELECT changed('{"columns": null}'), changed('{"filter": null}');
SELECT changed('{"key": ["id"], "source": "regress_project.ticket"}');

-- A new label schema is a new version; answers name theirs. The same one again
-- is none.
SELECT item FROM tdp.next_tasks('tickets');
SELECT tdp.annotate('tickets', '1', '{"mood": "bad", "stars": 2}');
SELECT tdp.alter_project('tickets', '{"label_schema": [{"name": "mood", "choice": ["good","bad","odd"]}]}');
SELECT tdp.alter_project('tickets', '{"label_schema": [{"name": "mood", "choice": ["good","bad","odd"]}]}');
SELECT version, label_schema FROM tdp.schema_version ORDER BY version;
SELECT tdp.annotate('tickets', '2', '{"mood": "odd"}');
SELECT item, value, schema_version FROM tdp.annotations ORDER BY item;
SELECT item, field, label FROM tdp.answers ORDER BY item, field;

-- Its name, and so that of its views and triggers.
SELECT tdp.alter_project('tickets', '{"name": "mails"}');
SELECT relname FROM pg_class WHERE relnamespace = 'regress_project'::regnamespace AND relkind = 'v' ORDER BY 1;
SELECT tgname FROM pg_trigger WHERE tgrelid = 'ticket'::regclass ORDER BY 1;
INSERT INTO ticket VALUES (4, 'Again', 'en', 5);
SELECT count(*) FROM tdp.next_tasks('mails', 9);
SELECT tdp.alter_project('tickets', '{}');

-- Another schema for its views.
CREATE SCHEMA regress_views;
SELECT tdp.alter_project('mails', '{"views_schema": "regress_views"}');
SELECT id, mood FROM regress_views.mails_labels ORDER BY id;
SELECT to_regclass('mails_labels');
SELECT tdp.alter_project('mails', '{"views_schema": null}');
SELECT to_regclass('mails_labels'), to_regclass('regress_views.mails_labels');

-- Dropped, it leaves the table as it was.
SELECT tdp.drop_project('mails');
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'ticket'::regclass;
SELECT relname FROM pg_class WHERE relnamespace = 'regress_project'::regnamespace AND relkind = 'v';
SELECT (SELECT count(*) FROM tdp.project) + (SELECT count(*) FROM tdp.member)
    + (SELECT count(*) FROM tdp.schema_version) + (SELECT count(*) FROM tdp.item)
    + (SELECT count(*) FROM tdp.task) + (SELECT count(*) FROM tdp.lease)
    + (SELECT count(*) FROM tdp.annotation) + (SELECT count(*) FROM tdp.inbox) AS left_over;
SELECT relname FROM pg_class WHERE relnamespace = 'tdp'::regnamespace AND relname LIKE 'project\_%\_%';

-- ---- keys -------------------------------------------------------------------------

-- Any primary key will do. Items are named by its text, which is the same
-- whatever the session's settings: here each row is inserted twice as seen from
-- different ones, and must not become two items.
SET client_min_messages = warning;
CREATE DOMAIN code AS text CHECK (value <> '');
CREATE FUNCTION key_items(type text, keys text[])
RETURNS TABLE (item text, data text, typed text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE keyed (id %s PRIMARY KEY, body text)', type);
    EXECUTE format('INSERT INTO keyed (id) SELECT k::%s FROM unnest($1) k', type) USING keys;
    PERFORM tdp.create_project('keyed', 'keyed', '{"ok": {"boolean": true}}');
    PERFORM tdp.sync('keyed');
    SET LOCAL DateStyle = 'German';
    SET LOCAL TimeZone = 'Asia/Tokyo';
    SET LOCAL extra_float_digits = -10;
    SET LOCAL bytea_output = 'escape';
    SET LOCAL IntervalStyle = 'sql_standard';
    UPDATE keyed SET body = 'x';
    PERFORM tdp.sync('keyed');
    PERFORM tdp.submit(t.task_id, '{"ok": true}') FROM tdp.next_tasks('keyed', 100) t;
    RETURN QUERY SELECT i.item, (SELECT string_agg(l.tdp_state, ' ') FROM keyed_labels l WHERE tdp.item_key(l.id) = i.item),
        (SELECT pg_typeof(a.id) || ' ' || (a.id = l.id) FROM keyed_answers a, keyed_labels l
            WHERE tdp.item_key(l.id) = i.item AND a.item = i.item)
        FROM tdp.items i ORDER BY i.item COLLATE "C";
    PERFORM tdp.drop_project('keyed');
    DROP TABLE keyed;
END
$$;
SELECT t.type, k.* FROM (VALUES
    ('smallint', '{-32768,32767}'::text[]),
    ('integer', '{-1,0,2147483647}'),
    ('bigint', '{-9223372036854775808,9223372036854775807}'),
    ('text', ARRAY['', 'a', 'it''s "ü" \', '{}', E'two\nlines']),
    ('varchar(5)', '{a,"a "}'),
    ('char(5)', '{a,abcde}'),
    ('"char"', '{x}'),
    ('name', '{x}'),
    ('code', '{x}'),
    ('boolean', '{t,f}'),
    ('uuid', '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}'),
    ('date', '{2026-01-31,infinity}'),
    ('timestamp', '{2026-01-31 12:00,-infinity}'),
    ('timestamptz', '{2026-01-31 23:30+00,2026-07-01 00:00:00.123456+02}'),
    ('time', '{10:00}'),
    ('interval', '{1 mon 2 days 03:04:05}'),
    ('numeric', '{1.50,NaN}'),
    ('float8', '{0.1,1e300,NaN,-Infinity}'),
    ('float4', '{0.1}'),
    ('money', '{1000.50}'),
    ('bytea', '{"\\x0041ff","\\x"}'),
    ('bit(3)', '{101,111}'),
    ('varbit', '{1,10}'),
    ('oid', '{4294967295}'),
    ('inet', '{10.0.0.1,::1/64}'),
    ('int4range', '{"[1,3)",empty}'),
    ('jsonb', '{"{\"a\": 1}"}')
) t (type, keys), key_items(t.type, t.keys) k;
RESET client_min_messages;

-- Composite keys are named by a JSON array; the order is the key's.
CREATE TABLE line (invoice text, n int, body text, PRIMARY KEY (invoice, n));
INSERT INTO line VALUES ('A "1"', 2, 'x'), ('A "1"', 10, 'y'), ('B', 1, NULL);
SELECT tdp.create_project('lines', 'line', '{"ok": {"boolean": true}}');
SELECT item, data FROM tdp.next_tasks('lines', 9);
SELECT tdp.annotate('lines', tdp.item_key('B'::text, 1), '{"ok": true}') > 0 AS annotated;
SELECT tdp.annotate('lines', '["A \"1\"","10"]', '{"ok": false}') > 0 AS annotated;
SELECT invoice, n, ok FROM lines_answers ORDER BY n;
SELECT tdp.annotate('lines', 'B', '{"ok": true}');
SELECT tdp.annotate('lines', '["B"]', '{"ok": true}');
SELECT tdp.annotate('lines', '["B", "one"]', '{"ok": true}');
SELECT tdp.drop_project('lines');

-- Or a unique key that is named.
CREATE TABLE page (id int PRIMARY KEY, url text NOT NULL UNIQUE, lang text, site text NOT NULL, path text NOT NULL,
    UNIQUE (site, path), UNIQUE (lang));
CREATE UNIQUE INDEX page_some ON page (site) WHERE lang = 'de';
CREATE UNIQUE INDEX page_lower ON page (lower(site));
ALTER TABLE page ADD CONSTRAINT page_late UNIQUE (path) DEFERRABLE;
INSERT INTO page VALUES (1, 'http://a/b', 'en', 'a', 'b');
SELECT tdp.create_project('pages', 'page', '{"ok": {"boolean": true}}', key => '{url}');
SELECT item FROM tdp.next_tasks('pages');
SELECT tdp.drop_project('pages');
SELECT tdp.create_project('pages', 'page', '{"ok": {"boolean": true}}', key => '{path, site}');
SELECT item FROM tdp.next_tasks('pages');
SELECT tdp.project_settings('pages') -> 'key' AS key;
SELECT tdp.drop_project('pages');
SELECT tdp.create_project('pages', 'page', '{"ok": {"boolean": true}}', key => '{site}');
SELECT tdp.create_project('pages', 'page', '{"ok": {"boolean": true}}', key => '{path}');
SELECT tdp.create_project('pages', 'page', '{"ok": {"boolean": true}}', key => '{lang}');
SELECT tdp.create_project('pages', 'page', '{"ok": {"boolean": true}}', key => '{url, id}');
SELECT tdp.create_project('pages', 'page', '{"ok": {"boolean": true}}', key => '{nothing}');
SELECT tdp.create_project('pages', 'page', '{"ok": {"boolean": true}}', key => '{ctid}');
SELECT tdp.create_project('pages', 'page', '{"ok": {"boolean": true}}', key => '{}');
SELECT tdp.create_project('pages', 'page', '{"ok": {"boolean": true}}', key => '{NULL}');
SELECT tdp.create_project('pages', 'page', '{"ok": {"boolean": true}}', key => array_fill('id'::text, '{1000}'));
CREATE TABLE matrix (id int[] PRIMARY KEY);
SELECT tdp.create_project('matrices', 'matrix', '{"ok": {"boolean": true}}');

-- ---- sources -----------------------------------------------------------------------

-- Partitioned tables are sources as any other.
CREATE TABLE reading (id int, at date, body text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE reading_1 PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE reading_2 PARTITION OF reading FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
INSERT INTO reading VALUES (1, '2026-01-05', 'a'), (2, '2026-02-05', 'b');
SELECT tdp.create_project('readings', 'reading', '{"ok": {"boolean": true}}');
SELECT item FROM tdp.next_tasks('readings', 9) ORDER BY item;
SELECT id, at, ok, tdp_state FROM readings_labels ORDER BY id;
SELECT tdp.drop_project('readings');

-- A partition too, with a word on what it will not see.
SELECT tdp.create_project('readings', 'reading_1', '{"ok": {"boolean": true}}');
SELECT tdp.drop_project('readings');

-- Whatever has no rows of its own, or is not for everybody's session, is none.
CREATE VIEW ticket_view AS SELECT * FROM ticket;
CREATE MATERIALIZED VIEW ticket_copy AS SELECT * FROM ticket;
CREATE SEQUENCE number;
CREATE TEMP TABLE draft (id int PRIMARY KEY);
CREATE TABLE note (id int, body text);
SELECT tdp.create_project('bad', 'ticket_view', '{"ok": {"boolean": true}}');
SELECT tdp.create_project('bad', 'ticket_copy', '{"ok": {"boolean": true}}');
SELECT tdp.create_project('bad', 'number', '{"ok": {"boolean": true}}');
SELECT tdp.create_project('bad', 'ticket_pkey', '{"ok": {"boolean": true}}');
SELECT tdp.create_project('bad', 'draft', '{"ok": {"boolean": true}}');
SELECT tdp.create_project('bad', 'pg_class', '{"ok": {"boolean": true}}');
SELECT tdp.create_project('bad', 'tdp.item', '{"ok": {"boolean": true}}');
SELECT tdp.create_project('bad', 'nothing', '{"ok": {"boolean": true}}');
SELECT tdp.create_project('bad', 0, '{"ok": {"boolean": true}}');
SELECT tdp.create_project('bad', 'note', '{"ok": {"boolean": true}}');
RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
CREATE FOREIGN DATA WRAPPER regress_wrapper;
CREATE SERVER regress_server FOREIGN DATA WRAPPER regress_wrapper;
CREATE FOREIGN TABLE far_away (id int NOT NULL) SERVER regress_server;
SELECT tdp.create_project('bad', 'far_away', '{"ok": {"boolean": true}}');
DROP FOREIGN DATA WRAPPER regress_wrapper CASCADE;
RESET client_min_messages;

-- One must own it: to read it or to insert into it is not enough.
CREATE TABLE others (id int PRIMARY KEY);
GRANT ALL ON others TO regress_warehouse;
SET SESSION AUTHORIZATION regress_warehouse;
SELECT tdp.create_project('bad', 'others', '{"ok": {"boolean": true}}');

-- The rights of its owner's role are enough.
SET SESSION AUTHORIZATION regress_heir;
CREATE TABLE heirloom (id int PRIMARY KEY);
SET SESSION AUTHORIZATION regress_warehouse;
SELECT tdp.create_project('heirlooms', 'heirloom', '{"ok": {"boolean": true}}');
SELECT owner, my_role FROM tdp.projects;
SELECT tdp.drop_project('heirlooms');
SET SESSION AUTHORIZATION regress_warehouse;

-- ---- arguments ----------------------------------------------------------------------

-- Names: those of views and triggers are made of them.
SELECT tdp.create_project('', 'ticket', '{"ok": {"boolean": true}}');
SELECT tdp.create_project(repeat('x', 51), 'ticket', '{"ok": {"boolean": true}}');
SELECT tdp.create_project(repeat('ü', 26), 'ticket', '{"ok": {"boolean": true}}');
SELECT tdp.create_project(repeat('x', 1000000), 'ticket', '{"ok": {"boolean": true}}');
SELECT tdp.create_project(repeat('ü', 25), 'ticket', '{"ok": {"boolean": true}}');
SELECT tdp.create_project('It''s "1" %s $1 \', 'ticket', '{"ok": {"boolean": true}}');
SELECT tdp.create_project('Schütz; DROP', 'ticket', '{"ok": {"boolean": true}}');
INSERT INTO ticket VALUES (5, 'Quotes', 'en', 1);
SELECT project, count(*) FROM tdp.projects, tdp.next_tasks(project, 9) AS t (a, b) GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM "It's ""1"" %s $1 \_labels";
SELECT count(*) FROM "It's ""1"" %s $1 \_answers";
SELECT tdp.drop_project(project) FROM tdp.projects;
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'ticket'::regclass;

-- A name that is taken.
SELECT tdp.create_project('tickets', 'ticket', '{"ok": {"boolean": true}}');
SELECT tdp.create_project('tickets', 'page', '{"ok": {"boolean": true}}');
SELECT tdp.create_project('tickets', 'page', '{"ok": {"boolean": true}}', if_not_exists => true);
SELECT source FROM tdp.projects;
SELECT tdp.drop_project('tickets');

-- Relations of the views' names are somebody else's.
CREATE VIEW tickets_labels AS SELECT 'mine' AS precious;
SELECT tdp.create_project('tickets', 'ticket', '{"ok": {"boolean": true}}');
SELECT tdp.create_project('mails', 'ticket', '{"ok": {"boolean": true}}');
SELECT tdp.alter_project('mails', '{"name": "tickets"}');
SELECT precious FROM tickets_labels;
DROP VIEW tickets_labels;
SELECT tdp.drop_project('mails');

-- Numbers.
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', overlap => 0);
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', overlap => -1);
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', overlap => 1001);
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', overlap => 3, max_overlap => 2);
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', max_overlap => 1001);
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', target_confidence => 0);
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', target_confidence => 1);
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', target_confidence => 'NaN');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', lease => '0');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', lease => '-1 day');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', lease => '1000 years');

-- Columns.
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', columns => '{}');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', columns => '{body,NULL}');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', columns => '{body,nothing}');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', columns => '{tableoid}');

-- Settings.
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', settings => '[]');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', settings => 'null');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', settings => '{"nothing": 1}');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', settings => '{"prefill": 1}');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', settings => '{"prefill": "some"}');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', settings => '{"visibility": "some"}');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', settings => '{"intake": "some"}');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', settings => '{"intake": "batch"}');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', settings => '{"views_schema": "nothing"}');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', settings => '{"views_schema": "pg_catalog"}');

-- Filters: one condition, which is parsed when the project is made.
CREATE FUNCTION filtered(filter text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    items text;
    code text;
    message text;
    hint text;
BEGIN
    PERFORM tdp.create_project('filtered', 'ticket', '{"ok": {"boolean": true}}', filter => filtered.filter);
    SELECT string_agg(item, ' ' ORDER BY item) INTO items FROM tdp.next_tasks('filtered', 9);
    PERFORM tdp.drop_project('filtered');
    RETURN coalesce(items, 'none');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    RETURN code || ' ' || message || ' ' || hint;
END
$$;
SELECT f AS filter, filtered(f) FROM unnest(ARRAY[
    'lang = ''en''', 'ticket.lang = ''en''', 'NULL', 'lang = ''en'' -- English', 'lang /* not de */ <> ''de''',
    '', ' ', 'lang =', 'lang = ''en'' ORDER BY id', 'lang = ''en''; DELETE FROM ticket', 'true) OR (true',
    'lang, id', 'id', 'nothing = 1', 'count(*) > 1', 'id = $1', 'true /* and', 'generate_series(1, 2) = 1',
    'lang = ''en'' AS english', 'true UNION SELECT true', '*', 'no_such_function(id)', 'tdp_source.id = 1']) f;

-- The place of a mistake is one in the filter.
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', filter => 'lang = ''en'' paid > 1');
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', filter => 'lang = ''en'' AND payd > 1');

-- What depends on more than the row cannot be kept true by triggers.
SELECT filtered('id IN (SELECT 1)');
SELECT filtered('now() > ''2020-01-01''');

-- No argument may be NULL that has no NULL for a default.
SELECT tdp.create_project(NULL, 'ticket', '{"ok": {"boolean": true}}');
SELECT tdp.create_project('bad', NULL, '{"ok": {"boolean": true}}');
SELECT tdp.create_project('bad', 'ticket', NULL);
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', overlap => NULL);
SELECT tdp.create_project('bad', 'ticket', '{"ok": {"boolean": true}}', lease => NULL);
SELECT tdp.create_project('nulls', 'ticket', '{"ok": {"boolean": true}}', NULL, NULL, NULL, 1, NULL, NULL,
    '1 h', NULL, NULL, NULL);
SELECT tdp.alter_project(NULL, '{}');
SELECT tdp.alter_project('nulls', NULL);
SELECT tdp.project_settings(NULL);
SELECT tdp.add_member(NULL, 'ann');
SELECT tdp.add_member('nulls', NULL);
SELECT tdp.add_member('nulls', 'ann', NULL);
SELECT tdp.remove_member(NULL, 'ann');
SELECT tdp.remove_member('nulls', NULL);
SELECT tdp.drop_project(NULL);
SELECT tdp.drop_project('nothing');

-- Nor does alter_project take what create_project does not.
SELECT tdp.alter_project('nulls', '[]');
SELECT tdp.alter_project('nulls', 'null');
SELECT tdp.alter_project('nulls', '{"nothing": 1}');
SELECT tdp.alter_project('nulls', '{"name": null}');
SELECT tdp.alter_project('nulls', '{"name": ""}');
SELECT tdp.alter_project('nulls', '{"name": 1}');
SELECT tdp.alter_project('nulls', '{"source": "nothing"}');
SELECT tdp.alter_project('nulls', '{"source": "note"}');
SELECT tdp.alter_project('nulls', '{"source": "a.b.c.d"}');
SELECT tdp.alter_project('nulls', '{"key": ["lang"]}');
SELECT tdp.alter_project('nulls', '{"key": null}');
SELECT tdp.alter_project('nulls', '{"label_schema": "x"}');
SELECT tdp.alter_project('nulls', '{"label_schema": null}');
SELECT tdp.alter_project('nulls', '{"columns": "body"}');
SELECT tdp.alter_project('nulls', '{"columns": []}');
SELECT tdp.alter_project('nulls', '{"columns": [null]}');
SELECT tdp.alter_project('nulls', '{"filter": "lang ="}');
SELECT tdp.alter_project('nulls', '{"overlap": 1.5}');
SELECT tdp.alter_project('nulls', '{"overlap": "3"}');
SELECT tdp.alter_project('nulls', '{"overlap": 1e30}');
SELECT tdp.alter_project('nulls', '{"max_overlap": 0}');
SELECT tdp.alter_project('nulls', '{"target_confidence": 0}');
SELECT tdp.alter_project('nulls', '{"target_confidence": 1e400}');
SELECT tdp.alter_project('nulls', '{"lease": "a while"}');
SELECT tdp.alter_project('nulls', '{"lease": 5}');
SELECT tdp.alter_project('nulls', '{"owner": "regress_heir"}');
SELECT tdp.alter_project('nulls', '{"owner": "nobody_of_that_name"}');
SELECT tdp.project_settings('nulls') = tdp.project_settings('nulls') AS unchanged, overlap FROM tdp.projects;
SELECT tdp.drop_project('nulls');

-- A transaction that is rolled back leaves nothing behind.
BEGIN;
SELECT tdp.create_project('tickets', 'ticket', '{"ok": {"boolean": true}}');
SELECT count(*) FROM tdp.next_tasks('tickets', 9);
ROLLBACK;
SELECT (SELECT count(*) FROM tdp.project) + (SELECT count(*) FROM tdp.item)
    + (SELECT count(*) FROM pg_trigger WHERE tgrelid = 'ticket'::regclass) AS left_over,
    to_regclass('tickets_labels');

-- ---- what annotators see ------------------------------------------------------------

-- The row of another relation with the key's columns can be shown instead.
CREATE TABLE customer (name text PRIMARY KEY, city text);
INSERT INTO customer VALUES ('en', 'London');
CREATE VIEW shown AS
SELECT id, upper(body) AS body, city, 100 / (id - 5) AS score
FROM ticket LEFT JOIN customer ON name = lang;
CREATE VIEW secret AS SELECT id, rolpassword FROM ticket, pg_authid;
SELECT tdp.create_project('tickets', 'ticket', '{"ok": {"boolean": true}}', settings => '{"show": "shown"}');
SELECT item, data FROM tdp.next_tasks('tickets', 9) ORDER BY item;
SELECT item, sqlstate, message FROM tdp.rows_set_aside;
SELECT tdp.alter_project('tickets', '{"columns": ["city"]}');
SELECT item, data FROM tdp.next_tasks('tickets', 9) ORDER BY item;
SELECT tdp.project_settings('tickets') -> 'settings' -> 'show' AS show;
SELECT tdp.alter_project('tickets', '{"columns": ["lang"]}');
SELECT tdp.alter_project('tickets', '{"show": null, "columns": ["lang"]}');
SELECT item, data FROM tdp.next_tasks('tickets', 9) ORDER BY item;
SELECT tdp.alter_project('tickets', '{"columns": null}');
SELECT tdp.alter_project('tickets', '{"show": "nothing"}');
SELECT tdp.alter_project('tickets', '{"show": ""}');
SELECT tdp.alter_project('tickets', '{"show": "customer"}');
SELECT tdp.alter_project('tickets', '{"show": "draft"}');
SELECT tdp.alter_project('tickets', '{"show": "pg_authid"}');
SELECT tdp.alter_project('tickets', '{"show": "secret"}');
SELECT tdp.drop_project('tickets');

-- ---- the typed views ----------------------------------------------------------------

-- A name that the source has stays the source's.
CREATE TABLE clash (id int PRIMARY KEY, item text, annotator text, mood text, mood_confidence text,
    label_mood text, tdp_state text, status text);
INSERT INTO clash VALUES (1, 'i', 'a', 'm', 'c', 'l', 's', 't');
SELECT tdp.create_project('clashes', 'clash',
    '{"mood": {"choice": ["good","bad"]}, "stars": {"rating": 5, "optional": true},
      "status": {"text": true, "optional": true}, "many": {"choices": ["a","b"], "optional": true}}');
SELECT tdp.annotate('clashes', '1', '{"mood": "bad", "stars": 2, "status": "fine", "many": ["b","a"]}') > 0 AS annotated;
SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'clashes_labels' ORDER BY ordinal_position;
SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'clashes_answers' ORDER BY ordinal_position;
SELECT * FROM clashes_labels \gx
SELECT submitted_at IS NOT NULL AS submitted, id, item, annotator, mood, stars, status, many FROM clashes_answers;

-- What is added comes behind what there is: the view keeps its grants and what
-- is built on it.
GRANT SELECT ON clashes_labels TO regress_ann;
CREATE VIEW report AS SELECT label_mood_2, count(*) FROM clashes_labels GROUP BY 1;
ALTER TABLE clash ADD more text;
SELECT tdp.sync('clashes');
SELECT tdp.alter_project('clashes', '{"label_schema": [{"name": "mood", "choice": ["good","bad"]},
    {"name": "stars", "rating": 5, "optional": true}, {"name": "status", "text": true, "optional": true},
    {"name": "many", "choices": ["a","b"], "optional": true}, {"name": "new", "boolean": true, "optional": true}]}');
SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns
WHERE table_name = 'clashes_labels' AND ordinal_position > 20;
SELECT has_table_privilege('regress_ann', 'clashes_labels', 'SELECT');

-- What is taken away needs the view to be made anew; it says what is in the
-- way, and keeps its grants.
SELECT tdp.alter_project('clashes', '{"label_schema": [{"name": "stars", "rating": 5}]}');
DROP VIEW report;
SELECT tdp.alter_project('clashes', '{"label_schema": [{"name": "stars", "rating": 5}]}');
SELECT has_table_privilege('regress_ann', 'clashes_labels', 'SELECT');
SELECT tdp.drop_project('clashes');

-- ---- people -------------------------------------------------------------------------

SELECT tdp.create_project('tickets', 'ticket', '{"ok": {"boolean": true}}');
SELECT tdp.add_member('tickets', 'mia', 'manager', login => 'regress_manager');
SELECT tdp.add_member('tickets', 'ann', login => 'regress_ann');
SELECT tdp.add_member('tickets', 'bob');
SELECT tdp.add_member('tickets', 'robot', 'machine');
SELECT tdp.add_member('tickets', 'It''s "ü" %s', 'viewer');
SELECT member, role, login FROM tdp.members ORDER BY member;
SELECT tdp.add_member('tickets', 'cid', 'king');
SELECT tdp.add_member('tickets', '');
SELECT tdp.add_member('tickets', repeat('x', 201));
SELECT tdp.add_member('tickets', 'cid', login => 'regress_ann');
SELECT tdp.add_member('tickets', 'cid', login => 'nobody_of_that_name');
SELECT tdp.add_member('tickets', 'cid', settings => '{"colour": "red"}');
SELECT tdp.add_member('tickets', 'cid', settings => '[]');
SELECT tdp.add_member('nothing', 'cid');

-- Adding one again changes them.
SELECT tdp.add_member('tickets', 'bob', 'reviewer');
SELECT role FROM tdp.members WHERE member = 'bob';

-- Managers manage, but owners are made by owners.
SET SESSION AUTHORIZATION regress_manager;
SELECT tdp.add_member('tickets', 'cid');
SELECT tdp.add_member('tickets', 'mia', 'owner', login => 'regress_manager');
SELECT tdp.add_member('tickets', 'regress_warehouse', 'viewer');
SELECT tdp.remove_member('tickets', 'regress_warehouse');
SELECT tdp.remove_member('tickets', 'cid');
SELECT tdp.remove_member('tickets', 'cid');
SELECT tdp.remove_member('tickets', 'dora');
SELECT tdp.alter_project('tickets', '{"instructions": "Be quick.", "overlap": 2}');
SELECT my_role, instructions, overlap FROM tdp.projects;

-- What is read with the owner's rights, and what of it is shown, is the owner's
-- to say.
SELECT tdp.alter_project('tickets', '{"filter": "true"}');
SELECT tdp.alter_project('tickets', '{"columns": ["body"]}');
SELECT tdp.alter_project('tickets', '{"show": "shown"}');
SELECT tdp.alter_project('tickets', '{"name": "mine"}');
SELECT tdp.drop_project('tickets');

-- Annotators see themselves; strangers see no project.
SET SESSION AUTHORIZATION regress_ann;
SELECT member, role FROM tdp.members;
SELECT tdp.add_member('tickets', 'eve');
SELECT tdp.alter_project('tickets', '{"overlap": 3}');
SELECT tdp.project_settings('tickets') -> 'overlap' AS overlap;
SET SESSION AUTHORIZATION regress_heir;
SELECT count(*) FROM tdp.projects;
SELECT tdp.project_settings('tickets');
SELECT tdp.add_member('tickets', 'eve', login => 'regress_heir');
SET SESSION AUTHORIZATION regress_warehouse;

-- One who is made an owner may do all that needs no rights on the table.
SELECT tdp.add_member('tickets', 'mia', 'owner', login => 'regress_manager');
SET SESSION AUTHORIZATION regress_manager;
SELECT tdp.alter_project('tickets', '{"filter": "regress_project.anything()"}');
SELECT tdp.alter_project('tickets', '{"source": "regress_project.others", "owner": "postgres"}');
SET SESSION AUTHORIZATION regress_warehouse;
SELECT tdp.drop_project('tickets');

-- ---- owners -------------------------------------------------------------------------

-- Nobody borrows another's rights by naming their table.
SET SESSION AUTHORIZATION regress_heir;
CREATE TABLE bait (id int PRIMARY KEY);
SELECT tdp.create_project('bait', 'bait', '{"ok": {"boolean": true}}');
SELECT tdp.alter_project('bait', '{"source": "others"}');
SELECT tdp.alter_project('bait', '{"source": "others", "owner": "postgres"}');
SELECT tdp.alter_project('bait', '{"source": "ticket", "owner": "regress_warehouse", "filter": "current_user = ''x''"}');
RESET SESSION AUTHORIZATION;

-- A table that changes hands leaves its project waiting for an administrator.
ALTER TABLE bait OWNER TO regress_warehouse;
SET SESSION AUTHORIZATION regress_heir;
INSERT INTO bait VALUES (1);
RESET SESSION AUTHORIZATION;
INSERT INTO bait VALUES (1);
SELECT tdp.sync('bait');
SELECT tdp.alter_project('bait', '{"overlap": 2}');
BEGIN;
SELECT tdp.drop_project('bait');
ROLLBACK;
SELECT tdp.alter_project('bait', '{"owner": "regress_warehouse", "name": "catch"}');
SELECT owner, project FROM tdp.projects;
SELECT relname, relowner::regrole FROM pg_class WHERE relname IN ('catch_labels', 'catch_answers') ORDER BY 1;
SET SESSION AUTHORIZATION regress_warehouse;
SELECT tdp.add_member('catch', 'regress_warehouse', 'owner', login => 'regress_warehouse');
SELECT item FROM tdp.next_tasks('catch');
SELECT * FROM catch_labels;

-- So does a role that is gone, as after a restore elsewhere.
UPDATE tdp.project SET owner = 'regress_gone';
INSERT INTO bait VALUES (2);
SELECT count(*) FROM tdp.projects;
RESET SESSION AUTHORIZATION;
SELECT item FROM tdp.next_tasks('catch');
SELECT tdp.sync('catch');
SELECT tdp.alter_project('catch', '{"overlap": 2}');
SELECT tdp.alter_project('catch', '{"owner": "regress_warehouse"}');
SET SESSION AUTHORIZATION regress_warehouse;
SELECT count(*) FROM tdp.next_tasks('catch', 9);
SELECT * FROM tdp.verify('catch');
SELECT tdp.drop_project('catch');

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA regress_project, regress_views CASCADE;
DROP ROLE regress_heir, regress_manager, regress_ann;
SELECT count(*) FROM tdp.project;
