"""How far groups get on their way to becoming registered parties, by their conduct, a panel a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.figures import facts, rows, style

if TYPE_CHECKING:
    from sim.batch.store import Results

STAGES = {
    "formed": "formed",
    "noticed": "notice\ngiven",
    "confirmed": "notice\nconfirmed",
    "congress": "congress\nheld",
    "filed": "list\nfiled",
    "registered": "registered",
}
"""Stages in order, as the axis names them."""


@mpl.rc_context(style.RC)
def funnel(results: Results, level: str | None = None) -> Figure:
    """Mean number of groups a run that reached each stage, by conduct; panels share their axes.

    ``level`` None: the lowest held. A conduct without a row in a run stands for no such group in it; a null is missing
    and left out. Raises InputError when the store holds no funnel.
    """
    level = level or rows.levels(rows.select(results, "funnel"))[0]
    held = rows.select(results, "funnel", level=level)
    names = rows.scenarios(results, held)
    done = rows.select(results, "runs", level=level).groupby("scenario")["replication"].apply(sorted)
    means = {name: _means(held[held["scenario"] == name], done[name]) for name in names}
    conducts = [c for c in style.CONDUCTS if c in set(held["conduct"])]
    across = 2 if len(names) in (2, 4) else min(3, len(names))
    down = -(-len(names) // across)
    figure = style.sheet(
        f"From group to registered party: {_registered(means, names)}",
        _caption(held, level, sorted({len(done[name]) for name in names})) + _period(results, names),
        subtitle="Groups that reached each stage, mean of a run. Numbers at the right: registered parties.",
        key={style.CONDUCTS[c]: style.CONDUCT_LOOKS[c] for c in conducts},
        width=max(5.5, 3.35 * across),
        body=0.5 + 2.45 * down,
    )
    axes = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    for ax, name in zip(axes.flat, names, strict=False):
        _panel(ax, means[name], conducts)
        ax.set_title(name)
    for ax in axes.flat[len(names) :]:
        ax.set_visible(False)
    top = max([float(np.nanmax([*m["high"], *m["mean"], 0.5])) for m in means.values() if len(m)], default=1.0)
    axes.flat[0].set(ylim=(-0.04 * top, 1.06 * top), xlim=(-0.3, len(STAGES) - 0.3))
    for place, ax in enumerate(axes.flat[: len(names)]):
        _label_ends(ax, means[names[place]], conducts, top)
        if place + across >= len(names):  # nothing below it
            ax.tick_params(labelbottom=True)
            ax.set_xticks(range(len(STAGES)), list(STAGES.values()), rotation=45, ha="right", rotation_mode="anchor")
    for ax in axes[:, 0]:
        ax.set_ylabel("groups a run")
    return figure


def _means(held: pd.DataFrame, runs: list[int]) -> pd.DataFrame:
    """Mean and interval by conduct and stage over the given runs of one scenario; indexed by both."""
    found = {}
    for conduct in dict.fromkeys(held["conduct"]):
        for stage in STAGES:
            here = held[(held["conduct"] == conduct) & (held["stage"] == stage)].set_index("replication")["groups"]
            absent = pd.Series(0.0, index=[r for r in runs if r not in here.index], dtype=float)
            found[conduct, stage] = rows.mean(pd.concat([here.astype(float), absent]) if len(absent) else here)
    return pd.DataFrame(found.values(), index=pd.MultiIndex.from_tuples(found), columns=list(rows.Mean._fields))


def _panel(ax: Axes, means: pd.DataFrame, conducts: list[str]) -> None:
    shifts = np.linspace(-0.12, 0.12, len(conducts)) if len(conducts) > 1 else np.zeros(1)
    ax.grid(axis="y")
    for conduct, shift in zip(conducts, shifts, strict=True):
        look = style.CONDUCT_LOOKS[conduct]
        mean, low, high = (_column(means, conduct, column) for column in ("mean", "low", "high"))
        x = np.arange(len(STAGES)) + shift
        ax.vlines(x, np.maximum(low, 0), high, color=look.colour, linewidth=1.3)
        ax.plot(x, mean, marker=look.marker, color=look.colour, markersize=5, linewidth=1.3)
    ax.set_xticks(range(len(STAGES)), list(STAGES.values()))
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))


def _column(means: pd.DataFrame, conduct: str, column: str) -> list[float]:
    return [float(means[column].get((conduct, stage), np.nan)) for stage in STAGES]


def _label_ends(ax: Axes, means: pd.DataFrame, conducts: list[str], top: float) -> None:
    """The number registered beside each line's end, with its marker, moved apart where they would touch."""
    ends = [(_column(means, conduct, "mean")[-1], conduct) for conduct in reversed(conducts)]
    ends = sorted((end for end in ends if not np.isnan(end[0])), key=lambda end: end[0])
    for (value, conduct), y in zip(ends, style.spread([v for v, _ in ends], 0.085 * top, lowest=0.0), strict=True):
        look, x = style.CONDUCT_LOOKS[conduct], len(STAGES) - 0.55
        ax.plot([x], [y], look.marker, color=look.colour, markersize=4, clip_on=False)
        ax.text(x + 0.18, y, f"{value:.2f}", va="center_baseline", size=8, clip_on=False)


def _registered(means: dict[str, pd.DataFrame], names: list[str]) -> str:
    """Fewest and most registered parties a run among the scenarios, in words."""
    totals = {name: sum(m["mean"].xs("registered", level=1).dropna()) for name, m in means.items() if len(m)}
    if not totals:
        return "no group formed"
    fewest, most = min(totals, key=lambda n: totals[n]), max(totals, key=lambda n: totals[n])
    if len(totals) > 1 and totals[fewest] == totals[most]:
        return f"{totals[most]:.2f} registered a run in every scenario"
    if len(totals) == 1:
        return f"{totals[most]:.2f} registered a run in {most}"
    return f"{totals[fewest]:.2f} registered a run in {fewest}, {totals[most]:.2f} in {most}"


def _period(results: Results, names: list[str]) -> str:
    """From when to when groups formed that are counted, of runs of decades; nothing of others."""
    spans = dict.fromkeys(span for name in names if (span := counted(results, name)))
    if not spans:
        return ""
    told = "; ".join(f"from {since} to {until}" for since, until in spans)
    return f" Groups that formed {told}, those of the record left out; conduct is that at the end of a run."


def counted(results: Results, scenario: str) -> tuple[str, str] | None:
    """First and last day on which groups formed that a run of decades counts; None of a run of one election."""
    decades = facts.asked(results, scenario).get("decades")
    if not isinstance(decades, Mapping):
        return None
    return str(decades.get("counted_from") or decades["given_until"]), str(decades["until"])


def _caption(held: pd.DataFrame, level: str, counts: list[int]) -> str:
    n = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    lost = int(held["groups"].isna().sum())
    left = f" {lost} missing counts are left out, not counted as 0." if lost else ""
    bars = "Vertical bars: 95 % Student intervals of the mean, cut off at 0."
    return f"Simulated, level {level}, n = {n} runs a scenario. {bars}{left}"
