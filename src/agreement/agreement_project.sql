-- ---------------------------------------------------------------------------
-- agreement of a project
-- ---------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION tdp.agreement(project text, by text DEFAULT NULL)
RETURNS TABLE (field text, slice text, measure text,
	value double precision, lower double precision, upper double precision,
	items bigint, annotators bigint, annotations bigint)
AS 'MODULE_PATHNAME', 'tdp_agreement'
LANGUAGE C VOLATILE ROWS 10;
COMMENT ON FUNCTION tdp.agreement(text, text) IS
'How far the people of a project agree, a row per field and measure: choice, boolean and preference by percent agreement, Krippendorff''s alpha and Gwet''s AC1; rating by percent agreement and ordinal alpha; number by interval alpha. Other kinds have no row yet. Machines do not count, nor do answers that were given when the field was of another kind. by: a column of the source; then a row per value of it (slice).
value is NULL where a measure is undefined, as without items that two people answered. lower and upper are NULL: no interval is computed yet. For those who may see all of a project.';

