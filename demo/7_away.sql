UPDATE digits d SET pixels = e.pixels FROM exam.truth e WHERE e.id = d.id AND d.id = 1;
SET client_min_messages = error;
\set ECHO queries
DROP EXTENSION tdp CASCADE;
\set ECHO none
\set ECHO queries
SELECT md5(string_agg(t::text, '' ORDER BY id)) = (SELECT md5 FROM exam.checksum) AS as_it_was
FROM digits t;
\set ECHO none
\echo '-- Five statements to try on a table of your own (psql "$(make -s cluster)"):'
\echo
\echo '   CREATE EXTENSION tdp;'
\echo '   SELECT tdp.create_project(''mine'', ''my_table'', ''{"good": {"boolean": true}}'');'
\echo '   SELECT * FROM tdp.next_tasks(''mine'', 3);'
\echo '   SELECT tdp.submit(<task_id>, ''{"good": true}'');'
\echo '   SELECT tdp.resolve(''mine''); SELECT * FROM mine_labels;'
