"""A file of polling stations into columns: what each row says, what is used instead of what is not there, and which
rows cannot be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.forensics import tables
from sim.analysis.forensics.columns import Asked, Chosen, choose, plain
from sim.analysis.forensics.stations import Stations
from sim.strict import InputError

SHOWN = 5
"""Lines given as examples of a reason."""

_SPACES = re.compile(r"[\s\xa0\u202f\u2009'’`_]")
_THOUSANDS = re.compile(r"\d{1,3}([.,]\d{3})+")
_ZEROS = re.compile(r"\d+[.,]0+")
_NOTHING = {"", "-", "–", "—", "na", "n/a", "nan", "none", "null", ".."}
_TOTALS = re.compile(r"(итого|всего|сумма|total|totals|sum|all|grand total|барлығы|жиыны)\b.*")
_YES, _NO = {"1", "true", "yes", "y", "да", "иә", "1.0"}, {"0", "false", "no", "n", "нет", "жоқ", "0.0", ""}

EMPTY, UNREAD = -1, -2
"""What stands in a column of counts for a cell without a number, and for one that is no whole number."""


def read(path: Path | str, asked: Asked | None = None) -> Stations:
    """The stations of a CSV, Parquet or zip file.

    Columns have canonical names (``region, territory, station, voters, given, cast, leader, observed``), names that
    electoral offices use, or the names given in ``asked``. Rows that cannot be true are left out, counted by reason.

    Raises:
        InputError: the file cannot be read, a column that was asked for is not there, or nobody can tell whose votes
            are the leader's; with every fault.
    """
    path, asked = Path(path), asked or Asked()
    table = tables.read(path, asked.encoding, asked.separator)
    return from_rows(path, table.rows, asked, table.notes)


def from_rows(path: Path, rows: list[tables.Row], asked: Asked, notes: list[str]) -> Stations:
    """The stations in rows of text, among which is a header; raises InputError as :func:`read` does."""
    texts = [text for names in asked.columns.values() for text in names]
    at = tables.header_of(rows, texts)
    line, header = rows[at]
    chosen = choose(header, asked.columns)
    _leader(chosen, header)
    if chosen.faults:
        raise InputError("\n".join(f"{path} line {line}: {fault}" for fault in chosen.faults))
    body = rows[at + 1 :]
    if not body:
        raise InputError(f"{path} line {line}: a header without rows; write one row for each station.")
    there = _Sheet(path, header, body, chosen, notes).stations()
    return replace(there, simulated=True) if _one_run(path, header, body) else there


FROM_A_STORE = ("key", "scenario", "level", "replication")
"""What a table exported from a store of runs starts with."""


def _one_run(path: Path, header: Sequence[str], body: Sequence[tables.Row]) -> bool:
    """Whether a file is a table of simulated stations; raises InputError where it holds more runs than one."""
    names = [name.strip() for name in header]
    if not all(name in names for name in FROM_A_STORE):
        return False
    keys = {cells[names.index("key")] for _, cells in body}
    if len(keys) > 1:
        raise InputError(
            f"{path}: holds the stations of {len(keys)} simulated runs (column key); keep the rows of one, or give the "
            "folder of results itself."
        )
    return True


def _leader(chosen: Chosen, header: Sequence[str]) -> None:
    """A fault where the leader's votes are not known and no numbered lists are there to find the largest of."""
    if not chosen.places.get("leader") and not chosen.lists:
        shown = ", ".join(f'"{name.strip()}"' for name in header[:12]) + (", ..." if len(header) > 12 else "")
        chosen.faults.append(
            f"no column says which votes are the leader's; name it with --leader COLUMN (the header has: {shown})"
        )


