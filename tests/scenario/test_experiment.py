"""Experiment files: doses and interactions are checked with the rest, in the words of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario import catalogue
from sim.scenario.experiment import ExperimentFile, load_experiment
from sim.scenario.schema import Scenario
from sim.strict import InputError

WHOLE = """
question = "Do two changes add up?"
estimand = "the interaction"
primary = "enp_seats"
scenarios = ["kz-2023", "kz-2023-members-500", "bound.toml", "kz-2023-members-500-bound-registrar"]
dose = "law.registration.members"
[[interaction]]
first = "kz-2023-members-500"
second = "bound.toml"
both = "kz-2023-members-500-bound-registrar"
"""


DOSE = "law.registration.members"


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The experiment of a text, in which one piece is replaced by another."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bound.toml").write_text('extends = "kz-2023-bound-registrar"\nname = "bound"\n', "utf-8")

    def read(old: str = "", new: str = "", text: str = WHOLE):
        assert old in text
        (tmp_path / "my.toml").write_text(text.replace(old, new, 1) if old else text, "utf-8")
        return load_experiment("my.toml")

    return read


def test_a_dose_and_an_interaction_are_kept_by_the_names_of_scenarios(ask) -> None:
    found = ask()
    assert found.dose == "law.registration.members"
    both = "kz-2023-members-500-bound-registrar"
    assert found.interactions == ({"first": "kz-2023-members-500", "second": "bound", "both": both},)


def test_both_may_be_left_out(ask) -> None:
    found = ask(text=WHOLE.partition("dose")[0])
    assert (found.dose, found.interactions) == (None, ())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('second = "bound.toml"', 'second = "bond"', '"bond" is none of the scenarios. Did you mean "bound"?'),
        ('second = "bound.toml"', 'second = "kz-2023"', 'interaction: "kz-2023" stands in it more than once'),
        ('second = "bound.toml"', 'secnd = "bound"', 'unknown key "interaction.secnd". Did you mean "second"?'),
        ('second = "bound.toml"', "second = 5", 'interaction.second = 5 is a number; write "5" in quotes.'),
        ("[[interaction]]", "[interaction]", "is one table where a list of tables belongs; write [[interaction]]"),
        ("[[interaction]]", "interaction = 5\n[other]", "interaction = 5 is a number; write tables under [[...]]."),
        ('second = "bound.toml"', "", "interaction.second is missing: the scenario with the other change."),
        (DOSE, "law.registration.member", 'dose: unknown key "law.registration.member". Did you mean "members"?'),
        (DOSE, "election", 'dose = "election" holds no number'),
        (DOSE, "law.registration", 'dose = "law.registration" holds no number'),
        (DOSE, "law.nomination.deposit_payable", "holds no number"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(ask, old: str, new: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        ask(old, new)
    assert said in str(refused.value)
    assert "my.toml: " in str(refused.value)


@pytest.mark.parametrize(
    "dose", ["law.list.threshold", "mechanism.observers.share", "practice.stuffing", "years_before"]
)
def test_settings_that_hold_a_number_are_doses(ask, dose: str) -> None:
    assert ask("law.registration.members", dose).dose == dose


def test_faults_of_dose_interaction_and_the_rest_are_told_at_once(ask) -> None:
    text = (
        WHOLE.replace("enp_seats", "enp_seat")
        .replace('both = "kz', 'both = "kx')
        .replace('members"\n[[', 'member"\n[[')
    )
    with pytest.raises(InputError) as refused:
        ask(text=text)
    lines = str(refused.value).splitlines()
    assert len(lines) == 3
    for word in ("primary", "dose", "interaction.both"):
        assert any(line.startswith(f"my.toml: {word}") for line in lines)


def test_a_scenario_given_as_an_experiment_is_recognised(ask, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load_experiment("bound.toml")
    assert str(refused.value) == "bound.toml is a scenario, not an experiment. To run it: majilis run bound.toml"
    with pytest.raises(InputError) as refused:
        load_experiment("kz-2023")
    assert str(refused.value) == '"kz-2023" is a scenario, not an experiment. To run it: majilis run kz-2023'


def test_the_keys_that_tell_the_kinds_apart_are_those_of_the_models() -> None:
    shared = {"name"}
    assert set(ExperimentFile.model_fields) - shared == catalogue.OF_EXPERIMENTS
    assert set(Scenario.model_fields) - shared | {"extends"} == catalogue.OF_SCENARIOS


@pytest.mark.parametrize(
    ("tree", "kind"),
    [({"extends": "x"}, "scenario"), ({"question": "x"}, "experiment"), ({}, None), ({"name": "x"}, None),
     ({"title": "x", "question": "?", "scenarios": []}, "experiment")],
)  # fmt: skip
def test_what_a_file_is_by_its_keys(tree: dict[str, object], kind: str | None) -> None:
    assert catalogue.kind_of(tree) == kind
