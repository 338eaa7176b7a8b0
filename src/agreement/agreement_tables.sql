-- ---------------------------------------------------------------------------
-- agreement: a state that can be kept and merged
-- ---------------------------------------------------------------------------

CREATE TYPE tdp.agreement_state;

CREATE FUNCTION tdp.agreement_state_in(cstring) RETURNS tdp.agreement_state
AS 'MODULE_PATHNAME', 'tdp_agreement_state_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_in(cstring) IS
'Input function of tdp.agreement_state: the JSON that its output function writes, checked.';

CREATE FUNCTION tdp.agreement_state_out(tdp.agreement_state) RETURNS cstring
AS 'MODULE_PATHNAME', 'tdp_agreement_state_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_out(tdp.agreement_state) IS
'Output function of tdp.agreement_state: JSON; sums are hexadecimal, with all their digits.';

CREATE FUNCTION tdp.agreement_state_recv(internal) RETURNS tdp.agreement_state
AS 'MODULE_PATHNAME', 'tdp_agreement_state_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_recv(internal) IS
'Binary input function of tdp.agreement_state: a version byte (1), then counts, labels and sums, checked; the same on every machine.';

CREATE FUNCTION tdp.agreement_state_send(tdp.agreement_state) RETURNS bytea
AS 'MODULE_PATHNAME', 'tdp_agreement_state_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_send(tdp.agreement_state) IS
'Binary output function of tdp.agreement_state: the bytes it is kept as.';

CREATE TYPE tdp.agreement_state (
	INPUT = tdp.agreement_state_in,
	OUTPUT = tdp.agreement_state_out,
	RECEIVE = tdp.agreement_state_recv,
	SEND = tdp.agreement_state_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = extended
);
COMMENT ON TYPE tdp.agreement_state IS
'What coefficients of agreement are made of, for a set of whole items: how often each label was given, and how often each two met on the same items. It is as large as the label set squared, not as the answers. tdp.agreement_state_agg makes it, tdp.agreement_state_union merges it, tdp.agreement_of reads it. The same answers give the same bytes, however they were split.';

CREATE FUNCTION tdp.agreement_state_eq(tdp.agreement_state, tdp.agreement_state)
RETURNS boolean
AS 'MODULE_PATHNAME', 'tdp_agreement_state_eq'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_eq(tdp.agreement_state, tdp.agreement_state) IS
'Are two agreement states the same? Implements =.';

CREATE FUNCTION tdp.agreement_state_ne(tdp.agreement_state, tdp.agreement_state)
RETURNS boolean
AS 'MODULE_PATHNAME', 'tdp_agreement_state_ne'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_ne(tdp.agreement_state, tdp.agreement_state) IS
'Do two agreement states differ? Implements <>.';

CREATE FUNCTION tdp.agreement_state_lt(tdp.agreement_state, tdp.agreement_state)
RETURNS boolean
AS 'MODULE_PATHNAME', 'tdp_agreement_state_lt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_lt(tdp.agreement_state, tdp.agreement_state) IS
'Order of bytes. Implements <.';

CREATE FUNCTION tdp.agreement_state_le(tdp.agreement_state, tdp.agreement_state)
RETURNS boolean
AS 'MODULE_PATHNAME', 'tdp_agreement_state_le'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_le(tdp.agreement_state, tdp.agreement_state) IS
'Order of bytes. Implements <=.';

CREATE FUNCTION tdp.agreement_state_gt(tdp.agreement_state, tdp.agreement_state)
RETURNS boolean
AS 'MODULE_PATHNAME', 'tdp_agreement_state_gt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_gt(tdp.agreement_state, tdp.agreement_state) IS
'Order of bytes. Implements >.';

CREATE FUNCTION tdp.agreement_state_ge(tdp.agreement_state, tdp.agreement_state)
RETURNS boolean
AS 'MODULE_PATHNAME', 'tdp_agreement_state_ge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_ge(tdp.agreement_state, tdp.agreement_state) IS
'Order of bytes. Implements >=.';

CREATE FUNCTION tdp.agreement_state_cmp(tdp.agreement_state, tdp.agreement_state)
RETURNS integer
AS 'MODULE_PATHNAME', 'tdp_agreement_state_cmp'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_cmp(tdp.agreement_state, tdp.agreement_state) IS
'Order of bytes: -1, 0 or 1, for btree indexes and sorting.';

CREATE FUNCTION tdp.agreement_state_hash(tdp.agreement_state) RETURNS integer
AS 'MODULE_PATHNAME', 'tdp_agreement_state_hash'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_hash(tdp.agreement_state) IS
'Hash of a agreement state, for hash indexes, joins and grouping.';

CREATE FUNCTION tdp.agreement_state_hash_extended(tdp.agreement_state, bigint)
RETURNS bigint
AS 'MODULE_PATHNAME', 'tdp_agreement_state_hash_extended'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_hash_extended(tdp.agreement_state, bigint) IS
'64-bit hash of a agreement state with a seed, for hash partitioning.';

