"""Who talks to whom: a symmetric network mostly inside the settlement, some ties across region and country.

Ties are a ring of near neighbours inside the cell (one kind of settlement in one locality) plus a permutation and its
inverse within the region and another within the country: all voters have as many ties, and every tie is mutual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.society.settings import NetworkSettings
from sim.streams import Streams

if TYPE_CHECKING:
    import networkx as nx


def ties(
    cell: NDArray[np.int64], region: NDArray[np.int64], settings: NetworkSettings, streams: Streams
) -> NDArray[np.int32]:
    """Neighbours of each voter, shape (N, K); rows are voters sorted by region, then cell.

    A voter alone in a group is tied to itself, which pulls nowhere and teaches nothing.
    """
    columns = [_shifted(cell, side * step) for step in range(1, settings.local + 1) for side in (1, -1)]
    for k in range(settings.regional):
        columns += _permuted(region, streams, f"tie/region/{k}")
    for k in range(settings.national):
        columns += _permuted(np.zeros_like(region), streams, f"tie/country/{k}")
    voters = len(cell)
    if not columns:
        return np.arange(voters, dtype=np.int32)[:, None]
    return np.stack(columns, axis=1).astype(np.int32)


def _groups(label: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return np.split(np.arange(len(label)), np.flatnonzero(np.diff(label)) + 1)


def _shifted(cell: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    out = np.empty(len(cell), np.int64)
    for rows in _groups(cell):
        out[rows] = np.roll(rows, -step)
    return out


def _permuted(label: NDArray[np.int64], streams: Streams, decision: str) -> list[NDArray[np.int64]]:
    """Each voter's successor and predecessor on one random cycle through its group: mutual by construction."""
    shuffle = streams.uniform(decision, len(label))
    ahead, behind = np.empty(len(label), np.int64), np.empty(len(label), np.int64)
    for rows in _groups(label):
        cycle = rows[np.argsort(shuffle[rows], kind="stable")]
        ahead[cycle] = np.roll(cycle, -1)
        behind[cycle] = np.roll(cycle, 1)
    return [ahead, behind]


def as_networkx(neighbour: NDArray[np.int32]) -> nx.Graph:
    """The same network as a networkx graph, for teaching and for small N; self-ties are left out."""
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(range(len(neighbour)))
    graph.add_edges_from((i, int(j)) for i, row in enumerate(neighbour) for j in row if i != j)
    return graph
