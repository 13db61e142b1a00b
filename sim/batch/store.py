"""The store: a folder that says what was asked, by which version, and holds what came out as Parquet tables."""

from __future__ import annotations

import difflib
import json
import os
import platform
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sim import cases
from sim.batch import parts
from sim.batch.plan import RESULTS_VERSION, Run, canonical
from sim.batch.tables import TABLES
from sim.strict import InputError

if TYPE_CHECKING:
    import pandas as pd

_ABOUT = ("name", "question", "estimand", "primary", "against", "dose", "interactions")  # kept of an experiment


class Question(Protocol):
    """What the store keeps of an experiment: the file as it was written before the run."""

    @property
    def text(self) -> str: ...


class Store:
    """A folder being filled.

    Raises InputError when the folder holds something else, results of another version, or a scenario of the same name
    with other settings; such results would be mixed without a trace.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        if self.folder.exists() and not self.folder.is_dir():
            raise InputError(f"{self.folder} is a file; results need a folder.")
        stamp = self.folder / "provenance.json"
        if stamp.exists():
            _check_version(self.folder)
        elif self.folder.is_dir() and any(p for p in self.folder.iterdir() if not p.name.startswith(".")):
            raise InputError(f"{self.folder} holds other files and no provenance.json. Use a new folder.")
        else:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as fault:
                raise InputError(f"{self.folder} cannot be made: {fault.strerror}. Use another folder.") from None
            _write_whole(stamp, _json(_provenance() | {"continued": []}))

    def record(self, runs: Sequence[Run], experiment: Question | None = None) -> None:
        """Write down what is asked before anything is run; what the folder already holds must agree with it."""
        asked = {(run.scenario.name, run.scenario.level): run.scenario for run in runs}
        held = _resolved(self.folder)
        planned = {(p["scenario"], p["level"]): p for p in held["planned"]}
        faults = []
        for place, scenario in asked.items():
            settings = json.loads(canonical(scenario))
            numbers = {run.replication for run in runs if (run.scenario.name, run.scenario.level) == place}
            before = planned.get(place, {"settings": settings, "replications": []})
            changes = _differences(before["settings"], settings)
            if changes:
                faults.append(
                    f'{self.folder} holds scenario "{place[0]}" (level {place[1]}) with other settings: '
                    f"{'; '.join(changes)}. Use a new folder."
                )
            facts = cases.digest(scenario.case)
            if before.get("facts", facts) != facts:
                faults.append(
                    f'{self.folder} holds scenario "{place[0]}" (level {place[1]}) made from other facts of its case. '
                    "Use a new folder."
                )
            spans = _spans(numbers.union(_listed(before["replications"])))
            planned[place] = {
                "scenario": place[0],
                "level": place[1],
                "replications": spans,
                "settings": settings,
                "facts": facts,
            }
        if faults:
            raise InputError("\n".join(faults))
        about = {name: getattr(experiment, name, None) for name in _ABOUT} if experiment else held["experiment"]
        _write_whole(self.folder / "resolved.json", _json({"experiment": about, "planned": list(planned.values())}))
        if experiment:
            self._keep_text(experiment.text)
        self._note_continuation()

    def open_runs(self, runs: Sequence[Run]) -> list[Run]:
        """The runs still to do: not in the store, failed, or stored without the stations now asked for."""
        held = parts.index(self.folder)
        return [
            run
            for run in runs
            if (entry := held.get(run.key)) is None or not entry.done or (run.keep_stations and not entry.stations_kept)
        ]

    def repair(self) -> list[Path]:
        """Remove damaged parts, so that their runs are done again; returns what was removed."""
        found = parts.damaged(self.folder)
        for path in found:
            parts.set_aside(self.folder, path)
        return found

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep a second batch out of the folder for the time being (where the system offers file locks)."""
        try:
            import fcntl
        except ImportError:  # Windows: two batches at once do the same runs twice; readers still see each run once
            yield
            return
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise InputError(
                    f"{self.folder} is being filled by another process. Wait for it, or use another folder."
                ) from None
            yield

    def _keep_text(self, text: str) -> None:
        """The experiment file as given; the first stays untouched, a changed one is kept beside it with a number."""
        number, path = 1, self.folder / "experiment.toml"
        while path.exists():
            if path.read_text(encoding="utf-8") == text:
                return
            number += 1
            path = self.folder / f"experiment-{number}.toml"
        _write_whole(path, text)

    def _note_continuation(self) -> None:
        """One line in the provenance for every environment that added to the folder."""
        told: dict[str, Any] = _read_json(self.folder / "provenance.json")
        now = _provenance()
        known = [told, *told["continued"]]
        if not any(all(entry[k] == v for k, v in now.items() if k != "started") for entry in known):
            told["continued"].append(now)
            _write_whole(self.folder / "provenance.json", _json(told))


