-- ---------------------------------------------------------------------------
-- queue: who holds what
-- ---------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION tdp.task_data(task_id bigint) RETURNS jsonb
AS 'MODULE_PATHNAME', 'tdp_task_data'
LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION tdp.task_data(bigint) IS
'The row that a task is about, as its annotator sees it: for whoever holds the live lease or manages the project, NULL for others, and when the source is gone or has lost its key.';

CREATE OR REPLACE VIEW tdp.tasks WITH (security_barrier) AS
SELECT t.task_id, p.name AS project, i.key AS item, m.name AS annotator,
	tdp.task_data(t.task_id) AS data, t.prediction, t.draft,
	-i.level::integer AS priority, t.leased_at, l.expires_at
FROM tdp.my_projects() me
	JOIN tdp.project p ON p.project_id = me.project_id
	JOIN tdp.lease l ON l.project_id = me.project_id
	JOIN tdp.task t ON t.task_id = l.task_id
	JOIN tdp.item i ON i.item_id = t.item_id
	JOIN tdp.member m ON m.member_id = t.member_id
WHERE l.expires_at > pg_catalog.clock_timestamp()
	AND (me.role IN ('owner', 'manager') OR l.member_id = me.member_id);
GRANT SELECT ON tdp.tasks TO PUBLIC;
COMMENT ON VIEW tdp.tasks IS
'Live leases: one''s own; managers see all. tdp.next_tasks returns rows of this form.';
COMMENT ON COLUMN tdp.tasks.task_id IS 'Number of the task, for tdp.submit and the like.';
COMMENT ON COLUMN tdp.tasks.project IS 'Name of the project.';
COMMENT ON COLUMN tdp.tasks.item IS 'Key of the row, as tdp.item_key prints it.';
COMMENT ON COLUMN tdp.tasks.annotator IS 'Who holds it.';
COMMENT ON COLUMN tdp.tasks.data IS 'The row to be judged.';
COMMENT ON COLUMN tdp.tasks.prediction IS 'A pre-filled answer; NULL: none.';
COMMENT ON COLUMN tdp.tasks.draft IS 'An answer that was begun; NULL: none.';
COMMENT ON COLUMN tdp.tasks.priority IS 'Higher is sooner; 0 by default.';
COMMENT ON COLUMN tdp.tasks.leased_at IS 'Since when it is held.';
COMMENT ON COLUMN tdp.tasks.expires_at IS 'Until when it is held.';

CREATE OR REPLACE FUNCTION tdp.next_tasks(project text, n integer DEFAULT 1,
	annotator text DEFAULT NULL)
RETURNS SETOF tdp.tasks
AS 'MODULE_PATHNAME', 'tdp_next_tasks'
LANGUAGE C VOLATILE ROWS 1;
COMMENT ON FUNCTION tdp.next_tasks(text, integer, text) IS
'Leases up to n (1 to 1000) items to the caller and returns their tasks, its own live leases first, so that asking again loses nothing. An item is never given twice to one person, except back to who let it expire or released it, and never to more than its overlap. Fewer rows, or none, when there is no more; before it returns none while others hold some that may come free, it waits for them, two seconds at most. annotator: a member without a database role for whom a manager asks.
Errors: TD020 no such project, TD021 no member. Call it in READ COMMITTED; stricter levels may fail with 40001 and can be retried.';

CREATE OR REPLACE FUNCTION tdp.skip(task_id bigint, reason text DEFAULT NULL,
	annotator text DEFAULT NULL)
RETURNS void
AS 'MODULE_PATHNAME', 'tdp_skip'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.skip(bigint, text, text) IS
'Passes a task on to others; it does not come back to who skipped it. reason is kept for managers. Errors: TD001 no such task, TD002 another''s, TD003 expired, TD004 finished.';

CREATE OR REPLACE FUNCTION tdp.release(task_id bigint,
	annotator text DEFAULT NULL)
RETURNS void
AS 'MODULE_PATHNAME', 'tdp_release'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.release(bigint, text) IS
'Gives a task back unanswered; it may come back to the same person. Errors: TD001 no such task, TD002 another''s, TD003 expired, TD004 finished.';

