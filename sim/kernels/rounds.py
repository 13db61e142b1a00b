"""One month of opinion and of word of mouth over the social network: arrays in, arrays out."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def opinion(
    position: NDArray[np.float64],
    neighbour: NDArray[np.int32],
    noise: NDArray[np.float64],
    attraction: float,
    bound: float,
) -> NDArray[np.float64]:
    """Bounded attraction to neighbours, axis by axis, plus noise; positions (N, D), neighbours (N, K), noise (N, D).

    A voter moves by ``attraction`` times the mean distance to the neighbours who stand within ``bound`` on that axis,
    neighbours beyond it counting as no pull (Deffuant et al. 2000 in spirit, synchronous). Returns new positions.
    """
    voters, axes = position.shape
    ties = neighbour.shape[1]
    out = np.empty_like(position)
    for i in range(voters):
        for d in range(axes):
            here = position[i, d]
            pull = 0.0
            for k in range(ties):
                gap = position[neighbour[i, k], d] - here
                if -bound < gap < bound:
                    pull += gap
            out[i, d] = here + attraction * pull / ties + noise[i, d]
    return out


@njit(cache=True)
def hear(
    aware: NDArray[np.uint64],
    neighbour: NDArray[np.int32],
    slot: int,
    u: NDArray[np.float64],
    media: NDArray[np.float64],
    mouth: float,
) -> NDArray[np.uint64]:
    """Who knows party ``slot`` after a month; ``aware`` (N,) bit masks, ``u`` and ``media`` (N,).

    A voter who does not know it yet hears of it with probability 1 - (1 - media) (1 - mouth)^(neighbours who know it).
    """
    bit = np.uint64(1) << np.uint64(slot)
    out = aware.copy()
    for i in range(aware.size):
        if aware[i] & bit:
            continue
        ignorant = 1.0 - media[i]
        for k in range(neighbour.shape[1]):
            if aware[neighbour[i, k]] & bit:
                ignorant *= 1.0 - mouth
        if u[i] < 1.0 - ignorant:
            out[i] |= bit
    return out
