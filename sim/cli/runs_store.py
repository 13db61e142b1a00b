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
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.law import Format
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.execute import Tally
    from sim.batch.plan import Plan
    from sim.batch.store import Results
    from sim.scenario.experiment import Experiment
    from sim.scenario.schema import Scenario

WIDTH = 80
"""Columns that every terminal has."""

MOST_SHOWN = 40
"""Scenarios beyond which a batch ends without tables: nobody reads them, and a design is read by other means."""


class Printed(StrEnum):
    """How a comparison is printed."""

    table = "table"
    json = "json"
    csv = "csv"
    latex = "latex"


Folder = Annotated[
    str, typer.Argument(metavar="DIR", help="A folder or address of results; a name alone is sought in results/.")
]


def batch(
    experiment: Annotated[str, typer.Argument(help="An experiment by name, or its file.")],
    replications: Annotated[
        int | None, typer.Option(help="Seeds per scenario; the experiment's own by default.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes; one a processor by default.")] = None,
    into: Annotated[str | None, typer.Option(help="Folder or address of the results; results/NAME by default.")] = None,
    voters: Annotated[int | None, typer.Option(help="Simulated voters in every scenario.")] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS|FILE", help="Run on a dask cluster, by address or scheduler file.")
    ] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Do the i-th of n parts; start the others on the same disk.")
    ] = None,
    timeout: Annotated[float | None, typer.Option(metavar="SECONDS", help="The most a run may take; no limit.")] = None,
    retries: Annotated[
        int | None, typer.Option(min=0, help="Times a run is begun again whose worker died or ran out of time; 3.")
    ] = None,
) -> None:
    """Run every scenario of an experiment many times and compare them; a stopped batch goes on where it was."""
    from sim.batch.execute import RETRIES, Shard
    from sim.scenario.experiment import load_experiment

    if dask is not None and workers is not None:
        raise InputError("--workers are processes here, and --dask works elsewhere; leave one out.")
    asked = load_experiment(experiment)
    scenarios = asked.scenarios
    if voters is not None:  # under the same names: another size is another folder, not another scenario
        scenarios = [s.vary("population.voters", voters, name=s.name, title=s.title) for s in scenarios]
    folder = into if into is not None else str(Path("results") / asked.name)
    options: dict[str, Any] = {"--replications": replications, "--workers": workers, "--into": into, "--voters": voters}
    options |= {"--dask": dask, "--shard": shard, "--timeout": timeout, "--retries": retries}
    again = ["majilis", "batch", experiment, *(str(w) for o in options.items() if o[1] is not None for w in o)]
    work = {
        "workers": workers if workers is not None else os.cpu_count() or 1,
        "resume": shlex.join(again),
        "timeout": timeout,
        "retries": RETRIES if retries is None else retries,
        "shard": None if shard is None else Shard.read(shard),
    }
    first = asked.replications if replications is None else replications
    with _elsewhere(dask, timeout) as executor:
        try:
            results, tally = _rounds(asked, scenarios, first, folder, work | {"executor": executor})
        except KeyboardInterrupt:
            raise typer.Exit(130) from None  # what is kept and how to go on has been said
    _tell_outcome(results, tally, asked)


def _elsewhere(dask: str | None, timeout: float | None) -> AbstractContextManager[Executor | None]:
    """The executor of a cluster, or none."""
    if dask is None:
        return nullcontext()
    from sim.batch import cluster

    return cluster.dask(dask, timeout)


