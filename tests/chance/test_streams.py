"""Chance by address: pinned draws, slices, and draws that have nothing to do with each other."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.kernels import chance
from sim.streams import Streams

WORD = 2**64
SEED = Streams(2023)

seeds = st.integers(0, 2**63)
decisions = st.text(st.characters(codec="utf-8", exclude_characters="\x1f"), max_size=12)
occasions = st.integers(0, 50_000)


def test_the_draws_are_pinned():
    """Frozen values: a change here is a change of every result, and needs a line in the CHANGELOG."""
    assert [x.hex() for x in SEED.uniform("turnout", 5, occasion=8)] == [
        "0x1.77d6a4a1c14b8p-4",
        "0x1.e7a07b8ae1169p-1",
        "0x1.d7389f3e2ba66p-2",
        "0x1.48359415849f5p-1",
        "0x1.0cae3b8c14c37p-1",
    ]
    assert [x.hex() for x in SEED.uniform("taste/amanat_1999", 3, occasion=8, first=1_000_001)] == [
        "0x1.5bcea51ddc9a3p-1",
        "0x1.54fa0e1b7c421p-1",
        "0x1.b3b68f01f7ddfp-1",
    ]
    assert [x.hex() for x in Streams(0).uniform("", 2)] == [
        "0x1.418f5fcea22b5p-1",
        "0x1.078f466d97c48p-4",
    ]


def test_normals_and_gumbels_are_pinned_to_the_last_digits_a_library_may_change():
    normal = [-1.3300103295176897, 1.6685455375246723, -0.09998798162526672, 0.36122339074196813, 0.062121065672804246]
    gumbel = [-0.8707102549725982, 3.0205560226545343, 0.25341691844232894, 0.8104157873060983, 0.4388130314150046]
    assert SEED.normal("turnout", 5, occasion=8) == pytest.approx(normal, rel=1e-13)
    assert SEED.gumbel("turnout", 5, occasion=8) == pytest.approx(gumbel, rel=1e-13)


def splitmix(key: tuple[int, int], who: int) -> int:
    """Word number ``who`` in whole numbers, as Steele, Lea & Flood (2014) define it, with half a key more."""
    z = (key[0] + (who + 1) * 0x9E3779B97F4A7C15) % WORD
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % WORD ^ key[1]
    z = (z ^ z >> 27) * 0x94D049BB133111EB % WORD
    return z ^ z >> 31


def test_with_half_a_key_the_words_are_those_published_for_the_generator():
    known = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
    assert chance.words(np.array([1234567, 0], np.uint64), 0, 5).tolist() == known
    assert [splitmix((1234567, 0), who) for who in range(5)] == known


@given(seeds, decisions, occasions, st.integers(0, 10**9))
def test_a_draw_is_the_word_of_the_hashed_address_at_the_id(seed, decision, occasion, who):
    address = f"{seed}\x1f{decision}\x1f{occasion}".encode()
    digest = hashlib.blake2b(address, digest_size=16).digest()
    word = splitmix((int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")), who)
    assert Streams(seed).one(decision, occasion=occasion, of=who) == (2 * (word >> 12) + 1) / 2**53


@given(seeds, decisions, occasions, st.integers(1, 200), st.data())
def test_a_slice_agrees_with_the_whole(seed, decision, occasion, n, data):
    first = data.draw(st.integers(0, n - 1))
    streams = Streams(seed)
    for kind in (streams.uniform, streams.normal, streams.gumbel):
        whole = kind(decision, n, occasion=occasion)
        assert np.array_equal(whole[first:], kind(decision, n - first, occasion=occasion, first=first))


def test_a_draw_does_not_depend_on_what_else_is_drawn():
    before = SEED.uniform("turnout", 10)
    SEED.normal("noise", 1000)
    assert np.array_equal(before, SEED.uniform("turnout", 10))
    assert np.array_equal(before, Streams(2023).uniform("turnout", 1000)[:10])


def unmixed(word: int) -> int:
    """The id that draws ``word`` under a key of zeros: every step of the generator can be undone."""
    for shift, factor in ((31, 0x94D049BB133111EB), (27, 0xBF58476D1CE4E5B9), (30, 0x9E3779B97F4A7C15)):
        z, back = word, word >> shift
        while back:
            z, back = z ^ back, back >> shift
        word = z * pow(factor, -1, WORD) % WORD
    return (word - 1) % WORD


@pytest.mark.parametrize(("word", "expected"), [(0, 2.0**-53), (WORD - 1, 1 - 2.0**-53)])
def test_no_draw_is_an_end_point(monkeypatch, word, expected):
    who = unmixed(word)
    assert splitmix((0, 0), who) == word
    monkeypatch.setattr(Streams, "key", lambda *_, **__: np.array([(who * 0x9E3779B97F4A7C15) % WORD, 0], np.uint64))
    assert SEED.one("x") == expected
    assert np.isfinite(SEED.normal("x", 1)).all()
    assert np.isfinite(SEED.gumbel("x", 1)).all()


def test_no_draws_are_no_draws():
    assert SEED.uniform("x", 0).shape == (0,)
    assert SEED.uniform("x", 0, first=3).shape == (0,)


@pytest.mark.parametrize(
    "other",
    [
        Streams(2024).uniform("turnout", 5000, occasion=8),
        Streams(2023).uniform("turnout", 5000, occasion=9),
        Streams(2023).uniform("turnou", 5000, occasion=8),
        Streams(2023).uniform("turnout/", 5000, occasion=8),
        Streams(20).uniform("23turnout", 5000, occasion=8),
        Streams(2023).uniform("turnout", 5000, occasion=8, first=1),
    ],
    ids=["seed", "occasion", "shorter name", "longer name", "shifted name", "next id"],
)
def test_another_address_is_another_draw(other):
    own = SEED.uniform("turnout", 5000, occasion=8)
    assert (own != other).all()
    assert abs(np.corrcoef(own, other)[0, 1]) < 4 / np.sqrt(5000)


def test_draws_have_the_distribution_they_are_called_by():
    n = 40_000
    assert stats.kstest(SEED.uniform("a", n), "uniform").pvalue > 1e-3
    assert stats.kstest(SEED.normal("b", n), "norm").pvalue > 1e-3
    assert stats.kstest(SEED.gumbel("c", n), "gumbel_r").pvalue > 1e-3
    across = np.array([SEED.one("d", occasion=k) for k in range(4000)])  # one id, many occasions
    assert stats.kstest(across, "uniform").pvalue > 1e-3
