"""How many stations would show a whole percent by chance: binomial redraws, counted without keeping them."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels import chance, counts, threads


@njit(inline="always")
def _whole(count: float, base: float, within: float) -> bool:
    """Whether 100 count / base lies within ``within`` percentage points of a whole number (exact in a double)."""
    percent = 100.0 * count
    return abs(percent - np.rint(percent / base) * base) <= within * base


@njit(cache=True, nogil=True)
def _redraw(
    first: int,
    last: int,
    chunks: NDArray[np.int64],
    keys: NDArray[np.uint64],
    voters: NDArray[np.int64],
    turnout: NDArray[np.float64],
    ballots: NDArray[np.int64],
    share: NDArray[np.float64],
    within: float,
    hits: NDArray[np.int64],
) -> None:
    """Stations of some chunks at a whole percent, added to ``hits`` (C, draws); ``keys`` (draws, 2, 2)."""
    for c in range(first, last):
        begin, end = chunks[c, 0], chunks[c, 1]
        for d in range(keys.shape[0]):
            given = counts.binomials(
                chance.uniforms(keys[d, 0], begin, end - begin), voters[begin:end], turnout[begin:end]
            )
            leader = counts.binomials(
                chance.uniforms(keys[d, 1], begin, end - begin), ballots[begin:end], share[begin:end]
            )
            found = 0
            for i in range(end - begin):
                s = begin + i
                found += _whole(float(given[i]), float(voters[s]), within) or _whole(
                    float(leader[i]), float(ballots[s]), within
                )
            hits[c, d] = found


@njit(cache=True, nogil=True)
def shown(
    given: NDArray[np.int64],
    voters: NDArray[np.int64],
    leader: NDArray[np.int64],
    ballots: NDArray[np.int64],
    within: float,
) -> NDArray[np.bool_]:
    """Which stations show turnout or the leader's share within ``within`` percentage points of a whole percent (S,)."""
    out = np.empty(voters.size, np.bool_)
    for s in range(voters.size):
        out[s] = _whole(float(given[s]), float(voters[s]), within) or _whole(
            float(leader[s]), float(ballots[s]), within
        )
    return out


def redrawn(
    keys: NDArray[np.uint64],
    voters: NDArray[np.int64],
    given: NDArray[np.int64],
    ballots: NDArray[np.int64],
    leader: NDArray[np.int64],
    within: float,
) -> NDArray[np.int64]:
    """The number of stations that :func:`shown` would find in each redraw at the observed rates; shape (draws,).

    ``keys`` (draws, 2, 2): an address for turnout and one for the leader's votes of each draw; ids are stations.
    Voters and ballots are above 0. The same with any number of threads.
    """
    size = len(voters)
    parts = threads.chunks(np.array([0]), np.array([size]))
    hits = np.zeros((len(parts), len(keys)), np.int64)
    threads.each(_redraw, parts, keys, voters, given / voters, ballots, leader / ballots, within, hits)
    total: NDArray[np.int64] = hits.sum(axis=0)
    return total
