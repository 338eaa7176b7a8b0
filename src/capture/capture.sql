-- ---------------------------------------------------------------------------
-- capture: which rows were touched, and the items they became
-- ---------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION tdp.touch() RETURNS trigger
AS 'MODULE_PATHNAME', 'tdp_touch'
LANGUAGE C;
COMMENT ON FUNCTION tdp.touch() IS
'Function of the triggers that tdp.create_project makes on a source: records the keys that a statement touched. Its argument is the project''s name; on any other table than that project''s source it does nothing.';

CREATE OR REPLACE FUNCTION tdp.sync(project text, OUT added bigint,
	OUT changed bigint, OUT withdrawn bigint, OUT returned bigint,
	OUT set_aside bigint)
AS 'MODULE_PATHNAME', 'tdp_sync'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.sync(text) IS
'Brings a project in line with its source by looking at every row: what triggers could not see (rows put straight into a partition, replicated rows, disabled triggers, a table rebuilt by rename, a filter that depends on more than the row). Makes triggers and typed views anew where they are missing. May be repeated at any time. For managers.
added: new items; changed: items whose staleness changed; withdrawn: whose row is gone or no longer passes the filter; returned: withdrawn ones that are back; set_aside: rows that raised an error, see tdp.rows_set_aside.';

CREATE OR REPLACE VIEW tdp.rows_set_aside WITH (security_barrier) AS
SELECT p.name AS project, s.key AS item, s.sqlstate, s.message, s.at
FROM tdp.my_projects() me
	JOIN tdp.project p ON p.project_id = me.project_id
	JOIN tdp.set_aside s ON s.project_id = me.project_id
WHERE me.role IN ('owner', 'manager', 'reviewer', 'viewer');
GRANT SELECT ON tdp.rows_set_aside TO PUBLIC;
COMMENT ON VIEW tdp.rows_set_aside IS
'Rows that are no items because the filter, or their key, raised an error; for those who may see all of a project.';
COMMENT ON COLUMN tdp.rows_set_aside.project IS 'Name of the project.';
COMMENT ON COLUMN tdp.rows_set_aside.item IS 'Key of the row, as tdp.item_key prints it.';
COMMENT ON COLUMN tdp.rows_set_aside.sqlstate IS 'Code of the error.';
COMMENT ON COLUMN tdp.rows_set_aside.message IS 'Text of the error.';
COMMENT ON COLUMN tdp.rows_set_aside.at IS 'When it was raised last.';

