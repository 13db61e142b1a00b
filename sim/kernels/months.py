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
LANES = 64  # far neighbours are found so many at a time; what fills the last lanes is never read
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
def _pull_two(acc: Floats, here: Floats, at: int, first: Floats, i1: int, second: Floats, i2: int, bound: f32) -> None:
    """Add to ``acc`` (n,) the gaps below the bound to two neighbours of each voter: rows at, i1 and i2 on."""
    for i in range(acc.size):
        mine = here[u64(at) + u64(i)]
        one, two = first[u64(i1) + u64(i)] - mine, second[u64(i2) + u64(i)] - mine
        acc[i] = (acc[i] + (one if abs(one) < bound else NONE)) + (two if abs(two) < bound else NONE)


@njit(nogil=True, error_model="numpy")
def _pull(acc: Floats, near: Floats, away: Floats, axis: int, local: int, bound: f32) -> None:
    """Gaps below the bound to all neighbours on one axis, summed in the order of the ties, two neighbours a loop.

    ``acc`` (n,); ``near`` (4, n + 2 local) the ring, ``away`` (K, 4, n) the others, at least so long.
    """
    acc[:] = NONE
    ring = near[axis]
    for j in range(0, 2 * local, 2):
        one, two = j + (j >= local), j + 1 + (j + 1 >= local)  # places on the ring but the voter's own
        _pull_two(acc, ring, local, ring, one, ring, two, bound)
    for k in range(0, away.shape[0], 2):
        _pull_two(acc, ring, local, away[k, axis], 0, away[k + 1, axis], 0, bound)


@njit(nogil=True, error_model="numpy")
def _draw(bits: NDArray[i32], n: int, key0: u64, key1: u64, first: u64) -> None:
    """Three draws of 21 bits (3, n) for each voter."""
    for i in range(n):
        w = word(key0, key1, first + u64(i))
        bits[0, i] = i32(w >> SHIFTS[0])
        bits[1, i] = i32((w >> SHIFTS[1]) & FIELD)
        bits[2, i] = i32((w >> SHIFTS[2]) & FIELD)


@njit(nogil=True, error_model="numpy")
def _move(
    new: Floats, near: Floats, axis: int, local: int, acc: Floats, bits: NDArray[i32], step: f32, noise: f32
) -> None:
    """New places on one axis (3, n): the old one, what all neighbours pull, and chance."""
    for i in range(acc.size):
        u = (f32(bits[axis, i]) + HALF) * OF_21
        new[axis, i] = near[axis, u64(local) + u64(i)] + step * acc[i] + noise * elementary.normal(u)


@njit(nogil=True, error_model="numpy")
def _count(planes: Masks, n: int, a: Masks, at: int, b: Masks, bt: int) -> None:
    """Add two neighbours' masks, rows at and bt on, to counts kept bit by bit, for all parties at once.

    ``planes`` (4, n): ones, twos, fours and eights, which overflow.
    """
    for i in range(n):
        x, y, z = planes[0, i], a[u64(at) + u64(i)], b[u64(bt) + u64(i)]
        two, four, eight = planes[1, i], planes[2, i], planes[3, i]
        carry = (x & y) | (z & (x ^ y))
        planes[0, i] = x ^ y ^ z
        planes[1, i] = two ^ carry
        carry &= two
        planes[2, i] = four ^ carry
        planes[3, i] = eight ^ (carry & four)


@njit(nogil=True, error_model="numpy")
def _quiet(out: Floats, planes: Masks, bit: u32, media: f32, silent: tuple[f32, ...]) -> None:
    """Chance to hear nothing of a party from media and from the neighbours who know it."""
    for i in range(out.size):
        q = media * (silent[0] if planes[0, i] & bit else ALL)
        q *= silent[1] if planes[1, i] & bit else ALL
        q *= silent[2] if planes[2, i] & bit else ALL
        out[i] = q * (silent[3] if planes[3, i] & bit else ALL)


@njit(nogil=True, error_model="numpy")
def _hear(knows: Masks, quiet: Floats, bit: u32, key0: u64, key1: u64, first: u64) -> None:
    for i in range(quiet.size):
        knows[i] |= bit if uniform(key0, key1, first + u64(i)) < ALL - quiet[i] else u32(0)


@njit(nogil=True, error_model="numpy")
def _sum(x: Floats, n: int) -> i64:
    total = i64(0)
    for i in range(n):
        total += i64(i32(np.rint(x[i] * UNIT)))
    return total


@njit(nogil=True, error_model="numpy")
def _sum_of_squares(x: Floats, n: int) -> i64:
    total = i64(0)
    for i in range(n):
        total += i64(i32(np.rint(x[i] * x[i] * UNIT)))
    return total


