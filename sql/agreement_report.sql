--
-- Agreement: reports with standard errors and intervals
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
RESET client_min_messages;

-- R package irrCAC, four raters: AC1 .775 (.461, 1), Fleiss .761 (.424, 1),
-- Conger .763 (.435, 1), Brennan-Prediger .773 (.454, 1), alpha .743 (.419, 1).
CREATE TEMP TABLE rating AS
SELECT item, annotator, nullif(label, '.')::int AS label
FROM (VALUES ('ann', '1 2 3 3 2 1 4 1 2 . . .'), ('bob', '1 2 3 3 2 2 4 1 2 5 . .'),
    ('cid', '. 3 3 3 2 3 4 2 2 5 1 3'), ('dot', '1 2 3 3 2 4 4 1 2 5 1 .')) AS line (annotator, labels),
    regexp_split_to_table(labels, ' ') WITH ORDINALITY AS l (label, item);
SELECT measure, round(value::numeric, 3) AS value, round(stderr::numeric, 3) AS stderr,
    round(lower::numeric, 3) AS lower, round(upper::numeric, 3) AS upper, items, annotators, annotations
FROM tdp.agreement_report('rating');

-- Two psychiatrists' diagnoses (Gwet): Cohen .432 (.341, .522), Scott .430
-- (.339, .521), AC1 .456 (.371, .542), Brennan-Prediger .450 (.363, .537).
CREATE TEMP TABLE diagnosis AS
SELECT item, annotator, label
FROM (SELECT row_number() OVER () AS item, (place - 1) / 4 + 1 AS a, (place - 1) % 4 + 1 AS b
    FROM unnest('{{40,4,4,17},{6,25,2,13},{4,1,21,12},{15,5,9,45}}'::int[]) WITH ORDINALITY AS cell (n, place),
    generate_series(1, n)) AS t, LATERAL (VALUES ('a', a), ('b', b)) AS l (annotator, label);
SELECT annotator_a, annotator_b, measure, round(value::numeric, 3) AS value, round(lower::numeric, 3) AS lower,
    round(upper::numeric, 3) AS upper, items
FROM tdp.pairwise_agreement('diagnosis');
SELECT measure, round(value::numeric, 3) AS value, round(stderr::numeric, 3) AS stderr
FROM tdp.agreement_report('diagnosis') WHERE measure IN ('cohen_kappa', 'scott_pi');

-- The same seed gives the same resamples, whatever the order of the rows.
SELECT count(*) AS differ FROM (
    (SELECT * FROM tdp.agreement_report('rating', '{"bootstrap": 50, "seed": 7}'))
    EXCEPT (SELECT * FROM tdp.agreement_report('SELECT * FROM rating ORDER BY label, item DESC', '{"bootstrap": 50, "seed": 7}'))) AS d;

-- Without each annotator. By hand: what the aggregates say of the others' rows.
SELECT annotator, round(value::numeric, 3) AS value, annotations FROM tdp.leave_one_out('rating') WHERE measure = 'krippendorff_alpha';
SELECT measure, count(*) AS annotators, max(abs(value - hand)) < 1e-12 AS same, max(abs(change - (hand - everybody))) < 1e-12 AS same_change
FROM tdp.leave_one_out('rating') AS r,
    LATERAL (SELECT tdp.krippendorff_alpha(item, label) FILTER (WHERE annotator <> r.annotator) AS alpha, tdp.krippendorff_alpha(item, label) AS all_alpha,
        tdp.fleiss_kappa(item, label) FILTER (WHERE annotator <> r.annotator) AS fleiss, tdp.fleiss_kappa(item, label) AS all_fleiss,
        tdp.percent_agreement(item, label) FILTER (WHERE annotator <> r.annotator) AS percent, tdp.percent_agreement(item, label) AS all_percent
        FROM rating) AS h,
    LATERAL (VALUES ('krippendorff_alpha', alpha, all_alpha), ('fleiss_kappa', fleiss, all_fleiss), ('percent_agreement', percent, all_percent)) AS v (name, hand, everybody)
WHERE name = measure
GROUP BY measure ORDER BY measure;

