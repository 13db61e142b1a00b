"""Voting power against the games of the textbooks and against plain enumeration."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.measures.power import banzhaf, majority, shapley_shubik, swings


def over(denominator: int, *numerators: int) -> list[Fraction]:
    return [Fraction(n, denominator) for n in numerators]


# (quota, weights, Banzhaf, Shapley-Shubik)
GAMES = {
    # the example of the classroom: votes are not power
    "49 votes weigh as much as one": (51, [50, 49, 1], over(5, 3, 1, 1), over(6, 4, 1, 1)),
    # Council of the EEC, 1958: Brams, Game Theory and Politics, 1975; Luxembourg has a vote and no power
    "EEC 1958": (12, [4, 4, 4, 2, 2, 1], over(42, 10, 10, 10, 6, 6, 0), over(60, 14, 14, 14, 9, 9, 0)),
    # Banzhaf, Weighted Voting Doesn't Work, Rutgers Law Review 19, 1965: Nassau County, New York, in 1964
    "Nassau County 1964": (
        58, [31, 31, 28, 21, 2, 2], over(3, 1, 1, 1, 0, 0, 0), over(3, 1, 1, 1, 0, 0, 0),
    ),
    # UN Security Council as 39 of 45: Shapley & Shubik 1954 for the method, Straffin 1994 for the council of fifteen
    "Security Council": (
        39, [7] * 5 + [1] * 10, over(1270, *[212] * 5, *[21] * 10), over(2145, *[421] * 5, *[4] * 10),
    ),
    "a dictator": (6, [10, 3, 2], over(1, 1, 0, 0), over(1, 1, 0, 0)),
    "unanimity": (6, [3, 2, 1], over(3, 1, 1, 1), over(3, 1, 1, 1)),
}  # fmt: skip


@pytest.mark.parametrize("game", GAMES)
def test_the_games_of_the_textbooks(game: str) -> None:
    quota, weights, by_banzhaf, by_shapley = GAMES[game]
    assert banzhaf(weights, quota) == by_banzhaf
    assert shapley_shubik(weights, quota) == by_shapley


def test_the_electoral_college_of_1990_gives_california_the_most() -> None:
    """51 players, 538 votes, 270 to win: exact where enumeration would take 2^51 coalitions."""
    weights = [54, 33, 32, 25, 23, 22, 21, 18, 15, 14, 13, 13, 12, 12, 11, 11, 11, 11, 10, 10, 9, 9, 8, 8, 8, 8, 8, 8]
    weights += [7, 7, 7, 6, 6, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4] + [3] * 8
    assert (len(weights), sum(weights)) == (51, 538)
    power = shapley_shubik(weights, 270)
    assert power is not None
    assert sum(power) == 1
    assert power == sorted(power, reverse=True)
    assert power[0] > Fraction(54, 538)


def test_a_simple_majority_is_more_than_half() -> None:
    assert [majority(n) for n in (98, 107, 1)] == [50, 54, 1]
    assert banzhaf([1, 1, 1]) == over(3, 1, 1, 1)


def test_the_chamber_of_2023_is_one_partys() -> None:
    chamber = [62, 8, 6, 6, 5, 4] + [1] * 7
    assert banzhaf(chamber) == [1, *[0] * 12]
    two_thirds = shapley_shubik(chamber, 66)
    assert two_thirds is not None
    assert Fraction(1, 2) < two_thirds[0] < 1


def test_members_without_votes_have_no_power_and_change_nobodys() -> None:
    assert banzhaf([50, 0, 49, 1], 51) == over(5, 3, 0, 1, 1)
    assert shapley_shubik([50, 0, 49, 1, 0], 51) == over(6, 4, 0, 1, 1, 0)


def test_where_nobody_can_win_power_is_undefined() -> None:
    for weights, quota in [([], None), ([0, 0], None), ([3, 3], 7)]:
        assert banzhaf(weights, quota) is None
        assert shapley_shubik(weights, quota) is None
        assert swings(weights, quota) == [0] * len(weights)


def test_what_is_no_game_is_refused() -> None:
    with pytest.raises(ValueError, match="weights must be 0 or more"):
        banzhaf([3, -1])
    with pytest.raises(ValueError, match="quota = 0 must be 1 or more"):
        shapley_shubik([3, 1], 0)
    halves: Any = [1.5, 2]
    with pytest.raises(TypeError):
        banzhaf(halves)


unhurried = settings(deadline=None)  # a busy machine is no failure
games = st.lists(st.integers(0, 9), min_size=1, max_size=6).flatmap(
    lambda weights: st.tuples(st.just(weights), st.integers(1, max(1, sum(weights))))
)


@unhurried
@given(games)
def test_swings_are_those_of_plain_enumeration(game: tuple[list[int], int]) -> None:
    weights, quota = game
    players = [i for i, weight in enumerate(weights) if weight]  # the count leaves weightless members out
    expected = [0] * len(weights)
    for i in players:
        others = [j for j in players if j != i]
        for size in range(len(others) + 1):
            for coalition in combinations(others, size):
                before = sum(weights[j] for j in coalition)
                expected[i] += before < quota <= before + weights[i]
    assert swings(weights, quota) == expected


@settings(max_examples=40, deadline=None)
@given(games)
def test_pivots_are_those_of_plain_enumeration(game: tuple[list[int], int]) -> None:
    weights, quota = game
    pivots = [0] * len(weights)
    orders = list(permutations(range(len(weights))))
    for order in orders:
        total = 0
        for player in order:
            if total < quota <= total + weights[player]:
                pivots[player] += 1
            total += weights[player]
    expected = over(len(orders), *pivots) if any(pivots) else None
    assert shapley_shubik(weights, quota) == expected
