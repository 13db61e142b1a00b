"""Voters as whole columns of a framework that keeps state in columns: what NumPy does between reading and writing them.

Plain whole-array NumPy in double precision, with the economies that need no tuning: ties are gathered one by one, a
byte a list counts the neighbours who know each, a matrix product gives utilities. ``numpy_csr.py`` is the tuned one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from work import Array, Election, Work, chance, exchange, silent


class Arithmetic:
    """The model's arithmetic on columns, with what never changes worked out once."""

    def __init__(self, work: Work, rng: np.random.Generator) -> None:
        self.work, self.rng = work, rng
        self.region, self.cell = work.region, work.cell
        self.neighbours = np.ascontiguousarray(work.neighbours.T, np.intp)  # (ties, N)
        self.silent = silent(work)
        self.base, self.weight = work.base[:, work.cell], work.cell_weight[work.cell]
        self.first_of_region = np.flatnonzero(np.diff(self.region, prepend=-1))
        self.bits = np.arange(work.lists, dtype=np.uint64)
        self.habit = (
            work.turnout_constant
            + work.habit
            + work.turnout_rural * work.cell_village[work.cell]
            - work.distrust * (1 - work.belief)
            + work.order[self.region] * np.where(work.dependent, 1, work.spill_over)
        )

    def talk(self, x: Array) -> Array:
        """Opinion on one axis (N,) a month later."""
        w = self.work
        pull = np.zeros_like(x)
        for near in self.neighbours:
            gap = x[near] - x
            gap *= np.abs(gap) < w.bound
            pull += gap
        return x + w.attraction / w.ties * pull + w.noise * self.rng.standard_normal(len(x))

    def hear(self, aware: Array) -> Array:
        """Masks of known lists (N,) a month later."""
        w = self.work
        knows = (aware[:, None].astype(np.uint64) >> self.bits) & np.uint64(1)
        bytes_of = (knows << (np.uint64(8) * self.bits)).sum(axis=1)
        friends = np.zeros_like(bytes_of)
        for near in self.neighbours:
            friends += bytes_of[near]
        out = aware.copy()
        for j in range(w.lists):
            unaware = np.flatnonzero(knows[:, j] == 0)
            count = (friends[unaware] >> np.uint64(8 * j)) & np.uint64(255)
            heard = self.rng.random(len(unaware)) >= self.silent[self.region[unaware], j, count.astype(np.intp)]
            out[unaware[heard]] |= out.dtype.type(1 << j)
        return out

    def feel(self, grievance: Array, shock: float) -> Array:
        """Grievance (N,) a month later."""
        w = self.work
        return np.clip(w.grievance + w.decay * (grievance - w.grievance) + shock, 0, 1)

    def utility(self, x: Array, options: slice) -> Array:
        """Utilities (n, N) of lists or groups at positions (3, N)."""
        w = self.work
        place = w.place[options]
        lost = (x**2).sum(axis=0) - 2 * place @ x + (place**2).sum(axis=1)[:, None]
        return self.base[options] - w.distance * lost

    def sympathy(self, x: Array) -> Array:
        """Sympathy by group and region (G, R)."""
        w = self.work
        odds = np.exp(self.utility(x, slice(None)))
        groups, rivals = odds[w.lists :], odds[: w.lists].sum(axis=0)
        share = groups / (groups + rivals) * self.weight
        return np.add.reduceat(share, self.first_of_region, axis=1) / w.persons()

    def election(self, x: Array, grievance: Array, aware: Array) -> tuple[Election, Array]:
        """An election and every voter's choice (N,)."""
        w = self.work
        known = (aware.astype(np.uint64) >> self.bits[:, None]) & np.uint64(1) == 1
        utility = np.where(known, self.utility(x, slice(w.lists)), -np.inf)
        number = known.sum(axis=0)
        best = np.where(number > 0, utility.max(axis=0), 0)
        mean = utility.sum(axis=0, where=known) / np.maximum(number, 1)
        options = np.vstack([utility, w.against_constant + w.against_grievance * grievance - w.against_best * best])
        odds = np.exp(options)

        def poll(chances: Array) -> Array:
            mine = odds * np.exp(chances)[:, None]
            votes = mine @ (self.weight / mine.sum(axis=0))
            return votes / votes.sum()

        believed = exchange(w, poll)
        total = options + chance(w, believed)[:, None] + self.rng.gumbel(size=options.shape)
        comes = self.rng.random(w.voters) < 1 / (1 + np.exp(-self.habit - w.stakes * (best - mean)))
        choice = np.where(comes, total.argmax(axis=0), -1)
        index = self.cell[comes] * (w.lists + 1) + choice[comes]
        tally = np.bincount(index, minlength=w.cells * (w.lists + 1)).reshape(w.cells, -1)
        return Election(believed, tally), choice


def run_months(work: Work, month: Callable[[int], Array]) -> Array:
    """All months of a model whose ``month`` gives sympathies (G, R)."""
    return np.array([month(t) for t in range(work.months)])
