"""What a run costs: the parts of one kz-2023, and of the batch around it, as ratios of alternatives in one sitting."""

from __future__ import annotations

import hashlib
import platform
import statistics
import time
from collections.abc import Callable

import numba
import numpy as np
from scipy.stats import binom

import sim
from sim.kernels.counts import binomial
from sim.model import ElectionModel
from sim.streams import Streams

REPEATS = 5


def median(work: Callable[[], object]) -> float:
    """Median seconds of a few repetitions after one warm-up."""
    work()
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def counts() -> None:
    """Our inversion of the binomial against SciPy's, at the size of a station register; they must agree."""
    u, p = Streams(1).uniform("bench", 10_000), np.full(10_000, 0.54)
    n = np.full(10_000, 1_200)
    assert np.array_equal(binomial(u, n, p), binom.ppf(u, n, p).astype(int))
    ours, theirs = median(lambda: binomial(u, n, p)), median(lambda: binom.ppf(u, n, p))
    print(f"binomial counts at 10,000 stations: {1e9 * ours / 1e4:.0f} ns each; SciPy's ppf takes {theirs / ours:.0f}x")


def one_run() -> None:
    """A whole run by number of voters, with a hash of its ballots."""
    base = sim.load("kz-2023")
    times = {}
    for voters in (2_000, 20_000, 100_000):
        spec = base.vary("population.voters", voters, name="bench")

        def run(spec: sim.Scenario = spec) -> ElectionModel:
            return ElectionModel(spec, society=1, history=1).run()

        times[voters] = median(run)
        ballots = run().outcome.ledger.votes
        digest = hashlib.blake2b(ballots.tobytes(), digest_size=6).hexdigest()
        share = times[voters] / times[2_000]
        print(f"one kz-2023, {voters:>7,} voters: {times[voters]:.2f} s, {share:.1f}x that of 2,000; ballots {digest}")


if __name__ == "__main__":
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, numba {numba.__version__}"
    print(f"{platform.machine()}, {versions}")
    counts()
    one_run()
