# Every statement in README.md and docs/ is run.  A block of SQL that is
# followed by a plain block must print just that (white space aside).  The SQL
# of the README is the demo's own (a block of psql is what leads up to it).

use strict;
use warnings;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = dirname(__FILE__) . '/../..';
my @pages = ("$top/README.md", sort glob "$top/docs/*.md");

my $node = PostgreSQL::Test::Cluster->new('docs');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE reader LOGIN');

# The blocks of a page: [language, text, line].
sub blocks
{
	my ($page) = @_;
	my (@blocks, $open);

	for my $line (split /\n/, slurp_file($page))
	{
		if ($line =~ /^```(\w*)/)
		{
			if (defined $open)
			{
				push @blocks, $open;
				$open = undef;
			}
			else
			{
				$open = [ $1, '' ];
			}
		}
		elsif (defined $open)
		{
			$open->[1] .= "$line\n";
		}
		elsif ($line =~ /\S/)
		{
			push @blocks, [ 'prose', $line ];
		}
	}
	return @blocks;
}

sub squeezed
{
	my ($text) = @_;
	$text =~ s/[-+]{2,}//g;
	$text =~ s/\s+/ /g;
	$text =~ s/^ | $//g;
	return $text;
}

my $demo = squeezed(join ' ', map { slurp_file($_) } sort glob "$top/demo/*.sql");

# \copy finds its file from the top
chdir $top or die "cannot go to the top: $!";

for my $page (@pages)
{
	my $name = basename($page, '.md');
	my $database = lc "docs_$name";
	my @blocks = blocks($page);
	my $session;

	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, 'CREATE EXTENSION tdp')
	  unless grep { $_->[1] =~ /CREATE EXTENSION tdp/ } @blocks;
	for my $i (0 .. $#blocks)
	{
		my ($language, $text) = @{ $blocks[$i] };
		next unless $language eq 'sql' || $language eq 'psql';

		my ($stdout, $stderr);
		my $status = $node->psql(
			$database, $text,
			stdout => \$stdout,
			stderr => \$stderr,
			extra_params => [ '-q', '-A', '-P', 'format=aligned', '-P', 'footer=off', '-P', 'tuples_only=off' ]);
		my ($start) = $text =~ /(\S.{0,60})/;

		is($status, 0, "$name: $start") or diag($stderr);
		if ($name eq 'README' && $language eq 'sql')
		{
			ok(index($demo, squeezed($_)) >= 0, 'in the demo: ' . substr($_, 0, 40))
			  or diag($_)
			  foreach grep { /\S/ } split /;\n/, $text;
		}
		my $next = $blocks[ $i + 1 ];
		if (defined $next && $next->[0] =~ /^(text|)$/)
		{
			is(squeezed($stdout), squeezed($next->[1]), "$name: what it prints");
		}
	}
}

$node->stop;
done_testing();
