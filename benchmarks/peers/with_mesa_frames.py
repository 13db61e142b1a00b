"""Competitor: mesa-frames, whose agents are rows of a Polars frame moved by Polars expressions (all processors).

Ties are columns of row numbers, followed by ``gather``; a byte a list of one whole number counts the neighbours who
know each list. Chance comes from the model's NumPy generator, as columns.
"""

from __future__ import annotations

from functools import reduce

import mesa_frames as mf
import numpy as np
import polars as pl
from work import Array, Election, Work, chance, exchange

EXACT = False  # NumPy's default generator
PACKAGES = ("mesa-frames", "polars")
AXES = ("economy", "nation", "accountability")


def byte(column: str, j: int) -> pl.Expr:
    """Byte j of a column of whole numbers."""
    return pl.col(column) // 256**j % 256


class Voters(mf.AgentSetPolars):
    """All voters."""

    def __init__(self, model: Country, work: Work) -> None:
        super().__init__(model)
        self.work = work
        lists = np.arange(work.lists, dtype=np.uint64)
        knows = ((work.aware[:, None] >> lists) & np.uint64(1)) << (np.uint64(8) * lists)
        columns = {axis: work.position[axis_number].astype(float) for axis_number, axis in enumerate(AXES)}
        habit = work.turnout_constant + work.habit - work.distrust * (1 - work.belief.astype(float))
        habit += work.turnout_rural * work.cell_village[work.cell]
        habit += work.order[work.region] * np.where(work.dependent, 1, work.spill_over)
        self.add(
            pl.DataFrame(
                {
                    "unique_id": np.arange(work.voters, dtype=np.int64),
                    "region": work.region,
                    "cell": work.cell,
                    "weight": work.cell_weight[work.cell],
                    **columns,
                    "grievance": work.grievance.astype(float),
                    "usual": work.grievance.astype(float),
                    "knows": knows.sum(axis=1, dtype=np.uint64),
                    "habit": habit,
                    "choice": np.full(work.voters, -1, np.int8),
                    **{f"tie_{k}": work.neighbours[:, k].astype(np.uint32) for k in range(work.ties)},
                    **{f"base_{j}": work.base[j][work.cell] for j in range(work.lists + work.groups)},
                }
            )
        )
        self.silent = [pl.lit(pl.Series(1 - work.reach[:, j])) for j in range(work.lists)]

    def around(self, column: str) -> list[pl.Expr]:
        """A column's values at every neighbour, tie by tie."""
        return [pl.col(column).gather(pl.col(f"tie_{k}")) for k in range(self.work.ties)]

    def utility(self, j: int) -> pl.Expr:
        """Utility of a list or a group."""
        squared = sum((pl.col(axis) - y) ** 2 for axis, y in zip(AXES, self.work.place[j], strict=True))
        return pl.col(f"base_{j}") - self.work.distance * squared

    def month(self, shock: float) -> None:
        """Talk, news and anger, all from last month's columns."""
        w, rng, n = self.work, self.model.random, self.work.voters
        moved = []
        for axis in AXES:
            gaps = [there - pl.col(axis) for there in self.around(axis)]
            pull = pl.sum_horizontal(pl.when(gap.abs() < w.bound).then(gap).otherwise(0.0) for gap in gaps)
            noise = pl.lit(pl.Series(w.noise * rng.standard_normal(n)))
            moved.append((pl.col(axis) + w.attraction / w.ties * pull + noise).alias(axis))
        felt = pl.col("usual") + w.decay * (pl.col("grievance") - pl.col("usual")) + shock
        count = pl.sum_horizontal(self.around("knows")).alias("friends")
        self.agents = self.agents.with_columns(*moved, felt.clip(0, 1).alias("grievance"), count)
        news = pl.col("knows")
        for j in range(w.lists):
            nothing = self.silent[j].gather(pl.col("region")) * pl.lit(1 - w.mouth).pow(byte("friends", j))
            hears = (byte("knows", j) == 0) & (pl.lit(pl.Series(rng.random(n))) >= nothing)
            news = news + hears.cast(pl.UInt64) * 256**j
        self.agents = self.agents.with_columns(news.alias("knows"))

    def sympathy(self) -> Array:
        """Sympathy by group and region (G, R)."""
        w = self.work
        odds = [self.utility(j).exp().alias(f"{j}") for j in range(w.lists + w.groups)]
        rivals = pl.sum_horizontal(f"{j}" for j in range(w.lists)).alias("rivals")
        groups = [pl.col(f"{j}") for j in range(w.lists, w.lists + w.groups)]
        shares = [(group / (group + pl.col("rivals")) * pl.col("weight")).sum() for group in groups]
        by_region = (
            self.agents.select("region", "weight", *odds)
            .with_columns(rivals)
            .group_by("region")
            .agg(*shares)
            .sort("region")
        )
        return by_region.drop("region").to_numpy().T / w.persons()

    def vote(self) -> Election:
        """An election."""
        w, rng, n, options = self.work, self.model.random, self.work.voters, range(self.work.lists + 1)
        known = [byte("knows", j) == 1 for j in range(w.lists)]
        listed = [pl.when(known[j]).then(self.utility(j)).alias(f"u_{j}") for j in range(w.lists)]
        frame = self.agents.select("cell", "weight", "grievance", "habit", *listed)
        lists = [pl.col(f"u_{j}") for j in range(w.lists)]
        frame = frame.with_columns(
            pl.max_horizontal(lists).fill_null(0).alias("best"), pl.mean_horizontal(lists).fill_null(0).alias("mean")
        )
        against = w.against_constant + w.against_grievance * pl.col("grievance") - w.against_best * pl.col("best")
        frame = frame.with_columns(against.alias(f"u_{w.lists}"))
        frame = frame.with_columns(pl.col(f"u_{j}").exp().fill_null(0).alias(f"o_{j}") for j in options)

        def poll(chances: Array) -> Array:
            pull = np.exp(chances)
            share = pl.col("weight") / pl.sum_horizontal(pl.col(f"o_{j}") * pull[j] for j in options)
            found = frame.with_columns(share.alias("share")).select(
                (pl.col(f"o_{j}") * pl.col("share")).sum() * pull[j] for j in options
            )
            votes = found.to_numpy()[0]
            return votes / votes.sum()

        believed = exchange(w, poll)
        taste = chance(w, believed)
        shocks = [pl.lit(pl.Series(rng.gumbel(size=n))) for _ in options]
        totals = [(pl.col(f"u_{j}") + taste[j] + shocks[j]).alias(f"t_{j}") for j in options]
        turnout = 1 / (1 + (-pl.col("habit") - w.stakes * (pl.col("best") - pl.col("mean"))).exp())
        comes = pl.lit(pl.Series(rng.random(n))) < turnout
        frame = frame.with_columns(*totals, comes.alias("comes"))
        frame = frame.with_columns(pl.max_horizontal(f"t_{j}" for j in options).alias("top"))
        choice = reduce(
            lambda found, j: pl.when(pl.col(f"t_{j}") == pl.col("top")).then(j).otherwise(found), options, pl.lit(-1)
        )
        choice = pl.when("comes").then(choice).otherwise(-1).cast(pl.Int8).alias("choice")
        self.agents = self.agents.with_columns(frame.select(choice).to_series())
        counts = self.agents.filter(pl.col("choice") >= 0).group_by("cell", "choice").len()
        tally = np.zeros((w.cells, w.lists + 1), np.int64)
        tally[counts["cell"].to_numpy(), counts["choice"].to_numpy()] = counts["len"].to_numpy()
        return Election(believed, tally)

    def step(self) -> None:
        """Nothing: the model says what happens in a month."""


class Country(mf.ModelDF):
    """The voters."""

    def __init__(self, work: Work, seed: int) -> None:
        super().__init__(seed)
        self.voters = Voters(self, work)
        self.agents.add(self.voters)


class Run:
    """One run of the reference work."""

    def __init__(self, work: Work, seed: int) -> None:
        self.work, self.model = work, Country(work, seed)

    @property
    def voters(self) -> Voters:
        """The set of agents as the model keeps it."""
        return self.model.get_agents_of_type(Voters)

    def months(self) -> Array:
        sympathy = []
        for shock in self.work.shock.tolist():
            self.voters.month(shock)
            sympathy.append(self.voters.sympathy())
        return np.array(sympathy)

    def election(self) -> Election:
        return self.voters.vote()

    def columns(self) -> dict[str, Array]:
        frame = self.voters.agents
        knows = frame["knows"].to_numpy()
        aware = sum(((knows >> np.uint64(8 * j)) & np.uint64(1)) << np.uint64(j) for j in range(self.work.lists))
        return {
            "position": frame.select(AXES).to_numpy().T,
            "grievance": frame["grievance"].to_numpy(),
            "aware": aware.astype(np.uint32),
            "choice": frame["choice"].to_numpy(),
        }
