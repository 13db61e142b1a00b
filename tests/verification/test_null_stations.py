"""Null A at the stations: without manipulation, turnout and support tell no more of each other than they are set to."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logit
from small_runs import OPEN, ran, scenario

from sim.model import ElectionModel
from sim.society.geography import CLOSED, RURAL, URBAN

COUNT = 4000


def honest(**count: float) -> ElectionModel:
    """An honest count at many stations; ``count`` are settings of the differences between them."""
    mechanism = {"stations": {"count": COUNT, "largest": 12_000}, "count": count}
    return ran(scenario(voters=2000, practice=OPEN, mechanism=mechanism))


def residuals(model: ElectionModel, kind: int) -> np.ndarray:
    """Logit turnout and logit share of the leader at stations of one kind, less their settlement's mean; (2, S)."""
    book = model.counting.ledger
    assert book is not None
    stations = model.stations
    named = book.true_votes.sum(axis=1)
    here = np.bincount(stations.locality, book.true_leader) / np.bincount(stations.locality, named)
    inside = here[stations.locality] > 0.1  # where it has few votes, sampling drowns the spread
    inside &= (book.true_cast < stations.voters) & (book.true_leader > 0) & (book.true_leader < named)
    rows = np.flatnonzero((stations.kind == kind) & (stations.voters > 1500) & inside)
    turnout = logit(book.true_cast[rows] / stations.voters[rows])
    share = logit(book.true_leader[rows] / named[rows])
    out = []
    for value in (turnout, share):
        mean = np.bincount(stations.locality[rows], value) / np.maximum(np.bincount(stations.locality[rows]), 1)
        out.append(value - mean[stations.locality[rows]])
    return np.array(out)


@pytest.mark.parametrize("kind", [URBAN, RURAL])
@pytest.mark.parametrize("correlation", [0.0, 0.08, 0.6, -0.6])
def test_turnout_and_share_correlate_as_set_within_a_kind_of_settlement(kind, correlation):
    turnout, share = residuals(honest(correlation=correlation), kind)
    assert len(turnout) > 500
    assert np.corrcoef(turnout, share)[0, 1] == pytest.approx(correlation, abs=4 / np.sqrt(len(turnout)) + 0.01)


def test_the_spreads_are_those_of_the_settings():
    model = honest(correlation=0.0)
    s = model.spec.mechanism.count
    for kind in (URBAN, RURAL):
        turnout, share = residuals(model, kind)
        assert turnout.std() == pytest.approx(s.turnout_spread, rel=0.1)
        assert share.std() == pytest.approx(s.share_spread, rel=0.1)


def test_stations_alike_differ_by_sampling_only():
    model = honest(turnout_spread=0, share_spread=0, correlation=0)
    book = model.counting.ledger
    assert book is not None
    stations = model.stations
    scores = []
    for cell in np.unique(2 * stations.locality + (stations.kind == RURAL)):
        rows = (2 * stations.locality + (stations.kind == RURAL) == cell) & (stations.kind != CLOSED)
        voters, cast = stations.voters[rows], book.true_cast[rows]
        rate = cast.sum() / voters.sum()
        scores.append((cast - rate * voters) / np.sqrt(voters * rate * (1 - rate)))
    assert np.concatenate(scores).std() == pytest.approx(1, abs=0.06)


def test_closed_stations_vote_as_they_are_told():
    model = honest(correlation=0.0)
    book = model.counting.ledger
    assert book is not None
    closed = model.stations.kind == CLOSED
    turnout = book.true_cast[closed].sum() / model.stations.voters[closed].sum()
    assert turnout == pytest.approx(model.spec.mechanism.count.closed_turnout, abs=0.01)


def test_the_last_digit_of_honest_protocols_is_even():
    from scipy import stats

    model = honest(correlation=0.0)
    book = model.counting.ledger
    assert book is not None
    rows = book.true_leader > 50
    digits = np.bincount(book.true_leader[rows] % 10, minlength=10)
    assert stats.chisquare(digits).pvalue > 1e-3
