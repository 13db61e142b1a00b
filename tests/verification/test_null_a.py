"""Null A in small: free competition seats about as many parties as seats and districts alone lead one to expect."""

from __future__ import annotations

import numpy as np
import pytest

from sim.analysis import null_a
from sim.analysis.null_a import ABLATIONS, DISTRICTS, LISTS, study, summary
from sim.process.competition import Held

SMALL = {"workers": 1, "voters": 900, "elections": 24, "burn_in": 10}


@pytest.fixture(scope="module")
def rows() -> dict[tuple[str, str], null_a.Summary]:
    plans = [("the model", LISTS, 4), ("the model", DISTRICTS, 4), ("without drift of valence", LISTS, 2)]
    return {(row.variant, row.system): row for row in study(plans, **SMALL)}


def test_lists_and_districts_lie_near_the_seat_product_with_one_set_of_parameters(rows):
    for system in (LISTS, DISTRICTS):
        assert 1 / 2 < rows["the model", system.name].ratio < 2


def test_more_parties_come_into_a_house_of_lists_than_of_districts(rows):
    assert rows["the model", LISTS.name].enp_seats > 1.4 * rows["the model", DISTRICTS.name].enp_seats


def test_without_drift_of_valence_the_number_of_parties_runs_away(rows):
    assert rows["without drift of valence", LISTS.name].enp_seats > 1.5 * rows["the model", LISTS.name].enp_seats


def test_a_summary_takes_the_median_of_seed_medians():
    place = Held._fields.index("enp_seats")
    runs = np.ones((3, 5, len(Held._fields)))
    runs[:, :, place] = np.array([[1, 2, 3, 4, 100], [5, 5, 5, 5, 5], [9, 9, 9, 9, 9]])
    assert summary("x", LISTS, runs).enp_seats == 5
    assert summary("x", LISTS, runs).law_enp_seats == pytest.approx((98 * 98) ** (1 / 6))


def test_every_ablation_changes_a_setting_that_there_is():
    for competition, choice in ABLATIONS.values():
        null_a.CompetitionSettings.model_validate(competition)
        null_a.ChoiceSettings.model_validate(choice)


def test_a_series_is_the_same_whoever_runs_it():
    task = null_a.Task(DISTRICTS, {}, {}, 3, 400, 4)
    assert np.array_equal(null_a.series(task), null_a.series(task), equal_nan=True)
