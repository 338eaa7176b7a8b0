\echo '-- The methods take any query. Here what people said about the first ten rows'
\echo '-- (then twenty, ...) is spread over all the others, by how alike they look:'
\set ECHO queries
CREATE FUNCTION exam.spread(n int)
RETURNS TABLE (item text, label text, confidence float8) LANGUAGE sql VOLATILE AS $$
    SELECT * FROM tdp.propagate_points(
        points => 'SELECT id AS item, pixels AS features FROM digits',
        seeds => format('SELECT item, label, confidence AS weight FROM tdp.consensus(
            ''SELECT item, annotator, digit AS label FROM digits_answers WHERE id <= %s'', ''majority'')', n))
$$;
\set ECHO none
CREATE TABLE exam.curve AS
SELECT n AS rows_by_people, 3 * n AS answers, (
    SELECT round(100 * avg((p.label IS NOT DISTINCT FROM e.digit)::int), 1)
    FROM exam.spread(n) AS p JOIN exam.truth AS e ON e.id = p.item::int) AS percent_right
FROM unnest('{10,20,30,40,60,80}'::int[]) AS n;
SELECT rows_by_people, answers, percent_right,
    repeat('#', greatest((percent_right - 50)::int, 0)) AS "50 % .............. 75 % .............. 100 %"
FROM exam.curve ORDER BY 1;
\pset tuples_only on
\pset format unaligned
SELECT format('-- %s answers of people, mistakes included, put %s %% of the 1,797 rows right.',
    answers, percent_right)
FROM exam.curve WHERE percent_right >= 95 ORDER BY answers LIMIT 1;
SELECT format('-- By hand, three answers for each row are %s: %s times as many.', 3 * 1797,
    round(3 * 1797.0 / min(answers)))
FROM exam.curve WHERE percent_right >= 95;
\pset tuples_only off
\pset format aligned
\echo
\echo '-- In the project the same is one call. The surest become labels; annotators see'
\echo '-- all of them as pre-filled answers:'
\set ECHO queries
SELECT annotated_field, method, seeds, predicted, kept, round(expected_accuracy::numeric, 3) AS expected
FROM tdp.auto_annotate('digits', features => 'pixels');
SELECT item, prediction FROM tdp.next_tasks('digits', 3, 'ana');
\set ECHO none
\echo '-- What it was told can be kept, for the one call that a scheduler makes: resolve'
\echo '-- what people said since, spread it again.'
SELECT setseed(0.4) \g /dev/null
\set ECHO queries
SELECT tdp.set_automation('digits', features => 'pixels');
SELECT sum(exam.work(annotator, 3)) AS new_answers FROM exam.people;
SELECT * FROM tdp.iterate('digits');
\set ECHO none
\echo '-- A row that changes after it was labeled says so by itself (any request looks):'
\set ECHO queries
UPDATE digits SET pixels = (SELECT pixels FROM digits WHERE id = 3) WHERE id = 1;
SELECT count(*) AS tasks FROM tdp.next_tasks('digits', 1, 'ana');
SELECT id, digit, digit_source, tdp_state FROM digits_labels WHERE id IN (1, 2) ORDER BY id;
\set ECHO none
