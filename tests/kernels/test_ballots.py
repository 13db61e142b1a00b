"""The polls, compiled: an argmax with one shock a line, logit shares, and lines that may be missing or unknown."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from sim.kernels import ballots, threads
from sim.kernels.ballots import Inclination, Lines, Protest
from sim.streams import Streams

VOTERS, CHANCE = 20_000, Streams(11)
ALL = ("Left", "Centre", "Right", "Farmers")
APPEAL = dict(zip(ALL, (0.0, 0.5, -0.3, -2.0), strict=True))
PLACE = {name: CHANCE.normal(f"place/{name}", 3) for name in ALL}
RECORDS = CHANCE.normal("records", 4 * VOTERS).astype(np.float32)  # positions, and a grievance of any size
POSITION, GRIEVANCE = RECORDS.reshape(-1, 4)[:, :3].astype(float), RECORDS.reshape(-1, 4)[:, 3].astype(float)
EVERYTHING = np.full(VOTERS, 2**64 - 1, np.uint64)
WEIGHT, PROTEST = np.float32(0.4), Protest(np.float32(-1), np.float32(0.7), np.float32(0.3))
NO_BEST, EVERYBODY = np.zeros(VOTERS, np.float32), np.ones(VOTERS, np.bool_)
UTILITY = {name: APPEAL[name] - 0.4 * ((POSITION - PLACE[name]) ** 2).sum(axis=1) for name in ALL}


def chunks(block: int = threads.BLOCK) -> np.ndarray:
    """All voters, in one cell, on one ballot."""
    pieces = threads.chunks(np.array([0]), np.array([VOTERS]), block)
    return np.column_stack([pieces[:, :2], np.zeros((len(pieces), 4), np.int64)])


def lines(names: Iterable[str], *, against: bool = False, known: bool = False) -> Lines:
    """A ballot of those names, each with its own bit if it must be known, and the line against all at its end."""
    names = list(names)
    n = len(names) + against
    bits = [1 << ALL.index(name) if known else 0 for name in names] + [0] * against
    return Lines(
        first=np.array([0, n]),
        base=np.array([APPEAL[name] for name in names] + [0.0] * against, np.float32).reshape(n, 1),
        place=np.array([PLACE[name] for name in names] + [np.zeros(3)] * against, np.float32).reshape(n, 3),
        bit=np.array(bits, np.uint64),
        chance=np.zeros(n, np.float32),
        against=np.array([False] * len(names) + [True] * against, np.bool_),
        leader=np.zeros(n, np.bool_),
        key=np.array([CHANCE.key(f"taste/{name}") for name in [*names, "against"][:n]], np.uint64).reshape(n, 2),
    )


def marks(table: Lines, aware: np.ndarray = EVERYTHING, block: int = threads.BLOCK) -> np.ndarray:
    """The line each voter marks."""
    pieces, choice = chunks(block), np.empty(VOTERS, np.int16)
    sums = np.zeros((len(pieces), len(table.bit)), np.int64)
    level = np.zeros(len(pieces), np.float32)
    threads.each(ballots.mark, pieces, RECORDS, aware, table, WEIGHT, PROTEST, NO_BEST, EVERYBODY, level, choice, sums)
    assert sums.sum(axis=0).tolist() == [int((choice == code).sum()) for code in range(len(table.bit))]
    return choice


def shares(table: Lines, aware: np.ndarray = EVERYTHING, best: np.ndarray = NO_BEST) -> np.ndarray:
    """Expected shares of the lines."""
    pieces = chunks()
    sums = np.zeros((len(pieces), len(table.bit)), np.int64)
    threads.each(ballots.poll, pieces, RECORDS, aware, table, WEIGHT, PROTEST, best, sums)
    return sums.sum(axis=0) / float(ballots.SHARE)


def choices(standing: Iterable[str]) -> np.ndarray:
    """The line each voter marks, by its place in ALL."""
    names = [name for name in ALL if name in set(standing)]
    return np.array([ALL.index(name) for name in names])[marks(lines(names))]


@pytest.mark.parametrize("missing", ALL)
def test_in_the_choice_kernel_a_missing_option_moves_only_its_choosers(missing):
    gone = ALL.index(missing)
    free, refused = choices(ALL), choices(set(ALL) - {missing})
    assert (free == gone).any()
    assert not (refused == gone).any()
    stayed = free != gone
    assert np.array_equal(free[stayed], refused[stayed])


def test_the_order_of_options_does_not_matter():
    turned = marks(lines(reversed(ALL)))
    assert np.array_equal(choices(ALL), len(ALL) - 1 - turned)


def test_the_mark_is_the_argmax_of_utility_and_one_shock():
    def gumbel(name: str) -> np.ndarray:
        u = (np.floor(CHANCE.uniform(f"taste/{name}", VOTERS) * 2**23) + 0.5) / 2**23  # the first 23 bits
        return -np.log(-np.log(u))

    total = np.array([UTILITY[name] + gumbel(name) for name in ALL])
    gap = np.diff(np.sort(total, axis=0)[-2:], axis=0)[0]
    picked = choices(ALL)
    assert np.array_equal(picked[gap > 1e-4], total.argmax(axis=0)[gap > 1e-4])
    assert (gap > 1e-4).mean() > 0.999


@pytest.mark.parametrize("block", [1, 7, 100, 4096, 10**6])
def test_no_mark_depends_on_the_length_of_chunks(block):
    assert np.array_equal(marks(lines(ALL), block=block), marks(lines(ALL)))


def test_an_unknown_option_is_never_chosen_and_who_knows_none_chooses_none():
    known = np.array([CHANCE.uniform(f"known/{name}", VOTERS) < 0.4 for name in ALL])
    aware = (known * (1 << np.arange(len(ALL)))[:, None]).sum(axis=0).astype(np.uint64)
    picked = marks(lines(ALL, known=True), aware)
    some = known.any(axis=0)
    assert (picked[~some] == -1).all()
    assert known[picked[some], np.flatnonzero(some)].all()
    expected = shares(lines(ALL, known=True), aware)
    assert expected.sum() == pytest.approx(some.sum(), rel=1e-5)  # who knows none counts for none
    assert (shares(lines(ALL, known=True), 0 * aware) == 0).all()


def test_shares_are_logit_shares_and_choices_have_them_within_sampling_error():
    odds = np.exp(np.array([UTILITY[name] for name in ALL]).T)
    expected = (odds / odds.sum(axis=1, keepdims=True)).sum(axis=0)
    assert shares(lines(ALL)) == pytest.approx(expected, rel=2e-6)
    seen, p = np.bincount(choices(ALL), minlength=len(ALL)), expected / VOTERS
    assert (np.abs(seen - expected) < 4 * np.sqrt(VOTERS * p * (1 - p))).all()


def test_against_all_rises_with_grievance_and_falls_with_the_best_list():
    best = np.max(list(UTILITY.values()), axis=0)
    protest = -1 + np.float32(0.7) * GRIEVANCE - np.float32(0.3) * best
    odds = np.exp(np.array([*UTILITY.values(), protest]).T)
    expected = (odds / odds.sum(axis=1, keepdims=True)).sum(axis=0)
    assert shares(lines(ALL, against=True), best=best.astype(np.float32)) == pytest.approx(expected, rel=2e-6)


@given(st.floats(-40, 40))
def test_only_differences_of_utility_matter(added):
    table = lines(ALL)
    moved = table._replace(chance=table.chance + np.float32(added))
    assert shares(moved) == pytest.approx(shares(table), rel=1e-4)


def test_a_shift_of_the_leader_moves_the_leader_alone():
    table, pieces = lines(ALL), chunks()
    table.leader[1] = True
    choice, sums = np.empty(VOTERS, np.int16), np.zeros((len(pieces), len(ALL)), np.int64)
    tilt = np.full(len(pieces), 0.5, np.float32)
    threads.each(
        ballots.mark, pieces, RECORDS, EVERYTHING, table, WEIGHT, PROTEST, NO_BEST, EVERYBODY, tilt, choice, sums
    )
    before = marks(lines(ALL))
    moved = choice != before
    assert moved.any()
    assert (choice[moved] == 1).all()


def test_who_comes_is_who_draws_below_the_chance_and_nobody_else_marks():
    pieces, inclined = chunks(), CHANCE.normal("inclined", VOTERS).astype(np.float32)
    came, sums = np.empty(VOTERS, np.bool_), np.zeros(len(pieces), np.int64)
    shift = np.full(len(pieces), 0.3, np.float32)
    threads.each(ballots.turn_out, pieces, inclined, shift, CHANCE.key("turnout"), came, sums)
    u = (np.floor(CHANCE.uniform("turnout", VOTERS) * 2**23) + 0.5) / 2**23
    chance = expit(inclined.astype(float) + 0.3)
    clear = np.abs(u - chance) > 1e-6
    assert np.array_equal(came[clear], (u < chance)[clear])
    assert clear.mean() > 0.999
    assert sums.sum() == came.sum()
    choice, counts = np.empty(VOTERS, np.int16), np.zeros((len(pieces), len(ALL)), np.int64)
    level = np.zeros(len(pieces), np.float32)
    threads.each(
        ballots.mark, pieces, RECORDS, EVERYTHING, lines(ALL), WEIGHT, PROTEST, NO_BEST, came, level, choice, counts
    )
    assert (choice[~came] == -1).all()
    assert np.array_equal(choice[came], marks(lines(ALL))[came])


def test_stakes_are_the_best_list_known_over_the_mean_one_and_nothing_for_who_knows_none():
    known = CHANCE.uniform("knows", VOTERS) < 0.8
    aware = np.where(known, 3, 0).astype(np.uint64)  # Left and Centre, or nobody
    one = np.ones(1, np.float32)
    habit, belief = (CHANCE.normal(name, VOTERS).astype(np.float32) for name in ("habit", "belief"))
    dependent = CHANCE.uniform("dependent", VOTERS) < 0.3
    best, inclined, pieces = np.empty(VOTERS, np.float32), np.empty(VOTERS, np.float32), chunks()
    rule = Inclination(0.2 * one, 0.9 * one, 0.4 * one, np.float32(0.5), np.float32(2))
    threads.each(
        ballots.weigh,
        pieces,
        RECORDS,
        aware,
        lines(ALL, known=True, against=True),
        WEIGHT,
        rule,
        habit,
        belief,
        dependent,
        best,
        inclined,
    )
    two = np.array([UTILITY["Left"], UTILITY["Centre"]])
    top, mean = np.where(known, two.max(axis=0), 0), np.where(known, two.mean(axis=0), 0)
    assert best == pytest.approx(top, abs=1e-4)
    expected = 0.2 + habit + 0.5 * (top - mean) - 2 * (1 - belief) + np.where(dependent, 0.9, 0.4)
    assert inclined == pytest.approx(expected, abs=1e-4)
