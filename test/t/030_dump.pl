# Dump and restore: all that was said is there again, and the work goes on.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use PostgreSQL::Test::Utils;
use Test::More;
use Warehouse;

my $node = warehouse('dump');
my $dumps = $node->basedir;

as($node, 'warehouse', q{
	CREATE ROLE ann LOGIN;
	CREATE ROLE eve LOGIN;
	CREATE SCHEMA bi;
	GRANT USAGE ON SCHEMA bi TO ann, eve;
	CREATE TABLE docs (id int PRIMARY KEY, body text, loaded_at timestamptz DEFAULT now());
	INSERT INTO docs SELECT n, 'text ' || n FROM generate_series(1, 30) AS n;
	SELECT tdp.create_project('docs', 'docs',
		'{"zeta": {"choice": ["no", "yes"], "target_confidence": 0.9}, "alpha": {"number": {"min": 0.5, "max": 2}, "optional": true}}',
		filter => 'id <> 13', overlap => 2, instructions => E'a\nb\\c', settings => '{"views_schema": "bi"}');
	SELECT tdp.add_member('docs', 'ann', login => 'ann'), tdp.add_member('docs', 'bob');
	SELECT tdp.alter_project('docs', jsonb_build_object('label_schema',
		jsonb_set((SELECT label_schema::jsonb FROM tdp.projects), '{0,title}', '"Last letter"')));
	CREATE TABLE events (day date, n int, note text, PRIMARY KEY (day, n)) PARTITION BY RANGE (day);
	CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
	INSERT INTO events SELECT '2026-01-01', n, 'note ' || n FROM generate_series(1, 5) AS n;
	SELECT tdp.create_project('odd "name" %', 'events', '{"ok": {"boolean": true}}');
	SELECT tdp.add_member('odd "name" %', 'ann', login => 'ann');
	GRANT SELECT ON bi.docs_labels TO eve;
	GRANT SELECT ON bi.docs_answers TO ann;
	-- somebody's own view on top
	CREATE VIEW bi.shares AS SELECT zeta, count(*) FROM bi.docs_labels GROUP BY 1;
	-- answers, leases, a skip, an expired lease, predictions, labels
	SELECT count(tdp.annotate('docs', n::text, '{"zeta": "yes", "alpha": 1.50}', 'bob')) FROM generate_series(1, 10) AS n;
	SELECT count(*) FROM tdp.next_tasks('docs', 3, 'bob');
	SELECT tdp.skip(task_id, 'unclear', 'bob') FROM tdp.tasks WHERE item = '11';
	SELECT tdp.add_predictions('docs', 'SELECT id AS item, ''{"zeta": "no"}''::jsonb AS value, 0.75 AS confidence FROM docs WHERE id BETWEEN 20 AND 25', 'gpt');
	UPDATE docs SET body = 'changed' WHERE id = 2;
	DELETE FROM docs WHERE id = 3});
as($node, 'ann', q{
	SELECT count(tdp.annotate('docs', n::text, '{"zeta": "no"}')) FROM generate_series(1, 4) AS n WHERE n <> 3;
	SELECT count(*) FROM tdp.next_tasks('docs', 2);
	SELECT count(*) FROM tdp.next_tasks('odd "name" %', 2)});
as($node, 'warehouse', q{
	SELECT tdp.resolve('docs');
	-- touched and not yet looked at: as it is when a dump is made
	INSERT INTO docs SELECT n, 'text ' || n FROM generate_series(31, 35) AS n;
	DELETE FROM docs WHERE id = 5;
	INSERT INTO events SELECT '2026-02-01', n, 'note ' || n FROM generate_series(1, 5) AS n});

# What must be the same; each view is read whole.
my @views = qw(projects members items annotations annotation_revisions answers
  predictions labels resolutions project_status annotator_stats skips
  rows_set_aside tasks);

