"""Parties and groups that want to become parties, as Mesa agents, and what happens to them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.actors.roster import AUTONOMOUS

if TYPE_CHECKING:
    from sim.law.registration import Ground

Status = Literal[
    "group", "notice_review", "cooling", "confirmed", "congress_held", "review", "registered", "lapsed", "ended"
]


class Decision(NamedTuple):
    """One answer of the registrar, with every reason given.

    ``reasons`` are the grounds as stated to the applicant; ``discretionary`` says whether the registrar would have
    registered the group on the law alone.
    """

    stage: Literal["notice", "list"]
    filed: date
    decided: date
    accepted_names: int
    outcome: Literal["confirmed", "registered", "refused"]
    grounds: tuple[Ground, ...]
    discretionary: bool

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(ground.message for ground in self.grounds)


@dataclass
class Milestones:
    """The days on which a group reached each step; None where it did not."""

    formed: date
    noticed: date | None = None
    confirmed: date | None = None
    congress: date | None = None
    filed: date | None = None
    registered: date | None = None


@dataclass
class Character:
    """What a group is like inside; lives in memory only and is never written to a store, a story or an explanation."""

    loyalty: float  # 0..1, what the registrar believes of its behaviour
    persistence: float  # chance that it files again after a refusal
    money: float  # units of the prototype: about 1,100 names a month each
    profile: NDArray[np.float64] = field(repr=False)  # (R,) relative strength by region, mean 1


class Party(mesa.Agent):
    """A party or a group that wants to be one.

    ``members`` (R,) are numbers of persons by region. ``address`` keys its draws, so that a group is the same group in
    every scenario. ``slot`` is its bit in the electorate's ``aware`` column, -1 while nobody can have heard of it.
    """

    def __init__(
        self,
        model: mesa.Model,
        *,
        key: str,
        name: str,
        conduct: str,
        origin: Literal["case", "latent", "bloc"],
        position: NDArray[np.float64],
        valence: float,
        character: Character,
        formed: date,
        status: Status = "group",
        sponsored: bool = False,
        parties: tuple[str, ...] = (),
    ) -> None:
        super().__init__(model)
        self.key, self.name, self.conduct, self.origin = key, name, conduct, origin
        self.address = key
        self.position, self.valence, self.character = position, valence, character
        self.slot, self.sponsored = -1, sponsored
        self.parties = parties  # of a bloc: the parties that run this joint list
        self.status: Status = status
        self.members: NDArray[np.int64] = np.zeros(len(character.profile), np.int64)
        self.filed_names = self.members  # as handed in with the last papers; who joins later is not on the list
        self.reached = Milestones(formed)
        self.decisions: list[Decision] = []
        self.congress_due: date | None = None
        self.confirmed_on: date | None = None
        self.congress_on: date | None = None
        self.filing_due: date | None = None
        self.on_ballot = False

    @property
    def registered(self) -> bool:
        return self.status == "registered"

    @property
    def admitted(self) -> bool:
        """Registered during the run because the record says so, not by the run's registrar."""
        return self.reached.registered == self.reached.formed

    @property
    def active(self) -> bool:
        """Still on its way to registration."""
        return self.status not in ("registered", "lapsed", "ended")

    @property
    def in_power(self) -> bool:
        return self.conduct == "party_of_power"

    def autonomous(self, coding: str) -> bool:
        """Whether it counts as autonomous of the regime under a coding of AUTONOMOUS."""
        return self.conduct in AUTONOMOUS[coding]

    def __repr__(self) -> str:
        return f"<Party {self.key}: {self.status}>"


class Parties(dict[str, Party]):
    """Parties and groups by key, in the order in which they arose; an unknown key is told with the nearest."""

    def __missing__(self, key: str) -> Party:
        by_name = {party.name: party.key for party in self.values()}
        near = [by_name[key]] if key in by_name else difflib.get_close_matches(str(key), self, n=1)
        raise KeyError(f"no party {key!r}" + (f"; did you mean {near[0]!r}?" if near else "") + f" ({', '.join(self)})")
