--
-- Label schemas: what is asked about an item, and whether an answer fits
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
RESET client_min_messages;

-- ---- the type ---------------------------------------------------------------

-- One object: field name, then its kind with labels, then options.  The order
-- is kept; what is the default is left out when it is printed.
CREATE TEMP TABLE example AS
SELECT '{"sentiment": {"choice": ["negative","neutral","positive"], "target_confidence": 0.950},
  "topics":    {"choices": ["price","service","food"], "optional": true},
  "stars":     {"rating": 5, "optional": false},
  "minutes":   {"number": {"min": 0, "max": 6e2, "integer": true}},
  "why":       {"text": {"max_length": 500}, "optional": true, "when": {"sentiment": "negative"}},
  "seen_on":   {"date": true, "title": "When was it?", "help": "Leave it out if unsure.", "optional": true},
  "order":     {"ranking": ["a","b","c"], "optional": true},
  "entities":  {"spans": ["PER","ORG","LOC"], "of": "body", "each": {"sure": {"boolean": true}}},
  "links":     {"relations": ["works_for"], "between": "entities"},
  "objects":   {"boxes": [{"name":"car","id":3,"color":"#ff0000","hotkey":"c"}, "person", {"name":"van","parent":"car"}], "of": "url", "size": ["width","height"]},
  "outlines":  {"polygons": ["lake"], "optional": true},
  "ways":      {"polylines": ["road"], "optional": true},
  "poses":     {"keypoints": ["person"], "points": ["nose","neck"], "skeleton": [["nose","neck"]], "optional": true},
  "areas":     {"masks": ["sky"], "optional": true},
  "speech":    {"segments": ["speaker"], "optional": true},
  "better":    {"preference": ["response_a","response_b"], "ties": true, "shuffle": true}}'::tdp.label_schema AS schema;

SELECT replace(schema::text, '}, "', E'},\n "') AS canonical FROM example;

-- Its own text reads as the same.
SELECT schema::text::tdp.label_schema = schema AS same,
    schema::text::tdp.label_schema::text = schema::text AS identical FROM example;

-- jsonb does not keep the order of keys, so there the form is an array.
SELECT jsonb_pretty('{"b": {"choice": ["y", "x"]}, "a": {"spans": ["P"], "each": {"r": {"rating": 3}, "q": {"boolean": true}}}}'
    ::tdp.label_schema::jsonb);
SELECT '[{"name": "b", "choice": ["y", "x"]}, {"name": "a", "number": {}}]'::jsonb::tdp.label_schema;
SELECT schema::jsonb::tdp.label_schema = schema AS same FROM example;
-- An object of a single field is in no doubt.
SELECT '{"a": {"choice": ["y", "x"]}}'::jsonb::tdp.label_schema;
SELECT '{"b": {"choice": ["y", "x"]}, "a": {"boolean": true}}'::jsonb::tdp.label_schema;
SELECT '[{"name": "a", "spans": ["P"], "each": {"r": {"rating": 3}, "q": {"boolean": true}}}]'::jsonb::tdp.label_schema;

-- The cast is implicit: drivers send jsonb.
SELECT tdp.conforms('{"a": "x"}', '[{"name": "a", "choice": ["x"]}]'::jsonb);

-- json keeps the order, so there either form will do.
SELECT '{"b": {"choice": ["y", "x"]}, "a": {"number": {}}}'::json::tdp.label_schema;

-- Fields are added by ||.
SELECT '{"a": {"choice": ["x"]}}'::tdp.label_schema || '{"b": {"boolean": true, "when": {"c": [2]}}, "c": {"rating": 2}}';
SELECT '{"a": {"choice": ["x"]}}'::tdp.label_schema || '{"a": {"boolean": true}}';

-- Equality is that of the canonical form: spelling does not count, order does.
CREATE TEMP TABLE schemas (n int, schema tdp.label_schema);
INSERT INTO schemas VALUES
    (1, '{"a": {"choice": ["x", "y"]}, "b": {"rating": 5}}'),
    (2, '{"a": {"choice": [{"name": "x"}, {"name": "y", "id": 2}]}, "b": {"rating": {"min": 1, "max": 5}}}'),
    (3, '{"b": {"rating": 5}, "a": {"choice": ["x", "y"]}}'),
    (4, '{"a": {"choice": ["y", "x"]}, "b": {"rating": 5}}'),
    (5, NULL);
