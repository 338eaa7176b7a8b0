-- Consensus: from what annotators said to what is true.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
RESET client_min_messages;

-- ---- votes -------------------------------------------------------------------

-- Five annotators, five items; nobody asked the third about the first.
CREATE TEMP TABLE toy AS
SELECT 't' || item AS item, 'w' || annotator AS annotator,
	CASE answer WHEN 'y' THEN 'yes' ELSE 'no' END AS label
FROM unnest('{ny.yn,yyynn,ynnyn,yyyyy,ynnnn}'::text[]) WITH ORDINALITY line(answers, item),
	regexp_split_to_table(answers, '') WITH ORDINALITY cell(answer, annotator)
WHERE answer <> '.';

-- The first item is a tie: yes is the more frequent label among all items.
SELECT item, label, round(confidence::numeric, 4) AS confidence, annotations, votes, tie
FROM tdp.consensus('toy', 'majority');
SELECT item, label, round(probability::numeric, 4) AS probability
FROM tdp.posterior('toy', 'majority');

-- How much of what each annotator said the others bear out.
SELECT annotator, round(accuracy::numeric, 4) AS accuracy, round(lower::numeric, 4) AS lower,
	round(upper::numeric, 4) AS upper, weight, annotations
FROM tdp.annotator_quality('toy', 'majority');

-- ---- Dawid and Skene -----------------------------------------------------------

-- One step of the plain EM algorithm.  By another implementation's tests: the
-- probabilities of no are .35 .26 .87 .00 .95.
SELECT item, round(probability::numeric, 2) AS "no"
FROM tdp.posterior('SELECT * FROM toy', 'dawid_skene', settings => '{"smoothing": 0, "max_iter": 1}')
WHERE label = 'no';

-- The confusions it rests on: .22 .19, .61 .22, .78 .27, .52 .30, 1.00 .63.
SELECT annotator, string_agg(round(probability::numeric, 2)::text, ' ' ORDER BY true_label) AS says_no_to_no_and_yes
FROM tdp.confusion('toy', 'ds', settings => '{"smoothing": 0, "max_iter": 1}')
WHERE label = 'no' GROUP BY annotator ORDER BY annotator;

-- Until it settles, with the default smoothing: the first item is no tie any
-- more, as the second annotator is a better one than the first and the last.
SELECT item, label, round(confidence::numeric, 3) AS confidence, annotations, votes, tie
FROM tdp.consensus('toy', 'dawid_skene');
SELECT annotator, round(accuracy::numeric, 3) AS accuracy, round(weight::numeric, 3) AS weight
FROM tdp.annotator_quality('toy', 'dawid_skene') ORDER BY accuracy DESC;

-- The weight is the log-odds of being right, all true labels alike.
SELECT max(abs(q.weight - ln(c.right / (1 - c.right)))) < 1e-9 AS as_confused
FROM tdp.annotator_quality('toy', 'dawid_skene') q
JOIN (SELECT annotator, avg(probability) AS "right" FROM tdp.confusion('toy', 'dawid_skene')
	WHERE label = true_label GROUP BY annotator) c USING (annotator);

-- The paper's own data: 45 patients, graded 1 to 4 by five anaesthetists, the
-- first of whom did so three times.
CREATE TEMP TABLE anaesthetist AS
SELECT patient, observer, grade::int
FROM unnest('{111 1 1 1 1,333 4 3 3 4,112 2 1 2 2,222 3 1 2 1,222 3 2 2 2,222 3 3 2 2,122 2 1 1 1,333 3 4 3 3,222 2 2 2 3,232 2 2 2 3,444 4 4 4 4,222 3 3 4 3,111 1 1 1 1,222 3 2 1 2,121 1 1 1 1,111 2 1 1 1,111 1 1 1 1,111 1 1 1 1,222 2 2 2 1,222 1 3 2 2,222 2 2 2 2,222 2 2 2 1,222 3 2 2 2,221 2 2 2 2,111 1 1 1 1,111 1 1 1 1,232 2 2 2 2,111 1 1 1 1,111 1 1 1 1,112 1 1 2 1,111 1 1 1 1,333 3 2 3 3,111 1 1 1 1,222 2 2 2 2,222 3 2 3 2,433 4 3 4 3,221 2 2 3 2,232 3 2 3 3,333 3 4 3 2,111 1 1 1 1,111 1 1 1 1,121 2 1 1 1,232 2 2 2 2,121 1 1 1 1,222 2 2 2 2}'::text[]) WITH ORDINALITY line(answers, patient),
	regexp_split_to_table(answers, ' ') WITH ORDINALITY cell(grades, observer),
	regexp_split_to_table(grades, '') AS grade;

