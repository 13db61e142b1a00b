"""The electorate: voters as rows of columns, and a Mesa view of each row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.kernels import threads
from sim.kernels.sums import weighted_mean
from sim.society import synthesis
from sim.society.geography import Geography
from sim.society.network import Ties, blocks
from sim.streams import Streams

if TYPE_CHECKING:
    from sim.society.settings import NetworkSettings, PopulationSettings

NOBODY = -1  # the choice of a voter who stayed at home, and before the election


class Column:
    """An attribute of one voter that lives in the electorate's array of the same name."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, voter: Voter | None, owner: type) -> Any:
        return self if voter is None else getattr(voter.electorate, self.name)[voter.row]

    def __set__(self, voter: Voter, value: Any) -> None:
        Rows(voter.electorate, np.array([voter.row])).set(self.name, value)


class Voter(mesa.Agent):
    """One voter, made on request; it reads and writes its row of the electorate."""

    region, locality, district, urban, weight = Column(), Column(), Column(), Column(), Column()
    titular, age, higher_education, dependent = Column(), Column(), Column(), Column()
    position, habit, grievance, belief = Column(), Column(), Column(), Column()
    aware, turned_out, choice, district_choice = Column(), Column(), Column(), Column()

    def __init__(self, electorate: Electorate, row: int) -> None:  # no super(): not registered with the model
        self.electorate, self.row = electorate, row
        self.model, self.unique_id = electorate.model, (electorate.unique_id, row)

    def __repr__(self) -> str:
        return f"<Voter {self.row} of region {self.electorate.geography.codes[self.region]}>"

    @property
    def neighbours(self) -> list[Voter]:
        """The voters this one talks to."""
        near = self.electorate.ties.neighbours(np.array([self.row]))[0]
        return [self.electorate[int(j)] for j in near if j != self.row]


