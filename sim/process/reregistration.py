"""What a registered party still owes the law: branches in time, and a new registration when the law asks for one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from sim.actors.life import Status
from sim.actors.party import Party
from sim.law.calendar import last_day

if TYPE_CHECKING:
    from sim.party_system import PartySystem


class Reregistration:
    """The stage in which parties that exist register again, because the law or their name has changed."""

    def __init__(self, model: PartySystem) -> None:
        self.model, self.settings = model, model.decades.reregistration
        self.asked = model.rules_on(model.today).registration.reregistration
        self.due: dict[str, date] = {}
        self.not_before: dict[str, date] = {}
        self.applied: set[str] = set()  # who filed because the law asked all to
        self.was: dict[str, Status] = {}
        self.renamed: set[str] = set()
        self.rounds: list[tuple[date, int]] = []  # day of each law that asked for it, and how many parties then stood

    def week(self) -> None:
        """Notice a new law; file where a party is ready, or near its last day with what there is; end who is late."""
        today = self.model.today
        asked = self.model.rules_on(today).registration.reregistration
        if asked > self.asked:
            self._begin(asked)
        self.asked = asked
        for key, due in list(self.due.items()):
            party = self.model.parties[key]
            if party.status != "reregistration":
                del self.due[key]
            elif today > due and not self._pending(party):
                del self.due[key]
                party.become("dissolved", today)
                self.model.tell(f"{party.name} is not registered again and ceases")
            elif today >= self.not_before.get(key, date.min) and not self._pending(party):
                self._file(party, due)

    def ask(self, party: Party, months: int) -> None:
        """Ask one party to register again within so many months, as after a new name."""
        self.was[party.key] = party.status
        party.become("reregistration", self.model.today)
        due = last_day(self.model.today, months)
        assert due is not None
        self.due[party.key] = due

    def answered(self, party: Party, registered: bool) -> None:
        """The registrar's answer: registered again, or time for another try."""
        if registered:
            party.become(self.was.pop(party.key), self.model.today)  # who owed branches owes them still
            self.due.pop(party.key, None)
        else:
            self.not_before[party.key] = self.model.today + timedelta(days=self.model.founding.settings.refile_days)

    def _begin(self, months: int) -> None:
        standing = [p for p in self.model.parties.values() if p.registered and not p.parties]
        for party in standing:
            if party.status != "reregistration":
                self.ask(party, months)
                self.renamed.discard(party.key)
        self.rounds.append((self.model.today, len(standing)))
        self.model.tell(f"all {len(standing)} parties must register again within {months} months")

    def _pending(self, party: Party) -> bool:
        return any(filing.party == party.key for filing in self.model.registration.queue)

    def _file(self, party: Party, due: date) -> None:
        """As soon as the lists are long enough everywhere; at the end with what there is, if that is worth a try."""
        rules, margin = self.model.rules_on(self.model.today).registration, self.model.mechanism.recruitment.margin
        regions, last = self.model.by_law_region(party.members), self.model.today + timedelta(days=14) > due
        here = min(regions.values())
        ready = party.members.sum() >= margin * rules.members and here >= margin * rules.members_per_region
        worth = party.members.sum() >= self.settings.hopeless * rules.members
        if ready or (last and worth):
            if party.key not in self.renamed:
                self.applied.add(party.key)
            self.model.registration.file(party, "again")


class Branches:
    """The stage in which new parties open branches; who has not opened them in time loses its registration."""

    def __init__(self, model: PartySystem) -> None:
        self.model, self.settings = model, model.decades.branches
        assert model.mechanism.founding.venue is not None
        self.distance = model.geography.distance(model.mechanism.founding.venue)
        self.open: dict[str, np.ndarray] = {}

    def month(self, occasion: int) -> None:
        """Open branches where there are members enough, in every region that the law asks about."""
        model, today, s = self.model, self.model.today, self.settings
        for party in [p for p in model.parties.values() if p.status == "provisional"]:
            rules = model.rules_on(today).registration
            regions = len(party.members)
            there = self.open.setdefault(party.key, np.zeros(regions, np.bool_))
            chance = s.opened * np.exp(-self.distance / (s.reach_km * (1 + party.character.money)))
            draw = model.history.uniform(f"branch/{party.address}", regions, occasion=occasion)
            registered = party.reached.registered
            assert registered is not None
            due = last_day(registered, rules.branches_deadline)
            late = due is not None and today > due
            there |= (not late) & (party.members > 0) & ((draw < chance) | party.sponsored)
            counted = model.by_law_region(there.astype(np.int64))
            if not rules.members_per_region or min(counted.values()) > 0:
                party.become("registered", today)
            elif late:
                party.become("dissolved", today)
                missing = sum(n == 0 for n in counted.values())
                model.tell(f"{party.name} has no branch in {missing} regions in time; its registration is cancelled")
