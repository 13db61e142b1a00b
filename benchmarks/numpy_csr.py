"""Competitor: NumPy and SciPy's sparse matrices, as fast as we could write them on one thread.

What a voter knows is eight bytes, one a list, which one whole number of 64 bits views at once: a single product with
the adjacency, a CSR matrix built once, then counts the neighbours who know each of the eight. Attraction within a
bound is no linear map, so its ten ties are gathered, all axes in one read of 16 bytes. All runs block by block of a
cell, small enough for the cache, with one region and one set of base utilities; a matrix product gives the utilities of
all lists, and where only odds against rivals count, the squared length of a voter's own position cancels. Arrays are
single precision, and chance is NumPy's fastest generator.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from work import Array, Election, Work, chance, exchange, silent

EXACT = False  # SFC64 in single precision
BLOCK = 8192  # rows at a time
AXES = 4  # one more than there are, so that a position is one item of 16 bytes
f32 = np.float32


class Run:
    """One run of the reference work."""

    def __init__(self, work: Work, seed: int) -> None:
        self.work, n = work, work.voters
        self.rng = np.random.Generator(np.random.SFC64(seed))
        self.position = np.zeros((n, AXES), f32)
        self.position[:, :3] = work.position.T
        self.usual, self.grievance = work.grievance, work.grievance.copy()
        self.knows = np.zeros((n, 8), np.uint8)
        self.knows[:, : work.lists] = (work.aware[:, None] >> np.arange(work.lists, dtype=np.uint32)) & 1
        self.neighbours = np.ascontiguousarray(work.neighbours.T, np.intp)  # (ties, N)
        ends = np.arange(0, n * work.ties + 1, work.ties, dtype=np.int32)
        ones = np.ones(n * work.ties, np.uint64)
        self.adjacency = sp.csr_array((ones, work.neighbours.ravel(), ends), shape=(n, n))
        self.silent = silent(work).astype(f32).reshape(work.regions, -1)  # (R, J * (ties + 1))
        self.blocks = [
            (slice(first + begin, first + min(begin + BLOCK, size)), c)
            for c, (first, size) in enumerate(zip(work.cell_first.tolist(), work.cell_size.tolist(), strict=True))
            for begin in range(0, size, BLOCK)
        ]
        # |x - y|^2 = |x|^2 - 2 x y + |y|^2
        self.slope = np.zeros((work.lists + work.groups, AXES), f32)
        self.slope[:, :3] = 2 * work.distance * work.place
        self.level = (work.base - work.distance * (work.place**2).sum(axis=1)[:, None]).astype(f32)  # (J + G, C)
        self.choice = np.full(n, -1, np.int8)

    def months(self) -> Array:
        w = self.work
        sympathy = np.empty((w.months, w.groups, w.regions))
        for t in range(w.months):
            moved = self._talk()
            self._hear()
            self.position = moved
            self.grievance -= self.usual
            self.grievance *= f32(w.decay)
            self.grievance += self.usual
            if w.shock[t]:
                self.grievance += f32(w.shock[t])
            np.clip(self.grievance, 0, 1, out=self.grievance)
            sympathy[t] = self._sympathy()
        return sympathy

    def _talk(self) -> Array:
        w, n, x = self.work, self.work.voters, self.position
        whole, moved = x.view(np.complex128)[:, 0], np.zeros_like(x)
        step, bound, noise = f32(w.attraction / w.ties), f32(w.bound), f32(w.noise)
        gaps, sizes, pulls = (np.empty((BLOCK, AXES), f32) for _ in range(3))
        nears = np.empty((BLOCK, AXES), bool)
        for begin in range(0, n, BLOCK):
            rows = slice(begin, min(begin + BLOCK, n))
            m = rows.stop - begin
            here, gap, size, pull, near = x[rows], gaps[:m], sizes[:m], pulls[:m], nears[:m]
            items = gap.view(np.complex128)[:, 0]
            pull[:] = 0
            for column in self.neighbours:
                np.take(whole, column[rows], out=items, mode="clip")
                np.subtract(gap, here, out=gap)
                np.less(np.abs(gap, out=size), bound, out=near)
                np.multiply(gap, near, out=gap)
                pull += gap
            pull *= step
            pull += here
            shock = self.rng.standard_normal((m, 3), dtype=f32)
            shock *= noise
            np.add(pull[:, :3], shock, out=moved[rows, :3])
        return moved

    def _hear(self) -> None:
        w = self.work
        friends = self.adjacency @ self.knows.view(np.uint64)[:, 0]
        counts = friends.view(np.uint8).reshape(-1, 8)
        for rows, c in self.blocks:
            knows, table = self.knows[rows].reshape(-1), self.silent[w.cell_region[c]]
            news = np.flatnonzero(knows == 0)
            quiet = table[(news & 7) * (w.ties + 1) + counts[rows].reshape(-1)[news]]
            knows[news[self.rng.random(len(news), dtype=f32) >= quiet]] = 1

    def _sympathy(self) -> Array:
        w = self.work
        sums = np.zeros((w.groups, w.cells))
        for rows, c in self.blocks:
            odds = self.slope @ self.position[rows].T
            odds += self.level[:, c, None]
            np.exp(odds, out=odds)
            groups, rivals = odds[w.lists :], odds[: w.lists].sum(axis=0)
            groups /= groups + rivals
            sums[:, c] += groups.sum(axis=1)
        return w.by_region(sums)

    def election(self) -> Election:
        w = self.work
        options = np.empty((w.lists + 1, w.voters), f32)
        stakes = np.empty(w.voters, f32)
        for rows, c in self.blocks:
            self._weigh(options[:, rows], stakes[rows], rows, c)
        odds = np.exp(options)

        def poll(chances: Array) -> Array:
            pull, votes = np.exp(chances).astype(f32), np.zeros(w.lists + 1)
            for rows, c in self.blocks:
                block = odds[:, rows]
                votes += w.cell_weight[c] * pull * (block @ (1 / (pull @ block)))
            return votes / votes.sum()

        believed = exchange(w, poll)
        taste, tally = chance(w, believed).astype(f32)[:, None], np.zeros((w.cells, w.lists + 1), np.int64)
        for rows, c in self.blocks:
            comes = self.rng.random(rows.stop - rows.start, dtype=f32) < self._turnout(stakes[rows], rows, c)
            total = options[:, rows][:, comes]
            total += taste
            shock = self.rng.standard_exponential(total.shape, dtype=f32)
            total -= np.log(shock, out=shock)
            marks = total.argmax(axis=0)
            self.choice[rows][comes] = marks
            tally[c] += np.bincount(marks, minlength=w.lists + 1)
        return Election(believed, tally)

    def _weigh(self, options: Array, stakes: Array, rows: slice, c: int) -> None:
        """Utilities of a block's options, minus infinity where unknown, and how much is at stake."""
        w, x = self.work, np.ascontiguousarray(self.position[rows].T)
        lists = np.matmul(self.slope[: w.lists], x, out=options[: w.lists])
        lists += self.level[: w.lists, c, None]
        lists -= f32(w.distance) * np.square(x).sum(axis=0)
        known = self.knows[rows, : w.lists].T.astype(f32)
        total, number = (lists * known).sum(axis=0), known.sum(axis=0)
        lists[known == 0] = -np.inf
        best = np.where(number > 0, lists.max(axis=0), f32(0))
        options[w.lists] = w.against_constant + w.against_grievance * self.grievance[rows] - w.against_best * best
        stakes[:] = best - total / np.maximum(number, 1)

    def _turnout(self, stakes: Array, rows: slice, c: int) -> Array:
        """Chance to vote of a block."""
        w = self.work
        out = w.stakes * stakes - w.distrust * (1 - w.belief[rows])
        out += w.habit[rows]
        order = w.order[w.cell_region[c]]
        out += w.turnout_constant + w.turnout_rural * w.cell_village[c]
        out += np.where(w.dependent[rows], f32(order), f32(order * w.spill_over))
        return 1 / (1 + np.exp(-out))

    def columns(self) -> dict[str, Array]:
        lists = np.arange(self.work.lists, dtype=np.uint32)
        return {
            "position": self.position[:, :3].T,
            "grievance": self.grievance,
            "aware": (self.knows[:, : len(lists)].astype(np.uint32) << lists).sum(axis=1, dtype=np.uint32),
            "choice": self.choice,
        }
