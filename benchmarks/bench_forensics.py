"""Integer peaks on a country of 95,000 stations at 100 redraws: the compiled kernel beside plain NumPy.

    python benchmarks/bench_forensics.py [--quick] [FILE]

Stations are those of a fraud-free simulated election, or of a file. Both count the same stations; they draw from
different generators, so their means must agree within five standard errors. Repetitions go round in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parents[1] / "results" / "benchmarks"
STATIONS, DRAWS = 95_000, 100


def by_numpy(voters: np.ndarray, given: np.ndarray, cast: np.ndarray, leader: np.ndarray, draws: int) -> np.ndarray:
    """The redraws as one would write them: two binomials a station, counted draw by draw."""
    chance = np.random.default_rng(1)
    found = []
    for _ in range(draws):
        turnout = 100 * chance.binomial(voters, given / voters) / voters
        share = 100 * chance.binomial(cast, leader / cast) / cast
        near = (np.abs(turnout - np.rint(turnout)) <= 0.05) | (np.abs(share - np.rint(share)) <= 0.05)
        found.append(near.sum())
    return np.array(found)


def main() -> None:
    import machine

    from sim.analysis.forensics import read
    from sim.analysis.forensics.integer_peaks import chosen
    from sim.analysis.forensics.nulls import honest
    from sim.kernels import peaks
    from sim.streams import Streams

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", help="a table of stations instead of simulated ones")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    given = parser.parse_args()
    held = chosen(read(given.file) if given.file else honest(1, stations=STATIONS))
    arrays = held.voters, held.given, held.cast, held.leader
    streams = Streams(1)
    keys = np.array([[streams.key(f"peaks/{of}", occasion=d) for of in "ts"] for d in range(DRAWS)])

    def ours(threads: int) -> np.ndarray:
        os.environ["MAJILIS_THREADS"] = str(threads)
        return peaks.redrawn(keys, *arrays, 0.05)

    ways = {
        "NumPy": lambda: by_numpy(*arrays, DRAWS),
        "kernel, 1 thread": lambda: ours(1),
        "kernel, 2 threads": lambda: ours(2),
    }
    results = {name: way() for name, way in ways.items()}  # compiles, and must agree
    one, two, plain = results["kernel, 1 thread"], results["kernel, 2 threads"], results["NumPy"]
    assert np.array_equal(one, two), "the kernel differs by the number of threads"
    error = np.hypot(one.std(ddof=1), plain.std(ddof=1)) / np.sqrt(DRAWS)
    assert abs(one.mean() - plain.mean()) < 5 * error, "the two means differ"
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(3 if given.quick else 9):
        for name, way in ways.items():
            begin = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - begin)
    base = statistics.median(times["NumPy"])
    print(f"{len(held):,} stations, {DRAWS} redraws; mean {one.mean():,.1f} and {plain.mean():,.1f} at whole percents")
    rows = []
    for name, seconds in times.items():
        middle = statistics.median(seconds)
        rows.append({"way": name, "min_s": min(seconds), "median_s": middle, "ratio": base / middle})
        print(f"{name:<20}{min(seconds):>9.3f} s min{middle:>9.3f} s median{base / middle:>7.1f}x")
    print(f"{machine.processor()}, {machine.processors()} processors, Python {platform.python_version()}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    kept = {"stations": len(held), "draws": DRAWS, "processor": machine.processor(), "ways": rows}
    (RESULTS / "forensics.json").write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
