"""What every voter does at the polls, compiled: who comes, what is expected of each line, and whom each voter marks.

The equations are those of docs/odd.md, 7.10 and 7.11. Several *ballots* (the list, every district) are held at once: a
ballot is a run of *lines* in one table, and a chunk of voters belongs to one of them. As in :mod:`sim.kernels.months`,
chunks are runs of rows inside one cell, draws are addressed by voter and line, and sums are whole numbers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels import elementary
from sim.kernels.months import (
    ALL,
    CELL,
    HALF,
    NONE,
    START,
    STOP,
    Floats,
    Keys,
    Whole,
    Wide,
    appeal,
    longest,
    split,
    uniform,
)

f32 = np.float32
u64 = np.uint64
i16 = np.int16
i64 = np.int64
Codes = NDArray[np.int16]
Flags = NDArray[np.bool_]
BALLOT = 4  # column of the table of chunks: where months have the region
UNKNOWN = f32(-1e30)  # utility of a line the voter does not know: no shock makes up for it
NOTHING_KNOWN = f32(-1e29)
SHARE = f32(2**24)
LEAST = i16(-1)


class Lines(NamedTuple):
    """The lines of all ballots in one table of L lines, ballot b having ``first[b] .. first[b + 1] - 1``.

    ``base`` (L, cells) and ``place`` (L, 3) make a line's utility; ``bit`` (L,) is the party a voter must know, 0 for
    none; ``chance`` (L,) is the weighted log chance of a seat; ``against`` (L,) marks lines against all; ``leader``
    (L,) the line that station effects move; ``key`` (L, 2) addresses tastes.
    """

    first: Whole
    base: Floats
    place: Floats
    bit: Wide
    chance: Floats
    against: Flags
    leader: Flags
    key: Keys


class Protest(NamedTuple):
    """The utility of a line against all: constant + grievance * g - best * (best list known)."""

    constant: f32
    grievance: f32
    best: f32


class Inclination(NamedTuple):
    """What moves turnout: by cell (cells,) ``constant``, and orders to the ``dependent`` and to ``others``; weights."""

    constant: Floats
    dependent: Floats
    others: Floats
    stakes: f32
    distrust: f32


@njit(inline="always")
def _place(places: Floats, j: int) -> tuple[f32, f32, f32]:
    return places[j, 0], places[j, 1], places[j, 2]


@njit(nogil=True, error_model="numpy")
def _like(
    out: Floats,
    n: int,
    axes: Floats,
    aware: Wide,
    first: int,
    bit: u64,
    base: f32,
    place: tuple[f32, f32, f32],
    weight: f32,
) -> None:
    """Utility of a list or a candidate to the voters from the row ``first`` on; ``axes`` (4, n) where they stand."""
    for i in range(n):
        known = aware[u64(first) + u64(i)] & bit == bit
        out[i] = appeal(axes[0, i], axes[1, i], axes[2, i], base, place, weight) if known else UNKNOWN


@njit(nogil=True, error_model="numpy")
def _protest(out: Floats, n: int, axes: Floats, best: Floats, first: int, protest: Protest) -> None:
    constant, on_grievance, on_best = protest.constant, protest.grievance, protest.best
    for i in range(n):
        out[i] = constant + on_grievance * axes[3, i] - on_best * best[u64(first) + u64(i)]


@njit(nogil=True, error_model="numpy")
def _best_and_mean(best: Floats, total: Floats, known: Floats, utility: Floats) -> None:
    for i in range(best.size):
        u = utility[i]
        best[i] = max(best[i], u)
        total[i] += u if u > NOTHING_KNOWN else NONE
        known[i] += ALL if u > NOTHING_KNOWN else NONE


@njit(nogil=True, error_model="numpy")
def _incline(
    out: Floats,
    best: Floats,
    total: Floats,
    known: Floats,
    habit: Floats,
    belief: Floats,
    dependent: Flags,
    constant: f32,
    to_dependent: f32,
    to_others: f32,
    stakes: f32,
    distrust: f32,
) -> None:
    for i in range(out.size):
        top = best[i] if known[i] > NONE else NONE
        best[i] = top
        gap = top - total[i] / max(known[i], ALL)
        order = to_dependent if dependent[i] else to_others
        out[i] = constant + habit[i] + stakes * gap - distrust * (ALL - belief[i]) + order


@njit(cache=True, nogil=True, error_model="numpy")
def weigh(
    first: int,
    last: int,
    chunks: Whole,
    records: Floats,
    aware: Wide,
    lines: Lines,
    weight: f32,
    inclination: Inclination,
    habit: Floats,
    belief: Floats,
    dependent: Flags,
    best: Floats,
    inclined: Floats,
) -> None:
    """Utility of the best list known, 0 where none is, and the log-odds of voting; both (N,), written in place."""
    most = longest(first, last, chunks)
    axes = np.empty((4, most), f32)
    utility_of, total_of, known_of = np.empty(most, f32), np.empty(most, f32), np.empty(most, f32)
    for c in range(first, last):
        start, end, cell, ballot = chunks[c, START], chunks[c, STOP], chunks[c, CELL], chunks[c, BALLOT]
        n = end - start
        utility = utility_of[:n]
        split(axes, 0, records, start, n)
        top, total, known = best[start:end], total_of[:n], known_of[:n]
        top[:], total[:], known[:] = UNKNOWN, NONE, NONE
        for j in range(lines.first[ballot], lines.first[ballot + 1]):
            if not lines.against[j]:
                _like(utility, n, axes, aware, start, lines.bit[j], lines.base[j, cell], _place(lines.place, j), weight)
                _best_and_mean(top, total, known, utility)
        _incline(
            inclined[start:end],
            top,
            total,
            known,
            habit[start:end],
            belief[start:end],
            dependent[start:end],
            inclination.constant[cell],
            inclination.dependent[cell],
            inclination.others[cell],
            inclination.stakes,
            inclination.distrust,
        )


@njit(nogil=True, error_model="numpy")
def _raise(top: Floats, utility: Floats, chance: f32) -> None:
    for i in range(top.size):
        utility[i] += chance
        top[i] = max(top[i], utility[i])


@njit(nogil=True, error_model="numpy")
def _odds(total: Floats, utility: Floats, top: Floats) -> None:
    for i in range(total.size):
        utility[i] = elementary.exp(utility[i] - top[i])
        total[i] += utility[i]


@njit(nogil=True, error_model="numpy")
def _scale(total: Floats, top: Floats) -> None:
    """From the sum of odds to what a unit of odds is worth: nothing for who knows no line."""
    for i in range(total.size):
        total[i] = SHARE / total[i] if top[i] > NOTHING_KNOWN else NONE


@njit(nogil=True, error_model="numpy")
def _sum_products(odds: Floats, scale: Floats) -> i64:
    total = i64(0)
    for i in range(scale.size):
        total += i64(np.int32(odds[i] * scale[i] + HALF))
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def poll(
    first: int,
    last: int,
    chunks: Whole,
    records: Floats,
    aware: Wide,
    lines: Lines,
    weight: f32,
    protest: Protest,
    best: Floats,
    sums: Whole,
) -> None:
    """Expected logit shares of the lines, summed over each chunk in parts of 2^24; sums (C, most lines of a ballot)."""
    most, lines_of_one = longest(first, last, chunks), 0
    for c in range(first, last):
        ballot = chunks[c, BALLOT]
        lines_of_one = max(lines_of_one, lines.first[ballot + 1] - lines.first[ballot])
    axes, utilities = np.empty((4, most), f32), np.empty((lines_of_one, most), f32)
    top_of, total_of = np.empty(most, f32), np.empty(most, f32)
    bits, bases, places, chances, against = lines.bit, lines.base, lines.place, lines.chance, lines.against
    for c in range(first, last):
        start, end, cell, ballot = chunks[c, START], chunks[c, STOP], chunks[c, CELL], chunks[c, BALLOT]
        n = end - start
        split(axes, 0, records, start, n)
        top, total = top_of[:n], total_of[:n]
        top[:], total[:] = UNKNOWN, NONE
        begin = lines.first[ballot]
        count = lines.first[ballot + 1] - begin
        for k in range(count):
            j, utility = begin + k, utilities[k]
            if against[j]:
                _protest(utility, n, axes, best, start, protest)
            else:
                _like(utility, n, axes, aware, start, bits[j], bases[j, cell], _place(places, j), weight)
            _raise(top, utility, chances[j])
        for k in range(count):
            _odds(total, utilities[k], top)
        _scale(total, top)
        for k in range(count):
            sums[c, k] = _sum_products(utilities[k], total)


@njit(nogil=True, error_model="numpy")
def _come(out: Flags, inclined: Floats, shift: f32, key0: u64, key1: u64, first: u64) -> i64:
    """Who comes; the number that does. expit(x) > u as 1 > u (1 + exp(-x))."""
    came = i64(0)
    for i in range(out.size):
        u = uniform(key0, key1, first + u64(i))
        out[i] = u * (ALL + elementary.exp(-(inclined[i] + shift))) < ALL
        came += i64(out[i])
    return came


@njit(nogil=True, error_model="numpy")
def _prefer(
    top: Floats, code: NDArray[np.int32], utility: Floats, chance: f32, j: np.int32, key0: u64, key1: u64, first: u64
) -> None:
    for i in range(top.size):
        total = utility[i] + chance + elementary.gumbel(uniform(key0, key1, first + u64(i)))
        code[i] = j if total > top[i] else code[i]
        top[i] = max(total, top[i])


@njit(nogil=True, error_model="numpy")
def _mark(choice: Codes, code: NDArray[np.int32], came: Flags) -> None:
    for i in range(choice.size):
        choice[i] = i16(code[i]) if came[i] else LEAST


@njit(nogil=True, error_model="numpy")
def _tally(choice: Codes, j: int) -> i64:
    total = i64(0)
    for i in range(choice.size):
        total += i64(choice[i] == i16(j))
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def turn_out(
    first: int, last: int, chunks: Whole, inclined: Floats, shift: Floats, key: Keys, came: Flags, sums: Whole
) -> None:
    """Who comes to the polls (N,), and how many of each chunk (C,); ``shift`` (C,) moves the log-odds of a chunk."""
    for c in range(first, last):
        start, end = chunks[c, START], chunks[c, STOP]
        sums[c] = _come(came[start:end], inclined[start:end], shift[c], key[0], key[1], u64(start))


@njit(cache=True, nogil=True, error_model="numpy")
def mark(
    first: int,
    last: int,
    chunks: Whole,
    records: Floats,
    aware: Wide,
    lines: Lines,
    weight: f32,
    protest: Protest,
    best: Floats,
    came: Flags,
    tilt: Floats,
    choice: Codes,
    sums: Whole,
) -> None:
    """The line each voter marks, by its number on the ballot, and marks by chunk (C, most lines of a ballot).

    The mark is the argmax of utility, chance and one Gumbel shock for each voter and line, so that taking a line away
    moves only those who had chosen it. -1 for who stays at home or knows no line. ``tilt`` (C,) moves the leader's.
    """
    most = longest(first, last, chunks)
    axes = np.empty((4, most), f32)
    utility_of, top_of, code_of = np.empty(most, f32), np.empty(most, f32), np.empty(most, np.int32)
    for c in range(first, last):
        start, end, cell, ballot = chunks[c, START], chunks[c, STOP], chunks[c, CELL], chunks[c, BALLOT]
        n = end - start
        utility = utility_of[:n]
        split(axes, 0, records, start, n)
        top, code = top_of[:n], code_of[:n]
        top[:], code[:] = NOTHING_KNOWN, -1
        begin = lines.first[ballot]
        count = lines.first[ballot + 1] - begin
        for k in range(count):
            j = begin + k
            if lines.against[j]:
                _protest(utility, n, axes, best, start, protest)
            else:
                _like(utility, n, axes, aware, start, lines.bit[j], lines.base[j, cell], _place(lines.place, j), weight)
            chance = lines.chance[j] + (tilt[c] if lines.leader[j] else NONE)
            _prefer(top, code, utility, chance, np.int32(k), lines.key[j, 0], lines.key[j, 1], u64(start))
        _mark(choice[start:end], code, came[start:end])
        for k in range(count):
            sums[c, k] = _tally(choice[start:end], k)


@njit(cache=True, nogil=True, error_model="numpy")
def spoil(first: int, last: int, chunks: Whole, choice: Codes, key: Keys, share: f32, sums: Whole) -> None:
    """Ballots by chunk and line (C, J) without those that voters spoil, each with the same chance."""
    for c in range(first, last):
        sums[c, :] = 0
        for i in range(chunks[c, START], chunks[c, STOP]):
            if choice[i] >= 0 and uniform(key[0], key[1], u64(i)) >= share:
                sums[c, choice[i]] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def teach(first: int, last: int, chunks: Whole, aware: Wide, bit: u64, key: Keys, reach: f32) -> None:
    """Add a party to what voters know (N,), with one chance for all, in place."""
    for c in range(first, last):
        for i in range(chunks[c, START], chunks[c, STOP]):
            aware[i] |= bit if uniform(key[0], key[1], u64(i)) < reach else u64(0)
