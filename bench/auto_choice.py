"""The default method on public sets, and what its confidence is worth.

Every pair NAME_label.csv and NAME_truth.csv in the folder of the shared sets:
percent right by each candidate, by auto and by the best with hindsight (ties
of the majority as they would fall by chance), and the calibration error over
15 bins and the mean confidence less the share right: raw, calibrated, and
with 100 known answers (mean of some draws)."""

import pathlib

from figure import connect, fresh_database, shared_data

METHODS = ("majority", "dawid_skene", "bwa", "ebcc")
DRAWS = 5
FAIR = """
    SELECT 100 * avg(share)::float8 FROM (
        SELECT item, avg((label = truth)::int) AS share
        FROM (SELECT *, max(probability) OVER (PARTITION BY item) AS most
              FROM tdp.posterior('answers', %s)) p JOIN truths USING (item)
        WHERE probability > most - 1e-9 GROUP BY item) s"""
RELIABILITY = """
    WITH c AS (
        SELECT confidence, (label = truth)::int AS good
        FROM tdp.consensus('answers', 'auto', %s, %s::jsonb)
        JOIN truths USING (item)
        WHERE %s::text IS NULL OR item NOT IN (SELECT item FROM known)),
    bins AS (
        SELECT abs(sum(confidence) - sum(good)) AS off FROM c
        GROUP BY least(floor(confidence * 15), 14))
    SELECT (SELECT sum(off) FROM bins) / count(*),
        100 * avg(confidence - good)::float8 FROM c"""


def load(server, labels, truths):
    server.execute("DROP TABLE IF EXISTS answers, truths")
    server.execute("CREATE TABLE answers (item text, annotator text, "
                   "label text)")
    server.execute("CREATE TABLE truths (item text, truth text)")
    for table, path in (("answers", labels), ("truths", truths)):
        with server.cursor().copy(f"COPY {table} FROM STDIN "
                                  "(FORMAT csv, HEADER)") as copy:
            copy.write(path.read_bytes())


def reliability(server, gold=None, settings="{}"):
    return server.execute(RELIABILITY, (gold, settings, gold)).fetchone()


def taught(server):
    draws = []
    for draw in range(DRAWS):
        server.execute("DROP TABLE IF EXISTS known")
        server.execute(f"""
            CREATE TABLE known AS SELECT item, truth AS label FROM truths
            ORDER BY md5(item || '{draw}') LIMIT 100""")
        draws.append(reliability(server, "known"))
    return (sum(d[0] for d in draws) / DRAWS,
            sum(abs(d[1]) for d in draws) / DRAWS)


def measure(server, name):
    (chosen,) = server.execute("SELECT method FROM tdp.choose_method('answers')"
                               " WHERE chosen").fetchone()
    right = {m: server.execute(FAIR, (m,)).fetchone()[0] for m in METHODS
             if server.execute("SELECT true FROM tdp.choose_method('answers') "
                               "WHERE method = %s OR %s = 'majority'",
                               (m, m)).fetchone()}
    right["auto"] = server.execute(FAIR, ("auto",)).fetchone()[0]
    best = max(right.values())
    cells = " ".join(f"{m} {r:.2f}" for m, r in right.items())
    print(f"{name:12} {cells} ({chosen}) best {best:.2f}", flush=True)
    return right | {"best": best}


def main():
    folder = pathlib.Path(shared_data) / "crowd"
    rows, curves = [], []
    fresh_database()
    with connect() as server:
        server.execute("CREATE TABLE known (item text, label text)")
        for labels in sorted(folder.glob("*_label.csv")):
            truths = labels.with_name(labels.name.replace("_label", "_truth"))
            name = labels.name.removesuffix("_label.csv")
            if "emotion" in name or not truths.exists():
                continue
            load(server, labels, truths)
            rows.append(measure(server, name))
            (count,) = server.execute("SELECT count(*) FROM truths").fetchone()
            if count < 500:
                continue
            raw = reliability(server, settings='{"calibrate": false}')
            curve = (*raw, *reliability(server), *taught(server))
            curves.append(curve)
            print(" " * 12, "error raw %.3f (%+.1f), calibrated %.3f (%+.1f), "
                  "taught %.3f (%.1f)" % curve, flush=True)
    print("mean", *(f"{m} {sum(r[m] for r in rows) / len(rows):.2f}"
                    for m in rows[0] if all(m in r for r in rows)))
    print("mean error and distance: raw %.3f %.1f, calibrated %.3f %.1f, "
          "taught %.3f %.1f" % tuple(sum(abs(c[i]) for c in curves) /
                                     len(curves) for i in range(6)))


main()
