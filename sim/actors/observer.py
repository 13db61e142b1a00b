"""Independent observer missions: which stations they go to."""

from __future__ import annotations

from typing import Literal

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.society.geography import RURAL, Stations
from sim.streams import Streams
from sim.strict import Share, Strict, setting


class ObserverSettings(Strict):
    """Where independent observers are, and what their presence does."""

    share: Share = setting(
        82 / 10_061, "sourced", "82 stations watched by the MISK league in 2019, of 10,061 (2021); 2023 was not found"
    )
    where: Literal["everywhere", "urban only"] = setting("everywhere", "assumed", "drawn evenly over stations")
    deterrence: float = setting(
        1.75, "prototype", "kappa: how much an observer holds a commission back; 1.3-2.4 fit", ge=0
    )
    displacement: Share = setting(0.25, "assumed", "share of deterred acts moved to unwatched stations; 0-.5 is swept")


class ObserverMission(mesa.Agent):
    """All independent missions together: they choose stations before anybody votes."""

    def __init__(self, model: mesa.Model, settings: ObserverSettings, streams: Streams) -> None:
        super().__init__(model)
        self.settings, self.streams = settings, streams

    def choose(self, stations: Stations, occasion: int) -> NDArray[np.bool_]:
        """Which stations (S,) are watched: the same ones first, however many observers there are."""
        draw = self.streams.uniform("observer/station", len(stations), occasion=occasion)
        watched = draw < self.settings.share
        if self.settings.where == "urban only":
            watched &= stations.kind != RURAL
        return watched
