"""Party registration over decades beside the record: counts of any period, and how many runs cover them.

``python -m sim.analysis.registration`` and the folders of registration-history, registration-ablations and
registration-ablations-strong: prints the tables of docs/registration.md and keeps their numbers in results/reference.
"""

from __future__ import annotations

import csv
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sim import cases
from sim.batch.store import Results
from sim.strict import InputError

if TYPE_CHECKING:
    import pandas as pd

HARD, DISLOYAL = ("hard_opposition",), ("hard_opposition", "soft_opposition")


class Fact(NamedTuple):
    """One fact of the record, and the count in a run that answers to it."""

    key: str
    counted: str
    since: str
    until: str
    of: str  # "", "hard", "not hard", "disloyal"
    value: float
    tolerance: float | None
    use: str  # fitted, held out or given
    known_on: date
    what: str
    source: str
    partly: str


def facts(case: str = "kazakhstan") -> list[Fact]:
    """The facts of a case in the order of its file.

    Raises:
        ValueError: a fact is used in the fit that became known after the cut-off of the fit.
    """
    tree = tomllib.loads((cases.folder(case) / "registration_facts.toml").read_text("utf-8"))
    out = [
        Fact(
            key=entry["key"],
            counted=entry["count"],
            since=entry.get("since", ""),
            until=entry["until"],
            of=entry.get("class", ""),
            value=float(entry["value"]),
            tolerance=entry.get("tolerance"),
            use=entry["use"],
            known_on=date.fromisoformat(entry["known_on"]),
            what=entry["what"],
            source=entry["source"],
            partly=entry.get("partly", ""),
        )
        for entry in tree["fact"]
    ]
    late = [fact.key for fact in out if fact.use == "fitted" and fact.known_on > CUT_OFF]
    if late:
        raise ValueError(f"fitted although known after {CUT_OFF}: {', '.join(late)}")
    return out


CUT_OFF = date(2016, 12, 31)
"""A fit of party life sees only facts known by this day; what came later is held out."""


@dataclass(frozen=True)
class Run:
    """The lives and answers of one run; days are ISO texts, which sort as days do."""

    lives: pd.DataFrame
    answers: pd.DataFrame

    def own(self, fact: Fact) -> pd.DataFrame:
        """Lives of groups that a fact counts: those not given by the record, of its class when founded."""
        lives = self.lives[~self.lives.given.astype(bool)]
        return lives[_of(lives.conduct_founded, fact.of)]

    def first(self, step: str, fact: Fact) -> float:
        """Groups that reached a step for the first time in the period."""
        return float(_within(self.own(fact)[step], fact).sum())


def _of(conduct: pd.Series, of: str) -> pd.Series:
    if of == "hard":
        return conduct.isin(HARD)
    if of == "not hard":
        return ~conduct.isin(HARD)
    return conduct.isin(DISLOYAL) if of == "disloyal" else conduct.notna()


def _within(days: pd.Series, fact: Fact) -> pd.Series:
    return days.notna() & (days >= fact.since) & (days <= fact.until)


def _standing(run: Run, fact: Fact) -> float:
    """Parties that existed in law on a day."""
    lives = run.lives[run.lives.registered.notna() & (run.lives.registered <= fact.until)]
    gone = lives.status.isin(("lapsed", "dissolved", "merged", "banned", "ended")) & (lives.since <= fact.until)
    return float((~gone).sum())


def _answered(run: Run, fact: Fact) -> pd.DataFrame:
    return run.answers[_within(run.answers.decided, fact)]


def _series(run: Run, fact: Fact) -> list[int]:
    """Refusals of each group in the period, most first."""
    refused = _answered(run, fact)
    counts = refused[refused.outcome == "refused"].groupby("group").size()
    return [*sorted((int(n) for n in counts), reverse=True), 0, 0]


def _ended(run: Run, fact: Fact, status: str) -> float:
    lives = run.lives
    return float(((lives.status == status) & _within(lives.since, fact)).sum())


