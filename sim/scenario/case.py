"""The facts of a case, read once: law, geography, parties, events, results, and what was fitted to them."""

from __future__ import annotations

import csv
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim import cases
from sim.actors import roster
from sim.actors.roster import Bloc, PartyFacts
from sim.actors.settings import Pressure
from sim.law.rules import Rules
from sim.law.timeline import Law, nearest
from sim.malpractice.state_resources import premium
from sim.process.settings import Shock
from sim.society import geography
from sim.society.geography import Geography
from sim.strict import InputError, Strict

if TYPE_CHECKING:
    from sim.scenario.schema import Mechanism, Scenario

ROUND_TWO = timedelta(days=14)  # as in 1999 and 2004, for a law that brings a runoff to another election [assumed]
MOST_STRETCHED = 50.0  # far beyond any pattern of turnout that was ever published


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
    register: int | None

    @property
    def shares(self) -> dict[str, float]:
        """Shares of the ballots that name an option, against all included."""
        total = sum(self.votes.values()) + self.against_all
        return {party: n / total for party, n in self.votes.items()}


@dataclass(frozen=True)
class Own:
    """Figures of one election that settings take where a scenario leaves them to the case."""

    stations: int
    invalid: float
    observers: float
    venue: str
    self_nominated: float  # in the whole country

    def fill(self, mechanism: Mechanism, districts: int) -> Mechanism:
        """The mechanisms with these figures wherever a setting was left to the case.

        Self-nominated candidates are as many in all, however many districts they are spread over [assumed].
        """
        left: dict[str, dict[str, object]] = {
            "stations": {"count": self.stations},
            "count": {"invalid": self.invalid},
            "observers": {"share": self.observers},
            "founding": {"venue": self.venue},
            "candidates": {"per_district": self.self_nominated / max(districts, 1)},
        }
        filled = {}
        for name, own in left.items():
            part = getattr(mechanism, name)
            filled[name] = part.model_copy(update={key: x for key, x in own.items() if getattr(part, key) is None})
        return mechanism.model_copy(update=filled)


@dataclass(frozen=True)
class Case:
    """A country's facts for one of its elections."""

    name: str
    title: str
    fictional: bool
    election: str
    day: date
    ordinal: int
    lists_close: date
    round_two: date
    law: Law
    geography: Geography
    parties: tuple[PartyFacts, ...]
    blocs: tuple[Bloc, ...]
    absent: Mapping[str, str]  # registered parties without a list of their own, and why
    shocks: tuple[Shock, ...]
    pressure: tuple[Pressure, ...]
    official: Results
    official_turnout: NDArray[np.float64]  # (R,)
    last_result: Mapping[str, float]
    readings: Mapping[str, Reading]  # by level of malpractice
    own: Own
    unmobilised: str

    @property
    def ordered(self) -> frozenset[str]:
        """Parties on the administration's list."""
        return frozenset(facts.key for facts in self.parties if facts.sponsored)

    @property
    def party_of_power(self) -> str:
        """The one that governs on election day: an earlier one may have merged into it."""
        lives = (facts for facts in self.parties if not facts.ended or facts.ended > self.day)
        return next(facts.key for facts in lives if facts.conduct == "party_of_power")

    def law_on(self, day: date, scenario: Scenario) -> Rules:
        """The law that a scenario gives a day: that of its ``law_day`` if it names one, with its amendments.

        Raises:
            InputError: the amended law contradicts itself.
        """
        return self.law.on(scenario.law_day or day, scenario.law)

    def mechanism(self, scenario: Scenario) -> Mechanism:
        """A scenario's mechanisms with the case's own figures wherever a setting was left to it."""
        return self.own.fill(scenario.mechanism, self.law_on(self.day, scenario).chamber.district_seats)

    def valence(self, reading: Reading, key: str) -> float | None:
        """The common appeal of a list under a reading; None for one that no result tells of.

        A member of a bloc that stands alone has the bloc's less ln(members): together they would do as well [assumed].
        """
        for bloc in self.blocs:
            if key in bloc.parties and bloc.key in reading.valence and key not in reading.valence:
                return reading.valence[bloc.key] - math.log(len(bloc.parties))
        return reading.valence.get(key)


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
    folder, events, about = cases.folder(name), _toml(name, "events.toml"), cases.about(name)
    if election not in events["election"]:
        known = ", ".join(events["election"])
        raise InputError(
            f'unknown election "{election}" of {name}.{nearest(election, events["election"])} Known: {known}.'
        )
    facts = events["election"][election]
    day = date.fromisoformat(facts["day"])
    law, listed, official = Law.load(folder), roster.load(folder, day), results(name)[election]
    blocs = tuple(
        Bloc(entry["key"], entry["name"], tuple(entry["parties"]), entry["conduct"]) for entry in facts.get("bloc", ())
    )
    today = geography.load(folder)
    then = today if "lowest_turnout" not in facts else _of_the_day(today, law, day, official)
    return Case(
        name=name,
        title=about["title"],
        fictional=about["fictional"],
        election=election,
        day=day,
        ordinal=facts["ordinal"],
        lists_close=date.fromisoformat(facts["lists_close"]),
        round_two=date.fromisoformat(facts["round_two"]) if "round_two" in facts else day + ROUND_TWO,
        law=law,
        geography=then,
        parties=listed,
        blocs=blocs,
        absent=facts.get("absent", {}),
        shocks=tuple(Shock.model_validate(entry) for entry in events.get("shock", ())),
        pressure=tuple(Pressure.model_validate(entry) for entry in events.get("pressure", ())),
        official=official,
        official_turnout=_turnout(then, official, about["unmobilised"], facts.get("lowest_turnout")),
        last_result=_last_before(name, day, listed),
        readings={
            level: Reading.model_validate({key: part for key, part in entry.items() if key != "fit"})
            for level, entry in _toml(name, "fitted.toml").get(election, {}).items()
        },
        own=Own(
            stations=facts["stations"],
            invalid=facts["invalid"],
            observers=facts["observers"],
            venue=about["venue"],
            self_nominated=facts["self_nominated"],
        ),
        unmobilised=about["unmobilised"],
    )


