"""The one generator: a word of chance for a key and an id, the same in arrays and inside compiled loops.

SplitMix64 (Steele, Lea & Flood 2014) read as a function of a counter: the first half of the key is the seed, the id
the number of the word, so ``word(k, 0, i)`` is the i-th output of SplitMix64 seeded with k. The second half of the key
enters between the two multiplications. Keys must be hashes: two that share their first half are not independent.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

STEP = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
ONE, R30, R27, R31 = (np.uint64(n) for n in (1, 30, 27, 31))
KEPT = np.uint64(12)  # 52 bits and a half fit a double exactly, and never reach 0 or 1
SCALE = 2.0**-52


@njit(inline="always")
def word(key0: np.uint64, key1: np.uint64, who: np.uint64) -> np.uint64:
    """64 bits for the id ``who`` under a key of two halves."""
    z = key0 + (who + ONE) * STEP
    z = (z ^ (z >> R30)) * FIRST ^ key1
    z = (z ^ (z >> R27)) * SECOND
    return z ^ (z >> R31)


@njit(cache=True, nogil=True)
def words(key: NDArray[np.uint64], first: int, n: int) -> NDArray[np.uint64]:
    """Words of the ids ``first .. first + n - 1``; key (2,), shape (n,)."""
    out = np.empty(n, np.uint64)
    for i in range(n):
        out[i] = word(key[0], key[1], np.uint64(first + i))
    return out


@njit(cache=True, nogil=True)
def uniforms(key: NDArray[np.uint64], first: int, n: int) -> NDArray[np.float64]:
    """Uniforms (r + 1/2) / 2^52 in (0, 1) of the ids ``first .. first + n - 1``, r the top 52 bits; shape (n,)."""
    out = np.empty(n)
    for i in range(n):
        bits = np.int64(word(key[0], key[1], np.uint64(first + i)) >> KEPT)
        out[i] = (np.float64(bits) + 0.5) * SCALE
    return out
