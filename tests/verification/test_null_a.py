"""Null A in small: free competition seats about as many parties as seats and districts alone lead one to expect."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.analysis import null_a
from sim.analysis.null_a import ABLATIONS, BARRED, DISTRICTS, LISTS, MAIN, OTHERWISE, WHOLE, study, summary
from sim.process.competition import Held
from sim.strict import InputError

ROOT = Path(__file__).parents[2]
SMALL = {"workers": 1, "voters": 900, "elections": 24, "burn_in": 10}
STILL, PLACELESS, OWN = "no news about parties", "no local terms", "no joint lists"


@pytest.fixture(scope="module")
def rows() -> dict[tuple[str, str], null_a.Summary]:
    plans = [(WHOLE, LISTS, 4), (WHOLE, DISTRICTS, 4), (WHOLE, BARRED, 3)]
    plans += [(STILL, LISTS, 2), (PLACELESS, DISTRICTS, 4)]
    return {(row.variant, row.system): row for row in study(plans, **SMALL)}


def test_lists_and_districts_lie_near_the_seat_product_with_one_set_of_parameters(rows):
    for system in (LISTS, DISTRICTS):
        assert 1 / 2 < rows[WHOLE, system.name].ratio < 2


def test_more_parties_come_into_a_house_of_lists_than_of_districts_or_over_a_bar(rows):
    free = rows[WHOLE, LISTS.name]
    for system in (DISTRICTS, BARRED):
        assert free.enp_seats > 1.2 * rows[WHOLE, system.name].enp_seats
        assert free.winners > 1.3 * rows[WHOLE, system.name].winners


def test_without_news_the_number_of_parties_runs_away(rows):
    assert rows[STILL, LISTS.name].enp_seats > 1.5 * rows[WHOLE, LISTS.name].enp_seats


def test_without_local_terms_districts_fall_to_one_party(rows):
    assert rows[PLACELESS, DISTRICTS.name].enp_seats < rows[WHOLE, DISTRICTS.name].enp_seats
    assert rows[PLACELESS, DISTRICTS.name].largest > rows[WHOLE, DISTRICTS.name].largest


def test_a_summary_takes_the_median_of_seed_medians_and_leaves_out_elections_without_a_house():
    place = Held._fields.index("enp_seats")
    found = np.ones((3, 5, len(Held._fields)))
    found[:, :, place] = np.array([[1, 2, np.nan, 3, 100], [5, 5, 5, 5, 5], [9, 9, 9, 9, 9]])
    assert summary("x", LISTS, found).enp_seats == 5
    assert summary("x", LISTS, found).low == pytest.approx(2.75)  # between 2.5, the median without the gap, and 5
    assert summary("x", LISTS, found).law_enp_seats == pytest.approx((98 * 98) ** (1 / 6))


def test_every_variant_changes_a_setting_that_there_is():
    for change in (ABLATIONS | OTHERWISE).values():
        null_a.CompetitionSettings.model_validate(change.competition)
        null_a.ChoiceSettings.model_validate(change.choice)
        assert change != null_a.Change({}, {})


def test_series_are_the_same_whoever_runs_them():
    plans = [(WHOLE, DISTRICTS, 2)]
    alone, shared = (null_a.runs(plans, workers=n, voters=400, elections=3)[0] for n in (1, 2))
    assert np.array_equal(alone, shared, equal_nan=True)


def test_the_slope_is_that_of_the_law_where_the_law_holds():
    law = [row._replace(enp_seats=row.law_enp_seats) for row in null_a.read(ROOT / null_a.NUMBERS)]
    assert null_a.slope([row for row in law if row.variant == WHOLE]) == pytest.approx(1 / 6, abs=1e-4)


def test_the_page_prints_the_numbers_that_were_kept():
    page = (ROOT / null_a.PAGE).read_text("utf-8")
    assert null_a.placed(page, null_a.tables(null_a.read(ROOT / null_a.NUMBERS))) == page


def test_the_judged_systems_lie_within_a_factor_of_one_and_a_half():
    kept = {row.system: row for row in null_a.read(ROOT / null_a.NUMBERS) if row.variant == WHOLE}
    for system in MAIN:
        assert kept[system.name].seeds >= 10
        assert 1 / 1.5 < kept[system.name].ratio < 1.5


def test_a_page_without_a_place_for_a_table_is_refused():
    with pytest.raises(InputError, match="needs one place <!-- main -->"):
        null_a.placed("no place", {"main": "x"})
