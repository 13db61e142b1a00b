"""Party competition: joint lists, movement, entry, exit and drift, each as a law; chance by address; the Mesa face."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import mesa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.process.competition import Contender
from sim.process.competition_settings import CompetitionSettings
from sim.process.joint_lists import agreed, joint
from sim.process.movement import RULES, View
from sim.process.polling import ElectoralSystem, Ground, Line, Polling
from sim.process.settings import ChoiceSettings
from sim.series import ElectionSeries
from sim.society.settings import PopulationSettings
from sim.streams import Streams
from sim.strict import InputError

LIST = ElectoralSystem(name="98 by list", seats=98, magnitude=98)
BARRED = ElectoralSystem(name="98 by list at 5 %", seats=98, magnitude=98, threshold=Fraction(1, 20))
SINGLE = ElectoralSystem(name="77 districts", seats=77, magnitude=1)
FIVES = ElectoralSystem(name="20 districts of 5", seats=100, magnitude=5)
FEW = PopulationSettings(voters=800)


def series(system: ElectoralSystem, elections: int = 4, history: int = 3, **settings: object) -> ElectionSeries:
    return ElectionSeries(
        system, CompetitionSettings.model_validate(settings), population=FEW, elections=elections, history=history
    )


@cache
def ran(system: ElectoralSystem) -> ElectionSeries:
    return series(system, elections=6).run()


def plain_ground(voters: int = 300) -> Ground:
    """Voters of one cell of one district."""
    position = Streams(2).normal("ground", 3 * voters).reshape(voters, 3)
    nought = np.zeros(1, np.int64)
    return Ground(position, np.ones(voters), np.array([0, voters]), nought, nought, nought)


def solo_lines(ground: Ground, places: np.ndarray, valence: np.ndarray) -> list[Line]:
    near = [np.exp(-ChoiceSettings().distance * ((ground.position - place) ** 2).sum(axis=1)) for place in places]
    return [
        Line((j,), np.ones(1), near[j], np.exp(valence[j : j + 1]), np.full(1, np.nan), 1.0) for j in range(len(places))
    ]


# ------------------------------------------------------------------------------------------------ the ground


@pytest.mark.parametrize("system", [LIST, SINGLE, FIVES])
def test_every_voter_stands_in_one_cell_of_one_district(system):
    model = ran(system)
    ground, e = model.competition.ground, model.electorate
    sizes = np.diff(ground.start)
    assert (sizes > 0).all()
    assert sizes.sum() == len(e)
    assert np.array_equal(np.repeat(ground.district, sizes), e.district)
    assert np.array_equal(np.repeat(ground.locality, sizes), e.locality)
    assert len(ground.persons()) == system.districts
    assert ground.persons().sum() == pytest.approx(model.electorate.geography.register.sum())


def test_seats_that_do_not_fill_the_districts_are_refused():
    with pytest.raises(ValidationError, match="98 seats do not fill districts of 5"):
        ElectoralSystem(name="x", seats=98, magnitude=5)


# ------------------------------------------------------------------------------------------------ joint lists


@given(st.integers(0, 10_000), st.integers(2, 5))
def test_a_joint_list_never_has_more_votes_than_its_members_apart(seed, members):
    ground = plain_ground()
    drawn = Streams(seed)
    places = 1.5 * drawn.normal("place", 18).reshape(6, 3)
    solo = solo_lines(ground, places, drawn.normal("valence", 6))
    polling = Polling(ground, LIST, ChoiceSettings())
    apart = polling.intentions(solo)[0]
    together = joint(solo, range(members), apart, places, polling)
    votes = polling.intentions([together, *solo[members:]])[0]
    assert votes[0] <= apart[:members].sum() * (1 + 1e-9)


def test_parties_that_stand_at_one_place_lose_nothing_together():
    ground = plain_ground()
    places = np.array([[0.5, 0, 0], [0.5, 0, 0], [-1, 0, 0]])
    solo = solo_lines(ground, places, np.array([0.0, -1, 0.3]))
    polling = Polling(ground, LIST, ChoiceSettings())
    apart = polling.intentions(solo)[0]
    together = joint(solo, [0, 1], apart, places, polling)
    assert together.parts == pytest.approx(apart[:2] / apart[:2].sum())
    assert polling.intentions([together, solo[2]])[0][0] == pytest.approx(apart[:2].sum())


def two_small_ones(apart: float) -> tuple[list[Line], np.ndarray, Ground]:
    """Two lists of about 3 % whose places are ``apart``, beside three large ones."""
    ground = plain_ground(2000)
    places = np.array([[0, 0, apart / 2], [0, 0, -apart / 2], [1.0, 0, 0], [-1.0, 0, 0], [0, 1.0, 0]])
    return solo_lines(ground, places, np.array([-2.7, -2.7, 0, 0, 0])), places, ground


def test_two_near_lists_below_the_bar_join_and_both_expect_more_seats():
    solo, places, ground = two_small_ones(0.4)
    polling = Polling(ground, BARRED, ChoiceSettings())
    before = polling.expected_seats(polling.expectations(solo))
    ballot = agreed(solo, places, polling, partners=3)
    (together,) = [line for line in ballot if line.joint]
    assert together.members == (0, 1)
    after = polling.expected_seats(polling.expectations(ballot))[ballot.index(together)]
    assert (after * together.parts > before[:2]).all()


@pytest.mark.parametrize(
    ("system", "apart", "partners"), [(LIST, 0.4, 3), (BARRED, 3.5, 3), (BARRED, 0.4, 0), (SINGLE, 0.4, 3)]
)
def test_nobody_joins_without_a_bar_nor_over_a_gulf_nor_without_lists(system, apart, partners):
    solo, places, ground = two_small_ones(apart)
    ballot = agreed(solo, places, Polling(ground, system, ChoiceSettings()), partners)
    assert ballot == solo


def test_a_joint_list_divides_its_seats_among_its_members():
    model = ran(BARRED)
    c = model.competition
    assert any(line.joint for held in [c.ballot] for line in held) or model.results.joint_lists.sum() > 0
    for row in model.held:
        assert row.enp_seats_parties >= row.enp_seats - 1e-9  # parts of lists are at least as many as the lists


# ------------------------------------------------------------------------------------------------ movement


def contender(model: mesa.Model, rule: str = "hunter") -> Contender:
    return Contender(
        model,
        key="t",
        founded=0,
        position=np.zeros(3),
        valence=0.0,
        local=np.zeros(1),
        rule=rule,
        heading=np.array([1.0, 0, 0]),
        districts=1,
    )


def view(support: float = 0.2, before: float = 0.1, *, is_largest: bool = False) -> View:
    return View(support, before, np.array([0.0, 2, 0]), np.array([0, 0.05, 0]), is_largest, step=0.1)


def test_each_rule_of_movement():
    model = mesa.Model(rng=0)
    party, chance = contender(model), Streams(1)
    assert RULES["sticker"](party, view(), chance, 1) is party.position
    assert RULES["aggregator"](party, view(), chance, 1) == pytest.approx([0, 0.1, 0])
    assert RULES["predator"](party, view(), chance, 1) == pytest.approx([0, 0.05, 0])  # nearer than a step
    assert RULES["predator"](party, view(is_largest=True), chance, 1) is party.position
    assert RULES["hunter"](party, view(0.2, 0.1), chance, 1) == pytest.approx([0.1, 0, 0])  # it gained: on
    assert RULES["hunter"](party, view(0.2, float("nan")), chance, 1) == pytest.approx([0.1, 0, 0])


@given(st.integers(0, 10_000))
def test_a_hunter_that_lost_turns_back(occasion):
    party = contender(mesa.Model(rng=0))
    there = RULES["hunter"](party, view(0.1, 0.2), Streams(1), occasion)
    assert np.sqrt((there**2).sum()) == pytest.approx(0.1)
    assert there[0] <= 0


# ------------------------------------------------------------------------------------------------ a term


@pytest.mark.parametrize("system", [LIST, BARRED, SINGLE, FIVES])
def test_an_election_gives_every_seat_and_every_vote_once(system):
    model = ran(system)
    c = model.competition
    assert c.line_seats.sum() == system.seats
    assert c.line_votes.sum() == model.electorate.geography.register.sum()
    members = sorted(member for line in c.ballot for member in line.members)
    assert members == list(range(len(members)))  # every party stands on one line
    assert (model.results.enp_seats >= 1).all()
    assert (model.results.enp_votes >= 1).all()


def test_no_list_below_the_bar_has_a_seat():
    model = ran(BARRED)
    c = model.competition
    below = c.line_votes * 20 < c.line_votes.sum()
    assert (c.line_seats[below] == 0).all()
    assert (c.line_seats[~below] > 0).all()


def test_without_tries_nobody_enters_and_without_seats_nobody_stays():
    model = series(SINGLE, elections=5, tries=0.0).run()
    assert (model.results.entered == 0).all()
    assert (model.results.parties.diff().dropna() <= 0).all()
    assert model.results.left.sum() == 20 - len(model.parties)
    assert all(party.fitness >= 2 for party in model.parties)


def test_two_parties_stay_whatever_the_bar():
    model = series(LIST, elections=3, fewest=98.0, tries=0.0).run()
    assert len(model.parties) == 2


def test_a_group_without_a_chance_does_not_stand():
    assert (series(LIST, entry_chance=1.0).run().results.entered == 0).all()
    assert series(LIST, entry_chance=0.0).run().results.entered.sum() > 0


def test_who_ruled_loses_in_proportion_to_seats_and_the_rest_is_kept_in_part():
    model = series(LIST, elections=1, drift=0.0, cost_of_ruling=2.0)
    c = model.competition
    c.vote(1)
    before = [party.valence for party in c.parties]
    c.drift(1)
    for party, valence in zip(c.parties, before, strict=True):
        assert party.valence == pytest.approx(0.9 * valence - 2.0 * party.seats / 98)


def test_news_moves_shares_as_if_a_following_were_many_that_go_their_own_ways():
    c = series(LIST, drift=0.4).competition
    for share in (0.02, 0.1, 0.5, 0.9):
        points = c.loudness(share) * share * (1 - share)  # log odds to shares of the vote, to first order
        assert points**2 == pytest.approx(0.04 * share * (1 - share))
    assert c.loudness(0.0) == c.loudness(0.01)
    alike = series(LIST, drift=0.4, averaging=0.0).competition
    assert alike.loudness(0.02) == alike.loudness(0.9) == 0.4


# ------------------------------------------------------------------------------------------------ chance, and Mesa


def test_the_same_seeds_give_the_same_bytes_and_others_do_not():
    first, again, other = (series(FIVES, history=h).run().results for h in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_a_longer_series_begins_like_a_shorter_one():
    short, long = series(LIST, elections=2).run().results, series(LIST, elections=4).run().results
    assert long.head(2).equals(short)


def test_what_cannot_act_changes_no_byte():
    """Joint lists need lists; a bar nobody falls below; a party's draws are its own."""
    assert series(SINGLE).run().results.equals(series(SINGLE, partners=0).run().results)
    free, nearly = series(LIST), series(LIST)
    nearly.competition.begin()  # more founders: those of before keep every trait
    old, new = free.parties, nearly.parties
    assert [p.valence for p in old] == [p.valence for p in new[: len(old)]]


def test_parties_are_agents_and_leave_the_model_when_they_give_up():
    model = ran(LIST)
    assert set(model.agents_by_type[Contender]) == set(model.parties)
    assert len(model.results) == 6
    assert model.results.election.tolist() == [1, 2, 3, 4, 5, 6]
    assert model.run() is model
    assert len(model.results) == 6
    assert model.parties[0].key in repr(model.parties[0])


@pytest.mark.parametrize("fault", [{"elections": 0}, {"society": -1}, {"history": 1.5}])
def test_numbers_that_are_none_are_refused(fault):
    with pytest.raises(InputError, match="write a whole number"):
        ElectionSeries(LIST, population=FEW, **fault)


def test_every_setting_has_a_mark_and_a_source():
    for name, field in CompetitionSettings.model_fields.items():
        assert isinstance(field.json_schema_extra, dict), name
        assert field.json_schema_extra["mark"] in ("sourced", "calibrated", "prototype", "assumed")
        assert field.json_schema_extra["source"]
