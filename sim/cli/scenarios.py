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
    from sim.process.decades_settings import Amendment
    from sim.scenario.experiment import Experiment
    from sim.scenario.schema import Scenario

_WIDEST = 40
"""Columns that a name may take before its title goes below it."""


def scenarios(format: Annotated[Format, typer.Option(help="How the list is printed.")] = Format.table) -> None:
    """List the scenarios and experiments that ship with the program, variants below what they vary."""
    rows = listed()
    if format is Format.json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if format is Format.csv:
        table = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
        return
    typer.echo("Scenarios")
    for row in (row for row in rows if row["kind"] == "scenario" and not row["base"]):
        variants = [one for one in rows if one["base"] == row["name"]]
        _list([row], "  ")
        _list([one | {"title": _without(one["title"], row["title"])} for one in variants], "    ")
        if variants:
            typer.echo("")
    typer.echo("Experiments")
    _list([row for row in rows if row["kind"] == "experiment"], "  ")
    typer.echo("\nNext: majilis run kz-2023, or majilis batch demo")


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
            if catalogue.kind_of(catalogue.read(path)) == "experiment":
                lines = _of_experiment(load_experiment(path))
            else:
                scenario = load(path)
                names.setdefault(scenario.name, []).append(shown)
                lines = _of_scenario(scenario)
        except InputError as refused:
            faults += [line for line in str(refused).splitlines() if line not in faults]
        else:
            typer.echo(f"OK {shown}")  # a path is never broken
            _say(*(f"  {line}" for line in lines))
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
    """Kind, name, title and base of everything that ships with the program; an experiment's title is its question.

    The base of a scenario is the shortest other name that its own continues after a hyphen; empty where there is none.
    A run of decades is never the variant of a single election.
    """
    from sim.scenario import catalogue

    kinds: list[catalogue.Kind] = ["scenario", "experiment"]
    found = [
        {"kind": kind, "name": name, "title": catalogue.title(path)}
        for kind in kinds
        for name, path in catalogue.shipped(kind).items()
    ]
    spans = {name for name in catalogue.shipped("scenario") if catalogue.of_decades(name)}
    names = sorted((row["name"] for row in found if row["kind"] == "scenario"), key=len)
    alike = {name: [one for one in names if (one in spans) == (name in spans)] for name in names}
    return [
        row | {"base": _base(row["name"], alike[row["name"]]) if row["kind"] == "scenario" else ""} for row in found
    ]


def _base(name: str, names: list[str]) -> str:
    return next((one for one in names if name.startswith(f"{one}-")), "")


def _list(rows: list[dict[str, str]], margin: str) -> None:
    """A line a name with its title beside it, or below it where the name is long."""
    widest = min(_WIDEST, max((len(row["name"]) for row in rows), default=0))
    for row in rows:
        beside = f"{margin}{row['name']:{widest}}  "
        text = row["title"]
        if len(row["name"]) > widest:
            typer.echo(f"{margin}{row['name']}")
            beside = " " * len(beside)
        lines = textwrap.wrap(beside + text, WIDTH, subsequent_indent=" " * len(beside), drop_whitespace=True)
        typer.echo("\n".join(lines) or beside.rstrip())


def _without(title: str, base: str) -> str:
    """A variant's title without what its base's says as well before the first comma."""
    head, comma, _ = base.partition(", ")
    return title.removeprefix(f"{head}{comma}") if comma else title


def highlights(scenario: Scenario) -> list[str]:
    """The law of election day and the practices of a scenario, in a few short lines."""
    from sim.law.registration import effective_threshold
    from sim.scenario import case as cases

    if scenario.decades is not None:
        return _highlights_of_decades(scenario)
    case = cases.load(scenario.case, scenario.election)
    rules = case.law_on(case.day, scenario)
    law, chamber = rules.registration, rules.chamber
    congress = "a congress in person" if law.congress_in_person else "no congress in person"
    threshold = f"{float(rules.list.threshold):.3g}"
    day = f"of {scenario.law_day} throughout" if scenario.law_day else f"on {case.day}"
    register = dict(zip(case.geography.codes, case.geography.register.tolist(), strict=True))
    needed = effective_threshold(rules, register)
    return [
        f"law {day}: {law.members:,} members, {law.members_per_region:,} in every region (for a party that "
        f"recruits in proportion to voters, {needed:,} in all), an initiative group of {law.initiative_group:,}, "
        f"{congress}; {chamber.list_seats} list seats at a threshold of {threshold}, {chamber.district_seats} district "
        "seats",
        f"practice: {_practice(scenario)}; level {scenario.level}; {scenario.population.voters:,} simulated voters",
        *([f"other settings: {', '.join(others)}"] if (others := _others(scenario)) else ()),
    ]


def _highlights_of_decades(scenario: Scenario) -> list[str]:
    """The span, the law of each day with what the scenario changes and when, and the practices."""
    from sim.scenario import checks

    assert scenario.decades is not None
    span = scenario.decades
    held = ", ".join(case.election for case in checks.elections_within(scenario))
    law = f"law of {scenario.law_day} throughout" if scenario.law_day else "law of each day"
    given = ", ".join(f"{name} = {_value(value)}" for name, value in scenario.law.given.items())
    changes = [
        f"from {change.on}: {', '.join(f'{name} = {_value(value)}' for name, value in _changed(change).items())}"
        for change in sorted(span.amendment, key=lambda change: change.on)
    ]
    return [
        f"decades: {span.since} to {span.until}, elections {held}; parties of the record until {span.given_until}, "
        "then those of the run",
        f"{law}{f', with {given} from the start' if given else ''}",
        *changes,
        f"practice: {_practice(scenario)}; level {scenario.level}; {scenario.population.voters:,} simulated voters",
        *([f"other settings: {', '.join(others)}"] if (others := _others(scenario)) else ()),
    ]


