"""Detention on the way: delegates of groups the authorities do not like are stopped before a founding congress."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.strict import Share, Strict, setting


class DetentionSettings(Strict):
    """How many delegates of a wholly disloyal group are stopped."""

    stopped: Share = setting(0.3, "assumed", "mean share of a wholly disloyal group's delegates stopped on the way")


def stopped_share(
    settings: DetentionSettings, strength: float, loyalty: float, draw: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Share of delegates stopped by region, from uniforms ``draw`` (R,).

    stopped (1 - loyalty) U(0.5, 1.5), the range of the prototype.
    """
    return np.minimum(strength * settings.stopped * (1 - loyalty) * (0.5 + draw), 1)
