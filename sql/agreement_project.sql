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

-- The machine's answers are not counted. The intervals are irrCAC's for this
-- example: AC1 .775 (.461, 1), alpha .743 (.419, 1). Two of the texts differ in
-- one of seven characters, so that alpha is as for the verdict, and what is
-- unlike a seventh of it.
SELECT field, measure, round(value::numeric, 6) AS value,
    round(lower::numeric, 3) AS lower, round(upper::numeric, 3) AS upper, items,
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

-- Everybody rated everything: Shrout and Fleiss's example, ICC(2,1) .29 (.02, .76).
CREATE TABLE target (id int PRIMARY KEY);
INSERT INTO target SELECT generate_series(1, 6);
SELECT tdp.create_project('targets', 'target', '{"points": {"number": {}}, "grade": {"rating": 10}}', overlap => 4);
SELECT count(tdp.add_member('targets', name)) FROM unnest('{ann,bob,cid,dot}'::text[]) AS name;
SELECT count(tdp.annotate('targets', item::text, jsonb_build_object('points', n, 'grade', n), annotator))
FROM (VALUES ('ann', '{9,6,8,7,10,6}'::int[]), ('bob', '{2,1,4,1,5,2}'), ('cid', '{5,3,6,2,6,4}'),
    ('dot', '{8,2,8,6,9,7}')) AS v (annotator, ns), unnest(ns) WITH ORDINALITY AS u (n, item);
SELECT field, round(value::numeric, 4) AS value, round(lower::numeric, 4) AS lower,
    round(upper::numeric, 4) AS upper, items, annotators
FROM tdp.agreement('targets') WHERE measure = 'icc2';
SELECT form, round(value::numeric, 4) AS value, round(lower::numeric, 4) AS lower, round(upper::numeric, 4) AS upper
FROM tdp.icc_report('SELECT id AS item, annotator, grade AS label FROM targets_answers') WHERE form = 'icc2';

-- Without two answers to an item there is nothing to say.
CREATE TABLE lone (id int PRIMARY KEY);
INSERT INTO lone VALUES (1), (2);
SELECT tdp.create_project('lone', 'lone', '{"ok": {"boolean": true}, "why": {"text": {"max_length": 1000000}, "optional": true}}');
SELECT * FROM tdp.agreement('lone');
SELECT tdp.add_member('lone', 'ann');
SELECT count(tdp.annotate('lone', id::text, '{"ok": true}', 'ann')) FROM lone;
SELECT * FROM tdp.agreement('lone');

-- Answers that would not fit in memory are not read.
INSERT INTO lone VALUES (3);
SELECT count(tdp.annotate('lone', '3', jsonb_build_object('ok', true, 'why', why), 'ann'))
FROM (SELECT string_agg(md5(i::text), ' ') AS why FROM generate_series(1, 25000) AS i) AS long;
SET tdp.solver_memory = '1MB';
SELECT * FROM tdp.agreement('lone');
RESET tdp.solver_memory;

SELECT * FROM tdp.agreement('nowhere');
SELECT * FROM tdp.agreement('clips', by => 'nowhere');
SELECT * FROM tdp.agreement(NULL);


-- Kinds with structure. Sets: {p,q} {p,q}; {p} {p,q}; nothing, {r}. Percent 1/3.
-- Jaccard: observed (2 * 1/2 + 2 * 1) / 6 = 1/2, expected 21 / 30, alpha 2/7.
-- MASI: 5/9 and 22/30, alpha 8/33.
-- Spans: F1 1/2, 1, 0 exact and 1, 1, 0 overlapping. Characters: 20 of each text,
-- of which 1 and 4 are unlike; PER 14, LOC 13, none 93 of 120: alpha
-- 1 - 119 * 2 * 5 / (120^2 - 14^2 - 13^2 - 93^2).
-- Relations: F1 1/2 (the second connects another LOC), 1, 0 (the same ids, but of
-- other spans). What was asked of one person only is no agreement, and nobody's
-- empty set.
-- Rankings: W 1, 0, 3/4 (rank sums 2, 5, 5: 12 * 6 / 96); Spearman 1, -1, 1/2.
CREATE TABLE notes (id int PRIMARY KEY, region text, secret text, at date, body text);
INSERT INTO notes SELECT i, CASE i WHEN 1 THEN 'north' WHEN 2 THEN 'south' END, 'x' || i,
    date '2026-01-30' + i, repeat('.', 20) FROM generate_series(1, 3) AS i;
SELECT tdp.create_project('notes', 'notes', '{
    "tags": {"choices": ["p", "q", "r"], "optional": true},
    "names": {"spans": ["PER", "LOC"], "of": "body", "optional": true},
    "order": {"ranking": ["x", "y", "z"], "optional": true},
    "due": {"date": true, "optional": true},
    "links": {"relations": ["knows", "in"], "between": "names", "optional": true},
    "extra": {"choices": ["p", "q"], "optional": true, "when": {"tags": ["r"]}}}',
    columns => '{id,region,at,body}', overlap => 3);
