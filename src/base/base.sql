-- ---------------------------------------------------------------------------
-- base: what every room uses
-- ---------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION tdp.version() RETURNS text
AS 'MODULE_PATHNAME', 'tdp_version'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.version() IS
'Version of the tdp library that this session has loaded, such as 0.1.0.';

CREATE OR REPLACE FUNCTION tdp.item_key(VARIADIC key "any") RETURNS text
AS 'MODULE_PATHNAME', 'tdp_item_key'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.item_key("any") IS
'Name under which a project knows the row whose key columns have these values, the same in every session: the text of a single column (dates in ISO form, times in UTC), a JSON array of texts for several. NULL when one of them is NULL.';

