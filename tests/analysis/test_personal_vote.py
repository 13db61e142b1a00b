"""The personal vote of candidates: fitted to districts that no study is judged by, and its defaults are the fit's."""

from __future__ import annotations

import pytest

from sim.analysis import personal_vote
from sim.analysis.held_out import known
from sim.malpractice.candidate_filtering import CandidateSettings


def test_the_record_is_that_of_the_districts_of_1999_and_2004():
    assert personal_vote.record() == {
        ("1999", "independent_seats"): 35,
        ("2004", "independent_seats"): 18,
        ("1999", "second_rounds"): 47,
        ("2004", "second_rounds"): 22,
    }


def test_nothing_that_was_fitted_is_held_out():
    held = {(fact.get("election", "2023"), fact["outcome"]) for fact in known()}
    assert not held & set(personal_vote.record())


def test_the_defaults_are_a_point_of_the_grid():
    settings = CandidateSettings()
    assert settings.independent_base in personal_vote.BASES
    assert settings.quality_spread in personal_vote.SPREADS


def test_the_fitted_pair_misses_the_record_less_than_pairs_far_from_it(monkeypatch):
    monkeypatch.setattr(personal_vote, "BASES", (-1.2, 0.8, 2.5))
    monkeypatch.setattr(personal_vote, "SPREADS", (0.8,))
    monkeypatch.setattr(personal_vote, "REPLICATIONS", 2)
    best, *others = personal_vote.grid(voters=4_000)
    assert best.base == 0.8
    assert best.loss < 0.5 * min(point.loss for point in others)
    assert best.means["1999", "independent_seats"] == pytest.approx(35, rel=0.4)
