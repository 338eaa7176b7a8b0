-- Consensus of numbers: what annotators measured or guessed.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
RESET client_min_messages;

-- Three people guess the weight of four animals; nobody else saw the last one.
CREATE TEMP TABLE guess (item text, annotator text, label float8);
INSERT INTO guess VALUES ('cat', 'ann', 1), ('cat', 'bob', 2), ('cat', 'cid', 6),
	('dog', 'ann', 10), ('dog', 'bob', 11), ('dog', 'cid', 12), ('dog', 'dot', 15),
	('fox', 'ann', 5), ('fox', 'bob', 5), ('fox', 'cid', 5), ('owl', 'dot', 0.5);

-- mean: variance 7 over 3 answers, 14/3 over 4; one annotator has no variance.
SELECT item, value, round(stderr::numeric, 4) AS stderr, annotations FROM tdp.consensus_numeric('guess', 'mean');
SELECT round(sqrt(7.0 / 3), 4) AS cat, round(sqrt(14.0 / 3 / 4), 4) AS dog;
-- median: the interval from the first to the last of three holds the true one
-- with probability 3/4, which is 1.1503 standard errors either side.
SELECT item, value, round(stderr::numeric, 4) AS stderr FROM tdp.consensus_numeric('guess', 'median');
SELECT round(5 / (2 * 1.15035), 4) AS cat, round(5 / (2 * 1.53412), 4) AS dog;

-- Who is nearer to the others counts more.
SELECT m AS method, round(value::numeric, 2) AS cat, stderr > 0 AS sure
FROM unnest('{mean,median,weighted_median,catd,pm,lfc}'::text[]) WITH ORDINALITY a(m, n), tdp.consensus_numeric('guess', m) WHERE item = 'cat' ORDER BY n;

-- Four annotators with a standard deviation of 1, 1, 1 and 12.
CREATE TEMP TABLE measured AS
SELECT i AS item, a AS annotator, i % 50 + CASE a WHEN 4 THEN 12 ELSE 1 END *
	sqrt(-2 * ln((abs(hashint4extended(i * 4 + a, 1) % 100000) + 1) / 100001.0::float8)) * cos(2 * pi() * abs(hashint4extended(i * 4 + a, 2) % 100000) / 100000.0) AS label
FROM generate_series(1, 400) i, generate_series(1, 4) a;
-- The mean suffers from the last one, the others find out: an error of about
-- 0.58 is what the first three allow.  Values are within 1.96 standard errors
-- of the truth in about 95 % of the items.
SELECT m AS method, round(sqrt(avg((value - item::int % 50) ^ 2))::numeric, 1) AS error,
	avg((abs(value - item::int % 50) < 1.96 * stderr)::int) >= 0.88 AS kept
FROM unnest('{mean,median,weighted_median,catd,pm,lfc}'::text[]) WITH ORDINALITY a(m, n), tdp.consensus_numeric('measured', m) GROUP BY n, m ORDER BY n;

-- Gold teaches a bias: all three say too much, by 2, 3 and 10.
CREATE TEMP TABLE biased AS
SELECT i AS item, a AS annotator, i + (ARRAY[2, 3, 10])[a] + (i * a % 5 - 2) / 4.0 AS label FROM generate_series(1, 200) i, generate_series(1, 3) a;
SELECT known, round(avg(value - item::int)::numeric, 1) AS too_much
FROM (VALUES (NULL), ('SELECT i AS item, i AS label FROM generate_series(1, 20) i')) g(known), tdp.consensus_numeric('biased', gold => known) WHERE item::int > 20 GROUP BY known ORDER BY known NULLS FIRST;
-- Known items keep their number.
SELECT m AS method, value, stderr FROM unnest('{mean,median,weighted_median,catd,pm,lfc,ordinal}'::text[]) WITH ORDINALITY a(m, n), tdp.consensus_numeric('guess', m, 'SELECT $1 AS item, 3 AS label UNION ALL SELECT $2, 7', args => '{cat,cow}') WHERE item = 'cat' ORDER BY n;

-- Ratings: the fourth is always a star too kind, the fifth does not look.
CREATE TEMP TABLE stars AS
SELECT i AS item, a AS annotator, CASE a WHEN 4 THEN least(s + 1, 5) WHEN 5 THEN 3 ELSE greatest(1, least(5, s + (CASE (i * 7 + a * 3) % 11 WHEN 0 THEN 1 WHEN 1 THEN -1 ELSE 0 END))) END AS label
FROM generate_series(1, 300) i, generate_series(1, 5) a, LATERAL (SELECT 1 + i * 13 % 5 AS s) t;
SELECT m AS method, count(*) FILTER (WHERE value = 1 + item::int * 13 % 5) AS "right", bool_and(value = ANY ('{1,2,3,4,5}')) AS levels
FROM unnest('{mean,median,ordinal}'::text[]) WITH ORDINALITY a(m, n), tdp.consensus_numeric('stars', m) GROUP BY n, m ORDER BY n;

-- ---- what counts -------------------------------------------------------------

