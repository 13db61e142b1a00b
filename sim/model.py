"""The model: society, actors and stages on Mesa's calendar, from the start of the run to the day after the election."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from mesa.time import Priority
from numpy.typing import NDArray

from sim.actors.administration import Administration
from sim.actors.commission import Commissions
from sim.actors.court import Court
from sim.actors.observer import ObserverMission
from sim.actors.registrar import Registrar
from sim.dated import DatedModel, months_after
from sim.outcome import Outcome, Row
from sim.party_system import PartySystem
from sim.process.aftermath import Aftermath
from sim.process.counting import Counting
from sim.process.formation import Formation
from sim.process.founding import WEEK, Founding
from sim.process.nomination import Nomination
from sim.process.opinion import Society
from sim.process.recruitment import Recruitment
from sim.process.registration import Registration
from sim.process.runoff import Runoff
from sim.process.voting import Preferences, Voting
from sim.scenario import case as cases
from sim.scenario.case import Fitted
from sim.scenario.schema import Scenario
from sim.society import geography
from sim.society.electorate import Electorate
from sim.strict import InputError


class Month(NamedTuple):
    """What the monthly round recorded."""

    month: date
    grievance: float
    belief: float
    accountability_mean: float
    accountability_sd: float
    groups_active: int


class ElectionModel(DatedModel):
    """One election and the years before it, under a scenario.

    Raises:
        InputError: the scenario asks for something the case does not have.
    """

    def __init__(self, spec: Scenario, society: int = 1, history: int = 1) -> None:
        super().__init__(spec, society, history)
        if spec.decades is not None:
            raise InputError(f"{spec.name} is a run of decades; write sim.PartySystem(...) for it.")
        self.case = cases.load(spec.case, spec.election)
        self.begin(
            self.case.law, self.case.geography, self.case.day.replace(year=self.case.day.year - spec.years_before)
        )
        reading = spec.reading or self.case.readings[spec.level]
        chamber = self.rules_on(self.case.day).chamber
        self.districts = chamber.district_seats
        self.two_rounds = bool(self.districts) and chamber.district_rule == "majority runoff"
        self.mechanism = self.case.mechanism(spec)
        self.fitted = Fitted(reading, self.geography.codes, self.case.party_of_power, self.case.ordered)
        self.months: list[Month] = []
        self.belief = 0.0  # mean over persons, which nothing moves before the day after the election
        self.wishes: Preferences | None = None
        self._populate()
        self._plan()

    def _populate(self) -> None:
        """The people, the stations, the actors, and the parties that exist at the start."""
        spec, mechanism, seats = self.spec, self.mechanism, self.districts
        self.electorate = Electorate(self, self.geography, spec.population, mechanism.network, seats, self.society)
        self.belief = float(self.electorate.mean("belief"))
        assert mechanism.stations.count is not None
        self.stations = geography.stations(
            self.geography, mechanism.stations, mechanism.stations.count, seats, self.society
        )
        pressure = {"pressure": mechanism.commissions.pressure + self.fitted.reading.pressure}
        self.commissions = Commissions(
            self,
            self.stations,
            mechanism.commissions.model_copy(update=pressure),
            self.history,
            official_share=self.case.official.shares[self.power_key],
            official_turnout=self.case.official_turnout,
        )
        self.mission = ObserverMission(self, mechanism.observers, self.history)
        self.court = Court(self, mechanism.candidates, self.history)
        self.administration = Administration(
            self, turnout_orders=self.fitted.orders, practice=self.practice, streams=self.history
        )
        self.registrar = Registrar(
            self,
            discretion=mechanism.discretion,
            audit=mechanism.audit,
            pressure=self.case.pressure,
            streams=self.history,
        )
        self.voting, self.recruitment = Voting(self), Recruitment(self)
        self.founding, self.registration = Founding(self, self.case.lists_close), Registration(self)
        self.opinion, self.nomination = Society(self), Nomination(self)
        self.counting, self.runoff, self.aftermath = Counting(self), Runoff(self), Aftermath(self)
        self.formation = Formation(self)

    def _plan(self) -> None:
        """The calendar: a monthly round, a weekly one for groups, the closing of lists, the election, the day after."""
        first = self.start.replace(day=1)
        month = 0
        while (when := months_after(first, month + 1)) < self.case.day:
            self.schedule_event(self._month, at=self.day(when), priority=Priority.HIGH)
            month += 1
        for week in range(1, self.day(self.case.lists_close) // WEEK + 1):
            self.schedule_event(self.founding.week, at=week * WEEK, priority=Priority.LOW)
        self.schedule_event(self.nomination.close_lists, at=self.day(self.case.lists_close), priority=Priority.LOW)
        self.schedule_event(self._vote, at=self.day(self.case.day))
        self.schedule_event(self.aftermath.learn, at=self.day(self.case.day) + 1)
        if self.two_rounds:
            self.schedule_event(self.runoff.run, at=self.day(self.case.round_two))

    @property
    def end(self) -> date:
        """The last day of the run: the day after the election, or that of the second round."""
        return self.case.round_two if self.two_rounds else self.case.day + timedelta(days=1)

    @cached_property
    def power_key(self) -> str:
        """Key of the party of power."""
        return self.fitted.party_of_power

    def voted_for_power(self) -> NDArray[np.bool_]:
        """Which voters (N,) chose the party of power on the list ballot."""
        if self.wishes is None or self.power_key not in self.wishes.options:
            return np.zeros(len(self.electorate), np.bool_)
        return self.electorate.choice == self.wishes.options.index(self.power_key)

    def run(self) -> Self:
        """Run to the day after the election, or to the second round; then :attr:`outcome` can be read."""
        last = self.day(self.end)
        if self.time < last:
            self.run_until(last)
        return self

    @cached_property
    def outcome(self) -> Outcome:
        """The tables of the finished run."""
        return Outcome.of(self)

    def _month(self) -> None:
        """Opinion, then new groups, then recruiting; the number of a month is that of the calendar."""
        occasion = self.today.year * 12 + self.today.month
        mood = self.opinion.month(occasion)
        self.formation.month(occasion)
        groups = [party for party in self.parties.values() if party.active]
        liked = self.voting.sympathy(groups) if groups else np.zeros((0, len(self.geography.regions)))
        self.recruitment.month(groups, liked, occasion)
        active = sum(party.active for party in self.parties.values())
        self.months.append(Month(self.today, mood.grievance, self.belief, mood.accountability, mood.spread, active))

    def _vote(self) -> None:
        """Election day, from preferences to the sum of protocols."""
        rules = self.rules_on(self.today)
        self.opinion.campaign(self.nomination.lists)
        self.wishes = self.voting.preferences(
            self.nomination.lists,
            against_all=rules.ballot.against_all,
            seats=rules.chamber.list_seats,
            threshold=float(rules.list.threshold),
        )
        self.nomination.fill_districts(self.districts, against_all=rules.ballot.against_all)
        self.voting.cast(self.wishes, self.nomination.candidates)
        self.counting.run(self.wishes, self.nomination.candidates)
        self._tell_result()

    def _tell_result(self) -> None:
        """The election in two lines of the chronicle: what was cast, and what was announced."""
        book, voters = self.counting.ledger, int(self.stations.voters.sum())
        assert book is not None
        name = self.parties[self.power_key].name
        for what, cast, leader, votes in (
            ("voters cast", book.true_cast, book.true_leader, book.true_votes),
            ("the Central Election Commission announces", book.cast, book.official_leader, book.official_votes),
        ):
            share, turnout = leader.sum() / max(int(votes.sum()), 1), cast.sum() / voters
            self.tell(f"{what} {int(cast.sum()):,} ballots ({100 * turnout:.1f} %), {100 * share:.1f} % for {name}")
        self.tell(
            f"commissions at {int(self.counting.acts.sum()):,} of {len(self.stations):,} stations changed the count"
        )


def simulate(scenario: Scenario, replication: int, keep_stations: bool = False) -> dict[str, list[Row]]:
    """One run of a batch: the tables of replication ``replication``, whose two seeds all scenarios share."""
    society, history = seeds(replication)
    if scenario.decades is not None:
        system = PartySystem(scenario, society=society, history=history).run()
        tables = system.records.tables()
        system.__dict__.clear()
        tables["runs"][0] |= {"society": society, "history": history}
        return tables
    model = ElectionModel(scenario, society=society, history=history).run()
    tables = model.outcome.tables(stations=keep_stations)
    model.__dict__.clear()  # model and stages point at each other: let the arrays go now, not at some later collection
    tables["runs"][0] |= {"society": society, "history": history}
    return tables


def seeds(replication: int) -> tuple[int, int]:
    """Seeds of society and history of a replication."""
    return 1_000 + replication, 2_000_000 + replication
