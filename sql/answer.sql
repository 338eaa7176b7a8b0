--
-- Answers: what people and models said
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
CREATE ROLE regress_bea;
CREATE ROLE regress_analyst;
SET SESSION AUTHORIZATION regress_warehouse;
CREATE EXTENSION tdp;
CREATE SCHEMA regress_answer;
GRANT USAGE ON SCHEMA regress_answer TO regress_mia, regress_ann, regress_bea, regress_analyst;
SET search_path = regress_answer;
RESET client_min_messages;

CREATE TABLE ticket (id int PRIMARY KEY, body text);
INSERT INTO ticket SELECT n, 'text ' || n FROM generate_series(1, 9) n;
SELECT tdp.create_project('tickets', 'ticket',
    '{"mood": {"choice": ["good","bad"]}, "stars": {"rating": 5, "optional": true}}', overlap => 2);
SELECT tdp.add_member('tickets', 'mia', 'manager', 'regress_mia');
SELECT tdp.add_member('tickets', 'ann', login => 'regress_ann');
SELECT tdp.add_member('tickets', 'bea', login => 'regress_bea');
SELECT tdp.add_member('tickets', 'bob');
SELECT tdp.add_member('tickets', 'cid');
SELECT tdp.add_member('tickets', 'robot', 'machine');

-- ---- submit ---------------------------------------------------------------------

-- The same answer again gives the same number: a request that is sent twice
-- does no harm. Another one is an error.
SET SESSION AUTHORIZATION regress_ann;
SELECT task_id, item FROM tdp.next_tasks('tickets', 3);
SELECT tdp.submit(1, '{"mood": "good", "stars": 4}', 12.5) AS annotation_id;
SELECT tdp.submit(1, '{"stars": 4, "mood": "good"}') AS annotation_id;
SELECT tdp.submit(1, '{"mood": "bad"}');
\echo :SQLSTATE
SELECT annotation_id, item, annotator, value, status, revision, extra, seconds,
    lease_seconds > 0 AS timed, prediction_id, schema_version, submitted_at IS NOT NULL AS submitted
FROM tdp.annotations;
SELECT project, item, field, annotator, label, value FROM tdp.answers;
SELECT tdp.skip(3);
SELECT tdp.submit(3, '{"mood": "bad"}');
\echo :SQLSTATE
SELECT tdp.submit(1000, '{"mood": "bad"}');
\echo :SQLSTATE

-- TD010: what does not fit, in words for people and as JSON for programs.
SELECT tdp.submit(2, '{}');
\echo :SQLSTATE
SELECT tdp.submit(2, '{"mood": "god"}');
SELECT tdp.submit(2, '{"mood": "good", "starz": 4}');
SELECT tdp.submit(2, '{"mood": ["good"], "stars": 4.5}');
SELECT tdp.submit(2, '{"mood": "good", "stars": 6}');
SELECT tdp.submit(2, '{"mood": null}');
SELECT tdp.submit(2, 'null');
SELECT tdp.submit(2, '[]');
SELECT tdp.submit(2, '[{"mood": "good"}]');
SELECT tdp.submit(2, '1');
SELECT tdp.submit(2, '"good"');
SELECT tdp.submit(2, 'true');
SELECT tdp.submit(2, NULL);
SELECT tdp.submit(NULL, '{"mood": "good"}');
SELECT tdp.submit(2, '{"mood": "good"}', -1);
SELECT tdp.submit(2, '{"mood": "good"}', 'NaN');
SELECT tdp.submit(2, '{"mood": "good"}', 'Infinity');

-- Ten megabytes are refused in few words.
SET SESSION AUTHORIZATION regress_warehouse;
CREATE FUNCTION refused(statement text)
RETURNS TABLE (code text, message_length int, detail_length int) LANGUAGE plpgsql AS $$
DECLARE
    message text;
    detail text;
BEGIN
    EXECUTE statement;
    code := 'taken';
    RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    message_length := length(message);
    detail_length := length(detail);
    RETURN NEXT;
