"""What a run of decades adds to founding and registration: purses, halls, hearts, open files, fast answers, courts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.actors.party import Decision, Party
from sim.law.calendar import Clock
from sim.process.founding import Founding
from sim.process.registration import Filing, Registration

if TYPE_CHECKING:
    from sim.party_system import PartySystem

FROM_EACH = 10  # delegates asked from every region before any others, since the law wants most regions [assumed]


class Congresses(Founding):
    """Founding with a purse: who is invited costs money, halls can be refused, and refusals dishearten."""

    model: PartySystem

    def __init__(self, model: PartySystem) -> None:
        super().__init__(model, until=model.end)
        self.own = model.decades.congress
        self.month_ago: dict[str, int] = {}

    def _give_notice(self, party: Party) -> None:
        """Not before the lists can be expected to be full when the law's terms are over, unless patience is."""
        if party.sponsored or self._on_course(party):
            super()._give_notice(party)

    def _on_course(self, party: Party) -> bool:
        """Whether the names there are will do, with those of the months that the terms leave, each like the last."""
        today, rules = self.model.today, self.model.rules_on(self.model.today).registration
        lists = [decision.decided for decision in party.decisions if decision.stage == "list"]
        waited = (today - (lists[-1] if lists else party.reached.formed)).days / 30.44
        if waited >= self.own.patience or (party.reached.noticed is not None and not lists):
            return True  # a refused notice is given again: nothing was wrong with the names
        now = int(party.members.sum())
        asked = self.model.mechanism.recruitment.margin * rules.members
        if now >= asked or not rules.filing_deadline:
            return True
        gain = max(now - self.month_ago.get(party.key, now), 0)
        return now + gain * (rules.congress_deadline + rules.filing_deadline) >= asked

    def remember(self) -> None:
        """Keep how many members each group has, a month before it looks again."""
        self.month_ago = {p.key: int(p.members.sum()) for p in self.model.parties.values() if p.active}

    def _invited(self, party: Party) -> NDArray[np.int64]:
        """Members by region (R,) whose journey the purse pays: some from everywhere, then from near to far."""
        purse = self.own.purse * self.model.recruitment.money(party)
        if party.sponsored or float(party.members @ self.distance) <= purse:
            return party.members
        few = np.minimum(party.members, FROM_EACH)
        left = max(purse - float(few @ self.distance), 0.0)
        invited = few.copy()
        for region in np.argsort(self.distance, kind="stable"):
            afford = left / max(float(self.distance[region]), 1.0)
            more = int(min(party.members[region] - few[region], afford))
            invited[region] += more
            left -= more * float(self.distance[region])
        return np.asarray(invited)

    def _hall_refused(self, party: Party, number: int) -> bool:
        if party.sponsored:
            return False
        chance = self.model.party_practice.hall_refusal * self.own.hall_refused * (1 - party.character.loyalty)
        return self.model.history.one(f"hall/{party.address}", of=number) < chance

    def after_refusal(self, party: Party) -> None:
        """Some members leave; then it tries again in two weeks, or gives up."""
        share = self.model.decades.conduct.disheartened
        self.model.shrink(party, share, f"disheartened/{party.address}", len(party.decisions))
        super().after_refusal(party)


class Queue(Registration):
    """Registration with a queue that serves some faster and leaves others without an answer."""

    model: PartySystem

    def __init__(self, model: PartySystem) -> None:
        super().__init__(model)
        self.own = model.decades.queue
        self.clocks: dict[str, Clock] = {}

    def notice_days(self, party: Party) -> int:
        fast = (
            party.sponsored and self.model.history.one(f"fast/{party.address}") < self.model.party_practice.fast_track
        )
        return self.own.fast_notice_days if fast else self.settings.notice_days

    def _left_open(self, party: Party, filing: Filing) -> bool:
        """The statutory clock is stopped for as long as names are checked; nothing tells when that ends.

        An application left open is looked at again in half a year. Where the law lets applications lapse it lapses on
        that day.
        """
        model, today = self.model, self.model.today
        if filing.stage != "list":
            return False
        clock = self.clocks.get(party.key)
        if clock is None:
            share = self.own.unanswered * model.party_practice.suspension
            if model.history.one(f"unanswered/{party.address}", of=len(party.decisions)) >= share:
                return False
            days = model.rules_on(filing.filed).registration.review_days
            self.clocks[party.key] = Clock(filing.filed, days).stop(today)
            party.become("suspended", today)
            model.tell(f"the Ministry suspends the application of {party.name} while names are checked")
        again = today + timedelta(days=self.own.again_days)
        lapse = model.rules_on(today).registration.lapse_days
        lapses = filing.filed + timedelta(days=lapse)
        if lapse and lapses <= again:
            if lapses <= today:
                self._lapse(party, filing)
                return True
            again = lapses
        if again <= model.end:
            self.wait(filing._replace(due=again))
        return True

    def _lapse(self, party: Party, filing: Filing) -> None:
        today = self.model.today
        self.clocks.pop(party.key, None)
        party.decisions.append(
            Decision(filing.stage, filing.filed, today, 0, outcome="lapsed", grounds=(), discretionary=True)
        )
        self.model.tell(f"the application of {party.name} lapses without an answer")
        self.model.founding.after_refusal(party)

    def _carry_out(self, party: Party, decision: Decision) -> None:
        clock = self.clocks.pop(party.key, None)
        if clock is not None:
            clock.resume(self.model.today)
            party.become("review", self.model.today)
        super()._carry_out(party, decision)

    def _refused(self, party: Party, decision: Decision) -> None:
        if decision.stage == "again":
            self.model.reregistration.answered(party, registered=False)
            return
        self.model.founding.after_refusal(party)
        self.model.appeals.consider(party, decision)

    def _registered(self, party: Party) -> None:
        if party.reached.registered is not None:
            self.model.reregistration.answered(party, registered=True)
            return
        today = self.model.today
        owes = self.model.rules_on(today).registration.branches_deadline
        party.become("provisional" if owes else "registered", today)
        party.reached.registered = today
        self.model.welcome(party)
