"""The register of stations: it sums to the voters of every locality, whoever is sampled."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from small_runs import fresh, scenario

from sim import cases
from sim.scenario.case import load
from sim.society import geography
from sim.society.geography import CLOSED, RURAL, URBAN, split
from sim.society.settings import StationSettings
from sim.streams import Streams
from sim.strict import InputError

LAND = geography.load(cases.folder("kazakhstan"))
LOCALITIES = len(LAND.locality_register)
COUNT = load("kazakhstan", "2023").own.stations


def register(seed: int = 1, count: int = COUNT, seats: int = 29, **settings: object) -> geography.Stations:
    return geography.stations(LAND, StationSettings.model_validate(settings), count, seats, Streams(seed))


@pytest.mark.parametrize("count", [200, 1000, 10_223])
@pytest.mark.parametrize("seed", [1, 2])
def test_stations_sum_to_the_register_of_every_locality(count, seed):
    stations = register(seed, count=count)
    by_locality = np.bincount(stations.locality, stations.voters, minlength=LOCALITIES)
    assert np.array_equal(by_locality, LAND.locality_register)
    assert np.array_equal(np.bincount(stations.region, stations.voters), LAND.register)
    assert np.array_equal(stations.region, LAND.locality_region[stations.locality])
    assert (stations.voters >= 1).all()


@pytest.mark.parametrize("count", [100, 200, 400, 1000, 5000, 10_223])
def test_there_are_as_many_stations_as_asked_for(count):
    assert len(register(count=count)) == count


def test_too_few_stations_are_refused_in_the_users_words():
    with pytest.raises(InputError, match=r"mechanism\.stations\.count = 20: the case needs at least \d+"):
        register(count=20)


@pytest.mark.parametrize(
    "settings",
    [{"closed_size": 0.5}, {"closed_share": 1, "closed_size": 2000}, {"count": 3_000_000}],
    ids=["closed stations of half a voter", "more voters in closed stations than there are", "tiny stations"],
)
def test_settings_no_register_can_meet_are_refused_or_leave_nobody_out(settings):
    try:
        stations = register(**settings)
    except InputError:
        return
    assert (stations.voters >= 1).all()


def test_no_list_is_longer_than_the_ceiling_where_that_can_be():
    stations = register()
    assert stations.voters.max() <= 1.05 * StationSettings().largest
    assert stations.voters.max() > 0.7 * StationSettings().largest  # the ceiling binds for some


def test_kinds_of_station_are_as_the_settings_say():
    stations, settings = register(), StationSettings()
    closed = stations.kind == CLOSED
    assert closed.mean() == pytest.approx(settings.closed_share, rel=0.15)
    assert stations.voters[closed].mean() == pytest.approx(settings.closed_size, rel=0.15)
    ratio = stations.voters[stations.kind == URBAN].mean() / stations.voters[stations.kind == RURAL].mean()
    assert ratio == pytest.approx(settings.urban_to_rural, rel=0.15)


def test_territories_lie_within_a_region_and_have_the_size_asked_for():
    stations = register()
    for territory in np.unique(stations.territory):
        rows = stations.territory == territory
        assert len(np.unique(stations.region[rows])) == 1
        assert rows.sum() <= StationSettings().territory


def test_other_seeds_give_other_sizes():
    assert not np.array_equal(register(1).voters, register(2).voters)


@pytest.mark.parametrize("total", [0, 1, 7, 1000])
def test_whole_persons_are_split_in_proportion(total):
    weights = np.array([0.0, 3.0, 1.0, 2.0])
    parts = split(total, weights)
    assert parts.sum() == total
    assert parts[0] == 0
    assert (np.abs(parts - total * weights / 6) < 1).all()


def test_the_register_of_stations_does_not_depend_on_how_many_voters_are_sampled():
    few, many = (fresh(scenario(voters=voters)).stations for voters in (400, 800))
    for column in ("locality", "district", "region", "kind", "voters", "territory"):
        assert np.array_equal(getattr(few, column), getattr(many, column))


@pytest.mark.parametrize("seats", [1, 10, 19, 20, 21, 29, 67, 77, 98, 150])
def test_districts_are_drawn_in_any_number_and_are_about_equal_inside_a_region(seats):
    stations = register(seats=seats)
    sizes = np.bincount(stations.district, stations.voters, minlength=seats)
    assert len(sizes) == seats
    assert (sizes > 0).all()
    if seats >= len(LAND.regions) and seats != LOCALITIES:
        for r in range(len(LAND.regions)):
            own = np.unique(stations.district[stations.region == r])
            assert len(own) == LAND.district_numbers(seats)[r] >= 1
            assert sizes[own].max() - sizes[own].min() <= 2 * stations.voters.max()  # cut between whole stations
        owners = [len(np.unique(stations.region[stations.district == d])) for d in range(seats)]
        assert set(owners) == {1}


def test_as_many_districts_as_localities_are_the_localities_and_none_are_none():
    assert np.array_equal(register(seats=LOCALITIES).district, register().locality)
    assert (register(seats=0).district == -1).all()


@pytest.mark.parametrize("seats", [29, 77, 98])
def test_stations_and_voters_of_a_district_are_the_same_ground(seats):
    model = fresh(scenario(voters=4000, law={"chamber": {"list_seats": 98, "district_seats": seats}}))
    persons = np.bincount(model.electorate.district, model.electorate.weight, minlength=seats)
    listed = np.bincount(model.stations.district, model.stations.voters, minlength=seats)
    assert persons / listed == pytest.approx(np.ones(seats), rel=0.5)  # 4,000 rows, 400 stations: cut at whole ones
    for district in range(seats):
        there = set(model.electorate.region[model.electorate.district == district])
        assert there == set(model.stations.region[model.stations.district == district])


def test_an_older_map_has_the_same_ground_and_the_register_of_its_day():
    law = load("kazakhstan", "2023").law
    day = date(2007, 8, 18)
    then = geography.on_map(LAND, lambda code: law.regions.on_map_of(code, day), 8_891_561)
    assert set(then.codes) == set(law.regions_on(day))
    assert then.register.sum() == then.locality_register.sum() == 8_891_561
    assert len(then.locality_register) == LOCALITIES
    assert np.array_equal(np.bincount(then.locality_region, then.locality_register), then.register)
    east = then.register[then.index("KZ-63")] / then.register.sum()
    parts = LAND.register[LAND.index("KZ-63")] + LAND.register[LAND.index("KZ-10")]
    assert east == pytest.approx(parts / LAND.register.sum(), rel=1e-6)


def test_today_is_its_own_map():
    same = geography.on_map(LAND, lambda code: code, int(LAND.register.sum()))
    assert same.codes == LAND.codes
    assert np.array_equal(same.register, LAND.register)
    assert np.array_equal(same.locality_register, LAND.locality_register)
