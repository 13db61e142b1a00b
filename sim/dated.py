"""What every dated model shares: real days on Mesa's calendar, the day's law and practice, parties, a chronicle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.actors.party import Parties, Party
from sim.actors.registrar import Registrar
from sim.law.rules import Overrides, Rules
from sim.law.timeline import AmendedLaw, Law
from sim.malpractice.practice import Practice
from sim.process.founding import Founding
from sim.process.recruitment import Recruitment
from sim.process.registration import Registration
from sim.scenario import checks
from sim.scenario.schema import Mechanism, Scenario
from sim.society import memory
from sim.society.geography import Geography
from sim.streams import Streams
from sim.strict import InputError


class Event(NamedTuple):
    """A line of the chronicle."""

    day: date
    text: str


class DatedModel(mesa.Model):
    """A scenario that runs day by day from :attr:`start`; time is in days.

    ``society`` seeds who the people are, ``history`` what happens to them; every draw is addressed, so that two
    scenarios with the same seeds differ only by what the scenarios change.

    Raises:
        InputError: no scenario, one that cannot be run, or a seed that is none.
    """

    example = "kz-2023"  # a scenario that such a model can run
    start: date
    law: Law
    geography: Geography
    mechanism: Mechanism
    registrar: Registrar
    recruitment: Recruitment
    founding: Founding
    registration: Registration

    def __init__(self, spec: Scenario, society: int, history: int) -> None:
        super().__init__(rng=0)  # Mesa's own generator is never used
        self._default_schedule.stop()  # nothing happens daily: Mesa's own daily step would be most of all events
        if not isinstance(spec, Scenario):
            raise InputError(f'{type(self).__name__} needs a scenario, not {spec!r}; write sim.load("{self.example}").')
        for name, seed in (("society", society), ("history", history)):
            if not isinstance(seed, int | np.integer) or seed < 0:
                raise InputError(f"{name} = {seed!r} is no seed; write a whole number of 0 or more.")
        found = checks.faults(spec)
        if found:
            raise InputError("\n".join(fault.text for fault in found))
        memory.check(spec.population.voters)
        self.spec = spec
        self.practice: Practice = spec.practice  # of today; a run of decades may change it
        self.society, self.history = Streams(society), Streams(history)
        self.parties = Parties()
        self.chronicle: list[Event] = []
        self._today: tuple[float, date] | None = None

    def begin(self, law: Law, geography: Geography, start: date) -> None:
        """Set the law, the ground and the first day."""
        self.law, self.geography, self.start = law, geography, start
        self._laws = [(date.min, law.amended(self.spec.law))]

    @property
    def today(self) -> date:
        if self._today is None or self._today[0] != self.time:  # asked for some thousand times a run
            self._today = (self.time, self.start + timedelta(days=int(self.time)))
        return self._today[1]

    def day(self, when: date) -> int:
        """Model time of a date, in days from the start."""
        return (when - self.start).days

    def rules_on(self, when: date) -> Rules:
        """The law that the scenario gives a day: the dated law, its amendments, and those made since in the run."""
        standing: AmendedLaw = self._laws[0][1]
        for since, law in self._laws[1:]:
            if since <= when:
                standing = law
        return standing.on(self.spec.law_day or when)

    def amend(self, change: Overrides, *, by: str) -> None:
        """Amend the written law from today on: what a scenario schedules, and what an actor with that power may call.

        ``by`` says in the chronicle who did it. Earlier amendments stand where this one says nothing.

        Raises:
            InputError: the amended law contradicts itself.
        """
        given = {**self._laws[-1][1].amendments, **change.given}
        amended = AmendedLaw(self.law, given)
        amended.on(self.today)
        self._laws.append((self.today, amended))
        rules = ", ".join(f"{name} = {value}" for name, value in change.given.items())
        self.tell(f"{by} amends the law: {rules}")

    def by_law_region(self, persons: NDArray[np.int64], when: date | None = None) -> Mapping[str, int]:
        """Persons (R,) of the model's regions summed over the regions that the law knew on a day."""
        mine = zip(self.geography.codes, persons.tolist(), strict=True)
        return self.law.regions.summed(mine, when or self.today)

    def threat(self, party: Party) -> float:
        """Share of voters at odds with the regime through a party, as polls tell it; 0 where none are taken."""
        return 0.0

    def tell(self, text: str) -> None:
        """Add a line to the chronicle."""
        self.chronicle.append(Event(self.today, text))


def months_after(first: date, months: int) -> date:
    """The first day of the month so many months after another first day."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)
