"""The city and the country of docs/counting.md: shares where somebody watched and where nobody did, and fingerprints.

``python -m sim.figures.counting_shapes`` draws docs/img/counting-shapes.png.
"""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from sim.analysis.counting_shapes import CITY, COUNTRY, HISTORIES, Held, hold, modes
from sim.figures import style

PICTURE = "docs/img/counting-shapes.png"
WATCHED = 0.2
LOOKS = {
    "as published, no observer": style.Look("#D55E00", "s"),
    "stations with an observer": style.Look("#009E73", "D"),
    "as voters left them": style.Look("#0072B2", "o"),
}


@mpl.rc_context(style.RC)
def counting_shapes(seed: int = HISTORIES[0]) -> Figure:
    """Histograms of the leader's share in the city, and turnout against share in both places, of one history."""
    city, country = (hold(place, seed=seed, watch={"share": WATCHED}) for place in (CITY, COUNTRY))
    low, _, high = modes(100 * city.official.share)
    told = f"two modes, at {low:.0f} and {high:.0f} %" if np.isfinite(low) else "one mode"
    figure = style.sheet(
        f"One set of numbers leaves a city's shares with {told}, though voters left one, and a country's comet",
        f"Simulated, no real station. City: {len(city.official):,} stations, every fifth with an observer; country:"
        f" {len(country.official):,} stations. Left: stations by the leader's share in bins of 2 points, as a share of"
        " their kind. Middle and right: stations as published, in cells of one point, on a logarithmic scale."
        " docs/counting.md has the targets and the misses.",
        key=LOOKS,
        width=10.0,
        body=3.3,
    )
    axes = figure.subplots(1, 3)
    _shares(axes[0], city)
    for ax, held in zip(axes[1:], (city, country), strict=True):
        _cloud(ax, held)
    return figure


def _shares(ax: Axes, held: Held) -> None:
    assert held.official.observed is not None
    edges, seen = np.arange(0, 102, 2), held.official.observed
    kinds = (held.official.share[~seen], held.official.share[seen], held.true.share)
    for (_, look), share in zip(LOOKS.items(), kinds, strict=True):
        heights = 100 * np.histogram(100 * share, bins=edges)[0] / len(share)
        ax.plot(edges[:-1] + 1, heights, color=look.colour, marker=look.marker, markersize=3.2, linewidth=1.1)
    ax.set(xlabel="leader's share, %", ylabel="stations, %", xlim=(0, 100))
    ax.set_title("city, leader's share")


def _cloud(ax: Axes, held: Held) -> None:
    there = held.official.counted()
    edges = np.arange(102) - 0.5
    cells = np.histogram2d(100 * there.turnout, 100 * there.share, bins=(edges, edges))[0]
    ax.pcolormesh(edges, edges, np.ma.masked_equal(cells.T, 0), norm=LogNorm(), cmap="cividis", rasterized=True)
    ax.set(xlabel="turnout, %", ylabel="leader's share, %", xlim=(0, 100.5), ylim=(0, 100.5))
    ax.set_title(f"{held.official.title}, as published")


if __name__ == "__main__":
    print(style.save(counting_shapes(), PICTURE))
