"""Parquet parts: named by what they hold, written whole or not at all, found by run key, and merged into one a table.

A part is a file in the folder of each table. The one in ``runs`` is written last and names the others (in its
metadata, under FILES), so that a run that is listed has all its rows; a file that no ``runs`` file names is a leaving
of a stop and no reader returns it. Every file has in its name a hash of its bytes: a file that was cut short or changed
is known by it, and the same rows written twice are one file.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.batch.places import Place
from sim.batch.tables import columns, united
from sim.strict import InputError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

LOOSE, MERGED = "part", "all"
"""How files are named before their hash: some runs, and every run once a batch has ended."""

FILES = b"majilis.files"
"""Key in the metadata of a ``runs`` file: JSON, table to file name."""

AT_ONCE = 128
"""Parts that are merged in one go; so many files are held open."""

_TABLE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FILE = re.compile(rf"(?:{LOOSE}|{MERGED})-[0-9a-f]{{20}}\.parquet")
_BLOCK = {"stations": 4}  # runs in one row group: 4 runs of 10,000 stations are some 4 MB
_BLOCK_ELSE = 2000  # the other tables have tens of rows a run
_TRIES = 5  # a reader lists files while a batch is merging them; what is gone has been replaced


class RunPlace(NamedTuple):
    """What a run is called by people; the order of rows in merged files and in frames."""

    scenario: str
    level: str
    replication: int


@dataclass(frozen=True)
class Index:
    """Every run that a store holds, each once, in the order of :class:`RunPlace`; arrays of shape (N,).

    ``scenario`` and ``level`` are positions in ``scenarios`` and ``levels``, ``part`` in ``files``; ``errors`` has the
    traceback of each failed run by its position.
    """

    read_keys: Callable[[], pa.Array] = field(repr=False)
    scenarios: list[str]
    levels: list[str]
    scenario: NDArray[np.int32]
    level: NDArray[np.int32]
    replication: NDArray[np.int64]
    done: NDArray[np.bool_]
    stations: NDArray[np.bool_]
    part: NDArray[np.int32]
    files: list[dict[str, str]]
    errors: dict[int, str] = field(repr=False)

    def __len__(self) -> int:
        return len(self.done)

    @cached_property
    def keys(self) -> pa.Array:
        """The key of each run; of a merged store they are read when they are first asked for."""
        return self.read_keys()

    def of(self, kept: NDArray[np.bool_]) -> Index:
        """The runs for which ``kept`` (N,) says so."""
        import pyarrow as pa

        told = {new: self.errors[old] for new, old in enumerate(np.flatnonzero(kept).tolist()) if old in self.errors}
        return replace(
            self,
            read_keys=lambda: self.keys.filter(pa.array(kept)),
            scenario=self.scenario[kept],
            level=self.level[kept],
            replication=self.replication[kept],
            done=self.done[kept],
            stations=self.stations[kept],
            part=self.part[kept],
            errors=told,
        )

    def place(self, position: int) -> RunPlace:
        return RunPlace(
            self.scenarios[self.scenario[position]],
            self.levels[self.level[position]],
            int(self.replication[position]),
        )


def write(place: Place, tables: Mapping[str, pa.Table]) -> str:
    """One loose part: the tables of some runs, whose rows stand in the order of :class:`RunPlace`.

    Returns the name of its ``runs`` file. Tables without rows leave no file. Raises OSError where it cannot be written.
    """
    files: dict[str, str] = {}
    for table in sorted(tables, key=lambda name: name == "runs"):
        rows = tables[table]
        if not rows.num_rows:
            continue
        if table == "runs":
            rows = rows.replace_schema_metadata({FILES: json.dumps(files, sort_keys=True)})
        sink = io.BytesIO()
        _stream(sink, rows.schema, [rows], kept=False)
        content = sink.getvalue()
        files[table] = f"{LOOSE}-{hashlib.blake2b(content, digest_size=10).hexdigest()}.parquet"
        place.write(f"{checked_table(table)}/{files[table]}", content)
    return files["runs"]


def rows(place: Place, table: str, name: str) -> int:
    """How many rows a file has."""
    with _opened(place, table, name) as file:
        count: int = file.metadata.num_rows
    return count


def checked_table(name: str) -> str:
    """The name of a table, which becomes a folder. Raises ValueError for one that could lead out of the store."""
    if not _TABLE.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a table; write small letters, digits and _")
    return name


def tables(place: Place) -> list[str]:
    """The tables a store holds rows of, in alphabetical order, ``runs`` last."""
    found = [name for name in place.names() if _TABLE.fullmatch(name) and _files(place, name)]
    return sorted(found, key=lambda name: (name == "runs", name))


def index(place: Place, only: Sequence[str] | None = None) -> Index:
    """Every run the store holds, or those of some of its ``runs`` files. Raises InputError for a damaged file."""
    for attempt in range(_TRIES):
        try:
            return _index(place, list(only) if only is not None else _files(place, "runs"))
        except FileNotFoundError:
            if attempt == _TRIES - 1 or only is not None:
                raise
    raise AssertionError("not reached")


def _index(place: Place, names: Sequence[str]) -> Index:
    import pyarrow as pa
    import pyarrow.compute as pc

    files, pieces, part = [], [], []
    wanted = ["scenario", "level", "replication", "error", "stations_kept", *(["key"] if len(names) != 1 else [])]
    for number, name in enumerate(names):
        with _opened(place, "runs", name, texts=("scenario", "level")) as file:
            files.append(named_files(file.schema_arrow, name))
            pieces.append(_guarded(place, "runs", name, lambda file=file: file.read(columns=wanted)))
            part.append(np.full(pieces[-1].num_rows, number, np.int32))
    if not pieces:
        none = pa.table({name: pa.array([], kind) for name, kind in columns("runs").items()})
        pieces, part = [none.select(wanted)], [np.zeros(0, np.int32)]
    whole = pa.concat_tables([piece.replace_schema_metadata(None) for piece in pieces], promote_options="permissive")
    scenario, scenarios = _coded(whole["scenario"])
    level, levels = _coded(whole["level"])
    replication = whole["replication"].to_numpy().astype(np.int64)
    failed = pc.is_valid(whole["error"]).to_numpy(zero_copy_only=False)
    stations = whole["stations_kept"].to_numpy(zero_copy_only=False).astype(bool)
    numbers = np.concatenate(part)
    # Of several rows for one run the highest counts: done before failed, then with its stations; the rest is the same.
    order = np.lexsort((numbers, ~stations, failed, replication, level, scenario))
    keys = whole["key"].combine_chunks() if len(names) != 1 else None
    same = (np.diff(scenario[order]) == 0) & (np.diff(level[order]) == 0) & (np.diff(replication[order]) == 0)
    if keys is not None and same.any():
        told = keys.take(pa.array(order[1:][same])), keys.take(pa.array(order[:-1][same]))
        same[same] = pc.equal(*told).to_numpy(zero_copy_only=False)
        order = order[np.concatenate([[True], ~same])]
    error = whole["error"]
    errors = {new: error[old].as_py() for new, old in enumerate(order.tolist()) if failed[old]} if failed.any() else {}

    def read_keys() -> pa.Array:
        held = keys
        if held is None:
            with _opened(place, "runs", names[0]) as file:
                held = _guarded(place, "runs", names[0], lambda: file.read(columns=["key"]))["key"].combine_chunks()
        return held if np.array_equal(order, np.arange(len(held))) else held.take(pa.array(order))

    return Index(
        read_keys,
        scenarios,
        levels,
        scenario[order],
        level[order],
        replication[order],
        ~failed[order],
        stations[order],
        numbers[order],
        files,
        errors,
    )


def read(
    place: Place, held: Index, table: str, wanted: Sequence[str] | None = None, where: Mapping[str, str] | None = None
) -> pa.Table:
    """The rows of the runs that are done, in their order, and within a run as the model gave them.

    ``wanted`` names columns, ``where`` the text that a column must have; columns that no part has are null. Raises
    InputError for a damaged file.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    schema = schema_of(place, table, held)
    shown = schema if wanted is None else pa.schema([schema.field(name) for name in wanted])
    parts = [n for n in np.unique(held.part[held.done]).tolist() if table in held.files[n]]
    pieces, every = [], []
    for number in parts:
        keyed = [] if len(parts) == 1 else ["key"]
        found = _rows_of(place, held, number, table, [*shown.names, *keyed], where or {})
        pieces.append(fitted(found, shown))
        if keyed:
            every.append(found["key"].combine_chunks())
    if len(parts) < 2:
        return pieces[0] if parts else shown.empty_table()
    at = pc.index_in(pa.chunked_array(every), value_set=held.keys)
    return pa.concat_tables(pieces).take(pc.sort_indices(at))  # the sort is stable


