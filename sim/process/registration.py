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

    from sim.model import ElectionModel


class Filing(NamedTuple):
    """Papers that wait for an answer."""

    due: date
    party: str
    stage: Stage
    filed: date


class Registration:
    """The stage between a group's filing and the registrar's answer."""

    def __init__(self, model: ElectionModel) -> None:
        self.model, self.settings = model, model.mechanism.registrar
        self.queue: list[Filing] = []
        self.filings = {"notice": 0, "list": 0}

    def file(self, party: Party, stage: Stage) -> None:
        """Take in a notice or a list; the answer is due after the days that the law or practice allows."""
        today = self.model.today
        due = today + timedelta(days=self.settings.notice_days) if stage == "notice" else self._review_ends()
        self.queue.append(Filing(due, party.key, stage, today))
        self.filings[stage] += 1
        party.filed_names = party.members.copy()
        party.status = "notice_review" if stage == "notice" else "review"
        if stage == "notice":
            party.reached.noticed = party.reached.noticed or today
        else:
            party.reached.filed = party.reached.filed or today
        self.model.schedule_event(self.answer, at=self.model.day(due))

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
            self._decide(self.model.parties[filing.party], filing)

    def _decide(self, party: Party, filing: Filing) -> None:
        registrar, today = self.model.registrar, self.model.today
        hostile = registrar.wants_refusal(party, filing.stage, today)
        zeal = self.model.spec.practice.audit_zeal if hostile else 0.0
        accepted = registrar.accepted(party, zeal, attempt=len(party.decisions))
        formal = self._grounds(party, filing, accepted)
        lenient = formal
        if zeal:  # on the law alone: the same names after an ordinary check
            lenient = self._grounds(party, filing, registrar.accepted(party, 0.0, attempt=len(party.decisions)))
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
        )
        party.decisions.append(decision)
        self._carry_out(party, decision)

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
            congress=party.congress_on,
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
            model.founding.after_refusal(party)
        elif decision.outcome == "confirmed":
            party.status, party.confirmed_on = "confirmed", today
            party.reached.confirmed = party.reached.confirmed or today
            months = model.rules_on(today).registration.congress_deadline
            party.congress_due = last_day(today, months)
            model.tell(f"the Ministry confirms the notice of {party.name}")
        else:
            party.status = "registered"
            party.reached.registered = today
            model.tell(f"the Ministry registers {party.name} with {decision.accepted_names:,} names")