class _Sheet:
    """The rows of one file below its header, column by column."""

    def __init__(
        self, path: Path, header: Sequence[str], body: list[tables.Row], chosen: Chosen, notes: list[str]
    ) -> None:
        self.path, self.header, self.chosen = path, header, chosen
        self.notes = [*notes, *chosen.notes]
        self.missing: dict[str, str] = {}
        width = len(header)
        self.bad: dict[str, list[int]] = {}
        self.lines = np.array([line for line, _ in body], dtype=np.int64)
        uneven = [
            i for i, (_, cells) in enumerate(body) if len(cells) != width and any(c.strip() for c in cells[width:])
        ]
        short = [i for i, (_, cells) in enumerate(body) if len(cells) < width]
        self.rows = [cells if len(cells) >= width else [*cells, *[""] * (width - len(cells))] for _, cells in body]
        self._leave_out(uneven, "more cells than the header has")
        self._leave_out(short, "fewer cells than the header has")

    def _leave_out(self, which: Sequence[int] | NDArray[Any], reason: str) -> None:
        if len(which):
            self.bad.setdefault(reason, []).extend(int(i) for i in which)

    def _texts(self, key: str) -> NDArray[Any] | None:
        places = self.chosen.places.get(key)
        return np.array([row[places[0]].strip() for row in self.rows], dtype=object) if places else None

    def _counts(self, key: str, places: Sequence[int]) -> NDArray[np.int64]:
        """A column of counts, or the sum of several; what is no count is EMPTY or UNREAD."""
        parts = [counts([row[place] for row in self.rows]) for place in places]
        total = np.sum([np.maximum(part, 0) for part in parts], axis=0)
        empty, unread = (np.any([part == sign for part in parts], axis=0) for sign in (EMPTY, UNREAD))
        if len(parts) > 1:  # an empty cell of a sum is none, as long as another has a number
            empty = np.all([part == EMPTY for part in parts], axis=0)
        total[empty] = EMPTY
        total[unread] = UNREAD
        return np.asarray(total, np.int64)

    def stations(self) -> Stations:
        """The stations, with what was left out."""
        found = {
            key: self._counts(key, at)
            for key, at in self.chosen.places.items()
            if key in ("voters", "given", "cast", "leader", "valid", "invalid")
        }
        lists = {name: self._counts(name, [place]) for name, place in self.chosen.lists.items()}
        leader_name = self._name_leader(found, lists)
        self._stand_in(found)
        for key in ("voters", "given", "cast", "leader"):
            if key in found and key not in self.missing:
                self._leave_out(np.flatnonzero(found[key] == EMPTY), f"{key} is empty")
                self._leave_out(np.flatnonzero(found[key] == UNREAD), f"{key} is not a whole number, 0 or more")
        unread = () if "cast" not in self.chosen.places else ("valid", "invalid")
        region, territory, station = (self._texts(key) for key in ("region", "territory", "station"))
        self._impossible(found, region, territory, station)
        keep = np.ones(len(self.rows), bool)
        for rows in self.bad.values():
            keep[rows] = False
        if not keep.any():
            raise InputError(f"{self.path}: none of {len(self.rows)} rows can be used:\n" + "\n".join(self._reasons()))
        there = Stations(
            region=region if region is not None else np.full(len(self.rows), "", object),
            station=station if station is not None else self.lines.astype(object),
            voters=found["voters"],
            given=found["given"],
            cast=found["cast"],
            leader=found["leader"],
            territory=territory,
            observed=self._observed(),
            lists={name: np.maximum(votes, 0) for name, votes in lists.items()},
            leader_name=leader_name,
            title=str(self.path),
            columns={k: v for k, v in self.chosen.names(self.header).items() if k not in unread},
            missing=self.missing,
            rows=len(self.rows),
        ).take(keep)
        self._doubts(there, region)

        return replace(there, notes=tuple(self.notes), excluded=self._excluded())

    def _name_leader(self, found: dict[str, NDArray[np.int64]], lists: dict[str, NDArray[np.int64]]) -> str:
        """Whose votes are asked about; where nobody was named, the numbered list with most votes."""
        places = self.chosen.places.get("leader", [])
        if places:
            name = " + ".join(self.header[place].strip() for place in places)
        else:
            name = max(lists, key=lambda one: int(np.maximum(lists[one], 0).sum()))
            found["leader"] = lists[name]
            self.notes.append(f'the leader is the list with most votes, "{name}" (name another with --leader)')
        lists.pop(name, None)
        return name

    def _stand_in(self, found: dict[str, NDArray[np.int64]]) -> None:
        """What is used instead of columns that are not there."""
        zeros = np.zeros(len(self.rows), np.int64)
        valid, invalid = found.pop("valid", None), found.pop("invalid", None)
        if "cast" not in found and valid is not None:
            found["cast"] = (
                valid
                if invalid is None
                else np.where((valid < 0) | (invalid < 0), np.minimum(valid, invalid), valid + invalid)
            )
            what = "valid votes" if invalid is None else "valid and invalid ballots together"
            self.notes.append(f"no column of ballots in the box; {what} are used instead")
        if "cast" not in found and "given" in found:
            found["cast"] = found["given"]
            self.missing["cast"] = "ballots given out are used instead"
        if "given" not in found and "cast" in found:
            found["given"] = found["cast"]
            self.missing["given"] = "ballots in the box are used instead"
        if "cast" not in found:
            found["cast"], found["given"] = zeros, zeros
            self.missing["cast"] = self.missing["given"] = "tests that need turnout or the leader's share are left out"
        if "voters" not in found:
            found["voters"] = zeros
            self.missing["voters"] = "tests that need turnout are left out"
        self.notes += [f'no column "{key}": {text}' for key, text in self.missing.items()]
        for key, text in (("region", "stations are one group"), ("observed", "")):
            if text and key not in self.chosen.places:
                self.notes.append(f'no column "{key}": {text}')

    def _impossible(self, found: Mapping[str, NDArray[np.int64]], *names: NDArray[Any] | None) -> None:
        """Rows that cannot be true, that are totals, or that stand there twice."""
        voters, given, cast, leader = (found[key] for key in ("voters", "given", "cast", "leader"))
        if "voters" not in self.missing:
            self._leave_out(np.flatnonzero(voters == 0), "no voters")
            self._leave_out(np.flatnonzero((voters > 0) & (given > voters)), "more ballots given out than voters")
            if "given" not in self.missing:
                self._leave_out(np.flatnonzero((voters > 0) & (cast > voters)), "more ballots in the box than voters")
        if self.missing.get("cast", "").endswith("instead") or "cast" not in self.missing:
            self._leave_out(
                np.flatnonzero((cast >= 0) & (leader > cast)), "more votes for the leader than ballots in the box"
            )
        held = [column for column in names if column is not None]
        totals = [i for i in range(len(self.rows)) if any(_TOTALS.fullmatch(plain(str(column[i]))) for column in held)]
        self._leave_out(totals, "a line of totals, not a station")
        if names[2] is not None:
            seen: set[tuple[Any, ...]] = set()
            again = []
            for i, row in enumerate(
                zip(*held, voters.tolist(), given.tolist(), cast.tolist(), leader.tolist(), strict=True)
            ):
                if row in seen:
                    again.append(i)
                seen.add(row)
            self._leave_out(again, "the same station with the same figures once more")

    def _observed(self) -> NDArray[np.bool_] | None:
        told = self._texts("observed")
        if told is None:
            return None
        cells = [str(cell).casefold() for cell in told]
        strange = [i for i, cell in enumerate(cells) if cell not in _YES | _NO and counts([cell])[0] < 0]
        self._leave_out(strange, "observed is neither 1 nor 0")
        return np.array([cell in _YES or (cell not in _NO and counts([cell])[0] > 0) for cell in cells], bool)

    def _doubts(self, there: Stations, region: NDArray[Any] | None) -> None:
        """What is odd and kept."""
        if (
            "given" not in self.missing
            and "cast" not in self.missing
            and (more := int((there.cast > there.given).sum()))
        ):
            self.notes.append(f"{more} stations report more ballots in the box than were given out; they are kept")
        if "cast" not in self.missing and (none := int((there.cast == 0).sum())):
            self.notes.append(f"{none} stations have no ballots in the box; they are left out where a share is needed")
        if region is not None and len(set(there.region)) == 1:
            self.notes.append(
                "all stations are of one region; intervals rest on territories, or on stations one by one"
            )

    def _excluded(self) -> dict[str, tuple[str, ...]]:
        return {reason: tuple(f"line {self.lines[i]}" for i in sorted(rows)) for reason, rows in self.bad.items()}

    def _reasons(self) -> list[str]:
        return [f"  {told(reason, lines)}" for reason, lines in self._excluded().items()]