def _changed(change: Amendment) -> dict[str, Any]:
    """What an amendment changes, by the key that a file gives it."""
    return change.law.given | {
        f"{table}.{name}": strength
        for table in ("practice", "parties")
        for name, strength in getattr(change, table).items()
    }


def _value(value: Any) -> str:
    from sim.scenario.resolved import said

    return said(value)


def _practice(scenario: Scenario) -> str:
    """Which practices are not as they were; those of the party policy too where the scenario has them."""
    every = dict(scenario.practice)
    if scenario.decades is not None:
        every |= {f"decades.practice.{name}": value for name, value in scenario.decades.practice}
    changed = {name: value for name, value in every.items() if value != 1}
    if not changed:
        return "every practice as it was"
    if len(changed) == len(every) and not any(changed.values()):
        return "every practice off"
    return ", ".join(f"{name} {value:g}" for name, value in changed.items()) + ", the rest as it was"


def _others(scenario: Scenario) -> list[str]:
    """Settings of the society and the mechanisms that differ from their defaults, by dotted key."""
    from sim.scenario.explain import as_read, dotted, settings

    found = []
    for place, setting in settings(type(scenario)).items():
        if _told_apart(scenario, place) and setting.table is None:
            value: Any = scenario
            for part in place:
                value = getattr(value, part)
            if value != setting.field.default:
                found.append(f"{dotted(place)} = {as_read(value)}")
    return found


def _told_apart(scenario: Scenario, place: tuple[str, ...]) -> bool:
    """Whether a setting is one of society, mechanism or decades that no other line tells of."""
    if place[0] == "decades" and len(place) > 1:
        own = ("amendment", "practice", "pressure", "elite", "since", "until", "given_until")
        return scenario.decades is not None and place[1] not in own
    return place[0] in ("population", "mechanism")


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
    listed = experiment.scenarios[: levels * (number - experiment.points) : levels]  # of points there may be thousands
    said = [f"{one.name}: {text}" for one in listed for text in map(str, checks.remarks(one))]
    return [
        f"{experiment.name}: {experiment.question}",
        f"{plan} = {runs:,} runs, against {experiment.against}; primary outcome {experiment.primary}",
        *_of_design(experiment),
        *_of_dose(experiment),
        *_of_interactions(experiment),
        *said,
    ]


def _of_design(experiment: Experiment) -> list[str]:
    """How many of the scenarios are points of a design, and when more replications are added."""
    said = []
    if experiment.points:
        said.append(f"{experiment.points:,} of them points of a design, {experiment.scenarios[-1].name} the last")
    if experiment.stop is not None:
        said.append(
            f"replications are added until the widest interval is {experiment.stop.width:g} wide, to at most "
            f"{experiment.stop.most:,}"
        )
    return said


def _of_dose(experiment: Experiment) -> list[str]:
    """The dose of every scenario, and whether they differ at all."""
    from sim.scenario.resolved import number, resolved, said

    if experiment.dose is None:
        return []
    scenarios = experiment.scenarios[:: len(experiment.levels)]
    values = {one.name: resolved(one).values[experiment.dose] for one in scenarios}
    if lacking := [name for name, value in values.items() if number(value) is None]:
        return [f"note: dose {experiment.dose} has no value in {', '.join(lacking)}."]
    if len(set(values.values())) == 1:
        return [f"note: dose {experiment.dose} is {said(next(iter(values.values())))} in every scenario."]
    ordered = sorted(values.items(), key=lambda item: item[1])
    return [f"dose {experiment.dose}: {', '.join(f'{said(value)} ({name})' for name, value in ordered)}"]


def _of_interactions(experiment: Experiment) -> list[str]:
    """Each 2 x 2 contrast, with a word where the scenario with both is not exactly the two changes."""
    from sim.scenario.resolved import changes, resolved

    worlds = {one.name: resolved(one) for one in experiment.scenarios}
    lines = []
    for entry in experiment.interactions:
        first, second, both = (changes(worlds[experiment.against], worlds[entry[role]]) for role in entry)
        lines.append(f"interaction: {entry['both']} - {entry['first']} - {entry['second']} + {experiment.against}")
        if odd := {str(change) for change in both} ^ {str(change) for change in (*first, *second)}:
            lines.append(
                f"note: {entry['both']} is not the changes of {entry['first']} and {entry['second']} together; they "
                f"differ in {'; '.join(sorted(odd)[:3])}{'; ...' if len(odd) > 3 else ''}."
            )
    return lines


def _file(name: str) -> Path:
    """The file of a shipped scenario or experiment, or the path itself."""
    from sim.scenario import catalogue

    if name in catalogue.shipped("experiment"):
        return catalogue.find(name, "experiment")
    return catalogue.find(name, "scenario")


def _next(files: list[str]) -> str:
    from sim.scenario import catalogue

    verb = "batch" if catalogue.kind_of(catalogue.read(_file(files[0]))) == "experiment" else "run"
    return f"majilis {verb} {shlex.quote(files[0])}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _say(*lines: Any) -> None:
    for line in lines:
        margin = " " * (len(line) - len(line.lstrip()) + 2)
        typer.echo(textwrap.fill(line, WIDTH, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False))
