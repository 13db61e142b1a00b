"""A batch against other ways to run it: one process, two, a dask cluster, mesa.batch_run; and what the store costs.

    python benchmarks/bench_batch.py [--runs N] [--repeats N]

All make the same runs of kz-2023 with 2,000 voters. Ways take turns, repetition by repetition, because a shared
machine changes its mind between minutes; workers are started and kernels compiled before a clock starts, except where
a row says "from cold". Ours write every table and read the measures back; mesa.batch_run hands them to its caller.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import mesa

import sim
from sim.batch.execute import run_all
from sim.batch.plan import plan
from sim.batch.processes import Processes
from sim.batch.store import Results
from sim.model import seeds, simulate

RESULTS = Path(__file__).parents[1] / "results" / "benchmarks"
VOTERS, WORKERS, CHUNK = 2_000, 2, 20


def scenario() -> sim.Scenario:
    """kz-2023 with few voters."""
    return sim.load("kz-2023").vary("population.voters", VOTERS, name="small")


class Once(mesa.Model):
    """The model as mesa.batch_run takes one: a step is the whole run, and the collector has its measures."""

    def __init__(self, replication: int, rng: Any = None) -> None:
        super().__init__(rng=rng)
        os.environ["MAJILIS_THREADS"] = "1"
        self.replication, self.measures = replication, {}
        names = ("enp_seats", "autonomous_seat_share_middle", "official_turnout")
        reporters = {name: (lambda model, name=name: model.measures[name]) for name in names}
        self.datacollector = mesa.DataCollector(model_reporters=reporters)

    def step(self) -> None:
        """Run it."""
        self.measures = simulate(scenario(), self.replication)["runs"][0]
        self.datacollector.collect(self)
        self.running = False


def by_mesa(processes: int) -> Callable[[int], list[float]]:
    """mesa.batch_run with so many processes."""

    def run(runs: int) -> list[float]:
        asked = {"replication": list(range(1, runs + 1))}
        told = mesa.batch_run(Once, asked, number_processes=processes, display_progress=False)
        return [row["enp_seats"] for row in sorted(told, key=lambda row: row["replication"])]

    return run


def by_us(workers: int = 1, executor: Executor | None = None) -> Callable[[int], list[float]]:
    """A batch into a store, and its measures read back."""

    def run(runs: int) -> list[float]:
        with tempfile.TemporaryDirectory(prefix="majilis-") as folder:
            asked = plan([scenario()], runs, "none")
            run_all(asked, Path(folder) / "s", workers=workers, progress=False, executor=executor)
            found: list[float] = Results.open(Path(folder) / "s").to_frame(columns=["enp_seats"])["enp_seats"].tolist()
        return found

    return run


@contextmanager
def a_dask_cluster() -> Iterator[Executor | None]:
    """The executor of a scheduler and some workers of one thread each; None where dask is not installed."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        print("dask is not installed: left out")
        yield None
        return
    from sim.batch import cluster

    with tempfile.TemporaryDirectory(prefix="majilis-") as folder, ExitStack() as stack:
        file = str(Path(folder) / "scheduler.json")
        for words in (["scheduler", "--port", "0"], *[["worker", "--nthreads", "1", "--no-nanny"]] * WORKERS):
            command = [sys.executable, "-m", "dask", *words, "--scheduler-file", file, "--no-dashboard"]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
            stack.callback(process.wait)
            stack.callback(process.kill)
        while not Path(file).exists():
            time.sleep(0.05)
        with cluster.dask(file) as executor:
            executor._client.wait_for_workers(WORKERS)  # type: ignore[attr-defined]
            yield executor


def overhead(runs: int = 400) -> float:
    """Milliseconds a run that the batch takes itself, at chunks of CHUNK: the model's rows are there already."""
    spec = scenario()
    made = simulate(spec, 1)

    def canned(_: Any, replication: int, keep: bool) -> dict[str, list[dict[str, Any]]]:
        return {table: [dict(row) for row in rows] for table, rows in made.items()}

    times = []
    for _ in range(5):
        with tempfile.TemporaryDirectory(prefix="majilis-") as folder:
            begin = time.perf_counter(), time.process_time()
            asked = plan([spec], runs, "none")
            run_all(asked, Path(folder) / "s", workers=1, chunk=CHUNK, simulate=canned, progress=False)
            times.append((time.perf_counter() - begin[0], time.process_time() - begin[1]))
    wall, used = (1e3 * min(column) / runs for column in zip(*times, strict=True))
    print(
        f"store, chunks of {CHUNK}, final merge included: {wall:.2f} ms a run by the clock, {used:.2f} ms of processor"
    )
    return wall


def main() -> int:
    """Run all ways in turn and print what they took."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=200)
    options.add_argument("--repeats", type=int, default=5)
    given = options.parse_args()
    import machine

    costs = overhead()
    with a_dask_cluster() as cluster, Processes(WORKERS) as processes:
        ways = {
            "one process": by_us(),
            "two processes": by_us(executor=processes),
            "two processes, from cold": by_us(WORKERS),
            **({"dask, two workers": by_us(executor=cluster)} if cluster is not None else {}),
            "mesa.batch_run, one process": by_mesa(1),
            "mesa.batch_run, two, from cold": by_mesa(WORKERS),
        }
        few = {label: way(8) for label, way in ways.items()}  # loads the model everywhere; and all must agree
        assert all(one == few["one process"] for one in few.values()), "runs differ by who ran them"
        times: dict[str, list[float]] = {label: [] for label in ways}
        for _ in range(given.repeats):
            for label, way in ways.items():
                begin = time.perf_counter()
                way(given.runs)
                times[label].append((time.perf_counter() - begin) / given.runs)
    first = statistics.median(times["one process"])
    print(f"{'':<32}{'ms a run, min':>14}{'median':>9}{'runs/s':>8}{'':>7}")
    rows = []
    for label, seconds in times.items():
        middle, least = statistics.median(seconds), min(seconds)
        paired = statistics.median(a / b for a, b in zip(times["one process"], seconds, strict=True))
        rows.append({"way": label, "min_s": least, "median_s": middle, "ratio": first / middle, "paired": paired})
        print(f"{label:<32}{1e3 * least:>14.1f}{1e3 * middle:>9.1f}{1 / middle:>8.1f}{paired:>6.2f}x")
    print(f"{machine.processor()}, {machine.processors()} processors, load {machine.load():.1f}; seeds {seeds(1)} on")
    RESULTS.mkdir(parents=True, exist_ok=True)
    kept = {"runs": given.runs, "store_ms": costs, "processors": machine.processors(), "ways": rows}
    (RESULTS / "batch.json").write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
