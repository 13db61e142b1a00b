"""The pages that describe the model say what the code says: docs/odd.md and docs/parameters.md."""

from __future__ import annotations

import dataclasses
import re
import typing
from pathlib import Path

import pytest

from sim.actors.commission import Commissions
from sim.actors.party import Character, Decision, Status
from sim.actors.roster import AUTONOMOUS
from sim.analysis.calibrate import LEVELS
from sim.law.timeline import Law
from sim.malpractice.practice import OPEN, Practice
from sim.model import ElectionModel
from sim.process.ledger import Ledger
from sim.scenario import reference
from sim.scenario.explain import dotted, settings
from sim.scenario.schema import Mechanism, Scenario
from sim.society.electorate import Electorate
from sim.society.geography import Stations

type Run = tuple[ElectionModel, set[str]]

ROOT = Path(__file__).parents[2]
ODD = (ROOT / "docs" / "odd.md").read_text("utf-8")
PARAMETERS = ROOT / "docs" / "parameters.md"

SETTINGS = {dotted(place): setting for place, setting in settings(Scenario).items()}
TOPS = tuple(name for name, setting in SETTINGS.items() if setting.table is not None and "." not in name)
"""The tables of a scenario; a name with a point that starts with one of them is a setting wherever it stands."""

STATE = {
    "voter": set(Electorate.columns),
    "commission": set(Commissions.columns),
    "character": {field.name for field in dataclasses.fields(Character)},
    "station": {field.name for field in dataclasses.fields(Stations)},
    "ledger": {field.name for field in dataclasses.fields(Ledger)},
    "decision": set(Decision._fields),
}
"""State variables that the page may name, by what they belong to; those of a party are read off a party."""


