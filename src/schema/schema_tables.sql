-- ---------------------------------------------------------------------------
-- schema: the type tdp.label_schema, made once
-- ---------------------------------------------------------------------------

CREATE TYPE tdp.label_schema;

CREATE FUNCTION tdp.label_schema_in(cstring) RETURNS tdp.label_schema
AS 'MODULE_PATHNAME', 'tdp_label_schema_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema_in(cstring) IS
'Input function of tdp.label_schema: JSON, an object of fields or the array form.';

CREATE FUNCTION tdp.label_schema_out(tdp.label_schema) RETURNS cstring
AS 'MODULE_PATHNAME', 'tdp_label_schema_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema_out(tdp.label_schema) IS
'Output function of tdp.label_schema: its canonical JSON text.';

CREATE FUNCTION tdp.label_schema_recv(internal) RETURNS tdp.label_schema
AS 'MODULE_PATHNAME', 'tdp_label_schema_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema_recv(internal) IS
'Binary input function of tdp.label_schema: a version byte (1), then the text, which is checked as any other input.';

CREATE FUNCTION tdp.label_schema_send(tdp.label_schema) RETURNS bytea
AS 'MODULE_PATHNAME', 'tdp_label_schema_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema_send(tdp.label_schema) IS
'Binary output function of tdp.label_schema: a version byte (1), then the canonical text.';

CREATE TYPE tdp.label_schema (
	INPUT = tdp.label_schema_in,
	OUTPUT = tdp.label_schema_out,
	RECEIVE = tdp.label_schema_recv,
	SEND = tdp.label_schema_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = extended
);
COMMENT ON TYPE tdp.label_schema IS
'What is asked about an item: fields in their order, each of one kind (choice, choices, boolean, date, rating, number, text, preference, ranking, spans, relations, boxes, polygons, polylines, keypoints, masks, segments) with its labels and options. Written as JSON, {"sentiment": {"choice": ["negative", "positive"]}, ...}; as jsonb, which keeps no order, it is an array, [{"name": "sentiment", "choice": [...]}, ...].';

CREATE FUNCTION tdp.label_schema_eq(tdp.label_schema, tdp.label_schema)
RETURNS boolean
AS 'MODULE_PATHNAME', 'tdp_label_schema_eq'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema_eq(tdp.label_schema, tdp.label_schema) IS
'Do two label schemas say the same, in the same order? Implements =.';

CREATE FUNCTION tdp.label_schema_ne(tdp.label_schema, tdp.label_schema)
RETURNS boolean
AS 'MODULE_PATHNAME', 'tdp_label_schema_ne'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema_ne(tdp.label_schema, tdp.label_schema) IS
'Do two label schemas differ? Implements <>.';

CREATE FUNCTION tdp.label_schema_lt(tdp.label_schema, tdp.label_schema)
RETURNS boolean
AS 'MODULE_PATHNAME', 'tdp_label_schema_lt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema_lt(tdp.label_schema, tdp.label_schema) IS
'Order of canonical texts, bytewise. Implements <.';

CREATE FUNCTION tdp.label_schema_le(tdp.label_schema, tdp.label_schema)
RETURNS boolean
AS 'MODULE_PATHNAME', 'tdp_label_schema_le'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema_le(tdp.label_schema, tdp.label_schema) IS
'Order of canonical texts, bytewise. Implements <=.';

CREATE FUNCTION tdp.label_schema_gt(tdp.label_schema, tdp.label_schema)
RETURNS boolean
AS 'MODULE_PATHNAME', 'tdp_label_schema_gt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema_gt(tdp.label_schema, tdp.label_schema) IS
'Order of canonical texts, bytewise. Implements >.';

CREATE FUNCTION tdp.label_schema_ge(tdp.label_schema, tdp.label_schema)
RETURNS boolean
AS 'MODULE_PATHNAME', 'tdp_label_schema_ge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema_ge(tdp.label_schema, tdp.label_schema) IS
'Order of canonical texts, bytewise. Implements >=.';