def _rows_of(
    place: Place, held: Index, number: int, table: str, wanted: Sequence[str], where: Mapping[str, str]
) -> pa.Table:
    """The rows that count of one part, in its own order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    name, here = held.files[number][table], held.part == number
    # the usual case is a merged store: all rows of a file count, but those of failed runs, and no key is looked at
    whole = int(here.sum()) == rows(place, "runs", held.files[number]["runs"])
    texts = [column for column in ("scenario", "level") if column in wanted]
    with _opened(place, table, name, texts=texts) as file:
        look = [*wanted, *where, *([] if whole else ["key"])]
        look = [one for one in dict.fromkeys(look) if one in file.schema_arrow.names]
        found = _guarded(place, table, name, lambda: file.read(columns=look))
    if not whole:
        found = found.filter(pc.is_in(found["key"], value_set=held.keys.filter(pa.array(here & held.done))))
    elif table == "runs" and not held.done[here].all():
        found = found.filter(pa.array(held.done[here]))
    for column, value in where.items():
        found = found.filter(pc.equal(found[column], value))
    return found


def merge(place: Place, chosen: Sequence[str] | None = None, kind: str = MERGED) -> str | None:
    """Make one part of all parts, or of those whose ``runs`` files are named; returns its name.

    The result is the same bytes however the runs were divided, ordered or interrupted. Safe to interrupt: the new
    ``runs`` file appears last, and what it replaces goes only after that. Nothing where there is nothing to do.
    """
    names = list(chosen) if chosen is not None else _files(place, "runs")
    while len(names) > AT_ONCE:  # more than may be open at once: some into one, and again
        made = [merge(place, names[i : i + AT_ONCE], LOOSE) for i in range(0, len(names), AT_ONCE)]
        names = [name for name in made if name]
    if not names or (kind == MERGED and len(names) == 1 and names[0].startswith(MERGED)):
        return names[0] if names else None
    held = index(place, names)
    files: dict[str, str] = {}
    for table in sorted({t for one in held.files for t in one}, key=lambda name: (name == "runs", name)):
        schema = schema_of(place, table, held, final=kind == MERGED)
        if table == "runs":
            schema = schema.with_metadata({FILES: json.dumps(files, sort_keys=True)})
        with place.unfinished(table) as draft:
            rows = _stream(draft, schema, _blocks(place, table, held, schema), kept=kind == MERGED)
            if rows:
                files[table] = f"{kind}-{_digest(draft)}.parquet"
                place.finish(draft, f"{table}/{files[table]}")
    _drop(place, held.files, keep=files)
    return files["runs"]


def _drop(place: Place, old: Sequence[Mapping[str, str]], keep: Mapping[str, str]) -> None:
    """Remove parts that another replaces: their ``runs`` files first, so that no run is listed without its rows."""
    for table in ("runs", *{t for one in old for t in one} - {"runs"}):
        for one in old:
            if table in one and one[table] != keep.get(table):
                place.remove(f"{table}/{one[table]}")


def sweep(place: Place) -> None:
    """Remove what stopped processes left: unfinished files, and rows that no run is listed with.

    Only for a batch that has the store to itself: another one's part looks the same until its ``runs`` file is there.
    """
    named = {("runs", name) for name in _files(place, "runs")}
    for _, name in sorted(named):
        with _opened(place, "runs", name) as file:
            named |= set(named_files(file.schema_arrow, name).items())
    for table in tables(place):
        for name in _files(place, table):
            if (table, name) not in named:
                place.remove(f"{table}/{name}")
    for folder in ("", *tables(place)):
        for name in place.leavings(folder):
            place.remove(name)


def damaged(place: Place) -> list[str]:
    """Files whose bytes are not those they were written with: cut off, changed, or of another origin; and their runs.

    A ``runs`` file is among them where a file that it names is damaged or gone.
    """
    ordered = sorted(tables(place), key=lambda table: table != "runs")  # a part under way shows its other files first
    listed = [(table, name) for table in ordered for name in _files(place, table, every=True)]
    with ThreadPoolExecutor(4) as pool:
        sound = dict(zip(listed, pool.map(lambda one: _sound(place, *one), listed), strict=True))
    for table, name in listed:
        if table == "runs" and sound[table, name]:
            try:
                with _opened(place, table, name) as file:
                    others = named_files(file.schema_arrow, name).items()
                sound[table, name] = all(sound.get(one, place.exists("/".join(one))) for one in others)
            except FileNotFoundError:
                continue
    return [
        f"{table}/{name}" for (table, name), whole in sound.items() if not whole and place.exists(f"{table}/{name}")
    ]


def _sound(place: Place, table: str, name: str) -> bool:
    """Whether a file has the bytes its name says. A file that has just been replaced by a merge is not damaged."""
    if not _FILE.fullmatch(name):
        return False
    whole = hashlib.blake2b(digest_size=10)
    try:
        source = place.source(f"{table}/{name}")
        with open(source, "rb") if isinstance(source, str) else source as file:
            while block := file.read(1 << 20):
                whole.update(block)
    except FileNotFoundError:
        return True
    return name[-len(".parquet") - 20 : -len(".parquet")] == whole.hexdigest()


def named_files(schema: pa.Schema, name: str) -> dict[str, str]:
    """The files of a part by table, as its ``runs`` file of that name lists them.

    Raises InputError for a list that this program did not write: names from a file must not lead out of the store.
    """
    try:
        told = json.loads((schema.metadata or {})[FILES])
        sane = all(_TABLE.fullmatch(table) and _FILE.fullmatch(file) for table, file in told.items())
    except (KeyError, ValueError, AttributeError, TypeError):
        sane = False
    if not sane:
        raise InputError(f"runs/{name} is damaged (no list of its files). {_AGAIN}")
    return dict(told) | {"runs": name}


_AGAIN = "Start the same batch again into this folder: it removes the damaged part and repeats its runs."


def _files(place: Place, table: str, *, every: bool = False) -> list[str]:
    """Files of a table; with ``every`` those too that this program did not write."""
    return [name for name in place.names(table) if name.endswith(".parquet") and (every or _FILE.fullmatch(name))]


def _opened(place: Place, table: str, name: str, texts: Sequence[str] = ()) -> pq.ParquetFile:
    """A file to read, its pages held against their checksums; ``texts`` are read as codes and dictionaries."""
    import pyarrow.parquet as pq

    def opened() -> pq.ParquetFile:
        source = place.source(f"{table}/{name}")
        return pq.ParquetFile(source, page_checksum_verification=True, read_dictionary=list(texts), pre_buffer=False)

    return _guarded(place, table, name, opened)


def _guarded(place: Place, table: str, name: str, reading: Any) -> Any:
    """What reading gives. Raises InputError where the file is damaged, FileNotFoundError where it is gone."""
    import pyarrow as pa

    try:
        return reading()
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError) as fault:
        why = (str(fault).splitlines() or ["unreadable"])[0]
        raise InputError(f"{place.shown}/{table}/{name} is damaged ({why}). {_AGAIN}") from None


def _coded(column: pa.ChunkedArray) -> tuple[NDArray[np.int32], list[str]]:
    """Texts as positions in the sorted list of all of them."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    plain = column.unify_dictionaries()
    names = plain.chunk(0).dictionary.to_pylist() if plain.num_chunks else []
    codes = np.concatenate([c.indices.to_numpy() for c in plain.chunks]) if names else np.zeros(0, np.int32)
    ordered = sorted(set(names))
    at = {name: position for position, name in enumerate(ordered)}
    return np.array([at[name] for name in names], np.int32)[codes] if names else codes.astype(np.int32), ordered


