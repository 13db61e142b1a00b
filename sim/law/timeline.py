"""The law of one case through time: read from its folder, resolved for any day, never rewritten by a scenario."""

from __future__ import annotations

import difflib
import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import ValidationError

from sim.law.parameter import Parameter, Since, Text
from sim.law.regions import Regions
from sim.law.rules import SECTIONS, Origin, Overrides, Rules
from sim.strict import InputError, Strict

LAW_FILE, REGIONS_FILE = "law.toml", "regions_dated.toml"
SCENARIOS_KEPT = 64  # amended laws that one case remembers; a batch has fewer


class Note(Strict):
    """A dated fact about the law that is not itself a rule."""

    since: Since
    title: Text
    text: Text
    act: str = ""
    citation: str = ""
    source: Text
    confidence: Text


@dataclass(frozen=True)
class Law:
    """All parameters of a case with their histories, its dated regions, and notes on the law."""

    parameters: dict[str, Parameter[Any]]
    regions: Regions
    notes: tuple[Note, ...] = ()

    @classmethod
    def load(cls, folder: Path) -> Law:
        """The law in a case's folder (`law.toml`, `regions_dated.toml`).

        Raises InputError with every fault at once: unknown, missing and mistyped parameters, by file and key.
        """
        path = folder / LAW_FILE
        try:
            tree = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError:
            raise InputError(f"{path}: cannot be read; a case needs this file") from None
        except tomllib.TOMLDecodeError as fault:
            raise InputError(f"{path}: {fault}") from None
        sources = tree.pop("sources", {})
        notes, note_faults = _notes(tree.pop("notes", []), sources)
        parameters, faults = _parameters(tree, sources)
        if faults or note_faults:
            raise InputError("\n  ".join([f"{path}:", *faults, *note_faults]))
        return cls(parameters, Regions.load(folder / REGIONS_FILE), notes)

    def on(self, day: date, overrides: Overrides | None = None) -> Rules:
        """The law of a day, with a scenario's amendments in place of what they name.

        Where amendments change a tier of the chamber and not its total, the total follows. Raises InputError where
        the amended law contradicts itself.
        """
        return self.amended(overrides or Overrides()).on(day)

    def amended(self, overrides: Overrides) -> AmendedLaw:
        """The law through time with a scenario's amendments: the same object for the same amendments."""
        return self._known(overrides)

    @cached_property
    def _known(self) -> Callable[[Overrides], AmendedLaw]:
        return lru_cache(maxsize=SCENARIOS_KEPT)(lambda overrides: AmendedLaw(self, overrides.given))

    @cached_property
    def changes(self) -> tuple[date, ...]:
        """The days on which anything in the law changes, in order; between two of them every day has the same law."""
        return tuple(sorted({entry.since.midpoint for p in self.parameters.values() for entry in p.history}))

    def resolved(self, day: date, amended: Mapping[str, Any]) -> Rules:
        """The law of a day worked out from its parameters; ``amended`` values by dotted name. Raises as :meth:`on`."""
        values: dict[str, Any] = {}
        origins: dict[str, Origin] = {}
        for name, parameter in self.parameters.items():
            standing = parameter.on(day)
            values[name], origins[name] = standing.value, standing.status
        values |= amended
        origins |= dict.fromkeys(amended, "scenario")
        tiers = ("chamber.list_seats", "chamber.district_seats", "chamber.quota_seats")
        if "chamber.seats" not in amended and any(tier in amended for tier in tiers):
            values["chamber.seats"], origins["chamber.seats"] = sum(values[tier] for tier in tiers), "scenario"
        tree = {s: {rule: values[f"{s}.{rule}"] for rule in SECTIONS[s].model_fields} for s in SECTIONS}
        try:
            return Rules(origins=origins, **cast(dict[str, Any], tree))
        except ValidationError as faults:
            raise InputError("\n".join(f"law on {day}: {_said(fault['msg'])}" for fault in faults.errors())) from None

    def parameter(self, name: str) -> Parameter[Any]:
        """The parameter of that dotted name; InputError with the nearest known one."""
        if name in self.parameters:
            return self.parameters[name]
        raise InputError(f'unknown parameter "{name}".{nearest(name, self.parameters)}')

    def regions_on(self, day: date) -> tuple[str, ...]:
        """Codes of the regions that exist on a day."""
        return self.regions.on(day)