END
$$;
SET SESSION AUTHORIZATION regress_ann;
SELECT code, message_length < 1000 AS few, detail_length < 10000 AS words
FROM unnest(ARRAY['jsonb_build_object(''mood'', repeat(''x'', 10000000))',
    'jsonb_build_object(repeat(''x'', 10000000), 1)',
    '(SELECT jsonb_object_agg(n, n) FROM generate_series(1, 200000) n)',
    '(SELECT jsonb_build_object(''mood'', jsonb_agg(n)) FROM generate_series(1, 500000) n)',
    '(repeat(''['', 5000) || repeat('']'', 5000))::jsonb',
    'to_jsonb(repeat(''x'', 10000000))']) AS value,
    refused(format('SELECT tdp.submit(2, %s)', value));

-- Nothing of that was stored.
SELECT count(*) FROM tdp.annotations;
BEGIN;
SELECT tdp.submit(2, '{"mood": "bad"}') > 0 AS submitted;
SELECT count(*) FROM tdp.annotations;
ROLLBACK;
SELECT count(*) FROM tdp.annotations;
SELECT item FROM tdp.tasks;

-- Another's task, by name or not.
SET SESSION AUTHORIZATION regress_bea;
SELECT tdp.submit(2, '{"mood": "bad"}');
\echo :SQLSTATE
SELECT tdp.submit(2, '{"mood": "bad"}', annotator => 'ann');
SELECT tdp.submit(2, '{"mood": "bad"}', annotator => 'bob');
SET SESSION AUTHORIZATION regress_mia;
SELECT tdp.submit(2, '{"mood": "bad"}', annotator => 'ann');
\echo :SQLSTATE
SET SESSION AUTHORIZATION regress_analyst;
SELECT tdp.submit(2, '{"mood": "bad"}');
\echo :SQLSTATE

-- ---- late ------------------------------------------------------------------------

-- A late answer is taken as long as its place is free.
SET SESSION AUTHORIZATION regress_warehouse;
SELECT tdp.alter_project('tickets', '{"overlap": 1, "lease": "0.1 s"}');
SELECT task_id AS late, item FROM tdp.next_tasks('tickets', 1, 'bob') \gset
SELECT pg_sleep(0.2);
SELECT tdp.submit(:late, '{"mood": "bad"}', annotator => 'bob') > 0 AS not_taken_back;
SELECT task_id AS late, item FROM tdp.next_tasks('tickets', 1, 'bob') \gset
SELECT pg_sleep(0.2);
SELECT tdp.alter_project('tickets', '{"lease": "1 h"}');
SELECT count(*) FROM tdp.next_tasks('tickets', 9, 'cid') WHERE item = :'item';
SELECT count(tdp.skip(task_id, annotator => 'cid')) FROM tdp.tasks WHERE annotator = 'cid';
SELECT tdp.submit(:late, '{"mood": "bad"}', annotator => 'bob') > 0 AS still_free;

-- TD003: others have it. The answer need not be lost.
SELECT tdp.alter_project('tickets', '{"lease": "0.1 s"}');
SELECT task_id AS late, item FROM tdp.next_tasks('tickets', 1, 'bob') \gset
SELECT pg_sleep(0.2);
SELECT tdp.alter_project('tickets', '{"lease": "1 h"}');
SELECT count(*) FROM tdp.next_tasks('tickets', 9);
SELECT tdp.submit(:late, '{"mood": "good"}', annotator => 'bob');
\echo :SQLSTATE
SELECT tdp.annotate('tickets', :'item', '{"mood": "good"}', 'bob') > 0 AS kept;
SELECT annotator, extra FROM tdp.annotations WHERE item = :'item';
SELECT tdp.submit(task_id, '{"mood": "bad"}') > 0 AS submitted FROM tdp.tasks WHERE item = :'item' AND annotator = 'regress_warehouse';
SELECT tdp.release(task_id) FROM tdp.tasks WHERE annotator = 'regress_warehouse';
SELECT * FROM tdp.verify('tickets');
SELECT tdp.drop_project('tickets');

