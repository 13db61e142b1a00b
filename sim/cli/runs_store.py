"""The verbs on many runs: `batch` makes a store of results, `compare`, `status` and `export` read one."""

from __future__ import annotations

import csv
import json
import os
import shlex
import sys
import textwrap
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.law import Format
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.execute import Tally
    from sim.batch.plan import Run
    from sim.batch.store import Results
    from sim.scenario.experiment import Experiment

WIDTH = 80
"""Columns that every terminal has."""


class Printed(StrEnum):
    """How a comparison is printed."""

    table = "table"
    json = "json"
    csv = "csv"
    latex = "latex"


Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A folder of results; a name alone is sought in results/.")]


def batch(
    experiment: Annotated[str, typer.Argument(help="An experiment by name, or its file.")],
    replications: Annotated[
        int | None, typer.Option(help="Seeds per scenario; the experiment's own by default.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes; one a processor by default.")] = None,
    into: Annotated[Path | None, typer.Option(help="Folder of the results; results/NAME by default.")] = None,
    voters: Annotated[int | None, typer.Option(help="Simulated voters in every scenario.")] = None,
) -> None:
    """Run every scenario of an experiment many times and compare them; a stopped batch goes on where it was."""
    from sim.batch.execute import run_all
    from sim.batch.plan import plan
    from sim.batch.store import Results
    from sim.scenario.experiment import load_experiment

    asked = load_experiment(experiment)
    scenarios = asked.scenarios
    if voters is not None:  # under the same names: another size is another folder, not another scenario
        scenarios = [s.vary("population.voters", voters, name=s.name, title=s.title) for s in scenarios]
    runs = plan(scenarios, asked.replications if replications is None else replications, asked.stations)
    folder = into if into is not None else Path("results") / asked.name
    workers = workers if workers is not None else os.cpu_count() or 1
    _tell_plan(asked, runs, workers, folder)
    options = {"--replications": replications, "--workers": workers, "--into": into, "--voters": voters}
    again = ["majilis", "batch", experiment, *(str(w) for o in options.items() if o[1] is not None for w in o)]
    try:
        tally = run_all(runs, folder, workers=workers, experiment=asked, resume=shlex.join(again))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None  # what is kept and how to go on has been said
    _tell_outcome(Results.open(folder), tally)


def compare(
    folder: Folder,
    against: Annotated[str | None, typer.Option(help="The scenario the others are compared with.")] = None,
    outcomes: Annotated[str | None, typer.Option(help="Names of outcomes with commas between; the main ones.")] = None,
    bootstrap: Annotated[
        bool, typer.Option("--bootstrap", help="Bootstrap intervals under all rows, not only where they differ much.")
    ] = False,
    format: Annotated[Printed, typer.Option(help="How the figures are printed.")] = Printed.table,
) -> None:
    """Compare the scenarios of a store with one of them, seed by seed, with 95 % intervals."""
    from sim.analysis.compare import compare as paired

    results = open_results(folder)
    names = [name.strip() for name in outcomes.split(",") if name.strip()] if outcomes else None
    found = paired(results, names, against)
    if format is Printed.json:
        print(found.to_json())
    elif format is Printed.csv:
        print(found.to_csv(), end="")
        for note in found.notes:  # rows have no room for them
            print(f"note: {note}", file=sys.stderr)
    elif format is Printed.latex:
        print(found.to_latex(bootstrap=bootstrap), end="")
    else:
        _tell_names(list(dict.fromkeys(row.outcome for row in found.rows)))
        print(found.to_text(WIDTH, bootstrap=bootstrap))
        print()
        _say(f"Read from {results.folder}.", f"To see it: majilis figures {results.folder}")


def status(
    folder: Folder,
    format: Annotated[Format, typer.Option(help="How the figures are printed.")] = Format.table,
) -> None:
    """Tell what a store holds, what failed and why, and how to go on."""
    from sim.batch import parts

    folder = _place(folder)
    broken = parts.damaged(folder) if folder.is_dir() else []
    if broken:
        named = ", ".join(str(path) for path in broken)
        raise InputError(f"damaged: {named}. Start the same batch again into {folder}: it repeats their runs.")
    results = open_results(folder)
    rows = _progress(results)
    if format is Format.json:
        failed = [dict(zip(("scenario", "level", "replication", "error"), (*k, v), strict=True)) for k, v in
                  results.failed.items()]  # fmt: skip
        print(json.dumps({"folder": str(folder), "scenarios": rows, "failed": failed}, indent=2, ensure_ascii=False))
    elif format is Format.csv:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        _tell_status(results, rows)


def export(
    folder: Folder,
    to: Annotated[Path, typer.Option(metavar="FILE.csv", help="The file to write.")],
    table: Annotated[str, typer.Option(help="runs, parties, decisions, funnel, regions, stations or months.")] = "runs",
    settings: Annotated[
        bool, typer.Option("--settings", help="With a column for every setting in which the scenarios differ.")
    ] = False,
    stations: Annotated[
        bool, typer.Option("--stations", help="The ledger of every station, ballot by ballot: --table stations.")
    ] = False,
) -> None:
    """Write a table of a store as a CSV file, one row a run, party, decision or whatever the table holds."""
    if stations and table not in ("runs", "stations"):
        raise InputError(f"--stations and --table {table} ask for two tables; export one at a time.")
    table = "stations" if stations else table
    if to.suffix.lower() != ".csv":
        raise InputError(f"--to {to}: export writes CSV; let the name end in .csv. The store itself holds Parquet.")
    if not to.parent.is_dir():
        raise InputError(f"--to {to}: there is no folder {to.parent}.")
    results = open_results(folder)
    frame = results.to_frame(table, settings=settings)
    if "grounds" in frame:
        frame["grounds"] = ["; ".join(grounds) if grounds is not None else None for grounds in frame["grounds"]]
    frame.to_csv(to, index=False)
    empty = "" if len(frame) else " No run left rows in it; station rows are kept as the experiment's `stations` says."
    _say(f"{len(frame)} rows of {table} with {len(frame.columns)} columns are in {to}.{empty}")


