"""Where parties go between elections: four rules of Laver & Sergenti (Party Competition, 2012).

A rule sees what a party knows: how many would vote for it now and at its last move, where its supporters stand on
average, and where the largest party stands. It gives the party's next place, at most one step away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.process.competition_settings import Rule
from sim.streams import Streams

if TYPE_CHECKING:
    from sim.process.competition import Contender

Place = NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """What one party sees before it moves."""

    support: float  # share who would vote for it now
    before: float  # the same at its last move; NaN before the first
    supporters: Place  # (3,) their mean position
    largest: Place  # (3,) where the largest party stands
    is_largest: bool
    step: float


def stay(party: Contender, view: View, streams: Streams, occasion: int) -> Place:
    """Sticker: never moves."""
    return party.position


def to_supporters(party: Contender, view: View, streams: Streams, occasion: int) -> Place:
    """Aggregator: goes to the mean position of its supporters."""
    return _towards(party.position, view.supporters, view.step)


def hunt(party: Contender, view: View, streams: Streams, occasion: int) -> Place:
    """Hunter: goes on where the last move gained, otherwise turns at random into the half it faces away from."""
    if view.support <= view.before:  # never true of NaN: the first move is made without a turn
        turn = direction(streams, f"turn/{party.key}", occasion)
        party.heading = turn if turn @ party.heading <= 0 else -turn
    return np.asarray(party.position + view.step * party.heading)


def to_largest(party: Contender, view: View, streams: Streams, occasion: int) -> Place:
    """Predator: goes to the largest party, and stays where it is the largest itself."""
    return party.position if view.is_largest else _towards(party.position, view.largest, view.step)


RULES: Mapping[Rule, Callable[[Contender, View, Streams, int], Place]] = {
    "sticker": stay,
    "aggregator": to_supporters,
    "hunter": hunt,
    "predator": to_largest,
}


def direction(streams: Streams, decision: str, occasion: int = 0) -> Place:
    """A direction drawn uniformly; shape (3,), length 1."""
    drawn = streams.normal(decision, 3, occasion=occasion)
    return np.asarray(drawn / np.sqrt((drawn**2).sum()))


def _towards(here: Place, there: Place, step: float) -> Place:
    gap = there - here
    length = float(np.sqrt((gap**2).sum()))
    return there if length <= step else np.asarray(here + gap * (step / length))
