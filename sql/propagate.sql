-- From a few labeled items to all: the graph of nearest neighbours, label
-- spreading and Poisson learning.  Confidences of the small graphs were
-- computed beforehand by dense linear algebra.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
RESET client_min_messages;

-- ---- the graph of nearest neighbours ---------------------------------------

-- Five points on a line, at 0, 1, 3, 4 and 10.
CREATE TEMP TABLE line AS
SELECT * FROM (VALUES (1, ARRAY[0]), (2, ARRAY[1]), (3, ARRAY[3]), (4, ARRAY[4]), (5, ARRAY[10])) v(item, features);

-- Every edge stands in both directions; one that only one end has among its
-- nearest weighs half: 3 chose 4 and 2, but nobody chose 5.
SELECT source, target, distance, weight
FROM tdp.knn_graph('line', k => 2, metric => 'l2', kernel => 'uniform')
ORDER BY source, target;

-- The weights of the other kernels: exp(-4 d^2 / (d_i d_j)), with d_i 3, 2, 2,
-- 3 and 7 the distances of the second neighbours; exp(-4 d^2 / d_i^2).
SELECT source, target, round(weight::numeric, 9) AS weight,
	round(CASE source || target
		WHEN '12' THEN exp(-4.0 * 1 / (3 * 2))
		WHEN '13' THEN exp(-4.0 * 9 / (3 * 2)) / 2
		WHEN '34' THEN exp(-4.0 * 1 / (2 * 3))
		WHEN '45' THEN exp(-4.0 * 36 / (3 * 7)) / 2 END, 9) AS by_hand
FROM tdp.knn_graph('line', k => 2, metric => 'l2')
WHERE source || target IN ('12', '13', '34', '45')
ORDER BY source, target;
SELECT source, target, round(weight::numeric, 9) AS weight,
	round((exp(-4.0 * 1 / 9) + exp(-4.0 * 1 / 4)) / 2, 9) AS by_hand
FROM tdp.knn_graph('line', k => 2, metric => 'l2', kernel => 'gaussian')
WHERE source || target = '12';

-- Cosine distance looks at directions only, the inner product at length too.
CREATE TEMP TABLE arrows AS
SELECT * FROM (VALUES ('east', '{1,0}'::real[]), ('far east', '{5,0}'), ('north', '{0,2}'), ('north east', '{1,1}')) v(item, features);
SELECT source, target, round(distance::numeric, 6) AS distance
FROM tdp.knn_graph('arrows', k => 1) WHERE source < target ORDER BY source, target;
SELECT source, target, distance
FROM tdp.knn_graph('arrows', k => 1, metric => 'inner_product') WHERE source < target ORDER BY source, target;

-- Any array of numbers will do, and args are bound to $1, $2 ...
SELECT count(*) FROM tdp.knn_graph('SELECT item, features::numeric[] FROM line WHERE item <> $1', k => 1, metric => 'l2', args => '{5}');
SELECT count(*) FROM tdp.knn_graph('SELECT item, features::float8[] FROM line', k => 1, metric => 'l2');

-- More neighbours than there are: all the others.  exact => false would allow
-- approximate ones.
SELECT count(*) FROM tdp.knn_graph('line', k => 1000, metric => 'l2');
SELECT count(*) FROM tdp.knn_graph('line', k => 1, metric => 'l2', exact => false);

-- Ties go to the smaller item, whatever the order of the rows: here by number,
-- 9 before 10.
CREATE TEMP TABLE same AS
SELECT item, ARRAY[1, 2] AS features FROM generate_series(1, 12) AS item ORDER BY md5(item::text);
SELECT source, string_agg(target, ' ' ORDER BY target::int) AS targets
FROM tdp.knn_graph('same', k => 2) GROUP BY source ORDER BY source::int;

-- No points, and one point, have no neighbours.
SELECT * FROM tdp.knn_graph('SELECT * FROM line WHERE false');
SELECT * FROM tdp.knn_graph('SELECT * FROM line WHERE item = 1', metric => 'l2');

