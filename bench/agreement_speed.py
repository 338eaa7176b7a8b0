"""Krippendorff's alpha of ten million answers, beside a GROUP BY.

Five answers for each of two million items, stored in the items' order and
mixed. Beside: counting the groups, an aggregate that reads the same columns
and does nothing, and the krippendorff package in memory, its loading not
counted."""

import sys

import krippendorff
import numpy

from figure import (connect, fresh_database, medians, peak_memory,
                    seconds_of, table, verdict)

ITEMS = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
OVERLAP = 5
RUNS = 5

ALPHA = "SELECT tdp.krippendorff_alpha(item, label) FROM {}"
GROUP_BY = ("SELECT count(*) FROM (SELECT item, label FROM {} "
            "GROUP BY 1, 2) s")
NOTHING = "SELECT bench.nothing(item, label) FROM {}"


def prepare():
    fresh_database()
    with connect(superuser=True) as server:
        server.execute("CREATE SCHEMA bench AUTHORIZATION warehouse")
        # Counts, and does not look at what it is given.
        server.execute("""
            CREATE FUNCTION bench.pass(bigint, integer, integer) RETURNS bigint
            LANGUAGE internal IMMUTABLE PARALLEL SAFE
            AS 'int8inc_float8_float8'""")
        server.execute("""
            CREATE AGGREGATE bench.nothing(integer, integer) (
                SFUNC = bench.pass, STYPE = bigint, INITCOND = 0,
                COMBINEFUNC = int8pl, PARALLEL = SAFE)""")
        server.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bench "
                       "TO warehouse")
    with connect() as server:
        server.execute("SELECT setseed(0.5)")
        server.execute(f"""
            CREATE UNLOGGED TABLE bench.in_order AS
            SELECT item, CASE WHEN random() < 0.7 THEN item % 5
                ELSE (random() * 5)::integer % 5 END AS label
            FROM generate_series(1, {ITEMS}) AS item,
                 generate_series(1, {OVERLAP})
            ORDER BY item""")
        server.execute("CREATE UNLOGGED TABLE bench.mixed AS "
                       "SELECT * FROM bench.in_order ORDER BY random()")
        server.execute("VACUUM ANALYZE bench.in_order, bench.mixed")


def measure(name):
    with connect() as server:
        server.execute("SET max_parallel_workers_per_gather = 0")
        server.execute("SET work_mem = '512MB'")
        seconds = medians(
            RUNS, **{key: lambda sql=sql: server.execute(sql.format(name))
                     for key, sql in (("alpha", ALPHA), ("group", GROUP_BY),
                                      ("nothing", NOTHING))})
    return seconds


def measure_memory(name):
    with connect() as server:
        server.execute("SET max_parallel_workers_per_gather = 0")
        server.execute("SET work_mem = '4MB'")
        server.execute(NOTHING.format(name))
        before = peak_memory(server)
        value = server.execute(ALPHA.format(name)).fetchone()[0]
        return value, peak_memory(server) - before


def peer():
    """The package's own time for the same answers: a row an annotator."""
    with connect() as server:
        labels = numpy.array(server.execute(
            "SELECT array_agg(label) FROM bench.in_order").fetchone()[0])
    data = labels.reshape(ITEMS, OVERLAP).T.astype(float)
    value = []
    seconds = seconds_of(lambda: value.append(
        krippendorff.alpha(data, level_of_measurement="nominal")))
    return value[0], seconds


def main():
    prepare()
    rows = [["stored", "alpha s", "group by s", "nothing s"]]
    worst = {}
    for name in ("bench.in_order", "bench.mixed"):
        seconds = measure(name)
        rows.append([name.split(".")[1], seconds["alpha"], seconds["group"],
                     seconds["nothing"]])
        for other in ("group", "nothing"):
            worst[other] = max(worst.get(other, 0),
                               seconds["alpha"] / seconds[other])
        slowest = max(seconds["alpha"], worst.get("slowest", 0))
        worst["slowest"] = slowest
    table(rows)
    value, memory = measure_memory("bench.mixed")
    peer_value, peer_seconds = peer()
    answers = ITEMS * OVERLAP
    print(f"krippendorff's package: {peer_seconds:.3g} s; both say "
          f"{value:.9f} and {peer_value:.9f}")
    print(f"memory at work_mem = 4MB: {memory / answers:.1f} bytes an answer")
    verdict("alpha / GROUP BY, the worse of the two", worst["group"], 0.35)
    verdict("alpha / nothing, the worse of the two", worst["nothing"], 2.5)
    verdict("alpha / the package", worst["slowest"] / peer_seconds, 0.02)


main()
