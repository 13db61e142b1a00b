"""Null A as a figure: effective parties beside the seat product, and the way there from a first free election.

``python -m sim.figures.nulls`` draws docs/img/nulls.png from the numbers that ``python -m sim.analysis.null_a`` kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

from sim.analysis.null_a import BARRED, BLIND, BURN_IN, LISTS, NUMBERS, PATH, WHOLE, Summary, read
from sim.figures import style
from sim.measures import seat_product

FITTED, TRIED, NEW = "fitted on", "in view while rules were chosen", "run after they were settled"
LOOKS = {
    FITTED: style.Look("#000000", "D"),
    TRIED: style.Look("#0072B2", "o"),
    NEW: style.Look("#D55E00", "^"),
}
PICTURE = "docs/img/nulls.png"


@mpl.rc_context(style.RC)
def nulls(rows: Sequence[Summary], path: pd.DataFrame) -> Figure:
    """Effective parties by seats over the seat product, and election by election in the three judged systems."""
    free = [row for row in rows if row.variant == WHOLE and row.system != BARRED.name]
    off = [abs(np.log(row.ratio)) for row in free]
    judged = path["system"].unique()
    figure = style.sheet(
        f"Without retuning, {len(free)} electoral systems seat about as many parties as seats and districts lead one"
        f" to expect: all within a factor of {np.exp(max(off)):.2f}, half of them within {np.exp(np.median(off)):.2f}",
        f"Left: medians of the series' medians after {BURN_IN} elections; bars hold 90 % of the series"
        f" ({min(row.seeds for row in free)} to {max(row.seeds for row in free)} a system). Right: medians over series,"
        " election by election; bands hold 90 % of them, dashed lines are the seat product; all parties are new at the"
        " first election. Effective parties: Laakso & Taagepera, by seats; a joint list counts as one.",
        key=LOOKS,
        width=9.0,
        body=3.9,
    )
    left, right = figure.subplots(1, 2, width_ratios=[1.25, 1.0])
    _beside_the_law(left, free)
    _settling(right, path, [str(name) for name in judged], {row.system: row.law_enp_seats for row in free})
    return figure


def _beside_the_law(ax: Axes, rows: Sequence[Summary]) -> None:
    products = np.array([row.magnitude * row.seats for row in rows], float)
    line = np.geomspace(products.min() / 1.6, products.max() * 1.6, 50)
    law = np.array([seat_product.effective_seats(1, product) for product in line])
    ax.fill_between(line, law / 1.5, law * 1.5, color="#EEEEEE", linewidth=0)
    ax.plot(line, law, color=style.SOFT_INK, linewidth=1.2)
    blind = {system.name for system in BLIND}
    for place, at in enumerate(np.argsort(products, kind="stable")):
        row, product = rows[at], products[at]
        look = LOOKS[FITTED if row.system == LISTS.name else NEW if row.system in blind else TRIED]
        ax.plot([product, product], [row.low, row.high], color=look.colour, linewidth=1.4, solid_capstyle="butt")
        ax.plot([product], [row.enp_seats], look.marker, color=look.colour, markersize=6, mec="white", mew=0.6)
        name = row.system.replace(" seats", "").replace("districts of", "x")
        above = place % 2 == 0  # neighbours on the axis are named on opposite ends of their bars
        end, away, anchor = (row.high, 3, "bottom") if above else (row.low, -3, "top")
        ax.annotate(name, (product, end), xytext=(0, away), textcoords="offset points", ha="center", va=anchor, size=7)
    ax.annotate(
        "seat product", (line[-1], law[-1]), xytext=(0, 4), textcoords="offset points", ha="right", va="bottom", size=8
    )
    ax.set(xscale="log", yscale="log", xlabel="seats x seats a district (M S)", ylabel="effective parties by seats")
    ax.set_title("beside the law; grey: within a factor of 1.5", weight="normal", size=8.5)
    ax.yaxis.set_major_locator(FixedLocator([1, 1.5, 2, 3, 4, 6, 8, 10]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))


def _settling(ax: Axes, path: pd.DataFrame, systems: Sequence[str], laws: dict[str, float]) -> None:
    colours = ["#000000", "#009E73", "#AA3377"]
    last = int(path["election"].max())
    ends = []
    for system, colour in zip(systems, colours, strict=False):
        part = path[path["system"] == system]
        ax.fill_between(part["election"], part["low"], part["high"], color=colour, alpha=0.12, linewidth=0)
        ax.plot(part["election"], part["median"], color=colour, linewidth=1.3)
        ax.plot([1, last], [laws[system]] * 2, "--", color=colour, linewidth=0.8)
        ends.append((float(laws[system]), system, colour))
    ends.sort()
    for height, (_, system, _) in zip(style.spread([np.log(end[0]) for end in ends], 0.13), ends, strict=True):
        ax.annotate(system, (last, np.exp(height)), xytext=(4, 0), textcoords="offset points", va="center", size=8)
    ax.axvline(BURN_IN + 0.5, color=style.RULE, linewidth=0.9)
    ax.annotate("thrown away", (BURN_IN, 0.98), xycoords=("data", "axes fraction"), ha="right", va="top", size=7.5)
    ax.set(yscale="log", xlabel="election", xlim=(1, last))
    ax.set_title("from the first free election on", weight="normal", size=8.5)
    ax.yaxis.set_major_locator(FixedLocator([1, 1.5, 2, 3, 4, 6, 8, 12, 16]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))


if __name__ == "__main__":
    print(style.save(nulls(read(Path(NUMBERS)), pd.read_csv(PATH)), PICTURE))
