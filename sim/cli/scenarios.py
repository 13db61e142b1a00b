"""The verbs on what is asked: `scenarios` lists it, `check` reports every fault of a file, `schema` describes files."""

from __future__ import annotations

import csv
import json
import shlex
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.law import WIDTH, Format
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.scenario.experiment import Experiment
    from sim.scenario.schema import Scenario

_OF_EXPERIMENTS = {"question", "estimand", "primary", "scenarios", "against", "replications"}
"""Keys that tell an experiment's file from a scenario's."""


def scenarios(format: Annotated[Format, typer.Option(help="How the list is printed.")] = Format.table) -> None:
    """List the scenarios and experiments that ship with the program."""
    rows = listed()
    if format is Format.json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if format is Format.csv:
        table = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
        return
    for kind in ("scenario", "experiment"):
        own = [row for row in rows if row["kind"] == kind]
        typer.echo(f"{kind.capitalize()}s")
        widest = max(len(row["name"]) for row in own)
        for row in own:
            if widest <= 36:
                margin = f"  {row['name']:{widest}}  "
                typer.echo(textwrap.fill(margin + row["title"], WIDTH, subsequent_indent=" " * len(margin)))
            else:
                typer.echo(f"  {row['name']}")
                typer.echo(textwrap.fill(row["title"], WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6))
        typer.echo("")
    typer.echo("Next: majilis run kz-2023, or majilis batch demo")


def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Scenario and experiment files, or names.")],
) -> None:
    """Read scenario and experiment files; report every fault of every file, and what deserves a word."""
    from sim.scenario import catalogue
    from sim.scenario.experiment import load_experiment, same_name
    from sim.scenario.load import load

    faults: list[str] = []
    names: dict[str, list[str]] = {}
    for file in dict.fromkeys(files):
        try:
            path = _file(file)
            shown = catalogue.shown(path)
            if _OF_EXPERIMENTS & catalogue.read(path).keys():
                lines = _of_experiment(load_experiment(path))
            else:
                scenario = load(path)
                names.setdefault(scenario.name, []).append(shown)
                lines = _of_scenario(scenario)
        except InputError as refused:
            faults += [line for line in str(refused).splitlines() if line not in faults]
        else:
            _say(f"OK {shown}", *(f"  {line}" for line in lines))
    faults += [same_name(name, paths) for name, paths in names.items() if len(paths) > 1]
    if faults:
        sys.stdout.flush()
        raise InputError("\n".join([*faults, _count(len(faults), "fault")]))
    typer.echo(f"{_count(len(dict.fromkeys(files)), 'file')} checked, no fault. Next: {_next(files)}")


def schema(
    experiment: Annotated[bool, typer.Option("--experiment", help="The schema of experiment files instead.")] = False,
) -> None:
    """Print the JSON Schema of scenario files: every setting with its limits, default, mark and source."""
    from sim.scenario.jsonschema import experiment_schema, scenario_schema

    typer.echo(json.dumps(experiment_schema() if experiment else scenario_schema(), indent=2, ensure_ascii=False))


def listed() -> list[dict[str, str]]:
    """Kind, name and title of everything that ships with the program; an experiment's title is its question."""
    from sim.scenario import catalogue

    kinds: list[catalogue.Kind] = ["scenario", "experiment"]
    return [
        {"kind": kind, "name": name, "title": catalogue.title(path)}
        for kind in kinds
        for name, path in catalogue.shipped(kind).items()
    ]


def highlights(scenario: Scenario) -> list[str]:
    """The law of election day and the practices of a scenario, in a few short lines."""
    from sim.law.registration import effective_threshold
    from sim.scenario import case as cases

    case = cases.load(scenario.case, scenario.election)
    rules = case.law.on(case.day, scenario.law)
    law, chamber = rules.registration, rules.chamber
    congress = "a congress in person" if law.congress_in_person else "no congress in person"
    threshold = f"{float(rules.list.threshold):.3g}"
    changed = {name: value for name, value in scenario.practice if value != 1}
    if not changed:
        practice = "every practice as it was"
    elif len(changed) == len(type(scenario.practice).model_fields) and not any(changed.values()):
        practice = "every practice off"
    else:
        practice = ", ".join(f"{name} {value:g}" for name, value in changed.items()) + ", the rest as it was"
    register = dict(zip(case.geography.codes, case.geography.register.tolist(), strict=True))
    needed = effective_threshold(rules, register)
    return [
        f"law on {case.day}: {law.members:,} members, {law.members_per_region:,} in every region (for a party that "
        f"recruits in proportion to voters, {needed:,} in all), an initiative group of {law.initiative_group:,}, "
        f"{congress}; {chamber.list_seats} list seats at a threshold of {threshold}, {chamber.district_seats} district "
        "seats",
        f"practice: {practice}; level {scenario.level}; {scenario.population.voters:,} simulated voters",
        *([f"other settings: {', '.join(others)}"] if (others := _others(scenario)) else ()),
    ]


def _others(scenario: Scenario) -> list[str]:
    """Settings of the society and the mechanisms that differ from their defaults, by dotted key."""
    from sim.scenario.explain import as_read, dotted, settings

    found = []
    for place, setting in settings(type(scenario)).items():
        if place[0] in ("population", "mechanism") and setting.table is None:
            value: Any = scenario
            for part in place:
                value = getattr(value, part)
            if value != setting.field.default:
                found.append(f"{dotted(place)} = {as_read(value)}")
    return found


def _of_scenario(scenario: Scenario) -> list[str]:
    from sim.scenario import checks

    return [f"{scenario.name}: {scenario.title}", *highlights(scenario), *map(str, checks.remarks(scenario))]


def _of_experiment(experiment: Experiment) -> list[str]:
    """What an experiment will run, and every remark on its scenarios once."""
    from sim.scenario import checks

    levels = len(experiment.levels)
    number = len(experiment.scenarios) // levels
    runs = len(experiment.scenarios) * experiment.replications
    plan = f"{number} scenarios x {_count(levels, 'level')} x {_count(experiment.replications, 'replication')}"
    said = [f"{one.name}: {text}" for one in experiment.scenarios[::levels] for text in map(str, checks.remarks(one))]
    return [
        f"{experiment.name}: {experiment.question}",
        f"{plan} = {runs:,} runs, against {experiment.against}; primary outcome {experiment.primary}",
        *said,
    ]


def _file(name: str) -> Path:
    """The file of a shipped scenario or experiment, or the path itself."""
    from sim.scenario import catalogue

    if name in catalogue.shipped("experiment"):
        return catalogue.find(name, "experiment")
    return catalogue.find(name, "scenario")


def _next(files: list[str]) -> str:
    from sim.scenario import catalogue

    verb = "batch" if _OF_EXPERIMENTS & catalogue.read(_file(files[0])).keys() else "run"
    return f"majilis {verb} {shlex.quote(files[0])}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _say(*lines: Any) -> None:
    for line in lines:
        margin = " " * (len(line) - len(line.lstrip()) + 2)
        typer.echo(textwrap.fill(line, WIDTH, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False))
