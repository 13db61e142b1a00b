"""What Mesa sees: actors on a calendar in days, and voters who are rows."""

from __future__ import annotations

import random
from datetime import date

import mesa
import numpy as np
import pytest
from small_runs import fresh, ran, scenario

from sim.actors.administration import Administration
from sim.actors.commission import Commission, Commissions
from sim.actors.court import Court
from sim.actors.observer import ObserverMission
from sim.actors.party import Party
from sim.actors.registrar import Registrar
from sim.society.electorate import Electorate, Voter

MODEL = ran()


def test_actors_are_ordinary_agents():
    assert isinstance(MODEL, mesa.Model)
    for kind in (Electorate, Commissions, ObserverMission, Court, Administration, Registrar):
        assert len(MODEL.agents_by_type[kind]) == 1
    assert set(MODEL.agents_by_type[Party]) == set(MODEL.parties.values())
    assert len({agent.unique_id for agent in MODEL.agents}) == len(MODEL.agents)


def test_voters_and_commissions_are_rows_and_not_registered():
    registered = len(MODEL.agents)
    voter, commission = MODEL.electorate[0], MODEL.commissions[0]
    assert isinstance(voter, mesa.Agent)
    assert isinstance(voter, Voter)
    assert isinstance(commission, Commission)
    assert voter not in MODEL.agents
    assert len(MODEL.agents) == registered
    assert Voter not in MODEL.agents_by_type
    assert voter.model is MODEL
    assert voter.unique_id == (MODEL.electorate.unique_id, 0)


def test_time_is_in_days_from_the_start():
    model = fresh()
    assert model.time == 0
    assert model.today == model.start == date(2021, 3, 19)
    model.run_until(10)
    assert model.today == date(2021, 3, 29)
    assert MODEL.time == (MODEL.case.day - MODEL.start).days + 1
    assert MODEL.today == date(2023, 3, 20)


def test_a_run_in_pieces_is_a_run():
    from small_runs import fingerprint

    model = fresh()
    for day in range(50, 732, 50):
        model.run_until(day)
    assert fingerprint(model.run()) == fingerprint(MODEL)


@pytest.mark.parametrize("years", [1, 3])
def test_the_years_before_may_be_chosen(years):
    model = ran(scenario(years_before=years))
    assert model.start == date(2023 - years, 3, 19)
    assert len(model.months) == 12 * years
    assert [month.month for month in model.months] == sorted({month.month for month in model.months})
    assert all(month.month.day == 1 for month in model.months)


def test_the_chronicle_is_in_order():
    days = [event.day for event in MODEL.chronicle]
    assert days == sorted(days)
    assert all(MODEL.start <= day <= MODEL.today for day in days)
    assert all(event.text for event in MODEL.chronicle)


def test_nobody_draws_from_a_running_stream(monkeypatch):
    """Neither Mesa's generator nor a global one."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a draw without a name")

    for module, names in (
        (random, ("random", "choice", "shuffle")),
        (np.random, ("random", "normal", "uniform", "choice")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, refuse)
    model = fresh()
    state, mesas = model.rng.bit_generator.state, model.random.getstate()
    model.run()
    assert model.rng.bit_generator.state == state
    assert model.random.getstate() == mesas


def test_lists_close_with_those_registered_by_then():
    lists = [party for party in MODEL.parties.values() if party.on_ballot]
    assert MODEL.wishes is not None
    assert {party.key for party in lists} <= set(MODEL.wishes.options)
    for party in MODEL.parties.values():
        in_time = party.registered and (party.reached.registered or MODEL.start) <= MODEL.case.lists_close
        assert party.on_ballot == in_time


def test_the_ballot_is_in_order_of_registration():
    days = [party.reached.registered or MODEL.start for party in MODEL.nomination.lists]
    assert days == sorted(days)
    assert MODEL.wishes is not None
    assert [party.key for party in MODEL.nomination.lists] == list(MODEL.wishes.options[: len(days)])


def test_an_outcome_needs_a_run():
    with pytest.raises(ValueError, match=r"call run\(\) first"):
        _ = fresh().outcome


@pytest.mark.parametrize("law", [{"chamber": {"district_seats": 0}}, {"ballot": {"against_all": False}}])
def test_other_chambers_and_ballots_run(law):
    model = ran(scenario(law=law))
    assert sum(model.outcome.seats.values()) == model.rules_on(model.case.day).chamber.list_seats + len(
        model.counting.districts
    )


def test_a_commission_can_be_looked_at_before_its_orders_come():
    commission = fresh().commissions[0]
    assert not commission.joined
    assert commission.pressure == 0
