"""What a figure takes from a case: election days, names and tiles of its regions, and whether it is invented."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from sim import cases
from sim.figures.rows import Named, name_of
from sim.law.regions import Region, Regions
from sim.law.timeline import REGIONS_FILE
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.store import Results


class Tile(NamedTuple):
    """A region on the tile map: column from the west, row from the north, and its name on the day, broken to fit."""

    column: int
    row: int
    name: str
    city: bool


def asked(results: Results, scenario: str | Named) -> dict[str, object]:
    """The settings of a scenario as the store keeps them, at the first level asked for."""
    name = name_of(scenario)
    found: list[dict[str, object]] = [p["settings"] for p in results.planned if p["scenario"] == name]
    if not found:
        raise InputError(f'no scenario "{name}" in {results.folder}. (held: {", ".join(results.scenarios)})')
    return found[0]


def case_of(results: Results, scenario: str | Named) -> str:
    """The case a scenario is set in."""
    return str(asked(results, scenario)["case"])


def election_day(results: Results, scenario: str | Named) -> date:
    """The day on which a scenario's election is held."""
    return elections(case_of(results, scenario))[str(asked(results, scenario)["election"])]


def elections(case: str) -> dict[str, date]:
    """The elections of a case by name, in order of day."""
    events = tomllib.loads((cases.folder(case) / "events.toml").read_text("utf-8"))
    days = {name: date.fromisoformat(told["day"]) for name, told in events["election"].items()}
    return dict(sorted(days.items(), key=lambda item: item[1]))


def title(case: str) -> str:
    """What a case is called in a title."""
    return str(cases.about(case)["title"])


def fictional(case: str) -> bool:
    """Whether a case is invented, so that its regions may be named beside simulated manipulation."""
    return bool(cases.about(case)["fictional"])


def names(case: str, day: date) -> dict[str, str]:
    """Code to name of every region that exists on a day, as it was then called."""
    dated = Regions.load(cases.folder(case) / REGIONS_FILE)
    there = set(dated.on(day))
    return {unit.code: _name(unit, day) for unit in dated.units if unit.code in there}


def _name(unit: Region, day: date) -> str:
    """The name a region bore; the first of several, which is the English one."""
    return next((past.name for past in unit.former if past.since.first <= day <= past.until.last), unit.name)


def tiles(case: str, day: date) -> dict[str, Tile]:
    """The tile of every region that exists on a day. Raises InputError where the case has no map of tiles."""
    told = cases.about(case).get("tiles", {})
    if not told:
        raise InputError(f"the case {case} has no tiles (case.toml); its map cannot be drawn.")
    dated = Regions.load(cases.folder(case) / REGIONS_FILE)
    there = set(dated.on(day))
    found = {}
    for unit in dated.units:
        if unit.code in there and unit.code in told:
            column, row, *label = told[unit.code]
            name = _name(unit, day)
            shown = label[0] if label and name == unit.name else _broken(name)
            found[unit.code] = Tile(column, row, shown, unit.kind == "city")
    return found


def _broken(name: str) -> str:
    """A name of several words on as many lines, since a tile is narrow."""
    return "\n".join(name.split()) if len(name) > 11 else name