-- What is wrong is named, with the way out.
SELECT * FROM tdp.knn_graph(NULL);
SELECT * FROM tdp.knn_graph('SELECT item FROM line');
SELECT * FROM tdp.knn_graph('SELECT item AS id, features FROM line');
SELECT * FROM tdp.knn_graph('SELECT item, NULL::real[] AS features FROM line');
SELECT * FROM tdp.knn_graph('SELECT item, ''x''::text AS features FROM line');
SELECT * FROM tdp.knn_graph('SELECT item, ''{}''::real[] AS features FROM line');
SELECT * FROM tdp.knn_graph('SELECT item, array_fill(1, ARRAY[item]) AS features FROM line ORDER BY item');
SELECT * FROM tdp.knn_graph('TABLE line UNION ALL TABLE line');
SELECT * FROM tdp.knn_graph('SELECT item, ARRAY[1, ''NaN''::real] AS features FROM line');
SELECT * FROM tdp.knn_graph('SELECT item, ARRAY[''-Infinity''::float8] AS features FROM line');
SELECT * FROM tdp.knn_graph('line');
SELECT * FROM tdp.knn_graph('TABLE line; TABLE line');
SELECT * FROM tdp.knn_graph('DELETE FROM line RETURNING *');
SELECT * FROM tdp.knn_graph('line', k => 0);
SELECT * FROM tdp.knn_graph('line', metric => 'jaccard');
SELECT * FROM tdp.knn_graph('line', kernel => 'rbf');
SELECT * FROM tdp.knn_graph('line', settings => '{"k": 3}');

-- ---- spreading labels over a graph -----------------------------------------

-- Two triangles and a thin bridge between c and d.
CREATE TEMP TABLE bridge AS
SELECT * FROM (VALUES ('a', 'b', 1.0), ('b', 'c', 1), ('a', 'c', 1), ('c', 'd', 0.5), ('d', 'e', 1), ('e', 'f', 1), ('d', 'f', 1)) v(source, target, weight);

-- By numpy: .599697 .580510 .560681 on either side.
SELECT item, label, round(confidence::numeric, 6) AS confidence
FROM tdp.propagate('bridge', $$SELECT * FROM (VALUES ('a', 'left'), ('f', 'right')) v(item, label)$$);

-- alpha is how far labels reach: .999895 .998954 .986861.
SELECT item, label, round(confidence::numeric, 6) AS confidence
FROM tdp.propagate('bridge', $$SELECT * FROM (VALUES ('a', 'left'), ('f', 'right')) v(item, label)$$,
	settings => '{"alpha": 0.5}');

-- Poisson learning: .993307 .982014 .952574.
SELECT item, label, round(confidence::numeric, 6) AS confidence
FROM tdp.propagate('bridge', $$SELECT * FROM (VALUES ('a', 'left'), ('f', 'right')) v(item, label)$$, 'poisson');

-- Twice as many seeds do not give "left" more than its half ...
CREATE TEMP TABLE three AS
SELECT * FROM (VALUES ('a', 'left'), ('b', 'left'), ('f', 'right')) v(item, label);
SELECT item, label, round(confidence::numeric, 6) AS confidence
FROM tdp.propagate('bridge', 'three');

-- ... but what is known about the shares counts: with a quarter and three
-- quarters .6816 .6816 .7073 .7974 .8101 .8220, Poisson .6048 .6048 .7126
-- .9981 .9992 .9997.
SELECT s.item, s.label, round(s.confidence::numeric, 4) AS spreading, p.label, round(p.confidence::numeric, 4) AS poisson
FROM tdp.propagate('bridge', 'three', 'spreading', '{"left": 1, "right": 3}') s
JOIN tdp.propagate('bridge', 'three', 'poisson', '{"left": 0.25, "right": 0.75}') p USING (item);

