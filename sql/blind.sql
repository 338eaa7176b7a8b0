-- Annotators are blind: none can find out what another said, whatever tool
-- asks and however it asks.
\set VERBOSITY terse
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS tdp CASCADE;
CREATE ROLE blind_owner;
CREATE ROLE blind_ann;
CREATE ROLE blind_bob;
CREATE SCHEMA blind AUTHORIZATION blind_owner;
CREATE SCHEMA anns AUTHORIZATION blind_ann;
GRANT USAGE ON SCHEMA blind TO PUBLIC;
DO $$ BEGIN
    EXECUTE format('GRANT CREATE ON DATABASE %I TO blind_owner', current_database());
END $$;
SET ROLE blind_owner;
CREATE EXTENSION tdp;
SET search_path = blind;
RESET client_min_messages;

CREATE TABLE mails (id int PRIMARY KEY, body text NOT NULL);
INSERT INTO mails SELECT n, 'mail ' || n FROM generate_series(1, 20) AS n;
SELECT tdp.create_project('mails', 'mails', '{"spam": {"choice": ["no", "yes"]}}', overlap => 3);
SELECT tdp.add_member('mails', 'ann', login => 'blind_ann'),
    tdp.add_member('mails', 'bob', login => 'blind_bob'), tdp.add_member('mails', 'nat');
GRANT SELECT ON mails_answers TO blind_ann;

-- Of items 1 to 9 bob and nat say that 1 to 8 are spam; ann has answered 1 to
-- 3, says that they are not, and holds 4 and 5.
SET ROLE blind_bob;
SELECT count(tdp.annotate('mails', n::text, jsonb_build_object('spam', CASE WHEN n < 9 THEN 'yes' ELSE 'no' END)))
FROM generate_series(1, 9) AS n;
SET ROLE blind_owner;
SELECT count(tdp.annotate('mails', n::text, jsonb_build_object('spam', CASE WHEN n < 9 THEN 'yes' ELSE 'no' END), 'nat'))
FROM generate_series(1, 9) AS n;
SELECT tdp.add_predictions('mails', $$SELECT 20 AS item, '{"spam": "yes"}'::jsonb AS value, 0.99 AS confidence$$, 'gpt');
SET ROLE blind_ann;
SELECT count(tdp.annotate('mails', n::text, '{"spam": "no"}')) FROM generate_series(1, 3) AS n;
SELECT item FROM tdp.next_tasks('mails', 2);

-- ---- what she sees ----------------------------------------------------------

SELECT item, annotator, value FROM tdp.annotations ORDER BY 1, 2;
SELECT item, annotator, value FROM tdp.annotation_revisions ORDER BY 1, 2;
SELECT item, field, annotator, label, value FROM tdp.answers ORDER BY 1, 3;
SELECT item, annotator, spam FROM blind.mails_answers ORDER BY 1, 2;
SELECT item, annotator, data FROM tdp.tasks ORDER BY 1;
SELECT member, role FROM tdp.members;
SELECT count(*) FROM tdp.items;
SELECT (SELECT count(*) FROM tdp.labels) AS labels, (SELECT count(*) FROM tdp.predictions) AS predictions,
    (SELECT count(*) FROM tdp.project_status) AS status, (SELECT count(*) FROM tdp.annotator_stats) AS stats,
    (SELECT count(*) FROM tdp.resolutions) AS resolutions, (SELECT count(*) FROM tdp.skips) AS skips;
SELECT * FROM blind.mails_labels;
SELECT * FROM tdp.agreement('mails');
SELECT tdp.task_data(1);

-- A stranger does not even take an empty result for the truth.
RESET ROLE;
CREATE ROLE blind_stranger;
GRANT SELECT ON blind.mails_answers TO blind_stranger;
SET ROLE blind_stranger;
SELECT * FROM blind.mails_answers;
SET ROLE blind_ann;

-- ---- functions and operators of hers in a query on a view -------------------

-- They see her own rows alone: the planner may not run them any earlier.
CREATE FUNCTION anns.peep(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN
    RAISE NOTICE 'seen: %', $1;
    RETURN true;
END $$;
SELECT count(*) FROM tdp.annotations WHERE anns.peep(item || ' ' || annotator || ' ' || value);
SELECT count(*) FROM tdp.annotation_revisions WHERE anns.peep(item || ' ' || annotator || ' ' || value);
SELECT count(*) FROM tdp.answers WHERE anns.peep(item || ' ' || annotator || ' ' || label);
SELECT count(*) FROM tdp.labels WHERE anns.peep(item || label);
SELECT count(*) FROM tdp.predictions WHERE anns.peep(item || label);
SELECT count(*) FROM tdp.members WHERE anns.peep(member);
SELECT count(*) FROM tdp.skips WHERE anns.peep(annotator);
SELECT count(*) FROM tdp.annotator_stats WHERE anns.peep(annotator);
SELECT count(*) FROM tdp.items WHERE anns.peep(item);
SELECT count(*) FROM tdp.tasks WHERE anns.peep(item || ' ' || annotator || ' ' || data);
SELECT count(*) FROM blind.mails_answers WHERE anns.peep(item || ' ' || annotator || ' ' || spam);

-- An error's text would tell what a row held.
SELECT count(*) FROM tdp.answers WHERE label::int = 1 AND annotator <> 'ann';
SELECT count(*) FROM tdp.annotations WHERE (value->>'spam')::int = 1 AND annotator <> 'ann';
SELECT count(*) FROM tdp.labels WHERE label::int = 1;

-- A plan made by another is not hers.
SET ROLE blind_owner;
PREPARE all_answers AS SELECT count(*) FROM tdp.answers;
EXECUTE all_answers;
SET ROLE blind_ann;
EXECUTE all_answers;
DEALLOCATE all_answers;

-- ---- what a plan tells ------------------------------------------------------

-- EXPLAIN counts the rows that each step drops and guesses how many there
-- are.  Both must be the same whatever value she asks for.
RESET ROLE;
ANALYZE tdp.annotation, tdp.label, tdp.prediction, tdp.item, tdp.task, tdp.member;
SET ROLE blind_ann;
CREATE FUNCTION anns.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    plan text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, TIMING off, SUMMARY off, BUFFERS off) ' || query LOOP
        plan := plan || regexp_replace(line, 'Memory.*', '') || E'\n';
    END LOOP;
    RETURN plan;
