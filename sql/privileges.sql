-- Who may do what: every relation and every function of the schema tdp, for
-- each role that one can have in a project.  The lists come from the catalog,
-- so that a new function that is missing here fails this test.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS tdp CASCADE;

-- The extension is installed by an ordinary role that may create in the
-- database.  Nothing below needs a superuser but the changing of roles.
CREATE ROLE priv_installer;
CREATE ROLE priv_stranger;
CREATE ROLE priv_viewer;
CREATE ROLE priv_annotator;
CREATE ROLE priv_reviewer;
CREATE ROLE priv_machine;
CREATE ROLE priv_manager;
CREATE ROLE priv_owner;
DO $$ BEGIN
    EXECUTE format('GRANT CREATE ON DATABASE %I TO priv_installer, priv_owner', current_database());
END $$;
SET ROLE priv_installer;
CREATE EXTENSION tdp;
RESET ROLE;

-- ---- what the catalog says --------------------------------------------------

-- Everything that holds data is the installer's.
SELECT c.relkind, count(*) > 0 AS there_are, bool_and(pg_get_userbyid(c.relowner) = 'priv_installer') AS installers
FROM pg_class c WHERE c.relnamespace = 'tdp'::regnamespace AND c.relkind IN ('r', 'v', 'S')
GROUP BY 1 ORDER BY 1;

-- What everybody may do with each relation: read the plural ones, nothing else.
SELECT c.relname AS relation, c.relkind,
    coalesce(string_agg(a.privilege_type, ' ' ORDER BY a.privilege_type), '') AS everybody
FROM pg_class c LEFT JOIN LATERAL aclexplode(c.relacl) a ON a.grantee = 0
WHERE c.relnamespace = 'tdp'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'S', 'f', 'p')
GROUP BY 1, 2 ORDER BY 2, 1;

-- No single column is granted, and nothing to anybody but everybody.
SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'tdp'::regnamespace AND a.attacl IS NOT NULL;
SELECT c.relname, a.grantee::regrole FROM pg_class c, aclexplode(c.relacl) a
WHERE c.relnamespace = 'tdp'::regnamespace AND a.grantee NOT IN (0, 'priv_installer'::regrole);

-- All that everybody may read are barriers to functions in a WHERE clause.
SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a
WHERE c.relnamespace = 'tdp'::regnamespace AND a.grantee = 0
    AND NOT coalesce('security_barrier=true' = ANY (c.reloptions), false);

-- Nobody may create in the schema; no function runs with its owner's rights.
SELECT n.nspowner::regrole, a.grantee = 0 AS everybody, a.privilege_type
FROM pg_namespace n, aclexplode(n.nspacl) a
WHERE n.nspname = 'tdp' AND a.grantee <> n.nspowner;
SELECT oid::regprocedure FROM pg_proc
WHERE pronamespace = 'tdp'::regnamespace AND prosecdef;

-- ---- a project with one member of each role ---------------------------------

SET ROLE priv_owner;
CREATE SCHEMA warehouse;
GRANT USAGE ON SCHEMA warehouse TO PUBLIC;
SET search_path = warehouse, public;
CREATE TABLE mails (id int PRIMARY KEY, body text NOT NULL);
INSERT INTO mails SELECT n, 'mail ' || n FROM generate_series(1, 5) AS n;
CREATE TABLE other_mails (LIKE mails INCLUDING ALL);
-- the fifth row raises an error, and is set aside
SELECT tdp.create_project('mails', 'mails', '{"spam": {"choice": ["no", "yes"]}}',
    filter => '1 / (id - 5) < 1', overlap => 3);
SELECT tdp.add_member('mails', 'val', 'viewer', 'priv_viewer'),
    tdp.add_member('mails', 'ann', 'annotator', 'priv_annotator'),
    tdp.add_member('mails', 'rev', 'reviewer', 'priv_reviewer'),
    tdp.add_member('mails', 'bot', 'machine', 'priv_machine'),
    tdp.add_member('mails', 'max', 'manager', 'priv_manager'),
    tdp.add_member('mails', 'nat');     -- without a database role
