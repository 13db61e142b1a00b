"""What forensic tests see, by kind and extent of what was done: alarms in two kinds of country, and ROC curves.

docs/img/detection-power.png is drawn from the numbers that ``python -m sim.analysis.forensics.power`` kept:
``save(detection_power(NUMBERS), PICTURE)``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis.forensics.power import EXTENTS, FALSE_ALARMS, GAPS, KINDS, WORDS, Row, read
from sim.figures import style

PICTURE = "docs/img/detection-power.png"
LOOKS: Mapping[str, style.Look] = {
    "peaks": style.Look("#000000", "o"),
    "digit": style.Look("#56B4E9", "v"),
    "slope": style.Look("#D55E00", "s"),
    "observers": style.Look("#009E73", "D"),
    "shpilkin": style.Look("#AA3377", "^"),
    "klimek": style.Look("#E69F00", "P"),
    "quick_count": style.Look("#444444", "X"),
}
_LINE: Mapping[str, Any] = {"markersize": 4.5, "linewidth": 1.1, "mec": "white", "mew": 0.4}
SHOWN = 0.1
"""The extent whose curves are drawn."""


@mpl.rc_context(style.RC)
def detection_power(numbers: Sequence[Row] | Path | str) -> Figure:
    """Share of elections called suspicious by extent, and detections against false alarms at a tenth of stations.

    ``numbers`` are rows of the study, or the file it kept (results/reference/forensics-power.csv).
    """
    rows = read(Path(numbers)) if isinstance(numbers, Path | str) else numbers
    at = {(row.gap, row.kind, row.extent, row.test): row for row in rows}
    trapped = at[GAPS[1], "honest", 0.0, "slope"]
    figure = style.sheet(
        "Every test is blind to some kind of fraud, and some see it where there is none: of honest elections in which"
        f" villages differ, the slope of share on turnout calls {trapped.above_alike:.0f} % suspicious",
        "Simulated elections of 3,000 stations. Top and middle: % of elections in which a test's score lies above"
        " that of 95 % of honest elections with stations alike, the bar of whoever knows no better; at 0 nobody acted."
        " Bottom: a tenth of stations (of territories, for tabulation) act and villages are 10 points higher on both;"
        " detections against false alarms among honest elections of the same country, which nobody has in reality."
        " Klimek's model from few fits. Kinds are never mixed.",
        key={WORDS[test]: look for test, look in LOOKS.items()},
        width=10.0,
        body=6.6,
    )
    axes = figure.subplots(3, len(KINDS), sharey="row")
    for column, kind in enumerate(KINDS):
        for line, gap in enumerate(GAPS):
            _alarms(axes[line, column], at, gap, kind)
        _curves(axes[2, column], at, kind)
        axes[0, column].set_title(kind)
    axes[0, 0].set_ylabel("stations alike\ncalled suspicious, %")
    axes[1, 0].set_ylabel("villages 10 points higher\ncalled suspicious, %")
    axes[2, 0].set_ylabel("villages 10 points higher\ndetections, %")
    return figure


def _alarms(ax: Axes, at: Mapping[tuple[float, str, float, str], Row], gap: float, kind: str) -> None:
    places = range(len(EXTENTS) + 1)
    for test, look in LOOKS.items():
        heights = [at[gap, "honest", 0.0, test].above_alike] + [at[gap, kind, e, test].above_alike for e in EXTENTS]
        ax.plot(
            places, heights, marker=look.marker, color=look.colour, markersize=4.5, linewidth=1.1, mec="white", mew=0.4
        )
    ax.axhline(5, color=style.RULE, linewidth=0.8, zorder=0)
    ax.set(ylim=(-3, 103), xticks=list(places))
    ax.set_xticklabels(["0", *(f"{100 * e:g}" for e in EXTENTS)])
    ax.set_xlabel("territories, %" if kind == "tabulation" else "stations, %")


def _curves(ax: Axes, at: Mapping[tuple[float, str, float, str], Row], kind: str) -> None:
    across = [0.0, *(100 * share for share in FALSE_ALARMS), 100.0]
    for test, look in LOOKS.items():
        row = at[GAPS[1], kind, SHOWN, test]
        up = [0.0, row.at_01, row.at_05, row.at_10, row.at_20, row.at_50, 100.0]
        ax.plot(across, up, marker=look.marker, color=look.colour, **_LINE)
    ax.plot([0, 100], [0, 100], "--", color=style.RULE, linewidth=0.9, zorder=0)
    ax.set(xlim=(-3, 103), ylim=(-3, 103), xticks=np.arange(0, 101, 25), xlabel="false alarms, %")