-- ---- annotate --------------------------------------------------------------------

-- An answer without a lease, about any row that passes, seen already or not.
SELECT tdp.create_project('tickets', 'ticket',
    '{"mood": {"choice": ["good","bad"]}, "stars": {"rating": 5, "optional": true}}', filter => 'id < 9');
SELECT tdp.add_member('tickets', 'mia', 'manager', 'regress_mia');
SELECT tdp.add_member('tickets', 'ann', login => 'regress_ann');
SELECT tdp.add_member('tickets', 'bea', login => 'regress_bea');
SELECT tdp.add_member('tickets', 'bob');
SELECT tdp.add_member('tickets', 'cid');
SELECT tdp.add_member('tickets', 'robot', 'machine');
CREATE FUNCTION said() RETURNS TABLE (item text, state text, answers int, said text) LANGUAGE sql AS $$
    SELECT i.item, i.state, i.answers, (SELECT string_agg(annotator || ' ' || (value ->> 'mood')
        || CASE WHEN extra THEN ' extra' ELSE '' END, ', ' ORDER BY annotation_id)
        FROM tdp.annotations a WHERE a.item = i.item)
    FROM tdp.items i WHERE i.answers > 0 ORDER BY i.item
$$;
SELECT tdp.annotate('tickets', '1', '{"mood": "good"}') > 0 AS annotated;
SELECT tdp.annotate('tickets', '1', '{"mood": "good"}') = max(annotation_id) AS the_same FROM tdp.annotations;
SELECT tdp.annotate('tickets', '1', '{"mood": "bad"}');
\echo :SQLSTATE

-- When its slots are full it is kept as an extra one; a machine's takes none.
SELECT tdp.annotate('tickets', '1', '{"mood": "bad"}', 'bob') > 0 AS annotated;
SELECT tdp.annotate('tickets', '2', '{"mood": "bad"}', 'robot') > 0 AS annotated;
SELECT tdp.annotate('tickets', '2', '{"mood": "good"}', 'bob', '2026-01-31 12:00+00', 3) > 0 AS annotated;
SELECT submitted_at AT TIME ZONE 'UTC' AS submitted_at, seconds, lease_seconds FROM tdp.annotations WHERE item = '2' AND annotator = 'bob';
SELECT * FROM said();

-- On what one holds, or has given back.
SET SESSION AUTHORIZATION regress_ann;
SELECT task_id AS three, item FROM tdp.next_tasks('tickets') \gset
SELECT tdp.annotate('tickets', :'item', '{"mood": "good"}') > 0 AS annotated;
SELECT count(*) FROM tdp.tasks;
SELECT tdp.submit(:three, '{"mood": "good"}') = max(annotation_id) AS the_same FROM tdp.annotations;
SELECT task_id AS four, item FROM tdp.next_tasks('tickets') \gset
SELECT tdp.skip(:four);
SELECT tdp.annotate('tickets', :'item', '{"mood": "bad"}') > 0 AS annotated;
SELECT count(*) FROM tdp.skips;
SET SESSION AUTHORIZATION regress_warehouse;
SELECT * FROM said();
SELECT * FROM tdp.verify('tickets');