class Results:
    """A store as its reader sees it: each run once, and only runs that are done.

    >>> Results.open("results/discretion").to_frame("parties")  # doctest: +SKIP
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        if not (self.folder / "provenance.json").exists() or not (self.folder / "resolved.json").exists():
            raise InputError(_no_results(self.folder))
        _check_version(self.folder)
        told = _resolved(self.folder)
        self.experiment: dict[str, Any] = told["experiment"] or {}
        self.planned: list[dict[str, Any]] = told["planned"]
        self._index = parts.index(self.folder)

    @classmethod
    def open(cls, folder: Path | str) -> Results:
        """The results in a folder. Raises InputError where there are none, or by another version, or damaged ones."""
        return cls(folder)

    @property
    def scenarios(self) -> list[str]:
        """Names of the scenarios, in the order they were asked for."""
        return list(dict.fromkeys(p["scenario"] for p in self.planned))

    @property
    def levels(self) -> list[str]:
        """Levels of the official totals that were assumed, in the order they were asked for."""
        return list(dict.fromkeys(p["level"] for p in self.planned))

    @property
    def tables(self) -> list[str]:
        """Names of the tables that hold rows."""
        return parts.tables(self.folder)

    @property
    def asked(self) -> list[tuple[str, str, int]]:
        """(scenario, level, replication) of every planned run."""
        return [(p["scenario"], p["level"], r) for p in self.planned for r in _listed(p["replications"])]

    @property
    def missing(self) -> list[tuple[str, str, int]]:
        """(scenario, level, replication) of every planned run that is not done, failed ones included."""
        done = {entry.place for entry in self._index.values() if entry.done}
        return [place for place in self.asked if place not in done]

    @property
    def failed(self) -> dict[tuple[str, str, int], str]:
        """The traceback of every run that failed, by (scenario, level, replication)."""
        entries = sorted(self._index.values(), key=lambda e: e.place)
        return {entry.place: entry.error for entry in entries if entry.error is not None}

    def to_frame(self, table: str = "runs", *, settings: bool = False) -> pd.DataFrame:
        """A table as pandas, ordered by scenario, level and replication.

        With ``settings`` each row also has the title of its scenario and, by dotted key, every setting in which the
        scenarios differ, as its election day goes by it: ``frame["law.registration.members"]``. Numbers are numbers;
        a share of the law is a float.

        An empty frame when no run left rows in it. Raises InputError for a table nobody knows.
        """
        known = sorted({*TABLES, *self.tables})
        if table not in known:
            near = difflib.get_close_matches(table, known, n=1)
            guess = f" Did you mean {near[0]!r}?" if near else ""
            raise InputError(f'no table "{table}" in {self.folder}.{guess} (tables: {", ".join(known)})')
        done = [entry for entry in self._index.values() if entry.done]
        frame: pd.DataFrame = parts.read(self.folder, table, done).to_pandas()
        return self._with_settings(frame) if settings else frame

    def _with_settings(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows with what their scenarios set."""
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
        done = sum(entry.done for entry in self._index.values())
        missing = len(self.missing)
        return f"<Results {self.folder}: {len(self.scenarios)} scenarios, {done} runs done, {missing} missing>"

    def _repr_html_(self) -> str:
        """The question and, for each scenario, its runs and its title, as a notebook shows them."""
        from html import escape

        titles = {p["scenario"]: str(p["settings"].get("title", "")) for p in self.planned}
        open_runs = Counter(place[0] for place in self.missing)
        asked = Counter(place[0] for place in self.asked)
        cells = [[name, f"{asked[name] - open_runs[name]} of {asked[name]}", titles[name]] for name in self.scenarios]
        lines = [f"<tr>{''.join(f'<td style="text-align: left">{escape(c)}</td>' for c in row)}</tr>" for row in cells]
        head = "<tr><th>scenario</th><th>runs done</th><th>title</th></tr>"
        question = f"<p>{escape(self.experiment['question'])}</p>" if self.experiment.get("question") else ""
        return f"<p>{escape(repr(self))}</p>{question}<table>{head}{''.join(lines)}</table>"


def _check_version(folder: Path) -> None:
    found = _read_json(folder / "provenance.json").get("results_version")
    if found != RESULTS_VERSION:
        raise InputError(f"{folder} was made by results version {found}, this is {RESULTS_VERSION}. Use a new folder.")


def _no_results(folder: Path) -> str:
    near = [p.parent.name for p in folder.parent.glob("*/provenance.json")] if folder.parent.is_dir() else []
    guess = difflib.get_close_matches(folder.name, near, n=1)
    hint = f' Did you mean "{folder.parent / guess[0]}"?' if guess else ""
    return f"{folder} holds no results (no provenance.json and resolved.json).{hint}"


def _resolved(folder: Path) -> dict[str, Any]:
    """What was asked of the folder so far; nothing yet in a new one."""
    path = folder / "resolved.json"
    told: dict[str, Any] = _read_json(path) if path.exists() else {"experiment": None, "planned": []}
    return told


def _spans(numbers: set[int]) -> list[list[int]]:
    """Whole numbers as [first, last] of each unbroken row: 1 to 1000 is one line in the file, not a thousand."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return spans


def _listed(spans: list[list[int]]) -> list[int]:
    return [number for first, last in spans for number in range(first, last + 1)]


def _differences(before: Mapping[str, Any], now: Mapping[str, Any], most: int = 5) -> list[str]:
    """Settings that differ, as "name was a, is b"; at most ``most`` and a count of the rest."""
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


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as fault:
        raise InputError(f"{path} is damaged ({fault}). Use a new folder, or put the file back.") from None


def _json(told: Any) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _write_whole(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{path.name}")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)
