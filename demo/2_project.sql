\set ECHO queries
CREATE EXTENSION tdp;

SELECT tdp.create_project('digits', 'digits',
    '{"digit": {"choice": ["0","1","2","3","4","5","6","7","8","9"]}}',
    columns => '{pixels}', overlap => 3,
    instructions => 'Which digit is this?');
\set ECHO none
\echo '-- That takes no time, however large the table: the first thousand rows are items'
\echo '-- at once, the others become such as people reach for them. A second batch comes'
\echo '-- in, and queues itself:'
\set ECHO queries
INSERT INTO digits SELECT id, pixels FROM exam.truth WHERE id > 1000;
SELECT project, waiting, open, answers FROM tdp.project_status;
\set ECHO none
\echo '-- What is rolled back was never there:'
\set ECHO queries
BEGIN;
INSERT INTO digits SELECT 5000 + id, pixels FROM exam.truth;
SELECT project, waiting FROM tdp.project_status;
ROLLBACK;
SELECT project, waiting FROM tdp.project_status;
\set ECHO none
DROP TABLE exam.checksum;
CREATE TABLE exam.checksum AS
SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM digits t;
