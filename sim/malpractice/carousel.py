"""Carousel: groups of voters are driven from station to station and vote again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.malpractice.ballots import MOST_STUFFED
from sim.strict import Share, Strict, setting

Counts = NDArray[np.int64]


class CarouselSettings(Strict):
    """Where groups are driven to, and how many vote there again."""

    stations: Share = setting(0, "assumed", "stations that such groups visit; told of by observers, never counted")
    ballots: int = setting(40, "assumed", "ballots a group leaves at a station: a bus", unit="ballots", ge=0)


def carousel(
    settings: CarouselSettings, strength: float, draw: NDArray[np.float64], listed: Counts, in_box: Counts
) -> Counts:
    """Ballots (S,) for the party of power by voters who voted before; never more than 99 % of who stayed away.

    The commission need not know: such a voter looks like any other. ``draw`` (S,) uniforms.
    """
    room = np.floor(MOST_STUFFED * (listed - in_box)).astype(np.int64)
    return np.where(draw < strength * settings.stations, np.minimum(settings.ballots, room), 0)
