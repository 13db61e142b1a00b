"""Paired comparison: each scenario against one of them, seed by seed, with intervals that say what they rest on."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim import cases
from sim.analysis.contrasts import Contrast, contrasts
from sim.analysis.outcomes import columns_of, measured, scenario_named
from sim.scenario.resolved import Settings, changes, planned_settings
from sim.streams import Streams
from sim.strict import InputError

if TYPE_CHECKING:
    import pandas as pd

    from sim.batch.plan import Spec
    from sim.batch.store import Results

RESAMPLES = 2000
"""Bootstrap resamples of the shared seeds."""

MOST_RESAMPLED = 5_000
"""Shared seeds beyond which there is no bootstrap interval: the mean of so many is as good as normal [assumed]."""

MATERIAL = 0.25
"""Share of the t interval's width by which an end of the bootstrap interval must differ to deserve a word."""

Kind = Literal["difference", "step", "average", "interaction"]
"""One scenario minus ``against``; the change of one made on another; such changes averaged; a 2 x 2 contrast."""

_BOOTSTRAP_SEED = 0  # the interval is a function of the results alone
_AT_ONCE = 4_000_000  # draws held in memory: 32 MB
_NAMED = 5  # examples in a note; the counts of all stand in the frame
_EQUAL = 1e-12  # differences this near, relative to their size, are rounding

CAUTION = "Simulated under assumptions; the totals the levels were fitted to cannot tell low from high."
"""Goes with every comparison of scenarios that rest on a record."""

INVENTED = "Simulated, in an invented country; the levels are two assumptions about the count, fitted to nothing."
"""Goes with every other."""


