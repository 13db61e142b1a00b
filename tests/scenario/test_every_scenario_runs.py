"""Every scenario that ships runs to its end with few voters and fills the chamber that its law asks for."""

from __future__ import annotations

import pytest

from sim.model import ElectionModel
from sim.party_system import PartySystem
from sim.scenario import catalogue
from sim.scenario.load import load

DECADES = [name for name in catalogue.shipped("scenario") if catalogue.of_decades(name)]
SINGLE = [name for name in catalogue.shipped("scenario") if name not in DECADES]


@pytest.mark.parametrize("name", DECADES)
def test_every_run_of_decades_ends_with_parties_and_whole_list_tiers(name: str) -> None:
    model = PartySystem(load(name).vary("population.voters", 600, name=name), society=1, history=1).run()
    assert model.today == model.decades.until
    assert model.power.registered
    for held, case in zip(model.terms.held, model.elections, strict=True):
        seats = model.rules_on(case.day).chamber.list_seats
        assert sum(held.seats.values()) == seats or held.refused or not held.seats
        assert 0.99 < sum(held.votes.values()) + (held.against_all or 0) < 1.01
    assert all(value is None or value == value for value in model.records.measures().values())


@pytest.mark.parametrize("name", SINGLE)
def test_every_scenario_runs(name: str) -> None:
    spec = load(name).vary("population.voters", 2000, name=name)
    model = ElectionModel(spec.vary("mechanism.stations.count", 700, name=name), society=1, history=1).run()
    chamber = model.rules_on(model.case.day).chamber
    for reading in (model.outcome.official, model.outcome.true):
        elected = sum(reading.seats.values()) + reading.allocation.unfilled
        assert elected == chamber.list_seats + chamber.district_seats
    assert all(value is None or value == value for value in model.outcome.measures().values())