class AmendedLaw:
    """The law through time with one scenario's amendments, worked out once for all days between two changes."""

    def __init__(self, law: Law, amended: Mapping[str, Any]) -> None:
        self.law, self.amendments = law, amended
        self._between: dict[int, Rules] = {}  # by the number of changes so far

    def on(self, day: date) -> Rules:
        """The law of a day. Raises InputError where it contradicts itself."""
        changes = bisect_right(self.law.changes, day)
        if changes not in self._between:
            self._between[changes] = self.law.resolved(day, self.amendments)
        return self._between[changes]


def nearest(name: str, known: Iterable[str]) -> str:
    """' Did you mean ...?' with the known dotted name that is most like this one or ends in it, or nothing."""
    keys = list(known)
    ends = {key.rpartition(".")[2]: key for key in keys}
    near = difflib.get_close_matches(name, keys, n=1) or [
        ends[end] for end in difflib.get_close_matches(name.rpartition(".")[2], ends, n=1)
    ]
    return f' Did you mean "{near[0]}"?' if near else ""


def _rules() -> Iterator[tuple[str, str, Any]]:
    """Section, name and field of every rule that a case must give."""
    for section, model in SECTIONS.items():
        for rule, field in model.model_fields.items():
            yield section, rule, field


def _parameters(tree: dict[str, Any], sources: dict[str, str]) -> tuple[dict[str, Parameter[Any]], list[str]]:
    """Every parameter in the file, and everything that is wrong with the file, in its own words."""
    known = {f"{section}.{rule}": field for section, rule, field in _rules()}
    found, faults = _tables(tree)
    faults += [f"{name}: no such rule.{nearest(name, known)}" for name in found if name not in known]
    faults += [f"{name}: missing" for name in known if name not in found]
    parameters = {}
    for name, field in ((name, field) for name, field in known.items() if name in found):
        kind = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        table = {"name": name, "title": field.description, "unit": field.json_schema_extra["unit"], **found[name]}
        table["history"] = [_with_source(entry, sources) for entry in table.get("history", [])]
        try:
            parameters[name] = cast(Any, Parameter)[kind].model_validate(table)
        except ValidationError as refused:
            faults += _faults(name, refused)
    return parameters, faults


def _tables(tree: dict[str, Any]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The file's tables by dotted name, and whatever stands where a table should."""
    found, faults = {}, []
    for section, rules in tree.items():
        for rule, table in rules.items() if isinstance(rules, dict) else [("", rules)]:
            name = f"{section}.{rule}".rstrip(".")
            if isinstance(table, dict):
                found[name] = table
            else:
                faults.append(f"{name} = {table!r}: must be a table with `before` and `history`")
    return found, faults


def _notes(tables: list[dict[str, Any]], sources: dict[str, str]) -> tuple[tuple[Note, ...], list[str]]:
    notes, faults = [], []
    for number, table in enumerate(tables):
        try:
            notes.append(Note.model_validate(_with_source(table, sources)))
        except ValidationError as refused:
            faults += _faults(f"notes.{number}", refused)
    return tuple(notes), faults


def _with_source(entry: dict[str, Any], sources: dict[str, str]) -> dict[str, Any]:
    """An entry whose source, and its variants' sources, are written out where they were given by their short key."""
    full = dict(entry)
    if "source" in full:
        full["source"] = sources.get(full["source"], full["source"])
    if "variants" in full:
        full["variants"] = [_with_source(variant, sources) for variant in full["variants"]]
    return full


def _faults(name: str, refused: ValidationError) -> list[str]:
    """What a file's table got wrong, each with its place in the file."""
    return [f"{'.'.join([name, *map(str, fault['loc'])])}: {_said(fault['msg'])}" for fault in refused.errors()]


def _said(message: str) -> str:
    """A message without the word that pydantic puts before those of our own validators."""
    return message.removeprefix("Value error, ")
