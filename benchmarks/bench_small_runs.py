"""Many small runs: complete models of 2,000 voters by processes and threads, and their voters alone in lockstep.

    python benchmarks/bench_small_runs.py [--quick]

Everything is compiled, and worker processes are started, before a clock starts; repetitions go round all ways in turn.
"Lockstep" runs the reference work (work.py) of all runs together: one compiled call a month over (run, voter), all runs
on their own rows, ties, beliefs and draws. It has no parties, stations or count, so it bounds what batches could gain.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "results" / "benchmarks"
VOTERS = 2_000
WORKERS = 2


def one_run(history: int) -> str:
    """A complete model; its ballots by option in words."""
    from sim.model import ElectionModel

    votes = ElectionModel(scenario(), society=1, history=history).run().outcome.ledger.votes.sum(axis=0)
    return " ".join(map(str, votes.tolist()))


def scenario() -> object:
    """kz-2023 with few voters."""
    import sim

    return sim.load("kz-2023").vary("population.voters", VOTERS, name="small")


def _one_thread() -> None:
    os.environ["MAJILIS_THREADS"] = "1"
    one_run(0)


@dataclass(frozen=True)
class Way:
    """A way to make runs: what it prepares, and what it makes of a number of runs."""

    label: str
    run: Callable[[int], list[str]]


def in_one_process(runs: int) -> list[str]:
    """One after another."""
    return [one_run(history) for history in range(runs)]


def in_threads(runs: int) -> list[str]:
    """Models in threads of one process."""
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one_run, range(runs)))


class InProcesses:
    """Models in processes that stay; making them is not counted."""

    def __init__(self) -> None:
        self.pool = ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"), initializer=_one_thread)
        list(self.pool.map(one_run, range(2 * WORKERS)))

    def __call__(self, runs: int) -> list[str]:
        return list(self.pool.map(one_run, range(runs), chunksize=max(1, runs // (8 * WORKERS))))


class InLockstep:
    """The voters of all runs, one compiled call a month and one a poll."""

    def __init__(self, threads: int) -> None:
        self.threads, self.made = threads, {}

    def __call__(self, runs: int) -> list[str]:
        import lockstep

        os.environ["MAJILIS_THREADS"] = str(self.threads)
        try:
            if runs not in self.made:
                self.made[runs] = lockstep.inputs(VOTERS, runs)
            run = lockstep.Runs(*self.made[runs])
            run.months()
            return [" ".join(map(str, tally.sum(axis=0).tolist())) for tally in run.election()]
        finally:
            os.environ["MAJILIS_THREADS"] = "1"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer runs and repetitions")
    given = parser.parse_args()
    runs, many, repeats = (16, 64, 3) if given.quick else (100, 1_000, 7)
    os.environ["MAJILIS_THREADS"] = "1"  # models do not share out their own voters while models run side by side
    ways = [
        (Way("one process", in_one_process), runs),
        (Way(f"{WORKERS} processes", InProcesses()), runs),
        (Way(f"{WORKERS} threads", in_threads), runs),
        (Way("lockstep, voters only, 1 thread", InLockstep(1)), many),
        (Way(f"lockstep, voters only, {WORKERS} threads", InLockstep(WORKERS)), many),
    ]
    results = {way.label: way.run(min(number, runs)) for way, number in ways}  # compiles, and must agree
    models = [result for label, result in results.items() if "lockstep" not in label]
    assert all(result == models[0] for result in models), "runs differ by who ran them"
    locked = [result for label, result in results.items() if "lockstep" in label]
    assert locked[0] == locked[1], "lockstep differs by the number of threads"
    times: dict[str, list[float]] = {way.label: [] for way, _ in ways}
    for way, number in ways:
        way.run(number)
    for _ in range(repeats):
        for way, number in ways:
            begin = time.perf_counter()
            way.run(number)
            times[way.label].append((time.perf_counter() - begin) / number)
    report(times, {way.label: number for way, number in ways}, given.quick)


def report(times: dict[str, list[float]], runs: dict[str, int], quick: bool) -> None:
    """Print runs a second and ratios, and keep them."""
    import machine

    first = statistics.median(times["one process"])
    print(f"{'':<36}{'runs':>6}{'ms a run, min':>15}{'median':>9}{'runs/s':>8}{'':>6}")
    rows = []
    for label, seconds in times.items():
        middle, least = statistics.median(seconds), min(seconds)
        rows.append({"way": label, "runs": runs[label], "min_s": least, "median_s": middle, "ratio": first / middle})
        digits = 1 if middle > 5e-3 else 3
        print(
            f"{label:<36}{runs[label]:>6,}{1e3 * least:>15.{digits}f}{1e3 * middle:>9.{digits}f}{1 / middle:>8,.0f}"
            f"{first / middle:>5,.1f}x"
        )
    print(f"{machine.processor()}, {machine.processors()} processors, Python {platform.python_version()}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    kept = {"quick": quick, "processor": machine.processor(), "processors": machine.processors(), "ways": rows}
    (RESULTS / "small-runs.json").write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
