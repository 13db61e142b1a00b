"""What the tests say of elections in which nobody did anything: Null A, stations alike; Null B, honest differences.

``python -m sim.analysis.forensics.nulls`` makes the study anew (about a quarter of an hour on two processors), keeps
``results/reference/forensics-nulls.csv`` and writes the tables of docs/forensics.md; with ``--tables`` it writes the
tables anew from the numbers kept. Nothing is fitted.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

import numpy as np
from scipy.special import expit, logit

from sim.analysis.forensics import shpilkin
from sim.analysis.forensics.digits import last_digit, second_digit
from sim.analysis.forensics.integer_peaks import integer_peaks
from sim.analysis.forensics.klimek import klimek
from sim.analysis.forensics.mixture import mixture
from sim.analysis.forensics.regression import observers, turnout_share
from sim.analysis.forensics.round_shares import round_shares
from sim.analysis.forensics.settings import ForensicSettings
from sim.analysis.forensics.stations import Stations
from sim.kernels import counts
from sim.streams import Streams

NUMBERS, PAGE = "results/reference/forensics-nulls.csv", "docs/forensics.md"
ELECTIONS, FITS = 1_000, 200
FEWER, FEWER_FITS = 300, 100  # with a gap
STATIONS = 3_000
GAPS = (0, 5, 10, 15, 20)
LEVEL = 0.05

TURNOUT, SHARE = 0.50, 0.40
SPREADS = 0.31, 0.34  # logit; FINDINGS of the prototype on Russian stations
RURAL, RURAL_SIZE = 0.4, 0.5  # assumed: share of stations, and their size beside others'
MEAN_SIZE, SIZE_SPREAD = 1_200, 0.6  # assumed
OBSERVED = 0.05
OTHERS = (0.5, 0.3, 0.2)  # how the other votes divide among three lists
ENDS = (31.8, 24.1), (11.2, 8.9), (2.6, 2.4)
"""What two other generators gave for Shpilkin's method at gaps of 20, 10 and 5 points, % of the leader's votes."""


def honest(seed: int, *, gap: float = 0.0, stations: int = STATIONS) -> Stations:
    """An election without fraud; rural stations ``gap`` points higher on turnout and on the leader's share.

    Turnout and share are independent within a kind. Every draw has an address; ids are stations.
    """
    streams = Streams(seed)

    def draw(what: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.asarray(streams.uniform(f"forensics/null/{what}", stations))

    def normal(what: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.asarray(streams.normal(f"forensics/null/{what}", stations))

    rural = draw("rural") < RURAL
    sizes = MEAN_SIZE * np.where(rural, RURAL_SIZE, 1.0) * np.exp(SIZE_SPREAD * normal("size") - SIZE_SPREAD**2 / 2)
    voters = np.clip(sizes, 50, 6_000).astype(np.int64)
    lift = gap / 100 * rural
    turnout = expit(logit(TURNOUT + lift) + SPREADS[0] * normal("turnout"))
    share = expit(logit(SHARE + lift) + SPREADS[1] * normal("share"))
    cast = counts.binomial(draw("cast"), voters, turnout)
    leader = counts.binomial(draw("leader"), cast, share)
    left, lists, rest = cast - leader, {}, 1.0
    for place, part in enumerate(OTHERS[:-1], start=2):
        lists[f"list {place}"] = counts.binomial(draw(f"list/{place}"), left, np.full(stations, part / rest))
        left, rest = left - lists[f"list {place}"], rest - part
    lists[f"list {len(OTHERS) + 1}"] = left
    at = np.arange(stations)
    return Stations(
        region=(at // 150).astype(object),
        territory=(at // 30).astype(object),
        station=at.astype(object),
        voters=voters,
        given=cast,
        cast=cast,
        leader=leader,
        observed=draw("observed") < OBSERVED,
        lists=lists,
        title=f"honest election {seed}, gap {gap:g}",
        simulated=True,
    )


class Said(NamedTuple):
    """What the tests said of one honest election; NaN where there was no answer or the fit was not asked for."""

    peaks: float  # p
    digit: float
    digit_mean: float
    zero_five: float
    second_mean: float
    slope: float
    observers: float
    rounds: float
    shpilkin: float  # % of the leader's votes by the plain definition, whether or not it was refused
    refused: float
    klimek: float  # f_i
    klimek_low: float  # the lower end of its interval
    mixture: float  # f_i
    preferred: float  # whether three kinds are preferred to one


def said(seed: int, *, gap: float, fits: bool, stations: int = STATIONS) -> Said:
    """Every test on one honest election; the two parametric fits where they are asked for."""
    there = honest(seed, gap=gap, stations=stations)
    settings = ForensicSettings(resamples=100, seed=seed)
    digit, second = last_digit(there, settings), second_digit(there, settings)
    nan = float("nan")
    fitted = (nan, nan, nan, nan)
    if fits:
        one, three = klimek(there, settings), mixture(there, settings)
        low = one.interval[0] if one.interval else nan
        fitted = (_number(one.estimate), low, _number(three.estimate), float(three.values["preferred"]))
    votes = {there.leader_name: int(there.leader.sum())} | {k: int(v.sum()) for k, v in there.lists.items()}
    return Said(
        _number(integer_peaks(there, settings).p),
        _number(digit.p),
        _number(digit.values["mean"]),
        _number(digit.values["zero_five"]),
        _number(second.estimate),
        _number(turnout_share(there, settings).p),
        _number(observers(there, settings).p),
        _number(round_shares(votes, int(there.cast.sum()), settings).p),
        100 * shpilkin.plain(there) / int(there.leader.sum()),
        float(shpilkin.shpilkin(there, settings).refused),
        *fitted,
    )


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


class Row(NamedTuple):
    """One kind of election over many: shares in percent of elections unless a comment says otherwise."""

    gap: float
    elections: int
    fits: int
    peaks: float
    digit: float
    slope: float
    observers: float
    rounds: float
    shpilkin: float  # mean % of the leader's votes
    refused: float
    klimek: float  # mean f_i
    klimek_above: float  # interval wholly above .02
    mixture: float  # mean f_i
    preferred: float
    digit_low: float  # range of the middle 95 % of elections
    digit_high: float
    zero_five_low: float
    zero_five_high: float
    second_low: float  # over all elections
    second_high: float


def row(gap: float, found: Sequence[Said]) -> Row:
    """Rates over elections."""
    table = {name: np.array([getattr(one, name) for one in found]) for name in Said._fields}
    fitted = ~np.isnan(table["klimek"])

    def below(name: str) -> float:
        return 100 * float(np.mean(table[name] < LEVEL))

    def mean(values: np.ndarray[Any, Any]) -> float:
        return float(values.mean()) if values.size else float("nan")

    def middle(name: str) -> tuple[float, float]:
        low, high = np.quantile(table[name], [0.025, 0.975])
        return float(low), float(high)

    return Row(
        gap,
        len(found),
        int(fitted.sum()),
        below("peaks"),
        below("digit"),
        below("slope"),
        below("observers"),
        below("rounds"),
        float(table["shpilkin"].mean()),
        100 * float(table["refused"].mean()),
        mean(table["klimek"][fitted]),
        100 * mean(table["klimek_low"][fitted] > 0.02),
        mean(table["mixture"][fitted]),
        100 * mean(table["preferred"][fitted]),
        *middle("digit_mean"),
        *middle("zero_five"),
        float(table["second_mean"].min()),
        float(table["second_mean"].max()),
    )


def study(gap: float, elections: int, fits: int, *, workers: int = 2, stations: int = STATIONS) -> Row:
    """Many honest elections of one kind; whoever makes them, the same."""
    plain = partial(said, gap=gap, fits=False, stations=stations)
    full = partial(said, gap=gap, fits=True, stations=stations)
    seeds = range(1, elections + 1)
    if workers == 1:
        found = [*map(full, seeds[:fits]), *map(plain, seeds[fits:])]
    else:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            found = [*pool.map(full, seeds[:fits], chunksize=5), *pool.map(plain, seeds[fits:], chunksize=20)]
    return row(gap, found)


def read(path: Path) -> list[Row]:
    """The rows that a study kept."""
    kinds = get_type_hints(Row)
    with path.open(encoding="utf-8", newline="") as file:
        return [Row(**{name: kinds[name](line[name]) for name in Row._fields}) for line in csv.DictReader(file)]


def tables(rows: Sequence[Row]) -> dict[str, str]:
    """The tables of docs/forensics.md in Markdown, by the name of the place they stand in."""
    main, *others = rows
    limit = 100 * (LEVEL + 1.96 * np.sqrt(LEVEL * (1 - LEVEL) / main.elections))
    a = [
        f"| test | false alarms in {main.elections:,} elections at 5 % | within {limit:.1f} % |",
        "|---|---|---|",
        *(
            f"| {words} | {getattr(main, name):.1f} % | {'yes' if getattr(main, name) <= limit else 'no'} |"
            for name, words in (
                ("peaks", "integer peaks"),
                ("digit", "last digit"),
                ("slope", "turnout and share"),
                ("observers", "observers"),
                ("rounds", "round shares"),
            )
        ),
    ]
    ranges = (
        f"Mean last digit {main.digit_low:.2f} to {main.digit_high:.2f} in the middle 95 % of elections (4.5 if even)",
        f"0 or 5 in {100 * main.zero_five_low:.1f} to {100 * main.zero_five_high:.1f} % (20 if even)",
        f"mean second digit {main.second_low:.2f} to {main.second_high:.2f} over all.",
    )
    digits = "; ".join(ranges)
    return {"null-a": "\n".join([*a, "", digits]), "null-b": _across([main, *others])}


def _across(rows: Sequence[Row]) -> str:
    """Null B: the tests by the gap between town and country."""
    beside = {20.0: ENDS[0], 10.0: ENDS[1], 5.0: ENDS[2]}
    lines = [
        "| honest gap, points | " + " | ".join(f"{r.gap:g}" for r in rows) + " |",
        "|---" * (len(rows) + 1) + "|",
    ]

    def line(words: str, cells: Sequence[str]) -> None:
        lines.append(f"| {words} | " + " | ".join(cells) + " |")

    line("elections (with fits)", [f"{r.elections:,} ({r.fits})" for r in rows])
    line("Shpilkin, % of the leader's votes, refused or not", [f"**{r.shpilkin:.1f}**" for r in rows])
    line(
        "the same, two other generators",
        [" / ".join(map(str, beside[r.gap])) if r.gap in beside else "-" for r in rows],
    )
    line("Shpilkin refused, % of elections", [f"{r.refused:.0f}" for r in rows])
    line("Klimek, mean f_i", [f"{r.klimek:.3f}" for r in rows])
    line("Klimek, interval above .02, % of elections", [f"{r.klimek_above:.0f}" for r in rows])
    line("mixture, mean f_i", [f"{r.mixture:.3f}" for r in rows])
    line("mixture, three kinds preferred, % of elections", [f"{r.preferred:.0f}" for r in rows])
    line("turnout and share, alarms %", [f"{r.slope:.1f}" for r in rows])
    line("integer peaks, alarms %", [f"{r.peaks:.1f}" for r in rows])
    line("last digit, alarms %", [f"{r.digit:.1f}" for r in rows])
    line("observers at random, alarms %", [f"{r.observers:.1f}" for r in rows])
    return "\n".join(lines)


def keep(rows: Sequence[Row], path: Path) -> None:
    """Write the numbers, a row for each kind of election."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(Row._fields)
        for one in rows:
            table.writerow([round(x, 4) if isinstance(x, float) else x for x in one])


def main(arguments: Sequence[str] | None = None) -> Mapping[str, str]:
    """Make the study, or only write its tables anew."""
    from sim.analysis.null_a import placed

    ask = argparse.ArgumentParser(description="Forensic tests on elections without fraud")
    ask.add_argument("--workers", type=int, default=2)
    ask.add_argument("--tables", action="store_true", help="write the tables from the numbers kept; run nothing")
    given = ask.parse_args(arguments)
    if not given.tables:
        rows = []
        for gap in GAPS:
            elections, fits = (FEWER, FEWER_FITS) if gap else (ELECTIONS, FITS)
            rows.append(study(gap, elections, fits, workers=given.workers))
        keep(rows, Path(NUMBERS))
    parts = tables(read(Path(NUMBERS)))
    page = Path(PAGE)
    page.write_text(placed(page.read_text("utf-8"), parts), "utf-8")
    return parts


if __name__ == "__main__":
    print("\n\n".join(main().values()))
