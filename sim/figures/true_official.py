"""What voters did against what was announced, a mark a region; real regions stay without a name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.figures import facts, labels, rows, style
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.store import Results

Value = Literal["turnout", "leader_share"]

VALUES = {"turnout": "turnout, % of registered voters", "leader_share": "vote of the party of power, % of votes"}
"""The columns of the table ``regions`` that are held both true and official, and what they are called."""

_BODY = 4.3  # inches


class Panel(NamedTuple):
    """One level: means of the regions with their intervals, single runs, and the national difference in points."""

    level: str
    regions: pd.DataFrame
    runs: pd.DataFrame
    gap: rows.Mean
    missing: int


@mpl.rc_context(style.RC)
def true_official(
    results: Results, scenario: str | rows.Named | None = None, level: str | None = None, value: Value = "turnout"
) -> Figure:
    """The true value of each region against its official one, in percent: means over the runs, single runs faint.

    ``scenario`` None: the one compared with; ``level`` None: a panel a level. On the line of 45 degrees nothing was
    changed. Only the regions of an invented country are named: a simulated difference is no evidence about a real
    region, so real ones have no name, no map, and the order of their values. Raises InputError for an unknown value or
    rows the store does not hold.
    """
    if value not in VALUES:
        raise InputError(f'no value "{value}" is held both true and official; known: {", ".join(VALUES)}')
    scenario = scenario if scenario is not None else rows.default_against(results)
    held = rows.select(results, "regions", scenario, level)
    runs = rows.select(results, "runs", scenario, level)
    named = facts.fictional(facts.case_of(results, scenario))
    panels = [
        _panel(held[held["level"] == own], runs[runs["level"] == own], own, value, named=named)
        for own in rows.levels(held)
    ]
    figure = style.sheet(
        _title(rows.name_of(scenario), panels, value),
        _caption(panels, named),
        subtitle=_spread(panels),
        width=max(6.5, 0.6 + (4.9 if named else 3.9) * len(panels)),
        body=_BODY,
    )
    axes = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    low, high = _reach(panels)
    for ax, panel in zip(axes, panels, strict=True):
        ticks = np.arange(low, high, 10)
        ax.set(xlim=(low, high), ylim=(low, high), xticks=ticks, yticks=ticks, xlabel=f"true {VALUES[value]}")
        ax.set_title(f"level {panel.level}", weight="normal")
        _draw(ax, panel, named=named)
    axes[0].set_ylabel(f"official {VALUES[value]}")
    return figure


def _panel(held: pd.DataFrame, runs: pd.DataFrame, level: str, value: str, *, named: bool) -> Panel:
    """Everything in percent; rows in the order of the true value, so that their place tells nothing."""
    pairs = held.assign(
        true=100 * held[f"true_{value}"].astype(float), official=100 * held[f"official_{value}"].astype(float)
    )
    there = pairs.dropna(subset=["true", "official"])
    if there.empty:
        raise InputError(f"no region has a true and an official {value} (level {level}); nothing can be drawn.")
    found = []
    for _, own in there.groupby("region"):
        ends = {f"{side}_{end}": x for side in ("true", "official") for end, x in _ends(own[side]).items()}
        found.append({"name": str(own["name"].iloc[0]) if named else "", **ends})
    regions = pd.DataFrame(found).sort_values("true_mean", kind="stable", ignore_index=True)
    cloud = there[["true", "official"]].sort_values(["true", "official"], ignore_index=True)
    gap = rows.mean(100 * (runs[f"official_{value}"].astype(float) - runs[f"true_{value}"].astype(float)))
    return Panel(level, regions, cloud, gap, len(pairs) - len(there))


def _ends(values: pd.Series) -> dict[str, float]:
    found = rows.mean(values)
    return {"mean": found.mean, "low": found.low, "high": found.high}


def _reach(panels: list[Panel]) -> tuple[float, float]:
    """The range of both axes: whole tens around every run."""
    low = min(float(panel.runs.min().min()) for panel in panels)
    high = max(float(panel.runs.max().max()) for panel in panels)
    return float(max(0, 10 * math.floor((low - 1) / 10))), float(min(102, 10 * math.ceil((high + 1) / 10)))


def _draw(ax: Axes, panel: Panel, *, named: bool) -> None:
    ax.grid()
    ax.plot(ax.get_xlim(), ax.get_xlim(), color=style.SOFT_INK, linewidth=0.9, gid="equal")
    look = style.LEVEL_LOOKS.get(panel.level, style.INDEPENDENT)
    ax.plot(panel.runs["true"], panel.runs["official"], "o", color=look.colour, ms=2.6, alpha=0.2, mew=0, gid="runs")
    regions = panel.regions
    about: dict[str, Any] = {"color": look.colour, "linewidth": 1.2}
    ax.hlines(regions["official_mean"], regions["true_low"], regions["true_high"], **about)
    ax.vlines(regions["true_mean"], regions["official_low"], regions["official_high"], **about)
    ax.plot(
        regions["true_mean"], regions["official_mean"], look.marker, color=look.colour, ms=6, mec="white", gid="means"
    )
    if named:
        places = list(zip(regions["true_mean"], regions["official_mean"], strict=True))
        labels.column(ax, places, list(regions["name"]), height=_BODY - 0.8)


def _title(scenario: str, panels: list[Panel], value: str) -> str:
    what = "turnout" if value == "turnout" else "vote of the party of power"
    gaps = [
        "no value"
        if np.isnan(panel.gap.mean)
        else f"{style.signed(panel.gap.mean)}{' points' if panel is panels[0] else ''} ({panel.level})"
        for panel in panels
    ]
    return f"{scenario}: official {what} differs from the true one by {', '.join(gaps)}"


def _spread(panels: list[Panel]) -> str:
    """How far the means of the regions differ."""
    words = []
    for panel in panels:
        gaps = panel.regions["official_mean"] - panel.regions["true_mean"]
        words.append(f"{style.signed(gaps.min())} to {style.signed(gaps.max())} ({panel.level})")
    return f"Means of the {len(panels[0].regions)} regions, in points: {', '.join(words)}. Faint marks: single runs."


def _caption(panels: list[Panel], named: bool) -> str:
    counts = [panel.gap.n for panel in panels]
    sure = "; ".join(
        f"{panel.level} {style.signed(panel.gap.low)} to {style.signed(panel.gap.high)}"
        for panel in panels
        if panel.gap.n > 1
    )
    interval = (
        f"95 % Student intervals: lines at the marks, and of the whole country's mean {sure}."
        if sure
        else "so no interval."
    )
    lost = sum(panel.missing for panel in panels)
    left = f" {lost} values are missing and left out, not counted as 0." if lost else ""
    who = (
        "The country is invented, so its regions are named."
        if named
        else "Regions have no names here, no map, and the order of their values: a simulated difference says what the "
        "scenario assumes, and is not evidence about any real region."
    )
    both = f" {style.LEVELS_SAY}" if len(panels) > 1 else ""
    return (
        f"Simulated, n = {rows.span(counts)} runs a level; {interval} On the line official equals true. "
        f"{who}{left}{both}"
    )
