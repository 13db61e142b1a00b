"""A run of the program, written down: what its institutions handed over, and what its voters then were and did.

The stages of the model are overheard (their methods wrapped on the instance); nothing in the program is replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import oracle

import sim
from sim.model import ElectionModel


class People(NamedTuple):
    """Columns of the electorate at one moment, as plain Python."""

    position: list[list[float]]
    grievance: list[float]
    knows: list[frozenset[str]]


class MonthSeen(NamedTuple):
    """One monthly round."""

    occasion: int
    day: date
    parties: tuple[oracle.Party, ...]  # when the round began
    people: People  # after opinion and awareness
    later: tuple[oracle.Party, ...]  # after the month's formation
    sympathy: dict[str, list[float]]  # by group, as the program had it after formation


class Second(NamedTuple):
    """A second round between two candidates, as announced or on paper."""

    district: int
    pair: tuple[str, ...]
    rows: list[int]
    came: list[bool]
    choice: list[int]


@dataclass
class Run:
    """Everything that an oracle needs to live through the same months, and what it is compared with."""

    model: ElectionModel  # finished; for its settings and facts, not for its voters
    born: list[oracle.Born]
    months: list[MonthSeen] = field(default_factory=list)
    neighbours: list[list[int]] = field(default_factory=list)
    lists: tuple[oracle.Party, ...] = ()
    before_campaign: People | None = None
    after_campaign: People | None = None
    believed: dict[str, float] = field(default_factory=dict)
    best: list[float] = field(default_factory=list)  # U of the best list that a voter knows
    inclined: list[float] = field(default_factory=list)  # to vote, logits
    candidates: list[list[oracle.Candidate]] = field(default_factory=list)
    turned_out: list[bool] = field(default_factory=list)
    choice: list[int] = field(default_factory=list)
    district_choice: list[int] = field(default_factory=list)
    second: list[Second] = field(default_factory=list)

    @property
    def facts(self) -> oracle.Facts:
        """What case and scenario fix."""
        m, reading = self.model, self.model.fitted.reading
        ours = m.power_key
        rivals = [v for j, v in reading.valence.items() if j != ours and j not in m.case.ordered]
        return oracle.Facts(
            register=tuple(int(n) for n in m.geography.register),
            orders=tuple(reading.orders[code] for code in m.geography.codes),
            turnout=reading.turnout,
            against_all=reading.against_all,
            premium=max(0.0, reading.valence[ours] - max(rivals)),
            last_result=m.case.last_result,
            ordinal=m.case.ordinal,
        )

    @property
    def ballot(self) -> oracle.Ballot:
        """The list ballot and its law."""
        rules = self.model.rules_on(self.model.case.day)
        return oracle.Ballot(
            self.lists, rules.ballot.against_all, rules.chamber.list_seats, float(rules.list.threshold)
        )

    @property
    def public_money(self) -> float:
        return float(self.model.rules_on(self.model.case.day).funding.campaign)

    def shock(self, month: int) -> float:
        """Grievance added in a month by shocks since the month before."""
        since = self.months[month - 1].day if month else self.model.start
        return sum(shock.grievance for shock in self.model.case.shocks if since < shock.day <= self.months[month].day)


def record(scenario: str, society: int = 1, history: int = 7, *, voters: int = 500, **changes: Any) -> Run:
    """Run a scenario and keep what happened."""
    spec = sim.load(scenario).vary("population.voters", voters)
    for path, value in changes.items():
        spec = spec.vary(path.replace("__", "."), value)
    model = ElectionModel(spec, society=society, history=history)
    run = Run(model, births(model))
    run.neighbours = model.electorate.ties.neighbours(range(voters)).tolist()
    overhear_months(model, run)
    overhear_election(model, run)
    model.run()
    return run


def births(model: ElectionModel) -> list[oracle.Born]:
    """The electorate before the first day."""
    e, now = model.electorate, people(model)
    return [
        oracle.Born(
            region=int(e.region[row]),
            cell=int(e.cell[row]),
            rural=not e.urban[row],
            dependent=bool(e.dependent[row]),
            weight=float(e.weight[row]),
            position=tuple(now.position[row]),
            grievance=now.grievance[row],
            belief=float(e.belief[row]),
            habit=float(e.habit[row]),
            district=int(e.district[row]),
            knows=now.knows[row],
        )
        for row in range(len(e))
    ]


def people(model: ElectionModel) -> People:
    """What voters are now."""
    e, masks = model.electorate, model.electorate.aware.tolist()
    here = [party for party in model.parties.values() if party.slot >= 0 and party.status not in ("lapsed", "ended")]
    places = [(party.address, party.slot) for party in here]
    knows = [frozenset(address for address, place in places if mask >> place & 1) for mask in masks]
    return People(e.position.tolist(), e.grievance.tolist(), knows)


def parties(model: ElectionModel) -> tuple[oracle.Party, ...]:
    """What voters meet of all parties now."""
    return tuple(map(party, model.parties.values()))


def party(one: Any) -> oracle.Party:
    gone = one.status in ("lapsed", "ended")
    return oracle.Party(
        address=one.address,
        position=tuple(float(x) for x in one.position),
        valence=float(one.valence),
        in_power=one.in_power,
        loyal=not one.autonomous("broad"),
        registered=one.registered and not one.parties,  # a bloc is no rival beside the parties that run it
        talked_of=one.registered or (one.reached.noticed is not None and not gone),
        members=tuple(int(n) for n in one.members),
        parties=tuple(one.parties),
    )


def overhear(stage: Any, name: str, before: Callable[..., Any] | None, after: Callable[..., Any] | None) -> None:
    """Call ``before`` and ``after`` around a method of one object with its arguments, ``after`` with its result too."""
    method = getattr(stage, name)

    def heard(*args: Any, **kwargs: Any) -> Any:
        if before is not None:
            before(*args, **kwargs)
        result = method(*args, **kwargs)
        if after is not None:
            after(result, *args, **kwargs)
        return result

    setattr(stage, name, heard)


def overhear_months(model: ElectionModel, run: Run) -> None:
    """Keep every monthly round."""
    now: dict[str, Any] = {}

    def began(occasion: int) -> None:
        now.update(parties=parties(model), sympathy={})

    def moved(_: Any, occasion: int) -> None:
        now["people"] = people(model)

    def formed(_: Any, occasion: int) -> None:
        now["later"] = parties(model)

    def liked(result: Any, groups: Any) -> None:
        now["sympathy"] |= {group.address: row.tolist() for group, row in zip(groups, result, strict=True)}

    def recruited(_: Any, groups: Any, sympathies: Any, occasion: int) -> None:
        run.months.append(MonthSeen(occasion, model.today, **now))

    overhear(model.opinion, "month", began, moved)
    overhear(model.formation, "month", None, formed)
    overhear(model.voting, "sympathy", None, liked)
    overhear(model.recruitment, "month", None, recruited)


def overhear_election(model: ElectionModel, run: Run) -> None:
    """Keep the campaign, the ballots and the marks."""

    def called(lists: Any) -> None:
        run.before_campaign = people(model)
        run.lists = tuple(map(party, lists))

    def campaigned(_: Any, lists: Any) -> None:
        run.after_campaign = people(model)

    def filled(*_: Any, **__: Any) -> None:
        run.candidates = [
            [candidate(model, district, one) for one in standing]
            for district, standing in enumerate(model.nomination.candidates)
        ]

    def believed(wishes: Any, *_: Any, **__: Any) -> None:
        run.believed = dict(zip(wishes.options, wishes.believed.tolist(), strict=True))
        run.best, run.inclined = wishes.best.tolist(), wishes.inclined.tolist()

    def voted(*_: Any, **__: Any) -> None:
        e = model.electorate
        run.turned_out, run.choice = e.turned_out.tolist(), e.choice.tolist()
        run.district_choice = e.district_choice.tolist()

    def met(result: Any, district: int, standing: Any) -> None:
        rows, came, choice = result
        keys = tuple(one.key for one in standing)
        run.second.append(Second(district, keys, rows.tolist(), came.tolist(), choice.tolist()))

    overhear(model.opinion, "campaign", called, campaigned)
    overhear(model.voting, "preferences", None, believed)
    overhear(model.nomination, "fill_districts", None, filled)
    overhear(model.voting, "cast", None, voted)
    if model.two_rounds:
        overhear(model.voting, "second_round", None, met)


def candidate(model: ElectionModel, district: int, one: Any) -> oracle.Candidate:
    """A candidacy as it was drawn: an appeal of its own and, without a party, a voter's position."""
    s, history, occasion = model.mechanism.candidates, model.history.seed, model.case.ordinal
    if one.against_all:
        return oracle.Candidate(one.key, None, None, 0.0)
    quality = s.quality_spread * oracle.normal(history, f"quality/{one.key}", occasion, 0)
    if one.party is not None:
        return oracle.Candidate(one.key, one.party.address, None, quality)
    number = int(one.key.rsplit("_", 1)[1]) - 1
    e = model.electorate
    local = [row for row in range(len(e)) if e.district[row] == district]
    home = int(oracle.uniform(52, history, f"self-nominated/home/{district}", occasion, number) * len(e)) % len(local)
    return oracle.Candidate(one.key, None, tuple(e.position[local[home]].tolist()), s.independent_base + quality)
