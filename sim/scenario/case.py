"""The facts of a case, read once: law, geography, parties, events, results, and what was fitted to them."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim import cases
from sim.actors import roster
from sim.actors.roster import PartyFacts
from sim.actors.settings import Pressure
from sim.law.timeline import Law, nearest
from sim.malpractice.state_resources import premium
from sim.process.settings import Shock
from sim.society import geography
from sim.society.geography import Geography
from sim.strict import InputError, Strict


class Reading(Strict):
    """One reading of the official totals: how much pressure on the count is assumed, and what was fitted under it.

    With these values the expected *official* result of the enacted scenario is the official one; readings differ in
    ``pressure``, which the totals cannot tell. The fit is described in docs/calibration.md.
    """

    pressure: float = Field(description="mean pressure of the akims on commissions, probits [assumed]")
    valence: dict[str, float] = Field(description="common appeal of each list, by party key; mean 0 [calibrated]")
    against_all: float = Field(description="constant of the utility of a vote against all [calibrated]")
    turnout: float = Field(description="constant of the log-odds of voting [calibrated]")
    orders: dict[str, float] = Field(
        description="logits of turnout above the least mobilised region, by region code [calibrated]"
    )


@dataclass(frozen=True)
class Fitted:
    """A reading in the order of the case's regions."""

    reading: Reading
    codes: tuple[str, ...]
    party_of_power: str
    ordered: frozenset[str]  # parties the administration orders into being

    @cached_property
    def orders(self) -> tuple[float, ...]:
        """Logits of turnout asked of each region, in the order of the geography."""
        return tuple(self.reading.orders[code] for code in self.codes)

    @cached_property
    def premium(self) -> float:
        """The regime premium of the party of power, in utility."""
        return premium(self.reading.valence, self.party_of_power, self.ordered)


@dataclass(frozen=True)
class Results:
    """Official list result of one election."""

    day: date
    known_on: date
    votes: Mapping[str, int]
    against_all: int
    turnout: float

    @property
    def shares(self) -> dict[str, float]:
        """Shares of the ballots that name an option, against all included."""
        total = sum(self.votes.values()) + self.against_all
        return {party: n / total for party, n in self.votes.items()}


@dataclass(frozen=True)
class Case:
    """A country's facts for one of its elections."""

    name: str
    day: date
    ordinal: int
    lists_close: date
    law: Law
    geography: Geography
    parties: tuple[PartyFacts, ...]
    shocks: tuple[Shock, ...]
    pressure: tuple[Pressure, ...]
    official: Results
    last_result: Mapping[str, float]
    readings: Mapping[str, Reading]  # by level of malpractice

    @property
    def official_turnout(self) -> NDArray[np.float64]:
        """Turnout by region (R,): the provisional figures of the day, scaled to the final national one."""
        provisional = np.array([region.turnout for region in self.geography.regions])
        register = self.geography.register
        return np.asarray(provisional * self.official.turnout * register.sum() / (register * provisional).sum())

    @property
    def ordered(self) -> frozenset[str]:
        """Parties on the administration's list."""
        return frozenset(facts.key for facts in self.parties if facts.sponsored)

    @property
    def party_of_power(self) -> str:
        return next(facts.key for facts in self.parties if facts.conduct == "party_of_power")


@cache
def load(name: str, election: str) -> Case:
    """The facts of a case that bear on one of its elections.

    Raises:
        InputError: no such case, or no such election in it.
    """
    if name not in cases.names():
        raise InputError(
            f'unknown case "{name}".{nearest(name, dict.fromkeys(cases.names()))} Cases: {", ".join(cases.names())}.'
        )
    folder, events = cases.folder(name), _toml(name, "events.toml")
    if election not in events["election"]:
        known = ", ".join(events["election"])
        raise InputError(
            f'unknown election "{election}" of {name}.{nearest(election, events["election"])} Known: {known}.'
        )
    facts = events["election"][election]
    day = date.fromisoformat(facts["day"])
    listed = roster.load(folder, day)
    return Case(
        name=name,
        day=day,
        ordinal=facts["ordinal"],
        lists_close=date.fromisoformat(facts["lists_close"]),
        law=Law.load(folder),
        geography=geography.load(folder),
        parties=listed,
        shocks=tuple(Shock.model_validate(entry) for entry in events["shock"]),
        pressure=tuple(Pressure.model_validate(entry) for entry in events["pressure"]),
        official=results(name)[election],
        last_result=_last_before(name, day, listed),
        readings={level: Reading.model_validate(entry) for level, entry in _toml(name, "fitted.toml").items()},
    )


@cache
def results(name: str) -> dict[str, Results]:
    """Official list results of a case by election."""
    with (cases.folder(name) / "elections.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    out = {}
    for election in dict.fromkeys(row["election"] for row in rows):
        own = [row for row in rows if row["election"] == election]
        single = {row["variable"]: row["value"] for row in own if not row["party"]}
        out[election] = Results(
            day=date.fromisoformat(own[0]["date"]),
            known_on=max(date.fromisoformat(row["known_on"]) for row in own),
            votes={row["party"]: int(row["value"]) for row in own if row["variable"] == "votes"},
            against_all=int(single.get("against_all", 0)),
            turnout=float(single["turnout_pct"]) / 100,
        )
    return out


def _last_before(name: str, day: date, known: Sequence[PartyFacts]) -> dict[str, float]:
    """List shares at the last election before a day, those of absorbed parties under their heir; {} without one."""
    earlier = [result for result in results(name).values() if result.day < day]
    if not earlier:
        return {}
    heir = {old: facts.key for facts in known for old in facts.absorbed}
    out: dict[str, float] = {}
    for party, share in max(earlier, key=lambda result: result.day).shares.items():
        out[heir.get(party, party)] = out.get(heir.get(party, party), 0.0) + share
    return out


@cache
def _toml(name: str, file: str) -> dict[str, Any]:
    return tomllib.loads((cases.folder(name) / file).read_text("utf-8"))
