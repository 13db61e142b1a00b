"""The monthly round of every voter, compiled: opinion, grievance, what people have heard, and sympathy for groups.

The equations are those of docs/odd.md, sections 5 (network) and 7.1 to 7.3, and the sympathy of 7.5. Voters are rows
sorted by region and cell. A *chunk* is a run of rows inside one cell, at most some thousand: each step below is a small
loop over one chunk that a compiler can run many lanes at once, and whose arrays stay in the nearest caches. What a
voter does depends on last month's columns and on addressed draws alone, so neither the length of chunks nor who runs
them matters. Sums are whole numbers, which add up alike in any order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels import elementary
from sim.kernels.chance import word

f32 = np.float32
u32 = np.uint32
u64 = np.uint64
i32 = np.int32
i64 = np.int64
Floats = NDArray[np.float32]
Masks = NDArray[np.uint32]
Wide = NDArray[np.uint64]
Whole = NDArray[np.int64]
Keys = NDArray[np.uint64]

NONE, HALF, ALL, ONE = f32(0), f32(0.5), f32(1), u32(1)
TWO, FOUR = u64(2), u64(4)
FIELD = u64(2**21 - 1)  # a word holds three draws of 21 bits
SHIFTS = (u64(43), u64(22), u64(1))
OF_21, OF_23, TOP_23 = f32(2.0**-21), f32(2.0**-23), u64(41)
EVERYTHING = u32(2**32 - 1)
UNIT = f32(2**16)  # sums are kept in this many parts of one
SHARE = f32(2**24)
START, STOP, CELL_START, CELL_SIZE, REGION, CELL = range(6)
"""Columns of the table of chunks."""
MOST_TIES = 15  # as many as four bits count


class Round(NamedTuple):
    """What a month does to everybody alike. ``step`` is attraction over the number of ties."""

    bound: f32
    step: f32
    noise: f32
    left: f32  # grievance left
    shock: f32


class News(NamedTuple):
    """The parties that can be heard of: their bit (P,) as a mask of one page, key (P, 2), and reach by region (R, P).

    ``silent`` (4,) is the chance to hear nothing from 1, 2, 4 and 8 neighbours who know a party.
    """

    bit: Masks
    key: Keys
    reach: Floats
    silent: Floats


@njit(inline="always")
def uniform(key0: u64, key1: u64, who: u64) -> f32:
    """A uniform of 23 bits in single precision."""
    return (f32(i32(word(key0, key1, who) >> TOP_23)) + HALF) * OF_23


@njit(nogil=True, error_model="numpy")
def _pull(acc: Floats, here: Floats, there: Floats, bound: f32) -> None:
    for i in range(here.size):
        gap = there[i] - here[i]
        acc[i] += gap if abs(gap) < bound else NONE


@njit(nogil=True, error_model="numpy")
def _draw(one: NDArray[i32], two: NDArray[i32], three: NDArray[i32], key0: u64, key1: u64, first: u64) -> None:
    """Three draws of 21 bits for each voter."""
    for i in range(one.size):
        w = word(key0, key1, first + u64(i))
        one[i] = i32(w >> SHIFTS[0])
        two[i] = i32((w >> SHIFTS[1]) & FIELD)
        three[i] = i32((w >> SHIFTS[2]) & FIELD)


@njit(nogil=True, error_model="numpy")
def _move(new: Floats, here: Floats, acc: Floats, bits: NDArray[i32], step: f32, noise: f32) -> None:
    for i in range(new.size):
        u = (f32(bits[i]) + HALF) * OF_21
        new[i] = here[i] + step * acc[i] + noise * elementary.normal(u)


@njit(nogil=True, error_model="numpy")
def _count(one: Masks, two: Masks, four: Masks, eight: Masks, a: Masks, b: Masks) -> None:
    """Add two neighbours' masks to counts kept bit by bit, for all parties at once; the last plane overflows."""
    for i in range(a.size):
        x, y, z = one[i], a[i], b[i]
        one[i] = x ^ y ^ z
        carry = (x & y) | (z & (x ^ y))
        x = two[i]
        two[i] = x ^ carry
        carry &= x
        x = four[i]
        four[i] = x ^ carry
        eight[i] ^= carry & x


