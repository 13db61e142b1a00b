"""The fit sees only what was known, moves towards its targets, and writes what the model reads."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from sim.analysis import calibrate
from sim.analysis.held_out import beside, markdown
from sim.batch.execute import run
from sim.scenario import case as facts
from sim.scenario.case import Reading
from sim.scenario.load import load
from sim.strict import InputError


@pytest.fixture(scope="module")
def kazakhstan():
    return facts.load("kazakhstan", "2023")


def test_a_fit_may_not_see_a_result_that_was_not_known_yet(kazakhstan):
    with pytest.raises(InputError, match="after the cut-off"):
        calibrate.targets(kazakhstan, date(2023, 3, 19))


def test_targets_are_the_official_totals(kazakhstan):
    wanted = calibrate.targets(kazakhstan, date(2023, 12, 31))
    assert wanted.shares["amanat_1999"] == pytest.approx(3_431_510 / 6_366_441)
    assert wanted.against_all == pytest.approx(248_291 / 6_366_441)
    register = kazakhstan.geography.register
    national = sum(n * wanted.turnout[iso] for iso, n in zip(kazakhstan.geography.codes, register, strict=True))
    assert national / register.sum() == pytest.approx(0.5421)


def test_no_held_out_fact_is_a_target(kazakhstan):
    held = tomllib.loads((calibrate.cases.folder("kazakhstan") / "held_out.toml").read_text("utf-8"))["fact"]
    fitted = {"official_leader_share", "official_turnout", "against_all_share", "enp_votes"}
    assert not fitted & {fact["outcome"] for fact in held if "regions" not in fact}


def test_the_search_slows_down_when_it_overshoots():
    search, value, slope = calibrate.Search(), 0.0, 4.0  # a step answered four times over: a common step would diverge
    for _ in range(40):
        value += search.step("x", 1.0 - slope * value)
    assert slope * value == pytest.approx(1.0, abs=1e-3)


def test_a_fit_is_written_as_it_is_read(kazakhstan):
    reading = kazakhstan.readings["low"]
    found = calibrate.Fit(reading, 0.001, 0.002, 0.52, 0.53, date(2023, 3, 27))
    content = tomllib.loads(calibrate.written({"2023": {"low": calibrate.entry(found)}}))["2023"]["low"]
    assert content.pop("fit")["worst_share"] == 0.001
    assert Reading.model_validate(content) == reading


def test_what_was_fitted_of_a_past_election_is_not_newer_than_the_cut_off():
    for election in facts.elections("kazakhstan"):
        assert calibrate.targets(facts.load("kazakhstan", election)).known_on <= calibrate.CUTOFF


@pytest.mark.parametrize("election", facts.elections("kazakhstan"))
def test_valences_have_mean_zero_and_the_unmobilised_city_no_orders(election):
    case = facts.load("kazakhstan", election)
    assert set(case.readings) == set(calibrate.LEVELS)
    for reading in case.readings.values():
        assert set(reading.valence) == set(case.official.votes)
        assert sum(reading.valence.values()) == pytest.approx(0, abs=1e-3)
        assert reading.orders[case.unmobilised] == 0
        assert min(reading.orders.values()) >= 0


def test_both_levels_meet_the_official_totals_which_therefore_cannot_tell_them_apart():
    low = load("kz-2023").vary("population.voters", 5_000, name="kz-2023")
    runs = run([low, low.model_copy(update={"level": "high"})], 8, workers=1, progress=False, stations="none")
    means = runs.to_frame().groupby("level")[["official_leader_share", "official_turnout", "true_leader_share"]].mean()
    official = means[["official_leader_share", "official_turnout"]]
    assert official.loc["low"].to_numpy() == pytest.approx(official.loc["high"].to_numpy(), abs=0.03)
    assert official.loc["low", "official_turnout"] == pytest.approx(0.5421, abs=0.03)
    assert official.loc["low", "official_leader_share"] == pytest.approx(0.539, abs=0.06)
    assert means.loc["low", "true_leader_share"] - means.loc["high", "true_leader_share"] > 0.08
    table = markdown(beside(runs, "kz-2023"))
    assert "self-nominated winners" in table
    assert table.count("\n") >= 10
    with pytest.raises(InputError, match="not in"):
        beside(runs, "kz-2023-open")
