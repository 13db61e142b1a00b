"""Fits the personal vote of candidates to the districts of 1999 and 2004: ``python -m sim.analysis.personal_vote``.

List votes say nothing about candidates. What is on record of the 67 districts of 1999 and 2004 does: how many were won
without a party, and how many voted again because nobody had a majority. Two numbers answer for both elections at both
levels: the common appeal of self-nominated candidates and the spread of the personal vote. The districts of 2023 are
held out.
"""

from __future__ import annotations

import csv
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from sim import cases
from sim.batch.execute import run
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

ELECTIONS = ("1999", "2004")
LEVELS = ("low", "high")
BASES = (0.2, 0.4, 0.6, 0.8, 1.0)
SPREADS = (0.8, 1.0, 1.2, 1.5)
FIRST, REPLICATIONS = 1_500_000, 8  # seeds of no study, nor of the fit of readings


class Point(NamedTuple):
    """Two values, the sum of squared relative misses of the record, and the mean of each outcome by election."""

    base: float
    spread: float
    loss: float
    means: dict[tuple[str, str], float]


def record() -> dict[tuple[str, str], float]:
    """What is on record of the districts, by election and outcome."""
    with (cases.folder("kazakhstan") / "elections.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["election"] in ELECTIONS]
    independents = [row for row in rows if (row["variable"], row["party"]) == ("district_seats", "independents")]
    again = [row for row in rows if row["variable"] == "second_rounds"]
    return {(row["election"], "independent_seats"): float(row["value"]) for row in independents} | {
        (row["election"], "second_rounds"): float(row["value"]) for row in again
    }


def grid(voters: int = 20_000) -> list[Point]:
    """Every pair of values, the best first."""
    points = list(product(BASES, SPREADS))
    worlds = [
        _world(election, level, base, spread, voters)
        for election, level, (base, spread) in product(ELECTIONS, LEVELS, points)
    ]
    seeds = range(FIRST, FIRST + REPLICATIONS)
    frame = run(worlds, seeds, workers=2, stations="none", progress=False).to_frame("runs")
    return sorted((_point(frame, *point) for point in points), key=lambda point: point.loss)


def _name(election: str, base: float, spread: float) -> str:
    return f"kz-{election}-base-{base}-spread-{spread}"


def _world(election: str, level: str, base: float, spread: float, voters: int) -> Scenario:
    candidates = {"independent_base": base, "quality_spread": spread}
    return Scenario.model_validate(
        {
            "name": _name(election, base, spread),
            "title": "as it was",
            "election": election,
            "level": level,
            "population": {"voters": voters},
            "mechanism": {"candidates": candidates},
        }
    )


def _point(frame: pd.DataFrame, base: float, spread: float) -> Point:
    wanted = record()
    loss, means = 0.0, {}
    for (election, outcome), value in wanted.items():
        here = frame[frame["scenario"] == _name(election, base, spread)]
        means[election, outcome] = float(here[outcome].mean())
        loss += sum((float(x) / value - 1) ** 2 for x in here.groupby("level")[outcome].mean()) / len(LEVELS)
    return Point(base, spread, loss, means)


def main() -> None:
    """Print the grid, the best first."""
    wanted = record()
    print("record    " + "  ".join(f"{election} {outcome} {value:g}" for (election, outcome), value in wanted.items()))
    for point in grid():
        said = "  ".join(f"{point.means[place]:.1f}" for place in wanted)
        print(f"base {point.base:g}  spread {point.spread:g}  loss {point.loss:.3f}  {said}")


if __name__ == "__main__":
    main()
