# The server is killed while people work and rows come: every answer that was
# acknowledged is there afterwards, and nothing is broken.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Test::More;
use Time::HiRes qw(time);
use Warehouse;

my @people = map { "ann$_" } 1 .. 4;
my $node = warehouse('crash', 'fsync = on', 'synchronous_commit = on', 'full_page_writes = on');

as($node, 'warehouse', q{
	CREATE TABLE docs (id int PRIMARY KEY, body text);
	INSERT INTO docs SELECT n, 'text ' || n FROM generate_series(1, 3000) AS n;
	SELECT tdp.create_project('docs', 'docs', '{"sentiment": {"choice": ["bad", "good"]}}', overlap => 2)});
as($node, 'warehouse', "CREATE ROLE $_ LOGIN; SELECT tdp.add_member('docs', '$_', login => '$_')") for @people;

# Each prints the numbers of the annotations that it was given.
my $work = <<'SQL' x 2000;
SELECT coalesce(array_agg(task_id), '{}') AS tasks, count(*) = 0 AS nothing FROM tdp.next_tasks('docs', 3) \gset
\if :nothing
\quit
\endif
SELECT tdp.submit(id, '{"sentiment": "good"}') FROM unnest(:'tasks'::bigint[]) AS id;
SQL
my (%acknowledged, $loaded);

for my $crash (1 .. 3)
{
	my $start = time;
	my $killed = 0;
	my $first = 10000 * $crash;
	my ($printed, $errors) = people_work(
		$node,
		{
			(map { $_ => $work } @people),
			warehouse => join '', map {
				my $id = $first + $_;
				"INSERT INTO docs VALUES ($id, 'new') RETURNING id;\nSELECT pg_sleep(0.01);\n"
			  } 1 .. 5000
		},
		sub {
			return if $killed || time - $start < 1 + $crash;
			$node->stop('immediate');
			$killed = 1;
		});

	for my $person (@people)
	{
		push @{ $acknowledged{$person} }, grep { /^\d+$/ } split /\n/, $printed->{$person};
	}
	$loaded += grep { /^\d+$/ } split /\n/, $printed->{warehouse};
	ok($killed, "crash $crash");
	$node->start;

	my $count = 0;
	for my $person (@people)
	{
		my $numbers = join ',', @{ $acknowledged{$person} };

		$count += @{ $acknowledged{$person} };
		is(as($node, $person, "SELECT count(*) FROM unnest('{$numbers}'::bigint[]) AS n
			WHERE NOT EXISTS (SELECT FROM tdp.annotations WHERE annotation_id = n)"),
			'0', "crash $crash: every answer that $person was told is stored is there");
	}
	cmp_ok($count, '>', 0, "crash $crash: there were some");
	is(as($node, 'warehouse', "SELECT * FROM tdp.verify('docs')"), '', "crash $crash: nothing is broken");
	is(as($node, 'warehouse', 'SELECT count(*) FROM tdp.items WHERE answers + leased > overlap'), '0',
		"crash $crash: no item is above its overlap");
}

# What was loaded and never looked at is still known, without a sync.
my ($printed, $errors) = people_work($node, { map { $_ => $work } @people });
is(join('', values %$errors), '', 'they work on until nothing is left');
is(as($node, 'warehouse', q{SELECT count(*) FROM docs d WHERE NOT EXISTS
	(SELECT FROM tdp.items i WHERE i.item = d.id::text AND i.answers = 2)}), '0', 'no row is forgotten');
cmp_ok(as($node, 'warehouse', 'SELECT count(*) FROM docs'), '>=', 3000 + $loaded, 'no row that was loaded is lost');
is(as($node, 'warehouse', 'SELECT added, withdrawn, returned FROM tdp.sync($$docs$$)'), '0|0|0', 'nor overlooked');
is(as($node, 'warehouse', "SELECT * FROM tdp.verify('docs')"), '', 'nothing is broken');

$node->stop;
done_testing();
