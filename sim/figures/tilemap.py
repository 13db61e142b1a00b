"""The 20 regions of Kazakhstan as tiles of equal size, near where they lie, coloured by a turnout or a share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.figures import rows, style
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.store import Results

Value = Literal["official_turnout", "true_turnout", "official_leader_share", "true_leader_share"]

TILES: dict[str, tuple[int, int, str]] = {
    "KZ-59": (3, 0, "North\nKazakhstan"),
    "KZ-27": (0, 1, "West\nKazakhstan"),
    "KZ-15": (1, 1, "Aktobe"),
    "KZ-39": (2, 1, "Kostanay"),
    "KZ-11": (3, 1, "Akmola"),
    "KZ-71": (4, 1, "Astana"),
    "KZ-55": (5, 1, "Pavlodar"),
    "KZ-23": (0, 2, "Atyrau"),
    "KZ-62": (3, 2, "Ulytau"),
    "KZ-35": (4, 2, "Karaganda"),
    "KZ-10": (5, 2, "Abai"),
    "KZ-63": (6, 2, "East\nKazakhstan"),
    "KZ-47": (0, 3, "Mangystau"),
    "KZ-43": (2, 3, "Kyzylorda"),
    "KZ-61": (3, 3, "Turkistan"),
    "KZ-31": (4, 3, "Zhambyl"),
    "KZ-19": (5, 3, "Almaty\nRegion"),
    "KZ-33": (6, 3, "Zhetysu"),
    "KZ-79": (3, 4, "Shymkent"),
    "KZ-75": (5, 4, "Almaty"),
}
"""Column from the west, row from the north, and name of every region since 2022."""

CITIES = ("KZ-71", "KZ-75", "KZ-79")


class Shown(NamedTuple):
    """What a value is called, and what is printed behind its numbers."""

    label: str
    unit: str


VALUES: dict[str, Shown] = {
    "official_turnout": Shown("Announced turnout", "% of registered voters"),
    "true_turnout": Shown("Turnout", "% of registered voters"),
    "official_leader_share": Shown("Announced vote of the leading list", "% of votes announced"),
    "true_leader_share": Shown("Vote cast for the leading list", "% of votes cast"),
}


@mpl.rc_context(style.RC)
def tilemap(
    results: Results,
    scenario: str | rows.Named,
    level: str | None = None,
    value: Value = "official_turnout",
) -> Figure:
    """A region's mean over all runs of one scenario and level, in percent, as one tile a region.

    A region without a value is hatched. There is no map of announced less cast votes: a simulated difference says
    nothing about a real region. Raises InputError for an unknown value or rows the store does not hold.
    """
    if value not in VALUES:
        raise InputError(f'no value "{value}" for a map; known: {", ".join(VALUES)}')
    level = level or rows.default_level(scenario, rows.select(results, "regions", scenario))
    held = rows.select(results, "regions", scenario, level)
    means = {str(region): rows.mean(part) for region, part in _values(held, value).groupby(held["region"])}
    shown, there = VALUES[value], {r: m for r, m in means.items() if r in TILES and m.n}
    figure = style.sheet(
        f"{rows.name_of(scenario)}: {_range(shown, there)}",
        _caption(means, level, held["replication"].nunique()),
        subtitle=f"{shown.label}, {shown.unit}; mean of a region over the runs.",
        width=8.0,
        body=4.35,
    )
    ax = figure.add_subplot()
    numbers = [m.mean for m in there.values()] or [0.0]
    norm = Normalize(min(numbers), max(max(numbers), min(numbers) + 1e-9))
    for region, (column, row, name) in TILES.items():
        _tile(ax, column, row, name, means.get(region), norm, city=region in CITIES)
    ax.set(xlim=(-0.03, 7.03), ylim=(5.03, -0.03), xticks=[], yticks=[])
    ax.set_aspect(0.86)
    ax.spines[:].set_visible(False)
    bar = figure.colorbar(ScalarMappable(norm, "cividis"), ax=ax, shrink=0.75, aspect=25, pad=0.02)
    bar.set_label(shown.unit)
    return figure


def _values(held: pd.DataFrame, value: str) -> pd.Series:
    return 100 * held[value].astype(float)


def _tile(ax: Axes, column: int, row: int, name: str, mean: rows.Mean | None, norm: Normalize, *, city: bool) -> None:
    known = mean is not None and mean.n > 0
    colour = mpl.colormaps["cividis"](norm(mean.mean)) if mean is not None and known else (1.0, 1.0, 1.0, 1.0)
    tile = Rectangle((column + 0.035, row + 0.035), 0.93, 0.93, facecolor=colour, linewidth=2.6 if city else 0.8)
    tile.set_edgecolor(style.INK if city or not known else "white")
    tile.set_hatch("" if known else "///")
    ax.add_patch(tile)
    ink = style.ink_on(colour)
    behind = None if known else {"facecolor": "white", "edgecolor": "none", "pad": 1.5}  # clear of the hatch
    number = f"{mean.mean:.1f}" if mean is not None and known else "no value"
    ax.text(column + 0.5, row + 0.34, name, ha="center", va="center", size=8.5, color=ink, linespacing=1.1, bbox=behind)
    drawn = ax.text(column + 0.5, row + 0.74, number, ha="center", va="center", color=ink, weight="bold", bbox=behind)
    drawn.set_fontsize(11 if known else 8.5)


def _range(shown: Shown, there: dict[str, rows.Mean]) -> str:
    """Least and most in words."""
    label = shown.label[0].lower() + shown.label[1:]
    if not there:
        return f"{label}: no value in any region"
    least, most = (pick(there, key=lambda r: there[r].mean) for pick in (min, max))
    names = [TILES[region][2].replace("\n", " ") for region in (least, most)]
    return f"{label} from {there[least].mean:.0f} % ({names[0]}) to {there[most].mean:.0f} % ({names[1]})"


def _caption(means: dict[str, rows.Mean], level: str, runs: int) -> str:
    widths = [(m.high - m.low) / 2 for m in means.values() if m.n > 1]
    widest = max(0.1, float(np.max(widths, initial=0)))
    sure = f"95 % interval of a region's mean: at most ± {widest:.1f} points" if widths else "one run: no interval"
    lost = sum(m.missing for m in means.values())
    left = f" {lost} values are missing and left out, not counted as 0." if lost else ""
    strange = sorted(set(means) - set(TILES))
    unplaced = f" Regions without a tile: {', '.join(strange)}." if strange else ""
    return (
        f"Simulated, level {level}, n = {runs} runs; {sure}. Tiles of equal size, near where the regions lie; thick "
        f"borders: the cities of Astana, Almaty and Shymkent. The map shows what the scenario assumes and implies; "
        f"it is not evidence about any real region.{left}{unplaced}"
    )
