"""The law of a case through time: its parameters as steps, how well each date and value is known, and the elections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim import cases
from sim.figures import facts, style
from sim.law.parameter import Enacted, Parameter, Status
from sim.law.registration import effective_threshold
from sim.law.timeline import Law, nearest
from sim.society import geography
from sim.strict import InputError

SHOWN = (
    "registration.members",
    "registration.members_per_region",
    "registration.initiative_group",
    "list.threshold",
    "chamber.list_seats",
    "chamber.district_seats",
    "list.blocs",
    "list.two_party_rule",
    "ballot.against_all",
)
"""What is drawn when nothing is named: what stands between a group and a seat."""

MEMBERS, PER_REGION = "registration.members", "registration.members_per_region"

_LINE, _EFFECT = "#0072B2", "#D55E00"
_MARKS = {
    "from the text of the act": style.Look(_LINE, "s"),
    "from a report": style.Look(_LINE, "o"),
    "assumed": style.Look(_EFFECT, "X"),
}
_ROOM = 4  # years
_VALUE: dict[str, Any] = {
    "textcoords": "offset points",
    "size": 8,
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.2, "alpha": 0.85},  # clear of hatch and lines
    "zorder": 2,
}
_NOTHING: Mapping[Status, str] = {"unknown": "unknown", "absent": "no such rule"}


class Span(NamedTuple):
    """A value of a parameter from one day to another; ``entry`` is None before the first."""

    start: date
    end: date
    value: Any
    status: Status
    entry: Enacted[Any] | None


@mpl.rc_context(style.RC)
def law_timeline(
    case: str = "kazakhstan", parameters: Sequence[str] | None = None, until: date | None = None
) -> Figure:
    """Dated parameters of the law as steps over the years, a row each, with the case's elections as vertical lines.

    ``parameters`` are dotted names; None: SHOWN. ``until`` None: the end of the year after the last entry or election.
    An entry counts from the midpoint of the interval in which it must have begun; the interval is hatched. Beside the
    members that the law asks for stands what its regional minimum asks for in effect. Raises InputError for an unknown
    case or parameter.
    """
    if case not in cases.names():
        raise InputError(f'unknown case "{case}".{nearest(case, cases.names())} Cases: {", ".join(cases.names())}.')
    law, votes = Law.load(cases.folder(case)), facts.elections(case)
    chosen = [law.parameter(name) for name in parameters or SHOWN]
    first, last = _years(chosen, list(votes.values()), until)
    rows = {parameter.name: spans(parameter, first, last) for parameter in chosen}
    heights = [1.0 if _numeric(own) else 0.34 for own in rows.values()]
    figure = style.sheet(
        _title(facts.title(case), chosen, rows),
        _caption(case, chosen, rows, first, last),
        subtitle="Vertical lines: elections. Hatched: the day lies within; the step is in the middle.",
        key=_key(rows, invented=facts.fictional(case)),
        joined=False,
        width=8.6,
        body=0.5 + 0.74 * sum(heights) + 0.3 * len(heights),
    )
    axes = figure.subplots(len(rows), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for ax, parameter in zip(axes, chosen, strict=True):
        _row(ax, parameter, rows[parameter.name])
        if parameter.name == MEMBERS:
            _effective(ax, effective(case, law, first, last))
        for day in votes.values():
            line = ax.axvline(_year(day), color=style.SOFT_INK, linewidth=0.8, linestyle=(0, (1, 1.5)))
            line.set(gid="election", zorder=0.8)
    _name_elections(axes[0], votes, first, last)
    axes[-1].set_xlim(_year(first), _year(last))
    step = next(step for step in (1, 2, 4, 5, 10, 20, 50, 100) if last.year - first.year <= 10 * step)
    axes[-1].set_xticks(range(-(-first.year // step) * step, last.year + 1, step))
    return figure


def _years(chosen: Sequence[Parameter[Any]], votes: Sequence[date], until: date | None) -> tuple[date, date]:
    """From some years before the first entry or election, with room for words, to the year after the last."""
    days = [day for parameter in chosen for entry in parameter.history for day in (entry.since.first, entry.since.last)]
    if not (days := [*days, *votes]):
        raise InputError("nothing is dated in these parameters, and the case has no elections.")
    first, last = date(min(days).year - _ROOM, 1, 1), until or date(max(days).year + 1, 12, 31)
    if last <= first:
        raise InputError(f"until = {last} lies before the first entry; the law is dated from {min(days).year} on.")
    return first, last


def spans(parameter: Parameter[Any], first: date, last: date) -> list[Span]:
    """The values of a parameter between two days, in order."""
    starts = [first, *(entry.since.midpoint for entry in parameter.history if first < entry.since.midpoint < last)]
    found = []
    for start, end in pairwise([*starts, last]):
        standing = parameter.on(start)
        found.append(Span(start, end, standing.value, standing.status, standing.entry))
    return found


def _numeric(own: list[Span]) -> bool:
    return all(isinstance(span.value, (int, float, Fraction)) and not isinstance(span.value, bool) for span in own)


def _year(day: date) -> float:
    """A day as a decimal year."""
    start = date(day.year, 1, 1)
    return day.year + (day - start).days / (date(day.year + 1, 1, 1) - start).days


def _row(ax: Axes, parameter: Parameter[Any], own: list[Span]) -> None:
    unit = f" ({parameter.unit})" if parameter.unit else ""
    ax.set_title(f"{parameter.title}{unit}", size=8.5, weight="normal", pad=2)
    for span in own:
        if span.entry and span.entry.since.first != span.entry.since.last:
            left, right = _year(span.entry.since.first), _year(span.entry.since.last)
            ground = Rectangle(
                (left, 0), right - left, 1, transform=ax.get_xaxis_transform(), hatch="/////", gid="uncertain"
            )
            ground.set(facecolor="none", edgecolor="#9A9A9A", linewidth=0.0, zorder=0.7)
            ax.add_patch(ground)
    ax.tick_params(axis="x", length=2)
    if _numeric(own):
        _steps(ax, own, share=parameter.unit.startswith("share"))
    else:
        _words(ax, own)


def _steps(ax: Axes, own: list[Span], *, share: bool) -> None:
    """Numbers: a line at each value, dashed where it is assumed, none where there was no rule or none is known."""
    top = max([float(span.value) for span in own if span.status not in _NOTHING], default=1.0) or 1.0
    before: Span | None = None
    for span in own:
        left, right = _year(span.start), _year(span.end)
        if span.status in _NOTHING:
            _nothing(ax, span, 0.12 * top)
            before = None
            continue
        value = float(span.value)
        dashed = (0, (4, 2)) if span.status == "assumed" else "-"
        ax.plot([left, right], [value, value], color=_LINE, linewidth=2.0, linestyle=dashed, gid="value")
        if before is not None:
            ax.plot([left, left], [float(before.value), value], color=_LINE, linewidth=1.0)
        if before is None or before.value != span.value:
            ax.annotate(_said(span.value, share=share), (left, value), (4, 3), **_VALUE)
        _mark(ax, span, left, value)
        before = span
    ax.set_ylim(-0.06 * top, 1.42 * top)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)


def _words(ax: Axes, own: list[Span]) -> None:
    """Anything else: a bar with the value in it."""
    for span in own:
        left, right = _year(span.start), _year(span.end)
        if span.status in _NOTHING:
            _nothing(ax, span, 0.5)
            continue
        line = "--" if span.status == "assumed" else "-"
        bar = Rectangle(
            (left, 0.12), right - left, 0.76, facecolor="#E3EEF6", edgecolor=_LINE, linestyle=line, gid="value"
        )
        bar.set_zorder(0.5)
        ax.add_patch(bar)
        about: dict[str, Any] = {"textcoords": "offset points", "va": "center_baseline", "size": 7.5}
        ax.annotate(_said(span.value), (left, 0.5), (7, 0), **about)
        _mark(ax, span, left, 0.5)
    ax.set(ylim=(0, 1), yticks=[])
    ax.spines["left"].set_visible(False)


def _nothing(ax: Axes, span: Span, y: float) -> None:
    """In words that there was no rule, or that none is known."""
    about: dict[str, Any] = {"va": "center_baseline", "size": 7.5, "style": "italic", "color": style.SOFT_INK}
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    ax.annotate(_NOTHING[span.status], (_year(span.start), y), (3, 0), textcoords="offset points", bbox=behind, **about)


def _mark(ax: Axes, span: Span, x: float, y: float) -> None:
    """How the entry is known."""
    if span.entry is None or span.entry.since.midpoint != span.start:  # it began before the years shown
        return
    known = _known(span.entry)
    look = _MARKS[known]
    ax.plot([x], [y], look.marker, color=look.colour, ms=5, mec="white", mew=0.5, gid=known, zorder=3)


def _known(entry: Enacted[Any]) -> str:
    return "assumed" if entry.assumed else "from the text of the act" if entry.checked else "from a report"


def _key(rows: Mapping[str, list[Span]], *, invented: bool) -> dict[str, style.Look]:
    """The marks that occur; a source made up for teaching is no report."""
    there = {_known(span.entry) for own in rows.values() for span in own if span.entry}
    words = {"from a report": "dated entry, invented"} if invented else {}
    return {words.get(known, known): look for known, look in _MARKS.items() if known in there}


def effective(case: str, law: Law, first: date, last: date) -> list[tuple[date, date, int]]:
    """From and to which day how many members a party needs that recruits in proportion to the register.

    The register is that of the case's regions today, laid on the regions of each day. Days on which the law's numbers
    are unknown or absent are left out.
    """
    register = {region.iso: region.register for region in geography.load(cases.folder(case)).regions}
    both = [law.parameter(MEMBERS), law.parameter(PER_REGION)]
    days = {entry.since.midpoint for parameter in both for entry in parameter.history}
    days |= {unit.since.midpoint for unit in law.regions.units if unit.since}
    starts = sorted(day for day in {first, *days} if first <= day < last)
    found: list[tuple[date, date, int]] = []
    for start, end in pairwise([*starts, last]):
        if any(parameter.on(start).status in _NOTHING for parameter in both):
            continue
        here: dict[str, int] = {}
        for code, voters in register.items():
            unit = law.regions.on_map_of(code, start)
            here[unit] = here.get(unit, 0) + voters
        found.append((start, end, effective_threshold(law.on(start), here)))
    return found


def _effective(ax: Axes, needed: list[tuple[date, date, int]]) -> None:
    """The number in effect, where it is above the number that is written."""
    written = [line.get_xydata() for line in ax.lines if line.get_gid() == "value"]
    top = ax.get_ylim()[1]
    before = None
    for start, end, members in needed:
        left, right = _year(start), _year(end)
        at = next((float(xy[0, 1]) for xy in map(np.asarray, written) if xy[0, 0] <= left < xy[1, 0]), None)
        if at is None or members <= at:
            before = None
            continue
        ax.plot([left, right], [members, members], color=_EFFECT, linewidth=1.5, linestyle=(0, (2, 1)), gid="effective")
        if before != members and (end - start).days > 365:  # shorter ones have no room
            ax.annotate(f"in effect {members:,}", (left, members), (4, 3), **_VALUE)
        before, top = members, max(top, 1.35 * members)
    ax.set_ylim(top=top)


def _name_elections(ax: Axes, votes: Mapping[str, date], first: date, last: date) -> None:
    """The name of each election above its line."""
    for name, day in votes.items():
        if first <= day <= last:
            about: dict[str, Any] = {"ha": "center", "size": 7.5, "color": style.SOFT_INK, "annotation_clip": False}
            ax.annotate(
                name, (_year(day), 1), (0, 16), xycoords=("data", "axes fraction"), textcoords="offset points", **about
            )


def _said(value: Any, *, share: bool = False) -> str:
    """A value of the law in print."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float, Fraction)):
        if share:
            return f"{100 * float(value):.3g} %"
        return f"{float(value):,.0f}" if value == int(value) else f"{float(value):.3g}"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _title(country: str, chosen: Sequence[Parameter[Any]], rows: Mapping[str, list[Span]]) -> str:
    """How the first two numbers went, from the first value to the last and by way of the largest."""
    told: list[str] = []
    for parameter in chosen:
        own = [span for span in rows[parameter.name] if span.status not in _NOTHING]
        if own and _numeric(own) and len({span.value for span in own}) > 1 and len(told) < 2:
            share = parameter.unit.startswith("share")
            start, top, end = own[0], max(own, key=lambda span: span.value), own[-1]
            steps = [start] + ([top] if top.value not in (start.value, end.value) else []) + [end]
            way = " to ".join(f"{_said(span.value, share=share)} ({span.start.year})" for span in steps)
            told.append(f"{_plain(parameter.title)} from {way}")
    return f"{country}: {'; '.join(told) or 'its law through time'}"


