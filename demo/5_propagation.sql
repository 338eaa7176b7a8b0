-- One round: people answer a few more rows, then labels are spread.
CREATE FUNCTION exam.round(n int) RETURNS TABLE (answers bigint, labeled bigint, percent_right numeric)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    p record;
BEGIN
    FOR p IN SELECT annotator FROM exam.people WHERE n > 0 ORDER BY annotator LOOP
        PERFORM exam.work(p.annotator, n);
    END LOOP;
    PERFORM tdp.iterate('digits');
    RETURN QUERY SELECT (SELECT s.answers FROM tdp.project_status s WHERE project = 'digits'),
        count(p.label), round(100 * avg((coalesce(p.label, '') = e.digit)::int), 1)
    FROM exam.truth e LEFT JOIN (
        SELECT item, label FROM tdp.labels WHERE project = 'digits' AND source = 'consensus'
        UNION ALL
        SELECT item, label FROM tdp.predictions WHERE project = 'digits') p ON p.item = e.id::text;
END
$$;
\set ECHO queries
SELECT * FROM tdp.auto_annotate('digits', features => 'pixels');

SELECT tdp.set_automation('digits', features => 'pixels');
\set ECHO none
\echo '-- Let people go on, 36 answers a round, and spread again after each:'
CREATE TABLE exam.rounds (round int, answers bigint, labeled bigint, percent_right numeric);
SELECT setseed(0.4) \g /dev/null
DO $$
DECLARE
    r record;
BEGIN
    FOR i IN 0..12 LOOP
        SELECT * INTO r FROM exam.round(CASE WHEN i = 0 THEN 0 ELSE 6 END);
        INSERT INTO exam.rounds VALUES (i, r.answers, r.labeled, r.percent_right);
        EXIT WHEN r.percent_right >= 95;
    END LOOP;
END
$$;
SELECT answers, labeled AS rows_labeled, percent_right,
    repeat('#', greatest((percent_right - 50)::int, 0)) AS "50% .. 100%"
FROM exam.rounds ORDER BY round;
\pset tuples_only on
SELECT format('%s answers of people put %s %% of the 1,797 rows right.', answers, percent_right),
    format(E'\n Three answers for each row by hand: %s, %s times as many.', 3 * 1797, round(3 * 1797.0 / answers))
FROM exam.rounds ORDER BY round DESC LIMIT 1;
\pset tuples_only off
\echo '-- Annotators see the rest pre-filled:'
\set ECHO queries
SELECT item, prediction FROM tdp.next_tasks('digits', 3, 'ana');
\set ECHO none
\echo '-- A row that changes after it was labeled says so by itself:'
\set ECHO queries
UPDATE digits SET pixels = array_fill(0::real, '{64}') WHERE id = 1;
SELECT count(*) AS tasks FROM tdp.next_tasks('digits', 1, 'ana');  -- any request looks
SELECT id, digit, digit_source, tdp_state FROM digits_labels WHERE id <= 2 ORDER BY id;
\set ECHO none
