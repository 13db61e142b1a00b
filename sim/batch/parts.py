"""Parquet parts: written whole or not at all, found by run key, and merged into one file a table.

A part has the same file name in every table's folder. Its ``runs`` file is written last, so a run listed there has all
its rows; rows in other folders without it are leavings of an interrupted batch and no reader returns them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.batch.tables import columns, united
from sim.strict import InputError

if TYPE_CHECKING:
    import pyarrow as pa

MERGED = "all.parquet"
"""The part that holds every run once a batch has ended."""

_BLOCK = {"stations": 200}  # runs in one row group of a merged file: 200 runs of 10,000 stations are some 200 MB
_BLOCK_ELSE = 5000  # the other tables have tens of rows a run


@dataclass(frozen=True)
class Entry:
    """Where the store holds one run, and how the run ended (``error`` is its traceback, None when it is done)."""

    key: str
    scenario: str
    level: str
    replication: int
    error: str | None
    stations_kept: bool
    part: str

    @property
    def done(self) -> bool:
        return self.error is None

    @property
    def place(self) -> tuple[str, str, int]:
        """The order of rows in merged files and in frames."""
        return self.scenario, self.level, self.replication

    @property
    def standing(self) -> tuple[bool, bool, str]:
        """Of several rows for one run the highest counts: done before failed, loose before merged, late before early.

        Loose before merged: while parts are being merged both hold the run, and a loose part may add its stations.
        """
        return self.done, self.part != MERGED, self.part


def tables(folder: Path) -> list[str]:
    """The tables a store holds, ``runs`` last: the order in which parts must be written."""
    found = [p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".") and any(_parts(p))]
    return sorted(found, key=lambda name: (name == "runs", name))


def fresh_name() -> str:
    """A part name no other process will choose, later names sorting after earlier ones."""
    return f"{time.time_ns():020d}-{os.getpid()}.parquet"


def write(folder: Path, rows: Mapping[str, Sequence[pa.Table]], name: str | None = None) -> None:
    """One part: the tables of some runs, ``runs`` last; tables without rows leave no file."""
    import pyarrow as pa

    name = name or fresh_name()
    for table in sorted(rows, key=lambda t: t == "runs"):
        pieces = [piece for piece in rows[table] if piece.num_rows]
        if pieces:
            schema = united(table, [piece.schema for piece in pieces])
            whole = pa.concat_tables([_fitted(piece, schema) for piece in pieces])
            _write_whole(folder / table / name, schema, [whole])


def index(folder: Path) -> dict[str, Entry]:
    """Every run the store holds, done or failed, by key. Raises InputError for a damaged part."""
    found: dict[str, Entry] = {}
    wanted = ["key", "scenario", "level", "replication", "error", "stations_kept"]
    for path in _parts(folder / "runs"):
        for row in _load(path, wanted).to_pylist():
            entry = Entry(**row, part=path.name)
            if entry.key not in found or found[entry.key].standing < entry.standing:
                found[entry.key] = entry
    return found


def read(folder: Path, table: str, entries: Iterable[Entry]) -> pa.Table:
    """The rows of the given runs, in the order of :attr:`Entry.place` and within a run as the model gave them."""
    import pyarrow as pa

    held = {e.key: e for e in entries}
    ordered = sorted(held.values(), key=lambda e: e.place)
    schema = _schema(folder, table, ordered)
    blocks = list(_blocks(folder, table, ordered, schema))
    return pa.concat_tables(blocks) if blocks else schema.empty_table()


def merge(folder: Path) -> None:
    """Make one part of all parts, the same bytes however the runs were divided, ordered or interrupted.

    Safe to interrupt: every file is replaced by one that holds at least as much, ``runs`` last, and the loose parts go
    only after that, ``runs`` first.
    """
    held = sorted(index(folder).values(), key=lambda e: e.place)
    old = {table: [p for p in _parts(folder / table) if p.name != MERGED] for table in tables(folder)}
    if not any(old.values()):
        return
    for table in old:  # runs last
        if not any((folder / table / entry.part).exists() for entry in held):
            continue  # nothing but leavings of an interrupted batch
        schema = _schema(folder, table, held)
        _write_whole(folder / table / MERGED, schema, _blocks(folder, table, held, schema))
    for table in reversed(old):
        for path in old[table]:
            path.unlink(missing_ok=True)
    for path in folder.glob("*/.*.parquet"):  # half-written when a process was killed
        path.unlink(missing_ok=True)


def damaged(folder: Path) -> list[Path]:
    """Parts whose end is missing or unreadable: cut off by a full disk, a crash of the machine or a copy."""
    found = []
    for table in tables(folder):
        for path in _parts(folder / table):
            try:
                _footer(path)
            except InputError:
                found.append(path)
    return found


def set_aside(folder: Path, path: Path) -> None:
    """Take a damaged part out of sight, and its runs out of the list, so that they are run again."""
    (folder / "runs" / path.name).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def _parts(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*.parquet") if not p.name.startswith("."))


def _load(path: Path, wanted: list[str] | None = None) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as part:
            return part.read(columns=wanted)
    except (pa.ArrowException, OSError) as fault:
        raise InputError(_damage(path, fault)) from None


def _footer(path: Path) -> pa.Schema:
    """The schema, which stands at the end of the file: a file cut short has none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError) as fault:
        raise InputError(_damage(path, fault)) from None