@dataclass(frozen=True)
class Difference:
    """One outcome of one scenario minus that of ``against``, over the seeds both have.

    Means, difference and intervals are in the unit of the outcome and rest on ``used`` seeds: the ``shared`` ones in
    which both scenarios have a value. They are None below two such seeds, and those of the bootstrap above
    MOST_RESAMPLED. ``higher`` and ``lower`` count the seeds with
    a positive and a negative difference. ``missing`` and ``missing_against`` count shared seeds without a value in the
    scenario and in ``against``. ``same`` says that all differences are equal: the intervals then have no width, which
    is no sign of precision.

    ``kind`` says what stands on the two sides. "step": a scenario that makes the ``change`` of another scenario on top
    of ``against``, which is not the scenario that all are compared with. "average": the mean of the scenarios with
    that change minus the mean of those without. "interaction": the scenario with two changes minus what it would be if
    their effects added up, which is ``against``.
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
    kind: Kind = "difference"
    change: str = ""

    @property
    def disagree(self) -> bool:
        """Whether the two intervals differ materially.

        They do where only one of them leaves out 0, or an end is off by more than MATERIAL of the t interval's width.
        """
        if self.low is None or self.high is None or self.boot_low is None or self.boot_high is None or self.same:
            return False
        verdicts = [low > 0 or high < 0 for low, high in ((self.low, self.high), (self.boot_low, self.boot_high))]
        off = max(abs(self.boot_low - self.low), abs(self.boot_high - self.high))
        return verdicts[0] != verdicts[1] or off > MATERIAL * (self.high - self.low)


@dataclass(frozen=True)
class Comparison:
    """Every scenario against one, by outcome and level.

    ``sharing`` says which scenarios share too few seeds; ``changes`` are the settings in which each scenario differs
    from ``against``, in words.
    """

    against: str
    rows: tuple[Difference, ...]
    sharing: tuple[str, ...] = ()
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    caution: str = CAUTION

    @property
    def notes(self) -> tuple[str, ...]:
        """On what the comparison rests, and what to be careful with."""
        return (*self.sharing, *cautions(self.rows), self.caution)

    def only(self, outcome: str) -> Comparison:
        """The part that concerns one outcome."""
        return dataclasses.replace(self, rows=tuple(row for row in self.rows if row.outcome == outcome))

    def to_frame(self) -> pd.DataFrame:
        """One row a scenario, level and outcome, and one a contrast (see ``kind``); columns: :class:`Difference`."""
        import pandas as pd

        return pd.DataFrame([dataclasses.asdict(row) for row in self.rows])

    def to_json(self) -> str:
        """The same as {"against", "notes", "changes", "differences"}; what has no value is null."""
        rows = [dataclasses.asdict(row) for row in self.rows]
        told = {"against": self.against, "notes": self.notes, "changes": self.changes, "differences": rows}
        return json.dumps(told, indent=2, ensure_ascii=False)

    def to_csv(self) -> str:
        """The rows of :meth:`to_frame` as comma-separated text; what has no value is empty."""
        return str(self.to_frame().to_csv(index=False))

    def to_text(self, width: int = 80, *, bootstrap: bool = False) -> str:
        """A table a reader can scan and a screen reader can speak, no line wider than ``width`` (at least 72).

        ``bootstrap`` prints the bootstrap interval under every row, not only where it differs materially.
        """
        from sim.analysis.text import comparison_text

        return comparison_text(self, width, bootstrap=bootstrap)

    def to_latex(self, *, bootstrap: bool = False) -> str:
        """A LaTeX table an outcome, in the style of the package booktabs, the only one it needs; notes beneath."""
        from sim.analysis.latex import comparison_latex

        return comparison_latex(self, bootstrap=bootstrap)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        """What it compares, in one line; ``str`` prints the tables."""
        scenarios = len({row.scenario for row in self.rows if row.kind == "difference"})
        outcomes, seeds = len({row.outcome for row in self.rows}), max(row.shared for row in self.rows)
        counted = f"{outcomes} outcome{'s' * (outcomes != 1)}, {seeds} shared seeds"
        return f"<Comparison of {scenarios} with {self.against}: {counted}>"

    def _repr_html_(self) -> str:
        """The tables as a notebook shows them."""
        from sim.analysis.text import comparison_html

        return comparison_html(self)


def compare(
    results: Results | Path | str,
    outcomes: str | Sequence[str] | None = None,
    against: str | Spec | None = None,
    interactions: Iterable[tuple[str, str, str]] | None = None,
) -> Comparison:
    """Each scenario minus ``against``, within the same level, paired by replication.

    ``results`` is an open store, or its folder. ``outcomes`` defaults to the experiment's primary outcome and the
    main ones; ``against`` to what the experiment names, else the first scenario. ``interactions`` are triples of
    names (one change, the other, both), each read as both - first - second + against; by default those of the
    experiment. Where the change that one scenario makes is also made on top of another, those rows follow, with their
    average.

    Intervals are 95 %: Student's t on the paired differences, and the percentiles of 2,000 bootstrap resamples of the
    seeds, whose chance is addressed, so that they are the same every time. Above MOST_RESAMPLED seeds the latter are
    left out.

    Raises InputError for an unknown outcome or scenario, for a single scenario, and below 2 shared seeds.
    """
    if isinstance(results, (str, Path)):
        from sim.batch.store import Results as Stored

        results = Stored.open(results)
    names = measured(results, outcomes)
    base = scenario_named(results, _base(results, against))
    if len(results.scenarios) < 2:
        raise InputError(f'compare needs at least 2 scenarios; found 1 ("{base}").')
    settings = planned_settings(getattr(results, "planned", ()))  # results put together by hand may not say
    asked = contrasts(results, base, settings, interactions)
    rows: list[Difference] = []
    sharing: list[str] = []
    most = 0
    for frame, some in columns_of(results, names):
        for level in results.levels:
            made, notes, shared = _at_level(frame[frame["level"] == level], level, results.scenarios, asked, some)
            rows += made
            sharing += notes
            most = max(most, shared)
    if not any(row.kind == "difference" for row in rows):
        raise InputError(f"compare needs at least 2 shared seeds; found {most}.")
    order = {contrast.address: number for number, contrast in enumerate(asked)}
    rows.sort(key=lambda row: (names.index(row.outcome), results.levels.index(row.level), order[row_address(row)]))
    told = {
        name: tuple(map(str, changes(settings[base], settings[name])))
        for name in results.scenarios
        if name != base and name in settings and base in settings
    }
    return Comparison(base, tuple(rows), tuple(dict.fromkeys(sharing)), told, _caution(settings.values()))


def _at_level(
    here: pd.DataFrame, level: str, scenarios: Sequence[str], asked: Sequence[Contrast], names: Sequence[str]
) -> tuple[list[Difference], list[str], int]:
    """Every contrast in some outcomes at one level; notes on seeds that are not shared; the most that are."""
    rows: list[Difference] = []
    sharing: list[str] = []
    most = 0
    held = {name: here[here["scenario"] == name].set_index("replication") for name in scenarios}
    for contrast in asked:
        parts = {name: held[name] for name in contrast.scenarios}
        seeds = _shared(parts.values())
        if not all(len(part) for part in parts.values()) and contrast.kind != "difference":
            continue  # not asked for at this level
        total = len(_either(parts.values()))
        most = max(most, len(seeds))
        if total:
            sharing += _sharing(contrast, level, len(seeds), total)
        if len(seeds) >= 2:
            aligned = {
                name: part if len(part) == len(seeds) and part.index.equals(seeds) else part.loc[seeds]
                for name, part in parts.items()
            }
            rows += [_difference(Place.of(contrast, name, level), *_sides(contrast, aligned, name)) for name in names]
    return rows, sharing, most


def _caution(worlds: Iterable[Settings]) -> str:
    """CAUTION, or INVENTED where no scenario rests on a country that is on record."""
    countries = {str(world.values.get("case")) for world in worlds}
    invented = [name for name in countries if name in cases.names() and cases.about(name)["fictional"]]
    return INVENTED if invented and len(invented) == len(countries) else CAUTION


@dataclass(frozen=True)
class Place:
    """What is compared with what."""

    outcome: str
    level: str
    scenario: str
    against: str
    kind: Kind
    change: str

    @classmethod
    def of(cls, contrast: Contrast, outcome: str, level: str) -> Place:
        """A contrast in one outcome and level."""
        return cls(outcome, level, contrast.scenario, contrast.against, contrast.kind, contrast.change)


def row_address(row: Difference) -> tuple[str, str, str, str]:
    """What tells a row from the others of its outcome and level."""
    return row.kind, row.change, row.scenario, row.against


def _base(results: Results, against: str | Spec | None) -> str:
    if against is None:
        return results.experiment.get("against") or results.scenarios[0]
    return against if isinstance(against, str) else against.name


def _shared(parts: Iterable[pd.DataFrame]) -> pd.Index[Any]:
    """The seeds that all parts have, ascending."""
    first, *others = parts
    seeds = first.index
    for part in others:
        seeds = seeds.intersection(part.index)
    return seeds.sort_values()


def _either(parts: Iterable[pd.DataFrame]) -> pd.Index[Any]:
    """The seeds that any part has."""
    first, *others = parts
    seeds = first.index
    for part in others:
        seeds = seeds.union(part.index)
    return seeds


def _sharing(contrast: Contrast, level: str, shared: int, total: int) -> list[str]:
    """A note where a contrast cannot rest on all seeds."""
    if shared == total or contrast.kind in ("step", "average"):  # their scenarios have been told of
        return []
    place = f"{' and '.join(contrast.scenarios)} (level {level})"
    then = "not compared" if shared < 2 else f"compared on those {shared}"
    return [f"{place} share {shared} of {total} seeds; {then}."]


def _sides(
    contrast: Contrast, parts: Mapping[str, pd.DataFrame], outcome: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The two sides of a contrast in one outcome, by seed; NaN where a scenario that enters has no value."""
    values = {name: _numbers(part[outcome]) for name, part in parts.items()}
    ours, theirs = (
        np.sum([weight * values[name] for name, weight in side], axis=0) for side in (contrast.ours, contrast.theirs)
    )
    return ours, theirs


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
    boot_low, boot_high = bootstrap_interval(d) if enough and d.size <= MOST_RESAMPLED else (None, None)
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