SELECT count(*), count(DISTINCT schema) FROM schemas;
SELECT array_agg(n ORDER BY n) AS alike FROM schemas GROUP BY schema ORDER BY schema;
SELECT a.n, b.n, a.schema = b.schema AS eq, a.schema <> b.schema AS ne, a.schema < b.schema AS lt,
    a.schema <= b.schema AS le, a.schema > b.schema AS gt, a.schema >= b.schema AS ge
FROM schemas a, schemas b WHERE a.n = 1 AND b.n <> 1 ORDER BY b.n;
-- In joins, indexes and hash partitions.
SET enable_mergejoin = off; SET enable_nestloop = off;
SELECT a.n, b.n FROM schemas a JOIN schemas b USING (schema) WHERE a.n < b.n;
RESET enable_mergejoin;
SET enable_hashjoin = off;
SELECT a.n, b.n FROM schemas a JOIN schemas b USING (schema) WHERE a.n < b.n;
RESET enable_hashjoin; RESET enable_nestloop;
CREATE UNIQUE INDEX ON schemas (schema) WHERE n <> 2;
CREATE INDEX ON schemas USING hash (schema);
CREATE TEMP TABLE parted (schema tdp.label_schema) PARTITION BY HASH (schema);
CREATE TEMP TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TEMP TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT schema FROM schemas;
SELECT count(*) FROM parted WHERE schema = '{"a": {"choice": ["x", "y"]}, "b": {"rating": 5}}';

-- Binary form: a version byte, then the text.
SELECT tdp.label_schema_send('{"a": {"date": true}}') =
    '\x01'::bytea || convert_to('{"a": {"date": true}}', 'UTF8') AS as_said;

-- ---- labels -----------------------------------------------------------------

-- A label's id is its position unless it says otherwise; where another label
-- has taken that number, the first one past the labels' count.
SELECT label, id FROM tdp.fields('{"a": {"boxes": [{"name": "car", "id": 3}, "person", "dog", {"name": "cat", "id": 5}]}}'),
    unnest(labels, label_ids) AS l(label, id);
SELECT '{"a": {"boxes": [{"name": "car", "id": 3}, "person", "dog", {"name": "cat", "id": 5}]}}'::tdp.label_schema;
-- A hundred thousand of them are no trouble.
SELECT octet_length(schema::text) AS bytes, schema::text::tdp.label_schema = schema AS same,
    tdp.conforms('{"a": "label 99999"}', schema) AS last, tdp.conforms('{"a": "label 100001"}', schema) AS beyond
FROM (SELECT ('{"a": {"choice": ' || json_agg('label ' || i) || '}}')::tdp.label_schema AS schema
    FROM generate_series(1, 100000) AS i) AS big;

-- ---- what is refused --------------------------------------------------------

