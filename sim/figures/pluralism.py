"""Effective parties beside the seats of autonomous parties: whether more parties meant more autonomy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.analysis.compare import Difference, compare
from sim.figures import labels, rows, style
from sim.figures.outcomes import PRIMARY, told
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.store import Results

PARTIES, AUTONOMY = "enp_seats", PRIMARY

_BASE, _OTHER = style.Look("#000000", "s"), style.Look("#0072B2", "o")
_NEAR = 0.2  # of the largest distance: nearer scenarios are drawn again, enlarged
_CLOSER = 0.35  # of the range of the means: where the intervals of those near fill more, nothing would be gained
_MOST = 12  # scenarios that can all have a label
_LINE = 8 * 1.45 / 72  # inches of a label


class Verdict(NamedTuple):
    """Of the scenarios at one level: how many have clearly more (or fewer) parties, and of these as much autonomy."""

    level: str
    moved: int
    followed: int


@mpl.rc_context(style.RC)
def pluralism(results: Results, level: str | None = None) -> Figure:
    """Effective parties by seats against the share of autonomous seats: a mark a scenario, a faint point a run.

    Marks are means with 95 % intervals in both directions; ``level`` None: a panel a level. Runs without either value
    are left out and counted. Raises InputError when no run has both.
    """
    runs = rows.select(results, "runs", level=level)
    if missing := [name for name in (PARTIES, AUTONOMY) if name not in runs]:
        raise InputError(f"no run tells {' or '.join(missing)}; this figure cannot be drawn.")
    runs = runs.assign(**{name: told(name).scale * runs[name].astype(float) for name in (PARTIES, AUTONOMY)})
    points = runs.dropna(subset=[PARTIES, AUTONOMY])
    if points.empty:
        raise InputError(f"no run has a value of both {PARTIES} and {AUTONOMY}; this figure cannot be drawn.")
    levels, base, names = rows.levels(points), rows.default_against(results), rows.scenarios(results, points)
    worth = names if len(names) <= _MOST else [base, *_differing(results, base, levels)]
    crowd = _crowd(points, names, base)
    down, body = (2 if crowd else 1), max(3.9, 1.0 + 1.1 * _LINE * len(worth))
    figure = style.sheet(
        _title(results, points, base, names, levels),
        _caption(points, len(runs) - len(points), base, levels, bool(crowd), len(names) - len(worth)),
        subtitle=_ranks(points, names, levels),
        key={base: _BASE, "other scenarios": _OTHER} if len(names) > 1 else None,
        joined=False,
        width=max(6.5, 0.6 + 4.9 * len(levels)),
        body=body * down,
    )
    axes = figure.subplots(down, len(levels), sharex="row", sharey="row", squeeze=False)
    _limits(axes[0, 0], pd.concat([points[[PARTIES, AUTONOMY]], _ends(points)]))
    if crowd:
        _limits(axes[1, 0], _ends(points[points["scenario"].isin(crowd)]))
    for row, ax_row in enumerate(axes):
        named = [name for name in worth if (name in crowd) == bool(row)]
        for ax, own in zip(ax_row, levels, strict=True):
            _panel(ax, points[points["level"] == own], names, base, named, height=body - 0.8)
            ax.set_title(f"level {own}" + (", enlarged" if row else ""), weight="normal")
            if crowd and not row:
                _frame(ax, axes[1, 0])
    for ax in axes[-1]:
        ax.set_xlabel("effective parties, by seats")
    for ax in axes[:, 0]:
        ax.set_ylabel("seats of autonomous parties, %")
    return figure


def _crowd(points: pd.DataFrame, names: list[str], base: str) -> list[str]:
    """The scenarios too near the one compared with to be told apart, where a closer look could; else none."""
    means = points.groupby(["scenario", "level"])[[PARTIES, AUTONOMY]].mean()
    home = means.loc[base if base in names else names[0]]
    reach = (means - home.reindex(means.index, level="level")).abs()
    far = (reach / reach.max().where(reach.max() > 0, 1.0)).max(axis=1).groupby("scenario").max()
    near = [name for name in names if far[name] <= _NEAR]
    if not 1 < len(near) < len(names):
        return []
    ends, whole = _ends(points[points["scenario"].isin(near)]), means.max() - means.min()
    return near if bool(((ends.max() - ends.min()) <= _CLOSER * whole).all()) else []


def _ends(points: pd.DataFrame) -> pd.DataFrame:
    """The ends of the intervals of every scenario and level."""
    found: dict[str, list[float]] = {PARTIES: [], AUTONOMY: []}
    for _, own in points.groupby(["scenario", "level"]):
        for name, ends in found.items():
            mean = rows.mean(own[name])
            ends += [mean.mean, mean.mean] if np.isnan(mean.low) else [max(mean.low, 0.0), mean.high]
    return pd.DataFrame(found)


def _limits(ax: Axes, points: pd.DataFrame) -> None:
    """Room for all of the values."""
    for name, setter in ((PARTIES, ax.set_xlim), (AUTONOMY, ax.set_ylim)):
        low, high = float(points[name].min()), float(points[name].max())
        room = max(0.06 * (high - low), 0.02)
        setter(low - room, high + room)


def _frame(ax: Axes, enlarged: Axes) -> None:
    """The ground of the enlarged panel."""
    (left, right), (low, high) = enlarged.get_xlim(), enlarged.get_ylim()
    frame = Rectangle((left, low), right - left, high - low, facecolor="none", edgecolor=style.SOFT_INK, gid="frame")
    ax.add_patch(frame)
    about: dict[str, Any] = {"textcoords": "offset points", "va": "center", "size": 7.5, "color": style.SOFT_INK}
    ax.annotate("enlarged below", (right, (low + high) / 2), (5, 0), **about)


def _panel(ax: Axes, points: pd.DataFrame, names: list[str], base: str, named: list[str], *, height: float) -> None:
    """A mark a scenario with its intervals, a faint point a run; the scenarios ``named`` have labels."""
    ax.grid()
    places, words = [], []
    for name in sorted(names, key=lambda one: one == base):  # the scenario compared with on top
        own = points[points["scenario"] == name]
        look = _BASE if name == base else _OTHER
        ax.plot(own[PARTIES], own[AUTONOMY], "o", color=look.colour, ms=2.8, alpha=0.25, mew=0, gid=f"runs {name}")
        parties, autonomy = rows.mean(own[PARTIES]), rows.mean(own[AUTONOMY])
        if not parties.n:
            continue
        ax.plot([parties.low, parties.high], [autonomy.mean] * 2, color=look.colour, linewidth=1.3)
        ax.plot([parties.mean] * 2, [np.maximum(autonomy.low, 0), autonomy.high], color=look.colour, linewidth=1.3)
        ax.plot([parties.mean], [autonomy.mean], look.marker, color=look.colour, ms=6, mec="white", gid=f"mean {name}")
        if name in named:
            places.append((parties.mean, autonomy.mean))
            words.append(rows.short(name, base))
    labels.column(ax, places, words, height=height)


def _verdicts(results: Results, base: str, levels: list[str], sign: int) -> list[Verdict]:
    """How often clearly more parties (sign 1) or fewer (-1) came with clearly more or fewer autonomous seats."""
    found = [row for row in compare(results, [PARTIES, AUTONOMY], against=base).rows if row.kind == "difference"]
    out = []
    for level in levels:
        here = [row for row in found if row.level == level and _clear(row) == sign]
        moved, followed = ({row.scenario for row in here if row.outcome == name} for name in (PARTIES, AUTONOMY))
        out.append(Verdict(level, len(moved), len(moved & followed)))
    return out


def _differing(results: Results, base: str, levels: list[str]) -> list[str]:
    """The scenarios that clearly differ from the one compared with, in parties or in autonomous seats, at any level."""
    found = [row for row in compare(results, [PARTIES, AUTONOMY], against=base).rows if row.kind == "difference"]
    clear = {row.scenario for row in found if row.level in levels and _clear(row)}
    return [name for name in results.scenarios if name in clear]


def _clear(row: Difference) -> int:
    """1 where the interval lies above 0, -1 below, 0 where it does not leave 0 out."""
    if row.low is None or row.high is None:
        return 0
    return (row.low > 0) - (row.high < 0)


def _title(results: Results, points: pd.DataFrame, base: str, names: list[str], levels: list[str]) -> str:
    """Whether more parties meant more autonomy; where nothing has more than the one compared with, fewer and less."""
    if len(names) == 1:
        return f"{names[0]}: {_across_runs(points, levels)}"
    for sign, word in ((1, "more"), (-1, "fewer")):
        verdicts = _verdicts(results, base, levels, sign)
        there = [verdict for verdict in verdicts if verdict.moved]
        if there:
            counts = [f"{v.followed} of {v.moved}{' scenarios' if v is there[0] else ''} ({v.level})" for v in there]
            none = "".join(f"; none has {word} at level {v.level}" for v in verdicts if not v.moved)
            head = f"{word[0].upper()}{word[1:]} effective parties than in {base} meant {word} autonomous seats"
            return f"{head} in {', '.join(counts)}{none}"
    return f"No scenario has clearly more or fewer effective parties than {base}"


def _across_runs(points: pd.DataFrame, levels: list[str]) -> str:
    """The rank correlation over single runs, in words."""
    ties = [f"{_rank_tie(points[points['level'] == level])} ({level})" for level in levels]
    return f"effective parties and autonomous seats of single runs, rank correlation {', '.join(ties)}"


def _ranks(points: pd.DataFrame, names: list[str], levels: list[str]) -> str:
    """The rank correlation of the scenarios' means, from three scenarios on."""
    if len(names) < 3:
        return "Large marks: means of a scenario with intervals; faint points: single runs."
    means = {
        level: points[points["level"] == level].groupby("scenario")[[PARTIES, AUTONOMY]].mean() for level in levels
    }
    ties = ", ".join(f"{_rank_tie(mean)} ({level})" for level, mean in means.items())
    return f"Rank correlation of the {len(names)} scenarios' means: {ties}. Faint points: single runs."