-- TD006: no such item, however it is spelt.
SELECT tdp.annotate('tickets', '100', '{"mood": "good"}');
\echo :SQLSTATE
SELECT tdp.annotate('tickets', 'one', '{"mood": "good"}');
\echo :SQLSTATE
SELECT tdp.annotate('tickets', '', '{"mood": "good"}');
SELECT tdp.annotate('tickets', '9', '{"mood": "good"}');
SELECT tdp.annotate('tickets', '99999999999999999999', '{"mood": "good"}');
SELECT tdp.annotate('tickets', ' 05', '{"mood": "good"}') > 0 AS read_as_the_key_is;
SELECT tdp.annotate('tickets', '6', '{"mood": "odd"}');
\echo :SQLSTATE
SELECT tdp.annotate('tickets', '6', '{"mood": "good"}', 'nobody');
\echo :SQLSTATE
SELECT tdp.annotate('tickets', '6', '{"mood": "good"}', 'ann');
SELECT tdp.annotate('no such project', '6', '{"mood": "good"}');
\echo :SQLSTATE
SELECT tdp.annotate(NULL, '6', '{"mood": "good"}');
SELECT tdp.annotate('tickets', NULL, '{"mood": "good"}');
SELECT tdp.annotate('tickets', '6', NULL);
SELECT tdp.annotate('tickets', '6', '{"mood": "good"}', seconds => -1);
SELECT count(*) FROM tdp.annotations WHERE item = '6';

-- ---- import ------------------------------------------------------------------------

-- Answers from elsewhere, by a query that gives item, value and annotator.
CREATE TABLE old (item int, value jsonb, annotator text, submitted_at timestamptz, seconds float8);
INSERT INTO old VALUES (6, '{"mood": "good"}', 'ann', '2025-01-01 00:00+00', 5), (6, '{"mood": "bad"}', 'bob', NULL, NULL),
    (7, '{"mood": "good", "stars": 1}', 'cid', NULL, NULL);
SELECT * FROM tdp.import_annotations('tickets', 'old');
SELECT item, annotator, value, extra, extract(year FROM submitted_at AT TIME ZONE 'UTC') = 2025 AS old, seconds
FROM tdp.annotations WHERE item IN ('6', '7') ORDER BY item, annotator;

-- Again, it changes nothing.
SELECT * FROM tdp.import_annotations('tickets', 'old');
SELECT count(*) FROM tdp.annotations WHERE item IN ('6', '7');

-- It stops at the first that cannot be taken, and nothing of it is kept; or it
-- leaves such out and says which and why.
INSERT INTO old VALUES (8, '{"mood": "good"}', 'cid', NULL, NULL), (8, '{"mood": "odd"}', 'bob', NULL, NULL),
    (9, '{"mood": "good"}', 'bob', NULL, NULL), (7, '{"mood": "bad"}', 'cid', NULL, NULL),
    (8, '{"mood": "good"}', 'nobody', NULL, NULL), (8, '{"mood": "good"}', 'robot', NULL, -1);
SELECT * FROM tdp.import_annotations('tickets', 'TABLE old');
\echo :SQLSTATE
SELECT count(*) FROM tdp.annotations WHERE item = '8';
SELECT * FROM tdp.import_annotations('tickets', 'SELECT * FROM old', 'skip') ORDER BY item, problem;
SELECT item, annotator FROM tdp.annotations WHERE item = '8';

-- A member who left gives no new answers.
SELECT tdp.remove_member('tickets', 'cid');
SELECT * FROM tdp.import_annotations('tickets', 'SELECT 5 AS item, ''{"mood": "bad"}''::jsonb AS value, ''cid'' AS annotator', 'skip');
SELECT tdp.add_member('tickets', 'cid');

SELECT * FROM tdp.import_annotations('tickets', 'SELECT 1 AS item');
SELECT * FROM tdp.import_annotations('tickets', 'SELECT 1 AS item, 1 AS label, ''bob'' AS worker');
SELECT * FROM tdp.import_annotations('tickets', 'SELECT NULL::text AS item, ''{}''::jsonb AS value, ''bob'' AS annotator');
SELECT * FROM tdp.import_annotations('tickets', 'SELECT 1 AS item, NULL::jsonb AS value, ''bob'' AS annotator');
SELECT * FROM tdp.import_annotations('tickets', 'SELECT 1; SELECT 2');
SELECT * FROM tdp.import_annotations('tickets', 'DELETE FROM old RETURNING *');
SELECT * FROM tdp.import_annotations('tickets', 'no_such_table');
SELECT * FROM tdp.import_annotations('tickets', '');
SELECT * FROM tdp.import_annotations('tickets', 'SELECT * FROM old WHERE false');
SELECT * FROM tdp.import_annotations('tickets', 'old', 'ignore');
SELECT * FROM tdp.import_annotations(NULL, 'old');
SELECT * FROM tdp.import_annotations('tickets', NULL);
SELECT * FROM tdp.import_annotations('tickets', 'old', NULL);
SET SESSION AUTHORIZATION regress_ann;
SELECT * FROM tdp.import_annotations('tickets', 'old');
\echo :SQLSTATE

