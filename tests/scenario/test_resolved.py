"""What a scenario's settings come to: the law of its day, the case's own figures, and what differs from another."""

from fractions import Fraction

import pytest

from sim.scenario import case as cases
from sim.scenario.explain import dotted, settings
from sim.scenario.load import load
from sim.scenario.resolved import Settings, changes, differing, number, resolved, said
from sim.scenario.schema import Scenario

BASE = load("kz-2023")
BARRED = "law.registration.barred_bases"


def test_every_setting_has_a_value():
    found = resolved(BASE).values
    wanted = {dotted(place) for place, one in settings(Scenario).items() if one.table is None}
    wanted = {name for name in wanted if not name.startswith("decades.")}  # a table that may be left out
    assert {name for name in wanted if name not in found and not name.startswith("reading.")} == set()
    assert found["law.registration.members"] == 5000
    assert found["law.list.threshold"] == Fraction(1, 20)
    assert found["mechanism.observers.share"] == cases.load("kazakhstan", "2023").own.observers


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("practice.discretion", 0, ["practice.discretion 1 -> 0"]),
        ("law.registration.members", 500, ["law.registration.members 5,000 -> 500"]),
        ("law.registration.members", 5000, []),  # what the law says anyway
        ("law.list.threshold", "3/100", ["law.list.threshold 0.05 -> 0.03"]),
        ("law.registration.congress_in_person", False, ["law.registration.congress_in_person yes -> no"]),
        ("law.registration.barred_bases", ["ethnic"], [f"{BARRED} ethnic, religious, gender -> ethnic"]),
        ("level", "high", ["level low -> high"]),
        ("title", "another name for the same", []),
    ],
)  # fmt: skip
def test_changes_are_those_that_make_a_difference(path, value, told):
    other = BASE.vary(path, value, name="other")
    assert [str(one) for one in changes(resolved(BASE), resolved(other))] == told


def test_what_is_left_to_the_case_is_no_change_where_it_only_follows():
    other = resolved(BASE.vary("law.chamber.district_seats", 49, name="other"))
    per_district = "mechanism.candidates.per_district"
    assert resolved(BASE).values[per_district] != other.values[per_district]
    assert {one.setting for one in changes(resolved(BASE), other)} == {
        "law.chamber.district_seats",
        "law.chamber.seats",
    }
    given = resolved(BASE.vary(per_district, 3.0, name="other"))
    assert [one.setting for one in changes(resolved(BASE), given)] == [per_district]


def test_another_election_differs_in_its_law_and_its_own_figures():
    names = {one.setting for one in changes(resolved(load("kz-2007")), resolved(BASE))}
    assert {"election", "law.registration.members", "mechanism.stations.count"} <= names


def test_settings_that_differ_keep_the_order_of_files():
    worlds = {
        "a": Settings({"x": 1, "y": 2, "z": 3, "level": "low"}),
        "b": Settings({"x": 1, "y": 5, "z": 4, "level": "high"}),
    }
    assert differing(worlds) == ["y", "z"]
    assert differing({}) == []


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "none"), (True, "yes"), (5000, "5,000"), (0.008150, "0.00815"), (Fraction(1, 20), "0.05"),
     (Fraction(1, 15), "1/15"), ((), "none"), (("a", "b"), "a, b"), (((1, 2), (3, 4)), "1, 2; 3, 4"), ("x", "x")],
)  # fmt: skip
def test_values_are_said_as_a_reader_says_them(value, words):
    assert said(value) == words


def test_numbers_are_numbers_and_words_are_none():
    assert [number(value) for value in (True, 3, 0.5, Fraction(1, 4), "3", None, (1,))] == [
        1.0, 3.0, 0.5, 0.25, None, None, None,
    ]  # fmt: skip
