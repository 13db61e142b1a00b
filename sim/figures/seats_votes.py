"""Official list votes against seats, a point a party and run: what the law of seats adds and takes away."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis.doses import doses
from sim.figures import rows, style
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.store import Results

_NEW = style.Look("#777777", ".")
_CROWDED = 0.4  # of the range: where all but the largest party lie within it, they are drawn again, enlarged
_MOST = 14  # parties whose marks the key has room for; the others stand with the new groups


class Panel(NamedTuple):
    """One scenario and level: a row a party and run, shares in percent, and what the law asks of a list."""

    scenario: str
    level: str
    points: pd.DataFrame
    threshold: float
    bonus: rows.Mean
    without_votes: rows.Mean
    unvoted: int


@mpl.rc_context(style.RC)
def seats_votes(
    results: Results, scenario: str | rows.Named | Sequence[str | rows.Named] | None = None, level: str | None = None
) -> Figure:
    """Share of the official list votes against share of all seats, by party and run, with means and 95 % intervals.

    ``scenario`` None: the one compared with; several stand side by side, each at every level unless ``level`` is given.
    The line of 45 degrees is where seats equal votes; the threshold is that of each scenario's law. Raises InputError
    where no party has list votes.
    """
    given = rows.default_against(results) if scenario is None else scenario
    wanted = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    thresholds = _thresholds(results)
    panels = []
    for one in wanted:
        held = rows.select(results, "parties", one)
        name = rows.name_of(one)
        panels += [
            _panel(rows.select(results, "parties", one, here), name, here, thresholds.get(name, math.nan))
            for here in ([level] if level else rows.levels(held))
        ]
    points = pd.concat([panel.points for panel in panels])
    looks, names = _looks(points)
    new = not set(points["party"]) <= set(looks)
    figure = style.sheet(
        _title(panels),
        _caption(panels, new),
        subtitle="Large marks: means over the runs in which a party had a list, with intervals. Small: single runs.",
        key={names[party]: look for party, look in looks.items()} | ({"new groups": _NEW} if new else {}),
        joined=False,
        width=max(6.5, 0.9 + 3.7 * len(panels)),
        body=4.3,
    )
    axes = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    top, corner = _reach(panels)
    for ax, panel in zip(axes, panels, strict=True):
        _draw(ax, panel, looks, top, corner)
    axes[0].set_ylabel("share of all seats, %")
    return figure


def _thresholds(results: Results) -> dict[str, float]:
    """The threshold of every scenario's law; nothing where the results do not tell."""
    try:
        return doses(results, "law.list.threshold")
    except InputError:
        return {}


def _panel(held: pd.DataFrame, name: str, level: str, threshold: float) -> Panel:
    """The parties that stood with a list; independents and others without list votes are counted, not drawn."""
    size = held.groupby("replication")["seats"].transform("sum")
    held = held.assign(
        votes=100 * held["official_share"].astype(float), seats=100 * held["seats"] / size.where(size > 0)
    )
    listed = held[held["on_ballot"].astype(bool)]
    points = listed.dropna(subset=["votes", "seats"])
    if points.empty:
        raise InputError(f"{name} (level {level}): no party has list votes and seats; this figure cannot be drawn.")
    first = points.loc[points.groupby("replication")["votes"].idxmax()]
    others = held[~held["on_ballot"].astype(bool)].groupby("replication")["seats"].sum()
    return Panel(
        name,
        level,
        points,
        100 * threshold,
        rows.mean(first["seats"] - first["votes"]),
        rows.mean(others.reindex(sorted(points["replication"].unique()), fill_value=0.0)),
        len(listed) - len(points),
    )


def _looks(points: pd.DataFrame) -> tuple[dict[str, style.Look], dict[str, str]]:
    """Looks and names of the parties of the case, most votes first; groups that formed in a run share one look."""
    known = points[points["origin"] != "latent"]
    order = known.groupby("party")["votes"].mean().sort_values(ascending=False, kind="stable").index[:_MOST]
    names = known.drop_duplicates("party").set_index("party")["display"]
    return style.party_looks(order), {str(party): style.short_name(str(names[party])) for party in order}


def _reach(panels: list[Panel]) -> tuple[float, float]:
    """How far the axes go, in percent, to hold all parties, and to hold all but the largest of each panel."""
    whole, small = [], []
    for panel in panels:
        reach = panel.points.groupby("party")[["votes", "seats"]].max().max(axis=1).sort_values()
        whole.append(reach.iloc[-1])
        small.append(reach.iloc[-2] if len(reach) > 1 else reach.iloc[-1])
    top, corner = (5 * math.ceil(1.02 * max(ends) / 5) for ends in (whole, small))
    return float(top), float(corner)