CREATE FUNCTION pg_temp.refusal(schema text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    code text;
    problem text;
    detail text;
    hint text;
BEGIN
    PERFORM schema::tdp.label_schema;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, problem = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n      ', code || ' ' || problem, nullif(detail, ''), nullif(hint, ''));
END
$$;

\pset format unaligned
\pset tuples_only on

-- What is no JSON, or JSON that PostgreSQL's own reader would mend in silence.
SELECT pg_temp.refusal(schema) FROM (VALUES
    (1, ''),
    (2, '{"a": {"choice": ["x"]}'),
    (3, '{"a": {"choice": ["x"]}} and more'),
    (4, '{"a": {"choice": ["x",]}}'),
    (5, '{"a": {"date": true}, "a": {"date": true}}'),
    (6, '{"a": {"choice": ["x"], "choice": ["y"]}}'),
    (7, '{"a": {"choice": ["\u0000"]}}'),
    (8, '{"a": {"choice": ["\ud83d"]}}'),
    (9, '{''a'': {"date": true}}'),
    (10, repeat('[', 100000)),
    (11, '{"a": {"rating": 05}}')) AS v(n, schema) ORDER BY n;

-- What is no schema.
SELECT pg_temp.refusal(schema) FROM (VALUES
    (1, 'null'),
    (2, '5'),
    (3, '[]'),
    (4, '{}'),
    (5, '{"": {"date": true}}'),
    (6, '{"a": ["x", "y"]}'),
    (7, '{"a": {}}'),
    (8, '{"a": {"choise": ["x", "y"]}}'),
    (9, '{"a": {"choice": ["x"], "choices": ["y"]}}'),
    (10, '{"a": {"choice": ["x"], "optinal": true}}'),
    (11, '{"a": {"choice": ["x"], "optional": "yes"}}'),
    (12, '{"a": {"choice": ["x"], "ties": true}}'),
    (13, '{"a": {"date": true, "each": {"b": {"date": true}}}}'),
    (14, '{"a": {"date": false}}'),
    (15, '{"a": {"date": true, "of": ""}}'),
    (16, '{"a": {"date": true, "title": ""}}'),
    (17, '{"a": {"date": true, "target_confidence": 1.5}}'),
    (18, '{"a": {"date": true, "target_confidence": 0}}'),
    (19, '[{"name": "a", "date": true}, {"date": true}]'),
    (20, '[{"name": "a", "date": true}, {"name": "a", "boolean": true}]'),
    (21, '["a"]'),
    (22, E'{"a\\tb": {"date": true}}')) AS v(n, schema) ORDER BY n;

-- Labels.
SELECT pg_temp.refusal(schema) FROM (VALUES
    (1, '{"a": {"choice": "x"}}'),
    (2, '{"a": {"choice": []}}'),
    (3, '{"a": {"choice": ["x", "y", "x"]}}'),
    (4, '{"a": {"choice": ["x", ""]}}'),
    (5, '{"a": {"choice": ["x", 5]}}'),
    (6, '{"a": {"choice": [{"title": "X"}]}}'),
    (7, '{"a": {"choice": [{"name": "x", "colour": "red"}]}}'),
    (8, '{"a": {"choice": [{"name": "x", "color": "red; x"}]}}'),
    (9, '{"a": {"choice": [{"name": "x", "id": 1.5}]}}'),
    (10, '{"a": {"choice": [{"name": "x", "id": 7}, {"name": "y", "id": 7}]}}'),
    (11, '{"a": {"choice": [{"name": "x", "id": 2147483648}]}}'),
    (12, '{"a": {"choice": [{"name": "x", "hotkey": "1"}, {"name": "y", "hotkey": "1"}]}}'),
    (13, '{"a": {"choice": [{"name": "x", "parent": "z"}]}}'),
    (14, '{"a": {"choice": [{"name": "x", "parent": "x"}]}}'),
    (15, '{"a": {"choice": [{"name": "x", "parent": "y"}, {"name": "y", "parent": "z"}, {"name": "z", "parent": "x"}]}}'),
    (16, '{"a": {"preference": ["x"]}}'),
    (17, '{"a": {"preference": ["x", "tie"], "ties": true}}'),
    (18, '{"a": {"ranking": ["x"]}}')) AS v(n, schema) ORDER BY n;

-- Numbers, texts and what the other kinds need.
SELECT pg_temp.refusal(schema) FROM (VALUES
    (1, '{"a": {"rating": 1}}'),
    (2, '{"a": {"rating": 2.5}}'),
    (3, '{"a": {"rating": true}}'),
    (4, '{"a": {"rating": {"min": 5}}}'),
    (5, '{"a": {"rating": {"min": 5, "max": 1}}}'),
    (6, '{"a": {"number": 5}}'),
    (7, '{"a": {"number": {"min": "0"}}}'),
    (8, '{"a": {"number": {"min": 1, "max": 0.5}}}'),
    (9, '{"a": {"number": {"max": 1e400}}}'),
    (10, '{"a": {"number": {"maximum": 5}}}'),
    (11, '{"a": {"text": {"max_length": 0}}}'),
    (12, '{"a": {"text": {"max_length": 1000001}}}'),
    (13, '{"a": {"text": {"pattern": "[a-"}}}'),
    (14, '{"a": {"spans": ["P"], "each": {"b": {"text": {"pattern": "("}}}}}'),
    (15, '{"a": {"spans": ["P"], "each": {"label": {"boolean": true}}}}'),
    (16, '{"a": {"spans": ["P"], "each": {"b": {"boxes": ["x"]}}}}'),
    (17, '{"a": {"spans": ["P"], "each": {"text": {"text": true}}}}'),
    (18, '{"a": {"boxes": ["P"], "each": {"text": {"text": true}}}}'),
    (19, '{"a": {"spans": ["P"], "each": {}}}'),
    (20, '{"a": {"spans": ["P"], "size": ["w", "h"]}}'),
    (21, '{"a": {"boxes": ["P"], "size": ["w"]}}'),
    (22, '{"a": {"keypoints": ["P"]}}'),
    (23, '{"a": {"keypoints": ["P"], "points": ["x", "x"]}}'),
    (24, '{"a": {"keypoints": ["P"], "points": ["x", "y"], "skeleton": [["x", "z"]]}}'),
    (25, '{"a": {"keypoints": ["P"], "points": ["x", "y"], "skeleton": [["x"]]}}')) AS v(n, schema) ORDER BY n;

-- What names other fields.
SELECT pg_temp.refusal(schema) FROM (VALUES
    (1, '{"r": {"relations": ["of"]}}'),
    (2, '{"r": {"relations": ["of"], "between": "s"}}'),
    (3, '{"r": {"relations": ["of"], "between": "enttities"}, "entities": {"spans": ["P"]}}'),
    (4, '{"r": {"relations": ["of"], "between": "c"}, "c": {"choice": ["x"]}}'),
    (5, '{"r": {"relations": ["of"], "between": "r"}}'),
    (6, '{"r": {"relations": ["of"], "between": ["s", "s"]}, "s": {"spans": ["P"]}}'),
    (7, '{"a": {"date": true, "when": true}}'),
    (8, '{"a": {"date": true, "when": {}}}'),
    (9, '{"a": {"date": true, "when": {"b": "x"}}}'),
    (10, '{"a": {"date": true, "when": {"a": "x"}}}'),
    (11, '{"a": {"date": true, "when": {"t": "x"}}, "t": {"text": true}}'),
    (12, '{"a": {"date": true, "when": {"c": "good"}}, "c": {"choice": ["goood", "bad"]}}'),
    (13, '{"a": {"date": true, "when": {"c": []}}, "c": {"choice": ["good", "bad"]}}'),
    (14, '{"a": {"date": true, "when": {"c": ["bad", "bad"]}}, "c": {"choice": ["good", "bad"]}}'),
    (15, '{"a": {"date": true, "when": {"c": "true"}}, "c": {"boolean": true}}'),
    (16, '{"a": {"date": true, "when": {"c": 6}}, "c": {"rating": 5}}'),
    (17, '{"a": {"boolean": true, "when": {"b": true}}, "b": {"boolean": true, "when": {"c": true}}, "c": {"boolean": true, "when": {"a": true}}}')) AS v(n, schema) ORDER BY n;

-- What is too large.  Limits: 250 fields, their names 46 bytes (so that
-- label_<field>_confidence is a column's name), 100,000 labels of 1,000 bytes,
-- 16 MB in all.
SELECT pg_temp.refusal(schema) FROM (VALUES
    (1, '{"' || repeat('n', 46) || '": {"date": true}}'),
    (2, '{"' || repeat('n', 47) || '": {"date": true}}'),
    (3, '{"a": {"choice": ["' || repeat('é', 500) || '"]}}'),
    (4, '{"a": {"choice": ["' || repeat('n', 1000000) || '"]}}'),
    (5, '{' || (SELECT string_agg('"f' || i || '": {"date": true}', ', ') FROM generate_series(1, 250) AS i) || '}'),
    (6, '{' || (SELECT string_agg('"f' || i || '": {"date": true}', ', ') FROM generate_series(1, 251) AS i) || '}'),
    (7, (SELECT '{"a": {"choice": ' || json_agg('label ' || i) || '}}' FROM generate_series(1, 100001) AS i)),
    (8, (SELECT '{"a": {"choice": ' || json_agg('label ' || least(i, 99999)) || '}}' FROM generate_series(1, 100000) AS i)),
    (9, '{"a": {"choice": ["x"' || repeat(' ', 16 * 1024 * 1024) || ']}}'),
    (10, '{"a": {"date": true, "of": "' || repeat('n', 64) || '"}}'),
    (11, '{"a": {"text": {"pattern": "' || repeat('n', 1001) || '"}}}')) AS v(n, schema) ORDER BY n;

\pset tuples_only off
\pset format aligned

-- ---- answers ----------------------------------------------------------------

-- An answer is an object keyed by field.
CREATE TEMP TABLE answer AS SELECT
'{"sentiment": "negative", "topics": ["food", "price"], "stars": 2, "minutes": 35,
  "why": "cold soup", "seen_on": "2026-01-31", "order": ["b", "c", "a"],
  "entities": [{"id": "e1", "start": 0, "end": 5, "label": "PER", "text": "Maria", "sure": true},
               {"id": "e2", "start": 15, "end": 19, "label": "ORG", "text": "Acme", "sure": false}],
  "links": [{"from": "e1", "to": "e2", "label": "works_for"}],
  "objects": [{"id": "b1", "x": 0, "y": 0, "width": 100, "height": 50, "label": "car"},
              {"x": 10.5, "y": 20, "width": 30, "height": 40, "rotation": 45, "label": "person"}],
  "outlines": [{"rings": [[0,0, 10,0, 10,10], [2,1, 8,1, 8,7]], "label": "lake"}],
  "ways": [{"points": [0,0, 10,10, 20,0], "label": "road"}],
  "poses": [{"points": {"nose": [5, 5, 2], "neck": [0, 0, 0]}, "label": "person"}],
  "areas": [{"size": [2, 5], "counts": "1232", "label": "sky"}],
  "speech": [{"start": 1.5, "end": 2.25, "label": "speaker"}],
  "better": "tie"}'::jsonb AS value,
'{"body": "Maria works at Acme.", "url": "x.png", "width": 100, "height": 50}'::jsonb AS data;
SELECT tdp.conforms(value, schema) FROM answer, example;
SELECT * FROM answer, example, tdp.violations(value, schema, data) AS v;
SELECT tdp.conforms(NULL, schema), tdp.conforms(value, NULL) FROM answer, example;
SELECT v.* FROM answer, example, tdp.violations(NULL, schema) AS v;

-- conforms depends on nothing but its arguments: fit for any table.
CREATE TEMP TABLE review (answer jsonb CHECK (tdp.conforms(answer, '{"good": {"boolean": true}}')));
INSERT INTO review VALUES ('{"good": true}'), (NULL);
INSERT INTO review VALUES ('{"good": "yes"}');

-- What does not fit, in words for the one who answered.
\pset format unaligned
\pset fieldsep ' | '
\pset footer off
\pset tuples_only on

SELECT n, v.* FROM (VALUES (1, 'null'), (2, '5'), (3, '"x"'), (4, '[]'), (5, '{}')) AS a(n, value),
    tdp.violations(value::jsonb, '{"mood": {"choice": ["good", "bad"]}}') AS v ORDER BY n;

CREATE FUNCTION pg_temp.judge(schema tdp.label_schema, VARIADIC answers text[])
RETURNS TABLE (answer text, path text, problem text, hint text) LANGUAGE sql AS $$
    SELECT a.answer, v.path, coalesce(v.problem, 'fits'), v.hint
    FROM unnest(answers) WITH ORDINALITY AS a(answer, n)
        LEFT JOIN LATERAL tdp.violations(a.answer::jsonb, schema) WITH ORDINALITY AS v ON true
    ORDER BY n, v.ordinality
$$;

-- choice, choices
SELECT * FROM pg_temp.judge('{"mood": {"choice": ["good", "bad"]}}',
    '{"mood": "good"}', '{"mood": "Good"}', '{"mood": "goood"}', '{"mood": "sad"}', '{"mood": ["good"]}', '{"mood": 1}',
    '{"mood": null}', '{"moood": "good"}', '{"mood": "good", "other": 1}');
SELECT * FROM pg_temp.judge('{"tags": {"choices": ["a", "b", "c", "d", "e", "f", "g"]}}',
    '{"tags": []}', '{"tags": ["b", "a"]}', '{"tags": "a"}', '{"tags": {}}', '{"tags": ["a", "b", "a"]}', '{"tags": ["a", "x", 5]}', '{"tags": [["a"]]}');
-- boolean, date
SELECT * FROM pg_temp.judge('{"b": {"boolean": true}, "d": {"date": true}}',
    '{"b": false, "d": "2024-02-29"}', '{"b": "true", "d": 20240229}', '{"b": 1, "d": "2023-02-29"}', '{"b": null, "d": "29.2.2024"}');
-- rating, number
SELECT * FROM pg_temp.judge('{"r": {"rating": 5}}',
    '{"r": 1}', '{"r": 5.0}', '{"r": 0}', '{"r": 6}', '{"r": 2.5}', '{"r": "3"}', '{"r": 1e1000}');
SELECT * FROM pg_temp.judge('{"n": {"number": {"min": -0.1, "max": 600.5}}}',
    '{"n": 600.5}', '{"n": 600.50000000000000000001}', '{"n": -0.1}', '{"n": -0.10000000000000000000000001}', '{"n": "5"}', '{"n": true}');
SELECT * FROM pg_temp.judge('{"n": {"number": {"integer": true}}}',
    '{"n": 9223372036854775807}', '{"n": 9223372036854775808}', '{"n": 3.0}', '{"n": 3.5}', '{"n": 1e300}');
SELECT path, problem FROM tdp.violations(('{"n": 1' || repeat('0', 400) || '}')::jsonb, '{"n": {"number": true}}');
-- text: characters are counted, not bytes; a pattern matches anywhere, as with ~
SELECT * FROM pg_temp.judge('{"t": {"text": {"max_length": 3, "pattern": "^\\w+$"}}}',
    '{"t": "abc"}', '{"t": "ab1"}', '{"t": "abcd"}', '{"t": "a b"}', '{"t": ""}', '{"t": 5}');
SELECT * FROM pg_temp.judge('{"t": {"text": {"max_length": 3}}}', '{"t": "äöü"}', '{"t": "😀😀😀"}', '{"t": "😀😀😀😀"}');
-- preference, ranking
SELECT * FROM pg_temp.judge('{"p": {"preference": ["left", "right"]}}', '{"p": "left"}', '{"p": "tie"}', '{"p": 1}');
SELECT * FROM pg_temp.judge('{"p": {"preference": ["left", "right"], "ties": true}}', '{"p": "tie"}', '{"p": "both"}');
SELECT * FROM pg_temp.judge('{"r": {"ranking": ["a", "b", "c"]}}',
    '{"r": ["c", "a", "b"]}', '{"r": ["c", "a"]}', '{"r": ["c", "a", "b", "a"]}', '{"r": ["c", "a", "x"]}', '{"r": "a"}');
-- optional, when
SELECT * FROM pg_temp.judge('{"spam": {"boolean": true}, "kind": {"choices": ["ad", "scam", "other"], "when": {"spam": true}},
    "why": {"text": true, "when": {"kind": ["scam", "other"]}}, "note": {"text": true, "optional": true, "when": {"spam": false}}}',
    '{"spam": false}', '{"spam": false, "note": "-"}', '{"spam": true}', '{"spam": true, "kind": ["ad"]}', '{"spam": true, "kind": ["ad", "scam"]}',
    '{"spam": true, "kind": ["ad", "scam"], "why": "-"}', '{"spam": true, "kind": ["ad"], "why": "-"}', '{"spam": false, "kind": ["ad"]}', '{}');
