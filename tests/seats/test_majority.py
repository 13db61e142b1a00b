"""A district where a majority is needed: who wins outright, and who meets again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.law.apportionment import ListVotes, majority, plurality


def lines(**votes: int) -> list[ListVotes]:
    return [ListVotes(name, n, against_all=name == "nobody") for name, n in votes.items()]


def test_more_than_half_of_the_ballots_cast_wins_and_exactly_half_does_not() -> None:
    assert majority(lines(a=51, b=49), 100).winner == "a"
    half = majority(lines(a=50, b=30, c=20), 100)
    assert (half.winner, half.runoff) == (None, ("a", "b"))


def test_spoilt_ballots_and_those_against_all_count_for_the_majority_but_never_win() -> None:
    assert majority(lines(a=51, b=40), 100).winner == "a"
    assert majority(lines(a=51, b=40), 103).runoff == ("a", "b")
    told = majority(lines(a=30, b=10, nobody=60), 100)
    assert (told.winner, told.runoff) == (None, ("a", "b"))


def test_nobody_meets_alone() -> None:
    assert majority(lines(a=40, nobody=60), 100) == majority(lines(a=40), 100)
    assert majority(lines(a=40), 100).runoff == ()
    assert majority(lines(a=0, b=0), 10).runoff == ()


def test_a_tie_for_the_second_place_is_told_and_goes_to_who_was_registered_first() -> None:
    told = majority(lines(a=40, b=30, c=30), 100)
    assert told.runoff == ("a", "b")
    assert told.tie is not None
    assert told.tie.parties == ("b", "c")
    assert "a place in the second round" in str(told.tie)


def test_more_votes_than_ballots_are_refused() -> None:
    with pytest.raises(ValueError, match="cast = 99 is smaller"):
        majority(lines(a=60, b=40), 99)


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=8), st.integers(0, 500))
def test_a_majority_is_a_plurality_and_the_best_is_always_in_the_second_round(votes: list[int], spoilt: int) -> None:
    given_ = [ListVotes(f"c{n}", v) for n, v in enumerate(votes)]
    told, best = majority(given_, sum(votes) + spoilt), plurality(given_).winner
    if told.winner:
        assert told.winner == best
        assert not told.runoff
    elif told.runoff:
        assert best in told.runoff
        assert len(set(told.runoff)) == 2
        beaten = [v for n, v in enumerate(votes) if f"c{n}" not in told.runoff]
        assert min(votes[int(key[1:])] for key in told.runoff) >= max(beaten, default=0)
