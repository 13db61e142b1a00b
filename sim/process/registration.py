"""The registrar's queue: filings come in, clocks run in days, decisions go out with all their reasons."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sim.actors.party import Decision, Party
from sim.actors.registrar import UNEXPLAINED, Stage
from sim.law.calendar import Clock, last_day
from sim.law.registration import Application, Ground, list_grounds, notice_grounds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sim.dated import DatedModel


class Filing(NamedTuple):
    """Papers that wait for an answer."""

    due: date
    party: str
    stage: Stage
    filed: date


class Registration:
    """The stage between a group's filing and the registrar's answer."""

    def __init__(self, model: DatedModel) -> None:
        self.model, self.settings = model, model.mechanism.registrar
        self.queue: list[Filing] = []
        self.filings: dict[Stage, int] = {"notice": 0, "list": 0, "again": 0}

    def file(self, party: Party, stage: Stage) -> None:
        """Take in a notice or a list; the answer is due after the days that the law or practice allows."""
        today = self.model.today
        due = today + timedelta(days=self.notice_days(party)) if stage == "notice" else self._review_ends()
        self.filings[stage] += 1
        party.filed_names = party.members.copy()
        if stage == "notice":
            party.become("notice_review", today)
            party.reached.noticed = party.reached.noticed or today
        elif stage == "list":
            party.become("review", today)
            party.reached.filed = party.reached.filed or today
        self.wait(Filing(due, party.key, stage, today))

    def wait(self, filing: Filing) -> None:
        """Put papers into the queue until they are due."""
        self.queue.append(filing)
        self.model.schedule_event(self.answer, at=self.model.day(filing.due))

    def notice_days(self, party: Party) -> int:
        """Days in which a notice is answered."""
        return self.settings.notice_days

    def _review_ends(self) -> date:
        """The statutory review, whose clock stands still while the names are checked."""
        today = self.model.today
        clock = Clock(today, self.model.rules_on(today).registration.review_days).stop(today)
        checked = today + timedelta(days=self.settings.check_days)
        return clock.resume(checked).due or checked

    def answer(self) -> None:
        """Decide on everything that is due, in order of the day and the group's key."""
        due = sorted(filing for filing in self.queue if filing.due <= self.model.today)
        self.queue = [filing for filing in self.queue if filing.due > self.model.today]
        for filing in due:
            party = self.model.parties[filing.party]
            if not party.gone:  # it may have been banned, or have merged, while its papers lay there
                self._decide(party, filing)

    def _decide(self, party: Party, filing: Filing) -> None:
        registrar, today = self.model.registrar, self.model.today
        hostile = registrar.wants_refusal(
            party, filing.stage, today, self.model.practice.discretion, self.model.threat(party)
        )
        zeal = self.model.practice.audit_zeal if hostile else 0.0
        accepted = registrar.accepted(party, zeal, attempt=len(party.decisions))
        formal = self._grounds(party, filing, accepted)
        lenient = formal
        if zeal:  # on the law alone: the same names after an ordinary check
            lenient = self._grounds(party, filing, registrar.accepted(party, 0.0, attempt=len(party.decisions)))
        if hostile and not formal and self._left_open(party, filing):
            return
        grounds = formal or ((UNEXPLAINED,) if hostile else ())
        passed = "confirmed" if filing.stage == "notice" else "registered"
        decision = Decision(
            stage=filing.stage,
            filed=filing.filed,
            decided=today,
            accepted_names=int(accepted.sum()),
            outcome="refused" if grounds else passed,  # type: ignore[arg-type]
            grounds=grounds,
            discretionary=bool(grounds) and not lenient,
            struck=int(party.filed_names.sum() - accepted.sum()),
        )
        party.decisions.append(decision)
        self._carry_out(party, decision)

    def _left_open(self, party: Party, filing: Filing) -> bool:
        """Whether an application without a fault is left without an answer: not within the years of one election."""
        return False

    def _grounds(self, party: Party, filing: Filing, accepted: NDArray[np.int64]) -> tuple[Ground, ...]:
        """Every formal ground under the law of the day of filing."""
        model, day = self.model, filing.filed
        rules, regions, names = model.rules_on(day), model.law.regions_on(day), model.law.regions.names
        counted = model.by_law_region(accepted, day)
        application = Application(
            group=party.key,
            filed=day,
            members_by_region=counted,
            initiative_by_region=counted,
            organisers=int(party.filed_names.sum()),
            congress=party.congress_on if filing.stage != "again" else None,
            basis=party.basis,
        )
        check = notice_grounds if filing.stage == "notice" else list_grounds
        return check(application, rules, regions, names)

    def _carry_out(self, party: Party, decision: Decision) -> None:
        model, today = self.model, self.model.today
        if decision.outcome == "refused":
            said = "; ".join(decision.reasons[:2]) + (
                f"; and {len(decision.reasons) - 2} more" * (len(decision.reasons) > 2)
            )
            model.tell(f"the Ministry refuses {party.name} ({decision.stage}): {said}")
            self._refused(party, decision)
        elif decision.outcome == "confirmed":
            party.become("confirmed", today)
            party.confirmed_on = today
            party.reached.confirmed = party.reached.confirmed or today
            months = model.rules_on(today).registration.congress_deadline
            party.congress_due = last_day(today, months)
            model.tell(f"the Ministry confirms the notice of {party.name}")
        else:
            self._registered(party)
            model.tell(f"the Ministry registers {party.name} with {decision.accepted_names:,} names")

    def _refused(self, party: Party, decision: Decision) -> None:
        self.model.founding.after_refusal(party)

    def _registered(self, party: Party) -> None:
        party.become("registered", self.model.today)
        party.reached.registered = self.model.today
