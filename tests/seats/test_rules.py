"""Thresholds, ties, the two-party rule and districts, as a jurist would put the cases."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from sim.law.apportionment import FORMULAS, Allocation, ListVotes, Tie, TwoPartyRule, allocate, plurality


def lists(*votes: int) -> list[ListVotes]:
    return [ListVotes(name, count) for name, count in zip("ABCDEFGH", votes, strict=False)]


def won(allocation: Allocation) -> list[int]:
    return list(allocation.seats.values())


def test_exactly_on_the_threshold_is_past_it() -> None:
    assert allocate(lists(7, 93), 10, Fraction(7, 100)).passed == ("A", "B")
    assert allocate(lists(6, 94), 10, Fraction(7, 100)).passed == ("B",)
    assert 7 < 0.07 * 100  # why shares are exact


def test_the_base_may_be_larger_than_the_votes() -> None:
    assert allocate(lists(7, 93), 10, Fraction(7, 100), base_votes=101).passed == ("B",)


def test_a_coalition_has_its_own_bar() -> None:
    lines = [ListVotes("coalition", 8, threshold=Fraction(10, 100)), ListVotes("A", 8), ListVotes("B", 84)]
    assert allocate(lines, 10, Fraction(7, 100)).passed == ("A", "B")


def test_a_list_without_votes_never_passes() -> None:
    assert allocate(lists(5, 0), 3).passed == ("A",)
    assert allocate(lists(0, 0), 3) == Allocation({"A": 0, "B": 0}, 3, (), ())


@pytest.mark.parametrize("rule", [None, TwoPartyRule()])
def test_where_no_list_passes_the_seats_stay_unfilled(rule: TwoPartyRule | None) -> None:
    result = allocate(lists(30, 30, 40), 98, Fraction(1, 2), two_party_rule=rule)
    assert result == Allocation({"A": 0, "B": 0, "C": 0}, 98, (), ())


def test_no_lists_no_votes() -> None:
    assert allocate([], 5) == Allocation({}, 5, (), ())


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_seats(formula: str) -> None:
    assert won(allocate(lists(5, 5), 0, formula=formula)) == [0, 0]
    assert won(allocate(lists(5), 0, formula=formula)) == [0]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_tie_goes_to_the_list_registered_first_and_is_reported(formula: str) -> None:
    equal: Any = FORMULAS[formula][1]
    result = allocate(lists(10, 10), 3, formula=formula)
    assert won(result) == [2, 1]
    assert result.ties == (Tie(("A", "B"), "the last seat", equal, ("A",), "order"),)
    assert won(allocate([*lists(10, 10)[::-1]], 3, formula=formula)) == [2, 1]
    told = f"tie for the last seat between A and B (equal {equal}); decided by order of registration"
    assert str(result.ties[0]) == told


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_tie_of_several_for_several_seats(formula: str) -> None:
    result = allocate(lists(10, 10, 10, 10), 6, formula=formula)
    assert won(result) == [2, 2, 1, 1]
    (tie,) = result.ties
    assert (tie.parties, tie.winners, tie.over) == (("A", "B", "C", "D"), ("A", "B"), "the last 2 seats")
    assert "between A, B, C and D" in str(tie)


@pytest.mark.parametrize("formula", FORMULAS)
def test_equals_who_all_win_are_no_tie(formula: str) -> None:
    assert allocate(lists(10, 10), 4, formula=formula).ties == ()


def test_a_tie_between_unequal_lists_may_be_decided_by_votes() -> None:
    small_first = lists(3, 9)  # quota 4: remainders 3 of 3 and 1 of 9; over 6 seats both hold half a quota
    assert won(allocate(small_first, 6)) == [2, 4]
    by_votes = allocate(small_first, 6, ties="votes")
    assert won(by_votes) == [1, 5]
    assert by_votes.ties[0].winners == ("B",)
    assert "decided by the larger number of votes, then order of registration" in str(by_votes.ties[0])
    assert won(allocate(lists(5, 5), 1, ties="votes")) == [1, 0]
    assert won(allocate(small_first, 3, formula="dhondt")) == [1, 2]  # 3/1 and 9/3 are equal
    assert won(allocate(small_first, 3, formula="dhondt", ties="votes")) == [0, 3]


def test_droop_never_gives_more_seats_than_there_are() -> None:
    """60 and 30 hold two quotas of 30 and one: three for two seats. The list with most quotas yields."""
    result = allocate(lists(60, 30), 2, formula="droop")
    assert (won(result), result.ties) == ([1, 1], ())
    tied = allocate(lists(50, 50), 1, formula="droop")
    assert won(tied) == [1, 0]
    assert tied.ties[0].parties == ("A", "B")
    assert won(allocate(lists(9), 4, formula="droop")) == [4]


def test_droop_overshoot_is_what_a_rounded_quota_gives() -> None:
    """Statutes take floor(votes / (seats + 1)) + 1; on millions of votes that is the quota a hair higher."""
    votes, seats = (3_000_000, 2_000_000, 1_000_000), 5
    quota = sum(votes) // (seats + 1) + 1
    held = [v // quota for v in votes]
    order = sorted(range(3), key=lambda i: -(votes[i] % quota))
    for i in order[: seats - sum(held)]:
        held[i] += 1
    assert won(allocate(lists(*votes), seats, formula="droop")) == held == [2, 2, 1]


def test_modified_sainte_lague_makes_the_first_seat_dearer() -> None:
    assert won(allocate(lists(52, 12), 3, formula="sainte-lague")) == [2, 1]  # 52/5 = 10.4 < 12
    assert won(allocate(lists(52, 12), 3, formula="modified-sainte-lague")) == [3, 0]  # 12/1.4 = 8.6


def test_the_two_party_rule_counts_by_its_own_quota() -> None:
    """Q = (80 + 6) / 86 = 1, so 0.7 * 6 = 4.2 gives 4 seats and the leader has the rest."""
    result = allocate(lists(80, 6, 5), 86, Fraction(7, 100), two_party_rule=TwoPartyRule())
    assert (won(result), result.unfilled, result.admitted) == ([82, 4, 0], 0, "B")


def test_the_two_party_rule_guarantees_two_seats() -> None:
    assert won(allocate(lists(99, 1), 98, Fraction(7, 100), two_party_rule=TwoPartyRule())) == [96, 2]
    assert won(allocate(lists(99, 1), 98, Fraction(7, 100), two_party_rule=TwoPartyRule(minimum=7))) == [91, 7]


@pytest.mark.parametrize(("seats", "expected"), [(0, [0, 0]), (1, [1, 0]), (2, [1, 1]), (3, [2, 1]), (4, [2, 2])])
def test_the_guarantee_never_outgrows_a_small_house(seats: int, expected: list[int]) -> None:
    assert won(allocate(lists(99, 1), seats, Fraction(7, 100), two_party_rule=TwoPartyRule())) == expected


def test_the_two_party_rule_needs_a_second_list_with_votes() -> None:
    result = allocate(lists(99, 0), 10, Fraction(7, 100), two_party_rule=TwoPartyRule())
    assert (won(result), result.admitted) == ([10, 0], None)
    only = [ListVotes("A", 99), ListVotes("none", 1, against_all=True)]
    assert won(allocate(only, 10, Fraction(7, 100), two_party_rule=TwoPartyRule())) == [10]


def test_a_tie_for_the_second_place_is_reported() -> None:
    result = allocate(lists(90, 5, 5), 98, Fraction(7, 100), two_party_rule=TwoPartyRule())
    assert result.admitted == "B"
    assert result.ties == (Tie(("B", "C"), "the place of the second list", "votes", ("B",), "order"),)


def test_correction_and_minimum_of_the_rule_are_settings_with_marks() -> None:
    for field in TwoPartyRule.model_fields.values():
        assert isinstance(field.json_schema_extra, dict)
        assert field.json_schema_extra["mark"] == "sourced"


def test_a_district_goes_to_most_votes() -> None:
    assert plurality(lists(3, 5, 4)).winner == "B"
    assert plurality(lists(3, 5, 4)).tie is None


def test_a_tie_in_a_district_is_reported() -> None:
    district = plurality(lists(3, 5, 5))
    assert district.winner == "B"
    assert district.tie == Tie(("B", "C"), "the seat", "votes", ("B",), "order")


def test_against_all_never_wins_a_district() -> None:
    assert plurality([ListVotes("none", 9, against_all=True), ListVotes("A", 1)]).winner == "A"


def test_a_district_without_votes_has_no_winner() -> None:
    assert plurality(lists(0, 0)).winner is None
    assert plurality([]).winner is None


def test_counts_out_of_an_array_do_not_overflow() -> None:
    big = np.array([2**62, 2**61], dtype=np.int64)
    lines = [ListVotes(name, count) for name, count in zip("AB", big, strict=True)]
    seats: Any = np.int64(300)
    for formula in FORMULAS:
        assert won(allocate(lines, seats, formula=formula)) == [200, 100]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"lists": lists(1), "seats": -1}, ValueError, "seats = -1 is negative"),
        ({"lists": lists(1), "seats": 2.5}, TypeError, "float"),
        ({"lists": lists(1), "seats": 1, "formula": "hondt"}, ValueError, "unknown formula 'hondt'"),
        ({"lists": lists(1), "seats": 1, "threshold": 0.07}, TypeError, "exact"),
        ({"lists": lists(1), "seats": 1, "threshold": Fraction(7)}, ValueError, "between 0 and 1"),
        ({"lists": lists(5, 5), "seats": 1, "base_votes": 9}, ValueError, "smaller than the 10 votes"),
        ({"lists": [*lists(1), *lists(2)], "seats": 1}, ValueError, "named twice: A"),
    ],
)
def test_what_cannot_be_is_refused(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        allocate(**arguments)


def test_a_line_of_the_ballot_is_whole_and_not_negative() -> None:
    with pytest.raises(ValueError, match="A: votes = -1 is negative"):
        ListVotes("A", -1)
    votes: Any = 1.5
    with pytest.raises(TypeError):
        ListVotes("A", votes)
    bar: Any = 0.07
    with pytest.raises(TypeError, match="exact"):
        ListVotes("A", 1, bar)
