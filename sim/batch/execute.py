"""Filling a store: what it does not hold yet is run, in this process or in several, and a failed run is a row."""

from __future__ import annotations

import gc
import importlib.util
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
import weakref
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from sim.batch import first_use, parts
from sim.batch.plan import Run, Spec, plan
from sim.batch.store import Question, Results, Store
from sim.batch.tables import typed
from sim.strict import InputError

if TYPE_CHECKING:
    import pyarrow as pa

type Tables = dict[str, list[dict[str, Any]]]
type Simulate = Callable[[Any, int, bool], Tables]
"""From scenario, replication and whether to keep station rows to the rows of each table, without key columns."""

NOTEBOOK = 80  # columns of the bar in a notebook, which has no width of its own
LARGEST_CHUNK = 8  # a part takes 10 ms to write, a twentieth of eight small runs; larger ones lose more at a stop
CHUNKS_A_WORKER = 4  # so that the last worker to finish is not waited for long

# One thread each: workers already fill the processors, and libraries read these only when they are loaded.
_ONE_THREAD = dict.fromkeys(
    (
        *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
        *("NUMBA_NUM_THREADS", "MAJILIS_THREADS"),
    ),
    "1",
)


@dataclass(frozen=True)
class Tally:
    """How a batch went: runs asked for, found in the store, done now, failed now; and seconds taken."""

    asked: int
    found: int
    done: int = 0
    failed: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        if self.found == self.asked:
            return f"All {_count(self.asked)} were in the store already."
        pace = (self.done + self.failed) / max(self.seconds, 1e-9)
        text = f"{_count(self.done)} done and {self.failed} failed in {self.seconds:.1f} s ({pace:.3g} a second)"
        return f"{text}; {self.found} were in the store already." if self.found else f"{text}."


def run(
    scenarios: Spec | str | Iterable[Spec | str],
    replications: int | Iterable[int] = 20,
    workers: int | None = None,
    into: Path | str | None = None,
    experiment: Question | None = None,
    stations: str = "first",
    *,
    simulate: Simulate | None = None,
    progress: bool | None = None,
) -> Results:
    """Run every scenario with replications 1 to ``replications``, or with those listed, and read the results.

    A scenario may be given by its name.

    Replication r fixes parameters, society and history in every scenario alike, so that scenarios can be compared seed
    by seed. ``workers`` processes (default: one a processor; 1 stays in this process) change the time, never a number.
    ``into`` is a folder, made or continued; without it the results live in a temporary folder as long as the object
    returned. ``stations`` says whose station rows are kept: "none", "first" (the lowest replication) or "all".
    ``progress`` None shows a bar where someone may be watching and else one closing line; False shows nothing.

    Raises InputError for a plan or a folder that cannot be used, and when a worker process dies.
    """
    asked = [scenarios] if isinstance(scenarios, (str, Spec)) else list(scenarios)
    chosen = [_scenario(one) for one in asked]
    runs = plan(chosen, replications, stations)
    folder = Path(into) if into is not None else Path(tempfile.mkdtemp(prefix="majilis-"))
    try:
        run_all(runs, folder, workers=workers, simulate=simulate, progress=progress, experiment=experiment)
        results = Results.open(folder)
    except BaseException:
        if into is None:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    if into is None:
        weakref.finalize(results, shutil.rmtree, folder, ignore_errors=True)
    return results


def _scenario(asked: Spec | str) -> Spec:
    """A scenario itself, or the one of that name."""
    if isinstance(asked, str):
        from sim.scenario.load import load

        return load(asked)
    return asked


def run_all(
    runs: Iterable[Run],
    into: Path | str,
    *,
    workers: int | None = None,
    chunk: int | None = None,
    simulate: Simulate | None = None,
    progress: bool | None = None,
    experiment: Question | None = None,
    resume: str = "",
) -> Tally:
    """Simulate what the store does not hold yet and merge its parts; stopping at any moment loses only open chunks.

    ``simulate`` (default :func:`sim.model.simulate`) must be importable when ``workers`` is above 1. ``resume`` is
    the command that goes on after a stop, for messages. Raises InputError as :class:`~sim.batch.store.Store` does, for
    fewer than one worker, and when a worker dies; KeyboardInterrupt passes through.
    """
    asked = list({r.key: r for r in runs}.values())
    workers = workers if workers is not None else os.cpu_count() or 1
    if workers < 1:
        raise InputError(f"workers = {workers}: at least 1 is needed; leave it out to use every processor.")
    store = Store(into)
    with store.alone():
        store.record(asked, experiment)
        for path in store.repair():
            print(f"note: {path} was damaged and is removed; its runs are done again.", file=sys.stderr)
        todo = store.open_runs(asked)
        tally = Tally(len(asked), len(asked) - len(todo))
        try:
            tally = _fill(store.folder, todo, tally, workers, chunk, simulate, progress)
            parts.merge(store.folder)
        except BrokenProcessPool:
            why = "a worker process died, perhaps for want of memory,"
            raise InputError(_stopped(store, asked, why, resume)) from None
        except KeyboardInterrupt:
            print("\n" + _stopped(store, asked, "stopped", resume), file=sys.stderr)
            raise
    if progress is None and not _watched():
        print(tally, file=sys.stderr)
    return tally