SELECT added, set_aside FROM tdp.sync('mails');

-- ann and nat have answered item 1 and hold 2; nat has skipped 3
SELECT count(tdp.annotate('mails', '1', '{"spam": "yes"}', 'nat'));
SELECT count(*) FROM tdp.next_tasks('mails', 2, 'nat');
SELECT tdp.skip(task_id, 'unclear', 'nat') FROM tdp.tasks WHERE item = '3';
SET ROLE priv_annotator;
SELECT count(tdp.annotate('mails', '1', '{"spam": "no"}'));
SELECT count(*) FROM tdp.next_tasks('mails', 1);
SET ROLE priv_machine;
SELECT tdp.add_predictions('mails', $$SELECT 2 AS item, '{"spam": "no"}'::jsonb AS value, 0.9 AS confidence$$, 'gpt');
SET ROLE priv_owner;
SELECT tdp.annotate('mails', '4', '{"spam": "no"}');
SELECT tdp.resolve('mails');
RESET ROLE;

-- ---- how it is found out ----------------------------------------------------

CREATE TABLE public.priv_roles AS
SELECT role, n FROM unnest('{stranger,viewer,annotator,reviewer,machine,manager,owner}'::text[])
    WITH ORDINALITY AS r (role, n);

-- What a query gives to a role: its number of rows or its error's code.  What
-- it did is undone.
CREATE FUNCTION public.priv_try(role text, query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    PERFORM set_config('role', 'priv_' || role, true);
    EXECUTE format('SELECT count(q) FROM (%s) AS q', query) INTO n;
    RAISE EXCEPTION SQLSTATE 'OK000';
EXCEPTION
    WHEN SQLSTATE 'OK000' THEN RETURN n;
    WHEN OTHERS THEN RETURN SQLSTATE;
END $$;

-- ---- relations: how many rows each role sees --------------------------------

SELECT c.relname AS relation,
    max(t.result) FILTER (WHERE role = 'stranger') AS stranger,
    max(t.result) FILTER (WHERE role = 'viewer') AS viewer,
    max(t.result) FILTER (WHERE role = 'annotator') AS annotator,
    max(t.result) FILTER (WHERE role = 'reviewer') AS reviewer,
    max(t.result) FILTER (WHERE role = 'machine') AS machine,
    max(t.result) FILTER (WHERE role = 'manager') AS manager,
    max(t.result) FILTER (WHERE role = 'owner') AS owner
FROM pg_class c, public.priv_roles r,
    LATERAL public.priv_try(r.role, format('SELECT 1 FROM %s', c.oid::regclass)) AS t (result)
WHERE c.relnamespace IN ('tdp'::regnamespace, 'warehouse'::regnamespace)
    AND c.relkind IN ('r', 'v', 'S')
GROUP BY c.oid, c.relname, c.relkind ORDER BY c.relnamespace = 'tdp'::regnamespace DESC, c.relkind DESC, c.relname;

-- Writing through the views is nobody's, and of the storage neither.
SELECT c.relname, r.role, t.result
FROM pg_class c, public.priv_roles r,
    unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p (privilege),
    LATERAL has_table_privilege('priv_' || r.role, c.oid, p.privilege) AS t (result)
WHERE c.relnamespace = 'tdp'::regnamespace AND c.relkind IN ('r', 'v')
    AND t.result AND (p.privilege <> 'SELECT' OR c.relkind = 'r');

-- ---- functions: what each role may call -------------------------------------

-- Functions that know nothing of projects do the same for everybody.
CREATE TABLE public.priv_methods (name text PRIMARY KEY, query text);
INSERT INTO public.priv_methods VALUES
    ('version', 'SELECT tdp.version()'),
    ('item_key', 'SELECT tdp.item_key(1)'),
    ('conforms', $$SELECT tdp.conforms('{"a": true}', '{"a": {"boolean": true}}')$$),
    ('violations', $$SELECT * FROM tdp.violations('{"a": true}', '{"a": {"boolean": true}}')$$),
    ('fields', $$SELECT * FROM tdp.fields('{"a": {"boolean": true}}')$$),
    ('schema_diff', $$SELECT * FROM tdp.schema_diff('{"a": {"boolean": true}}', '{"b": {"boolean": true}}')$$),
    ('field_values', $$SELECT * FROM tdp.field_values('{"a": true}', '{"a": {"boolean": true}}')$$),
    ('label_schema', $$SELECT '[{"name": "a", "boolean": true}]'::jsonb::tdp.label_schema$$),
    ('percent_agreement', 'SELECT tdp.percent_agreement(i, l) FROM (VALUES (1, 1), (1, 1)) t (i, l)'),
    ('fleiss_kappa', 'SELECT tdp.fleiss_kappa(i, l) FROM (VALUES (1, 1), (1, 1)) t (i, l)'),
    ('gwet_ac1', 'SELECT tdp.gwet_ac1(i, l) FROM (VALUES (1, 1), (1, 1)) t (i, l)'),
    ('krippendorff_alpha', 'SELECT tdp.krippendorff_alpha(i, l) FROM (VALUES (1, 1), (1, 1)) t (i, l)'),
    ('cohen_kappa', 'SELECT tdp.cohen_kappa(i, l) FROM (VALUES (1, 1), (1, 1)) t (i, l)'),
    ('scott_pi', 'SELECT tdp.scott_pi(i, l) FROM (VALUES (1, 1), (1, 1)) t (i, l)'),
    ('brennan_prediger', 'SELECT tdp.brennan_prediger(i, l) FROM (VALUES (1, 1, 1), (1, 2, 1)) t (i, a, l)'),
    ('gwet_ac2', 'SELECT tdp.gwet_ac2(i, l, ''linear'') FROM (VALUES (1, 1, 1), (1, 2, 1)) t (i, a, l)'),
    ('conger_kappa', 'SELECT tdp.conger_kappa(i, a, l) FROM (VALUES (1, 1, 1), (1, 2, 1)) t (i, a, l)'),
    ('agreement_report', 'SELECT * FROM tdp.agreement_report(''SELECT 1 AS item, 1 AS annotator, 1 AS label'')'),
    ('pairwise_agreement', 'SELECT * FROM tdp.pairwise_agreement(''SELECT 1 AS item, 1 AS annotator, 1 AS label'')'),
    ('label_agreement', 'SELECT * FROM tdp.label_agreement(''SELECT 1 AS item, 1 AS annotator, 1 AS label'')'),
    ('item_disagreement', 'SELECT * FROM tdp.item_disagreement(''SELECT 1 AS item, 1 AS annotator, 1 AS label'')'),
    ('leave_one_out', 'SELECT * FROM tdp.leave_one_out(''SELECT 1 AS item, 1 AS annotator, 1 AS label'')'),
    ('icc', 'SELECT tdp.icc(i, a, v) FROM (VALUES (1, 1, 1), (1, 2, 1)) t (i, a, v)'),
    ('icc_report', 'SELECT * FROM tdp.icc_report(''SELECT 1 AS item, 1 AS annotator, 1 AS value'')'),
    ('kendall_w', 'SELECT tdp.kendall_w(i, a, v) FROM (VALUES (1, 1, 1), (1, 2, 1)) t (i, a, v)'),
    ('kendall_w_report', 'SELECT * FROM tdp.kendall_w_report(''SELECT 1 AS item, 1 AS annotator, 1 AS rank'')'),
    ('mean_spearman', 'SELECT tdp.mean_spearman(i, a, v) FROM (VALUES (1, 1, 1), (1, 2, 1)) t (i, a, v)'),
    ('agreement_state_agg', 'SELECT tdp.agreement_state_agg(i, l) FROM (VALUES (1, 1), (1, 1)) t (i, l)'),
    ('agreement_state_union', 'SELECT tdp.agreement_state_union(s) FROM (SELECT tdp.agreement_state_agg(i, l) AS s FROM (VALUES (1, 1), (1, 1)) t (i, l)) u'),
    ('agreement_of', 'SELECT tdp.agreement_of(tdp.agreement_state_agg(i, l)) FROM (VALUES (1, 1), (1, 1)) t (i, l)'),
    ('agreement_measures', 'SELECT count(*) FROM tdp.agreement_measures((SELECT tdp.agreement_state_agg(i, l) FROM (VALUES (1, 1), (1, 1)) t (i, l)))'),
    ('consensus', $$SELECT * FROM tdp.consensus('SELECT 1 AS item, 2 AS annotator, 3 AS label')$$),
    ('posterior', $$SELECT * FROM tdp.posterior('SELECT 1 AS item, 2 AS annotator, 3 AS label')$$),
    ('annotator_quality', $$SELECT * FROM tdp.annotator_quality('SELECT 1 AS item, 2 AS annotator, 3 AS label')$$),
    ('annotator_flags', $$SELECT * FROM tdp.annotator_flags('SELECT 1 AS item, 2 AS annotator, 3 AS label')$$),
    ('confusion', $$SELECT * FROM tdp.confusion('SELECT 1 AS item, 2 AS annotator, 3 AS label')$$),
    ('next_answers_needed', $$SELECT * FROM tdp.next_answers_needed('SELECT 1 AS item, 2 AS annotator, 3 AS label')$$),
    ('choose_method', $$SELECT * FROM tdp.choose_method('SELECT 1 AS item, 2 AS annotator, 3 AS label')$$),
    ('consensus_numeric', $$SELECT * FROM tdp.consensus_numeric('SELECT 1 AS item, 2 AS annotator, 3 AS label')$$),
    ('rank_pairs', $$SELECT * FROM tdp.rank_pairs('SELECT 1 AS winner, 2 AS loser')$$),
    ('consensus_text', $$SELECT * FROM tdp.consensus_text('SELECT 1 AS item, 2 AS annotator, 3 AS label')$$),
    ('knn_graph', $$SELECT * FROM tdp.knn_graph('SELECT i AS item, ARRAY[i] AS features FROM generate_series(1, 3) i', k => 1, metric => 'l2')$$),
    ('propagate', $$SELECT * FROM tdp.propagate('SELECT 1 AS source, 2 AS target, 1 AS weight', 'SELECT 1 AS item, 1 AS label UNION SELECT 2, 2')$$),
    ('propagate_points', $$SELECT * FROM tdp.propagate_points('SELECT i AS item, ARRAY[i] AS features FROM generate_series(1, 4) i', 'SELECT 1 AS item, 1 AS label UNION SELECT 2, 2', k => 2, metric => 'l2')$$);

SELECT m.name, r.role, t.result
FROM public.priv_methods m CROSS JOIN public.priv_roles r,
    LATERAL public.priv_try(r.role, m.query) AS t (result)
WHERE EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'tdp'::regnamespace AND proname = m.name)
    AND t.result !~ '^[0-9]{1,4}$';

