"""Somebody else's table as rows of text: CSV with any common separator and encoding, Parquet, or either in a zip."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sim.strict import InputError

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".parquet", ".pq")
LONGEST = 1_000_000  # characters of a cell; an unclosed quote would swallow the file

Row = tuple[int, list[str]]


class Table(NamedTuple):
    """Rows of text with the line each ends on, what was found out about the file, and where it lies."""

    rows: list[Row]
    notes: list[str]


def read(path: Path, encoding: str | None = None, separator: str | None = None) -> Table:
    """The rows of a file, its header among them. Raises InputError where there are none to read."""
    name, content = _content(path)
    if name.lower().endswith((".parquet", ".pq")):
        return Table(_parquet(path, content), [])
    if content[:2] == b"PK" or content[:4] == b"\xd0\xcf\x11\xe0":
        raise InputError(f"{path}: this is a spreadsheet; save its sheet as CSV (UTF-8) and give that file.")
    if name.lower().endswith((".xlsx", ".xls", ".ods")):
        raise InputError(f"{path}: spreadsheets are not read; save the sheet as CSV (UTF-8) and give that file.")
    text, told = _decoded(path, content, encoding)
    by = _separator(path, text, separator)
    notes = [told] if told else []
    if by != ",":
        notes.append(f"columns are separated by {next((k for k, v in SEPARATORS.items() if v == by), repr(by))}")
    return Table(list(_rows(path, text, by)), notes)


def _content(path: Path) -> tuple[str, bytes]:
    """The name and the bytes of the table, out of its archive."""
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise InputError(f"{path}: {fault.strerror}; give the path of a CSV, Parquet or zip file.") from None
    if not content.strip():
        raise InputError(f"{path}: the file is empty; write a header and one row for each station.")
    if path.suffix.lower() == ".gz":
        return path.stem, gzip.decompress(content)
    if path.suffix.lower() != ".zip":
        return path.name, content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            held = [n for n in archive.namelist() if n.lower().endswith(SUFFIXES) and "__MACOSX" not in n]
            if len(held) != 1:
                inside = ", ".join(held or archive.namelist()[:5]) or "nothing"
                raise InputError(
                    f"{path}: one table is needed in the archive; it holds {inside}. Unpack it and give one file."
                )
            return held[0], archive.read(held[0])
    except zipfile.BadZipFile:
        raise InputError(f"{path}: not a zip archive, or a damaged one.") from None


def _parquet(path: Path, content: bytes) -> list[Row]:
    """A Parquet table as rows of text; a number of the file is numbered like a line below a header."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(content))
    except (pa.ArrowException, OSError) as fault:
        raise InputError(f"{path}: not a Parquet file ({str(fault).splitlines()[0]}).") from None
    columns = [["" if value is None else str(value) for value in column.to_pylist()] for column in table.columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return [(1, list(table.column_names)), *((line, row) for line, row in enumerate(rows, start=2))]


def _decoded(path: Path, content: bytes, encoding: str | None) -> tuple[str, str]:
    """The text, and what is to be said of its encoding (nothing of UTF-8)."""
    if encoding is not None:
        try:
            return content.decode(codecs.lookup(encoding).name).removeprefix("\ufeff"), f"read as {encoding}, as asked"
        except LookupError:
            raise InputError(
                f'--encoding "{encoding}" is unknown; try utf-8, cp1251, cp866, utf-16 or latin-1.'
            ) from None
        except UnicodeDecodeError:
            raise InputError(f"{path}: not {encoding} text; leave --encoding out, or try another.") from None
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16"), "read as utf-16"
        except UnicodeDecodeError:
            raise InputError(f"{path}: begins like UTF-16 text and is none; save it as CSV (UTF-8).") from None
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        found = _legacy(content)
        return content.decode(found, errors="replace"), f"not UTF-8; read as {found} (change with --encoding)"


def _legacy(content: bytes) -> str:
    """The old one-byte encoding that makes most of the bytes into likely letters."""
    sample = content[:200_000]
    high = [byte for byte in sample if byte >= 0x80]
    if b"\x00" in sample[:200]:
        return "utf-16-le"
    # most Cyrillic text is small letters: 0xE0-0xFF in cp1251, 0xA0-0xAF and 0xE0-0xEF in cp866
    as_1251 = sum(byte >= 0xE0 for byte in high) / len(high)
    as_866 = sum(0xA0 <= byte <= 0xAF or 0xE0 <= byte <= 0xEF for byte in high) / len(high)
    if len(high) < 0.1 * sum(byte > 0x40 for byte in sample):
        return "cp1252"  # accents among Latin letters
    return "cp866" if as_866 > as_1251 else "cp1251"


def _separator(path: Path, text: str, asked: str | None) -> str:
    """The sign between cells: as asked, else the one that the first lines hold most regularly outside quotes."""
    if asked is not None:
        by = SEPARATORS.get(asked, "\t" if asked == "\\t" else asked)
        if len(by) != 1:
            raise InputError(f'--separator "{asked}" is unknown; write {", ".join(SEPARATORS)}, or one sign.')
        return by
    lines = [line for line in text[:200_000].splitlines()[:40] if line.strip()]
    best, score = ",", (0, 0)
    for by in SEPARATORS.values():
        try:
            widths = [len(row) for row in csv.reader(lines[:25], delimiter=by) if row]
        except csv.Error:
            continue
        common = max(set(widths), key=widths.count) if widths else 1
        rank = (widths.count(common) if common > 1 else 0, common)
        if rank > score:
            best, score = by, rank
    return best


def _rows(path: Path, text: str, by: str) -> Iterator[Row]:
    csv.field_size_limit(LONGEST)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=by)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as fault:
        raise InputError(f"{path} line {reader.line_num}: not CSV ({fault}); close every quote.") from None


def header_of(rows: Sequence[Row], known: Sequence[str]) -> int:
    """The place of the header among the first rows: the one with most known names, else the first of full width."""
    from sim.analysis.forensics.columns import choose, plain

    first = rows[:30]
    wanted = [plain(name) for name in known]
    best, most = 0, 0
    for place, (_, cells) in enumerate(first):
        names = [plain(cell) for cell in cells]
        met = sum(any(name and name in held for held in names) for name in wanted)
        met += len(choose(cells, {}).places)
        if met > most:
            best, most = place, met
    return best
