"""How many parties were registered year by year over many runs, with the record beside them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim import cases
from sim.figures import facts, rows, style

if TYPE_CHECKING:
    from sim.analysis.registration import Fact
    from sim.batch.store import Results

_ALL, _DISLOYAL = style.Look("#0072B2", "o"), style.Look("#D55E00", "D")
_RECORD = {
    "given": style.Look(style.INK, "s"),
    "fitted": style.Look(style.INK, "P"),
    "held out": style.Look(style.INK, "*"),
}
"""The record's points by what a fit made of them."""


@mpl.rc_context(style.RC)
def registered_by_year(results: Results, level: str | None = None) -> Figure:
    """Parties registered on 1 July of each year: mean and 5-95 % of the runs, all and in opposition, by scenario.

    Points are counts on record (``registration_facts.toml`` of the case), by whether a run was started with them, a fit
    has seen them, or neither. ``level`` None: the lowest held.

    Raises:
        InputError: the store holds no years of runs of decades, or not at that level.
    """
    level = level or rows.levels(rows.select(results, "years"))[0]
    held = rows.select(results, "years", level=level)
    names = rows.scenarios(results, held)
    years = int(held["year"].min()), int(held["year"].max()) + 1
    known = {name: _within(record(facts.case_of(results, name)), held[held["scenario"] == name]) for name in names}
    across = 2 if len(names) in (2, 4) else min(3, len(names))
    down = -(-len(names) // across)
    counts = [int(held.loc[held["scenario"] == name, "replication"].nunique()) for name in names]
    uses = [use for use in _RECORD if any(fact.use == use for told in known.values() for fact in told)]
    figure = style.sheet(
        _title(held, names),
        _caption(held, level, counts, recorded=bool(uses)),
        subtitle="On 1 July of each year: means of the runs (lines) and 5 to 95 % of the runs (bands).",
        key={"registered": _ALL, "of them in opposition": _DISLOYAL} | {f"record, {use}": _RECORD[use] for use in uses},
        joined=False,
        width=max(6.5, 3.35 * across),
        body=0.4 + (2.9 if len(names) == 1 else 2.5) * down,
    )
    axes = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    for number, (ax, name) in enumerate(zip(axes.flat, names, strict=False)):
        _panel(ax, held[held["scenario"] == name], known[name])
        if len(names) > 1:
            ax.set_title(name)
        ax.tick_params(labelbottom=number + across >= len(names))
    for ax in axes.flat[len(names) :]:
        ax.set_visible(False)
    axes.flat[0].set(ylim=(0, None), xlim=years)
    for ax in axes[:, 0]:
        ax.set_ylabel("parties")
    return figure


def record(case: str) -> list[Fact]:
    """Counts of registered parties on record, by day; none where the case has no such facts."""
    from sim.analysis.registration import facts as known

    if not (cases.folder(case) / "registration_facts.toml").exists():
        return []
    return [fact for fact in known(case) if fact.counted == "standing"]


def _within(told: list[Fact], own: pd.DataFrame) -> list[Fact]:
    """The facts whose day lies in the years of a scenario's runs."""
    return [fact for fact in told if own["year"].min() <= _year(fact) <= own["year"].max() + 1]


def _year(fact: Fact) -> float:
    """The day of a fact as a decimal year."""
    day = date.fromisoformat(fact.until)
    return day.year + (day.timetuple().tm_yday - 1) / 365.25


def _panel(ax: Axes, held: pd.DataFrame, known: list[Fact]) -> None:
    ax.grid(axis="y")
    for column, look in (("registered", _ALL), ("registered_disloyal", _DISLOYAL)):
        by_year = held.groupby("year")[column]
        year = by_year.mean().index.to_numpy(dtype=float) + 0.5
        ax.fill_between(
            year, by_year.quantile(0.05), by_year.quantile(0.95), color=look.colour, alpha=0.2, linewidth=0, gid="band"
        )
        ax.plot(year, by_year.mean(), color=look.colour, marker=look.marker, markersize=3.5, linewidth=1.4, gid=column)
    for fact in known:
        look = _RECORD[fact.use]
        about: dict[str, Any] = {"mec": "white", "mew": 0.8, "zorder": 4, "gid": fact.key}
        size = 10 if look.marker == "*" else 7
        ax.plot([_year(fact)], [fact.value], look.marker, color=look.colour, ms=size, **about)
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))


def _title(held: pd.DataFrame, names: list[str]) -> str:
    """Fewest and most parties among the scenarios in the last year that all have, in words."""
    last = int(held.groupby("scenario")["year"].max().min())
    means = held[held["year"] == last].groupby("scenario")["registered"].mean()
    fewest, most = str(means.idxmin()), str(means.idxmax())
    head = f"Registered parties in {last}"
    if len(names) == 1:
        first = int(held["year"].min())
        start = held[held["year"] == first]["registered"].mean()
        return f"Registered parties, mean of the runs: {start:.1f} in {first}, {means[most]:.1f} in {last}"
    if means[fewest] == means[most]:
        return f"{head}: {means[most]:.1f} on average in every scenario"
    return f"{head}: {means[fewest]:.1f} on average in {fewest}, {means[most]:.1f} in {most}"


def _caption(held: pd.DataFrame, level: str, counts: list[int], *, recorded: bool) -> str:
    lost = int(held["registered"].isna().sum())
    left = f" {lost} missing counts are left out, not counted as 0." if lost else ""
    beside = (
        " The record's points are counts on their own days: given ones are what a run is started with, fitted "
        "ones a fit has seen, held out ones none has. Only scenarios with law and practice as they were answer to them."
        if recorded
        else ""
    )
    return f"Simulated, level {level}, n = {rows.span(counts)} runs a scenario.{beside}{left}"
