"""Counts of party life beside the record: what is fitted was known by the cut-off, and every count counts."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from sim.analysis import fit_registration, registration
from sim.analysis.registration import COUNTS, CUT_OFF, Beside, Fact, Run, facts
from sim.scenario.load import load

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "registration.md").read_text("utf-8")


def fact(counted: str, since: str = "2003-01-01", until: str = "2003-12-31", of: str = "") -> Fact:
    return Fact("x", counted, since, until, of, 1.0, 1.0, "fitted", CUT_OFF, "what", "source", "")


LIFE = {
    "given": False,
    "conduct_founded": "hard_opposition",
    "status": "registered",
    "since": "2003-06-01",
    "won_over": None,
    "formed": "2003-01-10",
    "noticed": "2003-02-01",
    "confirmed": "2003-02-12",
    "congress": "2003-04-01",
    "filed": "2003-05-01",
    "registered": "2003-06-01",
}
LIVES = pd.DataFrame(
    [
        LIFE,
        LIFE | {"conduct_founded": "pro_regime", "status": "merged", "since": "2003-11-01", "won_over": "2003-07-01"},
        LIFE | {"registered": None, "filed": None, "congress": None, "status": "banned", "since": "2004-01-01"},
        LIFE
        | {"given": True, "registered": "1999-01-01", "noticed": None, "formed": "1999-01-01", "since": "1999-01-01"},
    ]
)
ANSWERS = pd.DataFrame(
    [
        {"group": "a", "stage": "notice", "filed": "2003-02-01", "decided": "2003-02-12", "outcome": "confirmed"},
        {"group": "b", "stage": "notice", "filed": "2003-02-01", "decided": "2003-02-12", "outcome": "refused"},
        {"group": "b", "stage": "notice", "filed": "2003-03-01", "decided": "2003-03-12", "outcome": "refused"},
        {"group": "c", "stage": "list", "filed": "2003-03-01", "decided": "2004-03-12", "outcome": "refused"},
        {"group": "d", "stage": "again", "filed": "2003-03-01", "decided": "2003-04-01", "outcome": "refused"},
        {"group": "e", "stage": "again", "filed": "2003-03-01", "decided": "2003-04-01", "outcome": "registered"},
    ]
)


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        (fact("new"), 2),
        (fact("new", of="hard"), 1),
        (fact("new", of="not hard"), 1),
        (fact("new", of="disloyal"), 1),
        (fact("new", until="2003-05-31"), 0),
        (fact("notices"), 3),
        (fact("confirmed"), 3),
        (fact("congresses"), 2),
        (fact("standing", until="2003-07-01"), 3),
        (fact("standing", until="2003-12-01"), 2),
        (fact("standing", until="2000-01-01"), 1),
        (fact("merged"), 1),
        (fact("banned"), 0),
        (fact("banned", until="2004-12-31"), 1),
        (fact("won over"), 1),
        (fact("filings"), 4),
        (fact("refusals"), 3),
        (fact("longest"), 2),
        (fact("second longest"), 1),
        (fact("reapplied"), 2),
        (fact("reregistered"), 1),
        (fact("days to registration"), 120),
    ],
)
def test_counts(asked: Fact, value: float) -> None:
    assert COUNTS[asked.counted](Run(LIVES, ANSWERS), asked) == value


def test_every_fact_names_a_count_and_a_source() -> None:
    for one in facts():
        assert one.counted in COUNTS
        assert one.source
        assert one.use in ("given", "fitted", "held out")
        assert (one.tolerance is not None) == (one.use == "fitted")
        assert not one.since or one.since <= one.until


def test_the_fit_sees_no_fact_that_became_known_after_its_cut_off(monkeypatch) -> None:
    fitted = [one for one in facts() if one.use == "fitted"]
    assert len(fitted) > 8
    assert all(one.known_on <= CUT_OFF for one in fitted)
    assert all(date.fromisoformat(one.until) <= CUT_OFF for one in fitted)
    monkeypatch.setattr(registration, "CUT_OFF", date(2005, 1, 1))
    with pytest.raises(ValueError, match="fitted although known after 2005-01-01"):
        facts()


def test_no_fact_is_both_fitted_and_held_out() -> None:
    whole = [(one.counted, one.since, one.until, one.of) for one in facts()]
    assert len(set(whole)) == len(whole)
    assert len({one.key for one in facts()}) == len(facts())
    latest = max(one.until for one in facts() if one.use == "fitted")
    assert all(one.until > latest for one in facts() if one.use == "held out")


def test_points_of_the_fit_lie_in_their_ranges_and_make_scenarios() -> None:
    drawn = fit_registration.points(20)
    for column, r in zip(drawn.T, fit_registration.RANGES, strict=True):
        assert column.min() >= r.low
        assert column.max() <= r.high
    spec = fit_registration.scenario_at(drawn[0], "point")
    assert spec.decades is not None
    assert spec.decades.until == CUT_OFF
    assert spec.decades.pressure is not None


def test_the_distance_is_in_tolerances() -> None:
    asked = [one for one in facts() if one.use == "fitted"]
    assert fit_registration.distance({one.key: one.value for one in asked}, asked) == 0
    off = {one.key: one.value + (one.tolerance or 0) for one in asked}
    assert fit_registration.distance(off, asked) == pytest.approx(1)


@pytest.mark.parametrize("reading", fit_registration.READINGS)
def test_the_scenario_of_a_reading_has_what_its_fit_took(reading: str) -> None:
    with (ROOT / fit_registration.kept_at(reading)).open(encoding="utf-8", newline="") as file:
        rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    taken, spec = min(rows, key=lambda row: row["distance"]), load(registration.SCENARIOS[reading])
    assert spec.decades is not None
    assert spec.decades.pressure is not None
    for r in fit_registration.RANGES:
        found: object = spec
        if r.setting == "pressure after 2007":
            found = spec.decades.pressure[-1].value
        else:
            for step in r.setting.split("."):
                found = getattr(found, step)
        assert float(f"{taken[r.setting]:.3g}") == pytest.approx(found), r.setting


def test_the_page_has_the_tables_that_were_kept(monkeypatch) -> None:
    monkeypatch.chdir(ROOT)
    assert registration.markdown(registration.history_kept()) in PAGE
    for reading in registration.SCENARIOS:
        assert registration.ablation_table(registration.ablations_kept(reading)) in PAGE


def test_covered_is_within_the_range_with_its_ends() -> None:
    one = fact("new")
    assert Beside(one, 2, 1, 3).covered
    assert not Beside(one, 2, 1.5, 3).covered