def schema_of(place: Place, table: str, held: Index, *, final: bool = True) -> pa.Schema:
    """The schema that fits the given runs' rows, whichever parts they stand in."""
    import pyarrow as pa

    names = sorted({held.files[n][table] for n in np.unique(held.part).tolist() if table in held.files[n]})
    found = [pa.schema(list(columns(table).items()))]
    for name in names:
        with _opened(place, table, name) as file:
            found.append(file.schema_arrow)
    return united(table, found, final=final)


def pieces(place: Place, table: str, held: Index, schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of the runs that are done, in their order, some thousand runs at a time."""
    done = held if held.done.all() else held.of(held.done)
    return (piece for piece in _blocks(place, table, done, schema) if piece.num_rows)


def _blocks(place: Place, table: str, held: Index, schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of the runs in their order, a row group's worth of runs at a time.

    Every part has its rows in the same order, so that each is read once and only a row group of it is in memory.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    size = _BLOCK.get(table, _BLOCK_ELSE)
    cursors = {
        number: _Cursor(place, table, held.files[number][table], schema)
        for number in np.unique(held.part).tolist()
        if table in held.files[number]
    }
    try:
        for start in range(0, len(held), size):
            end = min(start + size, len(held))
            pieces = []
            for number in np.unique(held.part[start:end]).tolist():
                if number in cursors:
                    kept = start + np.flatnonzero(held.part[start:end] == number)
                    last = held.place(int(kept[-1]))
                    pieces.append(cursors[number].take(held.keys.take(pa.array(kept)), last))
            rows = pa.concat_tables(pieces) if pieces else schema.empty_table()
            if len(pieces) > 1:
                at = pc.index_in(rows["key"].combine_chunks(), value_set=held.keys.slice(start, end - start))
                rows = rows.take(pc.sort_indices(at))  # the sort is stable
            yield rows
    finally:
        for cursor in cursors.values():
            cursor.close()


class _Cursor:
    """One part's rows of a table, read forward; a row group never ends within a run."""

    def __init__(self, place: Place, table: str, name: str, schema: pa.Schema) -> None:
        self.file = _opened(place, table, name)
        self.told = (place, table, name)
        self.schema = schema
        self.next = 0
        self.ahead: list[tuple[RunPlace, pa.Table]] = []  # row groups not yet used up, with the place of the last row

    def take(self, keys: pa.Array, last: RunPlace) -> pa.Table:
        """The rows of some runs, of which ``last`` is the last, and which stand behind those taken before."""
        import pyarrow as pa
        import pyarrow.compute as pc

        while self.next < self.file.num_row_groups and (not self.ahead or self.ahead[-1][0] < last):
            rows = _guarded(*self.told, lambda: self.file.read_row_group(self.next, use_threads=False))
            self.next += 1
            if rows.num_rows:
                rows = fitted(rows, self.schema)
                ends = [rows[name][-1].as_py() for name in ("scenario", "level", "replication")]
                self.ahead.append((RunPlace(*ends), rows))
        found = [rows.filter(pc.is_in(rows["key"], value_set=keys)) for _, rows in self.ahead]
        self.ahead = [(end, rows) for end, rows in self.ahead if end > last]
        return pa.concat_tables(found) if found else self.schema.empty_table()

    def close(self) -> None:
        self.file.close()


def joined(table: str, pieces: Sequence[pa.Table]) -> pa.Table:
    """The rows of several pieces of a table in turn."""
    import pyarrow as pa

    schema = united(table, [piece.schema for piece in pieces], final=False)
    return pa.concat_tables([fitted(piece, schema) for piece in pieces])


def fitted(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The same rows in another part's columns: what was not there is null."""
    import pyarrow as pa

    if rows.schema.equals(schema):
        return rows
    arrays: list[Any] = []
    for column in schema:
        if column.name in rows.column_names:
            held = rows[column.name]
            arrays.append(held if held.type == column.type else held.cast(column.type))
        else:
            arrays.append(pa.nulls(rows.num_rows, column.type))
    return pa.table(arrays, schema=schema)


def _stream(sink: Any, schema: pa.Schema, blocks: Iterable[pa.Table], *, kept: bool) -> int:
    """Write blocks of rows, each as a row group; returns how many rows there were.

    What is ``kept`` is made small; what will soon be merged, fast.
    """
    import pyarrow.parquet as pq

    written = 0
    how = {"compression": "zstd" if kept else "lz4", "write_statistics": kept, "write_page_checksum": True}
    with pq.ParquetWriter(sink, schema, **how) as writer:
        for block in blocks:
            if block.num_rows:
                writer.write_table(block.combine_chunks(), row_group_size=block.num_rows)
                written += block.num_rows
    return written


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=10)).hexdigest()