@njit(nogil=True, error_model="numpy")
def _quiet(
    out: Floats, one: Masks, two: Masks, four: Masks, eight: Masks, bit: u32, media: f32, silent: tuple[f32, ...]
) -> None:
    """Chance to hear nothing of a party from media and from the neighbours who know it."""
    for i in range(out.size):
        q = media * (silent[0] if one[i] & bit else ALL)
        q *= silent[1] if two[i] & bit else ALL
        q *= silent[2] if four[i] & bit else ALL
        out[i] = q * (silent[3] if eight[i] & bit else ALL)


@njit(nogil=True, error_model="numpy")
def _hear(knows: Masks, quiet: Floats, bit: u32, key0: u64, key1: u64, first: u64) -> None:
    for i in range(knows.size):
        knows[i] |= bit if uniform(key0, key1, first + u64(i)) < ALL - quiet[i] else u32(0)


@njit(nogil=True, error_model="numpy")
def _sum(x: Floats) -> i64:
    total = i64(0)
    for i in range(x.size):
        total += i64(i32(np.rint(x[i] * UNIT)))
    return total


@njit(nogil=True, error_model="numpy")
def _sum_of_squares(x: Floats) -> i64:
    total = i64(0)
    for i in range(x.size):
        total += i64(i32(np.rint(x[i] * x[i] * UNIT)))
    return total


