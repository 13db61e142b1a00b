"""Filling a store: what it does not hold yet is run, by whatever executor there is, and a failed run is a row."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
import weakref
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sim.batch import first_use, interrupt, parts
from sim.batch.places import Folder, Place
from sim.batch.plan import Plan, Run, Spec, plan
from sim.batch.processes import LostError, Processes
from sim.batch.progress import Bar, Log, watched
from sim.batch.store import Question, Results, Store
from sim.batch.work import Clock, Report, Simulate, give_up, place_of, telling_why, work, work_with_one_thread
from sim.strict import InputError

CHUNK_SECONDS = 1.0
"""Work that a chunk should hold: what a stop loses at most, and far above what handing it out and writing it cost."""

LARGEST_CHUNK = 200
RETRIES = 3
"""Times that a run is begun again after its worker died or took too long; one that raises is not: it would again."""

_AHEAD = 2  # chunks a worker that are handed out: one at work, one waiting
_AHEAD_FAR = 3  # of a cluster, which takes some milliseconds to hand one out


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


@dataclass(frozen=True)
class Shard:
    """One of several batches that fill one store together: part ``number`` of ``of``, counted from 1."""

    number: int
    of: int

    @classmethod
    def read(cls, text: str) -> Shard:
        """From "3/8". Raises InputError for anything else."""
        first, stroke, last = text.partition("/")
        if stroke and all(n.isascii() and n.isdecimal() and len(n) < 8 for n in (first, last)):
            number, of = int(first), int(last)
            if 1 <= number <= of:
                return cls(number, of)
        raise InputError(f'--shard {text}: write "i/n" with i from 1 to n, such as 3/8.')


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
    executor: Executor | None = None,
    timeout: float | None = None,
) -> Results:
    """Run every scenario with replications 1 to ``replications``, or with those listed, and read the results.

    A scenario may be given by its name.

    Replication r fixes parameters, society and history in every scenario alike, so that scenarios can be compared seed
    by seed. ``workers`` processes (default: one a processor; 1 stays in this process) change the time, never a number.
    ``into`` is a folder, made or continued, or an address that fsspec opens; without it the results live in a temporary
    folder as long as the object returned. ``stations`` says whose station rows are kept: "none", "first" (the lowest
    replication) or "all". ``progress`` None shows a bar where someone may be watching and else one closing line; False
    shows nothing. ``executor`` and ``timeout`` are those of :func:`run_all`.

    Raises InputError for a plan or a folder that cannot be used, and when the store cannot be written.
    """
    asked = [scenarios] if isinstance(scenarios, (str, Spec)) else list(scenarios)
    chosen = [_scenario(one) for one in asked]
    runs = plan(chosen, replications, stations)
    folder = into if into is not None else Path(tempfile.mkdtemp(prefix="majilis-"))
    try:
        run_all(
            runs,
            folder,
            workers=workers,
            simulate=simulate,
            progress=progress,
            experiment=experiment,
            executor=executor,
            timeout=timeout,
        )
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
    executor: Executor | None = None,
    timeout: float | None = None,
    retries: int = RETRIES,
    shard: Shard | None = None,
) -> Tally:
    """Simulate what the store does not hold yet and merge its parts; stopping at any moment loses only open chunks.

    ``chunk`` runs make a task; by default as many as last CHUNK_SECONDS, by what runs have taken so far. ``simulate``
    (default :func:`sim.model.simulate`) must be importable when ``workers`` is above 1. ``resume`` is the command that
    goes on after a stop, for messages.

    ``executor`` (any of ``concurrent.futures``, a dask client's, mpi4py's) does the work in place of processes of its
    own. ``timeout`` is the most seconds a run may take; one that takes longer, or whose worker dies, is begun again
    ``retries`` times and is then a failed run. With a ``shard`` only that part of the runs is done, and the last shard
    to end merges.

    Raises InputError as :class:`~sim.batch.store.Store` does, for fewer than one worker, and when the store cannot be
    written; KeyboardInterrupt passes through.
    """
    asked: Sequence[Run] = runs if isinstance(runs, Plan) else list({r.key: r for r in runs}.values())
    workers = workers if workers is not None else os.cpu_count() or 1
    faults = [f"workers = {workers}: at least 1 is needed; leave it out to use every processor."] if workers < 1 else []
    if timeout is not None and not timeout > 0:
        faults.append(f"timeout = {timeout}: write seconds above 0, or leave it out.")
    if faults:
        raise InputError("\n".join(faults))
    store = Store(into)
    with interrupt.heard() as wish, store.locked(among_others=shard is not None):
        with store.one_at_a_time() if shard is not None else nullcontext():
            store.record(asked, experiment)
        if shard is None:
            _put_right(store)
        else:
            asked = _part(asked, shard)
        positions = store.open_runs(asked)
        tally = Tally(len(asked), len(asked) - len(positions))
        log = Log(store.place, f"shard-{shard.number}-of-{shard.of}" if shard else "")
        log.note(f"begins: {len(asked)} runs asked for, {tally.found} in the store")
        crew = _crew(executor, workers, timeout, simulate, len(positions))
        try:
            with telling_why(store.place):
                where = Folder(store.place.path.absolute()) if isinstance(store.place, Folder) else store.place
                filling = _Filling(where, simulate, crew, chunk, retries, log, tally, wish)
                tally = filling.run((asked[i] for i in positions), len(positions), progress)
                if shard is None:
                    parts.merge(store.place)
        except KeyboardInterrupt:
            log.note("stopped by the user")
            print("\n" + _stopped(store, asked, "stopped", resume), file=sys.stderr)
            raise
        except InputError as fault:
            log.note(f"stopped: {fault}")
            raise InputError(f"{fault} {_stopped(store, asked, 'Stopped', resume)}") from None
    if shard is not None:
        _merge_if_last(store)
    log.note(f"ends: {tally}")
    if progress is None and not watched():
        print(tally, file=sys.stderr)
    return tally


def _put_right(store: Store) -> None:
    """Remove what is damaged, and what a stopped batch left."""
    with telling_why(store.place):
        for path in store.repair():
            print(f"note: {path} was damaged and is removed; its runs are done again.", file=sys.stderr)
        parts.sweep(store.place)


def _part(asked: Sequence[Run], shard: Shard) -> Sequence[Run]:
    """The runs of a shard."""
    if isinstance(asked, Plan):
        return asked.shard(shard.number, shard.of)
    return asked[shard.number - 1 :: shard.of]


def _merge_if_last(store: Store) -> None:
    """Merge what all shards did, unless others are still at work: then the last of them does."""
    try:
        with store.locked(), telling_why(store.place):
            _put_right(store)
            parts.merge(store.place)
    except InputError as fault:
        if "another process" not in str(fault):
            raise


@dataclass
class _Crew:
    """Who does the work: an executor (None: this process), how many chunks it is given ahead, and what it calls."""

    executor: Executor | None
    ahead: int
    call: Callable[..., Report]
    options: dict[str, Any] = field(default_factory=dict)
    own: bool = False

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Ends processes of its own with the work: at once where it is interrupted, the store can do without them."""
        try:
            yield
        except BaseException:
            if self.executor is not None and self.own:
                self.executor.shutdown(wait=False, cancel_futures=True)
            raise
        if self.executor is not None and self.own:
            self.executor.shutdown()