def _rounds(
    asked: Experiment, scenarios: Sequence[Scenario], first: int, folder: str, work: dict[str, Any]
) -> tuple[Results, Tally]:
    """Run the replications asked for, and more of them in rounds where the experiment says when to stop."""
    from sim.batch.execute import run_all
    from sim.batch.plan import plan
    from sim.batch.store import Results

    number, stop = first, getattr(asked, "stop", None)
    runs = plan(scenarios, number, asked.stations)
    _tell_plan(asked, runs, folder, work)
    while True:
        tally = run_all(runs, folder, experiment=asked, **work)
        results = Results.open(folder)
        if stop is None or work["shard"] is not None or not tally.asked:
            return results, tally
        from sim.analysis import stopping

        found = stopping.widest(results, asked.primary, asked.against, number)
        more = stopping.next_replications(number, found, stop.width, max(stop.most, first))
        wide = "cannot be told" if found.width is None else f"is {found.width:.3g} wide"
        at = f"{found.scenario}, level {found.level}"
        if more == number:
            enough = found.width is not None and found.width <= stop.width
            _say(f"Stop: with {number} replications the widest interval ({at}) {wide}; asked: {stop.width:g}.")
            if not enough:
                _say(f"  It is not reached; stop.most = {stop.most} ended it.")
            return results, tally
        _say(f"Round: with {number} replications the widest interval ({at}) {wide}; {more} are next.")
        number = more
        runs = plan(scenarios, number, asked.stations)


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
    from sim.batch.places import place

    folder = _place(folder)
    broken = parts.damaged(place(folder))
    if broken:
        named = ", ".join(f"{folder}/{name}" for name in broken)
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
    to: Annotated[Path, typer.Option(metavar="FILE", help="The file to write: .csv, .parquet, .dta (Stata) or .tex.")],
    table: Annotated[
        str,
        typer.Option(
            help="runs, parties, decisions, funnel, regions, stations, months; lives, lineage, years, elections"
        ),
    ] = "runs",
    settings: Annotated[
        bool, typer.Option("--settings", help="With a column for every setting in which the scenarios differ.")
    ] = False,
    stations: Annotated[
        bool, typer.Option("--stations", help="The ledger of every station, ballot by ballot: --table stations.")
    ] = False,
) -> None:
    """Write a table of a store as one file, one row a run, party, decision or whatever the table holds."""
    from sim.analysis.export import export as written_to

    if stations and table not in ("runs", "stations"):
        raise InputError(f"--stations and --table {table} ask for two tables; export one at a time.")
    table = "stations" if stations else table
    if not to.parent.is_dir():
        raise InputError(f"--to {to}: there is no folder {to.parent}.")
    try:
        written = written_to(open_results(folder), table, to, settings=settings)
    except OSError as fault:
        raise InputError(f"--to {to}: cannot be written ({fault.strerror or fault}).") from None
    empty = (
        "" if written.rows else " No run left rows in it; station rows are kept as the experiment's `stations` says."
    )
    _say(f"{written.rows} rows of {table} with {written.columns} columns are in {to}.{empty}")
    if written.renamed:
        some = ", ".join(f"{old} as {new}" for old, new in list(written.renamed.items())[:3])
        _say(f"{_count(len(written.renamed), 'name')} cut or changed for Stata ({some}); labels have them in full.")


def _tell_plan(asked: Experiment, runs: Plan, folder: str, work: dict[str, Any]) -> None:
    names = {scenario.name for scenario in runs.scenarios}
    levels = {scenario.level for scenario in runs.scenarios}
    seeds = len(runs.replications)
    crew = _count(work["workers"], "worker") if work["executor"] is None else "a dask cluster"
    part = f", part {work['shard'].number} of {work['shard'].of}" if work["shard"] else ""
    _say(
        f"Question: {asked.question}",
        f"Estimand: {asked.estimand}",
        f"Primary outcome: {asked.primary}",
        f"Plan: {_count(len(names), 'scenario')} x {_count(len(levels), 'level')} x {_count(seeds, 'replication')}"
        f" = {_count(len(runs), 'run')}{part}, {crew}, into {folder}",
    )
    if levels == {"low", "high"}:  # a reader of the tables meets these words before their caution
        _say("Levels: low takes the count to be little manipulated, high much; neither is known to hold.")
    if not sys.stderr.isatty() and "://" not in folder:
        log = f"batch-shard-{work['shard'].number}-of-{work['shard'].of}.log" if work["shard"] else "batch.log"
        _say(f"To follow it: tail -f {shlex.quote(f'{folder}/{log}')}")
    sys.stdout.flush()  # before the bar, which goes to the other stream


