r"""Comparisons as LaTeX tables in the style of the package booktabs, which is the only one they need."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from sim.analysis.text import HEADS, bootstrap_interval, cells, foot, told

if TYPE_CHECKING:
    from sim.analysis.compare import Comparison, Difference

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}
_SIGNED = re.compile(r"(?<![\w.])([+-])(?=\d)")  # a sign before a figure, not a hyphen in a name
_COLUMNS = r"@{}p{0.38\linewidth}rrrr@{}"


def comparison_latex(comparison: Comparison, *, bootstrap: bool) -> str:
    """A table an outcome, its levels one below the other, and beneath each what it rests on."""
    tables = ["% Needs \\usepackage{booktabs} in the preamble."]
    for outcome, rows in groupby(comparison.rows, key=lambda row: row.outcome):
        tables += ["", *_table(comparison, outcome, list(rows), bootstrap=bootstrap)]
    return "\n".join(tables) + "\n"


def escaped(text: str) -> str:
    """Text as LaTeX prints it: every character that means something to it stands for itself."""
    return "".join(_SPECIAL.get(letter, letter) for letter in text)


def _table(comparison: Comparison, outcome: str, rows: Sequence[Difference], *, bootstrap: bool) -> list[str]:
    heads = " & ".join(escaped(head[:1].upper() + head[1:]) for head in HEADS)
    lines = [
        r"\begin{table}",
        r"  \centering\footnotesize\setlength{\tabcolsep}{4pt}",
        rf"  \caption{{{escaped(f'{outcome}: difference from {comparison.against}')}}}",
        rf"  \begin{{tabular}}{{{_COLUMNS}}}",
        r"    \toprule",
        rf"    {heads} \\",
    ]
    for level, group in groupby(rows, key=lambda row: row.level):
        own = list(group)
        lines.append(r"    \midrule")
        lines.append(rf"    \multicolumn{{5}}{{@{{}}l}}{{\emph{{{escaped(f'Level {level}; {foot(own)}')}}}}} \\")
        lines += [f"    {_line(row, comparison.against, bootstrap=bootstrap)}" for row in own]
    notes = [told(comparison), *comparison.only(outcome).notes]
    return [
        *lines,
        r"    \bottomrule",
        r"  \end{tabular}",
        r"  \par\smallskip",
        r"  \begin{minipage}{\linewidth}\scriptsize\raggedright",
        *(f"    {_figures(escaped(note))}" + (r"\par" if note is not notes[-1] else "") for note in notes),
        r"  \end{minipage}",
        r"\end{table}",
    ]


def _line(row: Difference, base: str, *, bootstrap: bool) -> str:
    """A row, and the bootstrap interval below it where it differs materially or was asked for."""
    name, *figures = cells(row, base)
    printed = [rf"\raggedright {escaped(name)}", *(_figures(escaped(cell)) for cell in figures)]
    lines = [" & ".join(printed)]
    if row.disagree or (bootstrap and row.boot_low is not None and not row.same):
        lines.append(f"\\quad bootstrap & & & {_figures(escaped(bootstrap_interval(row)))} &")
    return "".join(f"{line} \\\\\n    " for line in lines).rstrip()


def _figures(text: str) -> str:
    """Signs of figures as mathematics sets them."""
    return _SIGNED.sub(r"$\1$", text)
