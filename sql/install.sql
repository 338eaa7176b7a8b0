--
-- Install: the owner of a database needs nobody's help
--

-- An ordinary role that owns the database installs the extension.
SET client_min_messages = warning;
DO $$
BEGIN
    CREATE ROLE regress_warehouse;
EXCEPTION WHEN duplicate_object THEN
    NULL;
END
$$;
RESET client_min_messages;
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO regress_warehouse', current_database());
END
$$;
CREATE ROLE regress_stranger;
SET SESSION AUTHORIZATION regress_warehouse;
CREATE EXTENSION tdp;
SELECT extversion = tdp.version() AS same_version, extowner::regrole,
    rolsuper AS is_superuser
FROM pg_extension JOIN pg_roles ON pg_roles.oid = extowner
WHERE extname = 'tdp';

-- What belongs to it is in its own schema, which goes with it.
CREATE TEMP VIEW member AS
SELECT classid, objid, pg_describe_object(classid, objid, 0) AS object
FROM pg_depend
WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
    AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'tdp');
CREATE TEMP VIEW member_relation AS
SELECT c.oid, c.relname, c.relkind, c.relowner, c.reloptions
FROM member JOIN pg_class c ON c.oid = objid AND classid = 'pg_class'::regclass;
SELECT count(*) > 30 AS some, count(*) FILTER (WHERE n.nspname <> 'tdp') AS elsewhere
FROM member_relation m JOIN pg_class USING (oid)
    JOIN pg_namespace n ON n.oid = relnamespace;

-- No superuser owns a table, view or sequence: what its functions may do with
-- them is what this role may do.
SELECT relname, relowner::regrole FROM member_relation
WHERE relowner <> 'regress_warehouse'::regrole;

-- No function runs with its owner's rights, whatever it is called from.
SELECT object FROM member JOIN pg_proc ON pg_proc.oid = objid
    AND classid = 'pg_proc'::regclass
WHERE prosecdef;

-- ---- the reference manual -----------------------------------------------------

-- Every object has a comment, of whatever class it is, and every column. The
-- types that come with a relation or as an array are no objects of their own,
-- though PostgreSQL counts them as members since version 18.
SELECT object FROM member
WHERE obj_description(objid, classid::regclass::name) IS NULL
    AND NOT EXISTS (SELECT FROM pg_type
        WHERE classid = 'pg_type'::regclass AND oid = objid
            AND (typrelid <> 0 OR typcategory = 'A'));
SELECT relname, attname
FROM member_relation JOIN pg_attribute ON attrelid = member_relation.oid
WHERE relkind IN ('r', 'v') AND attnum > 0 AND NOT attisdropped
    AND col_description(attrelid, attnum) IS NULL;

-- Arguments and columns of results have names.
SELECT object FROM member JOIN pg_proc ON pg_proc.oid = objid
    AND classid = 'pg_proc'::regclass
WHERE pronargs > 0 AND (proargnames IS NULL OR '' = ANY (proargnames))
    AND prorettype <> 'trigger'::regtype
    AND NOT EXISTS (SELECT FROM pg_type t
        WHERE t.typname IN ('label_schema', 'agreement_state')
            AND pg_proc.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend))
    AND NOT EXISTS (SELECT FROM pg_operator WHERE oprcode = pg_proc.oid)
    AND NOT EXISTS (SELECT FROM pg_cast WHERE castfunc = pg_proc.oid)
    AND NOT EXISTS (SELECT FROM pg_amproc WHERE amproc = pg_proc.oid)
    AND NOT EXISTS (SELECT FROM pg_aggregate
        WHERE pg_proc.oid IN (aggfinalfn, aggtransfn, aggcombinefn, aggserialfn, aggdeserialfn));

-- ---- storage --------------------------------------------------------------------

-- What people read are plural views, barriers to whoever looks for leaks; the
-- rest is storage, closed to all but its owner.
SELECT string_agg(relname, ' ' ORDER BY relname COLLATE "C") AS a_stranger_may_read
FROM member_relation
WHERE relkind IN ('r', 'v') AND has_table_privilege('regress_stranger', oid, 'SELECT');
SELECT relname FROM member_relation
WHERE relkind = 'v' AND has_table_privilege('regress_stranger', oid, 'SELECT')
    AND NOT coalesce('security_barrier=true' = ANY (reloptions), false);
SELECT relname FROM member_relation
WHERE relkind IN ('r', 'v') AND has_table_privilege('regress_stranger', oid, 'INSERT, UPDATE, DELETE, TRUNCATE');
SELECT relname FROM member_relation
WHERE CASE relkind WHEN 'S' THEN has_sequence_privilege('regress_stranger', oid, 'USAGE, UPDATE') END;

