-- Answers from an older tool, of the last four weeks.
CREATE TABLE exam.archive AS
SELECT id AS item, jsonb_build_object('digit', exam.says(digit, skill - 0.06 * weeks)) AS value, annotator,
    date_trunc('week', now()) - weeks * interval '1 week' + interval '10 hours' AS submitted_at
FROM exam.truth, exam.people, generate_series(1, 4) AS weeks
WHERE id > 1500 AND id % 5 = weeks AND annotator IN ('ana', 'ben', 'dev');
\set ECHO queries
SELECT digit, count(*) AS rows, round(avg(digit_confidence)::numeric, 2) AS confidence,
    count(*) FILTER (WHERE digit_source = 'consensus') AS by_people
FROM digits_labels GROUP BY digit ORDER BY digit;
\set ECHO none
\echo '-- Answers that an older tool collected over the last weeks come in by a query:'
\set ECHO queries
SELECT count(*) AS problems FROM tdp.import_annotations('digits', 'exam.archive', on_error => 'skip');

SELECT date_trunc('week', submitted_at)::date AS week, count(*) AS answers,
    round(tdp.krippendorff_alpha(id, digit)::numeric, 2) AS alpha
FROM digits_answers GROUP BY 1 ORDER BY 1;
\set ECHO none