-- spans: Unicode characters, half-open; text must match
SELECT * FROM pg_temp.judge('{"s": {"spans": ["PER", "ORG"]}}',
    '{"s": []}', '{"s": {"start": 0, "end": 5, "label": "PER"}}', '{"s": [5]}', '{"s": [{}]}',
    '{"s": [{"start": 5, "end": 5, "label": "PER"}]}', '{"s": [{"start": -1, "end": "5", "label": "per"}]}',
    '{"s": [{"start": 0, "end": 5, "label": "PER", "text": "Mari"}]}', '{"s": [{"start": 0, "end": 5, "label": "PER", "txt": "Maria"}]}',
    '{"s": [{"start": 0, "end": 5, "label": "PER", "score": 0.5}]}', '{"s": [{"start": 0, "end": 5, "label": "PER", "id": 7}]}',
    '{"s": [{"start": 0, "end": 5, "label": "PER", "id": "x"}, {"start": 0, "end": 5, "label": "PER", "id": "x"}]}');
SELECT v.* FROM tdp.violations('{"s": [{"start": 2, "end": 7, "label": "PER", "text": "Maria"}, {"start": 3, "end": 8, "label": "PER", "text": "Maria"},
    {"start": 8, "end": 16, "label": "PER"}]}',
    '{"s": {"spans": ["PER"], "of": "body"}}', '{"body": "😀 Maria sings"}') AS v;
