"""Districts in two rounds: only open ones vote again, two meet, and the honest reading has a pair of its own."""

from __future__ import annotations

import numpy as np
import pytest
from small_runs import CLEAN_COUNT, ran, scenario

from sim.process.runoff import first_round

TWO_ROUNDS = {"chamber": {"district_rule": "majority runoff"}}
ENACTED = ran(scenario(voters=900, law=TWO_ROUNDS))
CLEAN = ran(scenario(voters=900, law=TWO_ROUNDS, practice=CLEAN_COUNT))
ONE_ROUND = ran(scenario(voters=900))


def test_the_first_round_is_that_of_a_law_with_one_round_only():
    for two, one in zip(ENACTED.counting.districts, ONE_ROUND.counting.districts, strict=True):
        assert np.array_equal(two.votes, one.votes)
    assert ENACTED.outcome.official.allocation == ONE_ROUND.outcome.official.allocation


@pytest.mark.parametrize("model", [ENACTED, CLEAN], ids=["enacted", "clean"])
def test_every_district_has_a_winner_and_only_open_ones_vote_again(model):
    assert sum(model.outcome.official.districts.values()) == model.districts
    assert sum(model.outcome.true.districts.values()) == model.districts
    met = set()
    for number, count in enumerate(model.counting.districts):
        for official in (True, False):
            first = first_round(count, official=official)
            assert (first.winner is None) == bool(first.runoff)
            if first.runoff:
                met.add((number, first.runoff))
    assert set(model.runoff.counts) == met
    assert met  # with a dozen candidates a district, some are open


def test_two_meet_and_ballots_are_conserved():
    for (number, pair), count in ENACTED.runoff.counts.items():
        assert {candidate.key for candidate in count.candidates} == set(pair)
        rows = ENACTED.stations.district == number
        assert count.true_votes.sum() <= count.true_cast <= ENACTED.stations.voters[rows].sum()
        assert count.votes.sum() <= count.cast <= ENACTED.stations.voters[rows].sum()
        power = [n for n, c in enumerate(count.candidates) if c.party is not None and c.party.in_power]
        for n in range(2):
            if n not in power and power:
                assert count.votes[n] <= count.true_votes[n]


def test_without_malpractice_both_readings_agree():
    assert CLEAN.outcome.official.seats == CLEAN.outcome.true.seats
    for count in CLEAN.runoff.counts.values():
        assert np.array_equal(count.votes, count.true_votes)


def test_who_preferred_one_of_the_two_in_the_first_round_does_so_again():
    e, kept, asked = CLEAN.electorate, 0, 0
    for (number, _), count in CLEAN.runoff.counts.items():
        rows, came, choice = CLEAN.voting.second_round(number, count.candidates)
        names = [candidate.key for candidate in CLEAN.counting.districts[number].candidates]
        first = np.array([names[code] if code >= 0 else "" for code in e.district_choice[rows]])
        for code, candidate in enumerate(count.candidates):
            own = first == candidate.key
            kept, asked = kept + int((choice[own] == code).sum()), asked + int(own.sum())
        assert came.any()
    # the first round weighs chances too, so that a few had voted against the one they like better of these two
    assert kept > 0.9 * asked > 50


def test_the_run_ends_with_the_second_round_and_tells_of_it():
    assert ENACTED.today == ENACTED.case.round_two
    assert any("second round in" in event.text for event in ENACTED.chronicle)
    assert ONE_ROUND.today < ENACTED.today
