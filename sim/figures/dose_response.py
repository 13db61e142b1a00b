"""An outcome over the value of one setting: mean and interval of every scenario, with its single runs behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis.compare import compare
from sim.analysis.doses import doses
from sim.analysis.outcomes import chosen
from sim.figures import labels, rows, style
from sim.figures.outcomes import PRIMARY, setting_label, told
from sim.scenario.resolved import Settings, changes, planned_settings
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.store import Results

_WIDE = 20.0
"""From this ratio of the largest to the smallest dose above 0 on, doses stand by their orders of magnitude."""

_BODY = 3.9  # inches
_CLOSE = 0.08  # of the axis: nearer to each other than this the words of two doses touch
_ZERO = 0.8  # orders of magnitude below the smallest dose at which 0 stands


class Scale(NamedTuple):
    """Where doses stand on the axis: as they are, or by their logarithm with 0 set beside."""

    smallest: float | None  # the smallest dose above 0 where the scale is logarithmic

    def place(self, dose: float) -> float:
        """The position of a dose."""
        if self.smallest is None:
            return dose
        return float(np.log10(dose if dose > 0 else self.smallest)) - (0.0 if dose > 0 else _ZERO)


class Shown(NamedTuple):
    """What is drawn: the runs, the dose of every scenario, and which scenarios differ in nothing but the dose."""

    runs: pd.DataFrame
    outcome: str
    label: str
    doses: dict[str, float]
    scale: Scale
    levels: list[str]
    series: list[list[str]]

    @classmethod
    def of(cls, results: Results, runs: pd.DataFrame, outcome: str, setting: str, doses: dict[str, float]) -> Shown:
        """The same, in order."""
        scale, series = _scale(doses.values()), _series(results, doses, setting)
        return cls(runs, outcome, setting_label(setting), doses, scale, rows.levels(runs), series)

    @property
    def ends(self) -> tuple[str, str]:
        """The scenarios of the smallest and the largest dose, of those that differ in nothing else if there are any."""
        names = self.series[0] if len(self.series[0]) > 1 else sorted(self.doses, key=lambda name: self.doses[name])
        return names[0], names[-1]

    @property
    def joined(self) -> bool:
        """Whether any two scenarios differ in nothing but the dose."""
        return len(self.series[0]) > 1

    def values(self, name: str, level: str) -> pd.Series:
        """The outcome in the runs of a scenario and level, as printed."""
        own = self.runs[(self.runs["scenario"] == name) & (self.runs["level"] == level)]
        return told(self.outcome).scale * own[self.outcome].astype(float)

    def place(self, name: str, level: str) -> float:
        """Where a scenario and level stand on the axis: at the dose, beside the others that have the same one."""
        at_dose = [one for names in self.series for one in names if self.doses[one] == self.doses[name]]
        slots = len(self.levels) * len(at_dose)
        slot = at_dose.index(name) * len(self.levels) + self.levels.index(level)
        return self.scale.place(self.doses[name]) + self.step * (slot - (slots - 1) / 2) / max(slots, 4)

    @property
    def step(self) -> float:
        """The width a dose has on the axis for the marks that stand at it."""
        places = sorted({self.scale.place(dose) for dose in self.doses.values()})
        return min(0.6 * float(np.diff(places).min()), 0.15 * (places[-1] - places[0]))

    def said(self, dose: float) -> str:
        """A dose as print has it; shares are percent."""
        if self.label.startswith("share"):
            return f"{100 * dose:.3g} %"
        return f"{dose:,.0f}" if dose == round(dose) else f"{dose:.3g}"


@mpl.rc_context(style.RC)
def dose_response(
    results: Results, outcome: str | None = None, setting: str | None = None, level: str | None = None
) -> Figure:
    """Mean of an outcome with its 95 % interval over the value of a setting in each scenario; single runs are faint.

    ``outcome`` None: the experiment's primary one. ``setting`` None: the experiment's dose. ``level`` None: all.
    Scenarios that differ in nothing but the dose are joined by a line. Doses that span orders of magnitude stand by
    their logarithm, 0 beside. Raises InputError without a dose, below two doses, or for what is not held.
    """
    setting = setting or results.experiment.get("dose")
    if not setting:
        raise InputError("the experiment names no dose; name a setting, such as mechanism.observers.share.")
    outcome = outcome or results.experiment.get("primary") or PRIMARY
    runs = rows.select(results, "runs", level=level)
    (outcome,) = chosen(results, runs, outcome)
    given = {name: dose for name, dose in doses(results, setting).items() if name in set(runs["scenario"])}
    if len(set(given.values())) < 2:
        raise InputError(f"{setting} has one value in all scenarios; a dose-response figure needs at least two.")
    shown = Shown.of(results, runs, outcome, setting, given)
    figure = style.sheet(
        _title(shown),
        _caption(shown),
        subtitle=_ends(results, shown),
        key={f"level {name}": style.LEVEL_LOOKS.get(name, style.INDEPENDENT) for name in shown.levels},
        width=8.0,
        body=_BODY,
    )
    ax = figure.add_subplot()
    ax.grid(axis="y")
    for name in shown.levels:
        _level(ax, shown, name)
    _name_axes(ax, shown)
    _name_others(ax, shown, rows.default_against(results))
    return figure


def _scale(given: Iterable[float]) -> Scale:
    doses = list(given)
    above = [dose for dose in doses if dose > 0]
    wide = min(doses) >= 0 and len(above) > 1 and max(above) / min(above) >= _WIDE
    return Scale(min(above) if wide else None)


def _series(results: Results, given: Mapping[str, float], setting: str) -> list[list[str]]:
    """Scenarios that differ in nothing but the dose, by dose; first those with the one that all are compared with."""
    settings = planned_settings(results.planned)
    groups: list[list[str]] = []
    for name in given:
        home = next((group for group in groups if _only(settings[group[0]], settings[name], setting)), None)
        groups.append([name]) if home is None else home.append(name)
    base = rows.default_against(results)
    ordered = [sorted(group, key=lambda name: given[name]) for group in groups]
    return sorted(ordered, key=lambda group: (base not in group, -len(group)))


def _only(before: Settings, after: Settings, setting: str) -> bool:
    """Whether two scenarios differ in one setting at most."""
    return {change.setting for change in changes(before, after)} <= {setting}


def _level(ax: Axes, shown: Shown, level: str) -> None:
    """Means with intervals, joined within a series, and single runs spread a little sideways so that none hides."""
    look = style.LEVEL_LOOKS.get(level, style.INDEPENDENT)
    for number, names in enumerate(shown.series):
        places, means = [], []
        for name in names:
            values, x = shown.values(name, level), shown.place(name, level)
            found = rows.mean(values)
            aside = x + (np.arange(len(values)) % 5 - 2) * 0.025 * shown.step
            ax.plot(aside, values, "o", color=look.colour, ms=2.6, alpha=0.3, mew=0, gid=f"runs {name} {level}")
            ax.plot([x, x], [found.low, found.high], color=look.colour, linewidth=1.8)
            places.append(x)
            means.append(found.mean)
        full = number == 0 and shown.joined
        ax.plot(
            places,
            means,
            marker=look.marker,
            color=look.colour,
            linestyle="-" if full else (0, (4, 2)),
            linewidth=1.2,
            markersize=6,
            markerfacecolor=look.colour if full else "white",
            markeredgecolor="white" if full else look.colour,
            markeredgewidth=0.7 if full else 1.4,
            gid=f"means {level} {number}",
        )


def _name_axes(ax: Axes, shown: Shown) -> None:
    scale, values, measure = shown.scale, sorted(set(shown.doses.values())), told(shown.outcome)
    places = [scale.place(dose) for dose in values]
    ax.set_xticks(places, _ticks(places, [shown.said(dose) for dose in values]))
    ax.set_ylabel(f"{measure.label}\n({measure.own_unit})")
    ax.set_xlabel(shown.label + ("" if scale.smallest is None else " (logarithmic scale)"))
    room = 0.75 * shown.step + 0.02 * (places[-1] - places[0])
    ax.set_xlim(places[0] - room, places[-1] + room)
    if scale.smallest is not None and values[0] == 0:  # the axis is cut between 0 and the smallest dose
        cut = scale.place(0) + _ZERO / 2
        ax.plot([cut], [0], marker=[(-1, -1.6), (1, 1.6)], transform=ax.get_xaxis_transform(), color=style.INK, ms=9)
        ax.lines[-1].set(clip_on=False, gid="cut")


def _ticks(places: list[float], words: list[str]) -> list[str]:
    """The words at their places, on a second line where they would lie on those of the dose before."""
    close = _CLOSE * (places[-1] - places[0])
    lower = False
    found = []
    for number, word in enumerate(words):
        lower = number > 0 and places[number] - places[number - 1] < close and not lower
        found.append(f"\n{word}" if lower else word)
    return found


def _name_others(ax: Axes, shown: Shown, base: str) -> None:
    """The names of scenarios that differ in more than the dose, each joined to its highest mean."""
    points, words = [], []
    for name in [name for names in shown.series[1 if shown.joined else 0 :] for name in names]:
        means = {level: rows.mean(shown.values(name, level)).mean for level in shown.levels}
        there = {level: mean for level, mean in means.items() if not np.isnan(mean)}
        if there:
            level = max(there, key=lambda one: there[one])
            points.append((shown.place(name, level), there[level]))
            words.append(rows.short(name, base))
    ax.set_ylim(*ax.get_ylim())
    labels.column(ax, points, words, height=_BODY - 0.6)


def _title(shown: Shown) -> str:
    """The outcome at the smallest and at the largest dose."""
    measure, (first, last) = told(shown.outcome), shown.ends
    unit = " %" if measure.scale == 100 else ""
    found = []
    for level in shown.levels:
        ends = [rows.mean(shown.values(name, level)).mean for name in (first, last)]
        words = ["no value" if np.isnan(end) else f"{end:.{measure.digits}f}" for end in ends]
        found.append(f"{words[0]} to {words[1]}{unit} ({level})")
    head = f"{measure.label[0].upper()}{measure.label[1:]}"
    doses = [shown.said(shown.doses[name]) for name in (first, last)]
    return f"{head} from {', '.join(found)}; {shown.label} from {doses[0]} to {doses[1]}"


def _ends(results: Results, shown: Shown) -> str:
    """The paired difference between the largest and the smallest dose."""
    measure, (first, last) = told(shown.outcome), shown.ends
    words = []
    for row in compare(results, shown.outcome, against=first).rows:
        if (row.scenario, row.kind) == (last, "difference") and row.level in shown.levels:
            numbers = (row.difference, row.low, row.high)
            middle, low, high = (
                style.signed(measure.scale * value, measure.digits) if value is not None else "none"
                for value in numbers
            )
            words.append(f"{middle} [{low}, {high}] ({row.level}, n = {row.used})")
    only = "" if shown.joined else " These scenarios differ in more than this setting."
    return f"Difference between the ends, paired, in {measure.unit}:\n{'; '.join(words) or 'no value'}.{only}"


def _caption(shown: Shown) -> str:
    counts = shown.runs.dropna(subset=[shown.outcome]).groupby(["scenario", "level"]).size().tolist() or [0]
    lost = int(shown.runs[shown.outcome].isna().sum())
    left = f" {lost} runs have no value and are left out, not counted as 0." if lost else ""
    both = f" {style.LEVELS_SAY}" if len(shown.levels) > 1 else ""
    zero = shown.scale.smallest is not None and min(shown.doses.values()) == 0
    cut = " The axis is cut between 0 and the smallest dose." if zero else ""
    others = sum(len(names) for names in shown.series[1 if shown.joined else 0 :])
    hollow = f" Hollow marks: {others} scenarios that differ from the others in more than the dose." if others else ""
    return (
        f"Simulated, n = {rows.span(counts)} runs a scenario and level (faint marks, set a little aside of each "
        f"other). Large marks: means; vertical bars: 95 % Student intervals of the mean; differences are paired, so "
        f"known better than the bars let think. Lines join scenarios that differ in nothing but the dose."
        f"{hollow}{cut}{left}{both}"
    )
