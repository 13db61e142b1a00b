"""A run of 27 years of party life on one processor, beside what it spends its time on.

``python benchmarks/bench_decades.py``
"""

from __future__ import annotations

import os

os.environ["MAJILIS_THREADS"] = "1"  # before anything is imported

import statistics
import time

from sim.party_system import PartySystem
from sim.scenario.load import load

VOTERS = (2_000, 20_000)
HISTORIES = range(1, 6)


def main() -> None:
    """Print seconds a run by number of voters; the target is 1 s at 20,000."""
    base = load("kz-1999-2026")
    PartySystem(base.vary("population.voters", VOTERS[0])).run()  # compile
    print(f"{'voters':>8} {'seconds a run, median':>22} {'fastest':>8} {'parties and groups':>19}")
    for voters in VOTERS:
        spec = base.vary("population.voters", voters)
        taken, groups = [], []
        for history in HISTORIES:
            start = time.process_time()
            model = PartySystem(spec, history=history).run()
            model.records.tables()
            taken.append(time.process_time() - start)
            groups.append(len(model.parties))
        print(f"{voters:8,} {statistics.median(taken):22.2f} {min(taken):8.2f} {statistics.median(groups):19.0f}")


if __name__ == "__main__":
    main()
