"""A case read for one of its elections: the map, turnout and last result of the day, and what settings leave to it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.scenario import case as cases
from sim.scenario.load import load

ELECTIONS = cases.elections("kazakhstan")


@pytest.mark.parametrize("election", ELECTIONS)
def test_turnout_by_region_has_the_national_mean_and_the_citys_own_figure(election: str) -> None:
    case = cases.load("kazakhstan", election)
    register = case.geography.register
    assert np.average(case.official_turnout, weights=register) == pytest.approx(case.official.turnout, abs=1e-6)
    assert case.official_turnout.min() == case.official_turnout[case.geography.index(case.unmobilised)]
    assert (case.official_turnout < 1).all()
    assert set(case.geography.codes) == set(case.law.regions_on(case.day))


def test_the_city_of_a_past_election_has_the_turnout_on_record() -> None:
    case = cases.load("kazakhstan", "2007")
    assert case.official_turnout[case.geography.index("KZ-75")] == pytest.approx(0.225)
    assert case.official_turnout.max() > 0.85  # 90 % elsewhere, by the record


def test_shares_of_parties_taken_over_stand_under_their_heir_and_a_blocs_are_parted() -> None:
    before = cases.load("kazakhstan", "2004").official.shares
    after = cases.load("kazakhstan", "2007").last_result
    merged = before["amanat_1999"] + before["asar_2003"] + before["aist_2004"]
    assert after["amanat_1999"] == pytest.approx(merged)
    assert after["kpk_1991"] == pytest.approx(before["kpk_dvk_2004"] / 2)
    assert "aist_2004" not in after
    assert sum(after.values()) == pytest.approx(sum(before.values()))


def test_the_first_election_has_no_last_result() -> None:
    assert cases.load("kazakhstan", "1999").last_result == {}


def test_the_party_of_power_is_the_one_that_governs_on_the_day() -> None:
    assert {cases.load("kazakhstan", election).party_of_power for election in ELECTIONS} == {"amanat_1999"}


def test_what_a_scenario_leaves_to_the_case_is_the_cases_and_what_it_sets_is_its_own() -> None:
    case = cases.load("kazakhstan", "2023")
    left = case.mechanism(load("kz-2023"))
    assert (left.stations.count, left.founding.venue) == (10_223, "KZ-71")
    assert left.candidates.per_district == pytest.approx(525 / 29)
    own = case.mechanism(load("kz-2023").vary("mechanism.stations.count", 500, name="x"))
    assert (own.stations.count, own.count.invalid) == (500, left.count.invalid)
    wide = case.mechanism(load("kz-2023-98-districts"))
    assert wide.candidates.per_district == pytest.approx(525 / 98)  # as many in all


def test_the_law_of_another_day_holds_throughout_and_amendments_go_on_top() -> None:
    scenario, case = load("kz-2023-qurultai-law"), cases.load("kazakhstan", "2023")
    for day in (date(2021, 4, 1), case.day):
        law = case.law_on(day, scenario)
        assert (law.chamber.list_seats, law.chamber.district_seats, law.parliament.chambers) == (145, 0, 1)
    amended = case.law_on(case.day, scenario.vary("law.chamber.list_seats", 100, name="x"))
    assert (amended.chamber.list_seats, amended.chamber.seats) == (100, 100)


def test_an_election_that_was_not_fitted_needs_a_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    case = cases.load("kazakhstan", "2016")
    monkeypatch.setattr(cases, "load", lambda name, election: cases.Case(**{**case.__dict__, "readings": {}}))
    from sim.scenario import checks

    (fault,) = checks.faults(load_unchecked("kz-2016"))
    assert 'level = "low": the results of 2016 were not fitted' in fault.text


def load_unchecked(name: str):
    from sim.scenario.schema import Scenario

    return Scenario(name=name, title=name, election="2016")