def cautions(rows: Sequence[Difference]) -> list[str]:
    """What a reader of the intervals must know: missing values, equal or rare differences, intervals that disagree."""
    plain = [row for row in rows if row.kind in ("difference", "interaction")]  # the others hold the same scenarios
    return [*_gaps(plain), *_flat(plain), *_rare(plain), *_disagreeing(plain)]


def _gaps(rows: Sequence[Difference]) -> list[str]:
    """Outcomes without a value in some seeds, with their numbers."""
    told = []
    for (outcome, level), group in groupby(rows, key=lambda row: (row.outcome, row.level)):
        gaps = [
            f"{row.missing} of {row.shared} seeds of {row.scenario} and {row.missing_against} of {row.against}"
            + (f" ({row.used} used)" if row.used >= 2 else " (too few left to compare)")
            for row in group
            if row.missing or row.missing_against
        ]
        if gaps:
            told.append(
                f"{outcome} (level {level}) has no value in {'; in '.join(gaps)}. Compared where both have one."
            )
    return told


def _flat(rows: Sequence[Difference]) -> list[str]:
    """What an interval without width says and does not say."""
    told = []
    equal = [row for row in rows if row.same and row.difference == 0]
    if equal:
        fewest = min(row.used for row in equal)
        unseen = 1 - 0.05 ** (1 / fewest)  # exact binomial: none seen in n
        told.append(
            f"Where all seeds are equal the interval has no width, which is no precision: with {fewest} seeds, "
            f"a difference that comes in up to {unseen:.0%} of seeds can go unseen (95 % confidence)."
        )
    if any(row.same and row.difference != 0 for row in rows):
        told.append("Where all seeds differ equally the interval has no width: the outcome did not depend on the seed.")
    return told


def _rare(rows: Sequence[Difference]) -> list[str]:
    rare = [
        f"{row.outcome} of {_named(row)} (level {row.level}, {row.higher + row.lower} of {row.used})"
        for row in rows
        if row.used >= 2 and not row.same and row.higher + row.lower < row.used / 2
    ]
    said = "Where fewer than half of the seeds differ, both intervals rest on those few and may be too narrow"
    return [f"{said}: {_first(rare)}."] if rare else []


def _disagreeing(rows: Sequence[Difference]) -> list[str]:
    apart = [f"{row.outcome} of {_named(row)} (level {row.level})" for row in rows if row.disagree]
    said = (
        "Where Student's interval and the bootstrap's differ materially (only one leaves out 0, or an end is off by "
        f"more than {MATERIAL:.0%} of the width), the table gives both, and neither should be leant on"
    )
    return [f"{said}: {_first(apart)}."] if apart else []


def _named(row: Difference) -> str:
    return f"the interaction {row.change}" if row.kind == "interaction" else row.scenario


def _first(places: Sequence[str]) -> str:
    more = f"; and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
    return "; ".join(places[:_NAMED]) + more
