"""Parallel vote tabulation: what a sample of protocols says of the result, with its interval, and a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959963984540054
Verdict = Literal["within", "official above", "official below"]


@dataclass(frozen=True)
class QuickCount:
    """An estimated share with its standard error and 95 % interval; shares of 1."""

    share: float
    error: float
    interval: tuple[float, float]
    sampled: int
    stations: int

    def verdict(self, official: float) -> Verdict:
        """Where the official share lies: within the interval, above or below it.

        One honest election in twenty is outside. The sample speaks of protocols only: what was done before a protocol
        was written is in them.
        """
        low, high = self.interval
        return "official above" if official > high else "official below" if official < low else "within"


def quick_count(leader: NDArray[np.int64], cast: NDArray[np.int64], stations: int) -> QuickCount:
    """The leader's share of ballots from a simple random sample of stations, by the ratio estimator.

    ``leader`` and ``cast`` (n,) are votes and ballots in the protocols sampled, ``stations`` the number N sampled from.
    r = sum leader / sum cast; its variance is (1 - n / N) s^2 / (n mean(cast)^2), s^2 the sample variance of
    leader - r cast (Cochran 1977, Sampling Techniques, ch. 6; Estok, Nevitte & Cowan 2002, The Quick Count and Election
    Observation, use it for stations of unequal size).

    Raises:
        ValueError: fewer than two stations, more than there are, or no ballots.
    """
    n = len(cast)
    if n != len(leader) or not 2 <= n <= stations or cast.sum() <= 0:
        raise ValueError(f"a quick count needs 2 to {stations} stations with ballots; given {n}")
    share = float(leader.sum() / cast.sum())
    left = leader - share * cast
    variance = (1 - n / stations) * float(left @ left) / (n - 1) / n / float(cast.mean()) ** 2
    error = variance**0.5
    return QuickCount(share, error, (share - Z95 * error, share + Z95 * error), n, stations)