-- Here each time counts: repeats by their number, as a weight, and times the
-- number of grades that the observer gave, as they would share one vote.
CREATE TEMP VIEW sessions AS
SELECT patient AS item, observer AS annotator, grade AS label,
	count(*) * count(*) OVER (PARTITION BY patient, observer) AS weight
FROM anaesthetist GROUP BY patient, observer, grade;

-- Published: .40 .42 .11 .07.
SELECT label, round(sum(probability)::numeric / 45, 2) AS share
FROM tdp.posterior('sessions', 'dawid_skene', settings => '{"smoothing": 0, "tolerance": 0}')
GROUP BY label ORDER BY label;

-- Published: observer 1 .89 .11 .00 .00, .07 .88 .05 .00, .00 .34 .66 .00,
-- .00 .00 .56 .44, and all the others as here.
SELECT annotator AS observer, true_label AS grade, string_agg(round(probability::numeric, 2)::text, ' ' ORDER BY label) AS given
FROM tdp.confusion('sessions', 'dawid_skene', settings => '{"smoothing": 0, "tolerance": 0}')
GROUP BY annotator, true_label ORDER BY annotator, true_label;

-- Published: only patients 7, 35 and 38 are not certain, to two digits.
SELECT item AS patient, label AS grade, round(confidence::numeric, 2) AS confidence
FROM tdp.consensus('sessions', 'dawid_skene', settings => '{"smoothing": 0, "tolerance": 0, "calibrate": false}')
WHERE confidence < 0.995;

-- ---- which method ----------------------------------------------------------------

-- auto: dawid_skene where it has something to learn from ...
CREATE TEMP TABLE shop AS
SELECT i AS item, a AS annotator, CASE WHEN (i * a * a) % (a + 5) < 3 THEN i % 2 ELSE (i / 2) % 2 END AS label
FROM generate_series(1, 60) i, generate_series(1, 4) a;
CREATE FUNCTION pg_temp.is_method(query text, method text, gold text DEFAULT NULL) RETURNS boolean
LANGUAGE sql AS $$
	SELECT NOT EXISTS ((SELECT * FROM tdp.posterior(query, 'auto', gold) EXCEPT SELECT * FROM tdp.posterior(query, method, gold))
		UNION ALL (SELECT * FROM tdp.posterior(query, method, gold) EXCEPT SELECT * FROM tdp.posterior(query, 'auto', gold)))
$$;
SELECT pg_temp.is_method('shop', 'dawid_skene') AS dawid_skene, pg_temp.is_method('shop', 'majority') AS majority;
-- ... else majority: two annotators, unless gold tells who errs; items that
-- nobody shares; one label; a label with hardly any answers.
SELECT pg_temp.is_method('SELECT * FROM shop WHERE annotator < 3', 'majority') AS two,
	pg_temp.is_method('SELECT * FROM shop WHERE annotator < 3', 'dawid_skene', 'SELECT item, item % 2 AS label FROM shop WHERE item < 9') AS two_and_gold,
	pg_temp.is_method('SELECT * FROM shop WHERE annotator % 4 = item % 4', 'majority') AS not_shared,
	pg_temp.is_method('SELECT item, annotator, 1 AS label FROM shop', 'majority') AS one_label,
	pg_temp.is_method('SELECT item, annotator, item / 2 AS label FROM shop', 'majority') AS rare_labels;
SELECT * FROM tdp.consensus('toy', 'mv') EXCEPT SELECT * FROM tdp.consensus('toy', 'majority');
SELECT * FROM tdp.consensus('toy', 'ds') EXCEPT SELECT * FROM tdp.consensus('toy', 'dawid_skene');
SELECT * FROM tdp.consensus('toy', NULL, NULL, NULL, NULL) EXCEPT SELECT * FROM tdp.consensus('toy');
SELECT * FROM tdp.consensus('toy', 'magic');

-- ---- what counts -----------------------------------------------------------------

-- Exact repeats of a row count once; two labels of one annotator for one item
-- count a half each.
CREATE TEMP TABLE repeated AS
SELECT * FROM (VALUES (1, 'ann', 'cat'), (1, 'ann', 'cat'), (1, 'bob', 'dog'), (1, 'bob', 'cat'), (1, 'cid', 'dog')) v(item, annotator, label);
SELECT item, label, round(probability::numeric, 4) AS probability
FROM tdp.posterior('repeated', 'majority');
SELECT * FROM tdp.consensus('repeated', 'majority');

