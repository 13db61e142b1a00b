"""An experiment: what is asked of many runs, written before any of them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import Field

from sim.measures.names import MEASURES, OF_DECADES
from sim.scenario import catalogue
from sim.scenario.design import Design, base_named, faults_of
from sim.scenario.design import scenarios as points_of
from sim.scenario.explain import as_read, sanitised, settings, unknown
from sim.scenario.load import Faulty, load, validated
from sim.scenario.schema import Level, Scenario
from sim.strict import InputError, Strict

Text = Annotated[str, Field(min_length=1)]
Stations = Literal["none", "first", "all"]


class Interaction(Strict):
    """Two changes of ``against``, each alone and both together: does the one matter more where the other is made?

    The contrast is both - first - second + against, seed by seed; 0 where the effects of the two add up.
    """

    first: Text = Field(description="the scenario with the one change")
    second: Text = Field(description="the scenario with the other change")
    both: Text = Field(description="the scenario with both")


class Stop(Strict):
    """When enough seeds have been run: replications are added in rounds until an interval is as narrow as asked.

    The interval is Student's 95 % of the primary outcome's paired difference, and the widest of all scenarios and
    levels decides. After looking it covers a little less than 95 % (sequential sampling: Chow & Robbins 1965).
    """

    width: Annotated[float, Field(gt=0)] = Field(description="width to reach, in the unit of the primary outcome")
    most: Annotated[int, Field(ge=2, le=1_000_000)] = Field(description="replications at which it ends in any case")


class ExperimentFile(Strict):
    """What an experiment file holds; scenarios are shipped names, or paths from the folder of the file."""

    name: Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9][a-z0-9._-]*$")] = Field(
        description="name of the experiment and of its folder of results; the file's own name by default"
    )
    question: Text = Field(description="what is asked, in one sentence")
    estimand: Text = Field(description="which difference answers it: of what, between what, over what")
    primary: Text = Field(description="the one outcome that decides, such as autonomous_seat_share_middle")
    scenarios: Annotated[tuple[Text, ...], Field(min_length=1)] = Field(description="names or files of the scenarios")
    levels: Annotated[tuple[Level, ...], Field(min_length=1)] = Field(
        ("low", "high"), description="readings of the official totals; they cannot tell which holds, so both are run"
    )
    against: Text | None = Field(None, description="the scenario the others are compared with; the first by default")
    replications: Annotated[int, Field(ge=1)] = Field(20, description="seeds per scenario and level, shared by all")
    why_replications: str = Field("", description="why so many: the difference they can tell from chance")
    stations: Stations = Field("first", description="whose station rows are kept: none, replication 1's, all")
    dose: Text | None = Field(
        None, description="setting whose value in each scenario is its dose, such as mechanism.observers.share"
    )
    interaction: tuple[Interaction, ...] = Field(
        (), description="2 x 2 contrasts both - first - second + against; each under [[interaction]]"
    )
    design: Design | None = Field(None, description="points that are run beside the scenarios: a grid, list or sample")
    stop: Stop | None = Field(None, description="add replications until the primary outcome is known well enough")


@dataclass(frozen=True)
class Experiment:
    """An experiment with its scenarios read: each at every level, in the order of the file.

    ``interactions`` are the entries of the file with the scenarios' names. ``text`` is the file as written. The last
    ``points`` of the scenarios of a level are those of the design.
    """

    name: str
    question: str
    estimand: str
    primary: str
    scenarios: list[Scenario]
    levels: tuple[str, ...]
    against: str
    replications: int
    why_replications: str
    stations: str
    dose: str | None
    interactions: tuple[dict[str, str], ...]
    text: str
    points: int = 0
    stop: Stop | None = None


def load_experiment(name_or_path: str | os.PathLike[str]) -> Experiment:
    """The experiment of that name among those that ship with the program, or in that TOML file.

    Raises:
        InputError: no such experiment, or one that cannot be run; every fault of the file and of its scenarios at once.
    """
    path = catalogue.find(name_or_path, "experiment")
    tree = catalogue.read(path)
    catalogue.expect(path, tree, "experiment")
    shown = catalogue.shown(path)
    try:
        asked = validated({"name": sanitised(path.stem)} | tree, ExperimentFile)
    except Faulty as refused:
        raise InputError("\n".join(f"{shown}: {fault.text}" for fault in refused.faults)) from None
    scenarios, faults = _scenarios(asked, path)
    unread = bool(faults)
    faults += _repeated(asked, scenarios)
    if asked.primary not in (known_measures := (*MEASURES, *OF_DECADES)):
        guess = catalogue.did_you_mean(asked.primary, known_measures)
        faults.append(f'primary = "{asked.primary}" is no outcome of a run.{guess} (all: docs/odd.md, appendix A)')
    known = [scenario.name for scenario in scenarios.values()]
    against = asked.against or (known[0] if known else "")
    interactions = [_by_name(entry, scenarios) for entry in asked.interaction]
    faults += _dose(asked.dose)
    if not unread:  # the names of all scenarios are known
        faults += _compared(against, interactions, known)
    if asked.stop is not None and asked.stop.most < asked.replications:
        faults.append(f"stop.most = {asked.stop.most} is below replications = {asked.replications}, which come first.")
    made: list[Scenario] = []
    if asked.design is not None:
        made, wrong = _designed(asked.design, scenarios, against, unread=unread)
        faults += wrong
    if faults:
        raise InputError("\n".join(f"{shown}: {fault}" for fault in faults))
    return Experiment(
        name=asked.name,
        question=asked.question,
        estimand=asked.estimand,
        primary=asked.primary,
        scenarios=[
            one.model_copy(update={"level": level}) for one in (*scenarios.values(), *made) for level in asked.levels
        ],
        levels=asked.levels,
        against=against,
        replications=asked.replications,
        why_replications=asked.why_replications,
        stations=asked.stations,
        dose=asked.dose,
        interactions=tuple(interactions),
        text=path.read_text(encoding="utf-8-sig"),
        points=len(made),
        stop=asked.stop,
    )


def _designed(
    design: Design, scenarios: dict[str, Scenario], against: str, *, unread: bool
) -> tuple[list[Scenario], list[str]]:
    """The scenarios of a design's points, and what is wrong with it."""
    faults = faults_of(design)
    if faults or unread:
        return [], faults
    base, faults = base_named(design, {one.name: one for one in scenarios.values()}, against)
    if base is None:
        return [], faults
    try:
        return points_of(design, base), []
    except InputError as fault:
        return [], str(fault).splitlines()


