"""Worker processes of this machine as an executor: a worker that dies or takes too long costs the run it had, no other.

``concurrent.futures.ProcessPoolExecutor`` gives up all of its work when one process dies, and cannot tell which task
it had. Here each worker has a pipe of its own, says which run of its chunk it begins, and is replaced when it ends.
Processes are spawned: a fork would copy threads' locks. Only the standard library is imported before a worker has
limited the threads of the others.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from types import ModuleType
from typing import Any

from sim.strict import InputError

# One thread each: workers already fill the processors, and libraries read these only when they are loaded.
ONE_THREAD = dict.fromkeys(
    (
        *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
        *("NUMBA_NUM_THREADS", "ARROW_NUM_THREADS", "MAJILIS_THREADS"),
    ),
    "1",
)

_STILLBORN = 10  # workers that end before their first task, one after another, until it is the machine's fault


class LostError(Exception):
    """A worker did not come back.

    ``position`` is that of the run it had in its chunk, None where it had not begun one.
    """

    def __init__(self, why: str, position: int | None = None) -> None:
        super().__init__(why, position)
        self.why, self.position = why, position


@dataclass
class _Task:
    future: Future[Any]
    packed: bytes


@dataclass
class _Worker:
    process: Any
    pipe: Connection
    task: _Task | None = None
    at: int | None = None
    since: float = 0.0
    begun: bool = False
    timed: bool = False


class Processes(Executor):
    """Some processes, each with one task at a time.

    ``timeout`` is the most seconds that a run may take; the worker that has it is ended. Tasks are called with
    ``clock``, whose ``begins(position)`` tells which run of its chunk comes now, and ``rests()`` that none does.

    A future raises :class:`LostError` where its worker ended, InputError where no worker can be started.
    """

    def __init__(self, workers: int, timeout: float | None = None, *, main: bool = False) -> None:
        self.workers = self._max_workers = workers  # the latter is what executors of the library call it
        self.timeout = timeout
        self._main = main  # whether tasks are defined in the user's script, which workers must then import
        self._waiting: deque[_Task] = deque()
        self._staff: list[_Worker] = []
        self._lock = threading.Lock()
        self._ended, self._stillborn = False, 0
        self._bell, self._ringer = multiprocessing.Pipe(duplex=False)
        self._context = multiprocessing.get_context("spawn")
        self._thread = threading.Thread(target=self._serve, daemon=True, name="majilis-processes")
        self._thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        """Call ``fn(*args, clock=..., **options)`` in a worker."""
        future: Future[Any] = Future()
        task = _Task(future, pickle.dumps((fn, args, options)))
        with self._lock:
            if self._ended:
                raise RuntimeError("no tasks are taken any more")
            self._waiting.append(task)
        self._ring()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks; with ``cancel_futures`` end those under way too."""
        with self._lock:
            self._ended = True
            if cancel_futures:
                while self._waiting:
                    self._waiting.popleft().future.cancel()
                for worker in self._staff:
                    worker.process.kill()
        self._ring()
        if wait:
            self._thread.join()

    def _ring(self) -> None:
        with suppress(OSError):
            self._ringer.send_bytes(b".")

    def _serve(self) -> None:
        """Hand out tasks and hear of their ends, until there are none and none will come."""
        try:
            while self._hand_out():
                self._hear()
        except BaseException as fault:  # a fault of this thread must not leave anybody waiting
            with self._lock:
                self._ended = True
                tasks = [*self._waiting, *(w.task for w in self._staff if w.task)]
            for task in tasks:
                _settle(task, fault=RuntimeError("".join(traceback.format_exception(fault))))
        finally:
            for worker in self._staff:
                with suppress(OSError):
                    worker.pipe.close()  # a worker without a task ends by that
            for worker in self._staff:
                worker.process.join(5)
                if worker.process.is_alive():
                    worker.process.kill()

    def _hand_out(self) -> bool:
        """Give tasks to those who have none, starting workers as they are needed; False when all is done."""
        with self._lock:
            for worker in [w for w in self._staff if w.task is None]:
                if self._waiting:
                    self._give(worker, self._waiting.popleft())
            while self._waiting and len(self._staff) < self.workers:
                worker = self._started()
                self._staff.append(worker)
                self._give(worker, self._waiting.popleft())
            return not self._ended or bool(self._waiting) or any(w.task for w in self._staff)

    def _give(self, worker: _Worker, task: _Task) -> None:
        if not task.future.set_running_or_notify_cancel():
            return
        worker.task, worker.at, worker.timed = task, None, False
        with suppress(OSError):  # it is dead: its end is heard next
            worker.pipe.send_bytes(task.packed)

    def _hear(self) -> None:
        """Wait for a word, an end, a new task, or the time that a run may take at most."""
        by = {worker.pipe: worker for worker in self._staff}
        ends = {worker.process.sentinel: worker for worker in self._staff}
        for ready in wait([self._bell, *by, *ends], self._patience()):
            if ready is self._bell:
                self._bell.recv_bytes()
            elif ready in by:
                self._listen(by[ready])
        for worker in [w for w in self._staff if not w.process.is_alive()]:
            self._bury(worker)
        for worker in self._staff:
            if self.timeout is not None and worker.timed and self._left(worker) <= 0:
                worker.process.kill()
                worker.process.join()
                self._listen(worker)  # it may have come back at the last moment
                self._bury(worker, f"TimeoutError: no result within {self.timeout:g} s")

    def _patience(self) -> float | None:
        if self.timeout is None:
            return None
        return max(0.0, min((self._left(w) for w in self._staff if w.timed), default=self.timeout))

    def _left(self, worker: _Worker) -> float:
        """Seconds a worker has left for its run."""
        return (self.timeout or 0.0) - (time.monotonic() - worker.since)

    def _listen(self, worker: _Worker) -> None:
        """Take what a worker has said."""
        try:
            while worker.pipe.poll():
                kind, told = worker.pipe.recv()
                if kind == "begins":
                    worker.at, worker.since, worker.begun, self._stillborn = told, time.monotonic(), True, 0
                    worker.timed = True
                elif kind == "rests":
                    worker.timed = False
                elif worker.task is not None:
                    task, worker.task, worker.at, self._stillborn = worker.task, None, None, 0
                    _settle(task, told, None) if kind == "done" else _settle(task, fault=told)
        except (EOFError, OSError):
            return  # the end of the process is heard by its sentinel

    def _bury(self, worker: _Worker, why: str = "") -> None:
        """Take a dead worker off the staff and tell whose task it had."""
        if worker not in self._staff:
            return
        self._listen(worker)
        with self._lock:
            self._staff.remove(worker)
        worker.pipe.close()
        worker.process.join()
        code = worker.process.exitcode
        if worker.task is None:
            return
        if not worker.begun:
            self._stillborn += 1
            if self._stillborn >= _STILLBORN:
                _settle(worker.task, fault=InputError(f"worker processes end as they start (exit code {code})."))
                return
        why = why or f"WorkerDied: the worker process ended (exit code {code}), perhaps for want of memory"
        _settle(worker.task, fault=LostError(why, worker.at))

    def _started(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_live, args=(theirs,), daemon=True, name="majilis-worker")
        with _main_set_aside(wanted=self._main):
            process.start()
        theirs.close()
        return _Worker(process, ours)


