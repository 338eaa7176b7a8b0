--
-- Agreement: weights, metrics, and chance that knows who answered
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
RESET client_min_messages;

-- R package irrCAC (Gwet): four raters, twelve items, answers missing. Its
-- printed values are, by rows: bipolar .968 .888 .845 .853 .900, circular .902
-- .824 .805 .807 .830, identity .818 .773 .763 .761 .775, linear .939 .848 .814
-- .818 .859, ordinal .968 .886 .844 .850 .899, quadratic .975 .902 .858 .865
-- .914, radical .897 .813 .788 .790 .820, ratio .954 .840 .812 .821 .857.
CREATE TEMP TABLE rating AS
SELECT item, annotator, nullif(label, '.')::int AS label
FROM (VALUES ('ann', '1 2 3 3 2 1 4 1 2 . . .'), ('bob', '1 2 3 3 2 2 4 1 2 5 . .'),
    ('cid', '. 3 3 3 2 3 4 2 2 5 1 3'), ('dot', '1 2 3 3 2 4 4 1 2 5 1 .')) AS line (annotator, labels),
    regexp_split_to_table(labels, ' ') WITH ORDINALITY AS l (label, item);
SELECT weights,
    round(tdp.percent_agreement(item, label, weights)::numeric, 3) AS agreement,
    round(tdp.brennan_prediger(item, label, weights)::numeric, 3) AS brennan_prediger,
    round(tdp.conger_kappa(item, annotator, label, weights)::numeric, 3) AS conger,
    round(tdp.fleiss_kappa(item, label, weights)::numeric, 3) AS fleiss,
    round(tdp.gwet_ac2(item, label, weights)::numeric, 3) AS ac2
FROM rating, unnest('{unweighted,bipolar,circular,linear,ordinal,quadratic,radical,ratio,circular(5)}'::text[]) AS weights
GROUP BY weights ORDER BY weights COLLATE "C";
SELECT round(tdp.brennan_prediger(item, label)::numeric, 3) AS brennan_prediger,
    round(tdp.conger_kappa(item, annotator, label)::numeric, 3) AS conger,
    round(tdp.conger_kappa(item, annotator, label::text)::numeric, 3) AS of_texts,
    round(tdp.conger_kappa(item, annotator, label::bit(4))::numeric, 3) AS of_bits
FROM rating;

-- Krippendorff's metrics, computed independently: .789980, .834991
SELECT round(tdp.krippendorff_alpha(item, label, 'circular')::numeric, 6) AS circular,
    round(tdp.krippendorff_alpha(item, label, 'circular(5)')::numeric, 6) AS the_same,
    round(tdp.krippendorff_alpha(item, label, 'bipolar')::numeric, 6) AS bipolar
FROM rating;
-- on a clock 23 and 1 are two hours apart
SELECT round(tdp.krippendorff_alpha(item, hour, 'circular(24)')::numeric, 3) AS around,
    round(tdp.krippendorff_alpha(item, hour, 'interval')::numeric, 3) AS along
FROM (VALUES (1, 23), (1, 1), (2, 12), (2, 13), (3, 6), (3, 5)) AS v (item, hour);

-- Two psychiatrists' diagnoses (Gwet): Cohen's .432 .387 .446 .407 .390 .383
-- .419 .413 and Scott's .430 .386 .444 .406 .389 .382 .418 .412, in irrCAC's
-- order: identity, bipolar, circular, linear, ordinal, quadratic, radical, ratio.
SELECT weights, round(tdp.cohen_kappa(a, b, weights)::numeric, 3) AS cohen,
    round(tdp.scott_pi(a, b, weights)::numeric, 3) AS scott
FROM unnest('{{40,4,4,17},{6,25,2,13},{4,1,21,12},{15,5,9,45}}'::int[]) WITH ORDINALITY AS cell (n, place),
    LATERAL (SELECT (place - 1) / 4 + 1 AS a, (place - 1) % 4 + 1 AS b) ab,
    generate_series(1, n),
    unnest('{identity,bipolar,circular,linear,ordinal,quadratic,radical,ratio}'::text[]) WITH ORDINALITY AS w (weights, line)
GROUP BY weights, line ORDER BY line;

-- One annotator, one label, one answer: nothing can be said.
SELECT tdp.conger_kappa(i, 'ann', i) AS alone, tdp.conger_kappa(1, i, 'x'::text) AS one_label,
    tdp.brennan_prediger(i, i) AS no_shared_item, tdp.gwet_ac2(1, 1, 'linear') AS one_answer,
    tdp.percent_agreement(1, NULL::int, 'linear') AS nothing
FROM generate_series(1, 3) AS i;

-- A parallel plan gives the same bits.
CREATE TABLE many_ratings AS
SELECT i / 3 AS item, i % 7 AS annotator, (i * i + i / 5) % 6 AS label FROM generate_series(1, 30000) AS i;
ANALYZE many_ratings;
CREATE TEMP TABLE serial AS SELECT tdp.conger_kappa(item, annotator, label, 'linear') AS conger,
    tdp.conger_kappa(item, annotator, label::text) AS nominal, tdp.gwet_ac2(item, label, 'circular(6)') AS ac2,
    tdp.scott_pi(item % 6, label, 'radical') AS scott FROM many_ratings;
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
SELECT s.conger = p.conger AS conger, s.nominal = p.nominal AS nominal, s.ac2 = p.ac2 AS ac2, s.scott = p.scott AS scott
FROM serial s, (SELECT tdp.conger_kappa(item, annotator, label, 'linear') AS conger,
    tdp.conger_kappa(item, annotator, label::text) AS nominal, tdp.gwet_ac2(item, label, 'circular(6)') AS ac2,
    tdp.scott_pi(item % 6, label, 'radical') AS scott FROM many_ratings) p;
ROLLBACK;
DROP TABLE many_ratings;

-- What is refused says why.
SELECT tdp.gwet_ac2(1, 'good'::text, 'linear');
SELECT tdp.fleiss_kappa(1, 1, 'circular(0)');
SELECT tdp.fleiss_kappa(1, 1, 'circular(24');
SELECT tdp.fleiss_kappa(1, 1, 'nominal');
SELECT tdp.gwet_ac2(1, -1, 'ratio');
SELECT tdp.gwet_ac2(1, 'Infinity'::float8, 'linear');
SELECT tdp.gwet_ac2(1, 'Infinity'::float8, 'ordinal');
