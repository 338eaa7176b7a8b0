# Coefficients of agreement with standard errors and intervals, against the
# values that the R package irrCAC prints in its tests.  The sets are no part of
# the tree: they are looked for in TDP_SHARED_DATA, else in ../shared/data.

use strict;
use warnings;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = dirname(__FILE__) . '/../..';
my $data = $ENV{TDP_SHARED_DATA} // "$top/../shared/data";
plan skip_all => "no sets of ratings in $data" unless -r "$data/agreement_irrcac_expected.csv";

my %measures = (bp => 'brennan_prediger', brennan_prediger => 'brennan_prediger',
	conger => 'conger_kappa', fleiss => 'fleiss_kappa', cohen => 'cohen_kappa',
	scott => 'scott_pi', krippendorff => 'krippendorff_alpha',
	pa => 'percent_agreement');
my %custom = (
	raw_4raters => '[[1,0.75,0.5,0.25,0],[0,1,0.75,0.5,0.25],[0.25,0,1,0.75,0.5],[0.5,0.25,0,1,0.75],[0.75,0.5,0.25,0,1]]',
	cont4x4diagnosis => '[[1,0.67,0.33,0],[0,1,0.67,0.33],[0,0,1,0.67],[0.33,0,0,1]]',
	cont3x3abstractors => '[[1,0.5,0],[0,1,0.5],[0.5,0,1]]');

# With asymmetric weights irrCAC's own variance of these is not the published
# formula's; the intervals below were computed from that, independently.
my %formula = ('cohen cont4x4diagnosis' => [ 0.341, 0.5362 ],
	'scott cont4x4diagnosis' => [ 0.3435, 0.5376 ]);

my $node = PostgreSQL::Test::Cluster->new('agreement');
$node->init;
$node->start;
$node->safe_psql('postgres', qq{
	CREATE EXTENSION tdp;
	CREATE TABLE rating (dataset text, item text, annotator text, label text);
	\\copy rating FROM '$data/agreement_raw.csv' (FORMAT csv, HEADER)
	CREATE TABLE cell AS
	SELECT dataset, a, b, row_number() OVER (PARTITION BY dataset) AS item
	FROM (VALUES ('cont3x3abstractors', '{{13,0,0},{0,20,7},{0,4,56}}'::int[]),
		('cont4x4diagnosis', '{{40,4,4,17},{6,25,2,13},{4,1,21,12},{15,5,9,45}}')) AS t (dataset, counts),
		generate_subscripts(counts, 1) AS a, generate_subscripts(counts, 2) AS b,
		generate_series(1, counts[a][b]);
	INSERT INTO rating SELECT dataset, item::text, annotator, label::text
	FROM cell, LATERAL (VALUES ('a', a), ('b', b)) AS l (annotator, label)});

open(my $file, '<', "$data/agreement_irrcac_expected.csv") or die $!;
chomp(my $header = <$file>);
my $rows = 0;
while (my $line = <$file>)
{
	chomp $line;
	my ($form, $coefficient, $dataset, $weights, $estimate, $lower, $upper,
		$error, $agreement) = split /,/, $line;
	my $measure = $measures{$coefficient}
	  // ($weights eq 'identity' ? 'gwet_ac1' : 'gwet_ac2');
	my $type = $dataset =~ /raw_g|ben/ ? 'text' : 'int';
	my $setting = $weights eq 'custom' ? $custom{$dataset} : qq{"$weights"};
	my $function = $form eq 'raw' ? 'agreement_report' : 'pairwise_agreement';
	my $call = qq{tdp.$function(
		'SELECT item, annotator, label::$type AS label FROM rating WHERE dataset = \$1 AND label <> ''None''',
		'{"weights": $setting}', ARRAY['$dataset'])};
	my $got = $node->safe_psql('postgres', qq{
		SELECT r.value, r.stderr, r.lower, r.upper, p.value FROM $call r, $call p
		WHERE r.measure = '$measure' AND p.measure = 'percent_agreement'});
	my @got = split /\|/, $got;
	my $formula = $formula{"$coefficient $dataset"};
	($error, $lower, $upper) = ('', @$formula) if $weights eq 'custom' && $formula;
	my @expected = ($estimate, $error, $lower, $upper,
		$coefficient eq 'krippendorff' ? '' : $agreement);
	my @wrong = grep {
		defined $expected[$_] && $expected[$_] ne ''
		  && !(defined $got[$_] && abs($got[$_] - $expected[$_]) <= 6e-4)
	} 0 .. 4;
	ok(!@wrong, "$form $coefficient $dataset $weights") or diag("got $got");
	$rows++;
}
cmp_ok($rows, '>=', 159, 'all rows');

$node->stop;
done_testing();
