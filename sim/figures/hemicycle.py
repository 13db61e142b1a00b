"""The chamber of one run as a half circle of seats, parties from the party of power to the opposition."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from sim.figures import rows, style
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.store import Results

_INNER = 0.42  # radius of the innermost row, as a share of the outermost
_RIM = 1.12  # radius at which labels start
_HALF = 1.5  # half the width drawn, in outermost radii: room for labels on both sides
_LABEL = 9.0  # points
_EVEN = {"D": 0.55, "s": 0.75, "^": 0.9, "v": 0.9, "<": 0.9, ">": 0.9, "d": 0.85, "p": 1.05, "*": 1.2, "h": 1.05}
"""Factors on the area that make markers look alike in size."""


class Bench(NamedTuple):
    """Seats that stand together: a party, all independents, or the vacant ones."""

    label: str
    seats: int
    look: style.Look | None  # None: vacant


@mpl.rc_context(style.RC)
def hemicycle(
    results: Results,
    scenario: str | rows.Named,
    level: str | None = None,
    replication: int | None = None,
    ax: Axes | None = None,
) -> Figure:
    """The seats of one run, a dot a seat; vacant seats are empty circles.

    ``level`` None: the scenario's own, else the lowest held; ``replication`` None: the first held. With ``ax`` the
    figure is drawn there, title and caption included. Raises InputError when the store does not hold the run.
    """
    level = level or rows.default_level(scenario, rows.select(results, "parties", scenario))
    held = rows.select(results, "parties", scenario, level)
    run, number = rows.one_run(held, replication)
    if run["seats"].isna().any():
        raise InputError(f"{rows.name_of(scenario)}, replication {number}: seats are missing; no chamber is drawn.")
    benches = _benches(run, _vacant(results, run))
    title, subtitle, caption = _words(rows.name_of(scenario), level, number, run, benches, held)
    if ax is None:
        figure: Figure = style.sheet(title, caption, subtitle=subtitle, width=8, body=3.35)
        ax = figure.add_subplot()
    else:
        figure = ax.get_figure(root=True) or style.Sheet()
        ax.set_title(title)
        width = ax.get_position().width * figure.get_figwidth()
        ax.set_xlabel(style.wrapped(f"{subtitle}\n{caption}", width, 7), size=7, color=style.SOFT_INK, loc="left")
    _draw(ax, benches)
    return figure


def _benches(run: pd.DataFrame, vacant: int) -> list[Bench]:
    """Parties with seats by conduct, then by seats; all independents as one bench; vacant seats last."""
    seated = run[run["seats"] > 0]
    single = (seated["conduct"] == "independent") | (seated["origin"] == "independent")
    order = {conduct: place for place, conduct in enumerate(style.CONDUCTS)}
    parties = seated[~single].assign(place=lambda f: f["conduct"].map(order).fillna(len(order)))
    parties = parties.sort_values(["place", "seats", "party"], ascending=[True, False, True])
    looks = style.party_looks(parties["party"])
    benches = [
        Bench(style.short_name(party, display), int(seats), looks[party])
        for party, display, seats in zip(parties["party"], parties["display"], parties["seats"], strict=True)
    ]
    if single.any():
        benches.append(Bench("Independents", int(seated.loc[single, "seats"].sum()), style.INDEPENDENT))
    return benches + ([Bench("Vacant", vacant, None)] if vacant else [])


def _vacant(results: Results, run: pd.DataFrame) -> int:
    """Seats nobody won, where the runs table tells them."""
    runs = results.to_frame("runs")
    if "vacant_seats" not in runs:
        return 0
    told = runs.loc[runs["key"] == run["key"].iloc[0], "vacant_seats"].dropna()
    return int(told.iloc[0]) if len(told) else 0


def _words(
    name: str, level: str, number: int, run: pd.DataFrame, benches: list[Bench], held: pd.DataFrame
) -> tuple[str, str, str]:
    total = sum(bench.seats for bench in benches)
    first = max(benches, key=lambda bench: bench.seats, default=None)
    held_by = f"{first.label} holds {first.seats}" if first and first.look else "nobody holds most"
    says = f"{held_by} of {total} seats"
    subtitle = f"Level {level}, replication {number}: one simulated run."
    parties = run[run["origin"] != "independent"]
    if len(parties) and parties["true_votes"].sum() > 0 and parties["official_votes"].sum() > 0:
        lead = parties.iloc[int(parties["seats"].to_numpy().argmax())]
        shares = [100 * lead[c] / parties[c].sum() for c in ("true_votes", "official_votes")]
        label = style.short_name(lead["party"], lead["display"])
        subtitle += f" {label}'s list: {shares[0]:.0f} % of the votes cast, {shares[1]:.0f} % of the votes announced."
    over = rows.mean(held[held["conduct"] != "independent"].groupby("replication")["seats"].max())
    sure = f"95 % interval of the mean {over.low:.1f} to {over.high:.1f}" if over.n > 1 else "so no interval"
    caption = f"Simulated. Seats of the largest party in n = {over.n} runs: mean {over.mean:.1f}, {sure}. "
    order = "Left to right: party of power, pro-regime, soft and hard opposition, conduct unknown, independents"
    return f"{name}: {says}", subtitle, caption + f"{order}. {style.COLOURS_SAY}"


def _draw(ax: Axes, benches: list[Bench]) -> None:
    total = sum(bench.seats for bench in benches)
    ax.set_aspect("equal")
    ax.set(xlim=(-_HALF, _HALF), ylim=(-0.07, 1.21), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.text(0, 0.0, f"{total}\nseats", ha="center", va="bottom", size=13, weight="bold")
    if not total:
        return
    angles, radii, spacing = seat_places(total)
    radius = _radius(ax)
    area = (0.8 * min(spacing, 0.16) * radius * 72) ** 2
    start, anchors = 0, []
    for bench in benches:
        part = slice(start, start + bench.seats)
        x, y = radii[part] * np.cos(angles[part]), radii[part] * np.sin(angles[part])
        _dots(ax, x, y, bench.look, area).set_gid("seats")
        anchors.append(float(angles[part].mean()))
        start += bench.seats
    _label(ax, benches, anchors, gap=_LABEL * 1.35 / 72 / radius)


def _dots(ax: Axes, x: ArrayLike, y: ArrayLike, look: style.Look | None, area: float) -> PathCollection:
    """Markers of like size, ``area`` in square points; empty circles where there is no look."""
    if look is None:
        return ax.scatter(x, y, s=0.8 * area, marker="o", facecolors="white", edgecolors=style.INK, linewidths=0.9)
    size = area * _EVEN.get(look.marker, 1.0)
    return ax.scatter(x, y, s=size, marker=look.marker, color=look.colour, linewidths=0)


def _radius(ax: Axes) -> float:
    """Inches of the outermost row, before the layout is known exactly."""
    figure = ax.get_figure(root=True)
    place = ax.get_position()
    return min(2.5, (figure.get_figwidth() if figure else 8.0) * place.width / (2 * _HALF) * 1.25)


def seat_places(seats: int) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Angle (radians, left to right) and radius (outermost 1) of each seat, and the distance between neighbours."""
    count = max(1, round(math.sqrt(seats / 4.2)))
    row_radii = np.linspace(_INNER, 1, count) if count > 1 else np.array([1.0])
    exact = seats * row_radii / row_radii.sum()
    sizes = np.floor(exact).astype(int)
    for row in np.argsort(sizes - exact, kind="stable")[: seats - sizes.sum()]:
        sizes[row] += 1
    angles = np.concatenate([np.pi * (1 - (np.arange(n) + 0.5) / n) for n in sizes])
    radii = np.repeat(row_radii, sizes)
    order = np.lexsort((radii, -angles))
    gap = (1 - _INNER) / (count - 1) if count > 1 else math.pi / max(seats, 2)
    return angles[order], radii[order], min(gap, math.pi * row_radii.sum() / seats)


def _label(ax: Axes, benches: list[Bench], angles: list[float], gap: float) -> None:
    """Name and seats outside each wedge, in its order; labels that would touch are moved up or down along the rim."""
    for side in (-1, 1):
        pairs = zip(benches, angles, strict=True)
        here = sorted((p for p in pairs if (math.cos(p[1]) >= 0) == (side > 0)), key=lambda p: math.sin(p[1]))
        heights = style.spread([_RIM * math.sin(angle) for _, angle in here], gap)
        for (bench, angle), y in zip(here, heights, strict=True):
            x = side * max(math.sqrt(max(_RIM**2 - y**2, 0.0)), 0.02)
            words = f"{bench.label}: {bench.seats}"
            _dots(ax, [x + 0.045 * side], [y], bench.look, 42.0)
            ax.text(x + 0.09 * side, y, words, ha="left" if side > 0 else "right", va="center_baseline", size=_LABEL)
            rim = 1.05 * math.cos(angle), 1.05 * math.sin(angle)
            ax.plot([rim[0], x], [rim[1], y], color=style.SOFT_INK, linewidth=0.6)
