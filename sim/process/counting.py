"""Election day at the stations: honest ballots, what commissions do to them, protocols, and the sum of protocols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from sim.kernels.counts import binomial, multinomial
from sim.kernels.protocols import protocols
from sim.malpractice.ballots import MOST_STOLEN, MOST_STUFFED, stolen, stuffed
from sim.malpractice.expulsion import expelled
from sim.malpractice.rewriting import rewritten
from sim.society.geography import CLOSED, RURAL

if TYPE_CHECKING:
    from sim.model import ElectionModel
    from sim.process.nomination import Candidate
    from sim.process.voting import Preferences

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Ledger:
    """Every station's ballots from the voter's hand to the protocol; all columns (S,), whole ballots.

    Identities: ``cast = true_cast + stuffed + rewritten_cast`` and
    ``leader = true_leader + stuffed + stolen + rewritten_leader``. ``moved_in`` are the ballots in ``stuffed`` and
    ``stolen`` that came from watched stations where the commission held back.
    """

    true_votes: Counts  # (S, J) honest ballots by list option
    true_invalid: Counts
    stuffed: Counts
    stolen: Counts
    moved_in: Counts
    rewritten_cast: Counts
    rewritten_leader: Counts
    votes: Counts  # (S, J) as in the protocol
    invalid: Counts
    leader_option: int  # column of the party of power, -1 where it does not stand

    @cached_property
    def true_cast(self) -> Counts:
        return self.true_votes.sum(axis=1) + self.true_invalid

    @cached_property
    def cast(self) -> Counts:
        return self.votes.sum(axis=1) + self.invalid

    @cached_property
    def true_leader(self) -> Counts:
        return _column(self.true_votes, self.leader_option)

    @cached_property
    def leader(self) -> Counts:
        return _column(self.votes, self.leader_option)

    @cached_property
    def true_total(self) -> Counts:
        """Honest ballots by list option, all stations together; shape (J,)."""
        return np.asarray(self.true_votes.sum(axis=0))

    @cached_property
    def total(self) -> Counts:
        """Ballots by list option in all protocols together; shape (J,)."""
        return np.asarray(self.votes.sum(axis=0))

    @cached_property
    def acts(self) -> NDArray[np.bool_]:
        """At which stations (S,) anything was done to the list ballot or its protocol."""
        return (self.stuffed + self.stolen + self.rewritten_cast + self.rewritten_leader) > 0


@dataclass(frozen=True)
class DistrictCount:
    """Votes by candidate in one district, honest and as in the protocols."""

    candidates: tuple[Candidate, ...]
    true_votes: Counts  # (C,)
    votes: Counts  # (C,)
    true_cast: int  # ballots in the boxes, spoilt ones included
    cast: int


class Boxes(NamedTuple):
    """The boxes of some stations: their rows, ballots in them (n,), those stuffed (n,), and what the draw is called."""

    rows: NDArray[np.int64]
    cast: Counts
    stuffed: Counts
    decision: str


class Voted(NamedTuple):
    """What some voters did: whether they live in a village, how many persons each stands for, and the code chosen."""

    rural: NDArray[np.bool_]
    weight: NDArray[np.float64]
    choice: NDArray[np.integer]


def _column(votes: Counts, option: int) -> Counts:
    return votes[:, option] if option >= 0 else np.zeros(len(votes), np.int64)


class Counting:
    """The stage of the count."""

    def __init__(self, model: ElectionModel) -> None:
        self.model, self.settings = model, model.mechanism.count
        assert self.settings.invalid is not None
        self.invalid = self.settings.invalid
        self.stations, self.commissions = model.stations, model.commissions
        self.ledger: Ledger | None = None
        self.districts: list[DistrictCount] = []
        self._drawn: dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}  # effects by occasion

    @property
    def acts(self) -> NDArray[np.bool_]:
        """At which stations (S,) anything was done to the list ballot or its protocol."""
        assert self.ledger is not None
        return self.ledger.acts

    def run(self, wishes: Preferences, candidates: Sequence[Sequence[Candidate]]) -> None:
        """Orders, honest votes, observers, the commissions' answer, acts, displacement, rewriting, protocols."""
        occasion = self.model.case.ordinal
        leader = next((j for j, key in enumerate(wishes.options) if key == self.model.power_key), -1)
        self.commissions.receive_orders(occasion)
        box = self._ballots(wishes.options, leader, occasion)
        self._observe(occasion)
        self.ledger = self._act(box, leader, occasion)
        self.districts = [
            self._district(district, tuple(standing), occasion) for district, standing in enumerate(candidates)
        ]

    def effects(self, occasion: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Station effects on logit turnout and on the leader's logit share."""
        s, size = self.settings, len(self.stations)
        if occasion not in self._drawn:  # a second round asks for them district by district
            first, second = (
                self.model.history.normal(f"station/{what}", size, occasion=occasion) for what in ("turnout", "share")
            )
            on_share = s.correlation * first + np.sqrt(1 - s.correlation**2) * second
            self._drawn[occasion] = s.turnout_spread * first, s.share_spread * on_share
        return self._drawn[occasion]

    def _ballots(self, options: Sequence[str], leader: int, occasion: int) -> Counts:
        """Honest ballots by option, spoilt ones last; shape (S, J + 1).

        Of a sample, multinomial draws on the register; one to one, the ballots of those who came.
        """
        e, s, size = self.model.electorate, self.settings, len(self.stations)
        if e.one_to_one:
            return self.model.voting.boxes(self.invalid, occasion)
        on_turnout, on_share = self.effects(occasion)
        voting, one = self.model.voting, e.persons / len(e)
        came = smoothed(np.column_stack([e.cell_persons - voting.came, voting.came]), one)[:, 1]
        wanted = smoothed(voting.marks, one)
        cell = self.stations.cell
        turnout = expit(logit(came[cell]) + on_turnout)
        turnout[self.stations.kind == CLOSED] = expit(
            logit(s.closed_turnout) + on_turnout[self.stations.kind == CLOSED]
        )
        share = wanted[cell]
        if leader >= 0:
            share = _tilted(share, leader, on_share)
        share = np.column_stack([share * (1 - self.invalid), np.full(size, self.invalid)])
        draw = self.model.history.uniform("station/came", size, occasion=occasion)
        voted = binomial(draw, self.stations.voters, turnout)
        return multinomial(self._uniforms("station/list", size, options, occasion), voted, share)

    def _uniforms(self, decision: str, size: int, options: Sequence[str], occasion: int) -> NDArray[np.float64]:
        """Uniforms (S, J) addressed by option, so that ballots with other options still share what they can."""
        return self.model.history.uniforms([f"{decision}/{option}" for option in options], size, occasion=occasion)

    def _observe(self, occasion: int) -> None:
        """Observers go where they go, some are put out, and every commission answers its orders."""
        size = len(self.stations)
        watched = self.model.mission.choose(self.stations, occasion)
        draw = self.model.history.uniform("observer/expelled", size, occasion=occasion)
        out = expelled(self.model.mechanism.expulsion, self.model.practice.observer_expulsion, watched, draw)
        self.commissions.answer(watched, out, self.model.mechanism.observers.deterrence)

    def _act(self, box: Counts, leader: int, occasion: int) -> Ledger:
        """Stuffing, stealing, displacement and rewriting of the ballots (S, J + 1), spoilt ones last."""
        size, zero = len(self.stations), np.zeros(len(self.stations), np.int64)
        cast, own = box.sum(axis=1), _column(box, leader)
        added = taken = moved = more = lifted = zero
        if leader >= 0:
            added, taken, moved = self._displaced(cast, own, *self._orders_met(cast, own))
            draw = np.stack([self.model.history.uniform(f"rewrite/{j}", size, occasion=occasion) for j in range(3)])
            more, lifted = rewritten(
                self.model.mechanism.rewriting,
                self.model.practice.rewriting,
                self.commissions.joined,
                self.stations.voters,
                cast + added,
                own + added + taken,
                draw,
            )
        protocol = protocols(box, leader, added + more, taken + lifted - more)
        return Ledger(
            true_votes=box[:, :-1],
            true_invalid=box[:, -1],
            stuffed=added,
            stolen=taken,
            moved_in=moved,
            rewritten_cast=more,
            rewritten_leader=lifted,
            votes=protocol[:, :-1],
            invalid=protocol[:, -1],
            leader_option=leader,
        )

    def _orders_met(self, cast: Counts, leader: Counts) -> tuple[Counts, Counts]:
        """Ballots that commissions would stuff and steal if nobody watched them."""
        practice, c, who = self.model.practice, self.commissions, self.commissions.joined_unwatched
        added = np.where(who, stuffed(practice.stuffing, c.ordered_turnout, self.stations.voters, cast), 0)
        taken = np.where(who, stolen(practice.stealing, c.ordered_share, cast, leader, added), 0)
        return added, taken

    def _displaced(
        self, cast: Counts, leader: Counts, full_added: Counts, full_taken: Counts
    ) -> tuple[Counts, Counts, Counts]:
        """Ballots stuffed, stolen, and among these moved, given what would be done if nobody watched.

        Who joins does it. Part of what watched commissions held back is done by obedient unwatched ones of the same
        territory. Receivers share it in proportion to the room they have left; what finds no room is not done.
        """
        c, moving = self.commissions, self.model.mechanism.observers.displacement
        added, taken = np.where(c.joined, full_added, 0), np.where(c.joined, full_taken, 0)
        held = c.joined_unwatched & ~c.joined
        free = c.joined & ~(c.observed & ~c.expelled)
        territory = self.stations.territory
        extra_added = _shifted(
            np.where(held, full_added, 0) * moving,
            np.where(free, np.maximum(self.stations.voters - cast - added, 0) * MOST_STUFFED, 0),
            territory,
        )
        others = np.maximum(cast - leader - taken, 0)
        extra_taken = _shifted(
            np.where(held, full_taken, 0) * moving, np.where(free, others * MOST_STOLEN, 0), territory
        )
        return added + extra_added, taken + extra_taken, extra_added + extra_taken

    def _district(self, district: int, standing: tuple[Candidate, ...], occasion: int) -> DistrictCount:
        """The district ballot: the same box as the list ballot's, counted by the same commissions."""
        assert self.ledger is not None
        rows, e = np.flatnonzero(self.stations.district == district), self.model.electorate
        here = e.of_district(district)
        here = here[e.turned_out[here]]
        return self.of_candidates(
            standing,
            Boxes(rows, self.ledger.true_cast[rows], self.ledger.stuffed[rows], "station/district"),
            Voted(~e.urban[here], e.weight[here], e.district_choice[here]),
            occasion,
        )

    def of_candidates(
        self, standing: tuple[Candidate, ...], boxes: Boxes, voted: Voted, occasion: int
    ) -> DistrictCount:
        """Honest ballots by candidate, and what obedient commissions make of them for the party of power's."""
        if not standing:
            nobody = np.zeros(0, np.int64)
            return DistrictCount(standing, nobody, nobody, int(boxes.cast.sum()), int(boxes.cast.sum()))
        village = self.stations.kind[boxes.rows] == RURAL
        wanted = mix(voted.rural.astype(np.int64), voted.weight, voted.choice, len(standing), 2)  # of town and village
        share = np.column_stack([wanted * (1 - self.invalid), np.full(2, self.invalid)])
        draw = self._uniforms(boxes.decision, len(boxes.rows), [candidate.key for candidate in standing], occasion)
        true = multinomial(draw, boxes.cast, share, row=village)
        leader = next((j for j, c in enumerate(standing) if c.party is not None and c.party.in_power), -1)
        votes = true
        if leader >= 0:
            own, order = true[:, leader], self.commissions.ordered_share[boxes.rows]
            wished = stolen(self.model.practice.stealing, order, boxes.cast, own, boxes.stuffed)
            taken = np.where(self.commissions.joined[boxes.rows], wished, 0)
            votes = protocols(true, leader, boxes.stuffed, taken)
        return DistrictCount(
            standing, true[:, :-1].sum(axis=0), votes[:, :-1].sum(axis=0), int(true.sum()), int(votes.sum())
        )

    def boxes_again(self, rows: NDArray[np.int64], came: Voted, occasion: int) -> Boxes:
        """The boxes of some stations in a second round: who comes again, and what is stuffed."""
        s, stations = self.settings, self.stations
        kind = stations.kind[rows]
        on_turnout, _ = self.effects(occasion)
        likely = mix(came.rural.astype(np.int64), came.weight, came.choice, 2, 2)[:, 1]
        base = np.where(kind == CLOSED, s.closed_turnout, likely[(kind == RURAL).astype(np.int64)])
        draw = self.model.history.uniform("station/came/second round", len(stations), occasion=occasion)[rows]
        cast = binomial(draw, stations.voters[rows], expit(logit(base) + on_turnout[rows]))
        order, voters = self.commissions.ordered_turnout[rows], stations.voters[rows]
        wished = stuffed(self.model.practice.stuffing, order, voters, cast)
        return Boxes(rows, cast, np.where(self.commissions.joined[rows], wished, 0), "station/second round")


def mix(
    cell: NDArray[np.int64], weight: NDArray[np.float64], code: NDArray[np.integer], codes: int, cells: int
) -> NDArray[np.float64]:
    """Weighted mix of codes in each cell (cells, codes); one pseudo-voter of the overall mix keeps each defined.

    Codes of -1 (no ballot) are left out.
    """
    valid = code >= 0
    flat = np.bincount(cell[valid] * codes + code[valid], weight[valid], minlength=cells * codes)
    return smoothed(flat.reshape(cells, codes), weight.mean() if len(weight) else 1.0)


def smoothed(persons: NDArray[np.float64], one: float) -> NDArray[np.float64]:
    """Persons by cell and code (cells, codes) as shares; ``one`` person of the overall mix keeps each cell defined."""
    overall = persons.sum(axis=0) + 1e-9
    mix = persons + one * overall / overall.sum()
    return np.asarray(mix / mix.sum(axis=1, keepdims=True))


def _tilted(share: NDArray[np.float64], option: int, effect: NDArray[np.float64]) -> NDArray[np.float64]:
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
