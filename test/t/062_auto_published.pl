
# The default on public crowdsourcing sets: the method it takes, and whether
# its confidence is true, without and with a hundred known answers.  The sets
# are no part of the tree: they are looked for in TDP_SHARED_DATA, else in
# ../shared/data.

use strict;
use warnings;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = dirname(__FILE__) . '/../..';
my $data = ($ENV{TDP_SHARED_DATA} // "$top/../shared/data") . '/crowd';
plan skip_all => "no crowdsourcing sets in $data" unless -r "$data/rte_label.csv";

# name => percent right at least; calibration error at most without and with
# known answers, where there are 500 truths.
my %sets = (
	d_product => [ 93.6, 0.06, 0.06 ],
	bluebird => [85.0],
	rte => [ 92.5, 0.07, 0.06 ],
	web => [ 82.0, 0.12, 0.06 ],
	cf_amt => [84.6],
	ms => [ 78.0, 0.08, 0.08 ],
	sp => [ 91.4, 0.05, 0.05 ]);

my $node = PostgreSQL::Test::Cluster->new('auto');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION tdp');

# The mean over 15 bins of |confidence - right|, by the items in each; of the
# items that are not known.
sub calibration_error
{
	my ($name, $rest) = @_;
	return $node->safe_psql('postgres', qq{
		WITH c AS (
			SELECT confidence, (label = truth)::int AS good
			FROM tdp.consensus('${name}_label', $rest) JOIN ${name}_truth USING (item)
			WHERE item NOT IN (SELECT item FROM ${name}_known)),
		bins AS (
			SELECT abs(sum(confidence) - sum(good)) AS off FROM c
			GROUP BY least(floor(confidence * 15), 14))
		SELECT sum(off) / (SELECT count(*) FROM c) FROM bins});
}

my ($without, $with, $raw, $count) = (0, 0, 0, 0);
for my $name (sort keys %sets)
{
	my ($least, $most, $most_taught) = @{ $sets{$name} };

	$node->safe_psql('postgres', qq{
		CREATE TABLE ${name}_label (item text, annotator text, label text);
		CREATE TABLE ${name}_truth (item text, truth text);
		\\copy ${name}_label FROM '$data/${name}_label.csv' (FORMAT csv, HEADER)
		\\copy ${name}_truth FROM '$data/${name}_truth.csv' (FORMAT csv, HEADER)
		CREATE TABLE ${name}_known AS SELECT item, truth AS label
		FROM ${name}_truth ORDER BY md5(item) LIMIT 100});
	cmp_ok($node->safe_psql('postgres', qq{
		SELECT round(100 * avg((c.label = t.truth)::int), 2)
		FROM ${name}_truth t JOIN tdp.consensus('${name}_label') c USING (item)}),
		'>=', $least, "$name: right");
	is($node->safe_psql('postgres', qq{
		SELECT count(*) FILTER (WHERE chosen), count(why),
			bool_and(held_out_log_likelihood < 0)
		FROM tdp.choose_method('${name}_label')}), '1|1|t', "$name: a choice");
	next unless defined $most;

	my $here = calibration_error($name, "'auto'");
	my $taught = calibration_error($name, "'auto', '${name}_known'");
	cmp_ok($here, '<=', $most, "$name: confidence");
	cmp_ok($taught, '<=', $most_taught, "$name: confidence, taught");
	$without += $here;
	$with += $taught;
	$raw += calibration_error($name, qq{'auto', settings => '{"calibrate": false}'});
	$count++;
}
cmp_ok($without / $count, '<=', 0.075, 'calibration error without known answers');
cmp_ok($with / $count, '<=', 0.05, 'calibration error with a hundred');
cmp_ok($without, '<', $raw, 'better than the probability as it is');

$node->stop;
done_testing();
