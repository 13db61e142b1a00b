"""Counts by inversion: exact distributions, end points, and sums that hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from scipy import stats

from sim.kernels.counts import LEAST_VARIANCE, RAREST, _curve, binomial, draws, multinomial, poisson
from sim.streams import Streams

DRAWS = 50_000
CHANCE = Streams(7)


def chi_square(counts: np.ndarray, expected: np.ndarray) -> float:
    """P value of counts against expected ones; cells that expect fewer than five are put together."""
    order = np.argsort(expected)
    rare = order[np.cumsum(expected[order]) < 5]
    rare = np.append(rare, order[len(rare)])
    keep = np.setdiff1d(order, rare)
    seen = np.append(counts[keep], counts[rare].sum())
    due = np.append(expected[keep], expected[rare].sum())
    return float(stats.chisquare(seen, due * seen.sum() / due.sum()).pvalue)


@pytest.mark.parametrize(
    ("n", "p"), [(1, 0.3), (10, 0.5), (10, 0.01), (37, 0.97), (700, 0.32), (5000, 1e-3), (5000, 0.999)]
)
def test_binomial_counts_follow_the_binomial(n, p):
    drawn = binomial(CHANCE.uniform(f"binomial/{n}/{p}", DRAWS), np.full(DRAWS, n), np.full(DRAWS, p))
    counts = np.bincount(drawn, minlength=n + 1)
    assert chi_square(counts, DRAWS * stats.binom.pmf(np.arange(n + 1), n, p)) > 1e-3


@pytest.mark.parametrize("mean", [0.01, 0.9, 3.0, 18.1, 400.5])
def test_poisson_counts_follow_the_poisson(mean):
    drawn = poisson(CHANCE.uniform(f"poisson/{mean}", DRAWS), np.full(DRAWS, mean))
    most = int(drawn.max()) + 1
    expected = DRAWS * stats.poisson.pmf(np.arange(most), mean)
    assert chi_square(np.bincount(drawn, minlength=most), expected) > 1e-3


def test_each_column_of_a_multinomial_is_binomial():
    n, p = 60, np.array([0.5, 0.05, 0.0, 0.3, 0.15])
    u = np.stack([CHANCE.uniform(f"multinomial/{j}", DRAWS) for j in range(4)], axis=1)
    drawn = multinomial(u, np.full(DRAWS, n), p[None], np.zeros(DRAWS, np.int64))
    assert (drawn[:, 2] == 0).all()
    for j in (0, 1, 3, 4):
        counts = np.bincount(drawn[:, j], minlength=n + 1)
        assert chi_square(counts, DRAWS * stats.binom.pmf(np.arange(n + 1), n, p[j])) > 1e-3
    covariance = np.cov(drawn[:, 0], drawn[:, 4])[0, 1]
    assert covariance == pytest.approx(-n * p[0] * p[4], rel=0.1)


def test_no_trials_no_chance_and_certainty():
    u = CHANCE.uniform("ends", 500)
    assert (binomial(u, np.zeros(500, np.int64), np.full(500, 0.4)) == 0).all()
    assert (binomial(u, np.full(500, 9), np.zeros(500)) == 0).all()
    assert (binomial(u, np.full(500, 9), np.ones(500)) == 9).all()
    assert (poisson(u, np.zeros(500)) == 0).all()
    assert binomial(u[:0], np.zeros(0, np.int64), np.zeros(0)).shape == (0,)


@pytest.mark.parametrize("p", [1e-9, 1e-4, 0.5, 0.54, 1 - 1e-4, 1 - 1e-9])
@pytest.mark.parametrize("n", [100_000, 12_000_000])
def test_huge_numbers_of_trials_keep_mean_and_spread(n, p):
    draws = 4000
    drawn = binomial(CHANCE.uniform(f"huge/{n}/{p}", draws), np.full(draws, n), np.full(draws, p))
    spread = np.sqrt(n * p * (1 - p))
    assert ((drawn >= 0) & (drawn <= n)).all()
    assert abs(drawn.mean() - n * p) < 4 * spread / np.sqrt(draws) + 1e-9
    if spread > 3:
        assert drawn.std() == pytest.approx(spread, rel=0.06)


def test_a_tiny_chance_is_met_as_often_as_it_should():
    drawn = binomial(CHANCE.uniform("tiny", DRAWS), np.full(DRAWS, 100_000), np.full(DRAWS, 1e-9))
    low, high = stats.poisson.interval(0.999, DRAWS * 1e-4)
    assert low <= (drawn > 0).sum() <= high


@pytest.mark.parametrize("u", [2.0**-53, 1 - 2.0**-53])
@pytest.mark.parametrize(("n", "p"), [(1, 0.5), (3000, 0.5), (100_000, 1e-9), (100_000, 0.3), (12_000_000, 0.9999)])
def test_the_most_extreme_draws_end_and_stay_inside(u, n, p):
    (drawn,) = binomial(np.array([u]), np.array([n]), np.array([p]))
    assert 0 <= drawn <= n
    (many,) = poisson(np.array([u]), np.array([n * p]))
    assert many >= 0


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 5000), min_size=1, max_size=20),
    st.lists(st.floats(0, 1), min_size=2, max_size=9).filter(lambda p: sum(p) > 0),
    st.integers(0, 1000),
)
def test_rows_of_a_multinomial_sum_to_their_trials(n, p, seed):
    share = np.array(p) / sum(p)
    streams, size = Streams(seed), len(n)
    u = np.stack([streams.uniform(f"{j}", size) for j in range(len(p) - 1)], axis=1)
    drawn = multinomial(u, np.array(n), share[None], np.zeros(size, np.int64))
    assert drawn.shape == (size, len(p))
    assert (drawn >= 0).all()
    assert np.array_equal(drawn.sum(axis=1), n)


def test_a_count_depends_on_its_own_row_only():
    u, n, p = CHANCE.uniform("own", 100), np.arange(100), np.linspace(0, 1, 100)
    whole = binomial(u, n, p)
    assert np.array_equal(whole[40:60], binomial(u[40:60], n[40:60], p[40:60]))


@pytest.mark.parametrize(("n", "p"), [(100_000, 0.5), (12_000_000, 0.1)])
def test_a_rare_draw_is_a_rare_count_and_no_wonder(n, p):
    (drawn,) = binomial(np.array([1 - 1e-12]), np.array([n]), np.array([p]))
    assert abs(drawn - n * p) < 9 * np.sqrt(n * p * (1 - p))


def test_the_same_uniform_gives_more_where_the_chance_is_higher():
    """Common random numbers: two scenarios that differ a little must give a station nearly the same ballots."""
    u = CHANCE.uniform("coupled", 2000)
    fewer, more = (binomial(u, np.full(2000, 500), np.full(2000, p)) for p in (0.60, 0.62))
    assert (more >= fewer).all()
    assert (more - fewer).std() < 1


@pytest.mark.parametrize("variance", [LEAST_VARIANCE, 2.3, 2.9, 3.5, 4.2, 5.3, 6.1, 7.0, 9.0, 12.0, 40.0, 500.0])
def test_the_smooth_curve_is_off_by_less_than_it_says(variance):
    """At the border between two counts, where the curve must be a whole number; 2.5 times over."""
    curve = njit(lambda u, n, p: _curve(u, n, p, n * p * (1 - p)))
    rare = 10.0 ** np.linspace(-5, -2, 13)
    for p in (*rare, *np.linspace(0.02, 0.98, 49), *(1 - rare)):
        n = int(np.ceil(variance / (p * (1 - p))))
        width = 4 * np.sqrt(variance) + 2
        count = np.arange(max(0, int(n * p - width)), min(n, int(n * p + width)))
        border = stats.binom.cdf(count, n, p)
        inside = (border > RAREST) & (border < 1 - RAREST)
        for k, u in zip(count[inside], border[inside], strict=True):
            real, doubt = curve(u, float(n), p)
            assert abs(real - (k + 1)) < doubt / 2.5, (n, p, k)


@pytest.mark.parametrize("size", [(3,), (2,)])
def test_every_count_has_a_uniform_of_its_own(size):
    u = CHANCE.uniform("own", 2)
    with pytest.raises(ValueError, match="one uniform a count"):
        binomial(u, np.full(size, 5), np.full(3, 0.5))
    with pytest.raises(ValueError, match="one uniform a count"):
        poisson(u, np.full(3, 0.5))


@settings(max_examples=300)
@given(st.integers(1, 20_000), st.floats(1e-6, 1 - 1e-6), st.integers(0, 1000))
def test_a_count_is_the_smallest_whose_cumulative_probability_exceeds_the_draw(n, p, seed):
    u = Streams(seed).uniform("definition", 50)
    drawn = binomial(u, np.full(50, n), np.full(50, p))
    rounding = 1e-9  # of the sums on either side
    assert (stats.binom.cdf(drawn, n, p) > u - rounding).all()
    assert (stats.binom.cdf(drawn - 1, n, p) <= u + rounding).all()


def test_draws_are_the_uniforms_of_each_key():
    table = draws(np.array([CHANCE.key("a"), CHANCE.key("b", occasion=3)]), 40)
    assert np.array_equal(table[:, 0], CHANCE.uniform("a", 40))
    assert np.array_equal(table[:, 1], CHANCE.uniform("b", 40, occasion=3))