SELECT count(tdp.add_member('notes', name)) FROM unnest('{ann,bob,cid}'::text[]) AS name;
SELECT count(tdp.annotate('notes', item, value::jsonb, annotator)) FROM (VALUES
    ('1', 'ann', '{"tags": ["p", "q"], "order": ["x", "y", "z"], "due": "2026-01-01", "names": [{"id": "e1", "start": 0, "end": 5, "label": "PER"}, {"id": "e2", "start": 10, "end": 15, "label": "LOC"}],
        "links": [{"from": "e1", "to": "e1", "label": "knows"}, {"from": "e1", "to": "e2", "label": "in"}]}'),
    ('1', 'bob', '{"tags": ["q", "p"], "order": ["x", "y", "z"], "due": "2026-01-01", "names": [{"id": "b", "start": 11, "end": 15, "label": "LOC"}, {"id": "a", "start": 0, "end": 5, "label": "PER"}],
        "links": [{"from": "a", "to": "b", "label": "in"}, {"from": "a", "to": "a", "label": "knows"}]}'),
    ('2', 'ann', '{"tags": ["p"], "order": ["x", "y", "z"], "due": "2026-03-01"}'),
    ('2', 'bob', '{"tags": ["p", "q"], "order": ["z", "y", "x"], "due": "2026-03-01"}'),
    ('3', 'ann', '{"order": ["x", "y", "z"], "due": "2026-02-27", "names": [{"id": "x", "start": 0, "end": 4, "label": "PER"}], "links": [{"from": "x", "to": "x", "label": "knows"}]}'),
    ('3', 'bob', '{"order": ["x", "z", "y"], "due": "2026-03-01", "tags": ["r"], "extra": ["p"], "names": [{"id": "x", "start": 0, "end": 4, "label": "LOC"}],
        "links": [{"from": "x", "to": "x", "label": "knows"}]}'))
    AS v (item, annotator, value);
SELECT field, measure, round(value::numeric, 6) AS value, round(lower::numeric, 3) AS lower,
    round(upper::numeric, 3) AS upper, items, annotators, annotations
FROM tdp.agreement('notes');

-- Slices by an expression, with the rights of the project's owner.
SELECT slice, measure, round(value::numeric, 6) AS value, items
FROM tdp.agreement('notes', by => 'to_char(at, ''YYYY-MM'')') WHERE field = 'tags';
SELECT DISTINCT slice FROM tdp.agreement('notes', by => '(SELECT max(n.id) FROM notes n)');
SELECT * FROM tdp.agreement('notes', by => 'random()');
SELECT * FROM tdp.agreement('notes', by => 'count(*)');
SELECT * FROM tdp.agreement('notes', by => 'region, id');
SELECT * FROM tdp.agreement('notes', by => 'region FROM notes; DROP TABLE notes; --');
SELECT * FROM tdp.agreement('notes', by => 'nowhere || 1');
SELECT * FROM tdp.agreement('notes', by => '1 / (id - 1)');

-- Others see slices by what they may see, by functions that read nothing.
CREATE ROLE tdp_agreement_viewer;
CREATE ROLE tdp_agreement_annotator;
SELECT tdp.add_member('notes', 'vic', 'viewer', 'tdp_agreement_viewer');
SELECT tdp.add_member('notes', 'amy', 'annotator', 'tdp_agreement_annotator');
SET ROLE tdp_agreement_viewer;
SELECT DISTINCT slice FROM tdp.agreement('notes', by => 'upper(region)') ORDER BY slice;
SELECT * FROM tdp.agreement('notes', by => 'upper(secret)');
SELECT * FROM tdp.agreement('notes', by => '(SELECT secret FROM notes n LIMIT 1)');
SELECT * FROM tdp.agreement('notes', by => 'table_to_xml(''notes'', true, true, '''')::text');
SELECT * FROM tdp.agreement('notes', by => 'secret');
SET ROLE tdp_agreement_annotator;
SELECT * FROM tdp.agreement('notes');
RESET ROLE;

-- Without its source a project still has answers, but no slices; characters
-- count up to where the last span ends, 15 and 4: 1 - 37 * 10 / (38^2 - 14^2 - 13^2 - 11^2).
ALTER TABLE notes RENAME TO notes_old;
SELECT measure, round(value::numeric, 6) AS value
FROM tdp.agreement('notes') WHERE field = 'names';
SELECT * FROM tdp.agreement('notes', by => 'region');
ALTER TABLE notes_old RENAME TO notes;

SELECT tdp.drop_project('clips'), tdp.drop_project('lone'), tdp.drop_project('targets'), tdp.drop_project('notes');
DROP TABLE clips, lone, notes, target;
DROP ROLE tdp_agreement_viewer, tdp_agreement_annotator;
