"""What a run costs: a + b * voters * months + c * stations [+ d * voters], fitted to runs of many sizes.

One processor. Each size is timed by processor time, the least of a few repetitions, sizes taking turns; the fit is
least squares on relative errors (each size counts alike), and the worst relative error is printed beside it.
"""

from __future__ import annotations

import os
import sys
import time
from itertools import product

os.environ["MAJILIS_THREADS"] = "1"

import numpy as np

import sim
from sim.model import simulate

VOTERS, YEARS, STATIONS = (2_000, 10_000, 50_000, 200_000), (1, 2, 3), (2_500, 10_000, 40_000)
REPEATS = 3


def fitted(terms: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of the terms (n, k), and the relative errors (n,)."""
    found, *_ = np.linalg.lstsq(terms / times[:, None], np.ones(len(times)), rcond=None)
    return found, (terms @ found) / times - 1


def main() -> int:
    """Time all sizes and fit."""
    base = sim.load("kz-2023")
    sizes = [(v, y, s) for v, y, s in product(VOTERS, YEARS, STATIONS) if y == 2 or s == 10_000]
    specs = []
    for voters, years, stations in sizes:
        spec = base.vary("population.voters", voters, name="cost").vary("years_before", years, name="cost")
        specs.append(spec.vary("mechanism.stations.count", stations, name="cost"))
    simulate(specs[0], 1)
    times = np.full(len(sizes), np.inf)
    for repeat in range(REPEATS):
        for i, spec in enumerate(specs):
            begin = time.process_time()
            simulate(spec, repeat + 1)
            times[i] = min(times[i], time.process_time() - begin)
    voters, years, stations = np.array(sizes, float).T
    terms = np.column_stack([np.ones(len(sizes)), voters * 12 * years, stations])
    (a, b, c), error = fitted(terms, times)
    (a4, b4, c4, d4), better = fitted(np.column_stack([terms, voters]), times)
    print(f"{'voters':>9}{'months':>8}{'stations':>10}{'ms':>9}{'fitted':>9}")
    for (v, y, s), seconds, off in zip(sizes, times, error, strict=True):
        print(f"{v:>9,}{12 * y:>8}{s:>10,}{1e3 * seconds:>9.1f}{1e3 * seconds * (1 + off):>9.1f}")
    print(f"a = {1e3 * a:.1f} ms, b = {1e9 * b:.1f} ns a voter-month, c = {1e9 * c:.0f} ns a station")
    print(f"worst relative error {np.abs(error).max():.0%}, median {np.median(np.abs(error)):.0%}")
    print(f"with d: a = {1e3 * a4:.1f} ms, b = {1e9 * b4:.1f} ns, c = {1e9 * c4:.0f} ns, d = {1e9 * d4:.0f} ns a voter")
    print(f"worst relative error {np.abs(better).max():.0%}, median {np.median(np.abs(better)):.0%}")
    million = 1e6 * (a + b * 2_000 * 24 + c * 10_000) / 3600
    print(f"1,000,000 runs of 2,000 voters, 24 months, 10,000 stations: {million:.1f} processor hours")
    return 0


if __name__ == "__main__":
    sys.exit(main())