def _scenarios(asked: ExperimentFile, path: Path) -> tuple[dict[str, Scenario], list[str]]:
    """Each scenario by its entry in the file, and what is wrong with those that cannot be read."""
    found: dict[str, Scenario] = {}
    faults = []
    for entry in dict.fromkeys(asked.scenarios):
        try:
            found[entry] = load(catalogue.find(entry, "scenario", beside=path.parent))
        except InputError as fault:
            faults += [f"scenarios: {line}" for line in str(fault).splitlines()]
    return found, faults


def _repeated(asked: ExperimentFile, scenarios: dict[str, Scenario]) -> list[str]:
    """Scenarios and levels that are asked for twice, and two files of one name: results would be mixed."""
    faults = [
        f"{key} = {as_read(given)}: {as_read(entry)} stands there more than once."
        for key, given in (("scenarios", asked.scenarios), ("levels", asked.levels))
        for entry in dict.fromkeys(given)
        if given.count(entry) > 1
    ]
    ordered = sorted(scenarios.items(), key=lambda item: item[1].name)
    for name, group in groupby(ordered, key=lambda item: item[1].name):
        files = [entry for entry, _ in group]
        if len(files) > 1:
            faults.append(same_name(name, files))
    return faults


def _by_name(entry: Interaction, scenarios: dict[str, Scenario]) -> dict[str, str]:
    """An interaction with the names of its scenarios, where the file gives their paths."""
    return {role: scenarios[text].name if text in scenarios else text for role, text in entry}


def _compared(against: str, interactions: list[dict[str, str]], known: list[str]) -> list[str]:
    """What is wrong with the scenarios that others are compared with: unknown ones, and contrasts with themselves."""
    listed = f" (scenarios: {', '.join(known)})"
    faults = []
    if against not in known:
        guess = catalogue.did_you_mean(against, known)
        faults.append(f'against = "{against}" is none of the scenarios.{guess}{listed}')
    for entry in interactions:
        for role, name in entry.items():
            if name not in known:
                guess = catalogue.did_you_mean(name, known)
                faults.append(f'interaction.{role} = "{name}" is none of the scenarios.{guess}{listed}')
        four = [*entry.values(), against]
        if repeated := [name for name in dict.fromkeys(four) if four.count(name) > 1]:
            faults.append(
                f"interaction: {', '.join(catalogue.as_quoted(repeated))} stands in it more than once; first, second, "
                "both and against must be four scenarios."
            )
    return faults


def _dose(setting: str | None) -> list[str]:
    """What is wrong with the setting that is to be the dose: there is none, or it is no number."""
    if setting is None:
        return []
    place, every = tuple(setting.split(".")), settings(Scenario)
    if place not in every:
        return [f"dose: {unknown(place, Scenario)}"]
    if every[place].table is not None or not _is_number(every[place].field.annotation):
        return [f'dose = "{setting}" holds no number, so scenarios cannot be ordered by it; name one that does.']
    return []


def _is_number(kind: Any) -> bool:
    """Whether a setting of a type holds one number, or may."""
    if get_origin(kind) is tuple:
        return False
    return any(map(_is_number, get_args(kind))) if get_args(kind) else kind in (int, float, Fraction)


def same_name(name: str, files: list[str]) -> str:
    """The message for scenarios of one name in several files."""
    number = {2: "two", 3: "three"}.get(len(files), str(len(files)))
    return f'{number} files are named "{name}": {", ".join(files)}.'
