"""The dated list of regions: which exist on a day, which they were cut from, and every name they go by."""

from __future__ import annotations

import difflib
import tomllib
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from sim.law.parameter import Since, Text
from sim.strict import InputError, Strict

_KIND_WORDS: Mapping[str, tuple[str, ...]] = {
    "oblast": ("region", "oblast", "oblysy", "облысы", "область"),
    "city": ("city", "qalasy", "қаласы", "город"),
    "province": ("province",),
}
"""Words that may follow a name and say what kind of unit is meant."""


class FormerName(Strict):
    """A name that a region bore until a day or year."""

    name: Text
    since: Since
    until: Since
    note: str = ""


class Region(Strict):
    """A unit that elects and in which members are counted; `base` is its name without the kind."""

    code: Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z0-9]+$")]
    name: Text
    base: str = ""
    kind: Literal["oblast", "city", "province"]
    since: Since | None = None
    parent: str | None = None
    source: str = ""
    aliases: tuple[str, ...] = ()
    former: tuple[FormerName, ...] = ()

    @property
    def spellings(self) -> set[str]:
        """Every present way to write it, folded for comparison."""
        stems = {self.base or self.name, *self.aliases}
        marked = {f"{stem} {word}" for stem in stems for word in _KIND_WORDS[self.kind]}
        return {_folded(text) for text in {self.code, self.name, *stems, *marked}}


class _File(Strict):
    region: tuple[Region, ...]

    @model_validator(mode="after")
    def _parents_known(self) -> Self:
        """A region that came later was cut from one that the file names, so that old counts can be laid on new maps."""
        codes = {unit.code for unit in self.region}
        orphans = [unit.code for unit in self.region if unit.since and unit.parent not in codes]
        if orphans:
            raise ValueError(f"{', '.join(orphans)}: came later, so needs as parent the code of a region in this file")
        return self


@dataclass(frozen=True)
class Regions:
    """All regions of a case, past and present, in order of code."""

    units: tuple[Region, ...]

    @classmethod
    def load(cls, path: Path) -> Regions:
        """The regions in a file; InputError names the file and every fault in it."""
        try:
            units = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).region
        except OSError:
            raise InputError(f"{path}: cannot be read; a case needs this file") from None
        except tomllib.TOMLDecodeError as fault:
            raise InputError(f"{path}: {fault}") from None
        except ValidationError as faults:
            lines = [f"  {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults.errors()]
            raise InputError("\n".join([f"{path}:", *lines])) from None
        return cls(tuple(sorted(units, key=lambda unit: unit.code)))

    def on(self, day: date) -> tuple[str, ...]:
        """Codes of the regions that exist on a day, in order of code."""
        return self._on[bisect_right(self._changes, day)]

    @cached_property
    def _changes(self) -> list[date]:
        """Days on which regions were added, in order."""
        return sorted({unit.since.midpoint for unit in self.units if unit.since})

    @cached_property
    def _on(self) -> list[tuple[str, ...]]:
        """Codes that exist before the first change and from each change on."""
        return [
            tuple(unit.code for unit in self.units if unit.since is None or unit.since.midpoint <= day)
            for day in (date.min, *self._changes)
        ]

    @cached_property
    def names(self) -> dict[str, str]:
        """Code to display name."""
        return {unit.code: unit.name for unit in self.units}

    @cached_property
    def parents(self) -> dict[str, str]:
        """Code of a region that was cut out of another, to the code of that other."""
        return {unit.code: unit.parent for unit in self.units if unit.parent}

    def on_map_of(self, code: str, day: date) -> str:
        """The region that held this one's ground on a day: itself, or the one that it was later cut from."""
        return self._holders[bisect_right(self._changes, day)][code]

    @cached_property
    def _holders(self) -> list[dict[str, str]]:
        """For every region ever the one that held its ground, before the first change and from each change on."""

        def holder(code: str, existing: tuple[str, ...]) -> str:
            return code if code in existing else holder(self.parents[code], existing)

        return [{unit.code: holder(unit.code, existing) for unit in self.units} for existing in self._on]

    def summed(self, persons: Iterable[tuple[str, int]], day: date) -> dict[str, int]:
        """Persons by region, today's or older, summed over the regions of a day, in order of code."""
        changes = bisect_right(self._changes, day)
        out, holders = dict.fromkeys(self._on[changes], 0), self._holders[changes]
        for code, n in persons:
            out[holders[code]] += n
        return out

    @cached_property
    def _codes(self) -> dict[str, list[str]]:
        codes: dict[str, list[str]] = {}
        for unit in self.units:
            for spelling in unit.spellings:
                codes.setdefault(spelling, []).append(unit.code)
        return codes

    def code(self, name: str, on: date | None = None) -> str:
        """The code of a region by any of its names; a name it has lost counts only `on` a day when it bore it.

        Raises InputError, with the nearest name, where the name is unknown, lost or shared.
        """
        found = self._codes.get(_folded(name), [])
        if len(found) == 1:
            return found[0]
        if found:
            both = " and ".join(f"{self.names[code]} ({code})" for code in found)
            raise InputError(f'"{name}" names {len(found)} regions: {both}. Write the code of the one you mean.')
        for unit in self.units:
            for past in unit.former:
                if _folded(past.name) == _folded(name):
                    if on and past.since.first <= on <= past.until.last:
                        return unit.code
                    year = past.until.last.year
                    raise InputError(f'unknown region "{name}". It was renamed {unit.name} in {year} ({unit.code}).')
        raise InputError(f'unknown region "{name}". {self._advice(name)}')

    def _advice(self, name: str) -> str:
        near = difflib.get_close_matches(_folded(name), self._codes, n=1)
        if not near:
            return f"Known: {', '.join(self.names)}."
        code = self._codes[near[0]][0]
        return f"Did you mean {self.names[code]} ({code})?"


def _folded(name: str) -> str:
    """A name without case, accents, hyphens, quotes and brackets, so that spellings can be compared."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    return " ".join(plain.split())
