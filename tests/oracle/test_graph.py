"""The network that the program publishes is the one that the page's formulas give."""

from __future__ import annotations

from collections import Counter

import networkx as nx
import numpy as np
import pytest
import replay

from sim.society.network import Ties
from sim.society.settings import NetworkSettings

SCENARIOS = ["kz-2023", "textbook-managed", "kz-2004"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_neighbours_are_the_same_in_the_same_order(recorded, scenario):
    run = recorded(scenario, 1, 7)
    assert [[other.row for other in voter.neighbours] for voter in replay.new(run).voters] == run.neighbours


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_published_graphs_hold_these_ties(recorded, scenario):
    run = recorded(scenario, 1, 7)
    ours, ties = replay.new(run).graph, run.model.electorate.ties
    between = Counter(tuple(sorted(tie)) for tie in ours.edges() if tie[0] != tie[1])
    assert {tuple(sorted(tie)) for tie in ties.as_networkx().edges()} == set(between)
    matrix = ties.as_csr().tocoo()
    published = {(int(i), int(j)): int(n) for i, j, n in zip(matrix.row, matrix.col, matrix.data, strict=True)}
    assert published == dict(between) | {(j, i): n for (i, j), n in between.items()}


def test_any_numbers_of_ties_at_another_size_and_seed(recorded):
    settings = NetworkSettings(local=1, regional=2, national=3)
    run = recorded("kz-2023", 1, 7)
    e, streams = run.model.electorate, type(run.model.society)(99)
    ties = Ties.of(e.cell, e.region, settings, streams)
    changed = {"network__local": 1, "network__regional": 2, "network__national": 3}
    it = replay.new(run, society=99, **changed)
    assert [[other.row for other in voter.neighbours] for voter in it.voters] == ties.neighbours().tolist()
    assert nx.is_connected(it.graph)
    assert np.all([degree == 12 for _, degree in it.graph.degree()])
