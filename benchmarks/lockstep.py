"""Many electorates at once: the reference work of R runs as one table of rows, moved by one compiled call a month.

Every run has its own cells, regions and national permutation, and its own ballot with beliefs of its own. Draws are
addressed by row, so runs differ in chance without a key each. The kernels are those of the model, unchanged.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from ours import Run, Vote
from work import Array, Work, believe, chance, make

from sim.kernels import ballots, months

f32 = np.float32


def inputs(voters: int, runs: int) -> tuple[Work, int]:
    """The inputs of one run, repeated; the country of every run lies ``voters`` rows further on."""
    one = make(voters, neighbours=False)
    at = np.arange(runs)

    def repeated(column: Array, step: int = 0) -> Array:
        """A column once a run, each time ``step`` more."""
        return (column + step * at.reshape(-1, *[1] * column.ndim).astype(column.dtype)).reshape(-1, *column.shape[1:])

    far = np.tile(one.far, (runs, 1, 1))
    far[:, :, 0] += voters * np.repeat(at, one.regions)[:, None]
    return (
        dataclasses.replace(
            one,
            voters=voters * runs,
            cell_first=repeated(one.cell_first, voters),
            cell_size=np.tile(one.cell_size, runs),
            cell_region=repeated(one.cell_region, one.regions),
            cell_village=np.tile(one.cell_village, runs),
            cell_weight=np.tile(one.cell_weight, runs),
            position=np.tile(one.position, runs),
            grievance=np.tile(one.grievance, runs),
            belief=np.tile(one.belief, runs),
            habit=np.tile(one.habit, runs),
            dependent=np.tile(one.dependent, runs),
            aware=np.tile(one.aware, runs),
            far=far,
            reach=np.tile(one.reach, (runs, 1)),
            base=np.tile(one.base, runs),
            order=np.tile(one.order, runs),
        ),
        runs,
    )


class Runs:
    """R runs in lockstep."""

    def __init__(self, work: Work, runs: int) -> None:
        self.work, self.runs = work, runs
        self.run = Run(work, 0)
        self.cells = work.cells // runs  # of one run
        cell = self.run.chunks[:, months.CELL]
        self.run.on_list[:, ballots.BALLOT] = cell // self.cells
        self.run.on_list[:, months.CELL] = cell % self.cells  # lines are worth the same in all runs

    def months(self) -> Array:
        """All months; sympathy (T, G, R of all runs)."""
        return self.run.months()

    def election(self) -> Array:
        """Tallies by run, cell and option (R, C, J + 1)."""
        w, options = self.work, self.work.lists + 1
        run_of = self.run.on_list[:, ballots.BALLOT]
        weight = w.cell_weight[self.run.chunks[:, months.CELL], None]
        vote = Vote(self.run, self._lines(np.zeros((self.runs, options))))
        believed = np.zeros((self.runs, options))
        chances = np.zeros((self.runs, options))
        for _ in range(w.rounds + 1):
            sums = vote.poll(self._lines(chances)) * weight
            votes = np.zeros((self.runs, options))
            np.add.at(votes, run_of, sums)
            for r in range(self.runs):
                believed[r] = believe(w, votes[r] / votes[r].sum())
                chances[r] = chance(w, believed[r])
        marks = self.run.by_cell(vote.mark(self._lines(chances)))
        return marks.reshape(self.runs, -1, options)

    def _lines(self, chances: Array) -> ballots.Lines:
        """A ballot a run, all with the same lines; chances (R, J + 1)."""
        one = self.run.lines()
        one = one._replace(base=one.base[:, : self.cells])
        repeated = {
            name: np.concatenate([getattr(one, name)] * self.runs)
            for name in ("base", "place", "bit", "against", "leader", "key")
        }
        first = len(one.bit) * np.arange(self.runs + 1)
        return ballots.Lines(first=first, chance=chances.ravel().astype(f32), **repeated)
