"""Parties and groups that want to become parties, as Mesa agents, and what happens to them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.actors import life
from sim.actors.life import Status
from sim.actors.roster import AUTONOMOUS

if TYPE_CHECKING:
    from sim.law.registration import Ground
    from sim.process.competition_settings import Rule


class Decision(NamedTuple):
    """One answer of the registrar, with every reason given.

    ``reasons`` are the grounds as stated to the applicant; ``discretionary`` says whether the registrar would have
    registered the group on the law alone. ``stage`` "again" is a new registration of a party that exists; an
    application that is never answered ends as "lapsed".
    """

    stage: Literal["notice", "list", "again"]
    filed: date
    decided: date
    accepted_names: int
    outcome: Literal["confirmed", "registered", "refused", "lapsed"]
    grounds: tuple[Ground, ...]
    discretionary: bool
    struck: int = 0  # filed names that the audit did not accept

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
    home: int = 0  # region its founders live in


class Step(NamedTuple):
    """A day on which a party's state changed."""

    day: date
    status: Status


class Kin(NamedTuple):
    """A tie of descent: where a party came from or what it went into, and when."""

    kind: Literal["split", "merger", "succession", "renaming"]
    other: str
    day: date


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
        origin: Literal["case", "latent", "bloc", "split", "ordered"],
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
        self.conduct_founded = conduct
        self.won_over: date | None = None  # the day its leaders were, over decades
        self.founded_at = position  # where it stood when it was founded
        self.basis: str | None = None  # what a party may be barred for: ethnic, religious, gender
        self.address = key
        self.position, self.valence, self.character = position, valence, character
        self.slot, self.sponsored = -1, sponsored
        self.parties = parties  # of a bloc: the parties that run this joint list
        self.status: Status = status
        self.past = [Step(formed, status)]  # every state with its first day
        self.kin: list[Kin] = []  # whom it split from, succeeded or took in, and what it was called before
        self.into: str | None = None  # the party that took it in
        self.members: NDArray[np.int64] = np.zeros(len(character.profile), np.int64)
        self.filed_names = self.members  # as handed in with the last papers; who joins later is not on the list
        self.reached = Milestones(formed)
        self.decisions: list[Decision] = []
        self.congress_due: date | None = None
        self.confirmed_on: date | None = None
        self.congress_on: date | None = None
        self.filing_due: date | None = None
        self.on_ballot = False
        self.cleared: set[str] = set()  # stages at which a court has told the registrar to go by the law alone
        # over decades: how it moves, which way, what it had in the last poll and election; unused in a single election
        self.rule: Rule = "sticker"
        self.heading = np.zeros(3)
        self.support = float("nan")
        self.fitness: float | None = None
        self.last_share: float | None = None

    @property
    def registered(self) -> bool:
        """Whether it exists in law: also while its branches or a new registration are still due."""
        return self.status in life.STANDING

    def become(self, status: Status, day: date) -> None:
        """Enter another state.

        Raises:
            ValueError: no such step in a party's life (:data:`sim.actors.life.LIFE`), or a day before the last step.
        """
        life.check(self.status, status)
        if day < self.past[-1].day:
            raise ValueError(f"{self.key} became {self.status} on {self.past[-1].day}; {day} is before that")
        self.status = status
        self.past.append(Step(day, status))

    @property
    def admitted(self) -> bool:
        """Registered during the run because the record says so, not by the run's registrar."""
        return self.reached.registered == self.reached.formed

    @property
    def active(self) -> bool:
        """Still on its way to registration."""
        return not self.registered and not self.gone

    @property
    def gone(self) -> bool:
        """Whether it has given up, merged or been ended."""
        return self.status in life.GONE

    @property
    def in_power(self) -> bool:
        return self.conduct == "party_of_power"

    @property
    def loyal(self) -> bool:
        """Whether it behaves as the regime's own."""
        return self.conduct in ("party_of_power", "pro_regime")

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
