"""The reference work: what every competitor of ``bench_voters.py`` is given, and has to give back.

N voters in 20 regions and 58 cells, the documented network of ten ties, 24 months of the full voter model (opinion on
three axes, grievance with one shock, awareness of 8 parties, sympathy by region for 4 groups), then one election with
8 lists and a vote against all. The equations are those of docs/odd.md, 7.1 to 7.3, 7.5 (sympathy), 7.10 and 7.11.

Inputs are NumPy arrays and plain numbers. This file needs NumPy alone, because competitors in environments of their own
read the inputs from a file; only :func:`make` draws them and needs the project.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

REGIONS, LOCALITIES, MONTHS, LISTS, GROUPS = 20, 29, 24, 8, 4
REGISTER = 12_035_578  # persons, however many rows stand for them
FLOOR = 0.001  # the least chance that a voter grants a list
QUOTA_NEEDED, DOUBT = 0.75, 0.4  # as in sim/process/voting.py

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Work:
    """All inputs. N voters sorted by region and cell, C cells, R regions, J lists, G groups, T months."""

    voters: int
    months: int
    # who lives where; the rows of a cell follow one another
    cell_first: Array  # (C,) int64, the first row
    cell_size: Array  # (C,) int64, rows
    cell_region: Array  # (C,) int64
    cell_village: Array  # (C,) bool
    cell_weight: Array  # (C,) float64, persons that a row stands for
    # the voters at the beginning
    position: Array  # (3, N) float32
    grievance: Array  # (N,) float32, also the usual one
    belief: Array  # (N,) float32
    habit: Array  # (N,) float32
    dependent: Array  # (N,) bool
    aware: Array  # (N,) uint32, bit j: knows list j
    # ties: rings in the cell, and for every region the numbers of sim.society.network.Permutation
    local: int
    far: Array  # (R, 4, 5) int64: first row of the group, size, modulus, factor, shift
    # opinion and grievance
    attraction: float
    bound: float
    noise: float
    decay: float
    shock: Array  # (T,) float64, added to grievance in the month
    # awareness
    mouth: float  # chance to hear of a list from one neighbour who knows it
    reach: Array  # (R, J) float64, chance to hear of it otherwise
    # utility of lists, then of groups: base by cell less ``distance`` times the squared distance to a place
    base: Array  # (J + G, C) float64
    place: Array  # (J + G, 3) float64
    distance: float
    # beliefs and the vote
    strategic: float
    rounds: int
    seats: int
    threshold: float
    last: Array  # (J,) float64, the last result, NaN without one
    misheard: Array  # (J,) float64, the factor with which a poll is heard
    against_constant: float
    against_grievance: float
    against_best: float
    # turnout
    turnout_constant: float
    turnout_rural: float
    stakes: float
    distrust: float
    order: Array  # (R,) float64, logits
    spill_over: float
    # keys of the addressed draws (docs/odd.md 7.0), for who wants them
    opinion_key: Array  # (T, 2) uint64
    hear_key: Array  # (T, J, 2) uint64
    taste_key: Array  # (J + 1, 2) uint64
    turnout_key: Array  # (2,) uint64
    # the ties again as a table, for who stores them; None where it was not asked for
    neighbours: Array | None = None  # (N, 10) int32

    @property
    def cells(self) -> int:
        return len(self.cell_first)

    @property
    def regions(self) -> int:
        return len(self.far)

    @property
    def lists(self) -> int:
        return self.reach.shape[1]

    @property
    def groups(self) -> int:
        return len(self.place) - self.lists

    @property
    def ties(self) -> int:
        return 2 * self.local + self.far.shape[1]

    @property
    def cell(self) -> Array:
        """The cell of every voter (N,)."""
        return np.repeat(np.arange(self.cells, dtype=np.int32), self.cell_size)

    @property
    def region(self) -> Array:
        """The region of every voter (N,)."""
        return np.repeat(self.cell_region.astype(np.int32), self.cell_size)

    def persons(self) -> Array:
        """Persons by region (R,)."""
        return np.bincount(self.cell_region, self.cell_weight * self.cell_size, self.regions)

    def by_region(self, by_cell: Array) -> Array:
        """Means over persons by region, of sums over the rows of each cell (.., C); shape (.., R)."""
        out = np.zeros((*by_cell.shape[:-1], self.regions))
        for c, r in enumerate(self.cell_region):
            out[..., r] += by_cell[..., c] * self.cell_weight[c]
        return out / self.persons()

    def save(self, path: Path) -> None:
        """Write all inputs to one .npz file."""
        given = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        np.savez(path, **{name: value for name, value in given.items() if value is not None})

    @classmethod
    def load(cls, path: str | Path, *, neighbours: bool = False) -> Work:
        """Read them back; the table of ties only where asked for, because it is large."""
        with np.load(path) as file:
            names = [name for name in file.files if neighbours or name != "neighbours"]
            given = {name: file[name] for name in names}
        return cls(**{name: value if value.ndim else value.item() for name, value in given.items()})


class Election(NamedTuple):
    """What an election gives. Options are the lists, then the vote against all."""

    believed: Array  # (J + 1,) shares that voters believe in
    tally: Array  # (C, J + 1) whole numbers of rows


class Competitor(Protocol):
    """What every competitor offers; making one is not timed, and every repetition makes a new one."""

    def months(self) -> Array:
        """All months; sympathy (T, G, R)."""

    def election(self) -> Election:
        """One election, by the voters as the months left them."""

    def columns(self) -> dict[str, Array]:
        """The state at the end: position (3, N), grievance (N,), aware (N,), choice (N,), -1 for who stayed away."""


def believe(work: Work, poll: Array) -> Array:
    """Shares believed in (J + 1,) after a poll (J + 1,): nine numbers, the same for all competitors."""
    believed = np.array(poll, float)
    heard = believed[: work.lists] * work.misheard
    believed[: work.lists] = np.where(np.isnan(work.last), heard, (work.last + heard) / 2)
    return believed / believed.sum()


def chance(work: Work, believed: Array) -> Array:
    """Log of the believed chance to win a seat (J + 1,), times the weight that voters give it; 0 for against all."""
    out = np.zeros(work.lists + 1)
    for j in range(work.lists):
        share = math.log(max(believed[j], 1e-9))
        nearest = max(math.log(QUOTA_NEEDED / (work.seats + 1)), math.log(work.threshold))
        z = (share - nearest) / DOUBT
        out[j] = work.strategic * math.log(max(0.5 * math.erfc(-z / math.sqrt(2)), FLOOR))
    return out


def exchange(work: Work, poll_under: Any) -> Array:
    """``rounds`` + 1 polls, each answered by beliefs; ``poll_under(chance)`` gives expected shares (J + 1,)."""
    believed = believe(work, poll_under(np.zeros(work.lists + 1)))
    for _ in range(work.rounds):
        believed = believe(work, poll_under(chance(work, believed)))
    return believed


def silent(work: Work) -> Array:
    """Chance to hear nothing of a list, by region and neighbours who know it; shape (R, J, ties + 1)."""
    return (1 - work.reach)[:, :, None] * (1 - work.mouth) ** np.arange(work.ties + 1)


def statistics(work: Work, sympathy: Array, election: Election, columns: dict[str, Array]) -> dict[str, list[float]]:
    """The numbers by which competitors with chance of their own are compared, by kind."""
    position, tally = columns["position"].astype(float), election.tally.sum(axis=0)
    aware = columns["aware"].astype(np.uint32)
    return {
        "position, mean": position.mean(axis=1).tolist(),
        "position, sd": position.std(axis=1).tolist(),
        "grievance": [float(columns["grievance"].astype(float).mean())],
        "awareness": [float(((aware >> np.uint32(j)) & np.uint32(1)).mean()) for j in range(work.lists)],
        "sympathy": sympathy[-1].ravel().tolist(),
        "sympathy, mean": sympathy.mean(axis=(0, 2)).tolist(),
        "belief": election.believed.tolist(),
        "turnout": [float(tally.sum() / work.voters)],
        "shares": (tally / tally.sum()).tolist(),
    }


def make(voters: int, *, months: int = MONTHS, seed: int = 2023, neighbours: bool = True) -> Work:
    """Draw the inputs; the same for the same arguments on every machine. ``seed`` also gives the keys of the months."""
    from scipy.special import expit, logit, ndtri

    from sim.society.geography import split
    from sim.society.network import Ties
    from sim.society.settings import NetworkSettings
    from sim.streams import Streams

    place, history = Streams(1), Streams(seed)  # the country is one; the seed varies what happens in it

    def normal(what: str, n: int) -> Array:
        return ndtri(place.uniform(what, n))

    # localities, each a town and its villages; nine regions have two
    region_of_locality = np.sort(np.concatenate([np.arange(REGIONS), np.arange(LOCALITIES - REGIONS) * 2]))
    urban = 0.35 + 0.6 * place.uniform("urban", LOCALITIES)
    people = np.exp(0.6 * normal("size", LOCALITIES))[:, None] * np.stack([urban, 1 - urban], axis=1)
    register = split(REGISTER, people.ravel())
    rows = 1 + split(voters - register.size, register.astype(float))
    cells = register.size
    cell_region = np.repeat(region_of_locality, 2)
    cell = np.repeat(np.arange(cells), rows)
    region = cell_region[cell]

    position = np.empty((3, voters), np.float32)
    cluster = (5 * place.uniform("cluster", voters)).astype(np.int8)
    for axis in range(3):
        own = 0.6 * normal(f"position/{axis}", voters)
        own += (0.8 * normal(f"cluster/{axis}", 5))[cluster] + (0.5 * normal(f"cell/{axis}", cells))[cell]
        position[axis] = (own - own.mean()) / own.std()
    age = np.searchsorted([0.23, 0.56, 0.81], place.uniform("age", voters))
    aware = np.zeros(voters, np.uint32)
    for j, known in enumerate((0.95, 0.95, 0.95, 0.95, 0.95, 0.5, 0.0, 0.0)):
        aware |= (place.uniform(f"known/{j}", voters) < known).astype(np.uint32) << np.uint32(j)

    ties = Ties.of(cell, region, NetworkSettings(), place)
    loyal = np.array([1, 1, 1, 1, 1, 0.5, 0, 0])  # how far the media are open to each list
    members = 0.01 * np.stack([place.uniform(f"members/{j}", REGIONS) for j in range(LISTS)], axis=1)
    base = np.linspace(1.2, -1.0, LISTS + GROUPS)[:, None] + 0.6 * normal("local", (LISTS + GROUPS) * cells).reshape(
        LISTS + GROUPS, cells
    )
    base[0, 1::2] += 0.7  # the party of power in villages
    shock = np.zeros(months)
    shock[months // 2] = 0.1
    return Work(
        voters=voters,
        months=months,
        cell_first=np.concatenate([[0], np.cumsum(rows)[:-1]]).astype(np.int64),
        cell_size=rows.astype(np.int64),
        cell_region=cell_region.astype(np.int64),
        cell_village=np.arange(cells) % 2 == 1,
        cell_weight=register / rows,
        position=position,
        grievance=expit(logit(0.27) + normal("grievance", voters)).astype(np.float32),
        belief=expit(logit(0.549) + normal("belief", voters)).astype(np.float32),
        habit=(0.8 * normal("habit", voters) + 0.3 * (age - 1.4)).astype(np.float32),
        dependent=place.uniform("dependence", voters) < 0.22,
        aware=aware,
        local=ties.local,
        far=ties.far,
        attraction=0.1,
        bound=1.5,
        noise=0.2,
        decay=0.95,
        shock=shock,
        mouth=0.03,
        reach=1 - (1 - 0.05 * loyal) * (1 - 0.03) ** (ties.degree * members),
        base=base,
        place=0.8 * normal("place", 3 * (LISTS + GROUPS)).reshape(LISTS + GROUPS, 3),
        distance=0.7,
        strategic=0.25,
        rounds=4,
        seats=69,
        threshold=0.05,
        last=np.array([0.7, 0.1, 0.1, 0.05, 0.03, *[np.nan] * 3]),
        misheard=np.exp(0.1 * normal("poll", LISTS)),
        against_constant=-1.0,
        against_grievance=2.0,
        against_best=0.3,
        turnout_constant=0.3,
        turnout_rural=0.57,
        stakes=0.1,
        distrust=1.0,
        order=1.5 * place.uniform("order", REGIONS),
        spill_over=0.5,
        opinion_key=np.array([history.key("opinion", occasion=t) for t in range(months)]),
        hear_key=np.array([[history.key(f"hear/{j}", occasion=t) for j in range(LISTS)] for t in range(months)]),
        taste_key=np.array([history.key(f"taste/{j}") for j in range(LISTS + 1)]),
        turnout_key=history.key("turnout").copy(),
        neighbours=ties.neighbours().astype(np.int32) if neighbours else None,
    )
