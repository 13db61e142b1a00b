"""What a case says of its parties and groups: names, behaviour codes, positions; no agents."""

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


@dataclass(frozen=True)
class PartyFacts:
    """What the case file says of a party or group."""

    key: str
    name: str
    conduct: str
    position: tuple[float, ...]  # on AXES, from platform words [assumed scale]
    registered: date | None
    formed: date | None
    sponsored: bool
    aliases: tuple[str, ...] = ()
    absorbed: tuple[str, ...] = ()  # parties merged into it since the last election


@cache
def load(folder: Path, on: date) -> tuple[PartyFacts, ...]:
    """The parties and groups of a case as they stood on a day, in the order of the file (order of registration)."""
    content = tomllib.loads((folder / "parties.toml").read_text("utf-8"))
    return tuple(_facts(entry, content["scale"], on) for entry in content["party"])


def _facts(entry: dict[str, Any], scale: dict[str, dict[str, float]], on: date) -> PartyFacts:
    def day(name: str) -> date | None:
        return Period.read(entry[name]).midpoint if name in entry else None

    coded = [item for item in entry["conduct"] if Period.read(item["since"]).first <= on]
    return PartyFacts(
        key=entry["key"],
        name=entry["name"],
        conduct=(coded or entry["conduct"])[-1 if coded else 0]["class"],
        position=tuple(scale[axis][entry[axis]] for axis in AXES),
        registered=day("registered"),
        formed=day("formed"),
        sponsored=entry.get("sponsored", False),
        aliases=tuple(entry.get("aliases", ())),
        absorbed=tuple(entry.get("absorbed", ())),
    )
