# Eight people empty a project at once: no item goes twice to one person, none
# beyond its overlap, and none is forgotten.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use List::Util qw(sum);
use Test::More;
use Warehouse;

my @people = map { "ann$_" } 1 .. 8;
my $node = warehouse('load', 'max_wal_size = 2GB', 'checkpoint_timeout = 1h');

sub members
{
	my ($project) = @_;

	as($node, 'warehouse',
		join '', map { "SELECT tdp.add_member('$project', '$_', login => '$_');" } @people);
}

# Asks for up to n tasks and does something with each, until there are none;
# prints how many were done each time.
sub until_nothing_is_left
{
	my ($project, $n, $rounds, $do) = @_;

	return <<"SQL" x $rounds;
SELECT coalesce(array_agg(task_id), '{}') AS tasks, count(*) = 0 AS nothing FROM tdp.next_tasks('$project', $n) \\gset
\\if :nothing
\\quit
\\endif
SELECT count($do) FROM unnest(:'tasks'::bigint[]) AS id;
SQL
}

as($node, 'warehouse', 'CREATE TABLE docs (id int PRIMARY KEY, body text)');
as($node, 'warehouse', "CREATE ROLE $_ LOGIN") for @people;

# ---- 20,000 items, overlap 3 -------------------------------------------------

as($node, 'warehouse', q{
	SELECT tdp.create_project('docs', 'docs', '{"sentiment": {"choice": ["bad", "good"]}}', overlap => 3)});
members('docs');
as($node, 'warehouse',
	"INSERT INTO docs SELECT n, 'text ' || n FROM generate_series($_ * 1000 + 1, ($_ + 1) * 1000) AS n")
  for 0 .. 19;

my $above = 0;
my $looked = time;
my ($printed, $errors, $seconds) = people_work(
	$node,
	{
		map {
			$_ => until_nothing_is_left('docs', 20, 1100,
				q{tdp.submit(id, '{"sentiment": "good"}')})
		} @people
	},
	sub {
		return if time - $looked < 5;
		$above += as($node, 'warehouse',
			'SELECT count(*) FROM tdp.items WHERE answers + leased > overlap');
		$looked = time;
	});
my %answered = map { $_ => sum(0, split /\n/, $printed->{$_}) } @people;

note sprintf '60,000 leases and answers in %.1f s: %.0f a second', $seconds, 60000 / $seconds;
is(join('', values %$errors), '', 'nobody met an error');
is(sum(values %answered), 60000, 'every answer was acknowledged');
is(as($node, 'warehouse', 'SELECT count(*), count(DISTINCT (item, annotator)), count(DISTINCT item) FROM tdp.annotations'),
	'60000|60000|20000', 'and is there, no item twice from one person');
is(as($node, 'warehouse', 'SELECT state, answers, leased, count(*) FROM tdp.items GROUP BY 1, 2, 3'),
	'completed|3|0|20000', 'no item is forgotten');
is($above, 0, 'none was above its overlap meanwhile');
is(as($node, 'warehouse', 'SELECT waiting, touched, open, leased, completed, answers FROM tdp.project_status'),
	'0|0|0|0|20000|60000', 'the counts are exact');
is(as($node, 'warehouse', "SELECT * FROM tdp.verify('docs')"), '', 'nothing is broken');
cmp_ok($answered{$_}, '>', 1000, "$_ had a share") for @people;
as($node, 'warehouse', q{SELECT tdp.drop_project('docs'); TRUNCATE docs});

# ---- people who skip, release and walk away, while rows come and go ----------

as($node, 'warehouse', q{
	INSERT INTO docs SELECT n, 'text ' || n FROM generate_series(1, 1500) AS n;
	SELECT tdp.create_project('mixed', 'docs', '{"sentiment": {"choice": ["bad", "good"]}}',
		overlap => 2, lease => '3 seconds');
	SELECT tdp.add_member('mixed', 'ghost'), tdp.add_member('mixed', 'spectre');
	CREATE FUNCTION act(task bigint) RETURNS bigint LANGUAGE plpgsql AS $$
	DECLARE
		dice float8 := random();
	BEGIN
		IF dice < 0.05 THEN
			PERFORM tdp.skip(task, 'no idea');
		ELSIF dice < 0.10 THEN
			PERFORM tdp.release(task);
		ELSIF dice < 0.90 THEN
			PERFORM tdp.submit(task, '{"sentiment": "bad"}');
			RETURN 1;
		END IF;
		RETURN NULL;
	EXCEPTION WHEN SQLSTATE 'TD001' OR SQLSTATE 'TD003' THEN
		RETURN NULL;
	END $$;
	GRANT EXECUTE ON FUNCTION act TO PUBLIC});
members('mixed');
# two who never come back hold a fifth of the items each
as($node, 'warehouse', qq{
	SELECT count(*) FROM tdp.next_tasks('mixed', 300, 'ghost');
	SELECT count(*) FROM tdp.next_tasks('mixed', 300, 'spectre')});

my ($total, $rounds) = (0, 0);
do
{
	my %scripts = map { $_ => until_nothing_is_left('mixed', 15, 300, 'act(id)') } @people;

	# rows come, change and go; the 1,500 first ones stay
	$scripts{warehouse} = join '', map { "
		INSERT INTO docs SELECT n, 'new' FROM generate_series(1500 + $_ * 10, 1509 + $_ * 10) AS n;
		UPDATE docs SET body = body || '.' WHERE id % 50 = $_;
		DELETE FROM docs WHERE id BETWEEN 1500 + $_ * 10 AND 1504 + $_ * 10;
		SELECT pg_sleep(0.02);\n" } 1 .. 49
	  if $rounds == 0;
	($printed, $errors, $seconds) = people_work($node, \%scripts);
	delete $printed->{warehouse};
	$total += sum(0, map { split /\n/ } values %$printed);
	is(join('', values %$errors), '', 'nobody met an error, round ' . ++$rounds);
	sleep 3;    # for leases to expire
} while ($rounds < 10 && as($node, 'warehouse', q{SELECT count(*) FROM tdp.items WHERE state = 'open'}) > 0);

is(as($node, 'warehouse', q{SELECT state, answers, leased, count(*) FROM tdp.items WHERE state <> 'withdrawn' GROUP BY 1, 2, 3}),
	'completed|2|0|1745', 'no row that is there is forgotten');
is(as($node, 'warehouse', q{SELECT count(*) FROM tdp.items WHERE state <> 'withdrawn' AND item::int NOT IN (SELECT id FROM docs)}),
	'0', 'and none that is gone is kept');
is(as($node, 'warehouse', 'SELECT count(*), count(DISTINCT (item, annotator)) FROM tdp.annotations'),
	"$total|$total", 'acknowledged answers are there, no item twice from one person');
is(as($node, 'warehouse', 'SELECT max(answers) FROM tdp.items'), '2', 'none above its overlap');
is(as($node, 'warehouse', q{SELECT count(*) FROM tdp.annotations WHERE annotator IN ('ghost', 'spectre')}),
	'0', 'who never came back has not answered');
cmp_ok(as($node, 'warehouse', 'SELECT count(*) FROM tdp.items WHERE stale'), '>', 0,
	'labels of changed rows are stale');
is(as($node, 'warehouse', "SELECT * FROM tdp.verify('mixed')"), '', 'nothing is broken');

$node->stop;
done_testing();
