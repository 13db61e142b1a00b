"""The oracle by itself: its chance, its network and its rules have the properties that the page gives them."""

from __future__ import annotations

import math
import statistics
from types import SimpleNamespace

import networkx as nx
import oracle
import pytest
from oracle import Born, Facts, Oracle, Party, ring

from sim.malpractice.practice import OPEN, Practice
from sim.process.settings import OpinionSettings
from sim.scenario.schema import Mechanism
from sim.society.settings import NetworkSettings

FACTS = Facts((60, 40), (0.0, 0.0), 0.0, -1.0, 0.0, {}, 1)


def society(n: int = 60, *, practice: Practice = OPEN, seed: int = 1, **mechanism) -> Oracle:
    """A small country of two regions and four cells, whose voters differ a little."""
    born = [
        Born(
            region=int(row >= 0.6 * n),
            cell=int(row >= 0.6 * n) * 2 + row % (n // 2) * 2 // (n // 2) % 2,
            rural=row % 2 == 0,
            dependent=row % 3 == 0,
            weight=1.0 + row % 4,
            position=(math.sin(row), math.cos(row), math.sin(2 * row)),
            grievance=0.3,
            belief=0.5,
            habit=0.0,
            district=0,
            knows=frozenset({"old"}),
        )
        for row in range(n)
    ]
    born.sort(key=lambda one: (one.region, one.cell))
    return Oracle(born, Mechanism(**mechanism), practice, FACTS, society=seed, history=2)


def party(address: str, **changes) -> Party:
    known = {"position": (0.0, 0.0, 0.0), "valence": 0.0, "in_power": False, "loyal": True, "registered": True}
    return Party(**({"address": address, "talked_of": True, "members": (0, 0)} | known | changes))


# ---- chance


def test_chance_is_splitmix64_where_the_second_half_of_the_key_is_zero(monkeypatch):
    monkeypatch.setattr(oracle, "key", lambda *_: (0, 0))
    published = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]  # the first outputs of seed 0
    assert [oracle.word(0, "any", 0, i) for i in range(3)] == published


def test_uniforms_are_uniform_and_never_an_end_point():
    for bits in (21, 23, 52):
        draws = [oracle.uniform(bits, 1, "a", 0, i) for i in range(20_000)]
        assert 0 < min(draws) < max(draws) < 1
        assert statistics.mean(draws) == pytest.approx(1 / 2, abs=0.01)
        assert statistics.pvariance(draws) == pytest.approx(1 / 12, abs=0.002)


# ---- the network


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 10, 29, 100, 211])
def test_a_shuffle_is_a_permutation_and_its_predecessors_undo_it(n):
    country, rows = society(), list(range(100, 100 + n))
    for seed in range(20):
        country.society = seed
        ahead, behind = country.shuffle(rows, "tie/country/0", 0)
        assert sorted(ahead) == sorted(ahead.values()) == rows
        assert all(behind[ahead[v]] == v for v in rows)


def test_a_ring_of_three_has_two_ties_to_each_at_distances_one_and_two():
    assert ring([5, 6, 7], 1) == ({5: 6, 6: 7, 7: 5}, {5: 7, 6: 5, 7: 6})
    assert ring([5, 6, 7], 2) == ({5: 7, 6: 5, 7: 6}, {5: 6, 6: 7, 7: 5})
    assert ring([5, 6, 7], 3)[0] == {5: 5, 6: 6, 7: 7}


@pytest.mark.parametrize("reach", [(3, 1, 1), (0, 2, 3), (4, 0, 0), (0, 0, 1)])
def test_ties_are_mutual_and_all_have_equally_many(reach):
    local, regional, national = reach
    settings = NetworkSettings(local=local, regional=regional, national=national)
    country = society(network=settings)
    assert {degree for _, degree in country.graph.degree()} == {2 * sum(reach)}  # a tie to oneself counts twice
    matrix = nx.to_numpy_array(country.graph, nodelist=range(len(country.voters)))
    for voter in country.voters:
        listed = [other.row for other in voter.neighbours]
        for other in range(len(country.voters)):
            both_ways = 2 if other == voter.row else 1
            assert listed.count(other) == both_ways * matrix[voter.row, other]


def test_local_ties_stay_in_the_cell_and_regional_ones_in_the_region():
    for voter in society().voters:
        assert all(other.cell == voter.cell for other in voter.neighbours[:6])
        assert all(other.region == voter.region for other in voter.neighbours[6:8])


# ---- a month


def test_without_noise_opinion_contracts_and_the_mean_stays():
    country = society(opinion=OpinionSettings(noise=0, bound=100))
    before = [voter.economy for voter in country.voters]
    country.month(1, 0.0, ())
    after = [voter.economy for voter in country.voters]
    assert statistics.fmean(after) == pytest.approx(statistics.fmean(before))  # mutual ties, equal degrees
    assert statistics.pvariance(after) < statistics.pvariance(before)