-- each object's own fields, here one that only persons have
SELECT * FROM pg_temp.judge('{"s": {"spans": ["PER", "ORG"], "each": {"sure": {"boolean": true}, "role": {"choice": ["boss"], "when": {"label": "PER"}}}}}',
    '{"s": [{"start": 0, "end": 1, "label": "PER", "sure": true, "role": "boss"}, {"start": 0, "end": 1, "label": "ORG", "sure": false}]}',
    '{"s": [{"start": 0, "end": 1, "label": "PER", "sure": 1}, {"start": 0, "end": 1, "label": "ORG", "sure": false, "role": "boss"}]}',
    '{"s": [{"start": 0, "end": 1, "label": "ORG", "sur": true}]}');
-- relations
SELECT * FROM pg_temp.judge('{"s": {"spans": ["PER"]}, "t": {"segments": ["x"], "optional": true}, "r": {"relations": ["knows"], "between": "s"}}',
    '{"s": [{"id": "1", "start": 0, "end": 1, "label": "PER"}, {"id": "2", "start": 2, "end": 3, "label": "PER"}], "r": [{"from": "1", "to": "2", "label": "knows"}]}',
    '{"s": [{"id": "1", "start": 0, "end": 1, "label": "PER"}], "r": [{"from": "1", "to": "2", "label": "knows"}]}',
    '{"s": [], "t": [{"id": "1", "start": 0, "end": 1, "label": "x"}], "r": [{"from": "1", "to": 2, "label": "likes"}]}');