-- Several rows of an item are a soft seed; a consensus posterior goes straight
-- in.  By numpy: .580389 .565064 .549167 .550263 .566993 .583347.
CREATE TEMP TABLE posterior AS
SELECT * FROM (VALUES ('a', 'left', 0.8), ('a', 'right', 0.2), ('f', 'right', 0.9)) v(item, label, probability);
SELECT item, label, round(confidence::numeric, 6) AS confidence
FROM tdp.propagate('bridge', 'posterior');

-- Weights say the same; without either, an item's rows share one seed.
SELECT count(*) AS same
FROM tdp.propagate('bridge', 'posterior') a
JOIN tdp.propagate('bridge', 'SELECT item, label, probability AS weight FROM posterior') b
	USING (item, label, confidence);
SELECT count(*) AS same
FROM tdp.propagate('bridge', $$SELECT * FROM (VALUES ('a', 1), ('a', 1), ('a', 2), ('f', 2)) v(item, label)$$) a
JOIN tdp.propagate('bridge', $$SELECT * FROM (VALUES ('a', 1, 2/3.0), ('a', 2, 1/3.0), ('f', 2, 1)) v(item, label, weight)$$) b
	USING (item, label)
WHERE abs(a.confidence - b.confidence) < 1e-9;

-- Directions, repeats and the order of the rows do not matter: only the sum
-- of what is said about two ends.  Loops and zero weights connect nothing.
SELECT count(*) AS same
FROM tdp.propagate('bridge', 'three') a
JOIN tdp.propagate($$
	SELECT target AS source, source AS target, weight / 2 AS weight FROM bridge
	UNION ALL SELECT source, target, weight / 4 FROM bridge
	UNION ALL SELECT source, target, weight / 4 FROM bridge
	UNION ALL SELECT source, source, 7 FROM bridge
	UNION ALL SELECT 'a', 'f', 0
	ORDER BY 1 DESC$$, 'SELECT * FROM three ORDER BY 1 DESC') b
	USING (item, label, confidence);

-- Where no path leads to a seed there is no label; where all seeds in reach
-- are of one class, it is sure.  Without a weight column all edges weigh 1.
CREATE TEMP TABLE islands AS
SELECT * FROM (VALUES (1, 2), (3, 4), (4, 5), (6, 6), (7, 8)) v(source, target);
SELECT * FROM tdp.propagate('islands', 'SELECT * FROM (VALUES (2, true), (3, false), (6, true)) v(item, label)') ORDER BY item;
SELECT * FROM tdp.propagate('islands', 'SELECT * FROM (VALUES (2, true), (3, false), (6, true)) v(item, label)', 'poisson') ORDER BY item;
SELECT count(*), count(label) FROM tdp.propagate('islands', 'SELECT 1 AS item, 1 AS label WHERE false');
SELECT * FROM tdp.propagate('SELECT * FROM islands WHERE false', 'SELECT 1 AS item, 1 AS label WHERE false');

-- A tie goes to the larger prior, then to the smaller label of its own type.
SELECT label FROM tdp.propagate('SELECT 1 AS source, 2 AS target UNION ALL SELECT 2, 3', 'SELECT * FROM (VALUES (1, 10), (3, 9)) v(item, label)') WHERE item = '2';
SELECT label FROM tdp.propagate('SELECT 1 AS source, 2 AS target UNION ALL SELECT 2, 3', 'SELECT * FROM (VALUES (1, 10), (3, 9)) v(item, label)', priors => '{"9": 0.4, "10": 0.6}') WHERE item = '2';

-- A long chain: the nearer end wins, however far it is.
SELECT label, count(*), min(item::int), max(item::int)
FROM tdp.propagate('SELECT i AS source, i + 1 AS target FROM generate_series(1, 1999) i', $$SELECT * FROM (VALUES (1, 'head'), (2000, 'tail')) v(item, label)$$)
GROUP BY label ORDER BY label;

