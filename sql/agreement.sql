--
-- Agreement: coefficients as aggregates
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS tdp;
RESET client_min_messages;
SET extra_float_digits = 0;

-- Answers are rows of (item, annotator, label). One column for what is judged,
-- one for the judgment: the annotators' names are not needed.
CREATE TEMP TABLE answer (item int, annotator text, label text);
INSERT INTO answer VALUES
    (1, 'ann', 'cat'), (1, 'bob', 'cat'), (1, 'cid', 'cat'),
    (2, 'ann', 'dog'), (2, 'bob', 'dog'), (2, 'cid', 'cat'),
    (3, 'ann', 'cat'), (3, 'bob', 'cat'), (3, 'cid', NULL),
    (4, 'ann', 'dog'), (4, 'bob', 'cat'), (4, 'cid', 'dog'),
    (5, 'ann', 'dog'), (6, NULL, NULL);
SELECT round(tdp.krippendorff_alpha(item, label)::numeric, 4) AS alpha,
    round(tdp.fleiss_kappa(item, label)::numeric, 4) AS fleiss,
    round(tdp.gwet_ac1(item, label)::numeric, 4) AS ac1,
    round(tdp.percent_agreement(item, label)::numeric, 4) AS agreement
FROM answer;

-- Two annotators side by side, a row for each item.
SELECT a.annotator AS a, b.annotator AS b, count(*) AS items,
    round(tdp.cohen_kappa(a.label, b.label)::numeric, 4) AS cohen,
    round(tdp.scott_pi(a.label, b.label)::numeric, 4) AS scott
FROM answer a JOIN answer b ON b.item = a.item AND a.annotator < b.annotator
GROUP BY 1, 2 ORDER BY 1, 2;

--
-- Published values
--

-- Sets of ratings as they are printed: a line for each annotator.
CREATE TEMP TABLE line (dataset text, annotator text, labels text);
INSERT INTO line VALUES
    -- Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011
    ('krippendorff', 'A', '1 2 3 3 2 1 4 1 2 . . .'),
    ('krippendorff', 'B', '1 2 3 3 2 2 4 1 2 5 . 3'),
    ('krippendorff', 'C', '. 3 3 3 2 3 4 2 2 5 1 .'),
    ('krippendorff', 'D', '1 2 3 3 2 4 4 1 2 5 1 .'),
    -- Wikipedia, Krippendorff's alpha
    ('wikipedia', 'A', '. . . . . 3 4 1 2 1 1 3 3 . 3'),
    ('wikipedia', 'B', '1 . 2 1 3 3 4 3 . . . . . . .'),
    ('wikipedia', 'C', '. . 2 1 3 4 4 . 2 1 1 3 3 . 4'),
    -- nltk, test of agreement
    ('nltk', '1', 'Y Y .'),
    ('nltk', '2', 'N N .'),
    ('nltk', '3', 'N . N'),
    -- Fleiss 1971: 30 patients, six psychiatrists each
    ('fleiss', '1', '4 2 2 5 2 1 3 1 1 5 1 1 2 1 2 3 1 1 2 1 5 2 2 1 1 2 1 2 1 5'),
    ('fleiss', '2', '4 2 3 5 2 1 3 1 1 5 4 2 2 4 2 3 1 1 2 3 5 4 2 1 4 2 1 2 3 5'),
    ('fleiss', '3', '4 2 3 5 2 3 3 3 4 5 4 4 2 4 4 3 1 1 4 3 5 4 4 4 4 2 1 4 3 5'),
    ('fleiss', '4', '4 5 3 5 4 3 3 3 4 5 4 4 3 4 4 3 4 1 4 5 5 4 5 4 4 2 1 4 3 5'),
    ('fleiss', '5', '4 5 3 5 4 3 5 3 4 5 4 4 3 4 4 3 5 1 4 5 5 4 5 4 4 2 5 4 3 5'),
    ('fleiss', '6', '4 5 5 5 4 3 5 4 4 5 4 4 3 4 5 5 5 2 4 5 5 4 5 4 5 4 5 4 3 5'),
    -- R package irr, "anxiety"
    ('anxiety', '1', '3 3 3 4 5 5 2 3 5 2 2 6 1 5 2 2 1 2 4 3'),
    ('anxiety', '2', '3 6 4 6 2 4 2 4 3 3 2 3 3 3 2 2 1 3 3 4'),
    ('anxiety', '3', '2 1 4 4 3 2 1 6 1 1 1 2 3 3 1 1 3 3 2 2'),
    -- R package irrCAC (Gwet)
    ('raw_4raters', '1', '1 2 3 3 2 1 4 1 2 . . .'),
    ('raw_4raters', '2', '1 2 3 3 2 2 4 1 2 5 . .'),
    ('raw_4raters', '3', '. 3 3 3 2 3 4 2 2 5 1 3'),
    ('raw_4raters', '4', '1 2 3 3 2 4 4 1 2 5 1 .'),
    ('raw_5observers', '1', '1 1 2 . 0 0 1 1 2 2 . 0 1 3 1'),
    ('raw_5observers', '2', '1 1 3 0 0 0 0 . 2 1 1 0 2 3 1'),
    ('raw_5observers', '3', '2 0 3 0 0 0 2 2 2 1 0 0 2 2 1'),
    ('raw_5observers', '4', '. 1 3 . . . . 0 . 1 0 0 2 2 .'),
    ('raw_5observers', '5', '2 . . 0 0 0 1 . 2 . . . . 3 1'),
    ('raw_ben_gerry', 'Ben', 'a a b b d c c c e d d a'),
    ('raw_ben_gerry', 'Gerry', 'b a b b b c c c e . d d'),
    ('raw_g1g2', '1', 'a b c c b a d a b . . . b b'),
    ('raw_g1g2', '2', 'a b c c b b d a b e . . b a'),
    ('raw_g1g2', '3', '. c c c b c d b b e a c c c'),
    ('raw_g1g2', '4', 'a b c c b d d a b e a . b b'),
    ('raw_gender', '1', 'a a a a a b b b c a a a a a b'),
    ('raw_gender', '2', 'a a a a b a b c c a a a a b a'),
    ('raw_gender', '3', 'a b b c a a b b c a b b c a a'),
    ('raw_gender', '4', 'c c c c a a b b c c c c c a a');
