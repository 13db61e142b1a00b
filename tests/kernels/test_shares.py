"""Whole persons by group: against the same worked out with plain sorting, group by group."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernels import shares
from sim.society.geography import split

GROUPS = st.lists(
    st.tuples(st.lists(st.sampled_from([0.2, 0.5, 1.0, 1.0, 3.7, 40.0]), min_size=1, max_size=12), st.integers(0, 900)),
    min_size=1,
    max_size=6,
)


def columns(groups: list[tuple[list[float], int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    size, total = np.concatenate([sizes for sizes, _ in groups]), np.array([n for _, n in groups])
    return size, total, np.concatenate([[0], np.cumsum([len(sizes) for sizes, _ in groups])])


@settings(max_examples=200, deadline=None)  # the first call compiles
@given(GROUPS)
def test_every_group_is_split_like_one_alone(groups):
    size, total, first = columns(groups)
    out = shares.whole(size, total, first)
    alone = [split(n, np.array(sizes)) for sizes, n in groups]
    assert np.array_equal(np.add.reduceat(out, first[:-1]), total)
    assert (np.abs(out - np.concatenate(alone)) <= 1).all()  # equal remainders may differ by the rounding of a sum


@settings(max_examples=200, deadline=None)  # the first call compiles
@given(GROUPS, st.floats(0.01, 1))
def test_no_size_is_above_its_share_of_the_group_where_that_can_be(groups, ceiling):
    size, total, first = columns(groups)
    out = shares.below(size, np.full(len(total), ceiling), first)
    assert (out <= size).all()
    for begin, end in pairwise(first):
        own, was = out[begin:end], size[begin:end]
        most = max(ceiling, 1.001 / len(own)) * own.sum()
        changed = own < was
        assert (own[changed] == own.max()).all()
        if was.max() <= max(ceiling, 1.001 / len(own)) * was.sum():
            assert not changed.any()
        assert own.max() <= most * (1 + 1e-9)


def test_of_equal_remainders_the_first_are_rounded_up():
    assert shares.whole(np.ones(4), np.array([6]), np.array([0, 4])).tolist() == [2, 2, 1, 1]
