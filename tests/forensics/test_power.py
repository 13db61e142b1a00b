"""Detection power in small: what each kind of act does to a table, which test sees it, and the page with the study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.analysis.forensics import power
from sim.analysis.forensics.nulls import honest
from sim.analysis.forensics.power import GAPS, KINDS, NUMBERS, PAGE, TESTS, area, done, read, said, tables

ROOT = Path(__file__).parents[2]
SIX = range(1, 7)


@pytest.mark.parametrize("kind", KINDS)
def test_an_act_is_what_its_name_says(kind):
    before, after = honest(1, stations=900), done(1, kind, 0.3, gap=0, stations=900)
    out = after.published
    assert after.false_votes > 0
    assert (out.cast <= out.voters).all()
    assert (out.leader >= before.leader).all()
    assert (out.leader + sum(out.lists.values()) == out.cast).all()
    assert all((out.lists[name] <= before.lists[name]).all() for name in before.lists)
    assert after.false_votes == (out.leader - before.leader).sum()
    if kind in ("stealing", "tabulation"):
        assert np.array_equal(out.cast, before.cast)
    if kind == "stuffing":
        assert np.array_equal(out.leader - before.leader, out.cast - before.cast)
    if kind == "tabulation":
        assert np.array_equal(after.protocols.leader, before.leader)
        assert 0.1 * 50 / 4233 < after.false_votes / before.cast.sum() < 0.6 * 50 / 4233
    else:
        assert np.array_equal(out.leader[before.observed], before.leader[before.observed])


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_done_at_extent_0_and_more_extent_adds_stations(kind):
    before = honest(2, stations=600)
    none, some, more = (done(2, kind, extent, gap=0, stations=600) for extent in (0, 0.2, 0.5))
    assert none.false_votes == 0
    assert np.array_equal(none.published.leader, before.leader)
    touched = [one.published.leader > before.leader for one in (some, more)]
    assert (touched[0] <= touched[1]).all()
    assert touched[0].sum() < touched[1].sum()


def test_the_area_under_a_known_curve():
    assert area(np.array([1.0, 2.0]), np.array([3.0, 4.0])) == 1
    assert area(np.array([3.0, 4.0]), np.array([1.0, 2.0])) == 0
    assert area(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == 0.5
    assert area(np.array([1.0, 3.0]), np.array([2.0, 4.0])) == 0.75
    assert np.isnan(area(np.array([]), np.array([1.0])))


def test_each_kind_is_seen_by_its_test_and_not_by_the_other():
    """Scores where 40 % of stations act beside those of the same elections untouched."""
    at = {test: j for j, test in enumerate(TESTS)}

    def scores(kind: str, extent: float, test: str) -> np.ndarray:
        return np.array([said(s, kind, extent, gap=0, fits=False, stations=1_500).scores[at[test]] for s in SIX])

    assert (scores("stuffing", 0.4, "slope") > scores("stuffing", 0, "slope") + 5).all()
    assert (scores("stuffing", 0.4, "shpilkin") > 5).all()
    assert (scores("stealing", 0.4, "observers") > scores("stealing", 0, "observers") + 3).all()
    assert (np.abs(scores("stealing", 0.4, "shpilkin") - scores("stealing", 0, "shpilkin")) < 4).all()
    assert (scores("rewriting", 0.4, "peaks") > 8).all()
    assert (np.abs(scores("rewriting", 0.4, "observers") - scores("rewriting", 0, "observers")) < 2).all()


def test_a_small_study_is_the_same_whoever_makes_it(monkeypatch):
    monkeypatch.setattr(power, "EXTENTS", (0.4,))
    made = [power.study(elections=3, honest_ones=6, fits=0, workers=1, stations=450) for _ in range(2)]
    assert repr(made[0]) == repr(made[1])
    assert len(made[0]) == len(GAPS) * (1 + len(KINDS)) * len(TESTS)
    slope = next(r for r in made[0] if (r.gap, r.kind, r.test) == (0, "stuffing", "slope"))
    assert slope.auc == 1
    assert slope.elections == 3


def test_the_page_shows_the_numbers_kept():
    page = (ROOT / PAGE).read_text("utf-8")
    for name, text in tables(read(ROOT / NUMBERS)).items():
        assert f"<!-- {name} -->\n{text}\n<!-- end of {name} -->" in page


def test_the_numbers_kept_say_what_the_page_says():
    at = {(r.gap, r.kind, r.extent, r.test): r for r in read(ROOT / NUMBERS)}
    for test in ("peaks", "digit", "observers", "quick_count"):  # level kept whatever the honest gap
        for gap in GAPS:
            assert at[gap, "honest", 0.0, test].above_alike < 10
    for test in ("slope", "shpilkin"):
        assert at[10, "honest", 0.0, test].above_alike > 90
    assert at[0, "rewriting", 0.1, "peaks"].auc > 0.9
    assert at[0, "stuffing", 0.1, "slope"].auc > 0.9
    assert at[0, "stealing", 0.1, "observers"].auc > 0.8
    assert all(0.3 < at[0, "tabulation", 0.1, test].auc < 0.75 for test in TESTS)
