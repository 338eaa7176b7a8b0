--
-- Agreement of a project, field by field
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
SET extra_float_digits = 0;

CREATE TABLE clips (id int PRIMARY KEY, region text);
INSERT INTO clips
SELECT i, CASE WHEN i % 2 = 0 THEN 'north' WHEN i < 11 THEN 'south' END
FROM generate_series(1, 12) AS i;
SELECT tdp.create_project('clips', 'clips', '{
    "verdict": {"choice": ["a", "b", "c", "d", "e"], "optional": true},
    "good": {"boolean": true, "optional": true},
    "stars": {"rating": 5, "optional": true},
    "length": {"number": {"min": 0}, "optional": true},
    "why": {"text": {}, "optional": true}}', overlap => 4);
SELECT count(tdp.add_member('clips', name))
FROM unnest('{ann,bob,cid,dot}'::text[]) AS name;
SELECT tdp.add_member('clips', 'robot', 'machine');

-- Krippendorff's example, whose values are published, as each kind of field.
CREATE TEMP TABLE said AS
SELECT item, annotator, nullif(label, '.')::int AS n
FROM (VALUES ('ann', '1 2 3 3 2 1 4 1 2 . . .'), ('bob', '1 2 3 3 2 2 4 1 2 5 . 3'),
    ('cid', '. 3 3 3 2 3 4 2 2 5 1 .'), ('dot', '1 2 3 3 2 4 4 1 2 5 1 .'),
    ('robot', '5 5 5 5 5 5 5 5 5 5 5 5')) AS line (annotator, labels),
  regexp_split_to_table(labels, ' ') WITH ORDINALITY AS t (label, item);
SELECT count(tdp.annotate('clips', item::text, jsonb_build_object('verdict', chr(96 + n),
    'good', n > 2, 'stars', n, 'length', n * 10.50, 'why', 'it is ' || n), annotator))
FROM said WHERE n IS NOT NULL;

-- The machine's answers are not counted, and text has no measure yet.
SELECT field, measure, round(value::numeric, 6) AS value, lower, upper, items,
    annotators, annotations
FROM tdp.agreement('clips') ORDER BY field, measure;

-- A row for each value of a column of the source; here also where it is NULL.
SELECT slice, measure, round(value::numeric, 6) AS value, items, annotations
FROM tdp.agreement('clips', by => 'region')
WHERE field = 'stars' ORDER BY slice, measure;
SELECT c.region, round(tdp.krippendorff_alpha(s.item, s.n, 'ordinal')::numeric, 6) AS same
FROM said s JOIN clips c ON c.id = s.item WHERE s.annotator <> 'robot'
GROUP BY c.region ORDER BY c.region;

-- A field that became another kind: older answers have no place on its scale.
SELECT tdp.alter_project('clips', '{"label_schema": [
    {"name": "verdict", "rating": 5, "optional": true},
    {"name": "good", "number": true, "optional": true}]}');
SELECT count(tdp.annotate('clips', item, '{"verdict": 3, "good": 2.5}', annotator))
FROM (VALUES ('11', 'ann'), ('12', 'ann'), ('12', 'cid')) AS v (item, annotator);
SELECT field, measure, round(value::numeric, 6) AS value, items, annotations
FROM tdp.agreement('clips') ORDER BY field, measure;

-- Nor do they count when the project is resolved.
SELECT tdp.resolve('clips');
SELECT item, field, label, value FROM tdp.labels
WHERE project = 'clips' ORDER BY item, field;
SELECT field, items, annotators, annotations FROM tdp.resolutions WHERE project = 'clips' ORDER BY field;

-- Without two answers to an item there is nothing to say.
CREATE TABLE lone (id int PRIMARY KEY);
INSERT INTO lone VALUES (1), (2);
SELECT tdp.create_project('lone', 'lone', '{"ok": {"boolean": true}}');
SELECT * FROM tdp.agreement('lone');
SELECT tdp.add_member('lone', 'ann');
SELECT count(tdp.annotate('lone', id::text, '{"ok": true}', 'ann')) FROM lone;
SELECT * FROM tdp.agreement('lone');

SELECT * FROM tdp.agreement('nowhere');
SELECT * FROM tdp.agreement('clips', by => 'nowhere');
SELECT * FROM tdp.agreement(NULL);

SELECT tdp.drop_project('clips'), tdp.drop_project('lone');
DROP TABLE clips, lone;