def _days(run: Run, fact: Fact) -> float:
    """Median days from first notice to registration of groups registered in the period; NaN of none."""
    import pandas as pd

    lives = run.own(fact)
    lives = lives[_within(lives.registered, fact) & lives.noticed.notna()]
    return float((pd.to_datetime(lives.registered) - pd.to_datetime(lives.noticed)).dt.days.median())


def _again(run: Run, fact: Fact, outcome: str | None) -> float:
    answers = _answered(run, fact)
    answers = answers[answers.stage == "again"]
    return float(answers[(answers.outcome == outcome) | (outcome is None)].group.nunique())


COUNTS: Mapping[str, Callable[[Run, Fact], float]] = {
    "standing": _standing,
    "reapplied": lambda run, fact: _again(run, fact, None),
    "reregistered": lambda run, fact: _again(run, fact, "registered"),
    "new": lambda run, fact: run.first("registered", fact),
    "notices": lambda run, fact: run.first("noticed", fact),
    "confirmed": lambda run, fact: run.first("confirmed", fact),
    "congresses": lambda run, fact: run.first("congress", fact),
    "filings": lambda run, fact: float((_within(run.answers.filed, fact) & (run.answers.stage != "again")).sum()),
    "refusals": lambda run, fact: float((_answered(run, fact).outcome == "refused").sum()),
    "longest": lambda run, fact: float(_series(run, fact)[0]),
    "second longest": lambda run, fact: float(_series(run, fact)[1]),
    "merged": lambda run, fact: _ended(run, fact, "merged"),
    "banned": lambda run, fact: _ended(run, fact, "banned"),
    "won over": lambda run, fact: float(
        (_within(run.lives.won_over, fact) & (run.lives.registered <= run.lives.won_over)).sum()
    ),
    "days to registration": _days,
}
"""Every count of a run that a fact may name."""


def counted(results: Results, asked: list[Fact], scenario: str | None = None) -> pd.DataFrame:
    """The counts of every run: a row a run (scenario, replication), a column a fact, by its key.

    Raises:
        InputError: the store holds no lives of parties, or not that scenario.
    """
    import pandas as pd

    if "lives" not in results.tables:
        raise InputError(f"{results.folder} holds no lives of parties; runs of decades have them.")
    index = ["scenario", "replication"]
    lives = dict(list(results.to_frame("lives").groupby(index)))
    answers = results.to_frame("decisions") if "decisions" in results.tables else pd.DataFrame()
    by_run = dict(list(answers.groupby(index))) if len(answers) else {}
    chosen = [key for key in lives if scenario is None or key[0] == scenario]
    if not chosen:
        raise InputError(f"{scenario} is not in {results.folder}; it holds {', '.join(results.scenarios)}")
    rows = []
    for key in chosen:
        run = Run(lives[key], by_run.get(key, answers.iloc[:0]))
        rows.append([*key, *(COUNTS[fact.counted](run, fact) for fact in asked)])
    return pd.DataFrame(rows, columns=[*index, *(fact.key for fact in asked)]).set_index(index)


class Beside(NamedTuple):
    """A fact with the runs that answer to it; ``low`` and ``high`` hold 90 % of them."""

    fact: Fact
    mean: float
    low: float
    high: float

    @property
    def covered(self) -> bool:
        return self.low <= self.fact.value <= self.high


def beside(results: Results, scenario: str, case: str = "kazakhstan") -> list[Beside]:
    """Every fact of the record with mean and 5-95 % range of a scenario's runs."""
    asked = facts(case)
    counts = counted(results, asked, scenario)
    out = []
    for fact in asked:
        values = counts[fact.key].dropna()
        low, high = (float(values.quantile(q, interpolation="nearest")) for q in (0.05, 0.95))
        out.append(Beside(fact, float(values.mean()), low, high))
    return out


SCENARIOS = {"free": "kz-1999-2026", "strong": "kz-1999-2026-strong"}
"""The scenario of each reading: discretion as the fit finds it, and a registrar who means it."""