-- Errors.
SELECT * FROM tdp.propagate('bridge', NULL);
SELECT * FROM tdp.propagate('SELECT source AS src, target FROM bridge', 'three');
SELECT * FROM tdp.propagate('SELECT source, target, -weight AS weight FROM bridge', 'three');
SELECT * FROM tdp.propagate('SELECT source, target, ''NaN''::float8 AS weight FROM bridge', 'three');
SELECT * FROM tdp.propagate('SELECT source, target, ''Infinity''::float8 AS weight FROM bridge', 'three');
SELECT * FROM tdp.propagate('SELECT source, nullif(target, ''d'') AS target FROM bridge', 'three');
SELECT * FROM tdp.propagate('bridge', 'SELECT ''z'' AS item, 1 AS label');
SELECT * FROM tdp.propagate('bridge', 'SELECT ''a'' AS item, NULL AS label');
SELECT * FROM tdp.propagate('bridge', 'SELECT item, label, -1 AS weight FROM three');
SELECT * FROM tdp.propagate('bridge', 'SELECT item, label, 1.1 AS probability FROM three');
SELECT * FROM tdp.propagate('bridge', 'SELECT item, label, ''NaN''::float8 AS probability FROM three');
SELECT * FROM tdp.propagate('bridge', 'SELECT item, label, 0.7 AS probability FROM three UNION ALL SELECT ''a'', ''right'', 0.7');
SELECT * FROM tdp.propagate('bridge', 'SELECT item, label, 1 AS probability, 1 AS weight FROM three');
SELECT * FROM tdp.propagate('bridge', 'three', 'magic');
SELECT * FROM tdp.propagate('bridge', 'three', priors => '[1, 3]');
SELECT * FROM tdp.propagate('bridge', 'three', priors => '{"left": 1}');
SELECT * FROM tdp.propagate('bridge', 'three', priors => '{"left": 1, "right": 1, "middle": 1}');
SELECT * FROM tdp.propagate('bridge', 'three', priors => '{"left": 0, "right": 0}');
SELECT * FROM tdp.propagate('bridge', 'three', priors => '{"left": -1, "right": 2}');
SELECT * FROM tdp.propagate('bridge', 'three', priors => '{"left": "half", "right": 1}');
SELECT * FROM tdp.propagate('bridge', 'three', settings => '{"alpha": 1}');
SELECT * FROM tdp.propagate('bridge', 'three', settings => '{"tolerance": 0}');
SELECT * FROM tdp.propagate('bridge', 'three', settings => '{"max_iter": 0}');
SELECT * FROM tdp.propagate('bridge', 'three', settings => '{"speed": "high"}');
SELECT * FROM tdp.propagate('bridge', 'three', 'poisson', settings => '{"alpha": 0.5}');

-- Too few steps: what there is, and a warning.
SELECT count(label) FROM tdp.propagate('bridge', 'three', settings => '{"max_iter": 1}');

-- ---- points: both in one ---------------------------------------------------

-- Items are the same whatever the type that names them.
SELECT item, label, round(confidence::numeric, 6) AS confidence
FROM tdp.propagate_points('SELECT i AS item, ARRAY[i] AS features FROM generate_series(1, 8) i',
	$$SELECT * FROM (VALUES ('2', 'low'), ('7', 'high')) v(item, label)$$, k => 2, metric => 'l2')
ORDER BY item;

-- It is tdp.propagate on tdp.knn_graph.
SELECT count(*) AS same
FROM tdp.propagate_points('line', $$SELECT * FROM (VALUES (1, 'low'), (5, 'high')) v(item, label)$$, k => 2, metric => 'l2') a
JOIN tdp.propagate($$SELECT * FROM tdp.knn_graph('line', 2, 'l2')$$, $$SELECT * FROM (VALUES ('1', 'low'), ('5', 'high')) v(item, label)$$) b
	USING (item, label)
WHERE abs(a.confidence - b.confidence) < 1e-9;

