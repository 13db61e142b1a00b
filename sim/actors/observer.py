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
        s, size = self.settings, len(stations)
        assert s.share is not None  # left to the case, and filled in
        number = int(stations.territory.max()) + 1
        places = self.streams.uniform("observer/territory", number, occasion=occasion)[stations.territory]
        draw = self.streams.uniform("observer/station", size, occasion=occasion)
        watched = (places if s.where == "whole territories" else draw) < s.share
        if s.where == "urban only":
            watched &= stations.kind == URBAN
        if s.where == "two levels":
            watched = (places < 0.5) & (draw < 2 * s.share)
        return watched & (self.streams.uniform("observer/accredited", size, occasion=occasion) < s.accredited)
