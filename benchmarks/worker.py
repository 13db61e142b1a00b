"""One competitor in a process of its own: loads the inputs, then does what its standard input asks, a line each.

    run SEED          one repetition on a fresh state; seconds of the months and of the election
    keep SEED FILE    one repetition, not timed; statistics, and the results in FILE (.npz)
    quit

Every answer is one line of JSON after an @ (libraries print other things). Memory is the most the process ever held.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
import time
import warnings
from importlib import metadata
from typing import Any

import numpy as np
import work as reference
from work import Work


def memory() -> tuple[int, int]:
    """Bytes this process holds, and the most it ever held."""
    try:
        with open("/proc/self/status") as file:
            lines = dict(line.split(":", 1) for line in file)
        return (1024 * int(lines["VmRSS"].split()[0]), 1024 * int(lines["VmHWM"].split()[0]))
    except OSError:
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return most, most


def versions(packages: list[str]) -> dict[str, str]:
    """Python's version and those of some packages."""
    return {"Python": platform.python_version(), **{name: metadata.version(name) for name in packages}}


def answer(**given: Any) -> None:
    """Send one answer."""
    print("@" + json.dumps(given), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module")
    parser.add_argument("inputs")
    parser.add_argument("--neighbours", action="store_true", help="load the table of ties too")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    competitor = importlib.import_module(given.module)
    empty, _ = memory()
    work = Work.load(given.inputs, neighbours=given.neighbours)
    packages = getattr(competitor, "PACKAGES", ())
    answer(ready=True, exact=competitor.EXACT, imports=empty, versions=versions(["numpy", *packages]))
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "quit":
            return
        begin = time.perf_counter()
        run = competitor.Run(work, int(arguments[0]))
        ready, busy = time.perf_counter(), time.process_time()
        sympathy = run.months()
        moved = time.perf_counter()
        election = run.election()
        done, busy = time.perf_counter(), time.process_time() - busy
        told = {
            "setup": ready - begin,
            "months": moved - ready,
            "election": done - moved,
            "cpu": busy,
            "peak": memory()[1],
        }
        if command == "keep":
            columns = run.columns()
            np.savez(arguments[1], sympathy=sympathy, believed=election.believed, tally=election.tally, **columns)
            told["statistics"] = reference.statistics(work, sympathy, election, columns)
        answer(**told)


if __name__ == "__main__":
    main()