def _tell_outcome(results: Results, tally: Tally, asked: Experiment) -> None:
    from sim.analysis.compare import compare as paired
    from sim.analysis.outcomes import measured
    from sim.analysis.summary import summarise

    _tell_failures(results)
    if not any(counts.done for counts in results.counts().values()):
        _say(f"No run came through. Tracebacks: majilis status {results.folder} --format json")
        raise typer.Exit(1)
    shown = measured(results, None)[:3]  # the primary outcome and what stands next to it; the rest on request
    print()
    if len(results.scenarios) <= MOST_SHOWN:
        _tell_names(shown)
        print(summarise(results, shown).to_text(WIDTH))
        print()
        try:
            print(paired(results, shown).to_text(WIDTH))
        except InputError as reason:
            _say(f"No comparison: {reason}")
        print()
    unfinished = sum(max(counts.planned - counts.done - counts.failed, 0) for counts in results.counts().values())
    if unfinished:
        _say(f"{_count(unfinished, 'run')} of the plan are for other parts to do: majilis status {results.folder}")
    _say(
        str(tally),
        f"Results: {results.folder}",
        f"All outcomes: majilis compare {results.folder}",
        f"Figures: majilis figures {results.folder}",
        f"For other programs: majilis export {results.folder} --to runs.csv"
        + (" --settings" if getattr(asked, "points", 0) else ""),
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
    shown = rows if len(rows) <= MOST_SHOWN else [_summed(rows)]
    widest = min(40, max(len("scenario"), *(len(row["scenario"]) for row in shown)))
    print(f"{'scenario':<{widest}}  {'level':<6}{'planned':>9}{'done':>9}{'failed':>9}{'to do':>9}")
    for row in shown:
        counts = "".join(f"{row[name]:>9}" for name in ("planned", "done", "failed", "to_do"))
        print(f"{row['scenario'][:widest]:<{widest}}  {row['level']:<6}{counts}")
    print()
    _tell_failures(results)
    _tell_work(results)
    kept = ", ".join(table for table in results.tables)
    left = sum(row["to_do"] for row in rows)
    if not left:
        _say(f"Complete. Tables: {kept}.", f"Next: majilis compare {results.folder}")
        return
    if results.place.exists("experiment.toml"):
        again = f"majilis batch {shlex.quote(_source(results))} --into {results.folder}"
    else:
        again = f"sim.run(..., into={str(results.folder)!r})"
    _say(f"{_count(left, 'run')} of the plan not done. To go on: {again}")


def _summed(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One row for many scenarios."""
    names = len({row["scenario"] for row in rows})
    sums = {name: sum(row[name] for row in rows) for name in ("planned", "done", "failed", "to_do")}
    return {"scenario": f"{names:,} scenarios", "level": "all", **sums}


def _tell_work(results: Results) -> None:
    """Whether a batch is at work, and the last that its log says."""
    from sim.batch.store import at_work

    busy = at_work(results.place)
    for name in (name for name in results.place.names() if name.startswith("batch") and name.endswith(".log")):
        lines = results.place.read(name).decode("utf-8", "replace").splitlines()
        if lines and (busy or not lines[-1].partition(" ")[2].startswith("ends:")):
            _say(f"{'At work' if busy else 'Not at work'}; {name} last says: {lines[-1]}")


def _source(results: Results) -> str:
    """What to type for the experiment of a folder: its name where it ships, else the copy that the folder keeps."""
    from sim.scenario import catalogue

    name = str(results.experiment.get("name", ""))
    return name if name in catalogue.shipped("experiment") else results.place.address("experiment.toml")


def _tell_failures(results: Results) -> None:
    """How many runs failed, and each reason once, with an example and how to see it happen."""
    failed = results.failed
    if not failed:
        return
    reasons = Counter(_reason(error) for error in failed.values())
    _say(f"{_count(len(failed), 'run')} failed; a failed run is tried again when the batch is started again:")
    keys = results.failed_keys
    for reason, times in reasons.most_common(5):
        place = next(p for p, error in failed.items() if _reason(error) == reason)
        _say(f"  {times} with {reason} (such as {place[0]}, level {place[1]}, replication {place[2]})")
        _say(f"  to see it: majilis run --key {keys[place]} --from {results.folder}")


def _reason(error: str) -> str:
    return (error.strip().splitlines() or [""])[-1]


def _progress(results: Results) -> list[dict[str, Any]]:
    """Planned, done, failed and open runs of each scenario and level."""
    return [
        {
            "scenario": scenario,
            "level": level,
            "planned": counts.planned,
            "done": counts.done,
            "failed": counts.failed,
            "to_do": max(counts.planned - counts.done, 0),
        }
        for (scenario, level), counts in results.counts().items()
    ]


def open_results(folder: Path | str) -> Results:
    """The results in a folder, or in the one of that name among the results; or at an address."""
    from sim.batch.store import Results

    return Results.open(_place(str(folder)))


def _place(folder: str) -> str:
    """The folder, or the one of that name among the results."""
    among = Path("results") / folder
    return str(among) if "://" not in folder and not Path(folder).exists() and among.is_dir() else folder


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _say(*lines: str) -> None:
    """Plain lines; commands and paths are not broken, so that they can be copied."""
    for line in lines:
        print(textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False, subsequent_indent="  "))
