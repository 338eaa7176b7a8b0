-- Who runs what: the rights that count are those of the role that calls, and
-- what others have made runs with theirs, never with more.
\set VERBOSITY terse
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS tdp CASCADE;
CREATE ROLE ident_installer;
CREATE ROLE ident_owner;
CREATE ROLE ident_manager;
CREATE ROLE ident_ann;
CREATE ROLE ident_mallory;
CREATE ROLE ident_deputy IN ROLE ident_owner;
DO $$ BEGIN
    EXECUTE format('GRANT CREATE ON DATABASE %I TO ident_installer', current_database());
END $$;
CREATE SCHEMA shop AUTHORIZATION ident_owner;
CREATE SCHEMA den AUTHORIZATION ident_mallory;
GRANT USAGE ON SCHEMA shop, den TO PUBLIC;
GRANT CREATE ON SCHEMA shop TO ident_mallory;
GRANT CREATE ON SCHEMA den TO ident_manager;
SET ROLE ident_installer;
CREATE EXTENSION tdp;
RESET client_min_messages;

SET ROLE ident_owner;
SET search_path = shop;
CREATE TABLE mails (id int PRIMARY KEY, body text NOT NULL);
INSERT INTO mails SELECT n, 'mail ' || n FROM generate_series(1, 4) AS n;
SELECT tdp.create_project('mails', 'mails', '{"spam": {"choice": ["no", "yes"]}}', overlap => 2);
SELECT tdp.add_member('mails', 'ann', login => 'ident_ann'),
    tdp.add_member('mails', 'max', 'manager', 'ident_manager'),
    tdp.add_member('mails', 'ident_mallory');       -- a name, not the role

-- ---- the caller -------------------------------------------------------------

-- A superuser may do all that the owner may; under SET ROLE it is that role.
RESET ROLE;
SELECT role, member FROM tdp.my_projects();
SET ROLE ident_ann;
SELECT role, member FROM tdp.my_projects();
SELECT tdp.add_member('mails', 'new');
SET ROLE ident_deputy;
SELECT role, member FROM tdp.my_projects();
SET ROLE ident_mallory;
SELECT role, member FROM tdp.my_projects();
SELECT * FROM tdp.next_tasks('mails');

