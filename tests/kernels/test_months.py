"""The monthly round, compiled: a hash that neither threads nor chunks may change, and its limits.

That it follows its equations voter by voter is for tests/oracle.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernels import months, threads
from sim.society.network import Permutation, Ties, blocks
from sim.society.settings import NetworkSettings
from sim.streams import Streams

CHANCE = Streams(3)
SIZES = [1, 2, 3, 5, 700, 1300, 4096, 50_001]  # cells from one voter to many chunks; over the size worth a thread
CELL = np.repeat(np.arange(len(SIZES)), SIZES)
REGION = CELL // 2
VOTERS = len(CELL)
PARTIES = 5
TIES = NetworkSettings()


def world(block: int, ties: NetworkSettings) -> tuple[Ties, np.ndarray]:
    network = Ties.of(CELL, REGION, ties, CHANCE)
    first, size = blocks(CELL)
    pieces = threads.chunks(first, size, block)
    at = pieces[:, 2]
    return network, np.column_stack([pieces[:, :2], first[at], size[at], REGION[first[at]], CELL[first[at]]])


def lived(rounds: int = 3, block: int = threads.BLOCK, ties: NetworkSettings = TIES, bound: float = 1.5):
    """Records, masks and sums after some months."""
    network, chunks = world(block, ties)
    records = CHANCE.normal("records", 4 * VOTERS).astype(np.float32)
    records[3::4] = CHANCE.uniform("grievance", VOTERS)
    usual = records[3::4].copy()
    aware = (CHANCE.uniform("aware", VOTERS) * 2**PARTIES).astype(np.uint64)
    sums = np.zeros((len(chunks), 3), np.int64)
    rules = months.Round(*(np.float32(x) for x in (bound, 0.1 / max(network.degree, 1), 0.2, 0.95, 0.1)))
    for month in range(rounds):
        key = CHANCE.key("opinion", occasion=month)
        after, knows = np.empty_like(records), np.empty_like(aware)
        threads.each(months.opinion, chunks, network.local, network.far, key, rules, records, after, usual, sums)
        news = months.News(
            bit=(1 << np.arange(PARTIES)).astype(np.uint32),
            key=np.array([CHANCE.key(f"hear/{j}", occasion=month) for j in range(PARTIES)]),
            reach=np.full((int(REGION.max()) + 1, PARTIES), 0.02, np.float32),
            silent=(0.97**2.0 ** np.arange(4)).astype(np.float32),
        )
        threads.each(months.hear, chunks, network.local, network.far, news, 0, aware, knows)
        records, aware = after, knows
    return records, aware, sums.sum(axis=0)


def digest(state) -> str:
    return hashlib.sha256(b"".join(part.tobytes() for part in state)).hexdigest()


PINNED = "2cf9b4ac4db0ef47"


def test_the_state_after_three_months_is_pinned():
    """Frozen bytes: a change here is a change of every result, and needs a line in the CHANGELOG."""
    assert digest(lived())[:16] == PINNED


@pytest.mark.parametrize("block", [1, 3, 64, 1000, 10**6])
def test_no_byte_depends_on_the_length_of_chunks(block):
    assert digest(lived(block=block)) == digest(lived())


@pytest.mark.parametrize("number", [1, 2, 3, 7])
def test_no_byte_depends_on_threads(monkeypatch, number):
    expected = digest(lived())
    monkeypatch.setenv(threads.VARIABLE, str(number))
    assert threads.number() == number
    assert digest(lived()) == expected


@pytest.mark.parametrize(
    "ties", [NetworkSettings(local=0, regional=0, national=0), NetworkSettings(local=5, regional=1)]
)
def test_any_number_of_ties(ties):
    records, aware, _ = lived(ties=ties)
    assert np.isfinite(records).all()
    alone = digest(lived(ties=NetworkSettings(local=0, regional=0, national=0))[:1])
    assert (digest((records,)) == alone) == (ties.local == 0)
    assert (aware < 2**PARTIES).all()


UNIT = st.floats(0, 1, exclude_min=True, exclude_max=True)


@settings(deadline=None)  # the first example compiles
@given(st.integers(1, 20_000_000), UNIT, UNIT, UNIT, st.integers(1, threads.BLOCK), st.booleans())
def test_far_neighbours_are_those_of_the_permutation(size, stretch, turn, where, n, back):
    permutation = Permutation.pair(size, stretch, turn)[back]
    begin, n = 1000, min(n, size)
    first = int(where * (size - n))
    rows = np.empty(months.filled(n), np.uint32)
    months.walk(rows, n, np.array([begin, *permutation]), begin + first)
    assert np.array_equal(rows[:n], begin + permutation(first + np.arange(n)))


def test_whom_nobody_within_the_bound_pulls_moves_by_noise_alone():
    far_apart = lived(rounds=1, bound=1e-9)[0]
    without = lived(rounds=1, ties=NetworkSettings(local=0, regional=0, national=0))[0]
    assert np.array_equal(far_apart, without)


def test_sums_are_those_of_the_columns():
    records, _, sums = lived(rounds=1)
    columns = records.reshape(-1, 4).astype(float)
    expected = [columns[:, 2].sum(), (columns[:, 2] ** 2).sum(), columns[:, 3].sum()]
    assert sums / float(months.UNIT) == pytest.approx(expected, abs=VOTERS / float(months.UNIT))


def test_nobody_forgets_and_all_hear_in_the_end():
    before, after = lived(rounds=1)[1], lived(rounds=8)[1]
    assert ((before & ~after) == 0).all()
    assert np.bitwise_count(after).mean() > np.bitwise_count(before).mean() + 0.5


def test_the_second_page_of_masks_is_heard_of_like_the_first():
    network, chunks = world(threads.BLOCK, TIES)
    before = (CHANCE.uniform("aware", VOTERS) * 2**PARTIES).astype(np.uint64)
    news = months.News(
        bit=(1 << np.arange(PARTIES)).astype(np.uint32),
        key=np.array([CHANCE.key(f"hear/{j}") for j in range(PARTIES)]),
        reach=np.full((int(REGION.max()) + 1, PARTIES), 0.02, np.float32),
        silent=(0.97**2.0 ** np.arange(4)).astype(np.float32),
    )
    first, second = np.empty_like(before), np.empty_like(before)
    threads.each(months.hear, chunks, network.local, network.far, news, 0, before, first)
    shifted = before << np.uint64(32)
    threads.each(months.hear, chunks, network.local, network.far, news, 1, shifted, second)
    assert (first != before).any()
    assert np.array_equal(second, first << np.uint64(32))


def test_nothing_is_done_about_nobody():
    threads.each(lambda *_: pytest.fail("called"), np.zeros((0, 6), np.int64))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own(monkeypatch):
    monkeypatch.setenv(threads.VARIABLE, "2")
    expected = digest(lived(rounds=1))
    child = multiprocessing.get_context("fork").Process(target=lambda: sys.exit(digest(lived(rounds=1)) != expected))
    child.start()
    child.join(60)
    alive = child.is_alive()
    child.kill()
    assert not alive
    assert child.exitcode == 0


def test_sympathy_is_the_share_that_would_choose_a_group_over_all_rivals():
    _, chunks = world(threads.BLOCK, NetworkSettings())
    records = lived(rounds=1)[0]
    base = CHANCE.normal("base", 4 * len(SIZES)).reshape(4, -1).astype(np.float32)
    place = CHANCE.normal("place", 12).reshape(4, 3).astype(np.float32)
    sums = np.zeros((len(chunks), 1), np.int64)
    threads.each(months.sympathy, chunks, records, base, place, np.float32(0.7), 3, sums)
    gap = records.reshape(-1, 4)[:, None, :3].astype(float) - place[None]
    odds = np.exp(base.T[CELL] - 0.7 * (gap**2).sum(axis=2))
    expected = odds[:, 3] / odds.sum(axis=1)
    found = np.zeros(len(SIZES))
    np.add.at(found, chunks[:, months.CELL], sums[:, 0] / float(months.SHARE))
    assert found == pytest.approx(np.bincount(CELL, expected), rel=1e-5)