def told(reason: str, lines: Sequence[str]) -> str:
    """A reason with how many rows it left out and the first of them."""
    some = ", ".join(lines[:SHOWN]) + (", ..." if len(lines) > SHOWN else "")
    return f"{len(lines):,} {'row' if len(lines) == 1 else 'rows'}: {reason} ({some})"


def counts(cells: Sequence[str]) -> NDArray[np.int64]:
    """Cells as whole numbers of 0 or more; EMPTY and UNREAD for the others. Shape (n,).

    Spaces and apostrophes between thousands are passed over. A dot or a comma is read by the column: with three digits
    after it everywhere it parts thousands, unless these are zeros everywhere; before zeros alone it is decimal.
    """
    out = np.empty(len(cells), np.int64)
    odd: list[tuple[int, str]] = []
    for i, cell in enumerate(cells):
        if cell.isascii() and cell.isdigit() and len(cell) < 16:
            out[i] = int(cell)
        else:
            odd.append((i, _SPACES.sub("", cell)))
    parted = [text for _, text in odd if _THOUSANDS.fullmatch(text)]
    decimal = len(parted) == len(cells) > 1 and all(_ZEROS.fullmatch(text) for text in parted)
    decimal = decimal or any(_ZEROS.fullmatch(text) and not _THOUSANDS.fullmatch(text) for _, text in odd)
    for i, text in odd:
        out[i] = _odd(text, decimal=decimal)
    return out


def _odd(text: str, *, decimal: bool) -> int:
    """One cell that is not plain digits."""
    if text.casefold() in _NOTHING:
        return EMPTY
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    if decimal and _ZEROS.fullmatch(text):
        return int(re.split("[.,]", text)[0])
    if _THOUSANDS.fullmatch(text) and len(set(re.findall("[.,]", text))) == 1:
        return int(re.sub("[.,]", "", text))
    mixed = re.fullmatch(r"(\d{1,3}(?:\.\d{3})+),0+|(\d{1,3}(?:,\d{3})+)\.0+", text)
    if mixed:
        return int(re.sub("[.,]", "", mixed[1] or mixed[2]))
    if _ZEROS.fullmatch(text):
        return int(re.split("[.,]", text)[0])
    return UNREAD
