"""Chance by address: pinned draws, slices, and draws that have nothing to do with each other."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.streams import Streams

WORD = 2**64
SEED = Streams(2023)

seeds = st.integers(0, 2**63)
decisions = st.text(st.characters(codec="utf-8", exclude_characters="\x1f"), max_size=12)
occasions = st.integers(0, 50_000)


def test_the_draws_are_pinned():
    """Frozen values: a change here is a change of every result, and needs a line in the CHANGELOG."""
    assert [x.hex() for x in SEED.uniform("turnout", 5, occasion=8)] == [
        "0x1.9590fd8a7e9cbp-1",
        "0x1.335290dedecacp-3",
        "0x1.5b67152c141bap-2",
        "0x1.e72a3a5088a4dp-1",
        "0x1.d34cc68769219p-1",
    ]
    assert [x.hex() for x in SEED.uniform("taste/amanat_1999", 3, occasion=8, first=1_000_001)] == [
        "0x1.7bd398dba846bp-1",
        "0x1.2fc4ea56290f8p-4",
        "0x1.4464ae97ab340p-7",
    ]
    assert [x.hex() for x in Streams(0).uniform("", 2)] == ["0x1.18fe88e8f8a19p-1", "0x1.fa8382b29d02bp-1"]


def test_normals_and_gumbels_are_pinned_to_the_last_digits_a_library_may_change():
    normal = [0.8138055203125216, -1.0361768357571113, -0.41448242766546917, 1.6595157726172591, 1.3575398235110652]
    gumbel = [1.4565447649566756, -0.6401267251450402, -0.07787476738901848, 3.0013108409097202, 2.3930199951746034]
    assert SEED.normal("turnout", 5, occasion=8) == pytest.approx(normal, rel=1e-13)
    assert SEED.gumbel("turnout", 5, occasion=8) == pytest.approx(gumbel, rel=1e-13)


def philox(counter: int, key: int) -> list[int]:
    """Four words of Philox 4x64 with ten rounds, as Salmon et al. (2011) define it."""
    c, k = [counter % WORD, counter // WORD, 0, 0], [key % WORD, key // WORD]
    for _ in range(10):
        high0, low0 = divmod(0xD2E7470EE14C6C93 * c[0], WORD)
        high1, low1 = divmod(0xCA5A826395121157 * c[2], WORD)
        c = [high1 ^ c[1] ^ k[0], low1, high0 ^ c[3] ^ k[1], low0]
        k = [(k[0] + 0x9E3779B97F4A7C15) % WORD, (k[1] + 0xBB67AE8584CAA73B) % WORD]
    return c


def test_the_twin_is_philox():
    known = [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]
    assert philox(0, 0) == known  # published with the generator


@given(seeds, decisions, occasions, st.integers(0, 10**9))
def test_a_draw_is_philox_of_the_hashed_address_at_the_id(seed, decision, occasion, who):
    address = f"{seed}\x1f{decision}\x1f{occasion}".encode()
    key = int.from_bytes(hashlib.blake2b(address, digest_size=16).digest(), "little")
    word = philox(who // 4 + 1, key)[who % 4]  # NumPy counts the block before it makes it
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


def test_no_draw_is_an_end_point(monkeypatch):
    class Extreme:
        def __init__(self, word: int) -> None:
            self.word = np.uint64(word)

        def __call__(self, **_: int) -> Extreme:
            return self

        def random_raw(self, n: int) -> np.ndarray:
            return np.full(n, self.word)

    for word, expected in ((0, 2.0**-53), (WORD - 1, 1 - 2.0**-53)):
        monkeypatch.setattr(np.random, "Philox", Extreme(word))
        assert SEED.one("x") == expected
        assert np.isfinite(SEED.normal("x", 2)).all()
        assert np.isfinite(SEED.gumbel("x", 2)).all()


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
