"""Which lists stand: blocs where the law has them, parties of the record that come, merge and stay away."""

from __future__ import annotations

from datetime import date
from math import log

import pytest

from sim.model import ElectionModel
from sim.scenario.load import load
from sim.scenario.schema import Scenario


def ran(name: str, **changes: object) -> ElectionModel:
    tree = load(name).model_dump()
    tree["population"]["voters"] = 800
    tree["mechanism"]["stations"]["count"] = 500
    for path, value in changes.items():
        section, key = path.split("__")
        tree["mechanism" if section == "nomination" else "law"][section][key] = value
    return ElectionModel(Scenario.model_validate(tree), society=1, history=1).run()


@pytest.fixture(scope="module")
def year_2004() -> ElectionModel:
    return ran("kz-2004")


@pytest.mark.parametrize("election", ["1999", "2004", "2007", "2012", "2016", "2021", "2023"])
def test_every_list_of_the_record_stands_and_no_other_party_of_the_record(election):
    model = ran(f"kz-{election}")
    standing = {key for key, party in model.parties.items() if party.on_ballot and party.origin != "latent"}
    on_record = set(model.case.official.votes)
    assert on_record <= standing
    assert all(model.parties[key].reached.formed > model.start for key in standing - on_record)


def test_a_bloc_takes_the_place_of_its_parties(year_2004):
    bloc = year_2004.parties["aist_2004"]
    assert bloc.on_ballot
    for key in bloc.parties:
        party = year_2004.parties[key]
        assert party.registered
        assert not party.on_ballot
        knows = (year_2004.electorate.aware >> party.slot) & 1
        assert ((year_2004.electorate.aware >> bloc.slot) & 1 >= knows).all()
    assert bloc.position == pytest.approx(sum(year_2004.parties[key].position for key in bloc.parties) / 2)
    assert "aist_2004" not in {row["group"] for row in year_2004.outcome.tables()["decisions"]}
    assert bloc not in year_2004.outcome._groups()


def test_without_blocs_the_members_stand_alone_with_half_the_appeal_each(year_2004):
    model = ran("kz-2004-no-blocs")
    assert "aist_2004" not in model.parties
    assert all(model.parties[key].on_ballot for key in ("civic_1998", "agrarian_1999"))
    joint = year_2004.fitted.reading.valence["aist_2004"]
    assert model.parties["civic_1998"].valence == pytest.approx(joint - log(2))


def test_parties_come_and_go_on_the_days_of_the_record():
    model = ran("kz-2007")
    gone = [event for event in model.chronicle if "merges into" in event.text]
    assert {"Asar", "Civic Party", "Agrarian Party"} <= {event.text.split(" merges")[0] for event in gone}
    assert not model.parties["asar_2003"].registered
    assert not model.parties["asar_2003"].active
    assert model.parties["jsdp_2007"].reached.formed >= date(2007, 1, 25)
    assert model.parties["jsdp_2007"].on_ballot


def test_who_stayed_away_on_record_may_stand_where_the_scenario_says_so():
    away, back = ran("kz-2021"), ran("kz-2021", nomination__record=False)
    assert away.parties["jsdp_2007"].registered
    assert not away.parties["jsdp_2007"].on_ballot
    assert back.parties["jsdp_2007"].on_ballot
    assert any("Social Democrats has no list: boycott" in event.text for event in away.chronicle)


def test_parties_bear_the_names_of_their_day(year_2004):
    assert year_2004.parties["amanat_1999"].name == "Otan"
    assert ran("kz-2012").parties["amanat_1999"].name == "Nur Otan"
    assert ran("kz-2023").parties["amanat_1999"].name == "Amanat"
