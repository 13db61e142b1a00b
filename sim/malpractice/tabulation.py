"""Tabulation: above the station other figures are written than the protocols show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.strict import Share, Strict, setting

Counts = NDArray[np.int64]


class TabulationSettings(Strict):
    """How many territorial commissions write other figures, and by how much."""

    territories: Share = setting(
        0, "assumed", "territorial commissions that write other figures; one case is on record and no rate, so none"
    )
    moved: Share = setting(
        50 / 4233,
        "sourced",
        "ballots of others moved, of those cast: 15 protocols said 2,150 to 2,083, the result minus 33 (vlast.kz 2023)",
    )


def tabulated(
    settings: TabulationSettings,
    strength: float,
    draw: NDArray[np.float64],
    territory: NDArray[np.int64],
    cast: Counts,
    leader: Counts,
) -> Counts:
    """Ballots of others (S,) that the territory's result gives to the party of power.

    ``draw`` (T,) uniforms of territories, ``territory`` (S,) whose station it is, ``cast`` and ``leader`` (S,) as in
    the protocols. Nobody is given more than the others have.
    """
    writes = (draw < strength * settings.territories)[territory]
    wanted = np.floor(settings.moved * cast + 0.5).astype(np.int64)
    return np.where(writes, np.minimum(wanted, cast - leader), 0)
