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

-- Without each annotator; each label; each item.
SELECT annotator, round(value::numeric, 3) AS value, annotations FROM tdp.leave_one_out('rating') WHERE measure = 'krippendorff_alpha';
SELECT label, round(value::numeric, 3) AS value, items, annotations FROM tdp.label_agreement('rating');
SELECT item, round(disagreement::numeric, 3) AS disagreement, annotations, labels FROM tdp.item_disagreement('rating') LIMIT 3;

-- Repeats count once; two labels of one person half each.
SELECT measure, value FROM tdp.agreement_report($$VALUES (1, 'a', 'x'), (1, 'a', 'x'), (1, 'b', 'x'), (1, 'b', 'y')$$) WHERE measure = 'percent_agreement';
SELECT measure, value FROM tdp.agreement_report($$SELECT * FROM (VALUES (1, 'a', 'x'), (1, 'a', 'x'), (1, 'b', 'x'), (1, 'b', 'y')) AS v (item, annotator, label)$$) WHERE measure = 'percent_agreement';

-- Nothing, and what is refused.
SELECT * FROM tdp.agreement_report('SELECT * FROM rating WHERE false');
SELECT * FROM tdp.item_disagreement('SELECT * FROM rating WHERE false');
SELECT * FROM tdp.agreement_report(NULL);
SELECT * FROM tdp.agreement_report('rating', '{"level": 2}');
SELECT * FROM tdp.agreement_report('rating', '{"weights": [[1, 0], [0, 1]]}');
SELECT * FROM tdp.agreement_report('rating', '{"categories": ["1", "2"]}');
SELECT * FROM tdp.agreement_report('SELECT item, annotator, label::text AS label FROM rating', '{"weights": "linear"}');