-- A function of the manager's that runs with its owner's rights acts as the
-- manager, whoever calls it, and not a moment longer.
SET ROLE ident_manager;
CREATE FUNCTION den.who() RETURNS TABLE (role text, member text)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT role, member FROM tdp.my_projects();
END;
CREATE FUNCTION den.invite(name text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT tdp.add_member('mails', name);
END;
SET ROLE ident_mallory;
SELECT * FROM den.who();
SELECT den.invite('eve');
SELECT tdp.add_member('mails', 'adam');
SET ROLE ident_owner;
SELECT member FROM tdp.members ORDER BY 1;

-- ---- what mallory makes others run --------------------------------------------

-- PostgreSQL runs the functions of an index and of a materialized view in
-- their owner's name, also when a superuser asks for it.
SET ROLE ident_mallory;
CREATE TABLE den.log (what text, who text, outcome text);
CREATE FUNCTION den.attack(what text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    outcome text;
BEGIN
    BEGIN
        PERFORM tdp.add_member('mails', 'mallory', 'owner', 'ident_mallory');
        outcome := 'done';
    EXCEPTION WHEN OTHERS THEN
        outcome := SQLSTATE;
    END;
    INSERT INTO den.log VALUES (what, current_user, outcome);
    RETURN true;
END $$;
CREATE FUNCTION den.index_attack(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    PERFORM den.attack('index');
    RETURN $1;
END $$;
CREATE TABLE den.bait (id int PRIMARY KEY);
INSERT INTO den.bait VALUES (1), (2);
CREATE INDEX bait_index ON den.bait (den.index_attack(id));
CREATE MATERIALIZED VIEW den.bait_view AS SELECT den.attack('materialized view');
TRUNCATE den.log;
RESET ROLE;
ANALYZE den.bait;
REINDEX TABLE den.bait;
REFRESH MATERIALIZED VIEW den.bait_view;
SET ROLE ident_manager;
SELECT count(*) FROM den.bait;
SET ROLE ident_mallory;
SELECT DISTINCT * FROM den.log;

-- Her trigger with the project's name feeds her own table's keys to nobody.
CREATE TRIGGER feed AFTER INSERT ON den.bait REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION tdp.touch('mails');
INSERT INTO den.bait VALUES (100), (101);
CREATE TRIGGER feed_rows AFTER INSERT ON den.bait FOR EACH ROW EXECUTE FUNCTION tdp.touch('mails');
INSERT INTO den.bait VALUES (102);
DROP TRIGGER feed_rows ON den.bait;
CREATE TABLE den.mails (id int PRIMARY KEY);
CREATE TRIGGER feed AFTER INSERT ON den.mails REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION tdp.touch('mails');
INSERT INTO den.mails VALUES (103);
SET ROLE ident_owner;
SELECT waiting, touched FROM tdp.project_status;
SELECT added FROM tdp.sync('mails');

-- ---- what a project's owner makes others run ----------------------------------

-- The owner's functions run in the filter, in a policy of the table, and in
-- the view that annotators are shown; all of them write down who they are and
-- try to become, or leave behind, something more.
CREATE TABLE log (what text, who text, outcome text);
CREATE FUNCTION try(what text, command text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    outcome text := 'done';
BEGIN
    BEGIN
        EXECUTE command;
    EXCEPTION WHEN OTHERS THEN
        outcome := SQLSTATE;
    END;
    INSERT INTO shop.log VALUES (what || ': ' || command, current_user, outcome);
END $$;
CREATE FUNCTION spy(what text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM shop.try(what, 'RESET ROLE');
    PERFORM shop.try(what, 'SET ROLE ident_ann');
    PERFORM shop.try(what, 'SET SESSION AUTHORIZATION DEFAULT');
    PERFORM shop.try(what, 'CREATE TEMP TABLE left_behind ()');
    PERFORM shop.try(what, 'LISTEN left_behind');
    PERFORM shop.try(what, 'SELECT 1 FROM tdp.annotation');
    PERFORM shop.try(what, 'INSERT INTO shop.later VALUES (1)');
    PERFORM shop.try(what, 'SET search_path = den');
    PERFORM shop.try(what, 'SET statement_timeout = ''1h''');
    RETURN true;
END $$;
-- what is deferred would run at COMMIT, in the caller's name
CREATE TABLE later (n int);
CREATE FUNCTION spy_later() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO shop.log VALUES ('later', current_user, 'done');
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER spy AFTER INSERT ON later DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION spy_later();
CREATE TABLE letters (id int PRIMARY KEY, body text NOT NULL);
INSERT INTO letters SELECT n, 'letter ' || n FROM generate_series(1, 3) AS n;
ALTER TABLE letters ENABLE ROW LEVEL SECURITY;
ALTER TABLE letters FORCE ROW LEVEL SECURITY;
CREATE POLICY spy ON letters USING (shop.spy('policy'));
CREATE VIEW shown AS SELECT id, body, shop.spy('view') FROM letters;
SELECT tdp.create_project('letters', 'letters', '{"spam": {"choice": ["no", "yes"]}}',
    filter => 'shop.spy(''filter'')', settings => '{"show": "shop.shown"}');
SELECT tdp.add_member('letters', 'ann', login => 'ident_ann'),
    tdp.add_member('letters', 'max', 'manager', 'ident_manager'), tdp.add_member('letters', 'nat');
TRUNCATE log;

SET ROLE ident_ann;
SET search_path = pg_catalog;
RESET statement_timeout;
SELECT item FROM tdp.next_tasks('letters');
SELECT item, data->'body' AS body FROM tdp.tasks;
SELECT tdp.submit(task_id, '{"spam": "no"}') > 0 AS stored FROM tdp.tasks;
SELECT tdp.annotate('letters', '2', '{"spam": "no"}') > 0 AS stored;
SHOW search_path;
SHOW statement_timeout;
SELECT current_user, session_user = current_user AS is_session;
SET ROLE ident_manager;
SELECT added FROM tdp.sync('letters');
SELECT tdp.add_predictions('letters', $$SELECT 3 AS item, '{"spam": "no"}'::jsonb AS value$$, 'gpt');
SELECT tdp.alter_project('letters', '{"overlap": 2}');
RESET ROLE;
SELECT added FROM tdp.sync('letters');
SELECT count(*) FROM tdp.next_tasks('letters', 5, 'nat');
SHOW search_path;
SELECT to_regclass('left_behind');
SELECT * FROM pg_listening_channels();

-- All of it as the owner; and the session is as it was.
SELECT DISTINCT who FROM shop.log;
SELECT what, outcome, count(*) > 0 AS tried FROM shop.log GROUP BY 1, 2 ORDER BY 1, 2;

-- A key's type may have functions too: they run as who loads the table, as
-- triggers do, or as the owner.
SET ROLE ident_owner;
SET search_path = shop;
TRUNCATE log;
CREATE FUNCTION spy_key(int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO shop.log VALUES ('key', current_user, '');
    RETURN true;
END $$;
CREATE DOMAIN watched_key AS int CHECK (shop.spy_key(VALUE));
CREATE TABLE parcels (id watched_key PRIMARY KEY);
INSERT INTO parcels VALUES (1), (2);
SELECT tdp.create_project('parcels', 'parcels', '{"spam": {"choice": ["no", "yes"]}}');
SELECT tdp.add_member('parcels', 'ann', login => 'ident_ann');
SET ROLE ident_ann;
SELECT item FROM tdp.next_tasks('parcels');
SELECT tdp.annotate('parcels', '2', '{"spam": "no"}') > 0 AS stored;
SET ROLE ident_owner;
SELECT DISTINCT who FROM log;

-- Whose a name is, and what it labels, is not for strangers.
SET ROLE ident_manager;
CREATE TABLE den.mine (id int PRIMARY KEY);
\set VERBOSITY default
SELECT tdp.create_project('letters', 'den.mine', '{"a": {"boolean": true}}');
SELECT tdp.create_project('parcels', 'den.mine', '{"a": {"boolean": true}}');
\set VERBOSITY terse
SET ROLE ident_owner;

-- ---- another's table under the source's name ----------------------------------

-- Who may create in the schema could put a table with functions of their own
-- where the source was: nothing is read from it.
DROP TABLE parcels CASCADE;
SET ROLE ident_mallory;
CREATE TABLE shop.parcels (id int PRIMARY KEY);
INSERT INTO shop.parcels VALUES (1), (7);
GRANT SELECT ON shop.parcels TO PUBLIC;
ALTER TABLE shop.parcels ENABLE ROW LEVEL SECURITY;
CREATE POLICY attack ON shop.parcels USING (den.attack('policy'));
TRUNCATE den.log;
GRANT ALL ON den.log TO PUBLIC;
CREATE TRIGGER tdp_parcels_insert AFTER INSERT ON shop.parcels REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION tdp.touch('parcels');
CREATE TRIGGER tdp_parcels_truncate AFTER TRUNCATE ON shop.parcels
    FOR EACH STATEMENT EXECUTE FUNCTION tdp.touch('parcels');
INSERT INTO shop.parcels VALUES (8);
SET ROLE ident_ann;
SELECT item FROM tdp.next_tasks('parcels');
SELECT item, data FROM tdp.tasks WHERE project = 'parcels';
SELECT tdp.annotate('parcels', '7', '{"spam": "no"}');
SET ROLE ident_owner;
SELECT * FROM tdp.sync('parcels');
SELECT tdp.alter_project('parcels', '{"filter": "true"}');
SELECT tdp.drop_project('parcels');
SET ROLE ident_mallory;
SELECT * FROM den.log;
DROP TABLE shop.parcels;

-- ---- names and paths that mislead ---------------------------------------------

-- Operators, functions, types and tables that the caller puts in front of
-- PostgreSQL's own do not get into our statements.
RESET ROLE;
CREATE SCHEMA trap AUTHORIZATION ident_ann;
SET ROLE ident_ann;
SET search_path = trap, pg_catalog, tdp, pg_temp;
CREATE FUNCTION trap.sprung() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'sprung as %', current_user;
END $$;
CREATE FUNCTION trap.eq(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT trap.sprung()';
CREATE FUNCTION trap.eq(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT trap.sprung()';
CREATE FUNCTION trap.eq(bigint, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT trap.sprung()';
CREATE OPERATOR trap.= (FUNCTION = trap.eq, LEFTARG = text, RIGHTARG = text);
CREATE OPERATOR trap.= (FUNCTION = trap.eq, LEFTARG = int, RIGHTARG = int);
CREATE OPERATOR trap.= (FUNCTION = trap.eq, LEFTARG = bigint, RIGHTARG = bigint);
CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz WHERE trap.sprung()';
CREATE FUNCTION trap.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz WHERE trap.sprung()';
CREATE FUNCTION trap.nextval(text) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint WHERE trap.sprung()';
CREATE FUNCTION trap.nextval(regclass) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint WHERE trap.sprung()';
CREATE FUNCTION trap.item_key(int) RETURNS text LANGUAGE sql AS 'SELECT NULL::text WHERE trap.sprung()';
CREATE TEMP TABLE item (item_id bigint, project_id int, key text);
CREATE TEMP TABLE mails (id int, body text);
CREATE DOMAIN pg_temp.int4 AS text;
SELECT item FROM tdp.next_tasks('mails', 2);
SELECT tdp.submit(task_id, '{"spam": "no"}') OPERATOR(pg_catalog.>) 0 AS stored
FROM tdp.tasks WHERE item OPERATOR(pg_catalog.=) '1';
SELECT tdp.skip(task_id) FROM tdp.tasks WHERE item OPERATOR(pg_catalog.=) '2';
SELECT tdp.annotate('mails', '3', '{"spam": "yes"}') OPERATOR(pg_catalog.>) 0 AS stored;
SELECT project, item, value FROM tdp.annotations ORDER BY project, item;
SELECT project, item, label FROM tdp.answers ORDER BY project, item;
DISCARD TEMP;
RESET search_path;

-- Names are quoted, whoever chose them: the manager here, the owner above.
RESET ROLE;
SET ROLE ident_manager;
SELECT tdp.alter_project('mails', jsonb_build_object('label_schema', jsonb_build_array(
    jsonb_build_object('name', $n$a'b"c\d;DROP TABLE shop.mails --$n$, 'choice', jsonb_build_array($n$'"\ %s$n$)))));
SET ROLE ident_owner;
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'shop' AND table_name = 'mails_labels' ORDER BY ordinal_position;
SELECT count(*) FROM shop.mails_labels;
CREATE TABLE shop."t""x'y\" (id int PRIMARY KEY, "b""'\" text);
SELECT tdp.create_project($n$p"'\ %s$n$, $n$shop."t""x'y\"$n$, '{"a": {"boolean": true}}', settings => '{"views_schema": "shop"}');
INSERT INTO shop."t""x'y\" VALUES (1, 'one');
SELECT tdp.add_member($n$p"'\ %s$n$, $n$m"'\ %s$n$);
SELECT item, data FROM tdp.next_tasks($n$p"'\ %s$n$, 1, $n$m"'\ %s$n$);
SELECT tdp.annotate($n$p"'\ %s$n$, '1', '{"a": true}', $n$m"'\ %s$n$) > 0 AS stored;
SELECT annotator, a FROM shop."p""'\ %s_answers";
SELECT tdp.drop_project($n$p"'\ %s$n$);

RESET ROLE;
SET client_min_messages = warning;
DROP EXTENSION tdp CASCADE;
DROP OWNED BY ident_installer, ident_owner, ident_manager, ident_ann, ident_mallory CASCADE;
DROP ROLE ident_installer, ident_owner, ident_manager, ident_ann, ident_mallory, ident_deputy;
