"""Election day at the stations: honest ballots, what commissions do to them, protocols, and the sum of protocols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from sim.actors.roster import DISLOYAL
from sim.kernels.counts import binomial, multinomial
from sim.kernels.protocols import protocols
from sim.malpractice.ballots import stolen, stuffed
from sim.process.election_day import ElectionDay
from sim.process.ledger import Counts, Ledger
from sim.society.geography import CLOSED, RURAL

if TYPE_CHECKING:
    from sim.model import ElectionModel
    from sim.process.nomination import Candidate
    from sim.process.voting import Preferences


@dataclass(frozen=True)
class DistrictCount:
    """Votes by candidate in one district, honest and as in the protocols."""

    candidates: tuple[Candidate, ...]
    true_votes: Counts  # (C,)
    votes: Counts  # (C,)
    true_cast: int  # ballots in the boxes, spoilt ones included
    cast: int


class Boxes(NamedTuple):
    """The boxes of some stations: their rows, ballots in them (n,), false ones (n,), and what the draw is called."""

    rows: NDArray[np.int64]
    cast: Counts
    added: Counts
    decision: str


class Voted(NamedTuple):
    """What some voters did: whether they live in a village, how many persons each stands for, and the code chosen."""

    rural: NDArray[np.bool_]
    weight: NDArray[np.float64]
    choice: NDArray[np.integer]


class Counting:
    """The stage of the count."""

    def __init__(self, model: ElectionModel) -> None:
        self.model, self.settings = model, model.mechanism.count
        assert self.settings.invalid is not None
        self.invalid = self.settings.invalid
        self.stations, self.commissions = model.stations, model.commissions
        self.day = ElectionDay(
            model.stations,
            model.commissions,
            model.mission,
            model.practice,
            model.mechanism,
            model.history,
            model.case.ordinal,
        )
        self.ledger: Ledger | None = None
        self.districts: list[DistrictCount] = []

    @property
    def acts(self) -> NDArray[np.bool_]:
        """At which stations (S,) the commission did anything to the list ballot or its protocol."""
        assert self.ledger is not None
        return self.ledger.acts

    def run(self, wishes: Preferences, candidates: Sequence[Sequence[Candidate]]) -> None:
        """Orders, honest votes, and all that is done to them; then the district ballots in the same boxes."""
        leader = next((j for j, key in enumerate(wishes.options) if key == self.model.power_key), -1)
        self.commissions.receive_orders(self.day.occasion)
        self.commissions.seat([(party.key, party.conduct in DISLOYAL) for party in self.model.nomination.lists])
        self.ledger = self.day.count(self._ballots(wishes.options, leader), leader)
        self.districts = [self._district(district, tuple(standing)) for district, standing in enumerate(candidates)]

    def _ballots(self, options: Sequence[str], leader: int) -> Counts:
        """Honest ballots by option, spoilt ones last; shape (S, J + 1).

        Of a sample, multinomial draws on the register; one to one, the ballots of those who came.
        """
        e, s = self.model.electorate, self.settings
        if e.one_to_one:
            return self.model.voting.boxes(self.invalid, self.day.occasion)
        on_turnout, _ = self.day.effects
        voting, one = self.model.voting, e.persons / len(e)
        came = smoothed(np.column_stack([e.cell_persons - voting.came, voting.came]), one)[:, 1]
        wanted = smoothed(voting.marks, one)
        cell = self.stations.cell
        turnout = expit(logit(came[cell]) + on_turnout)
        closed = self.stations.kind == CLOSED
        turnout[closed] = expit(logit(s.closed_turnout) + on_turnout[closed])
        return self.day.drawn(turnout, wanted[cell], leader, options)

    def _district(self, district: int, standing: tuple[Candidate, ...]) -> DistrictCount:
        """The district ballot: the same box as the list ballot's, counted by the same commissions."""
        assert self.ledger is not None
        rows, e = np.flatnonzero(self.stations.district == district), self.model.electorate
        here = e.of_district(district)
        here = here[e.turned_out[here]]
        return self.of_candidates(
            standing,
            Boxes(rows, self.ledger.true_cast[rows], self.ledger.false_ballots[rows], "station/district"),
            Voted(~e.urban[here], e.weight[here], e.district_choice[here]),
        )

    def of_candidates(self, standing: tuple[Candidate, ...], boxes: Boxes, voted: Voted) -> DistrictCount:
        """Honest ballots by candidate, and what obedient commissions make of them for the party of power's."""
        if not standing:
            nobody = np.zeros(0, np.int64)
            return DistrictCount(standing, nobody, nobody, int(boxes.cast.sum()), int(boxes.cast.sum()))
        village = self.stations.kind[boxes.rows] == RURAL
        wanted = mix(voted.rural.astype(np.int64), voted.weight, voted.choice, len(standing), 2)  # of town and village
        share = np.column_stack([wanted * (1 - self.invalid), np.full(2, self.invalid)])
        draw = self.day.uniforms(boxes.decision, len(boxes.rows), [candidate.key for candidate in standing])
        true = multinomial(draw, boxes.cast, share, row=village)
        leader = next((j for j, c in enumerate(standing) if c.party is not None and c.party.in_power), -1)
        votes = true
        if leader >= 0:
            c, rows, own = self.commissions, boxes.rows, true[:, leader]
            wished = stolen(self.model.practice.stealing, c.ordered_share[rows], boxes.cast, own, boxes.added)
            taken = np.where(c.joined_count[rows] & ~self.day.scanned[rows], wished, 0)
            taken = taken + self.day.tabulated(boxes.cast + boxes.added, own + boxes.added + taken, rows)
            votes = protocols(true, leader, boxes.added, taken)
        return DistrictCount(
            standing, true[:, :-1].sum(axis=0), votes[:, :-1].sum(axis=0), int(true.sum()), int(votes.sum())
        )

    def boxes_again(self, rows: NDArray[np.int64], came: Voted) -> Boxes:
        """The boxes of some stations in a second round: who comes again, and what is stuffed."""
        s, stations = self.settings, self.stations
        kind = stations.kind[rows]
        on_turnout, _ = self.day.effects
        likely = mix(came.rural.astype(np.int64), came.weight, came.choice, 2, 2)[:, 1]
        base = np.where(kind == CLOSED, s.closed_turnout, likely[(kind == RURAL).astype(np.int64)])
        draw = self.day.uniform("station/came/second round")[rows]
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
