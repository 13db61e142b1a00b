"""After the election: belief moves only where somebody watched, and most among those who were for the winner."""

from __future__ import annotations

import numpy as np
import pytest
from small_runs import CLEAN_COUNT, fresh, ran, scenario

from sim.model import ElectionModel


def before_and_after(spec) -> tuple[np.ndarray, ElectionModel]:
    return fresh(spec).electorate.belief, ran(spec)


def test_without_observers_there_is_no_news():
    before, model = before_and_after(scenario(mechanism={"observers": {"share": 0}}))
    assert model.counting.acts.any()
    assert np.array_equal(before, model.electorate.belief)


def test_belief_moves_only_in_regions_where_somebody_watched():
    before, model = before_and_after(scenario(mechanism={"observers": {"share": 0.03}}))
    seen = np.unique(model.stations.region[model.commissions.observed])
    assert 0 < len(seen) < len(model.geography.regions)
    here = np.isin(model.electorate.region, seen)
    assert np.array_equal(before[~here], model.electorate.belief[~here])
    assert (before[here] != model.electorate.belief[here]).any()


def test_belief_moves_a_step_towards_the_share_of_clean_watched_stations():
    before, model = before_and_after(scenario(mechanism={"observers": {"share": 0.5}}))
    e, c, settings = model.electorate, model.commissions, model.spec.mechanism.aftermath
    supporter = model.voted_for_power()
    assert supporter.any()
    assert not supporter.all()
    for region in range(len(model.geography.regions)):
        rows = (model.stations.region == region) & c.observed
        signal = 1 - (model.counting.acts | c.expelled)[rows].mean()
        for who, step in ((supporter, settings.learning * settings.supporters), (~supporter, settings.learning)):
            here = (e.region == region) & who
            moved = (signal == 1) | (signal < before[here])  # a mixed report makes nobody trust the count more
            assert e.belief[here] == pytest.approx(before[here] + moved * step * (signal - before[here]))


def test_evidence_of_fraud_never_raises_trust_and_costs_most_among_supporters():
    before, model = before_and_after(scenario(mechanism={"observers": {"share": 0.5}}))
    c, e = model.commissions, model.electorate
    seen = model.stations.region[c.observed & (model.counting.acts | c.expelled)]
    here = np.isin(e.region, seen)
    assert (e.belief[here] <= before[here]).all()
    lost = 1 - e.belief[here] / before[here]
    supporter = model.voted_for_power()[here]
    assert lost[supporter & (lost > 0)].max() > lost[~supporter & (lost > 0)].max()


def test_a_clean_count_that_is_watched_raises_belief():
    spec = scenario(practice={**CLEAN_COUNT, "observer_expulsion": 0}, mechanism={"observers": {"share": 1}})
    before, model = before_and_after(spec)
    assert (model.electorate.belief > before).all()


def test_putting_observers_out_costs_belief_even_where_nothing_was_done():
    spec = scenario(practice=CLEAN_COUNT, mechanism={"observers": {"share": 1}, "expulsion": {"expelled": 1}})
    before, model = before_and_after(spec)
    assert not model.counting.acts.any()
    assert (model.electorate.belief < before).all()


def test_belief_stays_a_probability():
    for learning in (0, 1):
        spec = scenario(mechanism={"aftermath": {"learning": learning, "supporters": 5}, "observers": {"share": 1}})
        belief = ran(spec).electorate.belief
        assert ((belief >= 0) & (belief <= 1)).all()
