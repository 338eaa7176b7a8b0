# A server with a database that an ordinary role owns, who has installed tdp
# there; and people who work in it, each in a session of their own.

package Warehouse;

use strict;
use warnings;
use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(warehouse as people_work);

# Starts a server; its database "shop" is warehouse's.  Settings are lines of
# postgresql.conf.
sub warehouse
{
	my ($name, @settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init;
	$node->append_conf('postgresql.conf',
		join "\n", 'log_statement = none', @settings);
	$node->start;
	$node->safe_psql('postgres', 'CREATE ROLE warehouse LOGIN CREATEROLE');
	$node->safe_psql('postgres', 'CREATE DATABASE shop OWNER warehouse');
	as($node, 'warehouse', 'CREATE EXTENSION tdp');
	return $node;
}

# What statements print for a role; dies when one fails.
sub as
{
	my ($node, $role, $sql, $database) = @_;

	return $node->safe_psql($database // 'shop', $sql,
		connstr => $node->connstr($database // 'shop') . " user=$role");
}

# Lets each of these roles run its script in psql, all at the same time, and
# calls $meanwhile every now and then until all are through.  Returns what each
# printed, its errors and the seconds that it took.
sub people_work
{
	my ($node, $scripts, $meanwhile) = @_;
	my $start = time;
	my (%printed, %errors, @working);

	for my $role (sort keys %$scripts)
	{
		my $file = $node->basedir . "/$role.sql";

		open my $handle, '>', $file or die "$file: $!";
		print $handle $scripts->{$role};
		close $handle;
		$printed{$role} = $errors{$role} = '';
		push @working, IPC::Run::start(
			[
				'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1',
				'-d', $node->connstr('shop') . " user=$role", '-f', $file
			],
			'<', \undef, '>', \$printed{$role}, '2>', \$errors{$role});
	}
	while (grep { $_->pumpable } @working)
	{
		$_->pump_nb for grep { $_->pumpable } @working;
		$meanwhile->() if $meanwhile;
		sleep 0.05;
	}
	$_->finish for @working;
	return (\%printed, \%errors, time - $start);
}

1;