-- Every table has a primary key, for publications FOR ALL TABLES.
SELECT relname FROM member_relation
WHERE relkind = 'r' AND NOT EXISTS (SELECT FROM pg_index
    WHERE indrelid = member_relation.oid AND indisprimary);

-- Every table and every sequence is dumped with its contents.
SELECT relname FROM member_relation
WHERE relkind IN ('r', 'S') AND oid <> ALL (SELECT unnest(extconfig)
    FROM pg_extension WHERE extname = 'tdp');

-- ---- removal --------------------------------------------------------------------

-- A project hangs on its source by triggers and views alone.
CREATE TABLE ticket (id int PRIMARY KEY, body text NOT NULL, lang text DEFAULT 'en');
CREATE INDEX ticket_lang ON ticket (lang);
COMMENT ON TABLE ticket IS 'What customers wrote.';
GRANT SELECT ON ticket TO regress_stranger;
INSERT INTO ticket SELECT n, 'ticket ' || n FROM generate_series(1, 3) n;
CREATE FUNCTION pg_temp.description(source regclass)
RETURNS TABLE (rows text, columns text, indexes text, constraints text,
    triggers bigint, dependents bigint, owner oid, acl text, comment text)
LANGUAGE sql AS $$
SELECT (SELECT md5(string_agg(t::text, ' ' ORDER BY id)) FROM ticket t),
    (SELECT json_agg(a ORDER BY attnum) FROM pg_attribute a WHERE attrelid = source AND attnum > 0),
    (SELECT json_agg(pg_get_indexdef(indexrelid) ORDER BY indexrelid) FROM pg_index WHERE indrelid = source),
    (SELECT json_agg(pg_get_constraintdef(oid) ORDER BY oid) FROM pg_constraint WHERE conrelid = source),
    (SELECT count(*) FROM pg_trigger WHERE tgrelid = source),
    (SELECT count(*) FROM pg_depend WHERE refclassid = 'pg_class'::regclass AND refobjid = source),
    relowner, relacl, obj_description(oid)
FROM pg_class WHERE oid = source
$$;
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.description('ticket');
SELECT tdp.create_project('tickets', 'ticket', '{"mood": {"choice": ["good", "bad"]}}');
SELECT task_id, item, data FROM tdp.next_tasks('tickets');
SELECT tdp.submit(1, '{"mood": "good"}');
SELECT id, mood, tdp_state FROM tickets_labels ORDER BY id;

-- So the extension does not go unasked.
\set VERBOSITY terse
DROP EXTENSION tdp;
DROP EXTENSION tdp CASCADE;
\set VERBOSITY default
SELECT count(*) AS left_over FROM pg_class
WHERE relname LIKE 'tickets%' OR relnamespace = to_regnamespace('tdp');
SELECT nspname FROM pg_namespace WHERE nspname = 'tdp';

-- The table is what it was.
SELECT * FROM before EXCEPT SELECT * FROM pg_temp.description('ticket');
INSERT INTO ticket VALUES (4, 'ticket 4');

-- ---- and again --------------------------------------------------------------------

-- In the same session, which remembers plans of what has gone.
CREATE EXTENSION tdp;
SELECT tdp.create_project('tickets', 'ticket', '{"mood": {"choice": ["good", "bad"]}}');
SELECT task_id, item FROM tdp.next_tasks('tickets', 9);
SELECT tdp.submit(1, '{"mood": "good"}');
SELECT tdp.alter_project('tickets', '{"overlap": 2, "label_schema": [{"name": "mood", "choice": ["good", "bad", "odd"]}]}');
SELECT * FROM tdp.verify('tickets');
SELECT tdp.drop_project('tickets');
DROP EXTENSION tdp;

-- A schema of its name that somebody else made is an error, not a trap.
\set SHOW_CONTEXT never
CREATE SCHEMA tdp;
CREATE EXTENSION tdp;
DROP SCHEMA tdp;
CREATE EXTENSION tdp SCHEMA public;
DROP TABLE ticket;

-- Nor can a role install it that may not create in the database.
SET SESSION AUTHORIZATION regress_stranger;
CREATE EXTENSION tdp;
RESET SESSION AUTHORIZATION;
DROP ROLE regress_stranger;

-- What follows is installed as it should be, by an ordinary role.
SET SESSION AUTHORIZATION regress_warehouse;
CREATE EXTENSION tdp;
