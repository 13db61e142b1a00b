"""What became of one party or group over all runs of a store: how far it got, and on which grounds it was refused."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sim import cases
from sim.strict import InputError

if TYPE_CHECKING:
    import pandas as pd

    from sim.batch.store import Results

_GROUNDS = (
    (r"members \d+ accepted, (\d+) required", r"fewer than \1 members accepted"),
    (r".*: \d+ accepted, (\d+) required", r"fewer than \1 members accepted in a region"),
    (r"initiative group \d+ accepted, (\d+) required", r"fewer than \1 founders accepted in the initiative group"),
    (r"initiative group from \d+ of (\d+) regions, (\d+) required.*", r"founders from fewer than \2 of \1 regions"),
    (r"organising committee \d+, (\d+) required", r"fewer than \1 in the organising committee"),
    (r"founding congress on .* due by .*", "founding congress held too late"),
    (r"documents filed on .* due by .*", "documents filed too late"),
)
"""Grounds as the registrar states them, and what they have in common from run to run."""


@dataclass(frozen=True)
class Course:
    """One group in the runs of a scenario and level: in how many it got how far.

    ``runs`` are those that are done. The others count runs in which the group formed (or was there from the start),
    gave notice, had a notice confirmed, filed its list after a congress, was refused at least once, was registered when
    the run ended, stood on the ballot, and won a seat. ``refusals`` are all refusals in these runs, ``discretionary``
    those where the law alone would have let the group pass. ``grounds`` has, for each kind of ground at each stage, the
    refusals that state it and the runs with one.
    """

    scenario: str
    level: str
    runs: int
    formed: int
    noticed: int
    confirmed: int
    filed: int
    refused: int
    registered: int
    on_ballot: int
    seated: int
    refusals: int
    discretionary: int
    grounds: tuple[tuple[str, str, int, int], ...]


def courses(results: Results, group: str) -> list[Course]:
    """What became of the group of that key, by scenario and level in the order they were asked for."""
    runs, parties, decisions = (results.to_frame(table) for table in ("runs", "parties", "decisions"))
    own, answers = parties[parties["party"] == group], decisions[decisions["group"] == group]
    found = []
    for planned in results.planned:
        place = planned["scenario"], planned["level"]
        there, told = (
            frame[(frame["scenario"] == place[0]) & (frame["level"] == place[1])] for frame in (own, answers)
        )
        done = int(((runs["scenario"] == place[0]) & (runs["level"] == place[1])).sum())
        found.append(_course(*place, done, there, told))
    return found


def _course(scenario: str, level: str, done: int, there: pd.DataFrame, told: pd.DataFrame) -> Course:
    def runs(which: pd.Series[bool]) -> int:
        return int(told.loc[which, "replication"].nunique())

    refused = told["outcome"] == "refused"
    at_will = told["discretionary"].fillna(value=False).astype(bool) if "discretionary" in told else refused & False
    return Course(
        scenario,
        level,
        runs=done,
        formed=len(there),
        noticed=runs(told["stage"] == "notice"),
        confirmed=runs(told["outcome"] == "confirmed"),
        filed=runs(told["stage"] == "list"),
        refused=runs(refused),
        registered=int(there["registered"].fillna(value=False).astype(bool).sum()),
        on_ballot=int(there["on_ballot"].fillna(value=False).astype(bool).sum()),
        seated=int((there["seats"] > 0).sum()),
        refusals=int(refused.sum()),
        discretionary=int((refused & at_will).sum()),
        grounds=_grounds(told[refused]),
    )


def _grounds(refused: pd.DataFrame) -> tuple[tuple[str, str, int, int], ...]:
    """(stage, kind of ground, refusals, runs), most frequent first; a kind counts once a refusal."""
    refusals: Counter[tuple[str, str]] = Counter()
    runs: dict[tuple[str, str], set[int]] = {}
    for stage, replication, grounds in zip(refused["stage"], refused["replication"], refused["grounds"], strict=True):
        for kind in dict.fromkeys(map(kind_of_ground, grounds)):
            refusals[stage, kind] += 1
            runs.setdefault((stage, kind), set()).add(replication)
    return tuple((*place, times, len(runs[place])) for place, times in refusals.most_common())


def kind_of_ground(said: str) -> str:
    """A ground without what differs from run to run: the numbers that were found, and the region."""
    for pattern, kind in _GROUNDS:
        if found := re.fullmatch(pattern, said):
            return found.expand(kind)
    return re.sub(r"\d[\d,]*", "#", said)


@cache
def spellings(case: str) -> Mapping[str, tuple[str, ...]]:
    """Every name of every party and group of a case by key: its own, former ones, aliases, in Kazakh and Russian."""
    listed: list[dict[str, Any]] = tomllib.loads((cases.folder(case) / "parties.toml").read_text("utf-8"))["party"]
    return {
        entry["key"]: tuple(
            dict.fromkeys(
                str(name)
                for name in (
                    entry["name"],
                    *(former["name"] for former in entry.get("names", ())),
                    *entry.get("aliases", ()),
                    entry.get("kazakh"),
                    entry.get("russian"),
                )
                if name
            )
        )
        for entry in listed
    }


def group_named(text: str, known: Mapping[str, Collection[str]], first: Collection[str] = ()) -> str:
    """The key of the group of that key, name or alias, whatever its case.

    Where a name is that of several, the one that is among ``first`` is meant. Raises InputError, with the nearest
    groups, where there is none, and with all keys where several remain.
    """
    wanted = _folded(text)
    keys = [key for key in known if _folded(key) == wanted] or [
        key for key, names in known.items() if wanted in map(_folded, names)
    ]
    keys = [key for key in keys if key in first] or keys
    if len(keys) == 1:
        return keys[0]
    if keys:
        raise InputError(f'"{text}" names {len(keys)} groups; write the key of the one you mean: {", ".join(keys)}.')
    spelled = {_folded(name): key for key, names in known.items() for name in (key, *names)}
    near = [spelled[name] for name in difflib.get_close_matches(wanted, spelled, n=5)]
    near += [key for name, key in spelled.items() if wanted and wanted in name]
    said = [f'"{next(iter(known[key]), key)}" ({key})' for key in dict.fromkeys(near)][:3]
    guess = f" Did you mean {' or '.join(said)}?" if said else ""
    raise InputError(f'unknown party or group "{text}".{guess} Without a name the same command lists all.')


def _folded(name: str) -> str:
    """A name without case, quotes and the difference between spaces, hyphens and underscores."""
    return " ".join(re.sub(r"[-_\s]+", " ", re.sub(r"[«»\"'’]", "", name)).casefold().split())
