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
