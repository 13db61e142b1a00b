"""``majilis warm``: compile the voter kernels before anybody waits for them."""

from __future__ import annotations

import time

import typer


def warm() -> None:
    """Compile every kernel that a run uses and keep it for later starts.

    Nothing is simulated that anybody would read: two small elections and a short series call each kernel once.
    """
    from sim.kernels import cache

    began = time.perf_counter()
    call_each()
    cache.note_all_there()
    tally, seconds = cache.tally(), time.perf_counter() - began
    if tally.compiled:
        typer.echo(f"{tally.compiled} kernels compiled in {seconds:.0f} s; {tally.found} were there already.")
    else:
        typer.echo(f"All {tally.found} kernels were compiled already.")
    typer.echo(f"They are kept in {cache.place().folder}\n\nNext:\n  majilis run kz-2023")


def call_each() -> None:
    """Call every kernel with the types of argument that runs call it with."""
    import numpy as np

    from sim.analysis.forensics.integer_peaks import integer_peaks
    from sim.analysis.forensics.nulls import honest
    from sim.analysis.null_a import LISTS
    from sim.batch import first_use
    from sim.kernels import ballots
    from sim.series import ElectionSeries
    from sim.society.settings import PopulationSettings
    from sim.streams import Streams

    first_use.call_kernels()
    integer_peaks(honest(1, stations=200))
    ElectionSeries(LISTS, elections=2, population=PopulationSettings(voters=500)).run()
    nobody = np.zeros((1, 6), np.int64)  # one to one, which takes a whole country of rows, has one kernel of its own
    ballots.spoil(0, 1, nobody, np.zeros(1, np.int16), Streams(1).key("spoilt"), np.float32(0), nobody[:, :1].copy())
