"""Parallel vote tabulation: known sums by hand, and the interval holds the truth as often as it says."""

from __future__ import annotations

import numpy as np
import pytest

from sim.measures.quick_count import quick_count


def test_a_count_worked_by_hand():
    """Votes 10, 30, 20 of 20, 40, 40 ballots of 10 stations: r = .6; residuals -2, 6, -4; s^2 = 28."""
    found = quick_count(np.array([10, 30, 20]), np.array([20, 40, 40]), 10)
    assert found.share == pytest.approx(0.6)
    assert found.error == pytest.approx(((1 - 0.3) * 28 / 3) ** 0.5 / (100 / 3))
    assert found.interval[0] == pytest.approx(0.6 - 1.959964 * found.error)


def test_all_stations_leave_no_doubt():
    found = quick_count(np.array([10, 30]), np.array([20, 40]), 2)
    assert found.error == 0
    assert found.interval == (found.share, found.share)
    assert found.verdict(found.share) == "within"
    assert found.verdict(found.share + 0.001) == "official above"
    assert found.verdict(found.share - 0.001) == "official below"


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    cast = np.exp(rng.normal(6.5, 0.6, 2_000)).astype(np.int64) + 20
    leader = rng.binomial(cast, np.clip(rng.normal(0.45, 0.12, 2_000), 0.01, 0.99))
    truth, held, errors = leader.sum() / cast.sum(), 0, []
    for _ in range(1_000):
        rows = rng.choice(2_000, 100, replace=False)
        found = quick_count(leader[rows], cast[rows], 2_000)
        held += found.verdict(truth) == "within"
        errors.append(found.share - truth)
    assert held / 1_000 == pytest.approx(0.95, abs=0.03)
    assert abs(np.mean(errors)) < 0.002


@pytest.mark.parametrize(("n", "stations"), [(1, 10), (5, 4), (0, 10)])
def test_too_few_or_too_many_are_refused(n, stations):
    with pytest.raises(ValueError, match="a quick count needs"):
        quick_count(np.ones(n, np.int64), np.ones(n, np.int64), stations)
