"""The tables of a run against the run itself."""

from __future__ import annotations

import math

import pytest
from small_runs import ran, scenario

RUNS = [ran(history=seed) for seed in (1, 2, 3)] + [ran(scenario(practice={"discretion": 0}), history=2)]
STEPS = ("formed", "noticed", "confirmed", "congress", "filed", "registered")


@pytest.mark.parametrize("model", RUNS)
def test_seats_are_filled_and_votes_add_up(model):
    tables = model.outcome.tables()
    (run,) = tables["runs"]
    chamber = model.rules_on(model.case.day).chamber
    assert sum(row["seats"] for row in tables["parties"]) == chamber.list_seats + chamber.district_seats
    assert all(row["list_seats"] + row["district_seats"] == row["seats"] for row in tables["parties"])
    against = run["against_all_share"] or 0
    assert sum(row["official_share"] or 0 for row in tables["parties"]) + against == pytest.approx(1)
    for name, value in run.items():
        assert value is None or isinstance(value, str) or math.isfinite(value), name


@pytest.mark.parametrize("model", RUNS)
def test_the_funnel_narrows_and_its_mouth_is_every_group(model):
    tables = model.outcome.tables()
    (run,) = tables["runs"]
    for conduct in {row["conduct"] for row in tables["funnel"]}:
        counts = {row["stage"]: row["groups"] for row in tables["funnel"] if row["conduct"] == conduct}
        assert list(counts) == list(STEPS)
        assert list(counts.values()) == sorted(counts.values(), reverse=True)
    assert sum(row["groups"] for row in tables["funnel"] if row["stage"] == "formed") == run["groups"]
    assert sum(row["groups"] for row in tables["funnel"] if row["stage"] == "registered") == run["registered_new"]


@pytest.mark.parametrize("model", RUNS)
def test_decisions_are_counted_as_they_are(model):
    tables = model.outcome.tables()
    (run,) = tables["runs"]
    outcomes = [row["outcome"] for row in tables["decisions"]]
    assert outcomes.count("refused") == run["refusals"]
    assert outcomes.count("registered") == run["registered_new"]
    assert len(outcomes) <= run["filings"]
    assert all((row["outcome"] == "refused") == bool(row["grounds"]) for row in tables["decisions"])


@pytest.mark.parametrize("model", RUNS)
def test_the_longest_series_of_refusals_counts_refusals(model):
    tables = model.outcome.tables()
    (run,) = tables["runs"]
    refused = [row["group"] for row in tables["decisions"] if row["outcome"] == "refused"]
    assert run["longest_refusals"] == max((refused.count(group) for group in refused), default=0)


@pytest.mark.parametrize("model", RUNS)
def test_true_and_official_differ_as_the_ledger_says(model):
    (run,) = model.outcome.tables()["runs"]
    ledger, register = model.counting.ledger, int(model.stations.voters.sum())
    assert run["official_turnout"] == ledger.cast.sum() / register
    assert run["true_turnout"] == ledger.true_cast.sum() / register
    assert run["official_turnout"] >= run["true_turnout"]
    assert run["official_leader_share"] >= run["true_leader_share"]
    assert run["stations_joined_share"] == model.counting.acts.mean()
