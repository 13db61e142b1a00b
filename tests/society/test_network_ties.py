"""The network: mutual ties, equal degrees, mostly inside the settlement."""

from __future__ import annotations

import numpy as np
import pytest
from small_runs import fresh, scenario

from sim.society import network
from sim.society.settings import NetworkSettings
from sim.streams import Streams

PEOPLE = fresh(scenario(voters=1500)).electorate


def matrix(neighbour: np.ndarray) -> np.ndarray:
    """How often each voter lists each other one."""
    out = np.zeros((len(neighbour), len(neighbour)), int)
    np.add.at(out, (np.arange(len(neighbour))[:, None], neighbour), 1)
    return out


@pytest.mark.parametrize(
    "settings",
    [
        NetworkSettings(),
        NetworkSettings(local=1, regional=3, national=0),
        NetworkSettings(local=0, regional=0, national=2),
    ],
)
def test_every_tie_is_mutual_and_everybody_has_as_many(settings):
    neighbour = network.ties(PEOPLE.cell, PEOPLE.region, settings, Streams(1))
    listed = matrix(neighbour)
    assert np.array_equal(listed, listed.T)
    assert neighbour.shape == (len(PEOPLE), 2 * (settings.local + settings.regional + settings.national))


def test_ties_are_mostly_local():
    same_cell = PEOPLE.cell[PEOPLE.neighbour] == PEOPLE.cell[:, None]
    same_region = PEOPLE.region[PEOPLE.neighbour] == PEOPLE.region[:, None]
    assert 0.6 <= same_cell.mean() < 0.75
    assert same_cell[:, :6].all()
    assert same_region[:, :8].all()
    assert not same_region[:, 8:].all()


def test_networkx_shows_the_same_network():
    graph = network.as_networkx(PEOPLE.neighbour)
    linked = matrix(PEOPLE.neighbour) > 0
    np.fill_diagonal(linked, False)
    assert graph.number_of_nodes() == len(PEOPLE)
    assert graph.number_of_edges() == linked.sum() // 2
    for i in range(0, len(PEOPLE), 100):
        assert sorted(graph[i]) == np.flatnonzero(linked[i]).tolist()


def test_a_permutation_joins_the_country():
    import networkx as nx

    assert nx.is_connected(network.as_networkx(PEOPLE.neighbour))


def test_without_ties_everybody_is_alone():
    alone = network.ties(PEOPLE.cell, PEOPLE.region, NetworkSettings(local=0, regional=0, national=0), Streams(1))
    assert np.array_equal(alone[:, 0], np.arange(len(PEOPLE)))
    assert network.as_networkx(alone).number_of_edges() == 0
