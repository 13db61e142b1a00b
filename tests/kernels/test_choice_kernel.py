"""The choice kernel: a running maximum that is an argmax, logit shares, and options that may be missing."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernels.choice import choose, shares
from sim.streams import Streams

VOTERS, CHANCE = 20_000, Streams(11)
ALL = ("Left", "Centre", "Right", "Farmers")
UTILITY = {
    name: 0.8 * CHANCE.normal(f"utility/{name}", VOTERS) + appeal
    for name, appeal in zip(ALL, (0, 0.5, -0.3, -2), strict=True)
}


def choices(options: Iterable[str]) -> np.ndarray:
    """The option each voter prefers, by its place in ALL; shocks are addressed by the option's name."""
    standing = set(options)
    return choose(
        ((ALL.index(name), UTILITY[name], CHANCE.gumbel(f"taste/{name}", VOTERS)) for name in ALL if name in standing),
        VOTERS,
    )


@pytest.mark.parametrize("missing", ALL)
def test_in_the_choice_kernel_a_missing_option_moves_only_its_choosers(missing):
    gone = ALL.index(missing)
    free, refused = choices(ALL), choices(set(ALL) - {missing})
    assert (free == gone).any()
    assert not (refused == gone).any()
    stayed = free != gone
    assert np.array_equal(free[stayed], refused[stayed])


def test_the_order_of_options_does_not_matter():
    turned = choose(
        ((ALL.index(name), UTILITY[name], CHANCE.gumbel(f"taste/{name}", VOTERS)) for name in reversed(ALL)), VOTERS
    )
    assert np.array_equal(choices(ALL), turned)


def test_the_running_maximum_is_the_argmax():
    total = np.array([UTILITY[name] + CHANCE.gumbel(f"taste/{name}", VOTERS) for name in ALL])
    assert np.array_equal(choices(ALL), total.argmax(axis=0))


def test_an_unknown_option_is_never_chosen_and_who_knows_none_chooses_none():
    known = np.array([CHANCE.uniform(f"known/{name}", VOTERS) < 0.4 for name in ALL])
    picked = choose(
        (
            (code, np.where(known[code], UTILITY[name], -np.inf), CHANCE.gumbel(f"taste/{name}", VOTERS))
            for code, name in enumerate(ALL)
        ),
        VOTERS,
    )
    some = known.any(axis=0)
    assert (picked[~some] == -1).all()
    assert known[picked[some], np.flatnonzero(some)].all()


def test_shares_of_choices_are_logit_shares_within_sampling_error():
    utility = np.array([UTILITY[name] for name in ALL]).T
    expected = shares(utility, np.ones(VOTERS))
    seen = np.bincount(choices(ALL), minlength=len(ALL)) / VOTERS
    odds = np.exp(utility)
    assert expected == pytest.approx((odds / odds.sum(axis=1, keepdims=True)).mean(axis=0))
    assert (np.abs(seen - expected) < 4 * np.sqrt(expected * (1 - expected) / VOTERS)).all()


def test_weights_and_unknown_options_in_expected_shares():
    utility = np.array([[0.0, 0.0], [5.0, -np.inf], [-np.inf, -np.inf]])
    assert shares(utility, np.array([2.0, 1.0, 9.0])) == pytest.approx([2 / 3, 1 / 3])  # who knows none counts for none


@given(st.floats(-1e6, 1e6), st.integers(0, 5))
def test_only_differences_of_utility_matter(added, seed):
    utility = Streams(seed).normal("u", 60).reshape(20, 3)
    assert shares(utility + added, np.ones(20)) == pytest.approx(shares(utility, np.ones(20)), rel=1e-6)


def test_nobody_chooses_nothing():
    assert choose(iter(()), 3).tolist() == [-1, -1, -1]
    assert choose(iter(()), 0).shape == (0,)
