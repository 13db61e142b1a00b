"""Turnout against the leader's share at every station, as a density of voters: the shape an assumption leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.analysis.forensics.stations import Stations
from sim.figures import rows, style
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.store import Results

_EDGES = np.arange(102) - 0.5
"""Cells of 1 percentage point with whole percents at their centres, so that a round share falls into one cell."""

Panel = tuple[str | rows.Named, str]
"""A scenario and a level."""


class Cloud(NamedTuple):
    """A table's stations: voters by cell (turnout, share), national totals in percent, and what is told of them.

    ``joined`` is None where nobody knows which stations joined in fraud: in any table that was not simulated.
    """

    scenario: str
    level: str
    voters: NDArray[np.float64]
    turnout: float
    share: float
    correlation: float
    joined: float | None
    stations: int
    left_out: int


@mpl.rc_context(style.RC)
def fingerprint(
    results: Results | Stations, panels: Sequence[Panel] | None = None, replication: int | None = None
) -> Figure:
    """Stations of one run by turnout (given / voters) and leader's share (leader / cast), in voters a cell.

    ``panels`` None: the scenario compared with at every level, and one in which no station joined in fraud, where the
    store holds one. A table of stations is drawn in one panel. Stations without voters or without votes are left out
    and counted. Raises InputError when no station rows are held.
    """
    if isinstance(results, Stations):
        return _drawn([_of_table(results)], _TABLE_SAYS)
    held = rows.select(results, "stations")
    chosen = list(panels) if panels is not None else _default(results, held)
    clouds = [_cloud(results, scenario, level, replication) for scenario, level in chosen]
    return _drawn(clouds, "Stations of one simulated run each, weighted by voters; the cross marks the national total.")


_TABLE_SAYS = "Stations weighted by voters; the cross marks the total of the table."


def _drawn(clouds: list[Cloud], subtitle: str) -> Figure:
    top = max(cloud.voters.max() for cloud in clouds)
    if not top > 0:
        raise InputError("no station has both voters and votes; this figure cannot be drawn.")
    figure = style.sheet(
        _title(clouds),
        _caption(clouds),
        subtitle=subtitle,
        width=max(5.5, 0.8 + 3.0 * len(clouds)),
        body=3.55,
    )
    axes = figure.subplots(1, len(clouds), sharex=True, sharey=True, squeeze=False)[0]
    norm = LogNorm(vmin=max(1.0, top / 1e4), vmax=top)
    for ax, cloud in zip(axes, clouds, strict=True):
        mesh = ax.pcolormesh(
            _EDGES, _EDGES, np.ma.masked_equal(cloud.voters, 0).T, norm=norm, cmap="cividis", rasterized=True
        )
        _dress(ax, cloud)
    axes[0].set_ylabel("leader's share of official votes, %")
    figure.colorbar(mesh, ax=list(axes), label="voters a cell of 1 × 1 point (log scale)", shrink=0.8, pad=0.015)
    return figure


def _default(results: Results, held: pd.DataFrame) -> list[Panel]:
    """The scenario compared with at every level held, then the first scenario without fraud (an open one if any)."""
    base = rows.default_against(results)
    chosen: list[Panel] = [(base, level) for level in rows.levels(held[held["scenario"] == base])]
    joined = held.groupby("scenario")["joined"].mean()
    clean = [name for name in rows.scenarios(results, held) if joined[name] == 0 and name != base]
    clean.sort(key=lambda name: not name.endswith("open"))
    return chosen + [(name, rows.levels(held[held["scenario"] == name])[0]) for name in clean[:1]]


def _cloud(results: Results, scenario: str | rows.Named, level: str, replication: int | None) -> Cloud:
    found, _ = rows.one_run(rows.select(results, "stations", scenario, level), replication)
    columns = [found[c].to_numpy(float) for c in ("voters", "given", "cast", "leader")]
    return _counted(rows.name_of(scenario), level, columns, float(found["joined"].mean()))


def _of_table(stations: Stations) -> Cloud:
    """The cloud of a table of stations."""
    columns = [column.astype(float) for column in (stations.voters, stations.given, stations.cast, stations.leader)]
    return _counted("", "simulated" if stations.simulated else "", columns, None)


def _counted(scenario: str, level: str, columns: list[NDArray[np.float64]], joined: float | None) -> Cloud:
    total = len(columns[0])
    there = (columns[0] > 0) & (columns[2] > 0) & ~np.isnan(columns).any(axis=0)
    voters, given, cast, leader = (column[there] for column in columns)
    turnout, share = 100 * given / voters, 100 * leader / cast
    cells, _, _ = np.histogram2d(turnout, share, bins=[_EDGES, _EDGES], weights=voters)
    varied = len(voters) > 1 and turnout.std() > 0 and share.std() > 0
    return Cloud(
        scenario,
        level,
        cells,
        100 * given.sum() / max(voters.sum(), 1),
        100 * leader.sum() / max(cast.sum(), 1),
        float(np.corrcoef(turnout, share)[0, 1]) if varied else np.nan,
        joined,
        len(voters),
        total - len(voters),
    )


def _dress(ax: Axes, cloud: Cloud) -> None:
    ax.set(xlim=(0, 100.5), ylim=(0, 100.5), xlabel="official turnout, % of voters")
    ax.set_aspect("equal")
    ax.set_xticks(range(0, 101, 20))
    ax.set_yticks(range(0, 101, 20))
    ax.set_title(
        _panel_title(cloud),
        size=8,
        weight="normal",
    )
    for colour, width, size in (("white", 3.6, 11.0), ("black", 1.6, 9.0)):  # white edge: seen on dark and light cells
        ax.plot([cloud.turnout], [cloud.share], "+", color=colour, markersize=size, markeredgewidth=width)


def _panel_title(cloud: Cloud) -> str:
    tie = f"correlation {_tie(cloud)}"
    if cloud.joined is None:
        return ""
    return f"{cloud.scenario}, level {cloud.level}\n{100 * cloud.joined:.0f} % joined in fraud; {tie}"


def _tie(cloud: Cloud) -> str:
    return "not defined" if np.isnan(cloud.correlation) else style.signed(cloud.correlation, 2)


def _title(clouds: list[Cloud]) -> str:
    counts = sorted({cloud.stations for cloud in clouds})
    stations = f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,}"
    ties = " / ".join(_tie(cloud) for cloud in clouds)
    simulated = "" if clouds[0].joined is None and not clouds[0].level else "simulated "
    return f"Turnout and the leader's share at {stations} {simulated}stations: correlation {ties}"


def _caption(clouds: list[Cloud]) -> str:
    totals = "; ".join(f"{c.scenario} ({c.level}): turnout {c.turnout:.1f} %, leader {c.share:.1f} %" for c in clouds)
    lost = sum(cloud.left_out for cloud in clouds)
    if clouds[0].joined is None:
        return _table_caption(clouds[0], lost)
    left = f" {lost} stations without voters or votes are left out." if lost else ""
    return (
        "Simulated stations; shapes illustrate assumptions, they are not evidence about real stations. Assumed: how "
        "many stations join in fraud, how much they add or move, and honest differences between urban, rural and "
        f"closed stations. {style.LEVELS_SAY} National totals: {totals}. One run each, so no interval.{left}"
    )


def _table_caption(cloud: Cloud, lost: int) -> str:
    source = "Simulated stations, no evidence about real ones. " if cloud.level else ""
    left = f" {lost} stations without voters or votes are left out." if lost else ""
    return (
        f"{source}Turnout: ballots given out over voters; share: leader's votes over ballots in the box. A cloud that "
        "reaches to the upper right may come from added ballots or from places that differ honestly; the picture "
        f"cannot tell. Total: turnout {cloud.turnout:.1f} %, leader {cloud.share:.1f} %. All stations of the table, so "
        f"no interval.{left}"
    )
