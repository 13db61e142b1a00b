"""Precinct commissions as columns: the orders they get and whether they join in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from sim.actors.settings import CommissionSettings
from sim.society.geography import RURAL, Stations
from sim.streams import Streams


class Commission(mesa.Agent):
    """One precinct commission, made on request; a view on a row of :class:`Commissions`."""

    def __init__(self, commissions: Commissions, row: int) -> None:  # no super(): not registered with the model
        self.commissions, self.row = commissions, row
        self.model, self.unique_id = commissions.model, (commissions.unique_id, row)

    def __getattr__(self, name: str) -> Any:
        if name in Commissions.columns:
            return getattr(self.commissions, name)[self.row]
        raise AttributeError(f"a commission has no {name!r}; it has {', '.join(Commissions.columns)}")


class Commissions(mesa.Agent):
    """All precinct commissions; columns of shape (S,) in the order of the station register."""

    columns = (
        "pressure",
        "will",
        "ordered_share",
        "ordered_turnout",
        "observed",
        "expelled",
        "joined",
        "joined_unwatched",
    )

    def __init__(
        self,
        model: mesa.Model,
        stations: Stations,
        settings: CommissionSettings,
        streams: Streams,
        *,
        official_share: float,
        official_turnout: NDArray[np.float64],
    ) -> None:
        super().__init__(model)
        self.official_share, self.official_turnout = official_share, official_turnout  # what orders start from; (R,)
        self.stations, self.settings, self.streams = stations, settings, streams
        self.pressure, self.will, self.ordered_share, self.ordered_turnout = np.zeros((4, len(stations)))
        self.observed = np.zeros(len(stations), np.bool_)
        self.expelled = np.zeros(len(stations), np.bool_)
        self.joined = np.zeros(len(stations), np.bool_)
        self.joined_unwatched = np.zeros(len(stations), np.bool_)

    def __len__(self) -> int:
        return len(self.stations)

    def __getitem__(self, row: int) -> Commission:
        return Commission(self, range(len(self))[row])

    def __iter__(self) -> Iterator[Commission]:
        return (Commission(self, row) for row in range(len(self)))

    def receive_orders(self, occasion: int) -> None:
        """Pressure by region and territory, the share and turnout ordered, and each commission's own will."""
        s, stations = self.settings, self.stations
        size = len(stations)

        def normal(name: str, n: int) -> NDArray[np.float64]:
            return self.streams.normal(f"commission/{name}", n, occasion=occasion)

        gumbel = self.streams.gumbel("commission/region", int(stations.region.max()) + 1, occasion=occasion)
        region = s.pressure + s.region_spread * (gumbel - np.euler_gamma)[stations.region]
        territory = s.territory_spread * normal("territory", int(stations.territory.max()) + 1)[stations.territory]
        rural = (stations.kind == RURAL).astype(float)  # closed stations follow town orders
        rural -= (np.bincount(stations.region, rural) / np.bincount(stations.region))[stations.region]
        weight = region - s.pressure + s.territory_weight * territory
        self.pressure = region + territory
        self.will = normal("will", size)
        self.ordered_share = expit(
            logit(self.official_share)
            + s.share_above
            + s.share_slope * weight
            + s.rural_share * rural
            + s.share_noise * normal("ordered share", size)
        )
        self.ordered_turnout = expit(
            logit(self.official_turnout)[stations.region]
            + s.turnout_above
            + s.turnout_slope * weight
            + s.rural_turnout * rural
            + s.turnout_noise * normal("ordered turnout", size)
        )

    def answer(self, observed: NDArray[np.bool_], expelled: NDArray[np.bool_], deterrence: float) -> None:
        """Who joins: pressure - deterrence * (watched and not expelled) + will > 0, and who would have, unwatched."""
        self.observed, self.expelled = observed, expelled
        self.joined_unwatched = self.pressure + self.will > 0
        self.joined = self.pressure + self.will - deterrence * (observed & ~expelled) > 0
