# Consensus on public crowdsourcing sets, against accuracies that were computed
# independently of this code.  The sets are no part of the tree: they are
# looked for in TDP_SHARED_DATA, else in ../shared/data.

use strict;
use warnings;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = dirname(__FILE__) . '/../..';
my $data = ($ENV{TDP_SHARED_DATA} // "$top/../shared/data") . '/crowd';
plan skip_all => "no crowdsourcing sets in $data" unless -r "$data/rte_label.csv";

# name => percent right of: majority (a random break of ties, on the average),
# textbook Dawid-Skene (and after so many iterations), the same with .01 added
# to each cell (iterations); what the defaults must reach; and, as their authors
# published them, bayes_dawid_skene and bwa; wawa and zbs, whose ties go to the
# smallest label, as here when all labels are said to be equally frequent.
my %sets = (
	d_product => [ 89.66, [ 93.97, 98 ], [ 93.97, 70 ], 93.6, 93.83, 91.94, 89.66, 89.66 ],
	s_adult => [ 75.83, [ 74.77, 104 ], [ 73.87, 95 ], 74.7, 74.47, 74.17, 76.28, 76.58 ],
	bluebird => [ 75.93, [ 89.81, 12 ], [ 89.81, 12 ], 88.8, 88.89, 75.93, 75.93, 75.93 ],
	rte => [ 89.69, [ 92.75, 13 ], [ 92.75, 13 ], 92.7, 92.75, 92.75, 92.12, 92.12 ],
	web => [ 73.07, [ 82.62, 192 ], [ 82.17, 94 ], 82.6, 75.08, 82.25, 81.68, 82.62 ],
	cf_amt => [ 85.33, [ 83.67, 12 ], [ 84.00, 10 ], 84.0, 85.67, 86.00, 85.67, 85.67 ],
	ms => [ 70.42, [ 76.71, 120 ], [ 76.86, 75 ], 76.7, 79.00, 78.57, 79.86, 80.00 ],
	sp => [ 88.59, [ 91.48, 24 ], [ 91.48, 24 ], 91.4, 91.50, 91.70, 89.50, 89.46 ]);

my %ebcc = (
	d_product => 93.49,
	bluebird => 86.11,
	rte => 93.13,
	cf_amt => 85.67,
	ms => 78.71,
	sp => 91.52);

my $node = PostgreSQL::Test::Cluster->new('published');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION tdp');

# Percent of the known items whose label by this call is the true one.
sub accuracy
{
	my ($name, $rest) = @_;
	return $node->safe_psql('postgres', qq{
		SELECT round(100 * avg((c.label = t.truth)::int), 2)
		FROM ${name}_truth t JOIN tdp.consensus('${name}_label', $rest) c USING (item)});
}

# The same where a tie is broken by chance.
sub fair_accuracy
{
	my ($name) = @_;
	return $node->safe_psql('postgres', qq{
		SELECT round(100 * avg(share), 2) FROM (
			SELECT t.item, avg((p.label = t.truth)::int) AS share
			FROM ${name}_truth t
			JOIN (SELECT *, max(probability) OVER (PARTITION BY item) AS most
				FROM tdp.posterior('${name}_label', 'majority')) p USING (item)
			WHERE p.probability > p.most - 1e-9
			GROUP BY t.item) s});
}

sub about
{
	my ($got, $expected, $what) = @_;
	ok(abs($got - $expected) <= 0.2, $what)
	  or diag("got $got, expected $expected");
}

for my $name (sort keys %sets)
{
	my ($majority, $textbook, $smoothed, $least, $bayes, $bwa, $wawa, $zbs) = @{ $sets{$name} };
	my $textbook_settings = qq{{"smoothing": 0, "tolerance": 0, "max_iter": $textbook->[1]}};
	my $smoothed_settings = qq{{"smoothing": 0.01, "tolerance": 0, "max_iter": $smoothed->[1]}};

	$node->safe_psql('postgres', qq{
		CREATE TABLE ${name}_label (item text, annotator text, label text);
		CREATE TABLE ${name}_truth (item text, truth text);
		\\copy ${name}_label FROM '$data/${name}_label.csv' (FORMAT csv, HEADER)
		\\copy ${name}_truth FROM '$data/${name}_truth.csv' (FORMAT csv, HEADER)});

	about(fair_accuracy($name), $majority, "$name: majority");
	about(accuracy($name, "'ds', settings => '$textbook_settings'"),
		$textbook->[0], "$name: textbook Dawid-Skene");
	about(accuracy($name, "'ds', settings => '$smoothed_settings'"),
		$smoothed->[0], "$name: with little smoothing");
	my $alike = "(SELECT jsonb_build_object('priors', jsonb_object_agg(label, 1)) "
	  . "FROM (SELECT DISTINCT label FROM ${name}_label) l)";
	about(accuracy($name, "'wawa', settings => $alike"), $wawa, "$name: wawa");
	about(accuracy($name, "'zbs', settings => $alike"), $zbs, "$name: zbs");
	about(accuracy($name, "'ibcc'"), $bayes, "$name: bayes_dawid_skene");
	about(accuracy($name, "'bwa'"), $bwa, "$name: bwa");
	about(accuracy($name, "'glad'"), 92.8, "$name: glad, as published")
	  if $name eq 'd_product';
	cmp_ok(accuracy($name, "'mace'"), '>=', 92.7, "$name: mace, as published")
	  if $name eq 'd_product';
	# published: the best of forty starts, ten sub-types
	cmp_ok(accuracy($name, "'ebcc'"), '>=', $ebcc{$name} - 1,
		"$name: ebcc, about as published") if $ebcc{$name};
	cmp_ok(accuracy($name, "'dawid_skene'"), '>=', $least, "$name: by default");
}

$node->stop;
done_testing();
