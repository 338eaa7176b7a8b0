-- Annotators to be looked at, and what each method says of the labels.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
RESET client_min_messages;

-- Twelve annotators, six on each of 400 items of three labels.  The first ten
-- are right in four of five answers (as hashes fall), number 10 copies nine
-- of ten answers of number 8, number 11 always says a, 12 is in a hurry.
CREATE TEMP TABLE crowd AS
SELECT item, annotator, label, seconds FROM (
	SELECT item, a.annotator, CASE
		WHEN a.annotator = 11 THEN 'a'
		WHEN abs(hashint4(item * 100 + a.source)::bigint) % 100 < 80 THEN chr(97 + item % 3)
		ELSE chr(97 + (item + 1 + abs(hashint4(item * 177 + a.source)::bigint)::int % 2) % 3) END AS label,
		CASE a.annotator WHEN 12 THEN 2 ELSE 5 + item % 7 END AS seconds
	FROM generate_series(1, 400) AS item, LATERAL (
		SELECT n AS annotator, CASE WHEN n = 10 AND item % 10 > 0 THEN 8 ELSE n END AS source
		FROM generate_series(1, 12) AS n) AS a
	WHERE (item + a.annotator) % 2 = 0) AS c;

-- Number 11 gives 200 times the label that 67 of the items have; number 12 is
-- below half of the others' median on all of 200 items, a sign test's 0.5^200.
SELECT annotator, flag, other_annotator, items, round(observed) AS observed,
	expected BETWEEN 0 AND 110 AS expected, p_value < 1e-6 AS unlikely, q_value >= p_value AS adjusted
FROM tdp.annotator_flags('crowd', 'dawid_skene');
SELECT p_value / power(0.5::float8, 200) BETWEEN 0.999 AND 1.001 AS sign_test
FROM tdp.annotator_flags('crowd', 'dawid_skene') WHERE flag = 'too_fast';

-- Without them, nobody is accused; nor without the column of seconds.
SELECT * FROM tdp.annotator_flags('SELECT * FROM crowd WHERE annotator < 10', 'dawid_skene');
SELECT count(*) FILTER (WHERE flag = 'too_fast') AS too_fast, count(*) > 0 AS others
FROM unnest('{"","NULL::int AS seconds,"}'::text[]) AS seconds,
	tdp.annotator_flags('SELECT ' || seconds || 'item, annotator, label FROM crowd', 'dawid_skene');

-- Whoever does not look is worth nothing, whatever the accuracy.
SELECT annotator, round(accuracy::numeric, 1) AS accuracy, round(informedness::numeric, 1) AS informedness
FROM tdp.annotator_quality('crowd', 'dawid_skene') WHERE annotator IN ('1', '11');
SELECT accuracy, informedness
FROM tdp.annotator_quality('SELECT item, annotator, 1 AS label FROM crowd WHERE annotator = 1', 'majority');

-- ---- methods -------------------------------------------------------------------

-- Each finds the labels, the same whatever the order of the rows.
SELECT method, count(*) FILTER (WHERE label = chr(97 + item::int % 3)) > 380 AS found, count(*)
FROM unnest('{ebcc,glad,mace}'::text[]) AS method, tdp.consensus('crowd', method) GROUP BY 1 ORDER BY 1;
SELECT count(*) AS different FROM unnest('{ebcc,glad,mace}'::text[]) AS method, LATERAL (
	SELECT * FROM tdp.posterior('SELECT * FROM crowd ORDER BY item, annotator', method)
	EXCEPT SELECT * FROM tdp.posterior('SELECT * FROM crowd ORDER BY md5(item || label), annotator DESC', method)) AS d;
-- Gold is kept, shares that are given rule out a label.
SELECT method, label, confidence
FROM unnest('{ebcc,glad,mace}'::text[]) AS method,
	tdp.consensus('crowd', method, 'SELECT 3 AS item, ''c'' AS label') WHERE item = '3';
SELECT method, count(*)
FROM unnest('{ebcc,glad,mace}'::text[]) AS method,
	tdp.consensus('crowd', method, settings => '{"priors": {"a": 0, "b": 1, "c": 1}}') WHERE label = 'a' GROUP BY 1;
-- Settings.
SELECT count(*) FROM tdp.consensus('crowd', 'ebcc', settings => '{"subtypes": 1, "seed": 5, "restarts": 2, "max_iter": 3}');
SELECT tdp.consensus('crowd', 'ebcc', settings => '{"subtypes": 0}');
SELECT tdp.consensus('crowd', 'mace', settings => '{"restarts": 0}');
-- Too much is refused before any work.
SET tdp.solver_memory = '1MB';
SELECT tdp.consensus('SELECT item, annotator, item % 97 AS label FROM crowd', 'ebcc');
RESET tdp.solver_memory;

-- ---- limits --------------------------------------------------------------------

SELECT * FROM tdp.annotator_flags('SELECT * FROM crowd WHERE false');
SELECT * FROM tdp.annotator_flags('SELECT 1 AS item, 1 AS annotator, 1 AS label');
SELECT * FROM tdp.annotator_flags(NULL);
SELECT * FROM tdp.annotator_flags('SELECT item, annotator, label, ''soon''::text AS seconds FROM crowd');
SELECT label FROM unnest('{ebcc,glad,mace}'::text[]) AS method, tdp.consensus('SELECT 1 AS item, 1 AS annotator, 1 AS label', method);
