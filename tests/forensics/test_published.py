"""Numbers that others published, from the same files: none of the methods was fitted to them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from sim.analysis.forensics.digits import last_digit
from sim.analysis.forensics.integer_peaks import integer_peaks
from sim.analysis.forensics.klimek import klimek
from sim.analysis.forensics.mixture import mixture
from sim.analysis.forensics.regression import turnout_share
from sim.analysis.forensics.round_shares import round_shares
from sim.analysis.forensics.settings import ForensicSettings
from sim.analysis.forensics.shpilkin import shpilkin

ROOT = Path(__file__).parents[2]
KAZAKHSTAN_2023 = {
    "Amanat": 3_431_510,
    "Auyl": 693_938,
    "Respublica": 547_154,
    "Aq Jol": 535_139,
    "People's Party": 432_920,
    "Social Democrats": 331_058,
    "Baytaq": 146_431,
    "against all": 248_291,
}


@pytest.mark.parametrize(
    ("year", "stations", "turnout", "leader"), [(2011, 95225, 60.21, 49.31), (2016, 96871, 47.88, 54.20)]
)
def test_official_totals(russia, year, stations, turnout, leader):
    totals = russia(year).totals()
    assert totals["stations"] == stations
    assert totals["turnout"] == pytest.approx(turnout, abs=0.005)
    assert totals["leader"] == pytest.approx(leader, abs=0.005)
    assert russia(year).excluded == {}


@pytest.mark.parametrize(
    ("year", "region", "published"),
    [
        (2011, None, [95224, 49.31, 60.10, 20.81, 18.05, 0.714, 9775]),
        (2016, None, [96871, 54.20, 47.82, 18.56, 22.22, 0.716, 7513]),
        (2011, "Город Москва", [3374, 46.62, 61.31, 16.89, 14.00, 0.532, 204]),
    ],
)
def test_station_shapes(russia, year, region, published):
    stations = russia(year)
    shapes = (stations if region is None else stations.of_region(region)).shapes()
    assert list(shapes.values()) == pytest.approx(published, abs=0.0051)
    assert shapes["stations"] == published[0]
    assert shapes["turnout_95"] == published[-1]


@pytest.mark.parametrize(
    ("year", "excess", "checked", "spread"), [(2011, 1003.5, 1019.5, 113), (2016, 1502.4, 1490.3, 118)]
)
def test_integer_peaks(russia, year, excess, checked, spread):
    found = integer_peaks(russia(year))
    assert found.values["excess"] == pytest.approx(excess, abs=40)
    assert found.values["excess"] == pytest.approx(checked, abs=40)
    assert found.values["mc_sd"] == pytest.approx(spread, rel=0.25)
    assert found.p == pytest.approx(1 / 101)


def test_shpilkin_2016(russia):
    found = shpilkin(russia(2016))
    assert not found.refused
    assert found.values["anomalous_votes"] == pytest.approx(12.6e6, rel=0.10)
    assert found.values["turnout"] == pytest.approx(36.5, rel=0.10)
    assert found.values["leader"] == pytest.approx(40.0, rel=0.10)
    # the plain version, as checked independently
    assert found.values["anomalous_votes"] == pytest.approx(12.9e6, abs=0.06e6)
    assert found.values["turnout"] == pytest.approx(36.1, abs=0.06)
    assert found.values["leader"] == pytest.approx(39.3, abs=0.06)
    low, high = found.interval
    assert low < 12.6e6 < high


def test_klimek_2011_lies_near_the_transcribed_fit(russia):
    found = klimek(russia(2011)).values
    published = {"f_i": 0.64, "f_e": 0.033, "alpha": 2.3, "tau": 0.529, "nu": 0.324, "s_nu": 0.0697, "s_tau": 0.0814}
    off = {"f_i": 0.06, "f_e": 0.015, "alpha": 0.5, "tau": 0.005, "nu": 0.005, "s_nu": 0.002, "s_tau": 0.005}
    for name, value in published.items():
        assert found[name] == pytest.approx(value, abs=off[name]), name
    low, high = found["f_i_interval"]
    assert low < 0.64 < high


def test_the_mixture_is_not_klimeks_answer(russia):
    found = mixture(russia(2011))
    assert found.values["preferred"]
    assert 0 < found.values["f_i"] < klimek(russia(2011)).values["f_i"]


def test_the_regression_of_moscow_2011(russia):
    found = turnout_share(russia(2011).of_region("Город Москва"), ForensicSettings(least_voters=800))
    slopes = found.values["interactions"]
    rerun = {"СПРАВЕДЛИВАЯ РОССИЯ": 0.993, "Либерально": 1.004, "Коммунистическая": 0.969, "ЯБЛОКО": 1.023}
    published = {"СПРАВЕДЛИВАЯ РОССИЯ": 1.040, "Либерально": 1.048, "Коммунистическая": 1.015, "ЯБЛОКО": 1.062}
    for part, value in rerun.items():
        (name,) = [held for held in slopes if part in held]
        assert slopes[name]["estimate"] == pytest.approx(value, abs=0.002)
        assert slopes[name]["estimate"] == pytest.approx(published[part], abs=0.06)
    assert slopes[name]["n"] == pytest.approx(6328, abs=20)
    assert found.values["effects"] == "territory"


def test_last_digits_of_the_published_files(russia):
    for year in (2011, 2016):
        found = last_digit(russia(year))
        low, high = found.values["mean_interval"]
        assert low < found.values["expected_mean"] < high
        assert found.p > 0.01


def test_round_shares_of_2023():
    found = round_shares(KAZAKHSTAN_2023)
    assert (found.values["lines"], found.values["round"]) == (8, 6)
    assert found.values["expected"] == pytest.approx(0.014, abs=0.0005)
    assert found.values["total"] == 6_366_441


@pytest.mark.parametrize("year", ["2004", "2007", "2012", "2016", "2021"])
def test_no_round_shares_in_other_years(year):
    import csv

    with (ROOT / "sim" / "cases" / "kazakhstan" / "elections.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["election"] == year]
    votes = {
        row["party"]: int(row["value"]) for row in rows if row["variable"] in ("list_votes", "votes") and row["value"]
    }
    assert len(votes) >= 4
    assert round_shares(votes).values["round"] == 0


def test_the_targets_are_those_of_the_published_list():
    path = ROOT.parent / "shared" / "data" / "published_targets.toml"
    if not path.exists():
        pytest.skip("the list of published numbers is not here")
    told = tomllib.loads(path.read_text("utf-8"))
    assert told["round_shares"]["lines"] == 8
    assert told["integer_peaks"]["excess_2016"] == 1502.4
    assert np.allclose(told["moscow_2011_regression"]["plain_rerun"], [0.993, 1.004, 0.969, 1.023])


def test_the_page_shows_the_published_numbers_kept():
    from sim.analysis.forensics.published import NUMBERS, PAGE, read, settings_table, table

    page = (ROOT / PAGE).read_text("utf-8")
    for name, part in {"published": table(read(ROOT / NUMBERS)), "settings": settings_table()}.items():
        assert f"<!-- {name} -->\n{part}\n<!-- end of {name} -->" in page


def test_the_numbers_kept_come_out_again(russia):
    from sim.analysis.forensics.published import NUMBERS, read, rows

    kept = read(ROOT / NUMBERS)
    again = rows(russia(2011), russia(2016))
    assert [(one.of, one.what, one.published) for one in kept] == [(one.of, one.what, one.published) for one in again]
    for old, new in zip(kept, again, strict=True):
        assert new.ours == pytest.approx(old.ours, rel=0.02), old.what