def _damage(path: Path, fault: Exception) -> str:
    return (
        f"{path} is damaged ({str(fault).splitlines()[0]}). Start the same batch again into this folder: "
        "it removes the damaged part and repeats its runs."
    )


def _schema(folder: Path, table: str, entries: Sequence[Entry]) -> pa.Schema:
    """The schema that fits the given runs' rows, whichever parts they stand in."""
    import pyarrow as pa

    paths = [folder / table / name for name in sorted({e.part for e in entries})]
    declared = pa.schema(list(columns(table).items()))
    return united(table, [declared, *(_footer(path) for path in paths if path.exists())])


def _blocks(folder: Path, table: str, ordered: Sequence[Entry], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of ``ordered`` runs, a row group's worth of runs at a time."""
    import pyarrow as pa
    import pyarrow.compute as pc

    size = _BLOCK.get(table, _BLOCK_ELSE)
    for start in range(0, len(ordered), size):
        block = ordered[start : start + size]
        pieces = []
        for name in sorted({e.part for e in block}):
            path = folder / table / name
            if path.exists():
                keys = pa.array([e.key for e in block if e.part == name], pa.string())
                rows = _load(path)
                pieces.append(_fitted(rows.filter(pc.is_in(rows["key"], value_set=keys)), schema))
        rows = pa.concat_tables(pieces) if pieces else schema.empty_table()
        place = pc.index_in(rows["key"], value_set=pa.array([e.key for e in block], pa.string()))
        yield rows.take(pc.sort_indices(place)).combine_chunks()  # the sort is stable


def _fitted(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The same rows in another part's columns: what was not there is null."""
    import pyarrow as pa

    if rows.schema.equals(schema):  # as nearly always: a cast of each column takes longer than writing them all
        return rows
    there = set(rows.column_names)
    arrays: list[Any] = []
    for field in schema:
        if field.name in there:
            arrays.append(rows[field.name].cast(field.type))
        else:
            arrays.append(pa.nulls(rows.num_rows, field.type))
    return pa.table(arrays, schema=schema)


def _write_whole(path: Path, schema: pa.Schema, blocks: Iterable[pa.Table]) -> None:
    """A file that appears under its name only when it is complete."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    with pq.ParquetWriter(unfinished, schema, compression="zstd", write_page_checksum=True) as writer:
        for block in blocks:
            if block.num_rows:
                writer.write_table(block.combine_chunks(), row_group_size=block.num_rows)
    os.replace(unfinished, path)
