"""When a batch has enough seeds: how wide the intervals of the primary outcome are, and how many seeds come next."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.compare import t_interval
from sim.analysis.outcomes import scenario_named

if TYPE_CHECKING:
    from sim.batch.store import Results

GROWTH = 2.0
"""At most so many times as many replications in the next round: a first estimate of the spread is rough [assumed]."""

LEAST_STEP = 10
"""Replications that a round adds at least, so that there are few looks [assumed]."""


@dataclass(frozen=True)
class Widest:
    """The widest 95 % interval among scenarios and levels: of which, how wide (None where it cannot be told)."""

    scenario: str
    level: str
    width: float | None


def widest(results: Results, outcome: str, against: str, replications: int) -> Widest:
    """The widest interval of the paired difference to ``against`` over replications 1 to ``replications``.

    With a single scenario it is the interval of its mean. Only these replications count, whatever else the store holds:
    the same question has the same answer after any stop.

    Raises InputError for an unknown scenario.
    """
    base = scenario_named(results, against)
    frame = results.to_frame("runs", columns=["scenario", "level", "replication", outcome])
    frame = frame[frame["replication"] <= replications]
    found = []
    for level in results.levels:
        here = frame[frame["level"] == level]
        held = {name: rows.set_index("replication")[outcome] for name, rows in here.groupby("scenario", observed=True)}
        for name in results.scenarios:
            if name not in held or (name == base and len(results.scenarios) > 1):
                continue
            values = held[name] if name == base else (held[name] - held[base] if base in held else held[name].iloc[:0])
            numbers = values.to_numpy(dtype=float, na_value=np.nan)
            numbers = numbers[~np.isnan(numbers)]
            low, high = t_interval(numbers) if numbers.size >= 2 else (math.nan, math.nan)
            found.append(Widest(name, level, None if math.isnan(low) else high - low))
    return max(found, key=lambda one: math.inf if one.width is None else one.width)


def next_replications(now: int, found: Widest, width: float, most: int) -> int:
    """How many replications the next round ends at; ``now`` where it is enough, or all that may be.

    As many as the spread found so far asks for, width falling with the square root of their number.
    """
    if found.width is not None and found.width <= width:
        return now
    wanted = GROWTH * now if found.width is None else now * (found.width / width) ** 2
    return min(most, max(now + LEAST_STEP, math.ceil(min(wanted, GROWTH * now))))
