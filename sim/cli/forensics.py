"""The verb `forensics`: election forensics of a table of stations, of a results folder, or of one simulated run."""

from __future__ import annotations

import csv
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.law import WIDTH, Format
from sim.cli.run import Level
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.analysis.forensics.columns import Asked
    from sim.analysis.forensics.examine import Examination
    from sim.analysis.forensics.stations import Stations

Column = list[str] | None


def forensics(
    source: Annotated[
        str,
        typer.Argument(metavar="FILE", help="Stations (CSV, Parquet, zip), a results folder, or a scenario to run."),
    ],
    leader: Annotated[Column, typer.Option(metavar="COLUMN", help="Votes asked about; part of a name will do.")] = None,
    voters: Annotated[Column, typer.Option(metavar="COLUMN", help="Voters on the list; repeat to add up.")] = None,
    given: Annotated[Column, typer.Option(metavar="COLUMN", help="Ballots given out; repeat to add up.")] = None,
    cast: Annotated[Column, typer.Option(metavar="COLUMN", help="Ballots in the box; repeat to add up.")] = None,
    region: Annotated[Column, typer.Option(metavar="COLUMN", help="Region.")] = None,
    territory: Annotated[Column, typer.Option(metavar="COLUMN", help="Smaller place, within a region.")] = None,
    station: Annotated[Column, typer.Option(metavar="COLUMN", help="Station.")] = None,
    observed: Annotated[Column, typer.Option(metavar="COLUMN", help="1 where observers were, else 0.")] = None,
    lists: Annotated[Column, typer.Option(metavar="COLUMN", help="Votes of another list; repeat.")] = None,
    columns: Annotated[Path | None, typer.Option(metavar="TOML", help="File that names the columns.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of the file, such as cp1251; found out by itself.")] = None,
    separator: Annotated[str | None, typer.Option(help="comma, semicolon, tab, pipe; found out by itself.")] = None,
    only_region: Annotated[str | None, typer.Option(metavar="NAME", help="Only the stations of one region.")] = None,
    min_voters: Annotated[int, typer.Option(min=0, help="Leave smaller stations out of the regression.")] = 0,
    draws: Annotated[int, typer.Option(min=20, help="Redraws of integer peaks.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Seed of redraws and resamples.")] = 1,
    election: Annotated[str | None, typer.Option(metavar="NAME", help="Which, of a file of party,votes.")] = None,
    scenario: Annotated[str | None, typer.Option(help="Which, of a results folder.")] = None,
    level: Annotated[Level | None, typer.Option(help="Which level, of a folder or a scenario.")] = None,
    replication: Annotated[int | None, typer.Option(help="Which run, of a results folder.")] = None,
    society: Annotated[int, typer.Option(min=0, help="Seed of who the people are, of a scenario.")] = 1,
    history: Annotated[int, typer.Option(min=0, help="Seed of what happens, of a scenario.")] = 1,
    figures: Annotated[Path | None, typer.Option(metavar="DIR", help="Also draw figures into this folder.")] = None,
    format: Annotated[Format, typer.Option(help="How the findings are printed.")] = Format.table,
) -> None:
    """Election forensics: what tests find in a table of stations, what they rest on, and what they cannot tell.

    Columns are region, territory, station, voters, given, cast, leader, observed; other names are mapped by options,
    by a TOML file with the same keys, or known. A file of party,votes gets the test of national totals alone.
    """
    from sim.analysis.forensics.columns import Asked, read_map
    from sim.analysis.forensics.settings import ForensicSettings

    named = {
        **{"leader": leader, "voters": voters, "given": given, "cast": cast, "region": region},
        **{"territory": territory, "station": station, "observed": observed, "lists": lists},
    }
    asked = Asked({key: texts for key, texts in named.items() if texts}, encoding, separator)
    if columns is not None:
        asked = asked.over(read_map(columns))
    settings = ForensicSettings(draws=draws, seed=seed, least_voters=min_voters)
    path = Path(source)
    if path.is_dir() or (Path("results") / source).is_dir():
        folder = path if path.is_dir() else Path("results") / source
        found = _of_folder(folder, scenario, level, replication, settings)
    elif path.is_file() and path.suffix.lower() != ".toml":
        found = _of_file(path, asked, only_region, election, settings)
    else:
        found = _of_scenario(source, level, society, history, settings)
    _print(found, format)
    drawn = _draw(found.stations, figures) if figures is not None else []
    if format is Format.table:
        typer.echo("")
        for one in drawn:
            typer.echo(one)
        if found.stations is None:
            typer.echo(f"Next: majilis indices {shlex.quote(source)} measures results, where seats are there.")
        elif figures is None:
            typer.echo(f"Next: majilis forensics {shlex.quote(source)} --figures DIR draws the stations, too.")
        else:
            typer.echo(f"{len(drawn)} figures in {figures}.")


