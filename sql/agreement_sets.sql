--
-- Agreement on sets, and by a metric of one's own
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
RESET client_min_messages;
SET extra_float_digits = 0;

-- A label that is a set is an array, or a jsonb array. NULL is not annotated,
-- the empty set is an answer like any other.
CREATE TEMP TABLE answer (item int, annotator text, topics text[]);
INSERT INTO answer VALUES
    (1, 'a', '{1,2}'), (1, 'b', '{1,2,3,4}'), (2, 'a', '{1,2,3,4}'), (2, 'b', '{3,4,5}'),
    (3, 'a', '{}'), (3, 'b', '{}'), (4, 'a', '{x,y}'), (4, 'b', '{y,x,x}'),
    (5, 'a', '{x}'), (5, 'b', NULL);
-- nltk: 0.668103 with its jaccard_distance, 0.554017 with MASI by exact thirds
SELECT round(tdp.krippendorff_alpha(item, topics, 'jaccard')::numeric, 6) AS jaccard,
    round(tdp.krippendorff_alpha(item, topics, 'masi')::numeric, 6) AS masi,
    round(tdp.krippendorff_alpha(item, to_jsonb(topics), 'jaccard')::numeric, 6) AS jsonb_jaccard,
    round(tdp.krippendorff_alpha(item, to_jsonb(topics), 'masi')::numeric, 6) AS jsonb_masi
FROM answer;

-- Two items of two answers show the distance itself: alpha is 1 - 3 d / (d + 4)
-- for two sets that are as far from the others as can be.
CREATE FUNCTION pg_temp.distance(a int[], b int[], metric text) RETURNS numeric LANGUAGE sql AS $$
    SELECT round((4 * (1 - alpha) / (2 + alpha))::numeric, 6)
    FROM (SELECT tdp.krippendorff_alpha(item, label, metric) AS alpha
        FROM (VALUES (1, a), (1, b), (2, '{97}'), (2, '{97}')) AS v (item, label)) AS x $$;
SELECT a, b, pg_temp.distance(a::int[], b::int[], 'jaccard') AS jaccard, pg_temp.distance(a::int[], b::int[], 'masi') AS masi
FROM (VALUES ('{1,2}', '{1,2,3,4}'), ('{1,2,3,4}', '{3,4,5}'), ('{1}', '{2}'), ('{1,2}', '{2,1}'),
    ('{}', '{}'), ('{}', '{1}'), ('{1,NULL}', '{1}')) AS v (a, b);

-- Elements are equal when their type says so.
SELECT tdp.krippendorff_alpha(item, label, 'jaccard') AS numerics
FROM (VALUES (1, '{1.0,2}'::numeric[]), (1, '{2.00,1}'), (2, '{3}'), (2, '{3}')) AS v (item, label);
SELECT tdp.krippendorff_alpha(item, label, 'jaccard') AS jsonb
FROM (VALUES (1, '[1.0, {"a": 1, "b": 2}]'::jsonb), (1, '[{"b": 2, "a": 1}, 1]'), (2, '[]'), (2, '[]')) AS v (item, label);

-- A metric may be a function of one's own.
CREATE FUNCTION public.squared(a int, b int) RETURNS float8 IMMUTABLE PARALLEL SAFE LANGUAGE sql AS 'SELECT ((a - b) * (a - b))::float8';
CREATE TABLE rated AS SELECT i % 50 AS item, (i * 7919) % 11 AS label FROM generate_series(1, 200) AS i;
SELECT tdp.krippendorff_alpha(item, label, 'public.squared') = tdp.krippendorff_alpha(item, label, 'public.squared(int, int)') AS same,
    round(tdp.krippendorff_alpha(item, label, 'public.squared')::numeric, 9) =
    round(tdp.krippendorff_alpha(item, label, 'interval')::numeric, 9) AS interval
FROM rated;

-- In parallel
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
ANALYZE rated;
SELECT round(tdp.krippendorff_alpha(item, label, 'public.squared')::numeric, 9) =
    round(tdp.krippendorff_alpha(item, label, 'interval')::numeric, 9) AS interval,
    tdp.krippendorff_alpha(item, ARRAY[label], 'masi') IS NOT NULL AS masi
FROM rated;

-- Undefined is NULL: nothing, one answer, all alike.
SELECT tdp.krippendorff_alpha(1, '{a}'::text[], 'masi') AS one,
    (SELECT tdp.krippendorff_alpha(1, '{a}'::text[], 'masi') WHERE false) AS none,
    (SELECT tdp.krippendorff_alpha(1, l, 'masi') FROM unnest('{"{a,b}","{b,a}"}'::text[]) u, LATERAL (SELECT u::text[] l) x) AS alike;

--
-- Mistakes
--
SELECT tdp.krippendorff_alpha(item, label, 'jaccard') FROM rated;
SELECT tdp.krippendorff_alpha(1, '{"a": 1}'::jsonb, 'masi') FROM rated;
SELECT tdp.krippendorff_alpha(item, label, 'nothing_such') FROM rated;
SELECT tdp.krippendorff_alpha(item, label::text, 'public.squared') FROM rated;
SELECT tdp.krippendorff_alpha(item, label::text, 'public.squared(int, int)') FROM rated;
CREATE FUNCTION public.signed(a int, b int) RETURNS float8 LANGUAGE sql AS 'SELECT (a - b)::float8';
CREATE FUNCTION public.apart(a int, b int) RETURNS float8 LANGUAGE sql AS 'SELECT 1.0::float8';
CREATE FUNCTION public.lopsided(a int, b int) RETURNS float8 LANGUAGE sql AS 'SELECT CASE WHEN a < b THEN 2 * (b - a) ELSE a - b END::float8';
CREATE FUNCTION public.nothing(a int, b int) RETURNS float8 LANGUAGE sql AS 'SELECT NULL::float8';
CREATE FUNCTION public.whole(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION public.failing(a int, b int) RETURNS float8 LANGUAGE sql AS 'SELECT 1 / (a - a)::float8';
SELECT tdp.krippendorff_alpha(item, label, 'public.signed') FROM rated;
SELECT tdp.krippendorff_alpha(item, label, 'public.apart') FROM rated;
SELECT tdp.krippendorff_alpha(item, label, 'public.lopsided') FROM rated;
SELECT tdp.krippendorff_alpha(item, label, 'public.nothing') FROM rated;
SELECT tdp.krippendorff_alpha(item, label, 'public.whole') FROM rated;
SELECT tdp.krippendorff_alpha(item, label, 'public.failing') FROM rated;
-- Who calls must be allowed to.
REVOKE EXECUTE ON FUNCTION public.squared FROM public;
CREATE ROLE regress_stranger;
GRANT SELECT ON rated TO regress_stranger;
SET ROLE regress_stranger;
SELECT tdp.krippendorff_alpha(item, label, 'public.squared') FROM rated;
RESET ROLE;
DROP TABLE rated;
DROP ROLE regress_stranger;
DROP FUNCTION public.squared, public.signed, public.apart, public.lopsided, public.nothing, public.whole, public.failing;