def _tell_plan(asked: Experiment, runs: Sequence[Run], workers: int, folder: Path) -> None:
    names = {run.scenario.name for run in runs}
    levels = {run.scenario.level for run in runs}
    seeds = len({run.replication for run in runs})
    _say(
        f"Question: {asked.question}",
        f"Estimand: {asked.estimand}",
        f"Primary outcome: {asked.primary}",
        f"Plan: {_count(len(names), 'scenario')} x {_count(len(levels), 'level')} x {_count(seeds, 'replication')}"
        f" = {_count(len(runs), 'run')}, {_count(workers, 'worker')}, into {folder}",
    )
    if levels == {"low", "high"}:  # a reader of the tables meets these words before their caution
        _say("Levels: low takes the count to be little manipulated, high much; neither is known to hold.")
    sys.stdout.flush()  # before the bar, which goes to the other stream


def _tell_outcome(results: Results, tally: Tally) -> None:
    from sim.analysis.compare import compare as paired
    from sim.analysis.outcomes import chosen
    from sim.analysis.summary import summarise

    _tell_failures(results)
    frame = results.to_frame("runs")
    if frame.empty:
        _say(f"No run came through. Tracebacks: majilis status {results.folder} --format json")
        raise typer.Exit(1)
    shown = chosen(results, frame, None)[:3]  # the primary outcome and what stands next to it; the rest on request
    print()
    _tell_names(shown)
    print(summarise(results, shown).to_text(WIDTH))
    print()
    try:
        print(paired(results, shown).to_text(WIDTH))
    except InputError as reason:
        _say(f"No comparison: {reason}")
    print()
    _say(
        str(tally),
        f"Results: {results.folder}",
        f"All outcomes: majilis compare {results.folder}",
        f"Figures: majilis figures {results.folder}",
        f"For other programs: majilis export {results.folder} --to runs.csv",
    )


def _tell_names(outcomes: Sequence[str]) -> None:
    """What the outcomes of a table are in words, those that have any."""
    from sim.figures.outcomes import OUTCOMES

    for name in (name for name in outcomes if name in OUTCOMES and OUTCOMES[name].label != name.replace("_", " ")):
        share = ", as a share" if OUTCOMES[name].own_unit == "%" else ""
        _say(f"{name}: {OUTCOMES[name].label}{share}")
    _say("What every outcome is: docs/odd.md, appendix A", "")


def _tell_status(results: Results, rows: Sequence[dict[str, Any]]) -> None:
    if results.experiment.get("question"):
        _say(f"Question: {results.experiment['question']}", "")
    widest = min(40, max(len("scenario"), *(len(row["scenario"]) for row in rows)))
    print(f"{'scenario':<{widest}}  {'level':<6}{'planned':>9}{'done':>9}{'failed':>9}{'to do':>9}")
    for row in rows:
        counts = "".join(f"{row[name]:>9}" for name in ("planned", "done", "failed", "to_do"))
        print(f"{row['scenario']:<{widest}}  {row['level']:<6}{counts}")
    print()
    _tell_failures(results)
    kept = ", ".join(table for table in results.tables)
    if not results.missing:
        _say(f"Complete. Tables: {kept}.", f"Next: majilis compare {results.folder}")
        return
    file = results.folder / "experiment.toml"
    again = (
        f"majilis batch {shlex.quote(_source(results, file))} --into {results.folder}"
        if file.exists()
        else f"sim.run(..., into={str(results.folder)!r})"
    )
    _say(f"{_count(len(results.missing), 'run')} of the plan not done. To go on: {again}")


def _source(results: Results, kept: Path) -> str:
    """What to type for the experiment of a folder: its name where it ships, else the copy that the folder keeps."""
    from sim.scenario import catalogue

    name = str(results.experiment.get("name", ""))
    return name if name in catalogue.shipped("experiment") else str(kept)


def _tell_failures(results: Results) -> None:
    """How many runs failed, and each reason once, with an example."""
    if not results.failed:
        return
    reasons = Counter(error.strip().splitlines()[-1] for error in results.failed.values())
    _say(f"{_count(len(results.failed), 'run')} failed; a failed run is tried again when the batch is started again:")
    for reason, times in reasons.most_common(5):
        place = next(p for p, error in results.failed.items() if error.strip().endswith(reason))
        _say(f"  {times} with {reason} (such as {place[0]}, level {place[1]}, replication {place[2]})")


def _progress(results: Results) -> list[dict[str, Any]]:
    """Planned, done, failed and open runs of each scenario and level."""
    open_runs = Counter(place[:2] for place in results.missing)
    failed = Counter(place[:2] for place in results.failed)
    asked = Counter(place[:2] for place in results.asked)
    rows = []
    for place, total in asked.items():
        counts = {"planned": total, "done": total - open_runs[place], "failed": failed[place]}
        rows.append({"scenario": place[0], "level": place[1], **counts, "to_do": open_runs[place]})
    return rows


def open_results(folder: Path) -> Results:
    """The results in a folder, or in the one of that name among the results."""
    from sim.batch.store import Results

    return Results.open(_place(folder))


def _place(folder: Path) -> Path:
    """The folder, or the one of that name among the results."""
    among = Path("results") / folder
    return among if not folder.exists() and among.is_dir() else folder


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _say(*lines: str) -> None:
    """Plain lines; commands and paths are not broken, so that they can be copied."""
    for line in lines:
        print(textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False, subsequent_indent="  "))