def ticked(text: str) -> set[str]:
    """Every name in backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def dotted_settings(text: str) -> set[str]:
    """Everything that reads like the dotted path of a setting, in backticks, in equations, or bare."""
    return set(re.findall(rf"(?<![\w/.])((?:{'|'.join(TOPS)})(?:\.[a-z_]+)+)(?!\w)", text))


def section(title: str) -> str:
    """The part of the page under a heading, up to the next heading of any level."""
    found = re.search(rf"^#+ {re.escape(title)}.*?$(.*?)(?=^#+ |\Z)", ODD, re.MULTILINE | re.DOTALL)
    assert found, f"docs/odd.md has no heading {title!r}"
    return found[1]


def columns(run: Run) -> dict[str, set[str]]:
    """Columns of every table a run leaves behind."""
    return {name: set(rows[0]) if rows else set() for name, rows in run[0].outcome.tables(stations=True).items()}


def test_the_page_of_settings_is_fresh() -> None:
    assert PARAMETERS.read_text("utf-8") == reference.markdown(), (
        "docs/parameters.md is old; refresh it: python -m sim.scenario.reference > docs/parameters.md"
    )


def test_the_page_of_settings_has_every_setting_once() -> None:
    named = re.findall(r"^\| `([a-z_.]+)` \|", reference.markdown(), re.MULTILINE)
    series = {"decades.pressure", "decades.elite"}
    whole = {name for name, setting in SETTINGS.items() if setting.table is None or name in series}
    below = ("decades.amendment.law.", "decades.pressure.", "decades.elite.")
    parts = {name for name in whole if name.startswith(below)}
    assert sorted(named) == sorted(whole - parts)


def test_every_default_on_the_page_of_settings_has_a_mark() -> None:
    free = {"name", "title", "case", "election", "level", "law_day"}  # choices of the user
    free |= {"decades.pressure", "decades.counted_from"}
    free |= {f"decades.amendment.{name}" for name in ("on", "practice", "parties")}
    rows = re.findall(r"^\| `([a-z_.]+)` \| .* \| ([a-z-]+) \| [^|]*\|$", reference.markdown(), re.MULTILINE)
    assert {name for name, mark in rows if mark == "-"} == free


@pytest.mark.parametrize("name", Practice.model_fields)
def test_practices_are_shown_enacted_and_open(name: str) -> None:
    enacted, opened = (f"{getattr(values, name):g}" for values in (Practice(), OPEN))
    assert f"| `practice.{name}` | {enacted} | {opened} | " in reference.markdown()


def test_a_pipe_in_a_cell_does_not_make_a_new_cell() -> None:
    assert "a \\| b" in reference._drawn(("x",), [("a | b",)])


def test_every_setting_the_page_names_exists() -> None:
    assert {name for name in dotted_settings(ODD) if name not in SETTINGS} == set()


def test_every_name_in_backticks_is_one_of_the_code(run_and_rules_read: Run) -> None:
    tables, party = columns(run_and_rules_read), next(iter(run_and_rules_read[0].parties.values()))

    def known(name: str) -> bool:
        owner, _, attribute = name.partition(".")
        return (
            name in SETTINGS
            or name in tables
            or name in tables["runs"]
            or attribute in tables.get(owner, ())
            or attribute in STATE.get(owner, ())
            or (owner == "party" and hasattr(party, attribute))
            or ("/" in name and (ROOT / name).exists())
        )

    assert {name for name in ticked(ODD) if not known(name)} == set()


@pytest.mark.parametrize("name", Mechanism.model_fields)
def test_every_mechanism_is_described(name: str) -> None:
    assert re.search(rf"mechanism\.{name}\b", ODD)


@pytest.mark.parametrize("name", Practice.model_fields)
def test_every_practice_is_described(name: str) -> None:
    assert re.search(rf"practice\.{name}\b", ODD)


def test_every_setting_of_a_mechanism_stands_in_a_rule() -> None:
    wanted = {
        name for name, s in SETTINGS.items() if s.table is None and name.startswith(("mechanism.", "population."))
    }
    assert wanted - dotted_settings(ODD) == set()


def test_the_table_of_measures_explains_exactly_those_of_a_run(run_and_rules_read: Run) -> None:
    rows = [line for line in section("Appendix A").splitlines() if line.startswith("| `")]
    explained = {name for line in rows for name in ticked(line.split(" | ")[0])}
    measured = set(run_and_rules_read[0].outcome.measures())
    assert explained - measured == set()
    assert measured - explained == set()


def test_the_law_that_acts_is_the_law_a_run_reads(run_and_rules_read: Run) -> None:
    named = {name.removeprefix("law.") for name in dotted_settings(section("7.19")) if name.startswith("law.")}
    assert named == run_and_rules_read[1]


def test_the_codings_of_autonomy_are_those_of_the_code() -> None:
    told = re.search(r"\*Strict\*: (.*?)\. \*Middle\*: (.*?)\. \*Broad\*: (.*?)\. ", " ".join(ODD.split()))
    assert told
    assert told.groups() == (
        "hard opposition",
        "hard and soft opposition",
        "these, parties of unknown conduct, and independent deputies",
    )
    assert list(AUTONOMOUS["strict"]) == ["hard_opposition"]
    assert AUTONOMOUS["middle"] - AUTONOMOUS["strict"] == {"soft_opposition"}
    assert AUTONOMOUS["broad"] - AUTONOMOUS["middle"] == {"unknown", "independent"}


def test_the_states_of_a_group_are_those_of_the_code() -> None:
    told = re.search(r"`party\.status` is one of \*(.*?)\*", " ".join(ODD.split()))
    assert told
    assert tuple(state.replace(" ", "_") for state in told[1].split(", ")) == typing.get_args(Status)


def test_the_assumed_pressures_are_those_of_the_fit() -> None:
    assert f"({LEVELS['low']:g} probits for *low*, {LEVELS['high']:g} for *high*)" in " ".join(ODD.split())


def test_the_page_follows_the_order_of_the_protocol() -> None:
    wanted = [
        "1. Purpose and patterns",
        "2. Entities, state variables and scales",
        "3. Process overview and scheduling",
        "4. Design concepts",
        "5. Initialization",
        "6. Input data",
        "7. Submodels",
    ]
    assert re.findall(r"^## (\d\. .*)$", ODD, re.MULTILINE) == wanted


def test_all_eleven_design_concepts_are_treated_in_order() -> None:
    concepts = [
        "Basic principles",
        "Emergence",
        "Adaptation",
        "Objectives",
        "Learning",
        "Prediction",
        "Sensing",
        "Interaction",
        "Stochasticity",
        "Collectives",
        "Observation",
    ]
    assert re.findall(r"^\*\*(.*?)\.\*\*", section("4. Design concepts"), re.MULTILINE) == concepts


def test_what_a_run_does_not_read_is_still_on_record(run_and_rules_read: Run) -> None:
    """The page says that other rules are accepted and shown; the model's law must hold them all."""
    law = run_and_rules_read[0].law
    assert isinstance(law, Law)
    assert run_and_rules_read[1] < set(law.parameters)
