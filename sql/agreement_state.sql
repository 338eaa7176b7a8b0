--
-- A state of agreement that is kept and merged
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
RESET client_min_messages;
SET extra_float_digits = 0;
SET TimeZone = 'UTC';

CREATE TEMP TABLE line (annotator text, labels text);
-- Krippendorff 2011
INSERT INTO line VALUES
    ('A', '1 2 3 3 2 1 4 1 2 . . .'), ('B', '1 2 3 3 2 2 4 1 2 5 . 3'),
    ('C', '. 3 3 3 2 3 4 2 2 5 1 .'), ('D', '1 2 3 3 2 4 4 1 2 5 1 .');
CREATE TABLE answer AS
SELECT item::int, annotator, nullif(label, '.')::int AS label, date '2026-01-01' + (item::int % 3) AS day
FROM line, regexp_split_to_table(labels, ' ') WITH ORDINALITY AS l (label, item);

-- One state for each day: what is kept, whatever becomes of the answers.
CREATE MATERIALIZED VIEW daily AS
SELECT day, tdp.agreement_state_agg(item, label) AS state FROM answer GROUP BY day;

-- The union is the whole, bit for bit.
SELECT tdp.agreement_state_union(state) = (SELECT tdp.agreement_state_agg(item, label) FROM answer) AS whole FROM daily;
SELECT bool_and(u = w) AS every_grouping
FROM (SELECT tdp.agreement_state_agg(item, label) AS w FROM answer) AS w, generate_series(1, 12) AS n,
    LATERAL (SELECT tdp.agreement_state_union(s ORDER BY md5(g::text || n)) AS u
        FROM (SELECT item * 7 % n AS g, tdp.agreement_state_agg(item, label) AS s FROM answer GROUP BY 1) AS p) AS u;

-- Krippendorff's values .743 .815 .849 .797
SELECT metric, round(tdp.agreement_of(tdp.agreement_state_union(state), 'krippendorff_alpha', metric)::numeric, 6) AS alpha
FROM daily, unnest('{nominal,ordinal,interval,ratio,circular,bipolar}'::text[]) WITH ORDINALITY AS m (metric, n)
GROUP BY metric, n ORDER BY n;

-- Gwet's values (irrCAC): .818 .773 .761 .775 .743, quadratic .902 .865 .914 .849
SELECT scale, m.measure, round(value::numeric, 6) AS value, items, annotations, labels
FROM (SELECT tdp.agreement_state_union(state) AS state FROM daily) AS u,
    unnest('{nominal,quadratic}'::text[]) AS scale, tdp.agreement_measures(state, scale) AS m;

-- The same as the aggregates over the answers.
SELECT bool_and(round(of::numeric, 12) = round(direct::numeric, 12)) AS same
FROM (SELECT unnest(ARRAY[tdp.agreement_of(s), tdp.agreement_of(s, 'fleiss_kappa'), tdp.agreement_of(s, 'gwet_ac1'),
        tdp.agreement_of(s, 'percent_agreement'), tdp.agreement_of(s, 'krippendorff_alpha', 'ordinal'),
        tdp.agreement_of(s, 'krippendorff_alpha', 'circular(24)')]) AS of,
    unnest(ARRAY[tdp.krippendorff_alpha(item, label), tdp.fleiss_kappa(item, label), tdp.gwet_ac1(item, label),
        tdp.percent_agreement(item, label), tdp.krippendorff_alpha(item, label, 'ordinal'),
        tdp.krippendorff_alpha(item, label, 'circular(24)')]) AS direct
    FROM answer, (SELECT tdp.agreement_state_agg(item, label) AS s FROM answer) AS x GROUP BY s) AS two;

-- As text it is JSON, and comes back as it was.
SELECT tdp.agreement_state_agg(item, label) FROM (VALUES (1, 'cat'), (1, 'cat'), (1, 'dog'), (2, 'dog')) AS v (item, label);
SELECT bool_and(state::text::tdp.agreement_state = state) AS text_and_back FROM daily;
SELECT count(DISTINCT state) AS days FROM daily;

-- What labels are called and when they are equal.
SELECT tdp.agreement_state_agg(1, 1.0) = tdp.agreement_state_agg(1, 1) AS numbers_are_alike,
    tdp.agreement_state_agg(1, 'a'::text) = tdp.agreement_state_agg(1, 'a'::varchar) AS texts_are_alike,
    tdp.agreement_state_agg(1, 1::text) = tdp.agreement_state_agg(1, 1) AS text_is_no_number;
CREATE TYPE grade AS ENUM ('bad', 'fair', 'good');
SELECT round(tdp.agreement_of(tdp.agreement_state_agg(item, g), 'krippendorff_alpha', 'ordinal')::numeric, 6) AS of_state,
    round(tdp.krippendorff_alpha(item, g, 'ordinal')::numeric, 6) AS direct
