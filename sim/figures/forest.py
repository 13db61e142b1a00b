"""Differences from one scenario, paired by replication, as a forest plot with 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis.compare import compare
from sim.figures import rows, style
from sim.figures.outcomes import PRIMARY, told

if TYPE_CHECKING:
    from sim.batch.store import Results

_ENLARGED = 5.0
"""How many times smaller than the largest effect others must be, to be drawn again on a scale of their own."""
_NOTHING = 1e-12  # what rounding leaves of a difference of equal means
_MOST_DIGITS = 4
_LONG = 20  # characters of a name with which the line under a panel gets wider than the panel


@mpl.rc_context(style.RC)
def forest(
    results: Results, outcome: str | Sequence[str] | None = None, against: str | rows.Named | None = None
) -> Figure:
    """Mean paired difference of each scenario from ``against``, with 95 % Student intervals, all levels.

    ``outcome`` None: the experiment's primary one; several outcomes stand side by side. ``against`` None: what the
    experiment compares with. Scenarios are in order of their mean difference over the levels. Where one effect would
    squeeze the others, these are drawn again beside it, enlarged. Pairs without a value are left out and counted.
    Raises InputError for what is not held.
    """
    base = rows.name_of(against) if against is not None else rows.default_against(results)
    primary = results.experiment.get("primary") or PRIMARY
    outcomes = [primary] if outcome is None else [outcome] if isinstance(outcome, str) else list(outcome)
    found = compare(results, outcomes, against=base).to_frame().query("kind == 'difference'")
    found = found.astype(dict.fromkeys(("difference", "low", "high", "mean_against"), float))  # None: no value
    levels = rows.levels(found)
    names = _order(found[found["outcome"] == outcomes[0]])
    parts = {name: found[found["outcome"] == name] for name in outcomes}
    near = {name: reach(part) for name, part in parts.items()}
    plates = [(name, enlarged) for name in outcomes for enlarged in ((False, True) if near[name] else (False,))]
    title = "; ".join(_finding(part, name, base) for name, part in parts.items())
    figure = style.sheet(
        title[0].upper() + title[1:],
        _caption(found, base, levels, any(near.values())),
        subtitle="\n".join(_largest(part, name) for name, part in parts.items()),
        key={f"level {level}": style.LEVEL_LOOKS.get(level, style.INDEPENDENT) for level in levels},
        width=3.2 + sum(1.7 if near[name] and not enlarged else 3.6 for name, enlarged in plates),
        body=0.85 + 0.44 * max(len(names), 2),
    )
    widths = [1.0 if near[name] and not enlarged else 2.0 for name, enlarged in plates]
    axes = figure.subplots(1, len(plates), sharey=True, squeeze=False, width_ratios=widths)[0]
    for ax, (name, enlarged) in zip(axes, plates, strict=True):
        _panel(ax, parts[name], name, names, levels, near[name] if enlarged else None)
        if not near[name] or enlarged:
            _print_numbers(ax, parts[name], name, names, levels)
    _name_axes(axes, plates, parts, near, base, levels)
    axes[0].set_yticks(range(len(names)), [rows.short(name, base) for name in names])
    axes[0].set_ylim(len(names) - 0.45, -0.55)
    return figure


def _order(found: pd.DataFrame) -> list[str]:
    """Scenarios by their difference, mean over the levels, largest first; those without a value last."""
    means = found.groupby("scenario", sort=False)["difference"].mean()
    return [str(name) for name in means.sort_values(ascending=False, kind="stable", na_position="last").index]


def reach(found: pd.DataFrame) -> tuple[float, float] | None:
    """The range, 0 included, of the effects that the largest would squeeze; None where none is squeezed.

    An effect is a scenario's intervals at all levels. It is squeezed where the largest reaches five times as far.
    """
    ends = found[["difference", "low", "high"]].abs().max(axis=1)
    far = ends.groupby(found["scenario"]).max().dropna()
    if far.empty:
        return None
    small = found[found["scenario"].isin(far.index[(far <= far.max() / _ENLARGED)])]
    low, high = (float(small[["difference", "low", "high"]].agg(which).agg(which)) for which in ("min", "max"))
    return (min(low, 0.0), max(high, 0.0)) if high > low else None


def _panel(
    ax: Axes,
    found: pd.DataFrame,
    outcome: str,
    names: list[str],
    levels: list[str],
    limits: tuple[float, float] | None,
) -> None:
    """Differences with their intervals; with limits those within them, and an arrow for each that lies beyond."""
    measure = told(outcome)
    ax.axvline(0, color=style.SOFT_INK, linewidth=0.9)
    ax.grid(axis="x")
    for edge in range(1, len(names)):
        ax.axhline(edge - 0.5, color=style.RULE, linewidth=0.5)
    if limits:
        room = 0.06 * (limits[1] - limits[0])
        ax.set_xlim(measure.scale * (limits[0] - room), measure.scale * (limits[1] + room))
    for level, y, row in _rows(found, names, levels):
        look = style.LEVEL_LOOKS.get(level, style.INDEPENDENT)
        middle, low, high = (measure.scale * row[column] for column in ("difference", "low", "high"))
        if limits and not limits[0] <= row["difference"] <= limits[1]:
            side = float(row["difference"] > 0)
            ax.plot([side], [y], ">" if side else "<", transform=ax.get_yaxis_transform(), color=look.colour, ms=6)
            ax.lines[-1].set(clip_on=False, gid="beyond")
            continue
        ax.plot([low, high], [y, y], color=look.colour, linewidth=2.0, solid_capstyle="butt")
        ax.plot([middle], [y], look.marker, color=look.colour, markersize=5.5, mec="white", mew=0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _rows(found: pd.DataFrame, names: list[str], levels: list[str]) -> Iterator[tuple[str, float, dict[str, Any]]]:
    """Level, place and values of every mark."""
    offsets = np.linspace(-0.2, 0.2, len(levels)) if len(levels) > 1 else [0.0]
    for level, offset in zip(levels, offsets, strict=True):
        for row in found[found["level"] == level].to_dict("records"):
            yield level, names.index(row["scenario"]) + float(offset), {str(k): v for k, v in row.items()}


def _print_numbers(ax: Axes, found: pd.DataFrame, outcome: str, names: list[str], levels: list[str]) -> None:
    """Every difference and interval in figures, right of the axes."""
    measure = told(outcome)
    uneven = bool(found["used"].min() < found["used"].max())
    for _, y, row in _rows(found, names, levels):
        middle, low, high = (measure.scale * row[column] for column in ("difference", "low", "high"))
        ax.annotate(
            _numbers(middle, low, high, measure.digits) + (f"  n {row['used']}" if uneven else ""),
            (1.045, y),
            xycoords=("axes fraction", "data"),
            va="center_baseline",
            size=8,
            annotation_clip=False,
        )


def _name_axes(
    axes: Sequence[Axes],
    plates: list[tuple[str, bool]],
    parts: dict[str, pd.DataFrame],
    near: dict[str, tuple[float, float] | None],
    base: str,
    levels: list[str],
) -> None:
    """What each axis shows; the widest panel of an outcome also says where the scenario compared with stands."""
    for ax, (name, enlarged) in zip(axes, plates, strict=True):
        measure = told(name)
        if near[name]:
            ax.set_title("the same, enlarged" if enlarged else "whole range", weight="normal", size=8.5)
        if near[name] and not enlarged:
            ax.set_xlabel(f"difference in\n{measure.unit}")
            continue
        means = measure.scale * parts[name].groupby("level")["mean_against"].first()
        numbers = {level: means.get(level, np.nan) for level in levels}
        own = [f"no value ({v})" if np.isnan(m) else f"{m:.{measure.digits}f} ({v})" for v, m in numbers.items()]
        itself = f"{base} itself," + ("\n" if len(base) > _LONG else " ")
        ax.set_xlabel(
            f"{measure.label}:\ndifference in {measure.unit}\n{itself}in {measure.own_unit}: {', '.join(own)}"
        )


def _numbers(middle: float, low: float, high: float, digits: int) -> str:
    """Difference and interval, with as many more digits as it takes that a narrow interval shows its width."""
    if np.isnan(middle):
        return "no value in any pair"
    if np.isnan(low):
        return f"{style.signed(middle, digits)} (no interval)"
    if high - low > _NOTHING:
        digits = min(max(digits, math.ceil(-math.log10((high - low) / 2))), max(digits, _MOST_DIGITS))
    return f"{style.signed(middle, digits)} [{style.signed(low, digits)}, {style.signed(high, digits)}]"


def _finding(found: pd.DataFrame, outcome: str, base: str) -> str:
    """How many scenarios differ from the one compared with, in words."""
    known = found.dropna(subset=["low"])
    apart = (known["low"] > 0) | (known["high"] < 0) | (known["same"] & (known["difference"] != 0))
    sides = np.sign(known["difference"]).where(apart, 0).groupby(known["scenario"])
    clear, total = int((sides.min() * sides.max() > 0).sum()), found["scenario"].nunique()  # on one side at all levels
    label = told(outcome).label
    verb = "differs" if clear == 1 else "differ"
    return f"{label}: {clear if clear else 'none'} of {total} scenarios clearly {verb} from {base}"


def _largest(found: pd.DataFrame, outcome: str) -> str:
    """The largest difference in words."""
    measure, there = told(outcome), found.dropna(subset=["difference"])
    if there.empty:
        return f"No pair of runs has a value of {measure.label}."
    if there["difference"].abs().max() < _NOTHING:
        return f"No scenario changes the mean of {measure.label}."
    top = there.iloc[int(there["difference"].abs().to_numpy().argmax())]
    value = style.signed(measure.scale * float(top["difference"]), measure.digits)
    return f"Largest change in {measure.label}: {value} {measure.unit}, in {top['scenario']} (level {top['level']})."


def _caption(found: pd.DataFrame, base: str, levels: list[str], enlarged: bool) -> str:
    lost = int((found["shared"] - found["used"]).sum())
    equal = bool(found["same"].any())
    one = len(levels) == 1
    clear = f"Clearly: the interval leaves out 0{'' if one else ' at every level, on the same side'}."
    flat = " An interval without width: all pairs are equal, which is no sign of precision." if equal else ""
    left = f" {lost} pairs had no value and are left out, not counted as 0." if lost else ""
    both = f" {style.LEVELS_SAY}" if len(levels) > 1 else ""
    arrows = (
        " The panel at the right enlarges small differences; an arrow at its edge lies beyond it." if enlarged else ""
    )
    return (
        f"Simulated. Mean over n = {rows.span(found['used'].tolist())} pairs of runs with the same people and the same "
        f"chance, in the scenario and in {base}; lines and brackets are 95 % Student intervals of the mean difference. "
        f"{clear}{left}{flat}{arrows}{both}"
    )