def _fill(
    folder: Path,
    todo: Sequence[Run],
    tally: Tally,
    workers: int,
    chunk: int | None,
    simulate: Simulate | None,
    progress: bool | None,
) -> Tally:
    if not todo:
        return tally
    size = chunk or max(1, min(LARGEST_CHUNK, len(todo) // (CHUNKS_A_WORKER * workers)))
    chunks = [todo[i : i + size] for i in range(0, len(todo), size)]
    start = time.perf_counter()
    shown = _watched() if progress is None else progress
    ends = _outcomes(chunks, folder, min(workers, len(chunks)), simulate)
    with _bar(len(todo), shown) as bar, closing(ends):  # closing: an interrupt between two chunks ends the workers too
        for done, failed in ends:
            seconds = time.perf_counter() - start
            tally = replace(tally, done=tally.done + done, failed=tally.failed + failed, seconds=seconds)
            bar.set_postfix(failed=tally.failed, refresh=False)
            bar.update(done + failed)
    return tally


def _outcomes(
    chunks: Sequence[Sequence[Run]], folder: Path, workers: int, simulate: Simulate | None
) -> Generator[tuple[int, int], None, None]:
    """(done, failed) of each chunk as it ends."""
    if workers == 1:
        for chunk in chunks:
            yield _work(simulate, chunk, folder)
        return
    if simulate is None:
        first_use.prepare()
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin_worker, (simulate is None,))
    try:
        with _single_threaded(), _main_set_aside(simulate):
            futures = [pool.submit(_work, simulate, chunk, folder) for chunk in chunks]
        for future in as_completed(futures):
            yield future.result()
    except BaseException:  # an interrupt as well: do not wait for chunks under way, the store can do without them
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()
        raise
    pool.shutdown()


def _work(simulate: Simulate | None, chunk: Sequence[Run], folder: Path) -> tuple[int, int]:
    """Run a chunk and write it as one part; returns how many runs were done and how many failed."""
    model = simulate or _model()
    rows: dict[str, list[pa.Table]] = defaultdict(list)
    failed = 0
    for one in chunk:
        try:
            made = _tables(one, model(one.scenario, one.replication, one.keep_stations))
        except Exception as fault:
            failed += 1
            made = {"runs": typed("runs", [_head(one) | {"status": "failed", "error": _told(fault)}])}
        for table, piece in made.items():
            rows[table].append(piece)
    parts.write(folder, rows)
    return len(chunk) - failed, failed


def _tables(one: Run, told: Tables) -> dict[str, pa.Table]:
    """The rows of one run under its key. Raises ValueError unless there is exactly one row of measures."""
    if len(told.get("runs", ())) != 1:
        raise ValueError(f"a run gives one row in the table runs, not {len(told.get('runs', ()))}")
    made = {}
    for table, rows in told.items():
        if table == "runs":
            made[table] = typed(table, [rows[0] | _head(one) | {"status": "done", "error": None}])
        elif table != "stations" or one.keep_stations:
            made[table] = typed(table, [row | _key(one) for row in rows])
    return made


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


def _begin_worker(model: bool) -> None:
    """A worker leaves Ctrl-C to its parent, and ends when the parent is gone: a killed one cannot tell it to."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if model:
        _model()
        gc.freeze()  # what is imported stays: the collector need not go over it in every run


def _end_with_parent() -> None:
    from multiprocessing.connection import wait

    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Processes started meanwhile find one thread a library in their environment."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _main_set_aside(simulate: Simulate | None) -> Iterator[None]:
    """Processes started meanwhile do not run the user's script again.

    A spawned process imports the script of its parent, and a script without ``if __name__ == "__main__"`` would start
    its batch anew in every worker. Nothing in a script is needed, unless ``simulate`` is defined there.
    """
    main = sys.modules["__main__"]
    if simulate is None or simulate.__module__ != "__main__":
        sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _watched() -> bool:
    """Whether a bar would be seen: on a terminal, or in a notebook."""
    return "ipykernel" in sys.modules or sys.stderr.isatty()


def _bar(total: int, shown: bool) -> Any:
    """A bar for the place it is shown in: a widget in a notebook that has widgets, else a line of text.

    Chosen here and not by tqdm.auto, which warns in every notebook without ipywidgets.
    """
    if shown and "ipykernel" in sys.modules:
        if importlib.util.find_spec("ipywidgets"):
            from tqdm.notebook import tqdm as widget

            return widget(total=total, unit="run")
        from tqdm import tqdm

        return tqdm(total=total, unit="run", file=sys.stdout, ncols=NOTEBOOK)  # its stderr has a red ground
    from tqdm import tqdm

    return tqdm(total=total, unit="run", disable=not shown, file=sys.stderr, dynamic_ncols=True)


def _stopped(store: Store, asked: Sequence[Run], why: str, resume: str) -> str:
    done = len(asked) - len(store.open_runs(asked))
    go_on = f"To go on: {resume}" if resume else f"To go on, start it again into {store.folder}."
    less = " If it happens again, use fewer workers." if "died" in why else ""
    return f"{why} after {done} of {_count(len(asked))}. What is finished is kept in {store.folder}. {go_on}{less}"


def _count(runs: int) -> str:
    return f"{runs} run" if runs == 1 else f"{runs} runs"
