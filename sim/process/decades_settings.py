"""The settings of a run of decades, apart from its stages, so that a scenario is checked without importing Mesa."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from sim.actors.settings import Pressure
from sim.law.rules import Overrides
from sim.malpractice.party_policy import PartyPractice, PolicySettings
from sim.malpractice.practice import Practice
from sim.process.competition_settings import Rule
from sim.strict import Share, Strict, setting


def _day(value: object) -> object:
    """A day, also where it was written in quotes."""
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("write a day, such as 2026-07-01") from None


Day = Annotated[date, BeforeValidator(_day)]


class ArrivalSettings(Strict):
    """Where parties come from over decades: founders, factions of the elite, and parties that others drop."""

    hope: float = setting(
        1.0, "assumed", "power of the believed chance of registration in who tries; 0: nobody looks at chances", ge=0
    )
    memory: float = setting(4.0, "assumed", "years for which earlier answers count", unit="years", gt=0)
    doubted: float = setting(2.0, "assumed", "answers, half of them good, that nobody needs to be told", ge=0.1)
    tenacity: float = setting(
        3.0, "assumed", "power that turns the determination of those who try into the chance of trying again", gt=0
    )
    splits: float = setting(
        1.5, "prototype", "factions of the elite that found a party, where there is money", unit="a year", ge=0
    )
    faction_loyalty: float = setting(0.6, "assumed", "mean loyalty of a faction that breaks away, logits")
    faction_loyalty_spread: float = setting(1.5, "assumed", "its spread, logits", ge=0)
    faction_money: float = setting(3.0, "assumed", "median money of a faction, of a founder's", gt=0)
    faction_members: int = setting(2_000, "assumed", "members who come with a faction", unit="persons", ge=0)
    faction_valence: float = setting(0.3, "assumed", "appeal of its leader above that of a founder")
    barred: Share = setting(0.04, "assumed", "founders who want an ethnic, religious or gender party")


class SpreadSettings(Strict):
    """How recruiting spreads over space and along ties, beside sympathy, money and fear."""

    home_km: float = setting(
        600, "assumed", "kilometres from home over which a party's effort falls by e, without money", gt=0
    )
    bring: float = setting(0.02, "assumed", "names that a member brings a month from among friends", ge=0)


class CongressSettings(Strict):
    """What stands between a group and its hall."""

    patience: int = setting(
        18,
        "assumed",
        "months for which a group gathers names before its notice, so as to meet the terms that then run",
        unit="months",
        ge=0,
    )
    purse: float = setting(
        1.5e6, "assumed", "delegate-kilometres that a unit of money pays", unit="person-kilometres", gt=0
    )
    hall_refused: Share = setting(0.3, "assumed", "chance that a wholly disloyal group's hall is refused")


class BranchSettings(Strict):
    """How a new party opens its branches."""

    opened: Share = setting(0.7, "assumed", "chance a month that a branch is opened where there are members enough")
    reach_km: float = setting(1500, "assumed", "kilometres over which that chance falls by e, without money", gt=0)


class QueueSettings(Strict):
    """How the Ministry treats its queue beyond the clocks of the law."""

    unanswered: Share = setting(
        0.5, "assumed", "hostile reviews of a list without a formal fault that are left open, not refused"
    )
    again_days: int = setting(180, "assumed", "days until an open application is looked at again", unit="days", ge=1)
    fast_notice_days: int = setting(2, "assumed", "answer to the notice of a party that was ordered", unit="days", ge=1)


class AppealSettings(Strict):
    """What a refused group does in court."""

    sue: Share = setting(0.6, "sourced", "12 complaints after 20 refusals of one group, 2022-23 (RFE/RL)")
    win: Share = setting(1 / 30, "sourced", "none of 14 known complaints won, 2006 and 2022-23; (0 + 1/2) / (14 + 1)")
    days: int = setting(60, "sourced", "20 February to 20 April 2006: Alga before the city court", unit="days", ge=1)


class ReregistrationSettings(Strict):
    """Who files again when the law changes."""

    hopeless: Share = setting(
        0.5, "assumed", "share of the members asked below which a party does not try: six of eight did not in 2002-03"
    )
    fill: float = setting(1.0, "prototype", "factor on the members that parties had in July 2002", gt=0)


class ConductSettings(Strict):
    """How parties behave between and at elections."""

    rules: tuple[Rule, ...] = setting(
        ("sticker", "aggregator", "hunter", "predator"), "prototype", "rules of movement, one drawn for each party"
    )
    round: int = setting(4, "assumed", "from one move of the parties to the next", unit="months", ge=1)
    step: float = setting(0.1, "prototype", "length of a move, in standard deviations of opinion", ge=0)
    polled: int = setting(2_000, "assumed", "voters whom the polls that parties read ask", unit="voters", ge=100)
    distance_kept: float = setting(
        0.5, "assumed", "a satellite stays this far from the party of power, in standard deviations", ge=0
    )
    persistence: Share = setting(0.9, "prototype", "valence kept from one election to the next")
    drift: float = setting(
        0.5, "assumed", "spread of a term's news about a party, in valence; that of half the vote in free competition"
    )
    leader_lost: Share = setting(0.03, "assumed", "chance a year that a party loses its leader")
    leader_worth: float = setting(0.5, "assumed", "spread of what a leader was worth, in valence", ge=0)
    renamed: Share = setting(0.5, "assumed", "chance that a party which loses its leader takes a new name")
    memory: Share = setting(0.7, "prototype", "weight of the past in a party's smoothed share of votes")
    fades_below: Share = setting(0.005, "assumed", "smoothed share below which a party without a patron fades")
    fading: Share = setting(0.5, "assumed", "chance at each election that it then closes")
    disheartened: Share = setting(0.05, "assumed", "members who leave a group after a refusal")
    boycott: Share = setting(0.3, "assumed", "chance that a wholly disloyal list without hope of a seat boycotts")
    seat_refused: Share = setting(0.5, "assumed", "chance that a wholly disloyal list refuses a single seat or two")
    endorsement: Share = setting(0.5, "assumed", "chance that a banned movement recommends a list at an election")
    toxic: float = setting(0.5, "assumed", "valence lost by a list that is recommended so", ge=0)
    toxic_loyalty: float = setting(1.5, "assumed", "loyalty lost in the registrar's eyes by that list, logits", ge=0)
    allies_within: float = setting(
        1.0, "assumed", "parties further apart than this run no common list, in standard deviations", ge=0
    )


class Amendment(Strict):
    """A change of law or practice that a scenario schedules."""

    on: Day = Field(description="the day from which it holds")
    law: Overrides = Field(Overrides(), description="rules that it changes; the others stay")
    practice: dict[str, Share] = Field({}, description="strengths of practices that it changes, by name")
    parties: dict[str, Share] = Field({}, description="strengths of practices of the party policy that it changes")

    @model_validator(mode="after")
    def _known(self) -> Self:
        import difflib

        for name, kind in (("practice", Practice), ("parties", PartyPractice)):
            for key in getattr(self, name):
                if key not in kind.model_fields:
                    near = difflib.get_close_matches(key, kind.model_fields, n=1)
                    advice = f' Did you mean "{near[0]}"?' if near else ""
                    raise ValueError(f'unknown practice "{key}".{advice} (known: {", ".join(kind.model_fields)})')
        return self


class Decades(Strict):
    """A run over many elections in which parties are born, registered, refused, merged, split and banned.

    Up to ``given_until`` parties enter and leave as on record; from then on only law, shocks and the calendar are.
    """

    since: Day = setting(date(1999, 1, 1), "assumed", "first day")
    until: Day = setting(date(2026, 6, 30), "assumed", "last day")
    given_until: Day = setting(
        date(2002, 7, 15), "sourced", "until then parties are those on record: the law that asked all to register again"
    )
    cutoff: Day = setting(
        date(2016, 12, 31), "assumed", "fits of later elections are not used; the newest earlier one stands for them"
    )
    pressure: tuple[Pressure, ...] | None = Field(
        None, description="pressure to register by day, instead of the case's own"
    )
    elite: tuple[Pressure, ...] = setting(
        (Pressure(since=date(1996, 1, 1), value=1.0), Pressure(since=date(2007, 2, 1), value=0.35)),
        "prototype",
        "money of the elite outside the party of power by day, of that before 2007",
    )
    counted_from: Day | None = Field(
        None,
        description="day from which groups and answers count in the measures; given_until if left out",
    )
    practice: PartyPractice = PartyPractice()
    policy: PolicySettings = PolicySettings()
    arrivals: ArrivalSettings = ArrivalSettings()
    spread: SpreadSettings = SpreadSettings()
    congress: CongressSettings = CongressSettings()
    queue: QueueSettings = QueueSettings()
    branches: BranchSettings = BranchSettings()
    appeals: AppealSettings = AppealSettings()
    reregistration: ReregistrationSettings = ReregistrationSettings()
    conduct: ConductSettings = ConductSettings()
    amendment: tuple[Amendment, ...] = Field(
        (), description="what changes during the run; each under [[decades.amendment]]"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.since < self.until:
            raise ValueError(f"since = {self.since} must be before until = {self.until}")
        for change in self.amendment:
            if not self.since <= change.on <= self.until:
                raise ValueError(f"amendment on {change.on}: the run lasts from {self.since} to {self.until}")
        return self


def at(steps: tuple[Pressure, ...], day: date) -> float:
    """The value of a dated series on a day; 0 before its first entry."""
    known: list[Any] = [entry.value for entry in sorted(steps, key=lambda entry: entry.since) if entry.since <= day]
    return float(known[-1]) if known else 0.0
