"""Precinct commissions as columns: the orders they get and whether they join in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from sim.actors.settings import CommissionSettings, ObserverSettings
from sim.society.geography import RURAL, Stations
from sim.streams import Streams


class Commission(mesa.Agent):
    """One precinct commission, made on request; a view on a row of :class:`Commissions`."""

    def __init__(self, commissions: Commissions, row: int) -> None:  # no super(): not registered with the model
        self.commissions, self.row = commissions, row
        self.model, self.unique_id = commissions.model, (commissions.unique_id, row)

    @property
    def parties(self) -> tuple[str, ...]:
        """Keys of the parties that have a member, in order of registration; the other seats are the authorities'."""
        return tuple(key for key, sits in self.commissions.composition.items() if sits[self.row])

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
        "barred",
        "filmed",
        "joined",
        "joined_count",
        "joined_unwatched",
        "zeal",
        "caution",
        "honesty",
        "rivals",
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
        self.observed, self.expelled, self.barred, self.filmed = np.zeros((4, len(stations)), np.bool_)
        self.joined, self.joined_count, self.joined_unwatched = np.zeros((3, len(stations)), np.bool_)
        self.composition: dict[str, NDArray[np.bool_]] = {}  # by party, where (S,) it has a member
        self.rivals = np.zeros(len(stations))
        self.occasion = 0

    def __len__(self) -> int:
        return len(self.stations)

    def __getitem__(self, row: int) -> Commission:
        return Commission(self, range(len(self))[row])

    def __iter__(self) -> Iterator[Commission]:
        return (Commission(self, row) for row in range(len(self)))

    def receive_orders(self, occasion: int) -> None:
        """Pressure by region and territory, the share and turnout ordered, and each commission's own will."""
        s, stations, self.occasion = self.settings, self.stations, occasion
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

    def seat(self, parties: Sequence[tuple[str, bool]]) -> None:
        """Seat members by party: each party, in order of registration, may have one, until all seats are taken.

        ``parties`` are keys, and whether a party is disloyal. Seats that are left go to whom the authorities name.
        """
        s, size = self.settings, len(self)
        draws = self.streams.uniforms([f"commission/member/{key}" for key, _ in parties], size, occasion=self.occasion)
        taken, rivals = np.zeros((2, size), np.int64)
        self.composition = {}
        for (key, disloyal), draw in zip(parties, draws.T, strict=True):
            sits = (draw < s.party_member) & (taken < s.seats)
            self.composition[key] = sits
            taken += sits
            rivals += sits & disloyal
        self.rivals = rivals / s.seats

    def answer(
        self,
        observed: NDArray[np.bool_],
        expelled: NDArray[np.bool_],
        observers: ObserverSettings,
        *,
        barred: NDArray[np.bool_],
        filmed: NDArray[np.bool_],
        cast: NDArray[np.int64],
        leader: NDArray[np.int64],
    ) -> None:
        """Who joins, and who would have unwatched; at the count, who is kept from sight acts as if unwatched.

        A commission joins where pressure + will, less what holds it back, plus what others do, is above 0. ``cast``
        and ``leader`` (S,) are honest ballots, of which commissions know their territory's sums.
        """
        s = self.settings
        self.observed, self.expelled, self.barred, self.filmed = observed, expelled, barred, filmed
        lean = self.pressure + self.will
        if s.rival_restraint:
            lean = lean - s.rival_restraint * self.rivals
        if s.believed_win:
            lean = lean + s.believed_win * self._expected(cast, leader)
        watched = observed & ~expelled
        fear = observers.deterrence * watched
        if observers.spill_over:
            others = self._others(watched)
            fear = fear + np.where(watched, 0, observers.deterrence * observers.spill_over * others)
        fear = fear + observers.webcam_deterrence * filmed
        start = self._start(lean) if s.peers else np.zeros(len(self), np.bool_)
        self.joined_unwatched = self._settled(lean, start)
        self.joined = self._settled(lean - fear, start)
        self.joined_count = self.joined | (barred & self.joined_unwatched)

    def _expected(self, cast: NDArray[np.int64], leader: NDArray[np.int64]) -> NDArray[np.float64]:
        """By how many logits the leader's honest share of the territory beats that of all stations together."""
        place = self.stations.territory
        share = (np.bincount(place, leader) + 0.5) / (np.bincount(place, cast) + 1)
        return np.asarray(logit(share)[place] - logit((leader.sum() + 0.5) / (cast.sum() + 1)))

    def _others(self, flags: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Share of the other commissions of the territory (S,) that are flagged; 0 where there is no other."""
        place = self.stations.territory
        number, flagged = np.bincount(place), np.bincount(place, flags)
        return np.asarray((flagged[place] - flags) / np.maximum(number[place] - 1, 1))

    def _start(self, lean: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Who is taken to have joined before anybody answers; last time wills were others and nobody watched."""
        if self.settings.peers_start == "last election":
            before = self.streams.normal("commission/last will", len(self), occasion=self.occasion)
            return np.asarray(lean - self.will + before > 0)
        return np.full(len(self), self.settings.peers_start == "everybody")

    def _settled(self, lean: NDArray[np.float64], start: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Who joins once nobody wants to change: lean + peers * (share of others who join) > 0.

        From ``start`` those who want to join do, until nobody does; then those who want to leave. Either half is
        monotone, so it ends, and more pull or lean never makes fewer join. From nobody (everybody) it is the least
        (greatest) answer there is.
        """
        if not self.settings.peers:
            return lean > 0
        joined = start
        for upwards in (True, False):
            while True:
                wants = lean + self.settings.peers * self._others(joined) > 0
                then = joined | wants if upwards else joined & wants
                if np.array_equal(then, joined):
                    break
                joined = then
        return joined

    @property
    def zeal(self) -> NDArray[np.float64]:
        """One of three parts of a commission's will (S,): will = zeal - caution - honesty.

        Nothing the model or any station table shows depends on the parts: they are drawn so that each has variance 1/3
        and their sum is the will.
        """
        return self._parts()[0]

    @property
    def caution(self) -> NDArray[np.float64]:
        """See :attr:`zeal`."""
        return -self._parts()[1]

    @property
    def honesty(self) -> NDArray[np.float64]:
        """See :attr:`zeal`."""
        return -self._parts()[2]

    def _parts(self) -> NDArray[np.float64]:
        names = ("zeal", "caution", "honesty")
        draws = [
            self.streams.normal(f"commission/{name}", len(self), occasion=self.occasion) / np.sqrt(3) for name in names
        ]
        return np.asarray(np.stack(draws) - np.mean(draws, axis=0) + self.will / 3)