CREATE TEMP VIEW rating AS
    SELECT dataset, annotator, item, label,
        CASE WHEN label ~ '^\d+$' THEN label::int END AS number
    FROM line, regexp_split_to_table(labels, ' ')
        WITH ORDINALITY AS t (label, item)
    WHERE label <> '.';

-- Others are printed as counts: a row for each item, a column for each label.
CREATE TEMP TABLE counts (dataset text, item int, counts int[]);
INSERT INTO counts
SELECT dataset, row_number() OVER (), counts FROM (VALUES
    -- Wikipedia, Fleiss' kappa
    ('wikipedia fleiss', '{0,0,0,0,14}'::int[]),
    ('wikipedia fleiss', '{0,2,6,4,2}'), ('wikipedia fleiss', '{0,0,3,5,6}'),
    ('wikipedia fleiss', '{0,3,9,2,0}'), ('wikipedia fleiss', '{2,2,8,1,1}'),
    ('wikipedia fleiss', '{7,7,0,0,0}'), ('wikipedia fleiss', '{3,2,6,3,0}'),
    ('wikipedia fleiss', '{2,5,3,2,2}'), ('wikipedia fleiss', '{6,5,2,1,0}'),
    ('wikipedia fleiss', '{0,2,2,3,7}'),
    -- Randolph's calculator, by way of statsmodels
    ('randolph 1', '{7,1}'), ('randolph 1', '{3,5}'),
    ('randolph 2', '{6,1,0}'), ('randolph 2', '{0,7,0}'),
    ('randolph 3', '{7,0}'), ('randolph 3', '{0,7}')) AS v (dataset, counts);
CREATE TEMP VIEW counted AS
    SELECT dataset, item, label::int
    FROM counts, unnest(counts) WITH ORDINALITY AS t (n, label),
        generate_series(1, n);

-- And two annotators as a square table: rows are the one's labels, columns
-- the other's.
CREATE TEMP TABLE square (dataset text, label int, counts int[]);
INSERT INTO square VALUES
    -- SAS/STAT, PROC FREQ
    ('sas', 1, '{0,4,1}'), ('sas', 2, '{0,8,0}'), ('sas', 3, '{0,1,5}'),
    -- Artstein and Poesio 2008, table 1
    ('artstein', 1, '{46,0,0}'), ('artstein', 2, '{6,32,6}'),
    ('artstein', 3, '{0,0,10}'),
    -- irrCAC
    ('cont3x3abstractors', 1, '{13,0,0}'),
    ('cont3x3abstractors', 2, '{0,20,7}'),
    ('cont3x3abstractors', 3, '{0,4,56}'),
    ('cont4x4diagnosis', 1, '{40,4,4,17}'),
    ('cont4x4diagnosis', 2, '{6,25,2,13}'),
    ('cont4x4diagnosis', 3, '{4,1,21,12}'),
    ('cont4x4diagnosis', 4, '{15,5,9,45}');
