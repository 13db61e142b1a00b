"""Expulsion and barring: observers are put out of the station, or may stay and not see the count."""

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


class BarringSettings(Strict):
    """How often observers may watch the vote and not the count."""

    barred: Share = setting(0, "assumed", "watched stations whose observer is kept from the count; told of, no rate")


def barred(
    settings: BarringSettings, strength: float, stayed: NDArray[np.bool_], draw: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """At which stations (S,) with an observer who ``stayed`` the count is out of sight, from uniforms ``draw`` (S,)."""
    return stayed & (draw < strength * settings.barred)
