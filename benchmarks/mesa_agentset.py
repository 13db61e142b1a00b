"""Competitor: Mesa's voters read into arrays with ``AgentSet.get``, moved with NumPy, and written back.

Agents stay the one place where state lives, so that collectors and other agents see it, and arrays do the arithmetic.
``AgentSet.set`` gives all agents one value; different values are written by a loop over the agents.
"""

from __future__ import annotations

import mesa
import numpy as np
from voters_as_arrays import Arithmetic, run_months
from work import Array, Election, Work

EXACT = False  # NumPy's default generator
PACKAGES = ("mesa",)
STATE = ["economy", "nation", "accountability", "grievance", "aware"]


class Voter(mesa.Agent):
    """One voter, whose attributes are written from outside."""

    def __init__(
        self, model: mesa.Model, economy: float, nation: float, accountability: float, grievance: float, aware: int
    ) -> None:
        super().__init__(model)
        self.economy, self.nation, self.accountability = economy, nation, accountability
        self.grievance, self.aware, self.choice = grievance, aware, -1


class Run:
    """One run of the reference work."""

    def __init__(self, work: Work, seed: int) -> None:
        self.work, self.model = work, mesa.Model(rng=seed)
        columns = (*work.position.astype(float), work.grievance.astype(float), work.aware)
        self.voters = Voter.create_agents(self.model, work.voters, *(column.tolist() for column in columns))
        self.arithmetic = Arithmetic(work, self.model.rng)

    def read(self) -> tuple[Array, Array, Array]:
        """Positions (3, N), grievance and awareness (N,) of all agents."""
        *position, grievance, aware = np.array(self.voters.get(STATE)).T
        return np.array(position), grievance, aware.astype(np.uint32)

    def write(self, **columns: Array) -> None:
        """Write attributes of all agents."""
        for name, column in columns.items():
            for agent, value in zip(self.voters, column.tolist(), strict=True):
                setattr(agent, name, value)

    def month(self, t: int) -> Array:
        """One month; sympathies (G, R)."""
        do, (position, grievance, aware) = self.arithmetic, self.read()
        position = np.array([do.talk(x) for x in position])
        grievance, aware = do.feel(grievance, float(self.work.shock[t])), do.hear(aware)
        economy, nation, accountability = position
        self.write(economy=economy, nation=nation, accountability=accountability, grievance=grievance, aware=aware)
        return do.sympathy(position)

    def months(self) -> Array:
        return run_months(self.work, self.month)

    def election(self) -> Election:
        election, choice = self.arithmetic.election(*self.read())
        self.write(choice=choice)
        return election

    def columns(self) -> dict[str, Array]:
        position, grievance, aware = self.read()
        choice = np.array(self.voters.get("choice"))
        return {"position": position, "grievance": grievance, "aware": aware, "choice": choice}