-- The query runs with the caller's rights.
SET SESSION AUTHORIZATION regress_mia;
SELECT * FROM tdp.import_annotations('tickets', 'regress_answer.old');
\echo :SQLSTATE
SET SESSION AUTHORIZATION regress_warehouse;
SELECT * FROM tdp.verify('tickets');

-- ---- predictions ---------------------------------------------------------------------

-- What a model says is shown as a pre-filled answer, and is the label of items
-- that have no better one.
SELECT tdp.drop_project('tickets');
SELECT tdp.create_project('tickets', 'ticket',
    '{"mood": {"choice": ["good","bad"]}, "stars": {"rating": 5, "optional": true}}');
SELECT tdp.add_member('tickets', 'mia', 'manager', 'regress_mia');
SELECT tdp.add_member('tickets', 'ann', login => 'regress_ann');
SELECT tdp.add_member('tickets', 'bea', login => 'regress_bea');
SELECT tdp.add_predictions('tickets', 'SELECT id AS item, jsonb_build_object(''mood'', ''bad'') AS value, id / 10.0 AS confidence FROM regress_answer.ticket', 'first');
SELECT tdp.add_predictions('tickets', 'SELECT 1 AS item, ''{"mood": "good"}''::jsonb AS value', 'first');
SELECT tdp.add_predictions('tickets', 'SELECT 1 AS item, ''{"stars": 5}''::jsonb AS value', 'second');
SELECT item, field, label, value, confidence, model FROM tdp.predictions WHERE item IN ('1', '2') ORDER BY item, field;
SELECT item, field, label, confidence, answers, source, method FROM tdp.labels WHERE item IN ('1', '2') ORDER BY item, field;
SELECT id, mood, mood_confidence, mood_source, mood_answers, stars, tdp_state FROM tickets_labels WHERE id < 3 ORDER BY id;
SET SESSION AUTHORIZATION regress_ann;
SELECT item, prediction FROM tdp.next_tasks('tickets', 2);
SELECT item, prediction FROM tdp.tasks;
SELECT count(tdp.submit(task_id, '{"mood": "bad"}')) FROM tdp.tasks;
SET SESSION AUTHORIZATION regress_warehouse;
SELECT item, prediction_id IS NOT NULL AS shown FROM tdp.annotations ORDER BY item;

-- Pre-fills can be shown in half of the tasks, or in none, to find out how much
-- they sway people.
SELECT tdp.alter_project('tickets', '{"prefill": "half"}');
SET SESSION AUTHORIZATION regress_ann;
SELECT count(*), count(prediction) FROM tdp.next_tasks('tickets', 4);
SELECT tdp.release(task_id) FROM tdp.tasks;
SET SESSION AUTHORIZATION regress_warehouse;
SELECT tdp.alter_project('tickets', '{"prefill": "none"}');
SET SESSION AUTHORIZATION regress_ann;
SELECT count(*), count(prediction) FROM tdp.next_tasks('tickets', 4);
SELECT tdp.submit(task_id, '{"mood": "good"}') > 0 AS submitted FROM tdp.tasks WHERE item = '3';
SELECT item, prediction_id FROM tdp.annotations WHERE item = '3';
SET SESSION AUTHORIZATION regress_warehouse;

