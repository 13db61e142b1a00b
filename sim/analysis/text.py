"""Comparisons and summaries as plain text and for notebooks: words for signs, nothing that rests on colour."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from sim.analysis.outcomes import figure

if TYPE_CHECKING:
    from sim.analysis.compare import Comparison, Difference
    from sim.analysis.summary import Range, Summary

NARROWEST = 72
"""Below this a row of figures no longer fits."""

HEADS = ("scenario", "mean", "difference", "95 % interval", "higher in")
"""Columns of a comparison."""

_MOST_CHANGES = 4  # more settings than this are a world apart: diff lists them


def comparison_text(comparison: Comparison, width: int, *, bootstrap: bool) -> str:
    """What each scenario changes, then a block an outcome and level, a line a scenario, the notes below."""
    width = max(width, NARROWEST)
    lines = _wrapped(told(comparison), width, "")
    if comparison.changes:
        lines += ["", f"What each scenario changes of {comparison.against}"]
        lines += _changes(comparison, width)
    for (outcome, level), rows in groupby(comparison.rows, key=lambda row: (row.outcome, row.level)):
        lines += ["", f"{outcome} (level {level})"]
        lines += _rows(list(rows), comparison.against, width, bootstrap=bootstrap)
    if comparison.notes:
        lines += ["", "Notes"]
        for note in comparison.notes:
            lines += _wrapped(f"- {note}", width, "  ")
    return "\n".join(lines)


def comparison_html(comparison: Comparison) -> str:
    """The same as tables of HTML, one an outcome and level."""
    parts = [f"<p>{html.escape(told(comparison))}</p>"]
    for (outcome, level), rows in groupby(comparison.rows, key=lambda row: (row.outcome, row.level)):
        group = list(rows)
        lines = [_html_row(HEADS, "th")]
        for row in group:
            lines.append(_html_row(cells(row, comparison.against)))
            if row.disagree:
                lines.append(_html_row(["bootstrap", "", "", bootstrap_interval(row), ""]))
        caption = f"<b>{html.escape(outcome)}</b>, level {html.escape(level)}; {html.escape(foot(group))}"
        parts.append(f"<table><caption>{caption}</caption>{''.join(lines)}</table>")
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in comparison.notes)
    return "".join([*parts, f"<ul>{notes}</ul>"])


def told(comparison: Comparison) -> str:
    """What the figures of a comparison are."""
    kinds = {row.kind for row in comparison.rows}
    lines = [
        f"Each scenario minus {comparison.against}, in the same seeds, with the 95 % interval of the mean difference, "
        "and the number of seeds in which it is higher."
    ]
    if "step" in kinds:
        lines.append("On top of: the same change made where another is made already; average: over all these places.")
    if "interaction" in kinds:
        lines.append("Interaction: both changes together less what each does alone, added up; 0 where they add up.")
    return " ".join(lines)


def label(row: Difference, base: str) -> str:
    """What a row is called: the scenario, or what is set against what, in names without that of ``base``."""
    change = " x ".join(name.removeprefix(f"{base}-") for name in row.change.split(" x "))
    places = row.against.count(" and ") + 1
    return {
        "difference": row.scenario,
        "step": f"{change} on top of {row.against.removeprefix(f'{base}-')}",
        "average": f"{change}, average over {places} places",
        "interaction": f"interaction {change}",
    }[row.kind]


def cells(row: Difference, base: str) -> list[str]:
    """The columns of a row, as in HEADS."""
    name = label(row, base)
    if row.difference is None or row.low is None or row.high is None:
        return [name, "none", "none", "none", f"{row.used} used"]
    interval = between(row.low, row.high)
    if row.same:
        interval = "all seeds equal" if row.difference == 0 else "all differ equally"
    counted = f"{row.higher} of {row.used}"
    return [name, figure(row.mean), figure(row.difference, signed=True), interval, counted]


def between(low: float, high: float) -> str:
    """An interval in words."""
    return f"{figure(low, signed=True)} to {figure(high, signed=True)}"


def bootstrap_interval(row: Difference) -> str:
    """The bootstrap interval of a row; "none" where there is none."""
    return "none" if row.boot_low is None or row.boot_high is None else between(row.boot_low, row.boot_high)


def foot(rows: Sequence[Difference]) -> str:
    """The mean on the other side and the number of shared seeds, under the rows of one outcome and level."""
    plain = [row for row in rows if row.kind == "difference"]
    if not plain:
        return "no scenario compared"
    counts = sorted({row.shared for row in plain})
    seeds = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f"mean of {plain[0].against}: {_means_against(plain)}; shared seeds: {seeds}"


def summary_text(summary: Summary, width: int) -> str:
    """One block an outcome, one line a scenario and level."""
    width = max(width, NARROWEST)
    lines = textwrap.wrap("Mean over the runs, and the range that holds the middle 90 % of them.", width)
    for outcome, rows in groupby(summary.rows, key=lambda row: row.outcome):
        lines += ["", outcome]
        head = ["scenario", "level", "mean", "5 % to 95 %", "runs", "no value"]
        lines += aligned([head, *map(_range_cells, rows)], width)
    return "\n".join(lines)


def _changes(comparison: Comparison, width: int) -> Iterator[str]:
    for name, changed in comparison.changes.items():
        shown = [*changed[:_MOST_CHANGES]]
        if len(changed) > _MOST_CHANGES:
            command = f"majilis diff {comparison.against} {name}".replace(" ", "\0")  # in one line, to be copied
            shown.append(f"and {len(changed) - _MOST_CHANGES} more: {command}")
        yield from _wrapped(f"  {name}: {'; '.join(shown) or 'nothing'}", width, "    ")


def _rows(rows: Sequence[Difference], base: str, width: int, *, bootstrap: bool) -> list[str]:
    """The rows of one outcome and level, a bootstrap interval under those that need one, and the foot."""
    table = [list(HEADS)]
    for row in rows:
        table.append(cells(row, base))
        if row.disagree or (bootstrap and row.boot_low is not None and not row.same):
            table.append(["  bootstrap", "", "", bootstrap_interval(row), ""])
    return [*aligned(table, width), *_wrapped(f"  {foot(rows)}", width, "    ")]


def _html_row(row: Sequence[str], tag: str = "td") -> str:
    first, *rest = (html.escape(cell) for cell in row)
    right = "".join(f'<{tag} style="text-align: right">{cell}</{tag}>' for cell in rest)
    return f'<tr><{tag} style="text-align: left">{first}</{tag}>{right}</tr>'


def _means_against(rows: Sequence[Difference]) -> str:
    """The mean on the other side: one figure, or one a scenario where missing values make them differ."""
    means = {row.scenario: figure(row.mean_against) for row in rows}
    if len(set(means.values())) == 1:
        return next(iter(means.values()))
    return "; ".join(f"{mean} beside {scenario}" for scenario, mean in means.items())


def _range_cells(row: Range) -> list[str]:
    middle = f"{figure(row.low)} to {figure(row.high)}" if row.mean is not None else "none"
    return [row.scenario, row.level, figure(row.mean), middle, str(row.runs), str(row.missing)]


def aligned(cells: Sequence[Sequence[str]], width: int) -> list[str]:
    """Columns two spaces apart, the first to the left; a name too long for its column has a line of its own."""
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    widths[0] = min(widths[0], width - 2 - sum(w + 2 for w in widths[1:]))
    lines = []
    for name, *rest in cells:
        figures = "".join(f"  {cell:>{w}}" for cell, w in zip(rest, widths[1:], strict=True))
        if len(name) > widths[0]:
            lines += _wrapped(f"  {name}", width, "    ")
            name = ""
        lines.append(f"  {name:<{max(widths[0], 0)}}{figures}".rstrip())
    return lines


def _wrapped(text: str, width: int, margin: str) -> list[str]:
    """A paragraph whose further lines stand at a margin; names, keys and what a NUL joins are not broken, nor 95 %."""
    lines = textwrap.wrap(
        text.replace(" %", "\0%"), width, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace("\0", " ") for line in lines]
