"""What the figures share: the server, medians, a table."""

import os
import statistics
import time

import psycopg

shared_data = os.environ.get("TDP_SHARED_DATA", "../shared/data")


def connect(superuser=False, database="bench"):
    """A connection to the private server; the superuser is for what only he
    may do, as to make a peer of internal functions."""
    server = f"{os.environ['TDP_SERVER']} dbname={database}"
    if superuser:
        server += " user=postgres"
    return psycopg.connect(server, autocommit=True)


def fresh_database():
    """An empty database "bench" with the tdp of this tree."""
    with connect(superuser=True, database="postgres") as server:
        server.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
        server.execute("CREATE DATABASE bench OWNER warehouse")
    with connect() as server:
        server.execute("CREATE EXTENSION tdp")


def seconds_of(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def medians(runs, **calls):
    """Seconds of each call: the median of so many runs, taken in turn after
    one that does not count."""
    for call in calls.values():
        call()
    seconds = {name: [] for name in calls}
    for _ in range(runs):
        for name, call in calls.items():
            seconds[name].append(seconds_of(call))
    return {name: statistics.median(one) for name, one in seconds.items()}


def peak_memory(connection):
    """Most memory, in bytes, that the backend of a connection ever had."""
    with open(f"/proc/{connection.info.backend_pid}/status") as status:
        for line in status:
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    return 0


def table(rows):
    """Prints rows, the first of them the heads."""
    texts = [[cell if isinstance(cell, str) else f"{cell:.4g}" for cell in row]
             for row in rows]
    widths = [max(len(row[c]) for row in texts) for c in range(len(texts[0]))]
    for n, row in enumerate(texts):
        print("  ".join(text.ljust(width) if c == 0 else text.rjust(width)
                        for c, (text, width) in enumerate(zip(row, widths))))
        if n == 0:
            print("  ".join("-" * width for width in widths))


def verdict(what, ratio, most):
    print(f"{what}: {ratio:.3g} (at most {most:g}: "
          f"{'met' if ratio <= most else 'NOT MET'})", flush=True)
