"""Expected votes of a logit electorate, cell by cell: arrays in, arrays out.

A voter's odds of a list are a product of two parts: ``closeness``, which depends on where the voter and the list stand,
and ``pull``, which is the same for all voters of a cell (what a list is worth there, and whether it can win there).
Only the first needs an exponential for every voter, and only when a list has moved; beliefs change the second alone.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def closeness(points: NDArray[np.float64], place: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """exp(-weight * squared distance) of every point (N, D) to one place (D,); shape (N,)."""
    rows, axes = points.shape
    out = np.empty(rows)
    for i in range(rows):
        squared = 0.0
        for d in range(axes):
            gap = points[i, d] - place[d]
            squared += gap * gap
        out[i] = math.exp(-weight * squared)
    return out


@njit(cache=True)
def votes(
    closeness: NDArray[np.float64], pull: NDArray[np.float64], start: NDArray[np.int64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Expected votes of each list in each cell, persons; shape (C, J).

    ``closeness`` (J, N), ``pull`` (C, J) > 0, ``start`` (C + 1,) the first row of every cell and the end of the last,
    ``weight`` (N,) persons a row stands for. Sums run in one fixed order, so that the bytes do not depend on threads.
    """
    lists = closeness.shape[0]
    cells = start.size - 1
    out = np.empty((cells, lists))
    for c in range(cells):
        first, size = start[c], start[c + 1] - start[c]
        per_odds = np.zeros(size)  # first the sum of odds over lists, then persons per unit of odds
        for j in range(lists):
            here = pull[c, j]
            for i in range(size):
                per_odds[i] += closeness[j, first + i] * here
        for i in range(size):
            per_odds[i] = weight[first + i] / per_odds[i]
        for j in range(lists):
            total = 0.0
            for i in range(size):
                total += closeness[j, first + i] * per_odds[i]
            out[c, j] = pull[c, j] * total
    return out


@njit(cache=True)
def supporters(
    closeness: NDArray[np.float64],
    pull: NDArray[np.float64],
    start: NDArray[np.int64],
    weight: NDArray[np.float64],
    points: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Mean position of the expected voters of each list; shape (J, D). Arguments as :func:`votes`, points (N, D)."""
    lists, axes = closeness.shape[0], points.shape[1]
    mass, out = np.zeros(lists), np.zeros((lists, axes))
    odds = np.empty(lists)
    for c in range(start.size - 1):
        for i in range(start[c], start[c + 1]):
            total = 0.0
            for j in range(lists):
                odds[j] = closeness[j, i] * pull[c, j]
                total += odds[j]
            for j in range(lists):
                persons = weight[i] * odds[j] / total
                mass[j] += persons
                for d in range(axes):
                    out[j, d] += persons * points[i, d]
    for j in range(lists):
        for d in range(axes):
            out[j, d] /= mass[j]
    return out
