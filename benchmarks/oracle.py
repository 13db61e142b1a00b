"""The reference work as plainly as possible: NumPy in double precision with the addressed draws, no care for speed.

Competitors are compared with this before any time is taken; it is none itself.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logsumexp, ndtri
from work import Array, Election, Work, exchange

from sim.kernels.chance import words


def uniform(key: Array, n: int, bits: int, skip: int = 0) -> Array:
    """Uniforms of some bits of the words of ids 0 .. n - 1, after the first ``skip`` bits of each."""
    raw = (words(key, 0, n) << np.uint64(skip)) >> np.uint64(64 - bits)
    return (raw.astype(float) + 0.5) / 2.0**bits


class Oracle:
    """One run of the reference work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.position, self.grievance = work.position.astype(float), work.grievance.astype(float)
        self.aware = work.aware.copy()
        self.choice = np.full(work.voters, -1)
        self.usual = self.grievance.copy()

    def utility(self) -> Array:
        """Utility of lists and groups (J + G, N), known or not."""
        w = self.work
        gap = self.position[None] - w.place[:, :, None]
        return w.base[:, w.cell] - w.distance * (gap**2).sum(axis=1)

    def months(self) -> Array:
        w = self.work
        sympathy = np.empty((w.months, w.groups, w.regions))
        for t in range(w.months):
            self.grievance = self.usual + w.decay * (self.grievance - self.usual) + w.shock[t]
            self.grievance = np.clip(self.grievance, 0, 1)
            self._talk_and_hear(t)
            utility = self.utility()
            share = expit(utility[w.lists :] - logsumexp(utility[: w.lists], axis=0))
            sympathy[t] = w.by_region(np.add.reduceat(share, w.cell_first, axis=1))
        return sympathy

    def _talk_and_hear(self, t: int) -> None:
        w, x, knew = self.work, self.position, self.aware
        moved = np.empty_like(x)
        for axis in range(3):
            gap = x[axis][w.neighbours] - x[axis][:, None]
            pull = np.where(np.abs(gap) < w.bound, gap, 0).sum(axis=1)
            z = ndtri(uniform(w.opinion_key[t], w.voters, 21, skip=21 * axis))
            moved[axis] = x[axis] + w.attraction / w.ties * pull + w.noise * z
        for j in range(w.lists):
            bit = np.uint32(1 << j)
            friends = ((knew & bit) > 0)[w.neighbours].sum(axis=1)
            nothing = (1 - w.reach[w.region, j]) * (1 - w.mouth) ** friends
            heard = uniform(w.hear_key[t, j], w.voters, 23) < 1 - nothing
            self.aware = self.aware | np.where(heard, bit, np.uint32(0))
        self.position = moved

    def election(self) -> Election:
        w = self.work
        known = (self.aware >> np.arange(w.lists, dtype=np.uint32)[:, None]) & 1 == 1
        utility = np.where(known, self.utility()[: w.lists], -np.inf)
        any_known = known.any(axis=0)
        best = np.where(any_known, utility.max(axis=0), 0)
        mean = np.where(known, utility, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        against = w.against_constant + w.against_grievance * self.grievance - w.against_best * best
        options = np.vstack([utility, against])
        weight = w.cell_weight[w.cell]

        def poll(chance: Array) -> Array:
            odds = np.exp(options + chance[:, None])
            votes = (weight * odds / odds.sum(axis=0)).sum(axis=1)
            return votes / votes.sum()

        from work import chance as log_chance

        believed = exchange(w, poll)
        total = options + log_chance(w, believed)[:, None]
        for j in range(w.lists + 1):
            total[j] -= np.log(-np.log(uniform(w.taste_key[j], w.voters, 23)))
        inclination = (
            w.turnout_constant
            + w.habit
            + w.turnout_rural * w.cell_village[w.cell]
            + w.stakes * (best - mean)
            - w.distrust * (1 - w.belief)
            + w.order[w.region] * np.where(w.dependent, 1, w.spill_over)
        )
        comes = uniform(w.turnout_key, w.voters, 23) < expit(inclination)
        self.choice = np.where(comes, total.argmax(axis=0), -1)
        tally = np.zeros((w.cells, w.lists + 1), np.int64)
        np.add.at(tally, (w.cell[comes], self.choice[comes]), 1)
        return Election(believed, tally)

    def columns(self) -> dict[str, Array]:
        return {
            "position": self.position,
            "grievance": self.grievance,
            "aware": self.aware,
            "choice": self.choice,
        }
