"""What the number and the size of districts alone lead one to expect of a party system: the seat product model.

Sources: Taagepera, Predicting Party Sizes, 2007; Shugart & Taagepera, Votes from Seats, 2017. The model is for
simple systems: districts of equal magnitude M in an assembly of S seats, no tiers, no high threshold.
"""

from __future__ import annotations

import math


def effective_seats(magnitude: float, assembly: float) -> float:
    """Expected effective number of parties by seats, (M S)^(1/6). Raises ValueError unless 1 <= M <= S."""
    return _product(magnitude, assembly) ** (1 / 6)


def largest_share(magnitude: float, assembly: float) -> float:
    """Expected seat share of the largest party, 0-1, (M S)^(-1/8). Raises ValueError unless 1 <= M <= S."""
    return _product(magnitude, assembly) ** (-1 / 8)


def effective_votes(magnitude: float, assembly: float) -> float:
    """Expected effective number of parties by votes, ((M S)^(1/4) + 1)^(2/3). ValueError unless 1 <= M <= S."""
    return (_product(magnitude, assembly) ** (1 / 4) + 1) ** (2 / 3)


def log_gap(effective: float | None, magnitude: float, assembly: float) -> float | None:
    """Natural logarithm of observed over expected effective number of parties by seats; below 0 where fewer.

    None where the observed number is undefined. Raises ValueError unless it is above 0 and 1 <= M <= S.
    """
    return None if effective is None else math.log(effective / effective_seats(magnitude, assembly))


def _product(magnitude: float, assembly: float) -> float:
    if not 1 <= magnitude <= assembly < math.inf:
        raise ValueError(f"a district of {magnitude} seats in an assembly of {assembly}: need 1 <= M <= S")
    return magnitude * assembly
