"""The competition kernel: expected votes are logit shares, whatever the cells, and only ratios of pulls matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernels.competition import closeness, supporters, votes
from sim.streams import Streams

VOTERS, LISTS, DISTANCE = 500, 6, 0.7
CHANCE = Streams(5)
POSITION = CHANCE.normal("position", 3 * VOTERS).reshape(VOTERS, 3)
PLACES = CHANCE.normal("places", 3 * LISTS).reshape(LISTS, 3)
WEIGHT = 1 + CHANCE.uniform("weight", VOTERS)
START = np.array([0, 120, 121, 400, VOTERS])
WORTH = CHANCE.normal("worth", 4 * LISTS).reshape(4, LISTS)  # log of pull, by cell
NEAR = np.array([closeness(POSITION, place, DISTANCE) for place in PLACES])


def shares(utility: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Expected weighted logit shares; utility (N, J), weight (N,)."""
    odds = np.exp(utility - utility.max(axis=1, keepdims=True))
    mean = (weight[:, None] * odds / odds.sum(axis=1, keepdims=True)).sum(axis=0)
    return mean / mean.sum()


def utility() -> np.ndarray:
    """Of every voter for every list, written as a political scientist would; shape (N, J)."""
    squared = ((POSITION[:, None, :] - PLACES[None]) ** 2).sum(axis=2)
    cell = np.repeat(np.arange(4), np.diff(START))
    return WORTH[cell] - DISTANCE * squared


def test_votes_are_the_logit_shares_of_the_other_kernel():
    counted = votes(NEAR, np.exp(WORTH), START, WEIGHT)
    assert counted.sum(axis=0) / WEIGHT.sum() == pytest.approx(shares(utility(), WEIGHT))
    for cell in range(4):
        rows = slice(START[cell], START[cell + 1])
        assert counted[cell].sum() == pytest.approx(WEIGHT[rows].sum())
        assert counted[cell] / counted[cell].sum() == pytest.approx(shares(utility()[rows], WEIGHT[rows]))


def test_supporters_stand_where_the_voters_of_a_list_stand_on_average():
    odds = np.exp(utility())
    persons = WEIGHT[:, None] * odds / odds.sum(axis=1, keepdims=True)
    expected = (persons.T @ POSITION) / persons.sum(axis=0)[:, None]
    assert supporters(NEAR, np.exp(WORTH), START, WEIGHT, POSITION) == pytest.approx(expected)


@given(st.lists(st.floats(-20, 20), min_size=4, max_size=4))
def test_what_is_worth_more_to_all_lists_alike_moves_nobody(added):
    moved = votes(NEAR, np.exp(WORTH + np.array(added)[:, None]), START, WEIGHT)
    assert moved == pytest.approx(votes(NEAR, np.exp(WORTH), START, WEIGHT), rel=1e-9)


def test_finer_cells_of_equal_pull_give_the_same_votes():
    pull = np.exp(WORTH[:1])
    whole = votes(NEAR, pull, np.array([0, VOTERS]), WEIGHT)
    cut = votes(NEAR, np.repeat(pull, 3, axis=0), np.array([0, 7, 77, VOTERS]), WEIGHT)
    assert cut.sum(axis=0) == pytest.approx(whole[0])


def test_closeness_is_one_at_the_place_itself_and_falls_with_the_square():
    line = np.array([[0.0, 0, 0], [1, 0, 0], [0, 2, 0]])
    assert closeness(line, np.zeros(3), DISTANCE) == pytest.approx(np.exp([0, -DISTANCE, -4 * DISTANCE]))
