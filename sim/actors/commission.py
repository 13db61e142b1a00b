"""Precinct commissions as columns: the orders they get and whether they join in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from sim.society.geography import CLOSED, RURAL, Stations
from sim.streams import Streams
from sim.strict import Strict, setting


class CommissionSettings(Strict):
    """Pressure from above and the commission's answer (Rundlett & Svolik 2016; FINDINGS B, fitted to Russian stations).

    Zeal, caution and honesty of a commission cannot be told apart; together they are one standard normal.
    """

    pressure: float = setting(0, "assumed", "added to the mean pressure of the level of malpractice, probits")
    region_spread: float = setting(
        0.5, "assumed", "spread of pressure between regions; Russia's 2.5 is not carried over", ge=0
    )
    territory_spread: float = setting(1.1, "prototype", "spread between territories; .7-1.3 fit", ge=0)
    share_above: float = setting(0.5, "assumed", "an average order's logit share above the leader's official share")
    turnout_above: float = setting(
        0.35, "assumed", "an average order's logit turnout above the region's official turnout"
    )
    share_slope: float = setting(0.49, "prototype", "order's logit share per unit of pressure; .37-.6 fit")
    turnout_slope: float = setting(0.69, "prototype", "order's logit turnout per unit of pressure")
    territory_weight: float = setting(0.13, "prototype", "weight of the territory in the order")
    rural_share: float = setting(0.94, "prototype", "logit share ordered of rural against urban stations of a region")
    rural_turnout: float = setting(
        1.2, "prototype", "logit turnout ordered of rural against urban stations of a region"
    )
    share_noise: float = setting(0.74, "prototype", "spread of ordered logit shares; .42-.8 fit", ge=0)
    turnout_noise: float = setting(0.49, "prototype", "spread of ordered logit turnouts", ge=0)


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

    pressure: NDArray[np.float64]
    will: NDArray[np.float64]
    ordered_share: NDArray[np.float64]
    ordered_turnout: NDArray[np.float64]

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

    @property
    def closed(self) -> NDArray[np.bool_]:
        return self.stations.kind == CLOSED
