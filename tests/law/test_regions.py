"""Regions are dated, and answer to every name that means one of them."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from sim.law.regions import Regions
from sim.law.timeline import Law
from sim.strict import InputError

MARGINS = Path(__file__).resolve().parents[3] / "shared/data/kazakhstan/region_margins.csv"


@pytest.fixture(scope="module")
def regions(law: Law) -> Regions:
    return law.regions


@pytest.mark.parametrize(
    ("day", "units"),
    [("1999-10-10", 16), ("2018-06-18", 16), ("2018-06-19", 17), ("2022-06-07", 17), ("2022-06-08", 20)],
)
def test_the_number_of_regions_on_a_day(law: Law, day: str, units: int) -> None:
    assert len(law.regions_on(date.fromisoformat(day))) == units


def test_new_regions_lie_on_the_ground_of_old_ones(regions: Regions) -> None:
    assert regions.parents == {"KZ-10": "KZ-63", "KZ-33": "KZ-19", "KZ-62": "KZ-35", "KZ-79": "KZ-61"}
    assert regions.on_map_of("KZ-62", date(2021, 1, 10)) == "KZ-35"
    assert regions.on_map_of("KZ-62", date(2023, 3, 19)) == "KZ-62"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("KZ-71", "KZ-71"),
        ("kz-71", "KZ-71"),
        ("Astana", "KZ-71"),
        ("Astana city", "KZ-71"),
        ("Almaty oblast", "KZ-19"),
        ("Almaty Region", "KZ-19"),
        ("almaty oblysy", "KZ-19"),
        ("Алматинская область", "KZ-19"),
        ("Almaty (city)", "KZ-75"),
        ("Almaty city", "KZ-75"),
        ("Aqtöbe", "KZ-15"),
        ("Aqtobe", "KZ-15"),
        ("Ұлытау облысы", "KZ-62"),
        ("West-Kazakhstan", "KZ-27"),
        ("Karaganda Region", "KZ-35"),
    ],
)
def test_every_spelling_finds_the_code(regions: Regions, name: str, code: str) -> None:
    assert regions.code(name) == code


def test_the_names_of_the_statistics_office_are_known(regions: Regions) -> None:
    if not MARGINS.exists():
        pytest.skip("../shared is absent: the names used by the statistics are not at hand")
    with MARGINS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20
    for row in rows:
        assert regions.code(row["region"]) == row["iso"]


def test_a_bare_almaty_could_be_either(regions: Regions) -> None:
    with pytest.raises(InputError, match=r'"Almaty" names 2 regions: Almaty Region \(KZ-19\) and Almaty \(city\)'):
        regions.code("Almaty")


def test_a_lost_name_is_told_its_successor(regions: Regions) -> None:
    with pytest.raises(InputError) as refused:
        regions.code("Nur-Sultan")
    assert str(refused.value) == 'unknown region "Nur-Sultan". It was renamed Astana in 2022 (KZ-71).'


def test_a_lost_name_counts_on_a_day_when_the_region_bore_it(regions: Regions) -> None:
    assert regions.code("Nur-Sultan", on=date(2021, 1, 10)) == "KZ-71"
    assert regions.code("South Kazakhstan", on=date(2007, 8, 18)) == "KZ-61"
    with pytest.raises(InputError, match="renamed Turkistan in 2018"):
        regions.code("South Kazakhstan", on=date(2021, 1, 10))


def test_an_unknown_name_is_told_the_nearest(regions: Regions) -> None:
    with pytest.raises(InputError, match=r'unknown region "Kostanaj". Did you mean Kostanay \(KZ-39\)\?'):
        regions.code("Kostanaj")
    with pytest.raises(InputError, match=r'unknown region "Bavaria". Known: KZ-10, KZ-11'):
        regions.code("Bavaria")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[region]", "Expected"),
        ('[[region]]\ncode = "KZ-1"\nname = "A"\nkind = "canton"\n', "region.0.kind"),
        (
            '[[region]]\ncode = "KZ-1"\nname = "A"\nkind = "city"\nsince = "2018"\n',
            "KZ-1: came later, so needs as parent",
        ),
    ],
)
def test_a_faulty_file_is_refused_by_name_and_place(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "regions_dated.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=fault) as refused:
        Regions.load(path)
    assert str(path) in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        Regions.load(tmp_path / "regions_dated.toml")


def test_regions_of_a_day_are_those_that_had_begun_by_then(regions: Regions) -> None:
    begun = [unit.since.midpoint for unit in regions.units if unit.since]
    for day in {first + timedelta(days=n) for first in begun for n in (-1, 0, 1)} | {date.min, date.max}:
        there = tuple(unit.code for unit in regions.units if not unit.since or unit.since.midpoint <= day)
        assert regions.on(day) == there
        for unit in regions.units:
            holder = unit.code
            while holder not in there:
                holder = regions.parents[holder]
            assert regions.on_map_of(unit.code, day) == holder


def test_persons_are_summed_over_the_regions_of_a_day(regions: Regions) -> None:
    today = dict.fromkeys(regions.on(date(2023, 3, 19)), 1)
    then = regions.summed(today.items(), date(2021, 1, 10))
    assert tuple(then) == regions.on(date(2021, 1, 10))
    assert sum(then.values()) == 20
    assert then["KZ-35"] == then["KZ-63"] == then["KZ-19"] == 2
    assert regions.summed(today.items(), date(2023, 3, 19)) == today
