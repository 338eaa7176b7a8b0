-- What a project's answers are resolved to, by the kind of a field.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
RESET client_min_messages;

CREATE TABLE reviews (id int PRIMARY KEY, body text);
INSERT INTO reviews SELECT i, 'review ' || i FROM generate_series(1, 40) i;
SELECT tdp.create_project('reviews', 'reviews', '{
    "topics": {"choices": ["price", "service", "food"], "optional": true},
    "minutes": {"number": {"min": 0, "max": 60, "integer": true}, "optional": true},
    "price": {"number": {"min": 0.5}, "optional": true},
    "stars": {"rating": 5, "optional": true},
    "heard": {"text": {"max_length": 40}, "optional": true}}', overlap => 5);
SELECT count(tdp.add_member('reviews', name)) FROM unnest('{ann,bob,cid,dot,eve}'::text[]) AS name;

-- A review is about the price (even numbers), the service (every third), the
-- food (every fifth).  Dot says food to everything, eve never sees the price.
CREATE TEMP TABLE said AS
SELECT i, annotator, (SELECT coalesce(jsonb_agg(topic ORDER BY topic), '[]') FROM (VALUES ('price', i % 2 = 0), ('service', i % 3 = 0), ('food', i % 5 = 0)) AS t (topic, about)
	WHERE CASE WHEN annotator = 'dot' AND topic = 'food' THEN true WHEN annotator = 'eve' AND topic = 'price' THEN false
		WHEN (i * 7 + length(topic) * 3 + ascii(annotator)) % 13 = 0 THEN NOT about ELSE about END) AS topics,
	i % 30 + CASE annotator WHEN 'eve' THEN i % 7 * 4 - 12 WHEN 'dot' THEN 1 ELSE 0 END AS minutes,
	1 + i % 5 AS stars
FROM generate_series(1, 40) i, unnest('{ann,bob,cid,dot,eve}'::text[]) AS annotator;
SELECT count(tdp.annotate('reviews', i::text, jsonb_build_object('topics', topics, 'minutes', greatest(minutes, 0), 'price', i + 0.25, 'stars', stars, 'heard', 'number ' || i || CASE annotator WHEN 'bob' THEN ' please' WHEN 'cid' THEN ' plaese' WHEN 'eve' THEN ' one two three four five six' ELSE ' please please' END), annotator)) FROM said;
SELECT tdp.resolve('reviews');

-- Each topic is a question of its own: whom to believe differs.
SELECT count(*) FILTER (WHERE value ? 'price' = (item::int % 2 = 0)) AS price, count(*) FILTER (WHERE value ? 'service' = (item::int % 3 = 0)) AS service,
	count(*) FILTER (WHERE value ? 'food' = (item::int % 5 = 0)) AS food, count(*) FILTER (WHERE confidence BETWEEN 0.4 AND 1) AS sure
FROM tdp.labels WHERE project = 'reviews' AND field = 'topics';
SELECT item, label, value, answers, source, method FROM tdp.labels WHERE project = 'reviews' AND field = 'topics' AND item::int IN (1, 2, 15, 30) ORDER BY item::int;
-- The confidence is the probability of just these labels.
SELECT bool_and(abs(l.confidence - (SELECT exp(sum(ln(greatest(p, 1 - p)))) FROM jsonb_each_text(l.probabilities) e (k, v), LATERAL (SELECT v::float8 AS p) x)) < 1e-9) AS product
FROM tdp.labels l WHERE project = 'reviews' AND field = 'topics';

-- Whole numbers stay whole and within the bounds.
SELECT item, label, value, confidence, method FROM tdp.labels WHERE project = 'reviews' AND field IN ('minutes', 'price') AND item::int IN (1, 12, 29) ORDER BY field, item::int;
SELECT field, count(*), count(DISTINCT method) AS methods FROM tdp.labels WHERE project = 'reviews' GROUP BY field ORDER BY field;

-- A text is one that somebody wrote.
SELECT item, label, round(confidence::numeric, 3) AS confidence, method FROM tdp.labels WHERE project = 'reviews' AND field = 'heard' AND item IN ('1', '2') ORDER BY item;

-- What is written fits the schema.
SELECT count(*) FILTER (WHERE tdp.conforms(jsonb_build_object(field, value), label_schema)) AS conforming, count(*) FROM tdp.labels JOIN tdp.projects USING (project) WHERE project = 'reviews';

-- Other methods by name, also of a rating.
SELECT tdp.resolve('reviews', '{"topics": "majority", "minutes": "median", "price": "pm", "stars": "ordinal", "heard": "rover"}', "full" => true);
SELECT field, method, why, items, annotators, annotations FROM tdp.resolutions WHERE project = 'reviews' ORDER BY resolved_at DESC, field LIMIT 5;
SELECT count(*) FILTER (WHERE tdp.conforms(jsonb_build_object(field, value), label_schema)) AS conforming, count(*) FROM tdp.labels JOIN tdp.projects USING (project) WHERE project = 'reviews';
\set VERBOSITY terse
SELECT tdp.resolve('reviews', '{"topics": "median"}');
SELECT tdp.resolve('reviews', '{"minutes": "middle"}');

SET client_min_messages = warning;
SELECT tdp.drop_project('reviews');
DROP TABLE reviews CASCADE;
