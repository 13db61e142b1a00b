"""What a protocol says after ballots were put in and taken: arrays in, arrays out."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Counts = NDArray[np.int64]


@njit(cache=True, nogil=True)
def _written(box: Counts, leader: int, added: Counts, taken: Counts) -> Counts:
    """Ballots by option (J, S) as in the protocol; arguments as :func:`protocols`, ``box`` (J, S)."""
    options, stations = box.shape
    out = box.copy()
    for s in range(stations):
        out[leader, s] += added[s]
        if taken[s] == 0:
            continue
        others = 0
        for j in range(options):
            if j != leader:
                others += box[j, s]
        running = gone = 0
        for j in range(options):
            if j != leader:
                running += box[j, s]
                upto = running * taken[s] // max(others, 1)
                out[j, s] -= upto - gone
                gone = upto
        out[leader, s] += taken[s]
    return out


def protocols(box: Counts, leader: int, added: Counts, taken: Counts) -> Counts:
    """Ballots (S, J) after ``added`` (S,) were put in for the leader and ``taken`` (S,) moved to it from the others.

    What is taken comes from the others in proportion to their ballots, in whole ballots that sum exactly. Without a
    leader (-1) nothing is changed.
    """
    return box if leader < 0 else _written(np.ascontiguousarray(box.T), leader, added, taken).T