-- What cannot be stored.
SELECT tdp.add_predictions('tickets', 'SELECT 1 AS item, ''{"mood": "odd"}''::jsonb AS value', 'first');
\echo :SQLSTATE
SELECT tdp.add_predictions('tickets', 'SELECT 100 AS item, ''{"mood": "bad"}''::jsonb AS value', 'first');
\echo :SQLSTATE
SELECT tdp.add_predictions('tickets', 'SELECT 1 AS item, ''{"mood": "bad"}''::jsonb AS value UNION ALL SELECT 1, ''{"mood": "good"}''', 'first');
SELECT tdp.add_predictions('tickets', 'SELECT 1 AS item, ''{"mood": "bad"}''::jsonb AS value, 1.5 AS confidence', 'first');
SELECT tdp.add_predictions('tickets', 'SELECT 1 AS item, ''{"mood": "bad"}''::jsonb AS value, ''Infinity''::float8 AS confidence', 'first');
SELECT tdp.add_predictions('tickets', 'SELECT 1 AS item, ''null''::jsonb AS value', 'first');
SELECT tdp.add_predictions('tickets', 'SELECT 1 AS item, NULL::jsonb AS value', 'first');
SELECT tdp.add_predictions('tickets', 'SELECT 1 AS item, ''{"mood": "bad"}''::jsonb AS value', '');
SELECT tdp.add_predictions('tickets', 'SELECT 1 AS item, ''{"mood": "bad"}''::jsonb AS value', repeat('x', 201));
SELECT tdp.add_predictions(NULL, 'SELECT 1', 'first');
SELECT tdp.add_predictions('tickets', NULL, 'first');
SELECT tdp.add_predictions('tickets', 'SELECT 1', NULL);
SELECT tdp.add_predictions('tickets', 'SELECT 1 AS item WHERE false', 'first');
SELECT tdp.add_predictions('tickets', 'SELECT 1 AS item, ''{"mood": "bad"}''::jsonb AS value WHERE false', 'first');
SET SESSION AUTHORIZATION regress_ann;
SELECT tdp.add_predictions('tickets', 'SELECT 1 AS item, ''{"mood": "bad"}''::jsonb AS value', 'first');
\echo :SQLSTATE
SET SESSION AUTHORIZATION regress_warehouse;

-- ---- who sees what --------------------------------------------------------------------

-- Annotators are blind unless the owner says otherwise: ann has answered 1 to 3,
-- bea 1 and 4.
SELECT tdp.alter_project('tickets', '{"overlap": 3}');
SET SESSION AUTHORIZATION regress_bea;
SELECT tdp.annotate('tickets', '1', '{"mood": "good"}') > 0 AS annotated;
SELECT tdp.annotate('tickets', '4', '{"mood": "good"}') > 0 AS annotated;
SET SESSION AUTHORIZATION regress_warehouse;
CREATE FUNCTION seen() RETURNS TABLE (what text, seen text) LANGUAGE sql AS $$
    SELECT 'annotations', string_agg(item || ' ' || annotator, ', ' ORDER BY item, annotator) FROM tdp.annotations
    UNION ALL SELECT 'answers', string_agg(item || ' ' || annotator, ', ' ORDER BY item, annotator) FROM tdp.answers
    UNION ALL SELECT 'revisions', string_agg(item || ' ' || annotator, ', ' ORDER BY item, annotator) FROM tdp.annotation_revisions
    UNION ALL SELECT 'labels', string_agg(DISTINCT item, ', ') FROM tdp.labels WHERE field = 'mood'
    UNION ALL SELECT 'predictions', string_agg(DISTINCT item, ', ') FROM tdp.predictions
    UNION ALL SELECT 'members', string_agg(member, ', ' ORDER BY member) FROM tdp.members
    UNION ALL SELECT 'items', string_agg(item, ', ' ORDER BY item) FROM tdp.items
