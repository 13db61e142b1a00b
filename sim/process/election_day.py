"""Election day at a register of stations: honest ballots, observers, what commissions do, protocols, and the territory.

The order of the day: honest votes, what was won before the day, groups that vote again, observers, the commissions'
answer, stuffing, stealing, displacement, rewriting, protocols, tabulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from sim.actors.commission import Commissions
from sim.actors.observer import ObserverMission
from sim.actors.settings import ObserverSettings
from sim.kernels.counts import binomial, multinomial
from sim.kernels.protocols import protocols
from sim.malpractice.ballots import MOST_STOLEN, MOST_STUFFED, stolen, stuffed
from sim.malpractice.carousel import CarouselSettings, carousel
from sim.malpractice.expulsion import BarringSettings, ExpulsionSettings, barred, expelled
from sim.malpractice.practice import Practice
from sim.malpractice.rewriting import RewritingSettings, rewritten
from sim.malpractice.tabulation import TabulationSettings, tabulated
from sim.process.ledger import Counts, Ledger, column
from sim.process.settings import CountSettings
from sim.society.geography import CLOSED, Stations
from sim.streams import Streams


class Amounts(Protocol):
    """The mechanisms of the day; those of a scenario are such."""

    @property
    def count(self) -> CountSettings: ...
    @property
    def observers(self) -> ObserverSettings: ...
    @property
    def expulsion(self) -> ExpulsionSettings: ...
    @property
    def barring(self) -> BarringSettings: ...
    @property
    def carousel(self) -> CarouselSettings: ...
    @property
    def rewriting(self) -> RewritingSettings: ...
    @property
    def tabulation(self) -> TabulationSettings: ...


@dataclass(frozen=True, eq=False)
class ElectionDay:
    """One day at one register; every draw is addressed by what it decides and ``occasion``, ids are stations.

    It needs no electorate: whoever has turnouts and shares by station can hold it (:meth:`drawn`, then :meth:`count`).
    """

    stations: Stations
    commissions: Commissions
    mission: ObserverMission
    practice: Practice
    amounts: Amounts
    streams: Streams
    occasion: int = 0

    def uniform(self, decision: str, n: int | None = None) -> NDArray[np.float64]:
        """Uniforms of a decision, one a station unless said."""
        return self.streams.uniform(decision, len(self.stations) if n is None else n, occasion=self.occasion)

    def uniforms(self, decision: str, size: int, options: Sequence[str]) -> NDArray[np.float64]:
        """Uniforms (S, J) addressed by option, so that ballots with other options still share what they can."""
        return self.streams.uniforms([f"{decision}/{option}" for option in options], size, occasion=self.occasion)

    @cached_property
    def effects(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Station effects (S,) on logit turnout and on the leader's logit share."""
        s, size = self.amounts.count, len(self.stations)
        first, second = (
            self.streams.normal(f"station/{what}", size, occasion=self.occasion) for what in ("turnout", "share")
        )
        on_share = s.correlation * first + np.sqrt(1 - s.correlation**2) * second
        closed = s.closed_leader * (self.stations.kind == CLOSED)
        return s.turnout_spread * first, s.share_spread * on_share + closed

    def drawn(
        self, turnout: NDArray[np.float64], share: NDArray[np.float64], leader: int, options: Sequence[str]
    ) -> Counts:
        """Honest ballots by option, spoilt ones last, (S, J + 1), as draws on the register.

        ``turnout`` (S,) holds the station effects already; ``share`` (S, J) does not, and sums to one.
        """
        s, size = self.amounts.count, len(self.stations)
        assert s.invalid is not None
        if leader >= 0:
            share = tilted(share, leader, self.effects[1])
        share = np.column_stack([share * (1 - s.invalid), np.full(size, s.invalid)])
        voted = binomial(self.uniform("station/came"), self.stations.voters, turnout)
        return multinomial(self.uniforms("station/list", size, options), voted, share)

    def count(self, box: Counts, leader: int) -> Ledger:
        """Everything that is done to honest ballots (S, J + 1), spoilt ones last, up to the result of the territory."""
        honest, own = box.sum(axis=1), column(box, leader)
        self._observe(honest, own)
        zero = np.zeros(len(self.stations), np.int64)
        if leader < 0:
            return _book(box, leader, Acts(*[zero] * 7), zero)
        acts = self._acts(honest, own)
        return _book(box, leader, acts, self.tabulated(honest + acts.put_in, own + acts.put_in + acts.moved_over))

    def tabulated(self, cast: Counts, leader: Counts, rows: NDArray[np.int64] | slice = slice(None)) -> Counts:
        """Ballots of others that the territory's result gives to the leader, from protocols (n,) of some stations."""
        number = int(self.stations.territory.max()) + 1
        return tabulated(
            self.amounts.tabulation,
            self.practice.tabulation,
            self.uniform("tabulation/territory", number),
            self.stations.territory[rows],
            cast,
            leader,
        )

    def _observe(self, cast: Counts, leader: Counts) -> None:
        """Observers go where they go, some are put out or kept from the count, and commissions answer their orders."""
        o = self.amounts.observers
        watched = self.mission.choose(self.stations, self.occasion)
        out = expelled(
            self.amounts.expulsion, self.practice.observer_expulsion, watched, self.uniform("observer/expelled")
        )
        blind = barred(
            self.amounts.barring, self.practice.observer_barring, watched & ~out, self.uniform("observer/barred")
        )
        self.commissions.answer(
            watched, out, o, barred=blind, filmed=self.uniform("observer/webcam") < o.webcams, cast=cast, leader=leader
        )

    def _acts(self, honest: Counts, own: Counts) -> Acts:
        c, o = self.commissions, self.amounts.observers
        again = carousel(
            self.amounts.carousel, self.practice.carousel, self.uniform("carousel"), self.stations.voters, honest
        )
        full_added, full_taken = self._orders_met(honest + again, own + again)
        held = c.joined_unwatched & ~c.joined & c.observed & ~c.expelled
        early = (1 - o.displacement) * o.earlier
        brought = np.where(held, np.floor(early * full_added), 0).astype(np.int64)
        cast, leader = honest + again + brought, own + again + brought
        added, taken, moved = self._displaced(cast, leader, full_added, full_taken, held)
        more, lifted = rewritten(
            self.amounts.rewriting,
            self.practice.rewriting,
            c.joined_count & ~self.scanned,
            self.stations.voters,
            cast + added,
            leader + added + taken,
            np.stack([self.uniform(f"rewrite/{j}") for j in range(3)]),
        )
        return Acts(brought, again, added, taken, moved, more, lifted)

    @cached_property
    def scanned(self) -> NDArray[np.bool_]:
        """Where (S,) a machine counts, so that the count is what is in the box."""
        return self.uniform("observer/scanner") < self.amounts.observers.scanners

    def _orders_met(self, cast: Counts, leader: Counts) -> tuple[Counts, Counts]:
        """Ballots that commissions would stuff and steal if nobody watched them."""
        practice, c, who = self.practice, self.commissions, self.commissions.joined_unwatched
        added = np.where(who, stuffed(practice.stuffing, c.ordered_turnout, self.stations.voters, cast), 0)
        taken = np.where(who & ~self.scanned, stolen(practice.stealing, c.ordered_share, cast, leader, added), 0)
        return added, taken

    def _displaced(
        self, cast: Counts, leader: Counts, full_added: Counts, full_taken: Counts, held: NDArray[np.bool_]
    ) -> tuple[Counts, Counts, Counts]:
        """Ballots stuffed, stolen, and among these moved, given what would be done if nobody watched.

        Who joins does it. Part of what watched commissions held back is done by obedient unwatched ones of the same
        territory. Receivers share it in proportion to the room they have left; what finds no room is not done.
        """
        c, moving = self.commissions, self.amounts.observers.displacement
        added, taken = np.where(c.joined, full_added, 0), np.where(c.joined_count, full_taken, 0)
        free = c.joined & ~(c.observed & ~c.expelled)
        territory = self.stations.territory
        extra_added = _shifted(
            np.where(held, full_added, 0) * moving,
            np.where(free, np.maximum(self.stations.voters - cast - added, 0) * MOST_STUFFED, 0),
            territory,
        )
        others = np.maximum(cast - leader - taken, 0)
        extra_taken = _shifted(
            np.where(held & ~c.joined_count, full_taken, 0) * moving,
            np.where(free & ~self.scanned, others * MOST_STOLEN, 0),
            territory,
        )
        return added + extra_added, taken + extra_taken, extra_added + extra_taken