-- Weights: any number type; the same answer with two weights has their mean.
CREATE TEMP TABLE weighted AS
SELECT * FROM (VALUES (1, 'ann', 'cat', 3.0), (1, 'bob', 'dog', 1), (1, 'cid', 'dog', 1),
	(2, 'ann', 'cat', 0), (2, 'bob', 'dog', 0.5), (3, 'ann', 'dog', 0), (3, 'bob', 'cat', 0),
	(4, 'ann', 'dog', 1), (4, 'ann', 'dog', 2), (4, 'ann', 'dog', 2), (4, 'bob', 'cat', 1)) v(item, annotator, label, weight);
SELECT item, label, confidence, annotations, votes, tie FROM tdp.consensus('weighted', 'majority');
SELECT item, label, probability FROM tdp.posterior('SELECT item, annotator, label, weight::int FROM weighted WHERE item = 2', 'majority');
-- In an annotator's accuracy too; the interval is for as many items as weigh
-- as much: of ann (3 + 1.5)^2 / (3^2 + 1.5^2) = 1.8.
SELECT annotator, round(accuracy::numeric, 4) AS accuracy, round(lower::numeric, 4) AS lower, round(upper::numeric, 4) AS upper, annotations
FROM tdp.annotator_quality('weighted', 'majority');
SELECT annotator, accuracy, lower, upper, weight, annotations
FROM tdp.annotator_quality('SELECT * FROM weighted WHERE weight = 0', 'majority');
-- Labels and items keep their type's order: 9 before 10, and an enum's own.
CREATE TYPE pg_temp.grade AS ENUM ('poor', 'fair', 'good');
SELECT item, label, tie
FROM tdp.consensus($$SELECT item, annotator, label::pg_temp.grade FROM (VALUES (10, 1, 'good'), (10, 2, 'poor'), (9, 1, 'fair'), (9, 2, 'good'), (9, 3, 'poor')) v(item, annotator, label)$$, 'majority');
SELECT item, label FROM tdp.consensus($$SELECT DATE '2026-01-31' AS item, 1 AS annotator, 1.50 AS label$$);

-- The order of the rows means nothing, to the last bit.
SELECT count(*) AS different FROM (
	SELECT * FROM tdp.posterior('SELECT * FROM shop ORDER BY item, annotator', 'ds')
	EXCEPT SELECT * FROM tdp.posterior('SELECT * FROM shop ORDER BY md5(item || label::text), annotator DESC', 'ds')) d;

-- Nor which of two equal values came first.
SELECT DISTINCT label FROM unnest('{asc,desc}'::text[]) direction,
	tdp.consensus('SELECT 1 AS item, label::text AS annotator, label FROM (VALUES (1.00), (1.0), (1), (2)) v(label) ORDER BY label::text ' || direction);

-- ---- known answers ---------------------------------------------------------------

-- Gold fixes its items, also with a label that nobody gave.
SELECT item, label, round(confidence::numeric, 4) AS confidence, annotations, votes, tie
FROM tdp.consensus('toy', 'majority', $$SELECT 't1' AS item, 'no' AS label UNION ALL SELECT 't4', 'maybe'$$);
-- It teaches who errs: ann and bob contradict each other everywhere, and three
-- known items tell which one to believe on the others.
CREATE TEMP TABLE rivals AS
SELECT i AS item, a AS annotator, CASE a WHEN 'ann' THEN i % 2 ELSE 1 - i % 2 END AS label
FROM generate_series(1, 8) i, unnest('{ann,bob}'::text[]) a;
SELECT item, label, tie FROM tdp.consensus('rivals', 'dawid_skene') WHERE item::int > 5;
SELECT item, label, tie FROM tdp.consensus('rivals', 'dawid_skene', 'SELECT item, item % 2 AS label FROM rivals WHERE item < 4') WHERE item::int > 5;
SELECT annotator, round(accuracy::numeric, 2) AS accuracy, round(weight::numeric, 2) AS weight
FROM tdp.annotator_quality('rivals', 'dawid_skene', 'SELECT item, item % 2 AS label FROM rivals WHERE item < 4');
-- Items without answers get no row, and their labels are no classes.
SELECT DISTINCT label FROM tdp.posterior('toy', 'ds', $$SELECT 't9' AS item, 'perhaps' AS label$$) ORDER BY label;
SELECT * FROM tdp.consensus('toy', 'ds', $$SELECT 't1' AS item, unnest('{yes,no}'::text[]) AS label$$);
SELECT * FROM tdp.consensus('toy', 'ds', $$SELECT 't1' AS item, NULL AS label$$);
SELECT * FROM tdp.consensus('toy', 'ds', $$SELECT item AS task, label FROM toy$$);
SELECT count(*) FROM tdp.consensus('SELECT * FROM toy WHERE item <> $1', 'ds', 'SELECT item, label FROM toy WHERE item = $2 AND annotator = $3', args => '{t1,t2,w1}');