def _crew(
    executor: Executor | None, workers: int, timeout: float | None, simulate: Simulate | None, runs: int
) -> _Crew:
    if executor is not None:
        limit = {"timeout": timeout} if timeout is not None else {}
        return _Crew(executor, _AHEAD_FAR * _size(executor), work_with_one_thread, limit)
    number = min(workers, runs)
    if number < 2 and timeout is None:
        return _Crew(None, 1, work)
    if simulate is None:
        first_use.prepare()
    main = simulate is not None and simulate.__module__ == "__main__"
    return _Crew(Processes(max(number, 1), timeout, main=main), _AHEAD * max(number, 1), work, own=True)


def _size(executor: Executor) -> int:
    """Workers of somebody else's executor, as far as it tells."""
    client = getattr(executor, "_client", None)
    if client is not None:
        return max(1, sum(client.nthreads().values()))
    return int(getattr(executor, "_max_workers", None) or getattr(executor, "num_workers", None) or 4)


def _gone(executor: Executor | None) -> bool:
    """Whether a cluster has left, as far as its executor tells."""
    client = getattr(executor, "_client", None)
    return client is not None and client.status != "running"


class _Obedient(Clock):
    """Stops between two runs where the user wants it."""

    def __init__(self, wish: interrupt.Wish) -> None:
        self.wish = wish

    def begins(self, position: int) -> None:
        self.wish.obey()


