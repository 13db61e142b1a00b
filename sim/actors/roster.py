"""What a case says of its parties and groups: names, behaviour codes, positions, lives; no agents."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sim.law.parameter import Period
from sim.society.settings import AXES

Conduct = Literal["party_of_power", "pro_regime", "soft_opposition", "hard_opposition", "unknown", "independent"]
"""Behaviour class, coded from what a group did; the newest coding on a day counts."""

AUTONOMOUS: dict[str, frozenset[str]] = {
    "strict": frozenset({"hard_opposition"}),
    "middle": frozenset({"hard_opposition", "soft_opposition"}),
    "broad": frozenset({"hard_opposition", "soft_opposition", "unknown", "independent"}),
}
"""Three codings of "autonomous of the regime", from the narrowest to the widest."""

DISLOYAL = AUTONOMOUS["middle"]

CENTRE = {  # loyalty that a behaviour class stands for: the middle of its third [assumed]
    "hard_opposition": 1 / 6,
    "soft_opposition": 1 / 2,
    "unknown": 1 / 2,
    "pro_regime": 5 / 6,
    "party_of_power": 0.97,
}


def in_words(conduct: str) -> str:
    """A behaviour class as a chronicle has it."""
    return conduct.replace("pro_regime", "pro-regime").replace("_", " ")


@dataclass(frozen=True)
class PartyFacts:
    """What the case file says of a party or group, as on one day."""

    key: str
    name: str
    conduct: str
    position: tuple[float, ...]  # on AXES, from platform words [assumed scale]
    registered: date | None
    formed: date | None
    sponsored: bool
    aliases: tuple[str, ...] = ()
    ended: date | None = None
    into: str | None = None  # party that took it over, None where it was dissolved


@dataclass(frozen=True)
class Bloc:
    """Parties that run one list where the law allows it."""

    key: str
    name: str
    parties: tuple[str, ...]
    conduct: str


@cache
def load(folder: Path, on: date) -> tuple[PartyFacts, ...]:
    """The parties and groups of a case as they stood on a day, in the order of the file (order of registration)."""
    content = tomllib.loads((folder / "parties.toml").read_text("utf-8"))
    return tuple(_facts(entry, content["scale"], on) for entry in content["party"])


def _facts(entry: dict[str, Any], scale: dict[str, dict[str, float]], on: date) -> PartyFacts:
    def day(name: str) -> date | None:
        return Period.read(entry[name]).midpoint if name in entry else None

    coded = [item for item in entry["conduct"] if Period.read(item["since"]).first <= on]
    former = [item["name"] for item in entry.get("names", ()) if Period.read(item["until"]).midpoint > on]
    return PartyFacts(
        key=entry["key"],
        name=former[0] if former else entry["name"],
        conduct=(coded or entry["conduct"])[-1 if coded else 0]["class"],
        position=tuple(scale[axis][entry[axis]] for axis in AXES),
        registered=day("registered"),
        formed=day("formed"),
        sponsored=entry.get("sponsored", False),
        aliases=(entry["name"], *entry.get("aliases", ())),
        ended=day("ended"),
        into=entry.get("into"),
    )


def heirs(known: tuple[PartyFacts, ...], on: date) -> dict[str, str]:
    """For each party that was taken over before a day, the one that stands for it then."""
    into = {facts.key: facts.into for facts in known if facts.into and facts.ended and facts.ended <= on}

    def last(key: str) -> str:
        return last(into[key]) if key in into else key

    return {key: last(key) for key in into}
