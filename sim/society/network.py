"""Who talks to whom: a symmetric network, mostly inside the settlement, that is arithmetic and takes no memory.

Ties are a ring of near neighbours inside the cell (one kind of settlement in one locality), and permutations of the
rows of the region and of the country, each with its inverse: all voters have as many ties, and every tie is mutual. The
equations are those of docs/odd.md, section 5; :mod:`sim.kernels.months` walks the same network in its loops.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from sim.society.settings import NetworkSettings
from sim.streams import Streams

if TYPE_CHECKING:
    import networkx as nx
    import scipy.sparse as sp


class Permutation(NamedTuple):
    """v -> (factor v + shift) mod modulus, applied until it falls below ``size``: a permutation of 0 .. size - 1."""

    size: int
    modulus: int
    factor: int
    shift: int

    @classmethod
    def pair(cls, size: int, stretch: float, turn: float) -> tuple[Self, Self]:
        """A permutation and its inverse from two uniforms; both jump by about the root of ``size``."""
        back = max(1, int(np.sqrt(size) * 2 ** (stretch - 0.5) + 0.5))
        ahead = -(-(size + 1) // back)
        modulus = ahead * back - 1  # so that ahead times back is one
        shift = int(turn * modulus)
        return cls(size, modulus, ahead, shift), cls(size, modulus, back, -back * shift % modulus)

    def __call__(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where rows (n,) of the group go; shape (n,)."""
        out = (self.factor * rows + self.shift) % self.modulus
        while (beyond := out >= self.size).any():
            out[beyond] = (self.factor * out[beyond] + self.shift) % self.modulus
        return out


@dataclass(frozen=True)
class Ties:
    """The network of an electorate whose rows are sorted by region, then cell.

    ``far`` (groups, K_far, 5) holds, for the region of a row and every permutation, the first row of the group it works
    in and the four numbers of :class:`Permutation`.
    """

    local: int
    region: NDArray[np.integer]  # (N,)
    start: NDArray[np.int64]  # (C,) first row of each cell that has voters
    size: NDArray[np.int64]  # (C,) its rows
    far: NDArray[np.int64]

    @classmethod
    def of(
        cls, cell: NDArray[np.integer], region: NDArray[np.integer], settings: NetworkSettings, streams: Streams
    ) -> Self:
        """The ties of voters by their cell (N,) and region (N,)."""
        first, sizes = blocks(cell)
        begin, rows = blocks(region)
        groups = int(region.max()) + 1
        far = np.zeros((groups, 2 * (settings.regional + settings.national), 5), np.int64)
        column = 0
        for k in range(settings.regional):
            draws = streams.uniform(f"tie/region/{k}", 2 * groups)
            for r0, n in zip(begin, rows, strict=True):
                r = int(region[r0])
                pair = Permutation.pair(int(n), float(draws[2 * r]), float(draws[2 * r + 1]))
                far[r, column : column + 2] = [(r0, *permutation) for permutation in pair]
            column += 2
        for k in range(settings.national):
            pair = Permutation.pair(len(cell), *map(float, streams.uniform(f"tie/country/{k}", 2)))
            far[:, column : column + 2] = [(0, *permutation) for permutation in pair]
            column += 2
        return cls(settings.local, region, first, sizes, far)

    @property
    def degree(self) -> int:
        """Ties of every voter."""
        return 2 * self.local + self.far.shape[1]

    def neighbours(self, rows: NDArray[np.integer] | None = None) -> NDArray[np.int64]:
        """The neighbours of rows (n,), by default of all; shape (n, degree).

        In the order of the ties: one step ahead and one back in the cell, two steps, .., then by permutation.
        """
        who = np.arange(len(self.region)) if rows is None else np.asarray(rows, np.int64)
        cell = np.searchsorted(self.start, who, side="right") - 1
        start, size = self.start[cell], self.size[cell]
        steps = [side * step for step in range(1, self.local + 1) for side in (1, -1)]
        columns = [start + (who - start + step) % size for step in steps]
        for k in range(self.far.shape[1]):
            column = np.empty_like(who)
            numbers = self.far[self.region[who], k]
            for begin, *numbers_of_one in np.unique(numbers, axis=0):
                here = (numbers == (begin, *numbers_of_one)).all(axis=1)
                column[here] = begin + Permutation(*map(int, numbers_of_one))(who[here] - begin)
            columns.append(column)
        return np.stack(columns, axis=1) if columns else np.empty((len(who), 0), np.int64)

    def as_csr(self) -> sp.csr_array:
        """Numbers of ties between voters as a sparse matrix (N, N), for small N; self-ties are left out."""
        import scipy.sparse as sp

        near = self.neighbours()
        ends = np.repeat(np.arange(len(near)), near.shape[1]), near.ravel()
        apart = ends[0] != ends[1]
        ties: Any = sp.coo_array((np.ones(apart.sum(), np.int32), (ends[0][apart], ends[1][apart])), (len(near),) * 2)
        return ties.tocsr()

    def as_networkx(self) -> nx.Graph:
        """The same network as a networkx graph, for teaching and for small N; self-ties are left out."""
        import networkx as nx

        return nx.from_scipy_sparse_array(self.as_csr(), edge_attribute="ties")


def blocks(label: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First rows and lengths of the runs of equal labels (N,)."""
    first = np.concatenate([[0], np.flatnonzero(np.diff(label)) + 1])
    return first, np.diff(np.concatenate([first, [len(label)]]))
