-- An order of items from comparisons of two.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
RESET client_min_messages;

-- Three wins to one: the log-odds are ln 3, and their standard error is that of
-- four throws, sqrt(1 / (4 x 3/4 x 1/4)).
SELECT item, round(score::numeric, 6) AS score, round(stderr::numeric, 6) AS stderr, rank, wins, losses
FROM tdp.rank_pairs('SELECT * FROM (VALUES (1, 2), (1, 2), (1, 2), (2, 1)) v(winner, loser)', settings => '{"smoothing": 0}');
SELECT round((ln(3) / 2)::numeric, 6) AS score, round((sqrt(1 / (4 * 0.75 * 0.25)) / 2)::numeric, 6) AS stderr;
-- A circle: all alike.
SELECT item, score, rank, wins, losses FROM tdp.rank_pairs('SELECT * FROM (VALUES (1, 2), (2, 3), (3, 1)) v(winner, loser)');
-- Choices, with a tie as half a win each way.
SELECT item, round(score::numeric, 4) AS score, rank, wins, losses
FROM tdp.rank_pairs($$SELECT * FROM (VALUES ('x', 'y', 'x'), ('y', 'z', 'a'), ('z', 'x', 'tie'), ('z', 'y', 'b')) v(a, b, choice)$$);

-- Forty items, each met by ten others, with strengths of i / 8.
CREATE TEMP TABLE game AS
SELECT CASE WHEN first THEN i ELSE j END AS winner, CASE WHEN first THEN j ELSE i END AS loser, a AS annotator
FROM (SELECT i, (i + d * d) % 40 + 1 AS j, a, (abs(hashint4extended(i * 1000 + d * 10 + a, 5) % 10000) / 10000.0) < 1 / (1 + exp(((i + d * d) % 40 + 1 - i) / 8.0)) AS first
	FROM generate_series(1, 40) i, generate_series(1, 10) d, generate_series(1, 3) a) g WHERE i <> j;
-- At the maximum, wins are what is expected of the scores; and the scores are
-- those of the strengths, as their errors say.
CREATE TEMP TABLE ranked AS SELECT * FROM tdp.rank_pairs('SELECT winner, loser FROM game', settings => '{"smoothing": 0}');
SELECT max(abs(w.wins - e.expected)) < 1e-6 AS at_the_maximum FROM (SELECT item, wins FROM ranked) w
JOIN (SELECT r.item, sum(1 / (1 + exp(o.score - r.score))) AS expected FROM ranked r JOIN game ON r.item::int IN (winner, loser) JOIN ranked o ON o.item::int = winner + loser - r.item::int GROUP BY r.item) e USING (item);
SELECT round(corr(score, item::int)::numeric, 2) > 0.95 AS in_order, abs(avg(score)) < 1e-8 AS centred,
	avg((abs(score - (item::int - 20.5) / 8) < 1.96 * stderr)::int) >= 0.9 AS kept FROM ranked;

-- One more annotator throws coins: he is found out.
CREATE TEMP VIEW noisy AS SELECT winner, loser, annotator FROM game UNION ALL SELECT loser, winner, 4 + annotator FROM game WHERE annotator < 3;
SELECT m AS method, round(sqrt(avg((score - (item::int - 20.5) / 8) ^ 2))::numeric, 1) AS error
FROM unnest('{bradley_terry,noisy_bradley_terry}'::text[]) m, tdp.rank_pairs('noisy', m) GROUP BY m ORDER BY m;

-- Elo by hand: an even game moves both by 16, the next one by 32 / (1 + 10 ^ (32 / 400)).
SELECT item, round(score::numeric, 4) AS score, stderr, rank FROM tdp.rank_pairs($$SELECT * FROM (VALUES ('x', 'y', now()), ('x', 'y', now() + interval '1 day')) v(winner, loser, submitted_at)$$, 'elo');
SELECT round(1516 + 32 / (1 + 10 ^ (32 / 400.0)), 4) AS x;
-- A tie of equals moves nobody.
SELECT item, score FROM tdp.rank_pairs($$SELECT 'x' AS a, 'y' AS b, 'tie' AS choice, now() AS submitted_at$$, 'elo');