$$;
SET SESSION AUTHORIZATION regress_bea;
SELECT * FROM seen();
SET SESSION AUTHORIZATION regress_warehouse;
SELECT tdp.alter_project('tickets', '{"visibility": "after_own"}');
GRANT SELECT ON tickets_labels, tickets_answers TO regress_bea, regress_analyst;
SET SESSION AUTHORIZATION regress_bea;
SELECT * FROM seen();
SELECT id, annotator, mood FROM tickets_answers ORDER BY id, annotator;
SET SESSION AUTHORIZATION regress_warehouse;
SELECT tdp.alter_project('tickets', '{"visibility": "open"}');
SET SESSION AUTHORIZATION regress_bea;
SELECT * FROM seen();

-- The view of labels shows all of it to whoever may read it; that of answers
-- is for members, and an error for others.
SET SESSION AUTHORIZATION regress_analyst;
SELECT count(*), count(mood) FROM tickets_labels;
SELECT * FROM tickets_answers;
\echo :SQLSTATE
SELECT count(*) FROM tdp.annotations;
SET SESSION AUTHORIZATION regress_mia;
SELECT * FROM tickets_labels;

-- ---- rolled back ------------------------------------------------------------------------

-- Whatever is done in a transaction that is rolled back, nothing of it remains.
SET SESSION AUTHORIZATION regress_warehouse;
CREATE FUNCTION stored() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
    rows text;
    digest text := '';
BEGIN
    FOR relation IN SELECT oid FROM pg_class
        WHERE relnamespace = 'tdp'::regnamespace AND relkind = 'r' ORDER BY relname LOOP
        EXECUTE format('SELECT md5(string_agg(t::text, '','' ORDER BY t::text)) FROM %s t', relation) INTO rows;
        digest := digest || relation || coalesce(rows, '-');
    END LOOP;
    RETURN md5(digest);
END
$$;
SELECT stored() AS before \gset
BEGIN;
SELECT count(tdp.submit(task_id, '{"mood": "good"}')) FROM tdp.next_tasks('tickets', 2);
SELECT count(tdp.skip(task_id)) FROM tdp.next_tasks('tickets', 1);
SELECT count(tdp.extend(task_id, '1 h')) FROM tdp.next_tasks('tickets', 2);
SELECT tdp.release(max(task_id)) FROM tdp.tasks WHERE annotator = 'regress_warehouse';
SELECT tdp.annotate('tickets', '9', '{"mood": "good"}') > 0 AS annotated;
SELECT count(*) FROM tdp.import_annotations('tickets', 'SELECT 8 AS item, ''{"mood": "bad"}''::jsonb AS value, ''ann'' AS annotator');
SELECT tdp.add_predictions('tickets', 'SELECT 8 AS item, ''{"mood": "bad"}''::jsonb AS value', 'third');
INSERT INTO ticket VALUES (10, 'text 10');
DELETE FROM ticket WHERE id = 1;
SELECT tdp.sync('tickets');
SELECT tdp.add_member('tickets', 'dan');
SELECT tdp.remove_member('tickets', 'bea');
SELECT tdp.alter_project('tickets', '{"overlap": 1, "name": "others", "filter": "id > 2"}');
SELECT stored() <> :'before' AS something_was_done;
ROLLBACK;
SELECT stored() = :'before' AS nothing_remains;
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'ticket'::regclass AND tgname LIKE 'tdp\_tickets\_%';
BEGIN;
SELECT tdp.drop_project('tickets');
ROLLBACK;
SELECT stored() = :'before' AS nothing_remains;
SELECT count(*) FROM tickets_labels;

-- ---- versions of the label schema ---------------------------------------------------------

-- An answer names the version that it was made under, and stays when a field
-- or a label goes.
SET SESSION AUTHORIZATION regress_warehouse;
SELECT tdp.alter_project('tickets', '{"label_schema": [{"name": "mood", "choice": ["good","odd"]}, {"name": "sure", "boolean": true}]}');
SELECT tdp.annotate('tickets', '5', '{"mood": "odd", "sure": true}') > 0 AS annotated;
SELECT tdp.annotate('tickets', '6', '{"mood": "bad", "sure": true}');
SELECT tdp.annotate('tickets', '6', '{"mood": "good"}');
SELECT item, annotator, value, schema_version FROM tdp.annotations WHERE item IN ('1', '5') ORDER BY item, annotator;
SELECT id, annotator, mood, sure FROM tickets_answers WHERE id IN (1, 5) ORDER BY id, annotator;

