"""The network: mutual ties, equal degrees, mostly inside the settlement, and the small world it makes."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_runs import fresh, scenario

from sim.society.network import Permutation, Ties
from sim.society.settings import NetworkSettings
from sim.streams import Streams

PEOPLE = fresh(scenario(voters=1500)).electorate
NEAR = PEOPLE.ties.neighbours()
unit = st.floats(0, 1, exclude_min=True, exclude_max=True)


@given(st.integers(1, 5000), unit, unit)
def test_a_permutation_visits_every_row_and_its_inverse_goes_back(size, stretch, turn):
    ahead, back = Permutation.pair(size, stretch, turn)
    rows = np.arange(size)
    assert sorted(ahead(rows).tolist()) == rows.tolist()
    assert np.array_equal(back(ahead(rows)), rows)
    assert max(ahead.factor, back.factor) <= 2 * np.sqrt(size) + 3  # far rows are read in few sequences


@pytest.mark.parametrize(
    "settings",
    [
        NetworkSettings(),
        NetworkSettings(local=1, regional=3, national=0),
        NetworkSettings(local=0, regional=0, national=2),
    ],
)
def test_every_tie_is_mutual_and_everybody_has_as_many(settings):
    ties = Ties.of(PEOPLE.cell, PEOPLE.region, settings, Streams(1))
    near = ties.neighbours()
    assert near.shape == (len(PEOPLE), ties.degree)
    assert ties.degree == 2 * (settings.local + settings.regional + settings.national)
    assert (ties.as_csr() != ties.as_csr().T).nnz == 0
    apart = near != np.arange(len(near))[:, None]
    assert np.array_equal(np.asarray(ties.as_csr().sum(axis=1)).ravel(), apart.sum(axis=1))


def test_ties_are_mostly_local():
    same_cell = PEOPLE.cell[NEAR] == PEOPLE.cell[:, None]
    same_region = PEOPLE.region[NEAR] == PEOPLE.region[:, None]
    assert 0.6 <= same_cell.mean() < 0.75
    assert same_cell[:, :6].all()
    assert same_region[:, :8].all()
    assert not same_region[:, 8:].all()


def test_some_rows_are_the_same_as_all():
    rows = np.array([3, 700, 1499])
    assert np.array_equal(PEOPLE.ties.neighbours(rows), NEAR[rows])


def test_networkx_shows_the_same_network():
    graph = PEOPLE.ties.as_networkx()
    assert graph.number_of_nodes() == len(PEOPLE)
    for i in range(0, len(PEOPLE), 100):
        assert sorted(graph[i]) == sorted({int(j) for j in NEAR[i] if j != i})


def test_it_is_a_small_world():
    """docs/network.md: neighbours know each other, and anybody is a few steps away."""
    graph = PEOPLE.ties.as_networkx()
    assert nx.is_connected(graph)
    assert 0.15 < nx.average_clustering(graph) < 0.3
    steps = nx.single_source_shortest_path_length(graph, 0)
    assert max(steps.values()) <= 7


def test_without_ties_everybody_is_alone():
    alone = Ties.of(PEOPLE.cell, PEOPLE.region, NetworkSettings(local=0, regional=0, national=0), Streams(1))
    assert alone.neighbours().shape == (len(PEOPLE), 0)
    assert alone.as_networkx().number_of_edges() == 0


def test_another_society_has_other_ties():
    other = Ties.of(PEOPLE.cell, PEOPLE.region, NetworkSettings(), Streams(2)).neighbours()
    assert np.array_equal(other[:, :6], NEAR[:, :6])  # the ring is the same in all
    assert (other[:, 6:] != NEAR[:, 6:]).mean() > 0.9