-- The others, with what each role gets; arguments that are looked up before
-- the call are looked up by a superuser.
CREATE TABLE public.priv_calls (n serial, name text, note text, query text);
INSERT INTO public.priv_calls (name, note, query)
SELECT name, note, replace(replace(query, '$ann', ann.task_id::text), '$nat', nat.task_id::text)
FROM (VALUES
    ('my_projects', '', 'SELECT * FROM tdp.my_projects()'),
    ('require_member', '', $$SELECT tdp.require_member('mails')$$),
    ('project_settings', '', $$SELECT tdp.project_settings('mails')$$),
    ('create_project', 'on another''s table', $$SELECT tdp.create_project('mine', 'warehouse.other_mails', '{"a": {"boolean": true}}')$$),
    ('alter_project', 'instructions', $$SELECT tdp.alter_project('mails', '{"instructions": "read first"}')$$),
    ('alter_project', 'overlap', $$SELECT tdp.alter_project('mails', '{"overlap": 4}')$$),
    ('alter_project', 'label_schema', $$SELECT tdp.alter_project('mails', '{"label_schema": [{"name": "a", "boolean": true}]}')$$),
    ('alter_project', 'visibility', $$SELECT tdp.alter_project('mails', '{"visibility": "open"}')$$),
    ('alter_project', 'filter', $$SELECT tdp.alter_project('mails', '{"filter": "true"}')$$),
    ('alter_project', 'columns', $$SELECT tdp.alter_project('mails', '{"columns": ["id"]}')$$),
    ('alter_project', 'show', $$SELECT tdp.alter_project('mails', '{"show": "warehouse.mails"}')$$),
    ('alter_project', 'source', $$SELECT tdp.alter_project('mails', '{"source": "warehouse.other_mails"}')$$),
    ('alter_project', 'owner', $$SELECT tdp.alter_project('mails', '{"owner": "priv_manager"}')$$),
    ('alter_project', 'views_schema', $$SELECT tdp.alter_project('mails', '{"views_schema": "public"}')$$),
    ('alter_project', 'name', $$SELECT tdp.alter_project('mails', '{"name": "post"}')$$),
    ('add_member', 'annotator', $$SELECT tdp.add_member('mails', 'new')$$),
    ('add_member', 'manager', $$SELECT tdp.add_member('mails', 'new', 'manager')$$),
    ('add_member', 'owner', $$SELECT tdp.add_member('mails', 'new', 'owner')$$),
    ('add_member', 'me as owner', $$SELECT tdp.add_member('mails', 'me', 'owner', current_user::regrole)$$),
    ('add_member', 'the owner as viewer', $$SELECT tdp.add_member('mails', 'priv_owner', 'viewer', 'priv_owner')$$),
    ('remove_member', '', $$SELECT tdp.remove_member('mails', 'nat')$$),
    ('remove_member', 'the owner', $$SELECT tdp.remove_member('mails', 'priv_owner')$$),
    ('sync', '', $$SELECT * FROM tdp.sync('mails')$$),
    ('verify', '', $$SELECT * FROM tdp.verify('mails')$$),
    ('next_tasks', '', $$SELECT * FROM tdp.next_tasks('mails', 10)$$),
    ('next_tasks', 'for nat', $$SELECT * FROM tdp.next_tasks('mails', 10, 'nat')$$),
    ('next_tasks', 'for ann', $$SELECT * FROM tdp.next_tasks('mails', 10, 'ann')$$),
    ('task_data', 'of ann''s', $$SELECT data FROM tdp.task_data($ann) AS data WHERE data IS NOT NULL$$),
    ('task_data', 'of nat''s', $$SELECT data FROM tdp.task_data($nat) AS data WHERE data IS NOT NULL$$),
    ('submit', 'ann''s', $$SELECT tdp.submit($ann, '{"spam": "no"}')$$),
    ('submit', 'ann''s, for ann', $$SELECT tdp.submit($ann, '{"spam": "no"}', annotator => 'ann')$$),
    ('submit', 'nat''s', $$SELECT tdp.submit($nat, '{"spam": "no"}')$$),
    ('submit', 'nat''s, for nat', $$SELECT tdp.submit($nat, '{"spam": "no"}', annotator => 'nat')$$),
    ('skip', 'ann''s', $$SELECT tdp.skip($ann)$$),
    ('skip', 'nat''s, for nat', $$SELECT tdp.skip($nat, annotator => 'nat')$$),
    ('release', 'ann''s', $$SELECT tdp.release($ann)$$),
    ('release', 'nat''s, for nat', $$SELECT tdp.release($nat, annotator => 'nat')$$),
    ('extend', 'ann''s', $$SELECT tdp.extend($ann, '1 hour')$$),
    ('extend', 'nat''s, for nat', $$SELECT tdp.extend($nat, '1 hour', annotator => 'nat')$$),
    ('annotate', '', $$SELECT tdp.annotate('mails', '3', '{"spam": "no"}')$$),
    ('annotate', 'for nat', $$SELECT tdp.annotate('mails', '4', '{"spam": "no"}', 'nat')$$),
    ('annotate', 'for ann', $$SELECT tdp.annotate('mails', '4', '{"spam": "no"}', 'ann')$$),
    ('import_annotations', '', $$SELECT * FROM tdp.import_annotations('mails', 'SELECT 4 AS item, ''{"spam": "no"}''::jsonb AS value, ''nat'' AS annotator')$$),
    ('add_predictions', '', $$SELECT tdp.add_predictions('mails', 'SELECT 4 AS item, ''{"spam": "no"}''::jsonb AS value', 'gpt')$$),
    ('agreement', '', $$SELECT 1 FROM tdp.agreement('mails') LIMIT 1$$),
    ('resolve', '', $$SELECT tdp.resolve('mails')$$),
    ('set_automation', '', $$SELECT tdp.set_automation('mails', 'spam', 'body', 0.9, '{}')$$),
    ('auto_annotate', '', $$SELECT * FROM tdp.auto_annotate('mails', 'spam', 'SELECT i AS item, ARRAY[i] AS features FROM generate_series(1, 4) AS i', settings => '{"metric": "l2", "k": 2}')$$),
    ('iterate', '', $$SELECT * FROM tdp.iterate('mails')$$),
    ('drop_project', '', $$SELECT tdp.drop_project('mails')$$)) AS c (name, note, query),
    (SELECT task_id FROM tdp.task t JOIN tdp.member m USING (member_id) WHERE m.name = 'ann' AND t.state = 'l') AS ann,
    (SELECT task_id FROM tdp.task t JOIN tdp.member m USING (member_id) WHERE m.name = 'nat' AND t.state = 'l') AS nat;