class _Filling:
    """One batch at work: which chunks are out, what they came to, which runs must be begun again."""

    def __init__(
        self,
        place: Place,
        simulate: Simulate | None,
        crew: _Crew,
        chunk: int | None,
        retries: int,
        log: Log,
        tally: Tally,
        wish: interrupt.Wish,
    ) -> None:
        self.place, self.simulate, self.crew, self.retries = place, simulate, crew, retries
        self.fixed, self.log, self.tally, self.wish = chunk, log, tally, wish
        self.seconds = 0.0  # a run takes, by the last chunks
        self.again: deque[list[Run]] = deque()
        self.tries: Counter[str] = Counter()
        self.out: dict[Future[Any], list[Run] | None] = {}  # None: parts being merged
        self.loose: list[str] = []

    def run(self, todo: Iterator[Run], total: int, shown: bool | None) -> Tally:
        """Do all of it."""
        begin = time.perf_counter()
        with Bar(total, watched() if shown is None else shown) as bar, self.crew.at_work():
            for report in self._watched_over(todo, total):
                self.tally = replace(
                    self.tally,
                    done=self.tally.done + report.done,
                    failed=self.tally.failed + len(report.failed),
                    seconds=time.perf_counter() - begin,
                )
                bar.add(report.done + len(report.failed), failed=self.tally.failed)
                for failure in report.failed:
                    self.log.note(f"failed: {' '.join(map(str, failure.place))} (key {failure.key}): {failure.reason}")
                self.log.progress(self.tally, total)
        return self.tally

    def _watched_over(self, todo: Iterator[Run], total: int) -> Iterator[Report]:
        """The reports; where it is interrupted, what is handed out and not begun is taken back."""
        try:
            yield from self._reports(todo, total)
        except BaseException:
            for future in self.out:
                future.cancel()
            raise

    def _reports(self, todo: Iterator[Run], total: int) -> Iterator[Report]:
        left = total
        executor = self.crew.executor
        if executor is None:
            while chunk := self._next(todo, left):
                left -= len(chunk)
                yield self._took(work(self.place, chunk, self.simulate, _Obedient(self.wish)))
                self._tidy(None)
            return
        while True:
            while len(self.out) < self.crew.ahead and (chunk := self._next(todo, left)):
                left -= len(chunk)
                self.out[self._submit(executor, self.crew.call, self.place, chunk, self.simulate)] = chunk
            if not self.out:
                return
            ended, _ = wait(self.out, interrupt.PATIENCE, return_when=FIRST_COMPLETED)
            self.wish.obey()
            for future in ended:
                given = self.out.pop(future)
                if given is None:
                    self._merged(future)
                else:
                    yield from self._came_back(future, given)
            self._tidy(executor)

    def _submit(self, executor: Executor, call: Callable[..., Any], *args: Any) -> Future[Any]:
        try:
            return executor.submit(call, *args, **self.crew.options)
        except BrokenExecutor as fault:
            raise InputError(f"the workers are gone ({fault}).") from None

    def _next(self, todo: Iterator[Run], left: int) -> list[Run]:
        """The next chunk: what must be begun again first."""
        if self.again:
            return self.again.popleft()
        size = self.fixed or self._fitting(left)
        return [one for _, one in zip(range(size), todo, strict=False)]

    def _fitting(self, left: int) -> int:
        """Runs in a chunk, by what they have taken; small ones at the end, so that no worker is waited for long."""
        if not self.seconds:
            return 1
        workers = max(1, self.crew.ahead // _AHEAD)
        return max(1, min(LARGEST_CHUNK, int(CHUNK_SECONDS / self.seconds), -(-left // (2 * workers))))

    def _took(self, report: Report) -> Report:
        """Note what a chunk took; the first has loaded the model, which weighs little after some more."""
        runs = report.done + len(report.failed)
        weight = min(0.8, 0.3 + 0.1 * runs)
        self.seconds = report.seconds if not self.seconds else weight * report.seconds + (1 - weight) * self.seconds
        self.loose.append(report.part)
        return report

    def _came_back(self, future: Future[Any], chunk: list[Run]) -> Iterator[Report]:
        """The report of a chunk, or what is done about one that did not come back."""
        try:
            yield self._took(future.result())
        except InputError:
            raise
        except LostError as lost:
            if lost.position is None:
                self.again.append(chunk)  # it had not begun
                self.log.note(f"a worker ended before its first run; {len(chunk)} runs are given to another")
            else:
                one = chunk[lost.position]
                rest = [other for other in chunk if other is not one]
                if rest:
                    self.again.append(rest)
                yield from self._try_again(one, lost.why)
        except Exception as fault:  # somebody else's workers
            why = f"{type(fault).__name__}: {' '.join(str(fault).split())[:300]}"
            if isinstance(fault, BrokenExecutor) or _gone(self.crew.executor):
                raise InputError(f"the workers are gone ({why}).") from None
            if len(chunk) == 1:
                yield from self._try_again(chunk[0], why)
            else:  # one of them did it: each alone
                self.log.note(f"{len(chunk)} runs did not come back ({why}); each is begun again alone")
                self.again.extend([one] for one in chunk)

    def _try_again(self, one: Run, why: str) -> Iterator[Report]:
        """Begin a run again alone, or give it up: then it is a failed run."""
        self.tries[one.key] += 1
        named = f"{' '.join(map(str, place_of(one)))} (key {one.key})"
        if self.tries[one.key] <= self.retries:
            self.log.note(f"begun again, {self.tries[one.key]} of {self.retries}: {named}: {why}")
            self.again.append([one])
        else:
            times = f"{why} ({self.tries[one.key]} tries)"
            report = give_up(self.place, one, times)
            self.loose.append(report.part)
            yield report

    def _tidy(self, executor: Executor | None) -> None:
        """Have many small parts made one, so that files stay few; a worker does it where there is one."""
        if len(self.loose) < parts.AT_ONCE:
            return
        some, self.loose = self.loose[: parts.AT_ONCE], self.loose[parts.AT_ONCE :]
        if executor is None:
            parts.merge(self.place, some, parts.LOOSE)
        else:
            self.out[executor.submit(tidy, self.place, some)] = None

    def _merged(self, future: Future[Any]) -> None:
        """Whatever became of it, the parts are there and are merged at the end; a full disk is told."""
        try:
            future.result()
        except InputError:
            raise
        except Exception as fault:
            self.log.note(f"parts were not made one ({type(fault).__name__}); it is done at the end")


def tidy(place: Place, names: Sequence[str], clock: Clock | None = None) -> None:
    """Make one part of several: a task for a worker."""
    with telling_why(place):
        parts.merge(place, names, parts.LOOSE)


def _stopped(store: Store, asked: Sequence[Run], why: str, resume: str) -> str:
    done = len(asked) - len(store.open_runs(asked))
    go_on = f"To go on: {resume}" if resume else f"To go on, start it again into {store.folder}."
    return f"{why} after {done} of {_count(len(asked))}. What is finished is kept in {store.folder}. {go_on}"


def _count(runs: int) -> str:
    return f"{runs} run" if runs == 1 else f"{runs} runs"
