-- Consensus: the methods besides votes and Dawid and Skene's.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
RESET client_min_messages;

-- Five annotators, five items; nobody asked the third about the first.
CREATE TEMP TABLE toy AS
SELECT 't' || item AS item, 'w' || annotator AS annotator,
	CASE answer WHEN 'y' THEN 'yes' ELSE 'no' END AS label
FROM unnest('{ny.yn,yyynn,ynnyn,yyyyy,ynnnn}'::text[]) WITH ORDINALITY line(answers, item),
	regexp_split_to_table(answers, '') WITH ORDINALITY cell(answer, annotator)
WHERE answer <> '.';

-- ---- bwa ---------------------------------------------------------------------

SELECT item, label, confidence > 0.5 AS sure, annotations, votes, tie FROM tdp.consensus('toy', 'bwa');
-- Who contradicts everybody else weighs least.
SELECT annotator, rank() OVER (ORDER BY weight DESC) FROM tdp.annotator_quality('toy', 'bwa') ORDER BY annotator;

-- ---- votes by skill ------------------------------------------------------------

-- Another implementation's published test, in which a tie goes to no, as here
-- when the labels are taken to be equally frequent: skills .6 .8 1.0 .4 .8;
-- yes .4615, .6667, .2778, 1, .1667.
SELECT annotator, round(weight::numeric, 4) AS skill
FROM tdp.annotator_quality('toy', 'wawa', settings => '{"priors": {"yes": 1, "no": 1}}');
SELECT item, round(probability::numeric, 4) AS yes
FROM tdp.posterior('toy', 'wawa', settings => '{"priors": {"yes": 1, "no": 1}}') WHERE label = 'yes';
SELECT item, label, tie FROM tdp.consensus('toy', 'zbs');

-- Skill on known answers: w1 was right in 1 of 2, (1 + 1) / (2 + 2).
SELECT annotator, round(weight::numeric, 4) AS skill
FROM tdp.annotator_quality('toy', 'wmv', $$SELECT 't4' AS item, 'yes' AS label UNION ALL SELECT 't3', 'no'$$);
SELECT * FROM tdp.consensus('toy', 'weighted_majority');

-- ---- models --------------------------------------------------------------------

SELECT m AS method, string_agg(c.label, ' ' ORDER BY item) AS labels
FROM unnest('{one_coin,hds,fast_dawid_skene,fds,bayes_dawid_skene,ibcc,m_msr,mmsr}'::text[]) WITH ORDINALITY m(m, n), tdp.consensus('toy', m) c
GROUP BY m, n ORDER BY n;

-- Known answers keep their labels, whatever the method.
SELECT m AS method, label, confidence
FROM unnest('{wmv,wawa,zbs,one_coin,fds,ibcc,m_msr,bwa}'::text[]) WITH ORDINALITY m(m, n),
	tdp.consensus('toy', m, $$SELECT 't5' AS item, 'maybe' AS label$$) c
WHERE item = 't5' ORDER BY n;

-- Forty thousand labels: votes do not mind; what needs room for each label of
-- each item says so before it begins.
CREATE TEMP VIEW many AS SELECT i AS item, a AS annotator, i + a / 3 AS label FROM generate_series(1, 40000) i, generate_series(1, 3) a;
SELECT m AS method, count(*), count(DISTINCT label)
FROM unnest('{wawa,zbs}'::text[]) m, tdp.consensus('many', m) GROUP BY m ORDER BY m;
\set VERBOSITY terse
SELECT * FROM tdp.consensus('many', 'bwa');
SELECT * FROM tdp.consensus('many', 'ibcc');
\set VERBOSITY default