class Electorate(mesa.Agent):
    """All voters. Columns are NumPy arrays of length N; rows are sorted by region, locality and settlement.

    ``weight`` is the number of persons a row stands for, the same for all rows of a cell; counts of persons are always
    sums of weights. ``aware`` is a bit mask over the places of parties, ``district`` the single-member one (-1 without
    any), ``choice`` the code of the option voted for on the list ballot (NOBODY: none). Fractions are single precision.

    ``position`` (N, 3) and ``grievance`` lie in one record a voter. Of records, as of ``aware``, there are two sets,
    last month's and this month's: fetch these three columns anew after a month.
    """

    columns = (
        *("region", "locality", "district", "urban", "weight", "titular", "age", "higher_education", "dependent"),
        *("position", "habit", "grievance", "belief", "aware", "turned_out", "choice", "district_choice"),
    )
    fixed = ("region", "locality", "district", "urban", "weight")
    """Columns that say where a row lies and what it stands for; they are not written after the start."""

    def __init__(
        self,
        model: mesa.Model,
        geography: Geography,
        population: PopulationSettings,
        ties: NetworkSettings,
        seats: int,
        streams: Streams,
    ) -> None:
        super().__init__(model)
        self.geography = geography
        born = synthesis.people(geography, population, streams)
        n = len(born.region)
        self.region, self.locality, self.urban, self.weight = born.region, born.locality, born.urban, born.weight
        self.titular, self.age, self.higher_education = born.titular, born.age, born.higher_education
        self.dependent, self.habit, self.belief = born.dependent, born.habit, born.belief
        self.district = geography.districts(seats, self.region, self.locality, self.weight).astype(np.int16)
        self._district_start = np.searchsorted(self.district, np.arange(seats + 1, dtype=np.int16))
        self.cell: NDArray[np.int16] = 2 * self.locality + ~self.urban  # settlement kind within the locality
        self.records: NDArray[np.float32] = np.zeros(4 * n, np.float32)
        self.next_records: NDArray[np.float32] = np.zeros(4 * n, np.float32)
        self.aware: NDArray[np.uint64] = np.zeros(n, np.uint64)
        self.next_aware: NDArray[np.uint64] = np.zeros(n, np.uint64)
        self.position[:], self.grievance[:] = born.position, born.grievance
        self.turned_out = np.zeros(n, np.bool_)
        self.choice = np.full(n, NOBODY, np.int16)
        self.district_choice = np.full(n, NOBODY, np.int16)
        self.ties = Ties.of(self.cell, self.region, ties, streams)
        first, size = blocks(self.cell)
        self.persons = float(self.weight.sum())
        self.cell_weight = np.zeros(geography.cells)  # persons a row of each cell stands for
        self.cell_weight[self.cell[first]] = self.weight[first]
        self.cell_persons = np.bincount(self.cell[first], size, minlength=geography.cells) * self.cell_weight
        pieces = threads.chunks(first, size)
        at = pieces[:, 2]
        self.chunks = np.column_stack(
            [pieces[:, :2], first[at], size[at], self.region[first[at]], self.cell[first[at]]]
        ).astype(np.int64)

    region: NDArray[np.int16]
    locality: NDArray[np.int16]
    district: NDArray[np.int16]
    urban: NDArray[np.bool_]
    weight: NDArray[np.float64]
    titular: NDArray[np.bool_]
    age: NDArray[np.int8]
    higher_education: NDArray[np.bool_]
    dependent: NDArray[np.bool_]
    habit: NDArray[np.float32]
    belief: NDArray[np.float32]

    @property
    def position(self) -> NDArray[np.float32]:
        """Places on the three axes, (N, 3): a view that can be written."""
        return self.records.reshape(-1, 4)[:, :3]

    @property
    def grievance(self) -> NDArray[np.float32]:
        """Grievance, (N,): a view that can be written."""
        return self.records.reshape(-1, 4)[:, 3]

    @property
    def one_to_one(self) -> bool:
        """Whether every person on the register is a row."""
        return len(self) == int(self.geography.register.sum())

    def by_cell(self, sums: NDArray[np.int64], chunks: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """Sums over chunks (C, ..) as sums over persons by cell (cells, ..)."""
        of = (self.chunks if chunks is None else chunks)[:, -1]
        out = np.zeros((self.geography.cells, *sums.shape[1:]), np.int64)
        np.add.at(out, of, sums)
        return out * self.cell_weight.reshape(-1, *[1] * (sums.ndim - 1))

    def by_region(self, persons: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums by cell (cells, ..) as sums by region (R, ..)."""
        out = np.zeros((len(self.geography.regions), *persons.shape[1:]))
        np.add.at(out, np.repeat(self.geography.locality_region, 2), persons)
        return out

    def of_district(self, district: int) -> NDArray[np.int64]:
        """Rows of a single-member district: consecutive ones."""
        return np.arange(self._district_start[district], self._district_start[district + 1])

    def __len__(self) -> int:
        return len(self.region)

    def __getitem__(self, row: int) -> Voter:
        return Voter(self, range(len(self))[row])

    def __iter__(self) -> Iterator[Voter]:
        return (Voter(self, row) for row in range(len(self)))

    def select(self, where: NDArray[np.bool_] | Callable[[Voter], bool], at_most: int | None = None) -> Rows:
        """The voters a mask (N,) or a predicate on views picks, as rows that behave like the whole."""
        mask = where if isinstance(where, np.ndarray) else np.fromiter(map(where, self), bool, len(self))
        return Rows(self, np.flatnonzero(mask)[:at_most])

    def get(self, name: str) -> NDArray[Any]:
        """A copy of a column."""
        return Rows(self, np.arange(len(self))).get(name)

    def set(self, name: str, value: Any) -> Electorate:
        """Write a column, broadcasting a single value."""
        Rows(self, np.arange(len(self))).set(name, value)
        return self

    def agg(self, name: str, by: Callable[[NDArray[Any]], Any]) -> Any:
        """A column reduced by a function, unweighted, as Mesa's AgentSet does it; see also :meth:`mean`."""
        return by(self.get(name))

    def groupby(self, name: str) -> dict[Any, Rows]:
        """Rows by the value of a column; ValueError for a column of several axes."""
        column = self.get(name)
        if column.ndim > 1:
            raise ValueError(f"{name} has {column.shape[1]} axes; group by a column of single values")
        return {value.item(): Rows(self, np.flatnonzero(column == value)) for value in np.unique(column)}

    def mean(self, name: str) -> Any:
        """A column's mean over persons."""
        return weighted_mean(self.get(name), self.weight)


class Rows:
    """Some rows of the electorate, with the face of a Mesa AgentSet."""

    def __init__(self, electorate: Electorate, rows: NDArray[np.int64]) -> None:
        self.electorate, self.rows = electorate, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Voter]:
        return (self.electorate[int(row)] for row in self.rows)

    def get(self, name: str) -> NDArray[Any]:
        """A copy of a column, these rows only."""
        return np.array(self._column(name)[self.rows])

    def set(self, name: str, value: Any) -> Rows:
        """Write a column, these rows only.

        Raises:
            ValueError: a column of whole numbers or flags would have to round what is written; or the column says where
                a row lies, which the network and the weights rest on. Fractions are kept in single precision.
        """
        column, given = self._column(name), np.asarray(value)
        if name in Electorate.fixed:
            raise ValueError(f"{name} is fixed: the network, the cells and the weights rest on it")
        if column.dtype.kind != "f" and not np.array_equal(given.astype(column.dtype), given):
            raise ValueError(f"{name} holds whole numbers or flags ({column.dtype.name}) and would round {value!r}")
        column[self.rows] = given
        return self

    def agg(self, name: str, by: Callable[[NDArray[Any]], Any]) -> Any:
        """A column reduced by a function over these rows."""
        return by(self.get(name))

    def _column(self, name: str) -> NDArray[Any]:
        if name not in Electorate.columns:
            raise AttributeError(f"voters have no {name!r}; they have {', '.join(Electorate.columns)}")
        column: NDArray[Any] = getattr(self.electorate, name)
        return column
