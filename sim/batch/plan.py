"""The plan: which scenario is run with which replication, and the key by which the store knows each run."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, overload, runtime_checkable

from sim import cases
from sim.strict import InputError

RESULTS_VERSION = 3
"""Raised whenever the same scenario and replication would give other numbers; it is part of every run key."""

MOST_RUNS = 100_000_000
"""Runs beyond which a plan is refused: at 27 ms each they take a month on one processor, and it is mostly a slip."""


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
        address = f"{world(self.scenario)}\x1f{self.replication}".encode()
        return hashlib.blake2b(address, digest_size=10).hexdigest()


_worlds: OrderedDict[tuple[int, int, str], tuple[Spec, str]] = (
    OrderedDict()
)  # the scenario is kept: its id stays its own
_WORLDS = 20_000


def world(scenario: Spec) -> str:
    """Hash of a resolved scenario, the facts of its case and the results version: what all its runs have in common."""
    facts = cases.digest(scenario.case)
    asked = (id(scenario), RESULTS_VERSION, facts)
    if asked not in _worlds:
        address = f"{RESULTS_VERSION}\x1f{facts}\x1f{canonical(scenario)}".encode()
        _worlds[asked] = (scenario, hashlib.blake2b(address, digest_size=16).hexdigest())
        if len(_worlds) > _WORLDS:
            _worlds.popitem(last=False)
    return _worlds[asked][1]


def canonical(scenario: Spec) -> str:
    """The resolved scenario as JSON with sorted keys, so that the order of declarations does not change a key."""
    return json.dumps(json.loads(scenario.model_dump_json()), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Plan(Sequence[Run]):
    """Every scenario with every replication, one replication after another; runs are made when they are looked at."""

    scenarios: Sequence[Spec]
    replications: Sequence[int]
    stations: str

    def __len__(self) -> int:
        return len(self.scenarios) * len(self.replications)

    @overload
    def __getitem__(self, position: int) -> Run: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[Run]: ...
    def __getitem__(self, position: int | slice) -> Run | Sequence[Run]:
        if isinstance(position, slice):
            return [self[i] for i in range(*position.indices(len(self)))]
        if not -len(self) <= position < len(self):
            raise IndexError(position)
        turn, which = divmod(position % len(self), len(self.scenarios))
        keep = self.stations == "all" or (self.stations == "first" and turn == 0)
        return Run(self.scenarios[which], self.replications[turn], keep)

    def shard(self, number: int, of: int) -> Plan:
        """The ``number``-th of so many parts, whose runs have their replications whole: number, number + of, ..."""
        first = self.stations if self.stations != "first" or number == 1 else "none"
        return Plan(self.scenarios, self.replications[number - 1 :: of], first)


def plan(scenarios: Iterable[Spec], replications: int | Iterable[int], stations: str = "first") -> Plan:
    """Every scenario with replications 1 to ``replications``, or with those listed, one replication after another.

    All scenarios of one replication stand together, so that a batch that is stopped early holds pairs. ``stations``
    says whose station rows are kept: "none", "first" (the lowest replication of each scenario) or "all".

    Raises InputError for no scenario, no or a negative replication, an unknown ``stations``, two scenarios of the
    same name and level, or more than MOST_RUNS runs.
    """
    chosen = list(scenarios)
    numbers = range(1, replications + 1) if isinstance(replications, int) else sorted(set(replications))
    faults = _faults(chosen, numbers, stations)
    if not numbers:
        asked = f"{replications}" if isinstance(replications, int) else "[]"
        faults.append(f"replications = {asked}: a batch needs at least 1; the default is 20.")
    if (runs := len(chosen) * (numbers.stop - 1 if isinstance(numbers, range) else len(numbers))) > MOST_RUNS:
        faults.append(f"{runs:,} runs are asked for; at most {MOST_RUNS:,} are run. Ask for fewer replications.")
    if faults:
        raise InputError("\n".join(faults))
    return Plan(tuple(chosen), numbers, stations)


def _faults(scenarios: Sequence[Spec], numbers: Sequence[int], stations: str) -> list[str]:
    faults = []
    if not scenarios:
        faults.append("no scenarios: a batch needs at least 1.")
    names = [(s.name, s.level) for s in scenarios]
    counts = Counter(names)
    for name, level in sorted(pair for pair, times in counts.items() if times > 1):
        times = counts[name, level]
        faults.append(f'{times} scenarios are named "{name}" (level {level}); give each its own name.')
    if numbers and numbers[0] < 0:
        faults.append(f"replication {numbers[0]} is negative; replications are counted from 1.")
    if stations not in ("none", "first", "all"):
        near = difflib.get_close_matches(stations, ["none", "first", "all"], n=1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        faults.append(f'stations = "{stations}" is not known; write "none", "first" or "all".{guess}')
    return faults
