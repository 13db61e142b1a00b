"""Statutory months and clocks that stop."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.law.calendar import Clock, add_months, last_day

days = st.dates(date(1990, 1, 1), date(2050, 1, 1))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2022, 9, 24), 2, date(2022, 11, 24)),
        (date(2022, 12, 31), 2, date(2023, 2, 28)),
        (date(2023, 12, 31), 2, date(2024, 2, 29)),
        (date(2022, 11, 24), 3, date(2023, 2, 24)),
        (date(2022, 6, 30), 0, date(2022, 6, 30)),
        (date(2022, 1, 31), 12, date(2023, 1, 31)),
    ],
)
def test_a_statutory_month_ends_on_the_same_day_or_on_the_last_of_a_shorter_month(
    day: date, months: int, expected: date
) -> None:
    assert add_months(day, months) == expected


@given(days, st.integers(0, 60))
def test_more_months_never_end_sooner(day: date, months: int) -> None:
    assert add_months(day, months) < add_months(day, months + 1)


def test_a_term_of_no_months_is_no_term() -> None:
    assert last_day(date(2022, 9, 24), 0) is None
    assert last_day(date(2022, 9, 24), 4) == date(2023, 1, 24)


def test_thirty_days_of_review_do_not_count_the_day_of_filing() -> None:
    clock = Clock(date(2023, 3, 1), 30)
    assert clock.due == date(2023, 3, 31)
    assert not clock.expired(date(2023, 3, 31))
    assert clock.expired(date(2023, 4, 1))


def test_the_review_stands_still_while_names_are_checked() -> None:
    stopped = Clock(date(2023, 3, 1), 30).stop(date(2023, 3, 11))
    assert stopped.due is None
    assert not stopped.expired(date(2030, 1, 1))
    assert stopped.elapsed(date(2023, 6, 1)) == 10
    resumed = stopped.resume(date(2023, 5, 1))
    assert resumed.elapsed(date(2023, 5, 1)) == 10
    assert resumed.due == date(2023, 5, 21)


def test_stopping_twice_or_resuming_a_running_clock_changes_nothing() -> None:
    clock = Clock(date(2023, 3, 1), 30)
    assert clock.resume(date(2023, 3, 5)) == clock
    stopped = clock.stop(date(2023, 3, 5))
    assert stopped.stop(date(2023, 3, 9)) == stopped


def test_a_clock_cannot_stop_before_it_starts_nor_resume_before_it_stops() -> None:
    clock = Clock(date(2023, 3, 1), 30)
    with pytest.raises(ValueError, match="cannot stop on 2023-02-28"):
        clock.stop(date(2023, 2, 28))
    with pytest.raises(ValueError, match="cannot run again from 2023-03-04"):
        clock.stop(date(2023, 3, 5)).resume(date(2023, 3, 4))


def test_a_clock_without_a_term_never_runs_out() -> None:
    clock = Clock(date(2023, 3, 1), 0)
    assert clock.due is None
    assert not clock.expired(date(2050, 1, 1))


@given(days, st.integers(1, 90), st.integers(0, 200), st.integers(0, 200))
def test_a_stop_moves_the_end_by_exactly_its_length(start: date, term: int, after: int, length: int) -> None:
    stop = start + timedelta(days=after)
    clock = Clock(start, term).stop(stop).resume(stop + timedelta(days=length))
    assert clock.due == start + timedelta(days=term + length)
