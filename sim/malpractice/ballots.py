"""What a commission that obeys does to the ballots: stuffing and stealing, in whole ballots."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

MOST_STUFFED = 0.99  # of the voters who stayed away [prototype]
MOST_STOLEN = 0.97  # of the others' ballots [prototype]


def stuffed(strength: float, target_turnout: NDArray[np.float64], listed: Counts, in_box: Counts) -> Counts:
    """Ballots added for the party of power: the gap to the ordered turnout, never more than 99 % of who stayed away.

    All arrays (S,): S = clip(tau N - B, 0, .99 (N - B)).
    """
    full = np.clip(target_turnout * listed - in_box, 0, MOST_STUFFED * (listed - in_box))
    return np.floor(strength * full).astype(np.int64)


def stolen(strength: float, target_share: NDArray[np.float64], in_box: Counts, leader: Counts, added: Counts) -> Counts:
    """Ballots of others counted for the party of power: the gap to the ordered share, at most 97 % of the others'.

    All arrays (S,): Z = clip(sigma (B + S) - L - S, 0, .97 (B - L)).
    """
    full = np.clip(target_share * (in_box + added) - leader - added, 0, MOST_STOLEN * (in_box - leader))
    return np.floor(strength * full).astype(np.int64)
