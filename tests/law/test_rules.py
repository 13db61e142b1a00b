"""The law of a day, and amendments that replace what they name and nothing else."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.law.rules import SECTIONS, Overrides, Rules, exact
from sim.law.timeline import Law
from sim.strict import InputError


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2/3", Fraction(2, 3)),
        (0.05, Fraction(1, 20)),
        ("0.05", Fraction(1, 20)),
        ("5%", Fraction(1, 20)),
        ("5 %", Fraction(1, 20)),
        (0, Fraction(0)),
        (1, Fraction(1)),
        (Fraction(1, 7), Fraction(1, 7)),
    ],
)
def test_a_share_means_what_is_written(written: object, meant: Fraction) -> None:
    assert exact(written) == meant
    assert Overrides.model_validate({"list": {"threshold": written}}).given == {"list.threshold": meant}


@given(st.integers(0, 10_000))
def test_a_decimal_is_exact_although_a_float_is_not(hundredths_of_percent: int) -> None:
    assert exact(float(f"{hundredths_of_percent / 10_000:.4f}")) == Fraction(hundredths_of_percent, 10_000)


@pytest.mark.parametrize(
    ("section", "rule", "value", "fault"),
    [
        ("list", "threshold", 5, r"did you mean 0.05 \(5%\)\?"),
        ("list", "threshold", 101, "must lie between 0 and 1$"),
        ("list", "threshold", -0.1, "must lie between 0 and 1$"),
        ("list", "threshold", "a twentieth", "write a number"),
        ("list", "threshold", "1/0", "write a number"),
        ("list", "threshold", True, "write a number"),
        ("list", "threshold", [0.05], "write a number"),
        ("list", "max_length", -1, "must not be negative"),
        ("registration", "members", "5000", "valid integer"),
        ("registration", "members", -5, "greater than or equal to 0"),
        ("registration", "member", 500, "Extra inputs"),
        ("registration", "congress_in_person", "no", "valid boolean"),
        ("list", "threshold_base", "given", "'cast' or 'valid'"),
        ("lists", "threshold", 0.05, "Extra inputs"),
    ],
)
def test_a_faulty_amendment_is_refused(section: str, rule: str, value: object, fault: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Overrides.model_validate({section: {rule: value}})
    [found] = refused.value.errors()
    assert found["loc"][0] == section
    assert re.search(fault, found["msg"])


def test_amendments_replace_the_value_of_the_day_and_never_history(law: Law) -> None:
    day = date(2023, 3, 19)
    history = law.parameters["registration.members"].history
    amended = law.on(day, Overrides.model_validate({"registration": {"members": 500}}))
    assert amended.registration.members == 500
    assert amended.origins["registration.members"] == "scenario"
    assert law.parameters["registration.members"].history is history
    assert law.on(day).registration.members == 5000
    assert law.on(day).origins["registration.members"] == "enacted"


def test_an_amendment_touches_only_what_it_names(law: Law) -> None:
    day = date(2023, 3, 19)
    plain = law.on(day).model_dump(exclude={"origins"})
    amended = law.on(day, Overrides.model_validate({"ballot": {"against_all": False}})).model_dump(exclude={"origins"})
    assert amended.pop("ballot") == {"against_all": False}
    assert plain.pop("ballot") == {"against_all": True}
    assert amended == plain


def test_an_amendment_to_zero_or_no_is_an_amendment(amended: Callable[..., Rules]) -> None:
    rules = amended(registration={"members_per_region": 0, "congress_in_person": False})
    assert rules.registration.members_per_region == 0
    assert not rules.registration.congress_in_person


def test_the_total_follows_an_amended_tier(amended: Callable[..., Rules]) -> None:
    rules = amended(chamber={"list_seats": 150, "district_seats": 0})
    assert rules.chamber.seats == 150
    assert rules.origins["chamber.seats"] == "scenario"


def test_seats_that_do_not_sum_are_refused_with_the_sum(amended: Callable[..., Rules]) -> None:
    with pytest.raises(InputError, match="seats = 98 but list_seats 69 \\+ district_seats 28 = 97"):
        amended(chamber={"seats": 98, "district_seats": 28})
    with pytest.raises(InputError, match="seats = 98 but all tiers = 0"):
        amended(chamber={"seats": 98, "district_seats": 0, "list_seats": 0})


def test_the_longest_list_is_whole_persons(amended: Callable[..., Rules], of_2023: Rules) -> None:
    assert of_2023.max_names == 90  # 130 % of 69 is 89.7
    assert amended(list={"max_length": 0}).max_names is None


def test_no_amendments_are_no_change(law: Law) -> None:
    assert Overrides().given == {}
    assert law.on(date(2023, 3, 19), Overrides()) == law.on(date(2023, 3, 19))


def test_amendments_are_written_and_read_back_exactly() -> None:
    given_ = Overrides.model_validate({"list": {"threshold": "1/30"}, "registration": {"barred_bases": ["ethnic"]}})
    assert Overrides.model_validate_json(given_.model_dump_json()) == given_
    assert pickle.loads(pickle.dumps(given_)) == given_


def test_the_law_is_frozen(of_2023: Rules) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        of_2023.registration.members = 1  # type: ignore[misc]


def test_every_rule_says_what_it_is() -> None:
    for section, model in SECTIONS.items():
        for rule, field in model.model_fields.items():
            extra: Any = field.json_schema_extra
            assert field.description, f"{section}.{rule}"
            assert "unit" in extra


AMENDMENTS: list[dict[str, dict[str, object]]] = [
    {},
    {"registration": {"members": 1000, "members_per_region": 0}},
    {"chamber": {"list_seats": 98, "district_seats": 0}, "list": {"threshold": "1/30"}},
]


@pytest.mark.parametrize("sections", AMENDMENTS)
def test_the_law_of_a_stretch_is_the_law_of_every_day_in_it(law: Law, sections: dict[str, dict[str, object]]) -> None:
    """Resolved once between two changes, asked for in any order, against each day resolved by itself."""
    overrides = Overrides.model_validate(sections)
    one = timedelta(days=1)
    around = {day + step for day in law.changes for step in (-one, timedelta(0), one, 40 * one)}
    asked = sorted(around | {date(1995, 1, 1), date(2035, 1, 1)}, key=lambda day: (day.day, day))
    fresh = replace(law)  # nothing worked out yet
    for day in asked:
        assert fresh.on(day, overrides) == law.resolved(day, overrides.given)


def test_the_law_of_other_amendments_is_other_law(law: Law) -> None:
    day = date(2023, 3, 19)
    few, many = (Overrides.model_validate({"registration": {"members": n}}) for n in (500, 50_000))
    assert [law.on(day, amended).registration.members for amended in (few, many, few)] == [500, 50_000, 500]
    assert law.amended(few) is law.amended(Overrides.model_validate({"registration": {"members": 500}}))


def test_a_contradiction_is_told_of_the_day_that_was_asked_for(law: Law) -> None:
    amended = law.amended(Overrides.model_validate({"chamber": {"seats": 1}}))
    for day in (date(2023, 3, 19), date(2023, 3, 20)):
        with pytest.raises(InputError, match=f"law on {day}"):
            amended.on(day)
