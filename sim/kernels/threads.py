"""Who runs a kernel: its chunks are dealt out to threads in equal parts, and the result is the same with any number."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.strict import InputError

WORTH_IT = 40_000  # rows below which waking another thread takes longer than it saves
BLOCK = 2048  # rows of a chunk: its arrays fit the nearest cache, its loops are long enough
VARIABLE = "MAJILIS_THREADS"


def number() -> int:
    """Threads that a kernel may use: MAJILIS_THREADS, or as many as this process has processors.

    Raises:
        InputError: the variable is no whole number of 1 or more.
    """
    given = os.environ.get(VARIABLE, "")
    if not given:
        return _processors()
    if not given.isdecimal() or int(given) == 0:
        raise InputError(f"{VARIABLE} = {given}: write a whole number of threads, 1 or more, or leave it out.")
    return int(given)


def _processors() -> int:
    """Processors this process may use, as far as the system and the version of Python tell."""
    if hasattr(os, "process_cpu_count"):  # from Python 3.13
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="majilis")


if hasattr(os, "register_at_fork"):  # threads do not survive a fork, and a pool that remembers them would wait for ever
    os.register_at_fork(after_in_child=_pool.cache_clear)


def each(kernel: Callable[..., None], chunks: NDArray[np.int64], *arrays: Any) -> None:
    """``kernel(first, last, chunks, *arrays)`` over all chunks; chunks (C, ..) begin with their first row and end."""
    if not len(chunks):
        return
    threads = number() if len(chunks) > 1 and chunks[-1, 1] - chunks[0, 0] >= WORTH_IT else 1
    if threads == 1:
        kernel(0, len(chunks), chunks, *arrays)
        return
    cuts = np.searchsorted(chunks[:, 1], np.linspace(chunks[0, 0], chunks[-1, 1], threads + 1)[1:-1], "right")
    bounds = [0, *(int(cut) for cut in cuts), len(chunks)]
    *others, own = [pair for pair in pairwise(bounds) if pair[0] < pair[1]]
    waited_for = [_pool(threads).submit(kernel, first, last, chunks, *arrays) for first, last in others]
    kernel(*own, chunks, *arrays)
    for done in waited_for:
        done.result()


def chunks(first: NDArray[np.int64], sizes: NDArray[np.int64], block: int = BLOCK) -> NDArray[np.int64]:
    """Runs of at most ``block`` rows, none in two groups of rows: (C, 3), first row, end, and number of the group."""
    pieces = -(-sizes // block)
    owner = np.repeat(np.arange(len(sizes)), pieces)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    start = first[owner] + block * place
    return np.column_stack([start, np.minimum(start + block, (first + sizes)[owner]), owner])
