--
-- Agreement on numbers and ranks: icc, kendall_w, mean_spearman
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
RESET client_min_messages;
SET extra_float_digits = 0;

-- Ratings are rows of (item, annotator, number).
CREATE TEMP TABLE line (dataset text, annotator text, ratings text);
INSERT INTO line VALUES
    -- Shrout and Fleiss 1979, table 2
    ('judges', 'J1', '9 6 8 7 10 6'),
    ('judges', 'J2', '2 1 4 1 5 2'),
    ('judges', 'J3', '5 3 6 2 6 4'),
    ('judges', 'J4', '8 2 8 6 9 7'),
    -- pingouin, icc.csv
    ('wine', 'A', '1 1 3 6 6 7 8 9'),
    ('wine', 'B', '2 3 8 4 5 5 7 9'),
    ('wine', 'C', '0 3 1 3 5 6 7 9'),
    ('wine', 'D', '1 2 4 3 6 2 9 8');
CREATE TABLE rating AS
SELECT dataset, item::int, annotator, value::float8
FROM line, regexp_split_to_table(ratings, ' ') WITH ORDINALITY AS r (value, item);

-- Published: .17 .29 .71 .44 .62 .91 with F 1.8 and 11.0, intervals from
-- -.13 .02 .34 -.88 .07 .68 to .72 .76 .95 .91 .93 .99; and for wine .728 .728
-- .729 .914 .914 .915 with F 11.680 and 11.787, [.43, .93] and [.75, .98].
SELECT dataset, form, round(value::numeric, 6) AS value, round(f::numeric, 3) AS f,
    df1, df2, round(p::numeric, 6) AS p, round(lower::numeric, 2) AS lower,
    round(upper::numeric, 2) AS upper, items, annotators
FROM unnest('{judges,wine}'::text[]) AS dataset,
    tdp.icc_report('SELECT * FROM rating WHERE dataset = $1', args => ARRAY[dataset]);

-- The aggregate gives the coefficient alone; icc2 unless told otherwise.
SELECT dataset, round(tdp.icc(item, annotator, value)::numeric, 6) AS icc,
    round(tdp.icc(item, annotator, value, 'icc1')::numeric, 6) AS icc1,
    round(tdp.icc(item, annotator, value, 'ICC3k')::numeric, 6) AS icc3k
FROM rating GROUP BY dataset ORDER BY dataset;

-- Another level for the interval.
SELECT form, round(lower::numeric, 3) AS lower, round(upper::numeric, 3) AS upper
FROM tdp.icc_report('SELECT * FROM rating WHERE dataset = ''wine''', '{"level": 0.5}')
WHERE form IN ('icc1', 'icc2', 'icc3k');

-- W with ties, 0.8870370, and Spearman's mean as scipy gives it for all pairs,
-- 0.8495876 and 0.7514008.
SELECT dataset, round(tdp.kendall_w(item, annotator, value)::numeric, 7) AS w,
    round(tdp.mean_spearman(item, annotator, value)::numeric, 7) AS spearman
FROM rating GROUP BY dataset ORDER BY dataset;
SELECT round(w::numeric, 7) AS w, round(chi_square::numeric, 6) AS chi_square, df,
    round(p::numeric, 8) AS p, round(mean_spearman::numeric, 7) AS spearman, items, annotators
FROM tdp.kendall_w_report('SELECT item, annotator, value AS rank FROM rating WHERE dataset = ''judges''');

-- Without ties the mean correlation is (m W - 1) / (m - 1).
SELECT round(w::numeric, 6) AS w, round(((3 * w - 1) / 2)::numeric, 6) = round(s::numeric, 6) AS same
FROM (SELECT tdp.kendall_w(i, a, (i * a) % 11) AS w, tdp.mean_spearman(i, a, (i * a) % 11) AS s
    FROM generate_series(1, 10) AS i, generate_series(1, 3) AS a) AS ranks;

--
-- What counts
--

-- An item that lacks a rating is left out; so is a row with a NULL.
SELECT tdp.icc(item, annotator, value) = tdp.icc(item, annotator, value) FILTER (WHERE item <= 8) AS listwise
FROM (SELECT item, annotator, value FROM rating WHERE dataset = 'wine'
    UNION ALL VALUES (9, 'A', 5), (9, 'B', 6), (10, NULL, 3), (NULL, 'A', 4), (11, 'A', NULL)) AS r;
-- Exact repeats count once, different values of one person as their mean.
SELECT tdp.icc(item, annotator, value)
FROM (VALUES (1, 'a', 1), (1, 'a', 1), (1, 'a', 3), (1, 'b', 2), (2, 'a', 4), (2, 'b', 4)) AS r (item, annotator, value);
-- Enums are their positions.
CREATE TYPE grade AS ENUM ('bad', 'fair', 'good');
SELECT tdp.icc(i, a, (enum_range(NULL::grade))[1 + (i + (i = 4 AND a = 2)::int) % 3]) AS enums,
    tdp.icc(i, a, 1 + (i + (i = 4 AND a = 2)::int) % 3) AS numbers
