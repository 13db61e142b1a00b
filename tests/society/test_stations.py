"""The register of stations: it sums to the voters of every district, whoever is sampled."""

from __future__ import annotations

import numpy as np
import pytest
from small_runs import fresh, scenario

from sim import cases
from sim.society import geography
from sim.society.geography import CLOSED, RURAL, URBAN, split
from sim.society.settings import StationSettings
from sim.streams import Streams
from sim.strict import InputError

LAND = geography.load(cases.folder("kazakhstan"))
DISTRICTS = len(LAND.district_register)


def register(seed: int = 1, **settings: object) -> geography.Stations:
    return geography.stations(LAND, StationSettings.model_validate(settings), Streams(seed))


@pytest.mark.parametrize("count", [200, 1000, 10_223])
@pytest.mark.parametrize("seed", [1, 2])
def test_stations_sum_to_the_register_of_every_district(count, seed):
    stations = register(seed, count=count)
    by_district = np.bincount(stations.district, stations.voters, minlength=DISTRICTS)
    assert np.array_equal(by_district, LAND.district_register)
    assert np.array_equal(np.bincount(stations.region, stations.voters), LAND.register)
    assert np.array_equal(stations.region, LAND.district_region[stations.district])
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
    for column in ("district", "region", "kind", "voters", "territory"):
        assert np.array_equal(getattr(few, column), getattr(many, column))