CREATE TEMP VIEW paired AS
    SELECT dataset, row_number() OVER () AS item, label AS a, b::int
    FROM square, unnest(counts) WITH ORDINALITY AS t (n, b),
        generate_series(1, n);

-- What we get for all of them.
CREATE TEMP VIEW computed AS
WITH answers AS (
    SELECT dataset, item, label, number FROM rating
    UNION ALL SELECT dataset, item, label::text, label FROM counted
    UNION ALL SELECT dataset, item, a::text, a FROM paired
    UNION ALL SELECT dataset, item, b::text, b FROM paired
), many AS (
    SELECT dataset, tdp.percent_agreement(item, label) AS agreement,
        tdp.fleiss_kappa(item, label) AS fleiss,
        tdp.gwet_ac1(item, label) AS ac1,
        tdp.krippendorff_alpha(item, label) AS alpha,
        tdp.krippendorff_alpha(item, number, 'ordinal') AS ordinal,
        tdp.krippendorff_alpha(item, number, 'interval') AS "interval",
        tdp.krippendorff_alpha(item, number, 'ratio') AS ratio
    FROM answers GROUP BY dataset
), two AS (
    SELECT dataset, tdp.cohen_kappa(a, b) AS cohen,
        tdp.cohen_kappa(a, b, 'linear') AS linear,
        tdp.cohen_kappa(a, b, 'quadratic') AS quadratic,
        tdp.scott_pi(a, b) AS scott
    FROM paired GROUP BY dataset
)
SELECT dataset, coefficient, value
FROM many, LATERAL (VALUES ('agreement', agreement), ('fleiss', fleiss),
    ('ac1', ac1), ('alpha', alpha), ('alpha ordinal', ordinal),
    ('alpha interval', "interval"), ('alpha ratio', ratio))
    AS v (coefficient, value)
UNION ALL
SELECT dataset, coefficient, value
FROM two, LATERAL (VALUES ('cohen', cohen), ('cohen linear', linear),
    ('cohen quadratic', quadratic), ('scott', scott))
    AS v (coefficient, value);

CREATE TEMP TABLE published (dataset text, coefficient text, value numeric);
INSERT INTO published VALUES
    ('krippendorff', 'alpha', 0.743421), ('krippendorff', 'alpha ordinal', 0.815388),
    ('krippendorff', 'alpha interval', 0.849107), ('krippendorff', 'alpha ratio', 0.797403),
    ('wikipedia', 'alpha', 0.691358), ('wikipedia', 'alpha ordinal', 0.806721),
    ('wikipedia', 'alpha interval', 0.810845), ('wikipedia', 'alpha ratio', 0.808944),
    ('nltk', 'alpha', -0.3333333),
    ('fleiss', 'fleiss', 0.4302445), ('fleiss', 'ac1', 0.4478845),
    ('fleiss', 'alpha', 0.433410), ('fleiss', 'alpha ordinal', 0.335858),
    ('fleiss', 'alpha interval', 0.288050), ('fleiss', 'alpha ratio', 0.240010),
    ('anxiety', 'alpha', -0.023725), ('anxiety', 'alpha ordinal', 0.228387),
    ('anxiety', 'alpha interval', 0.170099), ('anxiety', 'alpha ratio', 0.141801),
    ('raw_5observers', 'alpha', 0.480530), ('raw_5observers', 'alpha ordinal', 0.768685),
    ('raw_5observers', 'alpha interval', 0.771865), ('raw_5observers', 'alpha ratio', 0.679240),
    ('wikipedia fleiss', 'fleiss', 0.2099307), ('wikipedia fleiss', 'alpha', 0.2155741),
    ('randolph 1', 'fleiss', 0.161905), ('randolph 1', 'agreement', 0.607143),
    ('randolph 2', 'fleiss', 0.708333), ('randolph 3', 'fleiss', 1),
    ('sas', 'cohen', 0.4842), ('sas', 'cohen linear', 0.4701),
    ('artstein', 'agreement', 0.88), ('artstein', 'scott', 0.79953);
SELECT p.dataset, p.coefficient, p.value AS published,
    round(c.value::numeric, scale(p.value)) AS computed,
    round(c.value::numeric, scale(p.value)) = p.value AS same