def ground(name: str) -> Geography:
    """The case's regions of today with their voters."""
    return geography.load(cases.folder(name))


def elections(name: str) -> tuple[str, ...]:
    """The elections of a case that can be simulated, in the order of its file."""
    return tuple(_toml(name, "events.toml")["election"])


def fitted_elections(name: str) -> tuple[str, ...]:
    """The elections of a case whose official totals were fitted."""
    return tuple(_toml(name, "fitted.toml"))


def _of_the_day(today: Geography, law: Law, day: date, official: Results) -> Geography:
    """Today's ground on the map of a day, with the register of its election."""
    register = official.register or int(today.register.sum())
    return geography.on_map(today, lambda code: law.regions.on_map_of(code, day), register)


def _turnout(there: Geography, official: Results, city: str, lowest: float | None) -> NDArray[np.float64]:
    """Turnout by region (R,) whose mean over voters is the official one.

    Where the day's figures by region are known (``lowest`` None) they are scaled. Else the pattern of the known
    election is stretched, in logits, away from the turnout ``lowest`` of the unmobilised city [assumed].
    """
    known, register = np.array([region.turnout for region in there.regions]), there.register
    if lowest is None:
        return np.asarray(known * official.turnout * register.sum() / (register * known).sum())
    logits = np.log(known / (1 - known))
    away = logits - logits[there.index(city)]

    def stretched(factor: float) -> NDArray[np.float64]:
        return np.asarray(1 / (1 + np.exp(-(math.log(lowest / (1 - lowest)) + factor * away))))

    low, high = 0.0, MOST_STRETCHED
    for _ in range(60):
        middle = (low + high) / 2
        short = np.average(stretched(middle), weights=register) < official.turnout
        low, high = (middle, high) if short else (low, middle)
    return stretched(low)


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
            register=int(single["register"]) if "register" in single else None,
        )
    return out


def _last_before(name: str, day: date, known: tuple[PartyFacts, ...]) -> dict[str, float]:
    """List shares at the last election before a day; {} without one.

    Shares of parties taken over since stand under their heir, a bloc's are parted equally among its members [assumed].
    """
    earlier = {election: result for election, result in results(name).items() if result.day < day}
    if not earlier:
        return {}
    election = max(earlier, key=lambda one: earlier[one].day)
    members = {
        bloc["key"]: bloc["parties"]
        for bloc in _toml(name, "events.toml")["election"].get(election, {}).get("bloc", ())
    }
    heir = roster.heirs(known, day)
    out: dict[str, float] = {}
    for option, share in earlier[election].shares.items():
        for party in members.get(option, [option]):
            key = heir.get(party, party)
            out[key] = out.get(key, 0.0) + share / len(members.get(option, [option]))
    return out


@cache
def _toml(name: str, file: str) -> dict[str, Any]:
    return tomllib.loads((cases.folder(name) / file).read_text("utf-8"))