@njit(inline="always")
def _within(number: i32, modulus: i32, part: f32) -> i32:
    """A whole number from 0 to 2^31 by its modulus; ``part`` is one over that, which counts turns at most one off."""
    rest = i32(number - i32(modulus * i32(f32(number) * part)))
    rest = i32(rest + (modulus if rest < 0 else i32(0)))
    return i32(rest - (modulus if rest >= modulus else i32(0)))


@njit(nogil=True, error_model="numpy")
def walk(rows: Masks, n: int, group: Whole, first: int) -> None:
    """The far neighbours of ``n`` rows from ``first`` on; group (5,) as in ``Ties.far``; rows (filled(n),).

    Lane by lane, and once more where some have reached one of the few numbers beyond the end of the group. What fills
    the last lanes is left as it comes: it may never get inside.
    """
    begin, size, modulus, factor, shift = group[0], i32(group[1]), i32(group[2]), i32(group[3]), group[4]
    part = ALL / f32(modulus)
    at, beyond = i32((factor * (first - begin) + shift) % modulus), i32((factor * group[1] + shift) % modulus)
    for piece in range(0, n, LANES):
        most = i32(0)
        for i in range(piece, piece + LANES):
            there = _within(i32(at + i32(factor * i32(i))), modulus, part)
            most = max(most, there if i < n else i32(0))
            rows[u64(i)] = u32(begin + there)
        while most >= size:
            most = i32(0)
            for i in range(piece, piece + LANES):
                there = i32(rows[u64(i)] - begin)
                after = _within(i32(beyond + i32(factor * i32(there - size))), modulus, part)
                there = after if there >= size else there
                most = max(most, there if i < n else i32(0))
                rows[u64(i)] = u32(begin + there)


@njit(nogil=True, error_model="numpy")
def _take(out: Wide, records: Wide, rows: Masks, n: int) -> None:
    """Records of some rows, each of two double words, which are read before they are written: so they move as one."""
    for i in range(n):
        j, k = TWO * u64(rows[i]), TWO * u64(i)
        low, high = records[j], records[j + u64(1)]
        out[k], out[k + u64(1)] = low, high


@njit(nogil=True, error_model="numpy")
def split(axes: Floats, at: int, records: Floats, first: int, n: int) -> None:
    """Records from the row ``first`` on as columns (4, ..) from the place ``at`` on.

    All four, wanted or not, for so compilers turn them round in registers.
    """
    for i in range(n):
        j, k = FOUR * (u64(first) + u64(i)), u64(at) + u64(i)
        x, y, z, grievance = records[j], records[j + u64(1)], records[j + TWO], records[j + u64(3)]
        axes[0, k], axes[1, k], axes[2, k], axes[3, k] = x, y, z, grievance


@njit(nogil=True, error_model="numpy")
def _join(after: Floats, before: Floats, first: int, new: Floats, n: int, usual: Floats, left: f32, shock: f32) -> None:
    """New records from new positions (3, n) and the grievance of the old ones."""
    for i in range(n):
        row = u64(first) + u64(i)
        j = FOUR * row
        felt = usual[row] + left * (before[j + u64(3)] - usual[row]) + shock
        after[j], after[j + u64(1)], after[j + TWO] = new[0, i], new[1, i], new[2, i]
        after[j + u64(3)] = min(max(felt, NONE), ALL)


@njit(nogil=True, error_model="numpy")
def _sum_grievance(records: Floats, first: int, n: int) -> i64:
    total = i64(0)
    for i in range(n):
        total += i64(i32(np.rint(records[FOUR * (u64(first) + u64(i)) + u64(3)] * UNIT)))
    return total


@njit(nogil=True, error_model="numpy")
def longest(first: int, last: int, chunks: Whole) -> int:
    """Rows of the longest chunk, with its last lanes filled: what scratch arrays must hold."""
    most = 0
    for c in range(first, last):
        most = max(most, chunks[c, STOP] - chunks[c, START])
    return filled(most)


@njit(inline="always")
def filled(rows: int) -> int:
    """Rows with those that fill the last lanes."""
    return (rows + LANES - 1) // LANES * LANES


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
    records, rows, bits = np.empty(4 * most, f32), np.empty(most, u32), np.empty((3, most), i32)
    acc_of, wide_before, wide_records = np.empty(most, f32), before.view(u64), records.view(u64)
    for c in range(first, last):
        start, begin, size, region = chunks[c, START], chunks[c, CELL_START], chunks[c, CELL_SIZE], chunks[c, REGION]
        n = chunks[c, STOP] - start
        i, there = 0, (start - begin - local) % size
        while i < n + width:  # the ring of the cell from ``local`` rows before the chunk to as many after, run by run
            run = min(n + width - i, size - there)
            split(near, i, before, begin + there, run)
            i, there = i + run, 0
        acc = acc_of[:n]
        for k in range(permutations):
            walk(rows, n, far[region, k], start)
            _take(wide_records, wide_before, rows, n)
            split(away[k], 0, records, 0, n)
        _draw(bits, n, key[0], key[1], u64(start))
        for axis in range(3):
            _pull(acc, near, away, axis, local, rules.bound)
            _move(new, near, axis, local, acc, bits, rules.step, rules.noise)
        _join(after, before, start, new, n, usual, rules.left, rules.shock)
        sums[c, 0], sums[c, 1] = _sum(new[2], n), _sum_of_squares(new[2], n)
        sums[c, 2] = _sum_grievance(after, start, n)


