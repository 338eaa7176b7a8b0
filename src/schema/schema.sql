-- ---------------------------------------------------------------------------
-- schema: what is asked of label schemas
-- ---------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION tdp.conforms(value jsonb, schema tdp.label_schema)
RETURNS boolean
AS 'MODULE_PATHNAME', 'tdp_conforms'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION tdp.conforms(jsonb, tdp.label_schema) IS
'Does an answer fit a label schema? The answer is a jsonb object keyed by field. Depends on its arguments alone, so it is fit for CHECK constraints on any table. NULL if an argument is NULL. tdp.violations says what does not fit.';

CREATE OR REPLACE FUNCTION tdp.violations(value jsonb,
	schema tdp.label_schema, data jsonb DEFAULT NULL)
RETURNS TABLE (path text, problem text, hint text)
AS 'MODULE_PATHNAME', 'tdp_violations'
LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 2;
COMMENT ON FUNCTION tdp.violations(jsonb, tdp.label_schema, jsonb) IS
'Every way in which an answer does not fit a label schema, at most 100; no rows if it fits, or if value or schema is NULL. path is where, such as entities[2].end, and empty for the answer as a whole; problem is worded for the person who answered; hint may be NULL. With data, a jsonb object of the item''s shown columns, spans are compared with the text and shapes with the size of the image.';

CREATE OR REPLACE FUNCTION tdp.fields(schema tdp.label_schema)
RETURNS TABLE (field text, kind text, labels text[], optional boolean,
	number integer, target_confidence float8, title text, help text,
	"of" text, sql_type text, label_ids integer[], definition jsonb)
AS 'MODULE_PATHNAME', 'tdp_fields'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10;
COMMENT ON FUNCTION tdp.fields(tdp.label_schema) IS
'The fields of a label schema, one row each, in their order. labels are those of the kinds that have any (a preference''s columns, and tie where it is allowed), label_ids their export ids in the same order; number counts from 1; sql_type is the type of the field''s column in a typed view; definition is the field in the array form. No rows if schema is NULL.';

CREATE OR REPLACE FUNCTION tdp.schema_diff(old tdp.label_schema,
	new tdp.label_schema)
RETURNS TABLE (field text, label text, change text, breaking boolean)
AS 'MODULE_PATHNAME', 'tdp_schema_diff'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10;
COMMENT ON FUNCTION tdp.schema_diff(tdp.label_schema, tdp.label_schema) IS
'What changes from one label schema to another, in words; no rows for equal ones, or if one is NULL. field is NULL for the schema as a whole and objects.sure for a field of each object; label is NULL unless a label changed. breaking: an answer that fits the old schema may not fit the new one, or would mean or be exported as something else. Fields and labels are told apart by name, so a new name is one removed and one added: to change what people see, change the title.';
