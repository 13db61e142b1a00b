"""Which scenarios a comparison sets against which: each with one, one change made on several, two changes together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sim.analysis.outcomes import scenario_named
from sim.scenario.resolved import Settings, changes
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.store import Results

Side = tuple[tuple[str, float], ...]
"""Scenarios with their weights, which sum to 1."""

_MOST_SETTINGS = 20  # settings that still count as one change; a world apart is no lever


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of scenarios minus another; ``kind``, ``scenario``, ``against`` and ``change`` name it."""

    kind: Literal["difference", "step", "average", "interaction"]
    scenario: str
    against: str
    ours: Side
    theirs: Side
    change: str = ""

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Every scenario that enters, once."""
        return tuple(dict.fromkeys(name for name, _ in (*self.ours, *self.theirs)))

    @property
    def address(self) -> tuple[str, str, str, str]:
        """What tells it from the others."""
        return self.kind, self.change, self.scenario, self.against


def contrasts(
    results: Results,
    base: str,
    settings: Mapping[str, Settings],
    interactions: Iterable[tuple[str, str, str]] | None,
) -> list[Contrast]:
    """Each other scenario with ``base``; then levers that are moved in several settings; then interactions.

    Raises InputError for an interaction with a scenario that is not there, or one that stands in it twice.
    """
    others = [name for name in results.scenarios if name != base]
    plain = [Contrast("difference", name, base, ((name, 1.0),), ((base, 1.0),)) for name in others]
    return [*plain, *_levers(base, others, settings), *_interactions(results, base, interactions)]


def _levers(base: str, others: list[str], settings: Mapping[str, Settings]) -> list[Contrast]:
    """Steps and averages of every change that one scenario makes on the base and another pair makes as well."""
    names = [name for name in (base, *others) if name in settings]
    moves: dict[frozenset[str], list[tuple[str, str]]] = defaultdict(list)
    for before in names:
        for after in names:
            moved = changes(settings[before], settings[after])
            if 0 < len(moved) <= _MOST_SETTINGS:
                moves[frozenset(f"{one.setting} {one.before!r} {one.after!r}" for one in moved)].append((before, after))
    found = []
    for pairs in moves.values():
        on = dict(pairs)
        if base not in on or len(pairs) < 2:
            continue
        change = on[base]
        steps = [pair for pair in pairs if pair[0] != base]
        found += [Contrast("step", after, before, ((after, 1.0),), ((before, 1.0),), change) for before, after in steps]
        share = 1 / len(pairs)
        with_it, without = (tuple((pair[side], share) for pair in pairs) for side in (1, 0))
        named = [" and ".join(name for name, _ in side) for side in (with_it, without)]
        found.append(Contrast("average", named[0], named[1], with_it, without, change))
    return found


def _interactions(results: Results, base: str, asked: Iterable[tuple[str, str, str]] | None) -> list[Contrast]:
    """2 x 2 contrasts: those asked for against ``base``, or those of the experiment against its own scenario."""
    if asked is None:
        written = results.experiment.get("interactions") or []
        asked = [(entry["first"], entry["second"], entry["both"]) for entry in written]
        base = results.experiment.get("against") or base
        held = set(results.scenarios)
        asked = [triple for triple in asked if {base, *triple} <= held]  # a folder may hold a part of the experiment
    return [_interaction(results, base, *triple) for triple in asked]


def _interaction(results: Results, base: str, first: str, second: str, both: str) -> Contrast:
    four = [scenario_named(results, name) for name in (first, second, both, base)]
    if repeated := [name for name in dict.fromkeys(four) if four.count(name) > 1]:
        raise InputError(
            f'interaction: "{repeated[0]}" stands in it more than once; first, second, both and the scenario compared '
            "with must be four."
        )
    return Contrast(
        "interaction",
        both,
        f"{first} + {second} - {base}",
        ((both, 1.0),),
        ((first, 1.0), (second, 1.0), (base, -1.0)),
        f"{first} x {second}",
    )