@dataclass(frozen=True)
class Acts:
    """What was done at the stations; all (S,), whole ballots, as in the ledger."""

    brought: Counts
    carousel: Counts
    stuffed: Counts
    stolen: Counts
    moved_in: Counts
    rewritten_cast: Counts
    rewritten_leader: Counts

    @property
    def put_in(self) -> Counts:
        """Ballots (S,) in the protocol that no honest voter cast, all of the leader."""
        return self.brought + self.carousel + self.stuffed + self.rewritten_cast

    @property
    def moved_over(self) -> Counts:
        """Ballots (S,) of others that the protocol gives to the leader."""
        return self.stolen + self.rewritten_leader - self.rewritten_cast


def _book(box: Counts, leader: int, acts: Acts, official: Counts) -> Ledger:
    protocol = protocols(box, leader, acts.put_in, acts.moved_over)
    written = protocols(protocol, leader, np.zeros_like(official), official) if official.any() else protocol
    return Ledger(
        true_votes=box[:, :-1],
        true_invalid=box[:, -1],
        brought=acts.brought,
        carousel=acts.carousel,
        stuffed=acts.stuffed,
        stolen=acts.stolen,
        moved_in=acts.moved_in,
        rewritten_cast=acts.rewritten_cast,
        rewritten_leader=acts.rewritten_leader,
        votes=protocol[:, :-1],
        invalid=protocol[:, -1],
        tabulated=official,
        official_votes=written[:, :-1],
        official_invalid=written[:, -1],
        leader_option=leader,
    )


def tilted(share: NDArray[np.float64], option: int, effect: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares (S, J) with one option's log-odds moved by ``effect`` (S,), the others keeping their proportions."""
    own = np.clip(share[:, option], 1e-9, 1 - 1e-9)
    new = expit(logit(own) + effect)
    out = share * ((1 - new) / (1 - own))[:, None]
    out[:, option] = new
    return np.asarray(out / out.sum(axis=1, keepdims=True))


def _shifted(offered: NDArray[np.float64], room: NDArray[np.float64], territory: NDArray[np.int64]) -> Counts:
    """What each station (S,) takes over of the acts its territory offers, in whole ballots within its room."""
    total = np.bincount(territory, offered)
    space = np.bincount(territory, room)
    rate = np.minimum(total / np.maximum(space, 1e-9), 1)
    return np.floor(room * rate[territory]).astype(np.int64)