-- ---- settings --------------------------------------------------------------------

-- Known shares instead of estimated ones: a rare label needs better evidence.
SELECT item, label, round(confidence::numeric, 3) AS confidence
FROM tdp.consensus('toy', 'ds', settings => '{"priors": {"yes": 1, "no": 9, "unheard of": 5}}');
SELECT item, label FROM tdp.consensus('toy', 'ds', settings => '{"priors": {"yes": 0, "no": 1}}') WHERE label <> 'no';
SELECT * FROM tdp.consensus('toy', 'ds', settings => '{"priors": {"yes": 1}}');
SELECT * FROM tdp.consensus('toy', 'ds', settings => '{"priors": {"yes": -1, "no": 1}}');
SELECT * FROM tdp.consensus('toy', 'ds', settings => '{"priors": {"yes": 0, "no": 0}}');
SELECT * FROM tdp.consensus('toy', 'ds', settings => '{"priors": [1, 2]}');
SELECT * FROM tdp.consensus('toy', 'ds', settings => '{"iterations": 5}');
SELECT * FROM tdp.consensus('toy', 'ds', settings => '{"max_iter": "many"}');
SELECT * FROM tdp.consensus('toy', 'ds', settings => '{"max_iter": 0}');
SELECT * FROM tdp.consensus('toy', 'ds', settings => '{"tolerance": -1}');
SELECT * FROM tdp.consensus('toy', 'ds', settings => '{"smoothing": -0.5}');
SELECT * FROM tdp.consensus('toy', 'ds', settings => '[]');

-- ---- what is wrong is named, with the way out --------------------------------------

SELECT * FROM tdp.consensus(NULL);
SELECT * FROM tdp.consensus('');
SELECT * FROM tdp.consensus('no_such_relation');
SELECT * FROM tdp.consensus('SELECT item AS task, annotator, label FROM toy');
SELECT * FROM tdp.consensus('SELECT item, annotator AS worker, label FROM toy');
SELECT * FROM tdp.consensus('SELECT item, annotator, label AS answer FROM toy');
SELECT * FROM tdp.consensus('SELECT item, annotator FROM toy');
SELECT * FROM tdp.consensus('SELECT NULL AS item, annotator, label FROM toy');
SELECT * FROM tdp.consensus('SELECT item, NULL AS annotator, label FROM toy');
SELECT * FROM tdp.consensus('SELECT item, annotator, NULL AS label FROM toy');
SELECT * FROM tdp.consensus('SELECT item, annotator, label, NULL::int AS weight FROM toy');
SELECT * FROM tdp.consensus('SELECT item, annotator, label, -1 AS weight FROM toy');
SELECT * FROM tdp.consensus('SELECT item, annotator, label, ''NaN''::float8 AS weight FROM toy');
SELECT * FROM tdp.consensus('SELECT item, annotator, label, ''Infinity''::real AS weight FROM toy');
SELECT * FROM tdp.consensus('SELECT item, annotator, label, ''heavy''::text AS weight FROM toy');
SELECT * FROM tdp.consensus('SELECT item, annotator, label::xml FROM toy');
SELECT * FROM tdp.consensus('TABLE toy; TABLE toy');
SELECT * FROM tdp.consensus('UPDATE toy SET label = label RETURNING *');
SELECT * FROM tdp.consensus('DELETE FROM toy');
SELECT * FROM tdp.consensus('SELECT * FROM toy WHERE item = $1');
SELECT count(*) FROM toy;

-- ---- limits ----------------------------------------------------------------------