END $$;
CREATE FUNCTION anns.differs(query text, a text, b text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    plan_a text := anns.plan(format(query, a));
    plan_b text := anns.plan(format(query, b));
BEGIN
    RETURN CASE WHEN replace(plan_a, a, '') = replace(plan_b, b, '') THEN 'nothing'
        ELSE E'\n' || plan_a || plan_b END;
END $$;
SELECT anns.differs('SELECT * FROM tdp.answers WHERE item = ''7'' AND label = %L', 'yes', 'if');
SELECT anns.differs('SELECT * FROM tdp.answers WHERE label = %L', 'yes', 'if');
SELECT anns.differs('SELECT * FROM tdp.answers WHERE value = %L', '"yes"', '"if"');
SELECT anns.differs('SELECT * FROM tdp.annotations WHERE item = ''7'' AND value = %L', '{"spam": "yes"}', '{"spam": "if"}');
SELECT anns.differs('SELECT * FROM tdp.annotation_revisions WHERE value = %L', '{"spam": "yes"}', '{"spam": "if"}');
SELECT anns.differs('SELECT * FROM tdp.labels WHERE label = %L', 'yes', 'if');
SELECT anns.differs('SELECT * FROM tdp.labels WHERE item = ''20'' AND label >= %L', 'yes', 'zzz');
SELECT anns.differs('SELECT * FROM tdp.labels WHERE confidence > %s', '0.9', '0.999');
SELECT anns.differs('SELECT * FROM tdp.predictions WHERE label = %L', 'yes', 'if');
SELECT anns.differs('SELECT * FROM tdp.predictions WHERE confidence > %s', '0.9', '0.999');

-- ---- other ways in ----------------------------------------------------------

SELECT count(*) FROM pg_stats WHERE schemaname = 'tdp';
SELECT lastval();
SELECT currval('tdp.annotation_id_seq');
SELECT last_value FROM tdp.annotation_id_seq;
SELECT count(*) FROM tdp.annotation;
TABLE tdp.label;
COPY tdp.annotation TO STDOUT;
COPY tdp.annotations TO STDOUT;
INSERT INTO tdp.annotations (annotation_id) VALUES (1);
CREATE VIEW anns.mine AS SELECT * FROM tdp.annotation;
SELECT count(*) FROM anns.mine;
CREATE TRIGGER peep AFTER INSERT ON tdp.annotation EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE RULE peep AS ON UPDATE TO tdp.annotations DO NOTHING;
CREATE FUNCTION tdp.peep() RETURNS int LANGUAGE sql RETURN 1;

-- Solvers read what she may read.
SELECT DISTINCT * FROM tdp.propagate('SELECT 1 AS source, 2 AS target, 1 AS weight', 'SELECT item_id AS item, label FROM tdp.label');

-- ---- less blind, when the owner says so -------------------------------------

SET ROLE blind_owner;
SELECT tdp.alter_project('mails', '{"visibility": "after_own"}');
SET ROLE blind_ann;
SELECT annotator, string_agg(item, ' ' ORDER BY item::int) AS items FROM tdp.annotations GROUP BY 1 ORDER BY 1;
SELECT annotator, string_agg(item, ' ' ORDER BY item::int) AS items FROM tdp.answers GROUP BY 1 ORDER BY 1;
SELECT anns.differs('SELECT * FROM tdp.answers WHERE item = ''7'' AND label = %L', 'yes', 'if');
SELECT count(*) FROM tdp.labels;
SET ROLE blind_owner;
SELECT tdp.alter_project('mails', '{"visibility": "open"}');
SET ROLE blind_ann;
SELECT annotator, string_agg(item, ' ' ORDER BY item::int) AS items FROM tdp.annotations GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM tdp.labels;

-- Who is no member any more sees nothing more.
SET ROLE blind_owner;
SELECT tdp.remove_member('mails', 'ann');
SET ROLE blind_ann;
SELECT (SELECT count(*) FROM tdp.annotations) AS annotations, (SELECT count(*) FROM tdp.tasks) AS tasks,
    (SELECT count(*) FROM tdp.projects) AS projects;
SELECT * FROM blind.mails_answers;

RESET ROLE;
SET client_min_messages = warning;
DROP EXTENSION tdp CASCADE;
DROP OWNED BY blind_owner, blind_ann, blind_bob, blind_stranger CASCADE;
DROP ROLE blind_owner, blind_ann, blind_bob, blind_stranger;
