"""A store of a million recorded runs: how long it takes to merge, to open and to compare, and in how much memory.

The runs are invented (random measures under the names of the real ones): what is measured is the store, not the model.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

import sim
from sim.batch import parts
from sim.batch.places import Folder
from sim.batch.plan import Run, plan
from sim.batch.store import Store
from sim.batch.tables import columns
from sim.measures.names import MEASURES

PART = 5_000  # runs in a part, as workers' parts are once they have been put together
READER = """
import json, resource, sys, time
begin = time.perf_counter()
import sim
results = sim.open(sys.argv[1])
opened = time.perf_counter()
found = sim.compare(results)
compared = time.perf_counter()
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"open_s": opened - begin, "compare_s": compared - opened, "memory_mb": memory,
                  "rows": len(found.rows)}))
"""


def fill(folder: Path, runs: int) -> None:
    """Record so many runs of five scenarios at two levels: a table of measures, and one of three parties a run."""
    base = sim.load("kz-2023")
    spans = [base.vary("practice.discretion", i / 4, name=f"d{i}") for i in range(5)]
    scenarios = [one.model_copy(update={"level": level}) for one in spans for level in ("low", "high")]
    asked = plan(scenarios, runs // len(scenarios), "none")
    Store(folder).record(asked)
    draw = np.random.default_rng(1)
    place = Folder(folder)
    for scenario in scenarios:
        for first in range(1, len(asked.replications) + 1, PART):
            numbers = range(first, min(first + PART, len(asked.replications) + 1))
            parts.write(place, invented(scenario, numbers, draw))


def invented(scenario: sim.Scenario, numbers: range, draw: np.random.Generator) -> dict[str, pa.Table]:
    """Rows of some runs of a scenario."""
    n = len(numbers)
    keys = pa.array([Run(scenario, number).key for number in numbers])
    told = {"key": keys, "scenario": pa.array([scenario.name] * n), "level": pa.array([scenario.level] * n)}
    told |= {"replication": pa.array(numbers, pa.int64())}
    head = told | {"society": pa.array(numbers, pa.int64()), "history": pa.array(numbers, pa.int64())}
    head |= {
        "status": pa.array(["done"] * n),
        "error": pa.nulls(n, pa.string()),
        "stations_kept": pa.array([False] * n),
    }
    measured = {name: pa.array(draw.normal(size=n).round(4)) for name in MEASURES}
    kinds = columns("runs")
    runs = pa.table({name: head[name].cast(kinds[name]) for name in kinds} | dict(sorted(measured.items())))
    rows = pa.table(told).take(pa.array(np.repeat(np.arange(n), 3)))
    parties = {name: pa.nulls(3 * n, kind) for name, kind in columns("parties").items() if name not in told}
    parties |= {"party": pa.array(["a", "b", "c"] * n), "seats": pa.array(draw.integers(0, 98, 3 * n))}
    return {"runs": runs, "parties": pa.table({**dict(zip(told, rows.columns, strict=True)), **parties})}


def main() -> int:
    """Make the store, and read it in fresh processes."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=1_000_000)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--into", type=Path, help="keep the store there")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="majilis-") as temporary:
        folder = given.into or Path(temporary) / "s"
        begin = time.perf_counter()
        fill(folder, given.runs)
        filled = time.perf_counter()
        parts.merge(Folder(folder))
        merged = time.perf_counter()
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        size = sum(file.stat().st_size for file in folder.rglob("*.parquet")) / 1e6
        print(
            f"{given.runs:,} runs: written in {filled - begin:.0f} s, merged in {merged - filled:.0f} s, {size:.0f} MB"
        )
        print(f"the process that wrote and merged them held {most:.0f} MB at most")
        for _ in range(given.repeats):
            done = subprocess.run(
                [sys.executable, "-c", READER, str(folder)], capture_output=True, text=True, check=True
            )
            told = json.loads(done.stdout)
            print(
                f"opened in {told['open_s']:.2f} s (imports included), compared in {told['compare_s']:.2f} s "
                f"({told['rows']} differences), {told['memory_mb']:.0f} MB at most"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
