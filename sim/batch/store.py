"""The store: a folder that says what was asked, by which version, and holds what came out as Parquet tables."""

from __future__ import annotations

import difflib
import json
import platform
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sim import cases
from sim.batch import parts
from sim.batch.parts import RunPlace
from sim.batch.places import Folder, Place, place
from sim.batch.plan import RESULTS_VERSION, Plan, Run, Spec, canonical
from sim.batch.tables import TABLES, measures
from sim.batch.work import telling_why
from sim.strict import InputError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

FORM = 2
"""How a store is laid out; raised when files are named or linked in another way."""

_ABOUT = ("name", "question", "estimand", "primary", "against", "dose", "interactions")  # kept of an experiment
_NEEDED = {"scenario", "level", "replications"}  # of an entry in resolved.json
_IN_FULL = 200  # scenarios that resolved.json holds in full; of more, only what tells them from the first


class Question(Protocol):
    """What the store keeps of an experiment: the file as it was written before the run."""

    @property
    def text(self) -> str: ...


class Counts(NamedTuple):
    """Runs of a scenario and level: planned, done, failed."""

    planned: int
    done: int
    failed: int


class Store:
    """A folder being filled, or an address that fsspec opens.

    Raises InputError when the folder holds something else, results of another version, or a scenario of the same name
    with other settings (such results would be mixed without a trace), and when it cannot be written.
    """

    def __init__(self, folder: Path | str) -> None:
        self.place = place(folder)
        self.folder = self.place.shown
        if isinstance(self.folder, Path) and self.folder.exists() and not self.folder.is_dir():
            raise InputError(f"{self.folder} is a file; results need a folder.")
        if self.place.exists("provenance.json"):
            _check_version(self.place)
        elif self.place.names():
            raise InputError(f"{self.folder} holds other files and no provenance.json. Use a new folder.")
        else:
            self._write("provenance.json", _json(_provenance() | {"continued": []}))

    def record(self, runs: Sequence[Run], experiment: Question | None = None) -> None:
        """Write down what is asked before anything is run; what the folder already holds must agree with it."""
        held = _resolved(self.place)
        planned = {(p["scenario"], p["level"]): p for p in _expanded(held["planned"])}
        faults = []
        for scenario, numbers in _asked(runs):
            at, settings = (scenario.name, scenario.level), json.loads(canonical(scenario))
            before = planned.get(at, {"settings": settings, "replications": []})
            changes = _differences(before["settings"], settings)
            if changes:
                faults.append(
                    f'{self.folder} holds scenario "{at[0]}" (level {at[1]}) with other settings: '
                    f"{'; '.join(changes)}. Use a new folder."
                )
            facts = cases.digest(scenario.case)
            if before.get("facts", facts) != facts:
                faults.append(
                    f'{self.folder} holds scenario "{at[0]}" (level {at[1]}) made from other facts of its case. '
                    "Use a new folder."
                )
            planned[at] = {
                "scenario": at[0],
                "level": at[1],
                "replications": _joined([*before["replications"], *_spans(numbers)]),
                "settings": settings,
                "facts": facts,
            }
        if faults:
            raise InputError("\n".join(faults))
        about = {name: getattr(experiment, name, None) for name in _ABOUT} if experiment else held["experiment"]
        told = _json({"experiment": about, "planned": _contracted(list(planned.values()))})
        if not self.place.exists("resolved.json") or self.place.read("resolved.json") != told.encode():
            self._write("resolved.json", told)
        if experiment:
            self._keep_text(experiment.text)
        self._note_continuation()

    def open_runs(self, runs: Sequence[Run]) -> NDArray[np.intp]:
        """Positions of the runs still to do: not in the store, failed, or stored without the stations now asked for."""
        import pyarrow as pa
        import pyarrow.compute as pc

        held = parts.index(self.place)
        keep = np.zeros(len(runs), np.bool_)

        def keys() -> Iterator[str]:
            for position, run in enumerate(runs):
                keep[position] = run.keep_stations
                yield run.key

        asked = pa.array(keys(), pa.string(), size=len(runs))
        done, full = (
            pc.is_in(asked, value_set=held.keys.filter(pa.array(which))).to_numpy(zero_copy_only=False)
            for which in (held.done, held.done & held.stations)
        )
        return np.flatnonzero(~(full | (done & ~keep)))

    def repair(self) -> list[str]:
        """Remove damaged files, so that their runs are done again; returns what was removed."""
        found = parts.damaged(self.place)
        for name in sorted(found, key=lambda name: not name.startswith("runs/")):
            self.place.remove(name)
        return [f"{self.folder}/{name}" for name in found]

    @contextmanager
    def locked(self, *, among_others: bool = False) -> Iterator[None]:
        """Keep a second batch out of the folder for the time being (where the system offers file locks).

        ``among_others`` lets those in who ask the same: the shards of one plan. Raises InputError where the folder is
        another's, or cannot be written.
        """
        try:
            import fcntl
        except ImportError:  # Windows: two batches at once do the same runs twice; readers still see each run once
            yield
            return
        if not isinstance(self.place, Folder):  # so do object stores
            yield
            return
        with telling_why(self.place):
            lock = (self.place.path / ".lock").open("a")
        with lock:
            try:
                fcntl.flock(lock, (fcntl.LOCK_SH if among_others else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InputError(
                    f"{self.folder} is being filled by another process. Wait for it, or use another folder."
                ) from None
            except OSError:  # a disk without locks
                yield
                return
            yield

    @contextmanager
    def one_at_a_time(self) -> Iterator[None]:
        """Wait until no other shard is writing down what is asked."""
        try:
            import fcntl
        except ImportError:
            yield
            return
        if not isinstance(self.place, Folder):
            yield
            return
        with telling_why(self.place):
            lock = (self.place.path / ".plan-lock").open("a")
        with lock:
            with suppress(OSError):  # a disk without locks: shards write the same
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, name: str, text: str) -> None:
        with telling_why(self.place):
            self.place.write(name, text.encode())

    def _keep_text(self, text: str) -> None:
        """The experiment file as given; the first stays untouched, a changed one is kept beside it with a number."""
        number, name = 1, "experiment.toml"
        while self.place.exists(name):
            if self.place.read(name).decode() == text:
                return
            number += 1
            name = f"experiment-{number}.toml"
        self._write(name, text)

    def _note_continuation(self) -> None:
        """One line in the provenance for every environment that added to the folder."""
        told: dict[str, Any] = _read_json(self.place, "provenance.json")
        now = _provenance()
        known = [told, *told["continued"]]
        if not any(all(entry[k] == v for k, v in now.items() if k != "started") for entry in known):
            told["continued"].append(now)
            self._write("provenance.json", _json(told))


def at_work(where: Place) -> bool:
    """Whether a batch is filling a store now, as far as locks tell."""
    try:
        import fcntl
    except ImportError:
        return False
    if not isinstance(where, Folder) or not where.exists(".lock"):
        return False
    with suppress(PermissionError), (where.path / ".lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
    return False


class Results:
    """A store as its reader sees it: each run once, and only runs that are done.

    >>> Results.open("results/discretion").to_frame("parties")  # doctest: +SKIP
    """

    def __init__(self, folder: Path | str) -> None:
        self.place: Place = place(folder)
        self.folder = self.place.shown
        if not (self.place.exists("provenance.json") and self.place.exists("resolved.json")):
            raise InputError(_no_results(self.folder))
        _check_version(self.place)
        told = _resolved(self.place)
        self.experiment: dict[str, Any] = told["experiment"] or {}
        self._entries: list[dict[str, Any]] = told["planned"]
        self._index = parts.index(self.place)

    @classmethod
    def open(cls, folder: Path | str) -> Results:
        """The results in a folder. Raises InputError where there are none, or by another version, or damaged ones."""
        return cls(folder)

    @cached_property
    def planned(self) -> Sequence[dict[str, Any]]:
        """What was asked: "scenario", "level", "replications" as [first, last] of each unbroken row, "settings"."""
        return list(_expanded(self._entries))

    @property
    def scenarios(self) -> list[str]:
        """Names of the scenarios, in the order they were asked for."""
        return list(dict.fromkeys(p["scenario"] for p in self._entries))

    @property
    def levels(self) -> list[str]:
        """Levels of the official totals that were assumed, in the order they were asked for."""
        return list(dict.fromkeys(p["level"] for p in self._entries))

    @property
    def tables(self) -> list[str]:
        """Names of the tables that hold rows."""
        return parts.tables(self.place)

    @property
    def outcomes(self) -> list[str]:
        """Columns of ``runs`` that are numbers measured, in the order they stand."""
        import pyarrow as pa

        schema = self._tried(lambda: parts.schema_of(self.place, "runs", self._index))
        return [name for name in measures(schema.names) if pa.types.is_floating(schema.field(name).type)]

    @property
    def asked(self) -> list[RunPlace]:
        """Every planned run."""
        return [RunPlace(p["scenario"], p["level"], r) for p in self._entries for r in _listed(p["replications"])]

    @property
    def missing(self) -> list[RunPlace]:
        """Every planned run that is not done, failed ones included."""
        done = {self._index.place(i) for i in np.flatnonzero(self._index.done).tolist()}
        return [one for one in self.asked if one not in done]

    @property
    def failed(self) -> dict[RunPlace, str]:
        """The traceback of every run that failed."""
        return {self._index.place(i): error for i, error in self._index.errors.items()}

    @property
    def failed_keys(self) -> dict[RunPlace, str]:
        """The key of every run that failed."""
        return {self._index.place(i): self._index.keys[i].as_py() for i in self._index.errors}

    def counts(self) -> dict[tuple[str, str], Counts]:
        """How far each scenario and level is; failed runs that were not planned do not count."""
        held = self._index
        code = held.scenario.astype(np.int64) * max(len(held.levels), 1) + held.level
        size = len(held.scenarios) * max(len(held.levels), 1)
        done, failed = (np.bincount(code[which], minlength=size) for which in (held.done, ~held.done))
        at = {
            (scenario, level): s * len(held.levels) + n
            for s, scenario in enumerate(held.scenarios)
            for n, level in enumerate(held.levels)
        }
        found = {}
        for p in self._entries:
            one = p["scenario"], p["level"]
            number = sum(last - first + 1 for first, last in p["replications"])
            found[one] = Counts(number, *((int(done[at[one]]), int(failed[at[one]])) if one in at else (0, 0)))
        return found

    def run(self, key: str) -> tuple[dict[str, Any], int, bool, str | None]:
        """The planned entry, the replication, whether stations were kept, and the traceback of the run of a key.

        Raises InputError for a key that the store does not hold.
        """
        import pyarrow.compute as pc

        at = pc.index(self._index.keys, key).as_py() if len(self._index) else -1
        if at < 0:
            near = difflib.get_close_matches(key, self._index.keys.slice(0, 2000).to_pylist(), n=1)
            guess = f' Did you mean "{near[0]}"?' if near else ""
            raise InputError(
                f'{self.folder} holds no run with the key "{key}".{guess} Keys stand in the column key of every table.'
            )
        where = self._index.place(at)
        entry = next((e for e in self._entries if (e["scenario"], e["level"]) == where[:2]), None)
        if entry is None:
            raise InputError(f'{self.folder} does not say what "{where.scenario}" was (resolved.json).')
        whole = next(iter(_expanded([entry], self._entries)))
        return whole, where.replication, bool(self._index.stations[at]), self._index.errors.get(at)

    def to_arrow(
        self, table: str = "runs", *, columns: Sequence[str] | None = None, where: Mapping[str, str] | None = None
    ) -> pa.Table:
        """A table, or some of its columns, or the rows that have these texts, ordered by scenario, level, replication.

        Without rows when no run left any. Raises InputError for a table or a column nobody knows.
        """
        known = self._columns(table)
        for name in (*(columns or ()), *(where or ())):
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                guess = f" Did you mean {near[0]!r}?" if near else ""
                raise InputError(
                    f'no column "{name}" in {table} of {self.folder}.{guess} (columns: {", ".join(known)})'
                )

        return self._tried(lambda: parts.read(self.place, self._index, table, columns, where))

    def to_frame(
        self,
        table: str = "runs",
        *,
        columns: Sequence[str] | None = None,
        where: Mapping[str, str] | None = None,
        settings: bool = False,
    ) -> pd.DataFrame:
        """A table as pandas, ordered by scenario, level and replication; ``columns`` and ``where`` read less of it.

        With ``settings`` each row also has the title of its scenario and, by dotted key, every setting in which the
        scenarios differ, as its election day goes by it: ``frame["law.registration.members"]``. Numbers are numbers;
        a share of the law is a float.

        An empty frame when no run left rows in it. Raises InputError for a table or a column nobody knows.
        """
        frame: pd.DataFrame = self.to_arrow(table, columns=columns, where=where).to_pandas(
            split_blocks=True, self_destruct=True
        )
        return self.with_settings(frame) if settings else frame

    def batches(self, table: str = "runs") -> Iterator[pa.Table]:
        """A table in pieces of some thousand runs, in the order of :meth:`to_arrow`, for what does not fit in memory.

        Raises InputError for a table nobody knows.
        """
        schema = self.schema(table)
        return parts.pieces(self.place, table, self._index, schema)

    def schema(self, table: str = "runs") -> pa.Schema:
        """The columns of a table with their types. Raises InputError for a table nobody knows."""
        self._columns(table)
        return self._tried(lambda: parts.schema_of(self.place, table, self._index))

    def to_polars(self, table: str = "runs") -> pl.LazyFrame:
        """A table as a polars LazyFrame over the files: only what a query needs is read. Rows are in no promised order.

        Raises InputError where polars is not installed, and for a table nobody knows.
        """
        try:
            import polars as pl
        except ImportError:
            raise InputError(_absent("polars")) from None
        from sim.batch import views

        self._columns(table)
        return self._tried(lambda: views.polars(self.place, self._index, table, pl))

    def to_duckdb(self, table: str = "runs", connection: duckdb.DuckDBPyConnection | None = None) -> Any:
        """A table as a duckdb relation over the files, to be asked in SQL: only what a query needs is read.

        ``connection`` is one of your own, to join several tables. Rows are in no promised order. Raises InputError
        where duckdb is not installed, and for a table nobody knows.
        """
        try:
            import duckdb
        except ImportError:
            raise InputError(_absent("duckdb")) from None
        from sim.batch import views

        self._columns(table)
        return self._tried(lambda: views.duckdb(self.place, self._index, table, connection or duckdb.connect()))

    def _columns(self, table: str) -> list[str]:
        """Columns of a table. Raises InputError for one nobody knows."""
        known = sorted({*TABLES, *self.tables})
        if table not in known:
            near = difflib.get_close_matches(table, known, n=1)
            guess = f" Did you mean {near[0]!r}?" if near else ""
            raise InputError(f'no table "{table}" in {self.folder}.{guess} (tables: {", ".join(known)})')
        names: list[str] = self._tried(lambda: parts.schema_of(self.place, table, self._index)).names
        return names

    def _tried[T](self, reading: Callable[[], T]) -> T:
        """What reading gives, once more where a batch has merged the files meanwhile."""
        for _ in range(3):
            try:
                return reading()
            except FileNotFoundError:
                self._index = parts.index(self.place)
        return reading()

    def with_settings(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of :meth:`to_frame` with what their scenarios set; the frame itself is changed."""
        from sim.scenario.resolved import differing, number, planned_settings, said

        worlds = planned_settings(self.planned)
        for name in ("title", *differing(worlds)):
            values = {scenario: world.values.get(name) for scenario, world in worlds.items()}
            if any(number(value) is None for value in values.values()):
                values = {scenario: None if value is None else said(value) for scenario, value in values.items()}
            elif not all(isinstance(value, (bool, int)) for value in values.values()):
                values = {scenario: number(value) for scenario, value in values.items()}
            frame[name] = frame["scenario"].map(values)
        return frame

    def __repr__(self) -> str:
        done, missing = int(self._index.done.sum()), sum(max(c.planned - c.done, 0) for c in self.counts().values())
        return f"<Results {self.folder}: {len(self.scenarios)} scenarios, {done} runs done, {missing} missing>"

    def _repr_html_(self) -> str:
        """The question and, for each scenario, its runs and its title, as a notebook shows them."""
        from html import escape

        titles = {p["scenario"]: str(p["settings"].get("title", "")) for p in self.planned}
        asked: Counter[str] = Counter()
        done: Counter[str] = Counter()
        for (scenario, _), counts in self.counts().items():
            asked[scenario] += counts.planned
            done[scenario] += counts.done
        cells = [[name, f"{done[name]} of {asked[name]}", titles[name]] for name in self.scenarios]
        lines = [f"<tr>{''.join(f'<td style="text-align: left">{escape(c)}</td>' for c in row)}</tr>" for row in cells]
        head = "<tr><th>scenario</th><th>runs done</th><th>title</th></tr>"
        question = f"<p>{escape(self.experiment['question'])}</p>" if self.experiment.get("question") else ""
        return f"<p>{escape(repr(self))}</p>{question}<table>{head}{''.join(lines)}</table>"


def _absent(package: str) -> str:
    return f'{package} is not installed: pip install "majilis[readers]", or read with to_frame (pandas).'


def _check_version(where: Place) -> None:
    told = _read_json(where, "provenance.json")
    found = told.get("results_version") if isinstance(told, dict) else None
    if found != RESULTS_VERSION:
        raise InputError(
            f"{where.shown} was made by results version {found}, this is {RESULTS_VERSION}. Use a new folder."
        )
    if told.get("form") != FORM:
        raise InputError(f"{where.shown} is laid out as an earlier version did it. Use a new folder.")


def _no_results(folder: Path | str) -> str:
    hint = ""
    if isinstance(folder, Path):
        near = [p.parent.name for p in folder.parent.glob("*/provenance.json")] if folder.parent.is_dir() else []
        guess = difflib.get_close_matches(folder.name, near, n=1)
        hint = f' Did you mean "{folder.parent / guess[0]}"?' if guess else ""
    return f"{folder} holds no results (no provenance.json and resolved.json).{hint}"


def _resolved(where: Place) -> dict[str, Any]:
    """What was asked of the folder so far; nothing yet in a new one."""
    if not where.exists("resolved.json"):
        return {"experiment": None, "planned": []}
    told: dict[str, Any] = _read_json(where, "resolved.json")
    entries = told.get("planned") if isinstance(told, dict) else None
    if not isinstance(entries, list) or not all(isinstance(one, dict) and one.keys() >= _NEEDED for one in entries):
        raise InputError(f"{where.shown}/resolved.json is damaged. Use a new folder, or put the file back.")
    return told


def _asked(runs: Sequence[Run]) -> Iterator[tuple[Spec, Sequence[int]]]:
    """Each scenario with its replications."""
    if isinstance(runs, Plan):
        yield from ((scenario, runs.replications) for scenario in runs.scenarios)
        return
    scenarios = {(run.scenario.name, run.scenario.level): run.scenario for run in runs}
    numbers: dict[tuple[str, str], set[int]] = {at: set() for at in scenarios}
    for run in runs:
        numbers[run.scenario.name, run.scenario.level].add(run.replication)
    yield from ((scenario, sorted(numbers[at])) for at, scenario in scenarios.items())


def _spans(numbers: Sequence[int]) -> list[list[int]]:
    """Ascending whole numbers as [first, last] of each unbroken row: 1 to 1000 is one line in the file."""
    if isinstance(numbers, range) and numbers.step == 1:
        return [[numbers[0], numbers[-1]]] if numbers else []
    return _joined([number, number] for number in numbers)


def _joined(spans: Sequence[list[int]] | Iterator[list[int]]) -> list[list[int]]:
    """Spans in order, those that touch or overlap as one."""
    found: list[list[int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1][1] = max(found[-1][1], last)
        else:
            found.append([first, last])
    return found


def _listed(spans: Sequence[Sequence[int]]) -> Iterator[int]:
    return (number for first, last in spans for number in range(first, last + 1))


def _contracted(planned: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries as they are written: those of a large design by what tells them from the first."""
    if len(planned) <= _IN_FULL:
        return list(planned)
    first, *others = planned
    told = [first]
    for entry in others:
        rest = {name: value for name, value in entry.items() if name != "settings"}
        told.append(rest | {"as_first_but": dict(_changed(first["settings"], entry["settings"]))})
    return told


def _expanded(
    entries: Sequence[dict[str, Any]], among: Sequence[dict[str, Any]] | None = None
) -> Iterator[dict[str, Any]]:
    """Entries with their settings in full; the first one is that of ``among``."""
    first = (among or entries)[0]["settings"] if entries else {}
    for entry in entries:
        if "settings" in entry:
            yield entry
        else:
            rest = {name: value for name, value in entry.items() if name != "as_first_but"}
            yield rest | {"settings": _with_changes(first, entry["as_first_but"])}


def _changed(before: Mapping[str, Any], now: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys whose values differ; a table with other keys is one value."""
    for name, value in now.items():
        was = before[name]
        same = isinstance(value, dict) and isinstance(was, dict) and value.keys() == was.keys()
        if same and not any("." in key for key in value):
            yield from _changed(was, value, f"{above}{name}.")
        elif value != was:
            yield f"{above}{name}", value


def _with_changes(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with other values at dotted keys; what does not change is shared."""
    whole = dict(settings)
    for dotted, value in changes.items():
        *above, last = dotted.split(".")
        branch = whole
        for name in above:
            branch[name] = dict(branch[name])
            branch = branch[name]
        branch[last] = value
    return whole


def _differences(before: Mapping[str, Any], now: Mapping[str, Any], most: int = 5) -> list[str]:
    """Settings that differ, as "name was a, is b"; at most ``most`` and a count of the rest."""
    if before == now:
        return []
    a, b = dict(_flat(before)), dict(_flat(now))
    changed = [
        f"{name} was {a.get(name, 'not set')}, is {b.get(name, 'not set')}"
        for name in sorted({*a, *b})
        if a.get(name, "") != b.get(name, "")
    ]
    rest = len(changed) - most
    return changed if rest <= 0 else [*changed[:most], f"and {rest} more"]


def _flat(settings: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(settings, Mapping):
        for key, value in settings.items():
            yield from _flat(value, f"{name}.{key}" if name else str(key))
    else:
        yield name, json.dumps(settings, ensure_ascii=False)


def _provenance() -> dict[str, Any]:
    return {
        "majilis": _version("majilis"),
        "results_version": RESULTS_VERSION,
        "form": FORM,
        "started": date.today().isoformat(),
        "python": platform.python_version(),
        "mesa": _version("mesa"),
        "numpy": _version("numpy"),
        "platform": platform.platform(),
    }


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def _read_json(where: Place, name: str) -> Any:
    try:
        return json.loads(where.read(name))
    except (ValueError, RecursionError) as fault:
        raise InputError(
            f"{where.shown}/{name} is damaged ({fault}). Use a new folder, or put the file back."
        ) from None


def _json(told: Any) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
