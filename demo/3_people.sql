-- How often each of them is right; the demo's own secret.
CREATE TABLE exam.people (annotator text PRIMARY KEY, skill float8);
INSERT INTO exam.people VALUES ('ana', 0.98), ('ben', 0.96), ('chloe', 0.94),
    ('dev', 0.90), ('eva', 0.85), ('finn', 0.60);

-- What a person says about a digit: the truth, or a mistake, most often the
-- digit that looks alike.
CREATE FUNCTION exam.says(digit text, skill float8) RETURNS text
LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN random() < skill THEN digit
        WHEN random() < 0.5 THEN translate(digit, '0123456789', '6739824150')
        ELSE ((digit::int + 1 + floor(random() * 9)::int) % 10)::text END
$$;

-- One goes to work: leases n tasks, answers each through tdp.submit.
CREATE FUNCTION exam.work(who text, n int) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    SELECT count(tdp.submit(t.task_id,
        jsonb_build_object('digit', exam.says(e.digit, p.skill)),
        seconds => 2 + 3 * random(), annotator => who))
    FROM tdp.next_tasks('digits', n, who) t
        JOIN exam.truth e ON e.id = t.item::int
        JOIN exam.people p ON p.annotator = who
$$;
\set ECHO queries
SELECT count(tdp.add_member('digits', name)) AS members
FROM unnest('{ana,ben,chloe,dev,eva,finn}'::text[]) AS name;

SELECT task_id, item, left(data::text, 40) AS data, prediction
FROM tdp.next_tasks('digits', 2, 'ana');
SELECT tdp.submit(task_id, '{"digit": "6"}', seconds => 2.5, annotator => 'ana')
FROM tdp.tasks WHERE annotator = 'ana' AND item = '1';
\set ECHO none
\echo '-- Two sessions at once never get the same row. This session has leased two'
\echo '-- rows to ben and has not committed; another one asks for chloe:'
SELECT tdp.alter_project('digits', '{"overlap": 1}') \g /dev/null
\set ECHO queries
BEGIN;
SELECT item AS ben_has FROM tdp.next_tasks('digits', 2, 'ben');
\set ECHO none
\setenv TDP_DSN :dsn
\echo 'SELECT item AS chloe_gets FROM tdp.next_tasks(''digits'', 2, ''chloe'');      -- the other session'
\! psql -qX -P footer=off -c "SELECT item AS chloe_gets FROM tdp.next_tasks('digits', 2, 'chloe')" "$TDP_DSN"
\set ECHO queries
COMMIT;
\set ECHO none
SELECT tdp.alter_project('digits', '{"overlap": 3}') \g /dev/null

\echo '-- Now all six work in turn, 150 answers each: three for 298 rows,'
\echo '-- and fewer for seven more that they have begun.'
SELECT setseed(0.4) \g /dev/null
\set ECHO queries
SELECT annotator, sum(exam.work(annotator, 10)) AS answers
FROM generate_series(1, 15), exam.people GROUP BY annotator ORDER BY annotator;
SELECT project, open, leased, completed, answers FROM tdp.project_status;
SELECT * FROM tdp.verify('digits');      -- broken invariants: none
\set ECHO none