FROM published p LEFT JOIN computed c USING (dataset, coefficient)
ORDER BY p.dataset, p.coefficient;

-- irrCAC's tests, to their three digits; with unequal numbers of answers.
TRUNCATE published;
INSERT INTO published VALUES
    ('raw_4raters', 'fleiss', 0.761), ('raw_4raters', 'ac1', 0.775),
    ('raw_4raters', 'alpha', 0.743), ('raw_4raters', 'agreement', 0.818),
    ('raw_4raters', 'alpha interval', 0.849), ('raw_4raters', 'alpha ratio', 0.797),
    ('raw_5observers', 'fleiss', 0.458), ('raw_5observers', 'ac1', 0.497),
    ('raw_5observers', 'alpha', 0.481), ('raw_5observers', 'agreement', 0.616),
    ('raw_g1g2', 'fleiss', 0.657), ('raw_g1g2', 'ac1', 0.685),
    ('raw_g1g2', 'alpha', 0.632), ('raw_g1g2', 'agreement', 0.744),
    ('raw_gender', 'fleiss', 0.129), ('raw_gender', 'ac1', 0.208),
    ('raw_gender', 'alpha', 0.143), ('raw_gender', 'agreement', 0.456),
    ('raw_ben_gerry', 'fleiss', 0.649), ('raw_ben_gerry', 'ac1', 0.661),
    ('raw_ben_gerry', 'alpha', 0.665), ('raw_ben_gerry', 'agreement', 0.727),
    ('cont3x3abstractors', 'agreement', 0.890), ('cont3x3abstractors', 'ac1', 0.849),
    ('cont3x3abstractors', 'cohen', 0.796), ('cont3x3abstractors', 'cohen linear', 0.843),
    ('cont3x3abstractors', 'cohen quadratic', 0.892), ('cont3x3abstractors', 'scott', 0.796),
    ('cont3x3abstractors', 'alpha', 0.797), ('cont3x3abstractors', 'alpha interval', 0.893),
    ('cont3x3abstractors', 'alpha ratio', 0.927),
    ('cont4x4diagnosis', 'agreement', 0.587), ('cont4x4diagnosis', 'ac1', 0.456),
    ('cont4x4diagnosis', 'cohen', 0.432), ('cont4x4diagnosis', 'cohen linear', 0.407),
    ('cont4x4diagnosis', 'cohen quadratic', 0.383), ('cont4x4diagnosis', 'scott', 0.430);
SELECT count(*) AS published,
    count(*) FILTER (WHERE round(c.value::numeric, 3) = p.value) AS same
FROM published p LEFT JOIN computed c USING (dataset, coefficient);

-- R's irr::kappa2 puts the labels in use at distance one: raters 2 and 3 of
-- "anxiety" never use 5. Ours takes numbers at their word.
SELECT round(tdp.cohen_kappa(a.number, b.number)::numeric, 9) AS unweighted,
    round(tdp.cohen_kappa(a.place, b.place, 'linear')::numeric, 7) AS equal,
    round(tdp.cohen_kappa(a.place, b.place, 'quadratic')::numeric, 7) AS squared,
    round(tdp.cohen_kappa(a.number, b.number, 'linear')::numeric, 7) AS linear
FROM (SELECT *, array_position('{1,2,3,4,6}', number) AS place FROM rating) a
JOIN (SELECT *, array_position('{1,2,3,4,6}', number) AS place FROM rating) b
    USING (dataset, item)
WHERE dataset = 'anxiety' AND a.annotator = '2' AND b.annotator = '3';

--
-- What is undefined is NULL, never NaN
--
CREATE TEMP VIEW edge AS
SELECT name, item, a AS label, n FROM (VALUES
    ('all alike, two labels', 1, 'x', 1), ('all alike, two labels', 1, 'x', 1),
    ('all alike, two labels', 2, 'y', 2), ('all alike, two labels', 2, 'y', 2),
    ('none alike', 1, 'x', 1), ('none alike', 1, 'y', 2),
    ('one label', 1, 'x', 1), ('one label', 1, 'x', 1),
    ('one answer each', 1, 'x', 1), ('one answer each', 2, 'y', 2),
    ('one answer', 1, 'x', 1),
    ('no label', 1, NULL, NULL), ('no item', NULL, 'x', 1),
    ('one shared item, its label only', 1, 'x', 1),
    ('one shared item, its label only', 1, 'x', 1),
    ('one shared item, its label only', 2, 'y', 2)) AS v (name, item, a, n);