@njit(nogil=True, error_model="numpy")
def _walk(rows: Masks, group: Whole, first: i64) -> None:
    """The far neighbours of consecutive rows; group (5,) as in ``Ties.far``.

    They are ``factor`` apart until they pass the end of the group, so that most are filled in one loop a turn.
    """
    begin, size, modulus, factor, shift = group[0], group[1], group[2], group[3], group[4]
    n = rows.size
    at = (factor * (first - begin) + shift) % modulus
    i = 0
    while i < n:
        run = min(n - i, (size - 1 - at) // factor + 1) if at < size else 0
        for k in range(run):
            rows[i + k] = u32(begin + at + factor * k)
        i += run
        at += run * factor
        while i < n and at < modulus:  # the few numbers beyond the group: walk on until inside
            row = at
            while row >= size:
                row = (factor * row + shift) % modulus
            rows[i] = u32(begin + row)
            i += 1
            at += factor
        at -= modulus


@njit(nogil=True, error_model="numpy")
def _take(out: Wide, records: Wide, rows: Masks) -> None:
    """Records of some rows, each of two double words."""
    for i in range(rows.size):
        j, k = TWO * u64(rows[i]), TWO * u64(i)
        out[k] = records[j]
        out[k + u64(1)] = records[j + u64(1)]


@njit(nogil=True, error_model="numpy")
def split(x: Floats, y: Floats, z: Floats, grievance: Floats, record: Floats) -> None:
    """Records as columns; all four, wanted or not, for so compilers turn them round in registers."""
    for i in range(x.size):
        j = FOUR * u64(i)
        x[i], y[i], z[i], grievance[i] = record[j], record[j + u64(1)], record[j + TWO], record[j + u64(3)]


@njit(nogil=True, error_model="numpy")
def _join(
    record: Floats, before: Floats, x: Floats, y: Floats, z: Floats, usual: Floats, left: f32, shock: f32
) -> None:
    """New records from new positions and the grievance of the old ones."""
    for i in range(x.size):
        j = FOUR * u64(i)
        felt = usual[i] + left * (before[j + u64(3)] - usual[i]) + shock
        record[j], record[j + u64(1)], record[j + TWO] = x[i], y[i], z[i]
        record[j + u64(3)] = min(max(felt, NONE), ALL)


@njit(nogil=True, error_model="numpy")
def _sum_grievance(record: Floats) -> i64:
    total = i64(0)
    for i in range(record.size // 4):
        total += i64(i32(np.rint(record[FOUR * u64(i) + u64(3)] * UNIT)))
    return total


@njit(nogil=True, error_model="numpy")
def longest(first: int, last: int, chunks: Whole) -> int:
    """Rows of the longest chunk: what scratch arrays must hold."""
    most = 0
    for c in range(first, last):
        most = max(most, chunks[c, STOP] - chunks[c, START])
    return most


@njit(cache=True, nogil=True, error_model="numpy")
def opinion(
    first: int,
    last: int,
    chunks: Whole,
    local: int,
    far: Whole,
    key: Keys,
    rules: Round,
    before: Floats,
    after: Floats,
    usual: Floats,
    sums: Whole,
) -> None:
    """A month of opinion and grievance of the voters in chunks ``first .. last - 1``.

    ``chunks`` (C, 6) as named above; ``local`` and ``far`` (R, K, 5) the ties; ``key`` (2,) of the month's draws;
    ``before`` and ``after`` (4 N,) the records of last month and of this: three positions and grievance, whose
    ``usual`` level is (N,). ``sums`` (C, 3) takes, in parts of 2^16, the sums of accountability, its square, grievance.
    """
    most, width, permutations = longest(first, last, chunks), 2 * local, far.shape[1]
    near, away, new = np.empty((4, most + width), f32), np.empty((permutations, 4, most), f32), np.empty((3, most), f32)
    records, rows_of, bits = np.empty(4 * most, f32), np.empty(most, u32), np.empty((3, most), i32)
    acc_of, wide_before, wide_records = np.empty(most, f32), before.view(u64), records.view(u64)
    for c in range(first, last):
        start, begin, size, region = chunks[c, START], chunks[c, CELL_START], chunks[c, CELL_SIZE], chunks[c, REGION]
        n = chunks[c, STOP] - start
        i = 0
        while i < n + width:  # the ring of the cell from ``local`` rows before the chunk to as many after, run by run
            there = begin + (start - begin - local + i) % size
            run = min(n + width - i, begin + size - there)
            end = i + run
            split(near[0, i:end], near[1, i:end], near[2, i:end], near[3, i:end], before[4 * there : 4 * (there + run)])
            i = end
        rows = rows_of[:n]
        for k in range(permutations):
            _walk(rows, far[region, k], start)
            _take(wide_records[: 2 * n], wide_before, rows)
            split(away[k, 0, :n], away[k, 1, :n], away[k, 2, :n], away[k, 3, :n], records[: 4 * n])
        _draw(bits[0, :n], bits[1, :n], bits[2, :n], key[0], key[1], u64(start))
        acc = acc_of[:n]
        for axis in range(3):
            here = near[axis, local : local + n]
            acc[:] = NONE
            for step in range(width + 1):
                if step != local:
                    _pull(acc, here, near[axis, step : step + n], rules.bound)
            for k in range(permutations):
                _pull(acc, here, away[k, axis, :n], rules.bound)
            _move(new[axis, :n], here, acc, bits[axis, :n], rules.step, rules.noise)
        old, own = before[4 * start : 4 * (start + n)], after[4 * start : 4 * (start + n)]
        _join(own, old, new[0, :n], new[1, :n], new[2, :n], usual[start : start + n], rules.left, rules.shock)
        sums[c, 0], sums[c, 1], sums[c, 2] = _sum(new[2, :n]), _sum_of_squares(new[2, :n]), _sum_grievance(own)


@njit(nogil=True, error_model="numpy")
def _page(out: Masks, aware: Wide, shift: u64) -> None:
    """Half of a mask of 64 parties."""
    for i in range(out.size):
        out[i] = u32(aware[i] >> shift)


@njit(nogil=True, error_model="numpy")
def _page_of(out: Masks, aware: Wide, shift: u64, rows: Masks) -> None:
    for i in range(out.size):
        out[i] = u32(aware[rows[i]] >> shift)


@njit(nogil=True, error_model="numpy")
def _learn(out: Wide, knew: Wide, knows: Masks, shift: u64) -> None:
    for i in range(knows.size):
        out[i] = knew[i] | u64(knows[i]) << shift


@njit(nogil=True, error_model="numpy")
def _known_to_all(masks: Masks) -> u32:
    out = EVERYTHING
    for i in range(masks.size):
        out &= masks[i]
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def hear(
    first: int,
    last: int,
    chunks: Whole,
    local: int,
    far: Whole,
    news: News,
    page: int,
    before: Wide,
    after: Wide,
) -> None:
    """A month of word of mouth and media; ``before`` and ``after`` (N,) are the masks of last month and of this.

    The parties of ``news`` lie on one ``page`` of the masks, a half of 32 parties.
    """
    most, width, permutations, shift = longest(first, last, chunks), 2 * local, far.shape[1], u64(32 * page)
    near, away = np.empty(most + width, u32), np.empty((permutations, most), u32)
    rows_of, knows_of, quiet_of = np.empty(most, u32), np.empty(most, u32), np.empty(most, f32)
    planes = np.empty((4, most), u32)
    silent = (news.silent[0], news.silent[1], news.silent[2], news.silent[3])
    wanted = u32(0)
    for bit in news.bit:
        wanted |= bit
    for c in range(first, last):
        start, begin, size, region = chunks[c, START], chunks[c, CELL_START], chunks[c, CELL_SIZE], chunks[c, REGION]
        n = chunks[c, STOP] - start
        knows = knows_of[:n]
        _page(knows, before[start : start + n], shift)
        known = _known_to_all(knows)
        if wanted & ~known:
            i = 0
            while i < n + width:
                there = begin + (start - begin - local + i) % size
                run = min(n + width - i, begin + size - there)
                _page(near[i : i + run], before[there : there + run], shift)
                i += run
            rows = rows_of[:n]
            for k in range(permutations):
                _walk(rows, far[region, k], start)
                _page_of(away[k, :n], before, shift, rows)
            one, two, four, eight = planes[0, :n], planes[1, :n], planes[2, :n], planes[3, :n]
            planes[:, :n] = u32(0)
            for step in range(local):
                back = width - step
                _count(one, two, four, eight, near[step : step + n], near[back : back + n])
            for k in range(0, permutations, 2):
                _count(one, two, four, eight, away[k, :n], away[k + 1, :n])
            quiet = quiet_of[:n]
            for j in range(news.bit.size):
                if news.bit[j] & ~known:
                    _quiet(quiet, one, two, four, eight, news.bit[j], ALL - news.reach[region, j], silent)
                    _hear(knows, quiet, news.bit[j], news.key[j, 0], news.key[j, 1], u64(start))
        _learn(after[start : start + n], before[start : start + n], knows, shift)


@njit(inline="always")
def appeal(x: f32, y: f32, z: f32, base: f32, place: tuple[f32, f32, f32], weight: f32) -> f32:
    """``base`` less the weighted squared distance of a voter to a place: the utility of 7.10."""
    dx, dy, dz = x - place[0], y - place[1], z - place[2]
    return elementary.fma(-weight, elementary.fma(dx, dx, elementary.fma(dy, dy, dz * dz)), base)


@njit(nogil=True, error_model="numpy")
def _add_odds(
    out: Floats, x: Floats, y: Floats, z: Floats, base: f32, place: tuple[f32, f32, f32], weight: f32
) -> None:
    for i in range(out.size):
        out[i] += elementary.exp(appeal(x[i], y[i], z[i], base, place, weight))


@njit(nogil=True, error_model="numpy")
def _share(
    out: Floats, rivals: Floats, x: Floats, y: Floats, z: Floats, base: f32, place: tuple[f32, f32, f32], weight: f32
) -> None:
    for i in range(out.size):
        odds = elementary.exp(appeal(x[i], y[i], z[i], base, place, weight))
        out[i] = odds / (odds + rivals[i])


@njit(nogil=True, error_model="numpy")
def _sum_shares(share: Floats) -> i64:
    total = i64(0)
    for i in range(share.size):
        total += i64(i32(share[i] * SHARE + HALF))
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def sympathy(
    first: int,
    last: int,
    chunks: Whole,
    records: Floats,
    base: Floats,
    place: Floats,
    weight: f32,
    rivals: int,
    sums: Whole,
) -> None:
    """How many voters of each chunk would choose a group over all rivals, in parts of 2^24; sums (C, groups).

    ``records`` (4 N,) as in :func:`opinion`; ``base`` (J, cells) and ``place`` (J, 3) are those of the rivals,
    then of the groups.
    """
    most = longest(first, last, chunks)
    axes = np.empty((4, most), f32)
    share_of, odds_of = np.empty(most, f32), np.empty(most, f32)
    for c in range(first, last):
        start, cell = chunks[c, START], chunks[c, CELL]
        n = chunks[c, STOP] - start
        x, y, z, share, odds = axes[0, :n], axes[1, :n], axes[2, :n], share_of[:n], odds_of[:n]
        split(x, y, z, axes[3, :n], records[4 * start : 4 * (start + n)])
        odds[:] = NONE
        for j in range(base.shape[0]):
            here = (place[j, 0], place[j, 1], place[j, 2])
            if j < rivals:
                _add_odds(odds, x, y, z, base[j, cell], here, weight)
            else:
                _share(share, odds, x, y, z, base[j, cell], here, weight)
                sums[c, j - rivals] = _sum_shares(share)
