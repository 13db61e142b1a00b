"""Stations with observers beside the others: how turnout and the leader's share spread, and how far their means lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.analysis.forensics.regression import observers
from sim.figures import rows, style
from sim.figures.style import Look
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.analysis.forensics.stations import Stations
    from sim.batch.store import Results

_LOOKS = {"observed": Look("#D55E00", "D"), "other": Look("#0072B2", "o")}


@mpl.rc_context(style.RC)
def observed_unobserved(results: Results | Stations) -> Figure:
    """Shares of observed and of other stations by turnout and by the leader's share, with means; every station alike.

    Raises InputError where the table does not say who was observed, or too few were.
    """
    stations = rows.stations(results)
    found = observers(stations)
    if found.refused:
        raise InputError(f"{found.why.rstrip('.')}; this figure cannot be drawn.")
    there = stations.counted()
    assert there.observed is not None
    assert found.interval is not None
    seen, number = there.observed, int(there.observed.sum())
    low, high = found.interval
    simulated = "simulated " if stations.simulated else ""
    figure = style.sheet(
        f"Leader's share at observed {simulated}stations: {style.signed(found.values['share'])} points "
        f"[{style.signed(low)}, {style.signed(high)}] beside the others",
        _caption(stations, found.interval_of),
        subtitle=f"{number:,} observed and {len(there) - number:,} other stations; markers show means.",
        key=_LOOKS,
        body=3.4,
    )
    axes = figure.subplots(1, 2)
    edges = np.linspace(0, 100, 51 if number >= 400 else 26 if number >= 100 else 11)
    for ax, values, label in zip(
        axes, (there.turnout, there.share), ("turnout, % of voters", "leader's share, % of ballots"), strict=True
    ):
        _curves(ax, 100 * values, seen, edges, label)
    axes[0].set_ylabel("% of the group's stations in a bin")
    return figure


def _curves(
    ax: Axes, percent: NDArray[np.float64], seen: NDArray[np.bool_], edges: NDArray[np.float64], label: str
) -> None:
    top = 0.0
    for rows_, look in zip((seen, ~seen), _LOOKS.values(), strict=True):
        part = 100 * np.histogram(percent[rows_], edges)[0] / rows_.sum()
        top = max(top, float(part.max()))
        ax.stairs(part, edges, color=look.colour, linewidth=1.5)
    for rank, (rows_, look) in enumerate(zip((seen, ~seen), _LOOKS.values(), strict=True)):
        mean, height = float(percent[rows_].mean()), top * (1.16 - 0.09 * rank)
        ax.plot([mean], [height], look.marker, color=look.colour, markersize=6)
        right = mean < 70
        ax.annotate(
            f"{mean:.1f} %",
            (mean, height),
            (7 if right else -7, 0),
            textcoords="offset points",
            va="center",
            ha="left" if right else "right",
            size=8.5,
        )
    ax.set(xlim=(0, 100), ylim=(0, 1.25 * top), xlabel=label)


def _caption(stations: Stations, errors: str) -> str:
    source = "Simulated stations, no evidence about real ones. " if stations.simulated else ""
    return (
        f"{source}95 % interval with {errors}. The difference is what observers changed only if they were sent without "
        "regard to the result and nothing moved to other stations; what moves makes the gap wider although less is "
        "removed. After Enikolopov et al. 2013."
    )