SELECT * FROM tdp.propagate_points('SELECT * FROM line WHERE item = 1', 'SELECT 1 AS item, ''x'' AS label', metric => 'l2');
SELECT * FROM tdp.propagate_points('SELECT * FROM line WHERE false', 'SELECT 1 AS item, ''x'' AS label WHERE false');
SELECT * FROM tdp.propagate_points('line', 'SELECT 6 AS item, ''x'' AS label', metric => 'l2');
SELECT * FROM tdp.propagate_points('line', 'SELECT 1 AS item, ''x'' AS label', k => -1, metric => 'l2');

-- What would take more memory than allowed is refused before it starts.
SET tdp.solver_memory = '1MB';
SELECT * FROM tdp.propagate_points('SELECT i AS item, ARRAY[i] AS features FROM generate_series(1, 5000) i', 'SELECT 1 AS item, ''x'' AS label', metric => 'l2');
RESET tdp.solver_memory;

-- ---- accuracy --------------------------------------------------------------

-- UCI handwritten digits: 20 draws of five labels a class, accuracy on all the
-- others.  (One nearest neighbour gets 86 of 100 right, scikit-learn's
-- LabelSpreading 92.)
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
CREATE TEMP TABLE digits (id int PRIMARY KEY, pixels smallint[], digit int);
\copy digits FROM 'test/data/digits.csv' CSV HEADER
CREATE TEMP TABLE draws AS
SELECT draw, id AS item, digit AS label,
	row_number() OVER (PARTITION BY draw, digit ORDER BY md5(id || ' of ' || draw)) AS place
FROM digits, generate_series(1, 20) AS draw;
CREATE INDEX ON draws (draw, item);
ANALYZE draws;

CREATE FUNCTION pg_temp.accuracy(draws int, per_class int, method text, metric text, priors jsonb DEFAULT NULL) RETURNS numeric
LANGUAGE sql AS $$
	SELECT round(100.0 * avg((p.label = d.label::text)::int), 2)
	FROM generate_series(1, draws) AS n,
	LATERAL tdp.propagate_points('SELECT id AS item, pixels AS features FROM digits',
		'SELECT item, label FROM draws WHERE draw = $1 AND place <= $2', method,
		metric => metric, priors => priors, args => ARRAY[n, per_class]::text[]) p
	JOIN draws d ON d.item = p.item::int
	WHERE d.draw = n AND d.place > per_class
$$;
SELECT pg_temp.accuracy(20, 5, 'auto', 'cosine') >= 96 AS spreading_cosine,
	pg_temp.accuracy(10, 5, 'spreading', 'l2') >= 95.5 AS spreading_l2;

-- With the true shares of the digits.
SELECT pg_temp.accuracy(10, 5, 'poisson', 'cosine', priors) >= 96 AS poisson
FROM (SELECT jsonb_object_agg(digit, n) AS priors FROM (SELECT digit, count(*) AS n FROM digits GROUP BY digit) c) s;

-- The sure ones are right: of those with a confidence of 0.95, 98 in 100.
SELECT count(*) >= 1000 AS many, avg((p.label = t.digit::text)::int) >= 0.98 AS right_ones
FROM tdp.propagate_points('SELECT id AS item, pixels AS features FROM digits',
	'SELECT item, label FROM draws WHERE draw = 1 AND place <= 5') p
JOIN digits t ON t.id = p.item::int
WHERE p.confidence >= 0.95;

-- The order of the rows changes nothing, to the last bit.
SELECT count(*) AS differences
FROM tdp.propagate_points('SELECT id AS item, pixels AS features FROM digits ORDER BY md5(id::text)',
	'SELECT item, label FROM draws WHERE draw = 1 AND place <= 5 ORDER BY md5(item::text)') a
JOIN tdp.propagate_points('SELECT id AS item, pixels AS features FROM digits ORDER BY id',
	'SELECT item, label FROM draws WHERE draw = 1 AND place <= 5 ORDER BY item DESC') b USING (item)
WHERE a.label <> b.label OR a.confidence <> b.confidence;
