"""The fit of party life over decades: ``python -m sim.analysis.fit_registration [free|strong]``.

Points are drawn from assumed ranges by a Latin hypercube, each is run to the cut-off with the same few seeds, and the
distance of its mean counts from the facts known by then is measured in their tolerances. The points nearest to the
record are kept (approximate Bayesian computation by rejection, Beaumont 2010), and a second round of as many is drawn
from the ranges that they span. The spread of those kept at last says what the record does not tell; the nearest of all
is what the scenario takes, and other seeds then tell how near it is. Nothing after the cut-off is looked at.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.analysis.registration import CUT_OFF, Fact, counted, facts
from sim.batch.execute import run
from sim.scenario.load import load
from sim.scenario.schema import Scenario

BASE = "kz-1999-2026"
VOTERS = 4_000  # rows in a run of the fit; sympathies are means over them
KEPT = 0.05  # share of points kept


class Range(NamedTuple):
    """A setting that is fitted, with the range it is drawn from; where ``log``, evenly in its logarithm."""

    setting: str
    low: float
    high: float
    log: bool = False


RANGES = (
    Range("decades.reregistration.fill", 1.0, 3.5, log=True),
    Range("mechanism.recruitment.names", 700, 4_000, log=True),
    Range("mechanism.recruitment.reach", 0.06, 0.30, log=True),
    Range("mechanism.repression.fear", 0.0, 0.6),
    Range("mechanism.discretion.fifty_point", -0.2, 0.6),
    Range("pressure after 2007", -0.9, 0.0),
    Range("decades.arrivals.hope", 0.0, 1.0),
    Range("decades.arrivals.tenacity", 1.0, 60.0, log=True),
    Range("decades.arrivals.splits", 1.0, 8.0, log=True),
    Range("decades.arrivals.faction_loyalty", -1.5, 0.75),
    Range("decades.arrivals.faction_valence", 0.0, 2.0),
    Range("decades.policy.inertia", 0.01, 0.10),
    Range("decades.policy.merging", 0.03, 0.4, log=True),
)
"""What is fitted [ranges assumed around the prototype's values; those of the patron have no prototype]."""

READINGS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "free": {},
    "strong": {"mechanism.discretion.fifty_point": (0.3, 0.7), "pressure after 2007": (-0.6, -0.2)},
}
"""Facts to 2016 cannot tell whether written law and dry money or the registrar's mind kept parties out after 2007. The
fit is made twice: with discretion free, and with a registrar who means it [ranges assumed]."""


def ranges(reading: str) -> tuple[Range, ...]:
    """The ranges of a reading."""
    own = READINGS[reading]
    return tuple(Range(r.setting, *own.get(r.setting, (r.low, r.high)), r.log) for r in RANGES)


LAW_OF_2007 = date(2007, 2, 1)  # from when no new party but a successor is on record


def points(number: int, ranges: Sequence[Range] = RANGES, seed: int = 20_161_231) -> NDArray[np.float64]:
    """Latin hypercube over some ranges, shape (number, parameters)."""
    from scipy.stats import qmc

    unit = qmc.LatinHypercube(len(ranges), rng=seed).random(number)
    return np.column_stack([_scaled(unit[:, k], r) for k, r in enumerate(ranges)])


def _scaled(unit: NDArray[np.float64], r: Range) -> NDArray[np.float64]:
    if r.log:
        return np.asarray(r.low * (r.high / r.low) ** unit)
    return np.asarray(r.low + (r.high - r.low) * unit)


def scenario_at(point: NDArray[np.float64], name: str, until: date | None = CUT_OFF) -> Scenario:
    """The base with the settings of a point, run to the cut-off."""
    change: dict[str, Any] = {}
    for r, value in zip(RANGES, point, strict=True):
        if r.setting == "pressure after 2007":
            series = [{"since": date(1996, 7, 2), "value": 0.0}, {"since": LAW_OF_2007, "value": float(value)}]
            change.setdefault("decades", {})["pressure"] = series
            continue
        branch = change
        *above, last = r.setting.split(".")
        for step in above:
            branch = branch.setdefault(step, {})
        branch[last] = float(value)
    spec = load(BASE)
    for table, settings in change.items():
        spec = spec.vary(table, settings, name=name, title=name)
    if until is not None:
        spec = spec.vary("decades.until", until, name=name, title=name)
    return spec.vary("population.voters", VOTERS, name=name, title=name)


def distance(means: Mapping[str, float], asked: list[Fact]) -> float:
    """Root mean square of what each fact is missed by, in its tolerance."""
    missed = [(means[fact.key] - fact.value) / fact.tolerance for fact in asked if fact.tolerance]
    return float(np.sqrt(np.mean(np.square(missed))))


def fit(number: int, replications: int, reading: str, workers: int | None = None) -> list[dict[str, float]]:
    """Every point of both rounds with its means and its distance, the nearest first."""
    first = _round(points(number, ranges(reading)), 1, replications, workers)
    hull = [
        Range(r.setting, min(own), max(own), r.log) for r in RANGES if (own := [row[r.setting] for row in kept(first)])
    ]
    second = _round(points(number, hull, seed=20_170_101), 2, replications, workers)
    return sorted([*first, *second], key=lambda row: row["distance"])


def _round(drawn: NDArray[np.float64], number: int, replications: int, workers: int | None) -> list[dict[str, float]]:
    asked = [fact for fact in facts() if fact.use == "fitted"]
    names = [f"point-{number}-{n:04d}" for n in range(len(drawn))]
    specs = [scenario_at(point, name) for point, name in zip(drawn, names, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        results = run(specs, replications, workers, Path(folder) / "fit", stations="none", progress=False)
        means = counted(results, asked).groupby("scenario").mean()
    rows = []
    for n, (point, name) in enumerate(zip(drawn, names, strict=True)):
        own = {fact.key: float(means[fact.key][name]) for fact in asked}
        settings = {r.setting: float(value) for r, value in zip(RANGES, point, strict=True)}
        rows.append({"round": number, "point": n, "distance": distance(own, asked), **settings, **own})
    return sorted(rows, key=lambda row: row["distance"])


def kept(rows: list[dict[str, float]]) -> list[dict[str, float]]:
    """The nearest of some points that are sorted by distance."""
    return rows[: max(5, round(KEPT * len(rows)))]


def kept_at(reading: str) -> Path:
    """Where every point of a reading is kept."""
    return Path("results/reference") / f"registration-fit-{reading}.csv"


def main() -> None:
    """Fit one reading, keep every point, and print the settings of the nearest beside the spread of those kept."""
    reading, number, replications = (sys.argv[1:] + ["free", "100", "8"][len(sys.argv) - 1 :])[:3]
    if reading not in READINGS:
        raise SystemExit("usage: python -m sim.analysis.fit_registration [free|strong] [POINTS] [REPLICATIONS]")
    rows = fit(int(number), int(replications), reading)
    with kept_at(reading).open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows([{key: f"{value:.5g}" for key, value in row.items()} for row in rows])
    near, taken = kept(rows), rows[0]
    print(f"{len(rows)} points, {replications} replications each; distances in tolerances:")
    print(f"nearest {taken['distance']:.2f}, kept to {near[-1]['distance']:.2f}")
    for r in ranges(reading):
        own = sorted(row[r.setting] for row in near)
        print(f"{r.setting:40} {taken[r.setting]:10.4g}  {own[0]:.4g} to {own[-1]:.4g} of {r.low} to {r.high}")
    for fact in facts():
        if fact.use == "fitted":
            print(f"{fact.what:62} {fact.value:5g} {taken[fact.key]:6.2f}")


if __name__ == "__main__":
    main()
