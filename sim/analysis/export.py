"""A table of a store as one file for other programs: CSV and Parquet in pieces, Stata and LaTeX in one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.analysis.latex import escaped
from sim.analysis.outcomes import figure
from sim.strict import InputError

if TYPE_CHECKING:
    import pandas as pd

    from sim.batch.store import Results

STATA_NAME = 32
"""Letters that Stata allows a variable's name."""

STATA_TEXT = 2045
"""Bytes of a text that Stata keeps in a column of fixed width; longer ones are kept as strL."""

MOST_IN_LATEX = 1000
"""Rows beyond which a table is no table in a text [assumed]."""


class Written(NamedTuple):
    """What is in the file."""

    rows: int
    columns: int
    renamed: dict[str, str] = {}  # noqa: RUF012  # a tuple's default, never changed


def export(results: Results, table: str, to: Path, *, settings: bool = False) -> Written:
    """Write a table to a file, whose ending says how: .csv, .dta (Stata), .tex, .parquet.

    With ``settings`` each row also has what its scenario sets, as :meth:`Results.to_frame` does. A text that is a list
    is joined with "; ", but in Parquet.

    Raises InputError for another ending, a table nobody knows, or a table too long for LaTeX.
    """
    writer = _WRITERS.get(to.suffix.lower())
    if writer is None:
        raise InputError(f"--to {to}: let the name end in {', '.join(_WRITERS)}, by what the file is to be.")
    draft = to.with_name(f".{to.name}.unfinished")
    try:
        written = writer(results, table, draft, settings)
        draft.replace(to)  # a stopped export leaves what was there
    finally:
        draft.unlink(missing_ok=True)
    return written


def _csv(results: Results, table: str, to: Path, settings: bool) -> Written:
    rows = columns = 0
    with to.open("w", encoding="utf-8", newline="") as file:
        for piece in _pieces(results, table, settings):
            frame = _joined(piece)
            frame.to_csv(file, index=False, header=not columns, lineterminator="\n")
            rows, columns = rows + len(frame), len(frame.columns)
    return Written(rows, columns)


def _parquet(results: Results, table: str, to: Path, settings: bool) -> Written:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = 0
    pieces = _pieces(results, table, settings)
    first = next(pieces)
    plain = results.schema(table)
    others = pa.Schema.from_pandas(first[[c for c in first.columns if c not in plain.names]], preserve_index=False)
    schema = pa.schema([*plain, *(others.field(name) for name in others.names)])
    with pq.ParquetWriter(to, schema, compression="zstd", write_page_checksum=True) as writer:
        for piece in (first, *pieces):
            writer.write_table(pa.Table.from_pandas(piece, schema=schema, preserve_index=False))
            rows += len(piece)
    return Written(rows, len(schema))


def _stata(results: Results, table: str, to: Path, settings: bool) -> Written:
    frame = _joined(results.to_frame(table, settings=settings))
    names = stata_names(list(frame.columns))
    labels = {names[column]: column[:80] for column in frame.columns}
    for column in frame.columns:
        frame[column] = _for_stata(frame[column])
    texts = [
        names[column]
        for column in frame.columns
        if frame[column].dtype == object and max(map(_bytes, frame[column]), default=0) > STATA_TEXT
    ]
    frame = frame.rename(columns=names)
    frame.to_stata(to, write_index=False, version=118, variable_labels=labels, convert_strl=texts)
    return Written(len(frame), len(frame.columns), {old: new for old, new in names.items() if old != new})


def _bytes(text: str) -> int:
    return len(text.encode("utf-8"))


def _for_stata(column: pd.Series[Any]) -> pd.Series[Any]:
    """A column in a type that Stata has: it knows no missing text and no whole numbers of 64 bits."""
    import numpy as np
    import pandas as pd

    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind):
        return column.astype("int8") if not column.isna().any() else column.astype("float64")
    if pd.api.types.is_integer_dtype(kind):
        small = column.isna().any() or column.empty or np.abs(column.astype("float64")).max() >= 2**31 - 100
        return column.astype("float64") if small else column.astype("int32")
    if pd.api.types.is_float_dtype(kind):
        return column.astype("float64")
    if column.map(lambda value: isinstance(value, bool) or value is None).all():  # flags with gaps
        return column.astype("float64")
    return column.astype(object).where(column.notna(), "").map(str).astype(object)


def stata_names(columns: Sequence[str]) -> dict[str, str]:
    """Names that Stata takes: letters, digits and _, at most STATA_NAME of them, none a digit first, no two alike."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for column in columns:
        plain = re.sub(r"[^A-Za-z0-9_]", "_", column)
        plain = plain if re.match(r"[A-Za-z_]", plain) else f"_{plain}"
        name, number = plain[:STATA_NAME], 1
        while name in taken:
            number += 1
            name = f"{plain[: STATA_NAME - 1 - len(str(number))]}_{number}"
        taken.add(name)
        found[column] = name
    return found


def _latex(results: Results, table: str, to: Path, settings: bool) -> Written:
    frame = _joined(results.to_frame(table, settings=settings))
    if len(frame) > MOST_IN_LATEX:
        raise InputError(
            f"{len(frame):,} rows are no table in a text (at most {MOST_IN_LATEX:,}). For a summary: majilis compare "
            f"{results.folder} --format latex"
        )
    kinds = ["r" if frame[column].dtype.kind in "fiu" else "l" for column in frame.columns]
    lines = [
        "% Needs \\usepackage{booktabs,longtable} in the preamble.",
        rf"\begin{{longtable}}{{@{{}}{''.join(kinds)}@{{}}}}",
        rf"  \caption{{{escaped(f'{table} of {results.folder}')}}}\\",
        r"  \toprule",
        f"  {' & '.join(escaped(column) for column in frame.columns)} \\\\",
        r"  \midrule \endfirsthead",
    ]
    lines += [f"  {' & '.join(_cell(value) for value in row)} \\\\" for row in frame.itertuples(index=False)]
    to.write_text("\n".join([*lines, r"  \bottomrule", r"\end{longtable}", ""]), encoding="utf-8")
    return Written(len(frame), len(frame.columns))


def _cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    return figure(value) if isinstance(value, float) else escaped(str(value))


def _pieces(results: Results, table: str, settings: bool) -> Iterator[pd.DataFrame]:
    """The rows of a table in pieces that take little memory; one without rows where there are none."""
    some = False
    for batch in results.batches(table):
        some = True
        frame = batch.to_pandas()
        yield results.with_settings(frame) if settings else frame
    if not some:
        yield results.to_frame(table, settings=settings)


def _joined(frame: pd.DataFrame) -> pd.DataFrame:
    """Lists of texts as one text."""
    if "grounds" in frame:
        frame = frame.copy()
        frame["grounds"] = ["; ".join(grounds) if grounds is not None else None for grounds in frame["grounds"]]
    return frame


_WRITERS: dict[str, Callable[[Results, str, Path, bool], Written]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".dta": _stata,
    ".tex": _latex,
}
