"""The electorate: rows that stand for persons, and views that read and write them."""

from __future__ import annotations

import numpy as np
import pytest
from small_runs import fresh, ran, scenario

from sim.society.electorate import NOBODY, Electorate, Voter
from sim.strict import InputError


@pytest.fixture
def people() -> Electorate:
    """An electorate that a test may write to."""
    return fresh(scenario(voters=300)).electorate


@pytest.mark.parametrize("voters", [58, 300, 1500])
def test_weights_sum_to_the_register(voters):
    model = fresh(scenario(voters=voters))
    e, land = model.electorate, model.geography
    assert len(e) == voters
    assert np.bincount(e.region, e.weight) == pytest.approx(land.register)
    assert np.bincount(e.locality, e.weight) == pytest.approx(land.locality_register)
    assert (e.weight > 0).all()


@pytest.mark.parametrize("voters", [58, 300, 1500])
def test_every_settled_cell_has_a_voter(voters):
    model = fresh(scenario(voters=voters))
    urban = np.array([model.geography.regions[r].urban for r in model.geography.locality_region])
    settled = np.column_stack([urban > 0, urban < 1]).ravel()
    assert np.array_equal(np.bincount(model.electorate.cell, minlength=len(settled)) > 0, settled)


def test_too_few_voters_are_refused_in_the_users_words():
    with pytest.raises(InputError, match=r"population\.voters = 20: .* at least 1 voter"):
        fresh(scenario(voters=20))


def test_rows_are_sorted_by_region_locality_and_settlement():
    e = fresh(scenario(voters=1500)).electorate
    for column in (e.region, e.locality, e.cell):
        assert (np.diff(column) >= 0).all()


def test_positions_are_standardised_over_persons():
    e = fresh(scenario(voters=1500)).electorate
    mean = e.mean("position")
    assert mean == pytest.approx(np.zeros(3), abs=1e-6)  # single precision
    spread = np.sqrt((e.weight[:, None] * e.position**2).sum(axis=0) / e.weight.sum())
    assert spread == pytest.approx(np.ones(3), abs=1e-6)


def test_margins_of_the_case_are_met_within_sampling_error():
    model = fresh(scenario(voters=4000))
    e, regions, register = model.electorate, model.geography.regions, model.geography.register
    for column, margin in (("titular", "titular"), ("higher_education", "higher_education"), ("urban", "urban")):
        expected = np.average([getattr(region, margin) for region in regions], weights=register)
        assert e.mean(column) == pytest.approx(expected, abs=0.03)
    assert ((e.belief > 0) & (e.belief < 1) & (e.grievance > 0) & (e.grievance < 1)).all()


def test_the_same_seed_makes_the_same_people_and_another_seed_others():
    first, again, other = (fresh(scenario(voters=300), society=seed, history=seed).electorate for seed in (1, 1, 2))
    assert np.array_equal(first.position, again.position)
    assert not np.array_equal(first.position, other.position)
    history = fresh(scenario(voters=300), society=1, history=99).electorate
    assert np.array_equal(first.position, history.position)


def test_a_view_reads_and_writes_its_row(people):
    voter = people[7]
    for name in Electorate.columns:
        assert np.array_equal(getattr(voter, name), getattr(people, name)[7])
    voter.choice, voter.grievance, voter.position = 3, 0.25, [1.0, 2.0, 3.0]
    assert people.choice[7] == 3
    assert people.grievance[7] == 0.25
    assert people.position[7].tolist() == [1, 2, 3]
    assert people.choice[6] == people.choice[8] == NOBODY
    people.belief[7] = 0.125
    assert voter.belief == 0.125


def test_every_column_has_a_view():
    views = {name for name in vars(Voter) if type(vars(Voter)[name]).__name__ == "Column"}
    assert views == set(Electorate.columns)


def test_views_count_from_the_end_and_stop_at_the_end(people):
    assert people[-1].row == len(people) - 1
    with pytest.raises(IndexError):
        people[len(people)]
    assert [voter.row for voter in people] == list(range(len(people)))


def test_neighbours_are_views_of_the_same_electorate(people):
    friends = people[5].neighbours
    listed = people.ties.neighbours()
    assert [friend.row for friend in friends] == [j for j in listed[5].tolist() if j != 5]
    assert all(5 in listed[friend.row] for friend in friends)


def test_select_by_mask_and_by_predicate_agree(people):
    masked, asked = people.select(people.urban), people.select(lambda voter: bool(voter.urban))
    assert np.array_equal(masked.rows, asked.rows)
    assert len(masked) == people.urban.sum()
    assert all(voter.urban for voter in masked)
    assert masked.agg("age", np.max) == people.age[people.urban].max()
    assert len(people.select(people.urban, at_most=3)) == 3


def test_set_writes_the_selected_rows_only_and_get_copies(people):
    before = people.get("grievance")
    people.select(people.urban).set("grievance", 0.5)
    assert (people.grievance[people.urban] == 0.5).all()
    assert np.array_equal(people.grievance[~people.urban], before[~people.urban])
    people.get("grievance")[:] = 9
    assert people.grievance.max() <= 1
    people.set("belief", 0.75)
    assert (people.belief == 0.75).all()
    assert people.agg("belief", np.sum) == 0.75 * len(people)


def test_groupby_parts_the_rows(people):
    parts = people.groupby("region")
    assert sum(map(len, parts.values())) == len(people)
    for region, rows in parts.items():
        assert (rows.get("region") == region).all()


@pytest.mark.parametrize("name", ["choise", "neighbour", "__class__"])
def test_an_unknown_column_is_refused_with_those_there_are(people, name):
    with pytest.raises(AttributeError, match="they have region, locality"):
        people.get(name)
    with pytest.raises(AttributeError, match="they have region, locality"):
        people.select(people.urban).set(name, 1)


def test_means_are_over_persons(people):
    assert people.mean("urban") == pytest.approx(people.weight[people.urban].sum() / people.weight.sum())


def test_counts_of_persons_are_not_counts_of_rows():
    """Twice the sampled voters: the same register, and parties and stations of the same size."""
    few, many = (ran(scenario(voters=voters)) for voters in (600, 1200))
    assert few.electorate.weight.sum() == pytest.approx(many.electorate.weight.sum())
    assert np.array_equal(few.stations.voters, many.stations.voters)
    books = [model.counting.ledger for model in (few, many)]
    casts = [book.true_cast.sum() for book in books if book is not None]
    assert casts[0] == pytest.approx(casts[1], rel=0.1)
    assert casts[0] > 100 * 1200  # persons, not rows
    for key in few.parties.keys() & many.parties.keys():
        here, there = few.parties[key], many.parties[key]
        if here.sponsored:
            assert np.array_equal(here.members, there.members)
    gathered = [
        sum(int(p.members.sum()) for p in model.parties.values() if p.reached.formed > model.start and not p.sponsored)
        for model in (few, many)
    ]
    assert 0.5 < gathered[0] / gathered[1] < 2


def test_a_whole_column_takes_no_fraction_in_silence(people):
    """The contract: a setter that rounds says so."""
    for write in (lambda: setattr(people[0], "choice", 1.7), lambda: people.set("age", 2.5)):
        with pytest.raises((TypeError, ValueError), match="whole"):
            write()


def test_rows_can_only_be_grouped_by_a_column_of_single_values(people):
    with pytest.raises(ValueError, match="position"):
        people.groupby("position")
