-- One text out of several.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
RESET client_min_messages;

CREATE TEMP TABLE heard (item int, annotator text, label text);
INSERT INTO heard VALUES (1, 'ann', 'the cat sat on the mat'), (1, 'bob', 'the cat sat on mat'), (1, 'cid', 'the bat sat on the mat'),
	(2, 'ann', 'a b c'), (2, 'bob', 'b c d'), (2, 'cid', 'a c d'),
	(3, 'ann', 'hello'), (4, 'ann', ''), (4, 'bob', ' '), (5, 'ann', U&'\00e9t\00e9 \00e0 Paris'), (5, 'bob', U&'\00e9t\00e9\3000\00e0 Paris'), (5, 'cid', 'ete a Paris');

-- rover: each place is voted on; of six, four are agreed on and two have two
-- votes of three: 16 / 18.  Of the
-- second item nobody wrote what comes of it: two of three have each word.
SELECT item, value, round(confidence::numeric, 4) AS confidence, annotations FROM tdp.consensus_text('heard');
-- medoid: 1, 1 - 4/22 and 1 - 1/22 are alike to the first one's text.
SELECT item, value, round(confidence::numeric, 4) AS confidence FROM tdp.consensus_text('heard', 'medoid');
SELECT round((1 + 18 / 22.0 + 21 / 22.0) / 3, 4) AS first;
-- Two of three outvote a word too many, and a word that is missing.
SELECT value FROM tdp.consensus_text($$SELECT 1 AS item, a AS annotator, l AS label FROM (VALUES (1, 'to be or be'), (2, 'to be or not to be'), (3, 'so to be or not to be')) v(a, l)$$);
-- Weights are votes.
SELECT value, confidence FROM tdp.consensus_text($$SELECT 1 AS item, a AS annotator, l AS label, w AS weight FROM (VALUES (1, 'x', 3), (2, 'y', 1), (3, 'y', 1)) v(a, l, w)$$);
-- The order of rows does not matter; repeats count once; a tie goes to the smaller.
SELECT count(*) FROM tdp.consensus_text('heard') x JOIN tdp.consensus_text('SELECT * FROM heard UNION ALL SELECT * FROM heard ORDER BY label DESC') y USING (item) WHERE x.value <> y.value OR x.confidence <> y.confidence OR x.annotations <> y.annotations;
SELECT m AS method, value FROM unnest('{rover,medoid}'::text[]) m, tdp.consensus_text($$SELECT 1 AS item, a AS annotator, l AS label FROM (VALUES (1, 'y'), (2, 'x')) v(a, l)$$, m);

-- ---- limits ------------------------------------------------------------------

SELECT * FROM tdp.consensus_text('SELECT * FROM heard WHERE false');
SELECT * FROM tdp.consensus_text(NULL);
SELECT * FROM tdp.consensus_text('heard', 'rasa');
SELECT * FROM tdp.consensus_text('heard', settings => '{"seed": 1}');
SELECT * FROM tdp.consensus_text('SELECT item, annotator, NULL::text AS label FROM heard');
SELECT * FROM tdp.consensus_text('SELECT item, annotator, label AS value FROM heard');
SET tdp.solver_memory = '1MB';
SELECT * FROM tdp.consensus_text($$SELECT 1 AS item, a AS annotator, repeat(a || ' word ', 2000) AS label FROM generate_series(1, 3) a$$);
RESET tdp.solver_memory;
SET statement_timeout = '900ms';
DO $$
DECLARE
	start timestamptz := clock_timestamp();
BEGIN
	PERFORM FROM tdp.consensus_text('SELECT 1 AS item, a AS annotator, repeat(a || '' word '', 5000) AS label FROM generate_series(1, 5) a');
EXCEPTION WHEN query_canceled THEN
	RAISE NOTICE 'stopped %', CASE WHEN clock_timestamp() - start < interval '1.9 s' THEN 'in time' ELSE 'late' END;
END
$$;
RESET statement_timeout;
