"""Every scenario that ships runs to its end with few voters and fills the chamber that its law asks for."""

from __future__ import annotations

import pytest

from sim.model import ElectionModel
from sim.scenario import catalogue
from sim.scenario.load import load


@pytest.mark.parametrize("name", catalogue.shipped("scenario"))
def test_every_scenario_runs(name: str) -> None:
    spec = load(name).vary("population.voters", 2000, name=name)
    model = ElectionModel(spec.vary("mechanism.stations.count", 700, name=name), society=1, history=1).run()
    chamber = model.rules_on(model.case.day).chamber
    for reading in (model.outcome.official, model.outcome.true):
        elected = sum(reading.seats.values()) + reading.allocation.unfilled
        assert elected == chamber.list_seats + chamber.district_seats
    assert all(value is None or value == value for value in model.outcome.measures().values())
