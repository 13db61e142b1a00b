"""The rows a figure draws: those of one scenario, level and run, or the reason why there are none."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import pandas as pd

from sim.analysis.compare import t_interval
from sim.analysis.forensics.examine import of_run
from sim.analysis.forensics.stations import Stations
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.store import Results


class Named(Protocol):
    """A scenario, as far as a figure is concerned."""

    @property
    def name(self) -> str: ...


class Mean(NamedTuple):
    """A mean over runs with its 95 % Student interval (NaN below two values) and how many runs gave no value."""

    mean: float
    low: float
    high: float
    n: int
    missing: int


def name_of(scenario: str | Named) -> str:
    """The name of a scenario given by name or as itself."""
    return scenario if isinstance(scenario, str) else scenario.name


def scenarios(results: Results, frame: pd.DataFrame) -> list[str]:
    """The scenarios a table holds, in the order they were asked for."""
    held = set(frame["scenario"].unique())
    return [name for name in results.scenarios if name in held]


def levels(frame: pd.DataFrame) -> list[str]:
    """The levels a table holds, low before high."""
    return sorted(frame["level"].unique(), key=lambda level: (level != "low", level))


def default_against(results: Results) -> str:
    """The scenario the experiment compares with; without an experiment the first."""
    return results.experiment.get("against") or results.scenarios[0]


def short(name: str, base: str) -> str:
    """A variant without the name it varies: ``kz-2023-no-congress`` against ``kz-2023`` -> ``no congress``."""
    rest = name.removeprefix(f"{base}-")
    return rest.replace("-", " ") if rest != name else name


def span(counts: Sequence[int]) -> str:
    """Counts as print says them: 20, or 18 to 20."""
    least, most = min(counts), max(counts)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def default_level(scenario: str | Named, frame: pd.DataFrame) -> str:
    """The scenario's own level when it is given as itself, else the lowest the table holds of it."""
    own = getattr(scenario, "level", None)
    return str(own) if own else levels(frame)[0]


def select(results: Results, table: str, scenario: str | Named | None = None, level: str | None = None) -> pd.DataFrame:
    """A table's rows of one scenario and level (None: all).

    Raises InputError naming what the table holds when there are no such rows.
    """
    frame = results.to_frame(table)
    if frame.empty:
        raise InputError(f'the results hold no rows in table "{table}"; this figure cannot be drawn from them.')
    wanted = {"scenario": None if scenario is None else name_of(scenario), "level": level}
    for column, value in wanted.items():
        if value is not None and value not in (held := list(frame[column].unique())):
            near = difflib.get_close_matches(value, held, n=1)
            guess = f" Did you mean {near[0]!r}?" if near else ""
            raise InputError(f'no {column} "{value}" in table "{table}".{guess} (held: {", ".join(held)})')
        if value is not None:
            frame = frame[frame[column] == value]
    return frame


def one_run(frame: pd.DataFrame, replication: int | None) -> tuple[pd.DataFrame, int]:
    """The rows of one replication (None: the first held) and its number. Raises InputError for one not held."""
    held = sorted(frame["replication"].unique())
    chosen = held[0] if replication is None else replication
    if chosen not in held:
        span = ", ".join(map(str, held[:5])) + (f", ... {held[-1]}" if len(held) > 5 else "")
        raise InputError(f"replication {replication} is not held; held: {span}")
    return frame[frame["replication"] == chosen], int(chosen)


def stations(results: Results | Stations) -> Stations:
    """A table of stations: itself, or the first run of the scenario that others are compared with.

    Raises InputError where the store holds no station rows of it.
    """
    if isinstance(results, Stations):
        return results
    base = default_against(results)
    held = select(results, "stations", base)
    level = default_level(base, held)
    found, number = one_run(held[held["level"] == level], None)
    return of_run(found, f"{base}, level {level}, run {number}")[0]


def mean(values: pd.Series) -> Mean:
    """Mean and 95 % interval of the values that are there; a missing value is counted, never taken for 0."""
    there = values.dropna().to_numpy(dtype=float)
    n, missing = len(there), int(values.isna().sum())
    if n == 0:
        return Mean(np.nan, np.nan, np.nan, 0, missing)
    centre = float(there.mean())
    if n == 1:
        return Mean(centre, np.nan, np.nan, 1, missing)
    return Mean(centre, *t_interval(there), n, missing)