SELECT name, tdp.percent_agreement(item, label) AS agreement,
    tdp.fleiss_kappa(item, label) AS fleiss, tdp.gwet_ac1(item, label) AS ac1,
    tdp.krippendorff_alpha(item, label) AS alpha,
    tdp.krippendorff_alpha(item, n, 'ordinal') AS ordinal,
    tdp.krippendorff_alpha(item, n, 'interval') AS "interval",
    tdp.krippendorff_alpha(item, n, 'ratio') AS ratio
FROM edge GROUP BY name ORDER BY name;
SELECT tdp.krippendorff_alpha(1, 2), tdp.krippendorff_alpha(1, 2, 'ratio'),
    tdp.fleiss_kappa(1, 2), tdp.gwet_ac1(1, 2), tdp.percent_agreement(1, 2),
    tdp.cohen_kappa(1, 2), tdp.cohen_kappa(1, 2, 'linear'), tdp.scott_pi(1, 2)
WHERE false;
SELECT name, tdp.cohen_kappa(a, b) AS cohen,
    tdp.cohen_kappa(a, b, 'unweighted') AS unweighted,
    tdp.cohen_kappa(a, b, 'linear') AS linear,
    tdp.cohen_kappa(a, b, 'quadratic') AS quadratic, tdp.scott_pi(a, b) AS scott
FROM (VALUES ('all alike', 1, 1), ('all alike', 2, 2), ('one label', 1, 1),
    ('one label', 1, 1), ('each a label', 1, 2), ('each a label', 1, 2),
    ('one constant', 1, 1), ('one constant', 1, 2), ('half missing', 1, NULL),
    ('half missing', NULL, 2)) AS v (name, a, b)
GROUP BY name ORDER BY name;
-- without an item's name there is nothing to compare a label with
SELECT tdp.percent_agreement(item, label) AS agreement
FROM (VALUES (1, 'x'), (1, 'x'), (NULL, 'x'), (NULL, 'y')) AS v (item, label);

--
-- Any type, by its own equality
--
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN stars AS int CHECK (VALUE BETWEEN 1 AND 5);
CREATE TYPE pair AS (a text, b numeric);
-- texts that ignore case, with a comparison but no hash function
SET client_min_messages = warning;
CREATE TYPE lax;
CREATE FUNCTION lax_in(cstring) RETURNS lax
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textin';
CREATE FUNCTION lax_out(lax) RETURNS cstring
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textout';
CREATE TYPE lax (INPUT = lax_in, OUTPUT = lax_out, LIKE = text);
CREATE CAST (text AS lax) WITHOUT FUNCTION;
CREATE CAST (lax AS text) WITHOUT FUNCTION;
CREATE FUNCTION lax_cmp(lax, lax) RETURNS int
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT bttextcmp(lower($1::text), lower($2::text)) $$;
CREATE OPERATOR CLASS lax_ops DEFAULT FOR TYPE lax USING btree
    AS FUNCTION 1 lax_cmp(lax, lax);
RESET client_min_messages;
-- percent_agreement is 1 exactly when both labels of an item are equal
SELECT tdp.percent_agreement(1, l) AS numeric
    FROM (VALUES (1.0), (1.00)) AS v (l);
SELECT tdp.percent_agreement(1, l) AS zeros
    FROM (VALUES (0::float8), ('-0'::float8)) AS v (l);
SELECT tdp.percent_agreement(1, l) AS nan
    FROM (VALUES ('NaN'::float4), ('NaN'::float4)) AS v (l);
SELECT tdp.percent_agreement(1, l) AS char
    FROM (VALUES ('a'::char(3)), ('a  '::char(9))) AS v (l);
SELECT tdp.percent_agreement(1, l) AS jsonb
    FROM (VALUES ('{"a": 1, "b": [1, "x", null]}'::jsonb),
        ('{"b": [1.0, "x", null], "a": 1.00}')) AS v (l);
SELECT tdp.percent_agreement(1, l) AS jsonb_differs
    FROM (VALUES ('"1"'::jsonb), ('1')) AS v (l);
SELECT tdp.percent_agreement(1, l) AS arrays
    FROM (VALUES ('{1.0,NULL}'::numeric[]), ('{1,NULL}')) AS v (l);
SELECT tdp.percent_agreement(1, l) AS bounds
    FROM (VALUES ('{1,2}'::int[]), ('[0:1]={1,2}')) AS v (l);