CREATE OR REPLACE FUNCTION tdp.extend(task_id bigint, by interval,
	annotator text DEFAULT NULL)
RETURNS timestamptz
AS 'MODULE_PATHNAME', 'tdp_extend'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.extend(bigint, interval, text) IS
'Keeps a leased task longer, by so much; returns the new end. Errors: TD001 no such task, TD002 another''s, TD003 expired, TD004 finished.';

CREATE OR REPLACE VIEW tdp.items WITH (security_barrier) AS
SELECT p.name AS project, i.key AS item,
	CASE i.state WHEN 'o' THEN 'open' WHEN 'c' THEN 'completed'
		ELSE 'withdrawn' END AS state,
	-i.level::integer AS priority, NULL::text AS batch, i.slots AS overlap,
	t.answers, t.leased, i.stale, i.created_at
FROM tdp.my_projects() me
	JOIN tdp.project p ON p.project_id = me.project_id
	JOIN tdp.item i ON i.project_id = me.project_id
	CROSS JOIN LATERAL (
		SELECT pg_catalog.count(*) FILTER (WHERE state IN ('s', 'e'))::integer AS answers,
			pg_catalog.count(*) FILTER (WHERE state = 'l')::integer AS leased
		FROM tdp.task WHERE task.item_id = i.item_id) t
WHERE me.role IN ('owner', 'manager', 'reviewer', 'viewer')
	OR EXISTS (SELECT FROM tdp.task mine
		WHERE mine.item_id = i.item_id AND mine.member_id = me.member_id);
GRANT SELECT ON tdp.items TO PUBLIC;
COMMENT ON VIEW tdp.items IS
'Rows that may be labeled, and how far they are. Annotators see those they have had a task of. Rows that wait to be looked at are no items yet: tdp.project_status counts them.';
COMMENT ON COLUMN tdp.items.project IS 'Name of the project.';
COMMENT ON COLUMN tdp.items.item IS 'Key of the row, as tdp.item_key prints it.';
COMMENT ON COLUMN tdp.items.state IS
'open; completed: all the answers wanted are there; withdrawn: the row is gone or no longer passes the filter.';
COMMENT ON COLUMN tdp.items.priority IS 'Higher is sooner; 0 by default.';
COMMENT ON COLUMN tdp.items.batch IS 'Batch it came in; NULL: none.';
COMMENT ON COLUMN tdp.items.overlap IS 'Answers wanted.';
COMMENT ON COLUMN tdp.items.answers IS 'Answers given, extra ones too.';
COMMENT ON COLUMN tdp.items.leased IS 'Tasks that annotators hold now.';
COMMENT ON COLUMN tdp.items.stale IS 'The row has changed since it was answered.';
COMMENT ON COLUMN tdp.items.created_at IS 'When it became an item.';

CREATE OR REPLACE VIEW tdp.skips WITH (security_barrier) AS
SELECT p.name AS project, i.key AS item, m.name AS annotator, t.reason,
	t.ended_at AS skipped_at
FROM tdp.my_projects() me
	JOIN tdp.project p ON p.project_id = me.project_id
	JOIN tdp.item i ON i.project_id = me.project_id
	JOIN tdp.task t ON t.item_id = i.item_id AND t.state = 'k'
	JOIN tdp.member m ON m.member_id = t.member_id
WHERE me.role IN ('owner', 'manager', 'reviewer', 'viewer')
	OR t.member_id = me.member_id;
GRANT SELECT ON tdp.skips TO PUBLIC;
COMMENT ON VIEW tdp.skips IS
'Tasks that were skipped: one''s own; those who may see all of a project see all.';
COMMENT ON COLUMN tdp.skips.project IS 'Name of the project.';
COMMENT ON COLUMN tdp.skips.item IS 'Key of the row.';
COMMENT ON COLUMN tdp.skips.annotator IS 'Who skipped it.';
COMMENT ON COLUMN tdp.skips.reason IS 'Why, in the annotator''s words.';
COMMENT ON COLUMN tdp.skips.skipped_at IS 'When.';

