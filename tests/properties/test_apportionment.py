"""Which property holds for which formula."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.law.apportionment import FORMULAS, Allocation, ListVotes, TwoPartyRule, allocate

unhurried = settings(deadline=None)  # a busy machine is no failure
DIVISORS = ["dhondt", "sainte-lague", "modified-sainte-lague"]
ALL = list(FORMULAS)

few_votes = st.lists(st.integers(0, 30), min_size=1, max_size=6)  # small numbers, so that ties are common
many_votes = st.lists(st.integers(0, 5_000_000), min_size=1, max_size=8)
any_votes = few_votes | many_votes
houses = st.integers(0, 120)
shares = st.fractions(0, 1, max_denominator=100)


def allot(votes: list[int], seats: int, formula: str, order: list[int] | None = None) -> Allocation:
    order = list(range(len(votes))) if order is None else order
    return allocate([ListVotes(str(i), votes[i]) for i in order], seats, formula=formula)


def won(votes: list[int], seats: int, formula: str) -> list[int]:
    return list(allot(votes, seats, formula).seats.values())


@pytest.mark.parametrize("formula", ALL)
@unhurried
@given(votes=any_votes, seats=houses, threshold=shares, two=st.booleans())
def test_seats_and_unfilled_sum_to_the_house(
    formula: str, votes: list[int], seats: int, threshold: Fraction, two: bool
) -> None:
    lists = [ListVotes(str(i), v, against_all=i == 3) for i, v in enumerate(votes)]
    result = allocate(lists, seats, threshold, formula=formula, two_party_rule=TwoPartyRule() if two else None)
    assert sum(result.seats.values()) + result.unfilled == seats
    assert min(result.seats.values(), default=0) >= 0
    assert result.unfilled in ({0} if result.passed else {seats})
    winners = {party for party, n in result.seats.items() if n}
    assert winners <= {*result.passed, result.admitted}
    for tie in result.ties:
        assert 0 < len(tie.winners) < len(tie.parties)
        assert set(tie.winners) < set(tie.parties)


@unhurried
@given(votes=any_votes, seats=houses)
def test_hare_stays_within_quota(votes: list[int], seats: int) -> None:
    assume(any(votes))
    total = sum(votes)
    for count, seats_won in zip(votes, won(votes, seats, "hare"), strict=True):
        assert count * seats // total <= seats_won <= -(-count * seats // total)


@unhurried
@given(votes=any_votes, seats=houses)
def test_dhondt_gives_at_least_the_whole_quotas(votes: list[int], seats: int) -> None:
    assume(any(votes))
    for count, seats_won in zip(votes, won(votes, seats, "dhondt"), strict=True):
        assert seats_won >= count * seats // sum(votes)


def test_hare_is_not_house_monotone() -> None:
    """The Alabama paradox: a larger house costs the smallest list its seat."""
    assert won([6, 6, 2], 10, "hare") == [4, 4, 2]
    assert won([6, 6, 2], 11, "hare") == [5, 5, 1]


@pytest.mark.parametrize("formula", DIVISORS)
@unhurried
@given(votes=any_votes, seats=houses)
def test_divisors_are_house_monotone(formula: str, votes: list[int], seats: int) -> None:
    smaller, larger = won(votes, seats, formula), won(votes, seats + 1, formula)
    assert all(a <= b for a, b in zip(smaller, larger, strict=True))


@pytest.mark.parametrize("formula", DIVISORS)
@unhurried
@given(votes=any_votes, seats=houses, more=st.integers(1, 1_000_000), data=st.data())
def test_under_divisors_more_votes_never_lose_a_seat(
    formula: str, votes: list[int], seats: int, more: int, data: st.DataObject
) -> None:
    lucky = data.draw(st.integers(0, len(votes) - 1))
    after = [count + more * (row == lucky) for row, count in enumerate(votes)]
    assert won(after, seats, formula)[lucky] >= won(votes, seats, formula)[lucky]


@pytest.mark.parametrize("formula", ALL)
@unhurried
@given(votes=any_votes, seats=houses, data=st.data())
def test_without_ties_names_and_order_do_not_matter(
    formula: str, votes: list[int], seats: int, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(votes))))
    first, other = allot(votes, seats, formula), allot(votes, seats, formula, list(order))
    assert bool(first.ties) == bool(other.ties)
    if not first.ties:
        assert first.seats == other.seats


@pytest.mark.parametrize("formula", ALL)
@unhurried
@given(votes=any_votes, seats=houses)
def test_more_votes_mean_at_least_as_many_seats(formula: str, votes: list[int], seats: int) -> None:
    result = allot(votes, seats, formula)
    assume(not result.ties)
    ranked = sorted(zip(votes, result.seats.values(), strict=True))
    assert all(a <= b for (_, a), (_, b) in pairwise(ranked))


@pytest.mark.parametrize("formula", ALL)
@unhurried
@given(votes=any_votes, seats=houses, times=st.integers(2, 1000))
def test_only_ratios_of_votes_matter(formula: str, votes: list[int], seats: int, times: int) -> None:
    assert allot(votes, seats, formula) == allot([times * count for count in votes], seats, formula)


@unhurried
@given(votes=any_votes, seats=houses, formula=st.sampled_from(ALL))
def test_who_ties_may_change_seats_only_by_the_order(votes: list[int], seats: int, formula: str) -> None:
    """Reversing the order moves seats only between lists that are reported as tied."""
    first = allot(votes, seats, formula)
    other = allot(votes, seats, formula, list(range(len(votes)))[::-1])
    moved = {party for party in first.seats if first.seats[party] != other.seats[party]}
    assert moved <= {party for tie in first.ties for party in tie.parties}
