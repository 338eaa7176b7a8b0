\set QUIET on
SET client_min_messages = warning;
-- An ordinary table; nothing in it knows of labels.
\set ECHO queries
CREATE TABLE digits (
    id         int PRIMARY KEY,
    pixels     real[] NOT NULL,      -- 8 x 8, from 0 to 16
    scanned_at timestamptz NOT NULL DEFAULT now()
);
\set ECHO none
-- The truth is kept apart: the demo uses it to simulate people and to mark
-- the results, tdp never sees it.
CREATE SCHEMA exam;
CREATE TABLE exam.scan (id int, pixels real[], digit text);
\copy exam.scan FROM 'test/data/digits.csv' CSV HEADER
-- The file has one writer after another; post comes mixed.
CREATE TABLE exam.truth AS
SELECT row_number() OVER (ORDER BY md5(id::text))::int AS id, pixels, digit FROM exam.scan;
ALTER TABLE exam.truth ADD PRIMARY KEY (id);
\echo
\echo '-- 1,797 scanned digits (UCI, real data). The first thousand have arrived:'
\set ECHO queries
INSERT INTO digits SELECT id, pixels FROM exam.truth WHERE id <= 1000;

\set ECHO none
CREATE FUNCTION exam.draw(pixels real[]) RETURNS SETOF text
LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg(repeat(substr(' .:-=+*#%@', 1 + (pixels[y * 8 + x] * 9 / 16)::int, 1), 2), '' ORDER BY x)
    FROM generate_series(0, 7) y, generate_series(1, 8) x GROUP BY y ORDER BY y
$$;
\echo '-- Rows 1 to 4, drawn:'
\pset tuples_only on
\pset border 0
SELECT string_agg(line, '  ' ORDER BY id)
FROM digits, exam.draw(pixels) WITH ORDINALITY AS d (line, n)
WHERE id <= 4 GROUP BY n ORDER BY n;
\pset tuples_only off
\pset border 1
-- To show at the end that the table is as it was.
CREATE TABLE exam.checksum AS
SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM digits t;