FROM generate_series(1, 6) AS i, generate_series(1, 2) AS a;
-- Undefined is NULL: nothing, one item, one annotator, all values equal.
SELECT (SELECT tdp.icc(1, 1, 1) WHERE false) AS none, (SELECT tdp.icc(1, a, a) FROM generate_series(1, 3) a) AS one_item,
    (SELECT tdp.icc(i, 1, i) FROM generate_series(1, 3) i) AS one_annotator,
    (SELECT tdp.icc(i, a, 7) FROM generate_series(1, 3) i, generate_series(1, 2) a) AS constant,
    (SELECT tdp.kendall_w(i, a, 7) FROM generate_series(1, 3) i, generate_series(1, 2) a) AS no_order,
    (SELECT tdp.mean_spearman(i, a, CASE a WHEN 1 THEN i ELSE 1 END) FROM generate_series(1, 3) i, generate_series(1, 2) a) AS no_pair;
SELECT form, value, f, p, lower, upper FROM tdp.icc_report('SELECT i AS item, a AS annotator, i AS value FROM generate_series(1, 5) i, generate_series(1, 2) a');
SELECT form, value, f, df1, p, lower, items FROM tdp.icc_report('SELECT 1 AS item, 1 AS annotator, 1 AS value WHERE false') WHERE form = 'icc1';
-- Huge numbers and tiny differences.
SELECT round(tdp.icc(item, annotator, value * 1e300)::numeric, 6) AS huge,
    round(tdp.icc(item, annotator, value * 1e-300)::numeric, 6) AS tiny,
    round(tdp.icc(item, annotator, 1e9 + value)::numeric, 6) AS far
FROM rating WHERE dataset = 'judges';
SELECT tdp.kendall_w(i, a, CASE i WHEN 1 THEN '-Infinity' WHEN 9 THEN 'Infinity' ELSE i::float8 END) AS infinite
FROM generate_series(1, 9) i, generate_series(1, 2) a;

-- The same bits whatever the order of rows, and the names.
SELECT count(DISTINCT tdp) AS results FROM (
    SELECT tdp.icc(item, annotator, value)::text || tdp.mean_spearman(item, annotator, value) AS tdp FROM (SELECT * FROM rating WHERE dataset = 'wine' ORDER BY value) r
    UNION ALL SELECT tdp.icc(item, annotator, value)::text || tdp.mean_spearman(item, annotator, value) FROM (SELECT * FROM rating WHERE dataset = 'wine' ORDER BY annotator DESC, item) r
    UNION ALL SELECT tdp.icc(md5(item::text), 100 - ascii(annotator), value)::text || tdp.mean_spearman(md5(item::text), 100 - ascii(annotator), value) FROM rating WHERE dataset = 'wine') AS all_three;

-- In parallel
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
CREATE TABLE many_ratings AS SELECT i AS item, a AS annotator, (i * 7919 + a * (i % 5)) % 101 AS value FROM generate_series(1, 5000) i, generate_series(1, 4) a;
ANALYZE many_ratings;
EXPLAIN (COSTS OFF) SELECT tdp.icc(item, annotator, value) FROM many_ratings;
CREATE TEMP TABLE result AS SELECT tdp.icc(item, annotator, value) AS icc, tdp.kendall_w(item, annotator, value) AS w FROM many_ratings;
SET max_parallel_workers_per_gather = 0;
SELECT result.icc = r.icc AND result.w = r.w AS same FROM result, (SELECT tdp.icc(item, annotator, value) AS icc, tdp.kendall_w(item, annotator, value) AS w FROM many_ratings) r;
RESET max_parallel_workers_per_gather;

--
-- Mistakes
--
SELECT tdp.icc(item, annotator, value, 'icc4') FROM rating;
SELECT tdp.icc(item, annotator, value, NULL) FROM rating;
SELECT tdp.icc(item, annotator, value, CASE item WHEN 1 THEN 'icc1' ELSE 'icc2' END) FROM rating;
SELECT tdp.icc(item, annotator, annotator) FROM rating;
SELECT tdp.icc(item, annotator, 'NaN'::float8) FROM rating;
SELECT tdp.icc(item, annotator, 'Infinity'::float8) FROM rating;
SELECT tdp.kendall_w(item, annotator, 'NaN'::float8) FROM rating;
SELECT tdp.icc('{}'::json, annotator, value) FROM rating;
SELECT * FROM tdp.icc_report(NULL);
SELECT * FROM tdp.icc_report('SELECT item, annotator FROM rating');
SELECT * FROM tdp.icc_report('SELECT item, value FROM rating');
SELECT * FROM tdp.icc_report('rating', '{"level": 1}');
SELECT * FROM tdp.icc_report('rating', '{"levels": 1}');
DROP TABLE rating, many_ratings;
DROP TYPE grade;
