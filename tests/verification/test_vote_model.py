"""The vote against what theory says of it: logit shares, the median, and who is not on the ballot."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from small_runs import OPEN, fresh, ran, scenario

from sim.process.voting import log_chance, seat_chance

MODEL = ran(scenario(voters=2000))


def test_votes_have_the_logit_shares_of_their_utilities():
    wishes, e = MODEL.wishes, MODEL.electorate
    assert wishes is not None
    utility = wishes.utility(np.arange(len(e)))
    odds = np.exp(utility - utility.max(axis=1, keepdims=True))
    chance = odds / odds.sum(axis=1, keepdims=True)
    came = e.turned_out
    for code, option in enumerate(wishes.options):
        expected, seen = chance[came, code].sum(), (e.choice[came] == code).sum()
        spread = np.sqrt((chance[came, code] * (1 - chance[came, code])).sum())
        assert abs(seen - expected) < 4 * spread, option


def test_as_many_turn_out_as_their_chances_say():
    wishes, e = MODEL.wishes, MODEL.electorate
    assert wishes is not None
    chance = expit(wishes.inclined)
    spread = np.sqrt((chance * (1 - chance)).sum())
    assert abs(e.turned_out.sum() - chance.sum()) < 4 * spread


def test_nobody_votes_for_a_list_nobody_told_them_of():
    wishes, e = MODEL.wishes, MODEL.electorate
    assert wishes is not None
    utility = wishes.utility(np.arange(len(e)))
    for code, option in enumerate(wishes.options):
        if option in MODEL.parties:
            knows = MODEL.opinion.knows(MODEL.parties[option])
            assert knows[e.choice == code].all()
            assert np.isneginf(utility[~knows, code]).all()


def test_beliefs_are_shares():
    assert MODEL.wishes is not None
    assert MODEL.wishes.believed.sum() == pytest.approx(1)
    assert (MODEL.wishes.believed >= 0).all()


@pytest.mark.parametrize("rival", [-0.6, -0.1, 0.2, 0.8])
def test_between_two_the_one_at_the_median_wins_without_taste(rival):
    model = fresh(scenario(voters=2001))
    e, axis = model.electorate, 2
    median = float(np.median(e.position[:, axis]))
    places = [np.zeros(3), np.zeros(3)]
    places[0][axis], places[1][axis] = median, median + rival
    near, far = (model.voting.nearness(place, np.arange(len(e))) for place in places)
    assert (near > far).sum() > (far > near).sum()


def test_the_believed_chance_of_a_seat_rises_with_support_and_falls_with_the_threshold():
    support = np.array([0.001, 0.01, 0.05, 0.2, 0.6])
    free, barred = log_chance(support, 69, 0.0), log_chance(support, 69, 0.05)
    assert (np.diff(free) >= 0).all()
    assert (barred <= free).all()
    assert log_chance(np.array([0.05]), 69, 0.05)[0] == pytest.approx(np.log(0.5))


def test_the_chance_of_the_one_seat_is_even_between_equals():
    assert seat_chance(np.array([0.3, 0.3])) == pytest.approx([0.5, 0.5])
    assert seat_chance(np.array([0.3, 0.4, 0.3]))[1] > 0.5
    assert (np.argsort(seat_chance(np.array([0.1, 0.2, 0.7]))) == [0, 1, 2]).all()
    assert seat_chance(np.array([1.0])) == [1.0]


def test_open_media_make_every_list_as_known_and_closed_ones_only_the_loyal():
    """Among parties of old, which all start unknown here."""
    unknown = {"media": {"known_before": 0.0}}
    known = {}
    for world, practice in (("open", OPEN), ("closed", {**OPEN, "media_closure": 1})):
        model = ran(scenario(voters=2000, practice=practice, mechanism=unknown))
        for party in model.nomination.lists:
            if party.reached.noticed is None:
                knows = model.opinion.knows(party)
                known.setdefault((world, party.autonomous("broad")), []).append(knows.mean())
    everyone = [*known["open", True], *known["open", False]]
    assert everyone == pytest.approx([np.mean(everyone)] * len(everyone), abs=0.05)
    assert min(known["closed", False]) > max(known["closed", True]) + 0.2


def test_a_heavy_weight_of_distance_is_survived():
    ran(scenario(mechanism={"choice": {"distance": 50}}))