SELECT c.name AS function, c.note,
    max(t.result) FILTER (WHERE role = 'stranger') AS stranger,
    max(t.result) FILTER (WHERE role = 'viewer') AS viewer,
    max(t.result) FILTER (WHERE role = 'annotator') AS annotator,
    max(t.result) FILTER (WHERE role = 'reviewer') AS reviewer,
    max(t.result) FILTER (WHERE role = 'machine') AS machine,
    max(t.result) FILTER (WHERE role = 'manager') AS manager,
    max(t.result) FILTER (WHERE role = 'owner') AS owner
FROM public.priv_calls c CROSS JOIN public.priv_roles r,
    LATERAL public.priv_try(r.role, c.query) AS t (result)
GROUP BY c.n, c.name, c.note ORDER BY c.n;

-- No function is missing above, but those behind types, operators, casts,
-- aggregates and triggers, which nobody calls by name.
SELECT p.oid::regprocedure AS missing
FROM pg_proc p
WHERE p.pronamespace = 'tdp'::regnamespace
    AND p.proname NOT IN (SELECT name FROM public.priv_methods UNION SELECT name FROM public.priv_calls)
    AND p.prorettype <> 'trigger'::regtype
    AND NOT EXISTS (SELECT FROM pg_aggregate a WHERE p.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn))
    AND NOT EXISTS (SELECT FROM pg_type t WHERE p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend))
    AND NOT EXISTS (SELECT FROM pg_operator o WHERE p.oid = o.oprcode)
    AND NOT EXISTS (SELECT FROM pg_amproc a WHERE p.oid = a.amproc)
    AND NOT EXISTS (SELECT FROM pg_cast c WHERE p.oid = c.castfunc)
ORDER BY 1;

DROP EXTENSION tdp CASCADE;
DROP TABLE public.priv_roles, public.priv_methods, public.priv_calls;
DROP FUNCTION public.priv_try;
DROP OWNED BY priv_installer, priv_owner CASCADE;
DROP ROLE priv_installer, priv_stranger, priv_viewer, priv_annotator,
    priv_reviewer, priv_machine, priv_manager, priv_owner;
