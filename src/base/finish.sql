-- ---------------------------------------------------------------------------
-- Ownership and privileges
-- ---------------------------------------------------------------------------

-- The script of a trusted extension runs as a superuser.  What holds data is
-- handed to the role that installs it, so that no superuser ever owns a table
-- that its functions write, and that role can dump and restore it.
DO $$
DECLARE
	member record;
BEGIN
	EXECUTE 'ALTER SCHEMA tdp OWNER TO @extowner@';
	FOR member IN
		SELECT c.oid::pg_catalog.regclass AS name, c.relkind
		FROM pg_catalog.pg_class c
		WHERE c.relnamespace OPERATOR(pg_catalog.=) 'tdp'::pg_catalog.regnamespace
			AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'v', 'S']::"char"[])
		ORDER BY c.oid
	LOOP
		EXECUTE pg_catalog.format('ALTER %s %s OWNER TO @extowner@',
			CASE WHEN member.relkind OPERATOR(pg_catalog.=) 'S' THEN 'SEQUENCE'
				WHEN member.relkind OPERATOR(pg_catalog.=) 'v' THEN 'VIEW'
				ELSE 'TABLE' END, member.name);
	END LOOP;
END
$$;
