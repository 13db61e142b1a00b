"""Amounts of manipulation: whole ballots within the box, round figures, and shares within their bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.malpractice.audit import AuditSettings, struck_share
from sim.malpractice.ballots import stolen, stuffed
from sim.malpractice.candidate_filtering import CandidateSettings, refusal_probability
from sim.malpractice.detention import DetentionSettings, stopped_share
from sim.malpractice.discretion import DiscretionSettings, refuses
from sim.malpractice.expulsion import ExpulsionSettings, expelled
from sim.malpractice.repression import RepressionSettings, still_join
from sim.malpractice.rewriting import RewritingSettings, rewritten
from sim.malpractice.sponsorship import SponsorshipSettings, ordered_members
from sim.malpractice.state_resources import premium, valence_with

share = st.floats(0, 1)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[int, int, int]:
    """Voters on the list, ballots in the box, ballots of the leader."""
    listed = draw(st.integers(1, 4000))
    cast = draw(st.integers(0, listed))
    return listed, cast, draw(st.integers(0, cast))


def one(value: float) -> np.ndarray:
    return np.array([value])


@given(boxes(), share, share, share, share)
def test_stuffing_and_stealing_stay_within_the_box(box, strength_a, strength_b, turnout, target):
    listed, cast, leader = map(one, box)
    added = stuffed(strength_a, one(turnout), listed, cast)
    taken = stolen(strength_b, one(target), cast, leader, added)
    assert 0 <= added[0] <= listed[0] - cast[0]
    assert 0 <= taken[0] <= cast[0] - leader[0]
    assert leader[0] + added[0] + taken[0] <= cast[0] + added[0] <= listed[0]


@given(boxes(), share, share)
def test_stuffing_meets_the_order_and_no_more(box, turnout, target):
    listed, cast, leader = map(one, box)
    added = stuffed(1, one(turnout), listed, cast)
    assert cast[0] + added[0] <= max(cast[0], turnout * listed[0] + 1e-6)
    taken = stolen(1, one(target), cast, leader, added)
    assert leader[0] + added[0] + taken[0] <= max(leader[0] + added[0], target * (cast[0] + added[0]) + 1e-6)


@given(boxes(), share, share, share)
def test_a_rewritten_protocol_shows_a_round_figure_and_stays_possible(box, kind, step, turn):
    listed, cast, leader = map(one, box)
    draw = np.array([[0.0], [kind], [step]])
    more, lifted = rewritten(RewritingSettings(), 1, one(True).astype(bool), listed, cast, leader, draw)
    assert 0 <= more[0] <= lifted[0]
    assert cast[0] + more[0] <= listed[0]
    assert leader[0] + lifted[0] <= cast[0] + more[0]
    unit = 5 if step < 0.40 else 1
    if kind >= 0.62 and listed[0] >= 1:
        turnout = 100 * (cast[0] + more[0]) / listed[0]
        assert abs(turnout - unit * round(turnout / unit)) <= 50 / listed[0] + 1e-9
    if (kind < 0.62 or kind >= 0.90) and cast[0] + more[0] > 0:
        got = 100 * (leader[0] + lifted[0]) / (cast[0] + more[0])
        assert abs(got - unit * round(got / unit)) <= 50 / (cast[0] + more[0]) + 1e-9


def test_kinds_of_rewriting_have_the_shares_of_the_settings():
    n = 20_000
    draw = (np.arange(3 * n).reshape(3, n) * 0.6180339887) % 1
    more, lifted = rewritten(
        RewritingSettings(share_of_joiners=1),
        1,
        np.ones(n, bool),
        np.full(n, 3001),
        np.full(n, 1503),
        np.full(n, 703),
        draw,
    )
    only_share, only_turnout = (more == 0) & (lifted > 0), (more > 0) & (lifted == more)
    assert only_share.mean() == pytest.approx(0.62, abs=0.02)
    assert only_turnout.mean() == pytest.approx(0.28, abs=0.02)
    assert (lifted > more).sum() + only_turnout.sum() == n


def test_only_those_who_obey_rewrite():
    n = 50
    more, lifted = rewritten(
        RewritingSettings(share_of_joiners=1),
        1,
        np.zeros(n, bool),
        np.full(n, 1000),
        np.full(n, 503),
        np.full(n, 203),
        np.full((3, n), 0.95),
    )
    assert not more.any()
    assert not lifted.any()


@given(share, share, share, share)
def test_shares_of_the_hostile_acts_are_shares(strength, loyalty, amount, draw):
    assert 0 <= still_join(RepressionSettings(fear=amount), strength, loyalty) <= 1
    stopped = stopped_share(DetentionSettings(stopped=amount), strength, loyalty, one(draw))
    assert 0 <= stopped[0] <= 1
    assert 0 <= struck_share(AuditSettings(), strength) <= 1


@given(share)
def test_the_wholly_loyal_are_left_alone(strength):
    assert still_join(RepressionSettings(), strength, 1.0) == 1
    assert stopped_share(DetentionSettings(), strength, 1.0, one(0.9))[0] == 0
    assert refusal_probability(CandidateSettings(), strength, 1.0) == CandidateSettings().ordinary_refusal


def test_the_mean_refusal_of_candidates_is_the_rate_on_record():
    s, loyalties = CandidateSettings(), np.linspace(0, 1, 1001)
    chances = np.array([refusal_probability(s, 1, float(x)) for x in loyalties])
    assert chances.mean() == pytest.approx(s.refused)
    assert ((chances >= 0) & (chances <= 1)).all()


def test_a_refusal_rate_whose_chances_would_pass_one_is_refused():
    with pytest.raises(ValueError, match=r"less than or equal to 0\.5"):
        CandidateSettings(refused=0.8)
    chances = [refusal_probability(CandidateSettings(refused=0.5), 1, loyalty) for loyalty in (0, 1)]
    assert 0 <= min(chances) <= max(chances) <= 1


@given(share, share, st.floats(-4, 4), st.floats(-2, 2), share)
def test_more_discretion_never_turns_a_refusal_into_consent(strength, loyalty, mood, pressure, draw):
    def mind(at: float, faith: float) -> bool:
        return refuses(DiscretionSettings(), at, loyalty=faith, pressure=pressure, mood=mood, draw=draw)

    assume(0 < draw < 1)
    assert not mind(0, loyalty)
    assert mind(strength, loyalty) <= mind(1, loyalty)
    assert mind(strength, 1.0) <= mind(strength, loyalty)


def test_half_are_refused_at_the_fifty_point():
    s = DiscretionSettings(mood_spread=0)
    draws = np.linspace(0.0005, 0.9995, 1000)
    refused = [refuses(s, 1, loyalty=s.fifty_point, pressure=0, mood=0, draw=float(u)) for u in draws]
    assert np.mean(refused) == pytest.approx(0.5, abs=0.002)


def test_only_watched_stations_lose_an_observer():
    draw, watched = np.linspace(0.0005, 0.9995, 1000), np.arange(1000) % 2 == 0
    gone = expelled(ExpulsionSettings(), 1, watched, draw)
    assert not gone[~watched].any()
    assert gone[watched].mean() == pytest.approx(0.15, abs=0.01)


def test_the_state_fills_lists_by_the_day_it_names():
    register = np.array([100_000, 700_000, 1_200_000])
    s = SponsorshipSettings()
    days = [
        ordered_members(s, days=d, members=5000, per_region=200, initiative=700, register=register) for d in range(80)
    ]
    assert (np.diff(days, axis=0) >= 0).all()
    assert days[0].sum() == 0
    full = days[50]
    assert np.array_equal(full, days[79])
    assert full.sum() >= s.margin * 5000
    assert (full >= s.margin * 200).all()


def test_the_premium_is_what_is_left_above_the_strongest_rival():
    fitted = {"power": 1.9, "rival": 0.3, "small": -1.0}
    assert premium(fitted, "power", ()) == pytest.approx(1.6)
    assert premium(fitted, "rival", ()) == 0
    assert premium(fitted, "power", {"rival"}) == pytest.approx(2.9)  # what the regime ordered is no rival of it
    assert valence_with(1, 1.9, 1.6) == 1.9
    assert valence_with(0, 1.9, 1.6) == pytest.approx(0.3)
