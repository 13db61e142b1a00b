"""The electorate: voters as rows of columns, and a Mesa view of each row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.kernels.sums import weighted_mean
from sim.society import network, synthesis
from sim.society.geography import Geography
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
        return [self.electorate[int(j)] for j in self.electorate.neighbour[self.row] if j != self.row]


class Electorate(mesa.Agent):
    """All voters. Columns are NumPy arrays of length N; rows are sorted by region, locality and settlement.

    ``weight`` is the number of persons a row stands for; counts of persons are always sums of weights. ``aware`` is a
    bit mask over party slots, ``district`` the single-member one (-1 without any), ``choice`` the code of the option
    voted for on the list ballot (NOBODY: none).
    """

    columns = (
        *("region", "locality", "district", "urban", "weight", "titular", "age", "higher_education", "dependent"),
        *("position", "habit", "grievance", "belief", "aware", "turned_out", "choice", "district_choice"),
    )

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
        for name, column in born._asdict().items():
            setattr(self, name, column)
        self.district = geography.districts(seats, self.region, self.locality, self.weight)
        self.cell: NDArray[np.int64] = 2 * self.locality + ~self.urban  # settlement kind within the locality
        self.neighbour: NDArray[np.int32] = network.ties(self.cell, self.region, ties, streams)
        n = len(self)
        self.aware = np.zeros(n, np.uint64)
        self.turned_out = np.zeros(n, np.bool_)
        self.choice = np.full(n, NOBODY, np.int16)
        self.district_choice = np.full(n, NOBODY, np.int16)

    region: NDArray[np.int64]
    locality: NDArray[np.int64]
    district: NDArray[np.int64]
    urban: NDArray[np.bool_]
    weight: NDArray[np.float64]
    position: NDArray[np.float64]
    habit: NDArray[np.float64]
    grievance: NDArray[np.float64]
    belief: NDArray[np.float64]
    dependent: NDArray[np.bool_]

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
        """Write a column, these rows only; ValueError where the column would have to round what is written."""
        column, given = self._column(name), np.asarray(value)
        if not np.array_equal(given.astype(column.dtype), given):
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
