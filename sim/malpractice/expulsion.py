"""Expulsion: observers are put out of the station before the count."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.strict import Share, Strict, setting


class ExpulsionSettings(Strict):
    """How often an independent observer is put out."""

    expelled: Share = setting(0.15, "assumed", "chance of expulsion; 0-0.3 is swept")


def expelled(
    settings: ExpulsionSettings, strength: float, observed: NDArray[np.bool_], draw: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which observed stations (S,) lose their observer before the count, from uniforms ``draw`` (S,)."""
    return observed & (draw < strength * settings.expelled)
