-- ---------------------------------------------------------------------------
-- propagation in a project
-- ---------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION tdp.auto_annotate(project text,
	field text DEFAULT NULL, features text DEFAULT NULL,
	target_accuracy double precision DEFAULT 0.95,
	settings jsonb DEFAULT '{}', OUT annotated_field text, OUT method text,
	OUT seeds bigint, OUT predicted bigint, OUT kept bigint,
	OUT threshold double precision, OUT expected_accuracy double precision)
AS 'MODULE_PATHNAME', 'tdp_auto_annotate'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.auto_annotate(text, text, text, double precision, jsonb) IS
'Spreads the labels that people agreed on (as of the last tdp.resolve) to all other rows that look alike, and stores them as predictions, which annotators see as pre-filled answers. The surest, as many as keep the mean confidence at target_accuracy, also become labels of items that have no better one; nothing that people said is ever replaced. Returns one row of what it did.
field: of kind choice, boolean, rating or preference; NULL: the only such field. features: a column of the source castable to real[] (read as the project''s owner), or a query giving item and features (run with the caller''s rights); NULL: what tdp.set_automation was told. settings: method, k, metric, kernel, priors as in tdp.propagate_points. The confidence is the method''s own and is not calibrated yet: check a sample. For managers.';

CREATE OR REPLACE FUNCTION tdp.set_automation(project text,
	field text DEFAULT NULL, features text DEFAULT NULL,
	target_accuracy double precision DEFAULT 0.95,
	settings jsonb DEFAULT '{}')
RETURNS void
AS 'MODULE_PATHNAME', 'tdp_set_automation'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.set_automation(text, text, text, double precision, jsonb) IS
'Keeps what tdp.auto_annotate is to be told for a field of a project. features must be a column of the source; NULL forgets the field. For managers.';

CREATE OR REPLACE FUNCTION tdp.iterate(project text)
RETURNS TABLE (field text, labels bigint, seeds bigint, predicted bigint,
	kept bigint)
AS 'MODULE_PATHNAME', 'tdp_iterate'
LANGUAGE C VOLATILE ROWS 1;
COMMENT ON FUNCTION tdp.iterate(text) IS
'One round, in one call that a scheduler can make: tdp.resolve, then tdp.auto_annotate for each field that tdp.set_automation was told of; a row per such field, with the number of labels that resolving gave. For managers.';

