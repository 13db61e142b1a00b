"""What a group does on its way: notice, congress in person, filing, and trying again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.actors.party import Party
from sim.kernels.counts import binomial
from sim.law.calendar import last_day
from sim.law.registration import Application, congress_grounds, regions_required
from sim.malpractice.detention import stopped_share

if TYPE_CHECKING:
    from sim.dated import DatedModel

WEEK = 7


class Founding:
    """The stage in which groups act, once a week, by the law of that day."""

    def __init__(self, model: DatedModel, until: date) -> None:
        self.model, self.settings, self.until = model, model.mechanism.founding, until
        assert self.settings.venue is not None
        self.distance = model.geography.distance(self.settings.venue)
        self.not_before: dict[str, date] = {}
        self.congresses: dict[str, int] = {}

    def week(self) -> None:
        """Every group on its way takes the next step it can take."""
        step = {
            "group": self._give_notice,
            "cooling": self._give_notice,
            "confirmed": self._gather,
            "congress_held": self._file,
        }
        today = self.model.today
        for party in self.model.parties.values():
            if not party.active:
                continue
            if party.sponsored:
                self.model.recruitment.deliver(party)
            if party.status in step and today >= self.not_before.get(party.key, date.min):
                step[party.status](party)

    def try_again(self) -> None:
        """Those whose two weeks are over today give notice again, without waiting for the weekly round."""
        for party in list(self.model.parties.values()):
            if party.status == "cooling" and self.not_before[party.key] == self.model.today:
                self._give_notice(party)

    def after_refusal(self, party: Party) -> None:
        """Try again in two weeks, or give up for good."""
        tried = len(party.decisions)
        if self.model.history.one(f"persist/{party.address}", of=tried) < party.character.persistence:
            party.become("cooling", self.model.today)
            self.not_before[party.key] = again = self.model.today + timedelta(days=self.settings.refile_days)
            if again <= self.until:
                self.model.schedule_event(self.try_again, at=self.model.day(again))
        else:
            party.become("lapsed", self.model.today)
            self.model.tell(f"{party.name} gives up after {tried} {'answer' if tried == 1 else 'answers'}")

    def _give_notice(self, party: Party) -> None:
        rules = self.model.rules_on(self.model.today)
        asked = self.model.mechanism.recruitment.margin * rules.registration.initiative_group
        if party.members.sum() < max(asked, rules.registration.organising_committee):
            return
        present = sum(n > 0 for n in self.model.by_law_region(party.members).values())
        if present >= regions_required(rules, self.model.law.regions_on(self.model.today)):
            self.model.registration.file(party, "notice")

    def _gather(self, party: Party) -> None:
        """Hold the congress once enough can be expected, or at the last minute; without the rule, decide at home."""
        rules = self.model.rules_on(self.model.today)
        if not rules.registration.congress_in_person:
            self._held(party, in_person=False)
            return
        quorum = rules.registration.initiative_group
        hopeful = self._attendance(party).sum() >= self.model.mechanism.recruitment.margin * quorum
        last_chance = party.congress_due is not None and self.model.today + timedelta(days=WEEK) > party.congress_due
        if party.congress_due is not None and self.model.today > party.congress_due:
            self.model.tell(f"{party.name} misses the deadline for its congress")
            self.after_refusal(party)
        elif hopeful or last_chance:
            self._congress(party)

    def _attendance(self, party: Party) -> NDArray[np.float64]:
        """Delegates to expect by region (R,) if nobody is stopped."""
        reach = self.settings.distance_km * (1 + self.model.recruitment.money(party))
        return np.asarray(self._invited(party) * self.settings.come * np.exp(-self.distance / reach))

    def _invited(self, party: Party) -> NDArray[np.int64]:
        """Members by region (R,) who are asked to come: everybody, where a congress costs nothing."""
        return party.members

    def _hall_refused(self, party: Party, number: int) -> bool:
        """Whether no hall is to be had for a congress: not within the years of one election."""
        return False

    def _congress(self, party: Party) -> None:
        """People set out, some are stopped, those who arrive are counted by region."""
        model = self.model
        number = self.congresses[party.key] = self.congresses.get(party.key, 0) + 1
        if self._hall_refused(party, number):
            self.not_before[party.key] = model.today + timedelta(days=self.settings.second_try_days)
            model.tell(f"{party.name} is refused a hall for its congress")
            return
        regions = len(party.members)
        travel, stop = (
            model.history.uniform(f"congress/{what}/{party.address}", regions, occasion=number)
            for what in ("come", "stop")
        )
        halted = stopped_share(model.mechanism.detention, model.practice.detention, party.character.loyalty, stop)
        if party.sponsored:  # those who were ordered come, and nobody is stopped
            delegates = party.members
        else:
            invited = self._invited(party)
            chance = self._attendance(party) / np.maximum(invited, 1) * (1 - halted)
            delegates = binomial(travel, invited, chance)
        application = Application(
            group=party.key,
            filed=model.today,
            delegates_by_region=model.by_law_region(delegates),
            confirmed=party.confirmed_on,
            congress=model.today,
        )
        grounds = congress_grounds(
            application, model.rules_on(model.today), model.law.regions_on(model.today), model.law.regions.names
        )
        if grounds:
            self.not_before[party.key] = model.today + timedelta(days=self.settings.second_try_days)
            model.tell(f"{party.name}: congress without quorum ({'; '.join(ground.message for ground in grounds)})")
        else:
            self._held(party, in_person=True, delegates=int(delegates.sum()))

    def _held(self, party: Party, *, in_person: bool, delegates: int = 0) -> None:
        party.become("congress_held", self.model.today)
        party.congress_on = self.model.today
        party.reached.congress = party.reached.congress or self.model.today
        party.filing_due = last_day(
            self.model.today, self.model.rules_on(self.model.today).registration.filing_deadline
        )
        how = f"with {delegates} delegates" if in_person else "without meeting in person"
        self.model.tell(f"{party.name} holds its founding congress {how}")

    def _file(self, party: Party) -> None:
        """File when the lists are long enough everywhere, or on the last day with what there is."""
        rules = self.model.rules_on(self.model.today).registration
        margin = self.model.mechanism.recruitment.margin
        regions = self.model.by_law_region(party.members)
        ready = (
            sum(regions.values()) >= margin * rules.members
            and min(regions.values()) >= margin * rules.members_per_region
        )
        last_chance = party.filing_due is not None and self.model.today + timedelta(days=WEEK) > party.filing_due
        if ready or last_chance:
            self.model.registration.file(party, "list")
