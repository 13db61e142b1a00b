"""Competitor: ambr, whose agents are columns of a Polars frame, in its vectorized lane.

A step borrows columns as arrays, works on them with NumPy and commits what changed, as ambr's pages advise for agents
who interact. Ties are a table: ambr's network asks for the neighbours of one agent at a time.
"""

from __future__ import annotations

import ambr as am
import numpy as np
from voters_as_arrays import Arithmetic, run_months
from work import Array, Election, Work

EXACT = False  # NumPy's default generator
PACKAGES = ("ambr", "polars")
AXES = ("economy", "nation", "accountability")


class Country(am.Model):
    """The voters."""

    def setup(self) -> None:
        work: Work = self.p["work"]
        position = dict(zip(AXES, work.position.astype(float), strict=True))
        self.add_agents(work.voters, **position, grievance=work.grievance.astype(float), aware=work.aware, choice=-1)
        self.arithmetic = Arithmetic(work, self.rng)

    def step_vectorized(self) -> None:
        """One month."""
        do, work, agents = self.arithmetic, self.p["work"], self.agents
        *position, grievance, aware = agents.array(*AXES, "grievance", "aware")
        moved = {axis: do.talk(x) for axis, x in zip(AXES, position, strict=True)}
        felt = do.feel(grievance, float(work.shock[self.t % work.months]))
        agents.commit(**moved, grievance=felt, aware=do.hear(aware))
        self.sympathy = do.sympathy(np.array(list(moved.values())))

    def vote(self) -> Election:
        """An election."""
        *position, grievance, aware = self.agents.array(*AXES, "grievance", "aware")
        election, choice = self.arithmetic.election(np.array(position), grievance, aware)
        self.agents.commit(choice=choice)
        return election


class Run:
    """One run of the reference work."""

    def __init__(self, work: Work, seed: int) -> None:
        self.work = work
        self.model = Country({"work": work, "seed": seed, "steps": work.months}).cpu(mode="vectorized")
        self.model._ensure_setup()  # the first step would; it is not timed for anybody

    def month(self, t: int) -> Array:
        """One month; sympathies (G, R)."""
        self.model.run_step()
        return self.model.sympathy

    def months(self) -> Array:
        return run_months(self.work, self.month)

    def election(self) -> Election:
        return self.model.vote()

    def columns(self) -> dict[str, Array]:
        *position, grievance, aware, choice = self.model.agents.array(*AXES, "grievance", "aware", "choice")
        return {
            "position": np.array(position),
            "grievance": np.array(grievance),
            "aware": np.array(aware, np.uint32),
            "choice": np.array(choice),
        }
