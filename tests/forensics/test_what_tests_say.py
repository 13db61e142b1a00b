"""Each test where the answer is known: silent where nothing was done, loud where its mechanism was at work, and
refusing where it cannot answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from sim.analysis.forensics import examine
from sim.analysis.forensics.digits import last_digit, second_digit
from sim.analysis.forensics.examine import TESTS
from sim.analysis.forensics.integer_peaks import chosen, integer_peaks
from sim.analysis.forensics.klimek import klimek, shares
from sim.analysis.forensics.mixture import Cells, kinds, mixture
from sim.analysis.forensics.nulls import honest
from sim.analysis.forensics.regression import observers, turnout_share
from sim.analysis.forensics.resampling import least_squares, within
from sim.analysis.forensics.round_shares import round_shares
from sim.analysis.forensics.settings import DEFAULTS, ForensicSettings
from sim.analysis.forensics.shpilkin import plain, shpilkin
from sim.kernels import peaks
from sim.streams import Streams


def stuffed(stations, part=0.3, added=0.4, extreme=0.0, alpha=np.inf, seed=3):
    """Ballots of x of the absent put in for the leader, x ~ |N(0, added)| at a part of stations and nearly 1 at others.

    Of the other lists' votes x^alpha are moved to it.
    """
    u, z = Streams(seed).uniform("test/stuffed", len(stations)), np.abs(Streams(seed).normal("test/x", len(stations)))
    absent = stations.voters - stations.given
    share = np.where(u < part, np.minimum(added * z, 1), np.where(u < part + extreme, 1 - np.minimum(0.075 * z, 1), 0))
    more = (absent * share).astype(np.int64)
    moved = ((stations.cast - stations.leader) * share**alpha).astype(np.int64)
    leader = stations.leader + more + moved
    return replace(stations, given=stations.given + more, cast=stations.cast + more, leader=leader)


def test_integer_peaks_count_exactly(clean):
    held = chosen(clean)
    turnout, share = 100 * held.turnout, 100 * held.share
    near = (np.abs(turnout - np.rint(turnout)) <= 0.05 + 1e-9) | (np.abs(share - np.rint(share)) <= 0.05 + 1e-9)
    assert integer_peaks(clean).values["observed"] == near.sum()
    assert peaks.shown(*(np.array([n]) for n in (1, 2000, 500, 1000)), 0.05).tolist() == [True]  # .05 exactly, and 50
    assert peaks.shown(*(np.array([n]) for n in (3, 4000, 333, 1000)), 0.05).tolist() == [False]


def test_redraws_have_the_mean_that_the_binomial_gives(clean):
    from scipy.stats import binom

    held = chosen(clean).take(np.arange(60))
    exact = 0.0
    for v, g, c, k in zip(held.voters, held.given, held.cast, held.leader, strict=True):
        chance = []
        for n, of in ((v, g), (c, k)):
            x = np.arange(n + 1)
            whole = np.abs(100 * x - np.rint(100 * x / n) * n) <= 0.05 * n
            chance.append(binom.pmf(x[whole], n, of / n).sum())
        exact += 1 - (1 - chance[0]) * (1 - chance[1])
    keys = np.array([[Streams(1).key(f"a/{of}", occasion=d) for of in "ts"] for d in range(3000)])
    drawn = peaks.redrawn(keys, held.voters, held.given, held.cast, held.leader, 0.05)
    assert drawn.mean() == pytest.approx(exact, abs=5 * drawn.std() / np.sqrt(3000))


def test_redraws_are_the_same_with_any_number_of_threads(monkeypatch):
    stations = chosen(honest(2, stations=60_000))
    arrays = stations.voters, stations.given, stations.cast, stations.leader
    keys = np.array([[Streams(1).key(f"a/{of}", occasion=d) for of in "ts"] for d in range(5)])
    found = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("MAJILIS_THREADS", threads)
        found.append(peaks.redrawn(keys, *arrays, 0.05).tolist())
    assert found[0] == found[1] == found[2]
    half = peaks.redrawn(keys[2:3], *arrays, 0.05)
    assert half.tolist() == found[0][2:3]  # a draw does not depend on the others


def test_integer_peaks_hear_rounding(clean):
    wanted = np.arange(len(clean)) % 5 == 0
    leader = np.where(wanted, np.rint(np.rint(20 * clean.share) / 20 * clean.cast), clean.leader).astype(np.int64)
    found = integer_peaks(replace(clean, leader=leader))
    assert found.p == pytest.approx(1 / 101)
    assert found.values["excess"] > 100
    assert integer_peaks(clean).p > 0.01


def test_last_digits_hear_invented_figures_and_not_added_ballots(clean):
    assert last_digit(clean).p > 0.01
    assert last_digit(stuffed(clean)).p > 0.001
    invented = np.where(np.arange(len(clean)) % 4 == 0, clean.leader // 5 * 5, clean.leader)
    found = last_digit(replace(clean, leader=invented))
    assert found.p < 1e-6
    assert found.interval[0] > 0.2


def test_last_digits_of_counts_that_fall_off_from_the_first_are_no_alarm(clean):
    u = Streams(5).uniform("test/falling", 200_000)
    falling = (80 * -np.log(u)).astype(np.int64)  # many just above 100, so that low digits are more frequent
    many = replace(
        clean,
        **{name: np.full(len(falling), 1000) for name in ("voters", "given", "cast")},
        **{name: np.zeros(len(falling), object) for name in ("region", "station")},
        leader=falling,
        territory=None,
        observed=None,
        lists={},
    )
    from scipy.stats import chisquare

    naive = chisquare(np.bincount(falling[falling >= 100] % 10, minlength=10)).pvalue
    assert naive < 1e-6
    assert last_digit(many).p > 0.001


def test_the_second_digit_comes_with_its_warning_and_without_a_verdict(clean):
    found = second_digit(clean)
    assert 4.05 < found.estimate < 4.4
    assert found.p is None
    assert "4.187" in found.warning


def test_shpilkin_counts_added_ballots_where_its_assumptions_hold():
    stations = honest(4, stations=6_000)
    dirty = stuffed(stations)
    added = int(dirty.leader.sum() - stations.leader.sum())
    found = shpilkin(dirty)
    assert found.values["anomalous_votes"] == pytest.approx(added, rel=0.25)
    assert abs(plain(stations)) < 0.02 * stations.leader.sum()


def test_shpilkin_refuses_where_no_peak_is_clean(clean):
    assert "200" in shpilkin(clean.take(np.arange(50))).why
    at = np.arange(len(clean))
    u = Streams(1).uniform("test/two", len(clean))
    turnout = np.where(at % 2, 0.35, 0.65) + 0.06 * (u - 0.5)
    cast = (turnout * clean.voters).astype(np.int64)
    two = shpilkin(replace(clean, given=cast, cast=cast, leader=(0.4 * cast).astype(np.int64)))
    assert two.refused
    assert "second peak" in two.why or "place of the peak" in two.why
    tied = np.clip(clean.turnout - 0.1, 0, 1)
    rising = shpilkin(replace(clean, leader=(tied * clean.cast).astype(np.int64)))
    assert rising.refused
    assert "already changes with turnout" in rising.why
    assert rising.estimate is None
    assert rising.values["anomalous_votes"] is None


def test_klimek_and_the_mixture_find_the_shares_that_were_made():
    stations = honest(4, stations=6_000)
    dirty = stuffed(stations, extreme=0.05, alpha=2)
    found, three = klimek(dirty), mixture(dirty)
    assert found.values["f_i"] == pytest.approx(0.3, abs=0.12)
    assert found.values["f_e"] == pytest.approx(0.05, abs=0.03)
    assert three.values["f_i"] == pytest.approx(0.3, abs=0.06)
    assert three.values["f_e"] == pytest.approx(0.05, abs=0.02)
    assert three.values["preferred"]
    assert three.values["turnout"] == pytest.approx(0.5, abs=0.02)
    assert three.values["share"] == pytest.approx(0.4, abs=0.02)


def test_one_honest_kind_is_enough_without_fraud(clean):
    found = mixture(clean)
    assert not found.values["preferred"]
    assert "one kind is enough" in found.reading


def test_cells_of_the_mixture_are_a_distribution_and_its_means_are_known():
    cells = Cells(0.075)
    middle = (np.arange(50) + 0.5) / 50
    honest_only = cells.probabilities(np.array([0.1, -1.2, -0.4, -1.1])).reshape(50, 50)
    assert honest_only.sum() == pytest.approx(1, abs=1e-6)
    z = np.random.default_rng(1).normal(size=(2, 200_000))
    a, v = expit(0.1 + np.exp(-1.2) * z[0]), expit(-0.4 + np.exp(-1.1) * z[1])
    assert honest_only.sum(axis=1) @ middle == pytest.approx(a.mean(), abs=0.002)
    assert honest_only.sum(axis=0) @ middle == pytest.approx(v.mean(), abs=0.002)
    p = np.array([0.1, -1.2, -0.4, -1.1, np.log(0.4), np.log(2.0), 0.5, -1.0])
    shown, held = cells.probabilities(p).reshape(50, 50), kinds(p)
    assert shown.sum() == pytest.approx(1, abs=1e-6)
    u = np.random.default_rng(2).uniform(size=200_000)
    x = np.abs(np.random.default_rng(3).normal(size=200_000))
    x = np.where(u < held.f_i, 0.4 * x, np.where(u < held.f_i + held.f_e, 1 - 0.075 * x, 0))
    keep = x < 1
    a, v, x = a[keep], v[keep], x[keep]
    turnout = 1 - (1 - x) * (1 - a)
    share = (a * v + x * (1 - a) + x**2 * (1 - v) * a) / turnout
    assert shown.sum(axis=1) @ middle == pytest.approx(turnout.mean(), abs=0.004)
    assert shown.sum(axis=0) @ middle == pytest.approx(share.mean(), abs=0.004)


def test_weights_that_sum_to_one_are_the_least_squares_ones():
    from scipy.optimize import minimize

    parts = np.array([Streams(s).uniform("test/parts", 30) for s in range(3)])
    data = 0.7 * parts[0] + 0.3 * parts[2] + 0.1 * Streams(9).normal("test/noise", 30)
    weight, _ = shares((parts @ parts.T)[None], (parts @ data)[None, :, None])
    best = minimize(
        lambda w: ((w @ parts - data) ** 2).sum(), [1 / 3] * 3, bounds=[(0, 1)] * 3,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1}, tol=1e-12,
    )  # fmt: skip
    assert weight[0, 0] == pytest.approx(best.x, abs=1e-4)


def test_the_slope_is_that_of_least_squares_with_dummies_and_clusters():
    at = np.arange(300)
    group = at % 10
    x = Streams(1).normal("test/x", 300) + group
    y = 0.3 * x + group**2 + Streams(2).normal("test/y", 300)
    both = within(np.column_stack([y, x]), group)
    fit = least_squares(both[:, 0], both[:, 1:], group, 10)
    dummies = np.column_stack([x, *(group == g for g in range(10))])
    beta, *_ = np.linalg.lstsq(dummies, y, rcond=None)
    assert fit.coefficients[0] == pytest.approx(beta[0])
    residual = y - dummies @ beta
    scores = [((both[:, 1] * residual)[group == g]).sum() for g in range(10)]
    plain_error = np.sqrt(np.square(scores).sum()) / (both[:, 1] ** 2).sum()
    assert fit.errors[0] == pytest.approx(plain_error * np.sqrt(10 / 9 * 299 / 299), rel=0.02)


def test_turnout_and_share_are_tied_by_added_ballots(clean):
    assert turnout_share(clean).p > 0.01
    found = turnout_share(stuffed(clean))
    assert found.interval[0] > 0.2
    assert found.values["slope_per_voter"] > 0.6
    assert set(found.values["interactions"]) == {"list 2", "list 3", "list 4"}


def test_observers_get_the_difference_that_was_made(clean):
    assert clean.observed is not None
    less = np.where(clean.observed, clean.leader - (0.1 * clean.cast).astype(np.int64), clean.leader)
    found = observers(replace(clean, leader=np.maximum(less, 0)))
    assert found.values["share"] == pytest.approx(-10 + observers(clean).values["share"], abs=0.3)
    assert found.interval[0] < found.values["share"] < found.interval[1] < 0
    assert observers(replace(clean, observed=None)).refused
    assert "observers" in found.test


def test_round_shares_know_when_they_cannot_tell():
    assert round_shares({"a": 40, "b": 60}).refused
    assert round_shares({}).refused
    exact = round_shares({"a": 5_010_000, "b": 3_000_004, "c": 1_989_996})
    assert exact.values["round"] == 3
    assert exact.p < 1e-6


def test_every_finding_says_what_it_rests_on_and_cannot_tell(clean):
    found = examine(stuffed(clean))
    assert tuple(found.findings) == TESTS
    for one in found.findings.values():
        assert one.cannot_tell
        assert one.source
        assert one.refused or (one.assumptions and one.interval is not None and one.reading)
    text = found.to_text()
    assert "the fraud is" not in text.lower()
    assert max(map(len, text.splitlines())) <= 80


def test_findings_are_the_same_every_time(clean):
    assert examine(clean).to_json() == examine(clean).to_json()
    other = integer_peaks(clean, ForensicSettings(seed=2))
    assert other.values["mc_mean"] != integer_peaks(clean).values["mc_mean"]


def test_every_number_carries_a_mark():
    for name, field in type(DEFAULTS).model_fields.items():
        assert field.json_schema_extra["mark"] in ("sourced", "calibrated", "prototype", "assumed"), name
        assert field.json_schema_extra["source"]