def markdown(readings: Mapping[str, list[Beside]]) -> str:
    """The comparison as a table in Markdown: what was given, what was fitted, and what no fit has seen, by reading."""
    head = ["fact", "record", *(f"{name}: mean [5 %, 95 %]" for name in readings), "covered", ""]
    lines = [head, ["---"] * len(head)]
    first = next(iter(readings.values()))
    for use in ("given", "fitted", "held out"):
        for n, row in enumerate(first):
            if row.fact.use != use:
                continue
            own = [rows[n] for rows in readings.values()]
            figures = [f"{one.mean:.3g} [{one.low:.3g}, {one.high:.3g}]" for one in own]
            covered = ", ".join("yes" if one.covered else "**no**" for one in own)
            said = f"{use}; {row.fact.partly}" if row.fact.partly else use
            lines.append([row.fact.what, f"{row.fact.value:g}", *figures, covered, said])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def keep(rows: list[Beside], path: Path) -> None:
    """Write the runs' side of a comparison as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["key", "mean", "low", "high"])
        table.writerows([row.fact.key, f"{row.mean:.4g}", f"{row.low:g}", f"{row.high:g}"] for row in rows)


def kept(path: Path, case: str = "kazakhstan") -> list[Beside]:
    """A comparison that was kept, with the facts as they stand in the case."""
    known = {fact.key: fact for fact in facts(case)}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [Beside(known[row["key"]], *(float(row[name]) for name in ("mean", "low", "high"))) for row in rows]


OUTCOMES = ("notices", "congresses", "registered_new", "registered_new_disloyal", "refusals_discretionary")
"""What the table of ablations shows of every scenario."""


def ablations(results: Results) -> list[dict[str, str]]:
    """Mean outcomes of every scenario, and the paired difference in the last but one with its 95 % interval."""
    from scipy.stats import t

    runs = results.to_frame("runs")
    runs = runs[runs.status == "done"]
    base = str(results.planned[0]["scenario"])
    own = runs[runs.scenario == base].set_index("replication")
    out = []
    for scenario in dict.fromkeys(str(one["scenario"]) for one in results.planned):
        here = runs[runs.scenario == scenario].set_index("replication")
        gap = (here.registered_new_disloyal - own.registered_new_disloyal).dropna()
        reach = float(gap.std(ddof=1) / len(gap) ** 0.5 * t.ppf(0.975, len(gap) - 1))
        row = {"scenario": scenario.removeprefix(base.removesuffix("counted-from-2022"))}
        row |= {name: f"{here[name].mean():.2f}" for name in OUTCOMES}
        row["difference"] = f"{gap.mean():+.2f}" if scenario != base else ""
        row["interval"] = f"{gap.mean() - reach:+.2f} to {gap.mean() + reach:+.2f}" if scenario != base else ""
        out.append(row)
    return out


def ablation_table(rows: list[dict[str, str]]) -> str:
    """The ablations as a table in Markdown."""
    head = ["changed from January 2022", "notices", "congresses", "registered", "of these opposition"]
    head += ["refused at will", "difference in opposition", "95 %"]
    lines = [head, ["---"] * len(head), *(list(row.values()) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def history_kept() -> dict[str, list[Beside]]:
    """The comparison that the page prints, by reading."""
    return {name: kept(REFERENCE / f"registration-history-{name}.csv") for name in SCENARIOS}


def ablations_kept(reading: str) -> list[dict[str, str]]:
    """The ablations that the page prints."""
    with (REFERENCE / f"registration-ablations-{reading}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Print the tables of docs/registration.md for three folders of results, and keep their numbers."""
    if len(sys.argv) != 4:
        raise SystemExit("usage: python -m sim.analysis.registration HISTORY ABLATIONS ABLATIONS-STRONG (folders)")
    for name, scenario in SCENARIOS.items():
        keep(beside(Results.open(sys.argv[1]), scenario), REFERENCE / f"registration-history-{name}.csv")
    print(markdown(history_kept()), end="\n\n")
    for name, folder in zip(SCENARIOS, sys.argv[2:], strict=True):
        changed = ablations(Results.open(folder))
        with (REFERENCE / f"registration-ablations-{name}.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(changed[0]), lineterminator="\n")
            table.writeheader()
            table.writerows(changed)
        print(ablation_table(ablations_kept(name)), end="\n\n")


REFERENCE = Path("results/reference")

if __name__ == "__main__":
    main()
