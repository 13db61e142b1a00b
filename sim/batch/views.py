"""Tables of a store as lazy views of other programs: each run once, only what is done, nothing read in advance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.batch import parts
from sim.batch.places import Place

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa


class _File(NamedTuple):
    """A file of a table with the keys of the runs whose rows count in it; None where all do."""

    address: str
    keys: pa.Array | None


def _files(place: Place, held: parts.Index, table: str) -> Iterator[_File]:
    """The files of a table that hold rows of runs that are done.

    A file may hold runs that count elsewhere where a batch was stopped or is at work; in a merged store it does not.
    """
    import pyarrow as pa

    for number, files in enumerate(held.files):
        kept = np.flatnonzero((held.part == number) & held.done)
        if table not in files or not kept.size:
            continue
        rows = parts.rows(place, "runs", files["runs"])
        whole = rows == int((held.part == number).sum()) and (table != "runs" or rows == kept.size)
        yield _File(place.address(f"{table}/{files[table]}"), None if whole else held.keys.take(pa.array(kept)))


def polars(place: Place, held: parts.Index, table: str, pl: Any) -> pl.LazyFrame:
    """A LazyFrame over the files of a table."""
    frames = []
    for file in _files(place, held, table):
        frame = pl.scan_parquet(file.address)
        if file.keys is not None:
            frame = frame.join(pl.from_arrow(file.keys).alias("key").to_frame().lazy(), on="key", how="semi")
        frames.append(frame)
    if not frames:
        return pl.from_arrow(parts.schema_of(place, table, held).empty_table()).lazy()
    return frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal_relaxed")


def duckdb(place: Place, held: parts.Index, table: str, connection: Any) -> Any:
    """A relation over the files of a table, in a connection of duckdb."""
    files = list(_files(place, held, table))
    whole = [file.address for file in files if file.keys is None]
    found = [connection.read_parquet(whole, union_by_name=True)] if whole else []
    for file in files:
        if file.keys is not None:
            rows = connection.read_parquet(file.address)
            kept = connection.from_arrow(_table(file.keys)).set_alias("kept")
            found.append(rows.set_alias("rows").join(kept, "key", how="semi"))
    if not found:
        return connection.from_arrow(parts.schema_of(place, table, held).empty_table())
    columns = parts.schema_of(place, table, held).names
    aligned = [one.project(", ".join(_quoted(c) if c in one.columns else f"NULL AS {_quoted(c)}" for c in columns))
               for one in found]  # fmt: skip
    union = aligned[0]
    for one in aligned[1:]:
        union = union.union(one)
    return union


def _table(keys: pa.Array) -> pa.Table:
    import pyarrow as pa

    return pa.table({"key": keys})


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