-- boxes, polygons, polylines, keypoints, masks, segments
SELECT * FROM pg_temp.judge('{"b": {"boxes": ["car"]}}',
    '{"b": [{"x": -5, "y": 0.5, "width": 10, "height": 10, "rotation": -30, "label": "car"}]}',
    '{"b": [{"x": 0, "y": 0, "width": 0, "height": -1, "label": "car"}]}', '{"b": [{"x": "0", "y": null, "width": 1e400, "label": "bus"}]}');
SELECT v.* FROM tdp.violations('{"b": [{"x": 90, "y": 0, "width": 20, "height": 10, "label": "car"}, {"x": 90, "y": 0, "width": 20, "height": 10, "rotation": 90, "label": "car"},
    {"x": 90.5, "y": 40, "width": 10, "height": 10, "label": "car"}]}', '{"b": {"boxes": ["car"], "size": ["w", "h"]}}', '{"w": 100, "h": 50}') AS v;
SELECT * FROM pg_temp.judge('{"p": {"polygons": ["lake"]}}',
    '{"p": [{"rings": [[0, 0, 10, 0, 10, 10]], "label": "lake"}]}', '{"p": [{"rings": [], "label": "lake"}]}', '{"p": [{"rings": [[0, 0, 10, 0]], "label": "lake"}]}',
    '{"p": [{"rings": [[0, 0, 10, 0, 10]], "label": "lake"}]}', '{"p": [{"rings": [[0, 0, 10, 0, 10, 10, 0, 0]], "label": "lake"}]}',
    '{"p": [{"rings": [[0, 0, 10, 0, 10, "x"]], "label": "lake"}]}', '{"p": [{"rings": [[[0, 0], [10, 0], [10, 10]]], "label": "lake"}]}');
