"""Reading a query into a solver, beside running it with EXPLAIN ANALYZE.

The query is given as "gold" to a consensus of one annotation: its rows are
read, checked and numbered, and then there is nothing to solve."""

import sys

from figure import connect, fresh_database, medians, table, verdict

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
RUNS = 5

QUERIES = {
    "all rows": "SELECT item, 0 AS label FROM answers",
    "one in ten": "SELECT item, 0 AS label FROM answers WHERE item % 10 = 0",
    "joined": "SELECT a.item, 0 AS label FROM answers a "
              "JOIN items USING (item) WHERE region = 1",
}


def prepare():
    fresh_database()
    with connect() as server:
        server.execute(f"""
            CREATE UNLOGGED TABLE answers AS
            SELECT (n / 5)::integer AS item, (n % 5)::integer AS label
            FROM generate_series(0, {ROWS - 1}) AS n""")
        server.execute(f"""
            CREATE UNLOGGED TABLE items AS
            SELECT item, item % 20 AS region
            FROM generate_series(0, {ROWS // 5 - 1}) AS item""")
        server.execute("VACUUM ANALYZE answers, items")


def main():
    prepare()
    rows = [["query", "read s", "explain analyze s", "ratio"]]
    worst = 0.0
    with connect() as server:
        server.execute("SET tdp.solver_memory = '8GB'")
        for name, sql in QUERIES.items():
            read = ("SELECT count(*) FROM tdp.consensus("
                    "'SELECT -1 AS item, 1 AS annotator, 0 AS label', "
                    f"'majority', $q${sql}$q$)")
            explain = f"EXPLAIN (ANALYZE, TIMING OFF) {sql}"
            seconds = medians(RUNS, read=lambda: server.execute(read),
                              explain=lambda: server.execute(explain))
            ratio = seconds["read"] / seconds["explain"]
            worst = max(worst, ratio)
            rows.append([name, seconds["read"], seconds["explain"], ratio])
    table(rows)
    verdict("reading / EXPLAIN ANALYZE, the worst", worst, 1.2)


main()