FROM (VALUES (1, 'bad'), (1, 'bad'), (2, 'fair'), (2, 'good'), (3, 'good'), (3, 'good')) AS v (item, l), LATERAL (SELECT l::grade AS g) AS x;

-- Nothing, one answer, one annotator, one label: NULL where the coefficient is.
SELECT tdp.agreement_state_agg(1, 1) IS NULL AS none WHERE false;
SELECT (SELECT tdp.agreement_state_agg(1, NULL::int)) IS NULL AS no_label,
    (SELECT tdp.agreement_state_union(NULL)) IS NULL AS no_state;
SELECT m.* FROM tdp.agreement_measures((SELECT tdp.agreement_state_agg(1, 'a'::text))) AS m;
SELECT m.* FROM tdp.agreement_measures((SELECT tdp.agreement_state_agg(i / 2, 'a'::text) FROM generate_series(0, 3) AS i)) AS m;

-- An item whose answers are in two states is found where the sketch shows it.
SELECT tdp.agreement_state_union(s) FROM (SELECT tdp.agreement_state_agg(item, label) AS s FROM answer GROUP BY annotator) AS a;
SELECT tdp.agreement_state_merge(state, state) FROM daily;
-- Labels of two types are not merged.
SELECT tdp.agreement_state_merge(tdp.agreement_state_agg(1, 1), tdp.agreement_state_agg(2, 'a'::text));
-- Nor is an enum whose labels have moved.
CREATE TABLE kept AS SELECT tdp.agreement_state_agg(1, 'good'::grade) AS s;
ALTER TYPE grade ADD VALUE 'worst' BEFORE 'bad';
SELECT tdp.agreement_state_merge(s, tdp.agreement_state_agg(2, 'good'::grade)) FROM kept GROUP BY s;

-- In parallel, an item's rows may be read by several workers.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE TABLE many_answers AS SELECT i * 7919 % 5000 AS item, 'label ' || i * i % 7 AS label FROM generate_series(1, 20000) AS i;
ANALYZE many_answers;
EXPLAIN (COSTS OFF) SELECT tdp.agreement_state_agg(item, label) FROM many_answers;
CREATE TABLE parallel_state AS SELECT tdp.agreement_state_agg(item, label) AS s FROM many_answers;
SET max_parallel_workers_per_gather = 0;
SELECT s = (SELECT tdp.agreement_state_agg(item, label) FROM many_answers) AS same FROM parallel_state;
SELECT tdp.agreement_state_union(p) = (SELECT s FROM parallel_state) AS union_is_same
FROM (SELECT tdp.agreement_state_agg(item, label) AS p FROM many_answers GROUP BY item % 40) AS parts;
RESET max_parallel_workers_per_gather;

-- As bytes it has no byte order.
SELECT encode(tdp.agreement_state_send(tdp.agreement_state_agg(1, 'a'::text)), 'hex') AS bytes;

--
-- Mistakes
--
SELECT tdp.agreement_of(tdp.agreement_state_agg(1, 'a'::text), 'kappa');
SELECT tdp.agreement_of(tdp.agreement_state_agg(1, 'a'::text), 'gwet_ac2', 'cubic');
SELECT tdp.agreement_of(tdp.agreement_state_agg(i, 'a'::text), 'gwet_ac2', 'linear') FROM generate_series(1, 2) AS i;
SELECT tdp.agreement_of(tdp.agreement_state_agg(i, -i), 'krippendorff_alpha', 'ratio') FROM generate_series(1, 2) AS i;
SELECT tdp.agreement_of(tdp.agreement_state_agg(i, 'Infinity'::float8), 'krippendorff_alpha', 'interval') FROM generate_series(1, 2) AS i;
SELECT tdp.agreement_of(tdp.agreement_state_agg(i, 1), 'krippendorff_alpha', 'masi') FROM generate_series(1, 2) AS i;
SELECT tdp.agreement_state_agg(1, '{}'::json);
SELECT ''::tdp.agreement_state;
SELECT '{}'::tdp.agreement_state;
SELECT '{"version": 2}'::tdp.agreement_state;
SELECT replace(state::text, '"items": 4', '"items": 5')::tdp.agreement_state FROM daily;
SELECT replace(state::text, '"share": "1.', '"share": "2.')::tdp.agreement_state FROM daily;
SELECT replace(state::text, '"share": "1.', '"share": "x.')::tdp.agreement_state FROM daily;
DROP MATERIALIZED VIEW daily;
DROP TABLE answer, many_answers, parallel_state, kept;
DROP TYPE grade;
