"""Null A: what free competition seats under one set of parameters and many electoral systems, beside the seat product.

``python -m sim.analysis.null_a`` runs the study, writes its figures to ``results/reference/null-a.csv`` and prints the
tables of docs/nulls.md. One number was fitted, the drift of valence, on 98 list seats; every other system is a test.
"""

from __future__ import annotations

import csv
import sys
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.measures import seat_product
from sim.process.competition import Held
from sim.process.competition_settings import CompetitionSettings
from sim.process.polling import ElectoralSystem
from sim.process.settings import ChoiceSettings
from sim.series import ElectionSeries
from sim.society.settings import PopulationSettings

BURN_IN = 20  # elections until the founders are forgotten
ELECTIONS = 50
VOTERS = 4_000
SEEDS, FEWER_SEEDS, FEWEST_SEEDS = 20, 10, 6


def _system(name: str, seats: int, magnitude: int, threshold: Fraction = Fraction(0)) -> ElectoralSystem:
    return ElectoralSystem(name=name, seats=seats, magnitude=magnitude, threshold=threshold)


LISTS = _system("98 list seats", 98, 98)
DISTRICTS = _system("77 districts", 77, 1)
BARRED = _system("98 list seats, threshold 5 %", 98, 98, Fraction(1, 20))
MAIN = (LISTS, _system("150 list seats", 150, 150), DISTRICTS)
OTHERS = (
    _system("450 list seats", 450, 450),
    _system("300 districts", 300, 1),
    _system("20 districts of 5", 100, 5),
    _system("20 districts of 10", 200, 10),
    BARRED,
)
ABLATIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "without drift of valence": ({"drift": 0.0}, {}),
    "exit by votes, not seats": ({"exit_by": "votes"}, {}),
    "without a cost of ruling": ({"cost_of_ruling": 0.0}, {}),
    "without joint lists": ({"partners": 0}, {}),
    "without local terms": ({}, {"local_spread": 0.0}),
}
"""Changes of the settings of competition and of choice that take one mechanism out."""


class Summary(NamedTuple):
    """One system over all seeds: medians of seed medians, and the 5-95 % range of the seed medians of ``enp_seats``."""

    variant: str
    system: str
    seats: int
    magnitude: int
    seeds: int
    enp_seats: float
    low: float
    high: float
    law_enp_seats: float
    enp_votes: float
    law_enp_votes: float
    largest: float
    law_largest: float
    within_log_sd: float  # spread of ln enp_seats from one election to the next, mean over seeds

    @property
    def ratio(self) -> float:
        """Observed over expected effective parties by seats."""
        return self.enp_seats / self.law_enp_seats


class Task(NamedTuple):
    """One series to run."""

    system: ElectoralSystem
    competition: dict[str, Any]
    choice: dict[str, Any]
    seed: int
    voters: int
    elections: int


def series(task: Task) -> NDArray[np.float64]:
    """The elections of one series (E, columns of :class:`~sim.process.competition.Held`)."""
    model = ElectionSeries(
        task.system,
        CompetitionSettings.model_validate(task.competition),
        choice=ChoiceSettings.model_validate(task.choice),
        population=PopulationSettings(voters=task.voters),
        elections=task.elections,
        society=1_000 + task.seed,
        history=2_000_000 + task.seed,
    ).run()
    return np.asarray(model.results.to_numpy(dtype=float))


def summary(variant: str, system: ElectoralSystem, runs: NDArray[np.float64]) -> Summary:
    """What the series of one system come to; runs (seeds, elections after the burn-in, columns)."""
    column = {name: runs[:, :, place] for place, name in enumerate(Held._fields)}
    by_seed = np.median(column["enp_seats"], axis=1)

    def middle(name: str) -> float:
        return float(np.median(np.median(column[name], axis=1)))

    return Summary(
        variant,
        system.name,
        system.seats,
        system.magnitude,
        seeds=len(runs),
        enp_seats=float(np.median(by_seed)),
        low=float(np.quantile(by_seed, 0.05)),
        high=float(np.quantile(by_seed, 0.95)),
        law_enp_seats=seat_product.effective_seats(system.magnitude, system.seats),
        enp_votes=middle("enp_votes"),
        law_enp_votes=seat_product.effective_votes(system.magnitude, system.seats),
        largest=middle("largest_seats"),
        law_largest=seat_product.largest_share(system.magnitude, system.seats),
        within_log_sd=float(np.log(column["enp_seats"]).std(axis=1).mean()),
    )


def study(
    plans: list[tuple[str, ElectoralSystem, int]],
    *,
    workers: int = 2,
    voters: int = VOTERS,
    elections: int = ELECTIONS,
    burn_in: int = BURN_IN,
) -> list[Summary]:
    """A row for each (variant, system, seeds); variants are keys of ABLATIONS, or anything else for the whole model."""
    tasks = [
        Task(system, *ABLATIONS.get(variant, ({}, {})), seed, voters, elections)
        for variant, system, seeds in plans
        for seed in range(seeds)
    ]
    if workers == 1:
        runs = list(map(series, tasks))
    else:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            runs = list(pool.map(series, tasks))
    out, first = [], 0
    for variant, system, seeds in plans:
        out.append(summary(variant, system, np.array(runs[first : first + seeds])[:, burn_in:]))
        first += seeds
    return out


def slope(rows: list[Summary]) -> float:
    """Slope of ln effective parties by seats on ln(M S) over systems; the law says 1/6."""
    product = [np.log(row.magnitude * row.seats) for row in rows]
    return float(np.polyfit(product, [np.log(row.enp_seats) for row in rows], 1)[0])


def markdown(rows: list[Summary]) -> str:
    """The rows as a table in Markdown."""
    lines = [
        "| system | effective parties by seats, median [5-95 % of seeds] | seat product | ratio | by votes / expected "
        "| largest share / expected | log sd within a series |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.system} | {row.enp_seats:.2f} [{row.low:.1f}-{row.high:.1f}] "
        f"| {row.law_enp_seats:.2f} | {row.ratio:.2f} "
        f"| {row.enp_votes:.2f} / {row.law_enp_votes:.2f} | {row.largest:.2f} / {row.law_largest:.2f} "
        f"| {row.within_log_sd:.2f} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Run the study, keep its figures and print its tables."""
    whole = [("the model", system, SEEDS) for system in MAIN] + [("the model", s, FEWER_SEEDS) for s in OTHERS]
    cut = [(name, system, FEWEST_SEEDS) for name in ABLATIONS for system in (LISTS, DISTRICTS)]
    cut.append(("without joint lists", BARRED, FEWER_SEEDS))
    rows = study([*whole, *cut])
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "results/reference/null-a.csv")
    with target.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([*Summary._fields, "ratio"])
        table.writerows(
            [*(round(x, 4) if isinstance(x, float) else x for x in row), round(row.ratio, 4)] for row in rows
        )
    mine = [row for row in rows if row.variant == "the model"]
    print(markdown(mine))
    print(f"\nslope of ln N on ln(M S), threshold 0: {slope(mine[:-1]):.3f} (law: {1 / 6:.3f})\n")
    for name in ABLATIONS:
        print(f"{name}\n{markdown([row for row in rows if row.variant == name])}\n")


if __name__ == "__main__":
    main()
