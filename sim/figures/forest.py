"""Differences from one scenario, paired by replication, as a forest plot with 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis.compare import compare
from sim.figures import rows, style

if TYPE_CHECKING:
    from sim.batch.store import Results

PRIMARY = "autonomous_seat_share_middle"


class Outcome(NamedTuple):
    """What a measure of the table ``runs`` is called, and how it is printed: value times ``scale``, in ``unit``."""

    label: str
    unit: str
    scale: float = 1.0
    digits: int = 2


_POINTS = ("percentage points", 100.0, 1)

OUTCOMES = {
    "autonomous_seat_share_strict": Outcome("seats of autonomous parties (strict coding)", *_POINTS),
    "autonomous_seat_share_middle": Outcome("seats of autonomous parties", *_POINTS),
    "autonomous_seat_share_broad": Outcome("seats of autonomous parties (broad coding)", *_POINTS),
    "leader_seat_share": Outcome("seats of the largest party", *_POINTS),
    "official_leader_share": Outcome("announced vote of the leading list", *_POINTS),
    "true_leader_share": Outcome("vote cast for the leading list", *_POINTS),
    "official_turnout": Outcome("announced turnout", *_POINTS),
    "true_turnout": Outcome("turnout", *_POINTS),
    "wasted_share": Outcome("votes without a seat", *_POINTS),
    "stations_joined_share": Outcome("stations that joined in fraud", *_POINTS),
    "enp_seats": Outcome("effective parties, by seats", "parties"),
    "enp_seats_bloc": Outcome("effective parties, by seats (independents as one)", "parties"),
    "enp_votes": Outcome("effective parties, by announced votes", "parties"),
    "enp_votes_true": Outcome("effective parties, by votes cast", "parties"),
    "enp_autonomous": Outcome("effective parties among autonomous seats", "parties"),
    "autonomous_lists": Outcome("autonomous lists on the ballot", "lists"),
    "lists_on_ballot": Outcome("lists on the ballot", "lists"),
    "registered_new": Outcome("new parties registered", "parties"),
    "registered_new_disloyal": Outcome("new autonomous parties registered", "parties"),
    "gallagher": Outcome("disproportionality (Gallagher)", "index points"),
}


@mpl.rc_context(style.RC)
def forest(
    results: Results, outcome: str | Sequence[str] | None = None, against: str | rows.Named | None = None
) -> Figure:
    """Mean paired difference of each scenario from ``against``, with 95 % Student intervals, all levels.

    ``outcome`` None: the experiment's primary one; several outcomes stand side by side. ``against`` None: what the
    experiment compares with. Pairs without a value are left out and counted. Raises InputError for what is not held.
    """
    base = rows.name_of(against) if against is not None else rows.default_against(results)
    primary = results.experiment.get("primary") or PRIMARY
    outcomes = [primary] if outcome is None else [outcome] if isinstance(outcome, str) else list(outcome)
    found = compare(results, outcomes, against=base).to_frame()
    found = found.astype(dict.fromkeys(("difference", "low", "high", "mean_against"), float))  # None: no value
    levels = rows.levels(found)
    names = _order(found[found["outcome"] == outcomes[0]], levels[0])
    figure = style.sheet(
        f"Change from {base}: " + "; ".join(_told(name).label for name in outcomes),
        _caption(found, base, levels),
        subtitle="\n".join(_largest(found[found["outcome"] == name], name) for name in outcomes),
        key={f"level {level}": style.LEVEL_LOOKS.get(level, style.INDEPENDENT) for level in levels},
        width=8.0 if len(outcomes) == 1 else 5.4 * len(outcomes),
        body=0.75 + 0.46 * max(len(names), 2),
    )
    axes = figure.subplots(1, len(outcomes), sharey=True, squeeze=False)[0]
    for ax, name in zip(axes, outcomes, strict=True):
        _panel(ax, found[found["outcome"] == name], name, base, names, levels)
    axes[0].set_yticks(range(len(names)), [_short(name, base) for name in names])
    axes[0].set_ylim(len(names) - 0.45, -0.55)
    return figure


def _told(outcome: str) -> Outcome:
    return OUTCOMES.get(outcome, Outcome(outcome.replace("_", " "), "in the measure's own unit"))


def _short(name: str, base: str) -> str:
    """A variant without the name it varies: ``kz-2023-no-congress`` against ``kz-2023`` -> ``no congress``."""
    rest = name.removeprefix(f"{base}-")
    return rest.replace("-", " ") if rest != name else name


def _order(found: pd.DataFrame, level: str) -> list[str]:
    """Scenarios by their difference at one level, largest first; those without a value last."""
    there = found[found["level"] == level].sort_values("difference", ascending=False, kind="stable")
    return list(dict.fromkeys([*there["scenario"], *found["scenario"]]))


def _panel(ax: Axes, found: pd.DataFrame, outcome: str, base: str, names: list[str], levels: list[str]) -> None:
    told = _told(outcome)
    ax.axvline(0, color=style.SOFT_INK, linewidth=0.9)
    ax.grid(axis="x")
    for edge in range(1, len(names)):
        ax.axhline(edge - 0.5, color=style.RULE, linewidth=0.5)
    uneven = bool(found["used"].min() < found["used"].max())
    offsets = np.linspace(-0.2, 0.2, len(levels)) if len(levels) > 1 else [0.0]
    for level, offset in zip(levels, offsets, strict=True):
        look = style.LEVEL_LOOKS.get(level, style.INDEPENDENT)
        for row in found[found["level"] == level].to_dict("records"):
            y = names.index(row["scenario"]) + offset
            middle, low, high = (told.scale * row[column] for column in ("difference", "low", "high"))
            ax.plot([low, high], [y, y], color=look.colour, linewidth=2.0, solid_capstyle="butt")
            ax.plot([middle], [y], look.marker, color=look.colour, markersize=5.5, mec="white", mew=0.6)
            ax.annotate(
                _numbers(middle, low, high, told.digits) + (f"  n {row['used']}" if uneven else ""),
                (1.02, y),
                xycoords=("axes fraction", "data"),
                va="center_baseline",
                size=8,
                annotation_clip=False,
            )
    means = told.scale * found.groupby("level")["mean_against"].first()
    numbers = {level: means.get(level, np.nan) for level in levels}
    there = [f"no value ({level})" if np.isnan(m) else f"{m:.{told.digits}f} ({level})" for level, m in numbers.items()]
    unit = "%" if told.scale == 100 else told.unit
    ax.set_xlabel(f"{told.label}:\ndifference in {told.unit}\n{base} itself, in {unit}: {', '.join(there)}")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _numbers(middle: float, low: float, high: float, digits: int) -> str:
    if np.isnan(middle):
        return "no value in any pair"
    if np.isnan(low):
        return f"{style.signed(middle, digits)} (no interval)"
    return f"{style.signed(middle, digits)} [{style.signed(low, digits)}, {style.signed(high, digits)}]"


def _largest(found: pd.DataFrame, outcome: str) -> str:
    """The largest difference in words."""
    told, there = _told(outcome), found.dropna(subset=["difference"])
    if there.empty:
        return f"No pair of runs has a value of {told.label}."
    top = there.iloc[int(there["difference"].abs().to_numpy().argmax())]
    value = style.signed(told.scale * float(top["difference"]), told.digits)
    return f"Largest change in {told.label}: {value} {told.unit}, in {top['scenario']} (level {top['level']})."


def _caption(found: pd.DataFrame, base: str, levels: list[str]) -> str:
    counts = sorted({int(n) for n in found["used"]})
    pairs = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    lost = int((found["shared"] - found["used"]).sum())
    equal = bool(found["same"].any())
    flat = " An interval without width: all pairs are equal, which is no sign of precision." if equal else ""
    left = f" {lost} pairs had no value and are left out, not counted as 0." if lost else ""
    both = f" {style.LEVELS_SAY}" if len(levels) > 1 else ""
    return (
        f"Simulated. Mean over n = {pairs} pairs of runs with the same people and the same chance, in the scenario and "
        f"in {base}; lines and brackets are 95 % Student intervals of the mean difference.{left}{flat}{both}"
    )