-- Nothing to tell, nothing told; also from the other functions.
SELECT * FROM tdp.consensus('SELECT * FROM toy WHERE false');
SELECT * FROM tdp.posterior('SELECT * FROM toy WHERE false', 'ds');
SELECT * FROM tdp.annotator_quality('SELECT * FROM toy WHERE false', 'mv');
SELECT * FROM tdp.confusion('SELECT * FROM toy WHERE false', 'ds', 'SELECT item, label FROM toy WHERE annotator = ''w1''');

-- One answer; one label; one annotator.
SELECT * FROM tdp.consensus('SELECT 1 AS item, 1 AS annotator, 1 AS label', 'ds');
SELECT * FROM tdp.confusion('SELECT 1 AS item, 1 AS annotator, 1 AS label', 'ds');
SELECT * FROM tdp.annotator_quality('SELECT item, annotator, 1 AS label FROM shop WHERE annotator < 3', 'ds');
SELECT count(*) FILTER (WHERE votes = 1), min(confidence) > 0.5 AS sure, bool_or(tie) AS tied
FROM tdp.consensus('SELECT * FROM shop WHERE annotator = 1', 'ds');

-- A thousand answers for one item, and a thousand annotators of one answer.
SELECT * FROM tdp.consensus('SELECT 1 AS item, a AS annotator, a % 3 AS label FROM generate_series(1, 1000) a', 'mv');
SELECT label, confidence > 0.3 AS sound, annotations, votes FROM tdp.consensus('SELECT 1 AS item, a AS annotator, a % 3 AS label FROM generate_series(1, 1000) a', 'ds');

-- Forty thousand labels: majority does not mind; the confusions of each
-- annotator are more than there is memory for.
SELECT count(*), count(DISTINCT label), bool_or(tie) FROM tdp.consensus('SELECT i AS item, a AS annotator, i + a / 3 AS label FROM generate_series(1, 40000) i, generate_series(1, 3) a');
SELECT * FROM tdp.consensus('SELECT i AS item, a AS annotator, i + a / 3 AS label FROM generate_series(1, 40000) i, generate_series(1, 3) a', 'ds');
SET tdp.solver_memory = '1MB';
SELECT * FROM tdp.consensus('SELECT i AS item, a AS annotator, i % 3 AS label FROM generate_series(1, 100000) i, generate_series(1, 3) a', 'mv');
RESET tdp.solver_memory;

-- A cancel ends it within a second, in the middle of the fit.
SET statement_timeout = '700ms';
DO $$
DECLARE
	start timestamptz := clock_timestamp();
BEGIN
	PERFORM FROM tdp.consensus('SELECT i AS item, a AS annotator, abs(hashint4(i * 7 + a)) % 60 AS label FROM generate_series(1, 20000) i, generate_series(1, 5) a',
		'ds', settings => '{"tolerance": 0, "max_iter": 1000000}');
EXCEPTION WHEN query_canceled THEN
	RAISE NOTICE 'stopped %', CASE WHEN clock_timestamp() - start < interval '1.7 s' THEN 'in time' ELSE 'late' END;
END
$$;
RESET statement_timeout;

-- What "auto" stands for, and why.
CREATE TEMP TABLE voices AS
SELECT item, annotator,
  CASE WHEN (item * 7919 + annotator * 104729) % 97 < 12 + 6 * annotator
    THEN 'no' ELSE 'yes' END AS label
FROM generate_series(1, 60) AS item, generate_series(1, 6) AS annotator;
SELECT method, held_out_log_likelihood BETWEEN -1 AND 0 AS compared, chosen,
  why IS NOT NULL AS says_why
FROM tdp.choose_method('voices') WHERE chosen;
SELECT count(*) FILTER (WHERE chosen) AS chosen,
  bool_and(held_out_log_likelihood = other) AS whatever_the_order
FROM tdp.choose_method('voices') AS c
JOIN (SELECT method, held_out_log_likelihood AS other
  FROM tdp.choose_method('SELECT * FROM voices ORDER BY md5(item::text || annotator)')) AS o
USING (method);
SELECT * FROM tdp.choose_method('SELECT * FROM voices WHERE annotator < 3');
SELECT * FROM tdp.choose_method($$SELECT item, annotator, 'yes' AS label FROM voices$$);
SELECT * FROM tdp.choose_method('SELECT * FROM voices LIMIT 9');
SELECT * FROM tdp.choose_method('SELECT * FROM voices WHERE false');
SELECT * FROM tdp.choose_method(NULL);