CREATE FUNCTION tdp.label_schema_cmp(tdp.label_schema, tdp.label_schema)
RETURNS integer
AS 'MODULE_PATHNAME', 'tdp_label_schema_cmp'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema_cmp(tdp.label_schema, tdp.label_schema) IS
'Order of canonical texts, bytewise: -1, 0 or 1, for btree indexes and sorting.';

CREATE FUNCTION tdp.label_schema_hash(tdp.label_schema) RETURNS integer
AS 'MODULE_PATHNAME', 'tdp_label_schema_hash'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema_hash(tdp.label_schema) IS
'Hash of a label schema, for hash indexes, joins and grouping.';

CREATE FUNCTION tdp.label_schema_hash_extended(tdp.label_schema, bigint)
RETURNS bigint
AS 'MODULE_PATHNAME', 'tdp_label_schema_hash_extended'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema_hash_extended(tdp.label_schema, bigint) IS
'64-bit hash of a label schema with a seed, for hash partitioning.';

-- Operators are found by the search_path, and tdp is rarely in it: without
-- them there, a || b would be taken for a concatenation of texts.  Hence they
-- stand where every session finds them; they take no other type.
CREATE OPERATOR pg_catalog.= (
	LEFTARG = tdp.label_schema,
	RIGHTARG = tdp.label_schema,
	FUNCTION = tdp.label_schema_eq,
	COMMUTATOR = OPERATOR(pg_catalog.=),
	NEGATOR = OPERATOR(pg_catalog.<>),
	RESTRICT = eqsel,
	JOIN = eqjoinsel,
	HASHES,
	MERGES
);
COMMENT ON OPERATOR pg_catalog.= (tdp.label_schema, tdp.label_schema) IS
'The same fields in the same order?';

CREATE OPERATOR pg_catalog.<> (
	LEFTARG = tdp.label_schema,
	RIGHTARG = tdp.label_schema,
	FUNCTION = tdp.label_schema_ne,
	COMMUTATOR = OPERATOR(pg_catalog.<>),
	NEGATOR = OPERATOR(pg_catalog.=),
	RESTRICT = neqsel,
	JOIN = neqjoinsel
);
COMMENT ON OPERATOR pg_catalog.<> (tdp.label_schema, tdp.label_schema) IS
'Not the same?';