-- Operators are found by the search_path, and tdp is rarely in it: without
-- them there, a || b would be taken for a concatenation of texts.  Hence they
-- stand where every session finds them; they take no other type.
CREATE OPERATOR pg_catalog.= (
	LEFTARG = tdp.agreement_state,
	RIGHTARG = tdp.agreement_state,
	FUNCTION = tdp.agreement_state_eq,
	COMMUTATOR = OPERATOR(pg_catalog.=),
	NEGATOR = OPERATOR(pg_catalog.<>),
	RESTRICT = eqsel,
	JOIN = eqjoinsel,
	HASHES,
	MERGES
);
COMMENT ON OPERATOR pg_catalog.= (tdp.agreement_state, tdp.agreement_state) IS
'The same?';

CREATE OPERATOR pg_catalog.<> (
	LEFTARG = tdp.agreement_state,
	RIGHTARG = tdp.agreement_state,
	FUNCTION = tdp.agreement_state_ne,
	COMMUTATOR = OPERATOR(pg_catalog.<>),
	NEGATOR = OPERATOR(pg_catalog.=),
	RESTRICT = neqsel,
	JOIN = neqjoinsel
);
COMMENT ON OPERATOR pg_catalog.<> (tdp.agreement_state, tdp.agreement_state) IS
'Not the same?';

CREATE OPERATOR pg_catalog.< (
	LEFTARG = tdp.agreement_state,
	RIGHTARG = tdp.agreement_state,
	FUNCTION = tdp.agreement_state_lt,
	COMMUTATOR = OPERATOR(pg_catalog.>),
	NEGATOR = OPERATOR(pg_catalog.>=),
	RESTRICT = scalarltsel,
	JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR pg_catalog.< (tdp.agreement_state, tdp.agreement_state) IS
'Before, in the order of bytes?';

CREATE OPERATOR pg_catalog.<= (
	LEFTARG = tdp.agreement_state,
	RIGHTARG = tdp.agreement_state,
	FUNCTION = tdp.agreement_state_le,
	COMMUTATOR = OPERATOR(pg_catalog.>=),
	NEGATOR = OPERATOR(pg_catalog.>),
	RESTRICT = scalarlesel,
	JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR pg_catalog.<= (tdp.agreement_state, tdp.agreement_state) IS
'Before or the same, in the order of bytes?';

CREATE OPERATOR pg_catalog.> (
	LEFTARG = tdp.agreement_state,
	RIGHTARG = tdp.agreement_state,
	FUNCTION = tdp.agreement_state_gt,
	COMMUTATOR = OPERATOR(pg_catalog.<),
	NEGATOR = OPERATOR(pg_catalog.<=),
	RESTRICT = scalargtsel,
	JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR pg_catalog.> (tdp.agreement_state, tdp.agreement_state) IS
'After, in the order of bytes?';

CREATE OPERATOR pg_catalog.>= (
	LEFTARG = tdp.agreement_state,
	RIGHTARG = tdp.agreement_state,
	FUNCTION = tdp.agreement_state_ge,
	COMMUTATOR = OPERATOR(pg_catalog.<=),
	NEGATOR = OPERATOR(pg_catalog.<),
	RESTRICT = scalargesel,
	JOIN = scalargejoinsel
);
COMMENT ON OPERATOR pg_catalog.>= (tdp.agreement_state, tdp.agreement_state) IS
'After or the same, in the order of bytes?';

CREATE OPERATOR CLASS tdp.agreement_state_ops
DEFAULT FOR TYPE tdp.agreement_state USING btree AS
	OPERATOR 1 pg_catalog.<,
	OPERATOR 2 pg_catalog.<=,
	OPERATOR 3 pg_catalog.=,
	OPERATOR 4 pg_catalog.>=,
	OPERATOR 5 pg_catalog.>,
	FUNCTION 1 tdp.agreement_state_cmp(tdp.agreement_state, tdp.agreement_state);
COMMENT ON OPERATOR CLASS tdp.agreement_state_ops USING btree IS
'Order of bytes.';
COMMENT ON OPERATOR FAMILY tdp.agreement_state_ops USING btree IS
'Order of bytes.';

CREATE OPERATOR CLASS tdp.agreement_state_ops
DEFAULT FOR TYPE tdp.agreement_state USING hash AS
	OPERATOR 1 pg_catalog.=,
	FUNCTION 1 tdp.agreement_state_hash(tdp.agreement_state),
	FUNCTION 2 tdp.agreement_state_hash_extended(tdp.agreement_state, bigint);
COMMENT ON OPERATOR CLASS tdp.agreement_state_ops USING hash IS
'Equality of agreement states.';
COMMENT ON OPERATOR FAMILY tdp.agreement_state_ops USING hash IS
'Equality of agreement states.';
