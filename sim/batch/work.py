"""What a worker does: the runs of a chunk, written as one part; the rows of a failed run say why it failed."""

from __future__ import annotations

import faulthandler
import os
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.batch import parts
from sim.batch.places import Place
from sim.batch.plan import Run
from sim.batch.tables import typed
from sim.strict import InputError

if TYPE_CHECKING:
    import pyarrow as pa

type Tables = dict[str, list[dict[str, Any]]]
type Simulate = Callable[[Any, int, bool], Tables]
"""From scenario, replication and whether to keep station rows to the rows of each table, without key columns."""

type Rows = dict[str, list[dict[str, Any]]]


class Failure(NamedTuple):
    """A run that failed, for the log: its key, what people call it, and the last line of its traceback."""

    key: str
    place: parts.RunPlace
    reason: str


@dataclass(frozen=True)
class Report:
    """What a chunk came to: the name of its part, runs done, those that failed, and seconds a run took."""

    part: str
    done: int
    failed: list[Failure] = field(default_factory=list)
    seconds: float = 0.0


class Clock:
    """Told of every run that a worker begins; here nobody listens."""

    def begins(self, position: int) -> None:
        """The run at a position of the chunk begins."""

    def rests(self) -> None:
        """No run is under way: what was run is being written."""


class EndsItself(Clock):
    """Ends the process when one run takes too long: for workers that are somebody else's to start again.

    It does so from outside Python, so that a loop in compiled code ends too.
    """

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout

    def begins(self, position: int) -> None:
        faulthandler.dump_traceback_later(self.timeout, exit=True)

    def rests(self) -> None:
        faulthandler.cancel_dump_traceback_later()


def work(place: Place, chunk: Sequence[Run], simulate: Simulate | None, clock: Clock | None = None) -> Report:
    """Run a chunk and write it as one part.

    Raises InputError where the part cannot be written: the disk is full, or the store may only be read.
    """
    begin = time.perf_counter()
    model = simulate or _model()
    ordered = sorted(enumerate(chunk), key=lambda one: place_of(one[1]))
    made: list[tuple[Run, Rows]] = []
    failed: list[Failure] = []
    for position, one in ordered:
        if clock is not None:
            clock.begins(position)
        try:
            made.append((one, _rows(one, model(one.scenario, one.replication, one.keep_stations))))
        except Exception as fault:
            made.append((one, _failed(one, _told(fault), failed)))
    if clock is not None:
        clock.rests()
    part = _write(place, _typed(made, failed))
    seconds = (time.perf_counter() - begin) / max(len(chunk), 1)
    return Report(part, len(chunk) - len(failed), failed, seconds)


def work_with_one_thread(
    place: Place,
    chunk: Sequence[Run],
    simulate: Simulate | None,
    timeout: float | None = None,
    clock: Clock | None = None,
) -> Report:
    """:func:`work` on a worker that others start: it has one thread for kernels unless its environment says else."""
    os.environ.setdefault("MAJILIS_THREADS", "1")
    return work(place, chunk, simulate, clock or (EndsItself(timeout) if timeout else None))


def rows_of(one: Run, simulate: Simulate | None = None) -> dict[str, pa.Table]:
    """The tables of one run, as they would be written. What the model raises passes through."""
    model = simulate or _model()
    return _together([_rows(one, model(one.scenario, one.replication, one.keep_stations))])


def give_up(place: Place, one: Run, why: str) -> Report:
    """Write a row for a run that no worker came back from."""
    failed: list[Failure] = []
    rows = _failed(one, why, failed)
    return Report(_write(place, {"runs": typed("runs", rows["runs"])}), 0, failed)


def place_of(one: Run) -> parts.RunPlace:
    """What people call a run."""
    return parts.RunPlace(one.scenario.name, one.scenario.level, one.replication)


def _write(place: Place, tables: dict[str, pa.Table]) -> str:
    with telling_why(place):
        return parts.write(place, tables)


@contextmanager
def telling_why(place: Place) -> Iterator[None]:
    """What the system says of a disk or a folder that cannot be written, in words. Raises InputError."""
    try:
        yield
    except OSError as fault:
        why = fault.strerror or str(fault)
        raise InputError(f"{place.shown} cannot be written: {why}. Nothing that was finished is lost.") from None


def _rows(one: Run, told: Tables) -> Rows:
    """The rows of one run under its key. Raises ValueError unless there is exactly one row of measures."""
    if len(told.get("runs", ())) != 1:
        raise ValueError(f"a run gives one row in the table runs, not {len(told.get('runs', ()))}")
    key, made = _key(one), {}
    for table, rows in told.items():
        parts.checked_table(table)
        if table == "runs":
            made[table] = [rows[0] | _head(one) | {"status": "done", "error": None}]
        elif table != "stations" or one.keep_stations:
            made[table] = [row | key for row in rows]
    return made


def _failed(one: Run, why: str, failed: list[Failure]) -> Rows:
    """The row of a failed run, which is also noted."""
    failed.append(Failure(one.key, place_of(one), (why.strip().splitlines() or [""])[-1]))
    return {"runs": [_head(one) | {"status": "failed", "error": why}]}


def _typed(made: Sequence[tuple[Run, Rows]], failed: list[Failure]) -> dict[str, pa.Table]:
    """The rows of all runs as one Arrow table each. A run with a value that fits no column is a failed one."""
    import pyarrow as pa

    misfits = (pa.ArrowException, TypeError, ValueError, OverflowError)
    try:
        return _together(rows for _, rows in made)
    except misfits:
        pieces: dict[str, list[pa.Table]] = defaultdict(list)  # run by run: the same fail in any company
    for one, rows in made:
        try:
            tables = _together([rows])
        except misfits as fault:
            tables = _together([_failed(one, _told(fault), failed)])
        for table, piece in tables.items():
            pieces[table].append(piece)
    return {table: parts.joined(table, some) for table, some in pieces.items()}


def _together(runs: Iterable[Rows]) -> dict[str, pa.Table]:
    whole: Rows = defaultdict(list)
    for rows in runs:
        for table, some in rows.items():
            whole[table] += some
    return {table: typed(table, rows) for table, rows in whole.items()}


def _model() -> Simulate:
    """The model itself, imported where it is run: the store is read without it."""
    from sim.kernels import threads
    from sim.model import simulate

    threads.number()  # a variable that is no number is told once, not by every run
    model: Simulate = simulate
    return model


def _told(fault: Exception) -> str:
    """The traceback from the model on: the same text whether a worker or this process ran it."""
    below = fault.__traceback__.tb_next if fault.__traceback__ else None
    return "".join(traceback.format_exception(type(fault), fault, below))


def _key(one: Run) -> dict[str, Any]:
    scenario = one.scenario
    return {"key": one.key, "scenario": scenario.name, "level": scenario.level, "replication": one.replication}


def _head(one: Run) -> dict[str, Any]:
    return _key(one) | {"stations_kept": one.keep_stations}