-- Choosing counts answers by their weight, 1 at most: of weight 0 they tell
-- nothing, doubled ones the same.
SELECT method, held_out_log_likelihood < 0 AS compared
FROM tdp.choose_method('SELECT *, 0 AS weight FROM voices') WHERE chosen;
SELECT count(*) FILTER (WHERE one.held_out_log_likelihood < 0) > 0 AS compared,
  bool_and(one.held_out_log_likelihood = other.held_out_log_likelihood) AS repeats_change_nothing
FROM tdp.choose_method('voices') AS one
JOIN tdp.choose_method('SELECT * FROM voices UNION ALL SELECT * FROM voices') AS other USING (method);
-- No vote tells anything apart: all labels are tied, and one in two is right.
SELECT count(*) AS items, bool_and(tie) AS tied, bool_and(abs(confidence - 0.5) < 0.01) AS even
FROM tdp.consensus('SELECT item, annotator, (annotator + item) % 2 AS label FROM generate_series(1, 100) AS item, generate_series(1, 4) AS annotator', 'one_coin');

-- What a choice takes beside the fit is refused first.
CREATE TEMP TABLE many AS
SELECT item, annotator, abs(hashint4(item * 7 + annotator)) % 30 AS label
FROM generate_series(1, 8000) AS item, generate_series(1, 5) AS annotator;
SET tdp.solver_memory = '3MB';
SELECT count(*) FROM tdp.consensus('many', 'majority');
DO $$
BEGIN
	PERFORM FROM tdp.consensus('many', 'auto');
EXCEPTION WHEN program_limit_exceeded THEN
	RAISE NOTICE '%', regexp_replace(SQLERRM, '[0-9]+ MB', 'so much');
END
$$;
RESET tdp.solver_memory;
-- A cancel ends it within a second, with known answers, too.
SET statement_timeout = '700ms';
DO $$
DECLARE
	start timestamptz := clock_timestamp();
BEGIN
	PERFORM FROM tdp.choose_method('many', settings => '{"tolerance": 0, "max_iter": 1000000}');
EXCEPTION WHEN query_canceled THEN
	RAISE NOTICE 'stopped %', CASE WHEN clock_timestamp() - start < interval '1.7 s' THEN 'in time' ELSE 'late' END;
END
$$;
DO $$
DECLARE
	start timestamptz := clock_timestamp();
BEGIN
	PERFORM FROM tdp.consensus('many', 'ds',
		'SELECT item, 1 AS label FROM generate_series(1, 40) AS item', '{"tolerance": 0, "max_iter": 1000000}');
EXCEPTION WHEN query_canceled THEN
	RAISE NOTICE 'stopped %', CASE WHEN clock_timestamp() - start < interval '1.7 s' THEN 'in time' ELSE 'late' END;
END
$$;
RESET statement_timeout;

-- Confidence: of the probability and of the votes' share, in parts that are
-- the same for all items; the probability as it is where that is wanted; and
-- a curve that known answers teach, 30 of them at least, which have 1
-- themselves.
SELECT regr_slope(confidence - share, probability - share) BETWEEN 0.125 AND 0.9 AS part,
  regr_r2(confidence - share, probability - share) > 0.99 AS same_for_all,
  bool_and(raw = probability) AS raw
FROM (SELECT c.confidence, r.confidence AS raw, p.probability, c.votes::float8 / c.annotations AS share
  FROM tdp.consensus('voices') AS c
  JOIN tdp.consensus('voices', settings => '{"calibrate": false}') AS r USING (item, label)
  JOIN tdp.posterior('voices') AS p USING (item, label)) AS s;
SELECT count(*) FILTER (WHERE g.confidence = 1) AS known,
  bool_and(g.label = 'yes' OR g.item::int > 29) AS kept,
  bool_and(g.confidence = 1 OR abs(g.confidence - c.confidence) < 1e-12) AS too_few_to_teach
FROM tdp.consensus('voices', 'majority', gold => 'SELECT item, ''yes'' AS label FROM voices WHERE item < 30') AS g
JOIN tdp.consensus('voices', 'majority') AS c USING (item);
SELECT bool_and(g.confidence > c.confidence) AS surer
FROM tdp.consensus('voices', 'majority', gold => 'SELECT c.item, c.label FROM tdp.consensus(''voices'', ''majority'') AS c WHERE item::int <= 40') AS g
JOIN tdp.consensus('voices', 'majority') AS c USING (item, label)
WHERE item::int > 40 AND c.confidence BETWEEN 0.55 AND 0.95;
SELECT count(*) FROM tdp.consensus('voices', settings => '{"calibrate": "perhaps"}');