SELECT * FROM pg_temp.judge('{"w": {"polylines": ["road"]}}',
    '{"w": [{"points": [0, 0, 5, 5], "label": "road"}]}', '{"w": [{"points": [0, 0], "label": "road"}]}', '{"w": [{"points": {"x": 0}, "label": "road"}]}');
SELECT * FROM pg_temp.judge('{"k": {"keypoints": ["person"], "points": ["nose", "neck"]}}',
    '{"k": [{"points": {"nose": [1, 2, 2]}, "label": "person"}]}', '{"k": [{"points": {"nos": [1, 2, 2], "neck": [1, 2]}, "label": "person"}]}',
    '{"k": [{"points": {"neck": [1, 2, 3]}, "label": "person"}]}', '{"k": [{"points": {}, "label": "person"}]}');
SELECT * FROM pg_temp.judge('{"m": {"masks": ["sky"]}}',
    '{"m": [{"size": [2, 5], "counts": "1232", "label": "sky"}]}', '{"m": [{"size": [2, 5], "counts": "123", "label": "sky"}]}',
    '{"m": [{"size": [5], "counts": [1, 2, 3], "label": "sky"}]}', '{"m": [{"size": [2, 5], "counts": "x!", "label": "sky"}]}');
SELECT * FROM pg_temp.judge('{"a": {"segments": ["speech"]}}',
    '{"a": [{"start": 0, "end": 0.5, "label": "speech"}]}', '{"a": [{"start": -1, "end": -2, "label": "speech"}]}');
-- What is too large: 8 MB in all, a text of a million characters, depth.
SELECT v.* FROM tdp.violations(jsonb_build_object('t', repeat('x', 10000000)), '{"t": {"text": true}}') AS v;
SELECT v.* FROM tdp.violations(jsonb_build_object('t', repeat('x', 1000001)), '{"t": {"text": true}}') AS v;
SELECT v.* FROM tdp.violations((repeat('[', 1000) || repeat(']', 1000))::jsonb, '{"t": {"text": true}}') AS v;
SELECT v.* FROM tdp.violations(('{"t": ' || repeat('[', 1000) || repeat(']', 1000) || '}')::jsonb, '{"t": {"text": true}}') AS v;
-- Nobody is told more than a hundred things.
SELECT count(*) FROM tdp.violations((SELECT jsonb_build_object('t', jsonb_agg('no ' || i)) FROM generate_series(1, 1000) AS i), '{"t": {"choices": ["yes"]}}');
-- Names that would make a path ambiguous are quoted.
SELECT v.* FROM tdp.violations('{"a.b": 1, "c d": [5]}', '{"a.b": {"text": true}, "c d": {"choices": ["x"]}}') AS v;