-- Each label. By hand, label 1: three of three gave it to item 1, one of four to
-- 6, three of four to 8 and two of two to 11, so of another annotator's answers
-- (3 * 2/2 + 1 * 0/3 + 3 * 2/3 + 2 * 1/1) / (3 + 1 + 3 + 2) = 7/9.  The standard
-- error is that of a ratio of two sums over the eleven shared items.
SELECT label, round(value::numeric, 3) AS value, items, annotations FROM tdp.label_agreement('rating');
WITH item AS (
    SELECT item, k, count(*) FILTER (WHERE label = k)::float8 AS given, count(label)::float8 AS answers
    FROM rating, generate_series(1, 5) AS k GROUP BY item, k HAVING count(label) > 1
), part AS (SELECT *, given * (given - 1) / (answers - 1) AS alike FROM item
), label AS (SELECT k, sum(alike) / sum(given) AS value, sum(given) AS given, count(*) AS n FROM part GROUP BY k
), hand AS (
    SELECT k, value, sqrt(sum((alike - value * part.given) ^ 2) * n / (n - 1)) / label.given AS error
    FROM part JOIN label USING (k) GROUP BY k, value, label.given, n
)
SELECT count(*) AS labels, max(abs(r.value - h.value)) < 1e-14 AS same, max(abs(r.stderr - h.error)) < 1e-14 AS same_error
FROM tdp.label_agreement('rating') AS r JOIN hand AS h ON r.label = h.k::text;

-- Each item: by hand, the share of pairs of different annotators that differ.
SELECT item, round(disagreement::numeric, 3) AS disagreement, annotations, labels FROM tdp.item_disagreement('rating') LIMIT 3;
SELECT count(*) AS items, max(abs(disagreement - h.hand)) < 1e-14 AS same, max(abs(r.quadratic - h.quadratic)) < 1e-14 AS same_quadratic
FROM (SELECT u.item, u.disagreement, q.disagreement AS quadratic
        FROM tdp.item_disagreement('rating') AS u JOIN tdp.item_disagreement('rating', '{"weights": "quadratic"}') AS q USING (item)) AS r
    JOIN (SELECT a.item::text AS item, avg((a.label <> b.label)::int) AS hand, avg(((a.label - b.label) / 4.0) ^ 2) AS quadratic
        FROM rating AS a JOIN rating AS b ON a.item = b.item AND a.annotator < b.annotator AND a.label IS NOT NULL AND b.label IS NOT NULL
        GROUP BY a.item) AS h USING (item);

-- Names mean nothing, nor does the order of rows, of names or, without weights,
-- of labels: twelve sets of answers, their rows shuffled, everything renamed.
CREATE TEMP TABLE measured (what text, n int, key text, measure text, value numeric, stderr numeric);
DO $$
DECLARE
    names text;
    weights text;
    label text;
    source text;
