"""Paired comparison: each scenario against one of them, seed by seed, with intervals that say what they rest on."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.outcomes import chosen, scenario_named
from sim.streams import Streams
from sim.strict import InputError

if TYPE_CHECKING:
    import pandas as pd

    from sim.batch.plan import Spec
    from sim.batch.store import Results

RESAMPLES = 2000
"""Bootstrap resamples of the shared seeds."""

_BOOTSTRAP_SEED = 0  # the interval is a function of the results alone
_AT_ONCE = 4_000_000  # draws held in memory: 32 MB
_NAMED = 5  # examples in a note; the counts of all stand in the frame
_EQUAL = 1e-12  # differences this near, relative to their size, are rounding

CAUTION = "Simulated under assumptions; the totals the levels were fitted to cannot tell low from high."
"""Goes with every comparison."""


@dataclass(frozen=True)
class Difference:
    """One outcome of one scenario minus that of ``against``, over the seeds both have.

    Means, difference and intervals are in the unit of the outcome and rest on ``used`` seeds: the ``shared`` ones in
    which both scenarios have a value. They are None below two such seeds. ``higher`` and ``lower`` count the seeds with
    a positive and a negative difference. ``missing`` and ``missing_against`` count shared seeds without a value in the
    scenario and in ``against``. ``same`` says that all differences are equal: the intervals then have no width, which
    is no sign of precision.
    """

    outcome: str
    level: str
    scenario: str
    against: str
    mean: float | None
    mean_against: float | None
    difference: float | None
    low: float | None
    high: float | None
    boot_low: float | None
    boot_high: float | None
    higher: int
    lower: int
    higher_share: float | None
    shared: int
    used: int
    missing: int
    missing_against: int
    same: bool


@dataclass(frozen=True)
class Comparison:
    """Every scenario against one, by outcome and level; ``notes`` say on what it rests and what to be careful with."""

    against: str
    rows: tuple[Difference, ...]
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row a scenario, level and outcome; the columns are the fields of :class:`Difference`."""
        import pandas as pd

        return pd.DataFrame([dataclasses.asdict(row) for row in self.rows])

    def to_json(self) -> str:
        """The same with the notes: {"against", "notes", "differences"}; what has no value is null."""
        rows = [dataclasses.asdict(row) for row in self.rows]
        return json.dumps(
            {"against": self.against, "notes": self.notes, "differences": rows}, indent=2, ensure_ascii=False
        )

    def to_csv(self) -> str:
        """The rows of :meth:`to_frame` as comma-separated text; what has no value is empty."""
        return str(self.to_frame().to_csv(index=False))

    def to_text(self, width: int = 80) -> str:
        """A table a reader can scan and a screen reader can speak, no line wider than ``width`` (at least 72)."""
        from sim.analysis.text import comparison_text

        return comparison_text(self, width)

    def __str__(self) -> str:
        return self.to_text()


def compare(
    results: Results, outcomes: str | Sequence[str] | None = None, against: str | Spec | None = None
) -> Comparison:
    """Each scenario minus ``against``, within the same level, paired by replication.

    ``outcomes`` defaults to the experiment's primary outcome and the main ones; ``against`` to what the experiment
    names, else the first scenario. Intervals are 95 %: Student's t on the paired differences, and the percentiles of
    2,000 bootstrap resamples of the seeds, whose chance is addressed, so that they are the same every time.

    Raises InputError for an unknown outcome or scenario, for a single scenario, and below 2 shared seeds.
    """
    frame = results.to_frame("runs")
    names = chosen(results, frame, outcomes)
    base = scenario_named(results, _base(results, against))
    others = [name for name in results.scenarios if name != base]
    if not others:
        raise InputError(f'compare needs at least 2 scenarios; found 1 ("{base}").')
    rows: list[Difference] = []
    notes: list[str] = []
    most = 0
    for level in results.levels:
        here = frame[frame["level"] == level]
        held = {name: here[here["scenario"] == name].set_index("replication") for name in (base, *others)}
        for other in others:
            shared = held[base].index.intersection(held[other].index).sort_values()
            seeds = len(held[base].index.union(held[other].index))
            most = max(most, len(shared))
            place = f"{other} and {base} (level {level})"
            if seeds == 0:
                continue  # the two were not asked for at this level
            if len(shared) < 2:
                notes.append(f"{place} share {len(shared)} of {seeds} seeds; not compared.")
                continue
            if len(shared) < seeds:
                notes.append(f"{place} share {len(shared)} of {seeds} seeds; compared on those {len(shared)}.")
            a, b = held[other].loc[shared], held[base].loc[shared]
            rows += [
                _difference(Place(name, level, other, base), _numbers(a[name]), _numbers(b[name])) for name in names
            ]
    if not rows:
        raise InputError(f"compare needs at least 2 shared seeds; found {most}.")
    rows.sort(key=lambda row: (names.index(row.outcome), results.levels.index(row.level), others.index(row.scenario)))
    return Comparison(base, tuple(rows), (*notes, *_cautions(rows), CAUTION))


