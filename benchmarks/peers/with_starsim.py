"""Competitor: starsim, with voters as its agents, ties as its network, and the model as a module with states.

Attraction and talk run along the network's list of edges, as starsim's own transmission does; chance is starsim's own,
one distribution a decision with a draw for every agent, so that scenarios share them.
"""

from __future__ import annotations

import numpy as np
import starsim as ss
from voters_as_arrays import Arithmetic
from work import Array, Election, Work

EXACT = False  # starsim's distributions
PACKAGES = ("starsim",)
AXES = ("economy", "nation", "accountability")


class Generator:
    """What the election asks of a generator, from starsim's distributions."""

    def __init__(self, module: Society) -> None:
        self.module = module

    def random(self, n: int) -> Array:
        """Uniforms (n,)."""
        return self.module.turnout.rvs(n)

    def gumbel(self, size: tuple[int, int]) -> Array:
        """Gumbel draws."""
        options, n = size
        return -np.log(-np.log(np.array([self.module.taste[j].rvs(n) for j in range(options)])))


class Society(ss.Module):
    """Opinion, grievance and awareness."""

    def __init__(self, work: Work) -> None:
        super().__init__(name="society")
        self.work = work
        axes = [ss.FloatArr(axis, default=0.0) for axis in AXES]
        known = [ss.BoolArr(f"knows_{j}", default=False) for j in range(work.lists)]
        self.define_states(*axes, ss.FloatArr("grievance", default=0.0), *known, ss.FloatArr("choice", default=-1.0))
        self.noise = [ss.normal(name=f"noise_{axis}") for axis in AXES]
        self.heard = [ss.random(name=f"heard_{j}") for j in range(work.lists)]
        self.taste = [ss.random(name=f"taste_{j}") for j in range(work.lists + 1)]
        self.turnout = ss.random(name="turnout")
        self.sympathy: list[Array] = []

    def init_post(self) -> None:
        """Give the agents the state of the inputs."""
        super().init_post()
        work = self.work
        for axis, x in zip(AXES, work.position, strict=True):
            self.states_of(axis)[:] = x
        self.grievance[:] = work.grievance
        for j in range(work.lists):
            self.states_of(f"knows_{j}")[:] = (work.aware >> np.uint32(j)) & 1 == 1
        self.arithmetic = Arithmetic(work, Generator(self))

    def states_of(self, name: str) -> ss.Arr:
        """A state by its name."""
        return getattr(self, name)

    def positions(self) -> Array:
        """Positions (3, N)."""
        return np.array([self.states_of(axis).values for axis in AXES])

    def step(self) -> None:
        """One month."""
        w, do, n = self.work, self.arithmetic, self.work.voters
        edges = self.sim.networks[0].edges
        one, other, uids = np.asarray(edges.p1), np.asarray(edges.p2), self.sim.people.auids
        moved = []
        for axis, noise in zip(AXES, self.noise, strict=True):
            x = self.states_of(axis).values
            gap = x[other] - x[one]
            gap *= np.abs(gap) < w.bound
            pull = np.bincount(one, gap, n) - np.bincount(other, gap, n)
            moved.append(x + w.attraction / w.ties * pull + w.noise * noise.rvs(uids))
        news = []
        for j in range(w.lists):
            knows = self.states_of(f"knows_{j}").values
            unaware = uids[~knows]
            if not len(unaware):
                continue
            friends = np.bincount(one, knows[other], n) + np.bincount(other, knows[one], n)
            quiet = do.silent[do.region[unaware], j, friends[unaware].astype(np.intp)]
            news.append((j, unaware[self.heard[j].rvs(unaware) >= quiet]))
        for axis, x in zip(AXES, moved, strict=True):
            self.states_of(axis)[:] = x
        for j, heard in news:
            self.states_of(f"knows_{j}")[heard] = True
        self.grievance[:] = do.feel(self.grievance.values, float(w.shock[min(self.ti, w.months - 1)]))
        self.sympathy.append(do.sympathy(np.array(moved)))

    def mask(self) -> Array:
        """Known lists as masks (N,)."""
        known = [self.states_of(f"knows_{j}").values.astype(np.uint32) << j for j in range(self.work.lists)]
        return np.sum(known, axis=0, dtype=np.uint32)

    def vote(self) -> Election:
        """An election."""
        election, choice = self.arithmetic.election(self.positions(), self.grievance.values, self.mask())
        self.choice[:] = choice
        return election


class Run:
    """One run of the reference work."""

    def __init__(self, work: Work, seed: int) -> None:
        self.work = work
        # the edges of every tie once: the ties ahead are columns 0, 2, 4, ..; those behind are the same seen from there
        here, there = np.repeat(np.arange(work.voters), work.ties // 2), work.neighbours[:, ::2].ravel()
        network = ss.Network(p1=here, p2=there, beta=np.ones(len(here)), name="ties")
        self.sim = ss.Sim(
            n_agents=work.voters,
            networks=network,
            modules=Society(work),
            dt=ss.months(1),
            dur=ss.months(work.months - 1),  # both ends are steps
            rand_seed=seed,
            verbose=0,
        )
        self.sim.init()
        self.society = next(module for module in self.sim.modules if isinstance(module, Society))

    def months(self) -> Array:
        self.sim.run()
        return np.array(self.society.sympathy)

    def election(self) -> Election:
        return self.society.vote()

    def columns(self) -> dict[str, Array]:
        return {
            "position": self.society.positions(),
            "grievance": self.society.grievance.values,
            "aware": self.society.mask(),
            "choice": self.society.choice.values.astype(int),
        }
