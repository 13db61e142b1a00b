"""Sponsorship: the administration orders loyal parties into being and the state's capacity fills their lists."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.society.geography import split
from sim.strict import Strict, setting


class SponsorshipSettings(Strict):
    """How fast and how far the lists of an ordered party are filled."""

    days_to_fill: float = setting(
        50,
        "assumed",
        "lists of an ordered party are full; registrations of 2022-23 took 47 to 65 days",
        unit="days",
        gt=0,
    )
    margin: float = setting(1.6, "assumed", "lists are filled to this multiple of what the law asks", ge=1)


def ordered_members(
    settings: SponsorshipSettings,
    *,
    days: float,
    members: int,
    per_region: int,
    initiative: int,
    register: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Members by region (R,) that state capacity has delivered ``days`` after the order."""
    progress = min(days / settings.days_to_fill, 1.0)
    spread = split(max(members, initiative), register.astype(float))
    full = settings.margin * np.maximum(spread, per_region)
    return np.ceil(progress * full).astype(np.int64)
