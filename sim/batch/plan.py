"""The plan: which scenario is run with which replication, and the key by which the store knows each run."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

from sim import cases
from sim.strict import InputError

RESULTS_VERSION = 3
"""Raised whenever the same scenario and replication would give other numbers; it is part of every run key."""


@runtime_checkable
class Spec(Protocol):
    """What the batch needs of a scenario: its name, its level, its case, and one spelling of everything it sets."""

    @property
    def name(self) -> str: ...

    @property
    def level(self) -> str: ...

    @property
    def case(self) -> str: ...

    def model_dump_json(self) -> str: ...


@dataclass(frozen=True)
class Run:
    """One scenario with one replication; the replication fixes the society and the history, in every scenario alike."""

    scenario: Spec
    replication: int
    keep_stations: bool = False

    @cached_property
    def key(self) -> str:
        """Hash of the resolved scenario, the facts of its case, the replication and the results version; 20 hex digits.

        ``keep_stations`` is left out: it decides which rows are kept, never what happens. The store notes beside each
        run whether its stations were kept, and a run that is asked for with stations and stored without is redone.
        """
        facts = cases.digest(self.scenario.case)
        address = f"{RESULTS_VERSION}\x1f{facts}\x1f{self.replication}\x1f{canonical(self.scenario)}".encode()
        return hashlib.blake2b(address, digest_size=10).hexdigest()


def canonical(scenario: Spec) -> str:
    """The resolved scenario as JSON with sorted keys, so that the order of declarations does not change a key."""
    return json.dumps(json.loads(scenario.model_dump_json()), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def plan(scenarios: Iterable[Spec], replications: int | Iterable[int], stations: str = "first") -> list[Run]:
    """Every scenario with replications 1 to ``replications``, or with those listed, one replication after another.

    All scenarios of one replication stand together, so that a batch that is stopped early holds pairs. ``stations``
    says whose station rows are kept: "none", "first" (the lowest replication of each scenario) or "all".

    Raises InputError for no scenario, no or a negative replication, an unknown ``stations``, or two scenarios of the
    same name and level.
    """
    chosen = list(scenarios)
    numbers = range(1, replications + 1) if isinstance(replications, int) else sorted(set(replications))
    faults = _faults(chosen, numbers, stations)
    if not numbers:
        asked = f"{replications}" if isinstance(replications, int) else "[]"
        faults.append(f"replications = {asked}: a batch needs at least 1; the default is 20.")
    if faults:
        raise InputError("\n".join(faults))
    kept = {"none": [], "first": numbers[:1], "all": numbers}[stations]
    return [Run(scenario, r, r in kept) for r in numbers for scenario in chosen]


def _faults(scenarios: Sequence[Spec], numbers: Sequence[int], stations: str) -> list[str]:
    faults = []
    if not scenarios:
        faults.append("no scenarios: a batch needs at least 1.")
    names = [(s.name, s.level) for s in scenarios]
    for name, level in sorted({pair for pair in names if names.count(pair) > 1}):
        times = names.count((name, level))
        faults.append(f'{times} scenarios are named "{name}" (level {level}); give each its own name.')
    if numbers and numbers[0] < 0:
        faults.append(f"replication {numbers[0]} is negative; replications are counted from 1.")
    if stations not in ("none", "first", "all"):
        near = difflib.get_close_matches(stations, ["none", "first", "all"], n=1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        faults.append(f'stations = "{stations}" is not known; write "none", "first" or "all".{guess}')
    return faults
