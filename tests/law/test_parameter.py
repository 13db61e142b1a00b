"""A parameter knows its honest dates, and what held before its first entry."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.law.parameter import Parameter, Period


def entry(since: str, value: int, **more: Any) -> dict[str, Any]:
    return {"since": since, "value": value, "act": "An act", "source": "A source", "confidence": "high"} | more


def parameter(*history: dict[str, Any], **more: Any) -> Parameter[int]:
    before = {"status": "unknown", "value": 0, "reason": "not looked up"}
    return Parameter[int].model_validate(
        {"name": "registration.members", "title": "Members", "before": before, "history": history} | more
    )


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2022-06-05", date(2022, 6, 5), date(2022, 6, 5)),
        ("2009-02", date(2009, 2, 1), date(2009, 2, 28)),
        ("2022", date(2022, 1, 1), date(2022, 12, 31)),
        ("2022-01-05/2022-09-19", date(2022, 1, 5), date(2022, 9, 19)),
        ("2004/2007", date(2004, 1, 1), date(2007, 12, 31)),
        ("2018/2020-05", date(2018, 1, 1), date(2020, 5, 31)),
    ],
)
def test_a_year_or_a_month_is_an_interval_and_not_its_first_day(text: str, first: date, last: date) -> None:
    period = Period.read(text)
    assert (period.first, period.last) == (first, last)
    assert period.known_on == last
    assert Period.read(period) is period


def test_where_a_day_is_needed_an_interval_is_its_midpoint() -> None:
    assert Period.read("2022-01-05/2022-09-19").midpoint == date(2022, 5, 13)
    assert Period.read("2022-06-05").midpoint == date(2022, 6, 5)


@given(st.dates(), st.dates())
def test_a_period_is_read_back_as_it_was_written(one: date, other: date) -> None:
    period = Period(min(one, other), max(one, other))
    assert Period.read(str(period)) == period
    assert period.first <= period.midpoint <= period.last


@pytest.mark.parametrize("text", ["2022", "2009-02", "2022-06-05", "2004/2007", "2022-01-05/2022-09-19"])
def test_a_period_is_written_no_longer_than_it_must_be(text: str) -> None:
    assert str(Period.read(text)) == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2022-09-19/2022-01-05", "ends before it begins"),
        ("2020/2021/2022", "more than two ends"),
        ("spring 2022", "not part of a date"),
        ("2022-06-05-01", "is not a date"),
        ("2022-13", "month"),
        ("", "not part of a date"),
    ],
)
def test_what_is_not_a_date_is_refused_with_the_reason(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Period.read(text)


def test_the_entry_in_force_is_the_last_that_has_begun() -> None:
    members = parameter(entry("2002-07-15", 50000), entry("2009-02-10", 40000))
    assert members.on(date(2009, 2, 9)).value == 50000
    assert members.on(date(2009, 2, 10)).value == 40000
    assert members.on(date(2009, 2, 10)).status == "enacted"
    assert members.history[0].known_on == date(2002, 7, 15)


@pytest.mark.parametrize("status", ["absent", "unknown", "assumed"])
def test_before_the_first_entry_absent_unknown_and_assumed_differ(status: str) -> None:
    before = {"status": status, "value": 10, "reason": "because"}
    standing = parameter(entry("2002-07-15", 50000), before=before).on(date(2002, 7, 14))
    assert (standing.status, standing.value, standing.entry, standing.reason) == (status, 10, None, "because")


def test_an_entry_that_no_source_gives_says_why_it_is_assumed() -> None:
    members = parameter(entry("2002-07-15", 2, source="", assumed="the value before 2022"))
    standing = members.on(date(2003, 1, 1))
    assert (standing.status, standing.reason) == ("assumed", "the value before 2022")
    with pytest.raises(ValidationError, match="needs a source"):
        parameter(entry("2002-07-15", 2, source=""))


def test_entries_come_in_order_of_time() -> None:
    with pytest.raises(ValidationError, match="must come after the entry of 2009-02-01"):
        parameter(entry("2009-02-01", 40000), entry("2002-07-15", 50000))


def test_what_the_law_never_ruled_has_no_history_and_stands_where_it_stood_before() -> None:
    assert parameter().on(date(2020, 1, 1)).entry is None


def test_what_other_sources_say_is_kept_beside_the_chosen_value() -> None:
    variant = {"value": 7, "source": "A newspaper", "why_not": "a report on the draft"}
    assert parameter(entry("2009-02-09", 2, variants=[variant])).history[0].variants[0].value == 7
