"""Dawid and Skene's model on a million answers, beside numpy and crowd-kit.

100,000 items, 1,000 annotators, 5 labels. An iteration is the difference of
two calls by the difference of their iterations. The peers are a well-written
EM in numpy, per iteration, and crowd-kit's fit_predict for the same number of
iterations, against the whole call, which reads the answers too. The floor is
one walk over the same arrays by numpy."""

import json
import sys

import numpy
import pandas
from crowdkit.aggregation import DawidSkene

from figure import (connect, fresh_database, medians, peak_memory, seconds_of,
                    table, verdict)

ANSWERS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ITEMS = ANSWERS // 10
ANNOTATORS = 1_000
CLASSES = 5
FEW, MANY = 2, 22
WHOLE = 40  # few enough that neither has converged
RUNS = 5


def make_answers():
    """What annotators of differing skill say of items in mixed order."""
    random = numpy.random.default_rng(1)
    item = numpy.repeat(numpy.arange(ITEMS), ANSWERS // ITEMS)
    annotator = random.integers(0, ANNOTATORS, ANSWERS)
    truth = random.integers(0, CLASSES, ITEMS)
    skill = random.beta(2, 3, ANNOTATORS)
    right = random.random(ANSWERS) < skill[annotator]
    label = numpy.where(right, truth[item],
                        random.integers(0, CLASSES, ANSWERS))
    frame = pandas.DataFrame({"item": item, "annotator": annotator,
                              "label": label})
    return frame.drop_duplicates().reset_index(drop=True)


def load(frame):
    fresh_database()
    with connect() as server:
        server.execute("CREATE UNLOGGED TABLE answers "
                       "(item integer, annotator integer, label integer)")
        with server.cursor().copy("COPY answers FROM STDIN") as copy:
            copy.write(frame.to_csv(sep="\t", header=False, index=False))
        server.execute("VACUUM ANALYZE answers")


def numpy_em(frame, iterations):
    """As fast as numpy can: no Python in the loop over answers."""
    item, annotator, label = (frame[name].to_numpy()
                              for name in ("item", "annotator", "label"))
    start = numpy.flatnonzero(numpy.r_[True, item[1:] != item[:-1]])
    row = annotator * CLASSES + label
    posterior = numpy.zeros((len(start), CLASSES))
    index = numpy.cumsum(numpy.r_[False, item[1:] != item[:-1]])
    numpy.add.at(posterior, (index, label), 1)
    posterior /= posterior.sum(1, keepdims=True)
    for _ in range(iterations):
        shares = posterior.mean(0)
        counts = numpy.empty((ANNOTATORS * CLASSES, CLASSES))
        given = posterior[index]
        for k in range(CLASSES):
            counts[:, k] = numpy.bincount(row, given[:, k],
                                          ANNOTATORS * CLASSES)
        counts = counts.reshape(ANNOTATORS, CLASSES, CLASSES) + 0.01
        logs = numpy.log(counts / counts.sum(1, keepdims=True))
        logs = logs.reshape(ANNOTATORS * CLASSES, CLASSES)
        sums = numpy.add.reduceat(logs[row], start) + numpy.log(shares)
        sums -= sums.max(1, keepdims=True)
        posterior = numpy.exp(sums)
        posterior /= posterior.sum(1, keepdims=True)
    return posterior


def solve(server, iterations, calibrate=False):
    """Calibrating its confidence, the default, fits parts of the answers
    again, which no peer does."""
    settings = {"max_iter": iterations, "tolerance": 0, "calibrate": calibrate}
    server.execute(
        "SELECT count(*) FROM tdp.consensus('answers', 'dawid_skene', "
        "settings => %s)", [json.dumps(settings)])


def main():
    frame = make_answers()
    load(frame)
    arrays = [frame[name].to_numpy(numpy.int32)
              for name in ("annotator", "label")]
    posterior = numpy.random.default_rng(2).random((ITEMS, CLASSES))
    with connect() as server:
        before = peak_memory(server)
        seconds = medians(
            RUNS,
            few=lambda: solve(server, FEW),
            many=lambda: solve(server, MANY),
            numpy_few=lambda: numpy_em(frame, 2),
            numpy_many=lambda: numpy_em(frame, 7),
            floor=lambda: [part.sum() for part in (*arrays, posterior)])
        memory = peak_memory(server) - before
    ours = (seconds["many"] - seconds["few"]) / (MANY - FEW)
    theirs = (seconds["numpy_many"] - seconds["numpy_few"]) / 5
    renamed = frame.rename(columns={"item": "task", "annotator": "worker"})
    with connect() as server:
        whole = medians(RUNS, ours=lambda: solve(server, WHOLE),
                        calibrated=lambda: solve(server, WHOLE, True),
                        majority=lambda: server.execute(
                            "SELECT count(*) FROM "
                            "tdp.consensus('answers', 'majority')"))
    whole["crowdkit"] = seconds_of(
        lambda: DawidSkene(n_iter=WHOLE, tol=0).fit_predict(renamed))
    table([["figure", "milliseconds"],
           ["iteration", ours * 1e3],
           ["iteration in numpy", theirs * 1e3],
           ["one walk over the arrays", seconds["floor"] * 1e3],
           ["whole call of majority", whole["majority"] * 1e3],
           [f"whole call, {WHOLE} iterations", whole["ours"] * 1e3],
           ["the same with a calibrated confidence", whole["calibrated"] * 1e3],
           ["the same in crowd-kit", whole["crowdkit"] * 1e3]])
    print(f"memory: {memory / len(frame):.0f} bytes an answer")
    verdict("iteration / numpy's", ours / theirs, 1 / 6)
    verdict("whole call / crowd-kit's", whole["ours"] / whole["crowdkit"],
            1 / 30)


main()