def _settle(task: _Task, result: Any = None, fault: BaseException | None = None) -> None:
    if not task.future.done():
        task.future.set_result(result) if fault is None else task.future.set_exception(fault)


class _Pipe:
    """A clock that tells the parent."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe = pipe

    def begins(self, position: int) -> None:
        self.pipe.send(("begins", position))

    def rests(self) -> None:
        self.pipe.send(("rests", None))


def _live(pipe: Connection) -> None:
    """A worker's life: task after task until the pipe is closed. Ctrl-C is its parent's."""
    os.environ.update(ONE_THREAD)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            packed = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        try:
            fn, args, options = pickle.loads(packed)
            answer = ("done", fn(*args, clock=_Pipe(pipe), **options))
        except Exception as fault:
            answer = ("fault", _portable(fault))
        pipe.send(answer)


def _portable(fault: Exception) -> Exception:
    """An exception that can be sent: itself, or its text."""
    try:
        pickle.loads(pickle.dumps(fault))
    except Exception:
        return RuntimeError("".join(traceback.format_exception(fault)))
    return fault


def _end_with_parent() -> None:
    """End when the parent is gone: a killed one cannot say so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


@contextmanager
def _main_set_aside(*, wanted: bool) -> Iterator[None]:
    """Processes started meanwhile do not run the user's script again.

    A spawned process imports the script of its parent, and a script without ``if __name__ == "__main__"`` would start
    its batch anew in every worker. Nothing in a script is needed, unless the model that is run is defined there.
    """
    main = sys.modules["__main__"]
    if not wanted:
        sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
