"""Asking where it is needed, beside the same number of answers spread evenly.

The answers of each public set arrive in random order, only where the rule asks,
in rounds of a hundredth. The rule is the kernel behind
tdp.next_answers_needed; the consensus, everywhere, is that model's own
posterior. Directory of the sets: TDP_SHARED_DATA/crowd. Replays: the first
argument (10)."""

import csv
import ctypes
import os
import random
import subprocess
import sys
import tempfile

import numpy

here = os.path.dirname(os.path.abspath(__file__))
crowd = os.path.join(os.environ.get("TDP_SHARED_DATA", "../shared/data"), "crowd")
sets = ["bluebird", "cf_amt", "ms", "rte", "sp_amt", "web", "d_product", "sp", "s_adult"]
until = 62  # hundredths of the answers that the rule may use


class Answer(ctypes.Structure):
    _fields_ = [("annotator", ctypes.c_int32), ("label", ctypes.c_int32),
                ("weight", ctypes.c_double)]


class Data(ctypes.Structure):
    _fields_ = [("nitems", ctypes.c_int32), ("nannotators", ctypes.c_int32),
                ("nclasses", ctypes.c_int32), ("nanswers", ctypes.c_int64),
                ("start", ctypes.c_void_p), ("answers", ctypes.c_void_p),
                ("gold", ctypes.c_void_p), ("priors", ctypes.c_void_p)]


class Fit(ctypes.Structure):
    _fields_ = [("max_iter", ctypes.c_int32), ("tolerance", ctypes.c_double),
                ("progress", ctypes.c_void_p), ("progress_state", ctypes.c_void_p),
                ("right", ctypes.c_void_p), ("wrong", ctypes.c_void_p),
                ("posterior", ctypes.c_void_p), ("shares", ctypes.c_void_p),
                ("work", ctypes.c_void_p), ("iterations", ctypes.c_int32)]


class Need(ctypes.Structure):
    _fields_ = [("wrong", ctypes.c_double), ("gain", ctypes.c_double),
                ("cost", ctypes.c_double), ("answers", ctypes.c_int32),
                ("settled", ctypes.c_bool)]


def kernel():
    library = os.path.join(tempfile.mkdtemp(), "need.so")
    source = os.path.join(here, "..", "src")
    subprocess.run(["cc", "-O3", "-shared", "-fPIC", f"-I{source}", "-o", library,
                    f"{source}/consensus/need_kernel.c", "-lm"], check=True)
    return ctypes.CDLL(library)


class Crowd:
    """A set: its answers by item, in the order in which they arrive."""

    def __init__(self, name):
        def rows(part):
            with open(os.path.join(crowd, f"{name}_{part}.csv")) as file:
                return sorted({tuple(row) for row in list(csv.reader(file))[1:]})
        said, known = rows("label"), dict(rows("truth"))
        items = sorted({row[0] for row in said})
        people = {p: j for j, p in enumerate(sorted({row[1] for row in said}))}
        labels = {l: k for k, l in enumerate(sorted({row[2] for row in said} | set(known.values())))}
        place = {item: i for i, item in enumerate(items)}
        self.truth = [labels[known[i]] if i in known else -1 for i in items]
        self.people, self.classes, self.size = len(people), len(labels), len(said)
        self.answers = [[] for _ in items]
        for item, person, label in said:
            self.answers[place[item]].append((people[person], labels[label], 1.0))

    def fit(self, library, got):
        """What the kernel makes of the first answers of each item."""
        asked = [i for i in range(len(got)) if got[i] > 0]
        flat = numpy.array([a for i in asked for a in self.order[i][:got[i]]],
                           dtype=[("a", "i4"), ("l", "i4"), ("w", "f8")])
        start = numpy.concatenate([[0], numpy.cumsum([got[i] for i in asked])]).astype("i8")
        data = Data(len(asked), self.people, self.classes, len(flat),
                    start.ctypes.data, flat.ctypes.data, None, None)
        memory = [numpy.zeros(n) for n in
                  (self.people, self.people, len(asked) * self.classes, self.classes,
                   2 * self.people + self.classes)]
        fit = Fit(100, 1e-4, None, None, *(m.ctypes.data for m in memory), 0)
        needs = (Need * len(asked))()
        library.consensus_fit_skills(ctypes.byref(data), ctypes.byref(fit))
        library.consensus_rate_needs(ctypes.byref(data), ctypes.byref(fit), None, needs)
        return asked, memory[2].reshape(len(asked), self.classes), needs

    def accuracy(self, asked, posterior):
        right = dict(zip(asked, posterior.argmax(axis=1)))
        known = [i for i, t in enumerate(self.truth) if t >= 0]
        return sum(right[i] == self.truth[i] if i in right else 1 / self.classes
                   for i in known) / len(known)

    def shuffle(self, chance):
        self.order = [chance.sample(a, len(a)) for a in self.answers]

    def evenly(self, library, chance):
        turns = [(t, chance.random(), i) for i, a in enumerate(self.order) for t in range(len(a))]
        turns.sort()
        got, done, curve = [0] * len(self.order), 0, []
        for point in range(1, 101):
            for _, _, i in turns[done:self.size * point // 100]:
                got[i] += 1
            done = self.size * point // 100
            curve.append(self.accuracy(*self.fit(library, got)[:2]))
        return curve

    def by_need(self, library, chance):
        got, curve = [0] * len(self.order), []
        needs = {}
        for point in range(1, until + 1):
            free = [i for i in range(len(got)) if got[i] < len(self.order[i])]
            free.sort(key=lambda i: (-needs.get(i, 2.0), chance.random()))
            for i in free[:self.size * point // 100 - sum(got)]:
                got[i] += 1
            asked, posterior, rated = self.fit(library, got)
            needs = {i: n.gain for i, n in zip(asked, rated)}
            curve.append(self.accuracy(asked, posterior))
        return curve


def smooth(curve):
    return [numpy.mean(curve[max(0, p - 2):p + 3]) for p in range(len(curve))]


def main():
    replays = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    library = kernel()
    saved, differences = [], []
    for name in sets:
        crowd_set, curves = Crowd(name), []
        for replay in range(replays):
            chance = random.Random(replay)
            crowd_set.shuffle(chance)
            curves.append((crowd_set.evenly(library, chance), crowd_set.by_need(library, chance)))
        even, rule = (smooth(numpy.mean([c[w] for c in curves], axis=0)) for w in (0, 1))
        target, gain = even[49], even[49] - even[24]
        reached = next((p + 1 for p, a in enumerate(rule) if a >= target), 50)
        difference = [r - e for r, e in zip(rule, even)]
        differences.append(difference)
        if gain >= 0.01:
            saved.append(1 - reached / 50)
        print(f"{name:10} even at half {100 * target:5.1f} reached with {reached}% of the answers: "
              f"{100 * (1 - reached / 50):5.1f}% saved, worst {100 * min(difference):5.1f}"
              f"{'' if gain >= 0.01 else ' (not counted: the even curve is flat)'}", flush=True)
    print(f"mean {100 * numpy.mean(saved):.1f}% saved; "
          f"worst mean difference {100 * min(numpy.mean(differences, axis=0)):.1f} points")


main()
