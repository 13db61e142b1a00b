"""Ours: the compiled kernels that the model itself runs, on the inputs of the reference work.

Nothing here is faster than in the model: the calls are those of sim/process/opinion.py and sim/process/voting.py.
MAJILIS_THREADS says how many threads the kernels may use.
"""

from __future__ import annotations

import numpy as np
from work import Array, Election, Work, chance, exchange

from sim.kernels import ballots, months, threads

EXACT = True
PACKAGES = ("numba",)
f32 = np.float32


class Run:
    """One run of the reference work."""

    def __init__(self, work: Work, seed: int) -> None:
        self.work, n = work, work.voters
        pieces = threads.chunks(work.cell_first, work.cell_size)
        cell = pieces[:, 2]
        of_cell = (work.cell_first[cell], work.cell_size[cell], work.cell_region[cell], cell)
        self.chunks = np.column_stack([pieces[:, :2], *of_cell]).astype(np.int64)
        self.on_list = self.chunks.copy()
        self.on_list[:, ballots.BALLOT] = 0
        self.records, self.next_records = np.empty(4 * n, f32), np.empty(4 * n, f32)
        self.records.reshape(-1, 4)[:, :3] = work.position.T
        self.records.reshape(-1, 4)[:, 3] = work.grievance
        self.aware, self.next_aware = work.aware.astype(np.uint64), np.empty(n, np.uint64)
        self.came, self.choice = np.zeros(n, np.bool_), np.full(n, -1, np.int16)
        self.base, self.place = work.base.astype(f32), work.place.astype(f32)

    def month(self, t: int) -> Array:
        """One month; sympathies (G, R)."""
        w = self.work
        rules = months.Round(
            bound=f32(w.bound),
            step=f32(w.attraction / w.ties),
            noise=f32(w.noise),
            left=f32(w.decay),
            shock=f32(w.shock[t]),
        )
        news = months.News(
            bit=(1 << np.arange(w.lists)).astype(np.uint32),
            key=w.hear_key[t],
            reach=w.reach.astype(f32),
            silent=((1 - w.mouth) ** 2.0 ** np.arange(4)).astype(f32),
        )
        sums = np.zeros((len(self.chunks), 3), np.int64)
        state = (self.records, self.next_records, w.grievance)
        threads.each(months.opinion, self.chunks, w.local, w.far, w.opinion_key[t], rules, *state, sums)
        self.records, self.next_records = self.next_records, self.records
        threads.each(months.hear, self.chunks, w.local, w.far, news, 0, self.aware, self.next_aware)
        self.aware, self.next_aware = self.next_aware, self.aware
        sums = np.zeros((len(self.chunks), w.groups), np.int64)
        threads.each(months.sympathy, self.chunks, self.records, self.base, self.place, f32(w.distance), w.lists, sums)
        return w.by_region(self.by_cell(sums).T / float(months.SHARE))

    def months(self) -> Array:
        return np.array([self.month(t) for t in range(self.work.months)])

    def by_cell(self, by_chunk: Array) -> Array:
        """Sums over chunks (chunks, ..), by cell (C, ..)."""
        out = np.zeros((self.work.cells, *by_chunk.shape[1:]), np.int64)
        np.add.at(out, self.chunks[:, months.CELL], by_chunk)
        return out

    def election(self) -> Election:
        w = self.work
        lines = self.lines()
        vote = Vote(self, lines)

        def poll(chances: Array) -> Array:
            by_chunk = vote.poll(lines._replace(chance=chances.astype(f32)))
            votes = w.cell_weight[self.chunks[:, months.CELL]] @ by_chunk
            return votes / votes.sum()

        believed = exchange(w, poll)
        marks = vote.mark(lines._replace(chance=chance(w, believed).astype(f32)))
        return Election(believed, self.by_cell(marks))

    def lines(self) -> ballots.Lines:
        """The lists and the line against all, as the kernels read them, before anybody thinks of chances."""
        w = self.work
        against = np.arange(w.lists + 1) == w.lists
        return ballots.Lines(
            first=np.array([0, w.lists + 1], np.int64),
            base=np.vstack([self.base[: w.lists], np.zeros((1, w.cells), f32)]),
            place=np.vstack([self.place[: w.lists], np.zeros((1, 3), f32)]),
            bit=np.where(against, 0, 1 << np.arange(w.lists + 1)).astype(np.uint64),
            chance=np.zeros(w.lists + 1, f32),
            against=against,
            leader=np.arange(w.lists + 1) == 0,
            key=w.taste_key,
        )

    def columns(self) -> dict[str, Array]:
        records = self.records.reshape(-1, 4)
        return {
            "position": records[:, :3].T,
            "grievance": records[:, 3],
            "aware": self.aware.astype(np.uint32),
            "choice": self.choice,
        }


class Vote:
    """Voters at the polls: the best list each knows and the inclination to vote, worked out once."""

    def __init__(self, run: Run, lines: ballots.Lines) -> None:
        self.run, w = run, run.work
        self.chunks, self.state, self.weight = run.on_list, (run.records, run.aware), f32(w.distance)
        self.protest = ballots.Protest(f32(w.against_constant), f32(w.against_grievance), f32(w.against_best))
        order = w.order[w.cell_region]
        inclination = ballots.Inclination(
            constant=(w.turnout_constant + w.turnout_rural * w.cell_village).astype(f32),
            dependent=order.astype(f32),
            others=(order * w.spill_over).astype(f32),
            stakes=f32(w.stakes),
            distrust=f32(w.distrust),
        )
        self.best, self.inclined = np.empty(w.voters, f32), np.empty(w.voters, f32)
        own = (w.habit, w.belief, w.dependent, self.best, self.inclined)
        threads.each(ballots.weigh, self.chunks, *self.state, lines, self.weight, inclination, *own)

    def poll(self, lines: ballots.Lines) -> Array:
        """Expected shares summed by chunk and line."""
        sums = np.zeros((len(self.chunks), self.run.work.lists + 1), np.int64)
        threads.each(ballots.poll, self.chunks, *self.state, lines, self.weight, self.protest, self.best, sums)
        return sums

    def mark(self, lines: ballots.Lines) -> Array:
        """Who comes and what they mark; marks by chunk and line."""
        level, came = np.zeros(len(self.chunks), f32), np.zeros(len(self.chunks), np.int64)
        threads.each(
            ballots.turn_out, self.chunks, self.inclined, level, self.run.work.turnout_key, self.run.came, came
        )
        marks = np.zeros((len(self.chunks), self.run.work.lists + 1), np.int64)
        mine = (self.best, self.run.came, level, self.run.choice, marks)
        threads.each(ballots.mark, self.chunks, *self.state, lines, self.weight, self.protest, *mine)
        return marks
