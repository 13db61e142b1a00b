"""The party system over decades: founding, registration, refusal, merger, split and ban under the law of each day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Self

import numpy as np
from mesa.time import Priority
from numpy.typing import NDArray
from scipy.special import expit, logit

from sim.actors.administration import Administration
from sim.actors.party import Kin, Party
from sim.actors.patron import Patron
from sim.actors.registrar import Registrar
from sim.dated import DatedModel, months_after
from sim.kernels.counts import binomial
from sim.malpractice.party_policy import PartyPractice, threat
from sim.party_records import Records
from sim.process.appeals import Appeals
from sim.process.arrivals import Arrivals, conduct_of
from sim.process.conduct import Conduct
from sim.process.decades import Congresses, Queue
from sim.process.decades_settings import Amendment, Decades
from sim.process.founding import WEEK
from sim.process.opinion import PLACES, Society
from sim.process.recruitment import Recruitment
from sim.process.reregistration import Branches, Reregistration
from sim.process.terms import Terms
from sim.process.voting import Preferences, Voting
from sim.scenario import case as cases
from sim.scenario.case import Case, Fitted
from sim.scenario.schema import Scenario
from sim.society.electorate import Electorate
from sim.strict import InputError

SEASON = 3  # months between two polls that recruiting goes by [assumed: quarterly polls]


class PartySystem(DatedModel):
    """Decades of party life under a scenario with a table ``[decades]``.

    Parties of the record stand until ``decades.given_until``; from then on only the law, its calendar, shocks and what
    the scenario says come from outside. There are elections on the days on record, of which the list tier is
    simulated; turnout, districts and the count belong to :class:`~sim.model.ElectionModel`.

    Raises:
        InputError: the scenario has no table ``[decades]``, or asks for something the case does not have.
    """

    example = "kz-1999-2026"
    founding: Congresses

    def __init__(self, spec: Scenario, society: int = 1, history: int = 1) -> None:
        super().__init__(spec, society, history)
        if spec.decades is None:
            raise InputError(f"{spec.name} is a run of one election; PartySystem needs a scenario with [decades].")
        self.decades: Decades = spec.decades
        self.party_practice: PartyPractice = spec.decades.practice
        self.elections = [cases.load(spec.case, name) for name in cases.elections(spec.case)]
        self.elections = [case for case in self.elections if self.decades.since < case.day <= self.decades.until]
        today = cases.ground(spec.case)
        self.begin(self.elections[0].law, today, self.decades.since)
        self.case = replace(self.elections[0], geography=today, last_result={})
        self.mechanism = self.case.mechanism(spec)
        self.read(self.elections[0])
        self.wishes: Preferences | None = None  # voters keep no ballots here
        self.electorate = Electorate(self, today, spec.population, self.mechanism.network, 0, self.society)
        self.administration = Administration(
            self, turnout_orders=[0.0] * len(today.codes), practice=self.practice, streams=self.history
        )
        self.registrar = Registrar(
            self,
            discretion=self.mechanism.discretion,
            audit=self.mechanism.audit,
            pressure=self.decades.pressure if self.decades.pressure is not None else self.case.pressure,
            streams=self.history,
        )
        self.voting, self.opinion = Voting(self), Publicity(self)
        self.recruitment = Recruitment(self, self.decades.spread)
        self.conduct, self.terms, self.appeals = Conduct(self), Terms(self), Appeals(self)
        self.founding, self.registration = Congresses(self), Queue(self)
        self.reregistration, self.branches = Reregistration(self), Branches(self)
        self.patron = Patron(self)
        self._shares: dict[str, NDArray[np.float64]] = {}  # support by region (R,) in the last poll
        self.standing: list[tuple[date, int, int]] = []  # month, parties that stand, of which disloyal
        self.arrivals = Arrivals(self)
        self._plan()

    def _plan(self) -> None:
        first, month = self.start.replace(day=1), 0
        while (when := months_after(first, month + 1)) <= self.decades.until:
            self.schedule_event(self._month, at=self.day(when), priority=Priority.HIGH)
            month += 1
        for week in range(1, self.day(self.end) // WEEK + 1):
            self.schedule_event(self._week, at=week * WEEK, priority=Priority.LOW)
        for case in self.elections:
            self.schedule_event(self._close_lists, at=self.day(case.lists_close), priority=Priority.LOW)
            self.schedule_event(self._vote, at=self.day(case.day))
        if self.decades.since <= self.decades.given_until <= self.decades.until:
            self.schedule_event(self.arrivals.take_stock, at=self.day(self.decades.given_until), priority=Priority.HIGH)
        for change in self.decades.amendment:
            self.schedule_event(self._scheduled, at=self.day(change.on), priority=Priority.HIGH)

    @property
    def end(self) -> date:
        """The last day of the run."""
        return self.decades.until

    @property
    def power(self) -> Party:
        """The party of power: before it was founded, the loyal party with most members.

        Raises:
            InputError: no loyal party stands.
        """
        own = [p for p in self.parties.values() if p.in_power and not p.gone]
        loyal = own or [p for p in self.parties.values() if p.loyal and p.registered]
        if not loyal:
            raise InputError(f"on {self.today} no loyal party stands that could be the party of power.")
        return max(loyal, key=lambda p: (int(p.members.sum()), p.key))

    def run(self) -> Self:
        """Run to the last day; then :attr:`records` can be read."""
        last = self.day(self.end)
        if self.time < last:
            self.run_until(last)
        return self

    @cached_property
    def records(self) -> Records:
        """The tables of the finished run."""
        return Records(self)

    def support(self, party: Party) -> float:
        """Share of the country's voters who would vote for a party, or for a group if it stood, in the last poll."""
        if party.key not in self._shares:
            return 0.0
        register = self.geography.register
        return float((self._shares[party.key] * register).sum() / register.sum())

    def threat(self, party: Party) -> float:
        return threat(self.support(party), party.character.loyalty)

    def months_to_election(self) -> float:
        """Months to the next election on record; infinite after the last."""
        days = [(case.day - self.today).days for case in self.elections if case.day > self.today]
        return min(days) / 30.44 if days else float("inf")

    def offset(self, address: str) -> NDArray[np.float64]:
        """Where an ordered party stands beside the party of power: at the distance that satellites keep."""
        drawn = self.history.normal(f"offset/{address}", 3)
        return np.asarray(self.decades.conduct.distance_kept * drawn / np.sqrt((drawn**2).sum()))

    def first_valence(self, key: str) -> float | None:
        """The fitted appeal of a party of the record in the first election that has it; None for others."""
        for case in self.elections:
            if case.day <= self.decades.cutoff and case.readings:
                value = case.valence(case.readings[self.spec.level], key)
                if value is not None:
                    return value
        return None

    def read(self, case: Case) -> None:
        """Take an election's calendar, and the reading of its totals unless it was made after the cut-off.

        The party of power's appeal is that of the reading: it is the regime's, not earned in the run.
        """
        self.case = replace(case, geography=self.geography, last_result=self.terms.last if self.time else {})
        usable = [one for one in self.elections if one.day <= min(case.day, self.decades.cutoff) and one.readings]
        reading = (usable or self.elections[:1])[-1].readings[self.spec.level]
        self.fitted = Fitted(reading, self.geography.codes, case.party_of_power, case.ordered)
        power = self.parties.get(case.party_of_power) if self.parties else None
        if power is not None:
            power.valence = reading.valence[case.party_of_power]

    def welcome(self, party: Party) -> None:
        """A party was registered: people can hear of it, and it moves."""
        self.opinion.introduce(party)

    def recode(self, party: Party, logits: float) -> None:
        """Change how loyal a party is, and with it how it behaves."""
        party.character.loyalty = float(expit(logit(party.character.loyalty) + logits))
        party.conduct = conduct_of(party.character.loyalty)

    def shrink(self, party: Party, share: float, address: str, occasion: int) -> None:
        """Members leave with some chance each, in whole persons."""
        draw = self.history.uniform(address, len(party.members), occasion=occasion)
        party.members = party.members - binomial(draw, party.members, np.full(len(draw), share))

    def merge(self, party: Party, heir: Party, how: str) -> None:
        """A party goes into another with all its members, of whom none is lost or counted twice."""
        party.become("merged", self.today)
        party.into = heir.key
        heir.kin.append(Kin("merger", party.key, self.today))
        heir.members, party.members = heir.members + party.members, np.zeros_like(party.members)
        self.tell(f"{party.name} merges into {heir.name}, {how}")

    def _month(self) -> None:
        """Opinion, then who is new, recruiting, branches; by the season polls, moves and the administration's look."""
        occasion = self.today.year * 12 + self.today.month
        self.opinion.month(occasion)
        self.arrivals.month(occasion)
        if (self.today.month - 1) % SEASON == 0:
            self._poll()
        self.founding.remember()
        self._recruit(occasion)
        self.branches.month(occasion)
        if self.today > self.decades.given_until:
            if occasion % self.decades.conduct.round == 0:
                self.conduct.move(occasion)
            if occasion % self.decades.policy.season == 0:
                self.patron.season(occasion)
            if self.today.month == 1:
                self.conduct.year(occasion)
        stand = [p for p in self.parties.values() if p.registered and not p.parties]
        self.standing.append((self.today, len(stand), sum(not p.loyal for p in stand)))

    def _poll(self) -> None:
        """Support by region of parties, and the sympathy that groups would find beside them."""
        parties = [p for p in self.parties.values() if p.registered and not p.parties]
        groups = [p for p in self.parties.values() if p.active]
        self._shares = {p.key: row for p, row in zip(parties, self.voting.support(parties), strict=True)}
        if groups:
            self._shares |= {p.key: row for p, row in zip(groups, self.voting.sympathy(groups), strict=True)}

    def _recruit(self, occasion: int) -> None:
        """Parties and groups recruit among those who like them; the party of power's members come with office."""
        joined = [p for p in self.parties.values() if not p.gone and not p.parties and not p.in_power]
        new = [p for p in joined if p.key not in self._shares]
        if new:
            self._shares |= {p.key: row for p, row in zip(new, self.voting.sympathy(new), strict=True)}
        if joined:
            self.recruitment.month(joined, np.array([self._shares[p.key] for p in joined]), occasion)

    def _week(self) -> None:
        self.founding.week()
        self.reregistration.week()

    def _election(self, day: date, *, closing: bool) -> Case:
        return next(case for case in self.elections if (case.lists_close if closing else case.day) == day)

    def _close_lists(self) -> None:
        self.terms.close_lists(self._election(self.today, closing=True))

    def _vote(self) -> None:
        self.terms.vote(self._election(self.today, closing=False))

    def _scheduled(self) -> None:
        """What the scenario changes today."""
        for change in [change for change in self.decades.amendment if change.on == self.today]:
            self._change(change)

    def _change(self, change: Amendment) -> None:
        if change.law.given:
            self.amend(change.law, by="the scenario")
        if change.practice:
            self.practice = self.practice.model_copy(update=change.practice)
            self.administration.practice = self.practice
        if change.parties:
            self.party_practice = self.party_practice.model_copy(update=change.parties)
        for name, strength in {**change.practice, **change.parties}.items():
            self.tell(f"practice: {name} = {strength:g}")


class Publicity(Society):
    """Opinion over decades: where more parties are heard of than voters can tell apart, the latest stay unknown."""

    model: PartySystem

    def introduce(self, party: Party) -> None:
        """A party that exists is known to as many as one that stood before."""
        self.model.conduct.begin(party)
        if self.place(party):
            key = self.model.society.key(f"known/{party.address}")
            self.teach(party, self.model.mechanism.media.known_before, key)

    def place(self, party: Party) -> np.uint64:
        """The bit of a party in what voters know; 0, so that nobody knows it, where all places are taken."""
        if party.slot < 0 and sum(other.slot >= 0 for other in self.model.parties.values()) >= PLACES:
            return np.uint64(0)
        return super().place(party)