-- Exact repeats count once; two numbers of one annotator half each; 2 is two people.
SELECT value, stderr, annotations FROM tdp.consensus_numeric($$SELECT 1 AS item, a AS annotator, l AS label FROM (VALUES ('x', 1), ('x', 1), ('y', 4)) v(a, l)$$, 'mean');
SELECT value, annotations FROM tdp.consensus_numeric($$SELECT 1 AS item, a AS annotator, l AS label FROM (VALUES ('x', 1), ('x', 3), ('y', 4)) v(a, l)$$, 'mean');
SELECT value, annotations FROM tdp.consensus_numeric($$SELECT 1 AS item, a AS annotator, l AS label, w AS weight FROM (VALUES ('x', 1, 2), ('y', 4, 1)) v(a, l, w)$$, 'mean');
SELECT value, stderr FROM tdp.consensus_numeric($$SELECT 1 AS item, a AS annotator, l AS label, 0 AS weight FROM (VALUES ('x', 1), ('y', 4)) v(a, l)$$, 'mean');
-- Text that is a number, numeric, integers; the order of rows does not matter.
SELECT value FROM tdp.consensus_numeric($$SELECT 1 AS item, a AS annotator, l AS label FROM (VALUES (1, ' 1.5'), (2, '2.5e0')) v(a, l)$$, 'mean');
SELECT count(*) FROM tdp.consensus_numeric('TABLE measured') x FULL JOIN tdp.consensus_numeric('SELECT * FROM measured ORDER BY hashint4(item * 4 + annotator)') y USING (item)
WHERE x.value IS DISTINCT FROM y.value OR x.stderr IS DISTINCT FROM y.stderr;
-- Nor does the size of the numbers.
SELECT m AS method, max(abs(x.value * 1e300 / y.value - 1)) < 1e-9 AS alike FROM unnest('{mean,median,weighted_median,catd,pm,lfc}'::text[]) WITH ORDINALITY a(m, n),
	tdp.consensus_numeric('SELECT item, annotator, label + 100 AS label FROM measured', m) x JOIN LATERAL tdp.consensus_numeric('SELECT item, annotator, (label + 100) * 1e300 AS label FROM measured', m) y USING (item) GROUP BY n, m ORDER BY n;

-- ---- limits ------------------------------------------------------------------

-- Nothing, one row, all alike, one annotator.
SELECT * FROM tdp.consensus_numeric('SELECT * FROM guess WHERE false');
SELECT m AS method, value, stderr FROM unnest('{mean,median,weighted_median,catd,pm,lfc,ordinal}'::text[]) WITH ORDINALITY a(m, n), tdp.consensus_numeric('SELECT 1 AS item, 1 AS annotator, 7 AS label', m) ORDER BY n;
SELECT m AS method, min(value), max(value), max(stderr) FROM unnest('{mean,median,weighted_median,catd,pm,lfc,ordinal}'::text[]) WITH ORDINALITY a(m, n), tdp.consensus_numeric('SELECT i AS item, a AS annotator, 7 AS label FROM generate_series(1, 9) i, generate_series(1, 3) a', m) GROUP BY n, m ORDER BY n;
SELECT m AS method, sum(value), count(stderr) FROM unnest('{mean,median,weighted_median,catd,pm,lfc}'::text[]) WITH ORDINALITY a(m, n), tdp.consensus_numeric('SELECT i AS item, 1 AS annotator, i AS label FROM generate_series(1, 9) i', m) GROUP BY n, m ORDER BY n;

-- What is wrong is named.
SELECT * FROM tdp.consensus_numeric(NULL);
SELECT * FROM tdp.consensus_numeric('guess', 'middle');
SELECT * FROM tdp.consensus_numeric('SELECT item, annotator, ''NaN''::float8 AS label FROM guess');
SELECT * FROM tdp.consensus_numeric('SELECT item, annotator, ''-Infinity''::real AS label FROM guess');
SELECT * FROM tdp.consensus_numeric('SELECT item, annotator, ''heavy''::text AS label FROM guess');
SELECT * FROM tdp.consensus_numeric('SELECT item, annotator, NULL::int AS label FROM guess');
SELECT * FROM tdp.consensus_numeric('SELECT item, annotator, now() AS label FROM guess');
SELECT * FROM tdp.consensus_numeric('SELECT item, annotator, label AS value FROM guess');
SELECT * FROM tdp.consensus_numeric('SELECT *, -1 AS weight FROM guess');
SELECT * FROM tdp.consensus_numeric('guess', gold => $$SELECT 'cat' AS item, unnest('{1,2}'::int[]) AS label$$);
SELECT * FROM tdp.consensus_numeric('guess', settings => '{"priors": {}}');
SELECT * FROM tdp.consensus_numeric('guess', settings => '{"max_iter": 0}');
SELECT * FROM tdp.consensus_numeric('SELECT i AS item, 1 AS annotator, i AS label FROM generate_series(1, 101) i', 'ordinal');
SET tdp.solver_memory = '1MB';
SELECT * FROM tdp.consensus_numeric('SELECT i AS item, 1 AS annotator, i AS label FROM generate_series(1, 100000) i');
RESET tdp.solver_memory;

-- A cancel ends it within a second.
SET statement_timeout = '900ms';
DO $$
DECLARE
	start timestamptz := clock_timestamp();
BEGIN
	PERFORM FROM tdp.consensus_numeric('SELECT i AS item, a AS annotator, (i * a) % 90 AS label FROM generate_series(1, 20000) i, generate_series(1, 5) a', 'ordinal', settings => '{"tolerance": 0, "max_iter": 1000000}');
EXCEPTION WHEN query_canceled THEN
	RAISE NOTICE 'stopped %', CASE WHEN clock_timestamp() - start < interval '1.9 s' THEN 'in time' ELSE 'late' END;
END
$$;
RESET statement_timeout;
