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
_RIM = 1.15  # radius at which labels start
_MOST = 12  # parties whose labels can be read
_NEW = " new, "
_HALF = 1.87  # half the width drawn, in outermost radii: room for labels on both sides
_BOTTOM, _TOP = -0.07, 1.21
_WIDTH, _BODY = 9.0, 3.25  # inches
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
    told, _ = rows.one_run(rows.select(results, "runs", scenario, level), number)
    benches = _benches(run, _vacant(told))
    title, caption = f"{rows.name_of(scenario)}: {_leader(run, benches)}", _caption(benches, held)
    lists = "list_seats" not in run or bool(run["list_seats"].sum() + _vacant(told))
    subtitle = f"Level {level}, replication {number}: one simulated run. {_votes(told, lists=lists)}".strip()
    if ax is None:
        figure: Figure = style.sheet(title, caption, subtitle=subtitle, width=_WIDTH, body=_BODY)
        ax, place = figure.add_subplot(), (_WIDTH - 0.3, _BODY)
    else:
        figure = ax.get_figure(root=True) or style.Sheet()
        ax.set_title(title)
        box, (wide, high) = ax.get_position(), figure.get_size_inches()
        place = (box.width * wide, box.height * high)
        ax.set_xlabel(style.wrapped(f"{subtitle}\n{caption}", place[0], 7), size=7, color=style.SOFT_INK, loc="left")
    _draw(ax, benches, radius=min(place[0] / (2 * _HALF), place[1] / (_TOP - _BOTTOM)))
    return figure


def _benches(run: pd.DataFrame, vacant: int) -> list[Bench]:
    """Parties with seats by conduct, then by seats; all independents as one bench; vacant seats last.

    Where there are more parties than labels have room for, groups the case does not name stand together by conduct.
    """
    seated = run[run["seats"] > 0]
    single = (seated["conduct"] == "independent") | (seated["origin"] == "independent")
    order = {conduct: place for place, conduct in enumerate(style.CONDUCTS)}
    parties = seated[~single]
    if len(parties) > _MOST:
        new = parties["origin"] == "latent"
        together = (
            parties[new].groupby("conduct", as_index=False).agg(seats=("seats", "sum"), parties=("party", "size"))
        )
        together["party"] = "new_" + together["conduct"]
        together["display"] = together["parties"].astype(str) + _NEW + together["conduct"].map(style.CONDUCTS)
        parties = pd.concat([parties[~new], together])
    parties = parties.assign(place=parties["conduct"].map(order))
    parties = parties.sort_values(["place", "seats", "party"], ascending=[True, False, True])
    looks = style.party_looks(parties["party"])
    benches = [
        Bench(style.short_name(display), int(seats), looks[party])
        for party, display, seats in zip(parties["party"], parties["display"], parties["seats"], strict=True)
    ]
    if single.any():
        benches.append(Bench("Independents", int(seated.loc[single, "seats"].sum()), style.INDEPENDENT))
    return benches + ([Bench("Vacant", vacant, None)] if vacant else [])


def _vacant(told: pd.DataFrame) -> int:
    """List seats that no list won; 0 where the run does not tell."""
    return int(told["unfilled_seats"].sum()) if "unfilled_seats" in told else 0


def _votes(told: pd.DataFrame, *, lists: bool) -> str:
    """What the list of the party of power truly got and what it got officially, where both are known."""
    if not lists:
        return "No seats are filled from lists."
    shares = [told[name].iloc[0] if name in told else None for name in ("true_leader_share", "official_leader_share")]
    if any(pd.isna(share) for share in shares):
        return ""
    return f"List of the party of power: {shares[0]:.0%} of the votes cast, {shares[1]:.0%} officially.".replace(
        "%", " %"
    )


def _leader(run: pd.DataFrame, benches: list[Bench]) -> str:
    """The largest single party and its seats of all seats, vacant ones included."""
    parties = run[(run["conduct"] != "independent") & (run["origin"] != "independent") & (run["seats"] > 0)]
    total = sum(bench.seats for bench in benches)
    if parties.empty:
        return f"no party holds one of {total} seats"
    first = parties.iloc[int(parties["seats"].to_numpy().argmax())]
    return f"{first['display']} holds {int(first['seats'])} of {total} seats"


def _caption(benches: list[Bench], held: pd.DataFrame) -> str:
    over = rows.mean(held[held["conduct"] != "independent"].groupby("replication")["seats"].max())
    sure = f"95 % interval of the mean {over.low:.1f} to {over.high:.1f}" if over.n > 1 else "so no interval"
    caption = f"Simulated. Seats of the largest party in n = {over.n} runs: mean {over.mean:.1f}, {sure}. "
    order = "Left to right: party of power, pro-regime, soft and hard opposition, conduct unknown, independents"
    if any(_NEW in bench.label for bench in benches):
        order += "; groups that formed in the run stand together by conduct, though they are separate parties"
    return caption + f"{order}. {style.COLOURS_SAY}"


def _draw(ax: Axes, benches: list[Bench], radius: float) -> None:
    """Seats and labels; ``radius`` is that of the outermost row in inches."""
    total = sum(bench.seats for bench in benches)
    ax.set_aspect("equal")
    ax.set(xlim=(-_HALF, _HALF), ylim=(_BOTTOM, _TOP), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.text(0, 0.0, f"{total}\nseats", ha="center", va="bottom", size=13, weight="bold")
    if not total:
        return
    angles, radii, spacing = seat_places(total)
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
    return ax.scatter(
        x, y, s=size, marker=look.marker, facecolors=look.colour, edgecolors=style.edge(look.colour), linewidths=0.5
    )


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
        heights = style.spread([_RIM * math.sin(angle) for _, angle in here], gap, lowest=-0.03, highest=_RIM)
        ax.set_ylim(top=max([ax.get_ylim()[1], *(y + 0.06 for y in heights)]))
        for (bench, angle), y in zip(here, heights, strict=True):
            x = side * max(math.sqrt(max(_RIM**2 - y**2, 0.0)), 0.02)
            words = f"{bench.label}: {bench.seats}"
            _dots(ax, [x + 0.045 * side], [y], bench.look, 42.0)
            ax.text(x + 0.09 * side, y, words, ha="left" if side > 0 else "right", va="center_baseline", size=_LABEL)
            inwards = y == heights[-1] and side * math.cos(angle) * _RIM > side * x + 0.045  # of its wedge, at the top
            end = (x + 0.045 * side, y - 0.045) if inwards else (x, y)  # from below, not through the label's marker
            ax.plot(*leader(angle, *end), color=style.SOFT_INK, linewidth=0.6, gid="leader")


def leader(wedge: float, x: float, y: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The line from the rim above a wedge (its angle in radians) to the label at x and y, as x and y of its points.

    It turns as it leaves the rim, so that lines to labels in the order of their wedges cannot cross, nor touch a seat.
    """
    label = math.atan2(y, x) if x > 0 or y > 0 else math.atan2(y, x) + 2 * math.pi  # below the left end
    way = np.linspace(0, 1, 24)
    angle, radius = wedge + (label - wedge) * way, 1.07 + (math.hypot(x, y) - 1.07) * way
    return radius * np.cos(angle), radius * np.sin(angle)
