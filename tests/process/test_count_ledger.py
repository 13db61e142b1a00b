"""Election day at the stations: a ledger that adds up, and observers who keep commissions back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from small_runs import CLEAN_COUNT, OPEN, ran, scenario

from sim.kernels.protocols import protocols
from sim.malpractice.tabulation import TabulationSettings, tabulated
from sim.model import ElectionModel
from sim.outcome import ACTS
from sim.process.ledger import Ledger
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
    "everything": ran(
        scenario(
            voters=300,
            mechanism={
                "stations": {"count": 2000},
                "observers": {"share": 0.4, "displacement": 0.5, "earlier": 0.5, "scanners": 0.2, "webcams": 0.3},
                "barring": {"barred": 0.5},
                "carousel": {"stations": 0.3},
                "tabulation": {"territories": 0.5},
                "commissions": {"peers": 1.5, "believed_win": 0.5, "rival_restraint": 1},
            },
        )
    ),
    "much rewriting": ran(scenario(mechanism={**MANY, "rewriting": {"share_of_joiners": 1}})),
}


@pytest.mark.parametrize("world", WORLDS)
def test_the_ledger_adds_up_station_by_station(world):
    ledger, voters = book(WORLDS[world]), WORLDS[world].stations.voters
    put_in = ledger.brought + ledger.carousel + ledger.stuffed
    assert np.array_equal(ledger.cast, ledger.true_cast + put_in + ledger.rewritten_cast)
    assert np.array_equal(ledger.leader, ledger.true_leader + put_in + ledger.stolen + ledger.rewritten_leader)
    assert np.array_equal(ledger.official_leader, ledger.leader + ledger.tabulated)
    assert np.array_equal(ledger.official_votes.sum(axis=1) + ledger.official_invalid, ledger.cast)
    assert (ledger.official_votes >= 0).all()
    assert (ledger.official_invalid >= 0).all()
    for name in ACTS:
        assert (getattr(ledger, name) >= 0).all()
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
    c = model.commissions
    assert not model.counting.acts[~c.joined_count].any()
    assert (c.joined <= c.joined_count).all()
    assert (c.joined_count <= c.joined_unwatched).all()


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


def test_the_table_of_stations_adds_up_to_the_announced_result():
    """Whoever exports the ledger can follow every ballot from the voter to the sum."""
    model = WORLDS["everything"]
    tables, ledger = model.outcome.tables(stations=True), book(model)
    for row in tables["stations"]:
        put_in = row["brought"] + row["carousel"] + row["stuffed"]
        assert row["cast"] == row["true_cast"] + put_in + row["rewritten_cast"]
        assert row["leader"] == row["true_leader"] + put_in + row["stolen"] + row["rewritten_leader"]
        assert row["official_leader"] == row["leader"] + row["tabulated"]
    for name in ACTS:
        assert sum(row[name] for row in tables["stations"]) == getattr(ledger, name).sum() > 0
    announced = {row["party"]: row["official_votes"] for row in tables["parties"]}
    assert announced[model.power_key] == sum(row["official_leader"] for row in tables["stations"])
    assert announced[model.power_key] > ledger.leader.sum()
    regions = np.array([row["official_leader_share"] for row in tables["regions"]])
    named = model.stations.by_region(ledger.official_votes).sum(axis=1)
    assert np.allclose(regions * named, model.stations.by_region(ledger.official_leader))


def test_a_territory_moves_what_was_moved_in_the_case_on_record():
    """15 protocols said 2,150 to 2,083 of 4,233 ballots; the result said minus 33: 50 ballots changed sides."""
    settings = TabulationSettings(territories=1)
    size = np.full(15, 282)
    moved = tabulated(settings, 1, np.array([0.5]), np.zeros(15, np.int64), size, size // 2)
    assert moved.sum() == pytest.approx(50, abs=8)  # whole ballots at each of 15 stations
    whole = tabulated(settings, 1, np.array([0.5]), np.zeros(1, np.int64), np.array([4233]), np.array([2083]))
    assert 2150 - 2083 - 2 * whole[0] == -33
    nobody = tabulated(settings, 1, np.array([0.5]), np.zeros(1, np.int64), np.array([100]), np.array([100]))
    assert nobody[0] == 0  # nobody is given more than others have


def test_machines_that_count_leave_only_stuffing():
    model = WORLDS["everything"]
    ledger, scanned = book(model), model.counting.day.scanned
    assert scanned.any()
    assert not (ledger.stolen + ledger.rewritten_cast + ledger.rewritten_leader)[scanned].any()
    assert ledger.stuffed[scanned].any()


def test_who_is_kept_from_the_count_sees_no_theft():
    c = WORLDS["everything"].commissions
    only = c.joined_count & ~c.joined
    assert only.any()
    assert c.barred[only].all()
    assert not book(WORLDS["everything"]).stuffed[only].any()
    assert book(WORLDS["everything"]).stolen[only].any()


def test_what_is_won_before_the_day_was_held_back_on_it():
    ledger, c = book(WORLDS["everything"]), WORLDS["everything"].commissions
    won = ledger.brought > 0
    assert won.any()
    assert (c.observed & c.joined_unwatched & ~c.joined)[won].all()


def test_fear_spills_over_to_unwatched_stations_and_cameras_add_to_it():
    plain, spilt, filmed = watched(), watched(spill_over=1), watched(webcams=1, webcam_deterrence=1)
    for other in (spilt, filmed):
        assert (other.commissions.joined <= plain.commissions.joined).all()
        unwatched = ~plain.commissions.observed
        assert other.commissions.joined[unwatched].sum() < plain.commissions.joined[unwatched].sum()
        assert np.array_equal(other.commissions.joined_unwatched, plain.commissions.joined_unwatched)


def test_territories_are_watched_whole_or_not_at_all():
    model = watched(where="whole territories")
    seen = model.commissions.observed
    for territory in np.unique(model.stations.territory):
        assert len(set(seen[model.stations.territory == territory])) == 1
    assert 0 < seen.mean() < 1


def test_on_two_levels_half_of_the_territories_have_observers_and_not_everywhere():
    model = watched(where="two levels", share=0.25)
    place, seen = model.stations.territory, model.commissions.observed
    within = np.bincount(place, seen) / np.bincount(place)
    sent = within > 0
    assert 0.3 < sent.mean() < 0.7
    assert within[sent].mean() == pytest.approx(0.5, abs=0.05)
    assert within[sent].max() < 1


def test_missions_that_are_not_let_in_watch_less():
    few, all_ = watched(accredited=0.5), watched()
    assert (few.commissions.observed <= all_.commissions.observed).all()
    assert few.commissions.observed.sum() == pytest.approx(all_.commissions.observed.sum() / 2, rel=0.2)


def herd(peers: float, start: str) -> Any:
    """Commissions of which about half would join if half of the others did."""
    asked = {"peers": peers, "peers_start": start, "pressure": -peers / 2}
    spec = scenario(voters=300, mechanism={"stations": {"count": 2000}, "commissions": asked})
    return ran(spec).commissions


@pytest.mark.parametrize("peers", [0.5, 3.0])
def test_nobody_wants_to_change_and_all_answers_lie_between_the_ends(peers):
    ends = [herd(peers, start) for start in ("nobody", "last election", "everybody")]
    for c in ends:
        others = c._others(c.joined_unwatched)
        assert np.array_equal(c.joined_unwatched, c.pressure + c.will + peers * others > 0)
    least, middle, greatest = (c.joined_unwatched for c in ends)
    assert (least <= middle).all()
    assert (middle <= greatest).all()
    assert least.any()
    assert not greatest.all()


def test_a_strong_herd_has_several_answers_and_a_weak_one_nearly_one():
    def apart(peers: float) -> float:
        low, high = herd(peers, "nobody"), herd(peers, "everybody")
        return float((high.joined_unwatched & ~low.joined_unwatched).mean())

    assert apart(0.25) < 0.01
    assert apart(3) > 0.1


def test_parts_of_a_will_sum_to_it_and_are_drawn_alike():
    c = WORLDS["watched"].commissions
    assert np.allclose(c.zeal - c.caution - c.honesty, c.will)
    parts = np.stack([c.zeal, -c.caution, -c.honesty])
    assert np.allclose(parts.var(axis=1), 1 / 3, atol=0.05)
    assert np.allclose(np.corrcoef(parts), np.eye(3), atol=0.1)


def test_commissions_are_seated_by_party_and_never_beyond_their_seats():
    model = WORLDS["everything"]
    c = model.commissions
    seated = np.sum(list(c.composition.values()), axis=0)
    assert set(c.composition) == {party.key for party in model.nomination.lists}
    assert (seated <= c.settings.seats).all()
    first = next(iter(c.composition.values()))
    assert first.mean() == pytest.approx(c.settings.party_member, abs=0.05)
    assert ((c.rivals >= 0) & (c.rivals <= 1)).all()
    seats = [len(commission.parties) for commission in c]
    assert seats == seated.tolist()
    assert c[0].zeal - c[0].caution - c[0].honesty == pytest.approx(c[0].will)


def test_disloyal_members_hold_a_commission_back():
    plain, held = (
        ran(scenario(voters=300, mechanism={**MANY, "commissions": {"rival_restraint": weight}})).commissions
        for weight in (0, 5)
    )
    assert (held.joined <= plain.joined).all()
    lost = plain.joined_unwatched & ~held.joined_unwatched
    assert lost.any()
    assert (held.rivals[lost] > 0).all()


def test_figures_that_differ_from_a_copied_protocol_cost_belief():
    same, other = (
        ran(scenario(voters=300, practice=CLEAN_COUNT, mechanism={**MANY, "tabulation": {"territories": share}}))
        for share in (0, 1)
    )
    assert other.outcome.measures()["belief_after"] < same.outcome.measures()["belief_after"]


def test_what_missions_can_say_of_the_result_from_protocols_they_saw():
    clean = ran(scenario(voters=300, practice=CLEAN_COUNT, mechanism=MANY))
    above = ran(
        scenario(
            voters=300,
            practice=CLEAN_COUNT,
            mechanism={**MANY, "tabulation": {"territories": 1, "moved": 0.2}},
        )
    )
    verdicts = []
    for model in (clean, above):
        found, cast = model.outcome.quick_count, int(book(model).cast.sum())
        assert found is not None
        assert found.sampled == int((model.commissions.observed & ~model.commissions.expelled).sum())
        verdicts.append(found.verdict(int(book(model).official_leader.sum()) / cast))
    assert verdicts == ["within", "official above"]
    nobody = ran(scenario(voters=300, mechanism={"observers": {"share": 0}}))
    assert nobody.outcome.quick_count is None


def test_what_is_not_published_teaches_nobody():
    told, silent = (
        ran(scenario(voters=300, mechanism={**MANY, "aftermath": {"published": share}})) for share in (1, 0)
    )
    assert np.array_equal(told.counting.ledger.votes, silent.counting.ledger.votes)
    assert told.outcome.measures()["belief_after"] < silent.outcome.measures()["belief_after"]
    assert silent.outcome.measures()["belief_after"] == pytest.approx(silent.belief)