SELECT tdp.percent_agreement(1, l) AS composites
    FROM (VALUES (row('x', 1.0)::pair), (row('x', 1.00)::pair)) AS v (l);
SELECT tdp.percent_agreement((p, i), l) AS records, count(*)
    FROM (VALUES (1, 'x'::text, 1), (1, 'x', 1), (2, 'x', 2), (2, 'x', 2))
    AS v (p, i, l);
-- two 8-byte integers, the same to PostgreSQL's own hash function
SELECT tdp.percent_agreement(1, l) AS bigint
    FROM (VALUES (4294967297), (0)) AS v (l);
SELECT tdp.percent_agreement(i, l) AS others FROM (VALUES
    (date '2026-01-01', '[1,1]'::int4range), ('2026-01-01', '[1,2)')) AS v (i, l);
SELECT tdp.percent_agreement(i, l) AS bytes FROM (VALUES
    ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, '\x00ff'::bytea),
    ('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '\x00FF')) AS v (i, l);
-- a collation under which different bytes are equal
SELECT EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu')
    AND getdatabaseencoding() = 'UTF8' AS icu \gset
\set nocase 1
\if :icu
CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2',
    deterministic = false);
SELECT tdp.percent_agreement(1, l COLLATE nocase) AS nocase
    FROM (VALUES ('Yes'), ('yes')) AS v (l) \gset
DROP COLLATION nocase;
\endif
SELECT :nocase AS nocase, tdp.percent_agreement(1, l) AS "default"
    FROM (VALUES ('Yes'), ('yes')) AS v (l);
-- literals without a type are texts
SELECT tdp.percent_agreement('i', 'l'), tdp.krippendorff_alpha('i', 'l'),
    tdp.cohen_kappa('a', 'b'), tdp.cohen_kappa('a', NULL)
    FROM generate_series(1, 2);
SELECT tdp.krippendorff_alpha(NULL, NULL), tdp.krippendorff_alpha(1, NULL, 'ratio');
-- types that can be compared but not hashed
SELECT tdp.percent_agreement(l, 1) AS bit, count(DISTINCT l)
    FROM (VALUES (b'01'), (b'01'), (b'10'), (b'10')) AS v (l);
SELECT tdp.percent_agreement(1, l) AS tsvector
    FROM (VALUES ('a:1 b:2'::tsvector), ('b:2 a:1')) AS v (l);
SELECT tdp.cohen_kappa(a, b) AS money
    FROM (VALUES (1::money, 1::money), (2::money, 2::money)) AS v (a, b);
SELECT tdp.percent_agreement(1, l) AS lax,
    tdp.percent_agreement(l, 1) AS lax_items, count(DISTINCT l::text)
    FROM (VALUES ('Yes'::lax), ('yes'), ('YES')) AS v (l);
SELECT tdp.cohen_kappa(a::lax, b::lax) AS lax
    FROM (VALUES ('Yes', 'yes'), ('no', 'NO')) AS v (a, b);
SELECT round(tdp.krippendorff_alpha(item, number::bit(4))::numeric, 6) AS bit,
    round(tdp.krippendorff_alpha(item::bit(8), number)::numeric, 6) AS items
    FROM rating WHERE dataset = 'krippendorff';
-- enums stand in their type's order, numbers are what they say
SELECT round(tdp.krippendorff_alpha(item, m, 'ordinal')::numeric, 6) AS ordinal,
    round(tdp.krippendorff_alpha(item, m, 'interval')::numeric, 6) AS enum,
    round(tdp.krippendorff_alpha(item, n::stars, 'interval')::numeric, 6) AS domain,
    round(tdp.krippendorff_alpha(item, n::numeric / 10, 'interval')::numeric, 6) AS numeric,
    round(tdp.krippendorff_alpha(item, n::real + 1e6, 'interval')::numeric, 6) AS real
FROM (SELECT item, n, (enum_range(NULL::mood))[n] AS m
    FROM (VALUES (1, 1), (1, 1), (2, 2), (2, 3), (3, 3), (3, 3), (4, 1), (4, 2))
    AS v (item, n)) s;
-- order is enough for ordinal
SELECT tdp.krippendorff_alpha(i, l, 'ordinal') AS infinities FROM (VALUES
    (1, '-Infinity'::float8), (1, '-Infinity'), (2, 'Infinity'), (2, 'Infinity'))
    AS v (i, l);
