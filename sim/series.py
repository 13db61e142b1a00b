"""Elections in a row: one society, one electoral system, and parties that live from each election to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import mesa
import numpy as np
from mesa.time import Priority

from sim import cases
from sim.process.competition import Competition, Contender, Held
from sim.process.competition_settings import CompetitionSettings
from sim.process.polling import ElectoralSystem, Ground, Polling
from sim.process.settings import ChoiceSettings
from sim.society import geography
from sim.society.electorate import Electorate
from sim.society.settings import NetworkSettings, PopulationSettings
from sim.streams import Streams
from sim.strict import InputError

if TYPE_CHECKING:
    import pandas as pd

VOTERS = 6_000  # rows; assumed: medians of effective parties move by less than their sampling error from here on
NO_TIES = NetworkSettings(local=0, regional=0, national=0)  # opinions stand still, so nobody need talk to anybody


class ElectionSeries(mesa.Model):
    """Free elections, term after term, with nobody in the way of anybody.

    Time is in months; election ``n`` is held at ``n * settings.term``. Before it parties move every few months and
    groups try to enter; after it those without seats give up and what voters think of the others drifts. There is no
    registrar, no malpractice and no turnout: every voter votes, in expectation, so that a count has no sampling error
    beyond that of the sampled voters.

    ``society`` seeds who the people are, ``history`` everything that happens; every draw is addressed by the party and
    the term, so that two series with the same seeds differ only by what differs between them.

    Raises:
        InputError: seeds or a number of elections that are no whole numbers above zero.
    """

    def __init__(
        self,
        system: ElectoralSystem,
        settings: CompetitionSettings | None = None,
        *,
        choice: ChoiceSettings | None = None,
        population: PopulationSettings | None = None,
        case: str = "textbook",
        elections: int = 50,
        society: int = 1,
        history: int = 1,
    ) -> None:
        super().__init__(rng=0)  # Mesa's own generator is never used
        for name, value in (("society", society), ("history", history), ("elections", elections)):
            if not isinstance(value, int | np.integer) or value < (name == "elections"):
                raise InputError(f"{name} = {value!r}; write a whole number of {int(name == 'elections')} or more.")
        self.system, self.settings = system, settings or CompetitionSettings()
        self.society, self.history = Streams(society), Streams(history)
        self.elections = elections
        self.held: list[Held] = []
        self.electorate = Electorate(
            self,
            geography.load(cases.folder(case)),
            population or PopulationSettings(voters=VOTERS),
            NO_TIES,
            system.districts,
            self.society,
        )
        ground = Ground.of(self.electorate)
        polling = Polling(ground, system, choice or ChoiceSettings())
        self.competition = Competition(self, ground, polling, self.settings, self.history)
        self.competition.begin()
        self._plan()

    def _plan(self) -> None:
        """The calendar: moves, then who enters, then the vote, then who leaves and what drifts."""
        term = self.settings.term
        for election in range(1, self.elections + 1):
            for month in range((election - 1) * term + self.settings.round, election * term, self.settings.round):
                self.schedule_event(self._move, at=month, priority=Priority.HIGH)
            self.schedule_event(self._close_lists, at=election * term - 1, priority=Priority.LOW)
            self.schedule_event(self._vote, at=election * term)
            self.schedule_event(self._aftermath, at=election * term, priority=Priority.LOW)

    @property
    def parties(self) -> list[Contender]:
        """The parties there are now, in the order in which they were founded; Mesa agents."""
        return self.competition.parties

    @property
    def results(self) -> pd.DataFrame:
        """One row an election held, columns as :class:`~sim.process.competition.Held` names them."""
        import pandas as pd

        return pd.DataFrame(self.held, columns=list(Held._fields))

    @property
    def ordinal(self) -> int:
        """The election that comes next, or is held this month; the first is 1."""
        return -int(-self.time // self.settings.term)

    def run(self) -> Self:
        """Run to the month after the last election."""
        last = self.elections * self.settings.term + 1
        if self.time < last:
            self.run_until(last)
        return self

    def _move(self) -> None:
        self.competition.move(int(self.time))

    def _close_lists(self) -> None:
        self.competition.enter(self.ordinal)

    def _vote(self) -> None:
        self.held.append(self.competition.vote(self.ordinal))

    def _aftermath(self) -> None:
        gone = self.competition.leave()
        self.held[-1] = self.held[-1]._replace(left=gone)
        self.competition.drift(self.ordinal)