def test_neighbours_beyond_the_bound_pull_nowhere():
    country = society(opinion=OpinionSettings(noise=0, bound=1e-12))
    before = [voter.position for voter in country.voters]
    country.month(1, 0.0, ())
    assert [voter.position for voter in country.voters] == before


def test_private_change_is_standard_normal_on_every_axis():
    country = society(400, opinion=OpinionSettings(noise=1, attraction=0))
    before = [voter.position for voter in country.voters]
    moved = []
    country.month(1, 0.0, ())
    for old, voter in zip(before, country.voters, strict=True):
        moved += [there - here for here, there in zip(old, voter.position, strict=True)]
    assert statistics.fmean(moved) == pytest.approx(0, abs=0.1)
    assert statistics.pstdev(moved) == pytest.approx(1, abs=0.1)


def test_grievance_jumps_with_a_shock_and_decays_to_what_it_was():
    country = society()
    country.month(1, 0.15, ())
    assert country.voters[0].grievance == pytest.approx(0.45)
    for month in range(2, 200):
        country.month(month, 0.0, ())
    assert country.voters[0].grievance == pytest.approx(0.3, abs=1e-3)


def test_news_takes_a_month_for_every_tie():
    """Word of mouth that never fails reaches exactly the neighbours of those who knew."""
    country = society(media={"word_of_mouth": 1.0, "reach": 0.0})
    country.voters[0].knows.add("new")
    country.month(1, 0.0, [party("new")])
    told = {0} | {other.row for other in country.voters[0].neighbours}
    assert {voter.row for voter in country.voters if "new" in voter.knows} == told


def test_closed_media_tell_of_the_loyal_only():
    country = society(practice=Practice(), media={"word_of_mouth": 0.0, "reach": 1.0})
    country.month(1, 0.0, [party("loyal"), party("not", loyal=False), party("unnoticed", talked_of=False)])
    assert all(voter.knows == {"old", "loyal"} for voter in country.voters)


def test_who_lapsed_is_forgotten_and_a_bloc_is_known_through_its_parties():
    country = society()
    country.meet([party("old"), party("bloc", parties=("old", "other"))])
    assert all(voter.knows == {"old", "bloc"} for voter in country.voters)
    country.meet([party("old", talked_of=False)])
    assert all(voter.knows == {"bloc"} for voter in country.voters)


# ---- the vote


def test_marks_follow_expected_shares():
    country = society(400)
    ballot = oracle.Ballot((party("old", valence=1.0), party("new")), against_all=True, seats=100, threshold=0.05)
    for voter in country.voters:
        voter.knows, voter.weight = {"old", "new"}, 1.0
    believed, ln_pi = country.beliefs(ballot)
    assert sum(believed.values()) == pytest.approx(1)
    expected = country.poll(ballot, ln_pi)
    assert sum(expected) == pytest.approx(1)
    country.vote(ballot, ln_pi)
    counts = [sum(voter.favourite == place for voter in country.voters) / 400 for place in range(3)]
    assert counts == pytest.approx(expected, abs=0.075)  # three standard deviations of a share of 400
    assert all(voter.choice == -1 for voter in country.voters if not voter.turned_out)


def test_a_list_without_a_chance_is_given_up_but_not_without_end():
    ballot = oracle.Ballot((), against_all=False, seats=98, threshold=0.05)
    chances = [oracle.ln_chance_of_seat(v, ballot) for v in (1e-9, 0.02, 0.05, 0.2, 0.9)]
    assert chances[0] == math.log(0.001)
    assert chances == sorted(chances)
    assert chances[2] == pytest.approx(math.log(0.5))
    assert oracle.ln_chance_of_seat(0.001, ballot._replace(seats=0)) == 0


def test_close_calls_are_listed():
    watch = oracle.Watch()
    assert watch.below(1.0, 1.5, "far", 0, 1e-6)
    assert watch.below(1.5 - 1e-7, 1.5, "close", 1, 1e-6)
    assert watch.best({0: 1.0, 1: 2.0, 2: 2.0 - 1e-7}, "mark", 2, 1e-6) == 1
    assert watch.best({}, "mark", 3, 1e-6) == -1
    assert [(tie.what, tie.voter) for tie in watch.near] == [("close", 1), ("mark", 2)]
    assert watch.near[1].either == [1, 2]
    assert watch.decisions == 4


def test_sympathy_is_a_share_among_the_registered():
    country = society(choice={"local_spread": 0.0, "rural_incumbent": 0.0})
    twin = SimpleNamespace(**party("group", registered=False)._asdict())
    assert country.sympathy(twin, [party("old")]) == pytest.approx([0.5, 0.5])
    assert country.sympathy(twin, [party("old"), party("older")]) == pytest.approx([1 / 3, 1 / 3])
