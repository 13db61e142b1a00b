"""What came out, scenario by scenario and level by level: the mean of each outcome and how far runs spread."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.outcomes import columns_of, measured

if TYPE_CHECKING:
    import pandas as pd

    from sim.batch.store import Results


@dataclass(frozen=True)
class Range:
    """Mean and 5-95 % range of an outcome over the ``runs`` of a scenario and level that have a value.

    All three are None where no run has one.

    ``missing`` counts the runs that are done and have no value. The range says how far single futures spread, not how
    well the mean is known.
    """

    outcome: str
    scenario: str
    level: str
    mean: float | None
    low: float | None
    high: float | None
    runs: int
    missing: int


@dataclass(frozen=True)
class Summary:
    """The ranges of some outcomes, ordered by outcome, scenario and level."""

    rows: tuple[Range, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row an outcome, scenario and level; the columns are the fields of :class:`Range`."""
        import pandas as pd

        return pd.DataFrame([dataclasses.asdict(row) for row in self.rows])

    def to_json(self) -> str:
        """A list of the rows; what has no value is null."""
        return json.dumps([dataclasses.asdict(row) for row in self.rows], indent=2, ensure_ascii=False)

    def to_csv(self) -> str:
        """The rows of :meth:`to_frame` as comma-separated text."""
        return str(self.to_frame().to_csv(index=False))

    def to_text(self, width: int = 80) -> str:
        """A table no wider than ``width`` (at least 72)."""
        from sim.analysis.text import summary_text

        return summary_text(self, width)

    def __str__(self) -> str:
        return self.to_text()


def summarise(results: Results, outcomes: str | Sequence[str] | None = None) -> Summary:
    """The spread of each outcome over the runs that are done; ``outcomes`` as in :func:`sim.analysis.compare.compare`.

    Raises InputError for an unknown outcome.
    """
    pieces = columns_of(results, measured(results, outcomes))
    rows = []
    for frame, outcome in ((frame, outcome) for frame, some in pieces for outcome in some):
        for planned in sorted(results.planned, key=lambda p: results.scenarios.index(p["scenario"])):
            place = (frame["scenario"] == planned["scenario"]) & (frame["level"] == planned["level"])
            column = frame.loc[place, outcome].to_numpy(dtype=float, na_value=np.nan)
            values = column[~np.isnan(column)]
            low, high = (float(q) for q in np.quantile(values, [0.05, 0.95])) if values.size else (None, None)
            rows.append(
                Range(
                    outcome,
                    planned["scenario"],
                    planned["level"],
                    mean=float(values.mean()) if values.size else None,
                    low=low,
                    high=high,
                    runs=int(values.size),
                    missing=int(column.size - values.size),
                )
            )
    return Summary(tuple(rows))