BEGIN
    FOR n IN 26 .. 37 LOOP
        FOREACH weights IN ARRAY '{unweighted,linear,ordinal}'::text[] LOOP
            FOREACH names IN ARRAY '{plain,other}'::text[] LOOP
                label := CASE WHEN names = 'plain' THEN 'l' WHEN weights = 'unweighted' THEN '(7 - l) * 11 % 13' ELSE '3 * l + 8' END;
                source := 'SELECT ' || CASE names WHEN 'plain' THEN 'i AS item, a AS annotator, '
                        ELSE '''item '' || 100 - i AS item, ''who '' || (9 - a) * 7 % 10 AS annotator, ' END || label || format(' AS label
                    FROM generate_series(1, 4 + %1$s %% 9) AS i, generate_series(1, 2 + %1$s %% 4) AS a,
                        LATERAL (SELECT CASE WHEN (i * i * 31 + a * 17 + %1$s * 7) %% 5 < 3 THEN i %% 3
                            ELSE (i * 7 + a * a * 13 + %1$s) %% (2 + %1$s %% 4) END AS l) AS x
                    WHERE (i * 5 + a * 3 + %1$s) %% 7 > 0 ORDER BY ', n) || CASE names WHEN 'plain' THEN 'i, a' ELSE 'md5(i::text || a)' END;
                INSERT INTO measured
                SELECT names || ' report', n, weights, measure, value, stderr FROM tdp.agreement_report(source, jsonb_build_object('weights', weights))
                UNION ALL SELECT names || ' pairs', n, weights, measure, value, stderr FROM tdp.pairwise_agreement(source, jsonb_build_object('weights', weights))
                UNION ALL SELECT names || ' items', n, weights, annotations::text, disagreement, 0 FROM tdp.item_disagreement(source, jsonb_build_object('weights', weights))
                UNION ALL SELECT names || ' labels', n, weights, items::text, value, stderr FROM tdp.label_agreement(source, jsonb_build_object('weights', weights))
                UNION ALL SELECT names || ' without', n, weights, measure, value, change FROM tdp.leave_one_out(source, jsonb_build_object('weights', weights));
            END LOOP;
        END LOOP;
    END LOOP;
END
$$;
WITH ordered AS (
    SELECT split_part(what, ' ', 1) AS names, split_part(what, ' ', 2) AS report, n, key, measure, round(value, 11) AS value, round(stderr, 11) AS stderr,
        row_number() OVER (PARTITION BY what, n, key, measure ORDER BY round(value, 11), round(stderr, 11)) AS place
    FROM measured
)
SELECT report, count(a.value) > 100 AS many, count(*) FILTER (WHERE abs(a.value - b.value) > 2e-11 OR abs(a.stderr - b.stderr) > 2e-11
    OR (a.value IS NULL) <> (b.value IS NULL) OR (a.stderr IS NULL) <> (b.stderr IS NULL)) AS differ
FROM (SELECT * FROM ordered WHERE names = 'plain') AS a FULL JOIN (SELECT * FROM ordered WHERE names = 'other') AS b USING (report, n, key, measure, place)
GROUP BY report ORDER BY report;

-- A metric is alpha's own: ordinal is then Krippendorff's, as in the aggregate,
-- whatever the weights are, of which the word means Gwet's; of all annotators,
-- of each two, without each.
SELECT measure, round(value::numeric, 3) AS value, value IS NOT DISTINCT FROM before AS as_before
FROM tdp.agreement_report('rating', '{"weights": "ordinal", "metric": "ordinal"}')
    JOIN (SELECT measure, value AS before FROM tdp.agreement_report('rating', '{"weights": "ordinal"}')) AS b USING (measure);
SELECT metric, abs(r.value - h.value) < 1e-12 AS same, r.stderr > 0 AS has_error, abs(p.pairs) < 1e-11 AS same_pairs, abs(w.without) < 1e-11 AS same_without
FROM (SELECT 'nominal' AS metric, tdp.krippendorff_alpha(item, label, 'nominal') AS value FROM rating
        UNION ALL SELECT 'ordinal', tdp.krippendorff_alpha(item, label, 'ordinal') FROM rating
        UNION ALL SELECT 'interval', tdp.krippendorff_alpha(item, label, 'interval') FROM rating
        UNION ALL SELECT 'ratio', tdp.krippendorff_alpha(item, label, 'ratio') FROM rating) AS h,
    LATERAL tdp.agreement_report('rating', jsonb_build_object('metric', metric)) AS r,
    LATERAL (SELECT sum(abs(q.value - o.value)) AS pairs FROM tdp.pairwise_agreement('rating', jsonb_build_object('metric', metric)) AS q,
        LATERAL (SELECT tdp.krippendorff_alpha(item, label, metric) AS value FROM rating WHERE annotator IN (annotator_a, annotator_b)) AS o
        WHERE measure = 'krippendorff_alpha') AS p,
    LATERAL (SELECT sum(abs(q.value - o.value)) AS without FROM tdp.leave_one_out('rating', jsonb_build_object('metric', metric)) AS q,
        LATERAL (SELECT tdp.krippendorff_alpha(item, label, metric) AS value FROM rating WHERE annotator <> q.annotator) AS o
        WHERE measure = 'krippendorff_alpha') AS w
WHERE r.measure = 'krippendorff_alpha';
SELECT measure, stderr > 0 AND lower < value AND upper > value AS around FROM tdp.agreement_report('rating', '{"metric": "ordinal", "bootstrap": 200, "seed": 1}');

-- Forty thousand different labels: by hand, the aggregates.
CREATE TEMP TABLE many AS
SELECT i / 4 AS item, i % 4 AS annotator, i * 7919 % 40009 + i / 400 AS label FROM generate_series(0, 79999) AS i;
SELECT count(DISTINCT label) > 40000 AS many_labels FROM many;
SELECT measure, abs(value - CASE measure WHEN 'krippendorff_alpha' THEN ordinal WHEN 'fleiss_kappa' THEN fleiss ELSE percent END) < 1e-10 AS same, stderr > 0 AS has_error
FROM tdp.agreement_report('many', '{"weights": "quadratic", "metric": "ordinal"}'),
    (SELECT tdp.krippendorff_alpha(item, label, 'ordinal') AS ordinal, tdp.fleiss_kappa(item, label, 'quadratic') AS fleiss,
        tdp.percent_agreement(item, label, 'quadratic') AS percent FROM many) AS h
WHERE measure IN ('krippendorff_alpha', 'fleiss_kappa', 'percent_agreement');

-- Repeats count once; two labels of one person half each.
SELECT measure, value FROM tdp.agreement_report($$SELECT * FROM (VALUES (1, 'a', 'x'), (1, 'a', 'x'), (1, 'b', 'x'), (1, 'b', 'y')) AS v (item, annotator, label)$$) WHERE measure = 'percent_agreement';

-- Not a number is a label like any other, until labels need a place; infinity
-- has one in an order, but no distance.
CREATE TEMP TABLE odd AS
SELECT * FROM (VALUES (1, 'a', 'NaN'::float8), (1, 'b', 'NaN'), (2, 'a', 1), (2, 'b', 'Infinity'), (3, 'a', '-Infinity'), (3, 'b', 1)) AS v (item, annotator, label);
SELECT measure, round(value::numeric, 3) AS value FROM tdp.agreement_report('odd') WHERE measure = 'percent_agreement';
SELECT label, value FROM tdp.label_agreement('odd');
SELECT item, disagreement FROM tdp.item_disagreement('SELECT * FROM odd WHERE item > 1', '{"weights": "ordinal"}');
SELECT * FROM tdp.agreement_report('odd', '{"weights": "ordinal"}');
SELECT * FROM tdp.pairwise_agreement('SELECT * FROM odd WHERE item > 1', '{"weights": "linear"}');
SELECT * FROM tdp.leave_one_out('SELECT * FROM odd WHERE item = 3', '{"weights": "ratio"}');
SELECT * FROM tdp.item_disagreement('SELECT * FROM odd WHERE item = 2', '{"weights": "circular(24)"}');

-- One row is no agreement: everything is NULL, and no pair and no item is there.
SELECT measure, value, stderr, lower, upper, items, annotators, annotations FROM tdp.agreement_report('SELECT 1 AS item, ''ann'' AS annotator, ''x'' AS label');
SELECT * FROM tdp.agreement_report('SELECT 1 AS item, ''ann'' AS annotator, ''x'' AS label', '{"bootstrap": 10}') WHERE measure = 'fleiss_kappa';
SELECT * FROM tdp.pairwise_agreement('SELECT 1 AS item, ''ann'' AS annotator, ''x'' AS label');
SELECT * FROM tdp.label_agreement('SELECT 1 AS item, ''ann'' AS annotator, ''x'' AS label');
SELECT * FROM tdp.item_disagreement('SELECT 1 AS item, ''ann'' AS annotator, ''x'' AS label');
SELECT * FROM tdp.leave_one_out('SELECT 1 AS item, ''ann'' AS annotator, ''x'' AS label') WHERE measure = 'gwet_ac1';

-- A report that would pass the memory limit is refused before it is computed.
SET tdp.solver_memory = '1MB';
CREATE TEMP TABLE crowded AS
SELECT i AS item, a AS annotator, (i + a) % 5 AS label FROM generate_series(1, 10) AS i, generate_series(1, 1000) AS a;
SELECT * FROM tdp.pairwise_agreement('crowded');
SELECT * FROM tdp.agreement_report('rating', '{"bootstrap": 1000000}');
SELECT * FROM tdp.agreement_report('SELECT i AS item, a AS annotator, i AS label FROM generate_series(1, 30000) AS i, generate_series(1, 2) AS a');
RESET tdp.solver_memory;

-- Nothing, and what is refused.
SELECT * FROM tdp.agreement_report('SELECT * FROM rating WHERE false');
SELECT * FROM tdp.pairwise_agreement('SELECT * FROM rating WHERE false');
SELECT * FROM tdp.label_agreement('SELECT * FROM rating WHERE false');
SELECT * FROM tdp.item_disagreement('SELECT * FROM rating WHERE false');
SELECT * FROM tdp.leave_one_out('SELECT * FROM rating WHERE false');
SELECT * FROM tdp.agreement_report(NULL);
SELECT * FROM tdp.agreement_report('rating', '{"level": 2}');
SELECT * FROM tdp.agreement_report('rating', '{"metric": "linear"}');
SELECT * FROM tdp.agreement_report('rating', '{"weights": [[1, 0], [0, 1]]}');
SELECT * FROM tdp.agreement_report('rating', '{"categories": ["1", "2"]}');
SELECT * FROM tdp.agreement_report('SELECT item, annotator, label::text AS label FROM rating', '{"weights": "linear"}');