def _plain(title: str) -> str:
    """A rule's title in running text, without what is added to it."""
    return title[0].lower() + title[1:].split(";")[0].split(",")[0]


def _caption(
    case: str, chosen: Sequence[Parameter[Any]], rows: Mapping[str, list[Span]], first: date, last: date
) -> str:
    entries = [span.entry for own in rows.values() for span in own if span.entry]
    kept = f"n = {len(entries)} entries of {len(chosen)} parameters"
    sourced = [entry for entry in entries if not entry.assumed]
    sources = {entry.source for entry in entries if entry.source}
    unsure = sum(entry.since.first != entry.since.last for entry in entries)
    unknown = sum(own[0].status == "unknown" for own in rows.values())
    variants = sum(len(entry.variants) for entry in entries)
    more = "1 other value in another source is" if variants == 1 else f"{variants} other values in other sources are"
    other = f"; {more} not drawn" if variants else ""
    in_effect = (
        " In effect: what a party needs that recruits in proportion to the register, where the minimum in the smallest "
        "region asks for more than the whole; today's register, laid on the regions of the day."
        if MEMBERS in rows
        else ""
    )
    if facts.fictional(case):
        return f"Country, law and dates are invented for teaching. {kept}; {unsure} with an uncertain day.{in_effect}"
    checked = sum(entry.checked for entry in sourced)
    return (
        f"The law as dated in this project, not simulated, so no interval of chance. {kept}: {len(sourced)} from "
        f"{len(sources)} source{'s' if len(sources) != 1 else ''} ({checked} from the text of the act), "
        f"{len(entries) - len(sourced)} assumed (dashed); {unsure} with an uncertain day{other}. Before the first "
        f"entry the value is unknown in {unknown} of them.{in_effect}"
    )
