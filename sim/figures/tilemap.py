"""The regions of a case as tiles of equal size, near where they lie, coloured by a turnout or a share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim import cases
from sim.figures import facts, rows, style
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.store import Results

Value = Literal["official_turnout", "true_turnout", "official_leader_share", "true_leader_share"]


class Shown(NamedTuple):
    """What a value is called, and what is printed behind its numbers."""

    label: str
    unit: str


VALUES: dict[str, Shown] = {
    "official_turnout": Shown("Official turnout", "% of registered voters"),
    "true_turnout": Shown("True turnout", "% of registered voters"),
    "official_leader_share": Shown("Official vote of the party of power", "% of official votes"),
    "true_leader_share": Shown("Vote cast for the party of power", "% of votes cast"),
}


@mpl.rc_context(style.RC)
def tilemap(
    results: Results,
    scenario: str | rows.Named,
    level: str | None = None,
    value: Value = "official_turnout",
) -> Figure:
    """A region's mean over all runs of one scenario and level, in percent, as one tile a region.

    Regions, their names and their places are those of the scenario's case on the day of its election. A region without
    a value is hatched. True values are drawn of a fictional country only: beside the official ones of a real region
    they would accuse it of what is simulated. Raises InputError for an unknown value, rows the store does not hold, or
    a case without tiles.
    """
    if value not in VALUES:
        raise InputError(f'no value "{value}" for a map; known: {", ".join(VALUES)}')
    if value.startswith("true_") and not cases.about(facts.case_of(results, scenario))["fictional"]:
        raise InputError(f'no map of "{value}": a simulated truth says nothing about a real region.')
    level = level or rows.default_level(scenario, rows.select(results, "regions", scenario))
    held = rows.select(results, "regions", scenario, level)
    tiles = facts.tiles(facts.case_of(results, scenario), facts.election_day(results, scenario))
    means = {str(region): rows.mean(part) for region, part in _values(held, value).groupby(held["region"])}
    shown, there = VALUES[value], {r: m for r, m in means.items() if r in tiles and m.n}
    across, down = (1 + max(ends) for ends in zip(*(tile[:2] for tile in tiles.values()), strict=True))
    figure = style.sheet(
        f"{rows.name_of(scenario)}: {_range(shown, there, tiles)}",
        _caption(means, level, held["replication"].nunique(), tiles),
        subtitle=f"{shown.label}, {shown.unit}; mean of a region over the runs.",
        width=max(6.0, 1.3 + 0.96 * across),
        body=0.1 + 0.85 * down,
    )
    ax = figure.add_subplot()
    numbers = [m.mean for m in there.values()] or [0.0]
    norm = Normalize(min(numbers), max(max(numbers), min(numbers) + 1e-9))
    for region, tile in tiles.items():
        _tile(ax, tile, means.get(region), norm)
    ax.set(xlim=(-0.03, across + 0.03), ylim=(down + 0.03, -0.03), xticks=[], yticks=[])
    ax.set_aspect(0.86)
    ax.spines[:].set_visible(False)
    bar = figure.colorbar(ScalarMappable(norm, "cividis"), ax=ax, shrink=0.75, aspect=25, pad=0.02)
    bar.set_label(shown.unit)
    return figure


def _values(held: pd.DataFrame, value: str) -> pd.Series:
    return 100 * held[value].astype(float)


def _tile(ax: Axes, place: facts.Tile, mean: rows.Mean | None, norm: Normalize) -> None:
    known = mean is not None and mean.n > 0
    colour = mpl.colormaps["cividis"](norm(mean.mean)) if mean is not None and known else (1.0, 1.0, 1.0, 1.0)
    column, row = place.column, place.row
    tile = Rectangle((column + 0.035, row + 0.035), 0.93, 0.93, facecolor=colour, linewidth=2.6 if place.city else 0.8)
    tile.set_edgecolor(style.INK if place.city or not known else "white")
    tile.set_hatch("" if known else "///")
    ax.add_patch(tile)
    ink = style.ink_on(colour)
    behind = None if known else {"facecolor": "white", "edgecolor": "none", "pad": 1.5}  # clear of the hatch
    number = f"{mean.mean:.1f}" if mean is not None and known else "no value"
    about: dict[str, Any] = {"ha": "center", "va": "center", "color": ink, "bbox": behind}
    ax.text(column + 0.5, row + 0.34, place.name, size=8.5, linespacing=1.1, **about)
    drawn = ax.text(column + 0.5, row + 0.74, number, weight="bold", **about)
    drawn.set_fontsize(11 if known else 8.5)


def _range(shown: Shown, there: dict[str, rows.Mean], tiles: dict[str, facts.Tile]) -> str:
    """Least and most in words."""
    label = shown.label[0].lower() + shown.label[1:]
    if not there:
        return f"{label}: no value in any region"
    least, most = (pick(there, key=lambda r: there[r].mean) for pick in (min, max))
    names = [_flat(tiles[region].name) for region in (least, most)]
    return f"{label} from {there[least].mean:.0f} % in {names[0]} to {there[most].mean:.0f} % in {names[1]}"


def _flat(name: str) -> str:
    return name.replace("\n", " ")


def _caption(means: dict[str, rows.Mean], level: str, runs: int, tiles: dict[str, facts.Tile]) -> str:
    widths = [(m.high - m.low) / 2 for m in means.values() if m.n > 1]
    widest = max(0.1, float(np.max(widths, initial=0)))
    sure = f"95 % interval of a region's mean: at most ± {widest:.1f} points" if widths else "one run: no interval"
    lost = sum(m.missing for m in means.values())
    left = f" {lost} values are missing and left out, not counted as 0." if lost else ""
    strange = sorted(set(means) - set(tiles))
    unplaced = f" Regions without a tile: {', '.join(strange)}." if strange else ""
    cities = sorted(_flat(tile.name) for tile in tiles.values() if tile.city)
    thick = f"; thick borders: cities ({', '.join(cities)})" if cities else ""
    return (
        f"Simulated, level {level}, n = {runs} runs; {sure}. Tiles of equal size, near where the regions lie{thick}. "
        f"The map shows what the scenario assumes and implies; it is not evidence about any real region."
        f"{left}{unplaced}"
    )