sub state_of
{
	my ($database) = @_;
	my $state = '';

	for my $view (@views)
	{
		my $except = $view eq 'tasks' ? ' - \'data\'' : '';
		$state .= "$view: $_\n"
		  for sort split /\n/, as($node, 'warehouse',
			"SELECT to_jsonb(v)$except FROM tdp.$view AS v", $database);
	}
	$state .= as($node, 'warehouse', q{
		SELECT version, label_schema::text FROM tdp.schema_version ORDER BY project_id, version;
		SELECT to_jsonb(v) FROM bi.docs_labels AS v ORDER BY id;
		SELECT to_jsonb(v) FROM bi.docs_answers AS v ORDER BY id, annotator;
		SELECT to_jsonb(v) FROM bi.shares AS v ORDER BY zeta;
		SELECT tgname, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text, tgname;
		SELECT relname, coalesce(relacl, acldefault('r', relowner)), relowner::regrole, obj_description(oid, 'pg_class') FROM pg_class WHERE relnamespace IN ('tdp'::regnamespace, 'bi'::regnamespace) AND relkind IN ('r', 'v') ORDER BY relname;
		SELECT (SELECT last_value FROM tdp.item_id_seq), (SELECT last_value FROM tdp.item_seq), (SELECT last_value FROM tdp.task_id_seq),
			(SELECT last_value FROM tdp.annotation_id_seq), (SELECT last_value FROM tdp.prediction_id_seq), (SELECT last_value FROM tdp.member_id_seq),
			(SELECT last_value FROM tdp.project_id_seq), (SELECT last_value FROM tdp.inbox_seq), (SELECT last_value FROM tdp.resolution_id_seq)},
		$database);
	return $state;
}

# The lines of one text that are not in the other.
sub differences
{
	my ($found, $expected) = @_;
	my %found = map { $_ => 1 } split /\n/, $found;
	my %expected = map { $_ => 1 } split /\n/, $expected;

	return join "\n", (map { "lost: $_" } grep { !$found{$_} } sort keys %expected),
	  (map { "new: $_" } grep { !$expected{$_} } sort keys %found);
}

sub same_state
{
	my ($database, $expected, $name) = @_;

	is(differences(state_of($database), $expected), '', "$name: all is as it was");
	is(as($node, 'warehouse', q{SELECT p.project, v.* FROM tdp.projects p, tdp.verify(p.project) v}, $database),
		'', "$name: nothing is broken");
}

# The work goes on.
sub goes_on
{
	my ($database, $name) = @_;

	as($node, 'warehouse', q{INSERT INTO docs VALUES (36, 'text 36'); UPDATE docs SET body = 'changed' WHERE id = 1}, $database);
	as($node, 'ann', q{SELECT tdp.submit(task_id, '{"zeta": "yes"}') FROM tdp.tasks WHERE project = 'docs' AND item = '6'}, $database);
	is(as($node, 'ann', q{SELECT count(*) FROM tdp.next_tasks('docs', 100)}, $database), 29,
		"$name: the queue goes on where it was");
	is(as($node, 'warehouse', q{SELECT state, stale FROM tdp.items WHERE project = 'docs' AND item IN ('1', '3', '5', '36') ORDER BY item::int}, $database),
		"completed|t\nwithdrawn|f\nwithdrawn|f\nopen|f", "$name: triggers see what happens to rows");
	is(as($node, 'ann', q{SELECT count(*) FROM tdp.next_tasks('odd "name" %', 100)}, $database), 10,
		"$name: so they do on partitions, with a composite key");
	is(as($node, 'warehouse', q{SELECT tdp.annotate('docs', '20', '{"zeta": "yes"}', 'bob') > 0}, $database), 't',
		"$name: answers are taken");
	is(as($node, 'ann', 'SELECT count(DISTINCT annotator) FROM tdp.annotations', $database), '1',
		"$name: annotators are blind");
	is(as($node, 'warehouse', q{SELECT p.project, v.* FROM tdp.projects p, tdp.verify(p.project) v}, $database),
		'', "$name: nothing is broken after that");
	is(as($node, 'warehouse', q{SELECT added, withdrawn, returned, set_aside FROM tdp.sync('docs')}, $database), '0|0|0|0',
		"$name: and nothing was overlooked");
	is(as($node, 'warehouse', q{SELECT tdp.resolve('docs') > 0}, $database), 't', "$name: labels are made");
	as($node, 'warehouse', q{DROP VIEW bi.shares; SELECT tdp.drop_project('docs'); SELECT tdp.drop_project('odd "name" %')}, $database);
	is(as($node, 'warehouse', q{SELECT count(*) FROM pg_class WHERE relkind = 'v' AND relname ~ '^project_[0-9]|^docs_'}, $database), '0',
		"$name: a project's views go with it");
}

