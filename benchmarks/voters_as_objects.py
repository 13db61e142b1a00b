"""Voters written one object each, for every framework that has them so: plain Python, the same for all.

A framework adds its own class of agents and of models, and runs a method of all agents. Everybody moves at once from
last month's state, so a month is two sweeps, and the order within a sweep is immaterial.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log
from typing import Any

import numpy as np
from work import Array, Election, Work, chance, exchange, silent


class VoterMethods:
    """What a voter does; ``self.model`` is a country."""

    def begin(
        self, position: list[float], aware: set[int], region: int, cell: int, grievance: float, habit: float
    ) -> None:
        """The voter's state at birth; ``habit`` is all of the inclination to vote that does not change."""
        self.position, self.aware = position, aware
        self.next_position, self.next_aware = position, aware
        self.region, self.cell = region, cell
        self.grievance = self.usual = grievance
        self.habit = habit
        self.neighbours: list[Any] = []
        self.odds: list[tuple[int, float]] = []
        self.inclination = habit
        self.choice = -1

    def think(self) -> None:
        """Work out next month's opinion and awareness."""
        model, random, neighbours = self.model, self.model.random, self.neighbours
        bound = model.bound
        moved = []
        for axis in (0, 1, 2):
            x, pull = self.position[axis], 0.0
            for other in neighbours:
                gap = other.position[axis] - x
                if -bound < gap < bound:
                    pull += gap
            moved.append(x + model.step_size * pull + model.noise * random.gauss(0.0, 1.0))
        self.next_position = moved
        if len(self.aware) < model.lists:
            heard = set(self.aware)
            quiet = model.silent[self.region]
            for j in range(model.lists):
                if j not in heard:
                    friends = 0
                    for other in neighbours:
                        if j in other.aware:
                            friends += 1
                    if random.random() >= quiet[j][friends]:
                        heard.add(j)
            self.next_aware = heard

    def change(self) -> None:
        """Become what was worked out, and calm down."""
        model = self.model
        self.position, self.aware = self.next_position, self.next_aware
        felt = self.usual + model.decay * (self.grievance - self.usual) + model.shock
        self.grievance = min(max(felt, 0.0), 1.0)

    def utility(self, j: int) -> float:
        """What the voter would get from a list or a group."""
        model = self.model
        x, y, z = self.position
        a, b, c = model.place[j]
        dx, dy, dz = x - a, y - b, z - c
        return model.base[j][self.cell] - model.distance * (dx * dx + dy * dy + dz * dz)

    def sympathise(self) -> None:
        """Add the chance to choose each group to the sums of the cell."""
        model, utility = self.model, self.utility
        rivals = 0.0
        for j in range(model.lists):
            rivals += exp(utility(j))
        sums = model.sums[self.cell]
        for g in range(model.groups):
            odds = exp(utility(model.lists + g))
            sums[g] += odds / (odds + rivals)

    def weigh(self) -> None:
        """Odds of the options and the inclination to vote."""
        model = self.model
        options = [(j, self.utility(j)) for j in self.aware]
        best = mean = 0.0
        if options:
            values = [utility for _, utility in options]
            best, mean = max(values), sum(values) / len(values)
        constant, of_grievance, of_best = model.against
        options.append((model.lists, constant + of_grievance * self.grievance - of_best * best))
        self.odds = [(j, exp(utility)) for j, utility in options]
        self.inclination = self.habit + model.stakes * (best - mean)

    def intend(self) -> None:
        """Answer a poll with the chance of every option."""
        model = self.model
        pull, votes = model.pull, model.votes
        mine = [(j, odds * pull[j]) for j, odds in self.odds]
        share = model.weight[self.cell] / sum([odds for _, odds in mine])
        for j, odds in mine:
            votes[j] += odds * share

    def vote(self) -> None:
        """Stay away, or mark the option of the highest utility with a taste of the day."""
        model, random = self.model, self.model.random.random
        if random() >= 1.0 / (1.0 + exp(-self.inclination)):
            self.choice = -1
            return
        top = -1.0
        for j, odds in self.odds:
            # log odds + log pull - log(-log u) is largest where odds pull / -log u is
            total = odds * model.pull[j] / -log(1.0 - random())
            if total > top:
                top, self.choice = total, j
        model.tally[self.cell][self.choice] += 1


class CountryAttributes:
    """What is the same for all voters, as attributes of a framework's model."""

    def begin(self, work: Work) -> None:
        """Set them."""
        self.bound, self.noise, self.step_size = work.bound, work.noise, work.attraction / work.ties
        self.decay, self.shock = work.decay, 0.0
        self.lists, self.groups = work.lists, work.groups
        self.silent = silent(work).tolist()
        self.base, self.place, self.distance = work.base.tolist(), work.place.tolist(), work.distance
        self.against = (work.against_constant, work.against_grievance, work.against_best)
        self.stakes, self.weight = work.stakes, work.cell_weight.tolist()
        self.pull = [1.0] * (self.lists + 1)
        self.votes = [0.0] * (self.lists + 1)
        self.tally = [[0] * (self.lists + 1) for _ in range(work.cells)]
        self.sums = [[0.0] * self.groups for _ in range(work.cells)]


def begin(work: Work, voters: list[Any]) -> None:
    """Give every voter its state and its neighbours."""
    region, cell = work.region, work.cell
    habit = (
        work.turnout_constant
        + work.habit
        + work.turnout_rural * work.cell_village[cell]
        - work.distrust * (1 - work.belief)
        + work.order[region] * np.where(work.dependent, 1, work.spill_over)
    )
    columns = [column.tolist() for column in (work.position.T, work.aware, region, cell, work.grievance, habit)]
    for voter, near, position, mask, *rest in zip(voters, work.neighbours.tolist(), *columns, strict=True):
        voter.begin(position, {j for j in range(work.lists) if mask >> j & 1}, *rest)
        voter.neighbours = [voters[k] for k in near]


class ObjectRun:
    """A run of the reference work with objects. ``all_do`` runs a method, by its name, of all agents."""

    def __init__(self, work: Work, model: Any, voters: list[Any], all_do: Callable[[str], object]) -> None:
        self.work, self.model, self.voters, self.all_do = work, model, voters, all_do
        begin(work, voters)

    def months(self) -> Array:
        w, model = self.work, self.model
        sympathy = np.empty((w.months, w.groups, w.regions))
        for t in range(w.months):
            model.shock = float(w.shock[t])
            model.sums = [[0.0] * w.groups for _ in range(w.cells)]
            for method in ("think", "change", "sympathise"):
                self.all_do(method)
            sympathy[t] = w.by_region(np.array(model.sums).T)
        return sympathy

    def election(self) -> Election:
        model = self.model
        self.all_do("weigh")

        def poll(chances: Array) -> Array:
            model.pull, model.votes = np.exp(chances).tolist(), [0.0] * (model.lists + 1)
            self.all_do("intend")
            return np.array(model.votes) / sum(model.votes)

        believed = exchange(self.work, poll)
        model.pull = np.exp(chance(self.work, believed)).tolist()
        self.all_do("vote")
        return Election(believed, np.array(model.tally))

    def columns(self) -> dict[str, Array]:
        return {
            "position": np.array([voter.position for voter in self.voters]).T,
            "grievance": np.array([voter.grievance for voter in self.voters]),
            "aware": np.array([sum(1 << j for j in voter.aware) for voter in self.voters], np.uint32),
            "choice": np.array([voter.choice for voter in self.voters]),
        }