@dataclass(frozen=True)
class Place:
    """What is compared with what."""

    outcome: str
    level: str
    scenario: str
    against: str


def _base(results: Results, against: str | Spec | None) -> str:
    if against is None:
        return results.experiment.get("against") or results.scenarios[0]
    return against if isinstance(against, str) else against.name


def _numbers(column: pd.Series[Any]) -> NDArray[np.float64]:
    return np.asarray(column.to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)


def _difference(place: Place, ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> Difference:
    """The comparison of two outcomes whose positions are the same seeds; NaN is a missing value."""
    both = ~(np.isnan(ours) | np.isnan(theirs))
    a, b = ours[both], theirs[both]
    d = a - b
    tolerance = _EQUAL * float(max(np.abs(a).max(initial=0), np.abs(b).max(initial=0)))
    d[np.abs(d) <= tolerance] = 0.0
    enough = d.size >= 2
    same = enough and float(np.ptp(d)) <= tolerance
    low, high = t_interval(d) if enough else (None, None)
    boot_low, boot_high = bootstrap_interval(d) if enough else (None, None)
    return Difference(
        **dataclasses.asdict(place),
        mean=float(a.mean()) if enough else None,
        mean_against=float(b.mean()) if enough else None,
        difference=float(d.mean()) if enough else None,
        low=low,
        high=high,
        boot_low=boot_low,
        boot_high=boot_high,
        higher=int((d > 0).sum()),
        lower=int((d < 0).sum()),
        higher_share=float((d > 0).mean()) if enough else None,
        shared=ours.size,
        used=int(d.size),
        missing=int(np.isnan(ours).sum()),
        missing_against=int(np.isnan(theirs).sum()),
        same=same,
    )


def t_interval(differences: NDArray[np.float64], share: float = 0.95) -> tuple[float, float]:
    """Student's t interval of a mean; ``differences`` of shape (n,), n at least 2."""
    from scipy.special import stdtrit  # the quantile alone: scipy.stats takes a second to load

    n = differences.size
    mean = float(differences.mean())
    reach = float(stdtrit(n - 1, 0.5 + share / 2)) * float(differences.std(ddof=1)) / math.sqrt(n)
    return mean - reach, mean + reach


def bootstrap_interval(differences: NDArray[np.float64], share: float = 0.95) -> tuple[float, float]:
    """Percentile interval of the mean over RESAMPLES resamples; ``differences`` of shape (n,).

    The resamples are those of n seeds, whatever the outcome: intervals of several outcomes rest on the same ones.
    """
    n, tail = differences.size, (1 - share) / 2
    step = max(1, _AT_ONCE // n)
    firsts = range(0, RESAMPLES, step)
    means = np.concatenate([differences[_resamples(n, i, min(step, RESAMPLES - i))].mean(axis=1) for i in firsts])
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


@lru_cache(maxsize=2)
def _resamples(n: int, first: int, rows: int) -> NDArray[np.intp]:
    """Resamples ``first`` to ``first + rows - 1`` of n positions, drawn with replacement; shape (rows, n)."""
    drawn = Streams(_BOOTSTRAP_SEED).uniform("compare/bootstrap", rows * n, occasion=n, first=first * n)
    return (drawn * n).astype(np.intp).reshape(rows, n)


def _cautions(rows: Sequence[Difference]) -> list[str]:
    """What a reader of the intervals must know: missing values, and differences that are all equal."""
    said = []
    for (outcome, level), group in groupby(rows, key=lambda row: (row.outcome, row.level)):
        gaps = [
            f"{row.missing} of {row.shared} seeds of {row.scenario} and {row.missing_against} of {row.against}"
            + (f" ({row.used} used)" if row.used >= 2 else " (too few left to compare)")
            for row in group
            if row.missing or row.missing_against
        ]
        if gaps:
            said.append(
                f"{outcome} (level {level}) has no value in {'; in '.join(gaps)}. Compared where both have one."
            )
    equal = [row for row in rows if row.same and row.difference == 0]
    if equal:
        fewest = min(row.used for row in equal)
        unseen = 1 - 0.05 ** (1 / fewest)  # exact binomial: none seen in n
        said.append(
            f"Where all seeds are equal the interval has no width, which is no precision: with {fewest} seeds, "
            f"a difference that comes in up to {unseen:.0%} of seeds can go unseen (95 % confidence)."
        )
    rare = [
        f"{row.outcome} of {row.scenario} (level {row.level}, {row.higher + row.lower} of {row.used})"
        for row in rows
        if not row.same and row.higher + row.lower < row.used / 2
    ]
    if rare:
        more = f"; and {len(rare) - _NAMED} more" if len(rare) > _NAMED else ""
        said.append(
            "Where fewer than half of the seeds differ, both intervals rest on those few and may be too narrow: "
            f"{'; '.join(rare[:_NAMED])}{more}."
        )
    if any(row.same and row.difference != 0 for row in rows):
        said.append("Where all seeds differ equally the interval has no width: the outcome did not depend on the seed.")
    return said
