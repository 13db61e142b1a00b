"""A CSV file that somebody else made, read strictly: every fault with its line, what was read, and what to do."""

from __future__ import annotations

import csv
import difflib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path

MOST_SEATS = 10_000
"""More than any chamber has; a larger number is a slip."""

MOST_COLUMNS, MOST_BYTES = 200, 50_000_000
"""Columns and bytes beyond which a file is no table of votes."""

_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,30})?([eE]-\d{1,2})?", re.ASCII)
_DIGITS = re.compile(r"\d{1,18}", re.ASCII)


class Sheet:
    """A CSV file with a header, its columns by lower-case name, and every fault found in it, with its line.

    Delimiter "," or ";", UTF-8 with or without a mark at the start; rows without any text are skipped.
    """

    def __init__(self, path: Path, needed: Sequence[str], optional: Sequence[str]) -> None:
        self.path = path
        self.notes: list[str] = []
        self._faults: list[tuple[int, str]] = []
        self.rows: list[tuple[int, dict[str, str]]] = []
        self.columns: list[str] = []
        lines = self._lines()
        if not lines:
            return
        self._head = lines[0][0]
        if len(lines[0][1]) > MOST_COLUMNS:
            self.fault(self._head, f"{len(lines[0][1])} columns; no table of votes has more than {MOST_COLUMNS}")
            return
        self.columns = [name.strip().lower() for name in lines[0][1]]
        for name in sorted({name for name in self.columns if name and self.columns.count(name) > 1}):
            self.fault(self._head, f'two columns are named "{name}"; rename or delete one')
        self._missing(needed, optional)
        for number, cells in lines[1:]:
            if len(cells) == len(self.columns):
                named = zip(self.columns, (cell.strip() for cell in cells), strict=True)
                self.rows.append((number, dict(named)))
            else:
                advice = 'put text that holds the delimiter between quotes ("), and write numbers without separators'
                self.fault(number, f"{len(cells)} cells, the header has {len(self.columns)}; {advice}")
        if not lines[1:]:
            self.fault(self._head, "a header without rows; write one row for each party")

    def has(self, column: str) -> bool:
        """Whether the header names the column."""
        return column in self.columns

    def read[T](
        self, line: int, row: dict[str, str], column: str, kind: Callable[[str], T | None], wanted: str
    ) -> T | None:
        """A cell as what it should be, or None with the fault kept."""
        text = row.get(column)
        if text is None:
            return None  # the missing column has been reported
        value = kind(text)
        if value is None:
            self.fault(line, f"{column} {fault_of(text, whole=kind is not a_percent)}; {wanted}")
        return value

    def repeated(self, keys: Iterable[tuple[int, tuple[str, ...]]]) -> None:
        """Keeps a fault for every key met before; empty parts have been reported."""
        seen: dict[tuple[str, ...], int] = {}
        for line, key in keys:
            if all(key) and seen.setdefault(key, line) != line:
                self.fault(line, f'"{key[-1]}" is already on line {seen[key]}; add the rows up or rename one')

    def fault(self, line: int, text: str) -> None:
        """Keeps a fault of a line; line 0 is the file as a whole."""
        self._faults.append((line, text))

    @property
    def faults(self) -> list[str]:
        """Every fault kept so far, with file and line, from top to bottom."""
        ordered = sorted(self._faults, key=lambda fault: fault[0])
        return [f"{self.path}{f' line {line}' if line else ''}: {text}" for line, text in ordered]

    def _lines(self) -> list[tuple[int, list[str]]]:
        """Rows that hold any text, with the line they end on; none where the file cannot be read."""
        try:
            if self.path.stat().st_size > MOST_BYTES:
                self.fault(0, f"is larger than {MOST_BYTES // 1_000_000} MB; no table of votes is")
                return []
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                header = file.readline()
                file.seek(0)
                reader = csv.reader(file, delimiter=";" if header.count(";") > header.count(",") else ",", strict=True)
                lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
        except UnicodeDecodeError:
            self.fault(0, 'not UTF-8 text; save it as "CSV UTF-8"')
        except csv.Error as error:
            self.fault(reader.line_num, f"not CSV ({error}); close every quote")
        except OSError as error:
            self.fault(0, f"{error.strerror}; give the path of a CSV file")
        else:
            if not lines:
                self.fault(0, "the file is empty; write a header and one row for each party")
            return lines
        return []

    def _missing(self, needed: Sequence[str], optional: Sequence[str]) -> None:
        """A fault for each column that must be there ("a|b": either), a note where one that may be seems misspelt."""
        for names in (name.split("|") for name in needed):
            if not set(names) & set(self.columns):
                near = [n for name in names for n in difflib.get_close_matches(name, self.columns, n=1)]
                advice = f'is "{near[0]}" meant?' if near else f"the header has: {', '.join(self.columns)}"
                self.fault(self._head, f'no column "{" or ".join(names)}"; {advice}')
        known = {name for names in [*needed, *optional] for name in names.split("|")}
        for column in self.columns:
            near = difflib.get_close_matches(column, set(optional) - set(self.columns), n=1, cutoff=0.75)
            if column not in known and near:
                self.notes.append(f'column "{column}" is not read; if "{near[0]}" is meant, rename it')


def a_text(cell: str) -> str | None:
    """Any text; None for an empty cell."""
    return cell or None


def a_count(cell: str) -> int | None:
    """A whole number of up to 18 digits."""
    return int(cell) if _DIGITS.fullmatch(cell) else None


def a_chamber(cell: str) -> int | None:
    """A number of seats, 0 to `MOST_SEATS`."""
    number = a_count(cell)
    return None if number is None or number > MOST_SEATS else number


def a_percent(cell: str) -> Fraction | None:
    """Percent from 0 to 100 as an exact share."""
    share = Fraction(cell) / 100 if _DECIMAL.fullmatch(cell) else None
    return None if share is None or share > 1 else share


def fault_of(cell: str, *, whole: bool) -> str:
    """Why a cell is not the number that was wanted, with what was read; `whole` where decimals were not."""
    if not cell:
        return "is empty"
    try:
        number = float(cell.replace("_", "?"))  # Python reads 1_000 as a number, nobody else does
    except ValueError:
        return f'"{cell}" is not a number'
    if not math.isfinite(number):
        return f'"{cell}" is not a number'
    if number < 0:
        return f'"{cell}" is negative'
    return f'"{cell}" is not a whole number' if whole and not cell.isdecimal() else f'"{cell}" is too large'
