"""The monthly rounds against a plain reading of their rule, voter by voter."""

from __future__ import annotations

import numpy as np
import pytest

from sim.kernels.rounds import hear, opinion
from sim.kernels.sums import squared_distance, weighted_mean
from sim.streams import Streams

N, TIES, CHANCE = 60, 6, Streams(3)
NEIGHBOUR = (CHANCE.uniform("ties", N * TIES).reshape(N, TIES) * N).astype(np.int32)
POSITION = CHANCE.normal("position", N * 3).reshape(N, 3)
NOISE = 0.1 * CHANCE.normal("noise", N * 3).reshape(N, 3)


def test_opinion_is_bounded_attraction_plus_noise():
    moved = opinion(POSITION, NEIGHBOUR, NOISE, 0.3, 1.0)
    for i in range(N):
        for axis in range(3):
            gaps = POSITION[NEIGHBOUR[i], axis] - POSITION[i, axis]
            pull = gaps[np.abs(gaps) < 1.0].sum() / TIES
            assert moved[i, axis] == pytest.approx(POSITION[i, axis] + 0.3 * pull + NOISE[i, axis])


def test_without_attraction_and_noise_nobody_moves():
    assert np.array_equal(opinion(POSITION, NEIGHBOUR, 0 * NOISE, 0.0, 1.0), POSITION)


def test_mutual_ties_keep_the_mean():
    ring = np.stack([np.roll(np.arange(N), 1), np.roll(np.arange(N), -1)], axis=1).astype(np.int32)
    moved = opinion(POSITION, ring, 0 * NOISE, 0.3, 1.0)
    assert moved.mean(axis=0) == pytest.approx(POSITION.mean(axis=0))
    assert (moved.std(axis=0) < POSITION.std(axis=0)).all()


def test_hearing_is_one_chance_from_the_media_and_one_from_each_neighbour_who_knows():
    slot, u, media = 5, CHANCE.uniform("hear", N), np.full(N, 0.1)
    aware = np.where(CHANCE.uniform("knows", N) < 0.3, np.uint64(1 << slot | 1), np.uint64(1))
    heard = hear(aware, NEIGHBOUR, slot, u, media, 0.2)
    for i in range(N):
        friends = sum(bool(aware[j] >> np.uint64(slot) & np.uint64(1)) for j in NEIGHBOUR[i])
        knows = bool(aware[i] >> np.uint64(slot) & np.uint64(1)) or u[i] < 1 - 0.9 * 0.8**friends
        assert heard[i] == (aware[i] | np.uint64(1 << slot) if knows else aware[i])


@pytest.mark.parametrize("slot", [0, 31, 32, 63])
def test_a_party_has_a_bit_of_its_own(slot):
    heard = hear(np.zeros(N, np.uint64), NEIGHBOUR, slot, np.full(N, 0.5), np.ones(N), 0.0)
    assert (heard == np.uint64(1) << np.uint64(slot)).all()


def test_weighted_sums_are_the_plain_ones():
    weight = CHANCE.uniform("weight", N)
    assert weighted_mean(POSITION, weight) == pytest.approx(np.average(POSITION, axis=0, weights=weight))
    assert weighted_mean(POSITION[:, 0], weight) == pytest.approx(np.average(POSITION[:, 0], weights=weight))
    assert squared_distance(POSITION, POSITION[4]) == pytest.approx(((POSITION - POSITION[4]) ** 2).sum(axis=1))
