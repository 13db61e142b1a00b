"""Whole persons in proportion to sizes, group by group: arrays in, arrays out."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def below(size: NDArray[np.float64], share: NDArray[np.float64], first: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sizes (S,) with none above ``share`` (P,) of the sum of its group, or above 1.001 / rows if that is more.

    ``first`` (P + 1,) is the first row of every group, and the end of the last. With the k largest at the ceiling, that
    is the share of k ceilings and the rest: the first k at which the next size fits below.
    """
    out = size.copy()
    for group in range(share.size):
        rows = out[first[group] : first[group + 1]]
        part = max(share[group], 1.001 / rows.size)
        rest = rows.sum()
        if rows.max() <= part * rest:
            continue
        falling = np.sort(rows)[::-1]
        for k in range(rows.size):
            if falling[k] * (1 - k * part) <= part * rest:
                ceiling = part * rest / (1 - k * part)
                for i in range(rows.size):
                    rows[i] = min(rows[i], ceiling)
                break
            rest -= falling[k]
    return out


@njit(cache=True, nogil=True)
def whole(size: NDArray[np.float64], total: NDArray[np.int64], first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole persons (S,) in proportion to sizes by largest remainders, the first of equals first.

    They sum to ``total`` (P,) in every group; ``first`` as in :func:`below`.
    """
    out = np.empty(size.size, np.int64)
    for group in range(total.size):
        begin, end = first[group], first[group + 1]
        exact = total[group] * size[begin:end] / size[begin:end].sum()
        rest, left = np.empty(end - begin), total[group]
        for i in range(end - begin):
            out[begin + i] = math.floor(exact[i])
            rest[i] = out[begin + i] - exact[i]
            left -= out[begin + i]
        if left <= 0:
            continue
        last = np.partition(rest, left - 1)[left - 1]
        equal = left - (rest < last).sum()  # of those with the last remainder, how many get one
        for i in range(end - begin):
            if rest[i] < last:
                out[begin + i] += 1
            elif rest[i] == last and equal > 0:
                out[begin + i] += 1
                equal -= 1
    return out
