\echo Use "CREATE EXTENSION tdp" to load this file. \quit

-- The schema is the extension's own: it goes with it, and a schema of that
-- name that somebody else made is an error rather than a trap.
CREATE SCHEMA tdp;
GRANT USAGE ON SCHEMA tdp TO PUBLIC;
COMMENT ON SCHEMA tdp IS
'Training data platform: label schemas, projects, the annotators'' queue, agreement, consensus and propagation. Plural relations are for reading, singular ones are storage.';

