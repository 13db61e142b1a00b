"""Facts that no fit has seen beside what a batch gave: ``python -m sim.analysis.held_out results/elections``."""

from __future__ import annotations

import sys
import tomllib
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from sim import cases
from sim.batch.store import Results
from sim.strict import InputError

if TYPE_CHECKING:
    import pandas as pd


class Beside(NamedTuple):
    """One fact of the record and the runs that answer to it; ``low`` and ``high`` hold 90 % of them."""

    what: str
    outcome: str
    record: float
    level: str
    mean: float
    low: float
    high: float
    known_on: date
    partly: str  # what in the model was read off the same record, if anything

    @property
    def covered(self) -> bool:
        """Whether the record lies where 90 % of the runs do."""
        return self.low <= self.record <= self.high


def beside(results: Results, scenario: str, case: str = "kazakhstan") -> list[Beside]:
    """Every held-out fact of a scenario's election with the mean and the 5-95 % range of its runs, by level.

    Raises:
        InputError: the scenario is not in the results.
    """
    runs = results.to_frame("runs")
    runs = runs[(runs.scenario == scenario) & (runs.status == "done")]
    if runs.empty:
        raise InputError(f"{scenario} is not in {results.folder}; it holds {', '.join(results.scenarios)}")
    regions = results.to_frame("regions")
    regions = regions[regions.scenario == scenario]
    election = next(one["settings"]["election"] for one in results.planned if one["scenario"] == scenario)
    facts = [fact for fact in known(case) if fact.get("election", "2023") == election]
    return [
        _beside(fact, str(level), _values(fact, of_level, regions[regions.level == level]))
        for fact in facts
        for level, of_level in runs.groupby("level")
    ]


def known(case: str = "kazakhstan") -> list[dict[str, Any]]:
    """The held-out facts of a case."""
    facts: list[dict[str, Any]] = tomllib.loads((cases.folder(case) / "held_out.toml").read_text("utf-8"))["fact"]
    return facts


def _values(fact: dict[str, Any], runs: pd.DataFrame, regions: pd.DataFrame) -> pd.Series:
    """The outcome in every run; of a fact about some regions, its standard deviation over them (n - 1)."""
    if "regions" not in fact:
        return runs[fact["outcome"]].dropna()
    named = regions[regions.region.isin(fact["regions"])]
    return named.groupby("replication")[fact["outcome"]].std(ddof=1)


def _beside(fact: dict[str, Any], level: str, values: pd.Series) -> Beside:
    return Beside(
        what=fact["what"],
        outcome=fact["outcome"],
        record=float(fact["value"]),
        level=level,
        mean=float(values.mean()),
        low=float(values.quantile(0.05)),
        high=float(values.quantile(0.95)),
        known_on=date.fromisoformat(fact["known_on"]),
        partly=fact.get("partly", ""),
    )


def markdown(rows: list[Beside]) -> str:
    """The comparison as a table in Markdown, a line a fact, the levels side by side."""
    levels = sorted({row.level for row in rows}, key=lambda level: (level != "low", level))
    head = ["fact", "record", *levels, f"covered ({', '.join(levels)})", "clean"]
    lines = [head, ["---"] * len(head)]
    for what in dict.fromkeys(row.what for row in rows):
        own = {row.level: row for row in rows if row.what == what}
        first = next(iter(own.values()))
        ranges = [f"{row.mean:.3g} [{row.low:.3g}, {row.high:.3g}]" for row in map(own.get, levels) if row]
        covered = ", ".join("yes" if own[level].covered else "**no**" for level in levels if level in own)
        clean = f"no: {first.partly}" if first.partly else "yes"
        lines.append([what, f"{first.record:g}", *ranges, covered, clean])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Print the comparison for a folder of results: every election in it that is there as it was."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m sim.analysis.held_out FOLDER")
    results = Results.open(sys.argv[1])
    enacted = sorted({f"kz-{fact.get('election', '2023')}" for fact in known()} & set(results.scenarios))
    print(markdown([row for scenario in enacted for row in beside(results, scenario)]))


if __name__ == "__main__":
    main()