-- the largest and the smallest numbers do no harm
SELECT tdp.krippendorff_alpha(i, l, 'interval') AS huge,
    tdp.krippendorff_alpha(i, abs(l), 'ratio') AS ratio,
    tdp.krippendorff_alpha(i, l / 1e308 * 1e-300, 'interval') AS tiny
FROM (VALUES (1, 1.7e308::float8), (1, 1.7e308), (2, -1.7e308), (2, -1.7e308),
    (3, 0), (3, 0)) AS v (i, l);
-- labels of two annotators may be integers of any width, or any texts
SELECT tdp.cohen_kappa(a::smallint, b::bigint) AS integers,
    tdp.cohen_kappa(a::text, b::text::varchar) AS texts,
    round(tdp.cohen_kappa(a, b::numeric, 'linear')::numeric, 4) AS numbers
FROM paired WHERE dataset = 'artstein';

--
-- Bad input
--
SELECT tdp.krippendorff_alpha(1, '{}'::json);
SELECT tdp.cohen_kappa(point(1, 1), point(1, 1));
SELECT tdp.krippendorff_alpha(row(b'1'), 1);
SELECT tdp.krippendorff_alpha(item, label, 'ordinal') FROM answer;
SELECT tdp.krippendorff_alpha(1, true, 'interval');
SELECT tdp.krippendorff_alpha(1, 1, 'cosine');
SELECT tdp.krippendorff_alpha(1, 1, NULL);
SELECT tdp.krippendorff_alpha(1, 1, 'Nominal');
SELECT tdp.krippendorff_alpha(1, n, m)
    FROM (VALUES (1, 'ordinal'), (2, 'interval')) AS v (n, m);
-- the metric is checked in rows that are not annotated, too
SELECT tdp.krippendorff_alpha(item, label, annotator) FROM answer;
SELECT tdp.krippendorff_alpha(1, 'NaN'::float8, 'ordinal');
SELECT tdp.krippendorff_alpha(1, 'Infinity'::numeric, 'interval');
SELECT tdp.krippendorff_alpha(1, 1e400, 'interval');
SELECT tdp.krippendorff_alpha(1, -0.5, 'ratio');
SELECT tdp.cohen_kappa(1, 'a'::text);
SELECT tdp.cohen_kappa(1, 1.0);
SELECT tdp.cohen_kappa('a', 'b', 'linear');
SELECT tdp.cohen_kappa('sad'::mood, 1, 'linear');
SELECT tdp.cohen_kappa(1, '-Infinity'::float8, 'quadratic');
SELECT tdp.cohen_kappa(1, 1, 'squared');
SELECT tdp.cohen_kappa(1, 2, w)
    FROM (VALUES ('linear'), ('quadratic')) AS v (w);
-- but each group may have its own
SELECT m, round(tdp.krippendorff_alpha(item, number, m)::numeric, 6) AS alpha
FROM rating, (VALUES ('nominal'), ('ordinal'), ('interval'), ('ratio')) AS v (m)
WHERE dataset = 'krippendorff' GROUP BY m ORDER BY m;

--
-- As other aggregates
--
SELECT dataset, round(tdp.krippendorff_alpha(item, label)
        FILTER (WHERE annotator <> '1')::numeric, 4) AS without_first,
    round(tdp.krippendorff_alpha(DISTINCT item, label)::numeric, 4) AS distinct_labels
FROM rating WHERE dataset LIKE 'raw%' GROUP BY ROLLUP (dataset) ORDER BY dataset;
-- how agreement grew with the items
SELECT item, round(tdp.krippendorff_alpha(item, label)
        OVER (ORDER BY item)::numeric, 4) AS so_far
FROM rating WHERE dataset = 'wikipedia' ORDER BY item LIMIT 9;
SELECT count(*) AS groups, sum(alpha) AS sum, min(fleiss), max(kappa) FROM (
    SELECT tdp.krippendorff_alpha(g % 7, g % 3) AS alpha,
        tdp.fleiss_kappa(g % 7, g % 7) AS fleiss,
        tdp.cohen_kappa(g % 3, g % 3) AS kappa
    FROM generate_series(0, 99999) g GROUP BY g / 42) s;

--
-- Parallel plans, and any order or split of the rows, give the same bits
--
RESET extra_float_digits;
CREATE TABLE agreement_answers AS
SELECT item, annotator,
    CASE WHEN (item * 7 + annotator * 31) % 11 > 2
        THEN item % 5 + (item * 13 + annotator * annotator) % 7 / 5 END AS label
