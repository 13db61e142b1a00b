"""Null A: what free competition seats under one set of parameters and many electoral systems, beside the seat product.

``python -m sim.analysis.null_a`` runs the study, keeps its numbers in ``results/reference/null-a*.csv`` and writes the
tables of docs/nulls.md; with ``--tables`` it writes the tables anew from the numbers kept. One number was fitted, the
drift of valence, on 98 list seats.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

import numpy as np
from numpy.typing import NDArray

from sim.measures import seat_product
from sim.process.competition import Held
from sim.process.competition_settings import CompetitionSettings
from sim.process.polling import ElectoralSystem
from sim.process.settings import ChoiceSettings
from sim.series import ElectionSeries
from sim.society.settings import PopulationSettings
from sim.strict import InputError

BURN_IN = 20  # elections until the founders are forgotten
ELECTIONS = 50
VOTERS, MORE_VOTERS = 4_000, 12_000
SEEDS, FEWER_SEEDS, FEWEST_SEEDS = 20, 10, 8
NUMBERS, PATH, PAGE = "results/reference/null-a.csv", "results/reference/null-a-path.csv", "docs/nulls.md"


def _system(name: str, seats: int, magnitude: int, threshold: Fraction = Fraction(0)) -> ElectoralSystem:
    return ElectoralSystem(name=name, seats=seats, magnitude=magnitude, threshold=threshold)


LISTS = _system("98 list seats", 98, 98)
LARGE = _system("450 list seats", 450, 450)
DISTRICTS = _system("77 districts", 77, 1)
BARRED = _system("98 list seats, threshold 5 %", 98, 98, Fraction(1, 20))
MAIN = (LISTS, _system("150 list seats", 150, 150), DISTRICTS)
IN_VIEW = (
    LARGE,
    _system("300 districts", 300, 1),
    _system("20 districts of 5", 100, 5),
    _system("20 districts of 10", 200, 10),
    BARRED,
)
BLIND = (
    _system("50 list seats", 50, 50),
    _system("120 list seats", 120, 120),
    _system("150 districts", 150, 1),
    _system("40 districts of 3", 120, 3),
    _system("15 districts of 20", 300, 20),
)
"""Systems that nobody had run before the rules and the parameters were settled. They have been run twice,
the second time because the generator of chance was replaced."""


class Change(NamedTuple):
    """What a variant changes: settings of competition, settings of choice, the number of sampled voters."""

    competition: dict[str, Any]
    choice: dict[str, Any]
    voters: int | None = None


WHOLE = "the model"
ABLATIONS: dict[str, Change] = {
    "no news about parties": Change({"drift": 0.0}, {}),
    "news alike for all sizes, refitted": Change({"averaging": 0.0, "drift": 0.9}, {}),
    "exit by 3 % of the vote": Change({"exit_by": "votes"}, {}),
    "no cost of ruling": Change({"cost_of_ruling": 0.0}, {}),
    "no local terms": Change({}, {"local_spread": 0.0}),
    "no joint lists": Change({"partners": 0}, {}),
    "nobody moves": Change({"rules": ("sticker",)}, {}),
    "voters ignore chances": Change({}, {"strategic": 0.0}),
}
"""One mechanism out at a time."""

OTHERWISE: dict[str, Change] = {
    "valence hardly forgets": Change({"persistence": 0.98, "smallest": 0.1, "drift": 0.4}, {}),
    "three times the voters": Change({}, {}, MORE_VOTERS),
}
"""Other worlds that should give the same: a second set of parameters, fitted on 98 list seats too; a larger sample."""


class Summary(NamedTuple):
    """One system over all seeds: medians of seed medians, and the 5-95 % range of the seed medians of ``enp_seats``.

    ``law_*`` are the seat product's; ``volatility`` and ``within_log_sd``, the spread of ln enp_seats from one election
    to the next, are means over elections and seeds.
    """

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
    winners: float  # lists with a seat
    law_winners: float  # (M S)^(1/4), Taagepera 2002
    enp_seats_parties: float  # a joint list's seats divided among its members
    joint_lists: float
    volatility: float  # percentage points
    within_log_sd: float

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
    """What the series of one system come to; runs (seeds, elections after the burn-in, columns).

    An election in which no list reached the threshold has no effective number, and is left out.
    """
    column = {name: runs[:, :, place] for place, name in enumerate(Held._fields)}
    by_seed = np.nanmedian(column["enp_seats"], axis=1)

    def middle(name: str) -> float:
        return float(np.median(np.nanmedian(column[name], axis=1)))

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
        winners=middle("winners"),
        law_winners=float((system.magnitude * system.seats) ** 0.25),
        enp_seats_parties=middle("enp_seats_parties"),
        joint_lists=float(column["joint_lists"].mean()),
        volatility=float(np.nanmean(column["volatility"])),
        within_log_sd=float(np.nanstd(np.log(column["enp_seats"]), axis=1).mean()),
    )


Plan = tuple[str, ElectoralSystem, int]
"""A variant (a key of ABLATIONS or OTHERWISE, anything else is the whole model), a system, a number of seeds."""


def runs(
    plans: Sequence[Plan], *, workers: int = 2, voters: int = VOTERS, elections: int = ELECTIONS
) -> list[NDArray[np.float64]]:
    """The series of each plan, (seeds, elections, columns); whoever runs them, the same."""
    tasks = []
    for variant, system, seeds in plans:
        change = (ABLATIONS | OTHERWISE).get(variant, Change({}, {}))
        rows = change.voters or voters
        tasks += [Task(system, change.competition, change.choice, seed, rows, elections) for seed in range(seeds)]
    if workers == 1:
        found = list(map(series, tasks))
    else:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            found = list(pool.map(series, tasks))
    ends = list(accumulate(seeds for *_, seeds in plans))
    return [np.array(found[end - seeds : end]) for end, (*_, seeds) in zip(ends, plans, strict=True)]


def study(plans: Sequence[Plan], *, burn_in: int = BURN_IN, **how: Any) -> list[Summary]:
    """A row for each plan; ``how`` is passed on to :func:`runs`."""
    found = runs(plans, **how)
    return [summary(plan[0], plan[1], part[:, burn_in:]) for plan, part in zip(plans, found, strict=True)]


def slope(rows: Sequence[Summary]) -> float:
    """Slope of ln effective parties by seats on ln(M S) over systems; the law says 1/6."""
    product = [np.log(row.magnitude * row.seats) for row in rows]
    return float(np.polyfit(product, [np.log(row.enp_seats) for row in rows], 1)[0])


def read(path: Path) -> list[Summary]:
    """The rows that a study kept."""
    kinds = get_type_hints(Summary)
    with path.open(encoding="utf-8", newline="") as file:
        return [Summary(**{name: kinds[name](row[name]) for name in Summary._fields}) for row in csv.DictReader(file)]


def tables(rows: Sequence[Summary]) -> dict[str, str]:
    """The tables of docs/nulls.md in Markdown, by the name of the place they stand in."""
    model = {row.system: row for row in rows if row.variant == WHOLE}
    main, view, blind = ([model[s.name] for s in group] for group in (MAIN, IN_VIEW, BLIND))
    free = [row for row in (*main, *view, *blind) if row.system != BARRED.name]
    return {
        "main": _beside(main),
        "view": _beside(view),
        "blind": _beside(blind),
        "slope": f"Slope of ln N on ln(M S) over the {len(free)} systems without a threshold: {slope(free):.3f}; over"
        f" the five nobody had run: {slope(blind):.3f}; the law: {1 / 6:.3f}.",
        "ablations": _across(rows, [WHOLE, *ABLATIONS], (LISTS, DISTRICTS, BARRED)),
        "otherwise": _across(rows, [WHOLE, *OTHERWISE], (*MAIN, IN_VIEW[1], LARGE, BARRED)),
        "settings": _settings(),
    }


CHOICE = ("distance", "local_spread", "strategic", "belief_noise", "rounds")
"""The settings of choice that the series uses, the same as in a single election."""


def _settings() -> str:
    """Every setting of the series with its default, mark and source."""
    lines = ["| setting | default | unit | mark | source or reason |", "|---|---|---|---|---|"]
    parts = (("choice", ChoiceSettings, CHOICE), ("competition", CompetitionSettings, CompetitionSettings.model_fields))
    for section, model, names in parts:
        for name in names:
            field = model.model_fields[name]
            extra = field.json_schema_extra
            assert isinstance(extra, dict)
            default = ", ".join(field.default) if isinstance(field.default, tuple) else field.default
            lines.append(f"| `{section}.{name}` | {default} | {extra['unit']} | {extra['mark']} | {extra['source']} |")
    return "\n".join(lines)


def _beside(rows: Sequence[Summary]) -> str:
    """Systems beside their laws."""
    lines = [
        "| system | effective parties by seats: median [5-95 % of series] | seat product | ratio | by votes / law "
        "| largest seat share / law | lists with seats / law | volatility | log sd within a series |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.system} | **{row.enp_seats:.2f}** [{row.low:.1f}-{row.high:.1f}] | {row.law_enp_seats:.2f} "
        f"| {row.ratio:.2f} | {row.enp_votes:.2f} / {row.law_enp_votes:.2f} "
        f"| {row.largest:.2f} / {row.law_largest:.2f} | {row.winners:.1f} / {row.law_winners:.1f} "
        f"| {row.volatility:.0f} | {row.within_log_sd:.2f} |"
        for row in rows
    ]
    return "\n".join(lines)


def _across(rows: Sequence[Summary], variants: Sequence[str], systems: Sequence[ElectoralSystem]) -> str:
    """Effective parties by seats, with the largest share in brackets; variants down, systems across."""
    found = {(row.variant, row.system): row for row in rows}
    laws = [f"{seat_product.effective_seats(s.magnitude, s.seats):.2f}" for s in systems]
    lines = [
        "| | " + " | ".join(system.name for system in systems) + " |",
        "|---" * (len(systems) + 1) + "|",
        "| *seat product* | " + " | ".join(laws) + " |",
    ]
    for variant in variants:
        cells = [found.get((variant, system.name)) for system in systems]
        told = [f"{cell.enp_seats:.2f} ({cell.largest:.2f})" if cell else "-" for cell in cells]
        lines.append(f"| {variant} | " + " | ".join(told) + " |")
    return "\n".join(lines)


def placed(page: str, parts: Mapping[str, str]) -> str:
    """The page with each part between the comments that name its place.

    Raises:
        InputError: the page has no such place.
    """
    for name, part in parts.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        if page.count(begin) != 1 or page.count(end) != 1:
            raise InputError(f"the page needs one place {begin} ... {end} for a table.")
        before, rest = page.split(begin)
        page = f"{before}{begin}\n{part}\n{end}{rest.split(end)[1]}"
    return page


def _keep(rows: Sequence[Summary], paths: Mapping[str, NDArray[np.float64]]) -> None:
    """Write the numbers: a row for each variant and system, and the three systems election by election."""
    with Path(NUMBERS).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([*Summary._fields, "ratio"])
        for row in rows:
            table.writerow([round(x, 4) if isinstance(x, float) else x for x in (*row, row.ratio)])
    with Path(PATH).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["system", "election", "median", "low", "high"])
        for system, part in paths.items():
            for election, values in enumerate(part[:, :, Held._fields.index("enp_seats")].T, start=1):
                quantiles = np.nanquantile(values, [0.5, 0.05, 0.95])
                table.writerow([system, election, *(round(float(q), 3) for q in quantiles)])


def main() -> None:
    """Run the study, or only write its tables anew."""
    ask = argparse.ArgumentParser(description="Null A: free competition beside the seat product")
    ask.add_argument("--workers", type=int, default=2)
    ask.add_argument("--tables", action="store_true", help="write the tables from the numbers kept; run nothing")
    given = ask.parse_args()
    if not given.tables:
        plans: list[Plan] = [(WHOLE, system, SEEDS) for system in MAIN]
        plans += [(WHOLE, system, FEWER_SEEDS) for system in (*IN_VIEW, *BLIND)]
        plans += [(name, system, FEWEST_SEEDS) for name in ABLATIONS for system in (LISTS, DISTRICTS, BARRED)]
        plans += [(name, s, FEWEST_SEEDS) for name in OTHERWISE for s in (*MAIN, IN_VIEW[1], LARGE, BARRED)]
        found = runs(plans, workers=given.workers)
        rows = [summary(p[0], p[1], part[:, BURN_IN:]) for p, part in zip(plans, found, strict=True)]
        _keep(rows, {system.name: part for system, part in zip(MAIN, found, strict=False)})
    page = Path(PAGE)
    parts = tables(read(Path(NUMBERS)))
    page.write_text(placed(page.read_text("utf-8"), parts), "utf-8")
    print("\n\n".join(parts.values()))


if __name__ == "__main__":
    main()
