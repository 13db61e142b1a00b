"""What a series of free elections costs: seconds an election by system, and its parts, with a hash of the results."""

from __future__ import annotations

import hashlib
import platform
import time

import mesa
import numba
import numpy as np

from sim.analysis.null_a import BARRED, DISTRICTS, IN_VIEW, LISTS
from sim.process.polling import ElectoralSystem
from sim.series import ElectionSeries
from sim.society.settings import PopulationSettings

ELECTIONS = 20


def series(system: ElectoralSystem, voters: int) -> None:
    """Processor time of one series and of its setting up; the hash must not change with machines' moods."""
    begin = time.process_time()
    model = ElectionSeries(system, population=PopulationSettings(voters=voters), elections=ELECTIONS)
    ready = time.process_time()
    results = model.run().results
    each = 1000 * (time.process_time() - ready) / ELECTIONS
    digest = hashlib.blake2b(results.enp_seats.to_numpy().round(9).tobytes(), digest_size=6).hexdigest()
    lines = results.lines.mean()
    print(
        f"{system.name:<30} {voters:>6,} voters: {each:5.1f} ms an election with {lines:4.1f} lists,"
        f" {1000 * (ready - begin):.0f} ms before the first; {digest}"
    )


if __name__ == "__main__":
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, numba {numba.__version__}"
    print(f"{platform.machine()}, {versions}, Mesa {mesa.__version__}; processor time")
    ElectionSeries(LISTS, elections=2, population=PopulationSettings(voters=500)).run()  # compiles
    for system in (LISTS, DISTRICTS, BARRED, IN_VIEW[1]):
        series(system, 4_000)
    series(LISTS, 12_000)