CREATE OPERATOR pg_catalog.< (
	LEFTARG = tdp.label_schema,
	RIGHTARG = tdp.label_schema,
	FUNCTION = tdp.label_schema_lt,
	COMMUTATOR = OPERATOR(pg_catalog.>),
	NEGATOR = OPERATOR(pg_catalog.>=),
	RESTRICT = scalarltsel,
	JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR pg_catalog.< (tdp.label_schema, tdp.label_schema) IS
'Before, in the order of canonical texts?';

CREATE OPERATOR pg_catalog.<= (
	LEFTARG = tdp.label_schema,
	RIGHTARG = tdp.label_schema,
	FUNCTION = tdp.label_schema_le,
	COMMUTATOR = OPERATOR(pg_catalog.>=),
	NEGATOR = OPERATOR(pg_catalog.>),
	RESTRICT = scalarlesel,
	JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR pg_catalog.<= (tdp.label_schema, tdp.label_schema) IS
'Before or the same, in the order of canonical texts?';

CREATE OPERATOR pg_catalog.> (
	LEFTARG = tdp.label_schema,
	RIGHTARG = tdp.label_schema,
	FUNCTION = tdp.label_schema_gt,
	COMMUTATOR = OPERATOR(pg_catalog.<),
	NEGATOR = OPERATOR(pg_catalog.<=),
	RESTRICT = scalargtsel,
	JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR pg_catalog.> (tdp.label_schema, tdp.label_schema) IS
'After, in the order of canonical texts?';

CREATE OPERATOR pg_catalog.>= (
	LEFTARG = tdp.label_schema,
	RIGHTARG = tdp.label_schema,
	FUNCTION = tdp.label_schema_ge,
	COMMUTATOR = OPERATOR(pg_catalog.<=),
	NEGATOR = OPERATOR(pg_catalog.<),
	RESTRICT = scalargesel,
	JOIN = scalargejoinsel
);
COMMENT ON OPERATOR pg_catalog.>= (tdp.label_schema, tdp.label_schema) IS
'After or the same, in the order of canonical texts?';

CREATE OPERATOR CLASS tdp.label_schema_ops
DEFAULT FOR TYPE tdp.label_schema USING btree AS
	OPERATOR 1 pg_catalog.<,
	OPERATOR 2 pg_catalog.<=,
	OPERATOR 3 pg_catalog.=,
	OPERATOR 4 pg_catalog.>=,
	OPERATOR 5 pg_catalog.>,
	FUNCTION 1 tdp.label_schema_cmp(tdp.label_schema, tdp.label_schema);
COMMENT ON OPERATOR CLASS tdp.label_schema_ops USING btree IS
'Order of canonical texts, bytewise.';
COMMENT ON OPERATOR FAMILY tdp.label_schema_ops USING btree IS
'Order of canonical texts, bytewise.';

CREATE OPERATOR CLASS tdp.label_schema_ops
DEFAULT FOR TYPE tdp.label_schema USING hash AS
	OPERATOR 1 pg_catalog.=,
	FUNCTION 1 tdp.label_schema_hash(tdp.label_schema),
	FUNCTION 2 tdp.label_schema_hash_extended(tdp.label_schema, bigint);
COMMENT ON OPERATOR CLASS tdp.label_schema_ops USING hash IS
'Equality of label schemas.';
COMMENT ON OPERATOR FAMILY tdp.label_schema_ops USING hash IS
'Equality of label schemas.';

CREATE FUNCTION tdp.label_schema_concat(tdp.label_schema, tdp.label_schema)
RETURNS tdp.label_schema
AS 'MODULE_PATHNAME', 'tdp_label_schema_concat'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema_concat(tdp.label_schema, tdp.label_schema) IS
'The fields of the first label schema, then those of the second; a field that both have is an error. Implements ||.';

CREATE OPERATOR pg_catalog.|| (
	LEFTARG = tdp.label_schema,
	RIGHTARG = tdp.label_schema,
	FUNCTION = tdp.label_schema_concat
);
COMMENT ON OPERATOR pg_catalog.|| (tdp.label_schema, tdp.label_schema) IS
'Adds the fields of the second label schema.';

CREATE FUNCTION tdp.label_schema(jsonb) RETURNS tdp.label_schema
AS 'MODULE_PATHNAME', 'tdp_label_schema_from_jsonb'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema(jsonb) IS
'Label schema of jsonb in the array form, [{"name": "sentiment", "choice": [...]}, ...]. A jsonb object is taken only if it has a single field, as jsonb does not keep the order of keys.';

CREATE FUNCTION tdp.label_schema_to_jsonb(tdp.label_schema) RETURNS jsonb
AS 'MODULE_PATHNAME', 'tdp_label_schema_to_jsonb'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_schema_to_jsonb(tdp.label_schema) IS
'jsonb of a label schema, in the array form: an object per field, in order, with its name.';

-- Drivers send jsonb where a label schema is wanted, hence implicit.
CREATE CAST (jsonb AS tdp.label_schema)
WITH FUNCTION tdp.label_schema(jsonb) AS IMPLICIT;
COMMENT ON CAST (jsonb AS tdp.label_schema) IS
'From the array form.';

-- json keeps the order, so any form will do.  Not implicit, or json = json
-- would be taken for a comparison of label schemas.
CREATE CAST (json AS tdp.label_schema) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (json AS tdp.label_schema) IS
'From the object form or the array form.';

CREATE CAST (tdp.label_schema AS jsonb)
WITH FUNCTION tdp.label_schema_to_jsonb(tdp.label_schema) AS ASSIGNMENT;
COMMENT ON CAST (tdp.label_schema AS jsonb) IS
'To the array form.';
