"""One row a person: everybody is registered at a station, and ballots are counted instead of drawn."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from small_runs import CLEAN_COUNT, fresh, scenario

from sim.scenario import case
from sim.society.geography import CLOSED, RURAL, URBAN, on_map

PERSONS = 30_000
WHOLE = case.load


@pytest.fixture
def small_country(monkeypatch):
    """Kazakhstan of 2023 with 30,000 persons on its register."""

    def load(name, election=None):
        found = WHOLE(name, election)
        return dataclasses.replace(found, geography=on_map(found.geography, lambda iso: iso, PERSONS))

    monkeypatch.setattr(case, "load", load)


def ran(voters: int, history: int = 1):
    return fresh(scenario(voters=voters, practice=CLEAN_COUNT), society=history, history=history).run()


def test_every_person_is_a_row_of_weight_one(small_country):
    e = ran(PERSONS).electorate
    assert e.one_to_one
    assert (e.weight == 1).all()
    assert np.bincount(e.region).tolist() == e.geography.register.tolist()


def test_stations_take_the_voters_of_their_settlement_in_a_row(small_country):
    model = ran(PERSONS)
    e, stations = model.electorate, model.stations
    first = stations.rows()
    order = np.argsort(first)
    assert first[order[0]] == 0
    assert np.array_equal(first[order[1:]], (first + stations.voters)[order[:-1]])
    rows = [np.arange(begin, begin + n) for begin, n in zip(first, stations.voters, strict=True)]
    for station, own in enumerate(rows):
        assert (e.locality[own] == stations.locality[station]).all()
        if stations.kind[station] == URBAN:
            assert e.urban[own].all()
        elif stations.kind[station] == RURAL:
            assert not e.urban[own].any()


def test_the_boxes_hold_the_ballots_of_those_who_came(small_country):
    model = ran(PERSONS)
    e, stations, ledger = model.electorate, model.stations, model.counting.ledger
    spoilt = np.floor(model.history.uniform("spoilt", len(e), occasion=model.case.ordinal) * 2**23) + 0.5
    valid = (e.choice >= 0) & (spoilt / 2**23 >= model.counting.invalid)
    for station, begin in enumerate(stations.rows()):
        own = np.arange(begin, begin + stations.voters[station])
        marked = np.bincount(e.choice[own][valid[own]], minlength=ledger.true_votes.shape[1])
        assert ledger.true_votes[station].tolist() == marked.tolist()
        assert ledger.true_cast[station] == e.turned_out[own].sum()
    assert abs(ledger.true_invalid.sum() / ledger.true_cast.sum() - model.counting.invalid) < 0.01


def test_closed_stations_vote_as_closed_stations_do(small_country):
    model = ran(PERSONS)
    turnout = model.counting.ledger.true_cast / model.stations.voters
    closed = model.stations.kind == CLOSED
    assert turnout[closed].mean() == pytest.approx(model.counting.settings.closed_turnout, abs=0.03)
    assert turnout[~closed].mean() < 0.7


def test_a_sample_says_the_same_within_its_error(small_country):
    """The gap between a sample and everybody is chance, not bias: over six worlds it is within its own error."""
    gaps = []
    for history in range(1, 7):
        whole, part = (ran(voters, history).outcome.measures() for voters in (PERSONS, 3_000))
        gaps.append([part[name] - whole[name] for name in ("true_turnout", "true_leader_share", "against_all_share")])
    mean, error = np.mean(gaps, axis=0), np.std(gaps, axis=0, ddof=1) / np.sqrt(len(gaps))
    assert (np.abs(mean) < 4 * error + 0.004).all()


def test_the_same_bytes_with_any_number_of_threads(small_country, monkeypatch):
    monkeypatch.setattr("sim.kernels.threads.WORTH_IT", 0)
    votes = []
    for number in ("1", "2", "5"):
        monkeypatch.setenv("MAJILIS_THREADS", number)
        model = ran(PERSONS)
        state = (model.electorate.records, model.electorate.choice, model.electorate.district_choice)
        votes.append([part.tobytes() for part in state] + [model.counting.ledger.votes.tobytes()])
    assert votes[0] == votes[1] == votes[2]
