"""A dask cluster as the executor of a batch: found by address or scheduler file, refused where it runs other code."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

from sim import cases
from sim.batch.plan import RESULTS_VERSION
from sim.strict import InputError

PATIENCE = 30
"""Seconds to wait for a scheduler, and then for its first worker."""


def about() -> tuple[int, tuple[str, ...]]:
    """What a worker must have in common with who asks it: the results version, and the facts of all cases."""
    return RESULTS_VERSION, tuple(cases.digest(name) for name in cases.names())


@contextmanager
def dask(asked: str, timeout: float | None = None) -> Iterator[Executor]:
    """The executor of the cluster at an address (``tcp://host:8786``), or of the one that a scheduler file describes.

    A task that a worker drops is begun again elsewhere by dask itself, three times, before it is this program's.

    Raises InputError where dask is not installed, nobody answers, there are no workers, or they would give other
    results; and for a ``timeout`` where workers have several threads, since only whole processes can be ended.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InputError('--dask needs dask, which is not installed: pip install "majilis[cluster]".') from None
    file = asked if "://" not in asked and (Path(asked).is_file() or asked.endswith(".json")) else None
    if file and not Path(file).is_file():
        raise InputError(f"--dask {asked}: there is no such file. A scheduler writes one with --scheduler-file.")
    where = {"scheduler_file": file} if file else {"address": asked}
    try:
        client = Client(**where, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as fault:
        why = " ".join(str(fault).split())[:200]
        raise InputError(f"--dask {asked}: no scheduler answers there ({why}). Start one: dask scheduler.") from None
    with client:
        _agree(client, asked)
        if timeout is not None and any(threads > 1 for threads in client.nthreads().values()):
            raise InputError("--timeout ends whole processes; start dask workers with --nthreads 1.")
        yield client.get_executor(pure=False)


def _agree(client: object, asked: str) -> None:
    """Whether there are workers that would give the same results. Raises InputError."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)  # type: ignore[attr-defined]
    except TimeoutError:
        raise InputError(f"--dask {asked}: the scheduler has no workers. Start some: dask worker {asked}.") from None
    try:
        told = client.run(about)  # type: ignore[attr-defined]
    except Exception as fault:
        why = " ".join(f"{type(fault).__name__}: {fault}".split())[:200]
        raise InputError(f"--dask {asked}: a worker cannot run majilis ({why}). Install it there.") from None
    other = [worker for worker, one in told.items() if (one[0], tuple(one[1])) != about()]
    if other:
        raise InputError(f"--dask {asked}: {other[0]} has another version of majilis or other facts; install this one.")