-- What was held under the old version is answered under the new one.
SET SESSION AUTHORIZATION regress_ann;
SELECT task_id AS held, item FROM tdp.tasks ORDER BY item LIMIT 1 \gset
SELECT tdp.submit(:held, '{"mood": "good"}');
SELECT tdp.submit(:held, '{"mood": "good", "sure": false}') > 0 AS submitted;
SELECT value, schema_version FROM tdp.annotations WHERE item = :'item' AND annotator = 'ann';
SELECT count(tdp.release(task_id)) > 0 AS released FROM tdp.tasks;

-- A prediction made under the old one is shown as far as it still fits.
SET SESSION AUTHORIZATION regress_warehouse;
SELECT tdp.alter_project('tickets', '{"prefill": "all"}');
SELECT tdp.add_predictions('tickets', 'SELECT 8 AS item, ''{"sure": true}''::jsonb AS value', 'second');
SET SESSION AUTHORIZATION regress_ann;
SELECT item, prediction FROM tdp.next_tasks('tickets', 9) ORDER BY item;
SET SESSION AUTHORIZATION regress_warehouse;
SELECT item, label FROM tdp.predictions WHERE item = '8' ORDER BY field;

-- ---- values that speak of the row -------------------------------------------------------------

CREATE TABLE sentence (id int PRIMARY KEY, body text, secret text);
INSERT INTO sentence VALUES (1, 'Märta met Bob', 'x'), (2, NULL, 'y');
SELECT tdp.create_project('sentences', 'sentence', '{"people": {"spans": ["PER"], "of": "body"}}', columns => '{body}');
SELECT tdp.annotate('sentences', '1', '{"people": [{"start": 0, "end": 5, "label": "PER", "text": "Märta"}, {"start": 10, "end": 13, "label": "PER"}]}') > 0 AS annotated;
SELECT tdp.add_member('sentences', 'bob');
SELECT tdp.annotate('sentences', '1', '{"people": [{"start": 10, "end": 14, "label": "PER"}]}', 'bob');
SELECT tdp.annotate('sentences', '1', '{"people": [{"start": 0, "end": 5, "label": "PER", "text": "Marta"}]}', 'bob');
SELECT tdp.annotate('sentences', '2', '{"people": []}', 'bob') > 0 AS annotated;
SELECT id, annotator, people FROM sentences_answers ORDER BY id;
SELECT * FROM tdp.verify('sentences');
SELECT tdp.drop_project('sentences');

-- ---- numbers ------------------------------------------------------------------------------------

SELECT annotator, role, answers, skipped, last_answer_at IS NOT NULL AS answered FROM tdp.annotator_stats ORDER BY annotator;
SELECT waiting, open, leased, completed, stale, skipped, withdrawn, set_aside, answers, touched FROM tdp.project_status;
SELECT tdp.remove_member('tickets', 'bea');
SELECT count(*) FROM tdp.annotations WHERE annotator = 'bea';
SET SESSION AUTHORIZATION regress_bea;
SELECT count(*) FROM tdp.annotations;
SELECT count(*) FROM tickets_answers;
SET SESSION AUTHORIZATION regress_warehouse;
SELECT * FROM tdp.verify('tickets');
SELECT tdp.drop_project('tickets');
SELECT (SELECT count(*) FROM tdp.annotation) + (SELECT count(*) FROM tdp.prediction)
    + (SELECT count(*) FROM tdp.label) + (SELECT count(*) FROM tdp.task) + (SELECT count(*) FROM tdp.lease) AS left_over;

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA regress_answer CASCADE;
DROP ROLE regress_mia, regress_ann, regress_bea, regress_analyst;
