"""What the machine can do at most: memory bandwidth and arithmetic, each measured by a small compiled loop."""

from __future__ import annotations

import os
import platform
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import njit

from sim.kernels.elementary import fma

f32 = np.float32
DEPTH = 16  # multiply-adds on a number between reading and writing it
IN_CACHE = 2048  # numbers of the arithmetic loop: 8 KiB, the nearest cache
IN_MEMORY = 16_000_000  # numbers of each array of the memory loop: 64 MB, more than any cache


@njit(nogil=True)
def _triad(a: Any, b: Any, c: Any, s: f32) -> None:
    for i in range(a.size):
        a[i] = fma(s, c[i], b[i])


@njit(nogil=True)
def _arithmetic(x: Any, y: f32, z: f32, times: int) -> None:
    for _ in range(times):
        for i in range(x.size):
            v = x[i]
            v = fma(v, y, z)
            v = fma(v, y, z)
            v = fma(v, y, z)
            v = fma(v, y, z)
            v = fma(v, y, z)
            v = fma(v, y, z)
            v = fma(v, y, z)
            v = fma(v, y, z)
            v = fma(v, y, z)
            v = fma(v, y, z)
            v = fma(v, y, z)
            v = fma(v, y, z)
            v = fma(v, y, z)
            v = fma(v, y, z)
            v = fma(v, y, z)
            x[i] = fma(v, y, z)


def _best(work: Any, parts: list[tuple[Any, ...]], repeats: int = 7) -> float:
    """Least seconds of some repetitions, each running ``work`` on all parts at once."""
    work(*parts[0])  # compiles
    best = float("inf")
    with ThreadPoolExecutor(len(parts)) as pool:
        for _ in range(repeats):
            begin = time.perf_counter()
            for done in [pool.submit(work, *part) for part in parts]:
                done.result()
            best = min(best, time.perf_counter() - begin)
    return best


def bandwidth(threads: int) -> float:
    """Bytes a second of a = b + s c over arrays in memory; counted as STREAM does: two read, one written."""
    n = IN_MEMORY // threads
    parts = [(np.ones(n, f32), np.ones(n, f32), np.ones(n, f32), f32(0.5)) for _ in range(threads)]
    return 12 * n * threads / _best(_triad, parts)


def arithmetic(threads: int) -> float:
    """Single-precision operations a second of chained multiply-adds in the nearest cache; each counts as two."""
    times = 20_000
    parts = [(np.ones(IN_CACHE, f32), f32(0.999), f32(0.001), times) for _ in range(threads)]
    return 2 * DEPTH * IN_CACHE * times * threads / _best(_arithmetic, parts)


def processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    """The processor's name."""
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def load() -> float:
    """Processes that wanted a processor in the last minute, on average."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
