"""What a scenario's settings come to: the law of its day, the case's own figures, and what it changes of another."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel

from sim.law.rules import SECTIONS
from sim.scenario import case as cases
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

LABELS = frozenset(("name", "title"))
"""What a scenario is called, which is no setting of its world."""


EACH_DAY = "of each day"
"""What stands for the value of a rule that a run of decades leaves to the law of each day."""

_SCHEDULED = "decades.amendment"


class Change(NamedTuple):
    """A setting by its dotted key, with its value in one scenario and in another."""

    setting: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.setting} {said(self.before)} -> {said(self.after)}"


@dataclass(frozen=True)
class Settings:
    """Every setting of a scenario by dotted key, with the value that its election day goes by.

    ``left`` are those that the scenario leaves to its case. Values are plain: shares of the law are exact fractions,
    lists are tuples.
    """

    values: Mapping[str, Any]
    left: frozenset[str] = frozenset()

    @property
    def facts(self) -> tuple[Any, Any]:
        """The case and the election whose facts it rests on."""
        return self.values.get("case"), self.values.get("election")


def resolved(scenario: Scenario) -> Settings:
    """The settings of a scenario with the law and the figures that hold on its election day.

    Rules of law that the scenario does not amend are those of the election's day, or of ``law_day``; what is left to
    the case has the case's figure. A run of decades has no such day: rules that it leaves alone have no value of
    their own (EACH_DAY) unless ``law_day`` gives one. Raises InputError where the scenario cannot be run.
    """
    if scenario.decades is not None:
        return _over_decades(scenario)
    case = cases.load(scenario.case, scenario.election)
    own = {name: value for name, value in _flat(dict(scenario)) if not name.startswith("law.")}
    filled = dict(_flat(dict(case.mechanism(scenario)), "mechanism"))
    rules = case.law_on(case.day, scenario)
    law = dict(_flat({section: getattr(rules, section) for section in SECTIONS}, "law"))
    left = frozenset(name for name, value in filled.items() if value is not None and own.get(name) is None)
    return Settings(own | filled | law, left)


def _over_decades(scenario: Scenario) -> Settings:
    """The settings of a run of decades, with what is scheduled by its day."""
    from sim.scenario.checks import elections_within

    assert scenario.decades is not None
    case = elections_within(scenario)[0]
    own = {name: value for name, value in _flat(dict(scenario)) if not name.startswith(("law.", _SCHEDULED))}
    for change in scenario.decades.amendment:
        own |= {f"{_SCHEDULED}.{change.on}.law.{name}": value for name, value in change.law.given.items()}
        own |= {f"{_SCHEDULED}.{change.on}.practice.{name}": value for name, value in change.practice.items()}
        own |= {f"{_SCHEDULED}.{change.on}.parties.{name}": value for name, value in change.parties.items()}
    filled = dict(_flat(dict(case.mechanism(scenario)), "mechanism"))
    rules = case.law_on(scenario.law_day or case.day, scenario)
    law = dict(_flat({section: getattr(rules, section) for section in SECTIONS}, "law"))
    if scenario.law_day is None:
        given = {f"law.{name}" for name in scenario.law.given}
        law = {name: value if name in given else EACH_DAY for name, value in law.items()}
    left = frozenset(name for name, value in filled.items() if value is not None and own.get(name) is None)
    return Settings(own | filled | law, left)


def planned_settings(planned: Iterable[Mapping[str, Any]]) -> dict[str, Settings]:
    """The settings of every scenario that a store planned, as in :func:`resolved`; those of its first level.

    Scenarios of a kind that this program does not know are as they were stored.
    """
    found: dict[str, Settings] = {}
    for entry in planned:
        if entry["scenario"] not in found and "settings" in entry:
            found[entry["scenario"]] = _resolved(json.dumps(entry["settings"], sort_keys=True))
    return found


@lru_cache(maxsize=256)
def _resolved(settings: str) -> Settings:
    from pydantic import ValidationError

    from sim.scenario.schema import Scenario

    try:
        return resolved(Scenario.model_validate_json(settings))
    except (ValidationError, InputError):
        return Settings(dict(_flat(json.loads(settings))))


def changes(before: Settings, after: Settings) -> tuple[Change, ...]:
    """The settings that differ between two scenarios, in the order in which files have them.

    What both leave to the facts of the same election is no change of theirs, even where it comes out differently (as
    candidates in a district do when there are more districts).
    """
    same = before.left & after.left if before.facts == after.facts else frozenset()
    names = [n for n in dict.fromkeys((*after.values, *before.values)) if n not in LABELS and n not in same]
    pairs = (Change(name, before.values.get(name), after.values.get(name)) for name in names)
    return tuple(pair for pair in pairs if pair.before != pair.after)


def differing(worlds: Mapping[str, Settings]) -> list[str]:
    """Settings, by dotted key, in which scenarios differ; in the order in which files have them."""
    first, *others = worlds.values() if worlds else [Settings({})]
    changed = {change.setting for other in others for change in changes(first, other)}
    names = dict.fromkeys(name for one in (first, *others) for name in one.values)
    return [name for name in names if name in changed and name != "level"]


def number(value: Any) -> float | None:
    """A value as a number, yes and no as 1 and 0; None where it is none."""
    return float(value) if isinstance(value, (bool, int, float, Fraction)) else None


def said(value: Any) -> str:
    """A value as a reader says it: shares of the law as decimals where they are short, lists with commas."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Fraction):
        short = f"{float(value):.6g}"
        return short if Fraction(short) == value else str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (tuple, list)):
        nested = any(isinstance(part, (tuple, list)) for part in value)
        return ("; " if nested else ", ").join(map(said, value)) or "none"
    return str(value)


def _flat(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no table, by dotted key."""
    for name, value in tree.items():
        place = f"{above}.{name}" if above else str(name)
        if isinstance(value, BaseModel):
            yield from _flat(dict(value), place)
        elif isinstance(value, Mapping) and value:
            yield from _flat(value, place)
        elif isinstance(value, tuple) and value and all(isinstance(part, BaseModel) for part in value):
            yield place, tuple(" ".join(said(one) for _, one in part) for part in value)  # a dated series
        else:
            yield place, value
