\set ECHO queries
SELECT measure, round(value::numeric, 3) AS value, round(lower::numeric, 3) AS lower,
    round(upper::numeric, 3) AS upper, items, annotators, annotations
FROM tdp.agreement('digits');
\set ECHO none
\echo '-- lower and upper: 95 %, had other items been answered.'
\echo '-- Alpha is 1 for perfect agreement and 0 for none beyond chance; from 0.8 on'
\echo '-- labels are usually trusted as they are, below 0.67 hardly. Here some people'
\echo '-- guess, so it pays to find out whom to believe:'
\set ECHO queries
SELECT tdp.resolve('digits');

SELECT annotator, s.answers, round(s.accuracy::numeric, 2) AS estimated,
    p.skill AS really, round(s.median_seconds::numeric, 1) AS median_seconds
FROM tdp.annotator_stats s JOIN exam.people p USING (annotator)
ORDER BY s.accuracy DESC;
\set ECHO none
\echo '-- The estimate knew no right answer. Labels right, by simple majority and by'
\echo '-- the consensus that weighs people:'
\set ECHO queries
SELECT method, round(100 * avg((c.label = e.digit)::int), 1) AS percent_right
FROM (VALUES ('majority'), ('dawid_skene')) AS m (method),
    tdp.consensus('digits_answers', method) c JOIN exam.truth e ON e.id = c.item::int
GROUP BY method ORDER BY 2;
\set ECHO none
