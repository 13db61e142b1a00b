"""Party lives over decades in one run: who was registered from when to when, how it behaved, where it went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.figures import facts, rows, style
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.store import Results

_ROW = 0.2  # inches a party
_GONE = {"merged": "merged", "banned": "banned", "dissolved": "closed", "ended": "closed", "lapsed": "closed"}
"""What the sign at the end of a line says, by status."""

_SIGNS: Mapping[str, style.Look] = {
    "banned": style.Look(style.INK, "X"),
    "merged": style.Look(style.INK, ">"),
    "closed": style.Look(style.INK, "p"),
    "new name": style.Look(style.INK, "*"),
}
_NAME_ROOM = 34  # letters
MOST = 45
"""Rows that a page holds; of more parties those registered longest are drawn."""


@mpl.rc_context(style.RC)
def lineage(results: Results, scenario: str | rows.Named | None = None, replication: int | None = None) -> Figure:
    """Lives of the parties of one run as lines from registration to end, a row a party in order of registration.

    Colours and markers tell the conduct, which changes where leaders are won over; vertical lines lead from a party to
    one that split from it, and from one that merged to its heir. Groups that were never registered are left out, and of
    more than MOST parties those that were registered for the shortest time.
    ``scenario`` None: the one that is compared with; ``replication`` None: the first held.

    Raises:
        InputError: the store holds no lives of parties, or not that scenario or run.
    """
    name = rows.name_of(scenario) if scenario is not None else rows.default_against(results)
    every = rows.select(results, "lives", name)
    level = rows.default_level(scenario if scenario is not None else name, every)
    lives, number = rows.one_run(rows.select(results, "lives", name, level), replication)
    first, last = span(results, name)
    ever = lives[lives["registered"].notna()]
    longest = ever.assign(days=_days(ever, first, last)).sort_values(["days", "party"], ascending=[False, True])
    shown = longest.head(MOST).sort_values(["registered", "party"])
    if shown.empty:
        raise InputError(f"no party was ever registered in run {number} of {name}; there is no life to draw.")
    ties = _ties(results, name, level, number)
    votes = {e: day for e, day in facts.elections(facts.case_of(results, name)).items() if first < day <= last}
    conducts = [c for c in style.CONDUCTS if c in {*shown["conduct"], *shown["conduct_founded"]}]
    figure = style.sheet(
        _title(name, ever, last),
        _caption(name, level, number, lives, ever, shown, ties, _given_until(results, name)),
        subtitle="Lines: registered. Dotted: on its way there. Upright: splits and mergers; grey: elections.",
        key={style.CONDUCTS[c]: style.CONDUCT_LOOKS[c] for c in conducts} | _signs(shown, ties),
        joined=False,
        width=9.0,
        body=0.7 + _ROW * len(shown),
    )
    ax = figure.subplots()
    place = {party: row for row, party in enumerate(shown["party"])}
    for life in shown.to_dict("records"):
        _life(ax, {str(column): value for column, value in life.items()}, place[life["party"]], first, last)
    _draw_ties(ax, ties, place, last)
    for election, day in votes.items():
        ax.axvline(_year(day), color="#9A9A9A", linewidth=0.8, linestyle=(0, (1, 1.5)), zorder=0.5, gid="election")
        ax.annotate(election, (_year(day), 1), (0, 4), xycoords=("data", "axes fraction"), **_ABOVE)
    ax.set(xlim=(_year(first) - 0.2, _year(last) + 0.3), ylim=(len(shown) - 0.4, -0.6))
    ax.set_yticks(range(len(shown)), [_short(display) for display in shown["display"]])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    step = next(step for step in (1, 2, 4, 5, 10, 20) if last.year - first.year <= 10 * step)
    ax.set_xticks(range(-(-first.year // step) * step, last.year + 1, step))
    return figure


_ABOVE: dict[str, Any] = {
    "textcoords": "offset points",
    "ha": "center",
    "size": 7.5,
    "color": style.SOFT_INK,
    "annotation_clip": False,
}


def span(results: Results, scenario: str) -> tuple[date, date]:
    """First and last day of a run of decades. Raises InputError where the scenario is none."""
    decades = facts.asked(results, scenario).get("decades")
    if not isinstance(decades, Mapping):
        raise InputError(f"{scenario} is a run of one election; party lives are drawn of runs of decades.")
    return date.fromisoformat(str(decades["since"])), date.fromisoformat(str(decades["until"]))


def _days(lives: pd.DataFrame, first: date, last: date) -> list[int]:
    """For how many days of the run each party was registered."""
    found = []
    for registered, status, since in zip(lives["registered"], lives["status"], lives["since"], strict=True):
        end = date.fromisoformat(since) if status in _GONE else last
        found.append((end - max(date.fromisoformat(registered), first)).days)
    return found


def _given_until(results: Results, scenario: str) -> date:
    decades: Any = facts.asked(results, scenario)["decades"]
    return date.fromisoformat(str(decades["given_until"]))


def _ties(results: Results, scenario: str, level: str, replication: int) -> pd.DataFrame:
    """Kind, source, target and day of every tie of descent in the run; none where the table holds no rows."""
    every = results.to_frame("lineage")
    if every.empty:
        return pd.DataFrame(columns=["kind", "source", "target", "day"])
    return every[(every["scenario"] == scenario) & (every["level"] == level) & (every["replication"] == replication)]


def _life(ax: Axes, life: Mapping[str, Any], y: int, first: date, last: date) -> None:
    """One party: dotted while on its way, a line while registered, in another colour once it was won over."""
    start = max(date.fromisoformat(life["registered"]), first)
    gone = life["status"] in _GONE
    end = min(date.fromisoformat(life["since"]), last) if gone else last
    formed = max(date.fromisoformat(life["formed"]), first)
    changed = date.fromisoformat(life["won_over"]) if isinstance(life["won_over"], str) else None
    before, after = style.CONDUCT_LOOKS[life["conduct_founded"]], style.CONDUCT_LOOKS[life["conduct"]]
    if formed < start:
        ax.plot(
            [_year(formed), _year(start)],
            [y, y],
            color=before.colour,
            linewidth=1.2,
            linestyle=(0, (1, 1.2)),
            gid="way",
        )
    parts = [(start, changed, before), (changed, end, after)] if changed else [(start, end, before)]
    for since, right, look in parts:
        left = max(since, start)
        ax.plot(
            [_year(left), _year(max(right, left))],
            [y, y],
            color=look.colour,
            linewidth=3.2,
            solid_capstyle="butt",
            gid="life",
        )
        ax.plot(
            [_year(left)], [y], look.marker, color=look.colour, ms=5.5, mec="white", mew=0.5, zorder=3, gid="conduct"
        )
    if gone:
        sign = _SIGNS[_GONE[life["status"]]]
        ax.plot([_year(end)], [y], sign.marker, color=sign.colour, ms=7, mec="white", mew=0.5, zorder=4, gid="end")


def _draw_ties(ax: Axes, ties: pd.DataFrame, place: Mapping[str, int], last: date) -> None:
    for kind, source, target, day in ties[["kind", "source", "target", "day"]].itertuples(index=False):
        when = _year(min(date.fromisoformat(day), last))
        if kind == "renaming" and target in place:
            sign = _SIGNS["new name"]
            ax.plot(
                [when], [place[target]], sign.marker, color=sign.colour, ms=7, mec="white", mew=0.5, zorder=4, gid=kind
            )
        elif source in place and target in place:
            ends = [place[source], place[target]]
            ax.plot([when, when], ends, color=style.INK, linewidth=0.7, zorder=1, gid=kind)
            stays = ends[0] if kind == "split" else ends[1]
            ax.plot([when], [stays], "o", color=style.INK, ms=2.2, zorder=3.5)


def _signs(shown: pd.DataFrame, ties: pd.DataFrame) -> dict[str, style.Look]:
    """The signs that occur, for the key."""
    there = {_GONE[status] for status in shown["status"] if status in _GONE}
    if (ties["kind"] == "renaming").any():
        there.add("new name")
    return {word: look for word, look in _SIGNS.items() if word in there}


def _short(display: str) -> str:
    return display if len(display) <= _NAME_ROOM else f"{display[: _NAME_ROOM - 3].rstrip()}..."


def _year(day: date) -> float:
    """A day as a decimal year."""
    start = date(day.year, 1, 1)
    return day.year + (day - start) / timedelta(days=366 if day.year % 4 == 0 else 365)


def _title(name: str, ever: pd.DataFrame, last: date) -> str:
    """How many parties there were, how many of them new, and how many are left."""
    left = int((~ever["status"].isin(list(_GONE))).sum())
    new = int((~ever["given"].astype(bool)).sum())
    return f"{name}: {len(ever)} parties, {new} of them founded in the run; {left} left on {last}"


def _caption(
    name: str,
    level: str,
    number: int,
    lives: pd.DataFrame,
    ever: pd.DataFrame,
    shown: pd.DataFrame,
    ties: pd.DataFrame,
    given: date,
) -> str:
    never, short = len(lives) - len(ever), len(ever) - len(shown)
    split = ties[(ties["kind"] == "split") & ~ties["target"].isin(list(ever["party"]))]
    brief = f" {short} parties that were registered for a shorter time have no row." if short else ""
    broke = f", among them {len(split)} that broke away from a party" if len(split) else ""
    were = "group that was never registered is" if never == 1 else "groups that were never registered are"
    left = f" {never} {were} left out{broke}." if never else ""
    return (
        f"Simulated, one run: {name}, level {level}, replication {number}; other runs differ. n = {len(ever)} parties."
        f"{brief}{left} Up to {given} parties are those on record; nothing after it "
        "happened. Markers and colours: conduct, from registration or from the day on which leaders were won over. "
        f"{style.COLOURS_SAY}"
    )
