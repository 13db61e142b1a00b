"""Mobilisation: those who depend on the state, and those near them, are told to vote."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.strict import Share, Strict, setting


class MobilisationSettings(Strict):
    """Who feels the order to vote."""

    spill_over: Share = setting(
        0.5, "assumed", "effect on a voter who does not depend on the state, against one who does"
    )


def push(
    settings: MobilisationSettings, strength: float, order: NDArray[np.float64], dependent: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Logits added to a voter's turnout; ``order`` (N,) is the pressure of the voter's region."""
    return strength * order * np.where(dependent, 1.0, settings.spill_over)
