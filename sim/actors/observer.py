"""Independent observer missions: which stations they go to."""

from __future__ import annotations

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.actors.settings import ObserverSettings
from sim.society.geography import URBAN, Stations
from sim.streams import Streams


class ObserverMission(mesa.Agent):
    """All independent missions together: they choose stations before anybody votes."""

    def __init__(self, model: mesa.Model, settings: ObserverSettings, streams: Streams) -> None:
        super().__init__(model)
        self.settings, self.streams = settings, streams

    def choose(self, stations: Stations, occasion: int) -> NDArray[np.bool_]:
        """Which stations (S,) are watched: the same ones first, however many observers there are."""
        draw = self.streams.uniform("observer/station", len(stations), occasion=occasion)
        assert self.settings.share is not None  # left to the case, and filled in
        watched = draw < self.settings.share
        if self.settings.where == "urban only":
            watched &= stations.kind == URBAN
        return watched
