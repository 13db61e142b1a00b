"""Appeals: refused groups go to court, and very few win."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sim.actors.party import Decision, Party

if TYPE_CHECKING:
    from sim.party_system import PartySystem


class Appeals:
    """The stage between a refusal and a judgment.

    Courts that depend on the regime uphold nearly all refusals; independent ones strike down every refusal that the law
    alone does not carry. Whoever wins is judged on the law alone when it files at that stage again.
    """

    def __init__(self, model: PartySystem) -> None:
        self.model, self.settings = model, model.decades.appeals
        self.filed: list[date] = []
        self.won: list[date] = []
        self._pending: list[tuple[int, str, Decision, int]] = []

    def consider(self, party: Party, decision: Decision) -> None:
        """Whether a group sues over an answer."""
        number = len(party.decisions)
        if party.gone:
            return
        if self.model.history.one(f"sue/{party.address}", of=number) >= self.settings.sue:
            return
        self.filed.append(self.model.today)
        when = self.model.today + timedelta(days=self.settings.days)
        self._pending.append((self.model.day(when), party.key, decision, number))
        if when <= self.model.end:
            self.model.schedule_event(self.judge, at=self.model.day(when))

    def judge(self) -> None:
        """Give the judgments that are due, in order of day and group."""
        today = self.model.day(self.model.today)
        due = sorted((case for case in self._pending if case[0] <= today), key=lambda case: (case[0], case[1], case[3]))
        self._pending = [case for case in self._pending if case[0] > today]
        for _, key, decision, number in due:
            party, dependent = self.model.parties[key], self.model.party_practice.court_dependence
            chance = dependent * self.settings.win + (1 - dependent) * decision.discretionary
            if self.model.history.one(f"judgment/{party.address}", of=number) < chance:
                self.won.append(self.model.today)
                party.cleared.add("notice" if decision.stage == "notice" else "list")
                self.model.tell(f"a court finds for {party.name} against the Ministry ({decision.stage})")