def _draw(ax: Axes, panel: Panel, looks: dict[str, style.Look], top: float, corner: float) -> None:
    """The whole range, and where small lists crowd in its corner that corner again, enlarged."""
    ax.grid()
    _marks(ax, panel, looks, top)
    ax.set(xlim=(-0.02 * top, top), ylim=(-0.02 * top, top), xlabel="share of the official list votes, %")
    ax.set_title(f"{panel.scenario}, level {panel.level}\n{_law(panel)}", size=8.5, weight="normal")
    if corner <= _CROWDED * top:
        inset = ax.inset_axes((0.54, 0.09, 0.45, 0.41), gid="enlarged")
        _marks(inset, panel, looks, corner)
        inset.set(xlim=(-0.04 * corner, corner), ylim=(-0.04 * corner, corner))
        inset.tick_params(labelsize=7, length=2)
        inset.locator_params(nbins=4)
        inset.set_title("enlarged", size=7.5, weight="normal", pad=3)
        inset.spines[:].set_visible(True)


def _marks(ax: Axes, panel: Panel, looks: dict[str, style.Look], top: float) -> None:
    ax.plot([0, top], [0, top], color=style.SOFT_INK, linewidth=0.9, gid="equal")
    if panel.threshold > 0:  # NaN where it is not known
        ax.axvline(panel.threshold, color=style.INK, linewidth=1.0, linestyle=(0, (4, 3)), gid="threshold")
    new = panel.points[~panel.points["party"].isin(list(looks))]
    ax.plot(new["votes"], new["seats"], _NEW.marker, color=_NEW.colour, markersize=4, alpha=0.5, gid="new", mew=0)
    for party, look in looks.items():
        own = panel.points[panel.points["party"] == party]
        edge = style.edge(look.colour)
        faint: dict[str, Any] = {"color": look.colour, "alpha": 0.35, "markersize": 3.5, "mec": edge, "mew": 0.3}
        ax.plot(own["votes"], own["seats"], look.marker, gid=f"runs {party}", **faint)
        if own.empty:
            continue
        votes, seats = rows.mean(own["votes"]), rows.mean(own["seats"])
        ax.plot([np.maximum(votes.low, 0), votes.high], [seats.mean] * 2, color=style.INK, linewidth=0.9)
        ax.plot([votes.mean] * 2, [np.maximum(seats.low, 0), seats.high], color=style.INK, linewidth=0.9)
        ax.plot(
            [votes.mean], [seats.mean], look.marker, color=look.colour, ms=7, mec=edge, mew=0.6, gid=f"mean {party}"
        )


def _law(panel: Panel) -> str:
    if np.isnan(panel.threshold):
        return "threshold not known"
    return f"threshold {panel.threshold:g} % (dashed)" if panel.threshold > 0 else "no threshold"


def _title(panels: list[Panel]) -> str:
    """What the largest list gains, in points."""
    scenarios = list(dict.fromkeys(panel.scenario for panel in panels))
    found = [
        f"{style.signed(panel.bonus.mean)}{' points' if panel is panels[0] else ''} ({_place(panel, panels)})"
        for panel in panels
    ]
    where = f"{scenarios[0]}: the" if len(scenarios) == 1 else "The"
    return f"{where} largest list gets a bonus of seats over votes of {', '.join(found)}"


def _place(panel: Panel, panels: list[Panel]) -> str:
    """What tells a panel from the others."""
    told = (panel.scenario, {one.scenario for one in panels}), (panel.level, {one.level for one in panels})
    return ", ".join(own for own, all_of_them in told if len(all_of_them) > 1) or panel.level


def _caption(panels: list[Panel], new: bool) -> str:
    sure = "; ".join(
        f"{_place(panel, panels)} {style.signed(panel.bonus.low)} to {style.signed(panel.bonus.high)}"
        for panel in panels
        if panel.bonus.n > 1
    )
    others = max(panel.without_votes.mean for panel in panels)
    single = f" Deputies without list votes hold up to {others:.1f} % of the seats and are not drawn." if others else ""
    lost = sum(panel.unvoted for panel in panels)
    left = f" {lost} lists without a value are left out, not counted as 0." if lost else ""
    groups = " New groups formed in the run." if new else ""
    bonus = f"95 % Student interval of the mean difference: {sure}." if sure else "One run: no interval."
    return (
        f"Simulated, n = {rows.span([panel.bonus.n for panel in panels])} runs a panel. The largest list: that with "
        f"most official votes in each run, its share of all seats filled (lists and districts) less its share of the "
        f"list votes. {bonus} On the solid line seats equal votes; bars are 95 % intervals of the means, cut off "
        f"at 0.{groups}{single}{left} "
        f"{style.COLOURS_SAY}"
    )
