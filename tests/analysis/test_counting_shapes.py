"""The model's own election day on two registers: shapes and gaps in reach of their targets, and the page says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.analysis import counting_shapes as study
from sim.analysis.counting_shapes import CITY, COUNTRY, FITTED, FREE, NUMBERS, PAGE, SET, TARGETS, figures, hold
from sim.malpractice.practice import OPEN
from sim.society.geography import CLOSED, RURAL

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", params=[CITY, COUNTRY], ids=lambda place: place.name)
def found(request):
    """Means over three histories that are neither the fit's nor the page's."""
    elections = [figures(hold(request.param, SET, seed), draws=20) for seed in (201, 202, 203)]
    return request.param.name, {name: float(np.mean([one[name] for one in elections])) for name in elections[0]}


def test_one_set_gives_the_shapes_and_gaps_of_both_places(found):
    place, mean = found
    off = {name: abs(miss) for name, miss in study.misses(mean, place).items()}
    assert max(off.values()) < 3, off
    assert np.sqrt(np.mean(np.square(list(off.values())))) < 1.2, off


def test_without_practices_voters_and_protocols_agree():
    held = hold(CITY, SET, 1, practice=OPEN)
    assert np.array_equal(held.official.leader, held.true.leader)
    assert np.array_equal(held.official.cast, held.true.cast)
    assert abs(figures(held, draws=20)["gap_leader"]) < 2.5


def test_the_ledger_of_a_place_adds_up():
    amounts = {"tabulation": {"territories": 0.5}, "carousel": {"stations": 0.2}}
    book = hold(COUNTRY, SET, 1, amounts=amounts).ledger
    put_in = book.brought + book.carousel + book.stuffed
    assert np.array_equal(book.cast, book.true_cast + put_in + book.rewritten_cast)
    assert np.array_equal(
        book.official_leader, book.true_leader + put_in + book.stolen + book.rewritten_leader + book.tabulated
    )
    assert book.tabulated.any()


def test_registers_are_those_described():
    city, country = (hold(place, SET, 1).day.stations for place in (CITY, COUNTRY))
    assert (len(city), int(city.voters.sum())) == (3374, 7_184_525)
    assert not (city.kind == RURAL).any()
    assert (city.kind == CLOSED).mean() == pytest.approx(0.05, abs=0.03)
    assert country.voters.mean() == pytest.approx(1147)
    assert country.voters[country.kind == RURAL].sum() / country.voters.sum() == pytest.approx(0.26, abs=0.03)


def test_an_election_is_a_function_of_its_seed():
    one, same, other = (hold(CITY, SET, seed).official.leader for seed in (5, 5, 6))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_wider_gap_can_mean_less_removed():
    still, moving = (hold(CITY, SET, 3, watch={"share": 0.5, "displacement": d}) for d in (0.0, 1.0))
    gaps = [figures(held, draws=20)["gap_leader"] for held in (still, moving)]
    assert gaps[1] < gaps[0] < 0
    assert study._false(moving) > 1.3 * study._false(still)


def test_observers_on_two_levels_tell_peers_from_pressure_and_from_displacement():
    at = {(r.case, r.figure): r.value for r in study.read(ROOT / NUMBERS) if r.table == "two levels"}
    pressure, peers, displaced = study.TWO_LEVELS
    assert abs(at[pressure, "alike"] - at[peers, "alike"]) < 0.04  # protocols do not tell
    assert abs(at[pressure, "within"] - at[peers, "within"]) < 1  # nor does a plain comparison
    assert abs(at[pressure, "beside"]) < 1
    assert at[peers, "beside"] < -2
    assert at[displaced, "beside"] > 2


def test_contrasts_of_a_hand_made_table():
    held = hold(CITY, SET, 2, watch={"share": 0.25, "where": "two levels"})
    within, beside = study._contrasts(held)
    place, seen = held.day.stations.territory, held.day.commissions.observed
    sent = np.isin(place, np.unique(place[seen]))
    means = [100 * held.official.share[rows].mean() for rows in (seen, sent & ~seen, ~sent)]
    assert (within, beside) == (pytest.approx(means[0] - means[1]), pytest.approx(means[1] - means[2]))


def test_modes_of_a_known_mixture():
    rng = np.random.default_rng(1)
    percent = np.concatenate([rng.normal(26, 4, 5_000), rng.normal(52, 6, 5_000)])
    low, trough, high = study.modes(percent)
    assert (low, high) == (pytest.approx(26, abs=2), pytest.approx(52, abs=2))
    assert low < trough < high
    assert np.isnan(study.modes(np.full(100, 40.0) + rng.normal(0, 0.1, 100))[0])


def test_nothing_free_is_left_out_and_nothing_moved_far():
    assert set(FITTED) == set(FREE)
    assert all(abs(FITTED[key] - prior) < 1.5 * width for key, (prior, width) in FREE.items())
    assert not {name for place in TARGETS for name in TARGETS[place] if (place, name) in study.HELD_OUT}
    assert not set(study.HISTORIES) & set(range(11, 15))  # the fit's


def test_the_page_shows_the_numbers_kept():
    page = (ROOT / PAGE).read_text("utf-8")
    for name, text in study.tables(study.read(ROOT / NUMBERS)).items():
        assert f"<!-- {name} -->\n{text}\n<!-- end of {name} -->" in page


def test_the_numbers_kept_are_those_of_the_code():
    kept = {(r.place, r.figure): r for r in study.read(ROOT / NUMBERS) if r.table == "shapes"}
    again = figures(hold(CITY, SET, study.HISTORIES[0]))
    for name in ("leader", "turnout", "correlation", "gap_leader", "peaks"):
        r = kept["city", name]
        assert r.low - 0.001 <= again[name] <= r.high + 0.001