def _rank_tie(frame: pd.DataFrame) -> str:
    ranks = frame[[PARTIES, AUTONOMY]].rank()
    if len(ranks) < 3 or (ranks.std() == 0).any():
        return "not defined"
    return style.signed(float(np.corrcoef(ranks[PARTIES], ranks[AUTONOMY])[0, 1]), 2)


def _caption(points: pd.DataFrame, lost: int, base: str, levels: list[str], enlarged: bool, unnamed: int) -> str:
    counts = points.groupby(["scenario", "level"]).size().tolist()
    left = f" {lost} runs without either value are left out, not counted as 0." if lost else ""
    both = f" {style.LEVELS_SAY}" if len(levels) > 1 else ""
    beyond = " Single runs beyond an enlarged panel stand in the whole one." if enlarged else ""
    silent = f" {unnamed} scenarios that differ clearly in neither have no label." if unnamed else ""
    against = (
        f" More and fewer: the 95 % interval of the difference from {base}, paired by seed, leaves out 0."
        if len(set(points["scenario"])) > 1
        else ""
    )
    return (
        f"Simulated, n = {rows.span(counts)} runs a scenario and level; bars are 95 % Student intervals of the means, "
        f"cut off at 0.{against} Effective parties count pro-regime ones too, and each independent deputy as one; "
        f"autonomous are soft and hard opposition.{silent}{beyond}{left}{both}"
    )
