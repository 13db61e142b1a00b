"""The plan: which scenario is run with which replication, and the key by which the store knows each run."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol, runtime_checkable

from sim.strict import InputError

RESULTS_VERSION = 1
"""Raised whenever the same scenario and replication would give other numbers; it is part of every run key."""

Stations = Literal["none", "first", "all"]
"""Whose station rows are kept: nobody's, those of replication 1 of each scenario, or every run's."""


@runtime_checkable
class Spec(Protocol):
    """What the batch needs to know of a scenario: its name, its level, and one spelling of everything it sets."""

    @property
    def name(self) -> str: ...

    @property
    def level(self) -> str: ...

    def model_dump_json(self) -> str: ...


@dataclass(frozen=True)
class Run:
    """One scenario with one replication; the replication fixes the society and the history, in every scenario alike."""

    scenario: Spec
    replication: int
    keep_stations: bool = False

    @cached_property
    def key(self) -> str:
        """Hash of the resolved scenario, the replication and the results version: 20 hexadecimal characters.

        ``keep_stations`` is left out: it decides which rows are kept, never what happens. The store notes beside each
        run whether its stations were kept, and a run that is asked for with stations and stored without is redone.
        """
        address = f"{RESULTS_VERSION}\x1f{self.replication}\x1f{canonical(self.scenario)}".encode()
        return hashlib.blake2b(address, digest_size=10).hexdigest()


def canonical(scenario: Spec) -> str:
    """The resolved scenario as JSON with sorted keys, so that the order of declarations does not change a key."""
    return json.dumps(json.loads(scenario.model_dump_json()), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def plan(scenarios: Iterable[Spec], replications: int, stations: str = "first") -> list[Run]:
    """Every scenario with replications 1 to ``replications``, one replication after another.

    All scenarios of one replication stand together, so that a batch that is stopped early holds pairs.

    Raises InputError for no scenario, fewer than one replication, an unknown ``stations``, or two scenarios of the same
    name and level.
    """
    chosen = list(scenarios)
    faults = _faults(chosen, replications, stations)
    if faults:
        raise InputError("\n".join(faults))
    kept = {"none": range(0), "first": range(1, 2), "all": range(1, replications + 1)}[stations]
    return [Run(scenario, r, r in kept) for r in range(1, replications + 1) for scenario in chosen]


def _faults(scenarios: list[Spec], replications: int, stations: str) -> list[str]:
    faults = []
    if not scenarios:
        faults.append("no scenarios: a batch needs at least 1.")
    names = [(s.name, s.level) for s in scenarios]
    for name, level in sorted({pair for pair in names if names.count(pair) > 1}):
        times = names.count((name, level))
        faults.append(f'{times} scenarios are named "{name}" (level {level}); give each its own name.')
    if replications < 1:
        faults.append(f"replications = {replications}: a batch needs at least 1; the default is 20.")
    if stations not in ("none", "first", "all"):
        near = difflib.get_close_matches(stations, ["none", "first", "all"], n=1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        faults.append(f'stations = "{stations}" is not known; write "none", "first" or "all".{guess}')
    return faults
