"""What voters would do if they voted now, and what they believe of each list's chance to win a seat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sim.kernels import competition as kernel
from sim.law.rules import ExactShare
from sim.process.settings import ChoiceSettings
from sim.process.voting import FLOOR, log_chance, seat_chance
from sim.society.electorate import Electorate
from sim.strict import Strict


class ElectoralSystem(Strict):
    """A simple electoral system: ``seats`` filled in equal districts of ``magnitude`` seats, one vote a voter.

    With one seat a district, plurality. With more, lists, Hare quotas and largest remainders in every district, among
    the lists that reach ``threshold`` of the valid votes of the country.
    """

    name: str
    seats: int = Field(ge=1)
    magnitude: int = Field(ge=1)
    threshold: ExactShare = Fraction(0)

    @model_validator(mode="after")
    def _districts_are_whole(self) -> Self:
        if self.seats % self.magnitude:
            raise ValueError(f"{self.seats} seats do not fill districts of {self.magnitude}")
        return self

    @property
    def districts(self) -> int:
        return self.seats // self.magnitude

    @property
    def by_list(self) -> bool:
        """Whether votes are for lists; a district of one seat has candidates."""
        return self.magnitude > 1


@dataclass(frozen=True, eq=False)
class Ground:
    """The electorate as parties find it: rows cut into cells, each within one locality and one electoral district."""

    position: NDArray[np.float64]  # (N, 3)
    weight: NDArray[np.float64]  # (N,) persons a row stands for
    start: NDArray[np.int64]  # (C + 1,) first row of each cell, and the end of the last
    locality: NDArray[np.int64]  # (C,)
    district: NDArray[np.int64]  # (C,) rising
    first: NDArray[np.int64]  # (D,) first cell of each district

    @classmethod
    def of(cls, electorate: Electorate) -> Self:
        """The ground of an electorate whose rows are sorted by region and locality, and whose districts follow them."""
        locality, district = electorate.locality, electorate.district
        cuts = np.flatnonzero(np.diff(locality) | np.diff(district)) + 1
        start = np.concatenate([[0], cuts, [len(locality)]])
        position, cell_district = electorate.position.astype(float), district[start[:-1]].astype(np.int64)
        first = np.flatnonzero(np.diff(cell_district, prepend=-1))
        return cls(position, electorate.weight, start, locality[start[:-1]].astype(np.int64), cell_district, first)

    def persons(self) -> NDArray[np.float64]:
        """Voters of each electoral district; shape (D,)."""
        return np.asarray(np.add.reduceat(self.weight, self.start[self.first]))

    def votes(self, closeness: NDArray[np.float64], pull: NDArray[np.float64]) -> NDArray[np.float64]:
        """Expected votes in each district of lists with ``closeness`` (J, N) and ``pull`` (C, J); shape (D, J)."""
        by_cell = kernel.votes(closeness, pull, self.start, self.weight)
        return np.asarray(np.add.reduceat(by_cell, self.first, axis=0))


@dataclass(frozen=True, eq=False)
class Line:
    """One line of the ballot: a party's own, or a joint list of several.

    ``members`` are places in the order of the parties, ``parts`` their shares in the programme and in the seats.
    ``heard`` is what published polls make of its support, 1 without error. ``last`` is NaN where a member is new.
    """

    members: tuple[int, ...]
    parts: NDArray[np.float64]  # (m,) sums to 1
    closeness: NDArray[np.float64]  # (N,)
    pull: NDArray[np.float64]  # (C,)
    last: NDArray[np.float64]  # (D,) votes at the last election
    heard: float

    @property
    def joint(self) -> bool:
        return len(self.members) > 1


class Polling:
    """Votes and beliefs under one electoral system, all in expected persons."""

    def __init__(self, ground: Ground, system: ElectoralSystem, choice: ChoiceSettings) -> None:
        self.ground, self.system, self.choice = ground, system, choice
        self._persons = ground.persons()[:, None]

    def intentions(self, lines: Sequence[Line]) -> NDArray[np.float64]:
        """Votes if nobody thought of chances; shape (D, J)."""
        return self.ground.votes(*_columns(lines))

    def result(self, lines: Sequence[Line]) -> NDArray[np.float64]:
        """Votes once beliefs and intentions have met; shape (D, J)."""
        closeness, pull = _columns(lines)
        chance = self.log_chance(self._rounds(lines, closeness, pull))
        return self.ground.votes(closeness, self._weighed(pull, chance))

    def expectations(self, lines: Sequence[Line]) -> NDArray[np.float64]:
        """Votes that parties expect before they decide on lists: half the last result, half intentions; (D, J)."""
        return self._mixed(self.intentions(lines), lines)

    def expected_seats(self, votes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Seats each list may expect from votes (D, J): its chance to win one, times its quotas where more; (J,)."""
        quotas = self.system.magnitude * votes / votes.sum(axis=1, keepdims=True)
        return np.asarray((np.exp(self.log_chance(votes)) * np.maximum(quotas, 1)).sum(axis=0))

    def log_chance(self, votes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log of the chance that votes (D, J) are believed to give each list in each district; shape (D, J)."""
        share = votes / votes.sum(axis=1, keepdims=True)
        if not self.system.by_list:
            return np.log(np.maximum([seat_chance(district) for district in share], FLOOR))
        chance = log_chance(share, self.system.magnitude, 0.0)
        if self.system.threshold:
            country = votes.sum(axis=0) / votes.sum()
            chance = np.minimum(chance, log_chance(country, self.system.seats, float(self.system.threshold)))
        return chance

    def _rounds(
        self, lines: Sequence[Line], closeness: NDArray[np.float64], pull: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Votes that everybody believes in after some rounds of polls on intentions that follow beliefs; (D, J)."""
        heard = np.array([line.heard for line in lines])
        poll = self.ground.votes(closeness, pull)
        believed = self._mixed(poll * heard, lines)
        for _ in range(self.choice.rounds):
            poll = self.ground.votes(closeness, self._weighed(pull, self.log_chance(believed)))
            believed = self._mixed(poll * heard, lines)
        return believed

    def _weighed(self, pull: NDArray[np.float64], log_chance: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(pull * np.exp(self.choice.strategic * log_chance)[self.ground.district])

    def _mixed(self, poll: NDArray[np.float64], lines: Sequence[Line]) -> NDArray[np.float64]:
        """Half a poll (D, J), half the last result; the poll alone for who did not stand; all voters vote."""
        last = np.array([line.last for line in lines]).T
        votes = np.where(np.isnan(last), poll, (poll + last) / 2)
        return np.asarray(votes * (self._persons / votes.sum(axis=1, keepdims=True)))


def _columns(lines: Sequence[Line]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Closeness (J, N) and pull (C, J) of the lines, in memory as the kernel reads them."""
    return np.array([line.closeness for line in lines]), np.array([line.pull for line in lines]).T.copy()
