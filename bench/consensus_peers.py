"""Truth inference on public sets, method by method beside crowd-kit.

Percent of the known items that get their true label, and seconds of the whole
call. Ties go to the first label on both sides. crowd-kit's GLAD and MACE are
left out where they would take minutes."""

import os
import sys

import pandas
from crowdkit.aggregation import (GLAD, KOS, MACE, MMSR, DawidSkene,
                                  MajorityVote, OneCoinDawidSkene, Wawa,
                                  ZeroBasedSkill)

from figure import connect, fresh_database, seconds_of, shared_data, table

SETS = ["d_product", "s_adult", "bluebird", "rte", "web", "cf_amt", "ms", "sp"]
SLOW = 30_000
PEERS = {
    "majority": MajorityVote,
    "wawa": Wawa,
    "zbs": ZeroBasedSkill,
    "dawid_skene": DawidSkene,
    "one_coin": OneCoinDawidSkene,
    "glad": GLAD,
    "mace": MACE,
    "m_msr": MMSR,
    "kos": KOS,
}


def read(name):
    return tuple(pandas.read_csv(os.path.join(shared_data, "crowd", name +
                                              part), dtype=str)
                 for part in ("_label.csv", "_truth.csv"))


def percent(labels, truth):
    known = labels.reindex(truth["item"])
    return 100 * (known.to_numpy() == truth["truth"].to_numpy()).mean()


def theirs(method, answers, truth):
    data = answers.rename(columns={"item": "task", "annotator": "worker"})
    data = data.drop_duplicates()
    result = []
    try:
        seconds = seconds_of(
            lambda: result.append(PEERS[method]().fit_predict(data)))
    except Exception as problem:  # a peer may not take what we take
        return f"({type(problem).__name__})", "-"
    return percent(result[0], truth), seconds


def ours(server, name, method, truth):
    rows = []
    seconds = seconds_of(lambda: rows.extend(server.execute(
        f"SELECT item, label FROM tdp.consensus('{name}_label', %s)",
        [method]).fetchall()))
    labels = pandas.Series({item: label for item, label in rows})
    return percent(labels, truth), seconds


def load(server, name, answers):
    server.execute(f"CREATE UNLOGGED TABLE {name}_label "
                   "(item text, annotator text, label text)")
    with server.cursor().copy(f"COPY {name}_label FROM STDIN") as copy:
        copy.write(answers[["item", "annotator", "label"]].to_csv(
            sep="\t", header=False, index=False))


def main():
    chosen = sys.argv[1:] or SETS
    fresh_database()
    rows = [["set", "method", "right %", "crowd-kit %", "s", "crowd-kit s"]]
    with connect() as server:
        for name in chosen:
            answers, truth = read(name)
            load(server, name, answers)
            classes = answers["label"].nunique()
            for method in PEERS:
                if method == "kos" and classes != 2:
                    continue
                our_percent, our_seconds = ours(server, name, method, truth)
                if method in ("glad", "mace") and len(answers) > SLOW:
                    peer_percent, peer_seconds = "-", "-"
                else:
                    peer_percent, peer_seconds = theirs(method, answers, truth)
                rows.append([name, method, our_percent, peer_percent,
                             our_seconds, peer_seconds])
    table(rows)


main()