-- ---- what counts -------------------------------------------------------------

-- Repeats count once where annotators are named, else each is a comparison.
SELECT item, wins FROM tdp.rank_pairs('SELECT 1 AS winner, 2 AS loser, 1 AS annotator FROM generate_series(1, 3)');
SELECT item, wins FROM tdp.rank_pairs('SELECT 1 AS winner, 2 AS loser FROM generate_series(1, 3)');
SELECT item, wins FROM tdp.rank_pairs('SELECT 1 AS winner, 2 AS loser, 2.5 AS weight');
-- What is in no way connected, and who never lost, is kept finite.
SELECT item, score > 0 AS above, stderr > 0 AS sure FROM tdp.rank_pairs('SELECT * FROM (VALUES (1, 2), (3, 4)) v(winner, loser)');
SELECT * FROM tdp.rank_pairs('SELECT * FROM (VALUES (1, 2), (3, 4)) v(winner, loser)', settings => '{"smoothing": 0}');
-- Neither the order of the rows nor of a and b decides anything.
SELECT count(*) FROM tdp.rank_pairs('SELECT winner, loser FROM game') x JOIN tdp.rank_pairs('SELECT loser AS a, winner AS b, winner AS choice FROM game ORDER BY loser, winner DESC') y USING (item) WHERE x.score <> y.score OR x.rank <> y.rank;
-- More than a thousand items: standard errors from the diagonal.
SELECT count(*), bool_and(stderr > 0) AS sure FROM tdp.rank_pairs('SELECT i AS winner, (i * 7 + d) % 1500 AS loser FROM generate_series(1, 1500) i, generate_series(1, 3) d WHERE i <> (i * 7 + d) % 1500');

-- ---- limits ------------------------------------------------------------------

SELECT * FROM tdp.rank_pairs('SELECT 1 AS winner, 2 AS loser WHERE false');
SELECT * FROM tdp.rank_pairs(NULL);
SELECT * FROM tdp.rank_pairs('SELECT 1 AS winner');
SELECT * FROM tdp.rank_pairs('SELECT 1 AS a, 2 AS choice');
SELECT * FROM tdp.rank_pairs('SELECT 1 AS winner, 1 AS loser');
SELECT * FROM tdp.rank_pairs('SELECT 1 AS winner, NULL::int AS loser');
SELECT * FROM tdp.rank_pairs('SELECT 1 AS a, 2 AS b, 3 AS choice');
SELECT * FROM tdp.rank_pairs('SELECT 1 AS winner, 2 AS loser, -1 AS weight');
SELECT * FROM tdp.rank_pairs('SELECT 1 AS winner, 2 AS loser', 'glicko');
SELECT * FROM tdp.rank_pairs('SELECT 1 AS winner, 2 AS loser', 'elo');
SELECT * FROM tdp.rank_pairs('SELECT 1 AS winner, 2 AS loser', settings => '{"smoothing": -1}');
SET tdp.solver_memory = '1MB';
SELECT * FROM tdp.rank_pairs('SELECT i AS winner, i + 1 AS loser FROM generate_series(1, 100000) i');
RESET tdp.solver_memory;
SET statement_timeout = '900ms';
DO $$
DECLARE
	start timestamptz := clock_timestamp();
BEGIN
	PERFORM FROM tdp.rank_pairs('SELECT i AS winner, (i * 7 + d) % 50000 AS loser FROM generate_series(1, 50000) i, generate_series(1, 4) d WHERE i <> (i * 7 + d) % 50000', settings => '{"tolerance": 0, "max_iter": 100000}');
EXCEPTION WHEN query_canceled THEN
	RAISE NOTICE 'stopped %', CASE WHEN clock_timestamp() - start < interval '1.9 s' THEN 'in time' ELSE 'late' END;
END
$$;
RESET statement_timeout;
