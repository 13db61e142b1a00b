"""Comparisons and summaries as plain text: short lines, words for signs, nothing that rests on colour."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from sim.analysis.outcomes import figure

if TYPE_CHECKING:
    from sim.analysis.compare import Comparison, Difference
    from sim.analysis.summary import Range, Summary

NARROWEST = 72
"""Below this a row of figures no longer fits."""


def comparison_text(comparison: Comparison, width: int) -> str:
    """One block an outcome and level, one line a scenario, the notes below."""
    width = max(width, NARROWEST)
    lines = textwrap.wrap(
        f"Each scenario minus {comparison.against}, in the same seeds, with the 95 % interval of the mean difference, "
        "and the number of seeds in which it is higher.",
        width,
    )
    for (outcome, level), rows in groupby(comparison.rows, key=lambda row: (row.outcome, row.level)):
        lines += ["", f"{outcome} (level {level})"]
        head = ["scenario", "mean", "difference", "95 % interval", "higher in"]
        lines += _aligned([head, *map(_difference_cells, group := list(rows))], width)
        lines.append(f"  mean of {comparison.against}: {_means_against(group)}")
    if comparison.notes:
        lines += ["", "Notes"]
        for note in comparison.notes:
            lines += textwrap.wrap(f"- {note}", width, subsequent_indent="  ")
    return "\n".join(lines)


def summary_text(summary: Summary, width: int) -> str:
    """One block an outcome, one line a scenario and level."""
    width = max(width, NARROWEST)
    lines = textwrap.wrap("Mean over the runs, and the range that holds the middle 90 % of them.", width)
    for outcome, rows in groupby(summary.rows, key=lambda row: row.outcome):
        lines += ["", outcome]
        head = ["scenario", "level", "mean", "5 % to 95 %", "runs", "no value"]
        lines += _aligned([head, *map(_range_cells, rows)], width)
    return "\n".join(lines)


def _difference_cells(row: Difference) -> list[str]:
    if row.difference is None or row.low is None or row.high is None:
        return [row.scenario, "none", "none", "none", f"{row.used} used"]
    interval = f"{figure(row.low, signed=True)} to {figure(row.high, signed=True)}"
    if row.same:
        interval = "all seeds equal" if row.difference == 0 else "all differ equally"
    counted = f"{row.higher} of {row.used}"
    return [row.scenario, figure(row.mean), figure(row.difference, signed=True), interval, counted]


def _means_against(rows: Sequence[Difference]) -> str:
    """The mean on the other side: one figure, or one a scenario where missing values make them differ."""
    means = {row.scenario: figure(row.mean_against) for row in rows}
    if len(set(means.values())) == 1:
        return next(iter(means.values()))
    return "; ".join(f"{mean} beside {scenario}" for scenario, mean in means.items())


def _range_cells(row: Range) -> list[str]:
    middle = f"{figure(row.low)} to {figure(row.high)}" if row.mean is not None else "none"
    return [row.scenario, row.level, figure(row.mean), middle, str(row.runs), str(row.missing)]


def _aligned(cells: Sequence[Sequence[str]], width: int) -> list[str]:
    """Columns two spaces apart, the first to the left; a name too long for its column has a line of its own."""
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    widths[0] = min(widths[0], width - 2 - sum(w + 2 for w in widths[1:]))
    lines = []
    for name, *rest in cells:
        figures = "".join(f"  {cell:>{w}}" for cell, w in zip(rest, widths[1:], strict=True))
        if len(name) > widths[0]:
            lines += textwrap.wrap(name, width - 2, initial_indent="  ", subsequent_indent="  ")
            name = ""
        lines.append(f"  {name:<{max(widths[0], 0)}}{figures}")
    return lines