def _of_file(path: Path, asked: Asked, only_region: str | None, election: str | None, settings: Any) -> Examination:
    """Stations of a file; or national totals, where it has the columns party and votes and no stations."""
    from sim.analysis.forensics.examine import examine, of_totals
    from sim.analysis.forensics.reading import read

    votes = None if asked.columns else _totals(path, election)
    if votes is not None:
        return of_totals(votes, str(path), settings)
    there = read(path, asked)
    return examine(there if only_region is None else there.of_region(only_region), settings)


def _totals(path: Path, election: str | None) -> dict[str, int] | None:
    """National totals by list of a file of party,votes, read as the verb `seats` reads it; None of another file."""
    from sim.analysis.forensics import tables
    from sim.analysis.forensics.columns import choose, plain
    from sim.cli.onfile import read_lists

    header = tables.read(path).rows[0][1]
    names = {plain(name) for name in header}
    if not {"party", "votes"} <= names or choose(header, {}).places.get("voters"):
        return None
    faults: list[str] = []
    notes: list[str] = []
    lists = read_lists(path, None, faults, notes, election)
    if faults:
        raise InputError("\n".join(faults))
    return {line.party: line.votes for line in lists}


def _of_folder(
    folder: Path, scenario: str | None, level: Level | None, replication: int | None, settings: Any
) -> Examination:
    """The stations of one run of a results folder; if none is named the first of the scenario compared with."""
    from sim.analysis.forensics.examine import examine, of_run
    from sim.batch.store import Results

    results = Results.open(folder)
    held = results.to_frame("stations")
    if held.empty:
        raise InputError(
            f"{folder} holds no station rows; set stations = true in the experiment and run it again, "
            "or give a scenario."
        )
    wanted = {
        "scenario": scenario or results.experiment.get("against") or results.scenarios[0],
        "level": level.value if level else None,
        "replication": replication,
    }
    for column, value in wanted.items():
        known = list(dict.fromkeys(held[column]))
        if value is None:
            value = known[0]
        if value not in known:
            raise InputError(
                f"no {column} {value} with station rows in {folder}; held: {', '.join(map(str, known[:12]))}"
            )
        held = held[held[column] == value]
        wanted[column] = value
    official, true = of_run(held, f"{wanted['scenario']} ({wanted['level']}), run {wanted['replication']} of {folder}")
    return examine(official, settings, truth=true)


def _of_scenario(name: str, level: Level | None, society: int, history: int, settings: Any) -> Examination:
    """The stations of one run made now."""
    import pandas as pd

    from sim.analysis.forensics.examine import examine, of_run
    from sim.cli.run import asked_for, simulated

    if Path(name).suffix.lower() not in ("", ".toml"):
        raise InputError(f"{name}: no such file; give a table of stations, a results folder, or a scenario by name.")
    outcome = simulated(asked_for(name, level, None), society, history)
    spec = outcome.model.spec
    rows = outcome.tables(stations=True)["stations"]
    official, true = of_run(pd.DataFrame(rows), f"{spec.name} ({spec.level}), society {society}, history {history}")
    return examine(official, settings, truth=true)


def _print(found: Examination, format: Format) -> None:
    if format is Format.json:
        typer.echo(found.to_json())
    elif format is Format.csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(["test", "estimate", "low", "high", "unit", "p", "refused", "why", "cannot_tell"])
        for name, one in found.findings.items():
            low, high = one.interval or (None, None)
            writer.writerow([name, one.estimate, low, high, one.unit, one.p, one.refused, one.why, one.cannot_tell])
    else:
        typer.echo(found.to_text(WIDTH))


def _draw(there: Stations | None, folder: Path) -> list[Path]:
    """The figures that a table of stations allows."""
    from sim.figures import save, station_plates

    if there is None:
        raise InputError("--figures: national totals cannot be drawn; give a table of stations.")
    written = []
    for name, plate in station_plates(there).items():
        try:
            written.append(save(plate(), folder / f"{name}.png"))
        except InputError as fault:
            typer.echo(f"{name} not drawn: {fault}", err=True)
    return written