FROM generate_series(1, 4000) item, generate_series(1, 1 + item % 5) annotator;
ALTER TABLE agreement_answers SET (parallel_workers = 2);
ANALYZE agreement_answers;
CREATE TEMP VIEW coefficients AS
    SELECT ARRAY[tdp.krippendorff_alpha(item, label),
        tdp.krippendorff_alpha(item::bit(16), label),
        tdp.krippendorff_alpha(item::text, (CASE WHEN annotator % 2 = 0
            THEN chr(65 + label) ELSE chr(97 + label) END)::lax),
        tdp.krippendorff_alpha((item, 'x'::text), label::numeric),
        tdp.krippendorff_alpha(item, label, 'ordinal'),
        tdp.krippendorff_alpha(item, label / 3.0, 'interval'),
        tdp.krippendorff_alpha(item, label / 3.0, 'ratio'),
        tdp.fleiss_kappa(item, label), tdp.gwet_ac1(item, label),
        tdp.percent_agreement(item, label),
        tdp.cohen_kappa(item % 5, label), tdp.scott_pi(item % 5, label),
        tdp.scott_pi((item % 5)::bit(4), label::bit(4)),
        tdp.cohen_kappa(item % 5, label, 'linear'),
        tdp.cohen_kappa(item % 5, label, 'quadratic')] AS of_all
    FROM agreement_answers;
CREATE TEMP VIEW coefficients_by_annotator AS
    SELECT annotator, tdp.krippendorff_alpha(item / 2, label) AS alpha,
        tdp.krippendorff_alpha(item / 2, label, 'interval') AS "interval",
        tdp.cohen_kappa(item % 5, label) AS kappa,
        tdp.gwet_ac1(item / 2, CASE WHEN annotator <> 3 THEN label END) AS ac1
    FROM agreement_answers GROUP BY annotator;
CREATE TEMP TABLE serial AS SELECT * FROM coefficients;
CREATE TEMP TABLE serial_by_annotator AS SELECT * FROM coefficients_by_annotator;

SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT * FROM coefficients;
EXPLAIN (COSTS OFF) SELECT * FROM coefficients_by_annotator;
CREATE TEMP TABLE parallel AS SELECT * FROM coefficients;
CREATE TEMP TABLE parallel_by_annotator AS SELECT * FROM coefficients_by_annotator;
RESET max_parallel_workers_per_gather;

SELECT s.of_all = p.of_all AS same,
    cardinality(array_remove(s.of_all, NULL)) AS coefficients,
    s.of_all[1] = ALL (s.of_all[2:4]) AS whatever_the_type
FROM serial s, parallel p;
SELECT count(*) AS groups, count(s) FILTER (WHERE s = p) AS same,
    count(s.ac1) AS with_ac1
FROM serial_by_annotator s JOIN parallel_by_annotator p USING (annotator);

-- shuffled, with other names for items and for labels without order
SELECT count(*) AS shuffles, count(DISTINCT (alpha, fleiss, ac1, agreement)) AS nominal,
    count(DISTINCT (ordinal, "interval", ratio)) AS ordered,
    count(DISTINCT (cohen, scott)) AS pairs
FROM generate_series(1, 20) AS seed, LATERAL (
    SELECT tdp.krippendorff_alpha(md5(item::text || seed), md5(label::text || seed)) AS alpha,
        tdp.fleiss_kappa(md5(item::text || seed), md5(label::text || seed)) AS fleiss,
        tdp.gwet_ac1(md5(item::text || seed), md5(label::text || seed)) AS ac1,
        tdp.percent_agreement(md5(item::text || seed), md5(label::text || seed)) AS agreement,
        tdp.krippendorff_alpha(md5(item::text || seed), label, 'ordinal') AS ordinal,
        tdp.krippendorff_alpha(md5(item::text || seed), label, 'interval') AS "interval",
        tdp.krippendorff_alpha(md5(item::text || seed), label, 'ratio') AS ratio,
        tdp.cohen_kappa(md5((item % 5)::text || seed), md5(label::text || seed)) AS cohen,
        tdp.scott_pi(md5((item % 5)::text || seed), md5(label::text || seed)) AS scott
    FROM (SELECT * FROM agreement_answers WHERE item <= 400
        ORDER BY md5(seed::text || item || '/' || annotator)) s) t;
SET client_min_messages = warning;
DROP TABLE agreement_answers CASCADE;
DROP TYPE lax CASCADE;
DROP TYPE mood, pair;
DROP DOMAIN stars;