sub url
{
	my ($role, $database) = @_;

	return $node->connstr($database) . " user=$role";
}

my $expected = state_of('shop');

# ---- pg_dump | psql, as the owner, and as a superuser -------------------------

for my $role (qw(warehouse postgres))
{
	my $database = "plain_$role";
	my $superuser = $role eq 'postgres' ? getpwuid($<) : $role;

	command_ok([ 'pg_dump', '-d', url($superuser, 'shop'), '-f', "$dumps/$role.sql" ], "$role dumps");
	$node->safe_psql('postgres', "CREATE DATABASE $database OWNER warehouse");
	command_ok([ 'psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-d', url($superuser, $database), '-f', "$dumps/$role.sql" ],
		"$role restores");
	same_state($database, $expected, $role) if $role eq 'warehouse';
	is(as($node, 'warehouse', q{SELECT count(*) FROM tdp.annotations}, $database), '13', "$role: answers are there");
	goes_on($database, $role);
}

# ---- the custom format, in parallel -------------------------------------------

command_ok([ 'pg_dump', '-Fc', '-d', url('warehouse', 'shop'), '-f', "$dumps/custom" ], 'a dump in the custom format');
$node->safe_psql('postgres', 'CREATE DATABASE custom OWNER warehouse');
command_ok([ 'pg_restore', '-j', '2', '-d', url('warehouse', 'custom'), "$dumps/custom" ], 'its restore, by two at a time');
same_state('custom', $expected, 'custom');
goes_on('custom', 'custom');

# ---- a dump of a dump is the same dump ----------------------------------------

$node->safe_psql('postgres', 'CREATE DATABASE again OWNER warehouse');
command_ok([ 'psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-d', url('warehouse', 'again'), '-f', "$dumps/warehouse.sql" ],
	'once more');
command_ok([ 'pg_dump', '-d', url('warehouse', 'again'), '-f', "$dumps/again.sql" ], 'and dumped');
sub comparable
{
	return join '', grep { !/^\\(un)?restrict |^-- Dumped/ } map { "$_\n" } split /\n/, slurp_file($_[0]);
}
is(differences(comparable("$dumps/again.sql"), comparable("$dumps/warehouse.sql")), '', 'is the same dump');

# ---- data alone, into a database that has the schema already ------------------

# The triggers are there when the rows come: keys come twice, which is harmless.
command_ok([ 'pg_dump', '-s', '-d', url('warehouse', 'shop'), '-f', "$dumps/schema.sql" ], 'the schema alone');
command_ok([ 'pg_dump', '-a', '-d', url('warehouse', 'shop'), '-f', "$dumps/data.sql" ], 'the data alone');
$node->safe_psql('postgres', 'CREATE DATABASE apart OWNER warehouse');
command_ok([ 'psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-d', url('warehouse', 'apart'), '-f', "$dumps/$_.sql" ], "$_ restored")
  for qw(schema data);
is(as($node, 'warehouse', 'SELECT count(*) FROM tdp.annotations', 'apart'), '13', 'apart: answers are there');
goes_on('apart', 'apart');

# ---- without the owner's role -------------------------------------------------

# Restored by another role, the projects wait for somebody who adopts them.
$node->safe_psql('postgres', 'CREATE ROLE heir LOGIN; CREATE DATABASE inherited OWNER heir');
command_ok([ 'pg_restore', '-O', '-x', '-d', url('heir', 'inherited'), "$dumps/custom" ], 'restored by another role');
$node->safe_psql('inherited', q{SELECT tdp.alter_project('docs', '{"owner": "heir"}')});
is(as($node, 'heir', q{SELECT owner, my_role FROM tdp.projects WHERE project = 'docs'}, 'inherited'), 'heir|owner',
	'and adopted');
is(as($node, 'ann', q{SELECT count(*) FROM tdp.next_tasks('docs', 100)}, 'inherited'), '29', 'goes on');
is(as($node, 'heir', q{SELECT count(*) FROM tdp.verify('docs')}, 'inherited'), '0', 'and nothing is broken');

$node->stop;
done_testing();