\pset tuples_only off
\pset format aligned
\pset fieldsep '|'
\pset footer on

-- ---- what a schema says -----------------------------------------------------

SELECT field, kind, labels, optional, number, target_confidence, "of", sql_type FROM example, tdp.fields(schema);
SELECT field, title, help, label_ids, definition FROM example, tdp.fields(schema) WHERE number IN (6, 10);
SELECT * FROM tdp.fields(NULL);

-- ---- what changes -----------------------------------------------------------

SELECT * FROM tdp.schema_diff(
    '{"mood": {"choice": ["good", "bad"]}, "stars": {"rating": 5}, "note": {"text": {"max_length": 100}}, "old": {"date": true},
      "s": {"spans": ["P", "Q"], "of": "title", "each": {"sure": {"boolean": true}}}}',
    '{"stars": {"rating": 10, "title": "How many?"}, "mood": {"choice": ["good", "fine", {"name": "awful", "color": "red"}], "optional": true},
      "note": {"text": {"max_length": 50, "pattern": "."}, "when": {"mood": "awful"}}, "new": {"boolean": true, "optional": true},
      "s": {"spans": ["P", {"name": "Q", "parent": "P"}], "of": "body", "each": {"sure": {"rating": 3}, "role": {"text": true, "optional": true}}}}');
SELECT count(*) FROM example, tdp.schema_diff(schema, schema);
SELECT * FROM tdp.schema_diff('{"a": {"choice": ["x", "y"]}}', '{"a": {"choice": ["y", "x"]}}');
SELECT * FROM tdp.schema_diff(NULL, '{"a": {"choice": ["y", "x"]}}');

-- A project carries the ids of labels on from version to version: one that is
-- inserted or comes anew gets a number that no label ever had.
CREATE TABLE photo (id int PRIMARY KEY);
SELECT tdp.create_project('photos', 'photo', '{"animal": {"choice": ["cat", "dog", "cow"]}}');
SELECT tdp.alter_project('photos', '{"label_schema": [{"name": "animal", "choice": ["ant", "dog", "cat"]}]}');
SELECT tdp.alter_project('photos', '{"label_schema": [{"name": "animal", "choice": ["dog", "bee", "cow"]}]}');
SELECT label_schema FROM tdp.projects WHERE project = 'photos';
SELECT tdp.alter_project('photos', '{"label_schema": [{"name": "animal", "choice": [{"name": "elk", "id": 3}]}]}');
-- The same again is no new version.
SELECT tdp.alter_project('photos', '{"label_schema": [{"name": "animal", "choice": ["dog", "bee", "cow"]}]}');
SELECT max(version) FROM tdp.schema_version;
SELECT tdp.drop_project('photos');
DROP TABLE photo;

-- ---- other encodings --------------------------------------------------------

-- Offsets and lengths are characters whatever the database's encoding is, and
-- what it cannot hold is refused.
CREATE DATABASE tdp_latin1 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
SELECT current_database() AS home \gset
\c tdp_latin1
SET client_encoding = 'UTF8';
CREATE EXTENSION tdp;
SELECT '{"é": {"choice": ["\u00fc", "ö"]}}'::tdp.label_schema;
SELECT '{"é": {"choice": ["\u20ac", "ö"]}}'::tdp.label_schema;
SELECT tdp.label_schema_send('{"é": {"date": true}}') = '\x01'::bytea || convert_to('{"é": {"date": true}}', 'UTF8') AS as_the_client_reads;
SELECT tdp.conforms('{"é": "ü"}', '{"é": {"choice": ["\u00fc", "ö"]}}'), tdp.conforms('{"é": "u"}', '{"é": {"choice": ["\u00fc", "ö"]}}');
SELECT * FROM tdp.violations('{"é": "öü", "s": [{"start": 1, "end": 3, "label": "ä", "text": "öö"}]}',
    '{"é": {"text": {"max_length": 1}}, "s": {"spans": ["ä"], "of": "tëxt"}}', '{"tëxt": "üöü"}');
SELECT field, labels, definition FROM tdp.fields('{"é": {"choice": ["\u00fc", "ö"]}}');
SELECT tdp.conforms('{"é": "ü2"}', '{"é": {"text": {"pattern": "^ü[0-9]$"}}}');
\c :home
DROP DATABASE tdp_latin1;
