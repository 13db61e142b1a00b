"""The dose of a scenario is the value that its election day goes by, amended or not."""

import json
from types import SimpleNamespace

import pytest

from sim.analysis.doses import doses
from sim.scenario import case as cases
from sim.scenario.load import load
from sim.strict import InputError

BASE = load("kz-2023")


def store(*scenarios):
    planned = [
        {
            "scenario": one.name,
            "level": one.level,
            "replications": [[1, 2]],
            "settings": json.loads(one.model_dump_json()),
        }
        for one in scenarios
    ]
    return SimpleNamespace(planned=planned)


def vary(path, value, name="other"):
    return BASE.vary(path, value, name=name)


@pytest.mark.parametrize(
    ("setting", "value", "enacted"),
    [
        ("practice.discretion", 0.25, 1.0),
        ("law.registration.members", 700, 5000.0),
        ("law.list.threshold", "3/100", 0.05),
        ("law.registration.congress_in_person", False, 1.0),
        ("law.chamber.district_seats", 49, 29.0),
        ("population.voters", 3000, 20_000.0),
        ("mechanism.observers.share", 0.5, None),
    ],
)
def test_what_is_not_amended_is_the_law_of_the_day_or_the_cases_own(setting, value, enacted):
    own = cases.load("kazakhstan", "2023").own.observers if enacted is None else enacted
    other = vary(setting, value)
    expected = 0.03 if value == "3/100" else float(value)
    assert doses(store(BASE, other), setting) == {"kz-2023": own, "other": expected}


def test_the_law_of_another_day_is_the_law_of_that_day():
    later = vary("law_day", "2026-07-01", "later")
    found = doses(store(BASE, later), "law.chamber.list_seats")
    assert found == {"kz-2023": 69.0, "later": 145.0}


def test_each_election_has_its_own_law():
    found = doses(store(load("kz-2007"), BASE), "law.list.threshold")
    assert found == {"kz-2007": 0.07, "kz-2023": 0.05}


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("law.registration.member", 'unknown key "law.registration.member". Did you mean "members"?'),
        ("law.registration", "law.registration is a table of settings"),
        ("case", 'case is "kazakhstan" in kz-2023: a dose must be a number.'),
        ("law.registration.barred_bases", "a dose must be a number."),
        ("observers.share", 'unknown key "observers.share".'),
    ],
)
def test_what_is_no_dose_is_told(setting, said):
    with pytest.raises(InputError) as refused:
        doses(store(BASE), setting)
    assert said in str(refused.value)