@njit(nogil=True, error_model="numpy")
def _page(out: Masks, at: int, aware: Wide, first: int, n: int, shift: u64) -> None:
    """Half of the masks of 64 parties, from the row ``first`` on, from the place ``at`` on."""
    for i in range(n):
        out[u64(at) + u64(i)] = u32(aware[u64(first) + u64(i)] >> shift)


@njit(nogil=True, error_model="numpy")
def _page_of(out: Masks, aware: Wide, rows: Masks, n: int, shift: u64) -> None:
    for i in range(n):
        out[i] = u32(aware[u64(rows[i])] >> shift)


@njit(nogil=True, error_model="numpy")
def _learn(after: Wide, before: Wide, first: int, n: int, knows: Masks, shift: u64) -> None:
    for i in range(n):
        row = u64(first) + u64(i)
        after[row] = before[row] | u64(knows[i]) << shift


@njit(nogil=True, error_model="numpy")
def _known_to_all(masks: Masks, n: int) -> u32:
    out = EVERYTHING
    for i in range(n):
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
    near, away, planes = np.empty(most + width, u32), np.empty((permutations, most), u32), np.empty((4, most), u32)
    rows, knows, quiet_of = np.empty(most, u32), np.empty(most, u32), np.empty(most, f32)
    silent = (news.silent[0], news.silent[1], news.silent[2], news.silent[3])
    wanted = u32(0)
    for bit in news.bit:
        wanted |= bit
    for c in range(first, last):
        start, begin, size, region = chunks[c, START], chunks[c, CELL_START], chunks[c, CELL_SIZE], chunks[c, REGION]
        n = chunks[c, STOP] - start
        _page(knows, 0, before, start, n, shift)
        known = _known_to_all(knows, n)
        if wanted & ~known:
            i, there = 0, (start - begin - local) % size
            while i < n + width:
                run = min(n + width - i, size - there)
                _page(near, i, before, begin + there, run, shift)
                i, there = i + run, 0
            quiet = quiet_of[:n]
            planes[:, :n] = u32(0)
            for step in range(local):
                _count(planes, n, near, step, near, width - step)
            for k in range(0, permutations, 2):
                for one in (k, k + 1):
                    walk(rows, n, far[region, one], start)
                    _page_of(away[one], before, rows, n, shift)
                _count(planes, n, away[k], 0, away[k + 1], 0)
            for j in range(news.bit.size):
                if news.bit[j] & ~known:
                    _quiet(quiet, planes, news.bit[j], ALL - news.reach[region, j], silent)
                    _hear(knows, quiet, news.bit[j], news.key[j, 0], news.key[j, 1], u64(start))
        _learn(after, before, start, n, knows, shift)


@njit(inline="always")
def appeal(x: f32, y: f32, z: f32, base: f32, place: tuple[f32, f32, f32], weight: f32) -> f32:
    """``base`` less the weighted squared distance of a voter to a place: the utility of 7.10."""
    dx, dy, dz = x - place[0], y - place[1], z - place[2]
    return elementary.fma(-weight, elementary.fma(dx, dx, elementary.fma(dy, dy, dz * dz)), base)


@njit(nogil=True, error_model="numpy")
def _add_odds(out: Floats, axes: Floats, base: f32, place: tuple[f32, f32, f32], weight: f32) -> None:
    for i in range(out.size):
        out[i] += elementary.exp(appeal(axes[0, i], axes[1, i], axes[2, i], base, place, weight))


@njit(nogil=True, error_model="numpy")
def _share(out: Floats, rivals: Floats, axes: Floats, base: f32, place: tuple[f32, f32, f32], weight: f32) -> None:
    for i in range(out.size):
        odds = elementary.exp(appeal(axes[0, i], axes[1, i], axes[2, i], base, place, weight))
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
        share, odds = share_of[:n], odds_of[:n]
        split(axes, 0, records, start, n)
        odds[:] = NONE
        for j in range(base.shape[0]):
            here = (place[j, 0], place[j, 1], place[j, 2])
            if j < rivals:
                _add_odds(odds, axes, base[j, cell], here, weight)
            else:
                _share(share, odds, axes, base[j, cell], here, weight)
                sums[c, j - rivals] = _sum_shares(share)
