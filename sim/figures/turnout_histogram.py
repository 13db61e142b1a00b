"""How many stations report each turnout and each share, in tenths of a point: peaks at whole percents stand out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.analysis.forensics.integer_peaks import chosen, integer_peaks
from sim.analysis.forensics.stations import Stations
from sim.figures import rows, style
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.store import Results

_TENTHS = np.arange(1002) / 10 - 0.05
"""Bins of a tenth of a point with whole percents at their centres."""

_FEW = 20_000  # stations below which a tenth holds too few to be seen
_HALVES = np.arange(202) / 2 - 0.25
_BAR, _FIVE = "#0072B2", "#D55E00"


@mpl.rc_context(style.RC)
def turnout_histogram(results: Results | Stations) -> Figure:
    """Stations by turnout (given / voters) and by the leader's share (leader / cast), and the excess at whole percents.

    Stations are those the test of integer peaks looks at. Raises InputError where there are too few.
    """
    stations = rows.stations(results)
    held = chosen(stations)
    if len(held) < 20:
        raise InputError(f"{len(held)} stations with enough voters; this figure needs 20.")
    found = integer_peaks(stations)
    assert found.interval is not None
    edges = _TENTHS if len(held) >= _FEW else _HALVES
    simulated = "simulated " if stations.simulated else ""
    low, high = found.interval
    figure = style.sheet(
        f"Whole percents at {len(held):,} {simulated}stations: {found.estimate:+,.0f} [{low:,.0f}, {high:,.0f}] "
        "beside binomial redraws",
        _caption(stations, edges),
        subtitle="Stations in a bin; whole percents dark, multiples of 5 orange and with a tick.",
        body=4.6,
    )
    axes = figure.subplots(2, 1, sharex=True)
    for ax, values, label in zip(
        axes, (held.turnout, held.share), ("turnout, % of voters", "leader's share, % of ballots"), strict=True
    ):
        _bars(ax, 100 * values, edges, label)
    return figure


def _bars(ax: Axes, percent: NDArray[np.float64], edges: NDArray[np.float64], label: str) -> None:
    counts = np.histogram(percent, edges)[0]
    centres = (edges[:-1] + edges[1:]) / 2
    width = edges[1] - edges[0]
    five = np.isclose(centres % 5, 0) | np.isclose(centres % 5, 5)
    whole = np.isclose(centres % 1, 0) | np.isclose(centres % 1, 1)
    ax.bar(centres, counts, width, color=_BAR, alpha=0.45, linewidth=0)
    ax.bar(centres[whole], counts[whole], width, color=_BAR, linewidth=0)
    ax.bar(centres[five], counts[five], width, color=_FIVE, linewidth=0)
    ax.plot(centres[five], np.zeros(five.sum()), "|", color=style.INK, markersize=7, clip_on=False)
    ax.set(xlim=(0, 100), ylabel="stations", xlabel=label)
    ax.set_xticks(range(0, 101, 10))
    ax.tick_params(labelbottom=True)


def _caption(stations: Stations, edges: NDArray[np.float64]) -> str:
    width = "a tenth of a point" if edges is _TENTHS else "half a point"
    source = "Simulated stations, no evidence about real ones. " if stations.simulated else ""
    return (
        f"{source}Bins of {width}, whole percents at their centres. Stations with 100 "
        "voters and more, turnout and share up to 99 %. Small numbers make some whole percents frequent by themselves: "
        "the redraws allow for it, the eye does not. Round figures show that somebody wrote wanted figures somewhere, "
        "not how many votes that moved. Kobak, Shpilkin & Pshenichnikov 2016."
    )
