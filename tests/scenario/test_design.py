"""Designs: their points, their faults, and the space they fill."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.scenario.experiment import load_experiment
from sim.strict import InputError

HEAD = """
question = "How do two settings act together?"
estimand = "a response surface"
primary = "enp_seats"
scenarios = ["kz-2023"]
levels = ["low"]
replications = 2
"""
MEMBERS, DISCRETION = "law.registration.members", "practice.discretion"


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def read(design: str, head: str = HEAD):
        (tmp_path / "my.toml").write_text(head + design, "utf-8")
        return load_experiment("my.toml")

    return read


def factor(setting: str, rest: str) -> str:
    return f'\n[[design.factor]]\nsetting = "{setting}"\n{rest}\n'


def points(experiment):
    return [(one.law.registration.members, one.practice.discretion) for one in experiment.scenarios[1:]]


VALUES = factor(MEMBERS, "values = [500, 5000]") + factor(DISCRETION, "values = [0.0, 0.5, 1.0]")
RANGES = factor(MEMBERS, 'low = 100\nhigh = 50000\nscale = "log"') + factor(DISCRETION, "low = 0\nhigh = 1")


def test_a_grid_has_every_combination(ask):
    found = ask('[design]\nkind = "grid"' + VALUES)
    assert points(found) == [(m, d) for m in (500, 5000) for d in (0.0, 0.5, 1.0)]
    assert [one.name for one in found.scenarios] == ["kz-2023", *(f"kz-2023-p{i}" for i in range(1, 7))]
    assert found.scenarios[1].title.endswith("law.registration.members = 500, practice.discretion = 0.0")
    assert found.points == 6


def test_zip_takes_values_side_by_side(ask):
    pairs = factor(MEMBERS, "values = [500, 5000]") + factor(DISCRETION, "values = [0.0, 1.0]")
    assert points(ask('[design]\nkind = "zip"' + pairs)) == [(500, 0.0), (5000, 1.0)]
    with pytest.raises(InputError, match=r"as many values of each factor; found .*members 2, .*discretion 3"):
        ask('[design]\nkind = "zip"' + VALUES)


def test_a_list_is_written_as_in_a_scenario(ask):
    found = ask(
        '[design]\nkind = "list"\n[[design.point]]\nlaw.registration.members = 500\n'
        "[[design.point]]\npractice.discretion = 0.25\nlaw.registration.members = 700\n"
    )
    assert points(found)[1] == (700, 0.25)
    assert found.scenarios[1].practice == found.scenarios[0].practice


@pytest.mark.parametrize("kind", ["latin", "sobol"])
def test_samples_fill_every_part_of_each_range_and_are_a_function_of_the_seed(ask, kind):
    design = f'[design]\nkind = "{kind}"\npoints = 64'
    found = points(ask(design + RANGES))
    members = np.log([m for m, _ in found])
    places = [
        (members - np.log(100)) / np.log(500),
        np.array([d for _, d in found]),
    ]
    for place in places:
        counts, _ = np.histogram(place, bins=16, range=(0, 1))
        assert counts.tolist() == [4] * 16  # stratified; rounding to whole members moves nothing across here
    assert points(ask(design + RANGES)) == found
    assert points(ask(design + "\nseed = 2" + RANGES)) != found


def test_points_share_what_does_not_change(ask):
    base, *others = ask('[design]\nkind = "grid"' + VALUES).scenarios
    assert all(one.mechanism is base.mechanism for one in others)


@pytest.mark.parametrize(
    ("design", "said"),
    [
        ('[design]\nkind = "sobol"\npoints = 100' + RANGES, "a Sobol design has a power of two; 64 or 128"),
        ('[design]\nkind = "latin"' + RANGES, "design.points is missing"),
        ('[design]\nkind = "grid"\npoints = 3' + VALUES, "the points of a grid are counted"),
        ('[design]\nkind = "grid"' + RANGES, "values is missing"),
        ('[design]\nkind = "latin"\npoints = 3' + VALUES, "values are of grid and zip; write low and high"),
        ('[design]\nkind = "grid"', "design.factor is missing"),
        ('[design]\nkind = "list"', "at least one [[design.point]]"),
        ('[design]\nkind = "grid"' + factor("law.registration.member", "values = [1]"), 'Did you mean "members"'),
        ('[design]\nkind = "grid"' + factor("practice", "values = [1]"), "is a table; name one setting in it"),
        ('[design]\nkind = "grid"' + factor("level", 'values = ["high"]'), "is no setting that a design varies"),
        ('[design]\nkind = "grid"' + factor(DISCRETION, "values = [0.5]") * 2, "stands there twice"),
        ('[design]\nkind = "grid"' + factor(DISCRETION, "values = [0.5, 20]"), "design, point 2 (practice.discr"),
        ('[design]\nkind = "latin"\npoints = 3' + factor(DISCRETION, "low = 1\nhigh = 0"), "must lie below high"),
        (
            '[design]\nkind = "latin"\npoints = 3' + factor(DISCRETION, 'low = 0\nhigh = 1\nscale = "log"'),
            "a logarithmic range begins above 0",
        ),
        ('[design]\nkind = "latin"\npoints = 1000000000' + RANGES, "at most 100,000 are made"),
        ('[design]\nkind = "grid"\nbase = "kz-2024"' + VALUES, 'Did you mean "kz-2023"'),
        ("[stop]\nwidth = 0.1\nmost = 1", "stop.most"),
        ("[stop]\nwidth = 0\nmost = 10", "stop.width"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_design_is_told_in_the_words_of_the_file(ask, design, said):
    with pytest.raises(InputError) as fault:
        ask(design)
    assert said in str(fault.value)
    assert "my.toml: " in str(fault.value)
