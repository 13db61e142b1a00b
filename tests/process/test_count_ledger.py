"""Election day at the stations: a ledger that adds up, and observers who keep commissions back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from small_runs import CLEAN_COUNT, OPEN, ran, scenario

from sim.model import ElectionModel
from sim.process.counting import Ledger, protocols
from sim.society.geography import RURAL, URBAN

MANY = {"observers": {"share": 0.4, "displacement": 0.5}, "stations": {"count": 2000}}


def book(model: ElectionModel) -> Ledger:
    assert model.counting.ledger is not None
    return model.counting.ledger


def watched(**observers: Any) -> ElectionModel:
    """Run with many stations; nobody is put out."""
    return ran(
        scenario(
            voters=300,
            practice={"observer_expulsion": 0},
            mechanism={**MANY, "observers": {**MANY["observers"], **observers}},
        )
    )


WORLDS = {
    "enacted": ran(),
    "watched": watched(),
    "all watched": watched(share=1),
    "clean": ran(scenario(practice=CLEAN_COUNT)),
    "open": ran(scenario(practice=OPEN)),
    "much rewriting": ran(scenario(mechanism={**MANY, "rewriting": {"share_of_joiners": 1}})),
}


@pytest.mark.parametrize("world", WORLDS)
def test_the_ledger_adds_up_station_by_station(world):
    ledger, voters = book(WORLDS[world]), WORLDS[world].stations.voters
    assert np.array_equal(ledger.cast, ledger.true_cast + ledger.stuffed + ledger.rewritten_cast)
    assert np.array_equal(ledger.leader, ledger.true_leader + ledger.stuffed + ledger.stolen + ledger.rewritten_leader)
    for column in (ledger.stuffed, ledger.stolen, ledger.moved_in, ledger.rewritten_cast, ledger.rewritten_leader):
        assert (column >= 0).all()
    assert (ledger.votes >= 0).all()
    assert (ledger.invalid >= 0).all()
    assert (ledger.true_votes >= 0).all()
    assert (ledger.cast <= voters).all()
    assert (ledger.leader <= ledger.cast).all()
    assert (ledger.rewritten_leader >= ledger.rewritten_cast).all()
    assert (ledger.moved_in <= ledger.stuffed + ledger.stolen).all()
    others = np.delete(np.arange(ledger.votes.shape[1]), ledger.leader_option)
    assert (ledger.votes[:, others] <= ledger.true_votes[:, others]).all()  # nobody else ever gains


@pytest.mark.parametrize("world", WORLDS)
def test_only_commissions_that_join_act(world):
    model = WORLDS[world]
    assert not model.counting.acts[~model.commissions.joined].any()
    assert (model.commissions.joined <= model.commissions.joined_unwatched).all()


@pytest.mark.parametrize("world", ["enacted", "watched", "much rewriting"])
def test_there_is_something_to_count(world):
    ledger = book(WORLDS[world])
    for column in (ledger.stuffed, ledger.stolen, ledger.rewritten_cast, ledger.rewritten_leader):
        assert column.sum() > 0


@pytest.mark.parametrize("world", ["clean", "open"])
def test_without_malpractice_the_official_count_is_the_true_one(world):
    model = WORLDS[world]
    ledger = book(model)
    assert np.array_equal(ledger.votes, ledger.true_votes)
    assert np.array_equal(ledger.invalid, ledger.true_invalid)
    assert not model.counting.acts.any()
    for district in model.counting.districts:
        assert np.array_equal(district.votes, district.true_votes)
    assert model.outcome.official.seats == model.outcome.true.seats


@pytest.mark.parametrize("world", WORLDS)
def test_districts_are_counted_from_the_same_boxes(world):
    model = WORLDS[world]
    ledger = book(model)
    assert len(model.counting.districts) == model.districts
    for number, count in enumerate(model.counting.districts):
        rows = model.stations.district == number
        assert (count.votes >= 0).all()
        assert count.true_votes.sum() <= ledger.true_cast[rows].sum()
        assert count.votes.sum() <= ledger.cast[rows].sum()
        power = [n for n, c in enumerate(count.candidates) if c.party is not None and c.party.in_power]
        rivals = np.delete(np.arange(len(count.candidates)), power)
        assert len(power) == 1
        assert (count.votes[rivals] <= count.true_votes[rivals]).all()


def test_everybody_who_came_left_one_ballot_and_chose_something_known():
    e = WORLDS["enacted"].electorate
    assert (e.turned_out == (e.choice >= 0)).all()
    assert (e.district_choice[~e.turned_out] == -1).all()
    assert (e.district_choice[e.turned_out] >= 0).all()


def test_spoilt_ballots_have_the_share_of_the_settings():
    for world in ("enacted", "open"):
        ledger, share = book(WORLDS[world]), WORLDS[world].counting.invalid
        cast = int(ledger.true_cast.sum())
        assert abs(ledger.true_invalid.sum() / cast - share) < 4 * np.sqrt(share * (1 - share) / cast)


def test_more_deterrence_makes_fewer_acts():
    acts, amounts = [], []
    for deterrence in (0, 0.5, 1.75, 5):
        model = watched(deterrence=deterrence, displacement=0)
        acts.append(model.counting.acts)
        amounts.append(int((book(model).stuffed + book(model).stolen).sum()))
        unwatched = ~model.commissions.observed
        assert np.array_equal(acts[0][unwatched], acts[-1][unwatched])
    for weak, strong in pairwise(acts):
        assert (strong <= weak).all()
        assert strong.sum() < weak.sum()
    assert amounts == sorted(amounts, reverse=True)


def test_with_an_observer_everywhere_and_full_deterrence_nothing_is_done_or_moved():
    model = watched(share=1, deterrence=50, displacement=1)
    assert model.commissions.observed.all()
    assert not model.commissions.expelled.any()
    assert not model.counting.acts.any()
    assert np.array_equal(book(model).votes, book(model).true_votes)


def test_with_an_observer_everywhere_there_is_nowhere_to_move_to():
    assert not book(WORLDS["all watched"]).moved_in.any()
    assert WORLDS["all watched"].counting.acts.any()


def test_the_same_stations_are_watched_first():
    few, many = watched(share=0.2), watched(share=0.4)
    assert (few.commissions.observed <= many.commissions.observed).all()
    assert few.commissions.observed.mean() == pytest.approx(0.2, abs=0.03)


def test_urban_missions_watch_no_village():
    model = watched(where="urban only")
    assert not model.commissions.observed[model.stations.kind == RURAL].any()
    assert model.commissions.observed[model.stations.kind == URBAN].any()


def test_what_is_moved_was_held_back_in_the_same_territory():
    still, moving = watched(displacement=0), watched(displacement=1)
    blind = watched(deterrence=0, displacement=0)  # what watched commissions would have done
    assert not book(still).moved_in.any()
    assert book(moving).moved_in.any()
    held = moving.commissions.joined_unwatched & ~moving.commissions.joined
    assert not book(moving).moved_in[moving.commissions.observed].any()
    territory = moving.stations.territory
    would = np.where(held, book(blind).stuffed + book(blind).stolen, 0)
    assert (np.bincount(territory, book(moving).moved_in) <= np.bincount(territory, would)).all()
    part = watched(displacement=0.5)
    assert 0 < book(part).moved_in.sum() < book(moving).moved_in.sum()
    extra = book(moving).stuffed + book(moving).stolen - book(still).stuffed - book(still).stolen
    assert np.array_equal(extra, book(moving).moved_in)


def test_put_out_observers_deter_nobody():
    spec = scenario(voters=300, mechanism={**MANY, "expulsion": {"expelled": 1}})
    model = ran(spec)
    assert np.array_equal(model.commissions.observed, model.commissions.expelled)
    assert np.array_equal(model.commissions.joined, model.commissions.joined_unwatched)


@pytest.mark.parametrize("leader", [0, 1, 3])
def test_a_protocol_takes_from_the_others_in_proportion_and_in_whole_ballots(leader):
    box = np.array([[50, 30, 15, 5], [0, 0, 0, 0], [10, 0, 0, 90], [1, 2, 3, 4]])
    others = np.delete(np.arange(4), leader)
    rest = box[:, others].sum(axis=1)
    for taken in (0 * rest, rest // 2, rest):
        out = protocols(box, leader, np.full(4, 7), taken)
        assert np.array_equal(out.sum(axis=1), box.sum(axis=1) + 7)
        assert np.array_equal(out[:, leader], box[:, leader] + 7 + taken)
        gone = box[:, others] - out[:, others]
        exact = box[:, others] * (taken / np.maximum(rest, 1))[:, None]
        assert ((gone >= 0) & (gone <= box[:, others])).all()
        assert (np.abs(gone - exact) < 1).all()


def test_without_a_party_of_power_on_the_ballot_the_box_is_the_protocol():
    box = np.array([[5, 6, 7]])
    assert np.array_equal(protocols(box, -1, np.array([3]), np.array([2])), box)


def test_sums_of_regions_are_sums_of_stations():
    model = WORLDS["watched"]
    tables, ledger = model.outcome.tables(stations=True), book(model)
    assert sum(row["stuffed"] for row in tables["regions"]) == ledger.stuffed.sum()
    assert sum(row["register"] for row in tables["regions"]) == model.geography.register.sum()
    assert sum(row["cast"] for row in tables["stations"]) == ledger.cast.sum()
    official = {row["party"]: row["official_votes"] for row in tables["parties"]}
    assert official[model.power_key] == ledger.leader.sum()
